// Tracepoints of sockets (include/trace/events/sock.h).
// A probe on kernel.trace("NAME") is called where the stack calls trace_NAME().

import type { sk_buff } from '../../linux/skbuff/struct.js';
import type { proto, sock } from '../../net/sock/struct.js';

/** The receive queue takes no more. */
export function trace_sock_rcvqueue_full(_sk: sock, _skb: sk_buff): void {}

/** The protocol has all the memory that it may have. */
export function trace_sock_exceed_buf_limit(_sk: sock, _prot: proto, _allocated: number, _kind: number): void {}

/** A socket changes its TCP state. */
export function trace_inet_sock_set_state(_sk: sock, _oldstate: number, _newstate: number): void {}

/** An error is reported to a socket. */
export function trace_inet_sk_error_report(_sk: sock): void {}

/** A reader is told of data. */
export function trace_sk_data_ready(_sk: sock): void {}

/** A send returns. */
export function trace_sock_send_length(_sk: sock, _ret: number, _flags: number): void {}

/** A receive returns. */
export function trace_sock_recv_length(_sk: sock, _ret: number, _flags: number): void {}
