/**
 * What generated code and the runtime agree on: the `$rt` object that the program's factory is
 * called with, what the factory gives back, and the metadata by which probes are attached.
 *
 * Read beside it: codegen/ (which writes the calls), runtime/session (which implements Runtime),
 * runtime/hijack (which attaches function probes). DESIGN.md 3 has the representation of values.
 */
import type { CType, FunctionSymbol, ProbeContext } from './target.js';

/** Signed 64 bits: a JS number while a safe integer, else a bigint; never a bigint that would fit. */
export type Long = number | bigint;
/** Long or string (latin1 code units, at most MAXSTRINGLEN-1 of them). */
export type Value = Long | string;
export type ScriptType = 'long' | 'string' | 'stats';

// ---------------------------------------------------------------- what a program consists of

export interface Program {
  /** Body of the factory: `new Function('$rt', source)($rt)` gives a LoadedProgram. */
  readonly source: string;
  readonly globals: readonly GlobalVariable[];
  /** Derived probes in script order (providers sort by priority themselves, stably). */
  readonly probes: readonly DerivedProbe[];
  /** Texts for errors, by State.site: `operator '/' at a.stp:1:25`; '' for none. */
  readonly sites: readonly string[];
  /** Print the globals that are written and never read, after a clean end. */
  readonly unread: readonly GlobalVariable[];
}

/** What the factory returns. */
export interface LoadedProgram {
  /** By DerivedProbe.handler, EntryValues.handler and DerivedProbe.condition. */
  readonly handlers: readonly Handler[];
  /** By GlobalVariable.index. Scalars are read and set through closures, the rest are the objects. */
  readonly globals: readonly LoadedGlobal[];
}

/**
 * A handler is called with the number of the derived probe and then the raw JS values of
 * `DerivedProbe.values`. It never throws: it takes the session's lock (State.busy), catches script
 * errors and hands them to Runtime.fault. Entry handlers return what the copy keeps in a local
 * until the return; condition handlers return a Long; others nothing.
 */
export type Handler = (probe: number, ...values: unknown[]) => unknown;

export type LoadedGlobal =
  | { readonly kind: 'scalar'; get(): Value; set(value: Value): void }
  | { readonly kind: 'stats'; readonly stats: Stats }
  | { readonly kind: 'array'; readonly map: ScriptMap };

export interface GlobalVariable {
  readonly name: string;
  readonly index: number;
  readonly type: ScriptType;
  /** Types of the keys; empty for scalars. */
  readonly keys: readonly ('long' | 'string')[];
  /** Declared initial value, if any (-G overrides it). */
  readonly initial?: Value;
}

export interface ContextValue {
  /** Name of the parameter or local; `return` for $return; for `entry` nothing. */
  readonly expr: string;
  /**
   * `param`, `local`: the variable's value now. `return`: the returned value. `entry`: what the
   * entry handler returned (undefined if it was skipped). `value`: a value that the provider gives
   * under this name (procfs `value`, netfilter `skb`, `verdict` …).
   */
  readonly kind: 'param' | 'local' | 'return' | 'entry' | 'value';
}

/** `expr` is given back after the handler, in Runtime.writes[slot], even if it was not changed. */
export interface WriteBack {
  readonly expr: string;
  readonly kind: 'param' | 'local' | 'return' | 'value';
  readonly slot: number;
}

/** The handler to run on entry of a function whose return is probed. */
export interface EntryValues {
  readonly handler: number;
  readonly values: readonly ContextValue[];
}

/** One probe at one resolved point. */
export interface DerivedProbe {
  readonly index: number;
  /** The resolved point: pp(). */
  readonly point: string;
  /** The point as the script has it: pn(). */
  readonly name: string;
  /** Where the probe stands: file, line, column. */
  readonly location: string;
  readonly detail: ProviderDetail;
  readonly handler: number;
  readonly values: readonly ContextValue[];
  readonly writes: readonly WriteBack[];
  readonly entry?: EntryValues;
  /** Handler that gives the truth of `if (…)`; evaluated at start and after Runtime.recheck. */
  readonly condition?: number;
}

