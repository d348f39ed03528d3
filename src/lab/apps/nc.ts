// nc(1) of OpenBSD, in the subset of the sources: TCP and UDP, client and server. What a client sends is given by
// -e TEXT or -f FILE (there is no terminal in the lab); what it gets goes to standard output.
//   nc [-u] [-v] [-p source-port] [-w seconds] [-e text | -f file] host port
//   nc -l [-u] [-k] [-v] [-c (echo)] [-p] port

import { EPOLLIN } from '../../stack/include/linux/poll.js';
import { SOCK_DGRAM, SOCK_STREAM, SHUT_WR } from '../../stack/include/linux/net.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { AF_INET, type sockaddr } from '../../stack/include/linux/socket.js';
import { in_aton, in_ntoa } from '../../stack/include/linux/in_addr.js';
import {
  bind,
  bytes,
  close,
  connect,
  getpeername,
  htons,
  ntohs,
  poll,
  pollfd,
  read,
  recvfrom,
  sendto,
  shutdown,
  sockaddr_in,
  socket,
  strerror,
  text,
} from '../libc.js';
import type { Process } from '../process.js';
import { getopt, integer, seconds } from './getopt.js';
import { resolve } from './resolve.js';
import { tcp_accept, tcp_listen_on, write_all } from './tcp.js';

interface NcOptions {
  listen: boolean;
  udp: boolean;
  keep: boolean;
  verbose: boolean;
  echo: boolean;
  source: number;
  /** ns without anything received after which it ends; 0: never */
  wait: number;
  data: Uint8Array;
}

function describe(address: sockaddr | number): string {
  return typeof address !== 'number' && 'sin_addr' in address
    ? `${in_ntoa(address.sin_addr.s_addr)} ${ntohs(address.sin_port)}`
    : '?';
}

/** Prints what comes until the other side has no more. */
function* receive(process: Process, fd: number, options: NcOptions): Task<number> {
  const buffer = new Uint8Array(65536);
  for (;;) {
    if (options.wait > 0) {
      const ready = yield* poll([new pollfd(fd, EPOLLIN)], Math.ceil(options.wait / 1e6));
      if (ready === 0) return 0;
    }
    const size = yield* read(fd, buffer);
    if (size < 0) {
      process.stderr(`nc: read: ${strerror(size)}\n`);
      return 1;
    }
    if (size === 0) return 0;
    process.stdout(text(buffer.subarray(0, size)));
    if (options.echo) yield* write_all(fd, buffer.slice(0, size));
  }
}

function* client(process: Process, address: number, port: number, options: NcOptions): Task<number> {
  const fd = socket(AF_INET, options.udp ? SOCK_DGRAM : SOCK_STREAM, 0);
  if (options.source > 0) bind(fd, new sockaddr_in(0, htons(options.source)));
  const error = yield* connect(fd, new sockaddr_in(address, htons(port)));
  const target = `${in_ntoa(address)} ${port} port [${options.udp ? 'udp' : 'tcp'}/*]`;
  if (error < 0) {
    process.stderr(
      `nc: connect to ${in_ntoa(address)} port ${port} (${options.udp ? 'udp' : 'tcp'}) failed: ${strerror(error)}\n`,
    );
    yield* close(fd);
    return 1;
  }
  if (options.verbose) process.stderr(`Connection to ${target} succeeded!\n`);
  if (options.data.length > 0) {
    const sent = options.udp ? yield* sendto(fd, options.data, 0, null) : yield* write_all(fd, options.data);
    if (sent < 0) process.stderr(`nc: write: ${strerror(sent)}\n`);
  }
  if (!options.udp) shutdown(fd, SHUT_WR);
  const status = options.udp && options.wait === 0 ? 0 : yield* receive(process, fd, options);
  yield* close(fd);
  return status;
}

function* udpServer(process: Process, port: number, options: NcOptions): Task<number> {
  const fd = socket(AF_INET, SOCK_DGRAM, 0);
  const error = bind(fd, new sockaddr_in(0, htons(port)));
  if (error < 0) {
    process.stderr(`nc: ${strerror(error)}\n`);
    return 1;
  }
  const buffer = new Uint8Array(65536);
  while (process.task.pending === 0) {
    if (options.wait > 0 && (yield* poll([new pollfd(fd, EPOLLIN)], Math.ceil(options.wait / 1e6))) === 0) break;
    const from: { value: sockaddr | null } = { value: null };
    const size = yield* recvfrom(fd, buffer, 0, from);
    if (size < 0) continue;
    if (options.verbose && from.value !== null) process.stderr(`Connection received on ${describe(from.value)}\n`);
    process.stdout(text(buffer.subarray(0, size)));
    if (options.echo && from.value !== null) yield* sendto(fd, buffer.slice(0, size), 0, from.value);
  }
  yield* close(fd);
  return 0;
}

function* tcpServer(process: Process, port: number, options: NcOptions): Task<number> {
  const listener = yield* tcp_listen_on(port, 5);
  if (listener < 0) {
    process.stderr(`nc: ${strerror(listener)}\n`);
    return 1;
  }
  let status = 0;
  do {
    const fd = yield* tcp_accept(listener);
    if (fd < 0) break;
    if (options.verbose) process.stderr(`Connection received on ${describe(getpeername(fd))}\n`);
    if (options.data.length > 0) yield* write_all(fd, options.data);
    status = yield* receive(process, fd, options);
    yield* close(fd);
  } while (options.keep && process.task.pending === 0);
  yield* close(listener);
  return status;
}

export function* nc(process: Process): Task<number> {
  const parsed = getopt(process, 'lukvcnNp:w:e:f:q:');
  if (parsed === null) return 1;
  const options: NcOptions = {
    listen: false,
    udp: false,
    keep: false,
    verbose: false,
    echo: false,
    source: 0,
    wait: 0,
    data: new Uint8Array(0),
  };
  for (const [letter, value] of parsed.options) {
    if (letter === 'l') options.listen = true;
    else if (letter === 'u') options.udp = true;
    else if (letter === 'k') options.keep = true;
    else if (letter === 'v') options.verbose = true;
    else if (letter === 'c') options.echo = true;
    else if (letter === 'e') options.data = bytes(`${value}\n`);
    else if (letter === 'f') {
      const content = process.host.kernel.fs.read(value);
      if (content === undefined) {
        process.stderr(`nc: ${value}: No such file or directory\n`);
        return 1;
      }
      options.data = content;
    } else if (letter === 'w') {
      const ns = seconds(process, value);
      if (ns === null) return 1;
      options.wait = ns;
    } else if (letter === 'p') {
      const port = integer(process, value, 1, 65535);
      if (port === null) return 1;
      options.source = port;
    }
  }
  const words = [...parsed.operands];
  const portText = words.pop() ?? (options.source > 0 ? String(options.source) : '');
  const port = portText === '' ? null : integer(process, portText, 1, 65535);
  if (port === null) {
    process.stderr('usage: nc [-cklnuv] [-p source_port] [-w timeout] [-e text] [-f file] [host] [port]\n');
    return 1;
  }
  if (options.listen) return yield* options.udp ? udpServer(process, port, options) : tcpServer(process, port, options);
  const host = words[0] ?? 'localhost';
  const address = in_aton(host) ?? resolve(process.host, host);
  if (address === null) {
    process.stderr(`nc: getaddrinfo for host "${host}" port ${port}: Name or service not known\n`);
    return 1;
  }
  return yield* client(process, address, port, options);
}
