// Wait queues (include/linux/wait.h, kernel/sched/wait.c).

import { current } from '../../kernel/current.js';
import { schedule_timeout, try_to_wake_up } from '../../kernel/sched/core.js';
import { TASK_INTERRUPTIBLE, TASK_RUNNING, TASK_UNINTERRUPTIBLE, type Task, type task_struct } from './sched.js';
import type { int, long, u32 } from './types.js';

export const WQ_FLAG_EXCLUSIVE = 0x01;
export const WQ_FLAG_WOKEN = 0x02;

const TASK_NORMAL = TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE;

/** @returns non-zero if it woke somebody (an exclusive waiter then counts); key: poll events */
export type wait_queue_func_t = (entry: wait_queue_entry, mode: u32, key: u32) => int;

export class wait_queue_entry {
  flags: u32 = 0;
  /** The task that waits; null for callbacks (epoll). */
  private: task_struct | null;
  func: wait_queue_func_t;
  /** What a callback is about (container_of). */
  owner: object | null = null;
  queued: wait_queue_head | null = null;
  next: wait_queue_entry | null = null;
  prev: wait_queue_entry | null = null;

  constructor(task: task_struct | null, func: wait_queue_func_t) {
    this.private = task;
    this.func = func;
  }
}

export class wait_queue_head {
  first: wait_queue_entry | null = null;
  last: wait_queue_entry | null = null;
}

/** DEFINE_WAIT(): an entry for the current task, taken off the queue when woken. @notrace */
export function define_wait(): wait_queue_entry {
  return new wait_queue_entry(current(), autoremove_wake_function);
}

/** DEFINE_WAIT_FUNC(wait, woken_wake_function). @notrace */
export function define_wait_woken(): wait_queue_entry {
  return new wait_queue_entry(current(), woken_wake_function);
}

/** @returns whether somebody waits @notrace */
export function waitqueue_active(wq_head: wait_queue_head): boolean {
  return wq_head.first !== null;
}

/** @notrace */
export function wq_has_sleeper(wq_head: wait_queue_head): boolean {
  return wq_head.first !== null;
}

/** @notrace */
export function add_wait_queue(wq_head: wait_queue_head, entry: wait_queue_entry): void {
  entry.flags &= ~WQ_FLAG_EXCLUSIVE;
  entry.queued = wq_head;
  entry.next = wq_head.first;
  if (wq_head.first !== null) wq_head.first.prev = entry;
  else wq_head.last = entry;
  wq_head.first = entry;
}

/** @notrace */
export function add_wait_queue_exclusive(wq_head: wait_queue_head, entry: wait_queue_entry): void {
  entry.flags |= WQ_FLAG_EXCLUSIVE;
  entry.queued = wq_head;
  entry.prev = wq_head.last;
  if (wq_head.last !== null) wq_head.last.next = entry;
  else wq_head.first = entry;
  wq_head.last = entry;
}

/** @notrace */
export function remove_wait_queue(_wq_head: wait_queue_head, entry: wait_queue_entry): void {
  const { queued, next, prev } = entry;
  if (queued === null) return;
  if (prev === null) queued.first = next;
  else prev.next = next;
  if (next === null) queued.last = prev;
  else next.prev = prev;
  entry.queued = entry.next = entry.prev = null;
}

/** Queues the entry, if it is not yet, and sets the task's state: the next schedule sleeps. @notrace */
export function prepare_to_wait(wq_head: wait_queue_head, entry: wait_queue_entry, state: u32): void {
  if (entry.queued === null) add_wait_queue(wq_head, entry);
  current().__state = state;
}

/** @notrace */
export function prepare_to_wait_exclusive(wq_head: wait_queue_head, entry: wait_queue_entry, state: u32): void {
  if (entry.queued === null) add_wait_queue_exclusive(wq_head, entry);
  current().__state = state;
}

/** @notrace */
export function finish_wait(wq_head: wait_queue_head, entry: wait_queue_entry): void {
  current().__state = TASK_RUNNING;
  remove_wait_queue(wq_head, entry);
}

/** @notrace */
export function default_wake_function(entry: wait_queue_entry, mode: u32, _key: u32): int {
  return entry.private !== null && try_to_wake_up(entry.private, mode) ? 1 : 0;
}

/** @notrace */
export function autoremove_wake_function(entry: wait_queue_entry, mode: u32, key: u32): int {
  const woken = default_wake_function(entry, mode, key);
  if (woken !== 0 && entry.queued !== null) remove_wait_queue(entry.queued, entry);
  return woken;
}

/** @notrace */
export function woken_wake_function(entry: wait_queue_entry, mode: u32, key: u32): int {
  entry.flags |= WQ_FLAG_WOKEN;
  return default_wake_function(entry, mode, key);
}

/**
 * Sleeps until woken since the last call, or until the time is up.
 * @param timeout jiffies
 * @returns jiffies left
 * @notrace
 */
export function* wait_woken(entry: wait_queue_entry, mode: u32, timeout: long): Task<long> {
  const task = current();
  task.__state = mode;
  if ((entry.flags & WQ_FLAG_WOKEN) === 0) timeout = yield* schedule_timeout(task.kernel, timeout);
  task.__state = TASK_RUNNING;
  entry.flags &= ~WQ_FLAG_WOKEN;
  return timeout;
}

/** @notrace */
function waiting(wq_head: wait_queue_head): wait_queue_entry[] {
  const entries: wait_queue_entry[] = [];
  for (let entry = wq_head.first; entry !== null; entry = entry.next) entries.push(entry);
  return entries;
}

/**
 * @param mode states of tasks that may be woken
 * @param nr_exclusive how many exclusive waiters; 0: all
 * @param key poll events, handed to the entries' functions
 */
export function __wake_up(wq_head: wait_queue_head, mode: u32, nr_exclusive: int, key: u32): int {
  let woken = 0;
  // A function may take its entry, or another one, off the queue.
  const several = wq_head.first !== wq_head.last;
  for (const entry of several ? waiting(wq_head) : [wq_head.first]) {
    if (entry === null || entry.queued !== wq_head) continue;
    const exclusive = (entry.flags & WQ_FLAG_EXCLUSIVE) !== 0;
    if (entry.func(entry, mode, key) === 0) continue;
    woken++;
    if (exclusive && --nr_exclusive === 0) break;
  }
  return woken;
}

/** @notrace */
export function wake_up(wq_head: wait_queue_head): void {
  __wake_up(wq_head, TASK_NORMAL, 1, 0);
}

/** @notrace */
export function wake_up_all(wq_head: wait_queue_head): void {
  __wake_up(wq_head, TASK_NORMAL, 0, 0);
}

/** @notrace */
export function wake_up_interruptible(wq_head: wait_queue_head): void {
  __wake_up(wq_head, TASK_INTERRUPTIBLE, 1, 0);
}

/** @notrace */
export function wake_up_interruptible_all(wq_head: wait_queue_head): void {
  __wake_up(wq_head, TASK_INTERRUPTIBLE, 0, 0);
}

/** @param events EPOLLIN … @notrace */
export function wake_up_interruptible_poll(wq_head: wait_queue_head, events: u32): void {
  __wake_up(wq_head, TASK_INTERRUPTIBLE, 1, events);
}

/** @notrace */
export function wake_up_interruptible_sync_poll(wq_head: wait_queue_head, events: u32): void {
  __wake_up(wq_head, TASK_INTERRUPTIBLE, 1, events);
}

/** @notrace */
export function wake_up_interruptible_all_poll(wq_head: wait_queue_head, events: u32): void {
  __wake_up(wq_head, TASK_INTERRUPTIBLE, 0, events);
}
