// Waking a writer when there is room in the send buffer again.
// Read beside: net/ipv4/tcp_input.c (tcp_check_space).

import { SOCK_NOSPACE } from '../../../include/linux/net.js';
import { TCP_CHRONO_SNDBUF_LIMITED, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool } from '../../../include/linux/types.js';
import type { sock } from '../../../include/net/sock.js';
import { sk_memory_allocated, sk_prot_mem_limits, SOCK_SNDBUF_LOCK } from '../../../include/net/sock.js';
import {
  tcp_jiffies32,
  tcp_packets_in_flight,
  tcp_snd_cwnd,
  tcp_under_memory_pressure,
} from '../../../include/net/tcp.js';
import { tcp_chrono_stop } from '../tcp_output/index.js';
import { tcp_sndbuf_expand } from './index.js';

/** A larger buffer would help only if the window of congestion is not full. */
export function tcp_should_expand_sndbuf(sk: sock): bool {
  const tp = tcp_sk(sk);
  if ((sk.sk_userlocks & SOCK_SNDBUF_LOCK) !== 0) return false;
  if (tcp_under_memory_pressure(sk)) return false;
  if (sk_memory_allocated(sk) >= sk_prot_mem_limits(sk, 0)) return false;
  return tcp_packets_in_flight(tp) < tcp_snd_cwnd(tp);
}

export function tcp_new_space(sk: sock): void {
  if (tcp_should_expand_sndbuf(sk)) {
    tcp_sndbuf_expand(sk);
    tcp_sk(sk).snd_cwnd_stamp = tcp_jiffies32(sk);
  }
  sk.sk_write_space(sk);
}

export function tcp_check_space(sk: sock): void {
  const socket = sk.sk_socket;
  if (socket !== null && (socket.flags & (1 << SOCK_NOSPACE)) !== 0) {
    tcp_new_space(sk);
    if ((socket.flags & (1 << SOCK_NOSPACE)) === 0) tcp_chrono_stop(sk, TCP_CHRONO_SNDBUF_LIMITED);
  }
}
