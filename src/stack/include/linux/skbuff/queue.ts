// Lists of sk_buffs (include/linux/skbuff.h). A list ends in null where Linux comes back to the list's head, so a
// walk is `for (let skb = list.next; skb !== null; skb = skb.next)`.

import { kfree_skb_reason, skb_queue_purge_reason } from '../../../net/core/skbuff.js';
import { SKB_DROP_REASON_QUEUE_PURGE } from '../../net/dropreason.js';
import type { skb_drop_reason } from '../../net/dropreason.js';
import { rb_node } from '../rbtree.js';
import type { bool, u32 } from '../types.js';
import { sk_buff_head } from './struct.js';
import type { sk_buff } from './struct.js';

/** @notrace */
export function skb_queue_head_init(list: sk_buff_head): void {
  list.next = null;
  list.prev = null;
  list.qlen = 0;
}

/** @notrace */
export function __skb_queue_head_init(list: sk_buff_head): void {
  skb_queue_head_init(list);
}

/** @notrace */
export function skb_queue_empty(list: sk_buff_head): bool {
  return list.next === null;
}

/** @notrace */
export function skb_queue_empty_lockless(list: sk_buff_head): bool {
  return list.next === null;
}

/** @notrace */
export function skb_queue_len(list: sk_buff_head): u32 {
  return list.qlen;
}

/** @notrace */
export function skb_queue_len_lockless(list: sk_buff_head): u32 {
  return list.qlen;
}

/** @notrace */
export function skb_queue_is_last(_list: sk_buff_head, skb: sk_buff): bool {
  return skb.next === null;
}

/** @notrace */
export function skb_queue_is_first(_list: sk_buff_head, skb: sk_buff): bool {
  return skb.prev === null;
}

/** @notrace */
export function skb_queue_next(_list: sk_buff_head, skb: sk_buff): sk_buff | null {
  return skb.next;
}

/** @notrace */
export function skb_queue_prev(_list: sk_buff_head, skb: sk_buff): sk_buff | null {
  return skb.prev;
}

/** @notrace */
export function skb_peek(list: sk_buff_head): sk_buff | null {
  return list.next;
}

/** @notrace */
export function skb_peek_next(skb: sk_buff, _list: sk_buff_head): sk_buff | null {
  return skb.next;
}

/** @notrace */
export function skb_peek_tail(list: sk_buff_head): sk_buff | null {
  return list.prev;
}

/** @notrace */
export function __skb_queue_after(list: sk_buff_head, prev: sk_buff, newsk: sk_buff): void {
  newsk.prev = prev;
  newsk.next = prev.next;
  if (prev.next !== null) prev.next.prev = newsk;
  else list.prev = newsk;
  prev.next = newsk;
  list.qlen++;
}

/** @notrace */
export function __skb_queue_before(list: sk_buff_head, next: sk_buff, newsk: sk_buff): void {
  newsk.next = next;
  newsk.prev = next.prev;
  if (next.prev !== null) next.prev.next = newsk;
  else list.next = newsk;
  next.prev = newsk;
  list.qlen++;
}

/** @notrace */
export function __skb_queue_head(list: sk_buff_head, newsk: sk_buff): void {
  newsk.prev = null;
  newsk.next = list.next;
  if (list.next !== null) list.next.prev = newsk;
  else list.prev = newsk;
  list.next = newsk;
  list.qlen++;
}

/** @notrace */
export function __skb_queue_tail(list: sk_buff_head, newsk: sk_buff): void {
  newsk.next = null;
  newsk.prev = list.prev;
  if (list.prev !== null) list.prev.next = newsk;
  else list.next = newsk;
  list.prev = newsk;
  list.qlen++;
}

/** @notrace */
export function __skb_unlink(skb: sk_buff, list: sk_buff_head): void {
  if (skb.prev !== null) skb.prev.next = skb.next;
  else list.next = skb.next;
  if (skb.next !== null) skb.next.prev = skb.prev;
  else list.prev = skb.prev;
  skb.next = null;
  skb.prev = null;
  list.qlen--;
}

/** @notrace */
export function __skb_dequeue(list: sk_buff_head): sk_buff | null {
  const skb = list.next;
  if (skb !== null) __skb_unlink(skb, list);
  return skb;
}

/** @notrace */
export function __skb_dequeue_tail(list: sk_buff_head): sk_buff | null {
  const skb = list.prev;
  if (skb !== null) __skb_unlink(skb, list);
  return skb;
}

/** @notrace */
function append(list: sk_buff_head, head: sk_buff_head): void {
  if (list.next === null) return;
  list.next.prev = head.prev;
  if (head.prev !== null) head.prev.next = list.next;
  else head.next = list.next;
  head.prev = list.prev;
  head.qlen += list.qlen;
}

/** Puts all of `list` in front of `head`, and empties `list`. @notrace */
export function skb_queue_splice_init(list: sk_buff_head, head: sk_buff_head): void {
  skb_queue_splice(list, head);
  skb_queue_head_init(list);
}

/** @notrace */
export function skb_queue_splice(list: sk_buff_head, head: sk_buff_head): void {
  if (list.next === null || list.prev === null) return;
  list.prev.next = head.next;
  if (head.next !== null) head.next.prev = list.prev;
  else head.prev = list.prev;
  head.next = list.next;
  head.qlen += list.qlen;
}

/** @notrace */
export function skb_queue_splice_tail(list: sk_buff_head, head: sk_buff_head): void {
  append(list, head);
}

/** Puts all of `list` behind `head`, and empties `list`. @notrace */
export function skb_queue_splice_tail_init(list: sk_buff_head, head: sk_buff_head): void {
  append(list, head);
  skb_queue_head_init(list);
}

/** @notrace */
export function __skb_queue_purge_reason(list: sk_buff_head, reason: skb_drop_reason): void {
  let skb: sk_buff | null;
  while ((skb = __skb_dequeue(list)) !== null) kfree_skb_reason(skb, reason);
}

/** @notrace */
export function __skb_queue_purge(list: sk_buff_head): void {
  __skb_queue_purge_reason(list, SKB_DROP_REASON_QUEUE_PURGE);
}

/** @notrace */
export function skb_queue_purge(list: sk_buff_head): void {
  skb_queue_purge_reason(list, SKB_DROP_REASON_QUEUE_PURGE);
}

/** Takes an skb that stands in a list of its own `next` links alone out of it. @notrace */
export function skb_mark_not_on_list(skb: sk_buff): void {
  skb.next = null;
}

/** @notrace */
export function skb_list_del_init(skb: sk_buff): void {
  skb.next = null;
  skb.prev = null;
}

/** The node by which an skb stands in a tree. @notrace */
export function skb_rbnode(skb: sk_buff): rb_node<sk_buff> {
  return (skb.rbnode ??= new rb_node<sk_buff>(skb));
}

/** @notrace */
export function rb_to_skb(node: rb_node<sk_buff> | null): sk_buff | null {
  return node === null ? null : node.entry;
}
