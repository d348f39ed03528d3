// What ICMP taught about single destinations: next hop exceptions (net/ipv4/route.c).

import { FNHE_HASH_SIZE, FNHE_RECLAIM_DEPTH, fib_nh_exception, fnhe_hash_bucket } from '../../../include/net/ip_fib.js';
import type { fib_nh_common } from '../../../include/net/ip_fib.js';
import { DST_OBSOLETE_KILL, dst_hold } from '../../../include/net/dst.js';
import { dst_dev_put, dst_release } from '../../core/dst.js';
import type { rtable } from '../../../include/net/route.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import { rt_genid_ipv4 } from './cache.js';
import type { __be32, bool, u32 } from '../../../include/linux/types.js';

export function fnhe_hashfun(daddr: __be32): u32 {
  return (Math.imul(daddr, 0x9e3779b1) >>> 0) % FNHE_HASH_SIZE;
}

/** Lets go of the routes that were cached with an exception. */
export function fnhe_flush_routes(fnhe: fib_nh_exception): void {
  for (const rt of [fnhe.fnhe_rth_input, fnhe.fnhe_rth_output]) {
    if (rt === null) continue;
    rt.obsolete = DST_OBSOLETE_KILL;
    dst_dev_put(rt);
    dst_release(rt);
  }
  fnhe.fnhe_rth_input = null;
  fnhe.fnhe_rth_output = null;
}

/** Drops the exception of a chain that was used least lately. */
export function fnhe_remove_oldest(hash: fnhe_hash_bucket): void {
  let oldest: fib_nh_exception | null = null;
  for (let at = hash.chain; at !== null; at = at.fnhe_next) {
    if (oldest === null || at.fnhe_stamp < oldest.fnhe_stamp) oldest = at;
  }
  if (oldest === null) return;
  fnhe_flush_routes(oldest);
  if (hash.chain === oldest) hash.chain = oldest.fnhe_next;
  else {
    for (let at = hash.chain; at !== null; at = at.fnhe_next) {
      if (at.fnhe_next === oldest) at.fnhe_next = oldest.fnhe_next;
    }
  }
}

/** Hands what an exception says to a route. */
export function fill_route_from_fnhe(rt: rtable, fnhe: fib_nh_exception): void {
  rt.rt_pmtu = fnhe.fnhe_pmtu;
  rt.rt_mtu_locked = fnhe.fnhe_mtu_locked;
  rt.expires = fnhe.fnhe_expires;
  if (fnhe.fnhe_gw !== 0) {
    rt.rt_flags = (rt.rt_flags | 0x00040000) >>> 0;
    rt.rt_uses_gateway = true;
    rt.rt_gw_family = 2;
    rt.rt_gw4 = fnhe.fnhe_gw;
  }
}

