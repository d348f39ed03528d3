// TCP's constants, per-segment control block, per-family and congestion control tables, and the small functions that
// all of net/ipv4/tcp_*.c share.
// Read beside: include/net/tcp.h; RFC 9293, RFC 7323 (time stamps), RFC 6298 (timer), RFC 8985 (RACK-TLP).
// Left out: MD5, AO, MPTCP, SMC, BPF socket hooks. One file although long: it is one header in the kernel.

export * from './tcp/constants.js';
export * from './tcp_states.js';
import {
  TCP_RTO_MAX_SEC,
  TCP_PAWS_WRAP,
  TCP_PAWS_MSL,
  TCP_INFINITE_SSTHRESH,
  TCP_RESOURCE_PROBE_INTERVAL_MS,
  TCPF_CA_CWR,
  TCPF_CA_Recovery,
  TCP_CONG_NEEDS_ECN,
  TCP_FRAG_IN_WRITE_QUEUE,
  TCP_RMEM_TO_WIN_SCALE,
  MAX_SYNCOOKIE_AGE,
  TCP_ECN_MODE_ACCECN,
  TCP_ECN_MODE_ANY,
} from './tcp/constants.js';
import { TCPF_SYN_RECV, TCPF_SYN_SENT } from './tcp_states.js';
import { current_kernel } from '../../kernel/current.js';
import type { Kernel } from '../../kernel/kernel.js';
import { hrtimer_try_to_cancel } from '../../kernel/time/hrtimer.js';
import { __kfree_skb, __skb_checksum_complete } from '../../net/core/skbuff.js';
import { inet_csk_clear_xmit_timers } from '../../net/ipv4/inet_connection_sock/index.js';
import {
  __tcp_push_pending_frames,
  tcp_chrono_start,
  tcp_current_mss,
  tcp_cwnd_restart,
} from '../../net/ipv4/tcp_output/index.js';
import { htonl } from '../linux/byteorder.js';
import {
  jiffies_to_usecs,
  ktime_get_seconds,
  msecs_to_jiffies,
  nsecs_to_jiffies,
  usecs_to_jiffies,
} from '../linux/jiffies.js';
import { RTAX_RTO_MIN } from '../linux/rtnetlink.js';
import {
  SKB_RB_EMPTY_ROOT,
  type skb_rb_root,
  skb_rb_erase,
  skb_rb_first,
  skb_rb_insert_after,
  skb_rb_last,
  skb_rb_next,
  skb_rb_node,
} from '../linux/skb_rbtree.js';
import type { sk_buff } from '../linux/skbuff.js';
import {
  __skb_queue_after,
  __skb_queue_tail,
  __skb_unlink,
  skb_csum_unnecessary,
  skb_peek,
  skb_peek_tail,
  SKB_TRUESIZE,
  skb_end_offset,
  skb_pure_zcopy_same,
  skb_zcopy_pure,
  skb_queue_is_last,
  skb_shinfo,
} from '../linux/skbuff.js';
import type { msghdr } from '../linux/socket.js';
import type { tcp_options_received, tcp_sock, tcp_timewait_sock } from '../linux/tcp.js';
import { tcp_fastopen_cookie, tcp_hdr, tcp_sk } from '../linux/tcp.js';
import type { __be32, __sum16, __wsum, bool, int, s32, s64, u16, u32, u64, u8 } from '../linux/types.js';
import { csum_tcpudp_magic } from './checksum.js';
import type { net } from './net_namespace.js';
import type { dst_entry } from './dst.js';
import { dst_metric_locked, dst_metric_rtt } from './dst.js';
import { ICSK_TIME_PROBE0, inet_csk, inet_csk_reset_xmit_timer } from './inet_connection_sock.js';
import { NET_INC_STATS } from './ip.js';
import type { request_sock } from './request_sock.js';
import { LINUX_MIB_LISTENDROPS, LINUX_MIB_SYNCOOKIESSENT } from './snmp.js';
import type { sock } from './sock.js';
import {
  __sk_dst_get,
  __sock_put,
  SK_PACING_NEEDED,
  sk_under_memory_pressure,
  sk_mem_uncharge,
  sk_wmem_queued_add,
  SOCK_DONE,
  sock_flag,
  sock_net,
} from './sock.js';
import { made_rare } from '../../mm/slab.js';
import { minmax_get } from '../linux/win_minmax.js';

export { MAX_TCP_HEADER } from '../linux/skbuff/constants.js';

/** Jiffies; HZ is the machine's. @notrace */
export function TCP_TIMEWAIT_LEN(kernel: Kernel): int {
  return 60 * kernel.HZ;
}
/** @notrace */
export function TCP_FIN_TIMEOUT(kernel: Kernel): int {
  return TCP_TIMEWAIT_LEN(kernel);
}
/** @notrace */
export function TCP_FIN_TIMEOUT_MAX(kernel: Kernel): int {
  return 120 * kernel.HZ;
}
/** @notrace */
export function TCP_DELACK_MAX(kernel: Kernel): int {
  return Math.floor(kernel.HZ / 5);
}
/** @notrace */
export function TCP_DELACK_MIN(kernel: Kernel): int {
  return kernel.HZ >= 100 ? Math.floor(kernel.HZ / 25) : 4;
}
/** @notrace */
export function TCP_ATO_MIN(kernel: Kernel): int {
  return kernel.HZ >= 100 ? Math.floor(kernel.HZ / 25) : 4;
}
/** @notrace */
export function TCP_RTO_MAX(kernel: Kernel): int {
  return TCP_RTO_MAX_SEC * kernel.HZ;
}
/** @notrace */
export function TCP_RTO_MIN(kernel: Kernel): int {
  return Math.floor(kernel.HZ / 5);
}
/** @notrace */
export function TCP_TIMEOUT_MIN(_kernel: Kernel): int {
  return 2;
}
/** @notrace */
export function TCP_TIMEOUT_INIT(kernel: Kernel): int {
  return kernel.HZ;
}
/** @notrace */
export function TCP_TIMEOUT_FALLBACK(kernel: Kernel): int {
  return 3 * kernel.HZ;
}
/** @notrace */
export function TCP_RESOURCE_PROBE_INTERVAL(kernel: Kernel): int {
  return Math.floor(kernel.HZ / 2);
}
/** @notrace */
export function TCP_KEEPALIVE_TIME(kernel: Kernel): int {
  return 7200 * kernel.HZ;
}
/** @notrace */
export function TCP_KEEPALIVE_INTVL(kernel: Kernel): int {
  return 75 * kernel.HZ;
}

