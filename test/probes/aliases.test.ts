// Every probe alias of the tapset with every value that -L tells of: none fails, whatever the scenario.
import { describe, expect, it } from 'vitest';
import { execute } from '#tsprobe/cli/main.js';
import { MemoryOutput } from '#tsprobe/runtime/output.js';

async function tsprobe(...argv: string[]) {
  const output = new MemoryOutput();
  const status = await execute(argv, output);
  return { status, out: output.out, err: output.err };
}

/** Aliases that are no places in the kernel. */
const others = /^(init|oneshot|json_data|prometheus|input)\b/;

/** A script that counts how often each alias fires, and reads all of its values. */
async function everything(): Promise<string> {
  const { out } = await tsprobe('-L', '**');
  const probes = out
    .trim()
    .split('\n')
    .filter((line) => !others.test(line))
    .map((line) => {
      const [name, ...rest] = line.split(' ');
      const values = rest.flatMap((text) => /^(\w+):(?:long|string)$/.exec(text)?.[1] ?? []);
      const text = values.map((value) => `sprint(${value})`).join(' . ');
      return `probe ${name} { seen["${name}"]++; text = ${text || '""'} }`;
    });
  return `global seen, text\n${probes.join('\n')}\nprobe end { foreach (name+ in seen) println(name)\nif (text == "never") println(text) }`;
}

describe('every alias', () => {
  it.each([
    [
      'tcp-loss',
      ['scheduler.ctxswitch', 'tcp.receive', 'tcpmib.RetransSegs', 'vfs.read.return', 'netdev.hard_transmit'],
    ],
    [
      'ping-fragments',
      ['ipmib.FragOKs', 'ipmib.ReasmReqds', 'nd_syscall.sendto', 'softirq.exit', 'socket.create.return'],
    ],
    ['ftp', ['kprocess.create', 'syscall.getsockname', 'tcpmib.PassiveOpens', 'syscall_any.return', 'socket.close']],
  ])('reads what it says in %s', async (scenario, some) => {
    const { status, out, err } = await tsprobe('-q', '--clock=virtual', '-w', '-e', await everything(), '--', scenario);
    expect(err).toBe('');
    expect(status).toBe(0);
    expect(out.split('\n')).toEqual(expect.arrayContaining(some));
  });
});

it('netfilter shows the packet as it is', async () => {
  const script =
    'probe netfilter.ip.local_in { println(substr(data_hex, 0, 8), " ", strlen(data_hex) / 2 == length); exit() }';
  expect((await tsprobe('-q', '-e', script, '--', 'udp-echo')).out).toBe('4500002e 1\n');
});
