// Cutting a packet of several TCP segments, and joining received segments to one packet.
// Read beside: net/ipv4/tcp_offload.c. Left out: segmentation of fragment lists, IPv6.

import { htonl, ntohl } from '../../include/linux/byteorder.js';
import { EINVAL } from '../../include/linux/errno.js';
import { IPPROTO_TCP } from '../../include/linux/in.js';
import { iphdr } from '../../include/linux/ip.js';
import type { netdev_features_t } from '../../include/linux/netdevice.js';
import { NETIF_F_GSO_ROBUST, skb_gso_ok } from '../../include/linux/netdevice.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import {
  __skb_pull,
  CHECKSUM_PARTIAL,
  pskb_may_pull,
  SKB_GSO_TCP_ACCECN,
  SKB_GSO_TCP_FIXEDID,
  SKB_GSO_TCPV4,
  skb_segment,
  skb_shinfo,
  SKBTX_SCHED_TSTAMP,
  SKBTX_SW_TSTAMP,
} from '../../include/linux/skbuff.js';
import {
  sizeof_tcphdr,
  TCP_FLAG_CWR,
  TCP_FLAG_FIN,
  TCP_FLAG_PSH,
  TCP_FLAG_RST,
  TCP_FLAG_SYN,
  TCP_FLAG_URG,
  tcp_flag_word,
  tcp_hdr,
  tcp_hdrlen,
  tcphdr,
} from '../../include/linux/tcp.js';
import type { __sum16, bool, int, u32 } from '../../include/linux/types.js';
import { csum_tcpudp_nofold } from '../../include/net/checksum.js';
import type { gro_list } from '../../include/net/gro.js';
import {
  __skb_gro_checksum_validate,
  NAPI_GRO_CB,
  skb_gro_header,
  skb_gro_incr_csum_unnecessary,
  skb_gro_len,
  skb_gro_network_header,
  skb_gro_offset,
  skb_gro_pull,
} from '../../include/net/gro.js';
import { gso_make_checksum, gso_reset_checksum } from '../../include/net/gso.js';
import type { net_offload } from '../../include/net/protocol.js';
import { before, tcp_v4_check } from '../../include/net/tcp.js';
import type { Kernel } from '../../kernel/kernel.js';
import { skb_gro_receive } from '../core/gro.js';
import { inet_add_offload } from './protocol.js';
import { __tcp_v4_send_check } from './tcp_ipv4.js';
import { tcp_wfree } from './tcp_output/index.js';

/** @notrace */
function pseudo_check(skb: sk_buff, len: int): __sum16 {
  const iph = new iphdr(skb.head, skb.network_header);
  return ~tcp_v4_check(len, iph.saddr, iph.daddr, 0) & 0xffff;
}

/** Segments of an IPv4 packet; data is at the TCP header. @returns them, null, or a negative errno */
export function tcp4_gso_segment(skb: sk_buff, features: netdev_features_t): sk_buff | null | int {
  if ((skb_shinfo(skb).gso_type & SKB_GSO_TCPV4) === 0) return -EINVAL;
  if (!pskb_may_pull(skb, sizeof_tcphdr)) return -EINVAL;
  if (skb.ip_summed !== CHECKSUM_PARTIAL) {
    const iph = new iphdr(skb.head, skb.network_header);
    __tcp_v4_send_check(skb, iph.saddr, iph.daddr);
  }
  return tcp_gso_segment(skb, features);
}

/** The time stamp that the user asked for goes with the segment that has its byte. */
export function tcp_gso_tstamp(skb: sk_buff, gso_skb: sk_buff, seq: u32, mss: int): void {
  const flags = skb_shinfo(gso_skb).tx_flags & (SKBTX_SW_TSTAMP | SKBTX_SCHED_TSTAMP);
  const ts_seq = skb_shinfo(gso_skb).tskey;
  for (let seg: sk_buff | null = skb; seg !== null; seg = seg.next) {
    if (before(ts_seq, (seq + mss) >>> 0)) {
      skb_shinfo(seg).tx_flags |= flags;
      skb_shinfo(seg).tskey = ts_seq;
      return;
    }
    seq = (seq + mss) >>> 0;
  }
}

/** The check of a segment, made or left to the device. @notrace */
function segment_check(skb: sk_buff): void {
  const th = tcp_hdr(skb);
  th.check = pseudo_check(skb, skb.len - (skb.transport_header - skb.data));
  const res = ~th.check & 0xffff;
  if (skb.ip_summed === CHECKSUM_PARTIAL) gso_reset_checksum(skb, res);
  else th.check = gso_make_checksum(skb, res);
}