/** Snapshot of the delivery count at a segment's transmission. */
export class tcp_skb_cb_tx {
  is_app_limited: bool = false;
  delivered_ce: u32 = 0;
  delivered: u32 = 0;
  first_tx_mstamp: u64 = 0;
  delivered_mstamp: u64 = 0;
}

/** What TCP keeps with a segment: sk_buff.tcpcb. */
export class tcp_skb_cb {
  seq: u32 = 0;
  /** seq + payload + SYN + FIN. */
  end_seq: u32 = 0;
  tcp_gso_segs: u16 = 0;
  tcp_gso_size: u16 = 0;
  tcp_flags: u16 = 0;
  sacked: u8 = 0;
  ip_dsfield: u8 = 0;
  txstamp_ack: u8 = 0;
  /** No more data may join this segment (MSG_EOR). */
  eor: bool = false;
  has_rxtstamp: bool = false;
  ack_seq: u32 = 0;
  tx = new tcp_skb_cb_tx();
  /** Place in tcp_sock.tsorted_sent_queue; a segment outside points to nothing and is not `tsorted`. */
  tsorted: bool = false;
  tsorted_next: sk_buff | null = null;
  tsorted_prev: sk_buff | null = null;
  /** Place in the retransmit or the out-of-order queue. */
  rb = new skb_rb_node();

  reset(): void {
    this.seq = 0;
    this.end_seq = 0;
    this.tcp_gso_segs = 0;
    this.tcp_gso_size = 0;
    this.tcp_flags = 0;
    this.sacked = 0;
    this.ip_dsfield = 0;
    this.txstamp_ack = 0;
    this.eor = false;
    this.has_rxtstamp = false;
    this.ack_seq = 0;
    this.tx.is_app_limited = false;
    this.tx.delivered_ce = 0;
    this.tx.delivered = 0;
    this.tx.first_tx_mstamp = 0;
    this.tx.delivered_mstamp = 0;
    this.tsorted = false;
    this.tsorted_next = null;
    this.tsorted_prev = null;
    this.rb.left = null;
    this.rb.right = null;
    this.rb.parent = null;
  }

  /** All but the places in queues. */
  copy(from: tcp_skb_cb): void {
    this.seq = from.seq;
    this.end_seq = from.end_seq;
    this.tcp_gso_segs = from.tcp_gso_segs;
    this.tcp_gso_size = from.tcp_gso_size;
    this.tcp_flags = from.tcp_flags;
    this.sacked = from.sacked;
    this.ip_dsfield = from.ip_dsfield;
    this.txstamp_ack = from.txstamp_ack;
    this.eor = from.eor;
    this.has_rxtstamp = from.has_rxtstamp;
    this.ack_seq = from.ack_seq;
    this.tx.is_app_limited = from.tx.is_app_limited;
    this.tx.delivered_ce = from.tx.delivered_ce;
    this.tx.delivered = from.tx.delivered;
    this.tx.first_tx_mstamp = from.tx.first_tx_mstamp;
    this.tx.delivered_mstamp = from.tx.delivered_mstamp;
  }
}

/** @notrace */
export function TCP_SKB_CB(skb: sk_buff): tcp_skb_cb {
  return skb.tcpcb ?? (skb.tcpcb = new tcp_skb_cb());
}

/** What an ACK told, for a congestion control. */
export class ack_sample {
  pkts_acked: u32 = 0;
  rtt_us: s32 = 0;
  in_flight: u32 = 0;
}

/** Delivery rate over one ACK (draft-cheng-iccrg-delivery-rate-estimation). Times in µs, counts in segments. */
export class rate_sample {
  prior_mstamp: u64 = 0;
  prior_delivered: u32 = 0;
  prior_delivered_ce: u32 = 0;
  delivered: s32 = 0;
  delivered_ce: s32 = 0;
  interval_us: s32 = 0;
  snd_interval_us: u32 = 0;
  rcv_interval_us: u32 = 0;
  rtt_us: s32 = 0;
  losses: int = 0;
  acked_sacked: u32 = 0;
  prior_in_flight: u32 = 0;
  last_end_seq: u32 = 0;
  is_app_limited: bool = false;
  is_retrans: bool = false;
  is_ack_delayed: bool = false;
}

/** A congestion control; its state is icsk_ca_priv, made by init. */
export interface tcp_congestion_ops {
  readonly name: string;
  readonly key: u32;
  readonly flags: u32;
  /** New slow start threshold on loss. */
  ssthresh(sk: sock): u32;
  cong_avoid?(sk: sock, ack: u32, acked: u32): void;
  set_state?(sk: sock, new_state: u8): void;
  cwnd_event?(sk: sock, ev: int): void;
  in_ack_event?(sk: sock, flags: u32): void;
  pkts_acked?(sk: sock, sample: ack_sample): void;
  min_tso_segs?(sk: sock): u32;
  cong_control?(sk: sock, ack: u32, flag: int, rs: rate_sample): void;
  undo_cwnd(sk: sock): u32;
  sndbuf_expand?(sk: sock): u32;
  get_info?(sk: sock, ext: u32, attr: { value: int }): Uint8Array | null;
  init?(sk: sock): void;
  release?(sk: sock): void;
}

