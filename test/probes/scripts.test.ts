// Every script of probes/ is run as its header says, and prints something without an error or a warning.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from '#tsprobe/index.js';

const folder = fileURLToPath(new URL('../../probes/', import.meta.url));

/** What stands behind `Run:` in a header, and on the lines below it: arguments and scenario. */
function commands(text: string): { args: string[]; scenario: string[] }[] {
  return [...text.matchAll(/^# (?:Run: | {5})tsprobe \S+\.stp ?(.*?)-- (\S+(?: -\S+ \S+)*)/gm)].map(
    ([, args, scenario]) => ({
      args: args.match(/'[^']*'|\S+/g)?.map((a) => a.replace(/'/g, '')) ?? [],
      scenario: scenario.split(' '),
    }),
  );
}

describe.each(readdirSync(folder).filter((f) => f.endsWith('.stp')))('%s', (name) => {
  const script = readFileSync(folder + name, 'utf8');

  it('tells how it is run', () => {
    expect(script).toMatch(new RegExp(`^#!/usr/bin/env tsprobe\\n# ${name} - .*\\n#\\n# Run: tsprobe probes/${name} `));
    expect(commands(script).length).toBeGreaterThan(0);
  });

  it.each(commands(script))('runs with $args -- $scenario', async ({ args, scenario }) => {
    const { status, output, messages } = await run({ script, args, scenario, clock: 'virtual' });
    expect(messages).not.toMatch(/^(ERROR|WARNING|semantic error|parse error)/m);
    expect(status).toBe(0);
    expect(output.split('\n').length).toBeGreaterThan(2);
  });
});
