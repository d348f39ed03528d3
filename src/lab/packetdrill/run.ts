// Runs a packetdrill script in virtual time against one host whose network is a tun device. Read beside it:
// compare.ts, timing.ts and connection.ts for packetdrill's rules. What live timing brings along is kept: relative times count from when the event before really ended, outbound packets are checked by their own
// time, each event takes a little time as on a real machine.

import { run_as } from '../../stack/kernel/current.js';
import { in_aton, make_sockaddr_in } from '../../stack/include/linux/in_addr.js';
import { errno_name, strerror } from '../../stack/include/linux/errno.js';
import { ntohl } from '../../stack/include/linux/byteorder.js';
import { SOL_SOCKET, SOL_TCP, SO_MEMINFO } from '../../stack/include/linux/socket.js';
import { TCP_INFO } from '../../stack/include/uapi/linux/tcp.js';
import { ktime_get_real_ns } from '../../stack/include/linux/jiffies.js';
import { tun_get_user, tun_set_iff, type tun_struct } from '../../stack/drivers/net/tun.js';
import { __sys_getsockopt } from '../../stack/net/socket/syscalls.js';
import type { Host } from '../host.js';
import type { Lab } from '../lab.js';
import { Connection } from './connection.js';
import { checkIp, checkStamps, checkTcp, describePair, inboundEcn } from './compare.js';
import { PacketdrillFailure, PacketdrillUnsupported } from './failure.js';
import { encodeScriptIcmp } from './icmp.js';
import { PythonError, runPython, type PythonValue } from './python.js';
import { ScriptShell } from './shell.js';
import { findSyscall, makesDescriptor, makesSocket, runSyscall, type SyscallContext } from './syscalls.js';
import type { Code, Command, Packet, Script, ScriptEvent, Syscall, TcpPacket } from './syntax.js';
import { SIZEOF_TCP_INFO, SK_MEMINFO, tcpInfoNames } from './tcp-info.js';
import { checkTime, due, toleranceOf, type Due } from './timing.js';
import { number } from './values.js';
import { decode, encodeTcp, encodeUdp, tcpText, type WirePacket, type WireTcp } from './wire.js';
import { Worker, type Job } from './worker.js';
import type { RunOptions } from './options.js';

/** What one event takes on a real machine, ns: packets and calls of the same script time do not coincide. */
const EVENT_COST = 25_000;
/** Bytes of data that fit into one packet with its headers. */
const LARGEST = 65535 - 80;
/** How long an outbound packet is waited for beyond its time, µs. */
const PATIENCE = 2_000_000;

interface Captured {
  /** µs since the script's start */
  readonly time: number;
  readonly packet: WirePacket;
}

interface Blocking {
  readonly event: ScriptEvent;
  readonly call: Syscall;
  readonly span: Due;
  readonly tolerance: number;
  readonly job: Job<number>;
}

/** ns that the host has been up when the script starts. */
const UPTIME = 10e9;

/** @returns the network of a dotted address as `ip route` takes it */
function network(address: string, length: number): string {
  const mask = length === 0 ? 0 : (-1 << (32 - length)) >>> 0;
  const value = (ntohl(in_aton(address) ?? 0) & mask) >>> 0;
  return `${[24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')}/${length}`;
}

export class PacketdrillRun {
  private readonly lab: Lab;
  private readonly script: Script;
  private readonly options: RunOptions;
  private readonly host: Host;
  private readonly tun: tun_struct;
  private readonly shell: ScriptShell;
  private readonly worker: Worker;
  private readonly thread: Worker;
  private readonly context: SyscallContext;
  private readonly captured: Captured[] = [];
  private readonly code: { code: Code; names: ReadonlyMap<string, PythonValue> }[] = [];
  private readonly print: (line: string) => void;
  private blocking: Blocking | null = null;
  private connection: Connection | null = null;
  private nextRemotePort: number;
  /** The socket that %{ }% blocks look at. */
  private lastFd = -1;
  /** ns of virtual time at which the script began */
  private started = 0;
  /** µs at which the event before ended. */
  private base = 0;
  /** µs for which the event before was scheduled, if it was an inbound packet. */
  private inboundBase: number | null = null;

