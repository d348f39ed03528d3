// The check of an incoming packet's source address (net/ipv4/fib_frontend.c; RFC 3704).

import { ipv4_is_multicast, ipv4_is_zeronet } from '../../../include/linux/in.js';
import {
  IN_DEV_ACCEPT_LOCAL,
  IN_DEV_RPFILTER,
  IN_DEV_SRC_VMARK,
  IN_DEV_TX_REDIRECTS,
  __in_dev_get_rcu,
  __in_dev_get_rtnl,
} from '../../../include/linux/inetdevice.js';
import type { in_device } from '../../../include/linux/inetdevice.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import {
  RTCF_BROADCAST,
  RTCF_LOCAL,
  RTCF_MULTICAST,
  RTN_LOCAL,
  RTN_UNICAST,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
} from '../../../include/linux/rtnetlink.js';
import { FIB_LOOKUP_IGNORE_LINKSTATE, fib_lookup, fib_result } from '../../../include/net/ip_fib.js';
import type { fib_info, fib_nh_common } from '../../../include/net/ip_fib.js';
import { flowi4 } from '../../../include/net/flow.js';
import { skb_rtable } from '../../../include/net/route.js';
import { inet_dsfield_to_dscp } from '../../../include/net/inet_ecn.js';
import {
  SKB_DROP_REASON_IP_INVALID_SOURCE,
  SKB_DROP_REASON_IP_LOCAL_SOURCE,
  SKB_DROP_REASON_IP_RPFILTER,
} from '../../../include/net/dropreason.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { __dev_get_by_name } from '../../core/dev.js';
import { inet_lookup_ifaddr_rcu, inet_select_addr } from '../devinet.js';
import { fib_result_prefsrc } from '../fib_semantics.js';
import type { __be32, bool, int, u8 } from '../../../include/linux/types.js';

/** The address of ours that a packet was meant for; of a broadcast, the one that would answer. @returns network order */
export function fib_compute_spec_dst(skb: sk_buff): __be32 {
  const rt = skb_rtable(skb);
  const dev = skb.dev as net_device;
  const iph = ip_hdr(skb);
  const kind = rt === null ? 0 : rt.rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST | RTCF_LOCAL);
  if (kind === (RTCF_LOCAL | 0)) return iph.daddr;
  if (__in_dev_get_rcu(dev) === null) return 0;
  const net = dev.nd_net;
  let scope = RT_SCOPE_UNIVERSE;
  if (!ipv4_is_zeronet(iph.saddr)) {
    const fl4 = new flowi4();
    fl4.daddr = iph.saddr;
    fl4.flowi4_dscp = inet_dsfield_to_dscp(iph.tos);
    fl4.flowi4_mark = skb.mark;
    const res = new fib_result();
    if (fib_lookup(net, fl4, res, 0) === 0) return fib_result_prefsrc(net, res);
  } else scope = RT_SCOPE_LINK;
  return inet_select_addr(dev, iph.saddr, scope);
}

/** Whether one of the route's hops is over the device. */
export function fib_info_nh_uses_dev(fi: fib_info, dev: net_device): bool {
  return fi.fib_nh.some((nh) => nh.nhc_dev === dev);
}

/**
 * Would an answer to the source go out where the packet came in? (RFC 3704)
 * @param rpf 0 off, 1 strict, 2 loose
 * @returns 0: directly connected source or not; RTCF bits in `itag`; below 0: minus a drop reason
 */
export function __fib_validate_source(
  skb: sk_buff,
  src: __be32,
  dst: __be32,
  dscp: u8,
  oif: int,
  dev: net_device,
  rpf: int,
  idev: in_device,
): int {
  const net = dev.nd_net;
  const fl4 = new flowi4();
  fl4.flowi4_oif = 0;
  fl4.flowi4_iif = oif !== 0 ? oif : 1;
  fl4.daddr = src;
  fl4.saddr = dst;
  fl4.flowi4_dscp = dscp;
  fl4.flowi4_mark = IN_DEV_SRC_VMARK(idev) ? skb.mark : 0;
  const no_addr = idev.ifa_list === null;
  const res = new fib_result();
  if (fib_lookup(net, fl4, res, FIB_LOOKUP_IGNORE_LINKSTATE) !== 0) return last_resort(rpf);
  if (res.type !== RTN_UNICAST) {
    if (res.type !== RTN_LOCAL) return -SKB_DROP_REASON_IP_INVALID_SOURCE;
    if (!IN_DEV_ACCEPT_LOCAL(idev)) return -SKB_DROP_REASON_IP_LOCAL_SOURCE;
  }
  const fi = res.fi as fib_info;
  const dev_match = fib_info_nh_uses_dev(fi, dev) || res.type === RTN_LOCAL;
  if (dev_match) return (res.nhc as fib_nh_common).nhc_scope >= RT_SCOPE_HOST ? 1 : 0;
  if (no_addr) return last_resort(rpf);
  if (rpf === 1) return -SKB_DROP_REASON_IP_RPFILTER;
  fl4.flowi4_oif = dev.ifindex;
  if (fib_lookup(net, fl4, res, FIB_LOOKUP_IGNORE_LINKSTATE) === 0 && res.type === RTN_UNICAST) {
    return (res.nhc as fib_nh_common).nhc_scope >= RT_SCOPE_HOST ? 1 : 0;
  }
  return 0;
}

/** @notrace */
function last_resort(rpf: int): int {
  return rpf !== 0 ? -SKB_DROP_REASON_IP_RPFILTER : 0;
}

/**
 * @returns 1 if the source is on the link of the device, 0 if elsewhere but good, below 0: minus a drop reason
 */
export function fib_validate_source(
  skb: sk_buff,
  src: __be32,
  dst: __be32,
  dscp: u8,
  oif: int,
  dev: net_device,
  idev: in_device,
): int {
  const net = dev.nd_net;
  const r = IN_DEV_RPFILTER(idev);
  if (
    r === 0 &&
    !net.ipv4.fib_has_custom_rules &&
    (dev.ifindex !== oif || !IN_DEV_TX_REDIRECTS(idev)) &&
    !net.ipv4.fib_has_custom_local_routes &&
    !ipv4_is_multicast(dst)
  ) {
    if (IN_DEV_ACCEPT_LOCAL(idev)) return 0;
    // One look at our own addresses is enough where no reverse path is asked for.
    if (inet_lookup_ifaddr_rcu(net, src) !== null) return -SKB_DROP_REASON_IP_LOCAL_SOURCE;
    return 0;
  }
  return __fib_validate_source(skb, src, dst, dscp, oif, dev, r, idev);
}
