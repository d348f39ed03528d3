// Receivers of packets: one protocol's, and those that see everything (net/core/dev.c).

import { htons, ntohs } from '../../../include/linux/byteorder.js';
import { ETH_P_ALL } from '../../../include/linux/if_ether.js';
import { PACKET_OUTGOING } from '../../../include/linux/if_packet.js';
import { dev_net, type net_device, type packet_type } from '../../../include/linux/netdevice.js';
import {
  skb_get,
  skb_reset_mac_header,
  skb_reset_network_header,
  type sk_buff,
} from '../../../include/linux/skbuff.js';
import type { __be16, bool, int } from '../../../include/linux/types.js';
import type { Kernel } from '../../../kernel/kernel.js';
import { kfree_skb, skb_clone } from '../skbuff.js';

/** @returns the list that the receiver belongs in @notrace */
export function ptype_head(kernel: Kernel, pt: packet_type): packet_type[] {
  if (pt.type === htons(ETH_P_ALL)) return pt.dev !== null ? pt.dev.ptype_all : kernel.ptype_all;
  if (pt.dev !== null) return pt.dev.ptype_specific;
  return ptype_base_of(kernel, pt.type);
}

/** @param type network byte order @returns the list in which a protocol's receivers are, with some of others @notrace */
export function ptype_base_of(kernel: Kernel, type: __be16): packet_type[] {
  return kernel.ptype_base[ntohs(type) & 15];
}

/** Adds a receiver; it gets packets from now on, before those that were added earlier. @EXPORT_SYMBOL */
export function dev_add_pack(kernel: Kernel, pt: packet_type): void {
  ptype_head(kernel, pt).unshift(pt);
}

/** @EXPORT_SYMBOL */
export function __dev_remove_pack(kernel: Kernel, pt: packet_type): void {
  const list = ptype_head(kernel, pt);
  const at = list.indexOf(pt);
  if (at >= 0) list.splice(at, 1);
}

/** @EXPORT_SYMBOL */
export function dev_remove_pack(kernel: Kernel, pt: packet_type): void {
  __dev_remove_pack(kernel, pt);
}

/** Gives the packet to a receiver that is not the last one: it gets a reference of its own. */
export function deliver_skb(skb: sk_buff, pt_prev: packet_type, orig_dev: net_device): int {
  return pt_prev.func(skb_get(skb), skb.dev as net_device, pt_prev, orig_dev);
}

/** Whether somebody looks at what the device sends. @notrace */
export function dev_nit_active(dev: net_device): bool {
  return dev_net(dev).kernel.ptype_all.length > 0 || dev.ptype_all.length > 0;
}

/** Whether a packet socket's own packet came back to it. @notrace */
export function skb_loop_sk(ptype: packet_type, skb: sk_buff): bool {
  if (ptype.af_packet_priv === null || skb.sk === null) return false;
  if (ptype.id_match !== null) return ptype.id_match(ptype, skb.sk);
  return ptype.af_packet_priv === skb.sk;
}

/** Counts those who want packets stamped with the time of their arrival. @EXPORT_SYMBOL */
export function net_enable_timestamp(kernel: Kernel): void {
  kernel.netstamp_needed++;
}

/** @EXPORT_SYMBOL */
export function net_disable_timestamp(kernel: Kernel): void {
  kernel.netstamp_needed--;
}

/** Stamps a packet that is sent, for those who look at it. @notrace */
export function net_timestamp_set(kernel: Kernel, skb: sk_buff): void {
  skb.tstamp = kernel.netstamp_needed > 0 ? kernel.now : 0;
  skb.tstamp_type = 0;
}

/** Stamps a packet that was received, if anybody wants that. @notrace */
export function net_timestamp_check(kernel: Kernel, skb: sk_buff): void {
  if (kernel.netstamp_needed > 0 && skb.tstamp === 0) {
    skb.tstamp = kernel.now;
    skb.tstamp_type = 0;
  }
}

/** Shows a packet that is sent to all who look. @EXPORT_SYMBOL */
export function dev_queue_xmit_nit(skb: sk_buff, dev: net_device): void {
  const { kernel } = dev_net(dev);
  let skb2: sk_buff | null = null;
  let pt_prev: packet_type | null = null;
  for (const list of [kernel.ptype_all, dev.ptype_all]) {
    for (const ptype of list) {
      if (ptype.ignore_outgoing || skb_loop_sk(ptype, skb)) continue;
      if (pt_prev !== null && skb2 !== null) {
        deliver_skb(skb2, pt_prev, skb.dev as net_device);
        pt_prev = ptype;
        continue;
      }
      skb2 = skb_clone(skb, 0);
      if (skb2 === null) return;
      net_timestamp_set(kernel, skb2);
      skb_reset_mac_header(skb2);
      if (skb2.network_header < skb2.data || skb2.network_header > skb2.tail) skb_reset_network_header(skb2);
      skb2.transport_header = skb2.network_header;
      skb2.pkt_type = PACKET_OUTGOING;
      pt_prev = ptype;
    }
  }
  if (pt_prev !== null && skb2 !== null) {
    pt_prev.func(skb2, skb.dev as net_device, pt_prev, skb.dev);
  } else if (skb2 !== null) {
    kfree_skb(skb2);
  }
}
