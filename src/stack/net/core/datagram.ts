// Datagram sockets: reading packets from a queue, and copying them to and from programs (net/core/datagram.c).

import { current } from '../../kernel/current.js';
import { schedule_timeout, signal_pending } from '../../kernel/sched/core.js';
import { EAGAIN, EFAULT, EINVAL, EMSGSIZE, ENOTCONN } from '../../include/linux/errno.js';
import type { file } from '../../include/linux/fs.js';
import type { socket } from '../../include/linux/net.js';
import { SOCK_NOSPACE } from '../../include/linux/net.js';
import {
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  EPOLLRDNORM,
  EPOLLWRBAND,
  EPOLLWRNORM,
} from '../../include/linux/poll.js';
import type { poll_table } from '../../include/linux/poll.js';
import { TASK_INTERRUPTIBLE } from '../../include/linux/sched.js';
import type { Task } from '../../include/linux/sched.js';
import { MSG_DONTWAIT, MSG_PEEK } from '../../include/linux/socket.js';
import type { msghdr } from '../../include/linux/socket.js';
import { MAX_SKB_FRAGS, PAGE_SIZE } from '../../include/linux/skbuff/constants.js';
import { skb_fill_page_desc } from '../../include/linux/skbuff/frags.js';
import { __skb_unlink, skb_peek_tail, skb_queue_empty_lockless } from '../../include/linux/skbuff/queue.js';
import { skb_headlen, skb_tailroom } from '../../include/linux/skbuff/room.js';
import type { sk_buff, sk_buff_head } from '../../include/linux/skbuff/struct.js';
import { copy_from_iter, copy_to_iter, iov_iter_count, msg_data_left } from '../../include/linux/uio.js';
import type { iov_iter } from '../../include/linux/uio.js';
import { define_wait, finish_wait, prepare_to_wait_exclusive } from '../../include/linux/wait.js';
import type { __wsum, int, long, u32, uint } from '../../include/linux/types.js';
import { csum_block_add, csum_fold } from '../../include/net/checksum.js';
import { csum_partial } from '../../lib/checksum.js';
import {
  RCV_SHUTDOWN,
  SHUTDOWN_MASK,
  SOCK_SELECT_ERR_QUEUE,
  sk_sleep,
  sock_error,
  sock_flag,
  sock_intr_errno,
  sock_poll_wait,
  sock_rcvtimeo,
  sock_writeable,
  sk_error_queue_empty,
} from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock/struct.js';
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN, TCP_SYN_SENT } from '../../include/net/tcp_states.js';
import { trace_skb_copy_datagram_iovec } from '../../include/trace/events/skb.js';
import { __skb_checksum_complete } from './skbuff/csum.js';
import { consume_skb, sk_skb_reason_drop } from './skbuff/free.js';
import { skb_put } from './skbuff/room.js';
import { skb_walk_pieces } from './skbuff/bits.js';
import { SKB_DROP_REASON_NOT_SPECIFIED } from '../../include/net/dropreason.js';

function connection_based(sk: sock): boolean {
  return sk.sk_type === 5 || sk.sk_type === 1;
}

/**
 * Waits until the queue's last skb is another than `skb`.
 * @param timeo_p jiffies; what is left is put there
 * @returns 0: look again; 1: it ended in *err
 * @EXPORT_SYMBOL
 */
export function* __skb_wait_for_more_packets(
  sk: sock,
  queue: sk_buff_head,
  err: { value: int },
  timeo_p: { value: long },
  skb: sk_buff | null,
): Task<int> {
  const wait = define_wait();
  const wq = sk_sleep(sk);
  prepare_to_wait_exclusive(wq, wait, TASK_INTERRUPTIBLE);
  const error = sock_error(sk);
  let ret = 0;
  if (error !== 0) {
    err.value = error;
    ret = 1;
  } else if (skb_peek_tail(queue) !== skb) {
    ret = 0;
  } else if ((sk.sk_shutdown & RCV_SHUTDOWN) !== 0) {
    err.value = 0;
    ret = 1;
  } else if (connection_based(sk) && !(sk.sk_state === TCP_ESTABLISHED || sk.sk_state === TCP_LISTEN)) {
    err.value = -ENOTCONN;
    ret = 1;
  } else if (signal_pending(current())) {
    err.value = sock_intr_errno(timeo_p.value);
    ret = 1;
  } else {
    timeo_p.value = yield* schedule_timeout(sk.skc_net.kernel, timeo_p.value);
  }
  finish_wait(wq, wait);
  return ret;
}

