// IPv4 on a device: addresses and the per-device sysctls (include/linux/inetdevice.h, uapi/linux/ip.h).

import type { net_device } from './netdevice.js';
import type { net } from '../net/net_namespace.js';
import type { neigh_parms } from '../net/neighbour.js';
import type { ip_mc_list } from './igmp.js';
import type { timer_list } from './timer.js';
import { htonl } from './byteorder.js';
import type { __be32, bool, int, refcount_t, u32, u8 } from './types.js';

/** Index of each entry of ipv4_devconf.data, less one (enum of uapi/linux/ip.h). */
export const IPV4_DEVCONF_FORWARDING = 1;
export const IPV4_DEVCONF_MC_FORWARDING = 2;
export const IPV4_DEVCONF_PROXY_ARP = 3;
export const IPV4_DEVCONF_ACCEPT_REDIRECTS = 4;
export const IPV4_DEVCONF_SECURE_REDIRECTS = 5;
export const IPV4_DEVCONF_SEND_REDIRECTS = 6;
export const IPV4_DEVCONF_SHARED_MEDIA = 7;
export const IPV4_DEVCONF_RP_FILTER = 8;
export const IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE = 9;
export const IPV4_DEVCONF_BOOTP_RELAY = 10;
export const IPV4_DEVCONF_LOG_MARTIANS = 11;
export const IPV4_DEVCONF_TAG = 12;
export const IPV4_DEVCONF_ARPFILTER = 13;
export const IPV4_DEVCONF_MEDIUM_ID = 14;
export const IPV4_DEVCONF_NOXFRM = 15;
export const IPV4_DEVCONF_NOPOLICY = 16;
export const IPV4_DEVCONF_FORCE_IGMP_VERSION = 17;
export const IPV4_DEVCONF_ARP_ANNOUNCE = 18;
export const IPV4_DEVCONF_ARP_IGNORE = 19;
export const IPV4_DEVCONF_PROMOTE_SECONDARIES = 20;
export const IPV4_DEVCONF_ARP_ACCEPT = 21;
export const IPV4_DEVCONF_ARP_NOTIFY = 22;
export const IPV4_DEVCONF_ACCEPT_LOCAL = 23;
export const IPV4_DEVCONF_SRC_VMARK = 24;
export const IPV4_DEVCONF_PROXY_ARP_PVLAN = 25;
export const IPV4_DEVCONF_ROUTE_LOCALNET = 26;
export const IPV4_DEVCONF_IGMPV2_UNSOLICITED_REPORT_INTERVAL = 27;
export const IPV4_DEVCONF_IGMPV3_UNSOLICITED_REPORT_INTERVAL = 28;
export const IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN = 29;
export const IPV4_DEVCONF_DROP_UNICAST_IN_L2_MULTICAST = 30;
export const IPV4_DEVCONF_DROP_GRATUITOUS_ARP = 31;
export const IPV4_DEVCONF_BC_FORWARDING = 32;
export const IPV4_DEVCONF_ARP_EVICT_NOCARRIER = 33;
export const IPV4_DEVCONF_MAX = 33;

export class ipv4_devconf {
  sysctl: unknown = null;
  data: int[] = new Array<int>(IPV4_DEVCONF_MAX).fill(0);
  /** 1 for each entry that was written for this device alone, so that a later change of "default" leaves it */
  state: int[] = new Array<int>(IPV4_DEVCONF_MAX).fill(0);
}

/** @param attr one of IPV4_DEVCONF_* @notrace */
export function IPV4_DEVCONF(cnf: ipv4_devconf, attr: int): int {
  return cnf.data[attr - 1];
}
/** @notrace */
export function IPV4_DEVCONF_ALL(net: net, attr: int): int {
  return net.ipv4.devconf_all.data[attr - 1];
}
/** @notrace */
export function IPV4_DEVCONF_DFLT(net: net, attr: int): int {
  return net.ipv4.devconf_dflt.data[attr - 1];
}

export const MC_HASH_SZ_LOG = 9;

/** struct in_device: what IPv4 knows of a device. */
export class in_device {
  dev: net_device;
  refcnt: refcount_t = 1;
  dead: int = 0;
  /** first address; the list is ordered: primaries by scope first, then secondaries */
  ifa_list: in_ifaddr | null = null;
  mc_list: ip_mc_list | null = null;
  mc_count: int = 0;
  mr_v1_seen: int = 0;
  mr_v2_seen: int = 0;
  mr_maxdelay: int = 0;
  mr_qi: int = 0;
  mr_qri: int = 0;
  mr_qrv: u8 = 2;
  mr_gq_running: u8 = 0;
  mr_ifc_count: u32 = 0;
  mr_gq_timer: timer_list | null = null;
  mr_ifc_timer: timer_list | null = null;
  arp_parms: neigh_parms | null = null;
  cnf: ipv4_devconf = new ipv4_devconf();

