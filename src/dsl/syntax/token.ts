// Tokens. SystemTap's messages name the token at which something is wrong (`identifier 'x' at f.stp:1:2`),
// so every node of the tree keeps one; see ast.ts.
import type { SourceFile, Span } from '../source/source.js';

export type TokenType = 'junk' | 'identifier' | 'operator' | 'string' | 'number' | 'embedded-code' | 'keyword';

/** A token, placed in the text it was read from. */
export interface Token extends Span {
  readonly type: TokenType;
  /** The text; for a string literal its value with the escapes done, for embedded code what stands inside. */
  readonly content: string;
  /** Set when a macro or a command line argument gave this token: the token at which it was called for. */
  readonly via: Token | null;
  /** What is wrong with a junk token; '' leaves it to the parser ("expected …, saw junk"). */
  readonly fault: string;
}

/** Makes a token; `via` and `fault` are empty. */
export function makeToken(type: TokenType, content: string, source: SourceFile, start: number, end: number): Token {
  return { type, content, source, start, end, via: null, fault: '' };
}

/** A token for nodes that no text stands for (made by the compiler), placed at an existing one. */
export function tokenAt(at: Token, type: TokenType, content: string): Token {
  return { type, content, source: at.source, start: at.start, end: at.end, via: at.via, fault: '' };
}

/** The first source text of a token in which a person wrote something: where the outermost macro was called. */
export function writtenAt(token: Token): Token {
  let t = token;
  while (t.via) t = t.via;
  return t;
}

/** Line and column of a token, from 1. */
export function tokenPlace(token: Token): { readonly source: SourceFile; readonly line: number; readonly col: number } {
  return { source: token.source, ...token.source.lineCol(token.start) };
}
