// The socket that a datagram is for (net/ipv4/udp.c).

import { ntohs } from '../../../include/linux/byteorder.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import { inet_sk } from '../../../include/net/inet_sock.js';
import { inet_sk_bound_dev_eq } from '../../../include/net/inet_hashtables.js';
import type { net } from '../../../include/net/net_namespace.js';
import { udp_has_hash4, udp_hashslot2 } from '../../../include/net/udp.js';
import type { udp_hslot, udp_table } from '../../../include/net/udp.js';
import { AF_INET } from '../../../include/linux/socket.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import type { sock } from '../../../include/net/sock.js';
import { TCP_ESTABLISHED } from '../../../include/net/tcp_states.js';
import { jhash_3words } from '../../../include/linux/jhash.js';
import { ipv4_portaddr_hash, udp_ehashfn } from './hash.js';
import type { __be16, __be32, int, u16 } from '../../../include/linux/types.js';

/** How well a socket fits: -1 not at all, more for each thing that it is particular about. */
export function compute_score(
  sk: sock,
  net: net,
  saddr: __be32,
  sport: __be16,
  daddr: __be32,
  hnum: u16,
  dif: int,
  sdif: int,
): int {
  const inet = inet_sk(sk);
  if (inet.inet_num !== hnum || sk.sk_net !== net) return -1;
  if (sk.sk_rcv_saddr !== daddr) return -1;
  let score = 1;
  if (inet.inet_daddr !== 0) {
    if (inet.inet_daddr !== saddr) return -1;
    score += 4;
  }
  if (inet.inet_dport !== 0) {
    if (inet.inet_dport !== sport) return -1;
    score += 4;
  }
  if (!inet_sk_bound_dev_eq(net, sk.sk_bound_dev_if, dif, sdif)) return -1;
  if (sk.sk_bound_dev_if !== 0) score += 4;
  return score;
}

/** Hash by which a datagram is given to one of several sockets on one port. */
export function udp_ehash_of(net: net, laddr: __be32, lport: u16, faddr: __be32, fport: __be16): number {
  return jhash_3words(laddr, faddr, ((lport << 16) | fport) >>> 0, net.kernel.seed >>> 0);
}

/** Best socket of the slot of one address. */
export function udp4_lib_lookup2(
  net: net,
  saddr: __be32,
  sport: __be16,
  daddr: __be32,
  hnum: u16,
  dif: int,
  sdif: int,
  hslot2: udp_hslot,
  _skb: sk_buff | null,
): sock | null {
  let result: sock | null = null;
  let badness = 0;
  let group: sock[] | null = null;
  for (const sk of hslot2.head) {
    const score = compute_score(sk, net, saddr, sport, daddr, hnum, dif, sdif);
    if (score > badness) {
      badness = score;
      result = sk;
      group = sk.sk_reuseport !== 0 && sk.sk_state !== TCP_ESTABLISHED ? [sk] : null;
    } else if (
      score === badness &&
      score > 0 &&
      group !== null &&
      sk.sk_reuseport !== 0 &&
      sk.sk_state !== TCP_ESTABLISHED
    ) {
      group.push(sk);
    }
  }
  // SO_REUSEPORT: the flow's hash chooses.
  if (group !== null && group.length > 1) {
    const hash = udp_ehash_of(net, daddr, hnum, saddr, sport);
    return group[Math.floor((hash / 0x100000000) * group.length)];
  }
  return result;
}

/** A connected socket, found by all four. */
export function udp4_lib_lookup4(
  net: net,
  saddr: __be32,
  sport: __be16,
  daddr: __be32,
  hnum: u16,
  dif: int,
  sdif: int,
  udptable: udp_table,
): sock | null {
  const hash4 = udp_ehashfn(net, daddr, hnum, saddr, sport);
  for (const sk of udptable.hash4[hash4 & udptable.mask].head) {
    const inet = inet_sk(sk);
    const same = inet.inet_num === hnum && inet.inet_daddr === saddr && inet.inet_dport === sport;
    if (same && inet.inet_rcv_saddr === daddr && inet_sk_bound_dev_eq(net, sk.sk_bound_dev_if, dif, sdif)) return sk;
  }
  return null;
}

/**
 * The socket for a datagram.
 * @param sport, dport network order
 * @formerly udp_v4_lookup 2.4
 * @EXPORT_SYMBOL
 */
export function __udp4_lib_lookup(
  net: net,
  saddr: __be32,
  sport: __be16,
  daddr: __be32,
  dport: __be16,
  dif: int,
  sdif: int,
  skb: sk_buff | null,
): sock | null {
  const udptable = net.kernel.udp_table;
  const hnum = ntohs(dport);
  const hslot2 = udp_hashslot2(udptable, ipv4_portaddr_hash(net, daddr, hnum));
  // A socket connected to the sender is the best there is.
  if (udp_has_hash4(hslot2)) {
    const connected = udp4_lib_lookup4(net, saddr, sport, daddr, hnum, dif, sdif, udptable);
    if (connected !== null) return connected;
  }
  const result = udp4_lib_lookup2(net, saddr, sport, daddr, hnum, dif, sdif, hslot2, skb);
  if (result !== null) return result;
  const any = udp_hashslot2(udptable, ipv4_portaddr_hash(net, 0, hnum));
  return udp4_lib_lookup2(net, saddr, sport, 0, hnum, dif, sdif, any, skb);
}

/** @notrace */
export function __udp4_lib_lookup_skb(skb: sk_buff, sport: __be16, dport: __be16): sock | null {
  const iph = ip_hdr(skb);
  const dev = skb.dev as net_device;
  return __udp4_lib_lookup(dev.nd_net, iph.saddr, sport, iph.daddr, dport, dev.ifindex, 0, skb);
}

/** The socket of a datagram, for others than UDP itself. @EXPORT_SYMBOL */
export function udp4_lib_lookup(
  net: net,
  saddr: __be32,
  sport: __be16,
  daddr: __be32,
  dport: __be16,
  dif: int,
): sock | null {
  return __udp4_lib_lookup(net, saddr, sport, daddr, dport, dif, 0, null);
}

/** Whether a multicast or broadcast datagram is for the socket too. */
export function __udp_is_mcast_sock(
  net: net,
  sk: sock,
  _loc_port: __be16,
  loc_addr: __be32,
  rmt_port: __be16,
  rmt_addr: __be32,
  dif: int,
  sdif: int,
  hnum: u16,
): boolean {
  const inet = inet_sk(sk);
  return (
    sk.sk_net === net &&
    inet.inet_num === hnum &&
    (inet.inet_daddr === 0 || inet.inet_daddr === rmt_addr) &&
    (inet.inet_dport === rmt_port || inet.inet_dport === 0) &&
    (inet.inet_rcv_saddr === 0 || inet.inet_rcv_saddr === loc_addr) &&
    sk.sk_family === AF_INET &&
    inet_sk_bound_dev_eq(net, sk.sk_bound_dev_if, dif, sdif)
  );
}
