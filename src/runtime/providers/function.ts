// Function, statement and tracepoint probes: each derived probe is one hook of the hijack.
// Read beside it: hijack/hijack.ts, dsl/abi.ts (DerivedProbe), SystemTap's stapprobes(3), "DWARF probes".
import type { DerivedProbe } from '../../dsl/abi.js';
import { kernelStack } from '../debuginfo/backtrace.js';
import type { Debuginfo } from '../debuginfo/debuginfo.js';
import type { Memory } from '../debuginfo/memory.js';
import type { AttachContext, Provider } from '../environment.js';
import { Hijack, type Hook, type HookSpec } from '../hijack/hijack.js';

/** Bytes of a program's name that the kernel keeps. */
const COMM = 15;

export interface FunctionProviderOptions {
  readonly debuginfo: Debuginfo;
  readonly memory: Memory;
  /** Asked before each firing: probes of one host only. */
  readonly admits?: () => boolean;
}

export class FunctionProvider implements Provider {
  readonly handles = ['function', 'tracepoint'] as const;
  readonly #options: FunctionProviderOptions;
  /** Providers that hook functions of their own choice hook by this one: a function has one set of hooks. */
  readonly hijack: Hijack;
  readonly #hooks = new Map<DerivedProbe, Hook>();

  constructor(options: FunctionProviderOptions) {
    this.#options = options;
    this.hijack = new Hijack(options.debuginfo);
  }

  attach(probes: readonly DerivedProbe[], context: AttachContext): void {
    const hooks = probes.map((probe) => {
      let hook = this.#hooks.get(probe);
      if (!hook) this.#hooks.set(probe, (hook = this.hijack.hook(this.#spec(probe, context))));
      return hook;
    });
    this.hijack.arm(hooks);
  }

  detach(probes: readonly DerivedProbe[]): void {
    this.hijack.disarm(probes.flatMap((probe) => this.#hooks.get(probe) ?? []));
  }

  #spec(probe: DerivedProbe, context: AttachContext): HookSpec {
    const { detail } = probe;
    if (detail.provider !== 'function' && detail.provider !== 'tracepoint') {
      throw new Error(`${probe.point} is no function probe`);
    }
    const of = detail.provider === 'function' ? detail : undefined;
    const { entry } = probe;
    return {
      id: detail.symbol.id,
      when: of?.when ?? 'entry',
      line: of?.line,
      probe: probe.index,
      handler: context.handlers[probe.handler],
      values: probe.values,
      writes: probe.writes,
      slots: context.runtime.writes,
      entry: entry && { handler: context.handlers[entry.handler], values: entry.values },
      admits: this.#admits(of?.caller ?? '', of?.program ?? '', context),
      maxactive: of?.maxactive,
      missed: () => context.runtime.skipped(probe.index),
      order: probe.index,
    };
  }

  /** What must hold for a probe to fire; undefined if it always may. */
  #admits(caller: string, program: string, { environment }: AttachContext): (() => boolean) | undefined {
    const { admits, debuginfo, memory } = this.#options;
    const name = program.slice(0, COMM);
    const running = program === '' ? admits : () => (admits?.() ?? true) && environment.context.execname() === name;
    if (caller === '') return running;
    return () => (running?.() ?? true) && kernelStack(debuginfo, memory.symbols, 2)[1]?.place.name === caller;
  }
}
