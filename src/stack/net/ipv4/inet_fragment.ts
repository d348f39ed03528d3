// Reassembly apart from the protocol: queues by key, their limits and their runs of fragments (net/ipv4/inet_fragment.c).
// A queue keeps its fragments as runs: neighbours without a gap are one entry, chained by next_frag.

import {
  INET_FRAG_COMPLETE,
  INET_FRAG_DROP,
  INET_FRAG_HASH_DEAD,
  IPFRAG_ECN_CE,
  IPFRAG_ECN_NOT_ECT,
  IPFRAG_DUP,
  IPFRAG_OK,
  IPFRAG_OVERLAP,
  add_frag_mem_limit,
  fqdir,
  frag_mem_limit,
  sub_frag_mem_limit,
} from '../../include/net/inet_frag.js';
import type { inet_frag_queue, inet_frags } from '../../include/net/inet_frag.js';
import { INET_ECN_CE } from '../../include/net/inet_ecn.js';
import type { net } from '../../include/net/net_namespace.js';
import { SKB_DROP_REASON_FRAG_REASM_TIMEOUT, SKB_DROP_REASON_NOT_SPECIFIED } from '../../include/net/dropreason.js';
import { csum_add } from '../../include/net/checksum.js';
import {
  CHECKSUM_COMPLETE,
  CHECKSUM_NONE,
  GFP_ATOMIC,
  skb_has_frag_list,
  skb_linearize,
  skb_unclone,
} from '../../include/linux/skbuff.js';
import type { sk_buff, skb_cb_owner } from '../../include/linux/skbuff.js';
import {
  consume_skb,
  kfree_skb_partial,
  kfree_skb_reason,
  skb_clone,
  skb_morph,
  skb_push,
  skb_try_coalesce,
} from '../core/skbuff.js';
import type { skb_coalesce } from '../core/skbuff.js';
import { mod_timer, timer_delete } from '../../kernel/time/timer.js';
import { inet_frag_timer_setup } from './ip_fragment.js';
import type { bool, int } from '../../include/linux/types.js';

/** Notes on a fragment: the next of its run, and, of the run's first, the run's length. */
export class ipfrag_skb_cb implements skb_cb_owner<ipfrag_skb_cb> {
  next_frag: sk_buff | null = null;
  frag_run_len: int = 0;
  ip_defrag_offset: int = 0;

  reset(): void {
    this.next_frag = null;
    this.frag_run_len = 0;
    this.ip_defrag_offset = 0;
  }

  copy(from: ipfrag_skb_cb): void {
    this.next_frag = from.next_frag;
    this.frag_run_len = from.frag_run_len;
    this.ip_defrag_offset = from.ip_defrag_offset;
  }
}

/** @notrace */
export function FRAG_CB(skb: sk_buff): ipfrag_skb_cb {
  return (skb.fragcb ??= new ipfrag_skb_cb());
}

/**
 * The ECN field of the packet, by the fields seen in its fragments, as bits IPFRAG_ECN_* (RFC 3168 5.3): one that met
 * congestion marks the whole, and "not capable" beside congestion is no packet that a sender would make: 0xff, drop.
 */
export const ip_frag_ecn_table: readonly number[] = Array.from({ length: 16 }, (_, seen) => {
  if ((seen & IPFRAG_ECN_CE) === 0) return 0;
  if (seen === IPFRAG_ECN_CE) return 0;
  return (seen & IPFRAG_ECN_NOT_ECT) !== 0 ? 0xff : INET_ECN_CE;
});

/** @EXPORT_SYMBOL */
export function fqdir_init(f: inet_frags, net: net): fqdir {
  return new fqdir(f, net);
}

/** A run of one fragment. */
export function fragrun_create(q: inet_frag_queue, skb: sk_buff, at: int): void {
  const cb = FRAG_CB(skb);
  cb.next_frag = null;
  cb.frag_run_len = skb.len;
  q.rb_fragments.splice(at, 0, skb);
}

/** Appends to the last run. */
export function fragrun_append_to_last(q: inet_frag_queue, skb: sk_buff): void {
  FRAG_CB(skb).next_frag = null;
  FRAG_CB(q.last_run_head as sk_buff).frag_run_len += skb.len;
  FRAG_CB(q.fragments_tail as sk_buff).next_frag = skb;
  q.fragments_tail = skb;
}

