// Sockets (include/net/sock.h): the structures of sock/struct.ts and the inline helpers. The functions of
// net/core/sock.c are in net/core/sock/.
// One file although long: it is one header in the kernel.

export * from './sock/struct.js';
export * from './sock/constants.js';
import {
  SOCK_DEAD,
  SOCK_RXQ_OVFL,
  SEND_SHUTDOWN,
  SOCK_MIN_SNDBUF,
  SK_MEM_SEND,
  SK_MEM_RECV,
  NO_QUEUE_MAPPING,
} from './sock/constants.js';
import { get_random_u32 } from '../linux/random.js';
import { EINTR } from '../linux/errno.js';
import type { poll_table } from '../linux/poll.js';
import { poll_wait } from '../linux/poll.js';
import type { file } from '../linux/fs.js';
import type { socket } from '../linux/net.js';
import type { sk_buff } from '../linux/skbuff/struct.js';
import { skb_orphan } from '../linux/skbuff/refs.js';
import { skb_queue_empty } from '../linux/skbuff/queue.js';
import { __kfree_skb } from '../../net/core/skbuff/free.js';
import type { wait_queue_head } from '../linux/wait.js';
import { waitqueue_active } from '../linux/wait.js';
import type { bool, int, long, u32, u8, uint, ulong } from '../linux/types.js';
import {
  __sk_mem_reclaim,
  __sk_mem_schedule,
  lock_sock_nested,
  release_sock,
  sk_free,
  sock_efree,
  sock_rfree,
} from '../../net/core/sock.js';
import { dst_release } from '../../net/core/dst.js';
import type { dst_entry } from './dst/struct.js';
import { sk_filter_trim_cap } from '../../net/core/filter.js';
import type { net } from './net_namespace.js';
import { TCP_LISTEN, TCP_NEW_SYN_RECV, TCP_TIME_WAIT } from './tcp_states.js';
import type { sock_common } from './sock/struct.js';
import type { sock } from './sock/struct.js';
import { SOCK_SNDBUF_LOCK } from './sock/struct.js';
import { made_rare } from '../../mm/slab.js';

export * from '../../net/core/sock.js';

/** @notrace */
export function sock_net(sk: sock_common): net {
  return sk.skc_net;
}

/** @notrace */
export function sock_net_set(sk: sock_common, net: net): void {
  sk.skc_net = net;
}

/** @notrace */
export function sk_uid(sk: sock): u32 {
  return sk.sk_uid;
}

/** @notrace */
export function sock_flag(sk: sock, flag: int): bool {
  return (sk.skc_flags & (1 << flag)) !== 0;
}

/** @notrace */
export function sock_set_flag(sk: sock, flag: int): void {
  sk.skc_flags |= 1 << flag;
}

/** @notrace */
export function sock_reset_flag(sk: sock, flag: int): void {
  sk.skc_flags &= ~(1 << flag);
}

/** @notrace */
export function sock_valbool_flag(sk: sock, flag: int, valbool: int): void {
  if (valbool !== 0) sock_set_flag(sk, flag);
  else sock_reset_flag(sk, flag);
}

/** @notrace */
export function sock_copy_flags(nsk: sock, osk: sock): void {
  nsk.skc_flags = osk.skc_flags;
}

/** @notrace */
export function sock_hold(sk: sock_common): void {
  sk.skc_refcnt++;
}

/** @notrace */
export function __sock_put(sk: sock_common): void {
  sk.skc_refcnt--;
}

/** Drops a reference; the last one frees the socket. @notrace */
export function sock_put(sk: sock): void {
  if (--sk.skc_refcnt === 0) sk_free(sk);
}

/** Neither a connection request nor a time-wait socket. @notrace */
export function sk_fullsock(sk: sock_common | null): bool {
  return sk !== null && sk.skc_state !== TCP_TIME_WAIT && sk.skc_state !== TCP_NEW_SYN_RECV;
}

/** @notrace */
export function sk_listener(sk: sock_common): bool {
  return sk.skc_state === TCP_LISTEN;
}

