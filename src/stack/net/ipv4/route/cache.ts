// Route entries: made, cached at their next hop, found out of date (net/ipv4/route.c).

import { DST_NOPOLICY, DST_OBSOLETE_FORCE_CHK, DST_OBSOLETE_KILL, dst_hold } from '../../../include/net/dst.js';
import type { dst_entry, dst_ops } from '../../../include/net/dst.js';
import { dst_dev_put, dst_release } from '../../core/dst.js';
import { DST_NOXFRM } from '../../../include/net/dst.js';
import { RT_SCOPE_LINK, RTCF_LOCAL } from '../../../include/linux/rtnetlink.js';
import type { fib_info, fib_nh_common, fib_nh_exception, fib_result } from '../../../include/net/ip_fib.js';
import { rtable } from '../../../include/net/route.js';
import type { net } from '../../../include/net/net_namespace.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import type { neighbour } from '../../../include/net/neighbour.js';
import { __ipv4_confirm_neigh } from '../../../include/net/arp.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { ip_local_deliver } from '../ip_input.js';
import { ip_output } from '../ip_output.js';
import { ip_rt_bug, ipv4_default_advmss, ipv4_link_failure, ipv4_mtu, ip_rt_update_pmtu } from './pmtu.js';
import { ip_do_redirect, ipv4_negative_advice } from './redirect.js';
import { rt_bind_exception } from './exception.js';
import { __ip_local_out } from '../ip_output.js';
import { ip_neigh_gw4 } from '../../../include/net/route_neigh.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import { ipv4_is_multicast } from '../../../include/linux/in.js';
import { inet_addr_type } from '../fib_frontend.js';
import type { __be32, bool, int, u16, u32 } from '../../../include/linux/types.js';

const RTN_BROADCAST = 3;
const RTN_MULTICAST = 5;

/** Generation of the host's routes: a route of another is out of date. @notrace */
export function rt_genid_ipv4(dev: net_device): int {
  return dev.nd_net.ipv4.rt_genid;
}
/** @notrace */
export function rt_genid_bump_ipv4(net: net): void {
  net.ipv4.rt_genid++;
}

/** All routes that were handed out or cached are out of date from now on. */
export function rt_cache_flush(net: net): void {
  rt_genid_bump_ipv4(net);
}

/** @notrace */
export function rt_is_expired(rth: rtable): bool {
  return rth.rt_genid !== rt_genid_ipv4(rth.dev as net_device);
}

/** Whether a cached route may still be used. */
export function rt_cache_valid(rt: rtable | null): bool {
  return rt !== null && rt.obsolete === DST_OBSOLETE_FORCE_CHK && !rt_is_expired(rt);
}

export function ipv4_dst_check(dst: dst_entry, _cookie: u32): dst_entry | null {
  const rt = dst as rtable;
  if (dst.obsolete !== DST_OBSOLETE_FORCE_CHK || rt_is_expired(rt)) return null;
  return dst;
}

/** The neighbour through which a destination is reached. */
export function ipv4_neigh_lookup(dst: dst_entry, skb: sk_buff | null, daddr: __be32): neighbour | null {
  const rt = dst as rtable;
  const dev = dst.dev as net_device;
  if (rt.rt_gw_family !== 0) return held(ip_neigh_gw4(dev, rt.rt_gw4));
  if (skb !== null) return held(ip_neigh_gw4(dev, ip_hdr(skb).daddr));
  return held(ip_neigh_gw4(dev, daddr));
}

/** @notrace */
function held(n: neighbour | null): neighbour | null {
  if (n !== null) n.refcnt++;
  return n;
}

export function ipv4_confirm_neigh(dst: dst_entry, daddr: __be32): void {
  const rt = dst as rtable;
  if (rt.rt_gw_family === 2) daddr = rt.rt_gw4;
  else if (daddr === 0 || (rt.rt_flags & 0x30000000) !== 0 || (rt.rt_flags & RTCF_LOCAL) !== 0) return;
  __ipv4_confirm_neigh(dst.dev as net_device, daddr);
}

export const ipv4_dst_ops: dst_ops = {
  family: 2,
  check: ipv4_dst_check,
  default_advmss: ipv4_default_advmss,
  mtu: ipv4_mtu,
  negative_advice: ipv4_negative_advice,
  link_failure: ipv4_link_failure,
  update_pmtu: ip_rt_update_pmtu,
  redirect: ip_do_redirect,
  local_out: __ip_local_out,
  neigh_lookup: ipv4_neigh_lookup,
  confirm_neigh: ipv4_confirm_neigh,
};

