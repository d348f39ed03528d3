/**
 * What is remembered of a peer from one connection to the next: round-trip time, windows, reordering,
 * Fast Open cookie.
 *
 * Read beside it: net/ipv4/tcp_metrics.c, ip-tcp_metrics(8). Times in µs << 3 as tcp_sock.srtt_us.
 */
import { jiffies_to_usecs } from '../../include/linux/jiffies.js';
import { RTAX_CWND, RTAX_REORDERING, RTAX_RTT, RTAX_RTTVAR, RTAX_SSTHRESH } from '../../include/linux/rtnetlink.js';
import { tcp_fastopen_cookie, tcp_sk } from '../../include/linux/tcp.js';
import type { __be32, bool, u16, u32, u8 } from '../../include/linux/types.js';
import { dst_metric_locked, dst_metric_raw } from '../../include/net/dst.js';
import type { dst_entry } from '../../include/net/dst.js';
import { inet_csk } from '../../include/net/inet_connection_sock.js';
import type { net } from '../../include/net/net_namespace.js';
import type { request_sock } from '../../include/net/request_sock.js';
import { __sk_dst_get, sk_dst_confirm, sock_net } from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock.js';
import {
  TCP_CA_Open,
  TCP_INFINITE_SSTHRESH,
  TCP_TIMEOUT_FALLBACK,
  tcp_in_initial_slowstart,
  tcp_in_slow_start,
  tcp_rto_min_jiffies,
  tcp_snd_cwnd,
} from '../../include/net/tcp.js';
import type { Kernel } from '../../kernel/kernel.js';
import { ntohl } from '../../include/linux/byteorder.js';

export const TCP_METRIC_RTT = 0;
export const TCP_METRIC_RTTVAR = 1;
export const TCP_METRIC_SSTHRESH = 2;
export const TCP_METRIC_CWND = 3;
export const TCP_METRIC_REORDERING = 4;

/** Seconds after which an entry that was not refreshed is taken anew from the route. */
const TCP_METRICS_TIMEOUT = 60 * 60;
/** Entries of one address's pairs, most recently used last: the first goes when there are more. */
const TCP_METRICS_MAX = 4096;

export class tcp_fastopen_metrics {
  mss: u16 = 0;
  syn_loss: u16 = 0;
  try_exp: u16 = 0;
  last_syn_loss: number = 0;
  cookie: tcp_fastopen_cookie = new tcp_fastopen_cookie();
}

export class tcp_metrics_block {
  tcpm_net: net | null = null;
  tcpm_saddr: __be32 = 0;
  tcpm_daddr: __be32 = 0;
  tcpm_stamp: number = 0;
  /** Bits of the metrics that the route has locked. */
  tcpm_lock: u32 = 0;
  tcpm_vals: u32[] = [0, 0, 0, 0, 0];
  tcpm_fastopen: tcp_fastopen_metrics = new tcp_fastopen_metrics();
}

/** @notrace */
function tcp_metric_locked(tm: tcp_metrics_block, idx: u8): bool {
  return (tm.tcpm_lock & (1 << idx)) !== 0;
}

/** @notrace */
function tcp_metric_get(tm: tcp_metrics_block, idx: u8): u32 {
  return tm.tcpm_vals[idx];
}

/** @notrace */
function tcp_metric_set(tm: tcp_metrics_block, idx: u8, val: u32): void {
  tm.tcpm_vals[idx] = val >>> 0;
}

/** Takes the route's metrics: rtt and rttvar there are ms. */
function tcpm_suck_dst(tm: tcp_metrics_block, dst: dst_entry, fastopen_clear: bool): void {
  tm.tcpm_stamp = tm.tcpm_net!.kernel.jiffies;
  const route = [RTAX_RTT, RTAX_RTTVAR, RTAX_SSTHRESH, RTAX_CWND, RTAX_REORDERING];
  tm.tcpm_lock = 0;
  route.forEach((metric, idx) => {
    if (dst_metric_locked(dst, metric)) tm.tcpm_lock |= 1 << idx;
    const val = dst_metric_raw(dst, metric);
    tm.tcpm_vals[idx] = idx <= TCP_METRIC_RTTVAR ? val * 1000 : val;
  });
  if (fastopen_clear) {
    tm.tcpm_fastopen = new tcp_fastopen_metrics();
    tm.tcpm_fastopen.cookie.len = 0;
  }
}

