// Generic receive offload (include/net/gro.h): what GRO notes on each skb, and the lists in which it holds them.

import type { netdev_features_t } from '../linux/netdev_features.js';
import { skb_gro_header_slow_pull } from '../../net/core/gro.js';
import { sk_buff_head } from '../linux/skbuff/struct.js';
import type { sk_buff, skb_cb_owner } from '../linux/skbuff/struct.js';
import { csum_partial } from '../../lib/checksum.js';
import { csum_block_sub, csum_fold } from './checksum.js';
import { __skb_gro_checksum_complete } from '../../net/core/gro.js';
import { CHECKSUM_PARTIAL } from '../linux/skbuff/constants.js';
import { skb_csum_unnecessary } from '../linux/skbuff/csum.js';
import type { __sum16, __wsum, bool, int, skb_data_ptr, u16, u32, u8, uint, ulong } from '../linux/types.js';

export const GRO_HASH_BUCKETS = 8;
export const MAX_GRO_SKBS = 8;
export const GRO_MAX_HEAD = 304;

export const NAPI_GRO_FREE = 1;
export const NAPI_GRO_FREE_STOLEN_HEAD = 2;

export const GRO_MERGED = 0;
export const GRO_MERGED_FREE = 1;
export const GRO_HELD = 2;
export const GRO_NORMAL = 3;
export const GRO_CONSUMED = 4;

export type gro_result_t = int;

/** GRO's notes on an skb. */
export class napi_gro_cb implements skb_cb_owner<napi_gro_cb> {
  /** The last skb of those merged into this one. */
  last: sk_buff | null = null;
  /** Offset from data of the header that is looked at. */
  data_offset: int = 0;
  /** Whether this skb must be passed on, because the next cannot be merged with it. */
  flush: u16 = 0;
  count: u16 = 0;
  proto: u16 = 0;
  /** jiffies when it was first held */
  age: ulong = 0;
  csum: __wsum = 0;
  csum_valid: u8 = 0;
  csum_cnt: u8 = 0;
  same_flow: u8 = 0;
  encap_mark: u8 = 0;
  free: u8 = 0;
  is_fou: u8 = 0;
  ip_fixedid: u8 = 0;
  recursion_counter: u8 = 0;
  is_flist: u8 = 0;
  is_ipv6: u8 = 0;
  udp_off: u16 = 0;
  pull_offset: int = 0;
  network_offsets: [int, int] = [0, 0];

  reset(): void {
    this.last = null;
    this.data_offset = 0;
    this.flush = 0;
    this.count = 0;
    this.proto = 0;
    this.age = 0;
    this.csum = 0;
    this.csum_valid = 0;
    this.csum_cnt = 0;
    this.same_flow = 0;
    this.encap_mark = 0;
    this.free = 0;
    this.is_fou = 0;
    this.ip_fixedid = 0;
    this.recursion_counter = 0;
    this.is_flist = 0;
    this.is_ipv6 = 0;
    this.udp_off = 0;
    this.pull_offset = 0;
    this.network_offsets[0] = 0;
    this.network_offsets[1] = 0;
  }

  copy(from: napi_gro_cb): void {
    this.last = from.last;
    this.data_offset = from.data_offset;
    this.flush = from.flush;
    this.count = from.count;
    this.proto = from.proto;
    this.age = from.age;
    this.csum = from.csum;
    this.csum_valid = from.csum_valid;
    this.csum_cnt = from.csum_cnt;
    this.same_flow = from.same_flow;
    this.encap_mark = from.encap_mark;
    this.free = from.free;
    this.is_fou = from.is_fou;
    this.ip_fixedid = from.ip_fixedid;
    this.recursion_counter = from.recursion_counter;
    this.is_flist = from.is_flist;
    this.is_ipv6 = from.is_ipv6;
    this.udp_off = from.udp_off;
    this.pull_offset = from.pull_offset;
    this.network_offsets[0] = from.network_offsets[0];
    this.network_offsets[1] = from.network_offsets[1];
  }
}

/** The skbs held of one hash bucket, oldest first. */
export class gro_list {
  list: sk_buff[] = [];
  count: int = 0;
}

/** What one NAPI holds: by flow hash, and those ready to go up together. */
export class gro_node {
  bitmask: ulong = 0;
  hash: gro_list[] | null = null;
  rx_list: sk_buff_head = new sk_buff_head();
  rx_count: u32 = 0;
}

