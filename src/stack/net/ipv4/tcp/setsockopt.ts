/**
 * setsockopt at level IPPROTO_TCP.
 *
 * Read beside it: net/ipv4/tcp.c; tcp(7). Left out: TCP_REPAIR and its kin (refused with EPERM), ULPs, MD5, AO.
 */
import { EINVAL, ENOPROTOOPT, EOPNOTSUPP, EPERM } from '../../../include/linux/errno.js';
import { msecs_to_jiffies, usecs_to_jiffies } from '../../../include/linux/jiffies.js';
import { SOL_TCP } from '../../../include/linux/socket.js';
import { TCP_FASTOPEN_KEY_LENGTH, fastopen_queue_tune, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int } from '../../../include/linux/types.js';
import {
  ICSK_ACK_PUSHED,
  inet_csk,
  inet_csk_ack_scheduled,
  inet_csk_enter_pingpong_mode,
  inet_csk_exit_pingpong_mode,
} from '../../../include/net/inet_connection_sock.js';
import {
  SOCK_KEEPOPEN,
  SOCK_MIN_RCVBUF,
  lock_sock,
  release_sock,
  sock_flag,
  sock_net,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  MAX_TCP_KEEPCNT,
  MAX_TCP_KEEPIDLE,
  MAX_TCP_KEEPINTVL,
  MAX_TCP_SYNCNT,
  MAX_TCP_WINDOW,
  TCPF_CLOSE,
  TCPF_CLOSE_WAIT,
  TCPF_ESTABLISHED,
  TCPF_LISTEN,
  TCP_CLOSE,
  TCP_DELACK_MAX,
  TCP_FIN_TIMEOUT_MAX,
  TCP_MIN_MSS,
  TCP_NAGLE_CORK,
  TCP_NAGLE_OFF,
  TCP_NAGLE_PUSH,
  TCP_RTO_MAX_SEC,
  TCP_RTO_MIN,
  TCP_TIMEOUT_INIT,
  TCP_TIMEOUT_MIN,
  TFO_CLIENT_ENABLE,
  __tcp_adjust_rcv_ssthresh,
  keepalive_time_elapsed,
  tcp_push_pending_frames,
} from '../../../include/net/tcp.js';
import * as opt from '../../../include/uapi/linux/tcp.js';
import { inet_csk_reset_keepalive_timer } from '../inet_connection_sock/index.js';
import { tcp_set_congestion_control } from '../tcp_cong.js';
import { tcp_fastopen_init_key_once, tcp_fastopen_reset_cipher } from '../tcp_fastopen.js';
import { tcp_cleanup_rbuf } from './recvmsg.js';
import { secs_to_retrans } from './state.js';

/** TCP_CORK: holds partial segments back, or lets them go. @EXPORT_SYMBOL */
export function __tcp_sock_set_cork(sk: sock, on: bool): void {
  const tp = tcp_sk(sk);
  if (on) tp.nonagle |= TCP_NAGLE_CORK;
  else {
    tp.nonagle &= ~TCP_NAGLE_CORK;
    if (tp.nonagle & TCP_NAGLE_OFF) tp.nonagle |= TCP_NAGLE_PUSH;
    tcp_push_pending_frames(sk);
  }
}

/** TCP_NODELAY. @EXPORT_SYMBOL */
export function __tcp_sock_set_nodelay(sk: sock, on: bool): void {
  const tp = tcp_sk(sk);
  if (on) {
    tp.nonagle |= TCP_NAGLE_OFF | TCP_NAGLE_PUSH;
    tcp_push_pending_frames(sk);
  } else tp.nonagle &= ~TCP_NAGLE_OFF;
}

/** TCP_QUICKACK. */
function __tcp_sock_set_quickack(sk: sock, val: int): void {
  if (!(val & 1)) {
    inet_csk_enter_pingpong_mode(sk);
    return;
  }
  inet_csk_exit_pingpong_mode(sk);
  if ((1 << sk.sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT) && inet_csk_ack_scheduled(sk)) {
    inet_csk(sk).icsk_ack.pending |= ICSK_ACK_PUSHED;
    tcp_cleanup_rbuf(sk, 1);
  }
}

/** TCP_KEEPIDLE. @param val seconds */
export function tcp_sock_set_keepidle_locked(sk: sock, val: int): int {
  const tp = tcp_sk(sk);
  if (val < 1 || val > MAX_TCP_KEEPIDLE) return -EINVAL;
  tp.keepalive_time = val * sock_net(sk).kernel.HZ;
  if (sock_flag(sk, SOCK_KEEPOPEN) && !((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN))) {
    const elapsed = keepalive_time_elapsed(tp);
    inet_csk_reset_keepalive_timer(sk, tp.keepalive_time > elapsed ? tp.keepalive_time - elapsed : 0);
  }
  return 0;
}

