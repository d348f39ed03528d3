// The parse tree as text, for -p1. Fully parenthesized, so that what binds to what can be seen. Read beside
// it: stap(1), -p; ast.ts.
import type * as ast from './ast.js';

/** A string in quotes with C escapes, as messages and trees print it. */
export function quoted(text: string): string {
  const letters: Record<string, string> = { '\n': '\\n', '\t': '\\t', '"': '\\"', '\\': '\\\\', '\r': '\\r' };
  let out = '';
  for (const c of text) {
    const code = c.charCodeAt(0);
    out += letters[c] ?? (code >= 32 && code < 127 ? c : '\\' + code.toString(8).padStart(3, '0'));
  }
  return `"${out}"`;
}

const list = (items: readonly (ast.Expr | null)[]): string => items.map((e) => (e ? expression(e) : '*')).join(', ');

function target(e: ast.TargetExpr): string {
  const { root } = e;
  let out = e.addressOf ? '&' : '';
  if (root.kind === 'var') out += root.name;
  else if (root.kind === 'atvar') {
    out += `@var(${quoted(root.name + (root.cu ? '@' + root.cu : ''))}${root.module ? ', ' + quoted(root.module) : ''})`;
  } else if (root.kind === 'cast') {
    out += `@cast(${expression(root.operand)}, ${quoted(root.type)}${root.module ? ', ' + quoted(root.module) : ''})`;
  } else out += `(${expression(root.operand)})`;
  for (const c of e.components) {
    if (c.kind === 'field') out += `->${c.name}`;
    else if (c.kind === 'literal-index') out += `[${c.index}]`;
    else if (c.kind === 'index') out += `[${expression(c.index)}]`;
    else out += '$'.repeat(c.depth);
  }
  return out;
}

function printFormat(e: ast.PrintFormat): string {
  const name = `${e.toStream ? '' : 's'}print${e.formatted ? 'f' : ''}${e.delimiter ? 'd' : ''}${e.newline ? 'ln' : ''}`;
  const parts = [e.format, e.delimiter, e.hist, ...e.args].filter((a) => a !== null);
  return `${name}(${parts.map((a) => expression(a)).join(', ')})`;
}

/** One expression. */
export function expression(e: ast.Expr): string {
  switch (e.kind) {
    case 'number':
      return String(e.value);
    case 'string':
      // As it was written, escapes and all.
      return `"${e.tok.content.replace(/\\[^]|"/g, (c) => (c === '"' ? '\\"' : c))}"`;
    case 'embedded-expr':
      return `%{${e.code}%}`;
    case 'symbol':
      return e.name;
    case 'target':
      return target(e);
    case 'array-index':
      return `${expression(e.base)}[${list(e.indexes)}]`;
    case 'call':
      return `${e.name}(${list(e.args)})`;
    case 'print':
      return printFormat(e);
    case 'stat':
      return `@${e.op}(${[expression(e.stat), ...e.params].join(', ')})`;
    case 'hist':
      return `@hist_${e.op}(${[expression(e.stat), ...e.params].join(', ')})`;
    case 'unary':
      return `${e.op}(${expression(e.operand)})`;
    case 'crement':
      return e.prefix ? `${e.op}(${expression(e.operand)})` : `(${expression(e.operand)})${e.op}`;
    case 'binary':
    case 'assign':
      return `(${expression(e.left)}) ${e.op} (${expression(e.right)})`;
    case 'in':
      return `[${list(e.indexes)}] in ${expression(e.base)}`;
    case 'regex':
      return `(${expression(e.left)}) ${e.negated ? '!~' : '=~'} ${expression(e.pattern)}`;
    case 'ternary':
      return `(${expression(e.cond)})?(${expression(e.then)}):(${expression(e.else)})`;
    case 'defined':
    case 'entry':
      return `@${e.kind}(${expression(e.operand)})`;
    case 'perf':
      return `@perf(${quoted(e.operand)})`;
    case 'probewrite':
      return `@probewrite(${e.name})`;
    case 'enum':
      return `@const(${quoted(e.name)})`;
    case 'deref':
      return `@${e.user ? 'u' : 'k'}deref(${e.size}, ${expression(e.address)})`;
    case 'register':
      return `@${e.user ? 'u' : 'k'}register(${e.number})`;
  }
}

