/**
 * Finding TCP sockets: the established table, listeners by port and address, and bound ports with
 * the choice of an ephemeral one on connect.
 *
 * Read beside it: net/ipv4/inet_hashtables.c, include/net/inet_hashtables.h.
 * Left out: BPF socket lookup; a reuseport group is chosen from the listeners' own bucket by hash.
 */
import { EADDRNOTAVAIL, EINVAL } from '../../include/linux/errno.js';
import { ntohs, htons } from '../../include/linux/byteorder.js';
import { jhash_2words, jhash_3words } from '../../include/linux/jhash.js';
import { get_random_u32, get_random_u32_below } from '../../include/linux/random.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import { AF_INET } from '../../include/linux/socket.js';
import type { __be16, __be32, bool, int, u16, u32 } from '../../include/linux/types.js';
import { ip_hdr } from '../../include/linux/ip.js';
import { inet_csk } from '../../include/net/inet_connection_sock.js';
import {
  INET_COMBINED_PORTS,
  INET_EHASH_MIN_SIZE,
  INET_LHTABLE_SIZE,
  inet_bind2_bucket,
  inet_bind_bucket,
  inet_hashinfo,
  inet_listen_hashbucket,
  inet_match,
  inet_sk_bound_dev_eq,
} from '../../include/net/inet_hashtables.js';
import { inet_sk } from '../../include/net/inet_sock.js';
import { inet_twsk } from '../../include/net/inet_timewait_sock.js';
import type { inet_timewait_death_row, inet_timewait_sock } from '../../include/net/inet_timewait_sock.js';
import type { net } from '../../include/net/net_namespace.js';
import { inet_reqsk } from '../../include/net/request_sock.js';
import { SOCK_DEAD, skb_steal_sock, sock_net, sock_set_flag } from '../../include/net/sock.js';
import type { sock, sock_common } from '../../include/net/sock.js';
import { TCP_CLOSE, TCP_LISTEN, TCP_NEW_SYN_RECV, TCP_TIME_WAIT } from '../../include/net/tcp.js';
import { __NET_INC_STATS, inet_is_local_reserved_port, inet_sk_get_local_port_range } from '../../include/net/ip.js';
import { inet_iif } from '../../include/net/route.js';
import { LINUX_MIB_TIMEWAITRECYCLED } from '../../include/net/snmp.js';
import { secure_ipv4_port_ephemeral } from '../core/secure_seq.js';
import { sk_free, sock_prot_inuse_add } from '../core/sock.js';
import type { Kernel } from '../../kernel/kernel.js';
import {
  inet_csk_destroy_sock,
  inet_csk_update_fastreuse,
  reqsk_free,
  tcp_orphan_count_inc,
} from './inet_connection_sock.js';
import { inet_twsk_bind_unhash, inet_twsk_deschedule_put, inet_twsk_free } from './inet_timewait_sock.js';

/** The table of a socket's namespace. @notrace */
export function tcp_get_hashinfo(sk: sock): inet_hashinfo {
  return sock_net(sk).ipv4.tcp_death_row.hashinfo!;
}

/** @param lport host order @param fport network order */
export function inet_ehashfn(net: net, laddr: __be32, lport: u16, faddr: __be32, fport: __be16): u32 {
  return jhash_3words(laddr, faddr, ((lport << 16) | fport) >>> 0, net.ipv4.tcp_death_row.hashinfo!.ehash_secret);
}

/** Hash of a socket's own four-tuple. @notrace */
export function sk_ehashfn(sk: sock_common): u32 {
  return inet_ehashfn(sk.skc_net!, sk.skc_rcv_saddr, sk.skc_num, sk.skc_daddr, sk.skc_dport);
}

/** Puts a socket in front of its chain. @notrace */
function ehash_link(hashinfo: inet_hashinfo, sk: sock_common): void {
  const slot = sk.skc_hash & hashinfo.ehash_mask;
  const first = hashinfo.ehash[slot];
  sk.skc_next = first;
  sk.skc_prev = null;
  if (first) first.skc_prev = sk;
  hashinfo.ehash[slot] = sk;
}

/** Doubles the established table. @notrace */
function inet_ehash_grow(hashinfo: inet_hashinfo): void {
  const old = hashinfo.ehash;
  const size = old.length * 2;
  hashinfo.ehash = new Array<sock_common | null>(size).fill(null);
  hashinfo.ehash_mask = size - 1;
  for (const first of old) {
    for (let sk = first; sk;) {
      const next = sk.skc_next;
      ehash_link(hashinfo, sk);
      sk = next;
    }
  }
}

