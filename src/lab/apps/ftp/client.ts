// ftp: an FTP client that gets or puts one file (RFC 959). It prints what the server answers, as ftp(1) does.
//   ftp [-A active mode] [-p port] host get|put FILE [NAME] | host ls

import type { Task } from '../../../stack/include/linux/sched.js';
import { in_aton, in_ntoa } from '../../../stack/include/linux/in_addr.js';
import { IPPROTO_TCP } from '../../../stack/include/linux/in.js';
import { TCP_NODELAY } from '../../../stack/include/uapi/linux/tcp.js';
import { bytes, clock_monotonic, close, getsockname, ntohs, setsockopt, strerror, text } from '../../libc.js';
import type { Process } from '../../process.js';
import { getopt, integer } from '../getopt.js';
import { resolve } from '../resolve.js';
import { LineReader, read_all, tcp_accept, tcp_connect_to, tcp_listen_on, write_all } from '../tcp.js';
import { FTP_PORT } from './server.js';

class Client {
  private readonly process: Process;
  private readonly control: number;
  private readonly lines: LineReader;
  private readonly active: boolean;

  constructor(process: Process, control: number, active: boolean) {
    this.process = process;
    this.control = control;
    this.lines = new LineReader(control);
    this.active = active;
  }

  /** The server's answer: the last line of it. */
  *answer(): Task<string> {
    for (;;) {
      const line = yield* this.lines.line();
      if (line === null) return '421 Connection closed.';
      this.process.stdout(`${line}\n`);
      if (/^\d{3} /.test(line)) return line;
    }
  }

  *command(line: string): Task<string> {
    yield* write_all(this.control, bytes(`${line}\r\n`));
    return yield* this.answer();
  }

  /** Agrees on a data connection, gives the command, opens it. @returns the connection, or null */
  private *openData(command: string): Task<number | null> {
    if (this.active) {
      const listener = yield* tcp_listen_on(0, 1);
      const own = getsockname(this.control);
      const name = getsockname(listener);
      if (
        listener < 0 ||
        typeof own === 'number' ||
        typeof name === 'number' ||
        !('sin_addr' in own) ||
        !('sin_port' in name)
      )
        return null;
      const port = ntohs(name.sin_port);
      yield* this.command(`PORT ${in_ntoa(own.sin_addr.s_addr).replaceAll('.', ',')},${port >>> 8},${port & 255}`);
      const reply = yield* this.command(command);
      const fd = reply.startsWith('1') ? yield* tcp_accept(listener) : -1;
      yield* close(listener);
      return fd < 0 ? null : fd;
    }
    const reply = yield* this.command('PASV');
    const numbers = /\((\d+),(\d+),(\d+),(\d+),(\d+),(\d+)\)/.exec(reply)?.slice(1).map(Number);
    if (numbers === undefined) return null;
    const address = in_aton(numbers.slice(0, 4).join('.'));
    if (address === null) return null;
    yield* write_all(this.control, bytes(`${command}\r\n`));
    const fd = yield* tcp_connect_to(address, numbers[4] * 256 + numbers[5]);
    const opened = yield* this.answer();
    if (fd >= 0 && opened.startsWith('1')) return fd;
    if (fd >= 0) yield* close(fd);
    return null;
  }

  private finish(verb: string, size: number, began: number): void {
    const seconds = (clock_monotonic() - began) / 1e9;
    const rate = seconds > 0 ? size / seconds / 1024 : 0;
    this.process.stdout(`${size} bytes ${verb} in ${seconds.toFixed(2)} secs (${rate.toFixed(4)} kB/s)\n`);
  }

  *get(name: string, local: string): Task<boolean> {
    const began = clock_monotonic();
    const fd = yield* this.openData(`RETR ${name}`);
    if (fd === null) return false;
    const content = yield* read_all(fd);
    yield* close(fd);
    const done = yield* this.answer();
    if (typeof content === 'number' || !done.startsWith('2')) return false;
    this.process.host.kernel.fs.write(local.startsWith('/') ? local : `/${local}`, content);
    this.finish('received', content.length, began);
    return true;
  }

  *put(local: string, name: string): Task<boolean> {
    const content = this.process.host.kernel.fs.read(local.startsWith('/') ? local : `/${local}`);
    if (content === undefined) {
      this.process.stderr(`local: ${local}: No such file or directory\n`);
      return false;
    }
    const began = clock_monotonic();
    const fd = yield* this.openData(`STOR ${name}`);
    if (fd === null) return false;
    const error = yield* write_all(fd, content);
    yield* close(fd);
    const done = yield* this.answer();
    if (error < 0 || !done.startsWith('2')) return false;
    this.finish('sent', content.length, began);
    return true;
  }

  *list(): Task<boolean> {
    const fd = yield* this.openData('LIST');
    if (fd === null) return false;
    const content = yield* read_all(fd);
    yield* close(fd);
    yield* this.answer();
    if (typeof content === 'number') return false;
    this.process.stdout(text(content).replaceAll('\r\n', '\n'));
    return true;
  }
}

const USAGE = 'usage: ftp [-A] [-p port] host {get|put} file [name] | host ls\n';

export function* ftp(process: Process): Task<number> {
  const parsed = getopt(process, 'Ap:');
  if (parsed === null) return 1;
  let active = false;
  let port = FTP_PORT;
  for (const [letter, value] of parsed.options) {
    if (letter === 'A') active = true;
    else {
      const number = integer(process, value, 1, 65535);
      if (number === null) return 1;
      port = number;
    }
  }
  const [target, verb, file, other] = parsed.operands;
  if (target === undefined || !['get', 'put', 'ls'].includes(verb) || (verb !== 'ls' && file === undefined)) {
    process.stderr(USAGE);
    return 1;
  }
  const address = in_aton(target) ?? resolve(process.host, target);
  if (address === null) {
    process.stderr(`ftp: ${target}: Name or service not known\n`);
    return 1;
  }
  const control = yield* tcp_connect_to(address, port);
  if (control < 0) {
    process.stderr(`ftp: connect: ${strerror(control)}\n`);
    return 1;
  }
  // Commands are short and wait for their answers: none is to wait for an acknowledgement.
  setsockopt(control, IPPROTO_TCP, TCP_NODELAY, 1);
  process.stdout(`Connected to ${target}.\n`);
  const client = new Client(process, control, active);
  yield* client.answer();
  yield* client.command('USER anonymous');
  yield* client.command('PASS lab@');
  yield* client.command('TYPE I');
  const base = (path: string): string => path.replace(/.*\//, '');
  let done: boolean;
  if (verb === 'get') done = yield* client.get(file, other ?? base(file));
  else if (verb === 'put') done = yield* client.put(file, other ?? base(file));
  else done = yield* client.list();
  yield* client.command('QUIT');
  yield* close(control);
  return done ? 0 : 1;
}
