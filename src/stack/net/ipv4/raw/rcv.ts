// What raw sockets see of incoming packets and of errors (net/ipv4/raw.c).

import { EHOSTUNREACH, EMSGSIZE, EOPNOTSUPP, EPROTO } from '../../../include/linux/errno.js';
import {
  ICMP_DEST_UNREACH,
  ICMP_FRAG_NEEDED,
  ICMP_PARAMETERPROB,
  ICMP_REDIRECT,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  NR_ICMP_UNREACH,
  icmp_hdr,
} from '../../../include/linux/icmp.js';
import { IPPROTO_ICMP, IP_PMTUDISC_DONT } from '../../../include/linux/in.js';
import { ip_hdr, iphdr } from '../../../include/linux/ip.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import type { Task } from '../../../include/linux/sched.js';
import { MSG_ERRQUEUE, MSG_OOB, MSG_TRUNC, sockaddr_in } from '../../../include/linux/socket.js';
import type { msghdr } from '../../../include/linux/socket.js';
import { SKB_NOT_DROPPED_YET } from '../../../include/net/dropreason.js';
import {
  INET_FLAGS_HDRINCL,
  INET_FLAGS_RECVERR,
  inet_cmsg_flags,
  inet_sk,
  inet_test_bit,
} from '../../../include/net/inet_sock.js';
import type { net } from '../../../include/net/net_namespace.js';
import { RAW_HTABLE_SIZE, raw_hashinfo, raw_sk } from '../../../include/net/raw.js';
import { GFP_ATOMIC, nf_reset_ct } from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { sock_recv_cmsgs } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { TCP_ESTABLISHED } from '../../../include/net/tcp_states.js';
import { skb_copy_datagram_msg, skb_free_datagram, skb_recv_datagram } from '../../core/datagram.js';
import { kfree_skb_reason, skb_clone, skb_push } from '../../core/skbuff.js';
import { sock_queue_rcv_skb_reason } from '../../core/sock.js';
import { icmp_err_convert } from '../icmp.js';
import { ip_mc_sf_allow } from '../igmp.js';
import { ip_cmsg_recv, ip_icmp_error, ip_recv_error, ipv4_pktinfo_prepare } from '../ip_sockglue.js';
import { ipv4_sk_redirect, ipv4_sk_update_pmtu } from '../route.js';
import { __udp_disconnect } from '../udp.js';
import type { __be32, bool, int, u32, u8 } from '../../../include/linux/types.js';

/** @notrace */
export function raw_hashslot(h: raw_hashinfo, protocol: int): sock[] {
  return h.ht[protocol & (RAW_HTABLE_SIZE - 1)];
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
