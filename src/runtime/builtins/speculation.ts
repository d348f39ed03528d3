// Speculative output: kept aside under an id until it is committed or discarded. speculate() lasts to the
// end of the handler that called it. Read beside it: dsl/builtins/speculation.ts.
import type { BuiltinGroup } from '../services.js';

/** Bytes kept for one id; what exceeds them is lost, as in a full buffer. */
const maxBytes = 1 << 20;

export const speculation: BuiltinGroup = (rt) => {
  const kept = new Map<number, string>();
  let last = 0;
  return {
    speculation: () => {
      kept.set(++last, '');
      return last;
    },
    speculate: (id) => {
      const key = Number(id);
      if (!kept.has(key)) return;
      rt.redirect((text) => {
        const so = kept.get(key) ?? '';
        if (so.length + text.length <= maxBytes) kept.set(key, so + text);
      });
    },
    commit: (id) => {
      const text = kept.get(Number(id));
      kept.delete(Number(id));
      if (text === undefined) return;
      rt.redirect(null);
      rt.print(text);
    },
    discard: (id) => {
      if (kept.delete(Number(id))) rt.redirect(null);
    },
  };
};
