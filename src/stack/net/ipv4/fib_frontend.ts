// Routes as programs and devices ask for them, and the check of source addresses (net/ipv4/fib_frontend.c).
// rtnetlink messages are left out: inet_rtm_newroute() and inet_rtm_delroute() take the parsed request.

import { EINVAL, ENODEV, ESRCH } from '../../include/linux/errno.js';
import { ipv4_is_lbcast, ipv4_is_multicast, ipv4_is_zeronet } from '../../include/linux/in.js';
import {
  IFA_F_NOPREFIXROUTE,
  IFA_F_SECONDARY,
  IN_DEV_ACCEPT_LOCAL,
  IN_DEV_RPFILTER,
  IN_DEV_SRC_VMARK,
  IN_DEV_TX_REDIRECTS,
  __in_dev_get_rcu,
  __in_dev_get_rtnl,
  bad_mask,
  inet_ifa_match,
  inet_mask_len,
} from '../../include/linux/inetdevice.js';
import type { in_device, in_ifaddr } from '../../include/linux/inetdevice.js';
import {
  IFF_LOOPBACK,
  IFF_UP,
  NETDEV_CHANGE,
  NETDEV_DOWN,
  NETDEV_UNREGISTER,
  NETDEV_UP,
} from '../../include/linux/netdevice.js';
import type { net_device } from '../../include/linux/netdevice.js';
import {
  NLM_F_APPEND,
  NLM_F_CREATE,
  RTF_GATEWAY,
  RTF_HOST,
  RTF_MTU,
  RTF_REJECT,
  RTF_WINDOW,
  RTAX_ADVMSS,
  RTAX_MAX,
  RTAX_WINDOW,
  RTCF_BROADCAST,
  RTCF_LOCAL,
  RTCF_MULTICAST,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTPROT_BOOT,
  RTPROT_KERNEL,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_DEFAULT,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RT_TABLE_UNSPEC,
} from '../../include/linux/rtnetlink.js';
import {
  FIB_LOOKUP_IGNORE_LINKSTATE,
  FIB_LOOKUP_NOREF,
  fib_config,
  fib_lookup,
  fib_result,
} from '../../include/net/ip_fib.js';
import type { fib_info, fib_nh_common, fib_table } from '../../include/net/ip_fib.js';
import { flowi4 } from '../../include/net/flow.js';
import { skb_rtable } from '../../include/net/route.js';
import { inet_dsfield_to_dscp } from '../../include/net/inet_ecn.js';
import {
  SKB_DROP_REASON_IP_INVALID_SOURCE,
  SKB_DROP_REASON_IP_LOCAL_SOURCE,
  SKB_DROP_REASON_IP_RPFILTER,
} from '../../include/net/dropreason.js';
import type { net } from '../../include/net/net_namespace.js';
import { ip_hdr } from '../../include/linux/ip.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import { __dev_get_by_name, dev_get_flags } from '../core/dev.js';
import { arp_ifdown } from './arp.js';
import { inet_lookup_ifaddr_rcu, inet_select_addr } from './devinet.js';
import { fib_result_prefsrc, fib_sync_down_addr, fib_sync_down_dev, fib_sync_up } from './fib_semantics.js';
import { fib4_rules_init } from './fib_rules.js';
import {
  fib_table_delete,
  fib_table_flush,
  fib_table_insert,
  fib_table_lookup,
  fib_trie_table,
  fib_trie_unmerge,
} from './fib_trie.js';
import { rt_cache_flush } from './route.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { __be32, bool, int, u32, u8 } from '../../include/linux/types.js';

export function fib_new_table(net: net, id: u32): fib_table {
  if (id === 0) id = RT_TABLE_MAIN;
  const old = fib_get_table(net, id);
  if (old !== null) return old;
  // Without rules a look-up in main finds local routes too: both tables stand in one trie.
  const alias = id === RT_TABLE_LOCAL && !net.ipv4.fib_has_custom_rules ? fib_new_table(net, RT_TABLE_MAIN) : null;
  const tb = fib_trie_table(id, alias);
  if (id === RT_TABLE_MAIN) net.ipv4.fib_main = tb;
  else if (id === RT_TABLE_DEFAULT) net.ipv4.fib_default = tb;
  net.ipv4.fib_table_hash.set(id, tb);
  return tb;
}

