// A small program that has nothing to do with a network: what the instrumentation is tried on.
import { tax, type Cents } from './tax.js';

export type u8 = number;
export type u32 = number;
export type colour = u8;

export const STOCK_MAX = 1 << 4;
export const STATES = { OPEN: 1, SHUT: 1 + 1 } as const;

export class item {
  name: string;
  price: Cents;
  readonly tint: colour = 3;
  next: item | null = null;
  constructor(name: string, price: Cents) {
    this.name = name;
    this.price = price;
  }
}

export class cart {
  readonly first = new item('bag', 1);
  items: item[] = [];
  owner: item | null = null;
  on_sale: ((it: item) => void) | null = null;
  bytes = new Uint8Array(4);
  /** An offset here, an address to scripts. */
  at: u32 = 2;
  /**
   * The bytes from at on.
   * @field at
   */
  get at_bytes(): Uint8Array {
    return this.bytes.subarray(this.at);
  }
}

/** Bytes of a label as they are printed. */
export class label_view {
  readonly buf: Uint8Array;
  readonly off: number;
  constructor(buf: Uint8Array, off: number) {
    this.buf = buf;
    this.off = off;
  }
  get kind(): u8 {
    return this.buf[this.off];
  }
  set kind(value: u8) {
    this.buf[this.off] = value;
  }
  get code(): u8 {
    const b = this.buf;
    const o = this.off;
    return b[o + 3] | (b[o + 4] << 8);
  }
}

export const store = new cart();

/**
 * Adds an item.
 * @formerly put_item 1.0-1.9
 * @formerly put 0.9
 * @formerly put_two_items 1.5
 * @EXPORT_SYMBOL
 */
export function add_item(shop: cart, name: string, price: Cents = 5): item {
  const it = new item(name, price);
  if (price < 0) throw new RangeError('negative price');
  shop.items.push(it);
  const total = sum(shop);
  return note(it, total);
}

function sum(shop: cart): Cents {
  let total: Cents = 0;
  for (const it of shop.items) {
    const gross = tax(it.price);
    total += gross;
  }
  return total;
}

function note(it: item, _total: Cents): item {
  return it;
}

export function depth(n: number): number {
  if (n === 0) return 0;
  return 1 + depth(n - 1);
}

export function classify(n: number): string {
  const sign = n < 0 ? -1 : 1;
  check: {
    if (sign < 0) break check;
    const size = n * 2;
    if (size > 10) return 'large';
  }
  const pick = (v: number) => {
    return v > 0 ? 'some' : 'none';
  };
  return pick(n);
}

export function* counting(to: number): Generator<number, string> {
  for (let i = 0; i < to; i++) yield i;
  const rest = yield* again(to);
  return `done ${rest}`;
}

function* again(to: number): Generator<number, number> {
  yield -to;
  return to;
}

export async function later(value: number): Promise<number> {
  const twice = await Promise.resolve(value * 2);
  return twice;
}

export function spread(first: number, { a, b }: { a: number; b: number }, ...rest: number[]): number {
  return first + a + b + rest.length;
}

/** @notrace */
export function hidden(): number {
  return 1;
}

export function silent(shop: cart): void {
  shop.owner = null;
}

/** Functions called through a table, as a kernel calls its protocols. */
export const ops = { add: add_item, classify };
