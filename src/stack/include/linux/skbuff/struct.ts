// struct sk_buff and what it consists of (include/linux/skbuff.h). Only types are imported here, so that this
// file is whole before any file that uses it. The inline helpers are in ../skbuff.ts, which exports all this too.
//
// head is the buffer; data, tail, end and the *_header fields are offsets in it. Where Linux keeps skb_shared_info
// behind the buffer's end it is an object of its own here (shinfo), shared by clones as the buffer is. Control
// blocks (skb->cb) are an object for each protocol, made when first asked for and kept with the sk_buff.

import type { dst_entry } from '../../net/dst/struct.js';
import type { neighbour_cb } from '../../net/neighbour.js';
import type { napi_gro_cb } from '../../net/gro.js';
import type { skb_gso_cb } from '../../net/gso.js';
import type { inet_skb_parm } from '../../net/ip.js';
import type { qdisc_skb_cb } from '../../net/sch_generic.js';
import type { sock } from '../../net/sock/struct.js';
import type { tcp_skb_cb } from '../../net/tcp.js';
import type { udp_skb_cb } from '../../net/udp.js';
import type { ipfrag_skb_cb } from '../../../net/ipv4/inet_fragment.js';
import type { packet_skb_cb } from '../../../net/packet/internal.js';
import type { nf_conntrack } from '../netfilter/nf_conntrack_common.js';
import type { sock_exterr_skb } from '../errqueue.js';
import type { net_device } from '../netdevice.js';
import type { rb_node } from '../rbtree.js';
import type {
  __be16,
  __wsum,
  atomic_t,
  bool,
  int,
  ktime_t,
  refcount_t,
  skb_data_ptr,
  u16,
  u32,
  u64,
  u8,
  uint,
} from '../types.js';

/**
 * What every class of control blocks has: it is cleared when the skb is used again, and copied when it is cloned.
 */
export interface skb_cb_owner<T> {
  reset(): void;
  copy(from: T): void;
}

/** A fragment of an skb outside its head: `size` bytes from `offset` on in `page`. */
export class skb_frag_t {
  page: Uint8Array;
  offset: uint;
  size: uint;

  constructor(page: Uint8Array, offset: uint, size: uint) {
    this.page = page;
    this.offset = offset;
    this.size = size;
  }
}

/** Time stamps that a device took. ns since boot; see ktime_get_real_ns() for the wall clock. */
export class skb_shared_hwtstamps {
  hwtstamp: ktime_t = 0;
}

/** Told when the last skb that refers to a user's buffer is done with it (MSG_ZEROCOPY). */
export interface ubuf_info {
  ops: ubuf_info_ops;
  refcnt: refcount_t;
  flags: u8;
}

export interface ubuf_info_ops {
  complete(skb: sk_buff | null, uarg: ubuf_info, zerocopy_success: bool): void;
  link_skb: ((skb: sk_buff, uarg: ubuf_info) => int) | null;
}

/** What clones of an skb share beside the bytes. */
export class skb_shared_info {
  /** SKBFL_* */
  flags: u8 = 0;
  nr_frags: u8 = 0;
  /** SKBTX_* */
  tx_flags: u8 = 0;
  /** Bytes of payload a segment, 0 where the packet is not to be segmented. */
  gso_size: u16 = 0;
  gso_segs: u16 = 0;
  /** SKB_GSO_* */
  gso_type: uint = 0;
  tskey: u32 = 0;
  /** References to the buffer: all in the low 16 bits, those to the payload alone in the high 16. */
  dataref: atomic_t = 1;
  /** The first nr_frags are in use; what stands behind is kept to be used again. */
  frags: skb_frag_t[] = [];
  frag_list: sk_buff | null = null;
  hwtstamps: skb_shared_hwtstamps = new skb_shared_hwtstamps();
  destructor_arg: ubuf_info | null = null;
}

/** A list of sk_buffs, linked through their next and prev; the list itself is its head. */
export class sk_buff_head {
  next: sk_buff | null = null;
  prev: sk_buff | null = null;
  qlen: u32 = 0;
}

/** A buffer as probes see it: at its end, skb_end_pointer(), lies what its users share. */
class skb_head extends Uint8Array<ArrayBufferLike> {
  readonly followed_by: skb_shared_info;

  constructor(head: Uint8Array, shinfo: skb_shared_info) {
    super(head.buffer, head.byteOffset, head.byteLength);
    this.followed_by = shinfo;
  }
}

export class sk_buff {
  /** Neighbours in a sk_buff_head; null at its ends. `next` also links segments and fragment lists. */
  next: sk_buff | null = null;
  prev: sk_buff | null = null;
  dev: net_device | null = null;
  /** The place in a tree: TCP's retransmit and out-of-order queues, netem, fq, reassembly. */
  rbnode: rb_node<sk_buff> | null = null;
  sk: sock | null = null;
  ip_defrag_offset: int = 0;
  /** ns since boot, whatever the clock that tstamp_type names. */
  tstamp: ktime_t = 0;

  /** Control blocks, see IPCB(), TCP_SKB_CB(), NEIGH_CB() … */
  ipcb: inet_skb_parm | null = null;
  tcpcb: tcp_skb_cb | null = null;
  udpcb: udp_skb_cb | null = null;
  fragcb: ipfrag_skb_cb | null = null;
  neighcb: neighbour_cb | null = null;
  qdisccb: qdisc_skb_cb | null = null;
  grocb: napi_gro_cb | null = null;
  gsocb: skb_gso_cb | null = null;
  packetcb: packet_skb_cb | null = null;
  exterrcb: sock_exterr_skb | null = null;

