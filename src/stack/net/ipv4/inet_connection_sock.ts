/**
 * Connection-oriented INET sockets: binding ports, listening, connection requests with their timer,
 * the accept queue, and the end of a socket.
 *
 * Read beside it: net/ipv4/inet_connection_sock.c, include/net/request_sock.h.
 * Left out: migration of requests between listeners of a reuseport group, ULPs.
 */
import { current } from '../../kernel/current.js';
import { schedule_timeout, signal_pending } from '../../kernel/sched/core.js';
import { mod_timer, timer_delete_sync, timer_setup } from '../../kernel/time/timer.js';
import { htons } from '../../include/linux/byteorder.js';
import { EADDRINUSE, EAGAIN, EINVAL } from '../../include/linux/errno.js';
import { O_NONBLOCK } from '../../include/linux/fs.js';
import { IPPROTO_TCP } from '../../include/linux/in.js';
import { msecs_to_jiffies } from '../../include/linux/jiffies.js';
import { get_random_u32_below } from '../../include/linux/random.js';
import { TASK_INTERRUPTIBLE } from '../../include/linux/sched.js';
import type { Task } from '../../include/linux/sched.js';
import { tcp_rsk, tcp_sk } from '../../include/linux/tcp.js';
import { timer_list } from '../../include/linux/timer.js';
import type { bool, int, long, u16, u32 } from '../../include/linux/types.js';
import { define_wait, finish_wait, prepare_to_wait_exclusive } from '../../include/linux/wait.js';
import type { dst_entry } from '../../include/net/dst.js';
import { dst_release } from '../../include/net/dst.js';
import { flowi4, flowi4_init_output } from '../../include/net/flow.js';
import { inet_csk, inet_csk_delack_init, reqsk_timeout } from '../../include/net/inet_connection_sock.js';
import { FASTREUSEPORT_ANY, FASTREUSEPORT_STRICT } from '../../include/net/inet_hashtables.js';
import type { inet_bind2_bucket, inet_bind_bucket } from '../../include/net/inet_hashtables.js';
import { inet_rsk, inet_sk } from '../../include/net/inet_sock.js';
import {
  inet_sk_flowi_flags,
  ip_route_output_ports,
  ip_sock_rt_scope,
  ip_sock_rt_tos,
} from '../../include/net/route.js';
import type { rtable } from '../../include/net/route.js';
import {
  reqsk_queue_added,
  reqsk_queue_empty,
  reqsk_queue_len,
  reqsk_queue_len_young,
  reqsk_queue_remove,
  reqsk_queue_removed,
  request_sock_queue,
} from '../../include/net/request_sock.js';
import type { request_sock, request_sock_ops } from '../../include/net/request_sock.js';
import {
  SK_CAN_REUSE,
  SK_FORCE_REUSE,
  SOCK_DEAD,
  bh_lock_sock,
  bh_unlock_sock,
  lock_sock,
  release_sock,
  sk_acceptq_added,
  sk_sleep,
  sock_flag,
  sock_hold,
  sock_intr_errno,
  sock_net,
  sock_orphan,
  sock_put,
  sock_rcvtimeo,
  sock_set_flag,
  sk_dst_reset,
  __sk_dst_check,
} from '../../include/net/sock.js';
import type { proto_accept_arg, sock, sock_common } from '../../include/net/sock.js';
import { LINUX_MIB_TCPTIMEOUTS, IPSTATS_MIB_OUTNOROUTES } from '../../include/net/snmp.js';
import {
  __IP_INC_STATS,
  NET_INC_STATS,
  inet_is_local_reserved_port,
  inet_sk_get_local_port_range,
} from '../../include/net/ip.js';
import { TCP_CLOSE, TCP_LISTEN, TCP_NEW_SYN_RECV, TCP_SYN_RECV, TCP_TIME_WAIT } from '../../include/net/tcp.js';
import { local_bh_disable, local_bh_enable } from '../../kernel/softirq.js';
import { made, made_rare } from '../../mm/slab.js';
import { sk_clone_lock, sk_setup_caps, sk_stop_timer } from '../core/sock.js';
import { sk_stream_kill_queues } from '../core/stream.js';
import { inet_sk_set_state, inet_sk_state_store } from './af_inet.js';
import { ip_route_output_flow } from './route.js';
import {
  ehash_del,
  inet_bind2_bucket_find,
  inet_bind_bucket_create,
  inet_bind_hash,
  inet_ehash_insert,
  tcp_get_hashinfo,
} from './inet_hashtables.js';
import { tcp_rtx_synack } from './tcp_output/connect.js';

