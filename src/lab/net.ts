// Node's `net` over the sockets of a lab's host: what is written for Node (its http module, say) talks across the
// model. A host's Node program is one process; each of its sockets has two threads, one that reads and one that
// writes, and what they get reaches the program by Node's own event loop, which LabEnvironment lets settle before the
// virtual clock moves on (Lab.realPrograms). Such a program waits for nothing but the lab: a timer or a file of the
// real machine comes at no certain virtual time, or after the end. Read beside it: Node's manual of net, apps/tcp.ts.
// Left out: IPv6, Unix sockets, keep-alive probes, ref and unref (every client's socket holds the scenario open).

import { EventEmitter } from 'node:events';
import nodeProcess from 'node:process';
import { Duplex } from 'node:stream';
import { errno_name } from '../stack/include/linux/errno.js';
import { in_aton, in_ntoa } from '../stack/include/linux/in_addr.js';
import { IPPROTO_TCP } from '../stack/include/linux/in.js';
import { SHUT_WR } from '../stack/include/linux/net.js';
import { MAX_SCHEDULE_TIMEOUT, SIGTERM, TASK_INTERRUPTIBLE, type Task } from '../stack/include/linux/sched.js';
import type { sockaddr } from '../stack/include/linux/socket.js';
import { TCP_NODELAY } from '../stack/include/uapi/linux/tcp.js';
import { current, enter_kernel } from '../stack/kernel/current.js';
import type { ScheduledEvent } from '../stack/kernel/events.js';
import { schedule_timeout, send_signal, wake_up_process } from '../stack/kernel/sched/core.js';
import { resolve } from './apps/resolve.js';
import { tcp_accept, tcp_connect_to, tcp_listen_on, write_all } from './apps/tcp.js';
import { close, getpeername, getsockname, ntohs, read, setsockopt, shutdown } from './libc.js';
import type { Host } from './host.js';
import { Process } from './process.js';

/** Hands something over to Node's loop; what it throws there is an uncaught exception, as in any Node program. */
function post(action: () => void): void {
  nodeProcess.nextTick(action);
}

/** @param error negative errno */
function failure(syscall: string, error: number, where = ''): NodeJS.ErrnoException {
  const code = errno_name(-error);
  return Object.assign(new Error(`${syscall} ${code}${where}`), { code, errno: error, syscall });
}

/** Sleeps until it is woken, or a signal comes. */
function* sleep(): Task<void> {
  current().__state = TASK_INTERRUPTIBLE;
  yield* schedule_timeout(current().kernel, MAX_SCHEDULE_TIMEOUT);
}

/** A thread of the Node program: it does one job after the other until it is stopped. */
class Thread {
  readonly process: Process;
  private readonly jobs: (() => Task<void>)[] = [];
  private idle = false;
  private stopping = false;

  constructor(leader: Process) {
    const { host } = leader;
    this.process = new Process(host, () => this.main(), leader.argv);
    this.process.task.tgid = leader.task.tgid;
    this.process.task.files = leader.task.files;
  }

  run(job: () => Task<void>): void {
    this.jobs.push(job);
    const { task } = this.process;
    if (this.idle) enter_kernel(task.kernel, wake_up_process, task);
  }

  /** Ends the thread: what it waits for is interrupted, what is left to do is dropped. @param last done at its end */
  stop(last?: () => Task<void>): void {
    if (this.stopping) return;
    this.stopping = true;
    this.jobs.length = 0;
    if (last !== undefined) this.jobs.push(last);
    const { task } = this.process;
    enter_kernel(task.kernel, () => send_signal(task, SIGTERM), null);
  }

  private *main(): Task<number> {
    const task = current();
    for (;;) {
      // Node ignores SIGPIPE, and knows by `stopping` of the signal that ends a wait.
      task.pending = 0;
      const job = this.jobs.shift();
      if (job !== undefined) yield* job();
      else if (this.stopping) break;
      else {
        this.idle = true;
        yield* sleep();
        this.idle = false;
      }
    }
    // The files are the leader's.
    task.files = null;
    return 0;
  }
}

export interface AddressInfo {
  readonly address: string;
  readonly family: 'IPv4';
  readonly port: number;
}

function addressInfo(name: sockaddr | number): AddressInfo | null {
  if (typeof name === 'number' || !('sin_addr' in name)) return null;
  return { address: in_ntoa(name.sin_addr.s_addr), family: 'IPv4', port: ntohs(name.sin_port) };
}

