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

/** Bytes of a page, about. */
const PAGE_BYTES = 8192;
const MIN_OBJECTS = 8;
const MAX_OBJECTS = 64;

/** A default that is not 0: which array it lies in, where, and its value. */
type slab_default = readonly ['w' | 'h' | 'b' | 'd', number, number | boolean];

/** Objects of one class. */
class slab {
  readonly $objects: number;
  readonly $words: number;
  readonly $defaults: readonly slab_default[];
  $page: slab_page | null = null;
  $next = 0;

  constructor(words: number, defaults: readonly slab_default[]) {
    this.$words = words;
    this.$objects = Math.min(MAX_OBJECTS, Math.max(MIN_OBJECTS, Math.floor(PAGE_BYTES / (words * 4))));
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
  if ($slab.$page === null || $slab.$next === $slab.$objects) {
    $slab.$page = new_page($slab);
    $slab.$next = 0;
  }
  return $slab.$page;
}

/** Takes the next place in the page. @returns its first word @notrace */
export function $take(object: object): number {
  const { $slab } = object.constructor as unknown as packed_class;
  return $slab.$words * $slab.$next++;
}

/** A page of objects that all have their defaults. @notrace */
function new_page(slab: slab): slab_page {
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
  return page;
}

/**
 * `*to = *from`: every field, packed or not. Both are of one class. An object's place is written once in its life, which
 * the optimiser makes use of.
 * @notrace
 */
export function struct_copy<T extends object>(to: T, from: T): T {
  const target = to as unknown as packed & Record<string, unknown>;
  const source = from as unknown as packed & Record<string, unknown>;
  for (const name of Object.keys(from)) if (!name.startsWith('$')) target[name] = source[name];
  const words = (to.constructor as unknown as packed_class).$slab.$words;
  const bytes = ({ $w, $h, $b, $d, $at }: packed): Uint8Array =>
    new Uint8Array(($w ?? $h ?? $b ?? $d ?? new Uint8Array(0)).buffer, $at * 4, words * 4);
  bytes(target).set(bytes(source));
  return to;
}

/**
 * A member that is made when it is first asked for (@lazy), if it was made.
 * @param name `$` and the member's name
 * @notrace
 */
export function made<T extends object, K extends string & keyof T>(object: T, name: `$${K}`): T[K] | null {
  return (object as Record<string, unknown>)[name] as T[K] | null;
}