/** @notrace */
export function tcp_orphan_count_inc(sk: sock): void {
  sock_net(sk).kernel.tcp_orphan_count++;
}

/** @notrace */
export function tcp_orphan_count_dec(sk: sock): void {
  sock_net(sk).kernel.tcp_orphan_count--;
}

/** Whether two sockets cannot share a port, their addresses overlapping. @notrace */
function inet_bind_conflict(sk: sock, sk2: sock_common, relax: bool, reuseport_ok: bool): bool {
  if (sk2 === sk) return false;
  const dev = sk.sk_bound_dev_if;
  const dev2 = sk2.skc_bound_dev_if;
  if (dev && dev2 && dev !== dev2) return false;
  const same_user = sk2.skc_state === TCP_TIME_WAIT || sk.sk_uid === (sk2 as sock).sk_uid;
  const share_port = sk.skc_reuseport !== 0 && sk2.skc_reuseport !== 0 && same_user;
  if (sk.skc_reuse && sk2.skc_reuse && sk2.skc_state !== TCP_LISTEN) return !relax || (!reuseport_ok && share_port);
  return !(reuseport_ok && share_port);
}

function inet_csk_bind_conflict(sk: sock, tb: inet_bind_bucket, relax: bool, reuseport_ok: bool): bool {
  const addr = sk.skc_rcv_saddr;
  for (let tb2 = tb.bhash2; tb2; tb2 = tb2.bhash_next) {
    if (addr !== 0 && tb2.rcv_saddr !== 0 && tb2.rcv_saddr !== addr) continue;
    for (let sk2 = tb2.owners; sk2; sk2 = sk2.skc_bind_next) {
      if (inet_bind_conflict(sk, sk2, relax, reuseport_ok)) return true;
    }
  }
  return false;
}

/** Whether the bucket is known to be shared by sockets of this one's SO_REUSEPORT group. @notrace */
function sk_reuseport_match(tb: inet_bind_bucket, sk: sock): bool {
  if (tb.fastreuseport <= 0 || !sk.skc_reuseport || tb.fastuid !== sk.sk_uid) return false;
  if (tb.fastreuseport === FASTREUSEPORT_ANY) return true;
  return tb.fast_rcv_saddr === sk.skc_rcv_saddr;
}

/** Keeps up what the bucket knows of its owners' willingness to share. */
export function inet_csk_update_fastreuse(sk: sock, tb: inet_bind_bucket, _tb2: inet_bind2_bucket | null): void {
  const reuse = sk.skc_reuse && sk.sk_state !== TCP_LISTEN ? 1 : 0;
  if (tb.bhash2 === null) {
    tb.fastreuse = reuse;
    tb.fastreuseport = 0;
    if (sk.skc_reuseport) {
      tb.fastreuseport = FASTREUSEPORT_ANY;
      tb.fastuid = sk.sk_uid;
      tb.fast_rcv_saddr = sk.skc_rcv_saddr;
    }
    return;
  }
  if (!reuse) tb.fastreuse = 0;
  if (!sk.skc_reuseport) tb.fastreuseport = 0;
  else if (!sk_reuseport_match(tb, sk)) {
    tb.fastreuseport = FASTREUSEPORT_STRICT;
    tb.fastuid = sk.sk_uid;
    tb.fast_rcv_saddr = sk.skc_rcv_saddr;
  }
}

