/** One round of optimizing, as its passes see it. Read beside it: optimize.ts. */
import type { Body, FunctionInstance } from '../../types/tree.js';

export type Code = Body | FunctionInstance;

export interface Round {
  /** Is it worth looking at? */
  readonly due: (code: Code) => boolean;
  /** What a pass has changed it puts in here. */
  readonly changed: Set<Code>;
}
