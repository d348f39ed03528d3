// What a route means: its next hops, checked and shared (net/ipv4/fib_semantics.c). Left out: nexthop objects,
// light-weight tunnels, IPv6 gateways.

import { EINVAL, ENETDOWN, ENODEV } from '../../include/linux/errno.js';
import {
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MAX,
  RTN_MULTICAST,
  RTN_UNICAST,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_ONLINK,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
} from '../../include/linux/rtnetlink.js';
import { __in_dev_get_rtnl } from '../../include/linux/inetdevice.js';
import { IFF_UP, NETDEV_DOWN, NETDEV_UNREGISTER } from '../../include/linux/netdevice.js';
import type { net_device } from '../../include/linux/netdevice.js';
import { FIB_LOOKUP_IGNORE_LINKSTATE, fib_info, fib_lookup, fib_nh, fib_result } from '../../include/net/ip_fib.js';
import type { fib_config, fib_nh_common } from '../../include/net/ip_fib.js';
import { flowi4 } from '../../include/net/flow.js';
import type { net } from '../../include/net/net_namespace.js';
import { __dev_get_by_index, netif_carrier_ok } from '../core/dev.js';
import { NUD_REACHABLE, NUD_VALID } from '../../include/net/neighbour.js';
import { __ipv4_neigh_lookup_noref } from '../../include/net/arp.js';
import { inet_select_addr } from './devinet.js';
import { fib_get_table, inet_addr_type_dev_table, inet_addr_type_table } from './fib_frontend.js';
import { fib_props } from './fib_lookup.js';
import { fib_leaf_aliases, fib_table_lookup } from './fib_trie.js';
import { ip_fib_metrics_init } from './metrics.js';
import { rt_flush_dev_nh } from './route.js';
import { fib_multipath_hash } from './route.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import type { __be32, bool, int, u32, u8 } from '../../include/linux/types.js';

const AF_INET = 2;

/** Same content, same fib_info. @notrace */
function fib_info_hash_key(fi: fib_info): string {
  const nhs = fi.fib_nh.map(
    (nh) => `${nh.nhc_oif},${nh.nhc_gw4},${nh.nhc_scope},${nh.nhc_weight},${nh.nhc_flags & ~31}`,
  );
  const metrics = fi.fib_metrics === null ? '' : fi.fib_metrics.join(',');
  const id = [fi.fib_protocol, fi.fib_scope, fi.fib_prefsrc, fi.fib_priority, fi.fib_tb_id, fi.fib_type].join(',');
  return `${id}|${metrics}|${nhs.join(';')}`;
}

/** An equal fib_info of the namespace. */
function fib_find_info(fi: fib_info): fib_info | null {
  const chain = fi.fib_net.ipv4.fib_info_hash.get(fib_info_hash_key(fi));
  if (chain === undefined) return null;
  for (const at of chain) {
    if (((at.fib_flags ^ fi.fib_flags) & ~(RTNH_F_DEAD | RTNH_F_LINKDOWN)) === 0 && !at.fib_dead) return at;
  }
  return null;
}

/** Counts the table's reference down; the last one buries the route's information. */
export function fib_release_info(fi: fib_info): void {
  if (--fi.fib_treeref > 0) return;
  const map = fi.fib_net.ipv4.fib_info_hash;
  const chain = map.get(fi.fib_hash);
  if (chain !== undefined) {
    const at = chain.indexOf(fi);
    if (at >= 0) chain.splice(at, 1);
    if (chain.length === 0) map.delete(fi.fib_hash);
  }
  fi.fib_dead = true;
  for (const nh of fi.fib_nh) fib_nh_common_release(nh);
}

/** Lets go of what was cached at the hop. */
export function fib_nh_common_release(nhc: fib_nh_common): void {
  rt_flush_dev_nh(nhc);
}

