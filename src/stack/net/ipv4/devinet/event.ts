// IPv4 begins on a device, follows its changes, and ends (net/ipv4/devinet.c).

import { ARPOP_REQUEST } from '../../../include/linux/if_arp.js';
import { ETH_P_ARP } from '../../../include/linux/if_ether.js';
import { in_aton } from '../../../include/linux/in_addr.js';
import {
  IFA_F_PERMANENT,
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
  inet_make_mask,
  ipv4_devconf,
} from '../../../include/linux/inetdevice.js';
import {
  IFF_LOOPBACK,
  IFF_UP,
  NETDEV_CHANGEADDR,
  NETDEV_CHANGEMTU,
  NETDEV_CHANGENAME,
  NETDEV_DOWN,
  NETDEV_NOTIFY_PEERS,
  NETDEV_REGISTER,
  NETDEV_UNREGISTER,
  NETDEV_UP,
} from '../../../include/linux/netdevice.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import { RT_SCOPE_HOST } from '../../../include/linux/rtnetlink.js';
import { __dev_get_by_name, register_netdevice_notifier } from '../../core/dev.js';
import type { notifier_block } from '../../core/dev.js';
import { neigh_parms_alloc, neigh_parms_release } from '../../core/neighbour.js';
import { arp_send } from '../arp.js';
import { devinet_sysctl_init, devinet_sysctl_register } from '../devinet_sysctl.js';
import { fib_netdev_event } from '../fib_frontend.js';
import { ip_mc_destroy_dev, ip_mc_down, ip_mc_up } from '../igmp.js';
import type { Kernel } from '../../../kernel/kernel.js';
import type { __be32, bool } from '../../../include/linux/types.js';
import { inet_del_ifa, inet_insert_ifa } from './ifaddr.js';

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
