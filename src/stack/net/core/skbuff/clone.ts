// Clones and copies (net/core/skbuff.c).

import { NAPI_GRO_CB } from '../../../include/net/gro.js';
import { SKB_GSO_CB } from '../../../include/net/gso.js';
import { IPCB } from '../../../include/net/ip.js';
import { NEIGH_CB } from '../../../include/net/neighbour.js';
import { qdisc_skb_cb_of } from '../../../include/net/sch_generic.js';
import { TCP_SKB_CB } from '../../../include/net/tcp.js';
import { UDP_SKB_CB } from '../../../include/net/udp.js';
import { PACKET_SKB_CB } from '../../packet/internal.js';
import { nf_conntrack_get } from '../../../include/linux/netfilter/nf_conntrack_common.js';
import { PACKET_HOST } from '../../../include/linux/if_packet.js';
import { nf_reset_ct, nf_reset_trace, skb_clear_tstamp } from '../../../include/linux/skbuff/meta.js';
import { skb_dst_copy, skb_dst_drop } from '../../../include/net/dst.js';
import {
  SKB_ALLOC_FCLONE,
  SKB_FCLONE_CLONE,
  SKB_FCLONE_ORIG,
  SKB_FCLONE_UNAVAILABLE,
  SKB_HEADER_UNSET,
} from '../../../include/linux/skbuff/constants.js';
import { __skb_fill_page_desc, skb_orphan_frags } from '../../../include/linux/skbuff/frags.js';
import { skb_get } from '../../../include/linux/skbuff/refs.js';
import { skb_end_offset, skb_headlen, skb_headroom, __skb_put } from '../../../include/linux/skbuff/room.js';
import { skb_reserve } from '../../../include/linux/skbuff/room.js';
import type { sk_buff } from '../../../include/linux/skbuff/struct.js';
import type { bool, gfp_t, int } from '../../../include/linux/types.js';
import { __alloc_skb, skb_clear } from './alloc.js';
import { skb_copy_bits } from './bits.js';
import { kmem_cache_alloc_skb } from './cache.js';
import { skb_release_all } from './free.js';
import { skb_zerocopy_clone } from './zerocopy.js';

/** @notrace */
function copy_cb(to: sk_buff, from: sk_buff): void {
  if (from.ipcb !== null) IPCB(to).copy(from.ipcb);
  if (from.tcpcb !== null) TCP_SKB_CB(to).copy(from.tcpcb);
  if (from.udpcb !== null) UDP_SKB_CB(to).copy(from.udpcb);
  if (from.neighcb !== null) NEIGH_CB(to).copy(from.neighcb);
  if (from.qdisccb !== null) qdisc_skb_cb_of(to).copy(from.qdisccb);
  if (from.grocb !== null) NAPI_GRO_CB(to).copy(from.grocb);
  if (from.gsocb !== null) SKB_GSO_CB(to).copy(from.gsocb);
  if (from.packetcb !== null) PACKET_SKB_CB(to).copy(from.packetcb);
}

