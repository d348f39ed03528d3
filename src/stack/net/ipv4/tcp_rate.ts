/**
 * Delivery rate samples: how fast data reached the peer between two ACKs.
 *
 * Read beside it: net/ipv4/tcp_rate.c, draft-cheng-iccrg-delivery-rate-estimation.
 */
import { SKB_TRUESIZE } from '../../include/linux/skbuff.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import { tcp_sk } from '../../include/linux/tcp.js';
import type { bool, u32 } from '../../include/linux/types.js';
import { sk_wmem_alloc_get } from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock.js';
import {
  TCPCB_RETRANS,
  TCPCB_SACKED_ACKED,
  TCP_SKB_CB,
  after,
  tcp_min_rtt,
  tcp_packets_in_flight,
  tcp_skb_sent_after,
  tcp_skb_timestamp_us,
  tcp_snd_cwnd,
  tcp_stamp32_us_delta,
} from '../../include/net/tcp.js';
import type { rate_sample } from '../../include/net/tcp.js';

/** The count of deliveries of accurate ECN wraps at this many bits. */
const TCPCB_DELIVERED_CE_MASK = (1 << 20) - 1;

/** Notes with a segment what was delivered when it was sent. */
export function tcp_rate_skb_sent(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  const tx = TCP_SKB_CB(skb).tx;
  // A flight that starts from nothing starts the clock too.
  if (!tp.packets_out) {
    const tstamp_us = tcp_skb_timestamp_us(skb);
    tp.first_tx_mstamp = tstamp_us;
    tp.delivered_mstamp = tstamp_us;
  }
  tx.first_tx_mstamp = tp.first_tx_mstamp;
  tx.delivered_mstamp = tp.delivered_mstamp;
  tx.delivered = tp.delivered;
  tx.delivered_ce = tp.delivered_ce;
  tx.is_app_limited = tp.app_limited !== 0;
}

/** A segment was (selectively) acknowledged: the latest sent one makes the sample. */
export function tcp_rate_skb_delivered(sk: sock, skb: sk_buff, rs: rate_sample): void {
  const tp = tcp_sk(sk);
  const scb = TCP_SKB_CB(skb);
  if (!scb.tx.delivered_mstamp) return;
  const tx_tstamp = tcp_skb_timestamp_us(skb);
  if (!rs.prior_delivered || tcp_skb_sent_after(tx_tstamp, tp.first_tx_mstamp, scb.end_seq, rs.last_end_seq)) {
    rs.prior_delivered_ce = scb.tx.delivered_ce;
    rs.prior_delivered = scb.tx.delivered;
    rs.prior_mstamp = scb.tx.delivered_mstamp;
    rs.is_app_limited = scb.tx.is_app_limited;
    rs.is_retrans = (scb.sacked & TCPCB_RETRANS) !== 0;
    rs.last_end_seq = scb.end_seq;
    tp.first_tx_mstamp = tx_tstamp;
    rs.interval_us = tcp_stamp32_us_delta(tp.first_tx_mstamp, scb.tx.first_tx_mstamp);
  }
  // Once is enough: a cumulative ACK will meet it again.
  if (scb.sacked & TCPCB_SACKED_ACKED) scb.tx.delivered_mstamp = 0;
}

/**
 * Finishes the sample of an ACK.
 * @param delivered segments newly delivered
 * @param lost segments newly marked lost
 */
export function tcp_rate_gen(sk: sock, delivered: u32, lost: u32, is_sack_reneg: bool, rs: rate_sample): void {
  const tp = tcp_sk(sk);
  if (tp.app_limited && after(tp.delivered, tp.app_limited)) tp.app_limited = 0;
  if (delivered) tp.delivered_mstamp = tp.tcp_mstamp;
  rs.acked_sacked = delivered;
  rs.losses = lost;
  if (!rs.prior_mstamp || is_sack_reneg) {
    rs.delivered = -1;
    rs.interval_us = -1;
    return;
  }
  rs.delivered = (tp.delivered - rs.prior_delivered) | 0;
  rs.delivered_ce = (tp.delivered_ce - rs.prior_delivered_ce) & TCPCB_DELIVERED_CE_MASK;
  // The slower of sending and acknowledging is the true rate.
  const snd_us = rs.interval_us;
  const ack_us = tcp_stamp32_us_delta(tp.tcp_mstamp, rs.prior_mstamp);
  rs.interval_us = Math.max(snd_us, ack_us);
  rs.snd_interval_us = snd_us;
  rs.rcv_interval_us = ack_us;
  // Less than a round trip cannot be: a mixed-up sample.
  if (rs.interval_us < tcp_min_rtt(tp)) {
    rs.interval_us = -1;
    return;
  }
  if (!rs.is_app_limited || rs.delivered * tp.rate_interval_us >= tp.rate_delivered * rs.interval_us) {
    tp.rate_delivered = rs.delivered;
    tp.rate_interval_us = rs.interval_us;
    tp.rate_app_limited = rs.is_app_limited ? 1 : 0;
  }
}

/** A program writes: if everything before has long been sent, the rate was the program's, not the path's. */
export function tcp_rate_check_app_limited(sk: sock): void {
  const tp = tcp_sk(sk);
  if (
    ((tp.write_seq - tp.snd_nxt) | 0) < tp.mss_cache &&
    sk_wmem_alloc_get(sk) < SKB_TRUESIZE(1) &&
    tcp_packets_in_flight(tp) < tcp_snd_cwnd(tp) &&
    tp.lost_out <= tp.retrans_out
  )
    tp.app_limited = (tp.delivered + tcp_packets_in_flight(tp)) >>> 0 || 1;
}
