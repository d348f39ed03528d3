// Raw sockets (net/ipv4/raw.c; raw(7)).

import { htons } from '../../include/linux/byteorder.js';
import {
  EADDRNOTAVAIL,
  EACCES,
  EAFNOSUPPORT,
  EDESTADDRREQ,
  EFAULT,
  EHOSTUNREACH,
  EINVAL,
  EMSGSIZE,
  ENOBUFS,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPROTO,
} from '../../include/linux/errno.js';
import {
  ICMP_DEST_UNREACH,
  ICMP_FILTER,
  ICMP_FRAG_NEEDED,
  ICMP_PARAMETERPROB,
  ICMP_REDIRECT,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  NR_ICMP_UNREACH,
  icmp_hdr,
} from '../../include/linux/icmp.js';
import {
  IPPROTO_ICMP,
  IPPROTO_RAW,
  IP_PMTUDISC_DONT,
  SIZEOF_SOCKADDR_IN,
  ipv4_is_multicast,
} from '../../include/linux/in.js';
import { SIZEOF_IPHDR, ip_hdr, iphdr } from '../../include/linux/ip.js';
import { LL_RESERVED_SPACE } from '../../include/linux/netdevice.js';
import type { net_device } from '../../include/linux/netdevice.js';
import { NFPROTO_IPV4, NF_HOOK, NF_INET_LOCAL_OUT } from '../../include/linux/netfilter.js';
import { RTCF_BROADCAST, RTN_BROADCAST, RTN_MULTICAST, RT_SCOPE_LINK } from '../../include/linux/rtnetlink.js';
import type { Task } from '../../include/linux/sched.js';
import {
  MSG_CONFIRM,
  MSG_DONTROUTE,
  MSG_ERRQUEUE,
  MSG_MORE,
  MSG_OOB,
  MSG_PROBE,
  MSG_TRUNC,
  SOL_RAW,
  sockaddr_family,
  sockaddr_in,
} from '../../include/linux/socket.js';
import type { msghdr, sockaddr } from '../../include/linux/socket.js';
import { copy_from_iter, iov_iter_revert } from '../../include/linux/uio.js';
import { SKB_NOT_DROPPED_YET } from '../../include/net/dropreason.js';
import { dst_confirm_neigh, dst_output } from '../../include/net/dst.js';
import { FLOWI_FLAG_KNOWN_NH, flowi4, flowi4_init_output } from '../../include/net/flow.js';
import {
  INET_FLAGS_HDRINCL,
  INET_FLAGS_RECVERR,
  inet_addr_valid_or_nonlocal,
  inet_cmsg_flags,
  inet_sk,
  inet_test_bit,
} from '../../include/net/inet_sock.js';
import { IP_INC_STATS, IPCB_clear, get_rttos, ip_send_check, ipcm_cookie, ipcm_init_sk } from '../../include/net/ip.js';
import type { net } from '../../include/net/net_namespace.js';
import { RAW_HTABLE_SIZE, raw_hashinfo, raw_sk, raw_sock } from '../../include/net/raw.js';
import { inet_sk_flowi_flags, ip_rt_put, ip_sock_rt_scope } from '../../include/net/route.js';
import type { rtable } from '../../include/net/route.js';
import { IPSTATS_MIB_OUTDISCARDS } from '../../include/net/snmp.js';
import {
  GFP_ATOMIC,
  alloc_skb,
  nf_reset_ct,
  skb_dst_set,
  skb_reserve,
  skb_reset_network_header,
} from '../../include/linux/skbuff.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import {
  SOCK_BROADCAST,
  lock_sock,
  release_sock,
  sk_dst_reset,
  sk_uid,
  sock_flag,
  sock_net,
  sock_prot_inuse_add,
  sock_recv_cmsgs,
} from '../../include/net/sock.js';
import type { proto, sock } from '../../include/net/sock.js';
import { TCP_CLOSE, TCP_ESTABLISHED } from '../../include/net/tcp_states.js';
import type { Kernel } from '../../kernel/kernel.js';
import { skb_copy_datagram_msg, skb_free_datagram, skb_recv_datagram } from '../core/datagram.js';
import { kfree_skb, kfree_skb_reason, skb_clone, skb_put, skb_push } from '../core/skbuff.js';
import { sk_common_release, skb_set_owner_w, sock_queue_rcv_skb_reason } from '../core/sock.js';
import { ip4_datagram_connect, ip4_datagram_release_cb } from './datagram.js';
import { inet_addr_type_table } from './fib_frontend.js';
import { icmp_err_convert, icmp_out_count } from './icmp.js';
import { ip_mc_sf_allow } from './igmp.js';
import {
  ip_append_data,
  ip_flush_pending_frames,
  ip_generic_getfrag,
  ip_push_pending_frames,
  net_xmit_errno,
  wait_for_wmem,
} from './ip_output.js';
import {
  ip_cmsg_recv,
  ip_cmsg_send,
  ip_getsockopt,
  ip_icmp_error,
  ip_local_error,
  ip_ra_control,
  ip_recv_error,
  ip_setsockopt,
  ipv4_pktinfo_prepare,
} from './ip_sockglue.js';
import { get_be32, put_be32 } from './ip_options.js';
import { ip_route_output_flow, ip_select_ident, ipv4_sk_redirect, ipv4_sk_update_pmtu } from './route.js';
import { __udp_disconnect } from './udp.js';
import type { __be32, bool, int, long, u32, u8 } from '../../include/linux/types.js';

