// Who wants to know of devices that come, go or change (net/core/dev.c: netdev_chain).

import {
  dev_net,
  NETDEV_REGISTER,
  NETDEV_UP,
  netif_running,
  type net_device,
} from '../../../include/linux/netdevice.js';
import type { int, ulong } from '../../../include/linux/types.js';
import type { Kernel } from '../../../kernel/kernel.js';

export const NOTIFY_DONE = 0;
export const NOTIFY_OK = 1;
export const NOTIFY_BAD = 0x8002;

/** An entry of the chain; those of higher priority are called first. */
export interface notifier_block {
  /** @param event NETDEV_* @returns NOTIFY_* */
  readonly notifier_call: (nb: notifier_block, event: ulong, dev: net_device) => int;
  readonly priority?: int;
}

/** @returns the errno that a NOTIFY_* result carries, or 0 @notrace */
export function notifier_to_errno(ret: int): int {
  const value = ret & ~0x8000;
  return value > NOTIFY_OK ? NOTIFY_OK - value : 0;
}

/** @returns a result that stops the chain with a negative errno @notrace */
export function notifier_from_errno(err: int): int {
  return err === 0 ? NOTIFY_OK : 0x8000 | (NOTIFY_OK - err);
}

/** Adds an entry, and tells it of the devices that are there. @EXPORT_SYMBOL */
export function register_netdevice_notifier(kernel: Kernel, nb: notifier_block): int {
  const chain = kernel.netdev_chain;
  const at = chain.findIndex((other) => (other.priority ?? 0) < (nb.priority ?? 0));
  chain.splice(at < 0 ? chain.length : at, 0, nb);
  for (const dev of kernel.init_net?.dev_base_head ?? []) {
    nb.notifier_call(nb, NETDEV_REGISTER, dev);
    if (netif_running(dev)) nb.notifier_call(nb, NETDEV_UP, dev);
  }
  return 0;
}

/** @EXPORT_SYMBOL */
export function unregister_netdevice_notifier(kernel: Kernel, nb: notifier_block): int {
  const at = kernel.netdev_chain.indexOf(nb);
  if (at >= 0) kernel.netdev_chain.splice(at, 1);
  return 0;
}

/** @returns NOTIFY_*; one that stops ends the calls @EXPORT_SYMBOL */
export function call_netdevice_notifiers(val: ulong, dev: net_device): int {
  let ret = NOTIFY_DONE;
  for (const nb of dev_net(dev).kernel.netdev_chain) {
    ret = nb.notifier_call(nb, val, dev);
    if ((ret & 0x8000) !== 0) break;
  }
  return ret;
}
