// `=~` and matched(): one place a session remembers its last match in. Positions of groups are worked out
// only when asked for. Read beside it: dfa.ts, captures.ts.
import { groupCount, parseRegex } from '../../dsl/regex/parse.js';
import { findCaptures } from './captures.js';
import { compileDfa } from './dfa.js';
import { buildNfa, type Nfa } from './nfa.js';

export class RegexMemory {
  private last: { readonly nfa: Nfa; readonly groups: number; readonly text: string } | null = null;
  private found: readonly (string | undefined)[] | undefined;

  /** Compiles a pattern that the compiler has already accepted. The result gives 1 or 0. */
  compile(pattern: string): (text: string) => number {
    const regex = parseRegex(pattern);
    const nfa = buildNfa(regex);
    const groups = groupCount(regex);
    const test = compileDfa(nfa);
    return (text) => {
      this.found = undefined;
      if (!test(text)) {
        this.last = null;
        return 0;
      }
      this.last = { nfa, groups, text };
      return 1;
    };
  }

  /** The last match and its groups; undefined if there is none. */
  get matches(): readonly (string | undefined)[] | undefined {
    if (this.last !== null) this.found ??= findCaptures(this.last.nfa, this.last.groups, this.last.text);
    return this.found;
  }
}
