// Building a segment's header around its payload and handing it to IP.
// Read beside: net/ipv4/tcp_output.c (__tcp_transmit_skb); RFC 9293 3.1. Left out: MD5, AO, BPF, TCP_TX_DELAY.

import { htons } from '../../../include/linux/byteorder.js';
import { ENOBUFS } from '../../../include/linux/errno.js';
import { net_xmit_eval } from '../../../include/linux/netdevice.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import {
  __skb_header_release,
  CHECKSUM_PARTIAL,
  pskb_copy,
  skb_cloned,
  skb_orphan,
  skb_reset_transport_header,
  skb_set_delivery_time,
  skb_shinfo,
  SKB_TRUESIZE,
} from '../../../include/linux/skbuff.js';
import type { tcp_sock } from '../../../include/linux/tcp.js';
import { sizeof_tcphdr, tcp_hdr, tcp_sk } from '../../../include/linux/tcp.js';
import type { gfp_t, int, u16, u32, u64 } from '../../../include/linux/types.js';
import type { inet_connection_sock_af_ops } from '../../../include/net/inet_connection_sock.js';
import {
  ICSK_TIME_DACK,
  inet_csk_clear_xmit_timer,
  inet_csk_inc_pingpong_cnt,
} from '../../../include/net/inet_connection_sock.js';
import { NET_ADD_STATS } from '../../../include/net/ip.js';
import { LINUX_MIB_TCPACKCOMPRESSED, TCP_MIB_OUTSEGS } from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import {
  __sock_put,
  __sock_wfree,
  sk_mem_charge,
  SK_PACING_NONE,
  sk_wmem_queued_add,
  skb_set_hash_from_sk,
  sock_net,
} from '../../../include/net/sock.js';
import { tcp_ecn_send } from '../../../include/net/tcp_ecn.js';
import {
  after,
  before,
  CA_EVENT_TX_START,
  TCP_ADD_STATS,
  tcp_add_write_queue_tail,
  tcp_ca_event,
  tcp_dec_quickack_mode,
  tcp_jiffies32,
  tcp_packets_in_flight,
  tcp_rtx_queue_empty,
  TCP_SKB_CB,
  tcp_skb_mss,
  tcp_skb_pcount_set,
  tcp_skb_tsorted_add_tail,
  tcp_skb_tsorted_del,
  tcp_wnd_end,
  TCPHDR_ACK,
  TCPHDR_FIN,
  TCPHDR_PSH,
  TCPHDR_SYN,
} from '../../../include/net/tcp.js';
import { hrtimer_try_to_cancel } from '../../../kernel/time/hrtimer.js';
import { skb_clone, skb_push } from '../../core/skbuff.js';
import { tcp_enter_cwr } from '../tcp_input/index.js';
import { tcp_rate_skb_sent } from '../tcp_rate.js';
import {
  tcp_established_options,
  tcp_options_write,
  tcp_out_options,
  tcp_select_window,
  tcp_syn_options,
  tcp_urg_mode,
  tcp_wfree,
} from './index.js';
import { inet_sk_flow } from '../ip_output/xmit.js';

/** truesize of a pure ACK: such a segment is not held against the socket's queue limits (skb_set_tcp_pure_ack). */
const TCP_PURE_ACK_TRUESIZE = 2;

/** Reads the clock for everything that this event does. */
export function tcp_mstamp_refresh(tp: tcp_sock): void {
  const val = sock_net(tp).kernel.now;
  tp.tcp_clock_cache = val;
  tp.tcp_mstamp = Math.floor(val / 1000);
}

/** Sequence number that the peer takes a segment without data at: beyond a window that it shrank it would not. */
export function tcp_acceptable_seq(sk: sock): u32 {
  const tp = tcp_sk(sk);
  const wnd_end = tcp_wnd_end(tp);
  if (
    !before(wnd_end, tp.snd_nxt) ||
    (tp.rx_opt.wscale_ok !== 0 && (tp.snd_nxt - wnd_end) >>> 0 < 1 << tp.rx_opt.rcv_wscale)
  )
    return tp.snd_nxt;
  return wnd_end;
}

/** Data goes out: is the flow starting, and is this an answer given within the delayed ACK's time? */
export function tcp_event_data_sent(tp: tcp_sock, sk: sock): void {
  const now = tcp_jiffies32(sk);
  if (tcp_packets_in_flight(tp) === 0) tcp_ca_event(sk, CA_EVENT_TX_START);
  tp.lsndtime = now;
  if ((now - tp.icsk_ack.lrcvtime) >>> 0 < tp.icsk_ack.ato) inet_csk_inc_pingpong_cnt(sk);
}