/** @param gw network order, 0: no other gateway @param expires jiffies, 0: never */
export function update_or_create_fnhe(
  nhc: fib_nh_common,
  daddr: __be32,
  gw: __be32,
  pmtu: u32,
  lock: bool,
  expires: number,
): void {
  const dev = nhc.nhc_dev as net_device;
  const net = dev.nd_net;
  const genid = net.ipv4.rt_genid;
  const hval = fnhe_hashfun(daddr);
  nhc.nhc_exceptions ??= new Map();
  let hash = nhc.nhc_exceptions.get(hval);
  if (hash === undefined) {
    hash = new fnhe_hash_bucket();
    nhc.nhc_exceptions.set(hval, hash);
  }
  let depth = 0;
  let fnhe = hash.chain;
  while (fnhe !== null && fnhe.fnhe_daddr !== daddr) {
    depth++;
    fnhe = fnhe.fnhe_next;
  }
  if (fnhe !== null) {
    if (fnhe.fnhe_genid !== genid) fnhe.fnhe_genid = genid;
    if (gw !== 0) fnhe.fnhe_gw = gw;
    if (pmtu !== 0) {
      fnhe.fnhe_pmtu = pmtu;
      fnhe.fnhe_mtu_locked = lock;
    }
    fnhe.fnhe_expires = Math.max(1, expires);
    if (fnhe.fnhe_rth_input !== null) fill_route_from_fnhe(fnhe.fnhe_rth_input, fnhe);
    if (fnhe.fnhe_rth_output !== null) fill_route_from_fnhe(fnhe.fnhe_rth_output, fnhe);
  } else {
    if (depth > FNHE_RECLAIM_DEPTH) fnhe_remove_oldest(hash);
    fnhe = new fib_nh_exception();
    fnhe.fnhe_next = hash.chain;
    hash.chain = fnhe;
    fnhe.fnhe_genid = genid;
    fnhe.fnhe_daddr = daddr;
    fnhe.fnhe_gw = gw;
    fnhe.fnhe_pmtu = pmtu;
    fnhe.fnhe_mtu_locked = lock;
    fnhe.fnhe_expires = Math.max(1, expires);
    // What is cached at the hop knows nothing of this exception: it has to be looked up anew.
    for (const rt of [nhc.nhc_rth_input, nhc.nhc_pcpu_rth_output]) if (rt !== null) rt.obsolete = DST_OBSOLETE_KILL;
  }
  fnhe.fnhe_stamp = net.kernel.jiffies;
}

export function ip_del_fnhe(nhc: fib_nh_common, daddr: __be32): void {
  const hash = nhc.nhc_exceptions?.get(fnhe_hashfun(daddr));
  if (hash === undefined) return;
  let before: fib_nh_exception | null = null;
  for (let at = hash.chain; at !== null; at = at.fnhe_next) {
    if (at.fnhe_daddr === daddr) {
      if (before === null) hash.chain = at.fnhe_next;
      else before.fnhe_next = at.fnhe_next;
      fnhe_flush_routes(at);
      return;
    }
    before = at;
  }
}

/** @returns the exception for the destination, if there is one that has not expired */
export function find_exception(nhc: fib_nh_common, daddr: __be32): fib_nh_exception | null {
  if (nhc.nhc_exceptions === null) return null;
  const hash = nhc.nhc_exceptions.get(fnhe_hashfun(daddr));
  if (hash === undefined) return null;
  const jiffies = (nhc.nhc_dev as net_device).nd_net.kernel.jiffies;
  for (let fnhe = hash.chain; fnhe !== null; fnhe = fnhe.fnhe_next) {
    if (fnhe.fnhe_daddr !== daddr) continue;
    if (fnhe.fnhe_expires !== 0 && jiffies > fnhe.fnhe_expires) {
      ip_del_fnhe(nhc, daddr);
      return null;
    }
    return fnhe;
  }
  return null;
}

/** Binds a new route to its exception. @returns whether it was cached there */
export function rt_bind_exception(rt: rtable, fnhe: fib_nh_exception, daddr: __be32, do_cache: bool): bool {
  if (daddr !== fnhe.fnhe_daddr) return false;
  const genid = rt_genid_ipv4(rt.dev as net_device);
  const input = rt.rt_is_input !== 0;
  if (fnhe.fnhe_genid !== genid) {
    fnhe.fnhe_genid = genid;
    fnhe.fnhe_gw = 0;
    fnhe.fnhe_pmtu = 0;
    fnhe.fnhe_expires = 0;
    fnhe.fnhe_mtu_locked = false;
    fnhe_flush_routes(fnhe);
  }
  fill_route_from_fnhe(rt, fnhe);
  rt.fnhe = fnhe;
  if (!do_cache) return false;
  const orig = input ? fnhe.fnhe_rth_input : fnhe.fnhe_rth_output;
  dst_hold(rt);
  if (input) fnhe.fnhe_rth_input = rt;
  else fnhe.fnhe_rth_output = rt;
  if (orig !== null) {
    dst_dev_put(orig);
    dst_release(orig);
  }
  fnhe.fnhe_stamp = (rt.dev as net_device).nd_net.kernel.jiffies;
  return true;
}
