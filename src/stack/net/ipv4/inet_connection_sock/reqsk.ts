// Connection requests: made, put into the tables, timed, dropped.
// Read beside: net/ipv4/inet_connection_sock.c, include/net/request_sock.h.
// Left out: migration of requests between listeners of a reuseport group.

import { mod_timer, timer_delete_sync, timer_setup } from '../../../kernel/time/timer.js';
import { msecs_to_jiffies } from '../../../include/linux/jiffies.js';
import { timer_list } from '../../../include/linux/timer.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import { inet_csk, reqsk_timeout } from '../../../include/net/inet_connection_sock.js';
import { inet_rsk } from '../../../include/net/inet_sock.js';
import {
  reqsk_queue_added,
  reqsk_queue_len,
  reqsk_queue_len_young,
  reqsk_queue_removed,
} from '../../../include/net/request_sock.js';
import type { request_sock, request_sock_ops } from '../../../include/net/request_sock.js';
import { sock_hold, sock_net, sock_put } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { LINUX_MIB_TCPTIMEOUTS } from '../../../include/net/snmp.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import { TCP_LISTEN, TCP_NEW_SYN_RECV } from '../../../include/net/tcp.js';
import { ehash_del, inet_ehash_insert } from '../inet_hashtables/index.js';
import { tcp_rtx_synack } from '../tcp_output/connect.js';

/**
 * A request of a listener, in NEW_SYN_RECV.
 * @param alloc makes the transport's own request object
 * @param attach_listener whether it keeps a reference to its listener (not for SYN cookies)
 * @EXPORT_SYMBOL
 */
export function inet_reqsk_alloc<T extends request_sock>(
  ops: request_sock_ops,
  sk_listener: sock,
  attach_listener: bool,
  alloc: () => T,
): T {
  const req = alloc();
  req.rsk_ops = ops;
  if (attach_listener) {
    sock_hold(sk_listener);
    req.rsk_listener = sk_listener;
  }
  const ireq = inet_rsk(req);
  ireq.ireq_opt = null;
  req.skc_cookie = 0;
  req.skc_state = TCP_NEW_SYN_RECV;
  req.skc_net = sk_listener.skc_net;
  req.skc_family = sk_listener.skc_family;
  req.skc_prot = sk_listener.skc_prot;
  req.skc_reuseport = sk_listener.skc_reuseport;
  req.skc_reuse = sk_listener.skc_reuse;
  req.skc_bound_dev_if = sk_listener.skc_bound_dev_if;
  req.timeout = 0;
  req.num_timeout = 0;
  req.num_retrans = 0;
  req.sk = null;
  req.skc_refcnt = 0;
  return req;
}

/** @notrace */
export function reqsk_free(req: request_sock): void {
  req.rsk_ops?.destructor(req);
  if (req.rsk_listener) sock_put(req.rsk_listener);
  req.rsk_listener = null;
  req.saved_syn = null;
}

/** @notrace */
export function reqsk_put(req: request_sock): void {
  if (--req.skc_refcnt === 0) reqsk_free(req);
}

/** When a SYN-ACK is due again, in jiffies. @notrace */
export function tcp_reqsk_timeout(req: request_sock): u32 {
  const net = req.skc_net!;
  return reqsk_timeout(req, msecs_to_jiffies(net.kernel, net.ipv4.sysctl_tcp_rto_max_ms));
}

/** Whether a request expires now, and whether its SYN-ACK is sent again, by TCP_DEFER_ACCEPT's rules. */
function syn_ack_recalc(req: request_sock, max_retries: int, defer_accept: int): { expire: bool; resend: bool } {
  const acked = inet_rsk(req).acked;
  if (!defer_accept) return { expire: req.num_timeout >= max_retries, resend: true };
  return {
    expire: req.num_timeout >= max_retries && (!acked || req.num_timeout >= defer_accept),
    resend: !acked || req.num_timeout >= defer_accept - 1,
  };
}

