// BBR, version 1: pace at the bottleneck's bandwidth, with twice its bandwidth-delay product in flight.
// Read beside: net/ipv4/tcp_bbr.c; draft-cardwell-iccrg-bbr-congestion-control-00.
// Left out: the model of token-bucket policers (lt_bw), compensation for aggregated ACKs (extra_acked).

import { msecs_to_jiffies } from '../../include/linux/jiffies.js';
import { get_random_u32_below } from '../../include/linux/random.js';
import { tcp_sk } from '../../include/linux/tcp.js';
import type { bool, int, u32, u64, u8 } from '../../include/linux/types.js';
import { minmax, minmax_get, minmax_reset, minmax_running_max } from '../../include/linux/win_minmax.js';
import type { sock } from '../../include/net/sock.js';
import { SK_PACING_NEEDED, SK_PACING_NONE, sock_net } from '../../include/net/sock.js';
import type { rate_sample, tcp_congestion_ops } from '../../include/net/tcp.js';
import {
  after,
  before,
  CA_EVENT_TX_START,
  TCP_CA_Loss,
  TCP_CA_Open,
  TCP_CA_Recovery,
  TCP_CONG_NON_RESTRICTED,
  TCP_INFINITE_SSTHRESH,
  TCP_INIT_CWND,
  tcp_jiffies32,
  tcp_min_rtt,
  tcp_packets_in_flight,
  tcp_snd_cwnd,
  tcp_snd_cwnd_set,
  tcp_stamp_us_delta,
} from '../../include/net/tcp.js';
import type { Kernel } from '../../kernel/kernel.js';
import { tcp_register_congestion_control } from './tcp_cong.js';

/** Bandwidths are segments a µs, in 2^-24; gains in 256ths. */
const BW_SCALE = 24;
const BW_UNIT = 2 ** BW_SCALE;
const BBR_UNIT = 256;

const BBR_STARTUP = 0;
const BBR_DRAIN = 1;
const BBR_PROBE_BW = 2;
const BBR_PROBE_RTT = 3;

const CYCLE_LEN = 8;
/** Round trips over which the largest bandwidth counts. */
const bbr_bw_rtts = CYCLE_LEN + 2;
const bbr_min_rtt_win_sec = 10;
const bbr_probe_rtt_mode_ms = 200;
const bbr_min_tso_rate = 1200000;
/** Pace a little below the estimate, so that no queue builds up. */
const bbr_pacing_margin_percent = 1;
/** 2/ln 2: the least gain that doubles the rate in each round trip. */
const bbr_high_gain = Math.floor((BBR_UNIT * 2885) / 1000) + 1;
const bbr_drain_gain = Math.floor((BBR_UNIT * 1000) / 2885);
const bbr_cwnd_gain = BBR_UNIT * 2;
const bbr_pacing_gain: readonly u32[] = [(BBR_UNIT * 5) / 4, (BBR_UNIT * 3) / 4, ...Array<u32>(6).fill(BBR_UNIT)];
const bbr_cycle_rand = 7;
const bbr_cwnd_min_target = 4;
/** The pipe is full when the bandwidth has not grown by a quarter in three rounds. */
const bbr_full_bw_thresh = (BBR_UNIT * 5) / 4;
const bbr_full_bw_cnt = 3;

/** A socket's state. @packed */
export class bbr {
  min_rtt_us: u32 = 0;
  min_rtt_stamp: u32 = 0;
  probe_rtt_done_stamp: u32 = 0;
  /** @embedded */
  bw = new minmax();
  rtt_cnt: u32 = 0;
  next_rtt_delivered: u32 = 0;
  cycle_mstamp: u64 = 0;
  mode: u8 = BBR_STARTUP;
  prev_ca_state: u8 = TCP_CA_Open;
  packet_conservation: bool = false;
  round_start: bool = false;
  idle_restart: bool = false;
  probe_rtt_round_done: bool = false;
  pacing_gain: u32 = 0;
  cwnd_gain: u32 = 0;
  full_bw_reached: bool = false;
  full_bw_cnt: u8 = 0;
  cycle_idx: u8 = 0;
  has_seen_rtt: bool = false;
  prior_cwnd: u32 = 0;
  full_bw: u32 = 0;
}

