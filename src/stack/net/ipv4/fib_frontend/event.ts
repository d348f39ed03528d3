// Routes that come and go with addresses and devices (net/ipv4/fib_frontend.c).

import {
  IFA_F_NOPREFIXROUTE,
  IFA_F_SECONDARY,
  __in_dev_get_rcu,
  __in_dev_get_rtnl,
  inet_ifa_match,
} from '../../../include/linux/inetdevice.js';
import type { in_ifaddr } from '../../../include/linux/inetdevice.js';
import {
  IFF_LOOPBACK,
  IFF_UP,
  NETDEV_CHANGE,
  NETDEV_DOWN,
  NETDEV_UNREGISTER,
  NETDEV_UP,
} from '../../../include/linux/netdevice.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import {
  NLM_F_APPEND,
  NLM_F_CREATE,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_UNICAST,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTPROT_KERNEL,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
} from '../../../include/linux/rtnetlink.js';
import { fib_config } from '../../../include/net/ip_fib.js';
import { __dev_get_by_name, dev_get_flags } from '../../core/dev.js';
import { arp_ifdown } from '../arp.js';
import { fib_sync_down_addr, fib_sync_down_dev, fib_sync_up } from '../fib_semantics.js';
import { fib_table_delete, fib_table_insert } from '../fib_trie.js';
import { rt_cache_flush } from '../route.js';
import type { __be32, bool, int, u32 } from '../../../include/linux/types.js';
import { fib_flush, fib_new_table, inet_addr_type } from './table.js';

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
