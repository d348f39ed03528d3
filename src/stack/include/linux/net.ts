// The BSD socket layer's structures (include/linux/net.h).

import type { Kernel } from '../../kernel/kernel.js';
import type { net } from '../net/net_namespace.js';
import type { sock } from '../net/sock.js';
import type { file, splice_sink } from './fs.js';
import type { poll_table } from './poll.js';
import type { Task } from './sched.js';
import type { msghdr, sockaddr } from './socket.js';
import type { int, size_t, u32 } from './types.js';
import { wait_queue_head } from './wait.js';

export const SS_FREE = 0;
export const SS_UNCONNECTED = 1;
export const SS_CONNECTING = 2;
export const SS_CONNECTED = 3;
export const SS_DISCONNECTING = 4;

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_RDM = 4;
export const SOCK_SEQPACKET = 5;
export const SOCK_PACKET = 10;
export const SOCK_MAX = 11;
export const SOCK_TYPE_MASK = 0xf;
export const SOCK_CLOEXEC = 0o2000000;
export const SOCK_NONBLOCK = 0o4000;

export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

/** Bits of socket.flags. */
export const SOCK_NOSPACE = 2;
export const SOCK_PASSCRED = 3;

/** The wait queue and what goes with it, which is nothing here: it stands for its queue. */
export class socket_wq extends wait_queue_head {
  get wait(): wait_queue_head {
    return this;
  }
}

export class socket extends socket_wq {
  state: int = SS_UNCONNECTED;
  type: int = 0;
  flags: u32 = 0;
  file: file | null = null;
  sk: sock | null = null;
  ops: proto_ops | null = null;
  /** The socket's own wait queue, which it is itself. */
  get wq(): socket_wq {
    return this;
  }
  /** The socket's namespace, for those without a sock yet. */
  net: net | null = null;
}

/** By address family and type; a function that may sleep is a generator (see ARCHITECTURE.md). */
export interface proto_ops {
  readonly family: int;
  readonly release: (sock: socket) => Task<int>;
  readonly bind: (sock: socket, addr: sockaddr, addr_len: int) => int;
  readonly connect: (sock: socket, addr: sockaddr, addr_len: int, flags: int) => Task<int>;
  readonly accept: (sock: socket, newsock: socket, flags: int, kern: boolean) => Task<int>;
  /** The address, or a negative errno. */
  readonly getname: (sock: socket, peer: boolean) => sockaddr | int;
  readonly poll: (file: file | null, sock: socket, wait: poll_table | null) => u32;
  readonly ioctl: (sock: socket, cmd: u32, arg: { value: int }) => int;
  readonly listen: (sock: socket, backlog: int) => int;
  readonly shutdown: (sock: socket, how: int) => int;
  readonly setsockopt: (sock: socket, level: int, optname: int, optval: Uint8Array, optlen: int) => int;
  readonly getsockopt: (sock: socket, level: int, optname: int, optval: Uint8Array, optlen: { value: int }) => int;
  readonly set_rcvlowat?: (sk: sock, val: int) => int;
  readonly sendmsg: (sock: socket, msg: msghdr, size: size_t) => Task<int>;
  readonly recvmsg: (sock: socket, msg: msghdr, size: size_t, flags: int) => Task<int>;
  readonly splice_read?: (sock: socket, pipe: splice_sink, len: size_t, flags: int) => Task<int>;
}

export interface net_proto_family {
  readonly family: int;
  readonly create: (net: net, sock: socket, protocol: int, kern: boolean) => int;
}

/** @notrace */
export function sock_kernel(sock: socket): Kernel {
  return (sock.net as net).kernel;
}
