// Tables of neighbours: entries made, found, freed, and the garbage collection (net/core/neighbour.c).

import { IFF_LOOPBACK } from '../../../include/linux/if.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import { dev_net } from '../../../include/linux/netdevice.js';
import { jiffies, msecs_to_jiffies } from '../../../include/linux/jiffies.js';
import { get_random_u32_below } from '../../../include/linux/random.js';
import { timer_list } from '../../../include/linux/timer.js';
import type { __be32, bool, int } from '../../../include/linux/types.js';
import { __skb_queue_purge } from '../../../include/linux/skbuff.js';
import {
  NEIGH_VAR,
  NEIGH_VAR_BASE_REACHABLE_TIME,
  NEIGH_VAR_GC_STALETIME,
  NTF_EXT_LEARNED,
  NUD_FAILED,
  NUD_IN_TIMER,
  NUD_NOARP,
  NUD_NONE,
  NUD_PERMANENT,
  NUD_STALE,
  ___neigh_lookup_noref,
  neigh_hold,
  neigh_hashfn,
  neigh_parms,
  neigh_release,
  neighbour,
  type neigh_ops,
  type neigh_table,
} from '../../../include/net/neighbour.js';
import { trace_neigh_cleanup_and_release, trace_neigh_create } from '../../../include/trace/events/neigh.js';
import type { Kernel } from '../../../kernel/kernel.js';
import { mod_timer, timer_delete, timer_setup } from '../../../kernel/time/timer.js';
import { kfree_skb } from '../skbuff.js';
import { neigh_blackhole, neigh_timer_handler } from './state.js';
import { neigh_sysctl_register, neigh_sysctl_unregister } from './sysctl.js';

/** What an entry has until its protocol's constructor has set it up, and when it is dead. */
export const neigh_blackhole_ops: neigh_ops = {
  family: 0,
  solicit: null,
  error_report: null,
  output: neigh_blackhole,
  connected_output: neigh_blackhole,
};

/** @param base jiffies @returns jiffies, evenly between half and one and a half of it @EXPORT_SYMBOL */
export function neigh_rand_reach_time(kernel: Kernel, base: number): number {
  return base > 0 ? get_random_u32_below(kernel, base) + (base >>> 1) : 0;
}

/** @returns the entry with a reference, or null @EXPORT_SYMBOL */
export function neigh_lookup(tbl: neigh_table, pkey: __be32, dev: net_device): neighbour | null {
  tbl.stats.lookups++;
  const n = ___neigh_lookup_noref(tbl, pkey, dev);
  if (n !== null) {
    neigh_hold(n);
    tbl.stats.hits++;
  }
  return n;
}

export function neigh_alloc(
  tbl: neigh_table,
  dev: net_device,
  pkey: __be32,
  flags: number,
  exempt_from_gc: bool,
): neighbour | null {
  const now = jiffies(tbl.kernel);
  if (!exempt_from_gc) {
    tbl.gc_entries++;
    if (
      tbl.gc_entries > tbl.gc_thresh3 ||
      (tbl.gc_entries > tbl.gc_thresh2 && now > tbl.last_flush + 5 * tbl.kernel.HZ)
    ) {
      if (neigh_forced_gc(tbl) === 0 && tbl.gc_entries > tbl.gc_thresh3) {
        tbl.stats.table_fulls++;
        tbl.gc_entries--;
        return null;
      }
    }
  }
  const n = new neighbour(tbl, tbl.parms, dev, pkey, new timer_list(), neigh_blackhole_ops);
  n.updated = n.used = now;
  n.nud_state = NUD_NONE;
  n.flags = flags;
  n.on_gc_list = !exempt_from_gc;
  timer_setup(tbl.kernel, n.timer, neigh_timer_handler, 0, n);
  tbl.stats.allocs++;
  n.dead = 1;
  tbl.entries++;
  return n;
}

/** @returns the new entry, or the one that another made, or null where the table is full or refuses the key */
export function ___neigh_create(
  tbl: neigh_table,
  pkey: __be32,
  dev: net_device,
  flags: number,
  exempt_from_gc: bool,
  want_ref: bool,
): neighbour | null {
  const n = neigh_alloc(tbl, dev, pkey, flags, exempt_from_gc);
  trace_neigh_create(tbl, dev, pkey, n, exempt_from_gc);
  if (n === null) return null;
  if (tbl.constructor_ !== null && tbl.constructor_(n) < 0) {
    neigh_release(n);
    return null;
  }
  if (n.parms.neigh_setup !== null && n.parms.neigh_setup(n) < 0) {
    neigh_release(n);
    return null;
  }
  n.confirmed = jiffies(tbl.kernel) - 2 * NEIGH_VAR(n.parms, NEIGH_VAR_BASE_REACHABLE_TIME);
  // The constructor may have changed the key (point-to-point devices have one neighbour).
  const other = ___neigh_lookup_noref(tbl, n.primary_key, dev);
  if (other !== null) {
    if (want_ref) neigh_hold(other);
    neigh_release(n);
    return other;
  }
  n.dead = 0;
  if (want_ref) neigh_hold(n);
  tbl.nht.add(n);
  const hash_val = neigh_hashfn(dev, n.primary_key);
  n.hash = tbl.hash_heads[hash_val];
  tbl.hash_heads[hash_val] = n;
  return n;
}

