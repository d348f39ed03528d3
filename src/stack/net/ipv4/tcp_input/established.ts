// A segment for an established connection: the short way for what was expected, the long way for the rest.
// Read beside: net/ipv4/tcp_input.c (tcp_rcv_established); Van Jacobson's header prediction (RFC 1323 A).

import type { sk_buff, skb_coalesce } from '../../../include/linux/skbuff.js';
import { __kfree_skb, __skb_pull, kfree_skb_partial } from '../../../include/linux/skbuff.js';
import type { tcphdr } from '../../../include/linux/tcp.js';
import {
  sizeof_tcphdr,
  TCP_FLAG_PSH,
  tcp_flag_word,
  tcp_hdr,
  TCP_RESERVED_BITS,
  tcp_sk,
} from '../../../include/linux/tcp.js';
import {
  SKB_DROP_REASON_PKT_TOO_SMALL,
  SKB_DROP_REASON_TCP_CSUM,
  SKB_DROP_REASON_TCP_FLAGS,
} from '../../../include/net/dropreason.js';
import type { inet_connection_sock_af_ops } from '../../../include/net/inet_connection_sock.js';
import { inet_csk_ack_scheduled } from '../../../include/net/inet_connection_sock.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import { LINUX_MIB_TCPHPHITS, TCP_MIB_CSUMERRORS, TCP_MIB_INERRS } from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import {
  after,
  tcp_checksum_complete,
  TCP_INC_STATS,
  tcp_receive_window,
  TCP_SKB_CB,
  tcp_update_wl,
  TCPOLEN_TSTAMP_ALIGNED,
} from '../../../include/net/tcp.js';
import {
  tcp_ecn_mode_accecn,
  tcp_ecn_received_counters,
  tcp_ecn_received_counters_payload,
} from '../../../include/net/tcp_ecn.js';
import { trace_tcp_bad_csum, trace_tcp_probe } from '../../../include/trace/events/tcp.js';
import { tcp_mstamp_refresh } from '../tcp_output/index.js';
import {
  __tcp_ack_snd_check,
  FLAG_DATA,
  FLAG_SLOWPATH,
  FLAG_UPDATE_TS_RECENT,
  tcp_ack,
  tcp_ack_snd_check,
  tcp_cleanup_skb,
  tcp_data_queue,
  tcp_data_ready,
  tcp_data_snd_check,
  tcp_drop_reason,
  tcp_event_data_recv,
  tcp_parse_aligned_timestamp,
  tcp_queue_rcv,
  tcp_rcv_rtt_measure_ts,
  tcp_store_ts_recent,
  tcp_urg,
  tcp_validate_incoming,
} from './index.js';

/** What the fast path compares of the fourth header word: all but PSH and the reserved bits. */
const TCP_HP_BITS = ~(TCP_RESERVED_BITS | TCP_FLAG_PSH) >>> 0;

/** @notrace */
function csum_error(sk: sock, skb: sk_buff): void {
  const net = sock_net(sk);
  trace_tcp_bad_csum(skb);
  TCP_INC_STATS(net, TCP_MIB_CSUMERRORS);
  TCP_INC_STATS(net, TCP_MIB_INERRS);
  tcp_drop_reason(sk, skb, SKB_DROP_REASON_TCP_CSUM);
}

/** A segment that passed its checks: ACK, urgent pointer, data. @notrace */
function step5(sk: sock, skb: sk_buff, th: tcphdr): void {
  if (tcp_ecn_mode_accecn(tcp_sk(sk))) tcp_ecn_received_counters_payload(sk, skb);
  const reason = tcp_ack(sk, skb, FLAG_SLOWPATH | FLAG_UPDATE_TS_RECENT);
  if (reason < 0) {
    tcp_drop_reason(sk, skb, -reason);
    return;
  }
  tcp_rcv_rtt_measure_ts(sk, skb);
  tcp_urg(sk, skb, th);
  tcp_data_queue(sk, skb);
  tcp_data_snd_check(sk);
  tcp_ack_snd_check(sk);
}