/** @notrace */
export function ehash_add(hashinfo: inet_hashinfo, sk: sock_common): void {
  if (++hashinfo.ehash_entries > hashinfo.ehash.length) inet_ehash_grow(hashinfo);
  ehash_link(hashinfo, sk);
}

/** @returns whether it was there @notrace */
export function ehash_del(hashinfo: inet_hashinfo, sk: sock_common): bool {
  const slot = sk.skc_hash & hashinfo.ehash_mask;
  if (sk.skc_prev) sk.skc_prev.skc_next = sk.skc_next;
  else if (hashinfo.ehash[slot] === sk) hashinfo.ehash[slot] = sk.skc_next;
  else return false;
  if (sk.skc_next) sk.skc_next.skc_prev = sk.skc_prev;
  sk.skc_next = sk.skc_prev = null;
  hashinfo.ehash_entries--;
  return true;
}

/** Whether a socket is in the established or the listening table. @notrace */
export function sk_hashed(sk: sock_common): bool {
  return sk.skc_hashed;
}

/** @notrace */
function inet_lhash2_bucket(hinfo: inet_hashinfo, addr: __be32, port: u16): inet_listen_hashbucket {
  return hinfo.lhash2[jhash_2words(addr, port, hinfo.ehash_secret) & hinfo.lhash2_mask];
}

/** @notrace */
export function inet_lhash2_bucket_sk(hinfo: inet_hashinfo, sk: sock): inet_listen_hashbucket {
  return inet_lhash2_bucket(hinfo, sk.skc_rcv_saddr, sk.skc_num);
}

/** @notrace */
function remove_from<T>(list: T[], item: T): bool {
  const at = list.indexOf(item);
  if (at < 0) return false;
  list.splice(at, 1);
  return true;
}

/** Takes a port into use. */
export function inet_bind_bucket_create(net: net, hinfo: inet_hashinfo, snum: u16, l3mdev: int): inet_bind_bucket {
  const tb = new inet_bind_bucket();
  tb.ib_net = net;
  tb.l3mdev = l3mdev;
  tb.port = snum;
  hinfo.bhash.set(snum, tb);
  return tb;
}

/** Gives a port back once nobody is bound to it. */
export function inet_bind_bucket_destroy(hinfo: inet_hashinfo, tb: inet_bind_bucket): void {
  if (tb.bhash2 !== null) return;
  hinfo.bhash.delete(tb.port);
}

export function inet_bind2_bucket_create(net: net, tb: inet_bind_bucket, sk: sock_common): inet_bind2_bucket {
  const tb2 = new inet_bind2_bucket();
  tb2.ib_net = net;
  tb2.l3mdev = tb.l3mdev;
  tb2.port = tb.port;
  tb2.rcv_saddr = sk.skc_rcv_saddr;
  tb2.bhash_next = tb.bhash2;
  tb.bhash2 = tb2;
  return tb2;
}

export function inet_bind2_bucket_destroy(hinfo: inet_hashinfo, tb: inet_bind_bucket, tb2: inet_bind2_bucket): void {
  if (tb2.owners !== null) return;
  if (tb.bhash2 === tb2) tb.bhash2 = tb2.bhash_next;
  else {
    let before = tb.bhash2;
    while (before && before.bhash_next !== tb2) before = before.bhash_next;
    if (before) before.bhash_next = tb2.bhash_next;
  }
  tb2.bhash_next = null;
}

/** The bucket of a port and the socket's local address, made if there is none. @notrace */
export function inet_bind2_bucket_find(
  hinfo: inet_hashinfo,
  net: net,
  tb: inet_bind_bucket,
  sk: sock_common,
): inet_bind2_bucket {
  for (let tb2 = tb.bhash2; tb2; tb2 = tb2.bhash_next) if (tb2.rcv_saddr === sk.skc_rcv_saddr) return tb2;
  return inet_bind2_bucket_create(net, tb, sk);
}

/** Adds an owner of a port and address. @notrace */
export function sk_add_bind_node(sk: sock_common, tb2: inet_bind2_bucket): void {
  sk.skc_bind_prev = null;
  sk.skc_bind_next = tb2.owners;
  if (tb2.owners) tb2.owners.skc_bind_prev = sk;
  tb2.owners = sk;
}

