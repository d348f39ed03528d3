// Datagrams that come in (net/ipv4/udp.c; RFC 768, RFC 1122 4.1).

import { ntohs } from '../../../include/linux/byteorder.js';
import { ENOMEM } from '../../../include/linux/errno.js';
import { ICMP_DEST_UNREACH, ICMP_PORT_UNREACH } from '../../../include/linux/icmp.js';
import { IPPROTO_UDP, ipv4_is_multicast } from '../../../include/linux/in.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import { __in_dev_get_rcu } from '../../../include/linux/inetdevice.js';
import { PACKET_HOST } from '../../../include/linux/if_packet.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import { RTCF_BROADCAST, RTCF_MULTICAST } from '../../../include/linux/rtnetlink.js';
import {
  SIZEOF_UDPHDR,
  UDP_FLAGS_ENCAP_ENABLED,
  UDP_FLAGS_GRO_ENABLED,
  udp_hdr,
  udp_sk,
  udp_test_bit,
} from '../../../include/linux/udp.js';
import type { udphdr } from '../../../include/linux/udp.js';
import { csum_tcpudp_nofold } from '../../../include/net/checksum.js';
import {
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_NO_SOCKET,
  SKB_DROP_REASON_PKT_TOO_SMALL,
  SKB_DROP_REASON_PROTO_MEM,
  SKB_DROP_REASON_SOCKET_FILTER,
  SKB_DROP_REASON_SOCKET_RCVBUFF,
  SKB_DROP_REASON_UDP_CSUM,
  SKB_NOT_DROPPED_YET,
} from '../../../include/net/dropreason.js';
import { dst_check } from '../../../include/net/dst.js';
import { dst_release } from '../../core/dst.js';
import { icmp_send } from '../../../include/net/icmp.js';
import type { net } from '../../../include/net/net_namespace.js';
import { skb_rtable } from '../../../include/net/route.js';
import type { rtable } from '../../../include/net/route.js';
import {
  UDP_MIB_CSUMERRORS,
  UDP_MIB_IGNOREDMULTI,
  UDP_MIB_INDATAGRAMS,
  UDP_MIB_INERRORS,
  UDP_MIB_MEMERRORS,
  UDP_MIB_NOPORTS,
  UDP_MIB_RCVBUFERRORS,
} from '../../../include/net/snmp.js';
import {
  UDP_SKB_CB,
  udp_has_hash4,
  udp_hashslot,
  udp_hashslot2,
  udp_lib_checksum_complete,
} from '../../../include/net/udp.js';
import {
  GFP_ATOMIC,
  __skb_checksum_validate,
  __skb_pull,
  nf_reset_ct,
  pskb_may_pull,
  pskb_trim_rcsum,
  skb_dst_set_noref,
  skb_is_gso,
  skb_mark_not_on_list,
} from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { sk_drops_inc, sock_efree, sock_net, sock_put } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { TCP_ESTABLISHED } from '../../../include/net/tcp_states.js';
import { trace_udp_fail_queue_rcv_skb } from '../../../include/trace/events/udp.js';
import { sk_filter_trim_cap } from '../../core/filter.js';
import { consume_skb, kfree_skb_reason, skb_clone } from '../../core/skbuff.js';
import { ip_check_mc_rcu, ip_mc_sf_allow } from '../igmp.js';
import { ipv4_pktinfo_prepare } from '../ip_sockglue.js';
import { ip_mc_validate_source } from '../route.js';
import { udp_rcv_segment } from '../udp_offload.js';
import { ipv4_portaddr_hash } from './hash.js';
import { __udp4_lib_lookup_skb, __udp_is_mcast_sock, udp4_lib_lookup4 } from './lookup.js';
import { __udp_enqueue_schedule_skb } from './queue.js';
import type { __be32, int, u16 } from '../../../include/linux/types.js';

