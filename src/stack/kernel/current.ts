// Which host and which task is running: the one piece of ambient state, as the real kernel keeps `current`
// per CPU. Only code that has no net, device, socket or skb to ask reads it, and the probe context.

import type { task_struct } from '../include/linux/sched.js';
import type { Kernel } from './kernel.js';

let kernelNow: Kernel | null = null;
let taskNow: task_struct | null = null;

/** The task that is running; the idle task while an interrupt runs with no program interrupted. @notrace */
export function current(): task_struct {
  if (taskNow === null) throw new Error('no kernel is running');
  return taskNow;
}

/** @notrace */
export function current_kernel(): Kernel {
  if (kernelNow === null) throw new Error('no kernel is running');
  return kernelNow;
}

/** The kernel that is running, or null between events. @notrace */
export function running_kernel(): Kernel | null {
  return kernelNow;
}

/**
 * Runs `fn(arg)` as `task` of its host, and puts the context back after it.
 * @notrace
 */
export function run_as<A, R>(task: task_struct, fn: (arg: A) => R, arg: A): R {
  const kernel = kernelNow;
  const before = taskNow;
  kernelNow = task.kernel;
  taskNow = task;
  try {
    return fn(arg);
  } finally {
    kernelNow = kernel;
    taskNow = before;
  }
}

/**
 * Runs `fn(arg)` in interrupt context of another host's kernel (a device there has something for it),
 * with that host's idle task as current. Within the same host it is a plain call.
 * @notrace
 */
export function enter_kernel<A, R>(kernel: Kernel, fn: (arg: A) => R, arg: A): R {
  if (kernelNow === kernel) return fn(arg);
  return run_as(kernel.idle, fn, arg);
}
