// Packets for a socket (net/core/sock.c).

import { ENOBUFS, ENOMEM } from '../../../include/linux/errno.js';
import { __skb_queue_tail } from '../../../include/linux/skbuff/queue.js';
import type { sk_buff } from '../../../include/linux/skbuff/struct.js';
import type { bool, int, uint } from '../../../include/linux/types.js';
import {
  SKB_DROP_REASON_PROTO_MEM,
  SKB_DROP_REASON_SOCKET_BACKLOG,
  SKB_DROP_REASON_SOCKET_FILTER,
  SKB_DROP_REASON_SOCKET_RCVBUFF,
  SKB_NOT_DROPPED_YET,
} from '../../../include/net/dropreason.js';
import type { skb_drop_reason } from '../../../include/net/dropreason.js';
import { skb_dst_force } from '../../../include/net/dst.js';
import {
  SOCK_DEAD,
  bh_lock_sock,
  bh_unlock_sock,
  sk_add_backlog,
  sk_backlog_rcv,
  sk_drops_inc,
  sk_rcvqueues_full,
  sk_rmem_schedule,
  skb_set_owner_r,
  sock_flag,
  sock_owned_by_user,
  sock_put,
  sock_skb_set_dropcount,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock/struct.js';
import { trace_sock_rcvqueue_full } from '../../../include/trace/events/sock.js';
import { sk_filter_trim_cap } from '../filter.js';
import { sk_skb_reason_drop } from '../skbuff/free.js';

/** Puts a packet on the receive queue if the buffer has room. @returns 0, -ENOMEM or -ENOBUFS @EXPORT_SYMBOL */
export function __sock_queue_rcv_skb(sk: sock, skb: sk_buff): int {
  if (sk.sk_rmem_alloc >= sk.sk_rcvbuf) {
    sk_drops_inc(sk);
    trace_sock_rcvqueue_full(sk, skb);
    return -ENOMEM;
  }
  if (!sk_rmem_schedule(sk, skb, skb.truesize)) {
    sk_drops_inc(sk);
    return -ENOBUFS;
  }
  skb.dev = null;
  skb_set_owner_r(skb, sk);
  skb_dst_force(skb);
  sock_skb_set_dropcount(sk, skb);
  __skb_queue_tail(sk.sk_receive_queue, skb);
  if (!sock_flag(sk, SOCK_DEAD)) sk.sk_data_ready(sk);
  return 0;
}

/**
 * Filters and queues.
 * @param reason gets why it was not
 * @returns 0 or a negative errno
 * @formerly sock_queue_rcv_skb 2.4-5.18
 * @EXPORT_SYMBOL
 */
export function sock_queue_rcv_skb_reason(sk: sock, skb: sk_buff, reason: { value: skb_drop_reason } | null): int {
  let drop_reason = SKB_NOT_DROPPED_YET;
  let err = sk_filter_trim_cap(sk, skb, 1);
  if (err !== 0) {
    drop_reason = SKB_DROP_REASON_SOCKET_FILTER;
  } else {
    err = __sock_queue_rcv_skb(sk, skb);
    if (err === -ENOMEM) drop_reason = SKB_DROP_REASON_SOCKET_RCVBUFF;
    else if (err === -ENOBUFS) drop_reason = SKB_DROP_REASON_PROTO_MEM;
  }
  if (reason !== null) reason.value = drop_reason;
  return err;
}

/** @notrace */
export function sock_queue_rcv_skb(sk: sock, skb: sk_buff): int {
  return sock_queue_rcv_skb_reason(sk, skb, null);
}

/** Gives a packet to a socket's protocol, or to its backlog. @param refcounted whether to drop a reference @EXPORT_SYMBOL */
export function __sk_receive_skb(sk: sock, skb: sk_buff, _nested: int, trim_cap: uint, refcounted: bool): int {
  let rc = 0;
  let reason = SKB_DROP_REASON_SOCKET_FILTER;
  let drop = sk_filter_trim_cap(sk, skb, trim_cap) !== 0;
  if (!drop) {
    skb.dev = null;
    if (sk_rcvqueues_full(sk, sk.sk_rcvbuf)) {
      reason = SKB_DROP_REASON_SOCKET_RCVBUFF;
      sk_drops_inc(sk);
      drop = true;
    }
  }
  if (!drop) {
    bh_lock_sock(sk);
    if (!sock_owned_by_user(sk)) {
      rc = sk_backlog_rcv(sk, skb);
    } else if (sk_add_backlog(sk, skb, sk.sk_rcvbuf) !== 0) {
      reason = SKB_DROP_REASON_SOCKET_BACKLOG;
      sk_drops_inc(sk);
      drop = true;
    }
    bh_unlock_sock(sk);
  }
  if (drop) sk_skb_reason_drop(sk, skb, reason);
  if (refcounted) sock_put(sk);
  return rc;
}

/** @notrace */
export function sk_receive_skb(sk: sock, skb: sk_buff, nested: int): int {
  return __sk_receive_skb(sk, skb, nested, 1, true);
}
