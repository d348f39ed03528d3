// Selective acknowledgements: which of the segments in flight the blocks of an ACK cover.
// Read beside: net/ipv4/tcp_input.c (tcp_sacktag_write_queue); RFC 2018, RFC 2883 (duplicates), RFC 6675 4.

import { EINVAL } from '../../../include/linux/errno.js';
import { skb_rb_next, skb_rb_search } from '../../../include/linux/skb_rbtree.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { GFP_ATOMIC } from '../../../include/linux/skbuff.js';
import type { tcp_sock } from '../../../include/linux/tcp.js';
import { TCP_NUM_SACKS, tcp_sack_block, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, u32, u64, u8 } from '../../../include/linux/types.js';
import { NET_ADD_STATS, NET_INC_STATS } from '../../../include/net/ip.js';
import {
  LINUX_MIB_TCPDSACKIGNOREDDUBIOUS,
  LINUX_MIB_TCPDSACKIGNOREDNOUNDO,
  LINUX_MIB_TCPDSACKIGNOREDOLD,
  LINUX_MIB_TCPDSACKOFORECV,
  LINUX_MIB_TCPDSACKRECV,
  LINUX_MIB_TCPDSACKRECVSEGS,
  LINUX_MIB_TCPSACKDISCARD,
} from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import {
  after,
  before,
  tcp_advance_highest_sack,
  TCP_CA_Loss,
  TCP_FRAG_IN_RTX_QUEUE,
  tcp_highest_sack,
  tcp_highest_sack_reset,
  tcp_highest_sack_seq,
  TCP_SKB_CB,
  tcp_skb_mss,
  tcp_skb_pcount,
  tcp_skb_timestamp_us,
  tcp_skb_tsorted_del,
  TCPCB_LOST,
  TCPCB_RETRANS,
  TCPCB_SACKED_ACKED,
  TCPCB_SACKED_RETRANS,
  TCPOLEN_SACK_BASE,
} from '../../../include/net/tcp.js';
import { tcp_current_mss, tcp_fragment } from '../tcp_output/index.js';
import { tcp_rate_skb_delivered } from '../tcp_rate.js';
import { tcp_rack_advance } from '../tcp_recovery.js';
import type { tcp_sacktag_state } from './index.js';
import {
  FLAG_DATA_SACKED,
  FLAG_ORIG_SACK_ACKED,
  tcp_check_sack_reordering,
  tcp_dsack_seen,
  tcp_shift_skb_data,
  tcp_verify_left_out,
} from './index.js';

/** Whether a block can be meant seriously: within what is in flight, or for a duplicate not too far below. */
export function tcp_is_sackblock_valid(tp: tcp_sock, is_dsack: bool, start_seq: u32, end_seq: u32): bool {
  if (after(end_seq, tp.snd_nxt) || !before(start_seq, end_seq)) return false;
  if (!before(start_seq, tp.snd_nxt)) return false;
  if (after(start_seq, tp.snd_una)) return true;
  if (!is_dsack || tp.undo_marker === 0) return false;
  if (after(end_seq, tp.snd_una)) return false;
  if (!before(start_seq, tp.undo_marker)) return true;
  if (!after(end_seq, tp.undo_marker)) return false;
  return !before(start_seq, (end_seq - tp.max_window) >>> 0);
}

/** Whether the first block reports a duplicate (RFC 2883 4). */
export function tcp_check_dsack(
  sk: sock,
  ack_skb: sk_buff,
  sp: tcp_sack_block[],
  num_sacks: int,
  prior_snd_una: u32,
  state: tcp_sacktag_state,
): bool {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const start_seq_0 = sp[0].start_seq;
  const end_seq_0 = sp[0].end_seq;
  if (before(start_seq_0, TCP_SKB_CB(ack_skb).ack_seq)) {
    NET_INC_STATS(net, LINUX_MIB_TCPDSACKRECV);
  } else if (num_sacks > 1) {
    if (after(end_seq_0, sp[1].end_seq) || before(start_seq_0, sp[1].start_seq)) return false;
    NET_INC_STATS(net, LINUX_MIB_TCPDSACKOFORECV);
  } else {
    return false;
  }
  const dup_segs = tcp_dsack_seen(tp, start_seq_0, end_seq_0, state);
  if (dup_segs === 0) {
    NET_INC_STATS(net, LINUX_MIB_TCPDSACKIGNOREDDUBIOUS);
    return false;
  }
  NET_ADD_STATS(net, LINUX_MIB_TCPDSACKRECVSEGS, dup_segs);
  // About data that is no longer queued: only count it.
  if (
    tp.undo_marker !== 0 &&
    tp.undo_retrans > 0 &&
    !after(end_seq_0, prior_snd_una) &&
    after(end_seq_0, tp.undo_marker)
  )
    tp.undo_retrans = Math.max(0, tp.undo_retrans - dup_segs);
  return true;
}