/** @returns 0 if the request's hops are those of `fi` (or it names none), else 1 or -EINVAL */
export function fib_nh_match(_net: net, cfg: fib_config, fi: fib_info): int {
  if (cfg.fc_priority !== 0 && cfg.fc_priority !== fi.fib_priority) return 1;
  if (cfg.fc_oif !== 0 || cfg.fc_gw_family !== 0) {
    const nh = fi.fib_nh[0];
    if (cfg.fc_oif !== 0 && cfg.fc_oif !== nh.nhc_oif) return 1;
    if (cfg.fc_gw_family !== 0 && cfg.fc_gw4 !== nh.nhc_gw4) return 1;
    return 0;
  }
  if (cfg.fc_mp === null) return 0;
  for (let i = 0; i < cfg.fc_mp.length; i++) {
    const nh = fi.fib_nh[i];
    const want = cfg.fc_mp[i];
    if (nh === undefined) return -EINVAL;
    if (want.oif !== 0 && want.oif !== nh.nhc_oif) return 1;
    if (want.gw !== 0 && want.gw !== nh.nhc_gw4) return 1;
  }
  return 0;
}

/**
 * A gateway must be reached directly: over a route of narrower scope. Finds the hop's device by it.
 * @returns 0 or -EINVAL, -ENETUNREACH, -EHOSTUNREACH, -ENODEV, -ENETDOWN
 */
function fib_check_nh_v4_gw(net: net, nh: fib_nh, table: u32, scope: u8): int {
  if ((nh.nhc_flags & RTNH_F_ONLINK) !== 0) {
    if (scope >= RT_SCOPE_LINK) return -EINVAL;
    const dev = __dev_get_by_index(net, nh.nhc_oif);
    if (dev === null) return -ENODEV;
    if ((dev.flags & IFF_UP) === 0) return -ENETDOWN;
    if (inet_addr_type_dev_table(net, dev, nh.nhc_gw4) !== RTN_UNICAST) return -EINVAL;
    if (!netif_carrier_ok(dev)) nh.nhc_flags |= RTNH_F_LINKDOWN;
    nh.nhc_dev = dev;
    nh.nhc_scope = RT_SCOPE_LINK;
    return 0;
  }
  const fl4 = new flowi4();
  fl4.daddr = nh.nhc_gw4;
  fl4.flowi4_scope = scope + 1;
  fl4.flowi4_oif = nh.nhc_oif;
  fl4.flowi4_iif = 1;
  if (fl4.flowi4_scope < RT_SCOPE_LINK) fl4.flowi4_scope = RT_SCOPE_LINK;
  const res = new fib_result();
  let err = -EINVAL;
  const tbl = table !== 0 && table !== RT_TABLE_MAIN ? fib_get_table(net, table) : null;
  if (tbl !== null) err = fib_table_lookup(tbl, fl4, res, FIB_LOOKUP_IGNORE_LINKSTATE | 1);
  // A table of its own need not know the gateway: then the ordinary rules find it.
  if (tbl === null || err !== 0) err = fib_lookup(net, fl4, res, FIB_LOOKUP_IGNORE_LINKSTATE);
  if (err !== 0) return err;
  if (res.type !== RTN_UNICAST && res.type !== RTN_LOCAL) return -EINVAL;
  const nhc = res.nhc as fib_nh_common;
  const dev = nhc.nhc_dev;
  if (dev === null) return -ENODEV;
  nh.nhc_scope = res.scope;
  nh.nhc_oif = nhc.nhc_oif;
  nh.nhc_dev = dev;
  if (!netif_carrier_ok(dev)) nh.nhc_flags |= RTNH_F_LINKDOWN;
  return (dev.flags & IFF_UP) !== 0 ? 0 : -ENETDOWN;
}

/** @returns 0 or a negative errno */
function fib_check_nh_nongw(net: net, nh: fib_nh): int {
  if ((nh.nhc_flags & RTNH_F_ONLINK) !== 0) return -EINVAL;
  const dev = __dev_get_by_index(net, nh.nhc_oif);
  if (dev === null || __in_dev_get_rtnl(dev) === null) return -ENODEV;
  if ((dev.flags & IFF_UP) === 0) return -ENETDOWN;
  nh.nhc_dev = dev;
  nh.nhc_scope = RT_SCOPE_HOST;
  if (!netif_carrier_ok(dev)) nh.nhc_flags |= RTNH_F_LINKDOWN;
  return 0;
}

/** @returns 0 or a negative errno */
export function fib_check_nh(net: net, nh: fib_nh, table: u32, scope: u8): int {
  return nh.nhc_gw_family === AF_INET ? fib_check_nh_v4_gw(net, nh, table, scope) : fib_check_nh_nongw(net, nh);
}

