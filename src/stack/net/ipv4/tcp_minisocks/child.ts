// The full socket that a connection request becomes.
// Read beside: net/ipv4/tcp_minisocks.c; RFC 9293 3.10.7.

import { ntohs } from '../../../include/linux/byteorder.js';
import { ktime_get_seconds } from '../../../include/linux/jiffies.js';
import { minmax_reset } from '../../../include/linux/win_minmax.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { sizeof_tcphdr, tcp_hdr, tcp_rsk, tcp_sk, tcp_sock } from '../../../include/linux/tcp.js';
import { skb_rb_init } from '../../../include/linux/skb_rbtree.js';
import type { int, u8 } from '../../../include/linux/types.js';
import { RTAX_CC_ALGO, RTAX_INITRWND, RTAX_WINDOW } from '../../../include/linux/rtnetlink.js';
import { dst_metric, dst_metric_advmss, dst_metric_locked } from '../../../include/net/dst.js';
import type { dst_entry } from '../../../include/net/dst.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import { inet_rsk } from '../../../include/net/inet_sock.js';
import type { request_sock } from '../../../include/net/request_sock.js';
import { TCP_MIB_PASSIVEOPENS } from '../../../include/net/snmp.js';
import {
  SOCK_KEEPOPEN,
  SOCK_RCVBUF_LOCK,
  __sk_add_backlog,
  bh_unlock_sock,
  sock_flag,
  sock_net,
  sock_owned_by_user,
  sock_put,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCPOLEN_TSTAMP_ALIGNED,
  TCP_CA_Open,
  TCP_ECN_DISABLED,
  TCP_ECN_MODE_ACCECN,
  TCP_ECN_MODE_RFC3168,
  TCP_SYN_RECV,
  __TCP_INC_STATS,
  keepalive_time_when,
  tcp_clock_ms,
  tcp_full_space,
  tcp_init_wl,
  tcp_jiffies32,
  tcp_mss_clamp,
  tcp_segs_in,
} from '../../../include/net/tcp.js';
import { inet_csk_clone_lock, inet_csk_reset_keepalive_timer } from '../inet_connection_sock/index.js';
import { tcp_accecn_init_counters, tcp_accecn_third_ack } from '../../../include/net/tcp_ecn.js';
import { INET_ECN_CE } from '../../../include/net/inet_ecn.js';
import { tcp_assign_congestion_control, tcp_ca_find_key, tcp_set_ca_state } from '../tcp_cong.js';
import { tcp_rcv_state_process } from '../tcp_input/index.js';
import { tcp_select_initial_window } from '../tcp_output/index.js';
import { tcp_init_xmit_timers } from '../tcp_timer/index.js';

const TCP_MSS_DEFAULT = 536;

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
