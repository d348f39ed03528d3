// The key of a route look-up (include/net/flow.h). IPv6 and tunnel keys are left out.

import type { __be16, __be32, int, u32, u8 } from '../linux/types.js';

export const FLOWI_FLAG_ANYSRC = 0x01;
export const FLOWI_FLAG_KNOWN_NH = 0x02;
export const FLOWI_FLAG_L3MDEV_OIF = 0x04;
export const FLOWI_FLAG_ANY_SPORT = 0x08;

export const LOOPBACK_IFINDEX = 1;

export class flowi4 {
  flowi4_oif: int = 0;
  flowi4_iif: int = LOOPBACK_IFINDEX;
  flowi4_l3mdev: int = 0;
  flowi4_mark: u32 = 0;
  /** DSCP bits of the TOS byte */
  flowi4_dscp: u8 = 0;
  flowi4_scope: u8 = 0;
  flowi4_proto: u8 = 0;
  flowi4_flags: u8 = 0;
  flowi4_uid: u32 = 0;
  flowi4_multipath_hash: u32 = 0;
  saddr: __be32 = 0;
  daddr: __be32 = 0;
  /** uli.ports, in network order; of an ICMP message fl4_icmp_type and fl4_icmp_code stand here instead */
  fl4_dport: __be16 = 0;
  fl4_sport: __be16 = 0;
  fl4_icmp_type: u8 = 0;
  fl4_icmp_code: u8 = 0;
}

/** What a socket keeps of a flow in its cork: the union of the families' keys, here IPv4's alone. */
export class flowi {
  u: { ip4: flowi4 } = { ip4: new flowi4() };
}

/** @notrace */
export function flowi4_init_output(
  fl4: flowi4,
  oif: int,
  mark: u32,
  tos: u8,
  scope: u8,
  proto: u8,
  flags: u8,
  daddr: __be32,
  saddr: __be32,
  dport: __be16,
  sport: __be16,
  uid: u32,
): void {
  fl4.flowi4_oif = oif;
  fl4.flowi4_iif = LOOPBACK_IFINDEX;
  fl4.flowi4_l3mdev = 0;
  fl4.flowi4_mark = mark;
  fl4.flowi4_dscp = tos & 0xfc;
  fl4.flowi4_scope = scope;
  fl4.flowi4_proto = proto;
  fl4.flowi4_flags = flags;
  fl4.flowi4_uid = uid;
  fl4.flowi4_multipath_hash = 0;
  fl4.daddr = daddr;
  fl4.saddr = saddr;
  fl4.fl4_dport = dport;
  fl4.fl4_sport = sport;
  fl4.fl4_icmp_type = 0;
  fl4.fl4_icmp_code = 0;
}

/** Brings the key of an earlier look-up up to date for a repeated one. @notrace */
export function flowi4_update_output(fl4: flowi4, oif: int, daddr: __be32, saddr: __be32): void {
  fl4.flowi4_oif = oif;
  fl4.daddr = daddr;
  fl4.saddr = saddr;
}
