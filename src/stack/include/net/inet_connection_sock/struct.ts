// struct inet_connection_sock (include/net/inet_connection_sock.h). Only leaf modules are imported here, so that this
// file is whole before any that extends its class. The inline helpers are in ../inet_connection_sock.ts.

import type { bool, int, u16, u32, u8 } from '../../linux/types.js';
import type { sk_buff } from '../../linux/skbuff/struct.js';
import { timer_list } from '../../linux/timer.js';
import type { dst_entry } from '../dst/struct.js';
import type { flowi } from '../flow.js';
import type { inet_bind2_bucket, inet_bind_bucket } from '../inet_hashtables.js';
import { inet_sock } from '../inet_sock.js';
import { request_sock_queue } from '../request_sock.js';
import type { request_sock } from '../request_sock.js';
import type { sock } from '../sock/struct.js';
import type { tcp_congestion_ops } from '../tcp.js';

/** The address family's part of a connection-oriented transport. */
export interface inet_connection_sock_af_ops {
  queue_xmit: (sk: sock, skb: sk_buff, fl: flowi) => int;
  send_check: (sk: sock, skb: sk_buff) => void;
  rebuild_header: (sk: sock) => int;
  sk_rx_dst_set: (sk: sock, skb: sk_buff) => void;
  conn_request: (sk: sock, skb: sk_buff) => int;
  syn_recv_sock: (
    sk: sock,
    skb: sk_buff,
    req: request_sock,
    dst: dst_entry | null,
    req_unhash: request_sock | null,
    own_req: { value: bool },
  ) => sock | null;
  net_header_len: u16;
  setsockopt: (sk: sock, level: int, optname: int, optval: Uint8Array, optlen: int) => int;
  getsockopt: (sk: sock, level: int, optname: int, optval: Uint8Array, optlen: { value: int }) => int;
  mtu_reduced: (sk: sock) => void;
}

export const ICSK_TIME_RETRANS = 1;
export const ICSK_TIME_DACK = 2;
export const ICSK_TIME_PROBE0 = 3;
export const ICSK_TIME_LOSS_PROBE = 5;
export const ICSK_TIME_REO_TIMEOUT = 6;

/** inet_csk_ack_state_t, bits of icsk_ack.pending. */
export const ICSK_ACK_SCHED = 1;
export const ICSK_ACK_TIMER = 2;
export const ICSK_ACK_PUSHED = 4;
export const ICSK_ACK_PUSHED2 = 8;
export const ICSK_ACK_NOW = 16;
export const ICSK_ACK_NOMEM = 32;

export const TCP_PINGPONG_THRESH = 1;

/** Delayed ACK control; ato and lrcvtime in jiffies, sizes in bytes. @packed */
export class inet_csk_ack_t {
  pending: u8 = 0;
  quick: u8 = 0;
  pingpong: u8 = 0;
  retry: u8 = 0;
  ato: u32 = 0;
  lrcv_flowlabel: u32 = 0;
  dst_quick_ack: bool = false;
  lrcvtime: u32 = 0;
  last_seg_size: u16 = 0;
  rcv_mss: u16 = 0;
}

/** Path MTU probing (RFC 4821); sizes in bytes, IP and TCP header included. @packed */
export class inet_csk_mtup_t {
  search_high: int = 0;
  search_low: int = 0;
  probe_size: u32 = 0;
  enabled: bool = false;
  probe_timestamp: u32 = 0;
}

/** A socket of a connection-oriented transport. @packed */
export class inet_connection_sock extends inet_sock {
  /** @rare */
  icsk_accept_queue: request_sock_queue = new request_sock_queue();
  icsk_bind_hash: inet_bind_bucket | null = null;
  icsk_bind2_hash: inet_bind2_bucket | null = null;
  icsk_retransmit_timer: timer_list = new timer_list();
  /** Set up when it is first armed. @lazy */
  icsk_delack_timer: timer_list = new timer_list();
  icsk_rto: u32 = 0;
  icsk_rto_min: u32 = 0;
  icsk_rto_max: u32 = 0;
  icsk_delack_max: u32 = 0;
  icsk_pmtu_cookie: u32 = 0;
  icsk_ca_ops: tcp_congestion_ops | null = null;
  icsk_af_ops: inet_connection_sock_af_ops | null = null;
  icsk_sync_mss: ((sk: sock, pmtu: u32) => u32) | null = null;
  icsk_ca_state: u8 = 0;
  icsk_ca_initialized: bool = false;
  icsk_ca_setsockopt: bool = false;
  icsk_ca_dst_locked: bool = false;
  icsk_retransmits: u8 = 0;
  icsk_pending: u8 = 0;
  icsk_backoff: u8 = 0;
  icsk_syn_retries: u8 = 0;
  icsk_probes_out: u8 = 0;
  icsk_ext_hdr_len: u16 = 0;
  /** @embedded */
  icsk_ack: inet_csk_ack_t = new inet_csk_ack_t();
  /** @embedded */
  icsk_mtup: inet_csk_mtup_t = new inet_csk_mtup_t();
  icsk_probes_tstamp: u32 = 0;
  icsk_user_timeout: u32 = 0;
  /** The congestion control's own state: an object of the module's class. */
  icsk_ca_priv: object | null = null;

  /** The struct that this one begins with, by the name it has in the kernel. */
  get icsk_inet(): inet_sock {
    return this;
  }
}
