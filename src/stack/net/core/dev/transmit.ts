// Packets sent: from a protocol through the queueing discipline to the driver (net/core/dev.c).

import { SCM_TSTAMP_SCHED } from '../../../include/linux/errqueue.js';
import { SKBTX_SCHED_TSTAMP } from '../../../include/linux/skbuff/constants.js';
import { __skb_tstamp_tx } from '../skbuff.js';
import { ENETDOWN, ENOBUFS } from '../../../include/linux/errno.js';
import { PACKET_LOOPBACK } from '../../../include/linux/if_packet.js';
import { IFF_UP } from '../../../include/linux/if.js';
import {
  IFF_XMIT_DST_RELEASE,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  NET_XMIT_DROP,
  NET_XMIT_SUCCESS,
  dev_core_stats_tx_dropped_inc,
  dev_net,
  dev_xmit_complete,
  dev_xmit_recursion,
  dev_xmit_recursion_dec,
  dev_xmit_recursion_inc,
  netif_needs_gso,
  netif_xmit_frozen_or_stopped,
  netif_xmit_stopped,
  type net_device,
  type netdev_queue,
} from '../../../include/linux/netdevice.js';
import {
  NETIF_F_CSUM_MASK,
  NETIF_F_SG,
  NETIF_F_FRAGLIST,
  type netdev_features_t,
} from '../../../include/linux/netdev_features.js';
import {
  CHECKSUM_COMPLETE,
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  SKB_GSO_DODGY,
  SKB_GSO_TCPV4,
  SKB_GSO_TCPV6,
  __skb_pull,
  skb_checksum_start_offset,
  skb_has_frag_list,
  skb_is_gso,
  skb_is_nonlinear,
  skb_mark_not_on_list,
  skb_reset_mac_header,
  skb_transport_header_was_set,
  skb_unclone,
  type sk_buff,
} from '../../../include/linux/skbuff.js';
import { __skb_linearize } from '../skbuff.js';
import { csum_fold } from '../../../include/net/checksum.js';
import {
  SKB_DROP_REASON_DEV_READY,
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_QDISC_DROP,
} from '../../../include/net/dropreason.js';
import { skb_dst_drop, skb_dst_force } from '../../../include/net/dst.js';
import {
  TCQ_F_CAN_BYPASS,
  TCQ_F_NOLOCK,
  __QDISC_STATE_DEACTIVATED,
  qdisc_bstats_update,
  qdisc_qlen,
  qdisc_run_begin,
  qdisc_run_end,
  qdisc_skb_cb_of,
  skb_to_free,
  tcf_kfree_skb_list,
  type Qdisc,
} from '../../../include/net/sch_generic.js';
import type { bool, int, u16 } from '../../../include/linux/types.js';
import {
  trace_net_dev_queue,
  trace_net_dev_start_xmit,
  trace_net_dev_xmit,
} from '../../../include/trace/events/net.js';
import { trace_qdisc_enqueue } from '../../../include/trace/events/qdisc.js';
import { local_bh_disable, local_bh_enable } from '../../../kernel/softirq.js';
import { __qdisc_run, noqueue_qdisc_ops, sch_direct_xmit } from '../../sched/sch_generic.js';
import { skb_gso_segment } from '../../../include/net/gso.js';
import { consume_skb, kfree_skb, kfree_skb_list, kfree_skb_reason, skb_checksum } from '../skbuff.js';
import { netif_skb_features } from './features.js';
import { netif_rx } from './receive.js';
import { dev_nit_active, dev_queue_xmit_nit } from './taps.js';

/** Bytes of TCP's and UDP's smallest headers. */
const TCP_HEADER = 20;
const UDP_HEADER = 8;

