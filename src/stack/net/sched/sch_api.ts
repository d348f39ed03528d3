// Kinds of queueing disciplines by name, putting one on a device, and the timer that wakes one
// (net/sched/sch_api.c). Classes and filters are left out: a qdisc stands at a device's root.

import { EINVAL, ENOENT, EEXIST } from '../../include/linux/errno.js';
import { HRTIMER_MODE_ABS, HRTIMER_MODE_SOFT, HRTIMER_NORESTART, hrtimer } from '../../include/linux/hrtimer.js';
import { IFF_UP } from '../../include/linux/if.js';
import { dev_kernel, type net_device } from '../../include/linux/netdevice.js';
import {
  TC_H_ROOT,
  qdisc_kernel,
  qdisc_root_sleeping,
  type Qdisc,
  type Qdisc_ops,
} from '../../include/net/sch_generic.js';
import type { int, u32, u64 } from '../../include/linux/types.js';
import { trace_qdisc_create } from '../../include/trace/events/qdisc.js';
import type { Kernel } from '../../kernel/kernel.js';
import { hrtimer_cancel, hrtimer_start, hrtimer_setup } from '../../kernel/time/hrtimer.js';
import { bfifo_qdisc_ops, pfifo_head_drop_qdisc_ops, pfifo_qdisc_ops } from './sch_fifo.js';
import { __netif_schedule } from '../core/dev/softirq.js';
import {
  dev_activate,
  dev_deactivate,
  dev_graft_qdisc,
  noqueue_qdisc_ops,
  pfifo_fast_ops,
  qdisc_alloc,
  qdisc_put,
} from './sch_generic.js';

/** @returns 0 or -EEXIST @EXPORT_SYMBOL */
export function register_qdisc(kernel: Kernel, qops: Qdisc_ops): int {
  if (kernel.qdisc_base.has(qops.id)) return -EEXIST;
  kernel.qdisc_base.set(qops.id, qops);
  return 0;
}

/** @EXPORT_SYMBOL */
export function unregister_qdisc(kernel: Kernel, qops: Qdisc_ops): void {
  kernel.qdisc_base.delete(qops.id);
}

/** @returns the kind of that name, or null */
export function qdisc_lookup_ops(kernel: Kernel, kind: string): Qdisc_ops | null {
  return kernel.qdisc_base.get(kind) ?? null;
}

/** @param opt the kind's own configuration @returns the qdisc, or a negative errno */
export function qdisc_create(dev: net_device, ops: Qdisc_ops, handle: u32, opt: unknown): Qdisc | int {
  const sch = qdisc_alloc(dev._tx[0], ops);
  sch.parent = TC_H_ROOT;
  sch.handle = handle;
  const err = ops.init?.(sch, opt) ?? 0;
  if (err !== 0) {
    ops.destroy?.(sch);
    return err;
  }
  trace_qdisc_create(ops, dev, TC_H_ROOT);
  return sch;
}

/** Replaces the device's root qdisc; null: back to its default. */
export function qdisc_graft(dev: net_device, qdisc: Qdisc | null): void {
  const up = (dev.flags & IFF_UP) !== 0;
  if (up) dev_deactivate(dev);
  qdisc_put(dev_graft_qdisc(dev._tx[0], qdisc));
  dev.qdisc = qdisc;
  if (up) dev_activate(dev);
}

/**
 * tc qdisc add, change, replace.
 * @param change whether one that is there may be changed or replaced
 * @param opt the kind's own configuration
 * @returns 0 or a negative errno: -ENOENT for a kind that there is not, -EEXIST
 */
export function tc_modify_qdisc(dev: net_device, kind: string, handle: u32, change: boolean, opt: unknown): int {
  const ops = qdisc_lookup_ops(dev_kernel(dev), kind);
  if (ops === null) return -ENOENT;
  const old = dev.qdisc;
  if (old !== null && old.handle !== 0 && !change) return -EEXIST;
  if (old !== null && change && old.ops === ops && ops.change !== undefined) return ops.change(old, opt);
  const sch = qdisc_create(dev, ops, handle !== 0 ? handle : 0x8001_0000, opt);
  if (typeof sch === 'number') return sch;
  qdisc_graft(dev, sch);
  return 0;
}

/** tc qdisc del. @returns 0, or -EINVAL where only the default is there */
export function tc_get_qdisc(dev: net_device): int {
  if (dev.qdisc === null || dev.qdisc.handle === 0) return -EINVAL;
  qdisc_graft(dev, null);
  return 0;
}

/** A timer that has its qdisc run again. */
export class qdisc_watchdog_state {
  last_expires: u64 = 0;
  readonly timer = new hrtimer();
  readonly qdisc: Qdisc;

  constructor(qdisc: Qdisc) {
    this.qdisc = qdisc;
  }
}

export function qdisc_watchdog(timer: hrtimer): int {
  const wd = timer.owner as qdisc_watchdog_state;
  __netif_schedule(qdisc_root_sleeping(wd.qdisc));
  return HRTIMER_NORESTART;
}

/** @EXPORT_SYMBOL */
export function qdisc_watchdog_init(qdisc: Qdisc): qdisc_watchdog_state {
  const wd = new qdisc_watchdog_state(qdisc);
  hrtimer_setup(qdisc_kernel(qdisc), wd.timer, qdisc_watchdog, HRTIMER_MODE_ABS | HRTIMER_MODE_SOFT, wd);
  return wd;
}

/** @param expires ns since boot @EXPORT_SYMBOL */
export function qdisc_watchdog_schedule_ns(wd: qdisc_watchdog_state, expires: u64): void {
  if (wd.timer.event !== null && wd.last_expires === expires) return;
  wd.last_expires = expires;
  hrtimer_start(wd.timer, expires, HRTIMER_MODE_ABS);
}

/** @EXPORT_SYMBOL */
export function qdisc_watchdog_cancel(wd: qdisc_watchdog_state): void {
  hrtimer_cancel(wd.timer);
}

/** Boot: the kinds that are built in; the others register themselves. */
export function pktsched_init(kernel: Kernel): int {
  register_qdisc(kernel, pfifo_fast_ops);
  register_qdisc(kernel, pfifo_qdisc_ops);
  register_qdisc(kernel, bfifo_qdisc_ops);
  register_qdisc(kernel, pfifo_head_drop_qdisc_ops);
  register_qdisc(kernel, noqueue_qdisc_ops);
  return 0;
}
