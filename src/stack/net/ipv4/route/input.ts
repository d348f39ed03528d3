// The route of a packet that came in (net/ipv4/route.c; RFC 1812 5.3.7 for martians).

import { EHOSTUNREACH } from '../../../include/linux/errno.js';
import { htons } from '../../../include/linux/byteorder.js';
import { in_ntoa } from '../../../include/linux/in_addr.js';
import {
  ipv4_is_lbcast,
  ipv4_is_local_multicast,
  ipv4_is_loopback,
  ipv4_is_multicast,
  ipv4_is_zeronet,
} from '../../../include/linux/in.js';
import {
  IN_DEV_BFORWARD,
  IN_DEV_FORWARD,
  IN_DEV_LOG_MARTIANS,
  IN_DEV_NET_ROUTE_LOCALNET,
  IN_DEV_PROXY_ARP_PVLAN,
  IN_DEV_SHARED_MEDIA,
  IN_DEV_TX_REDIRECTS,
  __in_dev_get_rcu,
} from '../../../include/linux/inetdevice.js';
import type { in_device } from '../../../include/linux/inetdevice.js';
import {
  RTCF_BROADCAST,
  RTCF_LOCAL,
  RTCF_MULTICAST,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
  RTN_UNREACHABLE,
} from '../../../include/linux/rtnetlink.js';
import {
  SKB_DROP_REASON_IP_INVALID_DEST,
  SKB_DROP_REASON_IP_INVALID_SOURCE,
  SKB_DROP_REASON_IP_LOCALNET,
  SKB_DROP_REASON_INVALID_PROTO,
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_NOT_DROPPED_YET,
} from '../../../include/net/dropreason.js';
import { fib_lookup, fib_result } from '../../../include/net/ip_fib.js';
import type { fib_nh_common } from '../../../include/net/ip_fib.js';
import { flowi4 } from '../../../include/net/flow.js';
import { IPCB, IPSKB_DOREDIRECT } from '../../../include/net/ip.js';
import type { net } from '../../../include/net/net_namespace.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import { ETH_P_IP } from '../../../include/linux/if_ether.js';
import { skb_dst_drop } from '../../../include/net/dst.js';
import { skb_dst_set, skb_dst_set_noref } from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { pr_warn } from '../../../kernel/printk.js';
import { inet_addr_onlink } from '../devinet.js';
import { fib_validate_source } from '../fib_frontend.js';
import { fib_select_multipath } from '../fib_semantics.js';
import { ip_check_mc_rcu } from '../igmp.js';
import { ip_forward } from '../ip_forward.js';
import { find_exception } from './exception.js';
import { fib_multipath_hash } from './multipath.js';
import { rt_cache_route, rt_cache_valid, rt_dst_alloc, rt_set_nexthop, rt_add_uncached_list } from './cache.js';
import { ip_error, ip_rt_bug } from './pmtu.js';
import type { rtable } from '../../../include/net/route.js';
import type { __be32, bool, int, u8 } from '../../../include/linux/types.js';

/** Device of a result; the loopback where there is no hop. @notrace */
function ip_rt_get_dev(net: net, res: fib_result): net_device {
  const nhc = res.fi !== null ? (res.nhc as fib_nh_common) : null;
  return nhc !== null && nhc.nhc_dev !== null ? nhc.nhc_dev : (net.loopback_dev as net_device);
}

/** Notes a packet with an address that cannot be. */
export function ip_handle_martian_source(
  dev: net_device,
  in_dev: in_device,
  _skb: sk_buff,
  daddr: __be32,
  saddr: __be32,
): void {
  if (!IN_DEV_LOG_MARTIANS(in_dev)) return;
  pr_warn(dev.nd_net.kernel, `IPv4: martian source ${in_ntoa(daddr)} from ${in_ntoa(saddr)}, on dev ${dev.name}`);
}

