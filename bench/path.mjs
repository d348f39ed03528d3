// The path of path/path.ts, built with or without prologues and loaded.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { instrument } from '../dist/instrument/instrument.js';
import { reserveIds } from '../dist/instrument/patch.js';
import { Debuginfo } from '../dist/runtime/debuginfo/debuginfo.js';

const here = import.meta.dirname;
const cache = join(here, '../.cache');

/** @param {boolean} prologues */
export async function build(prologues) {
  mkdirSync(cache, { recursive: true });
  const dir = mkdtempSync(join(cache, 'bench-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const patch = pathToFileURL(join(here, '../dist/instrument/patch.js')).href;
  const { modules, debuginfo } = instrument({
    root: join(here, 'path'),
    files: [join(here, 'path/path.ts')],
    firstId: reserveIds(64),
    patch: () => patch,
    prologues,
  });
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  for (const [file, code] of modules) writeFileSync(join(dir, file), code);
  const module = await import(pathToFileURL(join(dir, 'path.js')).href);
  return { module, info: Debuginfo.parse(debuginfo) };
}
