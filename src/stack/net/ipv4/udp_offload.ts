// UDP segmentation and merging (net/ipv4/udp_offload.c): datagrams of one size in one large skb (UDP_SEGMENT, UDP_GRO).
// Tunnels, and fragmentation offload (UFO), are left out.

import { htons, ntohs } from '../../include/linux/byteorder.js';
import { EINVAL } from '../../include/linux/errno.js';
import { IPPROTO_UDP } from '../../include/linux/in.js';
import { ip_hdr, iphdr } from '../../include/linux/ip.js';
import type { netdev_features_t } from '../../include/linux/netdev_features.js';
import type { net_device } from '../../include/linux/netdevice.js';
import {
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  SKB_GSO_UDP_L4,
  __skb_pull,
  __skb_push,
  pskb_may_pull,
} from '../../include/linux/skbuff.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import { SIZEOF_UDPHDR, UDP_FLAGS_GRO_ENABLED, udp_hdr, udp_test_bit, udphdr } from '../../include/linux/udp.js';
import { CSUM_MANGLED_0, csum_tcpudp_magic, csum_tcpudp_nofold } from '../../include/net/checksum.js';
import {
  NAPI_GRO_CB,
  __skb_gro_checksum_validate,
  skb_gro_header,
  skb_gro_len,
  skb_gro_offset,
  skb_gro_pull,
} from '../../include/net/gro.js';
import type { gro_list } from '../../include/net/gro.js';
import type { sock } from '../../include/net/sock.js';
import type { Kernel } from '../../kernel/kernel.js';
import { skb_gro_receive } from '../core/gro.js';
import { consume_skb, skb_checksum, skb_segment } from '../core/skbuff.js';
import { inet_add_offload } from './protocol.js';
import { __udp4_lib_lookup } from './udp.js';
import type { int } from '../../include/linux/types.js';

/** Cuts a large datagram of UDP_SEGMENT into those that it stands for. @returns them, or a negative errno @EXPORT_SYMBOL */
export function __udp_gso_segment(
  gso_skb: sk_buff,
  features: netdev_features_t,
  _is_ipv6: boolean,
): sk_buff | null | int {
  const mss = gso_skb.shinfo.gso_size;
  if (gso_skb.len <= SIZEOF_UDPHDR + mss || mss === 0) return -EINVAL;
  const src = ip_hdr(gso_skb).saddr;
  const dst = ip_hdr(gso_skb).daddr;
  __skb_pull(gso_skb, SIZEOF_UDPHDR);
  const segs = skb_segment(gso_skb, features);
  __skb_push(gso_skb, SIZEOF_UDPHDR);
  if (segs === null || typeof segs === 'number') return segs;
  for (let seg: sk_buff | null = segs; seg !== null; seg = seg.next) {
    const uh = udp_hdr(seg);
    const len = seg.len - (seg.transport_header - seg.data);
    uh.len = htons(len);
    if (seg.ip_summed === CHECKSUM_PARTIAL) {
      seg.csum_start = seg.transport_header;
      seg.csum_offset = 6;
      uh.check = ~csum_tcpudp_magic(src, dst, len, IPPROTO_UDP, 0) & 0xffff;
      continue;
    }
    uh.check = 0;
    const csum = skb_checksum(seg, seg.transport_header - seg.data, len, 0);
    const check = csum_tcpudp_magic(src, dst, len, IPPROTO_UDP, csum);
    uh.check = check !== 0 ? check : CSUM_MANGLED_0;
    seg.ip_summed = CHECKSUM_UNNECESSARY;
  }
  return segs;
}

export function udp4_ufo_fragment(skb: sk_buff, features: netdev_features_t): sk_buff | null | int {
  if (!pskb_may_pull(skb, SIZEOF_UDPHDR)) return -EINVAL;
  if ((skb.shinfo.gso_type & SKB_GSO_UDP_L4) === 0) return -EINVAL;
  return __udp_gso_segment(skb, features, false);
}

/** Merged datagrams become single ones again, for a socket that did not ask for UDP_GRO. */
export function udp_rcv_segment(_sk: sock, skb: sk_buff): sk_buff | null {
  __skb_push(skb, skb.data - skb.mac_header);
  const nhlen = skb.transport_header - skb.data;
  __skb_pull(skb, nhlen);
  const segs = __udp_gso_segment(skb, 0, false);
  if (segs === null || typeof segs === 'number') return skb;
  consume_skb(skb);
  return segs;
}

