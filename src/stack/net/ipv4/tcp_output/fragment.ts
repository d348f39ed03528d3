// Cutting segments of the write and retransmit queues in two, trimming and joining them, and counting what they make.
// Read beside: net/ipv4/tcp_output.c (tcp_fragment, tso_fragment, tcp_trim_head).

import { EINVAL, ENOMEM } from '../../../include/linux/errno.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import {
  __skb_header_release,
  skb_frag_copy,
  skb_frag_off_add,
  skb_frag_size,
  skb_frag_size_sub,
  skb_shinfo,
  SKB_TRUESIZE,
  skb_unclone_keeptruesize,
  skb_zcopy_pure,
} from '../../../include/linux/skbuff.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { gfp_t, int, u16, u32 } from '../../../include/linux/types.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import { LINUX_MIB_TCPWQUEUETOOBIG } from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sk_mem_charge, sk_mem_uncharge, sk_wmem_queued_add, sock_net } from '../../../include/net/sock.js';
import type { tcp_skb_cb_tx } from '../../../include/net/tcp.js';
import {
  before,
  TCP_FRAG_IN_RTX_QUEUE,
  TCP_FRAG_IN_WRITE_QUEUE,
  tcp_insert_write_queue_after,
  tcp_is_reno,
  tcp_rtx_queue_head,
  tcp_rtx_queue_tail,
  TCP_SKB_CB,
  tcp_skb_mss,
  tcp_skb_pcount,
  tcp_skb_tsorted_add_after,
  tcp_unlink_write_queue,
  tcp_wmem_free_skb,
  TCPCB_LOST,
  TCPCB_SACKED_ACKED,
  TCPCB_SACKED_RETRANS,
  TCPHDR_FIN,
  TCPHDR_PSH,
} from '../../../include/net/tcp.js';
import { skb_split } from '../../core/skbuff.js';
import { tcp_verify_left_out } from '../tcp_input/index.js';
import { tcp_stream_alloc_skb } from '../tcp/index.js';

/** SKBTX_ANY_TSTAMP of shared info, without hardware. */
const SKBTX_ANY_TSTAMP = 0x53;
/** The largest packet that every driver took before jumbo GSO. */
const GSO_LEGACY_MAX_SIZE = 65536;

/** Sets how many segments skb makes at that segment size. @returns the count @notrace */
export function tcp_set_skb_tso_segs(skb: sk_buff, mss_now: u32): int {
  const cb = TCP_SKB_CB(skb);
  if (skb.len <= mss_now) {
    cb.tcp_gso_size = 0;
    cb.tcp_gso_segs = 1;
    return 1;
  }
  cb.tcp_gso_size = mss_now;
  cb.tcp_gso_segs = Math.ceil(skb.len / mss_now);
  return cb.tcp_gso_segs;
}

/** As tcp_set_skb_tso_segs(), unless the count stands and fits. */
export function tcp_init_tso_segs(skb: sk_buff, mss_now: u32): int {
  const tso_segs = tcp_skb_pcount(skb);
  if (tso_segs === 0 || (tso_segs > 1 && tcp_skb_mss(skb) !== mss_now)) return tcp_set_skb_tso_segs(skb, mss_now);
  return tso_segs;
}

/** A queued skb makes decr segments less: correct every count that it is in. */
export function tcp_adjust_pcount(sk: sock, skb: sk_buff, decr: int): void {
  const tp = tcp_sk(sk);
  const sacked = TCP_SKB_CB(skb).sacked;
  tp.packets_out -= decr;
  if ((sacked & TCPCB_SACKED_ACKED) !== 0) tp.sacked_out -= decr;
  if ((sacked & TCPCB_SACKED_RETRANS) !== 0) tp.retrans_out -= decr;
  if ((sacked & TCPCB_LOST) !== 0) tp.lost_out -= decr;
  // Without SACK sacked_out only counts duplicate ACKs.
  if (tcp_is_reno(tp) && decr > 0) tp.sacked_out -= Math.min(tp.sacked_out, decr);
  tcp_verify_left_out(tp);
}

/** @notrace */
export function tcp_has_tx_tstamp(skb: sk_buff): boolean {
  return TCP_SKB_CB(skb).txstamp_ack !== 0 || (skb_shinfo(skb).tx_flags & SKBTX_ANY_TSTAMP) !== 0;
}

