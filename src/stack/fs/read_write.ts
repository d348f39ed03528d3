// read(2), write(2), readv(2), writev(2) on open files (fs/read_write.c).

import { EBADF, EINVAL } from '../include/linux/errno.js';
import type { file } from '../include/linux/fs.js';
import type { Task } from '../include/linux/sched.js';
import type { int, ssize_t, u32, uint } from '../include/linux/types.js';
import { ITER_DEST, ITER_SOURCE, iov_iter } from '../include/linux/uio.js';
import { fdget } from './file.js';
import { ENOTTY } from '../include/linux/errno.js';

export function* vfs_read(file: file, iov: Uint8Array[]): Task<ssize_t> {
  if (file.f_op.read_iter === undefined) return -EINVAL;
  return yield* file.f_op.read_iter(file, new iov_iter(ITER_DEST, iov));
}

export function* vfs_write(file: file, iov: Uint8Array[]): Task<ssize_t> {
  if (file.f_op.write_iter === undefined) return -EINVAL;
  return yield* file.f_op.write_iter(file, new iov_iter(ITER_SOURCE, iov));
}

/** read(2). @param buf the program's room */
export function* ksys_read(fd: uint, buf: Uint8Array): Task<ssize_t> {
  const file = fdget(fd);
  if (file === null) return -EBADF;
  return yield* vfs_read(file, [buf]);
}

/** write(2). @param buf the program's data */
export function* ksys_write(fd: uint, buf: Uint8Array): Task<ssize_t> {
  const file = fdget(fd);
  if (file === null) return -EBADF;
  return yield* vfs_write(file, [buf]);
}

/** readv(2). */
export function* do_readv(fd: uint, iov: Uint8Array[]): Task<ssize_t> {
  const file = fdget(fd);
  if (file === null) return -EBADF;
  return yield* vfs_read(file, iov);
}

/** writev(2). */
export function* do_writev(fd: uint, iov: Uint8Array[]): Task<ssize_t> {
  const file = fdget(fd);
  if (file === null) return -EBADF;
  return yield* vfs_write(file, iov);
}

/** ioctl(2) with one integer as argument or result. */
export function do_vfs_ioctl(fd: uint, cmd: u32, arg: { value: int }): int {
  const file = fdget(fd);
  if (file === null) return -EBADF;
  return file.f_op.unlocked_ioctl?.(file, cmd, arg) ?? -ENOTTY;
}
