import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CType } from '#tsprobe/dsl/target.js';
import { kernelStack } from '#tsprobe/runtime/debuginfo/backtrace.js';
import { Memory } from '#tsprobe/runtime/debuginfo/memory.js';
import { Hijack } from '#tsprobe/runtime/hijack/hijack.js';
import { loadForeign, type Foreign } from '../../instrument/foreign.js';

interface Item {
  name: string;
  price: number;
  next: Item | null;
}
interface Cart {
  first: Item;
  items: Item[];
  owner: Item | null;
  on_sale: unknown;
  bytes: Uint8Array;
}

let foreign: Foreign;
let memory: Memory;
let hijack: Hijack;
beforeAll(async () => {
  foreign = await loadForeign();
});
beforeEach(() => {
  memory = new Memory(foreign.debuginfo);
  hijack = new Hijack(foreign.debuginfo);
});
afterEach(() => hijack.clear());

const shopClass = <T>(name: string, ...args: unknown[]): T =>
  new (foreign.shop[name] as unknown as new (...args: unknown[]) => T)(...args);
const item = (name: string, price = 1) => shopClass<Item>('item', name, price);
const struct = (name: string): CType => ({ kind: 'struct', name });
const int: CType = { kind: 'int', name: 'int', size: 4, signed: true };
const hex = (value: unknown) => `0x${BigInt.asUintN(64, BigInt(value as number)).toString(16)}`;

describe('addresses', () => {
  it('look like kernel memory, are given in order of looking, and stay', () => {
    const [a, b] = [item('pen'), item('ink')];
    const first = memory.toLong(a);
    expect(hex(first)).toBe('0xffff888003a40000');
    expect(hex(memory.toLong(b))).toBe('0xffff888003a40040');
    expect(memory.toLong(a)).toBe(first);
  });

  it('lead back to their object, at its start or at a field of it', () => {
    const box = shopClass<Cart>('cart');
    const at = memory.toLong(box);
    expect(memory.at(at, struct('cart'))).toBe(box);
    const inner = memory.fieldAddress(box, 'cart', 'bytes');
    expect(memory.at(Number(at) + 0, struct('item'))).toBe(box.first);
    expect(memory.toLong(box.bytes)).toBe(inner);
  });

  it('of embedded structs are the field itself, whichever way they are looked at first', () => {
    const box = shopClass<Cart>('cart');
    expect(memory.fieldAddress(box, 'cart', 'first')).toBe(memory.toLong(box.first));
    const other = shopClass<Cart>('cart');
    const alone = memory.toLong(other.first);
    expect(memory.fieldAddress(other, 'cart', 'first')).toBe(alone);
  });

  it('of views are those of the bytes that they show', () => {
    const bytes = Uint8Array.of(9, 9, 7, 0, 0, 5, 0, 0);
    const view = shopClass<object>('label_view', bytes, 2);
    expect(Number(memory.toLong(view)) - Number(memory.toLong(bytes))).toBe(2);
    expect(memory.at(memory.toLong(view), struct('label_view'))).toMatchObject({ kind: 7, code: 5 });
    expect(memory.at(memory.toLong(bytes), int)).toBe(0x00070909);
  });

  it('of fields under another name are those of what their property holds', () => {
    const box = shopClass<Cart & { at_bytes: Uint8Array }>('cart');
    expect(Number(memory.toLong(box.at_bytes)) - Number(memory.toLong(box.bytes))).toBe(2);
    expect(foreign.debuginfo.structs.get('cart')?.fields.find((f) => f.name === 'at')?.property).toBe('at_bytes');
  });

  it('of nothing fault', () => {
    expect(() => memory.at(0, struct('item'))).toThrow('read fault [man error::fault] at 0x0');
    expect(() => memory.at(-4096, struct('item'))).toThrow('read fault [man error::fault] at 0xfffffffffffff000');
    expect(memory.toLong(null)).toBe(0);
  });
});

