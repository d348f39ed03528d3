// A segment in any state but ESTABLISHED and TIME_WAIT.
// Read beside: net/ipv4/tcp_input.c (tcp_rcv_state_process); RFC 9293 3.10.7.

import { ntohs } from '../../../include/linux/byteorder.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import type { tcp_sock, tcphdr } from '../../../include/linux/tcp.js';
import { tcp_hdr, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int } from '../../../include/linux/types.js';
import {
  SKB_DROP_REASON_NOT_SPECIFIED,
  SKB_DROP_REASON_TCP_ABORT_ON_DATA,
  SKB_DROP_REASON_TCP_CLOSE,
  SKB_DROP_REASON_TCP_FLAGS,
  SKB_DROP_REASON_TCP_OLD_ACK,
  SKB_DROP_REASON_TCP_RESET,
} from '../../../include/net/dropreason.js';
import type { inet_connection_sock_af_ops } from '../../../include/net/inet_connection_sock.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import type { request_sock } from '../../../include/net/request_sock.js';
import { LINUX_MIB_TCPABORTONDATA } from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import {
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  sk_dst_confirm,
  SOCK_DEAD,
  sock_flag,
  sock_net,
  sock_owned_by_user,
} from '../../../include/net/sock.js';
import type { tcp_congestion_ops } from '../../../include/net/tcp.js';
import { tcp_ecn_mode_accecn, tcp_ecn_received_counters_payload } from '../../../include/net/tcp_ecn.js';
import {
  after,
  before,
  TCP_CA_Loss,
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_CLOSING,
  TCP_ESTABLISHED,
  tcp_fast_path_on,
  tcp_fin_time,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  tcp_init_wl,
  tcp_jiffies32,
  TCP_LAST_ACK,
  TCP_LISTEN,
  TCP_SKB_CB,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TCP_TIME_WAIT,
  TCP_TIMEWAIT_LEN,
  TCPOLEN_TSTAMP_ALIGNED,
} from '../../../include/net/tcp.js';
import { local_bh_disable, local_bh_enable } from '../../../kernel/softirq.js';
import { reqsk_fastopen_remove } from '../../core/request_sock.js';
import { __kfree_skb, consume_skb } from '../../core/skbuff.js';
import { inet_csk_reset_keepalive_timer } from '../inet_connection_sock/index.js';
import { tcp_fastopen_active_disable } from '../tcp_fastopen.js';
import { tcp_update_metrics } from '../tcp_metrics.js';
import { tcp_check_req, tcp_time_wait } from '../tcp_minisocks/index.js';
import { tcp_mstamp_refresh } from '../tcp_output/index.js';
import { tcp_done, tcp_set_state, tcp_shutdown } from '../tcp/index.js';
import {
  FLAG_NO_CHALLENGE_ACK,
  FLAG_SLOWPATH,
  FLAG_UPDATE_TS_RECENT,
  tcp_ack,
  tcp_ack_snd_check,
  tcp_data_queue,
  tcp_data_snd_check,
  tcp_drop_reason,
  tcp_init_transfer,
  tcp_initialize_rcv_mss,
  tcp_rcv_synsent_state_process,
  tcp_rearm_rto,
  tcp_reset,
  tcp_retrans_stamp_cleanup,
  tcp_send_challenge_ack,
  tcp_synack_rtt_meas,
  tcp_try_undo_recovery,
  tcp_try_undo_spurious_syn,
  tcp_update_pacing_rate,
  tcp_update_rto_time,
  tcp_urg,
  tcp_validate_incoming,
} from './index.js';

/** The Fast Open server's connection is confirmed: its request goes, and data goes under the ordinary timer. */
export function tcp_rcv_synrecv_state_fastopen(sk: sock): void {
  const tp = tcp_sk(sk);
  if (tp.icsk_ca_state === TCP_CA_Loss && tp.packets_out === 0) tcp_try_undo_recovery(sk);
  tcp_update_rto_time(tp);
  tp.icsk_retransmits = 0;
  tcp_retrans_stamp_cleanup(sk);
  const req = tp.fastopen_rsk as request_sock;
  reqsk_fastopen_remove(sk, req, false);
  tcp_rearm_rto(sk);
}

