// ARP packets received (net/ipv4/arp.c; RFC 826, RFC 5227 for probes and announcements).

import { dev_net, netif_running, type net_device, type packet_type } from '../../../include/linux/netdevice.js';
import { htons, ntohl } from '../../../include/linux/byteorder.js';
import { ETH_P_ARP, ETH_P_IP } from '../../../include/linux/if_ether.js';
import {
  ARPHRD_ETHER,
  ARPHRD_IEEE802,
  ARPOP_REPLY,
  ARPOP_REQUEST,
  arp_hdr,
  arp_hdr_len,
} from '../../../include/linux/if_arp.js';
import { IFF_NOARP } from '../../../include/linux/if.js';
import {
  IN_DEV_ARPFILTER,
  IN_DEV_ARP_ACCEPT,
  IN_DEV_ARP_IGNORE,
  IN_DEV_FORWARD,
  IN_DEV_MEDIUM_ID,
  IN_DEV_PROXY_ARP,
  IN_DEV_PROXY_ARP_PVLAN,
  IN_DEV_ROUTE_LOCALNET,
  IPV4_DEVCONF_DROP_GRATUITOUS_ARP,
  __in_dev_get_rcu,
  IN_DEV_ORCONF,
  type in_device,
} from '../../../include/linux/inetdevice.js';
import { jiffies } from '../../../include/linux/jiffies.js';
import { PACKET_HOST, PACKET_LOOPBACK, PACKET_OTHERHOST } from '../../../include/linux/if_packet.js';
import { NFPROTO_ARP, NF_ARP_IN, NF_HOOK } from '../../../include/linux/netfilter.js';
import { RTN_LOCAL, RTN_UNICAST, RT_SCOPE_HOST, RT_SCOPE_LINK } from '../../../include/linux/rtnetlink.js';
import { pskb_may_pull, skb_share_check, type sk_buff } from '../../../include/linux/skbuff.js';
import { SKB_DROP_REASON_NOT_SPECIFIED } from '../../../include/net/dropreason.js';
import type { net } from '../../../include/net/net_namespace.js';
import {
  LOCALLY_ENQUEUED,
  NEIGH_CB,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_VAR,
  NEIGH_VAR_LOCKTIME,
  NEIGH_VAR_PROXY_DELAY,
  NUD_REACHABLE,
  NUD_STALE,
  neigh_release,
} from '../../../include/net/neighbour.js';
import { ip_route_output, ip_rt_put, skb_rtable, type rtable } from '../../../include/net/route.js';
import { ip_route_input_noref } from '../route.js';
import type { sock } from '../../../include/net/sock.js';
import type { __be32, bool, int } from '../../../include/linux/types.js';
import {
  __neigh_create,
  neigh_event_ns,
  neigh_lookup,
  neigh_update,
  pneigh_enqueue,
  pneigh_lookup,
} from '../../core/neighbour.js';
import { consume_skb, kfree_skb, kfree_skb_reason } from '../../core/skbuff.js';
import { inet_confirm_addr } from '../devinet.js';
import { inet_addr_type_dev_table } from '../fib_frontend.js';
import { arp_send_dst } from './solicit.js';

/** Whether a question about `tip` is left unanswered by the setting arp_ignore (ip-sysctl). @returns 1 if so */
export function arp_ignore(in_dev: in_device, sip: __be32, tip: __be32): int {
  const net = dev_net(in_dev.dev);
  let scope: int;
  let from: __be32 = sip;
  let device: in_device | null = in_dev;
  switch (IN_DEV_ARP_IGNORE(in_dev)) {
    case 0:
      return 0;
    case 1:
      from = 0;
      scope = RT_SCOPE_HOST;
      break;
    case 2:
      scope = RT_SCOPE_HOST;
      break;
    case 3:
      from = 0;
      scope = RT_SCOPE_LINK;
      device = null;
      break;
    case 8:
      return 1;
    default:
      return 0;
  }
  return inet_confirm_addr(net, device, from, tip, scope) === 0 ? 1 : 0;
}

/** Whether the way back to the asker leads through another device (setting arp_filter). @returns 1 if so */
export function arp_filter(sip: __be32, tip: __be32, dev: net_device): int {
  const rt = ip_route_output(dev_net(dev), sip, tip, 0, 0, RT_SCOPE_LINK);
  if (typeof rt === 'number') return 1;
  const filtered = rt.dev !== dev ? 1 : 0;
  ip_rt_put(rt);
  return filtered;
}

