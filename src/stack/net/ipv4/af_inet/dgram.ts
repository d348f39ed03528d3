// What all INET sockets share: connect of datagrams, send, receive, names, shutdown (net/ipv4/af_inet.c).

import { EAGAIN, EINVAL, ENOIOCTLCMD, ENOTCONN, EOPNOTSUPP } from '../../../include/linux/errno.js';
import {
  SOCK_STREAM,
  SS_CONNECTED,
  SS_CONNECTING,
  SS_DISCONNECTING,
  SS_UNCONNECTED,
} from '../../../include/linux/net.js';
import type { socket } from '../../../include/linux/net.js';
import type { Task } from '../../../include/linux/sched.js';
import { sockaddr_family, sockaddr_in } from '../../../include/linux/socket.js';
import type { msghdr, sockaddr } from '../../../include/linux/socket.js';
import { inet_sk } from '../../../include/net/inet_sock.js';
import { RCV_SHUTDOWN, lock_sock, release_sock, sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCPF_CLOSE,
  TCPF_SYN_RECV,
  TCPF_SYN_SENT,
  TCP_CLOSE,
  TCP_LISTEN,
  TCP_SYN_SENT,
} from '../../../include/net/tcp_states.js';
import { SIOCADDRT, SIOCDELRT, ip_rt_ioctl } from '../fib_frontend.js';
import type { rtentry } from '../fib_frontend.js';
import { devinet_ioctl } from '../devinet.js';
import type { ifreq } from '../devinet.js';
import { inet_autobind } from './create.js';
import type { bool, int, size_t, u32 } from '../../../include/linux/types.js';

/** connect() of a socket without connections: fixes the peer. AF_UNSPEC takes it back. @EXPORT_SYMBOL */
export function* inet_dgram_connect(sock: socket, uaddr: sockaddr, addr_len: int, flags: int): Task<int> {
  const sk = sock.sk as sock;
  if (addr_len < 2) return -EINVAL;
  const prot = sk.sk_prot;
  if (sockaddr_family(uaddr) === 0) return prot.disconnect?.(sk, flags) ?? -EOPNOTSUPP;
  if (prot.pre_connect !== undefined) {
    const err = prot.pre_connect(sk, uaddr, addr_len);
    if (err !== 0) return err;
  }
  if (inet_sk(sk).inet_num === 0 && inet_autobind(sk) !== 0) return -EAGAIN;
  return prot.connect === undefined ? -EOPNOTSUPP : yield* prot.connect(sk, uaddr, addr_len);
}

/** Address of the socket or of its peer. @returns it, or -ENOTCONN @EXPORT_SYMBOL */
export function inet_getname(sock: socket, peer: bool): sockaddr | int {
  const sk = sock.sk as sock;
  const inet = inet_sk(sk);
  lock_sock(sk);
  let result: sockaddr | int;
  if (peer) {
    if (
      inet.inet_dport === 0 ||
      (sk.sk_state === TCP_CLOSE && sk.sk_type === SOCK_STREAM) ||
      sk.sk_state === TCP_SYN_SENT
    ) {
      result = -ENOTCONN;
    } else result = new sockaddr_in(inet.inet_daddr, inet.inet_dport);
  } else {
    const addr = inet.inet_rcv_saddr;
    result = new sockaddr_in(addr !== 0 ? addr : inet.inet_saddr, inet.inet_sport);
  }
  release_sock(sk);
  return result;
}

/** Prepares a send: a socket that is not bound is now. @returns 0 or -EAGAIN @EXPORT_SYMBOL */
export function inet_send_prepare(sk: sock): int {
  const no_autobind = sk.sk_prot.no_autobind === true;
  if (inet_sk(sk).inet_num === 0 && !no_autobind && inet_autobind(sk) !== 0) return -EAGAIN;
  return 0;
}

/** @returns bytes, or a negative errno @EXPORT_SYMBOL */
export function* inet_sendmsg(sock: socket, msg: msghdr, size: size_t): Task<int> {
  const sk = sock.sk as sock;
  if (inet_send_prepare(sk) !== 0) return -EAGAIN;
  return sk.sk_prot.sendmsg === undefined ? -EOPNOTSUPP : yield* sk.sk_prot.sendmsg(sk, msg, size);
}

/** @returns bytes, or a negative errno @EXPORT_SYMBOL */
export function* inet_recvmsg(sock: socket, msg: msghdr, size: size_t, flags: int): Task<int> {
  const sk = sock.sk as sock;
  return sk.sk_prot.recvmsg === undefined ? -EOPNOTSUPP : yield* sk.sk_prot.recvmsg(sk, msg, size, flags);
}

/** @returns 0, -EINVAL, -ENOTCONN @EXPORT_SYMBOL */
export function inet_shutdown(sock: socket, how: int): int {
  const sk = sock.sk as sock;
  // 0, 1, 2 become 1, 2, 3: bits of sk_shutdown.
  how++;
  if ((how & ~3) !== 0 || how === 0) return -EINVAL;
  lock_sock(sk);
  let err = 0;
  if (sock.state === SS_CONNECTING) {
    const opening = TCPF_SYN_SENT | TCPF_SYN_RECV | TCPF_CLOSE;
    sock.state = ((1 << sk.sk_state) & opening) !== 0 ? SS_DISCONNECTING : SS_CONNECTED;
  }
  switch (sk.sk_state) {
    case TCP_CLOSE:
      err = -ENOTCONN;
      // What was not connected is marked all the same, so that readers of it wake.
      sk.sk_shutdown |= how;
      sk.sk_prot.shutdown?.(sk, how);
      break;
    case TCP_LISTEN:
      if ((how & RCV_SHUTDOWN) === 0) break;
      err = sk.sk_prot.disconnect?.(sk, 0) ?? 0;
      sock.state = err !== 0 ? SS_DISCONNECTING : SS_UNCONNECTED;
      break;
    case TCP_SYN_SENT:
      err = sk.sk_prot.disconnect?.(sk, 0) ?? 0;
      sock.state = err !== 0 ? SS_DISCONNECTING : SS_UNCONNECTED;
      break;
    default:
      sk.sk_shutdown |= how;
      sk.sk_prot.shutdown?.(sk, how);
  }
  sk.sk_state_change(sk);
  release_sock(sk);
  return err;
}

/** ioctl(): addresses and routes of the host, else the protocol's. The argument's struct stands in `arg.value`'s place. */
export function inet_ioctl(sock: socket, cmd: u32, arg: { value: int; rtentry?: rtentry; ifreq?: ifreq }): int {
  const sk = sock.sk as sock;
  const net = sock_net(sk);
  if ((cmd === SIOCADDRT || cmd === SIOCDELRT) && arg.rtentry !== undefined) return ip_rt_ioctl(net, cmd, arg.rtentry);
  if (arg.ifreq !== undefined) return devinet_ioctl(net, cmd, arg.ifreq);
  return sk.sk_prot.ioctl === undefined ? -ENOIOCTLCMD : sk.sk_prot.ioctl(sk, cmd, arg);
}
