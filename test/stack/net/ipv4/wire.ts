// A host on wires whose other ends are the test's: packets are put in as bytes, and what comes out is read as text.
import { expect } from 'vitest';
import { veth_newlink } from '#tsprobe/stack/drivers/net/veth.js';
import { boot } from '#tsprobe/stack/init/main.js';
import { EventQueue } from '#tsprobe/stack/kernel/events.js';
import { run_as } from '#tsprobe/stack/kernel/current.js';
import { kernel_clone } from '#tsprobe/stack/kernel/sched/core.js';
import { sysctl_write } from '#tsprobe/stack/kernel/sysctl.js';
import type { Kernel } from '#tsprobe/stack/kernel/kernel.js';
import { __dev_get_by_name, dev_add_pack, dev_open, dev_queue_xmit } from '#tsprobe/stack/net/core/dev.js';
import { neigh_update, __neigh_create } from '#tsprobe/stack/net/core/neighbour.js';
import { inet_rtm_newaddr } from '#tsprobe/stack/net/ipv4/devinet.js';
import { inet_rtm_newroute } from '#tsprobe/stack/net/ipv4/fib_frontend.js';
import { fib_config } from '#tsprobe/stack/include/net/ip_fib.js';
import { packet_type, type net_device } from '#tsprobe/stack/include/linux/netdevice.js';
import { alloc_skb, consume_skb, skb_copy_bits, skb_put, skb_reserve } from '#tsprobe/stack/include/linux/skbuff.js';
import { in_aton, in_ntoa } from '#tsprobe/stack/include/linux/in_addr.js';
import type { Task } from '#tsprobe/stack/include/linux/sched.js';

const ETH_P_IP = 0x0008;

export const ip = (text: string): number => {
  const address = in_aton(text);
  if (address === null) throw new Error(text);
  return address;
};
const bytesOf = (address: string): number[] => address.split('.').map(Number);
const u16 = (b: Uint8Array, at: number): number => (b[at] << 8) | b[at + 1];
const put16 = (v: number): number[] => [(v >> 8) & 0xff, v & 0xff];
const put32 = (v: number): number[] => [...put16(v >>> 16), ...put16(v & 0xffff)];

/** The Internet checksum, computed as RFC 1071 says: the reference for the model's own. */
export function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export interface IpFields {
  src: string;
  dst: string;
  proto: number;
  ttl?: number;
  id?: number;
  tos?: number;
  df?: boolean;
  mf?: boolean;
  /** bytes */
  offset?: number;
  options?: readonly number[];
}

/** An IPv4 packet. */
export function ipv4(fields: IpFields, payload: readonly number[]): number[] {
  const options = fields.options ?? [];
  const ihl = 5 + options.length / 4;
  const flags = (fields.df === true ? 0x4000 : 0) | (fields.mf === true ? 0x2000 : 0) | ((fields.offset ?? 0) >> 3);
  const header = [
    0x40 | ihl,
    fields.tos ?? 0,
    ...put16(ihl * 4 + payload.length),
    ...put16(fields.id ?? 1),
    ...put16(flags),
    fields.ttl ?? 64,
    fields.proto,
    0,
    0,
    ...bytesOf(fields.src),
    ...bytesOf(fields.dst),
    ...options,
  ];
  const sum = checksum(header);
  header[10] = sum >> 8;
  header[11] = sum & 0xff;
  return [...header, ...payload];
}

/** An ICMP message: `rest` is its second word and all behind. */
export function icmp(type: number, code: number, rest: readonly number[]): number[] {
  const sum = checksum([type, code, 0, 0, ...rest]);
  return [type, code, ...put16(sum), ...rest];
}

export const echo = (id: number, seq: number, data: readonly number[] = []): number[] =>
  icmp(8, 0, [...put16(id), ...put16(seq), ...data]);

/** A UDP datagram with its checksum. */
export function udp(src: string, dst: string, sport: number, dport: number, data: readonly number[]): number[] {
  const head = [...put16(sport), ...put16(dport), ...put16(8 + data.length)];
  const pseudo = [...bytesOf(src), ...bytesOf(dst), 0, 17, ...put16(8 + data.length)];
  const sum = checksum([...pseudo, ...head, 0, 0, ...data]);
  return [...head, ...put16(sum === 0 ? 0xffff : sum), ...data];
}