/**
 * A new route, with one reference, for output by ip_output() and, if local, input by ip_local_deliver().
 * @EXPORT_SYMBOL
 */
export function rt_dst_alloc(dev: net_device, flags: u32, type: u16, noxfrm: bool): rtable {
  const input = (flags & RTCF_LOCAL) !== 0 ? ip_local_deliver : ip_rt_bug_input;
  const obsolete = DST_OBSOLETE_FORCE_CHK;
  const rt = new rtable(ipv4_dst_ops, dev, obsolete, noxfrm ? DST_NOXFRM | DST_NOPOLICY : 0, input, ip_output);
  rt.rt_genid = rt_genid_ipv4(dev);
  rt.rt_flags = flags >>> 0;
  rt.rt_type = type;
  return rt;
}

/** Input of a route that was made for output alone. @notrace */
function ip_rt_bug_input(skb: sk_buff): int {
  return ip_rt_bug((skb.dev as net_device).nd_net, null, skb);
}

/** A copy of a route for another device: the loopback of a multicast's own sender. @EXPORT_SYMBOL */
export function rt_dst_clone(dev: net_device, rt: rtable): rtable {
  const copy = rt_dst_alloc(dev, rt.rt_flags, rt.rt_type, (rt.flags & DST_NOXFRM) !== 0);
  copy.rt_is_input = rt.rt_is_input;
  copy.rt_iif = rt.rt_iif;
  copy.rt_pmtu = rt.rt_pmtu;
  copy.rt_mtu_locked = rt.rt_mtu_locked;
  copy.rt_gw_family = rt.rt_gw_family;
  copy.rt_gw4 = rt.rt_gw4;
  copy.input = rt.input;
  copy.output = rt.output;
  return copy;
}

/** Keeps a route at its hop. @returns whether it was kept */
export function rt_cache_route(nhc: fib_nh_common, rt: rtable): bool {
  const input = rt.rt_is_input !== 0;
  const orig = input ? nhc.nhc_rth_input : nhc.nhc_pcpu_rth_output;
  dst_hold(rt);
  if (input) nhc.nhc_rth_input = rt;
  else nhc.nhc_pcpu_rth_output = rt;
  if (orig !== null) {
    dst_dev_put(orig);
    dst_release(orig);
  }
  return true;
}

/** A route that is kept nowhere: out of date with the next change. */
export function rt_add_uncached_list(_rt: rtable): void {}

/** Forgets the routes cached at a hop, whose device or table goes. */
export function rt_flush_dev_nh(nhc: fib_nh_common): void {
  for (const rt of [nhc.nhc_rth_input, nhc.nhc_pcpu_rth_output]) {
    if (rt === null) continue;
    rt.obsolete = DST_OBSOLETE_KILL;
    dst_dev_put(rt);
    dst_release(rt);
  }
  nhc.nhc_rth_input = null;
  nhc.nhc_pcpu_rth_output = null;
  nhc.nhc_exceptions = null;
}

/** Hands what the table says of the hop to a new route, and caches the route there. */
export function rt_set_nexthop(
  rt: rtable,
  daddr: __be32,
  res: fib_result,
  fnhe: fib_nh_exception | null,
  fi: fib_info | null,
  _type: u16,
  itag: u32,
  do_cache: bool,
): void {
  let cached = false;
  if (fi !== null) {
    const nhc = res.nhc as fib_nh_common;
    if (nhc.nhc_gw_family !== 0 && nhc.nhc_scope === RT_SCOPE_LINK) {
      rt.rt_uses_gateway = true;
      rt.rt_gw_family = nhc.nhc_gw_family;
      rt.rt_gw4 = nhc.nhc_gw4;
    }
    if (fi.fib_metrics !== null) {
      rt._metrics = fi.fib_metrics;
      rt._metrics_shared = true;
    }
    if (fnhe !== null) cached = rt_bind_exception(rt, fnhe, daddr, do_cache);
    else if (do_cache) cached = rt_cache_route(nhc, rt);
    if (!cached) {
      // A packet may go to its destination over the gateway all the same where the route is for this one alone.
      if (rt.rt_gw4 === 0) {
        rt.rt_gw_family = 2;
        rt.rt_gw4 = daddr;
      }
      rt_add_uncached_list(rt);
    }
  } else rt_add_uncached_list(rt);
  if (itag !== 0) rt.tclassid = itag;
}

/** Whether the address is no single host's. @notrace */
export function ip_addr_is_group(net: net, addr: __be32): bool {
  if (ipv4_is_multicast(addr)) return true;
  const type = inet_addr_type(net, addr);
  return type === RTN_BROADCAST || type === RTN_MULTICAST;
}