export type ProviderDetail =
  | { readonly provider: 'begin' | 'end' | 'error'; readonly priority: number }
  /** Checked but never armed; not among Program.probes. */
  | { readonly provider: 'never' }
  /** Interval and randomization (±) in ns of virtual time. */
  | { readonly provider: 'timer'; readonly interval: number; readonly randomize: number }
  | FunctionDetail
  | { readonly provider: 'tracepoint'; readonly symbol: FunctionSymbol; readonly tracepoint: string }
  | {
      readonly provider: 'netfilter';
      /** NFPROTO_ number, NF_INET_ hook number, priority. */
      readonly pf: number;
      readonly hook: number;
      readonly priority: number;
    }
  | {
      readonly provider: 'procfs';
      readonly path: string;
      readonly direction: 'read' | 'write';
      readonly umask: number;
      readonly maxsize: number;
    }
  | {
      readonly provider: 'data';
      /** Symbol or address watched; `field` of it when given as `symbol.field`. */
      readonly symbol: string | Long;
      readonly access: 'write' | 'rw';
      readonly length: number;
    }
  | {
      readonly provider: 'process';
      /** Name of the program, or '' for any. */
      readonly program: string;
      readonly pid: number;
      readonly event: 'begin' | 'end' | 'thread.begin' | 'thread.end' | 'syscall' | 'syscall.return';
    }
  | { readonly provider: 'input'; readonly event: 'char' | 'line' };

export interface FunctionDetail {
  readonly provider: 'function';
  readonly symbol: FunctionSymbol;
  /** The name that the script asked for (maybe a former one): probefunc(). */
  readonly called: string;
  readonly when: 'entry' | 'return' | 'statement';
  /** Line in the .ts file, for `statement`. */
  readonly line: number;
  /** Only when called from one of these, for `.callees(N)`; '' for any caller. */
  readonly caller: string;
  /** Only while a program of this name runs, for `process("NAME").function`; '' for any. */
  readonly program: string;
  readonly maxactive: number;
}

// ---------------------------------------------------------------- what a program is given

/** Read and written by generated code directly. One per session. */
export interface State {
  /** A handler is running, or the session takes no more events: handlers return at once. */
  busy: boolean;
  /** The session takes no more events (exit, a fatal error): a handler leaves `busy` set to this. */
  closed: boolean;
  /** Number of the derived probe that runs. */
  probe: number;
  /** Number of the place that an error now would be reported at (Program.sites). */
  site: number;
  /** Actions left of MAXACTION. */
  actions: number;
}

export interface Limits {
  /** MAXACTION for function and tracepoint probes. */
  readonly action: number;
  /** Ten times that: begin, end, timer and other probes that may be interrupted. */
  readonly actionInterruptible: number;
  readonly nesting: number;
  /** Characters a string may have: MAXSTRINGLEN - 1. */
  readonly string: number;
  readonly mapEntries: number;
}

export interface MapSpec {
  readonly name: string;
  /** Number of keys, 1 …. */
  readonly keys: number;
  readonly keyTypes: readonly ('long' | 'string')[];
  readonly value: ScriptType;
  /** Declared size; 0 for MAXMAPENTRIES. */
  readonly size: number;
  /** `%`: evict the oldest instead of an overflow error. */
  readonly wrap: boolean;
  readonly histogram: HistogramSpec;
  /** Bit shift of @variance(x, n), 0 for @variance(x); null when the variance is never read. */
  readonly bitShift: number | null;
}

export type HistogramSpec =
  | { readonly kind: 'none' }
  | { readonly kind: 'log' }
  | { readonly kind: 'linear'; readonly start: Long; readonly stop: Long; readonly interval: Long };

export type Extractor = 'count' | 'sum' | 'min' | 'max' | 'avg' | 'variance';

/** An aggregate. Empty ones give 0 for count and sum; the rest throw `empty aggregate`. */
export interface Stats {
  add(value: Long): void;
  clear(): void;
  count(): Long;
  sum(): Long;
  min(): Long;
  max(): Long;
  avg(): Long;
  /** `shift` is the second argument of @variance, 0 without. */
  variance(shift?: number): Long;
  /** `empty aggregate` when empty; `histogram index out of range`. */
  bucket(index: Long): Long;
  /** 1 if `index` is a bucket with something in it; error when out of range. */
  hasBucket(index: Long): number;
  /** Number of buckets, for foreach over a histogram. */
  buckets(): number;
  /** The text of print(@hist_…(x)). */
  histogram(): string;
}

/** A cell of a map: `value` may be assigned; `keys` may not. */
export interface Cell {
  readonly keys: readonly Value[];
  value: Value | Stats;
}

