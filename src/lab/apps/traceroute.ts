// traceroute(8) as Linux distributions ship it: UDP probes to rising ports (or ICMP echo with -I), several on
// the way at once, answers read from the sockets' error queues.

import { EAGAIN } from '../../stack/include/linux/errno.js';
import { ICMP_DEST_UNREACH, ICMP_ECHO, ICMP_ECHOREPLY, ICMP_TIME_EXCEEDED } from '../../stack/include/linux/icmp.js';
import { IPPROTO_ICMP, IP_RECVERR, IP_TTL } from '../../stack/include/linux/in.js';
import { SOCK_DGRAM, SOCK_RAW } from '../../stack/include/linux/net.js';
import { EPOLLERR, EPOLLIN } from '../../stack/include/linux/poll.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { AF_INET, MSG_DONTWAIT, MSG_ERRQUEUE, SOL_IP } from '../../stack/include/linux/socket.js';
import {
  bind,
  clock_monotonic,
  close,
  connect,
  htons,
  in_aton,
  in_ntoa,
  poll,
  pollfd,
  receive_message,
  recvmsg,
  sendto,
  setsockopt,
  sockaddr_in,
  socket,
  strerror,
} from '../libc.js';
import type { Process } from '../process.js';
import { getopt, integer, seconds } from './getopt.js';
import { resolve } from './resolve.js';

interface Options {
  target: string;
  address: number;
  numeric: boolean;
  icmp: boolean;
  firstTtl: number;
  maxTtl: number;
  queries: number;
  simultaneous: number;
  /** ns */
  wait: number;
  port: number;
  /** Bytes of a whole packet. */
  length: number;
}

interface Probe {
  readonly ttl: number;
  readonly fd: number;
  /** Number of the probe, from 1; stands in an echo request. */
  readonly sequence: number;
  readonly sent: number;
  /** ns; set when an answer came or the time was up */
  rtt: number | null;
  done: boolean;
  from: number | null;
  /** `!H` and the like. */
  mark: string;
  final: boolean;
}

/** Messages of other probes that are passed over at one look. */
const MOST_MESSAGES = 1000;
/** Bytes of the IPv4 and UDP (or ICMP) headers. */
const HEADERS = 28;

function parse(process: Process): Options | number {
  const parsed = getopt(process, '4FInm:q:w:p:f:N:');
  if (parsed === null) return 2;
  const options: Options = {
    target: '',
    address: 0,
    numeric: false,
    icmp: false,
    firstTtl: 1,
    maxTtl: 30,
    queries: 3,
    simultaneous: 16,
    wait: 5e9,
    port: 33434,
    length: 60,
  };
  const numbers: Readonly<Record<string, readonly [keyof Options, number, number]>> = {
    m: ['maxTtl', 1, 255],
    q: ['queries', 1, 10],
    p: ['port', 1, 65535],
    f: ['firstTtl', 1, 255],
    N: ['simultaneous', 1, 1000],
  };
  for (const [letter, value] of parsed.options) {
    if (letter === 'n') options.numeric = true;
    else if (letter === 'I') options.icmp = true;
    else if (letter === 'w') {
      const ns = seconds(process, value);
      if (ns === null) return 2;
      options.wait = ns;
    } else if (letter in numbers) {
      const [field, min, max] = numbers[letter];
      const number = integer(process, value, min, max);
      if (number === null) return 2;
      Object.assign(options, { [field]: number });
    }
  }
  const [target, length] = parsed.operands;
  if (target === undefined) {
    process.stderr(
      'Usage:\n  traceroute [-nI] [-f first_ttl] [-m max_ttl] [-N squeries] [-p port] [-w wait] [-q nqueries] host [packetlen]\n',
    );
    return 2;
  }
  if (length !== undefined) {
    const number = integer(process, length, HEADERS, 65000);
    if (number === null) return 2;
    options.length = number;
  }
  const address = in_aton(target) ?? resolve(process.host, target);
  if (address === null) {
    process.stderr(
      `${target}: Name or service not known\nCannot handle "host" cmdline arg \`${target}' on position 1 (argc ${process.argv.indexOf(target)})\n`,
    );
    return 2;
  }
  return { ...options, target, address };
}

function* send(process: Process, options: Options, ttl: number, index: number): Task<Probe | number> {
  const fd = options.icmp ? socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) : socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0) return fd;
  const to = new sockaddr_in(options.address, options.icmp ? 0 : htons((options.port + index) & 0xffff));
  if (!options.icmp) bind(fd, new sockaddr_in(0, 0));
  setsockopt(fd, SOL_IP, IP_TTL, ttl);
  setsockopt(fd, SOL_IP, IP_RECVERR, 1);
  const error = yield* connect(fd, to);
  if (error < 0) {
    yield* close(fd);
    return error;
  }
  const payload = new Uint8Array(options.length - (options.icmp ? 20 : HEADERS));
  for (let i = 0; i < payload.length; i++) payload[i] = 0x40 + (i & 0x3f);
  if (options.icmp) writeEcho(payload, process.task.pid & 0xffff, index + 1);
  const sent = clock_monotonic();
  yield* sendto(fd, payload, 0, null);
  return { ttl, fd, sequence: index + 1, sent, rtt: null, done: false, from: null, mark: '', final: false };
}