/** @notrace */
function raw_hashslot(h: raw_hashinfo, protocol: int): sock[] {
  return h.ht[protocol & (RAW_HTABLE_SIZE - 1)];
}

/** @EXPORT_SYMBOL */
export function raw_hash_sk(sk: sock): int {
  const h = sock_net(sk).kernel.raw_v4_hashinfo;
  raw_hashslot(h, inet_sk(sk).inet_num).push(sk);
  sk.skc_hashed = true;
  sock_prot_inuse_add(sock_net(sk), sk.sk_prot, 1);
  return 0;
}

/** @EXPORT_SYMBOL */
export function raw_unhash_sk(sk: sock): void {
  if (!sk.skc_hashed) return;
  const slot = raw_hashslot(sock_net(sk).kernel.raw_v4_hashinfo, inet_sk(sk).inet_num);
  const at = slot.indexOf(sk);
  if (at >= 0) slot.splice(at, 1);
  sk.skc_hashed = false;
  sock_prot_inuse_add(sock_net(sk), sk.sk_prot, -1);
}

/** Whether a packet of that protocol, source and destination is for the socket. @EXPORT_SYMBOL */
export function raw_v4_match(_net: net, sk: sock, num: u8, raddr: __be32, laddr: __be32, dif: int, sdif: int): bool {
  const inet = inet_sk(sk);
  return (
    inet.inet_num === num &&
    (inet.inet_daddr === 0 || inet.inet_daddr === raddr) &&
    (inet.inet_rcv_saddr === 0 || inet.inet_rcv_saddr === laddr) &&
    (sk.sk_bound_dev_if === 0 || sk.sk_bound_dev_if === dif || sk.sk_bound_dev_if === sdif)
  );
}

/** Whether the socket's filter wants the message away. @returns 1 if so */
export function icmp_filter(sk: sock, skb: sk_buff): int {
  const type = skb.head[skb.transport_header];
  if (skb.transport_header >= skb.tail) return 1;
  return type < 32 ? (raw_sk(sk).filter.data >>> type) & 1 : 0;
}

/** Gives each raw socket that wants it a copy. @returns whether one got it */
export function raw_v4_input(net: net, skb: sk_buff, iph: iphdr, hash: int): bool {
  let delivered = false;
  const dif = (skb.dev as net_device).ifindex;
  const slot = net.kernel.raw_v4_hashinfo.ht[hash];
  for (const sk of slot) {
    if (!raw_v4_match(net, sk, iph.protocol, iph.saddr, iph.daddr, dif, 0)) continue;
    delivered = true;
    if (iph.protocol === IPPROTO_ICMP && icmp_filter(sk, skb) !== 0) continue;
    if (ip_mc_sf_allow(sk, iph.daddr, iph.saddr, dif, 0) === 0) continue;
    if (sk.sk_rmem_alloc >= sk.sk_rcvbuf) {
      sk.sk_drops++;
      continue;
    }
    const clone = skb_clone(skb, GFP_ATOMIC);
    if (clone !== null) raw_rcv(sk, clone);
  }
  return delivered;
}

