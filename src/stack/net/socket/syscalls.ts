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

/** Bytes that a program has for an address it asks for. */
const SOCKADDR_ROOM = 16;

/** Where a program wants an address put. */
export interface sockaddr_place {
  value: sockaddr | null;
}

/** Hands an address or an error to the program. @notrace */
function put_name(name: sockaddr | int, place: sockaddr_place, length: { value: int } | null): int {
  if (typeof name === 'number') return name;
  place.value = name;
  if (length !== null) length.value = SOCKADDR_ROOM;
  return 0;
}

/** socket(2). @returns a descriptor, or a negative errno @formerly sys_socket 2.4-4.16 */
export function __sys_socket(family: int, type: int, protocol: int): int {
  const flags = type & ~SOCK_TYPE_MASK;
  if ((flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) !== 0) return -EINVAL;
  const sock = sock_create(family, type & SOCK_TYPE_MASK, protocol);
  if (typeof sock === 'number') return sock;
  return sock_map_fd(sock, flags);
}

/** bind(2). @param addrlen bytes @formerly sys_bind 2.4-4.16 */
export function __sys_bind(fd: int, umyaddr: sockaddr, addrlen: int): int {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  return (sock.ops as proto_ops).bind(sock, umyaddr, addrlen);
}

/** listen(2). @formerly sys_listen 2.4-4.16 */
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

/**
 * @param upeer_sockaddr the peer's address is put here, if it is wanted
 * @param upeer_addrlen its length in bytes
 * @returns a descriptor, or a negative errno
 */
export function* __sys_accept4(
  fd: int,
  upeer_sockaddr: sockaddr_place | null,
  upeer_addrlen: { value: int } | null,
  flags: int,
): Task<int> {
  if ((flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) !== 0) return -EINVAL;
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  const newfd = yield* do_accept(sock, fdget(fd)?.f_flags ?? 0, flags);
  if (newfd >= 0 && upeer_sockaddr !== null) __sys_getpeername(newfd, upeer_sockaddr, upeer_addrlen);
  return newfd;
}

/** accept4(2). @formerly sys_accept4 2.6-4.16 */
export function* __do_sys_accept4(
  fd: int,
  upeer_sockaddr: sockaddr_place | null,
  upeer_addrlen: { value: int } | null,
  flags: int,
): Task<int> {
  return yield* __sys_accept4(fd, upeer_sockaddr, upeer_addrlen, flags);
}

/** accept(2). @returns a descriptor, or a negative errno @formerly sys_accept 2.4-4.16 */
export function* __do_sys_accept(
  fd: int,
  upeer_sockaddr: sockaddr_place | null,
  upeer_addrlen: { value: int } | null,
): Task<int> {
  return yield* __sys_accept4(fd, upeer_sockaddr, upeer_addrlen, 0);
}

export function* __sys_connect_file(sock: socket, file_flags: u32, address: sockaddr, addrlen: int): Task<int> {
  return yield* (sock.ops as proto_ops).connect(sock, address, addrlen, file_flags);
}

/** connect(2). @param addrlen bytes @formerly sys_connect 2.4-4.16 */
export function* __sys_connect(fd: int, uservaddr: sockaddr, addrlen: int): Task<int> {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  return yield* __sys_connect_file(sock, fdget(fd)?.f_flags ?? 0, uservaddr, addrlen);
}

/** getsockname(2). @param usockaddr the address is put here @returns 0, or a negative errno @formerly sys_getsockname 2.4-4.16 */
export function __sys_getsockname(fd: int, usockaddr: sockaddr_place, usockaddr_len: { value: int } | null): int {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  return put_name((sock.ops as proto_ops).getname(sock, false), usockaddr, usockaddr_len);
}

/** getpeername(2). @param usockaddr the address is put here @returns 0, or a negative errno @formerly sys_getpeername 2.4-4.16 */
export function __sys_getpeername(fd: int, usockaddr: sockaddr_place, usockaddr_len: { value: int } | null): int {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  return put_name((sock.ops as proto_ops).getname(sock, true), usockaddr, usockaddr_len);
}

