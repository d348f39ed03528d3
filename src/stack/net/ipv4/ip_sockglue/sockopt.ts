// getsockopt() and setsockopt() of level IPPROTO_IP (net/ipv4/ip_sockglue.c; ip(7)).

import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EFAULT,
  EINVAL,
  ENOPROTOOPT,
  ENOTCONN,
  EPERM,
} from '../../../include/linux/errno.js';
import * as in_ from '../../../include/linux/in.js';
import { SOCK_DGRAM, SOCK_RAW, SOCK_STREAM } from '../../../include/linux/net.js';
import { SOL_IP } from '../../../include/linux/socket.js';
import { dst_mtu } from '../../../include/net/dst.js';
import { dst_release } from '../../core/dst.js';
import {
  INET_FLAGS_BIND_ADDRESS_NO_PORT,
  INET_FLAGS_CHECKSUM,
  INET_FLAGS_FREEBIND,
  INET_FLAGS_HDRINCL,
  INET_FLAGS_IS_ICSK,
  INET_FLAGS_MC_ALL,
  INET_FLAGS_MC_LOOP,
  INET_FLAGS_NODEFRAG,
  INET_FLAGS_ORIGDSTADDR,
  INET_FLAGS_PASSSEC,
  INET_FLAGS_PKTINFO,
  INET_FLAGS_RECVERR,
  INET_FLAGS_RECVERR_RFC4884,
  INET_FLAGS_RECVFRAGSIZE,
  INET_FLAGS_RECVOPTS,
  INET_FLAGS_RETOPTS,
  INET_FLAGS_RTALERT,
  INET_FLAGS_TOS,
  INET_FLAGS_TRANSPARENT,
  INET_FLAGS_TTL,
  inet_assign_bit,
  inet_sk,
  inet_test_bit,
} from '../../../include/net/inet_sock.js';
import { ip_mreqn } from '../../../include/net/ip.js';
import { ip_ra_chain } from '../../../include/net/ip_ra.js';
import { lock_sock, release_sock, sk_dst_get, sk_dst_reset, sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { skb_queue_purge } from '../../../include/linux/skbuff.js';
import { __dev_get_by_index } from '../../core/dev.js';
import { NFPROTO_IPV4 } from '../../../include/linux/netfilter.js';
import { nf_getsockopt, nf_setsockopt } from '../../netfilter/nf_sockopt.js';
import { ip_dev_find } from '../devinet.js';
import { rt_tos2priority } from '../ip_forward.js';
import { ip_mc_join_group, ip_mc_leave_group } from '../igmp.js';
import { get_be32, ip_options_get, ip_options_undo, put_be32 } from '../ip_options.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import type { bool, int } from '../../../include/linux/types.js';

/** Options that are one bit of inet_flags. */
const FLAG_OPTIONS: ReadonlyMap<int, int> = new Map([
  [in_.IP_PKTINFO, INET_FLAGS_PKTINFO],
  [in_.IP_RECVTTL, INET_FLAGS_TTL],
  [in_.IP_RECVOPTS, INET_FLAGS_RECVOPTS],
  [in_.IP_RETOPTS, INET_FLAGS_RETOPTS],
  [in_.IP_RECVTOS, INET_FLAGS_TOS],
  [in_.IP_RECVORIGDSTADDR, INET_FLAGS_ORIGDSTADDR],
  [in_.IP_CHECKSUM, INET_FLAGS_CHECKSUM],
  [in_.IP_RECVFRAGSIZE, INET_FLAGS_RECVFRAGSIZE],
  [in_.IP_RECVERR, INET_FLAGS_RECVERR],
  [in_.IP_RECVERR_RFC4884, INET_FLAGS_RECVERR_RFC4884],
  [in_.IP_FREEBIND, INET_FLAGS_FREEBIND],
  [in_.IP_HDRINCL, INET_FLAGS_HDRINCL],
  [in_.IP_MULTICAST_LOOP, INET_FLAGS_MC_LOOP],
  [in_.IP_MULTICAST_ALL, INET_FLAGS_MC_ALL],
  [in_.IP_TRANSPARENT, INET_FLAGS_TRANSPARENT],
  [in_.IP_NODEFRAG, INET_FLAGS_NODEFRAG],
  [in_.IP_BIND_ADDRESS_NO_PORT, INET_FLAGS_BIND_ADDRESS_NO_PORT],
  [in_.IP_ROUTER_ALERT, INET_FLAGS_RTALERT],
  [in_.IP_PASSSEC, INET_FLAGS_PASSSEC],
]);

/** Registers a raw socket for packets with the router alert option. @param on, or takes it back @returns 0 or -EADDRINUSE */
export function ip_ra_control(sk: sock, on: bool): int {
  if (sk.sk_type !== SOCK_RAW || inet_sk(sk).inet_num === in_.IPPROTO_RAW) return -EINVAL;
  const net = sock_net(sk);
  let before: ip_ra_chain | null = null;
  for (let ra = net.ipv4.ra_chain; ra !== null; ra = ra.next) {
    if (ra.sk === sk) {
      if (on) return -EADDRINUSE;
      if (before === null) net.ipv4.ra_chain = ra.next;
      else before.next = ra.next;
      return 0;
    }
    before = ra;
  }
  if (!on) return -EINVAL;
  const ra = new ip_ra_chain(sk);
  ra.next = net.ipv4.ra_chain;
  net.ipv4.ra_chain = ra;
  return 0;
}

/** Sets the TOS, and by it the priority. TCP keeps the ECN bits to itself. */
export function __ip_sock_set_tos(sk: sock, val: int): void {
  const inet = inet_sk(sk);
  if (sk.sk_type === SOCK_STREAM) val = (val & ~3) | (inet.tos & 3);
  if (inet.tos !== val) {
    inet.tos = val;
    sk.sk_priority = rt_tos2priority(val);
    sk_dst_reset(sk);
  }
}

/** @returns 0 or a negative errno */
export function do_ip_setsockopt(sk: sock, level: int, optname: int, optval: Uint8Array, optlen: int): int {
  const inet = inet_sk(sk);
  const net = sock_net(sk);
  if (level !== SOL_IP) return -ENOPROTOOPT;
  let val = 0;
  const one_int = optname !== in_.IP_OPTIONS && !(optname >= in_.IP_ADD_MEMBERSHIP && optname <= in_.IP_MSFILTER);
  if (one_int && optname !== in_.IP_MULTICAST_IF) {
    // These may be given as one byte too.
    if (optlen >= 4) val = get_be32(optval, 0) | 0;
    else if (optlen >= 1) val = optval[0];
  }
  const flag = FLAG_OPTIONS.get(optname);
  if (flag !== undefined) return set_flag(sk, optname, flag, val, optlen);

  switch (optname) {
    case in_.IP_OPTIONS: {
      if (optlen > 40) return -EINVAL;
      const opt = ip_options_get(net, optval, optlen);
      if (typeof opt === 'number') return opt;
      if (inet_test_bit(INET_FLAGS_IS_ICSK, sk)) {
        // A segment has so much less room.
        const icsk = inet_csk(sk);
        if (inet.inet_opt !== null) icsk.icsk_ext_hdr_len -= inet.inet_opt.opt.optlen;
        icsk.icsk_ext_hdr_len += opt.opt.optlen;
        if (icsk.icsk_sync_mss !== null) icsk.icsk_sync_mss(sk, icsk.icsk_pmtu_cookie);
      }
      inet.inet_opt = opt;
      return 0;
    }
    case in_.IP_TOS:
      __ip_sock_set_tos(sk, val & 0xff);
      return 0;
    case in_.IP_TTL:
      if (optlen < 1 || (val !== -1 && (val < 1 || val > 255))) return -EINVAL;
      inet.uc_ttl = val;
      return 0;
    case in_.IP_MTU_DISCOVER:
      if (val < in_.IP_PMTUDISC_DONT || val > in_.IP_PMTUDISC_OMIT) return -EINVAL;
      inet.pmtudisc = val;
      return 0;
    case in_.IP_MINTTL:
      if (optlen < 1 || val < 0 || val > 255) return -EINVAL;
      inet.min_ttl = val;
      return 0;
    case in_.IP_MULTICAST_TTL:
      if (sk.sk_type === SOCK_STREAM || optlen < 1) return -EINVAL;
      if (val === -1) val = 1;
      if (val < 0 || val > 255) return -EINVAL;
      inet.mc_ttl = val;
      return 0;
    case in_.IP_UNICAST_IF: {
      if (optlen !== 4) return -EINVAL;
      const ifindex = (((val & 0xff) << 24) | ((val & 0xff00) << 8) | ((val >>> 8) & 0xff00) | (val >>> 24)) >>> 0;
      if (ifindex !== 0 && __dev_get_by_index(net, ifindex) === null) return -EADDRNOTAVAIL;
      inet.uc_index = ifindex;
      return 0;
    }
    case in_.IP_MULTICAST_IF: {
      if (sk.sk_type === SOCK_STREAM || optlen < 4) return -EINVAL;
      const mreq = read_mreqn(optval, optlen, true);
      if (mreq.imr_ifindex === 0) {
        if (mreq.imr_address === 0) {
          inet.mc_index = 0;
          inet.mc_addr = 0;
          return 0;
        }
        const dev = ip_dev_find(net, mreq.imr_address);
        if (dev === null) return -EADDRNOTAVAIL;
        mreq.imr_ifindex = dev.ifindex;
      } else if (__dev_get_by_index(net, mreq.imr_ifindex) === null) return -EADDRNOTAVAIL;
      if (sk.sk_bound_dev_if !== 0 && mreq.imr_ifindex !== sk.sk_bound_dev_if) return -EINVAL;
      inet.mc_index = mreq.imr_ifindex;
      inet.mc_addr = mreq.imr_address;
      return 0;
    }
    case in_.IP_ADD_MEMBERSHIP:
    case in_.IP_DROP_MEMBERSHIP: {
      if (inet_test_bit(INET_FLAGS_IS_ICSK, sk)) return -EPERM;
      if (optlen < 8) return -EINVAL;
      const mreq = read_mreqn(optval, optlen, false);
      return optname === in_.IP_ADD_MEMBERSHIP ? ip_mc_join_group(sk, mreq) : ip_mc_leave_group(sk, mreq);
    }
    case in_.IP_LOCAL_PORT_RANGE: {
      const lo = val & 0xffff;
      const hi = (val >>> 16) & 0xffff;
      if (optlen !== 4 || (lo !== 0 && hi !== 0 && lo > hi)) return -EINVAL;
      inet.local_port_range = val >>> 0;
      return 0;
    }
    default:
      return -ENOPROTOOPT;
  }
}

/** @notrace */
function set_flag(sk: sock, optname: int, flag: int, val: int, optlen: int): int {
  switch (optname) {
    case in_.IP_FREEBIND:
    case in_.IP_TRANSPARENT:
      if (optlen < 1) return -EINVAL;
      break;
    case in_.IP_HDRINCL:
      if (sk.sk_type !== SOCK_RAW) return -ENOPROTOOPT;
      break;
    case in_.IP_NODEFRAG:
      if (sk.sk_type !== SOCK_RAW) return -ENOPROTOOPT;
      break;
    case in_.IP_ROUTER_ALERT: {
      const err = ip_ra_control(sk, val !== 0);
      if (err !== 0) return err;
      break;
    }
    case in_.IP_RECVERR:
      if (val === 0) skb_queue_purge(sk.sk_error_queue);
      break;
    case in_.IP_RECVERR_RFC4884:
      if (val < 0 || val > 1) return -EINVAL;
      break;
    case in_.IP_MULTICAST_ALL:
      if (optlen < 1 || (val !== 0 && val !== 1)) return -EINVAL;
      break;
    case in_.IP_MULTICAST_LOOP:
      if (optlen < 1) return -EINVAL;
      break;
    case in_.IP_RECVFRAGSIZE:
      if (sk.sk_type !== SOCK_RAW && sk.sk_type !== SOCK_DGRAM) return -EINVAL;
      break;
  }
  inet_assign_bit(flag, sk, val !== 0);
  return 0;
}

/** struct ip_mreq, ip_mreqn or, for IP_MULTICAST_IF alone, in_addr. @notrace */
function read_mreqn(optval: Uint8Array, optlen: int, alone: bool): ip_mreqn {
  const mreq = new ip_mreqn();
  if (optlen >= 8) {
    mreq.imr_multiaddr = get_be32(optval, 0);
    mreq.imr_address = get_be32(optval, 4);
    if (optlen >= 12) mreq.imr_ifindex = get_be32(optval, 8);
  } else if (alone) mreq.imr_address = get_be32(optval, 0);
  return mreq;
}

/** @returns 0 or a negative errno @EXPORT_SYMBOL */
export function ip_setsockopt(sk: sock, level: int, optname: int, optval: Uint8Array, optlen: int): int {
  if (level !== SOL_IP) return -ENOPROTOOPT;
  lock_sock(sk);
  const err = do_ip_setsockopt(sk, level, optname, optval, optlen);
  release_sock(sk);
  // Options of iptables have numbers of their own.
  if (err === -ENOPROTOOPT && optname !== in_.IP_HDRINCL)
    return nf_setsockopt(sk, NFPROTO_IPV4, optname, optval, optlen);
  return err;
}

/** @returns 0 or a negative errno */
export function do_ip_getsockopt(sk: sock, level: int, optname: int, optval: Uint8Array, optlen: { value: int }): int {
  const inet = inet_sk(sk);
  if (level !== SOL_IP) return -ENOPROTOOPT;
  const len = optlen.value;
  if (len < 0) return -EINVAL;
  let val: int;
  const flag = FLAG_OPTIONS.get(optname);
  if (flag !== undefined) val = inet_test_bit(flag, sk) ? 1 : 0;
  else {
    switch (optname) {
      case in_.IP_OPTIONS: {
        if (inet.inet_opt === null || inet.inet_opt.opt.optlen === 0) {
          optlen.value = 0;
          return 0;
        }
        const opt = inet.inet_opt.opt;
        const copy = Object.assign(Object.create(Object.getPrototypeOf(opt)) as typeof opt, opt);
        copy.__data = opt.__data.slice();
        ip_options_undo(copy);
        const n = Math.min(len, opt.optlen);
        optval.set(copy.__data.subarray(0, n));
        optlen.value = n;
        return 0;
      }
      case in_.IP_MULTICAST_IF:
        put_be32(optval, 0, inet.mc_addr);
        optlen.value = Math.min(len, 4);
        return 0;
      case in_.IP_TOS:
        val = inet.tos;
        break;
      case in_.IP_TTL:
        val = inet.uc_ttl < 0 ? sock_net(sk).ipv4.sysctl_ip_default_ttl : inet.uc_ttl;
        break;
      case in_.IP_MTU_DISCOVER:
        val = inet.pmtudisc;
        break;
      case in_.IP_MINTTL:
        val = inet.min_ttl;
        break;
      case in_.IP_MULTICAST_TTL:
        val = inet.mc_ttl;
        break;
      case in_.IP_UNICAST_IF: {
        const i = inet.uc_index;
        val = ((i & 0xff) << 24) | ((i & 0xff00) << 8) | ((i >>> 8) & 0xff00) | (i >>> 24);
        break;
      }
      case in_.IP_LOCAL_PORT_RANGE:
        val = inet.local_port_range;
        break;
      case in_.IP_PROTOCOL:
        val = inet.inet_num;
        break;
      case in_.IP_MTU: {
        const dst = sk_dst_get(sk);
        if (dst === null) return -ENOTCONN;
        val = dst_mtu(dst);
        dst_release(dst);
        break;
      }
      default:
        return -ENOPROTOOPT;
    }
  }
  if (optval.length < Math.min(len, 1)) return -EFAULT;
  // A caller with room for one byte gets one, if the value fits.
  if (len < 4 && len > 0 && val >= 0 && val <= 255) {
    optval[0] = val;
    optlen.value = 1;
    return 0;
  }
  const b = new Uint8Array(4);
  put_be32(b, 0, val >>> 0);
  const n = Math.min(4, len);
  optval.set(b.subarray(0, n));
  optlen.value = n;
  return 0;
}

/** @returns 0 or a negative errno @EXPORT_SYMBOL */
export function ip_getsockopt(sk: sock, level: int, optname: int, optval: Uint8Array, optlen: { value: int }): int {
  const err = do_ip_getsockopt(sk, level, optname, optval, optlen);
  if (err === -ENOPROTOOPT && optname !== in_.IP_PKTOPTIONS)
    return nf_getsockopt(sk, NFPROTO_IPV4, optname, optval, optlen);
  return err;
}
