// struct sock_common, sock and proto (include/net/sock.h). Only leaf modules are imported here, so that this file
// is whole before any that extends its classes. The inline helpers are in ../sock.ts, which exports all this too.

import type { Kernel } from '../../../kernel/kernel.js';
import type { socket, socket_wq } from '../../linux/net.js';
import type { Task } from '../../linux/sched.js';
import { sk_buff_head } from '../../linux/skbuff/struct.js';
import type { sk_buff } from '../../linux/skbuff/struct.js';
import type { msghdr, sockaddr } from '../../linux/socket.js';
import { timer_list } from '../../linux/timer.js';
import type {
  __be16,
  __be32,
  atomic_t,
  bool,
  int,
  ktime_t,
  long,
  refcount_t,
  u16,
  u32,
  u64,
  u8,
  uint,
  ulong,
} from '../../linux/types.js';
import type { dst_entry } from '../dst/struct.js';
import type { inet_hashinfo } from '../inet_hashtables.js';
import type { net } from '../net_namespace.js';
import type { request_sock_ops } from '../request_sock.js';
import type { timewait_sock_ops } from '../inet_timewait_sock.js';
import type { sk_filter } from '../../linux/filter.js';
import type { udp_table } from '../udp.js';

export const SOCK_SNDBUF_LOCK = 1;
export const SOCK_RCVBUF_LOCK = 2;
export const SOCK_BINDADDR_LOCK = 4;
export const SOCK_BINDPORT_LOCK = 8;
export const SOCK_BUF_LOCK_MASK = SOCK_SNDBUF_LOCK | SOCK_RCVBUF_LOCK;

/** What full sockets, connection requests and time-wait sockets have in common: the addresses they are found by. @packed */
export class sock_common {
  skc_daddr: __be32 = 0;
  skc_rcv_saddr: __be32 = 0;
  skc_hash: u32 = 0;
  skc_dport: __be16 = 0;
  /** Local port, host order. */
  skc_num: u16 = 0;
  skc_family: u16 = 0;
  /** TCP_* state */
  skc_state: u8 = 0;
  skc_reuse: u8 = 0;
  skc_reuseport: u8 = 0;
  skc_ipv6only: u8 = 0;
  skc_net_refcnt: u8 = 0;
  skc_bound_dev_if: int = 0;
  skc_prot!: proto;
  skc_net!: net;
  skc_cookie: u64 = 0;
  /** 1 << SOCK_* */
  skc_flags: ulong = 0;
  /** @rare */
  skc_listener: sock | null = null;
  skc_incoming_cpu: u32 = 0;
  skc_tx_queue_mapping: u16 = 0xffff;
  skc_rx_queue_mapping: u16 = 0xffff;
  skc_refcnt: refcount_t = 1;
  skc_rxhash: u32 = 0;
  skc_window_clamp: u32 = 0;
  /** Neighbours in a chain of the established table, and whether it stands in a table. */
  skc_next: sock_common | null = null;
  skc_prev: sock_common | null = null;
  /** Neighbours among the owners of a port and address. */
  skc_bind_next: sock_common | null = null;
  skc_bind_prev: sock_common | null = null;
  skc_hashed: bool = false;

