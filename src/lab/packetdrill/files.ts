// Files that are no sockets, as far as packetdrill's scripts use them: pipes, files of the host's file system,
// and moving data between them and sockets (pipe(2), splice(2), sendfile(2), readv(2), writev(2)).

import { readv, writev } from '../libc.js';
import { fd_install_free, fdget } from '../../stack/fs/file.js';
import { EAGAIN, EBADF, EINVAL, ENOENT } from '../../stack/include/linux/errno.js';
import {
  O_RDONLY,
  O_WRONLY,
  file,
  type file_operations,
  type files_struct,
  type splice_sink,
} from '../../stack/include/linux/fs.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { ITER_SOURCE, copy_from_iter, copy_to_iter, iov_iter } from '../../stack/include/linux/uio.js';
import { current } from '../../stack/kernel/current.js';

/** Bytes that a pipe holds. */
const PIPE_SIZE = 65536;

class Pipe {
  data: Uint8Array = new Uint8Array(0);
}

class FileData {
  readonly content: Uint8Array;

  constructor(content: Uint8Array) {
    this.content = content;
  }
}

function* pipe_read(filp: file, to: iov_iter): Task<number> {
  const pipe = filp.private_data as Pipe;
  if (pipe.data.length === 0) return -EAGAIN;
  const copied = copy_to_iter(pipe.data, 0, pipe.data.length, to);
  pipe.data = pipe.data.slice(copied);
  return copied;
}

function* pipe_write(filp: file, from: iov_iter): Task<number> {
  const data = new Uint8Array(from.count);
  copy_from_iter(data, 0, data.length, from);
  return fill(filp.private_data as Pipe, data);
}

function* pipe_splice_read(filp: file, to: splice_sink, length: number): Task<number> {
  const pipe = filp.private_data as Pipe;
  if (pipe.data.length === 0) return -EAGAIN;
  const moved = to.splice(pipe.data.subarray(0, length));
  if (moved > 0) pipe.data = pipe.data.slice(moved);
  return moved;
}

const pipefifo_fops: file_operations = {
  read_iter: pipe_read,
  write_iter: pipe_write,
  splice_read: pipe_splice_read,
};

function* generic_file_read_iter(filp: file, to: iov_iter): Task<number> {
  const { content } = filp.private_data as FileData;
  const copied = copy_to_iter(content, filp.f_pos, Math.max(content.length - filp.f_pos, 0), to);
  filp.f_pos += copied;
  return copied;
}

function* filemap_splice_read(filp: file, to: splice_sink, length: number): Task<number> {
  const { content } = filp.private_data as FileData;
  const data = content.subarray(filp.f_pos, filp.f_pos + length);
  const moved = data.length === 0 ? 0 : to.splice(data);
  if (moved > 0) filp.f_pos += moved;
  return moved;
}

const file_fops: file_operations = { read_iter: generic_file_read_iter, splice_read: filemap_splice_read };

function install(filp: file): number {
  return fd_install_free(current().files as files_struct, filp, 0);
}

/** pipe(2). @returns descriptors for reading and writing */
export function pipe_files(): [number, number] {
  const pipe = new Pipe();
  return [install(new file(pipefifo_fops, O_RDONLY, pipe)), install(new file(pipefifo_fops, O_WRONLY, pipe))];
}

/** open(2) for reading. @returns a descriptor, or -ENOENT */
export function open_file(path: string): number {
  const content = current().kernel.fs.read(path);
  return content === undefined ? -ENOENT : install(new file(file_fops, O_RDONLY, new FileData(content)));
}

/** What a pipe takes of data. */
function fill(pipe: Pipe, data: Uint8Array): number {
  const room = Math.min(PIPE_SIZE - pipe.data.length, data.length);
  if (room <= 0) return -EAGAIN;
  const all = new Uint8Array(pipe.data.length + room);
  all.set(pipe.data);
  all.set(data.subarray(0, room), pipe.data.length);
  pipe.data = all;
  return room;
}

/** splice(2): one of the two must be a pipe. @returns bytes moved, or a negative errno */
export function* splice_files(from: number, to: number, length: number, flags: number): Task<number> {
  const source = fdget(from);
  const target = fdget(to);
  if (source === null || target === null) return -EBADF;
  if (target.private_data instanceof Pipe) {
    const pipe = target.private_data;
    const { splice_read } = source.f_op;
    if (splice_read === undefined) return -EINVAL;
    const room = Math.min(length, PIPE_SIZE - pipe.data.length);
    if (room === 0) return length === 0 ? 0 : -EAGAIN;
    return yield* splice_read(source, { splice: (data) => fill(pipe, data) }, room, flags);
  }
  if (!(source.private_data instanceof Pipe) || target.f_op.write_iter === undefined) return -EINVAL;
  const { data } = source.private_data;
  if (data.length === 0) return -EAGAIN;
  const given = data.subarray(0, Math.min(length, data.length));
  const moved = yield* target.f_op.write_iter(target, new iov_iter(ITER_SOURCE, [given]));
  if (moved > 0) source.private_data.data = data.slice(moved);
  return moved;
}

/** sendfile(2) from where the file stands. @returns bytes sent, or a negative errno */
export function* sendfile_files(to: number, from: number, count: number): Task<number> {
  const source = fdget(from);
  const target = fdget(to);
  if (source === null || target === null) return -EBADF;
  if (!(source.private_data instanceof FileData) || target.f_op.write_iter === undefined) return -EINVAL;
  const { content } = source.private_data;
  const data = content.subarray(source.f_pos, source.f_pos + count);
  if (data.length === 0) return 0;
  const sent = yield* target.f_op.write_iter(target, new iov_iter(ITER_SOURCE, [data]));
  if (sent > 0) source.f_pos += sent;
  return sent;
}

export const readvSyscall = readv;
export const writevSyscall = writev;
