/**
 * Opening a TCP connection over IPv4, reuse of time-wait sockets, and a socket's own begin and end.
 *
 * Read beside it: net/ipv4/tcp_ipv4.c; RFC 9293 3.5, RFC 6191 (reuse of TIME_WAIT).
 */
import { ntohl } from '../../../include/linux/byteorder.js';
import { EAFNOSUPPORT, EINVAL, ENETUNREACH } from '../../../include/linux/errno.js';
import { IPPROTO_TCP } from '../../../include/linux/in.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import { get_random_u16 } from '../../../include/linux/random.js';
import { RTCF_BROADCAST, RTCF_MULTICAST } from '../../../include/linux/rtnetlink.js';
import type { Task } from '../../../include/linux/sched.js';
import { SKB_GSO_TCPV4 } from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { AF_INET } from '../../../include/linux/socket.js';
import type { sockaddr, sockaddr_in } from '../../../include/linux/socket.js';
import { tcp_hdr, tcp_sk, tcp_twsk } from '../../../include/linux/tcp.js';
import type { int, u32 } from '../../../include/linux/types.js';
import { LOOPBACK_IFINDEX, flowi4 } from '../../../include/net/flow.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import { inet_sk } from '../../../include/net/inet_sock.js';
import { inet_twsk } from '../../../include/net/inet_timewait_sock.js';
import type { inet_timewait_sock } from '../../../include/net/inet_timewait_sock.js';
import { IP_INC_STATS } from '../../../include/net/ip.js';
import type { net } from '../../../include/net/net_namespace.js';
import { ip_route_connect, ip_route_newports, ip_rt_put } from '../../../include/net/route.js';
import type { rtable } from '../../../include/net/route.js';
import { IPSTATS_MIB_OUTNOROUTES } from '../../../include/net/snmp.js';
import { sk_set_txhash, sk_sockets_allocated_dec, sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCP_CLOSE,
  TCP_FIN_WAIT2,
  TCP_SYN_SENT,
  tcp_clear_xmit_timers,
  tcp_clock_ms,
  tcp_ooo_empty,
} from '../../../include/net/tcp.js';
import { trace_tcp_destroy_sock } from '../../../include/trace/events/tcp.js';
import { secure_tcp_seq, secure_tcp_ts_off } from '../../core/secure_seq.js';
import { skb_rbtree_purge } from '../../core/skbuff.js';
import { sk_setup_caps } from '../../core/sock.js';
import {
  inet_bhash2_reset_saddr,
  inet_bhash2_update_saddr,
  inet_hash_connect,
  inet_put_port,
} from '../inet_hashtables/index.js';
import {
  tcp_fastopen_active_disable_ofo_check,
  tcp_fastopen_defer_connect,
  tcp_fastopen_destroy_cipher,
} from '../tcp_fastopen.js';
import { tcp_free_fastopen_req, tcp_init_sock, tcp_set_state, tcp_write_queue_purge } from '../tcp/index.js';
import { tcp_cleanup_congestion_control } from '../tcp_cong.js';
import { tcp_connect } from '../tcp_output/connect.js';
import { ipv4_specific } from './ops.js';

/** MSS assumed of a peer that does not say one (RFC 9293 3.7.1), bytes. */
const TCP_MSS_DEFAULT = 536;

/** Initial sequence number of a passive open. */
export function tcp_v4_init_seq(skb: sk_buff): u32 {
  const iph = ip_hdr(skb);
  const th = tcp_hdr(skb);
  return secure_tcp_seq(skb.dev!.nd_net!, iph.daddr, iph.saddr, th.dest, th.source);
}

export function tcp_v4_init_ts_off(net: net, skb: sk_buff): u32 {
  const iph = ip_hdr(skb);
  return secure_tcp_ts_off(net, iph.daddr, iph.saddr);
}

/** @notrace */
function is_loopback(addr: u32): boolean {
  return ntohl(addr) >>> 24 === 127;
}

/**
 * Whether a new connection may take over the four-tuple of one in TIME_WAIT: time stamps must tell
 * their segments apart (RFC 6191), and by default both ends must be on this host.
 * @param twp null when the socket is bound to the port itself
 * @returns 1 if so; the time-wait socket is then held and its state inherited
 * @EXPORT_SYMBOL
 */
export function tcp_twsk_unique(sk: sock, sktw: sock, twp: { value: inet_timewait_sock | null } | null): int {
  const tw = inet_twsk(sktw);
  const tcptw = tcp_twsk(sktw);
  const tp = tcp_sk(sk);
  const ipv4 = sock_net(sk).ipv4;
  let reuse = ipv4.sysctl_tcp_tw_reuse !== 0;
  if (tw.tw_substate === TCP_FIN_WAIT2) reuse = false;
  if (ipv4.sysctl_tcp_tw_reuse === 2) {
    const loopback =
      tw.skc_bound_dev_if === LOOPBACK_IFINDEX || is_loopback(tw.tw_daddr) || is_loopback(tw.tw_rcv_saddr);
    if (!loopback) reuse = false;
  }
  if (!tcptw.tw_ts_recent_stamp) return 0;
  if (twp) {
    const age = (tcp_clock_ms(sock_net(sk).kernel) >>> 0) - tw.tw_entry_stamp;
    if (!reuse || age >>> 0 <= ipv4.sysctl_tcp_tw_reuse_delay) return 0;
  }
  if (tw.skc_refcnt === 0) return 0;
  tw.skc_refcnt++;
  // The new numbers start clear of any window that old segments could have been sent into.
  tp.write_seq = (tcptw.tw_snd_nxt + 65535 + 2) >>> 0 || 1;
  tp.rx_opt.ts_recent = tcptw.tw_ts_recent;
  tp.rx_opt.ts_recent_stamp = tcptw.tw_ts_recent_stamp;
  return 1;
}

