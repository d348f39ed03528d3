// When to give up: user timeout, retries, resources.
// Read beside: net/ipv4/tcp_timer.c; RFC 5482, RFC 1122 4.2.3.5, tcp(7).

import { ETIMEDOUT } from '../../../include/linux/errno.js';
import { jiffies_to_msecs, jiffies_to_usecs, msecs_to_jiffies } from '../../../include/linux/jiffies.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import { dst_negative_advice } from '../../../include/net/dst.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import type { inet_connection_sock } from '../../../include/net/inet_connection_sock.js';
import { __NET_INC_STATS } from '../../../include/net/ip.js';
import { SK_RST_REASON_TCP_ABORT_ON_MEMORY } from '../../../include/net/rstreason.js';
import {
  LINUX_MIB_TCPABORTONMEMORY,
  LINUX_MIB_TCPABORTONTIMEOUT,
  LINUX_MIB_TCPTIMEOUTREHASH,
} from '../../../include/net/snmp.js';
import { SOCK_DEAD, sk_rethink_txhash, sock_flag, sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCPF_SYN_RECV,
  TCPF_SYN_SENT,
  TCP_RTO_MIN,
  TCP_SYN_SENT,
  TCP_TIMEOUT_INIT,
  TCP_TIMEOUT_MIN,
  TCP_TIMEWAIT_LEN,
  tcp_jiffies32,
  tcp_rto_max,
  tcp_time_stamp_ts,
} from '../../../include/net/tcp.js';
import { tcp_fastopen_active_detect_blackhole } from '../tcp_fastopen.js';
import { tcp_check_oom, tcp_done } from '../tcp/state.js';
import { tcp_done_with_error } from '../tcp_input/index.js';
import { tcp_mss_to_mtu, tcp_mtu_to_mss, tcp_send_active_reset, tcp_sync_mss } from '../tcp_output/index.js';

/** The RTO, cut short by TCP_USER_TIMEOUT. @returns jiffies */
export function tcp_clamp_rto_to_user_timeout(sk: sock): u32 {
  const icsk = inet_csk(sk);
  const tp = tcp_sk(sk);
  const user_timeout = icsk.icsk_user_timeout;
  if (!user_timeout) return icsk.icsk_rto;
  let elapsed = (tcp_time_stamp_ts(tp) - tp.retrans_stamp) >>> 0;
  if (tp.tcp_usec_ts) elapsed = Math.floor(elapsed / 1000);
  const remaining = user_timeout - elapsed;
  // It is over already: as soon as can be.
  if (remaining <= 0) return 1;
  return Math.min(icsk.icsk_rto, msecs_to_jiffies(sock_net(sk).kernel, remaining));
}

/** The time to the next zero-window probe, cut short by TCP_USER_TIMEOUT. @param when jiffies */
export function tcp_clamp_probe0_to_user_timeout(sk: sock, when: u32): u32 {
  const icsk = inet_csk(sk);
  const kernel = sock_net(sk).kernel;
  const user_timeout = icsk.icsk_user_timeout;
  if (!user_timeout || !icsk.icsk_probes_tstamp) return when;
  const elapsed = Math.max(0, (tcp_jiffies32(sk) - icsk.icsk_probes_tstamp) | 0);
  const remaining = Math.max(msecs_to_jiffies(kernel, user_timeout) - elapsed, TCP_TIMEOUT_MIN(kernel));
  return Math.min(remaining, when);
}

/** Gives up: the error is what an ICMP message told, or that it took too long. */
export function tcp_write_err(sk: sock): void {
  tcp_done_with_error(sk, sk.sk_err_soft || ETIMEDOUT);
  __NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPABORTONTIMEOUT);
}

/**
 * An orphan goes when memory or the number of orphans is short.
 * @param do_reset whether the peer is to be told
 * @returns whether it went
 */
export function tcp_out_of_resources(sk: sock, do_reset: bool): bool {
  const tp = tcp_sk(sk);
  const kernel = sock_net(sk).kernel;
  const idle = (tcp_jiffies32(sk) - tp.lsndtime) | 0;
  let shift = 0;
  if (idle > 2 * tcp_rto_max(sk) || !do_reset) shift++;
  if (sk.sk_err_soft) shift++;
  if (!tcp_check_oom(sk, shift)) return false;
  if (idle <= TCP_TIMEWAIT_LEN(kernel) || (!tp.snd_wnd && !tp.packets_out)) do_reset = true;
  if (do_reset) tcp_send_active_reset(sk, 0, SK_RST_REASON_TCP_ABORT_ON_MEMORY);
  tcp_done(sk);
  __NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPABORTONMEMORY);
  return true;
}

