/**
 * The resolved tree: what the syntax tree becomes once names are bound, aliases are expanded and
 * target variables are found. One body per distinct handler; the optimizer rewrites it in place, type
 * inference fills `type` and `detail`. Read beside it: syntax/ast.ts (what was written),
 * passes/lower.ts (which makes this), codegen/ (which prints it as JavaScript).
 */
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { FormatDirective } from '../syntax/ast.js';
import type { Token } from '../syntax/token.js';
import type { CType } from '../target.js';
import type { Builtin } from '../builtins/builtin.js';
import type { BinaryOp, AssignOp, FunctionDecl, GlobalDecl } from '../syntax/ast.js';

export type InferredType = 'unknown' | 'long' | 'string' | 'stats';

/** What a diagnostic about a declaration names: a variable or a function. */
export interface Declaration {
  readonly name: string;
  readonly tok: Token;
  type: InferredType;
}

export type VariableKind = 'global' | 'local' | 'parameter';

/** A variable of a script. */
export class Variable implements Declaration {
  readonly kind: VariableKind;
  readonly name: string;
  readonly tok: Token;
  /** -1 until a use tells; 0 scalar, n keys. */
  arity = -1;
  arityTok: Token | null = null;
  type: InferredType = 'unknown';
  keys: InferredType[] = [];
  /** The C type of what it holds, for `x->field`. */
  detail: CType | null = null;
  /** For globals. */
  readonly declaration: GlobalDecl | null;
  /** Made by the compiler: no warnings about it. */
  readonly synthetic: boolean;

  constructor(
    kind: VariableKind,
    name: string,
    tok: Token,
    options: { declaration?: GlobalDecl; synthetic?: boolean } = {},
  ) {
    this.kind = kind;
    this.name = name;
    this.tok = tok;
    this.declaration = options.declaration ?? null;
    this.synthetic = options.synthetic ?? false;
  }
}

/** A function, once per context it is used in (once altogether unless it reads `$` variables). */
export class FunctionInstance implements Declaration {
  readonly declaration: FunctionDecl;
  readonly name: string;
  /** Unique in the program; the order of processing. */
  readonly key: string;
  readonly tok: Token;
  type: InferredType;
  detail: CType | null = null;
  readonly parameters: Variable[];
  readonly locals: Variable[] = [];
  body: Stmt | null = null;
  /** Values of the probe's context that the body reads, in order of first use. */
  readonly context: ContextRef[] = [];
  /** The handler body whose captured values it reads, itself or in functions that it calls. */
  captures: Body | null = null;

  constructor(declaration: FunctionDecl, key: string, parameters: Variable[]) {
    this.declaration = declaration;
    this.name = declaration.name;
    this.key = key;
    this.tok = declaration.tok;
    this.type = declaration.returnType ?? 'unknown';
    this.parameters = parameters;
  }
}

/** A value of the probed function or of the provider, handed to the handler. */
export interface ContextRef {
  readonly kind: 'param' | 'local' | 'return' | 'value';
  readonly name: string;
  readonly type: CType;
  /** The provider's own values (`value`) may be strings. */
  readonly script?: 'string';
}

interface ExprBase {
  readonly tok: Token;
  type: InferredType;
  detail: CType | null;
}

export type Expr =
  | NumberExpr
  | StringExpr
  | VariableExpr
  | ElementExpr
  | BucketExpr
  | CallExpr
  | PrintExpr
  | StatExpr
  | HistExpr
  | UnaryExpr
  | CrementExpr
  | BinaryExpr
  | InExpr
  | RegexExpr
  | TernaryExpr
  | AssignExpr
  | TargetExpr
  | AutocastExpr
  | EntryExpr
  | EmbeddedExpr
  | UnresolvedExpr
  | PerfExpr;

export interface NumberExpr extends ExprBase {
  kind: 'number';
  value: bigint;
}
export interface StringExpr extends ExprBase {
  kind: 'string';
  value: string;
}
export interface VariableExpr extends ExprBase {
  kind: 'variable';
  variable: Variable;
}
export interface ElementExpr extends ExprBase {
  kind: 'element';
  variable: Variable;
  /** null for `*`. */
  indexes: (Expr | null)[];
}
export interface BucketExpr extends ExprBase {
  kind: 'bucket';
  hist: HistExpr;
  index: Expr;
}
export interface CallExpr extends ExprBase {
  kind: 'call';
  name: string;
  /** Overloads in the order tried; empty for a built-in. */
  targets: FunctionInstance[];
  builtin: Builtin | null;
  args: Expr[];
}
export interface PrintExpr extends ExprBase {
  kind: 'print';
  toStream: boolean;
  formatted: boolean;
  newline: boolean;
  char: boolean;
  delimiter: string | null;
  directives: readonly FormatDirective[];
  args: Expr[];
  hist: HistExpr | null;
}
export interface StatExpr extends ExprBase {
  kind: 'stat';
  op: 'count' | 'sum' | 'min' | 'max' | 'avg' | 'variance';
  stat: Expr;
  shift: number;
}
export interface HistExpr extends ExprBase {
  kind: 'hist';
  op: 'log' | 'linear';
  stat: Expr;
  params: readonly bigint[];
}
export interface UnaryExpr extends ExprBase {
  kind: 'unary';
  op: '-' | '+' | '!' | '~';
  operand: Expr;
}
export interface CrementExpr extends ExprBase {
  kind: 'crement';
  op: '++' | '--';
  prefix: boolean;
  operand: Expr;
}
export interface BinaryExpr extends ExprBase {
  kind: 'binary';
  op: BinaryOp;
  left: Expr;
  right: Expr;
}
export interface InExpr extends ExprBase {
  kind: 'in';
  indexes: (Expr | null)[];
  base: VariableExpr | HistExpr;
}
export interface RegexExpr extends ExprBase {
  kind: 'regex';
  negated: boolean;
  left: Expr;
  pattern: StringExpr;
}
export interface TernaryExpr extends ExprBase {
  kind: 'ternary';
  cond: Expr;
  then: Expr;
  else: Expr;
}
export interface AssignExpr extends ExprBase {
  kind: 'assign';
  op: AssignOp;
  left: Expr;
  right: Expr;
}

