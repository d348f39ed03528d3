// Regular expressions of `=~` and `!~`: the parser. POSIX extended syntax as SystemTap has it: no \d and
// friends, a backslash makes the next character itself. Read beside it: stap(1), "REGULAR EXPRESSIONS";
// runtime/regex/ matches. Left out: back references and collating elements, which SystemTap has not.

/** One pattern. Characters are numbers 0–255. */
export type Regex =
  | { readonly kind: 'empty' }
  /** Any of a set of characters; `set[c]` is 1 for members. */
  | { readonly kind: 'set'; readonly set: Uint8Array }
  | { readonly kind: 'anchor'; readonly at: 'start' | 'end' }
  | { readonly kind: 'sequence'; readonly parts: readonly Regex[] }
  | { readonly kind: 'choice'; readonly options: readonly Regex[] }
  /** `max` is Infinity for `*` and `+`. */
  | { readonly kind: 'repeat'; readonly of: Regex; readonly min: number; readonly max: number }
  /** A parenthesis, numbered from 1. */
  | { readonly kind: 'group'; readonly of: Regex; readonly number: number };

/** A refusal; `position` counts characters from 0. */
export class RegexError extends Error {
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }

  /** The message as SystemTap words it. */
  get report(): string {
    return `regex compilation error (at position ${this.position}): ${this.message}`;
  }
}

/** Most repetitions in braces: POSIX's RE_DUP_MAX. */
const MOST_REPEATS = 255;
/** Nesting that the parser follows; far beyond any pattern that means something. */
const MOST_DEPTH = 200;
/** Most nodes after repetitions are written out. */
const MOST_NODES = 20_000;

const inRange = (low: number, high: number) => (c: number) => c >= low && c <= high;
const upper = inRange(65, 90);
const lower = inRange(97, 122);
const digit = inRange(48, 57);
const graph = inRange(33, 126);
const classes: Readonly<Record<string, (c: number) => boolean>> = {
  alpha: (c) => upper(c) || lower(c),
  upper,
  lower,
  digit,
  alnum: (c) => upper(c) || lower(c) || digit(c),
  xdigit: (c) => digit(c) || inRange(65, 70)(c) || inRange(97, 102)(c),
  space: (c) => c === 32 || inRange(9, 13)(c),
  blank: (c) => c === 32 || c === 9,
  cntrl: (c) => c < 32 || c === 127,
  graph,
  print: (c) => graph(c) || c === 32,
  punct: (c) => graph(c) && !upper(c) && !lower(c) && !digit(c),
};

/** Parses a pattern; throws RegexError. */
export function parseRegex(pattern: string): Regex {
  const parser = new Parser(pattern);
  return parser.whole();
}

/** How many groups a pattern has. */
export function groupCount(regex: Regex): number {
  switch (regex.kind) {
    case 'sequence':
      return regex.parts.reduce((sum, part) => sum + groupCount(part), 0);
    case 'choice':
      return regex.options.reduce((sum, part) => sum + groupCount(part), 0);
    case 'repeat':
      return groupCount(regex.of);
    case 'group':
      return 1 + groupCount(regex.of);
    default:
      return 0;
  }
}

class Parser {
  private readonly text: string;
  private at = 0;
  private groups = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  whole(): Regex {
    const regex = this.choice();
    if (this.at < this.text.length) throw new RegexError(`unbalanced '${this.text[this.at]}'`, this.at);
    if (size(regex) > MOST_NODES) throw new RegexError('too many repetitions', Math.max(0, this.text.length - 1));
    return regex;
  }

  private choice(): Regex {
    if (++this.depth > MOST_DEPTH) throw new RegexError('nested too deeply', this.at);
    const options = [this.sequence()];
    while (this.text[this.at] === '|') {
      this.at++;
      options.push(this.sequence());
    }
    this.depth--;
    return options.length === 1 ? options[0] : { kind: 'choice', options };
  }

  private sequence(): Regex {
    const parts: Regex[] = [];
    while (this.at < this.text.length && this.text[this.at] !== '|' && this.text[this.at] !== ')') {
      parts.push(this.repeated());
    }
    if (parts.length === 0) return { kind: 'empty' };
    return parts.length === 1 ? parts[0] : { kind: 'sequence', parts };
  }

  private repeated(): Regex {
    let regex = this.single();
    for (;;) {
      const c = this.text[this.at];
      if (c === '*') regex = { kind: 'repeat', of: regex, min: 0, max: Infinity };
      else if (c === '+') regex = { kind: 'repeat', of: regex, min: 1, max: Infinity };
      else if (c === '?') regex = { kind: 'repeat', of: regex, min: 0, max: 1 };
      else if (c === '{') {
        const [min, max] = this.bounds();
        regex = { kind: 'repeat', of: regex, min, max };
        continue;
      } else return regex;
      this.at++;
    }
  }

