/**
 * Type inference over the whole program: long, string or stats for every expression, variable, key and
 * function, going round until nothing new is learnt. When something is left, a last round says what, and of
 * the complaints only the most telling kind: a variable used in two ways before an expression of the wrong
 * type, that before a type never found. Read beside it: stap(1), "VARIABLES"; SystemTap Language Reference 3.
 */
import type { Token } from '../syntax/token.js';
import type { FunctionInstance } from '../types/tree.js';
import type {
  AssignExpr,
  BinaryExpr,
  CallExpr,
  ElementExpr,
  Expr,
  ForeachStmt,
  InferredType,
  PrintExpr,
  Stmt,
  Variable,
} from '../types/tree.js';
import { refuse, SemanticError } from './compilation.js';
import type { Compilation } from './compilation.js';
import { TypeFacts } from './type-facts.js';
import { functionsInOrder } from './optimize/unused.js';

export function inferTypes(compilation: Compilation): void {
  new Inference(compilation).run();
}

class Inference extends TypeFacts {
  private currentFunction: FunctionInstance | null = null;
  private readonly said = new Set<Token>();

  run(): void {
    const { compilation } = this;
    const functions = functionsInOrder(compilation);
    for (;;) {
      this.resolvedCount = 0;
      this.unresolvedCount = 0;
      for (const f of functions) {
        this.currentFunction = f;
        this.attempt(() => {
          if (f.body) this.statement(f.body);
          for (const l of f.locals) this.checkLocal(l);
        });
      }
      this.currentFunction = null;
      for (const body of compilation.bodies) {
        this.attempt(() => {
          this.statement(body.code);
          for (const c of body.captures) this.expr(c.expr, 'unknown');
          for (const l of body.locals) this.checkLocal(l);
          if (body.condition) this.expr(body.condition, 'long');
        });
      }
      for (const g of compilation.globals) {
        if (g.type === 'unknown') this.unresolved(g.tok);
        if (g.arity === 0 && g.declaration?.wrap) refuse('wrapping not supported for scalars', g.tok);
      }
      if (this.resolvedCount > 0) {
        this.final = false;
        continue;
      }
      if (this.unresolvedCount === 0 || this.final) return;
      this.final = true;
    }
  }

  /** An error that ends a body is said in the first round that meets it. */
  private attempt(f: () => void): void {
    try {
      f();
    } catch (e) {
      if (!(e instanceof SemanticError)) throw e;
      const { tok } = e.diagnostic;
      if (tok && this.said.has(tok)) return;
      if (tok) this.said.add(tok);
      this.compilation.report(e.diagnostic);
    }
  }

  // ---- Statements

  private statement(s: Stmt): void {
    switch (s.kind) {
      case 'block':
        for (const x of s.body) this.statement(x);
        return;
      case 'expr-stmt':
        this.expr(s.expr, 'unknown');
        return;
      case 'if':
        this.expr(s.cond, 'long');
        this.statement(s.then);
        if (s.else) this.statement(s.else);
        return;
      case 'loop':
        if (s.init) this.expr(s.init, 'unknown');
        if (s.cond) this.expr(s.cond, 'long');
        if (s.step) this.expr(s.step, 'unknown');
        this.statement(s.body);
        return;
      case 'foreach':
        return this.foreach(s);
      case 'return':
        return this.return(s.value, s.tok);
      case 'delete':
        if (s.target.kind === 'variable' && s.target.variable.arity !== 0) return;
        this.expr(s.target, 'unknown');
        return;
      case 'try':
        this.statement(s.body);
        if (s.catchVar) this.expr(s.catchVar, 'string');
        this.statement(s.handler);
        return;
      default:
        return;
    }
  }

