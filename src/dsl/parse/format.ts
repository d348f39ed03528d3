// The format text of printf and sprintf, cut into directives. Read beside it: function::printf(3stap). As in
// SystemTap a directive has at most one flag character (a `0` after another flag is part of the width), no
// length modifiers, and 16-bit and floating-point conversions do not exist.
import { refusals } from '../diagnostics/parse-errors.js';
import type { FormatDirective } from '../syntax/ast.js';
import { ParseError } from './parse-error.js';

const plain: Omit<FormatDirective, 'kind'> = {
  text: '', base: 10, signed: false, zeroPad: false, plus: false, space: false, special: false, left: false,
  uppercase: false, width: null, precision: null,
}; // prettier-ignore

const conversions: Record<string, Partial<FormatDirective> & Pick<FormatDirective, 'kind'>> = {
  b: { kind: 'binary' },
  c: { kind: 'char' },
  d: { kind: 'number', signed: true },
  i: { kind: 'number', signed: true },
  u: { kind: 'number' },
  o: { kind: 'number', base: 8 },
  x: { kind: 'number', base: 16 },
  X: { kind: 'number', base: 16, uppercase: true },
  p: { kind: 'pointer', base: 16 },
  P: { kind: 'pointer', base: 16, uppercase: true },
  s: { kind: 'string' },
  m: { kind: 'memory' },
  M: { kind: 'memory-hex' },
};

const flags: Record<string, Partial<FormatDirective>> = {
  '0': { zeroPad: true },
  '+': { plus: true },
  '-': { left: true },
  ' ': { space: true },
  '#': { special: true },
};

const directive = /%(?:(%)|([0+\- #])?(\*|\d+)?(?:\.(\*|\d*))?([bcdiuoxXpPsmM]))/y;

/** Cuts a format (escapes already done) into literals and conversions; throws on a malformed one. */
export function parseFormat(format: string): FormatDirective[] {
  const out: FormatDirective[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal) out.push({ ...plain, kind: 'literal', text: literal });
    literal = '';
  };
  for (let i = 0; i < format.length;) {
    const percent = format.indexOf('%', i);
    literal += percent < 0 ? format.slice(i) : format.slice(i, percent);
    if (percent < 0) break;
    directive.lastIndex = percent;
    const m = directive.exec(format);
    if (!m) throw new ParseError(refusals.conversion());
    i = directive.lastIndex;
    if (m[1]) {
      literal += '%';
      continue;
    }
    flush();
    out.push({
      ...plain,
      ...conversions[m[5]],
      ...(m[2] ? flags[m[2]] : {}),
      width: size(m[3]),
      precision: size(m[4]),
    });
  }
  flush();
  return out;
}

function size(text: string | undefined): number | '*' | null {
  return text === undefined ? null : text === '*' ? '*' : Math.min(Number(text), 1_000_000);
}
