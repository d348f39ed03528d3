// Listening, the accept queue, and the end of a listener.
// Read beside: net/ipv4/inet_connection_sock.c, include/net/request_sock.h; listen(2), accept(2).

import { current } from '../../../kernel/current.js';
import { schedule_timeout, signal_pending } from '../../../kernel/sched/core.js';
import { htons } from '../../../include/linux/byteorder.js';
import { EAGAIN, EINVAL } from '../../../include/linux/errno.js';
import { O_NONBLOCK } from '../../../include/linux/fs.js';
import { IPPROTO_TCP } from '../../../include/linux/in.js';
import { TASK_INTERRUPTIBLE } from '../../../include/linux/sched.js';
import type { Task } from '../../../include/linux/sched.js';
import { tcp_rsk, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, long } from '../../../include/linux/types.js';
import { define_wait, finish_wait, prepare_to_wait_exclusive } from '../../../include/linux/wait.js';
import { inet_csk, inet_csk_delack_init } from '../../../include/net/inet_connection_sock.js';
import { inet_sk } from '../../../include/net/inet_sock.js';
import {
  reqsk_queue_empty,
  reqsk_queue_remove,
  reqsk_queue_removed,
  request_sock_queue,
} from '../../../include/net/request_sock.js';
import type { request_sock } from '../../../include/net/request_sock.js';
import {
  bh_lock_sock,
  bh_unlock_sock,
  lock_sock,
  release_sock,
  sk_acceptq_added,
  sk_sleep,
  sock_hold,
  sock_intr_errno,
  sock_net,
  sock_orphan,
  sock_put,
  sock_rcvtimeo,
  sk_dst_reset,
} from '../../../include/net/sock.js';
import type { proto_accept_arg, sock } from '../../../include/net/sock.js';
import { TCP_CLOSE, TCP_LISTEN } from '../../../include/net/tcp.js';
import { local_bh_disable, local_bh_enable } from '../../../kernel/softirq.js';
import { inet_sk_set_state, inet_sk_state_store } from '../af_inet.js';
import { reqsk_put, inet_csk_reqsk_queue_drop } from './reqsk.js';
import { tcp_orphan_count_inc, inet_csk_destroy_sock } from './destroy.js';

/** Waits for a connection to accept. @returns 0 or a negative errno */
function* inet_csk_wait_for_connect(sk: sock, timeo: long): Task<int> {
  const queue = inet_csk(sk).icsk_accept_queue;
  const wait = define_wait();
  let err: int;
  for (;;) {
    prepare_to_wait_exclusive(sk_sleep(sk), wait, TASK_INTERRUPTIBLE);
    release_sock(sk);
    if (reqsk_queue_empty(queue)) timeo = yield* schedule_timeout(sock_net(sk).kernel, timeo);
    lock_sock(sk);
    err = 0;
    if (!reqsk_queue_empty(queue)) break;
    err = -EINVAL;
    if (sk.sk_state !== TCP_LISTEN) break;
    err = sock_intr_errno(timeo);
    if (signal_pending(current())) break;
    err = -EAGAIN;
    if (!timeo) break;
  }
  finish_wait(sk_sleep(sk), wait);
  return err;
}

/**
 * proto.accept of TCP: takes an established socket off the accept queue, waiting for one if need be.
 * @param arg in: flags; out: err, is_empty
 * @returns the socket or null with arg.err set
 * @formerly tcp_accept 2.4
 * @EXPORT_SYMBOL
 */
export function* inet_csk_accept(sk: sock, arg: proto_accept_arg): Task<sock | null> {
  const queue = inet_csk(sk).icsk_accept_queue;
  lock_sock(sk);
  let error = sk.sk_state === TCP_LISTEN ? 0 : -EINVAL;
  if (!error && reqsk_queue_empty(queue)) {
    const timeo = sock_rcvtimeo(sk, (arg.flags & O_NONBLOCK) !== 0);
    error = timeo ? yield* inet_csk_wait_for_connect(sk, timeo) : -EAGAIN;
  }
  if (error) {
    release_sock(sk);
    arg.err = error;
    return null;
  }
  const req = reqsk_queue_remove(queue, sk)!;
  arg.is_empty = reqsk_queue_empty(queue) ? 1 : 0;
  const newsk = req.sk;
  // A Fast Open child whose handshake is not over keeps its request until the last ACK.
  const keep = sk.sk_protocol === IPPROTO_TCP && tcp_rsk(req).tfo_listener;
  if (keep) req.sk = null;
  release_sock(sk);
  if (!keep) reqsk_put(req);
  return newsk;
}

