/**
 * Takes out what has no effect until nothing more changes, in SystemTap's order, so that its warnings come out
 * as SystemTap's do. With -u only constants are folded.
 */
import type { Compilation } from '../compilation.js';
import { elideDeadAssignments } from './dead-assignments.js';
import { elideDeadStatements } from './dead-statements.js';
import { foldConstants } from './fold.js';
import { dropUnusedFunctions, dropUnusedVariables, wholeUse } from './unused.js';

export function optimize(compilation: Compilation, warn: boolean): void {
  const all = !compilation.options.unoptimized;
  for (let round = 0, changed = true; changed; round++) {
    changed = false;
    if (all) {
      // As in SystemTap, what only a later round finds is not warned about.
      compilation.quiet = !warn || round > 0;
      dropUnusedFunctions(compilation);
      const use = wholeUse(compilation);
      if (dropUnusedVariables(compilation, use)) changed = true;
      if (elideDeadAssignments(compilation, use)) changed = true;
      if (elideDeadStatements(compilation)) changed = true;
    }
    if (foldConstants(compilation)) changed = true;
  }
  compilation.quiet = false;
}
