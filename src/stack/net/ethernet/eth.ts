// Ethernet's frame headers (net/ethernet/eth.c; IEEE 802.3).

import {
  ETH_ALEN,
  ETH_HLEN,
  ETH_P_802_2,
  ETH_P_802_3,
  ETH_P_802_3_MIN,
  ETH_DATA_LEN,
  ETH_MIN_MTU,
} from '../../include/linux/if_ether.js';
import { ARPHRD_ETHER } from '../../include/linux/if_arp.js';
import { IFF_BROADCAST, IFF_LOOPBACK, IFF_MULTICAST, IFF_NOARP } from '../../include/linux/if.js';
import { EADDRNOTAVAIL, EBUSY } from '../../include/linux/errno.js';
import { htons, ntohs } from '../../include/linux/byteorder.js';
import {
  IFF_LIVE_ADDR_CHANGE,
  netif_running,
  type header_ops,
  type hh_cache,
  type net_device,
} from '../../include/linux/netdevice.js';
import { PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST, PACKET_OTHERHOST } from '../../include/linux/if_packet.js';
import { skb_pull_inline, skb_reset_mac_header, type sk_buff } from '../../include/linux/skbuff.js';
import type { neighbour } from '../../include/net/neighbour.js';
import type { __be16, bool, int, u16, uint } from '../../include/linux/types.js';

import { skb_push } from '../core/skbuff.js';

/**
 * Writes the header in front of the data.
 * @param type ETH_P_*, or a length for ETH_P_802_3 and ETH_P_802_2, in host byte order
 * @param daddr null: not known yet (the result is then negative)
 * @param saddr null: the device's own
 * @returns bytes of header, negative where the destination is missing
 * @EXPORT_SYMBOL
 */
export function eth_header(
  skb: sk_buff,
  dev: net_device,
  type: u16,
  daddr: Uint8Array | null,
  saddr: Uint8Array | null,
  len: uint,
): int {
  const at = skb_push(skb, ETH_HLEN);
  const { head } = skb;
  const proto = type !== ETH_P_802_3 && type !== ETH_P_802_2 ? type : len;
  head[at + 12] = proto >>> 8;
  head[at + 13] = proto & 255;
  const source = saddr ?? dev.dev_addr;
  for (let i = 0; i < ETH_ALEN; i++) head[at + 6 + i] = source[i];
  if (daddr !== null) {
    for (let i = 0; i < ETH_ALEN; i++) head[at + i] = daddr[i];
    return ETH_HLEN;
  }
  if ((dev.flags & (IFF_LOOPBACK | IFF_NOARP)) !== 0) {
    for (let i = 0; i < ETH_ALEN; i++) head[at + i] = 0;
    return ETH_HLEN;
  }
  return -ETH_HLEN;
}

/** Whether the address at `at` is that address. @notrace */
function ether_addr_equal(head: Uint8Array, at: int, addr: Uint8Array): boolean {
  for (let i = 0; i < ETH_ALEN; i++) if (head[at + i] !== addr[i]) return false;
  return true;
}

/** Sets pkt_type by the destination address of a received frame. @notrace */
export function eth_skb_pkt_type(skb: sk_buff, dev: net_device): void {
  const { head } = skb;
  const at = skb.mac_header;
  if (ether_addr_equal(head, at, dev.dev_addr)) skb.pkt_type = PACKET_HOST;
  else if ((head[at] & 1) === 0) skb.pkt_type = PACKET_OTHERHOST;
  else skb.pkt_type = ether_addr_equal(head, at, dev.broadcast) ? PACKET_BROADCAST : PACKET_MULTICAST;
}

/**
 * Takes the header off a received frame: mac_header, pkt_type and dev are set.
 * @returns the protocol in network byte order
 * @EXPORT_SYMBOL
 */
