/**
 * Statements to JavaScript, with the count of actions that MAXACTION limits: every statement costs 1, every
 * round of a loop 1, blocks and `;` nothing; the count is brought up to date where control flow joins or
 * leaves, and an excess is reported at the token there. Read beside it: expressions.ts.
 */
import { refuse } from '../passes/compilation.js';
import type { Token } from '../syntax/token.js';
import type { ForeachStmt, Stmt, TryStmt, WhileStmt } from '../types/tree.js';
import { embeddedStatements } from './embedded.js';
import { ExpressionWriter } from './expressions.js';
import type { Tables } from './tables.js';

/** So many actions are gathered at most before they are counted. */
const mostPending = 10;

export class StatementWriter extends ExpressionWriter {
  protected readonly lines: string[] = [];
  private indent = 1;
  private pending = 0;
  private loops = 0;
  /** False where nothing can exceed MAXACTION. */
  private readonly counting: boolean;
  private readonly kind: 'handler' | 'function';
  protected override readonly depth: string;

  constructor(tables: Tables, kind: 'handler' | 'function', counting: boolean) {
    super(tables);
    this.kind = kind;
    this.counting = counting;
    this.depth = kind === 'function' ? '$n + 1' : '1';
  }

  get text(): string {
    return this.lines.join('\n');
  }

  line(text: string): void {
    this.lines.push(`${'  '.repeat(this.indent)}${text}`);
  }

  open(text: string): void {
    this.line(text);
    this.indent++;
  }

  close(text = '}'): void {
    this.indent--;
    this.line(text);
  }

  /** Counts actions; with `now`, or when many are pending, the running count is brought up to date. */
  record(actions: number, tok: Token, now: boolean): void {
    this.pending += actions;
    if (this.pending === 0 || (!now && this.pending < mostPending)) return;
    if (this.counting)
      this.line(`if (($s.actions -= ${this.pending}) <= 0) ${this.helper('$over')}(${this.tables.site(tok)});`);
    this.pending = 0;
  }

  statement(s: Stmt): void {
    switch (s.kind) {
      case 'block':
        for (const x of s.body) this.statement(x);
        return;
      case 'null':
        return;
      case 'expr-stmt':
        this.line(`${this.effect(s.expr)};`);
        return this.record(1, s.tok, false);
      case 'if':
        this.record(1, s.tok, true);
        this.open(`if (${this.condition(s.cond)}) {`);
        this.statement(s.then);
        this.record(0, s.then.tok, true);
        if (s.else) {
          this.close('} else {');
          this.indent++;
          this.statement(s.else);
          this.record(0, s.else.tok, true);
        }
        return this.close();
      case 'loop':
        return this.loop(s);
      case 'foreach':
        return this.foreach(s);
      case 'return':
        if (s.value) this.line(`$v = ${this.value(s.value)};`);
        this.record(1, s.tok, true);
        return this.line('return $v;');
      case 'delete':
        this.delete(s.target);
        return this.record(1, s.tok, false);
      case 'next':
        this.record(1, s.tok, true);
        if (this.kind === 'handler') return this.line('break $body;');
        return this.line(`return ${this.helper('$next')};`);
      case 'break':
      case 'continue':
        if (this.loops === 0) refuse(`cannot '${s.kind}' outside loop`, s.tok, { key: 'jump outside loop' });
        this.record(1, s.tok, true);
        return this.line(`${s.kind};`);
      case 'try':
        return this.try(s);
      case 'embedded-stmt':
        this.line(`$s.site = ${this.tables.site(s.tok)};`);
        return this.line(`STAP_GUARD(() => {${this.tables.embedded(embeddedStatements(s.code), s.tok)}\n});`);
    }
  }

  /** An expression whose value nobody wants. */
  private effect(e: Parameters<ExpressionWriter['value']>[0]): string {
    if (e.kind === 'assign') return this.assign(e);
    if (e.kind === 'crement') return this.crement(e, false);
    return this.value(e);
  }

