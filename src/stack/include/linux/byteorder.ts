// Host (little-endian) to network byte order and back (include/uapi/linux/byteorder/little_endian.h).

import type { __be16, __be32, u16, u32 } from './types.js';

/** @notrace */
export function ntohs(value: __be16): u16 {
  return ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
}

/** @notrace */
export function htons(value: u16): __be16 {
  return ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
}

/** @notrace */
export function ntohl(value: __be32): u32 {
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

/** @notrace */
export function htonl(value: u32): __be32 {
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}
