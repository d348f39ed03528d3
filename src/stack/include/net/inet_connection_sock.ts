/**
 * What connection-oriented INET sockets have beside struct inet_sock: accept queue, timers,
 * delayed-ACK state, congestion control and MTU probing.
 *
 * Read beside it: include/net/inet_connection_sock.h, net/ipv4/inet_connection_sock.c.
 * Left out: upper layer protocols (ULP), MPTCP.
 */
export * from './inet_connection_sock/struct.js';
import {
  ICSK_TIME_RETRANS,
  ICSK_TIME_DACK,
  ICSK_TIME_PROBE0,
  ICSK_TIME_LOSS_PROBE,
  ICSK_TIME_REO_TIMEOUT,
  ICSK_ACK_SCHED,
  ICSK_ACK_TIMER,
  TCP_PINGPONG_THRESH,
} from './inet_connection_sock/struct.js';
import type { inet_connection_sock } from './inet_connection_sock/struct.js';
import type { timer_list } from '../linux/timer.js';
import type { bool, int, u32 } from '../linux/types.js';
import { timer_setup } from '../../kernel/time/timer.js';
import { made } from '../../mm/slab.js';
import { reqsk_queue_len, reqsk_queue_len_young } from './request_sock.js';
import type { request_sock } from './request_sock.js';
import { sk_reset_timer } from '../../net/core/sock.js';
import { sock_net } from './sock.js';
import type { sock } from './sock.js';

/** @notrace */
export function inet_csk(sk: sock): inet_connection_sock {
  return sk as inet_connection_sock;
}

/** The congestion control's private state. @notrace */
export function inet_csk_ca(sk: sock): object | null {
  return inet_csk(sk).icsk_ca_priv;
}

/** @notrace */
export function inet_csk_schedule_ack(sk: sock): void {
  inet_csk(sk).icsk_ack.pending |= ICSK_ACK_SCHED;
}

/** @notrace */
export function inet_csk_ack_scheduled(sk: sock): bool {
  return (inet_csk(sk).icsk_ack.pending & ICSK_ACK_SCHED) !== 0;
}

/** Forgets the delayed-ACK state. @notrace */
export function inet_csk_delack_init(sk: sock): void {
  const ack = inet_csk(sk).icsk_ack;
  ack.pending = ack.quick = ack.pingpong = ack.retry = 0;
  ack.ato = ack.lrcv_flowlabel = ack.lrcvtime = 0;
  ack.dst_quick_ack = false;
  ack.last_seg_size = ack.rcv_mss = 0;
}

/** The delayed-ACK timer, set up. @notrace */
export function inet_csk_delack_timer(icsk: inet_connection_sock): timer_list {
  const timer = icsk.icsk_delack_timer;
  if (timer.kernel === null) timer_setup(icsk.sk_net.kernel, timer, icsk.sk_net.ipv4.csk_delack_handler!, 0, icsk);
  return timer;
}

/** When the delayed ACK timer expires, in jiffies. @notrace */
export function icsk_delack_timeout(icsk: inet_connection_sock): u32 {
  return made(icsk, '$icsk_delack_timer')?.expires ?? 0;
}

/** When the retransmit timer expires, in jiffies. @notrace */
export function icsk_timeout(icsk: inet_connection_sock): u32 {
  return icsk.icsk_retransmit_timer.expires;
}

/** @notrace */
export function inet_csk_clear_xmit_timer(sk: sock, what: int): void {
  const icsk = inet_csk(sk);
  if (what === ICSK_TIME_RETRANS || what === ICSK_TIME_PROBE0) {
    // The timer itself goes on, and finds nothing to do: most often it is armed again before.
    icsk.icsk_pending = 0;
  } else if (what === ICSK_TIME_DACK) {
    icsk.icsk_ack.pending = 0;
    icsk.icsk_ack.retry = 0;
  }
}

/**
 * Arms the retransmit or the delayed-ACK timer.
 * @param when jiffies from now, clamped to max_when
 * @notrace
 */
export function inet_csk_reset_xmit_timer(sk: sock, what: int, when: u32, max_when: u32): void {
  const icsk = inet_csk(sk);
  if (when > max_when) when = max_when;
  when += sock_net(sk).kernel.jiffies;
  if (
    what === ICSK_TIME_RETRANS ||
    what === ICSK_TIME_PROBE0 ||
    what === ICSK_TIME_LOSS_PROBE ||
    what === ICSK_TIME_REO_TIMEOUT
  ) {
    icsk.icsk_pending = what;
    sk_reset_timer(sk, icsk.icsk_retransmit_timer, when);
  } else if (what === ICSK_TIME_DACK) {
    icsk.icsk_ack.pending |= ICSK_ACK_TIMER;
    sk_reset_timer(sk, inet_csk_delack_timer(icsk), when);
  }
}

/** The retransmission timeout with its back-off, in jiffies. @notrace */
export function inet_csk_rto_backoff(icsk: inet_connection_sock, max_when: u32): u32 {
  const when = icsk.icsk_rto * 2 ** icsk.icsk_backoff;
  return Math.min(when, max_when);
}

/** @notrace */
export function inet_csk_reqsk_queue_len(sk: sock): int {
  return reqsk_queue_len(inet_csk(sk).icsk_accept_queue);
}

/** @notrace */
export function inet_csk_reqsk_queue_young(sk: sock): int {
  return reqsk_queue_len_young(inet_csk(sk).icsk_accept_queue);
}

/** The SYN queue holds as many requests as the accept queue may hold sockets. @notrace */
export function inet_csk_reqsk_queue_is_full(sk: sock): bool {
  return inet_csk_reqsk_queue_len(sk) > sk.sk_max_ack_backlog;
}

/** Poll events of a listener: readable while its accept queue has sockets. @notrace */
export function inet_csk_listen_poll(sk: sock): int {
  return inet_csk(sk).icsk_accept_queue.rskq_accept_head ? 0x0041 : 0;
}

/** @notrace */
export function inet_csk_set_pingpong_mode(sk: sock): void {
  inet_csk(sk).icsk_ack.pingpong = TCP_PINGPONG_THRESH;
}

/** @notrace */
export function inet_csk_enter_pingpong_mode(sk: sock): void {
  inet_csk(sk).icsk_ack.pingpong = sock_net(sk).ipv4.sysctl_tcp_pingpong_thresh;
}

/** @notrace */
export function inet_csk_exit_pingpong_mode(sk: sock): void {
  inet_csk(sk).icsk_ack.pingpong = 0;
}

/** @notrace */
export function inet_csk_in_pingpong_mode(sk: sock): bool {
  return inet_csk(sk).icsk_ack.pingpong >= sock_net(sk).ipv4.sysctl_tcp_pingpong_thresh;
}

/** @notrace */
export function inet_csk_inc_pingpong_cnt(sk: sock): void {
  const icsk = inet_csk(sk);
  if (icsk.icsk_ack.pingpong < 0xff) icsk.icsk_ack.pingpong++;
}

/** @notrace */
export function inet_csk_has_ulp(_sk: sock): bool {
  return false;
}

/** When a SYN-ACK is to be sent again, in jiffies, with back-off. @notrace */
export function reqsk_timeout(req: request_sock, max_timeout: u32): u32 {
  const timeout = req.timeout * 2 ** req.num_timeout;
  return Math.min(timeout, max_timeout);
}
