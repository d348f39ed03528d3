/**
 * netfilter.hook("NF_INET_…").pf("NFPROTO_…").priority("…"): a hook of ours among the others. Read beside
 * it: stapprobes(3stap), "NETFILTER". `$verdict` may be written in guru mode.
 */
import type { CType } from '../target.js';
import type { PointProvider, PointRequest } from './provider.js';

const hooks: Readonly<Record<string, number>> = {
  NF_INET_PRE_ROUTING: 0,
  NF_INET_LOCAL_IN: 1,
  NF_INET_FORWARD: 2,
  NF_INET_LOCAL_OUT: 3,
  NF_INET_POST_ROUTING: 4,
  NF_IP_PRE_ROUTING: 0,
  NF_IP_LOCAL_IN: 1,
  NF_IP_FORWARD: 2,
  NF_IP_LOCAL_OUT: 3,
  NF_IP_POST_ROUTING: 4,
  NF_BR_PRE_ROUTING: 0,
  NF_BR_LOCAL_IN: 1,
  NF_BR_FORWARD: 2,
  NF_BR_LOCAL_OUT: 3,
  NF_BR_POST_ROUTING: 4,
  NF_ARP_IN: 0,
  NF_ARP_OUT: 1,
  NF_ARP_FORWARD: 2,
};

const protocols: Readonly<Record<string, number>> = {
  NFPROTO_INET: 1,
  NFPROTO_IPV4: 2,
  NFPROTO_ARP: 3,
  NFPROTO_BRIDGE: 7,
  NFPROTO_IPV6: 10,
  PF_INET: 2,
  PF_BRIDGE: 7,
  PF_INET6: 10,
};

const priorities: Readonly<Record<string, number>> = {
  NF_IP_PRI_FIRST: -2147483648,
  NF_IP_PRI_RAW_BEFORE_DEFRAG: -450,
  NF_IP_PRI_CONNTRACK_DEFRAG: -400,
  NF_IP_PRI_RAW: -300,
  NF_IP_PRI_SELINUX_FIRST: -225,
  NF_IP_PRI_CONNTRACK: -200,
  NF_IP_PRI_MANGLE: -150,
  NF_IP_PRI_NAT_DST: -100,
  NF_IP_PRI_FILTER: 0,
  NF_IP_PRI_SECURITY: 50,
  NF_IP_PRI_NAT_SRC: 100,
  NF_IP_PRI_SELINUX_LAST: 225,
  NF_IP_PRI_CONNTRACK_HELPER: 300,
  NF_IP_PRI_CONNTRACK_CONFIRM: 2147483647,
  NF_IP_PRI_LAST: 2147483647,
};

const struct = (name: string): CType => ({ kind: 'pointer', to: { kind: 'struct', name } });
const int: CType = { kind: 'int', name: 'int', size: 4, signed: true };

function lookup(request: PointRequest, functor: string, table: Readonly<Record<string, number>>): number {
  const text = request.string(functor);
  if (text in table) return table[text];
  if (/^-?\d+$/.test(text)) return Number(text);
  return request.fail(`unable to resolve ${functor} '${text}'`);
}

function build(request: PointRequest): void {
  if (!request.has('pf')) request.fail('missing protocol family (pf)');
  const hook = lookup(request, 'hook', hooks);
  const pf = lookup(request, 'pf', protocols);
  const priority = request.has('priority') ? lookup(request, 'priority', priorities) : 0;
  if (hook < 0 || hook > 4) request.fail('unsupported netfilter hook');
  request.emit({
    text: request.text,
    detail: { provider: 'netfilter', pf, hook, priority },
    scope: {
      symbol: null,
      when: 'entry',
      line: 0,
      values: [
        { name: 'hooknum', type: int },
        { name: 'skb', type: struct('sk_buff') },
        { name: 'in', type: struct('net_device') },
        { name: 'out', type: struct('net_device') },
        { name: 'okfn', type: { kind: 'function' } },
        { name: 'verdict', type: int },
      ],
    },
    interruptible: false,
  });
}

export const netfilter: PointProvider = {
  patterns: [
    'netfilter.hook(string)',
    'netfilter.hook(string).pf(string)',
    'netfilter.hook(string).pf(string).priority(string)',
    'netfilter.pf(string).hook(string)',
    'netfilter.pf(string).hook(string).priority(string)',
  ],
  doc: 'a packet at a netfilter hook',
  build,
};
