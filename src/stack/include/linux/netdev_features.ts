// Offloads that a device has (include/linux/netdev_features.h), as bits of net_device.features. The positions are
// our own choice within 31 bits; the names in ethtool_strings are those that ethtool -k prints.

import type { u32 } from './types.js';

export type netdev_features_t = u32;

export const NETIF_F_SG = 1 << 0;
export const NETIF_F_IP_CSUM = 1 << 1;
export const NETIF_F_HW_CSUM = 1 << 2;
export const NETIF_F_IPV6_CSUM = 1 << 3;
export const NETIF_F_HIGHDMA = 1 << 4;
export const NETIF_F_FRAGLIST = 1 << 5;
export const NETIF_F_GSO = 1 << 6;
export const NETIF_F_GRO = 1 << 7;
export const NETIF_F_LRO = 1 << 8;
export const NETIF_F_TSO = 1 << 9;
export const NETIF_F_GSO_ROBUST = 1 << 10;
export const NETIF_F_TSO_ECN = 1 << 11;
export const NETIF_F_TSO_MANGLEID = 1 << 12;
export const NETIF_F_TSO6 = 1 << 13;
export const NETIF_F_GSO_UDP_L4 = 1 << 14;
export const NETIF_F_GSO_FRAGLIST = 1 << 15;
export const NETIF_F_RXCSUM = 1 << 16;
export const NETIF_F_LOOPBACK = 1 << 17;
export const NETIF_F_NOCACHE_COPY = 1 << 18;
export const NETIF_F_RXHASH = 1 << 19;
export const NETIF_F_RXFCS = 1 << 20;
export const NETIF_F_RXALL = 1 << 21;
export const NETIF_F_GRO_HW = 1 << 22;
export const NETIF_F_GSO_PARTIAL = 1 << 23;
export const NETIF_F_SCTP_CRC = 1 << 24;
export const NETIF_F_GSO_SCTP = 1 << 25;
export const NETIF_F_HW_VLAN_CTAG_TX = 1 << 26;
export const NETIF_F_HW_VLAN_CTAG_RX = 1 << 27;
export const NETIF_F_GRO_UDP_FWD = 1 << 28;

export const NETIF_F_CSUM_MASK = NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_HW_CSUM;
export const NETIF_F_ALL_TSO = NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_TSO_ECN | NETIF_F_TSO_MANGLEID;
export const NETIF_F_GSO_SOFTWARE = NETIF_F_ALL_TSO | NETIF_F_GSO_SCTP | NETIF_F_GSO_UDP_L4 | NETIF_F_GSO_FRAGLIST;
export const NETIF_F_GSO_MASK = NETIF_F_GSO_SOFTWARE | NETIF_F_GSO_ROBUST | NETIF_F_GSO_PARTIAL;
export const NETIF_F_SOFT_FEATURES = NETIF_F_GSO | NETIF_F_GRO;
/** Switched on for every device that can do scatter-gather. */
export const NETIF_F_SOFT_FEATURES_OFF = NETIF_F_GRO_UDP_FWD;
export const NETIF_F_ONE_FOR_ALL =
  NETIF_F_GSO_SOFTWARE | NETIF_F_GSO_ROBUST | NETIF_F_SG | NETIF_F_HIGHDMA | NETIF_F_FRAGLIST;
export const NETIF_F_ALL_FOR_ALL = NETIF_F_NOCACHE_COPY;

/** A feature and the name that ethtool prints for it. */
export interface netdev_feature_string {
  readonly feature: netdev_features_t;
  readonly name: string;
}

export const netdev_features_strings: readonly netdev_feature_string[] = [
  { feature: NETIF_F_RXCSUM, name: 'rx-checksum' },
  { feature: NETIF_F_IP_CSUM, name: 'tx-checksum-ipv4' },
  { feature: NETIF_F_HW_CSUM, name: 'tx-checksum-ip-generic' },
  { feature: NETIF_F_IPV6_CSUM, name: 'tx-checksum-ipv6' },
  { feature: NETIF_F_SG, name: 'tx-scatter-gather' },
  { feature: NETIF_F_FRAGLIST, name: 'tx-scatter-gather-fraglist' },
  { feature: NETIF_F_TSO, name: 'tx-tcp-segmentation' },
  { feature: NETIF_F_TSO_ECN, name: 'tx-tcp-ecn-segmentation' },
  { feature: NETIF_F_TSO_MANGLEID, name: 'tx-tcp-mangleid-segmentation' },
  { feature: NETIF_F_TSO6, name: 'tx-tcp6-segmentation' },
  { feature: NETIF_F_GSO, name: 'tx-generic-segmentation' },
  { feature: NETIF_F_GRO, name: 'rx-gro' },
  { feature: NETIF_F_LRO, name: 'rx-lro' },
  { feature: NETIF_F_HW_VLAN_CTAG_RX, name: 'rx-vlan-hw-parse' },
  { feature: NETIF_F_HW_VLAN_CTAG_TX, name: 'tx-vlan-hw-insert' },
  { feature: NETIF_F_RXHASH, name: 'rx-hashing' },
  { feature: NETIF_F_HIGHDMA, name: 'highdma' },
  { feature: NETIF_F_GSO_ROBUST, name: 'tx-gso-robust' },
  { feature: NETIF_F_GSO_PARTIAL, name: 'tx-gso-partial' },
  { feature: NETIF_F_GSO_FRAGLIST, name: 'tx-gso-list' },
  { feature: NETIF_F_SCTP_CRC, name: 'tx-checksum-sctp' },
  { feature: NETIF_F_GSO_SCTP, name: 'tx-sctp-segmentation' },
  { feature: NETIF_F_GSO_UDP_L4, name: 'tx-udp-segmentation' },
  { feature: NETIF_F_NOCACHE_COPY, name: 'tx-nocache-copy' },
  { feature: NETIF_F_LOOPBACK, name: 'loopback' },
  { feature: NETIF_F_RXFCS, name: 'rx-fcs' },
  { feature: NETIF_F_RXALL, name: 'rx-all' },
  { feature: NETIF_F_GRO_HW, name: 'rx-gro-hw' },
  { feature: NETIF_F_GRO_UDP_FWD, name: 'rx-udp-gro-forwarding' },
];
