// ping(8) of iputils for IPv4: echo requests from a ping socket, or from a raw socket where the group may not
// open ping sockets (net.ipv4.ping_group_range, closed by default), and a line for each answer.

import { EAGAIN, EINTR, EMSGSIZE } from '../../stack/include/linux/errno.js';
import { ICMP_ECHO, ICMP_ECHOREPLY, ICMP_FILTER } from '../../stack/include/linux/icmp.js';
import { IPPROTO_ICMP, IP_MTU_DISCOVER, IP_OPTIONS, IP_RECVERR, IP_TOS, IP_TTL } from '../../stack/include/linux/in.js';
import { SOCK_DGRAM, SOCK_RAW } from '../../stack/include/linux/net.js';
import type { Task } from '../../stack/include/linux/sched.js';
import {
  AF_INET,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  SOL_IP,
  SOL_RAW,
  SOL_SOCKET,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_RCVBUF,
  SO_RCVTIMEO,
  SO_SNDBUF,
  SO_SNDTIMEO,
} from '../../stack/include/linux/socket.js';
import {
  bind,
  bytes,
  clock_monotonic,
  clock_realtime,
  close,
  connect,
  getsockname,
  in_aton,
  in_ntoa,
  nanosleep,
  receive_message,
  recvmsg,
  sendto,
  setsockopt,
  setsockopt_bytes,
  sockaddr_in,
  socket,
  strerror,
  timeval,
} from '../libc.js';
import type { Process } from '../process.js';
import { parsePing, type PingOptions } from './ping/options.js';
import { describeIcmp, describeRecordedRoute, formatTime } from './ping/reply.js';

const ICMP_HEADER = 8;
const IP_HEADER = 20;
/** A struct timeval at the start of the payload, from this payload size on. */
const TIMEVAL = 16;
/** Timestamp bytes at the head of IP option Record Route with nine slots. */
const RECORD_ROUTE = Uint8Array.of(1, 7, 39, 4, ...new Array<number>(36).fill(0));

interface Statistics {
  transmitted: number;
  received: number;
  duplicates: number;
  errors: number;
  corrupted: number;
  /** µs */
  min: number;
  max: number;
  sum: number;
  sumOfSquares: number;
  /** Exponentially weighted moving average, times 8, in µs. */
  ewma: number;
  started: number;
  lastReceived: number;
}

class Pinger {
  readonly process: Process;
  readonly options: PingOptions;
  fd = -1;
  raw = false;
  identifier = 0;
  source = 0;
  readonly seen = new Set<number>();
  readonly statistics: Statistics = {
    transmitted: 0,
    received: 0,
    duplicates: 0,
    errors: 0,
    corrupted: 0,
    min: Infinity,
    max: 0,
    sum: 0,
    sumOfSquares: 0,
    ewma: 0,
    started: 0,
    lastReceived: 0,
  };

  constructor(process: Process, options: PingOptions) {
    this.process = process;
    this.options = options;
  }

  fail(text: string): number {
    this.process.stderr(`ping: ${text}\n`);
    return 2;
  }

  /** Opens the sockets. @returns 0, or the exit status after a message */
  *open(): Task<number> {
    const { options } = this;
    this.fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
    if (this.fd < 0) {
      this.fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
      this.raw = true;
    }
    if (this.fd < 0) return this.fail(`socket: ${strerror(this.fd)}`);
    const status = yield* this.findSource();
    if (status !== 0) return status;
    if (options.source !== null) {
      const address = in_aton(options.source);
      const error =
        address !== null
          ? bind(this.fd, new sockaddr_in(address, 0))
          : setsockopt_bytes(this.fd, SOL_SOCKET, SO_BINDTODEVICE, bytes(`${options.source}\0`));
      if (error < 0)
        return this.fail(address !== null ? `bind: ${strerror(error)}` : `unknown iface: ${options.source}`);
    }
    // All but what concerns echo is left out where a raw socket would see it.
    const filter = ~((1 << 3) | (1 << 4) | (1 << 5) | (1 << 11) | (1 << 12) | (1 << ICMP_ECHOREPLY));
    if (this.raw) setsockopt(this.fd, SOL_RAW, ICMP_FILTER, filter);
    setsockopt(this.fd, SOL_IP, IP_RECVERR, 1);
    setsockopt(this.fd, SOL_SOCKET, SO_SNDBUF, Math.max(options.size + 64 * 1024, 65536));
    setsockopt(this.fd, SOL_SOCKET, SO_RCVBUF, 65536);
    if (options.broadcast) setsockopt(this.fd, SOL_SOCKET, SO_BROADCAST, 1);
    if (options.tos !== 0) setsockopt(this.fd, SOL_IP, IP_TOS, options.tos);
    if (options.ttl !== null) setsockopt(this.fd, SOL_IP, IP_TTL, options.ttl);
    if (options.pmtudisc !== null) setsockopt(this.fd, SOL_IP, IP_MTU_DISCOVER, options.pmtudisc);
    if (options.recordRoute) setsockopt_bytes(this.fd, SOL_IP, IP_OPTIONS, RECORD_ROUTE);
    setsockopt_bytes(this.fd, SOL_SOCKET, SO_SNDTIMEO, timeval(1e9));
    this.identifier = options.identifier ?? this.process.task.pid & 0xffff;
    return 0;
  }

