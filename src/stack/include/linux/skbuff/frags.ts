// Fragments of an skb outside its head (include/linux/skbuff.h).

import { __skb_linearize, skb_copy_ubufs } from '../../../net/core/skbuff.js';
import type { bool, gfp_t, int, uint } from '../types.js';
import { SKBFL_DONT_ORPHAN, SKBFL_PURE_ZEROCOPY, SKBFL_SHARED_FRAG, SKBFL_ZEROCOPY_ENABLE } from './constants.js';
import { skb_cloned } from './refs.js';
import { skb_frag_t } from './struct.js';
import type { sk_buff, ubuf_info } from './struct.js';

/** @notrace */
export function skb_frag_size(frag: skb_frag_t): uint {
  return frag.size;
}

/** @notrace */
export function skb_frag_size_set(frag: skb_frag_t, size: uint): void {
  frag.size = size;
}

/** @notrace */
export function skb_frag_size_add(frag: skb_frag_t, delta: int): void {
  frag.size += delta;
}

/** @notrace */
export function skb_frag_size_sub(frag: skb_frag_t, delta: int): void {
  frag.size -= delta;
}

/** @notrace */
export function skb_frag_off(frag: skb_frag_t): uint {
  return frag.offset;
}

/** @notrace */
export function skb_frag_off_add(frag: skb_frag_t, delta: int): void {
  frag.offset += delta;
}

/** @notrace */
export function skb_frag_off_set(frag: skb_frag_t, offset: uint): void {
  frag.offset = offset;
}

/** @notrace */
export function skb_frag_page(frag: skb_frag_t): Uint8Array {
  return frag.page;
}

/** Makes `to` the same piece of memory as `from`. @notrace */
export function skb_frag_copy(to: skb_frag_t, from: skb_frag_t): void {
  to.page = from.page;
  to.offset = from.offset;
  to.size = from.size;
}

/** Sets the i-th fragment. @notrace */
export function __skb_fill_page_desc(skb: sk_buff, i: int, page: Uint8Array, off: int, size: int): void {
  const frags = skb.shinfo.frags;
  if (i < frags.length) {
    const frag = frags[i];
    frag.page = page;
    frag.offset = off;
    frag.size = size;
  } else {
    frags[i] = new skb_frag_t(page, off, size);
  }
}

/** Sets the i-th fragment and makes it the last. @notrace */
export function skb_fill_page_desc(skb: sk_buff, i: int, page: Uint8Array, off: int, size: int): void {
  __skb_fill_page_desc(skb, i, page, off, size);
  skb.shinfo.nr_frags = i + 1;
}

/** @notrace */
export function skb_frag_ref(_skb: sk_buff, _f: int): void {
  // Pages are freed by the garbage collector.
}

/** @notrace */
export function skb_frag_unref(_skb: sk_buff, _f: int): void {
  // Pages are freed by the garbage collector.
}

/** Whether bytes at that place of that page would simply lengthen the i-1-th fragment. @notrace */
export function skb_can_coalesce(skb: sk_buff, i: int, page: Uint8Array, off: int): bool {
  if (skb.shinfo.destructor_arg !== null) return false;
  if (i === 0) return false;
  const frag = skb.shinfo.frags[i - 1];
  return page === frag.page && off === frag.offset + frag.size;
}

/** @notrace */
export function skb_has_frag_list(skb: sk_buff): bool {
  return skb.shinfo.frag_list !== null;
}

/** @notrace */
export function skb_frag_list_init(skb: sk_buff): void {
  skb.shinfo.frag_list = null;
}

/** @notrace */
export function skb_has_shared_frag(skb: sk_buff): bool {
  return skb.data_len !== 0 && (skb.shinfo.flags & SKBFL_SHARED_FRAG) !== 0;
}

/** Counts bytes that were added to the fragments. @notrace */
export function skb_len_add(skb: sk_buff, delta: int): void {
  skb.len += delta;
  skb.data_len += delta;
  skb.truesize += delta;
}

/** Brings everything into the head. @returns 0 or -ENOMEM @notrace */
export function skb_linearize(skb: sk_buff): int {
  return skb.data_len !== 0 ? __skb_linearize(skb) : 0;
}

/** @notrace */
export function skb_linearize_cow(skb: sk_buff): int {
  return skb.data_len !== 0 || skb_cloned(skb) ? __skb_linearize(skb) : 0;
}

/** The owner of a user's buffer that the fragments lie in. @notrace */
export function skb_zcopy(skb: sk_buff | null): ubuf_info | null {
  if (skb === null) return null;
  return (skb.shinfo.flags & SKBFL_ZEROCOPY_ENABLE) !== 0 ? skb.shinfo.destructor_arg : null;
}

/** @notrace */
export function skb_zcopy_pure(skb: sk_buff): bool {
  return (skb.shinfo.flags & SKBFL_PURE_ZEROCOPY) !== 0;
}

/** Copies a user's memory before it is handed to someone who may keep it. @notrace */
export function skb_orphan_frags(skb: sk_buff, gfp_mask: gfp_t): int {
  if (skb_zcopy(skb) === null) return 0;
  if ((skb.shinfo.flags & SKBFL_DONT_ORPHAN) !== 0) return 0;
  return skb_copy_ubufs(skb, gfp_mask);
}

/** @notrace */
export function skb_orphan_frags_rx(skb: sk_buff, gfp_mask: gfp_t): int {
  if (skb_zcopy(skb) === null) return 0;
  return skb_copy_ubufs(skb, gfp_mask);
}

/** Whether two skbs are alike in that all of their data is the user's, or not. @notrace */
export function skb_pure_zcopy_same(skb1: sk_buff, skb2: sk_buff): bool {
  return skb_zcopy_pure(skb1) === skb_zcopy_pure(skb2);
}

/** Whether the pages of a user's buffer are managed by the caller (io_uring, which is left out). @notrace */
export function skb_zcopy_managed(_skb: sk_buff): bool {
  return false;
}
