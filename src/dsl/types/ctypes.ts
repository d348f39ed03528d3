/** C types of the target: their names as listed, the struct that a name in @cast means. */
import type { CType, StructType, Target } from '../target.js';

/** The C spelling: `struct sk_buff*`, `unsigned char[6]`. */
export function typeText(type: CType): string {
  switch (type.kind) {
    case 'void':
      return 'void';
    case 'int':
      return type.name;
    case 'pointer':
      return `${typeText(type.to)}*`;
    case 'struct':
      return `${type.union ? 'union' : 'struct'} ${type.name}`;
    case 'array':
      return `${typeText(type.of)}[${type.length || ''}]`;
    case 'chars':
      return `char[${type.length || ''}]`;
    case 'function':
      return 'void (*)()';
  }
}

const integers: Readonly<Record<string, readonly [size: 1 | 2 | 4 | 8, signed: boolean]>> = {
  char: [1, true],
  'signed char': [1, true],
  'unsigned char': [1, false],
  short: [2, true],
  'short int': [2, true],
  'unsigned short': [2, false],
  int: [4, true],
  unsigned: [4, false],
  'unsigned int': [4, false],
  long: [8, true],
  'long int': [8, true],
  'unsigned long': [8, false],
  'long long': [8, true],
  'unsigned long long': [8, false],
  int8_t: [1, true],
  int16_t: [2, true],
  int32_t: [4, true],
  int64_t: [8, true],
  uint8_t: [1, false],
  uint16_t: [2, false],
  uint32_t: [4, false],
  uint64_t: [8, false],
  s8: [1, true],
  s16: [2, true],
  s32: [4, true],
  s64: [8, true],
  u8: [1, false],
  u16: [2, false],
  u32: [4, false],
  u64: [8, false],
  __be16: [2, false],
  __be32: [4, false],
  __sum16: [2, false],
  __wsum: [4, false],
  size_t: [8, false],
  ssize_t: [8, true],
  uintptr_t: [8, false],
  bool: [1, false],
};

/** The type that @cast's text names, or null. Tags may be given with or without `struct`, and with `*`. */
export function namedType(target: Target, text: string): CType | null {
  const m = /^\s*(?:(struct|union|enum)\s+)?([\w ]*\w)\s*((?:\*\s*)*)$/.exec(text);
  if (!m) return null;
  let type: CType | null = null;
  const struct = target.structs.get(m[2]);
  if (struct) type = { kind: 'struct', name: struct.name, ...(struct.union ? { union: true } : {}) };
  else if (!m[1] && Object.hasOwn(integers, m[2])) {
    const [size, signed] = integers[m[2]];
    type = { kind: 'int', name: m[2], size, signed };
  } else if (!m[1] && m[2] === 'void') type = { kind: 'void' };
  for (const _ of m[3].replace(/\s/g, '')) if (type) type = { kind: 'pointer', to: type };
  return type;
}

/** The struct that a value is, or points to; null for anything else. */
export function structOf(type: CType, target: Target): StructType | null {
  const inner = type.kind === 'pointer' ? type.to : type;
  return inner.kind === 'struct' ? (target.structs.get(inner.name) ?? null) : null;
}

/** The type of an element of an array or of what a pointer points to; null for anything else. */
export function elementOf(type: CType): CType | null {
  if (type.kind === 'array') return type.of;
  if (type.kind === 'chars') return { kind: 'int', name: 'char', size: 1, signed: true };
  if (type.kind === 'pointer') return type.to.kind === 'void' ? null : type.to;
  return null;
}
