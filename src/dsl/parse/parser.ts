// Declarations and whole files. After a refusal the parser goes on at the next declaration, so that one run
// reports all that is wrong. Read beside it: stap(1), "SCRIPT LANGUAGE", "PROBES"; parse.ts, the door.
import { refusals } from '../diagnostics/parse-errors.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type * as ast from '../syntax/ast.js';
import type { Token } from '../syntax/token.js';
import { ParseError } from './parse-error.js';
import { StatementParser } from './statements.js';

const declarations = new Set(['probe', 'private', 'global', 'function']);

/** A probe point while its braces are multiplied out. */
type Path = Pick<ast.ProbePoint, 'components' | 'optional' | 'sufficient' | 'condition'>;

const emptyPath: Path = { components: [], optional: false, sufficient: false, condition: null };

/** Braces in a probe point multiply; beyond this many points it is refused. */
const maxPoints = 1000;

export class Parser extends StatementParser {
  readonly diagnostics: Diagnostic[] = [];
  private readonly items: ast.Item[] = [];
  private readonly globalNames = new Set<string>();

  /** Parses the whole file; null if there is nothing in it but blanks and comments. */
  file(): ast.StapFile | null {
    let empty = true;
    for (;;) {
      try {
        const t = this.peek();
        if (!t) break;
        empty = false;
        this.context = null;
        this.declaration(t);
      } catch (e) {
        empty = false;
        this.resetDepth();
        if (this.report(e).skip) this.recover();
      }
    }
    if (empty) return null;
    const of = <K extends ast.Item['kind']>(kind: K): Extract<ast.Item, { kind: K }>[] =>
      this.items.filter((i): i is Extract<ast.Item, { kind: K }> => i.kind === kind);
    return {
      kind: 'file', source: this.source, items: this.items, probes: of('probe'), aliases: of('alias'),
      functions: of('function'), globals: of('global'), embeds: of('embedded-decl'),
    }; // prettier-ignore
  }

  private report(e: unknown): ParseError {
    if (!(e instanceof ParseError)) throw e;
    const tok = e.tok ?? this.last;
    const faulty = tok?.type === 'junk' && tok.fault !== '';
    this.diagnostics.push({
      kind: 'parse',
      key: e.refusal.key,
      message: faulty ? tok.fault : e.refusal.message,
      tok,
      role: e.tok || faulty ? 'at' : 'saw',
      file: this.source.name,
      because: null,
    });
    return e;
  }

  /** Skips tokens up to one that can start a declaration. */
  private recover(): void {
    for (;;) {
      try {
        const t = this.peek();
        if (!t || t.type === 'embedded-code' || (t.type === 'keyword' && declarations.has(t.content))) return;
        this.swallow();
      } catch (e) {
        this.report(e);
      }
    }
  }

  private declaration(t: Token): void {
    if (t.type === 'keyword') {
      switch (t.content) {
        case 'probe':
          return this.probe(t);
        case 'global':
          this.swallow();
          return this.globals(t, false);
        case 'function':
          return this.functionDeclaration(t, false);
        case 'private': {
          this.swallow();
          const what = this.peek();
          if (what && this.peekKeyword('function')) return this.functionDeclaration(t, true);
          if (what?.type === 'identifier') return this.globals(t, true);
          if (what && this.peekKeyword('global')) {
            this.swallow();
            return this.globals(t, true);
          }
          throw new ParseError(refusals.privateWhat());
        }
      }
    }
    if (t.type === 'embedded-code') {
      this.embedded();
      this.items.push({ kind: 'embedded-decl', code: t.content, tok: t, span: this.spanFrom(t) });
      return;
    }
    throw new ParseError(refusals.declaration());
  }

  // ---- probes ----

