// The syntax tree of the whole SystemTap language, all nodes in one file. Read beside it: the SystemTap
// Language Reference and stap(1), "SCRIPT LANGUAGE". Nodes are plain readonly objects with a `kind`; what
// the compiler infers about them (types, bindings, purity) lives in side tables, never here.
//
// Every node has `tok`, the token that SystemTap's messages about the node point at (for a binary
// operator the operator, for an index expression the array's name, …), and `span`, the stretch of text
// from its first token to its last as far as both lie in one file.
import type { SourceFile, Span } from '../source/source.js';
import type { Token } from './token.js';

interface Base {
  readonly tok: Token;
  readonly span: Span;
}

/** Declared or inferred types as they can be written in a script. */
export type TypeName = 'long' | 'string';

// ---- Files and declarations ----

/** One parsed file. Declarations stand in text order in each list, and all together in `items`. */
export interface StapFile {
  readonly kind: 'file';
  readonly source: SourceFile;
  readonly items: readonly Item[];
  readonly probes: readonly ProbeDecl[];
  readonly aliases: readonly AliasDecl[];
  readonly functions: readonly FunctionDecl[];
  readonly globals: readonly GlobalDecl[];
  readonly embeds: readonly EmbeddedDecl[];
}

export type Item = ProbeDecl | AliasDecl | FunctionDecl | GlobalDecl | EmbeddedDecl;

/** `probe a, b { … }`; also a probe nested in a function or probe never exists in the language. */
export interface ProbeDecl extends Base {
  readonly kind: 'probe';
  readonly points: readonly ProbePoint[];
  readonly body: Block;
}

/** `probe name.space = a, b { … }`; `+=` puts the body after the user's instead of before. */
export interface AliasDecl extends Base {
  readonly kind: 'alias';
  /** Several names may share one definition: `probe a = b = point { }`. */
  readonly names: readonly ProbePoint[];
  readonly points: readonly ProbePoint[];
  readonly body: Block;
  /** True for `+=` (epilogue style): `body` runs after the body of the probe. */
  readonly epilogue: boolean;
  /** The second block of `probe a = point { before }, { after }`. */
  readonly after: Block | null;
}

/** `kernel.function("f").return ? if (cond)`. Braces in a point are already multiplied out. */
export interface ProbePoint extends Base {
  readonly kind: 'point';
  readonly components: readonly PointComponent[];
  /** `?`: no error if it matches nothing. */
  readonly optional: boolean;
  /** `!`: optional, and if it matches, the points after it in the list are left out. */
  readonly sufficient: boolean;
  readonly condition: Expr | null;
}

/** One part of a probe point; `functor` may hold wildcards `*` and `**`. */
export interface PointComponent extends Base {
  readonly kind: 'component';
  readonly functor: string;
  readonly arg: NumberLit | StringLit | null;
}

/** `[private] function name[:type] (a[:type], …) [:priority] { … }` or with an embedded body. */
export interface FunctionDecl extends Base {
  readonly kind: 'function';
  readonly name: string;
  readonly returnType: TypeName | null;
  readonly params: readonly Param[];
  readonly priority: bigint | null;
  readonly isPrivate: boolean;
  readonly body: Stmt;
  /** The comment that stands directly before the declaration, for documentation; '' if none. */
  readonly doc: string;
}

export interface Param extends Base {
  readonly kind: 'param';
  readonly name: string;
  readonly type: TypeName | null;
}

/** One name of a `global` or `private` declaration. */
export interface GlobalDecl extends Base {
  readonly kind: 'global';
  readonly name: string;
  readonly isPrivate: boolean;
  /** `a%`: a full array gives up its oldest element. */
  readonly wrap: boolean;
  /** `a[100]`: the most elements it may hold; null = MAXMAPENTRIES. */
  readonly size: number | null;
  readonly init: NumberLit | StringLit | null;
  /** Set when declared as an array (by size). */
  readonly isArray: boolean;
}

/** `%{ … %}` among the declarations. */
export interface EmbeddedDecl extends Base {
  readonly kind: 'embedded-decl';
  readonly code: string;
}

// ---- Statements ----

export type Stmt =
  | Block
  | EmbeddedStmt
  | NullStmt
  | ExprStmt
  | IfStmt
  | WhileStmt
  | ForStmt
  | ForeachStmt
  | ReturnStmt
  | DeleteStmt
  | NextStmt
  | BreakStmt
  | ContinueStmt
  | TryStmt;

export interface Block extends Base {
  readonly kind: 'block';
  readonly body: readonly Stmt[];
}

/** `%{ … %}` as a statement, or the whole body of a function. */
export interface EmbeddedStmt extends Base {
  readonly kind: 'embedded-stmt';
  readonly code: string;
}

/** `;` */
export interface NullStmt extends Base {
  readonly kind: 'null';
}

export interface ExprStmt extends Base {
  readonly kind: 'expr-stmt';
  readonly expr: Expr;
}

export interface IfStmt extends Base {
  readonly kind: 'if';
  readonly cond: Expr;
  readonly then: Stmt;
  readonly else: Stmt | null;
}

