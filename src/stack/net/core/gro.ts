// Generic receive offload (net/core/gro.c): packets of one flow that follow each other are merged before the stack
// sees them. Left out: napi_get_frags, fragment-list GRO, tunnels.

import type { Kernel } from '../../kernel/kernel.js';
import { jiffies } from '../../include/linux/jiffies.js';
import { E2BIG, EINVAL } from '../../include/linux/errno.js';
import { NETIF_F_GRO } from '../../include/linux/netdev_features.js';
import { dev_kernel } from '../../include/linux/netdevice.js';
import type { napi_struct, net_device, packet_offload } from '../../include/linux/netdevice.js';
import {
  CHECKSUM_COMPLETE,
  CHECKSUM_UNNECESSARY,
  MAX_SKB_FRAGS,
  SKB_TRUESIZE,
} from '../../include/linux/skbuff/constants.js';
import { __skb_fill_page_desc, skb_has_frag_list } from '../../include/linux/skbuff/frags.js';
import { skb_reset_mac_len, skb_set_network_header } from '../../include/linux/skbuff/header.js';
import { skb_get_hash, skb_is_gso } from '../../include/linux/skbuff/meta.js';
import { __skb_queue_tail, skb_queue_head_init } from '../../include/linux/skbuff/queue.js';
import { __skb_header_release } from '../../include/linux/skbuff/refs.js';
import { pskb_may_pull, skb_headlen } from '../../include/linux/skbuff/room.js';
import type { sk_buff } from '../../include/linux/skbuff/struct.js';
import type { __sum16, bool, int, skb_data_ptr, u16, uint } from '../../include/linux/types.js';
import { csum_add, csum_fold } from '../../include/net/checksum.js';
import {
  GRO_HASH_BUCKETS,
  GRO_HELD,
  GRO_MERGED,
  GRO_MERGED_FREE,
  GRO_NORMAL,
  MAX_GRO_SKBS,
  NAPI_GRO_CB,
  NAPI_GRO_FREE,
  gro_list,
  skb_gro_len,
} from '../../include/net/gro.js';
import type { gro_node, gro_result_t } from '../../include/net/gro.js';
import { trace_napi_gro_receive_entry, trace_napi_gro_receive_exit } from '../../include/trace/events/net.js';
import { netif_receive_skb_list_internal } from './dev.js';
import { skb_checksum } from './skbuff/bits.js';
import { consume_skb, kfree_skb_partial } from './skbuff/free.js';

/** Packets that wait to go up together. */
const GRO_NORMAL_BATCH = 8;

/** Makes a protocol's GRO and GSO known. @EXPORT_SYMBOL */
export function dev_add_offload(kernel: Kernel, po: packet_offload): void {
  const base = kernel.offload_base;
  let at = base.findIndex((other) => po.priority < other.priority);
  if (at < 0) at = base.length;
  base.splice(at, 0, po);
}

/** @EXPORT_SYMBOL */
export function dev_remove_offload(kernel: Kernel, po: packet_offload): void {
  const at = kernel.offload_base.indexOf(po);
  if (at >= 0) kernel.offload_base.splice(at, 1);
}

/** @notrace */
function offload_of(kernel: Kernel, type: number, complete: bool): packet_offload | null {
  for (const ptype of kernel.offload_base) {
    if (ptype.type !== type) continue;
    const { gro_complete, gro_receive } = ptype.callbacks;
    if ((complete ? gro_complete : gro_receive) !== undefined) return ptype;
  }
  return null;
}

/** Brings the headers into the head. @returns where they are at `offset` from data, or -1 @notrace */
export function skb_gro_header_slow_pull(skb: sk_buff, hlen: uint, offset: uint): skb_data_ptr {
  return pskb_may_pull(skb, hlen) ? skb.data + offset : -1;
}

/** Sums a packet from the transport header on with the pseudo header's. @returns 0 if right @EXPORT_SYMBOL */
export function __skb_gro_checksum_complete(skb: sk_buff): __sum16 {
  const cb = NAPI_GRO_CB(skb);
  const wsum = skb_checksum(skb, cb.data_offset, skb_gro_len(skb), 0);
  const sum = csum_fold(csum_add(cb.csum, wsum));
  cb.csum = wsum;
  cb.csum_valid = 1;
  return sum;
}

/**
 * Merges `skb` behind `p`: fragments to fragments where they fit, else as the next of p's fragment list.
 * @returns 0, or -E2BIG where it would be too large
 */
