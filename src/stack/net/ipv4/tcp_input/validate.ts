// Whether a segment may belong to the connection: time stamps, sequence numbers, RST and SYN.
// Read beside: net/ipv4/tcp_input.c (tcp_validate_incoming); RFC 9293 3.10.7.4, RFC 7323 5 (PAWS), RFC 5961 3 and 4.

import { ntohs } from '../../../include/linux/byteorder.js';
import { ECONNREFUSED, ECONNRESET, EPIPE } from '../../../include/linux/errno.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { skb_queue_len } from '../../../include/linux/skbuff.js';
import type { tcp_sock, tcphdr } from '../../../include/linux/tcp.js';
import { tcp_hdr, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import {
  SKB_DROP_REASON_TCP_INVALID_END_SEQUENCE,
  SKB_DROP_REASON_TCP_INVALID_SEQUENCE,
  SKB_DROP_REASON_TCP_INVALID_SYN,
  SKB_DROP_REASON_TCP_OLD_SEQUENCE,
  SKB_DROP_REASON_TCP_RESET,
  SKB_DROP_REASON_TCP_RFC7323_PAWS,
  SKB_DROP_REASON_TCP_RFC7323_PAWS_ACK,
} from '../../../include/net/dropreason.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import {
  LINUX_MIB_BEYOND_WINDOW,
  LINUX_MIB_PAWS_OLD_ACK,
  LINUX_MIB_PAWSESTABREJECTED,
  LINUX_MIB_TCPACKSKIPPEDPAWS,
  LINUX_MIB_TCPACKSKIPPEDSEQ,
  LINUX_MIB_TCPSYNCHALLENGE,
  TCP_MIB_INERRS,
} from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sk_error_report, SOCK_DEAD, sock_flag, sock_net } from '../../../include/net/sock.js';
import {
  after,
  before,
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_ESTABLISHED,
  TCP_INC_STATS,
  tcp_is_sack,
  tcp_paws_check,
  TCP_PAWS_WINDOW,
  tcp_receive_window,
  TCP_SKB_CB,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TCPF_CLOSE_WAIT,
  TCPF_CLOSING,
  TCPF_LAST_ACK,
} from '../../../include/net/tcp.js';
import { trace_tcp_receive_reset } from '../../../include/trace/events/tcp.js';
import { __kfree_skb } from '../../core/skbuff.js';
import { tcp_fastopen_active_disable } from '../tcp_fastopen.js';
import { tcp_done, tcp_write_queue_purge } from '../tcp/index.js';
import {
  tcp_drop_reason,
  tcp_fast_parse_options,
  tcp_may_update_window,
  tcp_oow_rate_limited,
  tcp_send_challenge_ack,
  tcp_send_dupack,
} from './index.js';

/** How far back a time stamp may lie and yet be only reordered. @notrace */
export function tcp_tsval_replay(sk: sock): u32 {
  const tp = tcp_sk(sk);
  const HZ = sock_net(sk).kernel.HZ;
  if (tp.tcp_usec_ts) return tp.icsk_rto * Math.floor(1000000 / HZ);
  // Clocks of up to 1200 ticks a second have been seen.
  return Math.floor((tp.icsk_rto * 1200) / HZ);
}

/** A segment failed PAWS. @returns 0 if it is only a reordered pure ACK, else the drop reason */
export function tcp_disordered_ack_check(sk: sock, skb: sk_buff): int {
  const tp = tcp_sk(sk);
  const th = tcp_hdr(skb);
  const cb = TCP_SKB_CB(skb);
  const reason = SKB_DROP_REASON_TCP_RFC7323_PAWS;
  if (th.ack === 0 || cb.seq !== cb.end_seq) return reason;
  if (cb.seq !== tp.rcv_nxt) return before(cb.seq, tp.rcv_nxt) ? SKB_DROP_REASON_TCP_RFC7323_PAWS_ACK : reason;
  if (cb.ack_seq !== tp.snd_una) return reason;
  if (tcp_may_update_window(tp, cb.ack_seq, cb.seq, ntohs(th.window) * 2 ** tp.rx_opt.snd_wscale)) return reason;
  if (((tp.rx_opt.ts_recent - tp.rx_opt.rcv_tsval) | 0) > tcp_tsval_replay(sk)) return reason;
  return 0;
}

/** Whether the segment overlaps the window. @returns 0 or the drop reason */
export function tcp_sequence(sk: sock, seq: u32, end_seq: u32, th: tcphdr): int {
  const tp = tcp_sk(sk);
  if (before(end_seq, tp.rcv_wup)) return SKB_DROP_REASON_TCP_OLD_SEQUENCE;
  const seq_limit = (tp.rcv_nxt + tcp_receive_window(tp)) >>> 0;
  if (after(end_seq, seq_limit)) {
    // A FIN may stand one beyond.
    if (!after((end_seq - th.fin) >>> 0, seq_limit)) return 0;
    if (after(seq, seq_limit)) return SKB_DROP_REASON_TCP_INVALID_SEQUENCE;
    // More than was offered: tolerated while the reader keeps up.
    if (skb_queue_len(sk.sk_receive_queue) !== 0) return SKB_DROP_REASON_TCP_INVALID_END_SEQUENCE;
  }
  return 0;
}

/** The connection ends with an error. @param err positive errno */
export function tcp_done_with_error(sk: sock, err: int): void {
  sk.sk_err = err;
  tcp_write_queue_purge(sk);
  tcp_done(sk);
  if (!sock_flag(sk, SOCK_DEAD)) sk_error_report(sk);
}

