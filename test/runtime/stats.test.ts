// Aggregates and histograms against a plain re-computation over BigInt.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HistogramSpec, Long } from '#tsprobe/dsl/abi.js';
import { limitsFrom } from '#tsprobe/runtime/limits.js';
import { Aggregate } from '#tsprobe/runtime/stats.js';

const limits = limitsFrom(new Map());
const wrap = (b: bigint) => BigInt.asIntN(64, b);
const long: fc.Arbitrary<Long> = fc
  .oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -1000n, max: 1000n }))
  .map((b) => (Number.isSafeInteger(Number(b)) ? Number(b) : b));
const filled = (spec: HistogramSpec, values: readonly Long[], shift: number | null = null) => {
  const stats = new Aggregate(spec, shift, limits);
  for (const value of values) stats.add(value);
  return stats;
};

test('count, sum, min, max and avg wrap and truncate as 64-bit integers', () => {
  fc.assert(
    fc.property(fc.array(long, { minLength: 1, maxLength: 50 }), (values) => {
      const stats = filled({ kind: 'none' }, values);
      const bigs = values.map(BigInt);
      const sum = wrap(bigs.reduce((a, b) => a + b, 0n));
      expect(BigInt(stats.count())).toBe(BigInt(values.length));
      expect(BigInt(stats.sum())).toBe(sum);
      expect(BigInt(stats.min())).toBe(bigs.reduce((a, b) => (b < a ? b : a)));
      expect(BigInt(stats.max())).toBe(bigs.reduce((a, b) => (b > a ? b : a)));
      expect(BigInt(stats.avg())).toBe(sum / BigInt(values.length));
    }),
  );
});

test('variance is exact while the mean stays whole', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 1000 }), (middle, off) => {
      const stats = filled({ kind: 'none' }, [middle, middle - 2 * off, middle + 2 * off, middle], 0);
      // Sum of squares 8 off², over n - 1 = 3; the carried mean may be off by its truncation.
      expect(Math.abs(Number(stats.variance()) - (8 * off * off) / 3)).toBeLessThanOrEqual(3 * off + 3);
    }),
  );
});

describe('histograms', () => {
  test('every value of a logarithmic histogram lies in the bucket whose bounds hold it', () => {
    fc.assert(
      fc.property(long, (value) => {
        const stats = filled({ kind: 'log' }, [value]);
        const b = BigInt(value);
        const size = b < 0n ? -b : b;
        let bits = 0;
        while (1n << BigInt(bits) <= size) bits++;
        expect(stats.bucket(64 + (b < 0n ? -bits : bits))).toBe(1);
      }),
    );
  });

  test('a linear histogram counts as a plain division does', () => {
    const spec = { kind: 'linear', start: -20, stop: 40, interval: 7 } as const;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1 }), (values) => {
        const stats = filled(spec, values);
        const buckets = Number(stats.buckets());
        const plain = new Array<number>(buckets).fill(0);
        for (const v of values) plain[v < -20 ? 0 : Math.min(buckets - 1, 1 + Math.floor((v + 20) / 7))]++;
        expect(plain.map((_, i) => stats.bucket(i))).toEqual(plain);
      }),
    );
  });

  test('the drawing scales bars, keeps two empty rows on either side and leaves out long gaps', () => {
    const values = [...new Array<number>(120).fill(4), 1000];
    expect(filled({ kind: 'log' }, values).histogram()).toBe(
      [
        'value |-------------------------------------------------- count',
        '    1 |                                                     0',
        '    2 |                                                     0',
        '    4 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@           120',
        '    8 |                                                     0',
        '   16 |                                                     0',
        '      ~',
        '  128 |                                                     0',
        '  256 |                                                     0',
        '  512 |                                                     1',
        ' 1024 |                                                     0',
        ' 2048 |                                                     0',
        '',
        '',
      ].join('\n'),
    );
  });

  test('an empty one and a bucket that is not there are errors of the script', () => {
    const stats = filled({ kind: 'log' }, []);
    expect(() => stats.histogram()).toThrow('empty aggregate');
    stats.add(1);
    expect(() => stats.bucket(128)).toThrow('histogram index out of range');
  });
});
