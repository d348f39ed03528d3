// Tracepoints of timers (include/trace/events/timer.h).

import type { timer_list } from '../../linux/timer.js';
import type { ulong } from '../../linux/types.js';

/** @param baseclk jiffies of the bucket that runs */
export function trace_timer_expire_entry(_timer: timer_list, _baseclk: ulong): void {}

export function trace_timer_expire_exit(_timer: timer_list): void {}
