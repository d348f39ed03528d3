// struct proto raw_prot: raw sockets made, bound, hashed, closed (net/ipv4/raw.c).

import { EADDRNOTAVAIL, EINVAL, ENOPROTOOPT, EOPNOTSUPP } from '../../../include/linux/errno.js';
import { ICMP_FILTER } from '../../../include/linux/icmp.js';
import { IPPROTO_ICMP, SIZEOF_SOCKADDR_IN } from '../../../include/linux/in.js';
import { RTN_BROADCAST, RTN_MULTICAST } from '../../../include/linux/rtnetlink.js';
import type { Task } from '../../../include/linux/sched.js';
import { SOL_RAW, sockaddr_in } from '../../../include/linux/socket.js';
import type { sockaddr } from '../../../include/linux/socket.js';
import { inet_addr_valid_or_nonlocal, inet_sk } from '../../../include/net/inet_sock.js';
import { raw_hashinfo, raw_sk, raw_sock } from '../../../include/net/raw.js';
import { lock_sock, release_sock, sk_dst_reset, sock_net, sock_prot_inuse_add } from '../../../include/net/sock.js';
import type { proto, sock } from '../../../include/net/sock.js';
import { TCP_CLOSE } from '../../../include/net/tcp_states.js';
import type { Kernel } from '../../../kernel/kernel.js';
import { sk_common_release } from '../../core/sock.js';
import { ip4_datagram_connect, ip4_datagram_release_cb } from '../datagram.js';
import { inet_addr_type_table } from '../fib_frontend.js';
import { ip_flush_pending_frames } from '../ip_output.js';
import { ip_getsockopt, ip_ra_control, ip_setsockopt } from '../ip_sockglue.js';
import { get_be32, put_be32 } from '../ip_options.js';
import { __udp_disconnect } from '../udp.js';
import type { __be32, int, long } from '../../../include/linux/types.js';
import { raw_hashslot, raw_rcv_skb, raw_recvmsg } from './rcv.js';
import { raw_sendmsg } from './sendmsg.js';

/** @EXPORT_SYMBOL */
export function raw_hash_sk(sk: sock): int {
  const h = sock_net(sk).kernel.raw_v4_hashinfo;
  raw_hashslot(h, inet_sk(sk).inet_num).push(sk);
  sk.skc_hashed = true;
  sock_prot_inuse_add(sock_net(sk), sk.sk_prot, 1);
  return 0;
}

/** @EXPORT_SYMBOL */
export function raw_unhash_sk(sk: sock): void {
  if (!sk.skc_hashed) return;
  const slot = raw_hashslot(sock_net(sk).kernel.raw_v4_hashinfo, inet_sk(sk).inet_num);
  const at = slot.indexOf(sk);
  if (at >= 0) slot.splice(at, 1);
  sk.skc_hashed = false;
  sock_prot_inuse_add(sock_net(sk), sk.sk_prot, -1);
}

export function* raw_close(sk: sock, _timeout: long): Task<void> {
  ip_ra_control(sk, false);
  sk_common_release(sk);
}

export function raw_destroy(sk: sock): void {
  lock_sock(sk);
  ip_flush_pending_frames(sk);
  release_sock(sk);
}

/** @returns 0, -EINVAL, -EADDRNOTAVAIL */
export function raw_bind(sk: sock, uaddr: sockaddr, addr_len: int): int {
  const inet = inet_sk(sk);
  const addr = uaddr as sockaddr_in;
  const net = sock_net(sk);
  lock_sock(sk);
  let ret = -EINVAL;
  if (sk.sk_state === TCP_CLOSE && addr_len >= SIZEOF_SOCKADDR_IN) {
    const chk = inet_addr_type_table(net, addr.sin_addr.s_addr, 255);
    ret = -EADDRNOTAVAIL;
    if (inet_addr_valid_or_nonlocal(net, inet, addr.sin_addr.s_addr, chk)) {
      inet.inet_rcv_saddr = inet.inet_saddr = addr.sin_addr.s_addr;
      if (chk === RTN_MULTICAST || chk === RTN_BROADCAST) inet.inet_saddr = 0;
      sk_dst_reset(sk);
      ret = 0;
    }
  }
  release_sock(sk);
  return ret;
}

export function raw_sk_init(sk: sock): int {
  const rp = raw_sk(sk);
  if (inet_sk(sk).inet_num === IPPROTO_ICMP) rp.filter.data = 0;
  return 0;
}

export function raw_setsockopt(sk: sock, level: int, optname: int, optval: Uint8Array, optlen: int): int {
  if (level !== SOL_RAW) return ip_setsockopt(sk, level, optname, optval, optlen);
  if (optname !== ICMP_FILTER) return -ENOPROTOOPT;
  if (inet_sk(sk).inet_num !== IPPROTO_ICMP) return -EOPNOTSUPP;
  raw_sk(sk).filter.data = optlen >= 4 ? get_be32(optval, 0) : 0;
  return 0;
}

export function raw_getsockopt(sk: sock, level: int, optname: int, optval: Uint8Array, optlen: { value: int }): int {
  if (level !== SOL_RAW) return ip_getsockopt(sk, level, optname, optval, optlen);
  if (optname !== ICMP_FILTER) return -ENOPROTOOPT;
  if (inet_sk(sk).inet_num !== IPPROTO_ICMP) return -EOPNOTSUPP;
  if (optlen.value < 0) return -EINVAL;
  const b = new Uint8Array(4);
  put_be32(b, 0, raw_sk(sk).filter.data);
  const n = Math.min(4, optlen.value);
  optval.set(b.subarray(0, n));
  optlen.value = n;
  return 0;
}

export function* raw_connect(sk: sock, uaddr: sockaddr, addr_len: int): Task<int> {
  return ip4_datagram_connect(sk, uaddr, addr_len);
}

export const raw_prot: proto = {
  name: 'RAW',
  sk_alloc: () => new raw_sock(),
  close: raw_close,
  destroy: raw_destroy,
  connect: raw_connect,
  disconnect: __udp_disconnect,
  init: raw_sk_init,
  setsockopt: raw_setsockopt,
  getsockopt: raw_getsockopt,
  sendmsg: raw_sendmsg,
  recvmsg: raw_recvmsg,
  bind: raw_bind,
  backlog_rcv: raw_rcv_skb,
  release_cb: ip4_datagram_release_cb,
  hash: raw_hash_sk,
  unhash: raw_unhash_sk,
};

export function raw_init(kernel: Kernel): void {
  kernel.raw_v4_hashinfo = new raw_hashinfo();
}
