// 100 000 random and mutated frames into a host: whatever comes, nothing is thrown, and the host still answers a
// ping afterwards. Frames are made from well-formed ones of each protocol by flipping, cutting and splicing bytes,
// half of them with checksums put right again so that they get further.
import { expect, test } from 'vitest';
import { Lab } from '#tsprobe/lab/lab.js';
import { pair } from '#tsprobe/lab/topologies/pair.js';
import { Random } from '#tsprobe/stack/kernel/random.js';
import { run_as } from '#tsprobe/stack/kernel/current.js';
import type { net_device } from '#tsprobe/stack/include/linux/netdevice.js';
import { netdev_alloc_skb, skb_put } from '#tsprobe/stack/include/linux/skbuff.js';
import { __dev_get_by_name, netif_rx } from '#tsprobe/stack/net/core/dev.js';
import { eth_type_trans } from '#tsprobe/stack/net/ethernet/eth.js';

const MS = 1_000_000;
const A = [192, 168, 1, 20];
const B = [192, 168, 1, 104];

function be16(n: number): number[] {
  return [(n >> 8) & 255, n & 255];
}

function sum16(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Puts the checksums right, as far as the lengths in the packet make sense. */
function repair(packet: number[]): void {
  const ihl = (packet[0] & 15) * 4;
  if (ihl < 20 || packet.length < ihl) return;
  packet[10] = packet[11] = 0;
  packet.splice(10, 2, ...be16(sum16(packet.slice(0, ihl))));
  const total = Math.min(packet.length, (packet[2] << 8) | packet[3]);
  const body = packet.slice(ihl, total);
  const offsets: Record<number, number> = { 1: 2, 6: 16, 17: 6 };
  const at = offsets[packet[9]];
  if (at === undefined || body.length < at + 2) return;
  body[at] = body[at + 1] = 0;
  const pseudo = packet[9] === 1 ? [] : [...packet.slice(12, 20), 0, packet[9], ...be16(body.length)];
  packet.splice(ihl + at, 2, ...be16(sum16([...pseudo, ...body])));
}

function ip(protocol: number, body: readonly number[], frag = 0, options: readonly number[] = []): number[] {
  const ihl = 5 + options.length / 4;
  const header = [0x40 | ihl, 0, ...be16(4 * ihl + body.length), 0, 7, ...be16(frag), 64, protocol, 0, 0, ...A, ...B];
  const packet = [...header, ...options, ...body];
  repair(packet);
  return packet;
}

const payload = Array.from({ length: 40 }, (_, i) => i);
const tcp = (flags: number, options: readonly number[] = []): number[] => [
  ...[...be16(40000), ...be16(22), 0, 0, 0, 1, 0, 0, 0, 1],
  ...[(5 + options.length / 4) << 4, flags, 0xff, 0xff, 0, 0, 0, 0, ...options],
];
const inner = ip(17, [...be16(68), ...be16(53), 0, 8, 0, 0]);
const arp = (op: number): number[] => [0, 1, 8, 0, 6, 4, 0, op, 2, 0, 0, 0, 0, 9, ...A, 0, 0, 0, 0, 0, 0, ...B];

/** Well-formed packets with their Ethernet type. */
const seeds: { type: number; bytes: number[] }[] = [
  { type: 0x0806, bytes: arp(1) },
  { type: 0x0806, bytes: arp(2) },
  ...[0, 3, 4, 5, 8, 11, 12, 13, 42].map((t) => ({
    type: 0x0800,
    bytes: ip(1, [t, 1, 0, 0, 0, 1, 0, 1, ...inner, ...payload]),
  })),
  { type: 0x0800, bytes: ip(17, [...be16(1000), ...be16(7), ...be16(48), 0, 0, ...payload]) },
  { type: 0x0800, bytes: ip(17, [...be16(1000), ...be16(7), ...be16(48), 0, 0, ...payload], 0x2000) },
  { type: 0x0800, bytes: ip(17, payload, 0x2003) },
  { type: 0x0800, bytes: ip(17, payload, 0x0006) },
  ...[2, 16, 18, 4, 1, 0x3f, 0].map((f) => ({ type: 0x0800, bytes: ip(6, [...tcp(f, [2, 4, 5, 0xb4]), ...payload]) })),
  { type: 0x0800, bytes: ip(6, tcp(2, [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7])) },
  { type: 0x0800, bytes: ip(2, [0x11, 1, 0, 0, 0, 0, 0, 0]) },
  { type: 0x0800, bytes: ip(1, [8, 0, 0, 0, 0, 1, 0, 1, ...payload], 0, [7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]) },
  { type: 0x0800, bytes: ip(1, [8, 0, 0, 0, 0, 1, 0, 1], 0, [0x83, 7, 4, 10, 0, 0, 1, 0]) },
  { type: 0x0800, bytes: ip(1, [8, 0, 0, 0, 0, 1, 0, 1], 0, [0x44, 8, 5, 1, 0, 0, 0, 0]) },
  { type: 0x0800, bytes: ip(4, inner) },
  { type: 0x86dd, bytes: [0x60, 0, 0, 0, 0, 8, 17, 64, ...new Array<number>(40).fill(1)] },
  { type: 0x8100, bytes: [0, 5, 8, 0, ...inner] },
];

function mutate(random: Random): { type: number; bytes: number[] } {
  if (random.below(10) === 0) {
    const type = [0x0800, 0x0806, random.below(0x10000)][random.below(3)];
    return { type, bytes: Array.from({ length: random.below(200) }, () => random.below(256)) };
  }
  const seed = seeds[random.below(seeds.length)];
  const bytes = [...seed.bytes];
  for (let n = random.below(4); n > 0 && bytes.length > 0; n--) {
    const at = random.below(random.below(2) === 0 ? Math.min(40, bytes.length) : bytes.length);
    switch (random.below(6)) {
      case 0:
        bytes[at] ^= 1 << random.below(8);
        break;
      case 1:
        bytes[at] = random.below(256);
        break;
      case 2:
        bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)];
        break;
      case 3:
        bytes.length = random.below(bytes.length);
        break;
      case 4:
        bytes.splice(at, 0, ...Array.from({ length: random.below(20) }, () => random.below(256)));
        break;
      default:
        bytes.splice(at, random.below(20));
    }
  }
  if (seed.type === 0x0800 && bytes.length >= 20 && random.below(2) === 0) {
    if (random.below(2) === 0) bytes.splice(2, 2, ...be16(bytes.length));
    repair(bytes);
  }
  return { type: random.below(50) === 0 ? random.below(0x10000) : seed.type, bytes };
}