/** Takes an owner away. @notrace */
export function __sk_del_bind_node(sk: sock_common, tb2: inet_bind2_bucket): void {
  if (sk.skc_bind_prev) sk.skc_bind_prev.skc_bind_next = sk.skc_bind_next;
  else if (tb2.owners === sk) tb2.owners = sk.skc_bind_next;
  if (sk.skc_bind_next) sk.skc_bind_next.skc_bind_prev = sk.skc_bind_prev;
  sk.skc_bind_next = sk.skc_bind_prev = null;
}

/** Makes a socket an owner of a port. */
export function inet_bind_hash(sk: sock, tb: inet_bind_bucket, tb2: inet_bind2_bucket, port: u16): void {
  inet_sk(sk).inet_num = port;
  inet_csk(sk).icsk_bind_hash = tb;
  inet_csk(sk).icsk_bind2_hash = tb2;
  sk_add_bind_node(sk, tb2);
}

function __inet_put_port(sk: sock): void {
  const hinfo = tcp_get_hashinfo(sk);
  const icsk = inet_csk(sk);
  const tb = icsk.icsk_bind_hash;
  const tb2 = icsk.icsk_bind2_hash;
  icsk.icsk_bind_hash = null;
  icsk.icsk_bind2_hash = null;
  inet_sk(sk).inet_num = 0;
  if (!tb || !tb2) return;
  __sk_del_bind_node(sk, tb2);
  inet_bind2_bucket_destroy(hinfo, tb, tb2);
  inet_bind_bucket_destroy(hinfo, tb);
}

/** Gives up a socket's port. @EXPORT_SYMBOL */
export function inet_put_port(sk: sock): void {
  __inet_put_port(sk);
}

/**
 * Makes an accepted child an owner of its listener's port.
 * @returns 0 or -ENOENT when the listener has none
 */
export function __inet_inherit_port(sk: sock, child: sock): int {
  const hinfo = tcp_get_hashinfo(sk);
  const net = sock_net(sk);
  const port = inet_sk(child).inet_num;
  let tb = inet_csk(sk).icsk_bind_hash;
  if (!tb) return -2;
  if (tb.port !== port) {
    tb = hinfo.bhash.get(port) ?? null;
    if (!tb) {
      tb = inet_bind_bucket_create(net, hinfo, port, 0);
      inet_csk_update_fastreuse(sk, tb, null);
    }
  }
  inet_bind_hash(child, tb, inet_bind2_bucket_find(hinfo, net, tb, child), port);
  return 0;
}

/**
 * A bound or connecting socket gets its local address: it moves to the bucket of that address.
 * @returns 0
 */
export function inet_bhash2_update_saddr(sk: sock, saddr: __be32): int {
  const inet = inet_sk(sk);
  const icsk = inet_csk(sk);
  const tb = icsk.icsk_bind_hash;
  const tb2 = icsk.icsk_bind2_hash;
  inet.inet_saddr = saddr;
  inet.inet_rcv_saddr = saddr;
  if (!tb || !tb2) return 0;
  const hinfo = tcp_get_hashinfo(sk);
  __sk_del_bind_node(sk, tb2);
  inet_bind2_bucket_destroy(hinfo, tb, tb2);
  const new_tb2 = inet_bind2_bucket_find(hinfo, sock_net(sk), tb, sk);
  icsk.icsk_bind2_hash = new_tb2;
  sk_add_bind_node(sk, new_tb2);
  return 0;
}

/** A disconnected socket that was not bound to an address loses the one it had. */
export function inet_bhash2_reset_saddr(sk: sock): void {
  inet_bhash2_update_saddr(sk, 0);
}

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

/**
 * Whether the four-tuple that a connecting socket wants is free; takes it if so.
 * @param twp out: a time-wait socket that was recycled
 * @returns 0 or -EADDRNOTAVAIL
 */