/** An acknowledgement goes out: nothing more to delay or to compress. */
export function tcp_event_ack_sent(sk: sock, rcv_nxt: u32): void {
  const tp = tcp_sk(sk);
  if (tp.compressed_ack !== 0) {
    NET_ADD_STATS(sock_net(sk), LINUX_MIB_TCPACKCOMPRESSED, tp.compressed_ack);
    tp.compressed_ack = 0;
    if (hrtimer_try_to_cancel(tp.compressed_ack_timer) === 1) __sock_put(sk);
  }
  // DCTCP acknowledges an older state before the present one.
  if (rcv_nxt !== tp.rcv_nxt) return;
  tcp_dec_quickack_mode(sk);
  inet_csk_clear_xmit_timer(sk, ICSK_TIME_DACK);
}

/** Makes skb a segment without payload. @param flags TCPHDR_* */
export function tcp_init_nondata_skb(skb: sk_buff, _sk: sock, seq: u32, flags: u16): void {
  skb.ip_summed = CHECKSUM_PARTIAL;
  const cb = TCP_SKB_CB(skb);
  cb.tcp_flags = flags;
  cb.sacked = 0;
  cb.eor = false;
  cb.txstamp_ack = 0;
  cb.tsorted = false;
  cb.tcp_gso_size = 0;
  tcp_skb_pcount_set(skb, 1);
  cb.seq = seq;
  cb.end_seq = (flags & (TCPHDR_SYN | TCPHDR_FIN)) !== 0 ? (seq + 1) >>> 0 : seq;
}

/** @notrace */
export function skb_is_tcp_pure_ack(skb: sk_buff): boolean {
  return skb.truesize === TCP_PURE_ACK_TRUESIZE;
}

/** @notrace */
export function skb_set_tcp_pure_ack(skb: sk_buff): void {
  skb.truesize = TCP_PURE_ACK_TRUESIZE;
}

/** Sent: pacing's next departure, and the place in the order of transmission. */
export function tcp_update_skb_after_send(sk: sock, skb: sk_buff, prior_wstamp: u64): void {
  const tp = tcp_sk(sk);
  if (sk.sk_pacing_status !== SK_PACING_NONE) {
    const rate = sk.sk_pacing_rate;
    // The first ten segments are not paced: the rate is a guess then.
    if (rate < Number.MAX_SAFE_INTEGER && rate !== 0 && tp.data_segs_out >= 10) {
      let len_ns = Math.floor((skb.len * 1e9) / rate);
      const credit = tp.tcp_wstamp_ns - prior_wstamp;
      // Being late is made up for, by half at most.
      len_ns -= Math.min(Math.floor(len_ns / 2), credit);
      tp.tcp_wstamp_ns += len_ns;
    }
  }
  tcp_skb_tsorted_del(sk, skb);
  tcp_skb_tsorted_add_tail(sk, skb);
}

/**
 * Sends one segment, or one packet of several that a device or software will cut.
 * @param skb payload with its TCP_SKB_CB, without header
 * @param clone_it nonzero: skb stays in its queue and a clone is sent
 * @param rcv_nxt the acknowledgement number
 * @returns 0, -ENOBUFS, or what the IP layer said
 */