/** An unused port out of the ephemeral range, odd ones first. @returns 0 if there is none */
function inet_csk_find_open_port(sk: sock): u16 {
  const hinfo = tcp_get_hashinfo(sk);
  const net = sock_net(sk);
  const relax = net.ipv4.sysctl_ip_autobind_reuse !== 0;
  let half = sk.skc_reuse === SK_CAN_REUSE ? 1 : 0;
  for (;;) {
    const range: [int, int] = [0, 0];
    inet_sk_get_local_port_range(sk, range);
    let low = range[0];
    let high = range[1] + 1;
    if (high - low < 4) half = 0;
    if (half) {
      const middle = low + (((high - low) >> 2) << 1);
      if (half === 1) high = middle;
      else low = middle;
    }
    let remaining = high - low;
    if (remaining > 1) remaining &= ~1;
    let offset = get_random_u32_below(net.kernel, remaining) | 1;
    for (let parity = 0; parity < 2; parity++) {
      let port = low + offset;
      for (let i = 0; i < remaining; i += 2, port += 2) {
        if (port >= high) port -= remaining;
        if (inet_is_local_reserved_port(net, port)) continue;
        const tb = hinfo.bhash.get(port);
        if (!tb || !inet_csk_bind_conflict(sk, tb, relax, false)) return port;
      }
      offset--;
    }
    if (half === 1) half = 2;
    else return 0;
  }
}

/**
 * proto.get_port of TCP: binds a port.
 * @param snum port in host order, 0 for any
 * @returns 0 or -EADDRINUSE
 * @formerly tcp_v4_get_port 2.4
 * @EXPORT_SYMBOL
 */
export function inet_csk_get_port(sk: sock, snum: u16): int {
  const hinfo = tcp_get_hashinfo(sk);
  const net = sock_net(sk);
  const reuse = sk.skc_reuse !== 0 && sk.sk_state !== TCP_LISTEN;
  let port = snum;
  if (!port) {
    port = inet_csk_find_open_port(sk);
    if (!port) return -EADDRINUSE;
  }
  let tb = hinfo.bhash.get(port) ?? null;
  if (!tb) tb = inet_bind_bucket_create(net, hinfo, port, 0);
  else if (tb.bhash2 !== null && sk.skc_reuse !== SK_FORCE_REUSE) {
    const shared = (tb.fastreuse > 0 && reuse) || sk_reuseport_match(tb, sk);
    if (!(snum && shared) && inet_csk_bind_conflict(sk, tb, true, snum !== 0)) return -EADDRINUSE;
  }
  inet_csk_update_fastreuse(sk, tb, null);
  if (!inet_csk(sk).icsk_bind_hash) inet_bind_hash(sk, tb, inet_bind2_bucket_find(hinfo, net, tb, sk), port);
  return 0;
}

/** Waits for a connection to accept. @returns 0 or a negative errno */
function* inet_csk_wait_for_connect(sk: sock, timeo: long): Task<int> {
  const queue = inet_csk(sk).icsk_accept_queue;
  const wait = define_wait();
  let err: int;
  for (;;) {
    prepare_to_wait_exclusive(sk_sleep(sk), wait, TASK_INTERRUPTIBLE);
    release_sock(sk);
    if (reqsk_queue_empty(queue)) timeo = yield* schedule_timeout(sock_net(sk).kernel, timeo);
    lock_sock(sk);
    err = 0;
    if (!reqsk_queue_empty(queue)) break;
    err = -EINVAL;
    if (sk.sk_state !== TCP_LISTEN) break;
    err = sock_intr_errno(timeo);
    if (signal_pending(current())) break;
    err = -EAGAIN;
    if (!timeo) break;
  }
  finish_wait(sk_sleep(sk), wait);
  return err;
}

/**
 * proto.accept of TCP: takes an established socket off the accept queue, waiting for one if need be.
 * @param arg in: flags; out: err, is_empty
 * @returns the socket or null with arg.err set
 * @formerly tcp_accept 2.4
 * @EXPORT_SYMBOL
 */
