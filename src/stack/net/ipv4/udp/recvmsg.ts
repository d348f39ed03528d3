// Datagrams that a program reads (net/ipv4/udp.c; udp(7)).

import { EAGAIN, EINVAL } from '../../../include/linux/errno.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import type { file } from '../../../include/linux/fs.js';
import type { socket } from '../../../include/linux/net.js';
import { EPOLLIN, EPOLLRDNORM } from '../../../include/linux/poll.js';
import type { poll_table } from '../../../include/linux/poll.js';
import type { Task } from '../../../include/linux/sched.js';
import {
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_PEEK,
  MSG_TRUNC,
  SOL_UDP,
  sockaddr_in,
} from '../../../include/linux/socket.js';
import type { msghdr } from '../../../include/linux/socket.js';
import { O_NONBLOCK } from '../../../include/linux/fs.js';
import {
  SIZEOF_UDPHDR,
  UDP_FLAGS_GRO_ENABLED,
  UDP_GRO,
  udp_hdr,
  udp_sk,
  udp_test_bit,
} from '../../../include/linux/udp.js';
import { inet_cmsg_flags, inet_sk } from '../../../include/net/inet_sock.js';
import { UDP_MIB_CSUMERRORS, UDP_MIB_INDATAGRAMS, UDP_MIB_INERRORS } from '../../../include/net/snmp.js';
import { udp_lib_checksum_complete } from '../../../include/net/udp.js';
import {
  __skb_unlink,
  skb_csum_unnecessary,
  skb_queue_empty,
  skb_queue_splice_tail_init,
} from '../../../include/linux/skbuff.js';
import type { sk_buff, sk_buff_head } from '../../../include/linux/skbuff.js';
import {
  RCV_SHUTDOWN,
  sk_drops_inc,
  sk_peek_offset,
  sk_peek_offset_bwd,
  sk_peek_offset_fwd,
  sock_net,
  sock_rcvtimeo,
  sock_recv_cmsgs,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  __skb_try_recv_from_queue,
  skb_recv_state,
  __skb_wait_for_more_packets,
  datagram_poll,
  skb_copy_and_csum_datagram_msg,
  skb_copy_datagram_msg,
} from '../../core/datagram.js';
import { put_cmsg } from '../../core/scm.js';
import { consume_skb, kfree_skb } from '../../core/skbuff.js';
import { ip_cmsg_recv_offset, ip_recv_error, int_bytes } from '../ip_sockglue.js';
import { first_packet_length, udp_skb_destructor } from './queue.js';
import type { int, u32 } from '../../../include/linux/types.js';

/**
 * Takes the next datagram, and waits for it if need be.
 * @param off in: bytes to skip when peeking; out: where in the datagram that is
 * @returns the datagram, or null with the error in `err`
 * @EXPORT_SYMBOL
 */
export function* __skb_recv_udp(sk: sock, flags: u32, off: { value: int }, err: { value: int }): Task<sk_buff | null> {
  const reader_queue = udp_sk(sk).reader_queue;
  const sk_queue = sk.sk_receive_queue;
  const timeo = { value: sock_rcvtimeo(sk, (flags & MSG_DONTWAIT) !== 0) };
  for (;;) {
    if (sk.sk_err !== 0) {
      err.value = -sk.sk_err;
      sk.sk_err = 0;
      return null;
    }
    err.value = -EAGAIN;
    const skb = take(sk, reader_queue, sk_queue, flags, off);
    if (skb !== null) return skb;
    if (timeo.value === 0) return null;
    const stop = yield* __skb_wait_for_more_packets(sk, sk_queue, err, timeo, null);
    if (stop !== 0) return null;
  }
}

/** The first datagram, of the reader's own queue or of what came since, which then becomes it. @notrace */
function take(
  sk: sock,
  reader_queue: sk_buff_head,
  sk_queue: sk_buff_head,
  flags: u32,
  off: { value: int },
): sk_buff | null {
  const state = new skb_recv_state();
  state.off = off.value;
  let skb = __skb_try_recv_from_queue(reader_queue, flags, state);
  if (skb === null && !skb_queue_empty(sk_queue)) {
    skb_queue_splice_tail_init(sk_queue, reader_queue);
    state.off = off.value;
    skb = __skb_try_recv_from_queue(reader_queue, flags, state);
  }
  if (skb === null) return null;
  off.value = state.off;
  if ((flags & MSG_PEEK) === 0) udp_skb_destructor(sk, skb);
  return skb;
}

