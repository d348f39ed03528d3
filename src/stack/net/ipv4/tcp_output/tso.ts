// How much to hand down in one piece: Nagle, windows, pacing's share, and whether to wait for more.
// Read beside: net/ipv4/tcp_output.c (tcp_tso_should_defer, tcp_nagle_check); RFC 9293 3.7.4 (Nagle), Minshall's variant.

import type { sk_buff } from '../../../include/linux/skbuff.js';
import type { tcp_sock } from '../../../include/linux/tcp.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, s64, u32 } from '../../../include/linux/types.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import type { tcp_congestion_ops } from '../../../include/net/tcp.js';
import {
  after,
  TCP_CA_Recovery,
  tcp_max_tso_deferred_mss,
  tcp_min_rtt,
  TCP_NAGLE_CORK,
  TCP_NAGLE_PUSH,
  tcp_packets_in_flight,
  tcp_rtx_queue_head,
  TCP_SKB_CB,
  tcp_skb_pcount,
  tcp_snd_cwnd,
  tcp_wnd_end,
  tcp_write_queue_tail,
  TCPHDR_FIN,
} from '../../../include/net/tcp.js';

/** @notrace */
export function tcp_urg_mode(tp: tcp_sock): bool {
  return tp.snd_una !== tp.snd_up;
}

/** The last short segment is still unacknowledged. @notrace */
export function tcp_minshall_check(tp: tcp_sock): bool {
  return after(tp.snd_sml, tp.snd_una) && !after(tp.snd_sml, tp.snd_nxt);
}

/** Remembers where a short segment ended. @notrace */
export function tcp_minshall_update(tp: tcp_sock, mss_now: u32, skb: sk_buff): void {
  if (skb.len < tcp_skb_pcount(skb) * mss_now) tp.snd_sml = TCP_SKB_CB(skb).end_seq;
}

/** Whether a short segment has to wait. @notrace */
export function tcp_nagle_check(partial: bool, tp: tcp_sock, nonagle: int): bool {
  return (
    partial && ((nonagle & TCP_NAGLE_CORK) !== 0 || (nonagle === 0 && tp.packets_out !== 0 && tcp_minshall_check(tp)))
  );
}

/** Segments of a packet such that sending one takes about a millisecond at the present rate. */
export function tcp_tso_autosize(sk: sock, mss_now: u32, min_tso_segs: int): u32 {
  let bytes = Math.floor(sk.sk_pacing_rate / 2 ** sk.sk_pacing_shift);
  // Short paths take larger packets: the host's cost counts more there than bursts.
  const r = Math.floor(tcp_min_rtt(tcp_sk(sk)) / 2 ** sock_net(sk).ipv4.sysctl_tcp_tso_rtt_log);
  if (r < 32) bytes += sk.sk_gso_max_size >>> r;
  bytes = Math.min(bytes, sk.sk_gso_max_size);
  return Math.max(Math.floor(bytes / mss_now), min_tso_segs);
}

/** Most segments in one packet. */
export function tcp_tso_segs(sk: sock, mss_now: u32): u32 {
  const ca_ops = tcp_sk(sk).icsk_ca_ops as tcp_congestion_ops;
  const min_tso =
    ca_ops.min_tso_segs !== undefined ? ca_ops.min_tso_segs(sk) : sock_net(sk).ipv4.sysctl_tcp_min_tso_segs;
  return Math.min(tcp_tso_autosize(sk, mss_now, min_tso), sk.sk_gso_max_segs);
}

/** Bytes of skb to send now: bounded by the windows, and without a short end that Nagle holds back. */
export function tcp_mss_split_point(sk: sock, skb: sk_buff, mss_now: u32, max_segs: u32, nonagle: int): u32 {
  const tp = tcp_sk(sk);
  const window = (tcp_wnd_end(tp) - TCP_SKB_CB(skb).seq) >>> 0;
  const max_len = mss_now * max_segs;
  if (max_len <= window && skb !== tcp_write_queue_tail(sk)) return max_len;
  const needed = Math.min(skb.len, window);
  if (max_len <= needed) return max_len;
  const partial = needed % mss_now;
  return tcp_nagle_check(partial !== 0, tp, nonagle) ? needed - partial : needed;
}