/**
 * proto.connect of TCP: finds route, source address and port, and sends the SYN. It does not wait.
 * @param uaddr the peer, a sockaddr_in
 * @returns 0 or a negative errno
 * @EXPORT_SYMBOL
 */
export function* tcp_v4_connect(sk: sock, uaddr: sockaddr, addr_len: int): Task<int> {
  const usin = uaddr as sockaddr_in;
  const inet = inet_sk(sk);
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  if (addr_len < 16) return -EINVAL;
  if (usin.sin_family !== AF_INET) return -EAFNOSUPPORT;
  let daddr = usin.sin_addr.s_addr;
  let nexthop = daddr;
  const opt = inet.inet_opt;
  if (opt && opt.opt.srr) {
    if (!daddr) return -EINVAL;
    nexthop = opt.opt.faddr;
  }
  const orig_sport = inet.inet_sport;
  const orig_dport = usin.sin_port;
  const fl4 = new flowi4();
  const found = ip_route_connect(
    fl4,
    nexthop,
    inet.inet_saddr,
    sk.sk_bound_dev_if,
    IPPROTO_TCP,
    orig_sport,
    orig_dport,
    sk,
  );
  if (typeof found === 'number') {
    if (found === -ENETUNREACH) IP_INC_STATS(net, IPSTATS_MIB_OUTNOROUTES);
    return found;
  }
  let rt: rtable | null = found;
  if (rt.rt_flags & (RTCF_MULTICAST | RTCF_BROADCAST)) {
    ip_rt_put(rt);
    return -ENETUNREACH;
  }
  if (!opt || !opt.opt.srr) daddr = fl4.daddr;
  const death_row = net.ipv4.tcp_death_row;
  if (!inet.inet_saddr) {
    const err = inet_bhash2_update_saddr(sk, fl4.saddr);
    if (err) {
      ip_rt_put(rt);
      return err;
    }
  } else inet.inet_rcv_saddr = inet.inet_saddr;
  if (tp.rx_opt.ts_recent_stamp && inet.inet_daddr !== daddr) {
    tp.rx_opt.ts_recent = 0;
    tp.rx_opt.ts_recent_stamp = 0;
    tp.write_seq = 0;
  }
  inet.inet_dport = usin.sin_port;
  inet.inet_daddr = daddr;
  inet_csk(sk).icsk_ext_hdr_len = opt ? opt.opt.optlen : 0;
  tp.rx_opt.mss_clamp = TCP_MSS_DEFAULT;
  tcp_set_state(sk, TCP_SYN_SENT);
  let err = inet_hash_connect(death_row, sk);
  if (!err) {
    sk_set_txhash(sk);
    const again: rtable | int = ip_route_newports(
      fl4,
      rt,
      orig_sport,
      orig_dport,
      inet.inet_sport,
      inet.inet_dport,
      sk,
    );
    if (typeof again === 'number') {
      err = again;
      rt = null;
    } else {
      sk.sk_gso_type = SKB_GSO_TCPV4;
      sk_setup_caps(sk, again);
      rt = null;
      if (!tp.write_seq)
        tp.write_seq = secure_tcp_seq(net, inet.inet_saddr, inet.inet_daddr, inet.inet_sport, usin.sin_port);
      tp.tsoffset = secure_tcp_ts_off(net, inet.inet_saddr, inet.inet_daddr);
      inet.inet_id = get_random_u16(net.kernel);
      const deferred = { value: 0 };
      if (tcp_fastopen_defer_connect(sk, deferred)) return deferred.value;
      err = deferred.value || tcp_connect(sk);
      if (!err) return 0;
    }
  }
  // Nobody has seen a segment of it: the socket is as before.
  tcp_set_state(sk, TCP_CLOSE);
  inet_bhash2_reset_saddr(sk);
  if (rt) ip_rt_put(rt);
  sk.sk_route_caps = 0;
  inet.inet_dport = 0;
  return err;
}

/** proto.init of TCP over IPv4. */
export function tcp_v4_init_sock(sk: sock): int {
  tcp_init_sock(sk);
  inet_csk(sk).icsk_af_ops = ipv4_specific;
  return 0;
}

/** proto.destroy of TCP: frees all that a closed socket still holds. @EXPORT_SYMBOL */
export function tcp_v4_destroy_sock(sk: sock): void {
  const tp = tcp_sk(sk);
  trace_tcp_destroy_sock(sk);
  tcp_clear_xmit_timers(sk);
  tcp_cleanup_congestion_control(sk);
  tcp_write_queue_purge(sk);
  tcp_fastopen_active_disable_ofo_check(sk);
  if (!tcp_ooo_empty(tp)) skb_rbtree_purge(tp.out_of_order_queue);
  if (inet_csk(sk).icsk_bind_hash) inet_put_port(sk);
  tcp_free_fastopen_req(tp);
  tcp_fastopen_destroy_cipher(sk);
  tp.saved_syn = null;
  sk_sockets_allocated_dec(sk);
}
