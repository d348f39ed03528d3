/**
 * From the syntax tree of a body to the resolved tree: names become variables and functions, target
 * expressions become values of the probed program. Read beside it: types/tree.ts, targets.ts. The first
 * error in a body ends it, as in SystemTap.
 */
import { builtin } from '../builtins/registry.js';
import { diagnostic } from '../diagnostics/diagnostic.js';
import type { ProbeScope, ProviderValue } from '../probepoints/provider.js';
import type * as ast from '../syntax/ast.js';
import type { Token } from '../syntax/token.js';
import type { CType } from '../target.js';
import { FunctionInstance, Variable } from '../types/tree.js';
import { subexpressions } from '../types/walk.js';
import type { Body, Capture, ContextRef, Expr, HistExpr, Stmt, VariableExpr } from '../types/tree.js';
import { refuse } from './compilation.js';
import type { Compilation } from './compilation.js';
import { checkRegex, functionKey, mentionsDefined, setArity } from './names.js';
import { refuseCall } from './refuse-call.js';
import { resolveTarget, unresolved } from './targets.js';

/** Where a body's variables, context values and captures go: a handler or a function. */
interface Owner {
  readonly locals: Variable[];
  readonly parameters: readonly Variable[];
  readonly context: ContextRef[];
  readonly body: Body | null;
  /** The function that is lowered, if it is one. */
  readonly made?: FunctionInstance;
  /** The handler body that a function cloned for a return probe belongs to. */
  readonly caller?: Body | null;
}

export class Lowerer {
  private readonly compilation: Compilation;
  private readonly owner: Owner;
  private readonly scope: ProbeScope;
  private readonly point: string;
  private readonly functionName: string;
  /** Key that distinguishes functions cloned for this context. */
  private readonly contextKey: string;
  private readonly names = new Map<string, Variable>();
  private atEntry = false;
  /** Inside @defined. */
  private testing = false;
  /** For @probewrite: names that the probe's own body assigns. */
  private readonly assigned: (() => ReadonlySet<string>) | null;

  constructor(
    compilation: Compilation,
    owner: Owner,
    scope: ProbeScope,
    options: { point: string; contextKey: string; functionName?: string; assigned?: () => ReadonlySet<string> },
  ) {
    this.compilation = compilation;
    this.owner = owner;
    this.scope = scope;
    this.point = options.point;
    this.functionName = options.functionName ?? '';
    this.contextKey = options.contextKey;
    this.assigned = options.assigned ?? null;
    for (const p of owner.parameters) this.names.set(p.name, p);
  }

  // ---- Statements

  statement(s: ast.Stmt): Stmt {
    const { tok } = s;
    switch (s.kind) {
      case 'block':
        return { kind: 'block', tok, body: s.body.map((x) => this.statement(x)) };
      case 'embedded-stmt':
        return { kind: 'embedded-stmt', tok, code: s.code };
      case 'null':
        return { kind: 'null', tok };
      case 'expr-stmt':
        return { kind: 'expr-stmt', tok, expr: this.expr(s.expr) };
      case 'if': {
        const cond = this.expr(s.cond);
        // Code under a condition that @defined decides is not there at all.
        if (cond.kind === 'number' && mentionsDefined(s.cond)) {
          const chosen = cond.value !== 0n ? s.then : s.else;
          return chosen ? this.statement(chosen) : { kind: 'null', tok };
        }
        const then = this.statement(s.then);
        return { kind: 'if', tok, cond, then, else: s.else ? this.statement(s.else) : null };
      }
      case 'while':
        return { kind: 'loop', tok, init: null, cond: this.expr(s.cond), step: null, body: this.statement(s.body) };
      case 'for': {
        const init = s.init && this.expr(s.init);
        const cond = s.cond && this.expr(s.cond);
        const step = s.step && this.expr(s.step);
        return { kind: 'loop', tok, init, cond, step, body: this.statement(s.body) };
      }
      case 'foreach':
        return this.foreach(s);
      case 'return':
        return { kind: 'return', tok, value: s.value && this.expr(s.value) };
      case 'delete':
        return { kind: 'delete', tok, target: this.deleteTarget(s.target) };
      case 'next':
      case 'break':
      case 'continue':
        return { kind: s.kind, tok };
      case 'try': {
        const body = this.statement(s.body);
        const catchVar = s.catchVar && this.symbol(s.catchVar);
        return { kind: 'try', tok, body, catchVar, handler: this.statement(s.handler) };
      }
    }
  }

