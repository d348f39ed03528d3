// Every function, tracepoint and statement of the kernel model is probed at once, with all the variables that
// can be read there: each copy compiles, and the model does what it does without.
import { afterEach, describe, expect, it } from 'vitest';
import { $flags } from '#tsprobe/instrument/patch.js';
import { Lab } from '#tsprobe/lab/lab.js';
import { scenarios } from '#tsprobe/lab/scenarios/index.js';
import { Debuginfo } from '#tsprobe/runtime/debuginfo/debuginfo.js';
import { Hijack, type HookSpec } from '#tsprobe/runtime/hijack/hijack.js';

const info = Debuginfo.load('dist/debuginfo.json');
const hijack = new Hijack(info);
afterEach(() => hijack.clear());

async function play(name: string): Promise<string> {
  let output = '';
  const lab = new Lab({ output: (text) => (output += text) });
  await scenarios[name].start(lab, []);
  lab.runToEnd();
  expect(lab.faults).toEqual([]);
  return output;
}

function everything(handler: () => void): HookSpec[] {
  const symbols = [...info.functions, ...info.tracepoints.map((tracepoint) => tracepoint.symbol)];
  return symbols.flatMap((symbol) => {
    const { id } = symbol;
    const parameters = symbol.parameters.map(({ name }) => ({ expr: name, kind: 'param' as const }));
    const locals = symbol.locals.map(({ name }) => ({ expr: name, kind: 'local' as const }));
    const returned = [{ expr: 'return', kind: 'return' as const }, ...parameters];
    return [
      { id, when: 'entry', probe: 0, handler, values: parameters },
      { id, when: 'return', probe: 1, handler, values: returned, entry: { handler: () => 0, values: parameters } },
      ...symbol.statementLines.map((line): HookSpec => ({
        id,
        when: 'statement',
        line,
        probe: 2,
        handler,
        values: [...parameters, ...locals],
      })),
    ] satisfies HookSpec[];
  });
}

describe('all of the model probed', () => {
  it.each(['ping', 'ping-fragments', 'udp-echo', 'udp-closed-port', 'traceroute'])(
    '%s runs as without probes',
    async (name) => {
      const plain = await play(name);
      let hits = 0;
      hijack.attach(everything(() => hits++));
      expect(await play(name)).toBe(plain);
      expect(hits).toBeGreaterThan(1000);
      hijack.clear();
      expect($flags.every((flag) => flag === 0)).toBe(true);
      expect(await play(name)).toBe(plain);
    },
  );
});
