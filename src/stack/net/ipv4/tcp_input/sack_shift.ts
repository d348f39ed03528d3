// Joining neighbouring segments that are selectively acknowledged, so that walks over a long queue stay short.
// Read beside: net/ipv4/tcp_input.c (tcp_shift_skb_data).

import { skb_rb_next, skb_rb_prev } from '../../../include/linux/skb_rbtree.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { skb_headlen } from '../../../include/linux/skbuff.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import { LINUX_MIB_SACKMERGED, LINUX_MIB_SACKSHIFTED, LINUX_MIB_SACKSHIFTFALLBACK } from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import {
  after,
  before,
  tcp_advance_highest_sack,
  tcp_highest_sack,
  TCP_MIN_GSO_SIZE,
  tcp_rtx_queue_unlink_and_free,
  tcp_skb_can_collapse,
  TCP_SKB_CB,
  tcp_skb_mss,
  tcp_skb_pcount,
  tcp_skb_pcount_add,
  tcp_skb_timestamp_us,
  TCPCB_EVER_RETRANS,
  TCPCB_LOST,
  TCPCB_SACKED_ACKED,
  TCPCB_SACKED_RETRANS,
  TCPCB_TAGBITS,
  TCPHDR_FIN,
} from '../../../include/net/tcp.js';
import { skb_shift } from '../../core/skbuff.js';
import { tcp_skb_collapse_tstamp } from '../tcp_output/index.js';
import { tcp_rate_skb_delivered } from '../tcp_rate.js';
import type { tcp_sacktag_state } from './index.js';
import { tcp_sacktag_one } from './index.js';

/** shifted bytes of skb went to prev. @returns whether skb is gone */
export function tcp_shifted_skb(
  sk: sock,
  prev: sk_buff,
  skb: sk_buff,
  state: tcp_sacktag_state,
  pcount: u32,
  shifted: int,
  mss: int,
  dup_sack: bool,
): bool {
  const tp = tcp_sk(sk);
  const cb = TCP_SKB_CB(skb);
  const pcb = TCP_SKB_CB(prev);
  const start_seq = cb.seq;
  const end_seq = (start_seq + shifted) >>> 0;
  tcp_sacktag_one(sk, state, cb.sacked, start_seq, end_seq, dup_sack, pcount, tcp_skb_timestamp_us(skb));
  tcp_rate_skb_delivered(sk, skb, state.rate);

  pcb.end_seq = (pcb.end_seq + shifted) >>> 0;
  cb.seq = (cb.seq + shifted) >>> 0;
  tcp_skb_pcount_add(prev, pcount);
  tcp_skb_pcount_add(skb, -pcount);
  if (pcb.tcp_gso_size === 0) pcb.tcp_gso_size = mss;
  if (tcp_skb_pcount(skb) <= 1) cb.tcp_gso_size = 0;
  pcb.sacked |= cb.sacked & TCPCB_EVER_RETRANS;
  if (skb.len > 0) {
    NET_INC_STATS(sock_net(sk), LINUX_MIB_SACKSHIFTED);
    return false;
  }

  if (skb === tp.retransmit_skb_hint) tp.retransmit_skb_hint = prev;
  pcb.tcp_flags |= cb.tcp_flags;
  pcb.eor = cb.eor;
  if ((cb.tcp_flags & TCPHDR_FIN) !== 0) pcb.end_seq = (pcb.end_seq + 1) >>> 0;
  if (skb === tcp_highest_sack(sk)) tcp_advance_highest_sack(sk, skb);
  tcp_skb_collapse_tstamp(prev, skb);
  pcb.tx.delivered_mstamp = 0;
  tcp_rtx_queue_unlink_and_free(skb, sk);
  NET_INC_STATS(sock_net(sk), LINUX_MIB_SACKMERGED);
  return true;
}

/** Bytes of each of the segments that skb makes. @notrace */
export function tcp_skb_seglen(skb: sk_buff): int {
  return tcp_skb_pcount(skb) === 1 ? skb.len : tcp_skb_mss(skb);
}

