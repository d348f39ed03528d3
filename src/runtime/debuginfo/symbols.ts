// The symbol table: addresses of functions (0xffffffff81…, modules 0xffffffffc0…, programs 0x5555…), what lies at an address,
// and which function a JavaScript function is. Read beside it: debuginfo.ts, SystemTap's symname().
import { loadedModules } from '../../instrument/patch.js';
import type { ModuleRow } from '../../instrument/format.js';
import type { Debuginfo } from './debuginfo.js';

/** 0xffffffff81000000 and 0xffffffffc0000000, signed. */
const KERNEL_TEXT = -0x7f000000;
const MODULE_TEXT = -0x40000000;
/** Where programs lie, in user space. */
const PROGRAM_TEXT = 0x555555554000;

/** Bytes from one module, or program, to the next. */
const MODULE_ROOM = 0x20000;

/** Bytes that a function takes: a guess from its lines, so that offsets look right. */
const BYTES_PER_LINE = 16;

export interface SymbolPlace {
  readonly id: number;
  readonly name: string;
  readonly module: string;
  readonly file: string;
  readonly address: number;
  readonly size: number;
}

export class Symbols {
  readonly #info: Debuginfo;
  readonly #places: SymbolPlace[] = [];
  readonly #byId = new Map<number, SymbolPlace>();
  readonly #byFunction = new WeakMap<object, SymbolPlace>();
  #byName: Map<string, SymbolPlace[]> | undefined;
  readonly #resolved = new Set<string>();

  constructor(info: Debuginfo) {
    this.#info = info;
    const next = new Map<string, number>();
    let module = MODULE_TEXT;
    let program = PROGRAM_TEXT;
    for (const row of info.moduleRows) {
      if (!next.has(row.module)) {
        next.set(row.module, row.module === 'kernel' ? KERNEL_TEXT : row.program ? program : module);
        if (row.program) program += MODULE_ROOM;
        else if (row.module !== 'kernel') module += MODULE_ROOM;
      }
      this.#place(row, next);
    }
    this.#places.sort((a, b) => a.address - b.address);
  }

  #place(row: ModuleRow, next: Map<string, number>): void {
    row.functions.forEach(([name, line, endLine], i) => {
      const address = next.get(row.module) ?? KERNEL_TEXT;
      const size = (endLine - line + 1) * BYTES_PER_LINE;
      const place = { id: row.firstId + i, name, module: row.module, file: row.file, address, size };
      this.#places.push(place);
      this.#byId.set(place.id, place);
      next.set(row.module, address + Math.ceil(size / 16) * 16);
    });
  }

  /** The symbol of function `id`. */
  byId(id: number): SymbolPlace | undefined {
    return this.#byId.get(id);
  }

  /** The symbols of a name; static functions of several files may share one. */
  named(name: string): readonly SymbolPlace[] {
    if (!this.#byName) {
      this.#byName = new Map();
      for (const place of this.#places) {
        const same = this.#byName.get(place.name);
        if (same) same.push(place);
        else this.#byName.set(place.name, [place]);
      }
    }
    return this.#byName.get(name) ?? [];
  }

  /** All symbols by address. */
  get all(): readonly SymbolPlace[] {
    return this.#places;
  }

  /** The symbol whose text holds `address`. */
  at(address: number): SymbolPlace | undefined {
    let low = 0;
    let high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#places[middle].address <= address) low = middle + 1;
      else high = middle;
    }
    const place = low > 0 ? this.#places[low - 1] : undefined;
    return place && address < place.address + place.size ? place : undefined;
  }

  /** The symbol of a JavaScript function; undefined for one that is no kernel function. */
  ofFunction(fn: (...args: never[]) => unknown): SymbolPlace | undefined {
    const known = this.#byFunction.get(fn);
    if (known) return known;
    if (!this.#resolved.has(fn.name)) {
      this.#resolved.add(fn.name);
      for (const place of this.named(fn.name)) this.#bind(place);
    }
    return this.#byFunction.get(fn);
  }

  /** The JavaScript function of a symbol; undefined while its module is not loaded. */
  functionOf(place: SymbolPlace): ((...args: never[]) => unknown) | undefined {
    const row = this.#info.moduleOf(place.id);
    const module = loadedModules().find((m) => m.firstId === row?.firstId && m.name === row.source);
    return module?.evaluate(place.name) as ((...args: never[]) => unknown) | undefined;
  }

  #bind(place: SymbolPlace): void {
    const fn = this.functionOf(place);
    if (fn) this.#byFunction.set(fn, place);
    else this.#resolved.delete(place.name);
  }
}
