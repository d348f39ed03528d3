// pfifo, bfifo: one queue, limited in packets or bytes (net/sched/sch_fifo.c; tc-bfifo(8)).

import { EINVAL } from '../../include/linux/errno.js';
import { NET_XMIT_CN } from '../../include/linux/netdevice.js';
import type { sk_buff } from '../../include/linux/skbuff/struct.js';
import type { int, u32 } from '../../include/linux/types.js';
import { SKB_DROP_REASON_QDISC_OVERLIMIT } from '../../include/net/dropreason.js';
import {
  TCQ_F_CAN_BYPASS,
  TC_H_ROOT,
  __qdisc_dequeue_head,
  __qdisc_drop,
  qdisc_dequeue_head,
  qdisc_dev,
  qdisc_drop_reason,
  qdisc_enqueue_tail,
  qdisc_peek_head,
  qdisc_pkt_len,
  qdisc_qstats_backlog_dec,
} from '../../include/net/sch_generic.js';
import type { Qdisc, Qdisc_ops, skb_to_free } from '../../include/net/sch_generic.js';
import { kfree_skb_list } from '../core/skbuff.js';
import { qdisc_create_dflt } from './sch_generic.js';

/** Configuration of a fifo: packets, or bytes for bfifo. */
export interface tc_fifo_qopt {
  limit?: u32;
}

export function bfifo_enqueue(skb: sk_buff, sch: Qdisc, to_free: skb_to_free): int {
  if (sch.qstats.backlog + qdisc_pkt_len(skb) <= sch.limit) return qdisc_enqueue_tail(skb, sch);
  return qdisc_drop_reason(skb, sch, to_free, SKB_DROP_REASON_QDISC_OVERLIMIT);
}

export function pfifo_enqueue(skb: sk_buff, sch: Qdisc, to_free: skb_to_free): int {
  if (sch.q.qlen < sch.limit) return qdisc_enqueue_tail(skb, sch);
  return qdisc_drop_reason(skb, sch, to_free, SKB_DROP_REASON_QDISC_OVERLIMIT);
}

export function pfifo_tail_enqueue(skb: sk_buff, sch: Qdisc, to_free: skb_to_free): int {
  if (sch.limit === 0) return qdisc_drop_reason(skb, sch, to_free, SKB_DROP_REASON_QDISC_OVERLIMIT);
  if (sch.q.qlen < sch.limit) return qdisc_enqueue_tail(skb, sch);
  const old = __qdisc_dequeue_head(sch.q);
  if (old !== null) {
    qdisc_qstats_backlog_dec(sch, old);
    __qdisc_drop(old, to_free);
    sch.qstats.drops++;
  }
  qdisc_enqueue_tail(skb, sch);
  return NET_XMIT_CN;
}

export function fifo_init(sch: Qdisc, opt: unknown): int {
  const bytes = sch.ops === bfifo_qdisc_ops;
  const dev = qdisc_dev(sch);
  const qopt = opt as tc_fifo_qopt | null;
  const limit = qopt?.limit ?? dev.tx_queue_len * (bytes ? dev.mtu + dev.hard_header_len : 1);
  if (limit < 0 || !Number.isInteger(limit)) return -EINVAL;
  sch.limit = limit;
  const room = bytes ? limit >= dev.mtu + dev.hard_header_len : limit >= 1;
  if (room) sch.flags |= TCQ_F_CAN_BYPASS;
  else sch.flags &= ~TCQ_F_CAN_BYPASS;
  return 0;
}

/** Drops all packets of a plain queue. @notrace */
export function qdisc_reset_queue(sch: Qdisc): void {
  const first = sch.q.next;
  sch.q.next = sch.q.prev = null;
  sch.q.qlen = 0;
  kfree_skb_list(first);
}

export function fifo_dump(sch: Qdisc): string {
  return `limit ${sch.limit}${sch.ops === bfifo_qdisc_ops ? 'b' : 'p'}`;
}

export const pfifo_qdisc_ops: Qdisc_ops = {
  id: 'pfifo',
  enqueue: pfifo_enqueue,
  dequeue: qdisc_dequeue_head,
  peek: qdisc_peek_head,
  init: fifo_init,
  reset: qdisc_reset_queue,
  change: fifo_init,
  dump: fifo_dump,
};

export const bfifo_qdisc_ops: Qdisc_ops = {
  id: 'bfifo',
  enqueue: bfifo_enqueue,
  dequeue: qdisc_dequeue_head,
  peek: qdisc_peek_head,
  init: fifo_init,
  reset: qdisc_reset_queue,
  change: fifo_init,
  dump: fifo_dump,
};

export const pfifo_head_drop_qdisc_ops: Qdisc_ops = {
  id: 'pfifo_head_drop',
  enqueue: pfifo_tail_enqueue,
  dequeue: qdisc_dequeue_head,
  peek: qdisc_peek_head,
  init: fifo_init,
  reset: qdisc_reset_queue,
  change: fifo_init,
  dump: fifo_dump,
};

/** A fifo below another qdisc. @returns null where its configuration is wrong @EXPORT_SYMBOL */
export function fifo_create_dflt(sch: Qdisc, ops: Qdisc_ops, limit: u32): Qdisc | null {
  const q = qdisc_create_dflt(sch.dev_queue, ops, TC_H_ROOT);
  if (q === null || fifo_init(q, { limit }) !== 0) return null;
  return q;
}
