/**
 * Segments that no connection sends: resets, and ACKs on behalf of time-wait sockets and requests.
 *
 * Read beside it: net/ipv4/tcp_ipv4.c; RFC 9293 3.5.2 (reset generation).
 */
import { htonl, htons, ntohl } from '../../../include/linux/byteorder.js';
import { IPPROTO_TCP } from '../../../include/linux/in.js';
import { ip_hdr } from '../../../include/linux/ip.js';
import { RTN_LOCAL } from '../../../include/linux/rtnetlink.js';
import { CHECKSUM_PARTIAL } from '../../../include/linux/skbuff.js';
import type { sk_buff } from '../../../include/linux/skbuff.js';
import { tcp_hdr, tcp_rsk, tcp_sk, tcp_twsk, tcphdr } from '../../../include/linux/tcp.js';
import type { __be32, int, u32, u8 } from '../../../include/linux/types.js';
import { csum_tcpudp_nofold } from '../../../include/net/checksum.js';
import { INET_ECN_MASK } from '../../../include/net/inet_ecn.js';
import { inet_rsk, inet_sk, inet_sk_transparent } from '../../../include/net/inet_sock.js';
import { inet_twsk } from '../../../include/net/inet_timewait_sock.js';
import { IP_REPLY_ARG_NOSRCCHECK, IPCB, ip_reply_arg } from '../../../include/net/ip.js';
import type { request_sock } from '../../../include/net/request_sock.js';
import { skb_rtable } from '../../../include/net/route.js';
import { TCP_MIB_OUTRSTS, TCP_MIB_OUTSEGS } from '../../../include/net/snmp.js';
import { sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCPOLEN_TIMESTAMP,
  TCPOLEN_TSTAMP_ALIGNED,
  TCPOPT_NOP,
  TCPOPT_TIMESTAMP,
  TCP_LISTEN,
  TCP_TIME_WAIT,
  TCP_TW_ACK_OOW,
  __TCP_INC_STATS,
  tcp_clock_ts,
  tcp_tw_tsval,
  tcp_v4_check,
} from '../../../include/net/tcp.js';
import { trace_tcp_send_reset } from '../../../include/trace/events/tcp.js';
import { local_bh_disable, local_bh_enable } from '../../../kernel/softirq.js';
import { tcp_do_parse_auth_options } from '../tcp_input/options.js';
import { inet_twsk_put } from '../inet_timewait_sock.js';
import { ip_send_unicast_reply } from '../ip_output.js';

/** Word (16 bits) in which the TCP checksum stands. */
const CSUM_WORD = 8;

/** Puts the checksum's place and the pseudo header's sum into an outgoing segment. */
export function __tcp_v4_send_check(skb: sk_buff, saddr: __be32, daddr: __be32): void {
  const th = tcp_hdr(skb);
  th.check = ~tcp_v4_check(skb.len, saddr, daddr, 0) & 0xffff;
  skb.csum_start = skb.transport_header;
  skb.csum_offset = 2 * CSUM_WORD;
  skb.ip_summed = CHECKSUM_PARTIAL;
}

/** icsk_af_ops.send_check. @EXPORT_SYMBOL */
export function tcp_v4_send_check(sk: sock, skb: sk_buff): void {
  const inet = inet_sk(sk);
  __tcp_v4_send_check(skb, inet.inet_saddr, inet.inet_daddr);
}

/**
 * Answers a segment that no connection wants with a reset.
 * @param sk the socket it met, null if there is none
 * @param reason sk_rst_reason, for the tracepoint
 */
export function tcp_v4_send_reset(sk: sock | null, skb: sk_buff, reason: int): void {
  const th = tcp_hdr(skb);
  // A reset is never answered with one.
  if (th.rst) return;
  // Without a socket, only packets that are for this host.
  if (!sk && skb_rtable(skb) && skb_rtable(skb)!.rt_type !== RTN_LOCAL) return;
  // Nor does a signed segment without a socket: its sender would not take an unsigned one.
  const md5_hash = { value: -1 };
  if (tcp_do_parse_auth_options(th, md5_hash) !== 0 || (md5_hash.value >= 0 && !sk)) return;
  const net = sk ? sock_net(sk) : skb.dev ? skb.dev.nd_net! : skb_rtable(skb)!.dev!.nd_net!;
  const bytes = new Uint8Array(20);
  const rep = new tcphdr(bytes, 0);
  rep.dest = th.source;
  rep.source = th.dest;
  rep.doff = 5;
  rep.rst = 1;
  if (th.ack) rep.seq = th.ack_seq;
  else {
    rep.ack = 1;
    rep.ack_seq = htonl((ntohl(th.seq) + th.syn + th.fin + skb.len - (th.doff << 2)) >>> 0);
  }
  const iph = ip_hdr(skb);
  const arg = new ip_reply_arg();
  arg.iov = bytes;
  arg.csum = csum_tcpudp_nofold(iph.daddr, iph.saddr, bytes.length, IPPROTO_TCP, 0);
  arg.csumoffset = CSUM_WORD;
  let txhash = 0;
  const ctl_sk = net.ipv4.tcp_sk!;
  if (sk) {
    arg.bound_dev_if = sk.skc_bound_dev_if;
    if (sk.skc_state === TCP_TIME_WAIT) {
      const tw = inet_twsk(sk);
      ctl_sk.sk_mark = tw.tw_mark;
      ctl_sk.sk_priority = tw.tw_priority;
      txhash = tw.tw_txhash;
    } else {
      if (inet_sk_transparent(sk)) arg.flags = IP_REPLY_ARG_NOSRCCHECK;
      ctl_sk.sk_mark = sk.sk_mark;
      ctl_sk.sk_priority = sk.sk_priority;
      txhash = sk.sk_txhash;
      arg.uid = sk.sk_uid;
    }
  }
  trace_tcp_send_reset(sk, skb, reason);
  arg.tos = iph.tos;
  local_bh_disable(net.kernel);
  ip_send_unicast_reply(ctl_sk, sk, skb, IPCB(skb).opt, iph.saddr, iph.daddr, arg, bytes.length, 0, txhash);
  ctl_sk.sk_mark = 0;
  ctl_sk.sk_priority = 0;
  __TCP_INC_STATS(net, TCP_MIB_OUTSEGS);
  __TCP_INC_STATS(net, TCP_MIB_OUTRSTS);
  local_bh_enable(net.kernel);
}

