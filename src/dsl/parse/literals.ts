// Numbers and strings where the grammar has a literal and no expression. Read beside it: conditions.ts (what a
// number's text is worth), lexer.ts (escapes).
import { refusals } from '../diagnostics/parse-errors.js';
import type * as ast from '../syntax/ast.js';
import type { Token } from '../syntax/token.js';
import { literalValue } from './conditions.js';
import { ParserCore } from './core.js';
import { decodeString } from './lexer.js';
import { ParseError } from './parse-error.js';

const wrap64 = (value: bigint): bigint => BigInt.asIntN(64, value);

export class LiteralParser extends ParserCore {
  protected stringToken(): string {
    const t = this.next();
    if (t.type !== 'string') throw new ParseError(refusals.expectedString());
    return decodeString(t.content);
  }

  protected numberToken(): bigint {
    const negative = this.tryOp('-');
    const t = this.next();
    if (t.type !== 'number') throw new ParseError(refusals.expectedNumber());
    return this.numberValue(t, negative);
  }

  private numberValue(t: Token, negative: boolean): bigint {
    const value = literalValue(t);
    if (negative && value > 1n << 63n) throw new ParseError(refusals.number());
    return wrap64(negative ? -value : value);
  }

  protected literalString(): ast.StringLit {
    const l = this.literal(true);
    if (l.kind === 'string') return l;
    throw new ParseError(refusals.literalString());
  }

  /** A number, possibly negative, or strings side by side. */
  protected literal(onlyString = false): ast.NumberLit | ast.StringLit {
    let t = this.next();
    const start = t;
    if (t.type === 'string') {
      const parts = [t.content];
      for (let more = this.peek(); more?.type === 'string'; more = this.peek()) {
        parts.push(more.content);
        this.swallow();
      }
      const content = parts.join('');
      const tok = parts.length > 1 ? { ...t, content } : t;
      return { kind: 'string', value: decodeString(content), tok, span: this.spanFrom(t) };
    }
    if (onlyString) throw new ParseError(refusals.literalString());
    const negative = t.type === 'operator' && t.content === '-';
    if (negative) t = this.next();
    if (t.type !== 'number') throw new ParseError(refusals.literal());
    return { kind: 'number', value: this.numberValue(t, negative), tok: t, span: this.spanFrom(start) };
  }
}