/** SYN_RECV → ESTABLISHED. @notrace */
function synrecv_established(sk: sock, skb: sk_buff, th: tcphdr, req: request_sock | null): void {
  const tp = tcp_sk(sk);
  const cb = TCP_SKB_CB(skb);
  tp.delivered++;
  if (tp.srtt_us === 0) tcp_synack_rtt_meas(sk, req);
  if (tp.rx_opt.tstamp_ok !== 0) tp.advmss -= TCPOLEN_TSTAMP_ALIGNED;
  if (req !== null) {
    tcp_rcv_synrecv_state_fastopen(sk);
  } else {
    tcp_try_undo_spurious_syn(sk);
    tp.retrans_stamp = 0;
    tcp_init_transfer(sk, 1, skb);
    tp.copied_seq = tp.rcv_nxt;
  }
  tcp_set_state(sk, TCP_ESTABLISHED);
  sk.sk_state_change(sk);
  tp.snd_una = cb.ack_seq;
  tp.snd_wnd = ntohs(th.window) * 2 ** tp.rx_opt.snd_wscale;
  tcp_init_wl(tp, cb.seq);
  if ((tp.icsk_ca_ops as tcp_congestion_ops).cong_control === undefined) tcp_update_pacing_rate(sk);
  tp.lsndtime = tcp_jiffies32(sk);
  tcp_initialize_rcv_mss(sk);
  tcp_fast_path_on(tp);
  if ((sk.sk_shutdown & SEND_SHUTDOWN) !== 0) tcp_shutdown(sk, SEND_SHUTDOWN);
}

/** Data beyond the FIN's place came although nobody will read. @notrace */
function data_after_close(tp: tcp_sock, skb: sk_buff, th: tcphdr): bool {
  const cb = TCP_SKB_CB(skb);
  return cb.end_seq !== cb.seq && after((cb.end_seq - th.fin) >>> 0, tp.rcv_nxt);
}

/** Our FIN may be acknowledged. @returns 0 go on, -1 the segment is to be freed, else a reason to send a RST @notrace */
function fin_wait1(sk: sock, skb: sk_buff, th: tcphdr, req: request_sock | null): int {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  if (req !== null) tcp_rcv_synrecv_state_fastopen(sk);
  if (tp.snd_una !== tp.write_seq) return 0;
  tcp_set_state(sk, TCP_FIN_WAIT2);
  sk.sk_shutdown |= SEND_SHUTDOWN;
  sk_dst_confirm(sk);
  if (!sock_flag(sk, SOCK_DEAD)) {
    sk.sk_state_change(sk);
    return 0;
  }
  if (tp.linger2 < 0) {
    tcp_done(sk);
    NET_INC_STATS(net, LINUX_MIB_TCPABORTONDATA);
    return SKB_DROP_REASON_TCP_ABORT_ON_DATA;
  }
  if (data_after_close(tp, skb, th)) {
    if (tp.syn_fastopen !== 0 && th.fin !== 0) tcp_fastopen_active_disable(sk);
    tcp_done(sk);
    NET_INC_STATS(net, LINUX_MIB_TCPABORTONDATA);
    return SKB_DROP_REASON_TCP_ABORT_ON_DATA;
  }
  const tmo = tcp_fin_time(sk);
  const timewait_len = TCP_TIMEWAIT_LEN(net.kernel);
  if (tmo > timewait_len) {
    inet_csk_reset_keepalive_timer(sk, tmo - timewait_len);
  } else if (th.fin !== 0 || sock_owned_by_user(sk)) {
    // The FIN is in this very segment, which the small socket would not see.
    inet_csk_reset_keepalive_timer(sk, tmo);
  } else {
    tcp_time_wait(sk, TCP_FIN_WAIT2, tmo);
    return -1;
  }
  return 0;
}

/** A segment for a listener. @notrace */
function listen_state(sk: sock, skb: sk_buff, th: tcphdr): int {
  if (th.ack !== 0) return SKB_DROP_REASON_TCP_FLAGS;
  let reason = SKB_DROP_REASON_TCP_FLAGS;
  if (th.rst !== 0) {
    reason = SKB_DROP_REASON_TCP_RESET;
  } else if (th.syn !== 0 && th.fin === 0) {
    const kernel = sock_net(sk).kernel;
    local_bh_disable(kernel);
    (tcp_sk(sk).icsk_af_ops as inet_connection_sock_af_ops).conn_request(sk, skb);
    local_bh_enable(kernel);
    consume_skb(skb);
    return 0;
  }
  tcp_drop_reason(sk, skb, reason);
  return 0;
}

