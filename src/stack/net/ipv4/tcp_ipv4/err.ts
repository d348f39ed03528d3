/**
 * ICMP errors to TCP connections.
 *
 * Read beside it: net/ipv4/tcp_ipv4.c; RFC 1122 4.2.3.9, RFC 1191 (path MTU), RFC 5927 (checks), RFC 6069
 * (long connectivity disruptions).
 */
import { ntohl, ntohs } from '../../../include/linux/byteorder.js';
import { EHOSTUNREACH, EMSGSIZE, ENOENT, EPROTO } from '../../../include/linux/errno.js';
import {
  ICMP_DEST_UNREACH,
  ICMP_FRAG_NEEDED,
  ICMP_HOST_UNREACH,
  ICMP_NET_UNREACH,
  ICMP_PARAMETERPROB,
  ICMP_REDIRECT,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  NR_ICMP_UNREACH,
  icmp_hdr,
} from '../../../include/linux/icmp.js';
import { IP_PMTUDISC_DONT } from '../../../include/linux/in.js';
import { iphdr } from '../../../include/linux/ip.js';
import { usecs_to_jiffies } from '../../../include/linux/jiffies.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { TCPF_MTU_REDUCED_DEFERRED, tcp_rsk, tcp_sk, tcphdr } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import { dst_mtu } from '../../../include/net/dst.js';
import { ICSK_TIME_RETRANS, inet_csk, inet_csk_rto_backoff } from '../../../include/net/inet_connection_sock.js';
import { INET_FLAGS_RECVERR, inet_sk, inet_test_bit } from '../../../include/net/inet_sock.js';
import { inet_twsk } from '../../../include/net/inet_timewait_sock.js';
import { __NET_INC_STATS, ip_dont_fragment, ip_sk_accept_pmtu } from '../../../include/net/ip.js';
import type { net } from '../../../include/net/net_namespace.js';
import { inet_reqsk } from '../../../include/net/request_sock.js';
import { inet_iif } from '../../../include/net/route.js';
import {
  ICMP_MIB_INERRORS,
  LINUX_MIB_LOCKDROPPEDICMPS,
  LINUX_MIB_OUTOFWINDOWICMPS,
} from '../../../include/net/snmp.js';
import {
  __sk_dst_check,
  bh_lock_sock,
  bh_unlock_sock,
  sk_error_report,
  sock_hold,
  sock_net,
  sock_owned_by_user,
  sock_put,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCPF_CLOSE,
  TCPF_LISTEN,
  TCP_CLOSE,
  TCP_LISTEN,
  TCP_NEW_SYN_RECV,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TCP_TIMEOUT_INIT,
  TCP_TIME_WAIT,
  __tcp_set_rto,
  between,
  tcp_listendrop,
  tcp_reset_xmit_timer,
  tcp_rto_max,
  tcp_rtx_queue_head,
  tcp_skb_timestamp_us,
} from '../../../include/net/tcp.js';
import { icmp_err_convert } from '../icmp.js';
import { inet_csk_reqsk_queue_drop, inet_csk_update_pmtu, reqsk_put } from '../inet_connection_sock/index.js';
import { __inet_lookup_established } from '../inet_hashtables/index.js';
import { inet_twsk_put } from '../inet_timewait_sock.js';
import { ip_icmp_error } from '../ip_sockglue.js';
import { tcp_done_with_error, tcp_simple_retransmit } from '../tcp_input/index.js';
import { tcp_mstamp_refresh, tcp_sync_mss } from '../tcp_output/index.js';
import { tcp_retransmit_timer } from '../tcp_timer/index.js';

/** A smaller path MTU: cuts what is queued and sends again what was too large. @EXPORT_SYMBOL */
export function tcp_v4_mtu_reduced(sk: sock): void {
  const inet = inet_sk(sk);
  if ((1 << sk.sk_state) & (TCPF_LISTEN | TCPF_CLOSE)) return;
  let mtu = tcp_sk(sk).mtu_info;
  const dst = inet_csk_update_pmtu(sk, mtu);
  if (!dst) return;
  // Below what the host accepts: remembered, should the connection not get over it.
  if (mtu < dst_mtu(dst) && ip_dont_fragment(sk, dst)) sk.sk_err_soft = EMSGSIZE;
  mtu = dst_mtu(dst);
  if (inet.pmtudisc !== IP_PMTUDISC_DONT && ip_sk_accept_pmtu(sk) && inet_csk(sk).icsk_pmtu_cookie > mtu) {
    tcp_sync_mss(sk, mtu);
    tcp_simple_retransmit(sk);
  }
}

function do_redirect(skb: sk_buff, sk: sock): void {
  const dst = __sk_dst_check(sk, 0);
  if (dst) dst.ops.redirect?.(dst, sk, skb);
}

/**
 * An ICMP error for a connection request.
 * @param abort whether the request is dropped
 * @EXPORT_SYMBOL
 */
export function tcp_req_err(sk: sock, seq: u32, abort: bool): void {
  const req = inet_reqsk(sk);
  const net = sock_net(sk);
  if (seq !== tcp_rsk(req).snt_isn) __NET_INC_STATS(net, LINUX_MIB_OUTOFWINDOWICMPS);
  else if (abort) {
    inet_csk_reqsk_queue_drop(req.rsk_listener!, req);
    tcp_listendrop(req.rsk_listener!);
  }
  reqsk_put(req);
}

