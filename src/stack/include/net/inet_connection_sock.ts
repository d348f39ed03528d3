/**
 * What connection-oriented INET sockets have beside struct inet_sock: accept queue, timers,
 * delayed-ACK state, congestion control and MTU probing.
 *
 * Read beside it: include/net/inet_connection_sock.h, net/ipv4/inet_connection_sock.c.
 * Left out: upper layer protocols (ULP), MPTCP.
 */
import type { bool, int, u16, u32, u8 } from '../linux/types.js';
import type { sk_buff } from '../linux/skbuff.js';
import { timer_list } from '../linux/timer.js';
import type { dst_entry } from './dst.js';
import type { flowi } from './flow.js';
import type { inet_bind2_bucket, inet_bind_bucket } from './inet_hashtables.js';
import { inet_sock } from './inet_sock.js';
import { reqsk_queue_len, reqsk_queue_len_young, request_sock_queue } from './request_sock.js';
import type { request_sock } from './request_sock.js';
import { sk_reset_timer, sk_stop_timer } from '../../net/core/sock.js';
import { sock_net } from './sock.js';
import type { sock } from './sock.js';
import type { tcp_congestion_ops } from './tcp.js';

/** The address family's part of a connection-oriented transport. */
export interface inet_connection_sock_af_ops {
  queue_xmit: (sk: sock, skb: sk_buff, fl: flowi) => int;
  send_check: (sk: sock, skb: sk_buff) => void;
  rebuild_header: (sk: sock) => int;
  sk_rx_dst_set: (sk: sock, skb: sk_buff) => void;
  conn_request: (sk: sock, skb: sk_buff) => int;
  syn_recv_sock: (
    sk: sock,
    skb: sk_buff,
    req: request_sock,
    dst: dst_entry | null,
    req_unhash: request_sock | null,
    own_req: { value: bool },
  ) => sock | null;
  net_header_len: u16;
  setsockopt: (sk: sock, level: int, optname: int, optval: Uint8Array, optlen: int) => int;
  getsockopt: (sk: sock, level: int, optname: int, optval: Uint8Array, optlen: { value: int }) => int;
  mtu_reduced: (sk: sock) => void;
}

export const ICSK_TIME_RETRANS = 1;
export const ICSK_TIME_DACK = 2;
export const ICSK_TIME_PROBE0 = 3;
export const ICSK_TIME_LOSS_PROBE = 5;
export const ICSK_TIME_REO_TIMEOUT = 6;

/** inet_csk_ack_state_t, bits of icsk_ack.pending. */
export const ICSK_ACK_SCHED = 1;
export const ICSK_ACK_TIMER = 2;
export const ICSK_ACK_PUSHED = 4;
export const ICSK_ACK_PUSHED2 = 8;
export const ICSK_ACK_NOW = 16;
export const ICSK_ACK_NOMEM = 32;

export const TCP_PINGPONG_THRESH = 1;

/** Delayed ACK control; ato and lrcvtime in jiffies, sizes in bytes. */
export class inet_csk_ack_t {
  pending: u8 = 0;
  quick: u8 = 0;
  pingpong: u8 = 0;
  retry: u8 = 0;
  ato: u32 = 0;
  lrcv_flowlabel: u32 = 0;
  dst_quick_ack: bool = false;
  lrcvtime: u32 = 0;
  last_seg_size: u16 = 0;
  rcv_mss: u16 = 0;
}

/** Path MTU probing (RFC 4821); sizes in bytes, IP and TCP header included. */
export class inet_csk_mtup_t {
  search_high: int = 0;
  search_low: int = 0;
  probe_size: u32 = 0;
  enabled: bool = false;
  probe_timestamp: u32 = 0;
}

export class inet_connection_sock extends inet_sock {
  icsk_accept_queue: request_sock_queue = new request_sock_queue();
  icsk_bind_hash: inet_bind_bucket | null = null;
  icsk_bind2_hash: inet_bind2_bucket | null = null;
  icsk_retransmit_timer: timer_list = new timer_list();
  icsk_delack_timer: timer_list = new timer_list();
  icsk_rto: u32 = 0;
  icsk_rto_min: u32 = 0;
  icsk_rto_max: u32 = 0;
  icsk_delack_max: u32 = 0;
  icsk_pmtu_cookie: u32 = 0;
  icsk_ca_ops: tcp_congestion_ops | null = null;
  icsk_af_ops: inet_connection_sock_af_ops | null = null;
  icsk_sync_mss: ((sk: sock, pmtu: u32) => u32) | null = null;
  icsk_ca_state: u8 = 0;
  icsk_ca_initialized: bool = false;
  icsk_ca_setsockopt: bool = false;
  icsk_ca_dst_locked: bool = false;
  icsk_retransmits: u8 = 0;
  icsk_pending: u8 = 0;
  icsk_backoff: u8 = 0;
  icsk_syn_retries: u8 = 0;
  icsk_probes_out: u8 = 0;
  icsk_ext_hdr_len: u16 = 0;
  icsk_ack: inet_csk_ack_t = new inet_csk_ack_t();
  icsk_mtup: inet_csk_mtup_t = new inet_csk_mtup_t();
  icsk_probes_tstamp: u32 = 0;
  icsk_user_timeout: u32 = 0;
  /** The congestion control's own state: an object of the module's class. */
  icsk_ca_priv: object | null = null;
}

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
  inet_csk(sk).icsk_ack = new inet_csk_ack_t();
}

/** When the delayed ACK timer expires, in jiffies. @notrace */
export function icsk_delack_timeout(icsk: inet_connection_sock): u32 {
  return icsk.icsk_delack_timer.expires;
}

/** When the retransmit timer expires, in jiffies. @notrace */
export function icsk_timeout(icsk: inet_connection_sock): u32 {
  return icsk.icsk_retransmit_timer.expires;
}

/** @notrace */
export function inet_csk_clear_xmit_timer(sk: sock, what: int): void {
  const icsk = inet_csk(sk);
  if (what === ICSK_TIME_RETRANS || what === ICSK_TIME_PROBE0) {
    icsk.icsk_pending = 0;
    sk_stop_timer(sk, icsk.icsk_retransmit_timer);
  } else if (what === ICSK_TIME_DACK) {
    icsk.icsk_ack.pending = 0;
    icsk.icsk_ack.retry = 0;
    sk_stop_timer(sk, icsk.icsk_delack_timer);
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
    sk_reset_timer(sk, icsk.icsk_delack_timer, when);
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
