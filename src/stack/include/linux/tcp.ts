// The TCP header, the options that a segment bears, and everything that a TCP socket remembers.
// Read beside: RFC 9293 (header), include/linux/tcp.h. One file although long: it is one header in the kernel, and mostly fields.
// Left out: TCP-AO, TCP-MD5, MPTCP, SMC, TLS and BPF hooks.

import type { u8, u16, u32, u64, s32, int, bool, __be16, __be32, __sum16 } from './types.js';
import type { sk_buff } from './skbuff.js';
import type { sock } from '../net/sock.js';
import type { saved_syn } from '../net/request_sock.js';
import { inet_connection_sock } from '../net/inet_connection_sock/struct.js';
import { inet_request_sock } from '../net/inet_sock.js';
import { inet_timewait_sock } from '../net/inet_timewait_sock.js';
import type { tcp_fastopen_request, tcp_request_sock_ops } from '../net/tcp.js';
export type { tcp_fastopen_request, tcp_fastopen_context } from '../net/tcp.js';
import { hrtimer } from './hrtimer.js';
import { minmax } from './win_minmax.js';
import { skb_rb_root } from './skb_rbtree.js';

/**
 * View of a TCP header (RFC 9293 3.1). Multi-byte fields are in network order as a little-endian machine loads them.
 */
export class tcphdr {
  readonly buf: Uint8Array;
  readonly off: number;
  constructor(buf: Uint8Array, off: number) {
    this.buf = buf;
    this.off = off;
  }
  get source(): __be16 {
    return this.buf[this.off] | (this.buf[this.off + 1] << 8);
  }
  set source(v: __be16) {
    this.buf[this.off] = v;
    this.buf[this.off + 1] = v >>> 8;
  }
  get dest(): __be16 {
    return this.buf[this.off + 2] | (this.buf[this.off + 3] << 8);
  }
  set dest(v: __be16) {
    this.buf[this.off + 2] = v;
    this.buf[this.off + 3] = v >>> 8;
  }
  get seq(): __be32 {
    const b = this.buf;
    const o = this.off;
    return (b[o + 4] | (b[o + 5] << 8) | (b[o + 6] << 16) | (b[o + 7] << 24)) >>> 0;
  }
  set seq(v: __be32) {
    const b = this.buf;
    const o = this.off;
    b[o + 4] = v;
    b[o + 5] = v >>> 8;
    b[o + 6] = v >>> 16;
    b[o + 7] = v >>> 24;
  }
  get ack_seq(): __be32 {
    const b = this.buf;
    const o = this.off;
    return (b[o + 8] | (b[o + 9] << 8) | (b[o + 10] << 16) | (b[o + 11] << 24)) >>> 0;
  }
  set ack_seq(v: __be32) {
    const b = this.buf;
    const o = this.off;
    b[o + 8] = v;
    b[o + 9] = v >>> 8;
    b[o + 10] = v >>> 16;
    b[o + 11] = v >>> 24;
  }
  /** Header length in 32-bit words. */
  get doff(): u8 {
    return this.buf[this.off + 12] >> 4;
  }
  set doff(v: u8) {
    this.buf[this.off + 12] = (v << 4) | (this.buf[this.off + 12] & 15);
  }
  get res1(): u8 {
    return (this.buf[this.off + 12] >> 1) & 7;
  }
  /** Accurate ECN's third bit (the former NS). */
  get ae(): u8 {
    return this.buf[this.off + 12] & 1;
  }
  set ae(v: u8) {
    this.buf[this.off + 12] = (this.buf[this.off + 12] & ~1) | (v & 1);
  }
  get cwr(): u8 {
    return this.buf[this.off + 13] >> 7;
  }
  set cwr(v: u8) {
    this.buf[this.off + 13] = (this.buf[this.off + 13] & ~128) | ((v & 1) << 7);
  }
  get ece(): u8 {
    return (this.buf[this.off + 13] >> 6) & 1;
  }
  set ece(v: u8) {
    this.buf[this.off + 13] = (this.buf[this.off + 13] & ~64) | ((v & 1) << 6);
  }
  get urg(): u8 {
    return (this.buf[this.off + 13] >> 5) & 1;
  }
  set urg(v: u8) {
    this.buf[this.off + 13] = (this.buf[this.off + 13] & ~32) | ((v & 1) << 5);
  }
  get ack(): u8 {
    return (this.buf[this.off + 13] >> 4) & 1;
  }
  set ack(v: u8) {
    this.buf[this.off + 13] = (this.buf[this.off + 13] & ~16) | ((v & 1) << 4);
  }
  get psh(): u8 {
    return (this.buf[this.off + 13] >> 3) & 1;
  }
  set psh(v: u8) {
    this.buf[this.off + 13] = (this.buf[this.off + 13] & ~8) | ((v & 1) << 3);
  }
  get rst(): u8 {
    return (this.buf[this.off + 13] >> 2) & 1;
  }
  set rst(v: u8) {
    this.buf[this.off + 13] = (this.buf[this.off + 13] & ~4) | ((v & 1) << 2);
  }
  get syn(): u8 {
    return (this.buf[this.off + 13] >> 1) & 1;
  }
  set syn(v: u8) {
    this.buf[this.off + 13] = (this.buf[this.off + 13] & ~2) | ((v & 1) << 1);
  }
  get fin(): u8 {
    return this.buf[this.off + 13] & 1;
  }
  set fin(v: u8) {
    this.buf[this.off + 13] = (this.buf[this.off + 13] & ~1) | (v & 1);
  }
  get window(): __be16 {
    return this.buf[this.off + 14] | (this.buf[this.off + 15] << 8);
  }
  set window(v: __be16) {
    this.buf[this.off + 14] = v;
    this.buf[this.off + 15] = v >>> 8;
  }
  get check(): __sum16 {
    return this.buf[this.off + 16] | (this.buf[this.off + 17] << 8);
  }
  set check(v: __sum16) {
    this.buf[this.off + 16] = v;
    this.buf[this.off + 17] = v >>> 8;
  }
  get urg_ptr(): __be16 {
    return this.buf[this.off + 18] | (this.buf[this.off + 19] << 8);
  }
  set urg_ptr(v: __be16) {
    this.buf[this.off + 18] = v;
    this.buf[this.off + 19] = v >>> 8;
  }
}

