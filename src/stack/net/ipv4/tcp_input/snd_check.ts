// After a segment was taken in: send data that may go now, and acknowledge, at once, later, or with others together.
// Read beside: net/ipv4/tcp_input.c (__tcp_ack_snd_check); RFC 5681 4.2, RFC 9293 3.8.6.3.

import { HRTIMER_MODE_PINNED, HRTIMER_MODE_REL, HRTIMER_MODE_SOFT } from '../../../include/linux/hrtimer.js';
import { tcp_sk, TCPF_ACK_DEFERRED } from '../../../include/linux/tcp.js';
import type { int } from '../../../include/linux/types.js';
import { ICSK_ACK_NOW, inet_csk_ack_scheduled } from '../../../include/net/inet_connection_sock.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_hold, sock_net, sock_owned_by_user_nocheck } from '../../../include/net/sock.js';
import {
  TCP_FASTRETRANS_THRESH,
  tcp_is_sack,
  tcp_push_pending_frames,
  tcp_ooo_empty,
} from '../../../include/net/tcp.js';
import { hrtimer_is_queued, hrtimer_start } from '../../../kernel/time/hrtimer.js';
import { __tcp_select_window, tcp_send_ack, tcp_send_delayed_ack } from '../tcp_output/index.js';
import { tcp_check_space, tcp_in_quickack_mode } from './index.js';
import { tcp_compressed_ack_timer } from '../tcp_timer/index.js';

/** @formerly __tcp_data_snd_check 2.4 */
export function tcp_data_snd_check(sk: sock): void {
  tcp_push_pending_frames(sk);
  tcp_check_space(sk);
}

/** @param ofo_possible 1: the segment may have been out of order */
export function __tcp_ack_snd_check(sk: sock, ofo_possible: int): void {
  const tp = tcp_sk(sk);
  const ipv4 = sock_net(sk).ipv4;
  if (
    // More than one full segment, and the window can move: the reader keeps up. Or a reader waits for more.
    ((tp.rcv_nxt - tp.rcv_wup) >>> 0 > tp.icsk_ack.rcv_mss &&
      ((tp.rcv_nxt - tp.copied_seq) >>> 0 < sk.sk_rcvlowat || __tcp_select_window(sk) >= tp.rcv_wnd)) ||
    tcp_in_quickack_mode(sk) ||
    (tp.icsk_ack.pending & ICSK_ACK_NOW) !== 0
  ) {
    // The backlog is being worked off: one ACK at its end does for all.
    if (sock_owned_by_user_nocheck(sk) && ipv4.sysctl_tcp_backlog_ack_defer !== 0) {
      sk.sk_tsq_flags |= TCPF_ACK_DEFERRED;
      return;
    }
    tcp_send_ack(sk);
    return;
  }
  if (ofo_possible === 0 || tcp_ooo_empty(tp)) {
    tcp_send_delayed_ack(sk);
    return;
  }
  if (!tcp_is_sack(tp) || tp.compressed_ack >= ipv4.sysctl_tcp_comp_sack_nr) {
    tcp_send_ack(sk);
    return;
  }
  if (tp.compressed_ack_rcv_nxt !== tp.rcv_nxt) {
    tp.compressed_ack_rcv_nxt = tp.rcv_nxt;
    tp.dup_ack_counter = 0;
  }
  // The first three start the peer's fast retransmit, whatever its age.
  if (tp.dup_ack_counter < TCP_FASTRETRANS_THRESH) {
    tp.dup_ack_counter++;
    tcp_send_ack(sk);
    return;
  }
  tp.compressed_ack++;
  const timer = tcp_compressed_ack_timer(tp);
  if (hrtimer_is_queued(timer)) return;

  // 5 % of the RTT (which is kept in eighths of a µs), and a millisecond at most.
  let rtt = tp.rcv_rtt_est.rtt_us;
  if (tp.srtt_us !== 0 && tp.srtt_us < rtt) rtt = tp.srtt_us;
  const delay = Math.min(ipv4.sysctl_tcp_comp_sack_delay_ns, Math.floor((rtt * 125) / 20));
  sock_hold(sk);
  hrtimer_start(
    timer,
    delay + ipv4.sysctl_tcp_comp_sack_slack_ns,
    HRTIMER_MODE_REL | HRTIMER_MODE_PINNED | HRTIMER_MODE_SOFT,
  );
}

export function tcp_ack_snd_check(sk: sock): void {
  // Data that was sent meanwhile has acknowledged as well.
  if (!inet_csk_ack_scheduled(sk)) return;
  __tcp_ack_snd_check(sk, 1);
}
