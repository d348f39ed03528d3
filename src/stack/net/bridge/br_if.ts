// Bridges made and ended, ports added and taken away (net/bridge/br_if.c): what brctl(8) asks for.

import { EBUSY, EINVAL, ELOOP, ENXIO, EPERM } from '../../include/linux/errno.js';
import { IFF_LOOPBACK, IFF_UP } from '../../include/linux/if.js';
import { ARPHRD_ETHER } from '../../include/linux/if_arp.js';
import {
  IFF_BRIDGE_PORT,
  IFF_DONT_BRIDGE,
  NETDEV_CHANGE,
  NETDEV_CHANGEADDR,
  NETDEV_DOWN,
  NETDEV_UNREGISTER,
  NETDEV_UP,
  netif_carrier_ok,
  netif_is_bridge_master,
} from '../../include/linux/netdevice.js';
import type { net_device } from '../../include/linux/netdevice.js';
import type { int } from '../../include/linux/types.js';
import type { net } from '../../include/net/net_namespace.js';
import {
  __dev_get_by_name,
  call_netdevice_notifiers,
  dev_set_promiscuity,
  netdev_rx_handler_register,
  netdev_rx_handler_unregister,
  register_netdevice,
  unregister_netdevice,
} from '../core/dev.js';
import type { notifier_block } from '../core/dev.js';
import { br_dev_alloc } from './br_device.js';
import { br_fdb_add_local, br_fdb_delete_by_port } from './br_fdb.js';
import { br_handle_frame } from './br_input.js';
import {
  BR_STATE_DISABLED,
  BR_STATE_FORWARDING,
  br_port_get,
  mac_key,
  net_bridge_port,
  netdev_bridge,
} from './br_private.js';
import type { net_bridge } from './br_private.js';

/** `brctl addbr`. @returns 0 or a negative errno */
export function br_add_bridge(net: net, name: string): int {
  const dev = br_dev_alloc(net, name);
  const ret = register_netdevice(dev);
  if (ret !== 0) return ret;
  br_fdb_add_local(netdev_bridge(dev), null, dev.dev_addr);
  return 0;
}

/** `brctl delbr`. @returns 0, -ENXIO, -EPERM for a device that is no bridge, -EBUSY while it is up */
export function br_del_bridge(net: net, name: string): int {
  const dev = __dev_get_by_name(net, name);
  if (dev === null) return -ENXIO;
  if (!netif_is_bridge_master(dev)) return -EPERM;
  if ((dev.flags & IFF_UP) !== 0) return -EBUSY;
  for (const p of [...netdev_bridge(dev).port_list]) del_nbp(p);
  unregister_netdevice(dev);
  return 0;
}

/** The bridge's address is the lowest of its ports', unless a user gave it one. */
export function br_stp_recalculate_bridge_id(br: net_bridge): void {
  if (br.addr_set || br.port_list.length === 0) return;
  let lowest = br.port_list[0].dev;
  for (const { dev } of br.port_list) if (mac_key(dev.dev_addr, 0) < mac_key(lowest.dev_addr, 0)) lowest = dev;
  if (mac_key(br.dev.dev_addr, 0) === mac_key(lowest.dev_addr, 0)) return;
  const old = br.fdb.get(mac_key(br.dev.dev_addr, 0));
  if (old !== undefined && old.dst === null) br.fdb.delete(mac_key(br.dev.dev_addr, 0));
  br.dev.dev_addr.set(lowest.dev_addr.subarray(0, 6));
  br_fdb_add_local(br, null, br.dev.dev_addr);
  call_netdevice_notifiers(NETDEV_CHANGEADDR, br.dev);
}

/** The bridge's MTU is the smallest of its ports'. */
export function br_mtu_auto_adjust(br: net_bridge): void {
  let mtu = Infinity;
  for (const { dev } of br.port_list) mtu = Math.min(mtu, dev.mtu);
  br.dev.mtu = mtu === Infinity ? 1500 : mtu;
}

/** @notrace */
function port_state(p: net_bridge_port): void {
  const up = (p.dev.flags & IFF_UP) !== 0 && netif_carrier_ok(p.dev);
  p.state = up ? BR_STATE_FORWARDING : BR_STATE_DISABLED;
}

function find_portno(br: net_bridge): int {
  let no = 1;
  while (br.port_list.some((p) => p.port_no === no)) no++;
  return no;
}

/** `brctl addif`. @returns 0 or a negative errno */
export function br_add_if(br: net_bridge, dev: net_device): int {
  if ((dev.flags & IFF_LOOPBACK) !== 0 || dev.type !== ARPHRD_ETHER) return -EINVAL;
  if (netif_is_bridge_master(dev)) return -ELOOP;
  if (dev.rx_handler !== null) return -EBUSY;
  if ((dev.priv_flags & IFF_DONT_BRIDGE) !== 0 && dev.nd_net !== br.dev.nd_net) return -EINVAL;
  const p = new net_bridge_port(br, dev, find_portno(br));
  const err = netdev_rx_handler_register(dev, br_handle_frame, p);
  if (err !== 0) return err;
  dev.priv_flags |= IFF_BRIDGE_PORT;
  dev.master = br.dev;
  br.dev.lower.push(dev);
  br.port_list.unshift(p);
  dev_set_promiscuity(dev, 1);
  br_fdb_add_local(br, p, dev.dev_addr);
  br_stp_recalculate_bridge_id(br);
  br_mtu_auto_adjust(br);
  port_state(p);
  return 0;
}

/** A port goes. */
export function del_nbp(p: net_bridge_port): void {
  const { br, dev } = p;
  p.state = BR_STATE_DISABLED;
  br.port_list.splice(br.port_list.indexOf(p), 1);
  br_fdb_delete_by_port(br, p, true);
  netdev_rx_handler_unregister(dev);
  dev.priv_flags &= ~IFF_BRIDGE_PORT;
  dev.master = null;
  br.dev.lower.splice(br.dev.lower.indexOf(dev), 1);
  dev_set_promiscuity(dev, -1);
  br_stp_recalculate_bridge_id(br);
  br_mtu_auto_adjust(br);
}

/** `brctl delif`. @returns 0, or -EINVAL if it is no port of that bridge */
export function br_del_if(br: net_bridge, dev: net_device): int {
  const p = br_port_get(dev);
  if (p === null || p.br !== br) return -EINVAL;
  del_nbp(p);
  return 0;
}

export function br_add_slave(dev: net_device, slave_dev: net_device): int {
  return br_add_if(netdev_bridge(dev), slave_dev);
}

export function br_del_slave(dev: net_device, slave_dev: net_device): int {
  return br_del_if(netdev_bridge(dev), slave_dev);
}

/** A device that may be a port changed. */
export function br_device_event(_nb: notifier_block, event: number, dev: net_device): int {
  const p = br_port_get(dev);
  if (p === null) return 0;
  if (event === NETDEV_UP || event === NETDEV_DOWN || event === NETDEV_CHANGE) {
    port_state(p);
    if (p.state === BR_STATE_DISABLED) br_fdb_delete_by_port(p.br, p, false);
  } else if (event === NETDEV_CHANGEADDR) {
    br_fdb_delete_by_port(p.br, p, true);
    br_fdb_add_local(p.br, p, dev.dev_addr);
    br_stp_recalculate_bridge_id(p.br);
  } else if (event === NETDEV_UNREGISTER) {
    del_nbp(p);
  }
  return 0;
}
