// Statements. Read beside it: stap(1), "STATEMENTS"; expressions.ts.
import { refusals } from '../diagnostics/parse-errors.js';
import type * as ast from '../syntax/ast.js';
import type { Token } from '../syntax/token.js';
import { ExpressionParser } from './expressions.js';
import { ParseError } from './parse-error.js';

const sortAggregates: Record<string, ast.ForeachSort['aggr']> = {
  '@count': 'count',
  '@sum': 'sum',
  '@min': 'min',
  '@max': 'max',
  '@avg': 'avg',
};

const simple: ReadonlySet<ast.Stmt['kind']> = new Set([
  'expr-stmt',
  'embedded-stmt',
  'delete',
  'return',
  'next',
  'break',
  'continue',
]);

export class StatementParser extends ExpressionParser {
  /** What the body being read belongs to: `return` is for functions only. */
  protected context: 'probe' | 'function' | null = null;

  block(): ast.Block {
    const t = this.next();
    if (t.type !== 'operator' || t.content !== '{') throw new ParseError(refusals.operator('{', 'block'));
    const body: ast.Stmt[] = [];
    while (!this.tryOp('}')) body.push(this.statement());
    return { kind: 'block', body, tok: t, span: this.spanFrom(t) };
  }

  statement(): ast.Stmt {
    this.descendStatement();
    const statement = this.anyStatement();
    this.ascendStatement();
    // The `;` behind a simple statement ends it, so that an `else` may follow; behind a compound one, or
    // alone, it is a statement of its own.
    if (simple.has(statement.kind)) this.tryOp(';');
    return statement;
  }

  private anyStatement(): ast.Stmt {
    const t = this.peek();
    if (!t) throw new ParseError(refusals.statement());
    switch (t.type) {
      case 'operator':
        if (t.content === ';') {
          this.swallow();
          return { kind: 'null', tok: t, span: this.spanFrom(t) };
        }
        if (t.content === '{') return this.block();
        return this.expressionStatement(t);
      case 'identifier':
      case 'number':
      case 'string':
        return this.expressionStatement(t);
      case 'embedded-code':
        this.embedded();
        return { kind: 'embedded-stmt', code: t.content, tok: t, span: this.spanFrom(t) };
      case 'keyword':
        return this.keywordStatement(t);
      default:
        throw new ParseError(refusals.statement());
    }
  }

  /** Consumes embedded code; refused without -g, after which parsing goes on right behind it. */
  protected embedded(): void {
    this.swallow();
    if (!this.privileged) throw new ParseError(refusals.embedded(), null, false);
  }

  private expressionStatement(t: Token): ast.ExprStmt {
    const expr = this.expression();
    return { kind: 'expr-stmt', expr, tok: t, span: this.spanFrom(t) };
  }

  private keywordStatement(t: Token): ast.Stmt {
    switch (t.content) {
      case 'if':
        return this.ifStatement(t);
      case 'while': {
        this.swallow();
        this.expectOp('(', 'while-1');
        const cond = this.expression();
        this.expectOp(')', 'while-2');
        return { kind: 'while', cond, body: this.statement(), tok: t, span: this.spanFrom(t) };
      }
      case 'for':
        return this.forStatement(t);
      case 'foreach':
        return this.foreachStatement(t);
      case 'return': {
        this.swallow();
        if (this.context !== 'function') throw new ParseError(refusals.returnContext());
        const value = this.peekOp(';') || this.peekOp('}') ? null : this.expression();
        return { kind: 'return', value, tok: t, span: this.spanFrom(t) };
      }
      case 'delete': {
        this.swallow();
        return { kind: 'delete', target: this.expression(), tok: t, span: this.spanFrom(t) };
      }
      case 'next':
      case 'break':
      case 'continue':
        this.swallow();
        return { kind: t.content, tok: t, span: this.spanFrom(t) };
      case 'try':
        return this.tryStatement(t);
      default:
        throw new ParseError(refusals.statement());
    }
  }

