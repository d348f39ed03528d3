// Addresses of devices (net/ipv4/devinet.c). netlink messages are left out: inet_rtm_newaddr() and inet_rtm_deladdr()
// take the parsed request.

import { EADDRNOTAVAIL, EEXIST, EINVAL, ENODEV, EPERM } from '../../include/linux/errno.js';
import { inet_abc_len, ipv4_is_loopback } from '../../include/linux/in.js';
import { ARPOP_REQUEST } from '../../include/linux/if_arp.js';
import { ETH_P_ARP } from '../../include/linux/if_ether.js';
import { in_aton } from '../../include/linux/in_addr.js';
import {
  IFA_F_PERMANENT,
  IFA_F_SECONDARY,
  IN_DEV_PROMOTE_SECONDARIES,
  IPV4_DEVCONF_ACCEPT_REDIRECTS,
  IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE,
  IPV4_DEVCONF_ARP_EVICT_NOCARRIER,
  IPV4_DEVCONF_IGMPV2_UNSOLICITED_REPORT_INTERVAL,
  IPV4_DEVCONF_IGMPV3_UNSOLICITED_REPORT_INTERVAL,
  IPV4_DEVCONF_SECURE_REDIRECTS,
  IPV4_DEVCONF_SEND_REDIRECTS,
  IPV4_DEVCONF_SHARED_MEDIA,
  __in_dev_get_rtnl,
  __in_dev_get_rcu,
  in_device,
  in_ifaddr,
  inet_ifa_match,
  inet_make_mask,
  inet_mask_len,
  bad_mask,
  ipv4_devconf,
} from '../../include/linux/inetdevice.js';
import {
  IFF_BROADCAST,
  IFF_LOOPBACK,
  IFF_POINTOPOINT,
  IFF_UP,
  NETDEV_CHANGEADDR,
  NETDEV_CHANGEMTU,
  NETDEV_CHANGENAME,
  NETDEV_DOWN,
  NETDEV_NOTIFY_PEERS,
  NETDEV_REGISTER,
  NETDEV_UNREGISTER,
  NETDEV_UP,
} from '../../include/linux/netdevice.js';
import type { net_device } from '../../include/linux/netdevice.js';
import type { net } from '../../include/net/net_namespace.js';
import { RT_SCOPE_HOST, RT_SCOPE_LINK, RT_SCOPE_UNIVERSE, RTN_LOCAL } from '../../include/linux/rtnetlink.js';
import { FIB_LOOKUP_NOREF, fib_result } from '../../include/net/ip_fib.js';
import type { fib_nh_common } from '../../include/net/ip_fib.js';
import { flowi4 } from '../../include/net/flow.js';
import { RT_TABLE_LOCAL } from '../../include/linux/rtnetlink.js';
import { __dev_get_by_name, dev_change_flags, register_netdevice_notifier } from '../core/dev.js';
import type { notifier_block } from '../core/dev.js';
import { neigh_parms_alloc, neigh_parms_release } from '../core/neighbour.js';
import { arp_send } from './arp.js';
import { devinet_sysctl_init, devinet_sysctl_register } from './devinet_sysctl.js';
import { fib_get_table, fib_inetaddr_event, fib_netdev_event } from './fib_frontend.js';
import { fib_table_lookup } from './fib_trie.js';
import { ip_mc_destroy_dev, ip_mc_down, ip_mc_up } from './igmp.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { __be32, bool, int, u32, u8 } from '../../include/linux/types.js';

/** The values that a new device starts with, or that hold for all. @notrace */
export function ipv4_devconf_defaults(cnf: ipv4_devconf, source_route: bool): void {
  const d = cnf.data;
  d[IPV4_DEVCONF_ACCEPT_REDIRECTS - 1] = 1;
  d[IPV4_DEVCONF_SEND_REDIRECTS - 1] = 1;
  d[IPV4_DEVCONF_SECURE_REDIRECTS - 1] = 1;
  d[IPV4_DEVCONF_SHARED_MEDIA - 1] = 1;
  d[IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE - 1] = source_route ? 1 : 0;
  d[IPV4_DEVCONF_IGMPV2_UNSOLICITED_REPORT_INTERVAL - 1] = 10000;
  d[IPV4_DEVCONF_IGMPV3_UNSOLICITED_REPORT_INTERVAL - 1] = 1000;
  d[IPV4_DEVCONF_ARP_EVICT_NOCARRIER - 1] = 1;
}

