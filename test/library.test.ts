// The library: what the command line does, callable.
import { expect, test } from 'vitest';
import { compile, MemoryOutput, openLab, run } from '#tsprobe/index.js';

test('run compiles a script and runs it, in a scenario or alone', async () => {
  const alone = await run({
    script: 'global x = 1 probe begin { println(x, @1, $#) exit() }',
    args: ['a', 'b'],
    globals: { x: 7 },
  });
  expect(alone).toEqual({ status: 0, output: '7a2\n', messages: '' });
  const ping = await run({
    script: 'probe kernel.function("icmp_echo") { println(hostname()) }',
    scenario: ['ping', '-c', '2'],
    clock: 'virtual',
  });
  expect(ping.output).toBe('B\nB\n');
  expect(ping.messages).toContain('2 packets transmitted, 2 received');
});

test('errors and limits are told as by the command', async () => {
  const { status, output, messages } = await run({
    script: 'probe begin { while (1) n++ }',
    limits: { MAXACTION: 10 },
  });
  expect([status, output]).toEqual([1, '']);
  expect(messages).toContain('ERROR: MAXACTION exceeded');
});

test('output may be taken as it comes', async () => {
  const to = new MemoryOutput();
  const { output } = await run({ script: 'probe begin { println("x") exit() }', to });
  expect([output, to.out]).toEqual(['', 'x\n']);
});

test('compile gives the program or the reasons', () => {
  const { program } = compile('probe begin, timer.s(1) { println(pp()) }');
  expect(program?.probes.map((probe) => probe.point)).toEqual(['begin', 'timer.s(1)']);
  const refused = compile('probe begin { x = ');
  expect(refused.program).toBeNull();
  expect(refused.messages).toContain('parse error');
  expect(refused.diagnostics.length).toBeGreaterThan(0);
});

test('openLab gives an empty lab to build in', async () => {
  const said: string[] = [];
  const lab = await openLab({ output: (text) => said.push(text) });
  const A = lab.addHost('A');
  A.sh('ip link set lo up');
  lab.awaitProcess(A.spawn('ping', ['-c', '1', '127.0.0.1']));
  expect(lab.runToEnd()).toBe(true);
  expect(said.join('')).toContain('1 packets transmitted, 1 received');
});
