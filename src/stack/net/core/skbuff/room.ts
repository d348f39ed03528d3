// Data added and taken at both ends of an skb, checked (net/core/skbuff.c). The kernel panics where there is no
// room, for that is a mistake of the code; so does the model.

import { SKB_DROP_REASON_NOMEM } from '../../../include/net/dropreason.js';
import { EINVAL, ENOMEM } from '../../../include/linux/errno.js';
import { skb_cloned } from '../../../include/linux/skbuff/refs.js';
import { GFP_ATOMIC } from '../../../include/linux/skbuff/constants.js';
import type { sk_buff } from '../../../include/linux/skbuff/struct.js';
import type { bool, int, skb_data_ptr, uint } from '../../../include/linux/types.js';
import { __skb_trim } from '../../../include/linux/skbuff/room.js';
import { pskb_expand_head } from './expand.js';
import { ___pskb_trim, __skb_linearize } from './frag.js';
import { kfree_skb_reason } from './free.js';

function skb_panic(skb: sk_buff, sz: uint, msg: string): never {
  const text = `skb_${msg}_panic: text len:${skb.len} put:${sz} data:${skb.data} tail:${skb.tail} end:${skb.end} dev:${skb.dev?.name ?? '<NULL>'}`;
  throw new Error(`kernel BUG: ${text}`);
}

/** Adds `len` bytes behind the data. @returns where they begin @EXPORT_SYMBOL */
export function skb_put(skb: sk_buff, len: uint): skb_data_ptr {
  const at = skb.tail;
  if (skb.data_len !== 0 || at + len > skb.end) skb_panic(skb, len, 'over');
  skb.tail = at + len;
  skb.len += len;
  return at;
}

/** Adds `len` bytes of zero. @notrace */
export function skb_put_zero(skb: sk_buff, len: uint): skb_data_ptr {
  const at = skb_put(skb, len);
  skb.head.fill(0, at, at + len);
  return at;
}

/** Adds a copy of bytes behind the data. @notrace */
export function skb_put_data(skb: sk_buff, data: Uint8Array, len: uint): skb_data_ptr {
  const at = skb_put(skb, len);
  skb.head.set(len === data.length ? data : data.subarray(0, len), at);
  return at;
}

/** @notrace */
export function skb_put_u8(skb: sk_buff, val: number): void {
  skb.head[skb_put(skb, 1)] = val;
}

/** Adds bytes to the last of the fragment list of which `skb` is the head. @EXPORT_SYMBOL */
export function pskb_put(skb: sk_buff, tail: sk_buff, len: int): skb_data_ptr {
  if (tail !== skb) {
    skb.data_len += len;
    skb.len += len;
  }
  return skb_put(tail, len);
}

/** Adds `len` bytes in front of the data. @returns where they begin @EXPORT_SYMBOL */
export function skb_push(skb: sk_buff, len: uint): skb_data_ptr {
  const data = skb.data - len;
  if (data < 0) skb_panic(skb, len, 'under');
  skb.data = data;
  skb.len += len;
  return data;
}

/** Takes `len` bytes off the front. @returns the new start, or -1 if there are not so many @EXPORT_SYMBOL */
export function skb_pull(skb: sk_buff, len: uint): skb_data_ptr {
  if (len > skb.len) return -1;
  skb.len -= len;
  return (skb.data += len);
}

/** As skb_pull(), but gives the place of what was taken. @EXPORT_SYMBOL */
export function skb_pull_data(skb: sk_buff, len: uint): skb_data_ptr {
  const data = skb.data;
  if (len > skb.len) return -1;
  skb_pull(skb, len);
  return data;
}

/** Cuts a linear skb to `len` bytes. @EXPORT_SYMBOL */
export function skb_trim(skb: sk_buff, len: uint): void {
  if (skb.len > len) __skb_trim(skb, len);
}

/** Makes `pad` bytes of zero behind the data, not counted. @param free_on_error whether to free the skb then @EXPORT_SYMBOL */
export function __skb_pad(skb: sk_buff, pad: int, free_on_error: bool): int {
  let err = 0;
  if (!skb_cloned(skb) && skb.data_len === 0 && skb.end - skb.tail >= pad) {
    skb.head.fill(0, skb.tail, skb.tail + pad);
    return 0;
  }
  const ntail = skb.data_len + pad - (skb.end - skb.tail);
  if (skb_cloned(skb) || ntail > 0) err = pskb_expand_head(skb, 0, Math.max(ntail, 0), GFP_ATOMIC);
  if (err === 0 && skb.data_len !== 0) err = __skb_linearize(skb);
  if (err === 0) skb.head.fill(0, skb.tail, skb.tail + pad);
  else if (free_on_error) kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
  return err;
}

/** Cuts a packet; a CHECKSUM_COMPLETE sum follows, one of CHECKSUM_PARTIAL that is cut away is refused. @EXPORT_SYMBOL */
export function pskb_trim_rcsum_slow(skb: sk_buff, len: uint): int {
  if (skb.ip_summed === 2) {
    skb.ip_summed = 0;
  } else if (skb.ip_summed === 3) {
    const hdlen = len > skb.len - skb.data_len ? skb.len - skb.data_len : len;
    if (skb.csum_start - skb.data + skb.csum_offset + 2 > hdlen) return -EINVAL;
  }
  return skb.data_len !== 0 ? ___pskb_trim(skb, len) : trim_linear(skb, len);
}

/** @notrace */
function trim_linear(skb: sk_buff, len: uint): int {
  if (len > skb.len) return -ENOMEM;
  __skb_trim(skb, len);
  return 0;
}
