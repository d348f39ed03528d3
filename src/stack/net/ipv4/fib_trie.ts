// The routing tables: a level- and path-compressed trie with longest prefix match (net/ipv4/fib_trie.c;
// Documentation/networking/fib_trie.rst; Nilsson and Karlsson, "IP-address lookup using LC-tries", 1999).
// Local and main table share one trie as long as there are no policy rules. Left out: RCU, notifiers of hardware.

import { ntohl, htonl } from '../../include/linux/byteorder.js';
import { EAGAIN, EEXIST, EINVAL, ENOENT, ESRCH } from '../../include/linux/errno.js';
import {
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RT_SCOPE_NOWHERE,
  RT_TABLE_LOCAL,
} from '../../include/linux/rtnetlink.js';
import { IN_DEV_IGNORE_ROUTES_WITH_LINKDOWN, __in_dev_get_rcu } from '../../include/linux/inetdevice.js';
import {
  FIB_LOOKUP_IGNORE_LINKSTATE,
  FIB_LOOKUP_NOREF,
  fib_alias,
  fib_info_nhc,
  fib_table,
} from '../../include/net/ip_fib.js';
import type { fib_config, fib_info, fib_nh_common, fib_result } from '../../include/net/ip_fib.js';
import type { flowi4 } from '../../include/net/flow.js';
import type { net } from '../../include/net/net_namespace.js';
import { trace_fib_table_lookup } from '../../include/trace/events/fib.js';
import { fib_create_info, fib_nh_match, fib_release_info } from './fib_semantics.js';
import { fib_props, key_vector } from './fib_lookup.js';
import { rt_cache_flush } from './route.js';
import type { bool, int, u32, u8 } from '../../include/linux/types.js';

const KEYLENGTH = 32;

/** Bits of the key above bit `pos`, the others 0. @notrace */
function key_above(key: u32, pos: u8): u32 {
  return pos >= KEYLENGTH ? 0 : ((key >>> pos) << pos) >>> 0;
}

/** Which child of `n` the key belongs to; 2^bits or more where the key is not below n at all. @notrace */
function get_index(key: u32, n: key_vector): u32 {
  const diff = (key ^ n.key) >>> 0;
  return n.pos >= KEYLENGTH ? 0 : diff >>> n.pos;
}

