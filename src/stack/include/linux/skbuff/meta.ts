// Time stamps, hashes, marks and segmentation state of an skb (include/linux/skbuff.h).

import { __skb_get_hash_net } from '../../../net/core/flow_dissector.js';
import { nf_conntrack_get, nf_conntrack_put } from '../netfilter/nf_conntrack_common.js';
import type { nf_conntrack } from '../netfilter/nf_conntrack_common.js';
import { __skb_tstamp_tx } from '../../../net/core/skbuff.js';
import { current_kernel } from '../../../kernel/current.js';
import type { bool, ktime_t, u16, u32, u8 } from '../types.js';
import { SKB_CLOCK_REALTIME, SKB_GSO_TCPV4, SKB_GSO_TCPV6, SKBTX_SW_TSTAMP } from './constants.js';
import type { sk_buff } from './struct.js';
import { SCM_TSTAMP_SND } from '../net_tstamp.js';

/** ns since boot at which the packet was seen, or 0. @notrace */
export function skb_get_ktime(skb: sk_buff): ktime_t {
  return skb.tstamp;
}

/** Stamps with the time now. @notrace */
export function __net_timestamp(skb: sk_buff): void {
  skb.tstamp = current_kernel().now;
  skb.tstamp_type = SKB_CLOCK_REALTIME;
}

/** @notrace */
export function skb_set_delivery_time(skb: sk_buff, kt: ktime_t, tstamp_type: u8): void {
  skb.tstamp = kt;
  skb.tstamp_type = kt !== 0 ? tstamp_type : SKB_CLOCK_REALTIME;
}

/** @notrace */
export function skb_clear_delivery_time(skb: sk_buff): void {
  if (skb.tstamp_type !== 0) {
    skb.tstamp_type = SKB_CLOCK_REALTIME;
    skb.tstamp = 0;
  }
}

/** @notrace */
export function skb_clear_tstamp(skb: sk_buff): void {
  if (skb.tstamp_type !== 0) return;
  skb.tstamp = 0;
}

/** The time that the packet was received, 0 if tstamp is a departure time. @notrace */
export function skb_tstamp(skb: sk_buff): ktime_t {
  return skb.tstamp_type !== 0 ? 0 : skb.tstamp;
}

/** @notrace */
export function skb_tstamp_cond(skb: sk_buff, cond: bool): ktime_t {
  if (skb.tstamp_type === 0 && skb.tstamp !== 0) return skb.tstamp;
  return cond ? current_kernel().now : 0;
}

/** Called by a driver that has handed the frame to its hardware: software transmit stamp. @notrace */
export function skb_tx_timestamp(skb: sk_buff): void {
  if ((skb.shinfo.tx_flags & SKBTX_SW_TSTAMP) !== 0) skb_tstamp_tx(skb);
}

/** @notrace */
export function skb_tstamp_tx(orig_skb: sk_buff): void {
  __skb_tstamp_tx(orig_skb, null, null, orig_skb.sk, SCM_TSTAMP_SND);
}

/** @notrace */
export function skb_is_gso(skb: sk_buff): bool {
  return skb.shinfo.gso_size !== 0;
}

/** @notrace */
export function skb_is_gso_tcp(skb: sk_buff): bool {
  return (skb.shinfo.gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)) !== 0;
}

/** @notrace */
export function skb_gso_reset(skb: sk_buff): void {
  skb.shinfo.gso_size = 0;
  skb.shinfo.gso_segs = 0;
  skb.shinfo.gso_type = 0;
}

/** @notrace */
export function skb_increase_gso_size(shinfo: { gso_size: u16 }, increment: u16): void {
  shinfo.gso_size += increment;
}

/** @notrace */
export function skb_decrease_gso_size(shinfo: { gso_size: u16 }, decrement: u16): void {
  shinfo.gso_size -= decrement;
}

/** @notrace */
export function skb_get_hash(skb: sk_buff): u32 {
  if (skb.l4_hash === 0 && skb.sw_hash === 0) __skb_get_hash_net(null, skb);
  return skb.hash;
}

/** @notrace */
export function __skb_set_hash(skb: sk_buff, hash: u32, is_sw: bool, is_l4: bool): void {
  skb.l4_hash = is_l4 ? 1 : 0;
  skb.sw_hash = is_sw ? 1 : 0;
  skb.hash = hash;
}

/** @notrace */
export function skb_clear_hash(skb: sk_buff): void {
  skb.hash = 0;
  skb.sw_hash = 0;
  skb.l4_hash = 0;
}

/** @notrace */
export function skb_clear_hash_if_not_l4(skb: sk_buff): void {
  if (skb.l4_hash === 0) skb_clear_hash(skb);
}

/** @notrace */
export function skb_set_queue_mapping(skb: sk_buff, queue_mapping: u16): void {
  skb.queue_mapping = queue_mapping;
}

/** @notrace */
export function skb_get_queue_mapping(skb: sk_buff): u16 {
  return skb.queue_mapping;
}

/** @notrace */
export function skb_record_rx_queue(skb: sk_buff, rx_queue: u16): void {
  skb.queue_mapping = rx_queue + 1;
}

/** @notrace */
export function skb_rx_queue_recorded(skb: sk_buff): bool {
  return skb.queue_mapping !== 0;
}

/** @notrace */
export function skb_set_dst_pending_confirm(skb: sk_buff, val: u32): void {
  skb.dst_pending_confirm = val;
}

/** @notrace */
export function skb_get_dst_pending_confirm(skb: sk_buff): bool {
  return skb.dst_pending_confirm !== 0;
}

/** @notrace */
export function skb_is_redirected(skb: sk_buff): bool {
  return skb.redirected !== 0;
}

/** Lets go of the connection that conntrack found. @notrace */
export function nf_reset_ct(skb: sk_buff): void {
  const nfct = skb._nfct;
  if (nfct !== null) {
    skb._nfct = null;
    skb._nfctinfo = 0;
    nf_conntrack_put(nfct);
  }
}

/** @notrace */
export function nf_reset_trace(skb: sk_buff): void {
  skb.nf_trace = 0;
}

/** @notrace */
export function skb_nfct(skb: sk_buff): nf_conntrack | null {
  return skb._nfct;
}

/** @notrace */
export function skb_get_nfct(skb: sk_buff): nf_conntrack | null {
  return skb._nfct;
}

/** @notrace */
export function skb_set_nfct(skb: sk_buff, nfct: nf_conntrack | null, ctinfo: u8): void {
  skb.slow_gro |= nfct !== null ? 1 : 0;
  skb._nfct = nfct;
  skb._nfctinfo = ctinfo;
}

/** A vlan tag outside the data. @notrace */
export function skb_vlan_tag_present(skb: sk_buff): bool {
  return skb.vlan_all !== 0;
}

/** @notrace */
export function skb_copy_queue_mapping(to: sk_buff, from: sk_buff): void {
  to.queue_mapping = from.queue_mapping;
}

/** @notrace */
export function skb_copy_hash(to: sk_buff, from: sk_buff): void {
  to.hash = from.hash;
  to.sw_hash = from.sw_hash;
  to.l4_hash = from.l4_hash;
}

/** Lets `dst` belong to the connection that `src` belongs to. @notrace */
export function nf_copy(dst: sk_buff, src: sk_buff): void {
  nf_conntrack_put(dst._nfct);
  dst.slow_gro |= src.slow_gro;
  dst._nfct = src._nfct;
  dst._nfctinfo = src._nfctinfo;
  nf_conntrack_get(src._nfct);
}
