// Probes of a closed window and of a silent peer (persist timer, keepalive).
// Read beside: net/ipv4/tcp_output.c (tcp_write_wakeup, tcp_send_probe0); RFC 9293 3.8.6.1.

import { alloc_skb, skb_reserve } from '../../../include/linux/skbuff.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { int } from '../../../include/linux/types.js';
import { ICSK_TIME_PROBE0 } from '../../../include/net/inet_connection_sock.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import { LINUX_MIB_TCPWINPROBE } from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import {
  before,
  between,
  MAX_TCP_HEADER,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_FRAG_IN_WRITE_QUEUE,
  tcp_probe0_when,
  tcp_reset_xmit_timer,
  TCP_RESOURCE_PROBE_INTERVAL,
  tcp_rto_max,
  tcp_send_head,
  TCP_SKB_CB,
  tcp_skb_pcount,
  tcp_wnd_end,
  tcp_write_queue_empty,
  TCPHDR_ACK,
  TCPHDR_PSH,
} from '../../../include/net/tcp.js';
import { tcp_clamp_probe0_to_user_timeout } from '../tcp_timer/index.js';
import {
  tcp_current_mss,
  tcp_event_new_data_sent,
  tcp_fragment,
  tcp_init_nondata_skb,
  tcp_mstamp_refresh,
  tcp_set_skb_tso_segs,
  tcp_transmit_skb,
} from './index.js';

/**
 * Sends an empty segment that the peer must answer: it lies just before what the peer expects.
 * @param urgent 1: at the expected place, for the urgent pointer
 * @param mib LINUX_MIB_* to count
 */
export function tcp_xmit_probe_skb(sk: sock, urgent: int, mib: int): int {
  const tp = tcp_sk(sk);
  const skb = alloc_skb(MAX_TCP_HEADER, 0);
  if (skb === null) return -1;
  skb_reserve(skb, MAX_TCP_HEADER);
  tcp_init_nondata_skb(skb, sk, (tp.snd_una - (urgent !== 0 ? 0 : 1)) >>> 0, TCPHDR_ACK);
  NET_INC_STATS(sock_net(sk), mib);
  return tcp_transmit_skb(sk, skb, 0, 0);
}

/** A probe after a repaired socket starts anew. */
export function tcp_send_window_probe(sk: sock): void {
  if (sk.sk_state !== TCP_ESTABLISHED) return;
  const tp = tcp_sk(sk);
  tp.snd_wl1 = (tp.rcv_nxt - 1) >>> 0;
  tcp_mstamp_refresh(tp);
  tcp_xmit_probe_skb(sk, 0, LINUX_MIB_TCPWINPROBE);
}

/** Sends what the window takes, or an empty probe. @returns 0, or as the transmission */
export function tcp_write_wakeup(sk: sock, mib: int): int {
  const tp = tcp_sk(sk);
  if (sk.sk_state === TCP_CLOSE) return -1;
  const skb = tcp_send_head(sk);
  if (skb !== null && before(TCP_SKB_CB(skb).seq, tcp_wnd_end(tp))) {
    const cb = TCP_SKB_CB(skb);
    const mss = tcp_current_mss(sk);
    let seg_size = (tcp_wnd_end(tp) - cb.seq) >>> 0;
    if (before(tp.pushed_seq, cb.end_seq)) tp.pushed_seq = cb.end_seq;
    if (seg_size < (cb.end_seq - cb.seq) >>> 0 || skb.len > mss) {
      seg_size = Math.min(seg_size, mss);
      cb.tcp_flags |= TCPHDR_PSH;
      if (tcp_fragment(sk, TCP_FRAG_IN_WRITE_QUEUE, skb, seg_size, mss, 0) !== 0) return -1;
    } else if (tcp_skb_pcount(skb) === 0) {
      tcp_set_skb_tso_segs(skb, mss);
    }
    cb.tcp_flags |= TCPHDR_PSH;
    const err = tcp_transmit_skb(sk, skb, 1, 0);
    if (err === 0) tcp_event_new_data_sent(sk, skb);
    return err;
  }
  if (between(tp.snd_up, (tp.snd_una + 1) >>> 0, (tp.snd_una + 0xffff) >>> 0)) tcp_xmit_probe_skb(sk, 1, mib);
  return tcp_xmit_probe_skb(sk, 0, mib);
}

/** The persist timer: probe, and arm it again, later each time. */
export function tcp_send_probe0(sk: sock): void {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const err = tcp_write_wakeup(sk, LINUX_MIB_TCPWINPROBE);
  if (tp.packets_out !== 0 || tcp_write_queue_empty(sk)) {
    tp.icsk_probes_out = 0;
    tp.icsk_backoff = 0;
    tp.icsk_probes_tstamp = 0;
    return;
  }
  tp.icsk_probes_out++;
  let timeout: int;
  if (err <= 0) {
    if (tp.icsk_backoff < net.ipv4.sysctl_tcp_retries2) tp.icsk_backoff++;
    timeout = tcp_probe0_when(sk, tcp_rto_max(sk));
  } else {
    // Dropped by our own queues: try again soon, without backing off.
    timeout = TCP_RESOURCE_PROBE_INTERVAL(net.kernel);
  }
  timeout = tcp_clamp_probe0_to_user_timeout(sk, timeout);
  tcp_reset_xmit_timer(sk, ICSK_TIME_PROBE0, timeout, true);
}