  _skb_refdst: dst_entry | null = null;
  /** Whether _skb_refdst holds no reference (SKB_DST_NOREF). */
  _skb_refdst_noref: bool = false;
  destructor: ((skb: sk_buff) => void) | null = null;
  /** Connection of conntrack, and IP_CT_* in _nfctinfo. */
  _nfct: nf_conntrack | null = null;
  _nfctinfo: u8 = 0;

  len: uint = 0;
  data_len: uint = 0;
  mac_len: u16 = 0;
  hdr_len: u16 = 0;
  queue_mapping: u16 = 0;
  cloned: u8 = 0;
  nohdr: u8 = 0;
  fclone: u8 = 0;
  peeked: u8 = 0;
  /** The buffer was not allocated for skbs: it does not go back to their cache. */
  head_frag: u8 = 0;
  pfmemalloc: u8 = 0;
  /** PACKET_* */
  pkt_type: u8 = 0;
  ignore_df: u8 = 0;
  dst_pending_confirm: u8 = 0;
  /** CHECKSUM_* */
  ip_summed: u8 = 0;
  ooo_okay: u8 = 0;
  tstamp_type: u8 = 0;
  l4_hash: u8 = 0;
  sw_hash: u8 = 0;
  no_fcs: u8 = 0;
  encapsulation: u8 = 0;
  encap_hdr_csum: u8 = 0;
  csum_valid: u8 = 0;
  csum_complete_sw: u8 = 0;
  csum_level: u8 = 0;
  csum_not_inet: u8 = 0;
  inner_protocol_type: u8 = 0;
  remcsum_offload: u8 = 0;
  offload_fwd_mark: u8 = 0;
  redirected: u8 = 0;
  from_ingress: u8 = 0;
  nf_trace: u8 = 0;
  slow_gro: u8 = 0;
  decrypted: u8 = 0;
  tc_index: u16 = 0;
  alloc_cpu: u16 = 0;

  csum: __wsum = 0;
  /** Offset in head from which the checksum is to be taken, and where it goes from there (CHECKSUM_PARTIAL). */
  csum_start: u16 = 0;
  csum_offset: u16 = 0;
  priority: u32 = 0;
  skb_iif: int = 0;
  hash: u32 = 0;
  vlan_proto: __be16 = 0;
  vlan_tci: u16 = 0;
  /** Id of the NAPI that the packet came through, or 1 + the CPU that sent it. */
  napi_id: uint = 0;
  secmark: u32 = 0;
  mark: u32 = 0;
  reserved_tailroom: u32 = 0;

  inner_protocol: __be16 = 0;
  inner_transport_header: u16 = 0;
  inner_network_header: u16 = 0;
  inner_mac_header: u16 = 0;

  protocol: __be16 = 0;
  transport_header: u16 = 0;
  network_header: u16 = 0;
  mac_header: u16 = 0;

  tail: skb_data_ptr = 0;
  end: skb_data_ptr = 0;
  head: Uint8Array;
  data: skb_data_ptr = 0;
  truesize: uint = 0;
  users: refcount_t = 0;

  shinfo: skb_shared_info;
  /** The pair that this one was allocated in, if it was. */
  fclones: sk_buff_fclones | null = null;

  constructor(head: Uint8Array, shinfo: skb_shared_info) {
    this.head = head;
    this.shinfo = shinfo;
  }

  /**
   * The bytes from data on: what probes see as `data`, an address as in Linux.
   * @field data
   */
  get data_bytes(): Uint8Array {
    return this.head.subarray(this.data);
  }
  /**
   * The buffer: what probes see as `head`, with the shared information behind its end.
   * @field head
   */
  get head_bytes(): Uint8Array {
    return new skb_head(this.head, this.shinfo);
  }
  /**
   * The place of the control blocks: an object each here, found by its struct at this address.
   * @field cb char[48]
   */
  get control_buffer(): string {
    return '';
  }
  /** ns since boot of the departure that the sender asked for: the same place as tstamp. */
  get skb_mstamp_ns(): u64 {
    return this.tstamp;
  }
  set skb_mstamp_ns(value: u64) {
    this.tstamp = value;
  }
  /** Scratch of a receive queue, in the place of `dev`: see udp_dev_scratch. */
  get vlan_all(): u32 {
    return (this.vlan_proto | (this.vlan_tci << 16)) >>> 0;
  }
  set vlan_all(value: u32) {
    this.vlan_proto = value & 0xffff;
    this.vlan_tci = value >>> 16;
  }
  get sender_cpu(): uint {
    return this.napi_id;
  }
  set sender_cpu(value: uint) {
    this.napi_id = value;
  }
}

/** Two sk_buffs allocated at once: the second is the clone that TCP sends of the first. */
export class sk_buff_fclones {
  skb1: sk_buff;
  skb2: sk_buff;
  fclone_ref: refcount_t = 1;

  constructor(skb1: sk_buff, skb2: sk_buff) {
    this.skb1 = skb1;
    this.skb2 = skb2;
  }
}
