// Words of a packetdrill script. Longest match decides, as in the original: `3021b9` is a word, `0...0.3` is
// a number, an ellipsis and a number.

export type TokenKind = 'integer' | 'float' | 'word' | 'string' | 'backquoted' | 'code' | 'option' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** What is wrong with a script, and where. */
export class PacketdrillSyntaxError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const SPACE = /(?:\s|\/\/[^\n]*|#[^\n]*|\/\*[^]*?\*\/)+/y;
const RULES: readonly (readonly [TokenKind, RegExp])[] = [
  ['float', /[0-9]+\.[0-9]+|[0-9]+\.(?!\.)|\.[0-9]+/y],
  ['integer', /0[xX][0-9a-fA-F]+|[0-9]+/y],
  ['word', /[a-zA-Z0-9_]*[a-zA-Z_][a-zA-Z0-9_]*/y],
  ['string', /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'/y],
  ['backquoted', /`(?:[^`\\]|\\[^])*`/y],
  ['code', /%\{[^]*?\}%/y],
  ['option', /--[a-zA-Z0-9_]+/y],
  ['symbol', /\.\.\.|\|\||&&|<<|>>|[-+*/~<>=(){}[\],.|&:?!^;]/y],
];

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  const advance = (length: number): void => {
    for (let i = at; i < at + length; i++) if (text[i] === '\n') line++;
    at += length;
  };
  for (;;) {
    SPACE.lastIndex = at;
    const space = SPACE.exec(text);
    if (space !== null) advance(space[0].length);
    if (at >= text.length) break;
    let best: { kind: TokenKind; text: string } | null = null;
    for (const [kind, rule] of RULES) {
      rule.lastIndex = at;
      const match = rule.exec(text);
      if (match !== null && (best === null || match[0].length > best.text.length)) best = { kind, text: match[0] };
    }
    if (best === null) throw new PacketdrillSyntaxError(line, `unexpected character '${text[at]}'`);
    tokens.push({ kind: best.kind, text: best.text, line, start: at, end: at + best.text.length });
    advance(best.text.length);
  }
  tokens.push({ kind: 'end', text: 'end of file', line, start: at, end: at });
  return tokens;
}
