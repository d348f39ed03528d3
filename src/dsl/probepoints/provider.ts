/**
 * What a provider of probe points is: the patterns it answers to, and how it makes resolved points of a
 * match. One provider a file beside this one; registry.ts lists them. Read beside it: stapprobes(3stap).
 */
import type { ProviderDetail } from '../abi.js';
import type { Block, Expr, ProbeDecl, ProbePoint } from '../syntax/ast.js';
import type { FunctionSymbol, Target, Variable } from '../target.js';

/** What the `$` variables of a point can be. */
export interface ProbeScope {
  /** The probed function or tracepoint. */
  readonly symbol: FunctionSymbol | null;
  readonly when: 'entry' | 'return' | 'statement' | 'none';
  /** For `statement`: the line, which decides the locals in scope. */
  readonly line: number;
  /** Values that the provider itself gives. */
  readonly values: readonly ProviderValue[];
  /** What is said of a `$` variable that is none of them. */
  readonly missing?: string;
  /** The point knows no debuginfo: scripts may not name parameters, only ask for arguments by number. */
  readonly blind?: boolean;
}

export interface ProviderValue extends Variable {
  /** A script string, not a C value. */
  readonly script?: 'string';
  /** May be assigned without guru mode. */
  readonly writable?: boolean;
  /** Why it cannot be read, or assigned. */
  readonly unreadable?: string;
  readonly unwritable?: string;
}

export const noScope: ProbeScope = { symbol: null, when: 'none', line: 0, values: [] };

/** One place where a probe will be. */
export interface ResolvedPoint {
  /** pp() */
  readonly text: string;
  readonly detail: ProviderDetail;
  readonly scope: ProbeScope;
  /** May run ten times MAXACTION: it interrupts nothing. */
  readonly interruptible: boolean;
}

/** A resolved point with what is to run there. */
export interface DerivedPoint extends ResolvedPoint {
  /** pn(): the point as the script names it. */
  readonly name: string;
  readonly probe: ProbeDecl;
  /** Prologues of aliases, the probe's own body, epilogues, in order. */
  readonly blocks: readonly Block[];
  readonly conditions: readonly Expr[];
}

export interface PointRequest {
  readonly target: Target;
  readonly point: ProbePoint;
  has(functor: string): boolean;
  /** The number given to a functor; 0n when it has none. */
  number(functor: string): bigint;
  string(functor: string): string;
  /** If it cannot be resolved, nobody hears why. */
  readonly optional: boolean;
  /** The point's text, with arguments as given: what pp() is for most providers. */
  readonly text: string;
  emit(point: ResolvedPoint): void;
  /** Gives up this point: a message without place. */
  fail(message: string): never;
}

/**
 * A pattern is a dotted path; a functor's argument is `(string)` or `(number)`:
 * `kernel.function(string).return.maxactive(number)`.
 */
export interface PointProvider {
  readonly patterns: readonly string[];
  /** One line for --dump-probe-types. */
  readonly doc: string;
  build(request: PointRequest): void;
}
