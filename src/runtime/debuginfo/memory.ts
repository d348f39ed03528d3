// Kernel objects as scripts see them: the part of `$rt` (dsl/abi.ts) that turns JavaScript values into
// addresses and integers and back, and reads and writes what lies at an address. Structs are laid out as
// debuginfo says; a view of packet bytes lies inside its buffer; a `string` field is a character array.
// Read beside it: addresses.ts, symbols.ts, pretty.ts; runtime/environment.ts (KernelObjects).
import type { Long } from '../../dsl/abi.js';
import type { CType, Field, StructType } from '../../dsl/target.js';
import { loadedModules } from '../../instrument/patch.js';
import type { VariableRow } from '../../instrument/format.js';
import type { KernelObjects, SymbolAddress } from '../environment.js';
import { ScriptError } from '../errors.js';
import { fromBigInt, fromNumber, unsigned } from '../values.js';
import { Addresses } from './addresses.js';
import { kernelStack } from './backtrace.js';
import { bytesOfText, decodeInteger, encode, wrapInteger } from './bytes.js';
import { sizeOf } from './ctype.js';
import type { Debuginfo } from './debuginfo.js';
import { prettyPrint } from './pretty.js';
import { Symbols } from './symbols.js';

type AnyFunction = (...args: never[]) => unknown;
type Fields = Record<string, unknown>;

/** A class whose objects are views of bytes. */
interface View {
  readonly buf: Uint8Array;
  readonly off: number;
}

type ViewClass = new (buf: Uint8Array, off: number) => View;

/** A field of one object. */
export interface FieldPlace {
  readonly object: object;
  readonly field: string;
}

/** Bytes kept free behind a buffer, for what lies at its end. */
const BEHIND = 512;

export class Memory implements KernelObjects {
  readonly symbols: Symbols;
  readonly addresses = new Addresses();
  readonly #info: Debuginfo;
  readonly #views = new Map<string, ViewClass>();
  readonly #structs = new WeakMap<object, StructType | null>();
  /** What lies at the end of a buffer. */
  readonly #behind = new WeakMap<object, object>();
  readonly #fields = new WeakMap<StructType, Map<string, Field>>();

  constructor(info: Debuginfo) {
    this.#info = info;
    this.symbols = new Symbols(info);
  }

  toLong(value: unknown): Long {
    switch (typeof value) {
      case 'number':
        return Number.isSafeInteger(value) ? value + 0 : fromNumber(value);
      case 'bigint':
        return fromBigInt(value);
      case 'boolean':
        return value ? 1 : 0;
      case 'string':
        return this.addresses.ofText(bytesOfText(value));
      case 'function':
        return this.symbols.ofFunction(value as AnyFunction)?.address ?? this.addresses.of(value, () => 64);
      case 'object':
        return value === null ? 0 : this.#address(value);
      default:
        return 0;
    }
  }

