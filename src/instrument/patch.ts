// What instrumented modules call at run time, and the registry of what they are: one flag for each function,
// the dispatchers that the prologues jump to, the modules' evaluators. Who attaches a probe sets the copy
// first and the flag after it, so that no call finds a flag without a copy.
// Read beside it: prologue.ts (the code that calls this), runtime/hijack (who sets copies and flags).

/** A function of any signature, as dispatchers see it. */
export type AnyFunction = (...values: never[]) => unknown;

/** An instrumented module that has been loaded. */
export interface PatchableModule {
  readonly name: string;
  readonly firstId: number;
  readonly count: number;
  /** Evaluates text in the module's scope. */
  readonly evaluate: (text: string) => unknown;
}

const CAPACITY = 65536;

/**
 * One flag for each function id; not 0 = calls go to the copy. It is shared memory because V8 then keeps the
 * array's address in the compiled code, which a small array that may move does not allow.
 */
export const $flags: Uint8Array = new Uint8Array(new SharedArrayBuffer(CAPACITY));

const copies: (AnyFunction | undefined)[] = new Array(CAPACITY).fill(undefined);

type Dispatcher = (id: number, ...values: unknown[]) => unknown;

/**
 * A dispatcher for functions of `count` parameters. Its never-run part makes it larger than what V8 inlines:
 * inlined into every caller, dispatchers cost the unprobed stack more than probes gain.
 */
function dispatcher(count: number): Dispatcher {
  const values = Array.from({ length: count }, (_, i) => `, v${i}`).join('');
  const ballast = 'id = id * id | 0;'.repeat(90);
  const make = new Function(
    'copies',
    `return function $h${count}(id${values}) { if (id < 0) { ${ballast} } return copies[id](${values.slice(2)}); };`,
  ) as (copies: unknown) => Dispatcher;
  return make(copies);
}

export const $h0: Dispatcher = dispatcher(0);
export const $h1: Dispatcher = dispatcher(1);
export const $h2: Dispatcher = dispatcher(2);
export const $h3: Dispatcher = dispatcher(3);
export const $h4: Dispatcher = dispatcher(4);
export const $h5: Dispatcher = dispatcher(5);
export const $h6: Dispatcher = dispatcher(6);
export const $h7: Dispatcher = dispatcher(7);
export const $h8: Dispatcher = dispatcher(8);

/** The dispatcher for functions with more parameters, a rest parameter or patterns among them. */
export function $ha(id: number, values: ArrayLike<unknown>): unknown {
  return Reflect.apply(copies[id] as AnyFunction, undefined, values as never[]);
}

const modules: PatchableModule[] = [];
const watchers = new Set<(module: PatchableModule) => void>();

/** Called by each instrumented module when it has been evaluated. */
export function $module(name: string, firstId: number, count: number, evaluate: (text: string) => unknown): void {
  const module = { name, firstId, count, evaluate };
  modules.push(module);
  for (const watcher of watchers) watcher(module);
}

/** The instrumented modules loaded so far, in the order of their loading. */
export function loadedModules(): readonly PatchableModule[] {
  return modules;
}

/** The loaded module that holds function `id`. */
export function moduleOf(id: number): PatchableModule | undefined {
  return modules.find((m) => id >= m.firstId && id < m.firstId + m.count);
}

/** Calls `watcher` for each module loaded from now on, until the returned function is called. */
export function onModule(watcher: (module: PatchableModule) => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Redirects function `id` to `copy`, or to itself again. */
export function setCopy(id: number, copy: AnyFunction | undefined): void {
  if (copy) {
    copies[id] = copy;
    $flags[id] = 1;
  } else {
    $flags[id] = 0;
    copies[id] = undefined;
  }
}

/** The copy that calls of function `id` go to at present. */
export function copyOf(id: number): AnyFunction | undefined {
  return copies[id];
}

let reserved = CAPACITY;

/**
 * Reserves ids for a module that is instrumented at run time; they count down from the top, out of the way of
 * ids given at build time.
 * @returns the first of `count` ids
 * @throws RangeError when none are left
 */
export function reserveIds(count: number): number {
  if (reserved - count < CAPACITY / 2) throw new RangeError('no function ids are left');
  reserved -= count;
  return reserved;
}
