/**
 * From resolved bodies to a Program: one JavaScript factory function, and what the runtime must know to attach
 * its handlers. Read beside it: abi.ts.
 */
import type { ContextValue, DerivedProbe, GlobalVariable, Program, ScriptType, WriteBack } from '../abi.js';
import { statsNeeds } from '../passes/checks.js';
import type { StatsNeeds } from '../passes/checks.js';
import type { Compilation } from '../passes/compilation.js';
import { functionsInOrder } from '../passes/optimize/unused.js';
import { VariableUse } from '../passes/optimize/varuse.js';
import { tokenPlace } from '../syntax/token.js';
import type { Token } from '../syntax/token.js';
import type { Body, Capture, ContextRef, Expr, FunctionInstance, Stmt, Variable } from '../types/tree.js';
import { eachExpression, expressionsOf, subexpressions, substatements } from '../types/walk.js';
import { embeddedPrelude, embeddedStatements } from './embedded.js';
import { contextArguments } from './expressions.js';
import { longText, stringText } from './literals.js';
import { helperTexts } from './helpers.js';
import { StatementWriter } from './statements.js';
import { Tables } from './tables.js';

/** Handlers with fewer actions than this, and no loops or calls, need no counting under any sane MAXACTION. */
const fewActions = 100;

export function generate(compilation: Compilation, unread: readonly Variable[]): Program {
  return new Generator(compilation, unread).program();
}

const zero = (v: Variable) => (v.type === 'string' ? "''" : '0');

class CodeWriter extends StatementWriter {
  captures: readonly Capture[] = [];

  protected override captured(capture: object): string {
    const i = this.captures.findIndex((c) => c === capture);
    return this.captures.length === 1 ? '$e' : `$e[${i}]`;
  }
}

class Generator {
  private readonly compilation: Compilation;
  private readonly tables: Tables;
  private readonly handlers: string[] = [];
  private readonly texts: string[] = [];
  private readonly stats: Map<Variable, StatsNeeds>;
  private readonly unread: readonly Variable[];

  constructor(compilation: Compilation, unread: readonly Variable[]) {
    this.compilation = compilation;
    this.unread = unread;
    this.tables = new Tables(compilation);
    this.stats = statsNeeds(compilation);
  }

  program(): Program {
    const { compilation } = this;
    const functions = functionsInOrder(compilation);
    for (const f of functions) if (f.body && containsNext(f.body)) this.tables.dispatchable.add(f);
    propagateContext(functions, compilation.bodies);
    for (const f of functions) this.texts.push(this.function(f));
    const armed = compilation.probes.filter((p) => p.derived.detail.provider !== 'never');
    const conditions = this.conditionDependences(armed.map((p) => p.body));
    const made = new Map<Body, ReturnType<Generator['handler']>>();
    let placed: Token | null = null;
    let location = '';
    const probes: DerivedProbe[] = armed.map(({ derived, body }, index) => {
      let handler = made.get(body);
      if (!handler) made.set(body, (handler = this.handler(body, conditions)));
      const { text, name, detail, probe } = derived;
      if (placed !== probe.tok) {
        placed = probe.tok;
        const { source, line, col } = tokenPlace(placed);
        location = `${source.name}:${line}:${col}`;
      }
      return { index, point: text, name, location, detail, ...handler };
    });
    const globals = compilation.globals.map((v, index) => this.globalVariable(v, index));
    return {
      source: this.source(),
      globals,
      probes,
      sites: this.tables.sites,
      unread: this.unread.map((v) => globals[compilation.globals.indexOf(v)]),
    };
  }

  private source(): string {
    const globals = this.compilation.globals;
    const declared = globals.flatMap((v) => this.globalText(v));
    const accessors = globals.map((v) => this.accessor(v));
    const constants = [...this.tables.constants].map(([text, name]) => `const ${name} = ${text};`);
    return [
      "'use strict';",
      'const $s = $rt.state;',
      'const $w = $rt.writes;',
      ...helperTexts(this.tables.helpers),
      ...constants,
      ...this.embeds(),
      ...declared,
      ...this.tables.dispatchers.values(),
      ...this.texts,
      `return {\n  handlers: [${this.handlers.join(', ')}],\n  globals: [${accessors.join(', ')}],\n};`,
      '',
    ].join('\n');
  }

  /** What embedded code needs, and what the script has on its top level for it. */
  private embeds(): string[] {
    if (!this.tables.hasEmbedded) return [];
    // C that is none of the simple kind (headers, macros) is of no use to what could run here.
    const own = this.compilation.embeds.map((code) => embeddedStatements(code)).filter((text) => text !== null);
    return [embeddedPrelude, ...own];
  }

