// Routes that programs add and delete (net/ipv4/fib_frontend.c; route(8), ip-route(8)).

import { EINVAL, ENODEV, ESRCH } from '../../../include/linux/errno.js';
import { __in_dev_get_rcu, __in_dev_get_rtnl, bad_mask, inet_mask_len } from '../../../include/linux/inetdevice.js';
import {
  NLM_F_CREATE,
  RTF_GATEWAY,
  RTF_HOST,
  RTF_MTU,
  RTF_REJECT,
  RTF_WINDOW,
  RTAX_ADVMSS,
  RTAX_MAX,
  RTAX_WINDOW,
  RTN_LOCAL,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTPROT_BOOT,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RT_TABLE_UNSPEC,
} from '../../../include/linux/rtnetlink.js';
import { fib_config } from '../../../include/net/ip_fib.js';
import type { net } from '../../../include/net/net_namespace.js';
import { __dev_get_by_name } from '../../core/dev.js';
import { fib_table_delete, fib_table_insert } from '../fib_trie.js';
import type { __be32, int, u32 } from '../../../include/linux/types.js';
import { fib_get_table, fib_new_table, inet_addr_type_table } from './table.js';

/** `struct rtentry` of the ioctls SIOCADDRT and SIOCDELRT; addresses in network order, 0 for none. */
export interface rtentry {
  rt_dst: __be32;
  rt_gateway: __be32;
  rt_genmask: __be32;
  /** RTF_* */
  rt_flags: u32;
  rt_metric: int;
  rt_dev: string;
  rt_mtu: u32;
  rt_window: u32;
}

export const SIOCADDRT = 0x890b;

export const SIOCDELRT = 0x890c;

function rtentry_to_fib_config(net: net, cmd: int, rt: rtentry, cfg: fib_config): int {
  cfg.fc_nlinfo.nl_net = net;
  let plen = 32;
  if ((rt.rt_flags & RTF_HOST) === 0) {
    if (bad_mask(rt.rt_genmask, rt.rt_dst)) return -EINVAL;
    plen = inet_mask_len(rt.rt_genmask);
  }
  cfg.fc_dst_len = plen;
  cfg.fc_dst = rt.rt_dst;
  if (cmd !== SIOCDELRT) {
    cfg.fc_nlflags = NLM_F_CREATE;
    cfg.fc_protocol = RTPROT_BOOT;
  }
  if (rt.rt_metric > 0) cfg.fc_priority = rt.rt_metric - 1;
  if ((rt.rt_flags & RTF_REJECT) !== 0) {
    cfg.fc_scope = RT_SCOPE_HOST;
    cfg.fc_type = RTN_UNREACHABLE;
    return 0;
  }
  cfg.fc_scope = RT_SCOPE_NOWHERE;
  cfg.fc_type = RTN_UNICAST;
  if (rt.rt_dev !== '') {
    const dev = __dev_get_by_name(net, rt.rt_dev);
    if (dev === null) return -ENODEV;
    cfg.fc_oif = dev.ifindex;
  }
  if (rt.rt_gateway !== 0) {
    cfg.fc_gw_family = 2;
    cfg.fc_gw4 = rt.rt_gateway;
    const addr_type = inet_addr_type_table(net, rt.rt_gateway, RT_TABLE_LOCAL);
    if ((rt.rt_flags & RTF_GATEWAY) !== 0 && addr_type === RTN_UNICAST) cfg.fc_scope = RT_SCOPE_UNIVERSE;
  }
  if (cmd === SIOCDELRT) return 0;
  if ((rt.rt_flags & RTF_GATEWAY) !== 0 && cfg.fc_gw_family === 0) return -EINVAL;
  if (cfg.fc_scope === RT_SCOPE_NOWHERE) cfg.fc_scope = RT_SCOPE_LINK;
  if ((rt.rt_flags & (RTF_MTU | RTF_WINDOW)) !== 0) {
    cfg.fc_mx = new Array<u32>(RTAX_MAX).fill(0);
    if ((rt.rt_flags & RTF_MTU) !== 0) cfg.fc_mx[RTAX_ADVMSS - 1] = rt.rt_mtu - 40;
    if ((rt.rt_flags & RTF_WINDOW) !== 0) cfg.fc_mx[RTAX_WINDOW - 1] = rt.rt_window;
  }
  return 0;
}

/** SIOCADDRT, SIOCDELRT. @returns 0 or a negative errno */
export function ip_rt_ioctl(net: net, cmd: u32, rt: rtentry): int {
  const cfg = new fib_config();
  const err = rtentry_to_fib_config(net, cmd, rt, cfg);
  if (err !== 0) return err;
  if (cmd === SIOCDELRT) {
    const tb = fib_get_table(net, cfg.fc_table);
    return tb === null ? -ESRCH : fib_table_delete(net, tb, cfg);
  }
  return fib_table_insert(net, fib_new_table(net, cfg.fc_table), cfg);
}

/** `ip route add` and its kind: fc_nlflags tells which. @returns 0 or a negative errno */
export function inet_rtm_newroute(net: net, cfg: fib_config): int {
  cfg.fc_nlinfo.nl_net = net;
  if (cfg.fc_table === RT_TABLE_UNSPEC) cfg.fc_table = RT_TABLE_MAIN;
  const err = fib_table_insert(net, fib_new_table(net, cfg.fc_table), cfg);
  if (err === 0 && cfg.fc_type === RTN_LOCAL) net.ipv4.fib_has_custom_local_routes = true;
  return err;
}

/** `ip route del`. @returns 0 or a negative errno */
export function inet_rtm_delroute(net: net, cfg: fib_config): int {
  cfg.fc_nlinfo.nl_net = net;
  const tb = fib_get_table(net, cfg.fc_table);
  return tb === null ? -ESRCH : fib_table_delete(net, tb, cfg);
}
