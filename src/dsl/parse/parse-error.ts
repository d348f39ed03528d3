// How a refusal leaves the parser's functions: thrown, and caught where the grammar can go on (at the next
// declaration). Nothing outside this folder sees it.
import type { Refusal } from '../diagnostics/parse-errors.js';
import type { Token } from '../syntax/token.js';

export class ParseError extends Error {
  readonly refusal: Refusal;
  /** The faulty token; null: the last token that was looked at is reported. */
  readonly tok: Token | null;
  /** False: parsing goes on with the very next token, not at the next declaration. */
  readonly skip: boolean;

  constructor(refusal: Refusal, tok: Token | null = null, skip = true) {
    super(refusal.message);
    this.refusal = refusal;
    this.tok = tok;
    this.skip = skip;
  }
}