  /** Connects a UDP socket to the target, which tells what address the requests will come from. */
  private *findSource(): Task<number> {
    const probe = socket(AF_INET, SOCK_DGRAM, 0);
    if (probe < 0) return this.fail(`socket: ${strerror(probe)}`);
    if (this.options.source !== null && in_aton(this.options.source) === null) {
      setsockopt_bytes(probe, SOL_SOCKET, SO_BINDTODEVICE, bytes(`${this.options.source}\0`));
    }
    if (this.options.broadcast) setsockopt(probe, SOL_SOCKET, SO_BROADCAST, 1);
    const error = yield* connect(probe, new sockaddr_in(this.options.address, 0x0104));
    if (error < 0) {
      yield* close(probe);
      if (error === -13 && !this.options.broadcast) {
        return this.fail('Do you want to ping broadcast? Then -b. If not, check your local firewall rules');
      }
      return this.fail(`connect: ${strerror(error)}`);
    }
    const name = getsockname(probe);
    if (typeof name !== 'number' && 'sin_addr' in name) this.source = name.sin_addr.s_addr;
    yield* close(probe);
    return 0;
  }

  /** One echo request. */
  *send(sequence: number): Task<void> {
    const { options, statistics } = this;
    const packet = new Uint8Array(ICMP_HEADER + options.size);
    packet[0] = ICMP_ECHO;
    packet[4] = this.identifier >> 8;
    packet[5] = this.identifier & 255;
    packet[6] = (sequence >> 8) & 255;
    packet[7] = sequence & 255;
    this.fill(packet);
    if (this.raw) {
      const sum = checksum(packet);
      packet[2] = sum >> 8;
      packet[3] = sum & 255;
    }
    this.seen.delete(sequence & 0xffff);
    const sent = yield* sendto(this.fd, packet, 0, new sockaddr_in(options.address, 0));
    if (sent < 0) {
      const known = yield* this.localError();
      if (!known) this.process.stderr(`ping: sendmsg: ${strerror(sent)}\n`);
      statistics.errors += known ? 0 : 1;
    } else if (options.flood && !options.quiet) {
      this.process.stdout('.');
    }
    statistics.transmitted++;
  }

  private fill(packet: Uint8Array): void {
    const { options } = this;
    const { pattern } = options;
    for (let i = ICMP_HEADER; i < packet.length; i++) {
      const at = i - ICMP_HEADER;
      packet[i] = pattern === null ? at & 255 : pattern[at % pattern.length];
    }
    if (options.size < TIMEVAL) return;
    const now = clock_realtime();
    const view = new DataView(packet.buffer);
    view.setBigInt64(ICMP_HEADER, now / 1_000_000_000n, true);
    view.setBigInt64(ICMP_HEADER + 8, (now % 1_000_000_000n) / 1000n, true);
  }

