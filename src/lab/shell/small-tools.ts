// The small commands of scripts, in the subset that they use: echo, printf, test, expr, seq, sleep, dd, rm, touch,
// mkdir. Read beside it: POSIX.1-2017, Utilities.

import type { Task } from '../../stack/include/linux/sched.js';
import { nanosleep } from '../libc.js';
import type { Process, Program } from '../process.js';
import { exists, isDirectory, readText } from './files.js';
import { arithmetic } from './sh/arithmetic.js';

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '0': '\0' };
const unescape = (text: string): string => text.replace(/\\([ntr\\0])/g, (_, c: string) => ESCAPES[c]);

function* echo(process: Process): Task<number> {
  const args = process.argv.slice(1);
  let letters = '';
  while (args[0] !== undefined && /^-[neE]+$/.test(args[0])) letters += args.shift();
  const text = args.join(' ');
  process.stdout(`${letters.includes('e') ? unescape(text) : text}${letters.includes('n') ? '' : '\n'}`);
  return 0;
}

function* printf(process: Process): Task<number> {
  const [, format = '', ...values] = process.argv;
  do {
    const text = unescape(format).replace(/%(-?0?\d*)([sdxu%])/g, (_, width: string, kind: string) => {
      if (kind === '%') return '%';
      const value = values.shift() ?? '';
      const out = kind === 's' ? value : kind === 'x' ? Number(value).toString(16) : String(Math.trunc(Number(value)));
      const size = Math.abs(Number(width));
      return width.startsWith('-') ? out.padEnd(size) : out.padStart(size, width.startsWith('0') ? '0' : ' ');
    });
    process.stdout(text);
  } while (values.length > 0 && format.includes('%'));
  return 0;
}

type Test = (a: string, b: string) => boolean;

const COMPARISONS: Readonly<Record<string, Test>> = {
  '=': (a, b) => a === b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '-eq': (a, b) => Number(a) === Number(b),
  '-ne': (a, b) => Number(a) !== Number(b),
  '-lt': (a, b) => Number(a) < Number(b),
  '-le': (a, b) => Number(a) <= Number(b),
  '-gt': (a, b) => Number(a) > Number(b),
  '-ge': (a, b) => Number(a) >= Number(b),
};

/** test EXPRESSION, [ EXPRESSION ] */
function* test(process: Process): Task<number> {
  const { kernel } = process.host;
  const words = process.argv.slice(1);
  if (process.argv[0] === '[' && words.pop() !== ']') {
    process.stderr("[: missing `]'\n");
    return 2;
  }
  const unary: Readonly<Record<string, (word: string) => boolean>> = {
    '-n': (word) => word !== '',
    '-z': (word) => word === '',
    '-e': (path) => exists(kernel, path) || isDirectory(kernel, path),
    '-f': (path) => exists(kernel, path),
    '-r': (path) => exists(kernel, path),
    '-w': (path) => exists(kernel, path),
    '-x': (path) => exists(kernel, path),
    '-s': (path) => (readText(kernel, path) ?? '') !== '',
    '-d': (path) => isDirectory(kernel, path),
  };
  const primary = (): boolean => {
    const word = words.shift() ?? '';
    if (word === '!' && words.length > 0) return !primary();
    if (words[0] !== undefined && Object.hasOwn(COMPARISONS, words[0]) && words.length > 1) {
      return COMPARISONS[words.shift() as string](word, words.shift() as string);
    }
    if (Object.hasOwn(unary, word) && words.length > 0) return unary[word](words.shift() as string);
    return word !== '';
  };
  let result = primary();
  while (words[0] === '-a' || words[0] === '-o') {
    const and = words.shift() === '-a';
    const right = primary();
    result = and ? result && right : result || right;
  }
  return result ? 0 : 1;
}

function* expr(process: Process): Task<number> {
  const words = process.argv.slice(1);
  const numbers = words.every((word) => /^(-?\d+|[-+*/%()<>|&]|[<>=!]=|=)$/.test(word));
  const value = numbers
    ? String(arithmetic(words.map((word) => (word === '=' ? '==' : word)).join(' '), () => '0'))
    : words.join(' ');
  process.stdout(`${value}\n`);
  return value === '0' || value === '' ? 1 : 0;
}