  private ifStatement(t: Token): ast.IfStmt {
    this.swallow();
    this.expectOp('(', 'if-1');
    const cond = this.expression();
    this.expectOp(')', 'if-2');
    const then = this.statement();
    let otherwise: ast.Stmt | null = null;
    if (this.peekKeyword('else')) {
      this.swallow();
      otherwise = this.statement();
    }
    return { kind: 'if', cond, then, else: otherwise, tok: t, span: this.spanFrom(t) };
  }

  private forStatement(t: Token): ast.ForStmt {
    this.swallow();
    this.expectOp('(', 'for-1');
    const init = this.peekOp(';') ? null : this.expression();
    this.expectOp(';', 'for-2');
    const cond = this.peekOp(';') ? null : this.expression();
    this.expectOp(';', 'for-3');
    const step = this.peekOp(')') ? null : this.expression();
    this.expectOp(')', 'for-4');
    return { kind: 'for', init, cond, step, body: this.statement(), tok: t, span: this.spanFrom(t) };
  }

  private tryStatement(t: Token): ast.TryStmt {
    this.swallow();
    const body = this.block();
    this.expectKeyword('catch');
    let catchVar: ast.SymbolExpr | null = null;
    if (this.tryOp('(')) {
      if (!this.peekOp(')')) catchVar = this.symbol(this.expectIdentifier());
      this.expectOp(')');
    }
    return { kind: 'try', body, catchVar, handler: this.block(), tok: t, span: this.spanFrom(t) };
  }

  private foreachStatement(t: Token): ast.ForeachStmt {
    this.swallow();
    this.expectOp('(', 'foreach-1');
    let sort: ast.ForeachSort | null = null;
    const direction = (column: number, aggr: ast.ForeachSort['aggr'] = 'count'): void => {
      const s = this.peek();
      if (!s || (!this.peekOp('+') && !this.peekOp('-'))) return;
      if (sort) throw new ParseError(refusals.sortTwice());
      this.swallow();
      sort = { direction: s.content === '+' ? 1 : -1, column, aggr, tok: s };
    };

    let value: ast.SymbolExpr | null = null;
    const indexes: ast.SymbolExpr[] = [];
    if (!this.peekOp('[')) {
      const first = this.symbol(this.expectIdentifier());
      // Whose direction this is, the index's or the value's, only the `=` tells.
      direction(1);
      if (this.tryOp('=')) {
        value = first;
        if (sort) sort = { ...(sort as ast.ForeachSort), column: 0 };
      } else indexes.push(first);
    }
    if (!indexes.length) {
      const parenthesized = this.tryOp('[');
      for (;;) {
        indexes.push(this.symbol(this.expectIdentifier()));
        direction(indexes.length);
        if (!parenthesized) break;
        if (this.tryOp(',')) continue;
        if (this.tryOp(']')) break;
        throw new ParseError(refusals.commaOrBracket());
      }
    }
    this.expectKeyword('in');
    const base = this.indexable();
    let slice: (ast.Expr | null)[] | null = null;
    if (this.tryOp('[')) {
      slice = [];
      for (;;) {
        if (this.tryOp('*')) slice.push(null);
        else slice.push(this.expression());
        if (this.tryOp(']')) break;
        if (!this.tryOp(',')) throw new ParseError(refusals.commaOrBracket());
      }
    }
    const at = this.peek();
    const aggr = at?.type === 'operator' ? sortAggregates[at.content] : undefined;
    if (aggr) {
      this.swallow();
      if (!this.peekOp('+') && !this.peekOp('-')) throw new ParseError(refusals.sortAggregate());
    }
    direction(0, aggr);
    let limit: ast.Expr | null = null;
    if (this.peekKeyword('limit')) {
      this.swallow();
      limit = this.expression();
    }
    this.expectOp(')', 'foreach-2');
    const body = this.statement();
    return { kind: 'foreach', indexes, value, base, slice, sort, limit, body, tok: t, span: this.spanFrom(t) };
  }
}
