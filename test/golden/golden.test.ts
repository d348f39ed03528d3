// Small scripts with what the real SystemTap 4.8 printed for them (test/data/golden, described in its
// README.md): standard output to the byte, exit status, messages line by line after `comparable` below.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { execute } from '#tsprobe/cli/main.js';
import { splitWords } from '#tsprobe/cli/options.js';
import { MemoryOutput } from '#tsprobe/runtime/output.js';

const dir = fileURLToPath(new URL('../data/golden', import.meta.url));
const read = (name: string) => (existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'latin1') : '');

/** Class of each case and what is compared loosely in it. */
const index = new Map(
  read('index.tsv')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .map(([name, kind, , flags = '']) => [name, { kind, flags: flags.split(',') }] as const),
);

/** Leaves out trailers of passes, lists of near names, and places inside SystemTap's own tapset. */
function comparable(text: string, flags: readonly string[]): string[] {
  const inTapset = flags.includes('tapset-loc');
  return text
    .split('\n')
    .filter(
      (line) => line.trim() !== '' && !/^(Pass \d|Number of similar|Rerun with|WARNING: \S*staprun|Tip:)/.test(line),
    )
    .map((line) => line.replace(/\s*\(similar:.*?\)/, '').replace(/\S*\/tapset\/\S*/g, 'TAPSET'))
    .map((line) => (inTapset ? line.replace(/ (at|near) .*/, '') : line.trimEnd()))
    .filter((line) => !(inTapset && /^\s*(source:|\^)/.test(line)));
}

const before = process.cwd();
beforeAll(() => process.chdir(dir));
afterAll(() => process.chdir(before));

const names = readdirSync(dir)
  .filter((name) => name.endsWith('.stp'))
  .map((name) => name.slice(0, -4));

describe.each([...new Set([...index.values()].map(({ kind }) => kind))])('%s', (kind) => {
  test.each(names.filter((name) => index.get(name)?.kind === kind))('%s', async (name) => {
    const flags = index.get(name)?.flags ?? [];
    const script = existsSync(join(dir, `${name}.estyle`)) ? ['-e', read(`${name}.stp`)] : [`${name}.stp`];
    const output = new MemoryOutput();
    const status = await execute(
      [...splitWords(read(`${name}.opts`)), ...script, ...splitWords(read(`${name}.args`))],
      output,
    );
    expect(output.out).toBe(read(`${name}.out`));
    expect(comparable(output.err, flags)).toEqual(comparable(read(`${name}.err`), flags));
    expect(status).toBe(Number(read(`${name}.status`)));
  });
});
