// Time-wait sockets.
// Read beside: net/ipv4/tcp_minisocks.c; RFC 9293 3.10.7, RFC 1337 (TIME-WAIT hazards), RFC 7323 (PAWS).
// Left out: MD5 and AO signatures.

import { ktime_get_seconds } from '../../../include/linux/jiffies.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { sizeof_tcphdr, tcp_options_received, tcp_sk, tcp_twsk } from '../../../include/linux/tcp.js';
import type { tcp_timewait_sock, tcphdr } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import { SKB_DROP_REASON_TCP_RFC7323_TW_PAWS } from '../../../include/net/dropreason.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import { inet_test_bit, INET_FLAGS_TRANSPARENT } from '../../../include/net/inet_sock.js';
import type { inet_timewait_sock } from '../../../include/net/inet_timewait_sock.js';
import { NET_INC_STATS, __NET_INC_STATS } from '../../../include/net/ip.js';
import {
  LINUX_MIB_PAWS_TW_REJECTED,
  LINUX_MIB_TCPACKSKIPPEDFINWAIT2,
  LINUX_MIB_TCPACKSKIPPEDTIMEWAIT,
  LINUX_MIB_TCPTIMEWAITOVERFLOW,
} from '../../../include/net/snmp.js';
import { sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCP_FIN_WAIT2,
  TCP_SKB_CB,
  TCP_TIMEWAIT_LEN,
  TCP_TIME_WAIT,
  TCP_TW_ACK,
  TCP_TW_ACK_OOW,
  TCP_TW_RST,
  TCP_TW_SUCCESS,
  TCP_TW_SYN,
  after,
  before,
  tcp_clock_ms,
  tcp_paws_reject,
  tcp_receive_window,
  tcp_time_stamp_ms,
} from '../../../include/net/tcp.js';
import {
  inet_twsk_alloc,
  inet_twsk_deschedule_put,
  inet_twsk_hashdance_schedule,
  inet_twsk_put,
  inet_twsk_reschedule,
} from '../inet_timewait_sock.js';
import { tcp_done } from '../tcp/index.js';
import { tcp_oow_rate_limited, tcp_parse_options } from '../tcp_input/index.js';
import { tcp_update_metrics } from '../tcp_metrics.js';

/** Whether any of [seq, end_seq) is in the window [s_win, e_win], RFC 9293 3.10.7.4. */
export function tcp_in_window(seq: u32, end_seq: u32, s_win: u32, e_win: u32): bool {
  if (seq === s_win) return true;
  if (after(end_seq, s_win) && before(seq, e_win)) return true;
  return seq === e_win && seq === end_seq;
}

/** An ACK to what is out of window, unless one went just now. */
function tcp_timewait_check_oow_rate_limit(tw: inet_timewait_sock, skb: sk_buff, mib_idx: int): int {
  const tcptw = tcp_twsk(tw);
  const last = { last_oow_ack_time: tcptw.tw_last_oow_ack_time };
  const limited = tcp_oow_rate_limited(tw.skc_net!, skb, mib_idx, last);
  tcptw.tw_last_oow_ack_time = last.last_oow_ack_time;
  // The caller answers and drops its reference then.
  if (!limited) return TCP_TW_ACK_OOW;
  inet_twsk_put(tw);
  return TCP_TW_SUCCESS;
}

/** @notrace */
function twsk_rcv_nxt_update(tcptw: tcp_timewait_sock, seq: u32): void {
  tcptw.tw_rcv_nxt = seq;
}

/**
 * A segment for a time-wait socket.
 * @param tw_isn out: first sequence number of the connection that a new SYN may open
 * @param drop_reason out
 * @returns TCP_TW_*: what is to be answered. But for RST, SYN and the ACKs the reference is dropped here.
 * @EXPORT_SYMBOL
 */
