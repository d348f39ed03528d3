// Fair queue with pacing (net/sched/sch_fq.c; tc-fq(8)): a queue for each flow, served in turn by bytes; a packet
// waits for its departure time, and a socket's rate spaces its packets. Left out: the three bands by priority.

import { EINVAL } from '../../include/linux/errno.js';
import { NET_XMIT_SUCCESS } from '../../include/linux/netdevice.js';
import { rb_node, rb_root_cached } from '../../include/linux/rbtree.js';
import { skb_get_hash } from '../../include/linux/skbuff/meta.js';
import type { sk_buff } from '../../include/linux/skbuff/struct.js';
import { sk_buff_head } from '../../include/linux/skbuff/struct.js';
import type { int, u32, u64 } from '../../include/linux/types.js';
import {
  SKB_DROP_REASON_FQ_FLOW_LIMIT,
  SKB_DROP_REASON_FQ_HORIZON_LIMIT,
  SKB_DROP_REASON_QDISC_OVERLIMIT,
} from '../../include/net/dropreason.js';
import {
  TC_PRIO_CONTROL,
  __qdisc_dequeue_head,
  __qdisc_enqueue_tail,
  qdisc_bstats_update,
  qdisc_dev,
  qdisc_drop_reason,
  qdisc_kernel,
  qdisc_peek_dequeued,
  qdisc_pkt_len,
  qdisc_priv,
  qdisc_qstats_backlog_dec,
  qdisc_qstats_backlog_inc,
} from '../../include/net/sch_generic.js';
import type { Qdisc, Qdisc_ops, skb_to_free } from '../../include/net/sch_generic.js';
import { SK_PACING_FQ, sk_fullsock } from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock/struct.js';
import { rb_add_cached, rb_erase_cached, rb_first_cached } from '../../lib/rbtree.js';
import { kfree_skb_list } from '../core/skbuff.js';
import { qdisc_watchdog_cancel, qdisc_watchdog_init, qdisc_watchdog_schedule_ns, register_qdisc } from './sch_api.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { qdisc_watchdog_state } from './sch_api.js';

/** Configuration. Times in ns, rates in bytes a second, sizes in bytes; absent: the kernel's default. */
export interface tc_fq_qopt {
  limit?: u32;
  flow_limit?: u32;
  quantum?: u32;
  initial_quantum?: u32;
  maxrate?: u64;
  low_rate_threshold?: u64;
  horizon?: u64;
  /** Packets whose departure lies beyond the horizon are dropped; else they go at its end. */
  horizon_drop?: boolean;
  pacing?: boolean;
}

class fq_flow {
  readonly q: sk_buff_head = new sk_buff_head();
  sk: sock | null = null;
  socket_hash: u32 = 0;
  credit: int = 0;
  /** Whether it stands in a list of flows to be served. */
  listed = false;
  throttled = false;
  /** ns since boot before which the next packet must not go */
  time_next_packet: u64 = 0;
  readonly rate_node: rb_node<fq_flow> = new rb_node<fq_flow>(this);
}

class fq_sched_data {
  readonly new_flows: fq_flow[] = [];
  readonly old_flows: fq_flow[] = [];
  readonly delayed: rb_root_cached<fq_flow> = new rb_root_cached<fq_flow>();
  time_next_delayed_flow: u64 = Infinity;
  /** For packets that go before all others. */
  readonly internal: fq_flow = new fq_flow();
  readonly by_sock: Map<sock, fq_flow> = new Map();
  readonly by_hash: Map<u32, fq_flow> = new Map();
  readonly watchdog: qdisc_watchdog_state;
  flow_plimit: u32 = 100;
  quantum: u32 = 3028;
  initial_quantum: u32 = 15140;
  flow_max_rate: u64 = Infinity;
  low_rate_threshold: u64 = 68_750;
  horizon: u64 = 10_000_000_000;
  horizon_drop = true;
  rate_enable = true;
  stat_throttled: u64 = 0;
  stat_flows_plimit: u64 = 0;
  stat_horizon_drops: u64 = 0;
  stat_horizon_caps: u64 = 0;

