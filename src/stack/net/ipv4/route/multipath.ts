// The hash by which flows are spread over the hops of a multipath route (net/ipv4/route.c).

import type { flowi4 } from '../../../include/net/flow.js';
import type { net } from '../../../include/net/net_namespace.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import { IPPROTO_TCP, IPPROTO_UDP } from '../../../include/linux/in.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { icmp_is_err } from '../../../include/linux/icmp.js';
import { ip_hash_3words } from './ident.js';
import { ip_is_fragment } from '../../../include/net/ip.js';
import type { int, u32 } from '../../../include/linux/types.js';

/** Addresses of the flow that an ICMP error is about, so that it takes that flow's way. */
export function ip_multipath_l3_keys(skb: sk_buff, keys: { saddr: u32; daddr: u32 }): void {
  const outer = ip_hdr(skb);
  keys.saddr = outer.saddr;
  keys.daddr = outer.daddr;
  if (outer.protocol !== 1 || ip_is_fragment(outer)) return;
  const at = skb.network_header + outer.ihl * 4;
  if (at + 28 > skb.tail) return;
  const type = skb.head[at];
  if (!icmp_is_err(type)) return;
  // The inner packet went the other way.
  const b = skb.head;
  const inner = at + 8;
  keys.saddr = (b[inner + 16] | (b[inner + 17] << 8) | (b[inner + 18] << 16) | (b[inner + 19] << 24)) >>> 0;
  keys.daddr = (b[inner + 12] | (b[inner + 13] << 8) | (b[inner + 14] << 16) | (b[inner + 15] << 24)) >>> 0;
}

/** @param skb of an incoming packet, null for one that we send @returns 31 bits */
export function fib_multipath_hash(net: net, fl4: flowi4, skb: sk_buff | null): int {
  const keys = { saddr: fl4.saddr, daddr: fl4.daddr };
  let ports = 0;
  if (net.ipv4.sysctl_fib_multipath_hash_policy === 1) {
    if (skb === null) ports = (fl4.fl4_sport | (fl4.fl4_dport << 16)) >>> 0;
    else {
      const iph = ip_hdr(skb);
      const at = skb.network_header + iph.ihl * 4;
      const has_ports = iph.protocol === IPPROTO_TCP || iph.protocol === IPPROTO_UDP;
      if (has_ports && !ip_is_fragment(iph) && at + 4 <= skb.tail) {
        const b = skb.head;
        ports = (b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24)) >>> 0;
      }
    }
    ports = (ports ^ fl4.flowi4_proto) >>> 0;
  } else if (skb !== null) ip_multipath_l3_keys(skb, keys);
  return ip_hash_3words(keys.saddr, keys.daddr, ports, net.kernel.seed >>> 0) >>> 1;
}
