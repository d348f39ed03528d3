// Packets that raw sockets send, with the user's own IP header or without (net/ipv4/raw.c).

import { htons } from '../../../include/linux/byteorder.js';
import {
  EACCES,
  EAFNOSUPPORT,
  EDESTADDRREQ,
  EFAULT,
  EINVAL,
  EMSGSIZE,
  ENOBUFS,
  EOPNOTSUPP,
} from '../../../include/linux/errno.js';
import { IPPROTO_ICMP, IPPROTO_RAW, SIZEOF_SOCKADDR_IN, ipv4_is_multicast } from '../../../include/linux/in.js';
import { SIZEOF_IPHDR, ip_hdr } from '../../../include/linux/ip.js';
import { LL_RESERVED_SPACE } from '../../../include/linux/netdevice.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import { NFPROTO_IPV4, NF_HOOK, NF_INET_LOCAL_OUT } from '../../../include/linux/netfilter.js';
import { RTCF_BROADCAST, RT_SCOPE_LINK } from '../../../include/linux/rtnetlink.js';
import type { Task } from '../../../include/linux/sched.js';
import {
  MSG_CONFIRM,
  MSG_DONTROUTE,
  MSG_MORE,
  MSG_OOB,
  MSG_PROBE,
  sockaddr_family,
  sockaddr_in,
} from '../../../include/linux/socket.js';
import type { msghdr } from '../../../include/linux/socket.js';
import { copy_from_iter, iov_iter_revert } from '../../../include/linux/uio.js';
import { dst_confirm_neigh, dst_output } from '../../../include/net/dst.js';
import { FLOWI_FLAG_KNOWN_NH, flowi4, flowi4_init_output } from '../../../include/net/flow.js';
import { INET_FLAGS_HDRINCL, INET_FLAGS_RECVERR, inet_sk, inet_test_bit } from '../../../include/net/inet_sock.js';
import {
  IP_INC_STATS,
  IPCB_clear,
  get_rttos,
  ip_send_check,
  ipcm_cookie,
  ipcm_init_sk,
} from '../../../include/net/ip.js';
import { inet_sk_flowi_flags, ip_rt_put, ip_sock_rt_scope } from '../../../include/net/route.js';
import type { rtable } from '../../../include/net/route.js';
import { IPSTATS_MIB_OUTDISCARDS } from '../../../include/net/snmp.js';
import {
  GFP_ATOMIC,
  alloc_skb,
  skb_dst_set,
  skb_reserve,
  skb_reset_network_header,
} from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { SOCK_BROADCAST, lock_sock, release_sock, sk_uid, sock_flag, sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { TCP_ESTABLISHED } from '../../../include/net/tcp_states.js';
import { kfree_skb, skb_put } from '../../core/skbuff.js';
import { skb_set_owner_w } from '../../core/sock.js';
import { icmp_out_count } from '../icmp.js';
import {
  ip_append_data,
  ip_flush_pending_frames,
  ip_generic_getfrag,
  ip_push_pending_frames,
  net_xmit_errno,
  wait_for_wmem,
  wmem_ready,
} from '../ip_output.js';
import { ip_cmsg_send, ip_local_error } from '../ip_sockglue.js';
import { ip_route_output_flow, ip_select_ident } from '../route.js';
import { __udp_disconnect } from '../udp.js';
import type { __be32, int, u32 } from '../../../include/linux/types.js';

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
  err = wmem_ready(sk) ? 0 : yield* wait_for_wmem(sk, msg.msg_flags);
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
