// Where the numbers of packed structs lie. A class tagged @packed is written by the build (instrument/packed.ts) so
// that its integer fields are accessors into typed arrays which it shares with some other objects of its class: a
// u32 takes 4 bytes and a u8 one, not 8 and, beyond 31 bits, 24 of a property. Code and scripts see plain fields.
// Read beside it: mm/slub.c, where pages are cut into objects of one size as they are here.
// Left out: giving a place back. A page goes when none of its objects is left, which is what the collector sees to;
// so no object can see another's numbers, whenever it was last used.
// The pages are no state of a machine: nothing that can be observed depends on which objects share one.

/** What a packed object has beside its fields. */
interface packed {
  readonly $at: number;
  readonly $w?: Uint32Array;
  readonly $h?: Uint16Array;
  readonly $b?: Uint8Array;
  readonly $d?: Float64Array;
}

/** Objects of a class's first page; each page has twice as many as the one before, up to a number of bytes. */
const FIRST_OBJECTS = 4;
const MAX_PAGE_BYTES = 32768;

/** A default that is not 0: which array it lies in, where, and its value. */
type slab_default = readonly ['w' | 'h' | 'b' | 'd', number, number | boolean];

/** Objects of one class. */
class slab {
  readonly $words: number;
  readonly $defaults: readonly slab_default[];
  /** Objects in $page, and how many of them are taken. */
  $objects = 0;
  $next = 0;
  $page: slab_page | null = null;
  /** The properties of an object that struct_copy() copies. */
  $properties: readonly string[] | null = null;

  constructor(words: number, defaults: readonly slab_default[]) {
    this.$words = words;
    this.$defaults = defaults;
  }
}

class slab_page {
  readonly w: Uint32Array;
  readonly h: Uint16Array;
  readonly b: Uint8Array;
  readonly d: Float64Array;

  constructor(words: number) {
    const buffer = new ArrayBuffer(words * 4);
    this.w = new Uint32Array(buffer);
    this.h = new Uint16Array(buffer);
    this.b = new Uint8Array(buffer);
    this.d = new Float64Array(buffer);
  }
}

interface packed_class {
  readonly $slab: slab;
}

/**
 * The slab of a class, made where the class is defined.
 * @param own the class; the one that it extends, if packed, is defined by now
 * @param words 32-bit words of an object, inherited ones included; even
 * @param defaults of the class's own fields, where they are not 0
 * @notrace
 */
export function $slab(own: object, words: number, defaults: readonly slab_default[]): slab {
  const base = (Object.getPrototypeOf(own) as Partial<packed_class> | null)?.$slab;
  return new slab(words, base ? [...base.$defaults, ...defaults] : defaults);
}

/** The page in which the next object of this one's class lies. @notrace */
export function $room(object: object): slab_page {
  const { $slab } = object.constructor as unknown as packed_class;
  return $slab.$page === null || $slab.$next === $slab.$objects ? new_page($slab) : $slab.$page;
}

/** Takes the next place in the page. @returns its first word @notrace */
export function $take(object: object): number {
  const { $slab } = object.constructor as unknown as packed_class;
  return $slab.$words * $slab.$next++;
}

/** A page of objects that all have their defaults. @notrace */
function new_page(slab: slab): slab_page {
  const most = Math.floor(MAX_PAGE_BYTES / (slab.$words * 4));
  slab.$objects = Math.min(Math.max(FIRST_OBJECTS, slab.$objects * 2), most);
  slab.$next = 0;
  const page = new slab_page(slab.$words * slab.$objects);
  for (let i = 0; i < slab.$objects; i++) {
    const at = slab.$words * i;
    for (const [array, offset, value] of slab.$defaults) {
      if (array === 'w') page.w[at + offset] = Number(value);
      else if (array === 'h') page.h[at * 2 + offset] = Number(value);
      else if (array === 'b') page.b[at * 4 + offset] = Number(value);
      else page.d[at / 2 + offset] = Number(value);
    }
  }
  slab.$page = page;
  return page;
}

/**
 * `*to = *from`: every field, packed or not, but those that are made on demand (@lazy, @rare), which the copy is to have
 * of its own. Both are of one class. An object's place is written once in its life, which
 * the optimiser makes use of.
 * @notrace
 */
export function struct_copy<T extends object>(to: T, from: T): T {
  const target = to as unknown as packed & Record<string, unknown>;
  const source = from as unknown as packed & Record<string, unknown>;
  const { $slab } = to.constructor as unknown as packed_class;
  $slab.$properties ??= Object.keys(to).filter((name) => !name.startsWith('$'));
  for (const name of $slab.$properties) target[name] = source[name];
  const bytes = ({ $w, $h, $b, $d, $at }: packed): Uint8Array =>
    new Uint8Array(($w ?? $h ?? $b ?? $d ?? new Uint8Array(0)).buffer, $at * 4, $slab.$words * 4);
  bytes(target).set(bytes(source));
  return to;
}

/** The names of a class's seldom needed members, inherited ones first. @notrace */
export function $rares(own: object, names: readonly string[]): readonly string[] {
  const base = (Object.getPrototypeOf(own) as { $rares?: readonly string[] } | null)?.$rares;
  return base ? [...base, ...names] : names;
}

/** What holds the seldom needed members of an object: all of a class have one shape. @notrace */
export function $rare(object: object): Record<string, unknown> {
  const holder: Record<string, unknown> = {};
  for (const name of (object.constructor as unknown as { $rares: readonly string[] }).$rares) holder[name] = null;
  return holder;
}

/**
 * A member that is made when it is first asked for (@lazy), if it was made.
 * @param name `$` and the member's name
 * @notrace
 */
export function made<T extends object, K extends string & keyof T>(object: T, name: `$${K}`): T[K] | null {
  return (object as Record<string, unknown>)[name] as T[K] | null;
}

/** The same for one that is kept with the seldom needed ones (@rare). @notrace */
export function made_rare<T extends object, K extends string & keyof T>(object: T, name: K): T[K] | null {
  const { $rare } = object as { $rare?: Record<string, unknown> | null };
  return $rare ? ($rare[name] as T[K] | null) : null;
}
