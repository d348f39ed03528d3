// --dump-functions, --dump-probe-types, --dump-probe-aliases: what the language offers, one a line.
// Read beside it: stap(1), these options.
import { allBuiltins } from '../dsl/builtins/registry.js';
import { parse } from '../dsl/parse/parse.js';
import { pointText } from '../dsl/passes/derive.js';
import { pointProviders } from '../dsl/probepoints/registry.js';
import type { FunctionDecl } from '../dsl/syntax/ast.js';
import type { Output } from '../runtime/output.js';
import { readLibraries, readMacros } from './compile-script.js';
import { signature } from './completion.js';
import type { CommandLine } from './options.js';

const firstLine = (doc: string): string =>
  doc
    .split('\n')
    .find((line) => line.trim() !== '')
    ?.trim() ?? '';

function declared(decl: FunctionDecl): string {
  const parameters = decl.params.map((p) => (p.type === null ? p.name : `${p.name}:${p.type}`));
  const doc = firstLine(decl.doc.replace(/^\s*(\/\*+|\*\/|\*|\/\/|#)\s?/gm, ''));
  const head = `${decl.name}${decl.returnType === null ? '' : `:${decl.returnType}`} (${parameters.join(', ')})`;
  return doc === '' ? head : `${head}  # ${doc}`;
}

function libraryFiles(line: CommandLine) {
  const libraries = readLibraries(line);
  const macros = readMacros(libraries);
  return libraries
    .filter((source) => source.name.endsWith('.stp'))
    .map((source) => parse(source, { macros }).file)
    .filter((file) => file !== null);
}

/** The lines of a listing, each once. */
export function dumpLines(line: CommandLine): string[] {
  return [...new Set(lines(line))];
}

function lines(line: CommandLine): string[] {
  switch (line.mode) {
    case 'dump-functions':
      return [
        ...allBuiltins().map((b) => `${signature(b)}  # ${firstLine(b.doc)}`),
        ...libraryFiles(line)
          .flatMap((file) => file.functions)
          .filter((f) => !f.isPrivate && !f.name.startsWith('_'))
          .map(declared),
      ].sort();
    case 'dump-probe-aliases':
      return libraryFiles(line)
        .flatMap((file) => file.aliases)
        .map((alias) => {
          const points = alias.points.map((p) => pointText(p.components)).join(', ');
          return `${alias.names.map((name) => pointText(name.components)).join(' = ')} = ${points}`;
        })
        .sort();
    default:
      return pointProviders
        .filter((provider) => line.verbose > 0 || !provider.doc.startsWith('refused'))
        .flatMap((provider) => provider.patterns)
        .sort();
  }
}

export function dump(line: CommandLine, output: Output): number {
  for (const text of dumpLines(line)) output.print(text + '\n');
  return 0;
}
