// The system calls of packetdrill scripts, carried out by libc.ts. A call gives its result (negative: an errno)
// and may find that what it was given back is not what the script says.

import {
  accept4,
  bind,
  bytes,
  close,
  connect,
  dup,
  epoll_create1,
  epoll_ctl,
  epoll_event,
  epoll_wait,
  fcntl,
  ioctl,
  listen,
  poll,
  pollfd,
  read,
  receive_message,
  recvfrom,
  recvmsg,
  send_message,
  sendmsg,
  sendto,
  setsockopt_bytes,
  shutdown,
  sockaddr_in,
  socket,
  write,
} from '../libc.js';

import { SOCK_NONBLOCK } from '../../stack/include/linux/net.js';
import type { Task } from '../../stack/include/linux/sched.js';
import { __sys_getsockopt } from '../../stack/net/socket/syscalls.js';
import type { cmsghdr, msghdr, sockaddr } from '../../stack/include/linux/socket.js';
import { PacketdrillFailure, PacketdrillUnsupported } from './failure.js';
import type { Expression, Syscall } from './syntax.js';
import { checkControl, encodeControl } from './control.js';
import { checkOption, encodeOption } from './socket-options.js';
import { open_file, pipe_files, readvSyscall, sendfile_files, splice_files, writevSyscall } from './files.js';
import { field, isOpen, list, number, type Definitions } from './values.js';

/** What calls need of the run. */
export interface SyscallContext {
  readonly definitions: Definitions;
  /** Script's descriptor → live one. */
  readonly fds: Map<number, number>;
  /** Address that `bind(3, ..., ...)` means. */
  readonly local: sockaddr_in;
  /** Address that `connect(3, ..., ...)` means. */
  readonly remote: sockaddr_in;
  /** ns since 1970 at the script's start. */
  start: bigint;
}

type Implementation = (args: readonly Expression[], context: SyscallContext) => Task<number>;

function fdOf(args: readonly Expression[], context: SyscallContext, index = 0): number {
  const script = number(args[index], context.definitions);
  return context.fds.get(script) ?? script;
}

function numberAt(args: readonly Expression[], context: SyscallContext, index: number, otherwise = 0): number {
  return isOpen(args[index]) ? otherwise : number(args[index], context.definitions);
}

/** A `{sa_family = AF_INET, sin_port = htons(8080), sin_addr = inet_addr("…")}`, or the default for `...`. */
function address(expression: Expression | undefined, context: SyscallContext, otherwise: sockaddr_in): sockaddr {
  if (expression === undefined || expression.kind !== 'struct') return otherwise;
  const family = field(expression, 'sa_family');
  if (family !== undefined && number(family, context.definitions) === 0) return { sin_family: 0 };
  const port = field(expression, 'sin_port');
  const addr = field(expression, 'sin_addr');
  return new sockaddr_in(
    addr === undefined ? otherwise.sin_addr.s_addr : number(addr, context.definitions) >>> 0,
    port === undefined ? otherwise.sin_port : number(port, context.definitions),
  );
}

/** Bytes beyond which a call's memory is not set aside. */
const MOST_BYTES = 2 ** 30;

/** Memory of a call. */
function memory(length: number): Uint8Array {
  if (!Number.isInteger(length) || length < 0 || length > MOST_BYTES) {
    throw new PacketdrillUnsupported(`memory of ${length} bytes for a call`);
  }
  return new Uint8Array(length);
}

/** Bytes to be sent: the script gives a length, or a text. */
function data(expression: Expression, length: number): Uint8Array {
  if (expression.kind === 'string') {
    const room = memory(length);
    room.set(bytes(expression.value).subarray(0, length));
    return room;
  }
  return memory(length);
}

/** NULL, or another pointer that leads nowhere. */
function isBadPointer(expression: Expression | undefined): boolean {
  return (
    (expression?.kind === 'word' && expression.name === 'NULL') ||
    (expression?.kind === 'integer' && expression.value < 4096)
  );
}

/** A message that says it has `length` bytes: those beyond its pieces can neither be read nor written. */
function promising(msg: msghdr, length: number): msghdr {
  msg.msg_iter.count = length;
  return msg;
}

