// Digesting an acknowledgement.
// Read beside: net/ipv4/tcp_input.c (tcp_ack); RFC 9293 3.10.7.4, RFC 5961 5.

import type { sk_buff } from '../../../include/linux/skbuff.js';
import { skb_shinfo } from '../../../include/linux/skbuff.js';
import { tcp_hdr, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import {
  SKB_DROP_REASON_TCP_ACK_UNSENT_DATA,
  SKB_DROP_REASON_TCP_TOO_OLD_ACK,
} from '../../../include/net/dropreason.js';
import { ICSK_TIME_PROBE0, inet_csk_clear_xmit_timer } from '../../../include/net/inet_connection_sock.js';
import { NET_ADD_STATS, NET_INC_STATS } from '../../../include/net/ip.js';
import {
  LINUX_MIB_TCPDELIVERED,
  LINUX_MIB_TCPDELIVEREDCE,
  LINUX_MIB_TCPHPACKS,
  LINUX_MIB_TCPLOSSPROBERECOVERY,
  LINUX_MIB_TCPPUREACKS,
} from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sk_dst_confirm, sock_net } from '../../../include/net/sock.js';
import {
  __tcp_accecn_process,
  tcp_ecn_accept_cwr,
  tcp_ecn_mode_accecn,
  tcp_ecn_mode_rfc3168,
  tcp_ecn_rcv_ecn_echo,
} from '../../../include/net/tcp_ecn.js';
import type { tcp_congestion_ops } from '../../../include/net/tcp.js';
import {
  after,
  before,
  CA_ACK_ECE,
  CA_ACK_SLOWPATH,
  CA_ACK_WIN_UPDATE,
  TCP_CA_CWR,
  TCP_CA_Open,
  tcp_fast_path_on,
  tcp_highest_sack_seq,
  tcp_is_sack,
  tcp_jiffies32,
  TCP_NAGLE_OFF,
  tcp_packets_in_flight,
  tcp_probe0_when,
  tcp_reset_xmit_timer,
  tcp_rto_max,
  tcp_send_head,
  TCP_SKB_CB,
  TCP_SYN_SENT,
  tcp_update_wl,
  tcp_wnd_end,
} from '../../../include/net/tcp.js';
import { tcp_set_ca_state } from '../tcp_cong.js';
import { __tcp_push_pending_frames, tcp_current_mss, tcp_xmit_retransmit_queue } from '../tcp_output/index.js';
import { tcp_rate_gen } from '../tcp_rate.js';
import { tcp_rack_update_reo_wnd } from '../tcp_recovery.js';
import { tcp_clamp_probe0_to_user_timeout } from '../tcp_timer/index.js';
import type { int_ref } from './index.js';
import {
  FLAG_ACK_MAYBE_DELAYED,
  FLAG_CA_ALERT,
  FLAG_DATA,
  FLAG_DATA_SACKED,
  FLAG_DSACK_TLP,
  FLAG_DSACKING_ACK,
  FLAG_ECE,
  FLAG_FORWARD_PROGRESS,
  FLAG_NO_CHALLENGE_ACK,
  FLAG_NOT_DUP,
  FLAG_SET_XMIT_TIMER,
  FLAG_SLOWPATH,
  FLAG_SND_UNA_ADVANCED,
  FLAG_UPDATE_TS_RECENT,
  FLAG_WIN_UPDATE,
  REXMIT_NEW,
  REXMIT_NONE,
  tcp_ack_update_window,
  tcp_clean_rtx_queue,
  tcp_cong_control,
  tcp_count_delivered,
  tcp_end_cwnd_reduction,
  tcp_fastretrans_alert,
  tcp_init_cwnd_reduction,
  tcp_replace_ts_recent,
  tcp_sacktag_state,
  tcp_sacktag_write_queue,
  tcp_send_challenge_ack,
  tcp_set_xmit_timer,
  tcp_snd_una_update,
  tcp_try_keep_open,
} from './index.js';