  get sk_daddr(): __be32 {
    return this.skc_daddr;
  }
  set sk_daddr(v: __be32) {
    this.skc_daddr = v;
  }
  get sk_rcv_saddr(): __be32 {
    return this.skc_rcv_saddr;
  }
  set sk_rcv_saddr(v: __be32) {
    this.skc_rcv_saddr = v;
  }
  get sk_hash(): u32 {
    return this.skc_hash;
  }
  set sk_hash(v: u32) {
    this.skc_hash = v;
  }
  get sk_dport(): __be16 {
    return this.skc_dport;
  }
  set sk_dport(v: __be16) {
    this.skc_dport = v;
  }
  get sk_num(): u16 {
    return this.skc_num;
  }
  set sk_num(v: u16) {
    this.skc_num = v;
  }
  get sk_family(): u16 {
    return this.skc_family;
  }
  set sk_family(v: u16) {
    this.skc_family = v;
  }
  get sk_state(): u8 {
    return this.skc_state;
  }
  set sk_state(v: u8) {
    this.skc_state = v;
  }
  get sk_reuse(): u8 {
    return this.skc_reuse;
  }
  set sk_reuse(v: u8) {
    this.skc_reuse = v;
  }
  get sk_reuseport(): u8 {
    return this.skc_reuseport;
  }
  set sk_reuseport(v: u8) {
    this.skc_reuseport = v;
  }
  get sk_net_refcnt(): u8 {
    return this.skc_net_refcnt;
  }
  set sk_net_refcnt(v: u8) {
    this.skc_net_refcnt = v;
  }
  get sk_bound_dev_if(): int {
    return this.skc_bound_dev_if;
  }
  set sk_bound_dev_if(v: int) {
    this.skc_bound_dev_if = v;
  }
  get sk_prot(): proto {
    return this.skc_prot;
  }
  set sk_prot(v: proto) {
    this.skc_prot = v;
  }
  get sk_net(): net {
    return this.skc_net;
  }
  set sk_net(v: net) {
    this.skc_net = v;
  }
  get sk_cookie(): u64 {
    return this.skc_cookie;
  }
  set sk_cookie(v: u64) {
    this.skc_cookie = v;
  }
  get sk_flags(): ulong {
    return this.skc_flags;
  }
  set sk_flags(v: ulong) {
    this.skc_flags = v;
  }
  get sk_incoming_cpu(): u32 {
    return this.skc_incoming_cpu;
  }
  set sk_incoming_cpu(v: u32) {
    this.skc_incoming_cpu = v;
  }
  get sk_refcnt(): refcount_t {
    return this.skc_refcnt;
  }
  set sk_refcnt(v: refcount_t) {
    this.skc_refcnt = v;
  }
  get sk_rxhash(): u32 {
    return this.skc_rxhash;
  }
  set sk_rxhash(v: u32) {
    this.skc_rxhash = v;
  }
  get sk_tx_queue_mapping(): u16 {
    return this.skc_tx_queue_mapping;
  }
  set sk_tx_queue_mapping(v: u16) {
    this.skc_tx_queue_mapping = v;
  }
  get sk_rx_queue_mapping(): u16 {
    return this.skc_rx_queue_mapping;
  }
  set sk_rx_queue_mapping(v: u16) {
    this.skc_rx_queue_mapping = v;
  }
}

/** Packets that came while a task owned the socket. */
export class sk_backlog {
  rmem_alloc: atomic_t = 0;
  /** Bytes of truesize. */
  len: int = 0;
  head: sk_buff | null = null;
  tail: sk_buff | null = null;
}

/** Who owns a socket. */
export class socket_lock_t {
  owned: int = 0;
}

/** Where the data of a stream socket is gathered: a piece of memory and how much of it is used. */
export class page_frag {
  page: Uint8Array | null = null;
  offset: u32 = 0;
  size: u32 = 0;
}

