// A socket's beginning and end (net/core/sock.c).

import { mod_timer, timer_delete, timer_delete_sync } from '../../../kernel/time/timer.js';
import { current } from '../../../kernel/current.js';
import type { socket } from '../../../include/linux/net.js';
import { skb_queue_head_init } from '../../../include/linux/skbuff/queue.js';
import { sk_buff_head } from '../../../include/linux/skbuff/struct.js';
import type { timer_list } from '../../../include/linux/timer.js';
import type { bool, gfp_t, int, u64, ulong } from '../../../include/linux/types.js';
import type { net } from '../../../include/net/net_namespace.js';
import {
  NO_QUEUE_MAPPING,
  SOCK_DONE,
  SOCK_ZAPPED,
  sk_set_socket,
  sk_tx_queue_clear,
  sock_net_set,
  sock_put,
  sock_reset_flag,
  sock_set_flag,
} from '../../../include/net/sock.js';
import type { proto, sock } from '../../../include/net/sock/struct.js';
import { TCP_CLOSE } from '../../../include/net/tcp_states.js';
import { sock_orphan } from '../../../include/net/sock.js';
import { net_enable_timestamp } from '../dev.js';
import { SK_FLAGS_TIMESTAMP, sock_disable_timestamp } from './options.js';
import { sk_filter_charge, sk_filter_uncharge } from '../filter.js';
import { struct_copy } from '../../../mm/slab.js';
import {
  sock_def_destruct,
  sock_def_error_report,
  sock_def_readable,
  sock_def_wakeup,
  sock_def_write_space,
} from './wakeup.js';

/** Makes a socket of a protocol. @EXPORT_SYMBOL */
export function sk_alloc(net: net, family: int, _priority: gfp_t, prot: proto, kern: bool): sock | null {
  const sk = prot.sk_alloc();
  sk.sk_family = family;
  sk.sk_prot = prot;
  sk.sk_kern_sock = kern ? 1 : 0;
  sk.sk_net_refcnt = kern ? 0 : 1;
  sock_net_set(sk, net);
  sk.sk_wmem_alloc = 1;
  sk_tx_queue_clear(sk);
  net.core.sock_inuse++;
  return sk;
}

/** Sets what every socket begins with. @param sock its struct socket, or null @EXPORT_SYMBOL */
export function sock_init_data(sock: socket | null, sk: sock): void {
  sock_init_data_uid(sock, sk, sock !== null ? (sock.file !== null ? current().uid : 0) : 0);
}

/** @EXPORT_SYMBOL */
export function sock_init_data_uid(sock: socket | null, sk: sock, uid: int): void {
  const core = sk.sk_net.core;
  skb_queue_head_init(sk.sk_receive_queue);
  skb_queue_head_init(sk.sk_write_queue);
  sk.sk_send_head = null;
  sk.sk_allocation = 0;
  sk.sk_rcvbuf = core.sysctl_rmem_default;
  sk.sk_sndbuf = core.sysctl_wmem_default;
  sk.sk_state = TCP_CLOSE;
  sk.sk_use_task_frag = 1;
  sk_set_socket(sk, sock);
  sock_set_flag(sk, SOCK_ZAPPED);
  if (sock !== null) {
    sk.sk_type = sock.type;
    sk.sk_wq = sock.wq;
    sock.sk = sk;
  } else {
    sk.sk_wq = null;
  }
  sk.sk_uid = uid;
  sk.sk_state_change = sock_def_wakeup;
  sk.sk_data_ready = sock_def_readable;
  sk.sk_write_space = sock_def_write_space;
  sk.sk_error_report = sock_def_error_report;
  sk.sk_destruct = sock_def_destruct;
  sk.sk_frag.page = null;
  sk.sk_frag.offset = 0;
  sk.sk_peek_off = -1;
  sk.sk_write_pending = 0;
  sk.sk_rcvlowat = 1;
  sk.sk_rcvtimeo = Infinity;
  sk.sk_sndtimeo = Infinity;
  sk.sk_stamp = -1;
  sk.sk_zckey = 0;
  sk.sk_tskey = 0;
  sk.sk_max_pacing_rate = Infinity;
  sk.sk_pacing_rate = Infinity;
  sk.sk_pacing_shift = 10;
  sk.sk_incoming_cpu = -1;
  sk.sk_txrehash = core.sysctl_txrehash;
  sk.sk_refcnt = 1;
  sk.sk_drops = 0;
}

/** The socket is free of packets and references. @EXPORT_SYMBOL */
export function sk_destruct(sk: sock): void {
  sk.sk_destruct(sk);
  const filter = sk.sk_filter;
  if (filter !== null) {
    sk.sk_filter = null;
    sk_filter_uncharge(sk, filter);
  }
  sock_disable_timestamp(sk, SK_FLAGS_TIMESTAMP);
  sk.sk_frag.page = null;
  sk.sk_net.core.sock_inuse--;
}

/** The last packet on its way out is gone, and the last reference. */
export function __sk_free(sk: sock): void {
  sk_destruct(sk);
}

