// Frames that packet sockets send (net/packet/af_packet.c).

import { htons } from '../../include/linux/byteorder.js';
import { EINVAL, EMSGSIZE, ENETDOWN, ENXIO } from '../../include/linux/errno.js';
import { IFF_UP } from '../../include/linux/if.js';
import { ETH_P_ALL, ETH_P_802_2, ETH_P_802_3_MIN, ethhdr } from '../../include/linux/if_ether.js';
import type { sockaddr_ll } from '../../include/linux/if_packet.js';
import { SOCK_RAW } from '../../include/linux/net.js';
import type { socket } from '../../include/linux/net.js';
import { dev_hard_header, net_xmit_errno } from '../../include/linux/netdevice.js';
import type { net_device } from '../../include/linux/netdevice.js';
import type { Task } from '../../include/linux/sched.js';
import { skb_reset_mac_header, skb_reset_network_header } from '../../include/linux/skbuff/header.js';
import { __skb_put, skb_reserve } from '../../include/linux/skbuff/room.js';
import type { sk_buff } from '../../include/linux/skbuff/struct.js';
import { MSG_DONTWAIT } from '../../include/linux/socket.js';
import type { msghdr } from '../../include/linux/socket.js';
import type { __be16, int, size_t } from '../../include/linux/types.js';
import { copy_from_iter } from '../../include/linux/uio.js';
import { sock_net } from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock/struct.js';
import { LL_RESERVED_SPACE } from '../../include/linux/netdevice.js';
import { __dev_get_by_index, dev_queue_xmit } from '../core/dev.js';
import { kfree_skb } from '../core/skbuff.js';
import { skb_setup_tx_timestamp, sock_alloc_send_skb, sock_cmsg_send, sockcm_init } from '../core/sock.js';
import { pkt_sk } from './internal.js';

/** The protocol of a frame whose sender gave none: what its header says. */
function packet_parse_protocol(skb: sk_buff): __be16 {
  const proto = new ethhdr(skb.head, skb.mac_header).h_proto;
  const host = ((proto & 0xff) << 8) | (proto >>> 8);
  return host >= ETH_P_802_3_MIN ? proto : htons(ETH_P_802_2);
}

function* packet_snd(sock: socket, msg: msghdr, len: size_t): Task<int> {
  const sk = sock.sk as sock;
  const po = pkt_sk(sk);
  const saddr = msg.msg_name as sockaddr_ll | null;
  let proto = po.num;
  let addr: Uint8Array | null = null;
  let ifindex = po.ifindex;
  if (saddr !== null && msg.msg_namelen > 0) {
    if (!('sll_family' in saddr)) return -EINVAL;
    proto = saddr.sll_protocol;
    ifindex = saddr.sll_ifindex;
    if (sock.type !== SOCK_RAW) addr = saddr.sll_addr.subarray(0, saddr.sll_halen);
  }
  const dev = __dev_get_by_index(sock_net(sk), ifindex);
  if (dev === null) return -ENXIO;
  if ((dev.flags & IFF_UP) === 0) return -ENETDOWN;
  const sockc = sockcm_init(sk);
  const bad = sock_cmsg_send(sk, msg, sockc);
  if (bad !== 0) return bad;
  const raw = sock.type === SOCK_RAW;
  const reserve = raw ? dev.hard_header_len : 0;
  if (len > dev.mtu + reserve + 4) return -EMSGSIZE;
  if (raw && len < dev.hard_header_len) return -EINVAL;
  if (addr !== null && addr.length < dev.addr_len) return -EINVAL;

  const err = { value: 0 };
  const hlen = LL_RESERVED_SPACE(dev);
  const skb = yield* sock_alloc_send_skb(sk, hlen + len + dev.needed_tailroom, msg.msg_flags & MSG_DONTWAIT, err);
  if (skb === null) return err.value;
  skb_reserve(skb, hlen);
  skb_reset_network_header(skb);
  const failed = fill(skb, dev, msg, len, raw, proto, addr);
  if (failed !== 0) {
    kfree_skb(skb);
    return failed;
  }
  skb.dev = dev;
  skb.protocol = proto;
  if (raw && (proto === 0 || proto === htons(ETH_P_ALL))) skb.protocol = packet_parse_protocol(skb);
  skb.priority = sockc.priority;
  skb.mark = sockc.mark;
  if (sockc.transmit_time !== 0) {
    skb.tstamp = sockc.transmit_time;
    skb.tstamp_type = 1;
  }
  skb_setup_tx_timestamp(skb, sockc);
  const rc = dev_queue_xmit(skb);
  const errno = rc > 0 ? net_xmit_errno(rc) : rc;
  return errno !== 0 ? errno : len;
}

/** Puts header and data in. @returns 0 or a negative errno @notrace */
function fill(
  skb: sk_buff,
  dev: net_device,
  msg: msghdr,
  len: size_t,
  raw: boolean,
  proto: __be16,
  addr: Uint8Array | null,
): int {
  const at = __skb_put(skb, len);
  if (copy_from_iter(skb.head, at, len, msg.msg_iter) !== len) return -EINVAL;
  if (raw) {
    skb_reset_mac_header(skb);
    skb.network_header = skb.data + dev.hard_header_len;
    return 0;
  }
  const host = ((proto & 0xff) << 8) | (proto >>> 8);
  if (dev_hard_header(skb, dev, host, addr, null, len) < 0) return -EINVAL;
  skb_reset_mac_header(skb);
  return 0;
}

export function* packet_sendmsg(sock: socket, msg: msghdr, len: size_t): Task<int> {
  return yield* packet_snd(sock, msg, len);
}
