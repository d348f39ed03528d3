// Tracepoints of socket buffers (include/trace/events/skb.h).
// A probe on kernel.trace("NAME") is called where the stack calls trace_NAME().

import type { sk_buff } from '../../linux/skbuff/struct.js';
import type { sock } from '../../net/sock/struct.js';
import type { skb_drop_reason } from '../../net/dropreason.js';

/** A packet is dropped. */
export function trace_kfree_skb(
  _skb: sk_buff,
  _location: number,
  _reason: skb_drop_reason,
  _rx_sk: sock | null,
): void {}

/** A packet is freed that served its purpose. */
export function trace_consume_skb(_skb: sk_buff, _location: number): void {}

/** A datagram is copied to a program. */
export function trace_skb_copy_datagram_iovec(_skb: sk_buff, _len: number): void {}