/** Source address that packets over this hop get. */
export function fib_info_update_nhc_saddr(net: net, nhc: fib_nh_common, scope: u8): __be32 {
  const nh = nhc as fib_nh;
  nh.nh_saddr = inet_select_addr(nhc.nhc_dev as net_device, nhc.nhc_gw4, scope);
  nh.nh_saddr_genid = net.ipv4.dev_addr_genid;
  return nh.nh_saddr;
}

/** Source address for a looked-up route: the one it prefers, else the hop's. */
export function fib_result_prefsrc(net: net, res: fib_result): __be32 {
  const fi = res.fi as fib_info;
  if (fi.fib_prefsrc !== 0) return fi.fib_prefsrc;
  const nh = res.nhc as fib_nh;
  if (nh.nh_saddr_genid === net.ipv4.dev_addr_genid) return nh.nh_saddr;
  return fib_info_update_nhc_saddr(net, nh, fi.fib_scope);
}

function fib_valid_prefsrc(cfg: fib_config, fib_prefsrc: __be32): bool {
  if (cfg.fc_type === RTN_LOCAL && cfg.fc_dst !== 0 && fib_prefsrc === cfg.fc_dst) return true;
  const net = cfg.fc_nlinfo.nl_net as net;
  let rc = inet_addr_type_table(net, fib_prefsrc, cfg.fc_table);
  if (rc !== RTN_LOCAL && cfg.fc_table !== RT_TABLE_LOCAL) rc = inet_addr_type_table(net, fib_prefsrc, RT_TABLE_LOCAL);
  return rc === RTN_LOCAL;
}

/** Shares out the hash space among the hops by weight. */
export function fib_rebalance(fi: fib_info): void {
  if (fi.fib_nhs < 2) return;
  let total = 0;
  for (const nh of fi.fib_nh) if ((nh.nhc_flags & RTNH_F_DEAD) === 0) total += nh.nhc_weight;
  let w = 0;
  for (const nh of fi.fib_nh) {
    if ((nh.nhc_flags & RTNH_F_DEAD) !== 0) nh.nhc_upper_bound = -1;
    else {
      w += nh.nhc_weight;
      nh.nhc_upper_bound = Math.round((w * 0x80000000) / total) - 1;
    }
  }
}

/** @notrace */
function nh_of(oif: int, gw: __be32, gw_family: u8, flags: u32, weight: int): fib_nh {
  const nh = new fib_nh();
  nh.nhc_oif = oif;
  nh.nhc_gw4 = gw;
  nh.nhc_gw_family = gw_family;
  nh.nhc_flags = flags & ~(RTNH_F_DEAD | RTNH_F_LINKDOWN);
  nh.nhc_weight = weight;
  return nh;
}

