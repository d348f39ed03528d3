// The printf family: one directive and its value to text. Directives arrive parsed (dsl/syntax/ast.ts,
// FormatDirective); what a format may hold was checked by the parser. Read beside it: SystemTap Language
// Reference, "printf", and stap's function::printf page. %m and %M read memory through `Memory`.
import type { FormatDirective } from '../dsl/syntax/ast.js';
import { unsigned, type Long, type Value } from './values.js';

/** Reads `length` bytes of kernel memory at an address, one char per byte; throws on a fault. */
export type Memory = (address: Long, length: number) => string;

type NumberStyle = Pick<
  FormatDirective,
  'base' | 'signed' | 'zeroPad' | 'plus' | 'space' | 'special' | 'left' | 'uppercase'
>;

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

/** `%m` and `%M`: memory as bytes or as hexadecimal digits; the precision, else the width, tells how many. */
function formatMemory(address: Long, hex: boolean, left: boolean, width: number, precision: number, memory: Memory) {
  const length = precision >= 0 ? precision : width > 0 ? width : 1;
  const bytes = memory(address, length);
  if (!hex) return formatText(bytes, left, width, -1);
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += bytes.charCodeAt(i).toString(16).padStart(2, '0');
  return formatText(text, left, width, -1);
}

const pointer: NumberStyle = {
  base: 16,
  signed: false,
  zeroPad: false,
  plus: false,
  space: false,
  special: true,
  left: false,
  uppercase: false,
};

/** One directive with its value, whatever its kind. */
export function formatDirective(
  directive: FormatDirective,
  value: Value,
  width: number,
  precision: number,
  memory: Memory,
): string {
  switch (directive.kind) {
    case 'number':
    case 'size':
      return formatNumber(value as Long, directive, width, precision);
    case 'pointer':
      return formatNumber(value as Long, { ...pointer, left: directive.left }, width, precision);
    case 'string':
      return formatText(String(value), directive.left, width, precision);
    case 'char':
      return formatText(String.fromCharCode(Number(BigInt(value) & 0xffn)), directive.left, width, -1);
    case 'binary':
      return formatBinary(value as Long, width, precision);
    case 'memory':
    case 'memory-hex':
      return formatMemory(
        value as Long,
        directive.kind === 'memory-hex',
        directive.left,
        width,
        precision,
        memory,
      );
    case 'percent':
      return '%';
    case 'literal':
      return directive.text;
  }
}

/**
 * A whole format. Arguments stand in order, those of `*` widths and precisions among them.
 * A negative width from an argument counts as none.
 */
export function format(directives: readonly FormatDirective[], args: readonly Value[], memory: Memory): string {
  let text = '';
  let next = 0;
  const star = (): number => Math.max(0, Number(args[next++]));
  for (const directive of directives) {
    if (directive.kind === 'literal') {
      text += directive.text;
      continue;
    }
    const width = directive.width === '*' ? star() : (directive.width ?? -1);
    const precision = directive.precision === '*' ? star() : (directive.precision ?? -1);
    if (directive.kind === 'percent') text += '%';
    else text += formatDirective(directive, args[next++], width, precision, memory);
  }
  return text;
}
