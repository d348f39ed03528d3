// Handlers of typical kinds, as the compiler makes them, against JavaScript written by hand that does the same;
// and the probe that most scripts begin with: how long a function takes.
import { median, race, ratio, report } from './measure.mjs';
import { build } from './path.mjs';
import { during, withHandler } from './scripts.mjs';

const { module, info } = await build(true);

/** Each: a name, globals and body of a probe on leaf($value), and a maker of the same by hand. */
const KINDS = [
  ['counter', 'global n', 'n++', () => { let n = 0; return () => ++n; }],
  ['condition on a parameter', 'global n', 'if ($value > 100 && $value % 3 == 0) n += $value', () => {
    let n = 0;
    return (value) => { if (value > 100 && value % 3 === 0) n += value; return n; };
  }],
  ['array by number', 'global a', 'a[$value & 63]++', () => {
    const a = new Map();
    return (value) => { const key = value & 63; a.set(key, (a.get(key) ?? 0) + 1); };
  }],
  ['array by text and number', 'global a', 'a["x", $value & 63] += $value', () => {
    const a = new Map();
    return (value) => {
      let inner = a.get('x');
      if (!inner) a.set('x', (inner = new Map()));
      const key = value & 63;
      inner.set(key, (inner.get(key) ?? 0) + value);
    };
  }],
  ['statistic', 'global s', 's <<< $value', () => {
    const s = { count: 0, sum: 0, min: Infinity, max: -Infinity };
    return (value) => {
      s.count++;
      s.sum += value;
      if (value < s.min) s.min = value;
      if (value > s.max) s.max = value;
    };
  }],
  ['statistic by function name', 'global s', 's[ppfunc()] <<< $value', () => {
    const all = new Map();
    return (value) => {
      let s = all.get('leaf');
      if (!s) all.set('leaf', (s = { count: 0, sum: 0, min: Infinity, max: -Infinity }));
      s.count++;
      s.sum += value;
      if (value < s.min) s.min = value;
      if (value > s.max) s.max = value;
    };
  }],
  ['loop', 'global n', 'for (i = 0; i < 32; i++) n += i ^ $value', () => {
    let n = 0;
    return (value) => { for (let i = 0; i < 32; i++) n += i ^ value; return n; };
  }],
  ['function calls', 'global n function f(x) { return x < 2 ? x : f(x - 1) + f(x - 2) }', 'n += f(8)', () => {
    let n = 0;
    const f = (x) => (x < 2 ? x : f(x - 1) + f(x - 2));
    return () => (n += f(8));
  }],
  ['text made by sprintf', 'global t', 't = sprintf("%s:%d:%x", "port", $value, $value)', () => {
    let t = '';
    return (value) => { t = `port:${value}:${value.toString(16)}`; return t.length; };
  }],
  ['printed line', '', 'printf("%d %s %d\\n", $value, "leaf", $value + 1)', () => {
    // What is not kept would not be made.
    const output = { text: '', print(text) { this.text = text; } }; // prettier-ignore
    return (value) => output.print(`${value} leaf ${value + 1}\n`);
  }],
]; // prettier-ignore

for (const [name, globals, body, byHand] of KINDS) {
  // Reading the global at the end keeps the compiler from dropping what is only written.
  const read = /global (\w)/.exec(globals)?.[1];
  const end = read
    ? `probe end { ${body.includes('[') ? `foreach (k in ${read}-) print("")`.replace('k in', body.includes(',') && name.includes('text and') ? '[k, l] in' : 'k in') : body.includes('<<<') ? `println(@count(${read}))` : `println(${read})`} }`
    : '';
  const script = `${globals}\nprobe kernel.function("leaf") { ${body} }\n${end}`;
  await withHandler(info, script, (handler) => {
    const hand = byHand();
    const times = race({
      hand: (n) => { for (let i = 0; i < n; i++) hand(i & 1023); },
      made: (n) => { for (let i = 0; i < n; i++) handler(i & 1023); },
    }, { rounds: 21, warm: 250 }); // prettier-ignore
    const detail = `(${median(times.made).toFixed(1)} against ${median(times.hand).toFixed(1)} ns)`;
    report({
      name: `handler: ${name}, made / by hand`,
      value: ratio(times.made, times.hand),
      unit: 'x',
      budget: 1.5,
      detail,
    });
  });
}

let last = 0;
const clock = race({
  clock: (n) => {
    for (let i = 0; i < n; i++) last = Math.round(performance.now() * 1e6);
  },
});
if (last === 0) throw new Error('the clock stands still');
const loop = (n) => {
  for (let i = 0; i < n; i++) module.leaf(i);
};
const bare = race({ loop });
for (const time of ['gettimeofday_us', 'ktime_get_ns', 'gettimeofday_ns']) {
  const script = `global lat
    probe kernel.function("leaf").return { lat[ppfunc()] <<< ${time}() - @entry(${time}()) }
    probe end { foreach (f in lat) print("") }`;
  await during(info, script, () => {
    const probed = race({ loop });
    const added = median(probed.loop) - median(bare.loop);
    const reads = 2 * median(clock.clock);
    const detail = `(${added.toFixed(1)} ns, two clock reads ${reads.toFixed(1)} ns)`;
    const name = `latency by ${time}(), beyond two clock reads`;
    report({ name, value: added - reads, unit: 'ns', budget: 25, detail });
  });
}
