// A socket's error queue, and time stamps of sent packets that come back there (net/core/skbuff.c).

import { ENOMEM, ENOMSG } from '../../../include/linux/errno.js';
import {
  SKB_EXT_ERR,
  SCM_TSTAMP_SND,
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_TIMESTAMPING,
} from '../../../include/linux/errqueue.js';
import { sock_extended_err } from '../../../include/linux/errqueue.js';
import { SOF_TIMESTAMPING_OPT_ID, SOF_TIMESTAMPING_OPT_TSONLY } from '../../../include/linux/net_tstamp.js';
import type { skb_shared_hwtstamps } from '../../../include/linux/skbuff/struct.js';
import { PACKET_OUTGOING } from '../../../include/linux/if_packet.js';
import { __skb_dequeue, __skb_unlink, skb_peek } from '../../../include/linux/skbuff/queue.js';
import { skb_orphan } from '../../../include/linux/skbuff/refs.js';
import type { sk_buff } from '../../../include/linux/skbuff/struct.js';
import { SOCK_DEAD, sk_error_report, sock_flag, sock_net } from '../../../include/net/sock.js';
import type { sock } from '../../../include/net/sock/struct.js';
import type { int } from '../../../include/linux/types.js';
import { __alloc_skb } from './alloc.js';
import { skb_clone } from './clone.js';
import { kfree_skb } from './free.js';
import { skb_queue_tail } from './queue.js';

export function sock_rmem_free(skb: sk_buff): void {
  (skb.sk as sock).sk_backlog.rmem_alloc -= skb.truesize;
}

/** Puts an error on a socket's queue. @returns 0 or -ENOMEM @EXPORT_SYMBOL */
export function sock_queue_err_skb(sk: sock, skb: sk_buff): int {
  if (sk.sk_rmem_alloc + skb.truesize >= sk.sk_rcvbuf) return -ENOMEM;
  skb_orphan(skb);
  skb.sk = sk;
  skb.destructor = sock_rmem_free;
  // So that a reader of time stamps knows where it comes from.
  skb.pkt_type = PACKET_OUTGOING;
  sk.sk_backlog.rmem_alloc += skb.truesize;
  skb_queue_tail(sk.sk_error_queue, skb);
  if (!sock_flag(sk, SOCK_DEAD)) sk_error_report(sk);
  return 0;
}

function is_icmp_err_skb(skb: sk_buff | null): boolean {
  return skb !== null && SKB_EXT_ERR(skb).ee.ee_origin === SO_EE_ORIGIN_ICMP;
}

/** Takes the first error off the queue; the next ICMP error becomes sk_err. @EXPORT_SYMBOL */
export function sock_dequeue_err_skb(sk: sock): sk_buff | null {
  const q = sk.sk_error_queue;
  const skb = __skb_dequeue(q);
  if (skb === null) return null;
  const next = skb_peek(q);
  const icmp_next = is_icmp_err_skb(next);
  if (icmp_next) sk.sk_err = SKB_EXT_ERR(next as sk_buff).ee.ee_errno;
  if (is_icmp_err_skb(skb) && !icmp_next) sk.sk_err = 0;
  if (icmp_next) sk_error_report(sk);
  return skb;
}

/** Frees the time stamps on the queue that nobody read, when the packet they are of is done with. @EXPORT_SYMBOL */
export function skb_errqueue_purge(list: sock['sk_error_queue']): void {
  let skb = list.next;
  while (skb !== null) {
    const next: sk_buff | null = skb.next;
    if (SKB_EXT_ERR(skb).ee.ee_origin === 5) {
      __skb_unlink(skb, list);
      kfree_skb(skb);
    }
    skb = next;
  }
}

function __skb_complete_tx_timestamp(skb: sk_buff, sk: sock, tstype: int, opt_stats: boolean): void {
  const serr = SKB_EXT_ERR(skb);
  serr.ee = new sock_extended_err();
  serr.ee.ee_errno = ENOMSG;
  serr.ee.ee_origin = SO_EE_ORIGIN_TIMESTAMPING;
  serr.ee.ee_info = tstype;
  serr.opt_stats = opt_stats ? 1 : 0;
  if ((sk.sk_tsflags & SOF_TIMESTAMPING_OPT_ID) !== 0) {
    serr.ee.ee_data = skb.shinfo.tskey;
    if (sk.sk_protocol === 6 && sk.sk_type === 1) serr.ee.ee_data = (serr.ee.ee_data - sk.sk_tskey) >>> 0;
  }
  if (sock_queue_err_skb(sk, skb) !== 0) kfree_skb(skb);
}

/** Whether the stamp may come without the packet: not for everybody, it tells what others sent. */
function skb_may_tx_timestamp(sk: sock, tsonly: boolean): boolean {
  return tsonly || sock_net(sk).core.sysctl_tstamp_allow_data !== 0;
}

/**
 * Sends a time stamp of a packet back to the socket it came from.
 * @param hwtstamps the device's stamp, null: now
 * @param tstype SCM_TSTAMP_*
 * @EXPORT_SYMBOL
 */
export function __skb_tstamp_tx(
  orig_skb: sk_buff,
  _ack_skb: sk_buff | null,
  hwtstamps: skb_shared_hwtstamps | null,
  sk: sock | null,
  tstype: int = SCM_TSTAMP_SND,
): void {
  if (sk === null) return;
  const tsonly = (sk.sk_tsflags & SOF_TIMESTAMPING_OPT_TSONLY) !== 0;
  if (!skb_may_tx_timestamp(sk, tsonly)) return;
  let skb: sk_buff | null;
  if (tsonly) {
    skb = __alloc_skb(0, 0, 0, -1);
    skb.shinfo.tx_flags |= orig_skb.shinfo.tx_flags;
    skb.shinfo.tskey = orig_skb.shinfo.tskey;
  } else {
    skb = skb_clone(orig_skb, 0);
    if (skb === null) return;
  }
  if (hwtstamps !== null) skb.shinfo.hwtstamps.hwtstamp = hwtstamps.hwtstamp;
  else skb.tstamp = sock_net(sk).kernel.now;
  skb.tstamp_type = 0;
  __skb_complete_tx_timestamp(skb, sk, tstype, false);
}
