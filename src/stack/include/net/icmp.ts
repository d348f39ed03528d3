// ICMP: error table entry, statistics, icmp_send() (include/net/icmp.h).

import { __icmp_send } from '../../net/ipv4/icmp.js';
import { IPCB } from './ip.js';
import type { sk_buff } from '../linux/skbuff.js';
import type { __be32, bool, int } from '../linux/types.js';

export interface icmp_err {
  /** errno, positive */
  readonly errno: int;
  /** whether the error breaks a connection */
  readonly fatal: bool;
}

/**
 * Sends an ICMP error about a packet that was received.
 * @param info the third and fourth word's worth of it: gateway, or MTU as htonl(mtu), in network order
 */
export function icmp_send(skb_in: sk_buff, type: int, code: int, info: __be32): void {
  __icmp_send(skb_in, type, code, info, IPCB(skb_in).opt);
}
