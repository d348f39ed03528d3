// Packet sockets as programs use them (packet(7)).
import { expect, test } from 'vitest';
import type { Host } from '#tsprobe/lab/host.js';
import { Lab } from '#tsprobe/lab/lab.js';
import {
  bind,
  htons,
  nanosleep,
  receive_message,
  recvmsg,
  send_message,
  sendmsg,
  setsockopt,
  setsockopt_bytes,
  socket,
} from '#tsprobe/lab/libc.js';
import { pair } from '#tsprobe/lab/topologies/pair.js';
import {
  PACKET_AUXDATA,
  PACKET_OUTGOING,
  PACKET_STATISTICS,
  sockaddr_ll,
} from '#tsprobe/stack/include/linux/if_packet.js';
import { SOCK_DGRAM, SOCK_RAW } from '#tsprobe/stack/include/linux/net.js';
import {
  AF_PACKET,
  MSG_DONTWAIT,
  SOL_PACKET,
  SOL_SOCKET,
  SO_ATTACH_FILTER,
  SO_DETACH_FILTER,
  SO_RCVBUF,
} from '#tsprobe/stack/include/linux/socket.js';
import { __sys_getsockopt } from '#tsprobe/stack/net/socket/syscalls.js';
import type { Task } from '#tsprobe/stack/include/linux/sched.js';

const MS = 1e6;
const ETH_P_ALL = 3;
const EXPERIMENT = 0x88b5;

function hosts(): { lab: Lab; a: Host; b: Host } {
  const lab = new Lab();
  const [a, b] = pair(lab, { name: 'A', address: '10.0.0.1/24' }, { name: 'B', address: '10.0.0.2/24' });
  return { lab, a, b };
}

/** Runs a program on a host to its end. */
function run(lab: Lab, host: Host, program: () => Task<number>): void {
  const process = host.spawn(program);
  for (let i = 0; i < 10_000 && process.exitStatus === null; i++) lab.runUntil(lab.now + MS);
  expect(lab.faults).toEqual([]);
  expect(process.exitStatus).toBe(0);
}

function address(host: Host, protocol: number): sockaddr_ll {
  const sll = new sockaddr_ll();
  sll.sll_protocol = htons(protocol);
  sll.sll_ifindex = host.kernel.init_net.dev_name_head.get('eth0')?.ifindex ?? 0;
  return sll;
}

/** Everything that waits on a socket: first bytes, address and length. */
function* drain(fd: number): Task<{ data: Uint8Array; from: sockaddr_ll }[]> {
  const got: { data: Uint8Array; from: sockaddr_ll }[] = [];
  for (;;) {
    const room = new Uint8Array(2000);
    const msg = receive_message([room]);
    const size = yield* recvmsg(fd, msg, MSG_DONTWAIT);
    if (size < 0) return got;
    got.push({ data: room.slice(0, size), from: msg.msg_name as sockaddr_ll });
  }
}

test('a raw socket sees both directions with the link-level header, a datagram socket without', () => {
  const { lab, a } = hosts();
  run(lab, a, function* () {
    const raw = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    const cooked = socket(AF_PACKET, SOCK_DGRAM, htons(0x0800));
    bind(raw, address(a, ETH_P_ALL));
    bind(cooked, address(a, 0x0800));
    a.spawn('ping', ['-c', '1', '10.0.0.2']);
    // The socket of ETH_P_IP sees what comes in alone.
    const first = receive_message([new Uint8Array(2000)]);
    expect(yield* recvmsg(cooked, first, 0)).toBe(84);
    const frames = yield* drain(raw);
    expect(frames.map(({ data }) => data.length)).toEqual([42, 42, 98, 98]);
    expect(frames.map(({ from }) => from.sll_pkttype)).toEqual([PACKET_OUTGOING, 0, PACKET_OUTGOING, 0]);
    expect(frames.map(({ data }) => (data[12] << 8) | data[13])).toEqual([0x0806, 0x0806, 0x0800, 0x0800]);
    expect(yield* drain(cooked)).toEqual([]);
    return 0;
  });
});

