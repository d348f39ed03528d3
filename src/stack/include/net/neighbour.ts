// Neighbours (include/net/neighbour.h, include/uapi/linux/neighbour.h; RFC 4861 section 7.3 for the states).

import { __neigh_event_send, neigh_destroy } from '../../net/core/neighbour.js';
import { __skb_push } from '../linux/skbuff/room.js';
import { dev_queue_xmit } from '../../net/core/dev.js';
import { hh_cache, MAX_ADDR_LEN } from '../linux/netdevice.js';
import type { net_device } from '../linux/netdevice.js';
import { sk_buff_head } from '../linux/skbuff/struct.js';
import type { sk_buff, skb_cb_owner } from '../linux/skbuff/struct.js';
import { timer_list } from '../linux/timer.js';
import type { __be16, __be32, bool, int, refcount_t, u32, u8, uint, ulong } from '../linux/types.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { net } from './net_namespace.js';
import { jiffies } from '../linux/jiffies.js';

export const NUD_INCOMPLETE = 0x01;
export const NUD_REACHABLE = 0x02;
export const NUD_STALE = 0x04;
export const NUD_DELAY = 0x08;
export const NUD_PROBE = 0x10;
export const NUD_FAILED = 0x20;
export const NUD_NOARP = 0x40;
export const NUD_PERMANENT = 0x80;
export const NUD_NONE = 0x00;

export const NUD_IN_TIMER = NUD_INCOMPLETE | NUD_REACHABLE | NUD_DELAY | NUD_PROBE;
export const NUD_VALID = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY;
export const NUD_CONNECTED = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE;

export const NTF_USE = 1 << 0;
export const NTF_SELF = 1 << 1;
export const NTF_PROXY = 1 << 3;
export const NTF_EXT_LEARNED = 1 << 4;
export const NTF_STICKY = 1 << 6;
export const NTF_ROUTER = 1 << 7;

export const NEIGH_UPDATE_F_OVERRIDE = 1 << 0;
export const NEIGH_UPDATE_F_WEAK_OVERRIDE = 1 << 1;
export const NEIGH_UPDATE_F_OVERRIDE_ISROUTER = 1 << 2;
export const NEIGH_UPDATE_F_USE = 1 << 3;
export const NEIGH_UPDATE_F_ISROUTER = 1 << 6;
export const NEIGH_UPDATE_F_ADMIN = 1 << 31;

/** Indices of neigh_parms.data. Times are in jiffies. */
export const NEIGH_VAR_MCAST_PROBES = 0;
export const NEIGH_VAR_UCAST_PROBES = 1;
export const NEIGH_VAR_APP_PROBES = 2;
export const NEIGH_VAR_MCAST_REPROBES = 3;
export const NEIGH_VAR_RETRANS_TIME = 4;
export const NEIGH_VAR_BASE_REACHABLE_TIME = 5;
export const NEIGH_VAR_DELAY_PROBE_TIME = 6;
export const NEIGH_VAR_INTERVAL_PROBE_TIME_MS = 7;
export const NEIGH_VAR_GC_STALETIME = 8;
export const NEIGH_VAR_QUEUE_LEN_BYTES = 9;
export const NEIGH_VAR_PROXY_QLEN = 10;
export const NEIGH_VAR_ANYCAST_DELAY = 11;
export const NEIGH_VAR_PROXY_DELAY = 12;
export const NEIGH_VAR_LOCKTIME = 13;
export const NEIGH_VAR_DATA_MAX = 14;

/** The parameters of one device (or of none: the defaults) for one protocol. */
export class neigh_parms {
  net: net;
  dev: net_device | null = null;
  tbl: neigh_table | null = null;
  neigh_setup: ((n: neighbour) => int) | null = null;
  refcnt: refcount_t = 1;
  dead: int = 0;
  /** jiffies, drawn anew now and then between half and one and a half of BASE_REACHABLE_TIME */
  reachable_time: int = 0;
  qlen: u32 = 0;
  data: number[] = new Array<number>(NEIGH_VAR_DATA_MAX).fill(0);
  /** Whether data[i] was set for this device, and does not follow the defaults. */
  data_state: bool[] = new Array<bool>(NEIGH_VAR_DATA_MAX).fill(false);

  constructor(net: net) {
    this.net = net;
  }
}

