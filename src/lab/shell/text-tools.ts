// The commands that scripts put behind a pipe, in the subset that they use: grep, head, tail, wc, cut, tr, sort,
// uniq, sed (s///, d, p by line or pattern), awk (patterns and print). Read beside it: POSIX.1-2017, Utilities.

import type { Task } from '../../stack/include/linux/sched.js';
import type { Process, Program } from '../process.js';
import { readText } from './files.js';

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

/** What the named files say, or standard input; null after a message. */
function inputOf(process: Process, paths: readonly string[]): string | null {
  let all = '';
  for (const path of paths.length === 0 ? ['-'] : paths) {
    const text = path === '-' ? process.input : readText(process.host.kernel, path);
    if (text === null) {
      process.stderr(`${process.argv[0]}: ${path}: No such file or directory\n`);
      return null;
    }
    all += text;
  }
  return all;
}

/** A pattern of grep or sed as one of JavaScript. @param extended -E; otherwise \( \| \+ are the operators */
export function pattern(source: string, extended: boolean, flags = ''): RegExp {
  let text = source.replace(/\[\[:(\w+):\]\]/g, (_, name: string) => {
    const sets: Readonly<Record<string, string>> = {
      space: '\\s',
      digit: '\\d',
      alpha: '[A-Za-z]',
      alnum: '[A-Za-z0-9]',
    };
    return sets[name] ?? '.';
  });
  if (!extended) {
    text = text.replace(/\\?[(){}|+?]/g, (found) => (found.startsWith('\\') ? found.slice(1) : `\\${found}`));
    text = text.replace(/^\*/, '\\*');
  }
  return new RegExp(text.replace(/\\[<>]/g, '\\b'), flags);
}

/** grep [-q] [-v] [-c] [-i] [-o] [-E] [-F] [-w] [-x] [-e] PATTERN [FILE…] */
export function* grep(process: Process): Task<number> {
  const [name, ...args] = process.argv;
  const letters = new Set<string>(name === 'egrep' ? ['E'] : name === 'fgrep' ? ['F'] : []);
  const sources: string[] = [];
  let most = Infinity;
  while (args[0] !== undefined && /^-./.test(args[0])) {
    const word = args.shift() as string;
    if (word === '--') break;
    if (word === '-e') sources.push(args.shift() ?? '');
    else if (word === '-m') most = Number(args.shift());
    else if (word.startsWith('--')) letters.add(word === '--quiet' ? 'q' : word);
    else for (const letter of word.slice(1)) letters.add(letter);
  }
  if (sources.length === 0) sources.push(args.shift() ?? '');
  let expression: RegExp;
  try {
    const all = sources
      .flatMap((source) => source.split('\n'))
      .map((source) => {
        const plain = letters.has('F') ? source.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : source;
        return `(?:${pattern(plain, letters.has('F') || letters.has('E') || letters.has('P')).source})`;
      });
    let whole = all.join('|');
    if (letters.has('w')) whole = `\\b(?:${whole})\\b`;
    if (letters.has('x')) whole = `^(?:${whole})$`;
    expression = new RegExp(whole, letters.has('i') ? 'gi' : 'g');
  } catch {
    process.stderr(`grep: Invalid regular expression\n`);
    return 2;
  }
  let count = 0;
  let status = 1;
  for (const path of args.length === 0 ? ['-'] : args) {
    const text = inputOf(process, [path]);
    if (text === null) {
      status = 2;
      continue;
    }
    const found = linesOf(text)
      .filter((line) => line.search(expression) >= 0 !== letters.has('v'))
      .slice(0, most);
    count += found.length;
    const prefix = args.length > 1 && !letters.has('h') ? `${path}:` : '';
    if (letters.has('c')) process.stdout(`${prefix}${found.length}\n`);
    else if (!letters.has('q')) {
      const shown = letters.has('o') ? found.flatMap((line) => line.match(expression) ?? []) : found;
      for (const line of shown) process.stdout(`${prefix}${line}\n`);
    }
  }
  return count > 0 && (status !== 2 || letters.has('q')) ? 0 : status;
}

/** The lines of a tool that takes `-n N` (or -N) and files. */
function counted(process: Process): { lines: string[]; count: number; plus: boolean } | null {
  const paths: string[] = [];
  let word = '10';
  const args = process.argv.slice(1);
  while (args.length > 0) {
    const arg = args.shift() as string;
    if (arg === '-n') word = args.shift() ?? '10';
    else if (/^-n?[+-]?\d+$/.test(arg)) word = arg.replace(/^-n?/, '');
    else paths.push(arg);
  }
  const text = inputOf(process, paths);
  return text === null ? null : { lines: linesOf(text), count: Number(word), plus: word.startsWith('+') };
}

