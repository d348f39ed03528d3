// Distributions of netem's delay, as tables of the inverse of the cumulative distribution (tc-netem(8): the
// tables that tc reads from files). Values are in units of the jitter.

const TABLE_SIZE = 4096;

/** Inverse of the standard normal distribution: Peter Acklam's rational approximation (relative error 1.2e-9). @notrace */
function normal_quantile(p: number): number {
  const tail = (q: number): number => {
    const num =
      ((((-7.784894002430293e-3 * q - 3.223964580411365e-1) * q - 2.400758277161838) * q - 2.549732539343734) * q +
        4.374664141464968) *
        q +
      2.938163982698783;
    const den =
      (((7.784695709041462e-3 * q + 3.224671290700398e-1) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1;
    return num / den;
  };
  if (p < 0.02425) return tail(Math.sqrt(-2 * Math.log(p)));
  if (p > 1 - 0.02425) return -tail(Math.sqrt(-2 * Math.log(1 - p)));
  const q = p - 0.5;
  const r = q * q;
  const num =
    ((((-3.969683028665376e1 * r + 2.209460984245205e2) * r - 2.759285104469687e2) * r + 1.38357751867269e2) * r -
      3.066479806614716e1) *
      r +
    2.506628277459239;
  const den =
    ((((-5.447609879822406e1 * r + 1.615858368580409e2) * r - 1.556989798598866e2) * r + 6.680131188771972e1) * r -
      1.328068155288572e1) *
      r +
    1;
  return (num * q) / den;
}

/** Inverse of the Pareto distribution with exponent 3, moved and scaled to mean 0 and deviation 1. @notrace */
function pareto_quantile(p: number): number {
  const x = (1 - p) ** (-1 / 3);
  return (x - 1.5) / Math.sqrt(0.75);
}

/** @param quantile of a probability between 0 and 1 @returns quantile of each table place, bounded as tc's tables are @notrace */
function make(quantile: (p: number) => number): Float64Array {
  const table = new Float64Array(TABLE_SIZE);
  for (let i = 0; i < TABLE_SIZE; i++) table[i] = Math.max(-4, Math.min(4, quantile((i + 0.5) / TABLE_SIZE)));
  return table;
}

/** Made when they are first asked for: most runs have no jitter. */
const tables = new Map<(p: number) => number, Float64Array>();

/** @notrace */
function table_of(quantile: (p: number) => number): Float64Array {
  let table = tables.get(quantile);
  if (table === undefined) tables.set(quantile, (table = make(quantile)));
  return table;
}

/** @notrace */
export function normal_table(): Float64Array {
  return table_of(normal_quantile);
}

/** @notrace */
export function pareto_table(): Float64Array {
  return table_of(pareto_quantile);
}