/** Begins IPv4 on a device. */
export function inetdev_init(dev: net_device): in_device {
  const in_dev = new in_device(dev);
  const dflt = dev.nd_net.ipv4.devconf_dflt;
  for (let i = 0; i < dflt.data.length; i++) in_dev.cnf.data[i] = dflt.data[i];
  in_dev.arp_parms = neigh_parms_alloc(dev, dev.nd_net.kernel.arp_tbl);
  devinet_sysctl_register(in_dev);
  dev.ip_ptr = in_dev;
  if ((dev.flags & IFF_UP) !== 0) ip_mc_up(in_dev);
  return in_dev;
}

/** Ends it: the addresses go with it. */
export function inetdev_destroy(in_dev: in_device): void {
  const dev = in_dev.dev;
  in_dev.dead = 1;
  ip_mc_destroy_dev(in_dev);
  while (in_dev.ifa_list !== null) inet_del_ifa(in_dev, null, in_dev.ifa_list);
  if (in_dev.arp_parms !== null) neigh_parms_release(dev.nd_net.kernel.arp_tbl, in_dev.arp_parms);
  dev.ip_ptr = null;
}

/** The address of ours, or null. @EXPORT_SYMBOL */
export function inet_lookup_ifaddr_rcu(net: net, addr: __be32): in_ifaddr | null {
  for (const dev of net.dev_base_head) {
    const in_dev = dev.ip_ptr;
    if (in_dev === null) continue;
    for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) if (ifa.ifa_local === addr) return ifa;
  }
  return null;
}

/** The device that has the address, or, of 127/8, the loopback. @EXPORT_SYMBOL */
export function __ip_dev_find(net: net, addr: __be32, _devref: bool): net_device | null {
  const ifa = inet_lookup_ifaddr_rcu(net, addr);
  if (ifa !== null) return ifa.ifa_dev.dev;
  // Addresses that are ours by a local route alone.
  const local = fib_get_table(net, RT_TABLE_LOCAL);
  if (local === null) return null;
  const fl4 = new flowi4();
  fl4.daddr = addr;
  const res = new fib_result();
  if (fib_table_lookup(local, fl4, res, FIB_LOOKUP_NOREF) === 0 && res.type === RTN_LOCAL) {
    return (res.nhc as fib_nh_common).nhc_dev;
  }
  return null;
}

/** @notrace */
export function ip_dev_find(net: net, addr: __be32): net_device | null {
  return __ip_dev_find(net, addr, true);
}

/** Whether both addresses are in one subnet of the device; b 0: whether a is in any. */
export function inet_addr_onlink(in_dev: in_device, a: __be32, b: __be32): bool {
  for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
    if (inet_ifa_match(a, ifa) && (b === 0 || inet_ifa_match(b, ifa))) return true;
  }
  return false;
}

/** The device's address with that prefix. */
export function inet_ifa_byprefix(in_dev: in_device, prefix: __be32, mask: __be32): in_ifaddr | null {
  for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
    if (ifa.ifa_mask === mask && inet_ifa_match(prefix, ifa)) return ifa;
  }
  return null;
}

/** Source address that the device gives to packets for `dst`: of the subnet that it is in, else the first. @EXPORT_SYMBOL */
export function inet_select_addr(dev: net_device, dst: __be32, scope: int): __be32 {
  const net = dev.nd_net;
  const in_dev = __in_dev_get_rcu(dev);
  if (in_dev === null) return 0;
  let addr = 0;
  for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
    if ((ifa.ifa_flags & IFA_F_SECONDARY) !== 0) continue;
    // A narrower scope than asked for does for nothing wider: min(ifa->ifa_scope, RT_SCOPE_LINK) > scope.
    if (Math.min(ifa.ifa_scope, RT_SCOPE_LINK) > scope) continue;
    if (dst === 0 || inet_ifa_match(dst, ifa)) return ifa.ifa_local;
    if (addr === 0) addr = ifa.ifa_local;
  }
  if (addr !== 0) return addr;
  // None here: a device without address (a tunnel, a bridge port) sends with one of another.
  for (const other of net.dev_base_head) {
    const odev = __in_dev_get_rcu(other);
    if (odev === null) continue;
    addr = in_dev_select_addr(odev, scope);
    if (addr !== 0) return addr;
  }
  return 0;
}