  private foreach(s: ast.ForeachStmt): Stmt {
    const indexes = s.indexes.map((i) => this.symbol(i));
    let base: VariableExpr | HistExpr;
    if (s.base.kind === 'hist') base = this.hist(s.base);
    else base = this.arrayBase(s.base, s.indexes.length);
    const slice = s.slice && s.slice.map((i) => i && this.expr(i));
    if (slice && slice.length !== indexes.length && base.kind === 'variable')
      refuse(
        `unresolved arity-${slice.length} global array ${base.variable.name}, missing global declaration?`,
        base.tok,
      );
    const value = s.value && this.symbol(s.value);
    const limit = s.limit && this.expr(s.limit);
    return {
      kind: 'foreach',
      tok: s.tok,
      indexes,
      value,
      base,
      slice,
      direction: s.sort?.direction ?? 0,
      column: s.sort?.column ?? 0,
      aggregate: s.sort?.aggr ?? 'count',
      limit,
      body: this.statement(s.body),
    };
  }

  private deleteTarget(e: ast.Expr): Expr {
    if (e.kind === 'symbol') {
      const variable = this.find(e.name, -1, e.tok);
      if (!variable) refuse('unresolved array in delete statement', e.tok);
      return { kind: 'variable', tok: e.tok, type: 'unknown', detail: null, variable };
    }
    if (e.kind !== 'array-index' || e.base.kind === 'hist') refuse('invalid operand of delete expression', e.tok);
    return this.element(e, e.base);
  }

  private element(e: ast.ArrayIndex, base: ast.SymbolExpr): Expr {
    const indexes = e.indexes.map((i) => i && this.expr(i));
    const { variable } = this.arrayBase(base, indexes.length);
    return { kind: 'element', tok: e.tok, type: 'unknown', detail: null, variable, indexes };
  }

  // ---- Names

  /** A variable by name: a local, a parameter, a global. `arity` -1 when the use does not tell. */
  private find(name: string, arity: number, tok: Token): Variable | null {
    const variable = this.names.get(name) ?? this.compilation.findGlobal(name, tok);
    if (variable) setArity(variable, arity, tok);
    return variable;
  }

  private symbol(e: ast.SymbolExpr): VariableExpr {
    let variable = this.find(e.name, 0, e.tok);
    if (!variable) {
      variable = new Variable('local', e.name, e.tok);
      setArity(variable, 0, e.tok);
      this.names.set(e.name, variable);
      this.owner.locals.push(variable);
    }
    return { kind: 'variable', tok: e.tok, type: 'unknown', detail: null, variable };
  }

  private arrayBase(e: ast.SymbolExpr, arity: number): VariableExpr {
    const variable = this.find(e.name, arity, e.tok);
    if (!variable)
      refuse(`unresolved arity-${arity} global array ${e.name}, missing global declaration?`, e.tok, {
        key: 'unresolved array',
      });
    return { kind: 'variable', tok: e.tok, type: 'unknown', detail: null, variable };
  }

  private hist(e: ast.HistOp): HistExpr {
    return {
      kind: 'hist',
      tok: e.tok,
      type: 'unknown',
      detail: null,
      op: e.op,
      params: e.params,
      stat: this.expr(e.stat),
    };
  }

  // ---- Expressions