/** Per-family functions of a connection request. */
export interface tcp_request_sock_ops {
  mss_clamp: u16;
  cookie_init_seq: ((skb: sk_buff, mss: { value: u16 }) => u32) | null;
  route_req: (sk: sock, skb: sk_buff, fl: unknown, req: request_sock, tw_isn: u32) => dst_entry | null;
  init_seq: (skb: sk_buff) => u32;
  init_ts_off: (net: net, skb: sk_buff) => u32;
  send_synack: (
    sk: sock,
    dst: dst_entry | null,
    fl: unknown,
    req: request_sock,
    foc: tcp_fastopen_cookie | null,
    synack_type: int,
    syn_skb: sk_buff | null,
  ) => int;
}

/** A sendmsg that connects with Fast Open. */
export class tcp_fastopen_request {
  cookie = new tcp_fastopen_cookie();
  data: msghdr | null = null;
  size: number = 0;
  copied: int = 0;
  uarg: object | null = null;
}

/** Keys for Fast Open cookies: two 64-bit SipHash key halves each, as eight bytes little-endian. */
export class tcp_fastopen_context {
  key: Uint8Array[] = [];
  num: int = 0;
}

/** @notrace */
export function TCP_INC_STATS(net: net, field: int): void {
  net.mib.tcp_statistics[field]++;
}
/** @notrace */
export function __TCP_INC_STATS(net: net, field: int): void {
  net.mib.tcp_statistics[field]++;
}
/** @notrace */
export function TCP_ADD_STATS(net: net, field: int, val: int): void {
  net.mib.tcp_statistics[field] += val;
}
/** @notrace */
export function TCP_DEC_STATS(net: net, field: int): void {
  net.mib.tcp_statistics[field]--;
}

/** seq1 lies before seq2 on the circle of 2^32. @notrace */
export function before(seq1: u32, seq2: u32): bool {
  return ((seq1 - seq2) | 0) < 0;
}
/** @notrace */
export function after(seq2: u32, seq1: u32): bool {
  return ((seq1 - seq2) | 0) < 0;
}
/** seq2 <= seq1 <= seq3. @notrace */
export function between(seq1: u32, seq2: u32, seq3: u32): bool {
  return (seq3 - seq2) >>> 0 >= (seq1 - seq2) >>> 0;
}

/** jiffies as 32 bits. @notrace */
export function tcp_jiffies32(sk: sock): u32 {
  return sock_net(sk).kernel.jiffies >>> 0;
}
/** @notrace */
export function tcp_rto_max(sk: sock): u32 {
  return inet_csk(sk).icsk_rto_max;
}
/** @notrace */
export function tcp_rto_min_jiffies(sk: sock): u32 {
  return inet_csk(sk).icsk_rto_min;
}
/** @notrace */
export function tcp_clock_ns(kernel: Kernel): u64 {
  return kernel.now;
}
/** @notrace */
export function tcp_clock_us(kernel: Kernel): u64 {
  return Math.floor(kernel.now / 1000);
}
/** @notrace */
export function tcp_clock_ms(kernel: Kernel): u64 {
  return Math.floor(kernel.now / 1000000);
}
/** The clock of time stamps: ms, or µs where the route asks for it. @notrace */
export function tcp_clock_ts(kernel: Kernel, usec_ts: bool): u32 {
  return (usec_ts ? tcp_clock_us(kernel) : tcp_clock_ms(kernel)) >>> 0;
}
/** @notrace */
export function tcp_time_stamp_ms(tp: tcp_sock): u32 {
  return Math.floor(tp.tcp_mstamp / 1000) >>> 0;
}
/** @notrace */
export function tcp_time_stamp_ts(tp: tcp_sock): u32 {
  return tp.tcp_usec_ts ? tp.tcp_mstamp >>> 0 : tcp_time_stamp_ms(tp);
}
/** µs between two stamps of a segment's clock, never negative. @notrace */
export function tcp_stamp_us_delta(t1: u64, t0: u64): u32 {
  return Math.max(t1 - t0, 0);
}
/** @notrace */
export function tcp_stamp32_us_delta(t1: u32, t0: u32): u32 {
  return Math.max((t1 - t0) | 0, 0);
}
/** @notrace */
export function tcp_ns_to_ts(usec_ts: bool, val: u64): u32 {
  return Math.floor(val / (usec_ts ? 1000 : 1000000)) >>> 0;
}
/** @notrace */
export function tcp_skb_timestamp_ts(usec_ts: bool, skb: sk_buff): u32 {
  return tcp_ns_to_ts(usec_ts, skb.skb_mstamp_ns);
}
/** @notrace */
export function tcp_skb_timestamp_us(skb: sk_buff): u64 {
  return Math.floor(skb.skb_mstamp_ns / 1000);
}
/** @notrace */
export function tcp_tw_tsval(tcptw: tcp_timewait_sock): u32 {
  return (tcp_clock_ts(current_kernel(), tcptw.tw_usec_ts) + tcptw.tw_ts_offset) >>> 0;
}

/** @notrace */
export function tcp_under_memory_pressure(sk: sock): bool {
  return sk_under_memory_pressure(sk);
}
/** @notrace */
export function tcp_out_of_memory(sk: sock): bool {
  const kernel = sock_net(sk).kernel;
  return sk.sk_wmem_queued > 4608 && kernel.tcp_memory.memory_allocated > kernel.sysctl_tcp_mem[2];
}

/** @notrace */
export function tcp_wmem_free_skb(sk: sock, skb: sk_buff): void {
  sk_wmem_queued_add(sk, -skb.truesize);
  // The program's own pages were not charged.
  sk_mem_uncharge(sk, skb_zcopy_pure(skb) ? SKB_TRUESIZE(skb_end_offset(skb)) : skb.truesize);
  __kfree_skb(skb);
}

/** An ACK went out: spend quick ACKs, restart from the smallest delay. */
export function tcp_dec_quickack_mode(sk: sock): void {
  const icsk = inet_csk(sk);
  if (icsk.icsk_ack.quick !== 0) {
    const pkts = (icsk.icsk_ack.pending & 1) !== 0 ? 1 : 0;
    if (pkts >= icsk.icsk_ack.quick) {
      icsk.icsk_ack.quick = 0;
      // Leave quick ACK mode: the delay starts from its minimum.
      icsk.icsk_ack.ato = TCP_ATO_MIN(sock_net(sk).kernel);
    } else {
      icsk.icsk_ack.quick -= pkts;
    }
  }
}

