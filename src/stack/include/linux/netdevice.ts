// Network devices (include/linux/netdevice.h): the structures, flags and inline helpers. The functions of
// net/core/dev.c are in net/core/dev/ and are exported here too, as the kernel's header declares them.
//
// Left out: XDP, RPS/XPS, queues beyond what multi-queue pfifo_fast needs, hardware time stamping, dev_addr trees.
// One file although long: it is one header in the kernel.

import type { Kernel } from '../../kernel/kernel.js';
import type { in_device } from './inetdevice.js';
import type { net } from '../net/net_namespace.js';
import type { Qdisc } from '../net/sch_generic.js';
import type { neighbour } from '../net/neighbour.js';
import type { sock } from '../net/sock/struct.js';
import type { packet_offload_callbacks } from '../net/gro.js';
import { gro_node } from '../net/gro.js';
import type { hrtimer } from './hrtimer.js';

import type { netdev_features_t } from './netdev_features.js';
import { sk_buff_head } from './skbuff/struct.js';
import type { sk_buff } from './skbuff/struct.js';
import type { __be16, bool, int, u16, u32, u64, u8, uint } from './types.js';

export * from './if.js';
export * from './if_packet.js';
export * from './netdev_features.js';
export { __dev_queue_xmit, dev_queue_xmit, dev_hard_start_xmit } from '../../net/core/dev.js';

export const MAX_ADDR_LEN = 32;
export const NET_NAME_UNKNOWN = 0;
export const LL_MAX_HEADER = 128;
export const HH_DATA_MOD = 16;

/** Results of transmission: of a driver's ndo_start_xmit, and of dev_queue_xmit(). */
export const NETDEV_TX_OK = 0x00;
export const NETDEV_TX_BUSY = 0x10;
export const NET_XMIT_SUCCESS = 0x00;
export const NET_XMIT_DROP = 0x01;
export const NET_XMIT_CN = 0x02;
export const NET_XMIT_MASK = 0x0f;
export const NET_RX_SUCCESS = 0;
export const NET_RX_DROP = 1;

/** Bits of net_device.state. */
export const __LINK_STATE_START = 0;
export const __LINK_STATE_PRESENT = 1;
export const __LINK_STATE_NOCARRIER = 2;
export const __LINK_STATE_LINKWATCH_PENDING = 3;
export const __LINK_STATE_DORMANT = 4;
export const __LINK_STATE_TESTING = 5;

/** Bits of netdev_queue.state. */
export const __QUEUE_STATE_DRV_XOFF = 0;
export const __QUEUE_STATE_STACK_XOFF = 1;
export const __QUEUE_STATE_FROZEN = 2;
export const QUEUE_STATE_DRV_XOFF = 1 << 0;
export const QUEUE_STATE_ANY_XOFF = 3;
export const QUEUE_STATE_ANY_XOFF_OR_FROZEN = 7;

export const NETREG_UNINITIALIZED = 0;
export const NETREG_REGISTERED = 1;
export const NETREG_UNREGISTERING = 2;
export const NETREG_UNREGISTERED = 3;
export const NETREG_RELEASED = 4;

export const GSO_MAX_SEGS = 65535;
export const GSO_LEGACY_MAX_SIZE = 65536;
export const TSO_LEGACY_MAX_SIZE = 65536;
export const GRO_LEGACY_MAX_SIZE = 65536;
export const GRO_MAX_SIZE = 8 * 65535;

export const NAPI_POLL_WEIGHT = 64;
export const NAPI_STATE_SCHED = 0;
export const NAPI_STATE_MISSED = 1;
export const NAPI_STATE_DISABLE = 2;
export const NAPIF_STATE_SCHED = 1 << 0;
export const NAPIF_STATE_MISSED = 1 << 1;
export const NAPIF_STATE_DISABLE = 1 << 2;

export const RX_HANDLER_CONSUMED = 0;
export const RX_HANDLER_ANOTHER = 1;
export const RX_HANDLER_EXACT = 2;
export const RX_HANDLER_PASS = 3;

