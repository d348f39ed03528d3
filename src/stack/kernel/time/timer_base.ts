// The timer wheel's buckets of one host (kernel/time/timer.c). Linux rounds a timer up to the granularity
// of the wheel level that its distance falls into: 1 tick below 63 ticks, 8 below 504, 64 below 4032 … and
// always to the tick after. That is visible in when packets are sent again, so it is kept. Each filled
// bucket is one event of the lab's queue; cascading and NOHZ are not needed.

import type { Kernel } from '../kernel.js';
import type { ScheduledEvent } from '../events.js';
import type { timer_list } from '../../include/linux/timer.js';
import { irq_exit, irq_enter } from '../irq.js';
import { TIMER_SOFTIRQ, raise_softirq } from '../softirq.js';

const LVL_CLK_SHIFT = 3;
const LVL_SIZE = 64;
const LVL_DEPTH = 9;

/** Timers that expire at the same tick, in the order they were armed. */
export class timer_bucket {
  /** jiffies */
  readonly expires: number;
  head: timer_list | null = null;
  tail: timer_list | null = null;
  event: ScheduledEvent | null = null;

  constructor(expires: number) {
    this.expires = expires;
  }
}

/**
 * Tick at which the wheel runs a timer.
 * @param expires jiffies asked for
 * @param now jiffies
 * @notrace
 */
export function calc_wheel_index(expires: number, now: number): number {
  const delta = Math.max(expires - now, 0);
  let level = 0;
  while (level < LVL_DEPTH - 1 && delta >= (LVL_SIZE - 1) * 2 ** (LVL_CLK_SHIFT * level)) level++;
  const granularity = 2 ** (LVL_CLK_SHIFT * level);
  return (Math.floor(Math.max(expires, now) / granularity) + 1) * granularity;
}

export class timer_base {
  private readonly kernel: Kernel;
  private readonly buckets = new Map<number, timer_bucket>();
  private readonly due: timer_bucket[] = [];
  /** The timer whose function runs now. */
  running_timer: timer_list | null = null;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Puts a timer that is not pending into the bucket of jiffies `at`. */
  enqueue(timer: timer_list, at: number): void {
    let bucket = this.buckets.get(at);
    if (bucket === undefined) {
      bucket = new timer_bucket(at);
      this.buckets.set(at, bucket);
      const kernel = this.kernel;
      const time = (at - kernel.INITIAL_JIFFIES) * kernel.tick_ns;
      const full = bucket;
      bucket.event = kernel.events.schedule(time, () => this.tick(full));
    }
    timer.bucket = bucket;
    timer.prev = bucket.tail;
    timer.next = null;
    if (bucket.tail === null) bucket.head = timer;
    else bucket.tail.next = timer;
    bucket.tail = timer;
  }

  dequeue(timer: timer_list): void {
    const bucket = timer.bucket;
    if (bucket === null) return;
    if (timer.prev === null) bucket.head = timer.next;
    else timer.prev.next = timer.next;
    if (timer.next === null) bucket.tail = timer.prev;
    else timer.next.prev = timer.prev;
    timer.next = timer.prev = null;
    timer.bucket = null;
    if (bucket.head === null && bucket.event !== null) {
      this.kernel.events.cancel(bucket.event);
      bucket.event = null;
      this.buckets.delete(bucket.expires);
    }
  }

  /** The next bucket whose tick has come, or null. */
  takeDue(): timer_bucket | null {
    return this.due.shift() ?? null;
  }

  /** The timer interrupt: what has expired runs in TIMER_SOFTIRQ. */
  private tick(bucket: timer_bucket): void {
    bucket.event = null;
    this.buckets.delete(bucket.expires);
    this.due.push(bucket);
    irq_enter(this.kernel);
    raise_softirq(this.kernel, TIMER_SOFTIRQ);
    irq_exit(this.kernel);
  }
}
