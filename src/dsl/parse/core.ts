// What all parts of the parser stand on: one token of lookahead, the expectations with SystemTap's words,
// and positions. Messages report the last token that was looked at, so peeking is part of the behaviour.
import { refusals } from '../diagnostics/parse-errors.js';
import type { SourceFile, Span } from '../source/source.js';
import type { Token } from '../syntax/token.js';
import { ParseError } from './parse-error.js';

export interface TokenStream {
  next(): Token | null;
}

/** Expressions and statements may nest this deep; more is refused, not a crash. */
const maxDepth = 150;
const maxStatementDepth = 400;

export class ParserCore {
  protected readonly stream: TokenStream;
  protected readonly source: SourceFile;
  /** May embedded code and @const be used? */
  protected readonly privileged: boolean;
  private ahead: Token | null = null;
  private depth = 0;
  private statementDepth = 0;
  /** The last token looked at, which messages report; null at the end of the file. */
  protected last: Token | null = null;
  /** The last token consumed. */
  protected consumed: Token | null = null;

  constructor(stream: TokenStream, source: SourceFile, privileged: boolean) {
    this.stream = stream;
    this.source = source;
    this.privileged = privileged;
  }

  protected peek(): Token | null {
    if (!this.ahead) this.ahead = this.stream.next();
    return (this.last = this.ahead);
  }

  /** Consumes a token; the end of the file is refused, with the token before it unless that was peeked past. */
  protected next(): Token {
    const t = this.ahead ?? this.stream.next();
    if (!t) throw new ParseError(refusals.endOfFile());
    this.last = t;
    this.ahead = null;
    return (this.consumed = t);
  }

  /** Consumes the token that was peeked at, or nothing at the end of the file. */
  protected swallow(): void {
    this.consumed = this.ahead ?? this.consumed;
    this.ahead = null;
  }

  protected peekOp(op: string): boolean {
    const t = this.peek();
    return t !== null && t.type === 'operator' && t.content === op;
  }

  protected peekKeyword(word: string): boolean {
    const t = this.peek();
    return t !== null && t.type === 'keyword' && t.content === word;
  }

  /** Consumes an operator if it is next. */
  protected tryOp(op: string): boolean {
    if (!this.peekOp(op)) return false;
    this.swallow();
    return true;
  }

  /** @param site what SystemTap counts as one place when it looks for similar messages */
  protected expectOp(op: string, site?: string): Token {
    const t = this.next();
    if (t.type !== 'operator' || t.content !== op) throw new ParseError(refusals.operator(op, site));
    return t;
  }

  protected expectOneOf(...ops: readonly string[]): Token {
    const t = this.next();
    if (t.type === 'operator' && ops.includes(t.content)) return t;
    throw new ParseError(refusals.oneOf(ops));
  }

  protected expectKeyword(word: string): Token {
    const t = this.next();
    if (t.type !== 'keyword' || t.content !== word) throw new ParseError(refusals.keyword(word));
    return t;
  }

  protected expectIdentifier(): Token {
    const t = this.next();
    if (t.type !== 'identifier') throw new ParseError(refusals.identifier());
    return t;
  }

  /** From the start of a token to the end of the last one consumed, as far as both lie in one file. */
  protected spanFrom(start: Span): Span {
    const end = this.consumed;
    const same = end !== null && end.source === start.source && end.end >= start.end;
    return { source: start.source, start: start.start, end: same ? end.end : start.end };
  }

  /** Called by a rule that can contain itself, at its start and its end. */
  protected descend(): void {
    if (++this.depth > maxDepth) throw this.tooDeep();
  }

  protected ascend(): void {
    this.depth--;
  }

  protected descendStatement(): void {
    if (++this.statementDepth > maxStatementDepth) throw this.tooDeep();
  }

  protected ascendStatement(): void {
    this.statementDepth--;
  }

  protected tooDeep(): ParseError {
    return new ParseError(refusals.nesting());
  }

  /** After a refusal: forget how deep it was. */
  protected resetDepth(): void {
    this.depth = 0;
    this.statementDepth = 0;
  }
}