  constructor(watchdog: qdisc_watchdog_state) {
    this.watchdog = watchdog;
  }
}

/** Flows without packets that are kept for their next one. */
const MAX_IDLE_FLOWS = 4096;

/** @notrace */
function forget_idle_flows(q: fq_sched_data): void {
  if (q.by_sock.size + q.by_hash.size < MAX_IDLE_FLOWS) return;
  for (const [sk, flow] of q.by_sock) if (!flow.listed && !flow.throttled) q.by_sock.delete(sk);
  for (const [hash, flow] of q.by_hash) if (!flow.listed && !flow.throttled) q.by_hash.delete(hash);
}

/** The flow of a packet: that of its socket, else that of its addresses. */
export function fq_classify(sch: Qdisc, skb: sk_buff): fq_flow {
  const q = qdisc_priv<fq_sched_data>(sch);
  if ((skb.priority & 15) === TC_PRIO_CONTROL) return q.internal;
  const sk = skb.sk;
  let flow: fq_flow | undefined;
  if (sk !== null && sk_fullsock(sk) && skb.destructor !== null) {
    if (sk.sk_pacing_status !== SK_PACING_FQ) sk.sk_pacing_status = SK_PACING_FQ;
    flow = q.by_sock.get(sk);
    // The socket was used for another connection meanwhile: begin anew.
    if (flow !== undefined && flow.socket_hash !== sk.sk_hash) {
      flow.credit = q.initial_quantum;
      flow.socket_hash = sk.sk_hash;
      flow.time_next_packet = 0;
    }
  } else {
    flow = q.by_hash.get(skb_get_hash(skb));
  }
  if (flow !== undefined) return flow;
  forget_idle_flows(q);
  flow = new fq_flow();
  flow.credit = q.initial_quantum;
  if (sk !== null && sk_fullsock(sk) && skb.destructor !== null) {
    flow.sk = sk;
    flow.socket_hash = sk.sk_hash;
    q.by_sock.set(sk, flow);
  } else {
    q.by_hash.set(skb_get_hash(skb), flow);
  }
  return flow;
}

/** Queues in the order of departure times; those without one keep their order. */
function flow_queue_add(flow: fq_flow, skb: sk_buff): void {
  const list = flow.q;
  let prev = list.prev;
  if (skb.tstamp !== 0) while (prev !== null && prev.tstamp > skb.tstamp) prev = prev.prev;
  if (prev === list.prev) {
    __qdisc_enqueue_tail(skb, list);
    return;
  }
  const next = prev === null ? list.next : prev.next;
  skb.prev = prev;
  skb.next = next;
  if (prev === null) list.next = skb;
  else prev.next = skb;
  if (next !== null) next.prev = skb;
  list.qlen++;
}

export function fq_enqueue(skb: sk_buff, sch: Qdisc, to_free: skb_to_free): int {
  const q = qdisc_priv<fq_sched_data>(sch);
  const now = qdisc_kernel(sch).now;
  if (sch.q.qlen >= sch.limit) return qdisc_drop_reason(skb, sch, to_free, SKB_DROP_REASON_QDISC_OVERLIMIT);
  if (skb.tstamp !== 0 && skb.tstamp_type !== 0 && skb.tstamp > now + q.horizon) {
    if (q.horizon_drop) {
      q.stat_horizon_drops++;
      return qdisc_drop_reason(skb, sch, to_free, SKB_DROP_REASON_FQ_HORIZON_LIMIT);
    }
    q.stat_horizon_caps++;
    skb.tstamp = now + q.horizon;
  }
  const f = fq_classify(sch, skb);
  if (f !== q.internal) {
    if (f.q.qlen >= q.flow_plimit) {
      q.stat_flows_plimit++;
      return qdisc_drop_reason(skb, sch, to_free, SKB_DROP_REASON_FQ_FLOW_LIMIT);
    }
    if (!f.listed && !f.throttled) {
      f.listed = true;
      q.new_flows.push(f);
      if (f.credit < q.quantum) f.credit = q.quantum;
    }
  }
  qdisc_qstats_backlog_inc(sch, skb);
  sch.q.qlen++;
  flow_queue_add(f, skb);
  return NET_XMIT_SUCCESS;
}

