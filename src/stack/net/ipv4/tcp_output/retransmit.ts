// Sending segments again.
// Read beside: net/ipv4/tcp_output.c (__tcp_retransmit_skb, tcp_xmit_retransmit_queue); RFC 6298, RFC 8985.

import { EAGAIN, EBUSY, EHOSTUNREACH, EINVAL, ENOMEM } from '../../../include/linux/errno.js';
import { skb_rb_next } from '../../../include/linux/skb_rbtree.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { skb_cloned, skb_unclone_keeptruesize } from '../../../include/linux/skbuff.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int } from '../../../include/linux/types.js';
import type { inet_connection_sock_af_ops } from '../../../include/net/inet_connection_sock.js';
import { ICSK_TIME_REO_TIMEOUT, ICSK_TIME_RETRANS } from '../../../include/net/inet_connection_sock.js';
import { __NET_INC_STATS, NET_ADD_STATS } from '../../../include/net/ip.js';
import {
  LINUX_MIB_TCPFASTRETRANS,
  LINUX_MIB_TCPRETRANSFAIL,
  LINUX_MIB_TCPSLOWSTARTRETRANS,
  LINUX_MIB_TCPSYNRETRANS,
  TCP_MIB_RETRANSSEGS,
} from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import { tcp_ecn_clear_syn } from '../../../include/net/tcp_ecn.js';
import {
  after,
  before,
  TCP_ADD_STATS,
  TCP_CA_Loss,
  TCP_FRAG_IN_RTX_QUEUE,
  tcp_highest_sack_replace,
  tcp_in_cwnd_reduction,
  tcp_packets_in_flight,
  tcp_reset_xmit_timer,
  tcp_rtx_queue_head,
  tcp_rtx_queue_unlink_and_free,
  tcp_skb_can_collapse,
  TCP_SKB_CB,
  tcp_skb_pcount,
  tcp_skb_timestamp_ts,
  tcp_snd_cwnd,
  tcp_wnd_end,
  TCPCB_EVER_RETRANS,
  TCPCB_LOST,
  TCPCB_RETRANS,
  TCPCB_SACKED_ACKED,
  TCPCB_SACKED_RETRANS,
  TCPHDR_SYN,
  TCPHDR_SYN_ECN,
} from '../../../include/net/tcp.js';
import { trace_tcp_retransmit_skb } from '../../../include/trace/events/tcp.js';
import { tcp_skb_shift } from '../tcp_input/index.js';
import {
  skb_still_in_host_queue,
  tcp_adjust_pcount,
  tcp_current_mss,
  tcp_fragment,
  tcp_pacing_check,
  tcp_set_skb_tso_segs,
  tcp_skb_collapse_tstamp,
  tcp_small_queue_check,
  tcp_transmit_skb,
  tcp_trim_head,
  tcp_tso_segs,
} from './index.js';

/** Appends the next segment to skb. @returns whether that could be done */
export function tcp_collapse_retrans(sk: sock, skb: sk_buff): bool {
  const tp = tcp_sk(sk);
  const next_skb = skb_rb_next(skb) as sk_buff;
  const next_skb_size = next_skb.len;
  if (next_skb_size !== 0 && tcp_skb_shift(skb, next_skb, 1, next_skb_size) === 0) return false;
  tcp_highest_sack_replace(sk, next_skb, skb);
  const cb = TCP_SKB_CB(skb);
  const ncb = TCP_SKB_CB(next_skb);
  cb.end_seq = ncb.end_seq;
  cb.tcp_flags |= ncb.tcp_flags;
  cb.sacked |= ncb.sacked & TCPCB_EVER_RETRANS;
  cb.eor = ncb.eor;
  if (next_skb === tp.retransmit_skb_hint) tp.retransmit_skb_hint = skb;
  tcp_adjust_pcount(sk, next_skb, tcp_skb_pcount(next_skb));
  tcp_skb_collapse_tstamp(skb, next_skb);
  tcp_rtx_queue_unlink_and_free(next_skb, sk);
  return true;
}

