// Fragmentation (net/ipv4/ip_output.c; RFC 791 3.2): a list of ready fragments is sent as it is, else the data is copied.

import { htons, ntohs } from '../../../include/linux/byteorder.js';
import { htonl } from '../../../include/linux/byteorder.js';
import { EMSGSIZE, ENOMEM } from '../../../include/linux/errno.js';
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED } from '../../../include/linux/icmp.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import type { iphdr } from '../../../include/linux/ip.js';
import { LL_RESERVED_SPACE } from '../../../include/linux/netdevice.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import { dst_clone, skb_dst_drop } from '../../../include/net/dst.js';
import { icmp_send } from '../../../include/net/icmp.js';
import {
  IPCB,
  IPSKB_FRAG_COMPLETE,
  IPSKB_FRAG_PMTU,
  IP_DF_BE,
  IP_INC_STATS,
  IP_MF,
  IP_OFFSET,
  ip_is_fragment,
  ip_send_check,
  ip_skb_dst_mtu,
} from '../../../include/net/ip.js';
import type { net } from '../../../include/net/net_namespace.js';
import { skb_rtable } from '../../../include/net/route.js';
import type { rtable } from '../../../include/net/route.js';
import { IPSTATS_MIB_FRAGCREATES, IPSTATS_MIB_FRAGFAILS, IPSTATS_MIB_FRAGOKS } from '../../../include/net/snmp.js';
import { kfree_skb, kfree_skb_list, skb_copy_bits } from '../../core/skbuff.js';
import { skb_checksum_help } from '../../core/dev.js';
import { skb_set_owner_w, sock_wfree } from '../../core/sock.js';
import {
  CHECKSUM_PARTIAL,
  GFP_ATOMIC,
  __skb_push,
  __skb_put,
  alloc_skb,
  consume_skb,
  nf_copy,
  skb_cloned,
  skb_copy_hash,
  skb_dst_set,
  skb_frag_list_init,
  skb_has_frag_list,
  skb_headlen,
  skb_headroom,
  skb_mark_not_on_list,
  skb_pagelen,
  skb_reserve,
  skb_reset_network_header,
  skb_reset_transport_header,
  skb_shared,
} from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import type { sock } from '../../../include/net/sock.js';
import { ip_options_fragment } from '../ip_options.js';
import type { __be16, bool, int, uint } from '../../../include/linux/types.js';

type output_t = (net: net, sk: sock | null, skb: sk_buff) => int;

export function ip_copy_metadata(to: sk_buff, from: sk_buff): void {
  to.pkt_type = from.pkt_type;
  to.priority = from.priority;
  to.protocol = from.protocol;
  to.skb_iif = from.skb_iif;
  skb_dst_drop(to);
  const dst = dst_clone(from._skb_refdst);
  if (dst !== null) skb_dst_set(to, dst);
  to.dev = from.dev;
  to.mark = from.mark;
  skb_copy_hash(to, from);
  to.tc_index = from.tc_index;
  nf_copy(to, from);
}

/** Fragments a packet, unless it says that it must not be: then its sender is told. */
export function ip_fragment(net: net, sk: sock | null, skb: sk_buff, mtu: uint, output: output_t): int {
  const iph = ip_hdr(skb);
  if ((iph.frag_off & IP_DF_BE) === 0) return ip_do_fragment(net, sk, skb, output);
  const frag_max_size = IPCB(skb).frag_max_size;
  if (skb.ignore_df === 0 || (frag_max_size !== 0 && frag_max_size > mtu)) {
    IP_INC_STATS(net, IPSTATS_MIB_FRAGFAILS);
    icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
    kfree_skb(skb);
    return -EMSGSIZE;
  }
  return ip_do_fragment(net, sk, skb, output);
}

/** Where a walk over a list of ready fragments stands. */
export class ip_fraglist_iter {
  frag: sk_buff | null = null;
  /** the header of the fragment that was prepared last */
  iph: iphdr;
  /** offset of the fragment in the packet's data, in bytes */
  offset: int = 0;
  hlen: uint;

  constructor(iph: iphdr, hlen: uint) {
    this.iph = iph;
    this.hlen = hlen;
  }
}

