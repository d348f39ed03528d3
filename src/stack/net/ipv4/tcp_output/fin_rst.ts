// The ends of a connection: FIN and RST; and the SYN-ACK of a simultaneous open.
// Read beside: net/ipv4/tcp_output.c (tcp_send_fin, tcp_send_active_reset); RFC 9293 3.6.

import { EFAULT, ENOMEM } from '../../../include/linux/errno.js';
import { skb_rb_insert_after } from '../../../include/linux/skb_rbtree.js';
import {
  __skb_header_release,
  alloc_skb,
  alloc_skb_fclone,
  skb_cloned,
  skb_reserve,
} from '../../../include/linux/skbuff.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { gfp_t, int } from '../../../include/linux/types.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import { LINUX_MIB_TCPABORTFAILED, TCP_MIB_OUTRSTS } from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sk_mem_charge, sk_wmem_queued_add, sock_net } from '../../../include/net/sock.js';
import { tcp_ecn_send_synack } from '../../../include/net/tcp_ecn.js';
import {
  MAX_TCP_HEADER,
  tcp_highest_sack_replace,
  TCP_INC_STATS,
  TCP_NAGLE_OFF,
  tcp_rtx_queue_head,
  tcp_rtx_queue_tail,
  tcp_rtx_queue_unlink_and_free,
  TCP_SKB_CB,
  tcp_skb_cb_copy,
  tcp_under_memory_pressure,
  tcp_write_queue_tail,
  TCPHDR_ACK,
  TCPHDR_FIN,
  TCPHDR_RST,
  TCPHDR_SYN,
} from '../../../include/net/tcp.js';
import { trace_tcp_send_reset } from '../../../include/trace/events/tcp.js';
import { skb_copy } from '../../core/skbuff.js';
import {
  __tcp_push_pending_frames,
  sk_forced_mem_schedule,
  tcp_acceptable_seq,
  tcp_current_mss,
  tcp_init_nondata_skb,
  tcp_mstamp_refresh,
  tcp_queue_skb,
  tcp_transmit_skb,
} from './index.js';

/** Ends the outgoing stream: the FIN goes with the last data if that has not left yet. */
export function tcp_send_fin(sk: sock): void {
  const tp = tcp_sk(sk);
  const tail = tcp_write_queue_tail(sk);
  let tskb = tail;
  if (tskb === null && tcp_under_memory_pressure(sk)) tskb = tcp_rtx_queue_tail(sk);
  if (tskb !== null) {
    const cb = TCP_SKB_CB(tskb);
    cb.tcp_flags |= TCPHDR_FIN;
    cb.end_seq = (cb.end_seq + 1) >>> 0;
    tp.write_seq = (tp.write_seq + 1) >>> 0;
    if (tail === null) {
      // It has been sent: the FIN was as good as lost, and goes with its retransmission.
      tp.snd_nxt = (tp.snd_nxt + 1) >>> 0;
      return;
    }
  } else {
    const skb = alloc_skb_fclone(MAX_TCP_HEADER, 0);
    if (skb === null) return;
    skb_reserve(skb, MAX_TCP_HEADER);
    sk_forced_mem_schedule(sk, skb.truesize);
    tcp_init_nondata_skb(skb, sk, tp.write_seq, TCPHDR_ACK | TCPHDR_FIN);
    tcp_queue_skb(sk, skb);
  }
  __tcp_push_pending_frames(sk, tcp_current_mss(sk), TCP_NAGLE_OFF);
}

/** Aborts the connection. @param reason an SK_RST_REASON_* */
export function tcp_send_active_reset(sk: sock, priority: gfp_t, reason: int): void {
  const net = sock_net(sk);
  TCP_INC_STATS(net, TCP_MIB_OUTRSTS);
  const skb = alloc_skb(MAX_TCP_HEADER, priority);
  if (skb === null) {
    NET_INC_STATS(net, LINUX_MIB_TCPABORTFAILED);
    return;
  }
  skb_reserve(skb, MAX_TCP_HEADER);
  tcp_init_nondata_skb(skb, sk, tcp_acceptable_seq(sk), TCPHDR_ACK | TCPHDR_RST);
  tcp_mstamp_refresh(tcp_sk(sk));
  if (tcp_transmit_skb(sk, skb, 0, priority) !== 0) NET_INC_STATS(net, LINUX_MIB_TCPABORTFAILED);
  trace_tcp_send_reset(sk, null, reason);
}

/** Our SYN crossed the peer's: it goes again as a SYN-ACK. @returns 0, -EFAULT, -ENOMEM, or as the transmission */
export function tcp_send_synack(sk: sock): int {
  const tp = tcp_sk(sk);
  let skb = tcp_rtx_queue_head(sk);
  if (skb === null || (TCP_SKB_CB(skb).tcp_flags & TCPHDR_SYN) === 0) return -EFAULT;
  if ((TCP_SKB_CB(skb).tcp_flags & TCPHDR_ACK) === 0) {
    if (skb_cloned(skb)) {
      const nskb = skb_copy(skb, 0);
      if (nskb === null) return -ENOMEM;
      tcp_skb_cb_copy(nskb, skb);
      tcp_highest_sack_replace(sk, skb, nskb);
      tcp_rtx_queue_unlink_and_free(skb, sk);
      __skb_header_release(nskb);
      skb_rb_insert_after(tp.tcp_rtx_queue, null, nskb);
      sk_wmem_queued_add(sk, nskb.truesize);
      sk_mem_charge(sk, nskb.truesize);
      skb = nskb;
    }
    TCP_SKB_CB(skb).tcp_flags |= TCPHDR_ACK;
    tcp_ecn_send_synack(sk, skb);
  }
  return tcp_transmit_skb(sk, skb, 1, 0);
}
