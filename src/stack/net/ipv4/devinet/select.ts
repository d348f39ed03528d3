// Which address, which device (net/ipv4/devinet.c).

import {
  IFA_F_SECONDARY,
  __in_dev_get_rtnl,
  __in_dev_get_rcu,
  in_device,
  in_ifaddr,
  inet_ifa_match,
} from '../../../include/linux/inetdevice.js';
import type { net_device } from '../../../include/linux/netdevice.js';
import type { net } from '../../../include/net/net_namespace.js';
import { RT_SCOPE_LINK, RTN_LOCAL } from '../../../include/linux/rtnetlink.js';
import { FIB_LOOKUP_NOREF, fib_result } from '../../../include/net/ip_fib.js';
import type { fib_nh_common } from '../../../include/net/ip_fib.js';
import { flowi4 } from '../../../include/net/flow.js';
import { RT_TABLE_LOCAL } from '../../../include/linux/rtnetlink.js';
import { __dev_get_by_name } from '../../core/dev.js';
import { fib_get_table } from '../fib_frontend.js';
import { fib_table_lookup } from '../fib_trie.js';
import type { __be32, bool, int } from '../../../include/linux/types.js';

/** The address of ours, or null. @EXPORT_SYMBOL */
export function inet_lookup_ifaddr_rcu(net: net, addr: __be32): in_ifaddr | null {
  for (const dev of net.dev_base_head) {
    const in_dev = dev.ip_ptr;
    if (in_dev === null) continue;
    for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) if (ifa.ifa_local === addr) return ifa;
  }
  return null;
}

/** The device that has the address, or, of 127/8, the loopback. @EXPORT_SYMBOL */
export function __ip_dev_find(net: net, addr: __be32, _devref: bool): net_device | null {
  const ifa = inet_lookup_ifaddr_rcu(net, addr);
  if (ifa !== null) return ifa.ifa_dev.dev;
  // Addresses that are ours by a local route alone.
  const local = fib_get_table(net, RT_TABLE_LOCAL);
  if (local === null) return null;
  const fl4 = new flowi4();
  fl4.daddr = addr;
  const res = new fib_result();
  if (fib_table_lookup(local, fl4, res, FIB_LOOKUP_NOREF) === 0 && res.type === RTN_LOCAL) {
    return (res.nhc as fib_nh_common).nhc_dev;
  }
  return null;
}

/** @notrace */
export function ip_dev_find(net: net, addr: __be32): net_device | null {
  return __ip_dev_find(net, addr, true);
}

/** Whether both addresses are in one subnet of the device; b 0: whether a is in any. */
export function inet_addr_onlink(in_dev: in_device, a: __be32, b: __be32): bool {
  for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
    if (inet_ifa_match(a, ifa) && (b === 0 || inet_ifa_match(b, ifa))) return true;
  }
  return false;
}

/** The device's address with that prefix. */
export function inet_ifa_byprefix(in_dev: in_device, prefix: __be32, mask: __be32): in_ifaddr | null {
  for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
    if (ifa.ifa_mask === mask && inet_ifa_match(prefix, ifa)) return ifa;
  }
  return null;
}

/** Source address that the device gives to packets for `dst`: of the subnet that it is in, else the first. @EXPORT_SYMBOL */
export function inet_select_addr(dev: net_device, dst: __be32, scope: int): __be32 {
  const net = dev.nd_net;
  const in_dev = __in_dev_get_rcu(dev);
  if (in_dev === null) return 0;
  let addr = 0;
  for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
    if ((ifa.ifa_flags & IFA_F_SECONDARY) !== 0) continue;
    // A narrower scope than asked for does for nothing wider: min(ifa->ifa_scope, RT_SCOPE_LINK) > scope.
    if (Math.min(ifa.ifa_scope, RT_SCOPE_LINK) > scope) continue;
    if (dst === 0 || inet_ifa_match(dst, ifa)) return ifa.ifa_local;
    if (addr === 0) addr = ifa.ifa_local;
  }
  if (addr !== 0) return addr;
  // None here: a device without address (a tunnel, a bridge port) sends with one of another.
  for (const other of net.dev_base_head) {
    const odev = __in_dev_get_rcu(other);
    if (odev === null) continue;
    addr = in_dev_select_addr(odev, scope);
    if (addr !== 0) return addr;
  }
  return 0;
}

/** @notrace */
function in_dev_select_addr(in_dev: in_device, scope: int): __be32 {
  for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
    if ((ifa.ifa_flags & IFA_F_SECONDARY) !== 0) continue;
    if (ifa.ifa_scope !== RT_SCOPE_LINK && ifa.ifa_scope <= scope) return ifa.ifa_local;
  }
  return 0;
}

/**
 * Whether `local` (0: any) is an address of the device (null: of any device) that is fit to answer `dst`.
 * @returns the address, or 0
 */
export function inet_confirm_addr(net: net, in_dev: in_device | null, dst: __be32, local: __be32, scope: int): __be32 {
  if (in_dev !== null) return confirm_addr_indev(in_dev, dst, local, scope);
  for (const dev of net.dev_base_head) {
    const at = __in_dev_get_rcu(dev);
    const addr = at === null ? 0 : confirm_addr_indev(at, dst, local, scope);
    if (addr !== 0) return addr;
  }
  return 0;
}

export function confirm_addr_indev(in_dev: in_device, dst: __be32, local: __be32, scope: int): __be32 {
  let same = false;
  let addr = 0;
  for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
    const min_scope = Math.min(ifa.ifa_scope, RT_SCOPE_LINK);
    if (addr === 0 && (local === ifa.ifa_local || local === 0) && min_scope <= scope) {
      addr = ifa.ifa_local;
      if (same) break;
    }
    if (!same) {
      same = (local === 0 || inet_ifa_match(local, ifa)) && (dst === 0 || inet_ifa_match(dst, ifa));
      if (same && addr !== 0) {
        if (local !== 0 || dst === 0 || inet_ifa_match(addr, ifa)) break;
        if (min_scope <= scope) {
          addr = ifa.ifa_local;
          break;
        }
        same = false;
      }
    }
  }
  return same ? addr : 0;
}
