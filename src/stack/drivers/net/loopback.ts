// The loopback device (drivers/net/loopback.c): what is sent comes back at once, through the backlog.

import { eth_header_ops, eth_type_trans } from '../../net/ethernet/eth.js';
import { ARPHRD_LOOPBACK } from '../../include/linux/if_arp.js';
import { ETH_ALEN, ETH_HLEN } from '../../include/linux/if_ether.js';
import { IFF_LOOPBACK } from '../../include/linux/if.js';
import {
  IFF_LIVE_ADDR_CHANGE,
  IFF_NO_QUEUE,
  NETDEV_TX_OK,
  NET_RX_SUCCESS,
  net_device,
  type net_device_ops,
  type rtnl_link_stats64,
} from '../../include/linux/netdevice.js';
import {
  NETIF_F_FRAGLIST,
  NETIF_F_GSO_SOFTWARE,
  NETIF_F_HIGHDMA,
  NETIF_F_HW_CSUM,
  NETIF_F_RXCSUM,
  NETIF_F_SG,
} from '../../include/linux/netdev_features.js';
import { skb_clear_tstamp, skb_orphan, skb_tx_timestamp, type sk_buff } from '../../include/linux/skbuff.js';
import { skb_dst_force } from '../../include/net/dst.js';
import type { net } from '../../include/net/net_namespace.js';
import type { int, uint } from '../../include/linux/types.js';
import { __netif_rx, register_netdevice } from '../../net/core/dev.js';

const LOOPBACK_MTU = 65536;

export function loopback_xmit(skb: sk_buff, dev: net_device): int {
  skb_tx_timestamp(skb);
  skb_clear_tstamp(skb);
  skb_orphan(skb);
  // The packet goes through a queue before it is received: it must hold its route.
  skb_dst_force(skb);
  skb.protocol = eth_type_trans(skb, dev);
  const len = skb.len;
  if (__netif_rx(skb) === NET_RX_SUCCESS) dev_lstats_add(dev, len);
  return NETDEV_TX_OK;
}

/** @notrace */
export function dev_lstats_add(dev: net_device, len: uint): void {
  dev.stats.tx_packets++;
  dev.stats.tx_bytes += len;
  dev.stats.rx_packets++;
  dev.stats.rx_bytes += len;
}

export function loopback_get_stats64(dev: net_device, stats: rtnl_link_stats64): void {
  Object.assign(stats, dev.stats);
}

const loopback_ops: net_device_ops = {
  ndo_start_xmit: loopback_xmit,
  ndo_get_stats64: loopback_get_stats64,
};

export function loopback_setup(dev: net_device): void {
  dev.mtu = LOOPBACK_MTU;
  dev.hard_header_len = ETH_HLEN;
  dev.min_header_len = ETH_HLEN;
  dev.addr_len = ETH_ALEN;
  dev.type = ARPHRD_LOOPBACK;
  dev.flags = IFF_LOOPBACK;
  dev.lltx = true;
  dev.tx_queue_len = 1000;
  dev.priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE;
  dev.hw_features = NETIF_F_GSO_SOFTWARE;
  dev.features =
    NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_GSO_SOFTWARE | NETIF_F_HW_CSUM | NETIF_F_RXCSUM | NETIF_F_HIGHDMA;
  dev.header_ops = eth_header_ops;
}

/** Makes the host's `lo`. */
export function loopback_net_init(net: net): int {
  const dev = new net_device('lo', net, loopback_ops);
  loopback_setup(dev);
  const err = register_netdevice(dev);
  if (err < 0) return err;
  net.loopback_dev = dev;
  return 0;
}
