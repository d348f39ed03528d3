/**
 * CUBIC: the window grows with the cube of the time since the last loss; HyStart ends slow start early.
 *
 * Read beside it: net/ipv4/tcp_cubic.c; RFC 9438, "CUBIC" and "Hybrid Slow Start" by Ha, Rhee.
 */
import { int_entry } from '../../kernel/sysctl.js';
import { usecs_to_jiffies } from '../../include/linux/jiffies.js';
import { tcp_sk } from '../../include/linux/tcp.js';
import type { s32, u32, u64, u8 } from '../../include/linux/types.js';
import { NET_ADD_STATS, NET_INC_STATS } from '../../include/net/ip.js';
import {
  LINUX_MIB_TCPHYSTARTDELAYCWND,
  LINUX_MIB_TCPHYSTARTDELAYDETECT,
  LINUX_MIB_TCPHYSTARTTRAINCWND,
  LINUX_MIB_TCPHYSTARTTRAINDETECT,
} from '../../include/net/snmp.js';
import { SK_PACING_NONE, sock_net } from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock.js';
import {
  CA_EVENT_TX_START,
  TCP_CA_Loss,
  TCP_CONG_NON_RESTRICTED,
  after,
  tcp_in_slow_start,
  tcp_is_cwnd_limited,
  tcp_jiffies32,
  tcp_snd_cwnd,
} from '../../include/net/tcp.js';
import type { ack_sample, tcp_congestion_ops } from '../../include/net/tcp.js';
import type { Kernel } from '../../kernel/kernel.js';
import { inet_csk } from '../../include/net/inet_connection_sock.js';
import { tcp_cong_avoid_ai, tcp_register_congestion_control, tcp_reno_undo_cwnd, tcp_slow_start } from './tcp_cong.js';

const BICTCP_BETA_SCALE = 1024;
/** Times are in 2^-10 seconds. */
const BICTCP_HZ = 10;

const HYSTART_ACK_TRAIN = 1;
const HYSTART_DELAY = 2;
const HYSTART_MIN_SAMPLES = 8;
const HYSTART_DELAY_MIN = 4000;
const HYSTART_DELAY_MAX = 16000;

/** A socket's state; times are jiffies but for those in µs. @packed */
export class bictcp {
  /** One segment more for so many acknowledged. */
  cnt: u32 = 0;
  last_max_cwnd: u32 = 0;
  last_cwnd: u32 = 0;
  last_time: u32 = 0;
  bic_origin_point: u32 = 0;
  /** Time from the begin of the epoch to the origin point, 2^-10 s. */
  bic_K: u32 = 0;
  /** µs */
  delay_min: u32 = 0;
  epoch_start: u32 = 0;
  ack_cnt: u32 = 0;
  tcp_cwnd: u32 = 0;
  sample_cnt: u8 = 0;
  found: u8 = 0;
  /** µs */
  round_start: u32 = 0;
  end_seq: u32 = 0;
  last_ack: u32 = 0;
  curr_rtt: u32 = 0;
}

/** @notrace */
function bictcp_ca(sk: sock): bictcp {
  // The SYN-ACK is measured before init(): state that is all zero.
  return (inet_csk(sk).icsk_ca_priv ??= new bictcp()) as bictcp;
}

function bictcp_reset(ca: bictcp): void {
  ca.cnt = 0;
  ca.last_max_cwnd = 0;
  ca.last_cwnd = 0;
  ca.last_time = 0;
  ca.bic_origin_point = 0;
  ca.bic_K = 0;
  ca.delay_min = 0;
  ca.epoch_start = 0;
  ca.ack_cnt = 0;
  ca.tcp_cwnd = 0;
  ca.found = 0;
}

/** @notrace */
function bictcp_clock_us(sk: sock): u32 {
  return tcp_sk(sk).tcp_mstamp >>> 0;
}

function bictcp_hystart_reset(sk: sock): void {
  const tp = tcp_sk(sk);
  const ca = bictcp_ca(sk);
  ca.last_ack = bictcp_clock_us(sk);
  ca.round_start = ca.last_ack;
  ca.end_seq = tp.snd_nxt;
  ca.curr_rtt = 0xffffffff;
  ca.sample_cnt = 0;
}

export function cubictcp_init(sk: sock): void {
  const params = sock_net(sk).kernel.tcp_cubic;
  inet_csk(sk).icsk_ca_priv = new bictcp();
  if (params.hystart) bictcp_hystart_reset(sk);
  else if (params.initial_ssthresh) tcp_sk(sk).snd_ssthresh = params.initial_ssthresh;
}