  private bounds(): [number, number] {
    const start = this.at++;
    const min = this.number();
    let max = min;
    if (this.text[this.at] === ',') {
      this.at++;
      max = this.text[this.at] === '}' ? Infinity : this.number();
    }
    this.expect('}');
    if (min > max) throw new RegexError(`invalid repetition range {${min},${max}}`, start);
    if (min > MOST_REPEATS || (max !== Infinity && max > MOST_REPEATS)) {
      throw new RegexError(`repetition of more than ${MOST_REPEATS}`, start);
    }
    return [min, max];
  }

  private number(): number {
    const start = this.at;
    while (digit(this.text.charCodeAt(this.at))) this.at++;
    if (start === this.at) {
      const found = this.at < this.text.length ? `'${this.text[this.at]}'` : 'end of regex';
      throw new RegexError(`expected number, found ${found}`, Math.min(this.at, this.text.length - 1));
    }
    return Number(this.text.slice(start, this.at));
  }

  private expect(wanted: string): void {
    if (this.at >= this.text.length) {
      throw new RegexError(`expected ${wanted}, found end of regex`, Math.max(0, this.text.length - 1));
    }
    const c = this.text[this.at++];
    if (c !== wanted) throw new RegexError(`expected ${wanted}, found ${c}`, this.at - 1);
  }

  private single(): Regex {
    const c = this.text[this.at++];
    switch (c) {
      case '(': {
        const number = ++this.groups;
        const of = this.choice();
        this.expect(')');
        return { kind: 'group', of, number };
      }
      case '*':
      case '+':
      case '?':
      case '{':
        throw new RegexError(`unexpected '${c}'`, this.at - 1);
      case '^':
        return { kind: 'anchor', at: 'start' };
      case '$':
        return { kind: 'anchor', at: 'end' };
      case '.':
        return { kind: 'set', set: new Uint8Array(256).fill(1) };
      case '[':
        return { kind: 'set', set: this.bracket() };
      case '\\':
        if (this.at >= this.text.length) throw new RegexError('expected character, found end of regex', this.at - 1);
        return one(this.text.charCodeAt(this.at++));
      default:
        return one(c.charCodeAt(0));
    }
  }

  private bracket(): Uint8Array {
    const { text } = this;
    const set = new Uint8Array(256);
    const negated = text[this.at] === '^';
    if (negated) this.at++;
    for (let first = true; ; first = false) {
      if (this.at >= text.length) throw new RegexError('unclosed character class', text.length - 1);
      if (text[this.at] === ']' && !first) break;
      if (text.startsWith('[:', this.at)) {
        this.named(set);
        continue;
      }
      const low = text.charCodeAt(this.at++) & 0xff;
      let high = low;
      if (text[this.at] === '-' && this.at + 1 < text.length && text[this.at + 1] !== ']') {
        high = text.charCodeAt(this.at + 1) & 0xff;
        if (high < low) {
          const range = `${String.fromCharCode(low)}-${String.fromCharCode(high)}`;
          throw new RegexError(`Inverted character range ${range}`, this.at - 1);
        }
        this.at += 2;
      }
      set.fill(1, low, high + 1);
    }
    this.at++;
    return negated ? set.map((member) => 1 - member) : set;
  }

  private named(set: Uint8Array): void {
    const end = this.text.indexOf(':]', this.at + 2);
    const name = end < 0 ? this.text.slice(this.at + 2) : this.text.slice(this.at + 2, end);
    const members = Object.hasOwn(classes, name) ? classes[name] : undefined;
    if (end < 0 || members === undefined) throw new RegexError(`unknown character class '${name}'`, this.at);
    for (let c = 0; c < 256; c++) if (members(c)) set[c] = 1;
    this.at = end + 2;
  }
}

function one(c: number): Regex {
  const set = new Uint8Array(256);
  set[c & 0xff] = 1;
  return { kind: 'set', set };
}

/** Nodes once every repetition is written out. */
function size(regex: Regex): number {
  switch (regex.kind) {
    case 'sequence':
      return regex.parts.reduce((sum, part) => sum + size(part), 1);
    case 'choice':
      return regex.options.reduce((sum, part) => sum + size(part), 1);
    case 'repeat':
      return 1 + size(regex.of) * Math.max(1, regex.max === Infinity ? regex.min + 1 : regex.max);
    case 'group':
      return 1 + size(regex.of);
    default:
      return 1;
  }
}