  private return(value: Expr | null, tok: Token): void {
    const f = this.currentFunction;
    if (!f) return;
    if (!value) {
      if (f.type !== 'unknown') return;
      return;
    }
    this.expr(value, f.type);
    if (f.type !== 'unknown' && value.type !== 'unknown' && f.type !== value.type)
      this.conflict(value.tok, value.type, f);
    if (f.type === 'unknown' && (value.type === 'long' || value.type === 'string')) {
      f.type = value.type;
      this.resolved(value.tok, f);
    }
    if (value.type === 'stats') this.invalid(tok, value.type);
    this.learnDetail(f, value.detail);
  }

  private foreach(s: ForeachStmt): void {
    let wanted: InferredType = 'long';
    if (s.base.kind === 'hist') {
      if (s.indexes.length !== 1) this.unresolved(s.tok);
      this.expr(s.indexes[0], 'long');
      this.expr(s.base, 'unknown');
    } else {
      const array = s.base.variable;
      s.indexes.forEach((index, i) => this.key(index, array, i));
      s.slice?.forEach((index, i) => {
        if (index) this.key(index, array, i);
      });
      wanted = array.type;
    }
    if (s.value) {
      this.expr(s.value, wanted);
      if (wanted === 'stats') this.invalid(s.value.tok, wanted);
    }
    if (s.limit) this.expr(s.limit, 'long');
    this.statement(s.body);
  }

  /** A key of an array: both sides tell each other their type. */
  private key(e: Expr, array: Variable, i: number): void {
    const known = array.keys[i] ?? 'unknown';
    this.expr(e, known);
    if ((e.type === 'long' || e.type === 'string') && known === 'unknown') {
      array.keys[i] = e.type;
      this.resolved(e.tok, array, i);
    }
    if (e.type === 'stats') this.invalid(e.tok, e.type);
    if (e.type !== 'unknown' && known !== 'unknown' && known !== e.type) this.conflict(e.tok, e.type, array, i);
  }

  // ---- Expressions

