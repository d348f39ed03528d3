/**
 * A SYN for a listener: the connection request, SYN cookies under a flood, Fast Open.
 *
 * Read beside it: net/ipv4/tcp_input.c; RFC 9293 3.10.7.2, RFC 4987 (SYN floods), RFC 7413.
 */
import { ntohs } from '../../../include/linux/byteorder.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { skb_mac_header, skb_network_header_len } from '../../../include/linux/skbuff.js';
import {
  TCP_SACK_SEEN,
  tcp_clear_options,
  tcp_fastopen_cookie,
  tcp_hdr,
  tcp_hdrlen,
  tcp_options_received,
  tcp_rsk,
  tcp_sk,
} from '../../../include/linux/tcp.js';
import type { bool, int, u16 } from '../../../include/linux/types.js';
import { DST_FEATURE_ECN_CA } from '../../../include/linux/rtnetlink.js';
import { dst_feature, dst_release, dst_tcp_usec_ts } from '../../../include/net/dst.js';
import type { dst_entry } from '../../../include/net/dst.js';
import { flowi4 } from '../../../include/net/flow.js';
import { INET_ECN_is_not_ect, INET_ECN_MASK } from '../../../include/net/inet_ecn.js';
import { tcp_accecn_syn_requested } from '../../../include/net/tcp_ecn.js';
import {
  inet_csk,
  inet_csk_reqsk_queue_is_full,
  inet_csk_reqsk_queue_len,
} from '../../../include/net/inet_connection_sock.js';
import {
  INET_FLAGS_TRANSPARENT,
  inet_request_bound_dev_if,
  inet_request_mark,
  inet_rsk,
  inet_test_bit,
} from '../../../include/net/inet_sock.js';
import { NET_INC_STATS, __NET_INC_STATS } from '../../../include/net/ip.js';
import { saved_syn } from '../../../include/net/request_sock.js';
import type { request_sock, request_sock_ops } from '../../../include/net/request_sock.js';
import {
  LINUX_MIB_LISTENOVERFLOWS,
  LINUX_MIB_TCPREQQFULLDOCOOKIES,
  LINUX_MIB_TCPREQQFULLDROP,
} from '../../../include/net/snmp.js';
import { bh_unlock_sock, net_tx_rndhash, sk_acceptq_is_full, sock_net, sock_put } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCP_SKB_CB,
  TCP_SYNACK_COOKIE,
  TCP_SYNACK_FASTOPEN,
  TCP_SYNACK_NORMAL,
  TCP_TIMEOUT_INIT,
  cookie_init_sequence,
  tcp_ca_needs_ecn,
  tcp_listendrop,
} from '../../../include/net/tcp.js';
import type { tcp_request_sock_ops } from '../../../include/net/tcp.js';
import { pr_info } from '../../../kernel/printk.js';
import {
  inet_csk_reqsk_queue_add,
  inet_csk_reqsk_queue_hash_add,
  inet_reqsk_alloc,
  reqsk_free,
  reqsk_put,
} from '../inet_connection_sock/index.js';
import { tcp_try_fastopen } from '../tcp_fastopen.js';
import { tcp_request_sock_alloc } from '../tcp_ipv4/request.js';
import { tcp_peer_is_proven } from '../tcp_metrics.js';
import { tcp_openreq_init_rwin } from '../tcp_minisocks/index.js';
import { tcp_parse_options } from './options.js';

const DST_FEATURE_ECN_MASK = 1 + DST_FEATURE_ECN_CA;

/** What the SYN said, into the request. */
export function tcp_openreq_init(req: request_sock, rx_opt: tcp_options_received, skb: sk_buff, sk: sock): void {
  const ireq = inet_rsk(req);
  const treq = tcp_rsk(req);
  const cb = TCP_SKB_CB(skb);
  const th = tcp_hdr(skb);
  req.rsk_rcv_wnd = 0;
  treq.rcv_isn = cb.seq;
  treq.rcv_nxt = (cb.seq + 1) >>> 0;
  treq.snt_synack = 0;
  treq.snt_tsval_first = 0;
  treq.last_oow_ack_time = 0;
  req.mss = rx_opt.mss_clamp;
  req.ts_recent = rx_opt.saw_tstamp ? rx_opt.rcv_tsval : 0;
  ireq.tstamp_ok = rx_opt.tstamp_ok !== 0;
  ireq.sack_ok = (rx_opt.sack_ok & TCP_SACK_SEEN) !== 0;
  ireq.snd_wscale = rx_opt.snd_wscale;
  ireq.wscale_ok = rx_opt.wscale_ok !== 0;
  ireq.acked = false;
  ireq.ecn_ok = false;
  ireq.ir_rmt_port = th.source;
  ireq.ir_num = ntohs(th.dest);
  ireq.ir_mark = inet_request_mark(sk, skb);
}

