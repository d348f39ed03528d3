// Memory that must be had: a FIN is sent although the limits say no.
// Read beside: net/ipv4/tcp_output.c (sk_forced_mem_schedule).

import type { int } from '../../../include/linux/types.js';
import type { sock } from '../../../include/net/sock.js';
import { sk_mem_pages, sk_memory_allocated_add } from '../../../include/net/sock.js';

/** Charges size bytes to the socket, whatever the limits. */
export function sk_forced_mem_schedule(sk: sock, size: int): void {
  const delta = size - sk.sk_forward_alloc;
  if (delta <= 0) return;
  const amt = sk_mem_pages(delta);
  sk.sk_forward_alloc += amt << 12;
  sk_memory_allocated_add(sk, amt);
}
