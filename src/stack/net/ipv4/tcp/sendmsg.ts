// Sending: user data into the write queue.
// Read beside: net/ipv4/tcp.c; RFC 9293 3.9.1.2, RFC 7413 (data on the SYN), tcp(7), send(2).
// Left out: TCP_REPAIR, devmem.

import {
  EALREADY,
  EEXIST,
  EINVAL,
  EINPROGRESS,
  EMSGSIZE,
  ENOBUFS,
  EOPNOTSUPP,
  EPIPE,
  EAGAIN,
} from '../../../include/linux/errno.js';
import { O_NONBLOCK } from '../../../include/linux/fs.js';
import { SOCK_NOSPACE } from '../../../include/linux/net.js';
import type { socket } from '../../../include/linux/net.js';
import { NETIF_F_SG } from '../../../include/linux/netdev_features.js';
import { SOF_TIMESTAMPING_TX_ACK, SOF_TIMESTAMPING_TX_RECORD_MASK } from '../../../include/linux/net_tstamp.js';
import type { Task } from '../../../include/linux/sched.js';
import {
  MAX_SKB_FRAGS,
  SKBFL_PURE_ZEROCOPY,
  SKBFL_SHARED_FRAG,
  skb_can_coalesce,
  skb_fill_page_desc,
  skb_frag_size_add,
  skb_shinfo,
  skb_zcopy,
  skb_zcopy_pure,
} from '../../../include/linux/skbuff.js';
import type { sk_buff, ubuf_info } from '../../../include/linux/skbuff.js';
import {
  MSG_DONTWAIT,
  MSG_EOR,
  MSG_FASTOPEN,
  MSG_MORE,
  MSG_OOB,
  MSG_SPLICE_PAGES,
  MSG_ZEROCOPY,
  sockaddr_family,
} from '../../../include/linux/socket.js';
import type { msghdr } from '../../../include/linux/socket.js';
import { tcp_passive_fastopen, tcp_sk, TCP_CHRONO_SNDBUF_LIMITED } from '../../../include/linux/tcp.js';
import type { int, long, size_t } from '../../../include/linux/types.js';
import { msg_data_left } from '../../../include/linux/uio.js';
import { INET_FLAGS_DEFER_CONNECT, inet_clear_bit, inet_sk, inet_test_bit } from '../../../include/net/inet_sock.js';
import {
  SEND_SHUTDOWN,
  SOCK_ZEROCOPY,
  lock_sock,
  release_sock,
  sk_mem_charge,
  sk_stream_memory_free,
  sk_wmem_queued_add,
  sock_flag,
  sock_net,
  sock_sndtimeo,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCPF_CLOSE_WAIT,
  TCPF_ESTABLISHED,
  TCPHDR_PSH,
  TCP_CLOSE,
  TCP_NAGLE_PUSH,
  TCP_SKB_CB,
  TFO_CLIENT_ENABLE,
  tcp_fastopen_request,
  tcp_rtx_and_write_queues_empty,
  tcp_send_head,
  tcp_skb_can_collapse_to,
  tcp_skb_pcount_set,
  tcp_write_queue_tail,
} from '../../../include/net/tcp.js';
import { trace_tcp_sendmsg_locked } from '../../../include/trace/events/tcp.js';
import {
  msg_zerocopy_realloc,
  net_zcopy_put,
  net_zcopy_put_abort,
  skb_zerocopy_iter_stream,
} from '../../core/skbuff.js';
import type { ubuf_info_msgzc } from '../../core/skbuff.js';
import {
  __sk_flush_backlog,
  sk_page_frag,
  sk_page_frag_refill,
  skb_copy_to_page_nocache,
  sock_cmsg_send,
  sock_tx_timestamp,
  sockcm_cookie,
} from '../../core/sock.js';
import { sk_stream_error, sk_stream_wait_connect, sk_stream_wait_memory } from '../../core/stream.js';
import { __inet_stream_connect } from '../af_inet.js';
import { tcp_rate_check_app_limited } from '../tcp_rate.js';
import { __tcp_push_pending_frames, tcp_chrono_stop, tcp_push_one } from '../tcp_output/index.js';
import { tcp_connect } from '../tcp_output/connect.js';
import { skb_splice_from_iter, tcp_downgrade_zcopy_pure } from './zerocopy.js';
import { tcp_free_fastopen_req, tcp_set_state } from './state.js';
import {
  tcp_wmem_schedule,
  tcp_send_mss,
  tcp_stream_alloc_skb,
  tcp_skb_entail,
  tcp_mark_push,
  tcp_remove_empty_skb,
  tcp_push,
  forced_push,
} from './push.js';

