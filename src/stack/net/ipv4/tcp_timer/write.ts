// The write timer, which is for one of retransmission, probe, loss probe and reordering at a time, and setting up the
// timers of a socket.
// Read beside: net/ipv4/tcp_timer.c.

import { HRTIMER_MODE_ABS, HRTIMER_MODE_SOFT } from '../../../include/linux/hrtimer.js';
import type { hrtimer } from '../../../include/linux/hrtimer.js';
import { time_after } from '../../../include/linux/jiffies.js';
import { TCPF_WRITE_TIMER_DEFERRED, tcp_sk } from '../../../include/linux/tcp.js';
import type { tcp_sock } from '../../../include/linux/tcp.js';
import type { timer_list } from '../../../include/linux/timer.js';
import type { int } from '../../../include/linux/types.js';
import {
  ICSK_TIME_LOSS_PROBE,
  ICSK_TIME_PROBE0,
  ICSK_TIME_REO_TIMEOUT,
  ICSK_TIME_RETRANS,
  icsk_timeout,
  inet_csk,
} from '../../../include/net/inet_connection_sock.js';
import {
  bh_lock_sock,
  bh_unlock_sock,
  sock_hold,
  sock_net,
  sock_owned_by_user,
  sock_put,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { TCPF_CLOSE, TCPF_LISTEN } from '../../../include/net/tcp.js';
import { hrtimer_setup } from '../../../kernel/time/hrtimer.js';
import { sk_reset_timer } from '../../core/sock.js';
import { inet_csk_init_xmit_timers } from '../inet_connection_sock/index.js';
import { tcp_mstamp_refresh, tcp_pace_kick, tcp_send_loss_probe } from '../tcp_output/index.js';
import { tcp_rack_reo_timeout } from '../tcp_recovery.js';
import { tcp_retransmit_timer, tcp_probe_timer } from './retransmit.js';
import { tcp_delack_timer } from './delack.js';
import { tcp_keepalive_timer } from './keepalive.js';

/** Leaves a timer's work to release_sock(). @notrace */
export function tcp_defer(sk: sock, flag: int): void {
  if ((sk.sk_tsq_flags & flag) !== 0) return;
  sk.sk_tsq_flags |= flag;
  sock_hold(sk);
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

/** The timer that paces, set up. @notrace */
export function tcp_pacing_timer(tp: tcp_sock): hrtimer {
  const timer = tp.pacing_timer;
  if (timer.kernel === null)
    hrtimer_setup(sock_net(tp).kernel, timer, tcp_pace_kick, HRTIMER_MODE_ABS | HRTIMER_MODE_SOFT, tp);
  return timer;
}

/** All timers but the one of retransmissions are set up when they are first armed. */
export function tcp_init_xmit_timers(sk: sock): void {
  inet_csk_init_xmit_timers(sk, tcp_write_timer, tcp_delack_timer, tcp_keepalive_timer);
}
