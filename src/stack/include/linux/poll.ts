// Waiting for events on files (include/linux/poll.h, include/uapi/linux/eventpoll.h).

import type { file } from './fs.js';
import type { wait_queue_head } from './wait.js';

export const EPOLLIN = 0x001;
export const EPOLLPRI = 0x002;
export const EPOLLOUT = 0x004;
export const EPOLLERR = 0x008;
export const EPOLLHUP = 0x010;
export const EPOLLNVAL = 0x020;
export const EPOLLRDNORM = 0x040;
export const EPOLLRDBAND = 0x080;
export const EPOLLWRNORM = 0x100;
export const EPOLLWRBAND = 0x200;
export const EPOLLMSG = 0x400;
export const EPOLLRDHUP = 0x2000;
export const EPOLLEXCLUSIVE = 2 ** 28;
export const EPOLLONESHOT = 1 << 30;
export const EPOLLET = 2 ** 31;

export const POLLIN = EPOLLIN;
export const POLLPRI = EPOLLPRI;
export const POLLOUT = EPOLLOUT;
export const POLLERR = EPOLLERR;
export const POLLHUP = EPOLLHUP;
export const POLLNVAL = EPOLLNVAL;

/** Handed to a file's poll(): it is told of each wait queue that will wake the waiter. */
export interface poll_table {
  readonly queue: (file: file, wait_address: wait_queue_head, table: poll_table) => void;
}

/** @notrace */
export function poll_wait(file: file, wait_address: wait_queue_head, table: poll_table | null): void {
  if (table !== null) table.queue(file, wait_address, table);
}