/** @notrace */
function in_dev_select_addr(in_dev: in_device, scope: int): __be32 {
  for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
    if ((ifa.ifa_flags & IFA_F_SECONDARY) !== 0) continue;
    if (ifa.ifa_scope !== RT_SCOPE_LINK && ifa.ifa_scope <= scope) return ifa.ifa_local;
  }
  return 0;
}

/**
 * Whether `local` (0: any) is an address of the device (null: of any device) that is fit to answer `dst`.
 * @returns the address, or 0
 */
export function inet_confirm_addr(net: net, in_dev: in_device | null, dst: __be32, local: __be32, scope: int): __be32 {
  if (in_dev !== null) return confirm_addr_indev(in_dev, dst, local, scope);
  for (const dev of net.dev_base_head) {
    const at = __in_dev_get_rcu(dev);
    const addr = at === null ? 0 : confirm_addr_indev(at, dst, local, scope);
    if (addr !== 0) return addr;
  }
  return 0;
}

export function confirm_addr_indev(in_dev: in_device, dst: __be32, local: __be32, scope: int): __be32 {
  let same = false;
  let addr = 0;
  for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
    const min_scope = Math.min(ifa.ifa_scope, RT_SCOPE_LINK);
    if (addr === 0 && (local === ifa.ifa_local || local === 0) && min_scope <= scope) {
      addr = ifa.ifa_local;
      if (same) break;
    }
    if (!same) {
      same = (local === 0 || inet_ifa_match(local, ifa)) && (dst === 0 || inet_ifa_match(dst, ifa));
      if (same && addr !== 0) {
        if (local !== 0 || dst === 0 || inet_ifa_match(addr, ifa)) break;
        if (min_scope <= scope) {
          addr = ifa.ifa_local;
          break;
        }
        same = false;
      }
    }
  }
  return same ? addr : 0;
}

/** Tells routing, and whoever else asked, of an address that came or went. @notrace */
function call_inetaddr_chain(event: number, ifa: in_ifaddr): void {
  const kernel = ifa.ifa_dev.dev.nd_net.kernel;
  fib_inetaddr_event(event, ifa);
  for (const call of kernel.inetaddr_chain) call(event, ifa);
}

/** @EXPORT_SYMBOL */
export function register_inetaddr_notifier(kernel: Kernel, call: (event: number, ifa: in_ifaddr) => void): int {
  kernel.inetaddr_chain.push(call);
  return 0;
}

/** Takes an address from its device; a secondary of its subnet may take its place. */
export function __inet_del_ifa(in_dev: in_device, _before: in_ifaddr | null, ifa1: in_ifaddr): void {
  const do_promote = IN_DEV_PROMOTE_SECONDARIES(in_dev);
  let promote: in_ifaddr | null = null;
  if ((ifa1.ifa_flags & IFA_F_SECONDARY) === 0 && in_dev.dead === 0) {
    for (let ifa = ifa1.ifa_next; ifa !== null;) {
      const next: in_ifaddr | null = ifa.ifa_next;
      const same = ifa1.ifa_mask === ifa.ifa_mask && inet_ifa_match(ifa1.ifa_address, ifa);
      if ((ifa.ifa_flags & IFA_F_SECONDARY) !== 0 && same) {
        if (do_promote) {
          promote = ifa;
          break;
        }
        unlink(in_dev, ifa);
        call_inetaddr_chain(NETDEV_DOWN, ifa);
      }
      ifa = next;
    }
  }
  unlink(in_dev, ifa1);
  call_inetaddr_chain(NETDEV_DOWN, ifa1);
  if (promote !== null) {
    promote.ifa_flags &= ~IFA_F_SECONDARY;
    call_inetaddr_chain(NETDEV_UP, promote);
  }
}

/** @notrace */
function unlink(in_dev: in_device, ifa: in_ifaddr): void {
  if (in_dev.ifa_list === ifa) in_dev.ifa_list = ifa.ifa_next;
  else {
    for (let at = in_dev.ifa_list; at !== null; at = at.ifa_next) {
      if (at.ifa_next === ifa) {
        at.ifa_next = ifa.ifa_next;
        break;
      }
    }
  }
  ifa.ifa_next = null;
}

