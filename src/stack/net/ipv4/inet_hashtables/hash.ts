// Putting sockets into the established and listening tables, and taking them out.
// Read beside: net/ipv4/inet_hashtables.c.

import type { bool, int } from '../../../include/linux/types.js';
import { INET_COMBINED_PORTS, inet_match } from '../../../include/net/inet_hashtables.js';
import { SOCK_DEAD, sock_net, sock_set_flag } from '../../../include/net/sock.js';
import type { sock, sock_common } from '../../../include/net/sock.js';
import { TCP_CLOSE, TCP_LISTEN } from '../../../include/net/tcp.js';
import { sock_prot_inuse_add } from '../../core/sock.js';
import { inet_csk_destroy_sock, tcp_orphan_count_inc } from '../inet_connection_sock/index.js';
import { sk_ehashfn, ehash_del, ehash_add, inet_lhash2_bucket_sk, tcp_get_hashinfo, remove_from } from './table.js';

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