/** @returns what a route says, shared with equal ones and one reference more; or a negative errno */
export function fib_create_info(cfg: fib_config): fib_info | int {
  const net = cfg.fc_nlinfo.nl_net as net;
  if (cfg.fc_type > RTN_MAX) return -EINVAL;
  if (fib_props[cfg.fc_type].scope > cfg.fc_scope) return -EINVAL;
  if ((cfg.fc_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) !== 0) return -EINVAL;

  const fi = new fib_info(net);
  fi.fib_protocol = cfg.fc_protocol;
  fi.fib_scope = cfg.fc_scope;
  fi.fib_flags = cfg.fc_flags;
  fi.fib_priority = cfg.fc_priority;
  fi.fib_prefsrc = cfg.fc_prefsrc;
  fi.fib_type = cfg.fc_type;
  fi.fib_tb_id = cfg.fc_table;
  const metrics = ip_fib_metrics_init(cfg);
  if (typeof metrics === 'number') return metrics;
  fi.fib_metrics = metrics;

  if (cfg.fc_mp !== null) {
    for (const hop of cfg.fc_mp) {
      fi.fib_nh.push(nh_of(hop.oif, hop.gw, hop.gw !== 0 ? AF_INET : 0, hop.flags, hop.weight));
    }
    if (fi.fib_nh.length === 0) return -EINVAL;
  } else fi.fib_nh.push(nh_of(cfg.fc_oif, cfg.fc_gw4, cfg.fc_gw_family, cfg.fc_flags, 1));
  fi.fib_nhs = fi.fib_nh.length;
  for (const nh of fi.fib_nh) nh.nh_parent = fi;

  if (fib_props[cfg.fc_type].error !== 0) {
    if (cfg.fc_gw_family !== 0 || cfg.fc_oif !== 0 || cfg.fc_mp !== null) return -EINVAL;
    fi.fib_nh[0].nhc_scope = RT_SCOPE_NOWHERE;
    return fib_link_info(fi);
  }
  switch (cfg.fc_type) {
    case RTN_UNICAST:
    case RTN_LOCAL:
    case RTN_BROADCAST:
    case 4:
    case RTN_MULTICAST:
      break;
    default:
      return -EINVAL;
  }
  if (cfg.fc_scope > RT_SCOPE_HOST) return -EINVAL;

  if (cfg.fc_scope === RT_SCOPE_HOST) {
    const nh = fi.fib_nh[0];
    // A local address has one hop, without gateway.
    if (fi.fib_nhs !== 1 || nh.nhc_gw_family !== 0) return -EINVAL;
    nh.nhc_scope = RT_SCOPE_NOWHERE;
    nh.nhc_dev = __dev_get_by_index(net, nh.nhc_oif);
    if (nh.nhc_dev === null) return -ENODEV;
  } else {
    let linkdown = 0;
    for (const nh of fi.fib_nh) {
      const err = fib_check_nh(net, nh, cfg.fc_table, cfg.fc_scope);
      if (err !== 0) return err;
      if ((nh.nhc_flags & RTNH_F_LINKDOWN) !== 0) linkdown++;
    }
    if (linkdown === fi.fib_nhs) fi.fib_flags |= RTNH_F_LINKDOWN;
  }
  if (fi.fib_prefsrc !== 0 && !fib_valid_prefsrc(cfg, fi.fib_prefsrc)) return -EINVAL;
  for (const nh of fi.fib_nh) fib_info_update_nhc_saddr(net, nh, fi.fib_scope);
  fib_rebalance(fi);
  return fib_link_info(fi);
}

/** @notrace */
function fib_link_info(fi: fib_info): fib_info {
  const ofi = fib_find_info(fi);
  if (ofi !== null) {
    ofi.fib_treeref++;
    return ofi;
  }
  fi.fib_treeref++;
  fi.fib_clntref = 1;
  const key = fib_info_hash_key(fi);
  fi.fib_hash = key;
  const chain = fi.fib_net.ipv4.fib_info_hash.get(key);
  if (chain === undefined) fi.fib_net.ipv4.fib_info_hash.set(key, [fi]);
  else chain.push(fi);
  return fi;
}

/** @notrace */
function all_infos(net: net): fib_info[] {
  return [...net.ipv4.fib_info_hash.values()].flat();
}

/** A local address went: routes that prefer it die. @returns how many */
export function fib_sync_down_addr(dev: net_device, local: __be32): int {
  const net = dev.nd_net;
  let ret = 0;
  if (local === 0) return 0;
  for (const fi of all_infos(net)) {
    if (fi.fib_tb_id === RT_TABLE_LOCAL && fi.fib_type === RTN_LOCAL) continue;
    if (fi.fib_prefsrc === local) {
      fi.fib_flags |= RTNH_F_DEAD;
      ret++;
    }
  }
  return ret;
}

/**
 * A device went down, or lost its carrier (NETDEV_CHANGE): so do the hops over it.
 * @param force also hops that are local
 * @returns how many routes died
 */
export function fib_sync_down_dev(dev: net_device, event: number, force: bool): int {
  let ret = 0;
  for (const fi of all_infos(dev.nd_net)) {
    let dead = 0;
    let mine = false;
    for (const nh of fi.fib_nh) {
      if ((nh.nhc_flags & RTNH_F_DEAD) !== 0) dead++;
      else if (nh.nhc_dev === dev && (force || nh.nhc_scope !== RT_SCOPE_NOWHERE || fi.fib_type !== RTN_LOCAL)) {
        mine = true;
        if (event === NETDEV_DOWN || event === NETDEV_UNREGISTER) nh.nhc_flags |= RTNH_F_DEAD;
        nh.nhc_flags |= RTNH_F_LINKDOWN;
        rt_flush_dev_nh(nh);
        dead++;
      }
    }
    if (mine && dead === fi.fib_nhs) {
      if (event === NETDEV_DOWN || event === NETDEV_UNREGISTER) fi.fib_flags |= RTNH_F_DEAD;
      fi.fib_flags |= RTNH_F_LINKDOWN;
      ret++;
    }
    fib_rebalance(fi);
  }
  return ret;
}

