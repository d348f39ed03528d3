// Explicit congestion notification in the TOS byte (include/net/inet_ecn.h, dsfield.h, inet_dscp.h; RFC 3168, 2474).

import { ip_hdr } from '../linux/ip.js';
import type { iphdr } from '../linux/ip.js';
import type { sk_buff } from '../linux/skbuff.js';
import type { sock } from './sock.js';
import { inet_sk } from './inet_sock.js';
import type { bool, u8 } from '../linux/types.js';

export const INET_ECN_NOT_ECT = 0;
export const INET_ECN_ECT_1 = 1;
export const INET_ECN_ECT_0 = 2;
export const INET_ECN_CE = 3;
export const INET_ECN_MASK = 3;
export const INET_DSCP_MASK = 0xfc;

/** @notrace */
export function inet_dsfield_to_dscp(dsfield: u8): u8 {
  return dsfield & INET_DSCP_MASK;
}
/** @notrace */
export function INET_ECN_is_ce(dsfield: u8): bool {
  return (dsfield & INET_ECN_MASK) === INET_ECN_CE;
}
/** @notrace */
export function INET_ECN_is_not_ect(dsfield: u8): bool {
  return (dsfield & INET_ECN_MASK) === INET_ECN_NOT_ECT;
}
/** @notrace */
export function INET_ECN_is_capable(dsfield: u8): bool {
  return (dsfield & INET_ECN_ECT_0) !== 0;
}
/** ECN bits of the outer header for a packet whose inner header has `inner`. @notrace */
export function INET_ECN_encapsulate(outer: u8, inner: u8): u8 {
  outer &= ~INET_ECN_MASK;
  return outer | (!INET_ECN_is_ce(inner) ? inner & INET_ECN_MASK : INET_ECN_ECT_0);
}
/** @notrace */
export function INET_ECN_xmit(sk: sock): void {
  inet_sk(sk).tos |= INET_ECN_ECT_0;
}
/** @notrace */
export function INET_ECN_dontxmit(sk: sock): void {
  inet_sk(sk).tos &= ~INET_ECN_MASK;
}

/** Changes the ECN bits of a header and its checksum (RFC 1624). @notrace */
function ipv4_change_ecn(iph: iphdr, ecn: u8): void {
  const old = iph.tos;
  const tos = (old & ~INET_ECN_MASK) | ecn;
  // The TOS byte is the high half of the first big-endian word, so of the little-endian load too.
  let sum = (~iph.check & 0xffff) + (~(old << 8) & 0xffff) + (tos << 8);
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  iph.check = ~sum & 0xffff;
  iph.tos = tos;
}

/** Marks congestion experienced. @returns false if the sender cannot ECN */
export function IP_ECN_set_ce(iph: iphdr): bool {
  const ecn = iph.tos & INET_ECN_MASK;
  if (ecn === INET_ECN_NOT_ECT) return false;
  if (ecn !== INET_ECN_CE) ipv4_change_ecn(iph, INET_ECN_CE);
  return true;
}

/** @notrace */
export function IP_ECN_clear(iph: iphdr): void {
  iph.tos &= ~INET_ECN_MASK;
}

/** Marks an IPv4 packet as one that met congestion. @returns false if it is not ECN capable */
export function INET_ECN_set_ce(skb: sk_buff): bool {
  if (skb.protocol !== 0x0008 || skb.network_header + 20 > skb.tail) return false;
  return IP_ECN_set_ce(ip_hdr(skb));
}

/** @notrace */
export function ipv4_get_dsfield(iph: iphdr): u8 {
  return iph.tos;
}
/** @notrace */
export function ipv4_change_dsfield(iph: iphdr, mask: u8, value: u8): void {
  const old = iph.tos;
  const tos = (old & mask) | value;
  let sum = (~iph.check & 0xffff) + (~(old << 8) & 0xffff) + (tos << 8);
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  iph.check = ~sum & 0xffff;
  iph.tos = tos;
}
