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

test('a long option may be cut short', () => {
  expect(words('--suppress-h --comp=4.0 --col=never a.stp')).toMatchObject({
    suppressHandlerErrors: true,
    compatible: '4.0',
    color: 'never',
  });
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
  ['-s 0', 'Invalid buffer size (should be 1-4095).'],
  ['-x abc', 'Invalid target process ID number.'],
  ['-T 0', "Invalid timeout value '0'."],
  ["-c ''", 'Empty CMD string invalid.'],
  ["-m ''", 'Module name cannot be empty.'],
  ['-m a-b', "Invalid module name 'a-b'."],
  ['-D 5x', "ERROR: Safety pattern mismatch for -D parameter ('5x' vs. '^[a-z_][a-z_0-9]*(=-?[a-z_0-9]+)?$') rc=1"],
  ['--vp 12x', "Invalid --vp argument '12x': up to five digits expected."],
  ['--compatible=9.9', 'ERROR: systemtap version 4.8 cannot be compatible with future version 9.9'],
  [
    '--dump',
    "option '--dump' is ambiguous; possibilities: '--dump-functions' '--dump-probe-types' '--dump-probe-aliases'",
  ],
  ['--kernel=new', "Invalid version 'new' for --kernel."],
  ['--privilege=root', "Invalid argument 'root' for --privilege."],
  ['-e a -e b', 'Only one script can be given on the command line.'],
  ['--runtime=bpf', "'--runtime' is not supported: scripts run in this process, on the model of the kernel."],
  [
    '--use-server',
    "'--use-server' is not supported: scripts are compiled in this process, there are no compile servers.",
  ],
  ['--guru=1', "option '--guru' doesn't allow an argument"],
])('%s is refused', (text, message) => {
  expect(() => words(text)).toThrow(message);
});

test('options of stap that mean nothing here are taken with their values', () => {
  const line = words(
    '-k -b -s 16 -r 6.1 -B CC=gcc --sysroot=/ --rlimit-as 5 --runtime=kernel --compatible 4.1 a.stp x',
  );
  expect(line.script).toEqual({ path: 'a.stp' });
  expect(line.args).toEqual(['x']);
  expect(line.compatible).toBe('4.1');
});

test('--vp says for each pass how much it tells', () => {
  expect(words('--vp 012 --vp 1 a.stp').passVerbose).toEqual([1, 1, 2]);
});