export const NETDEV_UP = 1;
export const NETDEV_DOWN = 2;
export const NETDEV_REBOOT = 3;
export const NETDEV_CHANGE = 4;
export const NETDEV_REGISTER = 5;
export const NETDEV_UNREGISTER = 6;
export const NETDEV_CHANGEMTU = 7;
export const NETDEV_CHANGEADDR = 8;
export const NETDEV_PRE_CHANGEADDR = 9;
export const NETDEV_GOING_DOWN = 10;
export const NETDEV_CHANGENAME = 11;
export const NETDEV_FEAT_CHANGE = 12;
export const NETDEV_PRE_UP = 14;
export const NETDEV_NOTIFY_PEERS = 20;
export const NETDEV_JOIN = 21;
export const NETDEV_CHANGEUPPER = 22;

/** Flags of net_device.priv_flags. */
export const IFF_EBRIDGE = 1 << 1;
export const IFF_BRIDGE_PORT = 1 << 9;
export const IFF_TX_SKB_SHARING = 1 << 11;
export const IFF_UNICAST_FLT = 1 << 12;
export const IFF_LIVE_ADDR_CHANGE = 1 << 15;
export const IFF_NO_QUEUE = 1 << 21;
export const IFF_PHONY_HEADROOM = 1 << 24;
export const IFF_XMIT_DST_RELEASE = 1 << 10;
export const IFF_DONT_BRIDGE = 1 << 11;

/** What a packet handler is given: see dev_add_pack(). */
export type packet_type_func = (skb: sk_buff, dev: net_device, pt: packet_type, orig_dev: net_device | null) => int;

/** A receiver of packets of one protocol (ETH_P_* in network byte order), or of all (ETH_P_ALL). */
export class packet_type {
  type: __be16;
  ignore_outgoing: bool = false;
  /** Only of this device, or null for all. */
  dev: net_device | null;
  func: packet_type_func;
  id_match: ((ptype: packet_type, sk: sock) => bool) | null = null;
  af_packet_net: net | null = null;
  af_packet_priv: sock | null = null;

  constructor(type: __be16, func: packet_type_func, dev: net_device | null = null) {
    this.type = type;
    this.func = func;
    this.dev = dev;
  }
}

/** GRO and GSO of a network protocol. */
export interface packet_offload {
  type: __be16;
  priority: u16;
  callbacks: packet_offload_callbacks;
}

export class net_device_core_stats {
  rx_dropped = 0;
  tx_dropped = 0;
  rx_nohandler = 0;
  rx_otherhost_dropped = 0;
}

/** Counters of a device, as `ip -s link` shows them. */
export class rtnl_link_stats64 {
  rx_packets: u64 = 0;
  tx_packets: u64 = 0;
  rx_bytes: u64 = 0;
  tx_bytes: u64 = 0;
  rx_errors: u64 = 0;
  tx_errors: u64 = 0;
  rx_dropped: u64 = 0;
  tx_dropped: u64 = 0;
  multicast: u64 = 0;
  collisions: u64 = 0;
  rx_length_errors: u64 = 0;
  rx_over_errors: u64 = 0;
  rx_crc_errors: u64 = 0;
  rx_frame_errors: u64 = 0;
  rx_fifo_errors: u64 = 0;
  rx_missed_errors: u64 = 0;
  tx_aborted_errors: u64 = 0;
  tx_carrier_errors: u64 = 0;
  tx_fifo_errors: u64 = 0;
  tx_heartbeat_errors: u64 = 0;
  tx_window_errors: u64 = 0;
  rx_compressed: u64 = 0;
  tx_compressed: u64 = 0;
  rx_nohandler: u64 = 0;
  rx_otherhost_dropped: u64 = 0;
}

/** What a driver does. Every entry but ndo_start_xmit may be missing. */
export interface net_device_ops {
  ndo_init?: (dev: net_device) => int;
  ndo_uninit?: (dev: net_device) => void;
  ndo_open?: (dev: net_device) => int;
  ndo_stop?: (dev: net_device) => int;
  ndo_start_xmit: (skb: sk_buff, dev: net_device) => int;
  ndo_features_check?: (skb: sk_buff, dev: net_device, features: netdev_features_t) => netdev_features_t;
  ndo_select_queue?: (dev: net_device, skb: sk_buff, sb_dev: net_device | null) => u16;
  ndo_change_rx_flags?: (dev: net_device, flags: int) => void;
  ndo_set_rx_mode?: (dev: net_device) => void;
  ndo_set_mac_address?: (dev: net_device, addr: Uint8Array) => int;
  ndo_validate_addr?: (dev: net_device) => int;
  ndo_change_mtu?: (dev: net_device, new_mtu: int) => int;
  ndo_tx_timeout?: (dev: net_device, txqueue: uint) => void;
  ndo_get_stats64?: (dev: net_device, storage: rtnl_link_stats64) => void;
  ndo_add_slave?: (dev: net_device, slave_dev: net_device) => int;
  ndo_del_slave?: (dev: net_device, slave_dev: net_device) => int;
  ndo_fix_features?: (dev: net_device, features: netdev_features_t) => netdev_features_t;
  ndo_set_features?: (dev: net_device, features: netdev_features_t) => int;
  ndo_get_iflink?: (dev: net_device) => int;
  ndo_set_rx_headroom?: (dev: net_device, needed_headroom: int) => void;
}

