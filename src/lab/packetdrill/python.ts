// The Python of packetdrill's %{ … }% blocks, in the subset that scripts use: assert, print, assignments,
// expressions over numbers, strings and tuples, if as an expression. All blocks of a script run in order after
// its last event and share their variables; the values of tcp_info are those of each block's own time.

import { PacketdrillUnsupported } from './failure.js';

export type PythonValue = number | string | boolean | null | readonly PythonValue[];

export class PythonError extends Error {
  /** Line within the block, from 1. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

interface Word {
  readonly kind: 'number' | 'string' | 'name' | 'symbol' | 'end';
  readonly text: string;
}

const WORDS =
  /\s*(?:(?<number>0[xX][0-9a-fA-F]+|\d+\.\d*|\.\d+|\d+)|(?<string>"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*')|(?<name>[A-Za-z_]\w*)|(?<symbol>\*\*|\/\/|<<|>>|<=|>=|==|!=|[-+*/%&|^~<>()[\],.:=]))/y;

function words(text: string, line: number): Word[] {
  const found: Word[] = [];
  let at = 0;
  while (text.slice(at).trim() !== '') {
    WORDS.lastIndex = at;
    const match = WORDS.exec(text);
    if (match === null) throw new PythonError(line, `SyntaxError: invalid syntax: ${text.slice(at).trim()}`);
    const groups = match.groups as Record<string, string | undefined>;
    for (const kind of ['number', 'string', 'name', 'symbol'] as const) {
      const word = groups[kind];
      if (word !== undefined) found.push({ kind, text: word });
    }
    at = WORDS.lastIndex;
  }
  return found;
}

type Functions = Readonly<Record<string, (args: readonly PythonValue[]) => PythonValue>>;

const FUNCTIONS: Functions = {
  abs: ([value]) => Math.abs(number(value)),
  min: (args) => Math.min(...(Array.isArray(args[0]) ? args[0] : args).map(number)),
  max: (args) => Math.max(...(Array.isArray(args[0]) ? args[0] : args).map(number)),
  int: ([value]) => Math.trunc(Number(value)),
  float: ([value]) => Number(value),
  str: ([value]) => text(value),
  hex: ([value]) => `0x${number(value).toString(16)}`,
  round: ([value]) => Math.round(number(value)),
  len: ([value]) => (typeof value === 'string' || Array.isArray(value) ? value.length : 0),
  bool: ([value]) => truth(value),
};

function number(value: PythonValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  throw new Error(`TypeError: a number is required, not ${text(value)}`);
}

function truth(value: PythonValue): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function text(value: PythonValue): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `(${value.map(text).join(', ')}${value.length === 1 ? ',' : ''})`;
  return String(value);
}

/** The % operator on a string. */
function format(template: string, value: PythonValue): string {
  const values = Array.isArray(value) ? [...value] : [value];
  return template.replace(
    /%(?:\(\w+\))?([-+ 0#]*)(\d+)?(?:\.(\d+))?([diuxXsrfgec%])/g,
    (_, flags: string, width, precision, kind) => {
      if (kind === '%') return '%';
      if (values.length === 0) throw new Error('TypeError: not enough arguments for format string');
      const next = values.shift() as PythonValue;
      let out: string;
      if ('diu'.includes(kind)) out = String(Math.trunc(number(next)));
      else if (kind === 'x') out = number(next).toString(16);
      else if (kind === 'X') out = number(next).toString(16).toUpperCase();
      else if ('fge'.includes(kind)) out = number(next).toFixed(precision === undefined ? 6 : Number(precision));
      else out = text(next);
      const size = Number(width ?? 0);
      if (flags.includes('-')) return out.padEnd(size);
      return out.padStart(size, flags.includes('0') ? '0' : ' ');
    },
  );
}

function equal(a: PythonValue, b: PythonValue): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => equal(item, b[i]));
  if (typeof a === 'boolean' || typeof b === 'boolean') return Number(a) === Number(b);
  return a === b;
}

const COMPARISONS: Readonly<Record<string, (a: PythonValue, b: PythonValue) => boolean>> = {
  '==': equal,
  '!=': (a, b) => !equal(a, b),
  '<': (a, b) => number(a) < number(b),
  '<=': (a, b) => number(a) <= number(b),
  '>': (a, b) => number(a) > number(b),
  '>=': (a, b) => number(a) >= number(b),
};

const BINARY: readonly Readonly<Record<string, (a: PythonValue, b: PythonValue) => PythonValue>>[] = [
  { '|': (a, b) => Number(BigInt(number(a)) | BigInt(number(b))) },
  { '^': (a, b) => Number(BigInt(number(a)) ^ BigInt(number(b))) },
  { '&': (a, b) => Number(BigInt(number(a)) & BigInt(number(b))) },
  { '<<': (a, b) => number(a) * 2 ** number(b), '>>': (a, b) => Math.floor(number(a) / 2 ** number(b)) },
  {
    '+': (a, b) => (typeof a === 'string' && typeof b === 'string' ? a + b : number(a) + number(b)),
    '-': (a, b) => number(a) - number(b),
  },
  {
    '*': (a, b) => number(a) * number(b),
    '/': (a, b) => divide(number(a), number(b)),
    '//': (a, b) => Math.floor(divide(number(a), number(b))),
    '%': (a, b) =>
      typeof a === 'string' ? format(a, b) : number(a) - Math.floor(divide(number(a), number(b))) * number(b),
  },
];

