// The retransmission timeout and zero-window probes.
// Read beside: net/ipv4/tcp_timer.c; RFC 6298, RFC 9293 3.8.6.1.

import { msecs_to_jiffies } from '../../../include/linux/jiffies.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import {
  ICSK_TIME_RETRANS,
  icsk_timeout,
  inet_csk,
  inet_csk_rto_backoff,
} from '../../../include/net/inet_connection_sock.js';
import { __NET_INC_STATS } from '../../../include/net/ip.js';
import type { request_sock } from '../../../include/net/request_sock.js';
import {
  LINUX_MIB_TCPLOSSFAILURES,
  LINUX_MIB_TCPRENOFAILURES,
  LINUX_MIB_TCPRENORECOVERYFAIL,
  LINUX_MIB_TCPSACKFAILURES,
  LINUX_MIB_TCPSACKRECOVERYFAIL,
  LINUX_MIB_TCPTIMEOUTS,
} from '../../../include/net/snmp.js';
import { SOCK_DEAD, __sk_dst_reset, sock_flag, sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCPF_SYN_RECV,
  TCPF_SYN_SENT,
  TCP_CA_Disorder,
  TCP_CA_Loss,
  TCP_CA_Recovery,
  TCP_ESTABLISHED,
  TCP_RESOURCE_PROBE_INTERVAL,
  TCP_SYN_SENT,
  TCP_THIN_LINEAR_RETRIES,
  __tcp_set_rto,
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
} from '../../../include/net/tcp.js';
import { tcp_syn_ack_timeout } from '../inet_connection_sock/index.js';
import { tcp_enter_loss } from '../tcp_input/index.js';
import { tcp_rtx_synack } from '../tcp_output/connect.js';
import { tcp_retransmit_skb, tcp_send_probe0 } from '../tcp_output/index.js';
import {
  tcp_write_err,
  tcp_orphan_retries,
  tcp_out_of_resources,
  tcp_clamp_rto_to_user_timeout,
  retransmits_timed_out,
  tcp_write_timeout,
} from './timeout.js';

/** The peer's window is closed and it is time to ask again. */
export function tcp_probe_timer(sk: sock): void {
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