export interface ConnectOptions {
  readonly port?: number | string | null;
  readonly host?: string | null;
}

/** A TCP connection as net.Socket has it. */
export class Socket extends Duplex {
  connecting = false;
  bytesRead = 0;
  bytesWritten = 0;
  timeout = 0;
  private readonly host: Host;
  private readonly reader: Thread;
  private readonly writer: Thread;
  private fd = -1;
  private local: AddressInfo | null = null;
  private remote: AddressInfo | null = null;
  private timer: ScheduledEvent | null = null;

  /** @param fd a connection that was accepted; none for a socket that is to connect */
  constructor(leader: Process, fd?: number) {
    super({ allowHalfOpen: false });
    this.host = leader.host;
    this.reader = new Thread(leader);
    this.writer = new Thread(leader);
    if (fd !== undefined) this.opened(fd);
  }

  get remoteAddress(): string | undefined {
    return this.remote?.address;
  }

  get remotePort(): number | undefined {
    return this.remote?.port;
  }

  get remoteFamily(): string | undefined {
    return this.remote?.family;
  }

  get localAddress(): string | undefined {
    return this.local?.address;
  }

  get localPort(): number | undefined {
    return this.local?.port;
  }

  get pending(): boolean {
    return this.fd < 0;
  }

  address(): AddressInfo | object {
    return this.local ?? {};
  }

  connect(options: ConnectOptions, connected?: () => void): this {
    const { host } = this;
    const name = options.host ?? 'localhost';
    const port = Number(options.port);
    if (connected !== undefined) this.once('connect', connected);
    host.lab.awaitProcess(this.reader.process);
    const address = in_aton(name) ?? resolve(host, name);
    if (address === null || !(port >= 0 && port <= 65535)) {
      const code = address === null ? 'ENOTFOUND' : 'ERR_SOCKET_BAD_PORT';
      const what = address === null ? `getaddrinfo ENOTFOUND ${name}` : `Port should be >= 0 and < 65536: ${port}`;
      this.destroy(Object.assign(new Error(what), { code }));
      return this;
    }
    this.connecting = true;
    this.reader.run(() => this.connectTo(address, port));
    return this;
  }

  private *connectTo(address: number, port: number): Task<void> {
    const fd = yield* tcp_connect_to(address, port);
    if (fd >= 0) this.opened(fd);
    post(() => {
      this.connecting = false;
      if (this.destroyed) return;
      if (fd < 0) {
        this.destroy(failure('connect', fd, ` ${in_ntoa(address)}:${port}`));
        return;
      }
      this.emit('connect');
      this.emit('ready');
    });
  }

  /** In the context of one of the program's threads. */
  private opened(fd: number): void {
    this.fd = fd;
    this.local = addressInfo(getsockname(fd));
    this.remote = addressInfo(getpeername(fd));
  }

  override _read(): void {
    this.reader.run(() => this.readOnce());
  }

  private *readOnce(): Task<void> {
    if (this.fd < 0) return;
    const buffer = new Uint8Array(65536);
    const size = yield* read(this.fd, buffer);
    post(() => {
      if (this.destroyed) return;
      this.active();
      this.bytesRead += Math.max(size, 0);
      if (size < 0) this.destroy(failure('read', size));
      else this.push(size === 0 ? null : Buffer.from(buffer.buffer, 0, size));
    });
  }

