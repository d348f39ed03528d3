// The forwarding database: which address is behind which port (net/bridge/br_fdb.c).

import { EEXIST } from '../../include/linux/errno.js';
import { TIMER_DEFERRABLE } from '../../include/linux/timer.js';
import type { timer_list } from '../../include/linux/timer.js';
import { dev_kernel } from '../../include/linux/netdevice.js';
import type { int, ulong } from '../../include/linux/types.js';
import { mod_timer, timer_setup } from '../../kernel/time/timer.js';
import { BR_LEARNING, BR_STATE_FORWARDING, BR_STATE_LEARNING, mac_key, net_bridge_fdb_entry } from './br_private.js';
import type { net_bridge, net_bridge_port } from './br_private.js';

/** @notrace */
function jiffies_of(br: net_bridge): ulong {
  return dev_kernel(br.dev).jiffies;
}

function has_expired(br: net_bridge, f: net_bridge_fdb_entry): boolean {
  return !f.is_static && f.updated + br.ageing_time <= jiffies_of(br);
}

/** @param at where the address begins in `buf` @returns the entry if it is not too old, or null */
export function br_fdb_find_rcu(br: net_bridge, buf: Uint8Array, at: int): net_bridge_fdb_entry | null {
  const f = br.fdb.get(mac_key(buf, at));
  return f === undefined || has_expired(br, f) ? null : f;
}

/** Notes that a sender's address was seen on a port. */
export function br_fdb_update(br: net_bridge, source: net_bridge_port, buf: Uint8Array, at: int): void {
  if (br.ageing_time === 0) return;
  if ((source.flags & BR_LEARNING) === 0) return;
  if (source.state !== BR_STATE_LEARNING && source.state !== BR_STATE_FORWARDING) return;
  const now = jiffies_of(br);
  const key = mac_key(buf, at);
  const f = br.fdb.get(key);
  if (f === undefined) {
    br.fdb.set(key, new net_bridge_fdb_entry(buf.slice(at, at + 6), source, false, now));
    return;
  }
  // A frame with an address of our own came from outside: not to be learnt.
  if (f.is_local) return;
  f.updated = now;
  if (f.dst !== source && !f.is_static) f.dst = source;
}

/** Adds an address of the bridge or of a port of it. */
export function br_fdb_add_local(br: net_bridge, source: net_bridge_port | null, addr: Uint8Array): int {
  const key = mac_key(addr, 0);
  const f = br.fdb.get(key);
  if (f !== undefined && f.is_local) return -EEXIST;
  br.fdb.set(key, new net_bridge_fdb_entry(addr.slice(0, 6), source, true, jiffies_of(br)));
  return 0;
}

/** Forgets what was learnt on a port, and with `do_all` its own addresses too. */
export function br_fdb_delete_by_port(br: net_bridge, p: net_bridge_port, do_all: boolean): void {
  for (const [key, f] of br.fdb) if (f.dst === p && (do_all || !f.is_static)) br.fdb.delete(key);
}

/** Forgets what is too old, now and then. */
export function br_fdb_cleanup(timer: timer_list): void {
  const br = timer.owner as net_bridge;
  for (const [key, f] of br.fdb) if (has_expired(br, f)) br.fdb.delete(key);
  br_fdb_gc(br);
}

/** Has the database looked through again. */
export function br_fdb_gc(br: net_bridge): void {
  const kernel = dev_kernel(br.dev);
  if (br.gc_timer.function === null) timer_setup(kernel, br.gc_timer, br_fdb_cleanup, TIMER_DEFERRABLE, br);
  mod_timer(br.gc_timer, kernel.jiffies + 10 * kernel.HZ);
}

/** What `brctl showmacs` prints. */
export function br_fdb_show(br: net_bridge): string {
  const kernel = dev_kernel(br.dev);
  let text = 'port no\tmac addr\t\tis local?\tageing timer\n';
  const entries = [...br.fdb.values()].filter((f) => f.dst !== null && !has_expired(br, f));
  entries.sort((a, b) => mac_key(a.addr, 0) - mac_key(b.addr, 0));
  for (const f of entries) {
    const mac = [...f.addr].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
    const age = f.is_local ? 0 : (kernel.jiffies - f.updated) / kernel.HZ;
    const port = String((f.dst as net_bridge_port).port_no).padStart(3);
    text += `${port}\t${mac}\t${f.is_local ? 'yes' : 'no'}\t\t${age.toFixed(2).padStart(7)}\n`;
  }
  return text;
}