/** A multicast packet for a group that was joined. @returns a drop reason */
export function ip_route_input_mc(
  skb: sk_buff,
  daddr: __be32,
  saddr: __be32,
  dscp: u8,
  dev: net_device,
  our: bool,
): int {
  const in_dev = __in_dev_get_rcu(dev);
  const reason = ip_mc_validate_source(skb, daddr, saddr, dscp, dev, in_dev);
  if (reason !== SKB_NOT_DROPPED_YET) return reason;
  let flags = RTCF_MULTICAST;
  if (our) flags = (flags | RTCF_LOCAL) >>> 0;
  const rth = rt_dst_alloc(dev.nd_net.loopback_dev as net_device, flags, RTN_MULTICAST, false);
  rth.output = ip_rt_bug;
  rth.rt_is_input = 1;
  skb_dst_drop(skb);
  skb_dst_set(skb, rth);
  return SKB_NOT_DROPPED_YET;
}

/** @returns a drop reason */
export function ip_mc_validate_source(
  skb: sk_buff,
  daddr: __be32,
  saddr: __be32,
  dscp: u8,
  dev: net_device,
  in_dev: in_device | null,
): int {
  if (in_dev === null) return SKB_DROP_REASON_NOT_SPECIFIED;
  if (ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr)) return SKB_DROP_REASON_IP_INVALID_SOURCE;
  if (skb.protocol !== htons(ETH_P_IP)) return SKB_DROP_REASON_INVALID_PROTO;
  if (ipv4_is_loopback(saddr) && !IN_DEV_NET_ROUTE_LOCALNET(in_dev, dev.nd_net)) return SKB_DROP_REASON_IP_LOCALNET;
  if (ipv4_is_zeronet(saddr)) {
    if (!ipv4_is_local_multicast(daddr) && ip_hdr(skb).protocol !== 2) return SKB_DROP_REASON_IP_INVALID_SOURCE;
    return SKB_NOT_DROPPED_YET;
  }
  const err = fib_validate_source(skb, saddr, 0, dscp, 0, dev, in_dev);
  return err < 0 ? -err : SKB_NOT_DROPPED_YET;
}

/** A route onwards. @returns a drop reason */
export function __mkroute_input(
  skb: sk_buff,
  res: fib_result,
  in_dev: in_device,
  daddr: __be32,
  saddr: __be32,
  dscp: u8,
): int {
  const nhc = res.nhc as fib_nh_common;
  const dev = nhc.nhc_dev as net_device;
  const out_dev = __in_dev_get_rcu(dev);
  if (out_dev === null) return SKB_DROP_REASON_NOT_SPECIFIED;

  const err = fib_validate_source(skb, saddr, daddr, dscp, nhc.nhc_oif, in_dev.dev, in_dev);
  if (err < 0) {
    ip_handle_martian_source(in_dev.dev, in_dev, skb, daddr, saddr);
    return -err;
  }
  const do_cache = res.fi !== null;
  if (out_dev === in_dev && err !== 0 && IN_DEV_TX_REDIRECTS(out_dev)) {
    const gw = nhc.nhc_gw_family === 2 ? nhc.nhc_gw4 : 0;
    if (IN_DEV_SHARED_MEDIA(out_dev) || inet_addr_onlink(out_dev, saddr, gw)) IPCB(skb).flags |= IPSKB_DOREDIRECT;
  }
  if (skb.protocol !== htons(ETH_P_IP)) {
    // An ARP request: whoever is on the same link answers for itself.
    if (out_dev === in_dev && !IN_DEV_PROXY_ARP_PVLAN(in_dev)) return SKB_DROP_REASON_INVALID_PROTO;
  }
  const fnhe = find_exception(nhc, daddr);
  if (do_cache) {
    const cached = fnhe !== null ? fnhe.fnhe_rth_input : nhc.nhc_rth_input;
    if (rt_cache_valid(cached)) {
      skb_dst_set_noref(skb, cached as rtable);
      return SKB_NOT_DROPPED_YET;
    }
  }
  const rth = rt_dst_alloc(dev, 0, res.type, false);
  rth.rt_is_input = 1;
  rth.input = ip_forward;
  rt_set_nexthop(rth, daddr, res, fnhe, res.fi, res.type, 0, do_cache);
  skb_dst_set(skb, rth);
  return SKB_NOT_DROPPED_YET;
}