describe('values', () => {
  it('become 64-bit integers', () => {
    expect([true, false, 3.9, undefined, 2n ** 63n].map((v) => memory.toLong(v))).toEqual([1, 0, 3, 0, -(2n ** 63n)]);
  });

  it('of texts can be read where their address points', () => {
    const pen = item('pen');
    expect(memory.memory(memory.fieldAddress(pen, 'item', 'name'), 6)).toBe('pen\0\0\0');
    expect(memory.memory(memory.toLong('abc'), 4)).toBe('abc\0');
    expect(memory.memory(-4096, 1)).toBeUndefined();
  });

  it('of structs are their fields in little endian', () => {
    const pen = item('pen', 0x01020304);
    const price = memory.fieldAddress(pen, 'item', 'price');
    expect(memory.memory(price, 5)).toBe('\x04\x03\x02\x01\x03');
  });

  it('are stored back as the type has them', () => {
    const box = shopClass<Cart>('cart');
    const pen = item('pen');
    memory.store(box, 'owner', { kind: 'pointer', to: struct('item') }, memory.toLong(pen));
    expect(box.owner).toBe(pen);
    memory.store(box, 'owner', { kind: 'pointer', to: struct('item') }, 0);
    expect(box.owner).toBeNull();
    memory.storeElement(box.bytes, 1, { kind: 'int', name: 'u8', size: 1, signed: false }, -1);
    expect([...box.bytes]).toEqual([0, 255, 0, 0]);
    expect(() => memory.storeElement(box.bytes, 4, int, 1)).toThrow('read fault');
    expect(memory.fromLong(0x1_0000_0005, int)).toBe(5);
  });
});

describe('pretty printing', () => {
  it('shows one level with $ and all with $$', () => {
    const box = shopClass<Cart>('cart');
    box.items.push(item('pen', 5));
    box.on_sale = foreign.evaluate('note');
    const type: CType = { kind: 'pointer', to: struct('cart') };
    const text = memory.pretty(box, type, 1);
    expect(text).toMatch(
      /^\{\.first=\{\.\.\.\}, \.items=\[\.\.\.\], \.owner=0x0, \.on_sale=0xffffffff81[0-9a-f]{6} <note>, \.bytes=\[\.\.\.\], \.at=0x[0-9a-f]+\}$/,
    );
    expect(memory.pretty(box, type, 2)).toContain('.first={.name="bag", .price=1, .tint=3, .next=0x0}');
    expect(memory.pretty(box, type, 2)).toContain('.bytes=[0, 0, 0, 0]');
  });
});

describe('symbols', () => {
  it('have addresses in kernel text and are found again', () => {
    const address = memory.toLong(foreign.shop.depth);
    expect(hex(address)).toMatch(/^0xffffffff81/);
    expect(memory.symbolAt(Number(address) + 4)).toMatchObject({ name: 'depth', module: 'kernel', offset: 4 });
    expect(memory.addressOf('depth')).toBe(address);
    expect(memory.addressOf('nosuch')).toBeUndefined();
    expect(memory.at(address, { kind: 'function' })).toBe(foreign.shop.depth);
  });

  it('name the objects that modules hold', () => {
    expect(memory.symbolAt(memory.toLong(foreign.shop.store))).toMatchObject({ name: 'store', offset: 0 });
    expect(memory.variable('store', '', '')).toBe(foreign.shop.store);
  });
});

describe('the call stack', () => {
  const stackAt = (name: string, when: 'entry' | 'statement' = 'entry', line = 0): string[] => {
    const seen: string[] = [];
    const symbol = foreign.debuginfo.functions.find((f) => f.name === name);
    const spec = {
      id: symbol?.id ?? -1,
      when,
      line: (symbol?.line ?? 0) + line,
      probe: 0,
      handler: () =>
        void seen.push(
          kernelStack(foreign.debuginfo, memory.symbols)
            .map((f) => `${f.place.name}+${f.line - lineOf(f.place.name)}`)
            .join(' '),
        ),
    };
    hijack.attach([spec]);
    return seen;
  };
  const lineOf = (name: string) => foreign.debuginfo.functions.find((f) => f.name === name)?.line ?? 0;

  it('lists kernel functions once each, copies and originals alike, with their lines', () => {
    hijack.attach(['add_item', 'sum'].map((name) => ({ id: foreign.debuginfo.functions.find((f) => f.name === name)?.id ?? -1, when: 'return' as const, probe: 0, handler: () => {} }))); // prettier-ignore
    const seen = stackAt('tax');
    foreign.shop.add_item(foreign.shop.store, 'pen');
    expect(seen[0]).toBe('tax+0 sum+3 add_item+4');
  });

  it('lists each level of a recursion', () => {
    const seen = stackAt('depth', 'statement', 1);
    foreign.shop.depth(2);
    expect(seen).toEqual(['depth+1', 'depth+1 depth+2', 'depth+1 depth+2 depth+2']);
  });

  it('goes through generators', () => {
    const seen = stackAt('again');
    expect([...(foreign.shop.counting(0) as Generator<number>)]).toEqual([-0]);
    expect(seen).toEqual(['again+0 counting+2']);
  });
});