  constructor(lab: Lab, script: Script, options: RunOptions, print: (line: string) => void) {
    this.lab = lab;
    this.script = script;
    this.options = options;
    this.print = print;
    this.host = lab.addHost('packetdrill');
    const tun = tun_set_iff(this.host.kernel.init_net, 'tun0', (packet) => this.capture(packet));
    if (typeof tun === 'number') throw new Error(`tun0: ${strerror(tun)}`);
    this.tun = tun;
    const via = options.gatewayIp === options.localIp ? '' : `via ${options.gatewayIp} `;
    for (const line of [
      'ip link set lo up',
      `ip address add ${options.localIp}/${options.prefixLength} dev tun0`,
      `ip link set tun0 mtu ${options.mtu} up`,
      `ip route add ${network(options.remoteIp, options.remotePrefixLength)} ${via}dev tun0`,
    ]) {
      try {
        this.host.sh(line);
      } catch (fault) {
        throw new PacketdrillFailure(fault instanceof Error ? fault.message : String(fault));
      }
    }
    this.shell = new ScriptShell(this.host);
    this.worker = new Worker(this.host, 'packetdrill');
    this.thread = new Worker(this.host, 'packetdrill', this.worker);
    this.nextRemotePort = options.connectPort;
    this.context = {
      definitions: options.definitions,
      fds: new Map(),
      local: make_sockaddr_in(options.localIp, options.bindPort),
      remote: make_sockaddr_in(options.remoteIp, options.connectPort),
      start: 0n,
    };
  }

  /** µs since the script's start */
  private get now(): number {
    return (this.lab.now - this.started) / 1000;
  }

  private advanceTo(us: number): void {
    this.lab.runUntil(this.started + us * 1000);
  }

  private capture(bytes: Uint8Array): void {
    const packet = decode(bytes);
    if (typeof packet === 'string') throw new PacketdrillFailure(`the stack sent a malformed packet: ${packet}`);
    this.captured.push({ time: this.now, packet });
  }

  /** Runs all events. @throws PacketdrillFailure, PacketdrillUnsupported with the line in front */
  run(): void {
    // A time stamp of 0 means none to TCP: the host has been up for a while.
    this.lab.runUntil(this.lab.now + UPTIME);
    if (this.script.init !== null) this.at(this.script.init.line, () => this.command(this.script.init as Command));
    this.started = this.lab.now;
    this.context.start = ktime_get_real_ns(this.host.kernel);
    this.events();
    const { cleanup } = this.script;
    if (cleanup !== null) this.at(cleanup.line, () => this.command(cleanup));
    for (const fault of this.lab.faults) throw fault;
  }

  /** The events in order, then the code blocks. */
  private events(): void {
    for (const event of this.script.events) this.at(event.line, () => this.event(event));
    const last = this.blocking;
    if (last !== null) this.at(last.event.line, () => this.finishBlocking());
    if (this.options.strict) this.nothingLeft();
    const variables = new Map<string, PythonValue>();
    for (const { code, names } of this.code) {
      try {
        runPython(code.text, variables, names, this.print);
      } catch (fault) {
        if (fault instanceof PacketdrillUnsupported)
          fault.message = `${this.script.file}:${code.line}: ${fault.message}`;
        if (!(fault instanceof PythonError)) throw fault;
        throw new PacketdrillFailure(`${this.script.file}:${code.line + fault.line - 1}: ${fault.message}`);
      }
    }
  }

  /** What the original overlooks: packets behind the last that the script has. */
  private nothingLeft(): void {
    for (const { packet } of this.captured) {
      if (!this.concerns(packet)) continue;
      const text = packet.protocol === 'tcp' ? tcpText(this.connection?.outbound(packet) ?? packet) : packet.protocol;
      throw new PacketdrillFailure(`${this.script.file}: a packet that the script does not have: ${text}`);
    }
  }

