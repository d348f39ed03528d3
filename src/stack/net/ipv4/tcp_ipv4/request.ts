/**
 * Connection requests over IPv4: answering a SYN, and the full socket that follows.
 *
 * Read beside it: net/ipv4/tcp_ipv4.c.
 */
import { get_random_u16 } from '../../../include/linux/random.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import { RTCF_BROADCAST, RTCF_MULTICAST } from '../../../include/linux/rtnetlink.js';
import { SKB_GSO_TCPV4 } from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { tcp_hdr, tcp_request_sock, tcp_rsk, tcp_sk } from '../../../include/linux/tcp.js';
import type { tcp_fastopen_cookie, tcphdr } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import { dst_metric_advmss, dst_mtu, dst_release } from '../../../include/net/dst.js';
import type { dst_entry } from '../../../include/net/dst.js';
import { flowi4 } from '../../../include/net/flow.js';
import { INET_ECN_MASK } from '../../../include/net/inet_ecn.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import { INET_FLAGS_TRANSPARENT, inet_rsk, inet_sk, inet_test_bit } from '../../../include/net/inet_sock.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import type { net } from '../../../include/net/net_namespace.js';
import type { request_sock } from '../../../include/net/request_sock.js';
import { inet_iif, skb_rtable } from '../../../include/net/route.js';
import { LINUX_MIB_LISTENOVERFLOWS } from '../../../include/net/snmp.js';
import { bh_unlock_sock, sk_acceptq_is_full, sock_net, sock_put } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { tcp_listendrop, tcp_mss_clamp } from '../../../include/net/tcp.js';
import type { tcp_request_sock_ops } from '../../../include/net/tcp.js';
import { sk_setup_caps } from '../../core/sock.js';
import {
  inet_csk_prepare_forced_close,
  inet_csk_route_child_sock,
  inet_csk_route_req,
} from '../inet_connection_sock/index.js';
import { __inet_inherit_port, inet_ehash_nolisten } from '../inet_hashtables/index.js';
import { ip_build_and_send_pkt } from '../ip_output.js';
import { __cookie_v4_init_sequence, cookie_v4_check, cookie_v4_init_sequence } from '../syncookies.js';
import { tcp_done } from '../tcp/index.js';
import { tcp_conn_request } from '../tcp_input/conn_request.js';
import { tcp_initialize_rcv_mss } from '../tcp_input/index.js';
import { tcp_ca_openreq_child, tcp_create_openreq_child, tcp_move_syn } from '../tcp_minisocks/index.js';
import { tcp_make_synack } from '../tcp_output/connect.js';
import { tcp_sync_mss } from '../tcp_output/index.js';
import { tcp_v4_init_seq, tcp_v4_init_ts_off } from './connect.js';
import { __tcp_v4_send_check } from './reply.js';
import { tcp_request_sock_ops_v4 } from './prot.js';
import { inet_sk_rx_dst_set } from './rcv.js';
import { ip_options_rcu } from '../../../include/net/inet_sock.js';
import { IPCB } from '../../../include/net/ip.js';
import { __ip_options_echo } from '../ip_options.js';

/** MSS assumed of a peer that does not say one (RFC 9293 3.7.1), bytes. */
const TCP_MSS_DEFAULT = 536;

/**
 * Sends the SYN-ACK of a request.
 * @param foc Fast Open cookie to hand out, if any
 * @param syn_skb the SYN, for its TOS
 * @returns as net_xmit_eval: 0 or a negative errno
 */
