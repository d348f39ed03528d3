// Data that moves between the head and the fragments (net/core/skbuff.c).

import type { skb_rb_root } from '../../../include/linux/skb_rbtree.js';
import { skb_rb_erase, skb_rb_first } from '../../../include/linux/skb_rbtree.js';
import { EMSGSIZE, ENOMEM } from '../../../include/linux/errno.js';
import { GFP_ATOMIC, MAX_SKB_FRAGS, SKB_TRUESIZE } from '../../../include/linux/skbuff/constants.js';
import {
  __skb_fill_page_desc,
  skb_can_coalesce,
  skb_fill_page_desc,
  skb_has_frag_list,
  skb_zcopy,
} from '../../../include/linux/skbuff/frags.js';
import { skb_cloned, skb_shared } from '../../../include/linux/skbuff/refs.js';
import { __skb_put, pskb_pull, pskb_trim, skb_headlen, skb_tailroom } from '../../../include/linux/skbuff/room.js';
import type { sk_buff } from '../../../include/linux/skbuff/struct.js';
import type { bool, int, size_t, skb_data_ptr, uint } from '../../../include/linux/types.js';
import { skb_copy_bits } from './bits.js';
import { skb_clone } from './clone.js';
import { pskb_expand_head } from './expand.js';
import { consume_skb, kfree_skb, kfree_skb_list } from './free.js';
import { skb_zcopy_clear } from './zerocopy.js';

/**
 * Moves `delta` bytes from the fragments to the end of the head.
 * @returns the end of the head, or -1 where they cannot be had
 * @EXPORT_SYMBOL
 */
export function __pskb_pull_tail(skb: sk_buff, delta: int): skb_data_ptr {
  if (delta > skb.data_len) return -1;
  const eat = skb.tail + delta - skb.end;
  if (eat > 0 || skb_cloned(skb)) {
    if (pskb_expand_head(skb, 0, eat > 0 ? eat + 128 : 0, GFP_ATOMIC) !== 0) return -1;
  }
  if (skb_copy_bits(skb, skb_headlen(skb), skb.head, skb.tail, delta) < 0) return -1;
  const left = eat_frags(skb, delta);
  if (left > 0 && !eat_frag_list(skb, left)) return -1;
  skb.tail += delta;
  skb.data_len -= delta;
  if (skb.data_len === 0) skb_zcopy_clear(skb, false);
  return skb.tail;
}

/** Takes bytes off the front of the fragments. @returns how many are still to be taken of the fragment list @notrace */
function eat_frags(skb: sk_buff, eat: int): int {
  const shinfo = skb.shinfo;
  let k = 0;
  for (let i = 0; i < shinfo.nr_frags; i++) {
    const frag = shinfo.frags[i];
    if (frag.size <= eat) {
      eat -= frag.size;
      continue;
    }
    const to = shinfo.frags[k];
    const page = frag.page;
    const offset = frag.offset + eat;
    const size = frag.size - eat;
    to.page = page;
    to.offset = offset;
    to.size = size;
    eat = 0;
    k++;
  }
  shinfo.nr_frags = k;
  return eat;
}

/** @notrace */
function eat_frag_list(skb: sk_buff, eat: int): bool {
  let list = skb.shinfo.frag_list;
  while (eat > 0 && list !== null) {
    const next: sk_buff | null = list.next;
    if (list.len <= eat) {
      eat -= list.len;
      skb.shinfo.frag_list = next;
      consume_skb(list);
      list = next;
      continue;
    }
    if (skb_shared(list)) {
      const clone = skb_clone(list, GFP_ATOMIC);
      if (clone === null) return false;
      clone.next = next;
      consume_skb(list);
      list = clone;
    }
    if (pskb_pull(list, eat) < 0) return false;
    skb.shinfo.frag_list = list;
    eat = 0;
  }
  return eat === 0;
}

/** Brings all data into the head. @returns 0 or -ENOMEM @notrace */
export function __skb_linearize(skb: sk_buff): int {
  return __pskb_pull_tail(skb, skb.data_len) >= 0 ? 0 : -ENOMEM;
}

/** Cuts a packet with fragments to `len` bytes. @returns 0 or -ENOMEM @EXPORT_SYMBOL */
export function ___pskb_trim(skb: sk_buff, len: uint): int {
  if (skb_cloned(skb)) {
    const err = pskb_expand_head(skb, 0, 0, GFP_ATOMIC);
    if (err !== 0) return err;
  }
  const shinfo = skb.shinfo;
  const headlen = skb_headlen(skb);
  let offset = headlen;
  let i = 0;
  if (offset < len) {
    for (; i < shinfo.nr_frags && offset < len; i++) {
      const frag = shinfo.frags[i];
      if (offset + frag.size > len) frag.size = len - offset;
      offset += frag.size;
    }
  }
  shinfo.nr_frags = i;
  trim_frag_list(skb, offset, len);
  if (len > headlen) {
    skb.data_len -= skb.len - len;
    skb.len = len;
  } else {
    skb.len = len;
    skb.data_len = 0;
    skb.tail = skb.data + len;
  }
  if (skb.sk === null || skb.destructor === null) skb_condense(skb);
  return 0;
}

