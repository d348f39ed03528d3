// Segments of any kind, in every state of a connection: none hangs the host, raises an exception or upsets its counts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accept4,
  close,
  getsockname,
  nanosleep,
  ntohs,
  sockaddr_in,
  read,
  shutdown,
  write,
} from '#tsprobe/lab/libc.js';
import { SHUT_WR } from '#tsprobe/stack/include/linux/net.js';
import { alloc_skb, skb_put, skb_reserve } from '#tsprobe/stack/include/linux/skbuff.js';
import { enter_kernel } from '#tsprobe/stack/kernel/current.js';
import { __dev_get_by_name, netif_rx } from '#tsprobe/stack/net/core/dev.js';
import type { Host } from '#tsprobe/lab/host.js';
import { A, B, connected, listener, PORT, run, sniff, two_hosts } from './support.js';

interface Forged {
  flags: number;
  seq: number;
  ack: number;
  win: number;
  options: Uint8Array;
  payload: Uint8Array;
  badChecksum: boolean;
}

const near = fc.oneof(fc.integer({ min: -3000, max: 3000 }), fc.constantFrom(0, 1, -1, 65535, 0x7fffffff, -0x80000000));

const forged = fc.record({
  flags: fc.integer({ min: 0, max: 255 }),
  seq: near,
  ack: near,
  win: fc.constantFrom(0, 1, 4, 257, 65535),
  options: fc.uint8Array({ maxLength: 40 }),
  payload: fc.uint8Array({ maxLength: 1400 }),
  badChecksum: fc.boolean(),
});

function sum(bytes: Uint8Array, start: number): number {
  let s = start;
  for (let i = 0; i < bytes.length; i += 2) s += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (s > 0xffff) s = (s & 0xffff) + (s >>> 16);
  return s;
}

/** An IPv4 packet from `from` to `to` that bears the segment. */
function packet(from: string, to: string, sport: number, dport: number, f: Forged): Uint8Array {
  const optlen = Math.min(40, (f.options.length + 3) & ~3);
  const tcp = new Uint8Array(20 + optlen + f.payload.length);
  const view = new DataView(tcp.buffer);
  view.setUint16(0, sport);
  view.setUint16(2, dport);
  view.setUint32(4, f.seq >>> 0);
  view.setUint32(8, f.ack >>> 0);
  tcp[12] = ((20 + optlen) / 4) << 4;
  tcp[13] = f.flags;
  view.setUint16(14, f.win);
  tcp.set(f.options, 20);
  tcp.set(f.payload, 20 + optlen);
  const ip = new Uint8Array(20 + tcp.length);
  ip.set([0x45, 0, 0, 0, 0, 1, 0x40, 0, 64, 6]);
  new DataView(ip.buffer).setUint16(2, ip.length);
  for (const [at, text] of [
    [12, from],
    [16, to],
  ] as const)
    ip.set(text.split('.').map(Number), at);
  new DataView(ip.buffer).setUint16(10, ~sum(ip.subarray(0, 20), 0) & 0xffff);
  const pseudo = sum(ip.subarray(12, 20), 6 + tcp.length);
  view.setUint16(16, (~sum(tcp, pseudo) & 0xffff) ^ (f.badChecksum ? 1 : 0));
  ip.set(tcp, 20);
  return ip;
}

/** Lets a packet arrive at a host's device. */
function arrive(host: Host, bytes: Uint8Array): void {
  enter_kernel(
    host.kernel,
    () => {
      const dev = __dev_get_by_name(host.kernel.init_net, 'eth0');
      if (dev === null) throw new Error('no eth0');
      const skb = alloc_skb(bytes.length + 64, 0);
      if (skb === null) return;
      skb_reserve(skb, 64);
      skb.head.set(bytes, skb_put(skb, bytes.length));
      skb.dev = dev;
      skb.protocol = 0x0008;
      skb.mac_header = skb.data - 14;
      skb.network_header = skb.data;
      netif_rx(skb);
    },
    null,
  );
}

/** ms of the scenario at which the forged segments arrive: handshake, data, closing of one side, of both, afterwards. */
const MOMENTS = [0, 3, 9, 30, 55, 80, 105, 200, 61_000] as const;

function attack(moment: number, segments: readonly Forged[]): { faults: unknown[]; warned: string[] } {
  const { lab, a, b } = two_hosts('delay 4ms');
  const seen = sniff(a);
  const small = new Uint8Array(3000);
  run(b, function* () {
    const conn = yield* accept4(yield* listener(), 0);
    if (conn < 0) return 1;
    yield* read(conn, small);
    yield* write(conn, small);
    yield* nanosleep(50e6);
    yield* close(conn);
    return 0;
  });
  run(a, function* () {
    const fd = yield* connected();
    if (fd < 0) return 1;
    yield* write(fd, small);
    yield* nanosleep(40e6);
    shutdown(fd, SHUT_WR);
    yield* nanosleep(100e6);
    yield* close(fd);
    return 0;
  });
  lab.runUntil(lab.now + moment * 1e6);
  const last = (from: string): { seq: number; ack: number } =>
    seen
      .filter((s) => s.from === from)
      .map((s) => ({ seq: s.seq + s.len, ack: s.ack }))
      .at(-1) ?? { seq: 0, ack: 0 };
  const [fromA, fromB] = [last(A), last(B)];
  for (const [i, f] of segments.entries()) {
    const to = i % 2 === 0 ? a : b;
    const peer = to === a ? fromB : fromA;
    const [from, dst] = to === a ? [B, A] : [A, B];
    const bytes = packet(from, dst, to === a ? PORT : clientPort(), to === a ? clientPort() : PORT, {
      ...f,
      seq: peer.seq + f.seq,
      ack: peer.ack + f.ack,
    });
    arrive(to, bytes);
    lab.runUntil(lab.now + 1e5);
  }
  lab.runUntil(lab.now + 200e9);
  return { faults: lab.faults, warned: [...a.kernel.warned, ...b.kernel.warned] };
}

/** The client's port: the first that the host chooses, which its seed decides. */
let port = 0;
function clientPort(): number {
  if (port === 0) {
    const { lab, a, b } = two_hosts('delay 4ms');
    run(b, function* () {
      yield* accept4(yield* listener(), 0);
      return 0;
    });
    run(a, function* () {
      const name = getsockname(yield* connected());
      port = name instanceof sockaddr_in ? ntohs(name.sin_port) : 1;
      return 0;
    });
    lab.runUntil(lab.now + 100e6);
  }
  return port;
}

describe('forged segments', () => {
  it('do no harm in any state', { timeout: 120_000 }, () => {
    expect(clientPort()).toBeGreaterThan(1024);
    fc.assert(
      fc.property(fc.constantFrom(...MOMENTS), fc.array(forged, { minLength: 1, maxLength: 8 }), (moment, segments) => {
        expect(attack(moment, segments)).toEqual({ faults: [], warned: [] });
      }),
      { numRuns: Number(process.env.TSPROBE_SEEDS ?? 60), seed: 1 },
    );
  });
});
