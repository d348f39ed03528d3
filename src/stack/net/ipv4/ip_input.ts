// Packets that came in: checked, routed, handed to a transport (net/ipv4/ip_input.c; RFC 791, RFC 1122 3.2.1).

import { ICMP_DEST_UNREACH, ICMP_PROT_UNREACH } from '../../include/linux/icmp.js';
import { IPPROTO_TCP, IPPROTO_UDP } from '../../include/linux/in.js';
import { SIZEOF_IPHDR, ip_hdr, iph_totlen } from '../../include/linux/ip.js';
import {
  IN_DEV_ORCONF,
  IN_DEV_SOURCE_ROUTE,
  IPV4_DEVCONF_DROP_UNICAST_IN_L2_MULTICAST,
  __in_dev_get_rcu,
} from '../../include/linux/inetdevice.js';
import {
  NET_RX_DROP,
  NET_RX_SUCCESS,
  PACKET_BROADCAST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
} from '../../include/linux/netdevice.js';
import type { net_device, packet_type } from '../../include/linux/netdevice.js';
import { NFPROTO_IPV4, NF_HOOK, NF_INET_LOCAL_IN, NF_INET_PRE_ROUTING } from '../../include/linux/netfilter.js';
import {
  SKB_DROP_REASON_IP_CSUM,
  SKB_DROP_REASON_IP_INHDR,
  SKB_DROP_REASON_IP_NOPROTO,
  SKB_DROP_REASON_IP_RPFILTER,
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_NOMEM,
  SKB_DROP_REASON_OTHERHOST,
  SKB_DROP_REASON_PKT_TOO_SMALL,
  SKB_DROP_REASON_UNICAST_IN_L2_MULTICAST,
} from '../../include/net/dropreason.js';
import { dst_input } from '../../include/net/dst.js';
import { icmp_send } from '../../include/net/icmp.js';
import {
  IPCB,
  IPCB_clear,
  IP_DEFRAG_CALL_RA_CHAIN,
  IP_DEFRAG_LOCAL_DELIVER,
  IP_UPD_PO_STATS,
  __IP_ADD_STATS,
  __IP_INC_STATS,
  __NET_INC_STATS,
  ip_is_fragment,
} from '../../include/net/ip.js';
import { ip_fast_csum } from '../../include/net/checksum.js';
import type { net } from '../../include/net/net_namespace.js';
import { RTN_BROADCAST, RTN_MULTICAST } from '../../include/linux/rtnetlink.js';
import { skb_rtable } from '../../include/net/route.js';
import type { rtable } from '../../include/net/route.js';
import {
  IPSTATS_MIB_CSUMERRORS,
  IPSTATS_MIB_INBCASTOCTETS,
  IPSTATS_MIB_INBCASTPKTS,
  IPSTATS_MIB_INDELIVERS,
  IPSTATS_MIB_INDISCARDS,
  IPSTATS_MIB_INHDRERRORS,
  IPSTATS_MIB_INMCASTOCTETS,
  IPSTATS_MIB_INMCASTPKTS,
  IPSTATS_MIB_INOCTETS,
  IPSTATS_MIB_INPKTS,
  IPSTATS_MIB_INTRUNCATEDPKTS,
  IPSTATS_MIB_INUNKNOWNPROTOS,
  IPSTATS_MIB_NOECTPKTS,
  LINUX_MIB_IPRPFILTER,
} from '../../include/net/snmp.js';
import { consume_skb, kfree_skb_reason } from '../core/skbuff.js';
import { skb_clone } from '../core/skbuff.js';
import {
  __skb_pull,
  pskb_may_pull,
  pskb_trim_rcsum,
  skb_cow,
  skb_dst,
  skb_headroom,
  skb_orphan,
  skb_share_check,
  GFP_ATOMIC,
} from '../../include/linux/skbuff.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import { nf_reset_ct } from '../../include/linux/skbuff.js';
import type { sock } from '../../include/net/sock.js';
import { ip_defrag } from './ip_fragment.js';
import { ip_options_compile, ip_options_rcv_srr } from './ip_options.js';
import { raw_local_deliver, raw_rcv } from './raw.js';
import { ip_route_input_noref } from './route.js';
import { tcp_v4_early_demux } from './tcp_ipv4.js';
import { udp_v4_early_demux } from './udp.js';
import type { bool, int } from '../../include/linux/types.js';

/** Hands a packet with the router alert option to the sockets that asked for it. @returns whether one took it */
export function ip_call_ra_chain(skb: sk_buff): bool {
  const dev = skb.dev as net_device;
  const net = dev.nd_net;
  const protocol = ip_hdr(skb).protocol;
  let last: sock | null = null;
  for (let ra = net.ipv4.ra_chain; ra !== null; ra = ra.next) {
    const sk = ra.sk;
    if (sk.sk_num !== protocol || (sk.sk_bound_dev_if !== 0 && sk.sk_bound_dev_if !== dev.ifindex)) continue;
    if (ip_is_fragment(ip_hdr(skb)) && ip_defrag(net, skb, IP_DEFRAG_CALL_RA_CHAIN) !== 0) return true;
    if (last !== null) {
      const skb2 = skb_clone(skb, GFP_ATOMIC);
      if (skb2 !== null) raw_rcv(last, skb2);
    }
    last = sk;
  }
  if (last === null) return false;
  raw_rcv(last, skb);
  return true;
}

