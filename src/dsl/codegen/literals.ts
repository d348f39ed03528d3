// Longs and strings as JavaScript text.

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** A long as JavaScript text. */
export function longText(n: bigint): string {
  const text = n <= SAFE && n >= -SAFE ? String(n) : `${n}n`;
  return n < 0n ? `(${text})` : text;
}

/** A string of bytes as JavaScript text. */
export function stringText(s: string): string {
  return JSON.stringify(s);
}