/** @notrace */
export function sk_listener_or_tw(sk: sock_common): bool {
  return sk.skc_state === TCP_LISTEN || sk.skc_state === TCP_NEW_SYN_RECV || sk.skc_state === TCP_TIME_WAIT;
}

/** The full socket behind one that may be a request: its listener. @notrace */
export function sk_to_full_sk(sk: sock | null): sock | null {
  if (sk !== null && sk.skc_state === TCP_NEW_SYN_RECV)
    return (sk as unknown as { rsk_listener: sock | null }).rsk_listener;
  if (sk !== null && sk.skc_state === TCP_TIME_WAIT) return null;
  return sk;
}

/** @notrace */
export function skb_to_full_sk(skb: sk_buff): sock | null {
  return sk_to_full_sk(skb.sk);
}

/** @notrace */
export function lock_sock(sk: sock): void {
  lock_sock_nested(sk, 0);
}

/** Takes ownership for code that will not sleep. @returns whether release by unlock_sock_fast() is the slow way @notrace */
export function lock_sock_fast(sk: sock): bool {
  lock_sock_nested(sk, 0);
  return true;
}

/** @notrace */
export function unlock_sock_fast(sk: sock, _slow: bool): void {
  release_sock(sk);
}

/** @notrace */
export function bh_lock_sock(_sk: sock): void {
  // One processor: a softirq is never interrupted by another.
}

/** @notrace */
export function bh_lock_sock_nested(_sk: sock): void {
  // As bh_lock_sock().
}

/** @notrace */
export function bh_unlock_sock(_sk: sock): void {
  // As bh_lock_sock().
}

/** Whether a task has the socket: packets go to its backlog. @notrace */
export function sock_owned_by_user(sk: sock): bool {
  return sk.sk_lock.owned !== 0;
}

/** @notrace */
export function sock_owned_by_user_nocheck(sk: sock): bool {
  return sk.sk_lock.owned !== 0;
}

/** @notrace */
export function sock_release_ownership(sk: sock): void {
  sk.sk_lock.owned = 0;
}

/** @notrace */
export function sk_sleep(sk: sock): wait_queue_head {
  return (sk.sk_wq as NonNullable<sock['sk_wq']>).wait;
}

/** @notrace */
export function skwq_has_sleeper(wq: sock['sk_wq']): bool {
  return wq !== null && waitqueue_active(wq.wait);
}

/** @notrace */
export function sock_poll_wait(filp: file | null, sock: socket, p: poll_table | null): void {
  if (filp !== null && sock.sk?.sk_wq != null) poll_wait(filp, sock.sk.sk_wq.wait, p);
}

/** @notrace */
export function sk_set_socket(sk: sock, sock: socket | null): void {
  sk.sk_socket = sock;
}

/** Takes a socket from its file: nobody will ask for it any more. @notrace */
export function sock_orphan(sk: sock): void {
  sock_set_flag(sk, SOCK_DEAD);
  sk_set_socket(sk, null);
  sk.sk_wq = null;
}

/** Gives a socket to a file's struct socket. @notrace */
export function sock_graft(sk: sock, parent: socket): void {
  sk.sk_wq = parent.wq;
  parent.sk = sk;
  sk_set_socket(sk, parent);
}

/** Error of the socket, taken off it, as a negative errno. @notrace */
export function sock_error(sk: sock): int {
  if (sk.sk_err === 0) return 0;
  const err = sk.sk_err;
  sk.sk_err = 0;
  return -err;
}

export function sk_error_report(sk: sock): void {
  sk.sk_error_report(sk);
}

/** @notrace */
export function sk_hashed(sk: sock_common): bool {
  return sk.skc_hashed;
}

/** @notrace */
export function sk_unhashed(sk: sock_common): bool {
  return !sk.skc_hashed;
}

/** @notrace */
export function sk_acceptq_removed(sk: sock): void {
  sk.sk_ack_backlog--;
}

/** @notrace */
export function sk_acceptq_added(sk: sock): void {
  sk.sk_ack_backlog++;
}

export function sk_acceptq_is_full(sk: sock): bool {
  return sk.sk_ack_backlog > sk.sk_max_ack_backlog;
}

