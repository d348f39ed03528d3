// What packet sockets note on an skb (net/packet/internal.h).

import type { skb_cb_owner, sk_buff } from '../../include/linux/skbuff/struct.js';
import { sockaddr_ll } from '../../include/linux/if_packet.js';
import type { uint } from '../../include/linux/types.js';

export class packet_skb_cb implements skb_cb_owner<packet_skb_cb> {
  /** Bytes of the packet before the filter cut it. */
  origlen: uint = 0;
  ll: sockaddr_ll = new sockaddr_ll();

  reset(): void {
    this.origlen = 0;
    this.ll = new sockaddr_ll();
  }

  copy(from: packet_skb_cb): void {
    this.origlen = from.origlen;
    this.ll = Object.assign(new sockaddr_ll(), from.ll);
  }
}

/** @notrace */
export function PACKET_SKB_CB(skb: sk_buff): packet_skb_cb {
  return (skb.packetcb ??= new packet_skb_cb());
}
