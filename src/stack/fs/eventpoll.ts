// epoll(7): epoll_create1, epoll_ctl, epoll_wait (fs/eventpoll.c). Nested epoll files are left out.

import { EBADF, EEXIST, EINTR, EINVAL, ENOENT, EPERM } from '../include/linux/errno.js';
import { file, O_CLOEXEC, type file_operations, type files_struct } from '../include/linux/fs.js';
import { EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLONESHOT, EPOLLRDNORM, poll_wait } from '../include/linux/poll.js';
import { msecs_to_jiffies } from '../include/linux/jiffies.js';
import { MAX_SCHEDULE_TIMEOUT, TASK_INTERRUPTIBLE, type Task } from '../include/linux/sched.js';
import type { int, long, u32, u64 } from '../include/linux/types.js';
import {
  add_wait_queue,
  define_wait,
  finish_wait,
  prepare_to_wait_exclusive,
  remove_wait_queue,
  wait_queue_entry,
  wait_queue_head,
  wake_up,
} from '../include/linux/wait.js';
import { current } from '../kernel/current.js';
import { schedule_timeout, signal_pending } from '../kernel/sched/core.js';
import { fd_install_free, fdget } from './file.js';

export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;

/** Bits of the events that are orders, not conditions. */
const EP_PRIVATE_BITS = EPOLLET + EPOLLONESHOT;

export class epoll_event {
  events: u32;
  data: u64;

  constructor(events: u32, data: u64) {
    this.events = events;
    this.data = data;
  }
}

class epitem {
  readonly fd: int;
  readonly file: file;
  event: epoll_event;
  ready = false;
  readonly waits: { entry: wait_queue_entry; head: wait_queue_head }[] = [];

  constructor(fd: int, file: file, event: epoll_event) {
    this.fd = fd;
    this.file = file;
    this.event = event;
  }
}

class eventpoll {
  readonly wq = new wait_queue_head();
  readonly poll_wait = new wait_queue_head();
  readonly items = new Map<int, epitem>();
  rdllist: epitem[] = [];
}

const eventpoll_fops: file_operations = {
  poll: ep_eventpoll_poll,
  release: ep_eventpoll_release,
};

function ep_eventpoll_poll(epfile: file, wait: Parameters<typeof poll_wait>[2]): u32 {
  const ep = epfile.private_data as eventpoll;
  poll_wait(epfile, ep.poll_wait, wait);
  return ep.rdllist.some((item) => ep_item_poll(item) !== 0) ? EPOLLIN | EPOLLRDNORM : 0;
}

function* ep_eventpoll_release(epfile: file): Task<int> {
  const ep = epfile.private_data as eventpoll;
  for (const item of ep.items.values()) ep_unregister_pollwait(item);
  ep.items.clear();
  return 0;
}

/** epoll_create1(2). @returns a descriptor */
export function do_epoll_create(flags: int): int {
  if ((flags & ~O_CLOEXEC) !== 0) return -EINVAL;
  return fd_install_free(current().files as files_struct, new file(eventpoll_fops, 0, new eventpoll()), 0);
}

function ep_from_fd(epfd: int): eventpoll | int {
  const epfile = fdget(epfd);
  if (epfile === null) return -EBADF;
  return epfile.private_data instanceof eventpoll ? epfile.private_data : -EINVAL;
}

/** epoll_ctl(2). @param epds the events asked for; none for EPOLL_CTL_DEL */
export function do_epoll_ctl(epfd: int, op: int, fd: int, epds: epoll_event | null): int {
  const ep = ep_from_fd(epfd);
  if (typeof ep === 'number') return ep;
  const target = fdget(fd);
  if (target === null) return -EBADF;
  if (target.f_op.poll === undefined) return -EPERM;
  let item = ep.items.get(fd);
  if (item !== undefined && item.file !== target) {
    // The descriptor was closed and given out again: the old file left the set by that.
    ep_remove(ep, item);
    item = undefined;
  }
  switch (op) {
    case EPOLL_CTL_ADD:
      if (item !== undefined) return -EEXIST;
      if (epds === null) return -EINVAL;
      ep_insert(ep, epds, target, fd);
      return 0;
    case EPOLL_CTL_DEL:
      if (item === undefined) return -ENOENT;
      ep_remove(ep, item);
      return 0;
    case EPOLL_CTL_MOD:
      if (item === undefined) return -ENOENT;
      if (epds === null) return -EINVAL;
      item.event = new epoll_event(epds.events, epds.data);
      if (ep_item_poll(item) !== 0) ep_make_ready(ep, item);
      return 0;
    default:
      return -EINVAL;
  }
}

