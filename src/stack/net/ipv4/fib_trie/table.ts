// Tables: routes added, taken out, listed (net/ipv4/fib_trie.c).

import { ntohl, htonl } from '../../../include/linux/byteorder.js';
import { EEXIST, EINVAL, ENOENT, ESRCH } from '../../../include/linux/errno.js';
import {
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  RTNH_F_DEAD,
  RT_SCOPE_NOWHERE,
  RT_TABLE_LOCAL,
} from '../../../include/linux/rtnetlink.js';
import { __in_dev_get_rcu } from '../../../include/linux/inetdevice.js';
import { fib_alias, fib_table } from '../../../include/net/ip_fib.js';
import type { fib_config } from '../../../include/net/ip_fib.js';
import type { net } from '../../../include/net/net_namespace.js';
import { fib_create_info, fib_nh_match, fib_release_info } from '../fib_semantics.js';
import { key_vector } from '../fib_lookup.js';
import { rt_cache_flush } from '../route.js';
import type { bool, int, u32, u8 } from '../../../include/linux/types.js';
import { alias_of, fib_find_alias, fib_insert_alias, fib_remove_alias, prepend_alias } from './alias.js';
import { KEYLENGTH, fib_find_node, suffix_mask } from './node.js';

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
function inserted(net: net, tb: fib_table, plen: u8): int {
  tb.tb_leafs++;
  if (plen === 0) tb.tb_num_default++;
  rt_cache_flush(net);
  return 0;
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
