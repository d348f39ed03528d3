// How a connection begins as a copy of its listener, and how it ends; orphans.
// Read beside: net/ipv4/inet_connection_sock.c.
// Left out: upper layer protocols.

import { htons } from '../../../include/linux/byteorder.js';
import { timer_list } from '../../../include/linux/timer.js';
import type { int } from '../../../include/linux/types.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import { inet_rsk, inet_sk } from '../../../include/net/inet_sock.js';
import type { request_sock } from '../../../include/net/request_sock.js';
import { SOCK_DEAD, bh_unlock_sock, sock_flag, sock_net, sock_put, sock_set_flag } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { TCP_CLOSE, TCP_SYN_RECV } from '../../../include/net/tcp.js';
import { sk_clone_lock } from '../../core/sock.js';
import { sk_stream_kill_queues } from '../../core/stream.js';
import { inet_sk_set_state } from '../af_inet.js';

/** @notrace */
export function tcp_orphan_count_inc(sk: sock): void {
  sock_net(sk).kernel.tcp_orphan_count++;
}

/** @notrace */
export function tcp_orphan_count_dec(sk: sock): void {
  sock_net(sk).kernel.tcp_orphan_count--;
}

/** The full socket of a request: a copy of the listener, bound to the connection. @EXPORT_SYMBOL */
export function inet_csk_clone_lock(sk: sock, req: request_sock, priority: int): sock | null {
  const newsk = sk_clone_lock(sk, priority);
  if (!newsk) return null;
  const newicsk = inet_csk(newsk);
  const inet = inet_sk(newsk);
  const ireq = inet_rsk(req);
  newicsk.icsk_retransmit_timer = new timer_list();
  newicsk.icsk_bind_hash = null;
  newicsk.icsk_bind2_hash = null;
  newicsk.icsk_ca_priv = null;
  inet.mc_list = null;
  inet_sk_set_state(newsk, TCP_SYN_RECV);
  inet.inet_dport = ireq.ir_rmt_port;
  inet.inet_num = ireq.ir_num;
  inet.inet_sport = htons(ireq.ir_num);
  newsk.sk_mark = ireq.ir_mark;
  newsk.skc_cookie = req.skc_cookie;
  newicsk.icsk_retransmits = 0;
  newicsk.icsk_backoff = 0;
  newicsk.icsk_probes_out = 0;
  newicsk.icsk_probes_tstamp = 0;
  return newsk;
}

/** The end of a closed socket that no program holds any more. @formerly tcp_destroy_sock 2.4 @EXPORT_SYMBOL */
export function inet_csk_destroy_sock(sk: sock): void {
  if (sk.sk_state !== TCP_CLOSE || !sock_flag(sk, SOCK_DEAD)) return;
  sk.sk_prot!.destroy!(sk);
  sk_stream_kill_queues(sk);
  tcp_orphan_count_dec(sk);
  sock_put(sk);
}

/** Makes a child that never came to life fit for tcp_done(). @EXPORT_SYMBOL */
export function inet_csk_prepare_for_destroy_sock(sk: sock): void {
  sock_set_flag(sk, SOCK_DEAD);
  tcp_orphan_count_inc(sk);
}

/** @EXPORT_SYMBOL */
export function inet_csk_prepare_forced_close(sk: sock): void {
  bh_unlock_sock(sk);
  sock_put(sk);
  inet_csk_prepare_for_destroy_sock(sk);
  inet_sk(sk).inet_num = 0;
}
