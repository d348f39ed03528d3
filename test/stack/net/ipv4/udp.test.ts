// UDP, raw and ping sockets as programs use them, with the packets that go over the wire.
import { describe, expect, it } from 'vitest';
import * as libc from '#tsprobe/lab/libc.js';
import { cmsghdr, msghdr, sockaddr_in } from '#tsprobe/stack/include/linux/socket.js';
import { ITER_DEST, ITER_SOURCE, iov_iter } from '#tsprobe/stack/include/linux/uio.js';
import { htons, ntohs } from '#tsprobe/stack/include/linux/byteorder.js';
import { in_ntoa } from '#tsprobe/stack/include/linux/in_addr.js';
import type { Task } from '#tsprobe/stack/include/linux/sched.js';
import { WiredHost, describePacket, echo, icmp, ip, ipv4, put16, udp } from './wire.js';

const HOST = '10.0.0.1';
const PEER = '10.0.0.2';
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const MSG_PEEK = 2;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const MSG_ERRQUEUE = 0x2000;
const MSG_MORE = 0x8000;
const SOL_IP = 0;
const SOL_UDP = 17;

const host = (mtu?: number): WiredHost =>
  new WiredHost([{ address: `${HOST}/24`, neighbours: [PEER, '10.0.0.3'], mtu }]);
const at = (address: string, port: number): sockaddr_in =>
  new sockaddr_in(address === '' ? 0 : ip(address), htons(port));
const text = (name: unknown): string => {
  const a = name as sockaddr_in;
  return `${in_ntoa(a.sin_addr.s_addr)}:${ntohs(a.sin_port)}`;
};

function* send(
  fd: number,
  data: readonly number[],
  to?: sockaddr_in,
  flags = 0,
  control: cmsghdr[] = [],
): Task<number> {
  const m = new msghdr(new iov_iter(ITER_SOURCE, [Uint8Array.from(data)]));
  if (to !== undefined) {
    m.msg_name = to;
    m.msg_namelen = 16;
  }
  m.msg_control = control;
  m.msg_controllen = 512;
  return yield* libc.sendmsg(fd, m, flags);
}

interface Got {
  n: number;
  from: string;
  data: number[];
  flags: number;
  control: cmsghdr[];
}
function* receive(fd: number, flags = 0, room = 2048): Task<Got> {
  const buffer = new Uint8Array(room);
  const m = new msghdr(new iov_iter(ITER_DEST, [buffer]));
  m.msg_namelen = 16;
  m.msg_controllen = 512;
  const n = yield* libc.recvmsg(fd, m, flags);
  return {
    n,
    from: m.msg_name === null ? '' : text(m.msg_name),
    data: [...buffer.subarray(0, Math.max(0, Math.min(n, room)))],
    flags: m.msg_flags,
    control: m.msg_control,
  };
}

