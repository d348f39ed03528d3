// Constants of include/linux/skbuff.h. Sizes of structures are those of a 64-bit x86 kernel: truesize, and with
// it how much fits into a socket's buffers, depends on them.

/** Nothing is known of the checksum, or (sending) there is nothing to do. */
export const CHECKSUM_NONE = 0;
export const CHECKSUM_UNNECESSARY = 1;
export const CHECKSUM_COMPLETE = 2;
export const CHECKSUM_PARTIAL = 3;
export const SKB_MAX_CSUM_LEVEL = 3;

export const SMP_CACHE_BYTES = 64;
export const PAGE_SIZE = 4096;
export const PAGE_SHIFT = 12;
export const MAX_SKB_FRAGS = 17;
export const NET_SKB_PAD = 64;
export const NET_IP_ALIGN = 0;
export const SIZEOF_SK_BUFF = 232;
export const SIZEOF_SKB_SHARED_INFO = 320;
export const MAX_HEADER = 176;
export const MAX_TCP_HEADER = 320;
/** Size of the objects that small heads are taken from. */
export const SKB_SMALL_HEAD_CACHE_SIZE = 704;
export const SKB_FRAG_PAGE_ORDER = 3;
/** Bytes of a page fragment that socket data is gathered in: 32 KiB. */
export const SKB_FRAG_PAGE_SIZE = PAGE_SIZE << SKB_FRAG_PAGE_ORDER;

/** @notrace */
export function SKB_DATA_ALIGN(size: number): number {
  return (size + SMP_CACHE_BYTES - 1) & ~(SMP_CACHE_BYTES - 1);
}

/** Of a buffer of that size, what is left beside skb_shared_info. @notrace */
export function SKB_WITH_OVERHEAD(size: number): number {
  return size - SIZEOF_SKB_SHARED_INFO;
}

/** @notrace */
export function SKB_HEAD_ALIGN(size: number): number {
  return SKB_DATA_ALIGN(size) + SIZEOF_SKB_SHARED_INFO;
}

/** Memory that an skb of that much data is charged. @notrace */
export function SKB_TRUESIZE(size: number): number {
  return size + SKB_DATA_ALIGN(SIZEOF_SK_BUFF) + SIZEOF_SKB_SHARED_INFO;
}

/** @notrace */
export function SKB_MAX_ORDER(head: number, order: number): number {
  return SKB_WITH_OVERHEAD((PAGE_SIZE << order) - head);
}

export const SKB_MAX_ALLOC = (PAGE_SIZE << 2) - SIZEOF_SKB_SHARED_INFO;

export const SKB_ALLOC_FCLONE = 0x01;
export const SKB_ALLOC_RX = 0x02;
export const SKB_ALLOC_NAPI = 0x04;

export const SKB_FCLONE_UNAVAILABLE = 0;
export const SKB_FCLONE_ORIG = 1;
export const SKB_FCLONE_CLONE = 2;

export const SKB_DATAREF_SHIFT = 16;
export const SKB_DATAREF_MASK = 0xffff;

/** A header offset that was never set. */
export const SKB_HEADER_UNSET = 0xffff;

export const SKB_CLOCK_REALTIME = 0;
export const SKB_CLOCK_MONOTONIC = 1;
export const SKB_CLOCK_TAI = 2;

export const SKB_GSO_TCPV4 = 1 << 0;
export const SKB_GSO_DODGY = 1 << 1;
export const SKB_GSO_TCP_ECN = 1 << 2;
export const SKB_GSO_TCP_FIXEDID = 1 << 3;
export const SKB_GSO_TCPV6 = 1 << 4;
export const SKB_GSO_FCOE = 1 << 5;
export const SKB_GSO_GRE = 1 << 6;
export const SKB_GSO_GRE_CSUM = 1 << 7;
export const SKB_GSO_IPXIP4 = 1 << 8;
export const SKB_GSO_IPXIP6 = 1 << 9;
export const SKB_GSO_UDP_TUNNEL = 1 << 10;
export const SKB_GSO_UDP_TUNNEL_CSUM = 1 << 11;
export const SKB_GSO_PARTIAL = 1 << 12;
export const SKB_GSO_SCTP = 1 << 14;
export const SKB_GSO_ESP = 1 << 15;
export const SKB_GSO_UDP = 1 << 16;
export const SKB_GSO_UDP_L4 = 1 << 17;
export const SKB_GSO_FRAGLIST = 1 << 18;
export const SKB_GSO_TCP_ACCECN = 1 << 19;

export const SKBTX_HW_TSTAMP_NOBPF = 1 << 0;
export const SKBTX_HW_TSTAMP = 1 << 0;
export const SKBTX_SW_TSTAMP = 1 << 1;
export const SKBTX_IN_PROGRESS = 1 << 2;
export const SKBTX_COMPLETION_TSTAMP = 1 << 3;
export const SKBTX_WIFI_STATUS = 1 << 4;
export const SKBTX_HW_TSTAMP_NETDEV = 1 << 5;
export const SKBTX_SCHED_TSTAMP = 1 << 6;
export const SKBTX_ANY_SW_TSTAMP = SKBTX_SW_TSTAMP | SKBTX_SCHED_TSTAMP | SKBTX_COMPLETION_TSTAMP;
export const SKBTX_ANY_TSTAMP = SKBTX_HW_TSTAMP | SKBTX_ANY_SW_TSTAMP;

export const SKBFL_ZEROCOPY_ENABLE = 1 << 0;
export const SKBFL_SHARED_FRAG = 1 << 1;
export const SKBFL_PURE_ZEROCOPY = 1 << 2;
export const SKBFL_DONT_ORPHAN = 1 << 3;
export const SKBFL_MANAGED_FRAG_REFS = 1 << 4;
export const SKBFL_ZEROCOPY_FRAG = SKBFL_ZEROCOPY_ENABLE | SKBFL_SHARED_FRAG;
export const SKBFL_ALL_ZEROCOPY =
  SKBFL_ZEROCOPY_FRAG | SKBFL_PURE_ZEROCOPY | SKBFL_DONT_ORPHAN | SKBFL_MANAGED_FRAG_REFS;

export const GSO_BY_FRAGS = 0xffff;
export const GFP_ATOMIC = 0x20;
export const GFP_KERNEL = 0xcc0;
export const __GFP_NOWARN = 0x2000;
