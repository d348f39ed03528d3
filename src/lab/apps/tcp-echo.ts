// A TCP client and echo server: the client sends a short message and waits for it to come back, then sends as many
// bytes as it is told to, and closes.
//   tcp-echo-server [-r bytes of receive buffer] [-d seconds before it reads on] [port]
//   tcp-client [-s bytes] address [port]

import { SOL_SOCKET, SO_RCVBUF } from '../../stack/include/linux/socket.js';
import { in_aton } from '../../stack/include/linux/in_addr.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { close, nanosleep, read, setsockopt, strerror } from '../libc.js';
import type { Process } from '../process.js';
import { getopt, integer } from './getopt.js';
import { resolve } from './resolve.js';
import { tcp_accept, tcp_connect_to, tcp_listen_on, write_all } from './tcp.js';

export const TCP_ECHO_PORT = 7777;
/** Bytes of the message that is echoed; what comes behind it is only counted. */
const MESSAGE = 64;
/** ns that the client waits before it sends on, and before it closes: delayed ACKs show. */
const PAUSE = 600_000_000;

/** Serves one connection after the other: echoes the first MESSAGE bytes, swallows the rest. */
export function* tcp_echo_server(process: Process): Task<number> {
  const parsed = getopt(process, 'r:d:');
  if (parsed === null) return 2;
  const port = Number(parsed.operands[0] ?? TCP_ECHO_PORT);
  const listener = yield* tcp_listen_on(port);
  if (listener < 0) {
    process.stderr(`tcp-echo-server: ${strerror(listener)}\n`);
    return 1;
  }
  const room = parsed.options.find(([letter]) => letter === 'r');
  if (room !== undefined) setsockopt(listener, SOL_SOCKET, SO_RCVBUF, Number(room[1]));
  const delay = parsed.options.find(([letter]) => letter === 'd');
  const buffer = new Uint8Array(65536);
  while (process.task.pending === 0) {
    const fd = yield* tcp_accept(listener);
    if (fd < 0) continue;
    let echoed = 0;
    for (;;) {
      const size = yield* read(fd, buffer);
      if (size <= 0) break;
      if (echoed < MESSAGE) {
        yield* write_all(fd, buffer.slice(0, Math.min(size, MESSAGE - echoed)));
        echoed += size;
        if (delay !== undefined) yield* nanosleep(Number(delay[1]) * 1e9);
      }
    }
    // The client's half is closed for a while before this one.
    yield* nanosleep(PAUSE);
    yield* close(fd);
  }
  return 0;
}

export function* tcp_client(process: Process): Task<number> {
  const parsed = getopt(process, 's:');
  if (parsed === null) return 2;
  let size = 20_000;
  for (const [, value] of parsed.options) {
    const number = integer(process, value, 0, 1e9);
    if (number === null) return 2;
    size = number;
  }
  const [target, port] = parsed.operands;
  const address = target === undefined ? null : (in_aton(target) ?? resolve(process.host, target));
  if (address === null) {
    process.stderr('usage: tcp-client [-s bytes] address [port]\n');
    return 2;
  }
  const fd = yield* tcp_connect_to(address, Number(port ?? TCP_ECHO_PORT));
  if (fd < 0) {
    process.stderr(`tcp-client: connect: ${strerror(fd)}\n`);
    return 1;
  }
  yield* write_all(fd, new Uint8Array(MESSAGE).fill(0x61));
  const buffer = new Uint8Array(MESSAGE);
  let echoed = 0;
  while (echoed < MESSAGE) {
    const got = yield* read(fd, buffer);
    if (got <= 0) {
      process.stderr(`tcp-client: read: ${got === 0 ? 'connection closed' : strerror(got)}\n`);
      return 1;
    }
    echoed += got;
  }
  yield* nanosleep(PAUSE);
  const error = yield* write_all(fd, new Uint8Array(size).fill(0x62));
  yield* nanosleep(PAUSE);
  if (error < 0) process.stderr(`tcp-client: write: ${strerror(error)}\n`);
  else process.stdout(`${echoed} bytes echoed, ${size} bytes sent\n`);
  yield* close(fd);
  return error < 0 ? 1 : 0;
}
