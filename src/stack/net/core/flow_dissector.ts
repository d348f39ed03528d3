// What flow a packet belongs to (net/core/flow_dissector.c): addresses, ports, and a hash of them that stays the
// same for all packets of a flow. IPv4 with TCP and UDP; other protocols hash by what is there.

import { ETH_P_IP } from '../../include/linux/if_ether.js';
import { htons, ntohs } from '../../include/linux/byteorder.js';
import { jhash_3words } from '../../include/linux/jhash.js';
import type { sk_buff } from '../../include/linux/skbuff/struct.js';
import type { __be16, __be32, u32, u8 } from '../../include/linux/types.js';
import type { net } from '../../include/net/net_namespace.js';
import { skb_header_byte } from './skbuff/bits.js';

/** A flow's addresses and ports. */
export class flow_keys {
  n_proto: __be16 = 0;
  ip_proto: u8 = 0;
  src: __be32 = 0;
  dst: __be32 = 0;
  sport: __be16 = 0;
  dport: __be16 = 0;
  /** Bytes of headers that were recognised, from the network header on. */
  thoff: u32 = 0;
}

/** @notrace */
function be32(skb: sk_buff, at: number): __be32 {
  return (
    (skb_header_byte(skb, at) |
      (skb_header_byte(skb, at + 1) << 8) |
      (skb_header_byte(skb, at + 2) << 16) |
      (skb_header_byte(skb, at + 3) << 24)) >>>
    0
  );
}

/** @notrace */
function be16(skb: sk_buff, at: number): __be16 {
  return skb_header_byte(skb, at) | (skb_header_byte(skb, at + 1) << 8);
}

/** Finds out the flow of a packet. @returns whether the network protocol is one that is understood @EXPORT_SYMBOL */
export function __skb_flow_dissect(skb: sk_buff, keys: flow_keys): boolean {
  keys.n_proto = skb.protocol;
  keys.ip_proto = 0;
  keys.src = keys.dst = keys.sport = keys.dport = 0;
  if (skb.protocol !== htons(ETH_P_IP)) return false;
  const nhoff = skb.network_header - skb.data;
  if (nhoff < 0 || skb.len < nhoff + 20) return false;
  const ihl = (skb_header_byte(skb, nhoff) & 0xf) * 4;
  if (ihl < 20) return false;
  keys.ip_proto = skb_header_byte(skb, nhoff + 9);
  keys.src = be32(skb, nhoff + 12);
  keys.dst = be32(skb, nhoff + 16);
  keys.thoff = ihl;
  const fragment = (ntohs(be16(skb, nhoff + 6)) & 0x3fff) !== 0;
  if (!fragment && (keys.ip_proto === 6 || keys.ip_proto === 17) && skb.len >= nhoff + ihl + 4) {
    keys.sport = be16(skb, nhoff + ihl);
    keys.dport = be16(skb, nhoff + ihl + 2);
  }
  return true;
}

/** The hash of a flow, both directions alike. @param hashrnd the machine's own key */
export function __flow_hash_from_keys(keys: flow_keys, hashrnd: u32): u32 {
  let { src, dst, sport, dport } = keys;
  if (src > dst || (src === dst && sport > dport)) {
    [src, dst] = [dst, src];
    [sport, dport] = [dport, sport];
  }
  const hash = jhash_3words(src, dst, ((sport << 16) | dport) ^ keys.ip_proto, hashrnd);
  return hash !== 0 ? hash : 1;
}

/** Computes and notes the hash of a packet. @EXPORT_SYMBOL */
export function __skb_get_hash_net(net: net | null, skb: sk_buff): void {
  const keys = new flow_keys();
  __skb_flow_dissect(skb, keys);
  const seed = (net ?? skb.dev?.nd_net)?.kernel.seed ?? 0;
  skb.hash = __flow_hash_from_keys(keys, seed >>> 0);
  skb.sw_hash = 1;
  skb.l4_hash = keys.sport !== 0 || keys.dport !== 0 ? 1 : 0;
}
