// Does a text match anywhere? A deterministic machine over the Nfa, its states made when first reached, so
// that time grows with the text alone, whatever the pattern. Read beside it: nfa.ts.
import type { Nfa } from './nfa.js';

interface State {
  /** Instructions waiting for a character. */
  readonly waiting: readonly number[];
  readonly matched: boolean;
  /** Matches if the text ends here. */
  readonly matchedAtEnd: boolean;
  readonly next: (State | null)[];
}

/** States kept; beyond that the machine begins anew. */
const MOST_STATES = 1000;

export function compileDfa(nfa: Nfa): (text: string) => boolean {
  const { code, entry } = nfa;
  let states = new Map<string, State>();

  /** All instructions reachable without a character. */
  const close = (from: readonly number[], atStart: boolean, atEnd: boolean): Set<number> => {
    const seen = new Set<number>();
    const stack = [...from];
    while (stack.length > 0) {
      const at = stack.pop() as number;
      if (seen.has(at)) continue;
      seen.add(at);
      const instruction = code[at];
      if (instruction.op === 'split') stack.push(instruction.first, instruction.second);
      else if (instruction.op === 'save') stack.push(instruction.next);
      else if (instruction.op === 'start' && atStart) stack.push(instruction.next);
      else if (instruction.op === 'end' && atEnd) stack.push(instruction.next);
    }
    return seen;
  };

  const state = (from: readonly number[], atStart: boolean): State => {
    const reached = close(from, atStart, false);
    const waiting = [...reached].filter((at) => code[at].op === 'set').sort((a, b) => a - b);
    const matched = reached.has(0);
    const matchedAtEnd = matched || close(from, atStart, true).has(0);
    const key = `${waiting.join()}|${matched}|${matchedAtEnd}`;
    let found = states.get(key);
    if (found === undefined) {
      if (states.size >= MOST_STATES) states = new Map();
      found = { waiting, matched, matchedAtEnd, next: new Array<State | null>(256).fill(null) };
      states.set(key, found);
    }
    return found;
  };

  const step = (from: State, c: number): State => {
    const to: number[] = [];
    for (const at of from.waiting) {
      const instruction = code[at];
      if (instruction.op === 'set' && instruction.set[c] === 1) to.push(instruction.next);
    }
    // A match may begin at every position.
    to.push(entry);
    const next = state(to, false);
    from.next[c] = next;
    return next;
  };

  const first = state([entry], true);
  return (text) => {
    let at = first;
    for (let i = 0; i < text.length; i++) {
      if (at.matched) return true;
      const c = text.charCodeAt(i) & 0xff;
      at = at.next[c] ?? step(at, c);
    }
    return at.matchedAtEnd;
  };
}
