// Packet sockets (include/uapi/linux/if_packet.h, packet(7)): packet types, options, the link-layer address.

import type { __be16, int, u16, u32, u8 } from './types.js';

export const PACKET_HOST = 0;
export const PACKET_BROADCAST = 1;
export const PACKET_MULTICAST = 2;
export const PACKET_OTHERHOST = 3;
export const PACKET_OUTGOING = 4;
export const PACKET_LOOPBACK = 5;
export const PACKET_USER = 6;
export const PACKET_KERNEL = 7;

export const PACKET_ADD_MEMBERSHIP = 1;
export const PACKET_DROP_MEMBERSHIP = 2;
export const PACKET_RECV_OUTPUT = 3;
export const PACKET_STATISTICS = 6;
export const PACKET_COPY_THRESH = 7;
export const PACKET_AUXDATA = 8;
export const PACKET_ORIGDEV = 9;
export const PACKET_VERSION = 10;
export const PACKET_LOSS = 14;
export const PACKET_TIMESTAMP = 17;
export const PACKET_IGNORE_OUTGOING = 23;

export const PACKET_MR_MULTICAST = 0;
export const PACKET_MR_PROMISC = 1;
export const PACKET_MR_ALLMULTI = 2;
export const PACKET_MR_UNICAST = 3;

export const TP_STATUS_CSUMNOTREADY = 1 << 3;
export const TP_STATUS_VLAN_VALID = 1 << 4;
export const TP_STATUS_CSUM_VALID = 1 << 7;

/** The address of packet sockets. `sll_addr` holds `sll_halen` bytes. */
export class sockaddr_ll {
  readonly sa_family: u16 = 17;
  sll_protocol: __be16 = 0;
  sll_ifindex: int = 0;
  sll_hatype: u16 = 0;
  sll_pkttype: u8 = 0;
  sll_halen: u8 = 0;
  sll_addr: Uint8Array = new Uint8Array(8);

  get sll_family(): u16 {
    return this.sa_family;
  }
}

/** What PACKET_STATISTICS gives. */
export class tpacket_stats {
  tp_packets: u32 = 0;
  tp_drops: u32 = 0;
}