function divide(a: number, b: number): number {
  if (b === 0) throw new Error('ZeroDivisionError: division by zero');
  return a / b;
}

/** Statements that are not in the subset. */
const LEFT_OUT = new Set(
  'if elif else for while def class with try except finally return lambda global nonlocal raise del from async'.split(
    ' ',
  ),
);

/** Evaluates one logical line. */
class Line {
  private readonly words: Word[];
  private at = 0;
  private readonly variables: Map<string, PythonValue>;
  private readonly locals: ReadonlyMap<string, PythonValue>;
  private readonly print: (line: string) => void;

  constructor(
    source: string,
    line: number,
    variables: Map<string, PythonValue>,
    locals: ReadonlyMap<string, PythonValue>,
    print: (line: string) => void,
  ) {
    this.words = words(source, line);
    this.variables = variables;
    this.locals = locals;
    this.print = print;
  }

  private peek(ahead = 0): Word {
    return this.words[this.at + ahead] ?? { kind: 'end', text: 'end of line' };
  }

  private accept(symbol: string): boolean {
    const word = this.peek();
    if (word.text !== symbol || word.kind === 'string') return false;
    this.at++;
    return true;
  }

  private expect(symbol: string): void {
    if (!this.accept(symbol)) throw new Error(`SyntaxError: expected '${symbol}', found '${this.peek().text}'`);
  }

  statement(): void {
    const first = this.peek();
    if (first.kind === 'name' && LEFT_OUT.has(first.text)) {
      throw new PacketdrillUnsupported(`Python statement '${first.text}' in %{ }%`);
    }
    if (first.kind === 'name' && first.text === 'assert') {
      this.at++;
      const start = this.at;
      const value = this.conditional();
      const asserted = this.words
        .slice(start, this.at)
        .map((word) => word.text)
        .join(' ');
      const message = this.accept(',') ? text(this.conditional()) : '';
      if (!truth(value)) throw new Error(`AssertionError: ${asserted}${message === '' ? '' : `: ${message}`}`);
    } else if (first.kind === 'name' && first.text === 'pass') {
      this.at++;
    } else if (first.kind === 'name' && first.text === 'import') {
      this.at = this.words.length;
    } else if (first.kind === 'name' && first.text === 'print' && this.peek(1).text !== '(') {
      this.at++;
      this.print(this.peek().kind === 'end' ? '' : text(this.tuple()));
    } else if (first.kind === 'name' && this.isAssignment()) {
      this.assign(first.text);
    } else {
      this.tuple();
    }
    if (this.peek().kind !== 'end') throw new Error(`SyntaxError: invalid syntax at '${this.peek().text}'`);
  }

  private isAssignment(): boolean {
    const operator = this.peek(1).text;
    return operator === '=' || (/^[-+*/%&|^]$/.test(operator) && this.peek(2).text === '=');
  }

  private assign(name: string): void {
    this.at++;
    const operator = this.words[this.at++].text;
    if (operator === '=') {
      this.variables.set(name, this.tuple());
      return;
    }
    this.at++;
    const apply = BINARY.map((level) => level[operator]).find((f) => f !== undefined);
    if (apply === undefined) throw new Error(`SyntaxError: ${operator}=`);
    this.variables.set(name, apply(this.lookup(name), this.tuple()));
  }

  private lookup(name: string): PythonValue {
    const value = this.locals.get(name) ?? this.variables.get(name);
    if (value === undefined) throw new Error(`NameError: name '${name}' is not defined`);
    return value;
  }

  private tuple(): PythonValue {
    const first = this.conditional();
    if (this.peek().text !== ',') return first;
    const items = [first];
    while (this.accept(',')) if (this.peek().kind !== 'end' && this.peek().text !== ')') items.push(this.conditional());
    return items;
  }

  private conditional(): PythonValue {
    const value = this.or();
    if (!this.accept('if')) return value;
    const condition = this.or();
    this.expect('else');
    const otherwise = this.conditional();
    return truth(condition) ? value : otherwise;
  }

  private or(): PythonValue {
    let value = this.and();
    while (this.accept('or')) {
      const right = this.and();
      value = truth(value) ? value : right;
    }
    return value;
  }

  private and(): PythonValue {
    let value = this.not();
    while (this.accept('and')) {
      const right = this.not();
      value = truth(value) ? right : value;
    }
    return value;
  }

  private not(): PythonValue {
    return this.accept('not') ? !truth(this.not()) : this.comparison();
  }

