// connect(), accept() and listen() of stream sockets (net/ipv4/af_inet.c).

import { EALREADY, ECONNABORTED, EINPROGRESS, EINVAL, EISCONN, EOPNOTSUPP } from '../../../include/linux/errno.js';
import { O_NONBLOCK } from '../../../include/linux/fs.js';
import { IPPROTO_TCP } from '../../../include/linux/in.js';
import {
  SOCK_STREAM,
  SS_CONNECTED,
  SS_CONNECTING,
  SS_DISCONNECTING,
  SS_UNCONNECTED,
} from '../../../include/linux/net.js';
import type { socket } from '../../../include/linux/net.js';
import { TASK_INTERRUPTIBLE } from '../../../include/linux/sched.js';
import type { Task } from '../../../include/linux/sched.js';
import { sockaddr_family } from '../../../include/linux/socket.js';
import type { sockaddr } from '../../../include/linux/socket.js';
import { add_wait_queue, define_wait_woken, remove_wait_queue, wait_woken } from '../../../include/linux/wait.js';
import { INET_FLAGS_DEFER_CONNECT, inet_test_bit } from '../../../include/net/inet_sock.js';
import { fastopen_queue_tune, tcp_sk } from '../../../include/linux/tcp.js';
import { TFO_SERVER_ENABLE, TFO_SERVER_WO_SOCKOPT1 } from '../../../include/net/tcp.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import {
  lock_sock,
  release_sock,
  sk_sleep,
  sock_graft,
  sock_intr_errno,
  sock_net,
  sock_sndtimeo,
} from '../../../include/net/sock.js';
import type { proto_accept_arg, sock } from '../../../include/net/sock.js';
import {
  TCPF_CLOSE,
  TCPF_LISTEN,
  TCPF_SYN_RECV,
  TCPF_SYN_SENT,
  TCP_CLOSE,
  TCP_LISTEN,
} from '../../../include/net/tcp_states.js';
import { current } from '../../../kernel/current.js';
import { signal_pending } from '../../../kernel/sched/core.js';
import { sock_error } from '../../core/sock.js';
import { inet_csk_listen_start } from '../inet_connection_sock/index.js';
import type { bool, int, long } from '../../../include/linux/types.js';