/** Retransmissions that an orphan is granted. */
export function tcp_orphan_retries(sk: sock, alive: bool): int {
  let retries = sock_net(sk).ipv4.sysctl_tcp_orphan_retries;
  if (sk.sk_err_soft && !alive) retries = 0;
  if (retries === 0 && alive) retries = 8;
  return retries;
}

/** Segments vanish: perhaps they are too large for the path. */
function tcp_mtu_probing(icsk: inet_connection_sock, sk: sock): void {
  const ipv4 = sock_net(sk).ipv4;
  if (!ipv4.sysctl_tcp_mtu_probing) return;
  if (!icsk.icsk_mtup.enabled) {
    icsk.icsk_mtup.enabled = true;
    icsk.icsk_mtup.probe_timestamp = tcp_jiffies32(sk);
  } else {
    let mss = tcp_mtu_to_mss(sk, icsk.icsk_mtup.search_low) >> 1;
    mss = Math.min(ipv4.sysctl_tcp_base_mss, mss);
    mss = Math.max(mss, ipv4.sysctl_tcp_mtu_probe_floor, ipv4.sysctl_tcp_min_snd_mss);
    icsk.icsk_mtup.search_low = tcp_mss_to_mtu(sk, mss);
  }
  tcp_sync_mss(sk, icsk.icsk_pmtu_cookie);
}

/** Time (ms) that so many retransmissions take from a first RTO on, doubling up to the maximum. */
function tcp_model_timeout(sk: sock, boundary: u32, rto_base: u32): u32 {
  const rto_max = tcp_rto_max(sk);
  const linear_backoff_thresh = Math.floor(Math.log2(Math.floor(rto_max / rto_base)));
  let timeout: number;
  if (boundary <= linear_backoff_thresh) timeout = (2 ** (boundary + 1) - 1) * rto_base;
  else timeout = (2 ** (linear_backoff_thresh + 1) - 1) * rto_base + (boundary - linear_backoff_thresh) * rto_max;
  return jiffies_to_msecs(sock_net(sk).kernel, timeout);
}

/**
 * Whether retransmission has gone on too long.
 * @param boundary retransmissions of the model whose time counts
 * @param timeout ms, 0 for the model's
 */
export function retransmits_timed_out(sk: sock, boundary: u32, timeout: u32): bool {
  const tp = tcp_sk(sk);
  const kernel = sock_net(sk).kernel;
  if (!inet_csk(sk).icsk_retransmits) return false;
  const start_ts = tp.retrans_stamp;
  if (timeout === 0) {
    const opening = ((1 << sk.sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) !== 0;
    timeout = tcp_model_timeout(sk, boundary, opening ? TCP_TIMEOUT_INIT(kernel) : TCP_RTO_MIN(kernel));
  }
  if (tp.tcp_usec_ts) {
    // The timer may be a tick early.
    const delta = (tp.tcp_mstamp - start_ts + jiffies_to_usecs(kernel, 1)) >>> 0;
    return ((delta - timeout * 1000) | 0) >= 0;
  }
  return ((tcp_time_stamp_ts(tp) - start_ts - timeout) | 0) >= 0;
}

/** A retransmission is due: whether to give up instead. */
export function tcp_write_timeout(sk: sock): bool {
  const icsk = inet_csk(sk);
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  let expired = false;
  let retry_until: int;
  if ((1 << sk.sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) {
    if (icsk.icsk_retransmits) dst_negative_advice(sk);
    retry_until = icsk.icsk_syn_retries || net.ipv4.sysctl_tcp_syn_retries;
    let max_retransmits = retry_until;
    if (sk.sk_state === TCP_SYN_SENT) max_retransmits += net.ipv4.sysctl_tcp_syn_linear_timeouts;
    expired = icsk.icsk_retransmits >= max_retransmits;
  } else {
    if (retransmits_timed_out(sk, net.ipv4.sysctl_tcp_retries1, 0)) {
      tcp_mtu_probing(icsk, sk);
      dst_negative_advice(sk);
    }
    retry_until = net.ipv4.sysctl_tcp_retries2;
    if (sock_flag(sk, SOCK_DEAD)) {
      const alive = icsk.icsk_rto < tcp_rto_max(sk);
      retry_until = tcp_orphan_retries(sk, alive);
      const do_reset = alive || !retransmits_timed_out(sk, retry_until, 0);
      if (tcp_out_of_resources(sk, do_reset)) return true;
    }
  }
  if (!expired) expired = retransmits_timed_out(sk, retry_until, icsk.icsk_user_timeout);
  tcp_fastopen_active_detect_blackhole(sk, expired);
  if (expired) {
    tcp_write_err(sk);
    return true;
  }
  if (sk_rethink_txhash(sk)) {
    tp.timeout_rehash++;
    __NET_INC_STATS(net, LINUX_MIB_TCPTIMEOUTREHASH);
  }
  return false;
}