/** Notes what the packet will be on the wire: with segments, each has headers of its own. */
export function qdisc_pkt_len_init(skb: sk_buff): void {
  const cb = qdisc_skb_cb_of(skb);
  const { shinfo } = skb;
  cb.pkt_len = skb.len;
  cb.pkt_segs = 1;
  if (shinfo.gso_size === 0 || !skb_transport_header_was_set(skb)) return;
  let hdr_len = skb.transport_header - skb.data;
  if ((shinfo.gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)) !== 0) {
    hdr_len += Math.max((skb.head[skb.transport_header + 12] >>> 4) * 4, TCP_HEADER);
  } else {
    hdr_len += UDP_HEADER;
  }
  let gso_segs = shinfo.gso_segs;
  if ((shinfo.gso_type & SKB_GSO_DODGY) !== 0 || gso_segs === 0) {
    gso_segs = Math.ceil((skb.len - hdr_len) / shinfo.gso_size);
  }
  cb.pkt_segs = gso_segs;
  cb.pkt_len += (gso_segs - 1) * hdr_len;
}

/** Whether a device may be handed this frame: it is up, and the frame fits. @EXPORT_SYMBOL */
export function is_skb_forwardable(dev: net_device, skb: sk_buff, check_mtu: bool): bool {
  if ((dev.flags & IFF_UP) === 0) return false;
  if (!check_mtu) return true;
  // A VLAN tag more than the device's own header may stand in front.
  return skb.len <= dev.mtu + dev.hard_header_len + 4 || skb_is_gso(skb);
}

/** Sums what CHECKSUM_PARTIAL left to the device. @returns 0 or a negative errno @EXPORT_SYMBOL */
export function skb_checksum_help(skb: sk_buff): int {
  if (skb.ip_summed !== CHECKSUM_COMPLETE) {
    const offset = skb_checksum_start_offset(skb);
    const csum = skb_checksum(skb, offset, skb.len - offset, 0);
    if (skb.cloned !== 0 && skb_unclone(skb, 0) !== 0) return -ENOBUFS;
    const at = skb.csum_start + skb.csum_offset;
    const folded = csum_fold(csum);
    const sum = folded === 0 ? 0xffff : folded;
    skb.head[at] = sum & 255;
    skb.head[at + 1] = sum >>> 8;
  }
  skb.ip_summed = CHECKSUM_NONE;
  return 0;
}

/** @notrace */
export function skb_csum_hwoffload_help(skb: sk_buff, features: netdev_features_t): int {
  return (features & NETIF_F_CSUM_MASK) !== 0 ? 0 : skb_checksum_help(skb);
}

/** @notrace */
function skb_needs_linearize(skb: sk_buff, features: netdev_features_t): bool {
  if (!skb_is_nonlinear(skb)) return false;
  if (skb_has_frag_list(skb) && (features & NETIF_F_FRAGLIST) === 0) return true;
  return skb.shinfo.nr_frags > 0 && (features & NETIF_F_SG) === 0;
}

/** Makes a packet one that the device can take: segmented, linear, summed. @returns it (or a list), or null */
export function validate_xmit_skb(skb: sk_buff, dev: net_device): sk_buff | null {
  const features = netif_skb_features(skb);
  if (netif_needs_gso(skb, features)) {
    const segs = skb_gso_segment(skb, features);
    if (typeof segs === 'number') {
      kfree_skb(skb);
      dev_core_stats_tx_dropped_inc(dev);
      return null;
    }
    if (segs !== null) {
      consume_skb(skb);
      skb = segs;
    }
    return skb;
  }
  if (
    (skb_needs_linearize(skb, features) && __skb_linearize(skb) !== 0) ||
    (skb.ip_summed === CHECKSUM_PARTIAL && skb_csum_hwoffload_help(skb, features) !== 0)
  ) {
    kfree_skb(skb);
    dev_core_stats_tx_dropped_inc(dev);
    return null;
  }
  return skb;
}

/** validate_xmit_skb() for each of a list. @EXPORT_SYMBOL */
export function validate_xmit_skb_list(skb: sk_buff | null, dev: net_device): sk_buff | null {
  let head: sk_buff | null = null;
  let tail: sk_buff | null = null;
  for (; skb !== null;) {
    const next: sk_buff | null = skb.next;
    skb_mark_not_on_list(skb);
    const valid: sk_buff | null = validate_xmit_skb(skb, dev);
    if (valid !== null) {
      if (tail === null) head = valid;
      else tail.next = valid;
      tail = valid;
      while (tail.next !== null) tail = tail.next;
    }
    skb = next;
  }
  return head;
}

