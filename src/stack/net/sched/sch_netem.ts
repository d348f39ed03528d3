// netem (net/sched/sch_netem.c; tc-netem(8)): delay, jitter, loss, duplication, corruption, reordering and rate, from
// the host's seeded random numbers. Left out: slots, and loss models other than independent and Gilbert-Elliott.
//
// Packets that are delayed stand in the order of their departure; a packet that is to overtake goes to the front.

import { EINVAL } from '../../include/linux/errno.js';
import { NET_XMIT_DROP, NET_XMIT_SUCCESS } from '../../include/linux/netdevice.js';
import { get_random_u32, get_random_u32_below } from '../../include/linux/random.js';
import { CHECKSUM_PARTIAL, GFP_ATOMIC } from '../../include/linux/skbuff/constants.js';
import { skb_linearize } from '../../include/linux/skbuff/frags.js';
import { skb_unshare } from '../../include/linux/skbuff/refs.js';
import { skb_headlen } from '../../include/linux/skbuff/room.js';
import { skb_is_gso } from '../../include/linux/skbuff/meta.js';
import type { sk_buff } from '../../include/linux/skbuff/struct.js';
import { sk_buff_head } from '../../include/linux/skbuff/struct.js';
import type { bool, int, s64, u32, u64 } from '../../include/linux/types.js';
import { SKB_DROP_REASON_QDISC_OVERLIMIT } from '../../include/net/dropreason.js';
import {
  __NET_XMIT_BYPASS,
  __qdisc_dequeue_head,
  __qdisc_drop,
  qdisc_bstats_update,
  qdisc_drop,
  qdisc_drop_reason,
  qdisc_enqueue,
  qdisc_kernel,
  qdisc_peek_dequeued,
  qdisc_pkt_len,
  qdisc_priv,
  qdisc_qstats_backlog_dec,
  qdisc_qstats_backlog_inc,
  qdisc_root_sleeping,
  qdisc_skb_cb_of,
} from '../../include/net/sch_generic.js';
import type { Qdisc, Qdisc_ops, skb_to_free } from '../../include/net/sch_generic.js';
import { INET_ECN_set_ce } from '../../include/net/inet_ecn.js';
import { skb_checksum_help } from '../core/dev.js';
import { skb_orphan_partial } from '../core/sock.js';
import { consume_skb, kfree_skb_list, skb_clone } from '../core/skbuff.js';
import { skb_gso_segment } from '../../include/net/gso.js';
import { qdisc_watchdog_cancel, qdisc_watchdog_init, qdisc_watchdog_schedule_ns, register_qdisc } from './sch_api.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { qdisc_watchdog_state } from './sch_api.js';
import { qdisc_put, qdisc_reset } from './sch_generic.js';
import { normal_table, pareto_table } from './netem_dist.js';

/** Configuration. Times in ns; probabilities and correlations from 0 to 1. */
export class tc_netem_qopt {
  latency: s64 = 0;
  jitter: s64 = 0;
  /** packets */
  limit: u32 = 1000;
  loss = 0;
  duplicate = 0;
  reorder = 0;
  corrupt = 0;
  delay_corr = 0;
  loss_corr = 0;
  dup_corr = 0;
  reorder_corr = 0;
  corrupt_corr = 0;
  /** Every gap-th packet may overtake; 0 with `reorder`: each. */
  gap: u32 = 0;
  /** bytes a second, 0: unlimited */
  rate: u64 = 0;
  /** bytes that every packet takes more on the wire; may be negative */
  packet_overhead: int = 0;
  /** ECN-capable packets are marked where they would be lost. */
  ecn = false;
  /** Of the delay: '' for uniform. */
  distribution: '' | 'normal' | 'pareto' = '';
  /** Gilbert-Elliott: [p, r, 1-h, 1-k], probabilities, instead of `loss`. */
  gemodel: readonly number[] | null = null;
}

/** Random numbers that depend on the one before. */
class crndstate {
  last: u32 = 0;
  /** Weight of the last one, of 2^32. */
  rho: u32 = 0;
}