/** A socket of any family. @packed */
export class sock extends sock_common {
  /** @embedded */
  sk_lock: socket_lock_t = new socket_lock_t();
  sk_drops: atomic_t = 0;
  sk_rcvlowat: int = 1;
  /** @rare */
  sk_error_queue: sk_buff_head = new sk_buff_head();
  sk_receive_queue: sk_buff_head = new sk_buff_head();
  /** @embedded */
  sk_backlog: sk_backlog = new sk_backlog();
  sk_forward_alloc: int = 0;
  sk_reserved_mem: u32 = 0;
  sk_ll_usec: uint = 0;
  sk_rcvbuf: int = 0;
  sk_filter: sk_filter | null = null;
  sk_wq: socket_wq | null = null;
  sk_rx_dst: dst_entry | null = null;
  sk_rx_dst_ifindex: int = 0;
  sk_rx_dst_cookie: u32 = 0;
  sk_dst_cache: dst_entry | null = null;
  sk_omem_alloc: atomic_t = 0;
  sk_sndbuf: int = 0;
  sk_wmem_queued: int = 0;
  /** Bytes of truesize on their way through the host, and one for the socket itself. */
  sk_wmem_alloc: refcount_t = 1;
  sk_tsq_flags: ulong = 0;
  /** @rare */
  sk_send_head: sk_buff | null = null;
  sk_write_queue: sk_buff_head = new sk_buff_head();
  sk_peek_off: int = -1;
  sk_write_pending: int = 0;
  sk_dst_pending_confirm: u32 = 0;
  sk_pacing_status: u32 = 0;
  /** @embedded */
  sk_frag: page_frag = new page_frag();
  /** Set up when it is first armed. @rare */
  sk_timer: timer_list = new timer_list();
  /** Bytes a second; infinite where no pacing is wanted. */
  sk_pacing_rate: ulong = Infinity;
  sk_max_pacing_rate: ulong = Infinity;
  sk_zckey: atomic_t = 0;
  sk_tskey: atomic_t = 0;
  /** NETIF_F_* of the device that it sends through. */
  sk_route_caps: u32 = 0;
  sk_gso_type: int = 0;
  sk_gso_max_size: uint = 0;
  sk_gso_max_segs: u16 = 0;
  sk_allocation: u32 = 0;
  sk_txhash: u32 = 0;
  sk_gso_disabled: u8 = 0;
  sk_kern_sock: u8 = 0;
  sk_no_check_tx: u8 = 0;
  sk_no_check_rx: u8 = 0;
  /** SOCK_*BUF_LOCK, SOCK_BIND*_LOCK */
  sk_userlocks: u8 = 0;
  sk_pacing_shift: u8 = 10;
  sk_type: u16 = 0;
  sk_protocol: u16 = 0;
  /** jiffies */
  sk_lingertime: ulong = 0;
  sk_err: int = 0;
  sk_err_soft: int = 0;
  sk_ack_backlog: u32 = 0;
  sk_max_ack_backlog: u32 = 0;
  sk_uid: u32 = 0;
  sk_txrehash: u8 = 0;
  sk_prefer_busy_poll: u8 = 0;
  sk_busy_poll_budget: u16 = 0;
  /** jiffies, or MAX_SCHEDULE_TIMEOUT */
  sk_rcvtimeo: long = Infinity;
  sk_sndtimeo: long = Infinity;
  /** ns since boot of the last packet read, for SIOCGSTAMP; -1: never asked for */
  sk_stamp: ktime_t = -1;
  sk_shutdown: u8 = 0;
  /** SOF_TIMESTAMPING_* */
  sk_tsflags: u32 = 0;
  sk_use_task_frag: u8 = 0;
  sk_clockid: u8 = 0;
  sk_txtime_deadline_mode: u8 = 0;
  sk_txtime_report_errors: u8 = 0;
  sk_socket: socket | null = null;
  /** @rare */
  sk_user_data: unknown = null;
  sk_mark: u32 = 0;
  sk_priority: u32 = 0;
  sk_napi_id: uint = 0;
  /** @rare */
  sk_reuseport_cb: unknown = null;
  sk_state_change: (sk: sock) => void = sock_nop;
  sk_data_ready: (sk: sock) => void = sock_nop;
  sk_write_space: (sk: sock) => void = sock_nop;
  sk_error_report: (sk: sock) => void = sock_nop;
  sk_backlog_rcv: (sk: sock, skb: sk_buff) => int = sock_nop_rcv;
  sk_destruct: (sk: sock) => void = sock_nop;

