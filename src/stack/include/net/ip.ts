// IP: control block, header bits, the cookie of an output call, MTU rules, checksums of UDP over IP, statistics
// (include/net/ip.h).

import { inet_sk } from './inet_sock.js';
import type { inet_sock, ip_options_rcu } from './inet_sock.js';
import { ip_options, ip_options_clear, ip_options_copy } from './inet_sock.js';
import {
  IP_PMTUDISC_DO,
  IP_PMTUDISC_INTERFACE,
  IP_PMTUDISC_OMIT,
  IP_PMTUDISC_PROBE,
  IP_PMTUDISC_WANT,
} from '../linux/in.js';
import type { flowi4 } from './flow.js';
import type { iphdr } from '../linux/ip.js';
import type { sk_buff, skb_cb_owner } from '../linux/skbuff.js';
import type { net } from './net_namespace.js';
import type { net_device } from '../linux/netdevice.js';
import { sk_fullsock } from './sock.js';
import type { sock } from './sock.js';
import { csum_tcpudp_nofold, ip_compute_csum } from './checksum.js';
import { dst_metric_locked, dst_metric_raw, dst_mtu } from './dst.js';
import type { dst_entry } from './dst.js';
import { RTAX_HOPLIMIT, RTAX_MTU } from '../linux/rtnetlink.js';
import type { rtable } from './route.js';
import type { __be32, __wsum, bool, int, s16, u16, u32, u8 } from '../linux/types.js';

export const IPV4_MAX_PMTU = 65535;
export const IPV4_MIN_MTU = 68;

export const IPSKB_FORWARDED = 1 << 0;
export const IPSKB_XFRM_TUNNEL_SIZE = 1 << 1;
export const IPSKB_XFRM_TRANSFORMED = 1 << 2;
export const IPSKB_FRAG_COMPLETE = 1 << 3;
export const IPSKB_REROUTED = 1 << 4;
export const IPSKB_DOREDIRECT = 1 << 5;
export const IPSKB_FRAG_PMTU = 1 << 6;
export const IPSKB_L3SLAVE = 1 << 7;
export const IPSKB_NOPOLICY = 1 << 8;
export const IPSKB_MULTIPATH = 1 << 9;

/** IP's control block in an skb. */
export class inet_skb_parm implements skb_cb_owner<inet_skb_parm> {
  iif: int = 0;
  /** options of the packet, compiled */
  opt: ip_options = new ip_options();
  flags: u16 = 0;
  /** largest fragment of a packet that was put together, with its header */
  frag_max_size: u16 = 0;
  /** of a packet in a receive queue: what IP_PKTINFO tells (struct in_pktinfo, in the same place) */
  pktinfo_ifindex: int = 0;
  pktinfo_spec_dst: __be32 = 0;

  reset(): void {
    this.iif = 0;
    this.pktinfo_ifindex = 0;
    this.pktinfo_spec_dst = 0;
    this.flags = 0;
    this.frag_max_size = 0;
    if (this.opt.optlen !== 0 || this.opt.faddr !== 0) ip_options_clear(this.opt);
  }

  copy(from: inet_skb_parm): void {
    this.iif = from.iif;
    this.pktinfo_ifindex = from.pktinfo_ifindex;
    this.pktinfo_spec_dst = from.pktinfo_spec_dst;
    this.flags = from.flags;
    this.frag_max_size = from.frag_max_size;
    if (this.opt.optlen !== 0 || from.opt.optlen !== 0) ip_options_copy(this.opt, from.opt);
  }
}

/** @notrace */
export function IPCB(skb: sk_buff): inet_skb_parm {
  return (skb.ipcb ??= new inet_skb_parm());
}

/** memset(IPCB(skb), 0, …) @notrace */
export function IPCB_clear(skb: sk_buff): void {
  IPCB(skb).reset();
}

