// The command line in getopt's manner, as stap takes it.
import { expect, test } from 'vitest';
import { parseCommandLine, splitWords } from '#tsprobe/cli/options.js';

const words = (text: string) => parseCommandLine(splitWords(text));

test('short options may be clustered, values may follow with or without a blank', () => {
  const line = words('-gvv -DMAXACTION=50 -D MAXERRORS=2 -Gx=5 -p2 -T 1.5 a.stp one two -- ping -c 3');
  expect(line.guru).toBe(true);
  expect(line.verbose).toBe(2);
  expect([...line.defines]).toEqual([
    ['MAXACTION', '50'],
    ['MAXERRORS', '2'],
  ]);
  expect([...line.globals]).toEqual([['x', '5']]);
  expect(line.lastPass).toBe(2);
  expect(line.timeout).toBe(1.5);
  expect(line.script).toEqual({ path: 'a.stp' });
  expect(line.args).toEqual(['one', 'two']);
  expect(line.scenario).toEqual(['ping', '-c', '3']);
});

test('options may follow the script; negative numbers are arguments of it', () => {
  const line = words('a.stp -w -5 x');
  expect(line.suppressWarnings).toBe(true);
  expect(line.args).toEqual(['-5', 'x']);
});

test('-e takes the next word whatever it is, and leaves the rest to the script', () => {
  const line = parseCommandLine(['-e', 'probe begin { exit() }', 'arg']);
  expect(line.script).toEqual({ text: 'probe begin { exit() }' });
  expect(line.args).toEqual(['arg']);
});

test('-c names the scenario in one word', () => {
  expect(words("-c 'ping -c 1' a.stp").scenario).toEqual(['ping', '-c', '1']);
});

test.each([
  ['-Z', "invalid option -- 'Z'"],
  ['--nonsense', "unrecognized option '--nonsense'"],
  ['-p', "option requires an argument -- 'p'"],
  ['-p9', "Invalid pass number '9' (should be 1-5)."],
  ['--clock=sun', "Invalid clock 'sun': host or virtual expected."],
  ['-Gx', "Invalid -G argument 'x': NAME=VALUE expected."],
  ['--guru=1', "option '--guru' doesn't allow an argument"],
])('%s is refused', (text, message) => {
  expect(() => words(text)).toThrow(message);
});