/** After idle time the curve goes on where it was left. */
export function cubictcp_cwnd_event(sk: sock, event: number): void {
  if (event !== CA_EVENT_TX_START) return;
  const ca = bictcp_ca(sk);
  const now = tcp_jiffies32(sk);
  const delta = (now - tcp_sk(sk).lsndtime) | 0;
  if (ca.epoch_start && delta > 0) {
    ca.epoch_start = (ca.epoch_start + delta) >>> 0;
    if (after(ca.epoch_start, now)) ca.epoch_start = now;
  }
}

/** The cubic root, rounded down. */
function cubic_root(a: u64): u32 {
  let root = Math.floor(Math.cbrt(a));
  while (root * root * root > a) root--;
  while ((root + 1) ** 3 <= a) root++;
  return root;
}

/** After how many acknowledged segments the window grows by one. */
function bictcp_update(sk: sock, ca: bictcp, cwnd: u32, acked: u32): void {
  const kernel = sock_net(sk).kernel;
  const params = kernel.tcp_cubic;
  const now = tcp_jiffies32(sk);
  ca.ack_cnt += acked;
  if (ca.last_cwnd === cwnd && ((now - ca.last_time) | 0) <= kernel.HZ / 32) return;
  // The curve is looked at once a tick.
  if (!(ca.epoch_start && now === ca.last_time)) {
    ca.last_cwnd = cwnd;
    ca.last_time = now;
    if (ca.epoch_start === 0) {
      ca.epoch_start = now;
      ca.ack_cnt = acked;
      ca.tcp_cwnd = cwnd;
      if (ca.last_max_cwnd <= cwnd) {
        ca.bic_K = 0;
        ca.bic_origin_point = cwnd;
      } else {
        const cube_factor = Math.floor(2 ** (10 + 3 * BICTCP_HZ) / (params.bic_scale * 10));
        ca.bic_K = cubic_root(cube_factor * (ca.last_max_cwnd - cwnd));
        ca.bic_origin_point = ca.last_max_cwnd;
      }
    }
    const ticks = ((now - ca.epoch_start) | 0) + usecs_to_jiffies(kernel, ca.delay_min);
    const t = Math.floor((ticks * (1 << BICTCP_HZ)) / kernel.HZ);
    const offs = Math.abs(t - ca.bic_K);
    const delta = Math.floor((params.bic_scale * 10 * offs * offs * offs) / 2 ** (10 + 3 * BICTCP_HZ));
    const bic_target = t < ca.bic_K ? ca.bic_origin_point - delta : ca.bic_origin_point + delta;
    ca.cnt = bic_target > cwnd ? Math.floor(cwnd / (bic_target - cwnd)) : 100 * cwnd;
    // Before the first loss: at least 5 % a round trip.
    if (ca.last_max_cwnd === 0 && ca.cnt > 20) ca.cnt = 20;
  }
  if (params.tcp_friendliness) {
    // Never slower than Reno would be.
    const scale = Math.floor(
      Math.floor((8 * (BICTCP_BETA_SCALE + params.beta)) / 3) / (BICTCP_BETA_SCALE - params.beta),
    );
    const delta = (cwnd * scale) >> 3;
    while (ca.ack_cnt > delta) {
      ca.ack_cnt -= delta;
      ca.tcp_cwnd++;
    }
    if (ca.tcp_cwnd > cwnd) ca.cnt = Math.min(ca.cnt, Math.floor(cwnd / (ca.tcp_cwnd - cwnd)));
  }
  // At most by half a round trip.
  ca.cnt = Math.max(ca.cnt, 2);
}

/** @formerly bictcp_cong_avoid 2.6-5.14 */
export function cubictcp_cong_avoid(sk: sock, _ack: u32, acked: u32): void {
  const tp = tcp_sk(sk);
  const ca = bictcp_ca(sk);
  if (!tcp_is_cwnd_limited(sk)) return;
  if (tcp_in_slow_start(tp)) {
    acked = tcp_slow_start(tp, acked);
    if (!acked) return;
  }
  bictcp_update(sk, ca, tcp_snd_cwnd(tp), acked);
  tcp_cong_avoid_ai(tp, ca.cnt, acked);
}

/** @formerly tcp_recalc_ssthresh 2.4 */
export function cubictcp_recalc_ssthresh(sk: sock): u32 {
  const tp = tcp_sk(sk);
  const ca = bictcp_ca(sk);
  const params = sock_net(sk).kernel.tcp_cubic;
  const cwnd = tcp_snd_cwnd(tp);
  ca.epoch_start = 0;
  // A flow that did not get back to its old window leaves room for others.
  if (cwnd < ca.last_max_cwnd && params.fast_convergence)
    ca.last_max_cwnd = Math.floor((cwnd * (BICTCP_BETA_SCALE + params.beta)) / (2 * BICTCP_BETA_SCALE));
  else ca.last_max_cwnd = cwnd;
  return Math.max(Math.floor((cwnd * params.beta) / BICTCP_BETA_SCALE), 2);
}

