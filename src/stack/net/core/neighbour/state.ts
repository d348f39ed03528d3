// The states of a neighbour and its timer (net/core/neighbour.c; RFC 4861 section 7.3.2 names the states).

import { ENETDOWN } from '../../../include/linux/errno.js';
import { jiffies } from '../../../include/linux/jiffies.js';
import type { timer_list } from '../../../include/linux/timer.js';
import type { bool, int, ulong } from '../../../include/linux/types.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { __skb_dequeue, __skb_queue_tail, skb_peek } from '../../../include/linux/skbuff.js';
import {
  SKB_DROP_REASON_NEIGH_CREATEFAIL,
  SKB_DROP_REASON_NEIGH_DEAD,
  SKB_DROP_REASON_NEIGH_FAILED,
  SKB_DROP_REASON_NEIGH_QUEUEFULL,
} from '../../../include/net/dropreason.js';
import {
  NEIGH_VAR,
  NEIGH_VAR_APP_PROBES,
  NEIGH_VAR_DELAY_PROBE_TIME,
  NEIGH_VAR_MCAST_PROBES,
  NEIGH_VAR_MCAST_REPROBES,
  NEIGH_VAR_QUEUE_LEN_BYTES,
  NEIGH_VAR_RETRANS_TIME,
  NEIGH_VAR_UCAST_PROBES,
  NUD_CONNECTED,
  NUD_DELAY,
  NUD_FAILED,
  NUD_INCOMPLETE,
  NUD_IN_TIMER,
  NUD_PROBE,
  NUD_REACHABLE,
  NUD_STALE,
  neigh_hold,
  neigh_release,
  type neighbour,
} from '../../../include/net/neighbour.js';
import {
  trace_neigh_event_send_dead,
  trace_neigh_event_send_done,
  trace_neigh_timer_handler,
} from '../../../include/trace/events/neigh.js';
import { mod_timer } from '../../../kernel/time/timer.js';
import { skb_clone, kfree_skb_reason, consume_skb } from '../skbuff.js';

export function neigh_blackhole(_neigh: neighbour, skb: sk_buff): int {
  kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_CREATEFAIL);
  return -ENETDOWN;
}

/** Arms the entry's timer, which holds a reference. */
export function neigh_add_timer(n: neighbour, when: ulong): void {
  neigh_hold(n);
  mod_timer(n.timer, when);
}

/** The neighbour's address is in doubt: sends go through the full output(). */
export function neigh_suspect(neigh: neighbour): void {
  neigh.output = neigh.ops.output;
}

/** The neighbour is known to be there: sends take the short way. */
export function neigh_connect(neigh: neighbour): void {
  neigh.output = neigh.ops.connected_output;
}

/** @returns how many questions may be asked in all */
export function neigh_max_probes(n: neighbour): int {
  const p = n.parms;
  return (
    NEIGH_VAR(p, NEIGH_VAR_UCAST_PROBES) +
    NEIGH_VAR(p, NEIGH_VAR_APP_PROBES) +
    ((n.nud_state & NUD_PROBE) !== 0 ? NEIGH_VAR(p, NEIGH_VAR_MCAST_REPROBES) : NEIGH_VAR(p, NEIGH_VAR_MCAST_PROBES))
  );
}

/** Nobody answered: the packets that waited are given up, one by one, with an error to their senders. */
export function neigh_invalidate(neigh: neighbour): void {
  neigh.tbl.stats.res_failed++;
  neigh.updated = jiffies(neigh.tbl.kernel);
  while (neigh.nud_state === NUD_FAILED) {
    const skb = __skb_dequeue(neigh.arp_queue);
    if (skb === null) break;
    if (neigh.ops.error_report !== null) neigh.ops.error_report(neigh, skb);
    else kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_FAILED);
  }
  let skb: sk_buff | null;
  while ((skb = __skb_dequeue(neigh.arp_queue)) !== null) kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_FAILED);
  neigh.arp_queue_len_bytes = 0;
}

/** Asks for the neighbour's address, with a waiting packet at hand as a hint for the source. */
export function neigh_probe(neigh: neighbour): void {
  const waiting = skb_peek(neigh.arp_queue);
  const skb = waiting === null ? null : skb_clone(waiting, 0);
  if (neigh.ops.solicit !== null) neigh.ops.solicit(neigh, skb);
  neigh.probes++;
  consume_skb(skb);
}