/**
 * sendmsg with MSG_FASTOPEN: connects, with data on the SYN if there is a cookie.
 * @param copied out: bytes that went with the SYN
 */
function* tcp_sendmsg_fastopen(
  sk: sock,
  msg: msghdr,
  copied: { value: int },
  size: size_t,
  uarg: ubuf_info | null,
): Task<int> {
  const tp = tcp_sk(sk);
  const uaddr = msg.msg_name;
  if (
    !(sock_net(sk).ipv4.sysctl_tcp_fastopen & TFO_CLIENT_ENABLE) ||
    (uaddr && msg.msg_namelen >= 2 && sockaddr_family(uaddr) === 0)
  )
    return -EOPNOTSUPP;
  if (tp.fastopen_req) return -EALREADY;
  const req = new tcp_fastopen_request();
  req.cookie.len = 0;
  req.data = msg;
  req.size = size;
  req.uarg = uarg;
  tp.fastopen_req = req;
  if (inet_test_bit(INET_FLAGS_DEFER_CONNECT, sk)) {
    const err = tcp_connect(sk);
    if (err) {
      tcp_set_state(sk, TCP_CLOSE);
      inet_sk(sk).inet_dport = 0;
      sk.sk_route_caps = 0;
    }
  }
  const flags = msg.msg_flags & MSG_DONTWAIT ? O_NONBLOCK : 0;
  const err = yield* __inet_stream_connect(sk.sk_socket!, uaddr, msg.msg_namelen, flags, 1);
  // A reset or a time-out may have ended the attempt meanwhile.
  if (tp.fastopen_req) {
    copied.value = tp.fastopen_req.copied;
    tcp_free_fastopen_req(tp);
    inet_clear_bit(INET_FLAGS_DEFER_CONNECT, sk);
  }
  return err;
}

/** Marks the last segment for the time stamps that the program wants. */
function tcp_tx_timestamp(sk: sock, sockc: sockcm_cookie): void {
  const skb = tcp_write_queue_tail(sk);
  const tsflags = sockc.tsflags;
  if (!tsflags || !skb) return;
  const shinfo = skb_shinfo(skb);
  const tcb = TCP_SKB_CB(skb);
  const tx_flags = { value: shinfo.tx_flags };
  sock_tx_timestamp(sk, sockc, tx_flags);
  shinfo.tx_flags = tx_flags.value;
  if (tsflags & SOF_TIMESTAMPING_TX_ACK) tcb.txstamp_ack |= 1;
  if (tsflags & SOF_TIMESTAMPING_TX_RECORD_MASK) shinfo.tskey = (tcb.seq + skb.len - 1) >>> 0;
}

/** Ways in which data gets into a segment. */
type zc_mode = 0 | typeof MSG_ZEROCOPY | typeof MSG_SPLICE_PAGES;

/** What one call of sendmsg carries along. */
class send_state {
  flags: int = 0;
  mss_now: int = 0;
  size_goal: { value: int } = { value: 0 };
  uarg: ubuf_info | null = null;
  zc: zc_mode = 0;
  copied: int = 0;
}

/** tcp_append()'s answers that are no count of bytes. */
const NEW_SEGMENT = -10001;

const WAIT_FOR_SPACE = -10002;

/**
 * Appends up to `copy` bytes to a segment.
 * @returns bytes appended, NEW_SEGMENT, WAIT_FOR_SPACE or a negative errno
 * @notrace
 */
