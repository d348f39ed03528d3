// The UDP client and echo server of the lab: the client sends datagrams to the server and prints each answer;
// the server sends back what it gets. The client's socket can be connected, and its datagrams corked together
// from pieces, which takes other ways through the kernel.

import { EAGAIN } from '../../stack/include/linux/errno.js';
import { SOCK_DGRAM } from '../../stack/include/linux/net.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { AF_INET, MSG_MORE, SOL_SOCKET, SO_RCVTIMEO, type sockaddr } from '../../stack/include/linux/socket.js';
import {
  bind,
  bytes,
  close,
  connect,
  htons,
  in_aton,
  in_ntoa,
  nanosleep,
  ntohs,
  recvfrom,
  sendto,
  setsockopt_bytes,
  sockaddr_in,
  socket,
  strerror,
  text,
  timeval,
} from '../libc.js';
import type { Process } from '../process.js';
import { getopt, integer } from './getopt.js';
import { resolve } from './resolve.js';

/** The port that the sources use. */
export const ECHO_PORT = 30091;

/** udp-echo-server [port]: serves until it is killed. */
export function* udp_echo_server(process: Process): Task<number> {
  const port = process.argv[1] === undefined ? ECHO_PORT : integer(process, process.argv[1], 1, 65535);
  if (port === null) return 2;
  const fd = socket(AF_INET, SOCK_DGRAM, 0);
  const error = bind(fd, new sockaddr_in(0, htons(port)));
  if (error < 0) {
    process.stderr(`udp-echo-server: bind: ${strerror(error)}\n`);
    return 1;
  }
  const buffer = new Uint8Array(65536);
  while (process.task.pending === 0) {
    const from: { value: sockaddr | null } = { value: null };
    const size = yield* recvfrom(fd, buffer, 0, from);
    if (size < 0 || from.value === null) continue;
    yield* sendto(fd, buffer.subarray(0, size), 0, from.value);
  }
  yield* close(fd);
  return 0;
}

interface ClientOptions {
  connected: boolean;
  corked: boolean;
  count: number;
  size: number | null;
  message: string;
}

/** udp-client [-u connected] [-k corked] [-c count] [-s size] [-m text] address [port] */
export function* udp_client(process: Process): Task<number> {
  const parsed = getopt(process, 'ukc:s:m:');
  if (parsed === null) return 2;
  const options: ClientOptions = {
    connected: false,
    corked: false,
    count: 1,
    size: null,
    message: 'Hello, echo server',
  };
  for (const [letter, value] of parsed.options) {
    if (letter === 'u') options.connected = true;
    else if (letter === 'k') options.corked = true;
    else if (letter === 'm') options.message = value;
    else {
      const number = integer(process, value, letter === 'c' ? 1 : 0, letter === 'c' ? 1e6 : 65507);
      if (number === null) return 2;
      if (letter === 'c') options.count = number;
      else options.size = number;
    }
  }
  const [target, portText] = parsed.operands;
  if (target === undefined) {
    process.stderr('usage: udp-client [-u] [-k] [-c count] [-s size] [-m text] address [port]\n');
    return 2;
  }
  const port = portText === undefined ? ECHO_PORT : integer(process, portText, 1, 65535);
  if (port === null) return 2;
  const address = in_aton(target) ?? resolve(process.host, target);
  if (address === null) {
    process.stderr(`udp-client: ${target}: Name or service not known\n`);
    return 2;
  }
  const fd = socket(AF_INET, SOCK_DGRAM, 0);
  const to = new sockaddr_in(address, htons(port));
  setsockopt_bytes(fd, SOL_SOCKET, SO_RCVTIMEO, timeval(2e9));
  if (options.connected) {
    const error = yield* connect(fd, to);
    if (error < 0) {
      process.stderr(`udp-client: connect: ${strerror(error)}\n`);
      return 1;
    }
  }
  let status = 0;
  for (let i = 0; i < options.count; i++) {
    if (i > 0) yield* nanosleep(1e8);
    if (!(yield* exchange(process, fd, options.connected ? null : to, options))) status = 1;
  }
  yield* close(fd);
  return status;
}

function* exchange(process: Process, fd: number, to: sockaddr_in | null, options: ClientOptions): Task<boolean> {
  const data = options.size === null ? bytes(options.message) : new Uint8Array(options.size).fill(0x61);
  let sent: number;
  if (options.corked) {
    const half = Math.ceil(data.length / 2);
    sent = yield* sendto(fd, data.subarray(0, half), MSG_MORE, to);
    if (sent >= 0) sent = yield* sendto(fd, data.subarray(half), 0, to);
  } else {
    sent = yield* sendto(fd, data, 0, to);
  }
  if (sent < 0) {
    process.stderr(`udp-client: sendto: ${strerror(sent)}\n`);
    return false;
  }
  const from: { value: sockaddr | null } = { value: null };
  const buffer = new Uint8Array(65536);
  const size = yield* recvfrom(fd, buffer, 0, from);
  if (size === -EAGAIN) {
    process.stderr('udp-client: no answer\n');
    return false;
  }
  if (size < 0) {
    process.stderr(`udp-client: recvfrom: ${strerror(size)}\n`);
    return false;
  }
  const sender = from.value !== null && 'sin_addr' in from.value ? from.value : to;
  const name = sender === null ? '?' : `${in_ntoa(sender.sin_addr.s_addr)}:${ntohs(sender.sin_port)}`;
  const shown = options.size === null ? text(buffer.subarray(0, size)) : '';
  process.stdout(`${size} bytes from ${name}${shown === '' ? '' : `: ${shown}`}\n`);
  return true;
}
