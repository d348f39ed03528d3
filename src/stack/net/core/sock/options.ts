// Options of the socket level (net/core/sock.c, socket(7)). Values are raw little-endian bytes as on x86.

import { ENODEV, ENOPROTOOPT, EINVAL, EPERM, EDOM } from '../../../include/linux/errno.js';
import { usecs_to_jiffies, jiffies_to_usecs } from '../../../include/linux/jiffies.js';
import {
  SOF_TIMESTAMPING_MASK,
  SOF_TIMESTAMPING_OPT_ID,
  SOF_TIMESTAMPING_OPT_ID_TCP,
  SOF_TIMESTAMPING_RX_SOFTWARE,
} from '../../../include/linux/net_tstamp.js';
import { SOCK_STREAM } from '../../../include/linux/net.js';
import type { socket } from '../../../include/linux/net.js';
import * as SO from '../../../include/linux/socket.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import { TCP_LISTEN } from '../../../include/net/tcp_states.js';
import {
  SK_CAN_REUSE,
  SK_NO_REUSE,
  SK_PACING_NEEDED,
  SK_PACING_NONE,
  SOCK_BROADCAST,
  SOCK_DBG,
  SOCK_KEEPOPEN,
  SOCK_LINGER,
  SOCK_LOCALROUTE,
  SOCK_MIN_RCVBUF,
  SOCK_MIN_SNDBUF,
  SOCK_RCVBUF_LOCK,
  SOCK_RCVTSTAMP,
  SOCK_RCVTSTAMPNS,
  SOCK_RXQ_OVFL,
  SOCK_SNDBUF_LOCK,
  SOCK_TIMESTAMP,
  SOCK_TIMESTAMPING_RX_SOFTWARE,
  SOCK_TXTIME,
  SOCK_URGINLINE,
  SOCK_ZEROCOPY,
  lock_sock,
  sk_dst_reset,
  sock_error,
  sock_flag,
  sock_reset_flag,
  sock_set_flag,
  sock_valbool_flag,
  sk_rmem_alloc_get,
  sk_wmem_alloc_get,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock/struct.js';
import { net_disable_timestamp, net_enable_timestamp } from '../dev.js';
import { sk_attach_filter_bytes, sk_detach_filter } from '../filter.js';
import { __sock_gen_cookie } from './alloc.js';
import { release_sock } from './lock.js';
import { sk_set_peek_off } from './memory.js';
import { sock_setbindtodevice } from './route.js';

/** @notrace */
function int_of(data: Uint8Array, at = 0): int {
  return data[at] | (data[at + 1] << 8) | (data[at + 2] << 16) | (data[at + 3] << 24);
}

/** @notrace */
function long_of(data: Uint8Array, at: int): number {
  return (int_of(data, at) >>> 0) + int_of(data, at + 4) * 0x100000000;
}

/** A struct timeval as a timeout in jiffies. @returns it, or a negative errno */
function sock_set_timeout(sk: sock, optval: Uint8Array, optlen: int): number {
  if (optlen < 16) return -EINVAL;
  const sec = long_of(optval, 0);
  const usec = long_of(optval, 8);
  if (usec < 0 || usec >= 1_000_000) return -EDOM;
  if (sec < 0) return 0;
  if (sec === 0 && usec === 0) return Infinity;
  return usecs_to_jiffies(sk.skc_net.kernel, sec * 1e6 + usec);
}

function __sock_set_rcvbuf(sk: sock, val: int): void {
  // The kernel doubles it, for the structures beside the data.
  sk.sk_userlocks |= SOCK_RCVBUF_LOCK;
  sk.sk_rcvbuf = Math.max(Math.min(val, 0x3fffffff) * 2, SOCK_MIN_RCVBUF);
}

/** @notrace */
function set_sndbuf(sk: sock, val: int): void {
  sk.sk_userlocks |= SOCK_SNDBUF_LOCK;
  sk.sk_sndbuf = Math.max(Math.min(val, 0x3fffffff) * 2, SOCK_MIN_SNDBUF);
  sk.sk_write_space(sk);
}

/** @EXPORT_SYMBOL */
export function sock_set_timestamping(sk: sock, _optname: int, val: u32): int {
  if ((val & ~SOF_TIMESTAMPING_MASK) !== 0) return -EINVAL;
  if ((val & SOF_TIMESTAMPING_OPT_ID_TCP) !== 0 && (val & SOF_TIMESTAMPING_OPT_ID) === 0) return -EINVAL;
  if ((val & SOF_TIMESTAMPING_OPT_ID) !== 0 && (sk.sk_tsflags & SOF_TIMESTAMPING_OPT_ID) === 0) {
    if (sk.sk_protocol === 6 && sk.sk_type === SOCK_STREAM) {
      if (((1 << sk.sk_state) & ((1 << 7) | (1 << TCP_LISTEN))) !== 0) return -EINVAL;
      const tp = sk as unknown as { write_seq: u32; snd_una: u32 };
      sk.sk_tskey = (val & SOF_TIMESTAMPING_OPT_ID_TCP) !== 0 ? tp.write_seq : tp.snd_una;
    } else {
      sk.sk_tskey = 0;
    }
  }
  sk.sk_tsflags = val;
  if ((val & SOF_TIMESTAMPING_RX_SOFTWARE) !== 0) sock_enable_timestamp(sk, SOCK_TIMESTAMPING_RX_SOFTWARE);
  else sock_disable_timestamp(sk, 1 << SOCK_TIMESTAMPING_RX_SOFTWARE);
  return 0;
}

/** @notrace */
function set_linger(sk: sock, optval: Uint8Array, optlen: int): int {
  if (optlen < 8) return -EINVAL;
  if (int_of(optval) === 0) {
    sock_reset_flag(sk, SOCK_LINGER);
    return 0;
  }
  const seconds = int_of(optval, 4) >>> 0;
  sk.sk_lingertime = seconds * sk.skc_net.kernel.HZ;
  sock_set_flag(sk, SOCK_LINGER);
  return 0;
}

/** Has packets stamped while some socket wants that. */
export function sock_enable_timestamp(sk: sock, flag: int): void {
  if (sock_flag(sk, flag)) return;
  const stamped = (sk.sk_flags & SK_FLAGS_TIMESTAMP) !== 0;
  sock_set_flag(sk, flag);
  if (!stamped) net_enable_timestamp(sk.skc_net.kernel);
}

export function sock_disable_timestamp(sk: sock, flags: u32): void {
  if ((sk.sk_flags & flags) === 0) return;
  sk.sk_flags &= ~flags;
  if ((sk.sk_flags & SK_FLAGS_TIMESTAMP) === 0) net_disable_timestamp(sk.skc_net.kernel);
}

export const SK_FLAGS_TIMESTAMP = (1 << SOCK_TIMESTAMP) | (1 << SOCK_TIMESTAMPING_RX_SOFTWARE);

/** @notrace */
function set_timestamp(sk: sock, optname: int, valbool: bool): int {
  if (valbool) {
    sock_set_flag(sk, SOCK_RCVTSTAMP);
    sock_enable_timestamp(sk, SOCK_TIMESTAMP);
    sock_valbool_flag(sk, SOCK_RCVTSTAMPNS, optname === SO.SO_TIMESTAMPNS ? 1 : 0);
  } else {
    sock_reset_flag(sk, SOCK_RCVTSTAMP);
    sock_reset_flag(sk, SOCK_RCVTSTAMPNS);
  }
  return 0;
}

/** @notrace */
function set_one(sk: sock, optname: int, optval: Uint8Array, optlen: int): int {
  const val = int_of(optval);
  const valbool = val !== 0;
  const core = sk.skc_net.core;
  switch (optname) {
    case SO.SO_DEBUG:
      sock_valbool_flag(sk, SOCK_DBG, val);
      return 0;
    case SO.SO_REUSEADDR:
      sk.sk_reuse = valbool ? SK_CAN_REUSE : SK_NO_REUSE;
      return 0;
    case SO.SO_REUSEPORT:
      sk.sk_reuseport = valbool ? 1 : 0;
      return 0;
    case SO.SO_DONTROUTE:
      sock_valbool_flag(sk, SOCK_LOCALROUTE, val);
      sk_dst_reset(sk);
      return 0;
    case SO.SO_BROADCAST:
      sock_valbool_flag(sk, SOCK_BROADCAST, val);
      return 0;
    case SO.SO_SNDBUF:
      set_sndbuf(sk, Math.min(val >>> 0, core.sysctl_wmem_max));
      return 0;
    case SO.SO_SNDBUFFORCE:
      if (sk.sk_uid !== 0) return -EPERM;
      set_sndbuf(sk, Math.max(val, 0));
      return 0;
    case SO.SO_RCVBUF:
      __sock_set_rcvbuf(sk, Math.min(val >>> 0, core.sysctl_rmem_max));
      return 0;
    case SO.SO_RCVBUFFORCE:
      if (sk.sk_uid !== 0) return -EPERM;
      __sock_set_rcvbuf(sk, Math.max(val, 0));
      return 0;
    case SO.SO_KEEPALIVE: {
      const keepalive = sk.skc_prot.keepalive;
      if (keepalive !== undefined) keepalive(sk, val);
      sock_valbool_flag(sk, SOCK_KEEPOPEN, val);
      return 0;
    }
    case SO.SO_OOBINLINE:
      sock_valbool_flag(sk, SOCK_URGINLINE, val);
      return 0;
    case SO.SO_NO_CHECK:
      sk.sk_no_check_tx = valbool ? 1 : 0;
      return 0;
    case SO.SO_PRIORITY:
      if (val < 0 || (val > 6 && sk.sk_uid !== 0)) return -EPERM;
      sk.sk_priority = val;
      return 0;
    case SO.SO_LINGER:
      return set_linger(sk, optval, optlen);
    case SO.SO_TIMESTAMP:
    case SO.SO_TIMESTAMPNS:
      return set_timestamp(sk, optname, valbool);
    case SO.SO_TIMESTAMPING:
      return sock_set_timestamping(sk, optname, val);
    case SO.SO_RCVLOWAT: {
      const lowat = val < 0 ? 0x7fffffff : val;
      const set = sk.sk_socket?.ops?.set_rcvlowat;
      if (set !== undefined) return set(sk, lowat);
      sk.sk_rcvlowat = lowat !== 0 ? lowat : 1;
      return 0;
    }
    case SO.SO_RCVTIMEO:
    case SO.SO_SNDTIMEO: {
      const timeo = sock_set_timeout(sk, optval, optlen);
      if (timeo < 0) return timeo;
      if (optname === SO.SO_RCVTIMEO) sk.sk_rcvtimeo = timeo;
      else sk.sk_sndtimeo = timeo;
      return 0;
    }
    case SO.SO_ATTACH_FILTER:
      return sk_attach_filter_bytes(sk, optval, optlen);
    case SO.SO_DETACH_FILTER:
      return sk_detach_filter(sk);
    case SO.SO_MARK:
      if (sk.sk_uid !== 0) return -EPERM;
      if (sk.sk_mark !== val >>> 0) {
        sk.sk_mark = val >>> 0;
        sk_dst_reset(sk);
      }
      return 0;
    case SO.SO_RXQ_OVFL:
      sock_valbool_flag(sk, SOCK_RXQ_OVFL, val);
      return 0;
    case SO.SO_PEEK_OFF:
      return sk_set_peek_off(sk, val);
    case SO.SO_BUSY_POLL:
      if (val < 0) return -EINVAL;
      sk.sk_ll_usec = val;
      return 0;
    case SO.SO_MAX_PACING_RATE: {
      const rate = optlen >= 8 ? long_of(optval, 0) : val >>> 0;
      const unlimited = optlen >= 8 ? rate < 0 : rate === 0xffffffff;
      if (!unlimited && sk.sk_pacing_status === SK_PACING_NONE) sk.sk_pacing_status = SK_PACING_NEEDED;
      sk.sk_max_pacing_rate = unlimited ? Infinity : rate;
      sk.sk_pacing_rate = Math.min(sk.sk_pacing_rate, sk.sk_max_pacing_rate);
      return 0;
    }
    case SO.SO_INCOMING_CPU:
      sk.sk_incoming_cpu = val;
      return 0;
    case SO.SO_ZEROCOPY:
      if (val < 0 || val > 1) return -EINVAL;
      sock_valbool_flag(sk, SOCK_ZEROCOPY, val);
      return 0;
    case SO.SO_TXTIME:
      if (optlen !== 8) return -EINVAL;
      sock_valbool_flag(sk, SOCK_TXTIME, 1);
      sk.sk_clockid = int_of(optval);
      sk.sk_txtime_deadline_mode = int_of(optval, 4) & 1;
      sk.sk_txtime_report_errors = (int_of(optval, 4) >> 1) & 1;
      return 0;
    case SO_TXREHASH:
      if (val < -1 || val > 1) return -EINVAL;
      sk.sk_txrehash = val === -1 ? core.sysctl_txrehash : val;
      return 0;
    default:
      return -ENOPROTOOPT;
  }
}

const SO_TXREHASH = 74;

/** Sets an option of the socket level. @returns 0 or a negative errno */
export function sk_setsockopt(sk: sock, _level: int, optname: int, optval: Uint8Array, optlen: int): int {
  if (optname === SO.SO_BINDTODEVICE) {
    let end = 0;
    while (end < optlen && end < 15 && optval[end] !== 0) end++;
    return sock_setbindtodevice(sk, String.fromCharCode(...optval.subarray(0, end)));
  }
  if (optlen < 4 && optname !== SO.SO_DETACH_FILTER) return -EINVAL;
  lock_sock(sk);
  const ret = set_one(sk, optname, optval, optlen);
  release_sock(sk);
  return ret;
}

/** @EXPORT_SYMBOL */
export function sock_setsockopt(sock: socket, level: int, optname: int, optval: Uint8Array, optlen: int): int {
  return sk_setsockopt(sock.sk as sock, level, optname, optval, optlen);
}

/** @notrace */
function timeout_value(sk: sock, timeo: number): number[] {
  if (timeo === Infinity) return [0, 0];
  const usec = jiffies_to_usecs(sk.skc_net.kernel, timeo);
  return [Math.floor(usec / 1e6), usec % 1e6];
}

/** The option's value as 32-bit words, or a negative errno. @notrace */
function get_one(sk: sock, optname: int): number[] | int {
  const flag = (nr: int): number[] => [sock_flag(sk, nr) ? 1 : 0];
  switch (optname) {
    case SO.SO_DEBUG:
      return flag(SOCK_DBG);
    case SO.SO_DONTROUTE:
      return flag(SOCK_LOCALROUTE);
    case SO.SO_BROADCAST:
      return flag(SOCK_BROADCAST);
    case SO.SO_SNDBUF:
      return [sk.sk_sndbuf];
    case SO.SO_RCVBUF:
      return [sk.sk_rcvbuf];
    case SO.SO_REUSEADDR:
      return [sk.sk_reuse];
    case SO.SO_REUSEPORT:
      return [sk.sk_reuseport];
    case SO.SO_KEEPALIVE:
      return flag(SOCK_KEEPOPEN);
    case SO.SO_TYPE:
      return [sk.sk_type];
    case SO.SO_PROTOCOL:
      return [sk.sk_protocol];
    case SO.SO_DOMAIN:
      return [sk.sk_family];
    case SO.SO_ERROR: {
      let err = -sock_error(sk);
      if (err === 0) {
        err = sk.sk_err_soft;
        sk.sk_err_soft = 0;
      }
      return [err];
    }
    case SO.SO_OOBINLINE:
      return flag(SOCK_URGINLINE);
    case SO.SO_NO_CHECK:
      return [sk.sk_no_check_tx];
    case SO.SO_PRIORITY:
      return [sk.sk_priority];
    case SO.SO_LINGER:
      return [sock_flag(sk, SOCK_LINGER) ? 1 : 0, Math.floor(sk.sk_lingertime / sk.skc_net.kernel.HZ)];
    case SO.SO_TIMESTAMP:
      return [sock_flag(sk, SOCK_RCVTSTAMP) && !sock_flag(sk, SOCK_RCVTSTAMPNS) ? 1 : 0];
    case SO.SO_TIMESTAMPNS:
      return flag(SOCK_RCVTSTAMPNS);
    case SO.SO_TIMESTAMPING:
      return [sk.sk_tsflags];
    case SO.SO_RCVLOWAT:
      return [sk.sk_rcvlowat];
    case SO.SO_SNDLOWAT:
      return [1];
    case SO.SO_ACCEPTCONN:
      return [sk.sk_state === TCP_LISTEN ? 1 : 0];
    case SO.SO_MARK:
      return [sk.sk_mark];
    case SO.SO_RXQ_OVFL:
      return flag(SOCK_RXQ_OVFL);
    case SO.SO_PEEK_OFF:
      return [sk.sk_peek_off];
    case SO.SO_BUSY_POLL:
      return [sk.sk_ll_usec];
    case SO.SO_INCOMING_CPU:
      return [sk.sk_incoming_cpu];
    case SO.SO_ZEROCOPY:
      return flag(SOCK_ZEROCOPY);
    case SO.SO_TXTIME:
      return [sk.sk_clockid, sk.sk_txtime_deadline_mode | (sk.sk_txtime_report_errors << 1)];
    case SO_TXREHASH:
      return [sk.sk_txrehash];
    case SO.SO_MEMINFO:
      return sk_get_meminfo(sk);
    default:
      return -ENOPROTOOPT;
  }
}

/** A socket's memory in the order of SK_MEMINFO_* (include/uapi/linux/sock_diag.h), bytes; drops as a count. */
export function sk_get_meminfo(sk: sock): u32[] {
  return [
    sk_rmem_alloc_get(sk),
    sk.sk_rcvbuf,
    sk_wmem_alloc_get(sk),
    sk.sk_sndbuf,
    sk.sk_forward_alloc,
    sk.sk_wmem_queued,
    sk.sk_omem_alloc,
    sk.sk_backlog.len,
    sk.sk_drops,
  ];
}

/** 64-bit values: timeouts, cookie, pacing rate. @notrace */
function get_long(sk: sock, optname: int, len: int): number[] | null {
  switch (optname) {
    case SO.SO_RCVTIMEO:
      return timeout_value(sk, sk.sk_rcvtimeo);
    case SO.SO_SNDTIMEO:
      return timeout_value(sk, sk.sk_sndtimeo);
    case SO.SO_COOKIE:
      return [__sock_gen_cookie(sk)];
    case SO.SO_MAX_PACING_RATE:
      return len >= 8 ? [sk.sk_max_pacing_rate] : null;
    default:
      return null;
  }
}

/** Reads an option of the socket level. @param optlen room, then bytes given @returns 0 or a negative errno */
export function sk_getsockopt(sk: sock, _level: int, optname: int, optval: Uint8Array, optlen: { value: int }): int {
  const room = Math.min(optlen.value, optval.length);
  if (room < 0) return -EINVAL;
  let bytes: Uint8Array;
  if (optname === SO.SO_BINDTODEVICE) {
    const name = sk.sk_bound_dev_if === 0 ? '' : sk.skc_net.dev_by_index.get(sk.sk_bound_dev_if)?.name;
    if (name === undefined) return -ENODEV;
    if (name === '') {
      optlen.value = 0;
      return 0;
    }
    if (room < 16) return -EINVAL;
    bytes = Uint8Array.from([...name].map((c) => c.charCodeAt(0)).concat(0));
  } else {
    const long = get_long(sk, optname, room);
    if (long !== null) {
      bytes = new Uint8Array(8 * long.length);
      const view = new DataView(bytes.buffer);
      long.forEach((v, i) => view.setBigUint64(8 * i, v === Infinity ? 0xffff_ffff_ffff_ffffn : BigInt(v), true));
    } else if (optname === SO.SO_MAX_PACING_RATE) {
      bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, Math.min(sk.sk_max_pacing_rate, 0xffffffff), true);
    } else {
      const words = get_one(sk, optname);
      if (typeof words === 'number') return words;
      bytes = new Uint8Array(4 * words.length);
      const view = new DataView(bytes.buffer);
      words.forEach((v, i) => view.setInt32(4 * i, v, true));
    }
  }
  const len = Math.min(room, bytes.length);
  optval.set(bytes.subarray(0, len));
  optlen.value = len;
  return 0;
}

/** @EXPORT_SYMBOL */
export function sock_getsockopt(
  sock: socket,
  level: int,
  optname: int,
  optval: Uint8Array,
  optlen: { value: int },
): int {
  return sk_getsockopt(sock.sk as sock, level, optname, optval, optlen);
}