  private loop(s: WhileStmt): void {
    if (s.init) {
      this.line(`${this.effect(s.init)};`);
      this.record(1, s.init.tok, false);
    }
    this.record(1, s.tok, true);
    const cond = s.cond ? this.condition(s.cond) : '';
    const step = s.step ? this.effect(s.step) : '';
    this.open(`for (; ${cond === 'true' ? '' : cond}; ${step}) {`);
    this.record(1, s.tok, false);
    this.loops++;
    this.statement(s.body);
    this.loops--;
    this.record(0, s.body.tok, true);
    this.close();
  }

  private foreach(s: ForeachStmt): void {
    this.record(1, s.tok, true);
    const i = this.temporary();
    if (s.base.kind === 'hist') {
      const stats = this.temporary();
      this.line(`${stats} = ${this.statistics(s.base.stat)};`);
      const limit = s.limit ? `, ${this.value(s.limit)}` : '';
      this.open(
        `for (${i} = 0; ${i} < ${limit ? `Math.min(${stats}.buckets()${limit})` : `${stats}.buckets()`}; ${i}++) {`,
      );
      this.line(`${this.value(s.indexes[0])} = ${i};`);
      if (s.value) this.line(`${this.value(s.value)} = ${stats}.bucket(${i});`);
    } else {
      const cells = this.temporary();
      const column = s.column - 1;
      const order = this.tables.constant(
        '$o',
        `{ direction: ${s.direction}, column: ${s.direction === 0 ? -1 : column}, by: "${s.aggregate}" }`,
      );
      const limit = s.limit ? this.value(s.limit) : 'undefined';
      const slice = s.slice ? `, [${s.slice.map((x) => (x ? this.value(x) : 'undefined')).join(', ')}]` : '';
      this.line(`${cells} = ${this.tables.variable(s.base.variable)}.iterate(${order}, ${limit}${slice});`);
      this.open(`for (${i} = 0; ${i} < ${cells}.length; ${i}++) {`);
      s.indexes.forEach((index, n) => {
        this.line(`${this.value(index)} = ${cells}[${i}].keys[${n}];`);
      });
      if (s.value) this.line(`${this.value(s.value)} = ${cells}[${i}].value;`);
    }
    this.record(1, s.tok, false);
    this.loops++;
    this.statement(s.body);
    this.loops--;
    this.record(0, s.body.tok, true);
    this.close();
  }

  private delete(target: Parameters<ExpressionWriter['value']>[0]): void {
    if (target.kind === 'element') {
      const map = this.tables.variable(target.variable);
      const keys = target.indexes.map((i) => (i ? this.value(i) : 'undefined'));
      if (!target.indexes.includes(null)) return this.line(`${map}.remove(${keys.join(', ')});`);
      const any = this.tables.constant('$o', '{ direction: 0, column: -1, by: "count" }');
      return this.line(
        `for (const $c of ${map}.iterate(${any}, undefined, [${keys.join(', ')}])) ${map}.remove(...$c.keys);`,
      );
    }
    if (target.kind !== 'variable') throw new Error(`delete of ${target.kind}`);
    const { variable } = target;
    const name = this.tables.variable(variable);
    if (variable.arity > 0 || variable.type === 'stats') this.line(`${name}.clear();`);
    else this.line(`${name} = ${variable.type === 'string' ? "''" : '0'};`);
  }

  private try(s: TryStmt): void {
    this.record(0, s.tok, true);
    this.open('try {');
    this.statement(s.body);
    this.record(0, s.body.tok, true);
    this.close('} catch ($x) {');
    this.indent++;
    this.line(s.catchVar ? `${this.value(s.catchVar)} = $rt.caught($x);` : '$rt.caught($x);');
    this.statement(s.handler);
    this.record(0, s.handler.tok, true);
    this.close();
  }
}
