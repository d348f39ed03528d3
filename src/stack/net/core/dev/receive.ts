// Packets received: from a driver to the protocols (net/core/dev.c).

import { EBUSY } from '../../../include/linux/errno.js';
import { IFF_UP } from '../../../include/linux/if.js';
import {
  NET_RX_DROP,
  NET_RX_SUCCESS,
  RX_HANDLER_ANOTHER,
  RX_HANDLER_CONSUMED,
  RX_HANDLER_EXACT,
  dev_core_stats_rx_dropped_inc,
  dev_core_stats_rx_nohandler_inc,
  dev_net,
  netif_running,
  type net_device,
  type packet_type,
} from '../../../include/linux/netdevice.js';
import {
  skb_orphan_frags_rx,
  skb_reset_mac_len,
  skb_reset_network_header,
  skb_reset_transport_header,
  skb_transport_header_was_set,
  type sk_buff,
} from '../../../include/linux/skbuff.js';
import type { bool, int } from '../../../include/linux/types.js';
import {
  SKB_DROP_REASON_CPU_BACKLOG,
  SKB_DROP_REASON_DEV_READY,
  SKB_DROP_REASON_FULL_RING,
  SKB_DROP_REASON_UNHANDLED_PROTO,
} from '../../../include/net/dropreason.js';
import {
  trace_netif_receive_skb,
  trace_netif_receive_skb_entry,
  trace_netif_receive_skb_exit,
  trace_netif_rx,
  trace_netif_rx_entry,
  trace_netif_rx_exit,
} from '../../../include/trace/events/net.js';
import type { Kernel } from '../../../kernel/kernel.js';
import { local_bh_disable, local_bh_enable } from '../../../kernel/softirq.js';
import { kfree_skb_reason, skb_scrub_packet } from '../skbuff.js';
import { __skb_queue_tail } from '../../../include/linux/skbuff.js';
import { eth_type_trans } from '../../ethernet/eth.js';
import { is_skb_forwardable } from './transmit.js';
import { napi_schedule_backlog } from './softirq.js';
import { deliver_skb, net_timestamp_check, ptype_base_of } from './taps.js';

/** Puts a packet on the processor's backlog. */
export function enqueue_to_backlog(skb: sk_buff, kernel: Kernel): int {
  const sd = kernel.softnet_data;
  let reason = SKB_DROP_REASON_DEV_READY;
  if (netif_running(skb.dev as net_device)) {
    reason = SKB_DROP_REASON_CPU_BACKLOG;
    if (sd.input_pkt_queue.qlen <= kernel.net_hotdata.max_backlog) {
      if (sd.input_pkt_queue.qlen === 0) napi_schedule_backlog(kernel);
      __skb_queue_tail(sd.input_pkt_queue, skb);
      return NET_RX_SUCCESS;
    }
    sd.dropped++;
  }
  dev_core_stats_rx_dropped_inc(skb.dev as net_device);
  kfree_skb_reason(skb, reason);
  return NET_RX_DROP;
}

export function netif_rx_internal(skb: sk_buff): int {
  const { kernel } = dev_net(skb.dev as net_device);
  net_timestamp_check(kernel, skb);
  trace_netif_rx(skb);
  return enqueue_to_backlog(skb, kernel);
}

/**
 * A driver hands over a packet, in interrupt context.
 * @returns NET_RX_SUCCESS or NET_RX_DROP
 * @formerly netif_rx 2.4-6.x
 * @EXPORT_SYMBOL
 */
export function __netif_rx(skb: sk_buff): int {
  trace_netif_rx_entry(skb);
  const ret = netif_rx_internal(skb);
  trace_netif_rx_exit(ret);
  return ret;
}

/** A driver hands over a packet, in any context. @EXPORT_SYMBOL */
export function netif_rx(skb: sk_buff): int {
  const { kernel } = dev_net(skb.dev as net_device);
  local_bh_disable(kernel);
  trace_netif_rx_entry(skb);
  const ret = netif_rx_internal(skb);
  trace_netif_rx_exit(ret);
  local_bh_enable(kernel);
  return ret;
}

/** @notrace */
function deliver_all(
  list: readonly packet_type[],
  skb: sk_buff,
  orig_dev: net_device,
  pt_prev: packet_type | null,
): packet_type | null {
  for (const ptype of list) {
    if (pt_prev !== null) deliver_skb(skb, pt_prev, orig_dev);
    pt_prev = ptype;
  }
  return pt_prev;
}

/**
 * Goes through all receivers of a packet but the last.
 * @returns the last receiver, to be given the packet itself; null if the packet is taken or dropped
 */
