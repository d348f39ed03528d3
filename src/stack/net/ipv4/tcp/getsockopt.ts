/**
 * getsockopt at level IPPROTO_TCP.
 *
 * Read beside it: net/ipv4/tcp.c; tcp(7).
 */
import { EFAULT, EINVAL, ENOPROTOOPT, EPERM } from '../../../include/linux/errno.js';
import { jiffies_to_msecs, jiffies_to_usecs } from '../../../include/linux/jiffies.js';
import { SOL_TCP } from '../../../include/linux/socket.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { int } from '../../../include/linux/types.js';
import { inet_csk, inet_csk_in_pingpong_mode } from '../../../include/net/inet_connection_sock.js';
import { tcp_saved_syn_len } from '../../../include/net/request_sock.js';
import { lock_sock, release_sock, sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCPF_CLOSE,
  TCPF_LISTEN,
  TCP_NAGLE_CORK,
  TCP_NAGLE_OFF,
  TCP_TIMEOUT_INIT,
  keepalive_intvl_when,
  keepalive_probes,
  keepalive_time_when,
  tcp_clock_ts,
} from '../../../include/net/tcp.js';
import * as opt from '../../../include/uapi/linux/tcp.js';
import { tcp_fastopen_get_cipher } from '../tcp_fastopen.js';
import { tcp_get_info } from './info.js';
import { retrans_to_secs } from './state.js';

/** Copies as much of a value as there is room for. @notrace */
function give(bytes: Uint8Array, optval: Uint8Array, optlen: { value: int }): int {
  const len = Math.min(optlen.value, bytes.length);
  if (optval.length < len) return -EFAULT;
  optval.set(bytes.subarray(0, len));
  optlen.value = len;
  return 0;
}

/** The options whose value is no integer. @returns null if optname is none of them @notrace */
function tcp_getsockopt_bytes(sk: sock, optname: int, optval: Uint8Array, optlen: { value: int }): int | null {
  const tp = tcp_sk(sk);
  const icsk = inet_csk(sk);
  switch (optname) {
    case opt.TCP_INFO: {
      const info = new opt.tcp_info();
      tcp_get_info(sk, info);
      return give(opt.tcp_info_bytes(info), optval, optlen);
    }
    case opt.TCP_CC_INFO: {
      const attr = { value: 0 };
      const bytes = icsk.icsk_ca_ops?.get_info?.(sk, 0xffffffff, attr) ?? new Uint8Array(0);
      return give(bytes, optval, optlen);
    }
    case opt.TCP_CONGESTION: {
      const bytes = new Uint8Array(16);
      const name = icsk.icsk_ca_ops?.name ?? '';
      for (let i = 0; i < name.length; i++) bytes[i] = name.charCodeAt(i);
      return give(bytes, optval, optlen);
    }
    case opt.TCP_ULP:
      optlen.value = 0;
      return 0;
    case opt.TCP_FASTOPEN_KEY:
      return give(tcp_fastopen_get_cipher(sock_net(sk), icsk), optval, optlen);
    case opt.TCP_SAVED_SYN: {
      lock_sock(sk);
      const saved = tp.saved_syn;
      let err = 0;
      if (!saved) optlen.value = 0;
      else if (optlen.value < tcp_saved_syn_len(saved)) {
        optlen.value = tcp_saved_syn_len(saved);
        err = -EINVAL;
      } else {
        err = give(saved.data, optval, optlen);
        tp.saved_syn = null;
      }
      release_sock(sk);
      return err;
    }
    case opt.TCP_REPAIR_QUEUE:
    case opt.TCP_QUEUE_SEQ:
    case opt.TCP_REPAIR_WINDOW:
      return -EPERM;
    default:
      return null;
  }
}

