// 64-bit signed integers as scripts have them: a JavaScript number while the value is a safe integer, a
// bigint beyond 2^53, always wrapped to 64 bits. Arithmetic is in the generated code; here is
// what built-ins and the runtime itself need. Read beside it: SystemTap Language Reference, "Expressions".

import type { Long, Value } from '../dsl/abi.js';

const MAX_SAFE = 9007199254740991n;
const MIN_SAFE = -9007199254740991n;

/** Wraps any bigint to a signed 64-bit integer in canonical form. */
export function fromBigInt(value: bigint): Long {
  const wrapped = BigInt.asIntN(64, value);
  return wrapped <= MAX_SAFE && wrapped >= MIN_SAFE ? Number(wrapped) : wrapped;
}

/** Canonical form of a number that may be fractional, unsafe or -0; NaN and infinities give 0. */
export function fromNumber(value: number): Long {
  if (Number.isSafeInteger(value)) return value + 0;
  if (!Number.isFinite(value)) return 0;
  const whole = Math.trunc(value);
  return Number.isSafeInteger(whole) ? whole + 0 : fromBigInt(BigInt(whole));
}

const big = (value: Long): bigint => (typeof value === 'bigint' ? value : BigInt(value));

/** The value as an unsigned 64-bit integer. */
export function unsigned(value: Long): bigint {
  return BigInt.asUintN(64, big(value));
}

/** The value as a JavaScript number; exact only for safe integers. */
export function toNumber(value: Long): number {
  return typeof value === 'number' ? value : Number(value);
}

/** Orders two values of one type: integers by value, strings by their bytes, unsigned. */
export function compare(a: Value, b: Value): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}
