/**
 * TCP Fast Open: data on the SYN, in both directions, with cookies.
 *
 * Read beside it: net/ipv4/tcp_fastopen.c; RFC 7413.
 */
import { get_random_bytes } from '../../include/linux/random.js';
import { __skb_pull, __skb_queue_tail } from '../../include/linux/skbuff.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import { skb_rb_first, skb_rb_next } from '../../include/linux/skb_rbtree.js';
import { ntohs } from '../../include/linux/byteorder.js';
import { IFF_LOOPBACK } from '../../include/linux/if.js';
import { RTAX_FASTOPEN_NO_COOKIE } from '../../include/linux/rtnetlink.js';
import {
  TCP_FASTOPEN_COOKIE_SIZE,
  TCP_FASTOPEN_KEY_LENGTH,
  tcp_fastopen_cookie,
  tcp_hdr,
  tcp_hdrlen,
  tcp_rsk,
  tcp_sk,
} from '../../include/linux/tcp.js';
import { ip_hdr } from '../../include/linux/ip.js';
import type { bool, int, u16 } from '../../include/linux/types.js';
import { dst_metric } from '../../include/net/dst.js';
import type { dst_entry } from '../../include/net/dst.js';
import { ICSK_TIME_RETRANS, inet_csk } from '../../include/net/inet_connection_sock.js';
import type { inet_connection_sock } from '../../include/net/inet_connection_sock.js';
import { INET_FLAGS_DEFER_CONNECT, inet_set_bit } from '../../include/net/inet_sock.js';
import { NET_INC_STATS, __NET_INC_STATS } from '../../include/net/ip.js';
import type { net } from '../../include/net/net_namespace.js';
import type { request_sock } from '../../include/net/request_sock.js';
import {
  LINUX_MIB_TCPFASTOPENACTIVEFAIL,
  LINUX_MIB_TCPFASTOPENBLACKHOLE,
  LINUX_MIB_TCPFASTOPENCOOKIEREQD,
  LINUX_MIB_TCPFASTOPENLISTENOVERFLOW,
  LINUX_MIB_TCPFASTOPENPASSIVE,
  LINUX_MIB_TCPFASTOPENPASSIVEALTKEY,
  LINUX_MIB_TCPFASTOPENPASSIVEFAIL,
} from '../../include/net/snmp.js';
import { __sk_dst_get, skb_set_owner_r, sock_net } from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock.js';
import {
  TCPHDR_FIN,
  TCPHDR_SYN,
  TCP_SKB_CB,
  TCP_TIMEOUT_INIT,
  TFO_CLIENT_NO_COOKIE,
  TFO_SERVER_COOKIE_NOT_REQD,
  TFO_SERVER_ENABLE,
  tcp_fastopen_context,
  tcp_fastopen_request,
  tcp_reset_xmit_timer,
  tcp_segs_in,
} from '../../include/net/tcp.js';
import { TFO_COOKIE_UNAVAILABLE } from '../../include/uapi/linux/tcp.js';
import { siphash } from '../../lib/siphash.js';
import { reqsk_fastopen_remove } from '../core/request_sock.js';
import { skb_clone } from '../core/skbuff.js';
import { reqsk_put } from './inet_connection_sock/index.js';
import { tcp_fin, tcp_init_transfer } from './tcp_input/index.js';
import { tcp_fastopen_cache_get } from './tcp_metrics.js';
import { sk_forced_mem_schedule } from './tcp_output/memory.js';
import { tcp_cleanup_skb } from './tcp_input/index.js';

export { fastopen_queue_tune } from '../../include/linux/tcp.js';
export { reqsk_fastopen_remove };

/** Draws the host's key if it has none. */
export function tcp_fastopen_init_key_once(net: net): void {
  if (net.ipv4.tcp_fastopen_ctx) return;
  const key = new Uint8Array(TCP_FASTOPEN_KEY_LENGTH);
  get_random_bytes(net.kernel, key, 0, key.length);
  tcp_fastopen_reset_cipher(net, null, key, null);
}

/** @notrace */
export function tcp_fastopen_destroy_cipher(sk: sock): void {
  inet_csk(sk).icsk_accept_queue.fastopenq.ctx = null;
}

/**
 * Sets the keys of a listener, or of the host.
 * @param primary_key 16 bytes, with which cookies are made
 * @param backup_key 16 bytes of a key whose cookies are still taken, or null
 * @returns 0
 */