/** Bytes of a header without options. */
export const sizeof_tcphdr = 20;

/** Words of the header's fourth 32 bits, in network order on a little-endian machine. */
export const TCP_FLAG_AE = 0x00000001;
export const TCP_FLAG_CWR = 0x00008000;
export const TCP_FLAG_ECE = 0x00004000;
export const TCP_FLAG_URG = 0x00002000;
export const TCP_FLAG_ACK = 0x00001000;
export const TCP_FLAG_PSH = 0x00000800;
export const TCP_FLAG_RST = 0x00000400;
export const TCP_FLAG_SYN = 0x00000200;
export const TCP_FLAG_FIN = 0x00000100;
export const TCP_RESERVED_BITS = 0x0000000e;
export const TCP_DATA_OFFSET = 0x000000f0;

/** The header's fourth word: data offset, flags and window, as loaded. @notrace */
export function tcp_flag_word(th: tcphdr): __be32 {
  const b = th.buf;
  const o = th.off;
  return (b[o + 12] | (b[o + 13] << 8) | (b[o + 14] << 16) | (b[o + 15] << 24)) >>> 0;
}

/** The TCP header of skb (it must be in the linear part). @notrace */
export function tcp_hdr(skb: sk_buff): tcphdr {
  return new tcphdr(skb.head, skb.transport_header);
}

/** Bytes of header with options. @notrace */
export function __tcp_hdrlen(th: tcphdr): u32 {
  return th.doff * 4;
}

/** @notrace */
export function tcp_hdrlen(skb: sk_buff): u32 {
  return (skb.head[skb.transport_header + 12] >> 4) << 2;
}

/** The header of a packet that came in through an inner (decapsulated) path; the same here. @notrace */
export function inner_tcp_hdr(skb: sk_buff): tcphdr {
  return tcp_hdr(skb);
}

/** Option bytes of the header. @notrace */
export function tcp_optlen(skb: sk_buff): u32 {
  return tcp_hdrlen(skb) - 20;
}

export const TCP_FASTOPEN_COOKIE_MIN = 4;
export const TCP_FASTOPEN_COOKIE_MAX = 16;
export const TCP_FASTOPEN_COOKIE_SIZE = 8;
export const TCP_FASTOPEN_KEY_LENGTH = 16;
export const TCP_FASTOPEN_KEY_MAX = 2;
export const TCP_FASTOPEN_KEY_BUF_LENGTH = TCP_FASTOPEN_KEY_LENGTH * TCP_FASTOPEN_KEY_MAX;

