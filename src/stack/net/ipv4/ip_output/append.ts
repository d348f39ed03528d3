// Data gathered into packets that fit the path (net/ipv4/ip_output.c). Fragments are linear: page fragments,
// MSG_ZEROCOPY and MSG_SPLICE_PAGES for datagrams are left out. Nothing here sleeps: where the socket's buffer is full
// the caller gets -EAGAIN before any data was taken, and waits.

import { SOF_TIMESTAMPING_OPT_ID } from '../../../include/linux/net_tstamp.js';
import { EAGAIN, EFAULT, EMSGSIZE, ENETUNREACH, ENOBUFS, EPIPE } from '../../../include/linux/errno.js';
import { IPPROTO_ICMP, IP_PMTUDISC_DO, IP_PMTUDISC_PROBE } from '../../../include/linux/in.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import { NETIF_F_HW_CSUM, NETIF_F_IP_CSUM } from '../../../include/linux/netdev_features.js';
import { LL_RESERVED_SPACE, NET_XMIT_CN } from '../../../include/linux/netdevice.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import { SOCK_NOSPACE, SOCK_RAW } from '../../../include/linux/net.js';
import { MSG_CONFIRM, MSG_DONTWAIT, MSG_MORE, MSG_PROBE } from '../../../include/linux/socket.js';
import { csum_block_add, csum_partial, csum_sub } from '../../../include/net/checksum.js';
import { dst_mtu } from '../../../include/net/dst.js';
import { dst_release } from '../../core/dst.js';
import type { flowi4 } from '../../../include/net/flow.js';
import {
  INET_FLAGS_HDRINCL,
  IPCORK_OPT,
  IPCORK_TS_OPT_ID,
  inet_sk,
  inet_test_bit,
  ip_options,
  ip_options_copy,
} from '../../../include/net/inet_sock.js';
import type { inet_cork } from '../../../include/net/inet_sock.js';
import {
  IPCB_clear,
  IP_DF_BE,
  IP_INC_STATS,
  IP_MAX_MTU,
  ip_copy_addrs,
  ip_dont_fragment,
  ip_select_ttl,
  ip_sk_ignore_df,
  ip_sk_use_pmtu,
} from '../../../include/net/ip.js';
import type { ipcm_cookie } from '../../../include/net/ip.js';
import type { net } from '../../../include/net/net_namespace.js';
import { RTN_MULTICAST } from '../../../include/linux/rtnetlink.js';
import type { rtable } from '../../../include/net/route.js';
import { IPSTATS_MIB_OUTDISCARDS } from '../../../include/net/snmp.js';
import { kfree_skb, skb_copy_bits } from '../../core/skbuff.js';
import type { Task } from '../../../include/linux/sched.js';
import { current } from '../../../kernel/current.js';
import { signal_pending } from '../../../kernel/sched/core.js';
import { __sock_tx_timestamp, skb_set_owner_w, sock_error, sock_wait_for_wmem } from '../../core/sock.js';
import {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  GFP_ATOMIC,
  __skb_dequeue,
  __skb_pull,
  __skb_queue_tail,
  __skb_dequeue_tail,
  alloc_skb,
  skb_dst_set,
  skb_network_header_len,
  skb_network_offset,
  skb_peek_tail,
  skb_put,
  skb_queue_empty,
  skb_reserve,
  skb_set_delivery_time,
  skb_set_dst_pending_confirm,
  skb_set_network_header,
  skb_tailroom,
  pskb_trim_unique,
  sk_buff_head,
  SKB_CLOCK_REALTIME,
} from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import {
  SEND_SHUTDOWN,
  sk_wmem_alloc_get,
  sock_intr_errno,
  sock_net,
  sock_sndtimeo,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { icmp_hdr } from '../../../include/linux/icmp.js';
import { copy_from_iter } from '../../../include/linux/uio.js';
import type { msghdr } from '../../../include/linux/socket.js';
import { icmp_out_count } from '../icmp.js';
import { ip_local_error } from '../ip_sockglue.js';
import { ip_options_build } from '../ip_options.js';
import { ip_select_ident } from '../route.js';
import { ip_local_out } from './xmit.js';
import type { int, uint } from '../../../include/linux/types.js';

/**
 * Copies `len` bytes of a message, from `offset` on, to `to[at …]`; `odd` is their offset in the checksummed data.
 * @returns 0 or above, or -EFAULT
 */
export type getfrag_t<F> = (from: F, to: Uint8Array, at: int, offset: int, len: int, odd: int, skb: sk_buff) => int;

/** Copies from a program's memory, and sums what the device will not. @formerly udp_getfrag 2.4 @EXPORT_SYMBOL */
export function ip_generic_getfrag(
  from: msghdr,
  to: Uint8Array,
  at: int,
  _offset: int,
  len: int,
  odd: int,
  skb: sk_buff,
): int {
  if (copy_from_iter(to, at, len, from.msg_iter) !== len) return -EFAULT;
  if (skb.ip_summed !== CHECKSUM_PARTIAL) {
    skb.csum = csum_block_add(skb.csum, csum_partial(to, at, len, 0), odd);
  }
  return 0;
}

/** As sock_alloc_send_skb() that does not wait. @returns a negative errno where it cannot be @notrace */
function alloc_send_skb(sk: sock, size: uint): sk_buff | int {
  const err = sock_error(sk);
  if (err !== 0) return err;
  if ((sk.sk_shutdown & SEND_SHUTDOWN) !== 0) return -EPIPE;
  if (sk_wmem_alloc_get(sk) >= sk.sk_sndbuf) {
    if (sk.sk_socket !== null) sk.sk_socket.flags |= 1 << SOCK_NOSPACE;
    return -EAGAIN;
  }
  return alloc_skb(size, GFP_ATOMIC) ?? -ENOBUFS;
}

/**
 * Appends data to the queue: fills its last fragment, then makes further ones.
 * @param length bytes, with those of the transport header
 * @param transhdrlen bytes to leave for the transport header, in the first fragment
 * @returns 0 or a negative errno
 */
export function __ip_append_data<F>(
  sk: sock,
  fl4: flowi4,
  queue: sk_buff_head,
  cork: inet_cork,
  getfrag: getfrag_t<F>,
  from: F,
  length: int,
  transhdrlen: int,
  flags: uint,
): int {
  const inet = inet_sk(sk);
  const opt = cork.opt;
  const rt = cork.dst as rtable;
  const dev = rt.dev as net_device;
  let skb = skb_peek_tail(queue);
  const exthdrlen = skb === null ? rt.header_len : 0;
  const mtu = cork.gso_size !== 0 ? IP_MAX_MTU : cork.fragsize;
  const hh_len = LL_RESERVED_SPACE(dev);
  const fragheaderlen = 20 + (opt !== null ? opt.optlen : 0);
  const maxfraglen = ((mtu - fragheaderlen) & ~7) + fragheaderlen;
  const maxnonfragsize = ip_sk_ignore_df(sk) ? IP_MAX_MTU : mtu;
  if (cork.length + length > maxnonfragsize - fragheaderlen) {
    ip_local_error(sk, EMSGSIZE, fl4.daddr, inet.inet_dport, mtu - (opt !== null ? opt.optlen : 0));
    return -EMSGSIZE;
  }

  // One packet, a device that sums, nothing to follow: the checksum is the device's.
  let csummode = CHECKSUM_NONE;
  if (
    transhdrlen !== 0 &&
    length + fragheaderlen <= mtu &&
    (dev.features & (NETIF_F_HW_CSUM | NETIF_F_IP_CSUM)) !== 0 &&
    ((flags & MSG_MORE) === 0 || cork.gso_size !== 0) &&
    exthdrlen === 0
  ) {
    csummode = CHECKSUM_PARTIAL;
  }

  cork.length += length;
  let tskey = 0;
  if (cork.tx_flags !== 0 && (sk.sk_tsflags & SOF_TIMESTAMPING_OPT_ID) !== 0) {
    if ((cork.flags & IPCORK_TS_OPT_ID) !== 0) {
      tskey = cork.ts_opt_id;
    } else {
      tskey = sk.sk_tskey;
      sk.sk_tskey = (sk.sk_tskey + 1) >>> 0;
    }
  }
  let offset = 0;
  while (length > 0) {
    let copy = skb === null ? 0 : mtu - skb.len;
    if (skb !== null && copy < length) copy = maxfraglen - skb.len;
    if (copy <= 0) {
      const skb_prev: sk_buff | null = skb;
      // What does not fit behind the last multiple of 8 moves on into the new fragment.
      const fraggap = skb_prev !== null ? skb_prev.len - maxfraglen : 0;
      let datalen = length + fraggap;
      if (datalen > mtu - fragheaderlen) datalen = maxfraglen - fragheaderlen;
      const fraglen = datalen + fragheaderlen;
      let alloc_extra = hh_len + 15 + exthdrlen;
      if (datalen === length + fraggap) alloc_extra += rt.trailer_len;
      const alloc_len = (flags & MSG_MORE) !== 0 && cork.gso_size === 0 ? mtu : fraglen;
      const size = alloc_len + alloc_extra;
      let fresh: sk_buff | int;
      if (transhdrlen !== 0) fresh = alloc_send_skb(sk, size);
      else if (sk_wmem_alloc_get(sk) <= 2 * sk.sk_sndbuf) fresh = alloc_skb(size, GFP_ATOMIC) ?? -ENOBUFS;
      else fresh = -ENOBUFS;
      if (typeof fresh === 'number') return append_error(sk, cork, length, fresh);
      skb = fresh;
      skb.ip_summed = csummode;
      skb.csum = 0;
      skb_reserve(skb, hh_len);
      IPCB_clear(skb);
      let data = skb_put(skb, fraglen + exthdrlen);
      skb_set_network_header(skb, exthdrlen);
      skb.transport_header = skb.network_header + fragheaderlen;
      data += fragheaderlen + exthdrlen;
      if (fraggap > 0 && skb_prev !== null) {
        skb_copy_bits(skb_prev, maxfraglen, skb.head, data + transhdrlen, fraggap);
        skb.csum = csum_partial(skb.head, data + transhdrlen, fraggap, 0);
        skb_prev.csum = csum_sub(skb_prev.csum, skb.csum);
        data += fraggap;
        pskb_trim_unique(skb_prev, maxfraglen);
      }
      copy = datalen - transhdrlen - fraggap;
      if (copy > 0 && getfrag(from, skb.head, data + transhdrlen, offset, copy, fraggap, skb) < 0) {
        kfree_skb(skb);
        return append_error(sk, cork, length, -EFAULT);
      }
      offset += copy;
      length -= copy + transhdrlen;
      transhdrlen = 0;
      csummode = CHECKSUM_NONE;
      // Only the first fragment is stamped.
      skb.shinfo.tx_flags = cork.tx_flags;
      skb.shinfo.tskey = tskey;
      cork.tx_flags = 0;
      tskey = 0;
      if ((flags & MSG_CONFIRM) !== 0) skb_set_dst_pending_confirm(skb, 1);
      skb_set_owner_w(skb, sk);
      __skb_queue_tail(queue, skb);
      continue;
    }
    if (copy > length) copy = length;
    const last = skb as sk_buff;
    if (skb_tailroom(last) < copy) {
      // The last fragment was made without room to grow: it is replaced by one that has it.
      skb = grow(sk, queue, last, mtu + hh_len + 15);
      if (skb === null) return append_error(sk, cork, length, -ENOBUFS);
      continue;
    }
    const off = last.len;
    const at = skb_put(last, copy);
    if (getfrag(from, last.head, at, offset, copy, off - fragheaderlen, last) < 0) {
      last.tail -= copy;
      last.len -= copy;
      return append_error(sk, cork, length, -EFAULT);
    }
    offset += copy;
    length -= copy;
  }
  return 0;
}

/** @notrace */
function append_error(sk: sock, cork: inet_cork, length: int, err: int): int {
  cork.length -= length;
  if (err !== -EAGAIN) IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTDISCARDS);
  return err;
}

