// String functions. Read beside it: dsl/builtins/strings.ts (what they are), SystemTap Tapset Reference.
// Strings hold one byte per character.
import type { BuiltinGroup } from '../services.js';
import type { Long } from '../../dsl/abi.js';
import { fromBigInt } from '../values.js';
import { quoteText } from './quote.js';

/** The digit's value; NaN for what is no digit in base 16, which is as far as the kernel's parser goes. */
function digit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  if (code >= 65 && code <= 70) return code - 55;
  return NaN;
}

/** The kernel's simple_strtol: no blanks, no plus sign; wraps at 64 bits; stops at what is no digit. */
export function strtol(text: string, base: number): Long {
  const negative = text.startsWith('-');
  let i = negative ? 1 : 0;
  const prefixed =
    text[i] === '0' && (text[i + 1] === 'x' || text[i + 1] === 'X') && digit(text.charCodeAt(i + 2)) < 16;
  if (base === 0) base = prefixed ? 16 : text[i] === '0' ? 8 : 10;
  if (base === 16 && prefixed) i += 2;
  let value = 0n;
  for (; i < text.length; i++) {
    const d = digit(text.charCodeAt(i));
    if (!(d < base)) break;
    value = value * BigInt(base) + BigInt(d);
  }
  return fromBigInt(negative ? -value : value);
}

export const strings: BuiltinGroup = (rt) => {
  let rest = ''; // of tokenize's last input
  const text = (v: unknown): string => v as string;
  return {
    strlen: (s) => text(s).length,
    substr: (s, start, length) => {
      const [from, count] = [Number(start), Number(length)];
      return from < 0 || count <= 0 || from >= text(s).length ? '' : text(s).slice(from, from + count);
    },
    stringat: (s, pos) => {
      const at = Number(pos);
      if (at < 0 || at >= text(s).length) throw new rt.ScriptError('Position out of bounds');
      return (text(s).charCodeAt(at) << 24) >> 24;
    },
    isinstr: (s, t) => (text(s).includes(text(t)) ? 1 : 0),
    strpos: (s, t) => text(s).indexOf(text(t)),
    isdigit: (s) => (/^[0-9]/.test(text(s)) ? 1 : 0),
    str_replace: (s, search, replacement) =>
      search === '' ? s : rt.cut(text(s).split(text(search)).join(text(replacement))),
    strtol: (s, base) => strtol(text(s), Number(base)),
    tokenize: (input, delimiters) => {
      if (input !== '') rest = text(input);
      let start = 0;
      while (start < rest.length && text(delimiters).includes(rest[start])) start++;
      let end = start;
      while (end < rest.length && !text(delimiters).includes(rest[end])) end++;
      const token = rest.slice(start, end);
      rest = rest.slice(end + 1);
      return token;
    },
    text_str: (s) => rt.cut(quoteText(text(s))),
    text_strn: (s, length, quoted) => {
      const most = Math.max(0, Math.min(Number(length) || rt.limits.string, rt.limits.string));
      return quoted ? quoteBounded(text(s), most) : quoteText(text(s)).slice(0, most);
    },
    string_quoted: (s) => quoteBounded(text(s), rt.limits.string),
    matched: (n) => {
      const found = rt.matches?.[Number(n)];
      if (found === undefined) throw new rt.ScriptError(`Attempted to get nonexistent subexpression ${n}`);
      return found;
    },
    ngroups: () => {
      if (!rt.matches) throw new rt.ScriptError('Attempted to get the number of groups without a match');
      return rt.matches.length;
    },
  };
};

/** In quotes, at most `most` characters with them; what was cut shows as `"...`, never half an escape. */
export function quoteBounded(text: string, most: number): string {
  const whole = `"${quoteText(text)}"`;
  if (whole.length <= most) return whole;
  let kept = '';
  for (const c of text) {
    const shown = quoteText(c);
    if (kept.length + shown.length > most - 5) break;
    kept += shown;
  }
  return `"${kept}"...`;
}
