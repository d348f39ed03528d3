// Ping sockets: their table and the packet that ping_getfrag() builds (include/net/ping.h).

import type { sock } from './sock.js';
import type { iov_iter } from '../linux/uio.js';
import type { __wsum, int, u16 } from '../linux/types.js';

export const PING_HTABLE_SIZE = 64;
export const PING_HTABLE_MASK = PING_HTABLE_SIZE - 1;
/** Groups of a range that nobody is in, as /proc/sys/net/ipv4/ping_group_range shows it. */
export const GID_T_MAX = (1 << 31) - 1;

export class pingfakehdr {
  /** ICMP header of the message, 8 bytes */
  icmph: Uint8Array = new Uint8Array(8);
  msg_iter: iov_iter | null = null;
  wcheck: __wsum = 0;
  family: int = 0;
}

/** Sockets by identifier (host order); one slot a hash value. */
export class ping_table {
  hash: sock[][] = Array.from({ length: PING_HTABLE_SIZE }, () => []);
  /** the next identifier to try */
  ping_port_rover: u16 = 0;
}
