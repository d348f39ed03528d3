// When the receive buffer overflows: copy small segments together, then throw away what is out of order.
// Read beside: net/ipv4/tcp_input.c (tcp_prune_queue, tcp_collapse).

import type { skb_rb_root } from '../../../include/linux/skb_rbtree.js';
import {
  SKB_RB_EMPTY_ROOT,
  skb_rb_erase,
  skb_rb_first,
  skb_rb_insert_after,
  skb_rb_last,
  skb_rb_lower,
  skb_rb_next,
  skb_rb_prev,
} from '../../../include/linux/skb_rbtree.js';
import type { sk_buff, sk_buff_head } from '../../../include/linux/skbuff.js';
import {
  __skb_queue_before,
  __skb_unlink,
  alloc_skb,
  GFP_ATOMIC,
  PAGE_SIZE,
  SKB_MAX_ORDER,
  skb_peek,
  skb_queue_is_last,
  skb_queue_next,
  SKB_WITH_OVERHEAD,
} from '../../../include/linux/skbuff.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import { SKB_DROP_REASON_TCP_OFO_QUEUE_PRUNE } from '../../../include/net/dropreason.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import {
  LINUX_MIB_OFOPRUNED,
  LINUX_MIB_PRUNECALLED,
  LINUX_MIB_RCVPRUNED,
  LINUX_MIB_TCPRCVCOLLAPSED,
} from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { skb_set_owner_r, sock_net } from '../../../include/net/sock.js';
import type { tcp_skb_cb } from '../../../include/net/tcp.js';
import {
  after,
  before,
  tcp_adjust_rcv_ssthresh,
  tcp_is_sack,
  tcp_sack_reset,
  TCP_SKB_CB,
  tcp_skb_cb_copy,
  tcp_under_memory_pressure,
  tcp_win_from_space,
  TCPHDR_FIN,
  TCPHDR_SYN,
} from '../../../include/net/tcp.js';
import { __kfree_skb, skb_copy_bits, skb_put } from '../../core/skbuff.js';
import { tcp_can_ingest, tcp_clamp_window, tcp_drop_reason } from './index.js';

/** @notrace */
export function tcp_skb_next(skb: sk_buff, list: sk_buff_head | null): sk_buff | null {
  if (list !== null) return skb_queue_is_last(list, skb) ? null : skb_queue_next(list, skb);
  return skb_rb_next(skb);
}

/** Frees a segment whose data was copied. @returns the next */
export function tcp_collapse_one(
  sk: sock,
  skb: sk_buff,
  list: sk_buff_head | null,
  root: skb_rb_root | null,
): sk_buff | null {
  const next = tcp_skb_next(skb, list);
  if (list !== null) __skb_unlink(skb, list);
  else if (root !== null) skb_rb_erase(skb, root);
  __kfree_skb(skb);
  NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPRCVCOLLAPSED);
  return next;
}

/**
 * Copies the data of segments from head to before tail into as few as possible.
 * @param list the receive queue, or null and root the out-of-order queue
 * @param start first sequence number of interest
 * @param end the number behind the last
 */
export function tcp_collapse(
  sk: sock,
  list: sk_buff_head | null,
  root: skb_rb_root | null,
  head: sk_buff,
  tail: sk_buff | null,
  start: u32,
  end: u32,
): void {
  let skb: sk_buff | null = head;
  let found = false;
  // Find where copying begins to pay.
  while (skb !== null && skb !== tail) {
    const cb = TCP_SKB_CB(skb);
    if (!before(start, cb.end_seq)) {
      skb = tcp_collapse_one(sk, skb, list, root);
      continue;
    }
    const n = tcp_skb_next(skb, list);
    if (
      (cb.tcp_flags & (TCPHDR_SYN | TCPHDR_FIN)) === 0 &&
      (tcp_win_from_space(sk, skb.truesize) > skb.len || before(cb.seq, start))
    ) {
      found = true;
      break;
    }
    if (n !== null && n !== tail && cb.end_seq !== TCP_SKB_CB(n).seq) {
      found = true;
      break;
    }
    start = cb.end_seq;
    skb = n;
  }
  if (!found || skb === null || (TCP_SKB_CB(skb).tcp_flags & (TCPHDR_SYN | TCPHDR_FIN)) !== 0) return;

  const made: sk_buff[] = [];
  collapse: while (before(start, end)) {
    let copy = Math.min(SKB_MAX_ORDER(0, 0), (end - start) >>> 0);
    const nskb = alloc_skb(copy, GFP_ATOMIC);
    if (nskb === null) break;
    tcp_skb_cb_copy(nskb, skb);
    const ncb = TCP_SKB_CB(nskb);
    ncb.seq = start;
    ncb.end_seq = start;
    if (list !== null) __skb_queue_before(list, skb, nskb);
    else made.push(nskb);
    skb_set_owner_r(nskb, sk);
    while (copy > 0) {
      const cb: tcp_skb_cb = TCP_SKB_CB(skb);
      const offset = (start - cb.seq) >>> 0;
      let size = (cb.end_seq - start) | 0;
      if (size > 0) {
        size = Math.min(copy, size);
        const to = skb_put(nskb, size);
        if (skb_copy_bits(skb, offset, nskb.head, to, size) !== 0) break collapse;
        ncb.end_seq = (ncb.end_seq + size) >>> 0;
        copy -= size;
        start = (start + size) >>> 0;
      }
      if (!before(start, cb.end_seq)) {
        skb = tcp_collapse_one(sk, skb, list, root);
        if (skb === null || skb === tail || (TCP_SKB_CB(skb).tcp_flags & (TCPHDR_SYN | TCPHDR_FIN)) !== 0)
          break collapse;
      }
    }
  }
  if (root !== null) for (const nskb of made) skb_rb_insert_after(root, skb_rb_lower(root, TCP_SKB_CB(nskb).seq), nskb);
}

