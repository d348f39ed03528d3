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

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);

/** One aggregate. The limits give the width of drawings. */
export class Aggregate implements Stats {
  private n = 0;
  private total: Long = 0;
  private least: Long = 0;
  private most: Long = 0;
  private spread: Spread | null = null;
  /** Holds something, and keeps neither variance nor histogram. */
  private plain = false;
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

  /** `x <<< value`: small enough to be inlined where it is called; what is unusual is in addSlowly. */
  add(value: Long): void {
    const { total } = this;
    if (this.plain && typeof value === 'number' && typeof total === 'number') {
      const sum = total + value;
      if (sum <= Number.MAX_SAFE_INTEGER && sum >= Number.MIN_SAFE_INTEGER) {
        this.n++;
        this.total = sum;
        if (value < this.least) this.least = value;
        if (value > this.most) this.most = value;
        return;
      }
    }
    this.addSlowly(value);
  }

  private addSlowly(value: Long): void {
    if (this.n === 0) {
      this.total = value;
      this.least = value;
      this.most = value;
    } else {
      this.total = fromBigInt(BigInt(this.total) + BigInt(value));
      if (value < this.least) this.least = value;
      if (value > this.most) this.most = value;
    }
    this.n++;
    this.addExtra(value);
    this.plain = this.bitShift === null && this.filled === null;
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
    this.plain = false;
    this.n = 0;
    this.total = 0;
    this.least = 0;
    this.most = 0;
    this.spread = null;
    this.filled?.fill(0);
  }

  count(): Long {
    return this.n;
  }

  sum(): Long {
    return this.total;
  }

  min(): Long {
    this.mustHold();
    return this.least;
  }

  max(): Long {
    this.mustHold();
    return this.most;
  }

  /** Mean, truncated toward zero. */
  avg(): Long {
    this.mustHold();
    const total = this.total;
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
    const off = s.mean - wrap(BigInt(this.total) << shift) / n;
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
