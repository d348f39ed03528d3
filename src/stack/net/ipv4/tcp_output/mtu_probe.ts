// Packetization layer path MTU discovery: now and then one segment larger than the rest.
// Read beside: net/ipv4/tcp_output.c (tcp_mtu_probe); RFC 4821.

import { EINVAL } from '../../../include/linux/errno.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import {
  __skb_header_release,
  __skb_queue_before,
  MAX_SKB_FRAGS,
  skb_can_coalesce,
  skb_fill_page_desc,
  skb_frag_size_add,
  skb_queue_is_last,
  skb_queue_next,
  skb_shinfo,
} from '../../../include/linux/skbuff.js';
import { sizeof_tcphdr, tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int } from '../../../include/linux/types.js';
import type { inet_connection_sock_af_ops } from '../../../include/net/inet_connection_sock.js';
import type { sock } from '../../../include/net/sock.js';
import { sk_mem_charge, sk_wmem_queued_add, sock_net } from '../../../include/net/sock.js';
import {
  after,
  TCP_CA_Open,
  tcp_highest_sack_replace,
  tcp_jiffies32,
  tcp_packets_in_flight,
  tcp_send_head,
  tcp_skb_can_collapse,
  tcp_skb_can_collapse_to,
  TCP_SKB_CB,
  tcp_snd_cwnd,
  tcp_snd_cwnd_set,
  tcp_wnd_end,
  TCPHDR_ACK,
  TCPHDR_FIN,
  TCPHDR_PSH,
} from '../../../include/net/tcp.js';
import { consume_skb } from '../../core/skbuff.js';
import { tcp_stream_alloc_skb } from '../tcp/index.js';
import {
  __pskb_trim_head,
  tcp_current_mss,
  tcp_eat_one_skb,
  tcp_event_new_data_sent,
  tcp_init_tso_segs,
  tcp_mss_to_mtu,
  tcp_mtu_to_mss,
  tcp_set_skb_tso_segs,
  tcp_transmit_skb,
} from './index.js';

/** After the interval the search starts over: routes change. */
export function tcp_mtu_check_reprobe(sk: sock): void {
  const tp = tcp_sk(sk);
  const mtup = tp.icsk_mtup;
  const interval = sock_net(sk).ipv4.sysctl_tcp_probe_interval;
  const delta = (tcp_jiffies32(sk) - mtup.probe_timestamp) | 0;
  if (delta < interval * sock_net(sk).kernel.HZ) return;
  const mss = tcp_current_mss(sk);
  mtup.probe_size = 0;
  mtup.search_high =
    tp.rx_opt.mss_clamp + sizeof_tcphdr + (tp.icsk_af_ops as inet_connection_sock_af_ops).net_header_len;
  mtup.search_low = tcp_mss_to_mtu(sk, mss);
  mtup.probe_timestamp = tcp_jiffies32(sk);
}

/** Whether the first len bytes of the write queue may become one segment. */
export function tcp_can_coalesce_send_queue_head(sk: sock, len: int): bool {
  let skb = tcp_send_head(sk);
  while (skb !== null) {
    if (len <= skb.len) break;
    if (skb_queue_is_last(sk.sk_write_queue, skb)) break;
    const next: sk_buff | null = skb_queue_next(sk.sk_write_queue, skb);
    if (next === null || !tcp_skb_can_collapse_to(skb) || !tcp_skb_can_collapse(skb, next)) return false;
    len -= skb.len;
    skb = next;
  }
  return true;
}

/** Lets `to` share the pages of the write queue's first probe_size bytes. @returns 0 or -EINVAL */
export function tcp_clone_payload(sk: sock, to: sk_buff, probe_size: int): int {
  const shto = skb_shinfo(to);
  let len = 0;
  let todo = probe_size;
  for (let skb = tcp_send_head(sk); skb !== null && todo > 0;) {
    const sh = skb_shinfo(skb);
    if (skb.len !== skb.data_len) return -EINVAL;
    for (let i = 0; i < sh.nr_frags && todo > 0; i++) {
      const frag = sh.frags[i];
      const size = Math.min(frag.size, todo);
      const n = shto.nr_frags;
      if (n > 0 && skb_can_coalesce(to, n, frag.page, frag.offset)) {
        skb_frag_size_add(shto.frags[n - 1], size);
      } else {
        if (n === MAX_SKB_FRAGS) return -EINVAL;
        skb_fill_page_desc(to, n, frag.page, frag.offset, size);
      }
      len += size;
      todo -= size;
    }
    skb = skb_queue_is_last(sk.sk_write_queue, skb) ? null : skb_queue_next(sk.sk_write_queue, skb);
  }
  if (len !== probe_size) return -EINVAL;
  to.truesize += probe_size;
  to.len += probe_size;
  to.data_len += probe_size;
  __skb_header_release(to);
  return 0;
}

