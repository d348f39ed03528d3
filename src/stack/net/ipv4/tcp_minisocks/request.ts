// Segments for a connection request.
// Read beside: net/ipv4/tcp_minisocks.c; RFC 9293 3.10.7.4, RFC 7323 (PAWS), RFC 7413.
// Left out: MD5 and AO signatures.

import { ktime_get_seconds } from '../../../include/linux/jiffies.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import {
  TCP_FLAG_ACK,
  TCP_FLAG_RST,
  TCP_FLAG_SYN,
  sizeof_tcphdr,
  tcp_flag_word,
  tcp_hdr,
  tcp_options_received,
  tcp_rsk,
  tcp_sk,
} from '../../../include/linux/tcp.js';
import type { bool, int, u32 } from '../../../include/linux/types.js';
import {
  SKB_DROP_REASON_TCP_FLAGS,
  SKB_DROP_REASON_TCP_LISTEN_OVERFLOW,
  SKB_DROP_REASON_TCP_OVERWINDOW,
  SKB_DROP_REASON_TCP_RFC7323_PAWS,
  SKB_DROP_REASON_TCP_RFC7323_TSECR,
} from '../../../include/net/dropreason.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import { inet_rsk } from '../../../include/net/inet_sock.js';
import { NET_INC_STATS, __NET_INC_STATS } from '../../../include/net/ip.js';
import { reqsk_queue_removed } from '../../../include/net/request_sock.js';
import type { request_sock } from '../../../include/net/request_sock.js';
import { SK_RST_REASON_INVALID_SYN } from '../../../include/net/rstreason.js';
import {
  LINUX_MIB_EMBRYONICRSTS,
  LINUX_MIB_PAWSESTABREJECTED,
  LINUX_MIB_TCPACKSKIPPEDSYNRECV,
  LINUX_MIB_TCPDEFERACCEPTDROP,
  LINUX_MIB_TSECRREJECTED,
  TCP_MIB_ATTEMPTFAILS,
} from '../../../include/net/snmp.js';
import { sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { TCP_INC_STATS, TCP_SKB_CB, after, between, tcp_paws_reject } from '../../../include/net/tcp.js';
import { mod_timer } from '../../../kernel/time/timer.js';
import { timer_pending } from '../../../include/linux/timer.js';
import {
  inet_csk_complete_hashdance,
  inet_csk_reqsk_queue_drop,
  inet_csk_reqsk_queue_drop_and_put,
  tcp_reqsk_timeout,
} from '../inet_connection_sock/index.js';
import {
  TCP_ACCECN_OPT_COUNTER_SEEN,
  TCP_ACCECN_OPT_FAIL_RECV,
  TCP_ACCECN_OPT_FAIL_SEEN,
  tcp_accecn_option_init,
} from '../../../include/net/tcp_ecn.js';
import { reqsk_fastopen_remove } from '../tcp_fastopen.js';
import { tcp_oow_rate_limited, tcp_parse_options, tcp_reset, tcp_synack_rtt_meas } from '../tcp_input/index.js';
import { tcp_synack_window } from '../tcp_ipv4/reply.js';
import { tcp_rtx_synack } from '../tcp_output/connect.js';
import { tcp_in_window } from './timewait.js';

/**
 * A segment for a connection request (SYN_RECV of a small socket, or of a Fast Open child).
 * @param sk the listener; with fastopen the child
 * @param req_stolen out: the request has just been dealt with otherwise: look the segment up again
 * @param drop_reason out
 * @returns the new child, the listener itself when it is to handle the segment, or null
 * @EXPORT_SYMBOL
 */
export function tcp_check_req(
  sk: sock,
  skb: sk_buff,
  req: request_sock,
  fastopen: bool,
  req_stolen: { value: bool },
  drop_reason: { value: int },
): sock | null {
  const net = sock_net(sk);
  const kernel = net.kernel;
  const th = tcp_hdr(skb);
  const cb = TCP_SKB_CB(skb);
  const treq = tcp_rsk(req);
  let flg = tcp_flag_word(th) & (TCP_FLAG_RST | TCP_FLAG_SYN | TCP_FLAG_ACK);
  const tmp_opt = new tcp_options_received();
  let tsecr_reject = false;
  let paws_reject = false;
  if (th.doff > sizeof_tcphdr >> 2) {
    tcp_parse_options(net, skb, tmp_opt, 0, null);
    if (tmp_opt.saw_tstamp) {
      tmp_opt.ts_recent = req.ts_recent;
      if (tmp_opt.rcv_tsecr) {
        if (inet_rsk(req).tstamp_ok && !fastopen)
          tsecr_reject = !between(tmp_opt.rcv_tsecr, treq.snt_tsval_first, treq.snt_tsval_last);
        tmp_opt.rcv_tsecr = (tmp_opt.rcv_tsecr - treq.ts_off) >>> 0;
      }
      // The true time of ts_recent is not kept; this is late enough.
      tmp_opt.ts_recent_stamp = ktime_get_seconds(kernel) - Math.floor(tcp_reqsk_timeout(req) / kernel.HZ);
      paws_reject = tcp_paws_reject(tmp_opt, th.rst);
    }
  }
  if (cb.seq === treq.rcv_isn && flg === TCP_FLAG_SYN && !paws_reject) {
    // The SYN once more: its answer once more, but not without bound.
    if (!req_oow_rate_limited(sk, skb, req) && !tcp_rtx_synack(sk, req)) {
      const expires = kernel.jiffies + tcp_reqsk_timeout(req);
      if (fastopen) req.rsk_timer.expires = expires;
      else if (timer_pending(req.rsk_timer)) mod_timer(req.rsk_timer, expires);
    }
    return null;
  }
  // An ACK of something never sent: the listener will answer it with a reset.
  if (flg & TCP_FLAG_ACK && !fastopen && cb.ack_seq !== (treq.snt_isn + 1) >>> 0) return sk;
  const win_end = (treq.rcv_nxt + tcp_synack_window(req)) >>> 0;
  if (paws_reject || tsecr_reject || !tcp_in_window(cb.seq, cb.end_seq, treq.rcv_nxt, win_end)) {
    if (!(flg & TCP_FLAG_RST) && !req_oow_rate_limited(sk, skb, req)) req.rsk_ops!.send_ack(sk, skb, req);
    if (paws_reject) {
      drop_reason.value = SKB_DROP_REASON_TCP_RFC7323_PAWS;
      NET_INC_STATS(net, LINUX_MIB_PAWSESTABREJECTED);
    } else if (tsecr_reject) {
      drop_reason.value = SKB_DROP_REASON_TCP_RFC7323_TSECR;
      NET_INC_STATS(net, LINUX_MIB_TSECRREJECTED);
    } else drop_reason.value = SKB_DROP_REASON_TCP_OVERWINDOW;
    return null;
  }
  // A SYN that is out of the window's left edge counts as trimmed.
  if (cb.seq === treq.rcv_isn) flg &= ~TCP_FLAG_SYN;
  if (flg & (TCP_FLAG_RST | TCP_FLAG_SYN)) {
    TCP_INC_STATS(net, TCP_MIB_ATTEMPTFAILS);
    return embryonic_reset(sk, skb, req, flg, fastopen, req_stolen);
  }
  if (!(flg & TCP_FLAG_ACK)) {
    drop_reason.value = SKB_DROP_REASON_TCP_FLAGS;
    return null;
  }
  if (fastopen) return sk;
  if (treq.accecn_ok && tmp_opt.accecn !== 0 && treq.saw_accecn_opt < TCP_ACCECN_OPT_COUNTER_SEEN) {
    treq.saw_accecn_opt = tcp_accecn_option_init(skb, tmp_opt.accecn);
    if (treq.saw_accecn_opt === TCP_ACCECN_OPT_FAIL_SEEN) treq.accecn_fail_mode |= TCP_ACCECN_OPT_FAIL_RECV;
  }
  const bare = cb.end_seq === (treq.rcv_isn + 1) >>> 0;
  if (req.num_timeout < inet_csk(sk).icsk_accept_queue.rskq_defer_accept && bare) {
    inet_rsk(req).acked = true;
    __NET_INC_STATS(net, LINUX_MIB_TCPDEFERACCEPTDROP);
    return null;
  }
  const own_req = { value: false };
  const child = inet_csk(sk).icsk_af_ops!.syn_recv_sock(sk, skb, req, null, req, own_req);
  if (!child) {
    drop_reason.value = SKB_DROP_REASON_TCP_LISTEN_OVERFLOW;
    if (!net.ipv4.sysctl_tcp_abort_on_overflow) {
      inet_rsk(req).acked = true;
      return null;
    }
    return embryonic_reset(sk, skb, req, flg, fastopen, req_stolen);
  }
  if (own_req.value && tmp_opt.saw_tstamp && !after(cb.seq, treq.rcv_nxt))
    tcp_sk(child).rx_opt.ts_recent = tmp_opt.rcv_tsval;
  if (own_req.value && treq.drop_req) {
    reqsk_queue_removed(inet_csk(req.rsk_listener!).icsk_accept_queue, req);
    inet_csk_reqsk_queue_drop_and_put(req.rsk_listener!, req);
    return child;
  }
  tcp_synack_rtt_meas(child, req);
  req_stolen.value = !own_req.value;
  return inet_csk_complete_hashdance(sk, child, req, own_req.value);
}

/** @notrace */
function req_oow_rate_limited(sk: sock, skb: sk_buff, req: request_sock): bool {
  return tcp_oow_rate_limited(sock_net(sk), skb, LINUX_MIB_TCPACKSKIPPEDSYNRECV, tcp_rsk(req));
}

/** A request ends by a reset, received or sent. @notrace */
function embryonic_reset(
  sk: sock,
  skb: sk_buff,
  req: request_sock,
  flg: u32,
  fastopen: bool,
  req_stolen: { value: bool },
): null {
  if (!(flg & TCP_FLAG_RST)) req.rsk_ops!.send_reset(sk, skb, SK_RST_REASON_INVALID_SYN);
  else if (fastopen) {
    reqsk_fastopen_remove(sk, req, true);
    tcp_reset(sk, skb);
  }
  if (!fastopen) {
    const unlinked = inet_csk_reqsk_queue_drop(sk, req);
    if (unlinked) __NET_INC_STATS(sock_net(sk), LINUX_MIB_EMBRYONICRSTS);
    req_stolen.value = !unlinked;
  }
  return null;
}
