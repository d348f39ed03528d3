// Checksums of whole packets (net/core/skbuff.c).

import { csum_add, csum_fold } from '../../../include/net/checksum.js';
import { CHECKSUM_COMPLETE, CHECKSUM_PARTIAL } from '../../../include/linux/skbuff/constants.js';
import { skb_postpull_rcsum } from '../../../include/linux/skbuff/csum.js';
import { __skb_pull, skb_headlen, skb_headroom } from '../../../include/linux/skbuff/room.js';
import type { sk_buff } from '../../../include/linux/skbuff/struct.js';
import type { __sum16, bool, int, skb_data_ptr, u16, uint } from '../../../include/linux/types.js';
import { skb_checksum } from './bits.js';

/** Sums the first `len` bytes with skb.csum (the pseudo header's). @returns 0 if right @EXPORT_SYMBOL */
export function __skb_checksum_complete_head(skb: sk_buff, len: int): __sum16 {
  const sum = csum_fold(skb_checksum(skb, 0, len, skb.csum));
  if (sum === 0 && skb.ip_summed === CHECKSUM_COMPLETE && skb.csum_complete_sw === 0) netdev_rx_csum_fault(skb);
  skb.csum_valid = sum === 0 ? 1 : 0;
  return sum;
}

/** Sums the whole packet with skb.csum, and notes the result. @returns 0 if right @EXPORT_SYMBOL */
export function __skb_checksum_complete(skb: sk_buff): __sum16 {
  const csum = skb_checksum(skb, 0, skb.len, 0);
  const sum = csum_fold(csum_add(skb.csum, csum));
  skb.csum = csum;
  skb.ip_summed = CHECKSUM_COMPLETE;
  skb.csum_complete_sw = 1;
  skb.csum_valid = sum === 0 ? 1 : 0;
  return sum;
}

/** A device said that the sum is wrong where it is right: nothing to be done about it. */
export function netdev_rx_csum_fault(_skb: sk_buff): void {}

/** Takes bytes off the front and out of a CHECKSUM_COMPLETE sum. @EXPORT_SYMBOL */
export function skb_pull_rcsum(skb: sk_buff, len: uint): skb_data_ptr {
  const data = skb.data;
  __skb_pull(skb, len);
  skb_postpull_rcsum(skb, data, len);
  return skb.data;
}

/** Marks a packet whose checksum is to be filled in later. @param start, off from data @EXPORT_SYMBOL */
export function skb_partial_csum_set(skb: sk_buff, start: u16, off: u16): bool {
  const csum_end = start + off + 2;
  const csum_start = skb_headroom(skb) + start;
  if (csum_start >= 0xffff || csum_end > skb_headlen(skb)) return false;
  skb.ip_summed = CHECKSUM_PARTIAL;
  skb.csum_start = csum_start;
  skb.csum_offset = off;
  skb.transport_header = csum_start;
  return true;
}