/** One step from a value to a part of it. */
export type TargetStep =
  | { kind: 'member'; name: string; struct: string; type: CType; tok: Token }
  | { kind: 'index'; index: Expr; type: CType; tok: Token };

export type TargetRoot =
  | { kind: 'context'; ref: ContextRef }
  /** An address, taken for that of a `type`. */
  | { kind: 'address'; operand: Expr; type: CType }
  | { kind: 'global'; name: string; file: string; module: string; type: CType };

/** A value of the probed program; `leaf` is its C type after all steps. */
export interface TargetExpr extends ExprBase {
  kind: 'target';
  root: TargetRoot;
  steps: TargetStep[];
  leaf: CType;
  addressOf: boolean;
  /** 0: the value; 1: `$x$`; 2: `$x$$`. */
  pretty: 0 | 1 | 2;
}

/** `expr->field` whose struct type is not known until types are inferred. */
export interface AutocastExpr extends ExprBase {
  kind: 'autocast';
  operand: Expr;
  /** Resolves the rest once the operand's C type is known. */
  resolve: (detail: CType) => Expr;
}

/** The value that `capture` had when the function was entered. */
export interface EntryExpr extends ExprBase {
  kind: 'entry';
  capture: Capture;
}

/** An expression that is evaluated at the function's entry for its return probe. */
export interface Capture {
  expr: Expr;
  readonly text: string;
}

export interface EmbeddedExpr extends ExprBase {
  kind: 'embedded';
  code: string;
}

/** A target expression that could not be found; an error unless it is optimized away. */
export interface UnresolvedExpr extends ExprBase {
  kind: 'unresolved';
  error: Diagnostic | null;
}

export interface PerfExpr extends ExprBase {
  kind: 'perf';
}

// ---- Statements

export type Stmt =
  | Block
  | EmbeddedStmt
  | NullStmt
  | ExprStmt
  | IfStmt
  | WhileStmt
  | ForeachStmt
  | ReturnStmt
  | DeleteStmt
  | JumpStmt
  | TryStmt;

export interface Block {
  kind: 'block';
  tok: Token;
  body: Stmt[];
}
export interface EmbeddedStmt {
  kind: 'embedded-stmt';
  tok: Token;
  code: string;
}
export interface NullStmt {
  kind: 'null';
  tok: Token;
}
export interface ExprStmt {
  kind: 'expr-stmt';
  tok: Token;
  expr: Expr;
}
export interface IfStmt {
  kind: 'if';
  tok: Token;
  cond: Expr;
  then: Stmt;
  else: Stmt | null;
}
/** `for` and `while`. */
export interface WhileStmt {
  kind: 'loop';
  tok: Token;
  init: Expr | null;
  cond: Expr | null;
  step: Expr | null;
  body: Stmt;
}
export interface ForeachStmt {
  kind: 'foreach';
  tok: Token;
  indexes: VariableExpr[];
  value: VariableExpr | null;
  base: VariableExpr | HistExpr;
  slice: (Expr | null)[] | null;
  direction: 0 | 1 | -1;
  /** 0: by value; n: by the n-th index. */
  column: number;
  aggregate: 'count' | 'sum' | 'min' | 'max' | 'avg';
  limit: Expr | null;
  body: Stmt;
}
export interface ReturnStmt {
  kind: 'return';
  tok: Token;
  value: Expr | null;
}
export interface DeleteStmt {
  kind: 'delete';
  tok: Token;
  target: Expr;
}
export interface JumpStmt {
  kind: 'next' | 'break' | 'continue';
  tok: Token;
}
export interface TryStmt {
  kind: 'try';
  tok: Token;
  body: Stmt;
  catchVar: VariableExpr | null;
  handler: Stmt;
}

/** A handler body: shared by all derived probes that need the same code. */
export interface Body {
  readonly tok: Token;
  readonly locals: Variable[];
  code: Stmt;
  /** `if (…)` of the probe point(s), or null. */
  condition: Expr | null;
  readonly context: ContextRef[];
  readonly captures: Capture[];
  /** Context values that the entry handler needs. */
  readonly entryContext: ContextRef[];
  /** Names of `$` variables assigned (guru mode). */
  readonly written: Set<string>;
  /** For messages: the first probe point that uses it. */
  readonly point: string;
  /** May run ten times MAXACTION. */
  readonly interruptible: boolean;
  elided: boolean;
}
