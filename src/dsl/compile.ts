/**
 * The compiler: texts in, a Program or diagnostics out. The passes are listed here in their order; each is a
 * file of its own. Read beside it: stap(1), "PROCESSING"; abi.ts (what a Program is).
 */
import type { Program } from './abi.js';
import { generate } from './codegen/program.js';
import { printAnalysis } from './codegen/analysis.js';
import { diagnostic } from './diagnostics/diagnostic.js';
import type { Diagnostic } from './diagnostics/diagnostic.js';
import { parse, parseMacros } from './parse/parse.js';
import type { ParseOptions, ParseResult } from './parse/parse.js';
import type { Macro } from './parse/macros.js';
import { makeBodies } from './passes/bodies.js';
import { checkIteration, statsNeeds } from './passes/checks.js';
import { Compilation } from './passes/compilation.js';
import type { CompileOptions } from './passes/compilation.js';
import { inferTypes } from './passes/infer.js';
import { Library } from './passes/library.js';
import { optimize } from './passes/optimize/optimize.js';
import { wholeUse } from './passes/optimize/unused.js';
import { printFile } from './syntax/print.js';
import type { SourceFile } from './source/source.js';
import type { StapFile } from './syntax/ast.js';
import type { Target } from './target.js';
import type { Variable } from './types/tree.js';

export type { CompileOptions } from './passes/compilation.js';

export interface CompileResult {
  /** What is to be run; null if the passes asked for were not all done, or failed. */
  readonly program: Program | null;
  /** Errors and warnings, in the order in which SystemTap would say them. */
  readonly diagnostics: readonly Diagnostic[];
  /** The pass that failed (1, 2 or 3); 0 if none did. */
  readonly failedPass: 0 | 1 | 2 | 3;
  /** What -p1, -p2 and -p3 print. */
  dump(pass: 1 | 2 | 3): string;
  /** The syntax trees of the user's files. */
  readonly files: readonly StapFile[];
}

/** The passes over the resolved program, in order. A pass that finds errors ends the list. */
const passes: readonly ((compilation: Compilation, state: State) => void)[] = [
  // Probe points, aliases and names; functions and library files are pulled in as they are named.
  makeBodies,
  // Before types, so that what is thrown away need have none.
  (c) => optimize(c, true),
  inferTypes,
  // Before the second round of optimizing, as globals that are only written count here.
  (c, state) => (state.unread = unreadGlobals(c)),
  (c) => optimize(c, false),
  checkIteration,
  (c) => void statsNeeds(c),
];

interface State {
  unread: readonly Variable[];
}

/** The macros of a library's .stpm files, which are read only if a text names one of them. */
class LibraryMacros {
  private readonly sources: readonly SourceFile[];
  private readonly names: ReadonlySet<string>;
  private macros: Map<string, Macro> | null = null;

  constructor(sources: readonly SourceFile[]) {
    this.sources = sources;
    this.names = new Set(sources.flatMap((s) => [...s.text.matchAll(/@define\s+(\w+)/g)].map((m) => m[1])));
  }