/** The value of an integer option, null if there is none of that name. @notrace */
function tcp_getsockopt_int(sk: sock, optname: int): int | null {
  const tp = tcp_sk(sk);
  const icsk = inet_csk(sk);
  const net = sock_net(sk);
  const kernel = net.kernel;
  switch (optname) {
    case opt.TCP_MAXSEG: {
      const user_mss = tp.rx_opt.user_mss;
      if (user_mss && (1 << sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN)) return user_mss;
      return tp.repair ? tp.rx_opt.mss_clamp : tp.mss_cache;
    }
    case opt.TCP_NODELAY:
      return tp.nonagle & TCP_NAGLE_OFF ? 1 : 0;
    case opt.TCP_CORK:
      return tp.nonagle & TCP_NAGLE_CORK ? 1 : 0;
    case opt.TCP_KEEPIDLE:
      return Math.floor(keepalive_time_when(tp) / kernel.HZ);
    case opt.TCP_KEEPINTVL:
      return Math.floor(keepalive_intvl_when(tp) / kernel.HZ);
    case opt.TCP_KEEPCNT:
      return keepalive_probes(tp);
    case opt.TCP_SYNCNT:
      return icsk.icsk_syn_retries || net.ipv4.sysctl_tcp_syn_retries;
    case opt.TCP_LINGER2:
      if (tp.linger2 < 0) return tp.linger2;
      return Math.floor((tp.linger2 || net.ipv4.sysctl_tcp_fin_timeout) / kernel.HZ);
    case opt.TCP_DEFER_ACCEPT:
      return retrans_to_secs(
        icsk.icsk_accept_queue.rskq_defer_accept,
        TCP_TIMEOUT_INIT(kernel) / kernel.HZ,
        Math.floor(icsk.icsk_rto_max / kernel.HZ),
      );
    case opt.TCP_WINDOW_CLAMP:
      return tp.window_clamp;
    case opt.TCP_QUICKACK:
      return inet_csk_in_pingpong_mode(sk) ? 0 : 1;
    case opt.TCP_THIN_LINEAR_TIMEOUTS:
      return tp.thin_lto;
    case opt.TCP_THIN_DUPACK:
      return 0;
    case opt.TCP_REPAIR:
      return tp.repair;
    case opt.TCP_USER_TIMEOUT:
      return icsk.icsk_user_timeout;
    case opt.TCP_FASTOPEN:
      return icsk.icsk_accept_queue.fastopenq.max_qlen;
    case opt.TCP_FASTOPEN_CONNECT:
      return tp.fastopen_connect;
    case opt.TCP_FASTOPEN_NO_COOKIE:
      return tp.fastopen_no_cookie;
    case opt.TCP_TX_DELAY:
      return tp.tcp_tx_delay;
    case opt.TCP_TIMESTAMP:
      return (tcp_clock_ts(kernel, tp.tcp_usec_ts) + tp.tsoffset) | 0;
    case opt.TCP_NOTSENT_LOWAT:
      return tp.notsent_lowat | 0;
    case opt.TCP_INQ:
      return tp.recvmsg_inq;
    case opt.TCP_SAVE_SYN:
      return tp.save_syn;
    case opt.TCP_IS_MPTCP:
      return 0;
    case opt.TCP_RTO_MAX_MS:
      return jiffies_to_msecs(kernel, icsk.icsk_rto_max);
    case opt.TCP_RTO_MIN_US:
      return jiffies_to_usecs(kernel, icsk.icsk_rto_min);
    case opt.TCP_DELACK_MAX_US:
      return jiffies_to_usecs(kernel, icsk.icsk_delack_max);
    default:
      return null;
  }
}

/** getsockopt at level SOL_TCP. @param optval room for little-endian bytes @param optlen in and out: bytes */
export function do_tcp_getsockopt(
  sk: sock,
  _level: int,
  optname: int,
  optval: Uint8Array,
  optlen: { value: int },
): int {
  if (optlen.value < 0) return -EINVAL;
  const done = tcp_getsockopt_bytes(sk, optname, optval, optlen);
  if (done !== null) return done;
  const val = tcp_getsockopt_int(sk, optname);
  if (val === null) return -ENOPROTOOPT;
  return give(Uint8Array.of(val, val >> 8, val >> 16, val >> 24), optval, optlen);
}

/** proto.getsockopt of TCP. @returns 0 or a negative errno @EXPORT_SYMBOL */
export function tcp_getsockopt(sk: sock, level: int, optname: int, optval: Uint8Array, optlen: { value: int }): int {
  if (level !== SOL_TCP) return inet_csk(sk).icsk_af_ops!.getsockopt(sk, level, optname, optval, optlen);
  return do_tcp_getsockopt(sk, level, optname, optval, optlen);
}
