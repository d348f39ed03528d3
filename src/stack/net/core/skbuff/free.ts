// Freeing sk_buffs (net/core/skbuff.c). A packet that is dropped is freed with a reason; one that served its
// purpose is consumed.

import { SKB_CONSUMED, SKB_DROP_REASON_NOT_SPECIFIED } from '../../../include/net/dropreason.js';
import type { skb_drop_reason } from '../../../include/net/dropreason.js';
import { skb_dst_drop } from '../../../include/net/dst.js';
import { nf_conntrack_put } from '../../../include/linux/netfilter/nf_conntrack_common.js';
import { SKB_DATAREF_SHIFT, SKB_FCLONE_CLONE, SKB_FCLONE_ORIG } from '../../../include/linux/skbuff/constants.js';
import { skb_zcopy } from '../../../include/linux/skbuff/frags.js';
import type { sk_buff, sk_buff_head, sk_buff_fclones } from '../../../include/linux/skbuff/struct.js';
import type { bool, int } from '../../../include/linux/types.js';
import type { sock } from '../../../include/net/sock/struct.js';
import { trace_consume_skb, trace_kfree_skb } from '../../../include/trace/events/skb.js';
import { free_head, kmem_cache_free_skb } from './cache.js';
import { net_zcopy_put } from './zerocopy.js';

/** Lets go of what the skb refers to: destination, owner, connection. @EXPORT_SYMBOL */
export function skb_release_head_state(skb: sk_buff): void {
  if (skb._skb_refdst !== null) skb_dst_drop(skb);
  const destructor = skb.destructor;
  if (destructor !== null) destructor(skb);
  if (skb._nfct !== null) nf_conntrack_put(skb._nfct);
}

function skb_data_unref(skb: sk_buff): bool {
  if (skb.cloned === 0) return true;
  const shinfo = skb.shinfo;
  shinfo.dataref -= skb.nohdr !== 0 ? (1 << SKB_DATAREF_SHIFT) + 1 : 1;
  return shinfo.dataref === 0;
}

/** Lets go of the bytes; the last holder frees them. */
export function skb_release_data(skb: sk_buff, reason: skb_drop_reason): void {
  if (!skb_data_unref(skb)) return;
  const shinfo = skb.shinfo;
  if (shinfo.flags !== 0) {
    const uarg = skb_zcopy(skb);
    if (uarg !== null) {
      shinfo.flags = 0;
      net_zcopy_put(uarg, skb);
    }
  }
  if (shinfo.frag_list !== null) kfree_skb_list_reason(shinfo.frag_list, reason);
  free_head(skb.head, shinfo, skb.head_frag !== 0);
}

export function skb_release_all(skb: sk_buff, reason: skb_drop_reason): void {
  skb_release_head_state(skb);
  skb_release_data(skb, reason);
}

/** Gives the structure back, and the pair that it is part of with the second of the two. */
export function kfree_skbmem(skb: sk_buff): void {
  if (skb.fclone !== SKB_FCLONE_ORIG && skb.fclone !== SKB_FCLONE_CLONE) {
    kmem_cache_free_skb(skb);
    return;
  }
  const fclones = skb.fclones as sk_buff_fclones;
  if (--fclones.fclone_ref === 0) kmem_cache_free_skb(fclones.skb1);
}

/** Frees an skb that nobody refers to any more, whatever is counted or traced. @EXPORT_SYMBOL */
export function __kfree_skb(skb: sk_buff): void {
  skb_release_all(skb, SKB_DROP_REASON_NOT_SPECIFIED);
  kfree_skbmem(skb);
}

/**
 * Drops a reference, and with the last one the packet, which did not serve its purpose.
 * @param sk the receiving socket that dropped it, or null
 * @EXPORT_SYMBOL
 * @formerly kfree_skb 2.4-6.x
 * @formerly kfree_skb_reason 5.17-6.x
 */
export function sk_skb_reason_drop(sk: sock | null, skb: sk_buff | null, reason: skb_drop_reason): void {
  if (skb === null || --skb.users > 0) return;
  if (reason === SKB_CONSUMED) trace_consume_skb(skb, 0);
  else trace_kfree_skb(skb, 0, reason, sk);
  skb_release_all(skb, reason);
  kfree_skbmem(skb);
}

/** @notrace */
export function kfree_skb_reason(skb: sk_buff | null, reason: skb_drop_reason): void {
  sk_skb_reason_drop(null, skb, reason);
}

/** @notrace */
export function kfree_skb(skb: sk_buff | null): void {
  sk_skb_reason_drop(null, skb, SKB_DROP_REASON_NOT_SPECIFIED);
}

/** Drops a list linked by `next`. @EXPORT_SYMBOL */
export function kfree_skb_list_reason(segs: sk_buff | null, reason: skb_drop_reason): void {
  while (segs !== null) {
    const next: sk_buff | null = segs.next;
    segs.next = null;
    sk_skb_reason_drop(null, segs, reason);
    segs = next;
  }
}

/** @notrace */
export function kfree_skb_list(segs: sk_buff | null): void {
  kfree_skb_list_reason(segs, SKB_DROP_REASON_NOT_SPECIFIED);
}

/** Drops a reference, and with the last one the packet, which served its purpose. @EXPORT_SYMBOL */
export function consume_skb(skb: sk_buff | null): void {
  if (skb === null || --skb.users > 0) return;
  trace_consume_skb(skb, 0);
  __kfree_skb(skb);
}

/** As consume_skb(), for an skb whose head holds nothing any more. */
export function __consume_stateless_skb(skb: sk_buff): void {
  trace_consume_skb(skb, 0);
  skb_release_data(skb, SKB_CONSUMED);
  kfree_skbmem(skb);
}

/** Frees an skb of a driver that was sent. @param budget of NAPI @EXPORT_SYMBOL */
export function napi_consume_skb(skb: sk_buff | null, _budget: int): void {
  consume_skb(skb);
}

/** Frees the structure of an skb whose data went into another. */
export function kfree_skb_partial(skb: sk_buff, head_stolen: bool): void {
  if (head_stolen) {
    skb_release_head_state(skb);
    kfree_skbmem(skb);
  } else {
    __kfree_skb(skb);
  }
}

/** What a driver or a qdisc that drops says of a user's memory. @EXPORT_SYMBOL */
export function skb_tx_error(skb: sk_buff | null): void {
  if (skb === null) return;
  const uarg = skb_zcopy(skb);
  if (uarg !== null) net_zcopy_put(uarg, skb);
}

/** Frees all of a list. @EXPORT_SYMBOL */
export function skb_queue_purge_reason(list: sk_buff_head, reason: skb_drop_reason): void {
  let skb = list.next;
  list.next = null;
  list.prev = null;
  list.qlen = 0;
  while (skb !== null) {
    const next: sk_buff | null = skb.next;
    skb.next = null;
    skb.prev = null;
    sk_skb_reason_drop(null, skb, reason);
    skb = next;
  }
}
