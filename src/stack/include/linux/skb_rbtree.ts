// TCP's retransmit and out-of-order queues: what the kernel keeps in rb-trees of skb.rbnode (skb_rb_* of
// include/linux/skbuff.h). Here a treap whose links live in tcp_skb_cb, threaded by skb.next/prev, so that neighbours,
// both ends and appending cost a constant and looking up by sequence number a logarithm.

import type { sk_buff } from './skbuff.js';
import type { tcp_skb_cb } from '../net/tcp.js';
import type { int } from './types.js';

/** Links of one segment in a tree. */
export class skb_rb_node {
  left: sk_buff | null = null;
  right: sk_buff | null = null;
  parent: sk_buff | null = null;
  prio: number = 0;
}

/** @notrace */
function N(skb: sk_buff): skb_rb_node {
  return (skb.tcpcb as tcp_skb_cb).rb;
}

export class skb_rb_root {
  rb_node: sk_buff | null = null;
  rb_leftmost: sk_buff | null = null;
  rb_rightmost: sk_buff | null = null;
  seed: int = 0x1e3779b9;
}

/** `*root = RB_ROOT`. @notrace */
export function skb_rb_init(root: skb_rb_root): void {
  root.rb_node = root.rb_leftmost = root.rb_rightmost = null;
}

/** @notrace */
export function SKB_RB_EMPTY_ROOT(root: skb_rb_root): boolean {
  return root.rb_node === null;
}

/** @notrace */
export function skb_rb_first(root: skb_rb_root): sk_buff | null {
  return root.rb_leftmost;
}

/** @notrace */
export function skb_rb_last(root: skb_rb_root): sk_buff | null {
  return root.rb_rightmost;
}

/** @notrace */
export function skb_rb_next(skb: sk_buff): sk_buff | null {
  return skb.next;
}

/** @notrace */
export function skb_rb_prev(skb: sk_buff): sk_buff | null {
  return skb.prev;
}

/** @notrace */
function rotate_up(root: skb_rb_root, x: sk_buff): void {
  const xn = N(x);
  const p = xn.parent as sk_buff;
  const pn = N(p);
  const g = pn.parent;
  if (pn.left === x) {
    pn.left = xn.right;
    if (xn.right !== null) N(xn.right).parent = p;
    xn.right = p;
  } else {
    pn.right = xn.left;
    if (xn.left !== null) N(xn.left).parent = p;
    xn.left = p;
  }
  pn.parent = x;
  xn.parent = g;
  if (g === null) root.rb_node = x;
  else if (N(g).left === p) N(g).left = x;
  else N(g).right = x;
}

/**
 * Put skb behind pos (in front of all if pos is null).
 * @notrace
 */
export function skb_rb_insert_after(root: skb_rb_root, pos: sk_buff | null, skb: sk_buff): void {
  let s = root.seed;
  s ^= s << 13;
  s ^= s >>> 17;
  s ^= s << 5;
  root.seed = s | 0;
  const n = N(skb);
  n.prio = s | 0;
  n.left = null;
  n.right = null;
  const next = pos === null ? root.rb_leftmost : pos.next;
  skb.prev = pos;
  skb.next = next;
  if (pos === null) root.rb_leftmost = skb;
  else pos.next = skb;
  if (next === null) root.rb_rightmost = skb;
  else next.prev = skb;
  if (pos !== null && N(pos).right === null) {
    N(pos).right = skb;
    n.parent = pos;
  } else if (next !== null) {
    N(next).left = skb;
    n.parent = next;
  } else {
    root.rb_node = skb;
    n.parent = null;
  }
  while (n.parent !== null && N(n.parent).prio < n.prio) rotate_up(root, skb);
}

/** @notrace */
export function skb_rb_erase(skb: sk_buff, root: skb_rb_root): void {
  const n = N(skb);
  while (n.left !== null && n.right !== null) {
    rotate_up(root, N(n.left).prio > N(n.right).prio ? n.left : n.right);
  }
  const child = n.left !== null ? n.left : n.right;
  const p = n.parent;
  if (child !== null) N(child).parent = p;
  if (p === null) root.rb_node = child;
  else if (N(p).left === skb) N(p).left = child;
  else N(p).right = child;
  if (skb.prev === null) root.rb_leftmost = skb.next;
  else skb.prev.next = skb.next;
  if (skb.next === null) root.rb_rightmost = skb.prev;
  else skb.next.prev = skb.prev;
  n.left = null;
  n.right = null;
  n.parent = null;
  skb.next = null;
  skb.prev = null;
}

/** The last segment that does not begin behind seq, or null. @notrace */
export function skb_rb_lower(root: skb_rb_root, seq: number): sk_buff | null {
  let node = root.rb_node;
  let best: sk_buff | null = null;
  while (node !== null) {
    const cb = node.tcpcb as tcp_skb_cb;
    if (((seq - cb.seq) | 0) < 0) {
      node = cb.rb.left;
    } else {
      best = node;
      node = cb.rb.right;
    }
  }
  return best;
}

/** The segment that holds the byte seq, or null. @notrace */
export function skb_rb_search(root: skb_rb_root, seq: number): sk_buff | null {
  const skb = skb_rb_lower(root, seq);
  if (skb === null || ((seq - (skb.tcpcb as tcp_skb_cb).end_seq) | 0) >= 0) return null;
  return skb;
}