/** @EXPORT_SYMBOL */
export function __neigh_create(tbl: neigh_table, pkey: __be32, dev: net_device, want_ref: bool): neighbour | null {
  return ___neigh_create(tbl, pkey, dev, 0, (dev.flags & IFF_LOOPBACK) !== 0, want_ref);
}

/** @EXPORT_SYMBOL */
export function neigh_create(tbl: neigh_table, pkey: __be32, dev: net_device): neighbour | null {
  return __neigh_create(tbl, pkey, dev, true);
}

export function neigh_mark_dead(n: neighbour): void {
  n.dead = 1;
  n.tbl.nht.delete(n);
  const heads = n.tbl.hash_heads;
  const hash_val = neigh_hashfn(n.dev, n.primary_key);
  let before = heads[hash_val];
  if (before === n) heads[hash_val] = n.hash;
  while (before !== null && before.hash !== n) before = before.hash;
  if (before !== null) before.hash = n.hash;
  n.hash = null;
}

export function neigh_del_timer(n: neighbour): int {
  if ((n.nud_state & NUD_IN_TIMER) !== 0 && timer_delete(n.timer) !== 0) {
    neigh_release(n);
    return 1;
  }
  return 0;
}

export function neigh_cleanup_and_release(n: neighbour): void {
  trace_neigh_cleanup_and_release(n, 0);
  neigh_release(n);
}

/** The last reference is gone. @EXPORT_SYMBOL */
export function neigh_destroy(n: neighbour): void {
  n.tbl.stats.destroys++;
  if (n.dead === 0) return;
  neigh_del_timer(n);
  __skb_queue_purge(n.arp_queue);
  n.arp_queue_len_bytes = 0;
  n.tbl.entries--;
  if (n.on_gc_list) n.tbl.gc_entries--;
}

/** Makes room: entries that nobody holds go, the oldest first. @returns how many went */
export function neigh_forced_gc(tbl: neigh_table): int {
  const max_clean = tbl.gc_entries - tbl.gc_thresh2;
  const tref = jiffies(tbl.kernel) - 5 * tbl.kernel.HZ;
  let shrunk = 0;
  tbl.stats.forced_gc_runs++;
  for (const n of [...tbl.nht]) {
    if (shrunk >= max_clean) break;
    if (!n.on_gc_list || n.refcnt !== 1) continue;
    const remove =
      n.nud_state === NUD_FAILED ||
      n.nud_state === NUD_NOARP ||
      n.tbl.is_multicast?.(n.primary_key) === 1 ||
      n.updated <= tref;
    if (remove && neigh_remove_one(n)) shrunk++;
  }
  tbl.last_flush = jiffies(tbl.kernel);
  return shrunk;
}

/** Takes an entry out of its table if nobody else holds it. */
export function neigh_remove_one(n: neighbour): bool {
  if (n.refcnt !== 1) return false;
  neigh_mark_dead(n);
  neigh_cleanup_and_release(n);
  return true;
}

/** The table's timer: stale entries that nobody used for gc_stale_time go. */
export function neigh_periodic_work(timer: timer_list): void {
  const tbl = timer.owner as neigh_table;
  const now = jiffies(tbl.kernel);
  tbl.stats.periodic_gc_runs++;
  if (now > tbl.last_rand + 300 * tbl.kernel.HZ) {
    tbl.last_rand = now;
    for (const p of tbl.parms_list) {
      p.reachable_time = neigh_rand_reach_time(tbl.kernel, NEIGH_VAR(p, NEIGH_VAR_BASE_REACHABLE_TIME));
    }
  }
  if (tbl.entries >= tbl.gc_thresh1) {
    for (const n of [...tbl.nht]) {
      if ((n.nud_state & (NUD_PERMANENT | NUD_IN_TIMER)) !== 0 || (n.flags & NTF_EXT_LEARNED) !== 0) continue;
      if (n.used < n.confirmed) n.used = n.confirmed;
      const unused = now > n.used + NEIGH_VAR(n.parms, NEIGH_VAR_GC_STALETIME);
      if (n.refcnt === 1 && (n.nud_state === NUD_FAILED || unused)) {
        neigh_mark_dead(n);
        neigh_cleanup_and_release(n);
      }
    }
  }
  mod_timer(tbl.gc_timer, now + NEIGH_VAR(tbl.parms, NEIGH_VAR_BASE_REACHABLE_TIME) / 2);
}

