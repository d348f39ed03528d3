// read(2), write(2), readv(2), writev(2) on open files (fs/read_write.c).

import { EBADF, EINVAL } from '../include/linux/errno.js';
import type { file } from '../include/linux/fs.js';
import type { Task } from '../include/linux/sched.js';
import type { int, size_t, ssize_t, u32, uint, ulong } from '../include/linux/types.js';
import { ITER_DEST, ITER_SOURCE, iov_iter } from '../include/linux/uio.js';
import { fdget } from './file.js';
import { ENOTTY } from '../include/linux/errno.js';

/** @param buf the program's room @param count bytes of it @EXPORT_SYMBOL */
export function* vfs_read(file: file, buf: Uint8Array, count: size_t): Task<ssize_t> {
  if (file.f_op.read_iter === undefined) return -EINVAL;
  return yield* file.f_op.read_iter(
    file,
    new iov_iter(ITER_DEST, [count === buf.length ? buf : buf.subarray(0, count)]),
  );
}

/** @param buf the program's data @param count bytes of it @EXPORT_SYMBOL */
export function* vfs_write(file: file, buf: Uint8Array, count: size_t): Task<ssize_t> {
  if (file.f_op.write_iter === undefined) return -EINVAL;
  return yield* file.f_op.write_iter(
    file,
    new iov_iter(ITER_SOURCE, [count === buf.length ? buf : buf.subarray(0, count)]),
  );
}

/** @param vlen number of parts */
export function* vfs_readv(file: file, vec: Uint8Array[], vlen: ulong): Task<ssize_t> {
  if (file.f_op.read_iter === undefined) return -EINVAL;
  return yield* file.f_op.read_iter(file, new iov_iter(ITER_DEST, vec.slice(0, vlen)));
}

/** @param vlen number of parts */
export function* vfs_writev(file: file, vec: Uint8Array[], vlen: ulong): Task<ssize_t> {
  if (file.f_op.write_iter === undefined) return -EINVAL;
  return yield* file.f_op.write_iter(file, new iov_iter(ITER_SOURCE, vec.slice(0, vlen)));
}

/** read(2). @param buf the program's room @param count bytes of it @formerly sys_read 2.4-4.16 */
export function* ksys_read(fd: uint, buf: Uint8Array, count: size_t): Task<ssize_t> {
  const file = fdget(fd);
  if (file === null) return -EBADF;
  return yield* vfs_read(file, buf, count);
}

/** write(2). @param buf the program's data @param count bytes of it @formerly sys_write 2.4-4.16 */
export function* ksys_write(fd: uint, buf: Uint8Array, count: size_t): Task<ssize_t> {
  const file = fdget(fd);
  if (file === null) return -EBADF;
  return yield* vfs_write(file, buf, count);
}

/** readv(2). @param vlen number of parts @formerly sys_readv 2.4-4.16 */
export function* do_readv(fd: uint, vec: Uint8Array[], vlen: ulong): Task<ssize_t> {
  const file = fdget(fd);
  if (file === null) return -EBADF;
  return yield* vfs_readv(file, vec, vlen);
}

/** writev(2). @param vlen number of parts @formerly sys_writev 2.4-4.16 */
export function* do_writev(fd: uint, vec: Uint8Array[], vlen: ulong): Task<ssize_t> {
  const file = fdget(fd);
  if (file === null) return -EBADF;
  return yield* vfs_writev(file, vec, vlen);
}

/** ioctl(2) with one integer as argument or result. */
export function do_vfs_ioctl(fd: uint, cmd: u32, arg: { value: int }): int {
  const file = fdget(fd);
  if (file === null) return -EBADF;
  return file.f_op.unlocked_ioctl?.(file, cmd, arg) ?? -ENOTTY;
}