/** A copy of the queue's last fragment with more room behind. @notrace */
function grow(sk: sock, queue: sk_buff_head, last: sk_buff, size: uint): sk_buff | null {
  const bigger = alloc_skb(size, GFP_ATOMIC);
  if (bigger === null) return null;
  skb_reserve(bigger, last.data);
  const at = skb_put(bigger, last.len);
  bigger.head.set(last.head.subarray(last.data, last.data + last.len), at);
  bigger.network_header = bigger.data + (last.network_header - last.data);
  bigger.transport_header = bigger.data + (last.transport_header - last.data);
  bigger.ip_summed = last.ip_summed;
  bigger.csum = last.csum;
  IPCB_clear(bigger);
  skb_set_owner_w(bigger, sk);
  __skb_dequeue_tail(queue);
  kfree_skb(last);
  __skb_queue_tail(queue, bigger);
  return bigger;
}

/** Begins a packet: options, route and settings are kept in the cork. @returns 0, -EFAULT, -ENETUNREACH */
export function ip_setup_cork(sk: sock, cork: inet_cork, ipc: ipcm_cookie, rtp: { rt: rtable | null }): int {
  const rt = rtp.rt;
  if (rt === null) return -EFAULT;
  cork.opt = null;
  cork.flags = 0;
  if (ipc.opt !== null) {
    const opt = new ip_options();
    ip_options_copy(opt, ipc.opt.opt);
    cork.opt = opt;
    cork.flags |= IPCORK_OPT;
    cork.addr = ipc.addr;
  }
  cork.fragsize = ip_sk_use_pmtu(sk) ? dst_mtu(rt) : (rt.dev as net_device).mtu;
  if (cork.fragsize < 68) return -ENETUNREACH;
  cork.gso_size = ipc.gso_size;
  cork.dst = rt;
  rtp.rt = null;
  cork.length = 0;
  cork.ttl = ipc.ttl;
  cork.tos = ipc.tos;
  cork.mark = ipc.sockc.mark;
  cork.priority = ipc.sockc.priority;
  cork.transmit_time = ipc.sockc.transmit_time;
  cork.tx_flags = __sock_tx_timestamp(ipc.sockc.tsflags);
  if ((ipc.sockc.tsflags & 0x80000000) !== 0) {
    cork.flags |= IPCORK_TS_OPT_ID;
    cork.ts_opt_id = ipc.sockc.ts_opt_id;
  }
  return 0;
}