/** GRO and GSO functions of a protocol (include/linux/netdevice.h, include/net/protocol.h). */
export interface packet_offload_callbacks {
  /** @returns null where the packet cannot be segmented */
  gso_segment?: (skb: sk_buff, features: netdev_features_t) => sk_buff | null | int;
  /** @param head the held skbs of the bucket @returns an skb that must be flushed, or null */
  gro_receive?: (head: gro_list, skb: sk_buff) => sk_buff | null;
  gro_complete?: (skb: sk_buff, nhoff: int) => int;
}

/** @notrace */
export function NAPI_GRO_CB(skb: sk_buff): napi_gro_cb {
  return (skb.grocb ??= new napi_gro_cb());
}

/** @notrace */
export function gro_recursion_inc_test(skb: sk_buff): bool {
  return ++NAPI_GRO_CB(skb).recursion_counter === 15;
}

/** Offset from data of what GRO looks at now. @notrace */
export function skb_gro_offset(skb: sk_buff): uint {
  return NAPI_GRO_CB(skb).data_offset;
}

/** @notrace */
export function skb_gro_len(skb: sk_buff): uint {
  return skb.len - NAPI_GRO_CB(skb).data_offset;
}

/** @notrace */
export function skb_gro_pull(skb: sk_buff, len: uint): void {
  NAPI_GRO_CB(skb).data_offset += len;
}

/** Where `hlen` bytes (counted from data) can be read at `offset` from data, or -1. @notrace */
export function skb_gro_header(skb: sk_buff, hlen: uint, offset: uint): skb_data_ptr {
  if (hlen <= skb.len - skb.data_len) return skb.data + offset;
  return skb_gro_header_slow_pull(skb, hlen, offset);
}

/** @notrace */
export function skb_gro_receive_network_offset(skb: sk_buff): int {
  return NAPI_GRO_CB(skb).network_offsets[NAPI_GRO_CB(skb).encap_mark];
}

/** Where the network header is while GRO looks at the skb. @notrace */
export function skb_gro_network_header(skb: sk_buff): skb_data_ptr {
  return skb.data + skb_gro_receive_network_offset(skb);
}

/** Takes pulled bytes out of a hardware's sum. @notrace */
export function skb_gro_postpull_rcsum(skb: sk_buff, start: skb_data_ptr, len: uint): void {
  const cb = NAPI_GRO_CB(skb);
  if (cb.csum_valid !== 0) cb.csum = csum_block_sub(cb.csum, csum_partial(skb.head, start, len, 0), 0);
}

/**
 * Checks a transport checksum before packets are merged.
 * @param psum sum of the pseudo header
 * @returns 0 if it is right
 * @notrace
 */
export function __skb_gro_checksum_validate(skb: sk_buff, zero_okay: bool, check: __sum16, psum: __wsum): __sum16 {
  const cb = NAPI_GRO_CB(skb);
  const needed = !(
    skb.ip_summed === CHECKSUM_PARTIAL ||
    cb.csum_cnt !== 0 ||
    skb_csum_unnecessary(skb) ||
    (zero_okay && check === 0)
  );
  if (!needed) return 0;
  if (cb.csum_valid !== 0) {
    const sum = cb.csum + psum;
    if (csum_fold(sum > 0xffffffff ? sum - 0xffffffff : sum) === 0) return 0;
  }
  cb.csum = psum;
  return __skb_gro_checksum_complete(skb);
}

/** Uses up one checksum that somebody vouched for. @notrace */
export function skb_gro_incr_csum_unnecessary(skb: sk_buff): void {
  const cb = NAPI_GRO_CB(skb);
  if (cb.csum_cnt > 0) {
    cb.csum_cnt--;
  } else {
    if (skb.ip_summed === 1) {
      if (skb.csum_level < 3) skb.csum_level++;
    } else if (skb.ip_summed === 0) {
      skb.ip_summed = 1;
      skb.csum_level = 0;
    }
  }
}

/** Marks an skb that a protocol found to be unfit for merging. @notrace */
export function skb_gro_flush_final(skb: sk_buff, pp: sk_buff | null, flush: int): void {
  if (pp === null || pp !== skb) NAPI_GRO_CB(skb).flush |= flush;
}
