// Marking segments lost, counting what was delivered, and noticing reordering.
// Read beside: net/ipv4/tcp_input.c (tcp_mark_skb_lost, tcp_check_sack_reordering); RFC 8985, RFC 2883.

import type { sk_buff } from '../../../include/linux/skbuff.js';
import type { tcp_sock } from '../../../include/linux/tcp.js';
import { TCP_DSACK_SEEN, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import { NET_ADD_STATS, NET_INC_STATS } from '../../../include/net/ip.js';
import {
  LINUX_MIB_TCPLOSTRETRANSMIT,
  LINUX_MIB_TCPSACKREORDER,
  LINUX_MIB_TCPTSREORDER,
} from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import {
  before,
  tcp_highest_sack_seq,
  tcp_left_out,
  TCP_SKB_CB,
  tcp_skb_pcount,
  TCPCB_LOST,
  TCPCB_SACKED_ACKED,
  TCPCB_SACKED_RETRANS,
} from '../../../include/net/tcp.js';
import { WARN_ON_ONCE } from '../../../kernel/panic.js';
import type { tcp_sacktag_state } from './index.js';
import { FLAG_DSACK_TLP, FLAG_DSACKING_ACK } from './index.js';

/** The reordering window grows with every D-SACK of a retransmission that was not needed. @returns duplicate segments */
export function tcp_dsack_seen(tp: tcp_sock, start_seq: u32, end_seq: u32, state: tcp_sacktag_state): u32 {
  if (!before(start_seq, end_seq)) return 0;
  const seq_len = (end_seq - start_seq) >>> 0;
  // No peer can have received so much twice.
  if (seq_len > tp.max_window) return 0;
  let dup_segs = 1;
  if (seq_len > tp.mss_cache) dup_segs = Math.ceil(seq_len / tp.mss_cache);
  else if (tp.tlp_high_seq !== 0 && tp.tlp_high_seq === end_seq) state.flag |= FLAG_DSACK_TLP;
  tp.dsack_dups += dup_segs;
  // More duplicates than were sent again: the network made them.
  if (tp.dsack_dups > tp.total_retrans) return 0;
  tp.rx_opt.sack_ok |= TCP_DSACK_SEEN;
  if (tp.reord_seen !== 0 && (state.flag & FLAG_DSACK_TLP) === 0) tp.rack.dsack_seen = true;
  state.flag |= FLAG_DSACKING_ACK;
  state.sack_delivered += dup_segs;
  return dup_segs;
}

/** A segment arrived after later ones. @param low_seq its number @param ts 1: a time stamp told, 0: SACK */
export function tcp_check_sack_reordering(sk: sock, low_seq: u32, ts: int): void {
  const tp = tcp_sk(sk);
  const mss = tp.mss_cache;
  const fack = tcp_highest_sack_seq(tp);
  if (!before(low_seq, fack)) return;
  const metric = (fack - low_seq) >>> 0;
  if (metric > tp.reordering * mss && mss !== 0)
    tp.reordering = Math.min(Math.ceil(metric / mss), sock_net(sk).ipv4.sysctl_tcp_max_reordering);
  tp.reord_seen++;
  NET_INC_STATS(sock_net(sk), ts !== 0 ? LINUX_MIB_TCPTSREORDER : LINUX_MIB_TCPSACKREORDER);
}

/** Retransmitting starts at the lowest lost segment. @notrace */
export function tcp_verify_retransmit_hint(tp: tcp_sock, skb: sk_buff): void {
  const hint = tp.retransmit_skb_hint;
  if (hint === null ? tp.retrans_out >= tp.lost_out : before(TCP_SKB_CB(skb).seq, TCP_SKB_CB(hint).seq))
    tp.retransmit_skb_hint = skb;
}

/** @notrace */
export function tcp_notify_skb_loss_event(tp: tcp_sock, skb: sk_buff): void {
  tp.lost += tcp_skb_pcount(skb);
}

export function tcp_mark_skb_lost(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  const cb = TCP_SKB_CB(skb);
  const sacked = cb.sacked;
  if ((sacked & TCPCB_SACKED_ACKED) !== 0) return;
  tcp_verify_retransmit_hint(tp, skb);
  if ((sacked & TCPCB_LOST) !== 0) {
    if ((sacked & TCPCB_SACKED_RETRANS) !== 0) {
      // The retransmission was lost, too.
      cb.sacked &= ~TCPCB_SACKED_RETRANS;
      tp.retrans_out -= tcp_skb_pcount(skb);
      NET_ADD_STATS(sock_net(sk), LINUX_MIB_TCPLOSTRETRANSMIT, tcp_skb_pcount(skb));
      tcp_notify_skb_loss_event(tp, skb);
    }
  } else {
    tp.lost_out += tcp_skb_pcount(skb);
    cb.sacked |= TCPCB_LOST;
    tcp_notify_skb_loss_event(tp, skb);
  }
}

/** @notrace */
export function tcp_count_delivered(tp: tcp_sock, delivered: u32, ece_ack: bool): void {
  tp.delivered += delivered;
  if (ece_ack) tp.delivered_ce += delivered;
}

/** The counts of a flight must fit together. @notrace */
export function tcp_verify_left_out(tp: tcp_sock): void {
  WARN_ON_ONCE(sock_net(tp).kernel, tcp_left_out(tp) > tp.packets_out, 'tcp_verify_left_out');
}