/** An associative array. Keys are given last, as many as the map has. */
export interface ScriptMap {
  readonly spec: MapSpec;
  /** 0 or '' when absent; for stats undefined when absent. */
  get(...keys: Value[]): Value;
  stats(...keys: Value[]): Stats | undefined;
  has(...keys: Value[]): number;
  /** Throws `Array overflow, check …`. Returns the value. */
  set(value: Value, ...keys: Value[]): Value;
  /** The cell for these keys, made (0 or '' or an empty aggregate) when absent. */
  cell(...keys: Value[]): Cell;
  remove(...keys: Value[]): void;
  clear(): void;
  size(): number;
  /** Cells in the order asked for; the map is not changed while the loop runs. */
  iterate(order: IterationOrder, limit: Long | undefined, slice?: readonly (Value | undefined)[]): readonly Cell[];
}

export interface IterationOrder {
  /** 0: unsorted; 1: ascending, -1: descending. */
  readonly direction: 0 | 1 | -1;
  /** Key number (0 …), or -1 for the value. */
  readonly column: number;
  /** For aggregates sorted by value; `count` if the script does not say. */
  readonly by: Extractor;
}

/** One piece of a format string; `%%` and texts are `text`. */
export type FormatPiece =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'conversion';
      readonly conversion: 'd' | 'i' | 'u' | 'x' | 'X' | 'o' | 'p' | 's' | 'c' | 'b' | 'm' | 'M';
      /** `#`, `0`, `-`, `+`, ` ` in any combination. */
      readonly flags: string;
      /** Digits, `*` (an argument before the value), or null. */
      readonly width: number | '*' | null;
      readonly precision: number | '*' | null;
    };

/** Compiled format: `*` arguments come before their value. The result is not capped. */
export type Formatter = (...args: Value[]) => string;

/** Thrown for errors of scripts. */
export interface ScriptErrorConstructor {
  /** `placed`: report State.site with it (false for error()). `fatal`: try cannot catch it. */
  new (message: string, options?: { placed?: boolean; fatal?: boolean }): Error;
}

/** `$rt`. */
export interface Runtime {
  readonly state: State;
  readonly limits: Limits;
  readonly context: ProbeContext;
  readonly ScriptError: ScriptErrorConstructor;
  /** Implementations of built-in functions by Builtin.implementation ?? Builtin.name. */
  readonly builtins: Readonly<Record<string, (...args: Value[]) => Value | undefined | void>>;

  // ---- a handler's frame
  /** A handler found State.busy set. */
  skipped(probe: number): void;
  /** A handler threw. Exceptions that are not script errors are reported, too; never throws. */
  fault(error: unknown): void;
  /** Message for `catch (e)`; throws the error again if it cannot be caught. */
  caught(error: unknown): string;
  /** These probes' conditions may have changed. */
  recheck(probes: readonly number[]): void;
  /** Values to store back after the handler: WriteBack.slot. */
  readonly writes: unknown[];

  // ---- output
  print(text: string): void;
  format(pieces: readonly FormatPiece[]): Formatter;

  // ---- variables
  newMap(spec: MapSpec): ScriptMap;
  newStats(name: string, histogram: HistogramSpec, bitShift: number | null): Stats;

  // ---- regular expressions: the text matches → 1, else 0; keeps what matched(n) gives
  regex(pattern: string): (text: string) => number;

  // ---- kernel objects
  /** The script value of a JS value: integers and booleans wrapped, objects by their address. */
  toLong(value: unknown): Long;
  /** The address of `object`'s field (for char arrays, embedded structs, arrays and `&`). */
  /** The object of a type at an address, or the address itself where there is none: for what is only reckoned with. */
  place(address: Long, type: CType): unknown;
  fieldAddress(object: unknown, struct: string, field: string): Long;
  /** The address of an element of an array or of bytes. */
  elementAddress(array: unknown, index: Long, type: CType): Long;
  /** The object of type `type` at an address (a view for packet bytes). Throws a read fault. */
  at(address: Long, type: CType): unknown;
  /** array[index]: element of an array, typed array or pointed-to memory. Throws a read fault. */
  element(array: unknown, index: Long, type: CType): unknown;
  /** Guru mode: object.field = value, converted to the field's type. */
  store(object: unknown, field: string, type: CType, value: Long): void;
  storeElement(array: unknown, index: Long, type: CType, value: Long): void;
  /** The JS value for a variable of type `type` from a script value. */
  fromLong(value: Long, type: CType): unknown;
  /** `$x$` (depth 1) and `$x$$` (depth 2): text of a value as SystemTap prints it. */
  pretty(value: unknown, type: CType, depth: 1 | 2): string;
  /** Value of a kernel variable, for @var. */
  variable(name: string, file: string, module: string): unknown;
  /** Throws `read fault [man error::fault] at 0x…`. */
  readFault(address: Long): never;
}

/** Names that generated code has in scope besides `$rt`: `$s` is Runtime.state. */
export const programParameter = '$rt';
