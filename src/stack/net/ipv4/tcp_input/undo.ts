// Taking back a reduction of the window that was not needed.
// Read beside: net/ipv4/tcp_input.c (tcp_try_undo_recovery); RFC 3522 (Eifel), RFC 3708 (D-SACK).

import { skb_rb_next } from '../../../include/linux/skb_rbtree.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import type { tcp_sock } from '../../../include/linux/tcp.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, u32 } from '../../../include/linux/types.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import {
  LINUX_MIB_TCPDSACKUNDO,
  LINUX_MIB_TCPFULLUNDO,
  LINUX_MIB_TCPLOSSUNDO,
  LINUX_MIB_TCPPARTIALUNDO,
  LINUX_MIB_TCPSPURIOUSRTOS,
} from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import { tcp_ecn_withdraw_cwr } from '../../../include/net/tcp_ecn.js';
import type { tcp_congestion_ops } from '../../../include/net/tcp.js';
import {
  before,
  TCP_CA_Loss,
  TCP_CA_Open,
  tcp_clear_all_retrans_hints,
  tcp_is_reno,
  tcp_is_sack,
  tcp_jiffies32,
  tcp_rtx_queue_head,
  TCP_SKB_CB,
  tcp_skb_timestamp_ts,
  tcp_snd_cwnd_set,
  TCP_SYN_SENT,
  TCPCB_EVER_RETRANS,
  TCPCB_LOST,
  TCPCB_RETRANS,
} from '../../../include/net/tcp.js';
import { tcp_set_ca_state } from '../tcp_cong.js';
import { TCP_RACK_RECOVERY_THRESH } from '../tcp_recovery.js';
import { tcp_check_sack_reordering, tcp_try_keep_open } from './index.js';

/** The peer echoes a time stamp from before `when`. @notrace */
export function tcp_tsopt_ecr_before(tp: tcp_sock, when: u32): bool {
  return tp.rx_opt.saw_tstamp !== 0 && tp.rx_opt.rcv_tsecr !== 0 && before(tp.rx_opt.rcv_tsecr, when);
}

/** skb was sent again, but the echo is of a time before that. @notrace */
export function tcp_skb_spurious_retrans(tp: tcp_sock, skb: sk_buff): bool {
  return (
    (TCP_SKB_CB(skb).sacked & TCPCB_RETRANS) !== 0 &&
    tcp_tsopt_ecr_before(tp, tcp_skb_timestamp_ts(tp.tcp_usec_ts, skb))
  );
}

/** Whether the data was only late. */
export function tcp_packet_delayed(tp: tcp_sock): bool {
  if (tp.retrans_stamp !== 0) return tcp_tsopt_ecr_before(tp, tp.retrans_stamp);
  // No stamp means that nothing was sent again yet, but for two cases that clear it.
  if (!tcp_is_sack(tp) && !before(tp.snd_una, tp.high_seq)) return false;
  return tp.sk_state !== TCP_SYN_SENT;
}

/** @notrace */
export function tcp_any_retrans_done(sk: sock): bool {
  if (tcp_sk(sk).retrans_out !== 0) return true;
  const skb = tcp_rtx_queue_head(sk);
  return skb !== null && (TCP_SKB_CB(skb).sacked & TCPCB_EVER_RETRANS) !== 0;
}

/** @notrace */
export function tcp_retrans_stamp_cleanup(sk: sock): void {
  if (!tcp_any_retrans_done(sk)) tcp_sk(sk).retrans_stamp = 0;
}

