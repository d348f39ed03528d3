/**
 * Receiving TCP segments over IPv4: from ip_protocol_deliver_rcu to the state machine, or to the backlog
 * of a socket in use.
 *
 * Read beside it: net/ipv4/tcp_ipv4.c. Left out: XFRM.
 */
import { ntohl, ntohs } from '../../../include/linux/byteorder.js';
import { IPPROTO_TCP } from '../../../include/linux/in.js';
import { PACKET_HOST } from '../../../include/linux/if_packet.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import type { iphdr } from '../../../include/linux/ip.js';
import {
  __skb_pull,
  __skb_push,
  __skb_checksum_validate,
  pskb_may_pull,
  skb_dst,
  skb_dst_set_noref,
  skb_shinfo,
} from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { sizeof_tcphdr, tcp_sk, tcphdr } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import { dst_hold_safe, dst_release, skb_dst_drop } from '../../../include/net/dst.js';
import {
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_NO_SOCKET,
  SKB_DROP_REASON_PKT_TOO_SMALL,
  SKB_DROP_REASON_SOCKET_BACKLOG,
  SKB_DROP_REASON_SOCKET_FILTER,
  SKB_DROP_REASON_TCP_CSUM,
  SKB_DROP_REASON_TCP_MINTTL,
} from '../../../include/net/dropreason.js';
import { inet_sk } from '../../../include/net/inet_sock.js';
import { inet_twsk } from '../../../include/net/inet_timewait_sock.js';
import { __NET_INC_STATS, inet_compute_pseudo } from '../../../include/net/ip.js';
import type { net } from '../../../include/net/net_namespace.js';
import { inet_reqsk } from '../../../include/net/request_sock.js';
import { inet_iif } from '../../../include/net/route.js';
import { SK_RST_REASON_TCP_TIMEWAIT_SOCKET, sk_rst_convert_drop_reason } from '../../../include/net/rstreason.js';
import {
  LINUX_MIB_TCPBACKLOGCOALESCE,
  LINUX_MIB_TCPBACKLOGDROP,
  LINUX_MIB_TCPMINTTLDROP,
  TCP_MIB_CSUMERRORS,
  TCP_MIB_INERRS,
  TCP_MIB_INSEGS,
} from '../../../include/net/snmp.js';
import {
  bh_lock_sock,
  bh_unlock_sock,
  sk_add_backlog,
  sk_fullsock,
  sock_hold,
  sock_net,
  sock_owned_by_user,
  sock_put,
} from '../../../include/net/sock.js';
import type { sock, sock_common } from '../../../include/net/sock.js';
import {
  TCPHDR_ACK,
  TCPHDR_AE,
  TCPHDR_CWR,
  TCPHDR_ECE,
  TCPHDR_RST,
  TCPHDR_SYN,
  TCPHDR_URG,
  TCP_ESTABLISHED,
  TCP_INC_STATS,
  TCP_LISTEN,
  TCP_NEW_SYN_RECV,
  TCP_SKB_CB,
  TCP_TIME_WAIT,
  TCP_TW_ACK,
  TCP_TW_ACK_OOW,
  TCP_TW_RST,
  TCP_TW_SYN,
  __TCP_INC_STATS,
  before,
  tcp_checksum_complete,
  tcp_segs_in,
  tcp_skb_can_collapse_rx,
} from '../../../include/net/tcp.js';
import { trace_tcp_bad_csum } from '../../../include/trace/events/tcp.js';
import { sk_filter_trim_cap } from '../../core/filter.js';
import { kfree_skb_partial, sk_skb_reason_drop, skb_condense, skb_try_coalesce } from '../../core/skbuff.js';
import { inet_csk_reqsk_queue_drop_and_put, reqsk_put } from '../inet_connection_sock/index.js';
import {
  __inet_lookup_established,
  __inet_lookup_listener,
  __inet_lookup_skb,
  sock_edemux,
} from '../inet_hashtables/index.js';
import { inet_twsk_deschedule_put, inet_twsk_put } from '../inet_timewait_sock.js';
import { tcp_rcv_established, tcp_rcv_state_process } from '../tcp_input/index.js';
import { tcp_inbound_hash } from '../tcp/auth.js';
import { tcp_check_req, tcp_child_process, tcp_timewait_state_process } from '../tcp_minisocks/index.js';
import { tcp_v4_send_reset, tcp_v4_timewait_ack } from './reply.js';
import { tcp_v4_cookie_check } from './request.js';