class netem_sched_data {
  /** Delayed packets in the order of departure. */
  readonly t: sk_buff_head = new sk_buff_head();
  qdisc: Qdisc | null = null;
  readonly watchdog: qdisc_watchdog_state;
  opt: tc_netem_qopt = new tc_netem_qopt();
  counter: u32 = 0;
  readonly delay_cor = new crndstate();
  readonly loss_cor = new crndstate();
  readonly dup_cor = new crndstate();
  readonly reorder_cor = new crndstate();
  readonly corrupt_cor = new crndstate();
  /** Gilbert-Elliott: whether the bad state holds. */
  bad = false;

  constructor(watchdog: qdisc_watchdog_state) {
    this.watchdog = watchdog;
  }
}

/** A probability as the kernel compares it, of 2^32 - 1. @notrace */
function scaled(probability: number): u32 {
  return Math.min(0xffffffff, Math.round(probability * 0xffffffff));
}

/** A random number that leans towards the last one. @notrace */
function get_crandom(sch: Qdisc, state: crndstate): u32 {
  const value = get_random_u32(qdisc_kernel(sch));
  if (state.rho === 0) return value;
  const rho = state.rho + 1;
  const answer = Math.floor((value * (0x100000000 - rho) + state.last * rho) / 0x100000000);
  state.last = answer;
  return answer;
}

/** Gilbert-Elliott: a good and a bad state with a loss probability each. */
function loss_gilb_ell(sch: Qdisc, q: netem_sched_data): bool {
  const kernel = qdisc_kernel(sch);
  const [p, r, h, k1] = q.opt.gemodel as readonly number[];
  if (q.bad) {
    if (get_random_u32(kernel) < scaled(r)) q.bad = false;
    return get_random_u32(kernel) < scaled(h);
  }
  if (get_random_u32(kernel) < scaled(p)) q.bad = true;
  return get_random_u32(kernel) < scaled(k1);
}

/** Whether a packet is lost. */
function loss_event(sch: Qdisc, q: netem_sched_data): bool {
  if (q.opt.gemodel !== null) return loss_gilb_ell(sch, q);
  return q.opt.loss > 0 && scaled(q.opt.loss) >= get_crandom(sch, q.loss_cor);
}

/** A delay of the configured distribution. @param mu mean, ns @param sigma jitter, ns */
function tabledist(sch: Qdisc, q: netem_sched_data, mu: s64, sigma: s64): s64 {
  if (sigma === 0) return mu;
  const rnd = get_crandom(sch, q.delay_cor);
  if (q.opt.distribution === '') return (rnd % (2 * sigma)) + mu - sigma;
  const table = q.opt.distribution === 'normal' ? normal_table() : pareto_table();
  return mu + Math.round(table[rnd % table.length] * sigma);
}

/** Time that a packet takes at the configured rate. @returns ns */
function packet_time_ns(len: u64, q: netem_sched_data): u64 {
  return Math.floor(((len + q.opt.packet_overhead) * 1e9) / q.opt.rate);
}

function tfifo_enqueue(nskb: sk_buff, sch: Qdisc): void {
  const { t } = qdisc_priv<netem_sched_data>(sch);
  const at = qdisc_skb_cb_of(nskb).time_to_send;
  let prev = t.prev;
  while (prev !== null && qdisc_skb_cb_of(prev).time_to_send > at) prev = prev.prev;
  nskb.prev = prev;
  nskb.next = prev === null ? t.next : prev.next;
  if (nskb.next !== null) nskb.next.prev = nskb;
  else t.prev = nskb;
  if (prev === null) t.next = nskb;
  else prev.next = nskb;
  t.qlen++;
  sch.q.qlen++;
}

/** Segments a packet that is to be corrupted: one segment is, not all. @returns the segments, or null after freeing */
function netem_segment(skb: sk_buff, sch: Qdisc, to_free: skb_to_free): sk_buff | null {
  const segs = skb_gso_segment(skb, 0);
  if (segs === null || typeof segs === 'number') {
    qdisc_drop(skb, sch, to_free);
    return null;
  }
  consume_skb(skb);
  return segs;
}