export function* head(process: Process): Task<number> {
  const given = counted(process);
  if (given === null) return 1;
  for (const line of given.lines.slice(0, given.count)) process.stdout(`${line}\n`);
  return 0;
}

export function* tail(process: Process): Task<number> {
  const given = counted(process);
  if (given === null) return 1;
  const { lines, count, plus } = given;
  for (const line of lines.slice(plus ? count - 1 : Math.max(lines.length - count, 0))) process.stdout(`${line}\n`);
  return 0;
}

/** wc [-l] [-w] [-c] */
export function* wc(process: Process): Task<number> {
  const args = process.argv.slice(1);
  const letters = args.filter((arg) => /^-./.test(arg)).join('');
  const paths = args.filter((arg) => !/^-./.test(arg));
  const text = inputOf(process, paths);
  if (text === null) return 1;
  const counts: readonly (readonly [string, number])[] = [
    ['l', text.split('\n').length - 1],
    ['w', text.split(/\s+/).filter((word) => word !== '').length],
    ['c', text.length],
  ];
  const shown = counts
    .filter(([letter]) => letters === '' || letters.includes(letter))
    .map(([, count]) => String(count));
  process.stdout(`${[...shown, ...paths].join(' ')}\n`);
  return 0;
}

/** cut -d C -f LIST, cut -c LIST */
export function* cut(process: Process): Task<number> {
  const [, , list] = /(?:^|\s)-([fc])\s*([\d,-]+)/.exec(process.argv.join(' ')) ?? ['', '', '1'];
  const byCharacter = process.argv.some((word) => word.startsWith('-c'));
  const at = process.argv.findIndex((word) => word.startsWith('-d'));
  const delimiter = at < 0 ? '\t' : process.argv[at].length > 2 ? process.argv[at].slice(2) : process.argv[at + 1];
  const wanted = list.split(',').map((range) => {
    const [from, to] = range.includes('-') ? range.split('-') : [range, range];
    return [Number(from || 1), to === '' ? Infinity : Number(to)] as const;
  });
  for (const line of linesOf(process.input)) {
    const cells = byCharacter ? [...line] : line.split(delimiter);
    const kept = cells.filter((_, i) => wanted.some(([from, to]) => i + 1 >= from && i + 1 <= to));
    process.stdout(`${cells.length === 1 && !byCharacter ? line : kept.join(byCharacter ? '' : delimiter)}\n`);
  }
  return 0;
}

/** tr [-d | -s] SET [SET] */
export function* tr(process: Process): Task<number> {
  const sets = process.argv.slice(1).filter((word) => !/^-[ds]$/.test(word));
  const expand = (set: string): string[] => {
    const plain = set
      .replace(/\\n/g, '\n')
      .replace(/\\t/g, '\t')
      .replace(/\[:space:\]/g, ' \t\n');
    return [...plain.replace(/(.)-(.)/g, (_, from: string, to: string) => range(from, to))];
  };
  const from = expand(sets[0] ?? '');
  const to = expand(sets[1] ?? '');
  let text = '';
  for (const c of process.input) {
    const at = from.indexOf(c);
    if (at >= 0 && process.argv[1] === '-d') continue;
    const next = at >= 0 && to.length > 0 ? to[Math.min(at, to.length - 1)] : c;
    if (process.argv[1] === '-s' && at >= 0 && text.endsWith(next)) continue;
    text += next;
  }
  process.stdout(text);
  return 0;
}

function range(from: string, to: string): string {
  let text = '';
  for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code++) text += String.fromCharCode(code);
  return text;
}

/** sort [-n] [-r] [-u] */
export function* sort(process: Process): Task<number> {
  const letters = process.argv.slice(1).join('');
  const lines = linesOf(process.input).sort((a, b) =>
    letters.includes('n') ? (parseFloat(a) || 0) - (parseFloat(b) || 0) : a < b ? -1 : a > b ? 1 : 0,
  );
  if (letters.includes('r')) lines.reverse();
  const shown = letters.includes('u') ? [...new Set(lines)] : lines;
  for (const line of shown) process.stdout(`${line}\n`);
  return 0;
}

export function* uniq(process: Process): Task<number> {
  linesOf(process.input).forEach((line, i, all) => {
    if (i === 0 || all[i - 1] !== line) process.stdout(`${line}\n`);
  });
  return 0;
}

