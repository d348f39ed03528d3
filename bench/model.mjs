// The kernel model as the benches load it: as built, and built without prologues, side by side.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Debuginfo } from '../dist/runtime/debuginfo/debuginfo.js';

// As the command does (scripts/link.mjs).
setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000');

const root = join(import.meta.dirname, '..');

async function load(dist) {
  const get = (file) => import(pathToFileURL(join(dist, file)).href);
  return {
    ...(await get('lab/lab.js')),
    ...(await get('lab/topologies/routed.js')),
    ...(await get('lab/topologies/pair.js')),
    libc: await get('lab/libc.js'),
    ...(await get('stack/net/core/dev.js')),
    ...(await get('stack/net/core/skbuff.js')),
    ...(await get('stack/kernel/current.js')),
  };
}

/** The model as users have it. */
export const patched = () => load(join(root, 'dist'));

/** The model without prologues. */
export async function plain() {
  const out = join(root, '.cache/plain');
  const { status } = spawnSync(process.execPath, [join(root, 'scripts/build.mjs'), '--plain', '--out', out], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the model without prologues could not be built');
  return load(out);
}

export const debuginfo = () => Debuginfo.load(join(root, 'dist/debuginfo.json'));
