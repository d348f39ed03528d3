// Expressions, by recursive descent with one method per level of precedence, lowest first. Read beside it:
// stap(1), "EXPRESSIONS"; SystemTap Language Reference 4. The order in which tokens are expected decides
// what a message says, so it follows what SystemTap is seen to say.
import { refusals } from '../diagnostics/parse-errors.js';
import type * as ast from '../syntax/ast.js';
import type { Token } from '../syntax/token.js';
import { parseFormat } from './format.js';
import { LiteralParser } from './literals.js';
import { ParseError } from './parse-error.js';

/** A chain of left-associative operators may be this long; the passes behind recurse along it. */
const maxChain = 1000;

const assignments = new Set(['=', '<<<', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '^=', '|=', '.=']);
const printNames = /^(s?)print(?:(f)|(d)?(ln)?)$/;
const statOps: Record<string, ast.StatOp['op']> = {
  '@count': 'count',
  '@sum': 'sum',
  '@min': 'min',
  '@max': 'max',
  '@avg': 'avg',
  '@variance': 'variance',
};

/** How close binary operators bind. Level 6 is `in`, which is no chain: see arrayIn(). */
const precedence: ReadonlyMap<string, number> = new Map(
  [
    ['||'],
    ['&&'],
    ['|'],
    ['^'],
    ['&'],
    [],
    ['<', '<=', '>', '>=', '==', '!=', '=~', '!~'],
    ['<<', '>>', '>>>'],
    ['.'],
    ['+', '-'],
    ['*', '/', '%'],
  ].flatMap((ops, i) => ops.map((op) => [op, i + 1] as const)),
);
const lastLogical = 5;
const comparison = 7;

export class ExpressionParser extends LiteralParser {
  expression(): ast.Expr {
    this.descend();
    const e = this.assignment();
    this.ascend();
    return e;
  }

  private assignment(): ast.Expr {
    const left = this.ternary();
    const t = this.peek();
    if (t?.type !== 'operator' || !assignments.has(t.content)) return left;
    this.swallow();
    const right = this.expression();
    return { kind: 'assign', op: t.content as ast.AssignOp, left, right, tok: t, span: this.spanFrom(left.span) };
  }

  private ternary(): ast.Expr {
    const cond = this.binary(1);
    const t = this.peek();
    if (!this.tryOp('?') || !t) return cond;
    const then = this.expression();
    this.expectOp(':', 'ternary');
    const otherwise = this.expression();
    return { kind: 'ternary', cond, then, else: otherwise, tok: t, span: this.spanFrom(cond.span) };
  }

  /** A chain of operators that bind at least as close as `least`; either all logical or none. */
  private binary(least: number): ast.Expr {
    const logical = least <= lastLogical;
    let left = logical ? this.arrayIn() : this.unary();
    for (let length = 0; ; length++) {
      const t = this.peek();
      if (t?.type !== 'operator') return left;
      const level = precedence.get(t.content);
      if (level === undefined || level < least || (logical && level > lastLogical)) return left;
      if (length >= maxChain) throw this.tooDeep();
      this.swallow();
      const start = left.span;
      if (t.content === '=~' || t.content === '!~') {
        const pattern = this.literalString();
        left = { kind: 'regex', negated: t.content === '!~', left, pattern, tok: t, span: this.spanFrom(start) };
      } else {
        const right = this.rightOperand(level);
        left = { kind: 'binary', op: t.content as ast.BinaryOp, left, right, tok: t, span: this.spanFrom(start) };
      }
    }
  }

  private rightOperand(level: number): ast.Expr {
    if (level === lastLogical) return this.arrayIn();
    return this.binary(level + 1);
  }

  private comparison(): ast.Expr {
    return this.binary(comparison);
  }

  /** `a in b`, `[a, *] in b`, or just a comparison. */
  private arrayIn(): ast.Expr {
    const start = this.peek();
    const indexes: (ast.Expr | null)[] = [];
    const parenthesized = this.tryOp('[');
    for (;;) {
      if (parenthesized && this.tryOp('*')) indexes.push(null);
      else indexes.push(this.comparison());
      if (!parenthesized) break;
      if (this.tryOp(',')) continue;
      if (this.tryOp(']')) break;
      throw new ParseError(refusals.commaOrBracket());
    }
    const t = this.peek();
    if (t && start && this.peekKeyword('in')) {
      this.swallow();
      return { kind: 'in', indexes, base: this.indexable(), tok: t, span: this.spanFrom(start) };
    }
    const only = indexes.length === 1 ? indexes[0] : null;
    if (only) return only;
    throw new ParseError(refusals.expressionList());
  }

