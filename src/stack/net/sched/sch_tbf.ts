// Token bucket filter (net/sched/sch_tbf.c; tc-tbf(8)): a rate, a burst, and a second, smaller bucket for the peak.
// Tokens are counted as the time that the bytes take, in ns.

import { EINVAL } from '../../include/linux/errno.js';
import { NET_XMIT_SUCCESS } from '../../include/linux/netdevice.js';
import type { sk_buff } from '../../include/linux/skbuff/struct.js';
import type { int, s64, u32, u64 } from '../../include/linux/types.js';
import {
  qdisc_bstats_update,
  qdisc_drop,
  qdisc_enqueue,
  qdisc_kernel,
  qdisc_peek_dequeued,
  qdisc_pkt_len,
  qdisc_priv,
  qdisc_qstats_backlog_dec,
  qdisc_qstats_overlimit,
  qdisc_dequeue_peeked,
} from '../../include/net/sch_generic.js';
import type { Qdisc, Qdisc_ops, skb_to_free } from '../../include/net/sch_generic.js';
import { qdisc_watchdog_cancel, qdisc_watchdog_init, qdisc_watchdog_schedule_ns, register_qdisc } from './sch_api.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { qdisc_watchdog_state } from './sch_api.js';
import { bfifo_qdisc_ops, fifo_create_dflt } from './sch_fifo.js';
import { qdisc_put, qdisc_reset } from './sch_generic.js';
import { rate_text } from './sch_netem.js';

/** Configuration. Rates in bytes a second, sizes in bytes. */
export class tc_tbf_qopt {
  rate: u64 = 0;
  burst: u32 = 0;
  /** Bytes that may wait; or `latency`, the ns that a packet may wait at most. */
  limit: u32 = 0;
  latency: u64 = 0;
  peakrate: u64 = 0;
  /** The peak's bucket: the MTU of the device at least. */
  mtu: u32 = 0;
}

class tbf_sched_data {
  opt: tc_tbf_qopt = new tc_tbf_qopt();
  /** ns of tokens at most, and now */
  buffer: s64 = 0;
  mtu: s64 = 0;
  tokens: s64 = 0;
  ptokens: s64 = 0;
  /** ns since boot of the last look at the buckets */
  t_c: s64 = 0;
  max_size: u32 = 0;
  qdisc: Qdisc | null = null;
  readonly watchdog: qdisc_watchdog_state;

  constructor(watchdog: qdisc_watchdog_state) {
    this.watchdog = watchdog;
  }
}

/** ns that bytes take at a rate. @notrace */
function psched_l2t_ns(rate: u64, len: u64): u64 {
  return Math.floor((len * 1e9) / rate);
}

export function tbf_enqueue(skb: sk_buff, sch: Qdisc, to_free: skb_to_free): int {
  const q = qdisc_priv<tbf_sched_data>(sch);
  const len = qdisc_pkt_len(skb);
  if (len > q.max_size) return qdisc_drop(skb, sch, to_free);
  const ret = qdisc_enqueue(skb, q.qdisc as Qdisc, to_free);
  if (ret !== NET_XMIT_SUCCESS) {
    sch.qstats.drops++;
    return ret;
  }
  sch.qstats.backlog += len;
  sch.q.qlen++;
  return NET_XMIT_SUCCESS;
}

export function tbf_dequeue(sch: Qdisc): sk_buff | null {
  const q = qdisc_priv<tbf_sched_data>(sch);
  const inner = q.qdisc as Qdisc;
  const skb = inner.ops.peek(inner);
  if (skb === null) return null;
  const len = qdisc_pkt_len(skb);
  const now = qdisc_kernel(sch).now;
  const elapsed = Math.min(now - q.t_c, q.buffer);
  let ptoks = 0;
  if (q.opt.peakrate !== 0) {
    ptoks = Math.min(elapsed + q.ptokens, q.mtu) - psched_l2t_ns(q.opt.peakrate, len);
  }
  const toks = Math.min(elapsed + q.tokens, q.buffer) - psched_l2t_ns(q.opt.rate, len);
  if (toks >= 0 && ptoks >= 0) {
    const out = qdisc_dequeue_peeked(inner);
    if (out === null) return null;
    q.t_c = now;
    q.tokens = toks;
    q.ptokens = ptoks;
    qdisc_qstats_backlog_dec(sch, out);
    sch.q.qlen--;
    qdisc_bstats_update(sch, out);
    return out;
  }
  qdisc_watchdog_schedule_ns(q.watchdog, now + Math.max(-toks, -ptoks));
  qdisc_qstats_overlimit(sch);
  return null;
}

