// Kinds of queueing disciplines by name, putting one on a device, and the timer that wakes one
// (net/sched/sch_api.c). A qdisc stands at a device's root, or inside another one that takes an inner qdisc, at the
// class major:1 of it. Other classes, and filters, are left out.

import { EINVAL, ENOENT, EEXIST, EOPNOTSUPP } from '../../include/linux/errno.js';
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

/** Chooses what devices with a queue get when they come up. @returns 0 or -ENOENT */
export function qdisc_set_default(kernel: Kernel, name: string): int {
  const ops = qdisc_lookup_ops(kernel, name);
  if (ops === null) return -ENOENT;
  kernel.default_qdisc = ops;
  return 0;
}

/** The qdisc inside another, or null. */
function qdisc_leaf(sch: Qdisc): Qdisc | null {
  return sch.ops.leaf?.(sch) ?? null;
}

/** @returns the device's qdisc of that handle, or null */
export function qdisc_lookup(dev: net_device, handle: u32): Qdisc | null {
  for (let q = dev._tx[0].qdisc_sleeping; q !== null; q = qdisc_leaf(q)) {
    if (q.handle === handle && handle !== 0) return q;
  }
  return null;
}

/** A handle that no qdisc of the device has. @notrace */
export function qdisc_alloc_handle(dev: net_device): u32 {
  for (let major = 0x8001; major < 0xffff; major++) {
    if (qdisc_lookup(dev, (major << 16) >>> 0) === null) return (major << 16) >>> 0;
  }
  return 0;
}

/** @param opt the kind's own configuration @returns the qdisc, or a negative errno */
export function qdisc_create(dev: net_device, ops: Qdisc_ops, parent: u32, handle: u32, opt: unknown): Qdisc | int {
  const sch = qdisc_alloc(dev._tx[0], ops);
  sch.parent = parent;
  sch.handle = handle;
  const err = ops.init?.(sch, opt) ?? 0;
  if (err !== 0) return err;
  trace_qdisc_create(ops, dev, parent);
  return sch;
}

/** Puts a qdisc (null: the default) at the device's root, or inside `parent`. @returns 0 or -EOPNOTSUPP */
export function qdisc_graft(dev: net_device, parent: Qdisc | null, qdisc: Qdisc | null): int {
  if (parent !== null) {
    if (parent.ops.graft === undefined) return -EOPNOTSUPP;
    qdisc_put(parent.ops.graft(parent, qdisc));
    return 0;
  }
  const up = (dev.flags & IFF_UP) !== 0;
  if (up) dev_deactivate(dev);
  qdisc_put(dev_graft_qdisc(dev._tx[0], qdisc));
  dev.qdisc = qdisc;
  if (up) dev_activate(dev);
  return 0;
}

/** The qdisc that a class belongs to; null for the root. @returns -ENOENT where there is none */
function parent_of(dev: net_device, parent: u32): Qdisc | null | int {
  return parent === TC_H_ROOT ? null : (qdisc_lookup(dev, (parent & 0xffff0000) >>> 0) ?? -ENOENT);
}

/** What a user put there, or null. */
function configured(dev: net_device, parent: Qdisc | null): Qdisc | null {
  const q = parent === null ? dev._tx[0].qdisc_sleeping : qdisc_leaf(parent);
  return q === null || q.handle === 0 ? null : q;
}

/**
 * tc qdisc add, change, replace.
 * @param change whether one that is there may be changed or replaced
 * @param opt the kind's own configuration
 * @param parent TC_H_ROOT, or a class
 * @returns 0 or a negative errno: -ENOENT for a kind or parent that there is not, -EEXIST
 */
export function tc_modify_qdisc(
  dev: net_device,
  kind: string,
  handle: u32,
  change: boolean,
  opt: unknown,
  parent: u32 = TC_H_ROOT,
): int {
  const ops = qdisc_lookup_ops(dev_kernel(dev), kind);
  if (ops === null) return -ENOENT;
  const outer = parent_of(dev, parent);
  if (typeof outer === 'number') return outer;
  const old = configured(dev, outer);
  if (old !== null && !change) return -EEXIST;
  if (old !== null && old.ops === ops && ops.change !== undefined) return ops.change(old, opt);
  const sch = qdisc_create(dev, ops, parent, handle !== 0 ? handle : qdisc_alloc_handle(dev), opt);
  if (typeof sch === 'number') return sch;
  return qdisc_graft(dev, outer, sch);
}

/** tc qdisc del. @returns 0, -EINVAL where only the default is there, -ENOENT */
export function tc_get_qdisc(dev: net_device, parent: u32 = TC_H_ROOT): int {
  const outer = parent_of(dev, parent);
  if (typeof outer === 'number') return outer;
  if (configured(dev, outer) === null) return outer === null ? -EINVAL : -ENOENT;
  return qdisc_graft(dev, outer, null);
}

function handle_text(handle: u32): string {
  const minor = handle & 0xffff;
  return `${(handle >>> 16).toString(16)}:${minor !== 0 ? minor.toString(16) : ''}`;
}

/** The device's qdiscs as `tc [-s] qdisc show` prints them, outermost first. */
export function tc_dump_qdisc(dev: net_device, stats: boolean): string {
  let text = '';
  for (let q = dev._tx[0].qdisc_sleeping; q !== null; q = qdisc_leaf(q)) {
    const where = q.parent === TC_H_ROOT || q.handle === 0 ? 'root' : `parent ${handle_text(q.parent)}`;
    const refcnt = where === 'root' ? ' refcnt 2' : '';
    const line = `qdisc ${q.ops.id} ${handle_text(q.handle)} dev ${dev.name} ${where}${refcnt} ${q.ops.dump?.(q) ?? ''}`;
    text += `${line.trimEnd()} \n`;
    if (!stats) continue;
    const { bstats, qstats } = q;
    text += ` Sent ${bstats.bytes} bytes ${bstats.packets} pkt (dropped ${qstats.drops}, overlimits ${qstats.overlimits} requeues ${qstats.requeues}) \n`;
    text += ` backlog ${qstats.backlog}b ${q.q.qlen}p requeues ${qstats.requeues}\n`;
  }
  return text;
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
  kernel.default_qdisc = pfifo_fast_ops;
  register_qdisc(kernel, pfifo_fast_ops);
  register_qdisc(kernel, pfifo_qdisc_ops);
  register_qdisc(kernel, bfifo_qdisc_ops);
  register_qdisc(kernel, pfifo_head_drop_qdisc_ops);
  register_qdisc(kernel, noqueue_qdisc_ops);
  return 0;
}