/** The state; ACKs of the handshake come before the init. @notrace */
function ca_of(sk: sock): bbr {
  return (tcp_sk(sk).icsk_ca_priv ??= new bbr()) as bbr;
}

/** @notrace */
function bbr_full_bw_reached(sk: sock): bool {
  return ca_of(sk).full_bw_reached;
}

/** @notrace */
function bbr_bw(sk: sock): u32 {
  return minmax_get(ca_of(sk).bw);
}

/** @param rate segments a µs, scaled @returns bytes a second */
export function bbr_rate_bytes_per_sec(sk: sock, rate: u64, gain: int): u64 {
  const bytes = ((rate * tcp_sk(sk).mss_cache * gain) / BBR_UNIT) * (10000 * (100 - bbr_pacing_margin_percent));
  return Math.floor(bytes / BW_UNIT);
}

export function bbr_bw_to_pacing_rate(sk: sock, bw: u32, gain: int): u64 {
  return Math.min(bbr_rate_bytes_per_sec(sk, bw, gain), sk.sk_max_pacing_rate);
}

export function bbr_init_pacing_rate_from_rtt(sk: sock): void {
  const tp = tcp_sk(sk);
  let rtt_us = 1000;
  if (tp.srtt_us !== 0) {
    rtt_us = Math.max(tp.srtt_us >>> 3, 1);
    ca_of(sk).has_seen_rtt = true;
  }
  const bw = Math.floor((tcp_snd_cwnd(tp) * BW_UNIT) / rtt_us);
  sk.sk_pacing_rate = bbr_bw_to_pacing_rate(sk, bw, bbr_high_gain);
}

export function bbr_set_pacing_rate(sk: sock, bw: u32, gain: int): void {
  const rate = bbr_bw_to_pacing_rate(sk, bw, gain);
  if (!ca_of(sk).has_seen_rtt && tcp_sk(sk).srtt_us !== 0) bbr_init_pacing_rate_from_rtt(sk);
  if (bbr_full_bw_reached(sk) || rate > sk.sk_pacing_rate) sk.sk_pacing_rate = rate;
}

export function bbr_min_tso_segs(sk: sock): u32 {
  return sk.sk_pacing_rate < bbr_min_tso_rate >> 3 ? 1 : 2;
}

export function bbr_tso_segs_goal(sk: sock): u32 {
  const bytes = Math.min(Math.floor(sk.sk_pacing_rate / 2 ** sk.sk_pacing_shift), 65536 - 1 - 320);
  const segs = Math.max(Math.floor(bytes / tcp_sk(sk).mss_cache), bbr_min_tso_segs(sk));
  return Math.min(segs, 0x7f);
}

/** @notrace */
function bbr_save_cwnd(sk: sock): void {
  const ca = ca_of(sk);
  const cwnd = tcp_snd_cwnd(tcp_sk(sk));
  if (ca.prev_ca_state < TCP_CA_Recovery && ca.mode !== BBR_PROBE_RTT) ca.prior_cwnd = cwnd;
  else ca.prior_cwnd = Math.max(ca.prior_cwnd, cwnd);
}

export function bbr_cwnd_event(sk: sock, event: int): void {
  const ca = ca_of(sk);
  if (event !== CA_EVENT_TX_START || tcp_sk(sk).app_limited === 0) return;
  ca.idle_restart = true;
  if (ca.mode === BBR_PROBE_BW) bbr_set_pacing_rate(sk, bbr_bw(sk), BBR_UNIT);
  else if (ca.mode === BBR_PROBE_RTT) bbr_check_probe_rtt_done(sk);
}

/** Bandwidth-delay product in segments, times gain. */
export function bbr_bdp(sk: sock, bw: u32, gain: int): u32 {
  const ca = ca_of(sk);
  if (ca.min_rtt_us === 0xffffffff) return TCP_INIT_CWND;
  return Math.ceil((bw * ca.min_rtt_us * gain) / BBR_UNIT / BW_UNIT);
}

/** Room for what offloads hold back at both ends. */
export function bbr_quantization_budget(sk: sock, cwnd: u32): u32 {
  const ca = ca_of(sk);
  cwnd += 3 * bbr_tso_segs_goal(sk);
  cwnd = (cwnd + 1) & ~1;
  if (ca.mode === BBR_PROBE_BW && ca.cycle_idx === 0) cwnd += 2;
  return cwnd;
}