/** sed [-n] [-E | -r] 's/…/…/[g][p]; …' with an address in front: a number, $, or /pattern/ */
export function* sed(process: Process): Task<number> {
  const args = process.argv.slice(1);
  const flags = args.filter((arg) => /^-[nEr]+$/.test(arg)).join('');
  const extended = /[Er]/.test(flags);
  const scripts = args.filter((arg) => !/^-[nEre]+$/.test(arg));
  const script = scripts.shift() ?? '';
  const text = inputOf(process, scripts);
  if (text === null) return 2;
  const commands: ((line: string, number: number, last: boolean) => { line: string | null; print: boolean })[] = [];
  for (const part of script.split(/;|\n/).map((one) => one.trim())) {
    const match = /^(?:(\d+|\$)|\/((?:[^/\\]|\\.)*)\/)?\s*(?:([dp])|s([^\w\s])(.*))$/.exec(part);
    const [, address, search, letter, mark, rest] = match ?? [];
    const pieces = mark === undefined ? [] : (rest ?? '').split(new RegExp(`(?<!\\\\)\\${mark}`));
    if (match === null || (mark !== undefined && pieces.length !== 3)) {
      process.stderr(`sed: unknown command: \`${part}'\n`);
      return 1;
    }
    const applies = (line: string, number: number, last: boolean): boolean =>
      address === '$'
        ? last
        : address !== undefined
          ? number === Number(address)
          : search === undefined || pattern(search, extended).test(line);
    const [from, to, options] = pieces;
    const expression = mark === undefined ? null : pattern(from, extended, options.includes('g') ? 'g' : '');
    const replacement = (to ?? '')
      .replace(/\$/g, '$$$$')
      .replace(/\\(\d)/g, '$$$1')
      .replace(/(?<!\\)&/g, '$$&');
    commands.push((line, number, last) => {
      if (!applies(line, number, last)) return { line, print: false };
      if (expression === null) return letter === 'd' ? { line: null, print: false } : { line, print: true };
      const changed = line.replace(expression, replacement);
      return { line: changed, print: options.includes('p') && changed !== line };
    });
  }
  linesOf(text).forEach((original, i, all) => {
    let line: string | null = original;
    for (const command of commands) {
      if (line === null) return;
      const result: { line: string | null; print: boolean } = command(line, i + 1, i + 1 === all.length);
      line = result.line;
      if (result.print && line !== null) process.stdout(`${line}\n`);
    }
    if (line !== null && !flags.includes('n')) process.stdout(`${line}\n`);
  });
  return 0;
}

/** awk [-F C] '[/pattern/ | NR==N | $N=="text"] [{print $N, "text", …}]' */
export function* awk(process: Process): Task<number> {
  const args = process.argv.slice(1);
  let separator: string | RegExp = /\s+/;
  if (args[0]?.startsWith('-F')) {
    const word = args.shift() as string;
    separator = word.length > 2 ? word.slice(2) : (args.shift() ?? ' ');
  }
  const program = args.shift() ?? '';
  const match =
    /^\s*(?:(!?)\/((?:[^/\\]|\\.)*)\/|NR\s*==\s*(\d+)|\$(\d+)\s*==\s*"([^"]*)")?\s*(?:\{\s*print\s*([^;}]*);?\s*\})?\s*$/.exec(
      program,
    );
  if (match === null) {
    process.stderr(`awk: a program of more than a pattern and print is not supported\n`);
    return 2;
  }
  const text = inputOf(process, args);
  if (text === null) return 2;
  const [, not, search, line, column, value, printed] = match;
  linesOf(text).forEach((whole, i) => {
    const cells = (typeof separator === 'string' ? whole : whole.trim()).split(separator);
    const cell = (n: number): string => (n === 0 ? whole : (cells[n - 1] ?? ''));
    if (search !== undefined && pattern(search, true).test(whole) === (not === '!')) return;
    if (line !== undefined && i + 1 !== Number(line)) return;
    if (column !== undefined && cell(Number(column)) !== value) return;
    const words = (printed ?? '').match(/"[^"]*"|\$NF|\$\d+|NR|NF|,/g) ?? [];
    const shown = words.map((word) => {
      if (word === ',') return ' ';
      if (word.startsWith('"')) return word.slice(1, -1);
      if (word === 'NR') return String(i + 1);
      if (word === 'NF') return String(cells.length);
      return word === '$NF' ? cell(cells.length) : cell(Number(word.slice(1)));
    });
    process.stdout(`${shown.length === 0 ? whole : shown.join('')}\n`);
  });
  return 0;
}

export const textTools: Readonly<Record<string, Program>> = {
  awk,
  cut,
  egrep: grep,
  fgrep: grep,
  grep,
  head,
  sed,
  sort,
  tail,
  tr,
  uniq,
  wc,
};