/** Link-layer headers of a kind of device. */
export interface header_ops {
  create: (
    skb: sk_buff,
    dev: net_device,
    type: u16,
    daddr: Uint8Array | null,
    saddr: Uint8Array | null,
    len: uint,
  ) => int;
  parse?: (skb: sk_buff, haddr: Uint8Array) => int;
  cache?: (neigh: neighbour, hh: hh_cache, type: __be16) => int;
  cache_update?: (hh: hh_cache, dev: net_device, haddr: Uint8Array) => void;
  validate?: (ll_header: Uint8Array, len: uint) => bool;
  parse_protocol?: (skb: sk_buff) => __be16;
}

/** A link-layer header made once for a neighbour. It ends at the end of hh_data, which is 16 bytes. */
export class hh_cache {
  /** Bytes of header, 0 while there is none. */
  hh_len: uint = 0;
  hh_data: Uint8Array = new Uint8Array(HH_DATA_MOD);
}

export interface ethtool_ops {
  get_drvinfo?: (dev: net_device) => { driver: string; version: string };
  get_link?: (dev: net_device) => u32;
  get_link_ksettings?: (dev: net_device) => { speed: int; duplex: string };
  get_ts_info?: (dev: net_device) => { so_timestamping: u32 };
}

/** Driver polled in softirq context. */
export class napi_struct {
  /** NAPIF_STATE_* */
  state: uint = 0;
  weight: int = NAPI_POLL_WEIGHT;
  defer_hard_irqs_count: u32 = 0;
  poll: (napi: napi_struct, budget: int) => int;
  dev: net_device | null = null;
  /** The skb that a driver fills piece by piece (napi_get_frags). */
  skb: sk_buff | null = null;
  gro: gro_node = new gro_node();
  timer: hrtimer | null = null;
  napi_id: u32 = 0;

  constructor(poll: (napi: napi_struct, budget: int) => int) {
    this.poll = poll;
  }
}

/** One transmit queue of a device. */
export class netdev_queue {
  dev: net_device;
  qdisc: Qdisc | null = null;
  qdisc_sleeping: Qdisc | null = null;
  trans_timeout = 0;
  xmit_lock_owner: int = -1;
  trans_start = 0;
  state: uint = 0;

  constructor(dev: net_device) {
    this.dev = dev;
  }
}

/** One processor's queues: received packets that no driver polls, and what waits for a softirq. */
export class softnet_data {
  poll_list: napi_struct[] = [];
  process_queue: sk_buff_head = new sk_buff_head();
  processed: uint = 0;
  time_squeeze: uint = 0;
  received_rps: uint = 0;
  in_net_rx_action: bool = false;
  in_napi_threaded_poll: bool = false;
  output_queue: Qdisc | null = null;
  output_queue_tailp: Qdisc | null = null;
  completion_queue: sk_buff | null = null;
  input_pkt_queue: sk_buff_head = new sk_buff_head();
  backlog: napi_struct;
  dropped: uint = 0;
  xmit_recursion: u16 = 0;
  xmit_more: u8 = 0;
  backlog_poll_scheduled: bool = false;

  constructor(poll: (napi: napi_struct, budget: int) => int) {
    this.backlog = new napi_struct(poll);
  }
}

/** A hardware address that a device takes packets for. */
export interface netdev_hw_addr {
  addr: Uint8Array;
  refcount: int;
}

export class net_device {
  name: string;
  ifindex: int = 0;
  ifalias = '';
  group: int = 0;
  nd_net: net;

