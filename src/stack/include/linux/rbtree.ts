// An ordered set of sk_buffs: what the kernel keeps in rb-trees of skb.rbnode (TCP's retransmit and out-of-order
// queues). Here a treap whose links live in tcp_skb_cb, threaded by skb.next/prev, so that neighbours, both ends and
// appending cost a constant and looking up by sequence number a logarithm.
// Read beside: include/linux/rbtree.h, lib/rbtree.c (names; the balance is another).

import type { sk_buff } from './skbuff.js';

/** Links of one skb in a tree. */
export class rb_node {
  left: sk_buff | null = null;
  right: sk_buff | null = null;
  parent: sk_buff | null = null;
  prio: number = 0;
}

export class rb_root {
  rb_node: sk_buff | null = null;
  first: sk_buff | null = null;
  last: sk_buff | null = null;
  seed: number = 0x9e3779b9;
}

/** @notrace */
export function RB_EMPTY_ROOT(root: rb_root): boolean {
  return root.rb_node === null;
}

/** @notrace */
export function skb_rb_first(root: rb_root): sk_buff | null {
  return root.first;
}

/** @notrace */
export function skb_rb_last(root: rb_root): sk_buff | null {
  return root.last;
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
function rotate_up(root: rb_root, x: sk_buff): void {
  const xn = x.rbnode;
  const p = xn.parent as sk_buff;
  const pn = p.rbnode;
  const g = pn.parent;
  if (pn.left === x) {
    pn.left = xn.right;
    if (xn.right !== null) xn.right.rbnode.parent = p;
    xn.right = p;
  } else {
    pn.right = xn.left;
    if (xn.left !== null) xn.left.rbnode.parent = p;
    xn.left = p;
  }
  pn.parent = x;
  xn.parent = g;
  if (g === null) root.rb_node = x;
  else if (g.rbnode.left === p) g.rbnode.left = x;
  else g.rbnode.right = x;
}

/**
 * Put skb behind pos (in front of all if pos is null).
 * @notrace
 */
export function skb_rb_insert_after(root: rb_root, pos: sk_buff | null, skb: sk_buff): void {
  let s = root.seed;
  s ^= s << 13;
  s ^= s >>> 17;
  s ^= s << 5;
  root.seed = s | 0;
  const n = skb.rbnode;
  n.prio = s | 0;
  n.left = null;
  n.right = null;
  const next = pos === null ? root.first : pos.next;
  skb.prev = pos;
  skb.next = next;
  if (pos === null) root.first = skb;
  else pos.next = skb;
  if (next === null) root.last = skb;
  else next.prev = skb;
  if (pos !== null && pos.rbnode.right === null) {
    pos.rbnode.right = skb;
    n.parent = pos;
  } else if (next !== null) {
    next.rbnode.left = skb;
    n.parent = next;
  } else {
    root.rb_node = skb;
    n.parent = null;
  }
  while (n.parent !== null && n.parent.rbnode.prio < n.prio) rotate_up(root, skb);
}

/** @notrace */
export function rb_erase(skb: sk_buff, root: rb_root): void {
  const n = skb.rbnode;
  while (n.left !== null && n.right !== null) {
    rotate_up(root, n.left.rbnode.prio > n.right.rbnode.prio ? n.left : n.right);
  }
  const child = n.left !== null ? n.left : n.right;
  const p = n.parent;
  if (child !== null) child.rbnode.parent = p;
  if (p === null) root.rb_node = child;
  else if (p.rbnode.left === skb) p.rbnode.left = child;
  else p.rbnode.right = child;
  if (skb.prev === null) root.first = skb.next;
  else skb.prev.next = skb.next;
  if (skb.next === null) root.last = skb.prev;
  else skb.next.prev = skb.prev;
  n.left = null;
  n.right = null;
  n.parent = null;
  skb.next = null;
  skb.prev = null;
}
