// Tracepoints of tasks (include/trace/events/sched.h).

import type { task_struct } from '../../linux/sched.js';
import type { bool, uint } from '../../linux/types.js';

export function trace_sched_waking(_p: task_struct): void {}

export function trace_sched_wakeup(_p: task_struct): void {}

/** A task that was just made becomes ready. */
export function trace_sched_wakeup_new(_p: task_struct): void {}

/**
 * The processor passes from one task to another; the idle task is between any two.
 * @param preempt never here: a task runs until it sleeps
 * @param prev_state what the task that leaves waits for, TASK_*
 */
export function trace_sched_switch(_preempt: bool, _prev: task_struct, _next: task_struct, _prev_state: uint): void {}

export function trace_sched_process_fork(_parent: task_struct, _child: task_struct): void {}

/** The new task's program begins. */
export function trace_sched_process_exec(_p: task_struct): void {}

export function trace_sched_process_exit(_p: task_struct): void {}
