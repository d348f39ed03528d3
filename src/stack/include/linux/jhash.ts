/**
 * Bob Jenkins' lookup3 hash of up to three 32-bit words (public domain), as include/linux/jhash.h offers it.
 */
import type { u32 } from './types.js';

const JHASH_INITVAL = 0xdeadbeef;

/** @notrace */
function rol32(x: u32, n: number): u32 {
  return (x << n) | (x >>> (32 - n));
}

/** Hash of three words, mixed from `base`. @notrace */
function jhash_nwords(a: u32, b: u32, c: u32, base: u32): u32 {
  a = (a + base) | 0;
  b = (b + base) | 0;
  c = (c + base) | 0;
  c = ((c ^ b) - rol32(b, 14)) | 0;
  a = ((a ^ c) - rol32(c, 11)) | 0;
  b = ((b ^ a) - rol32(a, 25)) | 0;
  c = ((c ^ b) - rol32(b, 16)) | 0;
  a = ((a ^ c) - rol32(c, 4)) | 0;
  b = ((b ^ a) - rol32(a, 14)) | 0;
  c = ((c ^ b) - rol32(b, 24)) | 0;
  return c >>> 0;
}

/** @notrace */
export function jhash_3words(a: u32, b: u32, c: u32, initval: u32): u32 {
  return jhash_nwords(a, b, c, (initval + JHASH_INITVAL + (3 << 2)) | 0);
}

/** @notrace */
export function jhash_2words(a: u32, b: u32, initval: u32): u32 {
  return jhash_nwords(a, b, 0, (initval + JHASH_INITVAL + (2 << 2)) | 0);
}

/** @notrace */
export function jhash_1word(a: u32, initval: u32): u32 {
  return jhash_nwords(a, 0, 0, (initval + JHASH_INITVAL + (1 << 2)) | 0);
}
