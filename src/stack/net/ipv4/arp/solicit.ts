// Asking for an address (net/ipv4/arp.c; RFC 826).

import { dev_hard_header, dev_net, LL_RESERVED_SPACE, type net_device } from '../../../include/linux/netdevice.js';
import { htons } from '../../../include/linux/byteorder.js';
import { ETH_P_ARP, ETH_P_IP } from '../../../include/linux/if_ether.js';
import { ARPHRD_ETHER, ARPOP_REQUEST, arp_hdr_len, arphdr } from '../../../include/linux/if_arp.js';
import { IFF_NOARP } from '../../../include/linux/if.js';
import { IN_DEV_ARP_ANNOUNCE, __in_dev_get_rcu } from '../../../include/linux/inetdevice.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import { RTN_LOCAL } from '../../../include/linux/rtnetlink.js';
import { RT_SCOPE_LINK } from '../../../include/linux/rtnetlink.js';
import {
  alloc_skb,
  skb_reserve,
  skb_reset_network_header,
  skb_dst,
  skb_dst_set,
  type sk_buff,
} from '../../../include/linux/skbuff.js';
import { dst_clone, type dst_entry } from '../../../include/net/dst.js';
import { NFPROTO_ARP, NF_ARP_OUT, NF_HOOK } from '../../../include/linux/netfilter.js';
import {
  NEIGH_VAR,
  NEIGH_VAR_APP_PROBES,
  NEIGH_VAR_UCAST_PROBES,
  NUD_VALID,
  neigh_ha_snapshot,
  type neighbour,
} from '../../../include/net/neighbour.js';
import type { net } from '../../../include/net/net_namespace.js';
import type { sock } from '../../../include/net/sock.js';
import type { __be32, int } from '../../../include/linux/types.js';
import { dev_queue_xmit } from '../../core/dev.js';
import { kfree_skb, skb_put } from '../../core/skbuff.js';
import { inet_addr_onlink, inet_select_addr } from '../devinet.js';
import { inet_addr_type_dev_table } from '../fib_frontend.js';

/** The neighbour table wants an address: the question is broadcast, or sent to the address known so far. */
export function arp_solicit(neigh: neighbour, skb: sk_buff | null): void {
  const { dev } = neigh;
  const target = neigh.primary_key;
  const in_dev = __in_dev_get_rcu(dev);
  if (in_dev === null) return;
  let saddr: __be32 = 0;
  switch (IN_DEV_ARP_ANNOUNCE(in_dev)) {
    case 1:
      // The packet's own source, if it is one of ours on the target's subnet.
      if (skb !== null) {
        saddr = ip_hdr(skb).saddr;
        if (
          inet_addr_type_dev_table(dev_net(dev), dev, saddr) !== RTN_LOCAL ||
          !inet_addr_onlink(in_dev, target, saddr)
        ) {
          saddr = 0;
        }
      }
      break;
    case 2:
      break;
    default:
      if (skb !== null && inet_addr_type_dev_table(dev_net(dev), dev, ip_hdr(skb).saddr) === RTN_LOCAL) {
        saddr = ip_hdr(skb).saddr;
      }
  }
  if (saddr === 0) saddr = inet_select_addr(dev, target, RT_SCOPE_LINK);

  let dst_ha: Uint8Array | null = null;
  const unicast = NEIGH_VAR(neigh.parms, NEIGH_VAR_UCAST_PROBES);
  if (neigh.probes < unicast) {
    if ((neigh.nud_state & NUD_VALID) !== 0) {
      dst_ha = new Uint8Array(dev.addr_len);
      neigh_ha_snapshot(dst_ha, neigh, dev);
    }
  } else if (neigh.probes - unicast < NEIGH_VAR(neigh.parms, NEIGH_VAR_APP_PROBES)) {
    return;
  }
  const dst = skb === null ? null : skb_dst(skb);
  arp_send_dst(ARPOP_REQUEST, htons(ETH_P_ARP), target, dev, saddr, dst_ha, dev.dev_addr, null, dst);
}