/** Empties the table for a device that went down or changed. @param skip_perm leaves permanent entries */
export function neigh_flush_dev(tbl: neigh_table, dev: net_device | null, skip_perm: bool): void {
  for (const n of [...tbl.nht]) {
    if (dev !== null && n.dev !== dev) continue;
    if (skip_perm && ((n.nud_state & NUD_PERMANENT) !== 0 || (n.flags & NTF_EXT_LEARNED) !== 0)) continue;
    neigh_mark_dead(n);
    neigh_del_timer(n);
    if (n.refcnt !== 1) {
      // Somebody still holds it: what it holds itself goes, and it sends nothing more.
      __skb_queue_purge(n.arp_queue);
      n.arp_queue_len_bytes = 0;
      n.output = neigh_blackhole;
      n.nud_state = (n.nud_state & (NUD_NOARP | NUD_PERMANENT)) !== 0 ? NUD_NOARP : NUD_NONE;
    }
    neigh_cleanup_and_release(n);
  }
}

/** @EXPORT_SYMBOL */
export function neigh_changeaddr(tbl: neigh_table, dev: net_device): void {
  neigh_flush_dev(tbl, dev, false);
}

/** @EXPORT_SYMBOL */
export function neigh_ifdown(tbl: neigh_table, dev: net_device): int {
  neigh_flush_dev(tbl, dev, false);
  pneigh_queue_purge(tbl, dev);
  return 0;
}

/** @EXPORT_SYMBOL */
export function neigh_carrier_down(tbl: neigh_table, dev: net_device): int {
  neigh_flush_dev(tbl, dev, true);
  return 0;
}

export function pneigh_queue_purge(tbl: neigh_table, dev: net_device | null): void {
  const list = tbl.proxy_queue;
  for (let skb = list.next; skb !== null;) {
    const next = skb.next;
    if (dev === null || skb.dev === dev) {
      skb.dev = null;
      kfree_skb(skb);
    }
    skb = next;
  }
  if (dev === null) timer_delete(tbl.proxy_timer);
}

/** The parameters of a device for this table, made from the defaults. @EXPORT_SYMBOL */
export function neigh_parms_alloc(dev: net_device, tbl: neigh_table): neigh_parms {
  const p = new neigh_parms(dev_net(dev));
  p.data = [...tbl.parms.data];
  p.tbl = tbl;
  p.dev = dev;
  p.reachable_time = neigh_rand_reach_time(tbl.kernel, NEIGH_VAR(p, NEIGH_VAR_BASE_REACHABLE_TIME));
  tbl.parms_list.push(p);
  neigh_sysctl_register(dev.name, p, tbl);
  return p;
}

/** @EXPORT_SYMBOL */
export function neigh_parms_release(tbl: neigh_table, parms: neigh_parms | null): void {
  if (parms === null || parms === tbl.parms) return;
  tbl.parms_list = tbl.parms_list.filter((p) => p !== parms);
  if (parms.dev !== null) neigh_sysctl_unregister(parms.dev.name, tbl);
  parms.dead = 1;
}

/** Begins the table's housekeeping. @EXPORT_SYMBOL */
export function neigh_table_init(tbl: neigh_table): void {
  const { kernel } = tbl;
  tbl.parms.tbl = tbl;
  tbl.parms_list = [tbl.parms];
  neigh_sysctl_register('default', tbl.parms, tbl);
  tbl.parms.reachable_time = neigh_rand_reach_time(kernel, NEIGH_VAR(tbl.parms, NEIGH_VAR_BASE_REACHABLE_TIME));
  timer_setup(kernel, tbl.gc_timer, neigh_periodic_work, 0, tbl);
  mod_timer(tbl.gc_timer, jiffies(kernel) + tbl.parms.reachable_time);
  tbl.last_flush = tbl.last_rand = jiffies(kernel);
  if (tbl.gc_interval === 0) tbl.gc_interval = msecs_to_jiffies(kernel, 30_000);
}

/** Takes an entry out by order of the user. @returns whether nobody else holds it now */
export function neigh_remove(n: neighbour): bool {
  if (n.nud_state === NUD_STALE) n.nud_state = NUD_NONE;
  const alone = n.refcnt === 1;
  neigh_mark_dead(n);
  neigh_del_timer(n);
  neigh_cleanup_and_release(n);
  return alone;
}