/** Whether an address is answered for because its own host is reached through another device. */
export function arp_fwd_proxy(in_dev: in_device, dev: net_device, rt: rtable): int {
  if (rt.dev === dev) return 0;
  if (!IN_DEV_PROXY_ARP(in_dev)) return 0;
  const medium = IN_DEV_MEDIUM_ID(in_dev);
  if (medium === 0) return 1;
  if (medium === -1) return 0;
  const out = rt.dev === null ? null : __in_dev_get_rcu(rt.dev);
  const other = out === null ? -1 : IN_DEV_MEDIUM_ID(out);
  return other !== medium && other !== -1 ? 1 : 0;
}

/** RFC 3069: hosts of one subnet that may not talk to each other directly. */
export function arp_fwd_pvlan(in_dev: in_device, dev: net_device, rt: rtable, sip: __be32, tip: __be32): int {
  if (rt.dev !== dev || sip === tip) return 0;
  return IN_DEV_PROXY_ARP_PVLAN(in_dev) ? 1 : 0;
}

/** The sender says who it is without being asked, or as the answer to itself. */
export function arp_is_garp(
  net: net,
  dev: net_device,
  ar_op: int,
  sip: __be32,
  tip: __be32,
  sha: Uint8Array,
  tha: Uint8Array | null,
): bool {
  let is_garp = tip === sip;
  if (is_garp && ar_op === htons(ARPOP_REPLY) && tha !== null) {
    for (let i = 0; i < dev.addr_len; i++) if (tha[i] !== sha[i]) is_garp = false;
  }
  if (is_garp && inet_addr_type_dev_table(net, dev, sip) !== RTN_UNICAST) is_garp = false;
  return is_garp;
}

/** Looks into a checked ARP packet: learns from it, answers it. */
export function arp_process(net: net, _sk: sock | null, skb: sk_buff): int {
  const dev = skb.dev as net_device;
  const in_dev = __in_dev_get_rcu(dev);
  if (in_dev === null) return arp_drop(skb);
  const arp = arp_hdr(skb);
  const dev_type = dev.type;
  // FDDI and IEEE 802 networks use Ethernet's number, too.
  const expected = dev_type === ARPHRD_ETHER ? [htons(ARPHRD_ETHER), htons(ARPHRD_IEEE802)] : [htons(dev_type)];
  if (arp.ar_pro !== htons(ETH_P_IP) || !expected.includes(arp.ar_hrd)) return arp_drop(skb);
  if (arp.ar_op !== htons(ARPOP_REPLY) && arp.ar_op !== htons(ARPOP_REQUEST)) return arp_drop(skb);

  const { head } = skb;
  let at = arp.off + 8;
  const sha = head.slice(at, at + dev.addr_len);
  at += dev.addr_len;
  const sip = get_address(head, at);
  at += 4;
  const tha = head.slice(at, at + dev.addr_len);
  at += dev.addr_len;
  const tip = get_address(head, at);

  // Nobody asks for a group's or a loopback address in earnest.
  if ((ntohl(tip) & 0xf0000000) >>> 0 === 0xe0000000) return arp_drop(skb);
  if (ntohl(tip) >>> 24 === 127 && !IN_DEV_ROUTE_LOCALNET(in_dev)) return arp_drop(skb);
  if (dev_type === ARPHRD_ETHER && sip === tip && IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_DROP_GRATUITOUS_ARP)) {
    return arp_drop(skb);
  }

  // A probe for a duplicate address: from no address.
  if (sip === 0) {
    if (
      arp.ar_op === htons(ARPOP_REQUEST) &&
      inet_addr_type_dev_table(net, dev, tip) === RTN_LOCAL &&
      arp_ignore(in_dev, sip, tip) === 0
    ) {
      arp_send_dst(ARPOP_REPLY, htons(ETH_P_ARP), sip, dev, tip, sha, dev.dev_addr, sha, null);
    }
    consume_skb(skb);
    return 0;
  }

  if (arp.ar_op === htons(ARPOP_REQUEST) && ip_route_input_noref(skb, tip, sip, 0, dev) === 0) {
    const rt = skb_rtable(skb) as rtable;
    const addr_type = rt.rt_type;
    if (addr_type === RTN_LOCAL) {
      let dont_send = arp_ignore(in_dev, sip, tip);
      if (dont_send === 0 && IN_DEV_ARPFILTER(in_dev)) dont_send = arp_filter(sip, tip, dev);
      if (dont_send === 0) {
        const n = neigh_event_ns(net.kernel.arp_tbl, sha, sip, dev);
        if (n !== null) {
          arp_send_dst(ARPOP_REPLY, htons(ETH_P_ARP), sip, dev, tip, sha, dev.dev_addr, sha, null);
          neigh_release(n);
        }
      }
      consume_skb(skb);
      return 0;
    }
    if (IN_DEV_FORWARD(in_dev) !== 0) {
      if (
        addr_type === RTN_UNICAST &&
        (arp_fwd_proxy(in_dev, dev, rt) !== 0 ||
          arp_fwd_pvlan(in_dev, dev, rt, sip, tip) !== 0 ||
          (rt.dev !== dev && pneigh_lookup(net.kernel.arp_tbl, net, tip, dev, false) !== null))
      ) {
        const n = neigh_event_ns(net.kernel.arp_tbl, sha, sip, dev);
        if (n !== null) neigh_release(n);
        const delayed = (NEIGH_CB(skb).flags & LOCALLY_ENQUEUED) === 0 && skb.pkt_type !== PACKET_HOST;
        const parms = in_dev.arp_parms;
        if (!delayed || parms === null || NEIGH_VAR(parms, NEIGH_VAR_PROXY_DELAY) === 0) {
          arp_send_dst(ARPOP_REPLY, htons(ETH_P_ARP), sip, dev, tip, sha, dev.dev_addr, sha, null);
        } else {
          pneigh_enqueue(net.kernel.arp_tbl, parms, skb);
          return 0;
        }
        consume_skb(skb);
        return 0;
      }
    }
  }
  arp_learn(net, skb, in_dev, sip, tip, sha, tha);
  consume_skb(skb);
  return 0;
}

