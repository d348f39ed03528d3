// Pass 1: the door to the parser. A text goes in, a tree and what was refused come out.
//
// The parser is written by hand, not generated: SystemTap's messages depend on which token its own
// hand-written parser looked at last and on where it takes up again after a refusal, and loading chevrotain
// alone costs twice the start of Node itself (measured: 310 ms
// against 160 ms, on a machine where all of this parser loads in 11 ms).
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { refusals } from '../diagnostics/parse-errors.js';
import type { SourceFile } from '../source/source.js';
import type { StapFile } from '../syntax/ast.js';
import { defaultFacts, Preprocessor } from './conditions.js';
import type { PreprocessorFacts } from './conditions.js';
import { Lexer } from './lexer.js';
import { MacroExpander } from './macros.js';
import type { Macro } from './macros.js';
import { ParseError } from './parse-error.js';
import { Parser } from './parser.js';

export interface ParseOptions {
  /** Command line arguments for $1 @1 $# @#; a .stpm library has none. */
  readonly args?: readonly string[];
  /** What `%( … %)` may ask about; `guru` also allows embedded code. */
  readonly facts?: Partial<PreprocessorFacts>;
  /** Macros of the .stpm libraries, from `parseMacros`. */
  readonly macros?: ReadonlyMap<string, Macro>;
}

export interface ParseResult {
  /** The tree, as far as it could be made; null for an empty file. */
  readonly file: StapFile | null;
  readonly diagnostics: readonly Diagnostic[];
}

const noMacros: ReadonlyMap<string, Macro> = new Map();

const plain = (message: string): Diagnostic => ({
  kind: 'plain',
  key: message,
  message,
  tok: null,
  role: 'at',
  file: '',
  because: null,
});

const emptyFile = (source: SourceFile): StapFile => ({
  kind: 'file',
  source,
  items: [],
  probes: [],
  aliases: [],
  functions: [],
  globals: [],
  embeds: [],
});

/** Parses a script or a tapset file. Never throws; what is wrong is in `diagnostics`, the count of it last. */
export function parse(source: SourceFile, options: ParseOptions = {}): ParseResult {
  const facts = { ...defaultFacts, ...options.facts };
  const lexer = new Lexer(source, options.args ?? []);
  const macros = new MacroExpander(lexer, options.macros ?? noMacros, source.library);
  const parser = new Parser(new Preprocessor(macros, facts), source, source.library || facts.guru);
  const file = parser.file();
  const { diagnostics } = parser;
  // A library of macros may be looked at by itself.
  const macrosOnly = source.name.endsWith('.stpm') && macros.macros.size > 0;
  if (!file && macrosOnly && diagnostics.length === 0) return { file: emptyFile(source), diagnostics };
  if (!file) return { file, diagnostics: [...diagnostics, plain(`Input file '${source.name}' is empty.`)] };
  const count = diagnostics.length;
  if (!count) return { file, diagnostics };
  return { file, diagnostics: [...diagnostics, plain(`${count} parse error${count === 1 ? '' : 's'}.`)] };
}

export interface MacroLibrary {
  readonly macros: ReadonlyMap<string, Macro>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a .stpm library: nothing but `@define`s, and conditions around them. */
export function parseMacros(source: SourceFile, options: ParseOptions = {}): MacroLibrary {
  const expander = new MacroExpander(new Lexer(source, null), options.macros ?? noMacros, true);
  const stream = new Preprocessor(expander, { ...defaultFacts, ...options.facts });
  try {
    const extra = stream.next();
    if (extra) throw new ParseError(refusals.libraryMacros(source.name), extra);
    return { macros: expander.macros, diagnostics: [] };
  } catch (e) {
    if (!(e instanceof ParseError)) throw e;
    const { key, message } = e.refusal;
    const d: Diagnostic = { kind: 'parse', key, message, tok: e.tok, role: 'at', file: source.name, because: null };
    return { macros: expander.macros, diagnostics: [d, plain('1 parse error.')] };
  }
}
