/**
 * The segments of connection establishment: SYN, SYN with data, SYN-ACK.
 *
 * Read beside it: net/ipv4/tcp_output.c; RFC 9293 3.5, RFC 7413 (Fast Open), RFC 3168 6.1.1 (ECN set-up).
 */
import { htonl, htons } from '../../../include/linux/byteorder.js';
import { ECONNREFUSED, EHOSTUNREACH, ENOBUFS } from '../../../include/linux/errno.js';
import { RTAX_CC_ALGO, RTAX_INITRWND, RTAX_WINDOW } from '../../../include/linux/rtnetlink.js';
import {
  CHECKSUM_PARTIAL,
  MAX_TCP_HEADER,
  __skb_header_release,
  __skb_queue_tail,
  __skb_set_hash,
  alloc_skb,
  skb_dst_set,
  skb_fill_page_desc,
  skb_len_add,
  __skb_push,
  skb_reserve,
  skb_reset_transport_header,
  skb_set_delivery_time,
  SKB_CLOCK_MONOTONIC,
} from '../../../include/linux/skbuff.js';
import type { sk_buff, ubuf_info } from '../../../include/linux/skbuff.js';
import {
  TCP_CHRONO_BUSY,
  sizeof_tcphdr,
  tcp_hdr,
  tcp_passive_fastopen,
  tcp_rsk,
  tcp_sk,
} from '../../../include/linux/tcp.js';
import type { tcp_fastopen_cookie } from '../../../include/linux/tcp.js';
import type { int } from '../../../include/linux/types.js';
import { copy_from_iter } from '../../../include/linux/uio.js';
import {
  dst_metric,
  dst_metric_advmss,
  dst_metric_locked,
  dst_mtu,
  dst_tcp_usec_ts,
} from '../../../include/net/dst.js';
import type { dst_entry } from '../../../include/net/dst.js';
import { flowi4 } from '../../../include/net/flow.js';
import { ICSK_TIME_RETRANS, inet_csk } from '../../../include/net/inet_connection_sock.js';
import { inet_rsk } from '../../../include/net/inet_sock.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import { req_to_sk } from '../../../include/net/request_sock.js';
import type { request_sock } from '../../../include/net/request_sock.js';
import {
  LINUX_MIB_TCPORIGDATASENT,
  LINUX_MIB_TCPSYNRETRANS,
  TCP_MIB_ACTIVEOPENS,
  TCP_MIB_OUTSEGS,
  TCP_MIB_RETRANSSEGS,
} from '../../../include/net/snmp.js';
import {
  SOCK_DONE,
  SOCK_RCVBUF_LOCK,
  __sk_dst_get,
  net_tx_rndhash,
  sk_mem_charge,
  sk_wmem_queued_add,
  sock_hold,
  sock_net,
  sock_reset_flag,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { skb_rb_insert_after, skb_rb_last } from '../../../include/linux/skb_rbtree.js';
import {
  MAX_TCP_OPTION_SPACE,
  TCPHDR_ACK,
  TCPHDR_PSH,
  TCPHDR_SYN,
  TCPOLEN_TSTAMP_ALIGNED,
  TCP_SKB_CB,
  TCP_SYNACK_COOKIE,
  TCP_SYNACK_FASTOPEN,
  TCP_SYNACK_NORMAL,
  TCP_TIMEOUT_INIT,
  TCP_INC_STATS,
  tcp_clock_ns,
  tcp_full_space,
  tcp_init_wl,
  tcp_mss_clamp,
  tcp_reset_xmit_timer,
  tcp_send_head,
  tcp_skb_pcount,
  tcp_skb_timestamp_us,
  tcp_time_stamp_ts,
} from '../../../include/net/tcp.js';
import { tcp_ecn_make_synack, tcp_ecn_send_syn } from '../../../include/net/tcp_ecn.js';
import { trace_tcp_retransmit_synack } from '../../../include/trace/events/tcp.js';
import { kfree_skb, skb_zcopy_set } from '../../core/skbuff.js';
import { sk_page_frag, sk_page_frag_refill, skb_set_owner_w } from '../../core/sock.js';
import { sock_edemux } from '../inet_hashtables/index.js';
import { cookie_init_timestamp } from '../syncookies.js';
import { tcp_stream_alloc_skb, tcp_wmem_schedule } from '../tcp/push.js';
import { tcp_write_queue_purge } from '../tcp/state.js';
import { tcp_ca_find_key } from '../tcp_cong.js';
import { tcp_fastopen_cookie_check } from '../tcp_fastopen.js';
import { tcp_clear_retrans, tcp_initialize_rcv_mss } from '../tcp_input/index.js';
import { tcp_chrono_start } from './chrono.js';
import { __tcp_mtu_to_mss, tcp_mtup_init, tcp_sync_mss } from './mss.js';
import { tcp_options_write, tcp_out_options, tcp_synack_options } from './options.js';
import { tcp_init_nondata_skb, tcp_mstamp_refresh, tcp_transmit_skb } from './transmit.js';
import { tcp_select_initial_window } from './window.js';

/** The packet holds its request, as early demultiplexing would have it. @notrace */
function skb_set_owner_edemux(skb: sk_buff, sk: sock): void {
  sock_hold(sk);
  skb.sk = sk;
  skb.destructor = sock_edemux;
}

/**
 * Makes the SYN-ACK of a request.
 * @param dst the route; the segment takes over the reference
 * @param foc Fast Open cookie to hand out; null or length -1 for none
 * @returns null without memory
 * @EXPORT_SYMBOL
 */
export function tcp_make_synack(
  sk: sock,
  dst: dst_entry,
  req: request_sock,
  foc: tcp_fastopen_cookie | null,
  synack_type: int,
  _syn_skb: sk_buff | null,
): sk_buff | null {
  const ireq = inet_rsk(req);
  const treq = tcp_rsk(req);
  const tp = tcp_sk(sk);
  const kernel = sock_net(sk).kernel;
  const skb = alloc_skb(MAX_TCP_HEADER, 0);
  skb_reserve(skb, MAX_TCP_HEADER);
  // A cookie's SYN-ACK belongs to no socket; a Fast Open child pays for its own.
  if (synack_type === TCP_SYNACK_FASTOPEN) skb_set_owner_w(skb, sk);
  else if (synack_type !== TCP_SYNACK_COOKIE) skb_set_owner_edemux(skb, req_to_sk(req));
  skb_dst_set(skb, dst);
  const mss = tcp_mss_clamp(tp, dst_metric_advmss(dst));
  const opts = new tcp_out_options();
  const now = tcp_clock_ns(kernel);
  if (synack_type === TCP_SYNACK_COOKIE && ireq.tstamp_ok)
    skb_set_delivery_time(skb, cookie_init_timestamp(req, now), SKB_CLOCK_MONOTONIC);
  else {
    skb_set_delivery_time(skb, now, SKB_CLOCK_MONOTONIC);
    if (!treq.snt_synack) treq.snt_synack = tcp_skb_timestamp_us(skb);
  }
  __skb_set_hash(skb, treq.txhash, false, true);
  TCP_SKB_CB(skb).tcp_flags = TCPHDR_SYN | TCPHDR_ACK;
  const tcp_header_size = tcp_synack_options(sk, req, mss, skb, opts, foc) + sizeof_tcphdr;
  __skb_push(skb, tcp_header_size);
  skb_reset_transport_header(skb);
  skb.head.fill(0, skb.data, skb.data + tcp_header_size);
  const th = tcp_hdr(skb);
  th.syn = 1;
  th.ack = 1;
  tcp_ecn_make_synack(req, th);
  th.source = htons(ireq.ir_num);
  th.dest = ireq.ir_rmt_port;
  skb.mark = ireq.ir_mark;
  skb.ip_summed = CHECKSUM_PARTIAL;
  th.seq = htonl(treq.snt_isn);
  th.ack_seq = htonl(treq.rcv_nxt);
  // The window of a SYN-ACK is not scaled.
  th.window = htons(Math.min(req.rsk_rcv_wnd, 65535));
  tcp_options_write(th, null, treq, opts);
  th.doff = tcp_header_size >> 2;
  TCP_INC_STATS(sock_net(sk), TCP_MIB_OUTSEGS);
  skb_set_delivery_time(skb, now, SKB_CLOCK_MONOTONIC);
  return skb;
}

/** The route may name the congestion control. */
function tcp_ca_dst_init(sk: sock, dst: dst_entry): void {
  const key = dst_metric(dst, RTAX_CC_ALGO);
  if (!key) return;
  const icsk = inet_csk(sk);
  const ca = tcp_ca_find_key(sock_net(sk).kernel, key);
  if (!ca) return;
  icsk.icsk_ca_dst_locked = dst_metric_locked(dst, RTAX_CC_ALGO);
  icsk.icsk_ca_ops = ca;
  icsk.icsk_ca_priv = null;
}

/** What a socket begins with when it sends its SYN. */
function tcp_connect_init(sk: sock): void {
  const dst = __sk_dst_get(sk)!;
  const tp = tcp_sk(sk);
  const icsk = inet_csk(sk);
  const ipv4 = sock_net(sk).ipv4;
  tp.tcp_header_len = sizeof_tcphdr;
  if (ipv4.sysctl_tcp_timestamps) {
    tp.tcp_header_len += TCPOLEN_TSTAMP_ALIGNED;
    tp.tcp_usec_ts = dst_tcp_usec_ts(dst);
  }
  if (tp.rx_opt.user_mss) tp.rx_opt.mss_clamp = tp.rx_opt.user_mss;
  tp.max_window = 0;
  tcp_mtup_init(sk);
  tcp_sync_mss(sk, dst_mtu(dst));
  tcp_ca_dst_init(sk, dst);
  if (!tp.window_clamp) tp.window_clamp = dst_metric(dst, RTAX_WINDOW);
  tp.advmss = tcp_mss_clamp(tp, dst_metric_advmss(dst));
  tcp_initialize_rcv_mss(sk);
  const full_space = tcp_full_space(sk);
  if (sk.sk_userlocks & SOCK_RCVBUF_LOCK && (tp.window_clamp > full_space || tp.window_clamp === 0))
    tp.window_clamp = full_space;
  const rcv_wnd = { value: tp.rcv_wnd };
  const window_clamp = { value: tp.window_clamp };
  const rcv_wscale = { value: 0 };
  tcp_select_initial_window(
    sk,
    full_space,
    tp.advmss - (tp.rx_opt.ts_recent_stamp ? tp.tcp_header_len - sizeof_tcphdr : 0),
    rcv_wnd,
    window_clamp,
    ipv4.sysctl_tcp_window_scaling,
    rcv_wscale,
    dst_metric(dst, RTAX_INITRWND),
  );
  tp.rcv_wnd = rcv_wnd.value;
  tp.window_clamp = window_clamp.value;
  tp.rx_opt.rcv_wscale = rcv_wscale.value;
  tp.rcv_ssthresh = tp.rcv_wnd;
  sk.sk_err = 0;
  sock_reset_flag(sk, SOCK_DONE);
  tp.snd_wnd = 0;
  tcp_init_wl(tp, 0);
  tcp_write_queue_purge(sk);
  tp.snd_una = tp.write_seq;
  tp.snd_sml = tp.write_seq;
  tp.snd_up = tp.write_seq;
  tp.snd_nxt = tp.write_seq;
  tp.rcv_nxt = 0;
  tp.rcv_wup = 0;
  tp.copied_seq = 0;
  icsk.icsk_rto = TCP_TIMEOUT_INIT(sock_net(sk).kernel);
  icsk.icsk_retransmits = 0;
  tcp_clear_retrans(tp);
}

/** Accounts for a segment that goes straight to the retransmit queue. */
function tcp_connect_queue_skb(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  const cb = TCP_SKB_CB(skb);
  cb.end_seq = (cb.end_seq + skb.len) >>> 0;
  __skb_header_release(skb);
  sk_wmem_queued_add(sk, skb.truesize);
  sk_mem_charge(sk, skb.truesize);
  tp.write_seq = cb.end_seq;
  tp.packets_out += tcp_skb_pcount(skb);
}

/** A segment to the end of the retransmit queue: it bears the highest sequence number. @notrace */
function tcp_rtx_queue_insert(sk: sock, skb: sk_buff): void {
  const queue = tcp_sk(sk).tcp_rtx_queue;
  skb_rb_insert_after(queue, skb_rb_last(queue), skb);
}

/**
 * Sends the SYN with data, where there is a Fast Open cookie; else the plain SYN that asks for one.
 * The SYN (without data) and the data are two segments of the retransmit queue.
 */
function tcp_send_syn_data(sk: sock, syn: sk_buff): int {
  const tp = tcp_sk(sk);
  const icsk = inet_csk(sk);
  const fo = tp.fastopen_req!;
  const mss_clamp = { value: tp.advmss };
  const have_cookie = tcp_fastopen_cookie_check(sk, mss_clamp, fo.cookie);
  tp.rx_opt.mss_clamp = mss_clamp.value;
  if (have_cookie) {
    tp.rx_opt.mss_clamp = tcp_mss_clamp(tp, tp.rx_opt.mss_clamp);
    tcp_sync_mss(sk, icsk.icsk_pmtu_cookie);
    // Room for all options that a path might add.
    let space = __tcp_mtu_to_mss(sk, icsk.icsk_pmtu_cookie) - MAX_TCP_OPTION_SPACE;
    space = Math.min(space, fo.size);
    const pfrag = sk_page_frag(sk);
    const room = !space || sk_page_frag_refill(sk, pfrag);
    let syn_data = room ? tcp_stream_alloc_skb(sk, sk.sk_allocation, false) : null;
    if (syn_data && space) {
      TCP_SKB_CB(syn_data).copy(TCP_SKB_CB(syn));
      space = tcp_wmem_schedule(sk, Math.min(space, pfrag.size - pfrag.offset));
      if (space) {
        space = copy_from_iter(pfrag.page!, pfrag.offset, space, fo.data!.msg_iter);
        if (space) {
          skb_fill_page_desc(syn_data, 0, pfrag.page!, pfrag.offset, space);
          pfrag.offset += space;
          skb_len_add(syn_data, space);
          if (fo.uarg) skb_zcopy_set(syn_data, fo.uarg as ubuf_info, null);
        } else {
          // The program's memory cannot be read.
          kfree_skb(syn_data);
          syn_data = null;
        }
      }
    } else if (syn_data) TCP_SKB_CB(syn_data).copy(TCP_SKB_CB(syn));
    if (syn_data) {
      // Nothing is left for the caller to wait with.
      if (space === fo.size) fo.data = null;
      fo.copied = space;
      tcp_connect_queue_skb(sk, syn_data);
      if (syn_data.len) tcp_chrono_start(sk, TCP_CHRONO_BUSY);
      const err = tcp_transmit_skb(sk, syn_data, 1, sk.sk_allocation);
      skb_set_delivery_time(syn, syn_data.skb_mstamp_ns, SKB_CLOCK_MONOTONIC);
      // What is kept for retransmission is the data alone.
      const cb = TCP_SKB_CB(syn_data);
      cb.seq = (cb.seq + 1) >>> 0;
      cb.tcp_flags = TCPHDR_ACK | TCPHDR_PSH;
      if (!err) {
        tp.syn_data = fo.copied > 0 ? 1 : 0;
        tcp_rtx_queue_insert(sk, syn_data);
        NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPORIGDATASENT);
        fo.cookie.len = -1;
        return 0;
      }
      __skb_queue_tail(sk.sk_write_queue, syn_data);
      tp.packets_out -= tcp_skb_pcount(syn_data);
    }
  }
  if (fo.cookie.len > 0) fo.cookie.len = 0;
  const err = tcp_transmit_skb(sk, syn, 1, sk.sk_allocation);
  if (err) tp.syn_fastopen = 0;
  // The option is not repeated when the SYN is.
  fo.cookie.len = -1;
  return err;
}

