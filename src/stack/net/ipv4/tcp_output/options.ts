// The options of outgoing segments: which ones, how many bytes, and their encoding.
// Read beside: net/ipv4/tcp_output.c (tcp_options_write); RFC 9293 3.2, RFC 7323, RFC 2018, RFC 7413.
// Left out: MD5, AO, MPTCP, SMC, BPF's own options.

import type { sk_buff } from '../../../include/linux/skbuff.js';
import type {
  tcp_fastopen_cookie,
  tcp_request_sock,
  tcp_sack_block,
  tcp_sock,
  tcphdr,
} from '../../../include/linux/tcp.js';
import { tcp_rsk, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, u16, u32, u8 } from '../../../include/linux/types.js';
import { dst_metric_advmss } from '../../../include/net/dst.js';
import { inet_rsk } from '../../../include/net/inet_sock.js';
import type { request_sock } from '../../../include/net/request_sock.js';
import type { sock } from '../../../include/net/sock.js';
import { __sk_dst_get, sock_net } from '../../../include/net/sock.js';
import {
  MAX_TCP_OPTION_SPACE,
  tcp_skb_timestamp_ts,
  TCPOLEN_EXP_FASTOPEN_BASE,
  TCPOLEN_FASTOPEN_BASE,
  TCPOLEN_MSS,
  TCPOLEN_MSS_ALIGNED,
  TCPOLEN_SACK_BASE,
  TCPOLEN_SACK_BASE_ALIGNED,
  TCPOLEN_SACK_PERBLOCK,
  TCPOLEN_SACK_PERM,
  TCPOLEN_SACKPERM_ALIGNED,
  TCPOLEN_TIMESTAMP,
  TCPOLEN_TSTAMP_ALIGNED,
  TCPOLEN_WINDOW,
  TCPOLEN_WSCALE_ALIGNED,
  TCPOPT_EXP,
  TCPOPT_FASTOPEN,
  TCPOPT_FASTOPEN_MAGIC,
  TCPOPT_MSS,
  TCPOLEN_ACCECN_BASE,
  TCPOLEN_ACCECN_PERFIELD,
  TCPOPT_ACCECN1,
  TCPOPT_NOP,
  TCPOPT_SACK,
  TCPOPT_SACK_PERM,
  TCPOPT_TIMESTAMP,
  TCPOPT_WINDOW,
} from '../../../include/net/tcp.js';
import {
  TCP_ACCECN_CEB_INIT_OFFSET,
  TCP_ACCECN_E0B_INIT_OFFSET,
  TCP_ACCECN_E1B_INIT_OFFSET,
  TCP_ACCECN_NUMFIELDS,
  TCP_ACCECN_OPT_FAIL_SEND,
  TCP_ACCECN_OPTION_FULL,
  tcp_ecn_mode_accecn,
} from '../../../include/net/tcp_ecn.js';
import { INET_ECN_CE, INET_ECN_ECT_0, INET_ECN_ECT_1 } from '../../../include/net/inet_ecn.js';

export const OPTION_SACK_ADVERTISE = 1 << 0;
export const OPTION_TS = 1 << 1;
export const OPTION_MD5 = 1 << 2;
export const OPTION_WSCALE = 1 << 3;
export const OPTION_FAST_OPEN_COOKIE = 1 << 8;
export const OPTION_ACCECN = 1 << 12;

/** What options a segment is to bear. */
export class tcp_out_options {
  /** OPTION_* */
  options: u16 = 0;
  /** 0: no such option. */
  mss: u16 = 0;
  ws: u8 = 0;
  num_sack_blocks: u8 = 0;
  /** Counters in the option of Accurate ECN; in a SYN-ACK they are those of the beginning. */
  num_accecn_fields: u8 = 0;
  use_synack_ecn_bytes: bool = false;
  tsval: u32 = 0;
  tsecr: u32 = 0;
  fastopen_cookie: tcp_fastopen_cookie | null = null;
}

/** @notrace */
function put32(buf: Uint8Array, p: number, v: u32): number {
  buf[p] = v >>> 24;
  buf[p + 1] = v >>> 16;
  buf[p + 2] = v >>> 8;
  buf[p + 3] = v;
  return p + 4;
}

