/**
 * A TCP socket's begin, its states, and its end.
 *
 * Read beside it: net/ipv4/tcp.c; RFC 9293 3.3.2.
 */
import { jiffies_to_usecs, msecs_to_jiffies, usecs_to_jiffies } from '../../../include/linux/jiffies.js';
import { skb_rb_first, skb_rb_init } from '../../../include/linux/skb_rbtree.js';
import { pr_info } from '../../../kernel/printk.js';
import { TCP_CHRONO_BUSY, tcp_sk } from '../../../include/linux/tcp.js';
import type { tcp_sock } from '../../../include/linux/tcp.js';
import { minmax_reset } from '../../../include/linux/win_minmax.js';
import type { bool, int, u8 } from '../../../include/linux/types.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import {
  LINUX_MIB_TCPMEMORYPRESSURES,
  TCP_MIB_ATTEMPTFAILS,
  TCP_MIB_CURRESTAB,
  TCP_MIB_ESTABRESETS,
} from '../../../include/net/snmp.js';
import {
  SHUTDOWN_MASK,
  SOCK_BINDPORT_LOCK,
  SOCK_DEAD,
  SOCK_USE_WRITE_QUEUE,
  sk_mem_reclaim,
  sk_sockets_allocated_inc,
  sock_flag,
  sock_net,
  sock_set_flag,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_DEC_STATS,
  TCP_DELACK_MAX,
  TCP_ESTABLISHED,
  TCP_INC_STATS,
  TCP_INFINITE_SSTHRESH,
  TCP_INIT_CWND,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TCP_TIMEOUT_INIT,
  tcp_clear_all_retrans_hints,
  tcp_clear_xmit_timers,
  tcp_jiffies32,
  tcp_out_of_memory,
  tcp_rtx_queue_unlink,
  tcp_scaling_ratio_init,
  tcp_skb_tsorted_anchor_cleanup,
  tcp_snd_cwnd_set,
  tcp_wmem_free_skb,
} from '../../../include/net/tcp.js';
import { __skb_dequeue } from '../../../include/linux/skbuff.js';
import type { Kernel } from '../../../kernel/kernel.js';
import { sk_stream_write_space } from '../../core/stream.js';
import { inet_sk_state_store } from '../af_inet.js';
import { inet_csk_destroy_sock } from '../inet_connection_sock/index.js';
import { inet_put_port } from '../inet_hashtables/index.js';
import { tcp_assign_congestion_control } from '../tcp_cong.js';
import { reqsk_fastopen_remove } from '../tcp_fastopen.js';
import { tcp_chrono_stop, tcp_sync_mss } from '../tcp_output/index.js';
import { tcp_init_xmit_timers } from '../tcp_timer/index.js';

const TCP_MSS_DEFAULT = 536;

/** proto.enter_memory_pressure of TCP. @EXPORT_SYMBOL */
export function tcp_enter_memory_pressure(sk: sock): void {
  const kernel = sock_net(sk).kernel;
  if (kernel.tcp_memory.memory_pressure) return;
  kernel.tcp_memory.memory_pressure = kernel.jiffies || 1;
  NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPMEMORYPRESSURES);
}

/** proto.leave_memory_pressure of TCP. @EXPORT_SYMBOL */
export function tcp_leave_memory_pressure(sk: sock): void {
  sock_net(sk).kernel.tcp_memory.memory_pressure = 0;
}

/** Retransmissions that fit into a time, with their back-off; all arguments in seconds. */
export function secs_to_retrans(seconds: int, timeout: int, rto_max: int): u8 {
  if (seconds <= 0) return 0;
  let res = 1;
  let period = timeout;
  while (seconds > period && res < 255) {
    res++;
    timeout = Math.min(timeout * 2, rto_max);
    period += timeout;
  }
  return res;
}

/** The time that so many retransmissions take, in seconds. */
export function retrans_to_secs(retrans: u8, timeout: int, rto_max: int): int {
  if (retrans <= 0) return 0;
  let period = timeout;
  while (--retrans) {
    timeout = Math.min(timeout * 2, rto_max);
    period += timeout;
  }
  return period;
}

/** Begins a TCP socket of any family. @EXPORT_SYMBOL */
export function tcp_init_sock(sk: sock): void {
  const icsk = inet_csk(sk);
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const kernel = net.kernel;
  skb_rb_init(tp.tcp_rtx_queue);
  tcp_init_xmit_timers(sk);
  icsk.icsk_rto = TCP_TIMEOUT_INIT(kernel);
  icsk.icsk_rto_max = msecs_to_jiffies(kernel, net.ipv4.sysctl_tcp_rto_max_ms);
  icsk.icsk_rto_min = usecs_to_jiffies(kernel, net.ipv4.sysctl_tcp_rto_min_us);
  icsk.icsk_delack_max = TCP_DELACK_MAX(kernel);
  tp.mdev_us = jiffies_to_usecs(kernel, TCP_TIMEOUT_INIT(kernel));
  minmax_reset(tp.rtt_min, tcp_jiffies32(sk), 0xffffffff);
  tcp_snd_cwnd_set(tp, TCP_INIT_CWND);
  // Until the first ACK nothing is known of the rate.
  tp.app_limited = 0xffffffff;
  tp.rate_app_limited = 1;
  tp.snd_ssthresh = TCP_INFINITE_SSTHRESH;
  tp.snd_cwnd_clamp = 0xffffffff;
  tp.mss_cache = TCP_MSS_DEFAULT;
  tp.reordering = net.ipv4.sysctl_tcp_reordering;
  tcp_assign_congestion_control(sk);
  tp.tsoffset = 0;
  tp.rack.reo_wnd_steps = 1;
  sk.sk_write_space = sk_stream_write_space;
  sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
  icsk.icsk_sync_mss = tcp_sync_mss;
  sk.sk_sndbuf = net.ipv4.sysctl_tcp_wmem[1];
  sk.sk_rcvbuf = net.ipv4.sysctl_tcp_rmem[1];
  tcp_scaling_ratio_init(sk);
  sk_sockets_allocated_inc(sk);
}

