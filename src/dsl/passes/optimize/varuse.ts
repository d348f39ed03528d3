/**
 * Which variables a piece of code reads and writes, and whether it has any other effect; functions that it
 * calls count in. Read beside it: the passes of this folder, which elide what is without effect.
 */
import type { Expr, FunctionInstance, Stmt, Variable } from '../../types/tree.js';
import { eachSubexpression, expressionsOf, substatements } from '../../types/walk.js';

/** `change`: read only to be written again. */
type Access = 'read' | 'write' | 'both' | 'change';

export class VariableUse {
  readonly read = new Set<Variable>();
  readonly written = new Set<Variable>();
  /** What is read for more than to be changed: not `x` in a statement `x++` or `x += 1`. */
  readonly used = new Set<Variable>();
  /** Output, errors, guru-mode writes, embedded code. */
  effects = false;
  private readonly seen = new Set<FunctionInstance>();
  private readonly reading = (e: Expr): void => this.expr(e);

  /** Nothing but a value comes of it. */
  get effectFree(): boolean {
    return !this.effects && this.written.size === 0;
  }

  /** No effect, and none of `variables` is written. */
  effectFreeFor(variables: ReadonlySet<Variable>): boolean {
    if (this.effects) return false;
    for (const v of this.written) if (variables.has(v)) return false;
    return true;
  }

  statement(s: Stmt | null): void {
    if (!s) return;
    switch (s.kind) {
      case 'expr-stmt':
        this.discarded(s.expr);
        break;
      case 'loop':
        if (s.init) this.discarded(s.init);
        if (s.cond) this.expr(s.cond);
        if (s.step) this.discarded(s.step);
        break;
      case 'delete':
        this.expr(s.target, 'change');
        break;
      case 'foreach':
        for (const i of s.indexes) this.expr(i, 'write');
        if (s.value) this.expr(s.value, 'write');
        this.expr(s.base);
        for (const i of s.slice ?? []) if (i) this.expr(i);
        if (s.limit) this.expr(s.limit);
        if (s.direction !== 0 && s.base.kind === 'variable') this.written.add(s.base.variable);
        break;
      case 'try':
        if (s.catchVar) this.written.add(s.catchVar.variable);
        break;
      case 'embedded-stmt':
        this.effects = true;
        break;
      default:
        for (const e of expressionsOf(s)) this.expr(e);
    }
    for (const sub of substatements(s)) this.statement(sub);
  }

  /** An expression whose value nobody takes. */
  private discarded(e: Expr): void {
    if (e.kind === 'crement') this.expr(e.operand, 'change');
    else if (e.kind === 'assign' && e.op !== '=' && e.op !== '<<<') {
      this.expr(e.left, 'change');
      this.expr(e.right);
    } else if (e.kind === 'binary' && (e.op === '&&' || e.op === '||')) {
      this.expr(e.left);
      this.discarded(e.right);
    } else if (e.kind === 'ternary') {
      this.expr(e.cond);
      this.discarded(e.then);
      this.discarded(e.else);
    } else this.expr(e);
  }

  expr(e: Expr, access: Access = 'read'): void {
    switch (e.kind) {
      case 'variable':
        this.note(e.variable, access);
        return;
      case 'element':
        this.note(e.variable, access);
        for (const i of e.indexes) if (i) this.expr(i);
        return;
      case 'assign':
        this.expr(e.left, e.op === '=' || e.op === '<<<' ? 'write' : 'both');
        this.expr(e.right);
        return;
      case 'crement':
        this.expr(e.operand, 'both');
        return;
      case 'unresolved':
        // What is written to it must stay until it can be refused.
        if (access !== 'read') this.effects = true;
        return;
      case 'target':
        if (access !== 'read') this.effects = true;
        break;
      case 'embedded':
        if (!/\/\*\s*pure\s*\*\//.test(e.code)) this.effects = true;
        return;
      case 'print':
        if (e.toStream) this.effects = true;
        break;
      case 'entry':
        this.expr(e.capture.expr);
        return;
      case 'call':
        if (e.builtin && !e.builtin.pure) this.effects = true;
        for (const target of e.targets) {
          if (this.seen.has(target)) continue;
          this.seen.add(target);
          this.function(target);
        }
        break;
      default:
        break;
    }
    eachSubexpression(e, this.reading);
  }

  private function(f: FunctionInstance): void {
    const { body } = f;
    if (body?.kind === 'embedded-stmt') {
      if (!/\/\*\s*pure\s*\*\//.test(body.code)) this.effects = true;
      return;
    }
    this.statement(body);
  }

  private note(variable: Variable, access: Access): void {
    if (access !== 'write') this.read.add(variable);
    if (access === 'read' || access === 'both') this.used.add(variable);
    if (access !== 'read') this.written.add(variable);
  }
}
