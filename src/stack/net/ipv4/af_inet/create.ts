// Sockets of PF_INET made, closed, bound (net/ipv4/af_inet.c).

import { htons, ntohs } from '../../../include/linux/byteorder.js';
import {
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EAGAIN,
  EINVAL,
  ENOBUFS,
  EPERM,
  EPROTONOSUPPORT,
  ESOCKTNOSUPPORT,
} from '../../../include/linux/errno.js';
import {
  IPPROTO_IP,
  IPPROTO_MPTCP,
  IPPROTO_RAW,
  IP_PMTUDISC_DONT,
  IP_PMTUDISC_WANT,
  SIZEOF_SOCKADDR_IN,
} from '../../../include/linux/in.js';
import { SOCK_RAW, SS_UNCONNECTED } from '../../../include/linux/net.js';
import type { socket } from '../../../include/linux/net.js';
import type { Task } from '../../../include/linux/sched.js';
import { AF_INET, sockaddr_family } from '../../../include/linux/socket.js';
import type { sockaddr, sockaddr_in } from '../../../include/linux/socket.js';
import {
  INET_FLAGS_BIND_ADDRESS_NO_PORT,
  INET_FLAGS_HDRINCL,
  INET_FLAGS_IS_ICSK,
  INET_FLAGS_MC_ALL,
  INET_FLAGS_MC_LOOP,
  INET_FLAGS_NODEFRAG,
  inet_addr_valid_or_nonlocal,
  inet_assign_bit,
  inet_clear_bit,
  inet_set_bit,
  inet_sk,
  inet_test_bit,
} from '../../../include/net/inet_sock.js';
import { inet_port_requires_bind_service } from '../../../include/net/ip.js';
import type { net } from '../../../include/net/net_namespace.js';
import { INET_PROTOSW_ICSK, INET_PROTOSW_PERMANENT, INET_PROTOSW_REUSE } from '../../../include/net/protocol.js';
import type { inet_protosw } from '../../../include/net/protocol.js';
import { GFP_ATOMIC } from '../../../include/linux/skbuff.js';
import { RTN_BROADCAST, RTN_MULTICAST, RT_TABLE_LOCAL } from '../../../include/linux/rtnetlink.js';
import {
  SK_CAN_REUSE,
  SOCK_BINDADDR_LOCK,
  SOCK_BINDPORT_LOCK,
  SOCK_LINGER,
  lock_sock,
  release_sock,
  sk_dst_reset,
  sock_flag,
  sock_net,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { TCP_CLOSE } from '../../../include/net/tcp_states.js';
import { current } from '../../../kernel/current.js';
import type { Kernel } from '../../../kernel/kernel.js';
import { sk_alloc, sk_common_release, sock_init_data } from '../../core/sock.js';
import { __sock_create } from '../../socket/create.js';
import { inet_addr_type_table } from '../fib_frontend.js';
import { ip_mc_drop_socket } from '../igmp.js';
import { inet_sock_destruct } from './state.js';
import type { bool, int, long } from '../../../include/linux/types.js';

/** Binds a socket that sends or connects without having been bound. @returns 0 or -EAGAIN */
export function inet_autobind(sk: sock): int {
  const inet = inet_sk(sk);
  lock_sock(sk);
  if (inet.inet_num === 0) {
    if (sk.sk_prot.get_port?.(sk, 0)) {
      release_sock(sk);
      return -EAGAIN;
    }
    inet.inet_sport = htons(inet.inet_num);
  }
  release_sock(sk);
  return 0;
}

/**
 * socket(AF_INET, …).
 * @returns 0, -ESOCKTNOSUPPORT, -EPROTONOSUPPORT, -EPERM …
 */
export function inet_create(net: net, sock: socket, protocol: int, kern: bool): int {
  if (protocol < 0 || protocol > IPPROTO_MPTCP) return -EINVAL;
  sock.state = SS_UNCONNECTED;
  let err = -ESOCKTNOSUPPORT;
  let answer: inet_protosw | null = null;
  for (const at of net.kernel.inetsw[sock.type] ?? []) {
    err = 0;
    if (protocol === at.protocol) {
      if (protocol !== IPPROTO_IP) {
        answer = at;
        break;
      }
    } else {
      // Either side may leave the protocol open.
      if (protocol === IPPROTO_IP) {
        protocol = at.protocol;
        answer = at;
        break;
      }
      if (at.protocol === IPPROTO_IP) {
        answer = at;
        break;
      }
    }
    err = -EPROTONOSUPPORT;
  }
  if (answer === null) return err;
  // Raw sockets are for root.
  if (sock.type === SOCK_RAW && !kern && current().uid !== 0) return -EPERM;
  sock.ops = answer.ops;
  const sk = sk_alloc(net, AF_INET, 0, answer.prot, kern);
  if (sk === null) return -ENOBUFS;
  const inet = inet_sk(sk);
  if ((answer.flags & INET_PROTOSW_REUSE) !== 0) sk.sk_reuse = SK_CAN_REUSE;
  inet_assign_bit(INET_FLAGS_IS_ICSK, sk, (answer.flags & INET_PROTOSW_ICSK) !== 0);
  inet_clear_bit(INET_FLAGS_NODEFRAG, sk);
  if (sock.type === SOCK_RAW) {
    inet.inet_num = protocol;
    if (protocol === IPPROTO_RAW) inet_set_bit(INET_FLAGS_HDRINCL, sk);
  }
  inet.pmtudisc = net.ipv4.sysctl_ip_no_pmtu_disc !== 0 ? IP_PMTUDISC_DONT : IP_PMTUDISC_WANT;
  inet.inet_id = 0;
  sock_init_data(sock, sk);
  sk.sk_destruct = inet_sock_destruct;
  sk.sk_protocol = protocol;
  if (answer.prot.backlog_rcv !== undefined) sk.sk_backlog_rcv = answer.prot.backlog_rcv;
  inet.uc_ttl = -1;
  inet_set_bit(INET_FLAGS_MC_LOOP, sk);
  inet.mc_ttl = 1;
  inet_set_bit(INET_FLAGS_MC_ALL, sk);
  inet.mc_index = 0;
  inet.mc_list = null;
  inet.rcv_tos = 0;
  if (inet.inet_num !== 0) {
    // A protocol whose "port" is its number is bound by it.
    inet.inet_sport = htons(inet.inet_num);
    const hashed = sk.sk_prot.hash?.(sk) ?? 0;
    if (hashed !== 0) {
      sk_common_release(sk);
      return hashed;
    }
  }
  if (sk.sk_prot.init !== undefined) {
    const failed = sk.sk_prot.init(sk);
    if (failed !== 0) {
      sk_common_release(sk);
      sock.sk = null;
      return failed;
    }
  }
  return 0;
}

/** close(): hands the socket to its protocol, which may take its time. @EXPORT_SYMBOL */
export function* inet_release(sock: socket): Task<int> {
  const sk = sock.sk;
  if (sk === null) return 0;
  ip_mc_drop_socket(sk);
  // With SO_LINGER the protocol waits for its data to be taken.
  const timeout: long = sock_flag(sk, SOCK_LINGER) ? sk.sk_lingertime : 0;
  yield* sk.sk_prot.close(sk, timeout);
  sock.sk = null;
  return 0;
}

/** @returns 0 or a negative errno @EXPORT_SYMBOL */
export function inet_bind_sk(sk: sock, uaddr: sockaddr, addr_len: int): int {
  if (sk.sk_prot.bind !== undefined) return sk.sk_prot.bind(sk, uaddr, addr_len);
  if (addr_len < SIZEOF_SOCKADDR_IN) return -EINVAL;
  return __inet_bind(sk, uaddr, addr_len, false);
}

/** @EXPORT_SYMBOL */
export function inet_bind(sock: socket, uaddr: sockaddr, addr_len: int): int {
  return inet_bind_sk(sock.sk as sock, uaddr, addr_len);
}

export function __inet_bind(sk: sock, uaddr: sockaddr, _addr_len: int, force: bool): int {
  const addr = uaddr as sockaddr_in;
  const inet = inet_sk(sk);
  const net = sock_net(sk);
  const family = sockaddr_family(uaddr);
  // Programs of old left the family 0 with INADDR_ANY.
  if (family !== AF_INET && !(family === 0 && addr.sin_addr.s_addr === 0)) return -EAFNOSUPPORT;
  const chk = inet_addr_type_table(net, addr.sin_addr.s_addr, RT_TABLE_LOCAL);
  if (!inet_addr_valid_or_nonlocal(net, inet, addr.sin_addr.s_addr, chk)) return -EADDRNOTAVAIL;
  const snum = ntohs(addr.sin_port);
  if (snum !== 0 && inet_port_requires_bind_service(net, snum) && current().uid !== 0) return -EACCES;
  lock_sock(sk);
  const err = bind_locked(sk, addr, chk, snum, force);
  release_sock(sk);
  return err;
}

/** @notrace */
function bind_locked(sk: sock, addr: sockaddr_in, chk: int, snum: int, force: bool): int {
  const inet = inet_sk(sk);
  if (sk.sk_state !== TCP_CLOSE || inet.inet_num !== 0) return -EINVAL;
  inet.inet_rcv_saddr = inet.inet_saddr = addr.sin_addr.s_addr;
  // Who sends must not use a group's or the broadcast address as his own.
  if (chk === RTN_MULTICAST || chk === RTN_BROADCAST) inet.inet_saddr = 0;
  if (snum !== 0 || !(inet_test_bit(INET_FLAGS_BIND_ADDRESS_NO_PORT, sk) || force)) {
    const taken = sk.sk_prot.get_port?.(sk, snum) ?? 0;
    if (taken !== 0) {
      inet.inet_saddr = inet.inet_rcv_saddr = 0;
      return taken < 0 ? taken : -EADDRINUSE;
    }
  }
  if (inet.inet_rcv_saddr !== 0) sk.sk_userlocks |= SOCK_BINDADDR_LOCK;
  if (snum !== 0) sk.sk_userlocks |= SOCK_BINDPORT_LOCK;
  inet.inet_sport = htons(inet.inet_num);
  inet.inet_daddr = 0;
  inet.inet_dport = 0;
  sk_dst_reset(sk);
  return 0;
}

/** Makes a kind of socket known. A permanent one is not to be displaced. @EXPORT_SYMBOL */
export function inet_register_protosw(kernel: Kernel, p: inet_protosw): void {
  const list = kernel.inetsw[p.type];
  if (list === undefined) return;
  // New kinds come behind the permanent ones, before what is registered already.
  let at = 0;
  for (; at < list.length; at++) {
    if ((list[at].flags & INET_PROTOSW_PERMANENT) === 0) break;
    if (list[at].protocol === p.protocol) return;
  }
  list.splice(at, 0, p);
}

/** @EXPORT_SYMBOL */
export function inet_unregister_protosw(kernel: Kernel, p: inet_protosw): void {
  if ((p.flags & INET_PROTOSW_PERMANENT) !== 0) return;
  const list = kernel.inetsw[p.type];
  const at = list.indexOf(p);
  if (at >= 0) list.splice(at, 1);
}

/** A socket of the kernel's own, which receives nothing. @returns 0 or a negative errno */
export function inet_ctl_sock_create(sk: { value: sock | null }, family: int, type: int, protocol: int, net: net): int {
  const made = __sock_create(net, family, type, protocol, true);
  if (typeof made === 'number') return made;
  sk.value = made.sk as sock;
  // It is not to be found by packets, and what it sends is not charged to a program.
  sk.value.sk_allocation = GFP_ATOMIC;
  sk.value.sk_prot.unhash?.(sk.value);
  return 0;
}