function __inet_check_established(
  death_row: inet_timewait_death_row,
  sk: sock,
  lport: u16,
  twp: { value: inet_timewait_sock | null } | null,
): int {
  const hinfo = death_row.hashinfo!;
  const inet = inet_sk(sk);
  const net = sock_net(sk);
  const daddr = inet.inet_rcv_saddr;
  const saddr = inet.inet_daddr;
  const dif = sk.sk_bound_dev_if;
  const ports = INET_COMBINED_PORTS(inet.inet_dport, lport);
  const hash = inet_ehashfn(net, daddr, lport, saddr, inet.inet_dport);
  let tw: inet_timewait_sock | null = null;
  for (let sk2 = hinfo.ehash[hash & hinfo.ehash_mask]; sk2; sk2 = sk2.skc_next) {
    if (sk2.skc_hash !== hash || !inet_match(net, sk2, saddr, daddr, ports, dif, 0)) continue;
    if (sk2.skc_state === TCP_TIME_WAIT) {
      tw = inet_twsk(sk2);
      if (sk.sk_prot.twsk_prot!.twsk_unique(sk, sk2 as sock, twp)) break;
    }
    return -EADDRNOTAVAIL;
  }
  inet.inet_num = lport;
  inet.inet_sport = htons(lport);
  sk.skc_hash = hash;
  sk.skc_hashed = true;
  ehash_add(hinfo, sk);
  if (tw) {
    if (tw.skc_hashed) {
      tw.skc_hashed = false;
      ehash_del(hinfo, tw);
      __NET_INC_STATS(net, LINUX_MIB_TIMEWAITRECYCLED);
    }
  }
  sock_prot_inuse_add(net, sk.sk_prot!, 1);
  if (twp) twp.value = tw;
  else if (tw) inet_twsk_deschedule_put(tw);
  return 0;
}

/** @notrace */
function inet_sk_port_offset(sk: sock): [u32, u32] {
  const inet = inet_sk(sk);
  return secure_ipv4_port_ephemeral(sock_net(sk), inet.inet_rcv_saddr, inet.inet_daddr, inet.inet_dport);
}

/**
 * Puts a socket or request into the established table.
 * @param osk the request that it takes the place of, if any
 * @returns whether it was put in: false if osk was no longer there
 */
export function inet_ehash_insert(
  sk: sock_common,
  osk: sock_common | null,
  found_dup_sk: { value: bool } | null,
): bool {
  const hinfo = sk.skc_net!.ipv4.tcp_death_row.hashinfo!;
  sk.skc_hash = sk_ehashfn(sk);
  if (osk) {
    if (!osk.skc_hashed) return false;
    osk.skc_hashed = false;
    ehash_del(hinfo, osk);
  } else if (found_dup_sk) {
    const ports = INET_COMBINED_PORTS(sk.skc_dport, sk.skc_num);
    for (let other = hinfo.ehash[sk.skc_hash & hinfo.ehash_mask]; other; other = other.skc_next) {
      if (other.skc_hash !== sk.skc_hash) continue;
      if (inet_match(sk.skc_net!, other, sk.skc_daddr, sk.skc_rcv_saddr, ports, sk.skc_bound_dev_if, 0)) {
        found_dup_sk.value = true;
        return false;
      }
    }
  }
  sk.skc_hashed = true;
  ehash_add(hinfo, sk);
  return true;
}

/** @returns whether it was put in; a socket that was not is closed and its orphan counted out */
export function inet_ehash_nolisten(
  sk: sock_common,
  osk: sock_common | null,
  found_dup_sk: { value: bool } | null,
): bool {
  const ok = inet_ehash_insert(sk, osk, found_dup_sk);
  if (ok) {
    if (sk.skc_prot) sock_prot_inuse_add(sk.skc_net!, sk.skc_prot, 1);
  } else {
    const child = sk as sock;
    tcp_orphan_count_inc(child);
    child.sk_state = TCP_CLOSE;
    sock_set_flag(child, SOCK_DEAD);
    inet_csk_destroy_sock(child);
  }
  return ok;
}

/** Puts a socket into the listening or established table. */
export function __inet_hash(sk: sock, osk: sock | null): int {
  if (sk.sk_state !== TCP_LISTEN) {
    inet_ehash_nolisten(sk, osk, null);
    return 0;
  }
  sk.skc_hashed = true;
  const head = inet_lhash2_bucket_sk(tcp_get_hashinfo(sk), sk).nulls_head;
  head.unshift(sk);
  sock_prot_inuse_add(sock_net(sk), sk.sk_prot!, 1);
  return 0;
}

/** proto.hash of TCP. @EXPORT_SYMBOL */
export function inet_hash(sk: sock): int {
  if (sk.sk_state !== TCP_CLOSE) return __inet_hash(sk, null);
  return 0;
}