export function tcp_fastopen_reset_cipher(
  net: net,
  sk: sock | null,
  primary_key: Uint8Array,
  backup_key: Uint8Array | null,
): int {
  const ctx = new tcp_fastopen_context();
  ctx.key = backup_key ? [primary_key, backup_key] : [primary_key];
  ctx.num = ctx.key.length;
  if (sk) inet_csk(sk).icsk_accept_queue.fastopenq.ctx = ctx;
  else net.ipv4.tcp_fastopen_ctx = ctx;
  return 0;
}

/** The keys in use, 16 bytes each. */
export function tcp_fastopen_get_cipher(net: net, icsk: inet_connection_sock | null): Uint8Array {
  const ctx = icsk?.icsk_accept_queue.fastopenq.ctx ?? net.ipv4.tcp_fastopen_ctx;
  const keys = ctx ? ctx.key : [];
  const bytes = new Uint8Array(TCP_FASTOPEN_KEY_LENGTH * keys.length);
  keys.forEach((key, i) => bytes.set(key, i * TCP_FASTOPEN_KEY_LENGTH));
  return bytes;
}

/** The cookie of a peer: SipHash of both addresses. */
function __tcp_fastopen_cookie_gen_cipher(syn: sk_buff, key: Uint8Array, foc: tcp_fastopen_cookie): void {
  const iph = ip_hdr(syn);
  const words = new Uint32Array(4);
  for (let i = 0; i < 16; i++) words[i >> 2] |= key[i] << (8 * (i & 3));
  // Source and destination stand side by side in the header.
  const hash = siphash(iph.buf.subarray(iph.off + 12, iph.off + 20), 8, words);
  for (let i = 0; i < 4; i++) {
    foc.val[i] = hash[0] >>> (8 * i);
    foc.val[4 + i] = hash[1] >>> (8 * i);
  }
  foc.len = TCP_FASTOPEN_COOKIE_SIZE;
}

/** @notrace */
function tcp_fastopen_get_ctx(sk: sock): tcp_fastopen_context | null {
  return inet_csk(sk).icsk_accept_queue.fastopenq.ctx ?? sock_net(sk).ipv4.tcp_fastopen_ctx;
}

/** Makes the cookie for a peer with the primary key. */
function tcp_fastopen_cookie_gen(sk: sock, _req: request_sock, syn: sk_buff, foc: tcp_fastopen_cookie): void {
  const ctx = tcp_fastopen_get_ctx(sk);
  if (ctx) __tcp_fastopen_cookie_gen_cipher(syn, ctx.key[0], foc);
}

/** Puts the data of a SYN into the child's receive queue. */
export function tcp_fastopen_add_skb(sk: sock, skb: sk_buff): void {
  const tp = tcp_sk(sk);
  if (TCP_SKB_CB(skb).end_seq === tp.rcv_nxt) return;
  const clone = skb_clone(skb, 0);
  if (!clone) return;
  tcp_cleanup_skb(clone);
  // The SYN was counted already when the child was made.
  tp.segs_in = 0;
  tcp_segs_in(tp, clone);
  __skb_pull(clone, tcp_hdrlen(clone));
  sk_forced_mem_schedule(sk, clone.truesize);
  skb_set_owner_r(clone, sk);
  const cb = TCP_SKB_CB(clone);
  cb.seq = (cb.seq + 1) >>> 0;
  cb.tcp_flags &= ~TCPHDR_SYN;
  tp.rcv_nxt = cb.end_seq;
  __skb_queue_tail(sk.sk_receive_queue, clone);
  tp.syn_data_acked = 1;
  tp.bytes_received = clone.len;
  if (cb.tcp_flags & TCPHDR_FIN) tcp_fin(sk);
}

/** Checks a cookie. @param valid_foc out: the right one @returns 0 wrong, 1 right, 2 right by the backup key */
function tcp_fastopen_cookie_gen_check(
  sk: sock,
  _req: request_sock,
  syn: sk_buff,
  orig: tcp_fastopen_cookie,
  valid_foc: tcp_fastopen_cookie,
): int {
  const ctx = tcp_fastopen_get_ctx(sk);
  if (!ctx) return 0;
  for (let i = 0; i < ctx.num; i++) {
    const foc = i === 0 ? valid_foc : new tcp_fastopen_cookie();
    __tcp_fastopen_cookie_gen_cipher(syn, ctx.key[i], foc);
    if (foc.len === orig.len && foc.val.subarray(0, foc.len).every((b, j) => b === orig.val[j])) return i + 1;
  }
  return 0;
}