/** Lowers the send buffer where memory is short, not below its minimum. @notrace */
export function sk_stream_moderate_sndbuf(sk: sock): void {
  if ((sk.sk_userlocks & SOCK_SNDBUF_LOCK) !== 0) return;
  const val = Math.max(Math.min(sk.sk_sndbuf, sk.sk_wmem_queued >> 1), sk_unused_reserved_mem(sk));
  sk.sk_sndbuf = Math.max(val, SOCK_MIN_SNDBUF);
}

/** @notrace */
export function sk_stream_min_wspace(sk: sock): int {
  return sk.sk_wmem_queued >> 1;
}

/** @notrace */
export function sk_stream_wspace(sk: sock): int {
  return sk.sk_sndbuf - sk.sk_wmem_queued;
}

/** @notrace */
export function sk_wmem_queued_add(sk: sock, val: int): void {
  sk.sk_wmem_queued += val;
}

/** @notrace */
export function sk_forward_alloc_add(sk: sock, val: int): void {
  sk.sk_forward_alloc += val;
}

/** @notrace */
export function __sk_stream_memory_free(sk: sock, wake: int): bool {
  if (sk.sk_wmem_queued >= sk.sk_sndbuf) return false;
  const free = sk.skc_prot.stream_memory_free;
  return free !== undefined ? free(sk, wake) : true;
}

/** @notrace */
export function sk_stream_memory_free(sk: sock): bool {
  return __sk_stream_memory_free(sk, 0);
}

/** @notrace */
export function __sk_stream_is_writeable(sk: sock, wake: int): bool {
  return sk_stream_wspace(sk) >= sk_stream_min_wspace(sk) && __sk_stream_memory_free(sk, wake);
}

/** @notrace */
export function sk_stream_is_writeable(sk: sock): bool {
  return __sk_stream_is_writeable(sk, 0);
}

/** @notrace */
export function sk_has_account(sk: sock): bool {
  return sk.skc_prot.memory !== undefined;
}

/** @notrace */
export function sk_has_memory_pressure(sk: sock): bool {
  return sk.skc_prot.memory !== undefined;
}

/** @notrace */
export function sk_under_memory_pressure(sk: sock): bool {
  const memory = sk.skc_prot.memory;
  return memory !== undefined && memory(sk.skc_net.kernel).memory_pressure !== 0;
}

/** Pages that the protocol's sockets hold. @notrace */
export function sk_memory_allocated(sk: sock): long {
  const memory = sk.skc_prot.memory;
  return memory === undefined ? 0 : memory(sk.skc_net.kernel).memory_allocated;
}

/** @notrace */
export function sk_prot_mem_limits(sk: sock, index: int): long {
  const limits = sk.skc_prot.sysctl_mem;
  return limits === undefined ? Infinity : limits(sk.skc_net)[index];
}

/** @notrace */
export function sk_sockets_allocated_inc(sk: sock): void {
  const memory = sk.skc_prot.memory;
  if (memory !== undefined) memory(sk.skc_net.kernel).sockets_allocated++;
}

/** @notrace */
export function sk_sockets_allocated_dec(sk: sock): void {
  const memory = sk.skc_prot.memory;
  if (memory !== undefined) memory(sk.skc_net.kernel).sockets_allocated--;
}

/** @notrace */
export function sk_sockets_allocated_read_positive(sk: sock): long {
  const memory = sk.skc_prot.memory;
  return memory === undefined ? 0 : memory(sk.skc_net.kernel).sockets_allocated;
}

/** Pages for that many bytes. @notrace */
export function sk_mem_pages(amt: int): int {
  return (amt + 4095) >> 12;
}

/** Whether `size` bytes may be charged for sending. @notrace */
export function sk_wmem_schedule(sk: sock, size: int): bool {
  if (!sk_has_account(sk)) return true;
  const delta = size - sk.sk_forward_alloc;
  return delta <= 0 || __sk_mem_schedule(sk, delta, SK_MEM_SEND) !== 0;
}

