/**
 * close, shutdown, disconnect, abort.
 *
 * Read beside it: net/ipv4/tcp.c; RFC 9293 3.6, RFC 2525 2.17 (reset when data was not read).
 */
import { jiffies_to_usecs, msecs_to_jiffies, usecs_to_jiffies } from '../../../include/linux/jiffies.js';
import { ECONNABORTED, ECONNRESET } from '../../../include/linux/errno.js';
import type { Task } from '../../../include/linux/sched.js';
import { __skb_queue_purge, skb_peek } from '../../../include/linux/skbuff.js';
import { tcp_sack_block, tcp_sk, tcp_options_reset } from '../../../include/linux/tcp.js';
import type { bool, int, long } from '../../../include/linux/types.js';
import { dst_release } from '../../../include/net/dst.js';
import { inet_csk, inet_csk_delack_init } from '../../../include/net/inet_connection_sock.js';
import { INET_FLAGS_DEFER_CONNECT, inet_clear_bit, inet_sk } from '../../../include/net/inet_sock.js';
import { NET_INC_STATS, __NET_INC_STATS } from '../../../include/net/ip.js';
import { inet_reqsk } from '../../../include/net/request_sock.js';
import {
  SK_RST_REASON_TCP_ABORT_ON_CLOSE,
  SK_RST_REASON_TCP_ABORT_ON_LINGER,
  SK_RST_REASON_TCP_ABORT_ON_MEMORY,
  SK_RST_REASON_TCP_DISCONNECT_WITH_DATA,
  SK_RST_REASON_TCP_STATE,
} from '../../../include/net/rstreason.js';
import {
  LINUX_MIB_TCPABORTONCLOSE,
  LINUX_MIB_TCPABORTONDATA,
  LINUX_MIB_TCPABORTONLINGER,
  LINUX_MIB_TCPABORTONMEMORY,
} from '../../../include/net/snmp.js';
import {
  SEND_SHUTDOWN,
  SHUTDOWN_MASK,
  SOCK_BINDADDR_LOCK,
  SOCK_DEAD,
  SOCK_DONE,
  SOCK_LINGER,
  __sk_dst_reset,
  bh_lock_sock,
  bh_unlock_sock,
  lock_sock,
  release_sock,
  sk_error_report,
  sock_flag,
  sock_hold,
  sock_net,
  sock_orphan,
  sock_put,
  sock_reset_flag,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCPF_CLOSE_WAIT,
  TCPF_CLOSING,
  TCPF_ESTABLISHED,
  TCPF_FIN_WAIT1,
  TCPF_FIN_WAIT2,
  TCPF_LAST_ACK,
  TCPF_SYN_RECV,
  TCPF_SYN_SENT,
  TCPHDR_FIN,
  TCP_ACTION_FIN,
  TCP_CA_Open,
  TCP_CLOSE,
  TCP_CLOSING,
  TCP_DELACK_MAX,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  TCP_INFINITE_SSTHRESH,
  TCP_INIT_CWND,
  TCP_LAST_ACK,
  TCP_LISTEN,
  TCP_MIN_MSS,
  TCP_NEW_SYN_RECV,
  TCP_SKB_CB,
  TCP_STATE_MASK,
  TCP_SYN_SENT,
  TCP_TIMEOUT_INIT,
  TCP_TIMEWAIT_LEN,
  TCP_TIME_WAIT,
  after,
  tcp_clear_xmit_timers,
  tcp_fin_time,
  tcp_snd_cwnd_set,
  tcp_ooo_empty,
} from '../../../include/net/tcp.js';
import { local_bh_disable, local_bh_enable } from '../../../kernel/softirq.js';
import { skb_rbtree_purge } from '../../core/skbuff.js';
import { __release_sock } from '../../core/sock.js';
import { sk_stream_wait_close } from '../../core/stream.js';
import {
  inet_csk_destroy_sock,
  inet_csk_listen_stop,
  inet_csk_reqsk_queue_drop,
  inet_csk_reset_keepalive_timer,
  tcp_orphan_count_inc,
} from '../inet_connection_sock/index.js';
import { inet_bhash2_reset_saddr } from '../inet_hashtables/index.js';
import { inet_twsk_deschedule_put } from '../inet_timewait_sock.js';
import { inet_twsk } from '../../../include/net/inet_timewait_sock.js';
import { tcp_set_ca_state } from '../tcp_cong.js';
import { reqsk_fastopen_remove, tcp_fastopen_active_disable_ofo_check } from '../tcp_fastopen.js';
import { tcp_clear_retrans, tcp_done_with_error } from '../tcp_input/index.js';
import { tcp_time_wait } from '../tcp_minisocks/index.js';
import { tcp_send_active_reset, tcp_send_fin } from '../tcp_output/index.js';
import { tcp_eat_recv_skb } from './recvmsg.js';
import { tcp_check_oom, tcp_done, tcp_free_fastopen_req, tcp_set_state, tcp_write_queue_purge } from './state.js';

