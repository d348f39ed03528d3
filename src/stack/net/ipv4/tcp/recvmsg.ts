/**
 * Receiving: from the receive queue to the program, and the ACKs that reading causes.
 *
 * Read beside it: net/ipv4/tcp.c; recv(2), RFC 9293 3.8.6.2 (window updates), RFC 6093 (urgent data).
 * Left out: TCP_REPAIR, devmem, busy polling.
 */
import { current } from '../../../kernel/current.js';
import { signal_pending } from '../../../kernel/sched/core.js';
import { EAGAIN, EFAULT, EINVAL, ENOTCONN } from '../../../include/linux/errno.js';
import type { Task } from '../../../include/linux/sched.js';
import { skb_peek, skb_peek_tail } from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import {
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SOL_TCP,
} from '../../../include/linux/socket.js';
import type { msghdr } from '../../../include/linux/socket.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, size_t, u32 } from '../../../include/linux/types.js';
import { copy_to_iter } from '../../../include/linux/uio.js';
import {
  ICSK_ACK_PUSHED,
  ICSK_ACK_PUSHED2,
  inet_csk,
  inet_csk_ack_scheduled,
  inet_csk_in_pingpong_mode,
} from '../../../include/net/inet_connection_sock.js';
import {
  RCV_SHUTDOWN,
  SOCK_DONE,
  SOCK_RCVBUF_LOCK,
  SOCK_RCVTSTAMP,
  SOCK_RCVTSTAMPNS,
  SOCK_URGINLINE,
  lock_sock,
  release_sock,
  sk_eat_skb,
  sk_peek_offset,
  sk_peek_offset_bwd,
  sk_peek_offset_fwd,
  sock_error,
  sock_flag,
  sock_intr_errno,
  sock_net,
  sock_rcvlowat,
  sock_rcvtimeo,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCPHDR_FIN,
  TCPHDR_SYN,
  TCP_CLOSE,
  TCP_LISTEN,
  TCP_SKB_CB,
  TCP_URG_READ,
  TCP_URG_VALID,
  after,
  before,
  tcp_fast_path_check,
  tcp_receive_window,
  tcp_space_from_win,
} from '../../../include/net/tcp.js';
import { TCP_CM_INQ } from '../../../include/uapi/linux/tcp.js';
import { skb_copy_datagram_msg } from '../../core/datagram.js';
import { __sk_flush_backlog, put_cmsg, __sock_recv_timestamp, sk_wait_data } from '../../core/sock.js';
import { inet_recv_error } from '../af_inet.js';
import { tcp_data_ready, tcp_rcv_space_adjust } from '../tcp_input/index.js';
import { __tcp_select_window, tcp_mstamp_refresh, tcp_send_ack } from '../tcp_output/index.js';

const TCP_CMSG_INQ = 1;
const TCP_CMSG_TS = 2;

/** Time stamp of the segment read last. */
class scm_timestamping_internal {
  skb: sk_buff | null = null;
  tstamp = 0;
}

/** Sends an ACK if reading `copied` bytes makes one due: data unacknowledged, or a window twice as large. */
export function __tcp_cleanup_rbuf(sk: sock, copied: int): void {
  const tp = tcp_sk(sk);
  const icsk = inet_csk(sk);
  let time_to_ack = false;
  if (inet_csk_ack_scheduled(sk)) {
    const pushed2 = (icsk.icsk_ack.pending & ICSK_ACK_PUSHED2) !== 0;
    const pushed = (icsk.icsk_ack.pending & ICSK_ACK_PUSHED) !== 0 && !inet_csk_in_pingpong_mode(sk);
    if (
      (tp.rcv_nxt - tp.rcv_wup) >>> 0 > icsk.icsk_ack.rcv_mss ||
      (copied > 0 && (pushed2 || pushed) && sk.sk_rmem_alloc === 0)
    )
      time_to_ack = true;
  }
  if (copied > 0 && !time_to_ack && !(sk.sk_shutdown & RCV_SHUTDOWN)) {
    const rcv_window_now = tcp_receive_window(tp);
    if (2 * rcv_window_now <= tp.window_clamp) {
      const new_window = __tcp_select_window(sk);
      if (new_window && new_window >= 2 * rcv_window_now) time_to_ack = true;
    }
  }
  if (time_to_ack) {
    tcp_mstamp_refresh(tp);
    tcp_send_ack(sk);
  }
}

