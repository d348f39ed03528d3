// Ping sockets: SOCK_DGRAM with IPPROTO_ICMP, for echo requests without privileges (net/ipv4/ping.c; icmp(7)).
// The echo identifier is the socket's "port".

import { htons, ntohs } from '../../include/linux/byteorder.js';
import {
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EDESTADDRREQ,
  EFAULT,
  EHOSTUNREACH,
  EINVAL,
  EMSGSIZE,
  ENETUNREACH,
  EOPNOTSUPP,
  EPROTO,
} from '../../include/linux/errno.js';
import {
  ICMP_DEST_UNREACH,
  ICMP_ECHO,
  ICMP_EXT_ECHO,
  ICMP_FRAG_NEEDED,
  ICMP_PARAMETERPROB,
  ICMP_REDIRECT,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  NR_ICMP_UNREACH,
  SIZEOF_ICMPHDR,
  icmp_hdr,
} from '../../include/linux/icmp.js';
import { IP_PMTUDISC_DONT, SIZEOF_SOCKADDR_IN, ipv4_is_multicast } from '../../include/linux/in.js';
import { ip_hdr } from '../../include/linux/ip.js';
import type { net_device } from '../../include/linux/netdevice.js';
import { RTCF_BROADCAST, RT_SCOPE_LINK } from '../../include/linux/rtnetlink.js';
import type { Task } from '../../include/linux/sched.js';
import {
  MSG_DONTROUTE,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_TRUNC,
  sockaddr_family,
  sockaddr_in,
} from '../../include/linux/socket.js';
import type { msghdr, sockaddr } from '../../include/linux/socket.js';
import { copy_from_iter } from '../../include/linux/uio.js';
import { csum_add, csum_fold, csum_partial } from '../../include/net/checksum.js';
import { SKB_DROP_REASON_NO_SOCKET, SKB_NOT_DROPPED_YET } from '../../include/net/dropreason.js';
import { flowi4, flowi4_init_output } from '../../include/net/flow.js';
import {
  INET_FLAGS_RECVERR,
  inet_addr_valid_or_nonlocal,
  inet_cmsg_flags,
  inet_sk,
  inet_sock,
  inet_test_bit,
} from '../../include/net/inet_sock.js';
import { IP_INC_STATS, get_rttos, ipcm_cookie, ipcm_init_sk } from '../../include/net/ip.js';
import type { net } from '../../include/net/net_namespace.js';
import { PING_HTABLE_MASK, ping_table, pingfakehdr } from '../../include/net/ping.js';
import { inet_sk_flowi_flags, ip_rt_put, ip_sock_rt_scope } from '../../include/net/route.js';
import type { rtable } from '../../include/net/route.js';
import { IPSTATS_MIB_OUTNOROUTES } from '../../include/net/snmp.js';
import { CHECKSUM_NONE, skb_peek } from '../../include/linux/skbuff.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import {
  SOCK_BINDADDR_LOCK,
  SOCK_BINDPORT_LOCK,
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
import { TCP_ESTABLISHED } from '../../include/net/tcp_states.js';
import { current } from '../../kernel/current.js';
import type { Kernel } from '../../kernel/kernel.js';
import { skb_copy_datagram_msg, skb_free_datagram, skb_recv_datagram } from '../core/datagram.js';
import { kfree_skb_reason } from '../core/skbuff.js';
import { sk_common_release, sock_queue_rcv_skb_reason } from '../core/sock.js';
import { __ip4_datagram_connect, ip4_datagram_release_cb } from './datagram.js';
import { inet_addr_type } from './fib_frontend.js';
import { icmp_err_convert } from './icmp.js';
import {
  ip_append_data,
  ip_flush_pending_frames,
  ip_push_pending_frames,
  wait_for_wmem,
  wmem_ready,
} from './ip_output.js';
import {
  ip_cmsg_recv,
  ip_cmsg_send,
  ip_getsockopt,
  ip_icmp_error,
  ip_recv_error,
  ip_setsockopt,
  ipv4_pktinfo_prepare,
} from './ip_sockglue.js';
import { ip_route_output_flow, ipv4_sk_redirect, ipv4_sk_update_pmtu } from './route.js';
import { __udp_disconnect } from './udp.js';
import type { int, long, u16, u32 } from '../../include/linux/types.js';

/** @notrace */
function ping_hashslot(table: ping_table, num: u16): sock[] {
  return table.hash[num & PING_HTABLE_MASK];
}

