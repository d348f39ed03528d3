// Packets that packet sockets see (net/packet/af_packet.c).

import { EINVAL, ENETDOWN } from '../../include/linux/errno.js';
import {
  PACKET_LOOPBACK,
  PACKET_OUTGOING,
  TP_STATUS_CSUMNOTREADY,
  TP_STATUS_CSUM_VALID,
  TP_STATUS_VLAN_VALID,
  sockaddr_ll,
} from '../../include/linux/if_packet.js';
import { PACKET_AUXDATA } from '../../include/linux/if_packet.js';
import { SOCK_DGRAM } from '../../include/linux/net.js';
import type { socket } from '../../include/linux/net.js';
import { dev_has_header, dev_parse_header } from '../../include/linux/netdevice.js';
import type { net_device, packet_type } from '../../include/linux/netdevice.js';
import type { Task } from '../../include/linux/sched.js';
import { CHECKSUM_COMPLETE, CHECKSUM_PARTIAL, GFP_ATOMIC } from '../../include/linux/skbuff/constants.js';
import { nf_reset_ct } from '../../include/linux/skbuff/meta.js';
import { __skb_queue_tail } from '../../include/linux/skbuff/queue.js';
import { skb_shared } from '../../include/linux/skbuff/refs.js';
import { pskb_trim } from '../../include/linux/skbuff/room.js';
import { skb_csum_unnecessary } from '../../include/linux/skbuff/csum.js';
import type { sk_buff } from '../../include/linux/skbuff/struct.js';
import { MSG_DONTWAIT, MSG_ERRQUEUE, MSG_PEEK, MSG_TRUNC, SOL_PACKET } from '../../include/linux/socket.js';
import type { msghdr } from '../../include/linux/socket.js';
import type { int, size_t, uint } from '../../include/linux/types.js';
import { SKB_DROP_REASON_PACKET_SOCK_ERROR } from '../../include/net/dropreason.js';
import { skb_dst_drop } from '../../include/net/dst.js';
import { skb_set_owner_r } from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock/struct.js';
import { skb_copy_datagram_msg, skb_free_datagram, skb_recv_datagram } from '../core/datagram.js';
import { bpf_prog_run } from '../core/filter.js';
import { put_cmsg, sock_recv_cmsgs, sock_recv_errqueue } from '../core/sock.js';
import { consume_skb, kfree_skb_reason, skb_clone, skb_pull, skb_push } from '../core/skbuff.js';
import { PACKET_SKB_CB, pkt_sk } from './internal.js';

/** What the socket's filter wants of the packet. @returns bytes */
function run_filter(skb: sk_buff, sk: sock, res: uint): uint {
  return sk.sk_filter === null ? res : bpf_prog_run(sk.sk_filter.prog, skb);
}

/** Where the packet came from and what it is. @notrace */
function fill_ll(skb: sk_buff, sll: sockaddr_ll, dev: net_device, orig_dev: net_device | null, origdev: boolean): void {
  sll.sll_hatype = dev.type;
  sll.sll_pkttype = skb.pkt_type;
  sll.sll_protocol = skb.protocol;
  sll.sll_ifindex = origdev && orig_dev !== null ? orig_dev.ifindex : dev.ifindex;
  const at = skb.data;
  sll.sll_halen = dev_parse_header(skb, sll.sll_addr);
  skb.data = at;
}

