// The peer's window, the numbers received and acknowledged, and ACKs that are sent to challenge.
// Read beside: net/ipv4/tcp_input.c (tcp_ack_update_window, tcp_send_challenge_ack); RFC 9293 3.10.7.4, RFC 5961.

import type { net } from '../../../include/net/net_namespace.js';
import { ntohs } from '../../../include/linux/byteorder.js';
import { ktime_get_seconds } from '../../../include/linux/jiffies.js';
import { get_random_u32_inclusive } from '../../../include/linux/random.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import type { tcp_sock } from '../../../include/linux/tcp.js';
import { tcp_hdr, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import { LINUX_MIB_TCPACKSKIPPEDCHALLENGE, LINUX_MIB_TCPCHALLENGEACK } from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import {
  after,
  tcp_fast_path_check,
  tcp_paws_check,
  TCP_SKB_CB,
  tcp_slow_start_after_idle_check,
  tcp_update_wl,
  tcp_write_queue_empty,
} from '../../../include/net/tcp.js';
import { tcp_send_ack, tcp_sync_mss } from '../tcp_output/index.js';
import { FLAG_TS_PROGRESS, FLAG_WIN_UPDATE } from './index.js';

/** @param nwin the new window in bytes @notrace */
export function tcp_may_update_window(tp: tcp_sock, ack: u32, ack_seq: u32, nwin: u32): bool {
  return (
    after(ack, tp.snd_una) ||
    after(ack_seq, tp.snd_wl1) ||
    (ack_seq === tp.snd_wl1 && (nwin > tp.snd_wnd || nwin === 0))
  );
}

/** @notrace */
export function tcp_snd_una_update(tp: tcp_sock, ack: u32): void {
  tp.bytes_acked += (ack - tp.snd_una) >>> 0;
  tp.snd_una = ack;
}

/** @notrace */
export function tcp_rcv_nxt_update(tp: tcp_sock, seq: u32): void {
  tp.bytes_received += (seq - tp.rcv_nxt) >>> 0;
  tp.rcv_nxt = seq;
}

/** @returns FLAG_WIN_UPDATE or 0 */
export function tcp_ack_update_window(sk: sock, skb: sk_buff, ack: u32, ack_seq: u32): int {
  const tp = tcp_sk(sk);
  const th = tcp_hdr(skb);
  let flag = 0;
  let nwin = ntohs(th.window);
  if (th.syn === 0) nwin *= 2 ** tp.rx_opt.snd_wscale;
  if (tcp_may_update_window(tp, ack, ack_seq, nwin)) {
    flag |= FLAG_WIN_UPDATE;
    tcp_update_wl(tp, ack_seq);
    if (tp.snd_wnd !== nwin) {
      tp.snd_wnd = nwin;
      // The window is part of what the fast path expects.
      tp.pred_flags = 0;
      tcp_fast_path_check(sk);
      if (!tcp_write_queue_empty(sk)) tcp_slow_start_after_idle_check(sk);
      if (nwin > tp.max_window) {
        tp.max_window = nwin;
        tcp_sync_mss(sk, tp.icsk_pmtu_cookie);
      }
    }
  }
  tcp_snd_una_update(tp, ack);
  return flag;
}

/**
 * Whether an ACK in answer to nonsense has been sent less than half a second ago.
 * @param holder where the time of the last one is kept
 */
export function __tcp_oow_rate_limited(net: net, mib_idx: int, holder: { last_oow_ack_time: u32 }): bool {
  const now = net.kernel.jiffies >>> 0;
  const val = holder.last_oow_ack_time;
  if (val !== 0) {
    const elapsed = (now - val) | 0;
    if (elapsed >= 0 && elapsed < net.ipv4.sysctl_tcp_invalid_ratelimit) {
      NET_INC_STATS(net, mib_idx);
      return true;
    }
  }
  holder.last_oow_ack_time = now;
  return false;
}

/** As __tcp_oow_rate_limited(), for segments that bear no data: only those can run in a loop. */
export function tcp_oow_rate_limited(net: net, skb: sk_buff, mib_idx: int, holder: { last_oow_ack_time: u32 }): bool {
  const cb = TCP_SKB_CB(skb);
  if (cb.seq !== cb.end_seq && tcp_hdr(skb).syn === 0) return false;
  return __tcp_oow_rate_limited(net, mib_idx, holder);
}

/** Answers what may be an attacker's guess with an ACK, so that a true peer can correct itself (RFC 5961 7). */
export function tcp_send_challenge_ack(sk: sock): void {
  const net = sock_net(sk);
  if (__tcp_oow_rate_limited(net, LINUX_MIB_TCPACKSKIPPEDCHALLENGE, tcp_sk(sk))) return;
  const ack_limit = net.ipv4.sysctl_tcp_challenge_ack_limit;
  if (ack_limit !== 0x7fffffff) {
    const now = Math.floor(net.kernel.jiffies / net.kernel.HZ) >>> 0;
    if (now !== net.ipv4.tcp_challenge_timestamp) {
      // A random share, so that counting our answers tells nothing.
      const half = (ack_limit + 1) >> 1;
      net.ipv4.tcp_challenge_timestamp = now;
      net.ipv4.tcp_challenge_count = get_random_u32_inclusive(net.kernel, half, ack_limit + half - 1);
    }
    if (net.ipv4.tcp_challenge_count === 0) return;
    net.ipv4.tcp_challenge_count--;
  }
  NET_INC_STATS(net, LINUX_MIB_TCPCHALLENGEACK);
  tcp_send_ack(sk);
}

/** @notrace */
export function tcp_store_ts_recent(tp: tcp_sock): void {
  tp.rx_opt.ts_recent = tp.rx_opt.rcv_tsval;
  tp.rx_opt.ts_recent_stamp = ktime_get_seconds(sock_net(tp).kernel);
}

/** Takes over the segment's time stamp if it covers the last ACK sent (RFC 7323 4.3). @returns FLAG_* */
export function tcp_replace_ts_recent(tp: tcp_sock, seq: u32): int {
  if (tp.rx_opt.saw_tstamp === 0 || after(seq, tp.rcv_wup) || !tcp_paws_check(tp.rx_opt, 0)) return 0;
  const delta = (tp.rx_opt.rcv_tsval - tp.rx_opt.ts_recent) | 0;
  tcp_store_ts_recent(tp);
  return delta > 0 ? FLAG_TS_PROGRESS : 0;
}
