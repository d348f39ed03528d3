// Packets for others (net/ipv4/ip_forward.c; RFC 1812 4.2.1, 5.2).

import { htonl } from '../../include/linux/byteorder.js';
import {
  ICMP_DEST_UNREACH,
  ICMP_EXC_TTL,
  ICMP_FRAG_NEEDED,
  ICMP_SR_FAILED,
  ICMP_TIME_EXCEEDED,
} from '../../include/linux/icmp.js';
import { ip_hdr } from '../../include/linux/ip.js';
import { NET_RX_DROP, PACKET_HOST } from '../../include/linux/netdevice.js';
import type { net_device } from '../../include/linux/netdevice.js';
import { NFPROTO_IPV4, NF_HOOK, NF_INET_FORWARD } from '../../include/linux/netfilter.js';
import {
  SKB_DROP_REASON_IP_INHDR,
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_NOMEM,
  SKB_DROP_REASON_PKT_TOO_BIG,
} from '../../include/net/dropreason.js';
import { dst_output } from '../../include/net/dst.js';
import { icmp_send } from '../../include/net/icmp.js';
import {
  IPCB,
  IPSKB_DOREDIRECT,
  IPSKB_FORWARDED,
  IP_DF_BE,
  IP_INC_STATS,
  __IP_INC_STATS,
  ip_decrease_ttl,
  ip_dst_mtu_maybe_forward,
} from '../../include/net/ip.js';
import { skb_gso_validate_network_len } from '../core/gso.js';
import { kfree_skb_reason } from '../core/skbuff.js';
import { skb_cow, skb_clear_tstamp, skb_forward_csum, skb_is_gso } from '../../include/linux/skbuff.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import { LL_RESERVED_SPACE } from '../../include/linux/netdevice.js';
import type { net } from '../../include/net/net_namespace.js';
import type { rtable } from '../../include/net/route.js';
import { skb_rtable } from '../../include/net/route.js';
import {
  IPSTATS_MIB_FRAGFAILS,
  IPSTATS_MIB_INHDRERRORS,
  IPSTATS_MIB_OUTFORWDATAGRAMS,
} from '../../include/net/snmp.js';
import type { sock } from '../../include/net/sock.js';
import { ip_call_ra_chain } from './ip_input.js';
import { ip_forward_options } from './ip_options.js';
import { ip_rt_send_redirect } from './route.js';
import type { bool, int, u32 } from '../../include/linux/types.js';

/** Priority of a packet by its TOS (rt_tos2priority()). */
const TC_PRIO_BESTEFFORT = 0;
const TC_PRIO_BULK = 2;
const TC_PRIO_INTERACTIVE_BULK = 4;
const TC_PRIO_INTERACTIVE = 6;
export const ip_tos2prio: readonly number[] = [
  TC_PRIO_BESTEFFORT,
  TC_PRIO_BESTEFFORT,
  TC_PRIO_BESTEFFORT,
  TC_PRIO_BESTEFFORT,
  TC_PRIO_BULK,
  TC_PRIO_BULK,
  TC_PRIO_BULK,
  TC_PRIO_BULK,
  TC_PRIO_INTERACTIVE,
  TC_PRIO_INTERACTIVE,
  TC_PRIO_INTERACTIVE,
  TC_PRIO_INTERACTIVE,
  TC_PRIO_INTERACTIVE_BULK,
  TC_PRIO_INTERACTIVE_BULK,
  TC_PRIO_INTERACTIVE_BULK,
  TC_PRIO_INTERACTIVE_BULK,
];

/** @notrace */
export function rt_tos2priority(tos: int): int {
  return ip_tos2prio[(tos & 0x1e) >> 1];
}

/** Whether the packet does not fit and may not be cut. */
export function ip_exceeds_mtu(skb: sk_buff, mtu: u32): bool {
  if (skb.len <= mtu) return false;
  const df = (ip_hdr(skb).frag_off & IP_DF_BE) !== 0;
  if (!df) return false;
  // Its fragments came with DF: they must go on as they were.
  if (IPCB(skb).frag_max_size > mtu) return true;
  if (skb.ignore_df !== 0) return false;
  return !(skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu));
}

export function ip_forward_finish(net: net, sk: sock | null, skb: sk_buff): int {
  const opt = IPCB(skb).opt;
  __IP_INC_STATS(net, IPSTATS_MIB_OUTFORWDATAGRAMS);
  if (opt.optlen !== 0) ip_forward_options(skb);
  skb_clear_tstamp(skb);
  return dst_output(net, sk, skb);
}

/** Sends a packet on: TTL, source route, MTU, redirect, then through FORWARD. */
export function ip_forward(skb: sk_buff): int {
  // A broadcast of the link must not be spread, and what a socket was found for is not ours to forward.
  if (skb.pkt_type !== PACKET_HOST || skb.sk !== null) return drop(skb, SKB_DROP_REASON_NOT_SPECIFIED);
  const dev = skb.dev as net_device;
  if (IPCB(skb).opt.router_alert !== 0 && ip_call_ra_chain(skb)) return 0;
  skb_forward_csum(skb);
  const net = dev.nd_net;
  if (ip_hdr(skb).ttl <= 1) {
    __IP_INC_STATS(net, IPSTATS_MIB_INHDRERRORS);
    icmp_send(skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
    return drop(skb, SKB_DROP_REASON_IP_INHDR);
  }
  const rt = skb_rtable(skb) as rtable;
  const opt = IPCB(skb).opt;
  if (opt.is_strictroute && rt.rt_uses_gateway) {
    icmp_send(skb, ICMP_DEST_UNREACH, ICMP_SR_FAILED, 0);
    return drop(skb, SKB_DROP_REASON_NOT_SPECIFIED);
  }
  IPCB(skb).flags |= IPSKB_FORWARDED;
  const mtu = ip_dst_mtu_maybe_forward(rt, true);
  if (ip_exceeds_mtu(skb, mtu)) {
    IP_INC_STATS(net, IPSTATS_MIB_FRAGFAILS);
    icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
    return drop(skb, SKB_DROP_REASON_PKT_TOO_BIG);
  }
  // The header is about to be changed: it must be our own, with room for the link's header.
  if (skb_cow(skb, LL_RESERVED_SPACE(rt.dev as net_device) + rt.header_len) !== 0)
    return drop(skb, SKB_DROP_REASON_NOMEM);
  ip_decrease_ttl(ip_hdr(skb));
  if ((IPCB(skb).flags & IPSKB_DOREDIRECT) !== 0 && opt.srr === 0) ip_rt_send_redirect(skb);
  if (net.ipv4.sysctl_ip_fwd_update_priority !== 0) skb.priority = rt_tos2priority(ip_hdr(skb).tos);
  return NF_HOOK(NFPROTO_IPV4, NF_INET_FORWARD, net, null, skb, dev, rt.dev, ip_forward_finish);
}

/** @notrace */
function drop(skb: sk_buff, reason: int): int {
  kfree_skb_reason(skb, reason);
  return NET_RX_DROP;
}
