// Arming and running high-resolution timers (kernel/time/hrtimer.c).

import { HRTIMER_MODE_REL, HRTIMER_MODE_SOFT, HRTIMER_RESTART, type hrtimer } from '../../include/linux/hrtimer.js';
import type { int, ktime_t } from '../../include/linux/types.js';
import {
  trace_hrtimer_cancel,
  trace_hrtimer_expire_entry,
  trace_hrtimer_expire_exit,
  trace_hrtimer_start,
} from '../../include/trace/events/timer.js';
import type { Kernel } from '../kernel.js';
import { irq_enter, irq_exit } from '../irq.js';
import { HRTIMER_SOFTIRQ, open_softirq, raise_softirq } from '../softirq.js';

/** @notrace */
export function hrtimer_setup(
  kernel: Kernel,
  timer: hrtimer,
  fn: (timer: hrtimer) => int,
  mode: int,
  owner: object | null,
): void {
  timer.kernel = kernel;
  timer.function = fn;
  timer.mode = mode;
  timer.owner = owner;
}

/**
 * Arms a timer, or moves it.
 * @param tim ns: absolute since boot, or from now with HRTIMER_MODE_REL
 * @EXPORT_SYMBOL
 */
export function hrtimer_start(timer: hrtimer, tim: ktime_t, mode: int): void {
  const kernel = timer.kernel as Kernel;
  if (timer.event !== null) kernel.events.cancel(timer.event);
  timer.expires = (mode & HRTIMER_MODE_REL) !== 0 ? kernel.now + tim : tim;
  timer.mode = (timer.mode & HRTIMER_MODE_SOFT) | mode;
  timer.event = kernel.events.schedule(timer.expires, () => hrtimer_interrupt(timer));
  trace_hrtimer_start(timer, mode);
}

/** @returns 1 if it was pending, else 0 @EXPORT_SYMBOL */
export function hrtimer_try_to_cancel(timer: hrtimer): int {
  if (timer.event === null) return 0;
  (timer.kernel as Kernel).events.cancel(timer.event);
  timer.event = null;
  trace_hrtimer_cancel(timer);
  return 1;
}

/** @EXPORT_SYMBOL */
export function hrtimer_cancel(timer: hrtimer): int {
  return hrtimer_try_to_cancel(timer);
}

/** @notrace */
export function hrtimer_is_queued(timer: hrtimer): boolean {
  return timer.event !== null;
}

/** @notrace */
export function hrtimer_active(timer: hrtimer): boolean {
  return timer.event !== null;
}

/** Moves the expiry on by whole intervals until it lies after `now`. @returns how many @EXPORT_SYMBOL */
export function hrtimer_forward(timer: hrtimer, now: ktime_t, interval: ktime_t): number {
  const delta = now - timer.expires;
  if (delta < 0) return 0;
  const overruns = Math.floor(delta / interval) + 1;
  timer.expires += overruns * interval;
  return overruns;
}

/** The clock event device's interrupt for one timer. */
export function hrtimer_interrupt(timer: hrtimer): void {
  const kernel = timer.kernel as Kernel;
  timer.event = null;
  irq_enter(kernel);
  if ((timer.mode & HRTIMER_MODE_SOFT) !== 0) {
    kernel.softirq.hrtimers.push(timer);
    raise_softirq(kernel, HRTIMER_SOFTIRQ);
  } else {
    __run_hrtimer(timer);
  }
  irq_exit(kernel);
}

export function __run_hrtimer(timer: hrtimer): void {
  const kernel = timer.kernel as Kernel;
  if (timer.function === null) return;
  trace_hrtimer_expire_entry(timer, kernel.now);
  const restart = timer.function(timer);
  trace_hrtimer_expire_exit(timer);
  if (restart === HRTIMER_RESTART && timer.event === null) {
    timer.event = kernel.events.schedule(timer.expires, () => hrtimer_interrupt(timer));
  }
}

export function hrtimer_run_softirq(kernel: Kernel): void {
  for (let timer = kernel.softirq.hrtimers.shift(); timer !== undefined; timer = kernel.softirq.hrtimers.shift()) {
    // Armed again since the interrupt: that expiry stands instead.
    if (timer.event === null) __run_hrtimer(timer);
  }
}

export function hrtimers_init(kernel: Kernel): void {
  open_softirq(kernel, HRTIMER_SOFTIRQ, hrtimer_run_softirq);
}
