/** All providers of probe points, in the order of stapprobes(3stap). Read beside it: provider.ts. */
import { data } from './data.js';
import { addresses, functions, statements } from './function.js';
import { inputChar, inputLine } from './input.js';
import { begin, end, error, never } from './lifetime.js';
import { netfilter } from './netfilter.js';
import { process } from './process.js';
import { procfs } from './procfs.js';
import type { PointProvider } from './provider.js';
import { refusedPoints } from './refused.js';
import { timer } from './timer.js';
import { trace } from './trace.js';

export const pointProviders: readonly PointProvider[] = [
  begin,
  end,
  error,
  never,
  timer,
  functions,
  statements,
  addresses,
  trace,
  netfilter,
  procfs,
  data,
  process,
  inputChar,
  inputLine,
  ...refusedPoints,
];
