// Multicast groups that devices and sockets have joined (net/ipv4/igmp.c). Membership is kept for delivery alone:
// IGMP's reports and queries, and source filters, are left out.

import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS, ENODEV } from '../../include/linux/errno.js';
import { ipv4_is_multicast } from '../../include/linux/in.js';
import { ip_mc_list, ip_mc_socklist } from '../../include/linux/igmp.js';
import { __in_dev_get_rtnl } from '../../include/linux/inetdevice.js';
import type { in_device } from '../../include/linux/inetdevice.js';
import { INET_FLAGS_MC_ALL, inet_sk, inet_test_bit } from '../../include/net/inet_sock.js';
import type { ip_mreqn } from '../../include/net/ip.js';
import type { net } from '../../include/net/net_namespace.js';
import type { net_device } from '../../include/linux/netdevice.js';
import { ip_route_output, ip_rt_put } from '../../include/net/route.js';
import { sock_net } from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock.js';
import { dev_mc_add, dev_mc_del } from '../core/dev_addr_lists.js';
import { __dev_get_by_index } from '../core/dev.js';
import { __ip_dev_find } from './devinet.js';
import type { __be32, bool, int, u8 } from '../../include/linux/types.js';

/** 224.0.0.1: all hosts; every device that speaks IPv4 is in it. */
export const IGMP_ALL_HOSTS: __be32 = 0x010000e0;
const IPPROTO_IGMP = 2;

/** Ethernet address of a group: 01:00:5e and its low 23 bits (RFC 1112 6.4). @notrace */
export function ip_eth_mc_map(naddr: __be32, buf: Uint8Array): void {
  buf[0] = 0x01;
  buf[1] = 0x00;
  buf[2] = 0x5e;
  buf[3] = (naddr >>> 8) & 0x7f;
  buf[4] = (naddr >>> 16) & 0xff;
  buf[5] = naddr >>> 24;
}

export function ip_mc_filter_add(in_dev: in_device, addr: __be32): void {
  const hw = new Uint8Array(6);
  ip_eth_mc_map(addr, hw);
  dev_mc_add(in_dev.dev, hw);
}

export function ip_mc_filter_del(in_dev: in_device, addr: __be32): void {
  const hw = new Uint8Array(6);
  ip_eth_mc_map(addr, hw);
  dev_mc_del(in_dev.dev, hw);
}

/** A device joins a group. @EXPORT_SYMBOL */
export function ip_mc_inc_group(in_dev: in_device, addr: __be32): void {
  for (let im = in_dev.mc_list; im !== null; im = im.next_rcu) {
    if (im.multiaddr === addr) {
      im.users++;
      return;
    }
  }
  const im = new ip_mc_list(in_dev, addr);
  im.next_rcu = in_dev.mc_list;
  in_dev.mc_list = im;
  in_dev.mc_count++;
  im.loaded = 1;
  ip_mc_filter_add(in_dev, addr);
}

/** @EXPORT_SYMBOL */
export function __ip_mc_dec_group(in_dev: in_device, addr: __be32): void {
  let before: ip_mc_list | null = null;
  for (let im = in_dev.mc_list; im !== null; im = im.next_rcu) {
    if (im.multiaddr === addr) {
      if (--im.users > 0) return;
      if (before === null) in_dev.mc_list = im.next_rcu;
      else before.next_rcu = im.next_rcu;
      in_dev.mc_count--;
      ip_mc_filter_del(in_dev, addr);
      return;
    }
    before = im;
  }
}

export function ip_mc_up(in_dev: in_device): void {
  ip_mc_inc_group(in_dev, IGMP_ALL_HOSTS);
}

export function ip_mc_down(in_dev: in_device): void {
  __ip_mc_dec_group(in_dev, IGMP_ALL_HOSTS);
}

export function ip_mc_destroy_dev(in_dev: in_device): void {
  ip_mc_down(in_dev);
  in_dev.mc_list = null;
  in_dev.mc_count = 0;
}

/** Whether a device takes packets for the group. */
export function ip_check_mc_rcu(in_dev: in_device, mc_addr: __be32, _src_addr: __be32, proto: u8): bool {
  for (let im = in_dev.mc_list; im !== null; im = im.next_rcu) {
    if (im.multiaddr === mc_addr) return true;
  }
  return proto === IPPROTO_IGMP && ipv4_is_multicast(mc_addr) && in_dev.mc_list !== null;
}

