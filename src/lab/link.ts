// Links between hosts: a pair of veth devices, one on each, and what the way between does to packets (netem on
// both ends, as `tc qdisc add dev … root netem …` would put it there).

import { veth_newlink } from '../stack/drivers/net/veth.js';
import { enter_kernel } from '../stack/kernel/current.js';
import type { net_device } from '../stack/include/linux/netdevice.js';
import {
  NETIF_F_FRAGLIST,
  NETIF_F_GSO,
  NETIF_F_GSO_SOFTWARE,
  NETIF_F_HW_CSUM,
  NETIF_F_RXCSUM,
  NETIF_F_SG,
} from '../stack/include/linux/netdev_features.js';
import { netdev_set_wanted_feature } from '../stack/net/core/dev.js';
import { strerror } from '../stack/include/linux/errno.js';
import type { Host } from './host.js';
import { netemOptions } from './shell/tc/netem-options.js';
import { tc_modify_qdisc } from '../stack/net/sched/sch_api.js';

/** One end: a host and the name its device is to have. */
export interface LinkEnd {
  host: Host;
  device: string;
}

export interface Link {
  readonly a: net_device;
  readonly b: net_device;
}

/**
 * Joins two hosts.
 * @param netem words of netem's options for both directions, e.g. `delay 10ms loss 1%`; '' for a plain wire
 * @returns the two devices, down
 */
export function connectHosts(a: LinkEnd, b: LinkEnd, netem = ''): Link {
  const pair = veth_newlink(a.host.kernel.init_net, a.device, b.host.kernel.init_net, b.device);
  if (typeof pair === 'number') {
    throw new Error(`link ${a.host.name}:${a.device} - ${b.host.name}:${b.device}: ${strerror(pair)}`);
  }
  const link = { a: pair.dev, b: pair.peer };
  for (const dev of [link.a, link.b]) setOffloads(dev, false);
  if (netem !== '') for (const dev of [link.a, link.b]) setNetem(dev, netem);
  return link;
}

/** What ethtool -K switches of a device as `tx`, `rx`, `sg`, `tso`, `gso`; `gro` is off on a veth anyway. */
const OFFLOADS = NETIF_F_HW_CSUM | NETIF_F_RXCSUM | NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_GSO_SOFTWARE | NETIF_F_GSO;

/**
 * Switches checksum and segmentation offloads on or off. Links have them off from the start, so that what is on the
 * wire and in a capture is whole; bulk transfer is faster with them.
 */
export function setOffloads(dev: net_device, on: boolean): void {
  enter_kernel(dev.nd_net.kernel, () => netdev_set_wanted_feature(dev, OFFLOADS, on), null);
}

/** Puts netem on one device, or changes it. @param netem words of netem's options */
export function setNetem(dev: net_device, netem: string): void {
  const options = netemOptions(netem.split(/\s+/));
  if (typeof options === 'string') throw new Error(`netem ${netem}: ${options}`);
  const error = enter_kernel(dev.nd_net.kernel, () => tc_modify_qdisc(dev, 'netem', 0, true, options), null);
  if (error < 0) throw new Error(`netem ${netem}: ${strerror(error)}`);
}
