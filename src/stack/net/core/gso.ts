// Segmentation in software, of whatever protocol (net/core/gso.c).

import { EINVAL, EPROTONOSUPPORT, ENOMEM } from '../../include/linux/errno.js';
import { ETH_P_8021AD, ETH_P_8021Q } from '../../include/linux/if_ether.js';
import { htons } from '../../include/linux/byteorder.js';
import { NETIF_F_GSO, NETIF_F_GSO_PARTIAL, NETIF_F_GSO_ROBUST } from '../../include/linux/netdev_features.js';
import type { netdev_features_t } from '../../include/linux/netdev_features.js';
import {
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  SKB_GSO_TCPV4,
  SKB_GSO_TCPV6,
  SKB_GSO_UDP_L4,
  GSO_BY_FRAGS,
} from '../../include/linux/skbuff/constants.js';
import { skb_reset_mac_header, skb_reset_mac_len } from '../../include/linux/skbuff/header.js';
import { skb_cow_head, __skb_pull, __skb_push, pskb_may_pull } from '../../include/linux/skbuff/room.js';
import type { sk_buff } from '../../include/linux/skbuff/struct.js';
import type { __be16, bool, int, uint } from '../../include/linux/types.js';
import { SKB_GSO_CB } from '../../include/net/gso.js';

/** The network protocol behind VLAN tags. @param depth gets the length of the headers before it @returns it, or 0 @notrace */
export function skb_network_protocol(skb: sk_buff, depth: { value: int } | null = null): __be16 {
  let type = skb.protocol;
  let vlan_depth = skb.mac_len;
  for (let tags = 0; type === htons(ETH_P_8021Q) || type === htons(ETH_P_8021AD); tags++) {
    if (tags === 8 || !pskb_may_pull(skb, vlan_depth + 4)) return 0;
    type = skb.head[skb.data + vlan_depth + 2] | (skb.head[skb.data + vlan_depth + 3] << 8);
    vlan_depth += 4;
  }
  if (depth !== null) depth.value = vlan_depth;
  return type;
}

/** Segments by the network protocol, from the MAC header on. @returns the segments, null, or a negative errno @EXPORT_SYMBOL */
export function skb_mac_gso_segment(skb: sk_buff, features: netdev_features_t): sk_buff | null | int {
  const depth = { value: skb.mac_len };
  const type = skb_network_protocol(skb, depth);
  if (type === 0) return -EINVAL;
  let segs: sk_buff | null | int = -EPROTONOSUPPORT;
  const offloads = skb.dev?.nd_net.kernel.offload_base ?? [];
  __skb_pull(skb, depth.value);
  for (const ptype of offloads) {
    if (ptype.type === type && ptype.callbacks.gso_segment !== undefined) {
      segs = ptype.callbacks.gso_segment(skb, features);
      break;
    }
  }
  __skb_push(skb, skb.data - skb.mac_header);
  return segs;
}

function skb_needs_check(skb: sk_buff, tx_path: bool): bool {
  if (tx_path) return skb.ip_summed !== CHECKSUM_PARTIAL && skb.ip_summed !== CHECKSUM_UNNECESSARY;
  return skb.ip_summed === 0;
}

/**
 * Segments a GSO packet.
 * @param features what the device can do itself
 * @param tx_path whether it is on its way out
 * @returns the segments linked by `next`; null if the packet is fit as it is; a negative errno
 * @EXPORT_SYMBOL
 */
export function __skb_gso_segment(skb: sk_buff, features: netdev_features_t, tx_path: bool): sk_buff | null | int {
  if (skb_needs_check(skb, tx_path) && skb_cow_head(skb, 0) < 0) return -ENOMEM;
  // A partial offload must not be asked for where the rest cannot be had.
  if ((features & NETIF_F_GSO_PARTIAL) !== 0) features &= ~NETIF_F_GSO_PARTIAL;
  features |= NETIF_F_GSO | NETIF_F_GSO_ROBUST;
  const cb = SKB_GSO_CB(skb);
  cb.mac_offset = skb.data;
  cb.encap_level = 0;
  // On its way out of IP a packet has no link-level header yet.
  skb_reset_mac_header(skb);
  skb_reset_mac_len(skb);
  return skb_mac_gso_segment(skb, features);
}

/** Bytes of network and transport header of a segment. */
function skb_gso_network_seglen(skb: sk_buff): uint {
  const hdr_len = skb.transport_header - skb.network_header;
  return hdr_len + skb_gso_transport_seglen(skb);
}

/** Bytes of a segment from the transport header on. */
export function skb_gso_transport_seglen(skb: sk_buff): uint {
  const shinfo = skb.shinfo;
  let thlen = 0;
  if ((shinfo.gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)) !== 0)
    thlen = (skb.head[skb.transport_header + 12] >>> 4) * 4;
  else if ((shinfo.gso_type & SKB_GSO_UDP_L4) !== 0) thlen = 8;
  return thlen + shinfo.gso_size;
}

function skb_gso_mac_seglen(skb: sk_buff): uint {
  return skb.transport_header - skb.mac_header + skb_gso_transport_seglen(skb);
}

function skb_gso_size_check(skb: sk_buff, seg_len: uint, max_len: uint): bool {
  if (skb.shinfo.gso_size !== GSO_BY_FRAGS) return seg_len <= max_len;
  return skb.len <= max_len;
}

/** Whether each segment fits into an MTU. @EXPORT_SYMBOL */
export function skb_gso_validate_network_len(skb: sk_buff, mtu: uint): bool {
  return skb_gso_size_check(skb, skb_gso_network_seglen(skb), mtu);
}

/** Whether each segment's frame fits into a length. @EXPORT_SYMBOL */
export function skb_gso_validate_mac_len(skb: sk_buff, len: uint): bool {
  return skb_gso_size_check(skb, skb_gso_mac_seglen(skb), len);
}
