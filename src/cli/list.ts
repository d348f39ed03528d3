// -l and -L: the probe points that match patterns, one a line in the order of their text; -L adds the
// variables that a probe there can read. Aliases are listed by their names. Read beside it: stap(1), -l and -L.
import { builtinsNamed } from '../dsl/builtins/registry.js';
import { DiagnosticPrinter } from '../dsl/diagnostics/diagnostic.js';
import { parse } from '../dsl/parse/parse.js';
import { Compilation } from '../dsl/passes/compilation.js';
import { Deriver, pointText } from '../dsl/passes/derive.js';
import { globMatch } from '../dsl/passes/glob.js';
import { Library } from '../dsl/passes/library.js';
import type { DerivedPoint } from '../dsl/probepoints/provider.js';
import { SourceFile } from '../dsl/source/source.js';
import type { Expr, ProbeDecl, ProbePoint, Stmt } from '../dsl/syntax/ast.js';
import type { Target } from '../dsl/target.js';
import type { Output } from '../runtime/output.js';
import { fromText } from '../runtime/strings.js';
import { readLibraries, readMacros } from './compile-script.js';
import { typeName } from './completion.js';
import type { CommandLine } from './options.js';
import { openTarget } from './target.js';

/** ` $skb:struct sk_buff* $dev:struct net_device*` */
function variables({ scope, detail }: DerivedPoint): string {
  const texts: string[] = [];
  const { symbol, when } = scope;
  if (when === 'return' && symbol !== null && symbol.returnType.kind !== 'void') {
    texts.push(`$return:${typeName(symbol.returnType)}`);
  }
  if (symbol !== null) {
    for (const { name, type } of symbol.parameters) texts.push(`$${name}:${typeName(type)}`);
    if (detail.provider !== 'tracepoint' && when !== 'return') {
      for (const { name, type, firstLine, lastLine } of symbol.locals) {
        const visible = when !== 'statement' || (firstLine <= scope.line && scope.line <= lastLine);
        if (visible) texts.push(`$${name}:${typeName(type)}`);
      }
    }
  }
  for (const { name, type, script } of scope.values) texts.push(`$${name}:${script ?? typeName(type)}`);
  return texts.map((text) => ` ${text}`).join('');
}

/** Whether a function of the tapset gives a string; undefined if there is none of that name. */
type LibraryTypes = (name: string) => boolean | undefined;

/** Does an expression of an alias give a string, as far as its form tells? */
function isString(e: Expr, library: LibraryTypes): boolean {
  switch (e.kind) {
    case 'string':
      return true;
    case 'binary':
      return e.op === '.';
    case 'print':
      return !e.toStream;
    case 'ternary':
      return isString(e.then, library) || isString(e.else, library);
    case 'call':
      return library(e.name) ?? builtinsNamed(e.name).some((b) => b.returns === 'string');
    case 'entry':
      return isString(e.operand, library);
    case 'target':
      return e.components.at(-1)?.kind === 'pretty' || (e.root.kind === 'var' && e.root.name.startsWith('$$'));
    default:
      return false;
  }
}

/** ` name:string saddr:long`: what an alias sets for its probes. */
function aliasVariables({ blocks }: DerivedPoint, library: LibraryTypes): string {
  const found = new Map<string, string>();
  const visit = (s: Stmt): void => {
    if (s.kind === 'block') s.body.forEach(visit);
    else if (s.kind === 'if') [s.then, s.else].forEach((branch) => branch !== null && visit(branch));
    else if (s.kind === 'expr-stmt' && s.expr.kind === 'assign' && s.expr.left.kind === 'symbol') {
      const { name } = s.expr.left;
      if (!name.startsWith('__') && !found.has(name))
        found.set(name, isString(s.expr.right, library) ? 'string' : 'long');
    }
  };
  blocks.forEach(visit);
  return [...found].map(([name, type]) => ` ${name}:${type}`).join('');
}

const path = (point: ProbePoint): string => point.components.map((c) => c.functor).join('.');

const matches = (pattern: ProbePoint, name: ProbePoint): boolean =>
  pattern.components.some((c) => c.functor.includes('**'))
    ? globMatch(path(pattern).replace(/\*\*/g, '*'), path(name))
    : pattern.components.length === name.components.length &&
      pattern.components.every((c, i) => c.arg === null && globMatch(c.functor, name.components[i].functor));

class Lister {
  private readonly compilation: Compilation;
  private readonly deriver: Deriver;
  private readonly library: Library;
  private readonly withVariables: boolean;
  readonly lines = new Set<string>();

  constructor(line: CommandLine, target: Target) {
    const libraries = readLibraries(line);
    const macros = readMacros(libraries);
    this.library = new Library(libraries, (source) => parse(source, { macros }).file);
    this.compilation = new Compilation({}, target, this.library);
    this.deriver = new Deriver(this.compilation);
    this.withVariables = line.mode === 'list-variables';
  }

  private readonly functionType: LibraryTypes = (name) => {
    for (const file of this.library.filesWithFunction(name)) {
      const found = this.library.parse(file, this.compilation)?.functions.find((f) => f.name === name);
      if (found !== undefined) return found.returnType === 'string';
    }
    return undefined;
  };

  get diagnostics() {
    return this.compilation.diagnostics;
  }

  list(probe: ProbeDecl): void {
    if (probe.points.some((point) => this.aliases(probe, point))) return;
    for (const point of this.deriver.derive(probe)) {
      this.lines.add(point.text + (this.withVariables ? variables(point) : ''));
    }
  }

  /** Lists the aliases of a pattern that lead to some probe; false if there are none. */
  private aliases(probe: ProbeDecl, pattern: ProbePoint): boolean {
    this.compilation.pullAliases(pattern.components[0].functor.replace(/\*\*.*/, '*'));
    const before = this.lines.size;
    for (const alias of this.compilation.aliases) {
      for (const name of alias.names.filter((n) => matches(pattern, n))) {
        const points = this.deriver.derive({ ...probe, points: [{ ...name, optional: true }] });
        if (points.length === 0) continue;
        const values = this.withVariables ? aliasVariables(points[0], this.functionType) + variables(points[0]) : '';
        this.lines.add(pointText(name.components) + values);
      }
    }
    return this.lines.size > before;
  }
}

/** Prints what matches; status 1 if nothing does. */
export function listPoints(line: CommandLine, output: Output): number {
  const lister = new Lister(line, openTarget(line.kernel).target);
  const printer = new DiagnosticPrinter({ verbose: line.verbose });
  for (const pattern of line.patterns) {
    const { file, diagnostics } = parse(new SourceFile('<input>', fromText(`probe ${pattern} {}`)));
    for (const diagnostic of diagnostics) output.messages(printer.print(diagnostic));
    if (diagnostics.length === 0) file?.probes.forEach((probe) => lister.list(probe));
  }
  // A pattern that matches nothing lists nothing; why is only said when asked for.
  if (line.verbose > 0) for (const d of lister.diagnostics) output.messages(printer.print(d));
  for (const text of [...lister.lines].sort((a, b) => (a < b ? -1 : 1))) output.print(text + '\n');
  return lister.lines.size > 0 ? 0 : 1;
}
