// Attaches hooks to functions: where a function has hooks, a copy of it is compiled in its module's own scope
// with the hooks' handlers inlined, and its flag is raised; where the last hook goes, the flag is lowered. A
// running copy keeps its hooks, and each looks whether it is still the one that was armed when it began.
// Read beside it: copy.ts (the copy's text), instrument/patch.ts (flags and copies), DESIGN "Plain functions".
import type { ContextValue, Handler, WriteBack } from '../../dsl/abi.js';
import type { ModuleRow } from '../../instrument/format.js';
import { loadedModules, onModule, setCopy, type AnyFunction, type PatchableModule } from '../../instrument/patch.js';
import type { Debuginfo } from '../debuginfo/debuginfo.js';
import { copyText, type HookShape } from './copy.js';

/** A hook as it is asked for. */
export interface HookSpec {
  /** The function's id. */
  readonly id: number;
  readonly when: 'entry' | 'return' | 'statement';
  /** For `statement`: the source line. */
  readonly line?: number;
  /** The handler's first argument. */
  readonly probe: number;
  readonly handler: Handler;
  readonly values?: readonly ContextValue[];
  readonly writes?: readonly WriteBack[];
  /** Where a handler leaves what is written back. */
  readonly slots?: unknown[];
  /** Run at the function's start for a return hook; its result is the return handler's `entry` value. */
  readonly entry?: { readonly handler: Handler; readonly values: readonly ContextValue[] };
  /** Asked before each call of the handler. */
  readonly admits?: () => boolean;
  /** Instances followed at once by a return hook. */
  readonly maxactive?: number;
  /** Called for each instance beyond maxactive. */
  readonly missed?: () => void;
  /** Hooks on one function fire in ascending order of this, then in the order they were added. */
  readonly order?: number;
}

/** A hook: what the copies read. */
export class Hook implements HookShape {
  readonly id: number;
  readonly when: 'entry' | 'return' | 'statement';
  readonly line: number;
  readonly probe: number;
  readonly handler: Handler;
  readonly entryHandler: Handler | undefined;
  readonly values: readonly ContextValue[];
  readonly writes: readonly WriteBack[];
  readonly slots: unknown[];
  readonly entry: HookSpec['entry'];
  readonly guarded: boolean;
  readonly admits: () => boolean;
  readonly maxactive: number;
  readonly order: number;
  /** 0 while not armed, else a number that no earlier arming had. */
  on = 0;
  readonly #missed: () => void;
  #active = 0;

  constructor(spec: HookSpec, firstLine: number) {
    this.id = spec.id;
    this.when = spec.when;
    this.line = (spec.line ?? firstLine) - firstLine;
    this.probe = spec.probe;
    this.handler = spec.handler;
    this.entryHandler = spec.entry?.handler;
    this.values = spec.values ?? [];
    this.writes = spec.writes ?? [];
    this.slots = spec.slots ?? [];
    this.entry = spec.entry;
    this.guarded = spec.admits !== undefined;
    this.admits = spec.admits ?? (() => true);
    this.maxactive = spec.maxactive ?? 0;
    this.order = spec.order ?? spec.probe;
    this.#missed = spec.missed ?? (() => {});
  }

  /** An instance of the function begins: whether it is followed. */
  begin(): boolean {
    if (this.#active >= this.maxactive) {
      this.#missed();
      return false;
    }
    this.#active++;
    return true;
  }

  end(): void {
    this.#active--;
  }
}

type Factory = (hooks: readonly Hook[]) => AnyFunction;

interface Hooked {
  readonly hooks: Hook[];
  /** By their texts, the last few copies compiled: a condition may arm and disarm the same hooks again and again. */
  readonly factories: Map<string, Factory>;
}

/** Copies of a function that are kept compiled. */
const KEPT = 4;

interface Place {
  readonly row: ModuleRow;
  readonly name: string;
  readonly line: number;
}

export class Hijack {
  readonly #info: Debuginfo;
  readonly #functions = new Map<number, Hooked>();
  #armings = 0;
  #unwatch: (() => void) | undefined;

  constructor(info: Debuginfo) {
    this.#info = info;
  }

  /**
   * Makes hooks and arms them.
   * @returns one hook for each spec, for disarm()
   * @throws Error for a function that the debuginfo does not have, or that is not what it says
   */
  attach(specs: readonly HookSpec[]): Hook[] {
    const hooks = specs.map((spec) => this.hook(spec));
    this.arm(hooks);
    return hooks;
  }

  /**
   * Makes a hook that is not armed yet.
   * @throws Error for a function that the debuginfo does not have
   */
  hook(spec: HookSpec): Hook {
    return new Hook(spec, this.#place(spec.id).line);
  }

  /** Arms hooks (again). */
  arm(hooks: readonly Hook[]): void {
    const changed = new Set<number>();
    for (const hook of hooks) {
      if (hook.on !== 0) continue;
      hook.on = ++this.#armings;
      let hooked = this.#functions.get(hook.id);
      if (!hooked) this.#functions.set(hook.id, (hooked = { hooks: [], factories: new Map() }));
      let at = hooked.hooks.length;
      while (at > 0 && hooked.hooks[at - 1].order > hook.order) at--;
      hooked.hooks.splice(at, 0, hook);
      changed.add(hook.id);
    }
    for (const id of changed) this.#renew(id);
    if (this.#functions.size > 0) this.#unwatch ??= onModule((module) => this.#loaded(module));
  }

  /** Disarms hooks: none of them fires any more, in no copy. */
  disarm(hooks: readonly Hook[]): void {
    const changed = new Set<number>();
    for (const hook of hooks) {
      if (hook.on === 0) continue;
      hook.on = 0;
      const list = this.#functions.get(hook.id)?.hooks ?? [];
      list.splice(list.indexOf(hook), 1);
      changed.add(hook.id);
    }
    for (const id of changed) this.#renew(id);
  }

  /** Disarms all hooks and forgets everything. */
  clear(): void {
    this.disarm([...this.#functions.values()].flatMap((f) => f.hooks));
    this.#functions.clear();
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  #place(id: number): Place {
    const row = this.#info.moduleOf(id);
    const fn = row?.functions[id - row.firstId];
    if (!row || !fn) throw new Error(`no function has the number ${id}`);
    return { row, name: fn[0], line: fn[1] };
  }

  /** Makes the copy of a function anew, or takes it away. */
  #renew(id: number): void {
    const hooked = this.#functions.get(id);
    if (!hooked || hooked.hooks.length === 0) {
      setCopy(id, undefined);
      return;
    }
    const { row, name, line } = this.#place(id);
    const module = loadedModules().find((m) => m.firstId === row.firstId && m.name === row.source);
    if (!module) return;
    const original = module.evaluate(name) as AnyFunction;
    const detail = this.#info.detailsOf(row)[id - row.firstId];
    const text = copyText(name, original.toString(), detail, line, hooked.hooks);
    let factory = hooked.factories.get(text);
    if (!factory) {
      factory = module.evaluate(`${text}\n//# sourceURL=tsprobe:${id}`) as Factory;
      if (hooked.factories.size >= KEPT) hooked.factories.clear();
      hooked.factories.set(text, factory);
    }
    setCopy(id, factory([...hooked.hooks]));
  }

  /** A module was loaded: hooks on its functions that were waiting for it get their copies. */
  #loaded(module: PatchableModule): void {
    for (const id of this.#functions.keys()) {
      if (id >= module.firstId && id < module.firstId + module.count) this.#renew(id);
    }
  }
}