/** Bits of the suffix of a prefix as a mask. @notrace */
function suffix_mask(slen: u8): u32 {
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
function put_child(tn: key_vector, i: u32, n: key_vector | null): void {
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
  update_suffix(tn);
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
function trie_rebalance(tn: key_vector): void {
  while (tn.parent !== null) tn = resize(tn);
}

function node_push_suffix(tn: key_vector | null, slen: u8): void {
  for (; tn !== null && tn.tnode !== null && tn.slen < slen; tn = tn.parent) tn.slen = slen;
}

function node_pull_suffix(tn: key_vector | null): void {
  for (; tn !== null && tn.parent !== null; tn = tn.parent) update_suffix(tn);
}

/** The leaf of the key, or null; tp[0] is then the node under which it would come. */
function fib_find_node(t: key_vector, tp: [key_vector], key: u32): key_vector | null {
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

function fib_insert_node(t: key_vector, tp: key_vector, fa: fib_alias, key: u32): key_vector {
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

/** Places an alias in its leaf: by suffix, table, TOS and priority. */
function fib_insert_alias(t: key_vector, tp: key_vector, l: key_vector | null, fa: fib_alias, key: u32): void {
  if (l === null) {
    fib_insert_node(t, tp, fa, key);
    return;
  }
  let before: fib_alias | null = null;
  for (let at = l.leaf; at !== null; at = at.fa_list) {
    if (fa_order(fa, at) < 0) break;
    before = at;
  }
  if (before === null) {
    fa.fa_list = l.leaf;
    l.leaf = fa;
  } else {
    fa.fa_list = before.fa_list;
    before.fa_list = fa;
  }
  if (l.slen < fa.fa_slen) {
    l.slen = fa.fa_slen;
    node_push_suffix(tp, fa.fa_slen);
  }
}

/** Negative where `a` belongs before `b`: longer prefix, local before main, higher TOS, lower metric. @notrace */
function fa_order(a: fib_alias, b: fib_alias): number {
  return (
    a.fa_slen - b.fa_slen ||
    b.tb_id - a.tb_id ||
    b.fa_dscp - a.fa_dscp ||
    a.fa_info.fib_priority - b.fa_info.fib_priority
  );
}

function fib_remove_alias(l: key_vector, old: fib_alias): void {
  if (l.leaf === old) l.leaf = old.fa_list;
  else {
    for (let at = l.leaf; at !== null; at = at.fa_list) {
      if (at.fa_list === old) {
        at.fa_list = old.fa_list;
        break;
      }
    }
  }
  old.fa_list = null;
  if (l.leaf === null) {
    const tp = l.parent as key_vector;
    put_child(tp, tp.parent === null ? 0 : get_index(l.key, tp), null);
    l.parent = null;
    node_pull_suffix(tp);
    trie_rebalance(tp);
    return;
  }
  let slen = 0;
  for (let at: fib_alias | null = l.leaf; at !== null; at = at.fa_list) if (at.fa_slen > slen) slen = at.fa_slen;
  l.slen = slen;
  node_pull_suffix(l.parent);
}

/** First alias of the leaf with this suffix, TOS and table whose metric is at least `prio`. */
function fib_find_alias(
  head: fib_alias | null,
  slen: u8,
  dscp: u8,
  prio: u32,
  tb_id: u32,
  find_first: bool,
): fib_alias | null {
  for (let fa = head; fa !== null; fa = fa.fa_list) {
    if (fa.fa_slen < slen) continue;
    if (fa.fa_slen !== slen) break;
    if (fa.tb_id > tb_id) continue;
    if (fa.tb_id !== tb_id) break;
    if (find_first) return fa;
    if (fa.fa_dscp > dscp) continue;
    if (fa.fa_info.fib_priority >= prio || fa.fa_dscp < dscp) return fa;
  }
  return null;
}

/** @returns whether the prefix has no bits outside of its mask */
function fib_valid_key_len(key: u32, plen: u8): bool {
  return plen <= KEYLENGTH && (plen === KEYLENGTH || (key & suffix_mask(KEYLENGTH - plen)) === 0);
}

/** @returns 0 or a negative errno: -EEXIST, -ENOENT, -EINVAL … @formerly fn_trie_insert 2.6-2.6.32 */
export function fib_table_insert(net: net, tb: fib_table, cfg: fib_config): int {
  const t = tb.tb_data;
  const plen = cfg.fc_dst_len;
  const slen = KEYLENGTH - plen;
  const dscp = cfg.fc_dscp;
  const key = ntohl(cfg.fc_dst);
  if (!fib_valid_key_len(key, plen)) return -EINVAL;
  const fi = fib_create_info(cfg);
  if (typeof fi === 'number') return fi;

  const tp: [key_vector] = [t];
  const l = fib_find_node(t, tp, key);
  const fa = l !== null ? fib_find_alias(l.leaf, slen, dscp, fi.fib_priority, tb.tb_id, false) : null;

  if (fa !== null && fa.fa_dscp === dscp && fa.fa_info.fib_priority === fi.fib_priority) {
    if ((cfg.fc_nlflags & NLM_F_EXCL) !== 0) {
      fib_release_info(fi);
      return -EEXIST;
    }
    let match: fib_alias | null = null;
    for (let at: fib_alias | null = fa; at !== null; at = at.fa_list) {
      if (at.fa_slen !== slen || at.tb_id !== tb.tb_id || at.fa_dscp !== dscp) break;
      if (at.fa_info.fib_priority !== fi.fib_priority) break;
      if (at.fa_type === cfg.fc_type && at.fa_info === fi) {
        match = at;
        break;
      }
    }
    if ((cfg.fc_nlflags & NLM_F_REPLACE) !== 0) {
      if (match !== null) {
        fib_release_info(fi);
        return match === fa ? 0 : -EEXIST;
      }
      const old = fa.fa_info;
      fa.fa_info = fi;
      fa.fa_type = cfg.fc_type;
      fa.fa_state = 0;
      fa.fa_default = -1;
      fib_release_info(old);
      rt_cache_flush(net);
      return 0;
    }
    if (match !== null) {
      fib_release_info(fi);
      return -EEXIST;
    }
    if ((cfg.fc_nlflags & NLM_F_APPEND) === 0 && (cfg.fc_nlflags & NLM_F_CREATE) === 0) {
      fib_release_info(fi);
      return -ENOENT;
    }
    if ((cfg.fc_nlflags & NLM_F_APPEND) === 0) {
      const new_fa = alias_of(fi, cfg, slen, tb.tb_id);
      // A route with the same metric that was not asked to be appended goes before those that are there.
      prepend_alias(l as key_vector, fa, new_fa);
      return inserted(net, tb, plen);
    }
  } else if ((cfg.fc_nlflags & NLM_F_CREATE) === 0) {
    fib_release_info(fi);
    return -ENOENT;
  }

  fib_insert_alias(t, tp[0], l, alias_of(fi, cfg, slen, tb.tb_id), key);
  return inserted(net, tb, plen);
}

/** @notrace */
function alias_of(fi: fib_info, cfg: fib_config, slen: u8, tb_id: u32): fib_alias {
  const fa = new fib_alias(fi);
  fa.fa_dscp = cfg.fc_dscp;
  fa.fa_type = cfg.fc_type;
  fa.fa_slen = slen;
  fa.tb_id = tb_id;
  return fa;
}

/** @notrace */
function prepend_alias(l: key_vector, fa: fib_alias, new_fa: fib_alias): void {
  new_fa.fa_list = fa;
  if (l.leaf === fa) {
    l.leaf = new_fa;
    return;
  }
  for (let at = l.leaf; at !== null; at = at.fa_list) {
    if (at.fa_list === fa) {
      at.fa_list = new_fa;
      return;
    }
  }
}

/** @notrace */
function inserted(net: net, tb: fib_table, plen: u8): int {
  tb.tb_leafs++;
  if (plen === 0) tb.tb_num_default++;
  rt_cache_flush(net);
  return 0;
}

/** Whether a hop can carry the flow: alive, with carrier where that counts, on the right device. */
export function fib_lookup_good_nhc(nhc: fib_nh_common, fib_flags: int, flp: flowi4): bool {
  if ((nhc.nhc_flags & RTNH_F_DEAD) !== 0) return false;
  if (nhc.nhc_dev !== null && (nhc.nhc_flags & RTNH_F_LINKDOWN) !== 0) {
    const in_dev = __in_dev_get_rcu(nhc.nhc_dev);
    const ignore = in_dev !== null && IN_DEV_IGNORE_ROUTES_WITH_LINKDOWN(in_dev) !== 0;
    if (ignore && (fib_flags & FIB_LOOKUP_IGNORE_LINKSTATE) === 0) return false;
  }
  return flp.flowi4_oif === 0 || flp.flowi4_oif === nhc.nhc_oif;
}

/**
 * Longest prefix match.
 * @param flp daddr in network order; TOS, scope and device select among the routes of a prefix
 * @param res filled in on success
 * @returns 0, -EAGAIN if no route matches, or the error of a route that forbids
 * @formerly fn_trie_lookup 2.6-2.6.32
 * @EXPORT_SYMBOL
 */
export function fib_table_lookup(tb: fib_table, flp: flowi4, res: fib_result, fib_flags: int): int {
  const key = ntohl(flp.daddr);
  let pn = tb.tb_data;
  let cindex = 0;
  let n = (pn.tnode as (key_vector | null)[])[0];

  // Down as far as the whole key leads; nodes under which shorter prefixes are remain as places to come back to.
  while (n !== null) {
    const index = get_index(key, n);
    if (n.tnode === null) {
      if (index === 0 || n.slen > 0) break;
      n = null;
      break;
    }
    if (index >= n.tnode.length) break;
    if (n.slen > n.pos) {
      pn = n;
      cindex = index;
    }
    n = n.tnode[index];
  }

  for (;;) {
    if (n !== null) {
      // Below here only the bits that are set in a prefix count: the rest of the key must not matter.
      const key_differs = ((key ^ n.key) & (n.key | -n.key)) !== 0;
      if (!key_differs) {
        if (n.tnode === null) {
          const err = check_leaf(tb, n, key, flp, res, fib_flags);
          if (err <= 0) return err;
        } else if (n.slen > n.pos) {
          n = n.tnode[0];
          if (n !== null) continue;
        }
      }
    }
    // The next shorter prefix: the sibling with the lowest set bit of the index cleared; out of bits, one level up.
    while (cindex === 0) {
      const pkey = pn.key;
      if (pn.parent === null) {
        trace_fib_table_lookup(tb.tb_id, flp, null, -EAGAIN);
        return -EAGAIN;
      }
      pn = pn.parent;
      cindex = pn.parent === null ? 0 : get_index(pkey, pn);
    }
    cindex &= cindex - 1;
    n = (pn.tnode as (key_vector | null)[])[cindex];
  }
}

/** The first route of a leaf that suits the flow. @returns 0, a forbidding route's error, or 1 for none @notrace */
function check_leaf(tb: fib_table, n: key_vector, key: u32, flp: flowi4, res: fib_result, fib_flags: int): int {
  const differ = (key ^ n.key) >>> 0;
  for (let fa = n.leaf; fa !== null; fa = fa.fa_list) {
    const fi = fa.fa_info;
    if (fa.fa_slen < KEYLENGTH && differ >>> fa.fa_slen !== 0) continue;
    if (fa.fa_dscp !== 0 && fa.fa_dscp !== flp.flowi4_dscp) continue;
    if (fi.fib_dead || fi.fib_scope < flp.flowi4_scope) continue;
    const err = fib_props[fa.fa_type].error;
    if (err < 0) {
      trace_fib_table_lookup(tb.tb_id, flp, null, err);
      return err;
    }
    if ((fi.fib_flags & RTNH_F_DEAD) !== 0) continue;
    for (let nhsel = 0; nhsel < fi.fib_nhs; nhsel++) {
      const nhc = fib_info_nhc(fi, nhsel);
      if (!fib_lookup_good_nhc(nhc, fib_flags, flp)) continue;
      if ((fib_flags & FIB_LOOKUP_NOREF) === 0) fi.fib_clntref++;
      res.prefix = htonl(n.key);
      res.prefixlen = KEYLENGTH - fa.fa_slen;
      res.nh_sel = nhsel;
      res.nhc = nhc;
      res.type = fa.fa_type;
      res.scope = fi.fib_scope;
      res.dscp = fa.fa_dscp;
      res.fi = fi;
      res.table = tb;
      res.fa_head = n;
      trace_fib_table_lookup(tb.tb_id, flp, nhc, 0);
      return 0;
    }
  }
  return 1;
}

/** @returns 0, -ESRCH if there is no such route, -EINVAL @formerly fn_trie_delete 2.6-2.6.32 */
export function fib_table_delete(net: net, tb: fib_table, cfg: fib_config): int {
  const t = tb.tb_data;
  const plen = cfg.fc_dst_len;
  const slen = KEYLENGTH - plen;
  const key = ntohl(cfg.fc_dst);
  if (!fib_valid_key_len(key, plen)) return -EINVAL;
  const tp: [key_vector] = [t];
  const l = fib_find_node(t, tp, key);
  if (l === null) return -ESRCH;
  let fa = fib_find_alias(l.leaf, slen, cfg.fc_dscp, 0, tb.tb_id, false);
  let fa_to_delete: fib_alias | null = null;
  for (; fa !== null; fa = fa.fa_list) {
    const fi = fa.fa_info;
    if (fa.fa_slen !== slen || fa.tb_id !== tb.tb_id || fa.fa_dscp !== cfg.fc_dscp) break;
    if (
      (cfg.fc_type === 0 || fa.fa_type === cfg.fc_type) &&
      (cfg.fc_scope === RT_SCOPE_NOWHERE || fi.fib_scope === cfg.fc_scope) &&
      (cfg.fc_prefsrc === 0 || fi.fib_prefsrc === cfg.fc_prefsrc) &&
      (cfg.fc_protocol === 0 || fi.fib_protocol === cfg.fc_protocol) &&
      fib_nh_match(net, cfg, fi) === 0
    ) {
      fa_to_delete = fa;
      break;
    }
  }
  if (fa_to_delete === null) return -ESRCH;
  remove_alias(net, tb, l, fa_to_delete);
  return 0;
}

/** @notrace */
function remove_alias(net: net, tb: fib_table, l: key_vector, fa: fib_alias): void {
  fib_remove_alias(l, fa);
  tb.tb_leafs--;
  if (fa.fa_slen === KEYLENGTH) tb.tb_num_default--;
  fib_release_info(fa.fa_info);
  rt_cache_flush(net);
}

/** All leaves by ascending key. @notrace */
export function fib_trie_leaves(tb: fib_table): key_vector[] {
  const leaves: key_vector[] = [];
  const walk = (n: key_vector | null): void => {
    if (n === null) return;
    if (n.tnode === null) leaves.push(n);
    else n.tnode.forEach(walk);
  };
  walk((tb.tb_data.tnode as (key_vector | null)[])[0]);
  return leaves;
}

/** Takes out the routes whose device or address went. @returns how many */
export function fib_table_flush(net: net, tb: fib_table, flush_all: bool): int {
  let found = 0;
  for (const l of fib_trie_leaves(tb)) {
    for (let fa = l.leaf; fa !== null;) {
      const next: fib_alias | null = fa.fa_list;
      const dead = fa.fa_info.fib_dead || (fa.fa_info.fib_flags & RTNH_F_DEAD) !== 0;
      if (fa.tb_id === tb.tb_id && (dead || flush_all)) {
        remove_alias(net, tb, l, fa);
        found++;
      }
      fa = next;
    }
  }
  return found;
}

/** The routes of one table, in the order in which `ip route` lists them. */
export function fib_table_dump(tb: fib_table): { dst: u32; fa: fib_alias }[] {
  const out: { dst: u32; fa: fib_alias }[] = [];
  for (const l of fib_trie_leaves(tb)) {
    const of_leaf: fib_alias[] = [];
    for (let fa = l.leaf; fa !== null; fa = fa.fa_list) if (fa.tb_id === tb.tb_id) of_leaf.push(fa);
    for (const fa of of_leaf) out.push({ dst: htonl(l.key), fa });
  }
  return out;
}

/** Default routes of the best match, for fib_select_default(). @notrace */
export function fib_leaf_aliases(l: key_vector): fib_alias[] {
  const out: fib_alias[] = [];
  for (let fa = l.leaf; fa !== null; fa = fa.fa_list) out.push(fa);
  return out;
}

/**
 * A new table.
 * @param alias the table in whose trie the routes stand; null for a trie of its own
 */
export function fib_trie_table(id: u32, alias: fib_table | null): fib_table {
  if (alias !== null) return new fib_table(id, alias.tb_data);
  const root = new key_vector(0, KEYLENGTH, 0, [null]);
  return new fib_table(id, root);
}

/** Gives the local table a trie of its own, as the first policy rule needs. @returns the new local table */
export function fib_trie_unmerge(local_tb: fib_table, main_tb: fib_table): fib_table {
  if (local_tb.tb_data !== main_tb.tb_data) return local_tb;
  const own = fib_trie_table(RT_TABLE_LOCAL, null);
  for (const l of fib_trie_leaves(main_tb)) {
    for (let fa = l.leaf; fa !== null;) {
      const next: fib_alias | null = fa.fa_list;
      if (fa.tb_id === RT_TABLE_LOCAL) {
        fib_remove_alias(l, fa);
        const tp: [key_vector] = [own.tb_data];
        const leaf = fib_find_node(own.tb_data, tp, l.key);
        fib_insert_alias(own.tb_data, tp[0], leaf, fa, l.key);
        own.tb_leafs++;
      }
      fa = next;
    }
  }
  return own;
}
