// TCP small queues and internal pacing: keep little below TCP, and send more when it has left the host.
// Read beside: net/ipv4/tcp_output.c (tcp_wfree, tcp_tsq_handler, tcp_pace_kick, tcp_release_cb).

import type { hrtimer } from '../../../include/linux/hrtimer.js';
import {
  HRTIMER_MODE_ABS,
  HRTIMER_MODE_PINNED,
  HRTIMER_MODE_SOFT,
  HRTIMER_NORESTART,
} from '../../../include/linux/hrtimer.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { skb_fclone_busy } from '../../../include/linux/skbuff.js';
import {
  tcp_sk,
  TCP_TSQ_DEFERRED,
  TCPF_ACK_DEFERRED,
  TCPF_DELACK_TIMER_DEFERRED,
  TCPF_MTU_REDUCED_DEFERRED,
  TCPF_TSQ_DEFERRED,
  TCPF_WRITE_TIMER_DEFERRED,
  TSQF_QUEUED,
  TSQF_THROTTLED,
} from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import type { inet_connection_sock_af_ops } from '../../../include/net/inet_connection_sock.js';
import { inet_csk, inet_csk_ack_scheduled } from '../../../include/net/inet_connection_sock.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import { LINUX_MIB_TCPSPURIOUS_RTX_HOSTQUEUES } from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { __sock_put, sk_free, sock_hold, sock_net, sock_owned_by_user, sock_put } from '../../../include/net/sock.js';
import {
  tcp_needs_internal_pacing,
  tcp_packets_in_flight,
  tcp_rtx_queue_head,
  tcp_rtx_queue_tail,
  tcp_snd_cwnd,
  TCPF_CLOSE_WAIT,
  TCPF_CLOSING,
  TCPF_ESTABLISHED,
  TCPF_FIN_WAIT1,
  TCPF_LAST_ACK,
} from '../../../include/net/tcp.js';
import type { Kernel } from '../../../kernel/kernel.js';
import { open_softirq, raise_softirq, TASKLET_SOFTIRQ } from '../../../kernel/softirq.js';
import { hrtimer_is_queued, hrtimer_start } from '../../../kernel/time/hrtimer.js';
import { tcp_delack_timer_handler, tcp_write_timer_handler, tcp_pacing_timer } from '../tcp_timer/index.js';
import {
  tcp_current_mss,
  tcp_mstamp_refresh,
  tcp_send_ack,
  tcp_write_xmit,
  tcp_xmit_retransmit_queue,
} from './index.js';

const TCP_DEFERRED_ALL =
  TCPF_TSQ_DEFERRED |
  TCPF_WRITE_TIMER_DEFERRED |
  TCPF_DELACK_TIMER_DEFERRED |
  TCPF_MTU_REDUCED_DEFERRED |
  TCPF_ACK_DEFERRED;

export function tcp_tsq_write(sk: sock): void {
  const sending = TCPF_ESTABLISHED | TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_CLOSE_WAIT | TCPF_LAST_ACK;
  if (((1 << sk.sk_state) & sending) === 0) return;
  const tp = tcp_sk(sk);
  if (tp.lost_out > tp.retrans_out && tcp_snd_cwnd(tp) > tcp_packets_in_flight(tp)) {
    tcp_mstamp_refresh(tp);
    tcp_xmit_retransmit_queue(sk);
  }
  tcp_write_xmit(sk, tcp_current_mss(sk), tp.nonagle, 0, 0);
}

export function tcp_tsq_handler(sk: sock): void {
  if (!sock_owned_by_user(sk)) {
    tcp_tsq_write(sk);
  } else if ((sk.sk_tsq_flags & (1 << TCP_TSQ_DEFERRED)) === 0) {
    sk.sk_tsq_flags |= 1 << TCP_TSQ_DEFERRED;
    sock_hold(sk);
  }
}

/** Serves the sockets whose packets have left; in softirq context. @formerly tcp_tasklet_func 3.6-6.8 */
export function tcp_tsq_workfn(kernel: Kernel): void {
  const list = kernel.tsq_head;
  kernel.tsq_head = [];
  for (const sk of list) {
    sk.sk_tsq_flags &= ~TSQF_QUEUED;
    tcp_tsq_handler(sk);
    sk_free(sk);
  }
}

/** @notrace */
export function tcp_tsq_work_init(kernel: Kernel): void {
  open_softirq(kernel, TASKLET_SOFTIRQ, tcp_tsq_workfn);
}

