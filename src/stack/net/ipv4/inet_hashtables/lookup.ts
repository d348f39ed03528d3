// The socket of a segment: among established ones, then among listeners.
// Read beside: net/ipv4/inet_hashtables.c.
// Left out: BPF socket lookup; a reuseport group is chosen from the listeners' own bucket by hash.

import { ntohs } from '../../../include/linux/byteorder.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { AF_INET } from '../../../include/linux/socket.js';
import type { __be16, __be32, bool, int, u16 } from '../../../include/linux/types.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import {
  INET_COMBINED_PORTS,
  inet_listen_hashbucket,
  inet_match,
  inet_sk_bound_dev_eq,
} from '../../../include/net/inet_hashtables.js';
import { inet_twsk } from '../../../include/net/inet_timewait_sock.js';
import type { net } from '../../../include/net/net_namespace.js';
import { inet_reqsk } from '../../../include/net/request_sock.js';
import { skb_steal_sock } from '../../../include/net/sock.js';
import type { sock, sock_common } from '../../../include/net/sock.js';
import { TCP_NEW_SYN_RECV, TCP_TIME_WAIT } from '../../../include/net/tcp.js';
import { inet_iif } from '../../../include/net/route.js';
import { sk_free } from '../../core/sock.js';
import { reqsk_free } from '../inet_connection_sock/index.js';
import { inet_twsk_free } from '../inet_timewait_sock.js';
import { inet_ehashfn, inet_lhash2_bucket } from './table.js';

/** How well a listener fits; -1 if not at all. */
function compute_score(sk: sock, net: net, hnum: u16, daddr: __be32, dif: int, sdif: int): int {
  if (sk.skc_net !== net || sk.skc_num !== hnum) return -1;
  if (sk.skc_rcv_saddr !== daddr) return -1;
  if (!inet_sk_bound_dev_eq(net, sk.skc_bound_dev_if, dif, sdif)) return -1;
  let score = sk.skc_bound_dev_if ? 2 : 1;
  if (sk.skc_family === AF_INET) score++;
  return score;
}

/** One of the sockets that share an address and port by SO_REUSEPORT, by the peer's hash. */
export function inet_lookup_reuseport(
  net: net,
  sk: sock,
  bucket: inet_listen_hashbucket,
  saddr: __be32,
  sport: __be16,
  daddr: __be32,
  hnum: u16,
): sock | null {
  if (!sk.skc_reuseport) return null;
  const group = bucket.nulls_head.filter(
    (other) =>
      other.skc_reuseport &&
      other.skc_num === sk.skc_num &&
      other.skc_rcv_saddr === sk.skc_rcv_saddr &&
      other.skc_bound_dev_if === sk.skc_bound_dev_if,
  );
  const phash = inet_ehashfn(net, daddr, hnum, saddr, sport);
  return group[Math.floor((phash * group.length) / 2 ** 32)] ?? null;
}

function inet_lhash2_lookup(
  net: net,
  ilb2: inet_listen_hashbucket,
  saddr: __be32,
  sport: __be16,
  daddr: __be32,
  hnum: u16,
  dif: int,
  sdif: int,
): sock | null {
  let result: sock | null = null;
  let hiscore = 0;
  for (const sk of ilb2.nulls_head) {
    const score = compute_score(sk, net, hnum, daddr, dif, sdif);
    if (score <= hiscore) continue;
    result = sk;
    hiscore = score;
  }
  if (result) return inet_lookup_reuseport(net, result, ilb2, saddr, sport, daddr, hnum) ?? result;
  return null;
}

/**
 * The listener for a segment: first by its destination address, then any address.
 * @param hnum destination port in host order
 * @EXPORT_SYMBOL
 */
export function __inet_lookup_listener(
  net: net,
  _skb: sk_buff | null,
  _doff: int,
  saddr: __be32,
  sport: __be16,
  daddr: __be32,
  hnum: u16,
  dif: int,
  sdif: int,
): sock | null {
  const hashinfo = net.ipv4.tcp_death_row.hashinfo!;
  return (
    inet_lhash2_lookup(net, inet_lhash2_bucket(hashinfo, daddr, hnum), saddr, sport, daddr, hnum, dif, sdif) ??
    inet_lhash2_lookup(net, inet_lhash2_bucket(hashinfo, 0, hnum), saddr, sport, 0, hnum, dif, sdif)
  );
}

/** Drops a reference to whatever kind of socket the established table held. @EXPORT_SYMBOL */
export function sock_gen_put(sk: sock_common): void {
  if (--sk.skc_refcnt !== 0) return;
  if (sk.skc_state === TCP_TIME_WAIT) inet_twsk_free(inet_twsk(sk));
  else if (sk.skc_state === TCP_NEW_SYN_RECV) reqsk_free(inet_reqsk(sk));
  else sk_free(sk as sock);
}

/** @EXPORT_SYMBOL */
export function sock_edemux(skb: sk_buff): void {
  if (skb.sk) sock_gen_put(skb.sk);
}

/**
 * The connection of a segment, with a reference taken: a full socket, a request or a time-wait socket.
 * @param hnum local port in host order
 * @EXPORT_SYMBOL
 */
export function __inet_lookup_established(
  net: net,
  saddr: __be32,
  sport: __be16,
  daddr: __be32,
  hnum: u16,
  dif: int,
  sdif: int,
): sock | null {
  const hashinfo = net.ipv4.tcp_death_row.hashinfo!;
  const ports = INET_COMBINED_PORTS(sport, hnum);
  const hash = inet_ehashfn(net, daddr, hnum, saddr, sport);
  for (let sk = hashinfo.ehash[hash & hashinfo.ehash_mask]; sk; sk = sk.skc_next) {
    if (sk.skc_hash === hash && inet_match(net, sk, saddr, daddr, ports, dif, sdif)) {
      sk.skc_refcnt++;
      return sk as sock;
    }
  }
  return null;
}

/** Established first, then listeners. @notrace */
export function __inet_lookup(
  net: net,
  skb: sk_buff | null,
  doff: int,
  saddr: __be32,
  sport: __be16,
  daddr: __be32,
  dport: __be16,
  dif: int,
  sdif: int,
  refcounted: { value: bool },
): sock | null {
  const hnum = ntohs(dport);
  const sk = __inet_lookup_established(net, saddr, sport, daddr, hnum, dif, sdif);
  refcounted.value = true;
  if (sk) return sk;
  refcounted.value = false;
  return __inet_lookup_listener(net, skb, doff, saddr, sport, daddr, hnum, dif, sdif);
}

/**
 * The socket of a received segment: the one early demultiplexing left on it, or by look-up.
 * @param refcounted set to whether the caller must drop a reference
 * @formerly __tcp_v4_lookup 2.4
 */
export function __inet_lookup_skb(
  skb: sk_buff,
  doff: int,
  sport: __be16,
  dport: __be16,
  sdif: int,
  refcounted: { value: bool },
): sock | null {
  const net = skb.dev!.nd_net!;
  const stolen = skb_steal_sock(skb);
  refcounted.value = stolen.refcounted;
  if (stolen.sk) return stolen.sk;
  const iph = ip_hdr(skb);
  return __inet_lookup(net, skb, doff, iph.saddr, sport, iph.daddr, dport, inet_iif(skb), sdif, refcounted);
}
