// Destinations (include/net/dst.h): what a route lookup gives an skb, and what it is sent with.

export * from './dst/struct.js';
import {
  dst_alloc,
  dst_dev_put,
  dst_discard,
  dst_discard_out,
  dst_init,
  dst_release,
  dst_release_immediate,
} from '../../net/core/dst.js';
import { msecs_to_jiffies } from '../linux/jiffies.js';
import { neigh_output } from './neighbour.js';
import { kfree_skb_reason } from '../../net/core/skbuff.js';
import type { sk_buff } from '../linux/skbuff/struct.js';
import type { bool, int, u32 } from '../linux/types.js';
import { SKB_DROP_REASON_NOT_SPECIFIED } from './dropreason.js';
import type { dst_entry } from './dst/struct.js';
import {
  RTAX_ADVMSS,
  RTAX_FEATURES,
  RTAX_FEATURE_TCP_USEC_TS,
  RTAX_HOPLIMIT,
  RTAX_LOCK,
  RTAX_MTU,
} from './dst/struct.js';
import type { neighbour } from './neighbour.js';
import type { net } from './net_namespace.js';
import type { sock } from './sock/struct.js';

export { dst_alloc, dst_dev_put, dst_discard, dst_discard_out, dst_init, dst_release, dst_release_immediate };

/** A metric, RTAX_*; 0 where the route has none. @notrace */
export function dst_metric_raw(dst: dst_entry, metric: int): u32 {
  return dst._metrics[metric - 1];
}

/** @notrace */
export function dst_metric(dst: dst_entry, metric: int): u32 {
  return dst._metrics[metric - 1];
}

/** The largest segment to be announced to that destination. @notrace */
export function dst_metric_advmss(dst: dst_entry): u32 {
  const advmss = dst._metrics[RTAX_ADVMSS - 1];
  return advmss !== 0 ? advmss : dst.ops.default_advmss(dst);
}

/** Sets a metric for this destination alone. @notrace */
export function dst_metric_set(dst: dst_entry, metric: int, val: u32): void {
  if (dst._metrics_shared) {
    dst._metrics = dst._metrics.slice();
    dst._metrics_shared = false;
  }
  dst._metrics[metric - 1] = val;
}

/** @notrace */
export function dst_feature(dst: dst_entry, feature: u32): u32 {
  return (dst_metric(dst, RTAX_FEATURES) & feature) >>> 0;
}

/** Time stamps of this route's connections count µs instead of ms. @notrace */
export function dst_tcp_usec_ts(dst: dst_entry): bool {
  return dst_feature(dst, RTAX_FEATURE_TCP_USEC_TS) !== 0;
}

/** @notrace */
export function dst_metric_locked(dst: dst_entry, metric: int): bool {
  return (dst_metric(dst, RTAX_LOCK) & (1 << metric)) !== 0;
}

/** A time that is a metric, in jiffies. @notrace */
export function dst_metric_rtt(dst: dst_entry, metric: int): number {
  return msecs_to_jiffies(dst.dev.nd_net.kernel, dst_metric(dst, metric));
}

/** @notrace */
export function dst_mtu(dst: dst_entry): u32 {
  return dst.ops.mtu(dst);
}

/** @notrace */
export function dst_allfrag(dst: dst_entry): u32 {
  return dst_feature(dst, 0);
}

/** @notrace */
export function dst_hoplimit(dst: dst_entry): u32 {
  return dst_metric_raw(dst, RTAX_HOPLIMIT);
}

/** @notrace */
export function dst_mtu_metric(dst: dst_entry): u32 {
  return dst_metric_raw(dst, RTAX_MTU);
}

/** @notrace */
export function dst_hold(dst: dst_entry): void {
  dst.__rcuref++;
}

/** Takes a reference unless the last is gone. @notrace */
export function dst_hold_safe(dst: dst_entry): bool {
  if (dst.__rcuref <= 0) return false;
  dst.__rcuref++;
  return true;
}

/** Notes a use. @notrace */
export function dst_use_noref(dst: dst_entry, time: number): void {
  if (time !== dst.lastuse) {
    dst.__use++;
    dst.lastuse = time;
  }
}

/** @notrace */
export function dst_clone(dst: dst_entry | null): dst_entry | null {
  if (dst !== null) dst.__rcuref++;
  return dst;
}

