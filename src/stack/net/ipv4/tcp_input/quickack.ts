// When to acknowledge at once, and what sizes of segments the peer sends.
// Read beside: net/ipv4/tcp_input.c (tcp_measure_rcv_mss, tcp_event_data_recv); RFC 9293 3.8.6.3.

import { RTAX_QUICKACK } from '../../../include/linux/rtnetlink.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { skb_shinfo } from '../../../include/linux/skbuff.js';
import {
  sizeof_tcphdr,
  TCP_FLAG_FIN,
  TCP_FLAG_PSH,
  TCP_FLAG_SYN,
  TCP_FLAG_URG,
  tcp_flag_word,
  tcp_hdr,
  tcp_sk,
} from '../../../include/linux/tcp.js';
import type { bool, u32 } from '../../../include/linux/types.js';
import { dst_metric } from '../../../include/net/dst.js';
import {
  ICSK_ACK_PUSHED,
  ICSK_ACK_PUSHED2,
  inet_csk_exit_pingpong_mode,
  inet_csk_in_pingpong_mode,
  inet_csk_schedule_ack,
} from '../../../include/net/inet_connection_sock.js';
import type { sock } from '../../../include/net/sock.js';
import { __sk_dst_get, sock_net } from '../../../include/net/sock.js';
import { tcp_data_ecn_check } from '../../../include/net/tcp_ecn.js';
import {
  TCP_ATO_MIN,
  tcp_jiffies32,
  TCP_MAX_QUICKACKS,
  TCP_MIN_MSS,
  TCP_RMEM_TO_WIN_SCALE,
  TCP_SKB_CB,
  tcp_win_from_space,
  TCPHDR_PSH,
} from '../../../include/net/tcp.js';
import { tcp_set_window_clamp } from '../tcp/index.js';
import { tcp_grow_window, tcp_rcv_rtt_measure } from './index.js';

const TCP_REMNANT = TCP_FLAG_FIN | TCP_FLAG_URG | TCP_FLAG_SYN | TCP_FLAG_PSH;
/** Segment size that every host takes (RFC 9293 3.7.1). */
const TCP_MSS_DEFAULT = 536;

/** Learns the peer's segment size, and from it the share of buffer memory that is payload. */
export function tcp_measure_rcv_mss(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  const ack = tp.icsk_ack;
  const lss = ack.last_seg_size;
  ack.last_seg_size = 0;
  const gso_size = skb_shinfo(skb).gso_size;
  let len = gso_size !== 0 ? gso_size : skb.len;
  if (len >= ack.rcv_mss) {
    if (len !== ack.rcv_mss) {
      const old_ratio = tp.scaling_ratio;
      const val = Math.floor((skb.len * 2 ** TCP_RMEM_TO_WIN_SCALE) / skb.truesize) & 0xff;
      tp.scaling_ratio = val !== 0 ? val : 1;
      if (old_ratio !== tp.scaling_ratio) {
        tcp_set_window_clamp(sk, tcp_win_from_space(sk, sk.sk_rcvbuf));
        if (tp.window_clamp < tp.rcvq_space.space) tp.rcvq_space.space = tp.window_clamp;
      }
    }
    ack.rcv_mss = Math.min(len, tp.advmss);
    // A full segment that is pushed ends a write: the sender may wait for the ACK.
    if ((TCP_SKB_CB(skb).tcp_flags & TCPHDR_PSH) !== 0) ack.pending |= ICSK_ACK_PUSHED;
    return;
  }
  // Smaller ones count if two in a row agree, or on links so narrow that unpushed segments are small.
  len += skb.data - skb.transport_header;
  if (
    len >= TCP_MSS_DEFAULT + sizeof_tcphdr ||
    (len >= TCP_MIN_MSS + sizeof_tcphdr && (tcp_flag_word(tcp_hdr(skb)) & TCP_REMNANT) === 0)
  ) {
    len -= tp.tcp_header_len;
    ack.last_seg_size = len;
    if (len === lss) {
      ack.rcv_mss = len;
      return;
    }
  }
  if ((ack.pending & ICSK_ACK_PUSHED) !== 0) ack.pending |= ICSK_ACK_PUSHED2;
  ack.pending |= ICSK_ACK_PUSHED;
}

/** Raises the number of ACKs that are not delayed to half a window's worth. */
export function tcp_incr_quickack(sk: sock, max_quickacks: u32): void {
  const tp = tcp_sk(sk);
  const ack = tp.icsk_ack;
  let quickacks = Math.floor(tp.rcv_wnd / (2 * ack.rcv_mss));
  if (quickacks === 0) quickacks = 2;
  quickacks = Math.min(quickacks, max_quickacks);
  if (quickacks > ack.quick) ack.quick = quickacks;
}

/** @EXPORT_SYMBOL */
export function tcp_enter_quickack_mode(sk: sock, max_quickacks: u32): void {
  tcp_incr_quickack(sk, max_quickacks);
  inet_csk_exit_pingpong_mode(sk);
  tcp_sk(sk).icsk_ack.ato = TCP_ATO_MIN(sock_net(sk).kernel);
}

/** Acknowledge at once: the route says so, or quick ACKs are left and this is no dialogue. @notrace */
export function tcp_in_quickack_mode(sk: sock): bool {
  const dst = __sk_dst_get(sk);
  if (dst !== null && dst_metric(dst, RTAX_QUICKACK) !== 0) return true;
  return tcp_sk(sk).icsk_ack.quick !== 0 && !inet_csk_in_pingpong_mode(sk);
}

/**
 * New data arrived in order: estimate the peer's pace for the delayed ACK, and let the window grow.
 * @formerly tcp_event_data_rcv 2.4
 */
export function tcp_event_data_recv(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  const ack = tp.icsk_ack;
  inet_csk_schedule_ack(sk);
  tcp_measure_rcv_mss(sk, skb);
  tcp_rcv_rtt_measure(tp);
  const now = tcp_jiffies32(sk);
  const ato_min = TCP_ATO_MIN(sock_net(sk).kernel);
  if (ack.ato === 0) {
    // The first data of the connection: the sender is in slow start and needs every ACK.
    tcp_incr_quickack(sk, TCP_MAX_QUICKACKS);
    ack.ato = ato_min;
  } else {
    const m = (now - ack.lrcvtime) | 0;
    if (m <= ato_min >> 1) {
      ack.ato = (ack.ato >>> 1) + (ato_min >> 1);
    } else if (m < ack.ato) {
      ack.ato = Math.min((ack.ato >>> 1) + m, tp.icsk_rto);
    } else if (m > tp.icsk_rto) {
      // So long a pause lets the sender start slowly again.
      tcp_incr_quickack(sk, TCP_MAX_QUICKACKS);
    }
  }
  ack.lrcvtime = now;
  tcp_data_ecn_check(sk, skb);
  if (skb.len >= 128) tcp_grow_window(sk, skb, true);
}
