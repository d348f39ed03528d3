// The retransmission timeout: all is taken for lost, until F-RTO shows otherwise.
// Read beside: net/ipv4/tcp_input.c (tcp_enter_loss, tcp_process_loss); RFC 6298, RFC 5682 (F-RTO).

import { msecs_to_jiffies, usecs_to_jiffies } from '../../../include/linux/jiffies.js';
import { skb_rb_next } from '../../../include/linux/skb_rbtree.js';
import type { tcp_sock } from '../../../include/linux/tcp.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int } from '../../../include/linux/types.js';
import { ICSK_TIME_RETRANS } from '../../../include/net/inet_connection_sock.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import { LINUX_MIB_TCPSACKRENEGING } from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import { tcp_ecn_queue_cwr } from '../../../include/net/tcp_ecn.js';
import type { tcp_congestion_ops } from '../../../include/net/tcp.js';
import {
  after,
  before,
  CA_EVENT_LOSS,
  TCP_CA_Disorder,
  tcp_ca_event,
  TCP_CA_Loss,
  TCP_CA_Recovery,
  tcp_clear_all_retrans_hints,
  tcp_current_ssthresh,
  tcp_is_reno,
  tcp_jiffies32,
  tcp_packets_in_flight,
  tcp_reset_xmit_timer,
  tcp_rtx_queue_head,
  TCP_SKB_CB,
  tcp_snd_cwnd,
  tcp_snd_cwnd_set,
  tcp_time_stamp_ms,
  tcp_wnd_end,
  tcp_write_queue_empty,
  TCPCB_SACKED_ACKED,
} from '../../../include/net/tcp.js';
import { tcp_set_ca_state } from '../tcp_cong.js';
import { tcp_rack_skb_timeout } from '../tcp_recovery.js';
import type { int_ref } from './index.js';
import {
  FLAG_DATA_SACKED,
  FLAG_ECE,
  FLAG_ORIG_SACK_ACKED,
  FLAG_SACK_RENEGING,
  FLAG_SET_XMIT_TIMER,
  FLAG_SND_UNA_ADVANCED,
  REXMIT_LOST,
  REXMIT_NEW,
  tcp_add_reno_sack,
  tcp_mark_skb_lost,
  tcp_reset_reno_sack,
  tcp_try_undo_loss,
  tcp_try_undo_recovery,
  tcp_verify_left_out,
} from './index.js';

export function tcp_clear_retrans(tp: tcp_sock): void {
  tp.retrans_out = 0;
  tp.lost_out = 0;
  tp.undo_marker = 0;
  tp.undo_retrans = -1;
  tp.sacked_out = 0;
  tp.rto_stamp = 0;
  tp.total_rto = 0;
  tp.total_rto_recoveries = 0;
  tp.total_rto_time = 0;
}

/** From here on the window's reduction may be taken back, if every retransmission proves needless. */
export function tcp_init_undo(tp: tcp_sock): void {
  tp.undo_marker = tp.snd_una;
  tp.undo_retrans = tp.retrans_out;
  if (tp.tlp_high_seq !== 0 && tp.tlp_retrans !== 0) tp.undo_retrans++;
  // Zero would mean that all have been reported as duplicates.
  if (tp.undo_retrans === 0) tp.undo_retrans = -1;
}

/** At a timeout: what was sent long enough ago is lost. */
export function tcp_timeout_mark_lost(sk: sock): void {
  const tp = tcp_sk(sk);
  const head = tcp_rtx_queue_head(sk);
  const is_reneg = head !== null && (TCP_SKB_CB(head).sacked & TCPCB_SACKED_ACKED) !== 0;
  if (is_reneg) {
    NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPSACKRENEGING);
    tp.sacked_out = 0;
    tp.is_sack_reneg = true;
  } else if (tcp_is_reno(tp)) {
    tcp_reset_reno_sack(tp);
  }
  for (let skb = head; skb !== null; skb = skb_rb_next(skb)) {
    if (is_reneg) TCP_SKB_CB(skb).sacked &= ~TCPCB_SACKED_ACKED;
    else if (skb !== head && tcp_rack_skb_timeout(tp, skb, 0) > 0) continue;
    tcp_mark_skb_lost(sk, skb);
  }
  tcp_verify_left_out(tp);
  tcp_clear_all_retrans_hints(tp);
}