export function inet_del_ifa(in_dev: in_device, before: in_ifaddr | null, ifa1: in_ifaddr): void {
  __inet_del_ifa(in_dev, before, ifa1);
}

/** Gives a device an address: as secondary where it has one of the subnet. @returns 0, -EEXIST, -EINVAL */
export function __inet_insert_ifa(ifa: in_ifaddr): int {
  const in_dev = ifa.ifa_dev;
  if (ifa.ifa_local === 0) return 0;
  ifa.ifa_flags &= ~IFA_F_SECONDARY;
  let last_primary: in_ifaddr | null = null;
  let last: in_ifaddr | null = null;
  for (let ifa1 = in_dev.ifa_list; ifa1 !== null; ifa1 = ifa1.ifa_next) {
    if ((ifa1.ifa_flags & IFA_F_SECONDARY) === 0 && ifa.ifa_scope <= ifa1.ifa_scope) last_primary = ifa1;
    if (ifa1.ifa_mask === ifa.ifa_mask && inet_ifa_match(ifa1.ifa_address, ifa)) {
      if (ifa1.ifa_local === ifa.ifa_local) return -EEXIST;
      if (ifa1.ifa_scope !== ifa.ifa_scope) return -EINVAL;
      ifa.ifa_flags |= IFA_F_SECONDARY;
    }
    last = ifa1;
  }
  const after = (ifa.ifa_flags & IFA_F_SECONDARY) === 0 ? last_primary : last;
  if (after === null) {
    ifa.ifa_next = in_dev.ifa_list;
    in_dev.ifa_list = ifa;
  } else {
    ifa.ifa_next = after.ifa_next;
    after.ifa_next = ifa;
  }
  const now = in_dev.dev.nd_net.kernel.jiffies;
  ifa.ifa_cstamp = now;
  ifa.ifa_tstamp = now;
  call_inetaddr_chain(NETDEV_UP, ifa);
  return 0;
}

export function inet_insert_ifa(ifa: in_ifaddr): int {
  return __inet_insert_ifa(ifa);
}

export function inet_set_ifa(dev: net_device, ifa: in_ifaddr): int {
  const in_dev = __in_dev_get_rtnl(dev);
  if (in_dev === null) return -ENODEV;
  ifa.ifa_dev = in_dev;
  if (ipv4_is_loopback(ifa.ifa_local)) ifa.ifa_scope = RT_SCOPE_HOST;
  return inet_insert_ifa(ifa);
}

/** `ip addr add`: what is not given is derived. */
export interface ifaddr_request {
  readonly dev: net_device;
  readonly local: __be32;
  readonly prefixlen: u8;
  /** of a point-to-point link */
  readonly peer?: __be32;
  /** 0xffffffff is taken as given; absent: none */
  readonly broadcast?: __be32;
  readonly scope?: u8;
  readonly label?: string;
  readonly metric?: u32;
  readonly flags?: u32;
}

/** @returns 0 or a negative errno */
export function inet_rtm_newaddr(_net: net, req: ifaddr_request): int {
  const in_dev = __in_dev_get_rtnl(req.dev);
  if (in_dev === null) return -ENODEV;
  if (req.prefixlen > 32) return -EINVAL;
  const ifa = new in_ifaddr(in_dev);
  ifa.ifa_local = req.local;
  ifa.ifa_address = req.peer ?? req.local;
  ifa.ifa_prefixlen = req.prefixlen;
  ifa.ifa_mask = inet_make_mask(req.prefixlen);
  ifa.ifa_broadcast = req.broadcast ?? 0;
  ifa.ifa_scope = req.scope ?? (ipv4_is_loopback(req.local) ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE);
  ifa.ifa_label = req.label ?? req.dev.name;
  ifa.ifa_rt_priority = req.metric ?? 0;
  ifa.ifa_flags = (req.flags ?? 0) | IFA_F_PERMANENT;
  return inet_insert_ifa(ifa);
}