/** Makes the packet the first of its fragments. @EXPORT_SYMBOL */
export function ip_fraglist_init(skb: sk_buff, iph: iphdr, hlen: uint, iter: ip_fraglist_iter): void {
  const first_len = skb_pagelen(skb);
  iter.frag = skb.shinfo.frag_list;
  skb_frag_list_init(skb);
  iter.offset = 0;
  iter.iph = iph;
  iter.hlen = hlen;
  skb.data_len = first_len - skb_headlen(skb);
  skb.len = first_len;
  iph.tot_len = htons(first_len);
  iph.frag_off = htons(IP_MF);
  ip_send_check(iph);
}

/** Puts the header before the next fragment. @EXPORT_SYMBOL */
export function ip_fraglist_prepare(skb: sk_buff, iter: ip_fraglist_iter): void {
  const hlen = iter.hlen;
  const frag = iter.frag as sk_buff;
  frag.ip_summed = 0;
  skb_reset_transport_header(frag);
  __skb_push(frag, hlen);
  skb_reset_network_header(frag);
  frag.head.set(iter.iph.buf.subarray(iter.iph.off, iter.iph.off + hlen), frag.network_header);
  iter.iph = ip_hdr(frag);
  const iph = iter.iph;
  iph.tot_len = htons(frag.len);
  ip_copy_metadata(frag, skb);
  iter.offset += skb.len - hlen;
  let off = iter.offset >> 3;
  if (frag.next !== null) off |= IP_MF;
  iph.frag_off = htons(off);
  ip_send_check(iph);
}

/** @notrace */
export function ip_fraglist_next(iter: ip_fraglist_iter): sk_buff {
  const skb = iter.frag as sk_buff;
  iter.frag = skb.next;
  skb_mark_not_on_list(skb);
  return skb;
}

/** Where the cutting of a packet's data stands. */
export class ip_frag_state {
  DF: bool = false;
  hlen: uint = 0;
  ll_rs: uint = 0;
  mtu: uint = 0;
  left: uint = 0;
  offset: int = 0;
  /** offset in the skb of what comes next */
  ptr: int = 0;
  not_last_frag: __be16 = 0;
}

/** @EXPORT_SYMBOL */
export function ip_frag_init(skb: sk_buff, hlen: uint, ll_rs: uint, mtu: uint, DF: bool, state: ip_frag_state): void {
  const iph = ip_hdr(skb);
  state.DF = DF;
  state.hlen = hlen;
  state.ll_rs = ll_rs;
  state.mtu = mtu;
  state.left = skb.len - hlen;
  state.ptr = hlen;
  state.offset = (ntohs(iph.frag_off) & IP_OFFSET) << 3;
  state.not_last_frag = ntohs(iph.frag_off) & IP_MF;
}

/** Options that only the first fragment keeps. */
export function ip_frag_ipcb(from: sk_buff, to: sk_buff, first_frag: bool): void {
  IPCB(to).flags = IPCB(from).flags;
  if (first_frag) ip_options_fragment(from);
}

/** The next fragment. @returns null for want of memory @EXPORT_SYMBOL */
export function ip_frag_next(skb: sk_buff, state: ip_frag_state): sk_buff | null {
  let len = state.left;
  if (len > state.mtu) len = state.mtu;
  // All but the last end on a multiple of 8 bytes.
  if (len < state.left) len &= ~7;
  const skb2 = alloc_skb(len + state.hlen + state.ll_rs, GFP_ATOMIC);
  if (skb2 === null) return null;
  ip_copy_metadata(skb2, skb);
  skb_reserve(skb2, state.ll_rs);
  const at = __skb_put(skb2, len + state.hlen);
  skb_reset_network_header(skb2);
  skb2.transport_header = skb2.network_header + state.hlen;
  // The fragment is charged to the packet's owner.
  if (skb.sk !== null) skb_set_owner_w(skb2, skb.sk);
  skb2.head.set(skb.head.subarray(skb.network_header, skb.network_header + state.hlen), at);
  skb_copy_bits(skb, state.ptr, skb2.head, at + state.hlen, len);
  state.left -= len;
  const iph = ip_hdr(skb2);
  let frag_off = state.offset >> 3;
  if (state.DF) frag_off |= ntohs(IP_DF_BE);
  if (state.left > 0 || state.not_last_frag !== 0) frag_off |= IP_MF;
  iph.frag_off = htons(frag_off);
  state.ptr += len;
  state.offset += len;
  iph.tot_len = htons(len + state.hlen);
  ip_send_check(iph);
  return skb2;
}

