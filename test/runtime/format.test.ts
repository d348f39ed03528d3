// The printf family against hand-written expectations and, for the common directives, the printf of C as
// the shell's printf shows it, restated here over BigInt.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FormatPiece } from '#tsprobe/dsl/abi.js';
import { compileFormat } from '#tsprobe/runtime/format.js';

type Conversion = Extract<FormatPiece, { kind: 'conversion' }>;
const memory = (_address: unknown, length: number) => 'memory'.slice(0, length);
const piece = (
  conversion: Conversion['conversion'],
  flags = '',
  width: Conversion['width'] = null,
  precision: Conversion['precision'] = null,
): FormatPiece => ({ kind: 'conversion', conversion, flags, width, precision });
const print = (p: FormatPiece, ...args: (number | bigint | string)[]) => compileFormat([p], memory)(...args);

const big = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const long = big.map((b) => (Number.isSafeInteger(Number(b)) ? Number(b) : b));

describe('integers', () => {
  test.each([
    [piece('d', '', 5), [42], '   42'],
    [piece('d', '-', 5), [42], '42   '],
    [piece('d', '0', 5), [-42], '-0042'],
    [piece('d', '0', 8, 3), [5], '00000005'],
    [piece('d', '', 8, 3), [5], '     005'],
    [piece('d', '+'), [5], '+5'],
    [piece('d', ' '), [5], ' 5'],
    [piece('d', '+', 5), [7], '   +7'],
    [piece('x', '#'), [255], '0xff'],
    [piece('X', '#'), [255], '0XFF'],
    [piece('o', '#'), [8], '010'],
    [piece('x'), [-1], 'ffffffffffffffff'],
    [piece('u'), [-1], '18446744073709551615'],
    [piece('p'), [0xdeadbeef], '0xdeadbeef'],
    [piece('p', '-', 10), [0x12], '0x12      '],
    [piece('d', '', '*'), [6, 42], '    42'],
    [piece('d', '', '*'), [-6, 42], '42'],
    [piece('d', '', '*', '*'), [6, 4, 42], '  0042'],
  ] as const)('%o of %o is "%s"', (p, args, text) => {
    expect(print(p, ...args)).toBe(text);
  });

  test('%d, %x and %o agree with BigInt over the whole range', () => {
    fc.assert(
      fc.property(long, (value) => {
        const b = BigInt(value);
        expect(print(piece('d'), value)).toBe(b.toString());
        expect(print(piece('x'), value)).toBe(BigInt.asUintN(64, b).toString(16));
        expect(print(piece('o'), value)).toBe(BigInt.asUintN(64, b).toString(8));
      }),
    );
  });

  test('width pads on the side the flags say and never cuts', () => {
    fc.assert(
      fc.property(long, fc.integer({ min: 0, max: 40 }), (value, width) => {
        const bare = BigInt(value).toString();
        expect(print(piece('d', '', width), value)).toBe(bare.padStart(width));
        expect(print(piece('d', '-', width), value)).toBe(bare.padEnd(width));
        const digits = bare.replace('-', '');
        const sign = bare.startsWith('-') ? '-' : '';
        expect(print(piece('d', '0', width), value)).toBe(sign + digits.padStart(width - sign.length, '0'));
      }),
    );
  });
});

describe('texts and bytes', () => {
  test.each([
    [piece('s', '', 5, 2), ['abc'], '   ab'],
    [piece('s', '-', 5), ['abc'], 'abc  '],
    [piece('c'), [321], 'A'],
    [piece('c', '', 3), [88], '  X'],
    [piece('c', '#'), [10], '\\n'],
    [piece('c', '#', 6), [1], '  \\001'],
    [piece('s', '0', 5), ['ab'], '   ab\0'],
    [piece('b', '', 4), [0x44434241], 'ABCD'],
    [piece('b'), [0x6867666564636261n], 'abcdefgh'],
    [piece('m', '', 3), [4096], '  m'],
    [piece('M', '', null, 2), [4096], '6d65'],
  ] as const)('%o of %o is "%s"', (p, args, text) => {
    expect(print(p, ...args)).toBe(text);
  });

  test('a format of several pieces takes its arguments in order', () => {
    const format = compileFormat(
      [piece('s'), { kind: 'text', text: '=' }, piece('d'), { kind: 'text', text: '%;' }, piece('s')],
      memory,
    );
    expect(format('k', 5, 'x')).toBe('k=5%;x');
  });
});
