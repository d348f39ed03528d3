// Further addresses that a device takes packets for: groups and secondary ones (net/core/dev_addr_lists.c).

import { ENOENT } from '../../include/linux/errno.js';
import type { net_device, netdev_hw_addr } from '../../include/linux/netdevice.js';
import type { int } from '../../include/linux/types.js';
import { dev_set_rx_mode } from './dev/flags.js';

/** @notrace */
function find(list: readonly netdev_hw_addr[], addr: Uint8Array, length: number): number {
  return list.findIndex((entry) => entry.addr.subarray(0, length).every((byte, i) => byte === addr[i]));
}

export function __hw_addr_add(list: netdev_hw_addr[], addr: Uint8Array, addr_len: int): int {
  const at = find(list, addr, addr_len);
  if (at >= 0) list[at].refcount++;
  else list.push({ addr: addr.slice(0, addr_len), refcount: 1 });
  return 0;
}

export function __hw_addr_del(list: netdev_hw_addr[], addr: Uint8Array, addr_len: int): int {
  const at = find(list, addr, addr_len);
  if (at < 0) return -ENOENT;
  if (--list[at].refcount === 0) list.splice(at, 1);
  return 0;
}

/** Takes packets for a group. @EXPORT_SYMBOL */
export function dev_mc_add(dev: net_device, addr: Uint8Array): int {
  const err = __hw_addr_add(dev.mc, addr, dev.addr_len);
  if (err === 0) dev_set_rx_mode(dev);
  return err;
}

/** @EXPORT_SYMBOL */
export function dev_mc_del(dev: net_device, addr: Uint8Array): int {
  const err = __hw_addr_del(dev.mc, addr, dev.addr_len);
  if (err === 0) dev_set_rx_mode(dev);
  return err;
}

/** Takes packets for a second address. @EXPORT_SYMBOL */
export function dev_uc_add(dev: net_device, addr: Uint8Array): int {
  const err = __hw_addr_add(dev.uc, addr, dev.addr_len);
  if (err === 0) dev_set_rx_mode(dev);
  return err;
}

/** @EXPORT_SYMBOL */
export function dev_uc_del(dev: net_device, addr: Uint8Array): int {
  const err = __hw_addr_del(dev.uc, addr, dev.addr_len);
  if (err === 0) dev_set_rx_mode(dev);
  return err;
}
