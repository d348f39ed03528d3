// Netfilter's hooks (include/uapi/linux/netfilter.h, include/linux/netfilter.h): hook points, verdicts,
// priorities, and the NF_HOOK forms that the protocols call.

import { nf_hook_slow } from '../../net/netfilter/core.js';
import { nf_hook_entries_for } from '../../net/netfilter/core.js';
import type { net } from '../net/net_namespace.js';
import type { sock } from '../net/sock/struct.js';
import { SKB_DROP_REASON_NETFILTER_DROP } from '../net/dropreason.js';
import type { net_device } from './netdevice.js';
import type { sk_buff } from './skbuff/struct.js';
import { kfree_skb_reason } from '../../net/core/skbuff.js';
import type { bool, int, u32, u8, uint } from './types.js';

export const NF_DROP = 0;
export const NF_ACCEPT = 1;
export const NF_STOLEN = 2;
export const NF_QUEUE = 3;
export const NF_REPEAT = 4;
export const NF_STOP = 5;
export const NF_MAX_VERDICT = NF_STOP;
export const NF_VERDICT_MASK = 0x000000ff;
export const NF_VERDICT_QBITS = 16;
export const NF_VERDICT_FLAG_QUEUE_BYPASS = 0x00008000;

export const NF_INET_PRE_ROUTING = 0;
export const NF_INET_LOCAL_IN = 1;
export const NF_INET_FORWARD = 2;
export const NF_INET_LOCAL_OUT = 3;
export const NF_INET_POST_ROUTING = 4;
export const NF_INET_NUMHOOKS = 5;

export const NF_NETDEV_INGRESS = 0;
export const NF_NETDEV_EGRESS = 1;

export const NFPROTO_UNSPEC = 0;
export const NFPROTO_INET = 1;
export const NFPROTO_IPV4 = 2;
export const NFPROTO_ARP = 3;
export const NFPROTO_NETDEV = 5;
export const NFPROTO_BRIDGE = 7;
export const NFPROTO_IPV6 = 10;
export const NFPROTO_NUMPROTO = 11;

export const NF_ARP_IN = 0;
export const NF_ARP_OUT = 1;
export const NF_ARP_FORWARD = 2;

export const NF_IP_PRI_FIRST = -0x80000000;
export const NF_IP_PRI_RAW_BEFORE_DEFRAG = -450;
export const NF_IP_PRI_CONNTRACK_DEFRAG = -400;
export const NF_IP_PRI_RAW = -300;
export const NF_IP_PRI_SELINUX_FIRST = -225;
export const NF_IP_PRI_CONNTRACK = -200;
export const NF_IP_PRI_MANGLE = -150;
export const NF_IP_PRI_NAT_DST = -100;
export const NF_IP_PRI_FILTER = 0;
export const NF_IP_PRI_SECURITY = 50;
export const NF_IP_PRI_NAT_SRC = 100;
export const NF_IP_PRI_SELINUX_LAST = 225;
export const NF_IP_PRI_CONNTRACK_HELPER = 300;
export const NF_IP_PRI_CONNTRACK_CONFIRM = 0x7fffffff;
export const NF_IP_PRI_LAST = 0x7fffffff;

/** Where a packet goes when all hooks have let it pass. */
export type okfn_t = (net: net, sk: sock | null, skb: sk_buff) => int;

/** What a hook gets beside the packet. */
export class nf_hook_state {
  hook: u8 = 0;
  pf: u8 = 0;
  in: net_device | null = null;
  out: net_device | null = null;
  sk: sock | null = null;
  net: net;
  okfn: okfn_t;

  constructor(
    hook: u8,
    pf: u8,
    indev: net_device | null,
    outdev: net_device | null,
    sk: sock | null,
    net: net,
    okfn: okfn_t,
  ) {
    this.hook = hook;
    this.pf = pf;
    this.in = indev;
    this.out = outdev;
    this.sk = sk;
    this.net = net;
    this.okfn = okfn;
  }
}

