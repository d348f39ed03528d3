/**
 * /proc/net/tcp.
 *
 * Read beside it: net/ipv4/tcp_ipv4.c, proc_net_tcp in the kernel's documentation.
 */
import { ntohs } from '../../../include/linux/byteorder.js';
import { jiffies_to_clock_t } from '../../../include/linux/jiffies.js';
import { timer_pending } from '../../../include/linux/timer.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { int, u32 } from '../../../include/linux/types.js';
import {
  ICSK_TIME_LOSS_PROBE,
  ICSK_TIME_PROBE0,
  ICSK_TIME_REO_TIMEOUT,
  ICSK_TIME_RETRANS,
  inet_csk,
  inet_csk_in_pingpong_mode,
} from '../../../include/net/inet_connection_sock.js';
import { inet_rsk, inet_sk } from '../../../include/net/inet_sock.js';
import { inet_twsk } from '../../../include/net/inet_timewait_sock.js';
import type { net } from '../../../include/net/net_namespace.js';
import { inet_reqsk } from '../../../include/net/request_sock.js';
import type { request_sock } from '../../../include/net/request_sock.js';
import type { inet_timewait_sock } from '../../../include/net/inet_timewait_sock.js';
import { sock_i_ino } from '../../core/sock.js';
import type { sock, sock_common } from '../../../include/net/sock.js';
import {
  TCP_LISTEN,
  TCP_NEW_SYN_RECV,
  TCP_SYN_RECV,
  TCP_TIME_WAIT,
  tcp_in_initial_slowstart,
  tcp_snd_cwnd,
} from '../../../include/net/tcp.js';

/** Width of a line without its newline. */
const TMPSZ = 150;

/** @notrace */
function hex(value: u32, width: int): string {
  return (value >>> 0).toString(16).toUpperCase().padStart(width, '0');
}

/** Address and port as the file has them: the address as loaded, the port in host order. @notrace */
function endpoint(addr: u32, port: u32): string {
  return `${hex(addr, 8)}:${hex(port, 4)}`;
}

function get_openreq4(req: request_sock, i: int): string {
  const ireq = inet_rsk(req);
  const kernel = req.skc_net!.kernel;
  const left = Math.max(0, req.rsk_timer.expires - kernel.jiffies);
  return (
    `${String(i).padStart(4)}: ${endpoint(ireq.ir_loc_addr, ireq.ir_num)} ` +
    `${endpoint(ireq.ir_rmt_addr, ntohs(ireq.ir_rmt_port))} ${hex(TCP_SYN_RECV, 2)} 00000000:00000000 ` +
    `01:${hex(jiffies_to_clock_t(kernel, left), 8)} ${hex(req.num_timeout, 8)} ` +
    `${String(req.rsk_listener ? req.rsk_listener.sk_uid : 0).padStart(5)} ${'0'.padStart(8)} 0 0 0`
  );
}

function get_tcp4_sock(sk: sock, i: int): string {
  const tp = tcp_sk(sk);
  const icsk = inet_csk(sk);
  const inet = inet_sk(sk);
  const kernel = sk.skc_net!.kernel;
  const pending = icsk.icsk_pending;
  let timer_active = 0;
  let timer_expires = kernel.jiffies;
  if (pending === ICSK_TIME_RETRANS || pending === ICSK_TIME_REO_TIMEOUT || pending === ICSK_TIME_LOSS_PROBE) {
    timer_active = 1;
    timer_expires = icsk.icsk_retransmit_timer.expires;
  } else if (pending === ICSK_TIME_PROBE0) {
    timer_active = 4;
    timer_expires = icsk.icsk_retransmit_timer.expires;
  } else if (timer_pending(sk.sk_timer)) {
    timer_active = 2;
    timer_expires = sk.sk_timer.expires;
  }
  const state = sk.sk_state;
  const rx_queue = state === TCP_LISTEN ? sk.sk_ack_backlog : Math.max((tp.rcv_nxt - tp.copied_seq) | 0, 0);
  const ssthresh =
    state === TCP_LISTEN
      ? icsk.icsk_accept_queue.fastopenq.max_qlen
      : tcp_in_initial_slowstart(tp)
        ? -1
        : tp.snd_ssthresh;
  return (
    `${String(i).padStart(4)}: ${endpoint(inet.inet_rcv_saddr, inet.inet_num)} ` +
    `${endpoint(inet.inet_daddr, ntohs(inet.inet_dport))} ${hex(state, 2)} ` +
    `${hex(tp.write_seq - tp.snd_una, 8)}:${hex(rx_queue, 8)} ` +
    `${hex(timer_active, 2)}:${hex(jiffies_to_clock_t(kernel, Math.max(0, timer_expires - kernel.jiffies)), 8)} ` +
    `${hex(icsk.icsk_retransmits, 8)} ${String(sk.sk_uid).padStart(5)} ${String(icsk.icsk_probes_out).padStart(8)} ` +
    `${sock_i_ino(sk)} ${sk.sk_refcnt} ${'0'.padStart(16, '0')} ` +
    `${jiffies_to_clock_t(kernel, icsk.icsk_rto)} ${jiffies_to_clock_t(kernel, icsk.icsk_ack.ato)} ` +
    `${(icsk.icsk_ack.quick << 1) | (inet_csk_in_pingpong_mode(sk) ? 1 : 0)} ${tcp_snd_cwnd(tp)} ${ssthresh}`
  );
}

function get_timewait4_sock(tw: inet_timewait_sock, i: int): string {
  const kernel = tw.skc_net!.kernel;
  const left = Math.max(0, tw.tw_timer.expires - kernel.jiffies);
  return (
    `${String(i).padStart(4)}: ${endpoint(tw.tw_rcv_saddr, ntohs(tw.tw_sport))} ` +
    `${endpoint(tw.tw_daddr, ntohs(tw.tw_dport))} ${hex(tw.tw_substate, 2)} 00000000:00000000 ` +
    `03:${hex(jiffies_to_clock_t(kernel, left), 8)} 00000000 ${'0'.padStart(5)} ${'0'.padStart(8)} 0 ` +
    `${tw.skc_refcnt} ${'0'.padStart(16, '0')}`
  );
}

/** One line of the file. */
function tcp4_seq_show(sk: sock_common, i: int): string {
  let line: string;
  if (sk.skc_state === TCP_TIME_WAIT) line = get_timewait4_sock(inet_twsk(sk), i);
  else if (sk.skc_state === TCP_NEW_SYN_RECV) line = get_openreq4(inet_reqsk(sk), i);
  else line = get_tcp4_sock(sk as sock, i);
  return line.padEnd(TMPSZ - 1) + '\n';
}

/** All sockets in the file's order: listeners first, then the established table. @notrace */
export function tcp_seq_sockets(net: net): sock_common[] {
  const hinfo = net.ipv4.tcp_death_row.hashinfo!;
  const all: sock_common[] = [];
  for (const bucket of hinfo.lhash2) for (const sk of bucket.nulls_head) if (sk.skc_net === net) all.push(sk);
  for (const first of hinfo.ehash) for (let sk = first; sk; sk = sk.skc_next) if (sk.skc_net === net) all.push(sk);
  return all;
}

/** The whole text of /proc/net/tcp. */
export function tcp4_proc_show(net: net): string {
  const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
  let text = head.padEnd(TMPSZ - 1) + '\n';
  tcp_seq_sockets(net).forEach((sk, i) => (text += tcp4_seq_show(sk, i)));
  return text;
}