/** A packet for a packet socket. It may be shared: others see it as it was. */
export function packet_rcv(skb: sk_buff, dev: net_device, pt: packet_type, orig_dev: net_device | null): int {
  if (skb.pkt_type === PACKET_LOOPBACK) {
    consume_skb(skb);
    return 0;
  }
  const sk = pt.af_packet_priv as sock;
  const po = pkt_sk(sk);
  const skb_data = skb.data;
  const skb_len = skb.len;
  skb.dev = dev;
  if (dev_has_header(dev)) {
    if (sk.sk_type !== SOCK_DGRAM) skb_push(skb, skb.data - skb.mac_header);
    else if (skb.pkt_type === PACKET_OUTGOING) skb_pull(skb, skb.network_header - skb.data);
  }
  const wanted = run_filter(skb, sk, skb.len);
  if (wanted === 0) {
    restore(skb, skb_data, skb_len);
    consume_skb(skb);
    return 0;
  }
  const snaplen = Math.min(wanted, skb.len);
  if (sk.sk_rmem_alloc >= sk.sk_rcvbuf) return account_drop(skb, sk, skb_data, skb_len);
  if (skb_shared(skb)) {
    const nskb = skb_clone(skb, GFP_ATOMIC);
    restore(skb, skb_data, skb_len);
    if (nskb === null) return account_drop(skb, sk, skb.data, skb.len);
    consume_skb(skb);
    skb = nskb;
  }
  const cb = PACKET_SKB_CB(skb);
  fill_ll(skb, cb.ll, dev, orig_dev, po.origdev);
  cb.origlen = skb.len;
  if (pskb_trim(skb, snaplen) !== 0) return account_drop(skb, sk, skb.data, skb.len);
  skb_set_owner_r(skb, sk);
  skb.dev = null;
  skb_dst_drop(skb);
  nf_reset_ct(skb);
  po.stats.tp_packets++;
  __skb_queue_tail(sk.sk_receive_queue, skb);
  sk.sk_data_ready(sk);
  return 0;
}

/** @notrace */
function restore(skb: sk_buff, data: int, len: uint): void {
  if (skb.data !== data) {
    skb.data = data;
    skb.len = len;
  }
}

/** @notrace */
function account_drop(skb: sk_buff, sk: sock, data: int, len: uint): int {
  pkt_sk(sk).stats.tp_drops++;
  sk.sk_drops++;
  restore(skb, data, len);
  kfree_skb_reason(skb, SKB_DROP_REASON_PACKET_SOCK_ERROR);
  return 0;
}

/** struct tpacket_auxdata: status, length, captured length, offsets, vlan tag. @notrace */
function auxdata(skb: sk_buff): Uint8Array {
  const data = new Uint8Array(20);
  const view = new DataView(data.buffer);
  let status = 1;
  if (skb.ip_summed === CHECKSUM_PARTIAL) status |= TP_STATUS_CSUMNOTREADY;
  else if (skb.pkt_type !== PACKET_OUTGOING && (skb.ip_summed === CHECKSUM_COMPLETE || skb_csum_unnecessary(skb))) {
    status |= TP_STATUS_CSUM_VALID;
  }
  if (skb.vlan_all !== 0) status |= TP_STATUS_VLAN_VALID;
  view.setUint32(0, status, true);
  view.setUint32(4, PACKET_SKB_CB(skb).origlen, true);
  view.setUint32(8, skb.len, true);
  view.setUint16(14, Math.max(0, skb.network_header - skb.data), true);
  view.setUint16(16, skb.vlan_tci, true);
  view.setUint16(18, skb.vlan_proto, true);
  return data;
}

export function* packet_recvmsg(sock: socket, msg: msghdr, len: size_t, flags: int): Task<int> {
  const sk = sock.sk as sock;
  if ((flags & ~(MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC | MSG_ERRQUEUE)) !== 0) return -EINVAL;
  if (pkt_sk(sk).ifindex < 0) return -ENETDOWN;
  if ((flags & MSG_ERRQUEUE) !== 0) return sock_recv_errqueue(sk, msg, len, SOL_PACKET, 13);
  const err = { value: 0 };
  const skb = yield* skb_recv_datagram(sk, flags, err);
  if (skb === null) return err.value;
  let copied = skb.len;
  if (copied > len) {
    copied = len;
    msg.msg_flags |= MSG_TRUNC;
  }
  const failed = skb_copy_datagram_msg(skb, 0, msg, copied);
  if (failed !== 0) {
    skb_free_datagram(sk, skb);
    return failed;
  }
  sock_recv_cmsgs(msg, sk, skb);
  const cb = PACKET_SKB_CB(skb);
  if (msg.msg_namelen > 0) {
    msg.msg_name = Object.assign(new sockaddr_ll(), cb.ll, { sll_addr: cb.ll.sll_addr.slice() });
    msg.msg_namelen = 20;
  }
  if (pkt_sk(sk).auxdata) put_cmsg(msg, SOL_PACKET, PACKET_AUXDATA, auxdata(skb));
  const result = (flags & MSG_TRUNC) !== 0 ? skb.len : copied;
  skb_free_datagram(sk, skb);
  return result;
}