/** @notrace */
function tcpm_check_stamp(tm: tcp_metrics_block, dst: dst_entry): void {
  const kernel = tm.tcpm_net!.kernel;
  if (kernel.jiffies > tm.tcpm_stamp + TCP_METRICS_TIMEOUT * kernel.HZ) tcpm_suck_dst(tm, dst, false);
}

/** @notrace */
function metrics_key(saddr: __be32, daddr: __be32): number {
  return saddr * 0x100000000 + daddr;
}

/** @notrace */
function tcp_metrics_table(kernel: Kernel): Map<number, tcp_metrics_block> {
  return kernel.tcp_metrics_hash;
}

function tcpm_new(net: net, dst: dst_entry, saddr: __be32, daddr: __be32): tcp_metrics_block {
  const table = tcp_metrics_table(net.kernel);
  if (table.size >= TCP_METRICS_MAX) {
    const [oldest] = table.keys();
    table.delete(oldest);
  }
  const tm = new tcp_metrics_block();
  tm.tcpm_net = net;
  tm.tcpm_saddr = saddr;
  tm.tcpm_daddr = daddr;
  tcpm_suck_dst(tm, dst, true);
  table.set(metrics_key(saddr, daddr), tm);
  return tm;
}

function __tcp_get_metrics_req(req: request_sock, dst: dst_entry): tcp_metrics_block | null {
  const table = tcp_metrics_table(req.skc_net!.kernel);
  const tm = table.get(metrics_key(req.skc_rcv_saddr, req.skc_daddr)) ?? null;
  if (tm) tcpm_check_stamp(tm, dst);
  return tm;
}

/** What is known of a socket's peer. @param create whether to begin an entry if there is none */
function tcp_get_metrics(sk: sock, dst: dst_entry, create: bool): tcp_metrics_block | null {
  const net = sock_net(sk);
  const saddr = sk.skc_rcv_saddr;
  const daddr = sk.skc_daddr;
  const tm = tcp_metrics_table(net.kernel).get(metrics_key(saddr, daddr)) ?? null;
  if (!tm) return create ? tcpm_new(net, dst, saddr, daddr) : null;
  tcpm_check_stamp(tm, dst);
  return tm;
}

