/**
 * The request of a Fast Open child.
 *
 * Read beside it: net/core/request_sock.c, RFC 7413 5.1 (limits against spoofed SYNs).
 */
import { tcp_rsk, tcp_sk } from '../../include/linux/tcp.js';
import type { bool } from '../../include/linux/types.js';
import { inet_csk } from '../../include/net/inet_connection_sock.js';
import type { request_sock } from '../../include/net/request_sock.js';
import { sock_net } from '../../include/net/sock.js';
import type { sock } from '../../include/net/sock.js';
import { TCP_LISTEN } from '../../include/net/tcp_states.js';
import { reqsk_put } from '../ipv4/inet_connection_sock/index.js';

/**
 * The handshake of a Fast Open child is over, or broken off.
 * @param sk the child
 * @param reset whether the peer reset it: the request then counts against the limit for a minute more
 */
export function reqsk_fastopen_remove(sk: sock, req: request_sock, reset: bool): void {
  const lsk = req.rsk_listener!;
  const fastopenq = inet_csk(lsk).icsk_accept_queue.fastopenq;
  tcp_sk(sk).fastopen_rsk = null;
  fastopenq.qlen--;
  tcp_rsk(req).tfo_listener = false;
  // Not yet accepted: accept() will let go of it.
  if (req.sk) return;
  if (!reset || lsk.sk_state !== TCP_LISTEN) {
    reqsk_put(req);
    return;
  }
  const kernel = sock_net(lsk).kernel;
  req.rsk_timer.expires = kernel.jiffies + 60 * kernel.HZ;
  if (fastopenq.rskq_rst_head === null) fastopenq.rskq_rst_head = req;
  else fastopenq.rskq_rst_tail!.dl_next = req;
  req.dl_next = null;
  fastopenq.rskq_rst_tail = req;
  fastopenq.qlen++;
}
