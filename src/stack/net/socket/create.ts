// BSD sockets made and released, address families registered (net/socket.c). What is left out: inodes,
// fasync, socketpairs.

import { O_NONBLOCK, file, type file_operations, type files_struct, type splice_sink } from '../../include/linux/fs.js';
import { EAFNOSUPPORT, EBADF, EEXIST, EINVAL, EMFILE, ENOBUFS, ENOTSOCK, ENOTTY } from '../../include/linux/errno.js';
import type { poll_table } from '../../include/linux/poll.js';
import type { Task } from '../../include/linux/sched.js';
import { SOCK_NONBLOCK, SOCK_MAX, SOCK_PACKET, socket, type net_proto_family } from '../../include/linux/net.js';
import { AF_INET, AF_MAX, AF_PACKET, MSG_DONTWAIT, MSG_EOR, msghdr } from '../../include/linux/socket.js';
import type { int, size_t, ssize_t, u32 } from '../../include/linux/types.js';
import type { iov_iter } from '../../include/linux/uio.js';
import { msg_data_left } from '../../include/linux/uio.js';
import type { net } from '../../include/net/net_namespace.js';
import { SOCK_SEQPACKET } from '../../include/linux/net.js';
import { current } from '../../kernel/current.js';
import type { Kernel } from '../../kernel/kernel.js';
import { pr_info } from '../../kernel/printk.js';
import { fd_install_free, fdget } from '../../fs/file.js';
import { sock_recvmsg, sock_sendmsg } from './msg.js';

/** Descriptors that a program may have (RLIMIT_NOFILE). */
const RLIMIT_NOFILE = 1_048_576;

/**
 * Makes an address family known.
 * @returns 0, -ENOBUFS for a number out of range, -EEXIST
 * @EXPORT_SYMBOL
 */
export function sock_register(kernel: Kernel, ops: net_proto_family): int {
  if (ops.family >= AF_MAX) return -ENOBUFS;
  if (kernel.net_families[ops.family] != null) return -EEXIST;
  kernel.net_families[ops.family] = ops;
  pr_info(
    kernel,
    `NET: Registered ${ops.family === AF_PACKET ? 'PF_PACKET' : ops.family === AF_INET ? 'PF_INET' : `PF_${ops.family}`} protocol family`,
  );
  return 0;
}

/** @EXPORT_SYMBOL */
export function sock_unregister(kernel: Kernel, family: int): void {
  kernel.net_families[family] = null;
  pr_info(kernel, `NET: Unregistered ${family === AF_INET ? 'PF_INET' : `PF_${family}`} protocol family`);
}

/** A socket without operations and without sock. @EXPORT_SYMBOL */
export function sock_alloc(net: net): socket {
  const sock = new socket();
  sock.net = net;
  return sock;
}

/**
 * A socket that has a type but neither operations nor a sock: for accepting into.
 * @returns the socket
 * @EXPORT_SYMBOL
 */
export function sock_create_lite(net: net, _family: int, type: int, _protocol: int): socket {
  const sock = sock_alloc(net);
  sock.type = type;
  return sock;
}

/**
 * @param kern made for the kernel itself, not for a program
 * @returns the socket, or a negative errno
 * @EXPORT_SYMBOL
 */
export function __sock_create(net: net, family: int, type: int, protocol: int, kern: boolean): socket | int {
  if (family < 0 || family >= AF_MAX) return -EAFNOSUPPORT;
  if (type < 0 || type >= SOCK_MAX) return -EINVAL;
  if (family === AF_INET && type === SOCK_PACKET) family = AF_PACKET;
  const ops = net.kernel.net_families[family];
  if (ops == null) return -EAFNOSUPPORT;
  const sock = sock_alloc(net);
  sock.type = type;
  const error = ops.create(net, sock, protocol, kern);
  return error < 0 ? error : sock;
}

/** @returns the socket, or a negative errno @EXPORT_SYMBOL */
export function sock_create(family: int, type: int, protocol: int): socket | int {
  return __sock_create(current().kernel.init_net, family, type, protocol, false);
}