/** Enters the Loss state. */
export function tcp_enter_loss(sk: sock): void {
  const tp = tcp_sk(sk);
  const ipv4 = sock_net(sk).ipv4;
  const ca_ops = tp.icsk_ca_ops as tcp_congestion_ops;
  const new_recovery = tp.icsk_ca_state < TCP_CA_Recovery;
  tcp_timeout_mark_lost(sk);

  // Once a window is enough.
  if (
    tp.icsk_ca_state <= TCP_CA_Disorder ||
    !after(tp.high_seq, tp.snd_una) ||
    (tp.icsk_ca_state === TCP_CA_Loss && tp.icsk_retransmits === 0)
  ) {
    tp.prior_ssthresh = tcp_current_ssthresh(sk);
    tp.prior_cwnd = tcp_snd_cwnd(tp);
    tp.snd_ssthresh = ca_ops.ssthresh(sk);
    tcp_ca_event(sk, CA_EVENT_LOSS);
    tcp_init_undo(tp);
  }
  tcp_snd_cwnd_set(tp, tcp_packets_in_flight(tp) + 1);
  tp.snd_cwnd_cnt = 0;
  tp.snd_cwnd_stamp = tcp_jiffies32(sk);

  // That much reordering was believed in, and it was a loss.
  const reordering = ipv4.sysctl_tcp_reordering;
  if (tp.icsk_ca_state <= TCP_CA_Disorder && tp.sacked_out >= reordering)
    tp.reordering = Math.min(tp.reordering, reordering);

  tcp_set_ca_state(sk, TCP_CA_Loss);
  tp.high_seq = tp.snd_nxt;
  tp.tlp_high_seq = 0;
  tcp_ecn_queue_cwr(tp);
  tp.frto =
    ipv4.sysctl_tcp_frto !== 0 && (new_recovery || tp.icsk_retransmits !== 0) && tp.icsk_mtup.probe_size === 0 ? 1 : 0;
}

/**
 * The peer does not have any more what it had selectively acknowledged: wait a little, then start over.
 * @param ack_flag in and out: FLAG_*
 */
export function tcp_check_sack_reneging(sk: sock, ack_flag: int_ref): bool {
  if ((ack_flag.value & FLAG_SACK_RENEGING) === 0 || (ack_flag.value & FLAG_SND_UNA_ADVANCED) === 0) return false;
  const kernel = sock_net(sk).kernel;
  const delay = Math.max(usecs_to_jiffies(kernel, tcp_sk(sk).srtt_us >>> 4), msecs_to_jiffies(kernel, 10));
  tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, delay, false);
  ack_flag.value &= ~FLAG_SET_XMIT_TIMER;
  return true;
}

/** Time spent in recovery from timeouts (tcp_info). @notrace */
export function tcp_update_rto_time(tp: tcp_sock): void {
  if (tp.rto_stamp !== 0) {
    tp.total_rto_time += (tcp_time_stamp_ms(tp) - tp.rto_stamp) >>> 0;
    tp.rto_stamp = 0;
  }
}

/** An ACK in the Loss state. @param rexmit out: REXMIT_* */
export function tcp_process_loss(sk: sock, flag: int, num_dupack: int, rexmit: int_ref): void {
  const tp = tcp_sk(sk);
  const recovered = !before(tp.snd_una, tp.high_seq);
  if (((flag & FLAG_SND_UNA_ADVANCED) !== 0 || tp.fastopen_rsk !== null) && tcp_try_undo_loss(sk, false)) return;

  if (tp.frto !== 0) {
    // Step 3b: data that was sent once only has arrived, so the timeout was spurious.
    if ((flag & FLAG_ORIG_SACK_ACKED) !== 0 && tcp_try_undo_loss(sk, true)) return;
    if (after(tp.snd_nxt, tp.high_seq)) {
      // Step 3a.
      if ((flag & FLAG_DATA_SACKED) !== 0 || num_dupack !== 0) tp.frto = 0;
    } else if ((flag & FLAG_SND_UNA_ADVANCED) !== 0 && !recovered) {
      tp.high_seq = tp.snd_nxt;
      // Step 2b: new data will tell.
      if (!tcp_write_queue_empty(sk) && after(tcp_wnd_end(tp), tp.snd_nxt)) {
        rexmit.value = REXMIT_NEW;
        return;
      }
      tp.frto = 0;
    }
  }
  if (recovered) {
    tcp_try_undo_recovery(sk);
    return;
  }
  if (tcp_is_reno(tp)) {
    if (after(tp.snd_nxt, tp.high_seq) && num_dupack !== 0) tcp_add_reno_sack(sk, num_dupack, (flag & FLAG_ECE) !== 0);
    else if ((flag & FLAG_SND_UNA_ADVANCED) !== 0) tcp_reset_reno_sack(tp);
  }
  rexmit.value = REXMIT_LOST;
}
