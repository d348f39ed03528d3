// The urgent pointer.
// Read beside: net/ipv4/tcp_input.c (tcp_urg); RFC 9293 3.8.5, RFC 6093. Left out: SIGURG.

import { ntohl, ntohs } from '../../../include/linux/byteorder.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { __skb_unlink, skb_peek } from '../../../include/linux/skbuff.js';
import type { tcphdr } from '../../../include/linux/tcp.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { sock } from '../../../include/net/sock.js';
import { SOCK_DEAD, sock_flag, sock_net, SOCK_URGINLINE } from '../../../include/net/sock.js';
import { after, before, TCP_SKB_CB, TCP_URG_NOTYET, TCP_URG_VALID } from '../../../include/net/tcp.js';
import { __kfree_skb, skb_copy_bits } from '../../core/skbuff.js';

/** The segment has an urgent pointer: is it news? */
export function tcp_check_urg(sk: sock, th: tcphdr): void {
  const tp = tcp_sk(sk);
  let ptr = ntohs(th.urg_ptr);
  // BSD's reading: the pointer is behind the urgent byte.
  if (ptr !== 0 && sock_net(sk).ipv4.sysctl_tcp_stdurg === 0) ptr--;
  ptr = (ptr + ntohl(th.seq)) >>> 0;
  if (after(tp.copied_seq, ptr)) return;
  if (before(ptr, tp.rcv_nxt)) return;
  if (tp.urg_data !== 0 && !after(ptr, tp.urg_seq)) return;

  // The last byte read was urgent and still stands in the queue: step over it.
  if (
    tp.urg_seq === tp.copied_seq &&
    tp.urg_data !== 0 &&
    !sock_flag(sk, SOCK_URGINLINE) &&
    tp.copied_seq !== tp.rcv_nxt
  ) {
    const skb = skb_peek(sk.sk_receive_queue);
    tp.copied_seq = (tp.copied_seq + 1) >>> 0;
    if (skb !== null && !before(tp.copied_seq, TCP_SKB_CB(skb).end_seq)) {
      __skb_unlink(skb, sk.sk_receive_queue);
      __kfree_skb(skb);
    }
  }
  tp.urg_data = TCP_URG_NOTYET;
  tp.urg_seq = ptr;
  tp.pred_flags = 0;
}

/** Takes the urgent byte out of a segment that has it. */
export function tcp_urg(sk: sock, skb: sk_buff, th: tcphdr): void {
  const tp = tcp_sk(sk);
  if (th.urg !== 0) tcp_check_urg(sk, th);
  if (tp.urg_data !== TCP_URG_NOTYET) return;
  const ptr = (tp.urg_seq - ntohl(th.seq) + th.doff * 4 - th.syn) >>> 0;
  if (ptr < skb.len) {
    const tmp = new Uint8Array(1);
    if (skb_copy_bits(skb, ptr, tmp, 0, 1) !== 0) return;
    tp.urg_data = TCP_URG_VALID | tmp[0];
    if (!sock_flag(sk, SOCK_DEAD)) sk.sk_data_ready(sk);
  }
}
