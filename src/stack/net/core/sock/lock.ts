// Who owns a socket, and the packets that came meanwhile (net/core/sock.c). A task that owns a socket does not
// sleep, so one that wants to own it never has to wait; softirqs find it owned and use the backlog.

import { local_bh_disable, local_bh_enable } from '../../../kernel/softirq.js';
import { BUG_ON } from '../../../kernel/panic.js';
import type { Task } from '../../../include/linux/sched.js';
import { TASK_INTERRUPTIBLE } from '../../../include/linux/sched.js';
import { skb_peek_tail } from '../../../include/linux/skbuff/queue.js';
import type { sk_buff } from '../../../include/linux/skbuff/struct.js';
import { define_wait_woken, wait_woken } from '../../../include/linux/wait.js';
import { add_wait_queue, remove_wait_queue } from '../../../include/linux/wait.js';
import type { wait_queue_entry } from '../../../include/linux/wait.js';
import type { int, long } from '../../../include/linux/types.js';
import { sk_backlog_rcv, sk_sleep } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock/struct.js';

/** Takes ownership. @EXPORT_SYMBOL @formerly lock_sock 2.4 */
export function lock_sock_nested(sk: sock, _subclass: int): void {
  BUG_ON(sk.sk_lock.owned !== 0, 'lock_sock() of a socket that is owned');
  sk.sk_lock.owned = 1;
}

/** Hands the packets of the backlog to the protocol, those too that come meanwhile. */
export function __release_sock(sk: sock): void {
  const kernel = sk.skc_net.kernel;
  const backlog = sk.sk_backlog;
  let skb = backlog.head;
  while (skb !== null) {
    backlog.head = backlog.tail = null;
    local_bh_enable(kernel);
    while (skb !== null) {
      const next: sk_buff | null = skb.next;
      skb.next = null;
      sk_backlog_rcv(sk, skb);
      skb = next;
    }
    local_bh_disable(kernel);
    skb = backlog.head;
  }
  backlog.len = 0;
}

/** Works off the backlog while going on to own the socket. */
export function __sk_flush_backlog(sk: sock): void {
  const kernel = sk.skc_net.kernel;
  local_bh_disable(kernel);
  __release_sock(sk);
  local_bh_enable(kernel);
}

/** @notrace */
export function sk_flush_backlog(sk: sock): boolean {
  if (sk.sk_backlog.tail === null) return false;
  __sk_flush_backlog(sk);
  return true;
}

/** Gives up ownership, after the backlog. @EXPORT_SYMBOL */
export function release_sock(sk: sock): void {
  const kernel = sk.skc_net.kernel;
  local_bh_disable(kernel);
  if (sk.sk_backlog.tail !== null) __release_sock(sk);
  const release_cb = sk.skc_prot.release_cb;
  if (release_cb !== undefined) release_cb(sk);
  sk.sk_lock.owned = 0;
  local_bh_enable(kernel);
}

/**
 * sk_wait_event(): gives up the socket and sleeps until woken, unless `condition` holds already.
 * @param timeo jiffies to wait at most; what is left is put there
 * @returns whether the condition holds
 * @notrace
 */
export function* sk_wait_event(
  sk: sock,
  timeo: { value: long },
  condition: (sk: sock) => boolean,
  wait: wait_queue_entry,
): Task<boolean> {
  release_sock(sk);
  let rc = condition(sk);
  if (!rc) {
    timeo.value = yield* wait_woken(wait, TASK_INTERRUPTIBLE, timeo.value);
  }
  lock_sock_nested(sk, 0);
  rc = condition(sk);
  return rc;
}

/**
 * Waits until the receive queue's last skb is another than `skb`.
 * @param timeo jiffies at most; what is left is put there
 * @returns 1 if something came, else 0
 * @EXPORT_SYMBOL
 */
export function* sk_wait_data(sk: sock, timeo: { value: long }, skb: sk_buff | null): Task<int> {
  const wait = define_wait_woken();
  const wq = sk_sleep(sk);
  add_wait_queue(wq, wait);
  const rc = yield* sk_wait_event(sk, timeo, (s) => skb_peek_tail(s.sk_receive_queue) !== skb, wait);
  remove_wait_queue(wq, wait);
  return rc ? 1 : 0;
}