describe('a UDP socket', () => {
  it('sends from a port of the range, and receives what comes to it', () => {
    const h = host();
    const p = h.program(function* () {
      const fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
      const sent = yield* send(fd, [1, 2, 3], at(PEER, 7));
      return { sent, got: yield* receive(fd) };
    });
    const [out] = h.wires[0].take();
    const port = (out[20] << 8) | out[21];
    expect(port).toBeGreaterThanOrEqual(32768);
    expect(port).toBeLessThanOrEqual(60999);
    expect(describePacket(out)).toBe(`${HOST} > ${PEER} ttl 64 DF udp ${port} > 7 data 3`);
    h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 17 }, udp(PEER, HOST, 7, port, [9, 8])));
    expect(p.result?.sent).toBe(3);
    expect(p.result?.got).toMatchObject({ n: 2, from: `${PEER}:7`, data: [9, 8], flags: 0 });
  });

  it('binds: a port once, unless shared by all; low ports for root', () => {
    const h = host();
    const p = h.program(function* () {
      const [a, b, c, d] = [1, 2, 3, 4].map(() => libc.socket(AF_INET, SOCK_DGRAM, 0));
      const results = [libc.bind(a, at(HOST, 5000)), libc.bind(b, at('', 5000)), libc.bind(c, at('10.9.9.9', 5001))];
      for (const fd of [c, d]) libc.setsockopt(fd, 1, 2, 1);
      results.push(libc.bind(c, at('', 5002)), libc.bind(d, at('', 5002)), libc.bind(d, at('', 5003)));
      return results;
    });
    expect(p.result).toEqual([0, -98, -99, 0, 0, -22]);
  });

  it('connected, hears its peer alone, and the errors about its datagrams', () => {
    const h = host();
    const p = h.program(function* () {
      const fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
      libc.bind(fd, at('', 5000));
      const connected = yield* libc.connect(fd, at(PEER, 7));
      const names = [libc.getsockname(fd), libc.getpeername(fd)].map(text);
      yield* send(fd, [1]);
      const got = yield* receive(fd);
      const error = yield* receive(fd);
      const unconnected = yield* libc.connect(fd, { sin_family: 0 });
      return { connected, names, got, error, unconnected, peer: libc.getpeername(fd), send: yield* send(fd, [1]) };
    });
    const [out] = h.wires[0].take();
    h.wires[0].put(ipv4({ src: '10.0.0.3', dst: HOST, proto: 17 }, udp('10.0.0.3', HOST, 7, 5000, [1])));
    expect(h.wires[0].text()).toEqual([`${HOST} > 10.0.0.3 ttl 64 icmp 3/3 info 0 quoting 29`]);
    h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 17 }, udp(PEER, HOST, 7, 5000, [2])));
    h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 1 }, icmp(3, 3, [0, 0, 0, 0, ...out])));
    expect(p.result).toMatchObject({
      connected: 0,
      names: [`${HOST}:5000`, `${PEER}:7`],
      got: { n: 1, data: [2] },
      error: { n: -111 },
      unconnected: 0,
      peer: -107,
      send: -89,
    });
  });

  it('tells with IP_RECVERR what went wrong, where and about which datagram', () => {
    const h = host();
    const p = h.program(function* () {
      const fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
      libc.setsockopt(fd, SOL_IP, 11, 1);
      libc.bind(fd, at('', 5000));
      yield* send(fd, [5, 6, 7], at(PEER, 9));
      const plain = yield* receive(fd);
      return { plain, queued: yield* receive(fd, MSG_ERRQUEUE), more: yield* receive(fd, MSG_ERRQUEUE) };
    });
    const [out] = h.wires[0].take();
    h.wires[0].put(ipv4({ src: '10.0.0.3', dst: HOST, proto: 1 }, icmp(3, 1, [0, 0, 0, 0, ...out])));
    const queued = p.result?.queued;
    expect(p.result?.plain.n).toBe(-113);
    expect(queued).toMatchObject({ n: 3, data: [5, 6, 7], from: `${PEER}:9` });
    expect((queued?.flags ?? 0) & MSG_ERRQUEUE).toBe(MSG_ERRQUEUE);
    const ee = [...(queued?.control[0].data ?? [])];
    // errno 113, origin ICMP, type 3, code 1; the offender 10.0.0.3
    expect([ee.slice(0, 8), ee.slice(16, 24)]).toEqual([
      [113, 0, 0, 0, 2, 3, 1, 0],
      [2, 0, 0, 0, 10, 0, 0, 3],
    ]);
    expect(p.result?.more.n).toBe(-11);
  });

  it('corks: one datagram of several sends', () => {
    const h = host();
    const p = h.program(function* () {
      const fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
      libc.bind(fd, at('', 5000));
      const results = [yield* send(fd, [1, 2], at(PEER, 7), MSG_MORE), yield* send(fd, [3], undefined, MSG_MORE)];
      results.push(yield* send(fd, [4, 5], at(PEER, 7)));
      libc.setsockopt(fd, SOL_UDP, 1, 1);
      yield* send(fd, new Array(1000).fill(1), at(PEER, 7));
      yield* send(fd, new Array(1000).fill(2), at(PEER, 7));
      libc.setsockopt(fd, SOL_UDP, 1, 0);
      return results;
    });
    expect(p.result).toEqual([2, 1, 2]);
    const out = h.wires[0].take();
    expect([...out[0].subarray(28)]).toEqual([1, 2, 3, 4, 5]);
    expect(out.map(describePacket)).toEqual([
      `${HOST} > ${PEER} ttl 64 DF udp 5000 > 7 data 5`,
      `${HOST} > ${PEER} ttl 64 frag 1480@0+`,
      `${HOST} > ${PEER} ttl 64 frag 528@1480`,
    ]);
    const whole = [...out[1].subarray(20), ...out[2].subarray(20)];
    expect(whole.slice(0, 8)).toEqual(udp(HOST, PEER, 5000, 7, whole.slice(8)).slice(0, 8));
  });

  it('fragments what is longer than the path takes; what is too long for UDP is refused', () => {
    const h = host();
    const p = h.program(function* () {
      const fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
      const results = [
        yield* send(fd, new Array(3000).fill(7), at(PEER, 7)),
        yield* send(fd, new Array(65508).fill(7), at(PEER, 7)),
      ];
      libc.setsockopt(fd, SOL_IP, 10, 2);
      results.push(
        yield* send(fd, new Array(3000).fill(7), at(PEER, 7)),
        yield* send(fd, new Array(1472).fill(7), at(PEER, 7)),
      );
      return results;
    });
    expect(p.result).toEqual([3000, -90, -90, 1472]);
    expect(h.wires[0].text().map((t) => t.replace(/udp \d+/, 'udp X'))).toEqual([
      `${HOST} > ${PEER} ttl 64 frag 1480@0+`,
      `${HOST} > ${PEER} ttl 64 frag 1480@1480+`,
      `${HOST} > ${PEER} ttl 64 frag 48@2960`,
      `${HOST} > ${PEER} ttl 64 DF udp X > 7 data 1472`,
    ]);
  });

  it('learns the path MTU from the router that could not pass its datagram, and forgets it in time', () => {
    const h = host();
    h.route('10.8.0.0/16', PEER);
    const p = h.program(function* () {
      const fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
      libc.bind(fd, at('', 5000));
      yield* libc.connect(fd, at('10.8.0.1', 7));
      const before = libc.getsockopt(fd, SOL_IP, 14);
      yield* send(fd, new Array(1400).fill(7));
      yield* libc.nanosleep(1e6);
      const pending = yield* send(fd, [1]);
      const after = libc.getsockopt(fd, SOL_IP, 14);
      yield* send(fd, new Array(1400).fill(7));
      yield* libc.nanosleep(700e9);
      yield* send(fd, new Array(1400).fill(7));
      return { before, pending, after, last: libc.getsockopt(fd, SOL_IP, 14) };
    });
    const [out] = h.wires[0].take();
    h.wires[0].put(
      ipv4({ src: PEER, dst: HOST, proto: 1 }, icmp(3, 4, [0, 0, ...put16(1000), ...out.subarray(0, 28)])),
    );
    h.run(710_000);
    expect(p.result).toEqual({ before: 1500, pending: -90, after: 1000, last: 1500 });
    expect(h.wires[0].text()).toEqual([
      `${HOST} > 10.8.0.1 ttl 64 frag 976@0+`,
      `${HOST} > 10.8.0.1 ttl 64 frag 432@976`,
      `${HOST} > 10.8.0.1 ttl 64 DF udp 5000 > 7 data 1400`,
    ]);
  });

  it('drops what finds no room, and says so', () => {
    const h = host();
    const p = h.program(function* () {
      const fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
      libc.setsockopt(fd, 1, 8, 4000);
      libc.bind(fd, at('', 5000));
      yield* libc.nanosleep(1e9);
      let n = 0;
      while ((yield* receive(fd, MSG_DONTWAIT)).n > 0) n++;
      return { n, buffer: libc.getsockopt(fd, 1, 8) };
    });
    for (let i = 0; i < 50; i++)
      h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 17 }, udp(PEER, HOST, 7, 5000, [i])));
    h.run(2000);
    expect(p.result?.buffer).toBe(8000);
    expect(p.result?.n).toBeGreaterThan(4);
    expect(p.result?.n).toBeLessThan(16);
    expect(h.counter('Udp.RcvbufErrors')).toBe(50 - (p.result?.n ?? 0));
    expect(h.kernel.udp_memory.memory_allocated).toBe(0);
  });

  it('reads short, peeks, and tells the true length', () => {
    const h = host();
    const p = h.program(function* () {
      const fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
      libc.bind(fd, at('', 5000));
      const peeked = yield* receive(fd, MSG_PEEK);
      const whole = yield* receive(fd, MSG_PEEK | MSG_TRUNC, 2);
      const short = yield* receive(fd, 0, 2);
      return { peeked, whole, short, empty: yield* receive(fd, MSG_DONTWAIT) };
    });
    h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 17 }, udp(PEER, HOST, 7, 5000, [1, 2, 3, 4])));
    expect(p.result).toMatchObject({
      peeked: { n: 4, data: [1, 2, 3, 4] },
      whole: { n: 4, flags: MSG_TRUNC },
      short: { n: 2, data: [1, 2], flags: MSG_TRUNC },
      empty: { n: -11 },
    });
  });

  it('never gives a datagram with a wrong checksum; one without checksum is fine', () => {
    const h = host();
    const p = h.program(function* () {
      const fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
      libc.bind(fd, at('', 5000));
      return [(yield* receive(fd)).data.length, (yield* receive(fd)).data.length];
    });
    for (const size of [10, 200]) {
      const bad = udp(PEER, HOST, 7, 5000, new Array(size).fill(3));
      bad[12] ^= 0x40;
      h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 17 }, bad));
    }
    for (const size of [11, 201]) {
      const none = udp(PEER, HOST, 7, 5000, new Array(size).fill(3));
      none[6] = none[7] = 0;
      h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 17 }, none));
    }
    expect(p.result).toEqual([11, 201]);
    expect(h.counter('Udp.InCsumErrors')).toBe(2);
    expect(h.counter('Udp.InErrors')).toBe(2);
  });

  it('is told TTL, TOS and destination, and sets its own', () => {
    const h = host();
    const p = h.program(function* () {
      const fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
      libc.bind(fd, at('', 5000));
      for (const option of [8, 12, 13]) libc.setsockopt(fd, SOL_IP, option, 1);
      libc.setsockopt(fd, SOL_IP, 2, 33);
      libc.setsockopt(fd, SOL_IP, 1, 0x10);
      const { control } = yield* receive(fd);
      yield* send(fd, [1], at(PEER, 7));
      yield* send(fd, [1], at(PEER, 7), 0, [new cmsghdr(SOL_IP, 2, Uint8Array.of(5, 0, 0, 0))]);
      return control.map((c) => `${c.cmsg_type}: ${[...c.data].join(' ')}`);
    });
    h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 17, ttl: 7, tos: 0x28 }, udp(PEER, HOST, 7, 5000, [1])));
    const ifindex = h.wires[0].dev.ifindex;
    expect(p.result).toEqual([`8: ${ifindex} 0 0 0 10 0 0 1 10 0 0 1`, '2: 7 0 0 0', '1: 40']);
    const out = h.wires[0].take();
    expect(out.map((q) => [q[8], q[1]])).toEqual([
      [33, 0x10],
      [5, 0x10],
    ]);
  });

  it('broadcasts only if it may; a broadcast and a group reach every socket that wants them', () => {
    const h = host();
    const p = h.program(function* () {
      const [a, b, c] = [1, 2, 3].map(() => libc.socket(AF_INET, SOCK_DGRAM, 0));
      for (const fd of [a, b]) {
        libc.setsockopt(fd, 1, 2, 1);
        libc.bind(fd, at('', 5000));
      }
      libc.setsockopt_bytes(b, SOL_IP, 35, Uint8Array.of(239, 1, 1, 1, 10, 0, 0, 1));
      libc.setsockopt(a, SOL_IP, 49, 0);
      const refused = yield* send(c, [1], at('10.0.0.255', 7));
      libc.setsockopt(c, 1, 6, 1);
      const sent = yield* send(c, [1], at('10.0.0.255', 7));
      const first = [(yield* receive(a)).data, (yield* receive(b)).data];
      return { refused, sent, first, group: [(yield* receive(b)).data, (yield* receive(a, MSG_DONTWAIT)).n] };
    });
    expect(h.wires[0].text().map((t) => t.replace(/udp \d+/, 'udp X'))).toEqual([
      `${HOST} > 10.0.0.255 ttl 64 DF udp X > 7 data 1`,
    ]);
    h.wires[0].put(ipv4({ src: PEER, dst: '10.0.0.255', proto: 17 }, udp(PEER, '10.0.0.255', 7, 5000, [4])), true);
    h.wires[0].put(ipv4({ src: PEER, dst: '239.1.1.1', proto: 17 }, udp(PEER, '239.1.1.1', 7, 5000, [5])), true);
    h.wires[0].put(ipv4({ src: PEER, dst: '239.1.1.2', proto: 17 }, udp(PEER, '239.1.1.2', 7, 5000, [6])), true);
    expect(p.result).toEqual({ refused: -13, sent: 1, first: [[4], [4]], group: [[5], -11] });
  });

  it('waits for room to send, or not, as told', () => {
    const h = host();
    const p = h.program(function* () {
      const fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
      libc.setsockopt(fd, 1, 7, 2304);
      // To an address that nobody has: the datagrams wait for ARP, charged to the socket.
      let n = 0;
      while ((yield* send(fd, [1, 2, 3], at('10.0.0.99', 7), MSG_DONTWAIT)) === 3 && n < 1000) n++;
      const before = libc.clock_monotonic();
      const waited = yield* send(fd, [1, 2, 3], at('10.0.0.99', 7));
      return { n, waited, seconds: Math.round((libc.clock_monotonic() - before) / 1e9) };
    });
    h.run(5000);
    expect(p.result?.n).toBeGreaterThan(1);
    expect(p.result?.n).toBeLessThan(20);
    expect(p.result).toMatchObject({ waited: 3, seconds: 3 });
  });

  it('appears in /proc/net/udp', () => {
    const h = host();
    h.program(function* () {
      const fd = libc.socket(AF_INET, SOCK_DGRAM, 0);
      libc.bind(fd, at(HOST, 5000));
      return yield* receive(fd);
    });
    const lines = (h.kernel.proc.get('net/udp')?.() ?? '').split('\n');
    expect(lines[0].trimEnd()).toBe(
      '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops',
    );
    expect(lines[1]).toContain('0100000A:1388 00000000:0000 07 00000000:00000000');
  });
});