/** At most half of the largest window that the peer ever offered, so that small windows hold several segments. */
export function tcp_bound_to_half_wnd(tp: tcp_sock, pktsize: int): int {
  const cutoff = tp.max_window > 536 ? tp.max_window >>> 1 : tp.max_window;
  if (cutoff !== 0 && pktsize > cutoff) return Math.max(cutoff, 68 - tp.tcp_header_len);
  return pktsize;
}

/** @notrace */
export function tcp_mss_clamp(tp: tcp_sock, mss: u16): u16 {
  const user_mss = tp.rx_opt.user_mss;
  return user_mss !== 0 && user_mss < mss ? user_mss : mss;
}

/** RTO from the smoothed RTT and its deviation, in jiffies. @notrace */
export function __tcp_set_rto(tp: tcp_sock): u32 {
  return usecs_to_jiffies(sock_net(tp).kernel, (tp.srtt_us >>> 3) + tp.rttvar_us);
}
/** @notrace */
export function tcp_bound_rto(sk: sock): void {
  inet_csk(sk).icsk_rto = Math.min(inet_csk(sk).icsk_rto, tcp_rto_max(sk));
}
/** @notrace */
export function tcp_min_rtt(tp: tcp_sock): u32 {
  return minmax_get(tp.rtt_min);
}

/** Bytes that the peer may still send. */
export function tcp_receive_window(tp: tcp_sock): u32 {
  const win = (tp.rcv_wup + tp.rcv_wnd - tp.rcv_nxt) | 0;
  return win < 0 ? 0 : win;
}

/** @notrace */
export function __tcp_fast_path_on(tp: tcp_sock, snd_wnd: u32): void {
  // Accurate ECN: the count of marks as it stands in the flags.
  const accecn = (tp.ecn_flags & TCP_ECN_MODE_ANY) === TCP_ECN_MODE_ACCECN;
  const ace = accecn ? (tp.delivered_ce + 5) & 7 : 0;
  tp.pred_flags = htonl(((tp.tcp_header_len << 26) | (ace << 22) | 0x00100000 | snd_wnd) >>> 0);
}
/** @notrace */
export function tcp_fast_path_on(tp: tcp_sock): void {
  __tcp_fast_path_on(tp, tp.snd_wnd >>> tp.rx_opt.snd_wscale);
}
/** Whether nothing waits for a gap to be filled. @notrace */
export function tcp_ooo_empty(tp: tcp_sock): boolean {
  // As made() does, but with feedback of its own for the optimiser: this is asked for every segment.
  const queue = (tp as unknown as { readonly $out_of_order_queue: skb_rb_root | null }).$out_of_order_queue;
  return queue === null || SKB_RB_EMPTY_ROOT(queue);
}
/** @notrace */
export function tcp_fast_path_check(sk: sock): void {
  const tp = tcp_sk(sk);
  if (tcp_ooo_empty(tp) && tp.rcv_wnd !== 0 && tp.sk_rmem_alloc < tp.sk_rcvbuf && tp.urg_data === 0)
    tcp_fast_path_on(tp);
}

/** @notrace */
export function tcp_is_sack(tp: tcp_sock): bool {
  return tp.rx_opt.sack_ok !== 0;
}
/** @notrace */
export function tcp_is_reno(tp: tcp_sock): bool {
  return tp.rx_opt.sack_ok === 0;
}
/** @notrace */
export function tcp_left_out(tp: tcp_sock): u32 {
  return tp.sacked_out + tp.lost_out;
}
/** Segments thought to be in the network. @notrace */
export function tcp_packets_in_flight(tp: tcp_sock): u32 {
  return tp.packets_out - (tp.sacked_out + tp.lost_out) + tp.retrans_out;
}
/** @notrace */
export function tcp_snd_cwnd(tp: tcp_sock): u32 {
  return tp.snd_cwnd;
}
/** @notrace */
export function tcp_snd_cwnd_set(tp: tcp_sock, val: u32): void {
  tp.snd_cwnd = val >>> 0;
}
/** @notrace */
export function tcp_in_slow_start(tp: tcp_sock): bool {
  return tp.snd_cwnd < tp.snd_ssthresh;
}
/** @notrace */
export function tcp_in_initial_slowstart(tp: tcp_sock): bool {
  return tp.snd_ssthresh >= TCP_INFINITE_SSTHRESH;
}
/** @notrace */
export function tcp_in_cwnd_reduction(sk: sock): bool {
  return ((TCPF_CA_CWR | TCPF_CA_Recovery) & (1 << inet_csk(sk).icsk_ca_state)) !== 0;
}
/** @notrace */
export function tcp_current_ssthresh(sk: sock): u32 {
  const tp = tcp_sk(sk);
  if (tcp_in_cwnd_reduction(sk)) return tp.snd_ssthresh;
  return Math.max(tp.snd_ssthresh, (tp.snd_cwnd >>> 1) + (tp.snd_cwnd >>> 2));
}
/** @notrace */
export function tcp_max_tso_deferred_mss(_tp: tcp_sock): u32 {
  return 3;
}
/** First sequence number beyond the peer's window. @notrace */
export function tcp_wnd_end(tp: tcp_sock): u32 {
  return (tp.snd_una + tp.snd_wnd) >>> 0;
}
/** Whether the window of congestion, not the application, limited sending: only then may it grow. @notrace */
export function tcp_is_cwnd_limited(sk: sock): bool {
  const tp = tcp_sk(sk);
  if (tp.is_cwnd_limited) return true;
  if (tcp_in_slow_start(tp)) return tp.snd_cwnd < 2 * tp.max_packets_out;
  return false;
}