/** @returns a verdict: NF_ACCEPT, NF_DROP (with a negative errno from bit 16 on), NF_STOLEN … */
export type nf_hookfn = (priv: unknown, skb: sk_buff, state: nf_hook_state) => uint;

/** A hook to be registered. `pf` is an NFPROTO_*, lower priorities come first. */
export interface nf_hook_ops {
  hook: nf_hookfn;
  dev?: net_device | null;
  priv?: unknown;
  pf: u8;
  hooknum: uint;
  priority: int;
}

/** One hook of a list that is traversed. */
export class nf_hook_entry {
  readonly hook: nf_hookfn;
  readonly priv: unknown;
  readonly ops: nf_hook_ops;

  constructor(ops: nf_hook_ops) {
    this.hook = ops.hook;
    this.priv = ops.priv ?? null;
    this.ops = ops;
  }
}

/** The hooks of one hook point by priority. A new list is made when one changes: a traversal keeps the old. */
export class nf_hook_entries {
  readonly num_hook_entries: number;
  readonly hooks: readonly nf_hook_entry[];

  constructor(hooks: readonly nf_hook_entry[]) {
    this.num_hook_entries = hooks.length;
    this.hooks = hooks;
  }
}

/** What conntrack offers to the rest of the stack while its module is loaded. */
export interface nf_ct_hook {
  destroy(nfct: unknown): void;
  attach(nskb: sk_buff, skb: sk_buff): void;
}

/** @notrace */
export function NF_VERDICT(verdict: u32): u32 {
  return verdict & NF_VERDICT_MASK;
}

/** A verdict that drops with an error for the sender. @param error a negative errno @notrace */
export function NF_DROP_ERR(error: int): u32 {
  return ((-error << NF_VERDICT_QBITS) | NF_DROP) >>> 0;
}

/** @notrace */
export function NF_DROP_GETERR(verdict: u32): int {
  return -(verdict >>> NF_VERDICT_QBITS);
}

/**
 * Asks the hooks. @returns 1 if the packet may go on (the caller calls okfn), a negative errno if it was dropped,
 * 0 if a hook keeps it.
 * @notrace
 */
export function nf_hook(
  pf: u8,
  hook: uint,
  net: net,
  sk: sock | null,
  skb: sk_buff,
  indev: net_device | null,
  outdev: net_device | null,
  okfn: okfn_t,
): int {
  const entries = nf_hook_entries_for(net, pf, hook);
  if (entries === null) return 1;
  return nf_hook_slow(skb, new nf_hook_state(hook, pf, indev, outdev, sk, net, okfn), entries, 0);
}

/** Asks the hooks if `cond` holds, and goes on with okfn. @notrace */
export function NF_HOOK_COND(
  pf: u8,
  hook: uint,
  net: net,
  sk: sock | null,
  skb: sk_buff,
  indev: net_device | null,
  outdev: net_device | null,
  okfn: okfn_t,
  cond: bool,
): int {
  if (cond) {
    const ret = nf_hook(pf, hook, net, sk, skb, indev, outdev, okfn);
    if (ret !== 1) return ret;
  }
  return okfn(net, sk, skb);
}

/** Asks the hooks, and goes on with okfn. @notrace */
export function NF_HOOK(
  pf: u8,
  hook: uint,
  net: net,
  sk: sock | null,
  skb: sk_buff,
  indev: net_device | null,
  outdev: net_device | null,
  okfn: okfn_t,
): int {
  const ret = nf_hook(pf, hook, net, sk, skb, indev, outdev, okfn);
  return ret === 1 ? okfn(net, sk, skb) : ret;
}

/** A drop with netfilter's reason. @returns the errno as a negative number @notrace */
export function NF_DROP_REASON(skb: sk_buff, err: int): u32 {
  kfree_skb_reason(skb, SKB_DROP_REASON_NETFILTER_DROP);
  return ((-err << NF_VERDICT_QBITS) | NF_STOLEN) >>> 0;
}
