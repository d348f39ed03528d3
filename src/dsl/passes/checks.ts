/**
 * Rules that hold between statements: an array is not changed inside its own foreach, and a variable has one
 * kind of histogram. Read beside it: stap(1), "foreach"; SystemTap Language Reference 8.
 */
import type { HistogramSpec } from '../abi.js';
import type { Token } from '../syntax/token.js';
import type { Expr, FunctionInstance, HistExpr, Stmt, Variable } from '../types/tree.js';
import { eachExpression, expressionsOf, subexpressions, substatements } from '../types/walk.js';
import type { Compilation } from './compilation.js';
import { functionsInOrder } from './optimize/unused.js';
import { VariableUse } from './optimize/varuse.js';

/** Refuses writes to an array inside its foreach, also through a function. */
export function checkIteration(compilation: Compilation): void {
  const open: Variable[] = [];
  const called = (f: FunctionInstance) => {
    const use = new VariableUse();
    use.statement(f.body);
    return use.written;
  };
  const modified = (variable: Variable, tok: Token): void => {
    if (open.includes(variable))
      compilation.error(`variable '${variable.name}' modified during 'foreach' iteration`, tok, {
        key: 'modified in foreach',
      });
  };
  const target = (e: Expr): void => {
    if (e.kind === 'variable' || e.kind === 'element') modified(e.variable, e.tok);
  };
  const expr = (e: Expr): void => {
    if (e.kind === 'assign') target(e.left);
    else if (e.kind === 'crement') target(e.operand);
    else if (e.kind === 'call')
      for (const f of e.targets)
        if (open.length > 0)
          for (const written of called(f))
            if (open.includes(written))
              compilation.error(`function call modifies var '${written.name}' during 'foreach' iteration`, e.tok, {
                key: 'modified in foreach by function',
              });
    for (const sub of subexpressions(e)) expr(sub);
  };
  const statement = (s: Stmt): void => {
    if (s.kind === 'delete') target(s.target);
    for (const e of expressionsOf(s)) expr(e);
    const iterated = s.kind === 'foreach' && s.base.kind === 'variable' ? s.base.variable : null;
    // Sorting puts the array itself into another order.
    if (iterated && s.kind === 'foreach' && s.direction !== 0) modified(iterated, s.base.tok);
    if (iterated) open.push(iterated);
    for (const sub of substatements(s)) statement(sub);
    if (iterated) open.pop();
  };
  for (const body of compilation.bodies) statement(body.code);
  for (const f of functionsInOrder(compilation)) if (f.body) statement(f.body);
}

/** What is kept of an aggregate besides the plain sums. */
export interface StatsNeeds {
  readonly histogram: HistogramSpec;
  /** Bit shift of @variance; null when it is never read. */
  readonly bitShift: number | null;
}

/** The needs of every variable of statistics. */
export function statsNeeds(compilation: Compilation): Map<Variable, StatsNeeds> {
  const needs = new Map<Variable, StatsNeeds>();
  const of = (e: Expr) => (e.kind === 'variable' || e.kind === 'element' ? e.variable : null);
  const set = (variable: Variable | null, change: Partial<StatsNeeds>): void => {
    if (!variable) return;
    const old = needs.get(variable) ?? { histogram: { kind: 'none' }, bitShift: null };
    needs.set(variable, { ...old, ...change });
  };
  const histogram = (e: HistExpr): void => {
    const variable = of(e.stat);
    if (!variable) return;
    const [start = 0n, stop = 0n, interval = 0n] = e.params;
    const spec: HistogramSpec =
      e.op === 'log'
        ? { kind: 'log' }
        : { kind: 'linear', start: long(start), stop: long(stop), interval: long(interval) };
    if (spec.kind === 'linear') {
      if (interval <= 0n) {
        compilation.error('interval must be positive for linear histograms', e.tok, { key: 'histogram interval' });
        return;
      }
    }
    const old = needs.get(variable)?.histogram;
    if (old && old.kind !== 'none' && text(old) !== text(spec))
      compilation.error(`multiple histogram types declared on '${variable.name}'`, e.tok, {
        key: 'multiple histogram types',
      });
    else set(variable, { histogram: spec });
  };
  const visit = (e: Expr): void => {
    if (e.kind === 'hist') histogram(e);
    else if (e.kind === 'stat' && e.op === 'variance') {
      const variable = of(e.stat);
      set(variable, { bitShift: Math.max(e.shift, (variable && needs.get(variable)?.bitShift) ?? 0) });
    }
  };
  for (const body of compilation.bodies) eachExpression(body.code, visit);
  for (const f of functionsInOrder(compilation)) eachExpression(f.body, visit);
  return needs;
}

function long(n: bigint): number | bigint {
  return n >= BigInt(Number.MIN_SAFE_INTEGER) && n <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(n) : n;
}

const text = (spec: HistogramSpec) =>
  spec.kind === 'linear' ? `linear ${spec.start} ${spec.stop} ${spec.interval}` : spec.kind;
