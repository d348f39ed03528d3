// DCTCP: the window shrinks by the share of segments that met congestion.
// Read beside: net/ipv4/tcp_dctcp.c; RFC 8257.

import type { tcp_sock } from '../../include/linux/tcp.js';
import { tcp_sk } from '../../include/linux/tcp.js';
import type { bool, int, u32, u8 } from '../../include/linux/types.js';
import { ICSK_ACK_NOW, ICSK_ACK_TIMER } from '../../include/net/inet_connection_sock.js';
import { INET_ECN_dontxmit } from '../../include/net/inet_ecn.js';
import type { sock } from '../../include/net/sock.js';
import type { tcp_congestion_ops } from '../../include/net/tcp.js';
import {
  before,
  CA_EVENT_ECN_IS_CE,
  CA_EVENT_ECN_NO_CE,
  CA_EVENT_LOSS,
  TCP_CA_Recovery,
  TCP_CLOSE,
  TCP_CONG_NEEDS_ECN,
  TCP_ECN_DEMAND_CWR,
  TCP_ECN_MODE_RFC3168,
  TCP_LISTEN,
  tcp_snd_cwnd,
} from '../../include/net/tcp.js';
import type { Kernel } from '../../kernel/kernel.js';
import {
  tcp_register_congestion_control,
  tcp_reno_cong_avoid,
  tcp_reno_ssthresh,
  tcp_reno_undo_cwnd,
} from './tcp_cong.js';
import { __tcp_send_ack } from './tcp_output/index.js';

/** alpha is a fraction in 1024ths. */
const DCTCP_MAX_ALPHA = 1024;
/** Weight of a new observation: 1/16. */
const DCTCP_SHIFT_G = 4;

/** A socket's state. @packed */
export class dctcp {
  old_delivered: u32 = 0;
  old_delivered_ce: u32 = 0;
  prior_rcv_nxt: u32 = 0;
  dctcp_alpha: u32 = DCTCP_MAX_ALPHA;
  next_seq: u32 = 0;
  ce_state: bool = false;
  loss_cwnd: u32 = 0;
}

/** The state; ACKs of the handshake come before the init. @notrace */
function ca_of(sk: sock): dctcp {
  return (tcp_sk(sk).icsk_ca_priv ??= new dctcp()) as dctcp;
}

export function dctcp_reset(tp: tcp_sock, ca: dctcp): void {
  ca.next_seq = tp.snd_nxt;
  ca.old_delivered = tp.delivered;
  ca.old_delivered_ce = tp.delivered_ce;
}

export function dctcp_init(sk: sock): void {
  const tp = tcp_sk(sk);
  if ((tp.ecn_flags & TCP_ECN_MODE_RFC3168) !== 0 || sk.sk_state === TCP_LISTEN || sk.sk_state === TCP_CLOSE) {
    const ca = new dctcp();
    tp.icsk_ca_priv = ca;
    ca.prior_rcv_nxt = tp.rcv_nxt;
    dctcp_reset(tp, ca);
    return;
  }
  // The peer does not do ECN: Reno.
  tp.icsk_ca_ops = dctcp_reno;
  INET_ECN_dontxmit(sk);
}

export function dctcp_ssthresh(sk: sock): u32 {
  const tp = tcp_sk(sk);
  const ca = ca_of(sk);
  const cwnd = tcp_snd_cwnd(tp);
  ca.loss_cwnd = cwnd;
  return Math.max(cwnd - ((cwnd * ca.dctcp_alpha) >>> 11), 2);
}