function tcp_append(sk: sock, msg: msghdr, skb: sk_buff, copy: int, s: send_state): int {
  const shinfo = skb_shinfo(skb);
  if (s.zc === 0) {
    const i = shinfo.nr_frags;
    const pfrag = sk_page_frag(sk);
    if (!sk_page_frag_refill(sk, pfrag)) return WAIT_FOR_SPACE;
    const merge = skb_can_coalesce(skb, i, pfrag.page!, pfrag.offset);
    if (!merge && i >= MAX_SKB_FRAGS) return NEW_SEGMENT;
    copy = Math.min(copy, pfrag.size - pfrag.offset);
    if (tcp_downgrade_zcopy_pure(sk, skb)) return WAIT_FOR_SPACE;
    copy = tcp_wmem_schedule(sk, copy);
    if (!copy) return WAIT_FOR_SPACE;
    const err = skb_copy_to_page_nocache(sk, msg.msg_iter, skb, pfrag.page!, pfrag.offset, copy);
    if (err) return err;
    if (merge) skb_frag_size_add(shinfo.frags[i - 1], copy);
    else skb_fill_page_desc(skb, i, pfrag.page!, pfrag.offset, copy);
    pfrag.offset += copy;
    return copy;
  }
  if (s.zc === MSG_ZEROCOPY) {
    if (!skb.len) shinfo.flags |= SKBFL_PURE_ZEROCOPY;
    if (!skb_zcopy_pure(skb)) {
      copy = tcp_wmem_schedule(sk, copy);
      if (!copy) return WAIT_FOR_SPACE;
    }
    const err = skb_zerocopy_iter_stream(sk, skb, msg, copy, s.uarg!);
    return err === -EMSGSIZE || err === -EEXIST ? NEW_SEGMENT : err;
  }
  if (tcp_downgrade_zcopy_pure(sk, skb)) return WAIT_FOR_SPACE;
  copy = tcp_wmem_schedule(sk, copy);
  if (!copy) return WAIT_FOR_SPACE;
  const err = skb_splice_from_iter(skb, msg.msg_iter, copy);
  if (err < 0) return err === -EMSGSIZE ? NEW_SEGMENT : err;
  shinfo.flags |= SKBFL_SHARED_FRAG;
  sk_wmem_queued_add(sk, err);
  sk_mem_charge(sk, err);
  return err;
}

/** Queues all of a message. @returns 0 or the negative errno that stopped it; s.copied counts @notrace */
function* tcp_queue_message(sk: sock, msg: msghdr, s: send_state, timeo: { value: long }): Task<int> {
  const tp = tcp_sk(sk);
  let process_backlog = 0;
  let fresh = false;
  s.mss_now = tcp_send_mss(sk, s.size_goal, s.flags);
  if (sk.sk_err || sk.sk_shutdown & SEND_SHUTDOWN) return -EPIPE;
  while (msg_data_left(msg)) {
    let skb = tcp_write_queue_tail(sk);
    let copy = skb ? s.size_goal.value - skb.len : 0;
    let done = 0;
    trace_tcp_sendmsg_locked(sk, msg, skb, s.size_goal.value);
    if (fresh || copy <= 0 || !skb || !tcp_skb_can_collapse_to(skb)) {
      fresh = false;
      if (!sk_stream_memory_free(sk)) done = WAIT_FOR_SPACE;
      else {
        // A long write lets the ACKs in that came meanwhile.
        if (process_backlog >= 16) {
          process_backlog = 0;
          if (sk.sk_backlog.tail) {
            __sk_flush_backlog(sk);
            s.mss_now = tcp_send_mss(sk, s.size_goal, s.flags);
            if (sk.sk_err || sk.sk_shutdown & SEND_SHUTDOWN) return -EPIPE;
            continue;
          }
        }
        const first_skb = tcp_rtx_and_write_queues_empty(sk);
        skb = tcp_stream_alloc_skb(sk, sk.sk_allocation, first_skb);
        if (!skb) done = WAIT_FOR_SPACE;
        else {
          process_backlog++;
          tcp_skb_entail(sk, skb);
          copy = s.size_goal.value;
        }
      }
    }
    if (done === 0) {
      done = tcp_append(sk, msg, skb!, Math.min(copy, msg_data_left(msg)), s);
      if (done === NEW_SEGMENT) {
        tcp_mark_push(tp, skb!);
        fresh = true;
        continue;
      }
    }
    if (done === WAIT_FOR_SPACE) {
      if (sk.sk_socket) sk.sk_socket.flags |= 1 << SOCK_NOSPACE;
      tcp_remove_empty_skb(sk);
      if (s.copied) tcp_push(sk, s.flags & ~MSG_MORE, s.mss_now, TCP_NAGLE_PUSH, s.size_goal.value);
      const err = yield* sk_stream_wait_memory(sk, timeo);
      if (err) return err;
      s.mss_now = tcp_send_mss(sk, s.size_goal, s.flags);
      continue;
    }
    if (done < 0) return done;
    const cb = TCP_SKB_CB(skb!);
    if (!s.copied) cb.tcp_flags &= ~TCPHDR_PSH;
    tp.write_seq = (tp.write_seq + done) >>> 0;
    cb.end_seq = (cb.end_seq + done) >>> 0;
    tcp_skb_pcount_set(skb!, 0);
    s.copied += done;
    if (!msg_data_left(msg)) {
      if (s.flags & MSG_EOR) cb.eor = true;
      return 0;
    }
    if (skb!.len < s.size_goal.value || s.flags & MSG_OOB) continue;
    if (forced_push(tp)) {
      tcp_mark_push(tp, skb!);
      __tcp_push_pending_frames(sk, s.mss_now, TCP_NAGLE_PUSH);
    } else if (skb === tcp_send_head(sk)) tcp_push_one(sk, s.mss_now);
  }
  return 0;
}