export function skb_gro_receive(p: sk_buff, skb: sk_buff): int {
  const pcb = NAPI_GRO_CB(p);
  const cb = NAPI_GRO_CB(skb);
  const offset = cb.data_offset;
  const headlen = skb_headlen(skb);
  const len = skb.len - offset;
  const dev = p.dev as net_device;
  if (p.len + len >= dev.gro_ipv4_max_size || cb.flush !== 0) return -E2BIG;
  const pinfo = p.shinfo;
  const info = skb.shinfo;
  let delta_truesize = skb.truesize;
  if (
    headlen <= offset &&
    info.frag_list === null &&
    pinfo.frag_list === null &&
    pinfo.nr_frags + info.nr_frags <= MAX_SKB_FRAGS
  ) {
    let skip = offset - headlen;
    for (let i = 0; i < info.nr_frags; i++) {
      const frag = info.frags[i];
      __skb_fill_page_desc(p, pinfo.nr_frags++, frag.page, frag.offset + skip, frag.size - skip);
      skip = 0;
    }
    delta_truesize = skb.truesize - SKB_TRUESIZE(skb.end);
    info.nr_frags = 0;
    skb.truesize -= skb.data_len;
    skb.len -= skb.data_len;
    skb.data_len = 0;
    cb.free = NAPI_GRO_FREE;
  } else {
    if (offset > headlen) return -E2BIG;
    skb.data += offset;
    skb.len -= offset;
    if (pcb.last === p || pcb.last === null) pinfo.frag_list = skb;
    else pcb.last.next = skb;
    pcb.last = skb;
    skb.next = null;
    __skb_header_release(skb);
  }
  pcb.count++;
  p.data_len += len;
  p.truesize += delta_truesize;
  p.len += len;
  cb.same_flow = 1;
  return 0;
}

/** Hands up the packets that wait. */
export function gro_normal_list(gro: gro_node): void {
  if (gro.rx_count === 0) return;
  const first = gro.rx_list.next;
  skb_queue_head_init(gro.rx_list);
  gro.rx_count = 0;
  netif_receive_skb_list_internal(first);
}

/** Puts a packet with those that wait to go up together. */
export function gro_normal_one(gro: gro_node, skb: sk_buff, segs: int): void {
  __skb_queue_tail(gro.rx_list, skb);
  gro.rx_count += segs;
  if (gro.rx_count >= GRO_NORMAL_BATCH) gro_normal_list(gro);
}

/** @notrace */
export function gro_flush_normal(gro: gro_node): void {
  gro_normal_list(gro);
}

/** A held packet goes up: it becomes a GSO packet if it was merged from several. */
export function napi_gro_complete(gro: gro_node, skb: sk_buff): void {
  const cb = NAPI_GRO_CB(skb);
  let err = 0;
  if (cb.count === 1) {
    skb.shinfo.gso_size = 0;
  } else {
    const ptype = offload_of(dev_kernel(skb.dev as net_device), skb.protocol, true);
    err = ptype?.callbacks.gro_complete !== undefined ? ptype.callbacks.gro_complete(skb, 0) : -EINVAL;
  }
  if (err !== 0) {
    consume_skb(skb);
    return;
  }
  gro_normal_one(gro, skb, cb.count);
}

function __napi_gro_flush_chain(gro: gro_node, index: uint, flush_old: bool): void {
  const bucket = (gro.hash as gro_list[])[index];
  while (bucket.list.length > 0) {
    const skb = bucket.list[bucket.list.length - 1];
    if (flush_old && NAPI_GRO_CB(skb).age === jiffies(dev_kernel(skb.dev as net_device))) return;
    bucket.list.pop();
    bucket.count--;
    napi_gro_complete(gro, skb);
  }
  gro.bitmask &= ~(1 << index);
}

/** Everything that is held goes up. @param flush_old only what is held since before this jiffy @EXPORT_SYMBOL */
export function napi_gro_flush(gro: gro_node, flush_old: bool): void {
  for (let i = 0; gro.bitmask >>> i !== 0 && i < GRO_HASH_BUCKETS; i++) {
    if ((gro.bitmask & (1 << i)) !== 0) __napi_gro_flush_chain(gro, i, flush_old);
  }
}

