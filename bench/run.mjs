// `npm run bench [NAME…]`: runs each bench in a process of its own and prints its figures as shares of their
// budgets. Where one misses, the bench runs once more under V8's profiler, and the five functions that took
// most of the time are printed beside it. Exit status 1 if anything misses.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const cache = join(here, '../.cache');
mkdirSync(cache, { recursive: true });

const BENCHES = ['probes', 'handlers', 'start', 'forwarding', 'tcp', 'segments'];
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !BENCHES.includes(name));
if (unknown.length > 0) {
  console.error(`no bench is called ${unknown.join(', ')}; there are ${BENCHES.join(', ')}`);
  process.exit(1);
}

let missed = 0;
for (const name of asked.length > 0 ? asked : BENCHES) {
  const file = join(here, `${name}.mjs`);
  console.log(`# ${name}`);
  const { stdout, status } = spawnSync(process.execPath, [file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.stdout.write(stdout);
  const misses = stdout.split('\n').filter((line) => line.startsWith('MISS')).length;
  missed += misses + (status === 0 ? 0 : 1);
  if (misses > 0) for (const line of profile(file)) console.log(`       ${line}`);
}
process.exitCode = missed > 0 ? 1 : 0;

/** The five functions in which a bench spends most of its time, those of what it starts not included. */
function profile(file) {
  const dir = mkdtempSync(join(cache, 'profile-'));
  try {
    spawnSync(process.execPath, ['--cpu-prof', `--cpu-prof-dir=${dir}`, file], { stdio: 'ignore' });
    const own = new Map();
    let total = 0;
    for (const entry of readdirSync(dir)) {
      const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(dir, entry), 'utf8'));
      const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
      samples.forEach((id, i) => {
        const { functionName, url, lineNumber } = byId.get(id);
        if (functionName === '(idle)' || functionName === '(program)') return;
        const where = url ? ` ${url.split('/').slice(-2).join('/')}:${lineNumber + 1}` : '';
        const key = `${functionName || '(anonymous)'}${where}`;
        own.set(key, (own.get(key) ?? 0) + timeDeltas[i]);
        total += timeDeltas[i];
      });
    }
    const top = [...own].sort((a, b) => b[1] - a[1]).slice(0, 5);
    return top.map(([name, us]) => `${((us / total) * 100).toFixed(1).padStart(5)} % ${name}`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
