// Round-trip times, as sender (smoothed, minimal, the retransmission timeout) and as receiver.
// Read beside: net/ipv4/tcp_input.c (tcp_rtt_estimator, tcp_ack_update_rtt); RFC 6298, RFC 7323 4.

import { jiffies_to_usecs } from '../../../include/linux/jiffies.js';
import { RTAX_INITCWND } from '../../../include/linux/rtnetlink.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import type { tcp_sock } from '../../../include/linux/tcp.js';
import { tcp_rsk, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, s32, u32 } from '../../../include/linux/types.js';
import { minmax_running_min } from '../../../include/linux/win_minmax.js';
import type { dst_entry } from '../../../include/net/dst.js';
import { dst_metric } from '../../../include/net/dst.js';
import type { request_sock } from '../../../include/net/request_sock.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import {
  __tcp_set_rto,
  after,
  before,
  rate_sample,
  tcp_bound_rto,
  tcp_clock_us,
  TCP_INIT_CWND,
  tcp_jiffies32,
  tcp_min_rtt,
  tcp_rto_min_us,
  TCP_SKB_CB,
  tcp_snd_cwnd,
  tcp_stamp_us_delta,
  tcp_time_stamp_ts,
} from '../../../include/net/tcp.js';
import { FLAG_ACK_MAYBE_DELAYED, FLAG_ACKED, FLAG_SYN_ACKED } from './index.js';

/** @param sample µs @param win_dep measured by windows' worth of data: an upper bound only */
export function tcp_rcv_rtt_update(tp: tcp_sock, sample: u32, win_dep: int): void {
  const old_sample = tp.rcv_rtt_est.rtt_us;
  const m = sample * 8;
  if (old_sample === 0 || m < old_sample) {
    tp.rcv_rtt_est.rtt_us = m;
    return;
  }
  if (win_dep !== 0) return;
  // A slow reader must not pass for a long path.
  if (tp.rcv_nxt !== tp.copied_seq) return;
  tp.rcv_rtt_est.rtt_us = old_sample - (old_sample >>> 3) + sample;
}

/** Without time stamps: how long a window's worth of data takes. */
export function tcp_rcv_rtt_measure(tp: tcp_sock): void {
  const est = tp.rcv_rtt_est;
  if (est.time !== 0) {
    if (before(tp.rcv_nxt, est.seq)) return;
    const delta_us = tcp_stamp_us_delta(tp.tcp_mstamp, est.time);
    tcp_rcv_rtt_update(tp, delta_us !== 0 ? delta_us : 1, 1);
  }
  est.seq = (tp.rcv_nxt + tp.rcv_wnd) >>> 0;
  est.time = tp.tcp_mstamp;
}

/** µs since the time stamp that the peer echoes, or -1. @param min_delta ms for less than one tick */
export function tcp_rtt_tsopt_us(tp: tcp_sock, min_delta: u32): s32 {
  let delta = (tcp_time_stamp_ts(tp) - tp.rx_opt.rcv_tsecr) >>> 0;
  if (tp.tcp_usec_ts) return delta | 0;
  if (delta < 2147483) {
    if (delta === 0) delta = min_delta;
    return delta * 1000;
  }
  return -1;
}

export function tcp_rcv_rtt_measure_ts(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  if (tp.rx_opt.rcv_tsecr === tp.rcv_rtt_last_tsecr) return;
  tp.rcv_rtt_last_tsecr = tp.rx_opt.rcv_tsecr;
  const cb = TCP_SKB_CB(skb);
  if ((cb.end_seq - cb.seq) >>> 0 >= tp.icsk_ack.rcv_mss) {
    const delta = tcp_rtt_tsopt_us(tp, 0);
    if (delta > 0) tcp_rcv_rtt_update(tp, delta, 0);
  }
}

/**
 * Jacobson's estimator, with the deviation's maximum of each round trip: it rises at once and falls by a quarter.
 * @param mrtt_us a measurement
 */
