// Tracepoint of route look-ups (include/trace/events/fib.h).

import type { fib_nh_common } from '../../net/ip_fib.js';
import type { flowi4 } from '../../net/flow.js';
import type { int, u32 } from '../../linux/types.js';

/** @param nhc the hop found, or null @param err 0 or negative errno */
export function trace_fib_table_lookup(_tb_id: u32, _flp: flowi4, _nhc: fib_nh_common | null, _err: int): void {}
