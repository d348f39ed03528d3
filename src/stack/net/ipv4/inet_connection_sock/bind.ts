// Binding ports: who may share one, and the choice of one.
// Read beside: net/ipv4/inet_connection_sock.c; bind(2), socket(7) for SO_REUSEADDR and SO_REUSEPORT.

import { EADDRINUSE } from '../../../include/linux/errno.js';
import { get_random_u32_below } from '../../../include/linux/random.js';
import type { bool, int, u16 } from '../../../include/linux/types.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import { FASTREUSEPORT_ANY, FASTREUSEPORT_STRICT } from '../../../include/net/inet_hashtables.js';
import type { inet_bind2_bucket, inet_bind_bucket } from '../../../include/net/inet_hashtables.js';
import { SK_CAN_REUSE, SK_FORCE_REUSE, sock_net } from '../../../include/net/sock.js';
import type { sock, sock_common } from '../../../include/net/sock.js';
import { inet_is_local_reserved_port, inet_sk_get_local_port_range } from '../../../include/net/ip.js';
import { TCP_LISTEN, TCP_TIME_WAIT } from '../../../include/net/tcp.js';
import {
  inet_bind2_bucket_find,
  inet_bind_bucket_create,
  inet_bind_hash,
  tcp_get_hashinfo,
} from '../inet_hashtables/index.js';

/** Whether two sockets cannot share a port, their addresses overlapping. @notrace */
function inet_bind_conflict(sk: sock, sk2: sock_common, relax: bool, reuseport_ok: bool): bool {
  if (sk2 === sk) return false;
  const dev = sk.sk_bound_dev_if;
  const dev2 = sk2.skc_bound_dev_if;
  if (dev && dev2 && dev !== dev2) return false;
  const same_user = sk2.skc_state === TCP_TIME_WAIT || sk.sk_uid === (sk2 as sock).sk_uid;
  const share_port = sk.skc_reuseport !== 0 && sk2.skc_reuseport !== 0 && same_user;
  if (sk.skc_reuse && sk2.skc_reuse && sk2.skc_state !== TCP_LISTEN) return !relax || (!reuseport_ok && share_port);
  return !(reuseport_ok && share_port);
}

function inet_csk_bind_conflict(sk: sock, tb: inet_bind_bucket, relax: bool, reuseport_ok: bool): bool {
  const addr = sk.skc_rcv_saddr;
  for (let tb2 = tb.bhash2; tb2; tb2 = tb2.bhash_next) {
    if (addr !== 0 && tb2.rcv_saddr !== 0 && tb2.rcv_saddr !== addr) continue;
    for (let sk2 = tb2.owners; sk2; sk2 = sk2.skc_bind_next) {
      if (inet_bind_conflict(sk, sk2, relax, reuseport_ok)) return true;
    }
  }
  return false;
}

/** Whether the bucket is known to be shared by sockets of this one's SO_REUSEPORT group. @notrace */
function sk_reuseport_match(tb: inet_bind_bucket, sk: sock): bool {
  if (tb.fastreuseport <= 0 || !sk.skc_reuseport || tb.fastuid !== sk.sk_uid) return false;
  if (tb.fastreuseport === FASTREUSEPORT_ANY) return true;
  return tb.fast_rcv_saddr === sk.skc_rcv_saddr;
}

/** Keeps up what the bucket knows of its owners' willingness to share. */
export function inet_csk_update_fastreuse(sk: sock, tb: inet_bind_bucket, _tb2: inet_bind2_bucket | null): void {
  const reuse = sk.skc_reuse && sk.sk_state !== TCP_LISTEN ? 1 : 0;
  if (tb.bhash2 === null) {
    tb.fastreuse = reuse;
    tb.fastreuseport = 0;
    if (sk.skc_reuseport) {
      tb.fastreuseport = FASTREUSEPORT_ANY;
      tb.fastuid = sk.sk_uid;
      tb.fast_rcv_saddr = sk.skc_rcv_saddr;
    }
    return;
  }
  if (!reuse) tb.fastreuse = 0;
  if (!sk.skc_reuseport) tb.fastreuseport = 0;
  else if (!sk_reuseport_match(tb, sk)) {
    tb.fastreuseport = FASTREUSEPORT_STRICT;
    tb.fastuid = sk.sk_uid;
    tb.fast_rcv_saddr = sk.skc_rcv_saddr;
  }
}

/** An unused port out of the ephemeral range, odd ones first. @returns 0 if there is none */
function inet_csk_find_open_port(sk: sock): u16 {
  const hinfo = tcp_get_hashinfo(sk);
  const net = sock_net(sk);
  const relax = net.ipv4.sysctl_ip_autobind_reuse !== 0;
  let half = sk.skc_reuse === SK_CAN_REUSE ? 1 : 0;
  for (;;) {
    const range: [int, int] = [0, 0];
    inet_sk_get_local_port_range(sk, range);
    let low = range[0];
    let high = range[1] + 1;
    if (high - low < 4) half = 0;
    if (half) {
      const middle = low + (((high - low) >> 2) << 1);
      if (half === 1) high = middle;
      else low = middle;
    }
    let remaining = high - low;
    if (remaining > 1) remaining &= ~1;
    let offset = get_random_u32_below(net.kernel, remaining) | 1;
    for (let parity = 0; parity < 2; parity++) {
      let port = low + offset;
      for (let i = 0; i < remaining; i += 2, port += 2) {
        if (port >= high) port -= remaining;
        if (inet_is_local_reserved_port(net, port)) continue;
        const tb = hinfo.bhash.get(port);
        if (!tb || !inet_csk_bind_conflict(sk, tb, relax, false)) return port;
      }
      offset--;
    }
    if (half === 1) half = 2;
    else return 0;
  }
}

/**
 * proto.get_port of TCP: binds a port.
 * @param snum port in host order, 0 for any
 * @returns 0 or -EADDRINUSE
 * @formerly tcp_v4_get_port 2.4
 * @EXPORT_SYMBOL
 */
export function inet_csk_get_port(sk: sock, snum: u16): int {
  const hinfo = tcp_get_hashinfo(sk);
  const net = sock_net(sk);
  const reuse = sk.skc_reuse !== 0 && sk.sk_state !== TCP_LISTEN;
  let port = snum;
  if (!port) {
    port = inet_csk_find_open_port(sk);
    if (!port) return -EADDRINUSE;
  }
  let tb = hinfo.bhash.get(port) ?? null;
  if (!tb) tb = inet_bind_bucket_create(net, hinfo, port, 0);
  else if (tb.bhash2 !== null && sk.skc_reuse !== SK_FORCE_REUSE) {
    const shared = (tb.fastreuse > 0 && reuse) || sk_reuseport_match(tb, sk);
    if (!(snum && shared) && inet_csk_bind_conflict(sk, tb, true, snum !== 0)) return -EADDRINUSE;
  }
  inet_csk_update_fastreuse(sk, tb, null);
  if (!inet_csk(sk).icsk_bind_hash) inet_bind_hash(sk, tb, inet_bind2_bucket_find(hinfo, net, tb, sk), port);
  return 0;
}
