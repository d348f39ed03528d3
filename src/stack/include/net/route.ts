// struct rtable and the helpers of a route look-up (include/net/route.h).

import { dst_entry } from './dst/struct.js';
import { skb_dst_force } from './dst.js';
import { dst_release } from '../../net/core/dst.js';
import { flowi4, flowi4_init_output, flowi4_update_output, FLOWI_FLAG_ANYSRC } from './flow.js';
import { inet_sk, inet_test_bit, INET_FLAGS_HDRINCL, INET_FLAGS_TRANSPARENT, INET_FLAGS_IS_ICSK } from './inet_sock.js';
import { IPPROTO_RAW } from '../linux/in.js';
import { RT_SCOPE_LINK, RT_SCOPE_UNIVERSE } from '../linux/rtnetlink.js';
import { ip_route_output_flow, ip_route_output_key_hash, ip_route_input_noref } from '../../net/ipv4/route.js';
import { SOCK_LOCALROUTE, sock_flag, sock_net, sk_uid } from './sock.js';
import type { sock } from './sock.js';
import type { fib_nh_exception } from './ip_fib.js';
import type { net } from './net_namespace.js';
import type { net_device } from '../linux/netdevice.js';
import type { sk_buff } from '../linux/skbuff.js';
import type { __be16, __be32, bool, int, u32, u8 } from '../linux/types.js';

export class rtable extends dst_entry {
  rt_genid: int = 0;
  rt_flags: u32 = 0;
  rt_type: int = 0;
  rt_is_input: u8 = 0;
  rt_uses_gateway: bool = false;
  rt_iif: int = 0;
  /** family of the gateway: 0 where the destination is on the link */
  rt_gw_family: u8 = 0;
  rt_gw4: __be32 = 0;
  rt_mtu_locked: bool = false;
  rt_pmtu: u32 = 0;
  /** the exception that this route was made of, if any */
  fnhe: fib_nh_exception | null = null;

  /** In the kernel dst is the first member of rtable; here rtable is a dst_entry. */
  get dst(): dst_entry {
    return this;
  }
}

/** @notrace */
export function dst_rtable(dst: dst_entry | null): rtable | null {
  return dst as rtable | null;
}
/** @notrace */
export function skb_rtable(skb: sk_buff): rtable | null {
  return skb._skb_refdst as rtable | null;
}
/** @notrace */
export function rt_is_input_route(rt: rtable): bool {
  return rt.rt_is_input !== 0;
}
/** @notrace */
export function rt_is_output_route(rt: rtable): bool {
  return rt.rt_is_input === 0;
}
/** Where the packet goes next: the gateway, or itself the destination. @notrace */
export function rt_nexthop(rt: rtable, daddr: __be32): __be32 {
  return rt.rt_gw_family !== 0 ? rt.rt_gw4 : daddr;
}
/** @notrace */
export function ip_rt_put(rt: rtable | null): void {
  dst_release(rt);
}

/** Scope of a socket's routes: destinations on the link only if it bypasses routers. @notrace */
export function ip_sock_rt_scope(sk: sock): u8 {
  return sock_flag(sk, SOCK_LOCALROUTE) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}
/** @notrace */
export function ip_sock_rt_tos(sk: sock): u8 {
  return inet_sk(sk).tos & 0xfc;
}
/** @notrace */
export function inet_sk_flowi_flags(sk: sock): u8 {
  let flags = 0;
  if (inet_test_bit(INET_FLAGS_TRANSPARENT, sk) || inet_test_bit(INET_FLAGS_HDRINCL, sk)) flags |= FLOWI_FLAG_ANYSRC;
  return flags;
}

/** @returns a route with a reference held, or a negative errno */
export function __ip_route_output_key(net: net, flp: flowi4): rtable | int {
  return ip_route_output_key_hash(net, flp, null);
}
/** @returns a route with a reference held, or a negative errno */
export function ip_route_output_key(net: net, flp: flowi4): rtable | int {
  return ip_route_output_flow(net, flp, null);
}

