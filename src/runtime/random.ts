// A seeded source of random numbers (xorshift128), for random functions and timers. One per session, so a
// seed gives the same run again.

/** Gives unsigned 32-bit integers. */
export function seededRandom(seed: number): () => number {
  let a = (seed ^ 0x9e3779b9) >>> 0 || 1;
  let b = 0x243f6a88;
  let c = 0xb7e15162;
  let d = 0xdeadbeef ^ seed;
  const next = (): number => {
    let t = a ^ (a << 11);
    a = b;
    b = c;
    c = d;
    t = t ^ (t >>> 8) ^ d ^ (d >>> 19);
    d = t;
    return t >>> 0;
  };
  for (let i = 0; i < 16; i++) next();
  return next;
}