/** Segments that the window of congestion lets out now, at most half of it at once. */
export function tcp_cwnd_test(tp: tcp_sock): u32 {
  const in_flight = tcp_packets_in_flight(tp);
  const cwnd = tcp_snd_cwnd(tp);
  if (in_flight >= cwnd) return 0;
  return Math.min(Math.max(cwnd >>> 1, 1), cwnd - in_flight);
}

/** Whether Nagle and its kin let this segment go. */
export function tcp_nagle_test(tp: tcp_sock, skb: sk_buff, cur_mss: u32, nonagle: int): bool {
  if ((nonagle & TCP_NAGLE_PUSH) !== 0) return true;
  if (tcp_urg_mode(tp) || (TCP_SKB_CB(skb).tcp_flags & TCPHDR_FIN) !== 0) return true;
  return !tcp_nagle_check(skb.len < cur_mss, tp, nonagle);
}

/** Whether at least the first segment of skb is within the peer's window. */
export function tcp_snd_wnd_test(tp: tcp_sock, skb: sk_buff, cur_mss: u32): bool {
  const cb = TCP_SKB_CB(skb);
  const end_seq = skb.len > cur_mss ? (cb.seq + cur_mss) >>> 0 : cb.end_seq;
  return !after(end_seq, tcp_wnd_end(tp));
}

/** What tcp_tso_should_defer() found to be the limit. */
export class tso_limits {
  is_cwnd_limited: bool = false;
  is_rwnd_limited: bool = false;
}

/** Whether to wait with a packet that could be larger after the next ACK. */
export function tcp_tso_should_defer(sk: sock, skb: sk_buff, limits: tso_limits, max_segs: u32): bool {
  const tp = tcp_sk(sk);
  if (tp.icsk_ca_state >= TCP_CA_Recovery) return false;
  // Only while the flow is going: a last departure more than 1 ms ago would make a burst.
  if (tp.tcp_clock_cache - tp.tcp_wstamp_ns - 1000000 > 0) return false;

  const send_win = (tcp_wnd_end(tp) - TCP_SKB_CB(skb).seq) >>> 0;
  const cong_win = (tcp_snd_cwnd(tp) - tcp_packets_in_flight(tp)) * tp.mss_cache;
  const limit = Math.min(send_win, cong_win);
  if (limit >= max_segs * tp.mss_cache) return false;
  if (skb !== tcp_write_queue_tail(sk) && limit >= skb.len) return false;

  const win_divisor = sock_net(sk).ipv4.sysctl_tcp_tso_win_divisor;
  if (win_divisor !== 0) {
    const chunk = Math.min(tp.snd_wnd, tcp_snd_cwnd(tp) * tp.mss_cache);
    if (limit >= Math.floor(chunk / win_divisor)) return false;
  } else if (limit > tcp_max_tso_deferred_mss(tp) * tp.mss_cache) {
    return false;
  }

  const head = tcp_rtx_queue_head(sk);
  if (head === null) return false;
  // The next ACK must be near: within half an RTT, and within a millisecond.
  const srtt_in_ns = 125 * tp.srtt_us;
  const how_far: s64 = head.skb_mstamp_ns + srtt_in_ns - tp.tcp_clock_cache;
  if (how_far > Math.min(Math.floor(srtt_in_ns / 2), 1000000)) return false;

  if (cong_win < send_win) {
    if (cong_win <= skb.len) {
      limits.is_cwnd_limited = true;
      return true;
    }
  } else if (send_win <= skb.len) {
    limits.is_rwnd_limited = true;
    return true;
  }
  // Nothing will be added to it any more.
  return (TCP_SKB_CB(skb).tcp_flags & TCPHDR_FIN) === 0 && !TCP_SKB_CB(skb).eor;
}