/** Keeps the route of a received packet for the next ones of the connection. @EXPORT_SYMBOL */
export function inet_sk_rx_dst_set(sk: sock, skb: sk_buff): void {
  const dst = skb_dst(skb);
  if (dst && dst_hold_safe(dst)) {
    sk.sk_rx_dst = dst;
    sk.sk_rx_dst_ifindex = skb.skb_iif;
  }
}

/**
 * Hands a segment to its socket, which nobody else uses now. sk_backlog_rcv of TCP.
 * @EXPORT_SYMBOL
 */
export function tcp_v4_do_rcv(sk: sock, skb: sk_buff): int {
  if (sk.sk_state === TCP_ESTABLISHED) {
    const dst = sk.sk_rx_dst;
    if (dst && (sk.sk_rx_dst_ifindex !== skb.skb_iif || !dst.ops.check(dst, 0))) {
      sk.sk_rx_dst = null;
      dst_release(dst);
    }
    tcp_rcv_established(sk, skb);
    return 0;
  }
  if (tcp_checksum_complete(skb)) {
    trace_tcp_bad_csum(skb);
    TCP_INC_STATS(sock_net(sk), TCP_MIB_CSUMERRORS);
    TCP_INC_STATS(sock_net(sk), TCP_MIB_INERRS);
    sk_skb_reason_drop(sk, skb, SKB_DROP_REASON_TCP_CSUM);
    return 0;
  }
  if (sk.sk_state === TCP_LISTEN) {
    const nsk = tcp_v4_cookie_check(sk, skb);
    if (!nsk) return 0;
    if (nsk !== sk) {
      const reason = tcp_child_process(sk, nsk, skb);
      if (reason) tcp_v4_do_rcv_reset(nsk, sk, skb, reason);
      return 0;
    }
  }
  const reason = tcp_rcv_state_process(sk, skb);
  if (reason) tcp_v4_do_rcv_reset(sk, sk, skb, reason);
  return 0;
}

/** @notrace */
function tcp_v4_do_rcv_reset(rsk: sock, sk: sock, skb: sk_buff, reason: int): void {
  tcp_v4_send_reset(rsk, skb, sk_rst_convert_drop_reason(reason));
  sk_skb_reason_drop(sk, skb, reason);
}

/**
 * Finds the connection of a packet before it is routed, so that its cached route serves.
 * @returns 0
 */
export function tcp_v4_early_demux(skb: sk_buff): int {
  if (skb.pkt_type !== PACKET_HOST) return 0;
  const off = skb.transport_header - skb.data;
  if (!pskb_may_pull(skb, off + sizeof_tcphdr)) return 0;
  const iph = ip_hdr(skb);
  const th = new tcphdr(skb.head, skb.transport_header);
  if (th.doff < sizeof_tcphdr / 4) return 0;
  const net = skb.dev!.nd_net!;
  const sk = __inet_lookup_established(net, iph.saddr, th.source, iph.daddr, ntohs(th.dest), skb.skb_iif, 0);
  if (!sk) return 0;
  skb.sk = sk;
  skb.destructor = sock_edemux;
  if (sk_fullsock(sk)) {
    let dst = sk.sk_rx_dst;
    if (dst) dst = dst.ops.check(dst, 0);
    if (dst && sk.sk_rx_dst_ifindex === skb.skb_iif) skb_dst_set_noref(skb, dst);
  }
  return 0;
}

/**
 * Queues a segment behind a socket that a process is using, joined with the one before if it may be.
 * @param reason out: why it was refused
 * @returns whether it was refused
 * @EXPORT_SYMBOL
 */
export function tcp_add_backlog(sk: sock, skb: sk_buff, reason: { value: int }): bool {
  skb_condense(skb);
  skb_dst_drop(skb);
  if (tcp_checksum_complete(skb)) {
    bh_unlock_sock(sk);
    trace_tcp_bad_csum(skb);
    reason.value = SKB_DROP_REASON_TCP_CSUM;
    __TCP_INC_STATS(sock_net(sk), TCP_MIB_CSUMERRORS);
    __TCP_INC_STATS(sock_net(sk), TCP_MIB_INERRS);
    return true;
  }
  if (tcp_backlog_coalesce(sk, skb)) return false;
  const limit = sk.sk_rcvbuf * 2 + (sk.sk_sndbuf >> 1) + 64 * 1024;
  if (sk_add_backlog(sk, skb, Math.min(limit, 0xffffffff))) {
    bh_unlock_sock(sk);
    reason.value = SKB_DROP_REASON_SOCKET_BACKLOG;
    __NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPBACKLOGDROP);
    return true;
  }
  return false;
}

