// netfilter.hook(…): a probe is a hook function of its own, registered on every host of the lab among the
// kernel's. Its verdict is NF_ACCEPT unless a guru script assigns $verdict. Read beside it:
// stapprobes(3stap), "NETFILTER"; stack/net/netfilter/core.ts.
import type { DerivedProbe } from '../dsl/abi.js';
import type { Lab } from '../lab/lab.js';
import type { AttachContext, Provider } from '../runtime/environment.js';
import { callWith } from '../runtime/providers/values.js';
import { NF_ACCEPT, type nf_hook_ops } from '../stack/include/linux/netfilter.js';
import { nf_register_net_hook, nf_unregister_net_hook } from '../stack/net/netfilter/core.js';

export class NetfilterProvider implements Provider {
  readonly handles = ['netfilter'] as const;
  private readonly lab: Lab;
  private readonly hooks = new Map<DerivedProbe, nf_hook_ops>();

  constructor(lab: Lab) {
    this.lab = lab;
  }

  private nets() {
    return [...this.lab.hosts.values()].map(({ kernel }) => kernel.init_net);
  }

  attach(probes: readonly DerivedProbe[], { handlers, runtime, admits }: AttachContext): void {
    for (const probe of probes) {
      const { detail } = probe;
      if (detail.provider !== 'netfilter') continue;
      const handler = handlers[probe.handler];
      const ops: nf_hook_ops = {
        pf: detail.pf,
        hooknum: detail.hook,
        priority: detail.priority,
        hook: (_priv, skb, state) => {
          if (admits !== undefined && !admits()) return NF_ACCEPT;
          const given = {
            hooknum: state.hook,
            skb,
            in: state.in,
            out: state.out,
            okfn: state.okfn,
            verdict: NF_ACCEPT,
          };
          return Number(callWith(probe, handler, given, runtime.writes).verdict);
        },
      };
      this.hooks.set(probe, ops);
      for (const net of this.nets()) nf_register_net_hook(net, ops);
    }
  }

  detach(probes: readonly DerivedProbe[]): void {
    for (const probe of probes) {
      const ops = this.hooks.get(probe);
      if (ops === undefined) continue;
      for (const net of this.nets()) nf_unregister_net_hook(net, ops);
      this.hooks.delete(probe);
    }
  }
}
