// @hist_log and @hist_linear: bucket arithmetic and the drawing, as SystemTap prints them.
// Read beside it: SystemTap Language Reference, "Integer histogram extractors".
import type { HistogramSpec, Long } from '../dsl/abi.js';
import { fromBigInt } from './values.js';

const LOG_BUCKETS = 128;
const LOG_ZERO = 64;
const MAX_BUCKETS = 128;

/** What SystemTap warns when a linear histogram would have too many buckets, or none. */
export const badBuckets =
  `histogram: Number of buckets must be between 1 and ${MAX_BUCKETS - 2}\n` +
  'Number_of_buckets = (stop - start) / interval.\n' +
  'Please adjust your start, stop, and interval values.';

/** Null if the spec can be drawn, else the warning that SystemTap gives at start-up. */
export function histogramFault(spec: HistogramSpec): string | null {
  if (spec.kind !== 'linear') return null;
  if (Number(spec.interval) === 0) return 'histogram: interval cannot be zero.';
  const buckets = bucketCount(spec);
  return buckets > MAX_BUCKETS || buckets < 3 ? badBuckets : null;
}

/** Buckets of a histogram, under- and overflow included. */
export function bucketCount(spec: HistogramSpec): number {
  if (spec.kind !== 'linear') return LOG_BUCKETS;
  return Math.trunc((Number(spec.stop) - Number(spec.start)) / Number(spec.interval)) + 3;
}

function bitLength(value: Long): number {
  if (typeof value === 'number' && value <= 0xffffffff) return 32 - Math.clz32(value);
  return BigInt(value).toString(2).length;
}

/** The bucket into which a value falls. */
export function bucketOf(spec: HistogramSpec, value: Long): number {
  if (spec.kind !== 'linear') {
    if (value === 0) return LOG_ZERO;
    if (value > 0) return LOG_ZERO + bitLength(value);
    return LOG_ZERO - bitLength(-value);
  }
  if (value < spec.start) return 0;
  const last = bucketCount(spec) - 1;
  const bucket = Math.floor((Number(value) - Number(spec.start)) / Number(spec.interval)) + 1;
  return bucket >= last ? last : bucket;
}

/** The lowest value of a log bucket, nearest to zero for negative ones. */
function logValue(bucket: number): Long {
  if (bucket === LOG_ZERO) return 0;
  const power = 1n << BigInt(Math.abs(bucket - LOG_ZERO) - 1);
  return fromBigInt(bucket > LOG_ZERO ? power : -power);
}

function label(spec: HistogramSpec, bucket: number, last: number): string {
  if (spec.kind !== 'linear') return String(logValue(bucket));
  const step = Number(spec.interval);
  const start = Number(spec.start);
  if (bucket === 0) return `<${start}`;
  if (bucket === last) return `>${start + (bucket - 2) * step}`;
  return String(start + (bucket - 1) * step);
}

/**
 * The drawing of a histogram, ending in an empty line; '' if there is nothing in it.
 * @param width characters of the longest bar
 * @param elision empty rows drawn beside a filled one; longer empty runs become `~`; negative: draw all
 */
export function drawHistogram(spec: HistogramSpec, buckets: ArrayLike<number>, width: number, elision: number): string {
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

  // Two empty rows on either side; but a linear histogram's outer buckets show only when they hold
  // something, and a logarithmic one's below zero only when there are negative values.
  const margin = spec.kind === 'linear' ? 1 : 0;
  for (let i = 0; i < 2; i++) {
    if (low > margin && (margin === 1 || low !== LOG_ZERO)) low--;
    if (high < last - margin) high++;
  }

  const scale = Math.max(1, Math.ceil(most / width));
  const countWidth = String(most).length;
  const valueWidth = Math.max(5, label(spec, low, last).length, label(spec, high, last).length);
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
    lines.push(`${label(spec, i, last).padStart(valueWidth)} |${bar} ${count}`);
  }
  return lines.join('\n') + '\n\n';
}
