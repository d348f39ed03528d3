// A device's counters (net/core/dev.c): the driver's and those that the stack keeps for it.

import type { net_device, rtnl_link_stats64 } from '../../../include/linux/netdevice.js';

/** Puts a device's counters into `storage`. @returns storage @EXPORT_SYMBOL */
export function dev_get_stats(dev: net_device, storage: rtnl_link_stats64): rtnl_link_stats64 {
  Object.assign(storage, dev.stats);
  storage.rx_dropped += dev.core_stats.rx_dropped;
  storage.tx_dropped += dev.core_stats.tx_dropped;
  storage.rx_nohandler += dev.core_stats.rx_nohandler;
  storage.rx_otherhost_dropped += dev.core_stats.rx_otherhost_dropped;
  return storage;
}
