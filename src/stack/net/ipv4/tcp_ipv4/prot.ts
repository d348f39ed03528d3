/**
 * struct proto tcp_prot, and TCP's begin on a host.
 *
 * Read beside it: net/ipv4/tcp_ipv4.c.
 */
import { IPPROTO_TCP } from '../../../include/linux/in.js';
import { SOCK_RAW } from '../../../include/linux/net.js';
import { AF_INET } from '../../../include/linux/socket.js';
import { tcp_sock, tcp_timewait_sock } from '../../../include/linux/tcp.js';
import type { timewait_sock_ops } from '../../../include/net/inet_timewait_sock.js';
import type { request_sock_ops } from '../../../include/net/request_sock.js';
import { tcp_twsk_destructor } from '../tcp_minisocks/index.js';
import { INET_FLAGS_FREEBIND, inet_set_bit } from '../../../include/net/inet_sock.js';
import type { net } from '../../../include/net/net_namespace.js';
import type { proto } from '../../../include/net/sock.js';
import { MAX_TCP_HEADER } from '../../../include/net/tcp.js';
import type { Kernel } from '../../../kernel/kernel.js';
import { inet_ctl_sock_create } from '../af_inet.js';
import { inet_csk_accept, inet_csk_get_port } from '../inet_connection_sock/index.js';
import { inet_hash, inet_put_port, inet_unhash } from '../inet_hashtables/index.js';
import {
  tcp_abort,
  tcp_close,
  tcp_disconnect,
  tcp_enter_memory_pressure,
  tcp_getsockopt,
  tcp_ioctl,
  tcp_leave_memory_pressure,
  tcp_recvmsg,
  tcp_sendmsg,
  tcp_setsockopt,
  tcp_shutdown,
  tcp_splice_eof,
  tcp_stream_memory_free,
} from '../tcp/index.js';
import { tcp_fastopen_init_key_once } from '../tcp_fastopen.js';
import { cubictcp } from '../tcp_cubic.js';
import { tcp_set_keepalive } from '../tcp_timer/index.js';
import { tcp_release_cb } from '../tcp_output/index.js';
import { tcp_twsk_unique, tcp_v4_connect, tcp_v4_destroy_sock, tcp_v4_init_sock } from './connect.js';
import { tcp4_proc_show } from './proc.js';
import { tcp_v4_do_rcv } from './rcv.js';
import { tcp_v4_reqsk_send_ack, tcp_v4_send_reset } from './reply.js';
import { tcp_v4_reqsk_destructor } from './request.js';

export const tcp_request_sock_ops_v4: request_sock_ops = {
  family: AF_INET,
  obj_size: 304,
  slab_name: 'request_sock_TCP',
  send_ack: tcp_v4_reqsk_send_ack,
  send_reset: tcp_v4_send_reset,
  destructor: tcp_v4_reqsk_destructor,
};

export const tcp_timewait_sock_ops: timewait_sock_ops = {
  twsk_slab_name: 'tw_sock_TCP',
  twsk_obj_size: 264,
  twsk_alloc: () => new tcp_timewait_sock(),
  twsk_unique: tcp_twsk_unique,
  twsk_destructor: tcp_twsk_destructor,
};

/** @EXPORT_SYMBOL */
export const tcp_prot: proto = {
  name: 'TCP',
  close: tcp_close,
  connect: tcp_v4_connect,
  disconnect: tcp_disconnect,
  accept: inet_csk_accept,
  ioctl: tcp_ioctl,
  init: tcp_v4_init_sock,
  destroy: tcp_v4_destroy_sock,
  shutdown: tcp_shutdown,
  setsockopt: tcp_setsockopt,
  getsockopt: tcp_getsockopt,
  recvmsg: tcp_recvmsg,
  sendmsg: tcp_sendmsg,
  splice_eof: tcp_splice_eof,
  backlog_rcv: tcp_v4_do_rcv,
  release_cb: tcp_release_cb,
  hash: inet_hash,
  unhash: inet_unhash,
  get_port: inet_csk_get_port,
  put_port: inet_put_port,
  enter_memory_pressure: tcp_enter_memory_pressure,
  leave_memory_pressure: tcp_leave_memory_pressure,
  stream_memory_free: tcp_stream_memory_free,
  max_header: MAX_TCP_HEADER,
  sk_alloc: () => new tcp_sock(),
  // Looked up when needed: which of the tables is made first depends on the order of loading.
  get twsk_prot() {
    return tcp_timewait_sock_ops;
  },
  get rsk_prot() {
    return tcp_request_sock_ops_v4;
  },
  no_autobind: true,
  memory: (kernel) => kernel.tcp_memory,
  sysctl_mem: (net) => net.kernel.sysctl_tcp_mem,
  sysctl_wmem: (net) => net.ipv4.sysctl_tcp_wmem,
  sysctl_rmem: (net) => net.ipv4.sysctl_tcp_rmem,
  h: { hashinfo: (kernel) => kernel.tcp_hashinfo },
  keepalive: tcp_set_keepalive,
  diag_destroy: tcp_abort,
};

/** A namespace begins. */
export function tcp_sk_init(net: net): number {
  const kernel = net.kernel;
  net.ipv4.tcp_death_row.hashinfo = kernel.tcp_hashinfo;
  net.ipv4.tcp_congestion_control = cubictcp;
  // A loopback-bound host is reset from an address of its own: the control socket answers for any.
  const sk = { value: null };
  const err = inet_ctl_sock_create(sk, AF_INET, SOCK_RAW, IPPROTO_TCP, net);
  if (err) return err;
  inet_set_bit(INET_FLAGS_FREEBIND, sk.value!);
  net.ipv4.tcp_sk = sk.value;
  tcp_fastopen_init_key_once(net);
  return 0;
}

/** /proc/net/tcp. */
export function tcp4_proc_init(net: net): void {
  net.kernel.proc.set('net/tcp', () => tcp4_proc_show(net));
}

/** TCP's own socket, from which it answers for nobody. */
export function tcp_v4_init(kernel: Kernel): void {
  tcp_sk_init(kernel.init_net);
  tcp4_proc_init(kernel.init_net);
}