/** Marks which held packets may be of the same flow: same device, hash and link-layer header. */
function gro_list_prepare(bucket: gro_list, skb: sk_buff): void {
  const hash = skb_get_hash(skb);
  const maclen = skb.data - skb.mac_header;
  for (const p of bucket.list) {
    const cb = NAPI_GRO_CB(p);
    cb.flush = 0;
    let same = p.hash === hash && p.dev === skb.dev && p.vlan_all === skb.vlan_all;
    for (let i = 0; same && i < maclen; i++) same = p.head[p.mac_header + i] === skb.head[skb.mac_header + i];
    cb.same_flow = same ? 1 : 0;
  }
}

function gro_flush_oldest(gro: gro_node, bucket: gro_list): void {
  const oldest = bucket.list.pop();
  if (oldest === undefined) return;
  napi_gro_complete(gro, oldest);
}

function gro_init_cb(skb: sk_buff): void {
  const cb = NAPI_GRO_CB(skb);
  cb.reset();
  cb.flush = skb_is_gso(skb) || skb_has_frag_list(skb) ? 1 : 0;
  cb.count = 1;
  if (skb.ip_summed === CHECKSUM_COMPLETE) {
    cb.csum = skb.csum;
    cb.csum_valid = 1;
  } else if (skb.ip_summed === CHECKSUM_UNNECESSARY) {
    cb.csum_cnt = skb.csum_level + 1;
  }
}

/** Merges a packet with those held, or holds it, if its protocol knows how. @returns GRO_* */
export function dev_gro_receive(gro: gro_node, skb: sk_buff): gro_result_t {
  const dev = skb.dev as net_device;
  const kernel = dev_kernel(dev);
  if ((dev.features & NETIF_F_GRO) === 0) return GRO_NORMAL;
  const ptype = offload_of(kernel, skb.protocol, false);
  if (ptype?.callbacks.gro_receive === undefined) return GRO_NORMAL;
  gro.hash ??= Array.from({ length: GRO_HASH_BUCKETS }, () => new gro_list());
  gro_init_cb(skb);
  const cb = NAPI_GRO_CB(skb);
  const index = skb_get_hash(skb) & (GRO_HASH_BUCKETS - 1);
  const bucket = gro.hash[index];
  gro_list_prepare(bucket, skb);
  skb_set_network_header(skb, 0);
  skb_reset_mac_len(skb);
  const pp = ptype.callbacks.gro_receive(bucket, skb);
  const same_flow = cb.same_flow !== 0;
  if (pp !== null) {
    const at = bucket.list.indexOf(pp);
    if (at >= 0) {
      bucket.list.splice(at, 1);
      bucket.count--;
      napi_gro_complete(gro, pp);
    }
  }
  let ret: gro_result_t;
  if (same_flow) {
    ret = cb.free > 0 ? GRO_MERGED_FREE : GRO_MERGED;
  } else if (cb.flush !== 0) {
    ret = GRO_NORMAL;
  } else {
    if (bucket.count >= MAX_GRO_SKBS) gro_flush_oldest(gro, bucket);
    else bucket.count++;
    cb.age = jiffies(kernel);
    cb.last = skb;
    skb.shinfo.gso_size = skb_gro_len(skb);
    bucket.list.unshift(skb);
    ret = GRO_HELD;
  }
  if (bucket.count > 0) gro.bitmask |= 1 << index;
  else gro.bitmask &= ~(1 << index);
  return ret;
}

function napi_skb_finish(gro: gro_node, skb: sk_buff, ret: gro_result_t): gro_result_t {
  if (ret === GRO_NORMAL) gro_normal_one(gro, skb, 1);
  else if (ret === GRO_MERGED_FREE) kfree_skb_partial(skb, false);
  return ret;
}

/** A driver that is polled hands over a packet. @returns GRO_* @EXPORT_SYMBOL */
export function gro_receive_skb(gro: gro_node, skb: sk_buff): gro_result_t {
  trace_napi_gro_receive_entry(skb);
  const ret = napi_skb_finish(gro, skb, dev_gro_receive(gro, skb));
  trace_napi_gro_receive_exit(ret);
  return ret;
}

/** As gro_receive_skb(), by the driver's NAPI. */
export function napi_gro_receive(napi: napi_struct, skb: sk_buff): gro_result_t {
  skb.napi_id = napi.napi_id;
  return gro_receive_skb(napi.gro, skb);
}

/** @EXPORT_SYMBOL */
export function gro_find_receive_by_type(kernel: Kernel, type: u16): packet_offload | null {
  return offload_of(kernel, type, false);
}

/** @EXPORT_SYMBOL */
export function gro_find_complete_by_type(kernel: Kernel, type: u16): packet_offload | null {
  return offload_of(kernel, type, true);
}