/** Gives the socket an identifier. @param ident host order, 0: any @returns 0, or 1 if it is taken @EXPORT_SYMBOL */
export function ping_get_port(sk: sock, ident: u16): int {
  const isk = inet_sk(sk);
  const table = sock_net(sk).kernel.ping_table;
  if (ident === 0) {
    let result = (table.ping_port_rover + 1) & 0xffff;
    let i = 0;
    for (; i < 0x10000; i++, result = (result + 1) & 0xffff) {
      // 0 is no identifier.
      if (result === 0) continue;
      if (!ping_hashslot(table, result).some((sk2) => inet_sk(sk2).inet_num === result)) break;
    }
    if (i >= 0x10000) return 1;
    table.ping_port_rover = result;
    ident = result;
  } else {
    for (const sk2 of ping_hashslot(table, ident)) {
      const isk2 = inet_sk(sk2);
      if (isk2.inet_num === ident && sk2 !== sk && (sk2.sk_reuse === 0 || sk.sk_reuse === 0)) return 1;
    }
  }
  isk.inet_num = ident;
  if (!sk.skc_hashed) {
    ping_hashslot(table, ident).unshift(sk);
    sk.skc_hashed = true;
    sock_prot_inuse_add(sock_net(sk), sk.sk_prot, 1);
  }
  return 0;
}

export function ping_hash(_sk: sock): int {
  return 0;
}

/** @EXPORT_SYMBOL */
export function ping_unhash(sk: sock): void {
  const isk = inet_sk(sk);
  if (!sk.skc_hashed) return;
  const slot = ping_hashslot(sock_net(sk).kernel.ping_table, isk.inet_num);
  const at = slot.indexOf(sk);
  if (at >= 0) slot.splice(at, 1);
  sk.skc_hashed = false;
  isk.inet_num = 0;
  isk.inet_sport = 0;
  sock_prot_inuse_add(sock_net(sk), sk.sk_prot, -1);
}

/** The socket with the identifier that a packet is for. @param ident host order */
export function ping_lookup(net: net, skb: sk_buff, ident: u16): sock | null {
  const dif = (skb.dev as net_device).ifindex;
  const iph = ip_hdr(skb);
  for (const sk of ping_hashslot(net.kernel.ping_table, ident)) {
    const isk = inet_sk(sk);
    if (isk.inet_num !== ident) continue;
    // A multicast or broadcast was answered from another address than it was sent to.
    if (isk.inet_rcv_saddr !== 0 && isk.inet_rcv_saddr !== iph.daddr) continue;
    if (sk.sk_bound_dev_if !== 0 && sk.sk_bound_dev_if !== dif) continue;
    return sk;
  }
  return null;
}

/** Only members of the groups of sysctl ping_group_range may. @returns 0 or -EACCES @EXPORT_SYMBOL */
export function ping_init_sock(sk: sock): int {
  const range = sock_net(sk).ipv4.ping_group_range.range;
  const gid = current().gid;
  return range[0] <= gid && gid <= range[1] ? 0 : -EACCES;
}

/** @EXPORT_SYMBOL */
export function* ping_close(sk: sock, _timeout: long): Task<void> {
  sk_common_release(sk);
}

/** @returns 0 or a negative errno */
export function ping_pre_connect(_sk: sock, _uaddr: sockaddr, addr_len: int): int {
  return addr_len < SIZEOF_SOCKADDR_IN ? -EINVAL : 0;
}

export function* ping_connect(sk: sock, uaddr: sockaddr, addr_len: int): Task<int> {
  lock_sock(sk);
  const res = __ip4_datagram_connect(sk, uaddr, addr_len);
  release_sock(sk);
  return res;
}

/** @returns 0, -EINVAL, -EAFNOSUPPORT, -EADDRNOTAVAIL */
export function ping_check_bind_addr(sk: sock, isk: inet_sock, uaddr: sockaddr, addr_len: int): int {
  if (addr_len < SIZEOF_SOCKADDR_IN) return -EINVAL;
  const addr = uaddr as sockaddr_in;
  const family = sockaddr_family(uaddr);
  if (family !== 2 && !(family === 0 && addr.sin_addr.s_addr === 0)) return -EAFNOSUPPORT;
  const net = sock_net(sk);
  if (addr.sin_addr.s_addr === 0) return 0;
  const chk = inet_addr_type(net, addr.sin_addr.s_addr);
  return inet_addr_valid_or_nonlocal(net, isk, addr.sin_addr.s_addr, chk) ? 0 : -EADDRNOTAVAIL;
}

