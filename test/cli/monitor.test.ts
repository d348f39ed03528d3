// The live view: what it shows of a run, and what its keys do.
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { compileScripts } from '#tsprobe/cli/compile-script.js';
import { freshView, press, view } from '#tsprobe/cli/monitor.js';
import { defaults } from '#tsprobe/cli/options.js';
import { openTarget } from '#tsprobe/cli/target.js';
import { SourceFile } from '#tsprobe/dsl/source/source.js';
import { builtinGroups } from '#tsprobe/runtime/builtins/registry.js';
import { MemoryOutput } from '#tsprobe/runtime/output.js';
import { Session } from '#tsprobe/runtime/session.js';
import { VirtualEnvironment } from '#tsprobe/runtime/virtual-environment.js';

const script = `global n = 5, text, by
probe timer.ms(10) { n++; text = "t" }
probe timer.ms(3) { by[n] <<< n }
probe timer.ms(50) { exit() }
probe end { printf("%d %s %d\\n", n, text, @count(by[6])) }`;

/** Runs the script, pressing keys 35 ms after its start; gives its output and the view after each key. */
async function pressing(...keys: string[]) {
  const output = new MemoryOutput();
  const { program } = compileScripts([new SourceFile('a.stp', script)], defaults(), openTarget(null), output);
  if (program === null) throw new Error(output.err);
  const environment = new VirtualEnvironment({ uptime: 7_000_000_000n });
  const session = new Session(program, { environment, output, builtins: builtinGroups, timings: 'count' });
  const seen = freshView(session);
  const views: string[][] = [];
  environment.after(35e6, () => {
    for (const key of keys) {
      press(key, session, seen);
      // Whether there are colours depends on where the test runs.
      views.push(view(session, seen, 90).map(stripVTControlCharacters));
    }
  });
  await session.run();
  return { out: output.out, views };
}

test('shows time, probes and globals', async () => {
  const { out, views } = await pressing('');
  expect(views[0]).toEqual([
    'tsprobe  0.035000 s  errors 0  skipped 0',
    'q quit  c reset globals  p pause  r resume  ↑↓ choose  t probe on or off  s sort  x hide',
    '',
    '   hits  on  probe (by index)',
    '>     3  on  timer.ms(10)',
    '     11  on  timer.ms(3)',
    '      0  on  timer.ms(50)',
    '      0  on  end',
    '',
    'globals',
    '  n = 8',
    '  text = "t"',
    '  by: 4 elements',
    '    [5] count 3',
    '    [6] count 3',
    '    [7] count 3',
  ]);
  expect(out).toBe('9 t 3\n');
});

test('c puts globals back to what they were at the start', async () => {
  const { out, views } = await pressing('c');
  expect(views[0].slice(10)).toEqual(['  n = 5', '  text = ""', '  by: 0 elements']);
  expect(out).toBe('6 t 3\n');
});

test('s sorts, x hides', async () => {
  const { views } = await pressing('s', 's', 'x', 'x');
  const points = (lines: string[]) => lines.slice(4, 8).map((line) => line.replace(/.* /, ''));
  expect(points(views[0])).toEqual(['timer.ms(3)', 'timer.ms(10)', 'timer.ms(50)', 'end']);
  expect(points(views[1])).toEqual(['end', 'timer.ms(10)', 'timer.ms(3)', 'timer.ms(50)']);
  expect(views[2]).toEqual([]);
  expect(views[3]).toEqual(views[1]);
});

test('the marked probe is switched off; p switches off all that may fire again, r switches them on', async () => {
  const off = (lines: string[]) => lines.slice(4, 8).map((line) => `${line[0]}${line.slice(9, 12)}`);
  const { out, views } = await pressing('j', 't', 'k', 'k', 'p', 'G', 'r');
  expect(views.map(off)).toEqual([
    [' on ', '>on ', ' on ', ' on '],
    [' on ', '>off', ' on ', ' on '],
    ['>on ', ' off', ' on ', ' on '],
    ['>on ', ' off', ' on ', ' on '],
    ['>off', ' off', ' off', ' on '],
    [' off', ' off', ' off', '>on '],
    [' on ', ' on ', ' on ', '>on '],
  ]);
  expect(out).toMatch(/^\d+ t 3\n$/);
});

test('q ends the run', async () => {
  expect((await pressing('q')).out).toBe('8 t 3\n');
});