export function tcp_undo_cwnd_reduction(sk: sock, unmark_loss: bool): void {
  const tp = tcp_sk(sk);
  if (unmark_loss) {
    for (let skb = tcp_rtx_queue_head(sk); skb !== null; skb = skb_rb_next(skb)) TCP_SKB_CB(skb).sacked &= ~TCPCB_LOST;
    tp.lost_out = 0;
    tcp_clear_all_retrans_hints(tp);
  }
  if (tp.prior_ssthresh !== 0) {
    tcp_snd_cwnd_set(tp, (tp.icsk_ca_ops as tcp_congestion_ops).undo_cwnd(sk));
    if (tp.prior_ssthresh > tp.snd_ssthresh) {
      tp.snd_ssthresh = tp.prior_ssthresh;
      tcp_ecn_withdraw_cwr(tp);
    }
  }
  tp.snd_cwnd_stamp = tcp_jiffies32(sk);
  tp.undo_marker = 0;
  // RACK looks at everything again.
  tp.rack.advanced = true;
}

/** @notrace */
export function tcp_may_undo(tp: tcp_sock): bool {
  return tp.undo_marker !== 0 && (tp.undo_retrans === 0 || tcp_packet_delayed(tp));
}

/** Without SACK an ACK of exactly high_seq may be followed by duplicates of retransmissions (RFC 6582 4.1). */
export function tcp_is_non_sack_preventing_reopen(sk: sock): bool {
  const tp = tcp_sk(sk);
  if (tp.snd_una === tp.high_seq && tcp_is_reno(tp)) {
    if (!tcp_any_retrans_done(sk)) tp.retrans_stamp = 0;
    return true;
  }
  return false;
}

/** Recovery ends. @returns whether the state has to be kept for now */
export function tcp_try_undo_recovery(sk: sock): bool {
  const tp = tcp_sk(sk);
  if (tcp_may_undo(tp)) {
    tcp_undo_cwnd_reduction(sk, false);
    NET_INC_STATS(sock_net(sk), tp.icsk_ca_state === TCP_CA_Loss ? LINUX_MIB_TCPLOSSUNDO : LINUX_MIB_TCPFULLUNDO);
  } else if (tp.rack.reo_wnd_persist !== 0) {
    tp.rack.reo_wnd_persist--;
  }
  if (tcp_is_non_sack_preventing_reopen(sk)) return true;
  tcp_set_ca_state(sk, TCP_CA_Open);
  tp.is_sack_reneg = false;
  return false;
}

/** Every retransmission was reported as a duplicate. */
export function tcp_try_undo_dsack(sk: sock): bool {
  const tp = tcp_sk(sk);
  if (tp.undo_marker !== 0 && tp.undo_retrans === 0) {
    tp.rack.reo_wnd_persist = Math.min(TCP_RACK_RECOVERY_THRESH, tp.rack.reo_wnd_persist + 1);
    tcp_undo_cwnd_reduction(sk, false);
    NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPDSACKUNDO);
    return true;
  }
  return false;
}

/** The timeout was spurious. @param frto_undo F-RTO says so */
export function tcp_try_undo_loss(sk: sock, frto_undo: bool): bool {
  const tp = tcp_sk(sk);
  if (!frto_undo && !tcp_may_undo(tp)) return false;
  tcp_undo_cwnd_reduction(sk, true);
  NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPLOSSUNDO);
  if (frto_undo) NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPSPURIOUSRTOS);
  tp.icsk_retransmits = 0;
  if (tcp_is_non_sack_preventing_reopen(sk)) return true;
  if (frto_undo || tcp_is_sack(tp)) {
    tcp_set_ca_state(sk, TCP_CA_Open);
    tp.is_sack_reneg = false;
  }
  return true;
}

/** A partial ACK of something that was only late: reordering. @returns whether to do nothing more now */
export function tcp_try_undo_partial(sk: sock, prior_snd_una: u32): bool {
  const tp = tcp_sk(sk);
  if (tp.undo_marker !== 0 && tcp_packet_delayed(tp)) {
    tcp_check_sack_reordering(sk, prior_snd_una, 1);
    // Retransmissions are out: let them arrive, and send new data meanwhile.
    if (tp.retrans_out !== 0) return true;
    if (!tcp_any_retrans_done(sk)) tp.retrans_stamp = 0;
    tcp_undo_cwnd_reduction(sk, true);
    NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPPARTIALUNDO);
    tcp_try_keep_open(sk);
  }
  return false;
}
