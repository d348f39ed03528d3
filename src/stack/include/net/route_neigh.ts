// The neighbour to which a route's packets go (ip_neigh_gw4() and ip_neigh_for_gw() of include/net/route.h).

import { __ipv4_neigh_lookup_noref } from './arp.js';
import { __neigh_create } from '../../net/core/neighbour.js';
import { ip_hdr } from '../linux/ip.js';
import type { net_device } from '../linux/netdevice.js';
import type { neighbour } from './neighbour.js';
import type { rtable } from './route.js';
import type { sk_buff } from '../linux/skbuff.js';
import type { __be32 } from '../linux/types.js';

/** @returns the neighbour, made if there was none; null if it could not be @notrace */
export function ip_neigh_gw4(dev: net_device, daddr: __be32): neighbour | null {
  const neigh = __ipv4_neigh_lookup_noref(dev, daddr);
  return neigh ?? __neigh_create(dev.nd_net.kernel.arp_tbl, daddr, dev, false);
}

/** @notrace */
export function ip_neigh_for_gw(rt: rtable, skb: sk_buff): neighbour | null {
  return ip_neigh_gw4(rt.dev as net_device, rt.rt_gw_family !== 0 ? rt.rt_gw4 : ip_hdr(skb).daddr);
}