/** TCP_WINDOW_CLAMP. @param val bytes */
export function tcp_set_window_clamp(sk: sock, val: int): int {
  const tp = tcp_sk(sk);
  if (!val) {
    if (sk.sk_state !== TCP_CLOSE) return -EINVAL;
    tp.window_clamp = 0;
    return 0;
  }
  const old = tp.window_clamp;
  const clamp = Math.max(SOCK_MIN_RCVBUF >> 1, val);
  if (clamp === old) return 0;
  tp.window_clamp = clamp;
  if (clamp < old) __tcp_adjust_rcv_ssthresh(sk, clamp);
  else tp.rcv_ssthresh = Math.max(Math.min(tp.rcv_wnd, clamp), tp.rcv_ssthresh);
  return 0;
}

/** The options whose value is no integer. @returns null if optname is none of them @notrace */
function tcp_setsockopt_bytes(sk: sock, optname: int, optval: Uint8Array, optlen: int): int | null {
  const net = sock_net(sk);
  switch (optname) {
    case opt.TCP_CONGESTION: {
      if (optlen < 1) return -EINVAL;
      let name = '';
      for (let i = 0; i < Math.min(optlen, 15) && optval[i]; i++) name += String.fromCharCode(optval[i]);
      lock_sock(sk);
      const err = tcp_set_congestion_control(sk, name, true, true);
      release_sock(sk);
      return err;
    }
    case opt.TCP_ULP:
      return -ENOPROTOOPT;
    case opt.TCP_FASTOPEN_KEY: {
      if (optlen !== TCP_FASTOPEN_KEY_LENGTH && optlen !== 2 * TCP_FASTOPEN_KEY_LENGTH) return -EINVAL;
      const primary = optval.slice(0, TCP_FASTOPEN_KEY_LENGTH);
      const backup = optlen > TCP_FASTOPEN_KEY_LENGTH ? optval.slice(TCP_FASTOPEN_KEY_LENGTH, optlen) : null;
      return tcp_fastopen_reset_cipher(net, sk, primary, backup);
    }
    default:
      return null;
  }
}

/** TCP_MAXSEG. @notrace */
function tcp_set_maxseg(sk: sock, val: int): int {
  if (val && (val < TCP_MIN_MSS || val > MAX_TCP_WINDOW)) return -EINVAL;
  tcp_sk(sk).rx_opt.user_mss = val;
  return 0;
}

/** A value that must be within bounds; otherwise EINVAL. @notrace */
function bounded(val: int, min: int, max: int, set: () => void): int {
  if (val < min || val > max) return -EINVAL;
  set();
  return 0;
}

