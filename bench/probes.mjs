// What prologues and probes cost on a path of thirteen calls (path/path.ts), built with and without them.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { instrument } from '../dist/instrument/instrument.js';
import { loadedModules, reserveIds } from '../dist/instrument/patch.js';
import { Debuginfo } from '../dist/runtime/debuginfo/debuginfo.js';
import { Hijack } from '../dist/runtime/hijack/hijack.js';
import { median, race, ratio, report } from './measure.mjs';

const here = import.meta.dirname;
const cache = join(here, '../.cache');
mkdirSync(cache, { recursive: true });

async function build(prologues) {
  const dir = mkdtempSync(join(cache, 'bench-'));
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
  return { module, info: Debuginfo.parse(debuginfo), evaluator: loadedModules().at(-1) };
}

const packet = () => ({
  data: new Uint8Array(64).map((_, i) => [0x45, 0, 0, 64, 0, 0, 0, 0, 64, 17][i] ?? i),
  len: 64,
  mark: 0,
});
const walk = (receive, pkt) => (n) => {
  for (let i = 0; i < n; i++) receive(pkt);
};

export async function run() {
  const plain = await build(false);
  const patched = await build(true);
  const calls = 13;
  const { netif_receive: bare } = plain.module;
  const { netif_receive: hooked } = patched.module;

  const quiet = race({ bare: walk(bare, packet()), hooked: walk(hooked, packet()) });
  const added = (median(quiet.hooked) - median(quiet.bare)) / calls;
  report({
    name: 'path with prologues / without',
    value: ratio(quiet.hooked, quiet.bare),
    unit: 'x',
    budget: 1.03,
    detail: `(${added.toFixed(2)} ns a call)`,
  });

  const hijack = new Hijack(patched.info);
  const ids = patched.info.functions
    .map((f) => f.id)
    .filter((id) => patched.info.functions.find((f) => f.id === id)?.name !== 'leaf');
  const nothing = () => {};
  const hooks = hijack.attach(
    ids.flatMap((id) => ['entry', 'return'].map((when, i) => ({ id, when, probe: i, handler: nothing }))),
  );
  const probed = race({ bare: walk(bare, packet()), hooked: walk(hooked, packet()) });
  report({
    name: 'empty entry+return probe',
    value: (median(probed.hooked) - median(probed.bare)) / ids.length,
    unit: 'ns',
    budget: 10,
  });
  hijack.disarm(hooks);
  const after = race({ bare: walk(bare, packet()), hooked: walk(hooked, packet()) });
  report({
    name: 'path with prologues / without, after detaching',
    value: ratio(after.hooked, after.bare),
    unit: 'x',
    budget: 1.03,
  });

  const begin = process.hrtime.bigint();
  const rounds = 1000;
  for (let i = 0; i < rounds; i++) {
    hijack.disarm(hijack.attach([{ id: ids[i % ids.length], when: 'entry', probe: i, handler: nothing }]));
  }
  const us = Number(process.hrtime.bigint() - begin) / 1e3 / rounds;
  report({ name: 'attach and detach', value: us, unit: 'us', budget: 530 });
}
if (process.argv[1] === import.meta.filename) await run();