/**
 * Appends data to what the socket is putting together.
 * @param rtp the route; taken over (set to null) by the first call for a packet
 * @returns 0 or a negative errno
 */
export function ip_append_data<F>(
  sk: sock,
  fl4: flowi4,
  getfrag: getfrag_t<F>,
  from: F,
  length: int,
  transhdrlen: int,
  ipc: ipcm_cookie,
  rtp: { rt: rtable | null },
  flags: uint,
): int {
  const inet = inet_sk(sk);
  if ((flags & MSG_PROBE) !== 0) return 0;
  if (skb_queue_empty(sk.sk_write_queue)) {
    const err = ip_setup_cork(sk, inet.cork.base, ipc, rtp);
    if (err !== 0) return err;
  } else transhdrlen = 0;
  return __ip_append_data(sk, fl4, sk.sk_write_queue, inet.cork.base, getfrag, from, length, transhdrlen, flags);
}

export function ip_cork_release(cork: inet_cork): void {
  cork.flags &= ~IPCORK_OPT;
  cork.opt = null;
  const dst = cork.dst;
  cork.dst = null;
  if (dst !== null) dst_release(dst);
}

/** Makes one packet, with an IP header, of all fragments in the queue; the further ones become its frag_list. */
export function __ip_make_skb(sk: sock, fl4: flowi4, queue: sk_buff_head, cork: inet_cork): sk_buff | null {
  const skb = __skb_dequeue(queue);
  if (skb === null) return null;
  const inet = inet_sk(sk);
  const net = sock_net(sk);
  const rt = cork.dst as rtable;
  if (skb.data < skb.network_header) __skb_pull(skb, skb_network_offset(skb));
  let tail: sk_buff | null = null;
  for (;;) {
    const tmp_skb = __skb_dequeue(queue);
    if (tmp_skb === null) break;
    __skb_pull(tmp_skb, skb_network_header_len(skb));
    if (tail === null) skb.shinfo.frag_list = tmp_skb;
    else tail.next = tmp_skb;
    tail = tmp_skb;
    skb.len += tmp_skb.len;
    skb.data_len += tmp_skb.len;
    skb.truesize += tmp_skb.truesize;
    tmp_skb.destructor = null;
    tmp_skb.sk = null;
  }
  // Whoever lets the path be fragmented leaves DF off, and what is already in fragments may be cut further.
  skb.ignore_df = ip_sk_ignore_df(sk) ? 1 : 0;
  const pmtudisc = inet.pmtudisc;
  let df = 0;
  if (
    pmtudisc === IP_PMTUDISC_DO ||
    pmtudisc === IP_PMTUDISC_PROBE ||
    (skb.len <= dst_mtu(rt) && ip_dont_fragment(sk, rt))
  ) {
    df = IP_DF_BE;
  }
  const opt = (cork.flags & IPCORK_OPT) !== 0 ? cork.opt : null;
  let ttl: int;
  if (cork.ttl !== 0) ttl = cork.ttl;
  else if (rt.rt_type === RTN_MULTICAST) ttl = inet.mc_ttl;
  else ttl = ip_select_ttl(inet, rt);

  const iph = ip_hdr(skb);
  skb.head[iph.off] = 0x45;
  iph.tos = cork.tos !== -1 ? cork.tos : inet.tos;
  iph.frag_off = df;
  iph.ttl = ttl;
  iph.protocol = sk.sk_protocol;
  ip_copy_addrs(iph, fl4);
  ip_select_ident(net, skb, sk);
  if (opt !== null) {
    iph.ihl += opt.optlen >> 2;
    ip_options_build(skb, opt, cork.addr, rt);
  }
  skb.priority = cork.priority;
  skb.mark = cork.mark;
  if (cork.transmit_time !== 0) skb_set_delivery_time(skb, cork.transmit_time, SKB_CLOCK_REALTIME);
  // The packet takes over the cork's reference to the route.
  cork.dst = null;
  skb_dst_set(skb, rt);
  if (iph.protocol === IPPROTO_ICMP) {
    // A raw socket's own header is counted by its type only where it is in the fragment.
    const icmp_type =
      sk.sk_type === SOCK_RAW && !inet_test_bit(INET_FLAGS_HDRINCL, sk) ? fl4.fl4_icmp_type : icmp_hdr(skb).type;
    icmp_out_count(net, icmp_type);
  }
  ip_cork_release(cork);
  return skb;
}

