// The write queue's newest segment: made, sized, pushed.
// Read beside: net/ipv4/tcp.c; RFC 9293 3.7.4 (Nagle), tcp(7).

import {
  CHECKSUM_PARTIAL,
  MAX_TCP_HEADER,
  SKB_TRUESIZE,
  __skb_header_release,
  alloc_skb_fclone,
  skb_end_offset,
  skb_reserve,
} from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { MSG_MORE, MSG_OOB } from '../../../include/linux/socket.js';
import { TSQF_THROTTLED, tcp_sk } from '../../../include/linux/tcp.js';
import type { tcp_sock } from '../../../include/linux/tcp.js';
import type { bool, gfp_t, int, uint } from '../../../include/linux/types.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import { LINUX_MIB_TCPAUTOCORKING } from '../../../include/net/snmp.js';
import {
  sk_mem_charge,
  sk_stream_moderate_sndbuf,
  sk_wmem_queued_add,
  sk_wmem_schedule,
  sock_net,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCPHDR_ACK,
  TCPHDR_PSH,
  TCP_NAGLE_CORK,
  TCP_NAGLE_PUSH,
  TCP_SKB_CB,
  after,
  tcp_add_write_queue_tail,
  tcp_bound_to_half_wnd,
  tcp_rtx_queue_empty,
  tcp_send_head,
  tcp_skb_can_collapse_to,
  tcp_slow_start_after_idle_check,
  tcp_unlink_write_queue,
  tcp_wmem_free_skb,
  tcp_write_queue_tail,
} from '../../../include/net/tcp.js';
import {
  __tcp_push_pending_frames,
  tcp_chrono_stop,
  tcp_current_mss,
  sk_forced_mem_schedule,
} from '../tcp_output/index.js';
import { tcp_enter_memory_pressure } from './state.js';

/** The segment is to bear PSH, and what is before it counts as pushed. */
export function tcp_mark_push(tp: tcp_sock, skb: sk_buff): void {
  TCP_SKB_CB(skb).tcp_flags |= TCPHDR_PSH;
  tp.pushed_seq = tp.write_seq;
}

/** More than half the peer's largest window was written since the last push. @notrace */
export function forced_push(tp: tcp_sock): bool {
  return after(tp.write_seq, (tp.pushed_seq + (tp.max_window >>> 1)) >>> 0);
}

/** Puts a fresh segment at the end of the write queue. */
export function tcp_skb_entail(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  const cb = TCP_SKB_CB(skb);
  cb.seq = tp.write_seq;
  cb.end_seq = tp.write_seq;
  cb.tcp_flags = TCPHDR_ACK;
  __skb_header_release(skb);
  tcp_add_write_queue_tail(sk, skb);
  sk_wmem_queued_add(sk, skb.truesize);
  sk_mem_charge(sk, skb.truesize);
  if (tp.nonagle & TCP_NAGLE_PUSH) tp.nonagle &= ~TCP_NAGLE_PUSH;
  tcp_slow_start_after_idle_check(sk);
}

/** @notrace */
function tcp_mark_urg(tp: tcp_sock, flags: int): void {
  if (flags & MSG_OOB) tp.snd_up = tp.write_seq;
}

/** A small segment waits for those before it to leave the host: more may be written to it meanwhile. */
function tcp_should_autocork(sk: sock, skb: sk_buff, size_goal: int): bool {
  return (
    skb.len < size_goal &&
    sock_net(sk).ipv4.sysctl_tcp_autocorking !== 0 &&
    !tcp_rtx_queue_empty(sk) &&
    sk.sk_wmem_alloc > skb.truesize &&
    tcp_skb_can_collapse_to(skb)
  );
}

