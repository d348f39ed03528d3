// Open files of a task (fs/file.c, fs/file_table.c).

import { EBADF, EINVAL } from '../include/linux/errno.js';
import {
  F_DUPFD,
  F_GETFD,
  F_GETFL,
  F_SETFD,
  F_SETFL,
  O_APPEND,
  O_NONBLOCK,
  type file,
  type files_struct,
} from '../include/linux/fs.js';
import type { Task, task_struct } from '../include/linux/sched.js';
import type { int, uint } from '../include/linux/types.js';
import { current } from '../kernel/current.js';
import { kthread_run } from '../kernel/sched/core.js';

/** Puts a file at the lowest free descriptor from `start` on. @returns the descriptor @notrace */
export function fd_install_free(files: files_struct, file: file, start: int): int {
  let fd = Math.max(start, files.next_fd);
  while (fd < files.fd.length && files.fd[fd] !== null) fd++;
  while (files.fd.length < fd) files.fd.push(null);
  files.fd[fd] = file;
  if (start <= files.next_fd) files.next_fd = fd + 1;
  return fd;
}

/** @returns the current task's file, or null @notrace */
export function fdget(fd: uint): file | null {
  return current().files?.fd[fd] ?? null;
}

/** Drops one reference; the last one releases the file. */
export function* fput(file: file): Task<int> {
  if (--file.f_count > 0 || file.f_op.release === undefined) return 0;
  return yield* file.f_op.release(file);
}

/** close(2). */
export function* close_fd(fd: uint): Task<int> {
  const files = current().files;
  const file = files?.fd[fd] ?? null;
  if (files === null || file === null) return -EBADF;
  files.fd[fd] = null;
  files.next_fd = Math.min(files.next_fd, fd);
  return yield* fput(file);
}

/** dup(2). */
export function ksys_dup(fd: uint): int {
  const file = fdget(fd);
  if (file === null) return -EBADF;
  file.f_count++;
  return fd_install_free(current().files as files_struct, file, 0);
}

/** fcntl(2), as far as it concerns sockets. */
export function do_fcntl(fd: uint, cmd: uint, arg: int): int {
  const file = fdget(fd);
  if (file === null) return -EBADF;
  switch (cmd) {
    case F_DUPFD:
      file.f_count++;
      return fd_install_free(current().files as files_struct, file, arg);
    case F_GETFD:
    case F_SETFD:
      return 0;
    case F_GETFL:
      return file.f_flags;
    case F_SETFL: {
      const settable = O_NONBLOCK | O_APPEND;
      file.f_flags = (file.f_flags & ~settable) | (arg & settable);
      return 0;
    }
    default:
      return -EINVAL;
  }
}

/** Closes what a task that ended left open; a thread of the kernel does it, for closing may sleep. @notrace */
export function exit_files(task: task_struct, files: files_struct): void {
  const open = files.fd.filter((file): file is file => file !== null);
  if (open.length === 0) return;
  files.fd.length = 0;
  kthread_run(task.kernel, task.comm, function* (): Task<int> {
    for (const file of open) yield* fput(file);
    return 0;
  });
}
