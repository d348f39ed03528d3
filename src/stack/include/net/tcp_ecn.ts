// Explicit congestion notification in TCP: what is agreed on, and RFC 3168's part of it. Accurate ECN is in
// tcp_ecn/accurate.ts.
// Read beside: include/net/tcp_ecn.h; RFC 3168 6.1, RFC 9768 3.1.

import { tcp_enter_quickack_mode } from '../../net/ipv4/tcp_input/index.js';
import type { sk_buff } from '../linux/skbuff.js';
import { SKB_GSO_TCP_ACCECN, SKB_GSO_TCP_ECN, skb_shinfo } from '../linux/skbuff.js';
import type { tcp_sock, tcphdr } from '../linux/tcp.js';
import { tcp_hdr, tcp_rsk, tcp_sk } from '../linux/tcp.js';
import type { bool, u32, u8 } from '../linux/types.js';
import { dst_feature, RTAX_FEATURE_ECN } from './dst.js';
import { ICSK_ACK_NOW, inet_csk } from './inet_connection_sock.js';
import { INET_ECN_CE, INET_ECN_dontxmit, INET_ECN_MASK, INET_ECN_NOT_ECT, INET_ECN_xmit } from './inet_ecn.js';
import { inet_rsk, inet_sk } from './inet_sock.js';
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
  TCP_ECN_DISABLED,
  TCP_ECN_MODE_ACCECN,
  TCP_ECN_MODE_PENDING,
  TCP_ECN_MODE_RFC3168,
  TCP_ECN_QUEUE_CWR,
  TCP_ECN_SEEN,
  TCP_SKB_CB,
  TCPHDR_ACE,
  TCPHDR_AE,
  TCPHDR_CWR,
  TCPHDR_ECE,
} from './tcp.js';
import {
  TCP_ACCECN_ACE_FAIL_RECV,
  TCP_ACCECN_OPT_COUNTER_SEEN,
  tcp_accecn_ace,
  tcp_accecn_echo_syn_ect,
  tcp_accecn_init_counters,
  tcp_accecn_option_init,
  tcp_accecn_saw_opt_fail_recv,
  tcp_accecn_set_ace,
  tcp_accecn_validate_syn_feedback,
  tcp_ecn_mode_accecn,
  tcp_ecn_mode_any,
  tcp_ecn_mode_pending,
  tcp_ecn_mode_rfc3168,
  tcp_ecn_mode_set,
} from './tcp_ecn/accurate.js';

export * from './tcp_ecn/accurate.js';

/** Tell the peer with the next new data that the window was reduced. @notrace */
export function tcp_ecn_queue_cwr(tp: tcp_sock): void {
  if (tcp_ecn_mode_rfc3168(tp)) tp.ecn_flags |= TCP_ECN_QUEUE_CWR;
}