/** @notrace */
function word(a: u8, b: u8, c: u8, d: u8): u32 {
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

/** @notrace */
function put_block(buf: Uint8Array, p: number, block: tcp_sack_block): number {
  return put32(buf, put32(buf, p, block.start_seq), block.end_seq);
}

/** Counters of bytes as a SYN-ACK has them. */
const SYNACK_ECN_BYTES: readonly u32[] = [0, 0, 0];

/** Counts of bytes in 24 bits each: ECT(1), CE, ECT(0) (RFC 9768 3.2.3). @notrace */
function put_accecn(buf: Uint8Array, p: number, tp: tcp_sock | null, opts: tcp_out_options): number {
  const bytes = tp === null || opts.use_synack_ecn_bytes ? SYNACK_ECN_BYTES : tp.received_ecn_bytes;
  const counts = [
    bytes[INET_ECN_ECT_1 - 1] + TCP_ACCECN_E1B_INIT_OFFSET,
    bytes[INET_ECN_CE - 1] + TCP_ACCECN_CEB_INIT_OFFSET,
    bytes[INET_ECN_ECT_0 - 1] + TCP_ACCECN_E0B_INIT_OFFSET,
  ];
  const start = p;
  buf[p++] = TCPOPT_ACCECN1;
  buf[p++] = TCPOLEN_ACCECN_BASE + opts.num_accecn_fields * TCPOLEN_ACCECN_PERFIELD;
  for (const count of counts.slice(0, opts.num_accecn_fields)) {
    buf[p++] = count >>> 16;
    buf[p++] = count >>> 8;
    buf[p++] = count;
  }
  while ((p - start) % 4 !== 0) buf[p++] = TCPOPT_NOP;
  if (tp !== null && !opts.use_synack_ecn_bytes) {
    tp.accecn_minlen = 0;
    tp.accecn_opt_tstamp = tp.tcp_mstamp;
    if (tp.accecn_opt_demand !== 0) tp.accecn_opt_demand--;
  }
  return p;
}

/**
 * Makes room for the option of Accurate ECN, with as many counters as fit.
 * @param required counters without which it is left out
 * @param remaining bytes left for options
 * @returns bytes that it takes
 */
export function tcp_options_fit_accecn(opts: tcp_out_options, required: u8, remaining: u32): u32 {
  for (let fields = TCP_ACCECN_NUMFIELDS; fields >= required; fields--) {
    const size = (TCPOLEN_ACCECN_BASE + fields * TCPOLEN_ACCECN_PERFIELD + 3) & ~3;
    if (size > remaining) continue;
    opts.num_accecn_fields = fields;
    opts.options |= OPTION_ACCECN;
    return size;
  }
  return 0;
}

/** Whether an option is due because the last one went a third of a round trip ago or more. @notrace */
function tcp_accecn_option_beacon_check(sk: sock): bool {
  const tp = tcp_sk(sk);
  const beacon = sock_net(sk).ipv4.sysctl_tcp_ecn_option_beacon;
  if (beacon === 0) return false;
  return tp.tcp_mstamp - tp.accecn_opt_tstamp >= Math.floor((tp.srtt_us >>> 3) / beacon);
}

/** Whether a segment of the connection bears the option. @notrace */
function wants_accecn_option(sk: sock): bool {
  const tp = tcp_sk(sk);
  const option = sock_net(sk).ipv4.sysctl_tcp_ecn_option;
  return (
    option !== 0 &&
    tp.saw_accecn_opt !== 0 &&
    (tp.accecn_fail_mode & TCP_ACCECN_OPT_FAIL_SEND) === 0 &&
    (option >= TCP_ACCECN_OPTION_FULL || tp.accecn_opt_demand !== 0 || tcp_accecn_option_beacon_check(sk))
  );
}

/**
 * Encodes the options behind the header.
 * @param th header that the options follow; there must be room
 * @param tp the socket, null for a SYN-ACK of a request
 */
export function tcp_options_write(
  th: tcphdr,
  tp: tcp_sock | null,
  _tcprsk: tcp_request_sock | null,
  opts: tcp_out_options,
): void {
  const buf = th.buf;
  let p = th.off + 20;
  const options = opts.options;
  if (opts.mss !== 0) p = put32(buf, p, word(TCPOPT_MSS, TCPOLEN_MSS, opts.mss >>> 8, opts.mss & 255));
  if ((options & OPTION_TS) !== 0) {
    if ((options & OPTION_SACK_ADVERTISE) !== 0)
      p = put32(buf, p, word(TCPOPT_SACK_PERM, TCPOLEN_SACK_PERM, TCPOPT_TIMESTAMP, TCPOLEN_TIMESTAMP));
    else p = put32(buf, p, word(TCPOPT_NOP, TCPOPT_NOP, TCPOPT_TIMESTAMP, TCPOLEN_TIMESTAMP));
    p = put32(buf, p, opts.tsval);
    p = put32(buf, p, opts.tsecr);
  }
  if ((options & OPTION_ACCECN) !== 0) p = put_accecn(buf, p, tp, opts);
  if ((options & OPTION_TS) === 0 && (options & OPTION_SACK_ADVERTISE) !== 0) {
    p = put32(buf, p, word(TCPOPT_NOP, TCPOPT_NOP, TCPOPT_SACK_PERM, TCPOLEN_SACK_PERM));
  }
  if ((options & OPTION_WSCALE) !== 0) p = put32(buf, p, word(TCPOPT_NOP, TCPOPT_WINDOW, TCPOLEN_WINDOW, opts.ws));
  if (opts.num_sack_blocks !== 0 && tp !== null) {
    const len = TCPOLEN_SACK_BASE + opts.num_sack_blocks * TCPOLEN_SACK_PERBLOCK;
    p = put32(buf, p, word(TCPOPT_NOP, TCPOPT_NOP, TCPOPT_SACK, len));
    let n = opts.num_sack_blocks;
    // The duplicate comes first (RFC 2883 4).
    if (tp.rx_opt.dsack !== 0) {
      p = put_block(buf, p, tp.duplicate_sack[0]);
      n--;
    }
    for (let i = 0; i < n; i++) p = put_block(buf, p, tp.selective_acks[i]);
    tp.rx_opt.dsack = 0;
  }
  const foc = opts.fastopen_cookie;
  if ((options & OPTION_FAST_OPEN_COOKIE) !== 0 && foc !== null) {
    if (foc.exp) {
      const len = TCPOLEN_EXP_FASTOPEN_BASE + foc.len;
      p = put32(buf, p, word(TCPOPT_EXP, len, TCPOPT_FASTOPEN_MAGIC >>> 8, TCPOPT_FASTOPEN_MAGIC & 255));
    } else {
      buf[p++] = TCPOPT_FASTOPEN;
      buf[p++] = TCPOLEN_FASTOPEN_BASE + foc.len;
    }
    for (let i = 0; i < foc.len; i++) buf[p++] = foc.val[i];
    while ((p - th.off) % 4 !== 0) buf[p++] = TCPOPT_NOP;
  }
}

/** Bytes of a Fast Open option, padded. @notrace */
function fastopen_option_len(foc: tcp_fastopen_cookie): u32 {
  return (foc.len + (foc.exp ? TCPOLEN_EXP_FASTOPEN_BASE : TCPOLEN_FASTOPEN_BASE) + 3) & ~3;
}

/** Options of a SYN. @returns their bytes */
export function tcp_syn_options(sk: sock, skb: sk_buff, opts: tcp_out_options): u32 {
  const tp = tcp_sk(sk);
  const ipv4 = sock_net(sk).ipv4;
  let remaining = MAX_TCP_OPTION_SPACE - TCPOLEN_MSS_ALIGNED;
  opts.mss = tcp_advertise_mss(sk);
  if (ipv4.sysctl_tcp_timestamps !== 0) {
    opts.options |= OPTION_TS;
    opts.tsval = (tcp_skb_timestamp_ts(tp.tcp_usec_ts, skb) + tp.tsoffset) >>> 0;
    opts.tsecr = tp.rx_opt.ts_recent;
    remaining -= TCPOLEN_TSTAMP_ALIGNED;
  }
  if (ipv4.sysctl_tcp_window_scaling !== 0) {
    opts.ws = tp.rx_opt.rcv_wscale;
    opts.options |= OPTION_WSCALE;
    remaining -= TCPOLEN_WSCALE_ALIGNED;
  }
  if (ipv4.sysctl_tcp_sack !== 0) {
    opts.options |= OPTION_SACK_ADVERTISE;
    if ((opts.options & OPTION_TS) === 0) remaining -= TCPOLEN_SACKPERM_ALIGNED;
  }
  const fastopen = tp.fastopen_req;
  if (fastopen !== null && fastopen.cookie.len >= 0) {
    const need = fastopen_option_len(fastopen.cookie);
    if (remaining >= need) {
      opts.options |= OPTION_FAST_OPEN_COOKIE;
      opts.fastopen_cookie = fastopen.cookie;
      remaining -= need;
      tp.syn_fastopen = 1;
      tp.syn_fastopen_exp = fastopen.cookie.exp ? 1 : 0;
    }
  }
  return MAX_TCP_OPTION_SPACE - remaining;
}

/** Options of a SYN-ACK. @returns their bytes */
export function tcp_synack_options(
  sk: sock,
  req: request_sock,
  mss: u32,
  skb: sk_buff,
  opts: tcp_out_options,
  foc: tcp_fastopen_cookie | null,
): u32 {
  const ireq = inet_rsk(req);
  const treq = tcp_rsk(req);
  let remaining = MAX_TCP_OPTION_SPACE - TCPOLEN_MSS_ALIGNED;
  opts.mss = mss;
  if (ireq.wscale_ok) {
    opts.ws = ireq.rcv_wscale;
    opts.options |= OPTION_WSCALE;
    remaining -= TCPOLEN_WSCALE_ALIGNED;
  }
  if (ireq.tstamp_ok) {
    opts.options |= OPTION_TS;
    opts.tsval = (tcp_skb_timestamp_ts(treq.req_usec_ts, skb) + treq.ts_off) >>> 0;
    if (treq.snt_tsval_first === 0) {
      if (opts.tsval === 0) opts.tsval = 0xffffffff;
      treq.snt_tsval_first = opts.tsval;
    }
    treq.snt_tsval_last = opts.tsval;
    opts.tsecr = req.ts_recent;
    remaining -= TCPOLEN_TSTAMP_ALIGNED;
  }
  if (ireq.sack_ok) {
    opts.options |= OPTION_SACK_ADVERTISE;
    if (!ireq.tstamp_ok) remaining -= TCPOLEN_SACKPERM_ALIGNED;
  }
  if (foc !== null && foc.len >= 0) {
    const need = fastopen_option_len(foc);
    if (remaining >= need) {
      opts.options |= OPTION_FAST_OPEN_COOKIE;
      opts.fastopen_cookie = foc;
      remaining -= need;
    }
  }
  if (treq.accecn_ok && sock_net(sk).ipv4.sysctl_tcp_ecn_option !== 0 && req.num_timeout < 1) {
    opts.use_synack_ecn_bytes = true;
    remaining -= tcp_options_fit_accecn(opts, 0, remaining);
  }
  return MAX_TCP_OPTION_SPACE - remaining;
}

/**
 * Options of every other segment.
 * @param skb the segment, null to learn only how many bytes they would take
 * @returns their bytes
 */
export function tcp_established_options(sk: sock, skb: sk_buff | null, opts: tcp_out_options): u32 {
  const tp = tcp_sk(sk);
  let size = 0;
  if (tp.rx_opt.tstamp_ok !== 0) {
    opts.options |= OPTION_TS;
    opts.tsval = skb !== null ? (tcp_skb_timestamp_ts(tp.tcp_usec_ts, skb) + tp.tsoffset) >>> 0 : 0;
    opts.tsecr = tp.rx_opt.ts_recent;
    size += TCPOLEN_TSTAMP_ALIGNED;
  }
  const eff_sacks = tp.rx_opt.num_sacks + tp.rx_opt.dsack;
  if (eff_sacks !== 0) {
    const remaining = MAX_TCP_OPTION_SPACE - size;
    if (remaining < TCPOLEN_SACK_BASE_ALIGNED + TCPOLEN_SACK_PERBLOCK) return size;
    const room = Math.floor((remaining - TCPOLEN_SACK_BASE_ALIGNED) / TCPOLEN_SACK_PERBLOCK);
    opts.num_sack_blocks = Math.min(eff_sacks, room);
    size += TCPOLEN_SACK_BASE_ALIGNED + opts.num_sack_blocks * TCPOLEN_SACK_PERBLOCK;
  }
  if (tcp_ecn_mode_accecn(tp) && wants_accecn_option(sk))
    size += tcp_options_fit_accecn(opts, tp.accecn_minlen, MAX_TCP_OPTION_SPACE - size);
  return size;
}

/** The segment size that a SYN tells the peer, bounded by the route's. */
export function tcp_advertise_mss(sk: sock): u16 {
  const tp = tcp_sk(sk);
  const dst = __sk_dst_get(sk);
  if (dst !== null) {
    const metric = dst_metric_advmss(dst);
    if (metric < tp.advmss) tp.advmss = metric;
  }
  return tp.advmss;
}
