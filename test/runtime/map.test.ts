// Associative arrays against a model: a plain list of [keys, value] in order.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MapSpec, Value } from '#tsprobe/dsl/abi.js';
import { limitsFrom } from '#tsprobe/runtime/limits.js';
import { createMap } from '#tsprobe/runtime/map.js';
import { Aggregate } from '#tsprobe/runtime/stats.js';

const spec = (keys: number, rest: Partial<MapSpec> = {}): MapSpec => ({
  name: 'a',
  keys,
  keyTypes: new Array<'long'>(keys).fill('long'),
  value: 'long',
  size: 0,
  wrap: false,
  histogram: { kind: 'none' },
  bitShift: null,
  ...rest,
});
const make = (s: MapSpec, capacity = 2048) =>
  createMap(s, capacity, () => new Aggregate(s.histogram, s.bitShift, limitsFrom(new Map())));
const unsorted = { direction: 0, column: -1, by: 'count' } as const;

type Model = [Value[], Value][];
const same = (a: readonly Value[], b: readonly Value[]) => a.every((key, i) => key === b[i]);

interface Step {
  readonly what: 'set' | 'delete' | 'sort' | 'clear';
  readonly keys: number[];
  readonly value: number;
}

const steps = (keys: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      what: fc.constantFrom('set', 'set', 'set', 'set', 'delete', 'sort', 'clear'),
      keys: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: keys, maxLength: keys }),
      value: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 120 },
  ) as fc.Arbitrary<Step[]>;

describe.each([1, 2, 3])('%i keys', (keys) => {
  test.each([false, true])('any mix of writes, deletions and sorts, wrapping: %s', (wrap) => {
    fc.assert(
      fc.property(steps(keys), (list) => {
        const map = make(spec(keys, { size: 7, wrap }));
        let model: Model = [];
        for (const step of list) {
          const at = model.findIndex(([k]) => same(k, step.keys));
          if (step.what === 'set') {
            if (at >= 0) model[at][1] = step.value;
            else if (model.length === 7 && !wrap) {
              expect(() => map.set(step.value, ...step.keys)).toThrow('Array overflow, check size limit (7)');
              continue;
            } else {
              if (model.length === 7) model.shift();
              model.push([step.keys, step.value]);
            }
            map.set(step.value, ...step.keys);
          } else if (step.what === 'delete') {
            if (at >= 0) model.splice(at, 1);
            map.remove(...step.keys);
          } else if (step.what === 'sort') {
            model.sort((a, b) => Number(b[1]) - Number(a[1]));
            map.iterate({ direction: -1, column: -1, by: 'count' }, undefined);
          } else {
            model = [];
            map.clear();
          }
          expect(map.size()).toBe(model.length);
          expect(map.get(...step.keys)).toBe(model.find(([k]) => same(k, step.keys))?.[1] ?? 0);
        }
        expect(map.iterate(unsorted, undefined).map((cell) => [cell.keys, cell.value])).toEqual(model);
      }),
    );
  });
});

test('a small limit moves only the wanted cells to the front, a large one sorts for good', () => {
  const map = make(spec(1));
  for (const [key, value] of [1, 5, 2, 9, 3].entries()) map.set(value, key);
  const values = () => map.iterate(unsorted, undefined).map((cell) => cell.value);
  expect(map.iterate({ direction: -1, column: -1, by: 'count' }, 2).map((cell) => cell.value)).toEqual([9, 5]);
  expect(values()).toEqual([9, 5, 1, 2, 3]);
  expect(map.iterate({ direction: 1, column: -1, by: 'count' }, 31).length).toBe(5);
  expect(values()).toEqual([1, 2, 3, 5, 9]);
  expect(map.iterate(unsorted, 0)).toEqual([]);
  expect(map.iterate(unsorted, -3)).toEqual([]);
});

test('a slice keeps the cells whose fixed keys are equal', () => {
  const map = make(spec(2));
  for (const a of [1, 2]) for (const b of [1, 2]) map.set(10 * a + b, a, b);
  expect(map.iterate(unsorted, undefined, [1, undefined]).map((cell) => cell.value)).toEqual([11, 12]);
  expect(map.iterate(unsorted, 1, [undefined, 2]).map((cell) => cell.value)).toEqual([12]);
});

test('arrays of statistics are sorted by count unless told otherwise', () => {
  const map = make(spec(1, { value: 'stats' }));
  for (const [key, value] of [
    [1, 50],
    [2, 1],
    [2, 1],
    [3, 7],
    [3, 2],
    [3, 3],
  ]) {
    const stats = map.cell(key).value;
    if (typeof stats === 'object') stats.add(value);
  }
  const order = (by: 'count' | 'sum' | 'max') =>
    map.iterate({ direction: -1, column: -1, by }, undefined).map((cell) => cell.keys[0]);
  expect(order('count')).toEqual([3, 2, 1]);
  expect(order('sum')).toEqual([1, 3, 2]);
  expect(order('max')).toEqual([1, 3, 2]);
});