export function __netif_receive_skb_core(skb: sk_buff, pfmemalloc: bool): packet_type | null {
  const { kernel } = dev_net(skb.dev as net_device);
  let pt_prev: packet_type | null = null;
  let deliver_exact = false;
  net_timestamp_check(kernel, skb);
  trace_netif_receive_skb(skb);
  const orig_dev = skb.dev as net_device;
  skb_reset_network_header(skb);
  if (!skb_transport_header_was_set(skb)) skb_reset_transport_header(skb);
  skb_reset_mac_len(skb);
  for (;;) {
    const dev = skb.dev as net_device;
    skb.skb_iif = dev.ifindex;
    kernel.softnet_data.processed++;
    if (!pfmemalloc) {
      if (kernel.ptype_all.length > 0) pt_prev = deliver_all(kernel.ptype_all, skb, orig_dev, pt_prev);
      if (dev.ptype_all.length > 0) pt_prev = deliver_all(dev.ptype_all, skb, orig_dev, pt_prev);
    }
    if (dev.rx_handler === null) break;
    if (pt_prev !== null) {
      deliver_skb(skb, pt_prev, orig_dev);
      pt_prev = null;
    }
    const handled = dev.rx_handler(skb);
    if (handled.ret === RX_HANDLER_CONSUMED) return null;
    if (handled.skb !== null) skb = handled.skb;
    if (handled.ret === RX_HANDLER_ANOTHER) continue;
    if (handled.ret === RX_HANDLER_EXACT) deliver_exact = true;
    break;
  }
  const type = skb.protocol;
  const dev = skb.dev as net_device;
  if (!deliver_exact) {
    pt_prev = deliver_protocol(ptype_base_of(kernel, type), type, skb, orig_dev, pt_prev);
  }
  pt_prev = deliver_protocol(orig_dev.ptype_specific, type, skb, orig_dev, pt_prev);
  if (dev !== orig_dev) pt_prev = deliver_protocol(dev.ptype_specific, type, skb, orig_dev, pt_prev);
  if (pt_prev === null) {
    if (deliver_exact) dev_core_stats_rx_nohandler_inc(dev);
    else dev_core_stats_rx_dropped_inc(dev);
    kfree_skb_reason(skb, SKB_DROP_REASON_UNHANDLED_PROTO);
    return null;
  }
  if (skb_orphan_frags_rx(skb, 0) !== 0) {
    kfree_skb_reason(skb, SKB_DROP_REASON_UNHANDLED_PROTO);
    return null;
  }
  return pt_prev;
}

/** @notrace */
function deliver_protocol(
  list: readonly packet_type[],
  type: int,
  skb: sk_buff,
  orig_dev: net_device,
  pt_prev: packet_type | null,
): packet_type | null {
  for (const ptype of list) {
    if (ptype.type !== type) continue;
    if (pt_prev !== null) deliver_skb(skb, pt_prev, orig_dev);
    pt_prev = ptype;
  }
  return pt_prev;
}

export function __netif_receive_skb_one_core(skb: sk_buff, pfmemalloc: bool): int {
  const orig_dev = skb.dev as net_device;
  const pt_prev = __netif_receive_skb_core(skb, pfmemalloc);
  if (pt_prev === null) return NET_RX_DROP;
  return pt_prev.func(skb, skb.dev as net_device, pt_prev, orig_dev);
}

/** What the backlog calls for each packet. @formerly netif_receive_skb 2.6-6.x */
export function __netif_receive_skb(skb: sk_buff): int {
  return __netif_receive_skb_one_core(skb, false);
}

export function netif_receive_skb_internal(skb: sk_buff): int {
  net_timestamp_check(dev_net(skb.dev as net_device).kernel, skb);
  return __netif_receive_skb(skb);
}

/** A driver hands over a packet in softirq context. @returns NET_RX_SUCCESS or NET_RX_DROP @EXPORT_SYMBOL */
export function netif_receive_skb(skb: sk_buff): int {
  trace_netif_receive_skb_entry(skb);
  const ret = netif_receive_skb_internal(skb);
  trace_netif_receive_skb_exit(ret);
  return ret;
}

/** @param head skbs linked by next @EXPORT_SYMBOL */
export function netif_receive_skb_list_internal(head: sk_buff | null): void {
  for (let skb = head; skb !== null;) {
    const next: sk_buff | null = skb.next;
    skb.next = null;
    netif_receive_skb_internal(skb);
    skb = next;
  }
}

/** Prepares a sent frame for being received by another device. @returns 0, or NET_RX_DROP after freeing it @notrace */
export function ____dev_forward_skb(dev: net_device, skb: sk_buff, check_mtu: bool): int {
  if (skb_orphan_frags_rx(skb, 0) !== 0 || !is_skb_forwardable(dev, skb, check_mtu)) {
    dev_core_stats_rx_dropped_inc(dev);
    kfree_skb_reason(skb, (dev.flags & IFF_UP) === 0 ? SKB_DROP_REASON_DEV_READY : SKB_DROP_REASON_FULL_RING);
    return NET_RX_DROP;
  }
  skb_scrub_packet(skb, dev_net(dev) !== skb.sk?.sk_net);
  skb.priority = 0;
  return 0;
}

/** Makes a sent frame a received one of `dev`. @returns 0, or NET_RX_DROP after freeing it @EXPORT_SYMBOL */
export function __dev_forward_skb(dev: net_device, skb: sk_buff): int {
  const ret = ____dev_forward_skb(dev, skb, true);
  if (ret !== 0) return ret;
  skb.protocol = eth_type_trans(skb, dev);
  return 0;
}

/** Lets a frame be received by `dev`. @returns NET_RX_SUCCESS or NET_RX_DROP @EXPORT_SYMBOL */
export function dev_forward_skb(dev: net_device, skb: sk_buff): int {
  const ret = __dev_forward_skb(dev, skb);
  return ret !== 0 ? ret : netif_rx_internal(skb);
}

/** Binds a function that sees a device's packets first: a bridge, a bond. @returns 0 or a negative errno @EXPORT_SYMBOL */
export function netdev_rx_handler_register(
  dev: net_device,
  rx_handler: (skb: sk_buff) => { skb: sk_buff | null; ret: int },
  rx_handler_data: unknown,
): int {
  if (dev.rx_handler !== null) return -EBUSY;
  dev.rx_handler_data = rx_handler_data;
  dev.rx_handler = rx_handler;
  return 0;
}

/** @EXPORT_SYMBOL */
export function netdev_rx_handler_unregister(dev: net_device): void {
  dev.rx_handler = null;
  dev.rx_handler_data = null;
}
