// Tracepoints of NAPI (include/trace/events/napi.h).
// A probe on kernel.trace("NAME") is called where the stack calls trace_NAME().

import type { napi_struct } from '../../linux/netdevice.js';

/** A driver was polled. */
export function trace_napi_poll(_napi: napi_struct, _work: number, _budget: number): void {}