/** The peer's window is open or closed while nothing is in flight: stop or go on probing. */
export function tcp_ack_probe(sk: sock): void {
  const tp = tcp_sk(sk);
  const head = tcp_send_head(sk);
  if (head === null) return;
  if (!after(TCP_SKB_CB(head).end_seq, tcp_wnd_end(tp))) {
    tp.icsk_backoff = 0;
    tp.icsk_probes_tstamp = 0;
    inet_csk_clear_xmit_timer(sk, ICSK_TIME_PROBE0);
  } else {
    const when = tcp_clamp_probe0_to_user_timeout(sk, tcp_probe0_when(sk, tcp_rto_max(sk)));
    tcp_reset_xmit_timer(sk, ICSK_TIME_PROBE0, when, true);
  }
}

/** @notrace */
export function tcp_ack_is_dubious(sk: sock, flag: int): bool {
  return (flag & FLAG_NOT_DUP) === 0 || (flag & FLAG_CA_ALERT) !== 0 || tcp_sk(sk).icsk_ca_state !== TCP_CA_Open;
}

/** The loss probe's episode ends: was there a loss that the probe repaired? (RFC 8985 7.4) */
export function tcp_process_tlp_ack(sk: sock, ack: u32, flag: int): void {
  const tp = tcp_sk(sk);
  if (before(ack, tp.tlp_high_seq)) return;
  if (tp.tlp_retrans === 0) {
    tp.tlp_high_seq = 0;
  } else if ((flag & FLAG_DSACK_TLP) !== 0) {
    tp.tlp_high_seq = 0;
  } else if (after(ack, tp.tlp_high_seq)) {
    tcp_init_cwnd_reduction(sk);
    tcp_set_ca_state(sk, TCP_CA_CWR);
    tcp_end_cwnd_reduction(sk);
    tcp_try_keep_open(sk);
    NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPLOSSPROBERECOVERY);
  } else if ((flag & (FLAG_SND_UNA_ADVANCED | FLAG_NOT_DUP | FLAG_DATA_SACKED)) === 0) {
    // Both the original and the probe have arrived.
    tp.tlp_high_seq = 0;
  }
}

/** @notrace */
export function tcp_in_ack_event(sk: sock, flag: int): void {
  const ca_ops = tcp_sk(sk).icsk_ca_ops as tcp_congestion_ops;
  if (ca_ops.in_ack_event === undefined) return;
  let ack_ev_flags = 0;
  if ((flag & FLAG_WIN_UPDATE) !== 0) ack_ev_flags |= CA_ACK_WIN_UPDATE;
  if ((flag & FLAG_SLOWPATH) !== 0) {
    ack_ev_flags |= CA_ACK_SLOWPATH;
    if ((flag & FLAG_ECE) !== 0) ack_ev_flags |= CA_ACK_ECE;
  }
  ca_ops.in_ack_event(sk, ack_ev_flags);
}

/** Sends what the ACK made lost, or (F-RTO) new data. @param rexmit REXMIT_* */
export function tcp_xmit_recovery(sk: sock, rexmit: int): void {
  const tp = tcp_sk(sk);
  if (rexmit === REXMIT_NONE || sk.sk_state === TCP_SYN_SENT) return;
  if (rexmit === REXMIT_NEW) {
    __tcp_push_pending_frames(sk, tcp_current_mss(sk), TCP_NAGLE_OFF);
    if (after(tp.snd_nxt, tp.high_seq)) return;
    tp.frto = 0;
  }
  tcp_xmit_retransmit_queue(sk);
}

