// What stream sockets wait for (net/core/stream.c).

import { current } from '../../kernel/current.js';
import { signal_pending } from '../../kernel/sched/core.js';
import { send_signal } from '../../kernel/sched/core.js';
import { EAGAIN, EPIPE } from '../../include/linux/errno.js';
import { SOCK_NOSPACE } from '../../include/linux/net.js';
import { EPOLLOUT, EPOLLWRNORM } from '../../include/linux/poll.js';
import { SIGPIPE } from '../../include/linux/sched.js';
import type { Task } from '../../include/linux/sched.js';
import { MSG_NOSIGNAL } from '../../include/linux/socket.js';
import {
  add_wait_queue,
  define_wait_woken,
  remove_wait_queue,
  wake_up_interruptible_poll,
} from '../../include/linux/wait.js';
import type { int, long } from '../../include/linux/types.js';
import {
  SEND_SHUTDOWN,
  sk_mem_reclaim_final,
  sk_sleep,
  sk_stream_is_writeable,
  sk_stream_memory_free,
  skwq_has_sleeper,
  sock_error,
  sock_intr_errno,
} from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock/struct.js';
import {
  TCPF_CLOSING,
  TCPF_CLOSE_WAIT,
  TCPF_ESTABLISHED,
  TCPF_FIN_WAIT1,
  TCPF_LAST_ACK,
} from '../../include/net/tcp_states.js';
import { TCPF_SYN_RECV, TCPF_SYN_SENT } from '../../include/net/tcp_states.js';
import { sk_wait_event } from './sock/lock.js';
import { get_random_u32_below } from '../../include/linux/random.js';
import { __skb_queue_purge } from '../../include/linux/skbuff/queue.js';

/** Tells writers that there is room again. */
export function sk_stream_write_space(sk: sock): void {
  const sock = sk.sk_socket;
  if (!sk_stream_is_writeable(sk) || sock === null) return;
  sock.flags &= ~(1 << SOCK_NOSPACE);
  const wq = sk.sk_wq;
  if (wq !== null && skwq_has_sleeper(wq)) wake_up_interruptible_poll(wq.wait, EPOLLOUT | EPOLLWRNORM);
}

/** Waits until the connection stands. @param timeo jiffies @returns 0 or a negative errno @EXPORT_SYMBOL */
export function* sk_stream_wait_connect(sk: sock, timeo: { value: long }): Task<int> {
  const connected = TCPF_ESTABLISHED | TCPF_CLOSE_WAIT;
  for (;;) {
    const err = sock_error(sk);
    if (err !== 0) return err;
    if (((1 << sk.sk_state) & ~(TCPF_SYN_SENT | TCPF_SYN_RECV)) !== 0) {
      return ((1 << sk.sk_state) & connected) !== 0 ? 0 : -EPIPE;
    }
    if (timeo.value === 0) return -EAGAIN;
    if (signal_pending(current())) return sock_intr_errno(timeo.value);
    const wait = define_wait_woken();
    add_wait_queue(sk_sleep(sk), wait);
    sk.sk_write_pending++;
    const done = yield* sk_wait_event(sk, timeo, (s) => s.sk_err !== 0 || ((1 << s.sk_state) & ~connected) === 0, wait);
    remove_wait_queue(sk_sleep(sk), wait);
    sk.sk_write_pending--;
    if (done) return sock_error(sk);
  }
}

function sk_stream_closing(sk: sock): boolean {
  return ((1 << sk.sk_state) & (TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_LAST_ACK)) !== 0;
}

/** Waits for the peer's end of a close (SO_LINGER). @param timeout jiffies */
export function* sk_stream_wait_close(sk: sock, timeout: long): Task<void> {
  if (timeout === 0) return;
  const wait = define_wait_woken();
  const timeo = { value: timeout };
  // close() has taken the wait queue's owner away, not the queue.
  const wq = sk_sleep(sk);
  add_wait_queue(wq, wait);
  do {
    if (yield* sk_wait_event(sk, timeo, (s) => !sk_stream_closing(s), wait)) break;
  } while (!signal_pending(current()) && timeo.value !== 0);
  remove_wait_queue(wq, wait);
}

/**
 * Waits until the send buffer has room.
 * @param timeo jiffies
 * @returns 0, or -EPIPE, -EAGAIN, the errno of a signal
 * @EXPORT_SYMBOL
 */
export function* sk_stream_wait_memory(sk: sock, timeo: { value: long }): Task<int> {
  const kernel = sk.skc_net.kernel;
  const HZ = kernel.HZ;
  let vm_wait = sk_stream_memory_free(sk) ? get_random_u32_below(kernel, Math.floor(HZ / 5)) + 2 : 0;
  const wait = define_wait_woken();
  add_wait_queue(sk_sleep(sk), wait);
  let err = 0;
  for (;;) {
    const sock = sk.sk_socket;
    if (sock !== null) sock.flags |= 1 << SOCK_NOSPACE;
    if (sk.sk_err !== 0 || (sk.sk_shutdown & SEND_SHUTDOWN) !== 0) {
      err = -EPIPE;
      break;
    }
    if (timeo.value === 0) {
      err = -EAGAIN;
      break;
    }
    if (signal_pending(current())) {
      err = sock_intr_errno(timeo.value);
      break;
    }
    if (sock !== null) sock.flags &= ~(1 << SOCK_NOSPACE);
    if (sk_stream_memory_free(sk) && vm_wait === 0) break;
    if (sock !== null) sock.flags |= 1 << SOCK_NOSPACE;
    sk.sk_write_pending++;
    const current_timeo = { value: vm_wait !== 0 ? Math.min(vm_wait, timeo.value) : timeo.value };
    const before = current_timeo.value;
    const no_vm_wait = vm_wait === 0;
    yield* sk_wait_event(
      sk,
      current_timeo,
      (s) => s.sk_err !== 0 || (s.sk_shutdown & SEND_SHUTDOWN) !== 0 || (sk_stream_memory_free(s) && no_vm_wait),
      wait,
    );
    sk.sk_write_pending--;
    if (timeo.value !== Infinity) timeo.value = Math.max(0, timeo.value - (before - current_timeo.value));
    vm_wait = 0;
  }
  remove_wait_queue(sk_sleep(sk), wait);
  return err;
}

/** The error of a send, with the signal that a broken pipe is. @EXPORT_SYMBOL */
export function sk_stream_error(sk: sock, flags: int, err: int): int {
  if (err === -EPIPE) {
    const soft = sock_error(sk);
    err = soft !== 0 ? soft : -EPIPE;
  }
  if (err === -EPIPE && (flags & MSG_NOSIGNAL) === 0) send_signal(current(), SIGPIPE);
  return err;
}

/** Frees what a stream socket that ends still holds. @EXPORT_SYMBOL */
export function sk_stream_kill_queues(sk: sock): void {
  __skb_queue_purge(sk.sk_receive_queue);
  sk_mem_reclaim_final(sk);
}

export { sk_stream_moderate_sndbuf } from '../../include/net/sock.js';