/** A time stamp that the user asked for goes with the byte that it is about. */
export function tcp_fragment_tstamp(skb: sk_buff, skb2: sk_buff): void {
  const shinfo = skb_shinfo(skb);
  if (tcp_has_tx_tstamp(skb) && !before(shinfo.tskey, TCP_SKB_CB(skb2).seq)) {
    const shinfo2 = skb_shinfo(skb2);
    const tsflags = shinfo.tx_flags & SKBTX_ANY_TSTAMP;
    shinfo.tx_flags &= ~tsflags;
    shinfo2.tx_flags |= tsflags;
    const key = shinfo.tskey;
    shinfo.tskey = shinfo2.tskey;
    shinfo2.tskey = key;
    TCP_SKB_CB(skb2).txstamp_ack = TCP_SKB_CB(skb).txstamp_ack;
    TCP_SKB_CB(skb).txstamp_ack = 0;
  }
}

/** @notrace */
export function tcp_skb_fragment_eor(skb: sk_buff, skb2: sk_buff): void {
  TCP_SKB_CB(skb2).eor = TCP_SKB_CB(skb).eor;
  TCP_SKB_CB(skb).eor = false;
}

/** Joined segments keep the later time stamp request. @notrace */
export function tcp_skb_collapse_tstamp(skb: sk_buff, next_skb: sk_buff): void {
  if (tcp_has_tx_tstamp(next_skb)) {
    const next = skb_shinfo(next_skb);
    const shinfo = skb_shinfo(skb);
    shinfo.tx_flags |= next.tx_flags & SKBTX_ANY_TSTAMP;
    shinfo.tskey = next.tskey;
    TCP_SKB_CB(skb).txstamp_ack |= TCP_SKB_CB(next_skb).txstamp_ack;
  }
}

/** @notrace */
function copy_tx(to: tcp_skb_cb_tx, from: tcp_skb_cb_tx): void {
  to.is_app_limited = from.is_app_limited;
  to.delivered_ce = from.delivered_ce;
  to.delivered = from.delivered;
  to.first_tx_mstamp = from.first_tx_mstamp;
  to.delivered_mstamp = from.delivered_mstamp;
}

/** Sequence numbers and flags of the two halves: FIN and PSH belong to the second. @notrace */
function split_cb(skb: sk_buff, buff: sk_buff, len: u32): void {
  const cb = TCP_SKB_CB(skb);
  const bcb = TCP_SKB_CB(buff);
  bcb.seq = (cb.seq + len) >>> 0;
  bcb.end_seq = cb.end_seq;
  cb.end_seq = bcb.seq;
  const flags: u16 = cb.tcp_flags;
  cb.tcp_flags = flags & ~(TCPHDR_FIN | TCPHDR_PSH);
  bcb.tcp_flags = flags;
}

/**
 * Cuts a segment of either queue behind len bytes; the rest becomes a new segment behind it.
 * @param tcp_queue TCP_FRAG_IN_WRITE_QUEUE or TCP_FRAG_IN_RTX_QUEUE
 * @param len bytes that stay, at most skb.len
 * @returns 0, -EINVAL, or -ENOMEM when the queue takes too much memory already
 */
export function tcp_fragment(sk: sock, tcp_queue: int, skb: sk_buff, len: u32, mss_now: u32, gfp: gfp_t): int {
  const tp = tcp_sk(sk);
  if (len > skb.len) return -EINVAL;

  // A peer could make every segment be cut to crumbs; the ends of the queue must be cut for progress.
  const limit = tp.sk_sndbuf + 2 * SKB_TRUESIZE(GSO_LEGACY_MAX_SIZE);
  if (
    tp.sk_wmem_queued >> 1 > limit &&
    tcp_queue !== TCP_FRAG_IN_WRITE_QUEUE &&
    skb !== tcp_rtx_queue_head(sk) &&
    skb !== tcp_rtx_queue_tail(sk)
  ) {
    NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPWQUEUETOOBIG);
    return -ENOMEM;
  }
  if (skb_unclone_keeptruesize(skb, gfp) !== 0) return -ENOMEM;
  const buff = tcp_stream_alloc_skb(sk, gfp, true);
  if (buff === null) return -ENOMEM;

  sk_wmem_queued_add(sk, buff.truesize);
  sk_mem_charge(sk, buff.truesize);
  const nlen = skb.len - len;
  buff.truesize += nlen;
  skb.truesize -= nlen;

  split_cb(skb, buff, len);
  TCP_SKB_CB(buff).sacked = TCP_SKB_CB(skb).sacked;
  tcp_skb_fragment_eor(skb, buff);
  skb_split(skb, buff, len);
  buff.skb_mstamp_ns = skb.skb_mstamp_ns;
  tcp_fragment_tstamp(skb, buff);

  const old_factor = tcp_skb_pcount(skb);
  tcp_set_skb_tso_segs(skb, mss_now);
  tcp_set_skb_tso_segs(buff, mss_now);
  copy_tx(TCP_SKB_CB(buff).tx, TCP_SKB_CB(skb).tx);

  // It was sent as old_factor segments: the counts of the flight follow.
  if (!before(tp.snd_nxt, TCP_SKB_CB(buff).end_seq)) {
    const diff = old_factor - tcp_skb_pcount(skb) - tcp_skb_pcount(buff);
    if (diff !== 0) tcp_adjust_pcount(sk, skb, diff);
  }
  __skb_header_release(buff);
  tcp_insert_write_queue_after(skb, buff, sk, tcp_queue);
  if (tcp_queue === TCP_FRAG_IN_RTX_QUEUE) tcp_skb_tsorted_add_after(sk, skb, buff);
  return 0;
}

