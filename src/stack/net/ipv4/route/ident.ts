// The identification field of IP headers (net/ipv4/route.c, include/net/ip.h; RFC 6864, RFC 7739).

import { htons } from '../../../include/linux/byteorder.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import type { iphdr } from '../../../include/linux/ip.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { IP_DF_BE } from '../../../include/net/ip.js';
import { inet_sk } from '../../../include/net/inet_sock.js';
import type { net } from '../../../include/net/net_namespace.js';
import type { sock } from '../../../include/net/sock.js';
import { get_random_u32_below } from '../../../include/linux/random.js';
import type { Kernel } from '../../../kernel/kernel.js';
import type { int, u16, u32 } from '../../../include/linux/types.js';

/** Counters, shared by the destinations that hash to the same one. */
const IP_IDENTS_SZ = 2048;

export class ip_ident_state {
  ip_idents: Uint32Array = new Uint32Array(IP_IDENTS_SZ);
  /** jiffies of each counter's last use */
  ip_tstamps: Float64Array = new Float64Array(IP_IDENTS_SZ);
}

/** Mixes words into a hash. The kernel takes SipHash here; only that it is keyed and even matters. @notrace */
export function ip_hash_3words(a: u32, b: u32, c: u32, key: u32): u32 {
  let h = key ^ 0x9e3779b9;
  h = Math.imul(h ^ a, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13) ^ b, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16) ^ c, 0x27d4eb2f);
  return (h ^ (h >>> 15)) >>> 0;
}

/**
 * Takes `segs` numbers off a counter, after a jump by a random number of at most the ticks since its last use: so that
 * an observer cannot tell how many packets went elsewhere.
 * @EXPORT_SYMBOL
 */
export function ip_idents_reserve(kernel: Kernel, hash: u32, segs: int): u32 {
  const state = kernel.ip_ident;
  const bucket = hash % IP_IDENTS_SZ;
  const now = kernel.jiffies;
  const old = state.ip_tstamps[bucket];
  let delta = 0;
  if (old !== now) {
    state.ip_tstamps[bucket] = now;
    delta = get_random_u32_below(kernel, Math.min(Math.max(now - old, 1), 0xffffffff));
  }
  const id = (state.ip_idents[bucket] + delta + segs) >>> 0;
  state.ip_idents[bucket] = id;
  return (id - segs) >>> 0;
}

/** @EXPORT_SYMBOL */
export function __ip_select_ident(net: net, iph: iphdr, segs: int): void {
  if (net.ipv4.ip_id_key0 === 0) net.ipv4.ip_id_key0 = net.kernel.random.u32() | 1;
  const hash = ip_hash_3words(iph.daddr, iph.saddr, iph.protocol, net.ipv4.ip_id_key0);
  iph.id = htons(ip_idents_reserve(net.kernel, hash, segs) & 0xffff);
}

/** @notrace */
export function ip_select_ident_segs(net: net, skb: sk_buff, sk: sock | null, segs: int): void {
  const iph = ip_hdr(skb);
  // A connected socket counts for itself: that is cheaper, and tells nothing of others.
  if (sk !== null && inet_sk(sk).inet_daddr !== 0) {
    const inet = inet_sk(sk);
    iph.id = htons(inet.inet_id as u16);
    inet.inet_id = (inet.inet_id + segs) & 0xffff;
    return;
  }
  // What cannot be fragmented needs no identification.
  if ((iph.frag_off & IP_DF_BE) !== 0 && skb.ignore_df === 0) iph.id = 0;
  else __ip_select_ident(net, iph, segs);
}

/** @notrace */
export function ip_select_ident(net: net, skb: sk_buff, sk: sock | null): void {
  ip_select_ident_segs(net, skb, sk, 1);
}
