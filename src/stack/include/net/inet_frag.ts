// Reassembly, apart from the protocol (include/net/inet_frag.h).

import type { inet_peer } from './inetpeer.js';
import type { net } from './net_namespace.js';
import type { sk_buff } from '../linux/skbuff.js';
import type { timer_list } from '../linux/timer.js';
import type { bool, int, ktime_t, refcount_t, u16, u32, u8 } from '../linux/types.js';

/** fqdir: the limits and the queues of a net namespace. */
export class fqdir {
  high_thresh: number;
  low_thresh: number;
  /** jiffies */
  timeout: int;
  max_dist: int;
  f: inet_frags;
  net: net;
  dead: bool = false;
  rhashtable: Map<string, inet_frag_queue> = new Map();
  /** bytes (truesize) that all queues hold */
  mem = 0;

  constructor(f: inet_frags, net: net) {
    this.f = f;
    this.net = net;
    this.high_thresh = 4 * 1024 * 1024;
    this.low_thresh = 3 * 1024 * 1024;
    this.timeout = 0;
    this.max_dist = 64;
  }
}

export const INET_FRAG_FIRST_IN = 1;
export const INET_FRAG_LAST_IN = 2;
export const INET_FRAG_COMPLETE = 4;
export const INET_FRAG_HASH_DEAD = 8;
export const INET_FRAG_DROP = 16;

/** key of a queue of IPv4 fragments: struct frag_v4_compare_key */
export class frag_v4_compare_key {
  saddr = 0;
  daddr = 0;
  user: u32 = 0;
  vif: u32 = 0;
  id: u16 = 0;
  protocol: u16 = 0;
}

export class inet_frag_queue {
  key: { v4: frag_v4_compare_key } = { v4: new frag_v4_compare_key() };
  timer: timer_list | null = null;
  refcnt: refcount_t = 0;
  /** the fragments, by offset; a run of neighbours is one entry, chained by FRAG_CB(skb).next_frag */
  rb_fragments: sk_buff[] = [];
  fragments_tail: sk_buff | null = null;
  last_run_head: sk_buff | null = null;
  stamp: ktime_t = 0;
  len: int = 0;
  meat: int = 0;
  mono_delivery_time: u8 = 0;
  tstamp_type: u8 = 0;
  flags: u8 = 0;
  max_size: u16 = 0;
  fqdir: fqdir;

  constructor(fqdir: fqdir) {
    this.fqdir = fqdir;
  }
}

/** struct inet_frags: the protocol's part. */
export class inet_frags {
  frags_cache_name = '';
  qsize = 0;
  frag_expire: ((t: timer_list) => void) | null = null;
  destructor: ((q: inet_frag_queue) => void) | null = null;
}

/** struct ipq: an inet_frag_queue with what IPv4 needs besides. */
export class ipq extends inet_frag_queue {
  /** RFC 3168: the ECN fields seen, as bits */
  ecn: u8 = 0;
  max_df_size: u16 = 0;
  iif: int = 0;
  rid = 0;
  peer: inet_peer | null = null;
}

export const IPFRAG_OK = 0;
export const IPFRAG_DUP = 1;
export const IPFRAG_OVERLAP = 2;

export const IPFRAG_ECN_NOT_ECT = 0x01;
export const IPFRAG_ECN_ECT_1 = 0x02;
export const IPFRAG_ECN_ECT_0 = 0x04;
export const IPFRAG_ECN_CE = 0x08;

/** @notrace */
export function frag_mem_limit(fqdir: fqdir): number {
  return fqdir.mem;
}
/** @notrace */
export function add_frag_mem_limit(fqdir: fqdir, val: number): void {
  fqdir.mem += val;
}
/** @notrace */
export function sub_frag_mem_limit(fqdir: fqdir, val: number): void {
  fqdir.mem -= val;
}
