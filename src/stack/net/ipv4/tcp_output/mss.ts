// From path MTU to segment size and back.
// Read beside: net/ipv4/tcp_output.c (tcp_sync_mss); RFC 4821 (search range), RFC 6691.

import { sizeof_tcphdr, tcp_sk } from '../../../include/linux/tcp.js';
import type { int, u32 } from '../../../include/linux/types.js';
import { dst_mtu } from '../../../include/net/dst.js';
import type { inet_connection_sock_af_ops } from '../../../include/net/inet_connection_sock.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import type { sock } from '../../../include/net/sock.js';
import { __sk_dst_get, sock_net } from '../../../include/net/sock.js';
import { tcp_bound_to_half_wnd, tcp_jiffies32 } from '../../../include/net/tcp.js';
import { tcp_established_options, tcp_out_options } from './index.js';

/** @notrace */
function net_header_len(sk: sock): int {
  return (inet_csk(sk).icsk_af_ops as inet_connection_sock_af_ops).net_header_len;
}

/** Segment size of a path MTU, with no TCP options taken off. @param pmtu bytes @notrace */
export function __tcp_mtu_to_mss(sk: sock, pmtu: int): int {
  const tp = tcp_sk(sk);
  let mss_now = pmtu - net_header_len(sk) - sizeof_tcphdr;
  if (mss_now > tp.rx_opt.mss_clamp) mss_now = tp.rx_opt.mss_clamp;
  mss_now -= tp.icsk_ext_hdr_len;
  return Math.max(mss_now, sock_net(sk).ipv4.sysctl_tcp_min_snd_mss);
}

/** Segment size of a path MTU, the usual options taken off. @param pmtu bytes @EXPORT_SYMBOL */
export function tcp_mtu_to_mss(sk: sock, pmtu: int): int {
  return __tcp_mtu_to_mss(sk, pmtu) - (tcp_sk(sk).tcp_header_len - sizeof_tcphdr);
}

/** @param mss bytes @EXPORT_SYMBOL */
export function tcp_mss_to_mtu(sk: sock, mss: int): int {
  return mss + tcp_sk(sk).tcp_header_len + inet_csk(sk).icsk_ext_hdr_len + net_header_len(sk);
}

/** Starts the search for a larger path MTU, where the sysctl has it on from the start. @EXPORT_SYMBOL */
export function tcp_mtup_init(sk: sock): void {
  const tp = tcp_sk(sk);
  const mtup = tp.icsk_mtup;
  const ipv4 = sock_net(sk).ipv4;
  mtup.enabled = ipv4.sysctl_tcp_mtu_probing > 1;
  mtup.search_high = tp.rx_opt.mss_clamp + sizeof_tcphdr + net_header_len(sk);
  mtup.search_low = tcp_mss_to_mtu(sk, ipv4.sysctl_tcp_base_mss);
  mtup.probe_size = 0;
  if (mtup.enabled) mtup.probe_timestamp = tcp_jiffies32(sk);
}

/** The path MTU has changed. @param pmtu bytes @returns the new segment size @EXPORT_SYMBOL */
export function tcp_sync_mss(sk: sock, pmtu: u32): u32 {
  const tp = tcp_sk(sk);
  const mtup = tp.icsk_mtup;
  if (mtup.search_high > pmtu) mtup.search_high = pmtu;
  let mss_now = tcp_bound_to_half_wnd(tp, tcp_mtu_to_mss(sk, pmtu));
  tp.icsk_pmtu_cookie = pmtu;
  if (mtup.enabled) mss_now = Math.min(mss_now, tcp_mtu_to_mss(sk, mtup.search_low));
  tp.mss_cache = mss_now;
  return mss_now;
}

/** Payload of a segment sent now: the path's size less the options of this moment (SACK blocks vary). */
export function tcp_current_mss(sk: sock): u32 {
  const tp = tcp_sk(sk);
  let mss_now = tp.mss_cache;
  const dst = __sk_dst_get(sk);
  if (dst !== null) {
    const mtu = dst_mtu(dst);
    if (mtu !== tp.icsk_pmtu_cookie) mss_now = tcp_sync_mss(sk, mtu);
  }
  const header_len = tcp_established_options(sk, null, new tcp_out_options()) + sizeof_tcphdr;
  // mss_cache supposes tcp_header_len.
  if (header_len !== tp.tcp_header_len) mss_now -= header_len - tp.tcp_header_len;
  return mss_now;
}
