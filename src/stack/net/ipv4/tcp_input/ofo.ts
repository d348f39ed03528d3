// Data that arrived before its turn.
// Read beside: net/ipv4/tcp_input.c (tcp_data_queue_ofo, tcp_ofo_queue).

import type { skb_rb_root } from '../../../include/linux/skb_rbtree.js';
import {
  SKB_RB_EMPTY_ROOT,
  skb_rb_erase,
  skb_rb_first,
  skb_rb_insert_after,
  skb_rb_lower,
  skb_rb_next,
  skb_rb_prev,
} from '../../../include/linux/skb_rbtree.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { skb_peek_tail, skb_shinfo } from '../../../include/linux/skbuff.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int } from '../../../include/linux/types.js';
import {
  SKB_DROP_REASON_PROTO_MEM,
  SKB_DROP_REASON_TCP_OFO_DROP,
  SKB_DROP_REASON_TCP_OFOMERGE,
} from '../../../include/net/dropreason.js';
import { inet_csk_schedule_ack } from '../../../include/net/inet_connection_sock.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import {
  LINUX_MIB_TCPOFODROP,
  LINUX_MIB_TCPOFOMERGE,
  LINUX_MIB_TCPOFOQUEUE,
  LINUX_MIB_TCPRCVCOALESCE,
} from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sk_mem_charge, skb_set_owner_r, sock_net } from '../../../include/net/sock.js';
import { tcp_data_ecn_check } from '../../../include/net/tcp_ecn.js';
import {
  after,
  before,
  tcp_is_sack,
  tcp_skb_can_collapse_rx,
  TCP_SKB_CB,
  TCPHDR_FIN,
} from '../../../include/net/tcp.js';
import type { skb_coalesce } from '../../core/skbuff.js';
import { kfree_skb, kfree_skb_partial, sk_skb_reason_drop, skb_condense, skb_try_coalesce } from '../../core/skbuff.js';
import {
  tcp_add_receive_queue,
  tcp_dsack_extend,
  tcp_dsack_set,
  tcp_fin,
  tcp_grow_window,
  tcp_measure_rcv_mss,
  tcp_rcv_nxt_update,
  tcp_rcvbuf_grow,
  tcp_sack_new_ofo_skb,
  tcp_try_rmem_schedule,
} from './index.js';

/** Counts and frees a segment that will not be used. @param reason SKB_DROP_REASON_* @formerly tcp_drop 4.7-5.16 */
export function tcp_drop_reason(sk: sock, skb: sk_buff, reason: int): void {
  sk.sk_drops += Math.max(1, skb_shinfo(skb).gso_segs);
  sk_skb_reason_drop(sk, skb, reason);
}

/**
 * Appends the data of `from` to `to`, if it follows and its memory can be taken over.
 * @param stolen out: whether from's head went along
 */
export function tcp_try_coalesce(sk: sock, to: sk_buff, from: sk_buff, stolen: skb_coalesce): bool {
  const tcb = TCP_SKB_CB(to);
  const fcb = TCP_SKB_CB(from);
  stolen.fragstolen = false;
  if (fcb.seq !== tcb.end_seq) return false;
  if (!tcp_skb_can_collapse_rx(to, from)) return false;
  if (!skb_try_coalesce(to, from, stolen)) return false;
  sk.sk_rmem_alloc += stolen.delta;
  sk_mem_charge(sk, stolen.delta);
  NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPRCVCOALESCE);
  tcb.end_seq = fcb.end_seq;
  tcb.ack_seq = fcb.ack_seq;
  tcb.tcp_flags |= fcb.tcp_flags;
  if (fcb.has_rxtstamp) {
    tcb.has_rxtstamp = true;
    to.tstamp = from.tstamp;
  }
  return true;
}

/** As tcp_try_coalesce(), keeping count of the segments for the statistics. */
export function tcp_ooo_try_coalesce(sk: sock, to: sk_buff, from: sk_buff, stolen: skb_coalesce): bool {
  const gso_segs = Math.max(1, skb_shinfo(to).gso_segs) + Math.max(1, skb_shinfo(from).gso_segs);
  if (!tcp_try_coalesce(sk, to, from, stolen)) return false;
  skb_shinfo(to).gso_segs = Math.min(gso_segs, 0xffff);
  return true;
}

/** The hole is filled: moves what is in order now to the receive queue. */
export function tcp_ofo_queue(sk: sock): void {
  const tp = tcp_sk(sk);
  const dsack_high = tp.rcv_nxt;
  const stolen: skb_coalesce = { fragstolen: false, delta: 0 };
  for (;;) {
    const skb = skb_rb_first(tp.out_of_order_queue);
    if (skb === null) break;
    const cb = TCP_SKB_CB(skb);
    if (after(cb.seq, tp.rcv_nxt)) break;
    if (before(cb.seq, dsack_high))
      tcp_dsack_extend(sk, cb.seq, before(cb.end_seq, dsack_high) ? cb.end_seq : dsack_high);
    skb_rb_erase(skb, tp.out_of_order_queue);
    if (skb === tp.ooo_last_skb) tp.ooo_last_skb = null;
    if (!after(cb.end_seq, tp.rcv_nxt)) {
      tcp_drop_reason(sk, skb, SKB_DROP_REASON_TCP_OFO_DROP);
      continue;
    }
    const tail = skb_peek_tail(sk.sk_receive_queue);
    const eaten = tail !== null && tcp_try_coalesce(sk, tail, skb, stolen);
    tcp_rcv_nxt_update(tp, cb.end_seq);
    const fin = (cb.tcp_flags & TCPHDR_FIN) !== 0;
    if (!eaten) tcp_add_receive_queue(sk, skb);
    else kfree_skb_partial(skb, stolen.fragstolen);
    if (fin) {
      tcp_fin(sk);
      // Nothing can follow a FIN: tcp_fin() has thrown the rest away.
      break;
    }
  }
}