  private at(line: number, action: () => void): void {
    try {
      action();
    } catch (fault) {
      if (!(fault instanceof PacketdrillFailure) && !(fault instanceof PacketdrillUnsupported)) throw fault;
      // The end of a blocking call is looked at during a later event, and bears the line of its own.
      const { file } = this.script;
      if (!fault.message.startsWith(`${file}:`)) fault.message = `${file}:${line}: ${fault.message}`;
      throw fault;
    }
  }

  private event(event: ScriptEvent): void {
    const { action } = event;
    const isInbound = action.kind === 'packet' && action.direction === 'in';
    const base = isInbound ? (this.inboundBase ?? this.base) : this.base;
    this.inboundBase = null;
    const span = due(event.time, base);
    const gap = span === null ? 0 : Math.max(0, span.to - base);
    const tolerance = this.toleranceOf(gap);
    if (action.kind === 'packet' && action.direction === 'out') {
      this.outbound(action, span, tolerance);
      this.base = this.now;
      return;
    }
    if (span !== null) this.advanceTo(span.from);
    // An absolute time that has passed already is late: the same check as the original makes.
    if (span !== null) checkTime('event', span, this.now - (this.now > span.from ? EVENT_COST / 1000 : 0), tolerance);
    this.spend();
    if (action.kind === 'packet') {
      this.inbound(action);
      this.base = this.now;
      this.inboundBase = span?.from ?? null;
      return;
    }
    if (action.kind === 'syscall') this.syscall(event, action, span, tolerance);
    else if (action.kind === 'command') this.command(action);
    else this.takeCode(action);
    this.base = this.now;
  }

  /** µs. @param gap µs since the event before */
  private toleranceOf(gap: number): number {
    return toleranceOf(this.options.tolerance, gap, this.options.tolerancePercent);
  }

  private spend(): void {
    this.lab.runUntil(this.lab.now + EVENT_COST);
  }

  /** Runs the lab until the job is done. @param limit µs of the script; null: none */
  private await(job: Job<unknown>, limit: number | null): void {
    const { events } = this.lab;
    const end = limit === null ? Infinity : this.started + limit * 1000;
    while (!job.done && events.nextTime() <= end) events.runNext();
    if (job.fault !== undefined) throw job.fault;
  }

  private syscall(event: ScriptEvent, call: Syscall, span: Due | null, tolerance: number): void {
    findSyscall(call.name);
    const { blocking } = this;
    if (blocking !== null && call.end !== null) this.at(blocking.event.line, () => this.finishBlocking());
    if (call.end !== null) {
      const start = span?.from ?? this.now;
      const end = event.time.kind === 'relative' ? start - event.time.us + call.end : call.end;
      const job = this.thread.start(() => runSyscall(call, this.context));
      const longer = this.toleranceOf(Math.max(0, end - start));
      this.blocking = { event, call, span: { from: end, to: end }, tolerance: Math.max(tolerance, longer), job };
      this.lab.runUntil(this.lab.now);
      return;
    }
    const job = this.worker.start(() => runSyscall(call, this.context));
    this.await(job, this.now + 10 * PATIENCE);
    if (!job.done) throw new PacketdrillFailure(`the call ${call.name}() blocks`);
    this.checkResult(call, job.result as number);
  }

  private finishBlocking(): void {
    const { call, span, tolerance, job } = this.blocking as Blocking;
    this.await(job, span.to + PATIENCE);
    this.blocking = null;
    if (!job.done) throw new PacketdrillFailure(`timed out waiting for ${call.name}() to return`);
    this.checkResult(call, job.result as number);
    checkTime('system call return', span, (job.ended - this.started) / 1000, tolerance);
  }

