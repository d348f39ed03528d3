// What the implementations of built-in functions (runtime/builtins/<group>.ts) may use besides their
// arguments. A group is a function that is handed these services once per session and gives a table of
// implementations by name: `export const strings: BuiltinGroup = (rt) => ({ strlen: (s) => s.length })`.
// No group keeps state of its own outside that call: sessions live side by side.
import type { DerivedProbe, Program, Runtime, Value } from '../dsl/abi.js';
import type { Environment, KernelObjects } from './environment.js';
import type { RunLimits } from './limits.js';

export interface Services extends Runtime {
  /** The target's memory, objects and symbols. */
  readonly objects: KernelObjects;
  readonly program: Program;
  readonly environment: Environment;
  readonly runLimits: RunLimits;
  /** The probe whose handler runs; undefined between handlers. */
  readonly probe: DerivedProbe | undefined;
  /** What module_name() says. */
  readonly moduleName: string;
  /** The number given by -x, 0 without; target(). */
  readonly targetPid: number;
  /** A line for people: `WARNING: text` on stderr. */
  warn(text: string): void;
  /** Any line for people, on stderr. */
  message(text: string): void;
  /** `exit()`: the running handler goes on to its end, then the run ends. */
  exit(): void;
  /** True once exit() was called or the run ends for another reason. */
  readonly exiting: boolean;
  /** A seeded random 32-bit unsigned integer. */
  random(): number;
  /** Subexpressions of the last match of `=~`: matched(n); undefined before a match. */
  readonly matches: readonly (string | undefined)[] | undefined;
  /** Cuts at MAXSTRINGLEN - 1 bytes and at a NUL. */
  cut(text: string): string;
  /** `length` bytes of kernel memory at an address; throws a read fault. */
  memory(address: Value, length: number): string;
  /** Sends output elsewhere while a speculation is current (speculation tapset); null: back to normal. */
  redirect(sink: ((text: string) => void) | null): void;
  /** Calls `action` when the session ends, after the end probes. */
  onEnd(action: () => void): void;
}

export type BuiltinTable = Record<string, (...args: Value[]) => Value | undefined | void>;

export type BuiltinGroup = (rt: Services) => BuiltinTable;
