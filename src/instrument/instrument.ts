// Instruments a set of TypeScript modules: patchable JavaScript for each, and one debuginfo text for all.
// Used by the build for the kernel model, and by whoever wants to probe modules of their own.
// Read beside it: prologue.ts, extract.ts, patch.ts.
import { relative, resolve } from 'node:path';
import MagicString from 'magic-string';
import { blankSourceFile } from 'ts-blank-space';
import ts from 'typescript';
import { extractDebuginfo, type ModuleSource } from './extract.js';
import { PackedClasses } from './packed.js';
import { insertPrologues } from './prologue.js';

export interface InstrumentOptions {
  /** Folder that the modules' names are relative to. */
  readonly root: string;
  /** Absolute paths of the TypeScript files, in the order of their ids. */
  readonly files: readonly string[];
  /** The first function id; 0 if not given. */
  readonly firstId?: number;
  /** Import specifier of the built patch.js for a module given by its path relative to root. */
  readonly patch: (module: string) => string;
  /** Import specifier of the built slab module for a module given by its path; absent: no class is packed. */
  readonly slab?: (module: string) => string;
  /** The path by which scripts know a module; by default its own path. */
  readonly kernelFile?: (module: string) => string;
  /** The program that a module belongs to, or undefined for the kernel and its modules. */
  readonly program?: (module: string) => string | undefined;
  /** False leaves the prologues out: for measuring what they cost. */
  readonly prologues?: boolean;
  /** False leaves the debuginfo out. */
  readonly debuginfo?: boolean;
}

export interface Instrumented {
  /** By path relative to root, with `.js`. */
  readonly modules: ReadonlyMap<string, string>;
  readonly debuginfo: string;
  /** Ids used, counted from options.firstId. */
  readonly count: number;
}

/**
 * @throws Error for syntax that cannot be erased, naming the file
 */
export function instrument(options: InstrumentOptions): Instrumented {
  const program = createProgram(options.files);
  const modules = new Map<string, string>();
  const described: ModuleSource[] = [];
  const sources = options.files.map((path) => program.getSourceFile(path)).filter((file) => file !== undefined);
  const packed = new PackedClasses(options.slab ? sources : []);
  let id = options.firstId ?? 0;
  for (const path of options.files) {
    const file = program.getSourceFile(path);
    if (!file) throw new Error(`${path}: cannot be read`);
    const module = relative(options.root, path)
      .replace(/\\/g, '/')
      .replace(/\.[mc]?ts$/, '');
    const js = blankSourceFile(file, (node) => {
      throw new Error(`${path}: syntax that cannot be erased: ${node.getText(file)}`);
    });
    const edit = (out: MagicString) => packed.rewrite(file, out, options.slab?.(module) ?? '');
    const patch = options.patch(module);
    const { code, functions } = insertPrologues(file, js, { module, firstId: id, patch, edit });
    modules.set(`${module}.js`, options.prologues === false ? edited(js, edit) : code);
    const kernelFile = options.kernelFile?.(module) ?? `${module}.ts`;
    described.push({ file, source: module, firstId: id, kernelFile, program: options.program?.(module) });
    id += functions.length;
  }
  const debuginfo = options.debuginfo === false ? '' : extractDebuginfo(program, described);
  return { modules, debuginfo, count: id - (options.firstId ?? 0) };
}

function edited(js: string, edit: (out: MagicString) => void): string {
  const out = new MagicString(js);
  edit(out);
  return out.toString();
}

function createProgram(files: readonly string[]): ts.Program {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
    strict: true,
    noCheck: true,
    skipLibCheck: true,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options, true);
  return ts.createProgram({ rootNames: files.map((f) => resolve(f)), options, host });
}