/** @returns 1 sent a probe, 0 wait until more may be sent, -1 nothing to probe now */
export function tcp_mtu_probe(sk: sock): int {
  const tp = tcp_sk(sk);
  const mtup = tp.icsk_mtup;
  if (
    !mtup.enabled ||
    mtup.probe_size !== 0 ||
    tp.icsk_ca_state !== TCP_CA_Open ||
    tcp_snd_cwnd(tp) < 11 ||
    tp.rx_opt.num_sacks !== 0 ||
    tp.rx_opt.dsack !== 0
  )
    return -1;

  // Halve the range in which the path MTU lies.
  const mss_now = tcp_current_mss(sk);
  const probe_size = tcp_mtu_to_mss(sk, (mtup.search_high + mtup.search_low) >> 1);
  const size_needed = probe_size + (tp.reordering + 1) * tp.mss_cache;
  const interval = mtup.search_high - mtup.search_low;
  if (probe_size > tcp_mtu_to_mss(sk, mtup.search_high) || interval < sock_net(sk).ipv4.sysctl_tcp_probe_threshold) {
    tcp_mtu_check_reprobe(sk);
    return -1;
  }
  // Enough must follow for a loss to be seen by duplicate ACKs.
  if ((tp.write_seq - tp.snd_nxt) >>> 0 < size_needed) return -1;
  if (tp.snd_wnd < size_needed) return -1;
  if (after((tp.snd_nxt + size_needed) >>> 0, tcp_wnd_end(tp))) return 0;
  if (tcp_packets_in_flight(tp) + 2 > tcp_snd_cwnd(tp)) return tcp_packets_in_flight(tp) === 0 ? -1 : 0;
  if (!tcp_can_coalesce_send_queue_head(sk, probe_size)) return -1;

  const nskb = tcp_stream_alloc_skb(sk, 0, false);
  if (nskb === null) return -1;
  if (tcp_clone_payload(sk, nskb, probe_size) !== 0) {
    consume_skb(nskb);
    return -1;
  }
  sk_wmem_queued_add(sk, nskb.truesize);
  sk_mem_charge(sk, nskb.truesize);

  let skb = tcp_send_head(sk) as sk_buff;
  const ncb = TCP_SKB_CB(nskb);
  ncb.seq = TCP_SKB_CB(skb).seq;
  ncb.end_seq = (ncb.seq + probe_size) >>> 0;
  ncb.tcp_flags = TCPHDR_ACK;
  __skb_queue_before(sk.sk_write_queue, skb, nskb);
  tcp_highest_sack_replace(sk, skb, nskb);

  let len = 0;
  for (;;) {
    const last = skb_queue_is_last(sk.sk_write_queue, skb);
    const next: sk_buff | null = last ? null : skb_queue_next(sk.sk_write_queue, skb);
    const copy = Math.min(skb.len, probe_size - len);
    if (skb.len <= copy) {
      tcp_eat_one_skb(sk, nskb, skb);
    } else {
      const cb = TCP_SKB_CB(skb);
      ncb.tcp_flags |= cb.tcp_flags & ~(TCPHDR_FIN | TCPHDR_PSH);
      __pskb_trim_head(skb, copy);
      tcp_set_skb_tso_segs(skb, mss_now);
      cb.seq = (cb.seq + copy) >>> 0;
    }
    len += copy;
    if (len >= probe_size || next === null) break;
    skb = next;
  }
  tcp_init_tso_segs(nskb, nskb.len);

  if (tcp_transmit_skb(sk, nskb, 1, 0) === 0) {
    // It counts as two of the usual size.
    tcp_snd_cwnd_set(tp, tcp_snd_cwnd(tp) - 1);
    tcp_event_new_data_sent(sk, nskb);
    mtup.probe_size = tcp_mss_to_mtu(sk, nskb.len);
    tp.mtu_probe.probe_seq_start = ncb.seq;
    tp.mtu_probe.probe_seq_end = ncb.end_seq;
    return 1;
  }
  return -1;
}