export function* inet_csk_accept(sk: sock, arg: proto_accept_arg): Task<sock | null> {
  const queue = inet_csk(sk).icsk_accept_queue;
  lock_sock(sk);
  let error = sk.sk_state === TCP_LISTEN ? 0 : -EINVAL;
  if (!error && reqsk_queue_empty(queue)) {
    const timeo = sock_rcvtimeo(sk, (arg.flags & O_NONBLOCK) !== 0);
    error = timeo ? yield* inet_csk_wait_for_connect(sk, timeo) : -EAGAIN;
  }
  if (error) {
    release_sock(sk);
    arg.err = error;
    return null;
  }
  const req = reqsk_queue_remove(queue, sk)!;
  arg.is_empty = reqsk_queue_empty(queue) ? 1 : 0;
  const newsk = req.sk;
  // A Fast Open child whose handshake is not over keeps its request until the last ACK.
  const keep = sk.sk_protocol === IPPROTO_TCP && tcp_rsk(req).tfo_listener;
  if (keep) req.sk = null;
  release_sock(sk);
  if (!keep) reqsk_put(req);
  return newsk;
}

/** @EXPORT_SYMBOL */
export function inet_csk_init_xmit_timers(
  sk: sock,
  retransmit_handler: (t: timer_list) => void,
  delack_handler: (t: timer_list) => void,
  keepalive_handler: (t: timer_list) => void,
): void {
  const icsk = inet_csk(sk);
  const kernel = sock_net(sk).kernel;
  timer_setup(kernel, icsk.icsk_retransmit_timer, retransmit_handler, 0, sk);
  sock_net(sk).ipv4.csk_delack_handler = delack_handler;
  sock_net(sk).ipv4.csk_keepalive_handler = keepalive_handler;
  icsk.icsk_pending = 0;
  icsk.icsk_ack.pending = 0;
}

/** @EXPORT_SYMBOL */
export function inet_csk_clear_xmit_timers(sk: sock): void {
  const icsk = inet_csk(sk);
  icsk.icsk_pending = 0;
  icsk.icsk_ack.pending = 0;
  sk_stop_timer(sk, icsk.icsk_retransmit_timer);
  const delack_timer = made(icsk, '$icsk_delack_timer');
  if (delack_timer !== null) sk_stop_timer(sk, delack_timer);
  inet_csk_delete_keepalive_timer(sk);
}

/** @notrace */
export function inet_csk_reset_keepalive_timer(sk: sock, len: u32): void {
  const kernel = sock_net(sk).kernel;
  if (sk.sk_timer.kernel === null) timer_setup(kernel, sk.sk_timer, sock_net(sk).ipv4.csk_keepalive_handler!, 0, sk);
  if (!mod_timer(sk.sk_timer, kernel.jiffies + len)) sock_hold(sk);
}

/** @notrace */
export function inet_csk_delete_keepalive_timer(sk: sock): void {
  const timer = made_rare(sk, 'sk_timer');
  if (timer !== null) sk_stop_timer(sk, timer);
}

/**
 * The route on which a connection request is answered.
 * @param fl4 filled with the flow
 * @returns null when there is no route
 * @EXPORT_SYMBOL
 */
export function inet_csk_route_req(sk: sock, fl4: flowi4, req: request_sock): dst_entry | null {
  const ireq = inet_rsk(req);
  const net = sock_net(sk);
  const opt = ireq.ireq_opt;
  flowi4_init_output(
    fl4,
    ireq.ir_iif,
    ireq.ir_mark,
    ip_sock_rt_tos(sk),
    ip_sock_rt_scope(sk),
    sk.sk_protocol,
    inet_sk_flowi_flags(sk),
    opt && opt.opt.srr ? opt.opt.faddr : ireq.ir_rmt_addr,
    ireq.ir_loc_addr,
    ireq.ir_rmt_port,
    htons(ireq.ir_num),
    sk.sk_uid,
  );
  return route_or_null(sk, ip_route_output_flow(net, fl4, sk), opt !== null && opt.opt.is_strictroute);
}

