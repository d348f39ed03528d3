// How long a script waits before its probes are attached: a 30-line script with tapset functions, from the
// start of the process, and from when the command has been loaded; and what two of 300 lines take to compile. Certificates that the environment has Node read
// at each start (NODE_EXTRA_CA_CERTS: 70 ms) are left out.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aliasesScript, functionsScript } from './long-scripts.mjs';
import { median, report } from './measure.mjs';

delete process.env.NODE_EXTRA_CA_CERTS;
const here = import.meta.dirname;
const dir = mkdtempSync(join(tmpdir(), 'tsprobe-bench-'));
const script = join(dir, 'start.stp');
writeFileSync(
  script,
  `# Latencies and sizes of IP's functions, by host and program.
global begun, spent, sizes, depth, seen
probe begin {
  printf("%-16s %s\\n", "function", "ns")
}
function where:string(name:string) {
  return sprintf("%s:%s", hostname(), name)
}
probe kernel.function("ip_*@net/ipv4/ip_input.c").call {
  begun[tid(), ppfunc()] = gettimeofday_ns()
  printf("%s -> %s\\n", thread_indent(1), ppfunc())
}
probe kernel.function("ip_*@net/ipv4/ip_input.c").return {
  printf("%s <- %s\\n", thread_indent(-1), ppfunc())
  start = begun[tid(), ppfunc()]
  if (start) {
    spent[where(ppfunc())] <<< gettimeofday_ns() - start
    delete begun[tid(), ppfunc()]
  }
}
probe kernel.function("ip_rcv") {
  sizes <<< $skb->len
  if (!([execname(), pid()] in seen))
    seen[execname(), pid()] = ctime(gettimeofday_s())
  if (kernel_string($dev->name) == "eth0")
    depth++
}
probe end {
  foreach (name in spent- limit 10)
    printf("%-16s %d %d\\n", name, @count(spent[name]), @avg(spent[name]))
  if (@count(sizes)) print(@hist_log(sizes))
  foreach ([name, id] in seen) printf("%s %d %s\\n", name, id, seen[name, id])
  printf("%d\\n", depth)
}
`,
);
const command = join(here, '../bin/tsprobe');

/** ms of processor time until the probes of a script are attached, as -v says. */
function run(...args) {
  const { stderr } = spawnSync(command, ['-v', ...args, '--', 'ping'], { encoding: 'utf8' });
  const passes = [...stderr.slice(0, stderr.indexOf('Pass 5: run')).matchAll(/ (\d+)usr\/(\d+)sys\//g)];
  if (!stderr.includes('hooks attached')) throw new Error(stderr);
  return passes.reduce((sum, [, user, system]) => sum + Number(user) + Number(system), 0);
}

/** ms of processor time for passes 1 to 3, the start of the process included. */
function compile(...args) {
  const { stderr } = spawnSync(command, ['-v', '-p4', ...args, '--', 'ping'], { encoding: 'utf8' });
  const passes = [...stderr.matchAll(/^Pass [123]: .* (\d+)usr\/(\d+)sys\//gm)];
  if (passes.length !== 3) throw new Error(stderr);
  return passes.reduce((sum, [, user, system]) => sum + Number(user) + Number(system), 0);
}

const long = { functions: join(dir, 'functions.stp'), aliases: join(dir, 'aliases.stp') };
writeFileSync(long.functions, functionsScript());
writeFileSync(long.aliases, aliasesScript());

const rounds = 11;
const times = { node: [], least: [], whole: [], short: [], functions: [], aliases: [] };
for (let i = 0; i < rounds; i++) {
  const usage = '({ user, system } = process.cpuUsage()) => console.log((user + system) / 1000)';
  times.node.push(Number(spawnSync(process.execPath, ['-e', `(${usage})()`], { encoding: 'utf8' }).stdout));
  times.least.push(run('-e', 'probe kernel.function("ip_rcv") { exit() }'));
  times.whole.push(run(script));
  times.short.push(compile('-e', 'probe begin { exit() }'));
  times.functions.push(compile(long.functions));
  times.aliases.push(compile(long.aliases));
}
rmSync(dir, { recursive: true, force: true });
const [node, least, whole] = [times.node, times.least, times.whole].map(median);
const detail = `(node alone ${node.toFixed(0)} ms, a one-line script ${least.toFixed(0)} ms)`;
report({ name: 'a 30-line script, process start to attached probes', value: whole, unit: 'ms', budget: 150, detail });
report({ name: 'the same beyond a one-line script', value: whole - least, unit: 'ms', budget: 20 });
const short = median(times.short);
for (const kind of ['functions', 'aliases'])
  report({
    name: `300 lines (${kind}), passes 1 to 3 beyond start-up`,
    value: median(times[kind]) - short,
    unit: 'ms',
    budget: 40,
  });
