// Where does a text match? The leftmost match, of those the longest, of those the one that the pattern
// prefers; all threads of the machine advance together. Read beside it: nfa.ts; POSIX, "Regular
// Expressions", on leftmost longest.
import type { Nfa } from './nfa.js';

interface Thread {
  readonly at: number;
  readonly slots: readonly number[];
}

/** Texts of the match and its groups (undefined: a group that took no part), or undefined: no match. */
export function findCaptures(nfa: Nfa, groups: number, text: string): readonly (string | undefined)[] | undefined {
  for (let begin = 0; begin <= text.length; begin++) {
    const slots = longestFrom(nfa, text, begin);
    if (slots === undefined) continue;
    const part = (n: number): string | undefined =>
      slots[2 * n] === undefined || slots[2 * n + 1] === undefined
        ? undefined
        : text.slice(slots[2 * n], slots[2 * n + 1]);
    return Array.from({ length: groups + 1 }, (_, n) => part(n));
  }
  return undefined;
}

function longestFrom(nfa: Nfa, text: string, begin: number): readonly number[] | undefined {
  let best: readonly number[] | undefined;
  let threads = follow(nfa, [{ at: nfa.entry, slots: [begin] }], text, begin);
  for (let i = begin; threads.length > 0; i++) {
    const done = threads.find((thread) => thread.at === 0);
    if (done !== undefined) {
      const slots = done.slots.slice();
      slots[1] = i;
      best = slots;
    }
    if (i >= text.length) break;
    const c = text.charCodeAt(i) & 0xff;
    const next: Thread[] = [];
    for (const { at, slots } of threads) {
      const instruction = nfa.code[at];
      if (instruction.op === 'set' && instruction.set[c] === 1) next.push({ at: instruction.next, slots });
    }
    threads = follow(nfa, next, text, i + 1);
  }
  return best;
}

/** Threads that wait for a character or have matched, in order of preference. */
function follow(nfa: Nfa, from: readonly Thread[], text: string, position: number): Thread[] {
  const seen = new Set<number>();
  const result: Thread[] = [];
  const stack = [...from].reverse();
  while (stack.length > 0) {
    const thread = stack.pop() as Thread;
    if (seen.has(thread.at)) continue;
    seen.add(thread.at);
    const { slots } = thread;
    const instruction = nfa.code[thread.at];
    switch (instruction.op) {
      case 'split':
        stack.push({ at: instruction.second, slots }, { at: instruction.first, slots });
        break;
      case 'save': {
        const noted = slots.slice();
        noted[instruction.slot] = position;
        stack.push({ at: instruction.next, slots: noted });
        break;
      }
      case 'start':
        if (position === 0) stack.push({ at: instruction.next, slots });
        break;
      case 'end':
        if (position === text.length) stack.push({ at: instruction.next, slots });
        break;
      default:
        result.push(thread);
    }
  }
  return result;
}