  constructor(dev: net_device) {
    this.dev = dev;
  }
}

/** ifa_flags (uapi/linux/if_addr.h) */
export const IFA_F_SECONDARY = 0x01;
export const IFA_F_PERMANENT = 0x80;
export const IFA_F_NOPREFIXROUTE = 0x200;
export const INFINITY_LIFE_TIME = 0xffffffff;

export class in_ifaddr {
  ifa_next: in_ifaddr | null = null;
  ifa_dev: in_device;
  ifa_local: __be32 = 0;
  ifa_address: __be32 = 0;
  ifa_mask: __be32 = 0;
  ifa_rt_priority: u32 = 0;
  ifa_broadcast: __be32 = 0;
  ifa_scope: u8 = 0;
  ifa_prefixlen: u8 = 0;
  ifa_proto: u8 = 0;
  ifa_flags: u32 = 0;
  ifa_label = '';
  ifa_valid_lft: u32 = INFINITY_LIFE_TIME;
  ifa_preferred_lft: u32 = INFINITY_LIFE_TIME;
  /** jiffies of creation and of the last change */
  ifa_cstamp = 0;
  ifa_tstamp = 0;

  constructor(ifa_dev: in_device) {
    this.ifa_dev = ifa_dev;
  }
}

/** @notrace */
export function ipv4_devconf_get(in_dev: in_device, index: int): int {
  return in_dev.cnf.data[index - 1];
}
/** @notrace */
export function ipv4_devconf_set(in_dev: in_device, index: int, val: int): void {
  in_dev.cnf.state[index - 1] = 1;
  in_dev.cnf.data[index - 1] = val;
}
/** @notrace */
export function IN_DEV_CONF_GET(in_dev: in_device, attr: int): int {
  return in_dev.cnf.data[attr - 1];
}
/** @notrace */
export function IN_DEV_NET_ORCONF(in_dev: in_device, net: net, attr: int): bool {
  return net.ipv4.devconf_all.data[attr - 1] !== 0 || in_dev.cnf.data[attr - 1] !== 0;
}
/** @notrace */
export function IN_DEV_ANDCONF(in_dev: in_device, attr: int): bool {
  return in_dev.dev.nd_net.ipv4.devconf_all.data[attr - 1] !== 0 && in_dev.cnf.data[attr - 1] !== 0;
}
/** @notrace */
export function IN_DEV_ORCONF(in_dev: in_device, attr: int): bool {
  return in_dev.dev.nd_net.ipv4.devconf_all.data[attr - 1] !== 0 || in_dev.cnf.data[attr - 1] !== 0;
}
/** @notrace */
export function IN_DEV_MAXCONF(in_dev: in_device, attr: int): int {
  return Math.max(in_dev.dev.nd_net.ipv4.devconf_all.data[attr - 1], in_dev.cnf.data[attr - 1]);
}
/** @notrace */
export function IN_DEV_FORWARD(in_dev: in_device): int {
  return IN_DEV_CONF_GET(in_dev, IPV4_DEVCONF_FORWARDING);
}
/** @notrace */
export function IN_DEV_BFORWARD(in_dev: in_device): bool {
  return IN_DEV_ANDCONF(in_dev, IPV4_DEVCONF_BC_FORWARDING);
}
/** @notrace */
export function IN_DEV_RPFILTER(in_dev: in_device): int {
  return IN_DEV_MAXCONF(in_dev, IPV4_DEVCONF_RP_FILTER);
}
/** @notrace */
export function IN_DEV_SRC_VMARK(in_dev: in_device): bool {
  return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_SRC_VMARK);
}
/** @notrace */
export function IN_DEV_SOURCE_ROUTE(in_dev: in_device): bool {
  return IN_DEV_ANDCONF(in_dev, IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE);
}
/** @notrace */
export function IN_DEV_ACCEPT_LOCAL(in_dev: in_device): bool {
  return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_ACCEPT_LOCAL);
}
/** @notrace */
export function IN_DEV_LOG_MARTIANS(in_dev: in_device): bool {
  return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_LOG_MARTIANS);
}
/** @notrace */
export function IN_DEV_PROXY_ARP(in_dev: in_device): bool {
  return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_PROXY_ARP);
}
/** @notrace */
export function IN_DEV_PROXY_ARP_PVLAN(in_dev: in_device): bool {
  return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_PROXY_ARP_PVLAN);
}
/** @notrace */
export function IN_DEV_SHARED_MEDIA(in_dev: in_device): bool {
  return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_SHARED_MEDIA);
}
/** @notrace */
export function IN_DEV_TX_REDIRECTS(in_dev: in_device): bool {
  return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_SEND_REDIRECTS);
}
/** @notrace */
export function IN_DEV_SEC_REDIRECTS(in_dev: in_device): bool {
  return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_SECURE_REDIRECTS);
}
/** @notrace */
export function IN_DEV_IDTAG(in_dev: in_device): int {
  return IN_DEV_CONF_GET(in_dev, IPV4_DEVCONF_TAG);
}
/** @notrace */
export function IN_DEV_MEDIUM_ID(in_dev: in_device): int {
  return IN_DEV_CONF_GET(in_dev, IPV4_DEVCONF_MEDIUM_ID);
}
/** @notrace */
export function IN_DEV_PROMOTE_SECONDARIES(in_dev: in_device): bool {
  return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_PROMOTE_SECONDARIES);
}
/** @notrace */
export function IN_DEV_ROUTE_LOCALNET(in_dev: in_device): bool {
  return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_ROUTE_LOCALNET);
}
/** @notrace */
export function IN_DEV_NET_ROUTE_LOCALNET(in_dev: in_device, net: net): bool {
  return IN_DEV_NET_ORCONF(in_dev, net, IPV4_DEVCONF_ROUTE_LOCALNET);
}
/** A router believes redirects only if told so for both; a host if told so for either. @notrace */
export function IN_DEV_RX_REDIRECTS(in_dev: in_device): bool {
  return IN_DEV_FORWARD(in_dev) !== 0
    ? IN_DEV_ANDCONF(in_dev, IPV4_DEVCONF_ACCEPT_REDIRECTS)
    : IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_ACCEPT_REDIRECTS);
}
/** @notrace */
export function IN_DEV_IGNORE_ROUTES_WITH_LINKDOWN(in_dev: in_device): int {
  return IN_DEV_CONF_GET(in_dev, IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN);
}
/** @notrace */
export function IN_DEV_ARPFILTER(in_dev: in_device): bool {
  return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_ARPFILTER);
}
/** @notrace */
export function IN_DEV_ARP_ACCEPT(in_dev: in_device): int {
  return IN_DEV_MAXCONF(in_dev, IPV4_DEVCONF_ARP_ACCEPT);
}
/** @notrace */
export function IN_DEV_ARP_ANNOUNCE(in_dev: in_device): int {
  return IN_DEV_MAXCONF(in_dev, IPV4_DEVCONF_ARP_ANNOUNCE);
}
/** @notrace */
export function IN_DEV_ARP_IGNORE(in_dev: in_device): int {
  return IN_DEV_MAXCONF(in_dev, IPV4_DEVCONF_ARP_IGNORE);
}
/** @notrace */
export function IN_DEV_ARP_NOTIFY(in_dev: in_device): int {
  return IN_DEV_MAXCONF(in_dev, IPV4_DEVCONF_ARP_NOTIFY);
}
/** @notrace */
export function IN_DEV_ARP_EVICT_NOCARRIER(in_dev: in_device): bool {
  return IN_DEV_ANDCONF(in_dev, IPV4_DEVCONF_ARP_EVICT_NOCARRIER);
}