/**
 * Cuts at gso_size: sequence numbers count on, CWR stays with the first, FIN and PSH with the last.
 * @returns the segments, null if the device can do it, or a negative errno
 */
export function tcp_gso_segment(gso_skb: sk_buff, features: netdev_features_t): sk_buff | null | int {
  const thlen = tcp_hdrlen(gso_skb);
  if (thlen < sizeof_tcphdr || !pskb_may_pull(gso_skb, thlen)) return -EINVAL;
  __skb_pull(gso_skb, thlen);
  const shinfo = skb_shinfo(gso_skb);
  const mss = shinfo.gso_size;
  if (gso_skb.len <= mss) return -EINVAL;
  if (skb_gso_ok(gso_skb, features | NETIF_F_GSO_ROBUST)) {
    shinfo.gso_segs = Math.ceil(gso_skb.len / mss);
    return null;
  }
  // Each segment answers for its own memory, so that small queues see them leave one by one.
  const copy_destructor = gso_skb.destructor === tcp_wfree;
  const sk = gso_skb.sk;
  const destructor = gso_skb.destructor;
  if (copy_destructor) {
    gso_skb.sk = null;
    gso_skb.destructor = null;
  }
  const ooo_okay = gso_skb.ooo_okay;
  gso_skb.ooo_okay = 0;
  const segs = skb_segment(gso_skb, features);
  if (copy_destructor) {
    gso_skb.sk = sk;
    gso_skb.destructor = destructor;
  }
  if (typeof segs === 'number') return segs;
  segs.ooo_okay = ooo_okay;

  const step = skb_shinfo(segs).gso_segs > 1 ? mss * skb_shinfo(segs).gso_segs : mss;
  let seq = ntohl(tcp_hdr(segs).seq);
  if ((shinfo.tx_flags & SKBTX_SW_TSTAMP) !== 0) tcp_gso_tstamp(segs, gso_skb, seq, step);
  let sum_truesize = 0;
  let skb = segs;
  for (let first = true; ; first = false) {
    const th = tcp_hdr(skb);
    if (!first) {
      seq = (seq + step) >>> 0;
      th.seq = htonl(seq);
      // CWR is said once; of Accurate ECN's bits every segment bears the count.
      if ((shinfo.gso_type & SKB_GSO_TCP_ACCECN) === 0) th.cwr = 0;
    }
    const next = skb.next;
    if (next === null) break;
    th.fin = 0;
    th.psh = 0;
    segment_check(skb);
    if (copy_destructor) {
      skb.sk = sk;
      skb.destructor = destructor;
      sum_truesize += skb.truesize;
    }
    skb = next;
  }
  segment_check(skb);
  if (copy_destructor && sk !== null) {
    skb.sk = sk;
    skb.destructor = destructor;
    gso_skb.sk = null;
    gso_skb.destructor = null;
    sk.sk_wmem_alloc += sum_truesize + skb.truesize - gso_skb.truesize;
  }
  return segs;
}

/** The held packet of the same flow, or null; those of others are marked so. */
export function tcp_gro_lookup(head: gro_list, th: tcphdr): sk_buff | null {
  for (const p of head.list) {
    const cb = NAPI_GRO_CB(p);
    if (cb.same_flow === 0) continue;
    const th2 = tcp_hdr(p);
    if (th.source !== th2.source || th.dest !== th2.dest) {
      cb.same_flow = 0;
      continue;
    }
    return p;
  }
  return null;
}

/** Looks at the TCP header and moves GRO's offset behind it. @returns null if it is not whole */
export function tcp_gro_pull_header(skb: sk_buff): tcphdr | null {
  const off = skb_gro_offset(skb);
  let at = skb_gro_header(skb, off + sizeof_tcphdr, off);
  if (at < 0) return null;
  const thlen = (skb.head[at + 12] >> 4) * 4;
  if (thlen < sizeof_tcphdr) return null;
  at = skb_gro_header(skb, off + thlen, off);
  if (at < 0) return null;
  skb_gro_pull(skb, thlen);
  return new tcphdr(skb.head, at);
}

