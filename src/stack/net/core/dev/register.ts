// Devices registered, found and taken away (net/core/dev.c).

import { EEXIST, EINVAL, ENFILE } from '../../../include/linux/errno.js';
import { IF_OPER_DOWN, IFNAMSIZ } from '../../../include/linux/if.js';
import {
  __LINK_STATE_PRESENT,
  NETDEV_REGISTER,
  NETDEV_UNREGISTER,
  NETREG_REGISTERED,
  NETREG_UNREGISTERED,
  NETREG_UNREGISTERING,
  netdev_queue,
  type net_device,
} from '../../../include/linux/netdevice.js';
import { NETIF_F_GSO_SOFTWARE, NETIF_F_SOFT_FEATURES } from '../../../include/linux/netdev_features.js';
import type { net } from '../../../include/net/net_namespace.js';
import type { bool, int } from '../../../include/linux/types.js';
import { dev_init_scheduler, dev_shutdown } from '../../sched/sch_generic.js';
import { netdev_update_features } from './features.js';
import { dev_close } from './flags.js';
import { call_netdevice_notifiers, notifier_to_errno } from './notifier.js';

/** @returns the device, or null */
export function __dev_get_by_name(net: net, name: string): net_device | null {
  return net.dev_name_head.get(name) ?? null;
}

/** @EXPORT_SYMBOL */
export function dev_get_by_name_rcu(net: net, name: string): net_device | null {
  return __dev_get_by_name(net, name);
}

/** @EXPORT_SYMBOL */
export function dev_get_by_name(net: net, name: string): net_device | null {
  return dev_get_by_name_rcu(net, name);
}

/** @notrace */
export function __dev_get_by_index(net: net, ifindex: int): net_device | null {
  return net.dev_by_index.get(ifindex) ?? null;
}

/** @notrace */
export function dev_get_by_index_rcu(net: net, ifindex: int): net_device | null {
  return net.dev_by_index.get(ifindex) ?? null;
}

/** @EXPORT_SYMBOL */
export function dev_get_by_index(net: net, ifindex: int): net_device | null {
  return dev_get_by_index_rcu(net, ifindex);
}

/** @notrace */
export function dev_hold(dev: net_device): net_device {
  return dev;
}

/** Devices are collected as garbage: references are not counted. @notrace */
export function dev_put(_dev: net_device): void {}

/** Whether a name may be a device's: not empty, not too long, no slash, colon or white space. @EXPORT_SYMBOL */
export function dev_valid_name(name: string): bool {
  return name !== '' && name.length < IFNAMSIZ && name !== '.' && name !== '..' && !/[/:\s]/.test(name);
}

/** Replaces %d in the device's name by the first number that is free. @returns 0 or a negative errno @EXPORT_SYMBOL */
export function dev_alloc_name(dev: net_device, name: string): int {
  const net = dev.nd_net;
  if (!name.includes('%d')) {
    if (!dev_valid_name(name)) return -EINVAL;
    if (net.dev_name_head.has(name)) return -EEXIST;
    dev.name = name;
    return 0;
  }
  for (let i = 0; i < 8 * 4096; i++) {
    const candidate = name.replace('%d', String(i));
    if (net.dev_name_head.has(candidate)) continue;
    if (!dev_valid_name(candidate)) return -EINVAL;
    dev.name = candidate;
    return 0;
  }
  return -ENFILE;
}

/** @notrace */
export function dev_new_index(net: net): int {
  do net.ifindex++;
  while (net.dev_by_index.has(net.ifindex));
  return net.ifindex;
}

export function list_netdevice(dev: net_device): void {
  const net = dev.nd_net;
  net.dev_base_head.push(dev);
  net.dev_name_head.set(dev.name, dev);
  net.dev_by_index.set(dev.ifindex, dev);
}

export function unlist_netdevice(dev: net_device): void {
  const net = dev.nd_net;
  net.dev_base_head = net.dev_base_head.filter((other) => other !== dev);
  net.dev_name_head.delete(dev.name);
  net.dev_by_index.delete(dev.ifindex);
}

/**
 * Makes a device known.
 * @returns 0, or a negative errno: the name is taken or no name, or the driver or a listener refuses
 * @EXPORT_SYMBOL
 */
export function register_netdevice(dev: net_device): int {
  const net = dev.nd_net;
  let ret = dev_alloc_name(dev, dev.name);
  if (ret < 0) return ret;
  if (dev.netdev_ops.ndo_init !== undefined) {
    ret = dev.netdev_ops.ndo_init(dev);
    if (ret !== 0) return ret > 0 ? -EINVAL : ret;
  }
  dev.ifindex = dev_new_index(net);
  // What software can do for any device is switched on.
  dev.hw_features |= NETIF_F_SOFT_FEATURES;
  dev.features |= NETIF_F_SOFT_FEATURES;
  dev.wanted_features = dev.features & dev.hw_features;
  dev.vlan_features |= NETIF_F_GSO_SOFTWARE;
  while (dev._tx.length < dev.num_tx_queues) dev._tx.push(new netdev_queue(dev));
  dev.operstate = IF_OPER_DOWN;
  dev.state |= 1 << __LINK_STATE_PRESENT;
  dev.perm_addr.set(dev.dev_addr);
  dev_init_scheduler(dev);
  list_netdevice(dev);
  dev.reg_state = NETREG_REGISTERED;
  netdev_update_features(dev);
  ret = notifier_to_errno(call_netdevice_notifiers(NETDEV_REGISTER, dev));
  if (ret < 0) {
    unregister_netdevice(dev);
    return ret;
  }
  return 0;
}

/** @EXPORT_SYMBOL */
export function register_netdev(dev: net_device): int {
  return register_netdevice(dev);
}

/** Takes a device away. @EXPORT_SYMBOL */
export function unregister_netdevice(dev: net_device): void {
  unregister_netdevice_queue(dev, null);
}

/** Takes a device away; it is closed first. @EXPORT_SYMBOL */
export function unregister_netdevice_queue(dev: net_device, _head: object | null): void {
  if (dev.reg_state !== NETREG_REGISTERED) return;
  dev_close(dev);
  unlist_netdevice(dev);
  dev.reg_state = NETREG_UNREGISTERING;
  dev.dismantle = true;
  dev_shutdown(dev);
  call_netdevice_notifiers(NETDEV_UNREGISTER, dev);
  dev.netdev_ops.ndo_uninit?.(dev);
  dev.reg_state = NETREG_UNREGISTERED;
}
