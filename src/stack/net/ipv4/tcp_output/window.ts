// The receive window that a segment offers.
// Read beside: net/ipv4/tcp_output.c (tcp_select_window); RFC 9293 3.8.6.2.2 (receiver's silly window avoidance),
// RFC 7323 2 (scaling).

import { tcp_sk } from '../../../include/linux/tcp.js';
import type { int, u16, u32 } from '../../../include/linux/types.js';
import { ICSK_ACK_NOMEM, inet_csk } from '../../../include/net/inet_connection_sock.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import {
  LINUX_MIB_TCPFROMZEROWINDOWADV,
  LINUX_MIB_TCPTOZEROWINDOWADV,
  LINUX_MIB_TCPWANTZEROWINDOWADV,
} from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import {
  MAX_TCP_WINDOW,
  tcp_adjust_rcv_ssthresh,
  tcp_full_space,
  TCP_MAX_WSCALE,
  tcp_receive_window,
  tcp_space,
  tcp_under_memory_pressure,
} from '../../../include/net/tcp.js';

/** @notrace */
function round_down(v: int, unit: int): int {
  return Math.floor(v / unit) * unit;
}

/** @notrace */
function round_up(v: int, unit: int): int {
  return Math.ceil(v / unit) * unit;
}

/**
 * First window and window scale of a connection.
 * @param __space bytes of payload that the buffer has room for
 * @param mss bytes; the window is a multiple of it
 * @param rcv_wnd out: window in bytes
 * @param __window_clamp in: limit in bytes or 0 for none; out: the largest window that the scale can express
 * @param wscale_ok whether the peer takes a scale
 * @param rcv_wscale out: shift
 * @param init_rcv_wnd the route's first window in segments, 0 for none
 * @EXPORT_SYMBOL
 */
export function tcp_select_initial_window(
  sk: sock,
  __space: int,
  mss: u32,
  rcv_wnd: { value: u32 },
  __window_clamp: { value: u32 },
  wscale_ok: boolean | int,
  rcv_wscale: { value: u16 },
  init_rcv_wnd: u32,
): void {
  const ipv4 = sock_net(sk).ipv4;
  let space = __space < 0 ? 0 : __space;
  let window_clamp = __window_clamp.value;
  if (window_clamp === 0) window_clamp = 65535 << TCP_MAX_WSCALE;
  space = Math.min(window_clamp, space);
  if (space > mss) space = round_down(space, mss);
  // Some old peers read the window as a signed number.
  rcv_wnd.value = ipv4.sysctl_tcp_workaround_signed_windows !== 0 ? Math.min(space, MAX_TCP_WINDOW) : space;
  if (init_rcv_wnd !== 0) rcv_wnd.value = Math.min(rcv_wnd.value, init_rcv_wnd * mss);
  rcv_wscale.value = 0;
  if (wscale_ok) {
    // The scale never changes again: it must do for the largest buffer that this socket may get.
    space = Math.max(space, ipv4.sysctl_tcp_rmem[2], sock_net(sk).core.sysctl_rmem_max);
    space = Math.min(space, window_clamp);
    const bits = space < 1 ? 0 : 31 - Math.clz32(space);
    rcv_wscale.value = Math.min(Math.max(bits - 15, 0), TCP_MAX_WSCALE);
  }
  __window_clamp.value = Math.min(65535 * 2 ** rcv_wscale.value, window_clamp);
}

/**
 * The window that this segment offers, as it stands in the header; remembers what was offered.
 */
export function tcp_select_window(sk: sock): u16 {
  const tp = tcp_sk(sk);
  const net = sock_net(sk);
  const old_win = tp.rcv_wnd;
  const rcv_wscale = tp.rx_opt.rcv_wscale;

  // Data was thrown away for want of memory: the peer is to stop.
  if ((inet_csk(sk).icsk_ack.pending & ICSK_ACK_NOMEM) !== 0) {
    tp.pred_flags = 0;
    tp.rcv_wnd = 0;
    tp.rcv_wup = tp.rcv_nxt;
    return 0;
  }

  const cur_win = tcp_receive_window(tp);
  let new_win = __tcp_select_window(sk);
  if (new_win < cur_win && (net.ipv4.sysctl_tcp_shrink_window === 0 || rcv_wscale === 0)) {
    // What was promised stays promised.
    if (new_win === 0) NET_INC_STATS(net, LINUX_MIB_TCPWANTZEROWINDOWADV);
    new_win = round_up(cur_win, 1 << rcv_wscale);
  }
  tp.rcv_wnd = new_win;
  tp.rcv_wup = tp.rcv_nxt;

  if (rcv_wscale === 0 && net.ipv4.sysctl_tcp_workaround_signed_windows !== 0)
    new_win = Math.min(new_win, MAX_TCP_WINDOW);
  else new_win = Math.min(new_win, 65535 * 2 ** rcv_wscale);
  new_win >>>= rcv_wscale;

  if (new_win === 0) {
    tp.pred_flags = 0;
    if (old_win !== 0) NET_INC_STATS(net, LINUX_MIB_TCPTOZEROWINDOWADV);
  } else if (old_win === 0) {
    NET_INC_STATS(net, LINUX_MIB_TCPFROMZEROWINDOWADV);
  }
  return new_win;
}

/** The window in bytes that the buffer allows now, grown in steps worth announcing (RFC 1122 4.2.3.3). */
export function __tcp_select_window(sk: sock): u32 {
  const tp = tcp_sk(sk);
  const icsk = inet_csk(sk);
  const rcv_wscale = tp.rx_opt.rcv_wscale;
  let mss = icsk.icsk_ack.rcv_mss;
  let free_space = tcp_space(sk);
  const allowed_space = tcp_full_space(sk);
  const full_space = Math.min(tp.window_clamp, allowed_space);
  if (mss > full_space) {
    mss = full_space;
    if (mss <= 0) return 0;
  }
  const scale_unit = 1 << rcv_wscale;

  if (sock_net(sk).ipv4.sysctl_tcp_shrink_window !== 0 && rcv_wscale !== 0) {
    free_space = round_down(free_space, scale_unit);
    if (free_space < full_space >> 1) {
      icsk.icsk_ack.quick = 0;
      if (tcp_under_memory_pressure(sk)) tcp_adjust_rcv_ssthresh(sk);
      if (free_space < allowed_space >> 4 || free_space < mss || free_space < scale_unit) return 0;
    }
    if (free_space > tp.rcv_ssthresh) free_space = round_up(tp.rcv_ssthresh, scale_unit);
    return free_space;
  }

  if (free_space < full_space >> 1) {
    icsk.icsk_ack.quick = 0;
    if (tcp_under_memory_pressure(sk)) tcp_adjust_rcv_ssthresh(sk);
    // Rounding must not make the window larger than the space.
    free_space = round_down(free_space, scale_unit);
    if (free_space < allowed_space >> 4 || free_space < mss) return 0;
  }
  if (free_space > tp.rcv_ssthresh) free_space = tp.rcv_ssthresh;

  if (rcv_wscale !== 0) return round_up(free_space, scale_unit);

  let window = tp.rcv_wnd;
  if (window <= free_space - mss || window > free_space) window = round_down(free_space, mss);
  else if (mss === full_space && free_space > window + (full_space >> 1)) window = free_space;
  return window;
}
