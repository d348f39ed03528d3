// The window of congestion: proportional rate reduction in recovery, the algorithm's own growth otherwise.
// Read beside: net/ipv4/tcp_input.c (tcp_cwnd_reduction, tcp_cong_control); RFC 9937 (PRR), RFC 3168 6.1.2.

import { tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import { tcp_ecn_queue_cwr } from '../../../include/net/tcp_ecn.js';
import type { rate_sample, tcp_congestion_ops } from '../../../include/net/tcp.js';
import {
  CA_EVENT_COMPLETE_CWR,
  TCP_CA_CWR,
  TCP_CA_Disorder,
  tcp_ca_event,
  TCP_CA_Open,
  tcp_in_cwnd_reduction,
  TCP_INFINITE_SSTHRESH,
  tcp_jiffies32,
  tcp_left_out,
  tcp_packets_in_flight,
  tcp_snd_cwnd,
  tcp_snd_cwnd_set,
} from '../../../include/net/tcp.js';
import { trace_tcp_cwnd_reduction_tp } from '../../../include/trace/events/tcp.js';
import { tcp_set_ca_state } from '../tcp_cong.js';
import {
  FLAG_DATA_ACKED,
  FLAG_ECE,
  FLAG_FORWARD_PROGRESS,
  FLAG_SND_UNA_ADVANCED,
  tcp_any_retrans_done,
  tcp_update_pacing_rate,
  tcp_verify_left_out,
} from './index.js';

export function tcp_init_cwnd_reduction(sk: sock): void {
  const tp = tcp_sk(sk);
  tp.high_seq = tp.snd_nxt;
  tp.tlp_high_seq = 0;
  tp.snd_cwnd_cnt = 0;
  tp.prior_cwnd = tcp_snd_cwnd(tp);
  tp.prr_delivered = 0;
  tp.prr_out = 0;
  tp.snd_ssthresh = (tp.icsk_ca_ops as tcp_congestion_ops).ssthresh(sk);
  tcp_ecn_queue_cwr(tp);
}

/**
 * Proportional rate reduction: what is sent is to what is delivered as ssthresh to the window before.
 * @param newly_acked_sacked segments delivered by this ACK
 * @param newly_lost segments found lost by it
 */
export function tcp_cwnd_reduction(sk: sock, newly_acked_sacked: int, newly_lost: int, flag: int): void {
  const tp = tcp_sk(sk);
  const delta = tp.snd_ssthresh - tcp_packets_in_flight(tp);
  if (newly_acked_sacked <= 0 || tp.prior_cwnd === 0) return;
  trace_tcp_cwnd_reduction_tp(sk, newly_acked_sacked, newly_lost, flag);
  tp.prr_delivered += newly_acked_sacked;
  let sndcnt: int;
  if (delta < 0) {
    sndcnt = Math.floor((tp.snd_ssthresh * tp.prr_delivered + tp.prior_cwnd - 1) / tp.prior_cwnd) - tp.prr_out;
  } else {
    sndcnt = Math.max(tp.prr_delivered - tp.prr_out, newly_acked_sacked);
    // As in slow start, while retransmissions get through.
    if ((flag & FLAG_SND_UNA_ADVANCED) !== 0 && newly_lost === 0) sndcnt++;
    sndcnt = Math.min(delta, sndcnt);
  }
  // The first retransmission goes whatever the count.
  sndcnt = Math.max(sndcnt, tp.prr_out !== 0 ? 0 : 1);
  tcp_snd_cwnd_set(tp, tcp_packets_in_flight(tp) + sndcnt);
}

export function tcp_end_cwnd_reduction(sk: sock): void {
  const tp = tcp_sk(sk);
  if ((tp.icsk_ca_ops as tcp_congestion_ops).cong_control !== undefined) return;
  if (tp.snd_ssthresh < TCP_INFINITE_SSTHRESH && (tp.icsk_ca_state === TCP_CA_CWR || tp.undo_marker !== 0)) {
    tcp_snd_cwnd_set(tp, tp.snd_ssthresh);
    tp.snd_cwnd_stamp = tcp_jiffies32(sk);
  }
  tcp_ca_event(sk, CA_EVENT_COMPLETE_CWR);
}

/** Congestion without loss: ECN's echo, or our own queues dropped. @EXPORT_SYMBOL */
export function tcp_enter_cwr(sk: sock): void {
  const tp = tcp_sk(sk);
  tp.prior_ssthresh = 0;
  if (tp.icsk_ca_state < TCP_CA_CWR) {
    tp.undo_marker = 0;
    tcp_init_cwnd_reduction(sk);
    tcp_set_ca_state(sk, TCP_CA_CWR);
  }
}

export function tcp_try_keep_open(sk: sock): void {
  const tp = tcp_sk(sk);
  const state = tcp_left_out(tp) !== 0 || tcp_any_retrans_done(sk) ? TCP_CA_Disorder : TCP_CA_Open;
  if (tp.icsk_ca_state !== state) {
    tcp_set_ca_state(sk, state);
    tp.high_seq = tp.snd_nxt;
  }
}

export function tcp_try_to_open(sk: sock, flag: int): void {
  const tp = tcp_sk(sk);
  tcp_verify_left_out(tp);
  if (!tcp_any_retrans_done(sk)) tp.retrans_stamp = 0;
  if ((flag & FLAG_ECE) !== 0) tcp_enter_cwr(sk);
  if (tp.icsk_ca_state !== TCP_CA_CWR) tcp_try_keep_open(sk);
}

/** @param ack what was acknowledged @param acked segments delivered */
export function tcp_cong_avoid(sk: sock, ack: u32, acked: u32): void {
  const tp = tcp_sk(sk);
  const ca_ops = tp.icsk_ca_ops as tcp_congestion_ops;
  if (ca_ops.cong_avoid !== undefined) ca_ops.cong_avoid(sk, ack, acked);
  tp.snd_cwnd_stamp = tcp_jiffies32(sk);
}

/** On a path that reorders every delivery counts, else only progress in order. */
export function tcp_may_raise_cwnd(sk: sock, flag: int): bool {
  if (tcp_sk(sk).reordering > sock_net(sk).ipv4.sysctl_tcp_reordering) return (flag & FLAG_FORWARD_PROGRESS) !== 0;
  return (flag & FLAG_DATA_ACKED) !== 0;
}

export function tcp_cong_control(sk: sock, ack: u32, acked_sacked: u32, flag: int, rs: rate_sample): void {
  const ca_ops = tcp_sk(sk).icsk_ca_ops as tcp_congestion_ops;
  if (ca_ops.cong_control !== undefined) {
    ca_ops.cong_control(sk, ack, flag, rs);
    return;
  }
  if (tcp_in_cwnd_reduction(sk)) tcp_cwnd_reduction(sk, acked_sacked, rs.losses, flag);
  else if (tcp_may_raise_cwnd(sk, flag)) tcp_cong_avoid(sk, ack, acked_sacked);
  tcp_update_pacing_rate(sk);
}
