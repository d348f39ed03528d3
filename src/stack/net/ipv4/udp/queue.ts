// A socket's receive queue and what it may hold (net/ipv4/udp.c). Memory is charged in the softirq and given back by
// the reader, who first drains a queue of his own.

import { ENOBUFS, ENOMEM } from '../../../include/linux/errno.js';
import { udp_sk } from '../../../include/linux/udp.js';
import {
  __skb_dequeue,
  __skb_queue_tail,
  sk_buff_head,
  skb_queue_empty,
  skb_queue_splice_tail_init,
} from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import {
  SK_MEM_RECV,
  SOCK_DEAD,
  sk_drops_inc,
  sk_mem_pages,
  sk_mem_reclaim_final,
  sock_flag,
  sock_skb_set_dropcount,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { kfree_skb, skb_condense } from '../../core/skbuff.js';
import { __sk_mem_reduce_allocated, sk_mem_raise_allocated } from '../../core/sock.js';
import { inet_sock_destruct } from '../af_inet.js';
import type { int } from '../../../include/linux/types.js';

const PAGE_SIZE = 4096;

/** Memory that a queued datagram is charged. @notrace */
function udp_skb_truesize(skb: sk_buff): int {
  return skb.truesize;
}

/** Gives memory back. @param partial small amounts are gathered before they go back in one go */
export function udp_rmem_release(sk: sock, size: int, partial: boolean): void {
  const up = udp_sk(sk);
  if (partial) {
    up.forward_deficit += size;
    size = up.forward_deficit;
    if (size < up.forward_threshold && !skb_queue_empty(up.reader_queue)) return;
  } else size += up.forward_deficit;
  up.forward_deficit = 0;
  sk.sk_forward_alloc += size;
  const amt = (sk.sk_forward_alloc - (partial ? 1 : 0)) & ~(PAGE_SIZE - 1);
  sk.sk_forward_alloc -= amt;
  if (amt !== 0) __sk_mem_reduce_allocated(sk, amt / PAGE_SIZE);
  sk.sk_rmem_alloc -= size;
}

/** Pages for a datagram. @returns 0 or -ENOBUFS */
export function udp_rmem_schedule(sk: sock, size: int): int {
  const delta = size - sk.sk_forward_alloc;
  if (delta > 0) {
    const amt = sk_mem_pages(delta);
    sk.sk_forward_alloc += amt * PAGE_SIZE;
    if (sk_mem_raise_allocated(sk, delta, amt, SK_MEM_RECV) === 0) {
      sk.sk_forward_alloc -= amt * PAGE_SIZE;
      return -ENOBUFS;
    }
  }
  return 0;
}

/** A datagram was read. @EXPORT_SYMBOL */
export function udp_skb_destructor(sk: sock, skb: sk_buff): void {
  udp_rmem_release(sk, udp_skb_truesize(skb), true);
}

/** Queues a datagram. @returns 0, -ENOMEM: the buffer is full, or -ENOBUFS: the host's memory for UDP is @EXPORT_SYMBOL */
export function __udp_enqueue_schedule_skb(sk: sock, skb: sk_buff): int {
  const list = sk.sk_receive_queue;
  // Where memory runs short a datagram is made to take no more than it needs.
  if (sk.sk_rmem_alloc > sk.sk_rcvbuf >> 1) skb_condense(skb);
  const size = udp_skb_truesize(skb);
  // One datagram always fits, however small the buffer.
  if (sk.sk_rmem_alloc + size > sk.sk_rcvbuf && sk.sk_rmem_alloc !== 0) return enqueue_failed(sk, -ENOMEM);
  sk.sk_rmem_alloc += size;
  const err = udp_rmem_schedule(sk, size);
  if (err !== 0) {
    sk.sk_rmem_alloc -= size;
    return enqueue_failed(sk, err);
  }
  sk.sk_forward_alloc -= size;
  // The reader needs no device any more, and no owner is charged but the socket.
  skb.dev = null;
  sock_skb_set_dropcount(sk, skb);
  __skb_queue_tail(list, skb);
  if (!sock_flag(sk, SOCK_DEAD)) sk.sk_data_ready(sk);
  return 0;
}

/** @notrace */
function enqueue_failed(sk: sock, err: int): int {
  sk_drops_inc(sk);
  return err;
}

/** The first datagram, of the reader's queue or, if that is empty, of all that came since. */
export function __first_packet_length(_sk: sock, rcvq: sk_buff_head): sk_buff | null {
  return rcvq.next;
}

/** Length of the next datagram for SIOCINQ. @returns -1 if there is none */
export function first_packet_length(sk: sock): int {
  const rcvq = udp_sk(sk).reader_queue;
  let skb = __first_packet_length(sk, rcvq);
  if (skb === null && !skb_queue_empty(sk.sk_receive_queue)) {
    skb_queue_splice_tail_init(sk.sk_receive_queue, rcvq);
    skb = __first_packet_length(sk, rcvq);
  }
  return skb === null ? -1 : skb.len;
}

/** @EXPORT_SYMBOL */
export function udp_destruct_common(sk: sock): void {
  const up = udp_sk(sk);
  let total = 0;
  let skb: sk_buff | null;
  skb_queue_splice_tail_init(sk.sk_receive_queue, up.reader_queue);
  while ((skb = __skb_dequeue(up.reader_queue)) !== null) {
    total += udp_skb_truesize(skb);
    kfree_skb(skb);
  }
  udp_rmem_release(sk, total, false);
}

export function udp_destruct_sock(sk: sock): void {
  udp_destruct_common(sk);
  sk_mem_reclaim_final(sk);
  inet_sock_destruct(sk);
}

/** Begins a UDP socket. */
export function udp_lib_init_sock(sk: sock): void {
  const up = udp_sk(sk);
  up.reader_queue = new sk_buff_head();
  up.forward_threshold = sk.sk_rcvbuf >> 2;
}

/** @EXPORT_SYMBOL */
export function udp_init_sock(sk: sock): int {
  udp_lib_init_sock(sk);
  sk.sk_destruct = udp_destruct_sock;
  return 0;
}
