// The tables themselves: hash functions, chains of the established one and its growing, the listeners' buckets.
// Read beside: net/ipv4/inet_hashtables.c, include/net/inet_hashtables.h.

import { jhash_2words, jhash_3words } from '../../../include/linux/jhash.js';
import { get_random_u32 } from '../../../include/linux/random.js';
import type { __be16, __be32, bool, u16, u32 } from '../../../include/linux/types.js';
import {
  INET_EHASH_MIN_SIZE,
  INET_LHTABLE_SIZE,
  inet_hashinfo,
  inet_listen_hashbucket,
} from '../../../include/net/inet_hashtables.js';
import type { net } from '../../../include/net/net_namespace.js';
import { sock_net } from '../../../include/net/sock.js';
import type { sock, sock_common } from '../../../include/net/sock.js';
import type { Kernel } from '../../../kernel/kernel.js';

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
export function inet_lhash2_bucket(hinfo: inet_hashinfo, addr: __be32, port: u16): inet_listen_hashbucket {
  return hinfo.lhash2[jhash_2words(addr, port, hinfo.ehash_secret) & hinfo.lhash2_mask];
}

/** @notrace */
export function inet_lhash2_bucket_sk(hinfo: inet_hashinfo, sk: sock): inet_listen_hashbucket {
  return inet_lhash2_bucket(hinfo, sk.skc_rcv_saddr, sk.skc_num);
}

/** @notrace */
export function remove_from<T>(list: T[], item: T): bool {
  const at = list.indexOf(item);
  if (at < 0) return false;
  list.splice(at, 1);
  return true;
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
