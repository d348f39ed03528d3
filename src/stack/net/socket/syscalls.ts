// The system calls on sockets (net/socket.c): a descriptor is looked up, the address family's operation called.

import { O_NONBLOCK } from '../../include/linux/fs.js';
import { EINVAL } from '../../include/linux/errno.js';
import type { Task } from '../../include/linux/sched.js';
import { SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_TYPE_MASK, type proto_ops, type socket } from '../../include/linux/net.js';
import { MSG_DONTWAIT, msghdr, type sockaddr } from '../../include/linux/socket.js';
import type { int, size_t, u32 } from '../../include/linux/types.js';
import { ITER_DEST, ITER_SOURCE, iov_iter } from '../../include/linux/uio.js';
import type { net } from '../../include/net/net_namespace.js';
import { sock_alloc, sock_create, sock_map_fd, sockfd_lookup_light } from './create.js';
import { do_sock_getsockopt, do_sock_setsockopt, sock_recvmsg, __sock_sendmsg } from './msg.js';
import { fdget } from '../../fs/file.js';

/** Length that a caller passes for a socket address it gives. */
const SOCKADDR_LENGTH = 16;

/** socket(2). @returns a descriptor, or a negative errno */
export function __sys_socket(family: int, type: int, protocol: int): int {
  const flags = type & ~SOCK_TYPE_MASK;
  if ((flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) !== 0) return -EINVAL;
  const sock = sock_create(family, type & SOCK_TYPE_MASK, protocol);
  if (typeof sock === 'number') return sock;
  return sock_map_fd(sock, flags);
}

/** bind(2). */
export function __sys_bind(fd: int, umyaddr: sockaddr): int {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  return (sock.ops as proto_ops).bind(sock, umyaddr, SOCKADDR_LENGTH);
}

/** listen(2). */
export function __sys_listen(fd: int, backlog: int): int {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  const somaxconn = (sock.net as net).core.sysctl_somaxconn;
  return (sock.ops as proto_ops).listen(sock, backlog >>> 0 > somaxconn ? somaxconn : backlog);
}

export function* do_accept(sock: socket, file_flags: u32, flags: int): Task<int> {
  const newsock = sock_alloc(sock.net as net);
  newsock.type = sock.type;
  newsock.ops = sock.ops;
  const ops = sock.ops as proto_ops;
  const error = yield* ops.accept(sock, newsock, file_flags, false);
  if (error < 0) {
    newsock.ops = null;
    return error;
  }
  return sock_map_fd(newsock, flags);
}

/** accept4(2). @returns a descriptor, or a negative errno */
export function* __sys_accept4(fd: int, flags: int): Task<int> {
  if ((flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) !== 0) return -EINVAL;
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  return yield* do_accept(sock, fdget(fd)?.f_flags ?? 0, flags);
}

export function* __sys_connect_file(sock: socket, file_flags: u32, address: sockaddr): Task<int> {
  return yield* (sock.ops as proto_ops).connect(sock, address, SOCKADDR_LENGTH, file_flags);
}

/** connect(2). */
export function* __sys_connect(fd: int, uservaddr: sockaddr): Task<int> {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  return yield* __sys_connect_file(sock, fdget(fd)?.f_flags ?? 0, uservaddr);
}

/** getsockname(2). @returns the address, or a negative errno */
export function __sys_getsockname(fd: int): sockaddr | int {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  return (sock.ops as proto_ops).getname(sock, false);
}

/** getpeername(2). @returns the address, or a negative errno */
export function __sys_getpeername(fd: int): sockaddr | int {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  return (sock.ops as proto_ops).getname(sock, true);
}

/** sendto(2); with addr null also send(2). @returns bytes sent, or a negative errno */
export function* __sys_sendto(fd: int, buff: Uint8Array, flags: u32, addr: sockaddr | null): Task<int> {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  const msg = new msghdr(new iov_iter(ITER_SOURCE, [buff]));
  msg.msg_name = addr;
  msg.msg_namelen = addr === null ? 0 : SOCKADDR_LENGTH;
  if (((fdget(fd)?.f_flags ?? 0) & O_NONBLOCK) !== 0) flags |= MSG_DONTWAIT;
  msg.msg_flags = flags;
  return yield* __sock_sendmsg(sock, msg);
}

/**
 * recvfrom(2); with addr null also recv(2).
 * @param addr the sender is put here
 * @returns bytes received, or a negative errno
 */
export function* __sys_recvfrom(
  fd: int,
  ubuf: Uint8Array,
  flags: u32,
  addr: { value: sockaddr | null } | null,
): Task<int> {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  const msg = new msghdr(new iov_iter(ITER_DEST, [ubuf]));
  msg.msg_namelen = addr === null ? 0 : SOCKADDR_LENGTH;
  if (((fdget(fd)?.f_flags ?? 0) & O_NONBLOCK) !== 0) flags |= MSG_DONTWAIT;
  const size = yield* sock_recvmsg(sock, msg, flags);
  if (addr !== null) addr.value = msg.msg_name;
  return size;
}

/** sendmsg(2). @returns bytes sent, or a negative errno */
export function* __sys_sendmsg(fd: int, msg: msghdr, flags: u32): Task<int> {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  if (((fdget(fd)?.f_flags ?? 0) & O_NONBLOCK) !== 0) flags |= MSG_DONTWAIT;
  msg.msg_flags = flags;
  return yield* __sock_sendmsg(sock, msg);
}

/** recvmsg(2): name, control messages and flags are left in `msg`. @returns bytes received, or a negative errno */
export function* __sys_recvmsg(fd: int, msg: msghdr, flags: u32): Task<int> {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  if (((fdget(fd)?.f_flags ?? 0) & O_NONBLOCK) !== 0) flags |= MSG_DONTWAIT;
  msg.msg_flags = 0;
  return yield* sock_recvmsg(sock, msg, flags);
}

/** setsockopt(2). */
export function __sys_setsockopt(fd: int, level: int, optname: int, optval: Uint8Array, optlen: int): int {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  return do_sock_setsockopt(sock, level, optname, optval, optlen);
}

/** getsockopt(2). @param optlen room in bytes; then what was written */
export function __sys_getsockopt(
  fd: int,
  level: int,
  optname: int,
  optval: Uint8Array,
  optlen: { value: size_t },
): int {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  return do_sock_getsockopt(sock, level, optname, optval, optlen);
}

/** shutdown(2). @param how SHUT_RD, SHUT_WR, SHUT_RDWR */
export function __sys_shutdown(fd: int, how: int): int {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  return (sock.ops as proto_ops).shutdown(sock, how);
}
