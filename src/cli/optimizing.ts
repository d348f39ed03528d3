// When V8 optimizes. Compiling a script calls each of the compiler's functions a few hundred times, and no time is won
// by optimized code of them: making it took two thirds of the time of a 300-line script, on other threads. So a
// start from the snapshot is one with V8's option --no-opt (scripts/snapshot.mjs), and optimizing begins with the run.
import { setFlagsFromString } from 'node:v8';

/** A script of so many characters is worth optimized code of the compiler. */
export const LONG_SCRIPT = 50_000;

/** From here on V8 optimizes nothing. */
export function optimizeLater(): void {
  setFlagsFromString('--no-opt');
}

/** From here on V8 optimizes what runs often. */
export function optimizeFromHere(): void {
  setFlagsFromString('--opt');
}
