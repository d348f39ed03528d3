// Whether the window of congestion is used, and what becomes of it when it is not (RFC 2861, RFC 7661 in spirit).
// Read beside: net/ipv4/tcp_output.c (tcp_cwnd_validate).

import { SOCK_NOSPACE } from '../../../include/linux/net.js';
import { TCP_CHRONO_SNDBUF_LIMITED, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, s32 } from '../../../include/linux/types.js';
import type { sock } from '../../../include/net/sock.js';
import { __sk_dst_get, sock_net } from '../../../include/net/sock.js';
import type { tcp_congestion_ops } from '../../../include/net/tcp.js';
import {
  before,
  CA_EVENT_CWND_RESTART,
  tcp_ca_event,
  TCP_CA_Open,
  tcp_current_ssthresh,
  tcp_is_cwnd_limited,
  tcp_jiffies32,
  tcp_snd_cwnd,
  tcp_snd_cwnd_set,
  tcp_write_queue_empty,
  TCPF_CLOSE_WAIT,
  TCPF_ESTABLISHED,
} from '../../../include/net/tcp.js';
import { tcp_init_cwnd } from '../tcp_input/index.js';
import { tcp_chrono_start } from './index.js';

/** @notrace */
function no_space(sk: sock): bool {
  return sk.sk_socket !== null && (sk.sk_socket.flags & (1 << SOCK_NOSPACE)) !== 0;
}

/** Idle for delta jiffies: halve the window once an RTO, down to the initial one. */
export function tcp_cwnd_restart(sk: sock, delta: s32): void {
  const tp = tcp_sk(sk);
  let cwnd = tcp_snd_cwnd(tp);
  tcp_ca_event(sk, CA_EVENT_CWND_RESTART);
  tp.snd_ssthresh = tcp_current_ssthresh(sk);
  const restart_cwnd = Math.min(tcp_init_cwnd(tp, __sk_dst_get(sk)), cwnd);
  while ((delta -= tp.icsk_rto) > 0 && cwnd > restart_cwnd) cwnd >>>= 1;
  tcp_snd_cwnd_set(tp, Math.max(cwnd, restart_cwnd));
  tp.snd_cwnd_stamp = tcp_jiffies32(sk);
  tp.snd_cwnd_used = 0;
}

/** For an RTO the application has not filled the window: take the unused half away. */
export function tcp_cwnd_application_limited(sk: sock): void {
  const tp = tcp_sk(sk);
  if (tp.icsk_ca_state === TCP_CA_Open && sk.sk_socket !== null && !no_space(sk)) {
    const win_used = Math.max(tp.snd_cwnd_used, tcp_init_cwnd(tp, __sk_dst_get(sk)));
    if (win_used < tcp_snd_cwnd(tp)) {
      tp.snd_ssthresh = tcp_current_ssthresh(sk);
      tcp_snd_cwnd_set(tp, (tcp_snd_cwnd(tp) + win_used) >>> 1);
    }
    tp.snd_cwnd_used = 0;
  }
  tp.snd_cwnd_stamp = tcp_jiffies32(sk);
}

/** Called when something was sent, or could not be for the window. */
export function tcp_cwnd_validate(sk: sock, is_cwnd_limited: bool): void {
  const tp = tcp_sk(sk);
  const ca_ops = tp.icsk_ca_ops as tcp_congestion_ops;
  // Remember the strongest sign of this flight that the window was full.
  if (
    !before(tp.snd_una, tp.cwnd_usage_seq) ||
    is_cwnd_limited ||
    (!tp.is_cwnd_limited && tp.packets_out > tp.max_packets_out)
  ) {
    tp.is_cwnd_limited = is_cwnd_limited;
    tp.max_packets_out = tp.packets_out;
    tp.cwnd_usage_seq = tp.snd_nxt;
  }
  if (tcp_is_cwnd_limited(sk)) {
    tp.snd_cwnd_used = 0;
    tp.snd_cwnd_stamp = tcp_jiffies32(sk);
  } else {
    if (tp.packets_out > tp.snd_cwnd_used) tp.snd_cwnd_used = tp.packets_out;
    if (
      sock_net(sk).ipv4.sysctl_tcp_slow_start_after_idle !== 0 &&
      ((tcp_jiffies32(sk) - tp.snd_cwnd_stamp) | 0) >= tp.icsk_rto &&
      ca_ops.cong_control === undefined
    )
      tcp_cwnd_application_limited(sk);
    // All is sent, a writer waits for space, and the window has room: the buffer is too small.
    if (tcp_write_queue_empty(sk) && no_space(sk) && ((1 << sk.sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)) !== 0)
      tcp_chrono_start(sk, TCP_CHRONO_SNDBUF_LIMITED);
  }
}
