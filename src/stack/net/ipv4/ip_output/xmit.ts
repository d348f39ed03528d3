// A packet on its way out: header, hooks, neighbour (net/ipv4/ip_output.c; RFC 1122 3.3.1).

import { htons } from '../../../include/linux/byteorder.js';
import { EHOSTUNREACH, EINVAL, ENOMEM } from '../../../include/linux/errno.js';
import { ETH_P_IP } from '../../../include/linux/if_ether.js';
import { LL_RESERVED_SPACE } from '../../../include/linux/netdevice.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import {
  NFPROTO_IPV4,
  NF_HOOK,
  NF_HOOK_COND,
  NF_INET_LOCAL_OUT,
  NF_INET_POST_ROUTING,
  nf_hook,
} from '../../../include/linux/netfilter.js';
import { SIZEOF_IPHDR, ip_hdr } from '../../../include/linux/ip.js';
import type { iphdr } from '../../../include/linux/ip.js';
import { SKB_DROP_REASON_IP_OUTNOROUTES, SKB_DROP_REASON_NEIGH_CREATEFAIL } from '../../../include/net/dropreason.js';
import { dst_output } from '../../../include/net/dst.js';
import type { flowi } from '../../../include/net/flow.js';
import { flowi4_init_output } from '../../../include/net/flow.js';
import type { flowi4 } from '../../../include/net/flow.js';
import { INET_FLAGS_MC_LOOP, inet_sk, inet_test_bit } from '../../../include/net/inet_sock.js';
import type { ip_options_rcu } from '../../../include/net/inet_sock.js';
import {
  IPCB,
  IPCB_clear,
  IPSKB_REROUTED,
  IP_DF_BE,
  IP_INC_STATS,
  IP_UPD_PO_STATS,
  ip_copy_addrs,
  ip_dont_fragment,
  ip_select_ttl,
  ip_send_check,
  ip_skb_dst_mtu,
} from '../../../include/net/ip.js';
import { neigh_output } from '../../../include/net/neighbour.js';
import type { net } from '../../../include/net/net_namespace.js';
import {
  RTCF_BROADCAST,
  RTCF_LOCAL,
  RTCF_MULTICAST,
  RTN_BROADCAST,
  RTN_MULTICAST,
} from '../../../include/linux/rtnetlink.js';
import { inet_sk_flowi_flags, ip_sock_rt_scope, skb_rtable } from '../../../include/net/route.js';
import type { rtable } from '../../../include/net/route.js';
import { ip_neigh_for_gw } from '../../../include/net/route_neigh.js';
import {
  IPSTATS_MIB_OUTBCASTOCTETS,
  IPSTATS_MIB_OUTBCASTPKTS,
  IPSTATS_MIB_OUTMCASTOCTETS,
  IPSTATS_MIB_OUTMCASTPKTS,
  IPSTATS_MIB_OUTNOROUTES,
  IPSTATS_MIB_OUTOCTETS,
  IPSTATS_MIB_OUTPKTS,
  IPSTATS_MIB_OUTREQUESTS,
} from '../../../include/net/snmp.js';
import { __sk_dst_check, sk_setup_caps } from '../../core/sock.js';
import { sock_confirm_neigh, sock_net, sk_uid } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { kfree_skb_reason, kfree_skb, skb_clone, skb_push, skb_expand_head } from '../../core/skbuff.js';
import { skb_gso_segment } from '../../../include/net/gso.js';
import { netif_skb_features } from '../../core/dev.js';
import { skb_gso_validate_network_len } from '../../core/gso.js';
import {
  GFP_ATOMIC,
  consume_skb,
  skb_dst_set_noref,
  skb_headroom,
  skb_is_gso,
  skb_mark_not_on_list,
  skb_reset_network_header,
} from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { NETIF_F_GSO_MASK } from '../../../include/linux/netdev_features.js';
import { dev_loopback_xmit } from '../../core/dev.js';
import { ip_options_build } from '../ip_options.js';
import { ip_route_output_flow, ip_select_ident, ip_select_ident_segs } from '../route.js';
import { ip_fragment } from './fragment.js';
import type { __be32, int, u8 } from '../../../include/linux/types.js';