/** Whether the socket wants packets for the group that came in by the device. @returns 1 if so */
export function ip_mc_sf_allow(sk: sock, loc_addr: __be32, _rmt_addr: __be32, dif: int, sdif: int): int {
  if (!ipv4_is_multicast(loc_addr)) return 1;
  for (let pmc = inet_sk(sk).mc_list; pmc !== null; pmc = pmc.next_rcu) {
    const ifindex = pmc.multi.imr_ifindex;
    if (pmc.multi.imr_multiaddr === loc_addr && (ifindex === dif || (sdif !== 0 && ifindex === sdif))) return 1;
  }
  return inet_test_bit(INET_FLAGS_MC_ALL, sk) ? 1 : 0;
}

/** The device that a request to join names or that the group's route leads to. */
export function ip_mc_find_dev(net: net, imr: ip_mreqn): in_device | null {
  let dev: net_device | null = null;
  if (imr.imr_ifindex !== 0) {
    dev = __dev_get_by_index(net, imr.imr_ifindex);
    return dev === null ? null : __in_dev_get_rtnl(dev);
  }
  if (imr.imr_address !== 0) {
    dev = __ip_dev_find(net, imr.imr_address, false);
    if (dev === null) return null;
  }
  if (dev === null) {
    const rt = ip_route_output(net, imr.imr_multiaddr, 0, 0, 0, 0);
    if (typeof rt !== 'number') {
      dev = rt.dev;
      ip_rt_put(rt);
    }
  }
  if (dev === null) return null;
  imr.imr_ifindex = dev.ifindex;
  return __in_dev_get_rtnl(dev);
}

/** IP_ADD_MEMBERSHIP. @returns 0, -EINVAL, -ENODEV, -EADDRINUSE, -ENOBUFS @EXPORT_SYMBOL */
export function ip_mc_join_group(sk: sock, imr: ip_mreqn): int {
  const net = sock_net(sk);
  const inet = inet_sk(sk);
  if (!ipv4_is_multicast(imr.imr_multiaddr)) return -EINVAL;
  const in_dev = ip_mc_find_dev(net, imr);
  if (in_dev === null) return -ENODEV;
  let count = 0;
  for (let i = inet.mc_list; i !== null; i = i.next_rcu) {
    if (i.multi.imr_multiaddr === imr.imr_multiaddr && i.multi.imr_ifindex === imr.imr_ifindex) return -EADDRINUSE;
    count++;
  }
  if (count >= net.ipv4.sysctl_igmp_max_memberships) return -ENOBUFS;
  const iml = new ip_mc_socklist(imr);
  iml.next_rcu = inet.mc_list;
  inet.mc_list = iml;
  ip_mc_inc_group(in_dev, imr.imr_multiaddr);
  return 0;
}

/** IP_DROP_MEMBERSHIP. @returns 0, -ENODEV, -EADDRNOTAVAIL @EXPORT_SYMBOL */
export function ip_mc_leave_group(sk: sock, imr: ip_mreqn): int {
  const inet = inet_sk(sk);
  const net = sock_net(sk);
  const in_dev = ip_mc_find_dev(net, imr);
  if (imr.imr_ifindex === 0 && imr.imr_address === 0 && in_dev === null) return -ENODEV;
  let before: ip_mc_socklist | null = null;
  for (let iml = inet.mc_list; iml !== null; iml = iml.next_rcu) {
    const same_dev = imr.imr_ifindex === 0 || iml.multi.imr_ifindex === imr.imr_ifindex;
    if (iml.multi.imr_multiaddr === imr.imr_multiaddr && same_dev) {
      if (before === null) inet.mc_list = iml.next_rcu;
      else before.next_rcu = iml.next_rcu;
      if (in_dev !== null) __ip_mc_dec_group(in_dev, imr.imr_multiaddr);
      return 0;
    }
    before = iml;
  }
  return -EADDRNOTAVAIL;
}

/** A socket is closed: it leaves all groups. */
export function ip_mc_drop_socket(sk: sock): void {
  const inet = inet_sk(sk);
  const net = sock_net(sk);
  for (let iml = inet.mc_list; iml !== null; iml = iml.next_rcu) {
    const dev = __dev_get_by_index(net, iml.multi.imr_ifindex);
    const in_dev = dev === null ? null : __in_dev_get_rtnl(dev);
    if (in_dev !== null) __ip_mc_dec_group(in_dev, iml.multi.imr_multiaddr);
  }
  inet.mc_list = null;
}