/** @returns whether a raw socket got it */
export function raw_local_deliver(skb: sk_buff, protocol: int): bool {
  const net = (skb.dev as net_device).nd_net;
  const hash = protocol & (RAW_HTABLE_SIZE - 1);
  if (net.kernel.raw_v4_hashinfo.ht[hash].length === 0) return false;
  return raw_v4_input(net, skb, ip_hdr(skb), hash);
}

/** An ICMP error about a packet of the socket. */
export function raw_err(sk: sock, skb: sk_buff, info: u32): void {
  const inet = inet_sk(sk);
  const type = icmp_hdr(skb).type;
  const code = icmp_hdr(skb).code;
  let err = 0;
  let harderr = false;
  if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED) ipv4_sk_update_pmtu(skb, sk, info);
  else if (type === ICMP_REDIRECT) {
    ipv4_sk_redirect(skb, sk);
    return;
  }
  const recverr = inet_test_bit(INET_FLAGS_RECVERR, sk);
  if (!recverr && sk.sk_state !== TCP_ESTABLISHED) return;
  switch (type) {
    default:
    case ICMP_TIME_EXCEEDED:
      err = EHOSTUNREACH;
      break;
    case ICMP_SOURCE_QUENCH:
      return;
    case ICMP_PARAMETERPROB:
      err = EPROTO;
      harderr = true;
      break;
    case ICMP_DEST_UNREACH:
      err = EHOSTUNREACH;
      if (code > NR_ICMP_UNREACH) break;
      if (code === ICMP_FRAG_NEEDED) {
        harderr = inet.pmtudisc !== IP_PMTUDISC_DONT;
        err = EMSGSIZE;
      } else {
        err = icmp_err_convert[code].errno;
        harderr = icmp_err_convert[code].fatal;
      }
  }
  if (recverr) {
    const iph = new iphdr(skb.head, skb.data);
    const payload = inet_test_bit(INET_FLAGS_HDRINCL, sk) ? skb.data : skb.data + iph.ihl * 4;
    ip_icmp_error(sk, skb, err, 0, info, payload);
  }
  if (recverr || harderr) {
    sk.sk_err = err;
    sk.sk_error_report(sk);
  }
}

/** @param skb the ICMP message, its data at the quoted IP header */
export function raw_icmp_error(skb: sk_buff, protocol: int, info: u32): void {
  const net = (skb.dev as net_device).nd_net;
  const dif = (skb.dev as net_device).ifindex;
  const iph = new iphdr(skb.head, skb.data);
  for (const sk of [...raw_hashslot(net.kernel.raw_v4_hashinfo, protocol)]) {
    if (raw_v4_match(net, sk, iph.protocol, iph.daddr, iph.saddr, dif, 0)) raw_err(sk, skb, info);
  }
}

export function raw_rcv_skb(sk: sock, skb: sk_buff): int {
  ipv4_pktinfo_prepare(sk, skb, true);
  const reason = { value: SKB_NOT_DROPPED_YET };
  if (sock_queue_rcv_skb_reason(sk, skb, reason) < 0) {
    kfree_skb_reason(skb, reason.value);
    return 1;
  }
  return 0;
}

/** Queues a packet, with its IP header. */
export function raw_rcv(sk: sock, skb: sk_buff): int {
  nf_reset_ct(skb);
  skb_push(skb, skb.data - skb.network_header);
  raw_rcv_skb(sk, skb);
  return 0;
}