  private probe(t: Token): void {
    this.swallow();
    const names: ast.ProbePoint[] = [];
    let epilogue = false;
    const points: ast.ProbePoint[] = [];
    for (;;) {
      const some = this.points();
      if ((this.peekOp('=') || this.peekOp('+=')) && !points.length) {
        if (some.some((p) => p.optional || p.sufficient)) throw new ParseError(refusals.aliasName());
        names.push(...some);
        epilogue = this.peekOp('+=');
        this.swallow();
        continue;
      }
      points.push(...some);
      if (points.length > maxPoints) throw new ParseError(refusals.tooManyPoints());
      if (this.tryOp(',')) continue;
      if (this.peekOp('{')) break;
      throw new ParseError(refusals.pointEnd());
    }
    this.context = 'probe';
    const body = this.block();
    const after = names.length > 0 && !epilogue && this.tryOp(',') ? this.block() : null;
    const rest = { points, body, tok: t, span: this.spanFrom(t) };
    if (names.length) this.items.push({ kind: 'alias', names, epilogue, after, ...rest });
    else this.items.push({ kind: 'probe', ...rest });
  }

  /** One probe point as written, multiplied out over its braces. */
  private points(): ast.ProbePoint[] {
    const start = this.peek();
    const paths = this.paths();
    const after = this.peek();
    if (!start || after?.type !== 'operator' || ![',', '{', '}', '=', '+='].includes(after.content)) {
      throw new ParseError(refusals.pointEnd());
    }
    return paths.map((path) => ({
      kind: 'point',
      ...path,
      tok: path.components[0]?.tok ?? start,
      span: this.spanFrom(start),
    }));
  }

  /** `a.b("x").{c ?,d} if (e)`: all paths that it stands for, each with its suffixes. */
  private paths(): Path[] {
    let paths: Path[] = [emptyPath];
    do {
      const tails = this.peekOp('{') ? this.alternatives() : [{ ...emptyPath, components: [this.component()] }];
      if (paths.length * tails.length > maxPoints) throw new ParseError(refusals.tooManyPoints());
      paths = paths.flatMap((path) =>
        tails.map((tail) => ({
          components: [...path.components, ...tail.components],
          optional: path.optional || tail.optional,
          sufficient: path.sufficient || tail.sufficient,
          condition: tail.condition ?? path.condition,
        })),
      );
    } while (this.tryOp('.'));
    if (this.peekOp('?') || this.peekOp('!')) {
      const sufficient = this.peekOp('!');
      this.swallow();
      paths = paths.map((path) => ({ ...path, optional: true, sufficient: path.sufficient || sufficient }));
    }
    if (this.peekKeyword('if')) {
      this.swallow();
      this.expectOp('(', 'point-if-1');
      const condition = this.expression();
      this.expectOp(')', 'point-if-2');
      paths = paths.map((path) => ({ ...path, condition: path.condition ?? condition }));
    }
    return paths;
  }

  private alternatives(): Path[] {
    this.expectOp('{');
    this.descend();
    const all: Path[] = [];
    do {
      all.push(...this.paths());
    } while (this.tryOp(','));
    this.expectOp('}');
    this.ascend();
    return all;
  }

  private component(): ast.PointComponent {
    const first = this.next();
    if (!first || !isPointWord(first, false)) throw new ParseError(refusals.pointName());
    // A name with wildcards is several tokens without blanks between them.
    let functor = first.content;
    for (let end = first, t = this.peek(); t && t.start === end.end && isPointWord(t, true); t = this.peek()) {
      if (t.source !== end.source) break;
      functor += t.content;
      end = t;
      this.swallow();
    }
    const tok = functor === first.content ? first : { ...first, type: 'identifier' as const, content: functor };
    let arg: ast.NumberLit | ast.StringLit | null = null;
    if (this.tryOp('(')) {
      arg = this.literal();
      this.expectOp(')');
    }
    return { kind: 'component', functor, arg, tok, span: this.spanFrom(first) };
  }

  // ---- globals ----

