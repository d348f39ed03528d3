// Tracepoint of UDP (include/trace/events/udp.h).

import type { sock } from '../../net/sock.js';
import type { sk_buff } from '../../linux/skbuff.js';
import type { int } from '../../linux/types.js';

/** A datagram found no room in its socket. @param rc negative errno */
export function trace_udp_fail_queue_rcv_skb(_rc: int, _sk: sock, _skb: sk_buff): void {}