/** Sends a packet whose IP header the user wrote. @returns 0 or a negative errno */
export function raw_send_hdrinc(sk: sock, fl4: flowi4, msg: msghdr, length: int, rtp: { rt: rtable | null }): int {
  const net = sock_net(sk);
  const rt = rtp.rt as rtable;
  const dev = rt.dev as net_device;
  if (length > dev.mtu) {
    ip_local_error(sk, EMSGSIZE, fl4.daddr, inet_sk(sk).inet_dport, dev.mtu);
    return -EMSGSIZE;
  }
  if (length < SIZEOF_IPHDR) return -EINVAL;
  if ((msg.msg_flags & MSG_PROBE) !== 0) return 0;
  const hlen = LL_RESERVED_SPACE(dev);
  const skb = alloc_skb(length + hlen + 15, GFP_ATOMIC);
  if (skb === null) return -ENOBUFS;
  skb_reserve(skb, hlen);
  skb.protocol = htons(0x0800);
  skb.priority = sk.sk_priority;
  skb.mark = sk.sk_mark;
  skb_set_owner_w(skb, sk);
  skb_dst_set(skb, rt);
  rtp.rt = null;
  IPCB_clear(skb);
  const at = skb_put(skb, length);
  skb_reset_network_header(skb);
  if (copy_from_iter(skb.head, at, length, msg.msg_iter) !== length) {
    kfree_skb(skb);
    return -EFAULT;
  }
  const iph = ip_hdr(skb);
  const iphlen = iph.ihl * 4;
  if (iphlen > length || iph.ihl < 5) {
    kfree_skb(skb);
    return -EINVAL;
  }
  // The kernel fills in what the user left 0, and always the length and the checksum.
  if (iph.saddr === 0) iph.saddr = fl4.saddr;
  iph.check = 0;
  iph.tot_len = htons(length);
  if (iph.id === 0) ip_select_ident(net, skb, null);
  ip_send_check(iph);
  skb.transport_header = skb.network_header + iphlen;
  if (iph.protocol === IPPROTO_ICMP && iphlen < length) icmp_out_count(net, skb.head[skb.transport_header]);
  let err = NF_HOOK(NFPROTO_IPV4, NF_INET_LOCAL_OUT, net, sk, skb, null, dev, dst_output);
  if (err > 0) err = net_xmit_errno(err);
  if (err !== 0) {
    IP_INC_STATS(net, IPSTATS_MIB_OUTDISCARDS);
    if (err === -ENOBUFS && !inet_test_bit(INET_FLAGS_RECVERR, sk)) err = 0;
  }
  return err;
}

/** Type and code of the message that the user sends, for the look-up of its route. */
export function raw_probe_proto_opt(fl4: flowi4, msg: msghdr): void {
  if (fl4.flowi4_proto !== IPPROTO_ICMP) return;
  const head = new Uint8Array(2);
  const n = copy_from_iter(head, 0, 2, msg.msg_iter);
  iov_iter_revert(msg.msg_iter, n);
  fl4.fl4_icmp_type = head[0];
  fl4.fl4_icmp_code = head[1];
}