/** @EXPORT_SYMBOL */
export function fib_get_table(net: net, id: u32): fib_table | null {
  return net.ipv4.fib_table_hash.get(id === 0 ? RT_TABLE_MAIN : id) ?? null;
}

/** Parts the local table from main, before the first rule. */
export function fib_unmerge(net: net): int {
  const local = fib_get_table(net, RT_TABLE_LOCAL);
  const main = fib_get_table(net, RT_TABLE_MAIN);
  if (local === null || main === null) return 0;
  net.ipv4.fib_table_hash.set(RT_TABLE_LOCAL, fib_trie_unmerge(local, main));
  return 0;
}

export function fib_flush(net: net): void {
  let flushed = 0;
  for (const tb of net.ipv4.fib_table_hash.values()) flushed += fib_table_flush(net, tb, false);
  if (flushed > 0) rt_cache_flush(net);
}

/** Type (RTN_*) of an address: local, broadcast, multicast, or unicast for all that is elsewhere. */
export function __inet_dev_addr_type(net: net, dev: net_device | null, addr: __be32, tb_id: u32): int {
  if (ipv4_is_zeronet(addr) || ipv4_is_lbcast(addr)) return RTN_BROADCAST;
  if (ipv4_is_multicast(addr)) return RTN_MULTICAST;
  const table = fib_get_table(net, tb_id);
  if (table === null) return RTN_UNICAST;
  const fl4 = new flowi4();
  fl4.daddr = addr;
  const res = new fib_result();
  if (fib_table_lookup(table, fl4, res, FIB_LOOKUP_NOREF) !== 0) return RTN_UNICAST;
  // The shared trie gives main's routes too, of which none says that an address is ours.
  if (dev === null || (res.nhc as fib_nh_common).nhc_dev === dev) return res.type;
  return RTN_UNICAST;
}

/** @EXPORT_SYMBOL */
export function inet_addr_type_table(net: net, addr: __be32, tb_id: u32): int {
  return __inet_dev_addr_type(net, null, addr, tb_id);
}
/** @EXPORT_SYMBOL */
export function inet_addr_type(net: net, addr: __be32): int {
  return __inet_dev_addr_type(net, null, addr, RT_TABLE_LOCAL);
}
/** @EXPORT_SYMBOL */
export function inet_dev_addr_type(net: net, dev: net_device, addr: __be32): int {
  return __inet_dev_addr_type(net, dev, addr, RT_TABLE_LOCAL);
}
/** @EXPORT_SYMBOL */
export function inet_addr_type_dev_table(net: net, _dev: net_device | null, addr: __be32): int {
  return __inet_dev_addr_type(net, null, addr, RT_TABLE_LOCAL);
}

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

/** `struct rtentry` of the ioctls SIOCADDRT and SIOCDELRT; addresses in network order, 0 for none. */
export interface rtentry {
  rt_dst: __be32;
  rt_gateway: __be32;
  rt_genmask: __be32;
  /** RTF_* */
  rt_flags: u32;
  rt_metric: int;
  rt_dev: string;
  rt_mtu: u32;
  rt_window: u32;
}

export const SIOCADDRT = 0x890b;
export const SIOCDELRT = 0x890c;