/** At a connection's end: remembers what it has learnt. */
export function tcp_update_metrics(sk: sock): void {
  const icsk = inet_csk(sk);
  const dst = __sk_dst_get(sk);
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  sk_dst_confirm(sk);
  if (net.ipv4.sysctl_tcp_nometrics_save || !dst) return;
  if (icsk.icsk_backoff || !tp.srtt_us) {
    // Nothing was measured: what was known is doubtful too.
    const tm = tcp_get_metrics(sk, dst, false);
    if (tm && !tcp_metric_locked(tm, TCP_METRIC_RTT)) tcp_metric_set(tm, TCP_METRIC_RTT, 0);
    return;
  }
  const tm = tcp_get_metrics(sk, dst, true);
  if (!tm) return;
  const rtt = tcp_metric_get(tm, TCP_METRIC_RTT);
  let m = rtt - tp.srtt_us;
  // A longer time is taken over at once, a shorter one by an eighth.
  if (!tcp_metric_locked(tm, TCP_METRIC_RTT)) tcp_metric_set(tm, TCP_METRIC_RTT, m <= 0 ? tp.srtt_us : rtt - (m >> 3));
  if (!tcp_metric_locked(tm, TCP_METRIC_RTTVAR)) {
    m = Math.max(Math.abs(m) >> 1, tp.mdev_us);
    const dev = tcp_metric_get(tm, TCP_METRIC_RTTVAR);
    tcp_metric_set(tm, TCP_METRIC_RTTVAR, m >= dev ? m : dev - ((dev - m) >> 2));
  }
  const cwnd = tcp_snd_cwnd(tp);
  const save_ssthresh = !net.ipv4.sysctl_tcp_no_ssthresh_metrics_save && !tcp_metric_locked(tm, TCP_METRIC_SSTHRESH);
  const save_cwnd = !tcp_metric_locked(tm, TCP_METRIC_CWND);
  const ssthresh = tcp_metric_get(tm, TCP_METRIC_SSTHRESH);
  const saved_cwnd = tcp_metric_get(tm, TCP_METRIC_CWND);
  if (tcp_in_initial_slowstart(tp)) {
    if (save_ssthresh && ssthresh && cwnd >> 1 > ssthresh) tcp_metric_set(tm, TCP_METRIC_SSTHRESH, cwnd >> 1);
    if (save_cwnd && cwnd > saved_cwnd) tcp_metric_set(tm, TCP_METRIC_CWND, cwnd);
  } else if (!tcp_in_slow_start(tp) && icsk.icsk_ca_state === TCP_CA_Open) {
    if (save_ssthresh) tcp_metric_set(tm, TCP_METRIC_SSTHRESH, Math.max(cwnd >> 1, tp.snd_ssthresh));
    if (save_cwnd) tcp_metric_set(tm, TCP_METRIC_CWND, (saved_cwnd + cwnd) >>> 1);
  } else {
    if (save_cwnd) tcp_metric_set(tm, TCP_METRIC_CWND, (saved_cwnd + tp.snd_ssthresh) >>> 1);
    if (save_ssthresh && ssthresh && tp.snd_ssthresh > ssthresh)
      tcp_metric_set(tm, TCP_METRIC_SSTHRESH, tp.snd_ssthresh);
  }
  if (!tcp_metric_locked(tm, TCP_METRIC_REORDERING)) {
    const val = tcp_metric_get(tm, TCP_METRIC_REORDERING);
    if (val < tp.reordering && tp.reordering !== net.ipv4.sysctl_tcp_reordering)
      tcp_metric_set(tm, TCP_METRIC_REORDERING, tp.reordering);
  }
  tm.tcpm_stamp = net.kernel.jiffies;
}

/** At a connection's begin: starts from what is known of the peer, and sets the first RTO. */
export function tcp_init_metrics(sk: sock): void {
  const dst = __sk_dst_get(sk);
  const tp = tcp_sk(sk);
  const icsk = inet_csk(sk);
  const net = sock_net(sk);
  const kernel = net.kernel;
  let crtt = 0;
  sk_dst_confirm(sk);
  // The SYN's own losses do not count.
  tp.snd_ssthresh = TCP_INFINITE_SSTHRESH;
  const tm = dst ? tcp_get_metrics(sk, dst, false) : null;
  if (tm) {
    if (tcp_metric_locked(tm, TCP_METRIC_CWND)) tp.snd_cwnd_clamp = tcp_metric_get(tm, TCP_METRIC_CWND);
    const ssthresh = net.ipv4.sysctl_tcp_no_ssthresh_metrics_save ? 0 : tcp_metric_get(tm, TCP_METRIC_SSTHRESH);
    if (ssthresh) tp.snd_ssthresh = Math.min(ssthresh, tp.snd_cwnd_clamp);
    const reordering = tcp_metric_get(tm, TCP_METRIC_REORDERING);
    if (reordering && tp.reordering !== reordering) tp.reordering = reordering;
    crtt = tcp_metric_get(tm, TCP_METRIC_RTT);
  }
  if (crtt > tp.srtt_us) {
    // The handshake's segments were small: the first RTO is from the time remembered.
    const ticks = Math.floor(crtt / ((8 * 1e6) / kernel.HZ));
    icsk.icsk_rto = ticks + Math.max(2 * ticks, tcp_rto_min_jiffies(sk));
  } else if (tp.srtt_us === 0) {
    // RFC 6298 5.7: the SYN was sent more than once.
    tp.rttvar_us = jiffies_to_usecs(kernel, TCP_TIMEOUT_FALLBACK(kernel));
    tp.mdev_us = tp.rttvar_us;
    tp.mdev_max_us = tp.rttvar_us;
    icsk.icsk_rto = TCP_TIMEOUT_FALLBACK(kernel);
  }
}

