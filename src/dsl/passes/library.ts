/**
 * The standard library (tapset): folders of .stp files of which a file is parsed only when a script needs
 * something that it declares. Which file declares what is found by a scan of the texts, once per folder.
 * Read beside it: stap(1), "TAPSET SCRIPTS". Macro files (.stpm) are handed to the preprocessor whole.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SourceFile } from '../source/source.js';
import type { StapFile } from '../syntax/ast.js';
import type { Compilation } from './compilation.js';
import { globMatch } from './glob.js';

interface Entry {
  readonly source: SourceFile;
  readonly functions: readonly string[];
  readonly globals: readonly string[];
  /** First components of aliases. */
  readonly aliases: readonly string[];
}

/** How a library file is parsed; the compiler hands it in, so that this file knows no parser. */
export type ParseLibrary = (source: SourceFile, compilation: Compilation) => StapFile | null;

export class Library {
  /** The .stpm files, for the preprocessor. */
  readonly macroFiles: readonly SourceFile[];
  private readonly entries = new Map<string, Entry>();
  private readonly byFunction = new Map<string, string[]>();
  private readonly byGlobal = new Map<string, string[]>();
  private readonly byAlias = new Map<string, string[]>();
  private readonly parser: ParseLibrary;

  constructor(files: readonly SourceFile[], parser: ParseLibrary) {
    this.parser = parser;
    this.macroFiles = files.filter((f) => f.name.endsWith('.stpm'));
    for (const source of files) {
      if (source.name.endsWith('.stpm')) continue;
      const entry = entryOf(source);
      this.entries.set(source.name, entry);
      index(this.byFunction, entry.functions, source.name);
      index(this.byGlobal, entry.globals, source.name);
      index(this.byAlias, entry.aliases, source.name);
    }
  }

  filesWithFunction(name: string): readonly string[] {
    return this.byFunction.get(name) ?? [];
  }

  filesWithGlobal(name: string): readonly string[] {
    return this.byGlobal.get(name) ?? [];
  }

  /** Files with aliases whose first component matches a pattern. */
  filesWithAlias(pattern: string): readonly string[] {
    return [...this.byAlias].filter(([name]) => globMatch(pattern, name)).flatMap(([, files]) => files);
  }

  functionNames(): readonly string[] {
    return [...this.byFunction.keys()].filter((n) => !n.startsWith('__'));
  }

  /** Names of all files, in order. */
  fileNames(): readonly string[] {
    return [...this.entries.keys()];
  }

  parse(name: string, compilation: Compilation): StapFile | null {
    const entry = this.entries.get(name);
    return entry ? this.parser(entry.source, compilation) : null;
  }
}

function index(map: Map<string, string[]>, names: readonly string[], file: string): void {
  for (const name of names) {
    const files = map.get(name);
    if (!files) map.set(name, [file]);
    else if (!files.includes(file)) files.push(file);
  }
}

/** A text is scanned once, however many scripts are compiled with it. */
const entries = new WeakMap<SourceFile, Entry>();

function entryOf(source: SourceFile): Entry {
  let entry = entries.get(source);
  if (!entry) entries.set(source, (entry = scan(source)));
  return entry;
}

function scan(source: SourceFile): Entry {
  const text = source.text.replace(/\/\*[\s\S]*?\*\/|^\s*(?:#|\/\/).*$/gm, '');
  const all = (re: RegExp) => [...text.matchAll(re)].map((m) => m[1]);
  return {
    source,
    functions: all(/\bfunction\s+(\w+)/g),
    globals: all(/^\s*(?:private\s+)?(?:global|private)\s+([^;{}]*?)$/gm).flatMap((list) =>
      list.split(',').map((part) => /\w+/.exec(part)?.[0] ?? ''),
    ),
    aliases: all(/\bprobe\s+(\w+)[\w.()"*\s]*\+?=/g),
  };
}

/** Library files by their paths, as they were read last. */
const known = new Map<string, SourceFile>();

function readFile(path: string): SourceFile {
  const text = readFileSync(path, 'latin1');
  let source = known.get(path);
  if (source?.text !== text) known.set(path, (source = new SourceFile(path, text, true)));
  return source;
}

/** Folders of SystemTap's own tapset that are for other machines and runtimes. */
const elsewhere =
  /^(aarch64|alpha|arm|arm64|bpf|dyninst|i[3-6]86|ia64|loongarch64|mips|mips64|powerpc|ppc|ppc64|riscv|s390|s390x|PATH)$/;

/**
 * Reads all .stp and .stpm files below folders, as bytes, in the order of their names. A file that is what it was
 * is the same SourceFile.
 */
export function readLibrary(folders: readonly string[]): SourceFile[] {
  const files: SourceFile[] = [];
  const read = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!elsewhere.test(entry.name)) read(path);
      } else if (/\.stpm?$/.test(entry.name)) files.push(readFile(path));
    }
  };
  for (const folder of folders) read(folder);
  return files;
}