  /** IFF_* */
  flags: uint = 0;
  priv_flags: uint = 0;
  lltx: bool = false;
  netns_immutable: bool = false;
  /** Flags as set by users, apart from what promiscuity makes of them. */
  gflags: u16 = 0;
  mtu: uint = 0;
  min_mtu: uint = 0;
  max_mtu: uint = 0;
  /** ARPHRD_* */
  type: u16 = 0;
  hard_header_len: u16 = 0;
  min_header_len: u8 = 0;
  needed_headroom: u16 = 0;
  needed_tailroom: u16 = 0;
  addr_len: u8 = 0;
  addr_assign_type: u8 = 0;
  perm_addr: Uint8Array = new Uint8Array(MAX_ADDR_LEN);
  dev_addr: Uint8Array = new Uint8Array(MAX_ADDR_LEN);
  broadcast: Uint8Array = new Uint8Array(MAX_ADDR_LEN);

  /** 1 << __LINK_STATE_* */
  state: uint = 0;
  reg_state: u8 = NETREG_UNINITIALIZED;
  /** IF_OPER_* */
  operstate: u8 = 0;
  link_mode: u8 = 0;
  proto_down: u8 = 0;
  dismantle: bool = false;

  features: netdev_features_t = 0;
  hw_features: netdev_features_t = 0;
  wanted_features: netdev_features_t = 0;
  vlan_features: netdev_features_t = 0;
  hw_enc_features: netdev_features_t = 0;
  gso_partial_features: netdev_features_t = 0;

  netdev_ops: net_device_ops;
  header_ops: header_ops | null = null;
  ethtool_ops: ethtool_ops | null = null;

  promiscuity: uint = 0;
  allmulti: uint = 0;
  uc: netdev_hw_addr[] = [];
  mc: netdev_hw_addr[] = [];

  /** IPv4's view of the device. */
  ip_ptr: in_device | null = null;

  _tx: netdev_queue[] = [];
  num_tx_queues: uint = 1;
  real_num_tx_queues: uint = 1;
  num_rx_queues: uint = 1;
  real_num_rx_queues: uint = 1;
  qdisc: Qdisc | null = null;
  tx_queue_len: uint = 0;
  watchdog_timeo: int = 0;
  tx_global_lock = 0;

  rx_handler: ((skb: sk_buff) => { skb: sk_buff | null; ret: int }) | null = null;
  rx_handler_data: unknown = null;
  ptype_all: packet_type[] = [];
  ptype_specific: packet_type[] = [];
  napi_list: napi_struct[] = [];
  gro_flush_timeout: u64 = 0;
  napi_defer_hard_irqs: u32 = 0;
  nf_hooks_ingress: unknown = null;
  nf_hooks_egress: unknown = null;

  gso_max_size: uint = GSO_LEGACY_MAX_SIZE;
  gso_ipv4_max_size: uint = GSO_LEGACY_MAX_SIZE;
  gso_max_segs: u16 = GSO_MAX_SEGS;
  tso_max_size: uint = TSO_LEGACY_MAX_SIZE;
  tso_max_segs: u16 = GSO_MAX_SEGS;
  gro_max_size: uint = GRO_LEGACY_MAX_SIZE;
  gro_ipv4_max_size: uint = GRO_LEGACY_MAX_SIZE;

  stats: rtnl_link_stats64 = new rtnl_link_stats64();
  core_stats: net_device_core_stats = new net_device_core_stats();
  carrier_up_count: int = 0;
  carrier_down_count: int = 0;

  /** The device that this one is a port of, and those that are ports of this one. */
  master: net_device | null = null;
  lower: net_device[] = [];
  /** The driver's own data. */
  priv: unknown = null;

  constructor(name: string, nd_net: net, netdev_ops: net_device_ops) {
    this.name = name;
    this.nd_net = nd_net;
    this.netdev_ops = netdev_ops;
  }

  get iflink(): int {
    return this.netdev_ops.ndo_get_iflink !== undefined ? this.netdev_ops.ndo_get_iflink(this) : this.ifindex;
  }
}

/** @notrace */
export function netdev_priv(dev: net_device): unknown {
  return dev.priv;
}

/** @notrace */
export function dev_net(dev: net_device): net {
  return dev.nd_net;
}

