// Sending and receiving on a socket, and the calls for the kernel's own sockets (net/socket.c).

import { EINVAL } from '../../include/linux/errno.js';
import type { Task } from '../../include/linux/sched.js';
import type { proto_ops, socket } from '../../include/linux/net.js';
import type { msghdr, sockaddr } from '../../include/linux/socket.js';
import type { int, size_t } from '../../include/linux/types.js';
import { ITER_DEST, ITER_SOURCE, iov_iter, msg_data_left } from '../../include/linux/uio.js';
import { SOL_SOCKET } from '../../include/linux/socket.js';
import { sock_getsockopt, sock_setsockopt } from '../core/sock.js';
import { sock_create_lite } from './create.js';
import type { net } from '../../include/net/net_namespace.js';

export function* sock_sendmsg_nosec(sock: socket, msg: msghdr): Task<int> {
  return yield* (sock.ops as proto_ops).sendmsg(sock, msg, msg_data_left(msg));
}

/**
 * Sends a message through a socket.
 * @formerly sock_sendmsg 2.4-6.5
 */
export function* __sock_sendmsg(sock: socket, msg: msghdr): Task<int> {
  return yield* sock_sendmsg_nosec(sock, msg);
}

/**
 * @returns bytes sent, or a negative errno
 * @EXPORT_SYMBOL
 */
export function* sock_sendmsg(sock: socket, msg: msghdr, _size?: size_t): Task<int> {
  return yield* __sock_sendmsg(sock, msg);
}

/**
 * Sends from the kernel's own memory.
 * @returns bytes sent, or a negative errno
 * @EXPORT_SYMBOL
 */
export function* kernel_sendmsg(sock: socket, msg: msghdr, vec: Uint8Array[], _num: size_t, _size: size_t): Task<int> {
  msg.msg_iter = new iov_iter(ITER_SOURCE, vec);
  return yield* sock_sendmsg(sock, msg);
}

export function* sock_recvmsg_nosec(sock: socket, msg: msghdr, flags: int): Task<int> {
  return yield* (sock.ops as proto_ops).recvmsg(sock, msg, msg_data_left(msg), flags);
}

/** @returns bytes received, or a negative errno @EXPORT_SYMBOL */
export function* sock_recvmsg(sock: socket, msg: msghdr, flags: int): Task<int> {
  return yield* sock_recvmsg_nosec(sock, msg, flags);
}

/** Receives into the kernel's own memory. @EXPORT_SYMBOL */
export function* kernel_recvmsg(
  sock: socket,
  msg: msghdr,
  vec: Uint8Array[],
  _num: size_t,
  _size: size_t,
  flags: int,
): Task<int> {
  msg.msg_iter = new iov_iter(ITER_DEST, vec);
  return yield* sock_recvmsg(sock, msg, flags);
}

/** @EXPORT_SYMBOL */
export function kernel_bind(sock: socket, addr: sockaddr, addrlen: int): int {
  return (sock.ops as proto_ops).bind(sock, addr, addrlen);
}

/** @EXPORT_SYMBOL */
export function kernel_listen(sock: socket, backlog: int): int {
  return (sock.ops as proto_ops).listen(sock, backlog);
}

/** @returns the new socket, or a negative errno @EXPORT_SYMBOL */
export function* kernel_accept(sock: socket, flags: int): Task<socket | int> {
  const newsock = sock_create_lite(sock.net as net, sock.sk?.sk_family ?? 0, sock.type, sock.sk?.sk_protocol ?? 0);
  const error = yield* (sock.ops as proto_ops).accept(sock, newsock, flags, true);
  if (error < 0) return error;
  newsock.ops = sock.ops;
  return newsock;
}

/** @EXPORT_SYMBOL */
export function* kernel_connect(sock: socket, addr: sockaddr, addrlen: int, flags: int): Task<int> {
  return yield* (sock.ops as proto_ops).connect(sock, addr, addrlen, flags);
}

/** @returns the address, or a negative errno @EXPORT_SYMBOL */
export function kernel_getsockname(sock: socket): sockaddr | int {
  return (sock.ops as proto_ops).getname(sock, false);
}

/** @returns the address, or a negative errno @EXPORT_SYMBOL */
export function kernel_getpeername(sock: socket): sockaddr | int {
  return (sock.ops as proto_ops).getname(sock, true);
}

/** @EXPORT_SYMBOL */
export function kernel_sock_shutdown(sock: socket, how: int): int {
  return (sock.ops as proto_ops).shutdown(sock, how);
}

export function do_sock_setsockopt(sock: socket, level: int, optname: int, optval: Uint8Array, optlen: int): int {
  if (optlen < 0) return -EINVAL;
  if (level === SOL_SOCKET) return sock_setsockopt(sock, level, optname, optval, optlen);
  return (sock.ops as proto_ops).setsockopt(sock, level, optname, optval, optlen);
}

export function do_sock_getsockopt(
  sock: socket,
  level: int,
  optname: int,
  optval: Uint8Array,
  optlen: { value: int },
): int {
  if (level === SOL_SOCKET) return sock_getsockopt(sock, level, optname, optval, optlen);
  return (sock.ops as proto_ops).getsockopt(sock, level, optname, optval, optlen);
}
