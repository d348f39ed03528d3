// Bound ports and their owners.
// Read beside: net/ipv4/inet_hashtables.c, include/net/inet_hashtables.h.

import type { __be32, int, u16 } from '../../../include/linux/types.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import { inet_bind2_bucket, inet_bind_bucket, inet_hashinfo } from '../../../include/net/inet_hashtables.js';
import { inet_sk } from '../../../include/net/inet_sock.js';
import type { net } from '../../../include/net/net_namespace.js';
import { sock_net } from '../../../include/net/sock.js';
import type { sock, sock_common } from '../../../include/net/sock.js';
import { inet_csk_update_fastreuse } from '../inet_connection_sock/index.js';
import { tcp_get_hashinfo } from './table.js';

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