/** After a read. */
export function tcp_cleanup_rbuf(sk: sock, copied: int): void {
  __tcp_cleanup_rbuf(sk, copied);
}

/** Frees a segment that was read. @notrace */
export function tcp_eat_recv_skb(sk: sock, skb: sk_buff): void {
  sk_eat_skb(sk, skb);
}

/**
 * The segment of the receive queue that holds a sequence number.
 * @param off out: where in it
 */
export function tcp_recv_skb(sk: sock, seq: u32, off: { value: u32 }): sk_buff | null {
  for (let skb = skb_peek(sk.sk_receive_queue); skb; skb = skb_peek(sk.sk_receive_queue)) {
    const cb = TCP_SKB_CB(skb);
    const offset = (seq - cb.seq) | 0;
    if (offset < skb.len || cb.tcp_flags & TCPHDR_FIN) {
      off.value = offset;
      return skb;
    }
    // Read to its end before, and left for a later reader: it goes now.
    tcp_eat_recv_skb(sk, skb);
  }
  return null;
}

/**
 * Hands data to a callback without copying (splice, kernel users).
 * @param recv_actor takes a segment, the offset and length of what is new in it; returns bytes used, or a
 *   negative errno
 * @param desc.count bytes still wanted
 * @returns bytes used
 * @EXPORT_SYMBOL
 */
export function tcp_read_sock(
  sk: sock,
  desc: { count: size_t },
  recv_actor: (skb: sk_buff, offset: u32, len: size_t) => int,
): int {
  const tp = tcp_sk(sk);
  let seq = tp.copied_seq;
  let copied = 0;
  const off = { value: 0 };
  if (sk.sk_state === TCP_LISTEN) return -ENOTCONN;
  for (let skb = tcp_recv_skb(sk, seq, off); skb; skb = tcp_recv_skb(sk, seq, off)) {
    if (off.value < skb.len) {
      let len = skb.len - off.value;
      if (tp.urg_data) {
        const urg_offset = (tp.urg_seq - seq) >>> 0;
        if (urg_offset < len) len = urg_offset;
        if (!len) break;
      }
      const used = recv_actor(skb, off.value, len);
      if (used <= 0) {
        if (!copied) copied = used;
        break;
      }
      seq = (seq + used) >>> 0;
      copied += used;
      off.value += used;
      if (off.value !== skb.len) {
        if (!desc.count) break;
        continue;
      }
    }
    if (TCP_SKB_CB(skb).tcp_flags & TCPHDR_FIN) {
      tcp_eat_recv_skb(sk, skb);
      seq = (seq + 1) >>> 0;
      break;
    }
    tcp_eat_recv_skb(sk, skb);
    if (!desc.count) break;
    tp.copied_seq = seq;
  }
  tp.copied_seq = seq;
  tcp_rcv_space_adjust(sk);
  if (copied > 0) {
    tcp_recv_skb(sk, seq, off);
    tcp_cleanup_rbuf(sk, copied);
  }
  return copied;
}

/** recv with MSG_OOB: the urgent byte. */
function tcp_recv_urg(sk: sock, msg: msghdr, len: int, flags: int): int {
  const tp = tcp_sk(sk);
  if (sock_flag(sk, SOCK_URGINLINE) || !tp.urg_data || tp.urg_data === TCP_URG_READ) return -EINVAL;
  if (sk.sk_state === TCP_CLOSE && !sock_flag(sk, SOCK_DONE)) return -ENOTCONN;
  if (tp.urg_data & TCP_URG_VALID) {
    const c = tp.urg_data & 0xff;
    if (!(flags & MSG_PEEK)) tp.urg_data = TCP_URG_READ;
    msg.msg_flags |= MSG_OOB;
    if (len > 0) {
      if (!(flags & MSG_TRUNC) && copy_to_iter(Uint8Array.of(c), 0, 1, msg.msg_iter) !== 1) return -EFAULT;
      return 1;
    }
    msg.msg_flags |= MSG_TRUNC;
    return 0;
  }
  if (sk.sk_state === TCP_CLOSE || sk.sk_shutdown & RCV_SHUTDOWN) return 0;
  // The pointer has come, the byte has not.
  return -EAGAIN;
}

