// Regular expressions: SystemTap's observed behaviour, and JavaScript's engine as reference where both
// mean the same.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRegex } from '#tsprobe/dsl/regex/parse.js';
import { RegexMemory } from '#tsprobe/runtime/regex/regex.js';

const matched = (pattern: string, text: string) => {
  const memory = new RegexMemory();
  return memory.compile(pattern)(text) === 1 ? memory.matches : undefined;
};

test.each([
  ['a*', 'aaab', ['aaa']],
  ['foo|foobar', 'foobar', ['foobar']],
  ['(abc)+', 'xabcabc', ['abcabc', 'abc']],
  ['(a|ab)(c|bcd)', 'abcd', ['abcd', 'a', 'bcd']],
  ['(x)|(y)', 'y', ['y', undefined, 'y']],
  ['^[[:alpha:]][[:digit:]]$', 'a1', ['a1']],
  ['a[]]b', 'a]b', ['a]b']],
  ['\\d', '5', undefined],
  ['^$', '', ['']],
])('%s on %s', (pattern, text, groups) => {
  expect(matched(pattern, text)).toEqual(groups);
});

test.each([
  ['(a', 'regex compilation error (at position 1): expected ), found end of regex'],
  ['*a', "regex compilation error (at position 0): unexpected '*'"],
])('%s is refused', (pattern, report) => {
  expect(() => parseRegex(pattern)).toThrow(expect.objectContaining({ report }));
});

const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '^', '$'),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(${a}|${b})`),
    tie('pattern').map((a) => `(${a})*`),
    tie('pattern').map((a) => `(${a})?`),
    tie('pattern').map((a) => `(${a}){1,2}`),
  ),
}));

test('whether and where a match begins agrees with JavaScript, and the match is no shorter', () => {
  fc.assert(
    fc.property(pattern, fc.stringMatching(/^[abc]{0,8}$/), (source, text) => {
      const reference = new RegExp(source, 's').exec(text);
      const found = matched(source, text);
      expect(found === undefined).toBe(reference === null);
      if (reference === null || found === undefined) return;
      expect(found[0]?.length).toBeGreaterThanOrEqual(reference[0].length);
      expect(text.slice(reference.index).startsWith(found[0] ?? '')).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('time grows with the text alone', () => {
  expect(matched('((a*)*)*b', 'a'.repeat(511))).toBe(undefined);
});
