// The answer to our SYN.
// Read beside: net/ipv4/tcp_input.c (tcp_rcv_synsent_state_process); RFC 9293 3.10.7.3, RFC 7413 4.2.

import { ntohs } from '../../../include/linux/byteorder.js';
import { skb_rb_next } from '../../../include/linux/skb_rbtree.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import type { tcp_sock, tcphdr } from '../../../include/linux/tcp.js';
import {
  sizeof_tcphdr,
  tcp_clear_options,
  tcp_fastopen_cookie,
  tcp_options_received,
  tcp_sk,
} from '../../../include/linux/tcp.js';
import type { bool, int, u16 } from '../../../include/linux/types.js';
import {
  SKB_DROP_REASON_TCP_FLAGS,
  SKB_DROP_REASON_TCP_INVALID_ACK_SEQUENCE,
  SKB_DROP_REASON_TCP_RESET,
  SKB_DROP_REASON_TCP_RFC7323_PAWS,
} from '../../../include/net/dropreason.js';
import type { inet_connection_sock_af_ops } from '../../../include/net/inet_connection_sock.js';
import {
  ICSK_TIME_DACK,
  ICSK_TIME_RETRANS,
  inet_csk_in_pingpong_mode,
  inet_csk_schedule_ack,
} from '../../../include/net/inet_connection_sock.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import {
  LINUX_MIB_PAWSACTIVEREJECTED,
  LINUX_MIB_TCPFASTOPENACTIVE,
  LINUX_MIB_TCPFASTOPENACTIVEFAIL,
} from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { __sk_dst_get, SOCK_DEAD, sock_flag, SOCK_KEEPOPEN, sock_net } from '../../../include/net/sock.js';
import {
  tcp_accecn_reflector_flags,
  tcp_ecn_mode_accecn,
  tcp_ecn_mode_any,
  tcp_ecn_rcv_syn,
  tcp_ecn_rcv_synack,
} from '../../../include/net/tcp_ecn.js';
import {
  __tcp_fast_path_on,
  after,
  between,
  keepalive_time_when,
  TCP_DELACK_MAX,
  TCP_ESTABLISHED,
  tcp_init_wl,
  tcp_jiffies32,
  TCP_MAX_QUICKACKS,
  tcp_paws_reject,
  tcp_reset_xmit_timer,
  tcp_rtx_queue_head,
  TCP_SKB_CB,
  tcp_snd_cwnd_set,
  TCP_SYN_RECV,
  tcp_time_stamp_ts,
  TCP_TIMEOUT_MIN,
  TCPOLEN_TSTAMP_ALIGNED,
} from '../../../include/net/tcp.js';
import { TFO_DATA_NOT_ACKED, TFO_SYN_RETRANSMITTED } from '../../../include/uapi/linux/tcp.js';
import { __kfree_skb } from '../../core/skbuff.js';
import { inet_csk_reset_keepalive_timer } from '../inet_connection_sock/index.js';
import { tcp_init_congestion_control } from '../tcp_cong.js';
import { tcp_fastopen_add_skb } from '../tcp_fastopen.js';
import { tcp_fastopen_cache_set, tcp_init_metrics } from '../tcp_metrics.js';
import { __tcp_send_ack, tcp_mtup_init, tcp_send_ack, tcp_send_synack, tcp_sync_mss } from '../tcp_output/index.js';
import { tcp_set_state } from '../tcp/index.js';
import {
  FLAG_SLOWPATH,
  tcp_ack,
  tcp_drop_reason,
  tcp_enter_quickack_mode,
  tcp_init_buffer_space,
  tcp_init_cwnd,
  tcp_initialize_rcv_mss,
  tcp_mark_skb_lost,
  tcp_non_congestion_loss_retransmit,
  tcp_parse_options,
  tcp_reset,
  tcp_store_ts_recent,
} from './index.js';
import { made_rare } from '../../../mm/slab.js';

/** What an established connection needs before its first data. @param _bpf_op unused */
export function tcp_init_transfer(sk: sock, _bpf_op: int, _skb: sk_buff | null): void {
  const tp = tcp_sk(sk);
  tcp_mtup_init(sk);
  (tp.icsk_af_ops as inet_connection_sock_af_ops).rebuild_header(sk);
  tcp_init_metrics(sk);
  // The handshake needed more than one repetition: the path is congested (RFC 5681 3.1).
  if (tp.total_retrans > 1 && tp.undo_marker !== 0) tcp_snd_cwnd_set(tp, 1);
  else tcp_snd_cwnd_set(tp, tcp_init_cwnd(tp, __sk_dst_get(sk)));
  tp.snd_cwnd_stamp = tcp_jiffies32(sk);
  if (!tp.icsk_ca_initialized) tcp_init_congestion_control(sk);
  tcp_init_buffer_space(sk);
}

