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
 * One flag for each function id; not 0 = calls go to the copy. It is large enough to lie outside V8's heap, so that
 * its address stands in the compiled code, which a small array that may move does not allow.
 */
export const $flags: Uint8Array = new Uint8Array(CAPACITY);

type Copy = (...values: unknown[]) => unknown;

function none(): never {
  throw new Error('a flag is raised without a copy');
}

const copies: Copy[] = new Array<Copy>(CAPACITY).fill(none);

// A dispatcher for each number of parameters. V8 may inline them: a function that was never probed has never
// called its dispatcher, so that nothing of it is in its code. One too large to be inlined costs 4 ns more on
// each probed call (11 against 7, Node 20) and saves 1 ns on a function that was probed once and no more.
export function $h0(id: number): unknown {
  return copies[id]();
}
export function $h1(id: number, v0: unknown): unknown {
  return copies[id](v0);
}
export function $h2(id: number, v0: unknown, v1: unknown): unknown {
  return copies[id](v0, v1);
}
export function $h3(id: number, v0: unknown, v1: unknown, v2: unknown): unknown {
  return copies[id](v0, v1, v2);
}
export function $h4(id: number, v0: unknown, v1: unknown, v2: unknown, v3: unknown): unknown {
  return copies[id](v0, v1, v2, v3);
}
export function $h5(id: number, v0: unknown, v1: unknown, v2: unknown, v3: unknown, v4: unknown): unknown {
  return copies[id](v0, v1, v2, v3, v4);
}
export function $h6(id: number, v0: unknown, v1: unknown, v2: unknown, v3: unknown, v4: unknown, v5: unknown): unknown {
  return copies[id](v0, v1, v2, v3, v4, v5);
}
export function $h7(
  id: number,
  v0: unknown,
  v1: unknown,
  v2: unknown,
  v3: unknown,
  v4: unknown,
  v5: unknown,
  v6: unknown,
): unknown {
  return copies[id](v0, v1, v2, v3, v4, v5, v6);
}
export function $h8(
  id: number,
  v0: unknown,
  v1: unknown,
  v2: unknown,
  v3: unknown,
  v4: unknown,
  v5: unknown,
  v6: unknown,
  v7: unknown,
): unknown {
  return copies[id](v0, v1, v2, v3, v4, v5, v6, v7);
}

export function $h9(
  id: number,
  v0: unknown,
  v1: unknown,
  v2: unknown,
  v3: unknown,
  v4: unknown,
  v5: unknown,
  v6: unknown,
  v7: unknown,
  v8: unknown,
): unknown {
  return copies[id](v0, v1, v2, v3, v4, v5, v6, v7, v8);
}
export function $h10(
  id: number,
  v0: unknown,
  v1: unknown,
  v2: unknown,
  v3: unknown,
  v4: unknown,
  v5: unknown,
  v6: unknown,
  v7: unknown,
  v8: unknown,
  v9: unknown,
): unknown {
  return copies[id](v0, v1, v2, v3, v4, v5, v6, v7, v8, v9);
}
export function $h11(
  id: number,
  v0: unknown,
  v1: unknown,
  v2: unknown,
  v3: unknown,
  v4: unknown,
  v5: unknown,
  v6: unknown,
  v7: unknown,
  v8: unknown,
  v9: unknown,
  v10: unknown,
): unknown {
  return copies[id](v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10);
}
export function $h12(
  id: number,
  v0: unknown,
  v1: unknown,
  v2: unknown,
  v3: unknown,
  v4: unknown,
  v5: unknown,
  v6: unknown,
  v7: unknown,
  v8: unknown,
  v9: unknown,
  v10: unknown,
  v11: unknown,
): unknown {
  return copies[id](v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11);
}

/** The dispatcher for functions with more parameters, a rest parameter or patterns among them. */
export function $ha(id: number, values: ArrayLike<unknown>): unknown {
  return Reflect.apply(copies[id], undefined, values);
}

/** Where the modules are linked into one file (scripts/link.mjs): file names, and [line, module] of their parts. */
interface LinkedFile {
  readonly file: string;
  readonly starts: readonly (readonly [number, string])[];
}

const world = globalThis as { [key: symbol]: unknown };
const linked = world[Symbol.for('tsprobe.linked')] as readonly LinkedFile[] | undefined;
// Tells the library's entry that the modules themselves are in use, so that it does not load a second copy.
if (!linked) world[Symbol.for('tsprobe.modules')] = true;

/**
 * The module, as a path without extension, and the line in it of a place in the running code.
 * @param url file name or URL, as V8 gives it
 */
export function sourcePlace(url: string, line: number): { readonly path: string; readonly line: number } {
  const name = url.slice(url.lastIndexOf('/') + 1);
  const starts = linked?.find(({ file }) => file === name)?.starts;
  if (!starts) return { path: url.replace(/\.js$/, ''), line };
  const at = starts.findLastIndex(([first]) => first <= line);
  const [first, path] = starts[Math.max(0, at)];
  return { path: `/${path}`, line: line - first + 1 };
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
    copies[id] = copy as Copy;
    $flags[id] = 1;
  } else {
    $flags[id] = 0;
    copies[id] = none;
  }
}

/** The copy that calls of function `id` go to at present. */
export function copyOf(id: number): AnyFunction | undefined {
  return copies[id] === none ? undefined : (copies[id] as AnyFunction);
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
