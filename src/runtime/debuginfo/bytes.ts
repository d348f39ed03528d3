// Values as the bytes that they would be in memory, little endian as on x86, and integers back from bytes.
// Read beside it: memory.ts.
import type { Long } from '../../dsl/abi.js';
import type { CInteger, CType } from '../../dsl/target.js';
import { fromBigInt } from '../values.js';

/** A text as bytes, one char per byte: UTF-8 where it has more than Latin-1's first half. */
export function bytesOfText(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return Buffer.from(text, 'utf8').toString('latin1');
  }
  return text;
}

/** A script's integer as a value of an integer type: cut to its size; a number, since the model's are. */
export function wrapInteger(value: Long, type: CInteger): number {
  const bits = type.size * 8;
  const wrapped = type.signed ? BigInt.asIntN(bits, BigInt(value)) : BigInt.asUintN(bits, BigInt(value));
  return Number(wrapped);
}

/** The integer of `type` at `offset`; bytes beyond the end count as 0. */
export function decodeInteger(bytes: Uint8Array, offset: number, type: CInteger): Long {
  let value = 0n;
  for (let i = type.size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[offset + i] ?? 0);
  return fromBigInt(type.signed ? BigInt.asIntN(type.size * 8, value) : value);
}

interface Space {
  toLong(value: unknown): Long;
  sizeOf(type: CType): number;
}

/** Writes a field's value into the image of its struct; what does not fit in it is left out. */
export function encode(value: unknown, type: CType, image: Uint8Array, offset: number, space: Space): void {
  const put = (number: Long, size: number) => {
    let rest = BigInt.asUintN(64, BigInt(number));
    for (let i = 0; i < size && offset + i < image.length; i++, rest >>= 8n) image[offset + i] = Number(rest & 255n);
  };
  if (type.kind === 'chars' || typeof value === 'string') {
    const text = bytesOfText(String(value ?? ''));
    for (let i = 0; i < text.length && i < space.sizeOf(type); i++) image[offset + i] = text.charCodeAt(i);
  } else if (type.kind === 'int') {
    put(space.toLong(value), type.size);
  } else if (type.kind === 'array' && ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    image.set(bytes.subarray(0, Math.max(0, image.length - offset)), offset);
  } else if (type.kind === 'pointer' || type.kind === 'function') {
    put(space.toLong(value), 8);
  }
}