/** An active open is complete. @param skb the SYN-ACK */
export function tcp_finish_connect(sk: sock, skb: sk_buff | null): void {
  const tp = tcp_sk(sk);
  tcp_set_state(sk, TCP_ESTABLISHED);
  tp.icsk_ack.lrcvtime = tcp_jiffies32(sk);
  if (skb !== null) (tp.icsk_af_ops as inet_connection_sock_af_ops).sk_rx_dst_set(sk, skb);
  tcp_init_transfer(sk, 0, skb);
  // The first data comes at once after idling: no restart for it.
  tp.lsndtime = tcp_jiffies32(sk);
  if (sock_flag(sk, SOCK_KEEPOPEN)) inet_csk_reset_keepalive_timer(sk, keepalive_time_when(tp));
  if (tp.rx_opt.snd_wscale === 0) __tcp_fast_path_on(tp, tp.snd_wnd);
  else tp.pred_flags = 0;
}

/** @returns whether data of the SYN has to be sent again */
export function tcp_rcv_fastopen_synack(sk: sock, synack: sk_buff, cookie: tcp_fastopen_cookie): bool {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const data = tp.syn_data !== 0 ? tcp_rtx_queue_head(sk) : null;
  let mss = tp.rx_opt.mss_clamp;
  let try_exp = 0;
  let syn_drop = false;
  if (mss === tp.rx_opt.user_mss) {
    // The user's limit hides the peer's own: read it again.
    const opt = new tcp_options_received();
    tcp_parse_options(net, synack, opt, 0, null);
    mss = opt.mss_clamp;
  }
  if (tp.syn_fastopen === 0) {
    cookie.len = -1;
  } else if (tp.total_retrans !== 0) {
    // Something on the path seems to drop SYNs with data.
    syn_drop = cookie.len < 0 && data !== null;
  } else if (cookie.len < 0 && tp.syn_data === 0) {
    // No cookie was given: ask by the other option number next time.
    try_exp = tp.syn_fastopen_exp !== 0 ? 2 : 1;
  }
  tcp_fastopen_cache_set(sk, mss, cookie, syn_drop, try_exp);

  if (data !== null) {
    tp.fastopen_client_fail = tp.total_retrans !== 0 ? TFO_SYN_RETRANSMITTED : TFO_DATA_NOT_ACKED;
    for (let skb: sk_buff | null = data; skb !== null; skb = skb_rb_next(skb)) tcp_mark_skb_lost(sk, skb);
    tcp_non_congestion_loss_retransmit(sk);
    NET_INC_STATS(net, LINUX_MIB_TCPFASTOPENACTIVEFAIL);
    return true;
  }
  tp.syn_data_acked = tp.syn_data;
  if (tp.syn_data_acked !== 0) {
    NET_INC_STATS(net, LINUX_MIB_TCPFASTOPENACTIVE);
    // SYN and data were counted apart.
    if (tp.delivered > 1) tp.delivered--;
  }
  tcp_fastopen_add_skb(sk, synack);
  return false;
}

/** The SYN's timeout was needless: the first one was answered. */
export function tcp_try_undo_spurious_syn(sk: sock): void {
  const tp = tcp_sk(sk);
  const syn_stamp = tp.retrans_stamp;
  if (tp.undo_marker !== 0 && syn_stamp !== 0 && tp.rx_opt.saw_tstamp !== 0 && syn_stamp === tp.rx_opt.rcv_tsecr)
    tp.undo_marker = 0;
}

/** @notrace */
function undo_options(tp: tcp_sock, saved_clamp: u16): void {
  tcp_clear_options(tp.rx_opt);
  tp.rx_opt.mss_clamp = saved_clamp;
}

/** @notrace */
function discard_and_undo(sk: sock, skb: sk_buff, saved_clamp: u16, reason: int): int {
  undo_options(tcp_sk(sk), saved_clamp);
  tcp_drop_reason(sk, skb, reason);
  return 0;
}

