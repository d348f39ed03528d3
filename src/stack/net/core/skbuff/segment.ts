// Cutting a packet into segments that a device can send (net/core/skbuff.c, skb_segment()). Each segment gets the
// headers of the packet; the protocols' own gso_segment() then correct what is in them.

import { EINVAL, ENOMEM } from '../../../include/linux/errno.js';
import { SKB_GSO_CB } from '../../../include/net/gso.js';
import {
  NETIF_F_GSO_PARTIAL,
  NETIF_F_HW_CSUM,
  NETIF_F_IP_CSUM,
  NETIF_F_SG,
} from '../../../include/linux/netdev_features.js';
import type { netdev_features_t } from '../../../include/linux/netdev_features.js';
import {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  MAX_SKB_FRAGS,
  SKB_GSO_DODGY,
  SKBFL_SHARED_FRAG,
} from '../../../include/linux/skbuff/constants.js';
import { skb_zerocopy_clone } from './zerocopy.js';
import { __skb_fill_page_desc, skb_orphan_frags } from '../../../include/linux/skbuff/frags.js';
import { __skb_put, skb_headlen, skb_headroom, skb_reserve } from '../../../include/linux/skbuff/room.js';
import type { sk_buff } from '../../../include/linux/skbuff/struct.js';
import { skb_frag_t } from '../../../include/linux/skbuff/struct.js';
import type { bool, int, uint } from '../../../include/linux/types.js';
import { __alloc_skb } from './alloc.js';
import { skb_checksum, skb_copy_bits } from './bits.js';
import { skb_copy_header, skb_headers_offset_update } from './clone.js';
import { kfree_skb_list } from './free.js';

/** Adds to `nskb` the fragments that hold `len` bytes of `skb` from `offset` (behind the head) on. @notrace */
function take_frags(nskb: sk_buff, skb: sk_buff, offset: int, len: int): bool {
  const pieces: skb_frag_t[] = [];
  collect(skb, offset, len, pieces);
  if (pieces.length > MAX_SKB_FRAGS) return false;
  for (let i = 0; i < pieces.length; i++)
    __skb_fill_page_desc(nskb, i, pieces[i].page, pieces[i].offset, pieces[i].size);
  nskb.shinfo.nr_frags = pieces.length;
  return true;
}

/** The pieces of `len` bytes from `offset` on, heads of the fragment list's skbs included. @notrace */
function collect(skb: sk_buff, offset: int, len: int, out: skb_frag_t[]): int {
  let done = 0;
  const add = (page: Uint8Array, at: int, size: int): void => {
    if (offset < size && done < len) {
      const part = Math.min(size - offset, len - done);
      out.push(new skb_frag_t(page, at + offset, part));
      done += part;
      offset = 0;
    } else {
      offset -= Math.min(offset, size);
    }
  };
  add(skb.head, skb.data, skb_headlen(skb));
  const shinfo = skb.shinfo;
  for (let i = 0; i < shinfo.nr_frags; i++) add(shinfo.frags[i].page, shinfo.frags[i].offset, shinfo.frags[i].size);
  for (let list = shinfo.frag_list; list !== null && done < len; list = list.next) {
    if (offset >= list.len) {
      offset -= list.len;
      continue;
    }
    done += collect(list, offset, len - done, out);
    offset = 0;
  }
  return done;
}

/**
 * Segments of gso_size bytes of payload each, linked by `next`; `prev` of the first is the last.
 * data of `head_skb` is at the payload, with all headers in front of it (from the MAC header on).
 * @param features what the device can do
 * @returns the first segment, or a negative errno
 * @EXPORT_SYMBOL
 */