/** Joins a segment to the last one of the backlog. @returns whether it could @notrace */
function tcp_backlog_coalesce(sk: sock, skb: sk_buff): bool {
  const tail = sk.sk_backlog.tail;
  if (!tail) return false;
  const th = new tcphdr(skb.head, skb.data);
  const hdrlen = th.doff * 4;
  const thtail = new tcphdr(tail.head, tail.data);
  const cb = TCP_SKB_CB(skb);
  const tcb = TCP_SKB_CB(tail);
  if (
    tcb.end_seq !== cb.seq ||
    tcb.ip_dsfield !== cb.ip_dsfield ||
    (tcb.tcp_flags | cb.tcp_flags) & (TCPHDR_SYN | TCPHDR_RST | TCPHDR_URG) ||
    !(tcb.tcp_flags & cb.tcp_flags & TCPHDR_ACK) ||
    (tcb.tcp_flags ^ cb.tcp_flags) & (TCPHDR_ECE | TCPHDR_CWR | TCPHDR_AE) ||
    !tcp_skb_can_collapse_rx(tail, skb) ||
    thtail.doff !== th.doff
  )
    return false;
  for (let i = sizeof_tcphdr; i < hdrlen; i++) if (tail.head[tail.data + i] !== skb.head[skb.data + i]) return false;
  __skb_pull(skb, hdrlen);
  const shinfo = skb_shinfo(skb);
  const gso_size = shinfo.gso_size || skb.len;
  const gso_segs = shinfo.gso_segs || 1;
  const tail_info = skb_shinfo(tail);
  const tail_gso_size = tail_info.gso_size || tail.len - hdrlen;
  const tail_gso_segs = tail_info.gso_segs || 1;
  const stolen = { fragstolen: false, delta: 0 };
  if (!skb_try_coalesce(tail, skb, stolen)) {
    __skb_push(skb, hdrlen);
    return false;
  }
  tcb.end_seq = cb.end_seq;
  if (!before(cb.ack_seq, tcb.ack_seq)) {
    tcb.ack_seq = cb.ack_seq;
    thtail.window = th.window;
  }
  // A FIN keeps the joined segment off the fast path.
  thtail.fin |= th.fin;
  tcb.tcp_flags |= cb.tcp_flags;
  if (cb.has_rxtstamp) {
    tcb.has_rxtstamp = true;
    tail.tstamp = skb.tstamp;
  }
  tail_info.gso_size = Math.max(gso_size, tail_gso_size);
  tail_info.gso_segs = Math.min(gso_segs + tail_gso_segs, 0xffff);
  sk.sk_backlog.len += stolen.delta;
  __NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPBACKLOGCOALESCE);
  kfree_skb_partial(skb, stolen.fragstolen);
  return true;
}

/** Runs the socket's filter over header and data. @returns whether the segment is refused @EXPORT_SYMBOL */
export function tcp_filter(sk: sock, skb: sk_buff, reason: { value: int }): bool {
  const th_len = (skb.head[skb.data + 12] >> 4) * 4;
  const err = sk_filter_trim_cap(sk, skb, th_len);
  if (err) {
    if (!reason.value) reason.value = SKB_DROP_REASON_SOCKET_FILTER;
    return true;
  }
  return false;
}

/** Undoes tcp_v4_fill_cb() before a segment is looked up again: IP's control block has a place of its own here. */
export function tcp_v4_restore_cb(_skb: sk_buff): void {
  return;
}

/** Fills TCP's control block from the header. */
export function tcp_v4_fill_cb(skb: sk_buff, iph: iphdr, th: tcphdr): void {
  const cb = TCP_SKB_CB(skb);
  cb.seq = ntohl(th.seq);
  cb.end_seq = (cb.seq + th.syn + th.fin + skb.len - th.doff * 4) >>> 0;
  cb.ack_seq = ntohl(th.ack_seq);
  cb.tcp_flags = th.buf[th.off + 13] | ((th.buf[th.off + 12] & 1) << 8);
  cb.ip_dsfield = iph.tos;
  cb.sacked = 0;
  cb.eor = false;
  cb.txstamp_ack = 0;
  cb.has_rxtstamp = skb.tstamp !== 0;
}