  /** The name of an array, or a histogram operator. */
  indexable(): ast.SymbolExpr | ast.HistOp {
    const t = this.peek();
    if (t?.type === 'operator' && (t.content === '@hist_log' || t.content === '@hist_linear')) return this.histogram(t);
    const name = this.next();
    if (name.type !== 'identifier') throw new ParseError(refusals.indexable());
    return this.symbol(name);
  }

  symbol(t: Token): ast.SymbolExpr {
    return { kind: 'symbol', name: t.content, tok: t, span: this.spanFrom(t) };
  }

  private unary(): ast.Expr {
    const t = this.peek();
    if (t?.type === 'operator' && (t.content === '-' || t.content === '+' || t.content === '!' || t.content === '~')) {
      const op = t.content;
      this.swallow();
      this.descend();
      const operand = this.unary();
      this.ascend();
      return { kind: 'unary', op, operand, tok: t, span: this.spanFrom(t) };
    }
    return this.crement();
  }

  private crement(): ast.Expr {
    const t = this.peek();
    if (t?.type === 'operator' && (t.content === '++' || t.content === '--')) {
      this.swallow();
      const operand = this.targetValue();
      return { kind: 'crement', op: t.content as '++' | '--', prefix: true, operand, tok: t, span: this.spanFrom(t) };
    }
    const operand = this.targetValue();
    const after = this.peek();
    if (after?.type === 'operator' && (after.content === '++' || after.content === '--')) {
      this.swallow();
      const op = after.content as '++' | '--';
      return { kind: 'crement', op, prefix: false, operand, tok: after, span: this.spanFrom(operand.span) };
    }
    return operand;
  }

  /** `&$a->b[1]`, `f(x)->c`: a value with what reaches into the target behind it. */
  private targetValue(): ast.Expr {
    const ampersand = this.peek();
    const addressOf = this.tryOp('&');
    const value = this.value();
    if (!addressOf && !this.peekOp('->') && !this.peekOp('[') && value.kind !== 'target') return value;
    const { root, tok } =
      value.kind === 'target'
        ? value
        : {
            root: { kind: 'autocast' as const, operand: value },
            tok: (addressOf ? ampersand : this.peek()) ?? value.tok,
          };
    const given = value.kind === 'target' ? value.components : [];
    const components = this.targetComponents(given);
    if (!addressOf && components === given) return value;
    const start = addressOf && ampersand ? ampersand : value.tok;
    return { kind: 'target', root, components, addressOf, tok, span: this.spanFrom(start) };
  }

  private targetComponents(given: readonly ast.TargetComponent[]): readonly ast.TargetComponent[] {
    const list = [...given];
    let pretty = list.at(-1)?.kind === 'pretty';
    while (!pretty) {
      const t = this.peek();
      if (this.tryOp('->') && t) {
        const name = this.next();
        if (name.type !== 'identifier' && name.type !== 'keyword') throw new ParseError(refusals.identifierOrKeyword());
        const dollar = name.content.indexOf('$');
        const field = dollar < 0 ? name.content : name.content.slice(0, dollar);
        if (field) list.push({ kind: 'field', name: field, tok: name });
        if (dollar >= 0) {
          list.push({ kind: 'pretty', depth: name.content.length - dollar, tok: name });
          pretty = true;
        }
      } else if (this.tryOp('[') && t) {
        const index = this.expression();
        this.expectOp(']');
        if (index.kind === 'number') list.push({ kind: 'literal-index', index: index.value, tok: t });
        else list.push({ kind: 'index', index, tok: t });
      } else break;
    }
    const t = this.peek();
    if (!pretty && t?.type === 'identifier' && (t.content === '$' || t.content === '$$')) {
      this.swallow();
      list.push({ kind: 'pretty', depth: t.content.length, tok: t });
      pretty = true;
    }
    if (pretty && (this.peekOp('->') || this.peekOp('['))) throw new ParseError(refusals.prettySuffix());
    return list.length === given.length ? given : list;
  }

