// Redirects: sent to a host that took a detour, and believed from a gateway (net/ipv4/route.c; RFC 792, RFC 1812 5.2.7.2).

import { in_ntoa } from '../../../include/linux/in_addr.js';
import { ipv4_is_lbcast, ipv4_is_multicast, ipv4_is_zeronet, IPPROTO_RAW } from '../../../include/linux/in.js';
import {
  ICMP_REDIR_HOST,
  ICMP_REDIR_HOSTTOS,
  ICMP_REDIR_NET,
  ICMP_REDIR_NETTOS,
  ICMP_REDIRECT,
  icmp_hdr,
} from '../../../include/linux/icmp.js';
import { ip_hdr, iphdr } from '../../../include/linux/ip.js';
import {
  IN_DEV_LOG_MARTIANS,
  IN_DEV_RX_REDIRECTS,
  IN_DEV_SEC_REDIRECTS,
  IN_DEV_SHARED_MEDIA,
  IN_DEV_TX_REDIRECTS,
  __in_dev_get_rcu,
} from '../../../include/linux/inetdevice.js';
import { RTCF_REDIRECTED, RTN_UNICAST, RT_SCOPE_UNIVERSE } from '../../../include/linux/rtnetlink.js';
import { DST_OBSOLETE_KILL } from '../../../include/net/dst.js';
import type { dst_entry } from '../../../include/net/dst.js';
import { dst_release } from '../../core/dst.js';
import { fib_lookup, fib_result } from '../../../include/net/ip_fib.js';
import type { fib_nh_common } from '../../../include/net/ip_fib.js';
import { flowi4, flowi4_init_output } from '../../../include/net/flow.js';
import { inet_sk, inet_test_bit, INET_FLAGS_HDRINCL } from '../../../include/net/inet_sock.js';
import { NUD_VALID, neigh_event_send } from '../../../include/net/neighbour.js';
import type { net } from '../../../include/net/net_namespace.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import {
  __ip_route_output_key,
  inet_sk_flowi_flags,
  ip_sock_rt_scope,
  ip_sock_rt_tos,
  rt_nexthop,
  skb_rtable,
} from '../../../include/net/route.js';
import type { rtable } from '../../../include/net/route.js';
import { ip_neigh_gw4 } from '../../../include/net/route_neigh.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { sk_dst_reset, sock_net, sk_uid } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { pr_info } from '../../../kernel/printk.js';
import { inet_addr_onlink } from '../devinet.js';
import { inet_addr_type } from '../fib_frontend.js';
import { icmp_send } from '../../../include/net/icmp.js';
import { inet_getpeer_v4 } from '../inetpeer.js';
import { update_or_create_fnhe } from './exception.js';
import { rt_is_expired } from './cache.js';
import { msecs_to_jiffies } from '../../../include/linux/jiffies.js';
import type { __be32, bool, int, u32, u8 } from '../../../include/linux/types.js';

/** The key by which the route of a packet like `iph` is found; a socket's own settings win. */
export function __build_flow_key(
  _net: net,
  fl4: flowi4,
  sk: sock | null,
  iph: iphdr,
  oif: int,
  tos: u8,
  prot: u8,
  mark: u32,
  flow_flags: u32,
): void {
  let scope = RT_SCOPE_UNIVERSE;
  if (sk !== null) {
    oif = sk.sk_bound_dev_if;
    mark = sk.sk_mark;
    tos = ip_sock_rt_tos(sk);
    scope = ip_sock_rt_scope(sk);
    prot = inet_test_bit(INET_FLAGS_HDRINCL, sk) ? IPPROTO_RAW : sk.sk_protocol;
  }
  flowi4_init_output(
    fl4,
    oif,
    mark,
    tos,
    scope,
    prot,
    flow_flags,
    iph.daddr,
    iph.saddr,
    0,
    0,
    sk === null ? 0 : sk_uid(sk),
  );
}

/** @notrace */
export function build_skb_flow_key(fl4: flowi4, skb: sk_buff, sk: sock | null): void {
  const dev = skb.dev as net_device;
  const iph = ip_hdr(skb);
  __build_flow_key(dev.nd_net, fl4, sk, iph, dev.ifindex, iph.tos, iph.protocol, skb.mark, 0);
}