  private checkResult(call: Syscall, result: number): void {
    if (result >= 0 && makesDescriptor(call.name)) {
      if (makesSocket(call.name)) this.lastFd = result;
      if (call.result !== null) {
        const script = number(call.result, this.context.definitions);
        if (script >= 0) {
          this.context.fds.set(script, result);
          return;
        }
      }
    }
    if (call.result === null) return;
    const expected = number(call.result, this.context.definitions);
    const actual = result < 0 ? -1 : result;
    const was = result < 0 ? ` with errno ${-result} (${strerror(result)})` : '';
    if (expected !== actual) {
      throw new PacketdrillFailure(
        `runtime error in ${call.name} call: Expected result ${expected} but got ${actual}${was}`,
      );
    }
    if (
      call.errno !== null &&
      errno_name(result) !== call.errno &&
      !(call.errno === 'EWOULDBLOCK' && errno_name(result) === 'EAGAIN')
    ) {
      throw new PacketdrillFailure(
        `runtime error in ${call.name} call: Expected errno ${call.errno} but got ${errno_name(result)} (${strerror(result)})`,
      );
    }
  }

  private command(command: Command): void {
    const steps = this.shell.run(command.text);
    for (let step = steps.next(); step.done !== true; step = steps.next()) if (!this.lab.events.runNext()) break;
  }

