// Datagrams that are sent (net/ipv4/udp.c; udp(7)).

import { htons } from '../../../include/linux/byteorder.js';
import {
  EACCES,
  EAFNOSUPPORT,
  EDESTADDRREQ,
  EINVAL,
  EMSGSIZE,
  ENETUNREACH,
  ENOBUFS,
  EOPNOTSUPP,
} from '../../../include/linux/errno.js';
import { IPPROTO_UDP, SIZEOF_SOCKADDR_IN, ipv4_is_multicast } from '../../../include/linux/in.js';
import { SOCK_NOSPACE } from '../../../include/linux/net.js';
import { RTCF_BROADCAST, RT_SCOPE_LINK } from '../../../include/linux/rtnetlink.js';
import type { Task } from '../../../include/linux/sched.js';
import {
  AF_INET,
  MSG_CONFIRM,
  MSG_DONTROUTE,
  MSG_MORE,
  MSG_OOB,
  MSG_PROBE,
  SOL_UDP,
  sockaddr_family,
} from '../../../include/linux/socket.js';
import type { msghdr, sockaddr_in } from '../../../include/linux/socket.js';
import {
  SIZEOF_UDPHDR,
  UDP_FLAGS_CORK,
  UDP_MAX_SEGMENTS,
  UDP_SEGMENT,
  udp_hdr,
  udp_sk,
  udp_test_bit,
} from '../../../include/linux/udp.js';
import {
  CSUM_MANGLED_0,
  csum_add,
  csum_fold,
  csum_partial,
  csum_tcpudp_magic,
  csum_tcpudp_nofold,
} from '../../../include/net/checksum.js';
import { dst_clone, dst_confirm_neigh } from '../../../include/net/dst.js';
import { flowi4, flowi4_init_output } from '../../../include/net/flow.js';
import { INET_FLAGS_RECVERR, inet_cork, inet_sk, inet_test_bit } from '../../../include/net/inet_sock.js';
import { IP_INC_STATS, get_rttos, ipcm_cookie, ipcm_init_sk } from '../../../include/net/ip.js';
import { inet_sk_flowi_flags, ip_rt_put, ip_sock_rt_scope } from '../../../include/net/route.js';
import type { rtable } from '../../../include/net/route.js';
import { IPSTATS_MIB_OUTNOROUTES, UDP_MIB_OUTDATAGRAMS, UDP_MIB_SNDBUFERRORS } from '../../../include/net/snmp.js';
import {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  SKB_GSO_UDP_L4,
  skb_has_frag_list,
  skb_network_header_len,
} from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import {
  SOCK_BROADCAST,
  lock_sock,
  release_sock,
  sk_dst_set,
  sk_uid,
  sock_flag,
  sock_net,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { TCP_ESTABLISHED } from '../../../include/net/tcp_states.js';
import { kfree_skb } from '../../core/skbuff.js';
import { sk_dst_check } from '../../core/sock.js';
import {
  ip_append_data,
  ip_finish_skb,
  ip_generic_getfrag,
  ip_make_skb,
  ip_send_skb,
  wait_for_wmem,
  wmem_ready,
} from '../ip_output.js';
import { ip_cmsg_send } from '../ip_sockglue.js';
import { ip_route_output_flow } from '../route.js';
import { udp_flush_pending_frames } from './err.js';
import type { __be32, int, u32 } from '../../../include/linux/types.js';

/**
 * The checksum where the device makes it: the field holds the sum of the pseudo header.
 * A datagram in fragments is summed here all the same.
 * @EXPORT_SYMBOL
 */
export function udp4_hwcsum(skb: sk_buff, src: __be32, dst: __be32): void {
  const uh = udp_hdr(skb);
  const offset = skb.transport_header - skb.data;
  const len = skb.len - offset;
  if (!skb_has_frag_list(skb)) {
    skb.csum_start = skb.transport_header;
    skb.csum_offset = 6;
    uh.check = ~csum_tcpudp_magic(src, dst, len, IPPROTO_UDP, 0) & 0xffff;
    return;
  }
  let csum = csum_partial(skb.head, skb.transport_header, skb.len - skb.data_len - offset, 0);
  for (let frags = skb.shinfo.frag_list; frags !== null; frags = frags.next) csum = csum_add(csum, frags.csum);
  skb.ip_summed = CHECKSUM_NONE;
  uh.check = csum_tcpudp_magic(src, dst, len, IPPROTO_UDP, csum);
  if (uh.check === 0) uh.check = CSUM_MANGLED_0;
}

/** Sum of a datagram whose pieces were summed when they were copied. @notrace */
function udp_csum(skb: sk_buff): number {
  let csum = csum_partial(skb.head, skb.transport_header, SIZEOF_UDPHDR, skb.csum);
  for (let at = skb.shinfo.frag_list; at !== null; at = at.next) csum = csum_add(csum, at.csum);
  return csum;
}

/** Sets length and checksum, and sends. @returns 0 or a negative errno */
export function udp_send_skb(skb: sk_buff, fl4: flowi4, cork: inet_cork): int {
  const sk = skb.sk as sock;
  const net = sock_net(sk);
  const offset = skb.transport_header - skb.data;
  const len = skb.len - offset;
  const datalen = len - SIZEOF_UDPHDR;
  const uh = udp_hdr(skb);
  uh.source = inet_sk(sk).inet_sport;
  uh.dest = fl4.fl4_dport;
  uh.len = htons(len & 0xffff);
  uh.check = 0;
  if (cork.gso_size !== 0) {
    const hlen = skb_network_header_len(skb) + SIZEOF_UDPHDR;
    if (hlen + Math.min(datalen, cork.gso_size) > cork.fragsize) {
      kfree_skb(skb);
      return -EMSGSIZE;
    }
    if (datalen > cork.gso_size * UDP_MAX_SEGMENTS) {
      kfree_skb(skb);
      return -EINVAL;
    }
    if (sk.sk_no_check_tx !== 0) {
      kfree_skb(skb);
      return -EINVAL;
    }
    if (datalen > cork.gso_size) {
      skb.shinfo.gso_size = cork.gso_size;
      skb.shinfo.gso_type = SKB_GSO_UDP_L4;
      skb.shinfo.gso_segs = Math.ceil(datalen / cork.gso_size);
      // The segments' checksums are made when it is cut: that needs a partial one here.
      skb.ip_summed = CHECKSUM_PARTIAL;
    }
  }
  if (sk.sk_no_check_tx !== 0) skb.ip_summed = CHECKSUM_NONE;
  else if (skb.ip_summed === CHECKSUM_PARTIAL) udp4_hwcsum(skb, fl4.saddr, fl4.daddr);
  else {
    const csum = udp_csum(skb);
    uh.check = csum_fold(csum_tcpudp_nofold(fl4.saddr, fl4.daddr, len, sk.sk_protocol, csum));
    // 0 means "none": the other representation of zero is sent.
    if (uh.check === 0) uh.check = CSUM_MANGLED_0;
  }
  let err = ip_send_skb(net, skb);
  if (err !== 0) {
    if (err === -ENOBUFS && !inet_test_bit(INET_FLAGS_RECVERR, sk)) {
      net.mib.udp_statistics[UDP_MIB_SNDBUFERRORS]++;
      err = 0;
    }
  } else net.mib.udp_statistics[UDP_MIB_OUTDATAGRAMS]++;
  return err;
}

/** Sends what was corked. @returns 0 or a negative errno @EXPORT_SYMBOL */
export function udp_push_pending_frames(sk: sock): int {
  const up = udp_sk(sk);
  const inet = inet_sk(sk);
  const fl4 = inet.cork.fl.u.ip4;
  let err = 0;
  const skb = ip_finish_skb(sk, fl4);
  if (skb !== null) err = udp_send_skb(skb, fl4, inet.cork.base);
  up.len = 0;
  up.pending = 0;
  return err;
}

/** @returns 0 or -EINVAL */
export function __udp_cmsg_send(type: int, data: Uint8Array, gso: { size: int }): int {
  if (type !== UDP_SEGMENT || data.length !== 2) return -EINVAL;
  gso.size = data[0] | (data[1] << 8);
  return 0;
}

/** @returns 1 if IP must look at the messages too, 0, or a negative errno @EXPORT_SYMBOL */
export function udp_cmsg_send(_sk: sock, msg: msghdr, gso: { size: int }): int {
  let need_ip = 0;
  for (const cmsg of msg.msg_control) {
    if (cmsg.cmsg_level !== SOL_UDP) {
      need_ip = 1;
      continue;
    }
    const err = __udp_cmsg_send(cmsg.cmsg_type, cmsg.data, gso);
    if (err !== 0) return err;
  }
  return need_ip;
}

/** Appends to the datagram that is corked, and sends it if the cork is out. @notrace */
function append(
  sk: sock,
  fl4: flowi4,
  msg: msghdr,
  ulen: int,
  ipc: ipcm_cookie,
  rtp: { rt: rtable | null },
  corkreq: boolean,
): int {
  const up = udp_sk(sk);
  up.len += ulen;
  const flags = corkreq ? msg.msg_flags | MSG_MORE : msg.msg_flags;
  const err = ip_append_data(sk, fl4, ip_generic_getfrag, msg, ulen, SIZEOF_UDPHDR, ipc, rtp, flags);
  if (err !== 0) {
    udp_flush_pending_frames(sk);
    return err;
  }
  if (!corkreq) return udp_push_pending_frames(sk);
  if (sk.sk_write_queue.next === null) up.pending = 0;
  return 0;
}

/** send(), sendto(), sendmsg(). @returns bytes sent, or a negative errno @EXPORT_SYMBOL */
export function* udp_sendmsg(sk: sock, msg: msghdr, len: u32): Task<int> {
  const inet = inet_sk(sk);
  const up = udp_sk(sk);
  const net = sock_net(sk);
  if (len > 0xffff) return -EMSGSIZE;
  if ((msg.msg_flags & MSG_OOB) !== 0) return -EOPNOTSUPP;
  const corkreq = udp_test_bit(UDP_FLAGS_CORK, sk) || (msg.msg_flags & MSG_MORE) !== 0;
  const rtp: { rt: rtable | null } = { rt: null };
  const ipc = new ipcm_cookie();
  let ulen = len;

  if (up.pending !== 0) {
    // There are data under the cork already: they fix destination and route.
    lock_sock(sk);
    if (up.pending !== 0) {
      const err = up.pending !== AF_INET ? -EINVAL : append(sk, inet.cork.fl.u.ip4, msg, ulen, ipc, rtp, corkreq);
      release_sock(sk);
      return err !== 0 ? send_failed(sk, err) : len;
    }
    release_sock(sk);
  }
  ulen += SIZEOF_UDPHDR;

  let daddr: __be32;
  let dport: number;
  if (msg.msg_name !== null && msg.msg_namelen !== 0) {
    if (msg.msg_namelen < SIZEOF_SOCKADDR_IN) return -EINVAL;
    const family = sockaddr_family(msg.msg_name);
    if (family !== AF_INET && family !== 0) return -EAFNOSUPPORT;
    const usin = msg.msg_name as sockaddr_in;
    daddr = usin.sin_addr.s_addr;
    dport = usin.sin_port;
    if (dport === 0) return -EINVAL;
  } else {
    if (sk.sk_state !== TCP_ESTABLISHED) return -EDESTADDRREQ;
    daddr = inet.inet_daddr;
    dport = inet.inet_dport;
  }
  let connected = msg.msg_name === null || msg.msg_namelen === 0;

  ipcm_init_sk(ipc, inet);
  ipc.gso_size = up.gso_size;
  if (msg.msg_control.length > 0) {
    const gso = { size: ipc.gso_size };
    let err = udp_cmsg_send(sk, msg, gso);
    ipc.gso_size = gso.size;
    if (err > 0) {
      err = ip_cmsg_send(
        sk,
        { ...msg, msg_control: msg.msg_control.filter((c) => c.cmsg_level !== SOL_UDP) },
        ipc,
        false,
      );
      connected = false;
    }
    if (err < 0) return err;
  }
  if (ipc.opt === null) ipc.opt = inet.inet_opt;
  let saddr = ipc.addr;
  ipc.addr = daddr;
  let faddr = daddr;
  if (ipc.opt !== null && ipc.opt.opt.srr !== 0) {
    if (daddr === 0) return -EINVAL;
    faddr = ipc.opt.opt.faddr;
    connected = false;
  }
  const tos = get_rttos(ipc, inet);
  let scope = ip_sock_rt_scope(sk);
  if ((msg.msg_flags & MSG_DONTROUTE) !== 0 || (ipc.opt !== null && ipc.opt.opt.is_strictroute)) {
    scope = RT_SCOPE_LINK;
    connected = false;
  }
  if (ipv4_is_multicast(daddr)) {
    if (ipc.oif === 0) ipc.oif = inet.mc_index;
    if (saddr === 0) saddr = inet.mc_addr;
    connected = false;
  } else if (ipc.oif === 0) ipc.oif = inet.uc_index;

  let fl4 = inet.cork.fl.u.ip4;
  let rt: rtable | null = connected ? (sk_dst_check(sk, 0) as rtable | null) : null;
  if (rt === null) {
    fl4 = new flowi4();
    const flags = inet_sk_flowi_flags(sk);
    const proto = sk.sk_protocol;
    flowi4_init_output(
      fl4,
      ipc.oif,
      ipc.sockc.mark,
      tos,
      scope,
      proto,
      flags,
      faddr,
      saddr,
      dport,
      inet.inet_sport,
      sk_uid(sk),
    );
    const found = ip_route_output_flow(net, fl4, sk);
    if (typeof found === 'number') {
      if (found === -ENETUNREACH) IP_INC_STATS(net, IPSTATS_MIB_OUTNOROUTES);
      return found;
    }
    rt = found;
    if ((rt.rt_flags & RTCF_BROADCAST) !== 0 && !sock_flag(sk, SOCK_BROADCAST)) {
      ip_rt_put(rt);
      return -EACCES;
    }
    if (connected) sk_dst_set(sk, dst_clone(rt));
  } else if (fl4.saddr !== inet.inet_saddr || fl4.daddr !== faddr || fl4.fl4_dport !== dport) {
    // A corked datagram to somebody else has used the flow that connect() left there.
    fl4 = new flowi4();
    fl4.saddr = inet.inet_saddr;
    fl4.daddr = faddr;
    fl4.fl4_dport = dport;
  }
  rtp.rt = rt;
  if ((msg.msg_flags & MSG_CONFIRM) !== 0) {
    if ((msg.msg_flags & MSG_PROBE) !== 0) dst_confirm_neigh(rt, fl4.daddr);
    if ((msg.msg_flags & MSG_PROBE) !== 0 && len === 0) {
      ip_rt_put(rt);
      return 0;
    }
  }
  if (ipc.addr === 0) ipc.addr = fl4.daddr;

  let err = wmem_ready(sk) ? 0 : yield* wait_for_wmem(sk, msg.msg_flags);
  if (err !== 0) {
    ip_rt_put(rt);
    return send_failed(sk, err);
  }
  if (!corkreq) {
    // The usual case takes no lock: the datagram is put together apart.
    const cork = new inet_cork();
    const skb = ip_make_skb(sk, fl4, ip_generic_getfrag, msg, ulen, SIZEOF_UDPHDR, ipc, rtp, cork, msg.msg_flags);
    if (typeof skb === 'number') err = skb;
    else err = skb === null ? 0 : udp_send_skb(skb, fl4, cork);
  } else {
    lock_sock(sk);
    if (up.pending !== 0) {
      // Another thread began a datagram meanwhile.
      release_sock(sk);
      if (rtp.rt !== null) ip_rt_put(rtp.rt);
      return -EINVAL;
    }
    const kept = inet.cork.fl.u.ip4;
    Object.assign(kept, fl4);
    kept.daddr = daddr;
    kept.saddr = fl4.saddr;
    kept.fl4_dport = dport;
    kept.fl4_sport = inet.inet_sport;
    up.pending = AF_INET;
    err = append(sk, kept, msg, ulen, ipc, rtp, corkreq);
    release_sock(sk);
  }
  if (rtp.rt !== null) ip_rt_put(rtp.rt);
  return err === 0 ? len : send_failed(sk, err);
}

/** Counts a datagram that found no room. @notrace */
function send_failed(sk: sock, err: int): int {
  const full = sk.sk_socket !== null && (sk.sk_socket.flags & (1 << SOCK_NOSPACE)) !== 0;
  if (err === -ENOBUFS || full) sock_net(sk).mib.udp_statistics[UDP_MIB_SNDBUFERRORS]++;
  return err;
}