/** @returns 0 or a negative errno */
export function ip_send_skb(net: net, skb: sk_buff): int {
  let err = ip_local_out(net, skb.sk, skb);
  if (err !== 0) {
    if (err > 0) err = net_xmit_errno(err);
    if (err !== 0) IP_INC_STATS(net, IPSTATS_MIB_OUTDISCARDS);
  }
  return err;
}

/** Congestion is no error of the sender. @notrace */
export function net_xmit_errno(e: int): int {
  return e !== NET_XMIT_CN ? -ENOBUFS : 0;
}

/** Sends what the socket has put together. */
export function ip_push_pending_frames(sk: sock, fl4: flowi4): int {
  const skb = ip_finish_skb(sk, fl4);
  return skb === null ? 0 : ip_send_skb(sock_net(sk), skb);
}

/** @notrace */
export function ip_finish_skb(sk: sock, fl4: flowi4): sk_buff | null {
  return __ip_make_skb(sk, fl4, sk.sk_write_queue, inet_sk(sk).cork.base);
}

export function __ip_flush_pending_frames(_sk: sock, queue: sk_buff_head, cork: inet_cork): void {
  let skb: sk_buff | null;
  while ((skb = __skb_dequeue_tail(queue)) !== null) kfree_skb(skb);
  ip_cork_release(cork);
}

