// How an interactive session cuts what is typed into pieces.
import { expect, test } from 'vitest';
import { isOpen, pieces } from '#tsprobe/cli/interactive.js';

test.each([
  ['probe begin { println(1) }', false],
  ['probe begin {', true],
  ['probe begin { println("}', true],
  ['probe begin { # }', true],
  ['probe begin { println("}") /* { */ }', false],
])('%s', (text, open) => {
  expect(isOpen(text)).toBe(open);
});

test('a file falls into its declarations', () => {
  const text = 'global n\nprobe begin {\n  n = 1\n}\n\nfunction f() {\n  return "probe"\n}';
  expect(pieces(text)).toEqual(['global n', 'probe begin {\n  n = 1\n}', 'function f() {\n  return "probe"\n}']);
});
