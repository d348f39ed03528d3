// Low-resolution timers (include/linux/timer.h): run in softirq context at a tick, granularity by distance.

import type { Kernel } from '../../kernel/kernel.js';
import type { timer_bucket } from '../../kernel/time/timer_base.js';
import type { u32, ulong } from './types.js';

/** The timer must not keep an idle CPU awake; the lab's end does not wait for it. */
export const TIMER_DEFERRABLE = 0x00080000;

export class timer_list {
  /** jiffies */
  expires: ulong = 0;
  function: ((timer: timer_list) => void) | null = null;
  flags: u32 = 0;
  kernel: Kernel | null = null;
  /** What the timer is about: the kernel finds it with container_of (from_timer). */
  owner: object | null = null;
  /** Place in the wheel while pending. */
  bucket: timer_bucket | null = null;
  next: timer_list | null = null;
  prev: timer_list | null = null;
}

/** @returns whether the timer waits to run @notrace */
export function timer_pending(timer: timer_list): boolean {
  return timer.bucket !== null;
}
