// Queueing disciplines in general, and those that every kernel has: pfifo_fast, noqueue, noop; the carrier of
// a device (net/sched/sch_generic.c). Left out: several transmit queues' mq, the transmit watchdog.

import { IF_OPER_DOWN, IF_OPER_UP } from '../../include/linux/if.js';
import {
  IFF_NO_QUEUE,
  NETDEV_TX_BUSY,
  NETREG_UNINITIALIZED,
  NET_XMIT_CN,
  __LINK_STATE_NOCARRIER,
  dev_kernel,
  dev_xmit_complete,
  netif_carrier_ok,
  netif_xmit_frozen_or_stopped,
  type net_device,
  type netdev_queue,
} from '../../include/linux/netdevice.js';
import { sk_buff_head, type sk_buff } from '../../include/linux/skbuff.js';
import {
  TCQ_F_BUILTIN,
  TCQ_F_CAN_BYPASS,
  TC_PRIO_MAX,
  Qdisc,
  __QDISC_STATE_DEACTIVATED,
  __qdisc_dequeue_head,
  __qdisc_drop,
  __qdisc_enqueue_tail,
  qdisc_bstats_update,
  qdisc_drop,
  qdisc_kernel,
  qdisc_priv,
  qdisc_qstats_backlog_dec,
  qdisc_qstats_backlog_inc,
  qdisc_run_begin,
  qdisc_run_end,
  type Qdisc_ops,
  type skb_to_free,
} from '../../include/net/sch_generic.js';
import type { bool, int, uint } from '../../include/linux/types.js';
import { trace_qdisc_dequeue, trace_qdisc_destroy, trace_qdisc_reset } from '../../include/trace/events/qdisc.js';
import { __netif_schedule } from '../core/dev/softirq.js';
import { netdev_state_change } from '../core/dev/flags.js';
import { dev_hard_start_xmit, validate_xmit_skb_list, xmit_result } from '../core/dev/transmit.js';
import { kfree_skb, kfree_skb_list } from '../core/skbuff.js';

/** The band of pfifo_fast by the packet's priority (tc-prio(8)). */
const prio2band = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1] as const;

function noop_enqueue(skb: sk_buff, _qdisc: Qdisc, to_free: skb_to_free): int {
  __qdisc_drop(skb, to_free);
  return NET_XMIT_CN;
}

function noop_dequeue(_qdisc: Qdisc): sk_buff | null {
  return null;
}

/** What a device has that is down. */
export const noop_qdisc_ops: Qdisc_ops = {
  id: 'noop',
  enqueue: noop_enqueue,
  dequeue: noop_dequeue,
  peek: noop_dequeue,
};

/** What a device has that needs no queue: packets go to the driver at once. */
export const noqueue_qdisc_ops: Qdisc_ops = {
  id: 'noqueue',
  enqueue: noop_enqueue,
  dequeue: noop_dequeue,
  peek: noop_dequeue,
};

class pfifo_fast_priv {
  readonly bands = [new sk_buff_head(), new sk_buff_head(), new sk_buff_head()];
}

export function pfifo_fast_enqueue(skb: sk_buff, qdisc: Qdisc, to_free: skb_to_free): int {
  const list = qdisc_priv<pfifo_fast_priv>(qdisc).bands[prio2band[skb.priority & TC_PRIO_MAX]];
  if (list.qlen >= qdisc.limit) return qdisc_drop(skb, qdisc, to_free);
  __qdisc_enqueue_tail(skb, list);
  qdisc.q.qlen++;
  qdisc_qstats_backlog_inc(qdisc, skb);
  return 0;
}

export function pfifo_fast_dequeue(qdisc: Qdisc): sk_buff | null {
  for (const list of qdisc_priv<pfifo_fast_priv>(qdisc).bands) {
    const skb = __qdisc_dequeue_head(list);
    if (skb === null) continue;
    qdisc.q.qlen--;
    qdisc_qstats_backlog_dec(qdisc, skb);
    qdisc_bstats_update(qdisc, skb);
    return skb;
  }
  return null;
}

export function pfifo_fast_peek(qdisc: Qdisc): sk_buff | null {
  for (const list of qdisc_priv<pfifo_fast_priv>(qdisc).bands) if (list.next !== null) return list.next;
  return null;
}

export function pfifo_fast_init(qdisc: Qdisc, _opt: unknown): int {
  qdisc.privdata = new pfifo_fast_priv();
  qdisc.limit = qdisc.dev_queue.dev.tx_queue_len;
  qdisc.flags |= TCQ_F_CAN_BYPASS;
  return 0;
}

export function pfifo_fast_reset(qdisc: Qdisc): void {
  for (const list of qdisc_priv<pfifo_fast_priv>(qdisc).bands) {
    for (let skb = __qdisc_dequeue_head(list); skb !== null; skb = __qdisc_dequeue_head(list)) kfree_skb(skb);
  }
  qdisc.q.qlen = 0;
  qdisc.qstats.backlog = 0;
}

