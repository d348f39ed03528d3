// The forwarding information base (include/net/ip_fib.h). Nexthop objects, realms and multipath by policy other than
// layer 3 are left out.

import { EAGAIN, ENETUNREACH } from '../linux/errno.js';
import { __fib_lookup } from '../../net/ipv4/fib_rules.js';
import { fib_table_lookup } from '../../net/ipv4/fib_trie.js';
import type { flowi4 } from './flow.js';
import type { rtable } from './route.js';
import type { net_device } from '../linux/netdevice.js';
import type { net } from './net_namespace.js';
import type { __be32, bool, int, refcount_t, u32, u8 } from '../linux/types.js';
import type { key_vector } from '../../net/ipv4/fib_lookup.js';

/** What `ip route add` says (struct fib_config). */
export class fib_config {
  fc_dst_len: u8 = 0;
  fc_dscp: u8 = 0;
  fc_protocol: u8 = 0;
  fc_scope: u8 = 0;
  fc_type: u8 = 0;
  fc_gw_family: u8 = 0;
  fc_table: u32 = 0;
  fc_dst: __be32 = 0;
  fc_gw4: __be32 = 0;
  fc_oif: int = 0;
  fc_flags: u32 = 0;
  fc_priority: u32 = 0;
  fc_prefsrc: __be32 = 0;
  /** metrics by RTAX_* number less one; null for none */
  fc_mx: u32[] | null = null;
  fc_mx_lock: u32 = 0;
  /** further hops of a multipath route */
  fc_mp: { gw: __be32; oif: int; weight: int; flags: u32 }[] | null = null;
  fc_nlflags: u32 = 0;
  fc_nlinfo: { nl_net: net | null; skip_notify: bool } = { nl_net: null, skip_notify: false };
}

export const FNHE_HASH_SHIFT = 11;
export const FNHE_HASH_SIZE = 1 << FNHE_HASH_SHIFT;
export const FNHE_RECLAIM_DEPTH = 5;

/** What ICMP taught about one destination: a smaller MTU, a better gateway (struct fib_nh_exception). */
export class fib_nh_exception {
  fnhe_next: fib_nh_exception | null = null;
  fnhe_genid: int = 0;
  fnhe_daddr: __be32 = 0;
  fnhe_pmtu: u32 = 0;
  fnhe_mtu_locked: bool = false;
  fnhe_gw: __be32 = 0;
  /** jiffies, 0 for never */
  fnhe_expires = 0;
  fnhe_rth_input: rtable | null = null;
  fnhe_rth_output: rtable | null = null;
  fnhe_stamp = 0;
}

export class fnhe_hash_bucket {
  chain: fib_nh_exception | null = null;
}

/** A next hop (struct fib_nh with its fib_nh_common). */
export class fib_nh_common {
  nhc_dev: net_device | null = null;
  nhc_oif: int = 0;
  nhc_scope: u8 = 0;
  nhc_family: u8 = 2;
  nhc_gw_family: u8 = 0;
  nhc_flags: u32 = 0;
  nhc_gw4: __be32 = 0;
  nhc_weight: int = 1;
  /** upper bound of the part of the hash space that belongs to this hop; -1 for none */
  nhc_upper_bound: int = 0;
  /** routes cached for output and for input; they live until the table's generation changes */
  nhc_pcpu_rth_output: rtable | null = null;
  nhc_rth_input: rtable | null = null;
  /** exceptions by destination, allocated at the first */
  nhc_exceptions: Map<number, fnhe_hash_bucket> | null = null;
}

export class fib_nh extends fib_nh_common {
  nh_parent: fib_info | null = null;
  nh_saddr: __be32 = 0;
  nh_saddr_genid: int = -1;
  nh_tclassid: u32 = 0;

  get nh_common(): fib_nh_common {
    return this;
  }
  get fib_nh_dev(): net_device | null {
    return this.nhc_dev;
  }
  get fib_nh_oif(): int {
    return this.nhc_oif;
  }
  get fib_nh_flags(): u32 {
    return this.nhc_flags;
  }
  get fib_nh_gw4(): __be32 {
    return this.nhc_gw4;
  }
  get fib_nh_scope(): u8 {
    return this.nhc_scope;
  }
}