/** What could not be done while a program owned the socket is done as it lets go. @EXPORT_SYMBOL */
export function tcp_release_cb(sk: sock): void {
  const flags = sk.sk_tsq_flags;
  if ((flags & TCP_DEFERRED_ALL) === 0) return;
  sk.sk_tsq_flags = flags & ~TCP_DEFERRED_ALL;
  if ((flags & TCPF_TSQ_DEFERRED) !== 0) {
    tcp_tsq_write(sk);
    __sock_put(sk);
  }
  if ((flags & TCPF_WRITE_TIMER_DEFERRED) !== 0) {
    tcp_write_timer_handler(sk);
    __sock_put(sk);
  }
  if ((flags & TCPF_DELACK_TIMER_DEFERRED) !== 0) {
    tcp_delack_timer_handler(sk);
    __sock_put(sk);
  }
  if ((flags & TCPF_MTU_REDUCED_DEFERRED) !== 0) {
    (inet_csk(sk).icsk_af_ops as inet_connection_sock_af_ops).mtu_reduced(sk);
    __sock_put(sk);
  }
  if ((flags & TCPF_ACK_DEFERRED) !== 0 && inet_csk_ack_scheduled(sk)) tcp_send_ack(sk);
}

/** Destructor of what TCP sent: the memory is the sender's again, which may have waited for that. */
export function tcp_wfree(skb: sk_buff): void {
  const sk = skb.sk as sock;
  // One byte stays charged until the end, so that the socket does not go away meanwhile.
  sk.sk_wmem_alloc -= skb.truesize - 1;
  const flags = sk.sk_tsq_flags;
  if ((flags & TSQF_THROTTLED) === 0 || (flags & TSQF_QUEUED) !== 0) {
    sk_free(sk);
    return;
  }
  sk.sk_tsq_flags = (flags & ~TSQF_THROTTLED) | TSQF_QUEUED;
  const kernel = sock_net(sk).kernel;
  kernel.tsq_head.push(sk);
  if (kernel.tsq_head.length === 1) raise_softirq(kernel, TASKLET_SOFTIRQ);
}

/** The pacing timer: the next segment's time has come. */
export function tcp_pace_kick(timer: hrtimer): int {
  const sk = timer.owner as sock;
  tcp_tsq_handler(sk);
  sock_put(sk);
  return HRTIMER_NORESTART;
}

/** Whether pacing forbids sending now; then the timer is armed. */
export function tcp_pacing_check(sk: sock): bool {
  const tp = tcp_sk(sk);
  if (!tcp_needs_internal_pacing(sk)) return false;
  if (tp.tcp_wstamp_ns <= tp.tcp_clock_cache) return false;
  const timer = tcp_pacing_timer(tp);
  if (!hrtimer_is_queued(timer)) {
    hrtimer_start(timer, tp.tcp_wstamp_ns, HRTIMER_MODE_ABS | HRTIMER_MODE_PINNED | HRTIMER_MODE_SOFT);
    sock_hold(sk);
  }
  return true;
}

/** @notrace */
export function tcp_rtx_queue_empty_or_single_skb(sk: sock): bool {
  return tcp_rtx_queue_head(sk) === tcp_rtx_queue_tail(sk);
}

/**
 * Whether too much of this socket waits below (queueing discipline, device).
 * @param factor shift that makes the limit larger
 */
export function tcp_small_queue_check(sk: sock, skb: sk_buff, factor: u32): bool {
  let limit = Math.max(2 * skb.truesize, Math.floor(sk.sk_pacing_rate / 2 ** sk.sk_pacing_shift));
  limit = Math.min(limit, sock_net(sk).ipv4.sysctl_tcp_limit_output_bytes) * 2 ** factor;
  if (sk.sk_wmem_alloc > limit) {
    // With nothing else in flight there is no completion to count on for the clock.
    if (tcp_rtx_queue_empty_or_single_skb(sk)) return false;
    sk.sk_tsq_flags |= TSQF_THROTTLED;
    return true;
  }
  return false;
}

/** Whether the segment's last transmission has not left this host yet. */
export function skb_still_in_host_queue(sk: sock, skb: sk_buff): bool {
  if (skb_fclone_busy(sk, skb)) {
    sk.sk_tsq_flags |= TSQF_THROTTLED;
    NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPSPURIOUS_RTX_HOSTQUEUES);
    return true;
  }
  return false;
}