/** Hands the payload to the raw sockets and to the transport of that number. */
export function ip_protocol_deliver_rcu(net: net, skb: sk_buff, protocol: int): void {
  for (;;) {
    const raw = raw_local_deliver(skb, protocol);
    const ipprot = net.kernel.inet_protos[protocol];
    if (ipprot !== null) {
      if (!ipprot.no_policy) nf_reset_ct(skb);
      const ret = ipprot.handler(skb);
      if (ret < 0) {
        protocol = -ret;
        continue;
      }
      __IP_INC_STATS(net, IPSTATS_MIB_INDELIVERS);
      return;
    }
    if (!raw) {
      __IP_INC_STATS(net, IPSTATS_MIB_INUNKNOWNPROTOS);
      icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0);
      kfree_skb_reason(skb, SKB_DROP_REASON_IP_NOPROTO);
    } else {
      __IP_INC_STATS(net, IPSTATS_MIB_INDELIVERS);
      consume_skb(skb);
    }
    return;
  }
}

export function ip_local_deliver_finish(net: net, _sk: sock | null, skb: sk_buff): int {
  __skb_pull(skb, skb.transport_header - skb.network_header);
  ip_protocol_deliver_rcu(net, skb, skb.head[skb.network_header + 9]);
  return 0;
}

/** A packet for this host: put together if it is a fragment, then through LOCAL_IN. @EXPORT_SYMBOL */
export function ip_local_deliver(skb: sk_buff): int {
  const dev = skb.dev as net_device;
  const net = dev.nd_net;
  if (ip_is_fragment(ip_hdr(skb)) && ip_defrag(net, skb, IP_DEFRAG_LOCAL_DELIVER) !== 0) return 0;
  return NF_HOOK(NFPROTO_IPV4, NF_INET_LOCAL_IN, net, null, skb, dev, null, ip_local_deliver_finish);
}

/** Compiles the options of a packet. @returns whether it is to be dropped */
export function ip_rcv_options(skb: sk_buff, dev: net_device): bool {
  // The options are changed in place (addresses and times are filled in).
  if (skb_cow(skb, skb_headroom(skb)) !== 0) {
    __IP_INC_STATS(dev.nd_net, IPSTATS_MIB_INDISCARDS);
    return true;
  }
  const iph = ip_hdr(skb);
  const opt = IPCB(skb).opt;
  opt.optlen = iph.ihl * 4 - SIZEOF_IPHDR;
  if (ip_options_compile(dev.nd_net, opt, skb) !== 0) {
    __IP_INC_STATS(dev.nd_net, IPSTATS_MIB_INHDRERRORS);
    return true;
  }
  if (opt.srr !== 0) {
    const in_dev = __in_dev_get_rcu(dev);
    if (in_dev !== null && !IN_DEV_SOURCE_ROUTE(in_dev)) return true;
    if (ip_options_rcv_srr(skb, dev) !== 0) return true;
  }
  return false;
}

/** Looks where the packet goes: by the socket that it is for, else by the tables. @returns NET_RX_SUCCESS or DROP */
export function ip_rcv_finish_core(net: net, skb: sk_buff, dev: net_device, _hint: sk_buff | null): int {
  let drop_reason = SKB_DROP_REASON_NOT_SPECIFIED;
  const iph = ip_hdr(skb);
  if (net.ipv4.sysctl_ip_early_demux !== 0 && skb_dst(skb) === null && skb.sk === null && !ip_is_fragment(iph)) {
    const protocol = iph.protocol;
    if (protocol === IPPROTO_TCP) {
      if (net.ipv4.sysctl_tcp_early_demux !== 0) drop_reason = tcp_v4_early_demux(skb);
    } else if (protocol === IPPROTO_UDP && net.ipv4.sysctl_udp_early_demux !== 0) {
      drop_reason = udp_v4_early_demux(skb);
      if (drop_reason !== 0 && drop_reason !== SKB_DROP_REASON_NOT_SPECIFIED) return drop_error(net, skb, drop_reason);
    }
  }
  if (skb_dst(skb) === null) {
    drop_reason = ip_route_input_noref(skb, iph.daddr, iph.saddr, iph.tos, dev);
    if (drop_reason !== 0) return drop_error(net, skb, drop_reason);
  }
  if (iph.ihl > 5 && ip_rcv_options(skb, dev)) {
    kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED);
    return NET_RX_DROP;
  }
  const rt = skb_rtable(skb) as rtable;
  if (rt.rt_type === RTN_MULTICAST) {
    IP_UPD_PO_STATS(net, IPSTATS_MIB_INMCASTPKTS, IPSTATS_MIB_INMCASTOCTETS, skb.len);
  } else if (rt.rt_type === RTN_BROADCAST) {
    IP_UPD_PO_STATS(net, IPSTATS_MIB_INBCASTPKTS, IPSTATS_MIB_INBCASTOCTETS, skb.len);
  } else if (skb.pkt_type === PACKET_BROADCAST || skb.pkt_type === PACKET_MULTICAST) {
    // RFC 1122 3.3.6: a unicast address in a link-layer broadcast is suspicious.
    const in_dev = __in_dev_get_rcu(dev);
    if (in_dev !== null && IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_DROP_UNICAST_IN_L2_MULTICAST)) {
      kfree_skb_reason(skb, SKB_DROP_REASON_UNICAST_IN_L2_MULTICAST);
      return NET_RX_DROP;
    }
  }
  return NET_RX_SUCCESS;
}