export function tcp_v4_send_synack(
  sk: sock,
  dst: dst_entry | null,
  fl: unknown,
  req: request_sock,
  foc: tcp_fastopen_cookie | null,
  synack_type: int,
  syn_skb: sk_buff | null,
): int {
  const ireq = inet_rsk(req);
  if (!dst) {
    dst = inet_csk_route_req(sk, fl ? (fl as flowi4) : new flowi4(), req);
    if (!dst) return -1;
  }
  const skb = tcp_make_synack(sk, dst, req, foc, synack_type, syn_skb);
  if (!skb) return -1;
  __tcp_v4_send_check(skb, ireq.ir_loc_addr, ireq.ir_rmt_addr);
  let tos = inet_sk(sk).tos;
  if (sock_net(sk).ipv4.sysctl_tcp_reflect_tos) {
    tos = (tcp_rsk(req).syn_tos & ~INET_ECN_MASK) | (inet_sk(sk).tos & INET_ECN_MASK);
  }
  const err = ip_build_and_send_pkt(skb, sk, ireq.ir_loc_addr, ireq.ir_rmt_addr, ireq.ireq_opt, tos);
  // NET_XMIT_CN: the packet went out, another was dropped for it.
  return err === 2 ? 0 : err;
}

/** request_sock_ops.destructor. */
export function tcp_v4_reqsk_destructor(req: request_sock): void {
  inet_rsk(req).ireq_opt = null;
}

/** The IP options of a SYN, turned round for the answer. @returns null if it has none */
export function tcp_v4_save_options(net: net, skb: sk_buff): ip_options_rcu | null {
  const opt = IPCB(skb).opt;
  if (!opt.optlen) return null;
  const dopt = new ip_options_rcu();
  return __ip_options_echo(net, dopt.opt, opt, skb) ? null : dopt;
}

/** Addresses and IP options of a request, from its SYN. */
function tcp_v4_init_req(req: request_sock, sk_listener: sock, skb: sk_buff): void {
  const ireq = inet_rsk(req);
  const iph = ip_hdr(skb);
  ireq.ir_loc_addr = iph.daddr;
  ireq.ir_rmt_addr = iph.saddr;
  ireq.ir_iif = sk_listener.sk_bound_dev_if;
  ireq.no_srccheck = inet_test_bit(INET_FLAGS_TRANSPARENT, sk_listener);
  ireq.ireq_opt = tcp_v4_save_options(sock_net(sk_listener), skb);
}

/** tcp_request_sock_ops.route_req. */
function tcp_v4_route_req(sk: sock, skb: sk_buff, fl: unknown, req: request_sock, _tw_isn: u32): dst_entry | null {
  tcp_v4_init_req(req, sk, skb);
  return inet_csk_route_req(sk, fl as flowi4, req);
}

/** Makes a TCP request object. @notrace */
export function tcp_request_sock_alloc(): tcp_request_sock {
  return new tcp_request_sock();
}

export const tcp_request_sock_ipv4_ops: tcp_request_sock_ops = {
  mss_clamp: TCP_MSS_DEFAULT,
  cookie_init_seq: cookie_v4_init_sequence,
  route_req: tcp_v4_route_req,
  init_seq: tcp_v4_init_seq,
  init_ts_off: tcp_v4_init_ts_off,
  send_synack: tcp_v4_send_synack,
};

/** icsk_af_ops.conn_request: a SYN for a listener. */
export function tcp_v4_conn_request(sk: sock, skb: sk_buff): int {
  // Never answer a SYN that went to a broadcast or multicast address.
  const rt = skb_rtable(skb);
  if (rt && rt.rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
    tcp_listendrop(sk);
    return 0;
  }
  return tcp_conn_request(tcp_request_sock_ops_v4, tcp_request_sock_ipv4_ops, sk, skb);
}

/**
 * The three-way handshake is over: makes the full socket of a request.
 * @param dst its route, when SYN cookies have found it; null otherwise
 * @param req_unhash the request whose place in the table the socket takes
 * @param own_req out: whether this call made the socket, and no other that raced with it
 * @returns null if there was no room or memory
 * @EXPORT_SYMBOL
 */
