// 64-bit signed integers as scripts have them: a JavaScript number while the value is a safe integer, a
// bigint beyond 2^53, always wrapped to 64 bits. Generated code inlines the number paths and calls these
// for the rest. Read beside it: SystemTap Language Reference, "Expressions".

/** A script's integer. Canonical: a number if and only if it is a safe integer, never -0. */
export type Long = number | bigint;

/** What a script's variable may hold: an integer or a string of one char per byte. */
export type Value = Long | string;

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

export function add(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return fromBigInt(big(a) + big(b));
}

export function sub(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return fromBigInt(big(a) - big(b));
}

export function mul(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return fromBigInt(big(a) * big(b));
}

/** Quotient truncated toward zero; the caller has refused b = 0. INT64_MIN / -1 is INT64_MIN. */
export function div(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
  return fromBigInt(big(a) / big(b));
}

/** Remainder with the sign of the dividend; the caller has refused b = 0. */
export function mod(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
  return fromBigInt(big(a) % big(b));
}

export function neg(a: Long): Long {
  return typeof a === 'number' ? 0 - a : fromBigInt(-a);
}

export function not(a: Long): Long {
  return typeof a === 'number' ? sub(-1, a) : fromBigInt(~a);
}

const isInt32 = (a: Long, b: Long): boolean =>
  typeof a === 'number' && typeof b === 'number' && (a | 0) === a && (b | 0) === b;

export function and(a: Long, b: Long): Long {
  return isInt32(a, b) ? Number(a) & Number(b) : fromBigInt(big(a) & big(b));
}

export function or(a: Long, b: Long): Long {
  return isInt32(a, b) ? Number(a) | Number(b) : fromBigInt(big(a) | big(b));
}

export function xor(a: Long, b: Long): Long {
  return isInt32(a, b) ? Number(a) ^ Number(b) : fromBigInt(big(a) ^ big(b));
}

const shiftCount = (b: Long): bigint => big(b) & 63n;

/** Left shift; the count is taken modulo 64, as the processor does. */
export function shl(a: Long, b: Long): Long {
  return fromBigInt(big(a) << shiftCount(b));
}

/** Arithmetic right shift; the count is taken modulo 64. */
export function shr(a: Long, b: Long): Long {
  return fromBigInt(big(a) >> shiftCount(b));
}

/** Orders two values of one type: strings by bytes, integers by value. */
export function compare(a: Value, b: Value): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}