export function pfifo_fast_change_tx_queue_len(sch: Qdisc, new_len: uint): int {
  sch.limit = new_len;
  return 0;
}

/** The default of a device with a queue. */
export const pfifo_fast_ops: Qdisc_ops = {
  id: 'pfifo_fast',
  enqueue: pfifo_fast_enqueue,
  dequeue: pfifo_fast_dequeue,
  peek: pfifo_fast_peek,
  init: pfifo_fast_init,
  reset: pfifo_fast_reset,
  change_tx_queue_len: pfifo_fast_change_tx_queue_len,
  dump: () => 'bands 3 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1',
};

/** The device did not take it: it is the first to be tried next time. */
export function dev_requeue_skb(skb: sk_buff | null, q: Qdisc): void {
  while (skb !== null) {
    const next: sk_buff | null = skb.next;
    __qdisc_enqueue_tail(skb, q.gso_skb);
    q.qstats.requeues++;
    qdisc_qstats_backlog_inc(q, skb);
    q.q.qlen++;
    skb = next;
  }
  __netif_schedule(q);
}

/** @returns the next packet, one that the device refused first @notrace */
export function dequeue_skb(q: Qdisc): sk_buff | null {
  const txq = q.dev_queue;
  if (q.gso_skb.qlen > 0) {
    if (netif_xmit_frozen_or_stopped(txq)) return null;
    const skb = __qdisc_dequeue_head(q.gso_skb) as sk_buff;
    qdisc_qstats_backlog_dec(q, skb);
    q.q.qlen--;
    return skb;
  }
  if (netif_xmit_frozen_or_stopped(txq)) return null;
  const skb = q.dequeue(q);
  trace_qdisc_dequeue(q, txq, skb === null ? 0 : 1, skb);
  return skb;
}

/**
 * Sends a packet (or a list) to the driver.
 * @param validate whether the packet must be made fit for the device first
 * @returns whether the qdisc may be asked for more
 */
export function sch_direct_xmit(
  skb: sk_buff | null,
  q: Qdisc,
  dev: net_device,
  txq: netdev_queue,
  _root_lock: bool,
  validate: bool,
): bool {
  const result = new xmit_result();
  result.ret = NETDEV_TX_BUSY;
  if (validate) skb = validate_xmit_skb_list(skb, dev);
  if (skb === null) return true;
  if (!netif_xmit_frozen_or_stopped(txq)) skb = dev_hard_start_xmit(skb, dev, txq, result);
  if (!dev_xmit_complete(result.ret)) {
    dev_requeue_skb(skb, q);
    return false;
  }
  return true;
}

/** @returns whether a packet went out and more may be there */
export function qdisc_restart(q: Qdisc): bool {
  const skb = dequeue_skb(q);
  if (skb === null) return false;
  return sch_direct_xmit(skb, q, q.dev_queue.dev, q.dev_queue, true, true);
}

/** Sends what the qdisc gives, up to a share; the rest is the softirq's. */
export function __qdisc_run(q: Qdisc): void {
  let quota = qdisc_kernel(q).net_hotdata.dev_tx_weight;
  while (qdisc_restart(q)) {
    if (--quota <= 0) {
      __netif_schedule(q);
      break;
    }
  }
}

/** include/net/pkt_sched.h: runs the qdisc unless it runs already. @notrace */
export function qdisc_run(q: Qdisc): void {
  if (!qdisc_run_begin(q)) return;
  __qdisc_run(q);
  qdisc_run_end(q);
}

/** @returns a qdisc without configuration */
export function qdisc_alloc(dev_queue: netdev_queue, ops: Qdisc_ops): Qdisc {
  return new Qdisc(dev_queue, ops);
}

/** @returns a qdisc with its defaults, or null @EXPORT_SYMBOL */
export function qdisc_create_dflt(dev_queue: netdev_queue, ops: Qdisc_ops, parentid: uint): Qdisc | null {
  const sch = qdisc_alloc(dev_queue, ops);
  sch.parent = parentid;
  if (ops.init !== undefined && ops.init(sch, null) !== 0) return null;
  return sch;
}

/** Throws away what is queued. @EXPORT_SYMBOL */
export function qdisc_reset(qdisc: Qdisc): void {
  trace_qdisc_reset(qdisc);
  qdisc.ops.reset?.(qdisc);
  kfree_skb_list(qdisc.gso_skb.next);
  qdisc.gso_skb.next = qdisc.gso_skb.prev = null;
  qdisc.gso_skb.qlen = 0;
  qdisc.q.qlen = 0;
  qdisc.qstats.backlog = 0;
}

export function __qdisc_destroy(qdisc: Qdisc): void {
  qdisc_reset(qdisc);
  qdisc.ops.destroy?.(qdisc);
  trace_qdisc_destroy(qdisc);
}

