/**
 * The print family to JavaScript: plain conversions become a template literal, the rest goes through a compiled
 * format. Read beside it: SystemTap Language Reference 7.
 */
import type { FormatPiece } from '../abi.js';
import { refuse } from '../passes/compilation.js';
import type { FormatDirective } from '../syntax/ast.js';
import type { Expr, PrintExpr } from '../types/tree.js';
import { stringText } from './literals.js';
import type { ExpressionWriter } from './expressions.js';

/** One part of a text: literal text, or JavaScript that gives something to be converted. */
type Part = { readonly literal: string } | { readonly code: string };

function template(parts: readonly Part[]): string {
  const [only] = parts;
  if (parts.length === 0) return "''";
  if (parts.every((p) => 'literal' in p))
    return stringText(parts.map((p) => ('literal' in p ? p.literal : '')).join(''));
  if (parts.length === 1 && 'code' in only) return `String(${only.code})`;
  const escape = (s: string) =>
    stringText(s)
      .slice(1, -1)
      .replace(/\\"/g, '"')
      .replace(/`|\$\{/g, '\\$&');
  return `\`${parts.map((p) => ('literal' in p ? escape(p.literal) : `\${${p.code}}`)).join('')}\``;
}

function flagsOf(d: FormatDirective): string {
  return (
    (d.special ? '#' : '') + (d.zeroPad ? '0' : '') + (d.left ? '-' : '') + (d.plus ? '+' : '') + (d.space ? ' ' : '')
  );
}

function conversionOf(d: FormatDirective): Extract<FormatPiece, { kind: 'conversion' }>['conversion'] {
  switch (d.kind) {
    case 'pointer':
      return 'p';
    case 'string':
      return 's';
    case 'char':
      return 'c';
    case 'binary':
      return 'b';
    case 'memory':
      return 'm';
    case 'memory-hex':
      return 'M';
    default:
      if (d.base === 16) return d.uppercase ? 'X' : 'x';
      if (d.base === 8) return 'o';
      return d.signed ? 'd' : 'u';
  }
}

function pieceOf(d: FormatDirective): FormatPiece {
  if (d.kind === 'literal') return { kind: 'text', text: d.text };
  if (d.kind === 'percent') return { kind: 'text', text: '%' };
  const { width, precision } = d;
  return { kind: 'conversion', conversion: conversionOf(d), flags: flagsOf(d), width, precision };
}

/** A conversion that a template literal can do itself: the text of the argument, converted. */
function simple(w: ExpressionWriter, d: FormatDirective, arg: Expr): Part | null {
  if (d.width !== null || d.precision !== null) return null;
  const flags = flagsOf(d);
  if (d.kind === 'string') return arg.kind === 'string' ? { literal: arg.value } : { code: w.value(arg) };
  if (d.kind !== 'number') return null;
  const value = w.value(arg);
  if (d.signed && d.base === 10 && (flags === '' || flags === '0')) return { code: value };
  if (d.uppercase || (flags !== '' && flags !== '#')) return null;
  const unsigned = `${w.helper('$uns')}(${value})`;
  if (d.base === 10) return { code: unsigned };
  if (d.base === 16) return { code: `${flags === '#' ? "'0x' + " : ''}${unsigned}.toString(16)` };
  return null;
}

/** printf's text. */
function formatted(w: ExpressionWriter, e: PrintExpr): { text: string; formatter: string | null } {
  const parts: Part[] = [];
  const args = [...e.args];
  let plain = true;
  for (const d of e.directives) {
    if (d.kind === 'literal' || d.kind === 'percent') {
      parts.push({ literal: d.kind === 'percent' ? '%' : d.text });
      continue;
    }
    const arg = args.shift();
    const part: Part | null = arg && d.width !== '*' && d.precision !== '*' ? simple(w, d, arg) : null;
    if (!part) {
      plain = false;
      break;
    }
    parts.push(part);
  }
  if (plain) return { text: template(parts), formatter: null };
  const formatter = w.tables.constant('$f', `$rt.format(${JSON.stringify(e.directives.map(pieceOf))})`);
  return { text: `${formatter}(${e.args.map((a) => uncapped(w, a)).join(', ')})`, formatter };
}

/** A literal may be longer in output than a string variable can hold. */
function uncapped(w: ExpressionWriter, e: Expr): string {
  return e.kind === 'string' ? stringText(e.value) : w.value(e);
}

export function printExpression(w: ExpressionWriter, e: PrintExpr): string {
  if (e.hist) {
    // Its own last line is empty already, so println adds nothing.
    const text = `${w.statistics(e.hist.stat)}.histogram()`;
    const site = w.tables.site(e.hist.tok);
    return e.toStream ? `($s.site = ${site}, $rt.print(${text}), 0)` : `${w.helper('$cap')}(${text})`;
  }
  if (e.args.length > 32) refuse(`too many arguments to print (${e.args.length})`, e.tok, { key: 'print arguments' });
  let text: string;
  // A string ends at a NUL, which only some conversions can make.
  let cap = '$cap';
  if (e.formatted) {
    const made = formatted(w, e);
    text = made.text;
    if (made.formatter) cap = '$ccap';
    const memory = e.directives.some((d) => d.kind === 'memory' || d.kind === 'memory-hex');
    if (memory) text = `($s.site = ${w.tables.site(e.tok)}, ${text})`;
  } else if (e.char) {
    cap = '$ccap';
    text = e.args.map((a) => `String.fromCharCode(Number(BigInt.asUintN(8, BigInt(${w.value(a)}))))`).join(' + ');
  } else {
    const parts: Part[] = [];
    e.args.forEach((arg, i) => {
      if (i > 0 && e.delimiter) parts.push({ literal: e.delimiter });
      parts.push(arg.kind === 'string' ? { literal: arg.value } : { code: w.value(arg) });
    });
    if (e.newline) parts.push({ literal: '\n' });
    text = template(parts);
  }
  return e.toStream ? `($rt.print(${text}), 0)` : `${w.helper(cap)}(${text})`;
}
