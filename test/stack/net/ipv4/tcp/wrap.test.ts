// Sequence numbers and jiffies that pass 2^32 in the middle of a connection.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accept4,
  bind,
  close,
  connect,
  htons,
  in_aton,
  shutdown,
  sockaddr_in,
  socket,
  write,
} from '#tsprobe/lab/libc.js';
import { AF_INET } from '#tsprobe/stack/include/linux/socket.js';
import { SHUT_WR, SOCK_STREAM } from '#tsprobe/stack/include/linux/net.js';
import { after, before, between } from '#tsprobe/stack/include/net/tcp.js';
import { secure_tcp_seq } from '#tsprobe/stack/net/core/secure_seq.js';
import { run_as } from '#tsprobe/stack/kernel/current.js';
import { A, B, listener, pattern, PORT, read_all, run, sniff, two_hosts } from './support.js';

const SOURCE_PORT = 40_000;
const SIZE = 60_000;

describe('a wrap of 32 bits', () => {
  it.each(['client', 'server'] as const)('of the numbers of the %s loses no byte', (side) => {
    const { lab, a, b } = two_hosts('delay 2ms loss 3%');
    const seen = sniff(a);
    // The first number counts up by one in 64 ns: wait until it stands before the end.
    const [kernel, saddr, sport, daddr, dport] =
      side === 'client' ? [a.kernel, A, SOURCE_PORT, B, PORT] : [b.kernel, B, PORT, A, SOURCE_PORT];
    const isn = run_as(
      kernel.idle,
      () => secure_tcp_seq(kernel.init_net, in_aton(saddr)!, in_aton(daddr)!, htons(sport), htons(dport)),
      null,
    );
    // The server's is drawn when the SYN arrives: after an ARP request, its answer, and the SYN.
    const lead = side === 'client' ? 0 : 6_000_000 / 64;
    lab.runUntil(lab.now + ((0xffffffff - SIZE / 2 - lead - isn) >>> 0) * 64);

    const sent = pattern(SIZE);
    let got: Uint8Array[] = [];
    run(b, function* () {
      const fd = yield* accept4(yield* listener(), 0);
      const request = yield* read_all(fd);
      yield* write(fd, sent);
      yield* close(fd);
      got = [request, ...got];
      return 0;
    });
    run(a, function* () {
      const fd = socket(AF_INET, SOCK_STREAM, 0);
      bind(fd, new sockaddr_in(0, htons(SOURCE_PORT)));
      yield* connect(fd, new sockaddr_in(in_aton(B)!, htons(PORT)));
      yield* write(fd, sent);
      shutdown(fd, SHUT_WR);
      const answer = yield* read_all(fd);
      yield* close(fd);
      got.push(answer);
      return 0;
    });
    expect(lab.runToEnd()).toBe(true);
    expect(got.map((bytes) => Buffer.compare(bytes, sent))).toEqual([0, 0]);
    const numbers = seen.filter((s) => s.from === saddr).map((s) => s.seq);
    expect(Math.max(...numbers)).toBeGreaterThan(0xffff0000);
    expect(Math.min(...numbers)).toBeLessThan(SIZE);
  });

  it('is no obstacle to comparing', () => {
    const seq = fc.integer({ min: 0, max: 0xffffffff });
    const step = fc.integer({ min: 1, max: 0x7fffffff });
    fc.assert(
      fc.property(seq, step, (s, d) => {
        const later = (s + d) >>> 0;
        return before(s, later) && after(later, s) && !before(later, s) && between((s + (d >>> 1)) >>> 0, s, later);
      }),
    );
  });
});