  expr(e: ast.Expr): Expr {
    const { tok } = e;
    const base = { tok, type: 'unknown' as const, detail: null };
    switch (e.kind) {
      case 'number':
        return { kind: 'number', tok, type: 'long', detail: null, value: e.value };
      case 'string':
        return { kind: 'string', tok, type: 'string', detail: null, value: e.value };
      case 'embedded-expr':
        return { ...base, kind: 'embedded', code: e.code };
      case 'symbol':
        return this.symbol(e);
      case 'target': {
        const made = this.target(e);
        const unreadable = this.provided(made)?.unreadable;
        return unreadable === undefined ? made : unresolved(tok, unreadable);
      }
      case 'array-index': {
        if (e.base.kind === 'hist') {
          const hist = this.hist(e.base);
          if (e.indexes.length !== 1 || !e.indexes[0]) refuse('unresolved type ', tok);
          return { ...base, kind: 'bucket', hist, index: this.expr(e.indexes[0]) };
        }
        if (e.indexes.includes(null)) refuse('wildcard not allowed in array index', tok);
        return this.element(e, e.base);
      }
      case 'call':
        return this.call(e);
      case 'print':
        return this.print(e);
      case 'stat':
        return { ...base, kind: 'stat', op: e.op, stat: this.expr(e.stat), shift: Number(e.params[0] ?? 0n) };
      case 'hist':
        return this.hist(e);
      case 'unary':
        return { ...base, kind: 'unary', op: e.op, operand: this.expr(e.operand) };
      case 'crement':
        return { ...base, kind: 'crement', op: e.op, prefix: e.prefix, operand: this.lvalue(e.operand, tok) };
      case 'binary':
        return { ...base, kind: 'binary', op: e.op, left: this.expr(e.left), right: this.expr(e.right) };
      case 'in': {
        const indexes = e.indexes.map((i) => i && this.expr(i));
        const array = e.base.kind === 'hist' ? this.hist(e.base) : this.arrayBase(e.base, indexes.length);
        return { ...base, kind: 'in', indexes, base: array };
      }
      case 'regex': {
        checkRegex(e.pattern);
        const pattern = {
          kind: 'string' as const,
          tok: e.pattern.tok,
          type: 'string' as const,
          detail: null,
          value: e.pattern.value,
        };
        return { ...base, kind: 'regex', negated: e.negated, left: this.expr(e.left), pattern };
      }
      case 'ternary': {
        const cond = this.expr(e.cond);
        if (cond.kind === 'number' && mentionsDefined(e.cond)) return this.expr(cond.value !== 0n ? e.then : e.else);
        return { ...base, kind: 'ternary', cond, then: this.expr(e.then), else: this.expr(e.else) };
      }
      case 'assign': {
        const left = this.lvalue(e.left, tok);
        return { ...base, kind: 'assign', op: e.op, left, right: this.expr(e.right) };
      }
      case 'defined':
        return { kind: 'number', tok, type: 'long', detail: null, value: this.isDefined(e.operand) ? 1n : 0n };
      case 'entry': {
        if (this.scope.when !== 'return' || !(this.owner.body ?? this.owner.caller))
          refuse(
            `while processing ${this.owner.body ? `probe ${this.point}` : `function ${this.functionName}`}`,
            null,
            {
              key: 'while processing',
              because: diagnostic('semantic', 'internal error: @entry is only valid in .return probes', tok),
            },
          );
        const text = e.operand.span.source.text.slice(e.operand.span.start, e.operand.span.end);
        return this.capture(() => this.expr(e.operand), text, tok);
      }
      case 'perf':
        return { ...base, kind: 'perf', type: 'long' };
      case 'probewrite':
        return { kind: 'number', tok, type: 'long', detail: null, value: this.assigned?.().has(e.name) ? 1n : 0n };
      case 'enum': {
        const value = this.compilation.target.constants.get(e.name);
        if (value === undefined) {
          const number = /^-?(?:0[xX][\da-fA-F]+|\d+)$/.exec(e.name);
          if (!number) return unresolved(tok, `constant '${e.name}' not found`);
          return { kind: 'number', tok, type: 'long', detail: null, value: BigInt(e.name) };
        }
        return typeof value === 'string'
          ? { kind: 'string', tok, type: 'string', detail: null, value }
          : { kind: 'number', tok, type: 'long', detail: null, value: BigInt.asIntN(64, BigInt(value)) };
      }
      case 'deref': {
        const size = Number(e.size);
        if (size !== 1 && size !== 2 && size !== 4 && size !== 8) refuse('invalid dereference size', tok);
        const type: CType = { kind: 'int', name: `u${size * 8}`, size, signed: false };
        const root = { kind: 'address' as const, operand: this.expr(e.address), type };
        const zero: Expr = { kind: 'number', tok, type: 'long', detail: null, value: 0n };
        return {
          kind: 'target',
          tok,
          type: 'long',
          detail: null,
          root,
          steps: [{ kind: 'index', index: zero, type, tok }],
          leaf: type,
          addressOf: false,
          pretty: 0,
        };
      }
      case 'register':
        return unresolved(tok, 'this kernel has no registers');
    }
  }

