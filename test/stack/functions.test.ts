// The table of functions that a user must be able to probe (data/functions.tsv): each is listed, under its
// former name, too, and is hit by the scenario that the table names, where there is that scenario.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Lab } from '#tsprobe/lab/lab.js';
import { scenarios } from '#tsprobe/lab/scenarios/index.js';
import { Debuginfo } from '#tsprobe/runtime/debuginfo/debuginfo.js';
import { Hijack } from '#tsprobe/runtime/hijack/hijack.js';

const SUBSYSTEMS = ['ip', 'dev', 'skb', 'arp', 'icmp', 'udp', 'socket', 'tcp'];

const rows = readFileSync('test/data/functions.tsv', 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t'))
  .filter(([, , subsystem]) => SUBSYSTEMS.includes(subsystem))
  .map(([name, , , , , , hitBy]) => ({ name, hitBy }));

const info = Debuginfo.load('dist/debuginfo.json');
const byName = new Map<string, number[]>();
for (const { id, name, formerNames } of info.functions) {
  for (const known of [name, ...formerNames.map((former) => former.name)]) {
    byName.set(known, [...(byName.get(known) ?? []), id]);
  }
}

/** Scenario and arguments for what the table says: `udp-echo (connected variant)`. */
function scenarioOf(text: string): { name: string; args: string[] } | undefined {
  const [, name, variant] = /^([\w-]+)(?: \((\w+) variant\))?/.exec(text) ?? [];
  return name in scenarios ? { name, args: variant ? [`--${variant}`] : [] } : undefined;
}

/** Functions that run while a scenario does. */
async function hits(name: string, args: string[]): Promise<Set<number>> {
  const hit = new Set<number>();
  const hijack = new Hijack(info);
  hijack.attach(info.functions.map(({ id }) => ({ id, when: 'entry', probe: 0, handler: () => hit.add(id) })));
  try {
    const lab = new Lab({ output: () => {} });
    await scenarios[name].start(lab, args);
    lab.runToEnd();
    expect(lab.faults).toEqual([]);
  } finally {
    hijack.clear();
  }
  return hit;
}

it('lists each function under its name', () => {
  expect(rows.length).toBeGreaterThan(90);
  expect(rows.filter(({ name }) => !byName.has(name)).map(({ name }) => name)).toEqual([]);
});

const wanted = new Map<string, string[]>();
for (const { name, hitBy } of rows) {
  for (const text of hitBy.split(', ')) if (scenarioOf(text)) wanted.set(text, [...(wanted.get(text) ?? []), name]);
}

it.each([...wanted])('%s hits what the table says', async (text, names) => {
  const { name, args } = scenarioOf(text) ?? { name: '', args: [] };
  const hit = await hits(name, args);
  expect(names.filter((n) => !byName.get(n)?.some((id) => hit.has(id)))).toEqual([]);
});
