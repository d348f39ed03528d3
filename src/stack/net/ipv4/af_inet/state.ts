// State, destructor and route of an INET socket (net/ipv4/af_inet.c).

import { inet_sk } from '../../../include/net/inet_sock.js';
import { flowi4_init_output, flowi4 } from '../../../include/net/flow.js';
import { inet_sk_flowi_flags, ip_route_connect, ip_sock_rt_scope, ip_sock_rt_tos } from '../../../include/net/route.js';
import { SOCK_STREAM } from '../../../include/linux/net.js';
import { SOCK_BINDADDR_LOCK, SOCK_DEAD, sk_mem_reclaim_final, sock_flag, sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import { TCP_CLOSE, TCP_SYN_SENT } from '../../../include/net/tcp_states.js';
import { __skb_queue_purge } from '../../../include/linux/skbuff.js';
import { trace_inet_sock_set_state } from '../../../include/trace/events/sock.js';
import { WARN_ON } from '../../../kernel/panic.js';
import { pr_info } from '../../../kernel/printk.js';
import { dst_release } from '../../core/dst.js';
import { __sk_dst_check, sk_setup_caps } from '../../core/sock.js';
import { ip_recv_error } from '../ip_sockglue.js';
import { ip_route_output_flow } from '../route.js';
import type { msghdr } from '../../../include/linux/socket.js';
import type { int } from '../../../include/linux/types.js';
import { in_ntoa } from '../../../include/linux/in_addr.js';
import { made_rare } from '../../../mm/slab.js';

/** Changes the state, and tells the tracepoint. @EXPORT_SYMBOL */
export function inet_sk_set_state(sk: sock, state: int): void {
  trace_inet_sock_set_state(sk, sk.sk_state, state);
  sk.sk_state = state;
}

/** The same, where others may look meanwhile. */
export function inet_sk_state_store(sk: sock, newstate: int): void {
  trace_inet_sock_set_state(sk, sk.sk_state, newstate);
  sk.sk_state = newstate;
}

/** Last thing that happens to a socket: nothing may be charged to it any more. @EXPORT_SYMBOL */
export function inet_sock_destruct(sk: sock): void {
  const inet = inet_sk(sk);
  __skb_queue_purge(sk.sk_receive_queue);
  const errors = made_rare(sk, 'sk_error_queue');
  if (errors !== null) __skb_queue_purge(errors);
  sk_mem_reclaim_final(sk);
  const kernel = sock_net(sk).kernel;
  if (sk.sk_type === SOCK_STREAM && sk.sk_state !== TCP_CLOSE) {
    WARN_ON(kernel, true, `Attempt to release TCP socket in state ${sk.sk_state}`);
    return;
  }
  if (!sock_flag(sk, SOCK_DEAD)) {
    WARN_ON(kernel, true, 'Attempt to release alive inet socket');
    return;
  }
  WARN_ON(kernel, sk.sk_rmem_alloc !== 0, 'inet_sock_destruct: sk_rmem_alloc');
  WARN_ON(kernel, sk.sk_wmem_alloc !== 0, 'inet_sock_destruct: sk_wmem_alloc');
  WARN_ON(kernel, sk.sk_wmem_queued !== 0, 'inet_sock_destruct: sk_wmem_queued');
  WARN_ON(kernel, sk.sk_forward_alloc !== 0, 'inet_sock_destruct: sk_forward_alloc');
  inet.inet_opt = null;
  dst_release(sk.sk_dst_cache);
  sk.sk_dst_cache = null;
  dst_release(sk.sk_rx_dst);
  sk.sk_rx_dst = null;
}

/** The route of a connected socket again, with another source address if the old one went. @returns 0 or a negative errno */
export function inet_sk_reselect_saddr(sk: sock): int {
  const inet = inet_sk(sk);
  const old_saddr = inet.inet_saddr;
  const opt = inet.inet_opt;
  const daddr = opt !== null && opt.opt.srr !== 0 ? opt.opt.faddr : inet.inet_daddr;
  const fl4 = new flowi4();
  const rt = ip_route_connect(fl4, daddr, 0, sk.sk_bound_dev_if, sk.sk_protocol, inet.inet_sport, inet.inet_dport, sk);
  if (typeof rt === 'number') return rt;
  const new_saddr = fl4.saddr;
  if (new_saddr === old_saddr) {
    sk_setup_caps(sk, rt);
    return 0;
  }
  if (sock_net(sk).ipv4.sysctl_ip_dynaddr > 1) {
    pr_info(
      sock_net(sk).kernel,
      `inet_sk_reselect_saddr(): shifting inet->saddr from ${in_ntoa(old_saddr)} to ${in_ntoa(new_saddr)}`,
    );
  }
  inet.inet_saddr = inet.inet_rcv_saddr = new_saddr;
  sk_setup_caps(sk, rt);
  return 0;
}

/** Finds the socket's route anew, if the one that it has is out of date. @returns 0 or a negative errno @EXPORT_SYMBOL */
export function inet_sk_rebuild_header(sk: sock): int {
  if (__sk_dst_check(sk, 0) !== null) return 0;
  const inet = inet_sk(sk);
  const opt = inet.inet_opt;
  const daddr = opt !== null && opt.opt.srr !== 0 ? opt.opt.faddr : inet.inet_daddr;
  const fl4 = new flowi4();
  flowi4_init_output(
    fl4,
    sk.sk_bound_dev_if,
    sk.sk_mark,
    ip_sock_rt_tos(sk),
    ip_sock_rt_scope(sk),
    sk.sk_protocol,
    inet_sk_flowi_flags(sk),
    daddr,
    inet.inet_saddr,
    inet.inet_dport,
    inet.inet_sport,
    sk.sk_uid,
  );
  const rt = ip_route_output_flow(sock_net(sk), fl4, sk);
  if (typeof rt !== 'number') {
    sk_setup_caps(sk, rt);
    return 0;
  }
  sk.sk_route_caps = 0;
  // A dialled-up host may have got another address: a connection attempt may follow it.
  if (
    sock_net(sk).ipv4.sysctl_ip_dynaddr === 0 ||
    sk.sk_state !== TCP_SYN_SENT ||
    (sk.sk_userlocks & SOCK_BINDADDR_LOCK) !== 0
  ) {
    sk.sk_err_soft = -rt;
    return rt;
  }
  const err = inet_sk_reselect_saddr(sk);
  if (err !== 0) sk.sk_err_soft = -err;
  return err;
}

/** recvmsg(MSG_ERRQUEUE). */
export function inet_recv_error(sk: sock, msg: msghdr, len: int): int {
  return ip_recv_error(sk, msg, len);
}
