// Arming and running low-resolution timers (kernel/time/timer.c).

import type { Kernel } from '../kernel.js';
import type { timer_list } from '../../include/linux/timer.js';
import { calc_wheel_index } from './timer_base.js';
import { TIMER_SOFTIRQ, open_softirq } from '../softirq.js';
import {
  trace_timer_cancel,
  trace_timer_expire_entry,
  trace_timer_expire_exit,
  trace_timer_start,
} from '../../include/trace/events/timer.js';
import type { int, u32, ulong } from '../../include/linux/types.js';

/**
 * @param owner what the callback finds by from_timer()
 * @notrace
 */
export function timer_setup(
  kernel: Kernel,
  timer: timer_list,
  callback: (timer: timer_list) => void,
  flags: u32,
  owner: object | null,
): void {
  timer.kernel = kernel;
  timer.function = callback;
  timer.flags = flags;
  timer.owner = owner;
}

/**
 * Arms a timer, or moves it.
 * @param expires jiffies
 * @returns 1 if it was pending, else 0
 * @EXPORT_SYMBOL
 */
export function mod_timer(timer: timer_list, expires: ulong): int {
  const kernel = timer.kernel as Kernel;
  const at = calc_wheel_index(expires, kernel.jiffies);
  const pending = timer.bucket !== null ? 1 : 0;
  timer.expires = expires;
  if (timer.bucket !== null) {
    if (timer.bucket.expires === at) return pending;
    kernel.timers.dequeue(timer);
  }
  kernel.timers.enqueue(timer, at);
  trace_timer_start(timer, at);
  return pending;
}

/** Moves a timer only forward in time (earlier), or arms it if it is not pending. @EXPORT_SYMBOL */
export function timer_reduce(timer: timer_list, expires: ulong): int {
  if (timer.bucket !== null && timer.expires <= expires) return 1;
  return mod_timer(timer, expires);
}

/** @EXPORT_SYMBOL */
export function add_timer(timer: timer_list): void {
  mod_timer(timer, timer.expires);
}

/**
 * @returns 1 if it was pending, else 0
 * @formerly del_timer 2.4-6.13
 * @EXPORT_SYMBOL
 */
export function timer_delete(timer: timer_list): int {
  if (timer.bucket === null) return 0;
  (timer.kernel as Kernel).timers.dequeue(timer);
  trace_timer_cancel(timer);
  return 1;
}

/**
 * The same as timer_delete(): with one CPU no callback runs elsewhere.
 * @formerly del_timer_sync 2.4-6.13
 * @EXPORT_SYMBOL
 */
export function timer_delete_sync(timer: timer_list): int {
  return timer_delete(timer);
}

export function call_timer_fn(timer: timer_list, fn: (timer: timer_list) => void, baseclk: ulong): void {
  trace_timer_expire_entry(timer, baseclk);
  fn(timer);
  trace_timer_expire_exit(timer);
}

/** The TIMER_SOFTIRQ action: runs all timers whose tick has come. */
export function run_timer_softirq(kernel: Kernel): void {
  const base = kernel.timers;
  for (let bucket = base.takeDue(); bucket !== null; bucket = base.takeDue()) {
    for (let timer = bucket.head; timer !== null; timer = bucket.head) {
      base.dequeue(timer);
      base.running_timer = timer;
      if (timer.function !== null) call_timer_fn(timer, timer.function, bucket.expires);
      base.running_timer = null;
    }
  }
}

export function init_timers(kernel: Kernel): void {
  open_softirq(kernel, TIMER_SOFTIRQ, run_timer_softirq);
}