export function ip_mkroute_input(
  skb: sk_buff,
  res: fib_result,
  in_dev: in_device,
  daddr: __be32,
  saddr: __be32,
  dscp: u8,
  fl4: flowi4,
): int {
  if (res.fi !== null && res.fi.fib_nhs > 1) {
    fib_select_multipath(res, fib_multipath_hash(in_dev.dev.nd_net, fl4, skb));
  }
  return __mkroute_input(skb, res, in_dev, daddr, saddr, dscp);
}

/** The packet is for us, or cannot be delivered. @returns a drop reason @notrace */
function local_input(skb: sk_buff, net: net, res: fib_result, flags: number, error: int): int {
  const do_cache = res.fi !== null;
  if (do_cache) {
    const cached = (res.nhc as fib_nh_common).nhc_rth_input;
    if (rt_cache_valid(cached)) {
      skb_dst_set_noref(skb, cached as rtable);
      return SKB_NOT_DROPPED_YET;
    }
  }
  const rth = rt_dst_alloc(ip_rt_get_dev(net, res), flags | RTCF_LOCAL, res.type, false);
  rth.output = ip_rt_bug;
  rth.rt_is_input = 1;
  if (res.type === RTN_UNREACHABLE) {
    rth.input = ip_error;
    rth.error = error;
    rth.rt_flags = (rth.rt_flags & ~RTCF_LOCAL) >>> 0;
  }
  if (do_cache) rt_cache_route(res.nhc as fib_nh_common, rth);
  else rt_add_uncached_list(rth);
  skb_dst_set(skb, rth);
  return SKB_NOT_DROPPED_YET;
}

/**
 * The route of an incoming packet, from the tables.
 * @returns a drop reason; 0 with the route set on the skb
 */
export function ip_route_input_slow(
  skb: sk_buff,
  daddr: __be32,
  saddr: __be32,
  dscp: u8,
  dev: net_device,
  res: fib_result,
): int {
  const in_dev = __in_dev_get_rcu(dev);
  const net = dev.nd_net;
  if (in_dev === null) return SKB_DROP_REASON_NOT_SPECIFIED;

  // Addresses that cannot be a sender's.
  if (ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr)) return martian_source(in_dev, skb, daddr, saddr);
  res.fi = null;
  res.table = null;
  if (ipv4_is_lbcast(daddr) || (saddr === 0 && daddr === 0)) {
    return brd_input(skb, net, res, in_dev, daddr, saddr, dscp);
  }
  if (ipv4_is_zeronet(saddr)) return martian_source(in_dev, skb, daddr, saddr);
  if (ipv4_is_zeronet(daddr)) return martian_destination(in_dev, skb, daddr, saddr, SKB_DROP_REASON_IP_INVALID_DEST);
  if (ipv4_is_loopback(daddr)) {
    if (!IN_DEV_NET_ROUTE_LOCALNET(in_dev, net)) {
      return martian_destination(in_dev, skb, daddr, saddr, SKB_DROP_REASON_IP_LOCALNET);
    }
  } else if (ipv4_is_loopback(saddr) && !IN_DEV_NET_ROUTE_LOCALNET(in_dev, net)) {
    ip_handle_martian_source(dev, in_dev, skb, daddr, saddr);
    return SKB_DROP_REASON_IP_LOCALNET;
  }

  const fl4 = new flowi4();
  fl4.flowi4_iif = dev.ifindex;
  fl4.flowi4_mark = skb.mark;
  fl4.flowi4_dscp = dscp;
  fl4.daddr = daddr;
  fl4.saddr = saddr;
  let err = fib_lookup(net, fl4, res, 0);
  if (err !== 0) {
    if (IN_DEV_FORWARD(in_dev) === 0) err = -EHOSTUNREACH;
    return no_route(skb, net, res, err);
  }
  if (res.type === RTN_BROADCAST) {
    if (IN_DEV_BFORWARD(in_dev)) return ip_mkroute_input(skb, res, in_dev, daddr, saddr, dscp, fl4);
    return brd_input(skb, net, res, in_dev, daddr, saddr, dscp);
  }
  if (res.type === RTN_LOCAL) {
    err = fib_validate_source(skb, saddr, daddr, dscp, 0, dev, in_dev);
    if (err < 0) {
      ip_handle_martian_source(dev, in_dev, skb, daddr, saddr);
      return -err;
    }
    return local_input(skb, net, res, 0, 0);
  }
  if (IN_DEV_FORWARD(in_dev) === 0) return no_route(skb, net, res, -EHOSTUNREACH);
  if (res.type !== RTN_UNICAST) {
    return martian_destination(in_dev, skb, daddr, saddr, SKB_DROP_REASON_IP_INVALID_DEST);
  }
  return ip_mkroute_input(skb, res, in_dev, daddr, saddr, dscp, fl4);
}

