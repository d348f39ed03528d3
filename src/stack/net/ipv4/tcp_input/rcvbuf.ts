// Buffers that tune themselves: the send buffer by the window of congestion, the receive buffer by what the
// application reads in a round trip (dynamic right-sizing).
// Read beside: net/ipv4/tcp_input.c (tcp_rcv_space_adjust, tcp_grow_window).

import type { sk_buff } from '../../../include/linux/skbuff.js';
import {
  SIZEOF_SK_BUFF,
  SIZEOF_SKB_SHARED_INFO,
  SKB_DATA_ALIGN,
  skb_end_offset,
  skb_headlen,
  SKB_TRUESIZE,
} from '../../../include/linux/skbuff.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import type { sock } from '../../../include/net/sock.js';
import {
  sk_memory_allocated,
  sk_prot_mem_limits,
  sock_net,
  SOCK_RCVBUF_LOCK,
  SOCK_SNDBUF_LOCK,
} from '../../../include/net/sock.js';
import type { tcp_congestion_ops } from '../../../include/net/tcp.js';
import {
  MAX_TCP_HEADER,
  tcp_adjust_rcv_ssthresh,
  tcp_full_space,
  TCP_INIT_CWND,
  tcp_jiffies32,
  TCP_MIN_MSS,
  TCP_SKB_CB,
  tcp_snd_cwnd,
  tcp_space,
  tcp_space_from_win,
  tcp_stamp_us_delta,
  tcp_under_memory_pressure,
  tcp_win_from_space,
  tcp_ooo_empty,
} from '../../../include/net/tcp.js';
import { trace_tcp_rcv_space_adjust, trace_tcp_rcvbuf_grow } from '../../../include/trace/events/tcp.js';
import { tcp_mstamp_refresh } from '../tcp_output/index.js';

const TCP_MSS_DEFAULT = 536;

/** Room for twice the window of congestion, whatever the size of the segments' buffers. */
export function tcp_sndbuf_expand(sk: sock): void {
  const tp = tcp_sk(sk);
  const ca_ops = tp.icsk_ca_ops as tcp_congestion_ops;
  const bytes = Math.max(tp.rx_opt.mss_clamp, tp.mss_cache) + MAX_TCP_HEADER + SKB_DATA_ALIGN(SIZEOF_SKB_SHARED_INFO);
  const per_mss = 2 ** Math.ceil(Math.log2(bytes)) + SKB_DATA_ALIGN(SIZEOF_SK_BUFF);
  const nr_segs = Math.max(TCP_INIT_CWND, tcp_snd_cwnd(tp), tp.reordering + 1);
  const sndmem = (ca_ops.sndbuf_expand !== undefined ? ca_ops.sndbuf_expand(sk) : 2) * nr_segs * per_mss;
  if (sk.sk_sndbuf < sndmem) sk.sk_sndbuf = Math.min(sndmem, sock_net(sk).ipv4.sysctl_tcp_wmem[2]);
}

/** A segment whose buffer is much larger than its data may still let a small window grow. @notrace */
export function __tcp_grow_window(sk: sock, skb: sk_buff, skbtruesize: u32): int {
  const tp = tcp_sk(sk);
  let truesize = tcp_win_from_space(sk, skbtruesize) >> 1;
  let window = tcp_win_from_space(sk, sock_net(sk).ipv4.sysctl_tcp_rmem[2]) >> 1;
  while (tp.rcv_ssthresh <= window) {
    if (truesize <= skb.len) return 2 * tp.icsk_ack.rcv_mss;
    truesize >>= 1;
    window >>= 1;
  }
  return 0;
}

/** The empty head of a segment whose data is in pages does not count: coalescing will free it. @notrace */
export function truesize_adjust(adjust: bool, skb: sk_buff): u32 {
  let truesize = skb.truesize;
  if (adjust && skb_headlen(skb) === 0) {
    truesize -= SKB_TRUESIZE(skb_end_offset(skb));
    if (truesize < skb.len) truesize = skb.truesize;
  }
  return truesize;
}

/** Lets the offered window grow as data comes, if such segments use memory well. */
export function tcp_grow_window(sk: sock, skb: sk_buff, adjust: bool): void {
  const tp = tcp_sk(sk);
  const room = Math.min(tp.window_clamp, tcp_space(sk)) - tp.rcv_ssthresh;
  if (room <= 0) return;
  if (tcp_under_memory_pressure(sk)) {
    tcp_adjust_rcv_ssthresh(sk);
    return;
  }
  const truesize = truesize_adjust(adjust, skb);
  let incr = tcp_win_from_space(sk, truesize) <= skb.len ? 2 * tp.advmss : __tcp_grow_window(sk, skb, truesize);
  if (incr !== 0) {
    incr = Math.max(incr, 2 * skb.len);
    tp.rcv_ssthresh += Math.min(room, incr);
    tp.icsk_ack.quick |= 1;
  }
}

