// Memory of packets on their way out and in, by socket (net/core/sock.c).

import { current } from '../../../kernel/current.js';
import { schedule_timeout, signal_pending } from '../../../kernel/sched/core.js';
import { EAGAIN, EFAULT, EPIPE } from '../../../include/linux/errno.js';
import type { Task } from '../../../include/linux/sched.js';
import { TASK_INTERRUPTIBLE } from '../../../include/linux/sched.js';
import { PAGE_SIZE, SKB_FRAG_PAGE_SIZE } from '../../../include/linux/skbuff/constants.js';
import { alloc_skb, skb_orphan } from '../../../include/linux/skbuff/refs.js';
import { skb_len_add } from '../../../include/linux/skbuff/frags.js';
import type { sk_buff } from '../../../include/linux/skbuff/struct.js';
import { SOCK_NOSPACE } from '../../../include/linux/net.js';
import type { iov_iter } from '../../../include/linux/uio.js';
import { copy_from_iter } from '../../../include/linux/uio.js';
import { define_wait, finish_wait, prepare_to_wait } from '../../../include/linux/wait.js';
import type { bool, gfp_t, int, long, uint, ulong } from '../../../include/linux/types.js';
import {
  SEND_SHUTDOWN,
  SOCK_USE_WRITE_QUEUE,
  sk_fullsock,
  sk_mem_charge,
  sk_mem_uncharge,
  sk_sleep,
  sk_wmem_alloc_get,
  sk_wmem_queued_add,
  sock_error,
  sock_flag,
  sock_intr_errno,
  sock_put,
  sock_sndtimeo,
} from '../../../include/net/sock.js';
import { page_frag } from '../../../include/net/sock/struct.js';
import type { sock } from '../../../include/net/sock/struct.js';
import { alloc_skb_with_frags } from '../skbuff/alloc.js';
import { __sk_free } from './alloc.js';

/** A sent packet is freed. @EXPORT_SYMBOL */
export function sock_wfree(skb: sk_buff): void {
  const sk = skb.sk as sock;
  let len = skb.truesize;
  if (!sock_flag(sk, SOCK_USE_WRITE_QUEUE)) {
    // One is kept back while the writer is told, so that it cannot go meanwhile.
    sk.sk_wmem_alloc -= len - 1;
    sk.sk_write_space(sk);
    len = 1;
  }
  sk.sk_wmem_alloc -= len;
  if (sk.sk_wmem_alloc === 0) __sk_free(sk);
}

/** As sock_wfree(), for a writer who is told by other ways (TCP). */
export function __sock_wfree(skb: sk_buff): void {
  const sk = skb.sk as sock;
  sk.sk_wmem_alloc -= skb.truesize;
  if (sk.sk_wmem_alloc === 0) __sk_free(sk);
}

/** Charges a packet that is to be sent to its socket. @EXPORT_SYMBOL */
export function skb_set_owner_w(skb: sk_buff, sk: sock): void {
  skb_orphan(skb);
  skb.sk = sk;
  if (!sk_fullsock(sk)) {
    skb.destructor = sock_efree;
    sk.sk_refcnt++;
    return;
  }
  skb.destructor = sock_wfree;
  sk.sk_wmem_alloc += skb.truesize;
}

/** @notrace */
export function is_skb_wmem(skb: sk_buff): bool {
  const d = skb.destructor;
  return d !== null && (d === sock_wfree || d === __sock_wfree || d.name === 'tcp_wfree');
}

/** The packet leaves what its socket waits for: only a reference remains. @EXPORT_SYMBOL */
export function skb_orphan_partial(skb: sk_buff): void {
  const sk = skb.sk;
  if (is_skb_wmem(skb) && sk !== null && sk.sk_refcnt > 0) {
    skb_orphan(skb);
    sk.sk_refcnt++;
    skb.sk = sk;
    skb.destructor = sock_efree;
    return;
  }
  skb_orphan(skb);
}

/** A received packet is freed. @EXPORT_SYMBOL */
export function sock_rfree(skb: sk_buff): void {
  const sk = skb.sk as sock;
  sk.sk_backlog.rmem_alloc -= skb.truesize;
  sk_mem_uncharge(sk, skb.truesize);
}

/** A packet that held a reference to its socket is freed. @EXPORT_SYMBOL */
export function sock_efree(skb: sk_buff): void {
  sock_put(skb.sk as sock);
}

/** A packet for the socket's own use, if the send buffer has room. @param force take no heed of it @EXPORT_SYMBOL */
export function sock_wmalloc(sk: sock, size: ulong, force: bool | int, priority: gfp_t): sk_buff | null {
  if (!force && sk.sk_wmem_alloc >= sk.sk_sndbuf) return null;
  const skb = alloc_skb(size, priority);
  skb_set_owner_w(skb, sk);
  return skb;
}