function inject(dev: net_device, type: number, bytes: readonly number[], broadcast: boolean): void {
  const skb = netdev_alloc_skb(dev, 14 + bytes.length);
  const at = skb_put(skb, 14 + bytes.length);
  skb.head.set(broadcast ? [255, 255, 255, 255, 255, 255] : dev.dev_addr.subarray(0, 6), at);
  skb.head.set([2, 0, 0, 0, 0, 9, ...be16(type)], at + 6);
  skb.head.set(bytes, at + 14);
  skb.protocol = eth_type_trans(skb, dev);
  netif_rx(skb);
}

function flood(seed: number, frames: number, setUp: string, services: readonly string[][] = []): void {
  const lab = new Lab({ seed });
  const [a, b] = pair(lab, { name: 'A', address: '192.168.1.20/24' }, { name: 'B', address: '192.168.1.104/24' });
  if (setUp !== '') b.sh(setUp);
  for (const argv of services) b.spawn('nc', argv);
  lab.events.runUntil(lab.events.now + MS);
  const dev = __dev_get_by_name(b.kernel.init_net, 'eth0') as net_device;
  const random = new Random(seed, 'fuzz');
  for (let i = 0; i < frames; i++) {
    const { type, bytes } = mutate(random);
    run_as(b.kernel.idle, () => inject(dev, type, bytes, random.below(20) === 0), undefined);
    if (i % 16 === 15) lab.events.runUntil(lab.events.now + MS);
  }
  lab.events.runUntil(lab.events.now + 100_000 * MS);
  expect(lab.faults).toEqual([]);
  // ARP news from the flood may have given A another address: it is asked for anew.
  b.sh('ip neigh flush all');
  expect(a.sh('ping -c 1 -W 2 192.168.1.104')).toContain('1 received');
}

test('into a host without programs', () => flood(1, 50_000, ''), 120_000);

test(
  'and into one that forwards',
  () => flood(2, 30_000, 'sysctl -w net.ipv4.ip_forward=1; ip route add default via 192.168.1.20'),
  120_000,
);

test(
  'and into one with servers for TCP and UDP',
  () =>
    flood(3, 20_000, '', [
      ['-l', '-p', '22'],
      ['-u', '-l', '-p', '7'],
    ]),
  120_000,
);
