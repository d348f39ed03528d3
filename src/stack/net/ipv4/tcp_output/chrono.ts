// Chronographs: how long a sender was busy, and what it waited for meanwhile (tcp_info's busy_time and *_limited).
// Read beside: net/ipv4/tcp_output.c (tcp_chrono_start).

import type { tcp_sock } from '../../../include/linux/tcp.js';
import {
  TCP_CHRONO_BUSY,
  TCP_CHRONO_RWND_LIMITED,
  TCP_CHRONO_SNDBUF_LIMITED,
  TCP_CHRONO_UNSPEC,
  tcp_sk,
} from '../../../include/linux/tcp.js';
import type { int } from '../../../include/linux/types.js';
import type { sock } from '../../../include/net/sock.js';
import { tcp_jiffies32, tcp_rtx_and_write_queues_empty } from '../../../include/net/tcp.js';

/** @notrace */
export function tcp_chrono_set(tp: tcp_sock, type: int): void {
  const now = tcp_jiffies32(tp);
  const old = tp.chrono_type;
  const spent = (now - tp.chrono_start) >>> 0;
  if (old === TCP_CHRONO_BUSY) tp.chrono_busy += spent;
  else if (old === TCP_CHRONO_RWND_LIMITED) tp.chrono_rwnd_limited += spent;
  else if (old === TCP_CHRONO_SNDBUF_LIMITED) tp.chrono_sndbuf_limited += spent;
  tp.chrono_start = now;
  tp.chrono_type = type;
}

/** A stronger reason takes over from a weaker one. */
export function tcp_chrono_start(sk: sock, type: int): void {
  const tp = tcp_sk(sk);
  if (type > tp.chrono_type) tcp_chrono_set(tp, type);
}

/** The reason has gone: the sender is busy still, or has nothing left to do. */
export function tcp_chrono_stop(sk: sock, type: int): void {
  const tp = tcp_sk(sk);
  if (tcp_rtx_and_write_queues_empty(sk)) tcp_chrono_set(tp, TCP_CHRONO_UNSPEC);
  else if (type === tp.chrono_type) tcp_chrono_set(tp, TCP_CHRONO_BUSY);
}
