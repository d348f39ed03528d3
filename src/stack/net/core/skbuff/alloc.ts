// Allocation of sk_buffs (net/core/skbuff.c).

import type { net_device } from '../../../include/linux/netdevice.js';
import type { napi_struct } from '../../../include/linux/netdevice.js';
import {
  CHECKSUM_NONE,
  NET_SKB_PAD,
  PAGE_SIZE,
  SKB_ALLOC_FCLONE,
  SKB_FCLONE_CLONE,
  SKB_FCLONE_ORIG,
  SKB_FCLONE_UNAVAILABLE,
  SKB_HEAD_ALIGN,
  SKB_HEADER_UNSET,
  SKB_TRUESIZE,
} from '../../../include/linux/skbuff/constants.js';
import { skb_fill_page_desc } from '../../../include/linux/skbuff/frags.js';
import { skb_reserve } from '../../../include/linux/skbuff/room.js';
import { sk_buff_fclones } from '../../../include/linux/skbuff/struct.js';
import type { sk_buff } from '../../../include/linux/skbuff/struct.js';
import type { gfp_t, int, uint, ulong } from '../../../include/linux/types.js';
import { alloc_head, alloc_shinfo, kmalloc_size_roundup, kmem_cache_alloc_skb } from './cache.js';

/** Sets every field as in a structure that was never used, but for head and shinfo. @notrace */
export function skb_clear(skb: sk_buff): void {
  skb.next = null;
  skb.prev = null;
  skb.dev = null;
  skb.sk = null;
  skb.ip_defrag_offset = 0;
  skb.tstamp = 0;
  if (skb.ipcb !== null) skb.ipcb.reset();
  if (skb.tcpcb !== null) skb.tcpcb.reset();
  if (skb.udpcb !== null) skb.udpcb.reset();
  if (skb.fragcb !== null) skb.fragcb.reset();
  if (skb.exterrcb !== null) skb.exterrcb = null;
  if (skb.neighcb !== null) skb.neighcb.reset();
  if (skb.qdisccb !== null) skb.qdisccb.reset();
  if (skb.grocb !== null) skb.grocb.reset();
  if (skb.gsocb !== null) skb.gsocb.reset();
  if (skb.packetcb !== null) skb.packetcb.reset();
  skb._skb_refdst = null;
  skb._skb_refdst_noref = false;
  skb.destructor = null;
  skb._nfct = null;
  skb._nfctinfo = 0;
  skb.len = 0;
  skb.data_len = 0;
  skb.mac_len = 0;
  skb.hdr_len = 0;
  skb.queue_mapping = 0;
  skb.cloned = 0;
  skb.nohdr = 0;
  skb.fclone = SKB_FCLONE_UNAVAILABLE;
  skb.peeked = 0;
  skb.head_frag = 0;
  skb.pfmemalloc = 0;
  skb.pkt_type = 0;
  skb.ignore_df = 0;
  skb.dst_pending_confirm = 0;
  skb.ip_summed = CHECKSUM_NONE;
  skb.ooo_okay = 0;
  skb.tstamp_type = 0;
  skb.l4_hash = 0;
  skb.sw_hash = 0;
  skb.no_fcs = 0;
  skb.encapsulation = 0;
  skb.encap_hdr_csum = 0;
  skb.csum_valid = 0;
  skb.csum_complete_sw = 0;
  skb.csum_level = 0;
  skb.csum_not_inet = 0;
  skb.inner_protocol_type = 0;
  skb.remcsum_offload = 0;
  skb.offload_fwd_mark = 0;
  skb.redirected = 0;
  skb.from_ingress = 0;
  skb.nf_trace = 0;
  skb.slow_gro = 0;
  skb.decrypted = 0;
  skb.tc_index = 0;
  skb.alloc_cpu = 0;
  skb.csum = 0;
  skb.csum_start = 0;
  skb.csum_offset = 0;
  skb.priority = 0;
  skb.skb_iif = 0;
  skb.hash = 0;
  skb.vlan_proto = 0;
  skb.vlan_tci = 0;
  skb.napi_id = 0;
  skb.secmark = 0;
  skb.mark = 0;
  skb.reserved_tailroom = 0;
  skb.inner_protocol = 0;
  skb.inner_transport_header = 0;
  skb.inner_network_header = 0;
  skb.inner_mac_header = 0;
  skb.protocol = 0;
  skb.transport_header = 0;
  skb.network_header = 0;
  skb.mac_header = 0;
}