/** @notrace */
function drop_error(net: net, skb: sk_buff, reason: int): int {
  if (reason === SKB_DROP_REASON_IP_RPFILTER) __NET_INC_STATS(net, LINUX_MIB_IPRPFILTER);
  kfree_skb_reason(skb, reason);
  return NET_RX_DROP;
}

export function ip_rcv_finish(net: net, _sk: sock | null, skb: sk_buff): int {
  const ret = ip_rcv_finish_core(net, skb, skb.dev as net_device, null);
  return ret === NET_RX_DROP ? ret : dst_input(skb);
}

/** Checks the IP header. @returns the skb, or null if it was dropped */
export function ip_rcv_core(skb: sk_buff, net: net): sk_buff | null {
  // A frame for somebody else, seen because the device is promiscuous.
  if (skb.pkt_type === PACKET_OTHERHOST) {
    (skb.dev as net_device).core_stats.rx_otherhost_dropped++;
    kfree_skb_reason(skb, SKB_DROP_REASON_OTHERHOST);
    return null;
  }
  IP_UPD_PO_STATS(net, IPSTATS_MIB_INPKTS, IPSTATS_MIB_INOCTETS, skb.len);
  const shared = skb_share_check(skb, GFP_ATOMIC);
  if (shared === null) {
    __IP_INC_STATS(net, IPSTATS_MIB_INDISCARDS);
    return null;
  }
  skb = shared;
  if (!pskb_may_pull(skb, SIZEOF_IPHDR)) return inhdr_error(net, skb);
  const b = skb.head;
  let nh = skb.network_header;
  // RFC 1122 3.2.1.1, 3.2.1.2: version, length and checksum must be right, or the packet is silently discarded.
  const ihl = b[nh] & 15;
  if (ihl < 5 || b[nh] >>> 4 !== 4) return inhdr_error(net, skb);
  const segs = skb.shinfo.gso_segs;
  __IP_ADD_STATS(net, IPSTATS_MIB_NOECTPKTS + (b[nh + 1] & 3), segs > 1 ? segs : 1);
  if (!pskb_may_pull(skb, ihl * 4)) return inhdr_error(net, skb);
  nh = skb.network_header;
  if (ip_fast_csum(skb.head, nh, ihl) !== 0) {
    __IP_INC_STATS(net, IPSTATS_MIB_CSUMERRORS);
    __IP_INC_STATS(net, IPSTATS_MIB_INHDRERRORS);
    kfree_skb_reason(skb, SKB_DROP_REASON_IP_CSUM);
    return null;
  }
  const len = iph_totlen(skb, ip_hdr(skb));
  if (skb.len < len) {
    __IP_INC_STATS(net, IPSTATS_MIB_INTRUNCATEDPKTS);
    kfree_skb_reason(skb, SKB_DROP_REASON_PKT_TOO_SMALL);
    return null;
  }
  if (len < ihl * 4) return inhdr_error(net, skb);
  // What the link padded the frame with goes.
  if (pskb_trim_rcsum(skb, len) !== 0) {
    __IP_INC_STATS(net, IPSTATS_MIB_INDISCARDS);
    kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
    return null;
  }
  skb.transport_header = skb.network_header + ihl * 4;
  IPCB_clear(skb);
  IPCB(skb).iif = skb.skb_iif;
  skb_orphan(skb);
  return skb;
}

/** @notrace */
function inhdr_error(net: net, skb: sk_buff): null {
  __IP_INC_STATS(net, IPSTATS_MIB_INHDRERRORS);
  kfree_skb_reason(skb, SKB_DROP_REASON_IP_INHDR);
  return null;
}

/** Entry of all IPv4 packets from devices. */
export function ip_rcv(skb: sk_buff, dev: net_device, _pt: packet_type, _orig_dev: net_device | null): int {
  const net = dev.nd_net;
  const core = ip_rcv_core(skb, net);
  if (core === null) return NET_RX_DROP;
  return NF_HOOK(NFPROTO_IPV4, NF_INET_PRE_ROUTING, net, null, core, dev, null, ip_rcv_finish);
}
