// What a socket's error queue tells its reader (include/uapi/linux/errqueue.h, include/linux/errqueue.h).

import type { sk_buff, skb_cb_owner } from './skbuff.js';
import type { __be16, u16, u32, u8 } from './types.js';

export const SO_EE_ORIGIN_NONE = 0;
export const SO_EE_ORIGIN_LOCAL = 1;
export const SO_EE_ORIGIN_ICMP = 2;
export const SO_EE_ORIGIN_ICMP6 = 3;
export const SO_EE_ORIGIN_TIMESTAMPING = 4;
export const SO_EE_ORIGIN_ZEROCOPY = 5;
export const SO_EE_ORIGIN_TXTIME = 6;
export const SO_EE_CODE_ZEROCOPY_COPIED = 1;

export const SCM_TSTAMP_SND = 0;
export const SCM_TSTAMP_SCHED = 1;
export const SCM_TSTAMP_ACK = 2;

/** Bytes of struct sock_extended_err, and of it with the offender's sockaddr_in behind it. */
export const SIZEOF_SOCK_EXTENDED_ERR = 16;

export class sock_extended_err {
  ee_errno: u32 = 0;
  ee_origin: u8 = 0;
  ee_type: u8 = 0;
  ee_code: u8 = 0;
  ee_pad: u8 = 0;
  ee_info: u32 = 0;
  ee_data: u32 = 0;
}

/** Control block of an skb on an error queue. */
export class sock_exterr_skb implements skb_cb_owner<sock_exterr_skb> {
  ee: sock_extended_err = new sock_extended_err();
  /** offset, from the network header, of the address that the failed packet was sent to */
  addr_offset: u16 = 0;
  port: __be16 = 0;
  opt_stats: u8 = 0;

  reset(): void {
    this.ee = new sock_extended_err();
    this.addr_offset = 0;
    this.port = 0;
    this.opt_stats = 0;
  }

  copy(from: sock_exterr_skb): void {
    Object.assign(this.ee, from.ee);
    this.addr_offset = from.addr_offset;
    this.port = from.port;
    this.opt_stats = from.opt_stats;
  }
}

/** @notrace */
export function SKB_EXT_ERR(skb: sk_buff): sock_exterr_skb {
  return (skb.exterrcb ??= new sock_exterr_skb());
}
