/**
 * SipHash-2-4 (Aumasson, Bernstein 2012): the keyed hash behind initial sequence numbers, timestamp
 * offsets, SYN cookies and Fast Open cookies. Read beside it: lib/siphash.c.
 * 64-bit words are kept as two halves, since bigint would be slow; a result is [low, high].
 */
import type { u32 } from '../include/linux/types.js';

/** The 128-bit key as four words: low and high half of each of the two 64-bit keys. */
export type siphash_key_t = Uint32Array;

/** @notrace */
export function siphash_key(): siphash_key_t {
  return new Uint32Array(4);
}

/** One SipRound on v0..v3, each stored low half first. @notrace */
function SIPROUND(v: Int32Array): void {
  add(v, 0, 2);
  rotl(v, 2, 13);
  xor(v, 2, 0);
  swap(v, 0);
  add(v, 4, 6);
  rotl(v, 6, 16);
  xor(v, 6, 4);
  add(v, 0, 6);
  rotl(v, 6, 21);
  xor(v, 6, 0);
  add(v, 4, 2);
  rotl(v, 2, 17);
  xor(v, 2, 4);
  swap(v, 4);
}

/** @notrace */
function add(v: Int32Array, a: number, b: number): void {
  const lo = (v[a] >>> 0) + (v[b] >>> 0);
  v[a + 1] = v[a + 1] + v[b + 1] + (lo > 0xffffffff ? 1 : 0);
  v[a] = lo;
}

/** @notrace */
function xor(v: Int32Array, a: number, b: number): void {
  v[a] ^= v[b];
  v[a + 1] ^= v[b + 1];
}

/** @notrace */
function rotl(v: Int32Array, a: number, n: number): void {
  const lo = v[a];
  const hi = v[a + 1];
  v[a] = (lo << n) | (hi >>> (32 - n));
  v[a + 1] = (hi << n) | (lo >>> (32 - n));
}

/** @notrace */
function swap(v: Int32Array, a: number): void {
  const lo = v[a];
  v[a] = v[a + 1];
  v[a + 1] = lo;
}

/**
 * @param data hashed bytes
 * @param len how many of them
 * @returns the 64-bit hash as [low, high] halves
 */
export function siphash(data: Uint8Array, len: number, key: siphash_key_t): [u32, u32] {
  const v = new Int32Array(8);
  v[0] = 0x70736575 ^ key[0];
  v[1] = 0x736f6d65 ^ key[1];
  v[2] = 0x6e646f6d ^ key[2];
  v[3] = 0x646f7261 ^ key[3];
  v[4] = 0x6e657261 ^ key[0];
  v[5] = 0x6c796765 ^ key[1];
  v[6] = 0x79746573 ^ key[2];
  v[7] = 0x74656462 ^ key[3];
  const whole = len & ~7;
  for (let i = 0; i <= whole; i += 8) {
    let lo = 0;
    let hi = 0;
    const n = Math.min(8, len - i);
    for (let j = 0; j < n; j++) {
      if (j < 4) lo |= data[i + j] << (8 * j);
      else hi |= data[i + j] << (8 * (j - 4));
    }
    if (i === whole) hi |= len << 24;
    v[6] ^= lo;
    v[7] ^= hi;
    SIPROUND(v);
    SIPROUND(v);
    v[0] ^= lo;
    v[1] ^= hi;
  }
  v[4] ^= 0xff;
  SIPROUND(v);
  SIPROUND(v);
  SIPROUND(v);
  SIPROUND(v);
  return [(v[0] ^ v[2] ^ v[4] ^ v[6]) >>> 0, (v[1] ^ v[3] ^ v[5] ^ v[7]) >>> 0];
}

/** Hash of 32-bit words, each taken as four little-endian bytes. @notrace */
export function siphash_u32s(words: readonly u32[], key: siphash_key_t): [u32, u32] {
  const data = new Uint8Array(words.length * 4);
  for (let i = 0; i < words.length; i++) {
    const w = words[i];
    data[4 * i] = w;
    data[4 * i + 1] = w >>> 8;
    data[4 * i + 2] = w >>> 16;
    data[4 * i + 3] = w >>> 24;
  }
  return siphash(data, data.length, key);
}
