// Without SACK: duplicate ACKs stand for segments that have left the network.
// Read beside: net/ipv4/tcp_input.c (tcp_add_reno_sack); RFC 5681 3.2, RFC 6582.

import type { tcp_sock } from '../../../include/linux/tcp.js';
import { tcp_sk } from '../../../include/linux/tcp.js';
import type { bool, int } from '../../../include/linux/types.js';
import { NET_INC_STATS } from '../../../include/net/ip.js';
import { LINUX_MIB_TCPRENOREORDER } from '../../../include/net/snmp.js';
import type { sock } from '../../../include/net/sock.js';
import { sock_net } from '../../../include/net/sock.js';
import { tcp_count_delivered, tcp_verify_left_out } from './index.js';

/** No more duplicates than segments other than the lost. @returns whether the count had to be cut */
export function tcp_limit_reno_sacked(tp: tcp_sock): bool {
  const holes = Math.min(Math.max(tp.lost_out, 1), tp.packets_out);
  if (tp.sacked_out + holes > tp.packets_out) {
    tp.sacked_out = tp.packets_out - holes;
    return true;
  }
  return false;
}

/** More duplicates than there can be losses: the path reorders. */
export function tcp_check_reno_reordering(sk: sock, addend: int): void {
  const tp = tcp_sk(sk);
  if (!tcp_limit_reno_sacked(tp)) return;
  tp.reordering = Math.min(tp.packets_out + addend, sock_net(sk).ipv4.sysctl_tcp_max_reordering);
  tp.reord_seen++;
  NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPRENOREORDER);
}

export function tcp_add_reno_sack(sk: sock, num_dupack: int, ece_ack: bool): void {
  if (num_dupack === 0) return;
  const tp = tcp_sk(sk);
  const prior_sacked = tp.sacked_out;
  tp.sacked_out += num_dupack;
  tcp_check_reno_reordering(sk, 0);
  const delivered = tp.sacked_out - prior_sacked;
  if (delivered > 0) tcp_count_delivered(tp, delivered, ece_ack);
  tcp_verify_left_out(tp);
}

/** An ACK of `acked` segments explains one hole and the duplicates of the rest. */
export function tcp_remove_reno_sacks(sk: sock, acked: int, ece_ack: bool): void {
  const tp = tcp_sk(sk);
  if (acked > 0) {
    tcp_count_delivered(tp, Math.max(acked - tp.sacked_out, 1), ece_ack);
    if (acked - 1 >= tp.sacked_out) tp.sacked_out = 0;
    else tp.sacked_out -= acked - 1;
  }
  tcp_check_reno_reordering(sk, acked);
  tcp_verify_left_out(tp);
}

/** @notrace */
export function tcp_reset_reno_sack(tp: tcp_sock): void {
  tp.sacked_out = 0;
}