  private value(): ast.Expr {
    const t = this.peek();
    if (!t) throw new ParseError(refusals.value());
    if (t.type === 'embedded-code') {
      if (!this.privileged) throw new ParseError(refusals.embeddedExpression(), null, false);
      this.swallow();
      return { kind: 'embedded-expr', code: t.content, tok: t, span: this.spanFrom(t) };
    }
    if (t.type === 'operator' && t.content === '(') {
      this.swallow();
      const e = this.expression();
      this.expectOp(')', 'parenthesis');
      return e;
    }
    if (t.type === 'identifier') return this.identifier(t);
    if (t.type === 'operator' && t.content.charCodeAt(0) === 64) return this.atOperator(t);
    return this.literal();
  }

  private identifier(t: Token): ast.Expr {
    this.swallow();
    const name = t.content;
    if (name.charCodeAt(0) === 36) return this.targetVariable(t);
    const print = printNames.exec(name);
    if (print) return this.print(t, print[1] !== 's', print[2] === 'f', print[3] === 'd', print[4] === 'ln');
    if (this.tryOp('(')) {
      const args: ast.Expr[] = [];
      if (!this.tryOp(')')) {
        for (;;) {
          args.push(this.expression());
          if (this.tryOp(')')) break;
          if (!this.tryOp(',')) throw new ParseError(refusals.commaOrParen());
        }
      }
      return { kind: 'call', name, args, tok: t, span: this.spanFrom(t) };
    }
    const base = this.symbol(t);
    return this.peekOp('[') ? this.arrayIndex(base) : base;
  }

  private arrayIndex(base: ast.SymbolExpr | ast.HistOp): ast.ArrayIndex {
    this.expectOp('[');
    const indexes: (ast.Expr | null)[] = [];
    for (;;) {
      if (this.tryOp('*')) indexes.push(null);
      else indexes.push(this.expression());
      if (this.tryOp(']')) break;
      if (!this.tryOp(',')) throw new ParseError(refusals.commaOrBracket());
    }
    return { kind: 'array-index', base, indexes, tok: base.tok, span: this.spanFrom(base.tok) };
  }

  /** `$name` with an optional pretty-printing suffix. */
  private targetVariable(t: Token): ast.TargetExpr {
    const m = /^(\$\$?[^$]*)(\$+)?$/.exec(t.content);
    const name = m && m[1].length > 1 ? m[1] : t.content;
    const suffix = m && m[1].length > 1 ? (m[2]?.length ?? 0) : 0;
    return {
      kind: 'target',
      root: { kind: 'var', name },
      components: suffix ? [{ kind: 'pretty', depth: suffix, tok: t }] : [],
      addressOf: false,
      tok: t,
      span: this.spanFrom(t),
    };
  }

  private atOperator(t: Token): ast.Expr {
    const op = t.content;
    if (statOps[op]) return this.stat(t, statOps[op]);
    switch (op) {
      case '@hist_log':
      case '@hist_linear': {
        const base = this.histogram(t);
        if (!this.peekOp('[')) throw new ParseError(refusals.bareHistogram(), t);
        return this.arrayIndex(base);
      }
      case '@cast': {
        this.open();
        const operand = this.expression();
        this.expectOp(',');
        const type = this.stringToken();
        const module = this.tryOp(',') ? this.stringToken() : '';
        this.expectOp(')');
        return this.target(t, { kind: 'cast', operand, type, module });
      }
      case '@var': {
        this.open();
        const [, name, cu] = /^([^@]*)@?([^]*)$/.exec(this.stringToken()) ?? ['', '', ''];
        const module = this.tryOp(',') ? this.stringToken() : '';
        this.expectOp(')');
        return this.target(t, { kind: 'atvar', name, cu, module });
      }
      case '@defined':
      case '@entry': {
        this.open();
        const operand = this.expression();
        this.expectOp(')');
        return { kind: op === '@defined' ? 'defined' : 'entry', operand, tok: t, span: this.spanFrom(t) };
      }
      case '@perf': {
        this.open();
        const operand = this.stringToken();
        this.expectOp(')');
        return { kind: 'perf', operand, tok: t, span: this.spanFrom(t) };
      }
      case '@probewrite': {
        this.open();
        const { content: name } = this.expectIdentifier();
        this.expectOp(')');
        return { kind: 'probewrite', name, tok: t, span: this.spanFrom(t) };
      }
      case '@const':
      case '@enum': {
        this.swallow();
        if (op === '@const' && !this.privileged) throw new ParseError(refusals.constOperator(), null, false);
        this.expectOp('(');
        const name = this.stringToken();
        const module = this.tryOp(',') ? this.stringToken() : '';
        this.expectOp(')');
        return { kind: 'enum', name, module, tok: t, span: this.spanFrom(t) };
      }
      case '@kderef':
      case '@uderef': {
        this.open();
        const size = this.numberToken();
        this.expectOp(',');
        const address = this.expression();
        this.expectOp(')');
        return { kind: 'deref', user: op === '@uderef', size, address, tok: t, span: this.spanFrom(t) };
      }
      case '@kregister':
      case '@uregister': {
        this.open();
        const number = this.numberToken();
        this.expectOp(')');
        return { kind: 'register', user: op === '@uregister', number, tok: t, span: this.spanFrom(t) };
      }
      default:
        this.swallow();
        throw new ParseError(refusals.unknownOperator(op));
    }
  }