  /** Has the writer do something once there is a connection. */
  private whenConnected(syscall: string, job: () => Task<number>, done: (error?: Error | null) => void): void {
    if (this.connecting) {
      this.once('connect', () => this.whenConnected(syscall, job, done));
      return;
    }
    const { writer } = this;
    writer.run(function* () {
      const error = yield* job();
      post(() => done(error < 0 ? failure(syscall, error) : null));
    });
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.active();
    this.bytesWritten += chunk.length;
    this.whenConnected('write', () => write_all(this.fd, Uint8Array.from(chunk)), done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    const { fd } = this;
    if (fd < 0 && !this.connecting) {
      done();
      return;
    }
    // The other side may have reset the connection: there is nothing left to shut down.
    this.whenConnected('shutdown', () => this.shut(), done);
  }

  private *shut(): Task<number> {
    shutdown(this.fd, SHUT_WR);
    return 0;
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.setTimeout(0);
    const { reader, writer } = this;
    writer.process.onExit(() => reader.stop(() => this.release()));
    reader.process.onExit(() => post(() => done(error)));
    writer.stop();
  }

  private *release(): Task<void> {
    if (this.fd >= 0) yield* close(this.fd);
    this.fd = -1;
  }

  /** Closes once everything is written. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  setNoDelay(on = true): this {
    this.whenConnected(
      'setsockopt',
      () => this.setNagle(!on),
      () => {},
    );
    return this;
  }

  private *setNagle(on: boolean): Task<number> {
    return setsockopt(this.fd, IPPROTO_TCP, TCP_NODELAY, on ? 0 : 1);
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  /** `timeout` is emitted after that many ms of virtual time without anything read or written; 0: never. */
  setTimeout(ms: number, expired?: () => void): this {
    this.timeout = ms;
    if (expired !== undefined) {
      if (ms === 0) this.off('timeout', expired);
      else this.once('timeout', expired);
    }
    this.active();
    return this;
  }

  private active(): void {
    const { events } = this.host.lab;
    if (this.timer !== null) events.cancel(this.timer);
    this.timer = null;
    if (this.timeout > 0)
      this.timer = events.schedule(events.now + this.timeout * 1e6, () => post(() => this.emit('timeout')));
  }
}

/** A listening socket as net.Server has it: emits listening, connection, error and close. */
export class Server extends EventEmitter {
  listening = false;
  private readonly leader: Process;
  private readonly thread: Thread;
  private fd = -1;
  private name: AddressInfo | null = null;

  constructor(leader: Process) {
    super();
    this.leader = leader;
    this.thread = new Thread(leader);
  }

  /** @param port 0: any that is free. @param host address of this host; all unless given */
  listen(port: number, host?: string | (() => void), listening?: () => void): this {
    const then = typeof host === 'function' ? host : listening;
    if (then !== undefined) this.once('listening', then);
    const address = typeof host === 'string' ? host : '0.0.0.0';
    this.thread.run(() => this.accept(port, address));
    return this;
  }

  private *accept(port: number, host: string): Task<void> {
    const fd = yield* tcp_listen_on(port, 511, in_aton(host) ?? 0);
    if (fd < 0) {
      post(() => this.emit('error', failure('listen', fd, `: ${host}:${port}`)));
      return;
    }
    this.fd = fd;
    this.name = addressInfo(getsockname(fd));
    this.listening = true;
    post(() => this.emit('listening'));
    while (this.listening) {
      const connection = yield* tcp_accept(fd);
      if (connection < 0) continue;
      const socket = new Socket(this.leader, connection);
      post(() => this.emit('connection', socket));
    }
  }

  address(): AddressInfo | null {
    return this.name;
  }

  /** Takes no more connections; those that there are stay. */
  close(closed?: () => void): this {
    if (closed !== undefined) this.once('close', closed);
    this.listening = false;
    this.thread.process.onExit(() => post(() => this.emit('close')));
    this.thread.stop(() => this.release());
    return this;
  }

  private *release(): Task<void> {
    if (this.fd >= 0) yield* close(this.fd);
    this.fd = -1;
  }
}

/** What a host's Node program has in place of node:net. */
export interface Net {
  /** The program: its stdout() and stderr() write to the lab's output. */
  readonly process: Process;
  createServer(connection?: (socket: Socket) => void): Server;
  connect(options: ConnectOptions, connected?: () => void): Socket;
  createConnection(options: ConnectOptions, connected?: () => void): Socket;
}

/**
 * Starts a Node program on a host, which lives as long as the lab.
 * @param name of the process
 * @returns its `net`. For http: `http.request({ …, createConnection: net.createConnection })`, and on the other host
 *   `net.createServer((socket) => httpServer.emit('connection', socket)).listen(80)`
 */
export function nodeNet(host: Host, name = 'node'): Net {
  host.lab.realPrograms++;
  const leader = new Process(
    host,
    function* () {
      while (current().pending === 0) yield* sleep();
      return 0;
    },
    [name],
  );
  const connect = (options: ConnectOptions, connected?: () => void): Socket =>
    new Socket(leader).connect(options, connected);
  return {
    process: leader,
    connect,
    createConnection: connect,
    createServer(connection) {
      const server = new Server(leader);
      if (connection !== undefined) server.on('connection', connection);
      return server;
    },
  };
}
