// The address ioctls of ifconfig (net/ipv4/devinet.c; netdevice(7)).

import { EADDRNOTAVAIL, EINVAL, ENODEV, EPERM } from '../../../include/linux/errno.js';
import { inet_abc_len } from '../../../include/linux/in.js';
import {
  IFA_F_PERMANENT,
  __in_dev_get_rtnl,
  __in_dev_get_rcu,
  in_ifaddr,
  inet_make_mask,
  inet_mask_len,
  bad_mask,
} from '../../../include/linux/inetdevice.js';
import { IFF_BROADCAST, IFF_POINTOPOINT } from '../../../include/linux/netdevice.js';
import type { net } from '../../../include/net/net_namespace.js';
import { __dev_get_by_name, dev_change_flags } from '../../core/dev.js';
import type { __be32, int, u32 } from '../../../include/linux/types.js';
import { inetdev_init } from './event.js';
import { inet_del_ifa, inet_insert_ifa, inet_set_ifa } from './ifaddr.js';

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