/** Counts what has no route, and refuses a gateway where the source route is strict. @notrace */
function route_or_null(sk: sock, rt: rtable | int | null, strict: bool): dst_entry | null {
  if (rt === null || typeof rt === 'number') {
    __IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
    return null;
  }
  if (strict && rt.rt_uses_gateway) {
    dst_release(rt);
    __IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
    return null;
  }
  return rt;
}

/** The route of a child that a request becomes. @EXPORT_SYMBOL */
export function inet_csk_route_child_sock(sk: sock, newsk: sock, req: request_sock): dst_entry | null {
  const ireq = inet_rsk(req);
  const net = sock_net(sk);
  const opt = inet_sk(newsk).inet_opt;
  const fl4 = new flowi4();
  flowi4_init_output(
    fl4,
    ireq.ir_iif,
    ireq.ir_mark,
    ip_sock_rt_tos(sk),
    ip_sock_rt_scope(sk),
    sk.sk_protocol,
    inet_sk_flowi_flags(sk),
    opt && opt.opt.srr ? opt.opt.faddr : ireq.ir_rmt_addr,
    ireq.ir_loc_addr,
    ireq.ir_rmt_port,
    htons(ireq.ir_num),
    sk.sk_uid,
  );
  return route_or_null(sk, ip_route_output_flow(net, fl4, sk), opt !== null && opt.opt.is_strictroute);
}

/**
 * A request of a listener, in NEW_SYN_RECV.
 * @param alloc makes the transport's own request object
 * @param attach_listener whether it keeps a reference to its listener (not for SYN cookies)
 * @EXPORT_SYMBOL
 */
export function inet_reqsk_alloc<T extends request_sock>(
  ops: request_sock_ops,
  sk_listener: sock,
  attach_listener: bool,
  alloc: () => T,
): T {
  const req = alloc();
  req.rsk_ops = ops;
  if (attach_listener) {
    sock_hold(sk_listener);
    req.rsk_listener = sk_listener;
  }
  const ireq = inet_rsk(req);
  ireq.ireq_opt = null;
  req.skc_cookie = 0;
  req.skc_state = TCP_NEW_SYN_RECV;
  req.skc_net = sk_listener.skc_net;
  req.skc_family = sk_listener.skc_family;
  req.skc_prot = sk_listener.skc_prot;
  req.skc_reuseport = sk_listener.skc_reuseport;
  req.skc_reuse = sk_listener.skc_reuse;
  req.skc_bound_dev_if = sk_listener.skc_bound_dev_if;
  req.timeout = 0;
  req.num_timeout = 0;
  req.num_retrans = 0;
  req.sk = null;
  req.skc_refcnt = 0;
  return req;
}

/** @notrace */
export function reqsk_free(req: request_sock): void {
  req.rsk_ops?.destructor(req);
  if (req.rsk_listener) sock_put(req.rsk_listener);
  req.rsk_listener = null;
  req.saved_syn = null;
}

/** @notrace */
export function reqsk_put(req: request_sock): void {
  if (--req.skc_refcnt === 0) reqsk_free(req);
}

/** When a SYN-ACK is due again, in jiffies. @notrace */
export function tcp_reqsk_timeout(req: request_sock): u32 {
  const net = req.skc_net!;
  return reqsk_timeout(req, msecs_to_jiffies(net.kernel, net.ipv4.sysctl_tcp_rto_max_ms));
}

/** Whether a request expires now, and whether its SYN-ACK is sent again, by TCP_DEFER_ACCEPT's rules. */
function syn_ack_recalc(req: request_sock, max_retries: int, defer_accept: int): { expire: bool; resend: bool } {
  const acked = inet_rsk(req).acked;
  if (!defer_accept) return { expire: req.num_timeout >= max_retries, resend: true };
  return {
    expire: req.num_timeout >= max_retries && (!acked || req.num_timeout >= defer_accept),
    resend: !acked || req.num_timeout >= defer_accept - 1,
  };
}

