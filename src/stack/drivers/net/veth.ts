// Pairs of virtual Ethernet devices (drivers/net/veth.c): what one sends the other receives. In the lab the
// two are on different hosts: the frame enters the peer's kernel, whose softirq takes it from its backlog.
// With GRO switched on at the receiver (ethtool -K), and no segmentation offload at the sender, frames go through
// the receiver's NAPI instead, where they are merged. XDP programs and several queues are left out.

import { ether_setup, eth_mac_addr, eth_validate_addr } from '../../net/ethernet/eth.js';
import { ETH_ALEN, ETH_MAX_MTU } from '../../include/linux/if_ether.js';
import {
  IFF_LIVE_ADDR_CHANGE,
  IFF_NO_QUEUE,
  IFF_PHONY_HEADROOM,
  IFF_UP,
  NETDEV_TX_OK,
  NET_RX_DROP,
  NET_RX_SUCCESS,
  dev_net,
  napi_struct,
  net_device,
  type ethtool_ops,
  type net_device_ops,
} from '../../include/linux/netdevice.js';
import {
  NETIF_F_ALL_TSO,
  NETIF_F_FRAGLIST,
  NETIF_F_GRO,
  NETIF_F_GSO_SOFTWARE,
  NETIF_F_HIGHDMA,
  NETIF_F_HW_CSUM,
  NETIF_F_RXCSUM,
  NETIF_F_SG,
  type netdev_features_t,
} from '../../include/linux/netdev_features.js';
import { ENOTCONN } from '../../include/linux/errno.js';
import { get_random_bytes } from '../../include/linux/random.js';
import {
  __skb_dequeue,
  __skb_queue_tail,
  sk_buff_head,
  skb_orphan,
  skb_queue_purge,
  skb_tx_timestamp,
  type sk_buff,
} from '../../include/linux/skbuff.js';
import type { net } from '../../include/net/net_namespace.js';
import type { int, uint } from '../../include/linux/types.js';
import { enter_kernel } from '../../kernel/current.js';
import {
  __dev_forward_skb,
  __netif_rx,
  napi_complete_done,
  napi_disable,
  napi_enable,
  napi_schedule,
  netdev_set_wanted_feature,
  netif_napi_add,
  register_netdevice,
} from '../../net/core/dev.js';
import { netif_carrier_off, netif_carrier_on } from '../../net/sched/sch_generic.js';
import { napi_gro_receive } from '../../net/core/gro.js';
import { kfree_skb, kfree_skb_reason } from '../../net/core/skbuff.js';
import { SKB_DROP_REASON_FULL_RING } from '../../include/net/dropreason.js';

/** Frames that the receiver's ring holds. */
const VETH_RING_SIZE = 256;

class veth_priv {
  peer: net_device | null = null;
  dropped = 0;
  requested_headroom: uint = 0;
  /** The receiver's NAPI while GRO is on, and what it has not polled yet. */
  napi: napi_struct | null = null;
  readonly xdp_ring: sk_buff_head = new sk_buff_head();
}

/** @notrace */
export function veth_peer(dev: net_device): net_device | null {
  return (dev.priv as veth_priv).peer;
}

/** Puts a frame on the ring of the receiver's NAPI. @returns NET_RX_SUCCESS, or NET_RX_DROP after freeing it */
export function veth_xdp_rx(dev: net_device, napi: napi_struct, skb: sk_buff): int {
  const ring = (dev.priv as veth_priv).xdp_ring;
  if (ring.qlen >= VETH_RING_SIZE) {
    kfree_skb_reason(skb, SKB_DROP_REASON_FULL_RING);
    return NET_RX_DROP;
  }
  __skb_queue_tail(ring, skb);
  napi_schedule(napi);
  return NET_RX_SUCCESS;
}

export function veth_forward_skb(dev: net_device, skb: sk_buff, napi: napi_struct | null): int {
  const ret = __dev_forward_skb(dev, skb);
  if (ret !== 0) return ret;
  return napi !== null ? veth_xdp_rx(dev, napi, skb) : __netif_rx(skb);
}

/** @notrace */
function receive_on_peer(skb: sk_buff): int {
  const dev = skb.dev as net_device;
  const { napi, peer } = dev.priv as veth_priv;
  const use_napi = napi !== null && peer !== null && veth_skb_is_eligible_for_gro(peer);
  return veth_forward_skb(dev, skb, use_napi ? napi : null);
}

/** Whether it is worth while to have a sender's frames merged: it does not send large ones itself. @notrace */
function veth_skb_is_eligible_for_gro(dev: net_device): boolean {
  return (dev.features & NETIF_F_ALL_TSO) === 0;
}

export function veth_xdp_rcv(napi: napi_struct, budget: int): int {
  const ring = ((napi.dev as net_device).priv as veth_priv).xdp_ring;
  let done = 0;
  while (done < budget) {
    const skb = __skb_dequeue(ring);
    if (skb === null) break;
    napi_gro_receive(napi, skb);
    done++;
  }
  return done;
}

export function veth_poll(napi: napi_struct, budget: int): int {
  const done = veth_xdp_rcv(napi, budget);
  if (done < budget) napi_complete_done(napi, done);
  return done;
}

/** @notrace */
function veth_napi_enable(dev: net_device): void {
  const priv = dev.priv as veth_priv;
  if (priv.napi !== null) return;
  priv.napi = new napi_struct(veth_poll);
  netif_napi_add(dev, priv.napi);
  napi_enable(priv.napi);
}

/** @notrace */
function veth_napi_del(dev: net_device): void {
  const priv = dev.priv as veth_priv;
  if (priv.napi === null) return;
  napi_disable(priv.napi);
  dev.napi_list.splice(dev.napi_list.indexOf(priv.napi), 1);
  priv.napi = null;
  skb_queue_purge(priv.xdp_ring);
}

/** GRO needs NAPI, which the device has only for it. */
export function veth_set_features(dev: net_device, features: netdev_features_t): int {
  if (((dev.features ^ features) & NETIF_F_GRO) === 0 || (dev.flags & IFF_UP) === 0) return 0;
  if ((features & NETIF_F_GRO) !== 0) veth_napi_enable(dev);
  else veth_napi_del(dev);
  return 0;
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
  if ((dev.features & NETIF_F_GRO) !== 0) veth_napi_enable(dev);
  if ((peer.flags & IFF_UP) !== 0) {
    netif_carrier_on(dev);
    enter_kernel(dev_net(peer).kernel, netif_carrier_on, peer);
  }
  return 0;
}

export function veth_close(dev: net_device): int {
  const { peer } = dev.priv as veth_priv;
  netif_carrier_off(dev);
  veth_napi_del(dev);
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
  ndo_set_features: veth_set_features,
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

/** GRO is off until a user asks for it. @notrace */
function veth_disable_gro(dev: net_device): void {
  netdev_set_wanted_feature(dev, NETIF_F_GRO, false);
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
  enter_kernel(peer_net.kernel, veth_disable_gro, peer);
  enter_kernel(net.kernel, veth_disable_gro, dev);
  return { dev, peer };
}