  private comparison(): PythonValue {
    let left = this.binary(0);
    let result: boolean | null = null;
    for (;;) {
      const operator = this.peek();
      if (
        operator.kind === 'name' &&
        (operator.text === 'in' || (operator.text === 'not' && this.peek(1).text === 'in'))
      ) {
        this.at += operator.text === 'not' ? 2 : 1;
        const right = this.binary(0);
        const among = Array.isArray(right) && right.some((item) => equal(item, left));
        result = (result ?? true) && (operator.text === 'not' ? !among : among);
        left = right;
        continue;
      }
      if (operator.kind !== 'symbol' || !(operator.text in COMPARISONS)) return result ?? left;
      this.at++;
      const right = this.binary(0);
      result = (result ?? true) && COMPARISONS[operator.text](left, right);
      left = right;
    }
  }

  private binary(level: number): PythonValue {
    if (level === BINARY.length) return this.unary();
    let left = this.binary(level + 1);
    while (this.peek().kind === 'symbol' && this.peek().text in BINARY[level]) {
      const operator = this.words[this.at++].text;
      left = BINARY[level][operator](left, this.binary(level + 1));
    }
    return left;
  }

  private unary(): PythonValue {
    if (this.accept('-')) return -number(this.unary());
    if (this.accept('+')) return number(this.unary());
    if (this.accept('~')) return ~number(this.unary());
    const value = this.primary();
    return this.accept('**') ? number(value) ** number(this.unary()) : value;
  }

  private primary(): PythonValue {
    const word = this.words[this.at++] ?? this.peek();
    if (word.kind === 'number') return Number(word.text);
    if (word.kind === 'string') {
      let value = unquote(word.text);
      while (this.peek().kind === 'string') value += unquote(this.words[this.at++].text);
      return value;
    }
    if (word.text === '(' || word.text === '[') {
      const close = word.text === '(' ? ')' : ']';
      if (this.accept(close)) return [];
      const value = this.tuple();
      this.expect(close);
      return word.text === '[' && !Array.isArray(value) ? [value] : value;
    }
    if (word.kind === 'name') return this.named(word.text);
    throw new Error(`SyntaxError: invalid syntax at '${word.text}'`);
  }

  private named(name: string): PythonValue {
    if (name === 'True') return true;
    if (name === 'False') return false;
    if (name === 'None') return null;
    if (!this.accept('(')) return this.lookup(name);
    const args: PythonValue[] = [];
    while (this.peek().text !== ')') {
      args.push(this.conditional());
      if (!this.accept(',')) break;
    }
    this.expect(')');
    if (name === 'print') {
      this.print(args.map(text).join(' '));
      return null;
    }
    if (!Object.hasOwn(FUNCTIONS, name)) throw new Error(`NameError: name '${name}' is not defined`);
    return FUNCTIONS[name](args);
  }
}

function unquote(source: string): string {
  return source.slice(1, -1).replace(/\\([^])/g, (_, c: string) => ({ n: '\n', t: '\t' })[c] ?? c);
}

/** Joins lines that brackets or a backslash continue; drops comments. @returns lines with their numbers */
function logicalLines(code: string): { line: number; source: string }[] {
  const lines: { line: number; source: string }[] = [];
  let pending = '';
  let start = 0;
  for (const [i, raw] of code.split('\n').entries()) {
    const stripped = raw.replace(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|#.*$/g, (_, quoted?: string) => quoted ?? '');
    if (pending === '') start = i + 1;
    pending += ` ${stripped.replace(/\\$/, '')}`;
    const outside = pending.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
    const depth = (outside.match(/[([]/g)?.length ?? 0) - (outside.match(/[)\]]/g)?.length ?? 0);
    if (depth > 0 || stripped.endsWith('\\')) continue;
    for (const part of splitStatements(pending))
      if (part.trim() !== '') lines.push({ line: start, source: part.trim() });
    pending = '';
  }
  if (pending.trim() !== '') lines.push({ line: start, source: pending.trim() });
  return lines;
}

function splitStatements(source: string): string[] {
  return (source.match(/(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^;"'])+/g) ?? []).filter((part) => part.trim() !== '');
}

/**
 * Runs one block.
 * @param variables shared by all blocks of a script
 * @param locals names of this block's time, tcpi_* and constants
 * @param print called with each printed line
 * @throws PythonError for a failed assertion or anything wrong
 */
export function runPython(
  code: string,
  variables: Map<string, PythonValue>,
  locals: ReadonlyMap<string, PythonValue>,
  print: (line: string) => void,
): void {
  for (const { line, source } of logicalLines(code)) {
    try {
      new Line(source, line, variables, locals, print).statement();
    } catch (fault) {
      if (fault instanceof PythonError || fault instanceof PacketdrillUnsupported) throw fault;
      throw new PythonError(line, fault instanceof Error ? fault.message : String(fault));
    }
  }
}
