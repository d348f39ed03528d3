// More room around the data, in a new head (net/core/skbuff.c).

import { ENOMEM } from '../../../include/linux/errno.js';
import { SKB_DATA_ALIGN } from '../../../include/linux/skbuff/constants.js';
import { skb_orphan_frags, skb_zcopy } from '../../../include/linux/skbuff/frags.js';
import { skb_clone_fraglist, skb_copy_header, skb_headers_offset_update, skb_clone } from './clone.js';
import { skb_cloned, skb_shared } from '../../../include/linux/skbuff/refs.js';
import { __skb_put, skb_end_offset, skb_headroom, skb_reserve } from '../../../include/linux/skbuff/room.js';
import type { sk_buff } from '../../../include/linux/skbuff/struct.js';
import type { gfp_t, int, uint } from '../../../include/linux/types.js';
import { is_skb_wmem, skb_set_owner_w } from '../sock.js';
import { __alloc_skb, kmalloc_reserve } from './alloc.js';
import { skb_copy_bits } from './bits.js';
import { __pskb_pull_tail } from './frag.js';
import { alloc_shinfo, free_head } from './cache.js';
import { consume_skb, kfree_skb, skb_release_data } from './free.js';
import { net_zcopy_get } from './zerocopy.js';

/**
 * Gives the skb a head of its own with that much more room. All pointers into the old head are void.
 * @param nhead bytes of headroom to add
 * @param ntail bytes of tailroom to add
 * @returns 0 or -ENOMEM
 * @EXPORT_SYMBOL
 */
export function pskb_expand_head(skb: sk_buff, nhead: int, ntail: int, gfp_mask: gfp_t): int {
  const size = SKB_DATA_ALIGN(nhead + skb_end_offset(skb) + ntail);
  const osize = skb_end_offset(skb);
  const head = kmalloc_reserve(size);
  head.set(skb.head.subarray(skb.data, skb.tail), nhead + skb.data);
  // Headers that were pulled stand before data: clones with nohdr keep them there.
  if (skb.data > 0) head.set(skb.head.subarray(0, skb.data), nhead);

  const from = skb.shinfo;
  const shinfo = alloc_shinfo();
  shinfo.flags = from.flags;
  shinfo.tx_flags = from.tx_flags;
  shinfo.gso_size = from.gso_size;
  shinfo.gso_segs = from.gso_segs;
  shinfo.gso_type = from.gso_type;
  shinfo.tskey = from.tskey;
  shinfo.hwtstamps.hwtstamp = from.hwtstamps.hwtstamp;
  shinfo.destructor_arg = from.destructor_arg;
  shinfo.frag_list = from.frag_list;

  if (skb_cloned(skb)) {
    if (skb_orphan_frags(skb, gfp_mask) !== 0) return -ENOMEM;
    const uarg = skb_zcopy(skb);
    if (uarg !== null) net_zcopy_get(uarg);
    copy_frags(skb, shinfo.frags);
    shinfo.nr_frags = from.nr_frags;
    const old = skb.shinfo;
    skb.shinfo = shinfo;
    if (shinfo.frag_list !== null) skb_clone_fraglist(skb);
    skb.shinfo = old;
    skb_release_data(skb, 1);
  } else {
    shinfo.frags = from.frags;
    shinfo.nr_frags = from.nr_frags;
    from.frags = [];
    from.nr_frags = 0;
    from.frag_list = null;
    from.flags = 0;
    from.destructor_arg = null;
    free_head(skb.head, from, skb.head_frag !== 0);
  }
  skb.shinfo = shinfo;
  skb.head = head;
  skb.head_frag = 0;
  skb.data += nhead;
  skb.tail += nhead;
  skb.end = head.length;
  skb_headers_offset_update(skb, nhead);
  skb.cloned = 0;
  skb.hdr_len = 0;
  skb.nohdr = 0;
  shinfo.dataref = 1;
  // The head counts in truesize unless a socket was charged for the old one.
  if (skb.sk === null || skb.destructor === null) skb.truesize += skb.end - osize;
  return 0;
}

