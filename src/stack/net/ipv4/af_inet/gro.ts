// Segmentation and merging of IPv4 packets (net/ipv4/af_inet.c).

import { htons, ntohs } from '../../../include/linux/byteorder.js';
import { EINVAL, EPROTONOSUPPORT } from '../../../include/linux/errno.js';
import { SIZEOF_IPHDR, iphdr } from '../../../include/linux/ip.js';
import type { netdev_features_t } from '../../../include/linux/netdev_features.js';
import { IPPROTO_UDP } from '../../../include/linux/in.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import {
  SKB_GSO_TCP_FIXEDID,
  SKB_GSO_UDP,
  SKB_GSO_UDP_L4,
  __skb_pull,
  pskb_may_pull,
  skb_reset_network_header,
  skb_reset_transport_header,
} from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import {
  NAPI_GRO_CB,
  skb_gro_flush_final,
  skb_gro_header,
  skb_gro_len,
  skb_gro_offset,
  skb_gro_pull,
} from '../../../include/net/gro.js';
import type { gro_list } from '../../../include/net/gro.js';
import { IP_DF_BE, IP_MF_BE, IP_OFFSET_BE, ip_send_check } from '../../../include/net/ip.js';
import { csum_replace2, ip_fast_csum } from '../../../include/net/checksum.js';
import type { int } from '../../../include/linux/types.js';

/** Cuts a packet into segments, each with an IP header of its own. @returns them, null, or a negative errno @EXPORT_SYMBOL */
export function inet_gso_segment(skb: sk_buff, features: netdev_features_t): sk_buff | null | int {
  skb_reset_network_header(skb);
  if (!pskb_may_pull(skb, SIZEOF_IPHDR)) return -EINVAL;
  const iph0 = new iphdr(skb.head, skb.network_header);
  const ihl = iph0.ihl * 4;
  if (ihl < SIZEOF_IPHDR || !pskb_may_pull(skb, ihl)) return -EINVAL;
  let id = ntohs(iph0.id);
  const proto = iph0.protocol;
  __skb_pull(skb, ihl);
  skb_reset_transport_header(skb);
  const fixedid = (skb.shinfo.gso_type & SKB_GSO_TCP_FIXEDID) !== 0;
  const nhoff = skb.network_header - skb.mac_header;
  const udpfrag =
    proto === IPPROTO_UDP && (skb.shinfo.gso_type & SKB_GSO_UDP) !== 0 && (skb.shinfo.gso_type & SKB_GSO_UDP_L4) === 0;
  const ops = (skb.dev as net_device).nd_net.kernel.inet_offloads[proto];
  if (ops === null || ops.callbacks.gso_segment === undefined) return -EPROTONOSUPPORT;
  const segs = ops.callbacks.gso_segment(skb, features);
  if (segs === null || typeof segs === 'number') return segs;
  let offset = 0;
  for (let seg: sk_buff | null = segs; seg !== null; seg = seg.next) {
    const iph = new iphdr(seg.head, seg.mac_header + nhoff);
    const tot_len = seg.len - nhoff;
    if (udpfrag) {
      iph.frag_off = htons((offset >> 3) | (seg.next !== null ? 0x2000 : 0));
      offset += tot_len - ihl;
    } else if (!fixedid) {
      iph.id = htons(id & 0xffff);
      id++;
    }
    iph.tot_len = htons(tot_len);
    ip_send_check(iph);
    seg.network_header = iph.off;
    seg.mac_len = seg.network_header - seg.mac_header;
  }
  return segs;
}

/** Merges a packet into one that is held, if it follows it in its flow. @returns an skb to be passed up, or null @EXPORT_SYMBOL */
export function inet_gro_receive(head: gro_list, skb: sk_buff): sk_buff | null {
  const off = skb_gro_offset(skb);
  const hlen = off + SIZEOF_IPHDR;
  const at = skb_gro_header(skb, hlen, off);
  let pp: sk_buff | null = null;
  let flush = 1;
  if (at >= 0) {
    const iph = new iphdr(skb.head, at);
    const ops = (skb.dev as net_device).nd_net.kernel.inet_offloads[iph.protocol];
    const b = skb.head;
    const is_fragment = (iph.frag_off & (IP_MF_BE | IP_OFFSET_BE)) !== 0;
    if (ops?.callbacks.gro_receive !== undefined && b[at] === 0x45 && !is_fragment && ip_fast_csum(b, at, 5) === 0) {
      NAPI_GRO_CB(skb).proto = iph.protocol;
      // A packet with padding behind it, or without DF and ids that count up, is not merged.
      flush = ntohs(iph.tot_len) !== skb_gro_len(skb) ? 1 : 0;
      for (const p of head.list) {
        if (NAPI_GRO_CB(p).same_flow === 0) continue;
        const iph2 = new iphdr(p.head, p.data + off);
        const same = iph.protocol === iph2.protocol && iph.saddr === iph2.saddr && iph.daddr === iph2.daddr;
        if (!same) {
          NAPI_GRO_CB(p).same_flow = 0;
          continue;
        }
        const expected = (ntohs(iph2.id) + NAPI_GRO_CB(p).count) & 0xffff;
        const df = (iph.frag_off & IP_DF_BE) !== 0;
        const differs =
          iph.ttl !== iph2.ttl || iph.tos !== iph2.tos || ((iph.frag_off ^ iph2.frag_off) & IP_DF_BE) !== 0;
        if (differs) NAPI_GRO_CB(p).flush |= 1;
        if (ntohs(iph.id) !== expected) {
          if (df && iph.id === iph2.id) NAPI_GRO_CB(p).ip_fixedid = 1;
          else NAPI_GRO_CB(p).flush |= 1;
        }
      }
      NAPI_GRO_CB(skb).flush |= flush;
      NAPI_GRO_CB(skb).network_offsets[NAPI_GRO_CB(skb).encap_mark] = off;
      skb_gro_pull(skb, SIZEOF_IPHDR);
      skb.transport_header = skb.data + skb_gro_offset(skb);
      pp = ops.callbacks.gro_receive(head, skb);
      flush = NAPI_GRO_CB(skb).flush;
    }
  }
  skb_gro_flush_final(skb, pp, flush);
  return pp;
}

/** Finishes a merged packet: the header's length. @returns 0 or a negative errno @EXPORT_SYMBOL */
export function inet_gro_complete(skb: sk_buff, nhoff: int): int {
  const iph = new iphdr(skb.head, skb.data + nhoff);
  const newlen = htons(skb.len - nhoff);
  iph.check = csum_replace2(iph.check, iph.tot_len, newlen);
  iph.tot_len = newlen;
  const ops = (skb.dev as net_device).nd_net.kernel.inet_offloads[iph.protocol];
  if (ops?.callbacks.gro_complete === undefined) return -EINVAL;
  return ops.callbacks.gro_complete(skb, nhoff + SIZEOF_IPHDR);
}
