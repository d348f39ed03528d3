/**
 * Takes out statements without effect, flattens blocks, and warns about what the user wrote for nothing.
 * Read beside it: varuse.ts.
 */
import type { Expr, Stmt, Variable } from '../../types/tree.js';
import type { Compilation } from '../compilation.js';
import type { Round } from './round.js';
import { functionsInOrder } from './unused.js';
import { VariableUse } from './varuse.js';

export function elideDeadStatements(compilation: Compilation, round: Round): void {
  for (const body of compilation.bodies) {
    if (body.elided || !round.due(body)) continue;
    const pass = new Eliminator(compilation, new Set([...compilation.globals, ...body.locals]));
    const kept = pass.statement(body.code);
    if (pass.changed) round.changed.add(body);
    if (kept) body.code = kept;
    else {
      compilation.warn(`Probe '${body.point}' has been elided`, body.tok);
      body.code = { kind: 'null', tok: body.tok };
      body.elided = true;
    }
  }
  for (const f of functionsInOrder(compilation)) {
    if (!f.body || f.body.kind === 'null' || !round.due(f)) continue;
    const pass = new Eliminator(compilation, new Set([...compilation.globals, ...f.locals, ...f.parameters]));
    const kept = pass.statement(f.body);
    if (pass.changed) round.changed.add(f);
    if (kept) f.body = kept;
    else {
      compilation.warn(`side-effect-free function '${f.name}'`, f.tok);
      f.body = { kind: 'null', tok: f.tok };
    }
  }
}

class Eliminator {
  changed = false;
  private readonly compilation: Compilation;
  private readonly focus: ReadonlySet<Variable>;

  constructor(compilation: Compilation, focus: ReadonlySet<Variable>) {
    this.compilation = compilation;
    this.focus = focus;
  }

  private gone(): null {
    this.changed = true;
    return null;
  }

  /** Is it seen at first sight that an expression has an effect? Most have. */
  private evident(e: Expr): boolean {
    if (e.kind === 'print') return e.toStream;
    const changed = e.kind === 'assign' ? e.left : e.kind === 'crement' ? e.operand : null;
    return (changed?.kind === 'variable' || changed?.kind === 'element') && this.focus.has(changed.variable);
  }

  /** What is left of a statement; null if nothing. */
  statement(s: Stmt): Stmt | null {
    switch (s.kind) {
      case 'block': {
        const kept: Stmt[] = [];
        for (const x of s.body) {
          const left = this.statement(x);
          if (left?.kind === 'block') kept.push(...left.body);
          else if (left && left.kind !== 'null') kept.push(left);
        }
        if (kept.length === 0) return this.gone();
        if (kept.length === 1) return kept[0];
        s.body = kept;
        return s;
      }
      case 'try': {
        const body = this.statement(s.body);
        const handler = this.statement(s.handler);
        if (!body || body.kind === 'null') return this.gone();
        s.body = body;
        s.handler = handler ?? { kind: 'null', tok: s.tok };
        return s;
      }
      case 'expr-stmt': {
        if (this.evident(s.expr)) return s;
        const use = new VariableUse();
        use.expr(s.expr);
        if (!use.effectFreeFor(this.focus)) return s;
        this.compilation.warn('Eliding side-effect-free expression ', s.tok);
        return this.gone();
      }
      case 'if': {
        const then = nothing(this.statement(s.then));
        const otherwise = s.else ? nothing(this.statement(s.else)) : null;
        if (then) {
          s.then = then;
          s.else = otherwise;
          return s;
        }
        this.changed = true;
        if (otherwise) {
          s.cond = { kind: 'unary', tok: s.cond.tok, type: 'unknown', detail: null, op: '!', operand: s.cond };
          s.then = otherwise;
          s.else = null;
          return s;
        }
        const use = new VariableUse();
        use.expr(s.cond);
        return use.effectFree ? null : { kind: 'expr-stmt', tok: s.cond.tok, expr: s.cond };
      }
      case 'loop': {
        const body = nothing(this.statement(s.body));
        if (body) {
          s.body = body;
          return s;
        }
        const use = new VariableUse();
        for (const e of [s.init, s.cond, s.step]) if (e) use.expr(e);
        if (use.effectFreeFor(this.focus)) return this.gone();
        s.body = { kind: 'null', tok: s.tok };
        return s;
      }
      case 'foreach': {
        const body = nothing(this.statement(s.body));
        if (!body) return this.gone();
        s.body = body;
        return s;
      }
      default:
        return s;
    }
  }
}

const nothing = (s: Stmt | null): Stmt | null => (s?.kind === 'null' ? null : s);