/** TCP paces by itself, with no fq below. @notrace */
export function tcp_needs_internal_pacing(sk: sock): bool {
  return sk.sk_pacing_status === SK_PACING_NEEDED;
}
/** Jiffies until pacing lets the next segment go. @notrace */
export function tcp_pacing_delay(sk: sock): u32 {
  const tp = tcp_sk(sk);
  const delay = tp.tcp_wstamp_ns - tp.tcp_clock_cache;
  return delay > 0 ? nsecs_to_jiffies(sock_net(sk).kernel, delay) : 0;
}
/** @notrace */
export function tcp_reset_xmit_timer(sk: sock, what: int, when: u32, pace_delay: bool): void {
  if (pace_delay) when += tcp_pacing_delay(sk);
  inet_csk_reset_xmit_timer(sk, what, when, tcp_rto_max(sk));
}
/** @notrace */
export function tcp_probe0_base(sk: sock): u32 {
  return Math.max(inet_csk(sk).icsk_rto, TCP_RTO_MIN(sock_net(sk).kernel));
}
/** Delay of the next window probe in jiffies, backed off. @notrace */
export function tcp_probe0_when(sk: sock, max_when: u32): u32 {
  const kernel = sock_net(sk).kernel;
  const limit = Math.floor(Math.log2(TCP_RTO_MAX(kernel) / TCP_RTO_MIN(kernel))) + 1;
  const backoff = Math.min(limit, inet_csk(sk).icsk_backoff);
  return Math.min(tcp_probe0_base(sk) * 2 ** backoff, max_when);
}
/** @notrace */
export function tcp_check_probe_timer(sk: sock): void {
  if (tcp_sk(sk).packets_out === 0 && inet_csk(sk).icsk_pending === 0)
    tcp_reset_xmit_timer(sk, ICSK_TIME_PROBE0, tcp_probe0_base(sk), true);
}
/** @notrace */
export function tcp_init_wl(tp: tcp_sock, seq: u32): void {
  tp.snd_wl1 = seq;
}
/** @notrace */
export function tcp_update_wl(tp: tcp_sock, seq: u32): void {
  tp.snd_wl1 = seq;
}
/** @notrace */
export function tcp_clear_xmit_timers(sk: sock): void {
  const tp = tcp_sk(sk);
  const pacing = made_rare(tp, 'pacing_timer');
  if (pacing !== null && hrtimer_try_to_cancel(pacing) === 1) __sock_put(sk);
  const compressed_ack = made_rare(tp, 'compressed_ack_timer');
  if (compressed_ack !== null && hrtimer_try_to_cancel(compressed_ack) === 1) __sock_put(sk);
  inet_csk_clear_xmit_timers(sk);
}

/** Ones' complement check of a segment of len bytes with its pseudo header. @notrace */
export function tcp_v4_check(len: int, saddr: __be32, daddr: __be32, base: __wsum): __sum16 {
  return csum_tcpudp_magic(saddr, daddr, len, 6, base);
}
/** @returns whether the checksum is wrong */
export function tcp_checksum_complete(skb: sk_buff): bool {
  return !skb_csum_unnecessary(skb) && __skb_checksum_complete(skb) !== 0;
}

export const TCP_DEFAULT_SCALING_RATIO = 1 << (TCP_RMEM_TO_WIN_SCALE - 1);

/** @notrace */
export function __tcp_win_from_space(scaling_ratio: u8, space: int): int {
  return Math.floor((space * scaling_ratio) / 256);
}
/** Window that a buffer of `space` bytes of truesize can promise. @notrace */
export function tcp_win_from_space(sk: sock, space: int): int {
  return __tcp_win_from_space(tcp_sk(sk).scaling_ratio, space);
}
/** @notrace */
export function __tcp_space_from_win(scaling_ratio: u8, win: int): int {
  return Math.floor((win * 256) / scaling_ratio);
}
/** @notrace */
export function tcp_space_from_win(sk: sock, win: int): int {
  return __tcp_space_from_win(tcp_sk(sk).scaling_ratio, win);
}
/** @notrace */
export function tcp_scaling_ratio_init(sk: sock): void {
  tcp_sk(sk).scaling_ratio = TCP_DEFAULT_SCALING_RATIO;
}
/** Bytes of payload that the receive buffer has room for; can be negative. @notrace */
export function tcp_space(sk: sock): int {
  return tcp_win_from_space(sk, sk.sk_rcvbuf - sk.sk_backlog.len - sk.sk_rmem_alloc);
}
/** @notrace */
export function tcp_full_space(sk: sock): int {
  return tcp_win_from_space(sk, sk.sk_rcvbuf);
}
/** @notrace */
export function __tcp_adjust_rcv_ssthresh(sk: sock, new_ssthresh: u32): void {
  const tp = tcp_sk(sk);
  tp.rcv_ssthresh = Math.min(tp.rcv_ssthresh, new_ssthresh);
}
/** @notrace */
export function tcp_adjust_rcv_ssthresh(sk: sock): void {
  __tcp_adjust_rcv_ssthresh(sk, 4 * tcp_sk(sk).advmss);
}
/** @notrace */
export function tcp_rmem_pressure(sk: sock): bool {
  if (tcp_under_memory_pressure(sk)) return true;
  const rcvbuf = sk.sk_rcvbuf;
  return sk.sk_rmem_alloc > rcvbuf - (rcvbuf >> 3);
}
/** @notrace */
export function tcp_epollin_ready(sk: sock, target: int): bool {
  const tp = tcp_sk(sk);
  const avail = (tp.rcv_nxt - tp.copied_seq) | 0;
  if (avail <= 0) return false;
  return avail >= target || tcp_rmem_pressure(sk) || tcp_receive_window(tp) <= inet_csk(sk).icsk_ack.rcv_mss;
}

