// Statistics variables: what `<<<` feeds and @count, @sum, @min, @max, @avg, @variance and @hist_* read.
// Read beside it: SystemTap Language Reference, "Statistics (aggregates)"; histogram.ts for the drawing.
import type { HistogramSpec, Long, Stats } from '../dsl/abi.js';
import { ScriptError } from './errors.js';
import { bucketCount, bucketOf, drawHistogram } from './histogram.js';
import type { RunLimits } from './limits.js';
import { fromBigInt } from './values.js';

/** Running integer mean and sum of squared differences (Welford), scaled by 2^shift. */
interface Spread {
  mean: bigint;
  squares: bigint;
  variance: bigint;
}

interface Extremes {
  readonly total: Long;
  readonly least: Long;
  readonly most: Long;
}

const nothing: Extremes = { total: 0, least: 0, most: 0 };

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);

/** One aggregate. The limits give the width of drawings. */
export class Aggregate implements Stats {
  private n = 0;
  // Numbers, which V8 stores in place; not a number where `kept` stands for them, so that one comparison tells.
  private total = NaN;
  private least = Infinity;
  private most = -Infinity;
  /** What is held while it is nothing, needs a bigint, or comes with a variance or a histogram. */
  private kept: Extremes | null = nothing;
  private spread: Spread | null = null;
  private readonly spec: HistogramSpec;
  private readonly bitShift: number | null;
  private readonly filled: Float64Array | null;
  private readonly limits: RunLimits;

  /** @param bitShift of @variance; null when the variance is never read */
  constructor(spec: HistogramSpec, bitShift: number | null, limits: RunLimits) {
    this.spec = spec;
    this.bitShift = bitShift;
    this.filled = spec.kind === 'none' ? null : new Float64Array(bucketCount(spec));
    this.limits = limits;
  }

  /**
   * `x <<< value`: small enough to be inlined where it is called; what is unusual is in addSlowly.
   * @returns the value, which is what the operation is worth
   */
  add(value: Long): Long {
    if (typeof value === 'number') {
      const sum = this.total + value;
      if (Math.abs(sum) <= Number.MAX_SAFE_INTEGER) {
        this.n++;
        this.total = sum;
        if (value < this.least) this.least = value;
        if (value > this.most) this.most = value;
        return value;
      }
    }
    this.addSlowly(value);
    return value;
  }

  private addSlowly(value: Long): void {
    const first = this.n === 0;
    const held = this.held();
    const sum = typeof held.total === 'number' && typeof value === 'number' ? held.total + value : NaN;
    const total = Number.isSafeInteger(sum) ? sum : fromBigInt(BigInt(held.total) + BigInt(value));
    const least = first || value < held.least ? value : held.least;
    const most = first || value > held.most ? value : held.most;
    this.n++;
    this.addExtra(value);
    const plain = this.bitShift === null && this.filled === null;
    if (plain && typeof total === 'number' && typeof least === 'number' && typeof most === 'number') {
      this.total = total;
      this.least = least;
      this.most = most;
      this.kept = null;
    } else {
      this.total = NaN;
      this.kept = { total, least, most };
    }
  }

  private held(): Extremes {
    return this.kept ?? { total: this.total, least: this.least, most: this.most };
  }

  private addExtra(value: Long): void {
    if (this.filled !== null) this.filled[bucketOf(this.spec, value)]++;
    if (this.bitShift === null) return;
    const scaled = wrap(BigInt(value) << BigInt(this.bitShift));
    const s = this.spread;
    if (s === null) {
      this.spread = { mean: scaled, squares: 0n, variance: 0n };
      return;
    }
    const delta = wrap(scaled - s.mean);
    s.mean = wrap(s.mean + delta / BigInt(this.n));
    s.squares = wrap(s.squares + delta * (scaled - s.mean));
    s.variance = s.squares / BigInt(this.n - 1);
  }

  clear(): void {
    this.n = 0;
    this.total = NaN;
    this.kept = nothing;
    this.spread = null;
    this.filled?.fill(0);
  }

  count(): Long {
    return this.n;
  }

  sum(): Long {
    return this.held().total;
  }

  min(): Long {
    this.mustHold();
    return this.held().least;
  }

  max(): Long {
    this.mustHold();
    return this.held().most;
  }

  /** Mean, truncated toward zero. */
  avg(): Long {
    this.mustHold();
    const total = this.sum();
    return typeof total === 'number' ? Math.trunc(total / this.n) + 0 : fromBigInt(total / BigInt(this.n));
  }

  /**
   * Sample variance over n - 1, by SystemTap's integer arithmetic: the mean that was carried along is
   * corrected by the true one at the end, so results differ from an exact variance as SystemTap's do.
   */
  variance(): Long {
    this.mustHold();
    const s = this.spread;
    if (s === null || this.n < 2) return 0;
    const shift = BigInt(this.bitShift ?? 0);
    const n = BigInt(this.n);
    const off = s.mean - wrap(BigInt(this.sum()) << shift) / n;
    const squares = wrap(n * off * off + (n - 1n) * s.variance);
    return fromBigInt((squares / (n - 1n)) >> (2n * shift));
  }

  bucket(index: Long): Long {
    this.mustHold();
    return this.at(index);
  }

  hasBucket(index: Long): number {
    return this.at(index) === 0 ? 0 : 1;
  }

  buckets(): number {
    this.mustHold();
    return this.filled?.length ?? 0;
  }

  histogram(): string {
    this.mustHold();
    if (this.filled === null) return '';
    return drawHistogram(this.spec, this.filled, this.limits.histWidth, this.limits.histElision);
  }

  private at(index: Long): number {
    const filled = this.filled;
    if (filled === null || index < 0 || index >= filled.length) throw new ScriptError('histogram index out of range');
    return filled[Number(index)];
  }

  private mustHold(): void {
    if (this.n === 0) throw new ScriptError('empty aggregate');
  }
}
