// Ethernet frames (include/uapi/linux/if_ether.h, include/linux/if_ether.h; IEEE 802.3): lengths, protocol
// numbers in host order, and the header as a view on bytes.

import type { sk_buff } from './skbuff.js';
import type { __be16 } from './types.js';

export const ETH_ALEN = 6;
export const ETH_TLEN = 2;
export const ETH_HLEN = 14;
export const ETH_ZLEN = 60;
export const ETH_DATA_LEN = 1500;
export const ETH_FRAME_LEN = 1514;
export const ETH_FCS_LEN = 4;
export const ETH_MIN_MTU = 68;
export const ETH_MAX_MTU = 0xffff;

export const ETH_P_LOOP = 0x0060;
export const ETH_P_IP = 0x0800;
export const ETH_P_ARP = 0x0806;
export const ETH_P_RARP = 0x8035;
export const ETH_P_8021Q = 0x8100;
export const ETH_P_IPV6 = 0x86dd;
export const ETH_P_8021AD = 0x88a8;
export const ETH_P_PAUSE = 0x8808;
export const ETH_P_SLOW = 0x8809;
export const ETH_P_MPLS_UC = 0x8847;
export const ETH_P_LLDP = 0x88cc;
export const ETH_P_802_3_MIN = 0x0600;
export const ETH_P_802_3 = 0x0001;
export const ETH_P_ALL = 0x0003;
export const ETH_P_802_2 = 0x0004;

/** An Ethernet header in a buffer: 14 bytes from `off` on. The fields are as on the wire. */
export class ethhdr {
  readonly buf: Uint8Array;
  readonly off: number;

  constructor(buf: Uint8Array, off: number) {
    this.buf = buf;
    this.off = off;
  }

  get h_dest(): Uint8Array {
    return this.buf.subarray(this.off, this.off + 6);
  }
  get h_source(): Uint8Array {
    return this.buf.subarray(this.off + 6, this.off + 12);
  }
  get h_proto(): __be16 {
    return this.buf[this.off + 12] | (this.buf[this.off + 13] << 8);
  }
  set h_proto(value: __be16) {
    this.buf[this.off + 12] = value & 0xff;
    this.buf[this.off + 13] = value >>> 8;
  }
}

/** @notrace */
export function eth_hdr(skb: sk_buff): ethhdr {
  return new ethhdr(skb.head, skb.mac_header);
}