/** @notrace */
export function build_sk_flow_key(fl4: flowi4, sk: sock): void {
  const inet = inet_sk(sk);
  let daddr = inet.inet_daddr;
  const opt = inet.inet_opt;
  if (opt !== null && opt.opt.srr !== 0) daddr = opt.opt.faddr;
  const proto = inet_test_bit(INET_FLAGS_HDRINCL, sk) ? IPPROTO_RAW : sk.sk_protocol;
  const flags = inet_sk_flowi_flags(sk);
  const tos = ip_sock_rt_tos(sk);
  const scope = ip_sock_rt_scope(sk);
  flowi4_init_output(
    fl4,
    sk.sk_bound_dev_if,
    sk.sk_mark,
    tos,
    scope,
    proto,
    flags,
    daddr,
    inet.inet_saddr,
    0,
    0,
    sk_uid(sk),
  );
}

export function ip_rt_build_flow_key(fl4: flowi4, sk: sock | null, skb: sk_buff | null): void {
  if (skb !== null) build_skb_flow_key(fl4, skb, sk);
  else if (sk !== null) build_sk_flow_key(fl4, sk);
}

/** A redirect came for this flow: the better gateway is remembered. @param kill_route the route is no good any more */
export function __ip_do_redirect(rt: rtable, skb: sk_buff, fl4: flowi4, kill_route: bool): void {
  const icmph = icmp_hdr(skb);
  const new_gw = icmph.gateway;
  const code = icmph.code & 7;
  if (
    code !== ICMP_REDIR_NET &&
    code !== ICMP_REDIR_HOST &&
    code !== ICMP_REDIR_NETTOS &&
    code !== ICMP_REDIR_HOSTTOS
  ) {
    return;
  }
  const dev = skb.dev as net_device;
  const old_gw = ip_hdr(skb).saddr;
  if (rt.rt_gw_family !== 2 || rt.rt_gw4 !== old_gw) return;
  const in_dev = __in_dev_get_rcu(dev);
  if (in_dev === null) return;
  const net = dev.nd_net;
  let reject =
    new_gw === old_gw ||
    !IN_DEV_RX_REDIRECTS(in_dev) ||
    ipv4_is_multicast(new_gw) ||
    ipv4_is_lbcast(new_gw) ||
    ipv4_is_zeronet(new_gw);
  if (!reject) {
    if (!IN_DEV_SHARED_MEDIA(in_dev)) {
      if (!inet_addr_onlink(in_dev, new_gw, old_gw)) reject = true;
      // Whether the gateway is one that the host knows is asked of its default routes.
      if (IN_DEV_SEC_REDIRECTS(in_dev) && !ip_fib_check_default(net, new_gw, dev)) reject = true;
    } else if (inet_addr_type(net, new_gw) !== RTN_UNICAST) reject = true;
  }
  if (reject) {
    if (IN_DEV_LOG_MARTIANS(in_dev)) {
      pr_info(net.kernel, `Redirect from ${in_ntoa(old_gw)} on ${dev.name} about ${in_ntoa(new_gw)} ignored`);
    }
    return;
  }
  const n = ip_neigh_gw4(rt.dev as net_device, new_gw);
  if (n === null) return;
  if ((n.nud_state & NUD_VALID) === 0) neigh_event_send(n, null);
  else {
    const res = new fib_result();
    if (fib_lookup(net, fl4, res, 0) === 0) {
      const expires = net.kernel.jiffies + msecs_to_jiffies(net.kernel, 300_000);
      update_or_create_fnhe(res.nhc as fib_nh_common, fl4.daddr, new_gw, 0, false, expires);
    }
    if (kill_route) rt.obsolete = DST_OBSOLETE_KILL;
  }
}

/** Whether the address is the gateway of a route over the device. */
export function ip_fib_check_default(net: net, gw: __be32, dev: net_device): bool {
  for (const chain of net.ipv4.fib_info_hash.values()) {
    for (const fi of chain) {
      if (fi.fib_nh.some((nh) => nh.nhc_dev === dev && nh.nhc_gw4 === gw && (nh.nhc_flags & 1) === 0)) return true;
    }
  }
  return false;
}