/** Done with a datagram that was read. @EXPORT_SYMBOL */
export function skb_consume_udp(sk: sock, skb: sk_buff, len: int): void {
  if (len < 0) sk_peek_offset_bwd(sk, len);
  consume_skb(skb);
}

/** @returns bytes, or a negative errno */
export function* udp_recvmsg(sk: sock, msg: msghdr, len: u32, flags: int): Task<int> {
  const inet = inet_sk(sk);
  if ((flags & MSG_ERRQUEUE) !== 0) return ip_recv_error(sk, msg, len);
  for (;;) {
    const peeking = (flags & MSG_PEEK) !== 0;
    const off = { value: Math.max(0, sk_peek_offset(sk, flags)) };
    const error = { value: 0 };
    const skb = yield* __skb_recv_udp(sk, flags, off, error);
    if (skb === null) return error.value;
    const ulen = skb.len - SIZEOF_UDPHDR;
    let copied = len;
    if (copied > ulen - off.value) copied = ulen - off.value;
    else if (copied < ulen) msg.msg_flags |= MSG_TRUNC;

    // Part of the data, or a peek: the whole is checked first. Else it is summed while it is copied.
    let checksum_valid = false;
    if (copied < ulen || peeking) {
      checksum_valid = !udp_lib_checksum_complete(skb);
      if (!checksum_valid) {
        bad_checksum(sk, skb, peeking);
        continue;
      }
    }
    const at = SIZEOF_UDPHDR + off.value;
    let err: int;
    if (checksum_valid || skb_csum_unnecessary(skb)) err = skb_copy_datagram_msg(skb, at, msg, copied);
    else {
      err = skb_copy_and_csum_datagram_msg(skb, SIZEOF_UDPHDR, msg);
      if (err === -EINVAL) {
        bad_checksum(sk, skb, peeking);
        continue;
      }
    }
    const mib = sock_net(sk).mib.udp_statistics;
    if (err !== 0) {
      if (!peeking) {
        sk_drops_inc(sk);
        mib[UDP_MIB_INERRORS]++;
      }
      kfree_skb(skb);
      return err;
    }
    if (!peeking) mib[UDP_MIB_INDATAGRAMS]++;
    sock_recv_cmsgs(msg, sk, skb);
    if (msg.msg_namelen !== 0) msg.msg_name = new sockaddr_in(ip_hdr(skb).saddr, udp_hdr(skb).source);
    if (udp_test_bit(UDP_FLAGS_GRO_ENABLED, sk) && skb.shinfo.gso_size !== 0) {
      put_cmsg(msg, SOL_UDP, UDP_GRO, int_bytes(skb.shinfo.gso_size));
    }
    if (inet_cmsg_flags(inet) !== 0) ip_cmsg_recv_offset(msg, sk, skb, SIZEOF_UDPHDR, off.value);
    const result = (flags & MSG_TRUNC) !== 0 ? ulen : copied;
    if (peeking) sk_peek_offset_fwd(sk, copied);
    skb_consume_udp(sk, skb, peeking ? -copied : copied);
    return result;
  }
}

/** A datagram with a wrong checksum is as one that never came. @notrace */
function bad_checksum(sk: sock, skb: sk_buff, peeking: boolean): void {
  const mib = sock_net(sk).mib.udp_statistics;
  if (peeking) {
    // It is still queued.
    const queue = udp_sk(sk).reader_queue;
    for (let at = queue.next; at !== null; at = at.next) {
      if (at !== skb) continue;
      __skb_unlink(skb, queue);
      udp_skb_destructor(sk, skb);
      kfree_skb(skb);
      break;
    }
  }
  mib[UDP_MIB_CSUMERRORS]++;
  mib[UDP_MIB_INERRORS]++;
  kfree_skb(skb);
}

/** poll(): readable only with a datagram whose checksum is right. @EXPORT_SYMBOL */
export function udp_poll(file: file | null, sock: socket, wait: poll_table | null): u32 {
  let mask = datagram_poll(file, sock, wait);
  const sk = sock.sk as sock;
  if (!skb_queue_empty(udp_sk(sk).reader_queue)) mask |= EPOLLIN | EPOLLRDNORM;
  const nonblock = file !== null && (file.f_flags & O_NONBLOCK) !== 0;
  const empty = (sk.sk_shutdown & RCV_SHUTDOWN) === 0 && first_packet_length(sk) === -1;
  if ((mask & EPOLLRDNORM) !== 0 && !nonblock && empty) mask &= ~(EPOLLIN | EPOLLRDNORM);
  return mask;
}