/** A Fast Open cookie (RFC 7413); len -1 says that there is none, 0 that one is asked for. */
export class tcp_fastopen_cookie {
  val = new Uint8Array(TCP_FASTOPEN_COOKIE_MAX);
  len: s32 = -1;
  /** In the experimental option 254 rather than 34. */
  exp: bool = false;
}

/** A block [start_seq, end_seq) of a SACK option. */
export class tcp_sack_block {
  start_seq: u32 = 0;
  end_seq: u32 = 0;
}

export const TCP_SACK_SEEN = 1 << 0;
export const TCP_DSACK_SEEN = 1 << 2;

/** Counters of a socket that does not count; never written to. */
const NO_ECN_BYTES: u32[] = [0, 0, 0];

/** What a peer's options have told. @packed */
export class tcp_options_received {
  /** Seconds (ktime) at which ts_recent was taken over. */
  ts_recent_stamp: int = 0;
  /** The time stamp to echo next. */
  ts_recent: u32 = 0;
  rcv_tsval: u32 = 0;
  rcv_tsecr: u32 = 0;
  saw_tstamp: u8 = 0;
  tstamp_ok: u8 = 0;
  dsack: u8 = 0;
  wscale_ok: u8 = 0;
  sack_ok: u8 = 0;
  smc_ok: u8 = 0;
  snd_wscale: u8 = 0;
  rcv_wscale: u8 = 0;
  saw_unknown: u8 = 0;
  num_sacks: u8 = 0;
  /** Offset of the option of Accurate ECN in the header, 0 for none. */
  accecn: u8 = 0;
  /** The maximum that the user asked for by TCP_MAXSEG. */
  user_mss: u16 = 0;
  /** The peer's maximal segment size. */
  mss_clamp: u16 = 0;
}

/** Everything as it was at first. @notrace */
export function tcp_options_reset(rx_opt: tcp_options_received): void {
  rx_opt.ts_recent_stamp = rx_opt.ts_recent = rx_opt.rcv_tsval = rx_opt.rcv_tsecr = 0;
  rx_opt.saw_tstamp = rx_opt.tstamp_ok = rx_opt.dsack = rx_opt.wscale_ok = rx_opt.sack_ok = rx_opt.smc_ok = 0;
  rx_opt.snd_wscale = rx_opt.rcv_wscale = rx_opt.saw_unknown = rx_opt.num_sacks = 0;
  rx_opt.user_mss = rx_opt.mss_clamp = 0;
}

/** Forget what belongs to one connection, before reading a segment's options. @notrace */
export function tcp_clear_options(rx_opt: tcp_options_received): void {
  rx_opt.tstamp_ok = 0;
  rx_opt.sack_ok = 0;
  rx_opt.wscale_ok = 0;
  rx_opt.snd_wscale = 0;
  rx_opt.smc_ok = 0;
}

/** SACK blocks that one option with a time stamp beside it can hold, and without. */
export const TCP_NUM_SACKS = 4;

/** A connection request in SYN_RECV (the mini sock). @packed */
export class tcp_request_sock extends inet_request_sock {
  af_specific: tcp_request_sock_ops | null = null;
  /** µs (ktime): first SYN-ACK sent. */
  snt_synack: u64 = 0;
  tfo_listener: bool = false;
  is_mptcp: bool = false;
  req_usec_ts: bool = false;
  drop_req: bool = false;
  txhash: u32 = 0;
  rcv_isn: u32 = 0;
  snt_isn: u32 = 0;
  ts_off: u32 = 0;
  snt_tsval_first: u32 = 0;
  snt_tsval_last: u32 = 0;
  last_oow_ack_time: u32 = 0;
  /** The acknowledgement number of the SYN-ACK; more than rcv_isn + 1 with Fast Open data. */
  rcv_nxt: u32 = 0;
  syn_tos: u8 = 0;
  /** Accurate ECN was agreed on. */
  accecn_ok: bool = false;
  /** ECN field of the SYN-ACK that was sent, of the SYN that came. */
  syn_ect_snt: u8 = 0;
  syn_ect_rcv: u8 = 0;
  /** TCP_ACCECN_OPT_* */
  saw_accecn_opt: u8 = 0;
  accecn_fail_mode: u8 = 0;

  override get req(): inet_request_sock {
    return this;
  }
}

/** @notrace */
export function tcp_rsk(req: unknown): tcp_request_sock {
  return req as tcp_request_sock;
}