export function __tcp_transmit_skb(sk: sock, skb: sk_buff, clone_it: int, gfp_mask: gfp_t, rcv_nxt: u32): int {
  const tp = tcp_sk(sk);
  const tcb = TCP_SKB_CB(skb);
  let oskb: sk_buff | null = null;
  const prior_wstamp = tp.tcp_wstamp_ns;
  tp.tcp_wstamp_ns = Math.max(tp.tcp_wstamp_ns, tp.tcp_clock_cache);
  skb_set_delivery_time(skb, tp.tcp_wstamp_ns, 1);
  if (clone_it !== 0) {
    oskb = skb;
    const copy = skb_cloned(oskb) ? pskb_copy(oskb, gfp_mask) : skb_clone(oskb, gfp_mask);
    if (copy === null) return -ENOBUFS;
    skb = copy;
    skb.dev = null;
  }

  const opts = new tcp_out_options();
  let flags = tcb.tcp_flags;
  const pcount = tcb.tcp_gso_segs;
  let tcp_options_size: u32;
  if ((flags & TCPHDR_SYN) !== 0) {
    tcp_options_size = tcp_syn_options(sk, skb, opts);
  } else {
    tcp_options_size = tcp_established_options(sk, skb, opts);
    // Several segments at once: a PSH lets the receiver's GRO hand them up together.
    if (pcount > 1) flags |= TCPHDR_PSH;
  }
  const tcp_header_size = tcp_options_size + sizeof_tcphdr;

  // Nothing of this flow is queued below: another transmit queue may be chosen.
  skb.ooo_okay = sk.sk_wmem_alloc < SKB_TRUESIZE(1) || tcp_rtx_queue_empty(sk) ? 1 : 0;
  skb.pfmemalloc = 0;
  skb_push(skb, tcp_header_size);
  skb_reset_transport_header(skb);

  skb_orphan(skb);
  skb.sk = sk;
  skb.destructor = skb_is_tcp_pure_ack(skb) ? __sock_wfree : tcp_wfree;
  sk.sk_wmem_alloc += skb.truesize;
  skb.dst_pending_confirm = sk.sk_dst_pending_confirm !== 0 ? 1 : 0;

  const th = tcp_hdr(skb);
  th.source = tp.inet_sport;
  th.dest = tp.inet_dport;
  const buf = th.buf;
  const off = th.off;
  const seq = tcb.seq;
  buf[off + 4] = seq >>> 24;
  buf[off + 5] = seq >>> 16;
  buf[off + 6] = seq >>> 8;
  buf[off + 7] = seq;
  buf[off + 8] = rcv_nxt >>> 24;
  buf[off + 9] = rcv_nxt >>> 16;
  buf[off + 10] = rcv_nxt >>> 8;
  buf[off + 11] = rcv_nxt;
  buf[off + 12] = ((tcp_header_size >> 2) << 4) | (flags >>> 8);
  buf[off + 13] = flags;
  th.check = 0;
  th.urg_ptr = 0;
  if (tcp_urg_mode(tp) && before(seq, tp.snd_up)) {
    if (before(tp.snd_up, (seq + 0x10000) >>> 0)) {
      th.urg_ptr = htons((tp.snd_up - seq) & 0xffff);
      th.urg = 1;
    } else if (after((seq + 0xffff) >>> 0, tp.snd_nxt)) {
      th.urg_ptr = htons(0xffff);
      th.urg = 1;
    }
  }

  const shinfo = skb_shinfo(skb);
  shinfo.gso_type = sk.sk_gso_type;
  if ((flags & TCPHDR_SYN) === 0) {
    th.window = htons(tcp_select_window(sk));
    tcp_ecn_send(sk, skb, seq, th, tcp_header_size);
  } else {
    // The window of a SYN is not scaled (RFC 7323 2.2).
    th.window = htons(Math.min(tp.rcv_wnd, 65535));
  }
  tcp_options_write(th, tp, null, opts);
  const af_ops = tp.icsk_af_ops as inet_connection_sock_af_ops;
  af_ops.send_check(sk, skb);

  if ((flags & TCPHDR_ACK) !== 0) tcp_event_ack_sent(sk, rcv_nxt);
  if (skb.len !== tcp_header_size) {
    tcp_event_data_sent(tp, sk);
    tp.data_segs_out = (tp.data_segs_out + pcount) >>> 0;
    tp.bytes_sent += skb.len - tcp_header_size;
  }
  if (after(tcb.end_seq, tp.snd_nxt) || seq === tcb.end_seq) TCP_ADD_STATS(sock_net(sk), TCP_MIB_OUTSEGS, pcount);
  tp.segs_out = (tp.segs_out + pcount) >>> 0;
  skb_set_hash_from_sk(skb, sk);
  shinfo.gso_segs = pcount;
  shinfo.gso_size = tcp_skb_mss(oskb ?? skb);

  let err = af_ops.queue_xmit(sk, skb, inet_sk_flow(sk));
  if (err > 0) {
    tcp_enter_cwr(sk);
    err = net_xmit_eval(err);
  }
  if (err === 0 && oskb !== null) {
    tcp_update_skb_after_send(sk, oskb, prior_wstamp);
    tcp_rate_skb_sent(sk, oskb);
  }
  return err;
}

/** @returns as __tcp_transmit_skb() */
export function tcp_transmit_skb(sk: sock, skb: sk_buff, clone_it: int, gfp_mask: gfp_t): int {
  return __tcp_transmit_skb(sk, skb, clone_it, gfp_mask, tcp_sk(sk).rcv_nxt);
}

/** Appends a segment to the write queue, without sending anything. */
export function tcp_queue_skb(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  tp.write_seq = TCP_SKB_CB(skb).end_seq;
  __skb_header_release(skb);
  tcp_add_write_queue_tail(sk, skb);
  sk_wmem_queued_add(sk, skb.truesize);
  sk_mem_charge(sk, skb.truesize);
}
