/**
 * TCP's small sockets: time-wait sockets, and connection requests until they become full sockets.
 *
 * Read beside it: net/ipv4/tcp_minisocks.c; RFC 9293 3.10.7, RFC 1337 (TIME-WAIT hazards), RFC 7323 (PAWS).
 * Left out: MD5 and AO signatures.
 */
import { ntohs } from '../../include/linux/byteorder.js';
import { ktime_get_seconds } from '../../include/linux/jiffies.js';
import { minmax_reset } from '../../include/linux/win_minmax.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import {
  TCP_FLAG_ACK,
  TCP_FLAG_RST,
  TCP_FLAG_SYN,
  sizeof_tcphdr,
  tcp_flag_word,
  tcp_hdr,
  tcp_options_received,
  tcp_rsk,
  tcp_sk,
  tcp_sock,
  tcp_twsk,
} from '../../include/linux/tcp.js';
import type { tcp_timewait_sock, tcphdr } from '../../include/linux/tcp.js';
import { skb_rb_init } from '../../include/linux/skb_rbtree.js';
import type { bool, int, u32, u8 } from '../../include/linux/types.js';
import { RTAX_CC_ALGO, RTAX_INITRWND, RTAX_WINDOW } from '../../include/linux/rtnetlink.js';
import { dst_metric, dst_metric_advmss, dst_metric_locked } from '../../include/net/dst.js';
import type { dst_entry } from '../../include/net/dst.js';
import {
  SKB_DROP_REASON_TCP_FLAGS,
  SKB_DROP_REASON_TCP_LISTEN_OVERFLOW,
  SKB_DROP_REASON_TCP_OVERWINDOW,
  SKB_DROP_REASON_TCP_RFC7323_PAWS,
  SKB_DROP_REASON_TCP_RFC7323_TSECR,
  SKB_DROP_REASON_TCP_RFC7323_TW_PAWS,
} from '../../include/net/dropreason.js';
import { inet_csk } from '../../include/net/inet_connection_sock.js';
import { inet_rsk, inet_test_bit, INET_FLAGS_TRANSPARENT } from '../../include/net/inet_sock.js';
import type { inet_timewait_sock } from '../../include/net/inet_timewait_sock.js';
import { NET_INC_STATS, __NET_INC_STATS } from '../../include/net/ip.js';
import { reqsk_queue_removed } from '../../include/net/request_sock.js';
import type { request_sock } from '../../include/net/request_sock.js';
import { SK_RST_REASON_INVALID_SYN } from '../../include/net/rstreason.js';
import {
  LINUX_MIB_EMBRYONICRSTS,
  LINUX_MIB_PAWSESTABREJECTED,
  LINUX_MIB_PAWS_TW_REJECTED,
  LINUX_MIB_TCPACKSKIPPEDFINWAIT2,
  LINUX_MIB_TCPACKSKIPPEDSYNRECV,
  LINUX_MIB_TCPACKSKIPPEDTIMEWAIT,
  LINUX_MIB_TCPDEFERACCEPTDROP,
  LINUX_MIB_TCPTIMEWAITOVERFLOW,
  LINUX_MIB_TSECRREJECTED,
  TCP_MIB_ATTEMPTFAILS,
  TCP_MIB_PASSIVEOPENS,
} from '../../include/net/snmp.js';
import {
  SOCK_KEEPOPEN,
  SOCK_RCVBUF_LOCK,
  __sk_add_backlog,
  bh_unlock_sock,
  sock_flag,
  sock_net,
  sock_owned_by_user,
  sock_put,
} from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock.js';
import {
  TCPOLEN_TSTAMP_ALIGNED,
  TCP_CA_Open,
  TCP_ECN_DISABLED,
  TCP_ECN_MODE_ACCECN,
  TCP_ECN_MODE_RFC3168,
  TCP_FIN_WAIT2,
  TCP_INC_STATS,
  TCP_SKB_CB,
  TCP_SYN_RECV,
  TCP_TIMEWAIT_LEN,
  TCP_TIME_WAIT,
  TCP_TW_ACK,
  TCP_TW_ACK_OOW,
  TCP_TW_RST,
  TCP_TW_SUCCESS,
  TCP_TW_SYN,
  __TCP_INC_STATS,
  after,
  before,
  between,
  keepalive_time_when,
  tcp_clock_ms,
  tcp_full_space,
  tcp_init_wl,
  tcp_jiffies32,
  tcp_mss_clamp,
  tcp_paws_reject,
  tcp_receive_window,
  tcp_segs_in,
  tcp_time_stamp_ms,
} from '../../include/net/tcp.js';
import { mod_timer } from '../../kernel/time/timer.js';
import { timer_pending } from '../../include/linux/timer.js';
import {
  inet_csk_clone_lock,
  inet_csk_complete_hashdance,
  inet_csk_reqsk_queue_drop,
  inet_csk_reqsk_queue_drop_and_put,
  inet_csk_reset_keepalive_timer,
  tcp_reqsk_timeout,
} from './inet_connection_sock.js';
import {
  inet_twsk_alloc,
  inet_twsk_deschedule_put,
  inet_twsk_hashdance_schedule,
  inet_twsk_put,
  inet_twsk_reschedule,
} from './inet_timewait_sock.js';
import {
  TCP_ACCECN_OPT_COUNTER_SEEN,
  TCP_ACCECN_OPT_FAIL_RECV,
  TCP_ACCECN_OPT_FAIL_SEEN,
  tcp_accecn_init_counters,
  tcp_accecn_option_init,
  tcp_accecn_third_ack,
} from '../../include/net/tcp_ecn.js';
import { INET_ECN_CE } from '../../include/net/inet_ecn.js';
import { tcp_assign_congestion_control, tcp_ca_find_key, tcp_set_ca_state } from './tcp_cong.js';
import { reqsk_fastopen_remove } from './tcp_fastopen.js';
import { tcp_done } from './tcp/index.js';
import {
  tcp_oow_rate_limited,
  tcp_parse_options,
  tcp_rcv_state_process,
  tcp_reset,
  tcp_synack_rtt_meas,
} from './tcp_input/index.js';
import { tcp_synack_window } from './tcp_ipv4/reply.js';
import { tcp_update_metrics } from './tcp_metrics.js';
import { tcp_rtx_synack } from './tcp_output/connect.js';
import { tcp_select_initial_window } from './tcp_output/index.js';
import { tcp_init_xmit_timers } from './tcp_timer.js';

