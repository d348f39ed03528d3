// From a command line to a compiled program: reads the scripts and the libraries, compiles, prints what the
// compiler has to say. Read beside it: dsl/compile.ts.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Program } from '../dsl/abi.js';
import { compile, type CompileResult } from '../dsl/compile.js';
import { DiagnosticPrinter } from '../dsl/diagnostics/diagnostic.js';
import type { Macro } from '../dsl/parse/macros.js';
import { parseMacros } from '../dsl/parse/parse.js';
import { readLibrary } from '../dsl/passes/library.js';
import { SourceFile } from '../dsl/source/source.js';
import { limitsFrom } from '../runtime/limits.js';
import type { Output } from '../runtime/output.js';
import { fromText } from '../runtime/strings.js';
import type { CommandLine } from './options.js';
import { reasonOf } from './reasons.js';
import type { LazyTarget } from './target.js';

/** The standard library that comes with this program. */
export const tapsetFolder = fileURLToPath(new URL('../../probes/tapset', import.meta.url));

/** Where the scripts are that come with it. */
const scriptFolder = fileURLToPath(new URL('../../probes', import.meta.url));

/** The path of a script by its file's name (with or without .stp); the name itself if there is none. */
function examplePath(name: string): string {
  const wanted = name.endsWith('.stp') ? name : `${name}.stp`;
  const found = readdirSync(scriptFolder, { recursive: true }).map(String).sort();
  const path = found.find((file) => basename(file) === wanted && !file.startsWith('tapset'));
  return path === undefined ? name : join(scriptFolder, path);
}

/** Name of each pass in messages. */
const passNames = ['', 'parse', 'analysis', 'translation'];

/** A script's text, bytes as they are; null, with a message, when it cannot be read. */
function readScript(path: string, output: Output): SourceFile | null {
  if (path === '-') return new SourceFile('<input>', readFileSync(0, 'latin1'));
  try {
    if (statSync(path).isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    return new SourceFile(path, readFileSync(path, 'latin1'));
  } catch (error) {
    output.message(`Input file '${path}': ${reasonOf(error)}`);
    return null;
  }
}

/** All scripts of a command line; null when one cannot be read. */
export function readScripts(line: CommandLine, output: Output): SourceFile[] | null {
  const scripts: SourceFile[] = [];
  if (line.script !== null) {
    const main =
      'path' in line.script
        ? readScript(line.example ? examplePath(line.script.path) : line.script.path, output)
        : new SourceFile('<input>', fromText(line.script.text));
    if (main === null) return null;
    scripts.push(main);
  }
  for (const text of line.extraScripts) scripts.push(new SourceFile('<input>', fromText(text)));
  return scripts;
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** The tapset and the folders of -I; for a script that is a file of some tapset, the macros of that one, too. */
export function readLibraries(line: CommandLine): SourceFile[] {
  const files = readLibrary([tapsetFolder, ...line.include].filter(isFolder));
  const path = line.script !== null && 'path' in line.script ? resolve(line.script.path) : '';
  const root = /^.*?\/tapset(?=\/)/.exec(path)?.[0];
  if (root === undefined || root === tapsetFolder || !isFolder(root)) return files;
  const known = new Set(files.map((f) => f.name));
  return [...files, ...readLibrary([root]).filter((f) => f.name.endsWith('.stpm') && !known.has(f.name))];
}

/** The macros of the libraries' .stpm files. */
export function readMacros(libraries: readonly SourceFile[]): ReadonlyMap<string, Macro> {
  const files = libraries.filter((source) => source.name.endsWith('.stpm'));
  return new Map(files.flatMap((source) => [...parseMacros(source).macros]));
}

export interface Compiled {
  readonly program: Program | null;
  readonly result: CompileResult;
}

/** Compiles, printing diagnostics; `program` is null after an error or when -p stops before. */
export function compileScripts(
  scripts: readonly SourceFile[],
  line: CommandLine,
  target: LazyTarget,
  output: Output,
  passed?: (pass: 1 | 2 | 3, made: string) => void,
): Compiled {
  const limits = limitsFrom(line.defines);
  const verbose = line.verbose + Math.max(0, ...line.passVerbose.slice(0, 3));
  const result = compile(
    scripts,
    {
      guru: line.guru,
      unoptimized: line.unoptimized,
      args: line.args.map(fromText),
      library: readLibraries(line),
      verbose,
      warningsAreErrors: line.warningsAreErrors,
      lastPass: line.lastPass,
      globals: line.globals,
      maxAction: Math.min(limits.action, limits.actionInterruptible),
      passed,
      systemtapVersion: line.compatible ?? undefined,
      skipBadVars: line.skipBadVars,
    },
    target.target,
  );
  const printer = new DiagnosticPrinter({ verbose, warnings: !line.suppressWarnings });
  for (const diagnostic of result.diagnostics) output.messages(printer.print(diagnostic));
  if (result.failedPass > 0) {
    const pass = result.failedPass;
    output.message(`Pass ${pass}: ${passNames[pass]} failed.  [man error::pass${pass}]`);
  }
  output.messages(printer.summary());
  return { program: result.program, result };
}