/** `ip addr del`. @param prefixlen -1: whatever it is @returns 0, -ENODEV or -EADDRNOTAVAIL */
export function inet_rtm_deladdr(_net: net, dev: net_device, local: __be32, prefixlen: int): int {
  const in_dev = __in_dev_get_rtnl(dev);
  if (in_dev === null) return -ENODEV;
  for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
    if (ifa.ifa_local !== local || (prefixlen >= 0 && ifa.ifa_prefixlen !== prefixlen)) continue;
    __inet_del_ifa(in_dev, null, ifa);
    return 0;
  }
  return -EADDRNOTAVAIL;
}

export const SIOCGIFADDR = 0x8915;
export const SIOCSIFADDR = 0x8916;
export const SIOCGIFDSTADDR = 0x8917;
export const SIOCSIFDSTADDR = 0x8918;
export const SIOCGIFBRDADDR = 0x8919;
export const SIOCSIFBRDADDR = 0x891a;
export const SIOCGIFNETMASK = 0x891b;
export const SIOCSIFNETMASK = 0x891c;
export const SIOCGIFFLAGS = 0x8913;
export const SIOCSIFFLAGS = 0x8914;

/** struct ifreq as the address ioctls use it. */
export interface ifreq {
  ifr_name: string;
  /** network order */
  ifr_addr: __be32;
  ifr_flags: int;
}

/** SIOC[GS]IF{ADDR,NETMASK,BRDADDR,DSTADDR,FLAGS}. @returns 0 or a negative errno */
export function devinet_ioctl(net: net, cmd: u32, ifr: ifreq): int {
  const dev = __dev_get_by_name(net, ifr.ifr_name.replace(/:.*$/, ''));
  if (dev === null) return -ENODEV;
  let in_dev = __in_dev_get_rtnl(dev);
  let ifa: in_ifaddr | null = null;
  for (let at = in_dev?.ifa_list ?? null; at !== null; at = at.ifa_next) {
    if (at.ifa_label === ifr.ifr_name) {
      ifa = at;
      break;
    }
  }
  if (ifa === null && cmd !== SIOCSIFADDR && cmd !== SIOCSIFFLAGS) return -EADDRNOTAVAIL;
  switch (cmd) {
    case SIOCGIFADDR:
      ifr.ifr_addr = (ifa as in_ifaddr).ifa_local;
      return 0;
    case SIOCGIFBRDADDR:
      ifr.ifr_addr = (ifa as in_ifaddr).ifa_broadcast;
      return 0;
    case SIOCGIFDSTADDR:
      ifr.ifr_addr = (ifa as in_ifaddr).ifa_address;
      return 0;
    case SIOCGIFNETMASK:
      ifr.ifr_addr = (ifa as in_ifaddr).ifa_mask;
      return 0;
    case SIOCSIFFLAGS:
      return dev_change_flags(dev, ifr.ifr_flags);
    case SIOCSIFADDR: {
      if (inet_abc_len(ifr.ifr_addr) < 0) return -EINVAL;
      if (in_dev === null) in_dev = inetdev_init(dev);
      if (ifa !== null) {
        if (ifa.ifa_local === ifr.ifr_addr) return 0;
        inet_del_ifa(in_dev, null, ifa);
      }
      const fresh = new in_ifaddr(in_dev);
      fresh.ifa_label = ifr.ifr_name;
      fresh.ifa_address = fresh.ifa_local = ifr.ifr_addr;
      if ((dev.flags & IFF_POINTOPOINT) === 0) {
        fresh.ifa_prefixlen = inet_abc_len(fresh.ifa_address);
        fresh.ifa_mask = inet_make_mask(fresh.ifa_prefixlen);
        if ((dev.flags & IFF_BROADCAST) !== 0 && fresh.ifa_prefixlen < 31) {
          fresh.ifa_broadcast = (fresh.ifa_address | ~fresh.ifa_mask) >>> 0;
        }
      } else {
        fresh.ifa_prefixlen = 32;
        fresh.ifa_mask = inet_make_mask(32);
      }
      fresh.ifa_flags = IFA_F_PERMANENT;
      return inet_set_ifa(dev, fresh);
    }
    case SIOCSIFBRDADDR:
      if (ifa !== null && ifa.ifa_broadcast !== ifr.ifr_addr && in_dev !== null) {
        inet_del_ifa(in_dev, null, ifa);
        ifa.ifa_broadcast = ifr.ifr_addr;
        return inet_insert_ifa(ifa);
      }
      return 0;
    case SIOCSIFDSTADDR:
      if (ifa !== null && ifa.ifa_address !== ifr.ifr_addr && in_dev !== null) {
        inet_del_ifa(in_dev, null, ifa);
        ifa.ifa_address = ifr.ifr_addr;
        return inet_insert_ifa(ifa);
      }
      return 0;
    case SIOCSIFNETMASK:
      if (bad_mask(ifr.ifr_addr, 0)) return -EINVAL;
      if (ifa !== null && ifa.ifa_mask !== ifr.ifr_addr && in_dev !== null) {
        const old_mask = ifa.ifa_mask;
        inet_del_ifa(in_dev, null, ifa);
        ifa.ifa_mask = ifr.ifr_addr;
        ifa.ifa_prefixlen = inet_mask_len(ifa.ifa_mask);
        // The broadcast address that followed from the old mask follows from the new one.
        const follows = ifa.ifa_broadcast === (ifa.ifa_local | ~old_mask) >>> 0;
        if ((dev.flags & IFF_BROADCAST) !== 0 && ifa.ifa_prefixlen < 31 && follows) {
          ifa.ifa_broadcast = (ifa.ifa_local | ~ifa.ifa_mask) >>> 0;
        }
        return inet_insert_ifa(ifa);
      }
      return 0;
    default:
      return -EPERM;
  }
}