/** The last reference is gone: the socket ends with its last packet on the way out. @EXPORT_SYMBOL */
export function sk_free(sk: sock): void {
  if (--sk.sk_wmem_alloc === 0) __sk_free(sk);
}

/**
 * A copy of a (listening) socket, locked, without what belongs to one socket alone: queues, memory, owner.
 * Objects that a protocol's own class holds must be made anew by the protocol.
 * @EXPORT_SYMBOL
 */
export function sk_clone_lock(sk: sock, _priority: gfp_t): sock | null {
  const newsk = sk.sk_prot.sk_alloc();
  struct_copy(newsk, sk);
  newsk.skc_next = newsk.skc_prev = null;
  newsk.skc_bind_next = newsk.skc_bind_prev = null;
  newsk.skc_hashed = false;
  newsk.sk_lock.owned = 0;
  newsk.sk_backlog.rmem_alloc = 0;
  newsk.sk_backlog.len = 0;
  newsk.sk_backlog.head = newsk.sk_backlog.tail = null;
  newsk.sk_receive_queue = new sk_buff_head();
  newsk.sk_write_queue = new sk_buff_head();
  newsk.sk_frag.page = null;
  newsk.sk_frag.offset = newsk.sk_frag.size = 0;
  newsk.sk_wmem_alloc = 1;
  newsk.sk_omem_alloc = 0;
  newsk.sk_forward_alloc = 0;
  newsk.sk_reserved_mem = 0;
  newsk.sk_wmem_queued = 0;
  newsk.sk_send_head = null;
  newsk.sk_dst_cache = null;
  newsk.sk_dst_pending_confirm = 0;
  newsk.sk_rx_dst = null;
  newsk.sk_drops = 0;
  newsk.sk_userlocks &= ~(4 | 8);
  sock_reset_flag(newsk, SOCK_DONE);
  if (newsk.sk_filter !== null) sk_filter_charge(newsk, newsk.sk_filter);
  newsk.sk_user_data = null;
  newsk.sk_reuseport_cb = null;
  newsk.sk_err = 0;
  newsk.sk_err_soft = 0;
  newsk.sk_priority = 0;
  newsk.sk_incoming_cpu = 0;
  newsk.sk_cookie = 0;
  newsk.sk_tx_queue_mapping = NO_QUEUE_MAPPING;
  newsk.sk_zckey = 0;
  if ((newsk.sk_flags & SK_FLAGS_TIMESTAMP) !== 0) net_enable_timestamp(sk.sk_net.kernel);
  newsk.sk_refcnt = 2;
  sk_set_socket(newsk, null);
  newsk.sk_wq = null;
  sk.sk_net.core.sock_inuse++;
  const memory = newsk.sk_prot.memory;
  if (memory !== undefined) memory(sk.sk_net.kernel).sockets_allocated++;
  return newsk;
}

/** Ends a socket: off its hash table, without an owner, one reference less. @EXPORT_SYMBOL */
export function sk_common_release(sk: sock): void {
  const { destroy, unhash } = sk.sk_prot;
  if (destroy !== undefined) destroy(sk);
  if (unhash !== undefined) unhash(sk);
  sock_orphan(sk);
  sock_put(sk);
}

/** Counts the sockets of a protocol. @EXPORT_SYMBOL */
export function sock_prot_inuse_add(net: net, prot: proto, val: int): void {
  const inuse = net.core.prot_inuse;
  inuse.set(prot.name, (inuse.get(prot.name) ?? 0) + val);
}

/** @EXPORT_SYMBOL */
export function sock_prot_inuse_get(net: net, prot: proto): int {
  return net.core.prot_inuse.get(prot.name) ?? 0;
}

/** @EXPORT_SYMBOL */
export function sock_inuse_get(net: net): int {
  return net.core.sock_inuse;
}

/** The number of a socket in /proc: the inode of its file. @EXPORT_SYMBOL */
export function sock_i_ino(sk: sock): ulong {
  return sk.sk_socket !== null ? __sock_gen_cookie(sk) : 0;
}

/** A number that no other socket of the machine has. @EXPORT_SYMBOL */
export function __sock_gen_cookie(sk: sock): u64 {
  if (sk.sk_cookie === 0) sk.sk_cookie = ++sk.sk_net.cookie_gen;
  return sk.sk_cookie;
}

/** Arms a socket's timer, which holds a reference. @param expires jiffies @EXPORT_SYMBOL */
export function sk_reset_timer(sk: sock, timer: timer_list, expires: ulong): void {
  if (mod_timer(timer, expires) === 0) sk.sk_refcnt++;
}

/** @EXPORT_SYMBOL */
export function sk_stop_timer(sk: sock, timer: timer_list): void {
  if (timer_delete(timer) !== 0) sk.sk_refcnt--;
}

/** @EXPORT_SYMBOL */
export function sk_stop_timer_sync(sk: sock, timer: timer_list): void {
  if (timer_delete_sync(timer) !== 0) sk.sk_refcnt--;
}
