// A device whose other end is a program (drivers/net/tun.c), in its layer-3 mode without packet information
// (IFF_TUN | IFF_NO_PI): what the host sends the program reads, what it writes the host receives.

import { IFF_MULTICAST, IFF_NOARP, IFF_POINTOPOINT, IFF_UP } from '../../include/linux/if.js';
import { ARPHRD_NONE } from '../../include/linux/if_arp.js';
import { EINVAL, EIO, ENOMEM } from '../../include/linux/errno.js';
import { htons } from '../../include/linux/byteorder.js';
import { ETH_P_IP } from '../../include/linux/if_ether.js';
import { NETDEV_TX_OK, dev_net, net_device, type net_device_ops } from '../../include/linux/netdevice.js';
import {
  alloc_skb,
  PAGE_SIZE,
  SIZEOF_SKB_SHARED_INFO,
  SKB_GSO_DODGY,
  SKB_GSO_TCPV4,
  skb_orphan,
  skb_orphan_frags_rx,
  skb_reserve,
  skb_reset_mac_header,
  skb_reset_network_header,
  skb_tx_timestamp,
  type sk_buff,
} from '../../include/linux/skbuff.js';
import { NETIF_F_SG } from '../../include/linux/netdev_features.js';
import type { net } from '../../include/net/net_namespace.js';
import type { int } from '../../include/linux/types.js';
import { local_bh_disable, local_bh_enable } from '../../kernel/softirq.js';
import { netif_receive_skb, register_netdevice } from '../../net/core/dev.js';
import { alloc_skb_with_frags, consume_skb, kfree_skb, skb_copy_bits, skb_put } from '../../net/core/skbuff.js';

const TUN_MTU = 1500;
/** Headroom that a received packet gets (NET_SKB_PAD). */
const HEADROOM = 64;
/** Bytes that go into a head of one page, with the headroom and the shared information. */
const GOOD_LINEAR = PAGE_SIZE - HEADROOM - SIZEOF_SKB_SHARED_INFO;
/** The largest blocks of memory that are asked for: 4096 << 3 bytes. */
const PAGE_ALLOC_COSTLY_ORDER = 3;

export class tun_struct {
  dev!: net_device;
  /** Given each packet that the host sends. */
  read: (packet: Uint8Array) => void;

  constructor(read: (packet: Uint8Array) => void) {
    this.read = read;
  }
}

export function tun_net_xmit(skb: sk_buff, dev: net_device): int {
  const tun = dev.priv as tun_struct;
  // The program may keep the packet: a sender's own memory is copied.
  if (skb_orphan_frags_rx(skb, 0) !== 0) {
    dev.stats.tx_dropped++;
    kfree_skb(skb);
    return NETDEV_TX_OK;
  }
  skb_tx_timestamp(skb);
  skb_orphan(skb);
  const packet = new Uint8Array(skb.len);
  skb_copy_bits(skb, 0, packet, 0, skb.len);
  dev.stats.tx_packets++;
  dev.stats.tx_bytes += skb.len;
  consume_skb(skb);
  tun.read(packet);
  return NETDEV_TX_OK;
}

const tun_netdev_ops: net_device_ops = { ndo_start_xmit: tun_net_xmit };

/** A packet with what the program wrote: in the head what fits into a page with it, the rest in pages. */
function tun_alloc_skb(packet: Uint8Array): sk_buff | null {
  const linear = HEADROOM + packet.length < PAGE_SIZE ? packet.length : GOOD_LINEAR;
  if (linear === packet.length) {
    const skb = alloc_skb(packet.length + HEADROOM, 0);
    skb_reserve(skb, HEADROOM);
    skb.head.set(packet, skb_put(skb, packet.length));
    return skb;
  }
  const skb = alloc_skb_with_frags(HEADROOM + linear, packet.length - linear, PAGE_ALLOC_COSTLY_ORDER, { value: 0 }, 0);
  if (skb === null) return null;
  skb_reserve(skb, HEADROOM);
  skb.head.set(packet.subarray(0, linear), skb_put(skb, linear));
  skb.len = packet.length;
  skb.data_len = packet.length - linear;
  let at = linear;
  for (let i = 0; i < skb.shinfo.nr_frags; i++) {
    const { page, size } = skb.shinfo.frags[i];
    page.set(packet.subarray(at, at + size));
    at += size;
  }
  return skb;
}

/**
 * The program writes a packet.
 * @param packet an IPv4 packet with its header
 * @param gso_size bytes of payload of each of the segments that it stands for (virtio_net_hdr), 0: it is one
 * @returns its length, or a negative errno
 */
export function tun_get_user(tun: tun_struct, packet: Uint8Array, gso_size = 0): int {
  const { dev } = tun;
  const { kernel } = dev_net(dev);
  if (packet.length === 0) return -EINVAL;
  if ((dev.flags & IFF_UP) === 0) return -EIO;
  const skb = tun_alloc_skb(packet);
  if (skb === null) return -ENOMEM;
  if (gso_size !== 0) {
    skb.shinfo.gso_size = gso_size;
    skb.shinfo.gso_type = SKB_GSO_TCPV4 | SKB_GSO_DODGY;
  }
  if (packet[0] >>> 4 !== 4) {
    dev.stats.rx_dropped++;
    consume_skb(skb);
    return -EINVAL;
  }
  skb.dev = dev;
  skb.protocol = htons(ETH_P_IP);
  skb_reset_mac_header(skb);
  skb_reset_network_header(skb);
  dev.stats.rx_packets++;
  dev.stats.rx_bytes += packet.length;
  local_bh_disable(kernel);
  netif_receive_skb(skb);
  local_bh_enable(kernel);
  return packet.length;
}

/** Makes a tun device. @param read is given each packet that the host sends @returns it, or a negative errno */
export function tun_set_iff(net: net, name: string, read: (packet: Uint8Array) => void): tun_struct | int {
  const tun = new tun_struct(read);
  const dev = new net_device(name, net, tun_netdev_ops);
  dev.type = ARPHRD_NONE;
  dev.flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
  dev.mtu = TUN_MTU;
  dev.min_mtu = 68;
  dev.max_mtu = 65535;
  dev.tx_queue_len = 500;
  dev.lltx = true;
  dev.hw_features = NETIF_F_SG;
  dev.features = NETIF_F_SG;
  dev.priv = tun;
  tun.dev = dev;
  const err = register_netdevice(dev);
  return err < 0 ? err : tun;
}