export const RACK_RTT_SHIFT = 16;

/** RACK's state (RFC 8985). @packed */
export class tcp_rack {
  /** (Re)transmission time (µs) of the latest delivered segment. */
  mstamp: u64 = 0;
  rtt_us: u32 = 0;
  end_seq: u32 = 0;
  /** tp.delivered at the last adjustment of the window. */
  last_delivered: u32 = 0;
  /** Reordering window in quarters of the minimal RTT. */
  reo_wnd_steps: u8 = 1;
  /** Recoveries until the window is reset. */
  reo_wnd_persist: u8 = 0;
  dsack_seen: bool = false;
  advanced: bool = false;
}

/** @packed */
export class tcp_rcv_rtt_est {
  rtt_us: u32 = 0;
  seq: u32 = 0;
  time: u64 = 0;
}

/** @packed */
export class tcp_rcvq_space {
  space: u32 = 0;
  seq: u32 = 0;
  time: u64 = 0;
}

/** @packed */
export class tcp_mtu_probe_t {
  probe_seq_start: u32 = 0;
  probe_seq_end: u32 = 0;
}

/** Chronographs: what a sender waited for. */
export const TCP_CHRONO_UNSPEC = 0;
export const TCP_CHRONO_BUSY = 1;
export const TCP_CHRONO_RWND_LIMITED = 2;
export const TCP_CHRONO_SNDBUF_LIMITED = 3;
export const __TCP_CHRONO_MAX = 4;

/** Head of the list of sent segments in the order of their (re)transmission; links are in tcp_skb_cb. */
export class tcp_tsorted_list {
  first: sk_buff | null = null;
  last: sk_buff | null = null;
}

/** tcp_sock.tsq_flags / sk.sk_tsq_flags bits. */
export const TSQ_THROTTLED = 0;
export const TSQ_QUEUED = 1;
export const TCP_TSQ_DEFERRED = 2;
export const TCP_WRITE_TIMER_DEFERRED = 3;
export const TCP_DELACK_TIMER_DEFERRED = 4;
export const TCP_MTU_REDUCED_DEFERRED = 5;
export const TCP_ACK_DEFERRED = 6;

export const TCPF_TSQ_DEFERRED = 1 << TCP_TSQ_DEFERRED;
export const TCPF_WRITE_TIMER_DEFERRED = 1 << TCP_WRITE_TIMER_DEFERRED;
export const TCPF_DELACK_TIMER_DEFERRED = 1 << TCP_DELACK_TIMER_DEFERRED;
export const TCPF_MTU_REDUCED_DEFERRED = 1 << TCP_MTU_REDUCED_DEFERRED;
export const TCPF_ACK_DEFERRED = 1 << TCP_ACK_DEFERRED;
export const TSQF_THROTTLED = 1 << TSQ_THROTTLED;
export const TSQF_QUEUED = 1 << TSQ_QUEUED;

/** A TCP socket. Sequence numbers are u32, times in µs unless said. @packed */
export class tcp_sock extends inet_connection_sock {
  /** The largest window that the peer ever offered. */
  max_window: u32 = 0;
  rcv_ssthresh: u32 = 0;
  reordering: u32 = 0;
  notsent_lowat: u32 = 0;
  gso_segs: u16 = 0;
  retransmit_skb_hint: sk_buff | null = null;

  tsoffset: u32 = 0;
  snd_wnd: u32 = 0;
  /** Effective segment size, options of every segment taken off. */
  mss_cache: u32 = 0;
  snd_cwnd: u32 = 0;
  prr_out: u32 = 0;
  lost_out: u32 = 0;
  sacked_out: u32 = 0;
  /** Share of a buffer that is payload, in 256ths. */
  scaling_ratio: u8 = 0;
  /** chrono_type, whether sending is limited. */
  chrono_type: u8 = 0;
  repair: u8 = 0;
  tcp_usec_ts: bool = false;
  is_sack_reneg: bool = false;
  is_cwnd_limited: bool = false;

  copied_seq: u32 = 0;
  snd_wl1: u32 = 0;
  tlp_high_seq: u32 = 0;
  rttvar_us: u32 = 0;
  retrans_out: u32 = 0;
  advmss: u16 = 0;
  urg_data: u16 = 0;
  lost: u32 = 0;
  snd_ssthresh: u32 = 0;
  /** @embedded */
  rtt_min = new minmax();
  /** @lazy */
  out_of_order_queue = new skb_rb_root();
  ooo_last_skb: sk_buff | null = null;

