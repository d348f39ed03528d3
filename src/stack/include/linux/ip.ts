// The IPv4 header as a view on packet bytes (include/uapi/linux/ip.h, include/linux/ip.h; RFC 791 section 3.1).

import { ntohs } from './byteorder.js';
import type { sk_buff } from './skbuff.js';
import type { __be16, __be32, __sum16, u32, u8 } from './types.js';

export const IPTOS_TOS_MASK = 0x1e;
export const IPTOS_LOWDELAY = 0x10;
export const IPTOS_THROUGHPUT = 0x08;
export const IPTOS_RELIABILITY = 0x04;
export const IPTOS_MINCOST = 0x02;
export const IPTOS_PREC_MASK = 0xe0;
export const IPTOS_PREC_INTERNETCONTROL = 0xc0;

/** @notrace */
export function IPTOS_TOS(tos: u8): u8 {
  return tos & IPTOS_TOS_MASK;
}

export const IPVERSION = 4;
export const MAXTTL = 255;
export const IPDEFTTL = 64;

export const IPOPT_COPY = 0x80;
export const IPOPT_END = 0;
export const IPOPT_NOOP = 1;
export const IPOPT_SEC = 130;
export const IPOPT_LSRR = 131;
export const IPOPT_TIMESTAMP = 68;
export const IPOPT_CIPSO = 134;
export const IPOPT_RR = 7;
export const IPOPT_SID = 136;
export const IPOPT_SSRR = 137;
export const IPOPT_RA = 148;
export const IPOPT_NOP = IPOPT_NOOP;
export const IPOPT_EOL = IPOPT_END;
export const IPOPT_TS = IPOPT_TIMESTAMP;
export const IPOPT_OPTVAL = 0;
export const IPOPT_OLEN = 1;
export const IPOPT_OFFSET = 2;
export const IPOPT_MINOFF = 4;
export const MAX_IPOPTLEN = 40;
export const IPOPT_TS_TSONLY = 0;
export const IPOPT_TS_TSANDADDR = 1;
export const IPOPT_TS_PRESPEC = 3;

/** @notrace */
export function IPOPT_COPIED(o: u8): boolean {
  return (o & IPOPT_COPY) !== 0;
}

/** Bytes of an IPv4 header without options. */
export const SIZEOF_IPHDR = 20;

export class iphdr {
  readonly buf: Uint8Array;
  readonly off: number;

  /** @param buf the packet's head buffer @param off where the header begins in it */
  constructor(buf: Uint8Array, off: number) {
    this.buf = buf;
    this.off = off;
  }
  get ihl(): u8 {
    return this.buf[this.off] & 15;
  }
  set ihl(v: u8) {
    this.buf[this.off] = (this.buf[this.off] & 0xf0) | (v & 15);
  }
  get version(): u8 {
    return this.buf[this.off] >>> 4;
  }
  set version(v: u8) {
    this.buf[this.off] = (v << 4) | (this.buf[this.off] & 15);
  }
  get tos(): u8 {
    return this.buf[this.off + 1];
  }
  set tos(v: u8) {
    this.buf[this.off + 1] = v;
  }
  get tot_len(): __be16 {
    return this.buf[this.off + 2] | (this.buf[this.off + 3] << 8);
  }
  set tot_len(v: __be16) {
    this.buf[this.off + 2] = v;
    this.buf[this.off + 3] = v >>> 8;
  }
  get id(): __be16 {
    return this.buf[this.off + 4] | (this.buf[this.off + 5] << 8);
  }
  set id(v: __be16) {
    this.buf[this.off + 4] = v;
    this.buf[this.off + 5] = v >>> 8;
  }
  get frag_off(): __be16 {
    return this.buf[this.off + 6] | (this.buf[this.off + 7] << 8);
  }
  set frag_off(v: __be16) {
    this.buf[this.off + 6] = v;
    this.buf[this.off + 7] = v >>> 8;
  }
  get ttl(): u8 {
    return this.buf[this.off + 8];
  }
  set ttl(v: u8) {
    this.buf[this.off + 8] = v;
  }
  get protocol(): u8 {
    return this.buf[this.off + 9];
  }
  set protocol(v: u8) {
    this.buf[this.off + 9] = v;
  }
  get check(): __sum16 {
    return this.buf[this.off + 10] | (this.buf[this.off + 11] << 8);
  }
  set check(v: __sum16) {
    this.buf[this.off + 10] = v;
    this.buf[this.off + 11] = v >>> 8;
  }
  get saddr(): __be32 {
    const b = this.buf;
    const o = this.off + 12;
    return (b[o] | (b[o + 1] << 8) | (b[o + 2] << 16) | (b[o + 3] << 24)) >>> 0;
  }
  set saddr(v: __be32) {
    const b = this.buf;
    const o = this.off + 12;
    b[o] = v;
    b[o + 1] = v >>> 8;
    b[o + 2] = v >>> 16;
    b[o + 3] = v >>> 24;
  }
  get daddr(): __be32 {
    const b = this.buf;
    const o = this.off + 16;
    return (b[o] | (b[o + 1] << 8) | (b[o + 2] << 16) | (b[o + 3] << 24)) >>> 0;
  }
  set daddr(v: __be32) {
    const b = this.buf;
    const o = this.off + 16;
    b[o] = v;
    b[o + 1] = v >>> 8;
    b[o + 2] = v >>> 16;
    b[o + 3] = v >>> 24;
  }
}

/** @notrace */
export function ip_hdr(skb: sk_buff): iphdr {
  return new iphdr(skb.head, skb.network_header);
}

/** @notrace */
export function inner_ip_hdr(skb: sk_buff): iphdr {
  return new iphdr(skb.head, skb.inner_network_header);
}

/** The IP header that stands where the transport header is said to be. @notrace */
export function ipip_hdr(skb: sk_buff): iphdr {
  return new iphdr(skb.head, skb.transport_header);
}

/** @notrace */
export function ip_transport_len(skb: sk_buff): u32 {
  return ntohs(ip_hdr(skb).tot_len) - (skb.transport_header - skb.network_header);
}

/** Length of the packet in bytes; a BIG TCP packet (tot_len 0) is as long as its skb. @notrace */
export function iph_totlen(skb: sk_buff, iph: iphdr): u32 {
  const len = ntohs(iph.tot_len);
  return len !== 0 || skb.shinfo.gso_size === 0 ? len : skb.len - (skb.network_header - skb.data);
}

/** @notrace */
export function skb_ip_totlen(skb: sk_buff): u32 {
  return iph_totlen(skb, ip_hdr(skb));
}
