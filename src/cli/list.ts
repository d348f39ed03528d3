// -l and -L: the probe points that match patterns, one a line in the order of their text; -L adds the
// variables that a probe there can read. Read beside it: stap(1), -l and -L.
import { DiagnosticPrinter } from '../dsl/diagnostics/diagnostic.js';
import { Library } from '../dsl/passes/library.js';
import { Compilation } from '../dsl/passes/compilation.js';
import { Deriver } from '../dsl/passes/derive.js';
import { parse } from '../dsl/parse/parse.js';
import type { DerivedPoint } from '../dsl/probepoints/provider.js';
import { SourceFile } from '../dsl/source/source.js';
import type { Output } from '../runtime/output.js';
import { fromText } from '../runtime/strings.js';
import { readLibraries } from './compile-script.js';
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

/** Prints what matches; status 1 if nothing does. */
export function listPoints(line: CommandLine, output: Output): number {
  const { target } = openTarget(line.kernel);
  const lines = new Set<string>();
  const printer = new DiagnosticPrinter({ verbose: line.verbose });
  for (const pattern of line.patterns) {
    const { file, diagnostics } = parse(new SourceFile('<input>', fromText(`probe ${pattern} {}`)));
    for (const diagnostic of diagnostics) output.messages(printer.print(diagnostic));
    if (file === null || diagnostics.length > 0) continue;
    const library = new Library(readLibraries(line), (source) => parse(source).file);
    const compilation = new Compilation({ library, kernelNames: line.kernel ?? undefined }, target);
    const deriver = new Deriver(compilation);
    for (const probe of file.probes) {
      for (const point of deriver.derive(probe)) {
        lines.add(point.text + (line.mode === 'list-variables' ? variables(point) : ''));
      }
    }
    // A pattern that matches nothing lists nothing; why is only said when asked for.
    if (line.verbose > 0) for (const d of compilation.diagnostics) output.messages(printer.print(d));
  }
  for (const text of [...lines].sort((a, b) => (a < b ? -1 : 1))) output.print(text + '\n');
  return lines.size > 0 ? 0 : 1;
}
