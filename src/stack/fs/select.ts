// poll(2) (fs/select.c).

import { EINTR } from '../include/linux/errno.js';
import { EPOLLERR, EPOLLHUP, EPOLLNVAL, type poll_table } from '../include/linux/poll.js';
import {
  MAX_SCHEDULE_TIMEOUT,
  TASK_INTERRUPTIBLE,
  TASK_RUNNING,
  type Task,
  type task_struct,
} from '../include/linux/sched.js';
import type { file } from '../include/linux/fs.js';
import type { int, long, u32, uint } from '../include/linux/types.js';
import {
  add_wait_queue,
  default_wake_function,
  remove_wait_queue,
  wait_queue_entry,
  type wait_queue_head,
} from '../include/linux/wait.js';
import { msecs_to_jiffies } from '../include/linux/jiffies.js';
import { current } from '../kernel/current.js';
import { schedule_timeout, signal_pending } from '../kernel/sched/core.js';
import { fdget } from './file.js';

export class pollfd {
  fd: int;
  events: u32;
  revents: u32 = 0;

  constructor(fd: int, events: u32) {
    this.fd = fd;
    this.events = events;
  }
}

/** The waiter's entries on the queues of all files it polls. */
class poll_wqueues implements poll_table {
  readonly task: task_struct;
  readonly entries: { entry: wait_queue_entry; head: wait_queue_head }[] = [];
  triggered = false;

  constructor(task: task_struct) {
    this.task = task;
  }

  readonly queue = (_file: file, head: wait_queue_head): void => {
    const entry = new wait_queue_entry(this.task, (e, mode, key) => {
      this.triggered = true;
      return default_wake_function(e, mode, key);
    });
    this.entries.push({ entry, head });
    add_wait_queue(head, entry);
  };
}

function do_pollfd(fd: pollfd, table: poll_table | null): boolean {
  fd.revents = 0;
  if (fd.fd < 0) return false;
  const file = fdget(fd.fd);
  if (file === null) {
    fd.revents = EPOLLNVAL;
    return true;
  }
  const mask = file.f_op.poll?.(file, table) ?? 0;
  fd.revents = mask & (fd.events | EPOLLERR | EPOLLHUP);
  return fd.revents !== 0;
}

/**
 * @param ufds the files asked about, their events in them
 * @param nfds how many
 * @param timeout_msecs ms; negative: no limit
 * @returns how many files have events (in their revents), or a negative errno
 */
export function* do_sys_poll(ufds: pollfd[], nfds: uint, timeout_msecs: int): Task<int> {
  const task = current();
  const table = new poll_wqueues(task);
  let left: long = timeout_msecs < 0 ? MAX_SCHEDULE_TIMEOUT : msecs_to_jiffies(task.kernel, timeout_msecs);
  let wait: poll_table | null = table;
  try {
    for (;;) {
      let count = 0;
      task.__state = TASK_INTERRUPTIBLE;
      for (let i = 0; i < nfds; i++) if (do_pollfd(ufds[i], wait)) count++;
      wait = null;
      if (count > 0 || left <= 0) return count;
      if (signal_pending(task)) return -EINTR;
      if (!table.triggered) left = yield* schedule_timeout(task.kernel, left);
      table.triggered = false;
    }
  } finally {
    task.__state = TASK_RUNNING;
    for (const { entry, head } of table.entries) remove_wait_queue(head, entry);
  }
}
