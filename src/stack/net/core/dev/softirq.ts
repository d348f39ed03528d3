// The network softirqs: polling drivers and the backlog, sending what qdiscs hold (net/core/dev.c).

import { __QDISC_STATE_SCHED, type Qdisc } from '../../../include/net/sch_generic.js';
import {
  NAPIF_STATE_DISABLE,
  NAPIF_STATE_MISSED,
  NAPIF_STATE_SCHED,
  NAPI_POLL_WEIGHT,
  dev_kernel,
  napi_struct,
  softnet_data,
  type net_device,
} from '../../../include/linux/netdevice.js';
import { __skb_dequeue, skb_queue_splice_tail_init } from '../../../include/linux/skbuff.js';
import { qdisc_kernel } from '../../../include/net/sch_generic.js';
import type { bool, int } from '../../../include/linux/types.js';
import { trace_napi_poll } from '../../../include/trace/events/napi.js';
import { current_kernel } from '../../../kernel/current.js';
import type { Kernel } from '../../../kernel/kernel.js';
import { NET_RX_SOFTIRQ, NET_TX_SOFTIRQ, open_softirq, raise_softirq } from '../../../kernel/softirq.js';
import { qdisc_run } from '../../sched/sch_generic.js';
import { gro_flush_normal, napi_gro_flush } from '../gro.js';
import { __netif_receive_skb } from './receive.js';

/** Settings of net.core that the packet paths read (include/net/hotdata.h). */
export class net_hotdata {
  /** Packets that the backlog may hold. */
  max_backlog: int = 1000;
  /** Packets a softirq run may take in all. */
  netdev_budget: int = 300;
  netdev_budget_usecs: int = 2000;
  /** Packets a backlog run may take. */
  dev_rx_weight: int = 64;
  dev_tx_weight: int = 64;
  tstamp_prequeue: int = 1;
}

/** Has the backlog polled by the softirq. @notrace */
export function napi_schedule_backlog(kernel: Kernel): void {
  const napi = kernel.softnet_data.backlog;
  if ((napi.state & NAPIF_STATE_SCHED) !== 0) return;
  napi.state |= NAPIF_STATE_SCHED;
  ____napi_schedule(kernel, napi);
}

export function ____napi_schedule(kernel: Kernel, napi: napi_struct): void {
  kernel.softnet_data.poll_list.push(napi);
  if (!kernel.softnet_data.in_net_rx_action) raise_softirq(kernel, NET_RX_SOFTIRQ);
}

/** @returns whether the caller may go on to __napi_schedule() @EXPORT_SYMBOL */
export function napi_schedule_prep(n: napi_struct): bool {
  if ((n.state & NAPIF_STATE_DISABLE) !== 0) return false;
  if ((n.state & NAPIF_STATE_SCHED) !== 0) {
    n.state |= NAPIF_STATE_MISSED;
    return false;
  }
  n.state |= NAPIF_STATE_SCHED;
  return true;
}

/** @EXPORT_SYMBOL */
export function __napi_schedule(n: napi_struct): void {
  ____napi_schedule(dev_kernel(n.dev as net_device), n);
}

/** A driver's interrupt: have it polled. @notrace */
export function napi_schedule(n: napi_struct): bool {
  if (!napi_schedule_prep(n)) return false;
  __napi_schedule(n);
  return true;
}

/** The driver has nothing more. @returns false if it was asked again meanwhile, and is polled once more @EXPORT_SYMBOL */
export function napi_complete_done(n: napi_struct, _work_done: int): bool {
  napi_gro_flush(n.gro, false);
  gro_flush_normal(n.gro);
  const missed = (n.state & NAPIF_STATE_MISSED) !== 0;
  n.state &= ~(NAPIF_STATE_SCHED | NAPIF_STATE_MISSED);
  if (!missed) return true;
  n.state |= NAPIF_STATE_SCHED;
  __napi_schedule(n);
  return false;
}

/** Makes a driver known to be polled. @EXPORT_SYMBOL */
export function netif_napi_add(dev: net_device, napi: napi_struct): void {
  napi.dev = dev;
  napi.state |= NAPIF_STATE_DISABLE;
  napi.napi_id = ++dev_kernel(dev).napi_id;
  dev.napi_list.push(napi);
}