export function skb_segment(head_skb: sk_buff, features: netdev_features_t): sk_buff | int {
  const doffset = head_skb.data - head_skb.mac_header;
  const mss = head_skb.shinfo.gso_size;
  if (mss === 0) return -EINVAL;
  const payload = head_skb.len;
  const headroom = skb_headroom(head_skb) - doffset;
  const csum = (features & (NETIF_F_HW_CSUM | NETIF_F_IP_CSUM)) !== 0;
  const sg = (features & NETIF_F_SG) !== 0;
  let segs: sk_buff | null = null;
  let tail: sk_buff | null = null;
  let offset = 0;
  // Where the device completes the headers itself, one segment carries as many full ones as fit.
  const per_skb = (features & NETIF_F_GSO_PARTIAL) !== 0 ? Math.max(1, Math.floor(payload / mss)) * mss : mss;

  while (offset < payload) {
    const len = Math.min(per_skb, payload - offset);
    const inhead = sg ? Math.max(0, Math.min(len, skb_headlen(head_skb) - offset)) : len;
    const nskb = make_segment(head_skb, doffset, headroom, inhead, offset);
    if (nskb === null) return fail(segs);
    if (tail === null) segs = nskb;
    else tail.next = nskb;
    tail = nskb;
    if (sg) {
      if (len > inhead) {
        if (skb_orphan_frags(head_skb, 0) !== 0 || skb_zerocopy_clone(nskb, head_skb, 0) !== 0) return fail(segs);
        nskb.shinfo.flags |= head_skb.shinfo.flags & SKBFL_SHARED_FRAG;
        if (!take_frags(nskb, head_skb, offset + inhead, len - inhead)) return fail(segs);
        nskb.data_len = len - inhead;
        nskb.len += nskb.data_len;
        nskb.truesize += nskb.data_len;
      }
      nskb.ip_summed = CHECKSUM_PARTIAL;
    }
    if (!csum) {
      nskb.ip_summed = CHECKSUM_NONE;
      const cb = SKB_GSO_CB(nskb);
      cb.csum = skb_checksum(nskb, doffset, nskb.len - doffset, 0);
      cb.csum_start = nskb.data + doffset;
    }
    offset += len;
  }
  const first = segs as sk_buff;
  first.prev = tail;
  if (per_skb !== mss) note_partial(first, mss);
  if (head_skb.destructor !== null && head_skb.sk !== null) share_owner(head_skb, first);
  return first;
}

/** @notrace */
function fail(segs: sk_buff | null): int {
  kfree_skb_list(segs);
  return -ENOMEM;
}

/** A segment with the headers and `len` bytes of payload in its head. @notrace */
function make_segment(head_skb: sk_buff, doffset: uint, headroom: uint, len: uint, offset: int): sk_buff | null {
  const nskb = __alloc_skb(headroom + doffset + len, 0, 0, -1);
  skb_reserve(nskb, headroom);
  __skb_put(nskb, doffset + len);
  skb_copy_header(nskb, head_skb);
  nskb.mac_len = head_skb.mac_len;
  skb_headers_offset_update(nskb, skb_headroom(nskb) - (skb_headroom(head_skb) - doffset));
  nskb.shinfo.gso_size = 0;
  nskb.shinfo.gso_segs = 0;
  nskb.shinfo.gso_type = 0;
  nskb.head.set(head_skb.head.subarray(head_skb.data - doffset, head_skb.data), nskb.data);
  if (len > 0) skb_copy_bits(head_skb, offset, nskb.head, nskb.data + doffset, len);
  return nskb;
}

/** @notrace */
function note_partial(first: sk_buff, mss: int): void {
  const shinfo = first.shinfo;
  shinfo.gso_size = mss;
  shinfo.gso_segs = Math.ceil(first.len / mss);
  shinfo.gso_type = SKB_GSO_DODGY;
}

/** The last segment answers for the memory that the packet was charged. @notrace */
function share_owner(head_skb: sk_buff, first: sk_buff): void {
  const tail = first.prev as sk_buff;
  const size = tail.truesize;
  tail.truesize = head_skb.truesize;
  head_skb.truesize = size;
  tail.destructor = head_skb.destructor;
  tail.sk = head_skb.sk;
  head_skb.destructor = null;
  head_skb.sk = null;
}