/** Segments delivered by this ACK. @param ecn_count of them marked, as Accurate ECN tells */
export function tcp_newly_delivered(sk: sock, prior_delivered: u32, ecn_count: u32, flag: int): u32 {
  const net = sock_net(sk);
  const delivered = tcp_sk(sk).delivered - prior_delivered;
  NET_ADD_STATS(net, LINUX_MIB_TCPDELIVERED, delivered);
  if ((flag & FLAG_ECE) !== 0)
    NET_ADD_STATS(net, LINUX_MIB_TCPDELIVEREDCE, tcp_ecn_mode_rfc3168(tcp_sk(sk)) ? delivered : ecn_count);
  return delivered;
}

/** The marks that the peer has counted since its last ACK. @param flag in and out: FLAG_* @returns segments marked */
export function tcp_accecn_process(
  sk: sock,
  skb: sk_buff,
  delivered_pkts: u32,
  delivered_bytes: u32,
  flag: int_ref,
): u32 {
  const tp = tcp_sk(sk);
  const delta = __tcp_accecn_process(sk, skb, delivered_pkts, delivered_bytes, flag.value);
  if (delta > 0) {
    tp.delivered_ce = (tp.delivered_ce + delta) >>> 0;
    flag.value |= FLAG_ECE;
    // The fast path expects the new count.
    if (tp.pred_flags !== 0) tcp_fast_path_on(tp);
  }
  return delta;
}

/**
 * @param flag FLAG_* of the caller
 * @returns 1 accepted, 0 old, or minus a drop reason
 */