export class neigh_statistics {
  allocs: ulong = 0;
  destroys: ulong = 0;
  hash_grows: ulong = 0;
  res_failed: ulong = 0;
  lookups: ulong = 0;
  hits: ulong = 0;
  rcv_probes_mcast: ulong = 0;
  rcv_probes_ucast: ulong = 0;
  periodic_gc_runs: ulong = 0;
  forced_gc_runs: ulong = 0;
  unres_discards: ulong = 0;
  table_fulls: ulong = 0;
}

/** How packets reach a neighbour, by kind of device. */
export interface neigh_ops {
  family: int;
  solicit: ((neigh: neighbour, skb: sk_buff | null) => void) | null;
  error_report: ((neigh: neighbour, skb: sk_buff) => void) | null;
  output: (neigh: neighbour, skb: sk_buff) => int;
  connected_output: (neigh: neighbour, skb: sk_buff) => int;
}

export class neighbour {
  /** The next in its bucket of the table. */
  hash: neighbour | null = null;
  tbl: neigh_table;
  parms: neigh_parms;
  /** jiffies */
  confirmed: ulong = 0;
  updated: ulong = 0;
  used: ulong = 0;
  timer: timer_list;
  refcnt: refcount_t = 1;
  arp_queue: sk_buff_head = new sk_buff_head();
  arp_queue_len_bytes: uint = 0;
  probes: int = 0;
  /** NTF_* */
  flags: u32 = 0;
  /** NUD_* */
  nud_state: u8 = NUD_NONE;
  type: u8 = 0;
  dead: u8 = 0;
  protocol: u8 = 0;
  /** Link-layer address, dev.addr_len bytes. */
  ha: Uint8Array = new Uint8Array(MAX_ADDR_LEN);
  hh: hh_cache = new hh_cache();
  output: (neigh: neighbour, skb: sk_buff) => int;
  ops: neigh_ops;
  dev: net_device;
  /** The IPv4 address. */
  primary_key: __be32;
  /** Whether the garbage collector may take it. */
  on_gc_list: bool = false;

  constructor(tbl: neigh_table, parms: neigh_parms, dev: net_device, key: __be32, timer: timer_list, ops: neigh_ops) {
    this.tbl = tbl;
    this.parms = parms;
    this.dev = dev;
    this.primary_key = key;
    this.timer = timer;
    this.ops = ops;
    this.output = ops.output;
  }
}

/** A proxied address. */
export class pneigh_entry {
  key: __be32;
  dev: net_device | null;
  net: net;
  flags: u32 = 0;
  protocol: u8 = 0;

  constructor(net: net, key: __be32, dev: net_device | null) {
    this.net = net;
    this.key = key;
    this.dev = dev;
  }
}

/** Buckets of a neighbour table, a power of two. */
const NEIGH_HASH_SIZE = 256;

/** The neighbours of one protocol. */
export class neigh_table {
  readonly kernel: Kernel;
  family: int = 0;
  key_len: u32 = 4;
  protocol: __be16 = 0;
  id = '';
  constructor_: ((n: neighbour) => int) | null = null;
  pconstructor: ((p: pneigh_entry) => int) | null = null;
  pdestructor: ((p: pneigh_entry) => void) | null = null;
  proxy_redo: ((skb: sk_buff) => void) | null = null;
  is_multicast: ((key: __be32) => int) | null = null;
  parms: neigh_parms;
  parms_list: neigh_parms[] = [];
  /** jiffies */
  gc_interval: int = 0;
  gc_thresh1: int = 0;
  gc_thresh2: int = 0;
  gc_thresh3: int = 0;
  last_flush: ulong = 0;
  last_rand: ulong = 0;
  gc_timer: timer_list;
  proxy_timer: timer_list;
  proxy_queue: sk_buff_head = new sk_buff_head();
  entries: int = 0;
  gc_entries: int = 0;
  stats: neigh_statistics = new neigh_statistics();
  /** The entries, in the order in which they were made. */
  readonly nht = new Set<neighbour>();
  /** The same by device and key, linked by `hash`. */
  readonly hash_heads: (neighbour | null)[] = new Array<neighbour | null>(NEIGH_HASH_SIZE).fill(null);
  phash: pneigh_entry[] = [];

  constructor(kernel: Kernel, parms: neigh_parms, gc_timer: timer_list, proxy_timer: timer_list) {
    this.kernel = kernel;
    this.parms = parms;
    this.gc_timer = gc_timer;
    this.proxy_timer = proxy_timer;
  }
}

/** What a neighbour's proxy queue notes on an skb. */
export class neighbour_cb implements skb_cb_owner<neighbour_cb> {
  sched_next: ulong = 0;
  flags: uint = 0;

