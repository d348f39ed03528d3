// IPv4's table of neighbours and how a new entry is set up for its device (net/ipv4/arp.c).

import { EINVAL } from '../../../include/linux/errno.js';
import { ntohl } from '../../../include/linux/byteorder.js';
import { __in_dev_get_rcu } from '../../../include/linux/inetdevice.js';
import { IFF_LOOPBACK, IFF_NOARP, IFF_POINTOPOINT } from '../../../include/linux/if.js';
import { msecs_to_jiffies } from '../../../include/linux/jiffies.js';
import { timer_list } from '../../../include/linux/timer.js';
import { AF_INET } from '../../../include/linux/in_addr.js';
import { ETH_P_IP } from '../../../include/linux/if_ether.js';
import { htons } from '../../../include/linux/byteorder.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import { dev_net } from '../../../include/linux/netdevice.js';
import { skb_dst, type sk_buff } from '../../../include/linux/skbuff.js';
import { dst_link_failure } from '../../../include/net/dst.js';
import { SKB_DROP_REASON_NEIGH_FAILED } from '../../../include/net/dropreason.js';
import {
  NEIGH_VAR_ANYCAST_DELAY,
  NEIGH_VAR_BASE_REACHABLE_TIME,
  NEIGH_VAR_DELAY_PROBE_TIME,
  NEIGH_VAR_GC_STALETIME,
  NEIGH_VAR_INTERVAL_PROBE_TIME_MS,
  NEIGH_VAR_LOCKTIME,
  NEIGH_VAR_MCAST_PROBES,
  NEIGH_VAR_PROXY_DELAY,
  NEIGH_VAR_PROXY_QLEN,
  NEIGH_VAR_QUEUE_LEN_BYTES,
  NEIGH_VAR_RETRANS_TIME,
  NEIGH_VAR_UCAST_PROBES,
  NUD_NOARP,
  NUD_VALID,
  neigh_parms,
  neigh_table,
  type neigh_ops,
  type neighbour,
} from '../../../include/net/neighbour.js';
import { RTN_BROADCAST, RTN_MULTICAST } from '../../../include/linux/rtnetlink.js';
import type { __be32, int } from '../../../include/linux/types.js';
import type { Kernel } from '../../../kernel/kernel.js';
import { timer_setup } from '../../../kernel/time/timer.js';
import {
  neigh_connected_output,
  neigh_direct_output,
  neigh_proxy_process,
  neigh_resolve_output,
  neigh_table_init,
} from '../../core/neighbour.js';
import { kfree_skb_reason } from '../../core/skbuff.js';
import { inet_addr_type_dev_table } from '../fib_frontend.js';
import { parp_redo } from './receive.js';
import { arp_solicit } from './solicit.js';

/** Bytes of packets that may wait for one neighbour: 256 of the smallest kind (SK_WMEM_MAX). */
const QUEUE_LEN_BYTES = 212_992;

const arp_generic_ops: neigh_ops = {
  family: AF_INET,
  solicit: arp_solicit,
  error_report: arp_error_report,
  output: neigh_resolve_output,
  connected_output: neigh_connected_output,
};

const arp_hh_ops: neigh_ops = {
  family: AF_INET,
  solicit: arp_solicit,
  error_report: arp_error_report,
  output: neigh_resolve_output,
  connected_output: neigh_resolve_output,
};

const arp_direct_ops: neigh_ops = {
  family: AF_INET,
  solicit: null,
  error_report: null,
  output: neigh_direct_output,
  connected_output: neigh_direct_output,
};

/** The Ethernet group of an IPv4 multicast address (RFC 1112 section 6.4). */
function ip_eth_mc_map(address: __be32, ha: Uint8Array): void {
  const host = ntohl(address);
  ha.set([0x01, 0x00, 0x5e, (host >>> 16) & 0x7f, (host >>> 8) & 255, host & 255]);
}

export function arp_mc_map(addr: __be32, haddr: Uint8Array, dev: net_device, dir: int): int {
  if (dev.addr_len === 6) {
    ip_eth_mc_map(addr, haddr);
    return 0;
  }
  if (dir !== 0) {
    haddr.set(dev.broadcast.subarray(0, dev.addr_len));
    return 0;
  }
  return -EINVAL;
}

