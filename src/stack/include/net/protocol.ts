// What a transport protocol hands to IP and to the socket layer (include/net/protocol.h).

import type { proto } from './sock.js';
import type { proto_ops } from '../linux/net.js';
import type { packet_offload_callbacks } from './gro.js';
import type { sk_buff } from '../linux/skbuff.js';
import type { bool, int, u32, u8, u16 } from '../linux/types.js';

/** Size of the table of IP protocols. */
export const MAX_INET_PROTOS = 256;

export interface net_protocol {
  /** @returns 0 or above when done; below 0: the packet is to be delivered again to protocol -ret */
  readonly handler: (skb: sk_buff) => int;
  /** An ICMP error about a packet that we sent. @returns negative errno where nobody was told */
  readonly err_handler: ((skb: sk_buff, info: u32) => int) | null;
  readonly no_policy: bool;
  /** whether an ICMP error must carry enough of the packet to be checked by this protocol */
  readonly icmp_strict_tag_validation: bool;
}

export interface net_offload {
  readonly callbacks: packet_offload_callbacks;
  readonly flags: u32;
}

export const INET_PROTOSW_REUSE = 0x01;
export const INET_PROTOSW_PERMANENT = 0x02;
export const INET_PROTOSW_ICSK = 0x04;

export interface inet_protosw {
  /** SOCK_* */
  readonly type: u16;
  /** IPPROTO_* */
  readonly protocol: u16;
  readonly prot: proto;
  readonly ops: proto_ops;
  readonly flags: u8;
}