  segs_out: u32 = 0;
  data_segs_out: u32 = 0;
  bytes_sent: u64 = 0;
  snd_sml: u32 = 0;
  chrono_start: u32 = 0;
  /** Jiffies spent in each chronograph, which chrono_stat shows. @hidden */
  chrono_busy: u32 = 0;
  /** @hidden */
  chrono_rwnd_limited: u32 = 0;
  /** @hidden */
  chrono_sndbuf_limited: u32 = 0;
  /** Jiffies spent in each chronograph: busy, rwnd limited, sndbuf limited. */
  get chrono_stat(): u32[] {
    return [this.chrono_busy, this.chrono_rwnd_limited, this.chrono_sndbuf_limited];
  }
  write_seq: u32 = 0;
  pushed_seq: u32 = 0;
  /** Jiffies of the last data segment sent. */
  lsndtime: u32 = 0;
  mdev_us: u32 = 0;
  rtt_seq: u32 = 0;
  /** Departure time (ns) of the next segment sent. */
  tcp_wstamp_ns: u64 = 0;
  /** @embedded */
  tsorted_sent_queue = new tcp_tsorted_list();
  highest_sack: sk_buff | null = null;
  /** Segments sent and not acknowledged, by sequence number. @embedded */
  tcp_rtx_queue = new skb_rb_root();
  ecn_flags: u8 = 0;
  /** Marks that came and were not told yet. */
  received_ce_pending: u8 = 0;
  /** Fields that the next option of Accurate ECN needs, and segments that have to bear one. */
  accecn_minlen: u8 = 0;
  accecn_opt_demand: u8 = 0;
  /** ECN field of the segment that came last; the one that delivered bytes without an option count for. */
  prev_ecnfield: u8 = 0;
  est_ecnfield: u8 = 0;
  syn_ect_snt: u8 = 0;
  syn_ect_rcv: u8 = 0;
  /** TCP_ACCECN_OPT_* */
  saw_accecn_opt: u8 = 0;
  /** TCP_ACCECN_*_FAIL_* */
  accecn_fail_mode: u8 = 0;
  /** µs: the option went last. */
  accecn_opt_tstamp: u64 = 0;
  /** Bytes by ECN field less one; made when Accurate ECN is agreed on. */
  received_ecn_bytes: u32[] = NO_ECN_BYTES;
  delivered_ecn_bytes: u32[] = NO_ECN_BYTES;

  /** Fast path's expected fourth header word, 0 when off. */
  pred_flags: __be32 = 0;
  /** ns and µs of the socket's clock at its last look. */
  tcp_clock_cache: u64 = 0;
  tcp_mstamp: u64 = 0;
  rcv_nxt: u32 = 0;
  snd_nxt: u32 = 0;
  snd_una: u32 = 0;
  window_clamp: u32 = 0;
  /** Smoothed RTT, µs << 3. */
  srtt_us: u32 = 0;
  packets_out: u32 = 0;
  snd_up: u32 = 0;
  delivered: u32 = 0;
  delivered_ce: u32 = 0;
  received_ce: u32 = 0;
  /** delivered + in flight when the application ran dry, 0 when it has not. */
  app_limited: u32 = 0;
  rcv_wnd: u32 = 0;
  /** @embedded */
  rx_opt = new tcp_options_received();
  nonagle: u8 = 0;
  rate_app_limited: u8 = 0;

  bytes_received: u64 = 0;
  segs_in: u32 = 0;
  data_segs_in: u32 = 0;
  rcv_wup: u32 = 0;
  max_packets_out: u32 = 0;
  cwnd_usage_seq: u32 = 0;
  rate_delivered: u32 = 0;
  rate_interval_us: u32 = 0;
  rcv_rtt_last_tsecr: u32 = 0;
  first_tx_mstamp: u64 = 0;
  delivered_mstamp: u64 = 0;
  bytes_acked: u64 = 0;
  /** @lazy */
  rcv_rtt_est = new tcp_rcv_rtt_est();
  /** @embedded */
  rcvq_space = new tcp_rcvq_space();