/** @EXPORT_SYMBOL */
export function napi_enable(n: napi_struct): void {
  n.state &= ~NAPIF_STATE_DISABLE;
}

/** @EXPORT_SYMBOL */
export function napi_disable(n: napi_struct): void {
  n.state |= NAPIF_STATE_DISABLE;
}

/** The backlog's poll: hands on up to `quota` packets that drivers without polling have left. */
export function process_backlog(_napi: napi_struct, quota: int): int {
  const sd = current_kernel().softnet_data;
  let work = 0;
  for (;;) {
    let skb;
    while ((skb = __skb_dequeue(sd.process_queue)) !== null) {
      __netif_receive_skb(skb);
      if (++work >= quota) return work;
    }
    if (sd.input_pkt_queue.qlen === 0) {
      sd.backlog.state &= ~NAPIF_STATE_SCHED;
      return work;
    }
    skb_queue_splice_tail_init(sd.input_pkt_queue, sd.process_queue);
  }
}

export function __napi_poll(n: napi_struct): int {
  const weight = n.weight;
  let work = 0;
  if ((n.state & NAPIF_STATE_SCHED) !== 0) {
    work = n.poll(n, weight);
    trace_napi_poll(n, work, weight);
  }
  return work;
}

/** @param repoll those that have more get back on the list @returns packets handled */
export function napi_poll(n: napi_struct, repoll: napi_struct[]): int {
  const work = __napi_poll(n);
  if (work < n.weight) return work;
  if ((n.state & NAPIF_STATE_DISABLE) !== 0) {
    napi_complete_done(n, work);
    return work;
  }
  gro_flush_normal(n.gro);
  repoll.push(n);
  return work;
}

/** The action of NET_RX_SOFTIRQ. */
export function net_rx_action(kernel: Kernel): void {
  const sd = kernel.softnet_data;
  let budget = kernel.net_hotdata.netdev_budget;
  const repoll: napi_struct[] = [];
  sd.in_net_rx_action = true;
  for (;;) {
    const n = sd.poll_list.shift();
    if (n === undefined) break;
    budget -= napi_poll(n, repoll);
    if (budget <= 0) {
      sd.time_squeeze++;
      break;
    }
  }
  sd.in_net_rx_action = false;
  if (repoll.length > 0) sd.poll_list.push(...repoll);
  if (sd.poll_list.length > 0) raise_softirq(kernel, NET_RX_SOFTIRQ);
}

/** Has the softirq send what a qdisc holds. @notrace */
export function __netif_reschedule(q: Qdisc): void {
  const kernel = qdisc_kernel(q);
  const sd = kernel.softnet_data;
  q.next_sched = null;
  if (sd.output_queue_tailp === null) sd.output_queue = q;
  else sd.output_queue_tailp.next_sched = q;
  sd.output_queue_tailp = q;
  raise_softirq(kernel, NET_TX_SOFTIRQ);
}

/** @EXPORT_SYMBOL */
export function __netif_schedule(q: Qdisc): void {
  if ((q.state & __QDISC_STATE_SCHED) !== 0) return;
  q.state |= __QDISC_STATE_SCHED;
  __netif_reschedule(q);
}

/** The action of NET_TX_SOFTIRQ. */
export function net_tx_action(kernel: Kernel): void {
  const sd = kernel.softnet_data;
  let head = sd.output_queue;
  sd.output_queue = sd.output_queue_tailp = null;
  while (head !== null) {
    const q = head;
    head = q.next_sched;
    q.next_sched = null;
    q.state &= ~__QDISC_STATE_SCHED;
    qdisc_run(q);
  }
}

/** Boot: the processor's queues and the softirqs. */
export function net_dev_init(kernel: Kernel): int {
  kernel.net_hotdata = new net_hotdata();
  kernel.softnet_data = new softnet_data(process_backlog);
  kernel.softnet_data.backlog.weight = NAPI_POLL_WEIGHT;
  open_softirq(kernel, NET_TX_SOFTIRQ, net_tx_action);
  open_softirq(kernel, NET_RX_SOFTIRQ, net_rx_action);
  return 0;
}
