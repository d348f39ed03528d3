// An FTP server: control connection, passive and active data connections, enough of RFC 959 (and of RFC 1579 for
// passive mode) to list, get and put files of the host's file system. Anybody may log in.

import type { Task } from '../../../stack/include/linux/sched.js';
import { in_aton, in_ntoa } from '../../../stack/include/linux/in_addr.js';
import { SOCK_STREAM } from '../../../stack/include/linux/net.js';
import { AF_INET } from '../../../stack/include/linux/socket.js';
import { bind, bytes, close, connect, getsockname, htons, ntohs, sockaddr_in, socket, strerror } from '../../libc.js';
import { Process } from '../../process.js';
import { LineReader, read_all, tcp_accept, tcp_listen_on, write_all } from '../tcp.js';

export const FTP_PORT = 21;
export const FTP_DATA_PORT = 20;

type DataMode =
  | { readonly kind: 'none' }
  | { readonly kind: 'passive'; fd: number }
  | { readonly kind: 'active'; address: number; port: number };

class Session {
  private readonly process: Process;
  private readonly control: number;
  private readonly lines: LineReader;
  private directory = '/';
  private data: DataMode = { kind: 'none' };
  private user = '';

  constructor(process: Process, control: number) {
    this.process = process;
    this.control = control;
    this.lines = new LineReader(control);
  }

  private *reply(text: string): Task<void> {
    yield* write_all(this.control, bytes(`${text}\r\n`));
  }

