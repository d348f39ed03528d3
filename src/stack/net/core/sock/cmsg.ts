// Control messages of the socket level: time stamps, what a send wants done with its packet, the error queue
// (net/core/sock.c, net/socket.c, net/core/scm.c).

import { ktime_get_real_ns } from '../../../include/linux/jiffies.js';
import { EAGAIN, EINVAL, EPERM } from '../../../include/linux/errno.js';
import { SKB_EXT_ERR } from '../../../include/linux/errqueue.js';
import {
  SOF_TIMESTAMPING_OPT_ID,
  SOF_TIMESTAMPING_RAW_HARDWARE,
  SOF_TIMESTAMPING_RX_SOFTWARE,
  SOF_TIMESTAMPING_SOFTWARE,
  SOF_TIMESTAMPING_TX_COMPLETION,
  SOF_TIMESTAMPING_TX_HARDWARE,
  SOF_TIMESTAMPING_TX_RECORD_MASK,
  SOF_TIMESTAMPING_TX_SCHED,
  SOF_TIMESTAMPING_TX_SOFTWARE,
} from '../../../include/linux/net_tstamp.js';
import {
  SKBTX_COMPLETION_TSTAMP,
  SKBTX_HW_TSTAMP,
  SKBTX_SCHED_TSTAMP,
  SKBTX_SW_TSTAMP,
} from '../../../include/linux/skbuff/constants.js';
import type { sk_buff } from '../../../include/linux/skbuff/struct.js';
import {
  MSG_CTRUNC,
  MSG_ERRQUEUE,
  MSG_TRUNC,
  SO_MARK,
  SO_PRIORITY,
  SO_RXQ_OVFL,
  SO_TIMESTAMP,
  SO_TIMESTAMPING,
  SO_TIMESTAMPNS,
  SO_TXTIME,
  SOL_SOCKET,
  cmsghdr,
} from '../../../include/linux/socket.js';
import type { msghdr } from '../../../include/linux/socket.js';
import type { bool, int, u32, u64, u8 } from '../../../include/linux/types.js';
import { SOCK_RCVTSTAMP, SOCK_RCVTSTAMPNS, SOCK_RXQ_OVFL, SOCK_TXTIME, sock_flag } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock/struct.js';
import { skb_copy_datagram_msg } from '../datagram.js';
import { kfree_skb } from '../skbuff/free.js';
import { sock_dequeue_err_skb } from '../skbuff/errqueue.js';

/** What a send's control messages ask for. */
export class sockcm_cookie {
  /** ns since boot */
  transmit_time: u64 = 0;
  mark: u32 = 0;
  tsflags: u32 = 0;
  ts_opt_id: u32 = 0;
  priority: u32 = 0;
}

/** Begins with what the socket itself asks for. @notrace */
export function sockcm_init(sk: sock): sockcm_cookie {
  const sockc = new sockcm_cookie();
  sockc.tsflags = sk.sk_tsflags;
  sockc.mark = sk.sk_mark;
  sockc.priority = sk.sk_priority;
  return sockc;
}

/** @notrace */
function u32_of(data: Uint8Array, at: int): u32 {
  return (data[at] | (data[at + 1] << 8) | (data[at + 2] << 16) | (data[at + 3] << 24)) >>> 0;
}

/** One control message. @returns 0 or a negative errno @EXPORT_SYMBOL */
export function __sock_cmsg_send(sk: sock, cmsg: cmsghdr, sockc: sockcm_cookie): int {
  const { data } = cmsg;
  switch (cmsg.cmsg_type) {
    case SO_MARK:
      if (sk.sk_uid !== 0) return -EPERM;
      if (data.length !== 4) return -EINVAL;
      sockc.mark = u32_of(data, 0);
      return 0;
    case SO_TIMESTAMPING: {
      if (data.length !== 4) return -EINVAL;
      const tsflags = u32_of(data, 0);
      if ((tsflags & ~SOF_TIMESTAMPING_TX_RECORD_MASK) !== 0) return -EINVAL;
      sockc.tsflags = (sockc.tsflags & ~SOF_TIMESTAMPING_TX_RECORD_MASK) | tsflags;
      return 0;
    }
    case SO_TXTIME:
      if (!sock_flag(sk, SOCK_TXTIME) || data.length !== 8) return -EINVAL;
      sockc.transmit_time = u32_of(data, 0) + u32_of(data, 4) * 0x100000000;
      return 0;
    case SO_PRIORITY:
      if (data.length !== 4) return -EINVAL;
      sockc.priority = u32_of(data, 0);
      return 0;
    default:
      return -EINVAL;
  }
}

