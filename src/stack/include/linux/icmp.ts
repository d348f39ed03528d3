// The ICMP header as a view on packet bytes, types and codes (include/uapi/linux/icmp.h; RFC 792, 1191, 1812).

import type { sk_buff } from './skbuff.js';
import type { __be16, __be32, __sum16, bool, int, u8 } from './types.js';

export const ICMP_ECHOREPLY = 0;
export const ICMP_DEST_UNREACH = 3;
export const ICMP_SOURCE_QUENCH = 4;
export const ICMP_REDIRECT = 5;
export const ICMP_ECHO = 8;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETERPROB = 12;
export const ICMP_TIMESTAMP = 13;
export const ICMP_TIMESTAMPREPLY = 14;
export const ICMP_INFO_REQUEST = 15;
export const ICMP_INFO_REPLY = 16;
export const ICMP_ADDRESS = 17;
export const ICMP_ADDRESSREPLY = 18;
export const NR_ICMP_TYPES = 18;
export const ICMP_EXT_ECHO = 42;
export const ICMP_EXT_ECHOREPLY = 43;

export const ICMP_NET_UNREACH = 0;
export const ICMP_HOST_UNREACH = 1;
export const ICMP_PROT_UNREACH = 2;
export const ICMP_PORT_UNREACH = 3;
export const ICMP_FRAG_NEEDED = 4;
export const ICMP_SR_FAILED = 5;
export const ICMP_NET_UNKNOWN = 6;
export const ICMP_HOST_UNKNOWN = 7;
export const ICMP_HOST_ISOLATED = 8;
export const ICMP_NET_ANO = 9;
export const ICMP_HOST_ANO = 10;
export const ICMP_NET_UNR_TOS = 11;
export const ICMP_HOST_UNR_TOS = 12;
export const ICMP_PKT_FILTERED = 13;
export const ICMP_PREC_VIOLATION = 14;
export const ICMP_PREC_CUTOFF = 15;
export const NR_ICMP_UNREACH = 15;

export const ICMP_REDIR_NET = 0;
export const ICMP_REDIR_HOST = 1;
export const ICMP_REDIR_NETTOS = 2;
export const ICMP_REDIR_HOSTTOS = 3;

export const ICMP_EXC_TTL = 0;
export const ICMP_EXC_FRAGTIME = 1;

/** Socket option of SOL_RAW on an ICMP socket: a bit mask of types that are not delivered. */
export const ICMP_FILTER = 1;

/** Bytes of an ICMP header. */
export const SIZEOF_ICMPHDR = 8;

export class icmphdr {
  readonly buf: Uint8Array;
  readonly off: number;

  /** @param buf the packet's head buffer @param off where the header begins in it */
  constructor(buf: Uint8Array, off: number) {
    this.buf = buf;
    this.off = off;
  }
  get type(): u8 {
    return this.buf[this.off];
  }
  set type(v: u8) {
    this.buf[this.off] = v;
  }
  get code(): u8 {
    return this.buf[this.off + 1];
  }
  set code(v: u8) {
    this.buf[this.off + 1] = v;
  }
  get checksum(): __sum16 {
    return this.buf[this.off + 2] | (this.buf[this.off + 3] << 8);
  }
  set checksum(v: __sum16) {
    this.buf[this.off + 2] = v;
    this.buf[this.off + 3] = v >>> 8;
  }
  /** un.echo.id */
  get id(): __be16 {
    return this.buf[this.off + 4] | (this.buf[this.off + 5] << 8);
  }
  set id(v: __be16) {
    this.buf[this.off + 4] = v;
    this.buf[this.off + 5] = v >>> 8;
  }
  /** un.echo.sequence */
  get sequence(): __be16 {
    return this.buf[this.off + 6] | (this.buf[this.off + 7] << 8);
  }
  set sequence(v: __be16) {
    this.buf[this.off + 6] = v;
    this.buf[this.off + 7] = v >>> 8;
  }
  /** un.gateway */
  get gateway(): __be32 {
    const b = this.buf;
    const o = this.off + 4;
    return (b[o] | (b[o + 1] << 8) | (b[o + 2] << 16) | (b[o + 3] << 24)) >>> 0;
  }
  set gateway(v: __be32) {
    const b = this.buf;
    const o = this.off + 4;
    b[o] = v;
    b[o + 1] = v >>> 8;
    b[o + 2] = v >>> 16;
    b[o + 3] = v >>> 24;
  }
  /** un.frag.mtu */
  get mtu(): __be16 {
    return this.sequence;
  }
  set mtu(v: __be16) {
    this.sequence = v;
  }
}

/** @notrace */
export function icmp_hdr(skb: sk_buff): icmphdr {
  return new icmphdr(skb.head, skb.transport_header);
}

/** Whether the type reports an error about another packet (RFC 1122 3.2.2). @notrace */
export function icmp_is_err(type: int): bool {
  return (
    type === ICMP_DEST_UNREACH ||
    type === ICMP_SOURCE_QUENCH ||
    type === ICMP_REDIRECT ||
    type === ICMP_TIME_EXCEEDED ||
    type === ICMP_PARAMETERPROB
  );
}