/** @returns 0 the segment is consumed, else the reason for which the caller answers with a RST @EXPORT_SYMBOL */
export function tcp_rcv_state_process(sk: sock, skb: sk_buff): int {
  const tp = tcp_sk(sk);
  const th = tcp_hdr(skb);
  let queued = false;
  switch (sk.sk_state) {
    case TCP_CLOSE:
      tcp_drop_reason(sk, skb, SKB_DROP_REASON_TCP_CLOSE);
      return 0;
    case TCP_LISTEN:
      return listen_state(sk, skb, th);
    case TCP_SYN_SENT: {
      tp.rx_opt.saw_tstamp = 0;
      tcp_mstamp_refresh(tp);
      const result = tcp_rcv_synsent_state_process(sk, skb, th);
      if (result >= 0) return result;
      tcp_urg(sk, skb, th);
      __kfree_skb(skb);
      tcp_data_snd_check(sk);
      return 0;
    }
  }

  tcp_mstamp_refresh(tp);
  tp.rx_opt.saw_tstamp = 0;
  const req = tp.fastopen_rsk;
  if (req !== null) {
    const req_stolen = { value: false };
    const drop_reason = { value: SKB_DROP_REASON_NOT_SPECIFIED };
    if (tcp_check_req(sk, skb, req, true, req_stolen, drop_reason) === null) {
      tcp_drop_reason(sk, skb, drop_reason.value);
      return 0;
    }
  }
  if (th.ack === 0 && th.rst === 0 && th.syn === 0) {
    tcp_drop_reason(sk, skb, SKB_DROP_REASON_TCP_FLAGS);
    return 0;
  }
  if (!tcp_validate_incoming(sk, skb, th, 0)) return 0;
  if (tcp_ecn_mode_accecn(tp)) tcp_ecn_received_counters_payload(sk, skb);

  const reason = tcp_ack(sk, skb, FLAG_SLOWPATH | FLAG_UPDATE_TS_RECENT | FLAG_NO_CHALLENGE_ACK);
  if (reason <= 0) {
    if (sk.sk_state === TCP_SYN_RECV) return reason === 0 ? SKB_DROP_REASON_TCP_OLD_ACK : -reason;
    // An old ACK is no harm while closing.
    if (reason < 0) {
      tcp_send_challenge_ack(sk);
      tcp_drop_reason(sk, skb, -reason);
      return 0;
    }
  }

  switch (sk.sk_state) {
    case TCP_SYN_RECV:
      synrecv_established(sk, skb, th, req);
      break;
    case TCP_FIN_WAIT1: {
      const result = fin_wait1(sk, skb, th, req);
      if (result > 0) return result;
      if (result < 0) {
        __kfree_skb(skb);
        return 0;
      }
      break;
    }
    case TCP_CLOSING:
      if (tp.snd_una === tp.write_seq) {
        tcp_time_wait(sk, TCP_TIME_WAIT, 0);
        __kfree_skb(skb);
        return 0;
      }
      break;
    case TCP_LAST_ACK:
      if (tp.snd_una === tp.write_seq) {
        tcp_update_metrics(sk);
        tcp_done(sk);
        __kfree_skb(skb);
        return 0;
      }
      break;
  }

  tcp_urg(sk, skb, th);

  const state = sk.sk_state;
  const fin_received = state === TCP_CLOSE_WAIT || state === TCP_CLOSING || state === TCP_LAST_ACK;
  const closing = fin_received
    ? before(TCP_SKB_CB(skb).seq, tp.rcv_nxt)
    : state === TCP_FIN_WAIT1 || state === TCP_FIN_WAIT2;
  if (closing && (sk.sk_shutdown & RCV_SHUTDOWN) !== 0 && data_after_close(tp, skb, th)) {
    // Data that nobody will read (RFC 9293 3.6.1).
    NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPABORTONDATA);
    tcp_reset(sk, skb);
    return SKB_DROP_REASON_TCP_ABORT_ON_DATA;
  }
  if (closing || state === TCP_ESTABLISHED) {
    tcp_data_queue(sk, skb);
    queued = true;
  }
  if (sk.sk_state !== TCP_CLOSE) {
    tcp_data_snd_check(sk);
    tcp_ack_snd_check(sk);
  }
  if (!queued) tcp_drop_reason(sk, skb, SKB_DROP_REASON_NOT_SPECIFIED);
  return 0;
}