/** Copies everything but the data and who owns it. */
export function __copy_skb_header(to: sk_buff, from: sk_buff): void {
  to.tstamp = from.tstamp;
  to.dev = from.dev;
  copy_cb(to, from);
  skb_dst_copy(to, from);
  to._nfct = from._nfct;
  to._nfctinfo = from._nfctinfo;
  nf_conntrack_get(from._nfct);
  to.queue_mapping = from.queue_mapping;
  to.pkt_type = from.pkt_type;
  to.ignore_df = from.ignore_df;
  to.dst_pending_confirm = from.dst_pending_confirm;
  to.ip_summed = from.ip_summed;
  to.ooo_okay = from.ooo_okay;
  to.tstamp_type = from.tstamp_type;
  to.l4_hash = from.l4_hash;
  to.sw_hash = from.sw_hash;
  to.no_fcs = from.no_fcs;
  to.encapsulation = from.encapsulation;
  to.encap_hdr_csum = from.encap_hdr_csum;
  to.csum_valid = from.csum_valid;
  to.csum_complete_sw = from.csum_complete_sw;
  to.csum_level = from.csum_level;
  to.csum_not_inet = from.csum_not_inet;
  to.inner_protocol_type = from.inner_protocol_type;
  to.remcsum_offload = from.remcsum_offload;
  to.offload_fwd_mark = from.offload_fwd_mark;
  to.redirected = from.redirected;
  to.from_ingress = from.from_ingress;
  to.nf_trace = from.nf_trace;
  to.slow_gro |= from.slow_gro;
  to.decrypted = from.decrypted;
  to.tc_index = from.tc_index;
  to.alloc_cpu = from.alloc_cpu;
  to.csum = from.csum;
  to.csum_start = from.csum_start;
  to.csum_offset = from.csum_offset;
  to.priority = from.priority;
  to.skb_iif = from.skb_iif;
  to.hash = from.hash;
  to.vlan_proto = from.vlan_proto;
  to.vlan_tci = from.vlan_tci;
  to.napi_id = from.napi_id;
  to.secmark = from.secmark;
  to.mark = from.mark;
  to.reserved_tailroom = from.reserved_tailroom;
  to.inner_protocol = from.inner_protocol;
  to.inner_transport_header = from.inner_transport_header;
  to.inner_network_header = from.inner_network_header;
  to.inner_mac_header = from.inner_mac_header;
  to.protocol = from.protocol;
  to.transport_header = from.transport_header;
  to.network_header = from.network_header;
  to.mac_header = from.mac_header;
}

/** Makes `n` (cleared) refer to the same data as `skb`. */
export function __skb_clone(n: sk_buff, skb: sk_buff): sk_buff {
  n.next = null;
  n.prev = null;
  n.sk = null;
  __copy_skb_header(n, skb);
  n.len = skb.len;
  n.data_len = skb.data_len;
  n.mac_len = skb.mac_len;
  n.hdr_len = skb.nohdr !== 0 ? skb_headroom(skb) : skb.hdr_len;
  n.cloned = 1;
  n.nohdr = 0;
  n.peeked = 0;
  n.pfmemalloc = skb.pfmemalloc;
  n.destructor = null;
  n.tail = skb.tail;
  n.end = skb.end;
  n.head = skb.head;
  n.head_frag = skb.head_frag;
  n.data = skb.data;
  n.truesize = skb.truesize;
  n.users = 1;
  n.shinfo = skb.shinfo;
  skb.shinfo.dataref++;
  skb.cloned = 1;
  return n;
}

/**
 * A second sk_buff for the same data: neither may write it.
 * @EXPORT_SYMBOL
 */
export function skb_clone(skb: sk_buff, gfp_mask: gfp_t): sk_buff | null {
  if (skb_orphan_frags(skb, gfp_mask) !== 0) return null;
  const fclones = skb.fclones;
  let n: sk_buff;
  if (skb.fclone === SKB_FCLONE_ORIG && fclones !== null && fclones.fclone_ref === 1) {
    n = fclones.skb2;
    fclones.fclone_ref = 2;
    skb_clear(n);
    n.fclone = SKB_FCLONE_CLONE;
  } else {
    n = kmem_cache_alloc_skb();
    skb_clear(n);
    n.fclone = SKB_FCLONE_UNAVAILABLE;
  }
  return __skb_clone(n, skb);
}

/** Makes `dst` a clone of `src`, in the place of what it was. @EXPORT_SYMBOL */
export function skb_morph(dst: sk_buff, src: sk_buff): sk_buff {
  const fclone = dst.fclone;
  skb_release_all(dst, 1);
  skb_clear(dst);
  dst.fclone = fclone;
  return __skb_clone(dst, src);
}

