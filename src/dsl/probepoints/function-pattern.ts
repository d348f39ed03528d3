/**
 * The text in kernel.function("…") and kernel.statement("…"): `NAME[@FILE[:LINES]]`, where LINES is
 * `10`, `+3`, `10-20`, `10,12,15-18` or `*`. Read beside it: stapprobes(3stap), "DWARF DEBUGINFO".
 */
import { globMatcher, isGlob } from '../passes/glob.js';
import type { FunctionSymbol } from '../target.js';

export type LineRange =
  | { readonly kind: 'any' }
  | { readonly kind: 'all' }
  | { readonly kind: 'relative'; readonly first: number; readonly last: number }
  | { readonly kind: 'absolute'; readonly ranges: readonly (readonly [number, number])[] };

export interface FunctionPattern {
  readonly name: string;
  /** '' for any file. */
  readonly file: string;
  readonly lines: LineRange;
}

/** Reads a pattern; a message if the text is none. */
export function parseFunctionPattern(text: string): FunctionPattern | string {
  const at = text.indexOf('@');
  const name = at < 0 ? text : text.slice(0, at);
  if (name === '') return 'malformed specification';
  if (at < 0) return { name, file: '', lines: { kind: 'any' } };
  const rest = text.slice(at + 1);
  const split = /^(.*?)(?::([\d,\-*]+)|\+(\d+(?:-\d+)?))?$/.exec(rest);
  const file = split?.[1] ?? rest;
  if (file === '') return 'malformed specification (trailing characters)';
  const absolute = split?.[2];
  const relative = split?.[3];
  if (relative !== undefined) {
    const [first, last = first] = relative.split('-').map(Number);
    return { name, file, lines: { kind: 'relative', first, last } };
  }
  if (absolute === undefined) return { name, file, lines: { kind: 'any' } };
  if (absolute === '*') return { name, file, lines: { kind: 'all' } };
  const ranges: [number, number][] = [];
  for (const part of absolute.split(',')) {
    const m = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!m) return 'bad line number';
    const first = Number(m[1]);
    const last = m[2] === undefined ? first : Number(m[2]);
    if (last < first) return 'bad line number range';
    ranges.push([first, last]);
  }
  return { name, file, lines: { kind: 'absolute', ranges } };
}

/** A function under the name that it was found by. */
export interface MatchedFunction {
  readonly symbol: FunctionSymbol;
  readonly called: string;
}

/**
 * The functions that a pattern means, in the order of the target. A name without wildcards means those that had it
 * formerly, too: what bears it now may be something that merely took it over.
 */
export function matchFunctions(
  functions: readonly FunctionSymbol[],
  belongs: (symbol: FunctionSymbol) => boolean,
  pattern: FunctionPattern,
): MatchedFunction[] {
  const file = fileMatcher(pattern.file);
  const fits = (f: FunctionSymbol) => file(f.file) && belongs(f);
  if (isGlob(pattern.name)) {
    const name = globMatcher(pattern.name);
    return functions.filter((f) => name(f.name) && fits(f)).map((symbol) => ({ symbol, called: symbol.name }));
  }
  const all = (namesOf(functions).get(pattern.name) ?? []).filter(fits);
  const isNow = (f: FunctionSymbol) => f.name === pattern.name;
  const found = [...all.filter(isNow), ...all.filter((f) => !isNow(f))];
  return found.map((symbol) => ({ symbol, called: pattern.name }));
}

const indexes = new WeakMap<readonly FunctionSymbol[], ReadonlyMap<string, readonly FunctionSymbol[]>>();

/** A target's functions by the names that they have and had. */
function namesOf(functions: readonly FunctionSymbol[]): ReadonlyMap<string, readonly FunctionSymbol[]> {
  const known = indexes.get(functions);
  if (known) return known;
  const index = new Map<string, FunctionSymbol[]>();
  for (const symbol of functions)
    for (const name of new Set([symbol.name, ...symbol.formerNames.map((former) => former.name)])) {
      const same = index.get(name);
      if (same) same.push(symbol);
      else index.set(name, [symbol]);
    }
  indexes.set(functions, index);
  return index;
}

/** A file pattern matches the whole path or its last parts: `arp.c` is `net/ipv4/arp.c`. */
function fileMatcher(pattern: string): (file: string) => boolean {
  if (pattern === '') return () => true;
  const whole = globMatcher(pattern);
  const tail = globMatcher(`*/${pattern}`);
  return (file) => whole(file) || tail(file);
}

/** Is any of the function's lines in a range of `kernel.function("f@file:LINES")`? */
export function linesTouch(symbol: FunctionSymbol, lines: LineRange): boolean {
  if (lines.kind === 'any' || lines.kind === 'all' || lines.kind === 'relative') return true;
  return lines.ranges.some(([first, last]) => symbol.line <= last && symbol.endLine >= first);
}

/** The statement lines of a function that a line range selects. */
export function selectLines(symbol: FunctionSymbol, lines: LineRange, nearest: boolean): readonly number[] {
  if (lines.kind === 'any') return [symbol.line];
  if (lines.kind === 'all') return [symbol.line, ...symbol.statementLines];
  const ranges =
    lines.kind === 'relative' ? [[symbol.line + lines.first, symbol.line + lines.last] as const] : lines.ranges;
  const available = [symbol.line, ...symbol.statementLines];
  const chosen = new Set<number>();
  for (const [first, last] of ranges) {
    const inside = available.filter((l) => l >= first && l <= last);
    if (inside.length === 0 && nearest && first >= symbol.line && first <= symbol.endLine) {
      const near = available.reduce((a, b) => (Math.abs(b - first) < Math.abs(a - first) ? b : a));
      chosen.add(near);
    }
    for (const line of inside) chosen.add(line);
  }
  return [...chosen].sort((a, b) => a - b);
}