/** @returns the socket, or a negative errno @EXPORT_SYMBOL */
export function sock_create_kern(net: net, family: int, type: int, protocol: int): socket | int {
  return __sock_create(net, family, type, protocol, true);
}

/**
 * Closes a socket.
 * @formerly sock_release 2.4-4.18
 */
export function* __sock_release(sock: socket): Task<void> {
  if (sock.ops !== null) {
    yield* sock.ops.release(sock);
    sock.sk = null;
    sock.ops = null;
  }
  sock.file = null;
}

/** @EXPORT_SYMBOL */
export function* sock_release(sock: socket): Task<void> {
  yield* __sock_release(sock);
}

export function* sock_close(filp: file): Task<int> {
  yield* __sock_release(filp.private_data as socket);
  return 0;
}

export function sock_poll(filp: file, wait: poll_table | null): u32 {
  const sock = filp.private_data as socket;
  return sock.ops === null ? 0 : sock.ops.poll(filp, sock, wait);
}

export function sock_ioctl(filp: file, cmd: u32, arg: { value: int }): int {
  const sock = filp.private_data as socket;
  return sock.ops === null ? -ENOTTY : sock.ops.ioctl(sock, cmd, arg);
}

export function* sock_read_iter(filp: file, to: iov_iter): Task<ssize_t> {
  const msg = new msghdr(to);
  return yield* sock_recvmsg(filp.private_data as socket, msg, (filp.f_flags & O_NONBLOCK) !== 0 ? MSG_DONTWAIT : 0);
}

export function* sock_write_iter(filp: file, from: iov_iter): Task<ssize_t> {
  const sock = filp.private_data as socket;
  const msg = new msghdr(from);
  if ((filp.f_flags & O_NONBLOCK) !== 0) msg.msg_flags |= MSG_DONTWAIT;
  if (sock.type === SOCK_SEQPACKET) msg.msg_flags |= MSG_EOR;
  return yield* sock_sendmsg(sock, msg, msg_data_left(msg));
}

/** @returns bytes, or a negative errno */
export function* sock_splice_read(filp: file, pipe: splice_sink, len: size_t, flags: int): Task<int> {
  const sock = filp.private_data as socket;
  if (sock.ops?.splice_read === undefined) return -EINVAL;
  return yield* sock.ops.splice_read(sock, pipe, len, flags);
}

export const socket_file_ops: file_operations = {
  read_iter: sock_read_iter,
  write_iter: sock_write_iter,
  poll: sock_poll,
  unlocked_ioctl: sock_ioctl,
  release: sock_close,
  splice_read: sock_splice_read,
};

/** @EXPORT_SYMBOL */
export function sock_alloc_file(sock: socket, flags: int): file {
  const filp = new file(socket_file_ops, 2 | (flags & SOCK_NONBLOCK), sock);
  sock.file = filp;
  return filp;
}

/** Gives a socket a descriptor of the current task. @returns it, or -EMFILE */
export function sock_map_fd(sock: socket, flags: int): int {
  const files = current().files as files_struct;
  if (files.fd.length >= RLIMIT_NOFILE) return -EMFILE;
  return fd_install_free(files, sock_alloc_file(sock, flags), 0);
}

/** @returns the socket of a file, or null @EXPORT_SYMBOL */
export function sock_from_file(filp: file): socket | null {
  return filp.f_op === socket_file_ops ? (filp.private_data as socket) : null;
}

/** @returns the socket, -EBADF or -ENOTSOCK */
export function sockfd_lookup_light(fd: int): socket | int {
  const filp = fdget(fd);
  if (filp === null) return -EBADF;
  return sock_from_file(filp) ?? -ENOTSOCK;
}

/** Boot: nothing but the log's line (net/socket.c). */
export function sock_init(kernel: Kernel): int {
  pr_info(kernel, 'NET: socket layer initialised');
  return 0;
}