/** @returns bytes sent, or a negative errno */
export function* raw_sendmsg(sk: sock, msg: msghdr, len: u32): Task<int> {
  const inet = inet_sk(sk);
  const net = sock_net(sk);
  if (len > 0xffff) return -EMSGSIZE;
  const hdrincl = inet_test_bit(INET_FLAGS_HDRINCL, sk);
  if ((msg.msg_flags & MSG_OOB) !== 0) return -EOPNOTSUPP;
  let daddr: number;
  if (msg.msg_name !== null && msg.msg_namelen !== 0) {
    if (msg.msg_namelen < SIZEOF_SOCKADDR_IN) return -EINVAL;
    if (sockaddr_family(msg.msg_name) !== 2 && sockaddr_family(msg.msg_name) !== 0) return -EAFNOSUPPORT;
    daddr = (msg.msg_name as sockaddr_in).sin_addr.s_addr;
  } else {
    if (sk.sk_state !== TCP_ESTABLISHED) return -EDESTADDRREQ;
    daddr = inet.inet_daddr;
  }
  const ipc = new ipcm_cookie();
  ipcm_init_sk(ipc, inet);
  // The number that goes into the header.
  if (hdrincl) ipc.protocol = IPPROTO_RAW;
  let err = 0;
  if (msg.msg_control.length > 0) {
    err = ip_cmsg_send(sk, msg, ipc, false);
    if (err !== 0) return err;
  }
  let saddr = ipc.addr;
  ipc.addr = daddr;
  if (ipc.opt === null) ipc.opt = inet.inet_opt;
  if (ipc.opt !== null) {
    if (hdrincl) return -EINVAL;
    if (ipc.opt.opt.srr !== 0) {
      if (daddr === 0) return -EINVAL;
      daddr = ipc.opt.opt.faddr;
    }
  }
  const tos = get_rttos(ipc, inet);
  let scope = ip_sock_rt_scope(sk);
  if ((msg.msg_flags & MSG_DONTROUTE) !== 0 || (ipc.opt !== null && ipc.opt.opt.is_strictroute)) scope = RT_SCOPE_LINK;
  if (ipv4_is_multicast(daddr)) {
    if (ipc.oif === 0) ipc.oif = inet.mc_index;
    if (saddr === 0) saddr = inet.mc_addr;
  } else if (ipc.oif === 0) ipc.oif = inet.uc_index;

  const fl4 = new flowi4();
  const proto = hdrincl ? ipc.protocol : sk.sk_protocol;
  const flags = inet_sk_flowi_flags(sk) | (hdrincl ? FLOWI_FLAG_KNOWN_NH : 0);
  flowi4_init_output(fl4, ipc.oif, ipc.sockc.mark, tos, scope, proto, flags, daddr, saddr, 0, 0, sk_uid(sk));
  if (!hdrincl) raw_probe_proto_opt(fl4, msg);
  const rt = ip_route_output_flow(net, fl4, sk);
  if (typeof rt === 'number') return rt;
  const rtp: { rt: rtable | null } = { rt };
  if ((rt.rt_flags & RTCF_BROADCAST) !== 0 && !sock_flag(sk, SOCK_BROADCAST)) {
    ip_rt_put(rt);
    return -EACCES;
  }
  if ((msg.msg_flags & MSG_CONFIRM) !== 0) {
    if ((msg.msg_flags & MSG_PROBE) !== 0) dst_confirm_neigh(rt, fl4.daddr);
    if ((msg.msg_flags & MSG_PROBE) !== 0 && len === 0) {
      ip_rt_put(rt);
      return 0;
    }
  }
  err = yield* wait_for_wmem(sk, msg.msg_flags);
  if (err === 0) {
    if (hdrincl) err = raw_send_hdrinc(sk, fl4, msg, len, rtp);
    else {
      if (ipc.addr === 0) ipc.addr = fl4.daddr;
      lock_sock(sk);
      err = ip_append_data(sk, fl4, raw_getfrag, msg, len, 0, ipc, rtp, msg.msg_flags);
      if (err !== 0) ip_flush_pending_frames(sk);
      else if ((msg.msg_flags & MSG_MORE) === 0) {
        err = ip_push_pending_frames(sk, fl4);
        if (err === -ENOBUFS && !inet_test_bit(INET_FLAGS_RECVERR, sk)) err = 0;
      }
      release_sock(sk);
    }
  }
  if (rtp.rt !== null) ip_rt_put(rtp.rt);
  return err < 0 ? err : len;
}

/** The user's bytes are the transport's header and all behind it. */
export function raw_getfrag(from: msghdr, to: Uint8Array, at: int, offset: int, len: int, odd: int, skb: sk_buff): int {
  return ip_generic_getfrag(from, to, at, offset, len, odd, skb);
}

export function* raw_close(sk: sock, _timeout: long): Task<void> {
  ip_ra_control(sk, false);
  sk_common_release(sk);
}

export function raw_destroy(sk: sock): void {
  lock_sock(sk);
  ip_flush_pending_frames(sk);
  release_sock(sk);
}