/** Sends what was written, as Nagle, cork and MSG_MORE let it. */
export function tcp_push(sk: sock, flags: int, mss_now: int, nonagle: int, size_goal: int): void {
  const tp = tcp_sk(sk);
  const skb = tcp_write_queue_tail(sk);
  if (!skb) return;
  if (!(flags & MSG_MORE) || forced_push(tp)) tcp_mark_push(tp, skb);
  tcp_mark_urg(tp, flags);
  if (tcp_should_autocork(sk, skb, size_goal)) {
    if ((sk.sk_tsq_flags & TSQF_THROTTLED) === 0) {
      NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPAUTOCORKING);
      sk.sk_tsq_flags |= TSQF_THROTTLED;
    }
    // The last of them may have gone just before the flag was set.
    if (sk.sk_wmem_alloc > skb.truesize) return;
  }
  if (flags & MSG_MORE) nonagle = TCP_NAGLE_CORK;
  __tcp_push_pending_frames(sk, mss_now, nonagle);
}

/**
 * An empty segment for the write queue.
 * @param force_schedule whether memory is charged even under pressure (the queue is empty)
 * @formerly sk_stream_alloc_skb 2.6-5.15
 */
export function tcp_stream_alloc_skb(sk: sock, gfp: gfp_t, force_schedule: bool): sk_buff | null {
  const skb = alloc_skb_fclone(MAX_TCP_HEADER, gfp);
  skb_reserve(skb, MAX_TCP_HEADER);
  skb.truesize = SKB_TRUESIZE(skb_end_offset(skb));
  let mem_scheduled = true;
  if (force_schedule) sk_forced_mem_schedule(sk, skb.truesize);
  else mem_scheduled = sk_wmem_schedule(sk, skb.truesize);
  if (mem_scheduled) {
    skb.ip_summed = CHECKSUM_PARTIAL;
    return skb;
  }
  tcp_enter_memory_pressure(sk);
  sk_stream_moderate_sndbuf(sk);
  return null;
}

/** Bytes that one segment of the queue is to grow to: a multiple of the MSS with segmentation offload. */
export function tcp_xmit_size_goal(sk: sock, mss_now: int, large_allowed: bool): uint {
  const tp = tcp_sk(sk);
  if (!large_allowed) return mss_now;
  const new_size_goal = tcp_bound_to_half_wnd(tp, sk.sk_gso_max_size);
  let size_goal = tp.gso_segs * mss_now;
  if (new_size_goal < size_goal || new_size_goal >= size_goal + mss_now) {
    tp.gso_segs = Math.min(Math.floor(new_size_goal / mss_now), sk.sk_gso_max_segs);
    size_goal = tp.gso_segs * mss_now;
  }
  return Math.max(size_goal, mss_now);
}

/** The MSS now. @param size_goal out @EXPORT_SYMBOL */
export function tcp_send_mss(sk: sock, size_goal: { value: int }, flags: int): int {
  const mss_now = tcp_current_mss(sk);
  size_goal.value = tcp_xmit_size_goal(sk, mss_now, !(flags & MSG_OOB));
  return mss_now;
}

/** Drops the segment at the end of the queue if nothing was put into it. */
export function tcp_remove_empty_skb(sk: sock): void {
  const skb = tcp_write_queue_tail(sk);
  if (!skb || TCP_SKB_CB(skb).seq !== TCP_SKB_CB(skb).end_seq) return;
  tcp_unlink_write_queue(skb, sk);
  if (!tcp_send_head(sk)) tcp_chrono_stop(sk, 1);
  tcp_wmem_free_skb(sk, skb);
}

/** How many of `copy` bytes may be charged to the socket. */
export function tcp_wmem_schedule(sk: sock, copy: int): int {
  if (sk_wmem_schedule(sk, copy)) return copy;
  // Some progress is made even under pressure.
  const left = sock_net(sk).ipv4.sysctl_tcp_wmem[0] - sk.sk_wmem_queued;
  if (left > 0) sk_forced_mem_schedule(sk, Math.min(left, copy));
  return Math.min(copy, sk.sk_forward_alloc);
}
