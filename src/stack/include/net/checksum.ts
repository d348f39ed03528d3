// The Internet checksum (include/net/checksum.h; RFC 1071, RFC 1624). Sums are taken over 16-bit words as a
// little-endian machine loads them, so that a folded sum stored low byte first is right on the wire.

import type { __be32, __sum16, __wsum, int, u32, u8 } from '../linux/types.js';
import type { sk_buff } from '../linux/skbuff/struct.js';
import { CHECKSUM_COMPLETE, CHECKSUM_PARTIAL } from '../linux/skbuff/constants.js';

export { csum_partial, csum_partial_copy_nocheck, ip_compute_csum, ip_fast_csum } from '../../lib/checksum.js';

export { __skb_checksum_complete } from '../../net/core/skbuff/csum.js';
export { skb_csum_unnecessary } from '../linux/skbuff/csum.js';

export const CSUM_MANGLED_0 = 0xffff;

/** @notrace */
export function csum_unfold(n: __sum16): __wsum {
  return n;
}

/** 32-bit ones' complement addition. @notrace */
export function csum_add(csum: __wsum, addend: __wsum): __wsum {
  const sum = csum + addend;
  return sum > 0xffffffff ? sum - 0xffffffff : sum;
}

/** @notrace */
export function csum_sub(csum: __wsum, addend: __wsum): __wsum {
  return csum_add(csum, ~addend >>> 0);
}

/** The complement of a sum folded into 16 bits. @notrace */
export function csum_fold(csum: __wsum): __sum16 {
  let sum = (csum & 0xffff) + (csum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Swaps bytes where a block begins at an odd place. @notrace */
export function csum_shift(sum: __wsum, offset: int): __wsum {
  if ((offset & 1) === 0) return sum;
  return ((sum >>> 8) | (sum << 24)) >>> 0;
}

/** @notrace */
export function csum_block_add(csum: __wsum, csum2: __wsum, offset: int): __wsum {
  return csum_add(csum, csum_shift(csum2, offset));
}

/** @notrace */
export function csum_block_sub(csum: __wsum, csum2: __wsum, offset: int): __wsum {
  return csum_block_add(csum, ~csum2 >>> 0, offset);
}

/** The sum of the pseudo header of TCP and UDP. `len` and `proto` are in host order. @notrace */
export function csum_tcpudp_nofold(saddr: __be32, daddr: __be32, len: u32, proto: u8, sum: __wsum): __wsum {
  let s = csum_add(csum_add(sum, saddr), daddr);
  s = csum_add(s, ((len & 0xff) << 8) | ((len >>> 8) & 0xff));
  s = csum_add(s, proto << 8);
  if (len > 0xffff) s = csum_add(s, ((len >>> 24) << 8) | ((len >>> 16) & 0xff));
  return s;
}

/** @notrace */
export function csum_tcpudp_magic(saddr: __be32, daddr: __be32, len: u32, proto: u8, sum: __wsum): __sum16 {
  return csum_fold(csum_tcpudp_nofold(saddr, daddr, len, proto, sum));
}

/** A checksum after 16 bits that it covers changed (RFC 1624, equation 3). @notrace */
export function csum16_replace(check: __sum16, old: number, put: number): __sum16 {
  return csum_fold(csum_add(csum_add(~check & 0xffff, ~old & 0xffff), put));
}

/** A checksum after 32 bits that it covers changed. @notrace */
export function csum32_replace(check: __sum16, old: __be32, put: __be32): __sum16 {
  return csum_fold(csum_add(csum_add(~check & 0xffff, ~old >>> 0), put));
}

/** @returns the new checksum @notrace */
export function csum_replace2(sum: __sum16, old: number, put: number): __sum16 {
  return csum16_replace(sum, old, put);
}

/** @returns the new checksum @notrace */
export function csum_replace4(sum: __sum16, from: __be32, to: __be32): __sum16 {
  return csum32_replace(sum, from, to);
}

/** @notrace */
export function csum_replace_by_diff(sum: __sum16, diff: __wsum): __sum16 {
  return csum_fold(csum_add(diff, ~sum & 0xffff));
}

/**
 * The transport checksum `sum` after 32 bits of the packet changed.
 * @param pseudohdr whether the bits are part of the pseudo header
 * @returns the new checksum; with CHECKSUM_PARTIAL the field is the (uncomplemented) sum of the pseudo header
 * @notrace
 */
export function inet_proto_csum_replace4(
  sum: __sum16,
  skb: sk_buff,
  from: __be32,
  to: __be32,
  pseudohdr: boolean,
): __sum16 {
  if (skb.ip_summed !== CHECKSUM_PARTIAL) {
    const check = csum_replace4(sum, from, to);
    if (skb.ip_summed === CHECKSUM_COMPLETE && pseudohdr) {
      skb.csum = ~csum_add(csum_sub(~skb.csum >>> 0, from), to) >>> 0;
    }
    return check;
  }
  if (!pseudohdr) return sum;
  return ~csum_fold(csum_add(csum_sub(sum, from), to)) & 0xffff;
}

/** As inet_proto_csum_replace4(), for 16 bits. @notrace */
export function inet_proto_csum_replace2(
  sum: __sum16,
  skb: sk_buff,
  from: number,
  to: number,
  pseudohdr: boolean,
): __sum16 {
  return inet_proto_csum_replace4(sum, skb, from, to, pseudohdr);
}
