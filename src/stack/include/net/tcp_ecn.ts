// Explicit congestion notification in TCP as RFC 3168 has it.
// Read beside: include/net/tcp_ecn.h. Left out: Accurate ECN (off by default; sysctl values 3 to 5 act as 1, 2 and 2).

import { tcp_enter_quickack_mode } from '../../net/ipv4/tcp_input/index.js';
import type { sk_buff } from '../linux/skbuff.js';
import { SKB_GSO_TCP_ECN, skb_shinfo } from '../linux/skbuff.js';
import type { tcp_sock, tcphdr } from '../linux/tcp.js';
import { tcp_hdr, tcp_sk } from '../linux/tcp.js';
import type { bool, u32 } from '../linux/types.js';
import { dst_feature, RTAX_FEATURE_ECN } from './dst.js';
import { ICSK_ACK_NOW, inet_csk } from './inet_connection_sock.js';
import { INET_ECN_CE, INET_ECN_dontxmit, INET_ECN_MASK, INET_ECN_NOT_ECT, INET_ECN_xmit } from './inet_ecn.js';
import { inet_rsk } from './inet_sock.js';
import type { request_sock } from './request_sock.js';
import type { sock } from './sock.js';
import { __sk_dst_get, sock_net } from './sock.js';
import {
  before,
  CA_EVENT_ECN_IS_CE,
  CA_EVENT_ECN_NO_CE,
  tcp_ca_event,
  tcp_ca_needs_ecn,
  TCP_ECN_DEMAND_CWR,
  TCP_ECN_OK,
  TCP_ECN_QUEUE_CWR,
  TCP_ECN_SEEN,
  TCP_SKB_CB,
  TCPHDR_CWR,
  TCPHDR_ECE,
} from './tcp.js';

/** @notrace */
export function tcp_ecn_mode_rfc3168(tp: tcp_sock): bool {
  return (tp.ecn_flags & TCP_ECN_OK) !== 0;
}

/** Tell the peer with the next new data that the window was reduced. @notrace */
export function tcp_ecn_queue_cwr(tp: tcp_sock): void {
  if ((tp.ecn_flags & TCP_ECN_OK) !== 0) tp.ecn_flags |= TCP_ECN_QUEUE_CWR;
}

/** The peer has reduced its window: stop echoing; its window may be one segment, so do not let it wait. @notrace */
export function tcp_ecn_accept_cwr(sk: sock, skb: sk_buff): void {
  if (tcp_hdr(skb).cwr === 0) return;
  tcp_sk(sk).ecn_flags &= ~TCP_ECN_DEMAND_CWR;
  const cb = TCP_SKB_CB(skb);
  if (cb.seq !== cb.end_seq) inet_csk(sk).icsk_ack.pending |= ICSK_ACK_NOW;
}

/** @notrace */
export function tcp_ecn_withdraw_cwr(tp: tcp_sock): void {
  tp.ecn_flags &= ~TCP_ECN_QUEUE_CWR;
}

/** Looks at the IP header's mark of a segment that came. */
export function tcp_data_ecn_check(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  if ((tp.ecn_flags & TCP_ECN_OK) === 0) return;
  switch (TCP_SKB_CB(skb).ip_dsfield & INET_ECN_MASK) {
    case INET_ECN_NOT_ECT:
      // Marked before and not now: most likely a retransmission, so the sender is in trouble.
      if ((tp.ecn_flags & TCP_ECN_SEEN) !== 0) tcp_enter_quickack_mode(sk, 2);
      break;
    case INET_ECN_CE:
      if (tcp_ca_needs_ecn(sk)) tcp_ca_event(sk, CA_EVENT_ECN_IS_CE);
      if ((tp.ecn_flags & TCP_ECN_DEMAND_CWR) === 0) {
        tcp_enter_quickack_mode(sk, 2);
        tp.ecn_flags |= TCP_ECN_DEMAND_CWR;
      }
      tp.ecn_flags |= TCP_ECN_SEEN;
      break;
    default:
      if (tcp_ca_needs_ecn(sk)) tcp_ca_event(sk, CA_EVENT_ECN_NO_CE);
      tp.ecn_flags |= TCP_ECN_SEEN;
  }
}

