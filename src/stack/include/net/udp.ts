// UDP: hash tables, control block, statistics (include/net/udp.h).

import { csum_fold, csum_tcpudp_nofold } from './checksum.js';
import { __skb_checksum_complete } from '../../net/core/skbuff.js';
import { skb_csum_unnecessary } from '../linux/skbuff.js';
import type { sk_buff, skb_cb_owner } from '../linux/skbuff.js';
import type { sock } from './sock.js';
import type { net } from './net_namespace.js';
import type { __be32, __sum16, __wsum, bool, int, u16, u32, u8 } from '../linux/types.js';

/** UDP's control block in an skb. */
export class udp_skb_cb implements skb_cb_owner<udp_skb_cb> {
  cscov: u16 = 0;
  partial_cov: u8 = 0;

  reset(): void {
    this.cscov = 0;
    this.partial_cov = 0;
  }

  copy(from: udp_skb_cb): void {
    this.cscov = from.cscov;
    this.partial_cov = from.partial_cov;
  }
}

/** @notrace */
export function UDP_SKB_CB(skb: sk_buff): udp_skb_cb {
  return (skb.udpcb ??= new udp_skb_cb());
}

/** A slot of a hash table: its sockets, the first the one that came last. */
export class udp_hslot {
  head: sock[] = [];
  /** Of a slot of hash2: how many of its sockets are in hash4, too. */
  hash4_cnt: int = 0;
  get count(): int {
    return this.head.length;
  }
}

export const UDP_HTABLE_SIZE_MIN = 256;

/** Sockets by local port, by local port and address, and, if connected, by all four. */
export class udp_table {
  hash: udp_hslot[];
  hash2: udp_hslot[];
  hash4: udp_hslot[];
  mask: u32;
  log: u32;

  /** @param size number of slots, a power of two */
  constructor(size: int) {
    this.hash = Array.from({ length: size }, () => new udp_hslot());
    this.hash2 = Array.from({ length: size }, () => new udp_hslot());
    this.hash4 = Array.from({ length: size }, () => new udp_hslot());
    this.mask = size - 1;
    this.log = 31 - Math.clz32(size);
  }
}

/** @param num local port, host order @notrace */
export function udp_hashfn(_net: net, num: u32, mask: u32): u32 {
  return num & mask;
}
/** @notrace */
export function udp_hashslot(table: udp_table, net: net, num: u32): udp_hslot {
  return table.hash[udp_hashfn(net, num, table.mask)];
}
/** @notrace */
export function udp_hashslot2(table: udp_table, hash: u32): udp_hslot {
  return table.hash2[hash & table.mask];
}

/** Whether a socket of a slot of hash2 is connected, so that hash4 is worth a look. @notrace */
export function udp_has_hash4(hslot2: udp_hslot): bool {
  return hslot2.hash4_cnt > 0;
}

/** @notrace */
export function udp_v4_check(len: int, saddr: __be32, daddr: __be32, base: __wsum): __sum16 {
  return csum_fold(csum_tcpudp_nofold(saddr, daddr, len, 17, base));
}

/** Checksum of a datagram where none was computed yet. @returns 0 if right */
export function __udp_lib_checksum_complete(skb: sk_buff): __sum16 {
  return __skb_checksum_complete(skb);
}

/** @returns 0 if right, or already known to be @notrace */
export function udp_lib_checksum_complete(skb: sk_buff): bool {
  return !skb_csum_unnecessary(skb) && __udp_lib_checksum_complete(skb) !== 0;
}

/** @notrace */
export function udp_csum_outgoing_len(skb: sk_buff): int {
  return skb.len - (skb.transport_header - skb.data);
}
