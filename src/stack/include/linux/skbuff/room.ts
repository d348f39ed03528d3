// Where an skb's data begins and ends, and the room around it (include/linux/skbuff.h). The checked forms
// skb_put(), skb_push(), skb_pull(), skb_trim() are functions of net/core/skbuff/room.ts.

import { __pskb_pull_tail, ___pskb_trim, pskb_expand_head } from '../../../net/core/skbuff.js';
import { pskb_trim_rcsum_slow, __skb_pad } from '../../../net/core/skbuff.js';
import { ENOMEM } from '../errno.js';
import { SKB_DROP_REASON_NOMEM, SKB_DROP_REASON_PKT_TOO_SMALL, SKB_NOT_DROPPED_YET } from '../../net/dropreason.js';
import type { skb_drop_reason } from '../../net/dropreason.js';
import type { bool, int, skb_data_ptr, uint } from '../types.js';
import { GFP_ATOMIC, NET_SKB_PAD } from './constants.js';
import { skb_cloned, skb_header_cloned } from './refs.js';
import type { sk_buff, skb_shared_info } from './struct.js';

/** @notrace */
export function skb_shinfo(skb: sk_buff): skb_shared_info {
  return skb.shinfo;
}

/** @notrace */
export function skb_end_pointer(skb: sk_buff): skb_data_ptr {
  return skb.end;
}

/** @notrace */
export function skb_end_offset(skb: sk_buff): uint {
  return skb.end;
}

/** @notrace */
export function skb_set_end_offset(skb: sk_buff, offset: uint): void {
  skb.end = offset;
}

/** @notrace */
export function skb_tail_pointer(skb: sk_buff): skb_data_ptr {
  return skb.tail;
}

/** @notrace */
export function skb_reset_tail_pointer(skb: sk_buff): void {
  skb.tail = skb.data;
}

/** @notrace */
export function skb_set_tail_pointer(skb: sk_buff, offset: int): void {
  skb.tail = skb.data + offset;
}

/** @notrace */
export function skb_is_nonlinear(skb: sk_buff): bool {
  return skb.data_len !== 0;
}

/** Bytes in the head. @notrace */
export function skb_headlen(skb: sk_buff): uint {
  return skb.len - skb.data_len;
}

/** Bytes in head and frags, without those of the fragment list. @notrace */
export function skb_pagelen(skb: sk_buff): uint {
  return __skb_pagelen(skb) + skb_headlen(skb);
}

/** @notrace */
export function __skb_pagelen(skb: sk_buff): uint {
  const shinfo = skb.shinfo;
  let len = 0;
  for (let i = 0; i < shinfo.nr_frags; i++) len += shinfo.frags[i].size;
  return len;
}

/** @notrace */
export function skb_headroom(skb: sk_buff): uint {
  return skb.data;
}

/** @notrace */
export function skb_tailroom(skb: sk_buff): int {
  return skb.data_len !== 0 ? 0 : skb.end - skb.tail;
}

/** @notrace */
export function skb_availroom(skb: sk_buff): int {
  return skb.data_len !== 0 ? 0 : skb.end - skb.tail - skb.reserved_tailroom;
}

/** Moves the start of an empty skb's data, to leave headroom. @notrace */
export function skb_reserve(skb: sk_buff, len: int): void {
  skb.data += len;
  skb.tail += len;
}

/** @notrace */
export function skb_tailroom_reserve(skb: sk_buff, mtu: uint, needed_tailroom: uint): void {
  if (mtu < skb_tailroom(skb) - needed_tailroom) skb.reserved_tailroom = skb_tailroom(skb) - mtu;
  else skb.reserved_tailroom = needed_tailroom;
}

/** @returns where the added bytes begin @notrace */
export function __skb_put(skb: sk_buff, len: uint): skb_data_ptr {
  const at = skb.tail;
  skb.tail += len;
  skb.len += len;
  return at;
}

/** @notrace */
export function __skb_put_zero(skb: sk_buff, len: uint): skb_data_ptr {
  const at = __skb_put(skb, len);
  skb.head.fill(0, at, at + len);
  return at;
}

/** @notrace */
export function __skb_push(skb: sk_buff, len: uint): skb_data_ptr {
  skb.data -= len;
  skb.len += len;
  return skb.data;
}

/** @notrace */
export function __skb_pull(skb: sk_buff, len: uint): skb_data_ptr {
  skb.len -= len;
  return (skb.data += len);
}

/** @returns the new start of the data, or -1 if there is not so much @notrace */
export function skb_pull_inline(skb: sk_buff, len: uint): skb_data_ptr {
  return len > skb.len ? -1 : __skb_pull(skb, len);
}