/** A device came, went or changed: IPv4 begins, ends, tells the neighbours. */
export function inetdev_event(event: number, dev: net_device): void {
  let in_dev = __in_dev_get_rtnl(dev);
  if (in_dev === null) {
    if (event === NETDEV_REGISTER) in_dev = inetdev_init(dev);
    fib_netdev_event(event, dev);
    return;
  }
  switch (event) {
    case NETDEV_UP:
      if (dev.mtu < 68) break;
      if ((dev.flags & IFF_LOOPBACK) !== 0 && in_dev.ifa_list === null) {
        const ifa = new in_ifaddr(in_dev);
        ifa.ifa_local = ifa.ifa_address = in_aton('127.0.0.1') as number;
        ifa.ifa_prefixlen = 8;
        ifa.ifa_mask = inet_make_mask(8);
        ifa.ifa_scope = RT_SCOPE_HOST;
        ifa.ifa_label = dev.name;
        ifa.ifa_flags = IFA_F_PERMANENT;
        inet_insert_ifa(ifa);
      }
      ip_mc_up(in_dev);
      break;
    case NETDEV_NOTIFY_PEERS:
    case NETDEV_CHANGEADDR:
      if (event === NETDEV_NOTIFY_PEERS) inetdev_send_gratuitous_arp(dev, in_dev);
      break;
    case NETDEV_DOWN:
      ip_mc_down(in_dev);
      break;
    case NETDEV_CHANGEMTU:
      if (dev.mtu < 68) inetdev_destroy(in_dev);
      break;
    case NETDEV_CHANGENAME:
      inetdev_changename(dev, in_dev);
      break;
  }
  fib_netdev_event(event, dev);
  if (event === NETDEV_UNREGISTER) inetdev_destroy(in_dev);
}

/** The labels of the addresses follow the device's new name. */
export function inetdev_changename(dev: net_device, in_dev: in_device): void {
  for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
    const colon = ifa.ifa_label.indexOf(':');
    ifa.ifa_label = colon < 0 ? dev.name : dev.name + ifa.ifa_label.slice(colon);
  }
}

export function inetdev_send_gratuitous_arp(dev: net_device, in_dev: in_device): void {
  for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
    arp_send(ARPOP_REQUEST, ETH_P_ARP, ifa.ifa_local, dev, ifa.ifa_local, null, dev.dev_addr, null);
  }
}

export const ip_netdev_notifier: notifier_block = {
  notifier_call: (_nb, event, dev) => {
    inetdev_event(event, dev);
    return 0;
  },
};

export function devinet_init(kernel: Kernel): void {
  ipv4_devconf_defaults(kernel.init_net.ipv4.devconf_all, false);
  ipv4_devconf_defaults(kernel.init_net.ipv4.devconf_dflt, true);
  devinet_sysctl_init(kernel.init_net);
  register_netdevice_notifier(kernel, ip_netdev_notifier);
}
