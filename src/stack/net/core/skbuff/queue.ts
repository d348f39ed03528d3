// Queues of skbs as other contexts may see them (net/core/skbuff.c).

import {
  __skb_dequeue,
  __skb_dequeue_tail,
  __skb_queue_after,
  __skb_queue_head,
} from '../../../include/linux/skbuff/queue.js';
import { __skb_queue_tail, __skb_unlink } from '../../../include/linux/skbuff/queue.js';
import type { sk_buff, sk_buff_head } from '../../../include/linux/skbuff/struct.js';

/** @EXPORT_SYMBOL */
export function skb_dequeue(list: sk_buff_head): sk_buff | null {
  return __skb_dequeue(list);
}

/** @EXPORT_SYMBOL */
export function skb_dequeue_tail(list: sk_buff_head): sk_buff | null {
  return __skb_dequeue_tail(list);
}

/** @EXPORT_SYMBOL */
export function skb_queue_head(list: sk_buff_head, newsk: sk_buff): void {
  __skb_queue_head(list, newsk);
}

/** @EXPORT_SYMBOL */
export function skb_queue_tail(list: sk_buff_head, newsk: sk_buff): void {
  __skb_queue_tail(list, newsk);
}

/** @EXPORT_SYMBOL */
export function skb_unlink(skb: sk_buff, list: sk_buff_head): void {
  __skb_unlink(skb, list);
}

/** Puts an skb behind another. @EXPORT_SYMBOL */
export function skb_append(old: sk_buff, newsk: sk_buff, list: sk_buff_head): void {
  __skb_queue_after(list, old, newsk);
}
