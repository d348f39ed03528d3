// The second half of the preprocessor: `%( condition %? tokens %: tokens %)`. Read beside it: stap(1),
// "PREPROCESSING". What is asked for (kernel_v, arch, CONFIG_…) comes in as `PreprocessorFacts`.
import { refusals } from '../diagnostics/parse-errors.js';
import type { Token } from '../syntax/token.js';
import type { MacroExpander } from './macros.js';
import { ParseError } from './parse-error.js';

/** What conditions may ask about. */
export interface PreprocessorFacts {
  /** The full kernel release (`6.1.0-18-amd64`); kernel_v is the part before the first `-`. */
  readonly kernelRelease: string;
  readonly arch: string;
  /** The SystemTap release that we stand for. */
  readonly systemtapVersion: string;
  readonly runtime: string;
  readonly privilege: string;
  readonly guru: boolean;
  /** Kernel configuration, by name with its `CONFIG_`. */
  readonly config: ReadonlyMap<string, string>;
}

export const defaultFacts: PreprocessorFacts = {
  kernelRelease: '6.1.0',
  arch: 'x86_64',
  systemtapVersion: '4.8',
  runtime: 'kernel',
  privilege: 'stapdev',
  guru: false,
  config: new Map(),
};

const is = (t: Token | null, op: string): boolean => t !== null && t.type === 'operator' && t.content === op;

/** Orders version texts: runs of digits by value, all else by characters. */
export function compareVersions(a: string, b: string): number {
  const pieces = (s: string): string[] => s.match(/\d+|\D+/g) ?? [];
  const [x, y] = [pieces(a), pieces(b)];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const [p, q] = [x[i] ?? '', y[i] ?? ''];
    if (p === q) continue;
    if (/^\d/.test(p) && /^\d/.test(q)) {
      const [m, n] = [BigInt(p), BigInt(q)];
      if (m !== n) return m < n ? -1 : 1;
      continue;
    }
    return p < q ? -1 : 1;
  }
  return 0;
}

/** Does a shell wildcard pattern match the whole text? */
export function wildcardMatch(pattern: string, text: string): boolean {
  const re = pattern.replace(/\[!?[^\]]+\]|[*?]|[^]/g, (m) => {
    if (m === '*') return '[^]*';
    if (m === '?') return '[^]';
    if (m.length > 1) return (m[1] === '!' ? '[^' + m.slice(2, -1) : '[' + m.slice(1, -1)).replace(/\\/g, '\\\\') + ']';
    return m.replace(/[\\^$.|+(){}[\]/-]/, '\\$&');
  });
  try {
    return new RegExp(`^(?:${re})$`).test(text);
  } catch {
    return pattern === text; // a bracket expression that is none, such as [z-a]
  }
}

function ordered(op: Token, order: number): boolean {
  switch (op.content) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    default:
      throw new ParseError(refusals.conditionOperator(), op);
  }
}

function equality(op: Token, equal: boolean): boolean {
  if (op.content === '==') return equal;
  if (op.content === '!=') return !equal;
  throw new ParseError(refusals.conditionEquality(), op);
}