function writeEcho(packet: Uint8Array, identifier: number, sequence: number): void {
  packet.set([ICMP_ECHO, 0, 0, 0, identifier >> 8, identifier & 255, sequence >> 8, sequence & 255]);
  let sum = 0;
  for (let i = 0; i < packet.length; i += 2) sum += (packet[i] << 8) | (packet[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  packet[2] = (~sum >> 8) & 255;
  packet[3] = ~sum & 255;
}

const UNREACHABLE_MARKS: Readonly<Record<number, string>> = {
  0: ' !N',
  1: ' !H',
  2: ' !P',
  4: ' !F',
  5: ' !S',
  9: ' !X',
  10: ' !X',
  13: ' !X',
};

/** Whether an ICMP message at `at` bears the probe's number: every raw socket sees the answers to all of them. */
function bearsNumber(packet: Uint8Array, at: number, probe: Probe): boolean {
  return ((packet[at + 6] << 8) | packet[at + 7]) === probe.sequence;
}

/** Reads a probe's answer, if there is one, and throws answers to other probes away. */
function* read(probe: Probe, options: Options): Task<void> {
  const room = new Uint8Array(1500);
  for (;;) {
    const queued = receive_message([room]);
    if ((yield* recvmsg(probe.fd, queued, MSG_ERRQUEUE | MSG_DONTWAIT)) < 0) break;
    const error = queued.msg_control.find((c) => c.cmsg_level === SOL_IP && c.cmsg_type === IP_RECVERR);
    if (error === undefined || (options.icmp && !bearsNumber(room, 0, probe))) continue;
    // struct sock_extended_err: errno 4, origin 1, type 1, code 1, …, then the offender's sockaddr_in.
    const type = error.data[5];
    const code = error.data[6];
    const offender = new DataView(error.data.buffer, error.data.byteOffset + 16).getUint32(4, true);
    answer(probe, offender);
    if (type === ICMP_DEST_UNREACH) {
      probe.final = true;
      probe.mark = code === 3 && !options.icmp ? '' : (UNREACHABLE_MARKS[code] ?? ` !<${code}>`);
    } else if (type !== ICMP_TIME_EXCEEDED) {
      probe.final = true;
    }
    return;
  }
  for (let tries = 0; tries < MOST_MESSAGES; tries++) {
    const size = yield* recvmsg(probe.fd, receive_message([room]), MSG_DONTWAIT);
    // A pending error of the socket is reported once by the next call; what it is about stood in the error queue.
    if (size === -EAGAIN) return;
    if (size < 0) continue;
    const header = (room[0] & 15) * 4;
    if (options.icmp && (room[header] !== ICMP_ECHOREPLY || !bearsNumber(room, header, probe))) continue;
    answer(probe, options.address);
    probe.final = true;
    return;
  }
}

function answer(probe: Probe, from: number): void {
  probe.rtt = clock_monotonic() - probe.sent;
  probe.from = from;
  probe.done = true;
}

/** The text of one hop once all its probes are done. */
function hopLine(ttl: number, probes: Probe[], options: Options): string {
  let line = `${String(ttl).padStart(2)} `;
  let last: number | null = null;
  for (const probe of probes) {
    if (probe.from === null) {
      line += ' *';
      continue;
    }
    if (probe.from !== last) {
      const name = in_ntoa(probe.from);
      line += options.numeric ? ` ${name}` : ` ${name} (${name})`;
      last = probe.from;
    }
    line += `  ${((probe.rtt ?? 0) / 1e6).toFixed(3)} ms${probe.mark}`;
  }
  return `${line}\n`;
}

export function* traceroute(process: Process): Task<number> {
  const options = parse(process);
  if (typeof options === 'number') return options;
  process.stdout(
    `traceroute to ${options.target} (${in_ntoa(options.address)}), ${options.maxTtl} hops max, ${options.length} byte packets\n`,
  );
  const probes: Probe[] = [];
  const total = (options.maxTtl - options.firstTtl + 1) * options.queries;
  let printed = options.firstTtl;
  for (;;) {
    const waiting = probes.filter((probe) => !probe.done);
    const reached = probes.filter((probe) => probe.final).reduce((ttl, probe) => Math.min(ttl, probe.ttl), Infinity);
    while (waiting.length < options.simultaneous && probes.length < total) {
      const ttl = options.firstTtl + Math.floor(probes.length / options.queries);
      if (ttl > reached) break;
      const probe = yield* send(process, options, ttl, probes.length);
      if (typeof probe === 'number') {
        process.stderr(`connect: ${strerror(probe)}\n`);
        return 1;
      }
      probes.push(probe);
      waiting.push(probe);
    }
    for (;;) {
      const hop = probes.filter((probe) => probe.ttl === printed);
      if (hop.length < options.queries || hop.some((probe) => !probe.done)) break;
      process.stdout(hopLine(printed, hop, options));
      printed++;
      if (hop.some((probe) => probe.final) || printed > options.maxTtl) {
        for (const probe of probes) yield* close(probe.fd);
        return 0;
      }
    }
    if (process.task.pending !== 0) return 130;
    const oldest = Math.min(...waiting.map((probe) => probe.sent)) + options.wait;
    const left = Math.max(0, oldest - clock_monotonic());
    const fds = waiting.map((probe) => new pollfd(probe.fd, EPOLLIN | EPOLLERR));
    yield* poll(fds, Math.ceil(left / 1e6));
    for (const [i, probe] of waiting.entries()) {
      if (fds[i].revents !== 0) yield* read(probe, options);
      if (!probe.done && clock_monotonic() >= probe.sent + options.wait) probe.done = true;
    }
  }
}
