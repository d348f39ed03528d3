// Where the headers of an skb are (include/linux/skbuff.h): offsets in head, and offsets from data.

import type { bool, int, skb_data_ptr, u32 } from '../types.js';
import { SKB_HEADER_UNSET } from './constants.js';
import type { sk_buff } from './struct.js';

/** @notrace */
export function skb_reset_mac_len(skb: sk_buff): void {
  skb.mac_len = skb.network_header - skb.mac_header;
}

/** @notrace */
export function skb_transport_header_was_set(skb: sk_buff): bool {
  return skb.transport_header !== SKB_HEADER_UNSET;
}

/** @notrace */
export function skb_transport_header(skb: sk_buff): skb_data_ptr {
  return skb.transport_header;
}

/** @notrace */
export function skb_reset_transport_header(skb: sk_buff): void {
  skb.transport_header = skb.data;
}

/** @notrace */
export function skb_set_transport_header(skb: sk_buff, offset: int): void {
  skb.transport_header = skb.data + offset;
}

/** @notrace */
export function skb_network_header(skb: sk_buff): skb_data_ptr {
  return skb.network_header;
}

/** @notrace */
export function skb_reset_network_header(skb: sk_buff): void {
  skb.network_header = skb.data;
}

/** @notrace */
export function skb_set_network_header(skb: sk_buff, offset: int): void {
  skb.network_header = skb.data + offset;
}

/** @notrace */
export function skb_mac_header(skb: sk_buff): skb_data_ptr {
  return skb.mac_header;
}

/** @notrace */
export function skb_mac_header_was_set(skb: sk_buff): bool {
  return skb.mac_header !== SKB_HEADER_UNSET;
}

/** @notrace */
export function skb_mac_offset(skb: sk_buff): int {
  return skb.mac_header - skb.data;
}

/** @notrace */
export function skb_mac_header_len(skb: sk_buff): u32 {
  return skb.network_header - skb.mac_header;
}

/** @notrace */
export function skb_unset_mac_header(skb: sk_buff): void {
  skb.mac_header = SKB_HEADER_UNSET;
}

/** @notrace */
export function skb_reset_mac_header(skb: sk_buff): void {
  skb.mac_header = skb.data;
}

/** @notrace */
export function skb_set_mac_header(skb: sk_buff, offset: int): void {
  skb.mac_header = skb.data + offset;
}

/** @notrace */
export function skb_pop_mac_header(skb: sk_buff): void {
  skb.mac_header = skb.network_header;
}

/** @notrace */
export function skb_inner_network_header(skb: sk_buff): skb_data_ptr {
  return skb.inner_network_header;
}

/** @notrace */
export function skb_inner_transport_header(skb: sk_buff): skb_data_ptr {
  return skb.inner_transport_header;
}

/** @notrace */
export function skb_reset_inner_headers(skb: sk_buff): void {
  skb.inner_mac_header = skb.mac_header;
  skb.inner_network_header = skb.network_header;
  skb.inner_transport_header = skb.transport_header;
}

/** Bytes from data to the transport header. @notrace */
export function skb_transport_offset(skb: sk_buff): int {
  return skb.transport_header - skb.data;
}

/** Length of the network header with its options. @notrace */
export function skb_network_header_len(skb: sk_buff): u32 {
  return skb.transport_header - skb.network_header;
}

/** Bytes from data to the network header. @notrace */
export function skb_network_offset(skb: sk_buff): int {
  return skb.network_header - skb.data;
}

/** Bytes from data to where a CHECKSUM_PARTIAL sum begins. @notrace */
export function skb_checksum_start_offset(skb: sk_buff): int {
  return skb.csum_start - skb.data;
}

/** @notrace */
export function skb_checksum_start(skb: sk_buff): skb_data_ptr {
  return skb.csum_start;
}

/** Rebuilds the MAC header where the network header begins. @notrace */
export function skb_mac_header_rebuild(skb: sk_buff): void {
  if (!skb_mac_header_was_set(skb)) return;
  const old = skb.mac_header;
  skb.mac_header = skb.data - skb.mac_len;
  skb.head.copyWithin(skb.mac_header, old, old + skb.mac_len);
}
