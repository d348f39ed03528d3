// `$x$` and `$x$$`: a value printed with its fields, as SystemTap does it: `{.len=84, .dev=0xffff…}`. With one
// `$` nested structs and arrays are `{...}` and `[...]`, with two they are printed, too.
// Read beside it: SystemTap Language Reference, "Pretty-printing".
import type { Long } from '../../dsl/abi.js';
import type { CType } from '../../dsl/target.js';
import { unsigned } from '../values.js';
import { bytesOfText } from './bytes.js';
import type { Debuginfo } from './debuginfo.js';
import type { Symbols } from './symbols.js';

/** Elements of an array that are printed. */
const ELEMENTS = 32;
/** Structs in structs that are followed. */
const NESTING = 8;

interface Values {
  readonly symbols: Symbols;
  toLong(value: unknown): Long;
}

export function prettyPrint(value: unknown, type: CType, depth: 1 | 2, values: Values, info: Debuginfo): string {
  const limit = depth === 1 ? 1 : NESTING;
  const print = (item: unknown, of: CType, level: number): string => {
    switch (of.kind) {
      case 'int': {
        const number = values.toLong(item);
        if (of.size === 1 && of.name === 'char') return `'${String.fromCharCode(Number(number) & 255)}'`;
        if (of.name === 'refcount_t') return level < limit ? `{.refs={.counter=${number}}}` : '{...}';
        if (/^atomic_(long_)?t$/.test(of.name)) return level < limit ? `{.counter=${number}}` : '{...}';
        return of.signed ? String(number) : String(BigInt.asUintN(of.size * 8, BigInt(number)));
      }
      case 'function': {
        const symbol = typeof item === 'function' ? values.symbols.ofFunction(item as () => unknown) : undefined;
        return symbol ? `${hex(symbol.address)} <${symbol.name}>` : hex(values.toLong(item));
      }
      case 'chars':
        return quote(item);
      case 'pointer':
        if (of.to.kind === 'int' && of.to.name === 'char' && typeof item === 'string') return quote(item);
        return hex(values.toLong(item));
      case 'array':
        return level < limit ? array(item, of.of, level) : '[...]';
      case 'struct':
        return level < limit || level === 0 ? struct(item, of.name, level) : '{...}';
      case 'void':
        return hex(values.toLong(item));
    }
  };

  const array = (items: unknown, of: CType, level: number): string => {
    const list = Array.isArray(items) || ArrayBuffer.isView(items) ? Array.from(items as ArrayLike<unknown>) : [];
    const shown = list.slice(0, ELEMENTS).map((item) => print(item, of, level + 1));
    return `[${[...shown, ...(list.length > ELEMENTS ? ['...'] : [])].join(', ')}]`;
  };

  const struct = (object: unknown, name: string, level: number): string => {
    const known = info.structs.get(name);
    if (!known || level > NESTING || typeof object !== 'object' || object === null) return '<ERROR>';
    const fields = known.fields.map((field) => {
      const item = (object as Record<string, unknown>)[field.property ?? field.name];
      return `.${field.name}=${print(item, field.type, level + 1)}`;
    });
    return `{${fields.join(', ')}}`;
  };

  if (type.kind === 'pointer' && type.to.kind === 'struct') return struct(value, type.to.name, 0);
  return print(value, type, 0);
}

function quote(value: unknown): string {
  const text = bytesOfText(String(value ?? ''));
  return `"${text.replace(/["\\]/g, (c) => `\\${c}`).replace(/[^\x20-\x7e]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)}"`;
}

function hex(value: Long): string {
  return `0x${unsigned(value).toString(16)}`;
}