/** @notrace */
export function keepalive_intvl_when(tp: tcp_sock): int {
  return tp.keepalive_intvl !== 0 ? tp.keepalive_intvl : sock_net(tp).ipv4.sysctl_tcp_keepalive_intvl;
}
/** @notrace */
export function keepalive_time_when(tp: tcp_sock): int {
  return tp.keepalive_time !== 0 ? tp.keepalive_time : sock_net(tp).ipv4.sysctl_tcp_keepalive_time;
}
/** @notrace */
export function keepalive_probes(tp: tcp_sock): int {
  return tp.keepalive_probes !== 0 ? tp.keepalive_probes : sock_net(tp).ipv4.sysctl_tcp_keepalive_probes;
}
/** Jiffies since anything was heard. @notrace */
export function keepalive_time_elapsed(tp: tcp_sock): u32 {
  const now = tcp_jiffies32(tp);
  return Math.min((now - tp.icsk_ack.lrcvtime) >>> 0, (now - tp.rcv_tstamp) >>> 0);
}
/** Jiffies that an orphan stays in FIN_WAIT2. @notrace */
export function tcp_fin_time(sk: sock): int {
  const tp = tcp_sk(sk);
  let fin_timeout = tp.linger2 !== 0 ? tp.linger2 : sock_net(sk).ipv4.sysctl_tcp_fin_timeout;
  const rto = inet_csk(sk).icsk_rto;
  const least = rto * 4 - Math.floor(rto / 2);
  if (fin_timeout < least) fin_timeout = least;
  return fin_timeout;
}

/** The segment's time stamp is not older than paws_win allows. @notrace */
export function tcp_paws_check(rx_opt: tcp_options_received, paws_win: int): bool {
  if (((rx_opt.ts_recent - rx_opt.rcv_tsval) | 0) <= paws_win) return true;
  if (ktime_get_seconds(current_kernel()) - rx_opt.ts_recent_stamp >= TCP_PAWS_WRAP) return true;
  // Some peers start with a zero time stamp in the SYN only.
  return rx_opt.ts_recent === 0;
}
/** @notrace */
export function tcp_paws_reject(rx_opt: tcp_options_received, rst: int): bool {
  if (tcp_paws_check(rx_opt, 0)) return false;
  // A peer that rebooted has lost its clock: its reset counts once the stamp has grown old.
  if (rst !== 0 && ktime_get_seconds(current_kernel()) - rx_opt.ts_recent_stamp >= TCP_PAWS_MSL) return false;
  return true;
}

/** Segments that skb will make on the wire. @notrace */
export function tcp_skb_pcount(skb: sk_buff): int {
  return TCP_SKB_CB(skb).tcp_gso_segs;
}
/** @notrace */
export function tcp_skb_pcount_set(skb: sk_buff, segs: int): void {
  TCP_SKB_CB(skb).tcp_gso_segs = segs;
}
/** @notrace */
export function tcp_skb_pcount_add(skb: sk_buff, segs: int): void {
  TCP_SKB_CB(skb).tcp_gso_segs += segs;
}
/** @notrace */
export function tcp_skb_mss(skb: sk_buff): int {
  return TCP_SKB_CB(skb).tcp_gso_size;
}
/** @notrace */
export function tcp_skb_can_collapse_to(skb: sk_buff): bool {
  return !TCP_SKB_CB(skb).eor;
}
/** @notrace */
export function tcp_skb_can_collapse(to: sk_buff, from: sk_buff): bool {
  return tcp_skb_can_collapse_to(to) && skb_pure_zcopy_same(to, from);
}
/** @notrace */
export function tcp_skb_can_collapse_rx(_to: sk_buff, _from: sk_buff): bool {
  return true;
}

/** @notrace */
export function tcp_rtx_queue_head(sk: sock): sk_buff | null {
  return skb_rb_first(tcp_sk(sk).tcp_rtx_queue);
}
/** @notrace */
export function tcp_rtx_queue_tail(sk: sock): sk_buff | null {
  return skb_rb_last(tcp_sk(sk).tcp_rtx_queue);
}
/** @notrace */
export function tcp_rtx_queue_empty(sk: sock): bool {
  return SKB_RB_EMPTY_ROOT(tcp_sk(sk).tcp_rtx_queue);
}
/** @notrace */
export function tcp_rtx_and_write_queues_empty(sk: sock): bool {
  return tcp_rtx_queue_empty(sk) && tcp_write_queue_empty(sk);
}
/** @notrace */
export function tcp_write_queue_head(sk: sock): sk_buff | null {
  return skb_peek(sk.sk_write_queue);
}
/** @notrace */
export function tcp_write_queue_tail(sk: sock): sk_buff | null {
  return skb_peek_tail(sk.sk_write_queue);
}
/** @notrace */
export function tcp_send_head(sk: sock): sk_buff | null {
  return skb_peek(sk.sk_write_queue);
}
/** @notrace */
export function tcp_skb_is_last(sk: sock, skb: sk_buff): bool {
  return skb_queue_is_last(sk.sk_write_queue, skb);
}
/** All that was written has been sent once. @notrace */
export function tcp_write_queue_empty(sk: sock): bool {
  return tcp_sk(sk).write_seq === tcp_sk(sk).snd_nxt;
}
/** @notrace */
export function tcp_add_write_queue_tail(sk: sock, skb: sk_buff): void {
  __skb_queue_tail(sk.sk_write_queue, skb);
  // The first data on an idle connection: it is busy from now on.
  if (skb_peek(sk.sk_write_queue) === skb) tcp_chrono_start(sk, 1);
}
/** @notrace */
export function tcp_insert_write_queue_after(skb: sk_buff, buff: sk_buff, sk: sock, tcp_queue: int): void {
  if (tcp_queue === TCP_FRAG_IN_WRITE_QUEUE) __skb_queue_after(sk.sk_write_queue, skb, buff);
  else skb_rb_insert_after(tcp_sk(sk).tcp_rtx_queue, skb, buff);
}
/** @notrace */
export function tcp_unlink_write_queue(skb: sk_buff, sk: sock): void {
  tcp_skb_tsorted_anchor_cleanup(skb);
  __skb_unlink(skb, sk.sk_write_queue);
}
/** @notrace */
export function tcp_rtx_queue_unlink(skb: sk_buff, sk: sock): void {
  tcp_skb_tsorted_anchor_cleanup(skb);
  skb_rb_erase(skb, tcp_sk(sk).tcp_rtx_queue);
}
/** @notrace */
export function tcp_rtx_queue_unlink_and_free(skb: sk_buff, sk: sock): void {
  tcp_skb_tsorted_del(sk, skb);
  tcp_rtx_queue_unlink(skb, sk);
  tcp_wmem_free_skb(sk, skb);
}
/** @notrace */
export function tcp_skb_tsorted_anchor_cleanup(skb: sk_buff): void {
  TCP_SKB_CB(skb).tsorted = false;
}

