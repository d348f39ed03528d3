/**
 * Constant folding: operators on literals, and branches that a literal decides. Division by a literal 0 is
 * left for the run, where it is an error. A `?:` is not folded, so that both its sides must agree in type.
 */
import type { BinaryOp } from '../../syntax/ast.js';
import type { BinaryExpr, Expr, NumberExpr, Stmt, StringExpr } from '../../types/tree.js';
import { refuse } from '../compilation.js';
import type { Compilation } from '../compilation.js';
import { mapExpression } from './rewrite.js';
import type { Round } from './round.js';

const wrap = (n: bigint) => BigInt.asIntN(64, n);
const truth = (b: boolean) => (b ? 1n : 0n);

/** Two's complement arithmetic of scripts on constants; null where it fails or is no arithmetic. */
export function foldNumbers(op: BinaryOp, a: bigint, b: bigint): bigint | null {
  switch (op) {
    case '+':
      return wrap(a + b);
    case '-':
      return wrap(a - b);
    case '*':
      return wrap(a * b);
    case '/':
      return b === 0n ? null : wrap(a / b);
    case '%':
      return b === 0n ? null : wrap(a % b);
    case '<<':
      return wrap(a << (b & 63n));
    case '>>':
      return wrap(a >> (b & 63n));
    case '&':
      return wrap(a & b);
    case '|':
      return wrap(a | b);
    case '^':
      return wrap(a ^ b);
    case '<':
      return truth(a < b);
    case '<=':
      return truth(a <= b);
    case '>':
      return truth(a > b);
    case '>=':
      return truth(a >= b);
    case '==':
      return truth(a === b);
    case '!=':
      return truth(a !== b);
    case '&&':
      return truth(a !== 0n && b !== 0n);
    case '||':
      return truth(a !== 0n || b !== 0n);
    default:
      return null;
  }
}

/** The text of a literal as written: SystemTap compares literals before their escapes are undone. */
function written(e: StringExpr): string {
  const { source, start, end } = e.tok;
  const text = source.text.slice(start, end);
  return /^"[^]*\\[^]*"$/.test(text) ? text.slice(1, -1) : e.value;
}

function foldStrings(op: BinaryOp, left: StringExpr, right: StringExpr): bigint | string | null {
  if (op === '.') return left.value + right.value;
  const a = written(left);
  const b = written(right);
  switch (op) {
    case '<':
      return truth(a < b);
    case '<=':
      return truth(a <= b);
    case '>':
      return truth(a > b);
    case '>=':
      return truth(a >= b);
    case '==':
      return truth(a === b);
    case '!=':
      return truth(a !== b);
    default:
      return null;
  }
}

const number = (at: Expr, value: bigint): NumberExpr => ({
  kind: 'number',
  tok: at.tok,
  type: 'long',
  detail: null,
  value,
});
const string = (at: Expr, value: string): StringExpr => ({
  kind: 'string',
  tok: at.tok,
  type: 'string',
  detail: null,
  value,
});

function foldBinary(e: BinaryExpr): Expr {
  const { left, right, op } = e;
  if (left.kind === 'number' && right.kind === 'number') {
    if (op === '>>>') refuse('unsupported binary operator >>>', null);
    const value = foldNumbers(op, left.value, right.value);
    return value === null ? e : number(e, value);
  }
  if (left.kind === 'string' && right.kind === 'string') {
    const value = foldStrings(op, left, right);
    return value === null ? e : typeof value === 'string' ? string(e, value.slice(0, 511)) : number(e, value);
  }
  if (left.kind === 'number' && (op === '&&' || op === '||')) {
    if (op === '&&' && left.value === 0n) return number(e, 0n);
    if (op === '||' && left.value !== 0n) return number(e, 1n);
  }
  return e;
}

function fold(e: Expr): Expr {
  switch (e.kind) {
    case 'binary':
      return foldBinary(e);
    case 'unary': {
      if (e.operand.kind !== 'number') return e;
      const { value } = e.operand;
      if (e.op === '-') return number(e, wrap(-value));
      if (e.op === '+') return number(e, value);
      if (e.op === '~') return number(e, wrap(~value));
      return number(e, truth(value === 0n));
    }
    default:
      return e;
  }
}

/** Folds all constants. */
export function foldConstants(compilation: Compilation, round: Round): void {
  for (const body of compilation.bodies) {
    if (!round.due(body)) continue;
    const folder = new Folder();
    body.code = folder.statement(body.code);
    if (body.condition) body.condition = folder.expr(body.condition);
    if (folder.changed) round.changed.add(body);
  }
  for (const f of compilation.functions.values()) {
    if (!f.body || !round.due(f)) continue;
    const folder = new Folder();
    f.body = folder.statement(f.body);
    if (folder.changed) round.changed.add(f);
  }
}

class Folder {
  changed = false;

  expr(e: Expr): Expr {
    return mapExpression(e, (x) => {
      const y = fold(x);
      if (y !== x) this.changed = true;
      return y;
    });
  }

  private drop(tok: Stmt['tok']): Stmt {
    this.changed = true;
    return { kind: 'null', tok };
  }

  statement(s: Stmt): Stmt {
    switch (s.kind) {
      case 'block':
        s.body = s.body.map((x) => this.statement(x));
        return s;
      case 'if': {
        s.cond = this.expr(s.cond);
        s.then = this.statement(s.then);
        if (s.else) s.else = this.statement(s.else);
        if (s.cond.kind !== 'number') return s;
        this.changed = true;
        return s.cond.value !== 0n ? s.then : (s.else ?? this.drop(s.tok));
      }
      case 'loop': {
        if (s.init) s.init = this.expr(s.init);
        if (s.cond) s.cond = this.expr(s.cond);
        if (s.step) s.step = this.expr(s.step);
        s.body = this.statement(s.body);
        if (s.cond?.kind === 'number' && s.cond.value === 0n) {
          if (!s.init) return this.drop(s.tok);
          this.changed = true;
          return { kind: 'expr-stmt', tok: s.init.tok, expr: s.init };
        }
        return s;
      }
      case 'foreach': {
        if (s.base.kind === 'hist') s.base.stat = this.expr(s.base.stat);
        if (s.slice) s.slice = s.slice.map((i) => i && this.expr(i));
        if (s.limit) s.limit = this.expr(s.limit);
        s.body = this.statement(s.body);
        return s;
      }
      case 'expr-stmt':
        s.expr = this.expr(s.expr);
        return s;
      case 'return':
        if (s.value) s.value = this.expr(s.value);
        return s;
      case 'delete':
        s.target = this.expr(s.target);
        return s;
      case 'try':
        s.body = this.statement(s.body);
        s.handler = this.statement(s.handler);
        return s;
      default:
        return s;
    }
  }
}
