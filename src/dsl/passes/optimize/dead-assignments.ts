/** Assignments to local variables that are never read give way to the assigned expression, with a warning. */
import type { Expr, Stmt } from '../../types/tree.js';
import type { Compilation } from '../compilation.js';
import { mapStatementExpressions } from './rewrite.js';
import type { Code, Round } from './round.js';
import { functionsInOrder } from './unused.js';
import { VariableUse } from './varuse.js';

/** @param use of all probes together */
export function elideDeadAssignments(compilation: Compilation, use: VariableUse, round: Round): void {
  let changed = false;
  const rewrite = (e: Expr): Expr => {
    if (e.kind !== 'assign') return e;
    const { left } = e;
    if (left.kind !== 'variable' && left.kind !== 'element') return e;
    const { variable } = left;
    if (variable.kind === 'global' || use.read.has(variable)) return e;
    const inLeft = new VariableUse();
    if (left.kind === 'element') for (const i of left.indexes) if (i) inLeft.expr(i);
    if (!inLeft.effectFree || e.op === '<<<') return e;
    compilation.warn(`Eliding assignment to '${variable.name}'`, e.tok);
    changed = true;
    return e.right;
  };
  const visit = (code: Code, s: Stmt | null) => {
    if (!s || !round.due(code)) return;
    changed = false;
    mapStatementExpressions(s, rewrite);
    if (changed) round.changed.add(code);
  };
  for (const body of compilation.bodies) visit(body, body.code);
  for (const f of functionsInOrder(compilation)) visit(f, f.body);
}
