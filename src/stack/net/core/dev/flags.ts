// Devices up and down, their flags, size of packets and addresses (net/core/dev.c).

import { EEXIST, EINVAL, ENODEV, EOPNOTSUPP } from '../../../include/linux/errno.js';
import {
  IFF_ALLMULTI,
  IFF_AUTOMEDIA,
  IFF_DEBUG,
  IFF_DORMANT,
  IFF_DYNAMIC,
  IFF_LOWER_UP,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_PORTSEL,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_UP,
} from '../../../include/linux/if.js';
import {
  __LINK_STATE_START,
  NETDEV_CHANGE,
  NETDEV_CHANGEADDR,
  NETDEV_CHANGEMTU,
  NETDEV_CHANGENAME,
  NETDEV_DOWN,
  NETDEV_GOING_DOWN,
  NETDEV_PRE_UP,
  NETDEV_UP,
  netif_carrier_ok,
  netif_device_present,
  netif_dormant,
  netif_oper_up,
  netif_running,
  type net_device,
} from '../../../include/linux/netdevice.js';
import type { int, uint } from '../../../include/linux/types.js';
import { pr_info } from '../../../kernel/printk.js';
import { dev_activate, dev_deactivate } from '../../sched/sch_generic.js';
import { call_netdevice_notifiers, notifier_to_errno } from './notifier.js';
import { dev_valid_name } from './register.js';

/** Calls the driver and starts the queues. */
export function __dev_open(dev: net_device): int {
  if (!netif_device_present(dev)) return -ENODEV;
  let ret = notifier_to_errno(call_netdevice_notifiers(NETDEV_PRE_UP, dev));
  if (ret !== 0) return ret;
  dev.state |= 1 << __LINK_STATE_START;
  if (dev.netdev_ops.ndo_validate_addr !== undefined) ret = dev.netdev_ops.ndo_validate_addr(dev);
  // The driver looks at the flags of its peer: the device counts as up from here on.
  if (ret === 0) {
    dev.flags |= IFF_UP;
    if (dev.netdev_ops.ndo_open !== undefined) ret = dev.netdev_ops.ndo_open(dev);
  }
  if (ret !== 0) {
    dev.state &= ~(1 << __LINK_STATE_START);
    dev.flags &= ~IFF_UP;
    return ret;
  }
  dev_set_rx_mode(dev);
  dev_activate(dev);
  return 0;
}

/** @returns 0 or a negative errno @EXPORT_SYMBOL */
export function dev_open(dev: net_device): int {
  if ((dev.flags & IFF_UP) !== 0) return 0;
  const ret = __dev_open(dev);
  if (ret < 0) return ret;
  call_netdevice_notifiers(NETDEV_UP, dev);
  return 0;
}

export function __dev_close(dev: net_device): void {
  call_netdevice_notifiers(NETDEV_GOING_DOWN, dev);
  dev.state &= ~(1 << __LINK_STATE_START);
  dev_deactivate(dev);
  dev.netdev_ops.ndo_stop?.(dev);
  dev.flags &= ~IFF_UP;
}

/** @EXPORT_SYMBOL */
export function dev_close(dev: net_device): void {
  if ((dev.flags & IFF_UP) === 0) return;
  __dev_close(dev);
  call_netdevice_notifiers(NETDEV_DOWN, dev);
}

/** The flags as users see them: promiscuity as they set it, and the state of the link. @EXPORT_SYMBOL */
export function dev_get_flags(dev: net_device): uint {
  let flags = dev.flags & ~(IFF_PROMISC | IFF_ALLMULTI | IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT);
  flags |= dev.gflags & (IFF_PROMISC | IFF_ALLMULTI);
  if (netif_running(dev)) {
    if (netif_oper_up(dev)) flags |= IFF_RUNNING;
    if (netif_carrier_ok(dev)) flags |= IFF_LOWER_UP;
    if (netif_dormant(dev)) flags |= IFF_DORMANT;
  }
  return flags;
}

export function __dev_change_flags(dev: net_device, flags: uint): int {
  const old_flags = dev.flags;
  let ret = 0;
  const settable = IFF_DEBUG | IFF_NOTRAILERS | IFF_NOARP | IFF_DYNAMIC | IFF_MULTICAST | IFF_PORTSEL | IFF_AUTOMEDIA;
  dev.flags = (flags & settable) | (dev.flags & ~settable);
  if (((old_flags ^ flags) & IFF_UP) !== 0) {
    if ((old_flags & IFF_UP) !== 0) __dev_close(dev);
    else ret = __dev_open(dev);
  }
  if (((flags ^ dev.gflags) & IFF_PROMISC) !== 0) {
    dev.gflags ^= IFF_PROMISC;
    dev_set_promiscuity(dev, (flags & IFF_PROMISC) !== 0 ? 1 : -1);
  }
  if (((flags ^ dev.gflags) & IFF_ALLMULTI) !== 0) {
    dev.gflags ^= IFF_ALLMULTI;
    dev_set_allmulti(dev, (flags & IFF_ALLMULTI) !== 0 ? 1 : -1);
  }
  return ret;
}

