import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadForeign, type Foreign } from './foreign.js';

let foreign: Foreign;
let source: string[];
let built: string[];
beforeAll(async () => {
  foreign = await loadForeign();
  source = readFileSync(join(import.meta.dirname, 'foreign/shop.ts'), 'utf8').split('\n');
  built = foreign.code.split('\n');
});

const lineWith = (text: string) => built[source.findIndex((line) => line.includes(text))];

describe('prologues', () => {
  it('keep every line where it was', () => {
    expect(built.length).toBe(source.length + 2);
    for (const [i, line] of source.entries()) {
      const words = /^ *(const|let|return|throw|import|export (?:const|class|function)\b\*?) ?\w*/.exec(line)?.[0];
      if (words) expect(built[i]).toContain(words);
    }
  });

  it('pass parameters by name, or all of them where that is impossible', () => {
    expect(lineWith('function add_item')).toMatch(/\) +\{if \(\$F\[(\d+)\]\) return \$h3\(\1, shop, name, price\);$/);
    expect(lineWith('function spread')).toMatch(/\{if \(\$F\[(\d+)\]\) return \$ha\(\1, arguments\);$/);
    expect(lineWith('function* counting')).toMatch(/\{if \(\$F\[(\d+)\]\) return yield\* \$h1\(\1, to\);$/);
  });

  it('are not in closures, methods and what is tagged @notrace', () => {
    for (const text of ['function hidden', 'const pick', 'get kind', 'constructor(name'])
      expect(lineWith(text)).not.toContain('$F');
  });
});

it('evaluates text in the module, its private names included', () => {
  expect(foreign.evaluate('[typeof sum, typeof tax, STOCK_MAX]')).toEqual(['function', 'function', 16]);
});

it('runs as before when nothing is probed', () => {
  foreign.shop.add_item(foreign.shop.store, 'pen', 10);
  expect([foreign.shop.depth(50), foreign.shop.classify(9), foreign.shop.spread(1, { a: 1, b: 1 }, 0)]).toEqual([
    50,
    'large',
    4,
  ]);
});
