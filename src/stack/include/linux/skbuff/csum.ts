// Checksum state of an skb (include/linux/skbuff.h, the comment on CHECKSUM_*).

import { __skb_checksum_complete } from '../../../net/core/skbuff.js';
import { csum_partial } from '../../../lib/checksum.js';
import { csum_block_add, csum_block_sub, csum_fold } from '../../net/checksum.js';
import type { __sum16, __wsum, bool, skb_data_ptr, uint } from '../types.js';
import {
  CHECKSUM_COMPLETE,
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  SKB_MAX_CSUM_LEVEL,
} from './constants.js';
import { __skb_push } from './room.js';
import type { sk_buff } from './struct.js';

/** Whether somebody already vouches for the checksum. @notrace */
export function skb_csum_unnecessary(skb: sk_buff): bool {
  return (
    skb.ip_summed === CHECKSUM_UNNECESSARY ||
    skb.csum_valid !== 0 ||
    (skb.ip_summed === CHECKSUM_PARTIAL && skb.csum_start - skb.data >= 0)
  );
}

/** 0 if the checksum is right. @notrace */
export function skb_checksum_complete(skb: sk_buff): __sum16 {
  return skb_csum_unnecessary(skb) ? 0 : __skb_checksum_complete(skb);
}

/** @notrace */
export function __skb_decr_checksum_unnecessary(skb: sk_buff): void {
  if (skb.ip_summed === CHECKSUM_UNNECESSARY) {
    if (skb.csum_level === 0) skb.ip_summed = CHECKSUM_NONE;
    else skb.csum_level--;
  }
}

/** @notrace */
export function __skb_incr_checksum_unnecessary(skb: sk_buff): void {
  if (skb.ip_summed === CHECKSUM_UNNECESSARY) {
    if (skb.csum_level < SKB_MAX_CSUM_LEVEL) skb.csum_level++;
  } else if (skb.ip_summed === CHECKSUM_NONE) {
    skb.ip_summed = CHECKSUM_UNNECESSARY;
    skb.csum_level = 0;
  }
}

/** Bytes below which a packet's checksum is verified at once. */
export const CHECKSUM_BREAK = 76;

/**
 * Prepares or makes the check of a transport checksum.
 * @param complete whether to verify at once whatever the length
 * @param psum sum of the pseudo header
 * @returns 0 if the checksum is right or its check is put off
 * @notrace
 */
export function __skb_checksum_validate(
  skb: sk_buff,
  complete: bool,
  zero_okay: bool,
  check: __sum16,
  psum: __wsum,
): __sum16 {
  skb.csum_valid = 0;
  if (skb_csum_unnecessary(skb) || (zero_okay && check === 0)) {
    skb.csum_valid = 1;
    __skb_decr_checksum_unnecessary(skb);
    return 0;
  }
  return __skb_checksum_validate_complete(skb, complete, psum);
}

/** @notrace */
export function __skb_checksum_validate_complete(skb: sk_buff, complete: bool, psum: __wsum): __sum16 {
  if (skb.ip_summed === CHECKSUM_COMPLETE) {
    if (csum_fold(addCarry(psum, skb.csum)) === 0) {
      skb.csum_valid = 1;
      return 0;
    }
  }
  skb.csum = psum;
  if (complete || skb.len <= CHECKSUM_BREAK) {
    const csum = __skb_checksum_complete(skb);
    skb.csum_valid = csum === 0 ? 1 : 0;
    return csum;
  }
  return 0;
}

/** @notrace */
function addCarry(a: __wsum, b: __wsum): __wsum {
  const sum = a + b;
  return sum > 0xffffffff ? (sum - 0xffffffff) >>> 0 : sum;
}

/** Checks a checksum that covers no pseudo header. @notrace */
export function skb_checksum_simple_validate(skb: sk_buff): __sum16 {
  return __skb_checksum_validate(skb, true, false, 0, 0);
}

/** Takes bytes that were pulled out of a CHECKSUM_COMPLETE sum. @notrace */
export function skb_postpull_rcsum(skb: sk_buff, start: skb_data_ptr, len: uint): void {
  if (skb.ip_summed === CHECKSUM_COMPLETE) {
    skb.csum = csum_block_sub(skb.csum, csum_partial(skb.head, start, len, 0), 0);
  } else if (skb.ip_summed === CHECKSUM_PARTIAL && skb.csum_start - skb.data < 0) {
    skb.ip_summed = CHECKSUM_NONE;
  }
}

/** Adds bytes that were pushed to a CHECKSUM_COMPLETE sum. @notrace */
export function skb_postpush_rcsum(skb: sk_buff, start: skb_data_ptr, len: uint): void {
  if (skb.ip_summed === CHECKSUM_COMPLETE) {
    skb.csum = csum_block_add(skb.csum, csum_partial(skb.head, start, len, 0), 0);
  }
}

/** @notrace */
export function skb_push_rcsum(skb: sk_buff, len: uint): skb_data_ptr {
  __skb_push(skb, len);
  skb_postpush_rcsum(skb, skb.data, len);
  return skb.data;
}

/** Whether the sum of the rest has to be made when bytes are added behind. @notrace */
export function skb_checksum_none_assert(_skb: sk_buff): void {
  // A new skb has CHECKSUM_NONE already.
}

/** A packet that is forwarded leaves the sum of all of it behind: the headers will change. @notrace */
export function skb_forward_csum(skb: sk_buff): void {
  if (skb.ip_summed === CHECKSUM_COMPLETE) skb.ip_summed = CHECKSUM_NONE;
}