/** @EXPORT_SYMBOL */
export function qdisc_put(qdisc: Qdisc | null): void {
  if (qdisc === null || (qdisc.flags & TCQ_F_BUILTIN) !== 0) return;
  if (--qdisc.refcnt === 0) __qdisc_destroy(qdisc);
}

/** Puts a qdisc on a transmit queue. @returns the one before @EXPORT_SYMBOL */
export function dev_graft_qdisc(dev_queue: netdev_queue, qdisc: Qdisc | null): Qdisc | null {
  const oqdisc = dev_queue.qdisc_sleeping;
  dev_queue.qdisc_sleeping = qdisc ?? noop_qdisc(dev_queue);
  dev_queue.qdisc = noop_qdisc(dev_queue);
  return oqdisc;
}

/** @notrace */
export function noop_qdisc(dev_queue: netdev_queue): Qdisc {
  const sch = new Qdisc(dev_queue, noop_qdisc_ops);
  sch.flags = TCQ_F_BUILTIN;
  return sch;
}

export function attach_one_default_qdisc(dev: net_device, dev_queue: netdev_queue): void {
  const ops = (dev.priv_flags & IFF_NO_QUEUE) !== 0 ? noqueue_qdisc_ops : dev_kernel(dev).default_qdisc;
  dev_queue.qdisc_sleeping = qdisc_create_dflt(dev_queue, ops, 0xffffffff) ?? noop_qdisc(dev_queue);
}

/** Gives a device that has none yet its default qdiscs. */
export function attach_default_qdiscs(dev: net_device): void {
  for (const queue of dev._tx) attach_one_default_qdisc(dev, queue);
  dev.qdisc = dev._tx[0].qdisc_sleeping;
}

/** The device is up: packets go to its qdiscs, if there is a carrier. @EXPORT_SYMBOL */
export function dev_activate(dev: net_device): void {
  if (dev.qdisc === null || dev.qdisc.ops === noop_qdisc_ops) attach_default_qdiscs(dev);
  if (!netif_carrier_ok(dev)) return;
  for (const queue of dev._tx) {
    const sleeping = queue.qdisc_sleeping;
    if (sleeping !== null) sleeping.state &= ~__QDISC_STATE_DEACTIVATED;
    queue.qdisc = sleeping;
    queue.trans_start = dev_kernel(dev).jiffies;
  }
}

/** The device is down or has lost its carrier: what is queued is thrown away. @EXPORT_SYMBOL */
export function dev_deactivate(dev: net_device): void {
  for (const queue of dev._tx) {
    const qdisc = queue.qdisc;
    if (qdisc === null) continue;
    queue.qdisc = noop_qdisc(queue);
    if ((qdisc.flags & TCQ_F_BUILTIN) !== 0) continue;
    qdisc.state |= __QDISC_STATE_DEACTIVATED;
    qdisc_reset(qdisc);
  }
}

/** A new device: no qdisc until it is up. */
export function dev_init_scheduler(dev: net_device): void {
  for (const queue of dev._tx) queue.qdisc = queue.qdisc_sleeping = noop_qdisc(queue);
  dev.qdisc = null;
}

/** The device goes away. */
export function dev_shutdown(dev: net_device): void {
  for (const queue of dev._tx) {
    const sleeping = queue.qdisc_sleeping;
    queue.qdisc = queue.qdisc_sleeping = noop_qdisc(queue);
    qdisc_put(sleeping);
  }
  dev.qdisc = null;
}

/** What the link's state means for the device (net/core/link_watch.c). */
export function linkwatch_do_dev(dev: net_device): void {
  dev.operstate = netif_carrier_ok(dev) ? IF_OPER_UP : IF_OPER_DOWN;
  if ((dev.flags & 1) === 0) return;
  if (netif_carrier_ok(dev)) dev_activate(dev);
  else dev_deactivate(dev);
  netdev_state_change(dev);
}

/** There is a signal on the wire. @EXPORT_SYMBOL */
export function netif_carrier_on(dev: net_device): void {
  if ((dev.state & (1 << __LINK_STATE_NOCARRIER)) === 0) return;
  dev.state &= ~(1 << __LINK_STATE_NOCARRIER);
  if (dev.reg_state === NETREG_UNINITIALIZED) return;
  dev.carrier_up_count++;
  linkwatch_do_dev(dev);
}

/** @EXPORT_SYMBOL */
export function netif_carrier_off(dev: net_device): void {
  if ((dev.state & (1 << __LINK_STATE_NOCARRIER)) !== 0) return;
  dev.state |= 1 << __LINK_STATE_NOCARRIER;
  if (dev.reg_state === NETREG_UNINITIALIZED) return;
  dev.carrier_down_count++;
  linkwatch_do_dev(dev);
}