  /** Where a timer lies in the structure that it is a field of (`owner`), so that container_of finds it. */
  #withinOwner(object: object, struct: StructType): number | undefined {
    const { owner } = object as { readonly owner?: unknown };
    const outer = typeof owner === 'object' && owner !== null ? this.structOf(owner) : undefined;
    const field = outer?.fields.find(
      ({ name, property, type }) =>
        type.kind === 'struct' && type.name === struct.name && (owner as Fields)[property ?? name] === object,
    );
    return field && this.#address(owner as object) + field.offset;
  }

  #address(object: object): number {
    if (ArrayBuffer.isView(object)) {
      const address = this.addresses.of(object.buffer, () => object.buffer.byteLength + BEHIND);
      const { followed_by: behind } = object as { followed_by?: object };
      if (behind) this.#behind.set(object.buffer, behind);
      return address + object.byteOffset;
    }
    const known = this.addresses.known(object);
    if (known !== undefined) return known;
    const struct = this.structOf(object);
    const view = struct && this.#viewed(object, struct);
    if (view) return this.#address(view.buf) + view.off;
    const within = struct && this.#withinOwner(object, struct);
    if (within !== undefined) {
      this.addresses.set(object, within);
      return within;
    }
    return this.addresses.of(
      object,
      () => struct?.size ?? (Array.isArray(object) ? Math.max(64, object.length * 8) : 64),
    );
  }

  /** The struct that an object is of, by its class or the nearest base class that is one. */
  structOf(object: object): StructType | undefined {
    const prototype = Object.getPrototypeOf(object) as object | null;
    if (!prototype) return undefined;
    let struct = this.#structs.get(prototype);
    if (struct === undefined) {
      struct = null;
      for (let at: object | null = prototype; at && !struct; at = Object.getPrototypeOf(at) as object | null) {
        struct = this.#info.structs.get((at.constructor as AnyFunction | undefined)?.name ?? '') ?? null;
      }
      this.#structs.set(prototype, struct);
    }
    return struct ?? undefined;
  }

  #viewed(object: object, struct: StructType): View | undefined {
    if (!this.#info.structRows.get(struct.name)?.view) return undefined;
    const view = object as Partial<View>;
    return view.buf instanceof Uint8Array && typeof view.off === 'number' ? (view as View) : undefined;
  }

  fieldAddress(object: unknown, struct: string, field: string): Long {
    if (typeof object !== 'object' || object === null) {
      // Nothing is read: the address of a field of what is not there is its offset.
      const offset = this.#field(this.#info.structs.get(struct), field)?.offset ?? 0;
      return typeof object === 'number' || typeof object === 'bigint'
        ? fromBigInt(BigInt(object) + BigInt(offset))
        : offset;
    }
    const own = this.structOf(object);
    const known = (own && this.#field(own, field)) ?? this.#field(this.#info.structs.get(struct), field);
    const at = own && !this.#field(own, field) ? this.#embedded(object, own, struct) : 0;
    const address = this.#address(object) + at + (known?.offset ?? 0);
    const value = (object as Fields)[known?.property ?? field];
    if (value === object) return address;
    const placed = known?.type.kind === 'struct' || known?.type.kind === 'array';
    if (placed && typeof value === 'object' && value !== null) {
      // Whatever way an object is come by, its address is one: the first one given.
      const given = ArrayBuffer.isView(value) ? this.#address(value) : this.addresses.known(value);
      if (given !== undefined) return given;
      this.addresses.set(value, address);
    }
    return address;
  }

  /** Where in an object the struct lies that it stands for as well (instrument/packed.ts: @embedded). */
  #embedded(object: object, own: StructType, struct: string): number {
    const field = own.fields.find(
      ({ type, name, property }) =>
        type.kind === 'struct' && type.name === struct && (object as Fields)[property ?? name] === object,
    );
    return field?.offset ?? 0;
  }

  /** A field by the script's name for it or by its property's. */
  #field(struct: StructType | undefined, name: string): Field | undefined {
    if (!struct) return undefined;
    let fields = this.#fields.get(struct);
    if (!fields) {
      fields = new Map(struct.fields.flatMap((f) => (f.property ? [[f.property, f]] : [])));
      for (const field of struct.fields) fields.set(field.name, field);
      this.#fields.set(struct, fields);
    }
    return fields.get(name);
  }

  place(address: Long, type: CType): unknown {
    try {
      return this.at(address, type);
    } catch (error) {
      if (error instanceof ScriptError) return address;
      throw error;
    }
  }

  elementAddress(array: unknown, index: Long, type: CType): Long {
    const element = Array.isArray(array) ? (array[Number(index)] as unknown) : undefined;
    if (type.kind === 'struct' && typeof element === 'object' && element !== null) return this.#address(element);
    const base = this.toLong(array);
    return fromBigInt(BigInt(base) + BigInt(index) * BigInt(this.sizeOf(type)));
  }

  /** Bytes of a value of `type`. */
  sizeOf(type: CType): number {
    return sizeOf(type, (name) => this.#info.structs.get(name)?.size ?? 8);
  }

  at(address: Long, type: CType): unknown {
    const text = this.symbols.at(Number(address));
    if (text)
      return type.kind === 'function' || type.kind === 'void' ? this.symbols.functionOf(text) : this.#fault(address);
    const found = this.addresses.find(Number(address));
    if (!found) return this.#fault(address);
    return this.#inside(found.object, found.offset, type, address);
  }

  /** What is at `offset` in an object. */
  #inside(object: object, offset: number, type: CType, address: Long): unknown {
    if (object instanceof ArrayBuffer || object instanceof SharedArrayBuffer) {
      const behind = offset >= object.byteLength && this.#behind.get(object);
      if (behind) return this.#inside(behind, offset - object.byteLength, type, address);
      const bytes = new Uint8Array(object);
      if (type.kind === 'struct') return this.#view(type.name, bytes, offset) ?? this.#fault(address);
      if (type.kind === 'int') return decodeInteger(bytes, offset, type);
      return bytes.subarray(offset);
    }
    if (Array.isArray(object)) {
      const element = object[Math.floor(offset / 8)] as unknown;
      return typeof element === 'object' && element !== null && offset % 8 !== 0
        ? this.#inside(element, 0, type, address)
        : element;
    }
    const struct = this.structOf(object);
    if (offset === 0 && (type.kind === 'struct' || type.kind === 'void')) {
      const first = struct?.fields[0];
      const embedded = first?.type.kind === 'struct' && type.kind === 'struct' && first.type.name === type.name;
      return embedded ? (object as Fields)[first.property ?? first.name] : object;
    }
    const field = struct?.fields.filter((f) => f.offset <= offset).at(-1);
    if (!field) return type.kind === 'int' ? 0 : this.#fault(address);
    if (field.name === 'cb' && field.type.kind === 'chars' && type.kind === 'struct') {
      return this.#controlBlock(object as Fields, struct?.fields ?? [], type.name) ?? this.#fault(address);
    }
    const value = (object as Fields)[field.property ?? field.name];
    if (value === object && field.type.kind === 'struct') {
      const inner = this.#info.structs.get(field.type.name)?.fields.filter((f) => f.offset <= offset - field.offset);
      const last = type.kind === 'struct' || type.kind === 'void' ? undefined : inner?.at(-1);
      return last ? (object as Fields)[last.property ?? last.name] : object;
    }
    const placed = field.type.kind === 'struct' || field.type.kind === 'array' || field.type.kind === 'chars';
    if (placed && typeof value === 'object' && value !== null) {
      return ArrayBuffer.isView(value)
        ? this.#inside(value.buffer, value.byteOffset + offset - field.offset, type, address)
        : this.#inside(value, offset - field.offset, type, address);
    }
    if (typeof value === 'string' && type.kind === 'int')
      return bytesOfText(value).charCodeAt(offset - field.offset) || 0;
    return value;
  }

  /** The block of a struct's kind that a packet bears: in the kernel all of them lie in `cb`, here each has a field. */
  #controlBlock(object: Fields, fields: readonly Field[], struct: string): unknown {
    const own = fields.find(
      ({ type }) => type.kind === 'pointer' && type.to.kind === 'struct' && type.to.name === struct,
    );
    return own && object[own.property ?? own.name];
  }

  #view(name: string, buf: Uint8Array, off: number): unknown {
    let make = this.#views.get(name);
    if (!make) {
      const row = this.#info.structRows.get(name);
      const module = row?.view ? loadedModules().find((m) => m.name === row.source) : undefined;
      make = module?.evaluate(name) as ViewClass | undefined;
      if (!make) return undefined;
      this.#views.set(name, make);
    }
    return new make(buf, off);
  }

  element(array: unknown, index: Long, type: CType): unknown {
    const at = Number(index);
    if (typeof array === 'string') return bytesOfText(array).charCodeAt(at) || 0;
    if (Array.isArray(array) || (ArrayBuffer.isView(array) && !(array instanceof DataView))) {
      const value = (array as unknown as Fields)[at];
      return value === undefined ? this.#fault(this.elementAddress(array, index, type)) : value;
    }
    if (typeof array === 'object' && array !== null && at === 0) return array;
    return this.at(this.elementAddress(array, index, type), type);
  }

  store(object: unknown, field: string, type: CType, value: Long): void {
    if (typeof object !== 'object' || object === null) this.#fault(0);
    (object as Fields)[field] = this.fromLong(value, type);
  }

  storeElement(array: unknown, index: Long, type: CType, value: Long): void {
    if (typeof array !== 'object' || array === null) this.#fault(0);
    const at = Number(index);
    const length = (array as { length?: number }).length ?? 0;
    if (!(at >= 0 && at < length)) this.#fault(this.elementAddress(array, index, type));
    (array as Fields)[at] = this.fromLong(value, type);
  }

  fromLong(value: Long, type: CType): unknown {
    switch (type.kind) {
      case 'int':
        return type.name === 'bool' ? Number(value) !== 0 : wrapInteger(value, type);
      case 'pointer':
        return Number(value) === 0 ? null : this.at(value, type.to);
      case 'function':
        return Number(value) === 0 ? null : this.at(value, type);
      default:
        return value;
    }
  }

  pretty(value: unknown, type: CType, depth: 1 | 2): string {
    return prettyPrint(value, type, depth, this, this.#info);
  }

  variable(name: string, file: string, module: string): unknown {
    const row = this.#info.variableRows.find(
      (v) => v.name === name && (!file || v.file === file) && (!module || v.module === module),
    );
    const loaded = row && loadedModules().find((m) => m.name === row.source);
    return loaded ? loaded.evaluate(name) : undefined;
  }

  memory(address: Long, length: number): string | undefined {
    const found = this.addresses.find(Number(address));
    return found && this.#bytes(found.object, found.offset, length);
  }

  /** The field that a script names: `tcp_prot.sockets_allocated`; the first one for a variable alone. */
  fieldOf(symbol: string): FieldPlace | undefined {
    const [name, ...path] = symbol.split(/\.|->/);
    let value = this.variable(name, '', '');
    for (const step of path.slice(0, -1))
      value = typeof value === 'object' && value ? (value as Fields)[step] : undefined;
    if (typeof value !== 'object' || value === null) return undefined;
    const field = path.at(-1) ?? this.structOf(value)?.fields[0]?.name;
    return field !== undefined && field in value ? { object: value, field } : undefined;
  }

  /** The field that lies at an address. */
  fieldAt(address: Long): FieldPlace | undefined {
    const found = this.addresses.find(Number(address));
    const fields = found && this.structOf(found.object)?.fields;
    const offset = found?.offset ?? 0;
    const field = fields?.filter((f) => f.offset <= offset).at(-1);
    return found && field && { object: found.object, field: field.name };
  }

  symbolAt(address: Long): SymbolAddress | undefined {
    const at = Number(address);
    const place = this.symbols.at(at);
    if (place) {
      const { name, module, file, size, id } = place;
      const row = this.#info.moduleOf(id);
      const [, first, last] = row?.functions[id - row.firstId] ?? ['', 0, 0];
      const offset = at - place.address;
      return { name, module, file, offset, size, line: first + Math.round((offset / size) * (last - first + 1)) };
    }
    const object = this.addresses.find(at);
    const variable = object && this.#variables().get(object.object);
    if (!object || !variable) return undefined;
    const { name, module, file } = variable;
    const size = this.structOf(object.object)?.size ?? 64;
    return { name, module, file, offset: object.offset, size, line: 0 };
  }

  addressOf(symbol: string): Long | undefined {
    const place = this.symbols.named(symbol)[0];
    if (place) return place.address;
    const value = this.variable(symbol, '', '');
    return typeof value === 'object' && value !== null ? this.#address(value) : undefined;
  }

  backtrace(): readonly Long[] {
    return kernelStack(this.#info, this.symbols).map((frame) => frame.address);
  }

  /** The objects that variables of the loaded modules hold. */
  #variables(): ReadonlyMap<object, VariableRow> {
    const found = new Map<object, VariableRow>();
    for (const module of loadedModules()) {
      for (const row of this.#info.variableRows) {
        if (row.source !== module.name) continue;
        const value = module.evaluate(row.name);
        if (typeof value === 'object' && value !== null) found.set(value, row);
      }
    }
    return found;
  }

  #bytes(object: object, offset: number, length: number): string | undefined {
    if (object instanceof ArrayBuffer || object instanceof SharedArrayBuffer) {
      const bytes = new Uint8Array(object).subarray(offset, offset + length);
      return String.fromCharCode(...bytes).padEnd(length, '\0');
    }
    if (object instanceof Uint8Array) return this.#bytes(object.buffer, object.byteOffset + offset, length);
    const struct = this.structOf(object);
    const start = struct?.fields.find((f) => f.offset === offset);
    const text = start && (object as Fields)[start.property ?? start.name];
    if (typeof text === 'string') return bytesOfText(text).slice(0, length).padEnd(length, '\0');
    const image = new Uint8Array(Math.max(offset + length, struct?.size ?? 0));
    for (const field of struct?.fields ?? []) {
      encode((object as Fields)[field.property ?? field.name], field.type, image, field.offset, this);
    }
    return String.fromCharCode(...image.subarray(offset, offset + length));
  }

  #fault(address: Long): never {
    throw new ScriptError(`read fault [man error::fault] at 0x${unsigned(address).toString(16)}`);
  }
}