/** A packet as a person reads it; throws where a checksum is wrong. */
export function describePacket(p: Uint8Array): string {
  const hlen = (p[0] & 15) * 4;
  expect(checksum([...p.subarray(0, hlen)]), 'IP header checksum').toBe(0);
  expect(u16(p, 2), 'IP total length').toBe(p.length);
  const src = in_ntoa(p[12] | (p[13] << 8) | (p[14] << 16) | (p[15] << 24));
  const dst = in_ntoa(p[16] | (p[17] << 8) | (p[18] << 16) | (p[19] << 24));
  const off = u16(p, 6);
  const offset = (off & 0x1fff) * 8;
  const marks = [
    `ttl ${p[8]}`,
    (off & 0x4000) !== 0 ? 'DF' : '',
    offset > 0 || (off & 0x2000) !== 0 ? `frag ${p.length - hlen}@${offset}${(off & 0x2000) !== 0 ? '+' : ''}` : '',
    hlen > 20 ? `options [${[...p.subarray(20, hlen)].join(' ')}]` : '',
  ];
  const where = `${src} > ${dst} ${marks.filter((m) => m !== '').join(' ')}`;
  if (offset > 0 || (off & 0x2000) !== 0) return where;
  const d = p.subarray(hlen);
  if (p[9] === 1) {
    expect(checksum([...d]), 'ICMP checksum').toBe(0);
    const rest =
      d[0] === 8 || d[0] === 0
        ? `id ${u16(d, 4)} seq ${u16(d, 6)} data ${d.length - 8}`
        : d[0] === 5
          ? `gateway ${[...d.subarray(4, 8)].join('.')}`
          : `info ${((u16(d, 4) << 16) | u16(d, 6)) >>> 0} quoting ${d.length - 8}`;
    return `${where} icmp ${d[0]}/${d[1]} ${rest}`;
  }
  if (p[9] === 17) {
    if (u16(d, 6) !== 0) {
      const pseudo = [...p.subarray(12, 20), 0, 17, ...put16(d.length)];
      expect(checksum([...pseudo, ...d]), 'UDP checksum').toBe(0);
    }
    return `${where} udp ${u16(d, 0)} > ${u16(d, 2)} data ${u16(d, 4) - 8}`;
  }
  return `${where} proto ${p[9]}`;
}

/** One wire: its device on the host, and what the host sent over it. */
export class Wire {
  readonly dev: net_device;
  readonly far: net_device;
  readonly out: Uint8Array[] = [];
  private readonly host: WiredHost;

  constructor(host: WiredHost, dev: net_device, far: net_device) {
    this.host = host;
    this.dev = dev;
    this.far = far;
  }

  /** Puts a packet on the wire. @param broadcast in a frame to all */
  put(packet: readonly number[], broadcast = false): void {
    this.host.on(this.host.other, () => {
      const skb = alloc_skb(64 + 14 + packet.length, 0);
      skb_reserve(skb, 64);
      const at = skb_put(skb, 14 + packet.length);
      if (broadcast) skb.head.fill(0xff, at, at + 6);
      else skb.head.set(this.dev.dev_addr.subarray(0, 6), at);
      skb.head.set(this.far.dev_addr.subarray(0, 6), at + 6);
      skb.head[at + 12] = 8;
      skb.head[at + 13] = 0;
      skb.head.set(packet, at + 14);
      skb.protocol = ETH_P_IP;
      skb.network_header = at + 14;
      skb.dev = this.far;
      dev_queue_xmit(skb);
    });
    this.host.run();
  }

  /** What came out since the last call, as text. */
  text(): string[] {
    return this.take().map(describePacket);
  }

  take(): Uint8Array[] {
    return this.out.splice(0);
  }
}

export interface WireOptions {
  /** `address/prefix` of the host on the wire */
  address: string;
  /** addresses that are there: the host need not ask for them */
  neighbours: readonly string[];
  mtu?: number;
}

export class WiredHost {
  readonly events = new EventQueue();
  readonly kernel: Kernel;
  readonly other: Kernel;
  readonly wires: Wire[] = [];

