// The lexer: characters of one source text to tokens, one at a time. Read beside it: stap(1), "LEXICAL
// ELEMENTS". A literal string keeps its escapes until the parser has joined neighbouring literals
// ("\x4" "1" is one escape in SystemTap), and what is malformed becomes a `junk` token that carries its
// message, so that it matters only if the parser ever gets there. Left out: nothing.
import { SourceFile } from '../source/source.js';
import { makeToken } from '../syntax/token.js';
import type { Token, TokenType } from '../syntax/token.js';
import { lexFaults } from '../diagnostics/parse-errors.js';

const keywords = new Set([
  'probe', 'global', 'private', 'function', 'if', 'else', 'for', 'foreach', 'in', 'limit', 'return', 'delete',
  'while', 'break', 'continue', 'next', 'string', 'long', 'try', 'catch',
]); // prettier-ignore

const operators3 = new Set(['<<<', '<<=', '>>=', '>>>']);
const operators2 = new Set([
  '||', '&&', '++', '--', '->', '<=', '>=', '==', '!=', '<<', '>>', '+=', '-=', '*=', '/=', '%=', '&=', '^=', '|=',
  '.=', '%(', '%?', '%:', '%)', '%}', '=~', '!~',
]); // prettier-ignore

const isDigit = (c: number): boolean => c >= 48 && c <= 57;
const isAlpha = (c: number): boolean => (c >= 97 && c <= 122) || (c >= 65 && c <= 90);
const isWord = (c: number): boolean => isAlpha(c) || isDigit(c) || c === 95 || c === 36;
const isSpace = (c: number): boolean => c === 32 || (c >= 9 && c <= 13);
const isPunct = (c: number): boolean => c > 32 && c < 127 && !isAlpha(c) && !isDigit(c);

/** Undoes the escapes of a string literal as C does; the text ends at the first NUL. */
export function decodeString(raw: string): string {
  if (!raw.includes('\\')) return raw;
  const simple: Record<string, string> = { a: '\x07', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r' };
  const text = raw.replace(
    /\\(?:x([0-9a-fA-F]+)|([0-7]{1,3})|([^]))/g,
    (_all, hex: string | undefined, octal: string | undefined, other: string | undefined) => {
      if (hex !== undefined) return String.fromCharCode(parseInt(hex.slice(-2), 16));
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8) & 255);
      return simple[other ?? ''] ?? other ?? '';
    },
  );
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

export class Lexer {
  private readonly source: SourceFile;
  private readonly text: string;
  /** Command line arguments for $1 @1 $# @#; null where they have no meaning (libraries). */
  private readonly args: readonly string[] | null;
  private pos = 0;
  private readonly pending: Token[] = [];

  constructor(source: SourceFile, args: readonly string[] | null) {
    this.source = source;
    this.text = source.text;
    this.args = args;
  }

  /** The next token, or null at the end of the text. */
  next(): Token | null {
    const waiting = this.pending.shift();
    if (waiting) return waiting;
    this.skipBlanks();
    const start = this.pos;
    if (start >= this.text.length) return null;
    const c = this.text.charCodeAt(start);
    if (isAlpha(c) || c === 95 || c === 36 || c === 64) return this.word(start, c);
    if (isDigit(c)) {
      let end = start + 1;
      while (isAlpha(this.text.charCodeAt(end)) || isDigit(this.text.charCodeAt(end))) end++;
      return this.token('number', start, end);
    }
    if (c === 34) return this.string(start);
    if (isPunct(c)) return this.operator(start);
    this.pos = start + 1;
    return makeToken('junk', '\\x' + c.toString(16).padStart(2, '0'), this.source, start, start + 1);
  }

  private token(type: TokenType, start: number, end: number): Token {
    this.pos = end;
    return makeToken(type, this.text.slice(start, end), this.source, start, end);
  }

  private junk(start: number, fault: string): Token {
    return { ...makeToken('junk', '', this.source, start, this.pos), fault };
  }

  private skipBlanks(): void {
    const { text } = this;
    for (;;) {
      const c = text.charCodeAt(this.pos);
      if (isSpace(c)) this.pos++;
      else if (c === 35 || (c === 47 && text.charCodeAt(this.pos + 1) === 47)) {
        const end = text.indexOf('\n', this.pos);
        this.pos = end < 0 ? text.length : end + 1;
      } else if (c === 47 && text.charCodeAt(this.pos + 1) === 42) {
        // An open comment runs to the end of the text without complaint, as in SystemTap.
        const end = text.indexOf('*/', this.pos + 2);
        this.pos = end < 0 ? text.length : end + 2;
      } else return;
    }
  }

  private word(start: number, first: number): Token {
    const { text } = this;
    let end = start + 1;
    while (isWord(text.charCodeAt(end))) end++;
    if (first === 36 || first === 64) {
      if (end === start + 1 && text.charCodeAt(end) === 35) return this.argument(start, end + 1);
      if (end > start + 1 && /^\d+$/.test(text.slice(start + 1, end))) return this.argument(start, end);
      return this.token(first === 64 ? 'operator' : 'identifier', start, end);
    }
    return this.token(keywords.has(text.slice(start, end)) ? 'keyword' : 'identifier', start, end);
  }

  /** `$1` and `$#` are replaced by the argument's tokens, `@1` and `@#` by it as a string literal. */
  private argument(start: number, end: number): Token {
    const { args } = this;
    const quoted = this.text.charCodeAt(start) === 64;
    const which = this.text.slice(start + 1, end);
    this.pos = end;
    if (!args) return this.junk(start, lexFaults.argumentsInLibrary());
    const number = which === '#' ? 0 : Number(which);
    if (which !== '#' && (number < 1 || number > args.length))
      return this.junk(start, lexFaults.argumentRange(args.length));
    const value = which === '#' ? String(args.length) : args[number - 1];
    if (quoted) {
      return makeToken('string', value.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n'), this.source, start, end);
    }
    // The argument may itself be any number of tokens. They are placed from the `$1` onwards.
    const inner = new Lexer(new SourceFile(this.source.name, value), null);
    for (let t = inner.next(); t; t = inner.next()) {
      this.pending.push({ ...t, source: this.source, start: start + t.start, end });
    }
    return this.pending.shift() ?? this.next() ?? this.junk(start, lexFaults.argumentRange(args.length));
  }

  private string(start: number): Token {
    const { text } = this;
    let content = '';
    let run = start + 1;
    let i = run;
    for (;;) {
      const c = text.charCodeAt(i);
      if (Number.isNaN(c) || c === 10) {
        this.pos = i;
        return this.junk(start, lexFaults.openString());
      }
      if (c === 34) break;
      if (c === 92) {
        const next = text[i + 1] ?? '';
        if (next !== '' && !'abtnvfrx\\01234567'.includes(next)) {
          content += text.slice(run, i);
          run = i + 1;
        }
        i += 2;
      } else i++;
    }
    content += text.slice(run, i);
    this.pos = i + 1;
    return makeToken('string', content, this.source, start, i + 1);
  }

  private operator(start: number): Token {
    const { text } = this;
    const two = text.slice(start, start + 2);
    if (two === '%{') {
      const end = text.indexOf('%}', start + 2);
      if (end < 0) {
        this.pos = text.length;
        return this.junk(start, lexFaults.openEmbedded());
      }
      this.pos = end + 2;
      return makeToken('embedded-code', text.slice(start + 2, end), this.source, start, end + 2);
    }
    if (operators3.has(text.slice(start, start + 3))) return this.token('operator', start, start + 3);
    return this.token('operator', start, start + (operators2.has(two) ? 2 : 1));
  }
}