  private target(e: ast.TargetExpr): Expr {
    const made = resolveTarget(e, this.targetContext());
    if (made.kind !== 'unresolved' || !this.compilation.options.skipBadVars || this.testing) return made;
    this.compilation.warn('Bad $context variable being substituted with literal 0', e.tok);
    return { kind: 'number', tok: e.tok, type: 'long', detail: null, value: 0n };
  }

  /** What the provider of the probe says of the value that an expression reaches into. */
  private provided(e: Expr): ProviderValue | undefined {
    if (e.kind !== 'target' || e.root.kind !== 'context') return undefined;
    const { name } = e.root.ref;
    return this.scope.values.find((v) => v.name === name);
  }

  private isDefined(e: ast.Expr): boolean {
    const outer = this.testing;
    this.testing = true;
    try {
      return this.findsAll(e);
    } finally {
      this.testing = outer;
    }
  }

  private findsAll(e: ast.Expr): boolean {
    const made = this.expr(e);
    // Only what reaches into the target can be defined; anything else is not.
    if (e.kind !== 'target' && e.kind !== 'entry' && e.kind !== 'enum') {
      const mention = (x: Expr): void => {
        if (x.kind === 'variable' || x.kind === 'element') this.compilation.mentioned.add(x.variable);
        subexpressions(x).forEach(mention);
      };
      mention(made);
      return false;
    }
    const open: Expr[] = [made];
    for (let next = open.pop(); next; next = open.pop()) {
      if (next.kind === 'unresolved') return false;
      if (next.kind === 'entry') open.push(next.capture.expr);
      if (next.kind === 'autocast') open.push(next.operand);
      if (next.kind === 'target' && next.root.kind === 'address') open.push(next.root.operand);
    }
    return true;
  }

  private lvalue(e: ast.Expr, tok: Token): Expr {
    const { guru } = this.compilation.options;
    if (e.kind === 'symbol') return this.symbol(e);
    if (e.kind === 'array-index' && e.base.kind !== 'hist') return this.expr(e);
    if (e.kind !== 'target') return refuse('Expecting lvalue for assignment', tok, { also: e.tok });
    const left = this.target(e);
    if (left.kind === 'print') refuse('cannot write to context variable', e.tok);
    if (left.kind !== 'target') {
      if (left.kind === 'entry') refuse('write to target variable not permitted in .return probes', e.tok);
      return left;
    }
    const { root } = left;
    const value = this.provided(left);
    if (value?.unwritable !== undefined) refuse(value.unwritable, e.tok);
    if (!guru && !value?.writable && !e.tok.source.library)
      refuse('write to target variable not permitted; need stap -g', e.tok, { key: 'write to target' });
    if (left.pretty > 0) refuse('cannot write to pretty-printed variable', e.tok);
    if (left.addressOf) refuse('cannot write to an address', e.tok);
    if (root.kind === 'context' && left.steps.length === 0) this.owner.body?.written.add(root.ref.name);
    return left;
  }

  private call(e: ast.FunctionCall): Expr {
    const args = e.args.map((a) => this.expr(a));
    const declared = this.compilation.findFunctions(e.name, args.length, e.tok);
    const fitting = declared.filter((f) => f.params.length === args.length);
    const made = { kind: 'call' as const, tok: e.tok, type: 'unknown' as const, detail: null, name: e.name, args };
    if (fitting.length > 0) {
      // The user's own come before the library's unless they say otherwise.
      const priority = (f: ast.FunctionDecl) => f.priority ?? (f.tok.source.library ? 1n : 0n);
      const ordered = [...fitting].sort((a, b) => Number(priority(a) - priority(b)));
      const targets = ordered.map((f) => this.instance(f));
      for (const t of targets) {
        for (const ref of t.context) this.use(ref);
        if (t.captures && this.owner.made) this.owner.made.captures = t.captures;
      }
      return { ...made, targets, builtin: null };
    }
    const record = builtin(e.name, args.length);
    if (record) {
      if (record.guru && !this.compilation.options.guru && !e.tok.source.library)
        refuse(`function ${e.name} may only be used in guru mode (-g)`, e.tok, { key: 'guru function' });
      return { ...made, targets: [], builtin: record };
    }
    return refuseCall(this.compilation, e, declared[0] as ast.FunctionDecl | undefined);
  }