/** Flips one bit. @returns the packet (and segments behind it), or null if it had to be dropped @notrace */
function corrupt_packet(skb: sk_buff, sch: Qdisc, to_free: skb_to_free): sk_buff | null {
  const kernel = qdisc_kernel(sch);
  let rest: sk_buff | null = null;
  let first: sk_buff | null = skb;
  if (skb_is_gso(skb)) {
    first = netem_segment(skb, sch, to_free);
    if (first === null) return null;
    rest = first.next;
    first.next = null;
    qdisc_skb_cb_of(first).pkt_len = first.len;
  }
  const mine = skb_unshare(first, GFP_ATOMIC);
  if (mine === null) {
    sch.qstats.drops++;
    return rest;
  }
  if ((mine.ip_summed === CHECKSUM_PARTIAL && skb_checksum_help(mine) !== 0) || skb_linearize(mine) !== 0) {
    qdisc_drop(mine, sch, to_free);
    return rest;
  }
  const at = mine.data + get_random_u32_below(kernel, Math.max(1, skb_headlen(mine)));
  mine.head[at] ^= 1 << get_random_u32_below(kernel, 8);
  mine.next = rest;
  return mine;
}

/** When a packet goes: after its delay, and at a rate after those before it. @notrace */
function departure(sch: Qdisc, q: netem_sched_data, skb: sk_buff): u64 {
  const now = qdisc_kernel(sch).now;
  const { opt } = q;
  let delay = tabledist(sch, q, opt.latency, opt.jitter);
  if (opt.rate !== 0) {
    // The packet begins to be sent when the last one was sent, whose own delay it need not wait for.
    const last = q.t.prev;
    if (last !== null) {
      const last_time = qdisc_skb_cb_of(last).time_to_send;
      delay = Math.max(0, delay - (last_time - now));
      return last_time + delay + packet_time_ns(qdisc_pkt_len(skb), q);
    }
    delay += packet_time_ns(qdisc_pkt_len(skb), q);
  }
  return now + Math.max(0, delay);
}

/** @notrace */
function enqueue_one(skb: sk_buff, sch: Qdisc, q: netem_sched_data): void {
  const cb = qdisc_skb_cb_of(skb);
  const { opt } = q;
  qdisc_qstats_backlog_inc(sch, skb);
  const reorders = opt.gap !== 0 && opt.reorder > 0;
  if (!reorders || q.counter < opt.gap - 1 || scaled(opt.reorder) < get_crandom(sch, q.reorder_cor)) {
    cb.time_to_send = departure(sch, q, skb);
    q.counter++;
    tfifo_enqueue(skb, sch);
    return;
  }
  cb.time_to_send = qdisc_kernel(sch).now;
  q.counter = 0;
  skb.prev = null;
  skb.next = sch.q.next;
  if (sch.q.next !== null) sch.q.next.prev = skb;
  else sch.q.prev = skb;
  sch.q.next = skb;
  sch.q.qlen++;
  sch.qstats.requeues++;
}

export function netem_enqueue(skb: sk_buff, sch: Qdisc, to_free: skb_to_free): int {
  const q = qdisc_priv<netem_sched_data>(sch);
  const { opt } = q;
  let count = 1;
  if (opt.duplicate > 0 && scaled(opt.duplicate) >= get_crandom(sch, q.dup_cor)) count++;
  if (loss_event(sch, q)) {
    if (opt.ecn && INET_ECN_set_ce(skb)) sch.qstats.drops++;
    else count--;
  }
  if (count === 0) {
    sch.qstats.drops++;
    __qdisc_drop(skb, to_free);
    return NET_XMIT_SUCCESS | __NET_XMIT_BYPASS;
  }
  // A delayed packet must not keep its sender from sending more.
  if (opt.latency !== 0 || opt.jitter !== 0 || opt.rate !== 0) skb_orphan_partial(skb);
  const skb2 = count > 1 ? skb_clone(skb, GFP_ATOMIC) : null;
  let list: sk_buff | null = skb;
  if (opt.corrupt > 0 && scaled(opt.corrupt) >= get_crandom(sch, q.corrupt_cor)) {
    list = corrupt_packet(skb, sch, to_free);
  }
  if (list !== null && sch.q.qlen >= sch.limit) {
    if (list.next !== null) kfree_skb_list(list.next);
    list.next = null;
    if (skb2 !== null) consume_skb(skb2);
    return qdisc_drop_reason(list, sch, to_free, SKB_DROP_REASON_QDISC_OVERLIMIT);
  }
  if (skb2 !== null) duplicate_packet(skb2, sch, q, to_free);
  if (list === null) return NET_XMIT_DROP;
  while (list !== null) {
    const next: sk_buff | null = list.next;
    list.next = null;
    if (list !== skb && qdisc_skb_cb_of(list).pkt_len === 0) qdisc_skb_cb_of(list).pkt_len = list.len;
    enqueue_one(list, sch, q);
    list = next;
  }
  return NET_XMIT_SUCCESS;
}

