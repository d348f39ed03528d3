// Queueing disciplines (include/net/sch_generic.h, include/net/pkt_sched.h, include/uapi/linux/pkt_sched.h).

import type { Kernel } from '../../kernel/kernel.js';
import type { net_device, netdev_queue } from '../linux/netdevice.js';
import { NET_XMIT_DROP } from '../linux/netdevice.js';
import { sk_buff_head } from '../linux/skbuff/struct.js';
import type { sk_buff, skb_cb_owner } from '../linux/skbuff/struct.js';
import { __netif_schedule } from '../../net/core/dev.js';
import { kfree_skb_list_reason } from '../../net/core/skbuff.js';
import type { bool, int, refcount_t, u16, u32, u64, u8, uint } from '../linux/types.js';
import type { skb_drop_reason } from './dropreason.js';
import { SKB_DROP_REASON_NOT_SPECIFIED, SKB_DROP_REASON_QDISC_DROP } from './dropreason.js';

export const __QDISC_STATE_SCHED = 1 << 0;
export const __QDISC_STATE_DEACTIVATED = 1 << 1;
export const __QDISC_STATE_MISSED = 1 << 2;
export const __QDISC_STATE_DRAINING = 1 << 3;

export const TCQ_F_BUILTIN = 1;
export const TCQ_F_INGRESS = 2;
export const TCQ_F_CAN_BYPASS = 4;
export const TCQ_F_MQROOT = 8;
export const TCQ_F_ONETXQUEUE = 0x10;
export const TCQ_F_WARN_NONWC = 1 << 16;
export const TCQ_F_NOPARENT = 0x40;
export const TCQ_F_INVISIBLE = 0x80;
export const TCQ_F_NOLOCK = 0x100;

export const TC_H_ROOT = 0xffffffff;
export const TC_PRIO_MAX = 15;
export const TC_PRIO_BESTEFFORT = 0;
export const TC_PRIO_FILLER = 1;
export const TC_PRIO_BULK = 2;
export const TC_PRIO_INTERACTIVE_BULK = 4;
export const TC_PRIO_INTERACTIVE = 6;
export const TC_PRIO_CONTROL = 7;

export const __NET_XMIT_STOLEN = 0x00010000;
export const __NET_XMIT_BYPASS = 0x00020000;

export const PSCHED_SHIFT = 6;
export const NSEC_PER_SEC = 1_000_000_000;

/** What a qdisc notes on an skb. */
export class qdisc_skb_cb implements skb_cb_owner<qdisc_skb_cb> {
  /** Bytes on the wire, headers of all segments included. */
  pkt_len: uint = 0;
  pkt_segs: u16 = 0;
  tc_classid: u32 = 0;
  mru: u16 = 0;
  post_ct: u8 = 0;
  /** ns since boot at which it is to be sent (netem, fq) */
  time_to_send: u64 = 0;
  /** Place in a qdisc's order, for equal times. */
  sequence: u64 = 0;

  reset(): void {
    this.pkt_len = 0;
    this.pkt_segs = 0;
    this.tc_classid = 0;
    this.mru = 0;
    this.post_ct = 0;
    this.time_to_send = 0;
    this.sequence = 0;
  }

  copy(from: qdisc_skb_cb): void {
    this.pkt_len = from.pkt_len;
    this.pkt_segs = from.pkt_segs;
    this.tc_classid = from.tc_classid;
    this.mru = from.mru;
    this.post_ct = from.post_ct;
    this.time_to_send = from.time_to_send;
    this.sequence = from.sequence;
  }
}

export class gnet_stats_basic {
  bytes: u64 = 0;
  packets: u64 = 0;
}

export class gnet_stats_queue {
  qlen: u32 = 0;
  backlog: u32 = 0;
  drops: u32 = 0;
  requeues: u32 = 0;
  overlimits: u32 = 0;
}

