/** Takes out functions and variables that nothing uses, and warns about variables that are never assigned. */
import type { FunctionInstance, Variable } from '../../types/tree.js';
import { eachExpression } from '../../types/walk.js';
import type { Expr } from '../../types/tree.js';
import type { Compilation } from '../compilation.js';
import { similar } from '../similar.js';
import { VariableUse } from './varuse.js';

/** Keeps the functions that a probe reaches. */
export function dropUnusedFunctions(compilation: Compilation): void {
  const reached = new Set<FunctionInstance>();
  const visit = (e: Expr): void => {
    if (e.kind === 'entry') visit(e.capture.expr);
    if (e.kind !== 'call') return;
    for (const target of e.targets) {
      if (reached.has(target)) continue;
      reached.add(target);
      eachExpression(target.body, visit);
    }
  };
  for (const body of compilation.bodies) {
    eachExpression(body.code, visit);
    const tok = body.tok;
    for (const c of body.captures) eachExpression({ kind: 'expr-stmt', tok, expr: c.expr }, visit);
    if (body.condition) eachExpression({ kind: 'expr-stmt', tok, expr: body.condition }, visit);
  }
  for (const [key, f] of compilation.functions) if (!reached.has(f)) compilation.functions.delete(key);
}

/** What all probes together read and write. */
export function wholeUse(compilation: Compilation): VariableUse {
  const use = new VariableUse();
  for (const v of compilation.mentioned) {
    use.read.add(v);
    use.used.add(v);
  }
  for (const body of compilation.bodies) {
    use.statement(body.code);
    if (body.condition) use.expr(body.condition);
  }
  return use;
}

/** Functions in the order of their names, as SystemTap goes through them. */
export function functionsInOrder(compilation: Compilation): FunctionInstance[] {
  return [...compilation.functions.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/**
 * Drops variables that are neither read nor written and warns about those that are read but never assigned.
 * @param use of all probes together
 */
export function dropUnusedVariables(compilation: Compilation, use: VariableUse): boolean {
  const globals = compilation.globals.map((g) => g.name);
  let changed = false;
  const check = (list: Variable[]): void => {
    for (let i = 0; i < list.length;) {
      const v = list[i];
      if (!use.read.has(v) && !use.written.has(v)) {
        list.splice(i, 1);
        changed = true;
        continue;
      }
      if (!compilation.quiet && !use.written.has(v) && !v.synthetic) {
        const names = [...list.map((l) => l.name), ...globals];
        compilation.warn(`never-assigned local variable '${v.name}'${similar(v.name, names)}`, v.tok);
      }
      i++;
    }
  };
  for (const body of compilation.bodies) check(body.locals);
  for (const f of functionsInOrder(compilation)) check(f.locals);
  for (let i = 0; i < compilation.globals.length;) {
    const g = compilation.globals[i];
    if (!use.read.has(g) && !use.written.has(g)) {
      compilation.globals.splice(i, 1);
      changed = true;
      continue;
    }
    if (!compilation.quiet && !use.written.has(g) && !g.declaration?.init)
      compilation.warn(`never-assigned global variable '${g.name}'${similar(g.name, globals)}`, g.tok);
    i++;
  }
  return changed;
}