/** @notrace */
function copy_frags(skb: sk_buff, to: sk_buff['shinfo']['frags']): void {
  const from = skb.shinfo;
  for (let i = 0; i < from.nr_frags; i++) {
    const frag = from.frags[i];
    if (i < to.length) {
      to[i].page = frag.page;
      to[i].offset = frag.offset;
      to[i].size = frag.size;
    } else {
      to[i] = { page: frag.page, offset: frag.offset, size: frag.size };
    }
  }
}

/** pskb_expand_head() that leaves truesize alone. */
export function __skb_unclone_keeptruesize(skb: sk_buff, pri: gfp_t): int {
  const saved = skb.truesize;
  const res = pskb_expand_head(skb, 0, 0, pri);
  if (res !== 0) return res;
  skb.truesize = saved;
  return 0;
}

/** A private copy of the head with at least that much headroom. The old skb stays. @EXPORT_SYMBOL */
export function skb_realloc_headroom(skb: sk_buff, headroom: uint): sk_buff | null {
  const delta = headroom - skb_headroom(skb);
  const skb2 = skb_clone(skb, 0);
  if (skb2 === null) return null;
  if (pskb_expand_head(skb2, delta > 0 ? SKB_DATA_ALIGN(delta) : 0, 0, 0) !== 0) {
    kfree_skb(skb2);
    return null;
  }
  return skb2;
}

/** Makes at least that much headroom, in another skb if this one is shared. The old one is taken. @EXPORT_SYMBOL */
export function skb_expand_head(skb: sk_buff, headroom: uint): sk_buff | null {
  const delta = headroom - skb_headroom(skb);
  if (delta <= 0) return skb;
  const osize = skb_end_offset(skb);
  const sk = skb.sk;
  if (skb_shared(skb)) {
    const nskb = skb_clone(skb, 0);
    if (nskb === null) {
      kfree_skb(skb);
      return null;
    }
    if (sk !== null) skb_set_owner_w(nskb, sk);
    consume_skb(skb);
    skb = nskb;
  }
  if (pskb_expand_head(skb, SKB_DATA_ALIGN(delta), 0, 0) !== 0) {
    kfree_skb(skb);
    return null;
  }
  if (sk !== null && is_skb_wmem(skb)) {
    const grown = skb_end_offset(skb) - osize;
    sk.sk_wmem_alloc += grown;
    skb.truesize += grown;
  }
  return skb;
}

/** A linear copy with other head- and tailroom. @EXPORT_SYMBOL */
export function skb_copy_expand(skb: sk_buff, newheadroom: int, newtailroom: int, gfp_mask: gfp_t): sk_buff | null {
  const n = __alloc_skb(newheadroom + skb.len + newtailroom, gfp_mask, 0, -1);
  const oldheadroom = skb_headroom(skb);
  skb_reserve(n, newheadroom);
  __skb_put(n, skb.len);
  const keep = Math.min(oldheadroom, newheadroom);
  n.head.set(skb.head.subarray(skb.data - keep, skb.data), n.data - keep);
  skb_copy_bits(skb, 0, n.head, n.data, skb.len);
  skb_copy_header(n, skb);
  skb_headers_offset_update(n, newheadroom - oldheadroom);
  return n;
}

/** Makes the first bytes writable. @returns 0 or -ENOMEM @EXPORT_SYMBOL */
export function skb_ensure_writable(skb: sk_buff, write_len: uint): int {
  if (write_len > skb.len) return -ENOMEM;
  if (skb.len - skb.data_len < write_len && __pskb_pull_tail(skb, write_len - (skb.len - skb.data_len)) < 0) {
    return -ENOMEM;
  }
  if (!skb_cloned(skb)) return 0;
  return pskb_expand_head(skb, 0, 0, 0x20);
}
