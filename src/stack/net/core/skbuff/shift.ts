// Splitting an skb's data between two (net/core/skbuff.c): TCP's queues.

import { CHECKSUM_PARTIAL, GFP_ATOMIC, MAX_SKB_FRAGS } from '../../../include/linux/skbuff/constants.js';
import { SKBFL_SHARED_FRAG } from '../../../include/linux/skbuff/constants.js';
import { __skb_fill_page_desc, skb_can_coalesce, skb_len_add, skb_zcopy } from '../../../include/linux/skbuff/frags.js';
import { skb_cloned, skb_unclone_keeptruesize } from '../../../include/linux/skbuff/refs.js';
import { __skb_put, skb_headlen } from '../../../include/linux/skbuff/room.js';
import type { sk_buff } from '../../../include/linux/skbuff/struct.js';
import type { int, u32 } from '../../../include/linux/types.js';
import { skb_zerocopy_clone } from './zerocopy.js';

function skb_split_inside_header(skb: sk_buff, skb1: sk_buff, len: u32, pos: int): void {
  const moved = pos - len;
  const at = __skb_put(skb1, moved);
  skb1.head.set(skb.head.subarray(skb.data + len, skb.data + pos), at);
  const from = skb.shinfo;
  for (let i = 0; i < from.nr_frags; i++) {
    const frag = from.frags[i];
    __skb_fill_page_desc(skb1, i, frag.page, frag.offset, frag.size);
  }
  skb1.shinfo.nr_frags = from.nr_frags;
  from.nr_frags = 0;
  skb1.data_len = skb.data_len;
  skb1.len += skb1.data_len;
  skb.data_len = 0;
  skb.len = len;
  skb.tail = skb.data + len;
}

function skb_split_no_header(skb: sk_buff, skb1: sk_buff, len: u32, pos: int): void {
  const from = skb.shinfo;
  const nfrags = from.nr_frags;
  let k = 0;
  from.nr_frags = 0;
  skb1.len = skb1.data_len = skb.len - len;
  skb.len = len;
  skb.data_len = len - pos;
  for (let i = 0; i < nfrags; i++) {
    const frag = from.frags[i];
    const size = frag.size;
    if (pos + size > len) {
      __skb_fill_page_desc(skb1, k, frag.page, frag.offset, size);
      if (pos < len) {
        const head = len - pos;
        skb1.shinfo.frags[0].offset += head;
        skb1.shinfo.frags[0].size -= head;
        frag.size = head;
        from.nr_frags++;
      }
      k++;
    } else {
      from.nr_frags++;
    }
    pos += size;
  }
  skb1.shinfo.nr_frags = k;
}

/** Moves what follows the first `len` bytes to the empty `skb1`. @EXPORT_SYMBOL */
export function skb_split(skb: sk_buff, skb1: sk_buff, len: u32): void {
  const pos = skb_headlen(skb);
  skb1.shinfo.flags |= skb.shinfo.flags & SKBFL_SHARED_FRAG;
  skb_zerocopy_clone(skb1, skb, 0);
  if (len < pos) skb_split_inside_header(skb, skb1, len, pos);
  else skb_split_no_header(skb, skb1, len, pos);
}

function skb_prepare_for_shift(skb: sk_buff): int {
  return skb_cloned(skb) ? skb_unclone_keeptruesize(skb, GFP_ATOMIC) : 0;
}

/**
 * Moves the first `shiftlen` bytes of `skb` behind those of `tgt`; both have their data in fragments.
 * @returns bytes moved: all, or 0 where that cannot be
 * @EXPORT_SYMBOL
 */
export function skb_shift(tgt: sk_buff, skb: sk_buff, shiftlen: int): int {
  if (shiftlen > skb.len || skb_headlen(skb) !== 0) return 0;
  if (skb_zcopy(tgt) !== null || skb_zcopy(skb) !== null) return 0;
  if (skb_prepare_for_shift(skb) !== 0 || skb_prepare_for_shift(tgt) !== 0) return 0;
  const src = skb.shinfo;
  const dst = tgt.shinfo;
  const to = dst.nr_frags;
  const first = src.frags[0];
  const merge = to > 0 && skb_can_coalesce(tgt, to, first.page, first.offset);
  let needed = 0;
  let todo = shiftlen;
  while (todo > 0) todo -= src.frags[needed++].size;
  if (to + needed - (merge ? 1 : 0) > MAX_SKB_FRAGS) return 0;

  todo = shiftlen;
  let from = 0;
  let next = to;
  while (todo > 0) {
    const frag = src.frags[from];
    const part = Math.min(todo, frag.size);
    if (from === 0 && merge) dst.frags[to - 1].size += part;
    else __skb_fill_page_desc(tgt, next++, frag.page, frag.offset, part);
    todo -= part;
    if (part < frag.size) {
      frag.offset += part;
      frag.size -= part;
    } else {
      from++;
    }
  }
  dst.nr_frags = next;
  if (from > 0) {
    const emptied = src.frags.splice(0, from);
    src.nr_frags -= from;
    src.frags.push(...emptied);
  }
  tgt.ip_summed = CHECKSUM_PARTIAL;
  skb.ip_summed = CHECKSUM_PARTIAL;
  skb_len_add(skb, -shiftlen);
  skb_len_add(tgt, shiftlen);
  return shiftlen;
}