/** Frees all segments of a queue. */
export function skb_rbtree_purge(root: skb_rb_root): void {
  for (let skb = skb_rb_first(root); skb !== null; skb = skb_rb_first(root)) {
    skb_rb_erase(skb, root);
    kfree_skb(skb);
  }
}

/** Queues a segment that lies above rcv_nxt. */
export function tcp_data_queue_ofo(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const queue = tp.out_of_order_queue;
  const cb = TCP_SKB_CB(skb);
  const stolen: skb_coalesce = { fragstolen: false, delta: 0 };
  tcp_data_ecn_check(sk, skb);
  if (tcp_try_rmem_schedule(sk, skb, skb.truesize) !== 0) {
    NET_INC_STATS(net, LINUX_MIB_TCPOFODROP);
    sk.sk_data_ready(sk);
    tcp_drop_reason(sk, skb, SKB_DROP_REASON_PROTO_MEM);
    return;
  }
  tcp_measure_rcv_mss(sk, skb);
  tp.pred_flags = 0;
  inet_csk_schedule_ack(sk);
  tp.rcv_ooopack += Math.max(1, skb_shinfo(skb).gso_segs);
  NET_INC_STATS(net, LINUX_MIB_TCPOFOQUEUE);
  const seq = cb.seq;
  const end_seq = cb.end_seq;

  if (tp.ooo_last_skb === null || SKB_RB_EMPTY_ROOT(queue)) {
    if (tcp_is_sack(tp)) {
      tp.rx_opt.num_sacks = 1;
      tp.selective_acks[0].start_seq = seq;
      tp.selective_acks[0].end_seq = end_seq;
    }
    skb_rb_insert_after(queue, null, skb);
    tp.ooo_last_skb = skb;
    ofo_queued(sk, skb);
    return;
  }

  const last = tp.ooo_last_skb;
  let pos: sk_buff | null = last;
  let joined = tcp_ooo_try_coalesce(sk, last, skb, stolen);
  if (!joined && before(seq, TCP_SKB_CB(last).end_seq)) {
    // Neither behind all others: find the one before it.
    pos = skb_rb_lower(queue, seq);
    if (pos !== null) {
      const pcb = TCP_SKB_CB(pos);
      if (before(seq, pcb.end_seq)) {
        if (!after(end_seq, pcb.end_seq)) {
          // All of it is here already.
          NET_INC_STATS(net, LINUX_MIB_TCPOFOMERGE);
          tcp_drop_reason(sk, skb, SKB_DROP_REASON_TCP_OFOMERGE);
          tcp_dsack_set(sk, seq, end_seq);
          if (tcp_is_sack(tp)) tcp_sack_new_ofo_skb(sk, seq, end_seq);
          ofo_grow_rcvbuf(sk);
          return;
        }
        if (after(seq, pcb.seq)) {
          tcp_dsack_set(sk, seq, pcb.end_seq);
        } else {
          // It begins where the other does, and reaches farther: the loop below removes the other.
          pos = skb_rb_prev(pos);
        }
      } else {
        joined = tcp_ooo_try_coalesce(sk, pos, skb, stolen);
      }
    }
  }
  if (joined) {
    // Without SACK the window must not move, or the ACK would be no duplicate.
    if (tcp_is_sack(tp)) tcp_grow_window(sk, skb, true);
    kfree_skb_partial(skb, stolen.fragstolen);
    if (tcp_is_sack(tp)) tcp_sack_new_ofo_skb(sk, seq, end_seq);
    ofo_grow_rcvbuf(sk);
    return;
  }
  skb_rb_insert_after(queue, pos, skb);

  let next = skb_rb_next(skb);
  while (next !== null) {
    const ncb = TCP_SKB_CB(next);
    if (!after(end_seq, ncb.seq)) break;
    if (before(end_seq, ncb.end_seq)) {
      tcp_dsack_extend(sk, ncb.seq, end_seq);
      break;
    }
    skb_rb_erase(next, queue);
    tcp_dsack_extend(sk, ncb.seq, ncb.end_seq);
    NET_INC_STATS(net, LINUX_MIB_TCPOFOMERGE);
    tcp_drop_reason(sk, next, SKB_DROP_REASON_TCP_OFOMERGE);
    next = skb_rb_next(skb);
  }
  if (next === null) tp.ooo_last_skb = skb;
  if (tcp_is_sack(tp)) tcp_sack_new_ofo_skb(sk, seq, end_seq);
  ofo_queued(sk, skb);
}

/** @notrace */
function ofo_queued(sk: sock, skb: sk_buff): void {
  if (tcp_is_sack(tcp_sk(sk))) tcp_grow_window(sk, skb, false);
  skb_condense(skb);
  skb_set_owner_r(skb, sk);
  ofo_grow_rcvbuf(sk);
}

/** @notrace */
function ofo_grow_rcvbuf(sk: sock): void {
  if (sk.sk_socket !== null) tcp_rcvbuf_grow(sk, tcp_sk(sk).rcvq_space.space);
}