/** @notrace */
function __netdev_start_xmit(skb: sk_buff, dev: net_device, more: bool): int {
  const sd = dev_net(dev).kernel.softnet_data;
  sd.xmit_more = more ? 1 : 0;
  return dev.netdev_ops.ndo_start_xmit(skb, dev);
}

/** @notrace */
function netdev_start_xmit(skb: sk_buff, dev: net_device, txq: netdev_queue, more: bool): int {
  const rc = __netdev_start_xmit(skb, dev, more);
  if (rc === NETDEV_TX_OK) txq.trans_start = dev_net(dev).kernel.jiffies;
  return rc;
}

/** One packet to the driver; those who look at the device see it first. */
export function xmit_one(skb: sk_buff, dev: net_device, txq: netdev_queue, more: bool): int {
  if (dev_nit_active(dev)) dev_queue_xmit_nit(skb, dev);
  const len = skb.len;
  trace_net_dev_start_xmit(skb, dev);
  const rc = netdev_start_xmit(skb, dev, txq, more);
  trace_net_dev_xmit(skb, rc, dev, len);
  return rc;
}

/** What dev_hard_start_xmit() came to: NETDEV_TX_* or NET_XMIT_* of the last packet. */
export class xmit_result {
  ret: int = NETDEV_TX_OK;
}

/**
 * Hands a packet, or a list of segments, to the driver.
 * @param ret the driver's answer
 * @returns what the driver did not take, or null
 * @formerly hard_start_xmit 2.4
 */
export function dev_hard_start_xmit(
  first: sk_buff | null,
  dev: net_device,
  txq: netdev_queue,
  ret: xmit_result,
): sk_buff | null {
  let skb = first;
  let rc = NETDEV_TX_OK;
  while (skb !== null) {
    const next: sk_buff | null = skb.next;
    skb_mark_not_on_list(skb);
    rc = xmit_one(skb, dev, txq, next !== null);
    if (!dev_xmit_complete(rc)) {
      skb.next = next;
      break;
    }
    skb = next;
    if (netif_xmit_stopped(txq) && skb !== null) {
      rc = NETDEV_TX_BUSY;
      break;
    }
  }
  ret.ret = rc;
  return skb;
}

export function dev_qdisc_enqueue(skb: sk_buff, q: Qdisc, to_free: skb_to_free, txq: netdev_queue): int {
  const rc = q.enqueue(skb, q, to_free) & 0xffff;
  if (rc === NET_XMIT_SUCCESS) trace_qdisc_enqueue(q, txq, skb);
  return rc;
}

/** Sends through the queueing discipline; an empty one that lets packets pass is gone around. */
export function __dev_xmit_skb(skb: sk_buff, q: Qdisc, dev: net_device, txq: netdev_queue): int {
  const to_free = new skb_to_free();
  let rc: int;
  if ((q.state & __QDISC_STATE_DEACTIVATED) !== 0) {
    kfree_skb_reason(skb, SKB_DROP_REASON_QDISC_DROP);
    return NET_XMIT_DROP;
  }
  if ((q.flags & TCQ_F_CAN_BYPASS) !== 0 && qdisc_qlen(q) === 0 && q.gso_skb.qlen === 0 && qdisc_run_begin(q)) {
    qdisc_bstats_update(q, skb);
    if (sch_direct_xmit(skb, q, dev, txq, (q.flags & TCQ_F_NOLOCK) === 0, true)) __qdisc_run(q);
    qdisc_run_end(q);
    return NET_XMIT_SUCCESS;
  }
  rc = dev_qdisc_enqueue(skb, q, to_free, txq);
  if (qdisc_run_begin(q)) {
    __qdisc_run(q);
    qdisc_run_end(q);
  }
  if (to_free.head !== null) tcf_kfree_skb_list(to_free);
  if (rc < 0) rc = NET_XMIT_DROP;
  return rc;
}