export function bbr_inflight(sk: sock, bw: u32, gain: int): u32 {
  return bbr_quantization_budget(sk, bbr_bdp(sk, bw, gain));
}

/** In recovery: first only as much as leaves, later back to the window before. @returns whether cwnd is decided */
export function bbr_set_cwnd_to_recover_or_restore(
  sk: sock,
  rs: rate_sample,
  acked: u32,
  new_cwnd: { value: u32 },
): bool {
  const tp = tcp_sk(sk);
  const ca = ca_of(sk);
  const state = tp.icsk_ca_state;
  const prev_state = ca.prev_ca_state;
  let cwnd = tcp_snd_cwnd(tp);
  if (rs.losses > 0) cwnd = Math.max(cwnd - rs.losses, 1);
  if (state === TCP_CA_Recovery && prev_state !== TCP_CA_Recovery) {
    ca.packet_conservation = true;
    ca.next_rtt_delivered = tp.delivered;
    cwnd = tcp_packets_in_flight(tp) + acked;
  } else if (prev_state >= TCP_CA_Recovery && state < TCP_CA_Recovery) {
    cwnd = Math.max(cwnd, ca.prior_cwnd);
    ca.packet_conservation = false;
  }
  ca.prev_ca_state = state;
  new_cwnd.value = ca.packet_conservation ? Math.max(cwnd, tcp_packets_in_flight(tp) + acked) : cwnd;
  return ca.packet_conservation;
}

export function bbr_set_cwnd(sk: sock, rs: rate_sample, acked: u32, bw: u32, gain: int): void {
  const tp = tcp_sk(sk);
  const ca = ca_of(sk);
  let cwnd = tcp_snd_cwnd(tp);
  if (acked !== 0) {
    const decided = { value: cwnd };
    if (bbr_set_cwnd_to_recover_or_restore(sk, rs, acked, decided)) {
      cwnd = decided.value;
    } else {
      cwnd = decided.value;
      const target_cwnd = bbr_inflight(sk, bw, gain);
      if (bbr_full_bw_reached(sk)) cwnd = Math.min(cwnd + acked, target_cwnd);
      else if (cwnd < target_cwnd || tp.delivered < TCP_INIT_CWND) cwnd += acked;
      cwnd = Math.max(cwnd, bbr_cwnd_min_target);
    }
  }
  tcp_snd_cwnd_set(tp, Math.min(cwnd, tp.snd_cwnd_clamp));
  if (ca.mode === BBR_PROBE_RTT) tcp_snd_cwnd_set(tp, Math.min(tcp_snd_cwnd(tp), bbr_cwnd_min_target));
}

/** Whether a phase of the probing cycle has lasted long enough. */
export function bbr_is_next_cycle_phase(sk: sock, rs: rate_sample): bool {
  const tp = tcp_sk(sk);
  const ca = ca_of(sk);
  const is_full_length = tcp_stamp_us_delta(tp.delivered_mstamp, ca.cycle_mstamp) > ca.min_rtt_us;
  if (ca.pacing_gain === BBR_UNIT) return is_full_length;
  const inflight = rs.prior_in_flight;
  const bw = bbr_bw(sk);
  if (ca.pacing_gain > BBR_UNIT)
    return is_full_length && (rs.losses !== 0 || inflight >= bbr_inflight(sk, bw, ca.pacing_gain));
  return is_full_length || inflight <= bbr_inflight(sk, bw, BBR_UNIT);
}

export function bbr_advance_cycle_phase(sk: sock): void {
  const ca = ca_of(sk);
  ca.cycle_idx = (ca.cycle_idx + 1) & (CYCLE_LEN - 1);
  ca.cycle_mstamp = tcp_sk(sk).delivered_mstamp;
}

export function bbr_update_cycle_phase(sk: sock, rs: rate_sample): void {
  if (ca_of(sk).mode === BBR_PROBE_BW && bbr_is_next_cycle_phase(sk, rs)) bbr_advance_cycle_phase(sk);
}

export function bbr_reset_mode(sk: sock): void {
  const ca = ca_of(sk);
  if (!bbr_full_bw_reached(sk)) {
    ca.mode = BBR_STARTUP;
  } else {
    ca.mode = BBR_PROBE_BW;
    // Not with the draining phase, and not all flows with the same.
    ca.cycle_idx = CYCLE_LEN - 1 - get_random_u32_below(sock_net(sk).kernel, bbr_cycle_rand);
    bbr_advance_cycle_phase(sk);
  }
}