  /** The struct that this one begins with, by the name it has in the kernel. */
  get __sk_common(): sock_common {
    return this;
  }
  /** Bytes of truesize in the receive queue. */
  get sk_rmem_alloc(): atomic_t {
    return this.sk_backlog.rmem_alloc;
  }
  set sk_rmem_alloc(v: atomic_t) {
    this.sk_backlog.rmem_alloc = v;
  }
}

function sock_nop(_sk: sock): void {
  // Set by sock_init_data().
}

function sock_nop_rcv(_sk: sock, _skb: sk_buff): int {
  return 0;
}

/** What accept() is told, and its result. */
export interface proto_accept_arg {
  flags: int;
  err: int;
  is_empty: int;
  kern: bool;
}

/** The hash table that a protocol's sockets stand in. */
export interface proto_hashtables {
  hashinfo?: (kernel: Kernel) => inet_hashinfo;
  udp_table?: (net: net) => udp_table;
}

/** A transport protocol towards the socket layer. What may sleep is a generator. */
export interface proto {
  name: string;
  /** Makes an empty socket of the protocol's own class. */
  sk_alloc: () => sock;
  max_header?: int;
  no_autobind?: bool;
  slab_flags?: uint;
  obj_size?: uint;

  close: (sk: sock, timeout: long) => Task<void>;
  pre_connect?: (sk: sock, uaddr: sockaddr, addr_len: int) => int;
  connect?: (sk: sock, uaddr: sockaddr, addr_len: int) => Task<int>;
  disconnect?: (sk: sock, flags: int) => int;
  accept?: (sk: sock, arg: proto_accept_arg) => Task<sock | null>;
  ioctl?: (sk: sock, cmd: u32, karg: { value: int }) => int;
  init?: (sk: sock) => int;
  destroy?: (sk: sock) => void;
  shutdown?: (sk: sock, how: int) => void;
  setsockopt?: (sk: sock, level: int, optname: int, optval: Uint8Array, optlen: int) => int;
  getsockopt?: (sk: sock, level: int, optname: int, optval: Uint8Array, optlen: { value: int }) => int;
  keepalive?: (sk: sock, valbool: int) => void;
  sendmsg?: (sk: sock, msg: msghdr, len: uint) => Task<int>;
  recvmsg?: (sk: sock, msg: msghdr, len: uint, flags: int) => Task<int>;
  splice_eof?: (sock: socket) => Task<void>;
  bind?: (sk: sock, addr: sockaddr, addr_len: int) => int;
  bind_add?: (sk: sock, addr: sockaddr, addr_len: int) => int;
  backlog_rcv?: (sk: sock, skb: sk_buff) => int;
  release_cb?: (sk: sock) => void;
  hash?: (sk: sock) => int;
  unhash?: (sk: sock) => void;
  rehash?: (sk: sock) => void;
  get_port?: (sk: sock, snum: u16) => int;
  put_port?: (sk: sock) => void;
  stream_memory_free?: (sk: sock, wake: int) => bool;
  sock_is_readable?: (sk: sock) => bool;
  enter_memory_pressure?: (sk: sock) => void;
  leave_memory_pressure?: (sk: sock) => void;
  diag_destroy?: (sk: sock, err: int) => int;
  /** The counters of memory and sockets; absent: they are not counted. */
  memory?: (kernel: Kernel) => proto_memory;
  /** Limits in pages: below the first no care is taken, above the third nothing is given. */
  sysctl_mem?: (net: net) => readonly number[];
  sysctl_wmem?: (net: net) => readonly number[];
  sysctl_rmem?: (net: net) => readonly number[];
  rsk_prot?: request_sock_ops;
  twsk_prot?: timewait_sock_ops;
  h?: proto_hashtables;
}

/** Memory and sockets of one protocol on one machine. */
export interface proto_memory {
  /** pages */
  memory_allocated: long;
  memory_pressure: ulong;
  sockets_allocated: int;
}
