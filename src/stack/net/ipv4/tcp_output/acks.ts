// Acknowledgements, at once and delayed.
// Read beside: net/ipv4/tcp_output.c (tcp_send_delayed_ack, __tcp_send_ack); RFC 9293 3.8.6.3, RFC 5681 4.2.

import { usecs_to_jiffies } from '../../../include/linux/jiffies.js';
import { alloc_skb, skb_reserve } from '../../../include/linux/skbuff.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { u16, u32 } from '../../../include/linux/types.js';
import {
  ICSK_ACK_PUSHED,
  ICSK_ACK_SCHED,
  ICSK_ACK_TIMER,
  icsk_delack_timeout,
  inet_csk_delack_timer,
  ICSK_TIME_DACK,
  inet_csk_in_pingpong_mode,
  inet_csk_schedule_ack,
} from '../../../include/net/inet_connection_sock.js';
import type { sock } from '../../../include/net/sock.js';
import { sk_reset_timer, sock_net } from '../../../include/net/sock.js';
import {
  MAX_TCP_HEADER,
  TCP_ATO_MIN,
  TCP_CLOSE,
  TCP_DELACK_MAX,
  TCP_DELACK_MIN,
  tcp_reset_xmit_timer,
  tcp_rto_max,
  tcp_rto_min,
  TCPHDR_ACK,
} from '../../../include/net/tcp.js';
import { __tcp_transmit_skb, skb_set_tcp_pure_ack, tcp_acceptable_seq, tcp_init_nondata_skb } from './index.js';

/** Longest delay of an ACK in jiffies: shorter than the shortest RTO of the peer, as far as ours tells. */
export function tcp_delack_max(sk: sock): u32 {
  return Math.min(tcp_sk(sk).icsk_delack_max, Math.max(tcp_rto_min(sk), 2) - 1);
}

/** Arms the delayed ACK timer, or acknowledges now if it was about to run out. */
export function tcp_send_delayed_ack(sk: sock): void {
  const tp = tcp_sk(sk);
  const kernel = sock_net(sk).kernel;
  const ack = tp.icsk_ack;
  let ato = ack.ato;
  if (ato > TCP_DELACK_MIN(kernel)) {
    let max_ato = Math.floor(kernel.HZ / 2);
    if (inet_csk_in_pingpong_mode(sk) || (ack.pending & ICSK_ACK_PUSHED) !== 0) max_ato = TCP_DELACK_MAX(kernel);
    if (tp.srtt_us !== 0) {
      const rtt = Math.max(usecs_to_jiffies(kernel, tp.srtt_us >>> 3), TCP_DELACK_MIN(kernel));
      if (rtt < max_ato) max_ato = rtt;
    }
    ato = Math.min(ato, max_ato);
  }
  ato = Math.min(ato, tcp_delack_max(sk));
  const now = kernel.jiffies;
  let timeout = now + ato;
  if ((ack.pending & ICSK_ACK_TIMER) !== 0) {
    if (icsk_delack_timeout(tp) <= now + (ato >> 2)) {
      tcp_send_ack(sk);
      return;
    }
    if (timeout >= icsk_delack_timeout(tp)) timeout = icsk_delack_timeout(tp);
  }
  ack.pending |= ICSK_ACK_SCHED | ICSK_ACK_TIMER;
  sk_reset_timer(sk, inet_csk_delack_timer(tp), timeout);
}

/** Acknowledges up to rcv_nxt. @param flags further TCPHDR_* @EXPORT_SYMBOL */
export function __tcp_send_ack(sk: sock, rcv_nxt: u32, flags: u16): void {
  if (sk.sk_state === TCP_CLOSE) return;
  const buff = alloc_skb(MAX_TCP_HEADER, 0);
  if (buff === null) {
    const icsk = tcp_sk(sk);
    const kernel = sock_net(sk).kernel;
    const delay = TCP_DELACK_MAX(kernel) * 2 ** icsk.icsk_ack.retry;
    if (delay < tcp_rto_max(sk)) icsk.icsk_ack.retry++;
    inet_csk_schedule_ack(sk);
    icsk.icsk_ack.ato = TCP_ATO_MIN(kernel);
    tcp_reset_xmit_timer(sk, ICSK_TIME_DACK, delay, false);
    return;
  }
  skb_reserve(buff, MAX_TCP_HEADER);
  tcp_init_nondata_skb(buff, sk, tcp_acceptable_seq(sk), TCPHDR_ACK | flags);
  skb_set_tcp_pure_ack(buff);
  __tcp_transmit_skb(sk, buff, 0, 0, rcv_nxt);
}

/** Acknowledges everything received. @EXPORT_SYMBOL */
export function tcp_send_ack(sk: sock): void {
  __tcp_send_ack(sk, tcp_sk(sk).rcv_nxt, 0);
}
