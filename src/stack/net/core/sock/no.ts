// Calls that a protocol does not have, and those that it passes on (net/core/sock.c).

import type { file } from '../../../include/linux/fs.js';
import type { socket } from '../../../include/linux/net.js';
import type { poll_table } from '../../../include/linux/poll.js';
import { EINVAL, EOPNOTSUPP } from '../../../include/linux/errno.js';
import type { Task } from '../../../include/linux/sched.js';
import type { msghdr, sockaddr } from '../../../include/linux/socket.js';
import type { int, size_t, u32 } from '../../../include/linux/types.js';
import type { sock } from '../../../include/net/sock/struct.js';

/** @EXPORT_SYMBOL */
export function sock_no_bind(_sock: socket, _saddr: sockaddr, _len: int): int {
  return -EOPNOTSUPP;
}

/** @EXPORT_SYMBOL */
export function* sock_no_connect(_sock: socket, _saddr: sockaddr, _len: int, _flags: int): Task<int> {
  return -EOPNOTSUPP;
}

/** @EXPORT_SYMBOL */
export function* sock_no_accept(_sock: socket, _newsock: socket, _flags: int, _kern: boolean): Task<int> {
  return -EOPNOTSUPP;
}

/** @EXPORT_SYMBOL */
export function sock_no_getname(_sock: socket, _peer: boolean): int {
  return -EOPNOTSUPP;
}

/** @EXPORT_SYMBOL */
export function sock_no_ioctl(_sock: socket, _cmd: u32, _arg: { value: int }): int {
  return -EOPNOTSUPP;
}

/** @EXPORT_SYMBOL */
export function sock_no_poll(_file: file | null, _sock: socket, _wait: poll_table | null): u32 {
  return 0;
}

/** @EXPORT_SYMBOL */
export function sock_no_listen(_sock: socket, _backlog: int): int {
  return -EOPNOTSUPP;
}

/** @EXPORT_SYMBOL */
export function sock_no_shutdown(_sock: socket, _how: int): int {
  return -EOPNOTSUPP;
}

/** @EXPORT_SYMBOL */
export function* sock_no_sendmsg(_sock: socket, _m: msghdr, _len: size_t): Task<int> {
  return -EOPNOTSUPP;
}

/** @EXPORT_SYMBOL */
export function* sock_no_recvmsg(_sock: socket, _m: msghdr, _len: size_t, _flags: int): Task<int> {
  return -EOPNOTSUPP;
}

/** @EXPORT_SYMBOL */
export function* sock_common_recvmsg(sock: socket, msg: msghdr, size: size_t, flags: int): Task<int> {
  const sk = sock.sk as sock;
  const recvmsg = sk.skc_prot.recvmsg;
  return recvmsg === undefined ? -EOPNOTSUPP : yield* recvmsg(sk, msg, size, flags);
}

/** @EXPORT_SYMBOL */
export function sock_common_setsockopt(sock: socket, level: int, optname: int, optval: Uint8Array, optlen: int): int {
  const sk = sock.sk as sock;
  const setsockopt = sk.skc_prot.setsockopt;
  return setsockopt === undefined ? -EINVAL : setsockopt(sk, level, optname, optval, optlen);
}

/** @EXPORT_SYMBOL */
export function sock_common_getsockopt(
  sock: socket,
  level: int,
  optname: int,
  optval: Uint8Array,
  optlen: { value: int },
): int {
  const sk = sock.sk as sock;
  const getsockopt = sk.skc_prot.getsockopt;
  return getsockopt === undefined ? -EINVAL : getsockopt(sk, level, optname, optval, optlen);
}