  private globals(start: Token, isPrivate: boolean): void {
    for (;;) {
      const t = this.next();
      if (t.type !== 'identifier') throw new ParseError(refusals.identifier());
      if (this.globalNames.has(t.content)) throw new ParseError(refusals.duplicateGlobal());
      this.globalNames.add(t.content);
      const wrapBefore = this.tryOp('%');
      let size: number | null = null;
      let isArray = false;
      if (this.tryOp('[')) {
        const n = this.numberToken();
        if (n <= 0n || n > 1_000_000n) throw new ParseError(refusals.arraySize());
        this.expectOp(']');
        size = Number(n);
        isArray = true;
      }
      const wrap = this.tryOp('%') || wrapBefore;
      let init: ast.NumberLit | ast.StringLit | null = null;
      if (this.peekOp('=')) {
        if (isArray) throw new ParseError(refusals.scalarInit());
        this.swallow();
        init = this.literal();
      }
      const name = t.content;
      this.items.push({
        kind: 'global',
        name,
        isPrivate,
        wrap,
        size,
        init,
        isArray,
        tok: t,
        span: this.spanFrom(start),
      });
      if (this.tryOp(',')) continue;
      this.tryOp(';');
      return;
    }
  }

  // ---- functions ----

  private functionDeclaration(start: Token, isPrivate: boolean): void {
    const doc = this.commentBefore(start);
    this.swallow();
    this.context = 'function';
    const t = this.next();
    if (t.type !== 'identifier' && !(t.type === 'keyword' && (t.content === 'string' || t.content === 'long'))) {
      throw new ParseError(refusals.identifier());
    }
    const returnType = this.typeSuffix();
    this.expectOp('(', 'function');
    const params: ast.Param[] = [];
    if (!this.tryOp(')')) {
      for (;;) {
        const p = this.expectIdentifier();
        if (params.some((q) => q.name === p.content)) throw new ParseError(refusals.duplicateParam());
        params.push({ kind: 'param', name: p.content, type: this.typeSuffix(), tok: p, span: this.spanFrom(p) });
        if (this.tryOp(')')) break;
        if (!this.tryOp(',')) throw new ParseError(refusals.commaOrParen());
      }
    }
    let priority: bigint | null = null;
    if (this.tryOp(':')) {
      priority = this.numberToken();
      if (priority < 1n) throw new ParseError(refusals.priority());
    }
    const body = this.functionBody();
    this.items.push({
      kind: 'function', name: t.content, returnType, params, priority, isPrivate, body, doc, tok: t,
      span: this.spanFrom(start),
    }); // prettier-ignore
  }

  private functionBody(): ast.Stmt {
    const t = this.peek();
    if (t?.type !== 'embedded-code') return this.block();
    this.embedded();
    return { kind: 'embedded-stmt', code: t.content, tok: t, span: this.spanFrom(t) };
  }

  private typeSuffix(): ast.TypeName | null {
    if (!this.tryOp(':')) return null;
    const t = this.next();
    if (t.type === 'keyword' && (t.content === 'long' || t.content === 'string')) return t.content;
    throw new ParseError(refusals.typeName());
  }

  /** The comment that ends on the line before a declaration, without its marks. */
  private commentBefore(start: Token): string {
    const text = start.source.text.slice(Math.max(0, start.start - 4000), start.start).trimEnd();
    if (text.endsWith('*/')) {
      const open = text.lastIndexOf('/*');
      if (open < 0) return '';
      return text.slice(open + 2, -2).replace(/^\s*\*+ ?/gm, '').trim(); // prettier-ignore
    }
    const lines: string[] = [];
    for (const line of text.split('\n').reverse()) {
      const m = /^[ \t]*(?:\/\/+|#+) ?(.*)$/.exec(line);
      if (!m) break;
      lines.unshift(m[1]);
    }
    return lines.join('\n').trim();
  }
}

function isPointWord(t: Token, inside: boolean): boolean {
  if (t.type === 'identifier' || t.type === 'keyword') return true;
  if (t.type === 'number') return inside;
  return t.type === 'operator' && t.content === '*';
}