test('what is sent raw arrives as it is; a datagram socket gets its header from the address', () => {
  const { lab, a, b } = hosts();
  const mac = b.kernel.init_net.dev_name_head.get('eth0')!.dev_addr.slice(0, 6);
  const seen: number[][] = [];
  b.spawn(function* () {
    const fd = socket(AF_PACKET, SOCK_RAW, htons(EXPERIMENT));
    for (;;) {
      const room = new Uint8Array(2000);
      const size = yield* recvmsg(fd, receive_message([room]), 0);
      seen.push([...room.subarray(0, size)]);
    }
  });
  lab.runUntil(lab.now + MS);
  run(lab, a, function* () {
    const own = a.kernel.init_net.dev_name_head.get('eth0')!.dev_addr.slice(0, 6);
    const raw = socket(AF_PACKET, SOCK_RAW, 0);
    const frame = Uint8Array.from([...mac, ...own, EXPERIMENT >> 8, EXPERIMENT & 255, 1, 2, 3]);
    expect(yield* sendmsg(raw, send_message([frame], address(a, EXPERIMENT)), 0)).toBe(17);
    const cooked = socket(AF_PACKET, SOCK_DGRAM, 0);
    const to = address(a, EXPERIMENT);
    to.sll_halen = 6;
    to.sll_addr.set(mac);
    expect(yield* sendmsg(cooked, send_message([Uint8Array.of(4, 5)], to), 0)).toBe(2);
    expect(yield* sendmsg(raw, send_message([new Uint8Array(1600)], address(a, EXPERIMENT)), 0)).toBe(-90);
    expect(yield* sendmsg(raw, send_message([new Uint8Array(5)], address(a, EXPERIMENT)), 0)).toBe(-22);
    return 0;
  });
  lab.runUntil(lab.now + MS);
  expect(seen.map((bytes) => bytes.slice(14))).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
  expect(seen.map((bytes) => bytes.slice(0, 6))).toEqual([[...mac], [...mac]]);
});

/** Instructions of classic BPF as SO_ATTACH_FILTER takes them. */
function program(...instructions: [code: number, jt: number, jf: number, k: number][]): Uint8Array {
  const bytes = new Uint8Array(8 * instructions.length);
  const view = new DataView(bytes.buffer);
  instructions.forEach(([code, jt, jf, k], i) => {
    view.setUint16(8 * i, code, true);
    view.setUint8(8 * i + 2, jt);
    view.setUint8(8 * i + 3, jf);
    view.setUint32(8 * i + 4, k, true);
  });
  return bytes;
}

test('a filter lets ICMP pass and cuts it; one that is wrong is refused', () => {
  const { lab, a } = hosts();
  run(lab, a, function* () {
    const fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    bind(fd, address(a, ETH_P_ALL));
    // ldh [12]; jeq #0x800; ldb [23]; jeq #1; ret #34; ret #0
    const icmp = program(
      [0x28, 0, 0, 12],
      [0x15, 0, 3, 0x800],
      [0x30, 0, 0, 23],
      [0x15, 0, 1, 1],
      [6, 0, 0, 34],
      [6, 0, 0, 0],
    );
    expect(setsockopt_bytes(fd, SOL_SOCKET, SO_ATTACH_FILTER, icmp)).toBe(0);
    for (const bad of [
      program([6, 0, 0, 1], [0x28, 0, 0, 12]),
      program([0x15, 9, 0, 0], [6, 0, 0, 0]),
      program([0x34, 0, 0, 0], [6, 0, 0, 0]),
      program([0x60, 0, 0, 16], [6, 0, 0, 0]),
      new Uint8Array(7),
    ]) {
      expect(setsockopt_bytes(fd, SOL_SOCKET, SO_ATTACH_FILTER, bad)).toBe(-22);
    }
    const ping = a.spawn('ping', ['-c', '1', '10.0.0.2']);
    const first = receive_message([new Uint8Array(2000)]);
    expect(yield* recvmsg(fd, first, 0)).toBe(34);
    const msg = receive_message([new Uint8Array(2000)]);
    expect(yield* recvmsg(fd, msg, 0)).toBe(34);
    expect(ping.exitStatus === null || ping.exitStatus === 0).toBe(true);
    expect(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, 0)).toBe(0);
    expect(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, 0)).toBe(-2);
    return 0;
  });
});

test('a full socket counts what it drops; statistics begin anew when read', () => {
  const { lab, a, b } = hosts();
  let fd = -1;
  b.spawn(function* () {
    fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    bind(fd, address(b, ETH_P_ALL));
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, 4000);
    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, 1);
    yield* nanosleep(2000 * MS);
    const words = new Uint8Array(8);
    const view = new DataView(words.buffer);
    expect(__sys_getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, words, { value: 8 })).toBe(0);
    const [packets, drops] = [view.getUint32(0, true), view.getUint32(4, true)];
    const msg = receive_message([new Uint8Array(2000)]);
    yield* recvmsg(fd, msg, 0);
    // The auxiliary data tells the length of the first frame, an ARP request.
    expect(new DataView(msg.msg_control[0].data.buffer).getUint32(4, true)).toBe(42);
    const kept = 1 + (yield* drain(fd)).length;
    // Two of ARP and two for each of 40 echoes; 8000 bytes hold nine of 960 (the last may go over).
    expect([packets, kept, drops]).toEqual([82, 9, 73]);
    __sys_getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, words, { value: 8 });
    expect([...words]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    return 0;
  });
  lab.runUntil(lab.now + MS);
  a.sh('ping -q -c 40 -i 0.01 10.0.0.2');
  lab.runUntil(lab.now + 3000 * MS);
  expect(lab.faults).toEqual([]);
  expect(fd).toBeGreaterThan(0);
});