/** @returns 0, -EINVAL, -EADDRNOTAVAIL */
export function raw_bind(sk: sock, uaddr: sockaddr, addr_len: int): int {
  const inet = inet_sk(sk);
  const addr = uaddr as sockaddr_in;
  const net = sock_net(sk);
  lock_sock(sk);
  let ret = -EINVAL;
  if (sk.sk_state === TCP_CLOSE && addr_len >= SIZEOF_SOCKADDR_IN) {
    const chk = inet_addr_type_table(net, addr.sin_addr.s_addr, 255);
    ret = -EADDRNOTAVAIL;
    if (inet_addr_valid_or_nonlocal(net, inet, addr.sin_addr.s_addr, chk)) {
      inet.inet_rcv_saddr = inet.inet_saddr = addr.sin_addr.s_addr;
      if (chk === RTN_MULTICAST || chk === RTN_BROADCAST) inet.inet_saddr = 0;
      sk_dst_reset(sk);
      ret = 0;
    }
  }
  release_sock(sk);
  return ret;
}

/** @returns bytes, or a negative errno */
export function* raw_recvmsg(sk: sock, msg: msghdr, len: u32, flags: int): Task<int> {
  const inet = inet_sk(sk);
  if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP;
  if ((flags & MSG_ERRQUEUE) !== 0) return ip_recv_error(sk, msg, len);
  const error = { value: 0 };
  const skb = yield* skb_recv_datagram(sk, flags, error);
  if (skb === null) return error.value;
  let copied = skb.len;
  if (len < copied) {
    msg.msg_flags |= MSG_TRUNC;
    copied = len;
  }
  const err = skb_copy_datagram_msg(skb, 0, msg, copied);
  if (err === 0) {
    sock_recv_cmsgs(msg, sk, skb);
    if (msg.msg_namelen !== 0) msg.msg_name = new sockaddr_in(ip_hdr(skb).saddr, 0);
    if (inet_cmsg_flags(inet) !== 0) ip_cmsg_recv(msg, skb);
    if ((flags & MSG_TRUNC) !== 0) copied = skb.len;
  }
  skb_free_datagram(sk, skb);
  return err !== 0 ? err : copied;
}

export function raw_sk_init(sk: sock): int {
  const rp = raw_sk(sk);
  if (inet_sk(sk).inet_num === IPPROTO_ICMP) rp.filter.data = 0;
  return 0;
}

export function raw_setsockopt(sk: sock, level: int, optname: int, optval: Uint8Array, optlen: int): int {
  if (level !== SOL_RAW) return ip_setsockopt(sk, level, optname, optval, optlen);
  if (optname !== ICMP_FILTER) return -ENOPROTOOPT;
  if (inet_sk(sk).inet_num !== IPPROTO_ICMP) return -EOPNOTSUPP;
  raw_sk(sk).filter.data = optlen >= 4 ? get_be32(optval, 0) : 0;
  return 0;
}

export function raw_getsockopt(sk: sock, level: int, optname: int, optval: Uint8Array, optlen: { value: int }): int {
  if (level !== SOL_RAW) return ip_getsockopt(sk, level, optname, optval, optlen);
  if (optname !== ICMP_FILTER) return -ENOPROTOOPT;
  if (inet_sk(sk).inet_num !== IPPROTO_ICMP) return -EOPNOTSUPP;
  if (optlen.value < 0) return -EINVAL;
  const b = new Uint8Array(4);
  put_be32(b, 0, raw_sk(sk).filter.data);
  const n = Math.min(4, optlen.value);
  optval.set(b.subarray(0, n));
  optlen.value = n;
  return 0;
}

export function* raw_connect(sk: sock, uaddr: sockaddr, addr_len: int): Task<int> {
  return ip4_datagram_connect(sk, uaddr, addr_len);
}

export const raw_prot: proto = {
  name: 'RAW',
  sk_alloc: () => new raw_sock(),
  close: raw_close,
  destroy: raw_destroy,
  connect: raw_connect,
  disconnect: __udp_disconnect,
  init: raw_sk_init,
  setsockopt: raw_setsockopt,
  getsockopt: raw_getsockopt,
  sendmsg: raw_sendmsg,
  recvmsg: raw_recvmsg,
  bind: raw_bind,
  backlog_rcv: raw_rcv_skb,
  release_cb: ip4_datagram_release_cb,
  hash: raw_hash_sk,
  unhash: raw_unhash_sk,
};

export function raw_init(kernel: Kernel): void {
  kernel.raw_v4_hashinfo = new raw_hashinfo();
}