/** Append to the list of segments in the order of transmission. @notrace */
export function tcp_skb_tsorted_add_tail(sk: sock, skb: sk_buff): void {
  const q = tcp_sk(sk).tsorted_sent_queue;
  const cb = TCP_SKB_CB(skb);
  cb.tsorted = true;
  cb.tsorted_prev = q.last;
  cb.tsorted_next = null;
  if (q.last !== null) TCP_SKB_CB(q.last).tsorted_next = skb;
  else q.first = skb;
  q.last = skb;
}
/** Put buff behind skb, its other half, in the order of transmission. @notrace */
export function tcp_skb_tsorted_add_after(sk: sock, skb: sk_buff, buff: sk_buff): void {
  const q = tcp_sk(sk).tsorted_sent_queue;
  const cb = TCP_SKB_CB(buff);
  const next = TCP_SKB_CB(skb).tsorted_next;
  cb.tsorted = true;
  cb.tsorted_prev = skb;
  cb.tsorted_next = next;
  TCP_SKB_CB(skb).tsorted_next = buff;
  if (next !== null) TCP_SKB_CB(next).tsorted_prev = buff;
  else q.last = buff;
}
/** Take out of the order of transmission; harmless for one that is not in it. @notrace */
export function tcp_skb_tsorted_del(sk: sock, skb: sk_buff): void {
  const cb = TCP_SKB_CB(skb);
  if (!cb.tsorted) return;
  const q = tcp_sk(sk).tsorted_sent_queue;
  if (cb.tsorted_prev !== null) TCP_SKB_CB(cb.tsorted_prev).tsorted_next = cb.tsorted_next;
  else q.first = cb.tsorted_next;
  if (cb.tsorted_next !== null) TCP_SKB_CB(cb.tsorted_next).tsorted_prev = cb.tsorted_prev;
  else q.last = cb.tsorted_prev;
  cb.tsorted = false;
  cb.tsorted_next = null;
  cb.tsorted_prev = null;
}

/** Send what waits, as far as windows and Nagle let it. @notrace */
export function tcp_push_pending_frames(sk: sock): void {
  if (tcp_send_head(sk) !== null) __tcp_push_pending_frames(sk, tcp_current_mss(sk), tcp_sk(sk).nonagle);
}

/** The first byte above all that has been selectively acknowledged. @notrace */
export function tcp_highest_sack_seq(tp: tcp_sock): u32 {
  if (tp.sacked_out === 0) return tp.snd_una;
  if (tp.highest_sack === null) return tp.snd_nxt;
  return TCP_SKB_CB(tp.highest_sack).seq;
}
/** @notrace */
export function tcp_advance_highest_sack(sk: sock, skb: sk_buff): void {
  tcp_sk(sk).highest_sack = skb_rb_next(skb);
}
/** @notrace */
export function tcp_highest_sack(sk: sock): sk_buff | null {
  return tcp_sk(sk).highest_sack;
}
/** @notrace */
export function tcp_highest_sack_reset(sk: sock): void {
  tcp_sk(sk).highest_sack = tcp_rtx_queue_head(sk);
}
/** @notrace */
export function tcp_highest_sack_replace(sk: sock, old: sk_buff, new_: sk_buff | null): void {
  if (old === tcp_sk(sk).highest_sack) tcp_sk(sk).highest_sack = new_;
}

