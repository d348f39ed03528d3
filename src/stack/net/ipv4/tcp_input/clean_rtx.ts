// Taking what is acknowledged off the retransmit queue.
// Read beside: net/ipv4/tcp_input.c (tcp_clean_rtx_queue, tcp_rearm_rto); RFC 6298 5.

import { SCM_TSTAMP_ACK } from '../../../include/linux/errqueue.js';
import { usecs_to_jiffies } from '../../../include/linux/jiffies.js';
import { skb_rb_next } from '../../../include/linux/skb_rbtree.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { skb_shinfo } from '../../../include/linux/skbuff.js';
import { TCP_CHRONO_BUSY, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import {
  ICSK_TIME_LOSS_PROBE,
  ICSK_TIME_REO_TIMEOUT,
  ICSK_TIME_RETRANS,
  inet_csk_clear_xmit_timer,
} from '../../../include/net/inet_connection_sock.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import type { tcp_congestion_ops } from '../../../include/net/tcp.js';
import {
  ack_sample,
  after,
  before,
  between,
  tcp_highest_sack_replace,
  tcp_is_reno,
  tcp_is_sack,
  tcp_reset_xmit_timer,
  tcp_rto_delta_us,
  tcp_rtx_queue_head,
  tcp_rtx_queue_unlink_and_free,
  TCP_SKB_CB,
  tcp_skb_pcount,
  tcp_skb_timestamp_us,
  tcp_stamp_us_delta,
  TCPCB_LOST,
  TCPCB_RETRANS,
  TCPCB_SACKED_ACKED,
  TCPCB_SACKED_RETRANS,
  TCPHDR_SYN,
} from '../../../include/net/tcp.js';
import { __skb_tstamp_tx } from '../../core/skbuff.js';
import { tcp_chrono_stop, tcp_schedule_loss_probe, tcp_trim_head } from '../tcp_output/index.js';
import { tcp_rate_skb_delivered } from '../tcp_rate.js';
import { tcp_rack_advance } from '../tcp_recovery.js';
import type { tcp_sacktag_state } from './index.js';
import {
  FLAG_ACK_MAYBE_DELAYED,
  FLAG_ACKED,
  FLAG_CA_ALERT,
  FLAG_DATA_ACKED,
  FLAG_ORIG_SACK_ACKED,
  FLAG_RETRANS_DATA_ACKED,
  FLAG_SACK_RENEGING,
  FLAG_SET_XMIT_TIMER,
  FLAG_SYN_ACKED,
  tcp_ack_update_rtt,
  tcp_check_sack_reordering,
  tcp_count_delivered,
  tcp_mtup_probe_success,
  tcp_remove_reno_sacks,
  tcp_skb_spurious_retrans,
} from './index.js';

export function tcp_rearm_rto(sk: sock): void {
  const tp = tcp_sk(sk);
  // The timer serves the SYN-ACK of a Fast Open connection.
  if (tp.fastopen_rsk !== null) return;
  if (tp.packets_out === 0) {
    inet_csk_clear_xmit_timer(sk, ICSK_TIME_RETRANS);
    return;
  }
  let rto = tp.icsk_rto;
  // The time that another use of the timer has taken counts.
  if (tp.icsk_pending === ICSK_TIME_REO_TIMEOUT || tp.icsk_pending === ICSK_TIME_LOSS_PROBE) {
    const delta_us = tcp_rto_delta_us(sk);
    rto = usecs_to_jiffies(sock_net(sk).kernel, Math.max(delta_us, 1));
  }
  tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, rto, true);
}

/** @notrace */
export function tcp_set_xmit_timer(sk: sock): void {
  if (!tcp_schedule_loss_probe(sk, true)) tcp_rearm_rto(sk);
}

