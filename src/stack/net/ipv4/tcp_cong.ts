/**
 * Congestion controls: the list of them, a socket's choice, and Reno.
 *
 * Read beside it: net/ipv4/tcp_cong.c; RFC 5681. Left out: modules that are loaded on demand.
 */
import { EEXIST, EINVAL, ENOENT, EPERM } from '../../include/linux/errno.js';
import { jhash_2words } from '../../include/linux/jhash.js';
import { tcp_sk } from '../../include/linux/tcp.js';
import type { tcp_sock } from '../../include/linux/tcp.js';
import type { bool, int, u32, u8 } from '../../include/linux/types.js';
import { inet_csk } from '../../include/net/inet_connection_sock.js';
import { INET_ECN_dontxmit, INET_ECN_xmit } from '../../include/net/inet_ecn.js';
import type { net } from '../../include/net/net_namespace.js';
import { sock_net } from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock.js';
import {
  TCPF_CLOSE,
  TCPF_LISTEN,
  TCP_CONG_NEEDS_ECN,
  TCP_CONG_NON_RESTRICTED,
  tcp_ca_needs_ecn,
  tcp_in_slow_start,
  tcp_is_cwnd_limited,
  tcp_snd_cwnd,
  tcp_snd_cwnd_set,
} from '../../include/net/tcp.js';
import type { tcp_congestion_ops } from '../../include/net/tcp.js';
import { trace_tcp_cong_state_set } from '../../include/trace/events/tcp.js';
import type { Kernel } from '../../kernel/kernel.js';

/** Names no congestion control. */
const TCP_CA_UNSPEC = 0;

/** @param ca_state TCP_CA_* */
export function tcp_set_ca_state(sk: sock, ca_state: u8): void {
  const icsk = inet_csk(sk);
  trace_tcp_cong_state_set(sk, ca_state);
  icsk.icsk_ca_ops?.set_state?.(sk, ca_state);
  icsk.icsk_ca_state = ca_state;
}

/** @returns null if there is none of the name */
export function tcp_ca_find(kernel: Kernel, name: string): tcp_congestion_ops | null {
  return kernel.tcp_cong_list.get(name) ?? null;
}

/** The number by which a route names a congestion control. @notrace */
function tcp_ca_key(name: string): u32 {
  let key = name.length;
  for (let i = 0; i < name.length; i++) key = jhash_2words(key, name.charCodeAt(i), 0);
  return key;
}

/** @returns null if there is none of the number */
export function tcp_ca_find_key(kernel: Kernel, key: u32): tcp_congestion_ops | null {
  for (const ca of kernel.tcp_cong_list.values()) if (tcp_ca_key(ca.name) === key) return ca;
  return null;
}

/**
 * @param ecn_ca out: whether it needs ECN
 * @returns the number, 0 if there is none of the name
 * @EXPORT_SYMBOL
 */
export function tcp_ca_get_key_by_name(kernel: Kernel, name: string, ecn_ca: { value: bool }): u32 {
  const ca = tcp_ca_find(kernel, name);
  if (!ca) return TCP_CA_UNSPEC;
  ecn_ca.value = (ca.flags & TCP_CONG_NEEDS_ECN) !== 0;
  return tcp_ca_key(name);
}

/** @returns '' if there is none of the number @EXPORT_SYMBOL */
export function tcp_ca_get_name_by_key(kernel: Kernel, key: u32): string {
  return tcp_ca_find_key(kernel, key)?.name ?? '';
}

/** @returns 0, -EINVAL or -EEXIST @EXPORT_SYMBOL */
export function tcp_register_congestion_control(kernel: Kernel, ca: tcp_congestion_ops): int {
  if (!ca.cong_avoid && !ca.cong_control) return -EINVAL;
  if (kernel.tcp_cong_list.has(ca.name)) return -EEXIST;
  kernel.tcp_cong_list.set(ca.name, ca);
  return 0;
}

/** @EXPORT_SYMBOL */
export function tcp_unregister_congestion_control(kernel: Kernel, ca: tcp_congestion_ops): void {
  kernel.tcp_cong_list.delete(ca.name);
}

/** A new socket gets the default. */
export function tcp_assign_congestion_control(sk: sock): void {
  const icsk = inet_csk(sk);
  const ca = sock_net(sk).ipv4.tcp_congestion_control ?? tcp_reno;
  icsk.icsk_ca_ops = ca;
  icsk.icsk_ca_priv = null;
  if (ca.flags & TCP_CONG_NEEDS_ECN) INET_ECN_xmit(sk);
  else INET_ECN_dontxmit(sk);
}

/** The connection is there: its congestion control begins. */
export function tcp_init_congestion_control(sk: sock): void {
  const icsk = inet_csk(sk);
  tcp_sk(sk).prior_ssthresh = 0;
  icsk.icsk_ca_ops?.init?.(sk);
  if (tcp_ca_needs_ecn(sk)) INET_ECN_xmit(sk);
  else INET_ECN_dontxmit(sk);
  icsk.icsk_ca_initialized = true;
}