  // ---- Globals

  private globalVariable(v: Variable, index: number): GlobalVariable {
    const init = v.declaration?.init;
    const initial = init?.kind === 'number' ? toLong(init.value) : init?.value;
    return {
      name: v.name,
      index,
      type: v.type as ScriptType,
      keys: v.keys.map((k) => (k === 'string' ? 'string' : 'long')),
      ...(initial === undefined ? {} : { initial }),
    };
  }

  private globalText(v: Variable): string[] {
    const name = this.tables.variable(v);
    const needs = this.stats.get(v);
    const histogram = histogramText(needs);
    const shift = needs?.bitShift ?? null;
    if (v.arity > 0) {
      const { declaration } = v;
      const types = Array.from({ length: v.arity }, (_, i) => (v.keys[i] === 'string' ? 'string' : 'long'));
      const spec = [
        `name: ${stringText(v.name)}`,
        `keys: ${v.arity}`,
        `keyTypes: ${JSON.stringify(types)}`,
        `value: "${v.type}"`,
        `size: ${declaration?.size ?? 0}`,
        `wrap: ${declaration?.wrap ?? false}`,
        `histogram: ${histogram}`,
        `bitShift: ${shift}`,
      ];
      const texts = [`const ${name} = $rt.newMap({ ${spec.join(', ')} });`];
      if (v.type === 'stats')
        texts.push(`const ${name}_none = $rt.newStats(${stringText(v.name)}, ${histogram}, ${shift});`);
      return texts;
    }
    if (v.type === 'stats') return [`const ${name} = $rt.newStats(${stringText(v.name)}, ${histogram}, ${shift});`];
    const init = v.declaration?.init;
    const value = init
      ? init.kind === 'number'
        ? longText(init.value)
        : stringText(init.value.slice(0, 511))
      : zero(v);
    return [`let ${name} = ${value};`];
  }

  private accessor(v: Variable): string {
    const name = this.tables.variable(v);
    if (v.arity > 0) return `{ kind: 'array', map: ${name} }`;
    if (v.type === 'stats') return `{ kind: 'stats', stats: ${name} }`;
    return `{ kind: 'scalar', get: () => ${name}, set: (v) => { ${name} = v; } }`;
  }

  // ---- Functions

  private function(f: FunctionInstance): string {
    const w = new CodeWriter(this.tables, 'function', true);
    w.captures = f.captures?.captures ?? [];
    const params = [...f.parameters.map((p) => `p_${p.name}`), ...contextArguments([f]), '$n'];
    const { body } = f;
    const empty = f.type === 'string' ? "''" : '0';
    const head = `function ${this.tables.functionName(f)}(${params.join(', ')}) {`;
    const site = this.tables.site(f.tok);
    const enter = `  if ($n > ${this.tables.helper('$nesting')}) ${this.tables.helper('$deep')}(${site});`;
    if (body?.kind === 'embedded-stmt') return this.embedded(f, body.code, head, enter, site);
    if (body) {
      w.statement(body);
      w.record(0, body.tok, true);
    }
    const locals = f.locals.map((l) => `l_${l.name} = ${zero(l)}`);
    const names = [`$v = ${empty}`, ...locals, ...w.temporaries];
    return [head, enter, `  let ${names.join(', ')};`, w.text, '  return $v;', '}'].filter((l) => l !== '').join('\n');
  }

  /** STAP_ARG_x are the arguments, STAP_RETURN(v) or STAP_RETVALUE gives the result; embedded.ts has the rest. */
  private embedded(f: FunctionInstance, code: string, head: string, enter: string, site: number): string {
    const text = this.tables.embedded(embeddedStatements(code), f.tok);
    const args = f.parameters.map((p) => `  const STAP_ARG_${p.name} = p_${p.name};`);
    const convert =
      f.type === 'string'
        ? `${this.tables.helper('$cap')}(String(v ?? ''))`
        : "$rt.toLong(typeof v === 'number' ? Math.trunc(v) : (v ?? 0))";
    return [
      head,
      enter,
      `  $s.site = ${site};`,
      ...args,
      `  STAP_VALUE.result = ${f.type === 'string' ? "''" : '0'};`,
      `  STAP_GUARD(() => {${text}\n  });`,
      '  const v = STAP_VALUE.result;',
      `  return ${convert};`,
      '}',
    ].join('\n');
  }

  // ---- Handlers

