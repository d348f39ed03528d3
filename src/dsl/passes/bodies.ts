/**
 * Derives every probe and lowers its body: one Body per distinct handler. Probes whose `$` variables resolve to
 * the same values share one, so that a wildcard over thousands of functions is compiled once. Read beside it:
 * derive.ts, lower.ts.
 */
import type { DerivedPoint, ProbeScope } from '../probepoints/provider.js';
import type { Block, FunctionDecl } from '../syntax/ast.js';
import type { Body, Expr, Variable } from '../types/tree.js';
import { eachExpression, subexpressions } from '../types/walk.js';
import { refuse } from './compilation.js';
import type { Compilation } from './compilation.js';
import { Deriver } from './derive.js';
import { Lowerer, lowerFunction } from './lower.js';
import { findContextValue, visibleVariables } from './targets.js';
import { walkSyntax } from './walk-syntax.js';

/** What of its probe point a body depends on. */
interface Dependence {
  /** Names of `$` variables, in it or in functions that it calls. */
  readonly names: ReadonlySet<string>;
  /** It must know whether it runs at entry or at return. */
  readonly entry: boolean;
}

export function makeBodies(compilation: Compilation): void {
  const deriver = new Deriver(compilation);
  const maker = new BodyMaker(compilation);
  // Files are added while library files are pulled in.
  for (let i = 0; i < compilation.files.length; i++) {
    const file = compilation.files[i];
    for (const probe of file.probes)
      for (const derived of deriver.derive(probe)) {
        const body = maker.body(derived);
        if (body) compilation.probes.push({ derived, body });
      }
    if (!file.source.library) for (const f of file.functions) compilation.attempt(() => lowerFunction(compilation, f));
    compilation.lowerPending();
  }
}

class BodyMaker {
  private readonly compilation: Compilation;
  private readonly bodies = new Map<string, Body | null>();
  private readonly dependences = new Map<Block, Dependence>();
  private readonly numbers = new Map<object, number>();

  constructor(compilation: Compilation) {
    this.compilation = compilation;
  }

  /** The body for a derived point; null if it has an error, which is reported once. */
  body(derived: DerivedPoint): Body | null {
    const key = this.key(derived);
    const known = this.bodies.get(key.all);
    if (known !== undefined) return known;
    const made = this.make(derived, key.context);
    this.bodies.set(key.all, made);
    if (made) this.compilation.bodies.push(made);
    return made;
  }

  private make(derived: DerivedPoint, contextKey: string): Body | null {
    const { scope, blocks, conditions, probe } = derived;
    const body: Body = {
      tok: probe.tok,
      locals: [],
      code: { kind: 'null', tok: probe.tok },
      condition: null,
      context: [],
      captures: [],
      entryContext: [],
      written: new Set(),
      point: derived.text,
      interruptible: derived.interruptible,
      elided: false,
    };
    const assigned = () => assignedIn(probe.body);
    const options = { point: derived.text, contextKey, assigned };
    const owner = { locals: body.locals, parameters: [], context: body.context, body };
    const done = this.compilation.attempt(() => {
      const lowerer = new Lowerer(this.compilation, owner, scope, options);
      const parts = blocks.map((b) => lowerer.statement(b));
      body.code = parts.length === 1 ? parts[0] : { kind: 'block', tok: blocks[0].tok, body: parts };
      for (const condition of conditions) {
        const locals: Variable[] = [];
        const outside = { locals, parameters: [], context: [], body: null };
        const inner = new Lowerer(
          this.compilation,
          outside,
          { ...scope, symbol: null, when: 'none', values: [] },
          options,
        );
        const expr = inner.expr(condition);
        if (locals.length > 0) refuse('probe condition must not reference undeclared global', locals[0].tok);
        checkCondition(expr);
        body.condition = body.condition
          ? {
              kind: 'binary',
              tok: expr.tok,
              type: 'unknown',
              detail: null,
              op: '&&',
              left: body.condition,
              right: expr,
            }
          : expr;
      }
      return true;
    });
    return done ? body : null;
  }

  private key(derived: DerivedPoint): { all: string; context: string } {
    const { scope, blocks, conditions } = derived;
    const names = new Set<string>();
    let entry = false;
    for (const block of blocks) {
      const d = this.dependence(block);
      for (const n of d.names) names.add(n);
      entry ||= d.entry;
    }
    let context = '';
    if (names.size > 0 || entry) context = `${scope.when} ${[...names].map((n) => describe(n, scope)).join(' ')}`;
    // What a function reads of a function's entry is captured for one handler, so it is that handler's own.
    if (scope.when === 'return' && names.size > 0) context += ` ${[...blocks].map((b) => this.number(b)).join(',')}`;
    const parts = [...blocks, ...conditions].map((x) => this.number(x)).join(',');
    return { all: `${parts} ${derived.interruptible} ${context}`, context };
  }

  private number(of: object): number {
    let n = this.numbers.get(of);
    if (n === undefined) this.numbers.set(of, (n = this.numbers.size));
    return n;
  }

  private dependence(block: Block): Dependence {
    const known = this.dependences.get(block);
    if (known) return known;
    const names = new Set<string>();
    let entry = false;
    const seen = new Set<FunctionDecl>();
    const collect = (code: Block | FunctionDecl['body']): void =>
      walkSyntax(code, (n) => {
        if (n.kind === 'target' && n.root.kind === 'var') names.add(n.root.name);
        else if (n.kind === 'entry') entry = true;
        else if (n.kind === 'call')
          for (const f of this.compilation.findFunctions(n.name, n.args.length, n.tok)) {
            if (seen.has(f)) continue;
            seen.add(f);
            if (this.compilation.readsContext(f)) collect(f.body);
          }
      });
    collect(block);
    const made = { names, entry };
    this.dependences.set(block, made);
    return made;
  }
}

/** A text that is equal for two scopes only if `name` means the same thing in both. */
function describe(name: string, scope: ProbeScope): string {
  if (name.startsWith('$$')) {
    const shown = name === '$$return' ? scope.symbol?.returnType : visibleVariables(scope);
    const parameters = scope.symbol?.parameters.length ?? 0;
    return `${name}:${parameters}:${JSON.stringify(shown)}`;
  }
  const ref = findContextValue(scope, name.slice(1));
  // Where it is missing it is missing alike: of messages about it only the first is said.
  return ref ? `${ref.kind}:${name}:${JSON.stringify(ref.type)}` : `?${name}`;
}

/** A block of a wildcard's probe is asked about for each function that matches. */
const assignments = new WeakMap<Block, ReadonlySet<string>>();

/** Names of variables and `$` variables that a probe's own body assigns, for @probewrite. */
function assignedIn(block: Block): ReadonlySet<string> {
  const known = assignments.get(block);
  if (known) return known;
  const names = new Set<string>();
  walkSyntax(block, (n) => {
    const left = n.kind === 'assign' ? n.left : n.kind === 'crement' ? n.operand : null;
    if (left?.kind === 'symbol') names.add(left.name);
    if (left?.kind === 'target' && left.root.kind === 'var') names.add(left.root.name);
  });
  assignments.set(block, names);
  return names;
}

function checkCondition(e: Expr): void {
  if (e.kind === 'assign' || e.kind === 'crement') refuse('probe condition must not modify any variables', e.tok);
  for (const sub of subexpressions(e)) checkCondition(sub);
}

/** All bodies' and called functions' statements. */
export function eachCode(compilation: Compilation, f: (e: Expr) => void): void {
  for (const body of compilation.bodies) eachExpression(body.code, f);
  for (const fn of compilation.functions.values()) eachExpression(fn.body, f);
}
