// kernel.data("symbol").write and .rw: a watch on a variable's field, as SystemTap sets with a hardware
// breakpoint. The field of the one object becomes an accessor while the probe is attached and the plain
// property again afterwards. `symbol.field` names a field; a symbol alone or an address watches the field
// that lies there.
// Left out: plain numbers that are variables of a module themselves, which JavaScript cannot watch.
// Read beside it: SystemTap's stapprobes(3), "HARDWARE BREAKPOINTS".
import type { DerivedProbe, Handler } from '../../dsl/abi.js';
import type { FieldPlace, Memory } from '../debuginfo/memory.js';
import type { AttachContext, Provider } from '../environment.js';
import { StartError } from '../errors.js';

interface Watch {
  readonly probe: DerivedProbe;
  readonly handler: Handler;
  readonly reads: boolean;
}

interface Watched {
  readonly place: FieldPlace;
  readonly watches: Watch[];
  /** What the object itself had; undefined where the property is its class's. */
  readonly before: PropertyDescriptor | undefined;
  /** The field's value, read without a probe firing. */
  readonly value: () => unknown;
}

export class DataProvider implements Provider {
  readonly handles = ['data'] as const;
  readonly #memory: Memory;
  readonly #watched: Watched[] = [];

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** @throws StartError for what is no field of a kernel variable */
  attach(probes: readonly DerivedProbe[], context: AttachContext): void {
    for (const probe of probes) {
      const { detail } = probe;
      if (detail.provider !== 'data') continue;
      const place =
        typeof detail.symbol === 'string' ? this.#memory.fieldOf(detail.symbol) : this.#memory.fieldAt(detail.symbol);
      if (!place) throw new StartError(`cannot watch ${probe.point}: no field of a kernel variable is there`);
      const watch = { probe, handler: context.handlers[probe.handler], reads: detail.access === 'rw' };
      this.#watch(place, watch);
    }
  }

  detach(probes: readonly DerivedProbe[]): void {
    for (const watched of [...this.#watched]) {
      const left = watched.watches.filter((watch) => !probes.includes(watch.probe));
      watched.watches.splice(0, watched.watches.length, ...left);
      if (left.length === 0) this.#restore(watched);
    }
  }

  #watch(place: FieldPlace, watch: Watch): void {
    const same = this.#watched.find((w) => w.place.object === place.object && w.place.field === place.field);
    if (same) {
      same.watches.push(watch);
      return;
    }
    const { object, field } = place;
    const before = Object.getOwnPropertyDescriptor(object, field);
    const inherited = before ? undefined : inheritedAccessor(object, field);
    let value: unknown = before?.value;
    const watched: Watched = { place, watches: [watch], before, value: () => value };
    const fire = (read: boolean, seen: unknown) => {
      for (const { probe, handler, reads } of [...watched.watches]) {
        if (!read || reads) handler(probe.index, ...probe.values.map((v) => (v.expr === 'value' ? seen : undefined)));
      }
    };
    Object.defineProperty(object, field, {
      configurable: true,
      enumerable: true,
      get() {
        const seen: unknown = inherited ? inherited.get?.call(object) : value;
        fire(true, seen);
        return seen;
      },
      set(next: unknown) {
        if (inherited) inherited.set?.call(object, next);
        else value = next;
        fire(false, next);
      },
    });
    this.#watched.push(watched);
  }

  #restore(watched: Watched): void {
    const { object, field } = watched.place;
    this.#watched.splice(this.#watched.indexOf(watched), 1);
    const { before } = watched;
    if (!before) {
      Reflect.deleteProperty(object, field);
    } else if ('value' in before) {
      Object.defineProperty(object, field, { ...before, value: watched.value() });
    } else {
      Object.defineProperty(object, field, before);
    }
  }
}

function inheritedAccessor(object: object, field: string): PropertyDescriptor | undefined {
  for (let at = Object.getPrototypeOf(object) as object | null; at; at = Object.getPrototypeOf(at) as object | null) {
    const found = Object.getOwnPropertyDescriptor(at, field);
    if (found) return found;
  }
  return undefined;
}
