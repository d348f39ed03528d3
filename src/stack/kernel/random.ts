// Random numbers by seed: sfc32 (Chris Doty-Humphrey's small fast counting generator), seeded through
// splitmix32 from a number and a name, so that each host and each use draws from a stream of its own and
// a new host does not change what the others draw.

export class Random {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 1;

  /**
   * @param seed any integer
   * @param stream name of the stream
   */
  constructor(seed: number, stream: string) {
    let state = seed | 0;
    for (let i = 0; i < stream.length; i++) state = Math.imul(state ^ stream.charCodeAt(i), 0x01000193);
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = state;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.a = next();
    this.b = next();
    this.c = next();
    for (let i = 0; i < 12; i++) this.u32();
  }

  /** 32 random bits, 0 … 2^32-1. */
  u32(): number {
    const t = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + t;
    this.c |= 0;
    return t >>> 0;
  }

  /** Fills `words` with 32 random bits each. */
  fill(words: Uint32Array): void {
    for (let i = 0; i < words.length; i++) words[i] = this.u32();
  }

  /** @param ceiling 1 … 2^32 @returns an integer from 0 to ceiling-1, evenly spread */
  below(ceiling: number): number {
    return Math.floor((this.u32() / 0x100000000) * ceiling);
  }
}