/** Takes a request out of the established table. @returns whether it was there */
function reqsk_queue_unlink(req: request_sock): bool {
  if (!req.skc_hashed) return false;
  req.skc_hashed = false;
  return ehash_del(req.skc_net!.ipv4.tcp_death_row.hashinfo!, req);
}

function __inet_csk_reqsk_queue_drop(sk: sock, req: request_sock, from_timer: bool): bool {
  const unlinked = reqsk_queue_unlink(req);
  if (!from_timer && timer_delete_sync(req.rsk_timer)) reqsk_put(req);
  if (unlinked) {
    reqsk_queue_removed(inet_csk(sk).icsk_accept_queue, req);
    reqsk_put(req);
  }
  return unlinked;
}

/** Forgets a request. @returns whether it was still hashed @EXPORT_SYMBOL */
export function inet_csk_reqsk_queue_drop(sk: sock, req: request_sock): bool {
  return __inet_csk_reqsk_queue_drop(sk, req, false);
}

/** @EXPORT_SYMBOL */
export function inet_csk_reqsk_queue_drop_and_put(sk: sock, req: request_sock): void {
  inet_csk_reqsk_queue_drop(sk, req);
  reqsk_put(req);
}

/** tcp_syn_ack_timeout: counts it. */
export function tcp_syn_ack_timeout(req: request_sock): void {
  NET_INC_STATS(req.skc_net!, LINUX_MIB_TCPTIMEOUTS);
}

/** The timer of a request: sends the SYN-ACK again, or gives up. */
export function reqsk_timer_handler(t: timer_list): void {
  const req = t.owner as request_sock;
  const sk_listener = req.rsk_listener!;
  const net = sock_net(sk_listener);
  const icsk = inet_csk(sk_listener);
  const queue = icsk.icsk_accept_queue;
  if (sk_listener.sk_state === TCP_LISTEN) {
    let max_syn_ack_retries = icsk.icsk_syn_retries || net.ipv4.sysctl_tcp_synack_retries;
    // A queue more than half full of old requests lets go of them sooner.
    const qlen = reqsk_queue_len(queue);
    if (qlen * 2 > Math.max(8, sk_listener.sk_max_ack_backlog)) {
      let young = reqsk_queue_len_young(queue) * 2;
      while (max_syn_ack_retries > 2 && qlen >= young) {
        max_syn_ack_retries--;
        young *= 2;
      }
    }
    const { expire, resend } = syn_ack_recalc(req, max_syn_ack_retries, queue.rskq_defer_accept);
    tcp_syn_ack_timeout(req);
    if (!expire && (!resend || !tcp_rtx_synack(sk_listener, req) || inet_rsk(req).acked)) {
      if (req.num_timeout++ === 0) queue.young--;
      mod_timer(req.rsk_timer, net.kernel.jiffies + tcp_reqsk_timeout(req));
      return;
    }
  }
  __inet_csk_reqsk_queue_drop(sk_listener, req, true);
  reqsk_put(req);
}

function reqsk_queue_hash_req(req: request_sock): bool {
  const found_dup_sk = { value: false };
  if (!inet_ehash_insert(req, null, found_dup_sk)) return false;
  const kernel = req.skc_net!.kernel;
  timer_setup(kernel, req.rsk_timer, reqsk_timer_handler, 0, req);
  mod_timer(req.rsk_timer, kernel.jiffies + req.timeout);
  // One reference each: the table, the timer, the caller.
  req.skc_refcnt = 3;
  return true;
}

/** Puts a request on the SYN queue: in the table of established sockets, with its timer. @EXPORT_SYMBOL */
export function inet_csk_reqsk_queue_hash_add(sk: sock, req: request_sock, timeout: u32): bool {
  req.timeout = timeout;
  if (!reqsk_queue_hash_req(req)) return false;
  inet_csk_reqsk_queue_added(sk);
  return true;
}

