/**
 * What -p2 prints: embedded code, globals, functions and probes with the types found; with -v their code, too, as
 * it is after optimization. Read beside it: stap(1), "-p NUM". Expressions are printed with SystemTap's parentheses.
 */
import type { FormatDirective } from '../syntax/ast.js';
import { expression } from '../syntax/print.js';
import type { Compilation } from '../passes/compilation.js';
import { functionsInOrder } from '../passes/optimize/unused.js';
import { typeText } from '../types/ctypes.js';
import type { Expr, Stmt, Variable } from '../types/tree.js';

export function printAnalysis(compilation: Compilation): string {
  const out: string[] = [];
  const verbose = (compilation.options.verbose ?? 0) > 0;
  const embeds = compilation.files.flatMap((f) => f.embeds);
  if (embeds.length > 0) out.push('# global embedded code', ...embeds.map((e) => `%{${e.code}%}`));
  if (compilation.globals.length > 0) out.push('# globals');
  for (const g of compilation.globals) {
    const init = verbose ? g.declaration?.init : null;
    out.push(declared(g) + (init ? ` = ${expression(init)}` : ''));
  }
  const functions = functionsInOrder(compilation);
  if (functions.length > 0) out.push('# functions');
  for (const f of functions) {
    out.push(`${f.name}:${f.type} (${f.parameters.map(declared).join(', ')})`);
    if (verbose) out.push(...localsText(f.locals), ...(f.body ? statementText(f.body, '') : []));
  }
  if (compilation.probes.length > 0) out.push('# probes');
  for (const { derived, body } of compilation.probes) {
    out.push(`${derived.text} /* <- ${derived.name} */`);
    out.push(...localsText(body.locals));
    if (verbose) out.push(...statementText(body.code, ''));
  }
  return out.map((l) => `${l}\n`).join('');
}

function declared(v: Variable): string {
  return `${v.name}:${v.type}${v.arity > 0 ? ` [${v.keys.join(', ')}]` : ''}`;
}

function localsText(locals: readonly Variable[]): string[] {
  return locals.length > 0 ? ['  # locals', ...locals.map((l) => `  ${declared(l)}`)] : [];
}

const letters: Readonly<Record<string, string>> = {
  pointer: 'p',
  string: 's',
  char: 'c',
  memory: 'm',
  'memory-hex': 'M',
  binary: 'b',
};

function directiveText(d: FormatDirective): string {
  if (d.kind === 'literal') return d.text.replace(/%/g, '%%');
  if (d.kind === 'percent') return '%%';
  const flags = `${d.special ? '#' : ''}${d.zeroPad ? '0' : ''}${d.left ? '-' : ''}${d.plus ? '+' : ''}${d.space ? ' ' : ''}`;
  const number = d.base === 8 ? 'o' : d.base === 16 ? (d.uppercase ? 'X' : 'x') : d.signed ? 'd' : 'u';
  const precision = d.precision === null ? '' : `.${d.precision}`;
  return `%${flags}${d.width ?? ''}${precision}${letters[d.kind] ?? number}`;
}

const list = (items: readonly (Expr | null)[]) => items.map((i) => (i ? expressionText(i) : '*')).join(', ');

