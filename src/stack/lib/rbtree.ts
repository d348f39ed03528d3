// Red-black trees (lib/rbtree.c): insertion, removal and walks as in Cormen, Leiserson, Rivest and Stein,
// "Introduction to Algorithms", chapter 13, with null for the leaves.

import { RB_BLACK, RB_CLEAR_NODE, RB_EMPTY_NODE, RB_RED } from '../include/linux/rbtree.js';
import type { rb_node, rb_root, rb_root_cached } from '../include/linux/rbtree.js';

/** @notrace */
function rotate_left<T>(root: rb_root<T>, x: rb_node<T>): void {
  const y = x.rb_right as rb_node<T>;
  x.rb_right = y.rb_left;
  if (y.rb_left !== null) y.rb_left.rb_parent = x;
  replace_child(root, x, y);
  y.rb_left = x;
  x.rb_parent = y;
}

/** @notrace */
function rotate_right<T>(root: rb_root<T>, x: rb_node<T>): void {
  const y = x.rb_left as rb_node<T>;
  x.rb_left = y.rb_right;
  if (y.rb_right !== null) y.rb_right.rb_parent = x;
  replace_child(root, x, y);
  y.rb_right = x;
  x.rb_parent = y;
}

/** Puts `put` (perhaps nothing) where `old` hangs. @notrace */
function replace_child<T>(root: rb_root<T>, old: rb_node<T>, put: rb_node<T> | null): void {
  const parent = old.rb_parent;
  if (parent === null) root.rb_node = put;
  else if (parent.rb_left === old) parent.rb_left = put;
  else parent.rb_right = put;
  if (put !== null) put.rb_parent = parent;
}

/** Hangs a node below its parent, on the left or right side that the caller found free. @notrace */
export function rb_link_node<T>(root: rb_root<T>, node: rb_node<T>, parent: rb_node<T> | null, left: boolean): void {
  node.rb_parent = parent;
  node.rb_color = RB_RED;
  node.rb_left = null;
  node.rb_right = null;
  if (parent === null) root.rb_node = node;
  else if (left) parent.rb_left = node;
  else parent.rb_right = node;
}

/** Restores the colours after rb_link_node(). @notrace */
export function rb_insert_color<T>(node: rb_node<T>, root: rb_root<T>): void {
  let z = node;
  for (;;) {
    const parent = z.rb_parent;
    if (parent === null) {
      z.rb_color = RB_BLACK;
      return;
    }
    if (parent.rb_color === RB_BLACK) return;
    const grand = parent.rb_parent as rb_node<T>;
    const left = parent === grand.rb_left;
    const uncle = left ? grand.rb_right : grand.rb_left;
    if (uncle !== null && uncle.rb_color === RB_RED) {
      parent.rb_color = RB_BLACK;
      uncle.rb_color = RB_BLACK;
      grand.rb_color = RB_RED;
      z = grand;
      continue;
    }
    let top = parent;
    if (left && z === parent.rb_right) {
      rotate_left(root, parent);
      top = z;
    } else if (!left && z === parent.rb_left) {
      rotate_right(root, parent);
      top = z;
    }
    top.rb_color = RB_BLACK;
    grand.rb_color = RB_RED;
    if (left) rotate_right(root, grand);
    else rotate_left(root, grand);
    return;
  }
}

/** Takes a node out of its tree. @notrace */
export function rb_erase<T>(node: rb_node<T>, root: rb_root<T>): void {
  let child: rb_node<T> | null;
  let parent: rb_node<T> | null;
  let color = node.rb_color;
  if (node.rb_left === null || node.rb_right === null) {
    child = node.rb_left ?? node.rb_right;
    parent = node.rb_parent;
    replace_child(root, node, child);
  } else {
    const successor = rb_next(node) as rb_node<T>;
    color = successor.rb_color;
    child = successor.rb_right;
    if (successor.rb_parent === node) {
      parent = successor;
    } else {
      parent = successor.rb_parent;
      replace_child(root, successor, child);
      successor.rb_right = node.rb_right;
      node.rb_right.rb_parent = successor;
    }
    replace_child(root, node, successor);
    successor.rb_left = node.rb_left;
    node.rb_left.rb_parent = successor;
    successor.rb_color = node.rb_color;
  }
  if (color === RB_BLACK) erase_color(root, child, parent);
  node.rb_left = null;
  node.rb_right = null;
  RB_CLEAR_NODE(node);
}

/** @notrace */
function is_black<T>(node: rb_node<T> | null): boolean {
  return node === null || node.rb_color === RB_BLACK;
}