/** Sends `args[2]` bytes from `args[1]`. */
function* sendBytes(
  args: readonly Expression[],
  context: SyscallContext,
  flags: number,
  to: sockaddr | null,
): Task<number> {
  const length = numberAt(args, context, 2);
  if (isBadPointer(args[1]) && length > 0)
    return yield* sendmsg(fdOf(args, context), promising(send_message([], to), length), flags);
  return yield* sendto(fdOf(args, context), data(args[1], length), flags, to);
}

/** Receives `args[2]` bytes into `args[1]`. */
function* receiveBytes(args: readonly Expression[], context: SyscallContext, flags: number): Task<number> {
  const length = numberAt(args, context, 2);
  if (isBadPointer(args[1]) && length > 0)
    return yield* recvmsg(fdOf(args, context), promising(receive_message([]), length), flags);
  return yield* recvfrom(fdOf(args, context), memory(length), flags, null);
}

/** Room or data of `[{..., 1000}, {"abc", 3}]`, and how much it says it is: a bad pointer ends what there is. */
function vectors(
  expression: Expression | undefined,
  context: SyscallContext,
): { pieces: Uint8Array[]; length: number } {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let bad = false;
  for (const item of expression === undefined || isOpen(expression) ? [] : list(expression)) {
    const base = field(item, 'iov_base') ?? (item.kind === 'struct' ? item.fields.at(0)?.value : undefined);
    const room = field(item, 'iov_len') ?? (item.kind === 'struct' ? item.fields.at(1)?.value : undefined);
    if (base === undefined || room === undefined) {
      throw new PacketdrillUnsupported('an iovec is written {..., length}');
    }
    const size = number(room, context.definitions);
    length += size;
    bad ||= size > 0 && isBadPointer(base);
    if (!bad) pieces.push(data(base, size));
  }
  return { pieces, length };
}

function expectNumber(what: string, expression: Expression | undefined, actual: number, context: SyscallContext): void {
  if (expression === undefined || isOpen(expression)) return;
  const expected = number(expression, context.definitions);
  if (expected !== actual) throw new PacketdrillFailure(`expected ${what}: ${expected} actual: ${actual}`);
}

function* sendMessage(args: readonly Expression[], context: SyscallContext): Task<number> {
  const [, message] = args;
  const { pieces, length } = vectors(field(message, 'msg_iov'), context);
  const name = field(message, 'msg_name');
  const control = field(message, 'msg_control');
  const msg: msghdr = send_message(
    pieces,
    name === undefined || isOpen(name) ? null : address(name, context, context.remote),
    control === undefined || isOpen(control)
      ? []
      : list(control).map((item) => encodeControl(item, context.definitions)),
  );
  return yield* sendmsg(fdOf(args, context), promising(msg, length), numberAt(args, context, 2));
}

function* receiveMessage(args: readonly Expression[], context: SyscallContext): Task<number> {
  const [, message] = args;
  const { pieces, length } = vectors(field(message, 'msg_iov'), context);
  const controlExpected = field(message, 'msg_control');
  const msg = promising(receive_message(pieces, 4096), length);
  const result = yield* recvmsg(fdOf(args, context), msg, numberAt(args, context, 2));
  if (result < 0) return result;
  expectNumber('msg_flags', field(message, 'msg_flags'), msg.msg_flags, context);
  if (controlExpected !== undefined && !isOpen(controlExpected)) {
    const expected = list(controlExpected);
    const actual: readonly cmsghdr[] = msg.msg_control;
    if (expected.length !== actual.length) {
      throw new PacketdrillFailure(`expected ${expected.length} control messages, actual: ${actual.length}`);
    }
    expected.forEach((item, i) => checkControl(item, actual[i], context.definitions, context.start));
  }
  return result;
}

function* pollCall(args: readonly Expression[], context: SyscallContext): Task<number> {
  const items = list(args[0]);
  const fds = items.map((item) => {
    const fd = field(item, 'fd');
    const events = field(item, 'events');
    const script = fd === undefined ? -1 : number(fd, context.definitions);
    return new pollfd(
      context.fds.get(script) ?? script,
      events === undefined ? 0 : number(events, context.definitions),
    );
  });
  const result = yield* poll(fds, numberAt(args, context, 2, -1));
  items.forEach((item, i) => expectNumber('revents', field(item, 'revents'), fds[i].revents, context));
  return result;
}

