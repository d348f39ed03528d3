/**
 * SYN cookies: a connection request that is remembered by its peer, in our sequence number and time stamp.
 *
 * Read beside it: net/ipv4/syncookies.c, RFC 4987 3.6. Left out: BPF's own cookies.
 */
import { ntohl, ntohs } from '../../include/linux/byteorder.js';
import { IPPROTO_TCP } from '../../include/linux/in.js';
import { ip_hdr } from '../../include/linux/ip.js';
import type { iphdr } from '../../include/linux/ip.js';
import { get_random_u32 } from '../../include/linux/random.js';
import { RTAX_INITRWND, RTAX_WINDOW } from '../../include/linux/rtnetlink.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import {
  TCP_SACK_SEEN,
  tcp_clear_options,
  tcp_hdr,
  tcp_options_received,
  tcp_rsk,
  tcp_sk,
} from '../../include/linux/tcp.js';
import type { tcphdr } from '../../include/linux/tcp.js';
import type { __be16, __be32, bool, int, u16, u32, u64 } from '../../include/linux/types.js';
import { dst_feature, dst_metric } from '../../include/net/dst.js';
import type { dst_entry } from '../../include/net/dst.js';
import { flowi4_init_output } from '../../include/net/flow.js';
import { flowi4 } from '../../include/net/flow.js';
import { inet_csk } from '../../include/net/inet_connection_sock.js';
import { inet_request_mark, inet_rsk } from '../../include/net/inet_sock.js';
import { NET_INC_STATS } from '../../include/net/ip.js';
import type { net } from '../../include/net/net_namespace.js';
import type { request_sock } from '../../include/net/request_sock.js';
import { inet_sk_flowi_flags, ip_route_output_key, ip_sock_rt_scope, ip_sock_rt_tos } from '../../include/net/route.js';
import { LINUX_MIB_SYNCOOKIESFAILED, LINUX_MIB_SYNCOOKIESRECV } from '../../include/net/snmp.js';
import { SOCK_RCVBUF_LOCK, bh_unlock_sock, net_tx_rndhash, sock_net, sock_put } from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock.js';
import {
  MAX_SYNCOOKIE_AGE,
  TCP_SKB_CB,
  tcp_cookie_time,
  tcp_full_space,
  tcp_ns_to_ts,
  tcp_synq_no_recent_overflow,
} from '../../include/net/tcp.js';
import type { Kernel } from '../../kernel/kernel.js';
import { siphash_key, siphash_u32s } from '../../lib/siphash.js';
import type { siphash_key_t } from '../../lib/siphash.js';
import { secure_tcp_ts_off } from '../core/secure_seq.js';
import { inet_csk_reqsk_queue_add, inet_reqsk_alloc, reqsk_free } from './inet_connection_sock/index.js';
import { tcp_parse_options } from './tcp_input/options.js';
import { tcp_request_sock_alloc, tcp_request_sock_ipv4_ops, tcp_v4_save_options } from './tcp_ipv4/request.js';
import { tcp_request_sock_ops_v4 } from './tcp_ipv4/prot.js';
import { tcp_select_initial_window } from './tcp_output/window.js';

const COOKIEBITS = 24;
const COOKIEMASK = (1 << COOKIEBITS) - 1;

/** Low bits of the time stamp that bear options: window scale (15 for none), SACK, ECN. */
const TSBITS = 6;
const TS_OPT_WSCALE_MASK = 0xf;
const TS_OPT_SACK = 1 << 4;
const TS_OPT_ECN = 1 << 5;

/** MSS values that a cookie can say, bytes. */
const msstab: readonly u16[] = [536, 1300, 1440, 1460];

/** @notrace */
function syncookie_secret(kernel: Kernel): siphash_key_t[] {
  const secrets = kernel.net_secrets;
  if (!secrets.syncookie_secret) {
    secrets.syncookie_secret = [siphash_key(), siphash_key()];
    for (const key of secrets.syncookie_secret) for (let i = 0; i < 4; i++) key[i] = get_random_u32(kernel);
  }
  return secrets.syncookie_secret;
}

function cookie_hash(
  kernel: Kernel,
  saddr: __be32,
  daddr: __be32,
  sport: __be16,
  dport: __be16,
  count: u32,
  c: int,
): u32 {
  return siphash_u32s([saddr, daddr, ((sport << 16) | dport) >>> 0, count], syncookie_secret(kernel)[c])[0];
}

/** Time stamp (ns) of a cookie's SYN-ACK, with the SYN's options in its low bits, never in the future. */
export function cookie_init_timestamp(req: request_sock, now: u64): u64 {
  const ireq = inet_rsk(req);
  const ts_now = tcp_ns_to_ts(false, now);
  let options = ireq.wscale_ok ? ireq.snd_wscale : TS_OPT_WSCALE_MASK;
  if (ireq.sack_ok) options |= TS_OPT_SACK;
  if (ireq.ecn_ok) options |= TS_OPT_ECN;
  let ts = Math.floor(ts_now / (1 << TSBITS)) * (1 << TSBITS) + options;
  if (ts > ts_now) ts -= 1 << TSBITS;
  return ts * 1_000_000;
}