  private handler(
    body: Body,
    conditions: Map<Variable, number[]>,
  ): Omit<DerivedProbe, 'index' | 'point' | 'name' | 'location' | 'detail'> {
    const counting = this.mustCount(body.code);
    const w = new CodeWriter(this.tables, 'handler', counting);
    w.captures = body.captures;
    const values: ContextValue[] = body.context.map(({ kind, name }) => ({ expr: name, kind }));
    const params = body.context.map((r) => `c_${r.name}`);
    if (body.captures.length > 0) {
      values.push({ expr: '', kind: 'entry' });
      params.push('$e');
    }
    const writes: WriteBack[] = body.context
      .filter((r) => body.written.has(r.name))
      .map(({ kind, name }, slot) => ({ expr: name, kind, slot }));
    const back = writes.map((x) => `$w[${x.slot}] = c_${x.expr};`).join(' ');
    const name = `h${this.handlers.push('') - 1}`;
    const number = this.handlers.length - 1;
    this.handlers[number] = name;
    w.open('  $body: {');
    w.statement(body.code);
    w.record(0, body.code.tok, true);
    w.close();
    const locals = [...body.locals.map((l) => `l_${l.name} = ${zero(l)}`), ...w.temporaries];
    const limit = body.interruptible ? 'actionInterruptible' : 'action';
    const missing = body.captures.map((c) => (c.expr.type === 'string' ? "''" : '0'));
    const recheck = this.rechecked(body, conditions);
    const skip = `  if ($s.busy) { ${back ? `${back} ` : ''}$rt.skipped($p); return; }`;
    const defaults =
      missing.length > 0
        ? [`  if ($e === undefined) $e = ${missing.length === 1 ? missing[0] : `[${missing.join(', ')}]`};`]
        : [];
    const declared = locals.length > 0 ? [`  let ${locals.join(', ')};`] : [];
    const framed = [
      '  $s.busy = true;',
      '  $s.probe = $p;',
      '  $s.site = 0;',
      ...(counting ? [`  $s.actions = $rt.limits.${limit};`] : []),
      ...defaults,
      ...declared,
      '  try {',
      w.text,
      '  } catch ($x) {',
      '    $rt.fault($x);',
      '  }',
      ...(back ? [`  ${back}`] : []),
      // speculate() holds to the end of the handler.
      ...(this.tables.uses('speculate') ? ['  $rt.redirect(null);'] : []),
      '  $s.busy = $s.closed;',
    ];
    const bare = [...defaults, ...declared, w.text];
    const lines = [
      `function ${name}(${['$p', ...params].join(', ')}) {`,
      skip,
      ...(!counting && back === '' && cannotFail(body.code) ? bare : framed),
      ...(recheck.length > 0 ? [`  $rt.recheck([${recheck.join(', ')}]);`] : []),
      '}',
    ];
    this.texts.push(lines.filter((l) => l !== '').join('\n'));
    const entry = body.captures.length > 0 ? { entry: this.entry(body) } : {};
    const condition = body.condition ? { condition: this.condition(body) } : {};
    return { handler: number, values, writes, ...entry, ...condition };
  }

  /** The handler that keeps, at the entry of a function, what its return probe wants to know. */
  private entry(body: Body): NonNullable<DerivedProbe['entry']> {
    const w = new CodeWriter(this.tables, 'handler', false);
    const number = this.handlers.push('') - 1;
    const name = `e${number}`;
    this.handlers[number] = name;
    const values = body.captures.map((c) => w.value(c.expr));
    const params = body.entryContext.map((r) => `c_${r.name}`);
    const lines = [
      `function ${name}(${['$p', ...params].join(', ')}) {`,
      '  if ($s.busy) { $rt.skipped($p); return undefined; }',
      '  $s.busy = true;',
      '  $s.probe = $p;',
      '  $s.site = 0;',
      ...(body.captures.some((c) => callsFunction(c.expr)) ? ['  $s.actions = $rt.limits.action;'] : []),
      `  let ${['$v', ...w.temporaries].join(', ')};`,
      '  try {',
      `    $v = ${values.length === 1 ? values[0] : `[${values.join(', ')}]`};`,
      '  } catch ($x) {',
      '    $rt.fault($x);',
      '  }',
      '  $s.busy = $s.closed;',
      '  return $v;',
      '}',
    ];
    this.texts.push(lines.join('\n'));
    return { handler: number, values: body.entryContext.map(({ kind, name: expr }) => ({ expr, kind })) };
  }

  private condition(body: Body): number {
    const w = new CodeWriter(this.tables, 'handler', false);
    const number = this.handlers.push('') - 1;
    this.handlers[number] = `c${number}`;
    const value = body.condition ? w.condition(body.condition) : 'true';
    const lines = [
      `function c${number}() {`,
      '  $s.actions = $rt.limits.actionInterruptible;',
      ...(w.temporaries.length > 0 ? [`  let ${w.temporaries.join(', ')};`] : []),
      '  try {',
      `    return ${value} ? 1 : 0;`,
      '  } catch ($x) {',
      '    $rt.fault($x);',
      '    return 0;',
      '  }',
      '}',
    ];
    this.texts.push(lines.join('\n'));
    return number;
  }