/** Whether there was a good connection with this peer before. */
export function tcp_peer_is_proven(req: request_sock, dst: dst_entry): bool {
  const tm = __tcp_get_metrics_req(req, dst);
  return tm !== null && tcp_metric_get(tm, TCP_METRIC_RTT) !== 0;
}

/** The Fast Open cookie and MSS remembered of a peer. @param mss out @param cookie out */
export function tcp_fastopen_cache_get(sk: sock, mss: { value: u16 }, cookie: tcp_fastopen_cookie): void {
  const dst = __sk_dst_get(sk);
  const tm = dst ? tcp_get_metrics(sk, dst, false) : null;
  if (!tm) return;
  const tfom = tm.tcpm_fastopen;
  if (tfom.mss) mss.value = tfom.mss;
  cookie.val.set(tfom.cookie.val);
  cookie.len = tfom.cookie.len;
  cookie.exp = tfom.cookie.exp;
  if (cookie.len <= 0 && tfom.try_exp === 1) cookie.exp = true;
}

/**
 * Remembers a Fast Open cookie.
 * @param syn_lost whether the SYN with data was lost
 * @param try_exp 1: the next attempt uses the experimental option
 */
export function tcp_fastopen_cache_set(
  sk: sock,
  mss: u16,
  cookie: tcp_fastopen_cookie | null,
  syn_lost: bool,
  try_exp: u16,
): void {
  const dst = __sk_dst_get(sk);
  const tm = dst ? tcp_get_metrics(sk, dst, true) : null;
  if (!tm) return;
  const tfom = tm.tcpm_fastopen;
  if (mss) tfom.mss = mss;
  if (cookie && cookie.len > 0) {
    tfom.cookie.val.set(cookie.val);
    tfom.cookie.len = cookie.len;
    tfom.cookie.exp = cookie.exp;
  } else if (try_exp > tfom.try_exp && tfom.cookie.len <= 0 && !tfom.cookie.exp) tfom.try_exp = try_exp;
  if (syn_lost) {
    tfom.syn_loss++;
    tfom.last_syn_loss = sock_net(sk).kernel.jiffies;
  } else tfom.syn_loss = 0;
}

/** `ip tcp_metrics flush`: forgets all. @returns how many entries there were */
export function tcp_metrics_flush_all(kernel: Kernel): number {
  const count = tcp_metrics_table(kernel).size;
  tcp_metrics_table(kernel).clear();
  return count;
}

/** `ip tcp_metrics show`: a line each. */
export function tcp_metrics_show(kernel: Kernel): string {
  let text = '';
  for (const tm of tcp_metrics_table(kernel).values()) {
    const a = ntohl(tm.tcpm_daddr);
    const s = ntohl(tm.tcpm_saddr);
    const age = (kernel.jiffies - tm.tcpm_stamp) / kernel.HZ;
    text += `${dotted(a)} age ${age.toFixed(3)}sec`;
    if (tm.tcpm_vals[TCP_METRIC_CWND]) text += ` cwnd ${tm.tcpm_vals[TCP_METRIC_CWND]}`;
    if (tm.tcpm_vals[TCP_METRIC_RTT]) text += ` rtt ${tm.tcpm_vals[TCP_METRIC_RTT] >>> 3}us`;
    if (tm.tcpm_vals[TCP_METRIC_RTTVAR]) text += ` rttvar ${tm.tcpm_vals[TCP_METRIC_RTTVAR] >>> 2}us`;
    if (tm.tcpm_fastopen.cookie.len > 0) {
      const cookie = [...tm.tcpm_fastopen.cookie.val.subarray(0, tm.tcpm_fastopen.cookie.len)];
      text += ` fo_mss ${tm.tcpm_fastopen.mss} fo_cookie ${cookie.map((b) => b.toString(16).padStart(2, '0')).join('')}`;
    }
    text += ` source ${dotted(s)}\n`;
  }
  return text;
}

/** @notrace */
function dotted(addr: u32): string {
  return [addr >>> 24, (addr >>> 16) & 255, (addr >>> 8) & 255, addr & 255].join('.');
}

export function tcp_metrics_init(kernel: Kernel): void {
  kernel.tcp_metrics_hash.clear();
}
