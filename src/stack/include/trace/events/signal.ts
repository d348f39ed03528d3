// Tracepoints of signals (include/trace/events/signal.h).

import type { task_struct } from '../../linux/sched.js';
import type { int } from '../../linux/types.js';

/**
 * A signal is sent.
 * @param group whether it is for the whole process
 * @param result 0 delivered, 1 ignored, 2 pending already
 */
export function trace_signal_generate(
  _sig: int,
  _info: object | null,
  _task: task_struct,
  _group: int,
  _result: int,
): void {}