/**
 * Cuts a segment that was never sent.
 * @param len bytes that stay
 * @returns 0 or -ENOMEM
 */
export function tso_fragment(sk: sock, skb: sk_buff, len: u32, mss_now: u32, gfp: gfp_t): int {
  // Data that was put into the head (headers of a SYN's data) is cut the general way.
  if (skb.len !== skb.data_len) return tcp_fragment(sk, TCP_FRAG_IN_WRITE_QUEUE, skb, len, mss_now, gfp);
  const nlen = skb.len - len;
  const buff = tcp_stream_alloc_skb(sk, gfp, true);
  if (buff === null) return -ENOMEM;
  sk_wmem_queued_add(sk, buff.truesize);
  sk_mem_charge(sk, buff.truesize);
  buff.truesize += nlen;
  skb.truesize -= nlen;
  split_cb(skb, buff, len);
  tcp_skb_fragment_eor(skb, buff);
  skb_split(skb, buff, len);
  tcp_fragment_tstamp(skb, buff);
  tcp_set_skb_tso_segs(skb, mss_now);
  tcp_set_skb_tso_segs(buff, mss_now);
  __skb_header_release(buff);
  tcp_insert_write_queue_after(skb, buff, sk, TCP_FRAG_IN_WRITE_QUEUE);
  return 0;
}

/** Takes len bytes of paged data off the front. @returns bytes of memory that are no longer counted */
export function __pskb_trim_head(skb: sk_buff, len: int): int {
  const shinfo = skb_shinfo(skb);
  let eat = len;
  const headlen = skb.len - skb.data_len;
  if (headlen > 0) {
    const n = Math.min(headlen, eat);
    skb.data += n;
    skb.len -= n;
    eat -= n;
    if (eat === 0) return 0;
  }
  const paged = eat;
  const frags = shinfo.frags;
  let k = 0;
  for (let i = 0; i < shinfo.nr_frags; i++) {
    const size = skb_frag_size(frags[i]);
    if (size <= eat) {
      eat -= size;
      continue;
    }
    if (k !== i) skb_frag_copy(frags[k], frags[i]);
    if (eat !== 0) {
      skb_frag_off_add(frags[k], eat);
      skb_frag_size_sub(frags[k], eat);
      eat = 0;
    }
    k++;
  }
  shinfo.nr_frags = k;
  skb.data_len -= paged;
  skb.len -= paged;
  return paged;
}

/** The first len bytes have been acknowledged. @returns 0 or -ENOMEM */
export function tcp_trim_head(sk: sock, skb: sk_buff, len: u32): int {
  if (skb_unclone_keeptruesize(skb, 0) !== 0) return -ENOMEM;
  const delta_truesize = __pskb_trim_head(skb, len);
  const cb = TCP_SKB_CB(skb);
  cb.seq = (cb.seq + len) >>> 0;
  skb.truesize -= delta_truesize;
  sk_wmem_queued_add(sk, -delta_truesize);
  if (!skb_zcopy_pure(skb)) sk_mem_uncharge(sk, delta_truesize);
  if (tcp_skb_pcount(skb) > 1) tcp_set_skb_tso_segs(skb, tcp_skb_mss(skb));
  return 0;
}

/** src, all of whose bytes are in dst now, leaves the write queue. */
export function tcp_eat_one_skb(sk: sock, dst: sk_buff, src: sk_buff): void {
  TCP_SKB_CB(dst).tcp_flags |= TCP_SKB_CB(src).tcp_flags;
  TCP_SKB_CB(dst).eor = TCP_SKB_CB(src).eor;
  tcp_skb_collapse_tstamp(dst, src);
  tcp_unlink_write_queue(src, sk);
  tcp_wmem_free_skb(sk, src);
}