function rtentry_to_fib_config(net: net, cmd: int, rt: rtentry, cfg: fib_config): int {
  cfg.fc_nlinfo.nl_net = net;
  let plen = 32;
  if ((rt.rt_flags & RTF_HOST) === 0) {
    if (bad_mask(rt.rt_genmask, rt.rt_dst)) return -EINVAL;
    plen = inet_mask_len(rt.rt_genmask);
  }
  cfg.fc_dst_len = plen;
  cfg.fc_dst = rt.rt_dst;
  if (cmd !== SIOCDELRT) {
    cfg.fc_nlflags = NLM_F_CREATE;
    cfg.fc_protocol = RTPROT_BOOT;
  }
  if (rt.rt_metric > 0) cfg.fc_priority = rt.rt_metric - 1;
  if ((rt.rt_flags & RTF_REJECT) !== 0) {
    cfg.fc_scope = RT_SCOPE_HOST;
    cfg.fc_type = RTN_UNREACHABLE;
    return 0;
  }
  cfg.fc_scope = RT_SCOPE_NOWHERE;
  cfg.fc_type = RTN_UNICAST;
  if (rt.rt_dev !== '') {
    const dev = __dev_get_by_name(net, rt.rt_dev);
    if (dev === null) return -ENODEV;
    cfg.fc_oif = dev.ifindex;
  }
  if (rt.rt_gateway !== 0) {
    cfg.fc_gw_family = 2;
    cfg.fc_gw4 = rt.rt_gateway;
    const addr_type = inet_addr_type_table(net, rt.rt_gateway, RT_TABLE_LOCAL);
    if ((rt.rt_flags & RTF_GATEWAY) !== 0 && addr_type === RTN_UNICAST) cfg.fc_scope = RT_SCOPE_UNIVERSE;
  }
  if (cmd === SIOCDELRT) return 0;
  if ((rt.rt_flags & RTF_GATEWAY) !== 0 && cfg.fc_gw_family === 0) return -EINVAL;
  if (cfg.fc_scope === RT_SCOPE_NOWHERE) cfg.fc_scope = RT_SCOPE_LINK;
  if ((rt.rt_flags & (RTF_MTU | RTF_WINDOW)) !== 0) {
    cfg.fc_mx = new Array<u32>(RTAX_MAX).fill(0);
    if ((rt.rt_flags & RTF_MTU) !== 0) cfg.fc_mx[RTAX_ADVMSS - 1] = rt.rt_mtu - 40;
    if ((rt.rt_flags & RTF_WINDOW) !== 0) cfg.fc_mx[RTAX_WINDOW - 1] = rt.rt_window;
  }
  return 0;
}

/** SIOCADDRT, SIOCDELRT. @returns 0 or a negative errno */
export function ip_rt_ioctl(net: net, cmd: u32, rt: rtentry): int {
  const cfg = new fib_config();
  const err = rtentry_to_fib_config(net, cmd, rt, cfg);
  if (err !== 0) return err;
  if (cmd === SIOCDELRT) {
    const tb = fib_get_table(net, cfg.fc_table);
    return tb === null ? -ESRCH : fib_table_delete(net, tb, cfg);
  }
  return fib_table_insert(net, fib_new_table(net, cfg.fc_table), cfg);
}

/** `ip route add` and its kind: fc_nlflags tells which. @returns 0 or a negative errno */
export function inet_rtm_newroute(net: net, cfg: fib_config): int {
  cfg.fc_nlinfo.nl_net = net;
  if (cfg.fc_table === RT_TABLE_UNSPEC) cfg.fc_table = RT_TABLE_MAIN;
  const err = fib_table_insert(net, fib_new_table(net, cfg.fc_table), cfg);
  if (err === 0 && cfg.fc_type === RTN_LOCAL) net.ipv4.fib_has_custom_local_routes = true;
  return err;
}

/** `ip route del`. @returns 0 or a negative errno */
export function inet_rtm_delroute(net: net, cfg: fib_config): int {
  cfg.fc_nlinfo.nl_net = net;
  const tb = fib_get_table(net, cfg.fc_table);
  return tb === null ? -ESRCH : fib_table_delete(net, tb, cfg);
}

