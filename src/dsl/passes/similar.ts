/**
 * Names near a misspelt one, by edit distance, as SystemTap offers them: nearest first, at most `count`.
 */

/** Levenshtein distance of two short strings. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}

/** ` (similar: x, y)` for the nearest names, or nothing. */
export function similar(name: string, names: Iterable<string>, count = 5, what = 'similar'): string {
  const near = nearest(name, names, count);
  return near.length > 0 ? ` (${what}: ${near.join(', ')})` : '';
}

/** The nearest names, nearest first and then by the alphabet. */
export function nearest(name: string, names: Iterable<string>, count = 5): readonly string[] {
  const limit = Math.max(3, Math.ceil(name.length * 0.75));
  return [...new Set(names)]
    .filter((n) => n !== name && Math.abs(n.length - name.length) <= limit)
    .map((n) => ({ n, d: distance(name, n) }))
    .filter(({ d }) => d <= limit)
    .sort((a, b) => a.d - b.d || (a.n < b.n ? -1 : 1))
    .slice(0, count)
    .map(({ n }) => n);
}