const TCP_MSS_DEFAULT = 536;

/** Whether any of [seq, end_seq) is in the window [s_win, e_win], RFC 9293 3.10.7.4. */
function tcp_in_window(seq: u32, end_seq: u32, s_win: u32, e_win: u32): bool {
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

/** The window that a SYN-ACK offers. @EXPORT_SYMBOL */
export function tcp_openreq_init_rwin(req: request_sock, sk_listener: sock, dst: dst_entry): void {
  const ireq = inet_rsk(req);
  const tp = tcp_sk(sk_listener);
  const full_space = tcp_full_space(sk_listener);
  const mss = tcp_mss_clamp(tp, dst_metric_advmss(dst));
  req.rsk_window_clamp = tp.window_clamp || dst_metric(dst, RTAX_WINDOW);
  if (sk_listener.sk_userlocks & SOCK_RCVBUF_LOCK && (req.rsk_window_clamp > full_space || req.rsk_window_clamp === 0))
    req.rsk_window_clamp = full_space;
  const init_rcv_wnd = dst_metric(dst, RTAX_INITRWND);
  const rcv_wnd = { value: req.rsk_rcv_wnd };
  const window_clamp = { value: req.rsk_window_clamp };
  const rcv_wscale = { value: 0 };
  tcp_select_initial_window(
    sk_listener,
    full_space,
    mss - (ireq.tstamp_ok ? TCPOLEN_TSTAMP_ALIGNED : 0),
    rcv_wnd,
    window_clamp,
    ireq.wscale_ok,
    rcv_wscale,
    init_rcv_wnd,
  );
  req.rsk_rcv_wnd = rcv_wnd.value;
  req.rsk_window_clamp = window_clamp.value;
  ireq.rcv_wscale = rcv_wscale.value;
}

function tcp_ecn_openreq_child(sk: sock, req: request_sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  const treq = tcp_rsk(req);
  if (!treq.accecn_ok) {
    tp.ecn_flags = inet_rsk(req).ecn_ok ? TCP_ECN_MODE_RFC3168 : TCP_ECN_DISABLED;
    return;
  }
  tp.ecn_flags = TCP_ECN_MODE_ACCECN;
  tcp_accecn_init_counters(tp);
  tp.accecn_fail_mode = treq.accecn_fail_mode;
  tp.syn_ect_snt = treq.syn_ect_snt;
  tp.syn_ect_rcv = treq.syn_ect_rcv;
  tcp_accecn_third_ack(sk, skb, treq.syn_ect_snt);
  tp.saw_accecn_opt = treq.saw_accecn_opt;
  tp.prev_ecnfield = treq.syn_ect_rcv;
  tp.accecn_opt_demand = 1;
  if (treq.syn_ect_rcv === INET_ECN_CE) tp.received_ce = 1;
}

/** The child's congestion control: the route's, else the listener's if set there, else the default. @EXPORT_SYMBOL */
export function tcp_ca_openreq_child(sk: sock, dst: dst_entry): void {
  const icsk = inet_csk(sk);
  const key = dst_metric(dst, RTAX_CC_ALGO);
  const ca = key ? tcp_ca_find_key(sock_net(sk).kernel, key) : null;
  if (ca) {
    icsk.icsk_ca_dst_locked = dst_metric_locked(dst, RTAX_CC_ALGO);
    icsk.icsk_ca_ops = ca;
    icsk.icsk_ca_priv = null;
  } else if (!icsk.icsk_ca_setsockopt || !icsk.icsk_ca_ops) tcp_assign_congestion_control(sk);
  tcp_set_ca_state(sk, TCP_CA_Open);
}

/** Sets what a child does not take over from its listener. @notrace */
function tcp_sock_own_structs(newtp: tcp_sock): void {
  skb_rb_init(newtp.tcp_rtx_queue);
  newtp.mtu_probe.probe_seq_start = newtp.mtu_probe.probe_seq_end = 0;
  newtp.saved_syn = null;
}

/**
 * A full socket from a request: a copy of the listener with the connection's numbers and options.
 * @returns null without memory
 * @EXPORT_SYMBOL
 */
export function tcp_create_openreq_child(sk: sock, req: request_sock, skb: sk_buff): sock | null {
  const newsk = inet_csk_clone_lock(sk, req, 0);
  if (!newsk) return null;
  const newicsk = inet_csk(newsk);
  const newtp = tcp_sk(newsk);
  const treq = tcp_rsk(req);
  const ireq = inet_rsk(req);
  const kernel = sock_net(sk).kernel;
  tcp_sock_own_structs(newtp);
  let seq = (treq.rcv_isn + 1) >>> 0;
  newtp.rcv_wup = seq;
  newtp.copied_seq = seq;
  newtp.rcv_nxt = seq;
  newtp.segs_in = 1;
  seq = (treq.snt_isn + 1) >>> 0;
  newtp.snd_sml = seq;
  newtp.snd_una = seq;
  newtp.snd_nxt = seq;
  newtp.snd_up = seq;
  tcp_init_wl(newtp, treq.rcv_isn);
  minmax_reset(newtp.rtt_min, tcp_jiffies32(newsk), 0xffffffff);
  newicsk.icsk_ack.lrcvtime = tcp_jiffies32(newsk);
  newtp.lsndtime = tcp_jiffies32(newsk);
  newsk.sk_txhash = treq.txhash;
  newtp.total_retrans = req.num_retrans;
  tcp_init_xmit_timers(newsk);
  newtp.write_seq = seq;
  newtp.pushed_seq = seq;
  if (sock_flag(newsk, SOCK_KEEPOPEN)) inet_csk_reset_keepalive_timer(newsk, keepalive_time_when(newtp));
  newtp.rx_opt.tstamp_ok = ireq.tstamp_ok ? 1 : 0;
  newtp.rx_opt.sack_ok = ireq.sack_ok ? 1 : 0;
  newtp.window_clamp = req.rsk_window_clamp;
  newtp.rcv_ssthresh = req.rsk_rcv_wnd;
  newtp.rcv_wnd = req.rsk_rcv_wnd;
  newtp.rx_opt.wscale_ok = ireq.wscale_ok ? 1 : 0;
  if (ireq.wscale_ok) {
    newtp.rx_opt.snd_wscale = ireq.snd_wscale;
    newtp.rx_opt.rcv_wscale = ireq.rcv_wscale;
  } else {
    newtp.rx_opt.snd_wscale = 0;
    newtp.rx_opt.rcv_wscale = 0;
    newtp.window_clamp = Math.min(newtp.window_clamp, 65535);
  }
  newtp.snd_wnd = ntohs(tcp_hdr(skb).window) << newtp.rx_opt.snd_wscale;
  newtp.max_window = newtp.snd_wnd;
  if (ireq.tstamp_ok) {
    newtp.tcp_usec_ts = treq.req_usec_ts;
    newtp.rx_opt.ts_recent = req.ts_recent;
    newtp.rx_opt.ts_recent_stamp = ktime_get_seconds(kernel);
    newtp.tcp_header_len = sizeof_tcphdr + TCPOLEN_TSTAMP_ALIGNED;
  } else {
    newtp.tcp_usec_ts = false;
    newtp.rx_opt.ts_recent_stamp = 0;
    newtp.tcp_header_len = sizeof_tcphdr;
  }
  if (req.num_timeout) {
    newtp.total_rto = req.num_timeout;
    newtp.undo_marker = treq.snt_isn;
    if (newtp.tcp_usec_ts) {
      newtp.retrans_stamp = treq.snt_synack >>> 0;
      newtp.total_rto_time = Math.floor((kernel.now / 1000 - treq.snt_synack) / 1000);
    } else {
      newtp.retrans_stamp = Math.floor(treq.snt_synack / 1000) >>> 0;
      newtp.total_rto_time = (tcp_clock_ms(kernel) - newtp.retrans_stamp) >>> 0;
    }
    newtp.total_rto_recoveries = 1;
  }
  newtp.tsoffset = treq.ts_off;
  if (skb.len >= TCP_MSS_DEFAULT + newtp.tcp_header_len)
    newicsk.icsk_ack.last_seg_size = skb.len - newtp.tcp_header_len;
  newtp.rx_opt.mss_clamp = req.mss;
  tcp_ecn_openreq_child(newsk, req, skb);
  newtp.fastopen_req = null;
  newtp.fastopen_rsk = null;
  __TCP_INC_STATS(sock_net(sk), TCP_MIB_PASSIVEOPENS);
  return newsk;
}

/** @notrace */
export function tcp_move_syn(tp: tcp_sock, req: request_sock): void {
  tp.saved_syn = req.saved_syn;
  req.saved_syn = null;
}

/**
 * A segment for a connection request (SYN_RECV of a small socket, or of a Fast Open child).
 * @param sk the listener; with fastopen the child
 * @param req_stolen out: the request has just been dealt with otherwise: look the segment up again
 * @param drop_reason out
 * @returns the new child, the listener itself when it is to handle the segment, or null
 * @EXPORT_SYMBOL
 */
export function tcp_check_req(
  sk: sock,
  skb: sk_buff,
  req: request_sock,
  fastopen: bool,
  req_stolen: { value: bool },
  drop_reason: { value: int },
): sock | null {
  const net = sock_net(sk);
  const kernel = net.kernel;
  const th = tcp_hdr(skb);
  const cb = TCP_SKB_CB(skb);
  const treq = tcp_rsk(req);
  let flg = tcp_flag_word(th) & (TCP_FLAG_RST | TCP_FLAG_SYN | TCP_FLAG_ACK);
  const tmp_opt = new tcp_options_received();
  let tsecr_reject = false;
  let paws_reject = false;
  if (th.doff > sizeof_tcphdr >> 2) {
    tcp_parse_options(net, skb, tmp_opt, 0, null);
    if (tmp_opt.saw_tstamp) {
      tmp_opt.ts_recent = req.ts_recent;
      if (tmp_opt.rcv_tsecr) {
        if (inet_rsk(req).tstamp_ok && !fastopen)
          tsecr_reject = !between(tmp_opt.rcv_tsecr, treq.snt_tsval_first, treq.snt_tsval_last);
        tmp_opt.rcv_tsecr = (tmp_opt.rcv_tsecr - treq.ts_off) >>> 0;
      }
      // The true time of ts_recent is not kept; this is late enough.
      tmp_opt.ts_recent_stamp = ktime_get_seconds(kernel) - Math.floor(tcp_reqsk_timeout(req) / kernel.HZ);
      paws_reject = tcp_paws_reject(tmp_opt, th.rst);
    }
  }
  if (cb.seq === treq.rcv_isn && flg === TCP_FLAG_SYN && !paws_reject) {
    // The SYN once more: its answer once more, but not without bound.
    if (!req_oow_rate_limited(sk, skb, req) && !tcp_rtx_synack(sk, req)) {
      const expires = kernel.jiffies + tcp_reqsk_timeout(req);
      if (fastopen) req.rsk_timer.expires = expires;
      else if (timer_pending(req.rsk_timer)) mod_timer(req.rsk_timer, expires);
    }
    return null;
  }
  // An ACK of something never sent: the listener will answer it with a reset.
  if (flg & TCP_FLAG_ACK && !fastopen && cb.ack_seq !== (treq.snt_isn + 1) >>> 0) return sk;
  const win_end = (treq.rcv_nxt + tcp_synack_window(req)) >>> 0;
  if (paws_reject || tsecr_reject || !tcp_in_window(cb.seq, cb.end_seq, treq.rcv_nxt, win_end)) {
    if (!(flg & TCP_FLAG_RST) && !req_oow_rate_limited(sk, skb, req)) req.rsk_ops!.send_ack(sk, skb, req);
    if (paws_reject) {
      drop_reason.value = SKB_DROP_REASON_TCP_RFC7323_PAWS;
      NET_INC_STATS(net, LINUX_MIB_PAWSESTABREJECTED);
    } else if (tsecr_reject) {
      drop_reason.value = SKB_DROP_REASON_TCP_RFC7323_TSECR;
      NET_INC_STATS(net, LINUX_MIB_TSECRREJECTED);
    } else drop_reason.value = SKB_DROP_REASON_TCP_OVERWINDOW;
    return null;
  }
  // A SYN that is out of the window's left edge counts as trimmed.
  if (cb.seq === treq.rcv_isn) flg &= ~TCP_FLAG_SYN;
  if (flg & (TCP_FLAG_RST | TCP_FLAG_SYN)) {
    TCP_INC_STATS(net, TCP_MIB_ATTEMPTFAILS);
    return embryonic_reset(sk, skb, req, flg, fastopen, req_stolen);
  }
  if (!(flg & TCP_FLAG_ACK)) {
    drop_reason.value = SKB_DROP_REASON_TCP_FLAGS;
    return null;
  }
  if (fastopen) return sk;
  if (treq.accecn_ok && tmp_opt.accecn !== 0 && treq.saw_accecn_opt < TCP_ACCECN_OPT_COUNTER_SEEN) {
    treq.saw_accecn_opt = tcp_accecn_option_init(skb, tmp_opt.accecn);
    if (treq.saw_accecn_opt === TCP_ACCECN_OPT_FAIL_SEEN) treq.accecn_fail_mode |= TCP_ACCECN_OPT_FAIL_RECV;
  }
  const bare = cb.end_seq === (treq.rcv_isn + 1) >>> 0;
  if (req.num_timeout < inet_csk(sk).icsk_accept_queue.rskq_defer_accept && bare) {
    inet_rsk(req).acked = true;
    __NET_INC_STATS(net, LINUX_MIB_TCPDEFERACCEPTDROP);
    return null;
  }
  const own_req = { value: false };
  const child = inet_csk(sk).icsk_af_ops!.syn_recv_sock(sk, skb, req, null, req, own_req);
  if (!child) {
    drop_reason.value = SKB_DROP_REASON_TCP_LISTEN_OVERFLOW;
    if (!net.ipv4.sysctl_tcp_abort_on_overflow) {
      inet_rsk(req).acked = true;
      return null;
    }
    return embryonic_reset(sk, skb, req, flg, fastopen, req_stolen);
  }
  if (own_req.value && tmp_opt.saw_tstamp && !after(cb.seq, treq.rcv_nxt))
    tcp_sk(child).rx_opt.ts_recent = tmp_opt.rcv_tsval;
  if (own_req.value && treq.drop_req) {
    reqsk_queue_removed(inet_csk(req.rsk_listener!).icsk_accept_queue, req);
    inet_csk_reqsk_queue_drop_and_put(req.rsk_listener!, req);
    return child;
  }
  tcp_synack_rtt_meas(child, req);
  req_stolen.value = !own_req.value;
  return inet_csk_complete_hashdance(sk, child, req, own_req.value);
}

/** @notrace */
function req_oow_rate_limited(sk: sock, skb: sk_buff, req: request_sock): bool {
  return tcp_oow_rate_limited(sock_net(sk), skb, LINUX_MIB_TCPACKSKIPPEDSYNRECV, tcp_rsk(req));
}

/** A request ends by a reset, received or sent. @notrace */
function embryonic_reset(
  sk: sock,
  skb: sk_buff,
  req: request_sock,
  flg: u32,
  fastopen: bool,
  req_stolen: { value: bool },
): null {
  if (!(flg & TCP_FLAG_RST)) req.rsk_ops!.send_reset(sk, skb, SK_RST_REASON_INVALID_SYN);
  else if (fastopen) {
    reqsk_fastopen_remove(sk, req, true);
    tcp_reset(sk, skb);
  }
  if (!fastopen) {
    const unlinked = inet_csk_reqsk_queue_drop(sk, req);
    if (unlinked) __NET_INC_STATS(sock_net(sk), LINUX_MIB_EMBRYONICRSTS);
    req_stolen.value = !unlinked;
  }
  return null;
}

/**
 * Feeds the segment that completed a handshake to the child.
 * @returns the reason to reset the connection, or 0
 * @EXPORT_SYMBOL
 */
export function tcp_child_process(parent: sock, child: sock, skb: sk_buff): int {
  const state: u8 = child.sk_state;
  let reason = 0;
  tcp_segs_in(tcp_sk(child), skb);
  if (!sock_owned_by_user(child)) {
    reason = tcp_rcv_state_process(child, skb);
    if (state === TCP_SYN_RECV && child.sk_state !== state) parent.sk_data_ready!(parent);
  } else __sk_add_backlog(child, skb);
  bh_unlock_sock(child);
  sock_put(child);
  return reason;
}
