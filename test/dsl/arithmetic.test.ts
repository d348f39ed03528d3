// The arithmetic of generated code against BigInt: whatever the operands, results are those of signed 64-bit
// integers, and canonical (a number while safe, a bigint beyond).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldNumbers } from '#tsprobe/dsl/passes/optimize/fold.js';
import { helperTexts } from '#tsprobe/dsl/codegen/helpers.js';
import type { BinaryOp } from '#tsprobe/dsl/syntax/ast.js';

type Long = number | bigint;
type Operator = (a: Long, b: Long, site: number) => Long;

const names = { '+': '$add', '-': '$sub', '*': '$mul', '/': '$div', '%': '$mod', '&': '$and', '|': '$or', '^': '$xor', '<<': '$shl', '>>': '$shr' } as const; // prettier-ignore

const all = [...Object.values(names), '$neg', '$not', '$uns'];
const made = new Function(
  '$rt',
  `const $s = $rt.state;\n${helperTexts(all).join('\n')}\nreturn { ${all.join(', ')} };`,
)({
  state: { site: 0 },
  ScriptError: Error,
}) as Record<string, Operator>;

const canonical = (n: bigint): Long =>
  n >= BigInt(Number.MIN_SAFE_INTEGER) && n <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(n) : n;

/** Longs, dense where representations change: around 0, 2^31, 2^32, 2^53 and 2^63. */
const long = fc
  .oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.tuple(fc.constantFrom(0n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n - 8n), fc.bigInt({ min: -7n, max: 7n }), fc.boolean()).map(([base, off, negative]) => (negative ? -(base + off) : base + off)),
    fc.bigInt({ min: -1000n, max: 1000n }),
  )
  .map((n) => BigInt.asIntN(64, n)); // prettier-ignore

/** -0 is 0: nothing in a script can tell them apart. */
const plain = (n: Long): Long => (n === 0 ? 0 : n);

describe('64-bit arithmetic', () => {
  it.each(Object.entries(names))('%s', (op, name) => {
    fc.assert(
      fc.property(long, long, (a, b) => {
        fc.pre(b !== 0n || (op !== '/' && op !== '%'));
        const want = foldNumbers(op as BinaryOp, a, b);
        expect(plain(made[name](canonical(a), canonical(b), 0))).toBe(canonical(want ?? 0n));
      }),
      { numRuns: 2000 },
    );
  });

  it('constants are folded as C computes them', () => {
    const min = -(2n ** 63n);
    expect(foldNumbers('/', min, -1n)).toBe(min);
    expect(foldNumbers('%', min, -1n)).toBe(0n);
    expect(foldNumbers('/', -7n, 2n)).toBe(-3n);
    expect(foldNumbers('%', -7n, 2n)).toBe(-1n);
    expect(foldNumbers('<<', 1n, 65n)).toBe(2n);
    expect(foldNumbers('>>', -1n, 63n)).toBe(-1n);
    expect(foldNumbers('*', 2n ** 62n, 4n)).toBe(0n);
    expect(foldNumbers('/', 1n, 0n)).toBeNull();
  });

  it('unary operators', () => {
    fc.assert(
      fc.property(long, (a) => {
        const n = canonical(a);
        expect(plain(made['$neg'](n, 0, 0))).toBe(canonical(BigInt.asIntN(64, -a)));
        expect(plain(made['$not'](n, 0, 0))).toBe(canonical(BigInt.asIntN(64, ~a)));
        expect(BigInt(made['$uns'](n, 0, 0))).toBe(BigInt.asUintN(64, a));
      }),
      { numRuns: 2000 },
    );
  });

  it('division by 0 is an error', () => {
    expect(() => made['$div'](1, 0, 3)).toThrow('division by 0');
    expect(() => made['$mod'](2n ** 60n, 0, 3)).toThrow('division by 0');
  });
});