export function tcp_ack(sk: sock, skb: sk_buff, flag: int): int {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const prior_snd_una = tp.snd_una;
  const is_sack_reneg = tp.is_sack_reneg;
  const cb = TCP_SKB_CB(skb);
  const ack_seq = cb.seq;
  const ack = cb.ack_seq;
  const prior_packets = tp.packets_out;
  const prior_delivered = tp.delivered;
  const prior_lost = tp.lost;
  const sack_state = new tcp_sacktag_state();
  const rs = sack_state.rate;
  const rexmit: int_ref = { value: REXMIT_NONE };
  const ack_flag: int_ref = { value: flag };
  let num_dupack = 0;

  if (before(ack, prior_snd_una)) {
    // Not for bytes that were never sent: that is somebody else's guess.
    const max_window = Math.min(tp.max_window, tp.bytes_acked);
    if (before(ack, (prior_snd_una - max_window) >>> 0)) {
      if ((flag & FLAG_NO_CHALLENGE_ACK) === 0) tcp_send_challenge_ack(sk);
      return -SKB_DROP_REASON_TCP_TOO_OLD_ACK;
    }
    // Old, but its SACK blocks may be news.
    if (cb.sacked !== 0) {
      ack_flag.value |= tcp_sacktag_write_queue(sk, skb, prior_snd_una, sack_state);
      tcp_fastretrans_alert(sk, prior_snd_una, num_dupack, ack_flag, rexmit);
      tcp_newly_delivered(sk, prior_delivered, 0, ack_flag.value);
      tcp_xmit_recovery(sk, rexmit.value);
    }
    return 0;
  }
  if (after(ack, tp.snd_nxt)) return -SKB_DROP_REASON_TCP_ACK_UNSENT_DATA;

  if (after(ack, prior_snd_una)) {
    flag |= FLAG_SND_UNA_ADVANCED;
    tp.icsk_retransmits = 0;
  }
  const prior_fack = tcp_is_sack(tp) ? tcp_highest_sack_seq(tp) : tp.snd_una;
  rs.prior_in_flight = tcp_packets_in_flight(tp);
  if ((flag & FLAG_UPDATE_TS_RECENT) !== 0) flag |= tcp_replace_ts_recent(tp, ack_seq);

  if ((flag & (FLAG_SLOWPATH | FLAG_SND_UNA_ADVANCED)) === FLAG_SND_UNA_ADVANCED) {
    // The fast path: the window is as it was, and there are no SACK blocks.
    tcp_update_wl(tp, ack_seq);
    tcp_snd_una_update(tp, ack);
    flag |= FLAG_WIN_UPDATE;
    NET_INC_STATS(net, LINUX_MIB_TCPHPACKS);
  } else {
    if (ack_seq !== cb.end_seq) flag |= FLAG_DATA;
    else NET_INC_STATS(net, LINUX_MIB_TCPPUREACKS);
    flag |= tcp_ack_update_window(sk, skb, ack, ack_seq);
    if (cb.sacked !== 0) flag |= tcp_sacktag_write_queue(sk, skb, prior_snd_una, sack_state);
    if (tcp_ecn_rcv_ecn_echo(tp, tcp_hdr(skb))) flag |= FLAG_ECE;
    if (sack_state.sack_delivered !== 0) tcp_count_delivered(tp, sack_state.sack_delivered, (flag & FLAG_ECE) !== 0);
  }
  // RFC 3168 has CWR on data only; some peers set it on pure ACKs.
  tcp_ecn_accept_cwr(sk, skb);

  sk.sk_err_soft = 0;
  tp.icsk_probes_out = 0;
  tp.rcv_tstamp = tcp_jiffies32(sk);
  ack_flag.value = flag;
  if (prior_packets === 0) {
    let ecn_count = 0;
    if (tcp_ecn_mode_accecn(tp)) {
      ecn_count = tcp_accecn_process(sk, skb, tp.delivered - prior_delivered, sack_state.delivered_bytes, ack_flag);
      flag = ack_flag.value;
    }
    // A D-SACK of data that is all acknowledged may still undo a reduction.
    if ((flag & FLAG_DSACKING_ACK) !== 0) {
      tcp_fastretrans_alert(sk, prior_snd_una, num_dupack, ack_flag, rexmit);
      tcp_newly_delivered(sk, prior_delivered, ecn_count, ack_flag.value);
    }
    tcp_ack_probe(sk);
    if (tp.tlp_high_seq !== 0) tcp_process_tlp_ack(sk, ack, ack_flag.value);
    return 1;
  }

  flag |= tcp_clean_rtx_queue(sk, skb, prior_fack, prior_snd_una, sack_state, (flag & FLAG_ECE) !== 0);
  tcp_rack_update_reo_wnd(sk, rs);
  let ecn_count = 0;
  if (tcp_ecn_mode_accecn(tp)) {
    ack_flag.value = flag;
    ecn_count = tcp_accecn_process(sk, skb, tp.delivered - prior_delivered, sack_state.delivered_bytes, ack_flag);
    flag = ack_flag.value;
  }
  tcp_in_ack_event(sk, flag);
  if (tp.tlp_high_seq !== 0) tcp_process_tlp_ack(sk, ack, flag);

  ack_flag.value = flag;
  if (tcp_ack_is_dubious(sk, flag)) {
    if ((flag & (FLAG_SND_UNA_ADVANCED | FLAG_NOT_DUP | FLAG_DSACKING_ACK)) === 0) {
      num_dupack = 1;
      // The backlog may have joined several pure ACKs.
      if ((flag & FLAG_DATA) === 0) num_dupack = Math.max(1, skb_shinfo(skb).gso_segs);
    }
    tcp_fastretrans_alert(sk, prior_snd_una, num_dupack, ack_flag, rexmit);
    flag = ack_flag.value;
  }
  if ((flag & FLAG_SET_XMIT_TIMER) !== 0) tcp_set_xmit_timer(sk);
  if ((flag & FLAG_FORWARD_PROGRESS) !== 0 || (flag & FLAG_NOT_DUP) === 0) sk_dst_confirm(sk);

  const delivered = tcp_newly_delivered(sk, prior_delivered, ecn_count, flag);
  const lost = tp.lost - prior_lost;
  rs.is_ack_delayed = (flag & FLAG_ACK_MAYBE_DELAYED) !== 0;
  tcp_rate_gen(sk, delivered, lost, is_sack_reneg, rs);
  tcp_cong_control(sk, ack, delivered, flag, rs);
  tcp_xmit_recovery(sk, rexmit.value);
  return 1;
}
