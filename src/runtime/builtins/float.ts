// IEEE 754 double precision over the bits of a 64-bit integer. Read beside it: dsl/builtins/speculation.ts
// (records).
import type { BuiltinGroup } from '../services.js';
import type { Long, Value } from '../../dsl/abi.js';
import { fromBigInt, unsigned } from '../values.js';

const view = new DataView(new ArrayBuffer(8));

/** The double whose bits the integer holds. */
export function fromBits(bits: Value): number {
  view.setBigUint64(0, unsigned(bits as Long));
  return view.getFloat64(0);
}

/** The bits of a double as a signed 64-bit integer. */
export function toBits(x: number): Long {
  view.setFloat64(0, x);
  return fromBigInt(view.getBigUint64(0));
}

function toText(x: number, precision: number): string {
  if (Number.isNaN(x)) return 'NaN';
  if (!Number.isFinite(x)) return x < 0 ? '-inf' : 'inf';
  const exponent = Math.abs(x) < 1e21 ? '' : 'e';
  return exponent ? x.toExponential(Math.min(precision, 100)) : x.toFixed(Math.min(precision, 100));
}

/** Rounds as SystemTap's rounding modes ask: 0 near even, 1 toward zero, 2 down, 3 up, 4 near, ties away. */
function round(x: number, mode: number): number {
  const down = Math.floor(x);
  switch (mode) {
    case 1:
      return Math.trunc(x);
    case 2:
      return down;
    case 3:
      return Math.ceil(x);
    case 4:
      return Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
    default:
      if (x - down !== 0.5) return Math.round(x);
      return down % 2 === 0 ? down : down + 1;
  }
}

/** x - n·y with n the integer nearest to x/y, ties to even. */
function remainder(x: number, y: number): number {
  if (!Number.isFinite(x) || y === 0 || Number.isNaN(y)) return NaN;
  if (!Number.isFinite(y)) return x;
  const m = Math.abs(y);
  const twice = Math.abs(x) % (2 * m);
  let r = twice;
  if (r > m / 2) r -= m;
  if (r >= m / 2) r -= m;
  if (twice === m / 2) r = m / 2;
  return x < 0 ? -r : r;
}

export const float: BuiltinGroup = () => {
  const two = (f: (a: number, b: number) => number) => (a: Value, b: Value) => toBits(f(fromBits(a), fromBits(b)));
  const ask = (f: (a: number, b: number) => boolean) => (a: Value, b: Value) => (f(fromBits(a), fromBits(b)) ? 1 : 0);
  return {
    fp_to_string: (x, precision) => toText(fromBits(x), Math.max(0, Number(precision))),
    fp_to_string1: (x) => toText(fromBits(x), 6),
    fp_to_long: (x, mode) => {
      const r = round(fromBits(x), Number(mode));
      if (Number.isNaN(r) || r >= 2 ** 63) return fromBigInt(2n ** 63n - 1n);
      return fromBigInt(r <= -(2 ** 63) ? -(2n ** 63n) : BigInt(r));
    },
    long_to_fp: (n) => toBits(Number(n)),
    string_to_fp: (s) => toBits(parseFloat(s as string) || 0),
    fp32_to_fp64: (x) => {
      view.setUint32(0, Number(unsigned(x as Long) & 0xffffffffn));
      return toBits(view.getFloat32(0));
    },
    fp_add: two((a, b) => a + b),
    fp_sub: two((a, b) => a - b),
    fp_mul: two((a, b) => a * b),
    fp_div: two((a, b) => a / b),
    fp_rem: two(remainder),
    fp_sqrt: (a) => toBits(Math.sqrt(fromBits(a))),
    fp_eq: ask((a, b) => a === b),
    fp_le: ask((a, b) => a <= b),
    fp_lt: ask((a, b) => a < b),
  };
};
