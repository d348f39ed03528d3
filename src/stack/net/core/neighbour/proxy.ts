// Addresses that this host answers for in another's place, and the delay before it does (net/core/neighbour.c).

import { jiffies } from '../../../include/linux/jiffies.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { __skb_queue_tail, __skb_unlink } from '../../../include/linux/skbuff.js';
import type { timer_list } from '../../../include/linux/timer.js';
import type { __be32, bool, int } from '../../../include/linux/types.js';
import { SKB_DROP_REASON_NEIGH_QUEUEFULL } from '../../../include/net/dropreason.js';
import {
  LOCALLY_ENQUEUED,
  NEIGH_CB,
  NEIGH_VAR,
  NEIGH_VAR_PROXY_DELAY,
  NEIGH_VAR_PROXY_QLEN,
  pneigh_entry,
  type neigh_parms,
  type neigh_table,
} from '../../../include/net/neighbour.js';
import type { net } from '../../../include/net/net_namespace.js';
import { get_random_u32_below } from '../../../include/linux/random.js';
import { mod_timer } from '../../../kernel/time/timer.js';
import { kfree_skb, kfree_skb_reason } from '../skbuff.js';

/** @param creat make it if it is not there @returns the entry, or null @EXPORT_SYMBOL */
export function pneigh_lookup(
  tbl: neigh_table,
  net: net,
  pkey: __be32,
  dev: net_device | null,
  creat: bool,
): pneigh_entry | null {
  for (const entry of tbl.phash) {
    if (entry.key === pkey && entry.net === net && (entry.dev === dev || entry.dev === null)) return entry;
  }
  if (!creat) return null;
  const entry = new pneigh_entry(net, pkey, dev);
  if (tbl.pconstructor !== null && tbl.pconstructor(entry) < 0) return null;
  tbl.phash.push(entry);
  return entry;
}

/** @returns 0, or a negative errno if there is none */
export function pneigh_delete(tbl: neigh_table, net: net, pkey: __be32, dev: net_device | null): int {
  const at = tbl.phash.findIndex((entry) => entry.key === pkey && entry.net === net && entry.dev === dev);
  if (at < 0) return -2;
  const [entry] = tbl.phash.splice(at, 1);
  tbl.pdestructor?.(entry);
  return 0;
}

/** Answers the questions whose delay is over. */
export function neigh_proxy_process(timer: timer_list): void {
  const tbl = timer.owner as neigh_table;
  const now = jiffies(tbl.kernel);
  let sched_next = 0;
  for (let skb = tbl.proxy_queue.next; skb !== null;) {
    const next: sk_buff | null = skb.next;
    const tdif = NEIGH_CB(skb).sched_next - now;
    if (tdif <= 0) {
      __skb_unlink(skb, tbl.proxy_queue);
      if (tbl.proxy_redo !== null) tbl.proxy_redo(skb);
      else kfree_skb(skb);
    } else if (sched_next === 0 || tdif < sched_next) {
      sched_next = tdif;
    }
    skb = next;
  }
  if (sched_next !== 0) mod_timer(tbl.proxy_timer, now + sched_next);
}

/** The answer is to wait a random part of the proxy delay. @EXPORT_SYMBOL */
export function pneigh_enqueue(tbl: neigh_table, p: neigh_parms, skb: sk_buff): void {
  const now = jiffies(tbl.kernel);
  if (p.qlen > NEIGH_VAR(p, NEIGH_VAR_PROXY_QLEN)) {
    kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_QUEUEFULL);
    return;
  }
  const sched_next = now + get_random_u32_below(tbl.kernel, Math.max(1, NEIGH_VAR(p, NEIGH_VAR_PROXY_DELAY)));
  NEIGH_CB(skb).sched_next = sched_next;
  NEIGH_CB(skb).flags |= LOCALLY_ENQUEUED;
  __skb_queue_tail(tbl.proxy_queue, skb);
  mod_timer(tbl.proxy_timer, sched_next);
}
