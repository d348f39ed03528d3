// Destinations (net/core/dst.c): their life, and what is done with a packet that has none to go to.

import type { net_device } from '../../include/linux/netdevice.js';
import type { sk_buff } from '../../include/linux/skbuff/struct.js';
import type { int } from '../../include/linux/types.js';
import { SKB_DROP_REASON_NOT_SPECIFIED } from '../../include/net/dropreason.js';
import { dst_entry, DST_OBSOLETE_DEAD } from '../../include/net/dst/struct.js';
import type { dst_ops } from '../../include/net/dst/struct.js';
import type { net } from '../../include/net/net_namespace.js';
import type { sock } from '../../include/net/sock/struct.js';
import { kfree_skb_reason } from './skbuff/free.js';

/** Drops a packet that came. @EXPORT_SYMBOL */
export function dst_discard(skb: sk_buff): int {
  return dst_discard_out(skb.dev!.nd_net, skb.sk, skb);
}

/** Drops a packet that is to go. @EXPORT_SYMBOL */
export function dst_discard_out(_net: net, _sk: sock | null, skb: sk_buff): int {
  kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED);
  return 0;
}

/** Prepares a destination that its owner made. @EXPORT_SYMBOL */
export function dst_init(dst: dst_entry, ops: dst_ops, dev: net_device, initial_obsolete: int, flags: int): void {
  dst.ops = ops;
  dst.dev = dev;
  dst.obsolete = initial_obsolete;
  dst.flags = flags;
  dst.input = dst_discard;
  dst.output = dst_discard_out;
  dst.lastuse = dev.nd_net.kernel.jiffies;
}

/** A destination of no protocol's own class. Packets that take it are dropped until input and output are set. @EXPORT_SYMBOL */
export function dst_alloc(ops: dst_ops, dev: net_device, initial_obsolete: int, flags: int): dst_entry {
  const dst = new dst_entry(ops, dev, initial_obsolete, flags, dst_discard, dst_discard_out);
  dst.lastuse = dev.nd_net.kernel.jiffies;
  return dst;
}

export function dst_destroy(dst: dst_entry): void {
  if (dst.ops.destroy !== undefined) dst.ops.destroy(dst);
}

/** The device goes: packets that still hold the destination are dropped, on the loopback. @EXPORT_SYMBOL */
export function dst_dev_put(dst: dst_entry): void {
  const dev = dst.dev;
  dst.obsolete = DST_OBSOLETE_DEAD;
  if (dst.ops.ifdown !== undefined) dst.ops.ifdown(dst, dev);
  dst.input = dst_discard;
  dst.output = dst_discard_out;
  dst.dev = dev.nd_net.loopback_dev;
}

/** Drops a reference; the last one frees. @EXPORT_SYMBOL */
export function dst_release(dst: dst_entry | null): void {
  if (dst !== null && --dst.__rcuref === 0) dst_destroy(dst);
}

/** @EXPORT_SYMBOL */
export function dst_release_immediate(dst: dst_entry | null): void {
  if (dst !== null && --dst.__rcuref === 0) dst_destroy(dst);
}