/** Part of a packet of several segments is acknowledged. @returns whole segments that are */
export function tcp_tso_acked(sk: sock, skb: sk_buff): u32 {
  const tp = tcp_sk(sk);
  const packets = tcp_skb_pcount(skb);
  if (tcp_trim_head(sk, skb, (tp.snd_una - TCP_SKB_CB(skb).seq) >>> 0) !== 0) return 0;
  return packets - tcp_skb_pcount(skb);
}

/** Tells the user about the time stamp that was asked for. */
export function tcp_ack_tstamp(sk: sock, skb: sk_buff, ack_skb: sk_buff, prior_snd_una: u32): void {
  if (TCP_SKB_CB(skb).txstamp_ack === 0) return;
  const tskey = skb_shinfo(skb).tskey;
  if (!before(tskey, prior_snd_una) && before(tskey, tcp_sk(sk).snd_una))
    __skb_tstamp_tx(skb, ack_skb, null, sk, SCM_TSTAMP_ACK);
}

/**
 * @param ack_skb the ACK
 * @param prior_fack the highest selectively acknowledged number before it
 * @param prior_snd_una the first unacknowledged number before it
 * @returns FLAG_*
 */
export function tcp_clean_rtx_queue(
  sk: sock,
  ack_skb: sk_buff,
  prior_fack: u32,
  prior_snd_una: u32,
  sack: tcp_sacktag_state,
  ece_ack: bool,
): int {
  const tp = tcp_sk(sk);
  const prior_sacked = tp.sacked_out;
  let first_ackt = 0;
  let last_ackt = 0;
  let reord = tp.snd_nxt;
  let fully_acked = true;
  let sack_rtt_us = -1;
  let seq_rtt_us = -1;
  let ca_rtt_us = -1;
  let pkts_acked = 0;
  let flag = 0;

  let skb = tcp_rtx_queue_head(sk);
  while (skb !== null) {
    const scb = TCP_SKB_CB(skb);
    const start_seq = scb.seq;
    const sacked = scb.sacked;
    let acked_pcount: u32;
    if (after(scb.end_seq, tp.snd_una)) {
      if (tcp_skb_pcount(skb) === 1 || !after(tp.snd_una, scb.seq)) break;
      acked_pcount = tcp_tso_acked(sk, skb);
      if (acked_pcount === 0) break;
      fully_acked = false;
    } else {
      acked_pcount = tcp_skb_pcount(skb);
    }

    if ((sacked & TCPCB_RETRANS) !== 0) {
      if ((sacked & TCPCB_SACKED_RETRANS) !== 0) tp.retrans_out -= acked_pcount;
      flag |= FLAG_RETRANS_DATA_ACKED;
    } else if ((sacked & TCPCB_SACKED_ACKED) === 0) {
      last_ackt = tcp_skb_timestamp_us(skb);
      if (first_ackt === 0) first_ackt = last_ackt;
      if (before(start_seq, reord)) reord = start_seq;
      if (!after(scb.end_seq, tp.high_seq)) flag |= FLAG_ORIG_SACK_ACKED;
    }
    if ((sacked & TCPCB_SACKED_ACKED) !== 0) {
      tp.sacked_out -= acked_pcount;
    } else if (tcp_is_sack(tp)) {
      sack.delivered_bytes += ((fully_acked ? scb.end_seq : scb.seq) - start_seq) >>> 0;
      tcp_count_delivered(tp, acked_pcount, ece_ack);
      if (!tcp_skb_spurious_retrans(tp, skb)) tcp_rack_advance(tp, sacked, scb.end_seq, tcp_skb_timestamp_us(skb));
    }
    if ((sacked & TCPCB_LOST) !== 0) tp.lost_out -= acked_pcount;
    tp.packets_out -= acked_pcount;
    pkts_acked += acked_pcount;
    tcp_rate_skb_delivered(sk, skb, sack.rate);

    // A SYN is no data, or slow start would begin with two segments more.
    if ((scb.tcp_flags & TCPHDR_SYN) === 0) {
      flag |= FLAG_DATA_ACKED;
    } else {
      flag |= FLAG_SYN_ACKED;
      tp.retrans_stamp = 0;
    }
    if (!fully_acked) break;
    tcp_ack_tstamp(sk, skb, ack_skb, prior_snd_una);
    const next: sk_buff | null = skb_rb_next(skb);
    if (skb === tp.retransmit_skb_hint) tp.retransmit_skb_hint = null;
    tcp_highest_sack_replace(sk, skb, next);
    tcp_rtx_queue_unlink_and_free(skb, sk);
    skb = next;
  }
  if (skb === null) tcp_chrono_stop(sk, TCP_CHRONO_BUSY);
  if (between(tp.snd_up, prior_snd_una, tp.snd_una)) tp.snd_up = tp.snd_una;
  if (skb !== null) {
    tcp_ack_tstamp(sk, skb, ack_skb, prior_snd_una);
    if ((TCP_SKB_CB(skb).sacked & TCPCB_SACKED_ACKED) !== 0) flag |= FLAG_SACK_RENEGING;
  }

  if (first_ackt !== 0 && (flag & FLAG_RETRANS_DATA_ACKED) === 0) {
    seq_rtt_us = tcp_stamp_us_delta(tp.tcp_mstamp, first_ackt);
    ca_rtt_us = tcp_stamp_us_delta(tp.tcp_mstamp, last_ackt);
    // A lone short segment: its ACK was probably delayed.
    if (
      pkts_acked === 1 &&
      fully_acked &&
      prior_sacked === 0 &&
      (tp.snd_una - prior_snd_una) >>> 0 < tp.mss_cache &&
      sack.rate.prior_delivered + 1 === tp.delivered &&
      (flag & (FLAG_CA_ALERT | FLAG_SYN_ACKED)) === 0
    )
      flag |= FLAG_ACK_MAYBE_DELAYED;
  }
  if (sack.first_sackt !== 0) {
    sack_rtt_us = tcp_stamp_us_delta(tp.tcp_mstamp, sack.first_sackt);
    ca_rtt_us = tcp_stamp_us_delta(tp.tcp_mstamp, sack.last_sackt);
  }
  const rtt_update = tcp_ack_update_rtt(sk, flag, seq_rtt_us, sack_rtt_us, ca_rtt_us, sack.rate);

  if ((flag & FLAG_ACKED) !== 0) {
    flag |= FLAG_SET_XMIT_TIMER;
    if (tp.icsk_mtup.probe_size !== 0 && !after(tp.mtu_probe.probe_seq_end, tp.snd_una)) tcp_mtup_probe_success(sk);
    if (tcp_is_reno(tp)) {
      tcp_remove_reno_sacks(sk, pkts_acked, ece_ack);
      // Without SACK it is unknown which transmission arrived.
      if ((flag & FLAG_RETRANS_DATA_ACKED) !== 0) flag &= ~FLAG_ORIG_SACK_ACKED;
    } else if (before(reord, prior_fack)) {
      tcp_check_sack_reordering(sk, reord, 0);
    }
  } else if (
    skb !== null &&
    rtt_update &&
    sack_rtt_us >= 0 &&
    sack_rtt_us > tcp_stamp_us_delta(tp.tcp_mstamp, tcp_skb_timestamp_us(skb))
  ) {
    // Not if the measurement is of data sent after the head: the timeout would never come.
    flag |= FLAG_SET_XMIT_TIMER;
  }

  const ca_ops = tp.icsk_ca_ops as tcp_congestion_ops;
  if (ca_ops.pkts_acked !== undefined) {
    const sample = new ack_sample();
    sample.pkts_acked = pkts_acked;
    sample.rtt_us = sack.rate.rtt_us;
    sample.in_flight = tp.mss_cache * (tp.delivered - sack.rate.prior_delivered);
    ca_ops.pkts_acked(sk, sample);
  }
  return flag;
}
