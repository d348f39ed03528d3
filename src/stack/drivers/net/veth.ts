// Pairs of virtual Ethernet devices (drivers/net/veth.c): what one sends the other receives. In the lab the
// two are on different hosts: the frame enters the peer's kernel, whose softirq takes it from its backlog.
// XDP, NAPI mode and several queues are left out.

import { ether_setup, eth_mac_addr, eth_validate_addr } from '../../net/ethernet/eth.js';
import { ETH_ALEN, ETH_MAX_MTU } from '../../include/linux/if_ether.js';
import {
  IFF_LIVE_ADDR_CHANGE,
  IFF_NO_QUEUE,
  IFF_PHONY_HEADROOM,
  NETDEV_TX_OK,
  NET_RX_SUCCESS,
  dev_net,
  net_device,
  type ethtool_ops,
  type net_device_ops,
} from '../../include/linux/netdevice.js';
import {
  NETIF_F_FRAGLIST,
  NETIF_F_GSO_SOFTWARE,
  NETIF_F_HIGHDMA,
  NETIF_F_HW_CSUM,
  NETIF_F_RXCSUM,
  NETIF_F_SG,
} from '../../include/linux/netdev_features.js';
import { ENOTCONN } from '../../include/linux/errno.js';
import { get_random_bytes } from '../../include/linux/random.js';
import { skb_orphan, skb_tx_timestamp, type sk_buff } from '../../include/linux/skbuff.js';
import type { net } from '../../include/net/net_namespace.js';
import type { int, uint } from '../../include/linux/types.js';
import { enter_kernel } from '../../kernel/current.js';
import { __dev_forward_skb, __netif_rx, register_netdevice } from '../../net/core/dev.js';
import { netif_carrier_off, netif_carrier_on } from '../../net/sched/sch_generic.js';
import { kfree_skb } from '../../net/core/skbuff.js';

class veth_priv {
  peer: net_device | null = null;
  dropped = 0;
  requested_headroom: uint = 0;
}

/** @notrace */
export function veth_peer(dev: net_device): net_device | null {
  return (dev.priv as veth_priv).peer;
}

export function veth_forward_skb(dev: net_device, skb: sk_buff): int {
  const ret = __dev_forward_skb(dev, skb);
  return ret !== 0 ? ret : __netif_rx(skb);
}

/** @notrace */
function receive_on_peer(skb: sk_buff): int {
  return veth_forward_skb(skb.dev as net_device, skb);
}

export function veth_xmit(skb: sk_buff, dev: net_device): int {
  const priv = dev.priv as veth_priv;
  const rcv = priv.peer;
  if (rcv === null) {
    kfree_skb(skb);
    priv.dropped++;
    return NETDEV_TX_OK;
  }
  const length = skb.len;
  skb_tx_timestamp(skb);
  // Another machine's memory is not the sender's: as with a wire, its socket is done with the packet now.
  if (dev_net(rcv).kernel !== dev_net(dev).kernel) skb_orphan(skb);
  skb.dev = rcv;
  if (enter_kernel(dev_net(rcv).kernel, receive_on_peer, skb) === NET_RX_SUCCESS) {
    dev.stats.tx_packets++;
    dev.stats.tx_bytes += length;
    rcv.stats.rx_packets++;
    rcv.stats.rx_bytes += length;
  } else {
    priv.dropped++;
    dev.stats.tx_dropped++;
  }
  return NETDEV_TX_OK;
}

/** The carrier is there while both ends are up. */
export function veth_open(dev: net_device): int {
  const { peer } = dev.priv as veth_priv;
  if (peer === null) return -ENOTCONN;
  if ((peer.flags & 1) !== 0) {
    netif_carrier_on(dev);
    enter_kernel(dev_net(peer).kernel, netif_carrier_on, peer);
  }
  return 0;
}

export function veth_close(dev: net_device): int {
  const { peer } = dev.priv as veth_priv;
  netif_carrier_off(dev);
  if (peer !== null) enter_kernel(dev_net(peer).kernel, netif_carrier_off, peer);
  return 0;
}

export function veth_get_iflink(dev: net_device): int {
  return (dev.priv as veth_priv).peer?.ifindex ?? 0;
}

export function veth_get_drvinfo(_dev: net_device): { driver: string; version: string } {
  return { driver: 'veth', version: '1.0' };
}

const veth_netdev_ops: net_device_ops = {
  ndo_open: veth_open,
  ndo_stop: veth_close,
  ndo_start_xmit: veth_xmit,
  ndo_set_mac_address: eth_mac_addr,
  ndo_validate_addr: eth_validate_addr,
  ndo_get_iflink: veth_get_iflink,
};

const veth_ethtool_ops: ethtool_ops = { get_drvinfo: veth_get_drvinfo };

export function veth_setup(dev: net_device): void {
  ether_setup(dev);
  dev.max_mtu = ETH_MAX_MTU;
  dev.lltx = true;
  dev.priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE | IFF_PHONY_HEADROOM;
  dev.hw_features =
    NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | NETIF_F_RXCSUM | NETIF_F_HIGHDMA | NETIF_F_GSO_SOFTWARE;
  dev.features = dev.hw_features;
  dev.ethtool_ops = veth_ethtool_ops;
  dev.priv = new veth_priv();
}

/** @notrace */
function veth_make(net: net, name: string): net_device {
  const dev = new net_device(name, net, veth_netdev_ops);
  veth_setup(dev);
  // A random address of the locally administered kind.
  get_random_bytes(net.kernel, dev.dev_addr, 0, ETH_ALEN);
  dev.dev_addr[0] = (dev.dev_addr[0] & 0xfe) | 0x02;
  return dev;
}

/**
 * Makes a pair.
 * @returns the two devices, down; or a negative errno
 */
export function veth_newlink(
  net: net,
  name: string,
  peer_net: net,
  peer_name: string,
): { dev: net_device; peer: net_device } | int {
  const peer = veth_make(peer_net, peer_name);
  const dev = veth_make(net, name);
  (dev.priv as veth_priv).peer = peer;
  (peer.priv as veth_priv).peer = dev;
  let err = enter_kernel(peer_net.kernel, register_netdevice, peer);
  if (err < 0) return err;
  err = enter_kernel(net.kernel, register_netdevice, dev);
  if (err < 0) return err;
  enter_kernel(peer_net.kernel, netif_carrier_off, peer);
  enter_kernel(net.kernel, netif_carrier_off, dev);
  return { dev, peer };
}