/** net.ipv4.tcp_ecn from which on Accurate ECN is granted. */
const TCP_ECN_IN_ACCECN = 3;

/** Whether the connection will use ECN, and which: the SYN asked for it and we have it on. */
function tcp_ecn_create_request(req: request_sock, skb: sk_buff, listen_sk: sock, dst: dst_entry): void {
  const th = tcp_hdr(skb);
  const treq = tcp_rsk(req);
  treq.accecn_ok = false;
  if (tcp_accecn_syn_requested(th) && sock_net(listen_sk).ipv4.sysctl_tcp_ecn >= TCP_ECN_IN_ACCECN) {
    inet_rsk(req).ecn_ok = true;
    treq.accecn_ok = true;
    treq.syn_ect_rcv = TCP_SKB_CB(skb).ip_dsfield & INET_ECN_MASK;
    return;
  }
  if (!th.ece || !th.cwr) return;
  const ect = !INET_ECN_is_not_ect(TCP_SKB_CB(skb).ip_dsfield);
  const ecn_ok_dst = dst_feature(dst, DST_FEATURE_ECN_MASK);
  const ecn_ok = sock_net(listen_sk).ipv4.sysctl_tcp_ecn !== 0 || ecn_ok_dst !== 0;
  if (((!ect || th.res1) && ecn_ok) || tcp_ca_needs_ecn(listen_sk) || ecn_ok_dst >= DST_FEATURE_ECN_CA)
    inet_rsk(req).ecn_ok = true;
}

/** The SYN queue is full. @returns whether cookies are sent */
export function tcp_syn_flood_action(sk: sock, proto: string): bool {
  const queue = inet_csk(sk).icsk_accept_queue;
  const net = sock_net(sk);
  const syncookies = net.ipv4.sysctl_tcp_syncookies;
  __NET_INC_STATS(net, syncookies ? LINUX_MIB_TCPREQQFULLDOCOOKIES : LINUX_MIB_TCPREQQFULLDROP);
  if (syncookies !== 2 && !queue.synflood_warned) {
    queue.synflood_warned = 1;
    const what = syncookies ? 'Sending cookies' : 'Dropping request';
    pr_info(net.kernel, `${proto}: Possible SYN flooding on port ${sk.skc_num}. ${what}.`);
  }
  return syncookies !== 0;
}

/** Keeps the SYN's headers if TCP_SAVE_SYN asks for them. */
function tcp_reqsk_record_syn(sk: sock, req: request_sock, skb: sk_buff): void {
  const save = tcp_sk(sk).save_syn;
  if (!save) return;
  const saved = new saved_syn();
  saved.network_hdrlen = skb_network_header_len(skb);
  saved.tcp_hdrlen = tcp_hdrlen(skb);
  let start = skb.network_header;
  // With 2 the link layer's header comes first.
  if (save === 2) {
    start = skb_mac_header(skb);
    saved.mac_hdrlen = skb.network_header - start;
  }
  saved.data = skb.head.slice(start, skb.transport_header + saved.tcp_hdrlen);
  req.saved_syn = saved;
}

/** The MSS for a cookie sent without a socket; 0 if none is to be sent. @EXPORT_SYMBOL */
export function tcp_get_syncookie_mss(
  rsk_ops: request_sock_ops,
  af_ops: tcp_request_sock_ops,
  sk: sock,
  skb: sk_buff,
): u16 {
  const syncookies = sock_net(sk).ipv4.sysctl_tcp_syncookies;
  if (syncookies !== 2 && !inet_csk_reqsk_queue_is_full(sk)) return 0;
  if (!tcp_syn_flood_action(sk, rsk_ops.slab_name)) return 0;
  if (sk_acceptq_is_full(sk)) {
    NET_INC_STATS(sock_net(sk), LINUX_MIB_LISTENOVERFLOWS);
    return 0;
  }
  const opt = new tcp_options_received();
  opt.mss_clamp = af_ops.mss_clamp;
  opt.user_mss = tcp_sk(sk).rx_opt.user_mss;
  tcp_parse_options(sock_net(sk), skb, opt, 0, null);
  return opt.mss_clamp;
}

/** @notrace */
function pr_drop_req(req: request_sock, port: u16, sk: sock): void {
  pr_info(sock_net(sk).kernel, `TCP: drop open request from ${req.skc_daddr}/${port}`);
}

/**
 * Handles a SYN.
 * @returns 0 always: what is not taken is dropped in silence
 * @EXPORT_SYMBOL
 */