  private path(name: string): string {
    const full = name.startsWith('/') ? name : `${this.directory === '/' ? '' : this.directory}/${name}`;
    const parts: string[] = [];
    for (const part of full.split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '' && part !== '.') parts.push(part);
    }
    return `/${parts.join('/')}`;
  }

  /** @returns a data connection, or a negative errno */
  private *openData(): Task<number> {
    const { data } = this;
    this.data = { kind: 'none' };
    if (data.kind === 'passive') {
      const fd = yield* tcp_accept(data.fd);
      yield* close(data.fd);
      return fd;
    }
    if (data.kind === 'none') return -1;
    const fd = socket(AF_INET, SOCK_STREAM, 0);
    bind(fd, new sockaddr_in(0, htons(FTP_DATA_PORT)));
    const error = yield* connect(fd, new sockaddr_in(data.address, htons(data.port)));
    if (error >= 0) return fd;
    yield* close(fd);
    return error;
  }

  private *passive(): Task<void> {
    const fd = yield* tcp_listen_on(0, 1);
    const own = getsockname(this.control);
    const name = getsockname(fd);
    if (
      fd < 0 ||
      typeof own === 'number' ||
      typeof name === 'number' ||
      !('sin_addr' in own) ||
      !('sin_port' in name)
    ) {
      yield* this.reply("425 Can't open passive connection.");
      return;
    }
    this.data = { kind: 'passive', fd };
    const port = ntohs(name.sin_port);
    yield* this.reply(
      `227 Entering Passive Mode (${in_ntoa(own.sin_addr.s_addr).replaceAll('.', ',')},${port >>> 8},${port & 255}).`,
    );
  }

  private *active(argument: string): Task<void> {
    const numbers = argument.split(',').map(Number);
    const address = numbers.length === 6 ? in_aton(numbers.slice(0, 4).join('.')) : null;
    if (address === null || numbers.some((n) => !(n >= 0 && n <= 255))) {
      yield* this.reply('501 Illegal PORT command.');
      return;
    }
    this.data = { kind: 'active', address, port: numbers[4] * 256 + numbers[5] };
    yield* this.reply('200 PORT command successful.');
  }

  private *send(content: Uint8Array, what: string): Task<void> {
    yield* this.reply(`150 Opening BINARY mode data connection for ${what} (${content.length} bytes).`);
    const fd = yield* this.openData();
    if (fd < 0) {
      yield* this.reply("425 Can't open data connection.");
      return;
    }
    const error = yield* write_all(fd, content);
    yield* close(fd);
    yield* this.reply(error < 0 ? `426 Connection closed: ${strerror(error)}.` : '226 Transfer complete.');
  }

  private *store(path: string): Task<void> {
    yield* this.reply(`150 Ok to send data.`);
    const fd = yield* this.openData();
    if (fd < 0) {
      yield* this.reply("425 Can't open data connection.");
      return;
    }
    const content = yield* read_all(fd);
    yield* close(fd);
    if (typeof content === 'number') {
      yield* this.reply(`426 Connection closed: ${strerror(content)}.`);
      return;
    }
    this.process.host.kernel.fs.write(path, content);
    yield* this.reply('226 Transfer complete.');
  }

  *run(): Task<number> {
    const { fs } = this.process.host.kernel;
    yield* this.reply('220 FTP server ready.');
    for (;;) {
      const line = yield* this.lines.line();
      if (line === null) break;
      const [command, argument] = [line.split(' ')[0].toUpperCase(), line.replace(/^\S+ ?/, '')];
      const file = command === 'RETR' || command === 'SIZE' ? fs.read(this.path(argument)) : undefined;
      if (command === 'USER') {
        this.user = argument;
        yield* this.reply('331 Please specify the password.');
      } else if (command === 'PASS') yield* this.reply(`230 User ${this.user} logged in.`);
      else if (command === 'SYST') yield* this.reply('215 UNIX Type: L8');
      else if (command === 'TYPE') yield* this.reply(`200 Switching to ${argument === 'A' ? 'ASCII' : 'Binary'} mode.`);
      else if (command === 'PWD') yield* this.reply(`257 "${this.directory}"`);
      else if (command === 'CWD') {
        this.directory = this.path(argument);
        yield* this.reply('250 Directory successfully changed.');
      } else if (command === 'PASV') yield* this.passive();
      else if (command === 'PORT') yield* this.active(argument);
      else if (command === 'LIST' || command === 'NLST') {
        const names = fs.list(argument === '' ? this.directory : this.path(argument));
        yield* this.send(bytes(names.map((name) => `${name}\r\n`).join('')), 'file list');
      } else if (command === 'RETR') {
        if (file === undefined) yield* this.reply('550 Failed to open file.');
        else yield* this.send(file, argument);
      } else if (command === 'SIZE')
        yield* this.reply(file === undefined ? '550 Could not get file size.' : `213 ${file.length}`);
      else if (command === 'STOR') yield* this.store(this.path(argument));
      else if (command === 'DELE')
        yield* this.reply(
          fs.remove(this.path(argument)) ? '250 Delete operation successful.' : '550 Delete operation failed.',
        );
      else if (command === 'NOOP') yield* this.reply('200 NOOP ok.');
      else if (command === 'QUIT') {
        yield* this.reply('221 Goodbye.');
        break;
      } else yield* this.reply('502 Command not implemented.');
    }
    if (this.data.kind === 'passive') yield* close(this.data.fd);
    yield* close(this.control);
    return 0;
  }
}

/** ftpd [port]: serves until it is killed, each connection by a process of its own. */
export function* ftpd(process: Process): Task<number> {
  const fd = yield* tcp_listen_on(Number(process.argv[1] ?? FTP_PORT));
  if (fd < 0) {
    process.stderr(`ftpd: listen: ${strerror(fd)}\n`);
    return 1;
  }
  while (process.task.pending === 0) {
    const control = yield* tcp_accept(fd);
    if (control < 0) continue;
    // A child takes the connection over, as after fork(2).
    const files = process.task.files?.fd ?? [];
    const file = files[control] ?? null;
    files[control] = null;
    const child = new Process(process.host, (own) => new Session(own, control).run(), ['ftpd']);
    const table = child.task.files?.fd;
    if (table !== undefined) while (table.length <= control) table.push(null);
    if (table !== undefined) table[control] = file;
  }
  yield* close(fd);
  return 0;
}