/** @returns 1 the block covers skb (which may have been cut for that), 0 it does not, or a negative errno */
export function tcp_match_skb_to_sack(sk: sock, skb: sk_buff, start_seq: u32, end_seq: u32): int {
  const cb = TCP_SKB_CB(skb);
  let in_sack = !after(start_seq, cb.seq) && !before(end_seq, cb.end_seq);
  if (tcp_skb_pcount(skb) > 1 && !in_sack && after(cb.end_seq, start_seq)) {
    const mss = tcp_skb_mss(skb);
    in_sack = !after(start_seq, cb.seq);
    let pkt_len: int;
    if (!in_sack) {
      pkt_len = Math.max((start_seq - cb.seq) >>> 0, mss);
    } else {
      pkt_len = (end_seq - cb.seq) >>> 0;
      if (pkt_len < mss) return -EINVAL;
    }
    // Cut at segment boundaries: before the block rounded up, within it rounded down.
    if (pkt_len > mss) {
      let new_len = Math.floor(pkt_len / mss) * mss;
      if (!in_sack && new_len < pkt_len) new_len += mss;
      pkt_len = new_len;
    }
    if (pkt_len >= skb.len && !in_sack) return 0;
    const err = tcp_fragment(sk, TCP_FRAG_IN_RTX_QUEUE, skb, pkt_len, mss, GFP_ATOMIC);
    if (err < 0) return err;
  }
  return in_sack ? 1 : 0;
}

/**
 * Counts a range as selectively acknowledged.
 * @param sacked TCPCB_* before
 * @param xmit_time µs of its last transmission
 * @returns TCPCB_* after
 */
export function tcp_sacktag_one(
  sk: sock,
  state: tcp_sacktag_state,
  sacked: u8,
  start_seq: u32,
  end_seq: u32,
  dup_sack: bool,
  pcount: int,
  xmit_time: u64,
): u8 {
  const tp = tcp_sk(sk);
  if (dup_sack && (sacked & TCPCB_RETRANS) !== 0) {
    if (tp.undo_marker !== 0 && tp.undo_retrans > 0 && after(end_seq, tp.undo_marker))
      tp.undo_retrans = Math.max(0, tp.undo_retrans - pcount);
    if ((sacked & TCPCB_SACKED_ACKED) !== 0 && before(start_seq, state.reord)) state.reord = start_seq;
  }
  // Acknowledged in the ordinary way.
  if (!after(end_seq, tp.snd_una)) return sacked;

  if ((sacked & TCPCB_SACKED_ACKED) === 0) {
    tcp_rack_advance(tp, sacked, end_seq, xmit_time);
    if ((sacked & TCPCB_SACKED_RETRANS) !== 0) {
      // Without the mark of loss the retransmission is believed to be on its way still.
      if ((sacked & TCPCB_LOST) !== 0) {
        sacked &= ~(TCPCB_LOST | TCPCB_SACKED_RETRANS);
        tp.lost_out -= pcount;
        tp.retrans_out -= pcount;
      }
    } else {
      if ((sacked & TCPCB_RETRANS) === 0) {
        // It was never sent again, and later ones have arrived before: reordering.
        if (before(start_seq, tcp_highest_sack_seq(tp)) && before(start_seq, state.reord)) state.reord = start_seq;
        if (!after(end_seq, tp.high_seq)) state.flag |= FLAG_ORIG_SACK_ACKED;
        if (state.first_sackt === 0) state.first_sackt = xmit_time;
        state.last_sackt = xmit_time;
      }
      if ((sacked & TCPCB_LOST) !== 0) {
        sacked &= ~TCPCB_LOST;
        tp.lost_out -= pcount;
      }
    }
    sacked |= TCPCB_SACKED_ACKED;
    state.flag |= FLAG_DATA_SACKED;
    tp.sacked_out += pcount;
    state.sack_delivered += pcount;
    state.delivered_bytes += (end_seq - start_seq) >>> 0;
  }
  if (dup_sack && (sacked & TCPCB_SACKED_RETRANS) !== 0) {
    sacked &= ~TCPCB_SACKED_RETRANS;
    tp.retrans_out -= pcount;
  }
  return sacked;
}