  tcp_header_len: u16 = 0;
  /** Jiffies of the last segment received. */
  rcv_tstamp: u32 = 0;
  compressed_ack: u8 = 0;
  dup_ack_counter: u8 = 0;
  tlp_retrans: u8 = 0;
  thin_lto: u8 = 0;
  recvmsg_inq: u8 = 0;
  fastopen_connect: u8 = 0;
  fastopen_no_cookie: u8 = 0;
  fastopen_client_fail: u8 = 0;
  frto: u8 = 0;
  repair_queue: u8 = 0;
  save_syn: u8 = 0;
  syn_data: u8 = 0;
  syn_fastopen: u8 = 0;
  syn_fastopen_exp: u8 = 0;
  syn_fastopen_ch: u8 = 0;
  syn_data_acked: u8 = 0;
  syn_fastopen_child: u8 = 0;
  keepalive_probes: u8 = 0;
  tcp_tx_delay: u32 = 0;

  mdev_max_us: u32 = 0;
  reord_seen: u32 = 0;
  snd_cwnd_cnt: u32 = 0;
  snd_cwnd_clamp: u32 = 0;
  snd_cwnd_used: u32 = 0;
  snd_cwnd_stamp: u32 = 0;
  prior_cwnd: u32 = 0;
  prr_delivered: u32 = 0;
  last_oow_ack_time: u32 = 0;
  /** @rare */
  pacing_timer = new hrtimer();
  /** @rare */
  compressed_ack_timer = new hrtimer();
  compressed_ack_rcv_nxt: u32 = 0;
  /** @rare */
  duplicate_sack: tcp_sack_block[] = [new tcp_sack_block()];
  /** @rare */
  selective_acks: tcp_sack_block[] = [
    new tcp_sack_block(),
    new tcp_sack_block(),
    new tcp_sack_block(),
    new tcp_sack_block(),
  ];
  /** @rare */
  recv_sack_cache: tcp_sack_block[] = [
    new tcp_sack_block(),
    new tcp_sack_block(),
    new tcp_sack_block(),
    new tcp_sack_block(),
  ];
  prior_ssthresh: u32 = 0;
  high_seq: u32 = 0;
  retrans_stamp: u64 = 0;
  undo_marker: u32 = 0;
  undo_retrans: int = 0;
  bytes_retrans: u64 = 0;
  total_retrans: u32 = 0;
  rto_stamp: u32 = 0;
  total_rto: u16 = 0;
  total_rto_recoveries: u16 = 0;
  total_rto_time: u32 = 0;
  urg_seq: u32 = 0;
  keepalive_time: u32 = 0;
  keepalive_intvl: u32 = 0;
  linger2: int = 0;
  dsack_dups: u32 = 0;
  /** @embedded */
  rack = new tcp_rack();
  /** @embedded */
  mtu_probe = new tcp_mtu_probe_t();
  plb_rehash: u32 = 0;
  mtu_info: u32 = 0;
  rcv_ooopack: u32 = 0;
  timeout_rehash: u16 = 0;
  /** @rare */
  fastopen_req: tcp_fastopen_request | null = null;
  /** @rare */
  fastopen_rsk: tcp_request_sock | null = null;
  /** @rare */
  saved_syn: saved_syn | null = null;

  /** The struct that this one begins with, by the name it has in the kernel. */
  get inet_conn(): inet_connection_sock {
    return this;
  }
}

/** @notrace */
export function tcp_sk(sk: sock | inet_connection_sock): tcp_sock {
  return sk as tcp_sock;
}

/** TCP's part of a socket in TIME_WAIT. @packed */
export class tcp_timewait_sock extends inet_timewait_sock {
  tw_rcv_nxt: u32 = 0;
  tw_snd_nxt: u32 = 0;
  tw_rcv_wnd: u32 = 0;
  tw_ts_offset: u32 = 0;
  tw_ts_recent: u32 = 0;
  tw_last_oow_ack_time: u32 = 0;
  tw_ts_recent_stamp: int = 0;
  tw_tx_delay: u32 = 0;

  get tw_sk(): inet_timewait_sock {
    return this;
  }
}

/** @notrace */
export function tcp_twsk(sk: unknown): tcp_timewait_sock {
  return sk as tcp_timewait_sock;
}

/** @notrace */
export function tcp_passive_fastopen(sk: sock): bool {
  return tcp_sk(sk).fastopen_rsk !== null && sk.sk_state === 3;
}

/** @notrace */
export function fastopen_queue_tune(sk: sock, backlog: int): void {
  const queue = tcp_sk(sk).icsk_accept_queue;
  const somaxconn = sk.sk_net.core.sysctl_somaxconn;
  queue.fastopenq.max_qlen = Math.min(backlog >>> 0, somaxconn);
}