/** A valid RST came. */
export function tcp_reset(sk: sock, _skb: sk_buff): void {
  trace_tcp_receive_reset(sk);
  switch (sk.sk_state) {
    case TCP_SYN_SENT:
      tcp_done_with_error(sk, ECONNREFUSED);
      break;
    case TCP_CLOSE_WAIT:
      tcp_done_with_error(sk, EPIPE);
      break;
    case TCP_CLOSE:
      break;
    default:
      tcp_done_with_error(sk, ECONNRESET);
  }
}

/** Some stacks send their RST one before the FIN that was received. @notrace */
export function tcp_reset_check(sk: sock, skb: sk_buff): bool {
  return (
    TCP_SKB_CB(skb).seq === (tcp_sk(sk).rcv_nxt - 1) >>> 0 &&
    ((1 << sk.sk_state) & (TCPF_CLOSE_WAIT | TCPF_LAST_ACK | TCPF_CLOSING)) !== 0
  );
}

/** The right edge of all selectively acknowledged data. @notrace */
function max_sack(tp: tcp_sock): u32 {
  let max = tp.selective_acks[0].end_seq;
  for (let i = 1; i < tp.rx_opt.num_sacks; i++) {
    if (after(tp.selective_acks[i].end_seq, max)) max = tp.selective_acks[i].end_seq;
  }
  return max;
}

/** @notrace */
function syn_challenge(sk: sock, syn_inerr: int): int {
  const net = sock_net(sk);
  if (syn_inerr !== 0) TCP_INC_STATS(net, TCP_MIB_INERRS);
  NET_INC_STATS(net, LINUX_MIB_TCPSYNCHALLENGE);
  tcp_send_challenge_ack(sk);
  return SKB_DROP_REASON_TCP_INVALID_SYN;
}

/** tcp_validate_incoming()'s answer without freeing: 0 valid, -1 reset the connection, else a drop reason. @notrace */
function check_incoming(sk: sock, skb: sk_buff, th: tcphdr, syn_inerr: int): int {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const cb = TCP_SKB_CB(skb);

  if (
    tcp_fast_parse_options(net, skb, th, tp) &&
    tp.rx_opt.saw_tstamp !== 0 &&
    !tcp_paws_check(tp.rx_opt, TCP_PAWS_WINDOW)
  ) {
    const reason = tcp_disordered_ack_check(sk, skb);
    // A RST counts even so.
    if (reason !== 0 && th.rst === 0) {
      if (th.syn !== 0) return syn_challenge(sk, syn_inerr);
      if (reason === SKB_DROP_REASON_TCP_RFC7323_PAWS_ACK) {
        NET_INC_STATS(net, LINUX_MIB_PAWS_OLD_ACK);
        return reason;
      }
      NET_INC_STATS(net, LINUX_MIB_PAWSESTABREJECTED);
      if (!tcp_oow_rate_limited(net, skb, LINUX_MIB_TCPACKSKIPPEDPAWS, tp)) tcp_send_dupack(sk, skb);
      return reason;
    }
  }

  const reason = tcp_sequence(sk, cb.seq, cb.end_seq, th);
  if (reason !== 0) {
    if (th.rst === 0) {
      if (th.syn !== 0) return syn_challenge(sk, syn_inerr);
      if (reason === SKB_DROP_REASON_TCP_INVALID_SEQUENCE || reason === SKB_DROP_REASON_TCP_INVALID_END_SEQUENCE)
        NET_INC_STATS(net, LINUX_MIB_BEYOND_WINDOW);
      if (!tcp_oow_rate_limited(net, skb, LINUX_MIB_TCPACKSKIPPEDSEQ, tp)) tcp_send_dupack(sk, skb);
    } else if (tcp_reset_check(sk, skb)) {
      return -1;
    }
    return reason;
  }

  if (th.rst !== 0) {
    // Only an exact number resets (RFC 5961 3.2); what else is in the window is answered by a challenge.
    if (cb.seq === tp.rcv_nxt || tcp_reset_check(sk, skb)) return -1;
    if (tcp_is_sack(tp) && tp.rx_opt.num_sacks > 0 && cb.seq === max_sack(tp)) return -1;
    if (tp.syn_fastopen !== 0 && tp.data_segs_in === 0 && sk.sk_state === TCP_ESTABLISHED)
      tcp_fastopen_active_disable(sk);
    tcp_send_challenge_ack(sk);
    return SKB_DROP_REASON_TCP_RESET;
  }

  if (th.syn !== 0) {
    // The SYN-ACK of a simultaneous open that repeats the SYN.
    if (
      sk.sk_state === TCP_SYN_RECV &&
      sk.sk_socket !== null &&
      th.ack !== 0 &&
      (cb.seq + 1) >>> 0 === cb.end_seq &&
      cb.end_seq === tp.rcv_nxt &&
      cb.ack_seq === tp.snd_nxt
    )
      return 0;
    return syn_challenge(sk, syn_inerr);
  }
  return 0;
}

/**
 * Checks a segment; one that is not valid is answered as needed and freed.
 * @param syn_inerr 1: count a SYN as an error
 * @returns whether to go on with it
 */
export function tcp_validate_incoming(sk: sock, skb: sk_buff, th: tcphdr, syn_inerr: int): bool {
  const reason = check_incoming(sk, skb, th, syn_inerr);
  if (reason === 0) return true;
  if (reason < 0) {
    tcp_reset(sk, skb);
    __kfree_skb(skb);
  } else {
    tcp_drop_reason(sk, skb, reason);
  }
  return false;
}
