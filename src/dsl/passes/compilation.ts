/**
 * What the passes of one compilation share: options, the target, the declarations found so far and the
 * diagnostics said so far. Read beside it: compile.ts (the order of the passes).
 */
import { allBuiltins } from '../builtins/registry.js';
import { diagnostic } from '../diagnostics/diagnostic.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { SourceFile } from '../source/source.js';
import type { AliasDecl, FunctionDecl, GlobalDecl, StapFile } from '../syntax/ast.js';
import type { Token } from '../syntax/token.js';
import type { Target } from '../target.js';
import type { PreprocessorFacts } from '../parse/conditions.js';
import type { DerivedPoint } from '../probepoints/provider.js';
import { Variable } from '../types/tree.js';
import type { Body, FunctionInstance } from '../types/tree.js';
import { walkSyntax } from './walk-syntax.js';
import type { Library } from './library.js';

export interface CompileOptions {
  /** -g */
  readonly guru?: boolean;
  /** -u: nothing is optimized away, nothing is warned about. */
  readonly unoptimized?: boolean;
  /** Arguments of the script: $1, @1, … */
  readonly args?: readonly string[];
  /** Files of the standard library; each is parsed only when a script needs it. */
  readonly library?: readonly SourceFile[];
  /** -v given this often. */
  readonly verbose?: number;
  /** -W: any warning is an error. */
  readonly warningsAreErrors?: boolean;
  /** MAXACTION, if set with -D. */
  readonly maxAction?: number;
  /** The SystemTap release that conditions are told of (`--compatible`). */
  readonly systemtapVersion?: string;
  /** `$` variables that are not found are 0 instead of an error. */
  readonly skipBadVars?: boolean;
  /** What `%( … %)` may ask about, besides what the target says. */
  readonly facts?: Partial<PreprocessorFacts>;
  /** Last pass to run: 1 … 4. */
  readonly lastPass?: number;
  /** Values given with -G, by name; unknown names are ignored. */
  readonly globals?: ReadonlyMap<string, string>;
  /** Called after each of passes 1 to 3 that went well, with what it made: -v says it. */
  readonly passed?: (pass: 1 | 2 | 3, made: string) => void;
}

/** Thrown inside a pass to give up the declaration in hand; its diagnostic is then recorded. */
export class SemanticError extends Error {
  readonly diagnostic: Diagnostic;
  constructor(d: Diagnostic) {
    super(d.message);
    this.diagnostic = d;
  }
}

/** Gives up the declaration in hand with a semantic error. */
export function refuse(
  message: string,
  tok: Token | null,
  options: { readonly key?: string; readonly because?: Diagnostic | null; readonly also?: Token | null } = {},
): never {
  throw new SemanticError(diagnostic('semantic', message, tok, options));
}

/** A derived probe before code is generated: a resolved point and the body that runs there. */
export interface DerivedBody {
  readonly derived: DerivedPoint;
  readonly body: Body;
}

export class Compilation {
  readonly options: CompileOptions;
  readonly target: Target;
  readonly diagnostics: Diagnostic[] = [];
  /** What stands in `%{ %}` on the top level of the user's files. */
  readonly embeds: string[] = [];
  /** The user's files, then library files in the order in which they were needed. */
  readonly files: StapFile[] = [];
  readonly globals: Variable[] = [];
  /** Globals in the order in which code names them. */
  readonly usedGlobals = new Set<Variable>();
  /** Function declarations by name, in order of preference. */
  readonly declaredFunctions = new Map<string, FunctionDecl[]>();
  readonly aliases: AliasDecl[] = [];
  /** Instances by key. */
  readonly functions = new Map<string, FunctionInstance>();
  /** Function bodies still to be lowered: they come after the probes of their file. */
  readonly pending: (() => void)[] = [];
  /** No warnings for now. */
  quiet = false;
  /** Variables that @defined asks about: never thought unread. */
  readonly mentioned = new Set<Variable>();
  bodies: Body[] = [];
  probes: DerivedBody[] = [];
  private errors = 0;
  private warnings = 0;
  private readonly variablesByName = new Map<string, Variable[]>();
  private readonly library: Library | null;

  constructor(options: CompileOptions, target: Target, library: Library | null = null) {
    this.options = options;
    this.target = target;
    this.library = library;
  }

  /** What the preprocessor may be asked. */
  get facts(): Partial<PreprocessorFacts> {
    const { kernelVersion, architecture, config } = this.target;
    const { guru = false, systemtapVersion = '4.8' } = this.options;
    return { kernelRelease: kernelVersion, arch: architecture, config, guru, systemtapVersion, ...this.options.facts };
  }

  // ---- diagnostics

  report(d: Diagnostic): void {
    if (d.kind === 'warning') this.warnings++;
    else this.errors++;
    this.diagnostics.push(d);
  }

  error(
    message: string,
    tok: Token | null,
    options: { readonly key?: string; readonly because?: Diagnostic | null; readonly also?: Token | null } = {},
  ): void {
    this.report(diagnostic('semantic', message, tok, options));
  }