/**
 * Puts a fragment in its place.
 * @param offset, end bytes of the packet's data
 * @returns IPFRAG_OK, IPFRAG_DUP: all of it is there already, IPFRAG_OVERLAP
 * @EXPORT_SYMBOL
 */
export function inet_frag_queue_insert(q: inet_frag_queue, skb: sk_buff, offset: int, end: int): int {
  const last = q.fragments_tail;
  FRAG_CB(skb).ip_defrag_offset = offset;
  // The usual case: fragments come in order.
  if (last === null) {
    fragrun_create(q, skb, 0);
    q.last_run_head = q.fragments_tail = skb;
    return IPFRAG_OK;
  }
  const last_end = FRAG_CB(last).ip_defrag_offset + last.len;
  if (last_end < end) {
    if (offset < last_end) return IPFRAG_OVERLAP;
    if (offset === last_end) fragrun_append_to_last(q, skb);
    else {
      fragrun_create(q, skb, q.rb_fragments.length);
      q.last_run_head = q.fragments_tail = skb;
    }
    return IPFRAG_OK;
  }
  let lo = 0;
  let hi = q.rb_fragments.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    const run = FRAG_CB(q.rb_fragments[mid]);
    const run_start = run.ip_defrag_offset;
    const run_end = run_start + run.frag_run_len;
    if (end <= run_start) hi = mid;
    else if (offset >= run_end) lo = mid + 1;
    else return offset >= run_start && end <= run_end ? IPFRAG_DUP : IPFRAG_OVERLAP;
  }
  // A gap is left on one side at least: it becomes a run of its own.
  fragrun_create(q, skb, lo);
  return IPFRAG_OK;
}

/** All fragments in order. @notrace */
function fragments_of(q: inet_frag_queue): sk_buff[] {
  const out: sk_buff[] = [];
  for (const run of q.rb_fragments) {
    for (let at: sk_buff | null = run; at !== null; at = FRAG_CB(at).next_frag) out.push(at);
  }
  return out;
}

/**
 * Makes `skb`, the fragment that came last, the head of the packet: it takes the first fragment's place.
 * @returns the fragments behind the head, in order; null for want of memory
 * @EXPORT_SYMBOL
 */
export function inet_frag_reasm_prepare(q: inet_frag_queue, skb: sk_buff, _parent: sk_buff | null): sk_buff[] | null {
  const frags = fragments_of(q);
  const head = frags[0];
  if (head !== skb) {
    const fp = skb_clone(skb, GFP_ATOMIC);
    if (fp === null) return null;
    frags[frags.indexOf(skb)] = fp;
    skb_morph(skb, head);
    frags[0] = skb;
    consume_skb(head);
  }
  let delta = -skb.truesize;
  if (skb_unclone(skb, GFP_ATOMIC) !== 0) return null;
  if (skb_has_frag_list(skb) && skb_linearize(skb) !== 0) return null;
  delta += skb.truesize;
  if (delta !== 0) add_frag_mem_limit(q.fqdir, delta);
  q.rb_fragments = [];
  q.fragments_tail = null;
  q.last_run_head = null;
  return frags.slice(1);
}

/** Chains the fragments behind the head. @EXPORT_SYMBOL */
export function inet_frag_reasm_finish(
  q: inet_frag_queue,
  head: sk_buff,
  reasm_data: sk_buff[],
  try_coalesce: bool,
): void {
  skb_push(head, head.data - head.network_header);
  let sum_truesize = head.truesize;
  let tail: sk_buff | null = null;
  const result: skb_coalesce = { fragstolen: false, delta: 0 };
  for (const fp of reasm_data) {
    sum_truesize += fp.truesize;
    if (head.ip_summed !== fp.ip_summed) head.ip_summed = CHECKSUM_NONE;
    else if (head.ip_summed === CHECKSUM_COMPLETE) head.csum = csum_add(head.csum, fp.csum);
    if (try_coalesce && tail === null && skb_try_coalesce(head, fp, result)) {
      kfree_skb_partial(fp, result.fragstolen);
      continue;
    }
    fp.prev = null;
    fp.next = null;
    fp.sk = null;
    if (tail === null) head.shinfo.frag_list = fp;
    else tail.next = fp;
    tail = fp;
    head.data_len += fp.len;
    head.len += fp.len;
    head.truesize += fp.truesize;
  }
  sub_frag_mem_limit(q.fqdir, sum_truesize);
  head.next = null;
  head.prev = null;
  head.tstamp = q.stamp;
}

