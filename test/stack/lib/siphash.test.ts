import { describe, expect, it } from 'vitest';
import { siphash, siphash_u32s } from '#tsprobe/stack/lib/siphash.js';

/** Key 00 01 … 0f, as in the appendix of the SipHash paper. */
const key = new Uint32Array([0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c]);

function hex([low, high]: [number, number]): string {
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}

describe('siphash', () => {
  it('gives the value of the paper for fifteen bytes', () => {
    expect(
      hex(
        siphash(
          Uint8Array.from({ length: 15 }, (_, i) => i),
          15,
          key,
        ),
      ),
    ).toBe('a129ca6149be45e5');
  });
  it('gives the reference values for nothing and for eight bytes', () => {
    expect(hex(siphash(new Uint8Array(0), 0, key))).toBe('726fdb47dd0e0e31');
    expect(
      hex(
        siphash(
          Uint8Array.from({ length: 8 }, (_, i) => i),
          8,
          key,
        ),
      ),
    ).toBe('93f5f5799a932462');
  });
  it('takes words as little-endian bytes', () => {
    expect(hex(siphash_u32s([0x03020100, 0x07060504], key))).toBe('93f5f5799a932462');
  });
});