  /** A warning about the user's own text; what the library does is nobody's business. */
  warn(message: string, tok: Token): void {
    if (tok.source.library || this.options.unoptimized || this.quiet) return;
    this.report(diagnostic('warning', message, tok));
  }

  get failed(): boolean {
    return this.errors > 0 || (this.warnings > 0 && this.options.warningsAreErrors === true);
  }

  /** Was anything refused by the parser? */
  get parseErrors(): boolean {
    return this.diagnostics.some((d) => d.kind === 'parse' || d.kind === 'plain');
  }

  get errorCount(): number {
    return this.errors;
  }

  /** Runs `f`; a semantic error in it is recorded and gives undefined. */
  attempt<T>(f: () => T): T | undefined {
    try {
      return f();
    } catch (e) {
      if (!(e instanceof SemanticError)) throw e;
      this.report(e.diagnostic);
      return undefined;
    }
  }

  lowerPending(): void {
    for (let next = this.pending.shift(); next; next = this.pending.shift()) this.attempt(next);
  }

  // ---- declarations

  addFile(file: StapFile): void {
    this.files.push(file);
    for (const g of file.globals) this.addGlobal(g);
    for (const f of file.functions) {
      const overloads = this.declaredFunctions.get(f.name);
      if (overloads) overloads.push(f);
      else this.declaredFunctions.set(f.name, [f]);
    }
    this.aliases.push(...file.aliases);
  }

  private addGlobal(g: GlobalDecl): void {
    const others = this.variablesByName.get(g.name) ?? [];
    const clash = others.find(
      (o) => !o.declaration?.isPrivate && !g.isPrivate && o.declaration?.tok.source !== g.tok.source,
    );
    if (clash) {
      this.error('conflicting global variables', g.tok, { also: clash.tok });
      return;
    }
    const variable = new Variable('global', g.name, g.tok, { declaration: g });
    if (g.init) {
      variable.type = g.init.kind === 'number' ? 'long' : 'string';
      variable.arity = 0;
      variable.arityTok = g.tok;
    }
    this.variablesByName.set(g.name, [...others, variable]);
    this.globals.push(variable);
  }

  /** The global that `name` at `tok` means: of this file, of any other user file, of the library. */
  findGlobal(name: string, tok: Token): Variable | null {
    const visible = (v: Variable) => !v.declaration?.isPrivate || v.declaration.tok.source === tok.source;
    const find = () => {
      const all = (this.variablesByName.get(name) ?? []).filter(visible);
      return all.find((v) => v.tok.source === tok.source) ?? all[0] ?? null;
    };
    let found = find();
    if (!found && this.library && this.pull(this.library.filesWithGlobal(name))) found = find();
    if (found) this.usedGlobals.add(found);
    return found;
  }

  /** Declarations of functions that a call at `tok` can mean: the user's if one takes so many arguments, else all. */
  findFunctions(name: string, arity: number, tok: Token): readonly FunctionDecl[] {
    const visible = (f: FunctionDecl) => !f.isPrivate || f.tok.source === tok.source;
    const known = (this.declaredFunctions.get(name) ?? []).filter(visible);
    const user = known.filter((f) => !f.tok.source.library);
    if (user.some((f) => f.params.length === arity)) return user;
    if (!this.library || !this.pull(this.library.filesWithFunction(name))) return known;
    return (this.declaredFunctions.get(name) ?? []).filter(visible);
  }

  /** Does a function read `$` variables, itself or in a function that it calls? */
  readsContext(f: FunctionDecl): boolean {
    const known = this.contextReaders.get(f);
    if (known !== undefined) return known;
    const reached = new Set([f]);
    let reads = false;
    for (const g of reached)
      walkSyntax(g.body, (n) => {
        if (n.kind === 'target' && n.root.kind === 'var') reads = true;
        if (n.kind === 'call') for (const h of this.findFunctions(n.name, n.args.length, n.tok)) reached.add(h);
        return !reads;
      });
    this.contextReaders.set(f, reads);
    return reads;
  }

  private readonly contextReaders = new Map<FunctionDecl, boolean>();

  /** Makes sure that library aliases whose first part may match `pattern` are known. */
  pullAliases(pattern: string): void {
    if (!this.library || this.aliasesPulled.has(pattern)) return;
    this.aliasesPulled.add(pattern);
    this.pull(this.library.filesWithAlias(pattern));
  }

  private readonly aliasesPulled = new Set<string>();

  private readonly pulled = new Set<string>();

  private pull(names: readonly string[]): boolean {
    let any = false;
    for (const name of names) {
      if (this.pulled.has(name) || !this.library) continue;
      this.pulled.add(name);
      const file = this.library.parse(name, this);
      if (!file) continue;
      any = true;
      this.addFile(file);
    }
    return any;
  }

  /** Names for "similar:" lists. */
  functionNames(): readonly string[] {
    const builtins = allBuiltins().map((b) => b.name);
    return [...this.declaredFunctions.keys(), ...(this.library?.functionNames() ?? []), ...builtins];
  }
}
