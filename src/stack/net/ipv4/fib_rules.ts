// Policy routing: which table a look-up reads (net/ipv4/fib_rules.c, the part of net/core/fib_rules.c that it uses).

import { EACCES, EAGAIN, EEXIST, ENETUNREACH, ENOENT } from '../../include/linux/errno.js';
import { RT_TABLE_DEFAULT, RT_TABLE_LOCAL, RT_TABLE_MAIN } from '../../include/linux/rtnetlink.js';
import {
  FR_ACT_BLACKHOLE,
  FR_ACT_PROHIBIT,
  FR_ACT_TO_TBL,
  FR_ACT_UNREACHABLE,
  fib4_rule,
  fib_rules_ops,
} from '../../include/net/fib_rules.js';
import type { fib_result } from '../../include/net/ip_fib.js';
import type { flowi4 } from '../../include/net/flow.js';
import type { net } from '../../include/net/net_namespace.js';
import { __dev_get_by_index } from '../core/dev.js';
import { fib_get_table, fib_unmerge } from './fib_frontend.js';
import { fib_table_lookup } from './fib_trie.js';
import { rt_cache_flush } from './route.js';
import type { bool, int } from '../../include/linux/types.js';

/** Whether the flow is one that the rule is about. */
export function fib4_rule_match(net: net, rule: fib4_rule, fl4: flowi4): bool {
  if (((fl4.saddr ^ rule.src) & rule.srcmask) !== 0 || ((fl4.daddr ^ rule.dst) & rule.dstmask) !== 0) return false;
  if (rule.dscp !== 0 && rule.dscp !== fl4.flowi4_dscp) return false;
  if (rule.ip_proto !== 0 && rule.ip_proto !== fl4.flowi4_proto) return false;
  if (((rule.mark ^ fl4.flowi4_mark) & rule.mark_mask) !== 0) return false;
  if (rule.iifname !== '' && __dev_get_by_index(net, fl4.flowi4_iif)?.name !== rule.iifname) return false;
  return rule.oifname === '' || __dev_get_by_index(net, fl4.flowi4_oif)?.name === rule.oifname;
}

/** @returns 0, -EAGAIN: look on, or the error that the rule gives */
export function fib4_rule_action(net: net, rule: fib4_rule, flp: flowi4, res: fib_result, flags: int): int {
  switch (rule.action) {
    case FR_ACT_TO_TBL:
      break;
    case FR_ACT_UNREACHABLE:
      return -ENETUNREACH;
    case FR_ACT_PROHIBIT:
      return -EACCES;
    case FR_ACT_BLACKHOLE:
      return -22;
    default:
      return -EAGAIN;
  }
  const tbl = fib_get_table(net, rule.table);
  if (tbl === null) return -EAGAIN;
  const err = fib_table_lookup(tbl, flp, res, flags);
  if (err === 0 && rule.suppress_prefixlen >= 0 && res.prefixlen <= rule.suppress_prefixlen) return -EAGAIN;
  return err;
}

/** Look-up by the rules, in the order of their preference. @returns 0, -ENETUNREACH or a rule's or route's error */
export function __fib_lookup(net: net, flp: flowi4, res: fib_result, flags: int): int {
  const ops = net.ipv4.rules_ops as fib_rules_ops;
  for (const rule of ops.rules_list) {
    if (!fib4_rule_match(net, rule, flp)) continue;
    const err = fib4_rule_action(net, rule, flp, res, flags);
    if (err !== -EAGAIN) return err;
  }
  return -ENETUNREACH;
}

/** `ip rule add`. @returns 0 or -EEXIST */
export function fib4_rule_add(net: net, rule: fib4_rule): int {
  const ops = net.ipv4.rules_ops as fib_rules_ops;
  if (ops.rules_list.some((at) => JSON.stringify(at) === JSON.stringify(rule))) return -EEXIST;
  fib_unmerge(net);
  let at = ops.rules_list.findIndex((r) => r.pref > rule.pref);
  if (at < 0) at = ops.rules_list.length;
  ops.rules_list.splice(at, 0, rule);
  net.ipv4.fib_has_custom_rules = true;
  rt_cache_flush(net);
  return 0;
}

/** `ip rule del`. @param match fields that a rule must have @returns 0 or -ENOENT */
export function fib4_rule_del(net: net, match: Partial<fib4_rule>): int {
  const ops = net.ipv4.rules_ops as fib_rules_ops;
  const keys = Object.keys(match) as (keyof fib4_rule)[];
  const at = ops.rules_list.findIndex((rule) => keys.every((key) => rule[key] === match[key]));
  if (at < 0) return -ENOENT;
  ops.rules_list.splice(at, 1);
  fib_unmerge(net);
  net.ipv4.fib_has_custom_rules = true;
  rt_cache_flush(net);
  return 0;
}

/** The three rules that every host begins with. */
export function fib4_rules_init(net: net): int {
  const ops = new fib_rules_ops();
  for (const [pref, table] of [
    [0, RT_TABLE_LOCAL],
    [0x7ffe, RT_TABLE_MAIN],
    [0x7fff, RT_TABLE_DEFAULT],
  ]) {
    const rule = new fib4_rule();
    rule.pref = pref;
    rule.table = table;
    ops.rules_list.push(rule);
  }
  net.ipv4.rules_ops = ops;
  net.ipv4.fib_has_custom_rules = false;
  return 0;
}
