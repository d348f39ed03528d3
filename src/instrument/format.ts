// The debuginfo file: what is in it and how it is laid out. It is what DWARF is to SystemTap. The first line
// is an index, small enough to be parsed at each start; each further line holds the details of one module's
// functions or the list of structs, and is parsed when it is first asked for. All text is ASCII, so that a
// position in the file is a position in the string.
// Read beside it: extract.ts (which writes it), runtime/debuginfo (which reads it).
//
// Types are C text: a base (`int`, `u32`, `struct sk_buff`, `char`, `fn` for a function, `void`), then `*` for
// each pointer and `[]` or `[n]` for each array, read from left to right: `struct net_device*[4]`.

/** Bits of a function's flags. */
export const FLAG_GENERATOR = 1;
export const FLAG_ASYNC = 2;
export const FLAG_EXPORTED = 4; // tagged @EXPORT_SYMBOL
export const FLAG_TRACEPOINT = 8;
export const FLAG_INLINE = 16; // of a header

/** [name, line, last line, flags, former names]; the id is that of the module plus the place in its list. */
export type FunctionRow = readonly [string, number, number, number, (readonly FormerRow[])?];

/** [name, kernels as written] */
export type FormerRow = readonly [string, string];

/** [kind of place, offset in the file, length] of a lazily read line. */
export type Chunk = readonly [number, number];

export interface ModuleRow {
  /** Path below the source root, without extension: the name it is registered under. */
  readonly source: string;
  /** The kernel's path. */
  readonly file: string;
  /** `kernel`, or the name of the kernel module or program that it belongs to. */
  readonly module: string;
  readonly program?: boolean;
  readonly firstId: number;
  readonly functions: readonly FunctionRow[];
  /** FunctionDetail[] */
  readonly details: Chunk;
}

export interface DebugIndex {
  readonly version: 1;
  readonly modules: readonly ModuleRow[];
  /** By name: StructRow. */
  readonly structs: Readonly<Record<string, Chunk>>;
  /** Record<string, number | string> */
  readonly constants: Chunk;
  /** VariableRow[] */
  readonly variables: Chunk;
  /** Named integer types: [bytes, signed]. */
  readonly integers: Readonly<Record<string, readonly [number, 0 | 1]>>;
}

/** [name, type, name in the text if it is another: an unused parameter is `_skb` there, and `skb` to scripts] */
export type ParameterRow = readonly [string, string, string?];

/**
 * [name, type, scope from, readable from, to]: offsets in the function's text, `to` excluded. Between `scope
 * from` and `readable from` the name means this variable but has no value yet.
 */
export type LocalRow = readonly [string, string, number, number, number];

/** [start, end, line, wrap]: `wrap` is 1 where a statement is not in a block, and inserting one needs braces. */
export type StatementRow = readonly [number, number, number, 0 | 1];

/** [start, end of the statement, start, end of the expression]; the last two are 0 for a bare return. */
export type ReturnRow = readonly [number, number, number, number];

/** Positions are offsets in the function's own text, which begins with `function` or `async`. */
export interface FunctionDetail {
  readonly parameters: readonly ParameterRow[];
  readonly locals: readonly LocalRow[];
  readonly returns: string;
  /** Offsets behind the opening and at the closing brace. */
  readonly body: readonly [number, number];
  readonly statements: readonly StatementRow[];
  readonly exits: readonly ReturnRow[];
  /** [name, line] */
  readonly labels: readonly (readonly [string, number])[];
  /** Names of functions that are called by name. */
  readonly callees: readonly string[];
}

/** [name, type, offset, property if it has another name (tagged `@field NAME`)] */
export type FieldRow = readonly [string, string, number, string?];

export interface StructRow {
  readonly name: string;
  readonly source: string;
  readonly file: string;
  readonly line: number;
  readonly size: number;
  /** A view of packet bytes: class with a buffer and an offset. */
  readonly view: boolean;
  readonly fields: readonly FieldRow[];
}

/** A module-level object or variable. */
export interface VariableRow {
  readonly name: string;
  readonly type: string;
  readonly source: string;
  readonly file: string;
  readonly module: string;
}
