/**
 * What the compiler and the runtime need to know of a target: a kernel (ours or any instrumented
 * TypeScript module) whose functions can be probed. It is what DWARF, the symbol table and the
 * tracepoint list are to SystemTap.
 *
 * Read beside it: abi.ts (what compiled programs ask of the runtime), runtime/debuginfo (which makes
 * a Target from debuginfo.json). Left out: how a probe is attached (runtime/hijack) and where the
 * objects live (runtime/debuginfo).
 */

/** A C type as scripts see it. `name` is the C spelling used in listings (`struct sk_buff*`). */
export type CType = CVoid | CInteger | CPointer | CStruct | CArray | CCharArray | CFunctionPointer;

export interface CVoid {
  readonly kind: 'void';
}

/** An integer; also bool (`name: 'bool'`, whose JS value may be a boolean) and enums. */
export interface CInteger {
  readonly kind: 'int';
  /** C name as listed: `int`, `unsigned int`, `u8`, `__be16`, `bool`, `enum sk_drop_reason` … */
  readonly name: string;
  /** Bytes: 1, 2, 4 or 8. */
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
}

/** A pointer; its JS value is the object itself, a Uint8Array for bytes, or null. */
export interface CPointer {
  readonly kind: 'pointer';
  readonly to: CType;
}

/** A struct or union by name; its layout is in Target.structs. */
export interface CStruct {
  readonly kind: 'struct';
  readonly name: string;
  readonly union?: boolean;
}

/** An array in place. JS value: an array or a typed array. */
export interface CArray {
  readonly kind: 'array';
  readonly of: CType;
  /** Elements; 0 when unknown. */
  readonly length: number;
}

/** `char[n]`: the model's `string`-typed fields. Its value in a script is its address. */
export interface CCharArray {
  readonly kind: 'chars';
  /** Bytes; 0 when unknown. */
  readonly length: number;
}

/** A pointer to a function; `$x$` prints the symbol. */
export interface CFunctionPointer {
  readonly kind: 'function';
}

export interface Variable {
  readonly name: string;
  readonly type: CType;
}

export interface LocalVariable extends Variable {
  /** First and last line (of the .ts file) on which the variable can be read. */
  readonly firstLine: number;
  readonly lastLine: number;
}

/** An earlier kernel's name of a function. */
export interface FormerName {
  readonly name: string;
  /** As written after `@formerly`: `2.4`, `2.4-3.5`. */
  readonly kernels: string;
}

export interface Label {
  readonly name: string;
  readonly line: number;
}

/** One probeable function. */
export interface FunctionSymbol {
  /** Index into the flag array; unique in the target. */
  readonly id: number;
  readonly name: string;
  readonly formerNames: readonly FormerName[];
  /** `kernel`, a module's name (`nf_nat`), or a lab program's (`ping`) for process probes. */
  readonly module: string;
  /** The kernel's own path: `net/ipv4/ip_input.c`. */
  readonly file: string;
  /** Line of the declaration, in the .ts file. */
  readonly line: number;
  /** Last line of the body. */
  readonly endLine: number;
  readonly parameters: readonly Variable[];
  readonly locals: readonly LocalVariable[];
  readonly returnType: CType;
  /** Lines on which a statement starts, ascending. */
  readonly statementLines: readonly number[];
  readonly exported: boolean;
  readonly inline: boolean;
  /** A function that can sleep. */
  readonly generator: boolean;
  /** Names of functions called directly from the body, for `.callee`. */
  readonly callees: readonly string[];
  readonly labels: readonly Label[];
}

/** One field, in order of declaration. */
export interface Field extends Variable {
  /** Byte offset in the struct, by the field types' sizes and alignment. */
  readonly offset: number;
  /** The JavaScript property that holds it, where that is not `name`. */
  readonly property?: string;
}

export interface StructType {
  readonly name: string;
  readonly union: boolean;
  /** Bytes. */
  readonly size: number;
  readonly fields: readonly Field[];
  readonly file: string;
  readonly line: number;
}

/** A tracepoint: `kernel.trace("name")`; the symbol is that of its `trace_name` function. */
export interface Tracepoint {
  readonly name: string;
  /** The kernel's subsystem (`skb`, `net`, `neigh`), for `kernel.trace("skb:kfree_skb")`. */
  readonly system: string;
  readonly symbol: FunctionSymbol;
}

/** A syscall of the lab, as the target carries it out. */
export interface Syscall {
  readonly name: string;
  readonly symbol: FunctionSymbol;
}

/** A kernel variable for `@var("name@file")`. */
export interface TargetVariable extends Variable {
  readonly file: string;
  readonly module: string;
}

/** What can be probed. All of it is fixed while a program lives, but for the module list. */
export interface Target {
  /** `6.1.0`, for `kernel_v` and `%( kernel_v … %)`. */
  readonly kernelVersion: string;
  /** `x86_64`. */
  readonly architecture: string;
  readonly functions: readonly FunctionSymbol[];
  readonly structs: ReadonlyMap<string, StructType>;
  /** Named constants and enumerators: `IPPROTO_TCP` → 6. */
  readonly constants: ReadonlyMap<string, number | bigint | string>;
  readonly variables: readonly TargetVariable[];
  readonly tracepoints: readonly Tracepoint[];
  readonly syscalls: readonly Syscall[];
  /** Kernel modules that exist, loaded or not: what `module("…")` may match. */
  readonly modules: readonly string[];
  /** The module that a file of the kernel may be built as elsewhere: module(…) finds its functions, too. */
  readonly loadable?: (file: string) => string | null;
  /** Lab programs: what `process("…")` may match. */
  readonly programs: readonly string[];
  /** Names that programs run under, where they are not those of `programs`: what `process("…").begin` may match. */
  readonly commands?: readonly string[];
  /** Configuration for `%( CONFIG_NET == "y" %? … %)`. */
  readonly config: ReadonlyMap<string, string>;
}

/** A target with nothing in it: scripts of begin, end and timer probes need no more. */
export const emptyTarget: Target = {
  kernelVersion: '6.1.0',
  architecture: 'x86_64',
  functions: [],
  structs: new Map(),
  constants: new Map(),
  variables: [],
  tracepoints: [],
  syscalls: [],
  modules: [],
  programs: [],
  config: new Map(),
};

/** What a handler may ask about where and when it runs; the scheduler of the target keeps it. */
export interface ProbeContext {
  hostname(): string;
  execname(): string;
  pid(): number;
  tid(): number;
  ppid(): number;
  uid(): number;
  gid(): number;
  /** The running task's object, as task_current() gives it; null where nothing runs. */
  task(): object | null;
  /** A task of the running host by its number; null if there is none. */
  taskOf(pid: number): object | null;
  /** Name and arguments of the running program; empty for a task of the kernel's. */
  argv(): readonly string[];
  cpu(): number;
  /** In interrupt (softirq) context. */
  inInterrupt(): boolean;
  /** Virtual time since boot, ns. */
  now_ns(): bigint;
  /** The same as a number: exact for 104 days, and much quicker to count with. */
  now(): number;
  /** Virtual wall clock, ns since 1970. */
  realtime_ns(): bigint;
  /** Virtual wall clock at boot, ns since 1970. */
  readonly boot_ns: bigint;
}
