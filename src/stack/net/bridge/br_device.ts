// The bridge as a device of its host (net/bridge/br_device.c).

import { ETH_HLEN, ETH_MAX_MTU } from '../../include/linux/if_ether.js';
import {
  IFF_EBRIDGE,
  IFF_NO_QUEUE,
  NETDEV_TX_OK,
  net_device,
  type ethtool_ops,
  type net_device_ops,
} from '../../include/linux/netdevice.js';
import {
  NETIF_F_FRAGLIST,
  NETIF_F_GSO_MASK,
  NETIF_F_HIGHDMA,
  NETIF_F_HW_CSUM,
  NETIF_F_SG,
} from '../../include/linux/netdev_features.js';
import { get_random_bytes } from '../../include/linux/random.js';
import type { sk_buff } from '../../include/linux/skbuff/struct.js';
import type { int } from '../../include/linux/types.js';
import type { net } from '../../include/net/net_namespace.js';
import { eth_validate_addr, ether_setup } from '../ethernet/eth.js';
import { netif_carrier_on } from '../sched/sch_generic.js';
import { skb_pull } from '../core/skbuff.js';
import { br_fdb_add_local, br_fdb_find_rcu, br_fdb_gc } from './br_fdb.js';
import { br_flood, br_forward } from './br_forward.js';
import {
  BR_PKT_BROADCAST,
  BR_PKT_MULTICAST,
  BR_PKT_UNICAST,
  mac_key,
  net_bridge,
  netdev_bridge,
} from './br_private.js';
import { br_add_slave, br_del_slave } from './br_if.js';

/** The bridge's host sends. */
export function br_dev_xmit(skb: sk_buff, dev: net_device): int {
  const br = netdev_bridge(dev);
  dev.stats.tx_packets++;
  dev.stats.tx_bytes += skb.len;
  skb.mac_header = skb.data;
  skb_pull(skb, ETH_HLEN);
  const { head } = skb;
  const at = skb.mac_header;
  if ((head[at] & 1) !== 0) {
    let broadcast = true;
    for (let i = 0; broadcast && i < 6; i++) broadcast = head[at + i] === 0xff;
    br_flood(br, skb, broadcast ? BR_PKT_BROADCAST : BR_PKT_MULTICAST, false, true);
    return NETDEV_TX_OK;
  }
  const dst = br_fdb_find_rcu(br, head, at);
  if (dst !== null) br_forward(dst.dst, skb, false, true);
  else br_flood(br, skb, BR_PKT_UNICAST, false, true);
  return NETDEV_TX_OK;
}

export function br_dev_open(dev: net_device): int {
  br_fdb_gc(netdev_bridge(dev));
  netif_carrier_on(dev);
  return 0;
}

export function br_dev_stop(_dev: net_device): int {
  return 0;
}

export function br_set_mac_address(dev: net_device, addr: Uint8Array): int {
  const br = netdev_bridge(dev);
  br.fdb.delete(mac_key(dev.dev_addr, 0));
  dev.dev_addr.set(addr.subarray(0, 6));
  br.addr_set = true;
  br_fdb_add_local(br, null, dev.dev_addr);
  return 0;
}

export function br_change_mtu(dev: net_device, new_mtu: int): int {
  dev.mtu = new_mtu;
  return 0;
}

const br_netdev_ops: net_device_ops = {
  ndo_open: br_dev_open,
  ndo_stop: br_dev_stop,
  ndo_start_xmit: br_dev_xmit,
  ndo_set_mac_address: br_set_mac_address,
  ndo_validate_addr: eth_validate_addr,
  ndo_change_mtu: br_change_mtu,
  ndo_add_slave: br_add_slave,
  ndo_del_slave: br_del_slave,
};

const br_ethtool_ops: ethtool_ops = { get_drvinfo: () => ({ driver: 'bridge', version: '2.3' }) };

export function br_dev_setup(dev: net_device): void {
  const kernel = dev.nd_net.kernel;
  ether_setup(dev);
  dev.max_mtu = ETH_MAX_MTU;
  dev.lltx = true;
  dev.priv_flags |= IFF_EBRIDGE | IFF_NO_QUEUE;
  dev.ethtool_ops = br_ethtool_ops;
  dev.features = NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HIGHDMA | NETIF_F_GSO_MASK | NETIF_F_HW_CSUM;
  dev.hw_features = dev.features;
  const br = new net_bridge(dev);
  br.ageing_time = 300 * kernel.HZ;
  dev.priv = br;
  // Until a port comes the address is a random one of the locally administered kind.
  get_random_bytes(kernel, dev.dev_addr, 0, 6);
  dev.dev_addr[0] = (dev.dev_addr[0] & 0xfe) | 0x02;
}

/** A bridge, not registered yet. */
export function br_dev_alloc(net: net, name: string): net_device {
  const dev = new net_device(name, net, br_netdev_ops);
  br_dev_setup(dev);
  return dev;
}