/** @notrace */
export function __udp_queue_rcv_skb(sk: sock, skb: sk_buff): int {
  const rc = __udp_enqueue_schedule_skb(sk, skb);
  if (rc === 0) return 0;
  const mib = sock_net(sk).mib.udp_statistics;
  let drop_reason: number;
  if (rc === -ENOMEM) {
    mib[UDP_MIB_RCVBUFERRORS]++;
    drop_reason = SKB_DROP_REASON_SOCKET_RCVBUFF;
  } else {
    mib[UDP_MIB_MEMERRORS]++;
    drop_reason = SKB_DROP_REASON_PROTO_MEM;
  }
  mib[UDP_MIB_INERRORS]++;
  trace_udp_fail_queue_rcv_skb(rc, sk, skb);
  kfree_skb_reason(skb, drop_reason);
  return -1;
}

/** @returns 0; -1 if the datagram was dropped; above 0: to be delivered again to that protocol */
export function udp_queue_rcv_one_skb(sk: sock, skb: sk_buff): int {
  const up = udp_sk(sk);
  const mib = sock_net(sk).mib.udp_statistics;
  nf_reset_ct(skb);
  if (udp_test_bit(UDP_FLAGS_ENCAP_ENABLED, sk) && up.encap_rcv !== null) {
    if (udp_lib_checksum_complete(skb)) {
      mib[UDP_MIB_CSUMERRORS]++;
      return drop_one(sk, skb, SKB_DROP_REASON_UDP_CSUM);
    }
    const ret = up.encap_rcv(sk, skb);
    if (ret <= 0) {
      mib[UDP_MIB_INDATAGRAMS]++;
      return -ret;
    }
  }
  // A filter must see what was checked.
  if (sk.sk_filter !== null && udp_lib_checksum_complete(skb)) {
    mib[UDP_MIB_CSUMERRORS]++;
    return drop_one(sk, skb, SKB_DROP_REASON_UDP_CSUM);
  }
  if (sk_filter_trim_cap(sk, skb, SIZEOF_UDPHDR) !== 0) {
    return drop_one(sk, skb, SKB_DROP_REASON_SOCKET_FILTER);
  }
  ipv4_pktinfo_prepare(sk, skb, true);
  return __udp_queue_rcv_skb(sk, skb);
}

/** @notrace */
function drop_one(sk: sock, skb: sk_buff, reason: int): int {
  sock_net(sk).mib.udp_statistics[UDP_MIB_INERRORS]++;
  sk_drops_inc(sk);
  kfree_skb_reason(skb, reason);
  return -1;
}

export function udp_queue_rcv_skb(sk: sock, skb: sk_buff): int {
  // Datagrams that GRO merged: a socket that did not ask for them (UDP_GRO) gets them one by one.
  if (!skb_is_gso(skb) || udp_test_bit(UDP_FLAGS_GRO_ENABLED, sk)) return udp_queue_rcv_one_skb(sk, skb);
  let ret = 0;
  for (let seg: sk_buff | null = udp_rcv_segment(sk, skb); seg !== null;) {
    const next: sk_buff | null = seg.next;
    skb_mark_not_on_list(seg);
    __skb_pull(seg, seg.transport_header - seg.data);
    ret = udp_queue_rcv_one_skb(sk, seg);
    seg = next;
  }
  return ret > 0 ? 0 : ret;
}

/** Keeps the route that the datagram came by with the socket, for those that follow. @EXPORT_SYMBOL */
export function udp_sk_rx_dst_set(sk: sock, dst: rtable): boolean {
  if (sk.sk_rx_dst === dst) return false;
  dst.__rcuref++;
  const old = sk.sk_rx_dst;
  sk.sk_rx_dst = dst;
  dst_release(old);
  return old !== dst;
}