/** A segment that is dropped: counted at its socket. @notrace */
function discard(sk: sock | null, skb: sk_buff, reason: int): int {
  sk_skb_reason_drop(sk, skb, reason || SKB_DROP_REASON_NOT_SPECIFIED);
  return 0;
}

/** @notrace */
function discard_and_relse(sk: sock, refcounted: bool, skb: sk_buff, reason: int): int {
  sk.sk_drops += Math.max(1, skb_shinfo(skb).gso_segs);
  if (refcounted) sock_put(sk);
  return discard(sk, skb, reason);
}

/** @notrace */
function bad_packet(net: net, skb: sk_buff, reason: int): int {
  __TCP_INC_STATS(net, TCP_MIB_INERRS);
  return discard(null, skb, reason);
}

/** @notrace */
function csum_error(net: net, skb: sk_buff): int {
  trace_tcp_bad_csum(skb);
  __TCP_INC_STATS(net, TCP_MIB_CSUMERRORS);
  return bad_packet(net, skb, SKB_DROP_REASON_TCP_CSUM);
}

/** net_protocol.handler of TCP. */
export function tcp_v4_rcv(skb: sk_buff): int {
  const net = skb.dev!.nd_net!;
  if (skb.pkt_type !== PACKET_HOST) return discard(null, skb, SKB_DROP_REASON_NOT_SPECIFIED);
  __TCP_INC_STATS(net, TCP_MIB_INSEGS);
  if (!pskb_may_pull(skb, sizeof_tcphdr)) return discard(null, skb, SKB_DROP_REASON_NOT_SPECIFIED);
  const doff = skb.head[skb.data + 12] >> 4;
  if (doff < sizeof_tcphdr / 4) return bad_packet(net, skb, SKB_DROP_REASON_PKT_TOO_SMALL);
  if (!pskb_may_pull(skb, doff * 4)) return discard(null, skb, SKB_DROP_REASON_NOT_SPECIFIED);
  if (__skb_checksum_validate(skb, false, false, 0, inet_compute_pseudo(skb, IPPROTO_TCP))) return csum_error(net, skb);
  const ref = { value: false };
  for (;;) {
    const th = new tcphdr(skb.head, skb.data);
    const found = __inet_lookup_skb(skb, th.doff * 4, th.source, th.dest, 0, ref);
    if (!found) return no_tcp_socket(net, skb, th);
    if (found.skc_state === TCP_TIME_WAIT) {
      const listener = do_time_wait(net, found, skb, th);
      return listener ? process(listener, false, skb) : 0;
    }
    if (found.skc_state !== TCP_NEW_SYN_RECV) return process(found, ref.value, skb);
    const result = do_new_syn_recv(net, found, skb);
    if (typeof result === 'number') return result;
    if (result) return process(result, true, skb);
  }
}

/**
 * A segment for a connection request.
 * @returns 0 when it is dealt with, null to look it up again, or the listener that takes it
 * @notrace
 */
function do_new_syn_recv(net: net, found: sock_common, skb: sk_buff): sock | 0 | null {
  const req = inet_reqsk(found);
  const sk = req.rsk_listener!;
  const signature = tcp_inbound_hash(sk, skb);
  if (signature) {
    sk.sk_drops += Math.max(1, skb_shinfo(skb).gso_segs);
    reqsk_put(req);
    discard(null, skb, signature);
    return 0;
  }
  if (tcp_checksum_complete(skb)) {
    reqsk_put(req);
    csum_error(net, skb);
    return 0;
  }
  if (sk.sk_state !== TCP_LISTEN) {
    inet_csk_reqsk_queue_drop_and_put(sk, req);
    return null;
  }
  // A reference to the listener beside the request's own, which may end here.
  sock_hold(sk);
  const drop_reason = { value: 0 };
  const req_stolen = { value: false };
  let nsk: sock | null = null;
  if (!tcp_filter(sk, skb, drop_reason)) {
    tcp_v4_fill_cb(skb, ip_hdr(skb), new tcphdr(skb.head, skb.data));
    nsk = tcp_check_req(sk, skb, req, false, req_stolen, drop_reason);
  }
  if (!nsk) {
    reqsk_put(req);
    if (req_stolen.value) {
      // Another segment completed the handshake meanwhile.
      tcp_v4_restore_cb(skb);
      sock_put(sk);
      return null;
    }
    discard_and_relse(sk, true, skb, drop_reason.value);
    return 0;
  }
  if (nsk === sk) {
    reqsk_put(req);
    tcp_v4_restore_cb(skb);
    return sk;
  }
  const reason = tcp_child_process(sk, nsk, skb);
  if (reason) {
    tcp_v4_send_reset(nsk, skb, sk_rst_convert_drop_reason(reason));
    discard_and_relse(sk, true, skb, reason);
    return 0;
  }
  sock_put(sk);
  return 0;
}