/** iphdr.frag_off, host order */
export const IP_CE = 0x8000;
export const IP_DF = 0x4000;
export const IP_MF = 0x2000;
export const IP_OFFSET = 0x1fff;
/** the same in network order, as frag_off is loaded */
export const IP_DF_BE = 0x0040;
export const IP_MF_BE = 0x0020;
export const IP_OFFSET_BE = 0xff1f;

export const IP_MAX_MTU = 0xffff;
export const IP_FRAG_TIME_MS = 30000;

/** Struct of the address group that IP_ADD_MEMBERSHIP is given (uapi/linux/in.h). */
export class ip_mreqn {
  imr_multiaddr: __be32 = 0;
  imr_address: __be32 = 0;
  imr_ifindex: int = 0;
}

/** What one output call was told by its msghdr and socket. */
export class ipcm_cookie {
  sockc = { transmit_time: 0, mark: 0, tsflags: 0, ts_opt_id: 0, priority: 0, dmabuf_id: 0 };
  addr: __be32 = 0;
  oif: int = 0;
  opt: ip_options_rcu | null = null;
  protocol: u8 = 0;
  ttl: u8 = 0;
  tos: s16 = -1;
  gso_size: u16 = 0;
}

/** @notrace */
export function ipcm_init(ipcm: ipcm_cookie): void {
  ipcm.tos = -1;
}

/** @notrace */
export function ipcm_init_sk(ipcm: ipcm_cookie, inet: inet_sock): void {
  ipcm_init(ipcm);
  ipcm.sockc.mark = inet.sk_mark;
  ipcm.sockc.priority = inet.sk_priority;
  ipcm.sockc.tsflags = inet.sk_tsflags;
  ipcm.oif = inet.sk_bound_dev_if;
  ipcm.addr = inet.inet_saddr;
  ipcm.protocol = inet.inet_num & 0xff;
}

/** @notrace */
export function get_rttos(ipc: ipcm_cookie, inet: inet_sock): u8 {
  return (ipc.tos !== -1 ? ipc.tos : inet.tos) & 0xfc;
}
/** @notrace */
export function get_rtconn_flags(ipc: ipcm_cookie, inet: inet_sock): u8 {
  return get_rttos(ipc, inet);
}

export const IP_REPLY_ARG_NOSRCCHECK = 1;

/** What ip_send_unicast_reply() is told. */
export class ip_reply_arg {
  /** the bytes to send */
  iov: Uint8Array = new Uint8Array(0);
  flags: int = 0;
  csum: __wsum = 0;
  /** where the checksum stands, in 16-bit words from the begin of iov; -1 for none */
  csumoffset: int = -1;
  bound_dev_if: int = 0;
  tos: u8 = 0;
  uid: u32 = 0;
}

/** @notrace */
export function ip_reply_arg_flowi_flags(arg: ip_reply_arg): u8 {
  return (arg.flags & IP_REPLY_ARG_NOSRCCHECK) !== 0 ? 1 : 0;
}

/** @notrace */
export function ip_is_fragment(iph: iphdr): bool {
  return (iph.frag_off & (IP_MF_BE | IP_OFFSET_BE)) !== 0;
}

/** Counts the TTL down and keeps the checksum right (RFC 1141). @returns the new TTL @notrace */
export function ip_decrease_ttl(iph: iphdr): int {
  const buf = iph.buf;
  const off = iph.off;
  // TTL is the first byte of its word: in the little-endian load one hop less is one more of the sum's low byte.
  let check = buf[off + 10] + (buf[off + 11] << 8) + 1;
  if (check >= 0xffff) check = (check + 1) & 0xffff;
  buf[off + 10] = check;
  buf[off + 11] = check >>> 8;
  return --buf[off + 8];
}

/** @notrace */
export function ip_mtu_locked(dst: dst_entry): bool {
  return (dst as rtable).rt_mtu_locked || dst_metric_locked(dst, RTAX_MTU);
}