/** Whether `size` bytes may be charged for receiving. @notrace */
export function __sk_rmem_schedule(sk: sock, size: int, pfmemalloc: bool): bool {
  if (!sk_has_account(sk)) return true;
  const delta = size - sk.sk_forward_alloc;
  return delta <= 0 || __sk_mem_schedule(sk, delta, SK_MEM_RECV) !== 0 || pfmemalloc;
}

/** @notrace */
export function sk_rmem_schedule(sk: sock, skb: sk_buff, size: int): bool {
  return __sk_rmem_schedule(sk, size, skb.pfmemalloc !== 0);
}

/** @notrace */
export function sk_unused_reserved_mem(sk: sock): int {
  if (sk.sk_reserved_mem === 0) return 0;
  const unused = sk.sk_reserved_mem - sk.sk_wmem_queued - sk.sk_rmem_alloc;
  return unused > 0 ? unused : 0;
}

/** Gives back whole pages that are charged but not used. @notrace */
export function sk_mem_reclaim(sk: sock): void {
  if (!sk_has_account(sk)) return;
  const reclaimable = sk.sk_forward_alloc - sk_unused_reserved_mem(sk);
  if (reclaimable >= 4096) __sk_mem_reclaim(sk, reclaimable);
}

/** @notrace */
export function sk_mem_reclaim_final(sk: sock): void {
  sk.sk_reserved_mem = 0;
  sk_mem_reclaim(sk);
}

/** @notrace */
export function sk_mem_charge(sk: sock, size: int): void {
  if (!sk_has_account(sk)) return;
  sk.sk_forward_alloc -= size;
}

/** @notrace */
export function sk_mem_uncharge(sk: sock, size: int): void {
  if (!sk_has_account(sk)) return;
  sk.sk_forward_alloc += size;
  sk_mem_reclaim(sk);
}

/** Bytes of the packets on their way out. @notrace */
export function sk_wmem_alloc_get(sk: sock): int {
  return sk.sk_wmem_alloc - 1;
}

/** @notrace */
export function sk_rmem_alloc_get(sk: sock): int {
  return sk.sk_rmem_alloc;
}

/** @notrace */
export function sk_has_allocations(sk: sock): bool {
  return sk_wmem_alloc_get(sk) !== 0 || sk_rmem_alloc_get(sk) !== 0;
}

/** @notrace */
export function sock_wspace(sk: sock): ulong {
  if ((sk.sk_shutdown & SEND_SHUTDOWN) !== 0) return 0;
  const amt = sk.sk_sndbuf - sk.sk_wmem_alloc;
  return amt < 0 ? 0 : amt;
}

/** @notrace */
export function sock_writeable(sk: sock): bool {
  return sk.sk_wmem_alloc < sk.sk_sndbuf >> 1;
}

/** @notrace */
export function sock_rcvtimeo(sk: sock, noblock: bool | int): long {
  return noblock ? 0 : sk.sk_rcvtimeo;
}

/** @notrace */
export function sock_sndtimeo(sk: sock, noblock: bool | int): long {
  return noblock ? 0 : sk.sk_sndtimeo;
}

/** Bytes that a read waits for. @notrace */
export function sock_rcvlowat(sk: sock, waitall: bool | int, len: int): int {
  const v = waitall ? len : Math.min(sk.sk_rcvlowat, len);
  return v !== 0 ? v : 1;
}

/** The errno of a sleep that a signal ended. @notrace */
export function sock_intr_errno(timeo: long): int {
  return timeo === Infinity ? -512 : -EINTR;
}

/** Notes on a queued packet how many were dropped before it. @notrace */
export function sock_skb_set_dropcount(sk: sock, skb: sk_buff): void {
  skb.reserved_tailroom = sock_flag(sk, SOCK_RXQ_OVFL) ? sk.sk_drops : 0;
}

/** @notrace */
export function sk_drops_inc(sk: sock): void {
  sk.sk_drops++;
}

/** @notrace */
export function sk_drops_add(sk: sock, segs: int): void {
  sk.sk_drops += segs;
}

/** The backlog takes no more. @notrace */
export function sk_rcvqueues_full(sk: sock, limit: uint): bool {
  return sk.sk_backlog.len + sk.sk_rmem_alloc > limit;
}

