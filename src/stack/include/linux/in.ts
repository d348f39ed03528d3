// Internet protocol numbers, addresses, and socket options of level IPPROTO_IP (include/uapi/linux/in.h, include/linux/in.h).

import { htonl, ntohl } from './byteorder.js';
import type { __be32, bool, int, u32, u8 } from './types.js';

export { in_addr, sockaddr_in } from './in_addr.js';

export const IPPROTO_IP = 0;
export const IPPROTO_ICMP = 1;
export const IPPROTO_IGMP = 2;
export const IPPROTO_IPIP = 4;
export const IPPROTO_TCP = 6;
export const IPPROTO_EGP = 8;
export const IPPROTO_PUP = 12;
export const IPPROTO_UDP = 17;
export const IPPROTO_IDP = 22;
export const IPPROTO_DCCP = 33;
export const IPPROTO_IPV6 = 41;
export const IPPROTO_RSVP = 46;
export const IPPROTO_GRE = 47;
export const IPPROTO_ESP = 50;
export const IPPROTO_AH = 51;
export const IPPROTO_ICMPV6 = 58;
export const IPPROTO_SCTP = 132;
export const IPPROTO_UDPLITE = 136;
export const IPPROTO_RAW = 255;
export const IPPROTO_MPTCP = 262;

export const INADDR_ANY: __be32 = 0;
export const INADDR_BROADCAST: u32 = 0xffffffff;
export const INADDR_NONE: u32 = 0xffffffff;
export const INADDR_LOOPBACK: u32 = 0x7f000001;
export const INADDR_UNSPEC_GROUP: u32 = 0xe0000000;
export const INADDR_ALLHOSTS_GROUP: u32 = 0xe0000001;
export const INADDR_ALLRTRS_GROUP: u32 = 0xe0000002;

export const IP_TOS = 1;
export const IP_TTL = 2;
export const IP_HDRINCL = 3;
export const IP_OPTIONS = 4;
export const IP_ROUTER_ALERT = 5;
export const IP_RECVOPTS = 6;
export const IP_RETOPTS = 7;
export const IP_PKTINFO = 8;
export const IP_PKTOPTIONS = 9;
export const IP_MTU_DISCOVER = 10;
export const IP_RECVERR = 11;
export const IP_RECVTTL = 12;
export const IP_RECVTOS = 13;
export const IP_MTU = 14;
export const IP_FREEBIND = 15;
export const IP_IPSEC_POLICY = 16;
export const IP_XFRM_POLICY = 17;
export const IP_PASSSEC = 18;
export const IP_TRANSPARENT = 19;
export const IP_RECVRETOPTS = IP_RETOPTS;
export const IP_ORIGDSTADDR = 20;
export const IP_RECVORIGDSTADDR = IP_ORIGDSTADDR;
export const IP_MINTTL = 21;
export const IP_NODEFRAG = 22;
export const IP_CHECKSUM = 23;
export const IP_BIND_ADDRESS_NO_PORT = 24;
export const IP_RECVFRAGSIZE = 25;
export const IP_RECVERR_RFC4884 = 26;
export const IP_MULTICAST_IF = 32;
export const IP_MULTICAST_TTL = 33;
export const IP_MULTICAST_LOOP = 34;
export const IP_ADD_MEMBERSHIP = 35;
export const IP_DROP_MEMBERSHIP = 36;
export const IP_UNBLOCK_SOURCE = 37;
export const IP_BLOCK_SOURCE = 38;
export const IP_ADD_SOURCE_MEMBERSHIP = 39;
export const IP_DROP_SOURCE_MEMBERSHIP = 40;
export const IP_MSFILTER = 41;
export const IP_MULTICAST_ALL = 49;
export const IP_UNICAST_IF = 50;
export const IP_LOCAL_PORT_RANGE = 51;
export const IP_PROTOCOL = 52;

export const IP_PMTUDISC_DONT = 0;
export const IP_PMTUDISC_WANT = 1;
export const IP_PMTUDISC_DO = 2;
export const IP_PMTUDISC_PROBE = 3;
export const IP_PMTUDISC_INTERFACE = 4;
export const IP_PMTUDISC_OMIT = 5;

export const IP_DEFAULT_MULTICAST_TTL = 1;
export const IP_DEFAULT_MULTICAST_LOOP = 1;

/** Bytes of struct sockaddr_in. */
export const SIZEOF_SOCKADDR_IN = 16;

/** @param addr network order, as all below @notrace */
export function ipv4_is_loopback(addr: __be32): bool {
  return (addr & 0xff) === 0x7f;
}

/** @notrace */
export function ipv4_is_multicast(addr: __be32): bool {
  return (addr & 0xf0) === 0xe0;
}

/** 224.0.0.0/24 @notrace */
export function ipv4_is_local_multicast(addr: __be32): bool {
  return (addr & 0x00ffffff) === 0x000000e0;
}

/** @notrace */
export function ipv4_is_lbcast(addr: __be32): bool {
  return addr === 0xffffffff;
}

/** @notrace */
export function ipv4_is_all_snoopers(addr: __be32): bool {
  return addr === htonl(0xe000006a);
}

/** @notrace */
export function ipv4_is_zeronet(addr: __be32): bool {
  return addr === 0;
}

/** @notrace */
export function ipv4_is_private_10(addr: __be32): bool {
  return (addr & 0xff) === 10;
}

/** @notrace */
export function ipv4_is_linklocal_169(addr: __be32): bool {
  return (addr & 0xffff) === 0xfea9;
}

/** The RTN_ class letter apart: class A, B, C by the leading bits @notrace */
export function IN_CLASSA(addr: u32): bool {
  return addr >>> 31 === 0;
}
/** @notrace */
export function IN_CLASSB(addr: u32): bool {
  return addr >>> 30 === 2;
}
/** @notrace */
export function IN_CLASSC(addr: u32): bool {
  return addr >>> 29 === 6;
}

/** Prefix length that an address's historic class gives it; -1 where there is none. @notrace */
export function inet_abc_len(addr: __be32): int {
  if (ipv4_is_zeronet(addr) || ipv4_is_lbcast(addr)) return 0;
  const haddr = ntohl(addr);
  if (IN_CLASSA(haddr)) return 8;
  if (IN_CLASSB(haddr)) return 16;
  if (IN_CLASSC(haddr)) return 24;
  if (haddr >>> 28 === 14) return 32;
  return -1;
}

/** Whether a protocol's header begins with two port numbers. @notrace */
export function proto_ports_offset(proto: u8): int {
  switch (proto) {
    case IPPROTO_TCP:
    case IPPROTO_UDP:
    case IPPROTO_DCCP:
    case IPPROTO_ESP:
    case IPPROTO_SCTP:
    case IPPROTO_UDPLITE:
      return 0;
    case IPPROTO_AH:
      return 4;
    default:
      return -1;
  }
}