export function tbf_reset(sch: Qdisc): void {
  const q = qdisc_priv<tbf_sched_data>(sch);
  if (q.qdisc !== null) qdisc_reset(q.qdisc);
  q.t_c = qdisc_kernel(sch).now;
  q.tokens = q.buffer;
  q.ptokens = q.mtu;
  qdisc_watchdog_cancel(q.watchdog);
}

export function tbf_change(sch: Qdisc, option: unknown): int {
  if (option === null) return -EINVAL;
  const opt = Object.assign(new tc_tbf_qopt(), option as tc_tbf_qopt);
  if (!(opt.rate > 0) || !(opt.burst > 0) || opt.peakrate < 0) return -EINVAL;
  if (opt.peakrate !== 0 && (opt.peakrate <= opt.rate || !(opt.mtu > 0))) return -EINVAL;
  if (opt.limit === 0 && opt.latency > 0) opt.limit = Math.floor((opt.rate * opt.latency) / 1e9) + opt.burst;
  if (!(opt.limit > 0)) return -EINVAL;
  const q = qdisc_priv<tbf_sched_data>(sch);
  if (q.qdisc === null) q.qdisc = fifo_create_dflt(sch, bfifo_qdisc_ops, opt.limit);
  else if (q.qdisc.ops === bfifo_qdisc_ops) q.qdisc.limit = opt.limit;
  q.opt = opt;
  q.buffer = psched_l2t_ns(opt.rate, opt.burst);
  q.mtu = opt.peakrate !== 0 ? psched_l2t_ns(opt.peakrate, opt.mtu) : 0;
  q.max_size = opt.peakrate !== 0 ? Math.min(opt.burst, opt.mtu) : opt.burst;
  q.tokens = q.buffer;
  q.ptokens = q.mtu;
  return 0;
}

export function tbf_init(sch: Qdisc, opt: unknown): int {
  const q = new tbf_sched_data(qdisc_watchdog_init(sch));
  sch.privdata = q;
  q.t_c = qdisc_kernel(sch).now;
  return tbf_change(sch, opt);
}

export function tbf_destroy(sch: Qdisc): void {
  const q = qdisc_priv<tbf_sched_data>(sch);
  qdisc_watchdog_cancel(q.watchdog);
  qdisc_put(q.qdisc);
}

export function tbf_graft(sch: Qdisc, put: Qdisc | null): Qdisc | null {
  const q = qdisc_priv<tbf_sched_data>(sch);
  const old = q.qdisc;
  q.qdisc = put ?? fifo_create_dflt(sch, bfifo_qdisc_ops, q.opt.limit);
  sch.q.qlen = 0;
  sch.qstats.backlog = 0;
  return old;
}

export function tbf_leaf(sch: Qdisc): Qdisc | null {
  return qdisc_priv<tbf_sched_data>(sch).qdisc;
}

export function tbf_dump(sch: Qdisc): string {
  const { opt } = qdisc_priv<tbf_sched_data>(sch);
  const peak = opt.peakrate !== 0 ? ` peakrate ${rate_text(opt.peakrate)} minburst ${opt.mtu}b` : '';
  const lat = +(((opt.limit - opt.burst) / opt.rate) * 1e3).toPrecision(3);
  return `rate ${rate_text(opt.rate)} burst ${opt.burst}b${peak} lat ${Math.max(0, lat)}ms`;
}

export const tbf_qdisc_ops: Qdisc_ops = {
  id: 'tbf',
  enqueue: tbf_enqueue,
  dequeue: tbf_dequeue,
  peek: qdisc_peek_dequeued,
  init: tbf_init,
  reset: tbf_reset,
  destroy: tbf_destroy,
  change: tbf_change,
  leaf: tbf_leaf,
  graft: tbf_graft,
  dump: tbf_dump,
};

/** Boot. */
export function tbf_module_init(kernel: Kernel): int {
  return register_qdisc(kernel, tbf_qdisc_ops);
}
