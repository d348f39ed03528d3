/** Going through the resolved tree. Read beside it: tree.ts. A new kind of node needs a case here. */
import type { Expr, HistExpr, Stmt } from './tree.js';

/** Calls `f` on the direct subexpressions of an expression, in order of evaluation. */
export function eachSubexpression(e: Expr, f: (e: Expr) => void): void {
  switch (e.kind) {
    case 'number':
    case 'string':
    case 'variable':
    case 'embedded':
    case 'unresolved':
    case 'entry':
    case 'perf':
      return;
    case 'element':
      for (const i of e.indexes) if (i) f(i);
      return;
    case 'bucket':
      f(e.hist);
      f(e.index);
      return;
    case 'call':
      for (const a of e.args) f(a);
      return;
    case 'print':
      for (const a of e.args) f(a);
      if (e.hist) f(e.hist);
      return;
    case 'stat':
    case 'hist':
      f(e.stat);
      return;
    case 'unary':
    case 'crement':
    case 'autocast':
      f(e.operand);
      return;
    case 'binary':
    case 'assign':
      f(e.left);
      f(e.right);
      return;
    case 'in':
      for (const i of e.indexes) if (i) f(i);
      f(e.base);
      return;
    case 'regex':
      f(e.left);
      f(e.pattern);
      return;
    case 'ternary':
      f(e.cond);
      f(e.then);
      f(e.else);
      return;
    case 'target':
      if (e.root.kind === 'address') f(e.root.operand);
      for (const step of e.steps) if (step.kind === 'index') f(step.index);
      return;
  }
}

/** The direct subexpressions of an expression, in order of evaluation. */
export function subexpressions(e: Expr): Expr[] {
  const parts: Expr[] = [];
  eachSubexpression(e, (part) => void parts.push(part));
  return parts;
}

function mapList(items: (Expr | null)[], f: (e: Expr) => Expr): void {
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (item) items[i] = f(item);
  }
}

/** Replaces each direct subexpression by what `f` gives for it. */
export function mapSubexpressions(e: Expr, f: (e: Expr) => Expr): void {
  switch (e.kind) {
    case 'number':
    case 'string':
    case 'variable':
    case 'embedded':
    case 'unresolved':
    case 'entry':
    case 'perf':
      return;
    case 'element':
      return mapList(e.indexes, f);
    case 'bucket':
      e.hist = f(e.hist) as HistExpr;
      e.index = f(e.index);
      return;
    case 'call':
      return mapList(e.args, f);
    case 'print':
      mapList(e.args, f);
      if (e.hist) e.hist = f(e.hist) as HistExpr;
      return;
    case 'stat':
    case 'hist':
      e.stat = f(e.stat);
      return;
    case 'unary':
    case 'crement':
    case 'autocast':
      e.operand = f(e.operand);
      return;
    case 'binary':
    case 'assign':
      e.left = f(e.left);
      e.right = f(e.right);
      return;
    case 'in':
      mapList(e.indexes, f);
      if (e.base.kind === 'hist') e.base = f(e.base) as HistExpr;
      return;
    case 'regex':
      e.left = f(e.left);
      return;
    case 'ternary':
      e.cond = f(e.cond);
      e.then = f(e.then);
      e.else = f(e.else);
      return;
    case 'target':
      if (e.root.kind === 'address') e.root.operand = f(e.root.operand);
      for (const step of e.steps) if (step.kind === 'index') step.index = f(step.index);
      return;
  }
}

const given = (...items: (Expr | null)[]): Expr[] => items.filter((i) => i !== null);

/** The expressions that stand directly in a statement (not in its substatements), in order. */
export function expressionsOf(s: Stmt): Expr[] {
  switch (s.kind) {
    case 'expr-stmt':
      return [s.expr];
    case 'if':
      return [s.cond];
    case 'loop':
      return given(s.init, s.cond, s.step);
    case 'foreach':
      return given(...s.indexes, s.value, s.base, ...(s.slice ?? []), s.limit);
    case 'return':
      return given(s.value);
    case 'delete':
      return [s.target];
    case 'try':
      return given(s.catchVar);
    default:
      return [];
  }
}

/** The direct substatements. */
export function substatements(s: Stmt): Stmt[] {
  switch (s.kind) {
    case 'block':
      return s.body;
    case 'if':
      return s.else ? [s.then, s.else] : [s.then];
    case 'loop':
    case 'foreach':
      return [s.body];
    case 'try':
      return [s.body, s.handler];
    default:
      return [];
  }
}

/** Calls `f` on every expression of a statement, outer ones first. */
export function eachExpression(s: Stmt | null, f: (e: Expr) => void): void {
  const visit = (e: Expr): void => {
    f(e);
    eachSubexpression(e, visit);
  };
  const statement = (at: Stmt): void => {
    for (const e of expressionsOf(at)) visit(e);
    for (const sub of substatements(at)) statement(sub);
  };
  if (s) statement(s);
}