/** A multicast or broadcast: to every socket that wants it. */
export function __udp4_lib_mcast_deliver(
  net: net,
  skb: sk_buff,
  uh: udphdr,
  saddr: __be32,
  daddr: __be32,
  _udptable: unknown,
  _proto: int,
): int {
  const hnum = ntohs(uh.dest);
  const dif = (skb.dev as net_device).ifindex;
  let first: sock | null = null;
  for (const sk of [...udp_hashslot(net.kernel.udp_table, net, hnum).head]) {
    if (!__udp_is_mcast_sock(net, sk, uh.dest, daddr, uh.source, saddr, dif, 0, hnum)) continue;
    if (ip_mc_sf_allow(sk, daddr, saddr, dif, 0) === 0) continue;
    if (first === null) {
      first = sk;
      continue;
    }
    const nskb = skb_clone(skb, GFP_ATOMIC);
    if (nskb === null) {
      sk_drops_inc(sk);
      net.mib.udp_statistics[UDP_MIB_RCVBUFERRORS]++;
      net.mib.udp_statistics[UDP_MIB_INERRORS]++;
      continue;
    }
    if (udp_queue_rcv_skb(sk, nskb) > 0) consume_skb(nskb);
  }
  if (first !== null) {
    if (udp_queue_rcv_skb(first, skb) > 0) consume_skb(skb);
  } else {
    kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED);
    net.mib.udp_statistics[UDP_MIB_IGNOREDMULTI]++;
  }
  return 0;
}

/** Prepares the check of the checksum: it is made when the data are copied. @returns 0 if it may be right */
export function udp4_csum_init(skb: sk_buff, uh: udphdr, _proto: int): int {
  UDP_SKB_CB(skb).partial_cov = 0;
  UDP_SKB_CB(skb).cscov = skb.len;
  const iph = ip_hdr(skb);
  const psum = csum_tcpudp_nofold(iph.saddr, iph.daddr, skb.len, IPPROTO_UDP, 0);
  // A sender need not sum: then the field is 0.
  return __skb_checksum_validate(skb, false, true, uh.check, psum);
}

/** @returns 0, or a negative number: the protocol to which it goes next */
export function udp_unicast_rcv_skb(sk: sock, skb: sk_buff, _uh: udphdr): int {
  const ret = udp_queue_rcv_skb(sk, skb);
  return ret > 0 ? -ret : 0;
}