/** @notrace */
export function tcp_can_collapse(_sk: sock, skb: sk_buff): bool {
  return tcp_skb_pcount(skb) <= 1 && !skb_cloned(skb) && (TCP_SKB_CB(skb).sacked & TCPCB_SACKED_ACKED) === 0;
}

/** Joins small segments behind `to` to it, up to space bytes in all. */
export function tcp_retrans_try_collapse(sk: sock, to: sk_buff, space: int): void {
  const tp = tcp_sk(sk);
  if (sock_net(sk).ipv4.sysctl_tcp_retrans_collapse === 0) return;
  if ((TCP_SKB_CB(to).tcp_flags & TCPHDR_SYN) !== 0) return;
  let first = true;
  let skb: sk_buff | null = to;
  while (skb !== null) {
    const next: sk_buff | null = skb_rb_next(skb);
    if (!tcp_can_collapse(sk, skb)) break;
    if (!tcp_skb_can_collapse(to, skb)) break;
    space -= skb.len;
    if (first) {
      first = false;
      skb = next;
      continue;
    }
    if (space < 0) break;
    if (after(TCP_SKB_CB(skb).end_seq, tcp_wnd_end(tp))) break;
    if (!tcp_collapse_retrans(sk, to)) break;
    skb = next;
  }
}

/**
 * Sends a segment of the retransmit queue again, without marking it.
 * @param segs at most so many segments of it
 * @returns 0, or -EBUSY (still queued below), -EINVAL, -ENOMEM, -EHOSTUNREACH, -EAGAIN (outside of the window)
 */
export function __tcp_retransmit_skb(sk: sock, skb: sk_buff, segs: int): int {
  const err = retransmit_skb(sk, skb, segs);
  trace_tcp_retransmit_skb(sk, skb, err);
  return err;
}

/** @notrace */
function retransmit_skb(sk: sock, skb: sk_buff, segs: int): int {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const cb = TCP_SKB_CB(skb);
  // A loss says nothing about the size that was being probed.
  tp.icsk_mtup.probe_size = 0;
  if (skb_still_in_host_queue(sk, skb)) return -EBUSY;

  if (before(cb.seq, tp.snd_una) && (cb.tcp_flags & TCPHDR_SYN) !== 0) {
    cb.tcp_flags &= ~TCPHDR_SYN;
    cb.seq = (cb.seq + 1) >>> 0;
  }
  if (before(cb.seq, tp.snd_una)) {
    if (before(cb.end_seq, tp.snd_una)) return -EINVAL;
    if (tcp_trim_head(sk, skb, (tp.snd_una - cb.seq) >>> 0) !== 0) return -ENOMEM;
  }
  if ((tp.icsk_af_ops as inet_connection_sock_af_ops).rebuild_header(sk) !== 0) return -EHOSTUNREACH;

  const cur_mss = tcp_current_mss(sk);
  let avail_wnd = (tcp_wnd_end(tp) - cb.seq) | 0;
  if (avail_wnd <= 0) {
    // Beyond a window that shrank only the first segment goes, as a probe.
    if (cb.seq !== tp.snd_una) return -EAGAIN;
    avail_wnd = cur_mss;
  }
  let len = cur_mss * segs;
  if (len > avail_wnd) {
    len = avail_wnd - (avail_wnd % cur_mss);
    if (len === 0) len = avail_wnd;
  }
  if (skb.len > len) {
    if (tcp_fragment(sk, TCP_FRAG_IN_RTX_QUEUE, skb, len, cur_mss, 0) !== 0) return -ENOMEM;
  } else {
    if (skb_unclone_keeptruesize(skb, 0) !== 0) return -ENOMEM;
    let diff = tcp_skb_pcount(skb);
    tcp_set_skb_tso_segs(skb, cur_mss);
    diff -= tcp_skb_pcount(skb);
    if (diff !== 0) tcp_adjust_pcount(sk, skb, diff);
    avail_wnd = Math.min(avail_wnd, cur_mss);
    if (skb.len < avail_wnd) tcp_retrans_try_collapse(sk, skb, avail_wnd);
  }
  if ((cb.tcp_flags & TCPHDR_SYN_ECN) === TCPHDR_SYN_ECN) tcp_ecn_clear_syn(sk, skb);

  const n = tcp_skb_pcount(skb);
  TCP_ADD_STATS(net, TCP_MIB_RETRANSSEGS, n);
  if ((cb.tcp_flags & TCPHDR_SYN) !== 0) __NET_INC_STATS(net, LINUX_MIB_TCPSYNRETRANS);
  tp.total_retrans += n;
  tp.bytes_retrans += skb.len;

  const err = tcp_transmit_skb(sk, skb, 1, 0);
  // Marked although it may have failed: its time stamp is no longer that of the original.
  cb.sacked |= TCPCB_EVER_RETRANS;
  if (err !== 0 && err !== -EBUSY) NET_ADD_STATS(net, LINUX_MIB_TCPRETRANSFAIL, n);
  return err;
}