function foreach(s: ast.ForeachStmt): string {
  const sort = s.sort;
  const mark = (column: number): string => (sort?.column === column ? (sort.direction > 0 ? '+' : '-') : '');
  const indexes = s.indexes.map((i, n) => i.name + mark(n + 1)).join(', ');
  const value = s.value ? `${s.value.name}${mark(0)} = ` : '';
  const by = !s.value && mark(0) ? `${sort?.aggr === 'count' ? '' : ` @${sort?.aggr} `}${mark(0)}` : '';
  const slice = s.slice ? `[${list(s.slice)}]` : '';
  const limit = s.limit ? ` limit ${expression(s.limit)}` : '';
  return `foreach (${value}[${indexes}] in ${expression(s.base)}${slice}${by}${limit}) ${statement(s.body)}`;
}

/** Statements in braces, a line each; a `;` only where the next line would otherwise go on with the one before. */
function block(lines: readonly string[]): string {
  const ended = lines.map((line, i) => {
    const next = lines.at(i + 1) ?? '';
    const goesOn = /^[-+]/.test(next) || (/^[([]/.test(next) && /[\w$]$/.test(line));
    return goesOn && !/[;}]$/.test(line) ? `${line};\n` : `${line}\n`;
  });
  return `{\n${ended.join('')}}`;
}

/** One statement; a block over several lines. */
export function statement(s: ast.Stmt): string {
  switch (s.kind) {
    case 'block':
      return block(s.body.map(statement));
    case 'embedded-stmt':
      return `%{${s.code}%}`;
    case 'null':
      return ';';
    case 'expr-stmt':
      return expression(s.expr);
    case 'if':
      return `if (${expression(s.cond)}) \n${statement(s.then)}${s.else ? `\nelse ${statement(s.else)}` : ''}`;
    // To SystemTap's parser it is a `for` without a start and a step.
    case 'while':
      return `for (; ${expression(s.cond)}; ) ${statement(s.body)}`;
    case 'for': {
      const part = (e: ast.Expr | null): string => (e ? expression(e) : '');
      return `for (${part(s.init)}; ${s.cond ? expression(s.cond) : '1'}; ${part(s.step)}) ${statement(s.body)}`;
    }
    case 'foreach':
      return foreach(s);
    case 'return':
      return s.value ? `return ${expression(s.value)}` : 'return;';
    case 'delete':
      return `delete ${expression(s.target)}`;
    case 'next':
    case 'break':
    case 'continue':
      return s.kind;
    case 'try':
      return `try ${statement(s.body)} catch${s.catchVar ? ` (${s.catchVar.name})` : ''} ${statement(s.handler)}`;
  }
}

/** A probe point as it is written. */
export function pointText(p: ast.ProbePoint): string {
  const path = p.components.map((c) => c.functor + (c.arg ? `(${expression(c.arg)})` : '')).join('.');
  const suffix = p.sufficient ? '!' : p.optional ? '?' : '';
  return path + suffix + (p.condition ? ` if (${expression(p.condition)})` : '');
}

const points = (list: readonly ast.ProbePoint[]): string => list.map(pointText).join(',');

function item(i: ast.Item): string {
  switch (i.kind) {
    case 'embedded-decl':
      return `%{${i.code}%}`;
    case 'global':
      return `global ${i.name}${i.wrap ? '%' : ''}${i.size === null ? '' : `[${i.size}]`}${i.init ? ` = ${expression(i.init)}` : ''}`;
    case 'alias': {
      const names = i.names.map(pointText).join(' = ');
      const after = i.after ? `, ${statement(i.after)}` : '';
      return `probe ${names} ${i.epilogue ? '+=' : '='} ${points(i.points)}${statement(i.body)}${after}`;
    }
    case 'probe':
      return `probe ${points(i.points)}${statement(i.body)}`;
    case 'function': {
      const params = i.params.map((p) => p.name + (p.type ? `:${p.type}` : '')).join(', ');
      const type = i.returnType ? `:${i.returnType}` : '';
      return `function ${i.name}${type} (${params})${i.priority === null ? '' : `:${i.priority}`}\n${statement(i.body)}`;
    }
  }
}

/** A file as -p1 prints it: globals, aliases, probes, functions, in this order. */
export function printFile(file: ast.StapFile): string {
  const groups: readonly (readonly ast.Item[])[] = [
    file.embeds,
    file.globals,
    file.aliases,
    file.probes,
    file.functions,
  ];
  return `# file ${file.source.name}\n${groups
    .flat()
    .map((i) => `${item(i)}\n`)
    .join('')}\n`;
}
