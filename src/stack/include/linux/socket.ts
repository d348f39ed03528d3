// What a program hands to a socket call (include/linux/socket.h, include/uapi/asm-generic/socket.h).

import type { sockaddr_in } from './in_addr.js';
import type { sockaddr_ll } from './if_packet.js';
import type { iov_iter } from './uio.js';
import type { int, u16, u32 } from './types.js';

export * from './in_addr.js';

/** Socket address of no family that we know: connect() with AF_UNSPEC dissolves an association. */
export interface sockaddr_unspec {
  readonly sin_family: 0;
}
export type sockaddr = sockaddr_in | sockaddr_ll | sockaddr_unspec;

/** @returns the family, whatever struct it is @notrace */
export function sockaddr_family(address: sockaddr): u16 {
  return 'sll_family' in address ? address.sll_family : address.sin_family;
}

/** A control message: level, type and raw little-endian data, as after CMSG_DATA(). */
export class cmsghdr {
  cmsg_level: int;
  cmsg_type: int;
  data: Uint8Array;

  constructor(level: int, type: int, data: Uint8Array) {
    this.cmsg_level = level;
    this.cmsg_type = type;
    this.data = data;
  }
}

export class msghdr {
  /** Destination of a send; on receive the kernel puts the sender here if `msg_namelen` asked for it. */
  msg_name: sockaddr | null = null;
  /** 0: no name wanted or given. */
  msg_namelen: int = 0;
  msg_iter: iov_iter;
  msg_flags: u32 = 0;
  /** Messages of a send; those received are put here. */
  msg_control: cmsghdr[] = [];
  /** Room for control messages in bytes, on receive; MSG_CTRUNC is set when it does not do. */
  msg_controllen: int = 0;
  /** A pointer result of the kernel: whether the call came with a user buffer that MSG_ZEROCOPY may pin. */
  msg_get_inq: int = 0;
  msg_inq: int = 0;

  constructor(iter: iov_iter) {
    this.msg_iter = iter;
  }
}

export const SOL_IP = 0;
export const SOL_SOCKET = 1;
export const SOL_TCP = 6;
export const SOL_UDP = 17;
export const SOL_RAW = 255;
export const SOL_PACKET = 263;

export const SO_DEBUG = 1;
export const SO_REUSEADDR = 2;
export const SO_TYPE = 3;
export const SO_ERROR = 4;
export const SO_DONTROUTE = 5;
export const SO_BROADCAST = 6;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_KEEPALIVE = 9;
export const SO_OOBINLINE = 10;
export const SO_NO_CHECK = 11;
export const SO_PRIORITY = 12;
export const SO_LINGER = 13;
export const SO_REUSEPORT = 15;
export const SO_RCVLOWAT = 18;
export const SO_SNDLOWAT = 19;
export const SO_RCVTIMEO = 20;
export const SO_SNDTIMEO = 21;
export const SO_BINDTODEVICE = 25;
export const SO_ATTACH_FILTER = 26;
export const SO_DETACH_FILTER = 27;
export const SO_TIMESTAMP = 29;
export const SO_ACCEPTCONN = 30;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
export const SO_TIMESTAMPNS = 35;
export const SO_MARK = 36;
export const SO_TIMESTAMPING = 37;
export const SO_PROTOCOL = 38;
export const SO_DOMAIN = 39;
export const SO_RXQ_OVFL = 40;
export const SO_PEEK_OFF = 42;
export const SO_BUSY_POLL = 46;
export const SO_MAX_PACING_RATE = 47;
export const SO_INCOMING_CPU = 49;
export const SO_MEMINFO = 55;
export const SO_COOKIE = 57;
export const SO_ZEROCOPY = 60;
export const SO_TXTIME = 61;
export const SCM_TIMESTAMP = SO_TIMESTAMP;
export const SCM_TIMESTAMPNS = SO_TIMESTAMPNS;
export const SCM_TIMESTAMPING = SO_TIMESTAMPING;

export const MSG_OOB = 1;
export const MSG_PEEK = 2;
export const MSG_DONTROUTE = 4;
export const MSG_CTRUNC = 8;
export const MSG_PROBE = 0x10;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_EOR = 0x80;
export const MSG_WAITALL = 0x100;
export const MSG_FIN = 0x200;
export const MSG_CONFIRM = 0x800;
export const MSG_ERRQUEUE = 0x2000;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_MORE = 0x8000;
export const MSG_SENDPAGE_NOTLAST = 0x20000;
export const MSG_SPLICE_PAGES = 0x8000000;
export const MSG_ZEROCOPY = 0x4000000;
export const MSG_FASTOPEN = 0x20000000;
export const MSG_CMSG_CLOEXEC = 0x40000000;

export const SOMAXCONN = 4096;
