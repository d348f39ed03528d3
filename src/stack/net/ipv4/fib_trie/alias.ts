// The routes of a leaf, in the order in which a look-up tries them (net/ipv4/fib_trie.c).

import { __in_dev_get_rcu } from '../../../include/linux/inetdevice.js';
import { fib_alias } from '../../../include/net/ip_fib.js';
import type { fib_config, fib_info } from '../../../include/net/ip_fib.js';
import { key_vector } from '../fib_lookup.js';
import type { bool, u32, u8 } from '../../../include/linux/types.js';
import { fib_insert_node, get_index, node_pull_suffix, node_push_suffix, put_child, trie_rebalance } from './node.js';

/** Places an alias in its leaf: by suffix, table, TOS and priority. */
export function fib_insert_alias(t: key_vector, tp: key_vector, l: key_vector | null, fa: fib_alias, key: u32): void {
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

export function fib_remove_alias(l: key_vector, old: fib_alias): void {
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
    if (tp.slen === l.slen) node_pull_suffix(tp, tp.pos);
    trie_rebalance(tp);
    return;
  }
  let slen = 0;
  for (let at: fib_alias | null = l.leaf; at !== null; at = at.fa_list) if (at.fa_slen > slen) slen = at.fa_slen;
  l.slen = slen;
  node_pull_suffix(l.parent, slen);
}

/** First alias of the leaf with this suffix, TOS and table whose metric is at least `prio`. */
export function fib_find_alias(
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

/** @notrace */
export function alias_of(fi: fib_info, cfg: fib_config, slen: u8, tb_id: u32): fib_alias {
  const fa = new fib_alias(fi);
  fa.fa_dscp = cfg.fc_dscp;
  fa.fa_type = cfg.fc_type;
  fa.fa_slen = slen;
  fa.tb_id = tb_id;
  return fa;
}

/** @notrace */
export function prepend_alias(l: key_vector, fa: fib_alias, new_fa: fib_alias): void {
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

/** Default routes of the best match, for fib_select_default(). @notrace */
export function fib_leaf_aliases(l: key_vector): fib_alias[] {
  const out: fib_alias[] = [];
  for (let fa = l.leaf; fa !== null; fa = fa.fa_list) out.push(fa);
  return out;
}
