// The command and the library as they are installed: started from a snapshot, or from the linked files.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const script = 'probe kernel.function("icmp_rcv") { println(hostname()) } probe end { println("end") }';
const run = (file: string, args: string[], env = {}) =>
  execFileSync(file, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });

it('is what the build makes', () => {
  for (const file of [
    'linked.js',
    'library.js',
    'tsprobe.js',
    'model.js',
    'snapshot.script',
    'snapshot.kernel',
    'snapshot.key',
  ])
    expect(existsSync(join(root, 'dist', file))).toBe(true);
});

it('says the same as the modules themselves', () => {
  const args = ['--clock=virtual', '-e', script, '--', 'ping'];
  const command = join(root, 'bin/tsprobe');
  expect(run(command, args)).toBe('B\nA\nend\n');
  expect(run(command, args, { TSPROBE_SPLIT: '1' })).toBe('B\nA\nend\n');
});

it.each([
  ['a run', ['--clock=virtual', '-e', script, '--', 'ping']],
  ['a script that is refused', ['-e', 'probe begin { x = "a" + 1 }']],
  ['a script that is not there', ['nosuch.stp']],
  ['the version', ['--version']],
  ['an error of a run', ['-e', 'probe begin { println(1 / $1) }', '0']],
  ['a lab of a user', ['--clock=virtual', '-e', script, '--', 'examples/lab.mjs']],
])('says the same with the snapshot and without: %s', (_what, args) => {
  const said = (env: NodeJS.ProcessEnv) => {
    const { status, stdout, stderr } = spawnSync(join(root, 'bin/tsprobe'), args, {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    return { status, stdout, stderr };
  };
  const linked = said({ NODE_OPTIONS: '--no-deprecation' });
  expect(linked.stdout + linked.stderr).not.toBe('');
  expect(said({ NODE_OPTIONS: '' })).toEqual(linked);
});

it('reads a script from its standard input', () => {
  const input = 'probe begin { println("read") exit() }';
  expect(execFileSync(join(root, 'bin/tsprobe'), ['-'], { cwd: '/', input, encoding: 'utf8' })).toBe('read\n');
});

it('names the functions of a call stack', () => {
  const trace = 'probe kernel.function("icmp_rcv") { print_backtrace() exit() }';
  const stack = run(join(root, 'bin/tsprobe'), ['-e', trace, '--', 'ping']);
  const names = stack.split('\n').map((line) => / : (\w+)\+/.exec(line)?.[1]);
  expect(names.slice(0, 3)).toEqual(['icmp_rcv', 'ip_protocol_deliver_rcu', 'ip_local_deliver_finish']);
});

it('is the library', () => {
  const text = `const { run } = await import('tsprobe');
    const { output } = await run({ script: ${JSON.stringify(script)}, scenario: ['ping'], clock: 'virtual' });
    process.stdout.write(output);`;
  expect(run(process.execPath, ['--input-type=module', '-e', text])).toBe('B\nA\nend\n');
});
