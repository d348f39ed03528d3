// Makes dist/snapshot.kernel and, for scripts without a kernel, dist/snapshot.script. Each is a process that has loaded
// the linked files, read debuginfo and tapset, and run usual scripts (src/cli/snapshot.ts), as Node keeps it by
// --build-snapshot. A start from it needs to load, compile and read none of that. Such a blob is bound to one
// Node, its options and the processor's features, and the paths in it to one folder: dist/snapshot.key says
// which, and bin/tsprobe compares, for Node refuses what does not fit.
// Read beside it: bin/tsprobe, link.mjs; Node's documentation, "User-land startup snapshots".
import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Options of the snapshot and of each start from it. Young objects get room that a start does not fill, so that it
 * collects nothing. Why functions are inlined so far: see linked.js (link.mjs); why nothing is optimized: see
 * src/cli/optimizing.ts.
 */
const FLAGS = ['--min-semi-space-size=16', '--max-inlined-bytecode-size-cumulative=3000', '--no-opt'];

/** What snapshots are for (src/cli/snapshot.ts). The first is a third of the other's size. */
const KINDS = ['script', 'kernel'];

/** The processor and its features, as the kernel says; '' where it does not. */
function processor() {
  try {
    return readFileSync('/sys/devices/system/cpu/modalias', 'latin1').trim();
  } catch {
    return '';
  }
}

/** Takes away what does not fit any more. */
export function dropSnapshot(dist) {
  for (const file of ['snapshot.key', ...KINDS.map((kind) => `snapshot.${kind}`)])
    rmSync(join(dist, file), { force: true });
}

/**
 * @param {string} dist
 * @throws {Error} if Node cannot make one
 */
export function makeSnapshot(dist) {
  dropSnapshot(dist);
  for (const kind of KINDS) makeBlob(dist, kind);
  const node = process.execPath;
  const file = spawnSync('ls', ['-Lsi', node], { encoding: 'utf8' }).stdout.trim();
  writeFileSync(join(dist, 'snapshot.key'), [FLAGS.join(' '), node, file, dist, processor(), ''].join('\n'));
}

function makeBlob(dist, kind) {
  const node = process.execPath;
  const blob = join(dist, `snapshot.${kind}`);
  const env = { ...process.env };
  for (const name of ['NODE_OPTIONS', 'NODE_V8_COVERAGE']) delete env[name];
  const args = [
    '--no-warnings',
    ...FLAGS,
    '--snapshot-blob',
    `${blob}.new`,
    '--build-snapshot',
    join(dist, 'snapshot.cjs'),
    kind,
  ];
  const { status, stderr } = spawnSync(node, args, {
    env,
    encoding: 'utf8',
    timeout: 120_000,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) throw new Error(`node --build-snapshot: ${stderr.trim() || `status ${status}`}`);
  renameSync(`${blob}.new`, blob);
  const trial = spawnSync(node, [...FLAGS, '--snapshot-blob', blob, 'tsprobe', 'scenarios'], { env, encoding: 'utf8' });
  if (trial.status !== 0) {
    dropSnapshot(dist);
    throw new Error(`node --snapshot-blob: ${trial.stderr.trim()}`);
  }
}
