/**
 * TCP_INFO.
 *
 * Read beside it: net/ipv4/tcp.c, include/uapi/linux/tcp.h.
 */
import { jiffies_to_msecs, jiffies_to_usecs } from '../../../include/linux/jiffies.js';
import { SOCK_STREAM } from '../../../include/linux/net.js';
import {
  TCP_CHRONO_BUSY,
  TCP_CHRONO_RWND_LIMITED,
  TCP_CHRONO_SNDBUF_LIMITED,
  tcp_sk,
} from '../../../include/linux/tcp.js';
import type { tcp_sock } from '../../../include/linux/tcp.js';
import type { u64 } from '../../../include/linux/types.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import { lock_sock_fast, sock_net, unlock_sock_fast } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCP_ECN_SEEN,
  TCP_LISTEN,
  tcp_is_sack,
  tcp_jiffies32,
  tcp_min_rtt,
  tcp_snd_cwnd,
} from '../../../include/net/tcp.js';
import { INET_ECN_CE, INET_ECN_ECT_0, INET_ECN_ECT_1 } from '../../../include/net/inet_ecn.js';
import { tcp_ecn_mode_accecn, tcp_ecn_mode_any } from '../../../include/net/tcp_ecn.js';
import {
  TCPI_OPT_ECN,
  TCPI_OPT_ECN_SEEN,
  TCPI_OPT_SACK,
  TCPI_OPT_SYN_DATA,
  TCPI_OPT_TFO_CHILD,
  TCPI_OPT_TIMESTAMPS,
  TCPI_OPT_USEC_TS,
  TCPI_OPT_WSCALE,
} from '../../../include/uapi/linux/tcp.js';
import type { tcp_info } from '../../../include/uapi/linux/tcp.js';

/** What the sender waited for, in µs: busy_time is the sum of all three. */
function tcp_get_info_chrono_stats(tp: tcp_sock, info: tcp_info): void {
  const kernel = sock_net(tp).kernel;
  const stats = [0, 0, 0, 0];
  let total = 0;
  for (let i = TCP_CHRONO_BUSY; i <= TCP_CHRONO_SNDBUF_LIMITED; i++) {
    let ticks = tp.chrono_stat[i - 1];
    if (i === tp.chrono_type) ticks += (tcp_jiffies32(tp) - tp.chrono_start) >>> 0;
    stats[i] = jiffies_to_usecs(kernel, ticks);
    total += stats[i];
  }
  info.tcpi_busy_time = total;
  info.tcpi_rwnd_limited = stats[TCP_CHRONO_RWND_LIMITED];
  info.tcpi_sndbuf_limited = stats[TCP_CHRONO_SNDBUF_LIMITED];
}

/** Bytes per second, 0 if not yet measured. */
function tcp_compute_delivery_rate(tp: tcp_sock): u64 {
  if (!tp.rate_delivered || !tp.rate_interval_us) return 0;
  return Math.floor((tp.rate_delivered * tp.mss_cache * 1e6) / tp.rate_interval_us);
}