  /** All of them if `text` may need one, else none. */
  neededBy(text: string, options: ParseOptions): ReadonlyMap<string, Macro> {
    if (this.macros) return this.macros;
    if (![...text.matchAll(/@(\w+)/g)].some((m) => this.names.has(m[1]))) return new Map();
    this.macros = new Map();
    for (const source of this.sources)
      for (const [name, macro] of parseMacros(source, { ...options, macros: this.macros }).macros)
        this.macros.set(name, macro);
    return this.macros;
  }
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** How a library file was parsed last, and what else its tree depends on. */
interface Parsed {
  readonly facts: string;
  readonly macroFiles: readonly SourceFile[];
  readonly result: ParseResult;
}

/** Most scripts are compiled with the same library. */
const parsedLibrary = new WeakMap<SourceFile, Parsed>();

/** What a file's text may ask about, as a text of its own. */
function factsText(source: SourceFile, { args = [], facts = {} }: ParseOptions): string {
  const asked = /[$@][\d#]/.test(source.text) ? args : [];
  return JSON.stringify([asked, { ...facts, config: [...(facts.config ?? [])] }]);
}

/**
 * Compiles scripts.
 * @param sources the user's texts, in order
 * @param options.library files of the standard library (.stp and .stpm); each is parsed only when it is needed
 * @returns the program, or what is wrong with the scripts; never throws for a faulty script
 */
export function compile(sources: readonly SourceFile[], options: CompileOptions, target: Target): CompileResult {
  const files: StapFile[] = [];
  const librarySources = options.library ?? [];
  const parseFile = (source: SourceFile, c: Compilation): ParseResult => {
    const parseOptions = { args: options.args ?? [], facts: c.facts };
    return parse(source, { ...parseOptions, macros: macros.neededBy(source.text, parseOptions) });
  };
  const parseLibraryFile = (source: SourceFile, c: Compilation): ParseResult => {
    const facts = factsText(source, { args: options.args, facts: c.facts });
    const { macroFiles } = library;
    const known = parsedLibrary.get(source);
    const same = known?.facts === facts && known.macroFiles.every((file, i) => file === macroFiles[i]);
    if (same && known.macroFiles.length === macroFiles.length) return known.result;
    const result = parseFile(source, c);
    parsedLibrary.set(source, { facts, macroFiles, result });
    return result;
  };
  const library: Library = new Library(librarySources, (source, c) => {
    const { file, diagnostics } = parseLibraryFile(source, c);
    for (const d of diagnostics) c.report(d);
    return diagnostics.length === 0 ? file : null;
  });
  const macros = new LibraryMacros(library.macroFiles);
  const compilation = new Compilation(options, target, library);

  let program: Program | null = null;
  const result = (failedPass: CompileResult['failedPass']): CompileResult => ({
    program,
    diagnostics: compilation.diagnostics,
    failedPass,
    files,
    dump: (pass) => {
      if (pass === 1) return `# parse tree dump\n${files.map(printFile).join('')}`;
      return pass === 2 ? printAnalysis(compilation) : (program?.source ?? '');
    },
  });
  for (const source of sources) {
    const { file, diagnostics } = parseFile(source, compilation);
    for (const d of diagnostics) compilation.report(d);
    if (file) {
      files.push(file);
      compilation.embeds.push(...file.embeds.map((embed) => embed.code));
    }
  }
  if (compilation.parseErrors) return result(1);
  for (const file of files) compilation.addFile(file);
  options.passed?.(1, `parsed user script and ${librarySources.length} library scripts`);
  if (options.lastPass === 1) return result(0);

  const state: State = { unread: [] };
  for (const pass of passes) {
    compilation.attempt(() => pass(compilation, state));
    if (compilation.failed) break;
  }
  if (compilation.errorCount === 0 && compilation.probes.length === 0)
    compilation.report(diagnostic('semantic', 'no probes found', null));
  if (compilation.failed) return result(2);
  const { probes, functions, globals } = compilation;
  options.passed?.(
    2,
    `analyzed script: ${counted(probes.length, 'probe')}, ${counted(functions.size, 'function')}, ${counted(globals.length, 'global')}`,
  );
  if (options.lastPass === 2) return result(0);

  program = compilation.attempt(() => generate(compilation, state.unread)) ?? null;
  if (program) options.passed?.(3, `translated to ${program.source.length} bytes of JavaScript`);
  return result(program ? 0 : 3);
}

/** The user's globals that are written and never used, in the order of their first use: shown at the end. */
function unreadGlobals(compilation: Compilation): readonly Variable[] {
  const use = wholeUse(compilation);
  const unread = (g: Variable) => use.written.has(g) && !use.used.has(g) && !g.tok.source.library;
  return [...compilation.usedGlobals].filter((g) => compilation.globals.includes(g) && unread(g));
}