  private expr(e: Expr, wanted: InferredType): void {
    switch (e.kind) {
      case 'number':
      case 'string':
        if (wanted !== e.type && wanted !== 'unknown') this.mismatch(e.tok, wanted, e.type);
        return;
      case 'variable': {
        const { variable } = e;
        if (variable.arity > 0) this.unresolved(e.tok);
        else this.agree(e, variable, wanted);
        e.detail ??= variable.detail;
        return;
      }
      case 'element':
        return this.element(e, wanted);
      case 'bucket':
        this.expr(e.index, 'long');
        this.expr(e.hist, 'unknown');
        return this.long(e, wanted);
      case 'call':
        return this.call(e, wanted);
      case 'print':
        return this.print(e, wanted);
      case 'stat':
        this.expr(e.stat, 'stats');
        return this.long(e, wanted);
      case 'hist':
        this.expr(e.stat, 'stats');
        return;
      case 'unary':
      case 'crement':
        if (wanted === 'stats' || wanted === 'string') return this.invalid(e.tok, wanted);
        this.expr(e.operand, 'long');
        return this.become(e, 'long');
      case 'binary':
        return this.binary(e, wanted);
      case 'in':
        if (e.base.kind === 'hist') {
          if (e.indexes.length !== 1 || !e.indexes[0]) this.unresolved(e.tok);
          for (const i of e.indexes) if (i) this.expr(i, 'long');
          this.expr(e.base, 'unknown');
        } else {
          const array = e.base.variable;
          e.indexes.forEach((index, i) => {
            if (index) this.key(index, array, i);
          });
          if (array.type === 'unknown') this.unresolved(e.base.tok);
        }
        return this.long(e, wanted);
      case 'regex':
        if (wanted === 'stats' || wanted === 'string') this.invalid(e.tok, wanted);
        this.expr(e.left, 'string');
        return this.become(e, 'long');
      case 'ternary': {
        this.expr(e.cond, 'long');
        let type = wanted;
        if (type === 'unknown') type = e.then.type !== 'unknown' ? e.then.type : e.else.type;
        this.expr(e.then, type);
        if (type === 'unknown') type = e.then.type;
        this.expr(e.else, type);
        if (type === 'unknown') type = e.else.type;
        if (type === 'stats') return this.invalid(e.tok, type);
        if (type === 'unknown') return this.unresolved(e.tok);
        this.become(e, type);
        e.detail ??= e.then.detail ?? e.else.detail;
        return;
      }
      case 'assign':
        return this.assign(e, wanted);
      case 'target':
        if (e.root.kind === 'address') this.expr(e.root.operand, 'long');
        for (const step of e.steps) if (step.kind === 'index') this.expr(step.index, 'long');
        if (wanted !== 'unknown' && wanted !== e.type) this.mismatch(e.tok, wanted, e.type);
        return;
      case 'autocast': {
        this.expr(e.operand, 'long');
        const { detail } = e.operand;
        if (!detail) {
          this.unresolved(e.tok);
          return;
        }
        const found = e.resolve(detail);
        Object.assign(e, found);
        this.resolvedCount++;
        return;
      }
      case 'entry':
        this.expr(e.capture.expr, wanted);
        if (e.type === 'unknown' && e.capture.expr.type !== 'unknown') this.become(e, e.capture.expr.type);
        return;
      case 'embedded':
        return this.become(e, /\/\*\s*string\s*\*\//.test(e.code) ? 'string' : 'long');
      case 'perf':
        return;
      case 'unresolved':
        if (this.final) {
          if (e.error) this.compilation.report(e.error);
          else this.compilation.error('unresolved target-symbol expression', e.tok);
        }
        this.unresolved(e.tok);
        return;
    }
  }

  /** An operator that gives a long whatever it is applied to. */
  private long(e: Expr, wanted: InferredType): void {
    if (wanted === 'stats' || wanted === 'string') this.invalid(e.tok, wanted);
    else this.become(e, 'long');
  }

  private element(e: ElementExpr, wanted: InferredType): void {
    const array = e.variable;
    this.agree(e, array, wanted);
    e.indexes.forEach((index, i) => {
      if (index) this.key(index, array, i);
    });
    e.detail ??= array.detail;
  }

  private call(e: CallExpr, wanted: InferredType): void {
    if (e.builtin) {
      const { parameters, returns } = e.builtin;
      e.args.forEach((arg, i) => {
        const type = parameters[i].type;
        this.expr(arg, type === 'any' ? 'unknown' : type);
        if (arg.type === 'unknown') {
          if (arg.kind === 'call') this.unresolved(arg.tok);
        } else if (arg.type === 'stats') this.invalid(arg.tok, arg.type);
        else if (type !== 'any' && arg.type !== type) this.mismatch(arg.tok, arg.type, type, 3);
      });
      if (returns === 'unknown') {
        // A procedure used for its value gives 0 or "".
        if (wanted === 'long' || wanted === 'string') this.become(e, wanted);
        return;
      }
      this.become(e, returns);
      if (wanted !== 'unknown' && wanted !== returns) this.mismatch(e.tok, wanted, returns, 3);
      return;
    }
    for (const f of e.targets) {
      this.agree(e, f, wanted, true);
      e.args.forEach((arg, i) => {
        const parameter = f.parameters[i];
        this.expr(arg, parameter.type);
        if (parameter.type === 'unknown' && (arg.type === 'long' || arg.type === 'string')) {
          parameter.type = arg.type;
          this.resolved(parameter.tok, parameter);
        }
        if (arg.type === 'stats') this.invalid(arg.tok, arg.type);
        if (arg.type !== 'unknown' && parameter.type !== 'unknown' && arg.type !== parameter.type)
          this.conflict(arg.tok, arg.type, parameter);
        this.learnDetail(parameter, arg.detail);
      });
      e.detail ??= f.detail;
    }
  }

  private print(e: PrintExpr, wanted: InferredType): void {
    const type = e.toStream ? 'long' : 'string';
    if (e.hist) this.expr(e.hist, 'unknown');
    let open = 0;
    const given = e.args.values();
    const visit = (arg: Expr | undefined, want: InferredType): void => {
      if (!arg) return;
      this.expr(arg, want);
      if (arg.type === 'unknown') {
        this.unresolved(arg.tok);
        open++;
      } else if (want !== 'unknown' && arg.type !== want) this.mismatch(arg.tok, want, arg.type);
      else if (arg.type === 'stats') this.invalid(arg.tok, arg.type);
    };
    if (e.formatted) {
      if (argumentsWanted(e) !== e.args.length) refuse('Wrong number of args to formatted print operator', e.tok);
      for (const d of e.directives) {
        if (d.kind === 'literal' || d.kind === 'percent') continue;
        if (d.width === '*') visit(given.next().value, 'long');
        if (d.precision === '*') visit(given.next().value, 'long');
        visit(given.next().value, d.kind === 'string' ? 'string' : 'long');
      }
    } else for (const arg of given) visit(arg, e.char ? 'long' : 'unknown');
    if (open > 0) {
      this.unresolved(e.tok);
      return;
    }
    this.become(e, type);
    if (wanted !== 'unknown' && wanted !== type) this.mismatch(e.tok, wanted, type);
  }

  private binary(e: BinaryExpr, wanted: InferredType): void {
    switch (e.op) {
      case '.':
        if (wanted === 'stats' || wanted === 'long') return this.invalid(e.tok, wanted);
        this.expr(e.left, 'string');
        this.expr(e.right, 'string');
        return this.become(e, 'string');
      case '<':
      case '<=':
      case '>':
      case '>=':
      case '==':
      case '!=':
        if (wanted === 'stats' || wanted === 'string') this.invalid(e.tok, wanted);
        this.expr(e.left, e.right.type);
        this.expr(e.right, e.left.type);
        if (e.left.type !== 'unknown' && e.right.type !== 'unknown' && e.left.type !== e.right.type)
          this.sidesDiffer(e);
        if (e.left.type === 'stats') this.invalid(e.left.tok, 'stats');
        return this.become(e, 'long');
      default:
        if (wanted === 'stats' || wanted === 'string') return this.invalid(e.tok, wanted);
        this.expr(e.left, 'long');
        this.expr(e.right, 'long');
        return this.become(e, 'long');
    }
  }

  private assign(e: AssignExpr, wanted: InferredType): void {
    const { left, right } = e;
    if (wanted === 'stats') this.invalid(e.tok, wanted);
    if (e.op === '<<<') {
      if (wanted === 'string') this.invalid(e.tok, wanted);
      this.expr(left, 'stats');
      this.expr(right, 'long');
      return this.become(e, 'long');
    }
    if (left.type === 'stats') return this.invalid(left.tok, left.type);
    if (right.type === 'stats') return this.invalid(right.tok, right.type);
    if (e.op === '=') {
      this.expr(left, right.type !== 'unknown' ? right.type : wanted);
      this.expr(right, left.type);
      if (left.type !== 'unknown' && right.type !== 'unknown' && left.type !== right.type) this.sidesDiffer(e);
      if (left.type !== 'unknown') this.become(e, left.type);
      if (left.kind === 'variable' || left.kind === 'element') this.learnDetail(left.variable, right.detail);
      e.detail ??= right.detail;
      return;
    }
    const type = e.op === '.=' ? 'string' : 'long';
    if (wanted !== 'unknown' && wanted !== type) this.mismatch(e.tok, type, wanted);
    this.expr(left, type);
    this.expr(right, type);
    this.become(e, type);
  }
}

/** How many arguments a format takes, those for `*` included. */
function argumentsWanted(e: PrintExpr): number {
  let wanted = 0;
  for (const d of e.directives) {
    if (d.kind === 'literal' || d.kind === 'percent') continue;
    wanted += 1 + (d.width === '*' ? 1 : 0) + (d.precision === '*' ? 1 : 0);
  }
  return wanted;
}