function tcp_reinit_congestion_control(sk: sock, ca: tcp_congestion_ops): void {
  const icsk = inet_csk(sk);
  tcp_cleanup_congestion_control(sk);
  icsk.icsk_ca_ops = ca;
  icsk.icsk_ca_setsockopt = true;
  icsk.icsk_ca_priv = null;
  if (ca.flags & TCP_CONG_NEEDS_ECN) INET_ECN_xmit(sk);
  else INET_ECN_dontxmit(sk);
  if (!((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN))) tcp_init_congestion_control(sk);
}

export function tcp_cleanup_congestion_control(sk: sock): void {
  const icsk = inet_csk(sk);
  if (icsk.icsk_ca_initialized) icsk.icsk_ca_ops?.release?.(sk);
  icsk.icsk_ca_initialized = false;
}

/** net.ipv4.tcp_congestion_control. @returns 0 or -ENOENT */
export function tcp_set_default_congestion_control(net: net, name: string): int {
  const ca = tcp_ca_find(net.kernel, name);
  if (!ca) return -ENOENT;
  net.ipv4.tcp_congestion_control = ca;
  return 0;
}

/** net.ipv4.tcp_available_congestion_control. */
export function tcp_get_available_congestion_control(kernel: Kernel): string {
  return [...kernel.tcp_cong_list.keys()].join(' ');
}

export function tcp_get_default_congestion_control(net: net): string {
  return net.ipv4.tcp_congestion_control?.name ?? '';
}

/** net.ipv4.tcp_allowed_congestion_control. */
export function tcp_get_allowed_congestion_control(kernel: Kernel): string {
  const allowed = [...kernel.tcp_cong_list.values()].filter((ca) => ca.flags & TCP_CONG_NON_RESTRICTED);
  return allowed.map((ca) => ca.name).join(' ');
}

/** TCP_CONGESTION. @returns 0, -ENOENT or -EPERM */
export function tcp_set_congestion_control(sk: sock, name: string, _load: bool, cap_net_admin: bool): int {
  const icsk = inet_csk(sk);
  if (icsk.icsk_ca_dst_locked) return -EPERM;
  const ca = tcp_ca_find(sock_net(sk).kernel, name);
  if (!ca) return -ENOENT;
  if (ca === icsk.icsk_ca_ops) {
    icsk.icsk_ca_setsockopt = true;
    return 0;
  }
  if (!(ca.flags & TCP_CONG_NON_RESTRICTED || cap_net_admin)) return -EPERM;
  tcp_reinit_congestion_control(sk, ca);
  return 0;
}

/** Slow start: one segment more for each acknowledged. @returns acknowledged segments left over @EXPORT_SYMBOL */
export function tcp_slow_start(tp: tcp_sock, acked: u32): u32 {
  const cwnd = Math.min(tcp_snd_cwnd(tp) + acked, tp.snd_ssthresh);
  acked -= cwnd - tcp_snd_cwnd(tp);
  tcp_snd_cwnd_set(tp, Math.min(cwnd, tp.snd_cwnd_clamp));
  return acked;
}

/** Congestion avoidance: one segment more for each `w` acknowledged. @EXPORT_SYMBOL */
export function tcp_cong_avoid_ai(tp: tcp_sock, w: u32, acked: u32): void {
  // Credit from before a larger window was reached.
  if (tp.snd_cwnd_cnt >= w) {
    tp.snd_cwnd_cnt = 0;
    tcp_snd_cwnd_set(tp, tcp_snd_cwnd(tp) + 1);
  }
  tp.snd_cwnd_cnt += acked;
  if (tp.snd_cwnd_cnt >= w) {
    const delta = Math.floor(tp.snd_cwnd_cnt / w);
    tp.snd_cwnd_cnt -= delta * w;
    tcp_snd_cwnd_set(tp, tcp_snd_cwnd(tp) + delta);
  }
  tcp_snd_cwnd_set(tp, Math.min(tcp_snd_cwnd(tp), tp.snd_cwnd_clamp));
}

/** @EXPORT_SYMBOL */
export function tcp_reno_cong_avoid(sk: sock, _ack: u32, acked: u32): void {
  const tp = tcp_sk(sk);
  if (!tcp_is_cwnd_limited(sk)) return;
  if (tcp_in_slow_start(tp)) {
    acked = tcp_slow_start(tp, acked);
    if (!acked) return;
  }
  tcp_cong_avoid_ai(tp, tcp_snd_cwnd(tp), acked);
}

/** Half the window. @formerly tcp_recalc_ssthresh 2.4 @EXPORT_SYMBOL */
export function tcp_reno_ssthresh(sk: sock): u32 {
  return Math.max(tcp_snd_cwnd(tcp_sk(sk)) >> 1, 2);
}

/** @EXPORT_SYMBOL */
export function tcp_reno_undo_cwnd(sk: sock): u32 {
  const tp = tcp_sk(sk);
  return Math.max(tcp_snd_cwnd(tp), tp.prior_cwnd);
}

export const tcp_reno: tcp_congestion_ops = {
  name: 'reno',
  key: 0,
  flags: TCP_CONG_NON_RESTRICTED,
  ssthresh: tcp_reno_ssthresh,
  cong_avoid: tcp_reno_cong_avoid,
  undo_cwnd: tcp_reno_undo_cwnd,
};
