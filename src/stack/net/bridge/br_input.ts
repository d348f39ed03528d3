// Frames that come in by a port of a bridge (net/bridge/br_input.c).

import { NF_HOOK, NFPROTO_BRIDGE } from '../../include/linux/netfilter.js';
import { PACKET_HOST, PACKET_LOOPBACK } from '../../include/linux/if_packet.js';
import { IFF_PROMISC } from '../../include/linux/if.js';
import { RX_HANDLER_CONSUMED, RX_HANDLER_PASS } from '../../include/linux/netdevice.js';
import type { net_device } from '../../include/linux/netdevice.js';
import { GFP_ATOMIC } from '../../include/linux/skbuff/constants.js';
import { skb_share_check } from '../../include/linux/skbuff/refs.js';
import type { sk_buff } from '../../include/linux/skbuff/struct.js';
import type { int } from '../../include/linux/types.js';
import {
  SKB_DROP_REASON_BRIDGE_INGRESS_STP_STATE,
  SKB_DROP_REASON_MAC_INVALID_SOURCE,
  SKB_DROP_REASON_MAC_IEEE_MAC_CONTROL,
  SKB_DROP_REASON_NOT_SPECIFIED,
} from '../../include/net/dropreason.js';
import type { net } from '../../include/net/net_namespace.js';
import type { sock } from '../../include/net/sock/struct.js';
import { netif_receive_skb } from '../core/dev.js';
import { kfree_skb_reason } from '../core/skbuff.js';
import { br_fdb_find_rcu, br_fdb_update } from './br_fdb.js';
import { br_flood, br_forward } from './br_forward.js';
import {
  BR_PKT_BROADCAST,
  BR_PKT_MULTICAST,
  BR_PKT_UNICAST,
  BR_STATE_DISABLED,
  BR_STATE_FORWARDING,
  BR_STATE_LEARNING,
  NF_BR_LOCAL_IN,
  NF_BR_PRE_ROUTING,
  br_port_get,
} from './br_private.js';
import type { net_bridge_port } from './br_private.js';

function br_netif_receive_skb(_net: net, _sk: sock | null, skb: sk_buff): int {
  return netif_receive_skb(skb);
}

/** The frame is (also) for the bridge's own host: it comes in by the bridge device. */
export function br_pass_frame_up(skb: sk_buff, p: net_bridge_port): int {
  const brdev = p.br.dev;
  brdev.stats.rx_packets++;
  brdev.stats.rx_bytes += skb.len;
  const indev = skb.dev;
  skb.dev = brdev;
  return NF_HOOK(NFPROTO_BRIDGE, NF_BR_LOCAL_IN, brdev.nd_net, null, skb, indev, null, br_netif_receive_skb);
}

/** @notrace */
function packet_kind(head: Uint8Array, at: int): int {
  if ((head[at] & 1) === 0) return BR_PKT_UNICAST;
  for (let i = 0; i < 6; i++) if (head[at + i] !== 0xff) return BR_PKT_MULTICAST;
  return BR_PKT_BROADCAST;
}

/** Learns the sender, and sends the frame where it belongs. @EXPORT_SYMBOL */
export function br_handle_frame_finish(_net: net, _sk: sock | null, skb: sk_buff): int {
  const p = br_port_get(skb.dev as net_device);
  if (p === null || p.state === BR_STATE_DISABLED) {
    kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED);
    return 0;
  }
  const { br } = p;
  const at = skb.mac_header;
  br_fdb_update(br, p, skb.head, at + 6);
  if (p.state === BR_STATE_LEARNING) {
    kfree_skb_reason(skb, SKB_DROP_REASON_BRIDGE_INGRESS_STP_STATE);
    return 0;
  }
  const kind = packet_kind(skb.head, at);
  const local_rcv = (br.dev.flags & IFF_PROMISC) !== 0 || kind !== BR_PKT_UNICAST;
  const dst = kind === BR_PKT_UNICAST ? br_fdb_find_rcu(br, skb.head, at) : null;
  if (dst !== null) {
    if (dst.is_local) return br_pass_frame_up(skb, p);
    dst.used = br.dev.nd_net.kernel.jiffies;
    br_forward(dst.dst, skb, local_rcv, false);
  } else {
    br_flood(br, skb, kind, local_rcv, false);
  }
  if (local_rcv) {
    return br_pass_frame_up(skb, p);
  }
  return 0;
}

/** Addresses that bridges keep to themselves: 01:80:c2:00:00:00 … 0f. */
function is_link_local_ether_addr(head: Uint8Array, at: int): boolean {
  return (
    head[at] === 1 &&
    head[at + 1] === 0x80 &&
    head[at + 2] === 0xc2 &&
    head[at + 3] === 0 &&
    head[at + 4] === 0 &&
    head[at + 5] < 0x10
  );
}

/** Whether an address can be a sender's: no group, not all zero. @notrace */
export function is_valid_ether_addr(buf: Uint8Array, at: int): boolean {
  if ((buf[at] & 1) !== 0) return false;
  for (let i = 0; i < 6; i++) if (buf[at + i] !== 0) return true;
  return false;
}

const CONSUMED = { skb: null, ret: RX_HANDLER_CONSUMED } as const;

/** A port's rx_handler. */
export function br_handle_frame(skb: sk_buff): { skb: sk_buff | null; ret: int } {
  if (skb.pkt_type === PACKET_LOOPBACK) return { skb, ret: RX_HANDLER_PASS };
  const at = skb.mac_header;
  if (!is_valid_ether_addr(skb.head, at + 6)) {
    kfree_skb_reason(skb, SKB_DROP_REASON_MAC_INVALID_SOURCE);
    return CONSUMED;
  }
  const own = skb_share_check(skb, GFP_ATOMIC);
  if (own === null) return CONSUMED;
  const p = br_port_get(own.dev as net_device) as net_bridge_port;
  if (is_link_local_ether_addr(own.head, at)) {
    const last = own.head[at + 5];
    if (last === 1) {
      kfree_skb_reason(own, SKB_DROP_REASON_MAC_IEEE_MAC_CONTROL);
      return CONSUMED;
    }
    // Without a spanning tree of its own the bridge is transparent to that of others.
    if (last !== 0) return { skb: own, ret: RX_HANDLER_PASS };
  }
  if (p.state !== BR_STATE_FORWARDING && p.state !== BR_STATE_LEARNING) {
    kfree_skb_reason(own, SKB_DROP_REASON_BRIDGE_INGRESS_STP_STATE);
    return CONSUMED;
  }
  const brdev = p.br.dev;
  let mine = true;
  for (let i = 0; mine && i < 6; i++) mine = own.head[at + i] === brdev.dev_addr[i];
  if (mine) own.pkt_type = PACKET_HOST;
  NF_HOOK(NFPROTO_BRIDGE, NF_BR_PRE_ROUTING, brdev.nd_net, null, own, own.dev, null, br_handle_frame_finish);
  return CONSUMED;
}