export function tcp_timewait_state_process(
  tw: inet_timewait_sock,
  skb: sk_buff,
  th: tcphdr,
  tw_isn: { value: u32 },
  drop_reason: { value: int },
): int {
  const tcptw = tcp_twsk(tw);
  const net = tw.skc_net!;
  const kernel = net.kernel;
  const cb = TCP_SKB_CB(skb);
  const rcv_nxt = tcptw.tw_rcv_nxt;
  const tmp_opt = new tcp_options_received();
  let paws_reject = false;
  if (th.doff > sizeof_tcphdr >> 2 && tcptw.tw_ts_recent_stamp) {
    tcp_parse_options(net, skb, tmp_opt, 0, null);
    if (tmp_opt.saw_tstamp) {
      if (tmp_opt.rcv_tsecr) tmp_opt.rcv_tsecr = (tmp_opt.rcv_tsecr - tcptw.tw_ts_offset) >>> 0;
      tmp_opt.ts_recent = tcptw.tw_ts_recent;
      tmp_opt.ts_recent_stamp = tcptw.tw_ts_recent_stamp;
      paws_reject = tcp_paws_reject(tmp_opt, th.rst);
    }
  }
  if (tw.tw_substate === TCP_FIN_WAIT2) {
    const win_end = (rcv_nxt + tcptw.tw_rcv_wnd) >>> 0;
    if (paws_reject || !tcp_in_window(cb.seq, cb.end_seq, rcv_nxt, win_end))
      return tcp_timewait_check_oow_rate_limit(tw, skb, LINUX_MIB_TCPACKSKIPPEDFINWAIT2);
    if (th.rst) {
      inet_twsk_deschedule_put(tw);
      return TCP_TW_SUCCESS;
    }
    if (th.syn && !before(cb.seq, rcv_nxt)) return TCP_TW_RST;
    if (!th.ack || !after(cb.end_seq, rcv_nxt) || cb.end_seq === cb.seq) {
      inet_twsk_put(tw);
      return TCP_TW_SUCCESS;
    }
    // Nobody is left to read data.
    if (!th.fin || cb.end_seq !== (rcv_nxt + 1) >>> 0) return TCP_TW_RST;
    tw.tw_substate = TCP_TIME_WAIT;
    twsk_rcv_nxt_update(tcptw, cb.end_seq);
    if (tmp_opt.saw_tstamp) {
      tw.tw_entry_stamp = tcp_clock_ms(kernel) >>> 0;
      tcptw.tw_ts_recent_stamp = Math.floor(tcp_clock_ms(kernel) / 1000);
      tcptw.tw_ts_recent = tmp_opt.rcv_tsval;
    }
    inet_twsk_reschedule(tw, TCP_TIMEWAIT_LEN(kernel));
    return TCP_TW_ACK;
  }
  if (!paws_reject && cb.seq === rcv_nxt && (cb.seq === cb.end_seq || th.rst)) {
    if (th.rst) {
      // RFC 1337 would ignore it; by default the connection ends.
      if (!net.ipv4.sysctl_tcp_rfc1337) {
        inet_twsk_deschedule_put(tw);
        return TCP_TW_SUCCESS;
      }
    } else inet_twsk_reschedule(tw, TCP_TIMEWAIT_LEN(kernel));
    if (tmp_opt.saw_tstamp) {
      tcptw.tw_ts_recent = tmp_opt.rcv_tsval;
      tcptw.tw_ts_recent_stamp = ktime_get_seconds(kernel);
    }
    inet_twsk_put(tw);
    return TCP_TW_SUCCESS;
  }
  // A SYN beyond all that was sent before, by number or by time stamp, opens a new connection (RFC 6191).
  const newer_stamp = tmp_opt.saw_tstamp !== 0 && ((tcptw.tw_ts_recent - tmp_opt.rcv_tsval) | 0) < 0;
  if (th.syn && !th.rst && !th.ack && !paws_reject && (after(cb.seq, rcv_nxt) || newer_stamp)) {
    tw_isn.value = (tcptw.tw_snd_nxt + 65535 + 2) >>> 0 || 1;
    return TCP_TW_SYN;
  }
  if (paws_reject) {
    drop_reason.value = SKB_DROP_REASON_TCP_RFC7323_TW_PAWS;
    __NET_INC_STATS(net, LINUX_MIB_PAWS_TW_REJECTED);
  }
  if (!th.rst) {
    // A SYN may be a good one with an unlucky number: it does not prolong the wait.
    if (paws_reject || th.ack) inet_twsk_reschedule(tw, TCP_TIMEWAIT_LEN(kernel));
    return tcp_timewait_check_oow_rate_limit(tw, skb, LINUX_MIB_TCPACKSKIPPEDTIMEWAIT);
  }
  inet_twsk_put(tw);
  return TCP_TW_SUCCESS;
}

/**
 * A connection is replaced by a time-wait socket, and ends.
 * @param state TIME_WAIT, or FIN_WAIT2 of an orphan
 * @param timeo jiffies, for FIN_WAIT2
 * @EXPORT_SYMBOL
 */
export function tcp_time_wait(sk: sock, state: int, timeo: int): void {
  const icsk = inet_csk(sk);
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const tw = inet_twsk_alloc(sk, net.ipv4.tcp_death_row, state);
  if (tw) {
    const tcptw = tcp_twsk(tw);
    const rto = icsk.icsk_rto * 4 - (icsk.icsk_rto >> 1);
    tw.tw_transparent = inet_test_bit(INET_FLAGS_TRANSPARENT, sk);
    tw.tw_mark = sk.sk_mark;
    tw.tw_priority = sk.sk_priority;
    tw.tw_rcv_wscale = tp.rx_opt.rcv_wscale;
    tw.tw_entry_stamp = tcp_time_stamp_ms(tp);
    tcptw.tw_rcv_nxt = tp.rcv_nxt;
    tcptw.tw_snd_nxt = tp.snd_nxt;
    tcptw.tw_rcv_wnd = tcp_receive_window(tp);
    tcptw.tw_ts_recent = tp.rx_opt.ts_recent;
    tcptw.tw_ts_recent_stamp = tp.rx_opt.ts_recent_stamp;
    tcptw.tw_ts_offset = tp.tsoffset;
    tcptw.tw_usec_ts = tp.tcp_usec_ts;
    tcptw.tw_last_oow_ack_time = 0;
    tcptw.tw_tx_delay = tp.tcp_tx_delay;
    tw.tw_txhash = sk.sk_txhash;
    if (timeo < rto) timeo = rto;
    if (state === TCP_TIME_WAIT) timeo = TCP_TIMEWAIT_LEN(net.kernel);
    inet_twsk_hashdance_schedule(tw, sk, net.ipv4.tcp_death_row.hashinfo!, timeo);
  } else {
    // Too many: the connection just ends, as if nothing could come any more.
    NET_INC_STATS(net, LINUX_MIB_TCPTIMEWAITOVERFLOW);
  }
  tcp_update_metrics(sk);
  tcp_done(sk);
}

/** @EXPORT_SYMBOL */
export function tcp_twsk_destructor(_tw: inet_timewait_sock): void {
  return;
}
