// The trie itself: nodes, their children, and their growing and shrinking (net/ipv4/fib_trie.c).

import { __in_dev_get_rcu } from '../../../include/linux/inetdevice.js';
import { fib_alias } from '../../../include/net/ip_fib.js';
import { key_vector } from '../fib_lookup.js';
import type { bool, int, u32, u8 } from '../../../include/linux/types.js';

export const KEYLENGTH = 32;

/** Bits of the key above bit `pos`, the others 0. @notrace */
function key_above(key: u32, pos: u8): u32 {
  return pos >= KEYLENGTH ? 0 : ((key >>> pos) << pos) >>> 0;
}

/** Which child of `n` the key belongs to; 2^bits or more where the key is not below n at all. @notrace */
export function get_index(key: u32, n: key_vector): u32 {
  const diff = (key ^ n.key) >>> 0;
  return n.pos >= KEYLENGTH ? 0 : diff >>> n.pos;
}

/** Bits of the suffix of a prefix as a mask. @notrace */
export function suffix_mask(slen: u8): u32 {
  return slen >= KEYLENGTH ? 0xffffffff : (1 << slen) - 1;
}

/** @notrace */
function child_count(n: key_vector): int {
  return (n.tnode as (key_vector | null)[]).length;
}

function leaf_new(key: u32, fa: fib_alias): key_vector {
  const l = new key_vector(key, 0, 0, null);
  l.leaf = fa;
  l.slen = fa.fa_slen;
  return l;
}

function tnode_new(key: u32, pos: u8, bits: u8): key_vector {
  const tn = new key_vector(key_above(key, pos + bits), pos, bits, new Array<key_vector | null>(1 << bits).fill(null));
  tn.slen = pos;
  return tn;
}

/** Whether `n` starts right below its parent's bits, so that the parent could take it in. @notrace */
function tnode_full(tn: key_vector, n: key_vector | null): bool {
  return n !== null && n.tnode !== null && n.pos + n.bits === tn.pos;
}

/** Sets a child, and keeps the counts and the longest suffix that decide about resizing and backtracking. */
export function put_child(tn: key_vector, i: u32, n: key_vector | null): void {
  const children = tn.tnode as (key_vector | null)[];
  const old = children[i];
  if (n === null && old !== null) tn.empty_children++;
  if (n !== null && old === null) tn.empty_children--;
  const wasfull = tnode_full(tn, old);
  const isfull = tnode_full(tn, n);
  if (wasfull && !isfull) tn.full_children--;
  else if (!wasfull && isfull) tn.full_children++;
  if (n !== null) {
    if (tn.slen < n.slen) tn.slen = n.slen;
    n.parent = tn;
  }
  children[i] = n;
}

/** Puts `n` in the place where `old` was. */
function replace(old: key_vector, n: key_vector | null): void {
  const tp = old.parent as key_vector;
  put_child(tp, get_index(old.key, tp), n);
  old.parent = null;
}

/** Whether the node is full enough to tell one bit more apart: half of the doubled node would be in use. */
function should_inflate(tp: key_vector, tn: key_vector): bool {
  const used = child_count(tn);
  const threshold = used * (tp.parent === null ? 30 : 50);
  const busy = tn.full_children + used - tn.empty_children;
  return busy > 1 && tn.pos > 0 && 50 * busy >= threshold;
}

/** Whether it is so empty that it should tell one bit less apart. */
function should_halve(tp: key_vector, tn: key_vector): bool {
  const size = child_count(tn);
  const threshold = size * (tp.parent === null ? 15 : 25);
  return size > 1 && tn.bits > 1 && 100 * (size - tn.empty_children) < threshold;
}

/** The same node with one bit more. */
function inflate(oldtnode: key_vector): key_vector {
  const tn = tnode_new(oldtnode.key, oldtnode.pos - 1, oldtnode.bits + 1);
  const old = oldtnode.tnode as (key_vector | null)[];
  for (let i = 0; i < old.length; i++) {
    const inode = old[i];
    if (inode === null) continue;
    if (!tnode_full(oldtnode, inode)) {
      put_child(tn, get_index(inode.key, tn), inode);
      continue;
    }
    const children = inode.tnode as (key_vector | null)[];
    if (inode.bits === 1) {
      put_child(tn, 2 * i, children[0]);
      put_child(tn, 2 * i + 1, children[1]);
      continue;
    }
    // A full child's own top bit is taken over by the new node: two halves remain.
    const half = children.length / 2;
    for (let side = 0; side < 2; side++) {
      const key = (inode.key | (side << (inode.pos + inode.bits - 1))) >>> 0;
      const node = tnode_new(key, inode.pos, inode.bits - 1);
      for (let j = 0; j < half; j++) put_child(node, j, children[side * half + j]);
      put_child(tn, 2 * i + side, resize_result(node));
    }
  }
  return tn;
}