function ep_insert(ep: eventpoll, event: epoll_event, target: file, fd: int): void {
  const item = new epitem(fd, target, new epoll_event(event.events, event.data));
  ep.items.set(fd, item);
  const table = {
    queue: (_file: file, head: wait_queue_head): void => {
      const entry = new wait_queue_entry(null, ep_poll_callback);
      entry.owner = { ep, item } satisfies ep_callback_owner;
      item.waits.push({ entry, head });
      add_wait_queue(head, entry);
    },
  };
  const mask = (target.f_op.poll?.(target, table) ?? 0) & (event.events | EPOLLERR | EPOLLHUP);
  if (mask !== 0) ep_make_ready(ep, item);
}

function ep_unregister_pollwait(item: epitem): void {
  for (const { entry, head } of item.waits) remove_wait_queue(head, entry);
  item.waits.length = 0;
}

function ep_remove(ep: eventpoll, item: epitem): void {
  ep_unregister_pollwait(item);
  ep.items.delete(item.fd);
  ep.rdllist = ep.rdllist.filter((other) => other !== item);
}

interface ep_callback_owner {
  readonly ep: eventpoll;
  readonly item: epitem;
}

function ep_poll_callback(entry: wait_queue_entry, _mode: u32, key: u32): int {
  const { ep, item } = entry.owner as ep_callback_owner;
  if ((item.event.events & ~EP_PRIVATE_BITS) === 0) return 0;
  if (key !== 0 && (key & (item.event.events | EPOLLERR | EPOLLHUP)) === 0) return 0;
  ep_make_ready(ep, item);
  return 1;
}

function ep_make_ready(ep: eventpoll, item: epitem): void {
  if (!item.ready) {
    item.ready = true;
    ep.rdllist.push(item);
  }
  wake_up(ep.wq);
  wake_up(ep.poll_wait);
}

function ep_item_poll(item: epitem): u32 {
  return (item.file.f_op.poll?.(item.file, null) ?? 0) & (item.event.events | EPOLLERR | EPOLLHUP);
}

function ep_send_events(ep: eventpoll, events: epoll_event[], maxevents: int): int {
  events.length = 0;
  const list = ep.rdllist;
  ep.rdllist = [];
  for (const item of list) {
    item.ready = false;
    // A descriptor that was closed is out of the set.
    if (item.file.f_count <= 0) {
      ep_remove(ep, item);
      continue;
    }
    if (events.length >= maxevents) {
      item.ready = true;
      ep.rdllist.push(item);
      continue;
    }
    const revents = ep_item_poll(item);
    if (revents === 0) continue;
    events.push(new epoll_event(revents, item.event.data));
    if ((item.event.events & EPOLLONESHOT) !== 0) {
      item.event.events &= EP_PRIVATE_BITS;
    } else if ((item.event.events & EPOLLET) === 0) {
      // Level-triggered: it is looked at again by the next call.
      item.ready = true;
      ep.rdllist.push(item);
    }
  }
  return events.length;
}

/**
 * epoll_wait(2).
 * @param events what happened is put here
 * @param timeout ms; negative: no limit
 * @returns how many events, or a negative errno
 */
export function* do_epoll_wait(epfd: int, events: epoll_event[], maxevents: int, timeout: int): Task<int> {
  if (maxevents <= 0) return -EINVAL;
  const ep = ep_from_fd(epfd);
  if (typeof ep === 'number') return ep;
  const task = current();
  let left: long = timeout < 0 ? MAX_SCHEDULE_TIMEOUT : msecs_to_jiffies(task.kernel, timeout);
  for (;;) {
    const sent = ep_send_events(ep, events, maxevents);
    if (sent > 0 || left <= 0) return sent;
    if (signal_pending(task)) return -EINTR;
    const wait = define_wait();
    prepare_to_wait_exclusive(ep.wq, wait, TASK_INTERRUPTIBLE);
    left = yield* schedule_timeout(task.kernel, left);
    finish_wait(ep.wq, wait);
  }
}