/** The duplicate goes in by the root, as if it had been sent, and is not duplicated again. @notrace */
function duplicate_packet(skb2: sk_buff, sch: Qdisc, q: netem_sched_data, to_free: skb_to_free): void {
  const saved = q.opt.duplicate;
  q.opt.duplicate = 0;
  qdisc_enqueue(skb2, qdisc_root_sleeping(sch), to_free);
  q.opt.duplicate = saved;
}

/** @notrace */
function deliver(skb: sk_buff, sch: Qdisc): sk_buff {
  qdisc_qstats_backlog_dec(sch, skb);
  qdisc_bstats_update(sch, skb);
  return skb;
}

/** The first delayed packet, taken out. @notrace */
function netem_erase_head(q: netem_sched_data): sk_buff {
  return __qdisc_dequeue_head(q.t) as sk_buff;
}

export function netem_dequeue(sch: Qdisc): sk_buff | null {
  const q = qdisc_priv<netem_sched_data>(sch);
  for (;;) {
    const urgent = __qdisc_dequeue_head(sch.q);
    if (urgent !== null) return deliver(urgent, sch);
    const first = q.t.next;
    let time_to_send = Infinity;
    if (first !== null) {
      time_to_send = qdisc_skb_cb_of(first).time_to_send;
      if (time_to_send <= qdisc_kernel(sch).now) {
        const skb = netem_erase_head(q);
        sch.q.qlen--;
        if (q.qdisc === null) return deliver(skb, sch);
        inner_enqueue(skb, sch, q);
        continue;
      }
    }
    if (q.qdisc !== null) {
      const skb = q.qdisc.dequeue(q.qdisc);
      if (skb !== null) {
        sch.q.qlen--;
        return deliver(skb, sch);
      }
    }
    if (first !== null) qdisc_watchdog_schedule_ns(q.watchdog, time_to_send);
    return null;
  }
}

/** A packet whose delay is over goes to the inner qdisc. @notrace */
function inner_enqueue(skb: sk_buff, sch: Qdisc, q: netem_sched_data): void {
  const inner = q.qdisc as Qdisc;
  const dropped = { head: null, reason: 0 } as skb_to_free;
  const len = qdisc_pkt_len(skb);
  const err = qdisc_enqueue(skb, inner, dropped) & 0xffff;
  if (dropped.head !== null) kfree_skb_list(dropped.head);
  if (err === NET_XMIT_SUCCESS) {
    sch.q.qlen++;
    return;
  }
  sch.qstats.drops++;
  sch.qstats.backlog -= len;
}

function tfifo_reset(q: netem_sched_data): void {
  const first = q.t.next;
  q.t.next = q.t.prev = null;
  q.t.qlen = 0;
  kfree_skb_list(first);
}

export function netem_reset(sch: Qdisc): void {
  const q = qdisc_priv<netem_sched_data>(sch);
  const first = sch.q.next;
  sch.q.next = sch.q.prev = null;
  sch.q.qlen = 0;
  kfree_skb_list(first);
  tfifo_reset(q);
  if (q.qdisc !== null) qdisc_reset(q.qdisc);
  qdisc_watchdog_cancel(q.watchdog);
}

/** @notrace */
function bad_probability(value: number): bool {
  return !(value >= 0 && value <= 1);
}

export function netem_change(sch: Qdisc, option: unknown): int {
  if (option === null) return -EINVAL;
  const opt = option as tc_netem_qopt;
  const probabilities = [
    opt.loss,
    opt.duplicate,
    opt.reorder,
    opt.corrupt,
    opt.delay_corr,
    opt.loss_corr,
    opt.dup_corr,
    opt.reorder_corr,
    opt.corrupt_corr,
    ...(opt.gemodel ?? []),
  ];
  if (probabilities.some(bad_probability) || opt.latency < 0 || opt.jitter < 0 || opt.rate < 0 || opt.limit < 0) {
    return -EINVAL;
  }
  const q = qdisc_priv<netem_sched_data>(sch);
  q.opt = Object.assign(new tc_netem_qopt(), opt);
  // Overtaking asked for without a gap: every packet may.
  if (q.opt.reorder > 0 && q.opt.gap === 0) q.opt.gap = 1;
  if (q.opt.gap > 0 && q.opt.reorder === 0) q.opt.reorder = 1;
  q.delay_cor.rho = scaled(opt.delay_corr);
  q.loss_cor.rho = scaled(opt.loss_corr);
  q.dup_cor.rho = scaled(opt.dup_corr);
  q.reorder_cor.rho = scaled(opt.reorder_corr);
  q.corrupt_cor.rho = scaled(opt.corrupt_corr);
  q.bad = false;
  sch.limit = opt.limit;
  return 0;
}

