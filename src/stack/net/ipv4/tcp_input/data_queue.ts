// Data that arrived: into the receive queue, or aside until its turn; and the peer's FIN.
// Read beside: net/ipv4/tcp_input.c (tcp_data_queue, tcp_fin); RFC 9293 3.10.7.4.

import type { sk_buff } from '../../../include/linux/skbuff.js';
import { __skb_pull, __skb_queue_tail, skb_peek_tail, skb_queue_len } from '../../../include/linux/skbuff.js';
import { tcp_hdrlen, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import {
  SKB_DROP_REASON_PROTO_MEM,
  SKB_DROP_REASON_TCP_OLD_DATA,
  SKB_DROP_REASON_TCP_OVERWINDOW,
  SKB_DROP_REASON_TCP_ZEROWINDOW,
} from '../../../include/net/dropreason.js';
import { skb_dst_drop } from '../../../include/net/dst.js';
import {
  ICSK_ACK_NOMEM,
  ICSK_ACK_NOW,
  inet_csk_enter_pingpong_mode,
  inet_csk_schedule_ack,
} from '../../../include/net/inet_connection_sock.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import {
  LINUX_MIB_DELAYEDACKLOST,
  LINUX_MIB_TCPRCVQDROP,
  LINUX_MIB_TCPZEROWINDOWDROP,
} from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import {
  RCV_SHUTDOWN,
  sk_rmem_schedule,
  skb_set_owner_r,
  SOCK_DEAD,
  SOCK_DONE,
  sock_flag,
  sock_net,
  sock_set_flag,
} from '../../../include/net/sock.js';
import {
  after,
  before,
  TCP_CLOSE_WAIT,
  TCP_CLOSING,
  tcp_epollin_ready,
  TCP_ESTABLISHED,
  tcp_fast_path_check,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  tcp_is_sack,
  TCP_LAST_ACK,
  TCP_MAX_QUICKACKS,
  tcp_receive_window,
  tcp_sack_reset,
  TCP_SKB_CB,
  TCP_SYN_RECV,
  TCP_TIME_WAIT,
  TCPHDR_FIN,
  tcp_ooo_empty,
} from '../../../include/net/tcp.js';
import type { skb_coalesce } from '../../core/skbuff.js';
import { __kfree_skb, kfree_skb_partial, skb_rbtree_purge } from '../../core/skbuff.js';
import { tcp_time_wait } from '../tcp_minisocks/index.js';
import { sk_forced_mem_schedule, tcp_send_ack } from '../tcp_output/index.js';
import { tcp_set_state } from '../tcp/index.js';
import {
  tcp_data_queue_ofo,
  tcp_drop_reason,
  tcp_dsack_set,
  tcp_enter_quickack_mode,
  tcp_event_data_recv,
  tcp_ofo_queue,
  tcp_prune_ofo_queue,
  tcp_prune_queue,
  tcp_rcv_nxt_update,
  tcp_rcv_spurious_retrans,
  tcp_sack_remove,
  tcp_try_coalesce,
} from './index.js';

/** What a queued segment no longer needs. @notrace */
export function tcp_cleanup_skb(skb: sk_buff): void {
  skb_dst_drop(skb);
}

/** @notrace */
export function tcp_add_receive_queue(sk: sock, skb: sk_buff): void {
  __skb_queue_tail(sk.sk_receive_queue, skb);
}

/** Whether the segment fits into the receive buffer. @notrace */
export function tcp_can_ingest(sk: sock, skb: sk_buff): bool {
  return sk.sk_rmem_alloc + skb.len <= sk.sk_rcvbuf;
}

/** Makes room for a segment, at the cost of others if need be. @returns 0, or -1 if there is none */
export function tcp_try_rmem_schedule(sk: sock, skb: sk_buff, size: u32): int {
  if (!tcp_can_ingest(sk, skb) || !sk_rmem_schedule(sk, skb, size)) {
    if (tcp_prune_queue(sk, skb) < 0) return -1;
    while (!sk_rmem_schedule(sk, skb, size)) {
      if (!tcp_prune_ofo_queue(sk, skb)) return -1;
    }
  }
  return 0;
}

/** Appends to the receive queue. @param stolen out, see tcp_try_coalesce() @returns 1: skb's data joined the last */
export function tcp_queue_rcv(sk: sock, skb: sk_buff, stolen: skb_coalesce): int {
  const tail = skb_peek_tail(sk.sk_receive_queue);
  const eaten = tail !== null && tcp_try_coalesce(sk, tail, skb, stolen);
  tcp_rcv_nxt_update(tcp_sk(sk), TCP_SKB_CB(skb).end_seq);
  if (eaten) return 1;
  tcp_add_receive_queue(sk, skb);
  skb_set_owner_r(skb, sk);
  return 0;
}

/** Wakes a reader if there is enough for it. */
export function tcp_data_ready(sk: sock): void {
  if (tcp_epollin_ready(sk, sk.sk_rcvlowat) || sock_flag(sk, SOCK_DONE)) sk.sk_data_ready(sk);
}

