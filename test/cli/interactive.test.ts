// An interactive session: how what is typed is cut into pieces, and what its commands do.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { interact, isOpen, pieces } from '#tsprobe/cli/interactive.js';
import { defaults } from '#tsprobe/cli/options.js';
import { MemoryOutput } from '#tsprobe/runtime/output.js';

test.each([
  ['probe begin { println(1) }', false],
  ['probe begin {', true],
  ['probe begin { println("}', true],
  ['@define m %( 1', true],
  ['%( 1 == 1 %? probe begin { } %)', false],
  ['probe begin { # }', true],
  ['probe begin { println("}") /* { */ }', false],
])('%s', (text, open) => {
  expect(isOpen(text)).toBe(open);
});

test('a file falls into its declarations', () => {
  const text = '@define m %(\n 1 %)\nglobal n\nprobe begin {\n  n = 1\n}\n\nfunction f() {\n  return "probe"\n}';
  expect(pieces(text)).toEqual([
    '@define m %(\n 1 %)',
    'global n',
    'probe begin {\n  n = 1\n}',
    'function f() {\n  return "probe"\n}',
  ]);
});

/** What a session prints and says when these lines are typed. */
async function typed(...lines: string[]) {
  const output = new MemoryOutput();
  await interact(
    { ...defaults(), mode: 'interactive' },
    output,
    Readable.from([lines.join('\n') + '\n']),
    new PassThrough(),
  );
  const [welcome, ...said] = output.err.trimEnd().split('\n');
  expect(welcome).toBe('tsprobe: "help" lists the commands.');
  return { out: output.out, said };
}

describe('the commands', () => {
  test('pieces are added, listed, deleted, and run', async () => {
    const { out, said } = await typed(
      'global n = 3',
      'probe begin {',
      '  println(n)',
      '  exit() }',
      'add probe end { println("end") }',
      'list',
      'globals',
      'run',
      'delete 3',
      'run',
      'last',
      'quit',
      'list',
    );
    expect(out).toBe('3\nend\n3\n3\n');
    expect(said).toEqual([
      '1: global n = 3',
      '2: probe begin {',
      '  println(n)',
      '  exit() }',
      '3: probe end { println("end") }',
      'global n = 3',
    ]);
  });

  test('options are set one after the other, shown, and unset', async () => {
    const { out, said } = await typed(
      'global n = 3',
      'probe begin { println(n) exit() }',
      'set -Gn=4',
      'set -w',
      'show',
      'run',
      'set --nonsense',
      'set a.stp',
      'unset',
      'show',
      'run',
    );
    expect(out).toBe('4\n3\n');
    expect(said).toEqual(['-Gn=4 -w', "unrecognized option '--nonsense'", 'set takes options alone.', 'none']);
  });

  test('probes, aliases and functions can be looked up', async () => {
    expect((await typed('probes kernel.function("ip_rcv")')).out).toMatch(
      /^kernel\.function\("ip_rcv@net\/ipv4\/ip_input\.c:\d+"\)\n$/,
    );
    expect((await typed('functions text_str')).out).toMatch(/^text_str:string \(input:string\).*\ntext_strn/);
    expect((await typed('aliases tcp.sendmsg')).out).toMatch(/^tcp\.sendmsg = /);
  });

  test('a script is saved and loaded again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tsprobe-'));
    try {
      const file = join(folder, 'a.stp');
      await typed('probe begin { println("x") exit() }', `save ${file}`);
      expect(readFileSync(file, 'utf8')).toBe('probe begin { println("x") exit() }\n');
      expect((await typed(`load ${file}`, 'run')).out).toBe('x\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('what cannot be done is said', async () => {
    expect((await typed('run', 'frobnicate', 'edit 7', 'add')).said).toEqual([
      'There is no script yet.',
      'Unknown command "frobnicate"; "help" lists the commands.',
      'There is no piece 7.',
      'add needs a piece of script.',
    ]);
  });
});
