// ARP (include/uapi/linux/if_arp.h, include/linux/if_arp.h; RFC 826): hardware types, operations, and the fixed
// part of the header as a view on bytes.

import type { net_device } from './netdevice.js';
import type { sk_buff } from './skbuff.js';
import type { __be16, int, u8 } from './types.js';

export const ARPHRD_NETROM = 0;
export const ARPHRD_ETHER = 1;
export const ARPHRD_AX25 = 3;
export const ARPHRD_IEEE802 = 6;
export const ARPHRD_INFINIBAND = 32;
export const ARPHRD_PPP = 512;
export const ARPHRD_TUNNEL = 768;
export const ARPHRD_LOOPBACK = 772;
export const ARPHRD_SIT = 776;
export const ARPHRD_IPGRE = 778;
export const ARPHRD_FDDI = 774;
export const ARPHRD_NONE = 0xfffe;
export const ARPHRD_VOID = 0xffff;

export const ARPOP_REQUEST = 1;
export const ARPOP_REPLY = 2;
export const ARPOP_RREQUEST = 3;
export const ARPOP_RREPLY = 4;

/** The first 8 bytes of an ARP packet; the addresses that follow are as long as ar_hln and ar_pln say. */
export class arphdr {
  readonly buf: Uint8Array;
  readonly off: number;

  constructor(buf: Uint8Array, off: number) {
    this.buf = buf;
    this.off = off;
  }

  get ar_hrd(): __be16 {
    return this.buf[this.off] | (this.buf[this.off + 1] << 8);
  }
  set ar_hrd(value: __be16) {
    this.buf[this.off] = value & 0xff;
    this.buf[this.off + 1] = value >>> 8;
  }
  get ar_pro(): __be16 {
    return this.buf[this.off + 2] | (this.buf[this.off + 3] << 8);
  }
  set ar_pro(value: __be16) {
    this.buf[this.off + 2] = value & 0xff;
    this.buf[this.off + 3] = value >>> 8;
  }
  get ar_hln(): u8 {
    return this.buf[this.off + 4];
  }
  set ar_hln(value: u8) {
    this.buf[this.off + 4] = value;
  }
  get ar_pln(): u8 {
    return this.buf[this.off + 5];
  }
  set ar_pln(value: u8) {
    this.buf[this.off + 5] = value;
  }
  get ar_op(): __be16 {
    return this.buf[this.off + 6] | (this.buf[this.off + 7] << 8);
  }
  set ar_op(value: __be16) {
    this.buf[this.off + 6] = value & 0xff;
    this.buf[this.off + 7] = value >>> 8;
  }
}

/** @notrace */
export function arp_hdr(skb: sk_buff): arphdr {
  return new arphdr(skb.head, skb.network_header);
}

/** Length in bytes of an ARP packet on a device. @notrace */
export function arp_hdr_len(dev: net_device): int {
  return 8 + (dev.addr_len + 4) * 2;
}
