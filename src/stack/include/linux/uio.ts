// Where a call's data stands in the program's memory (include/linux/uio.h, lib/iov_iter.c): pieces of bytes
// and a place in them.

import type { int, size_t, uint, ulong } from './types.js';

export const ITER_DEST = 0;
export const ITER_SOURCE = 1;

/** One piece of a program's memory. */
export class iovec {
  iov_base: Uint8Array;
  iov_len: size_t;

  constructor(piece: Uint8Array) {
    this.iov_base = piece;
    this.iov_len = piece.length;
  }
}

export class iov_iter {
  /** ITER_SOURCE: data to be sent; ITER_DEST: room for data. */
  data_source: int;
  readonly __iov: Uint8Array[];
  /** Which piece, and bytes of it already used. */
  segment: uint = 0;
  iov_offset: size_t = 0;
  /** Bytes left. */
  count: size_t;

  constructor(direction: int, iov: Uint8Array[]) {
    this.data_source = direction;
    this.__iov = iov;
    let count = 0;
    for (const piece of iov) count += piece.length;
    this.count = count;
  }

  get nr_segs(): ulong {
    return this.__iov.length;
  }
  /**
   * The first piece, as probes see it.
   * @field __iov
   */
  get first(): iovec | null {
    return this.__iov.length > 0 ? new iovec(this.__iov[0]) : null;
  }
  get ubuf(): Uint8Array | null {
    return this.__iov[0] ?? null;
  }
}

/** @notrace */
export function iov_iter_count(iter: iov_iter): size_t {
  return iter.count;
}

/** @notrace */
export function msg_data_left(msg: { msg_iter: iov_iter }): size_t {
  return msg.msg_iter.count;
}

/** Leaves at most `count` bytes. @notrace */
export function iov_iter_truncate(iter: iov_iter, count: size_t): void {
  if (iter.count > count) iter.count = count;
}

/** @notrace */
export function iov_iter_advance(iter: iov_iter, bytes: size_t): void {
  bytes = Math.min(bytes, iter.count);
  iter.count -= bytes;
  iter.iov_offset += bytes;
  while (iter.segment < iter.__iov.length && iter.iov_offset >= iter.__iov[iter.segment].length) {
    iter.iov_offset -= iter.__iov[iter.segment].length;
    iter.segment++;
  }
}

/** @notrace */
export function iov_iter_revert(iter: iov_iter, bytes: size_t): void {
  iter.count += bytes;
  while (bytes > iter.iov_offset) {
    bytes -= iter.iov_offset;
    iter.segment--;
    iter.iov_offset = iter.__iov[iter.segment].length;
  }
  iter.iov_offset -= bytes;
}

/** Bytes up to which a loop copies faster than a view is made for TypedArray.set(). */
const COPY_BY_LOOP = 64;

/** memcpy(): `len` bytes of `from` from `start` on, to `to[at …]`. @notrace */
export function copy_bytes(to: Uint8Array, at: size_t, from: Uint8Array, start: size_t, len: size_t): void {
  if (len > COPY_BY_LOOP) {
    to.set(len === from.length ? from : from.subarray(start, start + len), at);
    return;
  }
  for (let i = 0; i < len; i++) to[at + i] = from[start + i];
}

/**
 * Copies from the program's memory.
 * @param to where to
 * @param offset first byte there
 * @param bytes how many
 * @returns how many were copied: fewer if the program gave no more
 * @EXPORT_SYMBOL
 */
export function copy_from_iter(to: Uint8Array, offset: size_t, bytes: size_t, iter: iov_iter): size_t {
  const total = Math.min(bytes, iter.count);
  let left = total;
  while (left > 0) {
    const piece = iter.__iov[iter.segment];
    // Fewer bytes than were promised: a pointer that leads nowhere.
    if (piece === undefined) return total - left;
    const part = Math.min(left, piece.length - iter.iov_offset);
    copy_bytes(to, offset + (total - left), piece, iter.iov_offset, part);
    left -= part;
    iov_iter_advance(iter, part);
  }
  return total;
}

/**
 * Copies to the program's memory.
 * @returns how many bytes were copied: fewer if the program has no more room
 * @EXPORT_SYMBOL
 */
export function copy_to_iter(from: Uint8Array, offset: size_t, bytes: size_t, iter: iov_iter): size_t {
  const total = Math.min(bytes, iter.count);
  let left = total;
  while (left > 0) {
    const piece = iter.__iov[iter.segment];
    // Fewer bytes than were promised: a pointer that leads nowhere.
    if (piece === undefined) return total - left;
    const part = Math.min(left, piece.length - iter.iov_offset);
    copy_bytes(piece, iter.iov_offset, from, offset + (total - left), part);
    left -= part;
    iov_iter_advance(iter, part);
  }
  return total;
}
