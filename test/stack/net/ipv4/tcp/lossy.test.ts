// Any bytes over any mix of loss, duplication, reordering, corruption, jitter and small buffers arrive whole, in
// order, and in bounded virtual time. TSPROBE_SEEDS says how many mixes are tried.
import { describe, expect, it } from 'vitest';
import {
  bind,
  accept4,
  close,
  htons,
  listen,
  nanosleep,
  read,
  setsockopt,
  shutdown,
  sockaddr_in,
  socket,
  write,
} from '#tsprobe/lab/libc.js';
import { connect, in_aton } from '#tsprobe/lab/libc.js';
import type { Task } from '#tsprobe/stack/include/linux/sched.js';
import { sysctl_write } from '#tsprobe/stack/kernel/sysctl.js';
import { AF_INET, SO_RCVBUF, SO_SNDBUF, SOL_SOCKET } from '#tsprobe/stack/include/linux/socket.js';
import { SHUT_WR, SOCK_STREAM } from '#tsprobe/stack/include/linux/net.js';
import { B, PORT, run, two_hosts } from './support.js';

const SEEDS = Number(process.env.TSPROBE_SEEDS ?? 40);
/** ns: fifteen retransmissions of one segment take a quarter of an hour. */
const PATIENCE = 3_000e9;

/** xorshift32: the test's own random numbers, so that a seed says it all. */
class Dice {
  private state: number;
  constructor(seed: number) {
    this.state = Math.imul(seed, 0x9e3779b1) | 1;
    for (let i = 0; i < 8; i++) this.next();
  }
  next(): number {
    let s = this.state;
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    this.state = s;
    return (s >>> 0) / 2 ** 32;
  }
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }
  of<T>(choices: readonly T[]): T {
    return choices[this.int(0, choices.length - 1)];
  }
  chance(p: number): boolean {
    return this.next() < p;
  }
}

function wire(dice: Dice): string {
  const words = [`delay ${dice.of([0, 1, 5, 20, 100])}ms ${dice.of([0, 0, 1, 5, 20])}ms`];
  if (dice.chance(0.6)) words.push(`loss ${dice.of([0.5, 1, 3, 10, 20])}%${dice.chance(0.2) ? ' ecn' : ''}`);
  if (dice.chance(0.3)) words.push(`duplicate ${dice.of([1, 5, 20])}%`);
  if (dice.chance(0.3)) words.push(`reorder ${dice.of([5, 25, 50])}%`);
  if (dice.chance(0.3)) words.push(`corrupt ${dice.of([1, 5])}%`);
  if (dice.chance(0.2)) words.push(`limit ${dice.of([5, 20])}`);
  return words.join(' ');
}

const SYSCTLS: readonly (readonly [string, string])[] = [
  ['tcp_sack', '0'],
  ['tcp_timestamps', '0'],
  ['tcp_window_scaling', '0'],
  ['tcp_dsack', '0'],
  ['tcp_early_retrans', '0'],
  ['tcp_frto', '0'],
  ['tcp_ecn', '1'],
  ['tcp_ecn', '3'],
  ['tcp_shrink_window', '1'],
  ['tcp_congestion_control', 'reno'],
];

const byteAt = (direction: number, i: number): number => (i * 7 + (i >> 8) * 13 + direction) & 255;

/** What became of one connection, as text; '' if all is well. */
function transfer(seed: number): string {
  const dice = new Dice(seed);
  const { lab, a, b } = two_hosts(wire(dice));
  for (const host of [a, b])
    for (const [name, value] of SYSCTLS) if (dice.chance(0.12)) sysctl_write(host.kernel, `net.ipv4.${name}`, value);
  const rcvbuf = dice.of([0, 0, 2048, 10_000, 65_536]);
  const sndbuf = dice.of([0, 0, 4096, 20_000]);
  const size = [dice.int(0, dice.of([100, 5_000, 60_000])), dice.int(0, dice.of([0, 100, 20_000]))];
  const got = [0, 0];
  const wrong: string[] = [];

  function* open(): Task<number> {
    const fd = socket(AF_INET, SOCK_STREAM, 0);
    if (rcvbuf !== 0) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, rcvbuf);
    if (sndbuf !== 0) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, sndbuf);
    return fd;
  }
  function* send(fd: number, direction: number): Task<void> {
    for (let sent = 0; sent < size[direction];) {
      const length = Math.min(size[direction] - sent, dice.int(1, dice.of([10, 1_000, 30_000])));
      const data = Uint8Array.from({ length }, (_, i) => byteAt(direction, sent + i));
      const n = yield* write(fd, data);
      if (n <= 0) {
        wrong.push(`write: ${n}`);
        return;
      }
      sent += n;
      if (dice.chance(0.05)) yield* nanosleep(dice.int(1, 50) * 1e6);
    }
    shutdown(fd, SHUT_WR);
  }
  function* receive(fd: number, direction: number): Task<void> {
    const buffer = new Uint8Array(65_536);
    for (;;) {
      const n = yield* read(fd, buffer.subarray(0, dice.int(1, dice.of([20, 3_000, 65_536]))));
      if (n < 0) wrong.push(`read: ${n}`);
      if (n <= 0) return;
      for (let i = 0; i < n; i++)
        if (buffer[i] !== byteAt(direction, got[direction] + i)) wrong.push(`byte ${got[direction] + i}`);
      got[direction] += n;
      if (dice.chance(0.02)) yield* nanosleep(dice.int(1, 300) * 1e6);
    }
  }

  run(b, function* () {
    const fd = yield* open();
    bind(fd, new sockaddr_in(0, htons(PORT)));
    listen(fd, 5);
    const conn = yield* accept4(fd, 0);
    yield* receive(conn, 0);
    yield* send(conn, 1);
    yield* close(conn);
    return 0;
  });
  run(a, function* () {
    const fd = yield* open();
    const error = yield* connect(fd, new sockaddr_in(in_aton(B)!, htons(PORT)));
    if (error < 0) {
      wrong.push(`connect: ${error}`);
      return 1;
    }
    yield* send(fd, 0);
    yield* receive(fd, 1);
    yield* close(fd);
    return 0;
  });
  while (!lab.finished && lab.now < PATIENCE && lab.events.runNext());
  for (const fault of lab.faults) wrong.push(String(fault));
  for (const host of [a, b]) wrong.push(...host.kernel.warned);
  // A SYN or an ARP request that is lost again and again is no fault.
  if (wrong.some((text) => /^connect: -1(10|13)$/.test(text))) return '';
  if (!lab.finished) wrong.push('not finished');
  if (got[0] !== size[0] || got[1] !== size[1]) wrong.push(`${got.join('/')} of ${size.join('/')} bytes`);
  return wrong.join(', ');
}

describe('a stream over a bad wire', () => {
  it(`arrives whole for ${SEEDS} mixes`, { timeout: 3_600_000 }, () => {
    for (let seed = 1; seed <= SEEDS; seed++) expect({ seed, wrong: transfer(seed) }).toEqual({ seed, wrong: '' });
  });
});