/** The entry's timer: reachable grows stale, delayed is probed, a probe without answer is repeated or fails. */
export function neigh_timer_handler(timer: timer_list): void {
  const neigh = timer.owner as neighbour;
  const { kernel } = neigh.tbl;
  const now = jiffies(kernel);
  const delay = NEIGH_VAR(neigh.parms, NEIGH_VAR_DELAY_PROBE_TIME);
  let next = now + kernel.HZ;
  const state = neigh.nud_state;
  if ((state & NUD_IN_TIMER) !== 0) {
    if (state === NUD_REACHABLE) {
      if (now <= neigh.confirmed + neigh.parms.reachable_time) {
        next = neigh.confirmed + neigh.parms.reachable_time;
      } else if (now <= neigh.used + delay) {
        neigh.nud_state = NUD_DELAY;
        neigh.updated = now;
        neigh_suspect(neigh);
        next = now + delay;
      } else {
        neigh.nud_state = NUD_STALE;
        neigh.updated = now;
        neigh_suspect(neigh);
      }
    } else if (state === NUD_DELAY) {
      if (now <= neigh.confirmed + delay) {
        neigh.nud_state = NUD_REACHABLE;
        neigh.updated = now;
        neigh_connect(neigh);
        next = neigh.confirmed + neigh.parms.reachable_time;
      } else {
        neigh.nud_state = NUD_PROBE;
        neigh.updated = now;
        neigh.probes = 0;
        next = now + NEIGH_VAR(neigh.parms, NEIGH_VAR_RETRANS_TIME);
      }
    } else {
      next = now + NEIGH_VAR(neigh.parms, NEIGH_VAR_RETRANS_TIME);
    }
    if ((neigh.nud_state & (NUD_INCOMPLETE | NUD_PROBE)) !== 0 && neigh.probes >= neigh_max_probes(neigh)) {
      neigh.nud_state = NUD_FAILED;
      neigh_invalidate(neigh);
    } else {
      if ((neigh.nud_state & NUD_IN_TIMER) !== 0) {
        if (next < now + kernel.HZ / 100) next = now + kernel.HZ / 100;
        if (mod_timer(neigh.timer, next) === 0) neigh_hold(neigh);
      }
      if ((neigh.nud_state & (NUD_INCOMPLETE | NUD_PROBE)) !== 0) neigh_probe(neigh);
    }
  }
  trace_neigh_timer_handler(neigh, 0);
  neigh_release(neigh);
}

/**
 * A packet is to go to a neighbour whose address is not known, or no longer certain.
 * @param skb is queued while the address is asked for
 * @param immediate_ok whether the question may go out at once
 * @returns 0: send it now; 1: it was queued or dropped
 * @EXPORT_SYMBOL
 */
export function __neigh_event_send(neigh: neighbour, skb: sk_buff | null, immediate_ok: bool): int {
  let rc = 0;
  const { kernel } = neigh.tbl;
  let immediate_probe = false;
  if ((neigh.nud_state & (NUD_CONNECTED | NUD_DELAY | NUD_PROBE)) !== 0) return 0;
  if (neigh.dead !== 0) {
    if ((neigh.nud_state & NUD_STALE) !== 0) return 0;
    if (skb !== null) kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_DEAD);
    trace_neigh_event_send_dead(neigh, 1);
    return 1;
  }
  const now = jiffies(kernel);
  if ((neigh.nud_state & (NUD_STALE | NUD_INCOMPLETE)) === 0) {
    if (NEIGH_VAR(neigh.parms, NEIGH_VAR_MCAST_PROBES) + NEIGH_VAR(neigh.parms, NEIGH_VAR_APP_PROBES) !== 0) {
      neigh.probes = NEIGH_VAR(neigh.parms, NEIGH_VAR_UCAST_PROBES);
      neigh.nud_state = NUD_INCOMPLETE;
      neigh.updated = now;
      let next = now + 1;
      if (immediate_ok) {
        immediate_probe = true;
        next = now + Math.max(NEIGH_VAR(neigh.parms, NEIGH_VAR_RETRANS_TIME), kernel.HZ / 100);
      }
      neigh_add_timer(neigh, next);
    } else {
      neigh.nud_state = NUD_FAILED;
      neigh.updated = now;
      if (skb !== null) kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_FAILED);
      return 1;
    }
  } else if ((neigh.nud_state & NUD_STALE) !== 0) {
    neigh.nud_state = NUD_DELAY;
    neigh.updated = now;
    neigh_add_timer(neigh, now + NEIGH_VAR(neigh.parms, NEIGH_VAR_DELAY_PROBE_TIME));
  }
  if (neigh.nud_state === NUD_INCOMPLETE) {
    if (skb !== null) neigh_queue_packet(neigh, skb);
    rc = 1;
  }
  if (immediate_probe) neigh_probe(neigh);
  trace_neigh_event_send_done(neigh, rc);
  return rc;
}

/** The packet waits for the answer; the oldest ones make room for it. @notrace */
function neigh_queue_packet(neigh: neighbour, skb: sk_buff): void {
  const limit = NEIGH_VAR(neigh.parms, NEIGH_VAR_QUEUE_LEN_BYTES);
  while (neigh.arp_queue_len_bytes + skb.truesize > limit) {
    const old = __skb_dequeue(neigh.arp_queue);
    if (old === null) break;
    neigh.arp_queue_len_bytes -= old.truesize;
    neigh.tbl.stats.unres_discards++;
    kfree_skb_reason(old, SKB_DROP_REASON_NEIGH_QUEUEFULL);
  }
  __skb_queue_tail(neigh.arp_queue, skb);
  neigh.arp_queue_len_bytes += skb.truesize;
}
