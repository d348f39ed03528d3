// System calls as the lab's programs write them: libc's names over the kernel's entry points. Each gives the
// result or a negative errno, as the kernel does. Calls that may sleep are generators.

import { current } from '../stack/kernel/current.js';
import { hrtimer_nanosleep } from '../stack/kernel/sched/core.js';
import { ktime_get_real_ns } from '../stack/include/linux/jiffies.js';
import type { Task } from '../stack/include/linux/sched.js';
import { iov_iter, ITER_DEST, ITER_SOURCE } from '../stack/include/linux/uio.js';
import { msghdr, type cmsghdr, type sockaddr } from '../stack/include/linux/socket.js';
import {
  __do_sys_accept,
  __do_sys_accept4,
  __sys_bind,
  __sys_connect,
  __sys_getpeername,
  __sys_getsockname,
  __sys_getsockopt,
  __sys_recvfrom,
  __sys_sendto,
  __sys_setsockopt,
  type sockaddr_place,
} from '../stack/net/socket/syscalls.js';
import { do_readv, do_writev, ksys_read, ksys_write } from '../stack/fs/read_write.js';
import { do_sys_poll, type pollfd } from '../stack/fs/select.js';
import { do_epoll_create, do_epoll_wait, type epoll_event } from '../stack/fs/eventpoll.js';

export {
  __sys_socket as socket,
  __sys_listen as listen,
  __sys_sendmsg as sendmsg,
} from '../stack/net/socket/syscalls.js';
export { __sys_recvmsg as recvmsg, __sys_shutdown as shutdown } from '../stack/net/socket/syscalls.js';
export { close_fd as close, do_fcntl as fcntl, ksys_dup as dup } from '../stack/fs/file.js';
export { do_vfs_ioctl as ioctl } from '../stack/fs/read_write.js';
export { pollfd } from '../stack/fs/select.js';
export { do_epoll_ctl as epoll_ctl, epoll_event } from '../stack/fs/eventpoll.js';
export { strerror } from '../stack/include/linux/errno.js';
export * from '../stack/include/linux/in_addr.js';
export { ntohs, htons, ntohl, htonl } from '../stack/include/linux/byteorder.js';

/** sizeof(struct sockaddr_in) */
const SOCKADDR_LENGTH = 16;

// A call's lengths are those of the arrays that it is given. Calls that may sleep hand on the kernel's generator.

export function bind(fd: number, address: sockaddr): number {
  return __sys_bind(fd, address, SOCKADDR_LENGTH);
}

export function connect(fd: number, address: sockaddr): Task<number> {
  return __sys_connect(fd, address, SOCKADDR_LENGTH);
}

export function accept(fd: number): Task<number> {
  return __do_sys_accept(fd, null, null);
}

export function accept4(fd: number, flags: number): Task<number> {
  return __do_sys_accept4(fd, null, null, flags);
}

/** @returns the address, or a negative errno */
export function getsockname(fd: number): sockaddr | number {
  const place: sockaddr_place = { value: null };
  const error = __sys_getsockname(fd, place, { value: SOCKADDR_LENGTH });
  return place.value ?? error;
}

/** @returns the address, or a negative errno */
export function getpeername(fd: number): sockaddr | number {
  const place: sockaddr_place = { value: null };
  const error = __sys_getpeername(fd, place, { value: SOCKADDR_LENGTH });
  return place.value ?? error;
}

export function sendto(fd: number, data: Uint8Array, flags: number, address: sockaddr | null): Task<number> {
  return __sys_sendto(fd, data, data.length, flags, address, address === null ? 0 : SOCKADDR_LENGTH);
}

/** @param sender the sender is put here */
export function recvfrom(fd: number, room: Uint8Array, flags: number, sender: sockaddr_place | null): Task<number> {
  return __sys_recvfrom(fd, room, room.length, flags, sender, null);
}

export function read(fd: number, room: Uint8Array): Task<number> {
  return ksys_read(fd, room, room.length);
}

export function write(fd: number, data: Uint8Array): Task<number> {
  return ksys_write(fd, data, data.length);
}

export function readv(fd: number, rooms: Uint8Array[]): Task<number> {
  return do_readv(fd, rooms, rooms.length);
}

export function writev(fd: number, data: Uint8Array[]): Task<number> {
  return do_writev(fd, data, data.length);
}

/** @param timeout ms; negative: no limit */
export function poll(fds: pollfd[], timeout: number): Task<number> {
  return do_sys_poll(fds, fds.length, timeout);
}

export function epoll_create1(flags = 0): number {
  return do_epoll_create(flags);
}

/** @param timeout ms; negative: no limit @returns the events, or a negative errno */
export function* epoll_wait(epfd: number, maxevents: number, timeout: number): Task<epoll_event[] | number> {
  const events: epoll_event[] = [];
  const result = yield* do_epoll_wait(epfd, events, maxevents, timeout);
  return result < 0 ? result : events;
}

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