/**
 * A pure ACK that belongs to no full socket.
 * @param win window as it stands in the header
 * @param tsecr time stamp to echo; 0 leaves the option out
 */
export function tcp_v4_send_ack(
  sk: sock,
  skb: sk_buff,
  seq: u32,
  ack: u32,
  win: u32,
  tsval: u32,
  tsecr: u32,
  oif: int,
  reply_flags: int,
  tos: u8,
  txhash: u32,
): void {
  const th = tcp_hdr(skb);
  const net = sk.skc_net!;
  const len = tsecr ? 20 + TCPOLEN_TSTAMP_ALIGNED : 20;
  const bytes = new Uint8Array(len);
  const rep = new tcphdr(bytes, 0);
  if (tsecr) {
    bytes.set([TCPOPT_NOP, TCPOPT_NOP, TCPOPT_TIMESTAMP, TCPOLEN_TIMESTAMP], 20);
    for (let i = 0; i < 4; i++) {
      bytes[24 + i] = tsval >>> (24 - 8 * i);
      bytes[28 + i] = tsecr >>> (24 - 8 * i);
    }
  }
  rep.dest = th.source;
  rep.source = th.dest;
  rep.doff = len / 4;
  rep.seq = htonl(seq);
  rep.ack_seq = htonl(ack);
  rep.ack = 1;
  rep.window = htons(win & 0xffff);
  const iph = ip_hdr(skb);
  const arg = new ip_reply_arg();
  arg.iov = bytes;
  arg.flags = reply_flags;
  arg.csum = csum_tcpudp_nofold(iph.daddr, iph.saddr, len, IPPROTO_TCP, 0);
  arg.csumoffset = CSUM_WORD;
  if (oif) arg.bound_dev_if = oif;
  arg.tos = tos;
  const ctl_sk = net.ipv4.tcp_sk!;
  const full = sk.skc_state !== TCP_TIME_WAIT;
  ctl_sk.sk_mark = full ? sk.sk_mark : inet_twsk(sk).tw_mark;
  ctl_sk.sk_priority = full ? sk.sk_priority : inet_twsk(sk).tw_priority;
  arg.uid = full ? sk.sk_uid : 0;
  local_bh_disable(net.kernel);
  ip_send_unicast_reply(ctl_sk, sk, skb, IPCB(skb).opt, iph.saddr, iph.daddr, arg, len, 0, txhash);
  ctl_sk.sk_mark = 0;
  ctl_sk.sk_priority = 0;
  __TCP_INC_STATS(net, TCP_MIB_OUTSEGS);
  local_bh_enable(net.kernel);
}

/** @param tw_status TCP_TW_ACK or TCP_TW_ACK_OOW */
export function tcp_v4_timewait_ack(sk: sock, skb: sk_buff, tw_status: int): void {
  const tw = inet_twsk(sk);
  const tcptw = tcp_twsk(sk);
  let tos = tw.tw_tos;
  if (tw_status === TCP_TW_ACK_OOW) tos &= ~INET_ECN_MASK;
  tcp_v4_send_ack(
    sk,
    skb,
    tcptw.tw_snd_nxt,
    tcptw.tw_rcv_nxt,
    tcptw.tw_rcv_wnd >>> tw.tw_rcv_wscale,
    tcp_tw_tsval(tcptw),
    tcptw.tw_ts_recent,
    tw.tw_bound_dev_if,
    tw.tw_transparent ? IP_REPLY_ARG_NOSRCCHECK : 0,
    tos,
    tw.tw_txhash,
  );
  inet_twsk_put(tw);
}

/** Window of the ACK that stands for a request: unscaled in a SYN-ACK. @notrace */
export function tcp_synack_window(req: request_sock): u32 {
  return Math.min(req.rsk_rcv_wnd, 65535);
}

/** request_sock_ops.send_ack: to segments that a request does not accept. */
export function tcp_v4_reqsk_send_ack(sk: sock, skb: sk_buff, req: request_sock): void {
  const treq = tcp_rsk(req);
  const kernel = sock_net(sk).kernel;
  const seq = sk.sk_state === TCP_LISTEN ? (treq.snt_isn + 1) >>> 0 : tcp_sk(sk).snd_nxt;
  const tsval = (tcp_clock_ts(kernel, treq.req_usec_ts) + treq.ts_off) >>> 0;
  tcp_v4_send_ack(
    sk,
    skb,
    seq,
    treq.rcv_nxt,
    tcp_synack_window(req) >>> inet_rsk(req).rcv_wscale,
    tsval,
    req.ts_recent,
    0,
    inet_rsk(req).no_srccheck ? IP_REPLY_ARG_NOSRCCHECK : 0,
    ip_hdr(skb).tos & ~INET_ECN_MASK,
    treq.txhash,
  );
}