/** What a kind of qdisc does. `opt` is the configuration, an object of the kind's own type. */
export interface Qdisc_ops {
  id: string;
  /** @param to_free where dropped skbs are put; the caller frees them @returns NET_XMIT_* */
  enqueue: (skb: sk_buff, sch: Qdisc, to_free: skb_to_free) => int;
  dequeue: (sch: Qdisc) => sk_buff | null;
  peek: (sch: Qdisc) => sk_buff | null;
  init?: (sch: Qdisc, opt: unknown) => int;
  reset?: (sch: Qdisc) => void;
  destroy?: (sch: Qdisc) => void;
  change?: (sch: Qdisc, opt: unknown) => int;
  attach?: (sch: Qdisc) => void;
  change_tx_queue_len?: (sch: Qdisc, new_len: uint) => int;
  /** The inner qdisc, and putting another in its place (the old one is returned). */
  leaf?: (sch: Qdisc) => Qdisc | null;
  graft?: (sch: Qdisc, put: Qdisc | null) => Qdisc | null;
  /** The configuration as `tc qdisc show` prints it after the handle. */
  dump?: (sch: Qdisc) => string;
}

/** The list of skbs to be freed after a qdisc's lock would be released. */
export class skb_to_free {
  head: sk_buff | null = null;
  reason: skb_drop_reason = SKB_DROP_REASON_QDISC_DROP;
}

export class Qdisc {
  enqueue: (skb: sk_buff, sch: Qdisc, to_free: skb_to_free) => int;
  dequeue: (sch: Qdisc) => sk_buff | null;
  flags: uint = 0;
  limit: u32 = 0;
  ops: Qdisc_ops;
  handle: u32 = 0;
  parent: u32 = 0;
  dev_queue: netdev_queue;
  refcnt: refcount_t = 1;
  /** skbs that the device did not take, or that were peeked at. */
  gso_skb: sk_buff_head = new sk_buff_head();
  q: sk_buff_head = new sk_buff_head();
  bstats: gnet_stats_basic = new gnet_stats_basic();
  qstats: gnet_stats_queue = new gnet_stats_queue();
  /** __QDISC_STATE_* */
  state: uint = 0;
  running: bool = false;
  next_sched: Qdisc | null = null;
  skb_bad_txq: sk_buff_head = new sk_buff_head();
  /** The kind's own data. */
  privdata: unknown = null;

  constructor(dev_queue: netdev_queue, ops: Qdisc_ops) {
    this.dev_queue = dev_queue;
    this.ops = ops;
    this.enqueue = ops.enqueue;
    this.dequeue = ops.dequeue;
  }
}

/** @notrace */
export function qdisc_skb_cb_of(skb: sk_buff): qdisc_skb_cb {
  return (skb.qdisccb ??= new qdisc_skb_cb());
}

/** @notrace */
export function qdisc_priv<T>(sch: Qdisc): T {
  return sch.privdata as T;
}

/** @notrace */
export function qdisc_dev(sch: Qdisc): net_device {
  return sch.dev_queue.dev;
}

/** @notrace */
export function qdisc_kernel(sch: Qdisc): Kernel {
  return sch.dev_queue.dev.nd_net.kernel;
}

/** @notrace */
export function qdisc_qlen(q: Qdisc): int {
  return q.q.qlen;
}

/** Bytes that the packet takes on the wire. @notrace */
export function qdisc_pkt_len(skb: sk_buff): uint {
  return qdisc_skb_cb_of(skb).pkt_len;
}

/** @notrace */
export function qdisc_root_sleeping(sch: Qdisc): Qdisc {
  return sch.dev_queue.qdisc_sleeping as Qdisc;
}

/** @notrace */
export function qdisc_is_running(qdisc: Qdisc): bool {
  return qdisc.running;
}

/** Takes the right to send from a qdisc. @notrace */
export function qdisc_run_begin(qdisc: Qdisc): bool {
  if (qdisc.running) {
    qdisc.state |= __QDISC_STATE_MISSED;
    return false;
  }
  qdisc.running = true;
  return true;
}

/** @notrace */
export function qdisc_run_end(qdisc: Qdisc): void {
  qdisc.running = false;
  if ((qdisc.state & __QDISC_STATE_MISSED) !== 0) {
    qdisc.state &= ~__QDISC_STATE_MISSED;
    if (qdisc.q.qlen > 0 || qdisc.gso_skb.qlen > 0) __netif_schedule(qdisc);
  }
}

/** Segments that an skb makes on the wire. @notrace */
export function qdisc_pkt_segs(skb: sk_buff): uint {
  return skb.shinfo.gso_size !== 0 ? skb.shinfo.gso_segs : 1;
}

/** @notrace */
export function qdisc_bstats_update(sch: Qdisc, skb: sk_buff): void {
  sch.bstats.bytes += qdisc_pkt_len(skb);
  sch.bstats.packets += qdisc_pkt_segs(skb);
}

