// Tracepoints of tasks (include/trace/events/sched.h).

import type { task_struct } from '../../linux/sched.js';

export function trace_sched_wakeup(_p: task_struct): void {}

export function trace_sched_process_fork(_parent: task_struct, _child: task_struct): void {}

/** The new task's program begins. */
export function trace_sched_process_exec(_p: task_struct): void {}

export function trace_sched_process_exit(_p: task_struct): void {}