/** Names under which the user's word of an epoll event goes. */
const EPOLL_DATA: readonly string[] = ['fd', 'u32', 'u64', 'ptr'];

function* epollControl(args: readonly Expression[], context: SyscallContext): Task<number> {
  const event = args[3];
  const events = event === undefined ? undefined : field(event, 'events');
  const tag =
    event === undefined ? undefined : EPOLL_DATA.map((name) => field(event, name)).find((value) => value !== undefined);
  const data = tag === undefined ? 0 : number(tag, context.definitions);
  const argument = events === undefined ? null : new epoll_event(number(events, context.definitions), data);
  return epoll_ctl(fdOf(args, context), numberAt(args, context, 1), fdOf(args, context, 2), argument);
}

function* epollWait(args: readonly Expression[], context: SyscallContext): Task<number> {
  const got = yield* epoll_wait(fdOf(args, context), numberAt(args, context, 2, 1), numberAt(args, context, 3, -1));
  if (typeof got === 'number') return got;
  const expected = list(args[1]);
  got.forEach((event, i) => {
    if (i >= expected.length || isOpen(expected[i])) return;
    expectNumber('epoll_event->events', field(expected[i], 'events'), event.events, context);
    for (const name of EPOLL_DATA) {
      expectNumber(`epoll_event->${name}`, field(expected[i], name), event.data, context);
    }
  });
  return got.length;
}

function* getOption(args: readonly Expression[], context: SyscallContext): Task<number> {
  const level = numberAt(args, context, 1);
  const name = numberAt(args, context, 2);
  const optlen = { value: args[4] === undefined || isOpen(args[4]) ? 256 : number(args[4], context.definitions) };
  const buffer = memory(Math.max(optlen.value, 0));
  const result = __sys_getsockopt(fdOf(args, context), level, name, buffer, optlen);
  if (result >= 0 && args[3] !== undefined && !isOpen(args[3])) {
    checkOption(level, name, args[3], buffer.subarray(0, optlen.value), context.definitions);
  }
  return result;
}

function* setOption(args: readonly Expression[], context: SyscallContext): Task<number> {
  const level = numberAt(args, context, 1);
  const name = numberAt(args, context, 2);
  const length = numberAt(args, context, 4, -1);
  const value = encodeOption(level, name, args[3], length, context.definitions);
  return setsockopt_bytes(fdOf(args, context), level, name, value);
}

