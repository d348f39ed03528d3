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

/** The kernel's and C's names of integer types: those of a fixed width (`u8`, `__s16`, `uint32_t`) go by a rule. */
const integers: Readonly<Record<string, readonly [size: 1 | 2 | 4 | 8, signed: boolean]>> = {
  __sum16: [2, false],
  __wsum: [4, false],
  size_t: [8, false],
  ssize_t: [8, true],
  loff_t: [8, true],
  off_t: [8, true],
  time_t: [8, true],
  time64_t: [8, true],
  ktime_t: [8, true],
  sector_t: [8, false],
  netdev_features_t: [8, false],
  uintptr_t: [8, false],
  intptr_t: [8, true],
  ulong: [8, false],
  uint: [4, false],
  ushort: [2, false],
  pid_t: [4, true],
  uid_t: [4, false],
  gid_t: [4, false],
  dev_t: [4, false],
  gfp_t: [4, false],
  clockid_t: [4, true],
  socklen_t: [4, false],
  umode_t: [2, false],
  sa_family_t: [2, false],
  __kernel_sa_family_t: [2, false],
  in_port_t: [2, false],
  in_addr_t: [4, false],
  netdev_tx_t: [4, false],
  atomic_t: [4, true],
  refcount_t: [4, true],
  atomic_long_t: [8, true],
  atomic64_t: [8, true],
  bool: [1, false],
  _Bool: [1, false],
};

/** An integer type by its name: a typedef's, or C's words in any order, as `unsigned long int`. */
function namedInteger(name: string): CType | null {
  if (Object.hasOwn(integers, name)) {
    const [size, signed] = integers[name];
    return { kind: 'int', name, size, signed };
  }
  const fixed = /^(?:(?:__)?([us]|be|le)(8|16|32|64)|(u?int)(8|16|32|64)_t)$/.exec(name);
  if (fixed) {
    const bytes = (Number(fixed[2] ?? fixed[4]) / 8) as 1 | 2 | 4 | 8;
    return { kind: 'int', name, size: bytes, signed: fixed[1] === 's' || fixed[3] === 'int' };
  }
  const words = name.split(/\s+/);
  if (!words.every((word) => /^(?:unsigned|signed|char|short|int|long)$/.test(word))) return null;
  const size = words.includes('char') ? 1 : words.includes('short') ? 2 : words.includes('long') ? 8 : 4;
  return { kind: 'int', name, size, signed: !words.includes('unsigned') };
}

/** The type that @cast's text names, or null. Tags may be given with or without `struct`, and with `*`. */
export function namedType(target: Target, text: string): CType | null {
  const m = /^\s*(?:(struct|union|enum)\s+)?([\w ]*\w)\s*((?:\*\s*)*)$/.exec(text);
  if (!m) return null;
  let type: CType | null = null;
  const struct = target.structs.get(m[2]);
  if (struct) type = { kind: 'struct', name: struct.name, ...(struct.union ? { union: true } : {}) };
  else if (!m[1]) type = m[2] === 'void' ? { kind: 'void' } : namedInteger(m[2]);
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