/** @notrace */
export function iph_set_totlen(iph: iphdr, len: number): void {
  iph.tot_len = len <= 0xffff ? htons(len) : 0;
}

export function __ip_local_out(net: net, sk: sock | null, skb: sk_buff): int {
  const iph = ip_hdr(skb);
  IP_INC_STATS(net, IPSTATS_MIB_OUTREQUESTS);
  iph_set_totlen(iph, skb.len);
  ip_send_check(iph);
  skb.protocol = htons(ETH_P_IP);
  const dev = (skb._skb_refdst as rtable).dev;
  return nf_hook(NFPROTO_IPV4, NF_INET_LOCAL_OUT, net, sk, skb, null, dev, dst_output);
}

/** Sends a packet that we made, whose IP header lacks only length and checksum. @EXPORT_SYMBOL */
export function ip_local_out(net: net, sk: sock | null, skb: sk_buff): int {
  const err = __ip_local_out(net, sk, skb);
  return err === 1 ? dst_output(net, sk, skb) : err;
}

/** Puts an IP header before a segment for which there is a route, and sends it: for a SYN-ACK. @EXPORT_SYMBOL */
export function ip_build_and_send_pkt(
  skb: sk_buff,
  sk: sock,
  saddr: __be32,
  daddr: __be32,
  opt: ip_options_rcu | null,
  tos: u8,
): int {
  const inet = inet_sk(sk);
  const rt = skb_rtable(skb) as rtable;
  const net = sock_net(sk);
  const optlen = opt !== null ? opt.opt.optlen : 0;
  IPCB_clear(skb);
  skb_push(skb, SIZEOF_IPHDR + optlen);
  skb_reset_network_header(skb);
  const iph = ip_hdr(skb);
  skb.head[iph.off] = 0x45;
  iph.tos = tos;
  iph.ttl = ip_select_ttl(inet, rt);
  iph.daddr = opt !== null && opt.opt.srr !== 0 ? opt.opt.faddr : daddr;
  iph.saddr = saddr;
  iph.protocol = sk.sk_protocol;
  if (ip_dont_fragment(sk, rt)) {
    iph.frag_off = IP_DF_BE;
    iph.id = 0;
  } else {
    iph.frag_off = 0;
    ip_select_ident(net, skb, sk);
  }
  if (opt !== null && optlen !== 0) {
    iph.ihl += optlen >> 2;
    ip_options_build(skb, opt.opt, daddr, rt);
  }
  skb.priority = sk.sk_priority;
  if (skb.mark === 0) skb.mark = sk.sk_mark;
  return ip_local_out(net, skb.sk, skb);
}

/** Hands a packet to the neighbour that is next. */
export function ip_finish_output2(net: net, _sk: sock | null, skb: sk_buff): int {
  const rt = skb_rtable(skb) as rtable;
  const dev = rt.dev as net_device;
  const hh_len = LL_RESERVED_SPACE(dev);
  if (rt.rt_type === RTN_MULTICAST) {
    IP_UPD_PO_STATS(net, IPSTATS_MIB_OUTMCASTPKTS, IPSTATS_MIB_OUTMCASTOCTETS, skb.len);
  } else if (rt.rt_type === RTN_BROADCAST) {
    IP_UPD_PO_STATS(net, IPSTATS_MIB_OUTBCASTPKTS, IPSTATS_MIB_OUTBCASTOCTETS, skb.len);
  }
  IP_UPD_PO_STATS(net, IPSTATS_MIB_OUTPKTS, IPSTATS_MIB_OUTOCTETS, skb.len);
  if (skb_headroom(skb) < hh_len && dev.header_ops !== null) {
    const bigger = skb_expand_head(skb, hh_len);
    if (bigger === null) return -ENOMEM;
    skb = bigger;
  }
  const neigh = ip_neigh_for_gw(rt, skb);
  if (neigh !== null) {
    sock_confirm_neigh(skb, neigh);
    return neigh_output(neigh, skb, false);
  }
  kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_CREATEFAIL);
  return -EINVAL;
}