export function tcp_conn_request(rsk_ops: request_sock_ops, af_ops: tcp_request_sock_ops, sk: sock, skb: sk_buff): int {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const kernel = net.kernel;
  const foc = new tcp_fastopen_cookie();
  const syncookies = net.ipv4.sysctl_tcp_syncookies;
  let want_cookie = false;
  // A SYN that reuses a connection in TIME_WAIT: its peer is known to be real.
  let isn = kernel.tcp_tw_isn;
  const from_timewait = isn !== 0;
  if (from_timewait) kernel.tcp_tw_isn = 0;
  else if (syncookies === 2 || inet_csk_reqsk_queue_is_full(sk)) {
    want_cookie = tcp_syn_flood_action(sk, rsk_ops.slab_name);
    if (!want_cookie) {
      tcp_listendrop(sk);
      return 0;
    }
  }
  if (sk_acceptq_is_full(sk)) {
    NET_INC_STATS(net, LINUX_MIB_LISTENOVERFLOWS);
    tcp_listendrop(sk);
    return 0;
  }
  const req = inet_reqsk_alloc(rsk_ops, sk, !want_cookie, tcp_request_sock_alloc);
  const treq = tcp_rsk(req);
  const ireq = inet_rsk(req);
  req.syncookie = want_cookie;
  treq.af_specific = af_ops;
  const tmp_opt = new tcp_options_received();
  tcp_clear_options(tmp_opt);
  tmp_opt.mss_clamp = af_ops.mss_clamp;
  tmp_opt.user_mss = tp.rx_opt.user_mss;
  tcp_parse_options(net, skb, tmp_opt, 0, want_cookie ? null : foc);
  // Without a time stamp a cookie has no room for the other options.
  if (want_cookie && !tmp_opt.saw_tstamp) tcp_clear_options(tmp_opt);
  tmp_opt.tstamp_ok = tmp_opt.saw_tstamp;
  tcp_openreq_init(req, tmp_opt, skb, sk);
  ireq.no_srccheck = inet_test_bit(INET_FLAGS_TRANSPARENT, sk);
  ireq.ir_iif = inet_request_bound_dev_if(sk, skb);
  const fl = new flowi4();
  const dst = af_ops.route_req(sk, skb, fl, req, isn);
  if (!dst) {
    reqsk_free(req);
    tcp_listendrop(sk);
    return 0;
  }
  if (tmp_opt.tstamp_ok) {
    treq.req_usec_ts = dst_tcp_usec_ts(dst);
    treq.ts_off = af_ops.init_ts_off(net, skb);
  }
  if (!want_cookie && !from_timewait) {
    const max_syn_backlog = net.ipv4.sysctl_max_syn_backlog;
    const left = max_syn_backlog - inet_csk_reqsk_queue_len(sk);
    // Without cookies the last quarter of the backlog is for peers that are known.
    if (!syncookies && left < max_syn_backlog >> 2 && !tcp_peer_is_proven(req, dst)) {
      pr_drop_req(req, ntohs(tcp_hdr(skb).source), sk);
      dst_release(dst);
      reqsk_free(req);
      tcp_listendrop(sk);
      return 0;
    }
    isn = af_ops.init_seq(skb);
  }
  tcp_ecn_create_request(req, skb, sk, dst);
  if (want_cookie) {
    const mss = { value: req.mss };
    isn = cookie_init_sequence(af_ops, sk, skb, mss);
    req.mss = mss.value;
    if (!tmp_opt.tstamp_ok) ireq.ecn_ok = false;
  }
  treq.snt_isn = isn;
  treq.txhash = net_tx_rndhash(sk);
  treq.syn_tos = TCP_SKB_CB(skb).ip_dsfield;
  tcp_openreq_init_rwin(req, sk, dst);
  let fastopen_sk: sock | null = null;
  if (!want_cookie) {
    tcp_reqsk_record_syn(sk, req, skb);
    fastopen_sk = tcp_try_fastopen(sk, skb, req, foc, dst);
  }
  if (fastopen_sk) {
    af_ops.send_synack(fastopen_sk, dst, fl, req, foc, TCP_SYNACK_FASTOPEN, skb);
    if (!inet_csk_reqsk_queue_add(sk, req, fastopen_sk)) {
      bh_unlock_sock(fastopen_sk);
      sock_put(fastopen_sk);
      reqsk_free(req);
      tcp_listendrop(sk);
      return 0;
    }
    sk.sk_data_ready(sk);
    bh_unlock_sock(fastopen_sk);
    sock_put(fastopen_sk);
    reqsk_put(req);
    return 0;
  }
  treq.tfo_listener = false;
  if (!want_cookie && !inet_csk_reqsk_queue_hash_add(sk, req, TCP_TIMEOUT_INIT(kernel))) {
    reqsk_free(req);
    dst_release(dst);
    return 0;
  }
  af_ops.send_synack(sk, dst, fl, req, foc, want_cookie ? TCP_SYNACK_COOKIE : TCP_SYNACK_NORMAL, skb);
  if (want_cookie) reqsk_free(req);
  else reqsk_put(req);
  return 0;
}