/** Collapses each contiguous range of the out-of-order queue that is worth it. */
export function tcp_collapse_ofo_queue(sk: sock): void {
  const tp = tcp_sk(sk);
  const queue = tp.out_of_order_queue;
  let sum_tiny = 0;
  let skb = skb_rb_first(queue);
  while (skb !== null) {
    const head: sk_buff = skb;
    let start = TCP_SKB_CB(head).seq;
    let end = TCP_SKB_CB(head).end_seq;
    let range_truesize = head.truesize;
    for (;;) {
      skb = skb_rb_next(skb as sk_buff);
      if (skb === null || after(TCP_SKB_CB(skb).seq, end) || before(TCP_SKB_CB(skb).end_seq, start)) {
        if (range_truesize !== head.truesize || (end - start) >>> 0 >= SKB_WITH_OVERHEAD(PAGE_SIZE)) {
          tcp_collapse(sk, null, queue, head, skb, start, end);
        } else {
          sum_tiny += range_truesize;
          if (sum_tiny > sk.sk_rcvbuf >> 3) {
            tp.ooo_last_skb = skb_rb_last(queue);
            return;
          }
        }
        break;
      }
      range_truesize += skb.truesize;
      if (before(TCP_SKB_CB(skb).seq, start)) start = TCP_SKB_CB(skb).seq;
      if (after(TCP_SKB_CB(skb).end_seq, end)) end = TCP_SKB_CB(skb).end_seq;
    }
  }
  tp.ooo_last_skb = skb_rb_last(queue);
}

/** Throws away from the end of the out-of-order queue until in_skb fits. @returns whether anything went */
export function tcp_prune_ofo_queue(sk: sock, in_skb: sk_buff): bool {
  const tp = tcp_sk(sk);
  const queue = tp.out_of_order_queue;
  if (SKB_RB_EMPTY_ROOT(queue)) return false;
  let pruned = false;
  let goal = sk.sk_rcvbuf >> 3;
  let skb = tp.ooo_last_skb;
  while (skb !== null) {
    // Not for the sake of something still farther off.
    if (after(TCP_SKB_CB(in_skb).seq, TCP_SKB_CB(skb).seq)) break;
    pruned = true;
    const prev: sk_buff | null = skb_rb_prev(skb);
    skb_rb_erase(skb, queue);
    goal -= skb.truesize;
    tcp_drop_reason(sk, skb, SKB_DROP_REASON_TCP_OFO_QUEUE_PRUNE);
    tp.ooo_last_skb = prev;
    if (prev === null || goal <= 0) {
      if (tcp_can_ingest(sk, in_skb) && !tcp_under_memory_pressure(sk)) break;
      goal = sk.sk_rcvbuf >> 3;
    }
    skb = prev;
  }
  if (pruned) {
    NET_INC_STATS(sock_net(sk), LINUX_MIB_OFOPRUNED);
    // The peer has been told of data that is gone: forget the blocks.
    if (tcp_is_sack(tp)) tcp_sack_reset(tp.rx_opt);
  }
  return pruned;
}

/** The buffer is over its limit. @returns 0 if in_skb fits now, else -1 */
export function tcp_prune_queue(sk: sock, in_skb: sk_buff): int {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  if (sk.sk_rmem_alloc === 0) return -1;
  NET_INC_STATS(net, LINUX_MIB_PRUNECALLED);
  if (!tcp_can_ingest(sk, in_skb)) tcp_clamp_window(sk);
  else if (tcp_under_memory_pressure(sk)) tcp_adjust_rcv_ssthresh(sk);
  if (tcp_can_ingest(sk, in_skb)) return 0;

  tcp_collapse_ofo_queue(sk);
  const first = skb_peek(sk.sk_receive_queue);
  if (first !== null) tcp_collapse(sk, sk.sk_receive_queue, null, first, null, tp.copied_seq, tp.rcv_nxt);
  if (tcp_can_ingest(sk, in_skb)) return 0;

  tcp_prune_ofo_queue(sk, in_skb);
  if (tcp_can_ingest(sk, in_skb)) return 0;
  NET_INC_STATS(net, LINUX_MIB_RCVPRUNED);
  tp.pred_flags = 0;
  return -1;
}