function fq_flow_set_throttled(q: fq_sched_data, f: fq_flow): void {
  f.throttled = true;
  f.listed = false;
  rb_add_cached(f.rate_node, q.delayed, (a, b) => a.entry.time_next_packet < b.entry.time_next_packet);
  q.stat_throttled++;
  if (q.time_next_delayed_flow > f.time_next_packet) q.time_next_delayed_flow = f.time_next_packet;
}

/** Flows whose time has come are served again. */
export function fq_check_throttled(q: fq_sched_data, now: u64): void {
  if (q.time_next_delayed_flow > now) return;
  q.time_next_delayed_flow = Infinity;
  for (;;) {
    const node = rb_first_cached(q.delayed);
    if (node === null) return;
    const f = node.entry;
    if (f.time_next_packet > now) {
      q.time_next_delayed_flow = f.time_next_packet;
      return;
    }
    rb_erase_cached(node, q.delayed);
    f.throttled = false;
    f.listed = true;
    q.old_flows.push(f);
  }
}

/** ns that a socket's rate has it wait after a packet. @notrace */
function pace(q: fq_sched_data, f: fq_flow, skb: sk_buff, now: u64): void {
  let rate = q.flow_max_rate;
  let plen = qdisc_pkt_len(skb);
  if (skb.tstamp === 0 && skb.sk !== null && sk_fullsock(skb.sk)) rate = Math.min(skb.sk.sk_pacing_rate, rate);
  if (rate <= q.low_rate_threshold) {
    f.credit = 0;
  } else {
    plen = Math.max(plen, q.quantum);
    if (f.credit > 0) return;
  }
  if (rate === Infinity) return;
  let len = rate > 0 ? Math.floor((plen * 1e9) / rate) : 1e9;
  if (len > 1e9) len = 1e9;
  // What the timer was late by is given back, as far as half of the wait.
  if (f.time_next_packet !== 0) len -= Math.min(len / 2, Math.max(0, now - f.time_next_packet));
  f.time_next_packet = now + Math.floor(len);
}

export function fq_dequeue(sch: Qdisc): sk_buff | null {
  const q = qdisc_priv<fq_sched_data>(sch);
  if (sch.q.qlen === 0) return null;
  const urgent = __qdisc_dequeue_head(q.internal.q);
  if (urgent !== null) return fq_out(sch, urgent);
  const now = qdisc_kernel(sch).now;
  fq_check_throttled(q, now);
  for (;;) {
    const head = q.new_flows.length > 0 ? q.new_flows : q.old_flows;
    const f = head[0];
    if (f === undefined) {
      if (q.time_next_delayed_flow !== Infinity) qdisc_watchdog_schedule_ns(q.watchdog, q.time_next_delayed_flow);
      return null;
    }
    if (f.credit <= 0) {
      f.credit += q.quantum;
      head.shift();
      q.old_flows.push(f);
      continue;
    }
    const skb = f.q.next;
    if (skb === null) {
      head.shift();
      // A new flow that is empty goes round once more, lest it be new again at once.
      if (head === q.new_flows && q.old_flows.length > 0) q.old_flows.push(f);
      else f.listed = false;
      continue;
    }
    const departs = skb.tstamp_type !== 0 ? skb.tstamp : 0;
    const time_next_packet = Math.max(departs, f.time_next_packet);
    if (now < time_next_packet) {
      head.shift();
      f.time_next_packet = time_next_packet;
      fq_flow_set_throttled(q, f);
      continue;
    }
    __qdisc_dequeue_head(f.q);
    f.credit -= qdisc_pkt_len(skb);
    if (q.rate_enable) pace(q, f, skb, now);
    return fq_out(sch, skb);
  }
}