/** Marks what the block covers from skb on. @returns the first segment behind it */
export function tcp_sacktag_walk(
  skb: sk_buff | null,
  sk: sock,
  next_dup: tcp_sack_block | null,
  state: tcp_sacktag_state,
  start_seq: u32,
  end_seq: u32,
  dup_sack_in: bool,
): sk_buff | null {
  const tp = tcp_sk(sk);
  for (; skb !== null; skb = skb_rb_next(skb)) {
    let in_sack = 0;
    let dup_sack = dup_sack_in;
    if (!before(TCP_SKB_CB(skb).seq, end_seq)) break;
    if (next_dup !== null && before(TCP_SKB_CB(skb).seq, next_dup.end_seq)) {
      in_sack = tcp_match_skb_to_sack(sk, skb, next_dup.start_seq, next_dup.end_seq);
      if (in_sack > 0) dup_sack = true;
    }
    if (in_sack <= 0) {
      const tmp: sk_buff | null = tcp_shift_skb_data(sk, skb, state, start_seq, end_seq, dup_sack);
      if (tmp !== null) {
        if (tmp !== skb) {
          skb = tmp;
          continue;
        }
        in_sack = 0;
      } else {
        in_sack = tcp_match_skb_to_sack(sk, skb, start_seq, end_seq);
      }
    }
    if (in_sack < 0) break;
    if (in_sack !== 0) {
      const cb = TCP_SKB_CB(skb);
      cb.sacked = tcp_sacktag_one(
        sk,
        state,
        cb.sacked,
        cb.seq,
        cb.end_seq,
        dup_sack,
        tcp_skb_pcount(skb),
        tcp_skb_timestamp_us(skb),
      );
      tcp_rate_skb_delivered(sk, skb, state.rate);
      if ((cb.sacked & TCPCB_SACKED_ACKED) !== 0) tcp_skb_tsorted_del(sk, skb);
      if (!before(cb.seq, tcp_highest_sack_seq(tp))) tcp_advance_highest_sack(sk, skb);
    }
  }
  return skb;
}

/** The segment that has seq, or null. */
export function tcp_sacktag_bsearch(sk: sock, seq: u32): sk_buff | null {
  return skb_rb_search(tcp_sk(sk).tcp_rtx_queue, seq);
}

export function tcp_sacktag_skip(skb: sk_buff | null, sk: sock, skip_to_seq: u32): sk_buff | null {
  if (skb !== null && after(TCP_SKB_CB(skb).seq, skip_to_seq)) return skb;
  return tcp_sacktag_bsearch(sk, skip_to_seq);
}

export function tcp_maybe_skipping_dsack(
  skb: sk_buff | null,
  sk: sock,
  next_dup: tcp_sack_block | null,
  state: tcp_sacktag_state,
  skip_to_seq: u32,
): sk_buff | null {
  if (next_dup === null) return skb;
  if (before(next_dup.start_seq, skip_to_seq)) {
    skb = tcp_sacktag_skip(skb, sk, next_dup.start_seq);
    skb = tcp_sacktag_walk(skb, sk, null, state, next_dup.start_seq, next_dup.end_seq, true);
  }
  return skb;
}

/** The blocks of the SACK option, as they stand. @notrace */
function read_blocks(ack_skb: sk_buff): tcp_sack_block[] {
  const buf = ack_skb.head;
  const ptr = ack_skb.transport_header + TCP_SKB_CB(ack_skb).sacked;
  const num_sacks = Math.min(TCP_NUM_SACKS, (buf[ptr + 1] - TCPOLEN_SACK_BASE) >> 3);
  const blocks: tcp_sack_block[] = [];
  for (let i = 0, p = ptr + 2; i < num_sacks; i++, p += 8) {
    const b = new tcp_sack_block();
    b.start_seq = ((buf[p] << 24) | (buf[p + 1] << 16) | (buf[p + 2] << 8) | buf[p + 3]) >>> 0;
    b.end_seq = ((buf[p + 4] << 24) | (buf[p + 5] << 16) | (buf[p + 6] << 8) | buf[p + 7]) >>> 0;
    blocks.push(b);
  }
  return blocks;
}

