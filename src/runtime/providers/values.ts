// Values that a provider gives under names ($value, $line, $skb …) in the order in which a handler takes
// them. Read beside it: dsl/abi.ts, ContextValue.
import type { DerivedProbe } from '../../dsl/abi.js';

/** The arguments of a probe's handler, after the probe's number. */
export function valuesFor(probe: DerivedProbe, given: Readonly<Record<string, unknown>>): unknown[] {
  return probe.values.map((value) => given[value.expr]);
}

/** What a handler left for a value it may write; `otherwise` if it did not run or may not write it. */
export function written<T>(probe: DerivedProbe, name: string, writes: readonly unknown[], otherwise: T): T {
  const write = probe.writes.find((w) => w.expr === name);
  return write === undefined ? otherwise : (writes[write.slot] as T);
}