function secure_tcp_syn_cookie(
  kernel: Kernel,
  saddr: __be32,
  daddr: __be32,
  sport: __be16,
  dport: __be16,
  sseq: u32,
  data: u32,
): u32 {
  const count = tcp_cookie_time(kernel) >>> 0;
  const keyed = (cookie_hash(kernel, saddr, daddr, sport, dport, count, 1) + data) & COOKIEMASK;
  return (cookie_hash(kernel, saddr, daddr, sport, dport, 0, 0) + sseq + (count << COOKIEBITS) + keyed) >>> 0;
}

/** The data that a cookie bears, or -1 (as u32) when it is too old. */
function check_tcp_syn_cookie(
  kernel: Kernel,
  cookie: u32,
  saddr: __be32,
  daddr: __be32,
  sport: __be16,
  dport: __be16,
  sseq: u32,
): u32 {
  const count = tcp_cookie_time(kernel) >>> 0;
  cookie = (cookie - cookie_hash(kernel, saddr, daddr, sport, dport, 0, 0) - sseq) >>> 0;
  const diff = (count - (cookie >>> COOKIEBITS)) & (0xffffffff >>> COOKIEBITS);
  if (diff >= MAX_SYNCOOKIE_AGE) return 0xffffffff;
  return (cookie - cookie_hash(kernel, saddr, daddr, sport, dport, (count - diff) >>> 0, 1)) & COOKIEMASK;
}

/** A cookie for a SYN. @param mssp in: the peer's MSS; out: the one that the cookie says @EXPORT_SYMBOL */
export function __cookie_v4_init_sequence(iph: iphdr, th: tcphdr, mssp: { value: u16 }, kernel: Kernel): u32 {
  let mssind = msstab.length - 1;
  while (mssind > 0 && mssp.value < msstab[mssind]) mssind--;
  mssp.value = msstab[mssind];
  return secure_tcp_syn_cookie(kernel, iph.saddr, iph.daddr, th.source, th.dest, ntohl(th.seq), mssind);
}

/** tcp_request_sock_ops.cookie_init_seq. */
export function cookie_v4_init_sequence(skb: sk_buff, mssp: { value: u16 }): u32 {
  return __cookie_v4_init_sequence(ip_hdr(skb), tcp_hdr(skb), mssp, skb.dev!.nd_net!.kernel);
}

/** The MSS of a valid cookie, 0 if it is none. @EXPORT_SYMBOL */
export function __cookie_v4_check(iph: iphdr, th: tcphdr, kernel: Kernel): int {
  const cookie = (ntohl(th.ack_seq) - 1) >>> 0;
  const seq = (ntohl(th.seq) - 1) >>> 0;
  const mssind = check_tcp_syn_cookie(kernel, cookie, iph.saddr, iph.daddr, th.source, th.dest, seq);
  return mssind < msstab.length ? msstab[mssind] : 0;
}

/** The child of a request that was made from a cookie. @EXPORT_SYMBOL */
export function tcp_get_cookie_sock(sk: sock, skb: sk_buff, req: request_sock, dst: dst_entry): sock | null {
  const own_req = { value: false };
  const child = inet_csk(sk).icsk_af_ops!.syn_recv_sock(sk, skb, req, dst, null, own_req);
  if (child) {
    req.skc_refcnt = 1;
    if (inet_csk_reqsk_queue_add(sk, req, child)) return child;
    bh_unlock_sock(child);
    sock_put(child);
  }
  reqsk_free(req);
  return null;
}

/** The options out of the time stamp that the peer echoes. @returns whether they can be as they are @EXPORT_SYMBOL */
export function cookie_timestamp_decode(net: net, tcp_opt: tcp_options_received): bool {
  const options = tcp_opt.rcv_tsecr;
  if (!tcp_opt.saw_tstamp) {
    tcp_clear_options(tcp_opt);
    return true;
  }
  if (!net.ipv4.sysctl_tcp_timestamps) return false;
  tcp_opt.sack_ok = options & TS_OPT_SACK ? TCP_SACK_SEEN : 0;
  if (tcp_opt.sack_ok && !net.ipv4.sysctl_tcp_sack) return false;
  if ((options & TS_OPT_WSCALE_MASK) === TS_OPT_WSCALE_MASK) return true;
  tcp_opt.wscale_ok = 1;
  tcp_opt.snd_wscale = options & TS_OPT_WSCALE_MASK;
  return net.ipv4.sysctl_tcp_window_scaling !== 0;
}