/**
 * Changes a connection's state.
 * @param state TCP_ESTABLISHED …
 * @EXPORT_SYMBOL
 */
export function tcp_set_state(sk: sock, state: int): void {
  const oldstate = sk.sk_state;
  const net = sock_net(sk);
  const was_established = oldstate === TCP_ESTABLISHED || oldstate === TCP_CLOSE_WAIT;
  if (state === TCP_ESTABLISHED) {
    if (oldstate !== TCP_ESTABLISHED) TCP_INC_STATS(net, TCP_MIB_CURRESTAB);
  } else if (state === TCP_CLOSE_WAIT) {
    if (oldstate === TCP_SYN_RECV) TCP_INC_STATS(net, TCP_MIB_CURRESTAB);
  } else {
    if (state === TCP_CLOSE) {
      if (was_established) TCP_INC_STATS(net, TCP_MIB_ESTABRESETS);
      sk.sk_prot!.unhash!(sk);
      if (inet_csk(sk).icsk_bind_hash && !(sk.sk_userlocks & SOCK_BINDPORT_LOCK)) inet_put_port(sk);
    }
    if (was_established) TCP_DEC_STATS(net, TCP_MIB_CURRESTAB);
  }
  inet_sk_state_store(sk, state);
}

/** The connection is over: nothing will be sent or received any more. @EXPORT_SYMBOL */
export function tcp_done(sk: sock): void {
  const req = tcp_sk(sk).fastopen_rsk;
  if (sk.sk_state === TCP_SYN_SENT || sk.sk_state === TCP_SYN_RECV) TCP_INC_STATS(sock_net(sk), TCP_MIB_ATTEMPTFAILS);
  tcp_set_state(sk, TCP_CLOSE);
  tcp_clear_xmit_timers(sk);
  if (req) reqsk_fastopen_remove(sk, req, false);
  sk.sk_shutdown = SHUTDOWN_MASK;
  if (!sock_flag(sk, SOCK_DEAD)) sk.sk_state_change!(sk);
  else inet_csk_destroy_sock(sk);
}

/** @notrace */
export function tcp_free_fastopen_req(tp: tcp_sock): void {
  tp.fastopen_req = null;
}

function tcp_rtx_queue_purge(sk: sock): void {
  const tp = tcp_sk(sk);
  tp.highest_sack = null;
  for (let skb = skb_rb_first(tp.tcp_rtx_queue); skb; skb = skb_rb_first(tp.tcp_rtx_queue)) {
    tcp_rtx_queue_unlink(skb, sk);
    tcp_wmem_free_skb(sk, skb);
  }
}

/** Frees all that was to be sent, or sent again. @EXPORT_SYMBOL */
export function tcp_write_queue_purge(sk: sock): void {
  const tp = tcp_sk(sk);
  tcp_chrono_stop(sk, TCP_CHRONO_BUSY);
  for (let skb = __skb_dequeue(sk.sk_write_queue); skb; skb = __skb_dequeue(sk.sk_write_queue)) {
    tcp_skb_tsorted_anchor_cleanup(skb);
    tcp_wmem_free_skb(sk, skb);
  }
  tcp_rtx_queue_purge(sk);
  tp.tsorted_sent_queue.first = null;
  tp.tsorted_sent_queue.last = null;
  tcp_clear_all_retrans_hints(tp);
  sk_mem_reclaim(sk);
  tp.packets_out = 0;
  inet_csk(sk).icsk_backoff = 0;
}

/** Orphans: sockets that no program holds. @notrace */
export function tcp_orphan_count_sum(kernel: Kernel): int {
  return kernel.tcp_orphan_count;
}

/** @param shift a stricter limit: half, a quarter … */
function tcp_too_many_orphans(kernel: Kernel, shift: int): bool {
  return kernel.tcp_orphan_count << shift > kernel.sysctl_tcp_max_orphans;
}

/** Whether an orphan must go for want of memory. @EXPORT_SYMBOL */
export function tcp_check_oom(sk: sock, shift: int): bool {
  const kernel = sock_net(sk).kernel;
  const too_many_orphans = tcp_too_many_orphans(kernel, shift);
  const out_of_socket_memory = tcp_out_of_memory(sk);
  if (too_many_orphans) pr_info(kernel, 'TCP: too many orphaned sockets');
  if (out_of_socket_memory) pr_info(kernel, 'TCP: out of memory -- consider tuning tcp_mem');
  return too_many_orphans || out_of_socket_memory;
}