/** The child of a SYN with a valid cookie, at once, with the SYN's data. */
function tcp_fastopen_create_child(sk: sock, skb: sk_buff, req: request_sock): sock | null {
  const queue = inet_csk(sk).icsk_accept_queue;
  const own_req = { value: false };
  const child = inet_csk(sk).icsk_af_ops!.syn_recv_sock(sk, skb, req, null, null, own_req);
  if (!child) return null;
  queue.fastopenq.qlen++;
  const tp = tcp_sk(child);
  const treq = tcp_rsk(req);
  tp.fastopen_rsk = treq;
  treq.tfo_listener = true;
  // The window of a SYN is not scaled.
  tp.snd_wnd = ntohs(tcp_hdr(skb).window);
  tp.max_window = tp.snd_wnd;
  // The child's own timer sends the SYN-ACK again.
  req.timeout = TCP_TIMEOUT_INIT(sock_net(sk).kernel);
  tcp_reset_xmit_timer(child, ICSK_TIME_RETRANS, req.timeout, false);
  req.skc_refcnt = 2;
  tcp_init_transfer(child, 0, skb);
  tp.rcv_nxt = (TCP_SKB_CB(skb).seq + 1) >>> 0;
  tcp_fastopen_add_skb(child, skb);
  treq.rcv_nxt = tp.rcv_nxt;
  tp.rcv_wup = tp.rcv_nxt;
  return child;
}

/** Whether the listener takes one more Fast Open request. */
function tcp_fastopen_queue_check(sk: sock): bool {
  const fastopenq = inet_csk(sk).icsk_accept_queue.fastopenq;
  if (fastopenq.max_qlen === 0) return false;
  if (fastopenq.qlen < fastopenq.max_qlen) return true;
  const req1 = fastopenq.rskq_rst_head;
  if (!req1 || req1.rsk_timer.expires > sock_net(sk).kernel.jiffies) {
    __NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPFASTOPENLISTENOVERFLOW);
    return false;
  }
  fastopenq.rskq_rst_head = req1.dl_next;
  fastopenq.qlen--;
  reqsk_put(req1);
  return true;
}

/** @notrace */
function tcp_fastopen_no_cookie(sk: sock, dst: dst_entry | null, flag: int): bool {
  return (
    (sock_net(sk).ipv4.sysctl_tcp_fastopen & flag) !== 0 ||
    tcp_sk(sk).fastopen_no_cookie !== 0 ||
    (dst !== null && dst_metric(dst, RTAX_FASTOPEN_NO_COOKIE) !== 0)
  );
}

/** @notrace */
function cookie_assign(to: tcp_fastopen_cookie, from: tcp_fastopen_cookie): void {
  to.val.set(from.val);
  to.len = from.len;
}

/**
 * A SYN with the Fast Open option, or with data.
 * @param foc in: the option received; out: the option to answer with, length -1 for none
 * @returns the child, or null for the usual handshake
 */
export function tcp_try_fastopen(
  sk: sock,
  skb: sk_buff,
  req: request_sock,
  foc: tcp_fastopen_cookie,
  dst: dst_entry | null,
): sock | null {
  const net = sock_net(sk);
  const cb = TCP_SKB_CB(skb);
  const syn_data = cb.end_seq !== (cb.seq + 1) >>> 0;
  const valid_foc = new tcp_fastopen_cookie();
  if (foc.len === 0) NET_INC_STATS(net, LINUX_MIB_TCPFASTOPENCOOKIEREQD);
  const wanted = (net.ipv4.sysctl_tcp_fastopen & TFO_SERVER_ENABLE) !== 0 && (syn_data || foc.len >= 0);
  if (!(wanted && tcp_fastopen_queue_check(sk))) {
    foc.len = -1;
    return null;
  }
  let key = 0;
  const no_cookie = tcp_fastopen_no_cookie(sk, dst, TFO_SERVER_COOKIE_NOT_REQD);
  if (!no_cookie && foc.len === 0) tcp_fastopen_cookie_gen(sk, req, skb, valid_foc);
  else if (!no_cookie && foc.len > 0) {
    key = tcp_fastopen_cookie_gen_check(sk, req, skb, foc, valid_foc);
    if (!key) NET_INC_STATS(net, LINUX_MIB_TCPFASTOPENPASSIVEFAIL);
  }
  if (no_cookie || key) {
    const child = tcp_fastopen_create_child(sk, skb, req);
    if (child) {
      if (key === 2) {
        // The peer learns the cookie of the new key.
        cookie_assign(foc, valid_foc);
        NET_INC_STATS(net, LINUX_MIB_TCPFASTOPENPASSIVEALTKEY);
      } else foc.len = -1;
      NET_INC_STATS(net, LINUX_MIB_TCPFASTOPENPASSIVE);
      tcp_sk(child).syn_fastopen_child = 1;
      return child;
    }
    NET_INC_STATS(net, LINUX_MIB_TCPFASTOPENPASSIVEFAIL);
  }
  cookie_assign(foc, valid_foc);
  return null;
}