/**
 * sendto(2); with addr null also send(2).
 * @param len bytes of buff
 * @param addr_len bytes; 0 without an address
 * @returns bytes sent, or a negative errno
 * @formerly sys_sendto 2.4-4.16
 */
export function* __sys_sendto(
  fd: int,
  buff: Uint8Array,
  len: size_t,
  flags: u32,
  addr: sockaddr | null,
  addr_len: int,
): Task<int> {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  const msg = new msghdr(new iov_iter(ITER_SOURCE, [len === buff.length ? buff : buff.subarray(0, len)]));
  msg.msg_name = addr;
  msg.msg_namelen = addr_len;
  if (((fdget(fd)?.f_flags ?? 0) & O_NONBLOCK) !== 0) flags |= MSG_DONTWAIT;
  msg.msg_flags = flags;
  return yield* __sock_sendmsg(sock, msg);
}

/**
 * recvfrom(2); with addr null also recv(2).
 * @param size room of ubuf in bytes
 * @param addr the sender is put here
 * @param addr_len length of the sender's address in bytes
 * @returns bytes received, or a negative errno
 * @formerly sys_recvfrom 2.4-4.16
 */
export function* __sys_recvfrom(
  fd: int,
  ubuf: Uint8Array,
  size: size_t,
  flags: u32,
  addr: sockaddr_place | null,
  addr_len: { value: int } | null,
): Task<int> {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  const msg = new msghdr(new iov_iter(ITER_DEST, [size === ubuf.length ? ubuf : ubuf.subarray(0, size)]));
  msg.msg_namelen = addr === null ? 0 : SOCKADDR_ROOM;
  if (((fdget(fd)?.f_flags ?? 0) & O_NONBLOCK) !== 0) flags |= MSG_DONTWAIT;
  const copied = yield* sock_recvmsg(sock, msg, flags);
  if (addr !== null) {
    addr.value = msg.msg_name;
    if (addr_len !== null) addr_len.value = msg.msg_namelen;
  }
  return copied;
}

/** sendmsg(2). @returns bytes sent, or a negative errno @formerly sys_sendmsg 2.4-4.16 */
export function* __sys_sendmsg(fd: int, msg: msghdr, flags: u32): Task<int> {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  if (((fdget(fd)?.f_flags ?? 0) & O_NONBLOCK) !== 0) flags |= MSG_DONTWAIT;
  msg.msg_flags = flags;
  return yield* __sock_sendmsg(sock, msg);
}

/**
 * recvmsg(2): name, control messages and flags are left in `msg`.
 * @returns bytes received, or a negative errno
 * @formerly sys_recvmsg 2.4-4.16
 */
export function* __sys_recvmsg(fd: int, msg: msghdr, flags: u32): Task<int> {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  if (((fdget(fd)?.f_flags ?? 0) & O_NONBLOCK) !== 0) flags |= MSG_DONTWAIT;
  msg.msg_flags = 0;
  return yield* sock_recvmsg(sock, msg, flags);
}

/** setsockopt(2). @formerly sys_setsockopt 2.4-4.16 */
export function __sys_setsockopt(fd: int, level: int, optname: int, optval: Uint8Array, optlen: int): int {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  return do_sock_setsockopt(sock, level, optname, optval, optlen);
}

/** getsockopt(2). @param optlen room in bytes; then what was written @formerly sys_getsockopt 2.4-4.16 */
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

/** shutdown(2). @param how SHUT_RD, SHUT_WR, SHUT_RDWR @formerly sys_shutdown 2.4-4.16 */
export function __sys_shutdown(fd: int, how: int): int {
  const sock = sockfd_lookup_light(fd);
  if (typeof sock === 'number') return sock;
  return (sock.ops as proto_ops).shutdown(sock, how);
}
