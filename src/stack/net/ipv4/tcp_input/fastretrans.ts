// The state machine of loss: Open, Disorder, CWR, Recovery, Loss.
// Read beside: net/ipv4/tcp_input.c (tcp_fastretrans_alert); RFC 5681 3.2, RFC 8985.

import { skb_rb_next } from '../../../include/linux/skb_rbtree.js';
import type { tcp_sock } from '../../../include/linux/tcp.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import {
  LINUX_MIB_TCPMTUPFAIL,
  LINUX_MIB_TCPMTUPSUCCESS,
  LINUX_MIB_TCPRENORECOVERY,
  LINUX_MIB_TCPSACKRECOVERY,
} from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import {
  before,
  TCP_CA_CWR,
  TCP_CA_Disorder,
  TCP_CA_Loss,
  TCP_CA_Open,
  TCP_CA_Recovery,
  tcp_current_ssthresh,
  tcp_in_cwnd_reduction,
  tcp_is_reno,
  tcp_jiffies32,
  tcp_rtx_queue_empty,
  tcp_rtx_queue_head,
  tcp_snd_cwnd,
  tcp_snd_cwnd_set,
  TCP_SYN_SENT,
} from '../../../include/net/tcp.js';
import { tcp_set_ca_state } from '../tcp_cong.js';
import { tcp_current_mss, tcp_mss_to_mtu, tcp_sync_mss, tcp_xmit_retransmit_queue } from '../tcp_output/index.js';
import { tcp_newreno_mark_lost, tcp_rack_mark_lost } from '../tcp_recovery.js';
import type { int_ref } from './index.js';
import {
  FLAG_ECE,
  FLAG_LOST_RETRANS,
  FLAG_SET_XMIT_TIMER,
  FLAG_SND_UNA_ADVANCED,
  REXMIT_LOST,
  tcp_add_reno_sack,
  tcp_check_sack_reneging,
  tcp_end_cwnd_reduction,
  tcp_init_cwnd_reduction,
  tcp_init_undo,
  tcp_limit_reno_sacked,
  tcp_mark_skb_lost,
  tcp_process_loss,
  tcp_reset_reno_sack,
  tcp_retrans_stamp_cleanup,
  tcp_skb_seglen,
  tcp_try_to_open,
  tcp_try_undo_dsack,
  tcp_try_undo_partial,
  tcp_try_undo_recovery,
  tcp_update_rto_time,
  tcp_verify_left_out,
} from './index.js';

export function tcp_mtup_probe_failed(sk: sock): void {
  const mtup = tcp_sk(sk).icsk_mtup;
  mtup.search_high = mtup.probe_size - 1;
  mtup.probe_size = 0;
  NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPMTUPFAIL);
}

/** Larger segments: as many bytes in the window as before. */
export function tcp_mtup_probe_success(sk: sock): void {
  const tp = tcp_sk(sk);
  const mtup = tp.icsk_mtup;
  tp.prior_ssthresh = tcp_current_ssthresh(sk);
  const val = Math.floor((tcp_snd_cwnd(tp) * tcp_mss_to_mtu(sk, tp.mss_cache)) / mtup.probe_size);
  tcp_snd_cwnd_set(tp, Math.max(1, val));
  tp.snd_cwnd_cnt = 0;
  tp.snd_cwnd_stamp = tcp_jiffies32(sk);
  tp.snd_ssthresh = tcp_current_ssthresh(sk);
  mtup.search_low = mtup.probe_size;
  mtup.probe_size = 0;
  tcp_sync_mss(sk, tp.icsk_pmtu_cookie);
  NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPMTUPSUCCESS);
}

/** Sends again what was lost for other reasons than congestion: the window stays. */
export function tcp_non_congestion_loss_retransmit(sk: sock): void {
  const tp = tcp_sk(sk);
  if (tp.icsk_ca_state !== TCP_CA_Loss) {
    tp.high_seq = tp.snd_nxt;
    tp.snd_ssthresh = tcp_current_ssthresh(sk);
    tp.prior_ssthresh = 0;
    tp.undo_marker = 0;
    tcp_set_ca_state(sk, TCP_CA_Loss);
  }
  tcp_xmit_retransmit_queue(sk);
}

/** The path MTU shrank: all segments that are too large are lost. @EXPORT_SYMBOL */
export function tcp_simple_retransmit(sk: sock): void {
  const tp = tcp_sk(sk);
  // The data of a Fast Open SYN is in the queue beside the SYN, and goes again without it.
  const mss = tp.syn_data !== 0 && sk.sk_state === TCP_SYN_SENT ? -1 : tcp_current_mss(sk);
  for (let skb = tcp_rtx_queue_head(sk); skb !== null; skb = skb_rb_next(skb)) {
    if (tcp_skb_seglen(skb) > mss) tcp_mark_skb_lost(sk, skb);
  }
  if (tp.lost_out === 0) return;
  if (tcp_is_reno(tp)) tcp_limit_reno_sacked(tp);
  tcp_verify_left_out(tp);
  tcp_non_congestion_loss_retransmit(sk);
}