/** Whether the packet's fragment list can be sent as it stands. @notrace */
function fast_path_ok(skb: sk_buff, iph: iphdr, hlen: uint, mtu: uint, ll_rs: uint): bool {
  if (!skb_has_frag_list(skb)) return false;
  const first_len = skb_pagelen(skb);
  if (first_len - hlen > mtu || ((first_len - hlen) & 7) !== 0 || ip_is_fragment(iph) || skb_cloned(skb)) return false;
  if (skb_headroom(skb) < ll_rs) return false;
  for (let frag = skb.shinfo.frag_list; frag !== null; frag = frag.next) {
    if (frag.len > mtu || ((frag.len & 7) !== 0 && frag.next !== null) || skb_headroom(frag) < hlen + ll_rs)
      return false;
    if (skb_shared(frag)) return false;
  }
  return true;
}

/** Cuts a packet into fragments that fit, and hands each to `output`. @EXPORT_SYMBOL */
export function ip_do_fragment(net: net, sk: sock | null, skb: sk_buff, output: output_t): int {
  const rt = skb_rtable(skb) as rtable;
  // The checksum covers all of the packet: it cannot be left to the device.
  if (skb.ip_summed === CHECKSUM_PARTIAL) {
    const err = skb_checksum_help(skb);
    if (err !== 0) return fail(net, skb, err);
  }
  const iph = ip_hdr(skb);
  let mtu = ip_skb_dst_mtu(sk, skb);
  if (IPCB(skb).frag_max_size !== 0 && IPCB(skb).frag_max_size < mtu) mtu = IPCB(skb).frag_max_size;
  const hlen = iph.ihl * 4;
  mtu -= hlen;
  IPCB(skb).flags |= IPSKB_FRAG_COMPLETE;
  const ll_rs = LL_RESERVED_SPACE(rt.dev as net_device);

  if (fast_path_ok(skb, iph, hlen, mtu, ll_rs)) {
    for (let frag = skb.shinfo.frag_list; frag !== null; frag = frag.next) {
      if (skb.sk !== null) {
        frag.sk = skb.sk;
        frag.destructor = sock_wfree;
      }
      skb.truesize -= frag.truesize;
    }
    const iter = new ip_fraglist_iter(iph, hlen);
    ip_fraglist_init(skb, iph, hlen, iter);
    let at = skb;
    let err = 0;
    for (;;) {
      if (iter.frag !== null) {
        const first_frag = iter.offset === 0;
        IPCB(iter.frag).flags = IPCB(at).flags;
        ip_fraglist_prepare(at, iter);
        if (first_frag && IPCB(at).opt.optlen !== 0) {
          IPCB(iter.frag).opt.optlen = IPCB(at).opt.optlen;
          ip_options_fragment(iter.frag);
          ip_send_check(iter.iph);
        }
      }
      const tstamp = at.tstamp;
      err = output(net, sk, at);
      if (err === 0) IP_INC_STATS(net, IPSTATS_MIB_FRAGCREATES);
      if (err !== 0 || iter.frag === null) break;
      at = ip_fraglist_next(iter);
      at.tstamp = tstamp;
    }
    if (err === 0) {
      IP_INC_STATS(net, IPSTATS_MIB_FRAGOKS);
      return 0;
    }
    kfree_skb_list(iter.frag);
    IP_INC_STATS(net, IPSTATS_MIB_FRAGFAILS);
    return err;
  }

  const state = new ip_frag_state();
  ip_frag_init(skb, hlen, ll_rs, mtu, (IPCB(skb).flags & IPSKB_FRAG_PMTU) !== 0, state);
  while (state.left > 0) {
    const first_frag = state.offset === 0;
    const skb2 = ip_frag_next(skb, state);
    if (skb2 === null) return fail(net, skb, -ENOMEM);
    ip_frag_ipcb(skb, skb2, first_frag);
    skb2.tstamp = skb.tstamp;
    skb2.tstamp_type = skb.tstamp_type;
    const err = output(net, sk, skb2);
    if (err !== 0) return fail(net, skb, err);
    IP_INC_STATS(net, IPSTATS_MIB_FRAGCREATES);
  }
  consume_skb(skb);
  IP_INC_STATS(net, IPSTATS_MIB_FRAGOKS);
  return 0;
}

/** @notrace */
function fail(net: net, skb: sk_buff, err: int): int {
  kfree_skb(skb);
  IP_INC_STATS(net, IPSTATS_MIB_FRAGFAILS);
  return err;
}