  /** Says what the socket's error queue holds of our own host's doing. @returns whether there was something */
  *localError(): Task<boolean> {
    const msg = receive_message([new Uint8Array(512)]);
    const size = yield* recvmsg(this.fd, msg, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (size < 0) return false;
    const error = msg.msg_control.find((c) => c.cmsg_level === SOL_IP && c.cmsg_type === IP_RECVERR);
    if (error === undefined) return false;
    const view = new DataView(error.data.buffer, error.data.byteOffset, error.data.byteLength);
    const origin = error.data[4];
    if (origin !== 1) return true; // answers from the network come as packets, too
    this.statistics.errors++;
    const errno = view.getUint32(0, true);
    if (this.options.quiet) return true;
    this.process.stderr(
      errno === EMSGSIZE
        ? `ping: local error: message too long, mtu=${view.getUint32(8, true)}\n`
        : `ping: local error: ${strerror(errno)}\n`,
    );
    return true;
  }

  /**
   * Waits for one message.
   * @param ns how long at most
   * @returns whether to go on waiting
   */
  *receive(ns: number): Task<boolean> {
    const room = new Uint8Array(Math.max(this.options.size + 160, 600));
    const msg = receive_message([room]);
    if (ns > 0) setsockopt_bytes(this.fd, SOL_SOCKET, SO_RCVTIMEO, timeval(Math.max(ns, 1000)));
    const size = yield* recvmsg(this.fd, msg, ns > 0 ? 0 : MSG_DONTWAIT);
    if (size === -EAGAIN || size === -EINTR) return false;
    if (size < 0) {
      yield* this.localError();
      return true;
    }
    const from = msg.msg_name !== null && 'sin_addr' in msg.msg_name ? msg.msg_name.sin_addr.s_addr : 0;
    this.parse(room.subarray(0, size), from);
    return true;
  }

  private parse(packet: Uint8Array, from: number): void {
    let at = 0;
    let ttl = 0;
    if (this.raw) {
      at = (packet[0] & 15) * 4;
      ttl = packet[8];
      if (packet.length < at + ICMP_HEADER) return;
    }
    const type = packet[at];
    const identifier = (packet[at + 4] << 8) | packet[at + 5];
    if (type === ICMP_ECHOREPLY) {
      if (this.raw && identifier !== this.identifier) return;
      this.reply(packet, at, ttl, from);
      return;
    }
    if (type === ICMP_ECHO) return;
    this.problem(packet, at, from);
  }

  private reply(packet: Uint8Array, at: number, ttl: number, from: number): void {
    const { options, statistics, process } = this;
    const sequence = (packet[at + 6] << 8) | packet[at + 7];
    const size = packet.length - at;
    let us = 0;
    if (size >= ICMP_HEADER + TIMEVAL && options.size >= TIMEVAL) {
      const view = new DataView(packet.buffer, packet.byteOffset + at + ICMP_HEADER);
      const sent = view.getBigInt64(0, true) * 1_000_000n + view.getBigInt64(8, true);
      us = Math.max(0, Number(clock_realtime() / 1000n - sent));
    }
    const duplicate = this.seen.has(sequence);
    this.seen.add(sequence);
    if (duplicate) statistics.duplicates++;
    else statistics.received++;
    statistics.lastReceived = clock_monotonic();
    statistics.min = Math.min(statistics.min, us);
    statistics.max = Math.max(statistics.max, us);
    statistics.sum += us;
    statistics.sumOfSquares += us * us;
    statistics.ewma = statistics.ewma === 0 ? us * 8 : statistics.ewma + us - Math.floor(statistics.ewma / 8);
    if (options.quiet) return;
    if (options.flood) {
      process.stdout('\b \b');
      return;
    }
    let line = options.printTimestamps ? `[${realtimeText()}] ` : '';
    line += `${size} bytes from ${in_ntoa(from)}: icmp_seq=${sequence}`;
    if (this.raw) line += ` ttl=${ttl}`;
    if (options.size >= TIMEVAL) line += ` time=${formatTime(us)} ms`;
    if (duplicate) line += ' (DUP!)';
    process.stdout(`${line}${describeRecordedRoute(packet, at)}\n`);
  }

  /** An ICMP message about a packet of ours. */
  private problem(packet: Uint8Array, at: number, from: number): void {
    const { options, statistics, process } = this;
    const inner = at + ICMP_HEADER;
    if (packet.length < inner + IP_HEADER + ICMP_HEADER) return;
    const innerIcmp = inner + (packet[inner] & 15) * 4;
    if (packet[inner + 9] !== IPPROTO_ICMP || packet.length < innerIcmp + ICMP_HEADER) return;
    if (packet[innerIcmp] !== ICMP_ECHO) return;
    if (((packet[innerIcmp + 4] << 8) | packet[innerIcmp + 5]) !== this.identifier) return;
    const sequence = (packet[innerIcmp + 6] << 8) | packet[innerIcmp + 7];
    const type = packet[at];
    const info = new DataView(packet.buffer, packet.byteOffset).getUint32(at + 4);
    if (type !== 4 && type !== 5) statistics.errors++;
    if (options.quiet) return;
    if (options.flood) {
      process.stdout('\bE');
      return;
    }
    process.stdout(`From ${in_ntoa(from)} icmp_seq=${sequence} ${describeIcmp(type, packet[at + 1], info)}\n`);
  }

  heading(): void {
    const { options } = this;
    const bytesOnWire = options.size + ICMP_HEADER + IP_HEADER + (options.recordRoute ? RECORD_ROUTE.length : 0);
    const from =
      options.source === null
        ? ''
        : `from ${in_ntoa(this.source)} ${in_aton(options.source) === null ? `${options.source}` : ''}: `;
    this.process.stdout(
      `PING ${options.target} (${in_ntoa(options.address)}) ${from}${options.size}(${bytesOnWire}) bytes of data.\n`,
    );
  }

  summary(): void {
    const { statistics: s, process, options } = this;
    const total = Math.round((clock_monotonic() - s.started) / 1e6);
    let line = `${s.transmitted} packets transmitted, ${s.received} received`;
    if (s.duplicates > 0) line += `, +${s.duplicates} duplicates`;
    if (s.corrupted > 0) line += `, +${s.corrupted} corrupted`;
    if (s.errors > 0) line += `, +${s.errors} errors`;
    if (s.transmitted > 0) {
      line += `, ${formatPercent(((s.transmitted - s.received) * 100) / s.transmitted)}% packet loss, time ${total}ms`;
    }
    process.stdout(`\n--- ${options.target} ping statistics ---\n${line}\n`);
    if (s.received > 0 && options.size >= TIMEVAL) {
      const n = s.received + s.duplicates;
      const mean = s.sum / n;
      const deviation = Math.sqrt(Math.max(0, s.sumOfSquares / n - mean * mean));
      const ms = (us: number): string => (Math.floor(us) / 1000).toFixed(3);
      process.stdout(`rtt min/avg/max/mdev = ${ms(s.min)}/${ms(mean)}/${ms(s.max)}/${ms(deviation)} ms`);
      if (options.adaptive || options.flood)
        process.stdout(`, ipg/ewma ${ms((total * 1000) / Math.max(1, s.transmitted - 1))}/${ms(s.ewma / 8)} ms`);
      process.stdout('\n');
    } else {
      process.stdout('\n');
    }
  }
}

function formatPercent(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function realtimeText(): string {
  const us = clock_realtime() / 1000n;
  return `${us / 1_000_000n}.${String(us % 1_000_000n).padStart(6, '0')}`;
}

/** RFC 1071, in network byte order. */
function checksum(packet: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < packet.length; i += 2) sum += (packet[i] << 8) | (packet[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export function* ping(process: Process): Task<number> {
  const options = parsePing(process);
  if (typeof options === 'number') return options;
  const pinger = new Pinger(process, options);
  const status = yield* pinger.open();
  if (status !== 0) return status;
  const { statistics } = pinger;
  pinger.heading();
  statistics.started = clock_monotonic();
  const end = options.deadline > 0 ? statistics.started + options.deadline : Infinity;
  let sequence = 0;
  while (process.task.pending === 0 && clock_monotonic() < end) {
    if (options.count > 0 && statistics.transmitted >= options.count) break;
    if (options.reportOutstanding && sequence > 0 && !pinger.seen.has(sequence & 0xffff)) {
      process.stdout(`no answer yet for icmp_seq=${sequence}\n`);
    }
    yield* pinger.send(++sequence);
    const next = Math.min(clock_monotonic() + options.interval, end);
    const last = options.count > 0 && statistics.transmitted >= options.count;
    if (last) break;
    if (options.flood && options.count === 0 && options.deadline === 0) yield* nanosleep(1e7);
    while (clock_monotonic() < next && process.task.pending === 0) {
      if (!(yield* pinger.receive(next - clock_monotonic()))) break;
      if (options.adaptive && pinger.seen.has(sequence & 0xffff)) break;
    }
  }
  const until = Math.min(clock_monotonic() + Math.max(options.linger, 2 * statistics.max * 1000), end);
  while (statistics.received + statistics.errors < statistics.transmitted && process.task.pending === 0) {
    const left = until - clock_monotonic();
    if (left <= 0 || !(yield* pinger.receive(left))) break;
  }
  pinger.summary();
  yield* close(pinger.fd);
  if (options.deadline > 0 && options.count > 0 && statistics.received < options.count) return 1;
  return statistics.received > 0 ? 0 : 1;
}