/** First sizes, when the connection is established. */
export function tcp_init_buffer_space(sk: sock): void {
  const tp = tcp_sk(sk);
  const tcp_app_win = sock_net(sk).ipv4.sysctl_tcp_app_win;
  if ((sk.sk_userlocks & SOCK_SNDBUF_LOCK) === 0) tcp_sndbuf_expand(sk);
  tcp_mstamp_refresh(tp);
  tp.rcvq_space.time = tp.tcp_mstamp;
  tp.rcvq_space.seq = tp.copied_seq;

  const maxwin = tcp_full_space(sk);
  if (tp.window_clamp >= maxwin) {
    tp.window_clamp = maxwin;
    // A share for the application's own slowness.
    if (tcp_app_win !== 0 && maxwin > 4 * tp.advmss)
      tp.window_clamp = Math.max(maxwin - Math.floor(maxwin / 2 ** tcp_app_win), 4 * tp.advmss);
  }
  if (tcp_app_win !== 0 && tp.window_clamp > 2 * tp.advmss && tp.window_clamp + tp.advmss > maxwin)
    tp.window_clamp = Math.max(2 * tp.advmss, maxwin - tp.advmss);

  tp.rcv_ssthresh = Math.min(tp.rcv_ssthresh, tp.window_clamp);
  tp.snd_cwnd_stamp = tcp_jiffies32(sk);
  tp.rcvq_space.space = Math.min(tp.rcv_ssthresh, tp.rcv_wnd, TCP_INIT_CWND * tp.advmss);
}

/** The buffer runs over: let it grow if memory is plentiful, else offer less. */
export function tcp_clamp_window(sk: sock): void {
  const tp = tcp_sk(sk);
  const rmem2 = sock_net(sk).ipv4.sysctl_tcp_rmem[2];
  tp.icsk_ack.quick = 0;
  if (
    sk.sk_rcvbuf < rmem2 &&
    (sk.sk_userlocks & SOCK_RCVBUF_LOCK) === 0 &&
    !tcp_under_memory_pressure(sk) &&
    sk_memory_allocated(sk) < sk_prot_mem_limits(sk, 0)
  )
    sk.sk_rcvbuf = Math.min(sk.sk_rmem_alloc, rmem2);
  if (sk.sk_rmem_alloc > sk.sk_rcvbuf) tp.rcv_ssthresh = Math.min(tp.window_clamp, 2 * tp.advmss);
}

/** A first guess at the peer's segment size, small, so that the first ACKs are not delayed. @EXPORT_SYMBOL */
export function tcp_initialize_rcv_mss(sk: sock): void {
  const tp = tcp_sk(sk);
  let hint = Math.min(tp.advmss, tp.mss_cache);
  hint = Math.min(hint, tp.rcv_wnd >>> 1, TCP_MSS_DEFAULT);
  tp.icsk_ack.rcv_mss = Math.max(hint, TCP_MIN_MSS);
}

/** The application read newval bytes in a round trip: make room for that and for the sender's growth. */
export function tcp_rcvbuf_grow(sk: sock, newval: u32): void {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const oldval = tp.rcvq_space.space;
  tp.rcvq_space.space = newval;
  if (net.ipv4.sysctl_tcp_moderate_rcvbuf === 0 || (sk.sk_userlocks & SOCK_RCVBUF_LOCK) !== 0) return;
  // The measurement is a round trip old, and slow start doubles in one.
  let rcvwin = newval * 2;
  if (oldval !== 0) rcvwin += 2 * Math.floor((rcvwin * (newval - oldval)) / oldval);
  if (!tcp_ooo_empty(tp) && tp.ooo_last_skb !== null)
    rcvwin += (TCP_SKB_CB(tp.ooo_last_skb).end_seq - tp.rcv_nxt) >>> 0;
  const rcvbuf = Math.min(tcp_space_from_win(sk, rcvwin), net.ipv4.sysctl_tcp_rmem[2]);
  if (rcvbuf > sk.sk_rcvbuf) {
    sk.sk_rcvbuf = rcvbuf;
    tp.window_clamp = tcp_win_from_space(sk, rcvbuf);
  }
}

/** The application has read: once a round trip, see how much it was. */
export function tcp_rcv_space_adjust(sk: sock): void {
  const tp = tcp_sk(sk);
  trace_tcp_rcv_space_adjust(sk);
  if (tp.rcv_rtt_est.rtt_us === 0) return;
  const time = tcp_stamp_us_delta(tp.tcp_mstamp, tp.rcvq_space.time);
  if (time < tp.rcv_rtt_est.rtt_us >>> 3) return;
  const inq = (tp.rcv_nxt - tp.copied_seq) | 0;
  const copied = ((tp.copied_seq - tp.rcvq_space.seq) | 0) - inq;
  if (copied > tp.rcvq_space.space) {
    trace_tcp_rcvbuf_grow(sk, time);
    tcp_rcvbuf_grow(sk, copied);
  }
  tp.rcvq_space.seq = tp.copied_seq;
  tp.rcvq_space.time = tp.tcp_mstamp;
}
