/** Rewriting of expressions in place, inner ones first. */
import type { Expr, HistExpr, Stmt, VariableExpr } from '../../types/tree.js';
import { mapSubexpressions, substatements } from '../../types/walk.js';

export function mapExpression(e: Expr, f: (e: Expr) => Expr): Expr {
  const map = (sub: Expr): Expr => {
    mapSubexpressions(sub, map);
    return f(sub);
  };
  return map(e);
}

/** Applies `f` to all expressions in a statement and below; loop variables stay as they are. */
export function mapStatementExpressions(s: Stmt, f: (e: Expr) => Expr): void {
  mapStatement(s, (e) => mapExpression(e, f));
}

function mapStatement(s: Stmt, map: (e: Expr) => Expr): void {
  switch (s.kind) {
    case 'expr-stmt':
      s.expr = map(s.expr);
      break;
    case 'if':
      s.cond = map(s.cond);
      break;
    case 'loop':
      if (s.init) s.init = map(s.init);
      if (s.cond) s.cond = map(s.cond);
      if (s.step) s.step = map(s.step);
      break;
    case 'foreach':
      s.base = map(s.base) as VariableExpr | HistExpr;
      if (s.slice) s.slice = s.slice.map((i) => i && map(i));
      if (s.limit) s.limit = map(s.limit);
      break;
    case 'return':
      if (s.value) s.value = map(s.value);
      break;
    case 'delete':
      s.target = map(s.target);
      break;
    default:
      break;
  }
  for (const sub of substatements(s)) mapStatement(sub, map);
}