/** Whether the segment differs in anything but what follows from being next. @notrace */
function headers_differ(p: sk_buff, th: tcphdr, th2: tcphdr, thlen: int): bool {
  const flags = tcp_flag_word(th);
  if ((flags & TCP_FLAG_CWR) !== 0) return true;
  if (((flags ^ tcp_flag_word(th2)) & ~(TCP_FLAG_FIN | TCP_FLAG_PSH)) !== 0) return true;
  if (th.ack_seq !== th2.ack_seq) return true;
  for (let i = sizeof_tcphdr; i < thlen; i++) if (th.buf[th.off + i] !== th2.buf[th2.off + i]) return true;
  return NAPI_GRO_CB(p).flush !== 0;
}

/** Joins a segment to the held packet that it continues. @returns a packet that is to be passed up, or null */
export function tcp_gro_receive(head: gro_list, skb: sk_buff, th: tcphdr): sk_buff | null {
  const len = skb_gro_len(skb);
  const flags = tcp_flag_word(th);
  const shinfo = skb_shinfo(skb);
  const is_gso = shinfo.gso_size !== 0;
  const p = tcp_gro_lookup(head, th);
  let mss = 1;
  if (p !== null) {
    const th2 = tcp_hdr(p);
    mss = skb_shinfo(p).gso_size;
    const unfit =
      headers_differ(p, th, th2, th.doff * 4) ||
      (is_gso ? mss !== shinfo.gso_size : len === 0 || len > mss) ||
      (ntohl(th2.seq) + skb_gro_len(p)) >>> 0 !== ntohl(th.seq);
    if (unfit || skb_gro_receive(p, skb) !== 0) {
      mss = 1;
    } else {
      if ((flags & TCP_FLAG_FIN) !== 0) th2.fin = 1;
      if ((flags & TCP_FLAG_PSH) !== 0) th2.psh = 1;
    }
  }
  // A short one, or one that asks for attention, ends the packet.
  let flush = is_gso ? len !== NAPI_GRO_CB(skb).count * shinfo.gso_size : len < mss;
  if ((flags & (TCP_FLAG_URG | TCP_FLAG_PSH | TCP_FLAG_RST | TCP_FLAG_SYN | TCP_FLAG_FIN)) !== 0) flush = true;
  const pp = p !== null && (NAPI_GRO_CB(skb).same_flow === 0 || flush) ? p : null;
  if (flush) NAPI_GRO_CB(skb).flush |= 1;
  return pp;
}

/** The joined packet looks as if it had been sent so. */
export function tcp_gro_complete(skb: sk_buff): void {
  const shinfo = skb_shinfo(skb);
  skb.csum_start = skb.transport_header;
  skb.csum_offset = 16;
  skb.ip_summed = CHECKSUM_PARTIAL;
  shinfo.gso_segs = NAPI_GRO_CB(skb).count;
  if (tcp_hdr(skb).cwr !== 0) shinfo.gso_type |= SKB_GSO_TCP_ACCECN;
}

export function tcp4_gro_receive(head: gro_list, skb: sk_buff): sk_buff | null {
  if (NAPI_GRO_CB(skb).flush === 0) {
    const at = skb_gro_network_header(skb);
    const iph = new iphdr(skb.head, at);
    const psum = csum_tcpudp_nofold(iph.saddr, iph.daddr, skb_gro_len(skb), IPPROTO_TCP, 0);
    if (__skb_gro_checksum_validate(skb, false, 0, psum) !== 0) {
      NAPI_GRO_CB(skb).flush = 1;
      return null;
    }
    skb_gro_incr_csum_unnecessary(skb);
  }
  const th = tcp_gro_pull_header(skb);
  if (th === null) {
    NAPI_GRO_CB(skb).flush = 1;
    return null;
  }
  return tcp_gro_receive(head, skb, th);
}

/** @param thoff offset of the TCP header from data @returns 0 */
export function tcp4_gro_complete(skb: sk_buff, thoff: int): int {
  const th = tcp_hdr(skb);
  th.check = pseudo_check(skb, skb.len - thoff);
  skb_shinfo(skb).gso_type |= SKB_GSO_TCPV4 | (NAPI_GRO_CB(skb).ip_fixedid !== 0 ? SKB_GSO_TCP_FIXEDID : 0);
  tcp_gro_complete(skb);
  return 0;
}

const tcpv4_offload: net_offload = {
  callbacks: { gso_segment: tcp4_gso_segment, gro_receive: tcp4_gro_receive, gro_complete: tcp4_gro_complete },
  flags: 0,
};

export function tcpv4_offload_init(kernel: Kernel): int {
  return inet_add_offload(kernel, tcpv4_offload, IPPROTO_TCP);
}
