// Sums over bytes (lib/checksum.c; RFC 1071): the loops behind include/net/checksum.ts.

import { csum_fold, csum_add } from '../include/net/checksum.js';
import type { __sum16, __wsum, int, uint } from '../include/linux/types.js';

/** Words whose sum surely stays a small integer. */
const BLOCK = 0x7000;
/** Bytes from which on a view that reads 32 bits at once is worth making. */
const BY_VIEW = 256;

/**
 * Adds the bytes of a buffer to a sum.
 * @param off first byte
 * @param len bytes; a last odd one counts as the low byte of a word
 * @param sum 32-bit sum so far
 * @notrace
 */
export function csum_partial(buf: Uint8Array, off: int, len: int, sum: __wsum): __wsum {
  return len < BY_VIEW || off + len > buf.length ? sum_bytes(buf, off, len, sum) : sum_words(buf, off, len, sum);
}

/** @notrace */
function sum_bytes(buf: Uint8Array, off: int, len: int, sum: __wsum): __wsum {
  const end = off + len;
  const stop = end - (len & 1);
  let acc = 0;
  let at = off;
  for (; stop - at >= 8; at += 8) {
    acc +=
      (buf[at] | (buf[at + 1] << 8)) +
      (buf[at + 2] | (buf[at + 3] << 8)) +
      (buf[at + 4] | (buf[at + 5] << 8)) +
      (buf[at + 6] | (buf[at + 7] << 8));
  }
  for (; at < stop; at += 2) acc += buf[at] | (buf[at + 1] << 8);
  if (at < end) acc += buf[at];
  return csum_add(sum, acc);
}

/** @notrace */
function sum_words(buf: Uint8Array, off: int, len: int, sum: __wsum): __wsum {
  const view = new DataView(buf.buffer, buf.byteOffset + off, len);
  let total = sum;
  let at = 0;
  while (len - at >= 4) {
    const words = (len - at) >> 2;
    const stop = at + 4 * (words > BLOCK ? BLOCK : words);
    let low = 0;
    let high = 0;
    for (; stop - at >= 16; at += 16) {
      const a = view.getInt32(at, true);
      const b = view.getInt32(at + 4, true);
      const c = view.getInt32(at + 8, true);
      const d = view.getInt32(at + 12, true);
      low += (a & 0xffff) + (b & 0xffff) + (c & 0xffff) + (d & 0xffff);
      high += (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16);
    }
    for (; at < stop; at += 4) {
      const word = view.getInt32(at, true);
      low += word & 0xffff;
      high += word >>> 16;
    }
    total = csum_add(csum_add(total, low), high);
  }
  return sum_bytes(buf, off + at, len - at, total);
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