/** @notrace */
export function dev_kernel(dev: net_device): Kernel {
  return dev.nd_net.kernel;
}

/** @notrace */
export function netif_running(dev: net_device): bool {
  return (dev.state & (1 << __LINK_STATE_START)) !== 0;
}

/** @notrace */
export function netif_device_present(dev: net_device): bool {
  return (dev.state & (1 << __LINK_STATE_PRESENT)) !== 0;
}

/** @notrace */
export function netif_carrier_ok(dev: net_device): bool {
  return (dev.state & (1 << __LINK_STATE_NOCARRIER)) === 0;
}

/** @notrace */
export function netif_dormant(dev: net_device): bool {
  return (dev.state & (1 << __LINK_STATE_DORMANT)) !== 0;
}

/** @notrace */
export function netif_oper_up(dev: net_device): bool {
  return dev.operstate === 6 || dev.operstate === 0;
}

/** @notrace */
export function netdev_get_tx_queue(dev: net_device, index: uint): netdev_queue {
  return dev._tx[index];
}

/** @notrace */
export function skb_get_tx_queue(dev: net_device, skb: sk_buff): netdev_queue {
  return dev._tx[skb.queue_mapping];
}

/** @notrace */
export function netif_xmit_stopped(dev_queue: netdev_queue): bool {
  return (dev_queue.state & QUEUE_STATE_ANY_XOFF) !== 0;
}

/** @notrace */
export function netif_xmit_frozen_or_stopped(dev_queue: netdev_queue): bool {
  return (dev_queue.state & QUEUE_STATE_ANY_XOFF_OR_FROZEN) !== 0;
}

/** @notrace */
export function netif_tx_queue_stopped(dev_queue: netdev_queue): bool {
  return (dev_queue.state & QUEUE_STATE_DRV_XOFF) !== 0;
}

/** @notrace */
export function netif_queue_stopped(dev: net_device): bool {
  return netif_tx_queue_stopped(dev._tx[0]);
}

/** @notrace */
export function netif_tx_stop_queue(dev_queue: netdev_queue): void {
  dev_queue.state |= QUEUE_STATE_DRV_XOFF;
}

/** The driver takes no more packets for now. @notrace */
export function netif_stop_queue(dev: net_device): void {
  netif_tx_stop_queue(dev._tx[0]);
}

/** @notrace */
export function netif_tx_start_queue(dev_queue: netdev_queue): void {
  dev_queue.state &= ~QUEUE_STATE_DRV_XOFF;
}

/** The driver takes packets. @notrace */
export function netif_start_queue(dev: net_device): void {
  netif_tx_start_queue(dev._tx[0]);
}

/** Bytes to reserve for link-layer headers, rounded up as the kernel rounds. @notrace */
export function LL_RESERVED_SPACE(dev: net_device): int {
  return ((dev.hard_header_len + dev.needed_headroom) & ~(HH_DATA_MOD - 1)) + HH_DATA_MOD;
}

/** @notrace */
export function LL_RESERVED_SPACE_EXTRA(dev: net_device, extra: int): int {
  return ((dev.hard_header_len + dev.needed_headroom + extra) & ~(HH_DATA_MOD - 1)) + HH_DATA_MOD;
}

/** Writes the link-layer header. @returns its length, negative if the destination is not known @notrace */
export function dev_hard_header(
  skb: sk_buff,
  dev: net_device,
  type: u16,
  daddr: Uint8Array | null,
  saddr: Uint8Array | null,
  len: uint,
): int {
  if (dev.header_ops === null) return 0;
  return dev.header_ops.create(skb, dev, type, daddr, saddr, len);
}

/** Reads the sender's link-layer address into `haddr`. @returns its length @notrace */
export function dev_parse_header(skb: sk_buff, haddr: Uint8Array): int {
  const parse = skb.dev?.header_ops?.parse;
  return parse === undefined ? 0 : parse(skb, haddr);
}

/** @notrace */
export function dev_has_header(dev: net_device): bool {
  return dev.header_ops !== null;
}

/** @notrace */
export function netif_is_bridge_master(dev: net_device): bool {
  return (dev.priv_flags & IFF_EBRIDGE) !== 0;
}

/** @notrace */
export function netif_is_bridge_port(dev: net_device): bool {
  return (dev.priv_flags & IFF_BRIDGE_PORT) !== 0;
}

