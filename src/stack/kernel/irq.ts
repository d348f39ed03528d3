// Entering and leaving a hardware interrupt (kernel/softirq.c: irq_enter, irq_exit). An interrupt comes as
// an event of the lab's queue; the idle task is below it, for no program runs between events.

import { run_as, running_kernel } from './current.js';
import type { Kernel } from './kernel.js';
import { handle_softirqs } from './softirq.js';

/** @notrace */
export function irq_enter(kernel: Kernel): void {
  kernel.softirq.hardirq++;
}

/** Leaves the interrupt; the outermost one runs the softirqs that it raised. @notrace */
export function irq_exit(kernel: Kernel): void {
  const state = kernel.softirq;
  state.hardirq--;
  if (state.hardirq > 0 || state.serving || state.bh_disabled > 0 || state.pending === 0) return;
  if (running_kernel() === kernel) handle_softirqs(kernel);
  else run_as(kernel.idle, handle_softirqs, kernel);
}

/** Runs `handler(arg)` as an interrupt of the host. @notrace */
export function do_IRQ<A>(kernel: Kernel, handler: (arg: A) => void, arg: A): void {
  irq_enter(kernel);
  try {
    run_as(kernel.idle, handler, arg);
  } finally {
    irq_exit(kernel);
  }
}