/** Sets the flags that a user may set; IFF_UP opens or closes. @returns 0 or a negative errno @EXPORT_SYMBOL */
export function dev_change_flags(dev: net_device, flags: uint): int {
  const old_flags = dev.flags;
  const ret = __dev_change_flags(dev, flags);
  if (ret < 0) return ret;
  const changes = old_flags ^ dev.flags;
  if ((changes & IFF_UP) !== 0) call_netdevice_notifiers((dev.flags & IFF_UP) !== 0 ? NETDEV_UP : NETDEV_DOWN, dev);
  if ((dev.flags & IFF_UP) !== 0 && (changes & ~(IFF_UP | IFF_PROMISC | IFF_ALLMULTI)) !== 0) {
    call_netdevice_notifiers(NETDEV_CHANGE, dev);
  }
  return 0;
}

/** @EXPORT_SYMBOL */
export function dev_set_rx_mode(dev: net_device): void {
  if ((dev.flags & IFF_UP) !== 0) dev.netdev_ops.ndo_set_rx_mode?.(dev);
}

/** Counts those who want to see every frame. @param inc 1 or -1 @EXPORT_SYMBOL */
export function dev_set_promiscuity(dev: net_device, inc: int): int {
  const before = dev.flags;
  const error = __dev_set_promiscuity(dev, inc, true);
  if (dev.flags !== before) dev_set_rx_mode(dev);
  return error;
}

/** @param notify whether others are told: they are not, here */
export function __dev_set_promiscuity(dev: net_device, inc: int, _notify: boolean): int {
  const before = dev.flags;
  dev.promiscuity += inc;
  if (dev.promiscuity > 0) dev.flags |= IFF_PROMISC;
  else dev.flags &= ~IFF_PROMISC;
  if (dev.flags !== before) {
    const entered = (dev.flags & IFF_PROMISC) !== 0;
    pr_info(dev.nd_net.kernel, `${dev.name}: ${entered ? 'entered' : 'left'} promiscuous mode`);
    dev.netdev_ops.ndo_change_rx_flags?.(dev, IFF_PROMISC);
  }
  return 0;
}

/** @EXPORT_SYMBOL */
export function dev_set_allmulti(dev: net_device, inc: int): int {
  const before = dev.flags;
  dev.allmulti += inc;
  if (dev.allmulti > 0) dev.flags |= IFF_ALLMULTI;
  else dev.flags &= ~IFF_ALLMULTI;
  if (dev.flags !== before) {
    dev.netdev_ops.ndo_change_rx_flags?.(dev, IFF_ALLMULTI);
    dev_set_rx_mode(dev);
  }
  return 0;
}

export function __dev_set_mtu(dev: net_device, new_mtu: int): int {
  if (dev.netdev_ops.ndo_change_mtu !== undefined) return dev.netdev_ops.ndo_change_mtu(dev, new_mtu);
  dev.mtu = new_mtu;
  return 0;
}

/** @param new_mtu bytes @returns 0 or a negative errno @EXPORT_SYMBOL */
export function dev_set_mtu(dev: net_device, new_mtu: int): int {
  if (new_mtu === dev.mtu) return 0;
  if (new_mtu < 0 || new_mtu < dev.min_mtu) return -EINVAL;
  if (dev.max_mtu > 0 && new_mtu > dev.max_mtu) return -EINVAL;
  if (!netif_device_present(dev)) return -ENODEV;
  const err = __dev_set_mtu(dev, new_mtu);
  if (err === 0) call_netdevice_notifiers(NETDEV_CHANGEMTU, dev);
  return err;
}

/** @param addr dev.addr_len bytes @returns 0 or a negative errno @EXPORT_SYMBOL */
export function dev_set_mac_address(dev: net_device, addr: Uint8Array): int {
  if (dev.netdev_ops.ndo_set_mac_address === undefined) return -EOPNOTSUPP;
  if (!netif_device_present(dev)) return -ENODEV;
  const err = dev.netdev_ops.ndo_set_mac_address(dev, addr);
  if (err !== 0) return err;
  call_netdevice_notifiers(NETDEV_CHANGEADDR, dev);
  return 0;
}

/** @returns 0 or a negative errno @EXPORT_SYMBOL */
export function dev_change_name(dev: net_device, newname: string): int {
  const names = dev.nd_net.dev_name_head;
  if (newname === dev.name) return 0;
  if (!dev_valid_name(newname)) return -EINVAL;
  if (names.has(newname)) return -EEXIST;
  names.delete(dev.name);
  dev.name = newname;
  names.set(newname, dev);
  return notifier_to_errno(call_netdevice_notifiers(NETDEV_CHANGENAME, dev));
}

/** The carrier came or went. @EXPORT_SYMBOL */
export function netdev_state_change(dev: net_device): void {
  if ((dev.flags & IFF_UP) !== 0) call_netdevice_notifiers(NETDEV_CHANGE, dev);
}