function wildcardOrVersion(value: string, op: Token, pattern: string): boolean {
  if ((op.content === '==' || op.content === '!=') && /[*?[]/.test(pattern)) {
    return wildcardMatch(pattern, value) === (op.content === '==');
  }
  return ordered(op, compareVersions(value, pattern));
}

function compareLiterals(l: Token, op: Token, r: Token, facts: PreprocessorFacts): boolean {
  if (l.type === 'identifier') {
    const name = l.content;
    switch (name) {
      case 'kernel_v':
      case 'kernel_vr':
      case 'systemtap_v': {
        if (r.type !== 'string') throw new ParseError(refusals.conditionString(), r);
        const release = facts.kernelRelease;
        const value =
          name === 'systemtap_v' ? facts.systemtapVersion : name === 'kernel_v' ? release.replace(/-.*/, '') : release;
        return wildcardOrVersion(value, op, r.content);
      }
      case 'arch':
      case 'runtime': {
        if (r.type !== 'string') throw new ParseError(refusals.conditionString(), r);
        return equality(op, wildcardMatch(r.content, name === 'arch' ? facts.arch : facts.runtime));
      }
      case 'systemtap_privilege': {
        if (r.type !== 'string' && r.type !== 'identifier') throw new ParseError(refusals.conditionString(), r);
        return equality(op, wildcardMatch(r.content, facts.privilege));
      }
      case 'guru_mode': {
        if (r.type !== 'number') throw new ParseError(refusals.conditionNumberRight(), r);
        return equality(op, Number(r.content) === (facts.guru ? 1 : 0));
      }
    }
    if (name.startsWith('CONFIG_')) {
      if (r.type === 'string' || r.type === 'identifier') {
        return equality(op, wildcardMatch(r.content, facts.config.get(name) ?? 'n'));
      }
      if (r.type !== 'number') throw new ParseError(refusals.conditionString(), r);
      const value = Number(facts.config.get(name) ?? NaN);
      return Number.isNaN(value) ? op.content === '!=' : ordered(op, value - Number(r.content));
    }
  }
  if (l.type === 'string') {
    if (r.type !== 'string') throw new ParseError(refusals.conditionStringRight(), r);
    if (op.content === '==' || op.content === '!=') return equality(op, wildcardMatch(r.content, l.content));
    return ordered(op, l.content < r.content ? -1 : l.content > r.content ? 1 : 0);
  }
  if (l.type === 'number') {
    if (r.type !== 'number') throw new ParseError(refusals.conditionNumberRight(), r);
    const [a, b] = [literalValue(l), literalValue(r)];
    return ordered(op, a < b ? -1 : a > b ? 1 : 0);
  }
  throw new ParseError(refusals.conditionLeft(), l);
}

/** The unsigned value of a number token; refused when malformed or beyond 64 bits. */
export function literalValue(t: Token): bigint {
  const s = t.content;
  if (/^(0[xX][0-9a-fA-F]+|[1-9]\d*|0[0-7]*)$/.test(s) && s.length <= 64) {
    const value = BigInt(/^0[0-7]+$/.test(s) ? '0o' + s.slice(1) : s);
    if (value < 1n << 64n) return value;
  }
  throw new ParseError(refusals.number());
}

type Branch = 'then' | 'else';
interface Conditional {
  readonly at: Token;
  branch: Branch;
  keep: boolean;
}

export class Preprocessor {
  private readonly macros: MacroExpander;
  private readonly facts: PreprocessorFacts;
  private readonly stack: Conditional[] = [];

  constructor(macros: MacroExpander, facts: PreprocessorFacts) {
    this.macros = macros;
    this.facts = facts;
  }

  /** The next token of the text that the conditions leave. */
  next(): Token | null {
    for (;;) {
      const top = this.stack.at(-1);
      const t = top && !top.keep ? this.skip() : this.macros.next();
      if (!t) {
        const open = this.stack.pop();
        if (open) throw new ParseError(refusals.conditionEnd(), open.at);
        return null;
      }
      if (t.type !== 'operator' || t.content.charCodeAt(0) !== 37) return t;
      switch (t.content) {
        case '%?':
          throw new ParseError(refusals.conditionOpen(), t);
        case '%:':
          if (!top) throw new ParseError(refusals.conditionOpen(), t);
          if (top.branch === 'else') throw new ParseError(refusals.conditionElse(), t);
          top.branch = 'else';
          top.keep = !top.keep;
          continue;
        case '%)':
          if (!top) throw new ParseError(refusals.conditionOpen(), t);
          this.stack.pop();
          continue;
        case '%(':
          this.stack.push({ at: t, branch: 'then', keep: this.condition(t) });
          continue;
        default:
          return t;
      }
    }
  }

  private condition(at: Token): boolean {
    // `&&` binds closer than `||`, as in the language.
    let any = false;
    let all = true;
    for (;;) {
      const l = this.macros.next();
      const op = this.macros.next();
      const r = this.macros.next();
      if (!l || !op || !r) throw new ParseError(refusals.conditionIncomplete(), at);
      all = compareLiterals(l, op, r, this.facts) && all;
      const m = this.macros.next();
      if (is(m, '&&')) continue;
      any = any || all;
      all = true;
      if (is(m, '||')) continue;
      if (is(m, '%?')) return any;
      throw new ParseError(refusals.conditionMarker(), at);
    }
  }

  /** Skips text that is left out, up to the `%:` or `%)` that ends it. */
  private skip(): Token | null {
    for (let level = 0; ;) {
      const t = this.macros.next(true);
      if (!t) return null;
      if (is(t, '%(')) level++;
      else if (level === 0 && (is(t, '%:') || is(t, '%)'))) return t;
      else if (is(t, '%)')) level--;
    }
  }
}