/** As ip_route_output_key(), for a flow of addresses alone. @returns a held route, or a negative errno @notrace */
export function ip_route_output(net: net, daddr: __be32, saddr: __be32, dscp: u8, oif: int, scope: u8): rtable | int {
  const fl4 = new flowi4();
  fl4.flowi4_oif = oif;
  fl4.flowi4_dscp = dscp & 0xfc;
  fl4.flowi4_scope = scope;
  fl4.daddr = daddr;
  fl4.saddr = saddr;
  return ip_route_output_key(net, fl4);
}

/** @returns a route with a reference held, or a negative errno */
export function ip_route_output_ports(
  net: net,
  fl4: flowi4,
  sk: sock | null,
  daddr: __be32,
  saddr: __be32,
  dport: __be16,
  sport: __be16,
  proto: u8,
  tos: u8,
  oif: int,
): rtable | int {
  flowi4_init_output(
    fl4,
    oif,
    sk !== null ? sk.sk_mark : 0,
    tos,
    sk !== null ? ip_sock_rt_scope(sk) : RT_SCOPE_UNIVERSE,
    proto,
    sk !== null ? inet_sk_flowi_flags(sk) : 0,
    daddr,
    saddr,
    dport,
    sport,
    sk_uid_of(sk),
  );
  return ip_route_output_flow(net, fl4, sk);
}

/** @notrace */
function sk_uid_of(sk: sock | null): u32 {
  return sk === null ? 0 : sk_uid(sk);
}

/** Looks the route of an incoming packet up and holds it. @returns 0, or a drop reason */
export function ip_route_input(skb: sk_buff, dst: __be32, src: __be32, dscp: u8, devin: net_device): int {
  const reason = ip_route_input_noref(skb, dst, src, dscp, devin);
  if (reason === 0) skb_dst_force(skb);
  return reason;
}

/** @notrace */
export function ip_route_connect_init(
  fl4: flowi4,
  dst: __be32,
  src: __be32,
  oif: int,
  protocol: u8,
  sport: __be16,
  dport: __be16,
  sk: sock,
): void {
  let flow_flags = inet_sk_flowi_flags(sk);
  if (inet_test_bit(INET_FLAGS_IS_ICSK, sk) && sport === 0) flow_flags |= 8;
  flowi4_init_output(
    fl4,
    oif,
    sk.sk_mark,
    ip_sock_rt_tos(sk),
    ip_sock_rt_scope(sk),
    protocol,
    flow_flags,
    dst,
    src,
    dport,
    sport,
    sk_uid(sk),
  );
}

/** Route of a connection; finds the source address on the way. @returns a held route, or a negative errno */
export function ip_route_connect(
  fl4: flowi4,
  dst: __be32,
  src: __be32,
  oif: int,
  protocol: u8,
  sport: __be16,
  dport: __be16,
  sk: sock,
): rtable | int {
  const net = sock_net(sk);
  ip_route_connect_init(fl4, dst, src, oif, protocol, sport, dport, sk);
  if (dst === 0 || src === 0) {
    const rt = __ip_route_output_key(net, fl4);
    if (typeof rt === 'number') return rt;
    ip_rt_put(rt);
    flowi4_update_output(fl4, oif, fl4.daddr, fl4.saddr);
  }
  return ip_route_output_flow(net, fl4, sk);
}

/** The route again once the ports are known. @returns `rt`, another held route, or a negative errno */
export function ip_route_newports(
  fl4: flowi4,
  rt: rtable,
  orig_sport: __be16,
  orig_dport: __be16,
  sport: __be16,
  dport: __be16,
  sk: sock,
): rtable | int {
  if (sport === orig_sport && dport === orig_dport) return rt;
  fl4.fl4_dport = dport;
  fl4.fl4_sport = sport;
  ip_rt_put(rt);
  flowi4_update_output(fl4, sk.sk_bound_dev_if, fl4.daddr, fl4.saddr);
  return ip_route_output_flow(sock_net(sk), fl4, sk);
}

/** Protocol number for the flow of a raw socket's packet. @notrace */
export function raw_flow_proto(hdrincl: bool, protocol: u8): u8 {
  return hdrincl ? IPPROTO_RAW : protocol;
}

/** The device that a packet came in on, as its route has it. @notrace */
export function inet_iif(skb: sk_buff): int {
  const rt = skb_rtable(skb);
  return rt !== null && rt.rt_iif !== 0 ? rt.rt_iif : skb.skb_iif;
}