/** @notrace */
function slow_path(sk: sock, skb: sk_buff, th: tcphdr): void {
  if (skb.len < th.doff * 4 || tcp_checksum_complete(skb)) {
    csum_error(sk, skb);
    return;
  }
  if (th.ack === 0 && th.rst === 0 && th.syn === 0) {
    tcp_drop_reason(sk, skb, SKB_DROP_REASON_TCP_FLAGS);
    return;
  }
  if (!tcp_validate_incoming(sk, skb, th, 1)) return;
  step5(sk, skb, th);
}

/** The segment is consumed. @EXPORT_SYMBOL */
export function tcp_rcv_established(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  const th = tcp_hdr(skb);
  const cb = TCP_SKB_CB(skb);
  const len = skb.len;
  trace_tcp_probe(sk, skb);
  tcp_mstamp_refresh(tp);
  if (sk.sk_rx_dst === null) (tp.icsk_af_ops as inet_connection_sock_af_ops).sk_rx_dst_set(sk, skb);
  tp.rx_opt.saw_tstamp = 0;

  if (
    (tcp_flag_word(th) & TCP_HP_BITS) >>> 0 !== tp.pred_flags ||
    cb.seq !== tp.rcv_nxt ||
    after(cb.ack_seq, tp.snd_nxt)
  ) {
    slow_path(sk, skb, th);
    return;
  }
  const tcp_header_len = tp.tcp_header_len;
  const with_ts = tcp_header_len === sizeof_tcphdr + TCPOLEN_TSTAMP_ALIGNED;
  if (with_ts && (!tcp_parse_aligned_timestamp(tp, th) || ((tp.rx_opt.rcv_tsval - tp.rx_opt.ts_recent) | 0) < 0)) {
    slow_path(sk, skb, th);
    return;
  }

  if (len <= tcp_header_len) {
    if (len !== tcp_header_len) {
      TCP_INC_STATS(sock_net(sk), TCP_MIB_INERRS);
      tcp_drop_reason(sk, skb, SKB_DROP_REASON_PKT_TOO_SMALL);
      return;
    }
    // A pure ACK.
    if (with_ts && tp.rcv_nxt === tp.rcv_wup) tcp_store_ts_recent(tp);
    if (tcp_ecn_mode_accecn(tp)) tcp_ecn_received_counters(sk, skb, 0);
    tcp_ack(sk, skb, 0);
    __kfree_skb(skb);
    tcp_data_snd_check(sk);
    tp.rcv_rtt_last_tsecr = tp.rx_opt.rcv_tsecr;
    return;
  }

  if (tcp_checksum_complete(skb)) {
    csum_error(sk, skb);
    return;
  }
  // More than the window: only the slow path may judge that.
  if (after(cb.end_seq, (tp.rcv_nxt + tcp_receive_window(tp)) >>> 0)) {
    if (tcp_validate_incoming(sk, skb, th, 1)) step5(sk, skb, th);
    return;
  }
  if (skb.truesize > sk.sk_forward_alloc) {
    step5(sk, skb, th);
    return;
  }
  if (with_ts && tp.rcv_nxt === tp.rcv_wup) tcp_store_ts_recent(tp);
  tcp_rcv_rtt_measure_ts(sk, skb);
  NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPHPHITS);
  tcp_cleanup_skb(skb);
  __skb_pull(skb, tcp_header_len);
  if (tcp_ecn_mode_accecn(tp)) tcp_ecn_received_counters(sk, skb, len - tcp_header_len);
  const stolen: skb_coalesce = { fragstolen: false, delta: 0 };
  const eaten = tcp_queue_rcv(sk, skb, stolen);
  tcp_event_data_recv(sk, skb);

  let ack = true;
  if (cb.ack_seq !== tp.snd_una) {
    tcp_ack(sk, skb, FLAG_DATA);
    tcp_data_snd_check(sk);
    ack = inet_csk_ack_scheduled(sk);
  } else {
    tcp_update_wl(tp, cb.seq);
  }
  if (ack) __tcp_ack_snd_check(sk, 0);
  if (eaten !== 0) kfree_skb_partial(skb, stolen.fragstolen);
  tcp_data_ready(sk);
}
