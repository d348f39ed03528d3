// A bulk sender and its sink, after iperf(1): iperf -s [-p port]; iperf -c host [-p port] [-n bytes] [-t seconds]
// [-l bytes a write]. The client prints what it sent and how fast, the sink what it got.

import { in_aton } from '../../stack/include/linux/in_addr.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { SHUT_WR } from '../../stack/include/linux/net.js';
import { clock_monotonic, close, read, shutdown, strerror, write } from '../libc.js';
import type { Process } from '../process.js';
import { getopt, integer } from './getopt.js';
import { resolve } from './resolve.js';
import { tcp_accept, tcp_connect_to, tcp_listen_on } from './tcp.js';

const IPERF_PORT = 5001;

/** `[ ID] Interval       Transfer     Bandwidth` and its line. */
function report(process: Process, bytes: number, ns: number): void {
  const seconds = ns / 1e9;
  const bits = seconds > 0 ? (bytes * 8) / seconds : 0;
  const unit = bits >= 1e9 ? ([1e9, 'G'] as const) : bits >= 1e6 ? ([1e6, 'M'] as const) : ([1e3, 'K'] as const);
  process.stdout(
    `[ ID] Interval       Transfer     Bandwidth\n[  1]  0.0-${seconds.toFixed(4)} sec  ${(bytes / 1048576).toFixed(2)} MBytes  ${(bits / unit[0]).toFixed(2)} ${unit[1]}bits/sec\n`,
  );
}

function* serve(process: Process, port: number): Task<number> {
  const listener = yield* tcp_listen_on(port);
  if (listener < 0) {
    process.stderr(`iperf: listen failed: ${strerror(listener)}\n`);
    return 1;
  }
  const buffer = new Uint8Array(131072);
  while (process.task.pending === 0) {
    const fd = yield* tcp_accept(listener);
    if (fd < 0) continue;
    for (;;) {
      const size = yield* read(fd, buffer);
      if (size <= 0) break;
    }
    yield* close(fd);
  }
  return 0;
}

function* send(
  process: Process,
  address: number,
  port: number,
  bytes: number,
  ns: number,
  piece: number,
): Task<number> {
  const fd = yield* tcp_connect_to(address, port);
  if (fd < 0) {
    process.stderr(`iperf: connect failed: ${strerror(fd)}\n`);
    return 1;
  }
  const began = clock_monotonic();
  const data = new Uint8Array(piece);
  let sent = 0;
  while (sent < bytes && clock_monotonic() - began < ns) {
    const written = yield* write(fd, bytes - sent >= piece ? data : data.subarray(0, bytes - sent));
    if (written < 0) {
      process.stderr(`iperf: write failed: ${strerror(written)}\n`);
      break;
    }
    sent += written;
  }
  shutdown(fd, SHUT_WR);
  // The sink closes when it has all.
  yield* read(fd, new Uint8Array(16));
  report(process, sent, clock_monotonic() - began);
  yield* close(fd);
  return 0;
}

export function* iperf(process: Process): Task<number> {
  const parsed = getopt(process, 'sc:p:n:t:l:');
  if (parsed === null) return 1;
  let target: string | null = null;
  const numbers = { p: IPERF_PORT, n: Infinity, t: Infinity, l: 131072 };
  for (const [letter, value] of parsed.options) {
    if (letter === 'c') target = value;
    else if (letter !== 's') {
      const number = integer(process, value, 1, Number.MAX_SAFE_INTEGER);
      if (number === null) return 1;
      numbers[letter as keyof typeof numbers] = number;
    }
  }
  if (target === null) return yield* serve(process, numbers.p);
  const address = in_aton(target) ?? resolve(process.host, target);
  if (address === null) {
    process.stderr(`iperf: ${target}: Name or service not known\n`);
    return 1;
  }
  if (numbers.n === Infinity && numbers.t === Infinity) numbers.t = 10;
  return yield* send(process, address, numbers.p, numbers.n, numbers.t * 1e9, numbers.l);
}
