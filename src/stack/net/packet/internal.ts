// Packet sockets' structures (net/packet/internal.h).

import { packet_type } from '../../include/linux/netdevice.js';
import { sockaddr_ll, tpacket_stats } from '../../include/linux/if_packet.js';
import type { sk_buff, skb_cb_owner } from '../../include/linux/skbuff/struct.js';
import type { __be16, int, u16, uint } from '../../include/linux/types.js';
import { sock } from '../../include/net/sock/struct.js';

/** What packet sockets note on an skb. */
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

/** What a socket asked a device for. */
export interface packet_mclist {
  ifindex: int;
  type: u16;
  addr: Uint8Array;
  count: int;
}

/** @packed */
export class packet_sock extends sock {
  stats: tpacket_stats = new tpacket_stats();
  running = false;
  auxdata = false;
  origdev = false;
  ifindex: int = 0;
  /** Protocol, network order. */
  num: __be16 = 0;
  mclist: packet_mclist[] = [];
  prot_hook: packet_type = new packet_type(0, () => 0);

  get sk(): sock {
    return this;
  }
}

/** @notrace */
export function pkt_sk(sk: sock): packet_sock {
  return sk as packet_sock;
}
