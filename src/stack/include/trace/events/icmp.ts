// Tracepoint of ICMP (include/trace/events/icmp.h).

import type { sk_buff } from '../../linux/skbuff.js';
import type { int } from '../../linux/types.js';

/** An ICMP error is about to be sent on account of `skb`. */
export function trace_icmp_send(_skb: sk_buff, _type: int, _code: int): void {}
