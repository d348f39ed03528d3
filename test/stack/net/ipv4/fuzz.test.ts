// Whatever comes over the wire, nothing throws, nothing is kept: random packets, and good ones with bytes changed.
// FUZZ=100000 makes it a long run.
import { describe, expect, it } from 'vitest';
import * as libc from '#tsprobe/lab/libc.js';
import { Random } from '#tsprobe/stack/kernel/random.js';
import { sockaddr_in } from '#tsprobe/stack/include/linux/socket.js';
import { htons } from '#tsprobe/stack/include/linux/byteorder.js';
import { WiredHost, checksum, echo, icmp, ipv4, put16, udp } from './wire.js';

const HOST = '10.0.0.1';
const PEER = '10.0.0.2';
const ROUNDS = Number(process.env.FUZZ ?? 4000);

/** Good packets of every kind that the host knows, for `random` to spoil. */
function sample(random: Random): number[] {
  const n = (limit: number): number => random.below(limit);
  const data = Array.from({ length: n(120) }, () => n(256));
  const src = ['10.0.0.2', '10.0.0.3', '10.0.1.9', '127.0.0.1', '0.0.0.0', '255.255.255.255'][n(12)] ?? PEER;
  const dst = ['10.0.1.7', '10.0.0.255', '224.0.0.1', '192.0.2.1'][n(12)] ?? HOST;
  const options = Array.from({ length: 4 * n(4) }, () => [0, 1, 7, 68, 131, 137, 148, 130, 3, 4, 7, 11, n(256)][n(13)]);
  const common = { src, dst, id: n(8), ttl: 1 + n(64), options: n(3) === 0 ? options : [] };
  const quoted = ipv4({ src: HOST, dst: PEER, proto: [1, 6, 17][n(3)] }, [...put16(5000), ...put16(7), ...data]);
  switch (n(8)) {
    case 0:
      return ipv4({ ...common, proto: 1 }, echo(n(4), n(4), data));
    case 1:
      return ipv4({ ...common, proto: 17 }, udp(src, dst, 7, [5000, 9, 0][n(3)], data));
    case 2:
      return ipv4(
        { ...common, proto: 1 },
        icmp([3, 4, 5, 11, 12][n(5)], n(16), [...put16(n(65536)), ...put16(n(2000)), ...quoted]),
      );
    case 3:
    case 4:
      return ipv4({ ...common, proto: [1, 17, 6][n(3)], mf: n(2) === 0, offset: 8 * n(n(20) === 0 ? 8191 : 12) }, data);
    case 5: {
      const tcp = [
        ...put16(7),
        ...put16(5001),
        ...data.concat(new Array(16).fill(0)).slice(0, 8),
        0x50 + 16 * n(4),
        n(256),
        ...put16(n(65536)),
        0,
        0,
        0,
        0,
        ...data,
      ];
      return ipv4({ ...common, proto: 6 }, tcp);
    }
    case 6:
      return ipv4({ ...common, proto: n(256) }, data);
    default:
      return Array.from({ length: n(100) }, () => n(256));
  }
}

/** Changes a few bytes, and mostly makes the header's checksum right again. */
function spoil(packet: number[], random: Random): number[] {
  const p = [...packet];
  for (let i = random.below(4); i > 0 && p.length > 0; i--) p[random.below(p.length)] = random.below(256);
  if (random.below(6) === 0) p.splice(random.below(p.length + 1));
  if (random.below(10) === 0) p.push(...new Array<number>(random.below(40)).fill(0));
  const ihl = (p[0] & 15) * 4;
  if (random.below(8) !== 0 && ihl >= 20 && p.length >= ihl) {
    p[10] = p[11] = 0;
    p.splice(10, 2, ...put16(checksum(p.slice(0, ihl))));
  }
  return p;
}

describe('a host and router under random packets', () => {
  it.each([1, 2, 3])('seed %i', (seed) => {
    const h = new WiredHost([
      { address: `${HOST}/24`, neighbours: [PEER, '10.0.0.3'] },
      { address: '10.0.1.1/24', neighbours: ['10.0.1.7', '10.0.1.9'], mtu: 300 },
    ]);
    h.sysctl('net.ipv4.ip_forward', 1);
    h.sysctl('net.ipv4.conf.all.accept_source_route', 1);
    h.sysctl('net.ipv4.icmp_ratelimit', 0);
    h.sysctl('net.ipv4.icmp_msgs_per_sec', 1_000_000);
    let received = 0;
    h.program(function* () {
      const fd = libc.socket(2, 2, 0);
      libc.bind(fd, new sockaddr_in(0, htons(5000)));
      libc.setsockopt(fd, 0, 11, 1);
      const room = new Uint8Array(70_000);
      for (;;) {
        const n = yield* libc.recvfrom(fd, room, 0, null);
        if (n >= 0) received++;
      }
    });
    h.program(function* () {
      const fd = libc.socket(2, 1, 0);
      libc.bind(fd, new sockaddr_in(0, htons(5001)));
      libc.listen(fd, 8);
      yield* libc.nanosleep(1e15);
      return 0;
    });
    h.program(function* () {
      const fd = libc.socket(2, 3, 1);
      const room = new Uint8Array(70_000);
      for (;;) yield* libc.recvfrom(fd, room, 0, null);
    });
    const random = new Random(seed, 'fuzz');
    for (let i = 0; i < ROUNDS; i++) {
      h.wires[random.below(4) === 0 ? 1 : 0].put(spoil(sample(random), random), random.below(20) === 0);
      if (i % 64 === 0) {
        h.run(random.below(3) === 0 ? 3000 : 5);
        // What goes out is whole, whatever came in.
        for (const wire of h.wires) {
          for (const p of wire.take()) {
            expect(checksum([...p.subarray(0, (p[0] & 15) * 4)])).toBe(0);
            expect((p[2] << 8) | p[3]).toBe(p.length);
          }
        }
      }
    }
    h.run(200_000);
    expect(received).toBeGreaterThan(ROUNDS / 1000);
    expect(h.kernel.init_net.ipv4.fqdir?.mem).toBe(0);
    expect(h.kernel.init_net.ipv4.fqdir?.rhashtable.size).toBe(0);
    expect(h.kernel.log.records.filter((r) => r.level <= 4).map((r) => r.text)).toEqual([]);
  });
});