/** Sleeps until the three-way handshake is over. @param writebias for sk_write_pending: a writer that defers its data */
export function* inet_wait_for_connect(sk: sock, timeo: long, writebias: int): Task<long> {
  const wait = define_wait_woken();
  add_wait_queue(sk_sleep(sk), wait);
  sk.sk_write_pending += writebias;
  while (((1 << sk.sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) !== 0) {
    release_sock(sk);
    timeo = yield* wait_woken(wait, TASK_INTERRUPTIBLE, timeo);
    lock_sock(sk);
    if (signal_pending(current()) || timeo === 0) break;
  }
  remove_wait_queue(sk_sleep(sk), wait);
  sk.sk_write_pending -= writebias;
  return timeo;
}

/** @returns 0 or a negative errno; the caller owns the socket @EXPORT_SYMBOL */
export function* __inet_stream_connect(
  sock: socket,
  uaddr: sockaddr | null,
  addr_len: int,
  flags: int,
  is_sendmsg: bool | int,
): Task<int> {
  const sk = sock.sk as sock;
  if (uaddr !== null) {
    if (addr_len < 2) return -EINVAL;
    if (sockaddr_family(uaddr) === 0) {
      const err = sk.sk_prot.disconnect?.(sk, flags) ?? -EOPNOTSUPP;
      sock.state = err !== 0 ? SS_DISCONNECTING : SS_UNCONNECTED;
      return err;
    }
  }
  let err: int;
  switch (sock.state) {
    default:
      return -EINVAL;
    case SS_CONNECTED:
      return -EISCONN;
    case SS_CONNECTING:
      if (inet_test_bit(INET_FLAGS_DEFER_CONNECT, sk)) err = is_sendmsg ? -EINPROGRESS : -EISCONN;
      else err = -EALREADY;
      break;
    case SS_UNCONNECTED:
      err = -EISCONN;
      if (sk.sk_state !== TCP_CLOSE) return err;
      if (uaddr === null || sk.sk_prot.connect === undefined) return -EINVAL;
      if (sk.sk_prot.pre_connect !== undefined) {
        err = sk.sk_prot.pre_connect(sk, uaddr, addr_len);
        if (err !== 0) return err;
      }
      err = yield* sk.sk_prot.connect(sk, uaddr, addr_len);
      if (err < 0) return err;
      sock.state = SS_CONNECTING;
      // Fast Open: the SYN waits for the first data.
      if (err === 0 && inet_test_bit(INET_FLAGS_DEFER_CONNECT, sk)) return err;
      err = -EINPROGRESS;
      break;
  }

  let timeo = sock_sndtimeo(sk, (flags & O_NONBLOCK) !== 0);
  if (((1 << sk.sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) !== 0) {
    const fastopen = sk.sk_protocol === IPPROTO_TCP ? tcp_sk(sk).fastopen_req : null;
    const writebias = fastopen !== null && fastopen.data !== null ? 1 : 0;
    if (timeo === 0) return err;
    timeo = yield* inet_wait_for_connect(sk, timeo, writebias);
    if (timeo === 0) return err;
    if (signal_pending(current())) return sock_intr_errno(timeo);
  }
  // The peer refused, or did not answer.
  if (sk.sk_state === TCP_CLOSE) {
    const failed = sock_error(sk);
    sock.state = SS_UNCONNECTED;
    if (sk.sk_prot.disconnect?.(sk, flags) !== 0) sock.state = SS_DISCONNECTING;
    return failed !== 0 ? failed : -ECONNABORTED;
  }
  sock.state = SS_CONNECTED;
  return 0;
}

/** @returns 0 or a negative errno @EXPORT_SYMBOL */
export function* inet_stream_connect(sock: socket, uaddr: sockaddr, addr_len: int, flags: int): Task<int> {
  const sk = sock.sk as sock;
  lock_sock(sk);
  const err = yield* __inet_stream_connect(sock, uaddr, addr_len, flags, false);
  release_sock(sk);
  return err;
}

/** Makes the accepted sock that of `newsock`. */
export function __inet_accept(_sock: socket, newsock: socket, newsk: sock): void {
  sock_graft(newsk, newsock);
  newsock.state = SS_CONNECTED;
}

/** @returns 0 or a negative errno @EXPORT_SYMBOL */
export function* inet_accept(sock: socket, newsock: socket, flags: int, kern: bool): Task<int> {
  const sk1 = sock.sk as sock;
  const arg: proto_accept_arg = { flags, err: -EINVAL, is_empty: 0, kern };
  if (sk1.sk_prot.accept === undefined) return -EOPNOTSUPP;
  const sk2 = yield* sk1.sk_prot.accept(sk1, arg);
  if (sk2 === null) return arg.err;
  lock_sock(sk2);
  __inet_accept(sock, newsock, sk2);
  release_sock(sk2);
  return 0;
}

export function __inet_listen_sk(sk: sock, backlog: int): int {
  const old_state = sk.sk_state;
  if (((1 << old_state) & (TCPF_CLOSE | TCPF_LISTEN)) === 0) return -EINVAL;
  sk.sk_max_ack_backlog = backlog;
  if (old_state !== TCP_LISTEN) {
    // Fast Open without socket option, if the sysctl says so.
    const tcp_fastopen = sock_net(sk).ipv4.sysctl_tcp_fastopen;
    if (
      (tcp_fastopen & TFO_SERVER_WO_SOCKOPT1) !== 0 &&
      (tcp_fastopen & TFO_SERVER_ENABLE) !== 0 &&
      inet_csk(sk).icsk_accept_queue.fastopenq.max_qlen === 0
    ) {
      fastopen_queue_tune(sk, backlog);
    }
    const err = inet_csk_listen_start(sk);
    if (err !== 0) return err;
  }
  return 0;
}

/** @returns 0, -EINVAL, -EADDRINUSE @EXPORT_SYMBOL */
export function inet_listen(sock: socket, backlog: int): int {
  const sk = sock.sk as sock;
  lock_sock(sk);
  let err = -EINVAL;
  if (sock.state === SS_UNCONNECTED && sock.type === SOCK_STREAM) err = __inet_listen_sk(sk, backlog);
  release_sock(sk);
  return err;
}