/** @notrace */
export function tcp_clear_all_retrans_hints(tp: tcp_sock): void {
  tp.retransmit_skb_hint = null;
}
/** @notrace */
export function tcp_sack_reset(rx_opt: tcp_options_received): void {
  rx_opt.dsack = 0;
  rx_opt.num_sacks = 0;
}
/** Many short writes over a thin stream: fewer than four segments out, and beyond initial slow start. @notrace */
export function tcp_stream_is_thin(tp: tcp_sock): bool {
  return tp.packets_out < 4 && !tcp_in_initial_slowstart(tp);
}
/** @notrace */
export function tcp_skb_sent_after(t1: u64, t2: u64, seq1: u32, seq2: u32): bool {
  return t1 > t2 || (t1 === t2 && after(seq1, seq2));
}
/** @notrace */
export function tcp_ca_needs_ecn(sk: sock): bool {
  return ((inet_csk(sk).icsk_ca_ops as tcp_congestion_ops).flags & TCP_CONG_NEEDS_ECN) !== 0;
}
/** @notrace */
export function tcp_ca_event(sk: sock, event: int): void {
  const ops = inet_csk(sk).icsk_ca_ops as tcp_congestion_ops;
  if (ops.cwnd_event !== undefined) ops.cwnd_event(sk, event);
}
/** Bytes not yet sent beyond which a writer is not woken. @notrace */
export function tcp_notsent_lowat(tp: tcp_sock): u32 {
  return tp.notsent_lowat !== 0 ? tp.notsent_lowat : sock_net(tp).ipv4.sysctl_tcp_notsent_lowat;
}
/** Bytes in order that no one has read. @notrace */
export function tcp_inq(sk: sock): int {
  const tp = tcp_sk(sk);
  if (((1 << sk.sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) !== 0) return 0;
  if (tp.urg_data === 0 || before(tp.urg_seq, tp.copied_seq) || !before(tp.urg_seq, tp.rcv_nxt)) {
    let answ = (tp.rcv_nxt - tp.copied_seq) | 0;
    // The FIN is no byte to read.
    if (answ !== 0 && sock_flag(sk, SOCK_DONE)) answ--;
    return answ;
  }
  return (tp.urg_seq - tp.copied_seq) | 0;
}
/** Count a segment that arrived. @notrace */
export function tcp_segs_in(tp: tcp_sock, skb: sk_buff): void {
  const segs_in = Math.max(1, skb_shinfo(skb).gso_segs);
  tp.segs_in = (tp.segs_in + segs_in) >>> 0;
  if (skb.len > tcp_hdr(skb).doff * 4) tp.data_segs_in = (tp.data_segs_in + segs_in) >>> 0;
}
/** A request for a connection is not taken. */
export function tcp_listendrop(sk: sock): void {
  sk.sk_drops++;
  NET_INC_STATS(sock_net(sk), LINUX_MIB_LISTENDROPS);
}
/** Jiffies in which a dead peer is probed before the time-out of memory. @notrace */
export function tcp_max_orphan_probe(kernel: Kernel): u32 {
  return msecs_to_jiffies(kernel, TCP_RESOURCE_PROBE_INTERVAL_MS);
}

/** Jiffies that one count of the cookie's clock lasts. @notrace */
export function TCP_SYNCOOKIE_PERIOD(kernel: Kernel): int {
  return 60 * kernel.HZ;
}
/** @notrace */
export function TCP_SYNCOOKIE_VALID(kernel: Kernel): int {
  return MAX_SYNCOOKIE_AGE * TCP_SYNCOOKIE_PERIOD(kernel);
}
/** The SYN queue ran over now: cookies that come back in the next time are believed. @notrace */
export function tcp_synq_overflow(sk: sock): void {
  const tp = tcp_sk(sk);
  const kernel = sock_net(sk).kernel;
  const now = kernel.jiffies >>> 0;
  if ((now - tp.rx_opt.ts_recent_stamp) >>> 0 > kernel.HZ) tp.rx_opt.ts_recent_stamp = now;
}
/** @notrace */
export function tcp_synq_no_recent_overflow(sk: sock): bool {
  const kernel = sock_net(sk).kernel;
  const last_overflow = tcp_sk(sk).rx_opt.ts_recent_stamp;
  const now = kernel.jiffies >>> 0;
  return (now - (last_overflow - kernel.HZ)) >>> 0 > TCP_SYNCOOKIE_VALID(kernel) + kernel.HZ;
}
/** @notrace */
export function tcp_cookie_time(kernel: Kernel): u64 {
  return Math.floor(kernel.jiffies / TCP_SYNCOOKIE_PERIOD(kernel));
}
/** @notrace */
export function cookie_init_sequence(ops: tcp_request_sock_ops, sk: sock, skb: sk_buff, mss: { value: u16 }): u32 {
  tcp_synq_overflow(sk);
  NET_INC_STATS(sock_net(sk), LINUX_MIB_SYNCOOKIESSENT);
  return ops.cookie_init_seq === null ? 0 : ops.cookie_init_seq(skb, mss);
}

/** µs of the retransmission timeout's floor. @notrace */
export function tcp_rto_min(sk: sock): u32 {
  const dst = __sk_dst_get(sk);
  if (dst !== null && dst_metric_locked(dst, RTAX_RTO_MIN)) return dst_metric_rtt(dst, RTAX_RTO_MIN);
  return inet_csk(sk).icsk_rto_min;
}
/** @notrace */
export function tcp_rto_min_us(sk: sock): u32 {
  return jiffies_to_usecs(sock_net(sk).kernel, tcp_rto_min(sk));
}
/** µs until the retransmission timeout of the oldest segment. @notrace */
export function tcp_rto_delta_us(sk: sock): s64 {
  const skb = tcp_rtx_queue_head(sk);
  const rto_us = jiffies_to_usecs(sock_net(sk).kernel, inet_csk(sk).icsk_rto);
  if (skb === null) return rto_us;
  return tcp_skb_timestamp_us(skb) + rto_us - tcp_sk(sk).tcp_mstamp;
}
/** After idling longer than an RTO the window of congestion decays. */
export function tcp_slow_start_after_idle_check(sk: sock): void {
  const tp = tcp_sk(sk);
  const ca_ops = tp.icsk_ca_ops as tcp_congestion_ops;
  if (
    sock_net(sk).ipv4.sysctl_tcp_slow_start_after_idle === 0 ||
    tp.packets_out !== 0 ||
    ca_ops.cong_control !== undefined
  )
    return;
  const delta = (tcp_jiffies32(sk) - tp.lsndtime) | 0;
  if (delta > tp.icsk_rto) tcp_cwnd_restart(sk, delta);
}

/** What a copy of a segment takes over; it is in no queue. @notrace */
export function tcp_skb_cb_copy(to: sk_buff, from: sk_buff): void {
  const t = TCP_SKB_CB(to);
  const f = TCP_SKB_CB(from);
  t.seq = f.seq;
  t.end_seq = f.end_seq;
  t.tcp_gso_segs = f.tcp_gso_segs;
  t.tcp_gso_size = f.tcp_gso_size;
  t.tcp_flags = f.tcp_flags;
  t.sacked = f.sacked;
  t.ip_dsfield = f.ip_dsfield;
  t.txstamp_ack = f.txstamp_ack;
  t.eor = f.eor;
  t.has_rxtstamp = f.has_rxtstamp;
  t.ack_seq = f.ack_seq;
  t.tx.is_app_limited = f.tx.is_app_limited;
  t.tx.delivered_ce = f.tx.delivered_ce;
  t.tx.delivered = f.tx.delivered;
  t.tx.first_tx_mstamp = f.tx.first_tx_mstamp;
  t.tx.delivered_mstamp = f.tx.delivered_mstamp;
  t.tsorted = false;
  t.tsorted_next = null;
  t.tsorted_prev = null;
}