export function tcp_enter_recovery(sk: sock, ece_ack: bool): void {
  const tp = tcp_sk(sk);
  tcp_retrans_stamp_cleanup(sk);
  NET_INC_STATS(sock_net(sk), tcp_is_reno(tp) ? LINUX_MIB_TCPRENORECOVERY : LINUX_MIB_TCPSACKRECOVERY);
  tp.prior_ssthresh = 0;
  tcp_init_undo(tp);
  if (!tcp_in_cwnd_reduction(sk)) {
    if (!ece_ack) tp.prior_ssthresh = tcp_current_ssthresh(sk);
    tcp_init_cwnd_reduction(sk);
  }
  tcp_set_ca_state(sk, TCP_CA_Recovery);
}

/** Something is known to be lost. @notrace */
export function tcp_time_to_recover(tp: tcp_sock): bool {
  return tp.lost_out !== 0;
}

/** @param ack_flag in and out: FLAG_* */
export function tcp_identify_packet_loss(sk: sock, ack_flag: int_ref): void {
  const tp = tcp_sk(sk);
  if (tcp_rtx_queue_empty(sk)) return;
  if (tcp_is_reno(tp)) {
    tcp_newreno_mark_lost(sk, (ack_flag.value & FLAG_SND_UNA_ADVANCED) !== 0);
  } else {
    const prior_retrans = tp.retrans_out;
    if (tcp_rack_mark_lost(sk)) ack_flag.value &= ~FLAG_SET_XMIT_TIMER;
    if (prior_retrans > tp.retrans_out) ack_flag.value |= FLAG_LOST_RETRANS;
  }
}

/**
 * An ACK that is not plain progress: decides the state, and what to send.
 * @param num_dupack duplicate ACKs that it stands for
 * @param ack_flag in and out: FLAG_*
 * @param rexmit out: REXMIT_*
 */
export function tcp_fastretrans_alert(
  sk: sock,
  prior_snd_una: u32,
  num_dupack: int,
  ack_flag: int_ref,
  rexmit: int_ref,
): void {
  const tp = tcp_sk(sk);
  const flag = ack_flag.value;
  const ece_ack = (flag & FLAG_ECE) !== 0;
  if (tp.packets_out === 0 && tp.sacked_out !== 0) tp.sacked_out = 0;
  // With congestion reported by the network there is nothing to take back.
  if (ece_ack) tp.prior_ssthresh = 0;
  if (tcp_check_sack_reneging(sk, ack_flag)) return;
  tcp_verify_left_out(tp);

  // What was in flight when the state began has been acknowledged.
  if (tp.icsk_ca_state === TCP_CA_Open) {
    tp.retrans_stamp = 0;
  } else if (!before(tp.snd_una, tp.high_seq)) {
    switch (tp.icsk_ca_state) {
      case TCP_CA_CWR:
        // One more, so that the CWR bit is known to have arrived.
        if (tp.snd_una !== tp.high_seq) {
          tcp_end_cwnd_reduction(sk);
          tcp_set_ca_state(sk, TCP_CA_Open);
        }
        break;
      case TCP_CA_Recovery:
        if (tcp_is_reno(tp)) tcp_reset_reno_sack(tp);
        if (tcp_try_undo_recovery(sk)) return;
        tcp_end_cwnd_reduction(sk);
        break;
    }
  }

  if (tp.icsk_ca_state === TCP_CA_Recovery) {
    if ((flag & FLAG_SND_UNA_ADVANCED) === 0) {
      if (tcp_is_reno(tp)) tcp_add_reno_sack(sk, num_dupack, ece_ack);
    } else if (tcp_try_undo_partial(sk, prior_snd_una)) {
      return;
    }
    if (tcp_try_undo_dsack(sk)) tcp_try_to_open(sk, flag);
    tcp_identify_packet_loss(sk, ack_flag);
    if ((tp.icsk_ca_state as int) !== TCP_CA_Recovery) {
      if (!tcp_time_to_recover(tp)) return;
      // Undone, and yet something is lost: recovery anew.
      tcp_enter_recovery(sk, ece_ack);
    }
    rexmit.value = REXMIT_LOST;
    return;
  }
  if (tp.icsk_ca_state === TCP_CA_Loss) {
    tcp_process_loss(sk, flag, num_dupack, rexmit);
    if ((tp.icsk_ca_state as int) !== TCP_CA_Loss) tcp_update_rto_time(tp);
    tcp_identify_packet_loss(sk, ack_flag);
    if ((tp.icsk_ca_state as int) !== TCP_CA_Open && (ack_flag.value & FLAG_LOST_RETRANS) === 0) return;
  }

  if (tcp_is_reno(tp)) {
    if ((flag & FLAG_SND_UNA_ADVANCED) !== 0) tcp_reset_reno_sack(tp);
    tcp_add_reno_sack(sk, num_dupack, ece_ack);
  }
  if (tp.icsk_ca_state <= TCP_CA_Disorder) tcp_try_undo_dsack(sk);
  tcp_identify_packet_loss(sk, ack_flag);
  if (!tcp_time_to_recover(tp)) {
    tcp_try_to_open(sk, flag);
    return;
  }
  // Only the MTU probe was lost: that is no congestion.
  if (tp.icsk_ca_state < TCP_CA_CWR && tp.icsk_mtup.probe_size !== 0 && tp.snd_una === tp.mtu_probe.probe_seq_start) {
    tcp_mtup_probe_failed(sk);
    tcp_snd_cwnd_set(tp, tcp_snd_cwnd(tp) + 1);
    tcp_simple_retransmit(sk);
    return;
  }
  tcp_enter_recovery(sk, ece_ack);
  rexmit.value = REXMIT_LOST;
}
