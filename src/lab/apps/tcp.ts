// What the lab's TCP programs share: connecting, listening, sending all, reading lines.

import { SOCK_STREAM } from '../../stack/include/linux/net.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { AF_INET, SOL_SOCKET, SO_REUSEADDR } from '../../stack/include/linux/socket.js';
import {
  accept4,
  bind,
  close,
  connect,
  htons,
  listen,
  read,
  sendto,
  setsockopt,
  sockaddr_in,
  socket,
} from '../libc.js';

/** @returns a connected socket, or a negative errno */
export function* tcp_connect_to(address: number, port: number): Task<number> {
  const fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return fd;
  const error = yield* connect(fd, new sockaddr_in(address, htons(port)));
  if (error < 0) {
    yield* close(fd);
    return error;
  }
  return fd;
}

/** @returns a listening socket, or a negative errno */
export function* tcp_listen_on(port: number, backlog = 128, address = 0): Task<number> {
  const fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return fd;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  const error = bind(fd, new sockaddr_in(address, htons(port))) || listen(fd, backlog);
  if (error < 0) {
    yield* close(fd);
    return error;
  }
  return fd;
}

/** @returns a connection, or a negative errno */
export function* tcp_accept(fd: number): Task<number> {
  return yield* accept4(fd, 0);
}

/** Sends all of it. @returns 0 or a negative errno */
export function* write_all(fd: number, data: Uint8Array): Task<number> {
  for (let at = 0; at < data.length;) {
    const sent = yield* sendto(fd, at === 0 ? data : data.subarray(at), 0, null);
    if (sent < 0) return sent;
    at += sent;
  }
  return 0;
}

/** Reads until the other side has no more. @returns the bytes, or a negative errno */
export function* read_all(fd: number): Task<Uint8Array | number> {
  const pieces: Uint8Array[] = [];
  const buffer = new Uint8Array(65536);
  for (;;) {
    const size = yield* read(fd, buffer);
    if (size < 0) return size;
    if (size === 0) break;
    pieces.push(buffer.slice(0, size));
  }
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Lines of a connection, as the protocols of the older Internet have them. */
export class LineReader {
  private readonly fd: number;
  private pending = '';

  constructor(fd: number) {
    this.fd = fd;
  }

  /** @returns the next line without its end; null at the end of the connection */
  *line(): Task<string | null> {
    const buffer = new Uint8Array(4096);
    for (;;) {
      const end = this.pending.indexOf('\n');
      if (end >= 0) {
        const line = this.pending.slice(0, end).replace(/\r$/, '');
        this.pending = this.pending.slice(end + 1);
        return line;
      }
      const size = yield* read(this.fd, buffer);
      if (size <= 0) return null;
      for (let i = 0; i < size; i++) this.pending += String.fromCharCode(buffer[i]);
    }
  }

  /** What was read beyond the last line. */
  rest(): string {
    const rest = this.pending;
    this.pending = '';
    return rest;
  }
}
