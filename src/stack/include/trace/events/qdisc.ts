// Tracepoints of queueing disciplines (include/trace/events/qdisc.h).
// A probe on kernel.trace("NAME") is called where the stack calls trace_NAME().

import type { sk_buff } from '../../linux/skbuff/struct.js';
import type { net_device } from '../../linux/netdevice.js';
import type { netdev_queue } from '../../linux/netdevice.js';
import type { Qdisc, Qdisc_ops } from '../../net/sch_generic.js';

/** A packet leaves a queue. */
export function trace_qdisc_dequeue(_qdisc: Qdisc, _txq: netdev_queue, _packets: number, _skb: sk_buff | null): void {}

/** A packet enters a queue. */
export function trace_qdisc_enqueue(_qdisc: Qdisc, _txq: netdev_queue, _skb: sk_buff): void {}

/** A queue is emptied. */
export function trace_qdisc_reset(_q: Qdisc): void {}

/** A qdisc goes. */
export function trace_qdisc_destroy(_q: Qdisc): void {}

/** A qdisc is made. */
export function trace_qdisc_create(_ops: Qdisc_ops, _dev: net_device, _parent: number): void {}
