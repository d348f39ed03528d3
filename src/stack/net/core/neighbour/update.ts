// A neighbour's address is learnt, confirmed or set (net/core/neighbour.c: neigh_update).

import { EINVAL, EPERM } from '../../../include/linux/errno.js';
import { jiffies } from '../../../include/linux/jiffies.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { __skb_dequeue, skb_dst } from '../../../include/linux/skbuff.js';
import { dst_neigh_lookup_skb } from '../../../include/net/dst.js';
import type { __be32, int, u32, u8 } from '../../../include/linux/types.js';
import {
  NEIGH_UPDATE_F_ADMIN,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_UPDATE_F_WEAK_OVERRIDE,
  NEIGH_VAR,
  NEIGH_VAR_BASE_REACHABLE_TIME,
  NUD_CONNECTED,
  NUD_FAILED,
  NUD_INCOMPLETE,
  NUD_IN_TIMER,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_PROBE,
  NUD_REACHABLE,
  NUD_STALE,
  NUD_VALID,
  neigh_release,
  type neigh_table,
  type neighbour,
} from '../../../include/net/neighbour.js';
import { trace_neigh_update, trace_neigh_update_done } from '../../../include/trace/events/neigh.js';
import { neigh_add_timer, neigh_connect, neigh_invalidate, neigh_suspect } from './state.js';
import { __neigh_create, neigh_del_timer, neigh_lookup } from './table.js';

/** Makes the cached link-layer header anew. */
export function neigh_update_hhs(neigh: neighbour): void {
  const update = neigh.dev.header_ops?.cache_update;
  if (update !== undefined && neigh.hh.hh_len !== 0) update(neigh.hh, neigh.dev, neigh.ha);
}

/** @notrace */
function same_address(a: Uint8Array, b: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function __neigh_update(neigh: neighbour, lladdr: Uint8Array | null, new_: u8, flags: u32, nlmsg_pid: u32): int {
  trace_neigh_update(neigh, lladdr, new_, flags, nlmsg_pid);
  const err = neigh_do_update(neigh, lladdr, new_, flags);
  trace_neigh_update_done(neigh, err);
  return err;
}

/** @notrace */
function neigh_do_update(neigh: neighbour, lladdr: Uint8Array | null, new_: u8, flags: u32): int {
  const { dev } = neigh;
  const { kernel } = neigh.tbl;
  const old = neigh.nud_state;
  const now = jiffies(kernel);
  if (neigh.dead !== 0) return -EINVAL;
  if ((flags & NEIGH_UPDATE_F_ADMIN) === 0 && (old & (NUD_NOARP | NUD_PERMANENT)) !== 0) return -EPERM;

  if ((new_ & NUD_VALID) === 0) {
    neigh_del_timer(neigh);
    if ((old & NUD_CONNECTED) !== 0) neigh_suspect(neigh);
    neigh.nud_state = new_;
    if ((old & (NUD_INCOMPLETE | NUD_PROBE)) !== 0 && (new_ & NUD_FAILED) !== 0) neigh_invalidate(neigh);
    return 0;
  }

  let address: Uint8Array;
  if (dev.addr_len === 0) {
    address = neigh.ha;
  } else if (lladdr !== null) {
    // The same address again: keep the object, so that nothing is made anew below.
    address = (old & NUD_VALID) !== 0 && same_address(lladdr, neigh.ha, dev.addr_len) ? neigh.ha : lladdr;
  } else {
    if ((old & NUD_VALID) === 0) return -EINVAL;
    address = neigh.ha;
  }

  if ((new_ & NUD_CONNECTED) !== 0) neigh.confirmed = now;

  // An address that differs replaces the old one only where the caller says so; else the doubt is noted.
  let state = new_;
  let apply = address;
  if ((old & NUD_VALID) !== 0) {
    if (address !== neigh.ha && (flags & NEIGH_UPDATE_F_OVERRIDE) === 0) {
      if ((flags & NEIGH_UPDATE_F_WEAK_OVERRIDE) !== 0 && (old & NUD_CONNECTED) !== 0) {
        apply = neigh.ha;
        state = NUD_STALE;
      } else {
        return 0;
      }
    } else if (
      address === neigh.ha &&
      new_ === NUD_STALE &&
      (flags & NEIGH_UPDATE_F_ADMIN) === 0 &&
      ((flags & NEIGH_UPDATE_F_WEAK_OVERRIDE) !== 0 || (old & NUD_CONNECTED) !== 0)
    ) {
      state = old;
    }
  }

  if (state !== old || apply !== neigh.ha) neigh.updated = now;
  if (state !== old) {
    neigh_del_timer(neigh);
    if ((state & NUD_PROBE) !== 0) neigh.probes = 0;
    if ((state & NUD_IN_TIMER) !== 0) {
      neigh_add_timer(neigh, now + ((state & NUD_REACHABLE) !== 0 ? neigh.parms.reachable_time : 0));
    }
    neigh.nud_state = state;
  }
  if (apply !== neigh.ha) {
    neigh.ha.set(apply.subarray(0, dev.addr_len));
    neigh_update_hhs(neigh);
    if ((state & NUD_CONNECTED) === 0) {
      neigh.confirmed = now - 2 * NEIGH_VAR(neigh.parms, NEIGH_VAR_BASE_REACHABLE_TIME);
    }
  }
  if (state === old) return 0;
  if ((state & NUD_CONNECTED) !== 0) neigh_connect(neigh);
  else neigh_suspect(neigh);
  if ((old & NUD_VALID) === 0) neigh_send_queued(neigh);
  return 0;
}

/** The address is known now: what waited for it is sent. @notrace */
function neigh_send_queued(neigh: neighbour): void {
  let skb: sk_buff | null;
  while ((neigh.nud_state & NUD_VALID) !== 0 && (skb = __skb_dequeue(neigh.arp_queue)) !== null) {
    // The packet's own neighbour may be another by now (a route that changed).
    const dst = skb_dst(skb);
    let n2: neighbour | null = null;
    if (dst !== null && dst.obsolete !== 2) n2 = dst_neigh_lookup_skb(dst, skb);
    const n1 = n2 ?? neigh;
    n1.output(n1, skb);
    if (n2 !== null) neigh_release(n2);
  }
  neigh.arp_queue_len_bytes = 0;
}

/**
 * @param lladdr dev.addr_len bytes, or null to keep the one known
 * @param new_ NUD_*
 * @param flags NEIGH_UPDATE_F_*
 * @returns 0 or a negative errno
 * @EXPORT_SYMBOL
 */
export function neigh_update(neigh: neighbour, lladdr: Uint8Array | null, new_: u8, flags: u32, nlmsg_pid: u32): int {
  return __neigh_update(neigh, lladdr, new_, flags, nlmsg_pid);
}

/** A packet from that address came in: the entry for it, found or made, with a reference. @EXPORT_SYMBOL */
export function neigh_event_ns(tbl: neigh_table, lladdr: Uint8Array, saddr: __be32, dev: net_device): neighbour | null {
  const known = neigh_lookup(tbl, saddr, dev);
  const neigh = known ?? (dev.addr_len > 0 ? __neigh_create(tbl, saddr, dev, true) : null);
  if (neigh !== null) neigh_update(neigh, lladdr, NUD_STALE, NEIGH_UPDATE_F_OVERRIDE, 0);
  return neigh;
}
