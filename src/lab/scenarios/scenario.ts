// What a scenario is: a lab that is set up, and programs in it that are ready to run.

import type { Lab } from '../lab.js';

export interface Scenario {
  readonly name: string;
  /** One line: what happens. */
  readonly summary: string;
  /** What may stand behind the name, a line each. */
  readonly options: string;
  /**
   * Sets the lab up, and starts the programs; they run when the lab's events do.
   * @param args what stands behind the scenario's name
   * @throws Error with a sentence for options that it does not have
   */
  start(lab: Lab, args: readonly string[]): void | Promise<void>;
}

/**
 * Takes long options of the scenario's own out of its arguments.
 * @param names without dashes; one that ends in `=` takes a value (`--netem=…` or `--netem …`)
 * @returns the values ('' for those without) and what is left for the program
 */
export function takeOptions(
  args: readonly string[],
  names: readonly string[],
): { options: ReadonlyMap<string, string>; rest: string[] } {
  const options = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const match = /^--([a-z][a-z-]*)(?:=(.*))?$/s.exec(args[i]);
    if (match === null) {
      rest.push(args[i]);
      continue;
    }
    const [, name, value] = match;
    if (names.includes(`${name}=`)) {
      const given = value ?? args[++i];
      if (given === undefined) throw new Error(`--${name} takes a value.`);
      options.set(name, given);
    } else if (names.includes(name) && value === undefined) {
      options.set(name, '');
    } else {
      const known = names.map((known) => `--${known.replace('=', ' VALUE')}`).join(', ');
      throw new Error(
        `The scenario has no option --${name}; ${known === '' ? 'it has none' : `its options are: ${known}`}.`,
      );
    }
  }
  return { options, rest };
}

/** @returns the number; throws with a sentence where the text is none or out of range */
export function numberOption(name: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max))
    throw new Error(`--${name} takes a whole number from ${min} to ${max}, not "${text}".`);
  return value;
}
