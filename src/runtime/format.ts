// The printf family: one directive and its value to text. Formats arrive parsed (dsl/abi.ts,
// FormatPiece); what a format may hold was checked by the parser. Read beside it: SystemTap Language
// Reference, "printf", and stap's function::printf page. %m and %M read memory through `Memory`.
import type { FormatPiece, Formatter, Long, Value } from '../dsl/abi.js';
import { quoteText } from './builtins/quote.js';
import { unsigned } from './values.js';

/** Reads `length` bytes of kernel memory at an address, one char per byte; throws on a fault. */
export type Memory = (address: Long, length: number) => string;

interface NumberStyle {
  readonly base: 8 | 10 | 16;
  readonly signed: boolean;
  readonly zeroPad: boolean;
  readonly plus: boolean;
  readonly space: boolean;
  readonly special: boolean;
  readonly left: boolean;
  readonly uppercase: boolean;
}

/**
 * An integer as the kernel's printf lays it out: width covers sign, prefix and digits; zeros of the `0`
 * flag come after sign and prefix; a precision is a least number of digits and does not switch `0` off.
 * @param width -1 for none; @param precision -1 for none
 */
export function formatNumber(value: Long, style: NumberStyle, width: number, precision: number): string {
  let sign = '';
  let digits: string;
  if (style.signed) {
    const negative = value < 0;
    digits = (negative ? -BigInt(value) : value).toString(style.base);
    sign = negative ? '-' : style.plus ? '+' : style.space ? ' ' : '';
  } else {
    digits = (value >= 0 ? value : unsigned(value)).toString(style.base);
  }
  if (style.uppercase) digits = digits.toUpperCase();
  if (style.special) {
    if (style.base === 16) sign += style.uppercase ? '0X' : '0x';
    else if (style.base === 8) sign += '0';
  }
  if (digits.length < precision) digits = digits.padStart(precision, '0');
  const room = width - sign.length - digits.length;
  if (room <= 0) return sign + digits;
  if (style.left) return sign + digits + ' '.repeat(room);
  return style.zeroPad ? sign + '0'.repeat(room) + digits : ' '.repeat(room) + sign + digits;
}

/** Text cut to `precision` bytes (-1: whole) and filled up with spaces to `width`. */
export function formatText(text: string, left: boolean, width: number, precision: number): string {
  const part = precision >= 0 && precision < text.length ? text.slice(0, precision) : text;
  if (part.length >= width) return part;
  return left ? part.padEnd(width) : part.padStart(width);
}

/** `%b`: the low 1, 2, 4 or 8 bytes of a number, little endian, as raw bytes. */
function formatBinary(value: Long, width: number, precision: number): string {
  const asked = precision >= 0 ? precision : width;
  const size = asked === 1 || asked === 2 || asked === 4 ? asked : 8;
  let rest = unsigned(value);
  let text = '';
  for (let i = 0; i < size; i++) {
    text += String.fromCharCode(Number(rest & 0xffn));
    rest >>= 8n;
  }
  return precision >= 0 && width > size ? '\0'.repeat(width - size) + text : text;
}

/** `%m` and `%M`: memory as bytes or as hexadecimal digits; the precision tells how many, one without it. */
function formatMemory(address: Long, hex: boolean, left: boolean, width: number, precision: number, memory: Memory) {
  const length = precision > 0 ? precision : 1;
  const bytes = memory(address, length);
  if (!hex) return formatText(bytes, left, width, -1);
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += bytes.charCodeAt(i).toString(16).padStart(2, '0');
  return formatText(text, left, width, -1);
}

/** Text of one value, given the width and precision that hold for it (-1: none). */
type Convert = (value: Value, width: number, precision: number) => string;

function converter(piece: Conversion, memory: Memory): Convert {
  const has = (flag: string): boolean => piece.flags.includes(flag);
  const left = has('-');
  const style: NumberStyle = {
    base: 10,
    signed: false,
    zeroPad: has('0'),
    plus: has('+'),
    space: has(' '),
    special: has('#'),
    left,
    uppercase: piece.conversion === 'X',
  };
  const number =
    (changes: Partial<NumberStyle>, own = { ...style, ...changes }): Convert =>
    (value, width, precision) =>
      formatNumber(value as Long, own, width, precision);
  switch (piece.conversion) {
    case 'd':
    case 'i':
      return number({ signed: true });
    case 'u':
      return number({});
    case 'o':
      return number({ base: 8 });
    case 'x':
    case 'X':
      return number({ base: 16 });
    case 'p':
      return number({ base: 16, special: true });
    case 's':
      // With the flag `0` SystemTap writes the string's NUL, too.
      return (value, width, precision) =>
        formatText(value as string, left, width, precision) + (style.zeroPad ? '\0' : '');
    case 'c': {
      const char = (value: Value): string => String.fromCharCode(Number(BigInt(value) & 0xffn));
      // With `#` what cannot be printed is escaped.
      return (value, width) => formatText(style.special ? quoteText(char(value)) : char(value), left, width, -1);
    }
    case 'b':
      return (value, width, precision) => formatBinary(value as Long, width, precision);
    case 'm':
    case 'M':
      return (value, width, precision) =>
        formatMemory(value as Long, piece.conversion === 'M', left, width, precision, memory);
  }
}

type Conversion = Extract<FormatPiece, { kind: 'conversion' }>;

/**
 * Compiles a format. The result takes the arguments in order, those of `*` widths and precisions before
 * their value; a negative width from an argument counts as none. It is one JavaScript expression, for
 * printf is what most handlers do: three times as fast as going through the pieces at each call.
 */
export function compileFormat(pieces: readonly FormatPiece[], memory: Memory): Formatter {
  const converters: Convert[] = [];
  const parameters: string[] = [];
  const parameter = (): string => {
    const name = `a${parameters.length}`;
    parameters.push(name);
    return name;
  };
  const size = (given: number | '*' | null): string =>
    given === '*' ? `Math.max(0, Number(${parameter()}))` : String(given ?? -1);
  const terms = pieces.map((piece) => {
    if (piece.kind === 'text') return JSON.stringify(piece.text);
    const width = size(piece.width);
    const precision = size(piece.precision);
    const value = parameter();
    if (precision === '-1' && (piece.flags === '' || piece.flags === '-') && 'dis'.includes(piece.conversion)) {
      if (piece.width === null) return value;
      if (piece.width !== '*') return `String(${value}).${piece.flags === '' ? 'padStart' : 'padEnd'}(${width})`;
    }
    converters.push(converter(piece, memory));
    return `$c[${converters.length - 1}](${value}, ${width}, ${precision})`;
  });
  const text = ['""', ...terms].join(' + ');
  return new Function('$c', `return (${parameters.join(', ')}) => ${text};`)(converters) as Formatter;
}