/** Waits for room in the send buffer. @returns jiffies left */
export function* sock_wait_for_wmem(sk: sock, timeo: long): Task<long> {
  const wait = define_wait();
  const kernel = sk.skc_net.kernel;
  for (;;) {
    if (timeo === 0 || signal_pending(current())) break;
    if (sk.sk_socket !== null) sk.sk_socket.flags |= 1 << SOCK_NOSPACE;
    prepare_to_wait(sk_sleep(sk), wait, TASK_INTERRUPTIBLE);
    if (sk.sk_wmem_alloc < sk.sk_sndbuf) break;
    if ((sk.sk_shutdown & SEND_SHUTDOWN) !== 0 || sk.sk_err !== 0) break;
    timeo = yield* schedule_timeout(kernel, timeo);
  }
  finish_wait(sk_sleep(sk), wait);
  return timeo;
}

/**
 * A packet to be sent, once the send buffer has room for it.
 * @param header_len bytes in the head @param data_len bytes in fragments
 * @param errcode gets -EAGAIN, -EPIPE, the socket's error …
 * @returns null where it was not to be had
 * @EXPORT_SYMBOL
 */
export function* sock_alloc_send_pskb(
  sk: sock,
  header_len: ulong,
  data_len: ulong,
  noblock: bool | int,
  errcode: { value: int },
  max_page_order: int,
): Task<sk_buff | null> {
  let timeo = sock_sndtimeo(sk, noblock);
  for (;;) {
    const err = sock_error(sk);
    if (err !== 0) {
      errcode.value = err;
      return null;
    }
    if ((sk.sk_shutdown & SEND_SHUTDOWN) !== 0) {
      errcode.value = -EPIPE;
      return null;
    }
    if (sk_wmem_alloc_get(sk) < sk.sk_sndbuf) break;
    if (sk.sk_socket !== null) sk.sk_socket.flags |= 1 << SOCK_NOSPACE;
    if (timeo === 0) {
      errcode.value = -EAGAIN;
      return null;
    }
    if (signal_pending(current())) {
      errcode.value = sock_intr_errno(timeo);
      return null;
    }
    timeo = yield* sock_wait_for_wmem(sk, timeo);
  }
  const skb = alloc_skb_with_frags(header_len, data_len, max_page_order, errcode, sk.sk_allocation);
  if (skb !== null) skb_set_owner_w(skb, sk);
  return skb;
}

/** @notrace */
export function* sock_alloc_send_skb(
  sk: sock,
  size: ulong,
  noblock: bool | int,
  errcode: { value: int },
): Task<sk_buff | null> {
  return yield* sock_alloc_send_pskb(sk, size, 0, noblock, errcode, 0);
}

/** Where the socket's data is to be gathered: in the page of the task that sends, unless the socket has its own. @notrace */
export function sk_page_frag(sk: sock): page_frag {
  if (sk.sk_use_task_frag === 0) return sk.sk_frag;
  return (current().task_frag ??= new page_frag());
}

/** Makes sure that `sz` bytes are left in the page, by a new one if need be. @EXPORT_SYMBOL */
export function skb_page_frag_refill(sz: uint, pfrag: page_frag, _gfp: gfp_t): bool {
  if (pfrag.page !== null && pfrag.offset + sz <= pfrag.size) return true;
  pfrag.offset = 0;
  pfrag.size = Math.max(SKB_FRAG_PAGE_SIZE, (sz + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1));
  pfrag.page = new Uint8Array(pfrag.size);
  return true;
}

/** @EXPORT_SYMBOL */
export function sk_page_frag_refill(sk: sock, pfrag: page_frag): bool {
  return skb_page_frag_refill(32, pfrag, sk.sk_allocation);
}

/** Copies a program's data behind that of a stream's skb, into a page that a fragment lies in. @notrace */
export function skb_copy_to_page_nocache(
  sk: sock,
  from: iov_iter,
  skb: sk_buff,
  page: Uint8Array,
  off: int,
  copy: int,
): int {
  if (copy_from_iter(page, off, copy, from) !== copy) return -EFAULT;
  skb_len_add(skb, copy);
  sk_wmem_queued_add(sk, copy);
  sk_mem_charge(sk, copy);
  return 0;
}

/** Memory for a socket's options. @returns whether the limit lets it @notrace */
export function sock_kmalloc(sk: sock, size: int): bool {
  const max = sk.skc_net.core.sysctl_optmem_max;
  if (size > max || sk.sk_omem_alloc + size >= max) return false;
  sk.sk_omem_alloc += size;
  return true;
}

/** @EXPORT_SYMBOL */
export function sock_kfree_s(sk: sock, size: int): void {
  sk.sk_omem_alloc -= size;
}

/** An skb charged to the memory for options. @EXPORT_SYMBOL */
export function sock_omalloc(sk: sock, size: ulong, priority: gfp_t): sk_buff | null {
  if (!sock_kmalloc(sk, size)) return null;
  const skb = alloc_skb(size, priority);
  sk.sk_omem_alloc += skb.truesize - size;
  skb.sk = sk;
  skb.destructor = sock_ofree;
  return skb;
}

function sock_ofree(skb: sk_buff): void {
  (skb.sk as sock).sk_omem_alloc -= skb.truesize;
}
