// Netfilter's hook points: registering and running hooks (net/netfilter/core.c).

import { EINVAL, EPERM } from '../../include/linux/errno.js';
import {
  NFPROTO_ARP,
  NFPROTO_BRIDGE,
  NFPROTO_INET,
  NFPROTO_IPV4,
  NF_ACCEPT,
  NF_DROP,
  NF_DROP_GETERR,
  NF_INET_NUMHOOKS,
  NF_QUEUE,
  NF_REPEAT,
  NF_STOLEN,
  NF_STOP,
  NF_VERDICT_FLAG_QUEUE_BYPASS,
  NF_VERDICT_MASK,
  nf_hook_entries,
  nf_hook_entry,
  type nf_hook_ops,
  type nf_hook_state,
} from '../../include/linux/netfilter.js';
import type { nf_conntrack } from '../../include/linux/netfilter/nf_conntrack_common.js';
import { current_kernel } from '../../kernel/current.js';
import type { sk_buff } from '../../include/linux/skbuff.js';
import type { int, u8, uint } from '../../include/linux/types.js';
import { SKB_DROP_REASON_NETFILTER_DROP } from '../../include/net/dropreason.js';
import type { net } from '../../include/net/net_namespace.js';
import { kfree_skb_reason } from '../core/skbuff.js';

const NO_HOOKS: (nf_hook_entries | null)[] = [];

/** The points of a protocol, by hook number. @notrace */
export function nf_hook_points(net: net, pf: u8): (nf_hook_entries | null)[] {
  if (pf === NFPROTO_IPV4) return net.nf.hooks_ipv4;
  if (pf === NFPROTO_ARP) return net.nf.hooks_arp;
  return pf === NFPROTO_BRIDGE ? net.nf.hooks_bridge : NO_HOOKS;
}

/** @returns the hooks of a point, or null where there are none @notrace */
export function nf_hook_entries_for(net: net, pf: u8, hooknum: uint): nf_hook_entries | null {
  return nf_hook_points(net, pf)[hooknum] ?? null;
}

/** Puts a hook in its place by priority; one of equal priority goes behind those there. */
export function nf_hook_entries_grow(old: nf_hook_entries | null, reg: nf_hook_ops): nf_hook_entries {
  const hooks = old === null ? [] : [...old.hooks];
  const at = hooks.findIndex((entry) => entry.ops.priority > reg.priority);
  hooks.splice(at < 0 ? hooks.length : at, 0, new nf_hook_entry(reg));
  return new nf_hook_entries(hooks);
}

export function __nf_register_net_hook(net: net, pf: u8, reg: nf_hook_ops): int {
  const points = nf_hook_points(net, pf);
  if (reg.hooknum >= points.length) return -EINVAL;
  points[reg.hooknum] = nf_hook_entries_grow(points[reg.hooknum], reg);
  return 0;
}

/**
 * Adds a hook. With pf NFPROTO_INET it hooks IPv4.
 * @returns 0 or a negative errno
 * @EXPORT_SYMBOL
 */
export function nf_register_net_hook(net: net, reg: nf_hook_ops): int {
  if (reg.pf === NFPROTO_INET) {
    return reg.hooknum < NF_INET_NUMHOOKS ? __nf_register_net_hook(net, NFPROTO_IPV4, reg) : -EINVAL;
  }
  return __nf_register_net_hook(net, reg.pf, reg);
}

export function __nf_unregister_net_hook(net: net, pf: u8, reg: nf_hook_ops): void {
  const points = nf_hook_points(net, pf);
  if (reg.hooknum >= points.length) return;
  const hooks = points[reg.hooknum]?.hooks.filter((entry) => entry.ops !== reg) ?? [];
  points[reg.hooknum] = hooks.length === 0 ? null : new nf_hook_entries(hooks);
}

/** @EXPORT_SYMBOL */
export function nf_unregister_net_hook(net: net, reg: nf_hook_ops): void {
  __nf_unregister_net_hook(net, reg.pf === NFPROTO_INET ? NFPROTO_IPV4 : reg.pf, reg);
}

/** Adds several hooks, or none. @EXPORT_SYMBOL */
export function nf_register_net_hooks(net: net, reg: readonly nf_hook_ops[], n: uint): int {
  for (let i = 0; i < n; i++) {
    const err = nf_register_net_hook(net, reg[i]);
    if (err !== 0) {
      nf_unregister_net_hooks(net, reg, i);
      return err;
    }
  }
  return 0;
}

/** @EXPORT_SYMBOL */
export function nf_unregister_net_hooks(net: net, reg: readonly nf_hook_ops[], hookcount: uint): void {
  for (let i = 0; i < hookcount; i++) nf_unregister_net_hook(net, reg[i]);
}

/**
 * Asks the hooks of a point, one after the other.
 * @param s where to begin
 * @returns 1: the packet goes on; 0: a hook has kept it; a negative errno: it was dropped
 * @formerly nf_iterate 2.4-4.8
 * @EXPORT_SYMBOL
 */
export function nf_hook_slow(skb: sk_buff, state: nf_hook_state, e: nf_hook_entries, s: uint): int {
  for (; s < e.num_hook_entries; s++) {
    const entry = e.hooks[s];
    let verdict = entry.hook(entry.priv, skb, state);
    while ((verdict & NF_VERDICT_MASK) === NF_REPEAT) verdict = entry.hook(entry.priv, skb, state);
    switch (verdict & NF_VERDICT_MASK) {
      case NF_ACCEPT:
        break;
      case NF_STOP:
        return 1;
      case NF_DROP: {
        kfree_skb_reason(skb, SKB_DROP_REASON_NETFILTER_DROP);
        const error = NF_DROP_GETERR(verdict);
        return error === 0 ? -EPERM : error;
      }
      case NF_QUEUE:
        // No program takes packets from queues: as without nfnetlink_queue, bypass or drop.
        if ((verdict & NF_VERDICT_FLAG_QUEUE_BYPASS) !== 0) break;
        kfree_skb_reason(skb, SKB_DROP_REASON_NETFILTER_DROP);
        return 0;
      case NF_STOLEN:
        return NF_DROP_GETERR(verdict);
      default:
        return 0;
    }
  }
  return 1;
}

/** The last reference to a connection is gone: connection tracking takes it back. @EXPORT_SYMBOL */
export function nf_conntrack_destroy(nfct: nf_conntrack): void {
  current_kernel().init_net.nf.nf_ct_hook?.destroy(nfct);
}
