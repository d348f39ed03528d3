// The tables by which the socket layer calls PF_INET (net/ipv4/af_inet.c).

import { AF_INET } from '../../../include/linux/socket.js';
import type { net_proto_family, proto_ops } from '../../../include/linux/net.js';
import { datagram_poll } from '../../core/datagram.js';
import { sock_common_getsockopt, sock_common_setsockopt, sock_no_accept, sock_no_listen } from '../../core/sock.js';
import { tcp_poll } from '../tcp/index.js';
import { tcp_splice_read } from '../tcp/splice.js';
import { udp_poll } from '../udp.js';
import { inet_bind, inet_create, inet_release } from './create.js';
import { inet_dgram_connect, inet_getname, inet_ioctl, inet_recvmsg, inet_sendmsg, inet_shutdown } from './dgram.js';
import { inet_accept, inet_listen, inet_stream_connect } from './stream.js';

/** @EXPORT_SYMBOL */
export const inet_stream_ops: proto_ops = {
  family: AF_INET,
  release: inet_release,
  bind: inet_bind,
  connect: inet_stream_connect,
  accept: inet_accept,
  getname: inet_getname,
  poll: tcp_poll,
  ioctl: inet_ioctl,
  listen: inet_listen,
  shutdown: inet_shutdown,
  setsockopt: sock_common_setsockopt,
  getsockopt: sock_common_getsockopt,
  sendmsg: inet_sendmsg,
  recvmsg: inet_recvmsg,
  splice_read: tcp_splice_read,
};

/** @EXPORT_SYMBOL */
export const inet_dgram_ops: proto_ops = {
  family: AF_INET,
  release: inet_release,
  bind: inet_bind,
  connect: inet_dgram_connect,
  accept: sock_no_accept,
  getname: inet_getname,
  poll: udp_poll,
  ioctl: inet_ioctl,
  listen: sock_no_listen,
  shutdown: inet_shutdown,
  setsockopt: sock_common_setsockopt,
  getsockopt: sock_common_getsockopt,
  sendmsg: inet_sendmsg,
  recvmsg: inet_recvmsg,
};

/** For raw and ping sockets. */
export const inet_sockraw_ops: proto_ops = {
  family: AF_INET,
  release: inet_release,
  bind: inet_bind,
  connect: inet_dgram_connect,
  accept: sock_no_accept,
  getname: inet_getname,
  poll: datagram_poll,
  ioctl: inet_ioctl,
  listen: sock_no_listen,
  shutdown: inet_shutdown,
  setsockopt: sock_common_setsockopt,
  getsockopt: sock_common_getsockopt,
  sendmsg: inet_sendmsg,
  recvmsg: inet_recvmsg,
};

export const inet_family_ops: net_proto_family = {
  family: AF_INET,
  create: inet_create,
};
