// Netfilter's hook points: registering and running hooks (net/netfilter/core.c).

import { EINVAL, EPERM } from '../../include/linux/errno.js';
import {
  NFPROTO_INET,
  NFPROTO_IPV4,
  NFPROTO_NUMPROTO,
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
import type { sk_buff } from '../../include/linux/skbuff.js';
import type { int, u8, uint } from '../../include/linux/types.js';
import { SKB_DROP_REASON_NETFILTER_DROP } from '../../include/net/dropreason.js';
import type { net } from '../../include/net/net_namespace.js';
import { kfree_skb_reason } from '../core/skbuff.js';

/** @returns the hooks of a point, or null where there are none @notrace */
export function nf_hook_entries_for(net: net, pf: u8, hooknum: uint): nf_hook_entries | null {
  return net.nf.hooks[pf * 8 + hooknum] ?? null;
}

/** Puts a hook in its place by priority; one of equal priority goes behind those there. */
export function nf_hook_entries_grow(old: nf_hook_entries | null, reg: nf_hook_ops): nf_hook_entries {
  const hooks = old === null ? [] : [...old.hooks];
  const at = hooks.findIndex((entry) => entry.ops.priority > reg.priority);
  hooks.splice(at < 0 ? hooks.length : at, 0, new nf_hook_entry(reg));
  return new nf_hook_entries(hooks);
}

export function __nf_register_net_hook(net: net, pf: u8, reg: nf_hook_ops): int {
  if (pf >= NFPROTO_NUMPROTO || reg.hooknum >= 8) return -EINVAL;
  const slot = pf * 8 + reg.hooknum;
  net.nf.hooks[slot] = nf_hook_entries_grow(net.nf.hooks[slot] ?? null, reg);
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
  const slot = pf * 8 + reg.hooknum;
  const hooks = net.nf.hooks[slot]?.hooks.filter((entry) => entry.ops !== reg) ?? [];
  net.nf.hooks[slot] = hooks.length === 0 ? null : new nf_hook_entries(hooks);
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
