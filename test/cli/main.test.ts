// The command from its arguments to its exit status, on the lab's ping.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { execute } from '#tsprobe/cli/main.js';
import { MemoryOutput } from '#tsprobe/runtime/output.js';

const folder = mkdtempSync(join(tmpdir(), 'tsprobe-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function tsprobe(...argv: string[]) {
  const output = new MemoryOutput();
  const status = await execute(argv, output);
  return { status, out: output.out, err: output.err };
}

const packets = 'probe kernel.function("ip_rcv") { printf("%s %s\\n", hostname(), kernel_string($dev->name)) }';

describe('a script in a scenario', () => {
  test('a ping through the router: request and reply at R, the request at B, the reply at A', async () => {
    const { status, out, err } = await tsprobe('-e', packets, '--', 'ping');
    expect(out).toBe('R eth0\nB eth0\nR eth2\nA eth0\n');
    expect(err).toContain('64 bytes from 192.168.30.2: icmp_seq=1');
    expect(status).toBe(0);
  });

  test('--quiet leaves out what the programs say, --host all other hosts', async () => {
    expect(await tsprobe('-q', '--host', 'R', '-e', packets, '--', 'ping')).toEqual({
      status: 0,
      out: 'R eth0\nR eth2\n',
      err: '',
    });
  });

  test('-c names the scenario, -o a file for the output', async () => {
    const file = join(folder, 'out');
    const { out, status } = await tsprobe('-q', '-o', file, '-c', 'ping -c 2', '--host', 'B', '-e', packets);
    expect([out, status]).toEqual(['', 0]);
    expect(readFileSync(file, 'latin1')).toBe('B eth0\nB eth0\n');
  });

  test('-c makes the program that it names the target', async () => {
    const script = 'probe kernel.function("ip_output") { if (pid() == target()) println(execname(), target() > 0) }';
    expect((await tsprobe('-q', '--host', 'A', '-c', 'ping', '-e', script)).out).toBe('ping1\n');
    expect((await tsprobe('-q', '--host', 'A', '-e', script, '--', 'ping')).out).toBe('');
  });

  test('exit() ends it, end probes run', async () => {
    const script = `${packets} probe kernel.function("ip_rcv") { exit() } probe end { println("end") }`;
    expect((await tsprobe('-q', '-e', script, '--', 'ping', '-c', '100')).out).toBe('R eth0\nend\n');
  });

  test('-T counts virtual seconds', async () => {
    const script = 'global n probe kernel.function("icmp_echo") { n++ } probe end { println(n) }';
    expect((await tsprobe('-q', '-T', '4.5', '-e', script, '--', 'ping', '-c', '100')).out).toBe('5\n');
  });

  test('under the virtual clock every byte is the same again', async () => {
    const script =
      'probe kernel.function("*@net/ipv4/*.c") { println(gettimeofday_ns(), hostname(), probefunc(), $$parms) }';
    const first = await tsprobe('--clock=virtual', '-e', script, '--', 'ping');
    const again = await tsprobe('--clock=virtual', '-e', script, '--', 'ping');
    expect(first.out.length).toBeGreaterThan(1000);
    expect(again).toEqual(first);
  });

  test('netfilter probes see the packet and may drop it', async () => {
    const hook = (body: string) => `probe netfilter.hook("NF_INET_FORWARD").pf("NFPROTO_IPV4") { ${body} }`;
    expect((await tsprobe('-q', '-e', hook('println($skb->len)'), '--', 'ping')).out).toBe('84\n84\n');
    const dropped = await tsprobe('-g', '-e', hook('$verdict = 0; println("dropped")'), '--', 'ping');
    expect(dropped.out).toBe('dropped\n');
    expect(dropped.err).toContain('100% packet loss');
  });

  test('process probes: a program begins, calls, ends', async () => {
    const script = `global calls
      probe process("ping").begin { println("begin ", execname()) }
      probe process("ping").syscall { calls[$syscall]++ }
      probe process("ping").end { println("end ", execname(), " ", calls[41] > 0) }`;
    expect((await tsprobe('-q', '-e', script, '--', 'ping')).out).toBe('begin ping\nend ping 1\n');
  });

  test('a program that fails makes the status 1', async () => {
    const lab = join(folder, 'failing.mjs');
    writeFileSync(
      lab,
      `export default (lab) => {
        lab.awaitProcess(lab.addHost('A').spawn(function* () { throw new Error('a bug of mine'); }));
      };`,
    );
    const { status, out, err } = await tsprobe('-e', 'probe end { println("end") }', '--', lab);
    expect([status, out]).toEqual([1, 'end\n']);
    expect(err).toContain('a bug of mine');
  });

  test('procfs probes are files on every host', async () => {
    const lab = join(folder, 'lab.mjs');
    const file = '/proc/systemtap/stap_tsprobe/hello';
    writeFileSync(
      lab,
      `export default (lab) => {
        const A = lab.addHost('A');
        lab.awaitProcess(A.spawn('sh', ['-c', 'echo some text > ${file}; cat ${file}']));
      };`,
    );
    const script = `global text
      probe procfs("hello").write { text = $value }
      probe procfs("hello").read { $value = sprintf("%s wrote %s", execname(), text) }`;
    expect((await tsprobe('-e', script, '--', lab)).err).toBe('cat wrote some text\n');
  });
});

describe('messages', () => {
  test('kernel probes need a scenario: those there are get listed', async () => {
    const { status, out, err } = await tsprobe('-e', packets);
    expect([status, out]).toEqual([1, '']);
    expect(err).toContain('These probes are in the kernel');
    expect(err).toMatch(/^ {2}ping +A pings B/m);
  });

  test.each([
    [['-e', packets, '--', 'nonsense'], 'There is no scenario "nonsense". Scenarios are:'],
    [['-e', packets, '--', 'ping', '--nonsense'], 'The scenario has no option --nonsense'],
    [['nosuch.stp'], "Input file 'nosuch.stp': No such file or directory"],
    [[], 'A script must be specified.'],
    [['-Z'], "tsprobe: invalid option -- 'Z'"],
    [['-e', 'probe kernel.function("ip_rvc") { println(1) }', '--', 'ping'], 'ip_rcv'],
  ])('%j', async (argv, message) => {
    const { status, out, err } = await tsprobe(...argv);
    expect([status, out]).toEqual([1, '']);
    expect(err).toContain(message);
  });
});

describe('listings', () => {
  test('-l gives places, -L variables as well', async () => {
    expect((await tsprobe('-l', 'kernel.function("ip_rcv")')).out).toMatch(
      /^kernel\.function\("ip_rcv@net\/ipv4\/ip_input\.c:\d+"\)\n$/,
    );
    expect((await tsprobe('-L', 'kernel.function("ip_rcv")')).out).toMatch(
      /^kernel\.function\("ip_rcv@net\/ipv4\/ip_input\.c:\d+"\) \$skb:struct sk_buff\* \$dev:struct net_device\* /,
    );
    expect(await tsprobe('-l', 'kernel.function("nosuch*")')).toEqual({ status: 1, out: '', err: '' });
  });

  test('aliases of the tapset are listed by their names', async () => {
    const { out } = await tsprobe('-l', 'tcp.*');
    expect(out.split('\n')).toContain('tcp.sendmsg');
    expect((await tsprobe('-l', 'softirq.**')).out).toBe('softirq.entry\nsoftirq.exit\n');
  });

  test('-L of an alias tells what it and those behind it set, and what the function has', async () => {
    expect((await tsprobe('-L', 'nd_syscall.listen')).out).toBe(
      'nd_syscall.listen name:string sockfd:long backlog:long argstr:string $fd:int $backlog:int $sock:int $somaxconn:int\n',
    );
    expect((await tsprobe('-L', 'kernel.trace("sys_enter")')).out).toBe(
      'kernel.trace("raw_syscalls:sys_enter") $regs:long int $id:long int\n',
    );
  });

  test('what the language offers', async () => {
    expect((await tsprobe('--dump-functions')).out).toMatch(/^ntohs:long \(n:long\)/m);
    expect((await tsprobe('--dump-probe-types')).out).toContain('timer.ms(number).randomize(number)\n');
    expect((await tsprobe('--dump-probe-aliases')).out).toMatch(/^tcp\.sendmsg = kernel\.function/m);
  });

  test('-p1, -p2 and -p3 print what the passes made', async () => {
    const script = 'probe begin { x = 1 + 2; println(x) }';
    expect((await tsprobe('-p1', '-e', script)).out).toContain('(x) = ((1) + (2))');
    expect((await tsprobe('-p2', '-e', script)).out).toContain('begin /* <- begin */');
    expect((await tsprobe('-p3', '-e', script)).out).toContain('$rt');
  });
});

describe('what passes and probes report', () => {
  const script = 'probe begin { println("x") exit() }';

  test('-v: a line for each pass; --vp: for the passes named', async () => {
    const { err } = await tsprobe('-v', '-e', script);
    expect(err.replaceAll(/\d+/g, 'N').split('\n')).toEqual([
      'Pass N: parsed user script and N library scripts using Nvirt/Nres/Nshr/Ndata kb, in Nusr/Nsys/Nreal ms.',
      'Pass N: analyzed script: N probe, N functions, N globals using Nvirt/Nres/Nshr/Ndata kb, in Nusr/Nsys/Nreal ms.',
      'Pass N: translated to N bytes of JavaScript using Nvirt/Nres/Nshr/Ndata kb, in Nusr/Nsys/Nreal ms.',
      'Pass N: loaded the program and its surroundings using Nvirt/Nres/Nshr/Ndata kb, in Nusr/Nsys/Nreal ms.',
      'Pass N: starting run.',
      'Pass N: run completed in Nusr/Nsys/Nreal ms.',
      '',
    ]);
    expect((await tsprobe('--vp', '01', '-e', script)).err).toMatch(/^Pass 2: analyzed script: [^\n]*\n$/);
  });

  test('-t: hits and times of each probe with its place', async () => {
    const { out, err } = await tsprobe('-t', '-e', 'global n probe timer.ms(1) { if (++n == 3) exit() }');
    expect(out).toBe('');
    expect(err.replaceAll(/\d+(?=min|avg|max|, from)/g, 'N')).toBe(
      '----- probe hit report: \ntimer.ms(1), (<input>:1:10), hits: 3, nsecs: Nmin/Navg/Nmax, variance: N, from: timer.ms(1), index: 0\n',
    );
  });

  test('a limit that is no number fails as it would in the C compiler', async () => {
    expect(await tsprobe('-DMAXACTION=lots', '-e', script)).toEqual({
      status: 1,
      out: '',
      err: 'ERROR: -D MAXACTION=lots: a number expected\nPass 4: compilation failed.  [man error::pass4]\n',
    });
  });
});

describe('the end of a run', () => {
  test('unread globals are shown among the end probes of priority 0, behind them', async () => {
    const script =
      'global n probe begin { n = 3 exit() } probe end(1) { println("1") } probe end { println("0") } probe end(-1) { println("-1") }';
    expect((await tsprobe('-e', script)).out).toBe('-1\n0\nn=3\n1\n');
  });

  test('a file that cannot be written to is an error', async () => {
    const file = join(folder, 'nowhere', 'out');
    expect(await tsprobe('-o', file, '-e', 'probe begin { exit() }')).toEqual({
      status: 1,
      out: '',
      err: `ERROR: Couldn't open output file ${file}: No such file or directory\nPass 5: run failed.  [man error::pass5]\n`,
    });
  });
});

describe('a machine without a scenario', () => {
  test('has been up for a while', async () => {
    const script =
      'probe begin { println(jiffies() > 0, cpu_clock_s(0) > 0, local_clock_ns() > 0, ktime_get_ns() > 0) exit() }';
    expect((await tsprobe('--clock=virtual', '-e', script)).out).toBe('1111\n');
  });

  test('time passes while a handler runs, unless the clock is virtual', async () => {
    const script =
      'probe begin { t = gettimeofday_ns() for (i = 0; i < 2000; i++) x .= "y" println(gettimeofday_ns() > t, strlen(x)) exit() }';
    expect((await tsprobe('-e', script)).out).toBe('1511\n');
    expect((await tsprobe('--clock=virtual', '-e', script)).out).toBe('0511\n');
  });

  test('what goes to the kernel log is not printed', async () => {
    expect(await tsprobe('-e', 'probe begin { printk(6, "x") ftrace("y") exit() }')).toEqual({
      status: 0,
      out: '',
      err: '',
    });
  });
});

describe('what is not there', () => {
  const script = ['-e', 'probe begin { println("x") exit() }'];

  test('a host', async () => {
    const { status, err } = await tsprobe('--host', 'Z', ...script, '--', 'ping');
    expect([status, err]).toEqual([1, 'no host Z; there are: A, R, B, H, G\n']);
  });

  test('a capture', async () => {
    const { status, err } = await tsprobe(...script, '--', '/nowhere/a.pcap');
    expect([status, err]).toEqual([1, "'/nowhere/a.pcap': No such file or directory\n"]);
  });

  test('a folder of -I is passed over', async () => {
    expect(await tsprobe('-I', '/nowhere', '-I', fileURLToPath(import.meta.url), ...script)).toEqual({
      status: 0,
      out: 'x\n',
      err: '',
    });
  });
});