  constructor(wires: readonly WireOptions[], seed = 1) {
    this.kernel = boot({ name: 'host', events: this.events, seed });
    this.other = boot({ name: 'test', events: this.events, seed });
    this.on(this.kernel, () => dev_open(__dev_get_by_name(this.kernel.init_net, 'lo') as net_device));
    wires.forEach((options, i) => this.add(`eth${i}`, options));
  }

  private add(name: string, options: WireOptions): void {
    const link = veth_newlink(this.kernel.init_net, name, this.other.init_net, name);
    if (typeof link === 'number') throw new Error(`veth_newlink: ${link}`);
    const wire = new Wire(this, link.dev, link.peer);
    this.wires.push(wire);
    // What is on the wire is to be whole: the device leaves no checksum for later.
    link.dev.features = 0;
    if (options.mtu !== undefined) link.dev.mtu = options.mtu;
    this.on(this.kernel, () => {
      dev_open(link.dev);
      const [address, prefix] = options.address.split('/');
      const mask = Number(prefix);
      const bits = bytesOf(address).map((byte, i) => byte | (0xff >> Math.min(8, Math.max(0, mask - 8 * i))));
      inet_rtm_newaddr(this.kernel.init_net, {
        dev: link.dev,
        local: ip(address),
        prefixlen: mask,
        broadcast: ip(bits.join('.')),
      });
      for (const neighbour of options.neighbours) {
        const n = __neigh_create(this.kernel.arp_tbl, ip(neighbour), link.dev, true);
        if (n !== null) neigh_update(n, link.peer.dev_addr, 0x80, 1, 0);
      }
    });
    this.on(this.other, () => dev_open(link.peer));
    const tap = new packet_type(
      ETH_P_IP,
      (skb) => {
        const bytes = new Uint8Array(skb.len);
        skb_copy_bits(skb, 0, bytes, 0, skb.len);
        wire.out.push(bytes);
        consume_skb(skb);
        return 0;
      },
      link.peer,
    );
    this.on(this.other, () => dev_add_pack(this.other, tap));
  }

  on<T>(kernel: Kernel, fn: () => T): T {
    return run_as(kernel.idle, fn, undefined);
  }

  /** Runs what is due now, and what comes within `ms` milliseconds. */
  run(ms = 0): void {
    this.events.runUntil(this.events.now + ms * 1e6);
  }

  sysctl(name: string, value: string | number): void {
    const error = this.on(this.kernel, () => sysctl_write(this.kernel, name, String(value)));
    if (error !== 0) throw new Error(`${name}: ${error}`);
  }

  /** `ip route add prefix via gateway` */
  route(prefix: string, gateway: string, mtu = 0): void {
    const cfg = new fib_config();
    const [dst, len] = prefix.split('/');
    cfg.fc_dst = ip(dst);
    cfg.fc_dst_len = Number(len);
    cfg.fc_gw4 = ip(gateway);
    cfg.fc_gw_family = 2;
    cfg.fc_type = 1;
    cfg.fc_protocol = 3;
    cfg.fc_nlflags = 0x600;
    if (mtu !== 0) {
      cfg.fc_mx = new Array<number>(17).fill(0);
      cfg.fc_mx[1] = mtu;
    }
    const error = this.on(this.kernel, () => inet_rtm_newroute(this.kernel.init_net, cfg));
    if (error !== 0) throw new Error(`route ${prefix}: ${error}`);
  }

  /** A program on the host; it runs until it sleeps. @returns its result when it has ended */
  program<T>(code: () => Task<T>): { result: T | undefined } {
    const box: { result: T | undefined } = { result: undefined };
    kernel_clone(this.kernel, 'program', function* () {
      box.result = yield* code();
      return 0;
    });
    this.run();
    return box;
  }

  /** A counter of /proc/net/snmp or /proc/net/netstat, e.g. `Ip.InHdrErrors`. */
  counter(name: string): number {
    const [group, field] = name.split('.');
    const file = group.endsWith('Ext') ? 'net/netstat' : 'net/snmp';
    const lines = (this.kernel.proc.get(file)?.() ?? '').split('\n').filter((line) => line.startsWith(`${group}:`));
    const at = lines[0].split(' ').indexOf(field);
    if (at < 0) throw new Error(`no counter ${name}`);
    return Number(lines[1].split(' ')[at]);
  }
}

export { put16, put32 };