/** @returns 0 or a negative errno @EXPORT_SYMBOL */
export function ping_bind(sk: sock, uaddr: sockaddr, addr_len: int): int {
  const isk = inet_sk(sk);
  let err = ping_check_bind_addr(sk, isk, uaddr, addr_len);
  if (err !== 0) return err;
  const addr = uaddr as sockaddr_in;
  lock_sock(sk);
  err = -EINVAL;
  if (isk.inet_num === 0) {
    err = -EADDRINUSE;
    isk.inet_rcv_saddr = isk.inet_saddr = addr.sin_addr.s_addr;
    if (ping_get_port(sk, ntohs(addr.sin_port)) !== 0) {
      isk.inet_saddr = isk.inet_rcv_saddr = 0;
    } else {
      err = 0;
      if (isk.inet_rcv_saddr !== 0) sk.sk_userlocks |= SOCK_BINDADDR_LOCK;
      if (addr.sin_port !== 0) sk.sk_userlocks |= SOCK_BINDPORT_LOCK;
      isk.inet_sport = htons(isk.inet_num);
      isk.inet_daddr = 0;
      isk.inet_dport = 0;
      sk_dst_reset(sk);
    }
  }
  release_sock(sk);
  return err;
}

/** What may be sent: echo requests. @notrace */
export function ping_supported(family: int, type: int, code: int): boolean {
  return family === 2 && code === 0 && (type === ICMP_ECHO || type === ICMP_EXT_ECHO);
}

/** An ICMP error about an echo request of ours. @param offset of the quoted message from the quoted IP header @EXPORT_SYMBOL */
export function ping_err(skb: sk_buff, offset: int, info: u32): void {
  const at = skb.data + offset;
  const type = icmp_hdr(skb).type;
  const code = icmp_hdr(skb).code;
  if (!ping_supported(2, skb.head[at], skb.head[at + 1])) return;
  const net = (skb.dev as net_device).nd_net;
  const ident = (skb.head[at + 4] << 8) | skb.head[at + 5];
  const sk = ping_err_lookup(net, skb, ident);
  if (sk === null) return;
  const inet = inet_sk(sk);
  let err = 0;
  let harderr = false;
  switch (type) {
    default:
    case ICMP_TIME_EXCEEDED:
      err = EHOSTUNREACH;
      break;
    case ICMP_SOURCE_QUENCH:
      // Not the sender's business (RFC 6633).
      break;
    case ICMP_PARAMETERPROB:
      err = EPROTO;
      harderr = true;
      break;
    case ICMP_DEST_UNREACH:
      if (code === ICMP_FRAG_NEEDED) {
        ipv4_sk_update_pmtu(skb, sk, info);
        if (inet.pmtudisc !== IP_PMTUDISC_DONT) {
          err = EMSGSIZE;
          harderr = true;
          break;
        }
        return;
      }
      err = EHOSTUNREACH;
      if (code <= NR_ICMP_UNREACH) {
        harderr = icmp_err_convert[code].fatal;
        err = icmp_err_convert[code].errno;
      }
      break;
    case ICMP_REDIRECT:
      ipv4_sk_redirect(skb, sk);
      err = EHOSTUNREACH;
      break;
  }
  // RFC 1122 4.1.3.3: errors must be passed on; a socket that did not ask for all gets those that are final, if connected.
  if (!inet_test_bit(INET_FLAGS_RECVERR, sk)) {
    if (!harderr || sk.sk_state !== TCP_ESTABLISHED) return;
  } else ip_icmp_error(sk, skb, err, 0, info, at);
  sk.sk_err = err;
  sk.sk_error_report(sk);
}

/** As ping_lookup(), for a packet of ours that an error quotes. @notrace */
function ping_err_lookup(net: net, skb: sk_buff, ident: u16): sock | null {
  const dif = (skb.dev as net_device).ifindex;
  for (const sk of ping_hashslot(net.kernel.ping_table, ident)) {
    if (inet_sk(sk).inet_num !== ident) continue;
    if (sk.sk_bound_dev_if !== 0 && sk.sk_bound_dev_if !== dif) continue;
    return sk;
  }
  return null;
}

/** Copies the message, with the ICMP header in front. @EXPORT_SYMBOL */
export function ping_getfrag(
  pfh: pingfakehdr,
  to: Uint8Array,
  at: int,
  _offset: int,
  fraglen: int,
  _odd: int,
  skb: sk_buff,
): int {
  if (pfh.msg_iter === null || copy_from_iter(to, at, fraglen, pfh.msg_iter) !== fraglen) return -EFAULT;
  pfh.wcheck = csum_add(pfh.wcheck, csum_partial(to, at, fraglen, 0));
  skb.ip_summed = CHECKSUM_NONE;
  return 0;
}