/** The peer has reduced its window: stop echoing; its window may be one segment, so do not let it wait. @notrace */
export function tcp_ecn_accept_cwr(sk: sock, skb: sk_buff): void {
  if (!tcp_ecn_mode_rfc3168(tcp_sk(sk)) || tcp_hdr(skb).cwr === 0) return;
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
  if (!tcp_ecn_mode_any(tp)) return;
  switch (TCP_SKB_CB(skb).ip_dsfield & INET_ECN_MASK) {
    case INET_ECN_NOT_ECT:
      // Marked before and not now: most likely a retransmission, so the sender is in trouble.
      if ((tp.ecn_flags & TCP_ECN_SEEN) !== 0) tcp_enter_quickack_mode(sk, 2);
      break;
    case INET_ECN_CE:
      if (tcp_ca_needs_ecn(sk)) tcp_ca_event(sk, CA_EVENT_ECN_IS_CE);
      if ((tp.ecn_flags & TCP_ECN_DEMAND_CWR) === 0 && tcp_ecn_mode_rfc3168(tp)) {
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

/** What the SYN-ACK agreed to. @param ip_dsfield of its IP header */
export function tcp_ecn_rcv_synack(sk: sock, skb: sk_buff, th: tcphdr, ip_dsfield: u8): void {
  const tp = tcp_sk(sk);
  const ace = tcp_accecn_ace(th);
  if (!tcp_ecn_mode_pending(tp)) {
    if (th.ece === 0 || th.cwr !== 0) tcp_ecn_mode_set(tp, TCP_ECN_DISABLED);
    return;
  }
  if (ace === 0 || ace === 7) {
    // No ECN, or a peer that sends back whatever it gets.
    tcp_ecn_mode_set(tp, TCP_ECN_DISABLED);
    return;
  }
  if (ace === 1 || ace === 5) {
    tcp_ecn_mode_set(tp, TCP_ECN_MODE_RFC3168);
    return;
  }
  tcp_ecn_mode_set(tp, TCP_ECN_MODE_ACCECN);
  tcp_accecn_init_counters(tp);
  tp.syn_ect_rcv = ip_dsfield & INET_ECN_MASK;
  tp.prev_ecnfield = tp.syn_ect_rcv;
  if (tp.rx_opt.accecn !== 0 && tp.saw_accecn_opt < TCP_ACCECN_OPT_COUNTER_SEEN) {
    tcp_accecn_saw_opt_fail_recv(tp, tcp_accecn_option_init(skb, tp.rx_opt.accecn));
    tp.accecn_opt_demand = 2;
  }
  if (tp.syn_ect_rcv === INET_ECN_CE && tcp_accecn_validate_syn_feedback(sk, ace, tp.syn_ect_snt)) {
    tp.received_ce++;
    tp.received_ce_pending++;
  }
}

/** The SYN of a simultaneous open. @notrace */
export function tcp_ecn_rcv_syn(tp: tcp_sock, th: tcphdr): void {
  if (tcp_ecn_mode_pending(tp)) tcp_ecn_mode_set(tp, TCP_ECN_MODE_RFC3168);
  if (tcp_ecn_mode_rfc3168(tp) && (th.ece === 0 || th.cwr === 0)) tcp_ecn_mode_set(tp, TCP_ECN_DISABLED);
}

/** Whether the segment echoes congestion. @notrace */
export function tcp_ecn_rcv_ecn_echo(tp: tcp_sock, th: tcphdr): bool {
  return th.ece !== 0 && th.syn === 0 && tcp_ecn_mode_rfc3168(tp);
}

/** @notrace */
export function tcp_ecn_send_synack(sk: sock, skb: sk_buff): void {
  const cb = TCP_SKB_CB(skb);
  cb.tcp_flags &= ~TCPHDR_CWR;
  if (!tcp_ecn_mode_any(tcp_sk(sk))) cb.tcp_flags &= ~TCPHDR_ECE;
  else if (tcp_ca_needs_ecn(sk)) INET_ECN_xmit(sk);
}

/** net.ipv4.tcp_ecn: what is asked for; the rest says only what is granted. */
const TCP_ECN_IN_ECN_OUT_ECN = 1;
const TCP_ECN_IN_ACCECN_OUT_ACCECN = 3;
const TCP_ECN_IN_ACCECN_OUT_ECN = 4;

/** Decides whether a SYN asks for ECN. */
export function tcp_ecn_send_syn(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  const sysctl = sock_net(sk).ipv4.sysctl_tcp_ecn;
  const use_accecn = sysctl === TCP_ECN_IN_ACCECN_OUT_ACCECN;
  let use_ecn =
    use_accecn || sysctl === TCP_ECN_IN_ECN_OUT_ECN || sysctl === TCP_ECN_IN_ACCECN_OUT_ECN || tcp_ca_needs_ecn(sk);
  if (!use_ecn) {
    const dst = __sk_dst_get(sk);
    if (dst !== null && dst_feature(dst, RTAX_FEATURE_ECN) !== 0) use_ecn = true;
  }
  tp.ecn_flags = 0;
  if (!use_ecn) return;
  if (tcp_ca_needs_ecn(sk)) INET_ECN_xmit(sk);
  TCP_SKB_CB(skb).tcp_flags |= TCPHDR_ECE | TCPHDR_CWR;
  if (use_accecn) {
    TCP_SKB_CB(skb).tcp_flags |= TCPHDR_AE;
    tcp_ecn_mode_set(tp, TCP_ECN_MODE_PENDING);
    tp.syn_ect_snt = inet_sk(sk).tos & INET_ECN_MASK;
  } else {
    tcp_ecn_mode_set(tp, TCP_ECN_MODE_RFC3168);
  }
}

/** A SYN that got lost goes again without ECN (RFC 3168 6.1.1.1, RFC 9768 3.1.4.1). @notrace */
export function tcp_ecn_clear_syn(sk: sock, skb: sk_buff): void {
  if (sock_net(sk).ipv4.sysctl_tcp_ecn_fallback !== 0) TCP_SKB_CB(skb).tcp_flags &= ~TCPHDR_ACE;
}

/** @notrace */
export function tcp_ecn_make_synack(req: request_sock, th: tcphdr): void {
  const treq = tcp_rsk(req);
  if (treq.accecn_ok) tcp_accecn_echo_syn_ect(th, treq.syn_ect_rcv);
  else if (inet_rsk(req).ecn_ok) th.ece = 1;
}

/**
 * Sets the ECN bits of a segment that goes out: new data is ECN capable, retransmissions and ACKs are not. With
 * Accurate ECN all are.
 * @param tcp_header_len bytes of the header; a longer skb bears data
 */
export function tcp_ecn_send(sk: sock, skb: sk_buff, seq: u32, th: tcphdr, tcp_header_len: u32): void {
  const tp = tcp_sk(sk);
  if (!tcp_ecn_mode_any(tp)) return;
  if (tcp_ecn_mode_accecn(tp)) {
    // A peer that cannot hear of marks gets none.
    if ((tp.accecn_fail_mode & TCP_ACCECN_ACE_FAIL_RECV) === 0) INET_ECN_xmit(sk);
    else INET_ECN_dontxmit(sk);
    tcp_accecn_set_ace(tp, skb, th);
    skb_shinfo(skb).gso_type |= SKB_GSO_TCP_ACCECN;
    return;
  }
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
