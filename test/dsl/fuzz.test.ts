// Scripts with random damage: the compiler says what is wrong or makes a program that loads, and never throws.
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { compile } from '#tsprobe/dsl/compile.js';
import { SourceFile } from '#tsprobe/dsl/source/source.js';
import { testTarget } from './target.js';

const folders = ['../data/golden/', 'semok/', 'semko/', 'parseok/'].map((f) =>
  fileURLToPath(new URL(f, import.meta.url)),
);
const scripts = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((f) => f.endsWith('.stp'))
    .map((f) => readFileSync(folder + f, 'latin1')),
);
const tokens = (text: string): string[] =>
  text.match(/"(?:[^"\\\n]|\\.)*"|\/\*[^]*?\*\/|\/\/.*|[@$]*\w+|\s+|<<<|<<=?|>>=?|&&|\|\||\+\+|--|->|[-+*/%<>=!&|^.~]=?|[^]/g) ?? []; // prettier-ignore
const pool = [...new Set(scripts.flatMap(tokens))];

/** A script in which some tokens are others', gone or doubled. */
const damaged = fc
  .tuple(
    fc.constantFrom(...scripts),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(...pool), fc.nat(2)), { maxLength: 4 }),
  )
  .map(([script, changes]) => {
    const list = tokens(script);
    for (const [at, token, how] of changes)
      list.splice(at % (list.length + 1), how === 0 ? 0 : 1, ...(how < 2 ? [token] : []));
    return list.join('');
  });

it('takes any script', () => {
  fc.assert(
    fc.property(damaged, fc.boolean(), fc.boolean(), (text, guru, unoptimized) => {
      const result = compile([new SourceFile('fuzz.stp', text)], { guru, unoptimized }, testTarget);
      if (!result.program) expect(result.diagnostics.length).toBeGreaterThan(0);
      else expect(() => new Function('$rt', result.program?.source ?? '')).not.toThrow();
    }),
    { numRuns: 500 },
  );
});
