// nstat(8) of iproute2: the kernel's counters, by default what they have grown by since the last time.
//   nstat [-n] [-s] [-a] [-z] [-r] [PATTERN…]

import type { Task } from '../../stack/include/linux/sched.js';
import { bytes } from '../libc.js';
import type { Process } from '../process.js';
import { readText } from './files.js';

/** Where the counters of the last time are kept. */
const HISTORY = '/tmp/.nstat.u0';

/** The counters of one of /proc's files: a line of names, a line of values, each behind the group's name. */
function counters(text: string): [string, number][] {
  const found: [string, number][] = [];
  const lines = text.split('\n');
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const names = lines[i].split(' ');
    const values = lines[i + 1].split(' ');
    const group = names[0].replace(':', '');
    for (let at = 1; at < names.length; at++) found.push([group + names[at], Number(values[at])]);
  }
  return found;
}

/** A pattern of the command line: `*` and `?` as of file names. */
function matcher(pattern: string): RegExp {
  const text = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${text}$`, 'i');
}

export function* nstat(process: Process): Task<number> {
  const { kernel } = process.host;
  const words = process.argv.slice(1).map((word) => LONG[word] ?? word);
  const letters = new Set(words.filter((word) => /^-./.test(word)).flatMap((word) => [...word.slice(1)]));
  const unknown = [...letters].find((letter) => !'nsazr'.includes(letter));
  if (unknown !== undefined) {
    process.stderr(`nstat: invalid option -- '${unknown}'\n`);
    return 255;
  }
  const now = ['net/snmp', 'net/netstat'].flatMap((file) => counters(readText(kernel, `/proc/${file}`) ?? ''));
  const kept = letters.has('r') ? null : readText(kernel, HISTORY);
  const before = new Map(letters.has('a') ? [] : (JSON.parse(kept ?? '[]') as [string, number][]));
  if (!letters.has('s')) kernel.fs.write(HISTORY, bytes(JSON.stringify(now)));
  if (letters.has('n')) return 0;
  const wanted = words.filter((word) => !/^-./.test(word)).map(matcher);
  process.stdout('#kernel\n');
  for (const [name, value] of now) {
    if (wanted.length > 0 && !wanted.some((expression) => expression.test(name))) continue;
    const grown = value - (before.get(name) ?? 0);
    if (grown === 0 && !letters.has('z') && wanted.length === 0) continue;
    process.stdout(`${name.padEnd(32)}${String(grown).padEnd(16)}${'0.0'.padStart(8)}\n`);
  }
  return 0;
}

const LONG: Readonly<Record<string, string>> = {
  '--nooutput': '-n',
  '--noupdate': '-s',
  '--ignore': '-a',
  '--zeros': '-z',
  '--reset': '-r',
};
