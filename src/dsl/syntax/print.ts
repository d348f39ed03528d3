// The syntax tree as text again: what -p1 shows. Every operator is put in parentheses, so that one sees how
// an expression was understood. Read beside it: ast.ts; stap(1), -p.
import type {
  AliasDecl,
  Expr,
  ForeachStmt,
  FunctionDecl,
  GlobalDecl,
  HistOp,
  Item,
  PrintFormat,
  ProbeDecl,
  ProbePoint,
  StapFile,
  Stmt,
  SymbolExpr,
  TargetExpr,
} from './ast.js';

/** A literal with its quotes and escapes. */
export function quoted(text: string): string {
  const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '"': '\\"', '\\': '\\\\' };
  const inner = text.replace(/[^ !#-[\]-~]/g, (c) => escapes[c] ?? `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return `"${inner}"`;
}

const list = <T>(items: readonly T[], print: (item: T) => string): string => items.map(print).join(', ');
const indices = (items: readonly (Expr | null)[]): string => list(items, (e) => (e === null ? '*' : expression(e)));
const base = (b: SymbolExpr | HistOp): string => expression(b);

/** One expression. */
export function expression(e: Expr): string {
  switch (e.kind) {
    case 'number':
      return String(e.value);
    case 'string':
      return quoted(e.value);
    case 'embedded-expr':
      return `%{${e.code}%}`;
    case 'symbol':
      return e.name;
    case 'target':
      return target(e);
    case 'array-index':
      return `${base(e.base)}[${indices(e.indexes)}]`;
    case 'call':
      return `${e.name}(${list(e.args, expression)})`;
    case 'print':
      return printing(e);
    case 'stat':
      return `@${e.op}(${[expression(e.stat), ...e.params].join(', ')})`;
    case 'hist':
      return `@hist_${e.op}(${[expression(e.stat), ...e.params].join(', ')})`;
    case 'unary':
      return `${e.op}(${expression(e.operand)})`;
    case 'crement':
      return e.prefix ? `${e.op}(${expression(e.operand)})` : `(${expression(e.operand)})${e.op}`;
    case 'binary':
      return `(${expression(e.left)}) ${e.op} (${expression(e.right)})`;
    case 'in':
      return `[${indices(e.indexes)}] in ${base(e.base)}`;
    case 'regex':
      return `${expression(e.left)} ${e.negated ? '!~' : '=~'} ${quoted(e.pattern.value)}`;
    case 'ternary':
      return `(${expression(e.cond)})?(${expression(e.then)}):(${expression(e.else)})`;
    case 'assign':
      return `(${expression(e.left)}) ${e.op} (${expression(e.right)})`;
    case 'defined':
      return `@defined(${expression(e.operand)})`;
    case 'entry':
      return `@entry(${expression(e.operand)})`;
    case 'perf':
      return `@perf(${quoted(e.operand)})`;
    case 'probewrite':
      return `@probewrite(${e.name})`;
    case 'enum':
      return `@enum(${quoted(e.name)}${e.module === '' ? '' : `, ${quoted(e.module)}`})`;
    case 'deref':
      return `@${e.user ? 'u' : 'k'}deref(${e.size}, ${expression(e.address)})`;
    case 'register':
      return `@${e.user ? 'u' : 'k'}register(${e.number})`;
  }
}

function target(e: TargetExpr): string {
  let text: string;
  switch (e.root.kind) {
    case 'var':
      text = e.root.name;
      break;
    case 'atvar': {
      const place = e.root.cu === '' ? e.root.name : `${e.root.name}@${e.root.cu}`;
      text = `@var(${quoted(place)}${e.root.module === '' ? '' : `, ${quoted(e.root.module)}`})`;
      break;
    }
    case 'cast': {
      const { operand, type, module } = e.root;
      text = `@cast(${expression(operand)}, ${quoted(type)}${module === '' ? '' : `, ${quoted(module)}`})`;
      break;
    }
    case 'autocast':
      text = `(${expression(e.root.operand)})`;
  }
  for (const c of e.components) {
    if (c.kind === 'field') text += `->${c.name}`;
    else if (c.kind === 'pretty') text += '$'.repeat(c.depth);
    else text += `[${c.kind === 'index' ? expression(c.index) : c.index}]`;
  }
  return e.addressOf ? `&${text}` : text;
}

function printing(e: PrintFormat): string {
  const name = `${e.toStream ? '' : 's'}print${e.formatted ? 'f' : e.delimiter === null ? '' : 'd'}${e.newline ? 'ln' : ''}`;
  const parts = [
    ...(e.format === null ? [] : [quoted(e.format.value)]),
    ...(e.delimiter === null ? [] : [quoted(e.delimiter.value)]),
    ...e.args.map(expression),
    ...(e.hist === null ? [] : [expression(e.hist)]),
  ];
  return `${e.char ? 'print_char' : name}(${parts.join(', ')})`;
}

/** One statement, its lines indented by `depth` steps. */
export function statement(s: Stmt, depth = 0): string {
  const pad = '  '.repeat(depth);
  const inner = (body: Stmt): string => statement(body, body.kind === 'block' ? depth : depth + 1);
  switch (s.kind) {
    case 'block':
      return `${pad}{\n${s.body.map((b) => statement(b, depth + 1)).join('')}${pad}}\n`;
    case 'embedded-stmt':
      return `${pad}%{${s.code}%}\n`;
    case 'null':
      return `${pad};\n`;
    case 'expr-stmt':
      return `${pad}${expression(s.expr)}\n`;
    case 'if':
      return `${pad}if (${expression(s.cond)})\n${inner(s.then)}${s.else === null ? '' : `${pad}else\n${inner(s.else)}`}`;
    case 'while':
      return `${pad}while (${expression(s.cond)})\n${inner(s.body)}`;
    case 'for': {
      const part = (e: Expr | null): string => (e === null ? '' : expression(e));
      return `${pad}for (${part(s.init)}; ${part(s.cond)}; ${part(s.step)})\n${inner(s.body)}`;
    }
    case 'foreach':
      return `${pad}${foreach(s)}\n${inner(s.body)}`;
    case 'return':
      return `${pad}return${s.value === null ? '' : ` ${expression(s.value)}`}\n`;
    case 'delete':
      return `${pad}delete ${expression(s.target)}\n`;
    case 'next':
    case 'break':
    case 'continue':
      return `${pad}${s.kind}\n`;
    case 'try': {
      const caught = s.catchVar === null ? '' : ` (${s.catchVar.name})`;
      return `${pad}try\n${inner(s.body)}${pad}catch${caught}\n${inner(s.handler)}`;
    }
  }
}

function foreach(s: ForeachStmt): string {
  const sign = (column: number): string => {
    if (s.sort === null || s.sort.column !== column) return '';
    return s.sort.direction > 0 ? '+' : '-';
  };
  const aggregate = s.sort !== null && s.sort.column === 0 && s.sort.aggr !== 'count' ? ` @${s.sort.aggr}` : '';
  const names = s.indexes.map((index, i) => index.name + sign(i + 1)).join(', ');
  const value = s.value === null ? '' : `${s.value.name} = `;
  const slice = s.slice === null ? '' : `[${indices(s.slice)}]`;
  const limit = s.limit === null ? '' : ` limit ${expression(s.limit)}`;
  return `foreach (${value}[${names}] in ${base(s.base)}${slice}${aggregate}${sign(0)}${limit})`;
}

function point(p: ProbePoint): string {
  const path = p.components
    .map(({ functor, arg }) => (arg === null ? functor : `${functor}(${expression(arg)})`))
    .join('.');
  const mark = p.sufficient ? '!' : p.optional ? '?' : '';
  return path + mark + (p.condition === null ? '' : ` if (${expression(p.condition)})`);
}

const probe = (p: ProbeDecl): string => `probe ${list(p.points, point)}\n${statement(p.body)}`;

function alias(a: AliasDecl): string {
  const head = a.names.map(point).join(' = ');
  return `probe ${head} ${a.epilogue ? '+=' : '='} ${list(a.points, point)}\n${statement(a.body)}`;
}

function fn(f: FunctionDecl): string {
  const typed = (name: string, type: string | null): string => (type === null ? name : `${name}:${type}`);
  const parameters = list(f.params, (p) => typed(p.name, p.type));
  const priority = f.priority === null ? '' : `:${f.priority}`;
  return `${f.isPrivate ? 'private ' : ''}function ${typed(f.name, f.returnType)} (${parameters})${priority}\n${statement(f.body)}`;
}

function global(g: GlobalDecl): string {
  const size = g.size === null ? '' : `[${g.size}]`;
  const value = g.init === null ? '' : ` = ${expression(g.init)}`;
  return `${g.isPrivate ? 'private' : 'global'} ${g.name}${g.wrap ? '%' : ''}${size}${value}\n`;
}

function item(i: Item): string {
  switch (i.kind) {
    case 'probe':
      return probe(i);
    case 'alias':
      return alias(i);
    case 'function':
      return fn(i);
    case 'global':
      return global(i);
    case 'embedded-decl':
      return `%{${i.code}%}\n`;
  }
}

/** A whole file. */
export function printFile(file: StapFile): string {
  return `# file ${file.source.name}\n${file.items.map(item).join('\n')}`;
}
