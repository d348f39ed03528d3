// What a device can do, and what is asked of it for one packet (net/core/dev.c).

import { netif_running, type net_device, NETDEV_FEAT_CHANGE } from '../../../include/linux/netdevice.js';
import {
  NETIF_F_ALL_TSO,
  NETIF_F_CSUM_MASK,
  NETIF_F_GSO,
  NETIF_F_GSO_MASK,
  NETIF_F_HIGHDMA,
  NETIF_F_HW_CSUM,
  NETIF_F_IP_CSUM,
  NETIF_F_IPV6_CSUM,
  NETIF_F_LRO,
  NETIF_F_SG,
  NETIF_F_TSO_MANGLEID,
  type netdev_features_t,
} from '../../../include/linux/netdev_features.js';
import { skb_is_gso, type sk_buff } from '../../../include/linux/skbuff.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import { SKB_GSO_TCPV4 } from '../../../include/linux/skbuff.js';
import { skb_network_protocol } from '../gso.js';
import { htons } from '../../../include/linux/byteorder.js';
import { ETH_P_IP } from '../../../include/linux/if_ether.js';
import { call_netdevice_notifiers } from './notifier.js';

/** Drops features that make no sense without others. */
export function netdev_fix_features(dev: net_device, features: netdev_features_t): netdev_features_t {
  if ((features & NETIF_F_HW_CSUM) !== 0) features &= ~(NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM);
  if ((features & NETIF_F_ALL_TSO) !== 0 && (features & NETIF_F_SG) === 0) features &= ~NETIF_F_ALL_TSO;
  if ((features & NETIF_F_ALL_TSO) !== 0 && (features & (NETIF_F_HW_CSUM | NETIF_F_IP_CSUM)) === 0) {
    features &= ~NETIF_F_ALL_TSO;
  }
  if ((features & NETIF_F_GSO) !== 0 && (features & NETIF_F_SG) === 0) features &= ~NETIF_F_GSO;
  return dev.netdev_ops.ndo_fix_features?.(dev, features) ?? features;
}

/** @returns 1 if the features changed */
export function __netdev_update_features(dev: net_device): number {
  let features = (dev.wanted_features & dev.hw_features) | (dev.features & ~dev.hw_features);
  features = netdev_fix_features(dev, features);
  if (dev.features === features) return 0;
  const err = dev.netdev_ops.ndo_set_features?.(dev, features) ?? 0;
  if (err < 0) return -1;
  dev.features = features;
  return 1;
}

/** Brings the features in line with what is wanted, and tells of a change. @EXPORT_SYMBOL */
export function netdev_update_features(dev: net_device): void {
  if (__netdev_update_features(dev) !== 0 && netif_running(dev)) call_netdevice_notifiers(NETDEV_FEAT_CHANGE, dev);
}

/** @notrace */
export function can_checksum_protocol(features: netdev_features_t, protocol: number): boolean {
  if ((features & NETIF_F_HW_CSUM) !== 0) return true;
  return protocol === htons(ETH_P_IP) && (features & NETIF_F_IP_CSUM) !== 0;
}

export function gso_features_check(skb: sk_buff, dev: net_device, features: netdev_features_t): netdev_features_t {
  const { gso_segs, gso_type } = skb.shinfo;
  if (gso_segs > dev.gso_max_segs) return features & ~NETIF_F_GSO_MASK;
  if (skb.len >= dev.gso_max_size) return features & ~NETIF_F_GSO_MASK;
  if (gso_type === 0) return features & ~NETIF_F_GSO_MASK;
  // A packet that may be fragmented later must keep its identification; counting it up would mangle it.
  if ((gso_type & SKB_GSO_TCPV4) !== 0 && (ip_hdr(skb).frag_off & htons(0x4000)) === 0) {
    features &= ~NETIF_F_TSO_MANGLEID;
  }
  return features;
}

function harmonize_features(skb: sk_buff, features: netdev_features_t): netdev_features_t {
  const type = skb_network_protocol(skb);
  if (skb.ip_summed !== 0 && !can_checksum_protocol(features, type)) {
    features &= ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
  }
  return features & ~NETIF_F_HIGHDMA;
}

/** What the device can do for this packet. @EXPORT_SYMBOL */
export function netif_skb_features(skb: sk_buff): netdev_features_t {
  const dev = skb.dev as net_device;
  let features = dev.features;
  if (skb_is_gso(skb)) features = gso_features_check(skb, dev, features);
  if (dev.netdev_ops.ndo_features_check !== undefined) {
    features &= dev.netdev_ops.ndo_features_check(skb, dev, features);
  }
  return harmonize_features(skb, features);
}

/** Switches a feature on or off by order of a user (ethtool -K), as far as the device has it. @notrace */
export function netdev_set_wanted_feature(dev: net_device, feature: netdev_features_t, on: boolean): void {
  dev.wanted_features = on ? dev.wanted_features | feature : dev.wanted_features & ~feature;
  netdev_update_features(dev);
}

/** Large receive offload would break what the host forwards. @EXPORT_SYMBOL */
export function dev_disable_lro(dev: net_device): void {
  dev.wanted_features &= ~NETIF_F_LRO;
  netdev_update_features(dev);
}