  /** Consumes the operator's name and `(`. */
  private open(): void {
    this.swallow();
    this.expectOp('(');
  }

  private target(t: Token, root: ast.TargetRoot): ast.TargetExpr {
    return { kind: 'target', root, components: [], addressOf: false, tok: t, span: this.spanFrom(t) };
  }

  private stat(t: Token, op: ast.StatOp['op']): ast.StatOp {
    this.open();
    const stat = this.expression();
    const params: bigint[] = [];
    while (!this.tryOp(')')) {
      if (!this.tryOp(',')) throw new ParseError(refusals.commaOrParen());
      params.push(this.numberToken());
    }
    return { kind: 'stat', op, stat, params, tok: t, span: this.spanFrom(t) };
  }

  private histogram(t: Token): ast.HistOp {
    this.swallow();
    this.expectOp('(');
    const stat = this.expression();
    const params: bigint[] = [];
    if (t.content === '@hist_linear') {
      for (let i = 0; i < 3; i++) {
        this.expectOp(',');
        params.push(this.numberToken());
      }
    }
    this.expectOp(')');
    const op = t.content === '@hist_linear' ? 'linear' : 'log';
    return { kind: 'hist', op, stat, params, tok: t, span: this.spanFrom(t) };
  }

  private print(
    t: Token,
    toStream: boolean,
    formatted: boolean,
    delimited: boolean,
    newline: boolean,
  ): ast.PrintFormat {
    const made = (rest: Partial<ast.PrintFormat>): ast.PrintFormat => ({
      kind: 'print', toStream, formatted, newline, delimiter: null, char: false, format: null, directives: [],
      args: [], hist: null, ...rest, tok: t, span: this.spanFrom(t),
    }); // prettier-ignore
    this.expectOp('(');
    const args: ast.Expr[] = [];
    const first = this.peek();
    if (!formatted && !delimited && first && (this.peekOp('@hist_log') || this.peekOp('@hist_linear'))) {
      const hist = this.histogram(first);
      if (!this.peekOp('[')) {
        this.expectOp(')');
        return made({ hist });
      }
      args.push(this.arrayIndex(hist));
      while (!this.peekOp(')')) {
        this.expectOp(',');
        args.push(this.expression());
      }
      this.expectOp(')');
      return made({ args });
    }
    let consumed = false;
    let least = 0;
    let format: ast.StringLit | null = null;
    let delimiter: ast.StringLit | null = null;
    let directives: ast.FormatDirective[] = [];
    if (formatted) {
      format = this.literalString();
      directives = parseFormat(format.value);
      consumed = true;
    } else if (delimited) {
      delimiter = this.literalString();
      consumed = true;
      least = 2; // so that the delimiter is used at least once
    } else if (!newline) least = 1;
    while (least > 0 || !this.peekOp(')')) {
      if (consumed) this.expectOneOf(',', ')');
      args.push(this.expression());
      consumed = true;
      least--;
    }
    this.expectOp(')');
    return made({ format, delimiter, directives, args });
  }
}