/** Appends a datagram to those held of its flow, if it is as long as they are. */
export function udp_gro_receive_segment(head: gro_list, skb: sk_buff): sk_buff | null {
  const at = skb.data + skb_gro_offset(skb);
  const uh = new udphdr(skb.head, at);
  const ulen = ntohs(uh.len);
  // A datagram without checksum, or with IP data behind its end, is not merged.
  if (uh.check === 0 || ulen <= SIZEOF_UDPHDR || ulen !== skb_gro_len(skb)) {
    NAPI_GRO_CB(skb).flush = 1;
    return null;
  }
  skb_gro_pull(skb, SIZEOF_UDPHDR);
  const off = skb_gro_offset(skb) - SIZEOF_UDPHDR;
  for (const p of head.list) {
    if (NAPI_GRO_CB(p).same_flow === 0) continue;
    const uh2 = new udphdr(p.head, p.data + off);
    if (uh.source !== uh2.source || uh.dest !== uh2.dest) {
      NAPI_GRO_CB(p).same_flow = 0;
      continue;
    }
    if (NAPI_GRO_CB(p).flush !== 0) {
      NAPI_GRO_CB(skb).flush = 1;
      return p;
    }
    // A longer one begins a new train; a shorter one is the last of this.
    const ulen2 = ntohs(uh2.len);
    if (ulen > ulen2 || skb_gro_receive(p, skb) !== 0 || ulen !== ulen2 || NAPI_GRO_CB(p).count >= 64) return p;
    return null;
  }
  return null;
}

/** @returns an skb to be passed up, or null @EXPORT_SYMBOL */
export function udp4_gro_receive(head: gro_list, skb: sk_buff): sk_buff | null {
  const off = skb_gro_offset(skb);
  const at = skb_gro_header(skb, off + SIZEOF_UDPHDR, off);
  if (at < 0) {
    NAPI_GRO_CB(skb).flush = 1;
    return null;
  }
  const uh = new udphdr(skb.head, at);
  const dev = skb.dev as net_device;
  const iph = new iphdr(skb.head, skb.data + NAPI_GRO_CB(skb).network_offsets[NAPI_GRO_CB(skb).encap_mark]);
  const sk = __udp4_lib_lookup(dev.nd_net, iph.saddr, uh.source, iph.daddr, uh.dest, dev.ifindex, 0, skb);
  if (sk === null || !udp_test_bit(UDP_FLAGS_GRO_ENABLED, sk)) {
    NAPI_GRO_CB(skb).flush = 1;
    return null;
  }
  const psum = csum_tcpudp_nofold(iph.saddr, iph.daddr, skb_gro_len(skb), IPPROTO_UDP, 0);
  if (__skb_gro_checksum_validate(skb, true, uh.check, psum) !== 0) {
    NAPI_GRO_CB(skb).flush = 1;
    return null;
  }
  return udp_gro_receive_segment(head, skb);
}

/** @returns 0 @EXPORT_SYMBOL */
export function udp4_gro_complete(skb: sk_buff, nhoff: int): int {
  const uh = new udphdr(skb.head, skb.data + nhoff);
  const newlen = skb.len - nhoff;
  uh.len = htons(newlen & 0xffff);
  const iph = new iphdr(skb.head, skb.data + nhoff - 20);
  skb.csum_start = skb.data + nhoff;
  skb.csum_offset = 6;
  skb.ip_summed = CHECKSUM_PARTIAL;
  uh.check = ~csum_tcpudp_magic(iph.saddr, iph.daddr, newlen, IPPROTO_UDP, 0) & 0xffff;
  skb.shinfo.gso_type |= SKB_GSO_UDP_L4;
  skb.shinfo.gso_segs = NAPI_GRO_CB(skb).count;
  return 0;
}

export function udpv4_offload_init(kernel: Kernel): int {
  return inet_add_offload(
    kernel,
    {
      callbacks: { gso_segment: udp4_ufo_fragment, gro_receive: udp4_gro_receive, gro_complete: udp4_gro_complete },
      flags: 0,
    },
    IPPROTO_UDP,
  );
}
