// Messages in colours.
import { expect, test } from 'vitest';
import { Painter, wantsColor } from '#tsprobe/cli/colors.js';

const marked = (text: string, setting?: string) =>
  new Painter(setting)
    .paintAll(text)
    .replaceAll('\x1b[m\x1b[K', '>')
    .replaceAll(/\x1b\[([\d;]*)m\x1b\[K/g, '<$1 ');

const refusal = [
  "semantic error: type mismatch (long): identifier 's' at a.stp:2:24",
  '        source: probe begin { s = 5 }',
  '                              ^',
  '',
].join('\n');

test('the kind of message, the token, the source and the caret', () => {
  expect(marked(refusal)).toBe(
    [
      "<01;31 semantic error>: type mismatch (long): <01 identifier 's'> at a.stp:2:24",
      '        source: <00;34 probe begin { s = 5 }>',
      '                              <01 ^>',
      '',
    ].join('\n'),
  );
  expect(marked("WARNING: never-assigned local variable 'x': identifier 'x' at a.stp:1:2")).toBe(
    "<00;33 WARNING>: never-assigned local variable 'x': <01 identifier 'x'> at a.stp:1:2",
  );
  expect(marked("parse error: expected '('\n        saw: operator '{' at a.stp:1:12")).toBe(
    "<01;31 parse error>: expected '('\n        saw: <01 operator '{'> at a.stp:1:12",
  );
});

test('SYSTEMTAP_COLORS sets them', () => {
  expect(marked(refusal, 'error=35:token=:source=:caret=')).toBe(
    refusal.replace('semantic error', '<35 semantic error>'),
  );
});

test('on terminals that have colours, unless told otherwise', () => {
  expect(wantsColor('auto', { TERM: 'xterm' })).toBe(true);
  expect(wantsColor('auto', { TERM: 'dumb' })).toBe(false);
  expect(wantsColor('auto', { TERM: 'xterm', NO_COLOR: '1' })).toBe(false);
  expect(wantsColor('auto', { TERM: 'xterm', SYSTEMTAP_COLORS: '' })).toBe(false);
  expect(wantsColor('never', { TERM: 'xterm' })).toBe(false);
  expect(wantsColor('always', {})).toBe(true);
});
