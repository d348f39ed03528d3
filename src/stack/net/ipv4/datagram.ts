// connect() of datagram sockets (net/ipv4/datagram.c).

import { EACCES, EAFNOSUPPORT, EINVAL, ENETUNREACH } from '../../include/linux/errno.js';
import { ipv4_is_multicast } from '../../include/linux/in.js';
import { SIZEOF_SOCKADDR_IN } from '../../include/linux/in.js';
import type { sockaddr, sockaddr_in } from '../../include/linux/socket.js';
import { sockaddr_family } from '../../include/linux/socket.js';
import { inet_sk } from '../../include/net/inet_sock.js';
import { IP_INC_STATS } from '../../include/net/ip.js';
import { IPSTATS_MIB_OUTNOROUTES } from '../../include/net/snmp.js';
import { RTCF_BROADCAST } from '../../include/linux/rtnetlink.js';
import { ip_route_connect, ip_rt_put } from '../../include/net/route.js';
import type { rtable } from '../../include/net/route.js';
import {
  SOCK_BROADCAST,
  lock_sock,
  release_sock,
  sk_dst_reset,
  sk_dst_set,
  sk_set_txhash,
  sock_flag,
  sock_net,
} from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock.js';
import { TCP_ESTABLISHED } from '../../include/net/tcp_states.js';
import { flowi4, flowi4_init_output } from '../../include/net/flow.js';
import { inet_sk_flowi_flags, ip_sock_rt_scope, ip_sock_rt_tos } from '../../include/net/route.js';
import { ip_route_output_flow } from './route.js';
import type { int } from '../../include/linux/types.js';
import { get_random_u16 } from '../../include/linux/random.js';

/** Fixes the peer, with the route and the source address to it. @returns 0 or a negative errno @EXPORT_SYMBOL */
export function __ip4_datagram_connect(sk: sock, uaddr: sockaddr, addr_len: int): int {
  const inet = inet_sk(sk);
  if (addr_len < SIZEOF_SOCKADDR_IN) return -EINVAL;
  if (sockaddr_family(uaddr) !== 2) return -EAFNOSUPPORT;
  const usin = uaddr as sockaddr_in;
  sk_dst_reset(sk);
  let oif = sk.sk_bound_dev_if;
  let saddr = inet.inet_saddr;
  if (ipv4_is_multicast(usin.sin_addr.s_addr)) {
    if (oif === 0) oif = inet.mc_index;
    if (saddr === 0) saddr = inet.mc_addr;
  } else if (oif === 0) oif = inet.uc_index;
  const fl4 = inet.cork.fl.u.ip4;
  const rt = ip_route_connect(
    fl4,
    usin.sin_addr.s_addr,
    saddr,
    oif,
    sk.sk_protocol,
    inet.inet_sport,
    usin.sin_port,
    sk,
  );
  if (typeof rt === 'number') {
    if (rt === -ENETUNREACH) IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
    return rt;
  }
  if ((rt.rt_flags & RTCF_BROADCAST) !== 0 && !sock_flag(sk, SOCK_BROADCAST)) {
    ip_rt_put(rt);
    return -EACCES;
  }
  if (inet.inet_saddr === 0) inet.inet_saddr = fl4.saddr;
  if (inet.inet_rcv_saddr === 0) {
    inet.inet_rcv_saddr = fl4.saddr;
    if (sk.sk_prot.rehash !== undefined) sk.sk_prot.rehash(sk);
  }
  inet.inet_daddr = fl4.daddr;
  inet.inet_dport = usin.sin_port;
  sk.sk_state = TCP_ESTABLISHED;
  sk_set_txhash(sk);
  inet.inet_id = get_random_u16(sock_net(sk).kernel);
  sk_dst_set(sk, rt);
  return 0;
}

/** @EXPORT_SYMBOL */
export function ip4_datagram_connect(sk: sock, uaddr: sockaddr, addr_len: int): int {
  lock_sock(sk);
  const res = __ip4_datagram_connect(sk, uaddr, addr_len);
  release_sock(sk);
  return res;
}

/** After the socket's owner let go: the route is renewed where an ICMP error has changed it meanwhile. @EXPORT_SYMBOL */
export function ip4_datagram_release_cb(sk: sock): void {
  const inet = inet_sk(sk);
  const dst = sk.sk_dst_cache as rtable | null;
  if (dst === null || dst.obsolete === 0 || dst.ops.check(dst, 0) !== null) return;
  const opt = inet.inet_opt;
  const daddr = opt !== null && opt.opt.srr !== 0 ? opt.opt.faddr : inet.inet_daddr;
  const fl4 = new flowi4();
  flowi4_init_output(
    fl4,
    sk.sk_bound_dev_if,
    sk.sk_mark,
    ip_sock_rt_tos(sk),
    ip_sock_rt_scope(sk),
    sk.sk_protocol,
    inet_sk_flowi_flags(sk),
    daddr,
    inet.inet_saddr,
    inet.inet_dport,
    inet.inet_sport,
    sk.sk_uid,
  );
  const rt = ip_route_output_flow(sock_net(sk), fl4, sk);
  sk_dst_set(sk, typeof rt === 'number' ? null : rt);
}