/** An integer option of a locked socket. @notrace */
function tcp_setsockopt_int(sk: sock, optname: int, val: int): int {
  const tp = tcp_sk(sk);
  const icsk = inet_csk(sk);
  const net = sock_net(sk);
  const kernel = net.kernel;
  const closed_or_listening = ((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN)) !== 0;
  switch (optname) {
    case opt.TCP_MAXSEG:
      return tcp_set_maxseg(sk, val);
    case opt.TCP_NODELAY:
      __tcp_sock_set_nodelay(sk, val !== 0);
      return 0;
    case opt.TCP_CORK:
      __tcp_sock_set_cork(sk, val !== 0);
      return 0;
    case opt.TCP_THIN_LINEAR_TIMEOUTS:
      return bounded(val, 0, 1, () => (tp.thin_lto = val));
    case opt.TCP_THIN_DUPACK:
      return bounded(val, 0, 1, () => undefined);
    case opt.TCP_REPAIR:
    case opt.TCP_REPAIR_QUEUE:
    case opt.TCP_QUEUE_SEQ:
    case opt.TCP_REPAIR_OPTIONS:
    case opt.TCP_REPAIR_WINDOW:
    case opt.TCP_TIMESTAMP:
      return -EPERM;
    case opt.TCP_KEEPIDLE:
      return tcp_sock_set_keepidle_locked(sk, val);
    case opt.TCP_KEEPINTVL:
      return bounded(val, 1, MAX_TCP_KEEPINTVL, () => (tp.keepalive_intvl = val * kernel.HZ));
    case opt.TCP_KEEPCNT:
      return bounded(val, 1, MAX_TCP_KEEPCNT, () => (tp.keepalive_probes = val));
    case opt.TCP_SYNCNT:
      return bounded(val, 1, MAX_TCP_SYNCNT, () => (icsk.icsk_syn_retries = val));
    case opt.TCP_USER_TIMEOUT:
      return bounded(val, 0, 0x7fffffff, () => (icsk.icsk_user_timeout = val));
    case opt.TCP_SAVE_SYN:
      return bounded(val, 0, 2, () => (tp.save_syn = val));
    case opt.TCP_LINGER2:
      if (val < 0) tp.linger2 = -1;
      else if (val > TCP_FIN_TIMEOUT_MAX(kernel) / kernel.HZ) tp.linger2 = TCP_FIN_TIMEOUT_MAX(kernel);
      else tp.linger2 = val * kernel.HZ;
      return 0;
    case opt.TCP_DEFER_ACCEPT:
      icsk.icsk_accept_queue.rskq_defer_accept = secs_to_retrans(
        val,
        TCP_TIMEOUT_INIT(kernel) / kernel.HZ,
        Math.floor(icsk.icsk_rto_max / kernel.HZ),
      );
      return 0;
    case opt.TCP_WINDOW_CLAMP:
      return tcp_set_window_clamp(sk, val);
    case opt.TCP_QUICKACK:
      __tcp_sock_set_quickack(sk, val);
      return 0;
    case opt.TCP_FASTOPEN:
      if (val < 0 || !closed_or_listening) return -EINVAL;
      tcp_fastopen_init_key_once(net);
      fastopen_queue_tune(sk, val);
      return 0;
    case opt.TCP_FASTOPEN_CONNECT:
      if (val > 1 || val < 0) return -EINVAL;
      if (!(net.ipv4.sysctl_tcp_fastopen & TFO_CLIENT_ENABLE)) return -EOPNOTSUPP;
      if (sk.sk_state !== TCP_CLOSE) return -EINVAL;
      tp.fastopen_connect = val;
      return 0;
    case opt.TCP_FASTOPEN_NO_COOKIE:
      if (val > 1 || val < 0 || !closed_or_listening) return -EINVAL;
      tp.fastopen_no_cookie = val;
      return 0;
    case opt.TCP_NOTSENT_LOWAT:
      tp.notsent_lowat = val >>> 0;
      sk.sk_write_space(sk);
      return 0;
    case opt.TCP_INQ:
      return bounded(val, 0, 1, () => (tp.recvmsg_inq = val));
    case opt.TCP_TX_DELAY:
      tp.tcp_tx_delay = val >>> 0;
      return 0;
    case opt.TCP_RTO_MAX_MS:
      return bounded(val, 1000, TCP_RTO_MAX_SEC * 1000, () => (icsk.icsk_rto_max = msecs_to_jiffies(kernel, val)));
    case opt.TCP_RTO_MIN_US: {
      const ticks = usecs_to_jiffies(kernel, val);
      return bounded(ticks, TCP_TIMEOUT_MIN(kernel), TCP_RTO_MIN(kernel), () => (icsk.icsk_rto_min = ticks));
    }
    case opt.TCP_DELACK_MAX_US: {
      const ticks = usecs_to_jiffies(kernel, val);
      return bounded(ticks, TCP_TIMEOUT_MIN(kernel), TCP_DELACK_MAX(kernel), () => (icsk.icsk_delack_max = ticks));
    }
    default:
      return -ENOPROTOOPT;
  }
}

/** setsockopt at level SOL_TCP. @param optval little-endian bytes */
export function do_tcp_setsockopt(sk: sock, _level: int, optname: int, optval: Uint8Array, optlen: int): int {
  const done = tcp_setsockopt_bytes(sk, optname, optval, optlen);
  if (done !== null) return done;
  if (optlen < 4 || optval.length < 4) return -EINVAL;
  const val = optval[0] | (optval[1] << 8) | (optval[2] << 16) | (optval[3] << 24);
  lock_sock(sk);
  const err = tcp_setsockopt_int(sk, optname, val);
  release_sock(sk);
  return err;
}

/** proto.setsockopt of TCP. @returns 0 or a negative errno @EXPORT_SYMBOL */
export function tcp_setsockopt(sk: sock, level: int, optname: int, optval: Uint8Array, optlen: int): int {
  if (level !== SOL_TCP) return inet_csk(sk).icsk_af_ops!.setsockopt(sk, level, optname, optval, optlen);
  return do_tcp_setsockopt(sk, level, optname, optval, optlen);
}