/** A segment that has met its socket. @notrace */
function process(sk: sock, refcounted: bool, skb: sk_buff): int {
  const iph = ip_hdr(skb);
  const min_ttl = inet_sk(sk).min_ttl;
  if (min_ttl && iph.ttl < min_ttl) {
    __NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPMINTTLDROP);
    return discard_and_relse(sk, refcounted, skb, SKB_DROP_REASON_TCP_MINTTL);
  }
  const signature = tcp_inbound_hash(sk, skb);
  if (signature) return discard_and_relse(sk, refcounted, skb, signature);
  const drop_reason = { value: 0 };
  if (tcp_filter(sk, skb, drop_reason)) return discard_and_relse(sk, refcounted, skb, drop_reason.value);
  tcp_v4_fill_cb(skb, ip_hdr(skb), new tcphdr(skb.head, skb.data));
  if (sk.sk_state === TCP_LISTEN) {
    const ret = tcp_v4_do_rcv(sk, skb);
    if (refcounted) sock_put(sk);
    return ret;
  }
  skb.dev = null;
  bh_lock_sock(sk);
  tcp_segs_in(tcp_sk(sk), skb);
  let ret = 0;
  if (!sock_owned_by_user(sk)) ret = tcp_v4_do_rcv(sk, skb);
  else if (tcp_add_backlog(sk, skb, drop_reason)) return discard_and_relse(sk, refcounted, skb, drop_reason.value);
  bh_unlock_sock(sk);
  if (refcounted) sock_put(sk);
  return ret;
}

/** @notrace */
function no_tcp_socket(net: net, skb: sk_buff, th: tcphdr): int {
  tcp_v4_fill_cb(skb, ip_hdr(skb), th);
  if (tcp_checksum_complete(skb)) return csum_error(net, skb);
  tcp_v4_send_reset(null, skb, sk_rst_convert_drop_reason(SKB_DROP_REASON_NO_SOCKET));
  return discard(null, skb, SKB_DROP_REASON_NO_SOCKET);
}

/**
 * A segment for a connection in TIME_WAIT.
 * @returns the listener that takes it as a new connection's SYN, or null when it is dealt with
 * @notrace
 */
function do_time_wait(net: net, sk: sock, skb: sk_buff, th: tcphdr): sock | null {
  const tw = inet_twsk(sk);
  const iph = ip_hdr(skb);
  tcp_v4_fill_cb(skb, iph, th);
  if (tcp_checksum_complete(skb)) {
    inet_twsk_put(tw);
    csum_error(net, skb);
    return null;
  }
  const isn: { value: u32 } = { value: 0 };
  const drop_reason = { value: 0 };
  const tw_status = tcp_timewait_state_process(tw, skb, th, isn, drop_reason);
  switch (tw_status) {
    case TCP_TW_SYN: {
      const sk2 = __inet_lookup_listener(
        net,
        skb,
        th.doff * 4,
        iph.saddr,
        th.source,
        iph.daddr,
        ntohs(th.dest),
        inet_iif(skb),
        0,
      );
      if (sk2) {
        inet_twsk_deschedule_put(tw);
        tcp_v4_restore_cb(skb);
        net.kernel.tcp_tw_isn = isn.value;
        return sk2;
      }
      tcp_v4_timewait_ack(sk, skb, tw_status);
      break;
    }
    case TCP_TW_ACK:
    case TCP_TW_ACK_OOW:
      tcp_v4_timewait_ack(sk, skb, tw_status);
      break;
    case TCP_TW_RST:
      tcp_v4_send_reset(sk, skb, SK_RST_REASON_TCP_TIMEWAIT_SOCKET);
      inet_twsk_deschedule_put(tw);
      break;
    default:
      break;
  }
  discard(null, skb, drop_reason.value);
  return null;
}