  /** The instance of a declared function for this context: its own if it reads `$` variables. */
  instance(f: ast.FunctionDecl): FunctionInstance {
    const key = functionKey(f) + (this.compilation.readsContext(f) ? ` ${this.contextKey}` : '');
    const known = this.compilation.functions.get(key);
    if (known) return known;
    const parameters = f.params.map((p) => {
      const v = new Variable('parameter', p.name, p.tok);
      v.arity = 0;
      v.arityTok = p.tok;
      v.type = p.type ?? 'unknown';
      return v;
    });
    const made = new FunctionInstance(f, key, parameters);
    this.compilation.functions.set(key, made);
    const caller = this.owner.body ?? this.owner.caller ?? null;
    const owner: Owner = { locals: made.locals, parameters, context: made.context, body: null, made, caller };
    const scope = this.compilation.readsContext(f) ? this.scope : noFunctionScope;
    const { point, contextKey } = this;
    const lower = () => {
      made.body = new Lowerer(this.compilation, owner, scope, { point, contextKey, functionName: f.name }).statement(
        f.body,
      );
    };
    // What a function reads of the context its callers must be given, so it cannot wait.
    if (scope === noFunctionScope) this.compilation.pending.push(lower);
    else this.compilation.attempt(lower);
    return made;
  }

  private print(e: ast.PrintFormat): Expr {
    const args = e.args.map((a) => this.expr(a));
    return {
      kind: 'print',
      tok: e.tok,
      type: 'unknown',
      detail: null,
      toStream: e.toStream,
      formatted: e.formatted,
      newline: e.newline,
      char: e.char,
      delimiter: e.delimiter ? e.delimiter.value : null,
      directives: e.directives,
      args,
      hist: e.hist && this.hist(e.hist),
    };
  }

  // ---- Target variables

  private targetContext() {
    return {
      target: this.compilation.target,
      scope: this.scope,
      atEntry: this.atEntry,
      lower: (e: ast.Expr) => this.expr(e),
      use: (ref: ContextRef) => this.use(ref),
      capture: (make: () => Expr, text: string, tok: Token) => this.capture(make, text, tok),
    };
  }

  private use(ref: ContextRef): void {
    const body = this.owner.body ?? this.owner.caller;
    const list = this.atEntry && body ? body.entryContext : this.owner.context;
    if (!list.some((r) => r.kind === ref.kind && r.name === ref.name)) list.push(ref);
  }

  private capture(make: () => Expr, text: string, tok: Token): Expr {
    const body = this.owner.body ?? this.owner.caller;
    if (!body) return unresolved(tok, null);
    if (this.owner.made) this.owner.made.captures = body;
    let capture: Capture | undefined = body.captures.find((c) => c.text === text);
    if (!capture) {
      const outer = this.atEntry;
      this.atEntry = true;
      const expr = make();
      this.atEntry = outer;
      if (expr.kind === 'unresolved' || outer) return expr;
      capture = { expr, text };
      body.captures.push(capture);
    }
    return { kind: 'entry', tok, type: capture.expr.type, detail: capture.expr.detail, capture };
  }
}

/** Lowers a function that may not be called at all, for the errors in it. */
export function lowerFunction(compilation: Compilation, f: ast.FunctionDecl): void {
  if (compilation.readsContext(f)) return;
  const owner = { locals: [], parameters: [], context: [], body: null };
  new Lowerer(compilation, owner, noFunctionScope, { point: '', contextKey: '' }).instance(f);
}

const noFunctionScope: ProbeScope = { symbol: null, when: 'none', line: 0, values: [] };
