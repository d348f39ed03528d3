// The UDP header as a view on packet bytes and struct udp_sock (include/uapi/linux/udp.h, include/linux/udp.h; RFC 768).

import { inet_sock } from '../net/inet_sock.js';
import { sk_buff_head } from './skbuff.js';
import type { sk_buff } from './skbuff.js';
import type { sock } from '../net/sock.js';
import type { __be16, __sum16, bool, int, u16, u32, u8 } from './types.js';

/** Bytes of a UDP header. */
export const SIZEOF_UDPHDR = 8;

export class udphdr {
  readonly buf: Uint8Array;
  readonly off: number;

  /** @param buf the packet's head buffer @param off where the header begins in it */
  constructor(buf: Uint8Array, off: number) {
    this.buf = buf;
    this.off = off;
  }
  get source(): __be16 {
    return this.buf[this.off] | (this.buf[this.off + 1] << 8);
  }
  set source(v: __be16) {
    this.buf[this.off] = v;
    this.buf[this.off + 1] = v >>> 8;
  }
  get dest(): __be16 {
    return this.buf[this.off + 2] | (this.buf[this.off + 3] << 8);
  }
  set dest(v: __be16) {
    this.buf[this.off + 2] = v;
    this.buf[this.off + 3] = v >>> 8;
  }
  get len(): __be16 {
    return this.buf[this.off + 4] | (this.buf[this.off + 5] << 8);
  }
  set len(v: __be16) {
    this.buf[this.off + 4] = v;
    this.buf[this.off + 5] = v >>> 8;
  }
  get check(): __sum16 {
    return this.buf[this.off + 6] | (this.buf[this.off + 7] << 8);
  }
  set check(v: __sum16) {
    this.buf[this.off + 6] = v;
    this.buf[this.off + 7] = v >>> 8;
  }
}

/** @notrace */
export function udp_hdr(skb: sk_buff): udphdr {
  return new udphdr(skb.head, skb.transport_header);
}

export const UDP_CORK = 1;
export const UDP_ENCAP = 100;
export const UDP_NO_CHECK6_TX = 101;
export const UDP_NO_CHECK6_RX = 102;
export const UDP_SEGMENT = 103;
export const UDP_GRO = 104;

/** Value of IPV6_ADDRFORM's sibling: `pending` while an IPv4 datagram is being corked. */
export const UDP_MAX_SEGMENTS = 1 << 7;

/** Bits of udp_sock.udp_flags. */
export const UDP_FLAGS_CORK = 0;
export const UDP_FLAGS_NO_CHECK6_TX = 1;
export const UDP_FLAGS_NO_CHECK6_RX = 2;
export const UDP_FLAGS_GRO_ENABLED = 3;
export const UDP_FLAGS_ACCEPT_FRAGLIST = 4;
export const UDP_FLAGS_ACCEPT_L4 = 5;
export const UDP_FLAGS_ENCAP_ENABLED = 6;

/** @packed */
export class udp_sock extends inet_sock {
  udp_flags: u32 = 0;
  /** AF_INET while data waits under cork, else 0 */
  pending: int = 0;
  encap_type: u8 = 0;
  /** port hash, and port+address hash of the socket */
  udp_portaddr_hash: u32 = 0;
  /** hash of the connection, by which a connected socket is found; -1 where it is in no such slot */
  udp_lrpa_hash: int = -1;
  /** length in bytes of the datagram that is being put together, with its UDP header */
  len: u16 = 0;
  gso_size: u16 = 0;
  encap_rcv: ((sk: sock, skb: sk_buff) => int) | null = null;
  encap_err_rcv: ((sk: sock, skb: sk_buff, err: int, port: __be16, info: u32, payload: number) => void) | null = null;
  encap_err_lookup: ((sk: sock, skb: sk_buff) => int) | null = null;
  encap_destroy: ((sk: sock) => void) | null = null;
  /** second receive queue: the reader splices sk_receive_queue into it and drains it without the softirq */
  reader_queue: sk_buff_head = new sk_buff_head();
  forward_deficit: int = 0;
  forward_threshold: int = 0;
  peeking_with_offset: bool = false;

  get inet(): inet_sock {
    return this;
  }
}

/** @notrace */
export function udp_sk(sk: sock): udp_sock {
  return sk as udp_sock;
}

/** @notrace */
export function udp_test_bit(nr: int, sk: sock): bool {
  return (((sk as udp_sock).udp_flags >>> nr) & 1) !== 0;
}
/** @notrace */
export function udp_set_bit(nr: int, sk: sock): void {
  (sk as udp_sock).udp_flags |= 1 << nr;
}
/** @notrace */
export function udp_clear_bit(nr: int, sk: sock): void {
  (sk as udp_sock).udp_flags &= ~(1 << nr);
}
/** @notrace */
export function udp_assign_bit(nr: int, sk: sock, val: bool): void {
  if (val) udp_set_bit(nr, sk);
  else udp_clear_bit(nr, sk);
}