/** State after this end closes; TCP_ACTION_FIN where a FIN is sent. Indexed by the state before. */
const new_state: readonly number[] = [
  TCP_CLOSE,
  TCP_FIN_WAIT1 | TCP_ACTION_FIN, // ESTABLISHED
  TCP_CLOSE, // SYN_SENT
  TCP_FIN_WAIT1 | TCP_ACTION_FIN, // SYN_RECV
  TCP_FIN_WAIT1, // FIN_WAIT1
  TCP_FIN_WAIT2, // FIN_WAIT2
  TCP_CLOSE, // TIME_WAIT
  TCP_CLOSE, // CLOSE
  TCP_LAST_ACK | TCP_ACTION_FIN, // CLOSE_WAIT
  TCP_LAST_ACK, // LAST_ACK
  TCP_CLOSE, // LISTEN
  TCP_CLOSING, // CLOSING
  TCP_CLOSE, // NEW_SYN_RECV
];

/** Moves on to the state in which this end has closed. @returns whether a FIN is to be sent */
export function tcp_close_state(sk: sock): bool {
  const next = new_state[sk.sk_state];
  tcp_set_state(sk, next & TCP_STATE_MASK);
  return (next & TCP_ACTION_FIN) !== 0;
}

/** proto.shutdown of TCP. @param how RCV_SHUTDOWN, SEND_SHUTDOWN bits @EXPORT_SYMBOL */
export function tcp_shutdown(sk: sock, how: int): void {
  if (!(how & SEND_SHUTDOWN)) return;
  // In SYN_RECV it is put off until the handshake is over.
  if ((1 << sk.sk_state) & (TCPF_ESTABLISHED | TCPF_SYN_SENT | TCPF_CLOSE_WAIT)) {
    if (tcp_close_state(sk)) tcp_send_fin(sk);
  }
}

/**
 * Closes a locked socket.
 * @param timeout jiffies to linger
 */
export function* __tcp_close(sk: sock, timeout: long): Task<void> {
  const net = sock_net(sk);
  let data_was_unread = false;
  sk.sk_shutdown = SHUTDOWN_MASK;
  if (sk.sk_state === TCP_LISTEN) {
    tcp_set_state(sk, TCP_CLOSE);
    inet_csk_listen_stop(sk);
  } else {
    for (let skb = skb_peek(sk.sk_receive_queue); skb; skb = skb_peek(sk.sk_receive_queue)) {
      const cb = TCP_SKB_CB(skb);
      const end_seq = cb.tcp_flags & TCPHDR_FIN ? (cb.end_seq - 1) >>> 0 : cb.end_seq;
      if (after(end_seq, tcp_sk(sk).copied_seq)) data_was_unread = true;
      tcp_eat_recv_skb(sk, skb);
    }
    if (sk.sk_state !== TCP_CLOSE) {
      if (data_was_unread) {
        // The peer must know that not all of its data was taken.
        NET_INC_STATS(net, LINUX_MIB_TCPABORTONCLOSE);
        tcp_set_state(sk, TCP_CLOSE);
        tcp_send_active_reset(sk, sk.sk_allocation, SK_RST_REASON_TCP_ABORT_ON_CLOSE);
      } else if (sock_flag(sk, SOCK_LINGER) && !sk.sk_lingertime) {
        sk.sk_prot!.disconnect!(sk, 0);
        NET_INC_STATS(net, LINUX_MIB_TCPABORTONDATA);
      } else if (tcp_close_state(sk)) tcp_send_fin(sk);
      yield* sk_stream_wait_close(sk, timeout);
    }
  }
  const state = sk.sk_state;
  sock_hold(sk);
  sock_orphan(sk);
  local_bh_disable(net.kernel);
  bh_lock_sock(sk);
  // Takes the backlog while the socket is still owned.
  __release_sock(sk);
  tcp_orphan_count_inc(sk);
  // Unless softirq or backlog has destroyed it already.
  if (!(state !== TCP_CLOSE && sk.sk_state === TCP_CLOSE)) tcp_close_orphan(sk);
  bh_unlock_sock(sk);
  local_bh_enable(net.kernel);
  sock_put(sk);
}

