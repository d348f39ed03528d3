// Scripts mutated at random from the golden ones: whatever they are, they are compiled or refused, run or
// stopped, and no exception or fault of the program itself comes of it. FUZZ=100000 sets how many.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { execute } from '#tsprobe/cli/main.js';
import { MemoryOutput } from '#tsprobe/runtime/output.js';

const dir = fileURLToPath(new URL('../data/golden', import.meta.url));
const scripts = readdirSync(dir)
  .filter((name) => name.endsWith('.stp'))
  .map((name) => readFileSync(join(dir, name), 'latin1'))
  .map((text) => text.match(/\w+|"[^"\n]*"|\s+|[^\w\s]/g) ?? []);
const tokens = scripts.flat();

/** Numbers below n from a seed (mulberry32). */
function generator(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

function mutated(random: (n: number) => number): string {
  const text = [...scripts[random(scripts.length)]];
  for (let left = 1 + random(3); left > 0; left--) {
    const at = random(text.length + 1);
    const other = scripts[random(scripts.length)];
    const from = random(other.length + 1);
    switch (random(4)) {
      case 0:
        text.splice(at, 1);
        break;
      case 1:
        text.splice(at, 0, tokens[random(tokens.length)]);
        break;
      case 2:
        text[at] = tokens[random(tokens.length)];
        break;
      default:
        text.splice(at, 0, ...other.slice(from, from + random(12)));
    }
  }
  return text.join('');
}

const count = Number(process.env.FUZZ ?? 500);

test(`${count} mutated scripts`, { timeout: 30_000 + count * 20 }, async () => {
  const random = generator(Number(process.env.SEED ?? 1));
  for (let i = 0; i < count; i++) {
    const script = mutated(random);
    const output = new MemoryOutput();
    try {
      const status = await execute(['-T', '1', '-e', script], output);
      expect([0, 1]).toContain(status);
      expect(output.err).not.toContain('fault of the runtime');
    } catch (error) {
      throw new Error(`on ${JSON.stringify(script)}: ${output.err}`, { cause: error });
    }
  }
});