/** The same node with one bit less. */
function halve(oldtnode: key_vector): key_vector {
  const tn = tnode_new(oldtnode.key, oldtnode.pos + 1, oldtnode.bits - 1);
  const old = oldtnode.tnode as (key_vector | null)[];
  for (let i = 0; i < old.length; i += 2) {
    const node0 = old[i];
    const node1 = old[i + 1];
    if (node0 === null || node1 === null) {
      put_child(tn, i / 2, node0 ?? node1);
      continue;
    }
    const inode = tnode_new(node0.key, oldtnode.pos, 1);
    put_child(inode, 0, node0);
    put_child(inode, 1, node1);
    put_child(tn, i / 2, inode);
  }
  return tn;
}

/** A node with one child is replaced by it, one without any by nothing. @notrace */
function resize_result(tn: key_vector): key_vector | null {
  const children = tn.tnode as (key_vector | null)[];
  const used = children.length - tn.empty_children;
  if (used === 0) return null;
  if (used === 1) return children.find((n) => n !== null) as key_vector;
  return tn;
}

/** Longest suffix below `tn`, computed anew. */
function update_suffix(tn: key_vector): u8 {
  let slen = tn.pos;
  for (const n of tn.tnode as (key_vector | null)[]) if (n !== null && n.slen > slen) slen = n.slen;
  tn.slen = slen;
  return slen;
}

const MAX_WORK = 10;

/** Brings one node to the size that suits its number of children. @returns its parent */
function resize(tn: key_vector): key_vector {
  const tp = tn.parent as key_vector;
  let max_work = MAX_WORK;
  while (should_inflate(tp, tn) && max_work > 0) {
    const bigger = inflate(tn);
    replace(tn, bigger);
    tn = bigger;
    max_work--;
  }
  if (max_work === MAX_WORK) {
    while (should_halve(tp, tn) && max_work > 0) {
      const smaller = halve(tn);
      replace(tn, smaller);
      tn = smaller;
      max_work--;
    }
  }
  const result = resize_result(tn);
  if (result !== tn) replace(tn, result);
  return tp;
}

/** Resizes from `tn` up to the root. */
export function trie_rebalance(tn: key_vector): void {
  while (tn.parent !== null) tn = resize(tn);
}

export function node_push_suffix(tn: key_vector | null, slen: u8): void {
  for (; tn !== null && tn.tnode !== null && tn.slen < slen; tn = tn.parent) tn.slen = slen;
}

/** A suffix went: nodes that had it as their longest look for the next one, as far up as that changes something. */
export function node_pull_suffix(tn: key_vector | null, slen: u8): void {
  for (; tn !== null && tn.parent !== null && tn.slen > tn.pos && tn.slen > slen; tn = tn.parent) {
    if (update_suffix(tn) > slen) return;
  }
}

/** The leaf of the key, or null; tp[0] is then the node under which it would come. */
export function fib_find_node(t: key_vector, tp: [key_vector], key: u32): key_vector | null {
  let pn = t;
  let n = (t.tnode as (key_vector | null)[])[0];
  while (n !== null) {
    const index = get_index(key, n);
    if (n.tnode === null) {
      if (index !== 0) n = null;
      break;
    }
    if (index >= n.tnode.length) {
      n = null;
      break;
    }
    pn = n;
    n = n.tnode[index];
  }
  tp[0] = pn;
  return n;
}

export function fib_insert_node(t: key_vector, tp: key_vector, fa: fib_alias, key: u32): key_vector {
  const l = leaf_new(key, fa);
  let parent = tp;
  const index = parent === t ? 0 : get_index(key, parent);
  const n = (parent.tnode as (key_vector | null)[])[index];
  if (n !== null) {
    // Something else stands there: a new node tells the two apart at the first bit in which they differ.
    const differ = 31 - Math.clz32((key ^ n.key) >>> 0);
    const tn = tnode_new(key, differ, 1);
    put_child(parent, index, tn);
    put_child(tn, get_index(n.key, tn), n);
    parent = tn;
  }
  node_push_suffix(parent, fa.fa_slen);
  put_child(parent, parent === t ? 0 : get_index(key, parent), l);
  trie_rebalance(parent);
  return l;
}
