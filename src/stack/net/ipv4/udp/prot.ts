// struct proto udp_prot and UDP's begin on a host (net/ipv4/udp.c).

import { EINVAL } from '../../../include/linux/errno.js';
import type { sockaddr } from '../../../include/linux/socket.js';
import { SIZEOF_SOCKADDR_IN } from '../../../include/linux/in.js';
import type { Task } from '../../../include/linux/sched.js';
import { udp_sock, udp_sk } from '../../../include/linux/udp.js';
import { inet_sk } from '../../../include/net/inet_sock.js';
import type { net } from '../../../include/net/net_namespace.js';
import { udp_table } from '../../../include/net/udp.js';
import {
  SOCK_BINDADDR_LOCK,
  SOCK_BINDPORT_LOCK,
  SOCK_DEAD,
  lock_sock,
  release_sock,
  sk_dst_reset,
  sock_set_flag,
} from '../../../include/net/sock.js';
import type { proto, sock } from '../../../include/net/sock.js';
import { TCP_CLOSE } from '../../../include/net/tcp_states.js';
import type { Kernel } from '../../../kernel/kernel.js';
import { register_sysctl, ints_entry } from '../../../kernel/sysctl.js';
import { sk_common_release } from '../../core/sock.js';
import { __ip4_datagram_connect, ip4_datagram_release_cb } from '../datagram.js';
import { udp_flush_pending_frames } from './err.js';
import {
  udp4_hash4,
  udp_lib_hash,
  udp_lib_unhash,
  udp_v4_get_port,
  udp_v4_rehash,
  udp_hashed4,
  udp_unhash4,
  udp_get_table_prot,
} from './hash.js';
import { udp4_proc_init } from './proc.js';
import { udp_init_sock } from './queue.js';
import { __udp_queue_rcv_skb } from './rcv.js';
import { udp_recvmsg } from './recvmsg.js';
import { udp_sendmsg } from './sendmsg.js';
import { udp_getsockopt, udp_ioctl, udp_setsockopt } from './sockopt.js';
import type { int, long } from '../../../include/linux/types.js';

/** @formerly udp_close 2.4 */
export function* udp_lib_close(sk: sock, _timeout: long): Task<void> {
  sk_common_release(sk);
}

/** @returns 0 or -EINVAL @EXPORT_SYMBOL */
export function udp_pre_connect(_sk: sock, _uaddr: sockaddr, addr_len: int): int {
  return addr_len < SIZEOF_SOCKADDR_IN ? -EINVAL : 0;
}

/** @formerly ip4_datagram_connect 2.6-6.12 @EXPORT_SYMBOL */
export function* udp_connect(sk: sock, uaddr: sockaddr, addr_len: int): Task<int> {
  lock_sock(sk);
  const res = __ip4_datagram_connect(sk, uaddr, addr_len);
  if (res === 0) udp4_hash4(sk);
  release_sock(sk);
  return res;
}

/** Takes a connect() back. @EXPORT_SYMBOL */
export function __udp_disconnect(sk: sock, _flags: int): int {
  const inet = inet_sk(sk);
  sk.sk_state = TCP_CLOSE;
  inet.inet_daddr = 0;
  inet.inet_dport = 0;
  sk.sk_bound_dev_if = 0;
  if ((sk.sk_userlocks & SOCK_BINDADDR_LOCK) === 0) {
    inet.inet_rcv_saddr = inet.inet_saddr = 0;
    const rehashable = sk.sk_prot.rehash !== undefined && (sk.sk_userlocks & SOCK_BINDPORT_LOCK) !== 0;
    if (rehashable) sk.sk_prot.rehash?.(sk);
  }
  if ((sk.sk_userlocks & SOCK_BINDPORT_LOCK) === 0) {
    sk.sk_prot.unhash?.(sk);
    inet.inet_sport = 0;
  } else if (sk instanceof udp_sock && udp_hashed4(sk)) udp_unhash4(udp_get_table_prot(sk), sk);
  sk_dst_reset(sk);
  return 0;
}

/** @EXPORT_SYMBOL */
export function udp_disconnect(sk: sock, flags: int): int {
  lock_sock(sk);
  __udp_disconnect(sk, flags);
  release_sock(sk);
  return 0;
}

export function udp_destroy_sock(sk: sock): void {
  const up = udp_sk(sk);
  lock_sock(sk);
  // No datagram may be queued any more: its reader is gone.
  sock_set_flag(sk, SOCK_DEAD);
  udp_flush_pending_frames(sk);
  release_sock(sk);
  if (up.encap_destroy !== null) up.encap_destroy(sk);
}

/** Waiting readers and writers are told that the socket is closed. @EXPORT_SYMBOL */
export function udp_abort(sk: sock, err: int): int {
  lock_sock(sk);
  sk.sk_err = err;
  sk.sk_error_report(sk);
  __udp_disconnect(sk, 0);
  release_sock(sk);
  return 0;
}

/** @EXPORT_SYMBOL */
export const udp_prot: proto = {
  name: 'UDP',
  sk_alloc: () => new udp_sock(),
  close: udp_lib_close,
  pre_connect: udp_pre_connect,
  connect: udp_connect,
  disconnect: udp_disconnect,
  ioctl: udp_ioctl,
  init: udp_init_sock,
  destroy: udp_destroy_sock,
  setsockopt: udp_setsockopt,
  getsockopt: udp_getsockopt,
  sendmsg: udp_sendmsg,
  recvmsg: udp_recvmsg,
  backlog_rcv: __udp_queue_rcv_skb,
  release_cb: ip4_datagram_release_cb,
  hash: udp_lib_hash,
  unhash: udp_lib_unhash,
  rehash: udp_v4_rehash,
  get_port: udp_v4_get_port,
  put_port: udp_lib_unhash,
  memory: (kernel) => kernel.udp_memory,
  sysctl_mem: (net) => net.kernel.sysctl_udp_mem,
  sysctl_wmem: (net) => [net.ipv4.sysctl_udp_wmem_min],
  sysctl_rmem: (net) => [net.ipv4.sysctl_udp_rmem_min],
  h: { udp_table: (net) => net.kernel.udp_table },
  diag_destroy: udp_abort,
};

/** Slots of the table: one a mebibyte of a small host's memory, as for 512 MiB. */
const UDP_TABLE_SIZE = 1024;

export function udp_table_init(kernel: Kernel): void {
  kernel.udp_table = new udp_table(UDP_TABLE_SIZE);
}

export function udp_sysctl_init(net: net): void {
  register_sysctl(net.kernel, 'net/ipv4', [ints_entry('udp_mem', net.kernel.sysctl_udp_mem, 0)]);
}

export function udp_init(kernel: Kernel): void {
  udp_table_init(kernel);
  kernel.init_net.ipv4.udp_table = kernel.udp_table;
  // Pages, as of a machine with 4 GiB: no care below the first, none given above the last.
  const limit = 131072;
  kernel.sysctl_udp_mem = [(limit / 4) * 3, limit, (limit / 4) * 6];
  udp_sysctl_init(kernel.init_net);
  udp4_proc_init(kernel.init_net);
}
