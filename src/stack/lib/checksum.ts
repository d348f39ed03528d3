// Sums over bytes (lib/checksum.c; RFC 1071): the loops behind include/net/checksum.ts.

import { csum_fold, csum_add } from '../include/net/checksum.js';
import type { __sum16, __wsum, int, uint } from '../include/linux/types.js';

/** 16-bit words whose sum surely stays a small integer. */
const BLOCK = 0x7000;

/**
 * Adds the bytes of a buffer to a sum.
 * @param off first byte
 * @param len bytes; a last odd one counts as the low byte of a word
 * @param sum 32-bit sum so far
 * @notrace
 */
export function csum_partial(buf: Uint8Array, off: int, len: int, sum: __wsum): __wsum {
  let at = off;
  const end = off + len;
  let total = sum;
  while (end - at >= 2) {
    const words = (end - at) >> 1;
    const stop = at + 2 * (words > BLOCK ? BLOCK : words);
    let acc = 0;
    for (; stop - at >= 16; at += 16) {
      acc +=
        (buf[at] | (buf[at + 1] << 8)) +
        (buf[at + 2] | (buf[at + 3] << 8)) +
        (buf[at + 4] | (buf[at + 5] << 8)) +
        (buf[at + 6] | (buf[at + 7] << 8)) +
        (buf[at + 8] | (buf[at + 9] << 8)) +
        (buf[at + 10] | (buf[at + 11] << 8)) +
        (buf[at + 12] | (buf[at + 13] << 8)) +
        (buf[at + 14] | (buf[at + 15] << 8));
    }
    for (; at < stop; at += 2) acc += buf[at] | (buf[at + 1] << 8);
    total = csum_add(total, acc);
  }
  if (at < end) total = csum_add(total, buf[at]);
  return total;
}

/** Copies bytes and sums them. @notrace */
export function csum_partial_copy_nocheck(src: Uint8Array, from: int, dst: Uint8Array, to: int, len: int): __wsum {
  dst.set(src.subarray(from, from + len), to);
  return csum_partial(dst, to, len, 0);
}

/** The checksum of an IPv4 header of `ihl` 32-bit words. @notrace */
export function ip_fast_csum(iph: Uint8Array, off: int, ihl: uint): __sum16 {
  let sum = 0;
  for (let at = off, end = off + 4 * ihl; at < end; at += 2) sum += iph[at] | (iph[at + 1] << 8);
  return csum_fold(sum);
}

/** @notrace */
export function ip_compute_csum(buf: Uint8Array, off: int, len: int): __sum16 {
  return csum_fold(csum_partial(buf, off, len, 0));
}