/** @notrace */
export function netif_is_l3_slave(_dev: net_device): bool {
  return false;
}

/** @notrace */
export function netif_is_l3_master(_dev: net_device): bool {
  return false;
}

/** The NETIF_F_* bit by which a device takes packets of that SKB_GSO_* type, or 0. @notrace */
export function net_gso_features(gso_type: uint): netdev_features_t {
  let features = 0;
  if ((gso_type & 0x1) !== 0) features |= 1 << 9;
  if ((gso_type & 0x10) !== 0) features |= 1 << 13;
  if ((gso_type & 0x4) !== 0) features |= 1 << 11;
  if ((gso_type & 0x8) !== 0) features |= 1 << 12;
  if ((gso_type & 0x2) !== 0) features |= 1 << 10;
  if ((gso_type & (1 << 17)) !== 0) features |= 1 << 14;
  if ((gso_type & (1 << 18)) !== 0) features |= 1 << 15;
  if ((gso_type & (1 << 14)) !== 0) features |= 1 << 25;
  return features;
}

/** Whether something with these features can take packets of that SKB_GSO_* type. @notrace */
export function net_gso_ok(features: netdev_features_t, gso_type: uint): bool {
  const feature = net_gso_features(gso_type);
  return (features & feature) === feature;
}

/** @notrace */
export function skb_gso_ok(skb: sk_buff, features: netdev_features_t): bool {
  return net_gso_ok(features, skb.shinfo.gso_type) && (skb.shinfo.frag_list === null || (features & (1 << 5)) !== 0);
}

/** Whether a GSO packet must be segmented in software before the device gets it. @notrace */
export function netif_needs_gso(skb: sk_buff, features: netdev_features_t): bool {
  return skb.shinfo.gso_size !== 0 && (!skb_gso_ok(skb, features) || (skb.ip_summed !== 3 && skb.ip_summed !== 1));
}

/** @notrace */
export function netif_set_gso_max_size(dev: net_device, size: uint): void {
  dev.gso_max_size = size;
  if (size <= GSO_LEGACY_MAX_SIZE) dev.gso_ipv4_max_size = size;
}

/** @notrace */
export function netif_set_gso_max_segs(dev: net_device, segs: uint): void {
  dev.gso_max_segs = segs;
}

/** Whether more packets follow at once: the driver may wait with telling its hardware. @notrace */
export function netdev_xmit_more(kernel: Kernel): bool {
  return kernel.softnet_data.xmit_more !== 0;
}

/** @notrace */
export function dev_xmit_recursion(kernel: Kernel): bool {
  return kernel.softnet_data.xmit_recursion > 8;
}

/** @notrace */
export function dev_xmit_recursion_inc(kernel: Kernel): void {
  kernel.softnet_data.xmit_recursion++;
}

/** @notrace */
export function dev_xmit_recursion_dec(kernel: Kernel): void {
  kernel.softnet_data.xmit_recursion--;
}

/** Whether dev_queue_xmit() took the packet. @notrace */
export function dev_xmit_complete(rc: int): bool {
  return rc < NET_XMIT_MASK;
}

/** A result of dev_queue_xmit() as an errno: congestion counts as success. @notrace */
export function net_xmit_errno(e: int): int {
  return e !== NET_XMIT_CN ? -105 : 0;
}

/** A result of dev_queue_xmit() without congestion. @notrace */
export function net_xmit_eval(e: int): int {
  return e === NET_XMIT_CN ? 0 : e;
}

/** @notrace */
export function napi_disable_pending(n: napi_struct): bool {
  return (n.state & NAPIF_STATE_DISABLE) !== 0;
}

/** Counts a packet that came and went without a receiver. @notrace */
export function dev_core_stats_rx_dropped_inc(dev: net_device): void {
  dev.core_stats.rx_dropped++;
}

/** @notrace */
export function dev_core_stats_tx_dropped_inc(dev: net_device): void {
  dev.core_stats.tx_dropped++;
}

/** @notrace */
export function dev_core_stats_rx_nohandler_inc(dev: net_device): void {
  dev.core_stats.rx_nohandler++;
}

/** @notrace */
export function dev_core_stats_rx_otherhost_dropped_inc(dev: net_device): void {
  dev.core_stats.rx_otherhost_dropped++;
}