/** @notrace */
export function __in_dev_get_rcu(dev: net_device): in_device | null {
  return dev.ip_ptr;
}
/** @notrace */
export function in_dev_get(dev: net_device): in_device | null {
  return dev.ip_ptr;
}
/** @notrace */
export function __in_dev_get_rtnl(dev: net_device): in_device | null {
  return dev.ip_ptr;
}
/** The ARP parameters of a device, if IPv4 runs on it. @notrace */
export function __in_dev_arp_parms_get_rcu(dev: net_device): neigh_parms | null {
  return dev.ip_ptr === null ? null : dev.ip_ptr.arp_parms;
}

/** @param logmask prefix length, 0 … 32 @returns netmask in network order @notrace */
export function inet_make_mask(logmask: int): __be32 {
  return logmask === 0 ? 0 : htonl((0xffffffff << (32 - logmask)) >>> 0);
}
/** @notrace */
export function inet_mask_len(mask: __be32): int {
  let n = 0;
  for (let m = htonl(mask); m !== 0; m = (m << 1) >>> 0) n++;
  return n;
}
/** Whether the mask has a hole, or the address has bits outside of it. @notrace */
export function bad_mask(mask: __be32, addr: __be32): bool {
  if ((addr & ~mask) !== 0) return true;
  const holes = ~htonl(mask) >>> 0;
  return (holes & (holes + 1)) !== 0;
}
/** @notrace */
export function inet_ifa_match(addr: __be32, ifa: in_ifaddr): bool {
  return ((addr ^ ifa.ifa_address) & ifa.ifa_mask) === 0;
}