/** Moves the header offsets where the data moved by `off`. @EXPORT_SYMBOL */
export function skb_headers_offset_update(skb: sk_buff, off: int): void {
  if (skb.ip_summed === 3) skb.csum_start += off;
  if (skb.transport_header !== SKB_HEADER_UNSET) skb.transport_header += off;
  skb.network_header += off;
  if (skb.mac_header !== SKB_HEADER_UNSET) skb.mac_header += off;
  skb.inner_transport_header += off;
  skb.inner_network_header += off;
  skb.inner_mac_header += off;
}

/** @EXPORT_SYMBOL */
export function skb_copy_header(to: sk_buff, old: sk_buff): void {
  __copy_skb_header(to, old);
  const from = old.shinfo;
  const shinfo = to.shinfo;
  shinfo.gso_size = from.gso_size;
  shinfo.gso_segs = from.gso_segs;
  shinfo.gso_type = from.gso_type;
}

/** A linear skb with all the data of another, in the same places. @EXPORT_SYMBOL */
export function skb_copy(skb: sk_buff, gfp_mask: gfp_t): sk_buff | null {
  const headerlen = skb_headroom(skb);
  const n = __alloc_skb(skb_end_offset(skb) + skb.data_len, gfp_mask, 0, -1);
  skb_reserve(n, headerlen);
  __skb_put(n, skb.len);
  n.head.set(skb.head.subarray(0, headerlen));
  skb_copy_bits(skb, 0, n.head, n.data, skb.len);
  skb_copy_header(n, skb);
  return n;
}

/** A copy of the head; fragments are shared. @param headroom of the copy @EXPORT_SYMBOL */
export function __pskb_copy_fclone(skb: sk_buff, headroom: int, gfp_mask: gfp_t, fclone: bool): sk_buff | null {
  const headlen = skb_headlen(skb);
  const n = __alloc_skb(headlen + headroom, gfp_mask, fclone ? SKB_ALLOC_FCLONE : 0, -1);
  skb_reserve(n, headroom);
  __skb_put(n, headlen);
  n.head.set(skb.head.subarray(skb.data, skb.data + headlen), n.data);
  n.truesize += skb.data_len;
  n.data_len = skb.data_len;
  n.len = skb.len;
  const from = skb.shinfo;
  if (from.nr_frags !== 0) {
    if (skb_orphan_frags(skb, gfp_mask) !== 0 || skb_zerocopy_clone(n, skb, gfp_mask) !== 0) {
      n.data_len = 0;
      n.len = headlen;
      skb_release_all(n, 1);
      return null;
    }
    for (let i = 0; i < from.nr_frags; i++) {
      const frag = from.frags[i];
      __skb_fill_page_desc(n, i, frag.page, frag.offset, frag.size);
    }
    n.shinfo.nr_frags = from.nr_frags;
  }
  if (from.frag_list !== null) {
    n.shinfo.frag_list = from.frag_list;
    skb_clone_fraglist(n);
  }
  skb_copy_header(n, skb);
  const off = n.data - skb.data;
  if (off !== 0) skb_headers_offset_update(n, off);
  return n;
}

/** Takes references to the skbs of a fragment list that two skbs now share. */
export function skb_clone_fraglist(skb: sk_buff): void {
  for (let list = skb.shinfo.frag_list; list !== null; list = list.next) skb_get(list);
}

/**
 * Takes off what a packet carries of one device, before another one gets it.
 * @param xnet whether it also goes to another network namespace
 * @EXPORT_SYMBOL
 */
export function skb_scrub_packet(skb: sk_buff, xnet: bool): void {
  skb.pkt_type = PACKET_HOST;
  skb.skb_iif = 0;
  skb.ignore_df = 0;
  skb_dst_drop(skb);
  nf_reset_ct(skb);
  nf_reset_trace(skb);
  if (!xnet) return;
  skb.mark = 0;
  skb_clear_tstamp(skb);
}