/** @notrace */
function trim_frag_list(skb: sk_buff, offset: int, len: uint): void {
  let prev: sk_buff | null = null;
  let list = skb.shinfo.frag_list;
  while (list !== null && offset < len) {
    if (skb_shared(list)) {
      const clone = skb_clone(list, GFP_ATOMIC) as sk_buff;
      clone.next = list.next;
      consume_skb(list);
      list = clone;
      if (prev === null) skb.shinfo.frag_list = clone;
      else prev.next = clone;
    }
    if (offset + list.len > len) pskb_trim(list, len - offset);
    offset += list.len;
    prev = list;
    list = list.next;
  }
  if (list === null) return;
  if (prev === null) skb.shinfo.frag_list = null;
  else prev.next = null;
  kfree_skb_list(list);
}

/** Adds a fragment that a driver received into. @EXPORT_SYMBOL */
export function skb_add_rx_frag(skb: sk_buff, i: int, page: Uint8Array, off: int, size: int, truesize: uint): void {
  skb_fill_page_desc(skb, i, page, off, size);
  skb.len += size;
  skb.data_len += size;
  skb.truesize += truesize;
}

/** Lengthens the i-th fragment. @EXPORT_SYMBOL */
export function skb_coalesce_rx_frag(skb: sk_buff, i: int, size: int, truesize: uint): void {
  skb.shinfo.frags[i].size += size;
  skb.len += size;
  skb.data_len += size;
  skb.truesize += truesize;
}

/** Adds a piece of a page, to the last fragment if it continues it. @returns 0 or -EMSGSIZE @EXPORT_SYMBOL */
export function skb_append_pagefrags(
  skb: sk_buff,
  page: Uint8Array,
  offset: int,
  size: size_t,
  max_frags: size_t,
): int {
  const i = skb.shinfo.nr_frags;
  if (skb_can_coalesce(skb, i, page, offset)) skb.shinfo.frags[i - 1].size += size;
  else if (i < max_frags) skb_fill_page_desc(skb, i, page, offset, size);
  else return -EMSGSIZE;
  return 0;
}

/** Result of skb_try_coalesce(): whether the head went too, and bytes of truesize to be added. */
export interface skb_coalesce {
  fragstolen: bool;
  delta: int;
}

/**
 * Moves all data of `from` behind that of `to`, if it can be had without copying (or into the tailroom).
 * @returns whether it was done; the caller then frees `from` by kfree_skb_partial(from, result.fragstolen)
 * @EXPORT_SYMBOL
 */
export function skb_try_coalesce(to: sk_buff, from: sk_buff, result: skb_coalesce): bool {
  const len = from.len;
  result.fragstolen = false;
  if (skb_cloned(to)) return false;
  if (len <= skb_tailroom(to)) {
    if (len !== 0) skb_copy_bits(from, 0, to.head, __skb_put(to, len), len);
    result.delta = 0;
    return true;
  }
  const to_shinfo = to.shinfo;
  const from_shinfo = from.shinfo;
  if (to_shinfo.frag_list !== null || from_shinfo.frag_list !== null) return false;
  if (skb_zcopy(to) !== null || skb_zcopy(from) !== null) return false;
  if (skb_headlen(from) !== 0) return false;
  if (to_shinfo.nr_frags + from_shinfo.nr_frags > MAX_SKB_FRAGS) return false;
  const delta = from.truesize - SKB_TRUESIZE(from.end);
  for (let i = 0; i < from_shinfo.nr_frags; i++) {
    const frag = from_shinfo.frags[i];
    __skb_fill_page_desc(to, to_shinfo.nr_frags + i, frag.page, frag.offset, frag.size);
  }
  to_shinfo.nr_frags += from_shinfo.nr_frags;
  if (!skb_cloned(from)) from_shinfo.nr_frags = 0;
  to.truesize += delta;
  to.len += len;
  to.data_len += len;
  result.delta = delta;
  return true;
}

/** Gives up fragments whose data fits into the tailroom: less memory is held. @EXPORT_SYMBOL */
export function skb_condense(skb: sk_buff): void {
  if (skb.data_len !== 0) {
    if (skb.data_len > skb.end - skb.tail || skb_cloned(skb) || skb_has_frag_list(skb)) return;
    __pskb_pull_tail(skb, skb.data_len);
  }
  skb.truesize = SKB_TRUESIZE(skb.end);
}

/** Frees all skbs of a tree. @returns the sum of their truesizes @EXPORT_SYMBOL */
export function skb_rbtree_purge(root: skb_rb_root): uint {
  let sum = 0;
  let skb: sk_buff | null;
  while ((skb = skb_rb_first(root)) !== null) {
    skb_rb_erase(skb, root);
    sum += skb.truesize;
    kfree_skb(skb);
  }
  return sum;
}
