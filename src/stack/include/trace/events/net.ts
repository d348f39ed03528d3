// Tracepoints of devices (include/trace/events/net.h).
// A probe on kernel.trace("NAME") is called where the stack calls trace_NAME().

import type { sk_buff } from '../../linux/skbuff/struct.js';
import type { net_device } from '../../linux/netdevice.js';

/** A packet is handed to a driver. */
export function trace_net_dev_start_xmit(_skb: sk_buff, _dev: net_device): void {}

/** A driver took a packet, or did not. */
export function trace_net_dev_xmit(_skb: sk_buff, _rc: number, _dev: net_device, _skb_len: number): void {}

/** A driver takes no packets for too long. */
export function trace_net_dev_xmit_timeout(_dev: net_device, _queue_index: number): void {}

/** A packet is about to be queued for a device. */
export function trace_net_dev_queue(_skb: sk_buff): void {}

/** A packet enters the stack. */
export function trace_netif_receive_skb(_skb: sk_buff): void {}

/** A packet is put on the backlog. */
export function trace_netif_rx(_skb: sk_buff): void {}

/** NAPI hands over fragments. */
export function trace_napi_gro_frags_entry(_skb: sk_buff): void {}

/** NAPI hands over a packet. */
export function trace_napi_gro_receive_entry(_skb: sk_buff): void {}

/** netif_receive_skb() is called. */
export function trace_netif_receive_skb_entry(_skb: sk_buff): void {}

/** netif_receive_skb_list() is called. */
export function trace_netif_receive_skb_list_entry(_skb: sk_buff): void {}

/** netif_rx() is called. */
export function trace_netif_rx_entry(_skb: sk_buff): void {}

/** NAPI handed over fragments. */
export function trace_napi_gro_frags_exit(_ret: number): void {}

/** NAPI handed over a packet. */
export function trace_napi_gro_receive_exit(_ret: number): void {}

/** netif_receive_skb() returns. */
export function trace_netif_receive_skb_exit(_ret: number): void {}

/** netif_rx() returns. */
export function trace_netif_rx_exit(_ret: number): void {}

/** netif_receive_skb_list() returns. */
export function trace_netif_receive_skb_list_exit(_ret: number): void {}