/** Why the first `len` bytes cannot be had in the head; brings them there. @notrace */
export function pskb_may_pull_reason(skb: sk_buff, len: uint): skb_drop_reason {
  if (len <= skb.len - skb.data_len) return SKB_NOT_DROPPED_YET;
  if (len > skb.len) return SKB_DROP_REASON_PKT_TOO_SMALL;
  if (__pskb_pull_tail(skb, len - (skb.len - skb.data_len)) < 0) return SKB_DROP_REASON_NOMEM;
  return SKB_NOT_DROPPED_YET;
}

/** Whether the first `len` bytes are there; brings them into the head. @notrace */
export function pskb_may_pull(skb: sk_buff, len: uint): bool {
  if (len <= skb.len - skb.data_len) return true;
  return pskb_may_pull_reason(skb, len) === SKB_NOT_DROPPED_YET;
}

/** @returns the new start of the data, or -1 @notrace */
export function pskb_pull(skb: sk_buff, len: uint): skb_data_ptr {
  if (!pskb_may_pull(skb, len)) return -1;
  return __skb_pull(skb, len);
}

/** @notrace */
export function pskb_network_may_pull(skb: sk_buff, len: uint): bool {
  return pskb_may_pull(skb, skb.network_header - skb.data + len);
}

/** @notrace */
export function __skb_set_length(skb: sk_buff, len: uint): void {
  skb.len = len;
  skb.tail = skb.data + len;
}

/** @notrace */
export function __skb_trim(skb: sk_buff, len: uint): void {
  if (skb.data_len !== 0) return;
  __skb_set_length(skb, len);
}

/** @notrace */
export function __pskb_trim(skb: sk_buff, len: uint): int {
  if (skb.data_len !== 0) return ___pskb_trim(skb, len);
  __skb_trim(skb, len);
  return 0;
}

/** Cuts to `len` bytes. @returns 0 or -ENOMEM @notrace */
export function pskb_trim(skb: sk_buff, len: uint): int {
  return len < skb.len ? __pskb_trim(skb, len) : 0;
}

/** Cuts an skb whose bytes nobody else has. @notrace */
export function pskb_trim_unique(skb: sk_buff, len: uint): void {
  pskb_trim(skb, len);
}

/** Cuts to `len` bytes and keeps a CHECKSUM_COMPLETE sum right. @notrace */
export function pskb_trim_rcsum(skb: sk_buff, len: uint): int {
  if (len >= skb.len) return 0;
  return pskb_trim_rcsum_slow(skb, len);
}

/** @notrace */
export function __skb_grow(skb: sk_buff, len: uint): int {
  const add = len - skb.len;
  if (add > 0 && skb_tailroom(skb) < add) {
    if (pskb_expand_head(skb, 0, add, GFP_ATOMIC) !== 0) return -ENOMEM;
  }
  __skb_set_length(skb, len);
  return 0;
}

/** @notrace */
export function __skb_cow(skb: sk_buff, headroom: uint, cloned: bool): int {
  let delta = 0;
  if (headroom > skb_headroom(skb)) delta = headroom - skb_headroom(skb);
  if (delta !== 0 || cloned) {
    return pskb_expand_head(skb, (delta + NET_SKB_PAD - 1) & ~(NET_SKB_PAD - 1), 0, GFP_ATOMIC);
  }
  return 0;
}

/** Makes the head writable, with at least that much headroom. @returns 0 or -ENOMEM @notrace */
export function skb_cow(skb: sk_buff, headroom: uint): int {
  return __skb_cow(skb, headroom, skb_cloned(skb));
}

/** As skb_cow(), for one who writes headers only. @notrace */
export function skb_cow_head(skb: sk_buff, headroom: uint): int {
  return __skb_cow(skb, headroom, skb_header_cloned(skb));
}

/** Pads with zeroes to `len` bytes without counting them; frees the skb on failure. @notrace */
export function skb_padto(skb: sk_buff, len: uint): int {
  if (skb.len >= len) return 0;
  return __skb_pad(skb, len - skb.len, true);
}

/** Pads with zeroes to `len` bytes. @returns 0, or -ENOMEM and the skb is freed @notrace */
export function skb_put_padto(skb: sk_buff, len: uint): int {
  if (skb.len >= len) return 0;
  const pad = len - skb.len;
  if (__skb_pad(skb, pad, true) !== 0) return -ENOMEM;
  __skb_put(skb, pad);
  return 0;
}