describe('raw and ping sockets', () => {
  it('a raw socket sends and sees ICMP, all but what its filter leaves out', () => {
    const h = host();
    const p = h.program(function* () {
      const fd = libc.socket(AF_INET, SOCK_RAW, 1);
      libc.setsockopt(fd, 255, 1, 1 << 8);
      yield* send(fd, echo(77, 1, [1, 2]), at(PEER, 0));
      return yield* receive(fd);
    });
    const [out] = h.wires[0].take();
    expect(describePacket(out)).toBe(`${HOST} > ${PEER} ttl 64 DF icmp 8/0 id 77 seq 1 data 2`);
    h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 1 }, echo(5, 5)));
    expect(p.result).toBeUndefined();
    h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 1 }, icmp(0, 0, [0, 77, 0, 1, 1, 2])));
    expect(p.result).toMatchObject({ n: 30, from: `${PEER}:0` });
    expect(p.result?.data.slice(20)).toEqual(icmp(0, 0, [0, 77, 0, 1, 1, 2]));
    expect(h.counter('Icmp.OutEchos')).toBe(1);
  });

  it('IP_HDRINCL: the header is the program’s, but for length, id and checksum', () => {
    const h = host();
    const p = h.program(function* () {
      const fd = libc.socket(AF_INET, SOCK_RAW, 255);
      const packet = ipv4({ src: '10.7.7.7', dst: PEER, proto: 99, ttl: 3, id: 513 }, [1, 2, 3]);
      packet[10] = packet[11] = packet[2] = packet[3] = 0;
      return [yield* send(fd, packet, at(PEER, 0)), yield* send(fd, [0x45], at(PEER, 0))];
    });
    expect(p.result).toEqual([23, -22]);
    expect(h.wires[0].text()).toEqual([`10.7.7.7 > ${PEER} ttl 3 proto 99`]);
  });

  it('a ping socket is for those of ping_group_range, and bears an identifier', () => {
    const h = host();
    const p = h.program(function* () {
      const refused = libc.socket(AF_INET, SOCK_DGRAM, 1);
      h.sysctl('net.ipv4.ping_group_range', '0 100');
      const fd = libc.socket(AF_INET, SOCK_DGRAM, 1);
      libc.bind(fd, at('', 4242));
      yield* send(fd, echo(1, 9, [7]), at(PEER, 0));
      const reply = yield* receive(fd);
      return { refused, reply, other: yield* send(fd, icmp(13, 0, [0, 0, 0, 0]), at(PEER, 0)) };
    });
    expect(h.wires[0].text()).toEqual([`${HOST} > ${PEER} ttl 64 DF icmp 8/0 id 4242 seq 9 data 1`]);
    h.wires[0].put(ipv4({ src: PEER, dst: HOST, proto: 1 }, icmp(0, 0, [...put16(4242), 0, 9, 7])));
    expect(p.result).toMatchObject({ refused: -13, reply: { n: 9, from: `${PEER}:0` }, other: -22 });
  });

  it('sockets are for those who may, and of kinds that there are', () => {
    const h = host();
    const p = h.program(function* () {
      return [
        libc.socket(AF_INET, 4, 0),
        libc.socket(AF_INET, SOCK_RAW, 0),
        libc.socket(AF_INET, SOCK_DGRAM, 6),
        libc.socket(AF_INET, 99, 0),
      ];
    });
    expect(p.result).toEqual([-94, -93, -93, -22]);
  });
});
