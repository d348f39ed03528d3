// The SACK blocks that we send.
// Read beside: net/ipv4/tcp_input.c (tcp_sack_new_ofo_skb, tcp_dsack_set); RFC 2018 4, RFC 2883.

import type { sk_buff } from '../../../include/linux/skbuff.js';
import type { tcp_sack_block, tcp_sock } from '../../../include/linux/tcp.js';
import { TCP_NUM_SACKS, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, u32 } from '../../../include/linux/types.js';
import { NET_ADD_STATS, NET_INC_STATS } from '../../../include/net/ip.js';
import {
  LINUX_MIB_DELAYEDACKLOST,
  LINUX_MIB_TCPACKCOMPRESSED,
  LINUX_MIB_TCPDSACKOFOSENT,
  LINUX_MIB_TCPDSACKOLDSENT,
  LINUX_MIB_TCPDUPLICATEDATAREHASH,
} from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { __sock_put, sk_rethink_txhash, sock_net } from '../../../include/net/sock.js';
import { after, before, tcp_is_sack, TCP_MAX_QUICKACKS, TCP_SKB_CB, tcp_ooo_empty } from '../../../include/net/tcp.js';
import { hrtimer_try_to_cancel } from '../../../kernel/time/hrtimer.js';
import { tcp_send_ack } from '../tcp_output/index.js';
import { tcp_enter_quickack_mode } from './index.js';

const TCP_SACK_BLOCKS_EXPECTED = 2;

/** Widens sp by a range that touches it. @notrace */
export function tcp_sack_extend(sp: tcp_sack_block, seq: u32, end_seq: u32): bool {
  if (after(seq, sp.end_seq) || after(sp.start_seq, end_seq)) return false;
  if (before(seq, sp.start_seq)) sp.start_seq = seq;
  if (after(end_seq, sp.end_seq)) sp.end_seq = end_seq;
  return true;
}

/** Reports [seq, end_seq) as a duplicate with the next ACK. */
export function tcp_dsack_set(sk: sock, seq: u32, end_seq: u32): void {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  if (!tcp_is_sack(tp) || net.ipv4.sysctl_tcp_dsack === 0) return;
  NET_INC_STATS(net, before(seq, tp.rcv_nxt) ? LINUX_MIB_TCPDSACKOLDSENT : LINUX_MIB_TCPDSACKOFOSENT);
  tp.rx_opt.dsack = 1;
  tp.duplicate_sack[0].start_seq = seq;
  tp.duplicate_sack[0].end_seq = end_seq;
}

export function tcp_dsack_extend(sk: sock, seq: u32, end_seq: u32): void {
  const tp = tcp_sk(sk);
  if (tp.rx_opt.dsack === 0) tcp_dsack_set(sk, seq, end_seq);
  else tcp_sack_extend(tp.duplicate_sack[0], seq, end_seq);
}

/** The same data again: our ACKs may get lost on this path, so choose another where there are several. */
export function tcp_rcv_spurious_retrans(sk: sock, skb: sk_buff): void {
  if (TCP_SKB_CB(skb).seq === tcp_sk(sk).duplicate_sack[0].start_seq && sk_rethink_txhash(sk))
    NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPDUPLICATEDATAREHASH);
}

/** Answers a segment outside of the window with an ACK. */
export function tcp_send_dupack(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const cb = TCP_SKB_CB(skb);
  if (cb.end_seq !== cb.seq && before(cb.seq, tp.rcv_nxt)) {
    NET_INC_STATS(net, LINUX_MIB_DELAYEDACKLOST);
    tcp_enter_quickack_mode(sk, TCP_MAX_QUICKACKS);
    if (tcp_is_sack(tp) && net.ipv4.sysctl_tcp_dsack !== 0) {
      tcp_rcv_spurious_retrans(sk, skb);
      tcp_dsack_set(sk, cb.seq, after(cb.end_seq, tp.rcv_nxt) ? tp.rcv_nxt : cb.end_seq);
    }
  }
  tcp_send_ack(sk);
}

/** The first block grew: does it touch others now? */
export function tcp_sack_maybe_coalesce(tp: tcp_sock): void {
  const sacks = tp.selective_acks;
  for (let i = 1; i < tp.rx_opt.num_sacks;) {
    if (tcp_sack_extend(sacks[0], sacks[i].start_seq, sacks[i].end_seq)) {
      tp.rx_opt.num_sacks--;
      const gone = sacks[i];
      for (let j = i; j < tp.rx_opt.num_sacks; j++) sacks[j] = sacks[j + 1];
      sacks[tp.rx_opt.num_sacks] = gone;
      continue;
    }
    i++;
  }
}

/** An ACK that was held back goes out before its blocks are forgotten. */
export function tcp_sack_compress_send_ack(sk: sock): void {
  const tp = tcp_sk(sk);
  if (tp.compressed_ack === 0) return;
  if (hrtimer_try_to_cancel(tp.compressed_ack_timer) === 1) __sock_put(sk);
  NET_ADD_STATS(sock_net(sk), LINUX_MIB_TCPACKCOMPRESSED, tp.compressed_ack - 1);
  tp.compressed_ack = 0;
  tcp_send_ack(sk);
}

/** Data arrived out of order: its block comes first, the others keep their order. */
export function tcp_sack_new_ofo_skb(sk: sock, seq: u32, end_seq: u32): void {
  const tp = tcp_sk(sk);
  const sacks = tp.selective_acks;
  const cur_sacks = tp.rx_opt.num_sacks;
  let i = 0;
  for (; i < cur_sacks; i++) {
    if (!tcp_sack_extend(sacks[i], seq, end_seq)) continue;
    if (i >= TCP_SACK_BLOCKS_EXPECTED) tcp_sack_compress_send_ack(sk);
    const sp = sacks[i];
    for (; i > 0; i--) sacks[i] = sacks[i - 1];
    sacks[0] = sp;
    if (cur_sacks > 1) tcp_sack_maybe_coalesce(tp);
    return;
  }
  if (i >= TCP_SACK_BLOCKS_EXPECTED) tcp_sack_compress_send_ack(sk);
  if (i >= TCP_NUM_SACKS) {
    i--;
    tp.rx_opt.num_sacks--;
  }
  const sp = sacks[i];
  for (; i > 0; i--) sacks[i] = sacks[i - 1];
  sacks[0] = sp;
  sp.start_seq = seq;
  sp.end_seq = end_seq;
  tp.rx_opt.num_sacks++;
}

/** rcv_nxt advanced: blocks below it are done with. */
export function tcp_sack_remove(tp: tcp_sock): void {
  if (tcp_ooo_empty(tp)) {
    tp.rx_opt.num_sacks = 0;
    return;
  }
  const sacks = tp.selective_acks;
  for (let i = 0; i < tp.rx_opt.num_sacks;) {
    if (!before(tp.rcv_nxt, sacks[i].start_seq)) {
      const gone = sacks[i];
      for (let j = i + 1; j < tp.rx_opt.num_sacks; j++) sacks[j - 1] = sacks[j];
      tp.rx_opt.num_sacks--;
      sacks[tp.rx_opt.num_sacks] = gone;
      continue;
    }
    i++;
  }
}
