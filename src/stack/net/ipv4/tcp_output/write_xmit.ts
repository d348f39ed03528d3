// Sending what is in the write queue.
// Read beside: net/ipv4/tcp_output.c (tcp_write_xmit).

import { skb_rb_insert_after, skb_rb_last } from '../../../include/linux/skb_rbtree.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { __skb_unlink } from '../../../include/linux/skbuff.js';
import { TCP_CHRONO_RWND_LIMITED, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, gfp_t, int, u32 } from '../../../include/linux/types.js';
import { ICSK_TIME_LOSS_PROBE } from '../../../include/net/inet_connection_sock.js';
import { NET_ADD_STATS } from '../../../include/net/ip.js';
import { LINUX_MIB_TCPORIGDATASENT } from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import {
  tcp_check_probe_timer,
  TCP_CLOSE,
  tcp_in_cwnd_reduction,
  TCP_NAGLE_PUSH,
  tcp_packets_in_flight,
  tcp_send_head,
  tcp_skb_can_collapse,
  TCP_SKB_CB,
  tcp_skb_is_last,
  tcp_skb_pcount,
  tcp_snd_cwnd,
  tcp_write_queue_empty,
} from '../../../include/net/tcp.js';
import { skb_shift } from '../../core/skbuff.js';
import { tcp_check_space, tcp_rearm_rto } from '../tcp_input/index.js';
import {
  tcp_chrono_start,
  tcp_chrono_stop,
  tcp_cwnd_test,
  tcp_cwnd_validate,
  tcp_eat_one_skb,
  tcp_minshall_update,
  tcp_mss_split_point,
  tcp_mstamp_refresh,
  tcp_mtu_probe,
  tcp_nagle_test,
  tcp_pacing_check,
  tcp_schedule_loss_probe,
  tcp_set_skb_tso_segs,
  tcp_small_queue_check,
  tcp_snd_wnd_test,
  tcp_transmit_skb,
  tcp_tso_segs,
  tcp_tso_should_defer,
  tcp_urg_mode,
  tso_fragment,
  tso_limits,
} from './index.js';

/** A segment went out for the first time: it moves to the retransmit queue. */
export function tcp_event_new_data_sent(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  const prior_packets = tp.packets_out;
  tp.snd_nxt = TCP_SKB_CB(skb).end_seq;
  __skb_unlink(skb, sk.sk_write_queue);
  skb_rb_insert_after(tp.tcp_rtx_queue, skb_rb_last(tp.tcp_rtx_queue), skb);
  if (tp.highest_sack === null) tp.highest_sack = skb;
  tp.packets_out += tcp_skb_pcount(skb);
  if (prior_packets === 0 || tp.icsk_pending === ICSK_TIME_LOSS_PROBE) tcp_rearm_rto(sk);
  NET_ADD_STATS(sock_net(sk), LINUX_MIB_TCPORIGDATASENT, tcp_skb_pcount(skb));
  tcp_check_space(sk);
}

/** Fills the first segment up with bytes of the second, so that as much as the windows allow goes at once. */
export function tcp_grow_skb(sk: sock, skb: sk_buff, amount: int): void {
  if (tcp_skb_is_last(sk, skb)) return;
  const next_skb = skb.next as sk_buff;
  if (!tcp_skb_can_collapse(skb, next_skb)) return;
  const nlen = Math.min(amount, next_skb.len);
  if (nlen === 0 || skb_shift(skb, next_skb, nlen) === 0) return;
  const cb = TCP_SKB_CB(skb);
  const ncb = TCP_SKB_CB(next_skb);
  cb.end_seq = (cb.end_seq + nlen) >>> 0;
  ncb.seq = (ncb.seq + nlen) >>> 0;
  if (next_skb.len === 0) {
    // A FIN takes a sequence number beside the bytes.
    cb.end_seq = ncb.end_seq;
    tcp_eat_one_skb(sk, skb, next_skb);
  }
}

/**
 * Sends segments as far as pacing, windows, Nagle and the queues below let them go.
 * @param mss_now bytes of payload a segment
 * @param nonagle TCP_NAGLE_*
 * @param push_one 0 all, 1 one packet, 2 a loss probe, past the window of congestion
 * @returns whether there is data that nothing in flight will get moving: the caller arms the probe timer
 */
