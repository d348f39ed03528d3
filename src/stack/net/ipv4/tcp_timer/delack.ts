// Delayed and compressed ACKs: when their timers run.
// Read beside: net/ipv4/tcp_timer.c; RFC 1122 4.2.3.2, RFC 5681 4.2.

import { HRTIMER_MODE_REL, HRTIMER_MODE_SOFT, HRTIMER_NORESTART } from '../../../include/linux/hrtimer.js';
import type { hrtimer } from '../../../include/linux/hrtimer.js';
import { time_after } from '../../../include/linux/jiffies.js';
import { TCPF_DELACK_TIMER_DEFERRED, tcp_sk } from '../../../include/linux/tcp.js';
import type { tcp_sock } from '../../../include/linux/tcp.js';
import type { timer_list } from '../../../include/linux/timer.js';
import type { int } from '../../../include/linux/types.js';
import {
  ICSK_ACK_TIMER,
  icsk_delack_timeout,
  inet_csk_delack_timer,
  inet_csk,
  inet_csk_ack_scheduled,
  inet_csk_exit_pingpong_mode,
  inet_csk_in_pingpong_mode,
} from '../../../include/net/inet_connection_sock.js';
import { __NET_INC_STATS } from '../../../include/net/ip.js';
import { LINUX_MIB_DELAYEDACKLOCKED, LINUX_MIB_DELAYEDACKS } from '../../../include/net/snmp.js';
import { bh_lock_sock, bh_unlock_sock, sock_net, sock_owned_by_user, sock_put } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { TCPF_CLOSE, TCPF_LISTEN, TCP_ATO_MIN } from '../../../include/net/tcp.js';
import { hrtimer_setup } from '../../../kernel/time/hrtimer.js';
import { sk_reset_timer } from '../../core/sock.js';
import { tcp_sack_compress_send_ack } from '../tcp_input/index.js';
import { tcp_mstamp_refresh, tcp_send_ack } from '../tcp_output/index.js';
import { tcp_defer } from './write.js';

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

export function tcp_delack_timer(t: timer_list): void {
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

/** The timer of compressed ACKs, set up. @notrace */
export function tcp_compressed_ack_timer(tp: tcp_sock): hrtimer {
  const timer = tp.compressed_ack_timer;
  if (timer.kernel === null)
    hrtimer_setup(sock_net(tp).kernel, timer, tcp_compressed_ack_kick, HRTIMER_MODE_REL | HRTIMER_MODE_SOFT, tp);
  return timer;
}
