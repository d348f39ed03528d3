// Packed structs. A class tagged @packed keeps its integer fields (of the kernel's integer types, `bool` included) in
// typed arrays that it shares with other objects of its class, instead of in properties: a property takes 8 bytes,
// and 24 once it held a number of more than 31 bits, and a socket has hundreds of them. A field declaration becomes,
// on its own line, a pair of accessors; the optimiser inlines them to a load. The values are as in C: a u8 keeps 8
// bits, a u32 32, which is what the declared type says. A class that extends a packed one is to be tagged as well.
// A member tagged @embedded, `rx_opt = new tcp_options_received()`, is no object of its own: the fields of its class
// become fields of the object, which stands for it (`tp.rx_opt === tp`), so their names must not clash. A member
// tagged @lazy is made when it is first asked for. So is one tagged @rare; all of those of an object are kept in one
// other object, made when the first of them is needed; one that is null at first stays null until it is set.
// Beside the fields an object has `$at`, the place of its first word, and the arrays that its fields need: `$w` of
// 32-bit words, `$h` of 16-bit ones, `$b` of bytes, `$d` of doubles for what has 64 bits.
// Read beside it: instrument.ts, and what the inserted code calls (the model's mm/slab.ts).
import type MagicString from 'magic-string';
import ts from 'typescript';
import { hasTag } from './functions.js';

/** How the integer types lie in memory: array, and how a value is read from it. */
type Kind = 'byte' | 'signed byte' | 'bool' | 'half' | 'signed half' | 'word' | 'signed word' | 'double';

const KINDS: Readonly<Record<string, Kind>> = {
  u8: 'byte',
  s8: 'signed byte',
  bool: 'bool',
  u16: 'half',
  __be16: 'half',
  __sum16: 'half',
  u32: 'word',
  uint: 'word',
  __be32: 'word',
  __wsum: 'word',
  gfp_t: 'word',
  s16: 'signed half',
  s32: 'signed word',
  int: 'signed word',
  u64: 'double',
  s64: 'double',
  long: 'double',
  ulong: 'double',
  size_t: 'double',
  ssize_t: 'double',
  ktime_t: 'double',
  atomic_t: 'signed word',
  refcount_t: 'signed word',
  atomic_long_t: 'double',
};

/** The array, as named in accessors and defaults, and the bytes of one element. */
const PLACES: Readonly<Record<Kind, readonly ['b' | 'h' | 'w' | 'd', number]>> = {
  byte: ['b', 1],
  'signed byte': ['b', 1],
  bool: ['b', 1],
  half: ['h', 2],
  'signed half': ['h', 2],
  word: ['w', 4],
  'signed word': ['w', 4],
  double: ['d', 8],
};

interface DeclaredField {
  /** The member that it is written in the place of. */
  readonly node: ts.PropertyDeclaration;
  readonly name: string;
  readonly kind: Kind;
  readonly initial: string;
}

interface PackedField extends DeclaredField {
  /** In elements of its array, from the object's first word on. */
  readonly offset: number;
}

interface PackedClass {
  readonly node: ts.ClassDeclaration;
  readonly base: string | undefined;
  readonly fields: readonly PackedField[];
  /** What is written in the place of a member beside the accessors of its fields. */
  readonly texts: ReadonlyMap<ts.PropertyDeclaration, string>;
  /** 32-bit words of an object, those of the class that it extends included; even. */
  readonly words: number;
}

/** The packed classes of a program by name. */
export class PackedClasses {
  readonly #all = new Map<string, ts.ClassDeclaration>();
  readonly #nodes = new Map<string, ts.ClassDeclaration>();
  readonly #classes = new Map<string, PackedClass>();

  constructor(files: readonly ts.SourceFile[]) {
    for (const file of files) {
      for (const node of file.statements) {
        if (!ts.isClassDeclaration(node) || !node.name) continue;
        this.#all.set(node.name.text, node);
        if (hasTag(node, 'packed')) this.#nodes.set(node.name.text, node);
      }
    }
  }