export function netem_init(sch: Qdisc, opt: unknown): int {
  if (opt === null) return -EINVAL;
  sch.privdata = new netem_sched_data(qdisc_watchdog_init(sch));
  return netem_change(sch, opt);
}

export function netem_destroy(sch: Qdisc): void {
  const q = qdisc_priv<netem_sched_data>(sch);
  qdisc_watchdog_cancel(q.watchdog);
  qdisc_put(q.qdisc);
}

export function netem_graft(sch: Qdisc, put: Qdisc | null): Qdisc | null {
  const q = qdisc_priv<netem_sched_data>(sch);
  const old = q.qdisc;
  q.qdisc = put;
  return old;
}

export function netem_leaf(sch: Qdisc): Qdisc | null {
  return qdisc_priv<netem_sched_data>(sch).qdisc;
}

/** A time as tc prints it. @param ns nanoseconds @notrace */
function time_text(ns: number): string {
  if (ns >= 1e9) return `${+(ns / 1e9).toPrecision(3)}s`;
  if (ns >= 1e6) return `${+(ns / 1e6).toPrecision(3)}ms`;
  return `${+(ns / 1e3).toPrecision(3)}us`;
}

/** @notrace */
function percent(p: number, corr: number): string {
  return `${+(p * 100).toPrecision(6)}%${corr > 0 ? ` ${+(corr * 100).toPrecision(6)}%` : ''}`;
}

/** A rate as tc prints it. @param rate bytes a second */
export function rate_text(rate: number): string {
  const bits = rate * 8;
  const units: [number, string][] = [
    [1e12, 'Tbit'],
    [1e9, 'Gbit'],
    [1e6, 'Mbit'],
    [1e3, 'Kbit'],
  ];
  for (const [size, unit] of units) if (bits >= size && bits % (size / 1000) === 0) return `${bits / size}${unit}`;
  return `${bits}bit`;
}

export function netem_dump(sch: Qdisc): string {
  const { opt } = qdisc_priv<netem_sched_data>(sch);
  let text = `limit ${opt.limit}`;
  if (opt.latency !== 0) {
    text += ` delay ${time_text(opt.latency)}`;
    if (opt.jitter !== 0)
      text += `  ${time_text(opt.jitter)}${opt.delay_corr > 0 ? ` ${+(opt.delay_corr * 100).toPrecision(6)}%` : ''}`;
  }
  if (opt.loss > 0) text += ` loss ${percent(opt.loss, opt.loss_corr)}`;
  if (opt.gemodel !== null) {
    const [p, r, h, k1] = opt.gemodel;
    text += ` loss gemodel p ${percent(p, 0)} r ${percent(r, 0)} 1-h ${percent(h, 0)} 1-k ${percent(k1, 0)}`;
  }
  if (opt.duplicate > 0) text += ` duplicate ${percent(opt.duplicate, opt.dup_corr)}`;
  if (opt.reorder > 0) text += ` reorder ${percent(opt.reorder, opt.reorder_corr)}`;
  if (opt.corrupt > 0) text += ` corrupt ${percent(opt.corrupt, opt.corrupt_corr)}`;
  if (opt.rate !== 0) text += ` rate ${rate_text(opt.rate)}`;
  if (opt.ecn) text += ' ecn ';
  if (opt.gap !== 0) text += ` gap ${opt.gap}`;
  return text;
}

export const netem_qdisc_ops: Qdisc_ops = {
  id: 'netem',
  enqueue: netem_enqueue,
  dequeue: netem_dequeue,
  peek: qdisc_peek_dequeued,
  init: netem_init,
  reset: netem_reset,
  destroy: netem_destroy,
  change: netem_change,
  leaf: netem_leaf,
  graft: netem_graft,
  dump: netem_dump,
};

/** Boot. */
export function netem_module_init(kernel: Kernel): int {
  return register_qdisc(kernel, netem_qdisc_ops);
}