/** Once a window: the moving average of the share of marked segments. */
export function dctcp_update_alpha(sk: sock, _flags: u32): void {
  const tp = tcp_sk(sk);
  const ca = ca_of(sk);
  if (before(tp.snd_una, ca.next_seq)) return;
  const delivered = tp.delivered - ca.old_delivered;
  const delivered_ce = tp.delivered_ce - ca.old_delivered_ce;
  const decay = ca.dctcp_alpha >>> DCTCP_SHIFT_G;
  let alpha = ca.dctcp_alpha - (decay !== 0 ? decay : ca.dctcp_alpha);
  if (delivered_ce !== 0) {
    alpha += Math.floor((delivered_ce * 2 ** (10 - DCTCP_SHIFT_G)) / Math.max(1, delivered));
    alpha = Math.min(alpha, DCTCP_MAX_ALPHA);
  }
  ca.dctcp_alpha = alpha;
  dctcp_reset(tp, ca);
}

export function dctcp_react_to_loss(sk: sock): void {
  const tp = tcp_sk(sk);
  ca_of(sk).loss_cwnd = tcp_snd_cwnd(tp);
  tp.snd_ssthresh = Math.max(tcp_snd_cwnd(tp) >>> 1, 2);
}

export function dctcp_state(sk: sock, new_state: u8): void {
  if (new_state === TCP_CA_Recovery && new_state !== tcp_sk(sk).icsk_ca_state) dctcp_react_to_loss(sk);
}

/** @notrace */
function dctcp_ece_ack_cwr(sk: sock, ce_state: bool): void {
  const tp = tcp_sk(sk);
  if (ce_state) tp.ecn_flags |= TCP_ECN_DEMAND_CWR;
  else tp.ecn_flags &= ~TCP_ECN_DEMAND_CWR;
}

/** The marking changed: what is to be acknowledged is split there, so that the sender can count (RFC 8257 3.2). */
export function dctcp_ece_ack_update(sk: sock, evt: int, ca: dctcp): void {
  const tp = tcp_sk(sk);
  const new_ce_state = evt === CA_EVENT_ECN_IS_CE;
  if (ca.ce_state !== new_ce_state) {
    if ((tp.icsk_ack.pending & ICSK_ACK_TIMER) !== 0) {
      dctcp_ece_ack_cwr(sk, ca.ce_state);
      __tcp_send_ack(sk, ca.prior_rcv_nxt, 0);
    }
    tp.icsk_ack.pending |= ICSK_ACK_NOW;
  }
  ca.prior_rcv_nxt = tp.rcv_nxt;
  ca.ce_state = new_ce_state;
  dctcp_ece_ack_cwr(sk, new_ce_state);
}

export function dctcp_cwnd_event(sk: sock, ev: int): void {
  const ca = ca_of(sk);
  if (ev === CA_EVENT_ECN_IS_CE || ev === CA_EVENT_ECN_NO_CE) dctcp_ece_ack_update(sk, ev, ca);
  else if (ev === CA_EVENT_LOSS) dctcp_react_to_loss(sk);
}

export function dctcp_cwnd_undo(sk: sock): u32 {
  return Math.max(tcp_snd_cwnd(tcp_sk(sk)), ca_of(sk).loss_cwnd);
}

export const dctcp_ops: tcp_congestion_ops = {
  name: 'dctcp',
  key: 0x64637463,
  flags: TCP_CONG_NEEDS_ECN,
  init: dctcp_init,
  in_ack_event: dctcp_update_alpha,
  cwnd_event: dctcp_cwnd_event,
  ssthresh: dctcp_ssthresh,
  cong_avoid: (sk, ack, acked) => tcp_reno_cong_avoid(sk, ack, acked),
  undo_cwnd: dctcp_cwnd_undo,
  set_state: dctcp_state,
};

const dctcp_reno: tcp_congestion_ops = {
  name: 'dctcp-reno',
  key: 0x64637472,
  flags: 0,
  ssthresh: (sk) => tcp_reno_ssthresh(sk),
  cong_avoid: (sk, ack, acked) => tcp_reno_cong_avoid(sk, ack, acked),
  undo_cwnd: (sk) => tcp_reno_undo_cwnd(sk),
};

export function dctcp_register(kernel: Kernel): int {
  return tcp_register_congestion_control(kernel, dctcp_ops);
}