/** The device's queue that the packet goes to. @notrace */
export function netdev_core_pick_tx(dev: net_device, skb: sk_buff, sb_dev: net_device | null): netdev_queue {
  let queue_index: u16 = 0;
  if (dev.real_num_tx_queues !== 1) {
    queue_index = dev.netdev_ops.ndo_select_queue?.(dev, skb, sb_dev) ?? skb.hash % dev.real_num_tx_queues;
    if (queue_index >= dev.real_num_tx_queues) queue_index = 0;
  }
  skb.queue_mapping = queue_index;
  return dev._tx[queue_index];
}

/**
 * Sends a packet with its link-layer header. It is consumed whatever comes of it.
 * @returns NET_XMIT_*, or a negative errno
 * @EXPORT_SYMBOL
 */
export function __dev_queue_xmit(skb: sk_buff, sb_dev: net_device | null): int {
  const dev = skb.dev as net_device;
  const { kernel } = dev_net(dev);
  let rc = -ENETDOWN;
  skb_reset_mac_header(skb);
  if ((skb.shinfo.tx_flags & SKBTX_SCHED_TSTAMP) !== 0) __skb_tstamp_tx(skb, null, null, skb.sk, SCM_TSTAMP_SCHED);
  local_bh_disable(kernel);
  qdisc_pkt_len_init(skb);
  // The route is needed no more once the header is on, unless the device says so.
  if ((dev.priv_flags & IFF_XMIT_DST_RELEASE) !== 0) skb_dst_drop(skb);
  else skb_dst_force(skb);
  const txq = netdev_core_pick_tx(dev, skb, sb_dev);
  const q = txq.qdisc as Qdisc;
  trace_net_dev_queue(skb);
  if (q.ops !== noqueue_qdisc_ops) {
    rc = __dev_xmit_skb(skb, q, dev, txq);
    local_bh_enable(kernel);
    return rc;
  }
  if ((dev.flags & IFF_UP) !== 0) {
    if (dev_xmit_recursion(kernel)) {
      dev_core_stats_tx_dropped_inc(dev);
      kfree_skb_list(skb);
      local_bh_enable(kernel);
      return rc;
    }
    const valid = validate_xmit_skb(skb, dev);
    if (valid === null) {
      local_bh_enable(kernel);
      return -ENOBUFS;
    }
    let left: sk_buff | null = valid;
    if (!netif_xmit_frozen_or_stopped(txq)) {
      const result = new xmit_result();
      dev_xmit_recursion_inc(kernel);
      left = dev_hard_start_xmit(valid, dev, txq, result);
      dev_xmit_recursion_dec(kernel);
      rc = result.ret;
      if (dev_xmit_complete(rc)) {
        local_bh_enable(kernel);
        return rc;
      }
    }
    rc = -ENETDOWN;
    dev_core_stats_tx_dropped_inc(dev);
    kfree_skb_list(left);
    local_bh_enable(kernel);
    return rc;
  }
  dev_core_stats_tx_dropped_inc(dev);
  kfree_skb_reason(skb, SKB_DROP_REASON_DEV_READY);
  local_bh_enable(kernel);
  return rc;
}

/** Sends a packet: include/linux/netdevice.h has it, over __dev_queue_xmit(). */
export function dev_queue_xmit(skb: sk_buff): int {
  return __dev_queue_xmit(skb, null);
}

/** Sends a packet to ourselves, as multicast and broadcast do. @EXPORT_SYMBOL */
export function dev_loopback_xmit(_net: unknown, _sk: unknown, skb: sk_buff): int {
  skb_reset_mac_header(skb);
  __skb_pull(skb, skb.network_header - skb.data);
  skb.pkt_type = PACKET_LOOPBACK;
  if (skb.ip_summed === CHECKSUM_NONE) skb.ip_summed = CHECKSUM_UNNECESSARY;
  skb_dst_force(skb);
  netif_rx(skb);
  return 0;
}

/** @notrace */
export function dev_kfree_skb_any(skb: sk_buff): void {
  kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED);
}