/** What becomes of a socket that its program has let go. @notrace */
function tcp_close_orphan(sk: sock): void {
  const net = sock_net(sk);
  const tp = tcp_sk(sk);
  if (sk.sk_state === TCP_FIN_WAIT2) {
    if (tp.linger2 < 0) {
      tcp_set_state(sk, TCP_CLOSE);
      tcp_send_active_reset(sk, 0, SK_RST_REASON_TCP_ABORT_ON_LINGER);
      __NET_INC_STATS(net, LINUX_MIB_TCPABORTONLINGER);
    } else {
      const tmo = tcp_fin_time(sk);
      const timewait_len = TCP_TIMEWAIT_LEN(net.kernel);
      if (tmo > timewait_len) inet_csk_reset_keepalive_timer(sk, tmo - timewait_len);
      else {
        tcp_time_wait(sk, TCP_FIN_WAIT2, tmo);
        return;
      }
    }
  }
  if (sk.sk_state !== TCP_CLOSE && tcp_check_oom(sk, 0)) {
    tcp_set_state(sk, TCP_CLOSE);
    tcp_send_active_reset(sk, 0, SK_RST_REASON_TCP_ABORT_ON_MEMORY);
    __NET_INC_STATS(net, LINUX_MIB_TCPABORTONMEMORY);
  }
  if (sk.sk_state === TCP_CLOSE) {
    const req = tp.fastopen_rsk;
    if (req) reqsk_fastopen_remove(sk, req, false);
    inet_csk_destroy_sock(sk);
  }
}

/** proto.close of TCP. @param timeout jiffies to linger @EXPORT_SYMBOL */
export function* tcp_close(sk: sock, timeout: long): Task<void> {
  lock_sock(sk);
  yield* __tcp_close(sk, timeout);
  release_sock(sk);
  sock_put(sk);
}

/** Whether the peer of a connection in this state must be told of its end. @notrace */
function tcp_need_reset(state: int): bool {
  return ((1 << state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT | TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2 | TCPF_SYN_RECV)) !== 0;
}

/**
 * proto.disconnect of TCP: ABORT of RFC 9293, after which the socket can connect again.
 * @returns 0
 * @EXPORT_SYMBOL
 */
