// Telling those who wait for a socket (net/core/sock.c).

import {
  EPOLLERR,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDBAND,
  EPOLLRDNORM,
  EPOLLWRBAND,
  EPOLLWRNORM,
} from '../../../include/linux/poll.js';
import {
  wake_up_interruptible_all,
  wake_up_interruptible_poll,
  wake_up_interruptible_sync_poll,
} from '../../../include/linux/wait.js';
import { skwq_has_sleeper, sock_writeable } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock/struct.js';
import { trace_inet_sk_error_report, trace_sk_data_ready } from '../../../include/trace/events/sock.js';

/** The state changed. */
export function sock_def_wakeup(sk: sock): void {
  const wq = sk.sk_wq;
  if (wq !== null && skwq_has_sleeper(wq)) wake_up_interruptible_all(wq.wait);
}

/** There is an error. */
export function sock_def_error_report(sk: sock): void {
  trace_inet_sk_error_report(sk);
  const wq = sk.sk_wq;
  if (wq !== null && skwq_has_sleeper(wq)) wake_up_interruptible_poll(wq.wait, EPOLLERR);
}

/** There is something to read. @EXPORT_SYMBOL */
export function sock_def_readable(sk: sock): void {
  trace_sk_data_ready(sk);
  const wq = sk.sk_wq;
  if (wq !== null && skwq_has_sleeper(wq)) {
    wake_up_interruptible_sync_poll(wq.wait, EPOLLIN | EPOLLPRI | EPOLLRDNORM | EPOLLRDBAND);
  }
}

/** There is room to write: at least half of the send buffer. */
export function sock_def_write_space(sk: sock): void {
  if (!sock_writeable(sk)) return;
  const wq = sk.sk_wq;
  if (wq !== null && skwq_has_sleeper(wq)) {
    wake_up_interruptible_sync_poll(wq.wait, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
  }
}

export function sock_def_destruct(_sk: sock): void {
  // A protocol with something to end sets its own.
}