/** @notrace */
function fq_out(sch: Qdisc, skb: sk_buff): sk_buff {
  sch.q.qlen--;
  qdisc_qstats_backlog_dec(sch, skb);
  qdisc_bstats_update(sch, skb);
  return skb;
}

/** @notrace */
function purge(flow: fq_flow): void {
  const first = flow.q.next;
  flow.q.next = flow.q.prev = null;
  flow.q.qlen = 0;
  kfree_skb_list(first);
}

export function fq_reset(sch: Qdisc): void {
  const q = qdisc_priv<fq_sched_data>(sch);
  purge(q.internal);
  for (const f of q.by_sock.values()) purge(f);
  for (const f of q.by_hash.values()) purge(f);
  q.by_sock.clear();
  q.by_hash.clear();
  q.new_flows.length = 0;
  q.old_flows.length = 0;
  q.delayed.rb_root.rb_node = null;
  q.delayed.rb_leftmost = null;
  q.time_next_delayed_flow = Infinity;
  sch.q.qlen = 0;
}

export function fq_change(sch: Qdisc, option: unknown): int {
  const opt = (option ?? {}) as tc_fq_qopt;
  const q = qdisc_priv<fq_sched_data>(sch);
  for (const value of Object.values(opt)) if (typeof value === 'number' && !(value >= 0)) return -EINVAL;
  if (opt.quantum === 0) return -EINVAL;
  sch.limit = opt.limit ?? sch.limit;
  q.flow_plimit = opt.flow_limit ?? q.flow_plimit;
  q.quantum = opt.quantum ?? q.quantum;
  q.initial_quantum = opt.initial_quantum ?? q.initial_quantum;
  q.flow_max_rate = opt.maxrate ?? q.flow_max_rate;
  q.low_rate_threshold = opt.low_rate_threshold ?? q.low_rate_threshold;
  q.horizon = opt.horizon ?? q.horizon;
  q.horizon_drop = opt.horizon_drop ?? q.horizon_drop;
  q.rate_enable = opt.pacing ?? q.rate_enable;
  return 0;
}

export function fq_init(sch: Qdisc, opt: unknown): int {
  const q = new fq_sched_data(qdisc_watchdog_init(sch));
  const dev = qdisc_dev(sch);
  sch.privdata = q;
  sch.limit = 10000;
  q.quantum = 2 * (dev.mtu + dev.hard_header_len);
  q.initial_quantum = 10 * (dev.mtu + dev.hard_header_len);
  return fq_change(sch, opt);
}

export function fq_destroy(sch: Qdisc): void {
  qdisc_watchdog_cancel(qdisc_priv<fq_sched_data>(sch).watchdog);
}

export function fq_dump(sch: Qdisc): string {
  const q = qdisc_priv<fq_sched_data>(sch);
  return `limit ${sch.limit}p flow_limit ${q.flow_plimit}p quantum ${q.quantum}b initial_quantum ${q.initial_quantum}b low_rate_threshold ${(q.low_rate_threshold * 8) / 1000}Kbit horizon ${q.horizon / 1e9}s horizon_${q.horizon_drop ? 'drop' : 'cap'}`;
}

export const fq_qdisc_ops: Qdisc_ops = {
  id: 'fq',
  enqueue: fq_enqueue,
  dequeue: fq_dequeue,
  peek: qdisc_peek_dequeued,
  init: fq_init,
  reset: fq_reset,
  destroy: fq_destroy,
  change: fq_change,
  dump: fq_dump,
};

/** Boot. */
export function fq_module_init(kernel: Kernel): int {
  return register_qdisc(kernel, fq_qdisc_ops);
}