/** Writes the header with its checksum, and sends. */
export function ping_v4_push_pending_frames(sk: sock, pfh: pingfakehdr, fl4: flowi4): int {
  const skb = skb_peek(sk.sk_write_queue);
  if (skb === null) return 0;
  const h = pfh.icmph;
  h[2] = 0;
  h[3] = 0;
  const check = csum_fold(csum_partial(h, 0, SIZEOF_ICMPHDR, pfh.wcheck));
  h[2] = check;
  h[3] = check >>> 8;
  skb.head.set(h, skb.transport_header);
  skb.ip_summed = CHECKSUM_NONE;
  return ip_push_pending_frames(sk, fl4);
}

/** Checks what both families check, and reads the user's ICMP header. @returns 0 or a negative errno @EXPORT_SYMBOL */
export function ping_common_sendmsg(family: int, msg: msghdr, len: int, user_icmph: Uint8Array): int {
  if (len > 0xffff) return -EMSGSIZE;
  if (len < SIZEOF_ICMPHDR) return -EINVAL;
  if ((msg.msg_flags & MSG_OOB) !== 0) return -EOPNOTSUPP;
  if (copy_from_iter(user_icmph, 0, SIZEOF_ICMPHDR, msg.msg_iter) !== SIZEOF_ICMPHDR) return -EFAULT;
  return ping_supported(family, user_icmph[0], user_icmph[1]) ? 0 : -EINVAL;
}

/** Sends an echo request. @returns bytes sent, or a negative errno */
export function* ping_v4_sendmsg(sk: sock, msg: msghdr, len: u32): Task<int> {
  const inet = inet_sk(sk);
  const net = sock_net(sk);
  const user_icmph = new Uint8Array(SIZEOF_ICMPHDR);
  let err = ping_common_sendmsg(2, msg, len, user_icmph);
  if (err !== 0) return err;
  let daddr: number;
  if (msg.msg_name !== null && msg.msg_namelen !== 0) {
    if (msg.msg_namelen < SIZEOF_SOCKADDR_IN) return -EINVAL;
    if (sockaddr_family(msg.msg_name) !== 2) return -EAFNOSUPPORT;
    daddr = (msg.msg_name as sockaddr_in).sin_addr.s_addr;
  } else {
    if (sk.sk_state !== TCP_ESTABLISHED) return -EDESTADDRREQ;
    daddr = inet.inet_daddr;
  }
  const ipc = new ipcm_cookie();
  ipcm_init_sk(ipc, inet);
  if (msg.msg_control.length > 0) {
    err = ip_cmsg_send(sk, msg, ipc, false);
    if (err !== 0) return err;
  }
  if (ipc.opt === null) ipc.opt = inet.inet_opt;
  let saddr = ipc.addr;
  ipc.addr = daddr;
  let faddr = daddr;
  if (ipc.opt !== null && ipc.opt.opt.srr !== 0) {
    if (daddr === 0) return -EINVAL;
    faddr = ipc.opt.opt.faddr;
  }
  const tos = get_rttos(ipc, inet);
  let scope = ip_sock_rt_scope(sk);
  if ((msg.msg_flags & MSG_DONTROUTE) !== 0 || (ipc.opt !== null && ipc.opt.opt.is_strictroute)) scope = RT_SCOPE_LINK;
  if (ipv4_is_multicast(daddr)) {
    if (ipc.oif === 0) ipc.oif = inet.mc_index;
    if (saddr === 0) saddr = inet.mc_addr;
  } else if (ipc.oif === 0) ipc.oif = inet.uc_index;

  const fl4 = new flowi4();
  const flags = inet_sk_flowi_flags(sk);
  flowi4_init_output(fl4, ipc.oif, ipc.sockc.mark, tos, scope, sk.sk_protocol, flags, faddr, saddr, 0, 0, sk_uid(sk));
  fl4.fl4_icmp_type = user_icmph[0];
  fl4.fl4_icmp_code = user_icmph[1];
  const rt = ip_route_output_flow(net, fl4, sk);
  if (typeof rt === 'number') {
    if (rt === -ENETUNREACH) IP_INC_STATS(net, IPSTATS_MIB_OUTNOROUTES);
    return rt;
  }
  const rtp: { rt: rtable | null } = { rt };
  if ((rt.rt_flags & RTCF_BROADCAST) !== 0 && !sock_flag(sk, SOCK_BROADCAST)) {
    ip_rt_put(rt);
    return -EACCES;
  }
  if (ipc.addr === 0) ipc.addr = fl4.daddr;

  err = wmem_ready(sk) ? 0 : yield* wait_for_wmem(sk, msg.msg_flags);
  if (err !== 0) {
    ip_rt_put(rt);
    return err;
  }
  lock_sock(sk);
  const pfh = new pingfakehdr();
  pfh.icmph.set(user_icmph);
  pfh.icmph[2] = 0;
  pfh.icmph[3] = 0;
  // The identifier is the socket's, whatever the user wrote.
  pfh.icmph[4] = inet.inet_sport;
  pfh.icmph[5] = inet.inet_sport >>> 8;
  pfh.msg_iter = msg.msg_iter;
  pfh.wcheck = 0;
  pfh.family = 2;
  err = ip_append_data(sk, fl4, ping_getfrag, pfh, len, SIZEOF_ICMPHDR, ipc, rtp, msg.msg_flags);
  if (err !== 0) ip_flush_pending_frames(sk);
  else err = ping_v4_push_pending_frames(sk, pfh, fl4);
  release_sock(sk);
  if (rtp.rt !== null) ip_rt_put(rtp.rt);
  return err === 0 ? len : err;
}

