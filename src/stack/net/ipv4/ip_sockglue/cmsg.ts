// Control messages of IP sockets (net/ipv4/ip_sockglue.c; ip(7)).

import { EINVAL, ENODEV } from '../../../include/linux/errno.js';
import {
  IP_CHECKSUM,
  IP_ORIGDSTADDR,
  IP_PKTINFO,
  IP_PROTOCOL,
  IP_RECVFRAGSIZE,
  IP_RECVOPTS,
  IP_RETOPTS,
  IP_TOS,
  IP_TTL,
} from '../../../include/linux/in.js';
import { ip_hdr, SIZEOF_IPHDR } from '../../../include/linux/ip.js';
import { MSG_CTRUNC, SOL_IP, SOL_SOCKET } from '../../../include/linux/socket.js';
import type { msghdr } from '../../../include/linux/socket.js';
import { csum_sub } from '../../../include/net/checksum.js';
import {
  INET_FLAGS_CHECKSUM,
  INET_FLAGS_ORIGDSTADDR,
  INET_FLAGS_PKTINFO,
  INET_FLAGS_RECVFRAGSIZE,
  INET_FLAGS_RECVOPTS,
  INET_FLAGS_RETOPTS,
  INET_FLAGS_TOS,
  INET_FLAGS_TTL,
  inet_cmsg_flags,
  inet_sk,
  ip_options,
} from '../../../include/net/inet_sock.js';
import { IPCB } from '../../../include/net/ip.js';
import type { ipcm_cookie } from '../../../include/net/ip.js';
import { put_cmsg } from '../../core/scm.js';
import { __sock_cmsg_send } from '../../core/sock.js';
import { skb_checksum } from '../../core/skbuff.js';
import { CHECKSUM_COMPLETE } from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { skb_dst_drop } from '../../../include/net/dst.js';
import { skb_rtable } from '../../../include/net/route.js';
import { sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { __dev_get_by_index } from '../../core/dev.js';
import { fib_compute_spec_dst } from '../fib_frontend.js';
import { ip_options_echo, ip_options_get, get_be32, put_be32 } from '../ip_options.js';
import type { bool, int } from '../../../include/linux/types.js';

/** @notrace */
export function int_bytes(value: number): Uint8Array {
  const b = new Uint8Array(4);
  put_be32(b, 0, value >>> 0);
  return b;
}

/** struct in_pktinfo: device, local address, destination of the header. */
export function ip_cmsg_recv_pktinfo(msg: msghdr, skb: sk_buff): void {
  const info = new Uint8Array(12);
  put_be32(info, 0, IPCB(skb).pktinfo_ifindex);
  put_be32(info, 4, IPCB(skb).pktinfo_spec_dst);
  put_be32(info, 8, ip_hdr(skb).daddr);
  put_cmsg(msg, SOL_IP, IP_PKTINFO, info);
}

export function ip_cmsg_recv_ttl(msg: msghdr, skb: sk_buff): void {
  put_cmsg(msg, SOL_IP, IP_TTL, int_bytes(ip_hdr(skb).ttl));
}

export function ip_cmsg_recv_tos(msg: msghdr, skb: sk_buff): void {
  put_cmsg(msg, SOL_IP, IP_TOS, new Uint8Array([ip_hdr(skb).tos]));
}

export function ip_cmsg_recv_opts(msg: msghdr, skb: sk_buff): void {
  const optlen = IPCB(skb).opt.optlen;
  if (optlen === 0) return;
  const at = skb.network_header + SIZEOF_IPHDR;
  put_cmsg(msg, SOL_IP, IP_RECVOPTS, skb.head.slice(at, at + optlen));
}

/** The options as a reply would carry them. */
export function ip_cmsg_recv_retopts(sk: sock, msg: msghdr, skb: sk_buff): void {
  if (IPCB(skb).opt.optlen === 0) return;
  const opt = new ip_options();
  if (ip_options_echo(sock_net(sk), opt, skb) !== 0) {
    msg.msg_flags |= MSG_CTRUNC;
    return;
  }
  put_cmsg(msg, SOL_IP, IP_RETOPTS, opt.__data.slice(0, opt.optlen));
}

export function ip_cmsg_recv_fragsize(msg: msghdr, skb: sk_buff): void {
  if (IPCB(skb).frag_max_size === 0) return;
  put_cmsg(msg, SOL_IP, IP_RECVFRAGSIZE, int_bytes(IPCB(skb).frag_max_size));
}

export function ip_cmsg_recv_checksum(msg: msghdr, skb: sk_buff, tlen: int, offset: int): void {
  if (skb.ip_summed !== CHECKSUM_COMPLETE) return;
  let csum = skb.csum;
  if (offset !== 0) {
    const tend_off = skb.transport_header - skb.data + tlen;
    csum = csum_sub(csum, skb_checksum(skb, tend_off, offset, 0));
  }
  put_cmsg(msg, SOL_IP, IP_CHECKSUM, int_bytes(csum));
}

/** Address and port that the packet was sent to, before any translation. */
export function ip_cmsg_recv_dstaddr(msg: msghdr, skb: sk_buff): void {
  const at = skb.transport_header;
  if (at + 4 > skb.tail) return;
  const sin = new Uint8Array(16);
  sin[0] = 2;
  sin[2] = skb.head[at + 2];
  sin[3] = skb.head[at + 3];
  put_be32(sin, 4, ip_hdr(skb).daddr);
  put_cmsg(msg, SOL_IP, IP_ORIGDSTADDR, sin);
}

/** Gives a reader the control messages that he asked for. @EXPORT_SYMBOL */
export function ip_cmsg_recv_offset(msg: msghdr, sk: sock, skb: sk_buff, tlen: int, offset: int): void {
  const flags = inet_cmsg_flags(inet_sk(sk));
  if (flags === 0) return;
  if ((flags & (1 << INET_FLAGS_PKTINFO)) !== 0) ip_cmsg_recv_pktinfo(msg, skb);
  if ((flags & (1 << INET_FLAGS_TTL)) !== 0) ip_cmsg_recv_ttl(msg, skb);
  if ((flags & (1 << INET_FLAGS_TOS)) !== 0) ip_cmsg_recv_tos(msg, skb);
  if ((flags & (1 << INET_FLAGS_RECVOPTS)) !== 0) ip_cmsg_recv_opts(msg, skb);
  if ((flags & (1 << INET_FLAGS_RETOPTS)) !== 0) ip_cmsg_recv_retopts(sk, msg, skb);
  if ((flags & (1 << INET_FLAGS_ORIGDSTADDR)) !== 0) ip_cmsg_recv_dstaddr(msg, skb);
  if ((flags & (1 << INET_FLAGS_CHECKSUM)) !== 0) ip_cmsg_recv_checksum(msg, skb, tlen, offset);
  if ((flags & (1 << INET_FLAGS_RECVFRAGSIZE)) !== 0) ip_cmsg_recv_fragsize(msg, skb);
}

/** @notrace */
export function ip_cmsg_recv(msg: msghdr, skb: sk_buff): void {
  if (skb.sk !== null) ip_cmsg_recv_offset(msg, skb.sk, skb, 0, 0);
}

/** Reads a sender's control messages. @returns 0 or a negative errno */
export function ip_cmsg_send(sk: sock, msg: msghdr, ipc: ipcm_cookie, _allow_ipv6: bool): int {
  const net = sock_net(sk);
  for (const cmsg of msg.msg_control) {
    if (cmsg.cmsg_level === SOL_SOCKET) {
      const err = __sock_cmsg_send(sk, cmsg, ipc.sockc);
      if (err !== 0) return err;
      continue;
    }
    if (cmsg.cmsg_level !== SOL_IP) continue;
    const data = cmsg.data;
    switch (cmsg.cmsg_type) {
      case IP_RETOPTS: {
        const opt = ip_options_get(net, data, Math.min(data.length, 40));
        if (typeof opt === 'number') return opt;
        ipc.opt = opt;
        break;
      }
      case IP_PKTINFO: {
        if (data.length !== 12) return -EINVAL;
        const ifindex = get_be32(data, 0);
        if (ifindex !== 0) {
          if (__dev_get_by_index(net, ifindex) === null) return -ENODEV;
          ipc.oif = ifindex;
        }
        ipc.addr = get_be32(data, 4);
        break;
      }
      case IP_TTL: {
        if (data.length !== 4) return -EINVAL;
        const val = get_be32(data, 0);
        if (val < 1 || val > 255) return -EINVAL;
        ipc.ttl = val;
        break;
      }
      case IP_TOS: {
        const val = data.length === 4 ? get_be32(data, 0) : data.length === 1 ? data[0] : -1;
        if (val < 0 || val > 255) return -EINVAL;
        ipc.tos = val;
        ipc.sockc.priority = 0;
        break;
      }
      case IP_PROTOCOL: {
        if (data.length !== 4) return -EINVAL;
        const val = get_be32(data, 0);
        if (val < 1 || val > 255) return -EINVAL;
        ipc.protocol = val;
        break;
      }
      default:
        return -EINVAL;
    }
  }
  return 0;
}

/** Notes on a packet, while its route is known, what IP_PKTINFO will tell. */
export function ipv4_pktinfo_prepare(sk: sock, skb: sk_buff, drop_dst: bool): void {
  const inet = inet_sk(sk);
  const cb = IPCB(skb);
  if ((inet.inet_flags & (1 << INET_FLAGS_PKTINFO)) !== 0 && skb_rtable(skb) !== null) {
    const rt = skb_rtable(skb);
    // A packet that was looped is told to have come by the device that it left by.
    cb.pktinfo_ifindex = cb.iif === 1 && rt !== null && rt.rt_iif !== 0 ? rt.rt_iif : cb.iif;
    cb.pktinfo_spec_dst = fib_compute_spec_dst(skb);
  } else {
    cb.pktinfo_ifindex = 0;
    cb.pktinfo_spec_dst = 0;
  }
  if (drop_dst) skb_dst_drop(skb);
}