export interface WhileStmt extends Base {
  readonly kind: 'while';
  readonly cond: Expr;
  readonly body: Stmt;
}

export interface ForStmt extends Base {
  readonly kind: 'for';
  readonly init: Expr | null;
  readonly cond: Expr | null;
  readonly step: Expr | null;
  readonly body: Stmt;
}

/** `foreach (v = [a, b] in arr[*, 1] @sum- limit n) …` */
export interface ForeachStmt extends Base {
  readonly kind: 'foreach';
  readonly indexes: readonly SymbolExpr[];
  readonly value: SymbolExpr | null;
  /** A global array, or a histogram of one (`foreach (b in @hist_log(x))`). */
  readonly base: SymbolExpr | HistOp;
  /** Fixed indexes of a slice; null entries stand for `*`. Null when no slice was written. */
  readonly slice: readonly (Expr | null)[] | null;
  readonly sort: ForeachSort | null;
  readonly limit: Expr | null;
  readonly body: Stmt;
}

export interface ForeachSort {
  readonly direction: 1 | -1;
  /** 0 = by the value, n = by the n-th index (from 1). */
  readonly column: number;
  /** What of an aggregate to sort by. */
  readonly aggr: 'count' | 'sum' | 'min' | 'max' | 'avg';
  readonly tok: Token;
}

export interface ReturnStmt extends Base {
  readonly kind: 'return';
  readonly value: Expr | null;
}

export interface DeleteStmt extends Base {
  readonly kind: 'delete';
  readonly target: Expr;
}

export interface NextStmt extends Base {
  readonly kind: 'next';
}

export interface BreakStmt extends Base {
  readonly kind: 'break';
}

export interface ContinueStmt extends Base {
  readonly kind: 'continue';
}

/** `try { … } catch (msg) { … }` */
export interface TryStmt extends Base {
  readonly kind: 'try';
  readonly body: Stmt;
  readonly catchVar: SymbolExpr | null;
  readonly handler: Stmt;
}

// ---- Expressions ----

export type Expr =
  | NumberLit
  | StringLit
  | EmbeddedExpr
  | SymbolExpr
  | TargetExpr
  | ArrayIndex
  | FunctionCall
  | PrintFormat
  | StatOp
  | HistOp
  | Unary
  | Crement
  | Binary
  | InExpr
  | RegexQuery
  | Ternary
  | Assign
  | DefinedOp
  | EntryOp
  | PerfOp
  | ProbewriteOp
  | ConstOp
  | DerefOp
  | RegisterOp;

/** An integer, 64-bit signed (wrapped). */
export interface NumberLit extends Base {
  readonly kind: 'number';
  readonly value: bigint;
}

/** A string, escapes done, neighbouring literals joined; one character per byte. */
export interface StringLit extends Base {
  readonly kind: 'string';
  readonly value: string;
}

/** `%{ … %}` as an expression (guru mode), and `@const("…")`. */
export interface EmbeddedExpr extends Base {
  readonly kind: 'embedded-expr';
  readonly code: string;
}

export interface SymbolExpr extends Base {
  readonly kind: 'symbol';
  readonly name: string;
}

/**
 * Everything that reaches into the probed program: a root, then fields and indexes.
 * A trailing `$`/`$$` (pretty printing) is the last component. `&` in front sets `addressOf`.
 */
export interface TargetExpr extends Base {
  readonly kind: 'target';
  readonly root: TargetRoot;
  readonly components: readonly TargetComponent[];
  readonly addressOf: boolean;
}

export type TargetRoot =
  /** `$name`, `$$vars`, `$$parms`, `$$locals`, `$$return`, `$return`: `name` includes the dollars. */
  | { readonly kind: 'var'; readonly name: string }
  /** `@var("name@file", "module")`; module '' when not given. */
  | { readonly kind: 'atvar'; readonly name: string; readonly cu: string; readonly module: string }
  /** `@cast(expr, "type", "module")`; module '' when not given. */
  | { readonly kind: 'cast'; readonly operand: Expr; readonly type: string; readonly module: string }
  /** `expr->field`, the type follows from the expression. */
  | { readonly kind: 'autocast'; readonly operand: Expr };

export type TargetComponent =
  /** `->name` (also written `.name` in no dialect). */
  | { readonly kind: 'field'; readonly name: string; readonly tok: Token }
  /** `[3]` */
  | { readonly kind: 'literal-index'; readonly index: bigint; readonly tok: Token }
  /** `[expr]` */
  | { readonly kind: 'index'; readonly index: Expr; readonly tok: Token }
  /** `$` (depth 1) or `$$` (depth 2) */
  | { readonly kind: 'pretty'; readonly depth: number; readonly tok: Token };

/** `a[i, j]`, or a histogram's bucket `@hist_log(x)[3]`; null entries stand for `*` (slices in `in` and `delete`). */
export interface ArrayIndex extends Base {
  readonly kind: 'array-index';
  readonly base: SymbolExpr | HistOp;
  readonly indexes: readonly (Expr | null)[];
}

export interface FunctionCall extends Base {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expr[];
}

