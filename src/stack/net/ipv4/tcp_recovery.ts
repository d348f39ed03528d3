// RACK: a segment is lost when one sent later has arrived, and the time for reordering has passed.
// Read beside: net/ipv4/tcp_recovery.c; RFC 8985, RFC 6582 (without SACK).

import { usecs_to_jiffies } from '../../include/linux/jiffies.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import { GFP_ATOMIC } from '../../include/linux/skbuff.js';
import type { tcp_sock } from '../../include/linux/tcp.js';
import { tcp_sk } from '../../include/linux/tcp.js';
import type { bool, s32, u32, u64, u8 } from '../../include/linux/types.js';
import {
  ICSK_TIME_REO_TIMEOUT,
  ICSK_TIME_RETRANS,
  inet_csk_reset_xmit_timer,
} from '../../include/net/inet_connection_sock.js';
import type { sock } from '../../include/net/sock.js';
import { sock_net } from '../../include/net/sock.js';
import type { rate_sample, tcp_congestion_ops } from '../../include/net/tcp.js';
import {
  before,
  TCP_CA_Recovery,
  TCP_FRAG_IN_RTX_QUEUE,
  tcp_min_rtt,
  tcp_packets_in_flight,
  tcp_rtx_queue_head,
  TCP_SKB_CB,
  tcp_skb_mss,
  tcp_skb_pcount,
  tcp_skb_sent_after,
  tcp_skb_timestamp_us,
  tcp_skb_tsorted_del,
  tcp_stamp_us_delta,
  TCP_TIMEOUT_MIN_US,
  TCPCB_LOST,
  TCPCB_RETRANS,
  TCPCB_SACKED_RETRANS,
} from '../../include/net/tcp.js';
import { tcp_cwnd_reduction, tcp_enter_recovery, tcp_mark_skb_lost, tcp_rearm_rto } from './tcp_input/index.js';
import { tcp_fragment, tcp_xmit_retransmit_queue } from './tcp_output/index.js';

/** Recoveries for which a widened reordering window is kept. */
export const TCP_RACK_RECOVERY_THRESH = 16;
export const TCP_RACK_STATIC_REO_WND = 0x2;
export const TCP_RACK_NO_DUPTHRESH = 0x4;

/** µs that a segment may be late without being lost. */
export function tcp_rack_reo_wnd(sk: sock): u32 {
  const tp = tcp_sk(sk);
  if (tp.reord_seen === 0) {
    // On a path that has never reordered, no patience in recovery, or after three duplicates.
    if (tp.icsk_ca_state >= TCP_CA_Recovery) return 0;
    if (tp.sacked_out >= tp.reordering && (sock_net(sk).ipv4.sysctl_tcp_recovery & TCP_RACK_NO_DUPTHRESH) === 0)
      return 0;
  }
  return Math.min((tcp_min_rtt(tp) >>> 2) * tp.rack.reo_wnd_steps, tp.srtt_us >>> 3);
}

/** µs until skb is lost; not positive: it is. @notrace */
export function tcp_rack_skb_timeout(tp: tcp_sock, skb: sk_buff, reo_wnd: u32): s32 {
  return tp.rack.rtt_us + reo_wnd - tcp_stamp_us_delta(tp.tcp_mstamp, tcp_skb_timestamp_us(skb));
}

/** Marks what is lost. @returns µs until the next decision, 0 for none */
export function tcp_rack_detect_loss(sk: sock): u32 {
  const tp = tcp_sk(sk);
  const reo_wnd = tcp_rack_reo_wnd(sk);
  let reo_timeout = 0;
  let skb = tp.tsorted_sent_queue.first;
  while (skb !== null) {
    const scb = TCP_SKB_CB(skb);
    const next = scb.tsorted_next;
    // Lost already, and not sent again yet.
    if ((scb.sacked & TCPCB_LOST) === 0 || (scb.sacked & TCPCB_SACKED_RETRANS) !== 0) {
      // The list is in the order of transmission: behind the last delivered nothing is known.
      if (!tcp_skb_sent_after(tp.rack.mstamp, tcp_skb_timestamp_us(skb), tp.rack.end_seq, scb.end_seq)) break;
      const remaining = tcp_rack_skb_timeout(tp, skb, reo_wnd);
      if (remaining <= 0) {
        tcp_mark_skb_lost(sk, skb);
        tcp_skb_tsorted_del(sk, skb);
      } else {
        reo_timeout = Math.max(reo_timeout, remaining);
      }
    }
    skb = next;
  }
  return reo_timeout;
}

