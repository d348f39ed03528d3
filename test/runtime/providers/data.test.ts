import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { DerivedProbe } from '#tsprobe/dsl/abi.js';
import { Memory } from '#tsprobe/runtime/debuginfo/memory.js';
import { DataProvider } from '#tsprobe/runtime/providers/data.js';
import type { AttachContext } from '#tsprobe/runtime/environment.js';
import { loadForeign, type Foreign } from '../../instrument/foreign.js';

let foreign: Foreign;
let provider: DataProvider;
let log: unknown[];
beforeAll(async () => {
  foreign = await loadForeign();
});
beforeEach(() => {
  provider = new DataProvider(new Memory(foreign.debuginfo));
  log = [];
});

const probe = (symbol: string, access: 'write' | 'rw', index = 0): DerivedProbe => ({
  index,
  point: `kernel.data("${symbol}").${access}`,
  name: '',
  location: 'a.stp:1:1',
  detail: { provider: 'data', symbol, access, length: 8 },
  handler: 0,
  values: [{ expr: 'value', kind: 'value' }],
  writes: [],
});
const context = {
  handlers: [(index: number, value: unknown) => void log.push([index, value])],
} as unknown as AttachContext;
const store = () => foreign.shop.store as unknown as { owner: unknown; first: { price: number } };

it('sees writes to a field of a variable, and with rw reads', () => {
  const probes = [probe('store.owner', 'write', 1), probe('store.first.price', 'rw', 2)];
  provider.attach(probes, context);
  store().owner = null;
  foreign.shop.silent(foreign.shop.store);
  store().first.price = 7;
  expect(store().first.price).toBe(7);
  provider.detach(probes);
  expect(log).toEqual([[1, null], [1, null], [2, 7], [2, 7]]); // prettier-ignore
});

it('leaves a plain property with its last value behind', () => {
  const watched = probe('store.owner', 'write');
  provider.attach([watched], context);
  store().owner = 5;
  provider.detach([watched]);
  store().owner = 6;
  expect(log).toEqual([[0, 5]]);
  expect(Object.getOwnPropertyDescriptor(store(), 'owner')).toEqual({
    value: 6,
    writable: true,
    enumerable: true,
    configurable: true,
  });
});

it('refuses what is no field', () => {
  expect(() => provider.attach([probe('store.nosuch', 'write')], context)).toThrow(
    'cannot watch kernel.data("store.nosuch").write: no field of a kernel variable is there',
  );
});