/** What __skb_try_recv_*() tells beside the skb. */
export class skb_recv_state {
  /** Where in the skb a MSG_PEEK begins; in and out. */
  off: int = 0;
  err: int = 0;
  /** The last skb that was looked at. */
  last: sk_buff | null = null;
}

/** The first skb that holds something behind `off`. MSG_PEEK leaves it in the queue, with a reference more. */
export function __skb_try_recv_from_queue(queue: sk_buff_head, flags: uint, state: skb_recv_state): sk_buff | null {
  let off = state.off;
  let peek_at_off = false;
  if ((flags & MSG_PEEK) !== 0 && off >= 0) peek_at_off = true;
  state.last = queue.prev;
  for (let skb = queue.next; skb !== null; skb = skb.next) {
    if ((flags & MSG_PEEK) !== 0) {
      if (peek_at_off && off >= skb.len && (off !== 0 || skb.peeked !== 0)) {
        off -= skb.len;
        continue;
      }
      skb.peeked = 1;
      skb.users++;
    } else {
      __skb_unlink(skb, queue);
    }
    state.off = off;
    return skb;
  }
  return null;
}

/** As __skb_recv_datagram(), without waiting. state.err is -EAGAIN where there is nothing. */
export function __skb_try_recv_datagram(
  sk: sock,
  queue: sk_buff_head,
  flags: uint,
  state: skb_recv_state,
): sk_buff | null {
  const error = sock_error(sk);
  if (error !== 0) {
    state.err = error;
    return null;
  }
  const skb = __skb_try_recv_from_queue(queue, flags, state);
  if (skb === null) state.err = -EAGAIN;
  return skb;
}

/**
 * Takes a packet off a queue, waiting for one as the flags and the socket's timeout say.
 * @param state off: where a peek begins; err: gets a negative errno
 * @returns the skb, or null and state.err
 * @EXPORT_SYMBOL
 */
export function* __skb_recv_datagram(
  sk: sock,
  sk_queue: sk_buff_head,
  flags: uint,
  state: skb_recv_state,
): Task<sk_buff | null> {
  const timeo = { value: sock_rcvtimeo(sk, flags & MSG_DONTWAIT) };
  const err = { value: 0 };
  const off = state.off;
  for (;;) {
    state.off = off;
    const skb = __skb_try_recv_datagram(sk, sk_queue, flags, state);
    if (skb !== null) return skb;
    if (state.err !== -EAGAIN || timeo.value === 0) return null;
    if ((yield* __skb_wait_for_more_packets(sk, sk_queue, err, timeo, state.last)) !== 0) {
      state.err = err.value;
      return null;
    }
  }
}

/** @param err gets a negative errno @EXPORT_SYMBOL */
export function* skb_recv_datagram(sk: sock, flags: uint, err: { value: int }): Task<sk_buff | null> {
  const state = new skb_recv_state();
  const skb = yield* __skb_recv_datagram(sk, sk.sk_receive_queue, flags, state);
  err.value = skb === null ? state.err : 0;
  return skb;
}

/** A datagram was read. @EXPORT_SYMBOL */
export function skb_free_datagram(_sk: sock, skb: sk_buff): void {
  consume_skb(skb);
}

/** A datagram that was peeked at turned out bad: takes it off the queue if it is still there. @EXPORT_SYMBOL */
export function __sk_queue_drop_skb(sk: sock, sk_queue: sk_buff_head, skb: sk_buff, flags: uint): int {
  let err = 0;
  if ((flags & MSG_PEEK) !== 0) {
    err = -2;
    for (let at = sk_queue.next; at !== null; at = at.next) {
      if (at !== skb) continue;
      __skb_unlink(skb, sk_queue);
      skb.users--;
      err = 0;
      break;
    }
  }
  sk.sk_drops++;
  return err;
}

/** @EXPORT_SYMBOL */
export function skb_kill_datagram(sk: sock, skb: sk_buff, flags: uint): int {
  const err = __sk_queue_drop_skb(sk, sk.sk_receive_queue, skb, flags);
  sk_skb_reason_drop(sk, skb, SKB_DROP_REASON_NOT_SPECIFIED);
  return err;
}

/** Copies `len` bytes of a packet from `offset` on to a program. @returns 0 or -EFAULT @EXPORT_SYMBOL */
export function skb_copy_datagram_iter(skb: sk_buff, offset: int, to: iov_iter, len: int): int {
  trace_skb_copy_datagram_iovec(skb, len);
  return __skb_datagram_iter(skb, offset, to, len);
}