export function __udp4_lib_rcv(skb: sk_buff, proto: int): int {
  const net = (skb.dev as net_device).nd_net;
  const rt = skb_rtable(skb) as rtable;
  if (!pskb_may_pull(skb, SIZEOF_UDPHDR)) return drop(net, skb, SKB_DROP_REASON_PKT_TOO_SMALL);
  const uh = udp_hdr(skb);
  const ulen = ntohs(uh.len);
  const { saddr, daddr } = ip_hdr(skb);
  // UDP's own length may be less than IP's: what is behind is no data.
  if (ulen > skb.len) return drop(net, skb, SKB_DROP_REASON_PKT_TOO_SMALL);
  if (ulen < SIZEOF_UDPHDR || pskb_trim_rcsum(skb, ulen) !== 0) return drop(net, skb, SKB_DROP_REASON_PKT_TOO_SMALL);
  if (udp4_csum_init(skb, uh, proto) !== 0) return csum_error(net, skb);

  const early = skb.sk;
  if (early !== null) {
    const refcounted = skb.destructor !== null;
    skb.sk = null;
    skb.destructor = null;
    udp_sk_rx_dst_set(early, rt);
    const ret = udp_unicast_rcv_skb(early, skb, uh);
    if (refcounted) sock_put(early);
    return ret;
  }
  if ((rt.rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0) {
    return __udp4_lib_mcast_deliver(net, skb, uh, saddr, daddr, null, proto);
  }
  const sk = __udp4_lib_lookup_skb(skb, uh.source, uh.dest);
  if (sk !== null) return udp_unicast_rcv_skb(sk, skb, uh);

  nf_reset_ct(skb);
  if (udp_lib_checksum_complete(skb)) return csum_error(net, skb);
  net.mib.udp_statistics[UDP_MIB_NOPORTS]++;
  icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
  // Nobody listens: the sender knows it now.
  kfree_skb_reason(skb, SKB_DROP_REASON_NO_SOCKET);
  return 0;
}

/** @notrace */
function csum_error(net: net, skb: sk_buff): int {
  net.mib.udp_statistics[UDP_MIB_CSUMERRORS]++;
  return drop(net, skb, SKB_DROP_REASON_UDP_CSUM);
}

/** @notrace */
function drop(net: net, skb: sk_buff, reason: int): int {
  net.mib.udp_statistics[UDP_MIB_INERRORS]++;
  kfree_skb_reason(skb, reason);
  return 0;
}

/** The one socket of a group, if there is one alone. */
export function __udp4_lib_mcast_demux_lookup(
  net: net,
  loc_port: number,
  loc_addr: __be32,
  rmt_port: number,
  rmt_addr: __be32,
  dif: int,
  sdif: int,
): sock | null {
  const hnum: u16 = ntohs(loc_port);
  const slot = udp_hashslot(net.kernel.udp_table, net, hnum);
  if (slot.count > 10) return null;
  let result: sock | null = null;
  for (const sk of slot.head) {
    if (!__udp_is_mcast_sock(net, sk, loc_port, loc_addr, rmt_port, rmt_addr, dif, sdif, hnum)) continue;
    if (result !== null) return null;
    result = sk;
  }
  return result;
}

/** A connected socket, for the look-up before routing. */
export function __udp4_lib_demux_lookup(
  net: net,
  loc_port: number,
  loc_addr: __be32,
  rmt_port: number,
  rmt_addr: __be32,
  dif: int,
  sdif: int,
): sock | null {
  const { udp_table } = net.kernel;
  const hnum = ntohs(loc_port);
  if (!udp_has_hash4(udp_hashslot2(udp_table, ipv4_portaddr_hash(net, loc_addr, hnum)))) return null;
  const sk = udp4_lib_lookup4(net, rmt_addr, rmt_port, loc_addr, hnum, dif, sdif, udp_table);
  return sk !== null && sk.sk_state === TCP_ESTABLISHED ? sk : null;
}

/** Finds a connected socket before the route is looked up, which the socket may know. @returns a drop reason */
export function udp_v4_early_demux(skb: sk_buff): int {
  const dev = skb.dev as net_device;
  const net = dev.nd_net;
  const off = skb.transport_header - skb.data;
  if (!pskb_may_pull(skb, off + SIZEOF_UDPHDR)) return SKB_NOT_DROPPED_YET;
  const iph = ip_hdr(skb);
  const uh = udp_hdr(skb);
  const dif = dev.ifindex;
  let sk: sock | null = null;
  const multicast = ipv4_is_multicast(iph.daddr);
  if (multicast) {
    const in_dev = __in_dev_get_rcu(dev);
    if (in_dev === null) return SKB_NOT_DROPPED_YET;
    if (!ip_check_mc_rcu(in_dev, iph.daddr, iph.saddr, iph.protocol)) return SKB_NOT_DROPPED_YET;
    sk = __udp4_lib_mcast_demux_lookup(net, uh.dest, iph.daddr, uh.source, iph.saddr, dif, 0);
  } else if (skb.pkt_type === PACKET_HOST) {
    sk = __udp4_lib_demux_lookup(net, uh.dest, iph.daddr, uh.source, iph.saddr, dif, 0);
  }
  if (sk === null) return SKB_NOT_DROPPED_YET;
  skb.sk = sk;
  sk.sk_refcnt++;
  skb.destructor = sock_efree;
  let dst = sk.sk_rx_dst;
  if (dst !== null) dst = dst_check(dst, 0);
  if (dst !== null) {
    if (multicast) {
      const in_dev = __in_dev_get_rcu(dev);
      const reason = ip_mc_validate_source(skb, iph.daddr, iph.saddr, iph.tos & 0xfc, dev, in_dev);
      if (reason !== SKB_NOT_DROPPED_YET) return reason;
    }
    skb_dst_set_noref(skb, dst);
  }
  return SKB_NOT_DROPPED_YET;
}

export function udp_rcv(skb: sk_buff): int {
  return __udp4_lib_rcv(skb, IPPROTO_UDP);
}
