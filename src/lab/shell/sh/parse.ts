// Parses a shell script: lists, pipelines, if, for, while, groups, redirections, words with quotes and
// expansions. Read beside it: POSIX.1-2017, Shell Command Language, 2.2 to 2.10. Left out and refused: functions,
// case, here-documents.

import { ShellSyntaxError, type Command, type Item, type List, type Part, type Pipeline } from './syntax.js';
import type { Redirection, Word } from './syntax.js';

const RESERVED = new Set(['if', 'then', 'elif', 'else', 'fi', 'for', 'do', 'done', 'while', 'until', '{', '}', '!']);
const REFUSED = new Set(['case', 'esac', 'function', 'select', 'coproc', '[[']);
/** Characters that end a word without quotes. */
const BREAKS = /[\s;&|<>()]/;

class Parser {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  private error(token: string): never {
    throw new ShellSyntaxError(`syntax error near unexpected token \`${token}'`);
  }

  private unexpected(): never {
    if (this.at >= this.text.length) throw new ShellSyntaxError('syntax error: unexpected end of file');
    this.error(this.operator() ?? this.reserved() ?? this.text[this.at]);
  }

  /** Passes blanks, continued lines and comments. */
  private blanks(): void {
    const skip = /(?:[ \t\r]|\\\n|#[^\n]*)*/y;
    skip.lastIndex = this.at;
    skip.exec(this.text);
    this.at = skip.lastIndex;
  }

  private newlines(): void {
    for (;;) {
      this.blanks();
      if (this.text[this.at] !== '\n') return;
      this.at++;
    }
  }

  /** The operator that comes next, not taken. */
  private operator(): string | null {
    this.blanks();
    return /^(?:&&|\|\||;;|[;&|()\n])/.exec(this.text.slice(this.at, this.at + 2))?.[0] ?? null;
  }

  private accept(operator: string): boolean {
    if (this.operator() !== operator) return false;
    this.at += operator.length;
    return true;
  }

  /** The bare word that comes next, if it is reserved; not taken. */
  private reserved(): string | null {
    this.blanks();
    const word = /^[^\s;&|<>()'"$`\\]+/.exec(this.text.slice(this.at, this.at + 10))?.[0] ?? '';
    const end = this.text[this.at + word.length];
    if (end !== undefined && !BREAKS.test(end)) return null;
    if (REFUSED.has(word)) throw new ShellSyntaxError(`\`${word}' is not supported`);
    return RESERVED.has(word) ? word : null;
  }

  private expect(reserved: string): void {
    this.newlines();
    if (this.reserved() !== reserved) this.unexpected();
    this.at += reserved.length;
  }

  script(): List {
    const list = this.list([]);
    if (this.at < this.text.length) this.unexpected();
    return list;
  }

  /** @param ends reserved words that end it; `)` does always */
  private list(ends: readonly string[]): List {
    const items: Item[] = [];
    for (;;) {
      this.newlines();
      if (this.at >= this.text.length || this.operator() === ')') return items;
      const word = this.reserved();
      if (word !== null && ends.includes(word)) return items;
      const pipeline = this.pipeline();
      const operator = this.operator();
      if (operator === '&&' || operator === '||' || operator === '&' || operator === ';' || operator === '\n') {
        this.at += operator.length;
        items.push({ pipeline, connector: operator === '\n' ? ';' : operator });
      } else items.push({ pipeline, connector: ';' });
    }
  }

  private pipeline(): Pipeline {
    const negated = this.reserved() === '!';
    if (negated) this.at++;
    const commands = [this.command()];
    while (this.accept('|')) {
      this.newlines();
      commands.push(this.command());
    }
    return { negated, commands };
  }

  private command(): Command {
    const word = this.reserved();
    if (word === 'if') return this.ifCommand();
    if (word === 'for') return this.forCommand();
    if (word === 'while' || word === 'until') {
      this.at += word.length;
      const condition = this.list(['do']);
      const body = this.doGroup();
      return { kind: 'while', until: word === 'until', condition, body, redirections: this.redirections() };
    }
    if (word === '{') {
      this.at++;
      const body = this.list(['}']);
      this.expect('}');
      return { kind: 'group', body, subshell: false, redirections: this.redirections() };
    }
    if (word !== null) this.error(word);
    if (this.accept('(')) {
      const body = this.list([]);
      if (!this.accept(')')) this.unexpected();
      return { kind: 'group', body, subshell: true, redirections: this.redirections() };
    }
    return this.simple();
  }

  private ifCommand(): Command {
    const branches: [List, List][] = [];
    let otherwise: List | null = null;
    for (let word = 'if'; word === 'if' || word === 'elif';) {
      this.at += word.length;
      const condition = this.list(['then']);
      this.expect('then');
      branches.push([condition, this.list(['elif', 'else', 'fi'])]);
      word = this.reserved() ?? this.unexpected();
    }
    if (this.reserved() === 'else') {
      this.at += 4;
      otherwise = this.list(['fi']);
    }
    this.expect('fi');
    return { kind: 'if', branches, otherwise, redirections: this.redirections() };
  }

  private forCommand(): Command {
    this.at += 3;
    this.blanks();
    const name = /^[A-Za-z_]\w*/.exec(this.text.slice(this.at, this.at + 100))?.[0];
    if (name === undefined) this.unexpected();
    this.at += name.length;
    const words: Word[] = [];
    this.newlines();
    if (/^in\b/.test(this.text.slice(this.at, this.at + 3))) {
      this.at += 2;
      for (let word = this.word(); word !== null; word = this.word()) words.push(word);
    }
    this.accept(';');
    const body = this.doGroup();
    return { kind: 'for', name, words, body, redirections: this.redirections() };
  }

  private doGroup(): List {
    this.expect('do');
    const body = this.list(['done']);
    this.expect('done');
    return body;
  }

  private simple(): Command {
    const assignments: [string, Word][] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    for (;;) {
      const redirection = this.redirection();
      if (redirection !== null) {
        redirections.push(redirection);
        continue;
      }
      const name = words.length === 0 ? /^([A-Za-z_]\w*)=/.exec(this.text.slice(this.at, this.at + 100)) : null;
      if (name !== null) {
        this.at += name[0].length;
        assignments.push([name[1], this.wordHere() ?? []]);
        continue;
      }
      const word = this.word();
      if (word === null) break;
      words.push(word);
    }
    if (words.length + assignments.length + redirections.length === 0) this.unexpected();
    return { kind: 'simple', assignments, words, redirections };
  }

  private redirections(): Redirection[] {
    const found: Redirection[] = [];
    for (let next = this.redirection(); next !== null; next = this.redirection()) found.push(next);
    return found;
  }

  private redirection(): Redirection | null {
    this.blanks();
    const match = /^(?:(&)(>>?)|(\d*)(<<<|<<|>>|[<>]&|>\||[<>]))/.exec(this.text.slice(this.at, this.at + 16));
    if (match === null) return null;
    const operator = match[2] ?? match[4];
    if (operator === '<<' || operator === '<&') throw new ShellSyntaxError(`\`${operator}' is not supported`);
    this.at += match[0].length;
    const target = this.word() ?? this.unexpected();
    const from = match[1] !== undefined ? [1, 2] : [match[3] ? Number(match[3]) : operator.startsWith('<') ? 0 : 1];
    return { from, operator: operator === '>|' ? '>' : (operator as Redirection['operator']), target };
  }

  private word(): Word | null {
    this.blanks();
    return this.wordHere();
  }

  /** A word without blanks in front; null where there is none. */
  private wordHere(): Word | null {
    const parts: Part[] = [];
    while (this.at < this.text.length) {
      const c = this.text[this.at];
      if (BREAKS.test(c)) break;
      if (c === "'") {
        const end = this.text.indexOf("'", this.at + 1);
        if (end < 0) this.unmatched("'");
        parts.push({ kind: 'text', text: this.text.slice(this.at + 1, end), quoted: true });
        this.at = end + 1;
      } else if (c === '"') {
        this.at++;
        this.doubleQuoted(parts);
      } else if (c === '\\') {
        const text = this.text[this.at + 1] ?? '';
        if (text !== '\n') parts.push({ kind: 'text', text, quoted: true });
        this.at += 2;
      } else if (c === '$' || c === '`') parts.push(this.expansion(false));
      else {
        const rest = /[^\s;&|<>()'"$`\\]+/y;
        rest.lastIndex = this.at;
        const text = rest.exec(this.text)?.[0] ?? c;
        parts.push({ kind: 'text', text, quoted: false });
        this.at += text.length;
      }
    }
    return parts.length === 0 ? null : parts;
  }

  private unmatched(quote: string): never {
    throw new ShellSyntaxError(`unexpected EOF while looking for matching \`${quote}'`);
  }

  /** Up to the closing quote, which is taken. */
  private doubleQuoted(parts: Part[]): void {
    // An empty pair of quotes is a word.
    let text = '';
    let any = false;
    const flush = (): void => {
      if (text !== '' || !any) parts.push({ kind: 'text', text, quoted: true });
      any = true;
      text = '';
    };
    for (;;) {
      const c = this.text[this.at];
      if (c === undefined) this.unmatched('"');
      if (c === '"') break;
      if (c === '\\' && /["\\$`\n]/.test(this.text[this.at + 1] ?? '')) {
        if (this.text[this.at + 1] !== '\n') text += this.text[this.at + 1];
        this.at += 2;
      } else if (c === '$' || c === '`') {
        flush();
        parts.push(this.expansion(true));
      } else {
        text += c;
        this.at++;
      }
    }
    this.at++;
    if (text !== '' || !any) flush();
  }

  /** `$…` or a command in backquotes. */
  private expansion(quoted: boolean): Part {
    const rest = this.text.slice(this.at);
    if (rest.startsWith('`')) {
      const match = /^`((?:[^`\\]|\\[^])*)`/.exec(rest);
      if (match === null) this.unmatched('`');
      this.at += match[0].length;
      return { kind: 'command', body: new Parser(match[1].replace(/\\([`\\$])/g, '$1')).script(), quoted };
    }
    if (rest.startsWith('$((')) {
      const end = this.closing(this.at + 3, 2);
      const word = new Parser(this.text.slice(this.at + 3, end)).wholeWord();
      this.at = end + 2;
      return { kind: 'arithmetic', word, quoted };
    }
    if (rest.startsWith('$(')) {
      this.at += 2;
      const body = this.list([]);
      if (!this.accept(')')) this.unexpected();
      return { kind: 'command', body, quoted };
    }
    const braced = /^\$\{(#?)(\w+|[?#$@*!])(?:(:?[-+=])([^}]*))?\}/.exec(rest);
    if (braced !== null) {
      this.at += braced[0].length;
      const operator = braced[1] === '#' ? '#' : (braced[3] ?? '');
      return { kind: 'variable', name: braced[2], operator, word: new Parser(braced[4] ?? '').wholeWord(), quoted };
    }
    if (rest.startsWith('${')) throw new ShellSyntaxError(`\`${rest.split(/[}\s]/)[0]}}' is not supported`);
    const plain = /^\$([A-Za-z_]\w*|[0-9?#$@*!])/.exec(rest);
    this.at += plain?.[0].length ?? 1;
    if (plain === null) return { kind: 'text', text: '$', quoted };
    return { kind: 'variable', name: plain[1], operator: '', word: [], quoted };
  }

  /** @returns where the parentheses opened before `from` close */
  private closing(from: number, count: number): number {
    let depth = count;
    for (let i = from; i < this.text.length; i++) {
      if (this.text[i] === '(') depth++;
      if (this.text[i] === ')' && --depth === 0) return i - count + 1;
    }
    return this.unmatched(')');
  }

  /** All of the text as if in double quotes. */
  wholeWord(): Word {
    const parts: Part[] = [];
    let text = '';
    while (this.at < this.text.length) {
      const c = this.text[this.at];
      if (c === '$' || c === '`') {
        parts.push({ kind: 'text', text, quoted: true }, this.expansion(true));
        text = '';
      } else {
        if (c !== '"') text += c;
        this.at++;
      }
    }
    return [...parts, { kind: 'text', text, quoted: true }];
  }
}

/** @throws ShellSyntaxError */
export function parseShell(text: string): List {
  return new Parser(text).script();
}