/** Takes the first run's head out, for the message that time is up. @EXPORT_SYMBOL */
export function inet_frag_pull_head(q: inet_frag_queue): sk_buff | null {
  const head = q.rb_fragments[0];
  if (head === undefined) return null;
  const next = FRAG_CB(head).next_frag;
  if (next !== null) {
    FRAG_CB(next).frag_run_len = FRAG_CB(head).frag_run_len - head.len;
    q.rb_fragments[0] = next;
  } else q.rb_fragments.shift();
  if (q.fragments_tail === head) q.fragments_tail = null;
  sub_frag_mem_limit(q.fqdir, head.truesize);
  return head;
}

/** The queue takes no more: no timer, no place in the table. @EXPORT_SYMBOL */
export function inet_frag_kill(fq: inet_frag_queue, refs: { value: int }): void {
  if (fq.timer !== null && timer_delete(fq.timer) !== 0) refs.value++;
  if ((fq.flags & INET_FRAG_COMPLETE) !== 0) return;
  fq.flags |= INET_FRAG_COMPLETE;
  if (!fq.fqdir.dead) {
    fq.fqdir.rhashtable.delete(frag_key(fq));
    refs.value++;
  } else fq.flags |= INET_FRAG_HASH_DEAD;
}

/** The queue's fragments are given back. @returns bytes of truesize @EXPORT_SYMBOL */
export function inet_frag_rbtree_purge(q: inet_frag_queue, reason: int): int {
  let sum = 0;
  for (const skb of fragments_of(q)) {
    sum += skb.truesize;
    kfree_skb_reason(skb, reason);
  }
  q.rb_fragments = [];
  q.fragments_tail = null;
  q.last_run_head = null;
  return sum;
}

/** @EXPORT_SYMBOL */
export function inet_frag_destroy(q: inet_frag_queue): void {
  const dropped = (q.flags & INET_FRAG_DROP) !== 0;
  const reason = dropped ? SKB_DROP_REASON_FRAG_REASM_TIMEOUT : SKB_DROP_REASON_NOT_SPECIFIED;
  const sum = inet_frag_rbtree_purge(q, reason);
  sub_frag_mem_limit(q.fqdir, sum);
  if (q.fqdir.f.destructor !== null) q.fqdir.f.destructor(q);
}

/** Gives references back; with the last the queue ends. @notrace */
export function inet_frag_putn(q: inet_frag_queue, refs: int): void {
  if (refs > 0 && (q.refcnt -= refs) === 0) inet_frag_destroy(q);
}

/** Key of a queue in the table. @notrace */
export function frag_key(q: inet_frag_queue): string {
  const k = q.key.v4;
  return `${k.saddr},${k.daddr},${k.id},${k.protocol},${k.user},${k.vif}`;
}

/** Puts a new queue into the table, with its timer. */
export function inet_frag_create(fqdir: fqdir, q: inet_frag_queue): inet_frag_queue {
  inet_frag_timer_setup(q);
  // One reference is the table's, one the timer's.
  q.refcnt = 2;
  fqdir.rhashtable.set(frag_key(q), q);
  if (q.timer !== null) mod_timer(q.timer, fqdir.net.kernel.jiffies + fqdir.timeout);
  return q;
}

/** The queue of a key; made by `make` if there is none and the limits allow. @EXPORT_SYMBOL */
export function inet_frag_find(fqdir: fqdir, key: string, make: () => inet_frag_queue): inet_frag_queue | null {
  if (fqdir.high_thresh === 0 || frag_mem_limit(fqdir) > fqdir.high_thresh) return null;
  return fqdir.rhashtable.get(key) ?? inet_frag_create(fqdir, make());
}