/** Sends a segment again and counts it among those in flight. @returns as __tcp_retransmit_skb() */
export function tcp_retransmit_skb(sk: sock, skb: sk_buff, segs: int): int {
  const tp = tcp_sk(sk);
  const err = __tcp_retransmit_skb(sk, skb, segs);
  if (err === 0) {
    TCP_SKB_CB(skb).sacked |= TCPCB_RETRANS;
    tp.retrans_out += tcp_skb_pcount(skb);
  }
  // The first retransmission's time stamp tells later whether it was needed (Eifel detection, RFC 3522).
  if (tp.retrans_stamp === 0) tp.retrans_stamp = tcp_skb_timestamp_ts(tp.tcp_usec_ts, skb);
  if (tp.undo_retrans < 0) tp.undo_retrans = 0;
  tp.undo_retrans += tcp_skb_pcount(skb);
  return err;
}

/** Sends what is marked lost, from the first such on, as far as the window of congestion goes. */
export function tcp_xmit_retransmit_queue(sk: sock): void {
  const tp = tcp_sk(sk);
  if (tp.packets_out === 0) return;
  const rtx_head = tcp_rtx_queue_head(sk);
  const max_segs = tcp_tso_segs(sk, tcp_current_mss(sk));
  let hole: sk_buff | null = null;
  let rearm_timer = false;
  for (let skb = tp.retransmit_skb_hint ?? rtx_head; skb !== null; skb = skb_rb_next(skb)) {
    if (tcp_pacing_check(sk)) break;
    if (hole === null) tp.retransmit_skb_hint = skb;
    let segs = tcp_snd_cwnd(tp) - tcp_packets_in_flight(tp);
    if (segs <= 0) break;
    const sacked = TCP_SKB_CB(skb).sacked;
    segs = Math.min(segs, max_segs);
    if (tp.retrans_out >= tp.lost_out) break;
    if ((sacked & TCPCB_LOST) === 0) {
      if (hole === null && (sacked & (TCPCB_SACKED_RETRANS | TCPCB_SACKED_ACKED)) === 0) hole = skb;
      continue;
    }
    const mib_idx = tp.icsk_ca_state !== TCP_CA_Loss ? LINUX_MIB_TCPFASTRETRANS : LINUX_MIB_TCPSLOWSTARTRETRANS;
    if ((sacked & (TCPCB_SACKED_ACKED | TCPCB_SACKED_RETRANS)) !== 0) continue;
    if (tcp_small_queue_check(sk, skb, 1)) break;
    if (tcp_retransmit_skb(sk, skb, segs) !== 0) break;
    NET_ADD_STATS(sock_net(sk), mib_idx, tcp_skb_pcount(skb));
    if (tcp_in_cwnd_reduction(sk)) tp.prr_out += tcp_skb_pcount(skb);
    if (skb === rtx_head && tp.icsk_pending !== ICSK_TIME_REO_TIMEOUT) rearm_timer = true;
  }
  if (rearm_timer) tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, tp.icsk_rto, true);
}