/** Takes a request out of the established table. @returns whether it was there */
function reqsk_queue_unlink(req: request_sock): bool {
  if (!req.skc_hashed) return false;
  req.skc_hashed = false;
  return ehash_del(req.skc_net!.ipv4.tcp_death_row.hashinfo!, req);
}

function __inet_csk_reqsk_queue_drop(sk: sock, req: request_sock, from_timer: bool): bool {
  const unlinked = reqsk_queue_unlink(req);
  if (!from_timer && timer_delete_sync(req.rsk_timer)) reqsk_put(req);
  if (unlinked) {
    reqsk_queue_removed(inet_csk(sk).icsk_accept_queue, req);
    reqsk_put(req);
  }
  return unlinked;
}

/** Forgets a request. @returns whether it was still hashed @EXPORT_SYMBOL */
export function inet_csk_reqsk_queue_drop(sk: sock, req: request_sock): bool {
  return __inet_csk_reqsk_queue_drop(sk, req, false);
}

/** @EXPORT_SYMBOL */
export function inet_csk_reqsk_queue_drop_and_put(sk: sock, req: request_sock): void {
  inet_csk_reqsk_queue_drop(sk, req);
  reqsk_put(req);
}

/** tcp_syn_ack_timeout: counts it. */
export function tcp_syn_ack_timeout(req: request_sock): void {
  NET_INC_STATS(req.skc_net!, LINUX_MIB_TCPTIMEOUTS);
}

/** The timer of a request: sends the SYN-ACK again, or gives up. */
export function reqsk_timer_handler(t: timer_list): void {
  const req = t.owner as request_sock;
  const sk_listener = req.rsk_listener!;
  const net = sock_net(sk_listener);
  const icsk = inet_csk(sk_listener);
  const queue = icsk.icsk_accept_queue;
  if (sk_listener.sk_state === TCP_LISTEN) {
    let max_syn_ack_retries = icsk.icsk_syn_retries || net.ipv4.sysctl_tcp_synack_retries;
    // A queue more than half full of old requests lets go of them sooner.
    const qlen = reqsk_queue_len(queue);
    if (qlen * 2 > Math.max(8, sk_listener.sk_max_ack_backlog)) {
      let young = reqsk_queue_len_young(queue) * 2;
      while (max_syn_ack_retries > 2 && qlen >= young) {
        max_syn_ack_retries--;
        young *= 2;
      }
    }
    const { expire, resend } = syn_ack_recalc(req, max_syn_ack_retries, queue.rskq_defer_accept);
    tcp_syn_ack_timeout(req);
    if (!expire && (!resend || !tcp_rtx_synack(sk_listener, req) || inet_rsk(req).acked)) {
      if (req.num_timeout++ === 0) queue.young--;
      mod_timer(req.rsk_timer, net.kernel.jiffies + tcp_reqsk_timeout(req));
      return;
    }
  }
  __inet_csk_reqsk_queue_drop(sk_listener, req, true);
  reqsk_put(req);
}

function reqsk_queue_hash_req(req: request_sock): bool {
  const found_dup_sk = { value: false };
  if (!inet_ehash_insert(req, null, found_dup_sk)) return false;
  const kernel = req.skc_net!.kernel;
  timer_setup(kernel, req.rsk_timer, reqsk_timer_handler, 0, req);
  mod_timer(req.rsk_timer, kernel.jiffies + req.timeout);
  // One reference each: the table, the timer, the caller.
  req.skc_refcnt = 3;
  return true;
}

/** Puts a request on the SYN queue: in the table of established sockets, with its timer. @EXPORT_SYMBOL */
export function inet_csk_reqsk_queue_hash_add(sk: sock, req: request_sock, timeout: u32): bool {
  req.timeout = timeout;
  if (!reqsk_queue_hash_req(req)) return false;
  inet_csk_reqsk_queue_added(sk);
  return true;
}

/** @notrace */
export function inet_csk_reqsk_queue_added(sk: sock): void {
  reqsk_queue_added(inet_csk(sk).icsk_accept_queue);
}