  /**
   * Rewrites the packed classes of `file` in `out`.
   * @param from import specifier of the module that inserted code calls
   * @throws Error for a packed class that extends one which is not, and for embedded fields whose names clash
   */
  rewrite(file: ts.SourceFile, out: MagicString, from: string): void {
    const own = [...this.#nodes].filter(([, node]) => node.getSourceFile() === file);
    for (const [name] of own) this.#rewrite(file, this.#of(name), out);
    if (own.length > 0)
      out.prependLeft(0, `import { $rare, $rares, $room, $slab, $take } from ${JSON.stringify(from)}; `);
  }

  #of(name: string): PackedClass {
    const known = this.#classes.get(name);
    if (known) return known;
    const node = this.#nodes.get(name);
    if (!node) throw new Error(`${name} is extended by a packed class and not packed itself`);
    const heritage = node.heritageClauses?.find((h) => h.token === ts.SyntaxKind.ExtendsKeyword);
    const base = heritage?.types[0]?.expression.getText();
    const texts = new Map<ts.PropertyDeclaration, string>();
    const declared = node.members.filter(ts.isPropertyDeclaration).flatMap((member) => {
      if (hasTag(member, 'embedded')) return this.#embedded(member, texts);
      if (hasTag(member, 'lazy')) texts.set(member, lazy(member));
      if (hasTag(member, 'rare')) texts.set(member, rare(member));
      return packedField(member, member);
    });
    this.#check(node, base, declared);
    let bytes = base === undefined ? 0 : this.#of(base).words * 4;
    const fields: PackedField[] = [];
    for (const size of [8, 4, 2, 1]) {
      for (const field of declared.filter((f) => PLACES[f.kind][1] === size)) {
        fields.push({ ...field, offset: bytes / size });
        bytes += size;
      }
    }
    const packed = { node, base, fields, texts, words: Math.ceil(bytes / 8) * 2 };
    this.#classes.set(name, packed);
    return packed;
  }

