/**
 * Connection requests: the small sockets that stand for a peer between its SYN and the end of the
 * three-way handshake, and the accept queue of a listener.
 *
 * Read beside it: include/net/request_sock.h, net/core/request_sock.c.
 * Left out: the slab cache behind reqsk_alloc.
 */
import type { atomic_t, bool, int, refcount_t, u16, u32, u8 } from '../linux/types.js';
import type { sk_buff } from '../linux/skbuff.js';
import type { tcp_fastopen_context } from '../linux/tcp.js';
import { timer_list } from '../linux/timer.js';
import { sock_common } from './sock/struct.js';
import type { sock } from './sock.js';

/** What a family and transport do with their requests. */
export interface request_sock_ops {
  family: int;
  obj_size: int;
  slab_name: string;
  send_ack: (sk: sock, skb: sk_buff, req: request_sock) => void;
  send_reset: (sk: sock | null, skb: sk_buff, reason: int) => void;
  destructor: (req: request_sock) => void;
}

/** The headers of a SYN kept for TCP_SAVED_SYN; lengths in bytes. */
export class saved_syn {
  mac_hdrlen: u32 = 0;
  network_hdrlen: u32 = 0;
  tcp_hdrlen: u32 = 0;
  data: Uint8Array = new Uint8Array(0);
}

/** @packed */
export class request_sock extends sock_common {
  dl_next: request_sock | null = null;
  mss: u16 = 0;
  num_retrans: u8 = 0;
  syncookie: bool = false;
  num_timeout: u8 = 0;
  ts_recent: u32 = 0;
  rsk_timer: timer_list = new timer_list();
  rsk_ops: request_sock_ops | null = null;
  rsk_listener: sock | null = null;
  sk: sock | null = null;
  saved_syn: saved_syn | null = null;
  secid: u32 = 0;
  peer_secid: u32 = 0;
  /** Window offered in the SYN-ACK and its clamp, in bytes. */
  rsk_rcv_wnd: u32 = 0;
  rsk_window_clamp: u32 = 0;
  /** Current timeout in jiffies; doubled by the exponential back-off. */
  timeout: u32 = 0;

  get __req_common(): sock_common {
    return this;
  }
  get rsk_refcnt(): refcount_t {
    return this.skc_refcnt;
  }
  set rsk_refcnt(v: refcount_t) {
    this.skc_refcnt = v;
  }
  get rsk_hash(): u32 {
    return this.skc_hash;
  }
  set rsk_hash(v: u32) {
    this.skc_hash = v;
  }
}

/** @notrace */
export function inet_reqsk(sk: sock_common): request_sock {
  return sk as request_sock;
}

/** @notrace */
export function req_to_sk(req: request_sock): sock {
  return req as unknown as sock;
}

/** Fast Open requests of a listener; lengths are counts of sockets. */
export class fastopen_queue {
  rskq_rst_head: request_sock | null = null;
  rskq_rst_tail: request_sock | null = null;
  qlen: int = 0;
  max_qlen: int = 0;
  ctx: tcp_fastopen_context | null = null;
}

/** The accept queue (FIFO of full sockets) and the counts of what is still in the handshake. */
export class request_sock_queue {
  rskq_defer_accept: u8 = 0;
  synflood_warned: u32 = 0;
  qlen: atomic_t = 0;
  young: atomic_t = 0;
  rskq_accept_head: request_sock | null = null;
  rskq_accept_tail: request_sock | null = null;
  fastopenq: fastopen_queue = new fastopen_queue();
}

/** Drops the saved SYN headers. @notrace */
export function reqsk_free_saved_syn(req: request_sock): void {
  req.saved_syn = null;
}

/** @notrace */
export function tcp_saved_syn_free(holder: { saved_syn: saved_syn | null }): void {
  holder.saved_syn = null;
}

/** Bytes kept of a SYN. @notrace */
export function tcp_saved_syn_len(s: saved_syn): u32 {
  return s.mac_hdrlen + s.network_hdrlen + s.tcp_hdrlen;
}

export function __reqsk_free(req: request_sock, sock_put: (sk: sock) => void): void {
  req.rsk_ops?.destructor(req);
  if (req.rsk_listener) sock_put(req.rsk_listener);
  req.rsk_listener = null;
  req.saved_syn = null;
}

/** @notrace */
export function reqsk_queue_empty(queue: request_sock_queue): bool {
  return queue.rskq_accept_head === null;
}

/**
 * Takes the oldest request off the accept queue; its `sk` is the established socket.
 * @returns null if the queue is empty
 */
export function reqsk_queue_remove(queue: request_sock_queue, parent: sock): request_sock | null {
  const req = queue.rskq_accept_head;
  if (req) {
    parent.sk_ack_backlog--;
    queue.rskq_accept_head = req.dl_next;
    if (queue.rskq_accept_head === null) queue.rskq_accept_tail = null;
    req.dl_next = null;
  }
  return req;
}

/** @notrace */
export function reqsk_queue_removed(queue: request_sock_queue, req: request_sock): void {
  if (req.num_timeout === 0) queue.young--;
  queue.qlen--;
}

/** @notrace */
export function reqsk_queue_added(queue: request_sock_queue): void {
  queue.young++;
  queue.qlen++;
}

/** @notrace */
export function reqsk_queue_len(queue: request_sock_queue): int {
  return queue.qlen;
}

/** @notrace */
export function reqsk_queue_len_young(queue: request_sock_queue): int {
  return queue.young;
}