export class fib_info {
  fib_net: net;
  fib_treeref: int = 0;
  fib_clntref: refcount_t = 0;
  /** key of its content in netns_ipv4.fib_info_hash (the kernel's fib_hash links it in a table) */
  fib_hash = '';
  fib_flags: u32 = 0;
  fib_dead: bool = false;
  fib_protocol: u8 = 0;
  fib_scope: u8 = 0;
  fib_type: u8 = 0;
  fib_prefsrc: __be32 = 0;
  fib_tb_id: u32 = 0;
  fib_priority: u32 = 0;
  fib_metrics: Float64Array | null = null;
  fib_nhs: int = 1;
  fib_nh_is_v6: bool = false;
  fib_nh: fib_nh[] = [];

  constructor(fib_net: net) {
    this.fib_net = fib_net;
  }
  get fib_dev(): net_device | null {
    return this.fib_nh[0].nhc_dev;
  }
}

/** An entry of a table's leaf: one route to the leaf's prefix (struct fib_alias). */
export class fib_alias {
  fa_list: fib_alias | null = null;
  fa_info: fib_info;
  fa_dscp: u8 = 0;
  fa_type: u8 = 0;
  fa_state: u8 = 0;
  /** 32 less the prefix length */
  fa_slen: u8 = 0;
  tb_id: u32 = 0;
  fa_default: int = -1;

  constructor(fa_info: fib_info) {
    this.fa_info = fa_info;
  }
}

export class fib_result {
  prefix: __be32 = 0;
  prefixlen: u8 = 0;
  nh_sel: u8 = 0;
  type: u8 = 0;
  scope: u8 = 0;
  tclassid: u32 = 0;
  dscp: u8 = 0;
  nhc: fib_nh_common | null = null;
  fi: fib_info | null = null;
  table: fib_table | null = null;
  /** the leaf's entries, for fib_select_default() */
  fa_head: key_vector | null = null;
}

export class fib_table {
  tb_id: u32;
  tb_num_default: int = 0;
  tb_data: key_vector;
  /** number of leaves and of entries */
  tb_leafs: int = 0;

  constructor(id: u32, tb_data: key_vector) {
    this.tb_id = id;
    this.tb_data = tb_data;
  }
}

/** fib_lookup() flags */
export const FIB_LOOKUP_NOREF = 1;
export const FIB_LOOKUP_IGNORE_LINKSTATE = 2;

/** @notrace */
export function FIB_RES_NHC(res: fib_result): fib_nh_common {
  return res.nhc as fib_nh_common;
}
/** @notrace */
export function FIB_RES_DEV(res: fib_result): net_device | null {
  return (res.nhc as fib_nh_common).nhc_dev;
}
/** @notrace */
export function FIB_RES_OIF(res: fib_result): int {
  return (res.nhc as fib_nh_common).nhc_oif;
}
/** @notrace */
export function fib_info_num_path(fi: fib_info): int {
  return fi.fib_nhs;
}
/** @notrace */
export function fib_info_nhc(fi: fib_info, nhsel: int): fib_nh_common {
  return fi.fib_nh[nhsel];
}

/**
 * Finds the route of a flow: in the tables that the policy rules name, or, without rules, in main and default.
 * @param res filled in on success
 * @returns 0, -ENETUNREACH, or the error of a route that forbids
 */
export function fib_lookup(net: net, flp: flowi4, res: fib_result, flags: int): int {
  flags |= FIB_LOOKUP_NOREF;
  if (net.ipv4.fib_has_custom_rules) return __fib_lookup(net, flp, res, flags);
  let err = -EAGAIN;
  const main = net.ipv4.fib_main;
  if (main !== null) err = fib_table_lookup(main, flp, res, flags);
  if (err === -EAGAIN && net.ipv4.fib_default !== null) err = fib_table_lookup(net.ipv4.fib_default, flp, res, flags);
  return err === -EAGAIN ? -ENETUNREACH : err;
}