export function tcp_rtt_estimator(sk: sock, mrtt_us: s32): void {
  const tp = tcp_sk(sk);
  let m = mrtt_us;
  let srtt = tp.srtt_us;
  if (srtt !== 0) {
    m -= srtt >>> 3;
    srtt += m;
    if (m < 0) {
      m = -m - (tp.mdev_us >>> 2);
      // A falling RTT must not raise the timeout much.
      if (m > 0) m >>= 3;
    } else {
      m -= tp.mdev_us >>> 2;
    }
    tp.mdev_us += m;
    if (tp.mdev_us > tp.mdev_max_us) {
      tp.mdev_max_us = tp.mdev_us;
      if (tp.mdev_max_us > tp.rttvar_us) tp.rttvar_us = tp.mdev_max_us;
    }
    if (after(tp.snd_una, tp.rtt_seq)) {
      if (tp.mdev_max_us < tp.rttvar_us) tp.rttvar_us -= (tp.rttvar_us - tp.mdev_max_us) >>> 2;
      tp.rtt_seq = tp.snd_nxt;
      tp.mdev_max_us = tcp_rto_min_us(sk);
    }
  } else {
    srtt = m * 8;
    tp.mdev_us = m * 2;
    tp.rttvar_us = Math.max(tp.mdev_us, tcp_rto_min_us(sk));
    tp.mdev_max_us = tp.rttvar_us;
    tp.rtt_seq = tp.snd_nxt;
  }
  tp.srtt_us = Math.max(1, srtt);
}

/** Pacing at a multiple of cwnd / srtt: 200 % in slow start, 120 % later. */
export function tcp_update_pacing_rate(sk: sock): void {
  const tp = tcp_sk(sk);
  const ipv4 = sock_net(sk).ipv4;
  let rate = tp.mss_cache * 80000;
  rate *= tcp_snd_cwnd(tp) < tp.snd_ssthresh >>> 1 ? ipv4.sysctl_tcp_pacing_ss_ratio : ipv4.sysctl_tcp_pacing_ca_ratio;
  rate *= Math.max(tcp_snd_cwnd(tp), tp.packets_out);
  if (tp.srtt_us !== 0) rate = Math.floor(rate / tp.srtt_us);
  sk.sk_pacing_rate = Math.min(rate, sk.sk_max_pacing_rate);
}

export function tcp_set_rto(sk: sock): void {
  tcp_sk(sk).icsk_rto = __tcp_set_rto(tcp_sk(sk));
  tcp_bound_rto(sk);
}

/** Initial window of congestion in segments: the route's, else ten (RFC 6928). */
export function tcp_init_cwnd(tp: tcp_sock, dst: dst_entry | null): u32 {
  const cwnd = dst !== null ? dst_metric(dst, RTAX_INITCWND) : 0;
  return Math.min(cwnd !== 0 ? cwnd : TCP_INIT_CWND, tp.snd_cwnd_clamp);
}

export function tcp_update_rtt_min(sk: sock, rtt_us: u32, flag: int): void {
  const tp = tcp_sk(sk);
  const kernel = sock_net(sk).kernel;
  // A delayed ACK says nothing about the path.
  if ((flag & FLAG_ACK_MAYBE_DELAYED) !== 0 && rtt_us > tcp_min_rtt(tp)) return;
  const wlen = sock_net(sk).ipv4.sysctl_tcp_min_rtt_wlen * kernel.HZ;
  minmax_running_min(tp.rtt_min, wlen, tcp_jiffies32(sk), rtt_us !== 0 ? rtt_us : jiffies_to_usecs(kernel, 1));
}

/**
 * Takes in what an ACK tells about the RTT; negative is no measurement. All in µs.
 * @returns whether there was one
 */
export function tcp_ack_update_rtt(
  sk: sock,
  flag: int,
  seq_rtt_us: s32,
  sack_rtt_us: s32,
  ca_rtt_us: s32,
  rs: rate_sample,
): bool {
  const tp = tcp_sk(sk);
  if (seq_rtt_us < 0) seq_rtt_us = sack_rtt_us;
  // Only retransmitted data was acknowledged (Karn): the echoed time stamp still tells.
  if (seq_rtt_us < 0 && tp.rx_opt.saw_tstamp !== 0 && tp.rx_opt.rcv_tsecr !== 0 && (flag & FLAG_ACKED) !== 0) {
    seq_rtt_us = tcp_rtt_tsopt_us(tp, 1);
    ca_rtt_us = seq_rtt_us;
  }
  rs.rtt_us = ca_rtt_us;
  if (seq_rtt_us < 0) return false;
  tcp_update_rtt_min(sk, ca_rtt_us, flag);
  tcp_rtt_estimator(sk, seq_rtt_us);
  tcp_set_rto(sk);
  tp.icsk_backoff = 0;
  return true;
}

/** The handshake's RTT at the passive side. */
export function tcp_synack_rtt_meas(sk: sock, req: request_sock | null): void {
  let rtt_us = -1;
  if (req !== null && req.num_retrans === 0 && tcp_rsk(req).snt_synack !== 0)
    rtt_us = tcp_stamp_us_delta(tcp_clock_us(sock_net(sk).kernel), tcp_rsk(req).snt_synack);
  tcp_ack_update_rtt(sk, FLAG_SYN_ACKED, rtt_us, -1, rtt_us, new rate_sample());
}