export function cubictcp_state(sk: sock, new_state: u8): void {
  if (new_state !== TCP_CA_Loss) return;
  bictcp_reset(bictcp_ca(sk));
  bictcp_hystart_reset(sk);
}

/** Delay (µs) that segmentation offload and aggregation of ACKs may add. */
function hystart_ack_delay(sk: sock): u32 {
  const rate = sk.sk_pacing_rate;
  if (!rate) return 0;
  return Math.min(1000, Math.floor((sk.sk_gso_max_size * 4 * 1e6) / rate));
}

/** @notrace */
function hystart_found(sk: sock, detect: number, cwnd: number): void {
  const tp = tcp_sk(sk);
  bictcp_ca(sk).found = 1;
  NET_INC_STATS(sock_net(sk), detect);
  NET_ADD_STATS(sock_net(sk), cwnd, tcp_snd_cwnd(tp));
  tp.snd_ssthresh = tcp_snd_cwnd(tp);
}

/** Looks for the end of slow start: a train of ACKs as long as the path, or a growing delay. @param delay µs */
function hystart_update(sk: sock, delay: u32): void {
  const tp = tcp_sk(sk);
  const ca = bictcp_ca(sk);
  const params = sock_net(sk).kernel.tcp_cubic;
  if (after(tp.snd_una, ca.end_seq)) bictcp_hystart_reset(sk);
  if (tcp_snd_cwnd(tp) < params.hystart_low_window) return;
  if (params.hystart_detect & HYSTART_ACK_TRAIN) {
    const now = bictcp_clock_us(sk);
    if (((now - ca.last_ack) | 0) <= params.hystart_ack_delta_us) {
      ca.last_ack = now;
      let threshold = ca.delay_min + hystart_ack_delay(sk);
      // Pacing itself stretches the train over half a round trip.
      if (sk.sk_pacing_status === SK_PACING_NONE) threshold >>= 1;
      if (((now - ca.round_start) | 0) > threshold)
        hystart_found(sk, LINUX_MIB_TCPHYSTARTTRAINDETECT, LINUX_MIB_TCPHYSTARTTRAINCWND);
    }
  }
  if (params.hystart_detect & HYSTART_DELAY) {
    ca.curr_rtt = Math.min(ca.curr_rtt, delay);
    if (ca.sample_cnt < HYSTART_MIN_SAMPLES) ca.sample_cnt++;
    else {
      const margin = Math.min(Math.max(ca.delay_min >>> 3, HYSTART_DELAY_MIN), HYSTART_DELAY_MAX);
      if (ca.curr_rtt > ca.delay_min + margin)
        hystart_found(sk, LINUX_MIB_TCPHYSTARTDELAYDETECT, LINUX_MIB_TCPHYSTARTDELAYCWND);
    }
  }
}

export function cubictcp_acked(sk: sock, sample: ack_sample): void {
  const tp = tcp_sk(sk);
  const ca = bictcp_ca(sk);
  const kernel = sock_net(sk).kernel;
  if (sample.rtt_us < 0) return;
  // Just after a recovery the delays are not those of the path.
  if (ca.epoch_start && ((tcp_jiffies32(sk) - ca.epoch_start) | 0) < kernel.HZ) return;
  const delay: s32 = sample.rtt_us || 1;
  if (ca.delay_min === 0 || ca.delay_min > delay) ca.delay_min = delay;
  if (!ca.found && tcp_in_slow_start(tp) && kernel.tcp_cubic.hystart) hystart_update(sk, delay);
}

export const cubictcp: tcp_congestion_ops = {
  name: 'cubic',
  key: 0,
  flags: TCP_CONG_NON_RESTRICTED,
  init: cubictcp_init,
  ssthresh: cubictcp_recalc_ssthresh,
  cong_avoid: cubictcp_cong_avoid,
  set_state: cubictcp_state,
  undo_cwnd: tcp_reno_undo_cwnd,
  cwnd_event: cubictcp_cwnd_event,
  pkts_acked: cubictcp_acked,
};

export function cubictcp_register(kernel: Kernel): number {
  const params = kernel.tcp_cubic as unknown as Record<string, number>;
  for (const name of Object.keys(params)) {
    const entry = int_entry(name, params, name);
    kernel.module_parameters.set(`tcp_cubic.${name}`, (text) => entry.set?.(text) ?? 0);
  }
  return tcp_register_congestion_control(kernel, cubictcp);
}
