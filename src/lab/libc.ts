// System calls as the lab's programs write them: libc's names over the kernel's entry points. Each gives the
// result or a negative errno, as the kernel does. Calls that may sleep are generators.

import { current } from '../stack/kernel/current.js';
import { hrtimer_nanosleep } from '../stack/kernel/sched/core.js';
import { ktime_get_real_ns } from '../stack/include/linux/jiffies.js';
import type { Task } from '../stack/include/linux/sched.js';
import { iov_iter, ITER_DEST, ITER_SOURCE } from '../stack/include/linux/uio.js';
import { msghdr, type cmsghdr, type sockaddr } from '../stack/include/linux/socket.js';
import { __sys_setsockopt, __sys_getsockopt } from '../stack/net/socket/syscalls.js';

export {
  __sys_socket as socket,
  __sys_bind as bind,
  __sys_listen as listen,
  __sys_accept4 as accept4,
  __sys_connect as connect,
  __sys_getsockname as getsockname,
  __sys_getpeername as getpeername,
  __sys_sendto as sendto,
  __sys_recvfrom as recvfrom,
  __sys_sendmsg as sendmsg,
  __sys_recvmsg as recvmsg,
  __sys_shutdown as shutdown,
} from '../stack/net/socket/syscalls.js';
export { close_fd as close, do_fcntl as fcntl, ksys_dup as dup } from '../stack/fs/file.js';
export { ksys_read as read, ksys_write as write, do_vfs_ioctl as ioctl } from '../stack/fs/read_write.js';
export { do_sys_poll as poll, pollfd } from '../stack/fs/select.js';
export {
  do_epoll_create as epoll_create1,
  do_epoll_ctl as epoll_ctl,
  do_epoll_wait as epoll_wait,
  epoll_event,
} from '../stack/fs/eventpoll.js';
export { strerror } from '../stack/include/linux/errno.js';
export * from '../stack/include/linux/in_addr.js';
export { ntohs, htons, ntohl, htonl } from '../stack/include/linux/byteorder.js';

/** setsockopt(2) with an int. */
export function setsockopt(fd: number, level: number, optname: number, value: number): number {
  return __sys_setsockopt(fd, level, optname, int32(value), 4);
}

/** setsockopt(2) with any value, little-endian. */
export function setsockopt_bytes(fd: number, level: number, optname: number, value: Uint8Array): number {
  return __sys_setsockopt(fd, level, optname, value, value.length);
}

/** getsockopt(2) of an int. @returns the value; throws on an error */
export function getsockopt(fd: number, level: number, optname: number): number {
  const buffer = new Uint8Array(4);
  const error = __sys_getsockopt(fd, level, optname, buffer, { value: 4 });
  if (error < 0) throw new Error(`getsockopt: ${error}`);
  return new DataView(buffer.buffer).getInt32(0, true);
}

/** A struct timeval as bytes. @param ns nanoseconds */
export function timeval(ns: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(Math.floor(ns / 1e9)), true);
  view.setBigInt64(8, BigInt(Math.floor((ns % 1e9) / 1000)), true);
  return bytes;
}

export function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}

/** nanosleep(2). @param ns nanoseconds */
export function* nanosleep(ns: number): Task<number> {
  return yield* hrtimer_nanosleep(current().kernel, ns);
}

/** clock_gettime(CLOCK_MONOTONIC): ns since boot. */
export function clock_monotonic(): number {
  return current().kernel.now;
}

/** clock_gettime(CLOCK_REALTIME): ns since 1970. */
export function clock_realtime(): bigint {
  return ktime_get_real_ns(current().kernel);
}

export function getpid(): number {
  return current().tgid;
}

/** A struct msghdr for sendmsg(2). */
export function send_message(data: Uint8Array[], name: sockaddr | null, control: cmsghdr[] = []): msghdr {
  const msg = new msghdr(new iov_iter(ITER_SOURCE, data));
  msg.msg_name = name;
  msg.msg_namelen = name === null ? 0 : 16;
  msg.msg_control = control;
  return msg;
}

/** A struct msghdr for recvmsg(2). @param controllen room for control messages in bytes */
export function receive_message(room: Uint8Array[], controllen = 512): msghdr {
  const msg = new msghdr(new iov_iter(ITER_DEST, room));
  msg.msg_namelen = 16;
  msg.msg_controllen = controllen;
  return msg;
}

export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

export function text(data: Uint8Array): string {
  return Array.from(data, (byte) => String.fromCharCode(byte)).join('');
}
