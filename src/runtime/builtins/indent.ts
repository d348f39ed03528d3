// thread_indent and its kin: microseconds since the outermost level began, whose it is, and a blank for each
// open level. A level that opens counts before it is printed, one that closes after. Every host's threads
// are kept apart. Read beside it: dsl/builtins/indent.ts.
import type { BuiltinGroup } from '../services.js';
import type { Value } from '../../dsl/abi.js';

interface Level {
  depth: number;
  /** When the outermost level opened: ns since boot. */
  since: number;
}

export const indent: BuiltinGroup = (rt) => {
  const { context } = rt;
  const levels = new Map<string, Level>();
  const level = (key: string): Level => {
    let l = levels.get(key);
    if (!l) levels.set(key, (l = { depth: 0, since: 0 }));
    return l;
  };
  const step = (key: string, delta: number): number => {
    const l = level(key);
    const shown = l.depth + Math.max(delta, 0);
    l.depth += delta;
    return shown;
  };
  const text = (key: string, description: string, delta: Value): string => {
    const l = level(key);
    const now = context.now();
    if (l.depth === 0) l.since = now;
    const shown = step(key, Number(delta));
    const us = String(Math.floor((now - l.since) / 1000)).padStart(6);
    return rt.cut(`${us} ${description}:${' '.repeat(Math.min(511, Math.max(0, shown - 1)))}`);
  };
  const thread = (): string => `${context.hostname()} ${context.tid()}`;
  return {
    thread_indent: (delta) => text(thread(), `${context.execname()}(${context.tid()})`, delta),
    indent: (delta) => text('', '', delta),
    thread_indent_depth: (delta) => step(`${thread()} depth`, Number(delta)),
    indent_depth: (delta) => step('depth', Number(delta)),
  };
};