/** Control messages with the time stamp of what was read. @EXPORT_SYMBOL */
export function tcp_recv_timestamp(msg: msghdr, sk: sock, tss: scm_timestamping_internal): void {
  if (tss.skb && (sock_flag(sk, SOCK_RCVTSTAMP) || sock_flag(sk, SOCK_RCVTSTAMPNS) || sk.sk_tsflags))
    __sock_recv_timestamp(msg, sk, tss.skb);
}

/** Bytes that are left to read, at least 1 when the peer has closed. */
export function tcp_inq_hint(sk: sock): int {
  const tp = tcp_sk(sk);
  let inq = (tp.rcv_nxt - tp.copied_seq) | 0;
  if (inq < 0) {
    lock_sock(sk);
    inq = (tp.rcv_nxt - tp.copied_seq) | 0;
    release_sock(sk);
  }
  if (inq === 0 && sock_flag(sk, SOCK_DONE)) inq = 1;
  return inq;
}

/** The segment that holds `seq`, or whose FIN it is. @notrace */
function find_skb(sk: sock, seq: u32, found: { skb: sk_buff | null; offset: u32; fin: bool }): sk_buff | null {
  let last = skb_peek_tail(sk.sk_receive_queue);
  found.skb = null;
  for (let skb = skb_peek(sk.sk_receive_queue); skb; skb = skb.next) {
    last = skb;
    const cb = TCP_SKB_CB(skb);
    if (before(seq, cb.seq)) break;
    let offset = (seq - cb.seq) >>> 0;
    if (cb.tcp_flags & TCPHDR_SYN) offset--;
    if (offset < skb.len || cb.tcp_flags & TCPHDR_FIN) {
      found.skb = skb;
      found.offset = offset;
      found.fin = offset >= skb.len;
      break;
    }
  }
  return last;
}

/** recvmsg of a locked socket. @returns bytes, or a negative errno */
export function* tcp_recvmsg_locked(
  sk: sock,
  msg: msghdr,
  len: size_t,
  flags: int,
  tss: scm_timestamping_internal,
  cmsg_flags: { value: int },
): Task<int> {
  const tp = tcp_sk(sk);
  if (sk.sk_state === TCP_LISTEN) return -ENOTCONN;
  if (tp.recvmsg_inq) {
    cmsg_flags.value = TCP_CMSG_INQ;
    msg.msg_get_inq = 1;
  }
  const timeo = { value: sock_rcvtimeo(sk, flags & MSG_DONTWAIT) };
  if (flags & MSG_OOB) return tcp_recv_urg(sk, msg, len, flags);
  const peek = (flags & MSG_PEEK) !== 0;
  const peek_offset = peek ? Math.max(sk_peek_offset(sk, flags), 0) : 0;
  let peek_seq = (tp.copied_seq + peek_offset) >>> 0;
  const target = sock_rcvlowat(sk, flags & MSG_WAITALL, len);
  const found: { skb: sk_buff | null; offset: u32; fin: bool } = { skb: null, offset: 0, fin: false };
  let copied = 0;
  let urg_hole = 0;
  do {
    const seq = peek ? peek_seq : tp.copied_seq;
    if (tp.urg_data && tp.urg_seq === seq) {
      if (copied) break;
      if (signal_pending(current())) {
        copied = timeo.value ? sock_intr_errno(timeo.value) : -EAGAIN;
        break;
      }
    }
    const last = find_skb(sk, seq, found);
    const skb = found.skb;
    if (!skb) {
      if (copied >= target && !sk.sk_backlog.tail) break;
      if (copied) {
        if (
          !timeo.value ||
          sk.sk_err ||
          sk.sk_state === TCP_CLOSE ||
          sk.sk_shutdown & RCV_SHUTDOWN ||
          signal_pending(current())
        )
          break;
      } else {
        if (sock_flag(sk, SOCK_DONE)) break;
        if (sk.sk_err) {
          copied = sock_error(sk);
          break;
        }
        if (sk.sk_shutdown & RCV_SHUTDOWN) break;
        if (sk.sk_state === TCP_CLOSE) {
          copied = -ENOTCONN;
          break;
        }
        if (!timeo.value) {
          copied = -EAGAIN;
          break;
        }
        if (signal_pending(current())) {
          copied = sock_intr_errno(timeo.value);
          break;
        }
      }
      if (copied >= target) __sk_flush_backlog(sk);
      else {
        tcp_cleanup_rbuf(sk, copied);
        const err = yield* sk_wait_data(sk, timeo, last);
        if (err < 0) return copied || err;
      }
      // Another reader has taken what was only peeked at: begin anew.
      if (peek && (peek_seq - peek_offset - copied - urg_hole) >>> 0 !== tp.copied_seq)
        peek_seq = (tp.copied_seq + peek_offset) >>> 0;
      continue;
    }
    const advance = (n: int): void => {
      if (peek) peek_seq = (peek_seq + n) >>> 0;
      else tp.copied_seq = (tp.copied_seq + n) >>> 0;
    };
    if (!found.fin) {
      let offset = found.offset;
      let used = Math.min(skb.len - offset, len);
      if (tp.urg_data) {
        const urg_offset = (tp.urg_seq - seq) >>> 0;
        if (urg_offset < used) {
          if (urg_offset) used = urg_offset;
          else if (!sock_flag(sk, SOCK_URGINLINE)) {
            // The urgent byte is read out of band only.
            advance(1);
            urg_hole++;
            offset++;
            used--;
          }
        }
      }
      if (used) {
        if (!(flags & MSG_TRUNC)) {
          const err = skb_copy_datagram_msg(skb, offset, msg, used);
          if (err) {
            if (!copied) copied = -EFAULT;
            break;
          }
        }
        advance(used);
        copied += used;
        len -= used;
        if (peek) sk_peek_offset_fwd(sk, used);
        else sk_peek_offset_bwd(sk, used);
        tcp_rcv_space_adjust(sk);
      }
      if (tp.urg_data && after(tp.copied_seq, tp.urg_seq)) {
        tp.urg_data = 0;
        tcp_fast_path_check(sk);
      }
      if (TCP_SKB_CB(skb).has_rxtstamp) {
        tss.skb = skb;
        tss.tstamp = skb.tstamp;
        cmsg_flags.value |= TCP_CMSG_TS;
      }
      if (used + offset < skb.len) continue;
      if (!(TCP_SKB_CB(skb).tcp_flags & TCPHDR_FIN)) {
        if (!peek) tcp_eat_recv_skb(sk, skb);
        continue;
      }
    }
    advance(1);
    if (!peek) tcp_eat_recv_skb(sk, skb);
    break;
  } while (len > 0);
  tcp_cleanup_rbuf(sk, copied);
  return copied;
}