/** The request that a cookie stands for. @notrace */
function cookie_tcp_reqsk_alloc(
  sk: sock,
  skb: sk_buff,
  tcp_opt: tcp_options_received,
  mss: int,
  tsoff: u32,
): request_sock {
  const req = inet_reqsk_alloc(tcp_request_sock_ops_v4, sk, false, tcp_request_sock_alloc);
  const ireq = inet_rsk(req);
  const treq = tcp_rsk(req);
  const th = tcp_hdr(skb);
  const cb = TCP_SKB_CB(skb);
  const iph = ip_hdr(skb);
  treq.af_specific = tcp_request_sock_ipv4_ops;
  req.mss = mss;
  req.num_retrans = 0;
  ireq.ir_num = ntohs(th.dest);
  ireq.ir_rmt_port = th.source;
  ireq.ir_mark = inet_request_mark(sk, skb);
  ireq.ir_iif = sk.sk_bound_dev_if;
  ireq.snd_wscale = tcp_opt.snd_wscale;
  ireq.tstamp_ok = tcp_opt.saw_tstamp !== 0;
  ireq.sack_ok = tcp_opt.sack_ok !== 0;
  ireq.wscale_ok = tcp_opt.wscale_ok !== 0;
  ireq.ecn_ok = tcp_opt.saw_tstamp !== 0 && (tcp_opt.rcv_tsecr & TS_OPT_ECN) !== 0;
  treq.req_usec_ts = false;
  treq.rcv_isn = (cb.seq - 1) >>> 0;
  treq.rcv_nxt = cb.seq;
  treq.snt_isn = (cb.ack_seq - 1) >>> 0;
  treq.snt_synack = 0;
  treq.ts_off = tsoff;
  treq.txhash = net_tx_rndhash(sk);
  treq.syn_tos = cb.ip_dsfield;
  req.syncookie = true;
  req.ts_recent = tcp_opt.saw_tstamp ? tcp_opt.rcv_tsval : 0;
  ireq.ir_loc_addr = iph.daddr;
  ireq.ir_rmt_addr = iph.saddr;
  ireq.ireq_opt = tcp_v4_save_options(sock_net(sk), skb);
  return req;
}

/**
 * An ACK to a listener that has no request for it: a connection if it returns a cookie.
 * @returns the child, sk itself when it is no cookie, or null when it is refused
 */
export function cookie_v4_check(sk: sock, skb: sk_buff): sock | null {
  const net = sock_net(sk);
  const tp = tcp_sk(sk);
  const th = tcp_hdr(skb);
  const iph = ip_hdr(skb);
  if (!net.ipv4.sysctl_tcp_syncookies || !th.ack || th.rst) return sk;
  if (tcp_synq_no_recent_overflow(sk)) return sk;
  const mss = __cookie_v4_check(iph, th, net.kernel);
  if (!mss) {
    NET_INC_STATS(net, LINUX_MIB_SYNCOOKIESFAILED);
    return sk;
  }
  NET_INC_STATS(net, LINUX_MIB_SYNCOOKIESRECV);
  const tcp_opt = new tcp_options_received();
  tcp_parse_options(net, skb, tcp_opt, 0, null);
  let tsoff = 0;
  if (tcp_opt.saw_tstamp && tcp_opt.rcv_tsecr) {
    tsoff = secure_tcp_ts_off(net, iph.daddr, iph.saddr);
    tcp_opt.rcv_tsecr = (tcp_opt.rcv_tsecr - tsoff) >>> 0;
  }
  if (!cookie_timestamp_decode(net, tcp_opt)) return sk;
  const req = cookie_tcp_reqsk_alloc(sk, skb, tcp_opt, mss, tsoff);
  const ireq = inet_rsk(req);
  const opt = ireq.ireq_opt;
  const fl4 = new flowi4();
  flowi4_init_output(
    fl4,
    ireq.ir_iif,
    ireq.ir_mark,
    ip_sock_rt_tos(sk),
    ip_sock_rt_scope(sk),
    IPPROTO_TCP,
    inet_sk_flowi_flags(sk),
    opt && opt.opt.srr ? opt.opt.faddr : ireq.ir_rmt_addr,
    ireq.ir_loc_addr,
    th.source,
    th.dest,
    sk.sk_uid,
  );
  const rt = ip_route_output_key(net, fl4);
  if (typeof rt === 'number') {
    reqsk_free(req);
    return null;
  }
  const full_space = tcp_full_space(sk);
  req.rsk_window_clamp = tp.window_clamp || dst_metric(rt, RTAX_WINDOW);
  if (sk.sk_userlocks & SOCK_RCVBUF_LOCK && (req.rsk_window_clamp > full_space || req.rsk_window_clamp === 0))
    req.rsk_window_clamp = full_space;
  const rcv_wnd = { value: 0 };
  const window_clamp = { value: req.rsk_window_clamp };
  const rcv_wscale = { value: 0 };
  tcp_select_initial_window(
    sk,
    full_space,
    req.mss,
    rcv_wnd,
    window_clamp,
    ireq.wscale_ok,
    rcv_wscale,
    dst_metric(rt, RTAX_INITRWND),
  );
  req.rsk_rcv_wnd = rcv_wnd.value;
  req.rsk_window_clamp = window_clamp.value;
  ireq.rcv_wscale = rcv_wscale.value;
  ireq.ecn_ok = ireq.ecn_ok && (net.ipv4.sysctl_tcp_ecn !== 0 || dst_feature(rt, 1) !== 0);
  const child = tcp_get_cookie_sock(sk, skb, req, rt);
  return child;
}
