// The words of netem's options, as tc-netem(8) has them, to the configuration of the qdisc.

import { tc_netem_qopt } from '../../../stack/net/sched/sch_netem.js';

const TIMES: Readonly<Record<string, number>> = {
  s: 1e9,
  sec: 1e9,
  secs: 1e9,
  ms: 1e6,
  msec: 1e6,
  us: 1e3,
  usec: 1e3,
  ns: 1,
  '': 1e3,
};
const RATES: Readonly<Record<string, number>> = {
  bit: 1 / 8,
  kbit: 1e3 / 8,
  mbit: 1e6 / 8,
  gbit: 1e9 / 8,
  bps: 1,
  kbps: 1e3,
  mbps: 1e6,
  gbps: 1e9,
  '': 1 / 8,
};

/** @returns ns, or null */
export function parseTime(word: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([a-z]*)$/.exec(word);
  return match === null || !(match[2] in TIMES) ? null : Math.round(Number(match[1]) * TIMES[match[2]]);
}

/** @returns bytes a second, or null */
export function parseRate(word: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(word);
  return match === null || !(match[2].toLowerCase() in RATES)
    ? null
    : Math.round(Number(match[1]) * RATES[match[2].toLowerCase()]);
}

/** @returns 0 … 1, or null */
export function parsePercent(word: string): number | null {
  const match = /^(\d+(?:\.\d+)?)%?$/.exec(word);
  return match === null || Number(match[1]) > 100 ? null : Number(match[1]) / 100;
}

/** @returns the options, or what is wrong with the words */
export function netemOptions(given: readonly string[]): tc_netem_qopt | string {
  const opt = new tc_netem_qopt();
  const words = given.filter((word) => word !== '');
  const optional = (): number | null => {
    const value = words.length > 0 ? parsePercent(words[0]) : null;
    if (value !== null) words.shift();
    return value;
  };
  while (words.length > 0) {
    const name = words.shift() as string;
    if (name === 'delay' || name === 'latency') {
      const delay = parseTime(words.shift() ?? '');
      if (delay === null) return 'Illegal "latency"';
      opt.latency = delay;
      const jitter = words.length > 0 ? parseTime(words[0]) : null;
      if (jitter !== null) {
        words.shift();
        opt.jitter = jitter;
        opt.delay_corr = optional() ?? 0;
      }
    } else if (name === 'loss' || name === 'drop') {
      if (words[0] === 'random') words.shift();
      if (words[0] === 'gemodel') {
        words.shift();
        const p = optional();
        if (p === null) return 'Illegal "loss gemodel p"';
        const r = optional() ?? 1 - p;
        opt.gemodel = [p, r, optional() ?? 1, optional() ?? 0];
        continue;
      }
      const loss = parsePercent(words.shift() ?? '');
      if (loss === null) return 'Illegal "loss percent"';
      opt.loss = loss;
      opt.loss_corr = optional() ?? 0;
    } else if (name === 'duplicate') {
      const value = parsePercent(words.shift() ?? '');
      if (value === null) return 'Illegal "duplicate"';
      opt.duplicate = value;
      opt.dup_corr = optional() ?? 0;
    } else if (name === 'reorder') {
      const value = parsePercent(words.shift() ?? '');
      if (value === null) return 'Illegal "reorder"';
      opt.reorder = value;
      opt.reorder_corr = optional() ?? 0;
      opt.gap = Math.max(opt.gap, 1);
    } else if (name === 'gap') {
      const gap = words.shift() ?? '';
      if (!/^\d+$/.test(gap)) return 'Illegal "gap"';
      opt.gap = Number(gap);
    } else if (name === 'corrupt') {
      const value = parsePercent(words.shift() ?? '');
      if (value === null) return 'Illegal "corrupt"';
      opt.corrupt = value;
      opt.corrupt_corr = optional() ?? 0;
    } else if (name === 'rate') {
      const rate = parseRate(words.shift() ?? '');
      if (rate === null) return 'Illegal "rate"';
      opt.rate = rate;
    } else if (name === 'limit') {
      const limit = words.shift() ?? '';
      if (!/^\d+$/.test(limit)) return 'Illegal "limit"';
      opt.limit = Number(limit);
    } else if (name === 'ecn') {
      opt.ecn = true;
    } else if (name === 'distribution') {
      const distribution = words.shift() ?? '';
      if (distribution !== 'normal' && distribution !== 'pareto' && distribution !== 'uniform') {
        return `Cannot read table for distribution "${distribution}"`;
      }
      opt.distribution = distribution === 'uniform' ? '' : distribution;
    } else {
      return `What is "${name}"?`;
    }
  }
  return opt;
}
