// The words of the options of tbf, fq and the fifos, as tc-tbf(8), tc-fq(8) and tc-bfifo(8) have them.

import type { tc_fifo_qopt } from '../../../stack/net/sched/sch_fifo.js';
import type { tc_fq_qopt } from '../../../stack/net/sched/sch_fq.js';
import { tc_tbf_qopt } from '../../../stack/net/sched/sch_tbf.js';
import { parseRate, parseTime } from './netem-options.js';

const SIZES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1024,
  m: 1024 * 1024,
  mb: 1024 * 1024,
  kbit: 1024 / 8,
  mbit: (1024 * 1024) / 8,
};

/** @returns bytes, or null */
export function parseSize(word: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(word);
  const unit = match === null ? undefined : SIZES[match[2].toLowerCase()];
  return match === null || unit === undefined ? null : Math.round(Number(match[1]) * unit);
}

/** A count, with the `p` for packets that tc itself prints. */
function parseCount(word: string): number | null {
  return /^\d+p?$/.test(word) ? parseInt(word, 10) : null;
}

type Reader<T> = (opt: T, word: string) => boolean;

function reader<T>(parse: (word: string) => number | null, set: (opt: T, value: number) => void): Reader<T> {
  return (opt, word) => {
    const value = parse(word);
    if (value === null) return false;
    set(opt, value);
    return true;
  };
}

/** Reads pairs of name and value. @returns the options, or what is wrong */
function read<T>(opt: T, words: readonly string[], readers: Readonly<Record<string, Reader<T>>>): T | string {
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i];
    if (!Object.hasOwn(readers, name)) return `What is "${name}"?`;
    if (i + 1 >= words.length || !readers[name](opt, words[i + 1])) return `Illegal "${name}"`;
  }
  return opt;
}

export function tbfOptions(words: readonly string[]): tc_tbf_qopt | string {
  const burst = reader<tc_tbf_qopt>(parseSize, (o, v) => (o.burst = v));
  const mtu = reader<tc_tbf_qopt>(parseSize, (o, v) => (o.mtu = v));
  const opt = read(new tc_tbf_qopt(), words, {
    rate: reader<tc_tbf_qopt>(parseRate, (o, v) => (o.rate = v)),
    burst,
    buffer: burst,
    maxburst: burst,
    limit: reader<tc_tbf_qopt>(parseSize, (o, v) => (o.limit = v)),
    latency: reader<tc_tbf_qopt>(parseTime, (o, v) => (o.latency = v)),
    peakrate: reader<tc_tbf_qopt>(parseRate, (o, v) => (o.peakrate = v)),
    mtu,
    minburst: mtu,
  });
  if (typeof opt === 'string') return opt;
  if (opt.rate === 0 || opt.burst === 0) return 'Both "rate" and "burst" are required.';
  if (opt.limit === 0 && opt.latency === 0) return 'Either "limit" or "latency" is required.';
  return opt;
}

export function fqOptions(words: readonly string[]): tc_fq_qopt | string {
  const rest = [...words];
  const opt: tc_fq_qopt = {};
  const flags: Readonly<Record<string, () => void>> = {
    pacing: () => (opt.pacing = true),
    nopacing: () => (opt.pacing = false),
    horizon_drop: () => (opt.horizon_drop = true),
    horizon_cap: () => (opt.horizon_drop = false),
  };
  for (const [name, set] of Object.entries(flags)) {
    const at = rest.indexOf(name);
    if (at >= 0) {
      rest.splice(at, 1);
      set();
    }
  }
  return read(opt, rest, {
    limit: reader<tc_fq_qopt>(parseCount, (o, v) => (o.limit = v)),
    flow_limit: reader<tc_fq_qopt>(parseCount, (o, v) => (o.flow_limit = v)),
    quantum: reader<tc_fq_qopt>(parseSize, (o, v) => (o.quantum = v)),
    initial_quantum: reader<tc_fq_qopt>(parseSize, (o, v) => (o.initial_quantum = v)),
    maxrate: reader<tc_fq_qopt>(parseRate, (o, v) => (o.maxrate = v)),
    low_rate_threshold: reader<tc_fq_qopt>(parseRate, (o, v) => (o.low_rate_threshold = v)),
    horizon: reader<tc_fq_qopt>(parseTime, (o, v) => (o.horizon = v)),
  });
}

export function fifoOptions(words: readonly string[]): tc_fifo_qopt | string {
  const limit = (word: string): number | null => parseCount(word) ?? parseSize(word);
  return read<tc_fifo_qopt>({}, words, { limit: reader<tc_fifo_qopt>(limit, (o, v) => (o.limit = v)) });
}