/** The routes that follow from an address: to the address itself, its subnet, its broadcasts. */
function fib_magic(cmd: 'add' | 'del', type: int, dst: __be32, dst_len: int, ifa: in_ifaddr, rt_priority: u32): void {
  const dev = ifa.ifa_dev.dev;
  const net = dev.nd_net;
  const cfg = new fib_config();
  cfg.fc_protocol = RTPROT_KERNEL;
  cfg.fc_type = type;
  cfg.fc_dst = dst;
  cfg.fc_dst_len = dst_len;
  cfg.fc_priority = rt_priority;
  cfg.fc_prefsrc = ifa.ifa_local;
  cfg.fc_oif = dev.ifindex;
  cfg.fc_nlflags = NLM_F_CREATE | NLM_F_APPEND;
  cfg.fc_nlinfo.nl_net = net;
  cfg.fc_table = type === RTN_UNICAST ? RT_TABLE_MAIN : RT_TABLE_LOCAL;
  cfg.fc_scope = type !== RTN_LOCAL ? RT_SCOPE_LINK : RT_SCOPE_HOST;
  const tb = fib_new_table(net, cfg.fc_table);
  if (cmd === 'add') fib_table_insert(net, tb, cfg);
  else fib_table_delete(net, tb, cfg);
}

/** The primary address whose subnet the secondary is in. @notrace */
function primary_of(ifa: in_ifaddr): in_ifaddr {
  if ((ifa.ifa_flags & IFA_F_SECONDARY) === 0) return ifa;
  for (let at = ifa.ifa_dev.ifa_list; at !== null; at = at.ifa_next) {
    const primary = (at.ifa_flags & IFA_F_SECONDARY) === 0;
    if (primary && at.ifa_mask === ifa.ifa_mask && inet_ifa_match(ifa.ifa_address, at)) return at;
  }
  return ifa;
}

export function fib_add_ifaddr(ifa: in_ifaddr): void {
  const dev = ifa.ifa_dev.dev;
  const mask = ifa.ifa_mask;
  const addr = ifa.ifa_local;
  const prefix = (ifa.ifa_address & mask) >>> 0;
  const prim = primary_of(ifa);
  fib_magic('add', RTN_LOCAL, addr, 32, prim, 0);
  if ((dev.flags & IFF_UP) === 0) return;
  if (ifa.ifa_broadcast !== 0 && ifa.ifa_broadcast !== 0xffffffff) {
    fib_magic('add', RTN_BROADCAST, ifa.ifa_broadcast, 32, prim, 0);
  }
  const secondary = (ifa.ifa_flags & IFA_F_SECONDARY) !== 0;
  if (prefix !== 0 && !secondary && (prefix !== addr || ifa.ifa_prefixlen < 32)) {
    if ((ifa.ifa_flags & IFA_F_NOPREFIXROUTE) === 0) {
      const type = (dev.flags & IFF_LOOPBACK) !== 0 ? RTN_LOCAL : RTN_UNICAST;
      fib_magic('add', type, prefix, ifa.ifa_prefixlen, prim, ifa.ifa_rt_priority);
    }
    if (ifa.ifa_prefixlen < 31) fib_magic('add', RTN_BROADCAST, (prefix | ~mask) >>> 0, 32, prim, 0);
  }
}

/**
 * Takes back the routes of an address that goes, as far as no other address of the device needs them.
 * @param iprim the address that takes its subnet over, or null
 */