  reset(): void {
    this.sched_next = 0;
    this.flags = 0;
  }

  copy(from: neighbour_cb): void {
    this.sched_next = from.sched_next;
    this.flags = from.flags;
  }
}

export const LOCALLY_ENQUEUED = 0x1;

/** @notrace */
export function NEIGH_CB(skb: sk_buff): neighbour_cb {
  return (skb.neighcb ??= new neighbour_cb());
}

/** @notrace */
export function NEIGH_VAR(p: neigh_parms, attr: int): number {
  return p.data[attr];
}

/** Sets a parameter of a device. @notrace */
export function NEIGH_VAR_SET(p: neigh_parms, attr: int, val: number): void {
  p.data_state[attr] = true;
  p.data[attr] = val;
}

/** Sets a parameter to its default. @notrace */
export function NEIGH_VAR_INIT(p: neigh_parms, attr: int, val: number): void {
  p.data[attr] = val;
}

/** The bucket in which a neighbour is, if the table has it. @notrace */
export function neigh_hashfn(dev: net_device, key: __be32): uint {
  return (key ^ (key >>> 16) ^ (key >>> 24) ^ dev.ifindex) & (NEIGH_HASH_SIZE - 1);
}

/** @notrace */
export function ___neigh_lookup_noref(tbl: neigh_table, key: __be32, dev: net_device): neighbour | null {
  let n = tbl.hash_heads[neigh_hashfn(dev, key)];
  while (n !== null && (n.primary_key !== key || n.dev !== dev)) n = n.hash;
  return n;
}

/** @notrace */
export function neigh_hold(neigh: neighbour): void {
  neigh.refcnt++;
}

/** @notrace */
export function neigh_clone(neigh: neighbour | null): neighbour | null {
  if (neigh !== null) neigh.refcnt++;
  return neigh;
}

/** @notrace */
export function neigh_release(neigh: neighbour): void {
  if (--neigh.refcnt === 0) neigh_destroy(neigh);
}

/** @notrace */
export function neigh_is_connected(neigh: neighbour): bool {
  return (neigh.nud_state & NUD_CONNECTED) !== 0;
}

/** @notrace */
export function neigh_is_valid(neigh: neighbour): bool {
  return (neigh.nud_state & NUD_VALID) !== 0;
}

/** The neighbour is alive, says an upper layer. @notrace */
export function neigh_confirm_entry(n: neighbour): void {
  const now = jiffies(n.tbl.kernel);
  if (n.confirmed !== now) n.confirmed = now;
}

/** @notrace */
export function neigh_confirm(n: neighbour): void {
  neigh_confirm_entry(n);
}

/**
 * Notes a use, and begins to resolve or to verify the address if that is due.
 * @returns 0 if the packet may be sent at once
 */
export function neigh_event_send_probe(neigh: neighbour, skb: sk_buff | null, immediate_ok: bool): int {
  const now = jiffies(neigh.tbl.kernel);
  if (neigh.used !== now) neigh.used = now;
  if ((neigh.nud_state & (NUD_CONNECTED | NUD_DELAY | NUD_PROBE)) === 0) {
    return __neigh_event_send(neigh, skb, immediate_ok);
  }
  return 0;
}

export function neigh_event_send(neigh: neighbour, skb: sk_buff | null): int {
  return neigh_event_send_probe(neigh, skb, true);
}

/** Puts the ready-made header before the packet and sends it. */
export function neigh_hh_output(hh: hh_cache, skb: sk_buff): int {
  const hh_len = hh.hh_len;
  const head = skb.head;
  const data = __skb_push(skb, hh_len);
  const from = hh.hh_data;
  for (let i = 0, at = from.length - hh_len; i < hh_len; i++) head[data + i] = from[at + i];
  return dev_queue_xmit(skb);
}

/** Sends to a neighbour: with the ready-made header if its address is known, else through its output(). */
export function neigh_output(n: neighbour, skb: sk_buff, skip_cache: bool): int {
  const hh = n.hh;
  if (!skip_cache && (n.nud_state & NUD_CONNECTED) !== 0 && hh.hh_len !== 0) {
    return neigh_hh_output(hh, skb);
  }
  return n.output(n, skb);
}

/** The link-layer address of a neighbour. @notrace */
export function neigh_ha_snapshot(dst: Uint8Array, n: neighbour, dev: net_device): void {
  dst.set(n.ha.subarray(0, dev.addr_len));
}
