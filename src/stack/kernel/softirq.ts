// Soft interrupts of one host (kernel/softirq.c). A host has one CPU. Softirqs run when the outermost
// local_bh_disable() section or interrupt ends, on top of whatever task was running; raised from outside
// both (by another host's device), they run as an event of their own with the idle task below them.

import type { hrtimer } from '../include/linux/hrtimer.js';
import type { int } from '../include/linux/types.js';
import { trace_softirq_entry, trace_softirq_exit, trace_softirq_raise } from '../include/trace/events/irq.js';
import { run_as, running_kernel } from './current.js';
import type { Kernel } from './kernel.js';

export const HI_SOFTIRQ = 0;
export const TIMER_SOFTIRQ = 1;
export const NET_TX_SOFTIRQ = 2;
export const NET_RX_SOFTIRQ = 3;
export const BLOCK_SOFTIRQ = 4;
export const TASKLET_SOFTIRQ = 6;
export const SCHED_SOFTIRQ = 7;
export const HRTIMER_SOFTIRQ = 8;
export const RCU_SOFTIRQ = 9;
export const NR_SOFTIRQS = 10;

export const softirq_to_name = [
  'HI',
  'TIMER',
  'NET_TX',
  'NET_RX',
  'BLOCK',
  'IRQ_POLL',
  'TASKLET',
  'SCHED',
  'HRTIMER',
  'RCU',
] as const;

/** How often handle_softirqs() starts over before it leaves the rest to ksoftirqd. */
const MAX_SOFTIRQ_RESTART = 10;
/**
 * ns until ksoftirqd runs when softirqs keep raising each other. Without it a sender whose queueing discipline is full
 * would try again for ever at one instant, and the queue never drain.
 */
const KSOFTIRQD_LATENCY = 10_000;

export class softirq_state {
  /** Bit n: softirq n was raised. */
  pending = 0;
  /** Depth of local_bh_disable(). */
  bh_disabled: int = 0;
  /** Depth of hard interrupts. */
  hardirq: int = 0;
  /** Softirq actions run now. */
  serving = false;
  /** An event that runs what is pending is queued. */
  scheduled = false;
  readonly vec: ((kernel: Kernel) => void)[] = new Array(NR_SOFTIRQS).fill(() => {});
  readonly hrtimers: hrtimer[] = [];
}

/** @notrace */
export function open_softirq(kernel: Kernel, nr: int, action: (kernel: Kernel) => void): void {
  kernel.softirq.vec[nr] = action;
}

/** @returns whether softirq or interrupt code runs, or bottom halves are disabled @notrace */
export function in_interrupt(kernel: Kernel): boolean {
  const state = kernel.softirq;
  return state.serving || state.hardirq > 0 || state.bh_disabled > 0;
}

/** @returns whether softirq code runs now @notrace */
export function in_serving_softirq(kernel: Kernel): boolean {
  return kernel.softirq.serving;
}

/** @notrace */
export function local_bh_disable(kernel: Kernel): void {
  kernel.softirq.bh_disabled++;
}

/** @notrace */
export function local_bh_enable(kernel: Kernel): void {
  const state = kernel.softirq;
  if (--state.bh_disabled === 0 && state.pending !== 0 && !state.serving && state.hardirq === 0) do_softirq(kernel);
}

/** @EXPORT_SYMBOL */
export function do_softirq(kernel: Kernel): void {
  if (in_interrupt(kernel)) return;
  if (kernel.softirq.pending !== 0) handle_softirqs(kernel);
}

/**
 * Marks a softirq to be run: at the end of the interrupt or section that is under way, else at once as an
 * event of its own.
 * @formerly raise_softirq_irqoff 2.4-6.x
 * @EXPORT_SYMBOL
 */
export function raise_softirq(kernel: Kernel, nr: int): void {
  const state = kernel.softirq;
  trace_softirq_raise(nr);
  state.pending |= 1 << nr;
  if (running_kernel() === kernel && in_interrupt(kernel)) return;
  wakeup_softirqd(kernel);
}

/** Queues an event that runs what is pending. @param delay ns from now @notrace */
export function wakeup_softirqd(kernel: Kernel, delay = 0): void {
  const state = kernel.softirq;
  if (state.scheduled) return;
  state.scheduled = true;
  kernel.events.schedule(kernel.now + delay, () => {
    state.scheduled = false;
    run_as(kernel.idle, do_softirq, kernel);
  });
}

/** Runs the actions of all pending softirqs, lowest number first. @formerly __do_softirq 2.6-6.8 */
export function handle_softirqs(kernel: Kernel): void {
  const state = kernel.softirq;
  state.serving = true;
  for (let restart = 0; restart < MAX_SOFTIRQ_RESTART && state.pending !== 0; restart++) {
    const pending = state.pending;
    state.pending = 0;
    for (let nr = 0; nr < NR_SOFTIRQS; nr++) {
      if ((pending & (1 << nr)) === 0) continue;
      trace_softirq_entry(nr);
      state.vec[nr](kernel);
      trace_softirq_exit(nr);
    }
  }
  state.serving = false;
  if (state.pending !== 0) wakeup_softirqd(kernel, KSOFTIRQD_LATENCY);
}