/** proto.unhash of TCP. @EXPORT_SYMBOL */
export function inet_unhash(sk: sock): void {
  if (!sk.skc_hashed) return;
  const hinfo = tcp_get_hashinfo(sk);
  sk.skc_hashed = false;
  if (sk.sk_state === TCP_LISTEN) remove_from(inet_lhash2_bucket_sk(hinfo, sk).nulls_head, sk);
  else ehash_del(hinfo, sk);
  sock_prot_inuse_add(sock_net(sk), sk.sk_prot!, -1);
}

type check_established = typeof __inet_check_established;

/**
 * Finds a local port for a connecting socket and enters it in the tables.
 * @param port_offset 64-bit hash of the destination as [low, high]
 * @returns 0, -EADDRNOTAVAIL when every port is taken for this destination, -EINVAL
 */
export function __inet_hash_connect(
  death_row: inet_timewait_death_row,
  sk: sock,
  port_offset: [u32, u32],
  check_established: check_established,
): int {
  const hinfo = death_row.hashinfo!;
  const net = sock_net(sk);
  const kernel = net.kernel;
  const bound = inet_sk(sk).inet_num;
  if (bound) {
    const tb = inet_csk(sk).icsk_bind_hash;
    if (!tb) return -EINVAL;
    if (tb.bhash2 && !tb.bhash2.bhash_next && tb.bhash2.owners === sk && !sk.skc_bind_next) {
      inet_ehash_nolisten(sk, null, null);
      return 0;
    }
    return check_established(death_row, sk, bound, null);
  }
  const range: [int, int] = [0, 0];
  inet_sk_get_local_port_range(sk, range);
  const [low, top] = range;
  const high = top + 1;
  let remaining = high - low;
  if (remaining > 1) remaining &= ~1;
  const perturb = kernel.inet_table_perturb;
  const index = Math.imul(port_offset[0], 0x61c88647) >>> 16;
  const base = perturb.get(index) ?? get_random_u32(kernel);
  let offset = ((base + port_offset[1]) >>> 0) % remaining;
  offset &= ~1;
  for (let pass = 0; pass < 2; pass++) {
    let port = low + offset;
    for (let i = 0; i < remaining; i += 2, port += 2) {
      if (port >= high) port -= remaining;
      if (inet_is_local_reserved_port(net, port)) continue;
      let tb = hinfo.bhash.get(port) ?? null;
      const tw: { value: inet_timewait_sock | null } = { value: null };
      if (tb) {
        if (tb.fastreuse >= 0 || tb.fastreuseport >= 0) continue;
        if (check_established(death_row, sk, port, tw) !== 0) continue;
      } else {
        tb = inet_bind_bucket_create(net, hinfo, port, 0);
        tb.fastreuse = -1;
        tb.fastreuseport = -1;
        if (check_established(death_row, sk, port, tw) !== 0) {
          inet_bind_bucket_destroy(hinfo, tb);
          continue;
        }
      }
      const step = (get_random_u32_below(kernel, 8) || 1) * 2;
      perturb.set(index, (base + i + step) >>> 0);
      inet_bind_hash(sk, tb, inet_bind2_bucket_find(hinfo, net, tb, sk), port);
      if (tw.value) {
        inet_twsk_bind_unhash(tw.value, hinfo);
        inet_twsk_deschedule_put(tw.value);
      }
      return 0;
    }
    offset++;
    if ((offset & 1) === 0 || remaining <= 1) break;
  }
  return -EADDRNOTAVAIL;
}

/** Chooses the local port of a connecting socket. @EXPORT_SYMBOL */
export function inet_hash_connect(death_row: inet_timewait_death_row, sk: sock): int {
  const port_offset: [u32, u32] = inet_sk(sk).inet_num ? [0, 0] : inet_sk_port_offset(sk);
  return __inet_hash_connect(death_row, sk, port_offset, __inet_check_established);
}

/** The tables of one kernel. */
export function inet_hashinfo_init(kernel: Kernel): inet_hashinfo {
  const h = new inet_hashinfo();
  h.ehash = new Array<sock_common | null>(INET_EHASH_MIN_SIZE).fill(null);
  h.ehash_mask = INET_EHASH_MIN_SIZE - 1;
  for (let i = 0; i < INET_LHTABLE_SIZE; i++) h.lhash2.push(new inet_listen_hashbucket());
  h.lhash2_mask = INET_LHTABLE_SIZE - 1;
  h.ehash_secret = get_random_u32(kernel);
  return h;
}
