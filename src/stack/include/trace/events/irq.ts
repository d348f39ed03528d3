// Tracepoints of soft interrupts (include/trace/events/irq.h).

import type { uint } from '../../linux/types.js';

/** @param vec_nr number of the softirq, NET_RX_SOFTIRQ … */
export function trace_softirq_raise(_vec_nr: uint): void {}

export function trace_softirq_entry(_vec_nr: uint): void {}

export function trace_softirq_exit(_vec_nr: uint): void {}