/** @notrace */
function martian_source(in_dev: in_device, skb: sk_buff, daddr: __be32, saddr: __be32): int {
  ip_handle_martian_source(in_dev.dev, in_dev, skb, daddr, saddr);
  return SKB_DROP_REASON_IP_INVALID_SOURCE;
}

/** @notrace */
function martian_destination(in_dev: in_device, _skb: sk_buff, daddr: __be32, saddr: __be32, reason: int): int {
  const dev = in_dev.dev;
  if (IN_DEV_LOG_MARTIANS(in_dev)) {
    const text = `IPv4: martian destination ${in_ntoa(daddr)} from ${in_ntoa(saddr)}, dev ${dev.name}`;
    pr_warn(dev.nd_net.kernel, text);
  }
  return reason;
}

/** @notrace */
function no_route(skb: sk_buff, net: net, res: fib_result, err: int): int {
  res.type = RTN_UNREACHABLE;
  res.fi = null;
  res.table = null;
  return local_input(skb, net, res, 0, -err);
}

/** A broadcast that we take. @notrace */
function brd_input(
  skb: sk_buff,
  net: net,
  res: fib_result,
  in_dev: in_device,
  daddr: __be32,
  saddr: __be32,
  dscp: u8,
): int {
  if (skb.protocol !== htons(ETH_P_IP)) return SKB_DROP_REASON_INVALID_PROTO;
  if (!ipv4_is_zeronet(saddr)) {
    const err = fib_validate_source(skb, saddr, 0, dscp, 0, in_dev.dev, in_dev);
    if (err < 0) {
      ip_handle_martian_source(in_dev.dev, in_dev, skb, daddr, saddr);
      return -err;
    }
  }
  res.type = RTN_BROADCAST;
  return local_input(skb, net, res, RTCF_BROADCAST, 0);
}

/** @returns a drop reason */
export function ip_route_input_rcu(
  skb: sk_buff,
  daddr: __be32,
  saddr: __be32,
  dscp: u8,
  dev: net_device,
  res: fib_result,
): int {
  if (!ipv4_is_multicast(daddr)) return ip_route_input_slow(skb, daddr, saddr, dscp, dev, res);
  const in_dev = __in_dev_get_rcu(dev);
  if (in_dev === null) return SKB_DROP_REASON_NOT_SPECIFIED;
  const our = ip_check_mc_rcu(in_dev, daddr, saddr, ip_hdr(skb).protocol);
  return our ? ip_route_input_mc(skb, daddr, saddr, dscp, dev, our) : SKB_DROP_REASON_NOT_SPECIFIED;
}

/**
 * Finds where an incoming packet goes, and sets it as the skb's destination, without reference where it is cached.
 * @param daddr, saddr network order
 * @param dscp the DSCP bits of the TOS byte
 * @returns SKB_NOT_DROPPED_YET, or why the packet is to be dropped
 * @formerly ip_route_input 2.4-3.5
 * @EXPORT_SYMBOL
 */
export function ip_route_input_noref(skb: sk_buff, daddr: __be32, saddr: __be32, dscp: u8, dev: net_device): int {
  return ip_route_input_rcu(skb, daddr, saddr, dscp & 0xfc, dev, new fib_result());
}
