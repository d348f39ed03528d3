// What prologues and probes cost on a path of thirteen calls (path/path.ts), built with and without them.
import { Hijack } from '../dist/runtime/hijack/hijack.js';
import { median, race, ratio, report } from './measure.mjs';
import { build } from './path.mjs';

const packet = () => ({
  data: new Uint8Array(64).map((_, i) => [0x45, 0, 0, 64, 0, 0, 0, 0, 64, 17][i] ?? i),
  len: 64,
  mark: 0,
});
const walk = (receive, pkt) => (n) => {
  for (let i = 0; i < n; i++) receive(pkt);
};

const leaf = (module) => {
  let sum = 0;
  return (n) => {
    for (let i = 0; i < n; i++) sum = (sum + module.leaf(i)) | 0;
    return sum;
  };
};

const plain = await build(false);
const patched = await build(true);
const calls = 13;
const nothing = () => {};
const { netif_receive: bare } = plain.module;
const { netif_receive: hooked } = patched.module;
const variants = () => ({ bare: walk(bare, packet()), hooked: walk(hooked, packet()) });

const quiet = race(variants());
const added = (median(quiet.hooked) - median(quiet.bare)) / calls;
report({
  name: 'a path of 13 tiny calls with prologues / without',
  value: ratio(quiet.hooked, quiet.bare),
  unit: 'x',
  detail: `(${added.toFixed(2)} ns a call)`,
});

const hijack = new Hijack(patched.info);
const { functions } = patched.info;
const both = (ids) =>
  ids.flatMap((id) => ['entry', 'return'].map((when, i) => ({ id, when, probe: i, handler: nothing })));
const single = functions.find((f) => f.name === 'leaf').id;
const one = hijack.attach(both([single]));
const alone = race({ bare: leaf(plain.module), hooked: leaf(patched.module) });
hijack.disarm(one);
report({
  name: 'entry+return probe, empty, added to one call',
  value: median(alone.hooked) - median(alone.bare),
  unit: 'ns',
  budget: 10,
});

const ids = functions.map((f) => f.id).filter((id) => id !== single);
const all = hijack.attach(both(ids));
const probed = race(variants());
hijack.disarm(all);
report({
  name: 'the same on each of 13 nested tiny calls, a call',
  value: (median(probed.hooked) - median(probed.bare)) / ids.length,
  unit: 'ns',
});

const begin = process.hrtime.bigint();
const rounds = 1000;
for (let i = 0; i < rounds; i++) {
  hijack.disarm(hijack.attach([{ id: ids[i % ids.length], when: 'entry', probe: i, handler: nothing }]));
}
const us = Number(process.hrtime.bigint() - begin) / 1e3 / rounds;
report({ name: 'attach and detach', value: us, unit: 'us', budget: 530 });