export function fib_del_ifaddr(ifa: in_ifaddr, iprim: in_ifaddr | null): void {
  const in_dev = ifa.ifa_dev;
  const dev = in_dev.dev;
  const net = dev.nd_net;
  const any = (ifa.ifa_address & ifa.ifa_mask) >>> 0;
  const brd = (ifa.ifa_address | ~ifa.ifa_mask) >>> 0;
  const secondary = (ifa.ifa_flags & IFA_F_SECONDARY) !== 0;
  const prim = secondary ? primary_of(ifa) : ifa;
  let subnet = false;
  let local_kept = false;
  let brd_kept = false;
  let brd1_kept = false;
  for (let at = in_dev.ifa_list; at !== null; at = at.ifa_next) {
    if (at === ifa) continue;
    if (at.ifa_local === ifa.ifa_local) local_kept = true;
    const same = at.ifa_mask === ifa.ifa_mask && inet_ifa_match(ifa.ifa_address, at);
    if (same && (at.ifa_flags & IFA_F_SECONDARY) === 0 && at !== iprim) subnet = true;
    const at_brd = (at.ifa_address | ~at.ifa_mask) >>> 0;
    if (at_brd === brd && at !== iprim) brd_kept = true;
    if (at.ifa_broadcast === ifa.ifa_broadcast) brd1_kept = true;
  }
  if (!secondary) {
    const loopback = (dev.flags & IFF_LOOPBACK) !== 0;
    if (!subnet && any !== 0 && (any !== ifa.ifa_local || ifa.ifa_prefixlen < 32)) {
      fib_magic('del', loopback ? RTN_LOCAL : RTN_UNICAST, any, ifa.ifa_prefixlen, prim, ifa.ifa_rt_priority);
    }
    if (!brd_kept && ifa.ifa_prefixlen < 31) fib_magic('del', RTN_BROADCAST, brd, 32, prim, 0);
  }
  const b = ifa.ifa_broadcast;
  if (b !== 0 && b !== 0xffffffff && !brd1_kept && b !== brd) fib_magic('del', RTN_BROADCAST, b, 32, prim, 0);
  if (local_kept) return;
  fib_magic('del', RTN_LOCAL, ifa.ifa_local, 32, ifa, 0);
  if (inet_addr_type(net, ifa.ifa_local) !== RTN_LOCAL && fib_sync_down_addr(dev, ifa.ifa_local) > 0) fib_flush(net);
}

/** All routes over the device go, and what was cached of its neighbours. */
export function fib_disable_ip(dev: net_device, event: number, force: bool): void {
  if (fib_sync_down_dev(dev, event, force) > 0) fib_flush(dev.nd_net);
  else rt_cache_flush(dev.nd_net);
  arp_ifdown(dev);
}

/** An address of a device came (NETDEV_UP) or went (NETDEV_DOWN). */
export function fib_inetaddr_event(event: number, ifa: in_ifaddr): void {
  const dev = ifa.ifa_dev.dev;
  const net = dev.nd_net;
  if (event === NETDEV_UP) {
    fib_add_ifaddr(ifa);
    fib_sync_up(dev, RTNH_F_DEAD);
    net.ipv4.dev_addr_genid++;
    rt_cache_flush(net);
  } else if (event === NETDEV_DOWN) {
    fib_del_ifaddr(ifa, null);
    net.ipv4.dev_addr_genid++;
    if (ifa.ifa_dev.ifa_list === null) fib_disable_ip(dev, event, true);
    else rt_cache_flush(net);
  }
}

/** A device changed. */
export function fib_netdev_event(event: number, dev: net_device): void {
  const net = dev.nd_net;
  const in_dev = __in_dev_get_rtnl(dev);
  if (event === NETDEV_UNREGISTER) {
    fib_disable_ip(dev, event, true);
    return;
  }
  if (in_dev === null) return;
  switch (event) {
    case NETDEV_UP:
      for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) fib_add_ifaddr(ifa);
      fib_sync_up(dev, RTNH_F_DEAD);
      net.ipv4.dev_addr_genid++;
      rt_cache_flush(net);
      break;
    case NETDEV_DOWN:
      fib_disable_ip(dev, event, false);
      break;
    case NETDEV_CHANGE:
      if ((dev_get_flags(dev) & 0x40) !== 0) fib_sync_up(dev, RTNH_F_LINKDOWN);
      else fib_sync_down_dev(dev, event, false);
      rt_cache_flush(net);
      break;
    default:
      rt_cache_flush(net);
  }
}

export function ip_fib_net_init(net: net): int {
  fib4_rules_init(net);
  fib_new_table(net, RT_TABLE_LOCAL);
  return 0;
}

export function ip_fib_init(kernel: Kernel): void {
  ip_fib_net_init(kernel.init_net);
}
