/**
 * TCP's timers: retransmission, zero-window probes, delayed ACK, keepalive, and when to give up.
 *
 * Read beside it: net/ipv4/tcp_timer.c; RFC 6298, RFC 1122 4.2.3, RFC 5482 (user timeout), tcp(7).
 */
import { ETIMEDOUT } from '../../include/linux/errno.js';
import {
  HRTIMER_MODE_ABS,
  HRTIMER_MODE_REL,
  HRTIMER_MODE_SOFT,
  HRTIMER_NORESTART,
} from '../../include/linux/hrtimer.js';
import type { hrtimer } from '../../include/linux/hrtimer.js';
import { jiffies_to_msecs, jiffies_to_usecs, msecs_to_jiffies, time_after } from '../../include/linux/jiffies.js';
import { TCPF_DELACK_TIMER_DEFERRED, TCPF_WRITE_TIMER_DEFERRED, tcp_sk } from '../../include/linux/tcp.js';
import type { timer_list } from '../../include/linux/timer.js';
import type { bool, int, u32 } from '../../include/linux/types.js';
import { dst_negative_advice } from '../../include/net/dst.js';
import {
  ICSK_ACK_TIMER,
  ICSK_TIME_LOSS_PROBE,
  ICSK_TIME_PROBE0,
  ICSK_TIME_REO_TIMEOUT,
  ICSK_TIME_RETRANS,
  icsk_delack_timeout,
  inet_csk_delack_timer,
  icsk_timeout,
  inet_csk,
  inet_csk_ack_scheduled,
  inet_csk_exit_pingpong_mode,
  inet_csk_in_pingpong_mode,
  inet_csk_rto_backoff,
} from '../../include/net/inet_connection_sock.js';
import type { inet_connection_sock } from '../../include/net/inet_connection_sock.js';
import { __NET_INC_STATS } from '../../include/net/ip.js';
import type { request_sock } from '../../include/net/request_sock.js';
import {
  SK_RST_REASON_TCP_ABORT_ON_MEMORY,
  SK_RST_REASON_TCP_KEEPALIVE_TIMEOUT,
  SK_RST_REASON_TCP_STATE,
} from '../../include/net/rstreason.js';
import {
  LINUX_MIB_DELAYEDACKLOCKED,
  LINUX_MIB_DELAYEDACKS,
  LINUX_MIB_TCPABORTONMEMORY,
  LINUX_MIB_TCPABORTONTIMEOUT,
  LINUX_MIB_TCPKEEPALIVE,
  LINUX_MIB_TCPLOSSFAILURES,
  LINUX_MIB_TCPRENOFAILURES,
  LINUX_MIB_TCPRENORECOVERYFAIL,
  LINUX_MIB_TCPSACKFAILURES,
  LINUX_MIB_TCPSACKRECOVERYFAIL,
  LINUX_MIB_TCPTIMEOUTREHASH,
  LINUX_MIB_TCPTIMEOUTS,
} from '../../include/net/snmp.js';
import {
  SOCK_DEAD,
  SOCK_KEEPOPEN,
  __sk_dst_reset,
  bh_lock_sock,
  bh_unlock_sock,
  sk_rethink_txhash,
  sock_flag,
  sock_hold,
  sock_net,
  sock_owned_by_user,
  sock_put,
} from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock.js';
import {
  TCPF_CLOSE,
  TCPF_LISTEN,
  TCPF_SYN_RECV,
  TCPF_SYN_SENT,
  TCP_ATO_MIN,
  TCP_CA_Disorder,
  TCP_CA_Loss,
  TCP_CA_Recovery,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT2,
  TCP_LISTEN,
  TCP_RESOURCE_PROBE_INTERVAL,
  TCP_RTO_MIN,
  TCP_SYN_SENT,
  TCP_THIN_LINEAR_RETRIES,
  TCP_TIMEOUT_INIT,
  TCP_TIMEOUT_MIN,
  TCP_TIMEWAIT_LEN,
  __tcp_set_rto,
  keepalive_intvl_when,
  keepalive_probes,
  keepalive_time_elapsed,
  keepalive_time_when,
  tcp_fin_time,
  tcp_is_sack,
  tcp_jiffies32,
  tcp_reset_xmit_timer,
  tcp_rto_max,
  tcp_rto_min_jiffies,
  tcp_rtx_queue_head,
  tcp_send_head,
  tcp_skb_timestamp_ts,
  tcp_stream_is_thin,
  tcp_time_stamp_ms,
  tcp_time_stamp_ts,
  tcp_write_queue_empty,
} from '../../include/net/tcp.js';
import { hrtimer_setup } from '../../kernel/time/hrtimer.js';
import { sk_reset_timer } from '../core/sock.js';
import {
  inet_csk_delete_keepalive_timer,
  inet_csk_init_xmit_timers,
  inet_csk_reset_keepalive_timer,
  tcp_syn_ack_timeout,
} from './inet_connection_sock.js';
import { tcp_fastopen_active_detect_blackhole } from './tcp_fastopen.js';
import { tcp_check_oom, tcp_done } from './tcp/state.js';
import { tcp_done_with_error, tcp_enter_loss, tcp_sack_compress_send_ack } from './tcp_input/index.js';
import { tcp_time_wait } from './tcp_minisocks.js';
import { tcp_rtx_synack } from './tcp_output/connect.js';
import {
  tcp_mss_to_mtu,
  tcp_mstamp_refresh,
  tcp_mtu_to_mss,
  tcp_pace_kick,
  tcp_retransmit_skb,
  tcp_send_ack,
  tcp_send_active_reset,
  tcp_send_loss_probe,
  tcp_send_probe0,
  tcp_sync_mss,
  tcp_write_wakeup,
} from './tcp_output/index.js';
import { tcp_rack_reo_timeout } from './tcp_recovery.js';
import type { tcp_sock } from '../../include/linux/tcp.js';