  /** For each global that a condition reads: the probes whose condition that is. */
  private conditionDependences(bodies: readonly Body[]): Map<Variable, number[]> {
    const map = new Map<Variable, number[]>();
    bodies.forEach((body, index) => {
      if (!body.condition) return;
      const use = new VariableUse();
      use.expr(body.condition);
      for (const v of use.read) map.set(v, [...(map.get(v) ?? []), index]);
    });
    return map;
  }

  private rechecked(body: Body, conditions: Map<Variable, number[]>): number[] {
    if (conditions.size === 0) return [];
    const use = new VariableUse();
    use.statement(body.code);
    const probes = new Set<number>();
    for (const v of use.written) for (const p of conditions.get(v) ?? []) probes.add(p);
    return [...probes].sort((a, b) => a - b);
  }

  private mustCount(code: Stmt): boolean {
    const most = Math.min(fewActions, this.compilation.options.maxAction ?? fewActions);
    let actions = 0;
    const unbounded = (s: Stmt): boolean =>
      ++actions >= most ||
      s.kind === 'loop' ||
      s.kind === 'foreach' ||
      expressionsOf(s).some(callsFunction) ||
      substatements(s).some(unbounded);
    return unbounded(code);
  }
}

function toLong(n: bigint): number | bigint {
  return n <= BigInt(Number.MAX_SAFE_INTEGER) && n >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(n) : n;
}

function histogramText(needs: StatsNeeds | undefined): string {
  const h = needs?.histogram;
  if (!h || h.kind === 'none') return "{ kind: 'none' }";
  if (h.kind === 'log') return "{ kind: 'log' }";
  const [start, stop, interval] = [h.start, h.stop, h.interval].map((n) => longText(BigInt(n)));
  return `{ kind: 'linear', start: ${start}, stop: ${stop}, interval: ${interval} }`;
}

/** Code that reads and writes nothing but variables: it needs no place for errors and cannot set off a probe. */
function cannotFail(s: Stmt): boolean {
  if (s.kind === 'try' || s.kind === 'foreach' || s.kind === 'embedded-stmt') return false;
  if (s.kind === 'delete' && s.target.kind !== 'variable') return false;
  return expressionsOf(s).every(isHarmless) && substatements(s).every(cannotFail);
}

function isHarmless(e: Expr): boolean {
  switch (e.kind) {
    case 'call':
    case 'print':
    case 'hist':
    case 'bucket':
    case 'regex':
    case 'embedded':
      return false;
    case 'assign':
    case 'crement': {
      const to = e.kind === 'assign' ? e.left : e.operand;
      if (to.kind !== 'variable') return false;
      if (e.kind === 'assign' && (e.op === '/=' || e.op === '%=')) return false;
      break;
    }
    case 'binary':
      if ((e.op === '/' || e.op === '%') && (e.right.kind !== 'number' || e.right.value === 0n)) return false;
      break;
    case 'in':
      if (e.base.kind === 'hist' || e.indexes.includes(null)) return false;
      break;
    case 'stat':
      if (e.op !== 'count' && e.op !== 'sum') return false;
      break;
    case 'target':
      return e.root.kind === 'context' && e.steps.length === 0 && e.pretty === 0 && e.leaf.kind === 'int';
    default:
      break;
  }
  return subexpressions(e).every(isHarmless);
}

/** Does it call a function of the script's, which counts actions? */
function callsFunction(e: Expr): boolean {
  return (e.kind === 'call' && e.targets.length > 0) || subexpressions(e).some(callsFunction);
}

function containsNext(s: Stmt): boolean {
  return s.kind === 'next' || substatements(s).some(containsNext);
}

/** Context values that a called function reads are handed down by its callers. */
function propagateContext(functions: readonly FunctionInstance[], bodies: readonly Body[]): void {
  const add = (to: ContextRef[], from: readonly ContextRef[]): boolean => {
    let changed = false;
    for (const ref of from)
      if (!to.some((r) => r.kind === ref.kind && r.name === ref.name)) {
        to.push(ref);
        changed = true;
      }
    return changed;
  };
  const pull = (code: Stmt | null, to: ContextRef[]): boolean => {
    let changed = false;
    eachExpression(code, (e) => {
      if (e.kind === 'call') for (const f of e.targets) if (add(to, f.context)) changed = true;
    });
    return changed;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const f of functions) if (pull(f.body, f.context)) changed = true;
  }
  for (const body of bodies) pull(body.code, body.context);
}
