// Open files (include/linux/fs.h, include/linux/fdtable.h), as far as sockets and the lab's programs need.

import type { iov_iter } from './uio.js';
import type { poll_table } from './poll.js';
import type { Task } from './sched.js';
import type { int, size_t, u32 } from './types.js';

export const O_RDONLY = 0o0;
export const O_WRONLY = 0o1;
export const O_RDWR = 0o2;
export const O_CREAT = 0o100;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;

export const F_DUPFD = 0;
export const F_GETFD = 1;
export const F_SETFD = 2;
export const F_GETFL = 3;
export const F_SETFL = 4;

/** Where splice(2) puts what it reads: a pipe, in our case anything that takes pieces of memory. */
export interface splice_sink {
  /** @returns bytes taken, fewer than there are when it is full, or a negative errno */
  splice: (data: Uint8Array) => int;
}

export interface file_operations {
  readonly read_iter?: (file: file, to: iov_iter) => Task<int>;
  readonly write_iter?: (file: file, from: iov_iter) => Task<int>;
  readonly poll?: (file: file, wait: poll_table | null) => u32;
  /** Result: 0 or a negative errno; an integer result goes into `arg`. */
  readonly unlocked_ioctl?: (file: file, cmd: u32, arg: { value: int }) => int;
  readonly release?: (file: file) => Task<int>;
  readonly splice_read?: (file: file, pipe: splice_sink, len: size_t, flags: int) => Task<int>;
}

export class file {
  f_op: file_operations;
  f_flags: u32;
  f_pos = 0;
  f_count: int = 1;
  private_data: object | null;

  constructor(f_op: file_operations, flags: u32, private_data: object | null) {
    this.f_op = f_op;
    this.f_flags = flags;
    this.private_data = private_data;
  }
}

export class files_struct {
  /** Descriptors 0 to 2 are a program's terminal, which is not a file of this kernel. */
  readonly fd: (file | null)[] = [null, null, null];
  /** No lower descriptor is free. */
  next_fd: int = 3;
}