/**
 * The client: whether the SYN may bear data.
 * @param mss out: the MSS remembered with the cookie
 * @param cookie out: the cookie remembered, length -1 when Fast Open is off for now
 */
export function tcp_fastopen_cookie_check(sk: sock, mss: { value: u16 }, cookie: tcp_fastopen_cookie): bool {
  tcp_fastopen_cache_get(sk, mss, cookie);
  if (tcp_fastopen_active_should_disable(sk)) {
    cookie.len = -1;
    return false;
  }
  if (tcp_fastopen_no_cookie(sk, __sk_dst_get(sk), TFO_CLIENT_NO_COOKIE)) {
    cookie.len = -1;
    return true;
  }
  if (cookie.len > 0) return true;
  tcp_sk(sk).fastopen_client_fail = TFO_COOKIE_UNAVAILABLE;
  return false;
}

/**
 * TCP_FASTOPEN_CONNECT: connect() with a cookie at hand only notes the peer; the first write sends the SYN.
 * @param err out
 * @returns whether the SYN is put off
 */
export function tcp_fastopen_defer_connect(sk: sock, _err: { value: int }): bool {
  const tp = tcp_sk(sk);
  if (!tp.fastopen_connect || tp.fastopen_req) return false;
  const cookie = new tcp_fastopen_cookie();
  cookie.len = 0;
  if (tcp_fastopen_cookie_check(sk, { value: 0 }, cookie)) {
    inet_set_bit(INET_FLAGS_DEFER_CONNECT, sk);
    return true;
  }
  // The SYN asks for a cookie.
  tp.fastopen_req = new tcp_fastopen_request();
  tp.fastopen_req.cookie = cookie;
  return false;
}

/** Something on the path swallows Fast Open: no more of it for a time that doubles. */
export function tcp_fastopen_active_disable(sk: sock): void {
  const net = sock_net(sk);
  if (!net.ipv4.sysctl_tcp_fastopen_blackhole_timeout) return;
  net.ipv4.tfo_active_disable_stamp = net.kernel.jiffies;
  net.ipv4.tfo_active_disable_times++;
  NET_INC_STATS(net, LINUX_MIB_TCPFASTOPENBLACKHOLE);
}

/** Whether Fast Open is off on account of a black hole. */
export function tcp_fastopen_active_should_disable(sk: sock): bool {
  const net = sock_net(sk);
  const timeout = net.ipv4.sysctl_tcp_fastopen_blackhole_timeout;
  const times = net.ipv4.tfo_active_disable_times;
  if (!timeout || !times) return false;
  const until = net.ipv4.tfo_active_disable_stamp + timeout * (1 << Math.min(times - 1, 6)) * net.kernel.HZ;
  if (net.kernel.jiffies < until) return true;
  // Should this connection get data, all is well again.
  tcp_sk(sk).syn_fastopen_ch = 1;
  return false;
}

/** At a connection's end: a FIN out of order and no data tell of a black hole; data tell of none. */
export function tcp_fastopen_active_disable_ofo_check(sk: sock): void {
  const tp = tcp_sk(sk);
  const ipv4 = sock_net(sk).ipv4;
  if (!tp.syn_fastopen) return;
  if (!tp.data_segs_in) {
    const skb = skb_rb_first(tp.out_of_order_queue);
    if (skb && !skb_rb_next(skb) && TCP_SKB_CB(skb).tcp_flags & TCPHDR_FIN) tcp_fastopen_active_disable(sk);
  } else if (tp.syn_fastopen_ch && ipv4.tfo_active_disable_times) {
    const dst = __sk_dst_get(sk);
    if (!(dst && dst.dev && dst.dev.flags & IFF_LOOPBACK)) ipv4.tfo_active_disable_times = 0;
  }
}

/** Repeated time-outs of a connection that was opened fast. @param expired whether it has just given up */
export function tcp_fastopen_active_detect_blackhole(sk: sock, expired: bool): void {
  const tp = tcp_sk(sk);
  const timeouts = inet_csk(sk).icsk_retransmits;
  if (!tp.syn_fastopen && !tp.syn_data && !tp.syn_data_acked) return;
  if (timeouts === 2 || (timeouts < 2 && expired)) {
    tcp_fastopen_active_disable(sk);
    NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPFASTOPENACTIVEFAIL);
  }
}
