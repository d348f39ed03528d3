// Copies out of and into all the pieces of an skb (net/core/skbuff.c).

import { EFAULT } from '../../../include/linux/errno.js';
import { csum_block_add } from '../../../include/net/checksum.js';
import { csum_partial, csum_partial_copy_nocheck } from '../../../lib/checksum.js';
import { skb_headlen } from '../../../include/linux/skbuff/room.js';
import type { sk_buff } from '../../../include/linux/skbuff/struct.js';
import type { __wsum, int } from '../../../include/linux/types.js';
import { CHECKSUM_PARTIAL } from '../../../include/linux/skbuff/constants.js';
import { csum_fold } from '../../../include/net/checksum.js';

/**
 * What is done with one piece: `len` bytes at `at` in `buf`, which are the bytes from `done` on of what was asked
 * for.
 */
type piece_fn = (buf: Uint8Array, at: int, len: int, done: int) => void;

/** Calls `fn` for each piece of `len` bytes from `offset` on. @returns bytes that were there @notrace */
export function skb_walk_pieces(skb: sk_buff, offset: int, len: int, fn: piece_fn): int {
  let done = 0;
  const headlen = skb_headlen(skb);
  if (offset < headlen) {
    const copy = Math.min(headlen - offset, len);
    fn(skb.head, skb.data + offset, copy, 0);
    done = copy;
    offset += copy;
  }
  let start = headlen;
  const shinfo = skb.shinfo;
  for (let i = 0; i < shinfo.nr_frags && done < len; i++) {
    const frag = shinfo.frags[i];
    const end = start + frag.size;
    if (offset < end) {
      const copy = Math.min(end - offset, len - done);
      fn(frag.page, frag.offset + offset - start, copy, done);
      done += copy;
      offset += copy;
    }
    start = end;
  }
  for (let list = shinfo.frag_list; list !== null && done < len; list = list.next) {
    const end = start + list.len;
    if (offset < end) {
      const before = done;
      const copy = Math.min(end - offset, len - done);
      skb_walk_pieces(list, offset - start, copy, (buf, at, n, d) => fn(buf, at, n, before + d));
      done += copy;
      offset += copy;
    }
    start = end;
  }
  return done;
}

/** Copies `len` bytes from `offset` (of data; below 0: headers that were pulled) on to a buffer. @returns 0, or -EFAULT if there are not so many @EXPORT_SYMBOL */
export function skb_copy_bits(skb: sk_buff, offset: int, to: Uint8Array, at: int, len: int): int {
  if (skb.data + offset < 0 || offset > skb.len - len) return -EFAULT;
  const headlen = skb.len - skb.data_len;
  if (offset + len <= headlen) {
    const from = skb.data + offset;
    to.set(skb.head.subarray(from, from + len), at);
    return 0;
  }
  skb_walk_pieces(skb, offset, len, (buf, from, n, done) => to.set(buf.subarray(from, from + n), at + done));
  return 0;
}

/** Copies `len` bytes from a buffer into an skb from `offset` on. @EXPORT_SYMBOL */
export function skb_store_bits(skb: sk_buff, offset: int, from: Uint8Array, at: int, len: int): int {
  if (skb.data + offset < 0 || offset > skb.len - len) return -EFAULT;
  skb_walk_pieces(skb, offset, len, (buf, to, n, done) => buf.set(from.subarray(at + done, at + done + n), to));
  return 0;
}

/** Adds the bytes of an skb to a checksum. @EXPORT_SYMBOL */
export function skb_checksum(skb: sk_buff, offset: int, len: int, csum: __wsum): __wsum {
  if (offset + len <= skb.len - skb.data_len) return csum_partial(skb.head, skb.data + offset, len, csum);
  let sum = csum;
  skb_walk_pieces(skb, offset, len, (buf, at, n, done) => {
    sum = csum_block_add(sum, csum_partial(buf, at, n, 0), done);
  });
  return sum;
}

/** Copies and sums. @EXPORT_SYMBOL */
export function skb_copy_and_csum_bits(skb: sk_buff, offset: int, to: Uint8Array, at: int, len: int): __wsum {
  let sum = 0;
  skb_walk_pieces(skb, offset, len, (buf, from, n, done) => {
    sum = csum_block_add(sum, csum_partial_copy_nocheck(buf, from, to, at + done, n), done);
  });
  return sum;
}

/** Copies a packet for a device that cannot sum, with its checksum filled in. @EXPORT_SYMBOL */
export function skb_copy_and_csum_dev(skb: sk_buff, to: Uint8Array): void {
  const partial = skb.ip_summed === CHECKSUM_PARTIAL;
  const csstart = partial ? skb.csum_start - skb.data : skb_headlen(skb);
  skb_copy_bits(skb, 0, to, 0, csstart);
  let csum = 0;
  if (csstart !== skb.len) csum = skb_copy_and_csum_bits(skb, csstart, to, csstart, skb.len - csstart);
  if (partial) {
    const check = csum_fold(csum);
    to[csstart + skb.csum_offset] = check & 0xff;
    to[csstart + skb.csum_offset + 1] = check >>> 8;
  }
}

/** The byte at `offset`, whatever piece it is in. @notrace */
export function skb_header_byte(skb: sk_buff, offset: int): int {
  if (offset < skb.len - skb.data_len) return skb.head[skb.data + offset];
  let byte = 0;
  skb_walk_pieces(skb, offset, 1, (buf, at) => {
    byte = buf[at];
  });
  return byte;
}

/**
 * Where `len` bytes from `offset` on can be read: in the head itself, or copied to `buffer`.
 * @returns the array and the place in it, or null if there are not so many
 * @notrace
 */
export function skb_header_pointer(
  skb: sk_buff,
  offset: int,
  len: int,
  buffer: Uint8Array,
): { buf: Uint8Array; off: int } | null {
  if (skb_headlen(skb) - offset >= len && offset >= 0) return { buf: skb.head, off: skb.data + offset };
  if (skb_copy_bits(skb, offset, buffer, 0, len) < 0) return null;
  return { buf: buffer, off: 0 };
}