export function tcp_write_xmit(sk: sock, mss_now: u32, nonagle: int, push_one: int, gfp: gfp_t): bool {
  const tp = tcp_sk(sk);
  const limits = new tso_limits();
  let is_rwnd_limited = false;
  let sent_pkts = 0;

  tcp_mstamp_refresh(tp);
  if (push_one === 0) {
    const result = tcp_mtu_probe(sk);
    if (result === 0) return false;
    if (result > 0) sent_pkts = 1;
  }
  const max_segs = tcp_tso_segs(sk, mss_now);
  for (;;) {
    const skb = tcp_send_head(sk);
    if (skb === null) break;
    if (tcp_pacing_check(sk)) break;
    let cwnd_quota = tcp_cwnd_test(tp);
    if (cwnd_quota === 0) {
      if (push_one !== 2) break;
      cwnd_quota = 1;
    }
    cwnd_quota = Math.min(cwnd_quota, max_segs);
    const missing_bytes = cwnd_quota * mss_now - skb.len;
    if (missing_bytes > 0) tcp_grow_skb(sk, skb, missing_bytes);
    const tso_segs = tcp_set_skb_tso_segs(skb, mss_now);

    if (!tcp_snd_wnd_test(tp, skb, mss_now)) {
      is_rwnd_limited = true;
      break;
    }
    if (tso_segs === 1) {
      if (!tcp_nagle_test(tp, skb, mss_now, tcp_skb_is_last(sk, skb) ? nonagle : TCP_NAGLE_PUSH)) break;
    } else if (push_one === 0 && tcp_tso_should_defer(sk, skb, limits, max_segs)) {
      break;
    }
    let limit = mss_now;
    if (tso_segs > 1 && !tcp_urg_mode(tp)) limit = tcp_mss_split_point(sk, skb, mss_now, cwnd_quota, nonagle);
    if (skb.len > limit && tso_fragment(sk, skb, limit, mss_now, gfp) !== 0) break;
    if (tcp_small_queue_check(sk, skb, 0)) break;
    // An empty segment that a writer sleeping for memory left behind.
    if (TCP_SKB_CB(skb).end_seq === TCP_SKB_CB(skb).seq) break;
    if (tcp_transmit_skb(sk, skb, 1, gfp) !== 0) break;

    tcp_event_new_data_sent(sk, skb);
    tcp_minshall_update(tp, mss_now, skb);
    sent_pkts += tcp_skb_pcount(skb);
    if (push_one !== 0) break;
  }

  if (is_rwnd_limited || limits.is_rwnd_limited) tcp_chrono_start(sk, TCP_CHRONO_RWND_LIMITED);
  else tcp_chrono_stop(sk, TCP_CHRONO_RWND_LIMITED);

  const is_cwnd_limited = limits.is_cwnd_limited || tcp_packets_in_flight(tp) >= tcp_snd_cwnd(tp);
  if (sent_pkts !== 0 || is_cwnd_limited) tcp_cwnd_validate(sk, is_cwnd_limited);

  if (sent_pkts !== 0) {
    if (tcp_in_cwnd_reduction(sk)) tp.prr_out += sent_pkts;
    if (push_one !== 2) tcp_schedule_loss_probe(sk, false);
    return false;
  }
  return tp.packets_out === 0 && !tcp_write_queue_empty(sk);
}

/** Sends what waits; when only the peer's window holds it back, starts probing that. */
export function __tcp_push_pending_frames(sk: sock, cur_mss: u32, nonagle: int): void {
  if (sk.sk_state === TCP_CLOSE) return;
  if (tcp_write_xmit(sk, cur_mss, nonagle, 0, 0)) tcp_check_probe_timer(sk);
}

/** Sends the first segment of the queue, Nagle or not. */
export function tcp_push_one(sk: sock, mss_now: u32): void {
  tcp_write_xmit(sk, mss_now, TCP_NAGLE_PUSH, 1, sk.sk_allocation);
}