/** A packet that the device would segment: if its segments do not fit, it is segmented and fragmented here. */
export function ip_finish_output_gso(net: net, sk: sock | null, skb: sk_buff, mtu: int): int {
  if (skb_gso_validate_network_len(skb, mtu)) return ip_finish_output2(net, sk, skb);
  const segs = skb_gso_segment(skb, netif_skb_features(skb) & ~NETIF_F_GSO_MASK);
  if (segs === null || typeof segs === 'number') {
    kfree_skb(skb);
    return -ENOMEM;
  }
  consume_skb(skb);
  let ret = 0;
  for (let seg: sk_buff | null = segs; seg !== null;) {
    const next: sk_buff | null = seg.next;
    skb_mark_not_on_list(seg);
    const err = ip_fragment(net, sk, seg, mtu, ip_finish_output2);
    if (err !== 0 && ret === 0) ret = err;
    seg = next;
  }
  return ret;
}

export function __ip_finish_output(net: net, sk: sock | null, skb: sk_buff): int {
  const mtu = ip_skb_dst_mtu(sk, skb);
  if (skb_is_gso(skb)) return ip_finish_output_gso(net, sk, skb, mtu);
  if (skb.len > mtu || IPCB(skb).frag_max_size !== 0) return ip_fragment(net, sk, skb, mtu, ip_finish_output2);
  return ip_finish_output2(net, sk, skb);
}

export function ip_finish_output(net: net, sk: sock | null, skb: sk_buff): int {
  return __ip_finish_output(net, sk, skb);
}

/** The copy of a multicast or broadcast that the sender itself gets. */
export function ip_mc_finish_output(net: net, sk: sock | null, skb: sk_buff): int {
  return dev_loopback_xmit(net, sk, skb);
}

/** Sends a multicast or broadcast, and gives the host itself a copy. */
export function ip_mc_output(net: net, sk: sock | null, skb: sk_buff): int {
  const rt = skb_rtable(skb) as rtable;
  const dev = rt.dev as net_device;
  const indev = skb.dev;
  skb.dev = dev;
  skb.protocol = htons(ETH_P_IP);
  const post = NF_INET_POST_ROUTING;
  if ((rt.rt_flags & RTCF_MULTICAST) !== 0) {
    if ((sk === null || mc_loop(sk)) && (rt.rt_flags & RTCF_LOCAL) !== 0) {
      const newskb = skb_clone(skb, GFP_ATOMIC);
      if (newskb !== null) NF_HOOK(NFPROTO_IPV4, post, net, sk, newskb, null, dev, ip_mc_finish_output);
    }
    // TTL 0: for this host alone.
    if (ip_hdr(skb).ttl === 0) {
      kfree_skb(skb);
      return 0;
    }
  }
  if ((rt.rt_flags & RTCF_BROADCAST) !== 0) {
    const newskb = skb_clone(skb, GFP_ATOMIC);
    if (newskb !== null) NF_HOOK(NFPROTO_IPV4, post, net, sk, newskb, null, dev, ip_mc_finish_output);
  }
  const again = (IPCB(skb).flags & IPSKB_REROUTED) === 0;
  return NF_HOOK_COND(NFPROTO_IPV4, post, net, sk, skb, indev, dev, ip_finish_output, again);
}

/** IP_MULTICAST_LOOP of the socket. @notrace */
function mc_loop(sk: sock): boolean {
  return inet_test_bit(INET_FLAGS_MC_LOOP, sk);
}

export function ip_output(net: net, sk: sock | null, skb: sk_buff): int {
  const dev = (skb._skb_refdst as rtable).dev as net_device;
  const indev = skb.dev;
  skb.dev = dev;
  skb.protocol = htons(ETH_P_IP);
  const again = (IPCB(skb).flags & IPSKB_REROUTED) === 0;
  return NF_HOOK_COND(NFPROTO_IPV4, NF_INET_POST_ROUTING, net, sk, skb, indev, dev, ip_finish_output, again);
}