/** `node`, below `parent`, lacks one black on its way from the root. @notrace */
function erase_color<T>(root: rb_root<T>, node: rb_node<T> | null, parent: rb_node<T> | null): void {
  while (parent !== null && is_black(node)) {
    const left: boolean = node === parent.rb_left;
    let sibling = (left ? parent.rb_right : parent.rb_left) as rb_node<T>;
    if (sibling.rb_color === RB_RED) {
      sibling.rb_color = RB_BLACK;
      parent.rb_color = RB_RED;
      if (left) rotate_left(root, parent);
      else rotate_right(root, parent);
      sibling = (left ? parent.rb_right : parent.rb_left) as rb_node<T>;
    }
    const near: rb_node<T> | null = left ? sibling.rb_left : sibling.rb_right;
    const far: rb_node<T> | null = left ? sibling.rb_right : sibling.rb_left;
    if (is_black(near) && is_black(far)) {
      sibling.rb_color = RB_RED;
      node = parent;
      parent = node.rb_parent;
      continue;
    }
    if (is_black(far)) {
      (near as rb_node<T>).rb_color = RB_BLACK;
      sibling.rb_color = RB_RED;
      if (left) rotate_right(root, sibling);
      else rotate_left(root, sibling);
      sibling = (left ? parent.rb_right : parent.rb_left) as rb_node<T>;
    }
    sibling.rb_color = parent.rb_color;
    parent.rb_color = RB_BLACK;
    ((left ? sibling.rb_right : sibling.rb_left) as rb_node<T>).rb_color = RB_BLACK;
    if (left) rotate_left(root, parent);
    else rotate_right(root, parent);
    return;
  }
  if (node !== null) node.rb_color = RB_BLACK;
}

/** The lowest node. @notrace */
export function rb_first<T>(root: rb_root<T>): rb_node<T> | null {
  let node = root.rb_node;
  if (node === null) return null;
  while (node.rb_left !== null) node = node.rb_left;
  return node;
}

/** The highest node. @notrace */
export function rb_last<T>(root: rb_root<T>): rb_node<T> | null {
  let node = root.rb_node;
  if (node === null) return null;
  while (node.rb_right !== null) node = node.rb_right;
  return node;
}

/** @notrace */
export function rb_next<T>(node: rb_node<T>): rb_node<T> | null {
  if (RB_EMPTY_NODE(node)) return null;
  if (node.rb_right !== null) {
    let next = node.rb_right;
    while (next.rb_left !== null) next = next.rb_left;
    return next;
  }
  let from = node;
  let parent = node.rb_parent;
  while (parent !== null && from === parent.rb_right) {
    from = parent;
    parent = parent.rb_parent;
  }
  return parent;
}

/** @notrace */
export function rb_prev<T>(node: rb_node<T>): rb_node<T> | null {
  if (RB_EMPTY_NODE(node)) return null;
  if (node.rb_left !== null) {
    let prev = node.rb_left;
    while (prev.rb_right !== null) prev = prev.rb_right;
    return prev;
  }
  let from = node;
  let parent = node.rb_parent;
  while (parent !== null && from === parent.rb_left) {
    from = parent;
    parent = parent.rb_parent;
  }
  return parent;
}

/** Puts `put` in the place of `victim`, without rebalancing: it must sort there. @notrace */
export function rb_replace_node<T>(victim: rb_node<T>, put: rb_node<T>, root: rb_root<T>): void {
  replace_child(root, victim, put);
  put.rb_left = victim.rb_left;
  put.rb_right = victim.rb_right;
  put.rb_color = victim.rb_color;
  if (put.rb_left !== null) put.rb_left.rb_parent = put;
  if (put.rb_right !== null) put.rb_right.rb_parent = put;
  RB_CLEAR_NODE(victim);
}

/** @notrace */
export function rb_first_cached<T>(root: rb_root_cached<T>): rb_node<T> | null {
  return root.rb_leftmost;
}

/** @notrace */
export function rb_erase_cached<T>(node: rb_node<T>, root: rb_root_cached<T>): void {
  if (root.rb_leftmost === node) root.rb_leftmost = rb_next(node);
  rb_erase(node, root.rb_root);
}

/** Inserts where `less` says; among equals the new one comes last. @notrace */
export function rb_add_cached<T>(
  node: rb_node<T>,
  root: rb_root_cached<T>,
  less: (a: rb_node<T>, b: rb_node<T>) => boolean,
): void {
  let at = root.rb_root.rb_node;
  let parent: rb_node<T> | null = null;
  let left = false;
  let leftmost = true;
  while (at !== null) {
    parent = at;
    left = less(node, at);
    if (!left) leftmost = false;
    at = left ? at.rb_left : at.rb_right;
  }
  if (leftmost) root.rb_leftmost = node;
  rb_link_node(root.rb_root, node, parent, left);
  rb_insert_color(node, root.rb_root);
}