export function __skb_datagram_iter(skb: sk_buff, offset: int, to: iov_iter, len: int): int {
  if (offset + len <= skb.len - skb.data_len) {
    return copy_to_iter(skb.head, skb.data + offset, len, to) === len ? 0 : -EFAULT;
  }
  let short = false;
  const done = skb_walk_pieces(skb, offset, len, (buf, at, n) => {
    if (!short && copy_to_iter(buf, at, n, to) !== n) short = true;
  });
  return short || done < len ? -EFAULT : 0;
}

/** @notrace */
export function skb_copy_datagram_msg(from: sk_buff, offset: int, msg: msghdr, size: int): int {
  return skb_copy_datagram_iter(from, offset, msg.msg_iter, size);
}

/** The sum of all that the skb holds, begun with skb.csum. @notrace */
function sum_of(skb: sk_buff): __wsum {
  if (skb.data_len === 0) return csum_partial(skb.head, skb.data, skb.len, skb.csum);
  let csum: __wsum = skb.csum;
  skb_walk_pieces(skb, 0, skb.len, (buf, at, n, done) => {
    csum = csum_block_add(csum, csum_partial(buf, at, n, 0), done);
  });
  return csum;
}

/** Copies a packet to a program and checks its sum on the way. @param hlen bytes of header @returns 0, -EFAULT, -EINVAL @EXPORT_SYMBOL */
export function skb_copy_and_csum_datagram_msg(skb: sk_buff, hlen: int, msg: msghdr): int {
  const chunk = skb.len - hlen;
  if (chunk === 0) return 0;
  if (msg_data_left(msg) < chunk) {
    if (__skb_checksum_complete(skb) !== 0) return -EINVAL;
    return skb_copy_datagram_msg(skb, hlen, msg, chunk);
  }
  if (csum_fold(sum_of(skb)) !== 0) return -EINVAL;
  return skb_copy_datagram_msg(skb, hlen, msg, chunk);
}

/** Copies a program's data into a packet that has the room. @returns 0 or -EFAULT @EXPORT_SYMBOL */
export function skb_copy_datagram_from_iter(skb: sk_buff, offset: int, from: iov_iter, len: int): int {
  let short = false;
  const done = skb_walk_pieces(skb, offset, len, (buf, at, n) => {
    if (!short && copy_from_iter(buf, at, n, from) !== n) short = true;
  });
  return short || done < len ? -EFAULT : 0;
}

/** Makes fragments of a program's memory behind a packet's data. @returns 0, -EMSGSIZE or -EFAULT @EXPORT_SYMBOL */
export function zerocopy_sg_from_iter(skb: sk_buff, from: iov_iter): int {
  const head = Math.min(skb_tailroom(skb), iov_iter_count(from));
  if (skb_headlen(skb) === 0 && head > 0 && copy_from_iter(skb.head, skb_put(skb, head), head, from) !== head) {
    return -EFAULT;
  }
  while (iov_iter_count(from) > 0) {
    const i = skb.shinfo.nr_frags;
    if (i === MAX_SKB_FRAGS) return -EMSGSIZE;
    const size = Math.min(iov_iter_count(from), PAGE_SIZE);
    const page = new Uint8Array(size);
    if (copy_from_iter(page, 0, size, from) !== size) return -EFAULT;
    skb_fill_page_desc(skb, i, page, 0, size);
    skb.len += size;
    skb.data_len += size;
    skb.truesize += size;
  }
  return 0;
}

/** What a datagram socket is ready for. @EXPORT_SYMBOL */
export function datagram_poll(file: file | null, sock: socket, wait: poll_table | null): u32 {
  const sk = sock.sk as sock;
  let mask = 0;
  sock_poll_wait(file, sock, wait);
  if (sk.sk_err !== 0 || !sk_error_queue_empty(sk)) {
    mask |= EPOLLERR | (sock_flag(sk, SOCK_SELECT_ERR_QUEUE) ? EPOLLPRI : 0);
  }
  if ((sk.sk_shutdown & RCV_SHUTDOWN) !== 0) mask |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
  if (sk.sk_shutdown === SHUTDOWN_MASK) mask |= EPOLLHUP;
  if (!skb_queue_empty_lockless(sk.sk_receive_queue)) mask |= EPOLLIN | EPOLLRDNORM;
  if (connection_based(sk)) {
    if (sk.sk_state === TCP_CLOSE) mask |= EPOLLHUP;
    if (sk.sk_state === TCP_SYN_SENT) return mask;
  }
  if (sock_writeable(sk)) mask |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
  else if (sk.sk_socket !== null) sk.sk_socket.flags |= 1 << SOCK_NOSPACE;
  return mask;
}