/** Fills struct tcp_info. @param info zeroed @EXPORT_SYMBOL */
export function tcp_get_info(sk: sock, info: tcp_info): void {
  const tp = tcp_sk(sk);
  const icsk = inet_csk(sk);
  const kernel = sock_net(sk).kernel;
  if (sk.sk_type !== SOCK_STREAM) return;
  info.tcpi_state = sk.sk_state;
  info.tcpi_pacing_rate = sk.sk_pacing_rate;
  info.tcpi_max_pacing_rate = sk.sk_max_pacing_rate;
  info.tcpi_reordering = tp.reordering;
  info.tcpi_snd_cwnd = tcp_snd_cwnd(tp);
  if (info.tcpi_state === TCP_LISTEN) {
    info.tcpi_unacked = sk.sk_ack_backlog;
    info.tcpi_sacked = sk.sk_max_ack_backlog;
    return;
  }
  const slow = lock_sock_fast(sk);
  info.tcpi_ca_state = icsk.icsk_ca_state;
  info.tcpi_retransmits = icsk.icsk_retransmits;
  info.tcpi_probes = icsk.icsk_probes_out;
  info.tcpi_backoff = icsk.icsk_backoff;
  if (tp.rx_opt.tstamp_ok) info.tcpi_options |= TCPI_OPT_TIMESTAMPS;
  if (tcp_is_sack(tp)) info.tcpi_options |= TCPI_OPT_SACK;
  if (tp.rx_opt.wscale_ok) {
    info.tcpi_options |= TCPI_OPT_WSCALE;
    info.tcpi_snd_wscale = tp.rx_opt.snd_wscale;
    info.tcpi_rcv_wscale = tp.rx_opt.rcv_wscale;
  }
  if (tcp_ecn_mode_any(tp)) info.tcpi_options |= TCPI_OPT_ECN;
  if (tp.ecn_flags & TCP_ECN_SEEN) info.tcpi_options |= TCPI_OPT_ECN_SEEN;
  if (tp.syn_data_acked) info.tcpi_options |= TCPI_OPT_SYN_DATA;
  if (tp.tcp_usec_ts) info.tcpi_options |= TCPI_OPT_USEC_TS;
  if (tp.syn_fastopen_child) info.tcpi_options |= TCPI_OPT_TFO_CHILD;
  info.tcpi_rto = jiffies_to_usecs(kernel, icsk.icsk_rto);
  info.tcpi_ato = jiffies_to_usecs(kernel, Math.min(icsk.icsk_ack.ato, icsk.icsk_delack_max));
  info.tcpi_snd_mss = tp.mss_cache;
  info.tcpi_rcv_mss = icsk.icsk_ack.rcv_mss;
  info.tcpi_unacked = tp.packets_out;
  info.tcpi_sacked = tp.sacked_out;
  info.tcpi_lost = tp.lost_out;
  info.tcpi_retrans = tp.retrans_out;
  const now = tcp_jiffies32(sk);
  info.tcpi_last_data_sent = jiffies_to_msecs(kernel, (now - tp.lsndtime) >>> 0);
  info.tcpi_last_data_recv = jiffies_to_msecs(kernel, (now - icsk.icsk_ack.lrcvtime) >>> 0);
  info.tcpi_last_ack_recv = jiffies_to_msecs(kernel, (now - tp.rcv_tstamp) >>> 0);
  info.tcpi_pmtu = icsk.icsk_pmtu_cookie;
  info.tcpi_rcv_ssthresh = tp.rcv_ssthresh;
  info.tcpi_rtt = tp.srtt_us >>> 3;
  info.tcpi_rttvar = tp.mdev_us >>> 2;
  info.tcpi_snd_ssthresh = tp.snd_ssthresh;
  info.tcpi_advmss = tp.advmss;
  info.tcpi_rcv_rtt = tp.rcv_rtt_est.rtt_us >>> 3;
  info.tcpi_rcv_space = tp.rcvq_space.space;
  info.tcpi_total_retrans = tp.total_retrans;
  info.tcpi_bytes_acked = tp.bytes_acked;
  info.tcpi_bytes_received = tp.bytes_received;
  info.tcpi_notsent_bytes = Math.max(0, (tp.write_seq - tp.snd_nxt) | 0);
  tcp_get_info_chrono_stats(tp, info);
  info.tcpi_segs_out = tp.segs_out;
  info.tcpi_segs_in = tp.segs_in;
  info.tcpi_min_rtt = tcp_min_rtt(tp);
  info.tcpi_data_segs_in = tp.data_segs_in;
  info.tcpi_data_segs_out = tp.data_segs_out;
  info.tcpi_delivery_rate_app_limited = tp.rate_app_limited ? 1 : 0;
  const rate = tcp_compute_delivery_rate(tp);
  if (rate) info.tcpi_delivery_rate = rate;
  info.tcpi_delivered = tp.delivered;
  info.tcpi_delivered_ce = tp.delivered_ce;
  info.tcpi_bytes_sent = tp.bytes_sent;
  info.tcpi_bytes_retrans = tp.bytes_retrans;
  info.tcpi_dsack_dups = tp.dsack_dups;
  info.tcpi_reord_seen = tp.reord_seen;
  info.tcpi_rcv_ooopack = tp.rcv_ooopack;
  info.tcpi_snd_wnd = tp.snd_wnd;
  info.tcpi_rcv_wnd = tp.rcv_wnd;
  info.tcpi_rehash = tp.plb_rehash + tp.timeout_rehash;
  info.tcpi_fastopen_client_fail = tp.fastopen_client_fail;
  info.tcpi_total_rto = tp.total_rto;
  info.tcpi_total_rto_recoveries = tp.total_rto_recoveries;
  info.tcpi_total_rto_time = tp.total_rto_time;
  if (tp.rto_stamp) info.tcpi_total_rto_time += (Math.floor(kernel.now / 1e6) - tp.rto_stamp) >>> 0;
  if (tcp_ecn_mode_accecn(tp)) {
    info.tcpi_received_ce = tp.received_ce;
    info.tcpi_delivered_e1_bytes = tp.delivered_ecn_bytes[INET_ECN_ECT_1 - 1];
    info.tcpi_delivered_e0_bytes = tp.delivered_ecn_bytes[INET_ECN_ECT_0 - 1];
    info.tcpi_delivered_ce_bytes = tp.delivered_ecn_bytes[INET_ECN_CE - 1];
    info.tcpi_received_e1_bytes = tp.received_ecn_bytes[INET_ECN_ECT_1 - 1];
    info.tcpi_received_e0_bytes = tp.received_ecn_bytes[INET_ECN_ECT_0 - 1];
    info.tcpi_received_ce_bytes = tp.received_ecn_bytes[INET_ECN_CE - 1];
    info.tcpi_accecn_fail_mode = tp.accecn_fail_mode;
    info.tcpi_accecn_opt_seen = tp.saw_accecn_opt;
  }
  unlock_sock_fast(sk, slow);
}
