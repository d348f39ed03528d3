// The route of a packet that we send (net/ipv4/route.c).

import { EINVAL, ENETUNREACH, ENODEV } from '../../../include/linux/errno.js';
import {
  ipv4_is_lbcast,
  ipv4_is_local_multicast,
  ipv4_is_loopback,
  ipv4_is_multicast,
  ipv4_is_zeronet,
  IPPROTO_IGMP,
} from '../../../include/linux/in.js';
import { htonl } from '../../../include/linux/byteorder.js';
import { IN_DEV_ROUTE_LOCALNET, __in_dev_get_rcu } from '../../../include/linux/inetdevice.js';
import {
  RTCF_BROADCAST,
  RTCF_LOCAL,
  RTCF_MULTICAST,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
} from '../../../include/linux/rtnetlink.js';
import { FLOWI_FLAG_ANYSRC, FLOWI_FLAG_KNOWN_NH, LOOPBACK_IFINDEX } from '../../../include/net/flow.js';
import type { flowi4 } from '../../../include/net/flow.js';
import { fib_lookup, fib_result } from '../../../include/net/ip_fib.js';
import type { fib_nh_common, fib_nh_exception } from '../../../include/net/ip_fib.js';
import { dst_hold } from '../../../include/net/dst.js';
import { IFF_LOOPBACK, IFF_UP } from '../../../include/linux/netdevice.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import type { net } from '../../../include/net/net_namespace.js';
import type { rtable } from '../../../include/net/route.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import type { sock } from '../../../include/net/sock.js';
import { dev_get_by_index_rcu } from '../../core/dev.js';
import { __ip_dev_find, inet_select_addr } from '../devinet.js';
import { fib_select_path } from '../fib_semantics.js';
import { ip_check_mc_rcu } from '../igmp.js';
import { ip_local_deliver } from '../ip_input.js';
import { ip_mc_output } from '../ip_output.js';
import { ip_del_fnhe, find_exception } from './exception.js';
import { rt_cache_valid, rt_dst_alloc, rt_set_nexthop } from './cache.js';
import type { int, u32 } from '../../../include/linux/types.js';