export function tcp_v4_syn_recv_sock(
  sk: sock,
  skb: sk_buff,
  req: request_sock,
  dst: dst_entry | null,
  req_unhash: request_sock | null,
  own_req: { value: bool },
): sock | null {
  const net = sock_net(sk);
  if (sk_acceptq_is_full(sk)) {
    NET_INC_STATS(net, LINUX_MIB_LISTENOVERFLOWS);
    dst_release(dst);
    tcp_listendrop(sk);
    return null;
  }
  const newsk = tcp_create_openreq_child(sk, req, skb);
  if (!newsk) {
    dst_release(dst);
    tcp_listendrop(sk);
    return null;
  }
  const newtp = tcp_sk(newsk);
  const newinet = inet_sk(newsk);
  const ireq = inet_rsk(req);
  newsk.sk_gso_type = SKB_GSO_TCPV4;
  inet_sk_rx_dst_set(newsk, skb);
  newinet.inet_daddr = ireq.ir_rmt_addr;
  newinet.inet_rcv_saddr = ireq.ir_loc_addr;
  newsk.sk_bound_dev_if = ireq.ir_iif;
  newinet.inet_saddr = ireq.ir_loc_addr;
  newinet.inet_opt = ireq.ireq_opt;
  newinet.mc_index = inet_iif(skb);
  newinet.mc_ttl = ip_hdr(skb).ttl;
  newinet.rcv_tos = ip_hdr(skb).tos;
  inet_csk(newsk).icsk_ext_hdr_len = newinet.inet_opt ? newinet.inet_opt.opt.optlen : 0;
  newinet.inet_id = get_random_u16(net.kernel);
  if (net.ipv4.sysctl_tcp_reflect_tos) newinet.tos = tcp_rsk(req).syn_tos & ~INET_ECN_MASK;
  dst ??= inet_csk_route_child_sock(sk, newsk, req);
  if (!dst) return tcp_v4_give_up_child(sk, newsk);
  sk_setup_caps(newsk, dst);
  tcp_ca_openreq_child(newsk, dst);
  tcp_sync_mss(newsk, dst_mtu(dst));
  newtp.advmss = tcp_mss_clamp(tcp_sk(sk), dst_metric_advmss(dst));
  tcp_initialize_rcv_mss(newsk);
  if (__inet_inherit_port(sk, newsk) < 0) return tcp_v4_give_up_child(sk, newsk);
  const found_dup_sk = { value: false };
  own_req.value = inet_ehash_nolisten(newsk, req_unhash, found_dup_sk);
  if (own_req.value) {
    tcp_move_syn(newtp, req);
    ireq.ireq_opt = null;
    return newsk;
  }
  newinet.inet_opt = null;
  if (!req_unhash && found_dup_sk.value) {
    bh_unlock_sock(newsk);
    sock_put(newsk);
    return null;
  }
  return newsk;
}

/** A child that cannot be routed or bound. @notrace */
function tcp_v4_give_up_child(sk: sock, newsk: sock): null {
  inet_sk(newsk).inet_opt = null;
  inet_csk_prepare_forced_close(newsk);
  tcp_done(newsk);
  tcp_listendrop(sk);
  return null;
}

/** An ACK to a listener: perhaps of a SYN cookie. @returns sk itself if it is none, null if refused */
export function tcp_v4_cookie_check(sk: sock, skb: sk_buff): sock | null {
  return tcp_hdr(skb).syn ? sk : cookie_v4_check(sk, skb);
}

/**
 * A SYN cookie for a SYN, without a socket.
 * @param cookie out: the sequence number
 * @returns the MSS that it encodes, 0 if the listener sends none
 */
export function tcp_v4_get_syncookie(mss: int, skb: sk_buff, th: tcphdr, cookie: { value: u32 }): int {
  if (mss === 0) return 0;
  const mssp = { value: mss };
  cookie.value = __cookie_v4_init_sequence(ip_hdr(skb), th, mssp, skb.dev!.nd_net!.kernel);
  return mssp.value;
}