/** The RTO, cut short by TCP_USER_TIMEOUT. @returns jiffies */
function tcp_clamp_rto_to_user_timeout(sk: sock): u32 {
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
function tcp_out_of_resources(sk: sock, do_reset: bool): bool {
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
function tcp_orphan_retries(sk: sock, alive: bool): int {
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
function retransmits_timed_out(sk: sock, boundary: u32, timeout: u32): bool {
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
function tcp_write_timeout(sk: sock): bool {
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

/** The delayed ACK is due; the socket is not in use. */
export function tcp_delack_timer_handler(sk: sock): void {
  const icsk = inet_csk(sk);
  const tp = tcp_sk(sk);
  const kernel = sock_net(sk).kernel;
  if ((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN)) return;
  if (tp.compressed_ack) {
    tcp_mstamp_refresh(tp);
    tcp_sack_compress_send_ack(sk);
    return;
  }
  if (!(icsk.icsk_ack.pending & ICSK_ACK_TIMER)) return;
  if (time_after(icsk_delack_timeout(icsk), kernel.jiffies)) {
    sk_reset_timer(sk, inet_csk_delack_timer(icsk), icsk_delack_timeout(icsk));
    return;
  }
  icsk.icsk_ack.pending &= ~ICSK_ACK_TIMER;
  if (!inet_csk_ack_scheduled(sk)) return;
  if (!inet_csk_in_pingpong_mode(sk)) {
    // No data to ride on came in time: wait longer next time.
    icsk.icsk_ack.ato = Math.min(icsk.icsk_ack.ato << 1, icsk.icsk_rto);
  } else {
    inet_csk_exit_pingpong_mode(sk);
    icsk.icsk_ack.ato = TCP_ATO_MIN(kernel);
  }
  tcp_mstamp_refresh(tp);
  tcp_send_ack(sk);
  __NET_INC_STATS(sock_net(sk), LINUX_MIB_DELAYEDACKS);
}

/** Leaves a timer's work to release_sock(). @notrace */
function tcp_defer(sk: sock, flag: int): void {
  if ((sk.sk_tsq_flags & flag) !== 0) return;
  sk.sk_tsq_flags |= flag;
  sock_hold(sk);
}

function tcp_delack_timer(t: timer_list): void {
  const sk = t.owner as sock;
  if (inet_csk(sk).icsk_ack.pending & ICSK_ACK_TIMER || tcp_sk(sk).compressed_ack) {
    bh_lock_sock(sk);
    if (!sock_owned_by_user(sk)) tcp_delack_timer_handler(sk);
    else {
      __NET_INC_STATS(sock_net(sk), LINUX_MIB_DELAYEDACKLOCKED);
      tcp_defer(sk, TCPF_DELACK_TIMER_DEFERRED);
    }
    bh_unlock_sock(sk);
  }
  sock_put(sk);
}

/** The peer's window is closed and it is time to ask again. */
function tcp_probe_timer(sk: sock): void {
  const icsk = inet_csk(sk);
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  if (tp.packets_out || !tcp_send_head(sk)) {
    icsk.icsk_probes_out = 0;
    icsk.icsk_probes_tstamp = 0;
    return;
  }
  // As long as the peer answers the probes it may keep its window closed, unless the program said how long.
  if (!icsk.icsk_probes_tstamp) icsk.icsk_probes_tstamp = tcp_jiffies32(sk);
  else {
    const user_timeout = icsk.icsk_user_timeout;
    const elapsed = (tcp_jiffies32(sk) - icsk.icsk_probes_tstamp) | 0;
    if (user_timeout && elapsed >= msecs_to_jiffies(net.kernel, user_timeout)) {
      tcp_write_err(sk);
      return;
    }
  }
  let max_probes: int = net.ipv4.sysctl_tcp_retries2;
  if (sock_flag(sk, SOCK_DEAD)) {
    const rto_max = tcp_rto_max(sk);
    const alive = inet_csk_rto_backoff(icsk, rto_max) < rto_max;
    max_probes = tcp_orphan_retries(sk, alive);
    if (!alive && icsk.icsk_backoff >= max_probes) {
      tcp_write_err(sk);
      return;
    }
    if (tcp_out_of_resources(sk, true)) return;
  }
  if (icsk.icsk_probes_out >= max_probes) tcp_write_err(sk);
  else tcp_send_probe0(sk);
}

/** @notrace */
function tcp_update_rto_stats(sk: sock): void {
  const icsk = inet_csk(sk);
  const tp = tcp_sk(sk);
  if (!icsk.icsk_retransmits) {
    tp.total_rto_recoveries++;
    tp.rto_stamp = tcp_time_stamp_ms(tp);
  }
  icsk.icsk_retransmits++;
  tp.total_rto++;
}

/** A Fast Open child's SYN-ACK has not been acknowledged. */
function tcp_fastopen_synack_timer(sk: sock, req: request_sock): void {
  const icsk = inet_csk(sk);
  const tp = tcp_sk(sk);
  const max_retries = icsk.icsk_syn_retries || sock_net(sk).ipv4.sysctl_tcp_synack_retries + 1;
  tcp_syn_ack_timeout(req);
  if (req.num_timeout >= max_retries) {
    tcp_write_err(sk);
    return;
  }
  if (icsk.icsk_retransmits === 1) tcp_enter_loss(sk);
  tcp_rtx_synack(sk, req);
  if (req.num_timeout < 0xff) req.num_timeout++;
  tcp_update_rto_stats(sk);
  if (!tp.retrans_stamp) tp.retrans_stamp = tcp_time_stamp_ts(tp);
  tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, req.timeout * 2 ** req.num_timeout, false);
}

/** Retransmissions into a closed window: whether they have gone on too long. @param rtx_delta ms */
function tcp_rtx_probe0_timed_out(sk: sock, rtx_delta: u32): bool {
  const icsk = inet_csk(sk);
  const tp = tcp_sk(sk);
  const kernel = sock_net(sk).kernel;
  const user_timeout = icsk.icsk_user_timeout;
  let timeout = tcp_rto_max(sk) * 2;
  if (user_timeout) {
    if (rtx_delta > user_timeout) return true;
    timeout = Math.min(timeout, msecs_to_jiffies(kernel, user_timeout));
  }
  const rcv_delta = ((icsk_timeout(icsk) >>> 0) - tp.rcv_tstamp) | 0;
  if (rcv_delta <= timeout) return false;
  return msecs_to_jiffies(kernel, rtx_delta) > timeout;
}

/** What a time-out ended, for the counters. @notrace */
function tcp_timeout_mib(sk: sock): int {
  const tp = tcp_sk(sk);
  const state = inet_csk(sk).icsk_ca_state;
  if (state === TCP_CA_Recovery) return tcp_is_sack(tp) ? LINUX_MIB_TCPSACKRECOVERYFAIL : LINUX_MIB_TCPRENORECOVERYFAIL;
  if (state === TCP_CA_Loss) return LINUX_MIB_TCPLOSSFAILURES;
  if (state === TCP_CA_Disorder || tp.sacked_out)
    return tcp_is_sack(tp) ? LINUX_MIB_TCPSACKFAILURES : LINUX_MIB_TCPRENOFAILURES;
  return 0;
}

/** Backs off and arms the timer anew. @notrace */
function tcp_retransmit_backoff(sk: sock): void {
  const icsk = inet_csk(sk);
  const tp = tcp_sk(sk);
  const ipv4 = sock_net(sk).ipv4;
  const thin_linear =
    sk.sk_state === TCP_ESTABLISHED &&
    (tp.thin_lto !== 0 || ipv4.sysctl_tcp_thin_linear_timeouts !== 0) &&
    tcp_stream_is_thin(tp) &&
    icsk.icsk_retransmits <= TCP_THIN_LINEAR_RETRIES;
  if (thin_linear) {
    icsk.icsk_backoff = 0;
    icsk.icsk_rto = Math.min(Math.max(__tcp_set_rto(tp), tcp_rto_min_jiffies(sk)), tcp_rto_max(sk));
  } else if (sk.sk_state !== TCP_SYN_SENT || tp.total_rto > ipv4.sysctl_tcp_syn_linear_timeouts) {
    icsk.icsk_backoff++;
    icsk.icsk_rto = Math.min(icsk.icsk_rto << 1, tcp_rto_max(sk));
  }
  tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, tcp_clamp_rto_to_user_timeout(sk), false);
  if (retransmits_timed_out(sk, ipv4.sysctl_tcp_retries1 + 1, 0)) __sk_dst_reset(sk);
}

/** The retransmission timer: the oldest segment goes again, and the congestion window collapses. */
export function tcp_retransmit_timer(sk: sock): void {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const icsk = inet_csk(sk);
  const req = tp.fastopen_rsk;
  if (req) {
    // Until the SYN-ACK is acknowledged nothing else is sent again.
    tcp_fastopen_synack_timer(sk, req);
    return;
  }
  if (!tp.packets_out) return;
  const skb = tcp_rtx_queue_head(sk);
  if (!skb) return;
  const opening = ((1 << sk.sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) !== 0;
  if (!tp.snd_wnd && !sock_flag(sk, SOCK_DEAD) && !opening) {
    // The peer took its window back: what is sent again probes it, and does not time out as a loss would.
    let rtx_delta = (tcp_time_stamp_ts(tp) - (tp.retrans_stamp || tcp_skb_timestamp_ts(tp.tcp_usec_ts, skb))) >>> 0;
    if (tp.tcp_usec_ts) rtx_delta = Math.floor(rtx_delta / 1000);
    if (tcp_rtx_probe0_timed_out(sk, rtx_delta)) {
      tcp_write_err(sk);
      return;
    }
    tcp_enter_loss(sk);
    tcp_retransmit_skb(sk, skb, 1);
    __sk_dst_reset(sk);
    tcp_retransmit_backoff(sk);
    return;
  }
  __NET_INC_STATS(net, LINUX_MIB_TCPTIMEOUTS);
  if (tcp_write_timeout(sk)) return;
  if (icsk.icsk_retransmits === 0) {
    const mib_idx = tcp_timeout_mib(sk);
    if (mib_idx) __NET_INC_STATS(net, mib_idx);
  }
  tcp_enter_loss(sk);
  tcp_update_rto_stats(sk);
  if (tcp_retransmit_skb(sk, tcp_rtx_queue_head(sk)!, 1) > 0) {
    // The host itself could not send it: soon again, without back-off.
    tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, TCP_RESOURCE_PROBE_INTERVAL(net.kernel), false);
    return;
  }
  tcp_retransmit_backoff(sk);
}

/** The timer of what is sent; the socket is not in use. */
export function tcp_write_timer_handler(sk: sock): void {
  const icsk = inet_csk(sk);
  if ((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN) || !icsk.icsk_pending) return;
  if (time_after(icsk_timeout(icsk), sock_net(sk).kernel.jiffies)) {
    sk_reset_timer(sk, icsk.icsk_retransmit_timer, icsk_timeout(icsk));
    return;
  }
  tcp_mstamp_refresh(tcp_sk(sk));
  switch (icsk.icsk_pending) {
    case ICSK_TIME_REO_TIMEOUT:
      tcp_rack_reo_timeout(sk);
      break;
    case ICSK_TIME_LOSS_PROBE:
      tcp_send_loss_probe(sk);
      break;
    case ICSK_TIME_RETRANS:
      icsk.icsk_pending = 0;
      tcp_retransmit_timer(sk);
      break;
    case ICSK_TIME_PROBE0:
      icsk.icsk_pending = 0;
      tcp_probe_timer(sk);
      break;
    default:
      break;
  }
}

function tcp_write_timer(t: timer_list): void {
  const sk = t.owner as sock;
  if (inet_csk(sk).icsk_pending) {
    bh_lock_sock(sk);
    if (!sock_owned_by_user(sk)) tcp_write_timer_handler(sk);
    else tcp_defer(sk, TCPF_WRITE_TIMER_DEFERRED);
    bh_unlock_sock(sk);
  }
  sock_put(sk);
}

/** SO_KEEPALIVE is switched: proto.keepalive of TCP. @EXPORT_SYMBOL */
export function tcp_set_keepalive(sk: sock, val: int): void {
  if ((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN)) return;
  if (val && !sock_flag(sk, SOCK_KEEPOPEN)) inet_csk_reset_keepalive_timer(sk, keepalive_time_when(tcp_sk(sk)));
  else if (!val) inet_csk_delete_keepalive_timer(sk);
}

/** Keepalive of a connection. @returns jiffies until it is looked at again, -1 for never @notrace */
function tcp_keepalive(sk: sock): int {
  const tp = tcp_sk(sk);
  const icsk = inet_csk(sk);
  const kernel = sock_net(sk).kernel;
  if (!sock_flag(sk, SOCK_KEEPOPEN) || (1 << sk.sk_state) & (TCPF_CLOSE | TCPF_SYN_SENT)) return -1;
  // What is under way tells enough of the peer.
  if (tp.packets_out || !tcp_write_queue_empty(sk)) return keepalive_time_when(tp);
  const elapsed = keepalive_time_elapsed(tp);
  if (elapsed < keepalive_time_when(tp)) return keepalive_time_when(tp) - elapsed;
  const user_timeout = icsk.icsk_user_timeout;
  const dead = user_timeout
    ? elapsed >= msecs_to_jiffies(kernel, user_timeout) && icsk.icsk_probes_out > 0
    : icsk.icsk_probes_out >= keepalive_probes(tp);
  if (dead) {
    tcp_send_active_reset(sk, 0, SK_RST_REASON_TCP_KEEPALIVE_TIMEOUT);
    tcp_write_err(sk);
    return -1;
  }
  if (tcp_write_wakeup(sk, LINUX_MIB_TCPKEEPALIVE) <= 0) {
    icsk.icsk_probes_out++;
    return keepalive_intvl_when(tp);
  }
  // The host itself could not send the probe.
  return TCP_RESOURCE_PROBE_INTERVAL(kernel);
}

/** sk_timer: keepalive, and the end of an orphan in FIN_WAIT2. */
function tcp_keepalive_timer(t: timer_list): void {
  const sk = t.owner as sock;
  const tp = tcp_sk(sk);
  const kernel = sock_net(sk).kernel;
  bh_lock_sock(sk);
  if (sock_owned_by_user(sk)) inet_csk_reset_keepalive_timer(sk, Math.floor(kernel.HZ / 20));
  else if (sk.sk_state !== TCP_LISTEN) {
    tcp_mstamp_refresh(tp);
    if (sk.sk_state === TCP_FIN_WAIT2 && sock_flag(sk, SOCK_DEAD)) {
      const tmo = tp.linger2 >= 0 ? tcp_fin_time(sk) - TCP_TIMEWAIT_LEN(kernel) : 0;
      if (tmo > 0) tcp_time_wait(sk, TCP_FIN_WAIT2, tmo);
      else {
        tcp_send_active_reset(sk, 0, SK_RST_REASON_TCP_STATE);
        tcp_done(sk);
      }
    } else {
      const next = tcp_keepalive(sk);
      if (next >= 0) inet_csk_reset_keepalive_timer(sk, next);
    }
  }
  bh_unlock_sock(sk);
  sock_put(sk);
}

/** The time for which ACKs of out-of-order segments were held back is over. */
function tcp_compressed_ack_kick(timer: hrtimer): int {
  const sk = timer.owner as sock;
  const tp = tcp_sk(sk);
  bh_lock_sock(sk);
  if (sock_owned_by_user(sk)) tcp_defer(sk, TCPF_DELACK_TIMER_DEFERRED);
  else if (tp.compressed_ack) {
    // The one sent now is not among those saved.
    tp.compressed_ack--;
    tcp_mstamp_refresh(tp);
    tcp_send_ack(sk);
  }
  bh_unlock_sock(sk);
  sock_put(sk);
  return HRTIMER_NORESTART;
}

/** The timer that paces, set up. @notrace */
export function tcp_pacing_timer(tp: tcp_sock): hrtimer {
  const timer = tp.pacing_timer;
  if (timer.kernel === null)
    hrtimer_setup(sock_net(tp).kernel, timer, tcp_pace_kick, HRTIMER_MODE_ABS | HRTIMER_MODE_SOFT, tp);
  return timer;
}

/** The timer of compressed ACKs, set up. @notrace */
export function tcp_compressed_ack_timer(tp: tcp_sock): hrtimer {
  const timer = tp.compressed_ack_timer;
  if (timer.kernel === null)
    hrtimer_setup(sock_net(tp).kernel, timer, tcp_compressed_ack_kick, HRTIMER_MODE_REL | HRTIMER_MODE_SOFT, tp);
  return timer;
}

/** All timers but the one of retransmissions are set up when they are first armed. */
export function tcp_init_xmit_timers(sk: sock): void {
  inet_csk_init_xmit_timers(sk, tcp_write_timer, tcp_delack_timer, tcp_keepalive_timer);
}