  private takeCode(code: Code): void {
    const buffer = new Uint8Array(SIZEOF_TCP_INFO);
    const optlen = { value: SIZEOF_TCP_INFO };
    const fd = this.lastFd;
    const { task } = this.worker.process;
    const read = (): number => __sys_getsockopt(fd, SOL_TCP, TCP_INFO, buffer, optlen);
    const result = fd < 0 ? -1 : run_as(task, read, null);
    const names = tcpInfoNames(result < 0 ? null : buffer.subarray(0, optlen.value));
    const memory = new Uint8Array(4 * SK_MEMINFO.length);
    const size = { value: memory.length };
    const found = fd < 0 ? -1 : run_as(task, () => __sys_getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, size), null);
    const view = new DataView(memory.buffer);
    if (found >= 0) SK_MEMINFO.forEach((name, i) => names.set(`SK_MEMINFO_${name}`, view.getUint32(4 * i, true)));
    this.code.push({ code, names });
  }

  private write(bytes: Uint8Array): void {
    const payload = bytes[9] === 6 ? bytes.length - 20 - (bytes[32] >>> 4) * 4 : 0;
    const gso_size = this.options.mss !== 0 && payload > this.options.mss ? this.options.mss : 0;
    run_as(this.worker.process.task, () => tun_get_user(this.tun, bytes, gso_size), null);
    this.lab.runUntil(this.lab.now);
  }

  private inbound(packet: Packet): void {
    const tos = (packet.ip.tos ?? 0) | inboundEcn(packet.ip.ecn);
    const ttl = packet.ip.ttl ?? 255;
    const { body } = packet;
    if ('length' in body && body.length > LARGEST) throw new PacketdrillFailure('packet size exceeds 65535 bytes');
    if (body.protocol === 'tcp') {
      const opens = (body.flags & 2) !== 0 && (body.flags & 16) === 0;
      if (this.connection === null || (opens && this.connection.localOffset !== null && !this.opening)) {
        this.connection = new Connection(this.localEnd(), this.remoteEnd());
      }
      this.opening = opens ? false : this.opening;
      this.write(encodeTcp(this.connection.inbound(body, tos, ttl, this.options.ecrScaled)));
    } else if (body.protocol === 'udp') {
      const connection = (this.connection ??= new Connection(this.localEnd(), this.remoteEnd()));
      this.write(
        encodeUdp({
          protocol: 'udp',
          source: connection.remote,
          destination: connection.local,
          tos,
          ttl,
          payload: body.length,
        }),
      );
    } else {
      if (this.connection === null) throw new PacketdrillFailure('an ICMP message before any connection');
      const { gatewayIp, localIp, remoteIp } = this.options;
      // No message comes in from an address that is the host's own.
      const router = gatewayIp === localIp ? remoteIp : gatewayIp;
      this.write(encodeScriptIcmp(body, this.connection, ntohl(in_aton(router) ?? 0)));
    }
  }

  /** Whether the stack's own SYN has gone out and not been answered: a SYN that comes is of the same connection. */
  private opening = false;

  private localEnd(): { address: number; port: number } {
    return { address: ntohl(in_aton(this.options.localIp) ?? 0), port: this.options.bindPort };
  }

  private remoteEnd(): { address: number; port: number } {
    return { address: ntohl(in_aton(this.options.remoteIp) ?? 0), port: this.nextRemotePort++ };
  }

  /** The next packet of the connection under test, or null. @param limit µs */
  private nextCaptured(limit: number): Captured | null {
    const { events } = this.lab;
    for (;;) {
      const first = this.captured.shift();
      if (first !== undefined) {
        if (this.concerns(first.packet)) return first;
        continue;
      }
      if (events.nextTime() > this.started + limit * 1000) return null;
      events.runNext();
    }
  }

  private concerns(packet: WirePacket): boolean {
    if (packet.protocol !== 'tcp') return true;
    const opens = (packet.flags & 2) !== 0 && (packet.flags & 16) === 0;
    if (this.connection?.matches(packet) === true) return true;
    if (!opens) return this.connection === null;
    this.connection = new Connection(packet.source, packet.destination);
    this.opening = true;
    return true;
  }

  private outbound(packet: Packet, span: Due | null, tolerance: number): void {
    const limit = (span?.to ?? this.now) + PATIENCE;
    const got = this.nextCaptured(limit);
    if (got === null) throw new PacketdrillFailure('Timed out waiting for packet');
    const { body } = packet;
    if (body.protocol !== got.packet.protocol) {
      throw new PacketdrillFailure(`expected a packet of ${body.protocol}, got one of ${got.packet.protocol}`);
    }
    checkIp(packet, got.packet.tos, got.packet.ttl);
    if (body.protocol === 'tcp') this.outboundTcp(body, got.packet as WireTcp, limit);
    else if (body.protocol === 'udp' && 'payload' in got.packet && body.length !== got.packet.payload) {
      throw new PacketdrillFailure(
        `live packet payload: expected ${body.length} bytes vs actual ${got.packet.payload} bytes`,
      );
    }
    if (span !== null) checkTime('outbound packet', span, got.time, tolerance);
  }

  private outboundTcp(script: TcpPacket, first: WireTcp, limit: number): void {
    const connection = (this.connection ??= new Connection(first.source, first.destination));
    if ((first.flags & 2) !== 0) connection.localOffset = (first.seq - script.seq) | 0;
    const expected = script;
    let live = connection.outbound(first);
    try {
      // Pieces of one segment of the script: headers of the last, sequence number of the first.
      while (
        !this.options.strictSegments &&
        live.payload < expected.length &&
        live.payload > 0 &&
        live.seq === expected.seq
      ) {
        const next = this.nextCaptured(limit);
        if (next === null || next.packet.protocol !== 'tcp')
          throw new PacketdrillFailure('Timed out waiting for packet');
        const piece = connection.outbound(next.packet);
        if (piece.seq !== (live.seq + live.payload) >>> 0) {
          throw new PacketdrillFailure(`the segment goes on with ${tcpText(piece)}`);
        }
        live = { ...piece, seq: live.seq, payload: live.payload + piece.payload };
      }
      checkTcp(expected, live, this.options.strict);
    } catch (fault) {
      if (fault instanceof PacketdrillFailure) {
        fault.message = `error handling packet: ${fault.message}\n${describePair(expected, live)}`;
      }
      throw fault;
    }
    const tolerance = this.options.tolerance ?? 4000;
    checkStamps(connection, script, live, this.options.tsTick, tolerance);
  }
}
