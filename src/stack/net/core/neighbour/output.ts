// Sending to a neighbour: with its address still to be found, known for sure, or known and cached
// (net/core/neighbour.c).

import { EINVAL } from '../../../include/linux/errno.js';
import { ntohs } from '../../../include/linux/byteorder.js';
import { dev_hard_header } from '../../../include/linux/netdevice.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { __skb_pull, skb_network_offset } from '../../../include/linux/skbuff.js';
import type { int } from '../../../include/linux/types.js';
import { SKB_DROP_REASON_NEIGH_HH_FILLFAIL } from '../../../include/net/dropreason.js';
import { neigh_event_send, type neighbour } from '../../../include/net/neighbour.js';
import { dev_queue_xmit } from '../dev.js';
import { kfree_skb_reason } from '../skbuff.js';

/** Makes the cached header, once, when the entry is used. */
export function neigh_hh_init(n: neighbour): void {
  const { dev } = n;
  const cache = dev.header_ops?.cache;
  if (cache !== undefined && n.hh.hh_len === 0) cache(n, n.hh, n.tbl.protocol);
}

/** The slow way: asks for the address first where it is not certain. @EXPORT_SYMBOL */
export function neigh_resolve_output(neigh: neighbour, skb: sk_buff): int {
  if (neigh_event_send(neigh, skb) !== 0) return 0;
  if (neigh.hh.hh_len === 0) neigh_hh_init(neigh);
  return neigh_fill_and_send(neigh, skb);
}

/** The neighbour is known to be there. @EXPORT_SYMBOL */
export function neigh_connected_output(neigh: neighbour, skb: sk_buff): int {
  return neigh_fill_and_send(neigh, skb);
}

/** @notrace */
function neigh_fill_and_send(neigh: neighbour, skb: sk_buff): int {
  const { dev } = neigh;
  __skb_pull(skb, skb_network_offset(skb));
  const err = dev_hard_header(skb, dev, ntohs(skb.protocol), neigh.ha, null, skb.len);
  if (err >= 0) return dev_queue_xmit(skb);
  kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_HH_FILLFAIL);
  return -EINVAL;
}

/** A device that needs no address. @EXPORT_SYMBOL */
export function neigh_direct_output(_neigh: neighbour, skb: sk_buff): int {
  return dev_queue_xmit(skb);
}