/** Digests the SACK option of an ACK. @returns FLAG_* */
export function tcp_sacktag_write_queue(sk: sock, ack_skb: sk_buff, prior_snd_una: u32, state: tcp_sacktag_state): int {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const sp_wire = read_blocks(ack_skb);
  const num_sacks = sp_wire.length;
  const ack_seq = TCP_SKB_CB(ack_skb).ack_seq;
  state.flag = 0;
  state.reord = tp.snd_nxt;
  if (tp.sacked_out === 0) tcp_highest_sack_reset(sk);
  const found_dup_sack = tcp_check_dsack(sk, ack_skb, sp_wire, num_sacks, prior_snd_una, state);

  // Too old to say anything.
  if (before(ack_seq, (prior_snd_una - tp.max_window) >>> 0)) return 0;
  if (tp.packets_out === 0) return state.flag;

  const sp: tcp_sack_block[] = [];
  let first_sack_index = 0;
  for (let i = 0; i < num_sacks; i++) {
    const dup_sack = i === 0 && found_dup_sack;
    const b = sp_wire[i];
    if (!tcp_is_sackblock_valid(tp, dup_sack, b.start_seq, b.end_seq)) {
      let mib_idx: int;
      if (dup_sack) {
        mib_idx = tp.undo_marker === 0 ? LINUX_MIB_TCPDSACKIGNOREDNOUNDO : LINUX_MIB_TCPDSACKIGNOREDOLD;
      } else {
        // An older ACK that was overtaken.
        if (ack_seq !== tp.snd_una && !after(b.end_seq, tp.snd_una)) continue;
        mib_idx = LINUX_MIB_TCPSACKDISCARD;
      }
      NET_INC_STATS(net, mib_idx);
      if (i === 0) first_sack_index = -1;
      continue;
    }
    if (!after(b.end_seq, prior_snd_una)) {
      if (i === 0) first_sack_index = -1;
      continue;
    }
    sp.push(b);
  }
  const used_sacks = sp.length;

  // In the order of the queue; remember where the first block goes.
  for (let i = used_sacks - 1; i > 0; i--) {
    for (let j = 0; j < i; j++) {
      if (after(sp[j].start_seq, sp[j + 1].start_seq)) {
        const b = sp[j];
        sp[j] = sp[j + 1];
        sp[j + 1] = b;
        if (j === first_sack_index) first_sack_index = j + 1;
      }
    }
  }

  state.mss_now = tcp_current_mss(sk);
  const cached = tp.recv_sack_cache;
  let skb: sk_buff | null = null;
  let cache = 0;
  if (tp.sacked_out === 0) cache = cached.length;
  else while (cache < cached.length && cached[cache].start_seq === 0 && cached[cache].end_seq === 0) cache++;

  for (let i = 0; i < used_sacks;) {
    const start_seq = sp[i].start_seq;
    const end_seq = sp[i].end_seq;
    const dup_sack = found_dup_sack && i === first_sack_index;
    const next_dup = found_dup_sack && i + 1 === first_sack_index ? sp[i + 1] : null;
    let walk = true;
    while (cache < cached.length && !before(start_seq, cached[cache].end_seq)) cache++;

    // What the last ACK covered need not be walked over again.
    if (cache < cached.length && !dup_sack && after(end_seq, cached[cache].start_seq)) {
      const c = cached[cache];
      if (before(start_seq, c.start_seq)) {
        skb = tcp_sacktag_skip(skb, sk, start_seq);
        skb = tcp_sacktag_walk(skb, sk, next_dup, state, start_seq, c.start_seq, dup_sack);
      }
      if (after(end_seq, c.end_seq)) {
        skb = tcp_maybe_skipping_dsack(skb, sk, next_dup, state, c.end_seq);
        cache++;
        if (tcp_highest_sack_seq(tp) === c.end_seq) {
          skb = tcp_highest_sack(sk);
          if (skb === null) break;
        } else {
          skb = tcp_sacktag_skip(skb, sk, c.end_seq);
          continue;
        }
      } else {
        walk = false;
      }
    } else {
      if (!before(start_seq, tcp_highest_sack_seq(tp))) {
        skb = tcp_highest_sack(sk);
        if (skb === null) break;
      }
      skb = tcp_sacktag_skip(skb, sk, start_seq);
    }
    if (walk) skb = tcp_sacktag_walk(skb, sk, next_dup, state, start_seq, end_seq, dup_sack);
    i++;
  }

  const empty = cached.length - used_sacks;
  for (let i = 0; i < cached.length; i++) {
    cached[i].start_seq = i < empty ? 0 : sp[i - empty].start_seq;
    cached[i].end_seq = i < empty ? 0 : sp[i - empty].end_seq;
  }

  if (tp.icsk_ca_state !== TCP_CA_Loss || tp.undo_marker !== 0) tcp_check_sack_reordering(sk, state.reord, 0);
  tcp_verify_left_out(tp);
  return state.flag;
}
