// High-resolution timers (include/linux/hrtimer.h).

import type { Kernel } from '../../kernel/kernel.js';
import type { ScheduledEvent } from '../../kernel/events.js';
import type { int, ktime_t } from './types.js';

export const HRTIMER_NORESTART = 0;
export const HRTIMER_RESTART = 1;

/** Expiry is an absolute time. */
export const HRTIMER_MODE_ABS = 0x00;
/** Expiry is relative to now. */
export const HRTIMER_MODE_REL = 0x01;
export const HRTIMER_MODE_PINNED = 0x02;
/** The function runs in softirq context. */
export const HRTIMER_MODE_SOFT = 0x04;

export class hrtimer {
  /** ns since boot */
  expires: ktime_t = 0;
  function: ((timer: hrtimer) => int) | null = null;
  kernel: Kernel | null = null;
  mode: int = HRTIMER_MODE_ABS;
  /** What the timer is about (container_of). */
  owner: object | null = null;
  event: ScheduledEvent | null = null;
}
