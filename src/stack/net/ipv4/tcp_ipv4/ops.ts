/**
 * TCP's table of IPv4 functions (ipv4_specific).
 *
 * Read beside it: net/ipv4/tcp_ipv4.c.
 */
import type { inet_connection_sock_af_ops } from '../../../include/net/inet_connection_sock.js';
import { inet_sk_rebuild_header } from '../af_inet.js';
import { ip_queue_xmit } from '../ip_output.js';
import { ip_getsockopt, ip_setsockopt } from '../ip_sockglue.js';
import { tcp_v4_mtu_reduced } from './err.js';
import { inet_sk_rx_dst_set } from './rcv.js';
import { tcp_v4_send_check } from './reply.js';
import { tcp_v4_conn_request, tcp_v4_syn_recv_sock } from './request.js';

/** @EXPORT_SYMBOL */
export const ipv4_specific: inet_connection_sock_af_ops = {
  queue_xmit: ip_queue_xmit,
  send_check: tcp_v4_send_check,
  rebuild_header: inet_sk_rebuild_header,
  sk_rx_dst_set: inet_sk_rx_dst_set,
  conn_request: tcp_v4_conn_request,
  syn_recv_sock: tcp_v4_syn_recv_sock,
  net_header_len: 20,
  setsockopt: ip_setsockopt,
  getsockopt: ip_getsockopt,
  mtu_reduced: tcp_v4_mtu_reduced,
};