/**
 * listen(): binds a port if none is, enters the listening table.
 * @returns 0 or a negative errno
 * @formerly tcp_listen_start 2.4
 * @EXPORT_SYMBOL
 */
export function inet_csk_listen_start(sk: sock): int {
  const inet = inet_sk(sk);
  const icsk = inet_csk(sk);
  const fastopenq = icsk.icsk_accept_queue.fastopenq;
  const defer = icsk.icsk_accept_queue.rskq_defer_accept;
  icsk.icsk_accept_queue = new request_sock_queue();
  icsk.icsk_accept_queue.fastopenq = fastopenq;
  icsk.icsk_accept_queue.rskq_defer_accept = defer;
  sk.sk_ack_backlog = 0;
  inet_csk_delack_init(sk);
  inet_sk_state_store(sk, TCP_LISTEN);
  let err = sk.sk_prot!.get_port!(sk, inet.inet_num);
  if (!err) {
    inet.inet_sport = htons(inet.inet_num);
    sk_dst_reset(sk);
    err = sk.sk_prot!.hash!(sk);
    if (!err) return 0;
  }
  inet_sk_set_state(sk, TCP_CLOSE);
  return err;
}

/** A child whose listener has gone. */
function inet_child_forget(sk: sock, req: request_sock, child: sock): void {
  sk.sk_prot!.disconnect!(child, O_NONBLOCK);
  sock_orphan(child);
  tcp_orphan_count_inc(child);
  if (sk.sk_protocol === IPPROTO_TCP && tcp_rsk(req).tfo_listener) tcp_sk(child).fastopen_rsk = null;
  inet_csk_destroy_sock(child);
}

/** Appends an established child to the accept queue. @returns null if its listener has gone @EXPORT_SYMBOL */
export function inet_csk_reqsk_queue_add(sk: sock, req: request_sock, child: sock): sock | null {
  const queue = inet_csk(sk).icsk_accept_queue;
  if (sk.sk_state !== TCP_LISTEN) {
    inet_child_forget(sk, req, child);
    return null;
  }
  req.sk = child;
  req.dl_next = null;
  if (queue.rskq_accept_head === null) queue.rskq_accept_head = req;
  else queue.rskq_accept_tail!.dl_next = req;
  queue.rskq_accept_tail = req;
  sk_acceptq_added(sk);
  return child;
}

/** The request gives way to its child: off the SYN queue, on to the accept queue. @EXPORT_SYMBOL */
export function inet_csk_complete_hashdance(sk: sock, child: sock, req: request_sock, own_req: bool): sock | null {
  if (own_req) {
    inet_csk_reqsk_queue_drop(req.rsk_listener!, req);
    reqsk_queue_removed(inet_csk(req.rsk_listener!).icsk_accept_queue, req);
    if (inet_csk_reqsk_queue_add(sk, req, child)) return child;
  }
  bh_unlock_sock(child);
  sock_put(child);
  return null;
}

/** A listener closes: what waits to be accepted is reset. @formerly tcp_listen_stop 2.4 @EXPORT_SYMBOL */
export function inet_csk_listen_stop(sk: sock): void {
  const queue = inet_csk(sk).icsk_accept_queue;
  const kernel = sock_net(sk).kernel;
  for (let req = reqsk_queue_remove(queue, sk); req; req = reqsk_queue_remove(queue, sk)) {
    const child = req.sk!;
    local_bh_disable(kernel);
    bh_lock_sock(child);
    sock_hold(child);
    inet_child_forget(sk, req, child);
    reqsk_put(req);
    bh_unlock_sock(child);
    local_bh_enable(kernel);
    sock_put(child);
  }
  let req = queue.fastopenq.rskq_rst_head;
  queue.fastopenq.rskq_rst_head = null;
  queue.fastopenq.rskq_rst_tail = null;
  while (req) {
    const next = req.dl_next;
    reqsk_put(req);
    req = next;
  }
}
