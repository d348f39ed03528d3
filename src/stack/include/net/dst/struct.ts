// struct dst_entry and dst_ops (include/net/dst.h, dst_ops.h), and the route metrics (include/uapi/linux/rtnetlink.h).
// Only types are imported here, so that this file is whole before any that extends its classes.

import type { net_device } from '../../linux/netdevice.js';
import type { sk_buff } from '../../linux/skbuff/struct.js';
import type { __be32, bool, int, s16, u16, u32, ulong } from '../../linux/types.js';
import type { neighbour } from '../neighbour.js';
import type { net } from '../net_namespace.js';
import type { sock } from '../sock/struct.js';

export const RTAX_UNSPEC = 0;
export const RTAX_LOCK = 1;
export const RTAX_MTU = 2;
export const RTAX_WINDOW = 3;
export const RTAX_RTT = 4;
export const RTAX_RTTVAR = 5;
export const RTAX_SSTHRESH = 6;
export const RTAX_CWND = 7;
export const RTAX_ADVMSS = 8;
export const RTAX_REORDERING = 9;
export const RTAX_HOPLIMIT = 10;
export const RTAX_INITCWND = 11;
export const RTAX_FEATURES = 12;
export const RTAX_RTO_MIN = 13;
export const RTAX_INITRWND = 14;
export const RTAX_QUICKACK = 15;
export const RTAX_CC_ALGO = 16;
export const RTAX_FASTOPEN_NO_COOKIE = 17;
export const __RTAX_MAX = 18;
export const RTAX_MAX = __RTAX_MAX - 1;

export const RTAX_FEATURE_ECN = 1 << 0;
export const RTAX_FEATURE_SACK = 1 << 1;
export const RTAX_FEATURE_TIMESTAMP = 1 << 2;
export const RTAX_FEATURE_ALLFRAG = 1 << 3;
export const RTAX_FEATURE_TCP_USEC_TS = 1 << 4;
export const DST_FEATURE_ECN_CA = 0x80000000;

export const DST_NOXFRM = 0x0002;
export const DST_NOPOLICY = 0x0004;
export const DST_NOCOUNT = 0x0008;
export const DST_FAKE_RTABLE = 0x0010;
export const DST_XFRM_TUNNEL = 0x0020;
export const DST_XFRM_QUEUE = 0x0040;
export const DST_METADATA = 0x0080;

export const DST_OBSOLETE_NONE = 0;
export const DST_OBSOLETE_DEAD = 2;
export const DST_OBSOLETE_FORCE_CHK = -1;
export const DST_OBSOLETE_KILL = -2;

/** Metrics of a route without any. Shared: dst_metric_set() copies before it writes. */
export const dst_default_metrics: Float64Array = new Float64Array(RTAX_MAX);

/** What a protocol does with its destinations. */
export interface dst_ops {
  family: u16;
  check: (dst: dst_entry, cookie: u32) => dst_entry | null;
  default_advmss: (dst: dst_entry) => u32;
  mtu: (dst: dst_entry) => u32;
  cow_metrics?: (dst: dst_entry, old: ulong) => Float64Array | null;
  destroy?: (dst: dst_entry) => void;
  ifdown?: (dst: dst_entry, dev: net_device) => void;
  negative_advice?: (sk: sock, dst: dst_entry) => void;
  link_failure?: (skb: sk_buff) => void;
  update_pmtu?: (dst: dst_entry, sk: sock | null, skb: sk_buff | null, mtu: u32, confirm_neigh: bool) => void;
  redirect?: (dst: dst_entry, sk: sock | null, skb: sk_buff) => void;
  local_out?: (net: net, sk: sock | null, skb: sk_buff) => int;
  neigh_lookup?: (dst: dst_entry, skb: sk_buff | null, daddr: __be32) => neighbour | null;
  confirm_neigh?: (dst: dst_entry, daddr: __be32) => void;
}

/** A destination. Protocols extend it (rtable). */
export class dst_entry {
  dev: net_device;
  ops: dst_ops;
  /** RTAX_* - 1 is the index. */
  _metrics: Float64Array = dst_default_metrics;
  _metrics_shared: bool = true;
  /** jiffies, 0 for never */
  expires: ulong = 0;
  input: (skb: sk_buff) => int;
  output: (net: net, sk: sock | null, skb: sk_buff) => int;
  flags: u16;
  /** DST_OBSOLETE_*: anything but 0 means that ops.check() is asked before use. */
  obsolete: s16;
  header_len: u16 = 0;
  trailer_len: u16 = 0;
  __rcuref: int = 1;
  __use: int = 0;
  /** jiffies */
  lastuse: ulong = 0;
  error: s16 = 0;
  tclassid: u32 = 0;

  constructor(
    ops: dst_ops,
    dev: net_device,
    initial_obsolete: int,
    flags: u16,
    input: (skb: sk_buff) => int,
    output: (net: net, sk: sock | null, skb: sk_buff) => int,
  ) {
    this.ops = ops;
    this.dev = dev;
    this.obsolete = initial_obsolete;
    this.flags = flags;
    this.input = input;
    this.output = output;
  }
}
