// ARP's neighbours (include/net/arp.h): the lookups that do not take a function call.

import { ___neigh_lookup_noref, neigh_confirm_entry } from './neighbour.js';
import type { neighbour } from './neighbour.js';
import type { net_device } from '../linux/netdevice.js';
import { IFF_LOOPBACK, IFF_POINTOPOINT } from '../linux/if.js';
import type { __be32 } from '../linux/types.js';

export { arp_create, arp_ifdown, arp_invalidate, arp_init, arp_net_init, arp_xmit } from '../../net/ipv4/arp.js';

/** The neighbour of that address on that device, or null. No reference is taken. @notrace */
export function __ipv4_neigh_lookup_noref(dev: net_device, key: __be32): neighbour | null {
  if ((dev.flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) !== 0) key = 0;
  return ___neigh_lookup_noref(dev.nd_net.kernel.arp_tbl, key, dev);
}

/** The same, with a reference. @notrace */
export function __ipv4_neigh_lookup(dev: net_device, key: __be32): neighbour | null {
  const n = __ipv4_neigh_lookup_noref(dev, key);
  if (n !== null) n.refcnt++;
  return n;
}

/** Says that the neighbour of that address answered. @notrace */
export function __ipv4_confirm_neigh(dev: net_device, key: __be32): void {
  const n = __ipv4_neigh_lookup_noref(dev, key);
  if (n !== null) neigh_confirm_entry(n);
}