/** The device is back. @param nh_flags RTNH_F_DEAD | RTNH_F_LINKDOWN, or the latter alone @returns how many live */
export function fib_sync_up(dev: net_device, nh_flags: u32): int {
  if ((dev.flags & IFF_UP) === 0) return 0;
  let ret = 0;
  for (const fi of all_infos(dev.nd_net)) {
    let alive = 0;
    for (const nh of fi.fib_nh) {
      if ((nh.nhc_flags & nh_flags) === 0) alive++;
      else if (nh.nhc_dev === dev) {
        nh.nhc_flags &= ~nh_flags;
        alive++;
      }
    }
    if (alive > 0 && (fi.fib_flags & nh_flags) !== 0) {
      fi.fib_flags &= ~nh_flags;
      ret++;
    }
    fib_rebalance(fi);
  }
  return ret;
}

/** Whether the neighbour of a default route is not known to be silent. */
function fib_detect_death(fi: fib_info): bool {
  const nhc = fi.fib_nh[0];
  if (nhc.nhc_gw_family === 0 || nhc.nhc_dev === null) return false;
  const n = __ipv4_neigh_lookup_noref(nhc.nhc_dev, nhc.nhc_gw4);
  const state = n === null ? 0 : n.nud_state;
  return state !== NUD_REACHABLE && (state & NUD_VALID) === 0;
}

/** Among several equal default routes the one whose gateway answers. */
export function fib_select_default(_flp: flowi4, res: fib_result): void {
  if (res.fa_head === null) return;
  let last_resort: fib_info | null = null;
  let first: fib_info | null = null;
  for (const fa of fib_leaf_aliases(res.fa_head)) {
    const next_fi = fa.fa_info;
    if (fa.fa_slen !== 32 - res.prefixlen || fa.tb_id !== (res.table?.tb_id ?? 0)) continue;
    if (next_fi.fib_priority > (res.fi as fib_info).fib_priority && first !== null) break;
    if (next_fi.fib_scope !== res.scope || fa.fa_type !== RTN_UNICAST) continue;
    if (next_fi.fib_nh[0].nhc_gw_family === 0 || next_fi.fib_nh[0].nhc_scope !== RT_SCOPE_LINK) continue;
    if ((next_fi.fib_flags & RTNH_F_DEAD) !== 0) continue;
    first ??= next_fi;
    if (!fib_detect_death(next_fi)) {
      last_resort = next_fi;
      break;
    }
  }
  const chosen = last_resort ?? first;
  if (chosen !== null && chosen !== res.fi) {
    res.fi = chosen;
    res.nhc = chosen.fib_nh[0];
  }
}

/** The hop of a multipath route to which the flow's hash leads. */
export function fib_select_multipath(res: fib_result, hash: int): void {
  const fi = res.fi as fib_info;
  for (let nhsel = 0; nhsel < fi.fib_nhs; nhsel++) {
    const nh = fi.fib_nh[nhsel];
    if ((nh.nhc_flags & RTNH_F_DEAD) !== 0 || hash > nh.nhc_upper_bound) continue;
    res.nh_sel = nhsel;
    res.nhc = nh;
    return;
  }
}

/** Settles on one hop where the route leaves a choice, and on a source address. */
export function fib_select_path(net: net, res: fib_result, fl4: flowi4, skb: sk_buff | null): void {
  const fi = res.fi as fib_info;
  if (fl4.flowi4_oif === 0 || fi.fib_nhs > 1) {
    if (fi.fib_nhs > 1) fib_select_multipath(res, fib_multipath_hash(net, fl4, skb));
    else if (res.prefixlen === 0 && res.table !== null && res.table.tb_num_default > 1 && res.type === RTN_UNICAST) {
      fib_select_default(fl4, res);
    }
  }
  if (fl4.saddr === 0) fl4.saddr = fib_result_prefsrc(net, res);
}