/** @notrace */
export function inet_csk_reqsk_queue_added(sk: sock): void {
  reqsk_queue_added(inet_csk(sk).icsk_accept_queue);
}

/** The full socket of a request: a copy of the listener, bound to the connection. @EXPORT_SYMBOL */
export function inet_csk_clone_lock(sk: sock, req: request_sock, priority: int): sock | null {
  const newsk = sk_clone_lock(sk, priority);
  if (!newsk) return null;
  const newicsk = inet_csk(newsk);
  const inet = inet_sk(newsk);
  const ireq = inet_rsk(req);
  newicsk.icsk_retransmit_timer = new timer_list();
  newicsk.icsk_bind_hash = null;
  newicsk.icsk_bind2_hash = null;
  newicsk.icsk_ca_priv = null;
  inet.mc_list = null;
  inet_sk_set_state(newsk, TCP_SYN_RECV);
  inet.inet_dport = ireq.ir_rmt_port;
  inet.inet_num = ireq.ir_num;
  inet.inet_sport = htons(ireq.ir_num);
  newsk.sk_mark = ireq.ir_mark;
  newsk.skc_cookie = req.skc_cookie;
  newicsk.icsk_retransmits = 0;
  newicsk.icsk_backoff = 0;
  newicsk.icsk_probes_out = 0;
  newicsk.icsk_probes_tstamp = 0;
  return newsk;
}

/** The end of a closed socket that no program holds any more. @formerly tcp_destroy_sock 2.4 @EXPORT_SYMBOL */
export function inet_csk_destroy_sock(sk: sock): void {
  if (sk.sk_state !== TCP_CLOSE || !sock_flag(sk, SOCK_DEAD)) return;
  sk.sk_prot!.destroy!(sk);
  sk_stream_kill_queues(sk);
  tcp_orphan_count_dec(sk);
  sock_put(sk);
}

/** Makes a child that never came to life fit for tcp_done(). @EXPORT_SYMBOL */
export function inet_csk_prepare_for_destroy_sock(sk: sock): void {
  sock_set_flag(sk, SOCK_DEAD);
  tcp_orphan_count_inc(sk);
}

/** @EXPORT_SYMBOL */
export function inet_csk_prepare_forced_close(sk: sock): void {
  bh_unlock_sock(sk);
  sock_put(sk);
  inet_csk_prepare_for_destroy_sock(sk);
  inet_sk(sk).inet_num = 0;
}

/**
 * listen(): binds a port if none is, enters the listening table.
 * @returns 0 or a negative errno
 * @formerly tcp_listen_start 2.4
 * @EXPORT_SYMBOL
 */
export function inet_csk_listen_start(sk: sock): int {
  const inet = inet_sk(sk);
  const icsk = inet_csk(sk);
  const fastopenq = icsk.icsk_accept_queue.fastopenq;
  const defer = icsk.icsk_accept_queue.rskq_defer_accept;
  icsk.icsk_accept_queue = new request_sock_queue();
  icsk.icsk_accept_queue.fastopenq = fastopenq;
  icsk.icsk_accept_queue.rskq_defer_accept = defer;
  sk.sk_ack_backlog = 0;
  inet_csk_delack_init(sk);
  inet_sk_state_store(sk, TCP_LISTEN);
  let err = sk.sk_prot!.get_port!(sk, inet.inet_num);
  if (!err) {
    inet.inet_sport = htons(inet.inet_num);
    sk_dst_reset(sk);
    err = sk.sk_prot!.hash!(sk);
    if (!err) return 0;
  }
  inet_sk_set_state(sk, TCP_CLOSE);
  return err;
}

