// Who shares an skb or its bytes, and making one's own (include/linux/skbuff.h); destinations and owners.

import {
  __alloc_skb,
  __netdev_alloc_skb,
  consume_skb,
  kfree_skb,
  pskb_expand_head,
  skb_clone,
  skb_copy,
} from '../../../net/core/skbuff.js';
import { __pskb_copy_fclone, __skb_unclone_keeptruesize } from '../../../net/core/skbuff.js';
import type { net_device } from '../netdevice.js';
import type { dst_entry } from '../../net/dst/struct.js';
import type { bool, gfp_t, int, uint } from '../types.js';
import { GFP_ATOMIC, SKB_ALLOC_FCLONE, SKB_DATAREF_MASK, SKB_DATAREF_SHIFT, SKB_FCLONE_ORIG } from './constants.js';
import type { sk_buff } from './struct.js';

/** @param size bytes of the buffer @notrace */
export function alloc_skb(size: uint, priority: gfp_t): sk_buff {
  return __alloc_skb(size, priority, 0, -1);
}

/** @notrace */
export function alloc_skb_fclone(size: uint, priority: gfp_t): sk_buff {
  return __alloc_skb(size, priority, SKB_ALLOC_FCLONE, -1);
}

/** An skb for a frame that a device received, with NET_SKB_PAD of headroom. @notrace */
export function netdev_alloc_skb(dev: net_device, length: uint): sk_buff {
  return __netdev_alloc_skb(dev, length, GFP_ATOMIC);
}

/** @notrace */
export function netdev_alloc_skb_ip_align(dev: net_device, length: uint): sk_buff {
  return __netdev_alloc_skb(dev, length, GFP_ATOMIC);
}

/** @notrace */
export function skb_get(skb: sk_buff): sk_buff {
  skb.users++;
  return skb;
}

/** Drops one reference; whether it was the last. @notrace */
export function skb_unref(skb: sk_buff | null): bool {
  if (skb === null) return false;
  return --skb.users === 0;
}

/** @notrace */
export function skb_shared(skb: sk_buff): bool {
  return skb.users !== 1;
}

/** Whether others see the bytes. @notrace */
export function skb_cloned(skb: sk_buff): bool {
  return skb.cloned !== 0 && (skb.shinfo.dataref & SKB_DATAREF_MASK) !== 1;
}

/** Whether others see the headers. @notrace */
export function skb_header_cloned(skb: sk_buff): bool {
  if (skb.cloned === 0) return false;
  const dataref = skb.shinfo.dataref;
  return (dataref & SKB_DATAREF_MASK) - (dataref >> SKB_DATAREF_SHIFT) !== 1;
}

/** Says that this holder never looks at the headers (TCP's write queue). @notrace */
export function __skb_header_release(skb: sk_buff): void {
  skb.nohdr = 1;
  skb.shinfo.dataref = 1 + (1 << SKB_DATAREF_SHIFT);
}

/** @notrace */
export function skb_unclone(skb: sk_buff, pri: gfp_t): int {
  if (skb_cloned(skb)) return pskb_expand_head(skb, 0, 0, pri);
  return 0;
}

/** @notrace */
export function skb_unclone_keeptruesize(skb: sk_buff, pri: gfp_t): int {
  if (skb_cloned(skb)) return __skb_unclone_keeptruesize(skb, pri);
  return 0;
}

/** @notrace */
export function skb_header_unclone(skb: sk_buff, pri: gfp_t): int {
  if (skb_header_cloned(skb)) return pskb_expand_head(skb, 0, 0, pri);
  return 0;
}

/** The skb itself if it has one user, else a clone. @notrace */
export function skb_share_check(skb: sk_buff, pri: gfp_t): sk_buff | null {
  if (!skb_shared(skb)) return skb;
  const nskb = skb_clone(skb, pri);
  if (nskb !== null) consume_skb(skb);
  else kfree_skb(skb);
  return nskb;
}

/** The skb itself if nobody else sees its bytes, else a copy. @notrace */
export function skb_unshare(skb: sk_buff, pri: gfp_t): sk_buff | null {
  if (!skb_cloned(skb)) return skb;
  const nskb = skb_copy(skb, pri);
  if (nskb !== null) consume_skb(skb);
  else kfree_skb(skb);
  return nskb;
}

/** @notrace */
export function pskb_copy(skb: sk_buff, gfp_mask: gfp_t): sk_buff | null {
  return __pskb_copy_fclone(skb, skb.data, gfp_mask, false);
}

/** @notrace */
export function pskb_copy_for_clone(skb: sk_buff, gfp_mask: gfp_t): sk_buff | null {
  return __pskb_copy_fclone(skb, skb.data, gfp_mask, true);
}

/** Whether the clone that was sent of this skb is still on its way through the host. @notrace */
export function skb_fclone_busy(sk: unknown, skb: sk_buff): bool {
  const fclones = skb.fclones;
  return skb.fclone === SKB_FCLONE_ORIG && fclones !== null && fclones.fclone_ref > 1 && fclones.skb2.sk === sk;
}

/** Lets the owner go: its memory is no longer charged. @notrace */
export function skb_orphan(skb: sk_buff): void {
  const destructor = skb.destructor;
  if (destructor !== null) {
    destructor(skb);
    skb.destructor = null;
    skb.sk = null;
  }
}

/** @notrace */
export function skb_dst(skb: sk_buff): dst_entry | null {
  return skb._skb_refdst;
}

/** Gives the skb a destination and with it the caller's reference. @notrace */
export function skb_dst_set(skb: sk_buff, dst: dst_entry | null): void {
  skb.slow_gro |= dst !== null ? 1 : 0;
  skb._skb_refdst = dst;
  skb._skb_refdst_noref = false;
}

/** Gives the skb a destination that it holds no reference to: valid in this softirq only. @notrace */
export function skb_dst_set_noref(skb: sk_buff, dst: dst_entry | null): void {
  skb.slow_gro |= dst !== null ? 1 : 0;
  skb._skb_refdst = dst;
  skb._skb_refdst_noref = true;
}

/** @notrace */
export function skb_dst_is_noref(skb: sk_buff): bool {
  return skb._skb_refdst_noref && skb._skb_refdst !== null;
}