/**
 * Sends the SYN of an active open.
 * @returns 0, or a negative errno when nothing can be sent
 */
export function tcp_connect(sk: sock): int {
  const tp = tcp_sk(sk);
  if (inet_csk(sk).icsk_af_ops!.rebuild_header(sk)) return -EHOSTUNREACH;
  tcp_connect_init(sk);
  const buff = tcp_stream_alloc_skb(sk, sk.sk_allocation, true);
  if (!buff) return -ENOBUFS;
  tcp_init_nondata_skb(buff, sk, tp.write_seq, TCPHDR_SYN);
  tcp_mstamp_refresh(tp);
  tp.retrans_stamp = tcp_time_stamp_ts(tp);
  tcp_connect_queue_skb(sk, buff);
  tcp_ecn_send_syn(sk, buff);
  tcp_rtx_queue_insert(sk, buff);
  const err = tp.fastopen_req ? tcp_send_syn_data(sk, buff) : tcp_transmit_skb(sk, buff, 1, sk.sk_allocation);
  if (err === -ECONNREFUSED) return err;
  tp.snd_nxt = tp.write_seq;
  tp.pushed_seq = tp.write_seq;
  const unsent = tcp_send_head(sk);
  if (unsent) {
    tp.snd_nxt = TCP_SKB_CB(unsent).seq;
    tp.pushed_seq = tp.snd_nxt;
  }
  TCP_INC_STATS(sock_net(sk), TCP_MIB_ACTIVEOPENS);
  tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, inet_csk(sk).icsk_rto, false);
  return 0;
}

/** Sends a SYN-ACK again. @returns 0 or a negative errno @EXPORT_SYMBOL */
export function tcp_rtx_synack(sk: sock, req: request_sock): int {
  const treq = tcp_rsk(req);
  const net = sock_net(sk);
  if (sk.sk_txrehash === 1) treq.txhash = net_tx_rndhash(sk);
  const res = treq.af_specific!.send_synack(sk, null, new flowi4(), req, null, TCP_SYNACK_NORMAL, null);
  if (!res) {
    TCP_INC_STATS(net, TCP_MIB_RETRANSSEGS);
    NET_INC_STATS(net, LINUX_MIB_TCPSYNRETRANS);
    if (tcp_passive_fastopen(sk)) tcp_sk(sk).total_retrans++;
    trace_tcp_retransmit_synack(sk, req);
    req.num_retrans++;
  }
  return res;
}
