// Tail loss probes: when ACKs stop coming, one segment soon, so that SACK can tell about the rest.
// Read beside: net/ipv4/tcp_output.c (tcp_send_loss_probe); RFC 8985 7.

import { jiffies_to_usecs, usecs_to_jiffies } from '../../../include/linux/jiffies.js';
import { skb_rb_next } from '../../../include/linux/skb_rbtree.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { bool } from '../../../include/linux/types.js';
import { ICSK_TIME_LOSS_PROBE } from '../../../include/net/inet_connection_sock.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import { LINUX_MIB_TCPLOSSPROBES } from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import {
  TCP_CA_CWR,
  TCP_CA_Open,
  TCP_FRAG_IN_RTX_QUEUE,
  tcp_is_sack,
  TCP_NAGLE_OFF,
  tcp_reset_xmit_timer,
  tcp_rto_delta_us,
  tcp_rto_min_us,
  tcp_rtx_queue_tail,
  tcp_send_head,
  tcp_skb_pcount,
  TCP_TIMEOUT_INIT,
  TCP_TIMEOUT_MIN_US,
} from '../../../include/net/tcp.js';
import { tcp_rearm_rto } from '../tcp_input/index.js';
import {
  __tcp_retransmit_skb,
  skb_still_in_host_queue,
  tcp_current_mss,
  tcp_fragment,
  tcp_snd_wnd_test,
  tcp_write_xmit,
} from './index.js';

/**
 * Arms the probe timer in the place of the retransmission timer, if the state of the connection allows.
 * @param advancing_rto whether new data was acknowledged, so that a whole RTO lies ahead
 * @returns whether it was armed
 */
export function tcp_schedule_loss_probe(sk: sock, advancing_rto: bool): bool {
  const tp = tcp_sk(sk);
  const kernel = sock_net(sk).kernel;
  if (tp.fastopen_rsk !== null) return false;
  const early_retrans = sock_net(sk).ipv4.sysctl_tcp_early_retrans;
  if (
    (early_retrans !== 3 && early_retrans !== 4) ||
    tp.packets_out === 0 ||
    !tcp_is_sack(tp) ||
    (tp.icsk_ca_state !== TCP_CA_Open && tp.icsk_ca_state !== TCP_CA_CWR)
  )
    return false;

  let timeout: number;
  if (tp.srtt_us !== 0) {
    let timeout_us = tp.srtt_us >>> 2;
    // One segment alone may be waiting for the peer's delayed ACK.
    timeout_us += tp.packets_out === 1 ? tcp_rto_min_us(sk) : TCP_TIMEOUT_MIN_US;
    timeout = usecs_to_jiffies(kernel, timeout_us);
  } else {
    timeout = TCP_TIMEOUT_INIT(kernel);
  }
  const rto_delta_us = advancing_rto ? jiffies_to_usecs(kernel, tp.icsk_rto) : tcp_rto_delta_us(sk);
  if (rto_delta_us > 0) timeout = Math.min(timeout, usecs_to_jiffies(kernel, rto_delta_us));
  tcp_reset_xmit_timer(sk, ICSK_TIME_LOSS_PROBE, timeout, true);
  return true;
}

/** The probe timer has run out: send new data if the window allows, else the last segment again. */
export function tcp_send_loss_probe(sk: sock): void {
  const tp = tcp_sk(sk);
  if (loss_probe(sk)) {
    tp.tlp_high_seq = tp.snd_nxt;
    NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPLOSSPROBES);
    // The timer starts from now.
    tp.icsk_pending = 0;
  } else if (tcp_rtx_queue_tail(sk) === null) {
    tp.icsk_pending = 0;
    return;
  }
  tcp_rearm_rto(sk);
}

/** @returns whether a probe went out @notrace */
function loss_probe(sk: sock): bool {
  const tp = tcp_sk(sk);
  const mss = tcp_current_mss(sk);
  // At most one probe is outstanding.
  if (tp.tlp_high_seq !== 0) return false;
  tp.tlp_retrans = 0;
  let skb = tcp_send_head(sk);
  if (skb !== null && tcp_snd_wnd_test(tp, skb, mss)) {
    const pcount = tp.packets_out;
    tcp_write_xmit(sk, mss, TCP_NAGLE_OFF, 2, 0);
    return tp.packets_out > pcount;
  }
  skb = tcp_rtx_queue_tail(sk);
  if (skb === null) return false;
  if (skb_still_in_host_queue(sk, skb)) return false;
  const pcount = tcp_skb_pcount(skb);
  if (pcount === 0) return false;
  if (pcount > 1 && skb.len > (pcount - 1) * mss) {
    if (tcp_fragment(sk, TCP_FRAG_IN_RTX_QUEUE, skb, (pcount - 1) * mss, mss, 0) !== 0) return false;
    skb = skb_rb_next(skb);
  }
  if (skb === null || tcp_skb_pcount(skb) === 0) return false;
  if (__tcp_retransmit_skb(sk, skb, 1) !== 0) return false;
  tp.tlp_retrans = 1;
  return true;
}
