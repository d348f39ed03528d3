// TCP's tracepoints: a probe on kernel.trace("tcp_probe") fires where the kernel has it.
// Read beside: include/trace/events/tcp.h.

import type { int } from '../../linux/types.js';
import type { sk_buff } from '../../linux/skbuff.js';
import type { sock } from '../../net/sock.js';
import type { request_sock } from '../../net/request_sock.js';

export function trace_tcp_retransmit_skb(_sk: sock, _skb: sk_buff, _err: int): void {}

/** @param _reason an SK_RST_REASON_* */
export function trace_tcp_send_reset(_sk: sock | null, _skb: sk_buff | null, _reason: int): void {}

export function trace_tcp_receive_reset(_sk: sock): void {}

export function trace_tcp_destroy_sock(_sk: sock): void {}

export function trace_tcp_rcv_space_adjust(_sk: sock): void {}

/** @param _time µs between two adjustments */
export function trace_tcp_rcvbuf_grow(_sk: sock, _time: int): void {}

export function trace_tcp_retransmit_synack(_sk: sock, _req: request_sock): void {}

export function trace_tcp_probe(_sk: sock, _skb: sk_buff): void {}

export function trace_tcp_bad_csum(_skb: sk_buff): void {}

export function trace_tcp_cong_state_set(_sk: sock, _ca_state: int): void {}

export function trace_tcp_cwnd_reduction_tp(_sk: sock, _newly_acked_sacked: int, _newly_lost: int, _flag: int): void {}

export function trace_tcp_sendmsg_locked(_sk: sock, _msg: object, _skb: sk_buff | null, _size_goal: int): void {}