/** The peer has closed its side. */
export function tcp_fin(sk: sock): void {
  const tp = tcp_sk(sk);
  inet_csk_schedule_ack(sk);
  sk.sk_shutdown |= RCV_SHUTDOWN;
  sock_set_flag(sk, SOCK_DONE);
  switch (sk.sk_state) {
    case TCP_SYN_RECV:
    case TCP_ESTABLISHED:
      tcp_set_state(sk, TCP_CLOSE_WAIT);
      inet_csk_enter_pingpong_mode(sk);
      break;
    case TCP_CLOSE_WAIT:
    case TCP_CLOSING:
    case TCP_LAST_ACK:
      // Once more the same FIN.
      break;
    case TCP_FIN_WAIT1:
      // Both close at once.
      tcp_send_ack(sk);
      tcp_set_state(sk, TCP_CLOSING);
      break;
    case TCP_FIN_WAIT2:
      tcp_send_ack(sk);
      tcp_time_wait(sk, TCP_TIME_WAIT, 0);
      break;
    default:
      // In LISTEN and CLOSE no data is taken.
      break;
  }
  if (!tcp_ooo_empty(tp)) skb_rbtree_purge(tp.out_of_order_queue);
  tp.ooo_last_skb = null;
  if (tcp_is_sack(tp)) tcp_sack_reset(tp.rx_opt);
  if (!sock_flag(sk, SOCK_DEAD)) sk.sk_state_change(sk);
}

/** A segment that we cannot use, but have to answer. @notrace */
function out_of_window(sk: sock, skb: sk_buff, reason: int): void {
  tcp_enter_quickack_mode(sk, TCP_MAX_QUICKACKS);
  inet_csk_schedule_ack(sk);
  tcp_drop_reason(sk, skb, reason);
}

/** @notrace */
function zero_window(sk: sock, skb: sk_buff): void {
  NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPZEROWINDOWDROP);
  out_of_window(sk, skb, SKB_DROP_REASON_TCP_ZEROWINDOW);
}

/** Data in order. @notrace */
function queue_and_out(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  const cb = TCP_SKB_CB(skb);
  if (tcp_try_rmem_schedule(sk, skb, skb.truesize) !== 0) {
    tp.icsk_ack.pending |= ICSK_ACK_NOMEM | ICSK_ACK_NOW;
    inet_csk_schedule_ack(sk);
    sk.sk_data_ready(sk);
    if (skb_queue_len(sk.sk_receive_queue) !== 0 && skb.len !== 0) {
      NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPRCVQDROP);
      tcp_drop_reason(sk, skb, SKB_DROP_REASON_PROTO_MEM);
      return;
    }
    // The reader has nothing: one segment it must get.
    sk_forced_mem_schedule(sk, skb.truesize);
  }
  const stolen: skb_coalesce = { fragstolen: false, delta: 0 };
  const eaten = tcp_queue_rcv(sk, skb, stolen);
  if (skb.len !== 0) tcp_event_data_recv(sk, skb);
  if ((cb.tcp_flags & TCPHDR_FIN) !== 0) tcp_fin(sk);
  if (!tcp_ooo_empty(tp)) {
    tcp_ofo_queue(sk);
    // The hole is closed: tell at once (RFC 5681 4.2).
    if (tcp_ooo_empty(tp)) tp.icsk_ack.pending |= ICSK_ACK_NOW;
  }
  if (tp.rx_opt.num_sacks !== 0) tcp_sack_remove(tp);
  tcp_fast_path_check(sk);
  if (eaten > 0) kfree_skb_partial(skb, stolen.fragstolen);
  if (!sock_flag(sk, SOCK_DEAD)) tcp_data_ready(sk);
}

/** Takes in the payload of a valid segment. */
export function tcp_data_queue(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  const cb = TCP_SKB_CB(skb);
  if (cb.seq === cb.end_seq) {
    __kfree_skb(skb);
    return;
  }
  tcp_cleanup_skb(skb);
  __skb_pull(skb, tcp_hdrlen(skb));
  tp.rx_opt.dsack = 0;

  if (cb.seq === tp.rcv_nxt) {
    // A FIN alone is taken even by a closed window.
    if (tcp_receive_window(tp) === 0 && (skb.len !== 0 || (cb.tcp_flags & TCPHDR_FIN) === 0)) zero_window(sk, skb);
    else queue_and_out(sk, skb);
    return;
  }
  if (!after(cb.end_seq, tp.rcv_nxt)) {
    tcp_rcv_spurious_retrans(sk, skb);
    NET_INC_STATS(sock_net(sk), LINUX_MIB_DELAYEDACKLOST);
    tcp_dsack_set(sk, cb.seq, cb.end_seq);
    out_of_window(sk, skb, SKB_DROP_REASON_TCP_OLD_DATA);
    return;
  }
  if (!before(cb.seq, (tp.rcv_nxt + tcp_receive_window(tp)) >>> 0)) {
    out_of_window(sk, skb, SKB_DROP_REASON_TCP_OVERWINDOW);
    return;
  }
  if (before(cb.seq, tp.rcv_nxt)) {
    tcp_dsack_set(sk, cb.seq, tp.rcv_nxt);
    if (tcp_receive_window(tp) === 0) zero_window(sk, skb);
    else queue_and_out(sk, skb);
    return;
  }
  tcp_data_queue_ofo(sk, skb);
}
