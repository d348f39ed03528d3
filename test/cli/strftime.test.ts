// File names with strftime(3) formats.
import { expect, test } from 'vitest';
import { strftime } from '#tsprobe/cli/strftime.js';

const time = new Date(2026, 1, 3, 15, 4, 5);

test.each([
  ['out-%Y%m%d-%H%M%S.txt', 'out-20260203-150405.txt'],
  ['%F %T %D %R', '2026-02-03 15:04:05 02/03/26 15:04'],
  ['%a %A %b %B %h', 'Tue Tuesday Feb February Feb'],
  ['%e|%j|%I %p|%u|%w|%C|%y', ' 3|034|03 PM|2|2|20|26'],
  ['100%% %Q %', '100% %Q %'],
])('%o', (format, text) => {
  expect(strftime(format, time)).toBe(text);
});