/** proto.recvmsg of TCP. @returns bytes, or a negative errno @EXPORT_SYMBOL */
export function* tcp_recvmsg(sk: sock, msg: msghdr, len: size_t, flags: int): Task<int> {
  if (flags & MSG_ERRQUEUE) return inet_recv_error(sk, msg, len);
  const cmsg_flags = { value: 0 };
  const tss = new scm_timestamping_internal();
  lock_sock(sk);
  const ret = yield* tcp_recvmsg_locked(sk, msg, len, flags, tss, cmsg_flags);
  release_sock(sk);
  if ((cmsg_flags.value || msg.msg_get_inq) && ret >= 0) {
    if (cmsg_flags.value & TCP_CMSG_TS) tcp_recv_timestamp(msg, sk, tss);
    if (msg.msg_get_inq) {
      msg.msg_inq = tcp_inq_hint(sk);
      if (cmsg_flags.value & TCP_CMSG_INQ) {
        const data = new Uint8Array(4);
        new DataView(data.buffer).setInt32(0, msg.msg_inq, true);
        put_cmsg(msg, SOL_TCP, TCP_CM_INQ, data);
      }
    }
  }
  return ret;
}

/** SO_RCVLOWAT: a reader wants that many bytes at least; the buffer grows to hold them. @EXPORT_SYMBOL */
export function tcp_set_rcvlowat(sk: sock, val: int): int {
  const tp = tcp_sk(sk);
  const ipv4 = sock_net(sk).ipv4;
  const cap = sk.sk_userlocks & SOCK_RCVBUF_LOCK ? sk.sk_rcvbuf >> 1 : ipv4.sysctl_tcp_rmem[2] >> 1;
  val = Math.min(val, cap);
  sk.sk_rcvlowat = val || 1;
  tcp_data_ready(sk);
  if (sk.sk_userlocks & SOCK_RCVBUF_LOCK) return 0;
  const space = tcp_space_from_win(sk, val);
  if (space > sk.sk_rcvbuf) {
    sk.sk_rcvbuf = space;
    if (tp.window_clamp && tp.window_clamp < val) tp.window_clamp = val;
  }
  return 0;
}