/** The socket-level control messages of a send. @EXPORT_SYMBOL */
export function sock_cmsg_send(sk: sock, msg: msghdr, sockc: sockcm_cookie): int {
  for (const cmsg of msg.msg_control) {
    if (cmsg.cmsg_level !== SOL_SOCKET) continue;
    const ret = __sock_cmsg_send(sk, cmsg, sockc);
    if (ret !== 0) return ret;
  }
  return 0;
}

/** The SKBTX_* bits of SOF_TIMESTAMPING_* flags. @EXPORT_SYMBOL */
export function __sock_tx_timestamp(tsflags: u32): u8 {
  let flags = 0;
  if ((tsflags & SOF_TIMESTAMPING_TX_HARDWARE) !== 0) flags |= SKBTX_HW_TSTAMP;
  if ((tsflags & SOF_TIMESTAMPING_TX_SOFTWARE) !== 0) flags |= SKBTX_SW_TSTAMP;
  if ((tsflags & SOF_TIMESTAMPING_TX_SCHED) !== 0) flags |= SKBTX_SCHED_TSTAMP;
  if ((tsflags & SOF_TIMESTAMPING_TX_COMPLETION) !== 0) flags |= SKBTX_COMPLETION_TSTAMP;
  return flags;
}

/** @param tx_flags gets SKBTX_* @param tskey gets the number of the send, if the socket counts them @notrace */
export function _sock_tx_timestamp(
  sk: sock,
  sockc: sockcm_cookie,
  tx_flags: { value: u8 },
  tskey: { value: u32 } | null,
): void {
  const tsflags = sockc.tsflags;
  if (tsflags === 0) return;
  tx_flags.value |= __sock_tx_timestamp(tsflags);
  if (
    tskey !== null &&
    (tsflags & SOF_TIMESTAMPING_OPT_ID) !== 0 &&
    (tsflags & SOF_TIMESTAMPING_TX_RECORD_MASK) !== 0
  ) {
    tskey.value = sk.sk_tskey;
    sk.sk_tskey = (sk.sk_tskey + 1) >>> 0;
  }
}

/** @notrace */
export function sock_tx_timestamp(sk: sock, sockc: sockcm_cookie, tx_flags: { value: u8 }): void {
  _sock_tx_timestamp(sk, sockc, tx_flags, null);
}

/** @notrace */
export function skb_setup_tx_timestamp(skb: sk_buff, sockc: sockcm_cookie): void {
  const flags = { value: skb.shinfo.tx_flags };
  const key = { value: skb.shinfo.tskey };
  _sock_tx_timestamp(skb.sk as sock, sockc, flags, key);
  skb.shinfo.tx_flags = flags.value;
  skb.shinfo.tskey = key.value;
}

/** Adds a control message to what a receive gives, as far as there is room. @EXPORT_SYMBOL */
export function put_cmsg(msg: msghdr, level: int, type: int, data: Uint8Array): int {
  const room = (16 + data.length + 7) & ~7;
  if (msg.msg_controllen < 16 + data.length) {
    msg.msg_flags |= MSG_CTRUNC;
    return 0;
  }
  msg.msg_control.push(new cmsghdr(level, type, data));
  msg.msg_controllen = Math.max(0, msg.msg_controllen - room);
  return 0;
}

/** Seconds and `unit` parts of it as two 64-bit words. @notrace */
function time_words(out: Uint8Array, at: int, ns: bigint, unit: bigint): void {
  const view = new DataView(out.buffer, out.byteOffset);
  view.setBigInt64(at, ns / 1_000_000_000n, true);
  view.setBigInt64(at + 8, (ns % 1_000_000_000n) / unit, true);
}

/** The wall-clock time of a stamp of an skb, ns since 1970. @notrace */
export function skb_get_ktime_real(sk: sock, stamp: number): bigint {
  const kernel = sk.skc_net.kernel;
  return ktime_get_real_ns(kernel) - BigInt(Math.floor(kernel.now - stamp));
}

