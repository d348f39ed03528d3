// The limits of a run and their -D names. Read beside it: stap(1), "SAFETY AND SECURITY".
// Left out: limits of SystemTap's transport and of its C compiler, which have no counterpart here.

import type { Limits } from '../dsl/abi.js';

export interface RunLimits extends Limits {
  /** Errors that are tolerated before the run is given up. */
  readonly maxErrors: number;
  /** Probes that may be skipped before the run is given up. */
  readonly maxSkipped: number;
  /** Most bytes that a run keeps of unread `.procfs` output and the like. */
  readonly maxTraceBuffer: number;
  /** Width of a histogram's longest bar. */
  readonly histWidth: number;
  /** How many empty rows beside a filled one are drawn; negative: all. */
  readonly histElision: number;
  /** Host nanoseconds that probes may use of each interval, or 0 for no limit. */
  readonly overloadThreshold: number;
  readonly overloadInterval: number;
}

const MAXACTION = 1000;

/** The limits that must be numbers. */
const numeric =
  /^(MAX(ACTION|ACTION_INTERRUPTIBLE|NESTING|STRINGLEN|MAPENTRIES|ERRORS|SKIPPED)|HIST_(WIDTH|ELISION)|STP_OVERLOAD_(THRESHOLD|INTERVAL)|STP_PROCFS_BUFSIZE)$/;

/** A number as C writes it (decimal, octal, hexadecimal); undefined for anything else. */
function numberOf(text: string): number | undefined {
  const match = /^(-?)(0[xX][\da-fA-F]+|\d+)[uUlL]*$/.exec(text);
  if (match === null) return undefined;
  const [, sign, digits] = match;
  const value = /^0[0-7]+$/.test(digits) ? parseInt(digits, 8) : Number(digits);
  return sign === '-' ? -value : value;
}

/** The first `-D` whose value would not compile: `NAME=VALUE`; null if all are fine. */
export function badLimit(defines: ReadonlyMap<string, string>): string | null {
  for (const [name, value] of defines) {
    if (numeric.test(name) && numberOf(value) === undefined) return `${name}=${value}`;
  }
  return null;
}

/**
 * Limits from `-D NAME=VALUE` settings.
 * The factor ten of interruptible probes is what SystemTap shows: MAXACTION counts tenfold there unless
 * MAXACTION_INTERRUPTIBLE is given.
 */
export function limitsFrom(defines: ReadonlyMap<string, string>): RunLimits {
  const number = (name: string, fallback: number): number => {
    const text = defines.get(name);
    if (text === undefined) return fallback;
    return numberOf(text) ?? fallback;
  };
  const flag = (name: string): boolean => defines.has(name) && defines.get(name) !== '0';
  const maxAction = number('MAXACTION', MAXACTION);
  const unlimited = flag('STP_NO_OVERLOAD') || flag('STP_OVERLOAD_NO');
  return {
    action: maxAction,
    actionInterruptible: number('MAXACTION_INTERRUPTIBLE', maxAction * 10),
    nesting: number('MAXNESTING', 10),
    string: Math.max(2, number('MAXSTRINGLEN', 512)) - 1,
    mapEntries: Math.max(1, number('MAXMAPENTRIES', 2048)),
    maxErrors: number('MAXERRORS', 0),
    maxSkipped: number('MAXSKIPPED', 100),
    maxTraceBuffer: number('STP_PROCFS_BUFSIZE', 1 << 20),
    histWidth: Math.max(1, number('HIST_WIDTH', 50)),
    histElision: number('HIST_ELISION', 2),
    overloadThreshold: unlimited ? 0 : number('STP_OVERLOAD_THRESHOLD', 0),
    overloadInterval: number('STP_OVERLOAD_INTERVAL', 1_000_000_000),
  };
}
