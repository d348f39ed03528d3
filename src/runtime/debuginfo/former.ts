// Names that functions had in earlier kernels. A tag `@formerly ip_route_input 2.4-3.5` gives the name and the
// kernels that used it: one version (`2.4`, all of 2.4.x), or a first and a last one (`6.x` is any 6).

/** Whether `version` is among `kernels`; lists are separated by commas or blanks. */
export function covers(kernels: string, version: string): boolean {
  return kernels.split(/[\s,]+/).some((range) => {
    if (!range) return false;
    const [first, last = first] = range.split('-');
    return compareTo(version, first) >= 0 && compareTo(version, last) <= 0;
  });
}

/** Compares `version` with a bound, as far as the bound is given: 2.4.20 equals 2.4. */
function compareTo(version: string, bound: string): number {
  const parts = version.split('.').map(Number);
  for (const [i, part] of bound.split('.').entries()) {
    if (!/^\d+$/.test(part)) return 0;
    const difference = (parts[i] ?? 0) - Number(part);
    if (difference !== 0) return difference;
  }
  return 0;
}