/** A child whose listener has gone. */
function inet_child_forget(sk: sock, req: request_sock, child: sock): void {
  sk.sk_prot!.disconnect!(child, O_NONBLOCK);
  sock_orphan(child);
  tcp_orphan_count_inc(child);
  if (sk.sk_protocol === IPPROTO_TCP && tcp_rsk(req).tfo_listener) tcp_sk(child).fastopen_rsk = null;
  inet_csk_destroy_sock(child);
}

/** Appends an established child to the accept queue. @returns null if its listener has gone @EXPORT_SYMBOL */
export function inet_csk_reqsk_queue_add(sk: sock, req: request_sock, child: sock): sock | null {
  const queue = inet_csk(sk).icsk_accept_queue;
  if (sk.sk_state !== TCP_LISTEN) {
    inet_child_forget(sk, req, child);
    return null;
  }
  req.sk = child;
  req.dl_next = null;
  if (queue.rskq_accept_head === null) queue.rskq_accept_head = req;
  else queue.rskq_accept_tail!.dl_next = req;
  queue.rskq_accept_tail = req;
  sk_acceptq_added(sk);
  return child;
}

/** The request gives way to its child: off the SYN queue, on to the accept queue. @EXPORT_SYMBOL */
export function inet_csk_complete_hashdance(sk: sock, child: sock, req: request_sock, own_req: bool): sock | null {
  if (own_req) {
    inet_csk_reqsk_queue_drop(req.rsk_listener!, req);
    reqsk_queue_removed(inet_csk(req.rsk_listener!).icsk_accept_queue, req);
    if (inet_csk_reqsk_queue_add(sk, req, child)) return child;
  }
  bh_unlock_sock(child);
  sock_put(child);
  return null;
}

/** A listener closes: what waits to be accepted is reset. @formerly tcp_listen_stop 2.4 @EXPORT_SYMBOL */
export function inet_csk_listen_stop(sk: sock): void {
  const queue = inet_csk(sk).icsk_accept_queue;
  const kernel = sock_net(sk).kernel;
  for (let req = reqsk_queue_remove(queue, sk); req; req = reqsk_queue_remove(queue, sk)) {
    const child = req.sk!;
    local_bh_disable(kernel);
    bh_lock_sock(child);
    sock_hold(child);
    inet_child_forget(sk, req, child);
    reqsk_put(req);
    bh_unlock_sock(child);
    local_bh_enable(kernel);
    sock_put(child);
  }
  let req = queue.fastopenq.rskq_rst_head;
  queue.fastopenq.rskq_rst_head = null;
  queue.fastopenq.rskq_rst_tail = null;
  while (req) {
    const next = req.dl_next;
    reqsk_put(req);
    req = next;
  }
}

/** Looks up a connection's route anew. @returns null when there is none */
function inet_csk_rebuild_route(sk: sock, fl4: flowi4): dst_entry | null {
  const inet = inet_sk(sk);
  const opt = inet.inet_opt;
  const daddr = opt && opt.opt.srr ? opt.opt.faddr : inet.inet_daddr;
  const rt = ip_route_output_ports(
    sock_net(sk),
    fl4,
    sk,
    daddr,
    inet.inet_saddr,
    inet.inet_dport,
    inet.inet_sport,
    sk.sk_protocol,
    ip_sock_rt_tos(sk),
    sk.sk_bound_dev_if,
  );
  if (rt === null || typeof rt === 'number') return null;
  sk_setup_caps(sk, rt);
  return rt;
}

/** Tells the route of a smaller path MTU. @param mtu bytes @EXPORT_SYMBOL */
export function inet_csk_update_pmtu(sk: sock, mtu: u32): dst_entry | null {
  const fl4 = new flowi4();
  let dst = __sk_dst_check(sk, 0);
  if (!dst) {
    dst = inet_csk_rebuild_route(sk, fl4);
    if (!dst) return null;
  }
  dst.ops.update_pmtu?.(dst, sk, null, mtu, true);
  dst = __sk_dst_check(sk, 0);
  return dst ?? inet_csk_rebuild_route(sk, fl4);
}
