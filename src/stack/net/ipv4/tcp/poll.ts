/**
 * poll, ioctl, and when a writer may go on.
 *
 * Read beside it: net/ipv4/tcp.c; tcp(7), poll(2).
 */
import { EINVAL, ENOIOCTLCMD } from '../../../include/linux/errno.js';
import type { file } from '../../../include/linux/fs.js';
import { SOCK_NOSPACE } from '../../../include/linux/net.js';
import type { socket } from '../../../include/linux/net.js';
import {
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  EPOLLRDNORM,
  EPOLLWRNORM,
} from '../../../include/linux/poll.js';
import type { poll_table } from '../../../include/linux/poll.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import { inet_csk_listen_poll } from '../../../include/net/inet_connection_sock.js';
import { INET_FLAGS_DEFER_CONNECT, inet_test_bit } from '../../../include/net/inet_sock.js';
import {
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  SHUTDOWN_MASK,
  SOCK_URGINLINE,
  __sk_stream_is_writeable,
  lock_sock_fast,
  sock_flag,
  sock_poll_wait,
  sock_rcvlowat,
  unlock_sock_fast,
  sk_error_queue_empty,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCPF_SYN_RECV,
  TCPF_SYN_SENT,
  TCP_CLOSE,
  TCP_LISTEN,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TCP_URG_VALID,
  tcp_epollin_ready,
  tcp_inq,
  tcp_notsent_lowat,
} from '../../../include/net/tcp.js';

/** ioctl commands of asm-generic/sockios.h and linux/sockios.h. */
export const SIOCATMARK = 0x8905;
export const SIOCINQ = 0x541b;
export const SIOCOUTQ = 0x5411;
export const SIOCOUTQNSD = 0x894b;

/** Whether a reader that wants `target` bytes would not wait. @notrace */
function tcp_stream_is_readable(sk: sock, target: int): bool {
  return tcp_epollin_ready(sk, target);
}

/** proto.stream_memory_free of TCP: unsent bytes are below TCP_NOTSENT_LOWAT (half of it to wake). */
export function tcp_stream_memory_free(sk: sock, wake: int): bool {
  const tp = tcp_sk(sk);
  const notsent_bytes = (tp.write_seq - tp.snd_nxt) >>> 0;
  return notsent_bytes * (wake ? 2 : 1) < tcp_notsent_lowat(tp);
}

/**
 * proto_ops.poll of TCP.
 * @param wait null to ask only
 * @returns EPOLL* bits
 * @EXPORT_SYMBOL
 */
export function tcp_poll(file: file | null, sock: socket, wait: poll_table | null): u32 {
  const sk = sock.sk!;
  const tp = tcp_sk(sk);
  sock_poll_wait(file, sock, wait);
  const state = sk.sk_state;
  if (state === TCP_LISTEN) return inet_csk_listen_poll(sk);
  let mask = 0;
  const shutdown = sk.sk_shutdown;
  if (shutdown === SHUTDOWN_MASK || state === TCP_CLOSE) mask |= EPOLLHUP;
  if (shutdown & RCV_SHUTDOWN) mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
  if (state !== TCP_SYN_SENT && (state !== TCP_SYN_RECV || tp.fastopen_rsk)) {
    let target = sock_rcvlowat(sk, 0, 0x7fffffff);
    if (tp.urg_data && tp.urg_seq === tp.copied_seq && !sock_flag(sk, SOCK_URGINLINE)) target++;
    if (tcp_stream_is_readable(sk, target)) mask |= EPOLLIN | EPOLLRDNORM;
    if (shutdown & SEND_SHUTDOWN) mask |= EPOLLOUT | EPOLLWRNORM;
    else if (__sk_stream_is_writeable(sk, 1)) mask |= EPOLLOUT | EPOLLWRNORM;
    else sock.flags |= 1 << SOCK_NOSPACE;
    if (tp.urg_data & TCP_URG_VALID) mask |= EPOLLPRI;
  } else if (state === TCP_SYN_SENT && inet_test_bit(INET_FLAGS_DEFER_CONNECT, sk)) {
    // The first write is what sends the SYN.
    mask |= EPOLLOUT | EPOLLWRNORM;
  }
  if (sk.sk_err || !sk_error_queue_empty(sk)) mask |= EPOLLERR;
  return mask;
}

/** proto.ioctl of TCP. @returns 0 or a negative errno @EXPORT_SYMBOL */
export function tcp_ioctl(sk: sock, cmd: u32, karg: { value: int }): int {
  const tp = tcp_sk(sk);
  const opening = ((1 << sk.sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) !== 0;
  switch (cmd) {
    case SIOCINQ: {
      if (sk.sk_state === TCP_LISTEN) return -EINVAL;
      const slow = lock_sock_fast(sk);
      karg.value = tcp_inq(sk);
      unlock_sock_fast(sk, slow);
      return 0;
    }
    case SIOCATMARK:
      karg.value = tp.urg_data && tp.urg_seq === tp.copied_seq ? 1 : 0;
      return 0;
    case SIOCOUTQ:
      if (sk.sk_state === TCP_LISTEN) return -EINVAL;
      karg.value = opening ? 0 : (tp.write_seq - tp.snd_una) | 0;
      return 0;
    case SIOCOUTQNSD:
      if (sk.sk_state === TCP_LISTEN) return -EINVAL;
      karg.value = opening ? 0 : (tp.write_seq - tp.snd_nxt) | 0;
      return 0;
    default:
      return -ENOIOCTLCMD;
  }
}