/** Time stamps of a received packet, as the socket asked for them. @EXPORT_SYMBOL */
export function __sock_recv_timestamp(msg: msghdr, sk: sock, skb: sk_buff): void {
  const need_software = sock_flag(sk, SOCK_RCVTSTAMP);
  if (need_software && skb.tstamp === 0) skb.tstamp = sk.skc_net.kernel.now;
  if (need_software) {
    const ns = skb_get_ktime_real(sk, skb.tstamp);
    const data = new Uint8Array(16);
    const nanoseconds = sock_flag(sk, SOCK_RCVTSTAMPNS);
    time_words(data, 0, ns, nanoseconds ? 1n : 1000n);
    put_cmsg(msg, SOL_SOCKET, nanoseconds ? SO_TIMESTAMPNS : SO_TIMESTAMP, data);
  }
  const tsflags = sk.sk_tsflags;
  const software =
    (tsflags & SOF_TIMESTAMPING_SOFTWARE) !== 0 &&
    ((tsflags & SOF_TIMESTAMPING_RX_SOFTWARE) !== 0 || skb_is_err_queue(skb)) &&
    skb.tstamp !== 0;
  const hwtstamp = skb.shinfo.hwtstamps.hwtstamp;
  const hardware = (tsflags & SOF_TIMESTAMPING_RAW_HARDWARE) !== 0 && hwtstamp !== 0;
  if (!software && !hardware) return;
  const data = new Uint8Array(48);
  if (software) time_words(data, 0, skb_get_ktime_real(sk, skb.tstamp), 1n);
  if (hardware) time_words(data, 32, skb_get_ktime_real(sk, hwtstamp), 1n);
  put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPING, data);
  if (skb_is_err_queue(skb) && skb.len > 0 && SKB_EXT_ERR(skb).opt_stats) put_cmsg(msg, SOL_SOCKET, 54, skb_bytes(skb));
}

/** @notrace */
function skb_bytes(skb: sk_buff): Uint8Array {
  return skb.head.slice(skb.data, skb.tail);
}

/** Whether an skb came by the error queue. @notrace */
export function skb_is_err_queue(skb: sk_buff): bool {
  return skb.exterrcb !== null && skb.pkt_type === 4;
}

/** @notrace */
export function sock_recv_timestamp(msg: msghdr, sk: sock, skb: sk_buff): void {
  if (sock_flag(sk, SOCK_RCVTSTAMP) || sk.sk_tsflags !== 0) __sock_recv_timestamp(msg, sk, skb);
  else if (skb.tstamp !== 0 && skb.tstamp_type === 0) sk.sk_stamp = skb.tstamp;
}

/** Time stamp and count of drops of a received packet. @EXPORT_SYMBOL */
export function sock_recv_cmsgs(msg: msghdr, sk: sock, skb: sk_buff): void {
  sock_recv_timestamp(msg, sk, skb);
  if (sock_flag(sk, SOCK_RXQ_OVFL) && skb.reserved_tailroom !== 0) {
    const drops = skb.reserved_tailroom;
    put_cmsg(
      msg,
      SOL_SOCKET,
      SO_RXQ_OVFL,
      Uint8Array.of(drops & 255, (drops >>> 8) & 255, (drops >>> 16) & 255, drops >>> 24),
    );
  }
}

/** Reads an error of the queue with a message of that level and type. @returns bytes of the packet, or an errno @EXPORT_SYMBOL */
export function sock_recv_errqueue(sk: sock, msg: msghdr, len: int, level: int, type: int): int {
  const skb = sock_dequeue_err_skb(sk);
  if (skb === null) return -EAGAIN;
  let copied = skb.len;
  if (copied > len) {
    msg.msg_flags |= MSG_TRUNC;
    copied = len;
  }
  const err = skb_copy_datagram_msg(skb, 0, msg, copied);
  if (err !== 0) {
    kfree_skb(skb);
    return err;
  }
  sock_recv_timestamp(msg, sk, skb);
  const { ee } = SKB_EXT_ERR(skb);
  const data = new Uint8Array(16);
  const view = new DataView(data.buffer);
  view.setUint32(0, ee.ee_errno, true);
  data[4] = ee.ee_origin;
  data[5] = ee.ee_type;
  data[6] = ee.ee_code;
  view.setUint32(8, ee.ee_info, true);
  view.setUint32(12, ee.ee_data, true);
  put_cmsg(msg, level, type, data);
  msg.msg_flags |= MSG_ERRQUEUE;
  kfree_skb(skb);
  return copied;
}