/** Throws away what the socket has put together. */
export function ip_flush_pending_frames(sk: sock): void {
  __ip_flush_pending_frames(sk, sk.sk_write_queue, inet_sk(sk).cork.base);
}

/**
 * One packet of one message, made apart from the socket's queue.
 * @returns the packet, null for MSG_PROBE, or a negative errno
 * @formerly ip_build_xmit 2.4
 */
export function ip_make_skb<F>(
  sk: sock,
  fl4: flowi4,
  getfrag: getfrag_t<F>,
  from: F,
  length: int,
  transhdrlen: int,
  ipc: ipcm_cookie,
  rtp: { rt: rtable | null },
  cork: inet_cork,
  flags: uint,
): sk_buff | int | null {
  if ((flags & MSG_PROBE) !== 0) return null;
  const queue = new sk_buff_head();
  let err = ip_setup_cork(sk, cork, ipc, rtp);
  if (err !== 0) return err;
  err = __ip_append_data(sk, fl4, queue, cork, getfrag, from, length, transhdrlen, flags);
  if (err !== 0) {
    __ip_flush_pending_frames(sk, queue, cork);
    return err;
  }
  return __ip_make_skb(sk, fl4, queue, cork);
}

/** Whether the socket may send at once: wait_for_wmem() would find nothing to wait for. @notrace */
export function wmem_ready(sk: sock): boolean {
  return sk.sk_err === 0 && (sk.sk_shutdown & SEND_SHUTDOWN) === 0 && sk_wmem_alloc_get(sk) < sk.sk_sndbuf;
}

/**
 * Waits until the socket may send, as sock_alloc_send_skb() does before it allocates.
 * @returns 0, -EAGAIN for a call that must not wait, -EPIPE, the socket's error, or -EINTR
 * @notrace
 */
export function* wait_for_wmem(sk: sock, flags: uint): Task<int> {
  let timeo = sock_sndtimeo(sk, (flags & MSG_DONTWAIT) !== 0);
  for (;;) {
    const err = sock_error(sk);
    if (err !== 0) return err;
    if ((sk.sk_shutdown & SEND_SHUTDOWN) !== 0) return -EPIPE;
    if (sk_wmem_alloc_get(sk) < sk.sk_sndbuf) return 0;
    if (sk.sk_socket !== null) sk.sk_socket.flags |= 1 << SOCK_NOSPACE;
    if (timeo === 0) return -EAGAIN;
    if (signal_pending(current())) return sock_intr_errno(timeo);
    timeo = yield* sock_wait_for_wmem(sk, timeo);
  }
}