/**
 * sendmsg of a locked socket.
 * @returns bytes taken, or a negative errno
 */
export function* tcp_sendmsg_locked(sk: sock, msg: msghdr, size: size_t): Task<int> {
  const tp = tcp_sk(sk);
  const s = new send_state();
  const flags = msg.msg_flags;
  s.flags = flags;
  const sockc = new sockcm_cookie();
  sockc.tsflags = sk.sk_tsflags;
  sockc.mark = sk.sk_mark;
  if (flags & MSG_ZEROCOPY && size && sock_flag(sk, SOCK_ZEROCOPY)) {
    const tail = tcp_write_queue_tail(sk);
    s.uarg = msg_zerocopy_realloc(sk, size, tail ? skb_zcopy(tail) : null);
    if (!s.uarg) return sk_stream_error(sk, flags, -ENOBUFS);
    if (sk.sk_route_caps & NETIF_F_SG) s.zc = MSG_ZEROCOPY;
    else (s.uarg as ubuf_info_msgzc).zerocopy = false;
  } else if (flags & MSG_SPLICE_PAGES && size && sk.sk_route_caps & NETIF_F_SG) s.zc = MSG_SPLICE_PAGES;
  const copied_syn = { value: 0 };
  const timeo = { value: sock_sndtimeo(sk, flags & MSG_DONTWAIT) };
  let err = 0;
  if (flags & MSG_FASTOPEN || inet_test_bit(INET_FLAGS_DEFER_CONNECT, sk)) {
    err = yield* tcp_sendmsg_fastopen(sk, msg, copied_syn, size, s.uarg);
    if (err === -EINPROGRESS && copied_syn.value > 0) {
      if (s.uarg) net_zcopy_put(s.uarg);
      return copied_syn.value;
    }
    if (err) return tcp_sendmsg_failed(sk, s, err);
  }
  tcp_rate_check_app_limited(sk);
  if ((1 << sk.sk_state) & ~(TCPF_ESTABLISHED | TCPF_CLOSE_WAIT) && !tcp_passive_fastopen(sk)) {
    err = yield* sk_stream_wait_connect(sk, timeo);
  }
  if (!err && msg.msg_control.length > 0 && sock_cmsg_send(sk, msg, sockc)) {
    return tcp_sendmsg_failed(sk, s, -EINVAL);
  }
  if (!err) err = yield* tcp_queue_message(sk, msg, s, timeo);
  if (err) {
    tcp_remove_empty_skb(sk);
    if (!(s.copied + copied_syn.value)) return tcp_sendmsg_failed(sk, s, err);
  }
  if (s.copied) {
    tcp_tx_timestamp(sk, sockc);
    tcp_push(sk, flags, s.mss_now, tp.nonagle, s.size_goal.value);
  }
  if (s.uarg) net_zcopy_put(s.uarg);
  return s.copied + copied_syn.value;
}

/** The errno of a call that sent nothing. @notrace */
function tcp_sendmsg_failed(sk: sock, s: send_state, err: int): int {
  if (s.uarg) net_zcopy_put_abort(s.uarg, true);
  err = sk_stream_error(sk, s.flags, err);
  // An edge-triggered poller must hear that there is room.
  if (tcp_rtx_and_write_queues_empty(sk) && err === -EAGAIN) {
    sk.sk_write_space(sk);
    tcp_chrono_stop(sk, TCP_CHRONO_SNDBUF_LIMITED);
  }
  return err;
}

/** proto.sendmsg of TCP. @returns bytes taken, or a negative errno @EXPORT_SYMBOL */
export function* tcp_sendmsg(sk: sock, msg: msghdr, size: size_t): Task<int> {
  lock_sock(sk);
  const ret = yield* tcp_sendmsg_locked(sk, msg, size);
  release_sock(sk);
  return ret;
}

/** The end of a splice: what MSG_MORE held back goes now. @EXPORT_SYMBOL */
export function* tcp_splice_eof(sock: socket): Task<void> {
  const sk = sock.sk!;
  const tp = tcp_sk(sk);
  if (!tcp_write_queue_tail(sk)) return;
  lock_sock(sk);
  const size_goal = { value: 0 };
  const mss_now = tcp_send_mss(sk, size_goal, 0);
  tcp_push(sk, 0, mss_now, tp.nonagle, size_goal.value);
  release_sock(sk);
}