/** @notrace */
export function tcp_ecn_rcv_synack(tp: tcp_sock, th: tcphdr): void {
  if ((tp.ecn_flags & TCP_ECN_OK) !== 0 && (th.ece === 0 || th.cwr !== 0)) tp.ecn_flags &= ~TCP_ECN_OK;
}

/** @notrace */
export function tcp_ecn_rcv_syn(tp: tcp_sock, th: tcphdr): void {
  if ((tp.ecn_flags & TCP_ECN_OK) !== 0 && (th.ece === 0 || th.cwr === 0)) tp.ecn_flags &= ~TCP_ECN_OK;
}

/** Whether the segment echoes congestion. @notrace */
export function tcp_ecn_rcv_ecn_echo(tp: tcp_sock, th: tcphdr): bool {
  return (tp.ecn_flags & TCP_ECN_OK) !== 0 && th.ece !== 0 && th.syn === 0;
}

/** @notrace */
export function tcp_ecn_send_synack(sk: sock, skb: sk_buff): void {
  const cb = TCP_SKB_CB(skb);
  cb.tcp_flags &= ~TCPHDR_CWR;
  if ((tcp_sk(sk).ecn_flags & TCP_ECN_OK) === 0) cb.tcp_flags &= ~TCPHDR_ECE;
  else if (tcp_ca_needs_ecn(sk)) INET_ECN_xmit(sk);
}

/** Decides whether a SYN asks for ECN. */
export function tcp_ecn_send_syn(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  const sysctl = sock_net(sk).ipv4.sysctl_tcp_ecn;
  let use_ecn = sysctl === 1 || sysctl === 3 || tcp_ca_needs_ecn(sk);
  if (!use_ecn) {
    const dst = __sk_dst_get(sk);
    if (dst !== null && dst_feature(dst, RTAX_FEATURE_ECN) !== 0) use_ecn = true;
  }
  tp.ecn_flags = 0;
  if (use_ecn) {
    if (tcp_ca_needs_ecn(sk)) INET_ECN_xmit(sk);
    TCP_SKB_CB(skb).tcp_flags |= TCPHDR_ECE | TCPHDR_CWR;
    tp.ecn_flags = TCP_ECN_OK;
  }
}

/** A SYN that got lost goes again without ECN (RFC 3168 6.1.1.1). @notrace */
export function tcp_ecn_clear_syn(sk: sock, skb: sk_buff): void {
  if (sock_net(sk).ipv4.sysctl_tcp_ecn_fallback !== 0) TCP_SKB_CB(skb).tcp_flags &= ~(TCPHDR_ECE | TCPHDR_CWR);
}

/** @notrace */
export function tcp_ecn_make_synack(req: request_sock, th: tcphdr): void {
  if (inet_rsk(req).ecn_ok) th.ece = 1;
}

/**
 * Sets the ECN bits of a segment that goes out: new data is ECN capable, retransmissions and ACKs are not.
 * @param tcp_header_len bytes of the header; a longer skb bears data
 */
export function tcp_ecn_send(sk: sock, skb: sk_buff, seq: u32, th: tcphdr, tcp_header_len: u32): void {
  const tp = tcp_sk(sk);
  if ((tp.ecn_flags & TCP_ECN_OK) === 0) return;
  if (skb.len !== tcp_header_len && !before(seq, tp.snd_nxt)) {
    INET_ECN_xmit(sk);
    if ((tp.ecn_flags & TCP_ECN_QUEUE_CWR) !== 0) {
      tp.ecn_flags &= ~TCP_ECN_QUEUE_CWR;
      th.cwr = 1;
      skb_shinfo(skb).gso_type |= SKB_GSO_TCP_ECN;
    }
  } else if (!tcp_ca_needs_ecn(sk)) {
    INET_ECN_dontxmit(sk);
  }
  if ((tp.ecn_flags & TCP_ECN_DEMAND_CWR) !== 0) th.ece = 1;
}
