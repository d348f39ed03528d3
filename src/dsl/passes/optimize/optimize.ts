/**
 * Takes out what has no effect until nothing more changes, in SystemTap's order, so that its warnings come out
 * as SystemTap's do. With -u only constants are folded.
 */
import { FunctionInstance } from '../../types/tree.js';
import type { Compilation } from '../compilation.js';
import { elideDeadAssignments } from './dead-assignments.js';
import { elideDeadStatements } from './dead-statements.js';
import { foldConstants } from './fold.js';
import type { Code, Round } from './round.js';
import { dropUnusedFunctions, dropUnusedVariables, wholeUse } from './unused.js';

export function optimize(compilation: Compilation, warn: boolean): void {
  const all = !compilation.options.unoptimized;
  let due: Round['due'] = () => true;
  for (let number = 0, again = true; again; number++) {
    again = false;
    const changed = new Set<Code>();
    const round = { due, changed };
    if (all) {
      // As in SystemTap, what only a later round finds is not warned about.
      compilation.quiet = !warn || number > 0;
      dropUnusedFunctions(compilation);
      const use = wholeUse(compilation);
      if (dropUnusedVariables(compilation, use)) again = true;
      elideDeadAssignments(compilation, use, round);
      elideDeadStatements(compilation, round);
    }
    foldConstants(compilation, round);
    if (changed.size > 0) again = true;
    // What a function does matters to all that call it; else what is as it was gives nothing new.
    const functions = [...changed].some((code) => code instanceof FunctionInstance);
    due = functions ? () => true : (code) => changed.has(code);
  }
  compilation.quiet = false;
}