export function ip_do_redirect(dst: dst_entry, sk: sock | null, skb: sk_buff): void {
  const rt = dst as rtable;
  const dev = skb.dev as net_device;
  const iph = new iphdr(skb.head, skb.data);
  const fl4 = new flowi4();
  __build_flow_key(dev.nd_net, fl4, sk, iph, dev.ifindex, iph.tos & 0xfc, iph.protocol, skb.mark, 0);
  __ip_do_redirect(rt, skb, fl4, true);
}

/** A redirect about a packet of no socket. @EXPORT_SYMBOL */
export function ipv4_redirect(skb: sk_buff, net: net, oif: int, protocol: u8): void {
  const iph = new iphdr(skb.head, skb.data);
  const fl4 = new flowi4();
  __build_flow_key(net, fl4, null, iph, oif, iph.tos, protocol, 0, 0);
  const rt = __ip_route_output_key(net, fl4);
  if (typeof rt === 'number') return;
  __ip_do_redirect(rt, skb, fl4, false);
  dst_release(rt);
}

/** A redirect about a packet of `sk`. @EXPORT_SYMBOL */
export function ipv4_sk_redirect(skb: sk_buff, sk: sock): void {
  const iph = new iphdr(skb.head, skb.data);
  const net = sock_net(sk);
  const fl4 = new flowi4();
  __build_flow_key(net, fl4, sk, iph, 0, 0, 0, 0, 0);
  const rt = __ip_route_output_key(net, fl4);
  if (typeof rt === 'number') return;
  __ip_do_redirect(rt, skb, fl4, false);
  dst_release(rt);
}

/** The sender has reason to think that its route is bad. */
export function ipv4_negative_advice(sk: sock, dst: dst_entry): void {
  const rt = dst as rtable;
  if (dst.obsolete > 0 || (rt.rt_flags & RTCF_REDIRECTED) !== 0 || dst.expires !== 0) sk_dst_reset(sk);
  else if (rt_is_expired(rt)) sk_dst_reset(sk);
}

/** Tells a host on the link that its packet had better gone to another gateway; fewer and fewer times. */
export function ip_rt_send_redirect(skb: sk_buff): void {
  const rt = skb_rtable(skb) as rtable;
  const dev = rt.dev as net_device;
  const in_dev = __in_dev_get_rcu(dev);
  if (in_dev === null || !IN_DEV_TX_REDIRECTS(in_dev)) return;
  const net = dev.nd_net;
  const now = net.kernel.jiffies;
  const peer = inet_getpeer_v4(net, ip_hdr(skb).saddr);
  const gw = rt_nexthop(rt, ip_hdr(skb).daddr);
  if (peer === null) {
    icmp_send(skb, ICMP_REDIRECT, ICMP_REDIR_HOST, gw);
    return;
  }
  const load = msecs_to_jiffies(net.kernel, net.ipv4.ip_rt_redirect_load);
  if (now > peer.rate_last + msecs_to_jiffies(net.kernel, net.ipv4.ip_rt_redirect_silence)) {
    peer.rate_tokens = 0;
    peer.n_redirects = 0;
  }
  // The host does not listen: it is left alone until it has been quiet for ip_rt_redirect_silence.
  if (peer.n_redirects >= net.ipv4.ip_rt_redirect_number) {
    peer.rate_last = now;
    return;
  }
  if (peer.n_redirects === 0 || now > peer.rate_last + load * 2 ** peer.n_redirects) {
    icmp_send(skb, ICMP_REDIRECT, ICMP_REDIR_HOST, gw);
    peer.rate_last = now;
    peer.n_redirects++;
    if (IN_DEV_LOG_MARTIANS(in_dev) && peer.n_redirects === net.ipv4.ip_rt_redirect_number) {
      pr_info(net.kernel, `host ${in_ntoa(ip_hdr(skb).saddr)} ignores redirects for ${in_ntoa(ip_hdr(skb).daddr)}`);
    }
  }
}