export function eth_type_trans(skb: sk_buff, dev: net_device): __be16 {
  skb.dev = dev;
  skb_reset_mac_header(skb);
  const { head } = skb;
  const at = skb.data;
  if (skb.len < ETH_HLEN) {
    // A runt: there is no header to be taken off.
    skb.pkt_type = PACKET_OTHERHOST;
    return htons(ETH_P_802_2);
  }
  skb_pull_inline(skb, ETH_HLEN);
  eth_skb_pkt_type(skb, dev);
  const proto = head[at + 12] | (head[at + 13] << 8);
  if (ntohs(proto) >= ETH_P_802_3_MIN) return proto;
  // A length: Novell's raw 802.3 begins with ones, the rest is 802.2.
  if (skb.len >= 2 && head[skb.data] === 0xff && head[skb.data + 1] === 0xff) return htons(ETH_P_802_3);
  return htons(ETH_P_802_2);
}

/** The sender's address of a received frame. @returns its length @EXPORT_SYMBOL */
export function eth_header_parse(skb: sk_buff, haddr: Uint8Array): int {
  haddr.set(skb.head.subarray(skb.mac_header + ETH_ALEN, skb.mac_header + 2 * ETH_ALEN));
  return ETH_ALEN;
}

/** Makes the header that is the same for all packets to a neighbour. @returns -1 where there is no such @EXPORT_SYMBOL */
export function eth_header_cache(neigh: neighbour, hh: hh_cache, type: __be16): int {
  if (type === htons(ETH_P_802_3)) return -1;
  const at = hh.hh_data.length - ETH_HLEN;
  hh.hh_data.set(neigh.ha.subarray(0, ETH_ALEN), at);
  hh.hh_data.set(neigh.dev.dev_addr.subarray(0, ETH_ALEN), at + ETH_ALEN);
  hh.hh_data[at + 12] = type & 255;
  hh.hh_data[at + 13] = type >>> 8;
  hh.hh_len = ETH_HLEN;
  return 0;
}

/** The neighbour's address has changed. @EXPORT_SYMBOL */
export function eth_header_cache_update(hh: hh_cache, _dev: net_device, haddr: Uint8Array): void {
  hh.hh_data.set(haddr.subarray(0, ETH_ALEN), hh.hh_data.length - ETH_HLEN);
}

/** @EXPORT_SYMBOL */
export function eth_header_parse_protocol(skb: sk_buff): __be16 {
  return skb.head[skb.mac_header + 12] | (skb.head[skb.mac_header + 13] << 8);
}

/** @EXPORT_SYMBOL */
export function eth_prepare_mac_addr_change(dev: net_device, addr: Uint8Array): int {
  if ((dev.priv_flags & IFF_LIVE_ADDR_CHANGE) === 0 && netif_running(dev)) return -EBUSY;
  return is_valid_ether_addr(addr) ? 0 : -EADDRNOTAVAIL;
}

/** @EXPORT_SYMBOL */
export function eth_mac_addr(dev: net_device, addr: Uint8Array): int {
  const ret = eth_prepare_mac_addr_change(dev, addr);
  if (ret < 0) return ret;
  dev.dev_addr.set(addr.subarray(0, ETH_ALEN));
  return 0;
}

/** @EXPORT_SYMBOL */
export function eth_validate_addr(dev: net_device): int {
  return is_valid_ether_addr(dev.dev_addr) ? 0 : -EADDRNOTAVAIL;
}

/** @notrace */
export function is_valid_ether_addr(addr: Uint8Array): bool {
  return (addr[0] & 1) === 0 && addr.subarray(0, ETH_ALEN).some((byte) => byte !== 0);
}

export const eth_header_ops: header_ops = {
  create: eth_header,
  parse: eth_header_parse,
  cache: eth_header_cache,
  cache_update: eth_header_cache_update,
  parse_protocol: eth_header_parse_protocol,
};

/** What all Ethernet devices have in common. @EXPORT_SYMBOL */
export function ether_setup(dev: net_device): void {
  dev.header_ops = eth_header_ops;
  dev.type = ARPHRD_ETHER;
  dev.hard_header_len = ETH_HLEN;
  dev.min_header_len = ETH_HLEN;
  dev.mtu = ETH_DATA_LEN;
  dev.min_mtu = ETH_MIN_MTU;
  dev.max_mtu = ETH_DATA_LEN;
  dev.addr_len = ETH_ALEN;
  dev.tx_queue_len = 1000;
  dev.flags = IFF_BROADCAST | IFF_MULTICAST;
  dev.broadcast.fill(0xff, 0, ETH_ALEN);
}
