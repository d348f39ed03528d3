// What the TCP tests share: two hosts on a wire, the segments that cross it as lines of text, and small
// programs.
import { Lab } from '#tsprobe/lab/lab.js';
import type { Host } from '#tsprobe/lab/host.js';
import type { Process, Program } from '#tsprobe/lab/process.js';
import { pair } from '#tsprobe/lab/topologies/pair.js';
import {
  close,
  connect,
  in_aton,
  read,
  sockaddr_in,
  socket,
  write,
  htons,
  bind,
  listen,
  accept4,
} from '#tsprobe/lab/libc.js';
import type { Task } from '#tsprobe/stack/include/linux/sched.js';
import { AF_INET } from '#tsprobe/stack/include/linux/socket.js';
import { SOCK_STREAM } from '#tsprobe/stack/include/linux/net.js';
import { packet_type } from '#tsprobe/stack/include/linux/netdevice.js';
import { dev_add_pack } from '#tsprobe/stack/net/core/dev.js';

export const A = '192.168.1.1';
export const B = '192.168.1.2';
export const PORT = 7001;

export interface Segment {
  /** ns */
  time: number;
  from: string;
  flags: string;
  seq: number;
  ack: number;
  len: number;
  win: number;
  options: string;
}

/** All TCP segments that a host sends or receives, as a packet socket sees them. */
export function sniff(host: Host): Segment[] {
  const seen: Segment[] = [];
  const tap = new packet_type(0x0300, (skb) => {
    const b = skb.head;
    const ip = skb.network_header;
    if (b[ip + 9] !== 6) return 0;
    const tcp = ip + (b[ip] & 15) * 4;
    const u32 = (o: number): number => ((b[o] << 24) | (b[o + 1] << 16) | (b[o + 2] << 8) | b[o + 3]) >>> 0;
    const f = b[tcp + 13];
    const doff = (b[tcp + 12] >> 4) * 4;
    const names: [number, string][] = [
      [2, 'S'],
      [1, 'F'],
      [4, 'R'],
      [8, 'P'],
      [16, '.'],
      [32, 'U'],
    ];
    seen.push({
      time: host.lab.now,
      from: `${b[ip + 12]}.${b[ip + 13]}.${b[ip + 14]}.${b[ip + 15]}`,
      flags: names
        .filter(([bit]) => f & bit)
        .map(([, name]) => name)
        .join(''),
      seq: u32(tcp + 4),
      ack: u32(tcp + 8),
      len: ((b[ip + 2] << 8) | b[ip + 3]) - (tcp - ip) - doff,
      win: (b[tcp + 14] << 8) | b[tcp + 15],
      options: [...b.subarray(tcp + 20, tcp + doff)].map((x) => x.toString(16).padStart(2, '0')).join(''),
    });
    return 0;
  });
  dev_add_pack(host.kernel, tap);
  return seen;
}

/** `A S 0:0`, `B S. 0:0 ack 1` …: sequence numbers relative to each side's SYN. */
export function show(seen: readonly Segment[]): string[] {
  const start = new Map<string, number>();
  for (const s of seen) if (s.flags.includes('S') && !start.has(s.from)) start.set(s.from, s.seq);
  return seen.map((s) => {
    const base = start.get(s.from) ?? 0;
    const other = [...start].find(([host]) => host !== s.from)?.[1] ?? 0;
    const seq = (s.seq - base) >>> 0;
    const ack = s.flags.includes('.') ? ` ack ${(s.ack - other) >>> 0}` : '';
    return `${s.from === A ? 'A' : 'B'} ${s.flags} ${seq}:${seq + s.len}${ack}`;
  });
}

/** A lab of two hosts. @param netem of both directions */
export function two_hosts(netem = ''): { lab: Lab; a: Host; b: Host; errors: string[] } {
  const errors: string[] = [];
  const lab = new Lab({ output: (text, stream) => stream === 'stderr' && errors.push(text) });
  const [a, b] = pair(lab, { name: 'a', address: `${A}/24` }, { name: 'b', address: `${B}/24` }, netem);
  return { lab, a, b, errors };
}

export function run(host: Host, program: Program): Process {
  const process = host.spawn(program);
  host.lab.awaitProcess(process);
  return process;
}

/** A listening socket. */
export function* listener(port = PORT, backlog = 5): Task<number> {
  const fd = socket(AF_INET, SOCK_STREAM, 0);
  const bound = bind(fd, new sockaddr_in(0, htons(port)));
  if (bound < 0) throw new Error(`bind: ${bound}`);
  const listening = listen(fd, backlog);
  if (listening < 0) throw new Error(`listen: ${listening}`);
  return fd;
}

/** A connection to B, or a negative errno. */
export function* connected(address = B, port = PORT): Task<number> {
  const fd = socket(AF_INET, SOCK_STREAM, 0);
  const err = yield* connect(fd, new sockaddr_in(in_aton(address)!, htons(port)));
  if (err < 0) {
    yield* close(fd);
    return err;
  }
  return fd;
}

/** Reads until `size` bytes are there or the peer has closed. */
export function* read_all(fd: number, size = Infinity): Task<Uint8Array> {
  const parts: number[] = [];
  const buffer = new Uint8Array(65536);
  while (parts.length < size) {
    const n = yield* read(fd, buffer);
    if (n < 0) throw new Error(`read: ${n}`);
    if (n === 0) break;
    for (let i = 0; i < n; i++) parts.push(buffer[i]);
  }
  return Uint8Array.from(parts);
}

/** Accepts one connection and sends back all that comes, until the peer closes. */
export function* echo_server(): Task<number> {
  const fd = yield* listener();
  const conn = yield* accept4(fd, 0);
  if (conn < 0) return 1;
  const buffer = new Uint8Array(65536);
  for (;;) {
    const n = yield* read(conn, buffer);
    if (n < 0) return 2;
    if (n === 0) break;
    if ((yield* write(conn, buffer.slice(0, n))) !== n) return 3;
  }
  yield* close(conn);
  yield* close(fd);
  return 0;
}

/** Bytes that tell where they stand. */
export function pattern(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 255);
}
