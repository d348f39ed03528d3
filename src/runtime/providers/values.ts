// Values that a provider gives under names ($value, $line, $skb …) in the order in which a handler takes
// them, and what it leaves of those it may write. Read beside it: dsl/abi.ts, ContextValue and WriteBack.
import type { DerivedProbe, Handler } from '../../dsl/abi.js';

export type Given = Readonly<Record<string, unknown>>;

/** The arguments of a probe's handler, after the probe's number. */
export function valuesFor(probe: DerivedProbe, given: Given): unknown[] {
  return probe.values.map((value) => given[value.expr]);
}

/** Calls a handler and gives the values as it left them; a handler that is skipped leaves them as given. */
export function callWith(probe: DerivedProbe, handler: Handler, given: Given, writes: unknown[]): Given {
  for (const { expr, slot } of probe.writes) writes[slot] = given[expr];
  handler(probe.index, ...valuesFor(probe, given));
  if (probe.writes.length === 0) return given;
  return { ...given, ...Object.fromEntries(probe.writes.map(({ expr, slot }) => [expr, writes[slot]])) };
}