export function bbr_update_bw(sk: sock, rs: rate_sample): void {
  const tp = tcp_sk(sk);
  const ca = ca_of(sk);
  ca.round_start = false;
  if (rs.delivered < 0 || rs.interval_us <= 0) return;
  if (!before(rs.prior_delivered, ca.next_rtt_delivered)) {
    ca.next_rtt_delivered = tp.delivered;
    ca.rtt_cnt++;
    ca.round_start = true;
    ca.packet_conservation = false;
  }
  const bw = Math.floor((rs.delivered * BW_UNIT) / rs.interval_us);
  // A sender that had nothing to send tells only of a bandwidth that is larger.
  if (!rs.is_app_limited || bw >= bbr_bw(sk)) minmax_running_max(ca.bw, bbr_bw_rtts, ca.rtt_cnt, bw);
}

export function bbr_check_full_bw_reached(sk: sock, rs: rate_sample): void {
  const ca = ca_of(sk);
  if (bbr_full_bw_reached(sk) || !ca.round_start || rs.is_app_limited) return;
  const bw_thresh = Math.floor((ca.full_bw * bbr_full_bw_thresh) / BBR_UNIT);
  if (minmax_get(ca.bw) >= bw_thresh) {
    ca.full_bw = minmax_get(ca.bw);
    ca.full_bw_cnt = 0;
    return;
  }
  ca.full_bw_cnt++;
  ca.full_bw_reached = ca.full_bw_cnt >= bbr_full_bw_cnt;
}

export function bbr_check_drain(sk: sock, _rs: rate_sample): void {
  const tp = tcp_sk(sk);
  const ca = ca_of(sk);
  if (ca.mode === BBR_STARTUP && bbr_full_bw_reached(sk)) {
    ca.mode = BBR_DRAIN;
    tp.snd_ssthresh = bbr_inflight(sk, minmax_get(ca.bw), BBR_UNIT);
  }
  if (ca.mode === BBR_DRAIN && tcp_packets_in_flight(tp) <= bbr_inflight(sk, minmax_get(ca.bw), BBR_UNIT)) {
    ca.mode = BBR_PROBE_BW;
    bbr_reset_mode(sk);
  }
}

export function bbr_check_probe_rtt_done(sk: sock): void {
  const tp = tcp_sk(sk);
  const ca = ca_of(sk);
  const now = tcp_jiffies32(sk);
  if (ca.probe_rtt_done_stamp === 0 || !after(now, ca.probe_rtt_done_stamp)) return;
  ca.min_rtt_stamp = now;
  tcp_snd_cwnd_set(tp, Math.max(tcp_snd_cwnd(tp), ca.prior_cwnd));
  bbr_reset_mode(sk);
}

/** The minimal RTT of ten seconds; when it is that old the flow shrinks to four segments to see it anew. */
export function bbr_update_min_rtt(sk: sock, rs: rate_sample): void {
  const tp = tcp_sk(sk);
  const ca = ca_of(sk);
  const kernel = sock_net(sk).kernel;
  const now = tcp_jiffies32(sk);
  const filter_expired = after(now, (ca.min_rtt_stamp + bbr_min_rtt_win_sec * kernel.HZ) >>> 0);
  if (rs.rtt_us >= 0 && (rs.rtt_us < ca.min_rtt_us || (filter_expired && !rs.is_ack_delayed))) {
    ca.min_rtt_us = rs.rtt_us;
    ca.min_rtt_stamp = now;
  }
  if (filter_expired && !ca.idle_restart && ca.mode !== BBR_PROBE_RTT) {
    ca.mode = BBR_PROBE_RTT;
    bbr_save_cwnd(sk);
    ca.probe_rtt_done_stamp = 0;
  }
  if (ca.mode === BBR_PROBE_RTT) {
    const limit = tp.delivered + tcp_packets_in_flight(tp);
    tp.app_limited = limit !== 0 ? limit : 1;
    if (ca.probe_rtt_done_stamp === 0 && tcp_packets_in_flight(tp) <= bbr_cwnd_min_target) {
      ca.probe_rtt_done_stamp = (now + msecs_to_jiffies(kernel, bbr_probe_rtt_mode_ms)) >>> 0;
      ca.probe_rtt_round_done = false;
      ca.next_rtt_delivered = tp.delivered;
    } else if (ca.probe_rtt_done_stamp !== 0) {
      if (ca.round_start) ca.probe_rtt_round_done = true;
      if (ca.probe_rtt_round_done) bbr_check_probe_rtt_done(sk);
    }
  }
  if (rs.delivered > 0) ca.idle_restart = false;
}