/** @returns -1 go on with the segment, 0 it is consumed, else the reason for which to answer with a RST */
export function tcp_rcv_synsent_state_process(sk: sock, skb: sk_buff, th: tcphdr): int {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const cb = TCP_SKB_CB(skb);
  const foc = new tcp_fastopen_cookie();
  const saved_clamp = tp.rx_opt.mss_clamp;
  tcp_parse_options(net, skb, tp.rx_opt, 0, foc);
  if (tp.rx_opt.saw_tstamp !== 0 && tp.rx_opt.rcv_tsecr !== 0)
    tp.rx_opt.rcv_tsecr = (tp.rx_opt.rcv_tsecr - tp.tsoffset) >>> 0;

  if (th.ack === 0) return no_ack(sk, skb, th, saved_clamp);

  if (!after(cb.ack_seq, tp.snd_una) || after(cb.ack_seq, tp.snd_nxt)) {
    // The peer is confused by an older connection: after our RST try again soon.
    if (tp.icsk_retransmits === 0) tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, TCP_TIMEOUT_MIN(net.kernel), false);
    undo_options(tp, saved_clamp);
    return SKB_DROP_REASON_TCP_INVALID_ACK_SEQUENCE;
  }
  if (
    tp.rx_opt.saw_tstamp !== 0 &&
    tp.rx_opt.rcv_tsecr !== 0 &&
    !between(tp.rx_opt.rcv_tsecr, tp.retrans_stamp, tcp_time_stamp_ts(tp))
  ) {
    NET_INC_STATS(net, LINUX_MIB_PAWSACTIVEREJECTED);
    undo_options(tp, saved_clamp);
    return SKB_DROP_REASON_TCP_RFC7323_PAWS;
  }
  if (th.rst !== 0) {
    tcp_reset(sk, skb);
    __kfree_skb(skb);
    return 0;
  }
  if (th.syn === 0) return discard_and_undo(sk, skb, saved_clamp, SKB_DROP_REASON_TCP_FLAGS);

  if (tcp_ecn_mode_any(tp)) tcp_ecn_rcv_synack(sk, skb, th, cb.ip_dsfield);
  tcp_init_wl(tp, cb.seq);
  tcp_try_undo_spurious_syn(sk);
  tcp_ack(sk, skb, FLAG_SLOWPATH);

  tp.rcv_nxt = (cb.seq + 1) >>> 0;
  tp.rcv_wup = tp.rcv_nxt;
  tp.snd_wnd = ntohs(th.window);
  if (tp.rx_opt.wscale_ok === 0) {
    tp.rx_opt.snd_wscale = 0;
    tp.rx_opt.rcv_wscale = 0;
    tp.window_clamp = Math.min(tp.window_clamp, 65535);
  }
  if (tp.rx_opt.saw_tstamp !== 0) {
    tp.rx_opt.tstamp_ok = 1;
    tp.tcp_header_len = sizeof_tcphdr + TCPOLEN_TSTAMP_ALIGNED;
    tp.advmss -= TCPOLEN_TSTAMP_ALIGNED;
    tcp_store_ts_recent(tp);
  } else {
    tp.tcp_header_len = sizeof_tcphdr;
  }
  tcp_sync_mss(sk, tp.icsk_pmtu_cookie);
  tcp_initialize_rcv_mss(sk);
  tp.copied_seq = tp.rcv_nxt;
  tcp_finish_connect(sk, skb);
  const fastopen_fail = (tp.syn_fastopen !== 0 || tp.syn_data !== 0) && tcp_rcv_fastopen_synack(sk, skb, foc);
  if (!sock_flag(sk, SOCK_DEAD)) sk.sk_state_change(sk);
  if (fastopen_fail) return -1;
  const defer_accept = made_rare(tp, 'icsk_accept_queue')?.rskq_defer_accept ?? 0;
  if (sk.sk_write_pending !== 0 || defer_accept !== 0 || inet_csk_in_pingpong_mode(sk)) {
    // Data is about to be sent, which acknowledges as well.
    inet_csk_schedule_ack(sk);
    tcp_enter_quickack_mode(sk, TCP_MAX_QUICKACKS);
    tcp_reset_xmit_timer(sk, ICSK_TIME_DACK, TCP_DELACK_MAX(net.kernel), false);
    __kfree_skb(skb);
    return 0;
  }
  if (tcp_ecn_mode_accecn(tp)) __tcp_send_ack(sk, tp.rcv_nxt, tcp_accecn_reflector_flags(tp.syn_ect_rcv));
  else tcp_send_ack(sk);
  return -1;
}

/** @notrace */
function no_ack(sk: sock, skb: sk_buff, th: tcphdr, saved_clamp: u16): int {
  const tp = tcp_sk(sk);
  const cb = TCP_SKB_CB(skb);
  if (th.rst !== 0) return discard_and_undo(sk, skb, saved_clamp, SKB_DROP_REASON_TCP_RESET);
  if (tp.rx_opt.ts_recent_stamp !== 0 && tp.rx_opt.saw_tstamp !== 0 && tcp_paws_reject(tp.rx_opt, 0))
    return discard_and_undo(sk, skb, saved_clamp, SKB_DROP_REASON_TCP_RFC7323_PAWS);
  if (th.syn === 0) return discard_and_undo(sk, skb, saved_clamp, SKB_DROP_REASON_TCP_FLAGS);

  // Both open at once.
  tcp_set_state(sk, TCP_SYN_RECV);
  if (tp.rx_opt.saw_tstamp !== 0) {
    tp.rx_opt.tstamp_ok = 1;
    tcp_store_ts_recent(tp);
    tp.tcp_header_len = sizeof_tcphdr + TCPOLEN_TSTAMP_ALIGNED;
  } else {
    tp.tcp_header_len = sizeof_tcphdr;
  }
  tp.rcv_nxt = (cb.seq + 1) >>> 0;
  tp.copied_seq = tp.rcv_nxt;
  tp.rcv_wup = tp.rcv_nxt;
  tp.snd_wnd = ntohs(th.window);
  tp.snd_wl1 = cb.seq;
  tp.max_window = tp.snd_wnd;
  tcp_ecn_rcv_syn(tp, th);
  tcp_mtup_init(sk);
  tcp_sync_mss(sk, tp.icsk_pmtu_cookie);
  tcp_initialize_rcv_mss(sk);
  tcp_send_synack(sk);
  __kfree_skb(skb);
  return 0;
}
