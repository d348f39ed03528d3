// Longest prefix match (net/ipv4/fib_trie.c).

import { ntohl, htonl } from '../../../include/linux/byteorder.js';
import { EAGAIN } from '../../../include/linux/errno.js';
import { RTNH_F_DEAD, RTNH_F_LINKDOWN } from '../../../include/linux/rtnetlink.js';
import { IN_DEV_IGNORE_ROUTES_WITH_LINKDOWN, __in_dev_get_rcu } from '../../../include/linux/inetdevice.js';
import { FIB_LOOKUP_IGNORE_LINKSTATE, FIB_LOOKUP_NOREF, fib_info_nhc, fib_table } from '../../../include/net/ip_fib.js';
import type { fib_nh_common, fib_result } from '../../../include/net/ip_fib.js';
import type { flowi4 } from '../../../include/net/flow.js';
import { trace_fib_table_lookup } from '../../../include/trace/events/fib.js';
import { fib_props, key_vector } from '../fib_lookup.js';
import type { bool, int, s32 } from '../../../include/linux/types.js';
import { KEYLENGTH, get_index } from './node.js';

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
  const key = ntohl(flp.daddr) | 0;
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
function check_leaf(tb: fib_table, n: key_vector, key: s32, flp: flowi4, res: fib_result, fib_flags: int): int {
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
