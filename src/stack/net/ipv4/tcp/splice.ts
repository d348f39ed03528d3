/**
 * splice from a TCP socket: received data handed on without a copy.
 *
 * Read beside it: net/ipv4/tcp.c; splice(2). The pipe is anything that takes pieces of memory.
 */
import { current } from '../../../kernel/current.js';
import { signal_pending } from '../../../kernel/sched/core.js';
import { EAGAIN, ENOTCONN } from '../../../include/linux/errno.js';
import { O_NONBLOCK, type splice_sink } from '../../../include/linux/fs.js';
import type { socket } from '../../../include/linux/net.js';
import { skb_queue_empty } from '../../../include/linux/skbuff.js';
import type { Task } from '../../../include/linux/sched.js';
import { skb_copy_bits } from '../../core/skbuff.js';
import type { bool, int, size_t } from '../../../include/linux/types.js';
import {
  RCV_SHUTDOWN,
  SOCK_DONE,
  lock_sock,
  release_sock,
  sock_error,
  sock_flag,
  sock_intr_errno,
  sock_rcvtimeo,
} from '../../../include/net/sock.js';
import { TCP_CLOSE } from '../../../include/net/tcp.js';
import { sk_wait_data } from '../../core/sock.js';
import { tcp_read_sock } from './recvmsg.js';

export const SPLICE_F_MOVE = 1;
export const SPLICE_F_NONBLOCK = 2;
export const SPLICE_F_MORE = 4;

/**
 * proto_ops.splice_read of TCP.
 * @param len bytes wanted
 * @param flags SPLICE_F_*
 * @returns bytes, or a negative errno
 * @EXPORT_SYMBOL
 */
export function* tcp_splice_read(sock: socket, pipe: splice_sink, len: size_t, flags: int): Task<int> {
  const sk = sock.sk!;
  const nonblock = (sock.file !== null && (sock.file.f_flags & O_NONBLOCK) !== 0) || (flags & SPLICE_F_NONBLOCK) !== 0;
  const timeo = { value: sock_rcvtimeo(sk, nonblock) };
  let spliced = 0;
  let ret: int = 0;
  lock_sock(sk);
  while (len > 0) {
    const desc = { count: len };
    ret = tcp_read_sock(sk, desc, (skb, offset, avail) => {
      const data = new Uint8Array(Math.min(avail, desc.count));
      skb_copy_bits(skb, offset, data, 0, data.length);
      const used = pipe.splice(data);
      if (used > 0) desc.count -= used;
      return used;
    });
    if (ret < 0) break;
    if (ret === 0) {
      if (spliced || sock_flag(sk, SOCK_DONE)) break;
      ret = splice_wait_result(sk, timeo.value !== 0);
      if (ret !== 1) break;
      // Nothing read with a segment in the queue: urgent data stands in the way, and waiting would not end.
      ret = 0;
      if (!skb_queue_empty(sk.sk_receive_queue)) break;
      const err = yield* sk_wait_data(sk, timeo, null);
      if (err < 0) {
        ret = err;
        break;
      }
      if (signal_pending(current())) {
        ret = sock_intr_errno(timeo.value);
        break;
      }
      continue;
    }
    len -= ret;
    spliced += ret;
    if (!len || !timeo.value) break;
    release_sock(sk);
    lock_sock(sk);
    if (sk.sk_err || sk.sk_state === TCP_CLOSE || sk.sk_shutdown & RCV_SHUTDOWN || signal_pending(current())) break;
  }
  release_sock(sk);
  return spliced || ret;
}

/** Without data: the call's result, or 1 to wait. @notrace */
function splice_wait_result(sk: Parameters<typeof sock_error>[0], may_wait: bool): int {
  if (sk.sk_err) return sock_error(sk);
  if (sk.sk_shutdown & RCV_SHUTDOWN) return 0;
  if (sk.sk_state === TCP_CLOSE) return -ENOTCONN;
  return may_wait ? 1 : -EAGAIN;
}