/** @returns bytes, or a negative errno @EXPORT_SYMBOL */
export function* ping_recvmsg(sk: sock, msg: msghdr, len: u32, flags: int): Task<int> {
  const isk = inet_sk(sk);
  if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP;
  if ((flags & MSG_ERRQUEUE) !== 0) return ip_recv_error(sk, msg, len);
  const error = { value: 0 };
  const skb = yield* skb_recv_datagram(sk, flags, error);
  if (skb === null) return error.value;
  let copied = skb.len;
  if (copied > len) {
    msg.msg_flags |= MSG_TRUNC;
    copied = len;
  }
  const err = skb_copy_datagram_msg(skb, 0, msg, copied);
  if (err === 0) {
    sock_recv_cmsgs(msg, sk, skb);
    if (msg.msg_namelen !== 0) msg.msg_name = new sockaddr_in(ip_hdr(skb).saddr, 0);
    if (inet_cmsg_flags(isk) !== 0) ip_cmsg_recv(msg, skb);
    if ((flags & MSG_TRUNC) !== 0) copied = skb.len;
  }
  skb_free_datagram(sk, skb);
  return err === 0 ? copied : err;
}

/** @returns a drop reason; the skb is freed unless it is 0 */
export function __ping_queue_rcv_skb(sk: sock, skb: sk_buff): int {
  ipv4_pktinfo_prepare(sk, skb, true);
  const reason = { value: SKB_NOT_DROPPED_YET };
  if (sock_queue_rcv_skb_reason(sk, skb, reason) < 0) kfree_skb_reason(skb, reason.value);
  return reason.value;
}

/** @EXPORT_SYMBOL */
export function ping_queue_rcv_skb(sk: sock, skb: sk_buff): int {
  return __ping_queue_rcv_skb(sk, skb) !== 0 ? -1 : 0;
}

/** An echo reply: to the socket with its identifier. @returns a drop reason; the skb is disposed of @EXPORT_SYMBOL */
export function ping_rcv(skb: sk_buff): int {
  const net = (skb.dev as net_device).nd_net;
  const icmph = icmp_hdr(skb);
  // The reader gets the message with its header.
  skb.data -= SIZEOF_ICMPHDR;
  skb.len += SIZEOF_ICMPHDR;
  const sk = ping_lookup(net, skb, ntohs(icmph.id));
  if (sk !== null) return __ping_queue_rcv_skb(sk, skb);
  kfree_skb_reason(skb, SKB_DROP_REASON_NO_SOCKET);
  return SKB_DROP_REASON_NO_SOCKET;
}

export const ping_prot: proto = {
  name: 'PING',
  sk_alloc: () => new inet_sock(),
  init: ping_init_sock,
  close: ping_close,
  pre_connect: ping_pre_connect,
  connect: ping_connect,
  disconnect: __udp_disconnect,
  setsockopt: ip_setsockopt,
  getsockopt: ip_getsockopt,
  sendmsg: ping_v4_sendmsg,
  recvmsg: ping_recvmsg,
  bind: ping_bind,
  backlog_rcv: ping_queue_rcv_skb,
  release_cb: ip4_datagram_release_cb,
  hash: ping_hash,
  unhash: ping_unhash,
  get_port: ping_get_port,
  put_port: ping_unhash,
};

export function ping_init(kernel: Kernel): void {
  kernel.ping_table = new ping_table();
  kernel.ping_table.ping_port_rover = kernel.random.u32() & 0xffff;
}
