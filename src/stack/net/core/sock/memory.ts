// Memory that a protocol's sockets are charged, in pages (net/core/sock.c; tcp(7), tcp_mem).

import { trace_sock_exceed_buf_limit } from '../../../include/trace/events/sock.js';
import type { int } from '../../../include/linux/types.js';
import {
  SK_MEM_RECV,
  SK_MEM_SEND,
  sk_has_memory_pressure,
  sk_mem_pages,
  sk_memory_allocated,
  sk_prot_mem_limits,
  sk_sockets_allocated_read_positive,
  sk_stream_moderate_sndbuf,
  sk_under_memory_pressure,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock/struct.js';

/** @notrace */
export function sk_memory_allocated_add(sk: sock, val: int): void {
  const memory = sk.skc_prot.memory;
  if (memory !== undefined) memory(sk.skc_net.kernel).memory_allocated += val;
}

/** @notrace */
export function sk_memory_allocated_sub(sk: sock, val: int): void {
  const memory = sk.skc_prot.memory;
  if (memory !== undefined) memory(sk.skc_net.kernel).memory_allocated -= val;
}

export function sk_enter_memory_pressure(sk: sock): void {
  const enter = sk.skc_prot.enter_memory_pressure;
  if (enter !== undefined) enter(sk);
}

export function sk_leave_memory_pressure(sk: sock): void {
  const leave = sk.skc_prot.leave_memory_pressure;
  if (leave !== undefined) leave(sk);
}

/** @notrace */
function limit_of(sk: sock, which: (typeof sk.skc_prot)['sysctl_rmem']): number {
  return which === undefined ? 4096 : which(sk.skc_net)[0];
}

/**
 * Charges pages. @param amt pages @param kind SK_MEM_SEND or SK_MEM_RECV
 * @returns 1, or 0 where the limits do not let it
 */
export function sk_mem_raise_allocated(sk: sock, size: int, amt: int, kind: int): int {
  sk_memory_allocated_add(sk, amt);
  const allocated = sk_memory_allocated(sk);
  if (allocated <= sk_prot_mem_limits(sk, 0)) {
    sk_leave_memory_pressure(sk);
    return 1;
  }
  if (allocated > sk_prot_mem_limits(sk, 1)) sk_enter_memory_pressure(sk);
  if (allocated <= sk_prot_mem_limits(sk, 2)) {
    // Each socket is let have its minimum, whatever the others have.
    if (kind === SK_MEM_RECV) {
      if (sk.sk_rmem_alloc < limit_of(sk, sk.skc_prot.sysctl_rmem)) return 1;
    } else {
      const wmem0 = limit_of(sk, sk.skc_prot.sysctl_wmem);
      if (sk.sk_type === 1 ? sk.sk_wmem_queued < wmem0 : sk.sk_wmem_alloc < wmem0) return 1;
    }
    if (sk_has_memory_pressure(sk)) {
      if (!sk_under_memory_pressure(sk)) return 1;
      const alloc = sk_sockets_allocated_read_positive(sk);
      if (
        sk_prot_mem_limits(sk, 2) >
        alloc * sk_mem_pages(sk.sk_wmem_queued + sk.sk_rmem_alloc + sk.sk_forward_alloc)
      ) {
        return 1;
      }
    }
  }
  if (kind === SK_MEM_SEND && sk.sk_type === 1) {
    sk_stream_moderate_sndbuf(sk);
    if (sk.sk_wmem_queued + size >= sk.sk_sndbuf) return 1;
  }
  trace_sock_exceed_buf_limit(sk, sk.skc_prot, allocated, kind);
  sk_memory_allocated_sub(sk, amt);
  return 0;
}

/** Charges `size` bytes more than the socket has in advance. @returns 1, or 0 @EXPORT_SYMBOL */
export function __sk_mem_schedule(sk: sock, size: int, kind: int): int {
  const amt = sk_mem_pages(size);
  sk.sk_forward_alloc += amt << 12;
  const ret = sk_mem_raise_allocated(sk, size, amt, kind);
  if (ret === 0) sk.sk_forward_alloc -= amt << 12;
  return ret;
}

export function __sk_mem_reduce_allocated(sk: sock, amount: int): void {
  sk_memory_allocated_sub(sk, amount);
  if (sk_under_memory_pressure(sk) && sk_memory_allocated(sk) < sk_prot_mem_limits(sk, 0)) sk_leave_memory_pressure(sk);
}

/** Gives back pages of what the socket has in advance. @param amount bytes @EXPORT_SYMBOL */
export function __sk_mem_reclaim(sk: sock, amount: int): void {
  const pages = amount >> 12;
  sk.sk_forward_alloc -= pages << 12;
  __sk_mem_reduce_allocated(sk, pages);
}

/** Where a MSG_PEEK begins to read. @EXPORT_SYMBOL */
export function sk_set_peek_off(sk: sock, val: int): int {
  sk.sk_peek_off = val;
  return 0;
}
