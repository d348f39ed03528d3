// A connection's three timers: retransmission, delayed ACK, keepalive.
// Read beside: net/ipv4/inet_connection_sock.c.

import { mod_timer, timer_setup } from '../../../kernel/time/timer.js';
import { timer_list } from '../../../include/linux/timer.js';
import type { u32 } from '../../../include/linux/types.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import { sock_hold, sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { made, made_rare } from '../../../mm/slab.js';
import { sk_stop_timer } from '../../core/sock.js';

/** @EXPORT_SYMBOL */
export function inet_csk_init_xmit_timers(
  sk: sock,
  retransmit_handler: (t: timer_list) => void,
  delack_handler: (t: timer_list) => void,
  keepalive_handler: (t: timer_list) => void,
): void {
  const icsk = inet_csk(sk);
  const kernel = sock_net(sk).kernel;
  timer_setup(kernel, icsk.icsk_retransmit_timer, retransmit_handler, 0, sk);
  sock_net(sk).ipv4.csk_delack_handler = delack_handler;
  sock_net(sk).ipv4.csk_keepalive_handler = keepalive_handler;
  icsk.icsk_pending = 0;
  icsk.icsk_ack.pending = 0;
}

/** @EXPORT_SYMBOL */
export function inet_csk_clear_xmit_timers(sk: sock): void {
  const icsk = inet_csk(sk);
  icsk.icsk_pending = 0;
  icsk.icsk_ack.pending = 0;
  sk_stop_timer(sk, icsk.icsk_retransmit_timer);
  const delack_timer = made(icsk, '$icsk_delack_timer');
  if (delack_timer !== null) sk_stop_timer(sk, delack_timer);
  inet_csk_delete_keepalive_timer(sk);
}

/** @notrace */
export function inet_csk_reset_keepalive_timer(sk: sock, len: u32): void {
  const kernel = sock_net(sk).kernel;
  if (sk.sk_timer.kernel === null) timer_setup(kernel, sk.sk_timer, sock_net(sk).ipv4.csk_keepalive_handler!, 0, sk);
  if (!mod_timer(sk.sk_timer, kernel.jiffies + len)) sock_hold(sk);
}

/** @notrace */
export function inet_csk_delete_keepalive_timer(sk: sock): void {
  const timer = made_rare(sk, 'sk_timer');
  if (timer !== null) sk_stop_timer(sk, timer);
}
