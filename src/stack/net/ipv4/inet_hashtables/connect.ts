// The local port of a connecting socket: RFC 6056's double-hash choice, and whether a four-tuple is free.
// Read beside: net/ipv4/inet_hashtables.c.

import { EADDRNOTAVAIL, EINVAL } from '../../../include/linux/errno.js';
import { htons } from '../../../include/linux/byteorder.js';
import { get_random_u32, get_random_u32_below } from '../../../include/linux/random.js';
import type { int, u16, u32 } from '../../../include/linux/types.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import { INET_COMBINED_PORTS, inet_match } from '../../../include/net/inet_hashtables.js';
import { inet_sk } from '../../../include/net/inet_sock.js';
import { inet_twsk } from '../../../include/net/inet_timewait_sock.js';
import type { inet_timewait_death_row, inet_timewait_sock } from '../../../include/net/inet_timewait_sock.js';
import { sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { TCP_TIME_WAIT } from '../../../include/net/tcp.js';
import { __NET_INC_STATS, inet_is_local_reserved_port, inet_sk_get_local_port_range } from '../../../include/net/ip.js';
import { LINUX_MIB_TIMEWAITRECYCLED } from '../../../include/net/snmp.js';
import { secure_ipv4_port_ephemeral } from '../../core/secure_seq.js';
import { sock_prot_inuse_add } from '../../core/sock.js';
import { inet_twsk_bind_unhash, inet_twsk_deschedule_put } from '../inet_timewait_sock.js';
import { inet_ehashfn, ehash_add, ehash_del } from './table.js';
import { inet_ehash_nolisten } from './hash.js';
import { inet_bind_bucket_create, inet_bind_bucket_destroy, inet_bind_hash, inet_bind2_bucket_find } from './bind.js';

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