/** @notrace */
export function __sk_add_backlog(sk: sock, skb: sk_buff): void {
  const backlog = sk.sk_backlog;
  skb.next = null;
  if (backlog.tail === null) backlog.head = skb;
  else backlog.tail.next = skb;
  backlog.tail = skb;
}

/** Keeps a packet for the task that owns the socket. @returns 0, -ENOBUFS or -ENOMEM @notrace */
export function sk_add_backlog(sk: sock, skb: sk_buff, limit: uint): int {
  if (sk_rcvqueues_full(sk, limit)) return -105;
  __sk_add_backlog(sk, skb);
  sk.sk_backlog.len += skb.truesize;
  return 0;
}

/** Hands a packet of the backlog to its protocol. @notrace */
export function sk_backlog_rcv(sk: sock, skb: sk_buff): int {
  return sk.sk_backlog_rcv(sk, skb);
}

/** @notrace */
export function skb_set_owner_r(skb: sk_buff, sk: sock): void {
  skb_orphan(skb);
  skb.sk = sk;
  skb.destructor = sock_rfree;
  sk.sk_backlog.rmem_alloc += skb.truesize;
  sk_mem_charge(sk, skb.truesize);
}

/** @notrace */
export function skb_set_owner_sk_safe(skb: sk_buff, sk: sock | null): bool {
  if (sk !== null && sk.skc_refcnt > 0) {
    skb_orphan(skb);
    sk.skc_refcnt++;
    skb.destructor = sock_efree;
    skb.sk = sk;
    return true;
  }
  return false;
}

/** The packet belongs to a socket (or a request) that it holds a reference to. @notrace */
export function skb_set_owner_edemux(skb: sk_buff, sk: sock): void {
  skb_set_owner_sk_safe(skb, sk);
}

/** Takes the socket that early demultiplexing found. @notrace */
export function skb_steal_sock(skb: sk_buff): { sk: sock | null; refcounted: bool } {
  const sk = skb.sk;
  if (sk === null) return { sk: null, refcounted: false };
  const refcounted = skb.destructor !== null;
  skb.destructor = null;
  skb.sk = null;
  return { sk, refcounted };
}

/** A stream socket's skb is sent and acknowledged. @notrace */
export function sk_wmem_free_skb(sk: sock, skb: sk_buff): void {
  sk_wmem_queued_add(sk, -skb.truesize);
  sk_mem_uncharge(sk, skb.truesize);
  __kfree_skb(skb);
}

/** @notrace */
export function __sk_dst_get(sk: sock): dst_entry | null {
  return sk.sk_dst_cache;
}

/** The cached destination, with a reference. @notrace */
export function sk_dst_get(sk: sock): dst_entry | null {
  const dst = sk.sk_dst_cache;
  if (dst !== null) dst.__rcuref++;
  return dst;
}

/** @notrace */
export function __sk_dst_set(sk: sock, dst: dst_entry | null): void {
  sk.sk_tx_queue_mapping = NO_QUEUE_MAPPING;
  sk.sk_dst_pending_confirm = 0;
  const old = sk.sk_dst_cache;
  sk.sk_dst_cache = dst;
  dst_release(old);
}

/** @notrace */
export function sk_dst_set(sk: sock, dst: dst_entry | null): void {
  __sk_dst_set(sk, dst);
}

/** @notrace */
export function __sk_dst_reset(sk: sock): void {
  __sk_dst_set(sk, null);
}

/** @notrace */
export function sk_dst_reset(sk: sock): void {
  __sk_dst_set(sk, null);
}

/** @notrace */
export function sk_dst_confirm(sk: sock): void {
  sk.sk_dst_pending_confirm = 1;
}

/** A random hash of a flow that is not zero. @notrace */
export function net_tx_rndhash(sk: sock): u32 {
  const v = get_random_u32(sk.skc_net.kernel);
  return v !== 0 ? v : 1;
}

/** @notrace */
export function sk_set_txhash(sk: sock): void {
  sk.sk_txhash = net_tx_rndhash(sk);
}

