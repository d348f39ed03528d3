// Measuring: variants of one thing are run in turns, round by round, so that what else the machine does
// touches all of them; a variant's figure is the median of its rounds. Times are those of the processor.

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/**
 * Times variants against each other.
 * @param {Record<string, (n: number) => void>} variants each runs its work n times
 * @returns {Record<string, number[]>} ns for one run of the work, by round
 */
export function race(variants, { rounds = 41, ms = 10, warm = 500 } = {}) {
  const names = Object.keys(variants);
  // V8 compiles on another thread, which may have to wait for a processor.
  for (const end = cpu() + warm * names.length; cpu() < end;) {
    for (const name of names) variants[name](256);
  }
  const runs = {};
  for (const name of names) {
    let n = 64;
    let ns = 0;
    while (ns < ms * 1e6) {
      n = ns === 0 ? n * 4 : Math.ceil(n * Math.min(4, (ms * 1.2e6) / ns));
      ns = time(variants[name], n);
    }
    runs[name] = n;
  }
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 ? names : [...names].reverse();
    for (const name of order) times[name].push(time(variants[name], runs[name]) / runs[name]);
  }
  return times;
}

function cpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Processor time, so that a machine that does other things as well gives the same figures. */
function time(work, n) {
  const begin = process.cpuUsage();
  work(n);
  const { user, system } = process.cpuUsage(begin);
  return Math.max(1, (user + system) * 1000);
}

/** Median of the ratios a/b of two variants' rounds. */
export function ratio(a, b) {
  return median(a.map((value, i) => value / b[i]));
}

/** @typedef {{ name: string, value: number, unit: string, budget?: number, most?: boolean, detail?: string }} Result */

/**
 * Prints one figure with its share of the budget; `most`: the budget is an upper bound. Without a budget the
 * figure is printed for comparison only.
 * @param {Result} result
 */
export function report({ name, value, unit, budget, most = true, detail = '' }) {
  const figure = `${value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(4)} ${unit}`;
  const line = `${name.padEnd(54)} ${figure.padStart(18)}`;
  if (budget === undefined) {
    console.log(`     ${line} ${detail}`.trimEnd());
    return;
  }
  const share = most ? value / budget : budget / value;
  const bound = `${most ? '<=' : '>='} ${budget.toLocaleString('en')} ${unit}`;
  console.log(
    `${share <= 1 ? 'ok  ' : 'MISS'} ${line}   ${bound.padEnd(22)} ${share.toFixed(2)} of budget ${detail}`.trimEnd(),
  );
}
