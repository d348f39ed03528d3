// Tracepoints of neighbours (include/trace/events/neigh.h).
// A probe on kernel.trace("NAME") is called where the stack calls trace_NAME().

import type { net_device } from '../../linux/netdevice.js';
import type { neigh_table, neighbour } from '../../net/neighbour.js';

/** A neighbour is made. */
export function trace_neigh_create(
  _tbl: neigh_table,
  _dev: net_device,
  _pkey: number,
  _n: neighbour | null,
  _exempt_from_gc: boolean,
): void {}

/** News of a neighbour. */
export function trace_neigh_update(
  _n: neighbour,
  _lladdr: Uint8Array | null,
  _state: number,
  _flags: number,
  _nlmsg_pid: number,
): void {}

/** A neighbour was updated. */
export function trace_neigh_update_done(_neigh: neighbour, _err: number): void {}

/** A neighbour's timer ran. */
export function trace_neigh_timer_handler(_neigh: neighbour, _err: number): void {}

/** Resolving began, or was found unneeded. */
export function trace_neigh_event_send_done(_neigh: neighbour, _err: number): void {}

/** A dead neighbour was used. */
export function trace_neigh_event_send_dead(_neigh: neighbour, _err: number): void {}

/** A neighbour leaves its table. */
export function trace_neigh_cleanup_and_release(_neigh: neighbour, _rc: number): void {}