/** print, println, printd, printdln, printf, sprint, …: all of the print family. */
export interface PrintFormat extends Base {
  readonly kind: 'print';
  /** False for the sprint… forms, which give the text. */
  readonly toStream: boolean;
  /** True for printf/sprintf. */
  readonly formatted: boolean;
  readonly newline: boolean;
  /** printd…: the text between the arguments. */
  readonly delimiter: StringLit | null;
  /** `print_char`-like single byte output: print of one character by number. */
  readonly char: boolean;
  /** printf/sprintf: the literal format. */
  readonly format: StringLit | null;
  /** The pieces of the format. */
  readonly directives: readonly FormatDirective[];
  readonly args: readonly Expr[];
  /** `print(@hist_log(x))` */
  readonly hist: HistOp | null;
}

export interface FormatDirective {
  readonly kind:
    'literal' | 'size' | 'pointer' | 'number' | 'string' | 'char' | 'memory' | 'memory-hex' | 'binary' | 'percent';
  /** The text of a literal. */
  readonly text: string;
  /** Base of a number: 8, 10, 16. */
  readonly base: number;
  readonly signed: boolean;
  readonly zeroPad: boolean;
  readonly plus: boolean;
  readonly space: boolean;
  readonly special: boolean;
  readonly left: boolean;
  readonly uppercase: boolean;
  /** Null = none, '*' = from the arguments. */
  readonly width: number | '*' | null;
  readonly precision: number | '*' | null;
}

/** `@count(x)`, `@variance(x, shift)` … */
export interface StatOp extends Base {
  readonly kind: 'stat';
  readonly op: 'count' | 'sum' | 'min' | 'max' | 'avg' | 'variance';
  readonly stat: Expr;
  /** The bit shift of @variance; 0 otherwise. */
  readonly params: readonly bigint[];
}

/** `@hist_log(x)`, `@hist_linear(x, low, high, step)` */
export interface HistOp extends Base {
  readonly kind: 'hist';
  readonly op: 'log' | 'linear';
  readonly stat: Expr;
  readonly params: readonly bigint[];
}

export interface Unary extends Base {
  readonly kind: 'unary';
  readonly op: '-' | '+' | '!' | '~';
  readonly operand: Expr;
}

export interface Crement extends Base {
  readonly kind: 'crement';
  readonly op: '++' | '--';
  readonly prefix: boolean;
  readonly operand: Expr;
}

export type BinaryOp =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '<<'
  | '>>'
  | '>>>'
  | '&'
  | '|'
  | '^'
  | '&&'
  | '||'
  | '<'
  | '<='
  | '>'
  | '>='
  | '=='
  | '!='
  | '.';

export interface Binary extends Base {
  readonly kind: 'binary';
  readonly op: BinaryOp;
  readonly left: Expr;
  readonly right: Expr;
}

/** `[a, b] in arr`, `a in arr`; null entries stand for `*`. */
export interface InExpr extends Base {
  readonly kind: 'in';
  readonly indexes: readonly (Expr | null)[];
  readonly base: SymbolExpr | HistOp;
}

/** `s =~ "re"`, `s !~ "re"` */
export interface RegexQuery extends Base {
  readonly kind: 'regex';
  readonly negated: boolean;
  readonly left: Expr;
  readonly pattern: StringLit;
}

export interface Ternary extends Base {
  readonly kind: 'ternary';
  readonly cond: Expr;
  readonly then: Expr;
  readonly else: Expr;
}

export type AssignOp = '=' | '<<<' | '+=' | '-=' | '*=' | '/=' | '%=' | '<<=' | '>>=' | '&=' | '^=' | '|=' | '.=';

export interface Assign extends Base {
  readonly kind: 'assign';
  readonly op: AssignOp;
  readonly left: Expr;
  readonly right: Expr;
}

/** `@defined($x->y)` */
export interface DefinedOp extends Base {
  readonly kind: 'defined';
  readonly operand: Expr;
}

/** `@entry(expr)`: the value at the function's entry, in a return probe. */
export interface EntryOp extends Base {
  readonly kind: 'entry';
  readonly operand: Expr;
}

/** `@perf("event")` */
export interface PerfOp extends Base {
  readonly kind: 'perf';
  readonly operand: string;
}

/** `@probewrite(var)`: does the probe that uses this alias write the variable? */
export interface ProbewriteOp extends Base {
  readonly kind: 'probewrite';
  readonly name: string;
}

/** `@enum("NAME", "module")`: a constant by name; `@const` is guru-only embedded text. */
export interface ConstOp extends Base {
  readonly kind: 'enum';
  readonly name: string;
  readonly module: string;
}

/** `@kderef(size, address)`, `@uderef(size, address)` */
export interface DerefOp extends Base {
  readonly kind: 'deref';
  readonly user: boolean;
  readonly size: bigint;
  readonly address: Expr;
}

/** `@kregister(n)`, `@uregister(n)`: a DWARF register by number. */
export interface RegisterOp extends Base {
  readonly kind: 'register';
  readonly user: boolean;
  readonly number: bigint;
}
