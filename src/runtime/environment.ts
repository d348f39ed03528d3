// What a session is put into: a virtual clock with its event queue, and a target's objects. A lab hands in
// its own; scripts of begin, end and timer probes run in `VirtualEnvironment` (virtual-environment.ts).
// Read beside it: dsl/target.ts (ProbeContext, Target), session.ts.
import type { DerivedProbe, Handler, Long, Runtime } from '../dsl/abi.js';
import type { ProbeContext } from '../dsl/target.js';

export interface Timer {
  cancel(): void;
}

export interface Environment {
  /** Which host, task, cpu and time it is now. */
  readonly context: ProbeContext;
  /** Runs `action` when `ns` nanoseconds of virtual time have passed. */
  after(ns: number, action: () => void): Timer;
  /**
   * Runs events in the order of their time until the scenario is over (without one: until nothing but
   * waiting is left) or `stopped` says so. Gives the host's event loop a turn now and then.
   */
  run(stopped: () => boolean): Promise<void>;
  /**
   * Until the returned function is called virtual time passes no faster than real time: somebody watches.
   * @param awaits something of the real world is awaited (what a user types), too: the run does not end for
   *   want of events
   */
  hold(awaits: boolean): () => void;
  /** A line of the running kernel's log. @param level 0 (emergency) … 7 (debug) */
  printk(level: number, text: string): void;
}

/** The part of `$rt` that deals in kernel objects and addresses; runtime/debuginfo gives it. */
export type KernelObjects = Pick<
  Runtime,
  | 'toLong'
  | 'place'
  | 'fieldAddress'
  | 'elementAddress'
  | 'at'
  | 'element'
  | 'store'
  | 'storeElement'
  | 'fromLong'
  | 'pretty'
  | 'variable'
> & {
  /** `length` bytes of memory at an address, one char per byte; undefined where nothing is mapped. */
  memory(address: Long, length: number): string | undefined;
  /** The function or variable that an address lies in. */
  symbolAt(address: Long): SymbolAddress | undefined;
  /** The address of a function or variable; undefined if there is none of that name. */
  addressOf(symbol: string): Long | undefined;
  /** Addresses in the kernel functions that run now, the innermost first. */
  backtrace(): readonly Long[];
};

/** A symbol and where in it an address lies. */
export interface SymbolAddress {
  readonly name: string;
  /** `kernel`, or the module's name. */
  readonly module: string;
  readonly file: string;
  /** Bytes. */
  readonly offset: number;
  readonly size: number;
  /** Source line that the address stands for; 0 for a variable. */
  readonly line: number;
}

/** What an attaching provider is given. */
export interface AttachContext {
  readonly runtime: Runtime;
  /** By DerivedProbe.handler. */
  readonly handlers: readonly Handler[];
  readonly environment: Environment;
  /** Asked before a handler of a kernel probe runs (--host); absent: always. */
  readonly admits?: () => boolean;
}

/**
 * Attaches probes of some providers and gives what detaches them again. Probes of one call are in script
 * order. The hijack of functions and tracepoints is one; netfilter, procfs, process, data watch others.
 */
export interface Provider {
  /** Which `ProviderDetail.provider` it takes care of. */
  readonly handles: readonly DerivedProbe['detail']['provider'][];
  /** Called at start with the armed probes and again when conditions arm others. */
  attach(probes: readonly DerivedProbe[], context: AttachContext): void;
  detach(probes: readonly DerivedProbe[]): void;
}
