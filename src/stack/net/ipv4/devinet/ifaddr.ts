// Addresses given to devices and taken from them (net/ipv4/devinet.c).

import { EADDRNOTAVAIL, EEXIST, EINVAL, ENODEV } from '../../../include/linux/errno.js';
import { ipv4_is_loopback } from '../../../include/linux/in.js';
import {
  IFA_F_PERMANENT,
  IFA_F_SECONDARY,
  IN_DEV_PROMOTE_SECONDARIES,
  __in_dev_get_rtnl,
  __in_dev_get_rcu,
  in_device,
  in_ifaddr,
  inet_ifa_match,
  inet_make_mask,
} from '../../../include/linux/inetdevice.js';
import { NETDEV_DOWN, NETDEV_UP } from '../../../include/linux/netdevice.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import type { net } from '../../../include/net/net_namespace.js';
import { RT_SCOPE_HOST, RT_SCOPE_UNIVERSE } from '../../../include/linux/rtnetlink.js';
import { __dev_get_by_name } from '../../core/dev.js';
import { fib_inetaddr_event } from '../fib_frontend.js';
import type { Kernel } from '../../../kernel/kernel.js';
import type { __be32, int, u32, u8 } from '../../../include/linux/types.js';

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