/** An answer, or a question that was not for us: what is known of the sender is brought up to date. @notrace */
function arp_learn(
  net: net,
  skb: sk_buff,
  in_dev: in_device,
  sip: __be32,
  tip: __be32,
  sha: Uint8Array,
  tha: Uint8Array,
): void {
  const dev = skb.dev as net_device;
  const { kernel } = net;
  const op = arp_hdr(skb).ar_op;
  let n = neigh_lookup(kernel.arp_tbl, sip, dev);
  let is_garp = false;
  if (n !== null || IN_DEV_ARP_ACCEPT(in_dev) !== 0) {
    is_garp = arp_is_garp(net, dev, op, sip, tip, sha, tha);
  }
  if (IN_DEV_ARP_ACCEPT(in_dev) !== 0 && n === null) {
    if (is_garp || (op === htons(ARPOP_REPLY) && inet_addr_type_dev_table(net, dev, sip) === RTN_UNICAST)) {
      n = __neigh_create(kernel.arp_tbl, sip, dev, true);
    }
  }
  if (n === null) return;
  // If several answers come at once, the first stands for a second (locktime).
  const override = jiffies(kernel) > n.updated + NEIGH_VAR(n.parms, NEIGH_VAR_LOCKTIME) || is_garp;
  const state = op !== htons(ARPOP_REPLY) || skb.pkt_type !== PACKET_HOST ? NUD_STALE : NUD_REACHABLE;
  neigh_update(n, sha, state, override ? NEIGH_UPDATE_F_OVERRIDE : 0, 0);
  neigh_release(n);
}

/** @notrace */
function get_address(head: Uint8Array, at: number): __be32 {
  return (head[at] | (head[at + 1] << 8) | (head[at + 2] << 16) | (head[at + 3] << 24)) >>> 0;
}

/** @notrace */
function arp_drop(skb: sk_buff): int {
  kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED);
  return 0;
}

/** A proxied question whose delay is over. */
export function parp_redo(skb: sk_buff): void {
  const dev = skb.dev;
  if (dev !== null && netif_running(dev)) arp_process(dev_net(dev), null, skb);
  else kfree_skb(skb);
}

/** The packet handler of ETH_P_ARP. */
export function arp_rcv(skb: sk_buff, dev: net_device, _pt: packet_type, _orig_dev: net_device | null): int {
  if ((dev.flags & IFF_NOARP) !== 0) {
    consume_skb(skb);
    return 0;
  }
  if (skb.pkt_type === PACKET_OTHERHOST || skb.pkt_type === PACKET_LOOPBACK) {
    consume_skb(skb);
    return 0;
  }
  const own = skb_share_check(skb, 0);
  if (own === null) return 0;
  if (!pskb_may_pull(own, arp_hdr_len(dev))) return arp_drop(own);
  const arp = arp_hdr(own);
  if (arp.ar_hln !== dev.addr_len || arp.ar_pln !== 4) return arp_drop(own);
  NEIGH_CB(own).reset();
  return NF_HOOK(NFPROTO_ARP, NF_ARP_IN, dev_net(dev), null, own, dev, null, arp_process);
}