/** RFC 6069: the path is broken, not congested: one step of back-off is taken back. @EXPORT_SYMBOL */
export function tcp_ld_RTO_revert(sk: sock, seq: u32): void {
  const icsk = inet_csk(sk);
  const tp = tcp_sk(sk);
  const kernel = sock_net(sk).kernel;
  if (sock_owned_by_user(sk)) return;
  if (seq !== tp.snd_una || !icsk.icsk_retransmits || !icsk.icsk_backoff) return;
  const skb = tcp_rtx_queue_head(sk);
  if (!skb) return;
  icsk.icsk_backoff--;
  icsk.icsk_rto = tp.srtt_us ? __tcp_set_rto(tp) : TCP_TIMEOUT_INIT(kernel);
  icsk.icsk_rto = inet_csk_rto_backoff(icsk, tcp_rto_max(sk));
  tcp_mstamp_refresh(tp);
  const delta_us = tp.tcp_mstamp - tcp_skb_timestamp_us(skb);
  const remaining = icsk.icsk_rto - usecs_to_jiffies(kernel, delta_us);
  if (remaining > 0) tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, remaining, false);
  else tcp_retransmit_timer(sk);
}

/**
 * net_protocol.err_handler of TCP. The ICMP message's payload, the header of the segment that caused
 * it, is at skb.data.
 * @param info the MTU, for "fragmentation needed"
 * @returns 0 or -ENOENT
 */
export function tcp_v4_err(skb: sk_buff, info: u32): int {
  const iph = new iphdr(skb.head, skb.data);
  const th = new tcphdr(skb.head, skb.data + (iph.ihl << 2));
  const net: net = skb.dev!.nd_net!;
  const { type, code } = icmp_hdr(skb);
  const sk = __inet_lookup_established(net, iph.daddr, th.dest, iph.saddr, ntohs(th.source), inet_iif(skb), 0);
  if (!sk) {
    net.mib.icmp_statistics[ICMP_MIB_INERRORS]++;
    return -ENOENT;
  }
  if (sk.skc_state === TCP_TIME_WAIT) {
    inet_twsk_put(inet_twsk(sk));
    return 0;
  }
  const seq = ntohl(th.seq);
  const unreachable = type === ICMP_DEST_UNREACH && (code === ICMP_NET_UNREACH || code === ICMP_HOST_UNREACH);
  if (sk.skc_state === TCP_NEW_SYN_RECV) {
    tcp_req_err(sk, seq, type === ICMP_PARAMETERPROB || type === ICMP_TIME_EXCEEDED || unreachable);
    return 0;
  }
  bh_lock_sock(sk);
  const frag_needed = type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED;
  if (sock_owned_by_user(sk) && !frag_needed) __NET_INC_STATS(net, LINUX_MIB_LOCKDROPPEDICMPS);
  if (sk.sk_state !== TCP_CLOSE) tcp_v4_err_locked(net, sk, skb, th, seq, type, code, info);
  bh_unlock_sock(sk);
  sock_put(sk);
  return 0;
}

/** The error for a connection that is alive. @notrace */
function tcp_v4_err_locked(
  net: net,
  sk: sock,
  skb: sk_buff,
  th: tcphdr,
  seq: u32,
  type: int,
  code: int,
  info: u32,
): void {
  const tp = tcp_sk(sk);
  const fastopen = tp.fastopen_rsk;
  const snd_una = fastopen ? tcp_rsk(fastopen).snt_isn : tp.snd_una;
  if (sk.sk_state !== TCP_LISTEN && !between(seq, snd_una, tp.snd_nxt)) {
    __NET_INC_STATS(net, LINUX_MIB_OUTOFWINDOWICMPS);
    return;
  }
  let err: int;
  switch (type) {
    case ICMP_REDIRECT:
      if (!sock_owned_by_user(sk)) do_redirect(skb, sk);
      return;
    case ICMP_SOURCE_QUENCH:
      return;
    case ICMP_PARAMETERPROB:
      err = EPROTO;
      break;
    case ICMP_DEST_UNREACH:
      if (code > NR_ICMP_UNREACH) return;
      if (code === ICMP_FRAG_NEEDED) {
        if (sk.sk_state === TCP_LISTEN) return;
        tp.mtu_info = info;
        if (!sock_owned_by_user(sk)) tcp_v4_mtu_reduced(sk);
        else if ((sk.sk_tsq_flags & TCPF_MTU_REDUCED_DEFERRED) === 0) {
          sk.sk_tsq_flags |= TCPF_MTU_REDUCED_DEFERRED;
          sock_hold(sk);
        }
        return;
      }
      err = icmp_err_convert[code].errno;
      if (!fastopen && (code === ICMP_NET_UNREACH || code === ICMP_HOST_UNREACH)) tcp_ld_RTO_revert(sk, seq);
      break;
    case ICMP_TIME_EXCEEDED:
      err = EHOSTUNREACH;
      break;
    default:
      return;
  }
  const opening = sk.sk_state === TCP_SYN_SENT || sk.sk_state === TCP_SYN_RECV;
  // A Fast Open child that was accepted already counts as connected.
  if (opening && !(fastopen && !fastopen.sk)) {
    ip_icmp_error(sk, skb, err, th.dest, info, th.off);
    if (!sock_owned_by_user(sk)) tcp_done_with_error(sk, err);
    else sk.sk_err_soft = err;
    return;
  }
  if (!sock_owned_by_user(sk) && inet_test_bit(INET_FLAGS_RECVERR, sk)) {
    sk.sk_err = err;
    sk_error_report(sk);
  } else sk.sk_err_soft = err;
}