/** @notrace */
export function qdisc_qstats_backlog_inc(sch: Qdisc, skb: sk_buff): void {
  sch.qstats.backlog += qdisc_pkt_len(skb);
}

/** @notrace */
export function qdisc_qstats_backlog_dec(sch: Qdisc, skb: sk_buff): void {
  sch.qstats.backlog -= qdisc_pkt_len(skb);
}

/** @notrace */
export function qdisc_qstats_drop(sch: Qdisc): void {
  sch.qstats.drops++;
}

/** @notrace */
export function qdisc_qstats_overlimit(sch: Qdisc): void {
  sch.qstats.overlimits++;
}

/** @notrace */
export function __qdisc_enqueue_tail(skb: sk_buff, qh: sk_buff_head): void {
  skb.next = null;
  skb.prev = qh.prev;
  if (qh.prev !== null) qh.prev.next = skb;
  else qh.next = skb;
  qh.prev = skb;
  qh.qlen++;
}

/** @notrace */
export function qdisc_enqueue_tail(skb: sk_buff, sch: Qdisc): int {
  __qdisc_enqueue_tail(skb, sch.q);
  qdisc_qstats_backlog_inc(sch, skb);
  return 0;
}

/** @notrace */
export function __qdisc_dequeue_head(qh: sk_buff_head): sk_buff | null {
  const skb = qh.next;
  if (skb !== null) {
    qh.next = skb.next;
    if (skb.next !== null) skb.next.prev = null;
    else qh.prev = null;
    qh.qlen--;
    skb.next = null;
    skb.prev = null;
  }
  return skb;
}

/** @notrace */
export function qdisc_dequeue_head(sch: Qdisc): sk_buff | null {
  const skb = __qdisc_dequeue_head(sch.q);
  if (skb !== null) {
    qdisc_qstats_backlog_dec(sch, skb);
    qdisc_bstats_update(sch, skb);
  }
  return skb;
}

/** @notrace */
export function qdisc_peek_head(sch: Qdisc): sk_buff | null {
  return sch.q.next;
}

/** Takes a packet for peeking where the qdisc itself cannot peek, and keeps it. @notrace */
export function qdisc_peek_dequeued(sch: Qdisc): sk_buff | null {
  let skb = sch.gso_skb.next;
  if (skb === null) {
    skb = sch.dequeue(sch);
    if (skb !== null) {
      __qdisc_enqueue_tail(skb, sch.gso_skb);
      qdisc_qstats_backlog_inc(sch, skb);
      sch.q.qlen++;
    }
  }
  return skb;
}

/** @notrace */
export function qdisc_dequeue_peeked(sch: Qdisc): sk_buff | null {
  let skb = sch.gso_skb.next;
  if (skb !== null) {
    skb = __qdisc_dequeue_head(sch.gso_skb);
    qdisc_qstats_backlog_dec(sch, skb as sk_buff);
    sch.q.qlen--;
  } else {
    skb = sch.dequeue(sch);
  }
  return skb;
}

/** Puts an skb (or a list) on the list of those to be freed. @notrace */
export function __qdisc_drop(skb: sk_buff, to_free: skb_to_free): void {
  skb.next = to_free.head;
  to_free.head = skb;
}

/** Drops a packet that the qdisc does not take. @notrace */
export function qdisc_drop(skb: sk_buff, sch: Qdisc, to_free: skb_to_free): int {
  __qdisc_drop(skb, to_free);
  sch.qstats.drops++;
  return NET_XMIT_DROP;
}

/** @notrace */
export function qdisc_drop_reason(skb: sk_buff, sch: Qdisc, to_free: skb_to_free, reason: skb_drop_reason): int {
  to_free.reason = reason;
  return qdisc_drop(skb, sch, to_free);
}

/** Frees what a qdisc dropped. @notrace */
export function tcf_kfree_skb_list(to_free: skb_to_free): void {
  const head = to_free.head;
  if (head === null) return;
  to_free.head = null;
  const reason = to_free.reason;
  to_free.reason = SKB_DROP_REASON_QDISC_DROP;
  kfree_skb_list_reason(head, reason !== 0 ? reason : SKB_DROP_REASON_NOT_SPECIFIED);
}

/** @notrace */
export function qdisc_enqueue(skb: sk_buff, sch: Qdisc, to_free: skb_to_free): int {
  return sch.enqueue(skb, sch, to_free);
}