export function tcp_disconnect(sk: sock, _flags: int): int {
  const inet = inet_sk(sk);
  const icsk = inet_csk(sk);
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const kernel = net.kernel;
  const old_state = sk.sk_state;
  if (old_state !== TCP_CLOSE) tcp_set_state(sk, TCP_CLOSE);
  if (old_state === TCP_LISTEN) inet_csk_listen_stop(sk);
  else if (tcp_need_reset(old_state)) {
    tcp_send_active_reset(sk, 0, SK_RST_REASON_TCP_STATE);
    sk.sk_err = ECONNRESET;
  } else if (tp.snd_nxt !== tp.write_seq && (1 << old_state) & (TCPF_CLOSING | TCPF_LAST_ACK)) {
    tcp_send_active_reset(sk, 0, SK_RST_REASON_TCP_DISCONNECT_WITH_DATA);
    sk.sk_err = ECONNRESET;
  } else if (old_state === TCP_SYN_SENT) sk.sk_err = ECONNRESET;
  tcp_clear_xmit_timers(sk);
  __skb_queue_purge(sk.sk_receive_queue);
  tp.copied_seq = tp.rcv_nxt;
  tp.urg_data = 0;
  sk.sk_peek_off = -1;
  tcp_write_queue_purge(sk);
  tcp_fastopen_active_disable_ofo_check(sk);
  if (!tcp_ooo_empty(tp)) skb_rbtree_purge(tp.out_of_order_queue);
  inet.inet_dport = 0;
  if (!(sk.sk_userlocks & SOCK_BINDADDR_LOCK)) inet_bhash2_reset_saddr(sk);
  sk.sk_shutdown = 0;
  sock_reset_flag(sk, SOCK_DONE);
  tp.srtt_us = 0;
  tp.mdev_us = jiffies_to_usecs(kernel, TCP_TIMEOUT_INIT(kernel));
  tp.rcv_rtt_last_tsecr = 0;
  tp.write_seq = (tp.write_seq + tp.max_window + 2) >>> 0 || 1;
  icsk.icsk_backoff = 0;
  icsk.icsk_probes_out = 0;
  icsk.icsk_probes_tstamp = 0;
  icsk.icsk_rto = TCP_TIMEOUT_INIT(kernel);
  icsk.icsk_rto_min = usecs_to_jiffies(kernel, net.ipv4.sysctl_tcp_rto_min_us);
  icsk.icsk_rto_max = msecs_to_jiffies(kernel, net.ipv4.sysctl_tcp_rto_max_ms);
  icsk.icsk_delack_max = TCP_DELACK_MAX(kernel);
  tp.snd_ssthresh = TCP_INFINITE_SSTHRESH;
  tcp_snd_cwnd_set(tp, TCP_INIT_CWND);
  tp.snd_cwnd_cnt = 0;
  tp.is_cwnd_limited = false;
  tp.max_packets_out = 0;
  tp.window_clamp = 0;
  tp.delivered = 0;
  tp.delivered_ce = 0;
  if (icsk.icsk_ca_initialized && icsk.icsk_ca_ops!.release) icsk.icsk_ca_ops!.release(sk);
  icsk.icsk_ca_priv = null;
  icsk.icsk_ca_initialized = false;
  tcp_set_ca_state(sk, TCP_CA_Open);
  tp.is_sack_reneg = false;
  tcp_clear_retrans(tp);
  tp.total_retrans = 0;
  inet_csk_delack_init(sk);
  icsk.icsk_ack.rcv_mss = TCP_MIN_MSS;
  tcp_options_reset(tp.rx_opt);
  __sk_dst_reset(sk);
  dst_release(sk.sk_rx_dst);
  sk.sk_rx_dst = null;
  tp.saved_syn = null;
  tp.compressed_ack = 0;
  tp.segs_in = 0;
  tp.segs_out = 0;
  tp.bytes_sent = 0;
  tp.bytes_acked = 0;
  tp.bytes_received = 0;
  tp.data_segs_in = 0;
  tp.data_segs_out = 0;
  tp.duplicate_sack[0] = new tcp_sack_block();
  tp.dsack_dups = 0;
  tp.reord_seen = 0;
  tp.retrans_out = 0;
  tp.sacked_out = 0;
  tp.tlp_high_seq = 0;
  tp.last_oow_ack_time = 0;
  tp.plb_rehash = 0;
  tp.app_limited = 0xffffffff;
  tp.rate_app_limited = 1;
  tp.rack.mstamp = 0;
  tp.rack.advanced = false;
  tp.rack.reo_wnd_steps = 1;
  tp.rack.last_delivered = 0;
  tp.rack.reo_wnd_persist = 0;
  tp.rack.dsack_seen = false;
  tp.syn_data_acked = 0;
  tp.syn_fastopen_child = 0;
  tp.rate_delivered = 0;
  tp.rate_interval_us = 0;
  tp.rcv_ooopack = 0;
  tcp_free_fastopen_req(tp);
  inet_clear_bit(INET_FLAGS_DEFER_CONNECT, sk);
  tp.fastopen_client_fail = 0;
  sk_error_report(sk);
  return 0;
}

/**
 * Ends a connection from outside (SOCK_DESTROY of ss -K).
 * @param err errno that its program will see
 * @EXPORT_SYMBOL
 */
export function tcp_abort(sk: sock, err: int): int {
  if (sk.skc_state === TCP_NEW_SYN_RECV) {
    const req = inet_reqsk(sk);
    inet_csk_reqsk_queue_drop(req.rsk_listener!, req);
    return 0;
  }
  if (sk.skc_state === TCP_TIME_WAIT) {
    const tw = inet_twsk(sk);
    tw.skc_refcnt++;
    inet_twsk_deschedule_put(tw);
    return 0;
  }
  const kernel = sock_net(sk).kernel;
  lock_sock(sk);
  if (sk.sk_state === TCP_LISTEN) {
    tcp_set_state(sk, TCP_CLOSE);
    inet_csk_listen_stop(sk);
  }
  local_bh_disable(kernel);
  bh_lock_sock(sk);
  if (tcp_need_reset(sk.sk_state)) tcp_send_active_reset(sk, 0, SK_RST_REASON_TCP_STATE);
  if (!sock_flag(sk, SOCK_DEAD)) tcp_done_with_error(sk, err || ECONNABORTED);
  else tcp_done(sk);
  bh_unlock_sock(sk);
  local_bh_enable(kernel);
  release_sock(sk);
  return 0;
}