/** A resolved expression as script text. */
export function expressionText(e: Expr): string {
  const inner = (x: Expr) => `(${expressionText(x)})`;
  switch (e.kind) {
    case 'number':
      return String(e.value);
    case 'string':
      return JSON.stringify(e.value);
    case 'variable':
      return e.variable.name;
    case 'element':
      return `${e.variable.name}[${list(e.indexes)}]`;
    case 'bucket':
      return `${expressionText(e.hist)}[${expressionText(e.index)}]`;
    case 'call':
      return `${e.name}(${list(e.args)})`;
    case 'print': {
      const name = `${e.toStream ? '' : 's'}print${e.formatted ? 'f' : e.delimiter !== null ? 'd' : ''}${e.newline ? 'ln' : ''}`;
      if (e.hist) return `${name}(${expressionText(e.hist)})`;
      const first = e.formatted
        ? [JSON.stringify(e.directives.map(directiveText).join(''))]
        : e.delimiter !== null
          ? [JSON.stringify(e.delimiter)]
          : [];
      return `${name}(${[...first, ...e.args.map(expressionText)].join(', ')})`;
    }
    case 'stat':
      return `@${e.op}(${expressionText(e.stat)})`;
    case 'hist':
      return `@hist_${e.op}(${[expressionText(e.stat), ...e.params].join(', ')})`;
    case 'unary':
      return `${e.op}${inner(e.operand)}`;
    case 'crement':
      return e.prefix ? `${e.op}${inner(e.operand)}` : `${inner(e.operand)}${e.op}`;
    case 'binary':
    case 'assign':
      return `${inner(e.left)} ${e.op} ${inner(e.right)}`;
    case 'in':
      return `[${list(e.indexes)}] in ${expressionText(e.base)}`;
    case 'regex':
      return `${inner(e.left)} ${e.negated ? '!~' : '=~'} ${expressionText(e.pattern)}`;
    case 'ternary':
      return `${inner(e.cond)}?${inner(e.then)}:${inner(e.else)}`;
    case 'target': {
      const { root } = e;
      const base =
        root.kind === 'context'
          ? `$${root.ref.name}`
          : root.kind === 'global'
            ? `@var("${root.name}@${root.file}")`
            : `@cast(${expressionText(root.operand)}, "${typeText(root.type)}")`;
      const steps = e.steps.map((s) => (s.kind === 'member' ? `->${s.name}` : `[${expressionText(s.index)}]`));
      return `${e.addressOf ? '&' : ''}${base}${steps.join('')}${'$'.repeat(e.pretty)}`;
    }
    case 'entry':
      return `@entry(${expressionText(e.capture.expr)})`;
    case 'autocast':
      return `${inner(e.operand)}->`;
    case 'embedded':
      return `%{ ${e.code} %}`;
    case 'unresolved':
    case 'perf':
      return e.tok.content;
  }
}

function statementText(s: Stmt, pad: string): string[] {
  const below = (x: Stmt) => statementText(x, x.kind === 'block' ? pad : `${pad}  `);
  switch (s.kind) {
    case 'block':
      return [`${pad}{`, ...s.body.flatMap((x) => statementText(x, `${pad}  `)), `${pad}}`];
    case 'null':
      return [`${pad};`];
    case 'expr-stmt':
      return [pad + expressionText(s.expr)];
    case 'if':
      return [
        `${pad}if (${expressionText(s.cond)})`,
        ...below(s.then),
        ...(s.else ? [`${pad}else`, ...below(s.else)] : []),
      ];
    case 'loop': {
      const [init, cond, step] = [s.init, s.cond, s.step].map((e) => (e ? expressionText(e) : ''));
      return [`${pad}for (${init}; ${cond}; ${step})`, ...below(s.body)];
    }
    case 'foreach': {
      const value = s.value ? `${expressionText(s.value)} = ` : '';
      const limit = s.limit ? ` limit ${expressionText(s.limit)}` : '';
      const order = s.direction === 0 ? '' : s.direction > 0 ? '+' : '-';
      return [
        `${pad}foreach (${value}[${list(s.indexes)}] in ${expressionText(s.base)}${order}${limit})`,
        ...below(s.body),
      ];
    }
    case 'return':
      return [`${pad}return${s.value ? ` ${expressionText(s.value)}` : ''}`];
    case 'delete':
      return [`${pad}delete ${expressionText(s.target)}`];
    case 'try': {
      const variable = s.catchVar ? ` (${s.catchVar.variable.name})` : '';
      return [`${pad}try`, ...below(s.body), `${pad}catch${variable}`, ...below(s.handler)];
    }
    case 'embedded-stmt':
      return [`${pad}%{ ${s.code} %}`];
    default:
      return [pad + s.kind];
  }
}