/** Sets up a new entry by the kind of address and of device. */
export function arp_constructor(neigh: neighbour): int {
  const { dev } = neigh;
  const in_dev = __in_dev_get_rcu(dev);
  if (in_dev === null) return -EINVAL;
  // Such a device has but one neighbour, whatever the address.
  if ((dev.flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) !== 0) neigh.primary_key = 0;
  neigh.type = inet_addr_type_dev_table(dev_net(dev), dev, neigh.primary_key);
  if (in_dev.arp_parms !== null) neigh.parms = in_dev.arp_parms;
  if (dev.header_ops === null) {
    neigh.nud_state = NUD_NOARP;
    neigh.ops = arp_direct_ops;
    neigh.output = neigh_direct_output;
    return 0;
  }
  if (neigh.type === RTN_MULTICAST) {
    neigh.nud_state = NUD_NOARP;
    arp_mc_map(neigh.primary_key, neigh.ha, dev, 1);
  } else if ((dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) {
    neigh.nud_state = NUD_NOARP;
    neigh.ha.set(dev.dev_addr.subarray(0, dev.addr_len));
  } else if (neigh.type === RTN_BROADCAST || (dev.flags & IFF_POINTOPOINT) !== 0) {
    neigh.nud_state = NUD_NOARP;
    neigh.ha.set(dev.broadcast.subarray(0, dev.addr_len));
  }
  neigh.ops = dev.header_ops.cache !== undefined ? arp_hh_ops : arp_generic_ops;
  neigh.output = (neigh.nud_state & NUD_VALID) !== 0 ? neigh.ops.connected_output : neigh.ops.output;
  return 0;
}

/** Nobody answers for that address: whoever sent the packet is told that the host is unreachable. */
export function arp_error_report(_neigh: neighbour, skb: sk_buff): void {
  if (skb_dst(skb) !== null) dst_link_failure(skb);
  kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_FAILED);
}

export function arp_is_multicast(pkey: __be32): int {
  return (ntohl(pkey) & 0xf0000000) >>> 0 === 0xe0000000 ? 1 : 0;
}

/** The table with the kernel's defaults (arp(7)). */
export function arp_table(kernel: Kernel): neigh_table {
  const parms = new neigh_parms(kernel.init_net);
  const seconds = (s: number): number => s * kernel.HZ;
  parms.data[NEIGH_VAR_MCAST_PROBES] = 3;
  parms.data[NEIGH_VAR_UCAST_PROBES] = 3;
  parms.data[NEIGH_VAR_RETRANS_TIME] = seconds(1);
  parms.data[NEIGH_VAR_BASE_REACHABLE_TIME] = seconds(30);
  parms.data[NEIGH_VAR_DELAY_PROBE_TIME] = seconds(5);
  parms.data[NEIGH_VAR_INTERVAL_PROBE_TIME_MS] = seconds(5);
  parms.data[NEIGH_VAR_GC_STALETIME] = seconds(60);
  parms.data[NEIGH_VAR_QUEUE_LEN_BYTES] = QUEUE_LEN_BYTES;
  parms.data[NEIGH_VAR_PROXY_QLEN] = 64;
  parms.data[NEIGH_VAR_ANYCAST_DELAY] = seconds(1);
  parms.data[NEIGH_VAR_PROXY_DELAY] = msecs_to_jiffies(kernel, 800);
  parms.data[NEIGH_VAR_LOCKTIME] = seconds(1);
  const table = new neigh_table(kernel, parms, new timer_list(), new timer_list());
  table.family = AF_INET;
  table.key_len = 4;
  table.protocol = htons(ETH_P_IP);
  table.id = 'arp_cache';
  table.constructor_ = arp_constructor;
  table.proxy_redo = parp_redo;
  table.is_multicast = arp_is_multicast;
  table.gc_interval = seconds(30);
  table.gc_thresh1 = 128;
  table.gc_thresh2 = 512;
  table.gc_thresh3 = 1024;
  timer_setup(kernel, table.proxy_timer, neigh_proxy_process, 0, table);
  neigh_table_init(table);
  return table;
}