/**
 * Makes and sends an ARP packet.
 * @param type ARPOP_*
 * @param ptype ETH_P_ARP, in network byte order
 * @param dest_hw where it goes; null: to all
 * @param target_hw what stands in the packet; null: zeros
 * @param dst a destination that the packet takes over, for tunnels
 * @formerly arp_send 2.4-6.x
 */
export function arp_send_dst(
  type: int,
  ptype: int,
  dest_ip: __be32,
  dev: net_device,
  src_ip: __be32,
  dest_hw: Uint8Array | null,
  src_hw: Uint8Array | null,
  target_hw: Uint8Array | null,
  dst: dst_entry | null,
): void {
  if ((dev.flags & IFF_NOARP) !== 0) return;
  const skb = arp_create(type, ptype, dest_ip, dev, src_ip, dest_hw, src_hw, target_hw);
  if (skb === null) return;
  if (dst !== null) skb_dst_set(skb, dst_clone(dst));
  arp_xmit(skb);
}

/** As arp_send_dst(), without a destination to take over. @notrace */
export function arp_send(
  type: int,
  ptype: int,
  dest_ip: __be32,
  dev: net_device,
  src_ip: __be32,
  dest_hw: Uint8Array | null,
  src_hw: Uint8Array | null,
  target_hw: Uint8Array | null,
): void {
  arp_send_dst(type, ptype, dest_ip, dev, src_ip, dest_hw, src_hw, target_hw, null);
}

/** @returns the packet with its link-layer header, or null @EXPORT_SYMBOL */
export function arp_create(
  type: int,
  ptype: int,
  dest_ip: __be32,
  dev: net_device,
  src_ip: __be32,
  dest_hw: Uint8Array | null,
  src_hw: Uint8Array | null,
  target_hw: Uint8Array | null,
): sk_buff | null {
  const hlen = LL_RESERVED_SPACE(dev);
  const skb = alloc_skb(arp_hdr_len(dev) + hlen + dev.needed_tailroom, 0);
  skb_reserve(skb, hlen);
  skb_reset_network_header(skb);
  const at = skb_put(skb, arp_hdr_len(dev));
  skb.dev = dev;
  skb.protocol = htons(ETH_P_ARP);
  const source = src_hw ?? dev.dev_addr;
  if (
    dev_hard_header(skb, dev, ptype === htons(ETH_P_ARP) ? ETH_P_ARP : 0, dest_hw ?? dev.broadcast, source, skb.len) < 0
  ) {
    kfree_skb(skb);
    return null;
  }
  const arp = new arphdr(skb.head, at);
  arp.ar_hrd = htons(dev.type === 0 ? ARPHRD_ETHER : dev.type);
  arp.ar_pro = htons(ETH_P_IP);
  arp.ar_hln = dev.addr_len;
  arp.ar_pln = 4;
  arp.ar_op = htons(type);
  const { head } = skb;
  const length = dev.addr_len;
  let offset = at + 8;
  for (let i = 0; i < length; i++) head[offset++] = source[i];
  offset = put_address(head, offset, src_ip);
  for (let i = 0; i < length; i++) head[offset++] = target_hw === null ? 0 : target_hw[i];
  put_address(head, offset, dest_ip);
  return skb;
}

/** @notrace */
function put_address(head: Uint8Array, at: number, address: __be32): number {
  head[at] = address & 255;
  head[at + 1] = (address >>> 8) & 255;
  head[at + 2] = (address >>> 16) & 255;
  head[at + 3] = address >>> 24;
  return at + 4;
}

export function arp_xmit_finish(_net: net, _sk: sock | null, skb: sk_buff): int {
  return dev_queue_xmit(skb);
}

/** @EXPORT_SYMBOL */
export function arp_xmit(skb: sk_buff): void {
  const dev = skb.dev as net_device;
  NF_HOOK(NFPROTO_ARP, NF_ARP_OUT, dev_net(dev), null, skb, null, dev, arp_xmit_finish);
}
