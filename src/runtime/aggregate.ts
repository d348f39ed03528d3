// Statistics variables: what `<<<` feeds and @count, @sum, @min, @max, @avg, @variance and @hist_* read.
// Read beside it: SystemTap Language Reference, "Statistics (aggregates)".
import { addToHistogram, bucketCount, type HistogramShape } from './histogram.js';
import { fromBigInt, type Long } from './values.js';

/** What a program reads of one statistics variable, and so what must be kept. */
export interface StatShape {
  /** Bit shift of @variance, or null if the variance is never read. */
  readonly variance: number | null;
  readonly histogram: HistogramShape | null;
}

export const plainStat: StatShape = { variance: null, histogram: null };

/** Running integer mean and sum of squared differences (Welford), scaled by 2^shift. */
interface Spread {
  mean: bigint;
  squares: bigint;
  variance: bigint;
}

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);

export class Aggregate {
  count: number;
  sum: Long;
  min: Long;
  max: Long;
  readonly shape: StatShape;
  readonly buckets: Float64Array | null;
  private spread: Spread | null;

  constructor(shape: StatShape = plainStat) {
    this.count = 0;
    this.sum = 0;
    this.min = 0;
    this.max = 0;
    this.shape = shape;
    this.buckets = shape.histogram === null ? null : new Float64Array(bucketCount(shape.histogram));
    this.spread = null;
  }

  /** `x <<< value` */
  add(value: Long): void {
    if (this.count === 0) {
      this.sum = value;
      this.min = value;
      this.max = value;
    } else {
      const sum = this.sum;
      if (typeof sum === 'number' && typeof value === 'number') {
        const total = sum + value;
        this.sum = Number.isSafeInteger(total) ? total : fromBigInt(BigInt(sum) + BigInt(value));
      } else {
        this.sum = fromBigInt(BigInt(sum) + BigInt(value));
      }
      if (value < this.min) this.min = value;
      if (value > this.max) this.max = value;
    }
    this.count++;
    if (this.shape.variance !== null) this.addSpread(value, BigInt(this.shape.variance));
    if (this.buckets !== null) addToHistogram(this.shape.histogram as HistogramShape, this.buckets, value);
  }

  private addSpread(value: Long, shift: bigint): void {
    const scaled = wrap(BigInt(value) << shift);
    const s = this.spread;
    if (s === null) {
      this.spread = { mean: scaled, squares: 0n, variance: 0n };
      return;
    }
    const delta = wrap(scaled - s.mean);
    s.mean = wrap(s.mean + delta / BigInt(this.count));
    s.squares = wrap(s.squares + delta * (scaled - s.mean));
    s.variance = s.squares / BigInt(this.count - 1);
  }

  /** Mean, truncated toward zero; the caller has refused an empty aggregate. */
  get avg(): Long {
    const sum = this.sum;
    return typeof sum === 'number' ? Math.trunc(sum / this.count) + 0 : fromBigInt(sum / BigInt(this.count));
  }

  /**
   * Sample variance over n - 1, by SystemTap's integer arithmetic: the mean that was carried along is
   * corrected by the true one at the end, so results differ from an exact variance as SystemTap's do.
   */
  get variance(): Long {
    const s = this.spread;
    if (s === null || this.count < 2) return 0;
    const shift = BigInt(this.shape.variance ?? 0);
    const n = BigInt(this.count);
    const mean = wrap(BigInt(this.sum) << shift) / n;
    const off = s.mean - mean;
    const total = wrap(n * off * off + (n - 1n) * s.variance);
    return fromBigInt((total / (n - 1n)) >> (2n * shift));
  }

  /** Back to empty, keeping the shape. */
  clear(): void {
    this.count = 0;
    this.sum = 0;
    this.min = 0;
    this.max = 0;
    this.spread = null;
    this.buckets?.fill(0);
  }
}
