/**
 * All built-in functions by name. Read beside it: builtin.ts.
 */
import type { Builtin } from './builtin.js';
import { context, symbols } from './context.js';
import { indent } from './indent.js';
import { ansi, logging } from './logging.js';
import { memory } from './memory.js';
import { errno, net, random } from './random.js';
import { float, speculation } from './speculation.js';
import { strings } from './strings.js';
import { time } from './time.js';

/** The groups, one file each beside this one, in the order of the reference manual. */
const groups: readonly (readonly Builtin[])[] = [
  context,
  symbols,
  memory,
  time,
  strings,
  logging,
  ansi,
  indent,
  net,
  random,
  errno,
  speculation,
  float,
];

const byName = new Map<string, Builtin[]>();
for (const group of groups)
  for (const builtin of group) {
    const overloads = byName.get(builtin.name);
    if (overloads) overloads.push(builtin);
    else byName.set(builtin.name, [builtin]);
  }

/** Every overload of `name`, or none. */
export function builtinsNamed(name: string): readonly Builtin[] {
  return byName.get(name) ?? [];
}

/** The overload of `name` that takes `arity` arguments. */
export function builtin(name: string, arity: number): Builtin | undefined {
  return byName.get(name)?.find((b) => b.parameters.length === arity);
}

/** All records, in the order of the reference manual. */
export function allBuiltins(): readonly Builtin[] {
  return groups.flat();
}