  #rares(node: ts.ClassDeclaration): string[] {
    return node.members.filter((member) => hasTag(member, 'rare')).map((member) => member.name?.getText() ?? '');
  }

  #rareBefore(base: string | undefined): boolean {
    if (base === undefined) return false;
    return this.#rares(this.#of(base).node).length > 0 || this.#rareBefore(this.#of(base).base);
  }

  /** Embedded fields must not hide others. */
  #check(node: ts.ClassDeclaration, base: string | undefined, declared: readonly DeclaredField[]): void {
    const names = new Set(node.members.filter(ts.isPropertyDeclaration).map((member) => member.name.getText()));
    for (let at = base; at !== undefined; at = this.#of(at).base) {
      for (const { name } of this.#of(at).fields) names.add(name);
      for (const member of this.#of(at).node.members) names.add(member.name?.getText() ?? '');
    }
    for (const { node: member, name } of declared) {
      if (member.name.getText() === name) continue;
      if (names.has(name)) throw new Error(`${node.name?.text}: ${member.name.getText()} embeds a second ${name}`);
      names.add(name);
    }
  }

  /** The integer fields of an embedded member; the other ones are properties, which go to `texts`. */
  #embedded(member: ts.PropertyDeclaration, texts: Map<ts.PropertyDeclaration, string>): DeclaredField[] {
    const made = member.initializer;
    const name = made && ts.isNewExpression(made) ? made.expression.getText() : '';
    const node = this.#all.get(name);
    if (!node) throw new Error(`${member.getText()}: @embedded is for a member made by new`);
    const fields: DeclaredField[] = [];
    let text = `get ${member.name.getText()}() { return this; } `;
    for (const inner of node.members) {
      const inside = inner.name?.getText() ?? '';
      if (ts.isPropertyDeclaration(inner)) {
        const [field] = packedField(inner, member);
        if (field) fields.push(field);
        else text += `${inside} = ${inner.initializer?.getText() ?? 'undefined'}; `;
      } else if (ts.isGetAccessor(inner)) {
        text += `get ${inside}() { return Object.getOwnPropertyDescriptor(${name}.prototype, '${inside}').get.call(this); } `;
      }
    }
    texts.set(member, text);
    return fields;
  }

  #rewrite(file: ts.SourceFile, { node, base, fields, texts, words }: PackedClass, out: MagicString): void {
    const defaults: string[] = [];
    const written = new Map(texts);
    for (const { node: member, name, kind, initial, offset } of fields) {
      if (initial !== '0' && initial !== 'false') defaults.push(`['${PLACES[kind][0]}', ${offset}, ${initial}]`);
      written.set(member, `${written.get(member) ?? ''}${accessors(name, kind, offset)} `);
    }
    for (const [member, text] of written) out.overwrite(member.getStart(file), member.end, text.trimEnd());
    const rares = this.#rares(node);
    const arrays = (of: string | undefined): string[] =>
      of === undefined ? [] : [...arrays(this.#of(of).base), ...this.#of(of).fields.map((f) => PLACES[f.kind][0])];
    const inherited = new Set(arrays(base));
    const needed = new Set(arrays(node.name?.text).filter((array) => !inherited.has(array)));
    const place = [...needed].map((array) => `$${array} = $room(this).${array}; `);
    if (base === undefined && words > 0) place.push('$at = $take(this); ');
    else if (needed.size > 0) throw new Error(`${node.name?.text}: ${base} is to have fields of all sizes`);
    const body = file.text.indexOf('{', node.heritageClauses?.end ?? node.name?.end ?? node.pos);
    if (words > 0) place.unshift(`static $slab = $slab(this, ${words}, [${defaults.join(', ')}]); `);
    if (rares.length > 0) {
      place.unshift(`static $rares = $rares(this, ${JSON.stringify(rares)}); `);
      if (!this.#rareBefore(base)) place.push('$rare = null; ');
    }
    out.appendLeft(body + 1, ` ${place.join('')}`);
  }
}

function packedField(field: ts.PropertyDeclaration, node: ts.PropertyDeclaration): DeclaredField[] {
  const kind = KINDS[field.type?.getText() ?? ''] as Kind | undefined;
  if (!kind || !ts.isIdentifier(field.name)) return [];
  return [{ node, name: field.name.text, kind, initial: field.initializer?.getText() ?? '0' }];
}

function lazy(member: ts.PropertyDeclaration): string {
  const name = member.name.getText();
  const made = member.initializer?.getText().replace(/\s+/g, ' ') ?? 'null';
  return (
    `$${name} = null; get ${name}() { return this.$${name} ??= ${made}; } ` + `set ${name}($v) { this.$${name} = $v; }`
  );
}

function rare(member: ts.PropertyDeclaration): string {
  const name = member.name.getText();
  const made = member.initializer?.getText().replace(/\s+/g, ' ') ?? 'null';
  const place = `(this.$rare ??= $rare(this)).${name}`;
  return made === 'null'
    ? `get ${name}() { return this.$rare === null ? null : this.$rare.${name}; } ` +
        `set ${name}($v) { if ($v !== null || this.$rare !== null) ${place} = $v; }`
    : `get ${name}() { return ${place} ??= ${made}; } set ${name}($v) { ${place} = $v; }`;
}

function accessors(name: string, kind: Kind, offset: number): string {
  const element = {
    b: `this.$b[(this.$at << 2) + ${offset}]`,
    h: `this.$h[(this.$at << 1) + ${offset}]`,
    w: `this.$w[this.$at + ${offset}]`,
    d: `this.$d[(this.$at >> 1) + ${offset}]`,
  }[PLACES[kind][0]];
  const value = {
    byte: element,
    'signed byte': `${element} << 24 >> 24`,
    bool: `${element} !== 0`,
    half: element,
    'signed half': `${element} << 16 >> 16`,
    word: element,
    'signed word': `${element} | 0`,
    double: element,
  }[kind];
  const taken = kind === 'bool' ? '$v ? 1 : 0' : '$v';
  return `get ${name}() { return ${value}; } set ${name}($v) { ${element} = ${taken}; }`;
}