/** @returns whether the reordering timer was armed */
export function tcp_rack_mark_lost(sk: sock): bool {
  const tp = tcp_sk(sk);
  if (!tp.rack.advanced) return false;
  tp.rack.advanced = false;
  const timeout = tcp_rack_detect_loss(sk);
  if (timeout !== 0) {
    const when = usecs_to_jiffies(sock_net(sk).kernel, timeout + TCP_TIMEOUT_MIN_US);
    inet_csk_reset_xmit_timer(sk, ICSK_TIME_REO_TIMEOUT, when, tp.icsk_rto);
  }
  return timeout !== 0;
}

/** A segment was delivered. @param xmit_time µs of its last transmission */
export function tcp_rack_advance(tp: tcp_sock, sacked: u8, end_seq: u32, xmit_time: u64): void {
  const rtt_us = tcp_stamp_us_delta(tp.tcp_mstamp, xmit_time);
  // Faster than ever: it was the original that arrived, not the retransmission.
  if (rtt_us < tcp_min_rtt(tp) && (sacked & TCPCB_RETRANS) !== 0) return;
  tp.rack.advanced = true;
  tp.rack.rtt_us = rtt_us;
  if (tcp_skb_sent_after(xmit_time, tp.rack.mstamp, end_seq, tp.rack.end_seq)) {
    tp.rack.mstamp = xmit_time;
    tp.rack.end_seq = end_seq;
  }
}

/** The reordering timer has run out. */
export function tcp_rack_reo_timeout(sk: sock): void {
  const tp = tcp_sk(sk);
  const lost = tp.lost;
  const prior_inflight = tcp_packets_in_flight(tp);
  tcp_rack_detect_loss(sk);
  if (prior_inflight !== tcp_packets_in_flight(tp)) {
    if (tp.icsk_ca_state !== TCP_CA_Recovery) {
      tcp_enter_recovery(sk, false);
      if ((tp.icsk_ca_ops as tcp_congestion_ops).cong_control === undefined)
        tcp_cwnd_reduction(sk, 1, tp.lost - lost, 0);
    }
    tcp_xmit_retransmit_queue(sk);
  }
  if (tp.icsk_pending !== ICSK_TIME_RETRANS) tcp_rearm_rto(sk);
}

/** A quarter of the minimal RTT more for every round trip with a D-SACK, for sixteen recoveries. */
export function tcp_rack_update_reo_wnd(sk: sock, rs: rate_sample): void {
  const tp = tcp_sk(sk);
  const rack = tp.rack;
  if ((sock_net(sk).ipv4.sysctl_tcp_recovery & TCP_RACK_STATIC_REO_WND) !== 0 || rs.prior_delivered === 0) return;
  if (before(rs.prior_delivered, rack.last_delivered)) rack.dsack_seen = false;
  if (rack.dsack_seen) {
    rack.reo_wnd_steps = Math.min(0xff, rack.reo_wnd_steps + 1);
    rack.dsack_seen = false;
    rack.last_delivered = tp.delivered;
    rack.reo_wnd_persist = TCP_RACK_RECOVERY_THRESH;
  } else if (rack.reo_wnd_persist === 0) {
    rack.reo_wnd_steps = 1;
  }
}

/** Without SACK the first segment is lost at the third duplicate, and at every partial ACK. */
export function tcp_newreno_mark_lost(sk: sock, snd_una_advanced: bool): void {
  const tp = tcp_sk(sk);
  const state = tp.icsk_ca_state;
  if (!(state < TCP_CA_Recovery && tp.sacked_out >= tp.reordering) && !(state === TCP_CA_Recovery && snd_una_advanced))
    return;
  const skb = tcp_rtx_queue_head(sk) as sk_buff;
  if ((TCP_SKB_CB(skb).sacked & TCPCB_LOST) !== 0) return;
  const mss = tcp_skb_mss(skb);
  if (tcp_skb_pcount(skb) > 1 && skb.len > mss) tcp_fragment(sk, TCP_FRAG_IN_RTX_QUEUE, skb, mss, mss, GFP_ATOMIC);
  tcp_mark_skb_lost(sk, skb);
}
