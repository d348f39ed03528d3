// Frames that leave a bridge by its ports (net/bridge/br_forward.c).

import { NF_HOOK, NFPROTO_BRIDGE } from '../../include/linux/netfilter.js';
import { ETH_HLEN } from '../../include/linux/if_ether.js';
import type { net_device } from '../../include/linux/netdevice.js';
import { GFP_ATOMIC } from '../../include/linux/skbuff/constants.js';
import { skb_forward_csum } from '../../include/linux/skbuff/csum.js';
import { skb_clear_tstamp } from '../../include/linux/skbuff/meta.js';
import type { sk_buff } from '../../include/linux/skbuff/struct.js';
import type { int } from '../../include/linux/types.js';
import { SKB_DROP_REASON_NOT_SPECIFIED, SKB_DROP_REASON_NO_TX_TARGET } from '../../include/net/dropreason.js';
import type { net } from '../../include/net/net_namespace.js';
import type { sock } from '../../include/net/sock/struct.js';
import { dev_queue_xmit, is_skb_forwardable } from '../core/dev.js';
import { kfree_skb, kfree_skb_reason, skb_clone, skb_push } from '../core/skbuff.js';
import {
  BR_BCAST_FLOOD,
  BR_FLOOD,
  BR_HAIRPIN_MODE,
  BR_MCAST_FLOOD,
  BR_PKT_BROADCAST,
  BR_PKT_MULTICAST,
  BR_PKT_UNICAST,
  BR_STATE_FORWARDING,
  NF_BR_FORWARD,
  NF_BR_LOCAL_OUT,
  NF_BR_POST_ROUTING,
} from './br_private.js';
import type { net_bridge, net_bridge_port } from './br_private.js';

/** Not back where it came from, and only by a port that forwards. */
function should_deliver(p: net_bridge_port, skb: sk_buff): boolean {
  return ((p.flags & BR_HAIRPIN_MODE) !== 0 || skb.dev !== p.dev) && p.state === BR_STATE_FORWARDING;
}

/** @EXPORT_SYMBOL */
export function br_dev_queue_push_xmit(_net: net, _sk: sock | null, skb: sk_buff): int {
  skb_push(skb, ETH_HLEN);
  if (!is_skb_forwardable(skb.dev as net_device, skb, true)) {
    kfree_skb(skb);
    return 0;
  }
  dev_queue_xmit(skb);
  return 0;
}

/** @EXPORT_SYMBOL */
export function br_forward_finish(net: net, sk: sock | null, skb: sk_buff): int {
  skb_clear_tstamp(skb);
  return NF_HOOK(NFPROTO_BRIDGE, NF_BR_POST_ROUTING, net, sk, skb, null, skb.dev, br_dev_queue_push_xmit);
}

/** @param local_orig whether the bridge's own host sends it */
export function __br_forward(to: net_bridge_port, skb: sk_buff, local_orig: boolean): void {
  let indev = skb.dev;
  let hook = NF_BR_FORWARD;
  skb.dev = to.dev;
  if (local_orig) {
    hook = NF_BR_LOCAL_OUT;
    indev = null;
  } else {
    skb_forward_csum(skb);
  }
  NF_HOOK(NFPROTO_BRIDGE, hook, to.dev.nd_net, null, skb, indev, skb.dev, br_forward_finish);
}

function deliver_clone(prev: net_bridge_port, skb: sk_buff, local_orig: boolean): int {
  const clone = skb_clone(skb, GFP_ATOMIC);
  if (clone === null) {
    prev.br.dev.stats.tx_dropped++;
    return -1;
  }
  __br_forward(prev, clone, local_orig);
  return 0;
}

/** To one port. @param local_rcv whether the skb is still needed: then a clone goes @EXPORT_SYMBOL */
export function br_forward(to: net_bridge_port | null, skb: sk_buff, local_rcv: boolean, local_orig: boolean): void {
  if (to !== null && should_deliver(to, skb)) {
    if (local_rcv) deliver_clone(to, skb, local_orig);
    else __br_forward(to, skb, local_orig);
    return;
  }
  if (!local_rcv) kfree_skb_reason(skb, SKB_DROP_REASON_NOT_SPECIFIED);
}

/** @notrace */
function wanted(p: net_bridge_port, pkt_type: int): boolean {
  if (pkt_type === BR_PKT_UNICAST) return (p.flags & BR_FLOOD) !== 0;
  if (pkt_type === BR_PKT_MULTICAST) return (p.flags & BR_MCAST_FLOOD) !== 0;
  return pkt_type === BR_PKT_BROADCAST && (p.flags & BR_BCAST_FLOOD) !== 0;
}

/** To all ports but the one it came from. */
export function br_flood(br: net_bridge, skb: sk_buff, pkt_type: int, local_rcv: boolean, local_orig: boolean): void {
  let prev: net_bridge_port | null = null;
  for (const p of br.port_list) {
    if (!wanted(p, pkt_type) || !should_deliver(p, skb)) continue;
    if (prev !== null && deliver_clone(prev, skb, local_orig) !== 0) break;
    prev = p;
  }
  if (prev === null) {
    if (!local_rcv) kfree_skb_reason(skb, SKB_DROP_REASON_NO_TX_TARGET);
  } else if (local_rcv) {
    deliver_clone(prev, skb, local_orig);
  } else {
    __br_forward(prev, skb, local_orig);
  }
}