export function bbr_update_gains(sk: sock): void {
  const ca = ca_of(sk);
  switch (ca.mode) {
    case BBR_STARTUP:
      ca.pacing_gain = bbr_high_gain;
      ca.cwnd_gain = bbr_high_gain;
      break;
    case BBR_DRAIN:
      ca.pacing_gain = bbr_drain_gain;
      ca.cwnd_gain = bbr_high_gain;
      break;
    case BBR_PROBE_BW:
      ca.pacing_gain = bbr_pacing_gain[ca.cycle_idx];
      ca.cwnd_gain = bbr_cwnd_gain;
      break;
    default:
      ca.pacing_gain = BBR_UNIT;
      ca.cwnd_gain = BBR_UNIT;
  }
}

export function bbr_update_model(sk: sock, rs: rate_sample): void {
  bbr_update_bw(sk, rs);
  bbr_update_cycle_phase(sk, rs);
  bbr_check_full_bw_reached(sk, rs);
  bbr_check_drain(sk, rs);
  bbr_update_min_rtt(sk, rs);
  bbr_update_gains(sk);
}

export function bbr_main(sk: sock, _ack: u32, _flag: int, rs: rate_sample): void {
  const ca = ca_of(sk);
  bbr_update_model(sk, rs);
  const bw = bbr_bw(sk);
  bbr_set_pacing_rate(sk, bw, ca.pacing_gain);
  bbr_set_cwnd(sk, rs, rs.acked_sacked, bw, ca.cwnd_gain);
}

export function bbr_init(sk: sock): void {
  const tp = tcp_sk(sk);
  const ca = new bbr();
  tp.icsk_ca_priv = ca;
  tp.snd_ssthresh = TCP_INFINITE_SSTHRESH;
  ca.next_rtt_delivered = tp.delivered;
  const min_rtt = tcp_min_rtt(tp);
  ca.min_rtt_us = min_rtt;
  ca.min_rtt_stamp = tcp_jiffies32(sk);
  minmax_reset(ca.bw, ca.rtt_cnt, 0);
  bbr_init_pacing_rate_from_rtt(sk);
  bbr_update_gains(sk);
  if (sk.sk_pacing_status === SK_PACING_NONE) sk.sk_pacing_status = SK_PACING_NEEDED;
}

export function bbr_sndbuf_expand(_sk: sock): u32 {
  return 3;
}

/** What was lost was no congestion: the estimates start over, the window stays. */
export function bbr_undo_cwnd(sk: sock): u32 {
  const ca = ca_of(sk);
  ca.full_bw = 0;
  ca.full_bw_cnt = 0;
  return tcp_snd_cwnd(tcp_sk(sk));
}

export function bbr_ssthresh(sk: sock): u32 {
  bbr_save_cwnd(sk);
  return tcp_sk(sk).snd_ssthresh;
}

export function bbr_set_state(sk: sock, new_state: u8): void {
  if (new_state !== TCP_CA_Loss) return;
  const ca = ca_of(sk);
  ca.prev_ca_state = TCP_CA_Loss;
  ca.full_bw = 0;
  ca.round_start = true;
}

export const tcp_bbr_cong_ops: tcp_congestion_ops = {
  name: 'bbr',
  key: 0x62627200,
  flags: TCP_CONG_NON_RESTRICTED,
  init: bbr_init,
  cong_control: bbr_main,
  sndbuf_expand: bbr_sndbuf_expand,
  undo_cwnd: bbr_undo_cwnd,
  cwnd_event: bbr_cwnd_event,
  ssthresh: bbr_ssthresh,
  min_tso_segs: bbr_min_tso_segs,
  set_state: bbr_set_state,
};

export function bbr_register(kernel: Kernel): int {
  return tcp_register_congestion_control(kernel, tcp_bbr_cong_ops);
}
