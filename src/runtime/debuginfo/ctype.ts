// C types from the text in which debuginfo holds them (instrument/format.ts), their sizes, and whether a JS
// number must be looked at as signed. Read beside it: dsl/target.ts (CType).
import type { CInteger, CType } from '../../dsl/target.js';

export type IntegerTable = Readonly<Record<string, readonly [number, 0 | 1]>>;

/** Parses type texts; each text is parsed once. */
export class TypeParser {
  readonly #integers: IntegerTable;
  readonly #known = new Map<string, CType>();

  constructor(integers: IntegerTable) {
    this.#integers = integers;
  }

  /** The type that `text` stands for; `void` for what is not known. */
  parse(text: string): CType {
    let type = this.#known.get(text);
    if (!type) {
      type = this.#read(text);
      this.#known.set(text, type);
    }
    return type;
  }

  #read(text: string): CType {
    const array = /^(.*)\[(\d*)\]$/.exec(text);
    if (array) {
      const length = Number(array[2]);
      return array[1] === 'char' ? { kind: 'chars', length } : { kind: 'array', of: this.parse(array[1]), length };
    }
    if (text === 'fn*') return { kind: 'function' };
    if (text.endsWith('*')) return { kind: 'pointer', to: this.parse(text.slice(0, -1)) };
    if (text.startsWith('struct ')) return { kind: 'struct', name: text.slice(7) };
    return this.integer(text) ?? { kind: 'void' };
  }

  /** The integer type of a name. */
  integer(name: string): CInteger | undefined {
    const row = Object.hasOwn(this.#integers, name) ? this.#integers[name] : undefined;
    return row && { kind: 'int', name: SPELLED[name] ?? name, size: row[0] as CInteger['size'], signed: row[1] === 1 };
  }
}

/** C spellings of names that stand for C's own integer types. */
const SPELLED: Record<string, string | undefined> = {
  uint: 'unsigned int',
  ulong: 'long unsigned int',
  ushort: 'short unsigned int',
  long: 'long int',
  short: 'short int',
};

/** Bytes that a character array of unknown size takes in a struct. */
const CHARS = 16;

/** Bytes of a value of `type`. */
export function sizeOf(type: CType, structSize: (name: string) => number): number {
  switch (type.kind) {
    case 'int':
      return type.size;
    case 'struct':
      return structSize(type.name);
    case 'array':
      return type.length > 0 ? type.length * sizeOf(type.of, structSize) : 8;
    case 'chars':
      return type.length || CHARS;
    case 'void':
      return 1;
    case 'pointer':
    case 'function':
      return 8;
  }
}
