// A pattern as a small machine: instructions with jumps, in order of preference. Read beside it:
// dsl/regex/parse.ts; dfa.ts (does it match?), captures.ts (where?).
import type { Regex } from '../../dsl/regex/parse.js';

export type Instruction =
  | { readonly op: 'set'; readonly set: Uint8Array; readonly next: number }
  | { readonly op: 'split'; readonly first: number; readonly second: number }
  | { readonly op: 'start'; readonly next: number }
  | { readonly op: 'end'; readonly next: number }
  /** Notes the position: slot 2n is the beginning of group n, 2n + 1 its end. */
  | { readonly op: 'save'; readonly slot: number; readonly next: number }
  | { readonly op: 'match' };

export interface Nfa {
  readonly code: readonly Instruction[];
  readonly entry: number;
}

/** Built from the end: each piece is made knowing what follows it. */
export function buildNfa(regex: Regex): Nfa {
  const code: Instruction[] = [{ op: 'match' }];
  const emit = (instruction: Instruction): number => code.push(instruction) - 1;

  const build = (r: Regex, next: number): number => {
    switch (r.kind) {
      case 'empty':
        return next;
      case 'set':
        return emit({ op: 'set', set: r.set, next });
      case 'anchor':
        return emit({ op: r.at, next });
      case 'sequence':
        return r.parts.reduceRight((after, part) => build(part, after), next);
      case 'choice':
        return r.options
          .map((option) => build(option, next))
          .reduceRight((second, first) => emit({ op: 'split', first, second }));
      case 'group': {
        const close = emit({ op: 'save', slot: 2 * r.number + 1, next });
        return emit({ op: 'save', slot: 2 * r.number, next: build(r.of, close) });
      }
      case 'repeat': {
        let after = next;
        if (r.max === Infinity) {
          const loop = code.length;
          code.push({ op: 'match' }); // holds the place until the body is known
          const first = build(r.of, loop);
          code[loop] = { op: 'split', first, second: next };
          after = loop;
        } else {
          for (let i = r.min; i < r.max; i++) after = emit({ op: 'split', first: build(r.of, after), second: next });
        }
        for (let i = 0; i < r.min; i++) after = build(r.of, after);
        return after;
      }
    }
  };
  return { entry: build(regex, 0), code };
}
