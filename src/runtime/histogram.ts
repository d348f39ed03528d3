// @hist_log and @hist_linear: bucket arithmetic and the drawing, as SystemTap prints them.
// Read beside it: SystemTap Language Reference, "Integer histogram extractors".
import { fromBigInt, type Long } from './values.js';

export type HistogramShape =
  | { readonly kind: 'log' }
  | { readonly kind: 'linear'; readonly low: number; readonly high: number; readonly step: number };

const LOG_BUCKETS = 128;
const LOG_ZERO = 64;
const MAX_BUCKETS = 128;

/** What SystemTap warns when a linear histogram would have too many buckets, or none. */
export const badBuckets =
  `histogram: Number of buckets must be between 1 and ${MAX_BUCKETS - 2}\n` +
  'Number_of_buckets = (stop - start) / interval.\n' +
  'Please adjust your start, stop, and interval values.';

/** Null if the shape can be drawn, else the warning that SystemTap gives at start-up. */
export function shapeFault(shape: HistogramShape): string | null {
  if (shape.kind === 'log') return null;
  if (shape.step === 0) return 'histogram: interval cannot be zero.';
  const buckets = bucketCount(shape);
  return buckets > MAX_BUCKETS || buckets < 3 ? badBuckets : null;
}

/** Buckets of a histogram, under- and overflow included. */
export function bucketCount(shape: HistogramShape): number {
  return shape.kind === 'log' ? LOG_BUCKETS : Math.trunc((shape.high - shape.low) / shape.step) + 3;
}

function bitLength(value: Long): number {
  if (typeof value === 'number' && value <= 0xffffffff) return 32 - Math.clz32(value);
  return BigInt(value).toString(2).length;
}

/** The bucket into which a value falls. */
export function bucketOf(shape: HistogramShape, value: Long): number {
  if (shape.kind === 'log') {
    if (value === 0) return LOG_ZERO;
    if (value > 0) return LOG_ZERO + bitLength(value);
    return LOG_ZERO - bitLength(-value);
  }
  if (value < shape.low) return 0;
  const last = bucketCount(shape) - 1;
  const bucket = Math.floor((Number(value) - shape.low) / shape.step) + 1;
  return bucket >= last ? last : bucket;
}

export function addToHistogram(shape: HistogramShape, buckets: Float64Array, value: Long): void {
  buckets[bucketOf(shape, value)]++;
}

/** The lowest value of a log bucket, nearest to zero for negative ones. */
function logValue(bucket: number): Long {
  if (bucket === LOG_ZERO) return 0;
  const power = 1n << BigInt(Math.abs(bucket - LOG_ZERO) - 1);
  return fromBigInt(bucket > LOG_ZERO ? power : -power);
}

function label(shape: HistogramShape, bucket: number, last: number): string {
  if (shape.kind === 'log') return String(logValue(bucket));
  if (bucket === 0) return `<${shape.low}`;
  if (bucket === last) return `>${shape.low + (bucket - 2) * shape.step}`;
  return String(shape.low + (bucket - 1) * shape.step);
}

/**
 * The drawing of a histogram, ending in an empty line; '' if there is nothing in it.
 * @param width characters of the longest bar
 * @param elision empty rows drawn beside a filled one; longer empty runs become `~`; negative: draw all
 */
export function drawHistogram(
  shape: HistogramShape,
  buckets: ArrayLike<number>,
  width: number,
  elision: number,
): string {
  const last = buckets.length - 1;
  let low = -1;
  let high = -1;
  let most = 0;
  for (let i = 0; i <= last; i++) {
    if (buckets[i] === 0) continue;
    if (low < 0) low = i;
    high = i;
    if (buckets[i] > most) most = buckets[i];
  }
  if (low < 0) return '';

  // Two empty rows on either side; a linear histogram's outer buckets show only when they hold something.
  const margin = shape.kind === 'linear' ? 1 : 0;
  for (let i = 0; i < 2; i++) {
    if (low > margin) low--;
    if (high < last - margin) high++;
  }

  const scale = Math.max(1, Math.ceil(most / width));
  const countWidth = String(most).length;
  const valueWidth = Math.max(5, label(shape, low, last).length, label(shape, high, last).length);
  const lines = [`${'value'.padStart(valueWidth)} |${'-'.repeat(width)} count`];
  let eliding = false;
  for (let i = low; i <= high; i++) {
    if (elision >= 0) {
      let empty = true;
      for (let k = Math.max(low, i - elision); k <= Math.min(high, i + elision); k++) {
        if (buckets[k] !== 0) empty = false;
      }
      if (empty) {
        eliding = true;
        continue;
      }
      if (eliding) lines.push(`${' '.repeat(valueWidth + 1)}~`);
      eliding = false;
    }
    const bar = '@'.repeat(Math.floor(buckets[i] / scale)).padEnd(width);
    const count = String(buckets[i]).padStart(countWidth);
    lines.push(`${label(shape, i, last).padStart(valueWidth)} |${bar} ${count}`);
  }
  return lines.join('\n') + '\n\n';
}