const implementations: Readonly<Record<string, Implementation>> = {
  *socket(args, context) {
    return socket(numberAt(args, context, 0, 2), numberAt(args, context, 1), numberAt(args, context, 2));
  },
  *bind(args, context) {
    return bind(fdOf(args, context), address(args[1], context, context.local));
  },
  *listen(args, context) {
    return listen(fdOf(args, context), numberAt(args, context, 1));
  },
  *accept(args, context) {
    return yield* accept4(fdOf(args, context), 0);
  },
  *accept4(args, context) {
    return yield* accept4(fdOf(args, context), numberAt(args, context, 3) & SOCK_NONBLOCK);
  },
  *connect(args, context) {
    return yield* connect(fdOf(args, context), address(args[1], context, context.remote));
  },
  *read(args, context) {
    if (isBadPointer(args[1])) return yield* receiveBytes(args, context, 0);
    return yield* read(fdOf(args, context), memory(numberAt(args, context, 2)));
  },
  *write(args, context) {
    if (isBadPointer(args[1])) return yield* sendBytes(args, context, 0, null);
    return yield* write(fdOf(args, context), data(args[1], numberAt(args, context, 2)));
  },
  *readv(args, context) {
    return yield* readvSyscall(fdOf(args, context), vectors(args[1], context).pieces);
  },
  *writev(args, context) {
    return yield* writevSyscall(fdOf(args, context), vectors(args[1], context).pieces);
  },
  *send(args, context) {
    return yield* sendBytes(args, context, numberAt(args, context, 3), null);
  },
  *sendto(args, context) {
    const connected = args[4] === undefined || (args[4].kind === 'word' && args[4].name === 'NULL');
    const to = connected ? null : address(args[4], context, context.remote);
    return yield* sendBytes(args, context, numberAt(args, context, 3), to);
  },
  *recv(args, context) {
    return yield* receiveBytes(args, context, numberAt(args, context, 3));
  },
  *recvfrom(args, context) {
    if (isBadPointer(args[1])) return yield* receiveBytes(args, context, numberAt(args, context, 3));
    const room = memory(numberAt(args, context, 2));
    return yield* recvfrom(fdOf(args, context), room, numberAt(args, context, 3), { value: null });
  },
  sendmsg: sendMessage,
  recvmsg: receiveMessage,
  *close(args, context) {
    return yield* close(fdOf(args, context));
  },
  *shutdown(args, context) {
    return shutdown(fdOf(args, context), numberAt(args, context, 1));
  },
  *dup(args, context) {
    return dup(fdOf(args, context));
  },
  *fcntl(args, context) {
    return fcntl(fdOf(args, context), numberAt(args, context, 1), numberAt(args, context, 2));
  },
  *ioctl(args, context) {
    const arg = { value: 0 };
    const result = ioctl(fdOf(args, context), numberAt(args, context, 1), arg);
    if (result >= 0) expectNumber('ioctl value', args[2], arg.value, context);
    return result;
  },
  poll: pollCall,
  *epoll_create() {
    return epoll_create1();
  },
  *epoll_create1() {
    return epoll_create1();
  },
  epoll_ctl: epollControl,
  epoll_wait: epollWait,
  getsockopt: getOption,
  setsockopt: setOption,
  *pipe(args, context) {
    const names = list(args[0]).map((item) => number(item, context.definitions));
    const [reader, writer] = pipe_files();
    context.fds.set(names[0], reader);
    context.fds.set(names[1], writer);
    return 0;
  },
  *splice(args, context) {
    return yield* splice_files(
      fdOf(args, context),
      fdOf(args, context, 2),
      numberAt(args, context, 4),
      numberAt(args, context, 5),
    );
  },
  *sendfile(args, context) {
    return yield* sendfile_files(fdOf(args, context), fdOf(args, context, 1), numberAt(args, context, 3));
  },
  *open(args) {
    const path = args[0].kind === 'string' ? args[0].value : '';
    return open_file(path);
  },
  *cap_set() {
    return 0;
  },
  *usleep() {
    return 0;
  },
};

/** Calls whose result is a descriptor that the script names. */
const MAKES_DESCRIPTOR = new Set(['socket', 'accept', 'accept4', 'dup', 'epoll_create', 'epoll_create1', 'open']);

/** @throws PacketdrillUnsupported for a call that there is not */
export function findSyscall(name: string): Implementation {
  if (!Object.hasOwn(implementations, name)) throw new PacketdrillUnsupported(`system call ${name}()`);
  return implementations[name];
}

/** How many arguments a call has at least. */
const ARGUMENTS: Readonly<Record<string, number>> = {
  socket: 3,
  bind: 3,
  listen: 2,
  accept: 3,
  accept4: 4,
  connect: 3,
  read: 3,
  write: 3,
  readv: 2,
  writev: 2,
  send: 4,
  sendto: 4,
  recv: 4,
  recvfrom: 4,
  sendmsg: 3,
  recvmsg: 3,
  close: 1,
  shutdown: 2,
  dup: 1,
  fcntl: 2,
  ioctl: 2,
  poll: 3,
  epoll_ctl: 3,
  epoll_wait: 4,
  getsockopt: 5,
  setsockopt: 5,
  pipe: 1,
  splice: 6,
  sendfile: 4,
  open: 1,
};

/** Carries a call out, in process context. */
export function* runSyscall(call: Syscall, context: SyscallContext): Task<number> {
  const least = Object.hasOwn(ARGUMENTS, call.name) ? ARGUMENTS[call.name] : 0;
  if (call.args.length < least) {
    throw new PacketdrillFailure(`${call.name}() has ${call.args.length} arguments, but needs ${least}`);
  }
  return yield* findSyscall(call.name)(call.args, context);
}

/** Whether the result names a descriptor from now on. */
export function makesDescriptor(name: string): boolean {
  return MAKES_DESCRIPTOR.has(name);
}

/** Whether the result is a socket, which is then the one under test. */
export function makesSocket(name: string): boolean {
  return name === 'socket' || name === 'accept' || name === 'accept4';
}
