// Keepalive, and the end of an orphan in FIN_WAIT2.
// Read beside: net/ipv4/tcp_timer.c; RFC 1122 4.2.3.6, tcp(7).

import { msecs_to_jiffies } from '../../../include/linux/jiffies.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { timer_list } from '../../../include/linux/timer.js';
import type { int } from '../../../include/linux/types.js';
import { inet_csk } from '../../../include/net/inet_connection_sock.js';
import { SK_RST_REASON_TCP_KEEPALIVE_TIMEOUT, SK_RST_REASON_TCP_STATE } from '../../../include/net/rstreason.js';
import { LINUX_MIB_TCPKEEPALIVE } from '../../../include/net/snmp.js';
import {
  SOCK_DEAD,
  SOCK_KEEPOPEN,
  bh_lock_sock,
  bh_unlock_sock,
  sock_flag,
  sock_net,
  sock_owned_by_user,
  sock_put,
} from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock.js';
import {
  TCPF_CLOSE,
  TCPF_LISTEN,
  TCPF_SYN_SENT,
  TCP_FIN_WAIT2,
  TCP_LISTEN,
  TCP_RESOURCE_PROBE_INTERVAL,
  TCP_TIMEWAIT_LEN,
  keepalive_intvl_when,
  keepalive_probes,
  keepalive_time_elapsed,
  keepalive_time_when,
  tcp_fin_time,
  tcp_write_queue_empty,
} from '../../../include/net/tcp.js';
import { inet_csk_delete_keepalive_timer, inet_csk_reset_keepalive_timer } from '../inet_connection_sock/index.js';
import { tcp_done } from '../tcp/state.js';
import { tcp_time_wait } from '../tcp_minisocks/index.js';
import { tcp_mstamp_refresh, tcp_send_active_reset, tcp_write_wakeup } from '../tcp_output/index.js';
import { tcp_write_err } from './timeout.js';

/** SO_KEEPALIVE is switched: proto.keepalive of TCP. @EXPORT_SYMBOL */
export function tcp_set_keepalive(sk: sock, val: int): void {
  if ((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN)) return;
  if (val && !sock_flag(sk, SOCK_KEEPOPEN)) inet_csk_reset_keepalive_timer(sk, keepalive_time_when(tcp_sk(sk)));
  else if (!val) inet_csk_delete_keepalive_timer(sk);
}

/** Keepalive of a connection. @returns jiffies until it is looked at again, -1 for never @notrace */
function tcp_keepalive(sk: sock): int {
  const tp = tcp_sk(sk);
  const icsk = inet_csk(sk);
  const kernel = sock_net(sk).kernel;
  if (!sock_flag(sk, SOCK_KEEPOPEN) || (1 << sk.sk_state) & (TCPF_CLOSE | TCPF_SYN_SENT)) return -1;
  // What is under way tells enough of the peer.
  if (tp.packets_out || !tcp_write_queue_empty(sk)) return keepalive_time_when(tp);
  const elapsed = keepalive_time_elapsed(tp);
  if (elapsed < keepalive_time_when(tp)) return keepalive_time_when(tp) - elapsed;
  const user_timeout = icsk.icsk_user_timeout;
  const dead = user_timeout
    ? elapsed >= msecs_to_jiffies(kernel, user_timeout) && icsk.icsk_probes_out > 0
    : icsk.icsk_probes_out >= keepalive_probes(tp);
  if (dead) {
    tcp_send_active_reset(sk, 0, SK_RST_REASON_TCP_KEEPALIVE_TIMEOUT);
    tcp_write_err(sk);
    return -1;
  }
  if (tcp_write_wakeup(sk, LINUX_MIB_TCPKEEPALIVE) <= 0) {
    icsk.icsk_probes_out++;
    return keepalive_intvl_when(tp);
  }
  // The host itself could not send the probe.
  return TCP_RESOURCE_PROBE_INTERVAL(kernel);
}

/** sk_timer: keepalive, and the end of an orphan in FIN_WAIT2. */
export function tcp_keepalive_timer(t: timer_list): void {
  const sk = t.owner as sock;
  const tp = tcp_sk(sk);
  const kernel = sock_net(sk).kernel;
  bh_lock_sock(sk);
  if (sock_owned_by_user(sk)) inet_csk_reset_keepalive_timer(sk, Math.floor(kernel.HZ / 20));
  else if (sk.sk_state !== TCP_LISTEN) {
    tcp_mstamp_refresh(tp);
    if (sk.sk_state === TCP_FIN_WAIT2 && sock_flag(sk, SOCK_DEAD)) {
      const tmo = tp.linger2 >= 0 ? tcp_fin_time(sk) - TCP_TIMEWAIT_LEN(kernel) : 0;
      if (tmo > 0) tcp_time_wait(sk, TCP_FIN_WAIT2, tmo);
      else {
        tcp_send_active_reset(sk, 0, SK_RST_REASON_TCP_STATE);
        tcp_done(sk);
      }
    } else {
      const next = tcp_keepalive(sk);
      if (next >= 0) inet_csk_reset_keepalive_timer(sk, next);
    }
  }
  bh_unlock_sock(sk);
  sock_put(sk);
}