/** Only data in pages can be moved. @notrace */
export function skb_can_shift(skb: sk_buff): bool {
  return skb_headlen(skb) === 0 && skb.data_len !== 0;
}

/** Moves shiftlen bytes if the result still is one packet. @returns bytes moved, or 0 */
export function tcp_skb_shift(to: sk_buff, from: sk_buff, pcount: int, shiftlen: int): int {
  if (to.len + shiftlen >= 65535 * TCP_MIN_GSO_SIZE) return 0;
  if (tcp_skb_pcount(to) + pcount > 65535) return 0;
  return skb_shift(to, from, shiftlen);
}

/**
 * Tries to append the acknowledged part of skb to the segment before it.
 * @returns the segment to go on from: skb itself if there is nothing to mark, null if it must be marked in place
 */
export function tcp_shift_skb_data(
  sk: sock,
  skb: sk_buff,
  state: tcp_sacktag_state,
  start_seq: u32,
  end_seq: u32,
  dup_sack: bool,
): sk_buff | null {
  const result = shift_skb_data(sk, skb, state, start_seq, end_seq, dup_sack);
  if (result === null) NET_INC_STATS(sock_net(sk), LINUX_MIB_SACKSHIFTFALLBACK);
  return result;
}

/** @notrace */
function shift_skb_data(
  sk: sock,
  skb: sk_buff,
  state: tcp_sacktag_state,
  start_seq: u32,
  end_seq: u32,
  dup_sack: bool,
): sk_buff | null {
  const tp = tcp_sk(sk);
  const cb = TCP_SKB_CB(skb);
  if (!dup_sack && (cb.sacked & (TCPCB_LOST | TCPCB_SACKED_RETRANS)) === TCPCB_SACKED_RETRANS) return null;
  if (!skb_can_shift(skb)) return null;
  if (!after(cb.end_seq, tp.snd_una)) return null;
  const prev = skb_rb_prev(skb);
  if (prev === null) return null;
  if ((TCP_SKB_CB(prev).sacked & TCPCB_TAGBITS) !== TCPCB_SACKED_ACKED) return null;
  if (!tcp_skb_can_collapse(prev, skb)) return null;

  let len: int;
  let pcount: int;
  let mss: int;
  if (!after(start_seq, cb.seq) && !before(end_seq, cb.end_seq)) {
    len = skb.len;
    pcount = tcp_skb_pcount(skb);
    mss = tcp_skb_seglen(skb);
    if (mss !== tcp_skb_seglen(prev)) return null;
  } else {
    if (!after(cb.end_seq, start_seq)) return skb;
    if (tcp_skb_pcount(skb) <= 1) return skb;
    if (after(start_seq, cb.seq)) return null;
    len = (end_seq - cb.seq) | 0;
    // Cut at segment boundaries only, or the counts would be wrong.
    mss = tcp_skb_mss(skb);
    if (mss !== tcp_skb_seglen(prev)) return null;
    if (len < mss) return skb;
    pcount = Math.floor(len / mss);
    len = pcount * mss;
  }
  if (!after((cb.seq + len) >>> 0, tp.snd_una)) return null;
  if (tcp_skb_shift(prev, skb, pcount, len) === 0) return null;
  if (!tcp_shifted_skb(sk, prev, skb, state, pcount, len, mss, dup_sack)) return prev;

  // The hole is filled: what follows may join as well.
  const next = skb_rb_next(prev);
  if (
    next === null ||
    !skb_can_shift(next) ||
    (TCP_SKB_CB(next).sacked & TCPCB_TAGBITS) !== TCPCB_SACKED_ACKED ||
    mss !== tcp_skb_seglen(next) ||
    !tcp_skb_can_collapse(prev, next)
  )
    return prev;
  len = next.len;
  pcount = tcp_skb_pcount(next);
  if (tcp_skb_shift(prev, next, pcount, len) !== 0) tcp_shifted_skb(sk, prev, next, state, pcount, len, mss, false);
  return prev;
}