/** Values beyond which seq is not taken seriously. */
const MOST_NUMBERS = 1_000_000;

function* seq(process: Process): Task<number> {
  const numbers = process.argv.slice(1).map(Number);
  const [first, step, last] =
    numbers.length === 1 ? [1, 1, numbers[0]] : numbers.length === 2 ? [numbers[0], 1, numbers[1]] : numbers;
  if (!(Math.abs((last - first) / step) <= MOST_NUMBERS)) return 1;
  let text = '';
  for (let value = first; step > 0 ? value <= last : value >= last; value += step) text += `${value}\n`;
  process.stdout(text);
  return 0;
}

/** ns by a suffix of sleep(1). */
const UNITS: Readonly<Record<string, number>> = { '': 1e9, s: 1e9, m: 60e9, h: 3600e9, d: 86400e9 };

function* sleep(process: Process): Task<number> {
  let ns = 0;
  for (const word of process.argv.slice(1)) {
    const match = /^(\d*\.?\d+|\d+\.)([smhd]?)$/.exec(word);
    if (match === null) {
      process.stderr(`sleep: invalid time interval '${word}'\n`);
      return 1;
    }
    ns += Number(match[1]) * UNITS[match[2]];
  }
  if (process.argv[0] === 'usleep') ns /= 1e6;
  yield* nanosleep(Math.round(ns));
  return 0;
}

/** Bytes by a suffix of dd(1). */
const SIZES: Readonly<Record<string, number>> = {
  '': 1,
  c: 1,
  b: 512,
  k: 1024,
  K: 1024,
  M: 1024 ** 2,
  kB: 1e3,
  MB: 1e6,
};
const MOST_BYTES = 1024 ** 3;

/** dd of=FILE [if=FILE] [bs=N] [count=N]: of /dev/zero, or of another file. */
function* dd(process: Process): Task<number> {
  const { kernel } = process.host;
  const given = new Map(process.argv.slice(1).map((word) => word.split('=', 2) as [string, string]));
  const size = (name: string, otherwise: number): number => {
    const match = /^(\d+)([a-zA-Z]*)$/.exec(given.get(name) ?? '');
    return match === null || !Object.hasOwn(SIZES, match[2]) ? otherwise : Number(match[1]) * SIZES[match[2]];
  };
  const source = given.get('if') ?? '/dev/zero';
  const device = source === '/dev/zero' || source === '/dev/urandom' || source === '/dev/random';
  const old = device ? undefined : kernel.fs.read(source);
  if (!device && old === undefined) {
    process.stderr(`dd: failed to open '${source}': No such file or directory\n`);
    return 1;
  }
  const wanted = size('bs', 512) * size('count', device ? 0 : Infinity);
  if (device && wanted > MOST_BYTES) {
    process.stderr('dd: No space left on device\n');
    return 1;
  }
  const content = old === undefined ? new Uint8Array(wanted) : old.slice(0, wanted);
  const target = given.get('of');
  if (target !== undefined && target !== '/dev/null') kernel.fs.write(target, content);
  return 0;
}

function* rm(process: Process): Task<number> {
  let status = 0;
  const force = process.argv.some((word) => /^-\w*f/.test(word));
  for (const path of process.argv.slice(1).filter((word) => !word.startsWith('-'))) {
    if (process.host.kernel.fs.remove(path) || force) continue;
    process.stderr(`rm: cannot remove '${path}': No such file or directory\n`);
    status = 1;
  }
  return status;
}

function* touch(process: Process): Task<number> {
  const { fs } = process.host.kernel;
  for (const path of process.argv.slice(1)) if (fs.read(path) === undefined) fs.write(path, new Uint8Array(0));
  return 0;
}

function* succeed(): Task<number> {
  return 0;
}

function* fail(): Task<number> {
  return 1;
}

export const smallTools: Readonly<Record<string, Program>> = {
  '[': test,
  chmod: succeed,
  dd,
  echo,
  expr,
  false: fail,
  mkdir: succeed,
  modprobe: succeed,
  printf,
  rm,
  seq,
  sleep,
  sync: succeed,
  test,
  touch,
  true: succeed,
  usleep: sleep,
};