/** @notrace */
export function skb_dst_drop(skb: sk_buff): void {
  const dst = skb._skb_refdst;
  if (dst !== null) {
    skb._skb_refdst = null;
    if (!skb._skb_refdst_noref) dst_release(dst);
  }
}

/** @notrace */
export function skb_dst_copy(nskb: sk_buff, oskb: sk_buff): void {
  const dst = oskb._skb_refdst;
  nskb.slow_gro |= dst !== null ? 1 : 0;
  nskb._skb_refdst = dst;
  nskb._skb_refdst_noref = false;
  if (dst !== null) dst.__rcuref++;
}

/** Makes the skb hold a reference, for use beyond this softirq. @returns whether there is a destination @notrace */
export function skb_dst_force(skb: sk_buff): bool {
  if (skb._skb_refdst_noref) {
    const dst = skb._skb_refdst;
    skb._skb_refdst_noref = false;
    if (dst !== null && !dst_hold_safe(dst)) skb._skb_refdst = null;
    skb.slow_gro |= skb._skb_refdst !== null ? 1 : 0;
  }
  return skb._skb_refdst !== null;
}

/** Says that the neighbour answered: the upper layer made progress. @notrace */
export function dst_confirm_neigh(dst: dst_entry, daddr: u32): void {
  if (dst.ops.confirm_neigh !== undefined) dst.ops.confirm_neigh(dst, daddr);
}

/** @returns the neighbour to which an skb with this destination goes, or null @notrace */
export function dst_neigh_lookup(dst: dst_entry, daddr: u32): neighbour | null {
  return dst.ops.neigh_lookup === undefined ? null : dst.ops.neigh_lookup(dst, null, daddr);
}

/** @notrace */
export function dst_neigh_lookup_skb(dst: dst_entry, skb: sk_buff): neighbour | null {
  return dst.ops.neigh_lookup === undefined ? null : dst.ops.neigh_lookup(dst, skb, 0);
}

/** Tells whoever resolves this destination that it cannot be reached. @notrace */
export function dst_link_failure(skb: sk_buff): void {
  const dst = skb._skb_refdst;
  if (dst !== null && dst.ops.link_failure !== undefined) dst.ops.link_failure(skb);
}

/** The one who sends found a wrong path: let the route be looked up anew. @notrace */
export function dst_negative_advice(sk: sock): void {
  const dst = sk.sk_dst_cache;
  if (dst !== null && dst.ops.negative_advice !== undefined) dst.ops.negative_advice(sk, dst);
}

/** Sends a packet by its destination. @formerly ip_send 2.4 @formerly ip_queue_xmit2 2.4 */
export function dst_output(net: net, sk: sock | null, skb: sk_buff): int {
  const dst = skb._skb_refdst;
  if (dst === null) {
    kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED);
    return 0;
  }
  return dst.output(net, sk, skb);
}

/** Hands a received packet on by its destination. */
export function dst_input(skb: sk_buff): int {
  const dst = skb._skb_refdst;
  if (dst === null) {
    kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED);
    return 0;
  }
  return dst.input(skb);
}

/** The destination if it is still good, else null. @notrace */
export function dst_check(dst: dst_entry, cookie: u32): dst_entry | null {
  return dst.obsolete !== 0 ? dst.ops.check(dst, cookie) : dst;
}

/** Sends to the neighbour. @notrace */
export function dst_neigh_output(dst: dst_entry, n: neighbour, skb: sk_buff): int {
  void dst;
  return neigh_output(n, skb, false);
}

/** @notrace */
export function dst_set_expires(dst: dst_entry, expires: number): void {
  if (expires === 0) expires = 1;
  if (dst.expires === 0 || dst.expires > expires) dst.expires = expires;
}

/** Path MTU news for the route. @notrace */
export function skb_dst_update_pmtu(skb: sk_buff, mtu: u32): void {
  const dst = skb._skb_refdst;
  if (dst !== null && dst.ops.update_pmtu !== undefined) dst.ops.update_pmtu(dst, null, skb, mtu, true);
}

/** As skb_dst_update_pmtu(), without confirming the neighbour. @notrace */
export function skb_dst_update_pmtu_no_confirm(skb: sk_buff, mtu: u32): void {
  const dst = skb._skb_refdst;
  if (dst !== null && dst.ops.update_pmtu !== undefined) dst.ops.update_pmtu(dst, null, skb, mtu, false);
}
