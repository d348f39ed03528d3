// Errors for IP_RECVERR: put on a socket's error queue, and read from it (net/ipv4/ip_sockglue.c; ip(7)).

import { EAGAIN } from '../../../include/linux/errno.js';
import {
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_LOCAL,
  SO_EE_ORIGIN_TIMESTAMPING,
  SKB_EXT_ERR,
} from '../../../include/linux/errqueue.js';
import { icmp_hdr } from '../../../include/linux/icmp.js';
import { IP_RECVERR } from '../../../include/linux/in.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import { MSG_ERRQUEUE, MSG_TRUNC, SOL_IP, sockaddr_in } from '../../../include/linux/socket.js';
import type { msghdr } from '../../../include/linux/socket.js';
import { INET_FLAGS_RECVERR, inet_cmsg_flags, inet_sk, inet_test_bit } from '../../../include/net/inet_sock.js';
import { put_cmsg } from '../../core/scm.js';
import { sock_dequeue_err_skb, sock_queue_err_skb, skb_copy_datagram_msg } from '../../core/skbuff.js';
import { sock_recv_timestamp } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  GFP_ATOMIC,
  alloc_skb,
  consume_skb,
  kfree_skb,
  skb_clone,
  skb_put,
  skb_reset_network_header,
  skb_reset_transport_header,
} from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { get_be32, put_be32 } from '../ip_options.js';
import { ip_cmsg_recv } from './cmsg.js';
import type { __be16, __be32, int, u32 } from '../../../include/linux/types.js';

/**
 * Queues what an ICMP error said.
 * @param skb the ICMP message, its data at the quoted packet's IP header
 * @param port, payload of the quoted packet: destination port (network order), offset of its data in head
 */
export function ip_icmp_error(sk: sock, skb: sk_buff, err: int, port: __be16, info: u32, payload: int): void {
  const copy = skb_clone(skb, GFP_ATOMIC);
  if (copy === null) return;
  const serr = SKB_EXT_ERR(copy);
  serr.reset();
  serr.ee.ee_errno = err;
  serr.ee.ee_origin = SO_EE_ORIGIN_ICMP;
  serr.ee.ee_type = icmp_hdr(skb).type;
  serr.ee.ee_code = icmp_hdr(skb).code;
  serr.ee.ee_info = info;
  // The address that the packet had been sent to: of the quoted header.
  serr.addr_offset = skb.data + 16 - skb.network_header;
  serr.port = port;
  const pull = payload - copy.data;
  if (pull <= copy.len - copy.data_len) {
    copy.data += pull;
    copy.len -= pull;
    skb_reset_transport_header(copy);
    if (sock_queue_err_skb(sk, copy) === 0) return;
  }
  kfree_skb(copy);
}

/** Queues an error that the host itself found, about a packet to that address. */
export function ip_local_error(sk: sock, err: int, daddr: __be32, port: __be16, info: u32): void {
  if (!inet_test_bit(INET_FLAGS_RECVERR, sk)) return;
  const skb = alloc_skb(20, GFP_ATOMIC);
  if (skb === null) return;
  skb_put(skb, 20);
  skb.head.fill(0, skb.data, skb.data + 20);
  skb_reset_network_header(skb);
  ip_hdr(skb).daddr = daddr;
  const serr = SKB_EXT_ERR(skb);
  serr.reset();
  serr.ee.ee_errno = err;
  serr.ee.ee_origin = SO_EE_ORIGIN_LOCAL;
  serr.ee.ee_info = info;
  serr.addr_offset = 16;
  serr.port = port;
  skb.data += 20;
  skb.len -= 20;
  skb_reset_transport_header(skb);
  if (sock_queue_err_skb(sk, skb) !== 0) kfree_skb(skb);
}

/** Whether the error came as a packet with addresses. @notrace */
function ipv4_datagram_support_cmsg(skb: sk_buff, ee_origin: int): boolean {
  return ee_origin === SO_EE_ORIGIN_ICMP || (ee_origin === SO_EE_ORIGIN_TIMESTAMPING && skb.network_header !== 0xffff);
}

/** recvmsg(MSG_ERRQUEUE). @returns bytes of the failed packet, -EAGAIN if there is no error */
export function ip_recv_error(sk: sock, msg: msghdr, len: int): int {
  const skb = sock_dequeue_err_skb(sk);
  if (skb === null) return -EAGAIN;
  let copied = skb.len;
  if (copied > len) {
    msg.msg_flags |= MSG_TRUNC;
    copied = len;
  }
  const err = skb_copy_datagram_msg(skb, 0, msg, copied);
  if (err !== 0) {
    kfree_skb(skb);
    return err;
  }
  sock_recv_timestamp(msg, sk, skb);
  const serr = SKB_EXT_ERR(skb);
  const support = ipv4_datagram_support_cmsg(skb, serr.ee.ee_origin);
  if (msg.msg_namelen !== 0 && (support || serr.ee.ee_origin === SO_EE_ORIGIN_LOCAL)) {
    msg.msg_name = new sockaddr_in(get_be32(skb.head, skb.network_header + serr.addr_offset), serr.port);
  }
  // struct sock_extended_err, then the address of the one who reported.
  const info = new Uint8Array(32);
  put_be32(info, 0, serr.ee.ee_errno);
  info[4] = serr.ee.ee_origin;
  info[5] = serr.ee.ee_type;
  info[6] = serr.ee.ee_code;
  put_be32(info, 8, serr.ee.ee_info);
  put_be32(info, 12, serr.ee.ee_data);
  if (support) {
    info[16] = 2;
    put_be32(info, 20, ip_hdr(skb).saddr);
    if (inet_cmsg_flags(inet_sk(sk)) !== 0) ip_cmsg_recv(msg, skb);
  }
  put_cmsg(msg, SOL_IP, IP_RECVERR, info);
  msg.msg_flags |= MSG_ERRQUEUE;
  consume_skb(skb);
  return copied;
}