/** Gives a cleared structure its empty buffer. */
function __finalize_skb_around(skb: sk_buff, head: Uint8Array, size: uint): void {
  skb.truesize = SKB_TRUESIZE(size);
  skb.users = 1;
  skb.head = head;
  skb.data = 0;
  skb.tail = 0;
  skb.end = size;
  skb.mac_header = SKB_HEADER_UNSET;
  skb.transport_header = SKB_HEADER_UNSET;
  skb.shinfo = alloc_shinfo();
}

/** A buffer for at least `size` bytes. Its length is what skb.end is to be. */
export function kmalloc_reserve(size: uint): Uint8Array {
  return alloc_head(kmalloc_size_roundup(SKB_HEAD_ALIGN(size)));
}

/**
 * An empty sk_buff with tailroom for at least `size` bytes.
 * @param flags SKB_ALLOC_FCLONE: with a second structure beside it for a clone
 * @EXPORT_SYMBOL
 * @formerly alloc_skb 2.4-6.x
 */
export function __alloc_skb(size: uint, _gfp_mask: gfp_t, flags: int, _node: int): sk_buff {
  const skb = kmem_cache_alloc_skb();
  skb_clear(skb);
  const head = kmalloc_reserve(size);
  __finalize_skb_around(skb, head, head.length);
  if ((flags & SKB_ALLOC_FCLONE) !== 0) {
    let fclones = skb.fclones;
    if (fclones === null) {
      fclones = new sk_buff_fclones(skb, kmem_cache_alloc_skb());
      skb.fclones = fclones;
      fclones.skb2.fclones = fclones;
    }
    skb.fclone = SKB_FCLONE_ORIG;
    fclones.skb2.fclone = SKB_FCLONE_CLONE;
    fclones.fclone_ref = 1;
  }
  return skb;
}

/** An sk_buff around a buffer that a driver filled. @param frag_size bytes of the memory, 0: all @EXPORT_SYMBOL */
export function build_skb(data: Uint8Array, frag_size: uint): sk_buff {
  const skb = kmem_cache_alloc_skb();
  skb_clear(skb);
  __finalize_skb_around(skb, data, frag_size !== 0 ? Math.min(frag_size, data.length) : data.length);
  skb.head_frag = 1;
  return skb;
}

/** @EXPORT_SYMBOL */
export function __netdev_alloc_skb(dev: net_device | null, len: uint, gfp_mask: gfp_t): sk_buff {
  const skb = __alloc_skb(len + NET_SKB_PAD, gfp_mask, 0, -1);
  skb_reserve(skb, NET_SKB_PAD);
  skb.dev = dev;
  return skb;
}

/** An sk_buff of a driver that is polled. @EXPORT_SYMBOL */
export function napi_alloc_skb(napi: napi_struct, len: uint): sk_buff {
  const skb = __alloc_skb(len + NET_SKB_PAD, 0, 0, -1);
  skb_reserve(skb, NET_SKB_PAD);
  skb.dev = napi.dev;
  return skb;
}

/**
 * An sk_buff whose data is partly in pages: `header_len` bytes of tailroom in the head, `data_len` in fragments.
 * @param order the largest page is 4096 << order bytes
 * @param errcode gets -ENOBUFS where it cannot be had
 * @EXPORT_SYMBOL
 */
export function alloc_skb_with_frags(
  header_len: ulong,
  data_len: ulong,
  order: int,
  _errcode: { value: int },
  gfp_mask: gfp_t,
): sk_buff | null {
  const skb = __alloc_skb(header_len, gfp_mask, 0, -1);
  let left = data_len;
  let i = 0;
  while (left > 0) {
    // The largest block that is filled to its last page.
    while (order > 0 && ((left + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1)) < PAGE_SIZE << order) order--;
    const chunk = Math.min(left, PAGE_SIZE << order);
    skb_fill_page_desc(skb, i++, new Uint8Array(PAGE_SIZE << order), 0, chunk);
    skb.truesize += PAGE_SIZE << order;
    left -= chunk;
  }
  return skb;
}