/** @returns a route, held, or a negative errno */
export function __mkroute_output(
  res: fib_result,
  fl4: flowi4,
  orig_oif: int,
  dev_out: net_device,
  flags: u32,
): rtable | int {
  let type = res.type;
  let fi = res.fi;
  const in_dev = __in_dev_get_rcu(dev_out);
  if (in_dev === null) return -EINVAL;
  if (!IN_DEV_ROUTE_LOCALNET(in_dev)) {
    if (ipv4_is_loopback(fl4.saddr) && (dev_out.flags & IFF_LOOPBACK) === 0) return -EINVAL;
  }
  if (ipv4_is_lbcast(fl4.daddr)) {
    type = RTN_BROADCAST;
    fi = null;
  } else if (ipv4_is_multicast(fl4.daddr)) type = RTN_MULTICAST;
  else if (ipv4_is_zeronet(fl4.daddr)) return -EINVAL;
  if ((dev_out.flags & IFF_LOOPBACK) !== 0) flags |= RTCF_LOCAL;

  let do_cache = true;
  if (type === RTN_BROADCAST) flags |= RTCF_BROADCAST | RTCF_LOCAL;
  else if (type === RTN_MULTICAST) {
    flags |= RTCF_MULTICAST | RTCF_LOCAL;
    if (!ip_check_mc_rcu(in_dev, fl4.daddr, fl4.saddr, fl4.flowi4_proto)) flags &= ~RTCF_LOCAL;
    else do_cache = false;
    // A default route without gateway is no more than "the device that was found".
    if (fi !== null && res.prefixlen < 4) fi = null;
  } else if (type === RTN_LOCAL && orig_oif !== 0 && orig_oif !== dev_out.ifindex) {
    // A local route through a device named by the caller: packets must not be looped by the cached one.
    do_cache = false;
  }

  let fnhe: fib_nh_exception | null = null;
  do_cache = do_cache && fi !== null;
  if (fi !== null) {
    const nhc = res.nhc as fib_nh_common;
    fnhe = find_exception(nhc, fl4.daddr);
    if (do_cache) {
      let cached: rtable | null;
      if (fnhe !== null) cached = fnhe.fnhe_rth_output;
      else if (
        (fl4.flowi4_flags & FLOWI_FLAG_KNOWN_NH) !== 0 &&
        !(nhc.nhc_gw_family !== 0 && nhc.nhc_scope === RT_SCOPE_LINK)
      ) {
        do_cache = false;
        cached = null;
      } else cached = nhc.nhc_pcpu_rth_output;
      if (cached !== null && rt_cache_valid(cached)) {
        dst_hold(cached);
        return cached;
      }
      if (fnhe !== null && fnhe.fnhe_expires !== 0 && dev_out.nd_net.kernel.jiffies > fnhe.fnhe_expires) {
        ip_del_fnhe(nhc, fl4.daddr);
        fnhe = null;
      }
    }
  }

  const rth = rt_dst_alloc(dev_out, flags, type, false);
  rth.rt_iif = orig_oif;
  if ((flags & RTCF_LOCAL) !== 0) rth.input = ip_local_deliver;
  if ((flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0) {
    if ((flags & RTCF_LOCAL) !== 0 && (dev_out.flags & IFF_LOOPBACK) === 0) rth.output = ip_mc_output;
  }
  rt_set_nexthop(rth, fl4.daddr, res, fnhe, fi, type, 0, do_cache);
  return rth;
}

/** The route of a packet that is sent. @returns a route, held, or a negative errno @formerly ip_route_output 2.4 */
export function ip_route_output_key_hash(net: net, fl4: flowi4, skb: sk_buff | null): rtable | int {
  const res = new fib_result();
  fl4.flowi4_iif = LOOPBACK_IFINDEX;
  fl4.flowi4_dscp &= 0xfc;
  return ip_route_output_key_hash_rcu(net, fl4, res, skb);
}

/**
 * @param fl4 in: what is known; out: with source address and device
 * @returns a route, held, or a negative errno
 */
export function ip_route_output_key_hash_rcu(
  net: net,
  fl4: flowi4,
  res: fib_result,
  skb: sk_buff | null,
): rtable | int {
  const orig_oif = fl4.flowi4_oif;
  let dev_out: net_device | null = null;
  let flags = 0;

  if (fl4.saddr !== 0) {
    if (ipv4_is_multicast(fl4.saddr) || ipv4_is_lbcast(fl4.saddr)) return -EINVAL;
    // A multicast or broadcast of a socket that is bound to an address goes out by that address's device.
    if (fl4.flowi4_oif === 0 && (ipv4_is_multicast(fl4.daddr) || ipv4_is_lbcast(fl4.daddr))) {
      dev_out = __ip_dev_find(net, fl4.saddr, false);
      if (dev_out === null) return -ENETUNREACH;
      fl4.flowi4_oif = dev_out.ifindex;
      return __mkroute_output(res, fl4, orig_oif, dev_out, flags);
    }
    if ((fl4.flowi4_flags & FLOWI_FLAG_ANYSRC) === 0 && __ip_dev_find(net, fl4.saddr, false) === null) {
      return -EINVAL;
    }
  }

  if (fl4.flowi4_oif !== 0) {
    dev_out = dev_get_by_index_rcu(net, fl4.flowi4_oif);
    if (dev_out === null) return -ENODEV;
    if ((dev_out.flags & IFF_UP) === 0 || __in_dev_get_rcu(dev_out) === null) return -ENETUNREACH;
    if (ipv4_is_local_multicast(fl4.daddr) || ipv4_is_lbcast(fl4.daddr) || fl4.flowi4_proto === IPPROTO_IGMP) {
      if (fl4.saddr === 0) fl4.saddr = inet_select_addr(dev_out, 0, RT_SCOPE_LINK);
      return __mkroute_output(res, fl4, orig_oif, dev_out, flags);
    }
    if (fl4.saddr === 0) {
      if (ipv4_is_multicast(fl4.daddr)) fl4.saddr = inet_select_addr(dev_out, 0, fl4.flowi4_scope);
      else if (fl4.daddr === 0) fl4.saddr = inet_select_addr(dev_out, 0, RT_SCOPE_HOST);
    }
  }

  if (fl4.daddr === 0) {
    fl4.daddr = fl4.saddr;
    if (fl4.daddr === 0) fl4.daddr = fl4.saddr = htonl(0x7f000001);
    dev_out = net.loopback_dev as net_device;
    fl4.flowi4_oif = LOOPBACK_IFINDEX;
    res.type = RTN_LOCAL;
    flags |= RTCF_LOCAL;
    return __mkroute_output(res, fl4, orig_oif, dev_out, flags);
  }

  const err = fib_lookup(net, fl4, res, 0);
  if (err !== 0) {
    res.fi = null;
    res.table = null;
    if (fl4.flowi4_oif !== 0 && (ipv4_is_multicast(fl4.daddr) || fl4.flowi4_l3mdev === 0)) {
      // The caller named a device and no route leads there: the destination is taken to be on its link.
      if (fl4.saddr === 0) fl4.saddr = inet_select_addr(dev_out as net_device, 0, RT_SCOPE_LINK);
      res.type = RTN_UNICAST;
      return __mkroute_output(res, fl4, orig_oif, dev_out as net_device, flags);
    }
    return err;
  }

  if (res.type === RTN_LOCAL) {
    if (fl4.saddr === 0) {
      const prefsrc = res.fi?.fib_prefsrc ?? 0;
      fl4.saddr = prefsrc !== 0 ? prefsrc : fl4.daddr;
    }
    // What is for ourselves goes over the loopback, whatever device has the address.
    dev_out = net.loopback_dev as net_device;
    fl4.flowi4_oif = dev_out.ifindex;
    return __mkroute_output(res, fl4, orig_oif, dev_out, flags | RTCF_LOCAL);
  }

  fib_select_path(net, res, fl4, skb);
  dev_out = (res.nhc as fib_nh_common).nhc_dev;
  if (dev_out === null) return -ENETUNREACH;
  fl4.flowi4_oif = dev_out.ifindex;
  return __mkroute_output(res, fl4, orig_oif, dev_out, flags);
}

/**
 * The route of a flow that a socket sends.
 * @param flp4 in: the flow; out: with the source address that was chosen
 * @returns a route, held, or a negative errno
 * @EXPORT_SYMBOL
 */
export function ip_route_output_flow(net: net, flp4: flowi4, _sk: sock | null): rtable | int {
  return ip_route_output_key_hash(net, flp4, null);
}