/** Chooses another path by another hash, if that is wanted. @notrace */
export function sk_rethink_txhash(sk: sock): bool {
  if (sk.sk_txhash !== 0 && sk.sk_txrehash === 1) {
    sk_set_txhash(sk);
    return true;
  }
  return false;
}

/** @notrace */
export function skb_set_hash_from_sk(skb: sk_buff, sk: sock): void {
  if (sk.sk_txhash !== 0) {
    skb.l4_hash = 1;
    skb.hash = sk.sk_txhash;
  }
}

/** @notrace */
export function sk_can_gso(sk: sock): bool {
  const feature = sk.sk_gso_type;
  return feature !== 0 && (sk.sk_route_caps & (1 << 9)) !== 0;
}

/** @notrace */
export function sk_tx_queue_set(sk: sock, tx_queue: int): void {
  sk.sk_tx_queue_mapping = tx_queue;
}

/** @notrace */
export function sk_tx_queue_get(sk: sock | null): int {
  return sk !== null && sk.sk_tx_queue_mapping !== NO_QUEUE_MAPPING ? sk.sk_tx_queue_mapping : -1;
}

/** @notrace */
export function sk_tx_queue_clear(sk: sock): void {
  sk.sk_tx_queue_mapping = NO_QUEUE_MAPPING;
}

/** Asks the socket's filter. @returns 0, or a negative errno and the packet is not for it @notrace */
export function sk_filter(sk: sock, skb: sk_buff): int {
  return sk_filter_trim_cap(sk, skb, 1);
}

/** @notrace */
export function sk_eat_skb(sk: sock, skb: sk_buff): void {
  const queue = sk.sk_receive_queue;
  if (skb.prev !== null) skb.prev.next = skb.next;
  else queue.next = skb.next;
  if (skb.next !== null) skb.next.prev = skb.prev;
  else queue.prev = skb.prev;
  skb.next = null;
  skb.prev = null;
  queue.qlen--;
  __kfree_skb(skb);
}

/** Peek offset from which a MSG_PEEK reads. @notrace */
export function sk_peek_offset(sk: sock, flags: int): int {
  return (flags & 2) !== 0 ? sk.sk_peek_off : 0;
}

/** @notrace */
export function sk_peek_offset_bwd(sk: sock, val: int): void {
  if (sk.sk_peek_off >= 0) sk.sk_peek_off = Math.max(sk.sk_peek_off - val, 0);
}

/** @notrace */
export function sk_peek_offset_fwd(sk: sock, val: int): void {
  if (sk.sk_peek_off >= 0) sk.sk_peek_off += val;
}

/** @notrace */
export function sk_pacing_shift_update(sk: sock | null, val: u8): void {
  if (sk === null || !sk_fullsock(sk) || sk.sk_pacing_shift === val) return;
  sk.sk_pacing_shift = val;
}

/** @notrace */
export function sk_is_inet(sk: sock): bool {
  return sk.skc_family === 2;
}

/** @notrace */
export function sk_is_tcp(sk: sock): bool {
  return sk.skc_family === 2 && sk.sk_type === 1 && sk.sk_protocol === 6;
}

/** @notrace */
export function sk_is_udp(sk: sock): bool {
  return sk.skc_family === 2 && sk.sk_type === 2 && sk.sk_protocol === 17;
}

/** @notrace */
export function sk_dev_equal_l3scope(sk: sock, dif: int): bool {
  return sk.sk_bound_dev_if === 0 || sk.sk_bound_dev_if === dif;
}

/** Whether a socket bound to `bound_dev_if` gets what came in on `dif` or, of a VRF, `sdif`. @notrace */
export function inet_bound_dev_eq(l3mdev_accept: bool, bound_dev_if: int, dif: int, sdif: int): bool {
  if (bound_dev_if === 0) return sdif === 0 || l3mdev_accept;
  return bound_dev_if === dif || bound_dev_if === sdif;
}

/** Whether no error waits to be read (IP_RECVERR, time stamps, completions of zero-copy). @notrace */
export function sk_error_queue_empty(sk: sock): bool {
  const queue = made_rare(sk, 'sk_error_queue');
  return queue === null || skb_queue_empty(queue);
}
