// What a text declares (functions, globals, macros, aliases, probes) and where, found by its tokens alone, so that
// it works while somebody is still typing. Asked by completion and the language server; the compiler has its own
// and stricter parser. Read beside it: dsl/parse/lexer.ts, dsl/parse/parser.ts.
import { Lexer } from '../dsl/parse/lexer.js';
import type { SourceFile } from '../dsl/source/source.js';
import type { Token } from '../dsl/syntax/token.js';
import { toText } from '../runtime/strings.js';

export interface Declaration {
  readonly kind: 'function' | 'global' | 'macro' | 'alias' | 'probe';
  /** `tcp.sendmsg.return` for an alias, the points' text for a probe. */
  readonly name: string;
  readonly source: SourceFile;
  /** Offsets of the name. */
  readonly start: number;
  readonly end: number;
  /** Offsets of the whole declaration. */
  readonly from: number;
  readonly to: number;
  /** The declaration without its body. */
  readonly head: string;
  /** The comment above it. */
  readonly doc: string;
  /** Parameters of functions and macros. */
  readonly parameters: readonly string[];
}

/** All tokens of a text. */
export function tokensOf(source: SourceFile): Token[] {
  const lexer = new Lexer(source, null);
  const tokens: Token[] = [];
  for (let token = lexer.next(); token !== null; token = lexer.next()) tokens.push(token);
  return tokens;
}

/** The comment that ends right before an offset, without its marks. */
function commentBefore(text: string, offset: number): string {
  const before = text.slice(Math.max(0, offset - 4000), offset).trimEnd();
  if (before.endsWith('*/')) {
    const open = before.lastIndexOf('/*');
    return open < 0 ? '' : plain(before.slice(open + 2, -2));
  }
  const lines: string[] = [];
  for (const line of before.split('\n').reverse()) {
    const mark = /^\s*(?:\/\/|#)(.*)$/.exec(line);
    if (mark === null) break;
    lines.unshift(mark[1]);
  }
  return plain(lines.join('\n'));
}

const plain = (comment: string): string =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s?/, '').trimEnd())
    .join('\n')
    .trim();

class Scanner {
  private readonly tokens: readonly Token[];
  private readonly source: SourceFile;
  private at = 0;
  readonly found: Declaration[] = [];

  constructor(source: SourceFile) {
    this.source = source;
    this.tokens = tokensOf(source);
  }

  scan(): void {
    let first: Token | null = null;
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at++];
      const from: Token = first ?? token;
      first = null;
      if (token.type === 'keyword' && token.content === 'private') first = token;
      else if (token.type === 'keyword' && token.content === 'function') this.function(from);
      else if (token.type === 'keyword' && token.content === 'global') this.globals(from);
      else if (token.type === 'keyword' && token.content === 'probe') this.probe(from);
      else if (token.type === 'operator' && token.content === '@define') this.macro(from);
      // `private` may do without `global`.
      else if (from !== token && token.type === 'identifier') {
        this.at--;
        this.globals(from);
      }
    }
  }

  private get next(): Token | undefined {
    return this.tokens[this.at];
  }

  private is(content: string): boolean {
    return this.next?.type === 'operator' && this.next.content === content;
  }

  /** Skips what is between a pair of operators, the cursor being on the first. */
  private skip(open: string, close: string): void {
    let depth = 0;
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at++];
      if (token.type !== 'operator') continue;
      if (token.content === open) depth++;
      else if (token.content === close && --depth === 0) return;
    }
  }

  private add(
    kind: Declaration['kind'],
    from: Token,
    name: Token,
    last: Token,
    headEnd: number,
    rest: Partial<Declaration> = {},
  ) {
    const { text } = this.source;
    this.found.push({
      kind,
      name: name.content,
      source: this.source,
      start: name.start,
      end: last.end,
      from: from.start,
      to: this.tokens[this.at - 1].end,
      head: toText(text.slice(from.start, headEnd)).replace(/\s+/g, ' ').trim(),
      doc: toText(commentBefore(text, from.start)),
      parameters: [],
      ...rest,
    });
  }

  /** Names in parentheses, the cursor being on the first. */
  private parameters(): string[] {
    const names: string[] = [];
    const from = this.at;
    this.skip('(', ')');
    for (let i = from + 1; i < this.at - 1; i++) {
      const { type } = this.tokens[i];
      if (type === 'identifier' && this.tokens[i - 1].content !== ':') names.push(this.tokens[i].content);
    }
    return names;
  }

  private function(from: Token): void {
    const name = this.next;
    if (name === undefined) return;
    this.at++;
    while (this.next !== undefined && !this.is('(') && !this.is('{') && this.next.type !== 'embedded-code') this.at++;
    const parameters = this.is('(') ? this.parameters() : [];
    while (this.next !== undefined && !this.is('{') && this.next.type !== 'embedded-code') {
      if (this.next.type === 'keyword' && this.next.content === 'function') break;
      this.at++;
    }
    const headEnd = this.next?.start ?? this.source.text.length;
    this.body();
    this.add('function', from, name, name, headEnd, { parameters });
  }

  private body(): void {
    if (this.is('{')) this.skip('{', '}');
    else if (this.next?.type === 'embedded-code') this.at++;
  }

  private globals(from: Token): void {
    for (;;) {
      const name = this.next;
      if (name?.type !== 'identifier') return;
      this.at++;
      while (this.next !== undefined && this.belongs(this.next)) this.at++;
      const end = this.tokens[this.at - 1].end;
      const value = this.source.text.slice(name.start, end);
      this.add('global', from, name, name, end, { head: `global ${value}`, to: end });
      if (!this.is(',')) return;
      this.at++;
    }
  }

  /** Is a token of a global's size or first value? */
  private belongs({ type, content }: Token): boolean {
    return type === 'number' || type === 'string' || (type === 'operator' && '%[]=-'.includes(content));
  }

  private probe(from: Token): void {
    const { text } = this.source;
    const begin = this.at;
    while (this.next !== undefined && !this.is('{') && !this.is('=') && !this.is('+=')) {
      if (this.next.type === 'keyword' && ['probe', 'function'].includes(this.next.content)) break;
      this.at++;
    }
    if (this.at === begin) return;
    const first = this.tokens[begin];
    const last = this.tokens[this.at - 1];
    const alias = this.is('=') || this.is('+=');
    while (alias && this.next !== undefined && !this.is('{')) this.at++;
    const headEnd = this.next?.start ?? text.length;
    this.body();
    const name = text.slice(first.start, last.end).replace(/\s+/g, ' ');
    this.add(alias ? 'alias' : 'probe', from, first, last, headEnd, { name });
  }

  private macro(from: Token): void {
    const name = this.next;
    if (name === undefined) return;
    this.at++;
    const parameters = this.is('(') ? this.parameters() : [];
    const headEnd = this.next?.start ?? this.source.text.length;
    if (this.is('%(')) this.skip('%(', '%)');
    this.add('macro', from, name, name, headEnd, { parameters });
  }
}

/** The declarations of a text, in its order. */
export function declarationsOf(source: SourceFile): readonly Declaration[] {
  const scanner = new Scanner(source);
  scanner.scan();
  return scanner.found;
}
