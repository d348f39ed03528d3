// Tracepoints of timers (include/trace/events/timer.h).

import type { hrtimer } from '../../linux/hrtimer.js';
import type { timer_list } from '../../linux/timer.js';
import type { int, ktime_t, ulong } from '../../linux/types.js';

/** @param baseclk jiffies of the bucket that runs */
export function trace_timer_expire_entry(_timer: timer_list, _baseclk: ulong): void {}

export function trace_timer_expire_exit(_timer: timer_list): void {}

/** @param bucket_expiry jiffies at which it will run, by the wheel's granularity */
export function trace_timer_start(_timer: timer_list, _bucket_expiry: ulong): void {}

export function trace_timer_cancel(_timer: timer_list): void {}

export function trace_hrtimer_start(_hrtimer: hrtimer, _mode: int): void {}

/** @param now ns since boot */
export function trace_hrtimer_expire_entry(_hrtimer: hrtimer, _now: ktime_t): void {}

export function trace_hrtimer_expire_exit(_hrtimer: hrtimer): void {}

export function trace_hrtimer_cancel(_hrtimer: hrtimer): void {}