/** Whether packets of this socket on this route get DF. @notrace */
export function ip_dont_fragment(sk: sock, dst: dst_entry): bool {
  const pmtudisc = inet_sk(sk).pmtudisc;
  return pmtudisc === IP_PMTUDISC_DO || (pmtudisc === IP_PMTUDISC_WANT && !ip_mtu_locked(dst));
}

/** Whether the socket takes the path's MTU into account. @notrace */
export function ip_sk_accept_pmtu(sk: sock): bool {
  const pmtudisc = inet_sk(sk).pmtudisc;
  return pmtudisc !== IP_PMTUDISC_INTERFACE && pmtudisc !== IP_PMTUDISC_OMIT;
}

/** @notrace */
export function ip_sk_use_pmtu(sk: sock): bool {
  return inet_sk(sk).pmtudisc < IP_PMTUDISC_PROBE;
}

/** @notrace */
export function ip_sk_ignore_df(sk: sock): bool {
  const pmtudisc = inet_sk(sk).pmtudisc;
  return pmtudisc < IP_PMTUDISC_DO || pmtudisc === IP_PMTUDISC_OMIT;
}

/** MTU for forwarding: the device's, unless told to trust what ICMP said (sysctl ip_forward_use_pmtu). */
export function ip_dst_mtu_maybe_forward(dst: dst_entry, forwarding: bool): u32 {
  const rt = dst as rtable;
  const dev = dst.dev as net_device;
  const net = dev.nd_net;
  let mtu = 0;
  if (net.ipv4.sysctl_ip_fwd_use_pmtu !== 0 || ip_mtu_locked(dst) || !forwarding) {
    mtu = rt.rt_pmtu;
    if (mtu !== 0 && net.kernel.jiffies < rt.expires) return mtu;
  }
  mtu = dst_metric_raw(dst, RTAX_MTU);
  if (mtu !== 0) return mtu;
  mtu = Math.min(dev.mtu, IP_MAX_MTU);
  if (ip_mtu_locked(dst) && rt.rt_uses_gateway && mtu > 576) mtu = 576;
  return mtu;
}

/** @notrace */
export function ip_skb_dst_mtu(sk: sock | null, skb: sk_buff): u32 {
  const dst = skb._skb_refdst as dst_entry;
  if (sk === null || !sk_fullsock(sk) || ip_sk_use_pmtu(sk)) {
    const forwarding = (IPCB(skb).flags & IPSKB_FORWARDED) !== 0;
    return ip_dst_mtu_maybe_forward(dst, forwarding);
  }
  return Math.min((dst.dev as net_device).mtu, IP_MAX_MTU);
}

/** @notrace */
export function ip_dst_mtu(dst: dst_entry): u32 {
  return dst_mtu(dst);
}

/** Hop limit of a route: its metric, else the system's default. @notrace */
export function ip4_dst_hoplimit(dst: dst_entry): int {
  const hoplimit = dst_metric_raw(dst, RTAX_HOPLIMIT);
  return hoplimit === 0 ? (dst.dev as net_device).nd_net.ipv4.sysctl_ip_default_ttl : hoplimit;
}

/** @notrace */
export function ip_select_ttl(inet: inet_sock, dst: dst_entry): int {
  return inet.uc_ttl < 0 ? ip4_dst_hoplimit(dst) : inet.uc_ttl;
}

/** @returns the checksum field of an IP header @notrace */
export function ip_send_check(iph: iphdr): void {
  iph.check = 0;
  iph.check = ip_compute_csum(iph.buf, iph.off, iph.ihl * 4);
}

/** @notrace */
export function inet_compute_pseudo(skb: sk_buff, proto: u8): __wsum {
  const h = skb.network_header;
  const b = skb.head;
  const saddr = (b[h + 12] | (b[h + 13] << 8) | (b[h + 14] << 16) | (b[h + 15] << 24)) >>> 0;
  const daddr = (b[h + 16] | (b[h + 17] << 8) | (b[h + 18] << 16) | (b[h + 19] << 24)) >>> 0;
  return csum_tcpudp_nofold(saddr, daddr, skb.len, proto, 0);
}

