// Clocks and times. All of them read the run's own clock (virtual, or virtual plus the host's share, as the
// environment decides). Read beside it: dsl/builtins/time.ts, dsl/target.ts (ProbeContext).
import type { BuiltinGroup, BuiltinTable } from '../services.js';
import type { Long, Value } from '../../dsl/abi.js';
import type { ProbeContext } from '../../dsl/target.js';
import { fromBigInt } from '../values.js';

/** Jiffies a second; the model's default. */
const HZ = 1000n;

const units: Record<string, bigint> = { ns: 1n, us: 1_000n, ms: 1_000_000n, s: 1_000_000_000n };
const big = (v: Value): bigint => BigInt(v as Long);

/** `Thu Jan  1 00:00:00 1970`; beyond what four digits of a year can hold as SystemTap says it. */
export function ctime(seconds: bigint): string {
  if (seconds < -67768040609740800n || seconds > 67768036191676799n) {
    return seconds < 0n ? 'far far in the past...' : 'far far in the future...';
  }
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return seconds < 0n ? 'far far in the past...' : 'far far in the future...';
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][date.getUTCDay()];
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][
    date.getUTCMonth()
  ];
  const two = (n: number): string => String(n).padStart(2, '0');
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `${day} ${month} ${String(date.getUTCDate()).padStart(2)} ${clock} ${date.getUTCFullYear()}`;
}

/** `1h02m03.004s`-like text: the parts from the first that is not zero. */
export function durationText(ms: bigint): string {
  const h = ms / 3_600_000n;
  const m = (ms / 60_000n) % 60n;
  const s = (ms / 1000n) % 60n;
  const rest = String(ms % 1000n).padStart(3, '0');
  const two = (n: bigint): string => String(n).padStart(2, '0');
  if (h > 0n) return `${h}h${two(m)}m${two(s)}.${rest}s`;
  if (m > 0n) return `${m}m${two(s)}.${rest}s`;
  return `${s}.${rest}s`;
}

/** Time since boot in units of `ns` nanoseconds, in numbers while they are exact. */
function sinceBoot(context: ProbeContext, ns: bigint): () => Long {
  const unit = Number(ns);
  return () => {
    const now = context.now();
    if (now > Number.MAX_SAFE_INTEGER) return fromBigInt(context.now_ns() / ns);
    return unit === 1 ? now : Math.floor(now / unit);
  };
}

/** The wall clock in units of `ns` nanoseconds, more than one: a number, exact for the next 200 years. */
function wallClock(context: ProbeContext, ns: bigint): () => Long {
  const unit = Number(ns);
  const whole = Number(context.boot_ns / ns);
  const rest = Number(context.boot_ns % ns);
  return () => {
    const now = context.now();
    if (now > Number.MAX_SAFE_INTEGER - unit) return fromBigInt(context.realtime_ns() / ns);
    return whole + Math.floor((now + rest) / unit);
  };
}

/**
 * The wall clock in nanoseconds. It needs a bigint: one is read off two halves that are added up as numbers, which
 * takes a third of the time that conversions and sums of bigints take.
 */
function nanoseconds(context: ProbeContext): () => Long {
  const { boot_ns } = context;
  const WORD = 2 ** 32;
  const low = Number(BigInt.asUintN(32, boot_ns));
  const high = Number(boot_ns >> 32n);
  const halves = new Uint32Array(2);
  const whole = new BigInt64Array(halves.buffer);
  const [first, second] = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? [0, 1] : [1, 0]; // by byte order
  return () => {
    const now = context.now();
    if (now > Number.MAX_SAFE_INTEGER || high < 2 ** 21) return fromBigInt(context.realtime_ns());
    const over = Math.floor(now / WORD);
    const sum = low + (now - over * WORD);
    halves[first] = sum;
    halves[second] = high + over + (sum >= WORD ? 1 : 0);
    return whole[0];
  };
}

export const time: BuiltinGroup = (rt) => {
  const { context } = rt;
  const realtime = nanoseconds(context);
  const table: BuiltinTable = {};
  for (const [unit, ns] of Object.entries(units)) {
    table[`gettimeofday_${unit}`] = ns === 1n ? realtime : wallClock(context, ns);
    table[`local_clock_${unit}`] = sinceBoot(context, ns);
    table[`cpu_clock_${unit}`] = sinceBoot(context, ns);
  }

  const watches = new Map<string, { running: boolean; since: bigint; total: bigint }>();
  const watch = (name: Value) => {
    let w = watches.get(name as string);
    if (!w) watches.set(name as string, (w = { running: false, since: 0n, total: 0n }));
    return w;
  };
  for (const [unit, ns] of Object.entries(units)) {
    table[`read_stopwatch_${unit}`] = (name) => {
      const w = watches.get(name as string);
      if (!w) return 0;
      return fromBigInt((w.total + (w.running ? context.now_ns() - w.since : 0n)) / ns);
    };
  }

  return {
    ...table,
    ktime_get_ns: sinceBoot(context, 1n),
    ktime_get_real_ns: realtime,
    // A nominal 1 GHz counter that never reads 0.
    get_cycles: () => {
      const now = context.now();
      return now < Number.MAX_SAFE_INTEGER ? now + 1 : fromBigInt(context.now_ns() + 1n);
    },
    jiffies: () => fromBigInt(4_294_667_296n + (context.now_ns() * HZ) / 1_000_000_000n),
    HZ: () => Number(HZ),
    ctime: (s) => ctime(big(s)),
    ctime0: () => ctime(context.realtime_ns() / 1_000_000_000n),
    // The run's timezone is UTC: the output must not depend on where it runs.
    tz_ctime: (s) => `${ctime(big(s))} UTC`,
    tz_gmtoff: () => 0,
    tz_name: () => 'UTC',
    cputime_to_usecs: (t) => fromBigInt(big(t) / 1000n),
    cputime_to_msecs: (t) => fromBigInt(big(t) / 1_000_000n),
    cputime_to_string: (t) => durationText(big(t) / 1_000_000n),
    nsecs_to_string: (t) => durationText(big(t) / 1_000_000n),
    usecs_to_string: (t) => durationText(big(t) / 1000n),
    msecs_to_string: (t) => durationText(big(t)),
    start_stopwatch: (name) => {
      const w = watch(name);
      if (!w.running) Object.assign(w, { running: true, since: context.now_ns() });
    },
    stop_stopwatch: (name) => {
      const w = watch(name);
      if (w.running) Object.assign(w, { running: false, total: w.total + context.now_ns() - w.since });
    },
    delete_stopwatch: (name) => {
      watches.delete(name as string);
    },
  };
};