/** The flow of a connected socket. @notrace */
export function inet_sk_init_flowi4(sk: sock, fl4: flowi4): __be32 {
  const inet = inet_sk(sk);
  const opt = inet.inet_opt;
  // With a source route the packet goes to its first station.
  const daddr = opt !== null && opt.opt.srr !== 0 ? opt.opt.faddr : inet.inet_daddr;
  const flags = inet_sk_flowi_flags(sk);
  const scope = ip_sock_rt_scope(sk);
  const tos = inet.tos & 0xfc;
  const uid = sk_uid(sk);
  const { inet_saddr, inet_dport, inet_sport, sk_bound_dev_if, sk_mark, sk_protocol } = inet;
  flowi4_init_output(
    fl4,
    sk_bound_dev_if,
    sk_mark,
    tos,
    scope,
    sk_protocol,
    flags,
    daddr,
    inet_saddr,
    inet_dport,
    inet_sport,
    uid,
  );
  return daddr;
}

/**
 * The flow of a connected socket, built anew: TCP's sockets keep none in a cork, as there all of it stands in the socket
 * already. Valid until the next call for a socket of the same namespace.
 * @notrace
 */
export function inet_sk_flow(sk: sock): flowi {
  const fl = sock_net(sk).ipv4.sk_flow;
  inet_sk_init_flowi4(sk, fl.u.ip4);
  return fl;
}

/**
 * Sends a segment of a connected socket.
 * @param fl the socket's flow, whose addresses the header gets
 * @returns 0, a congestion notice, or a negative errno
 */
export function __ip_queue_xmit(sk: sock, skb: sk_buff, fl: flowi, tos: u8): int {
  const inet = inet_sk(sk);
  const net = sock_net(sk);
  const fl4 = fl.u.ip4;
  const inet_opt = inet.inet_opt;
  let rt = skb_rtable(skb);
  IPCB_clear(skb);
  if (rt === null) {
    rt = __sk_dst_check(sk, 0) as rtable | null;
    if (rt === null) {
      inet_sk_init_flowi4(sk, fl4);
      fl4.flowi4_dscp = tos & 0xfc;
      const found = ip_route_output_flow(net, fl4, sk);
      if (typeof found === 'number') return no_route(net, skb);
      rt = found;
      sk_setup_caps(sk, rt);
    }
    skb_dst_set_noref(skb, rt);
  }
  if (inet_opt !== null && inet_opt.opt.is_strictroute && rt.rt_uses_gateway) return no_route(net, skb);

  const optlen = inet_opt !== null ? inet_opt.opt.optlen : 0;
  skb_push(skb, SIZEOF_IPHDR + optlen);
  skb_reset_network_header(skb);
  const iph = ip_hdr(skb);
  skb.head[iph.off] = 0x45;
  skb.head[iph.off + 1] = tos & 0xff;
  iph.frag_off = ip_dont_fragment(sk, rt) && skb.ignore_df === 0 ? IP_DF_BE : 0;
  iph.ttl = ip_select_ttl(inet, rt);
  iph.protocol = sk.sk_protocol;
  ip_copy_addrs(iph, fl4);
  if (inet_opt !== null && optlen !== 0) {
    iph.ihl += optlen >> 2;
    ip_options_build(skb, inet_opt.opt, inet.inet_daddr, rt);
  }
  const segs = skb.shinfo.gso_segs;
  ip_select_ident_segs(net, skb, sk, segs !== 0 ? segs : 1);
  skb.priority = sk.sk_priority;
  skb.mark = sk.sk_mark;
  return ip_local_out(net, sk, skb);
}

/** @notrace */
function no_route(net: net, skb: sk_buff): int {
  IP_INC_STATS(net, IPSTATS_MIB_OUTNOROUTES);
  kfree_skb_reason(skb, SKB_DROP_REASON_IP_OUTNOROUTES);
  return -EHOSTUNREACH;
}

/** @EXPORT_SYMBOL */
export function ip_queue_xmit(sk: sock, skb: sk_buff, fl: flowi): int {
  return __ip_queue_xmit(sk, skb, fl, inet_sk(sk).tos);
}
