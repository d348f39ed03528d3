// Tables by number, and what kind of address one is (net/ipv4/fib_frontend.c).

import { ipv4_is_lbcast, ipv4_is_multicast, ipv4_is_zeronet } from '../../../include/linux/in.js';
import { __in_dev_get_rcu, __in_dev_get_rtnl } from '../../../include/linux/inetdevice.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import {
  RTN_BROADCAST,
  RTN_MULTICAST,
  RTN_UNICAST,
  RT_TABLE_DEFAULT,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
} from '../../../include/linux/rtnetlink.js';
import { FIB_LOOKUP_NOREF, fib_result } from '../../../include/net/ip_fib.js';
import type { fib_nh_common, fib_table } from '../../../include/net/ip_fib.js';
import { flowi4 } from '../../../include/net/flow.js';
import type { net } from '../../../include/net/net_namespace.js';
import { __dev_get_by_name } from '../../core/dev.js';
import { fib4_rules_init } from '../fib_rules.js';
import { fib_table_flush, fib_table_lookup, fib_trie_table, fib_trie_unmerge } from '../fib_trie.js';
import { rt_cache_flush } from '../route.js';
import type { Kernel } from '../../../kernel/kernel.js';
import type { __be32, int, u32 } from '../../../include/linux/types.js';

export function fib_new_table(net: net, id: u32): fib_table {
  if (id === 0) id = RT_TABLE_MAIN;
  const old = fib_get_table(net, id);
  if (old !== null) return old;
  // Without rules a look-up in main finds local routes too: both tables stand in one trie.
  const alias = id === RT_TABLE_LOCAL && !net.ipv4.fib_has_custom_rules ? fib_new_table(net, RT_TABLE_MAIN) : null;
  const tb = fib_trie_table(id, alias);
  if (id === RT_TABLE_MAIN) net.ipv4.fib_main = tb;
  else if (id === RT_TABLE_DEFAULT) net.ipv4.fib_default = tb;
  net.ipv4.fib_table_hash.set(id, tb);
  return tb;
}

/** @EXPORT_SYMBOL */
export function fib_get_table(net: net, id: u32): fib_table | null {
  return net.ipv4.fib_table_hash.get(id === 0 ? RT_TABLE_MAIN : id) ?? null;
}

/** Parts the local table from main, before the first rule. */
export function fib_unmerge(net: net): int {
  const local = fib_get_table(net, RT_TABLE_LOCAL);
  const main = fib_get_table(net, RT_TABLE_MAIN);
  if (local === null || main === null) return 0;
  net.ipv4.fib_table_hash.set(RT_TABLE_LOCAL, fib_trie_unmerge(local, main));
  return 0;
}

export function fib_flush(net: net): void {
  let flushed = 0;
  for (const tb of net.ipv4.fib_table_hash.values()) flushed += fib_table_flush(net, tb, false);
  if (flushed > 0) rt_cache_flush(net);
}

/** Type (RTN_*) of an address: local, broadcast, multicast, or unicast for all that is elsewhere. */
export function __inet_dev_addr_type(net: net, dev: net_device | null, addr: __be32, tb_id: u32): int {
  if (ipv4_is_zeronet(addr) || ipv4_is_lbcast(addr)) return RTN_BROADCAST;
  if (ipv4_is_multicast(addr)) return RTN_MULTICAST;
  const table = fib_get_table(net, tb_id);
  if (table === null) return RTN_UNICAST;
  const fl4 = new flowi4();
  fl4.daddr = addr;
  const res = new fib_result();
  if (fib_table_lookup(table, fl4, res, FIB_LOOKUP_NOREF) !== 0) return RTN_UNICAST;
  // The shared trie gives main's routes too, of which none says that an address is ours.
  if (dev === null || (res.nhc as fib_nh_common).nhc_dev === dev) return res.type;
  return RTN_UNICAST;
}

/** @EXPORT_SYMBOL */
export function inet_addr_type_table(net: net, addr: __be32, tb_id: u32): int {
  return __inet_dev_addr_type(net, null, addr, tb_id);
}

/** @EXPORT_SYMBOL */
export function inet_addr_type(net: net, addr: __be32): int {
  return __inet_dev_addr_type(net, null, addr, RT_TABLE_LOCAL);
}

/** @EXPORT_SYMBOL */
export function inet_dev_addr_type(net: net, dev: net_device, addr: __be32): int {
  return __inet_dev_addr_type(net, dev, addr, RT_TABLE_LOCAL);
}

/** @EXPORT_SYMBOL */
export function inet_addr_type_dev_table(net: net, _dev: net_device | null, addr: __be32): int {
  return __inet_dev_addr_type(net, null, addr, RT_TABLE_LOCAL);
}

export function ip_fib_net_init(net: net): int {
  fib4_rules_init(net);
  fib_new_table(net, RT_TABLE_LOCAL);
  return 0;
}

export function ip_fib_init(kernel: Kernel): void {
  ip_fib_net_init(kernel.init_net);
}