/** Range of local ports that the host gives out. @returns in `range` [low, high] @notrace */
export function inet_get_local_port_range(net: net, range: [int, int]): void {
  range[0] = net.ipv4.ip_local_ports.range[0];
  range[1] = net.ipv4.ip_local_ports.range[1];
}

/** The socket's own range of local ports where it has set one. @returns whether it has (IP_LOCAL_PORT_RANGE) */
export function inet_sk_get_local_port_range(sk: sock, range: [int, int]): bool {
  const own = inet_sk(sk).local_port_range;
  inet_get_local_port_range(sk.sk_net, range);
  if (own === 0) return false;
  const lo = own & 0xffff;
  const hi = own >>> 16;
  const [netLo, netHi] = range;
  if (lo !== 0 && netLo <= lo && lo <= netHi) range[0] = lo;
  if (hi !== 0 && netLo <= hi && hi <= netHi) range[1] = hi;
  return true;
}

/** @notrace */
export function inet_is_local_reserved_port(net: net, port: u16): bool {
  return net.ipv4.sysctl_local_reserved_ports.has(port);
}

/** @notrace */
export function inet_prot_sock(net: net): int {
  return net.ipv4.sysctl_ip_prot_sock;
}
/** @notrace */
export function inet_port_requires_bind_service(net: net, port: u16): bool {
  return port < net.ipv4.sysctl_ip_prot_sock;
}

/** Users of a reassembly queue, part of its key (enum ip_defrag_users). */
export const IP_DEFRAG_LOCAL_DELIVER = 0;
export const IP_DEFRAG_CALL_RA_CHAIN = 1;
export const IP_DEFRAG_CONNTRACK_IN = 2;
export const IP_DEFRAG_CONNTRACK_OUT = 65538;
export const IP_DEFRAG_CONNTRACK_BRIDGE_IN = 131074;

/** Copies the addresses of a finished flow into the header: saddr and daddr. @notrace */
export function ip_copy_addrs(iph: iphdr, fl4: flowi4): void {
  iph.saddr = fl4.saddr;
  iph.daddr = fl4.daddr;
}

/** Counters of the net namespace: IPSTATS_MIB_* and LINUX_MIB_* (include/net/snmp.ts). @notrace */
export function IP_INC_STATS(net: net, field: int): void {
  net.mib.ip_statistics[field]++;
}
/** @notrace */
export function __IP_INC_STATS(net: net, field: int): void {
  net.mib.ip_statistics[field]++;
}
/** @notrace */
export function IP_ADD_STATS(net: net, field: int, val: int): void {
  net.mib.ip_statistics[field] += val;
}
/** @notrace */
export function __IP_ADD_STATS(net: net, field: int, val: int): void {
  net.mib.ip_statistics[field] += val;
}
/** Counts a packet and its bytes: `field` the packets' counter, whose octets' counter stands beside. @notrace */
export function IP_UPD_PO_STATS(net: net, packets: int, octets: int, val: int): void {
  net.mib.ip_statistics[packets]++;
  net.mib.ip_statistics[octets] += val;
}
/** @notrace */
export function NET_INC_STATS(net: net, field: int): void {
  net.mib.net_statistics[field]++;
}
/** @notrace */
export function __NET_INC_STATS(net: net, field: int): void {
  net.mib.net_statistics[field]++;
}
/** @notrace */
export function NET_ADD_STATS(net: net, field: int, adnd: int): void {
  net.mib.net_statistics[field] += adnd;
}
/** @notrace */
export function __NET_ADD_STATS(net: net, field: int, adnd: int): void {
  net.mib.net_statistics[field] += adnd;
}
