/**
 * Expressions to JavaScript. `value` gives a script value (number, bigint or string), `condition` a JavaScript
 * boolean. Evaluation is left to right, keys before the value assigned; where JavaScript's own order differs, a
 * part goes to a temporary first. Read beside it: abi.ts (what is called), helpers.ts.
 */
import type {
  AssignExpr,
  BinaryExpr,
  CallExpr,
  CrementExpr,
  ElementExpr,
  Expr,
  FunctionInstance,
  HistExpr,
  InExpr,
  StatExpr,
} from '../types/tree.js';
import { subexpressions } from '../types/walk.js';
import { refuse } from '../passes/compilation.js';
import { embeddedExpression } from './embedded.js';
import { longText, stringText } from './literals.js';
import { printExpression } from './printing.js';
import { TargetWriter } from './targets.js';

const comparisons = new Set(['<', '<=', '>', '>=', '==', '!=']);
const operators: Readonly<Record<string, string>> = {
  '+': '$add',
  '-': '$sub',
  '*': '$mul',
  '/': '$div',
  '%': '$mod',
  '&': '$and',
  '|': '$or',
  '^': '$xor',
  '<<': '$shl',
  '>>': '$shr',
};

/** Reading it changes nothing and its value cannot be changed by what is evaluated after it. */
export function isConstant(e: Expr): boolean {
  return e.kind === 'number' || e.kind === 'string';
}

/** Evaluating it has no effect at all: it may be moved past other such expressions. */
export function isCalm(e: Expr): boolean {
  switch (e.kind) {
    case 'assign':
    case 'crement':
    case 'embedded':
      return false;
    case 'call':
      if (!e.builtin?.pure) return false;
      break;
    case 'print':
      if (e.toStream) return false;
      break;
    default:
      break;
  }
  return subexpressions(e).every(isCalm);
}

/** Could evaluating it leave another place in State.site? */
function movesSite(e: Expr): boolean {
  if (e.kind === 'call' && (!e.builtin || e.builtin.fails)) return true;
  if (e.kind === 'assign' || e.kind === 'crement') return true;
  if (e.kind === 'stat' || e.kind === 'bucket' || e.kind === 'target') return true;
  return subexpressions(e).some(movesSite);
}

/** What functions are given besides their arguments: context values, and those captured at a function's entry. */
export function contextArguments(targets: readonly FunctionInstance[]): string[] {
  const names = new Set(targets.flatMap((t) => t.context).map((ref) => `c_${ref.name}`));
  if (targets.some((t) => t.captures)) names.add('$e');
  return [...names];
}

export class ExpressionWriter extends TargetWriter {
  /** The number of the frame that a function called from here has, for MAXNESTING. */
  protected readonly depth: string = '1';

  /** Writes `build` of the parts' texts with the parts evaluated in order and State.site set after them. */
  private atSite(e: Expr, parts: readonly Expr[], build: (texts: readonly string[]) => string, tok = e.tok): string {
    const site = this.tables.site(tok);
    if (!parts.some(movesSite)) return `($s.site = ${site}, ${build(parts.map((p) => this.value(p)))})`;
    const before: string[] = [];
    const texts = parts.map((p) => {
      if (isConstant(p)) return this.value(p);
      const t = this.temporary();
      before.push(`${t} = ${this.value(p)}`);
      return t;
    });
    return `(${[...before, `$s.site = ${site}`, build(texts)].join(', ')})`;
  }

  // ---- Conditions

  condition(e: Expr): string {
    switch (e.kind) {
      case 'number':
        return e.value !== 0n ? 'true' : 'false';
      case 'binary':
        if (e.op === '&&' || e.op === '||') return `(${this.condition(e.left)} ${e.op} ${this.condition(e.right)})`;
        if (comparisons.has(e.op)) return this.comparison(e);
        break;
      case 'unary':
        if (e.op === '!') return `!${this.condition(e.operand)}`;
        break;
      default:
        break;
    }
    return `(${this.value(e)} !== 0)`;
  }

  private comparison(e: BinaryExpr): string {
    const op = e.op === '==' ? '===' : e.op === '!=' ? '!==' : e.op;
    return `(${this.value(e.left)} ${op} ${this.value(e.right)})`;
  }

  // ---- Values

  value(e: Expr): string {
    switch (e.kind) {
      case 'number':
        return longText(e.value);
      case 'string':
        // Whether a literal fits is up to MAXSTRINGLEN, which is not known before the program is loaded.
        if (e.value.length < 8) return stringText(e.value);
        return this.tables.constant('$k', `${this.helper('$cap')}(${stringText(e.value)})`);
      case 'variable':
        return this.tables.variable(e.variable);
      case 'element':
        return this.element(e);
      case 'bucket':
        return this.bucket(e.hist, e.index);
      case 'call':
        return this.call(e);
      case 'print':
        return printExpression(this, e);
      case 'stat':
        return this.stat(e);
      case 'hist':
        return this.statistics(e.stat);
      case 'unary':
        return this.unary(e.op, e.operand);
      case 'crement':
        return this.crement(e, true);
      case 'binary':
        return this.binary(e);
      case 'in':
        return this.contains(e);
      case 'regex': {
        const matcher = this.tables.constant('$r', `$rt.regex(${stringText(e.pattern.value)})`);
        const match = `${matcher}(${this.value(e.left)})`;
        return e.negated ? `(${match} ? 0 : 1)` : match;
      }
      case 'ternary':
        return `(${this.condition(e.cond)} ? ${this.value(e.then)} : ${this.value(e.else)})`;
      case 'assign':
        return this.assign(e);
      case 'target':
        return this.target(e);
      case 'entry':
        return this.captured(e.capture);
      case 'embedded': {
        const code = this.tables.embedded(embeddedExpression(e.code), e.tok);
        if (e.type === 'string') return `${this.helper('$cap')}(String(${code}))`;
        return `$rt.toLong(((v) => (typeof v === 'bigint' ? v : Math.trunc(Number(v)) || 0))(${code}))`;
      }
      case 'perf':
        return refuse('cannot translate general @perf expression', e.tok);
      case 'autocast':
      case 'unresolved':
        throw new Error(`${e.kind} expression reached the code generator`);
    }
  }

  /** Names of captured values; the handler's writer knows them. */
  protected captured(_capture: object): string {
    throw new Error('captured value outside a handler');
  }

  private unary(op: string, operand: Expr): string {
    if (op === '+') return this.value(operand);
    if (op === '!') return `(${this.condition(operand)} ? 0 : 1)`;
    return `${this.helper(op === '-' ? '$neg' : '$not')}(${this.value(operand)})`;
  }

  private binary(e: BinaryExpr): string {
    const { op } = e;
    if (op === '.') return `${this.helper('$cap')}(${this.value(e.left)} + ${this.value(e.right)})`;
    if (op === '&&' || op === '||' || comparisons.has(op)) return `(${this.condition(e)} ? 1 : 0)`;
    return this.operate(op, this.value(e.left), this.value(e.right), e.tok, e.right);
  }

  /** `a OP b`, on texts. Division notes the place for its error; a divisor known not to be 0 needs none. */
  operate(op: string, a: string, b: string, tok: Expr['tok'], right: Expr): string {
    if (op === '.') return `${this.helper('$cap')}(${a} + ${b})`;
    if (!Object.hasOwn(operators, op)) refuse(`unsupported binary operator ${op}`, tok);
    const helper = this.helper(operators[op]);
    if (op !== '/' && op !== '%') return `${helper}(${a}, ${b})`;
    const known = right.kind === 'number' && right.value !== 0n;
    return `${helper}(${a}, ${b}, ${known ? 0 : this.tables.site(tok)})`;
  }

  // ---- Arrays

  private keys(indexes: readonly (Expr | null)[]): string[] {
    return indexes.map((i) => (i ? this.value(i) : 'undefined'));
  }

  private element(e: ElementExpr): string {
    return `${this.tables.variable(e.variable)}.get(${this.keys(e.indexes).join(', ')})`;
  }

  private contains(e: InExpr): string {
    if (e.base.kind === 'hist') {
      const stats = this.statistics(e.base.stat);
      const site = this.tables.site(e.base.tok);
      const key = e.indexes[0];
      return `($s.site = ${site}, ${stats}.hasBucket(${key ? this.value(key) : '0'}))`;
    }
    const map = this.tables.variable(e.base.variable);
    if (!e.indexes.includes(null)) return `${map}.has(${this.keys(e.indexes).join(', ')})`;
    const any = this.tables.constant('$o', '{ direction: 0, column: -1, by: "count" }');
    return `(${map}.iterate(${any}, 1, [${this.keys(e.indexes).join(', ')}]).length > 0 ? 1 : 0)`;
  }

  /** The aggregate that an expression names; an empty one where there is none. */
  statistics(e: Expr): string {
    if (e.kind === 'variable') return this.tables.variable(e.variable);
    if (e.kind !== 'element') throw new Error('statistics of something else');
    const map = this.tables.variable(e.variable);
    return `(${map}.stats(${this.keys(e.indexes).join(', ')}) ?? ${this.empty(e)})`;
  }

  /** An empty aggregate with the histogram of the array's. */
  private empty(e: ElementExpr): string {
    return `${this.tables.variable(e.variable)}_none`;
  }

  private stat(e: StatExpr): string {
    const stats = this.statistics(e.stat);
    if (e.op === 'count' || e.op === 'sum') return `${stats}.${e.op}()`;
    const call = e.op === 'variance' ? `variance(${e.shift})` : `${e.op}()`;
    const site = this.tables.site(e.tok);
    const inner = e.stat.kind === 'element' ? e.stat.indexes : [];
    if (!inner.some((i) => i && movesSite(i))) return `($s.site = ${site}, ${stats}.${call})`;
    const t = this.temporary();
    return `(${t} = ${stats}, $s.site = ${site}, ${t}.${call})`;
  }

  private bucket(hist: HistExpr, index: Expr): string {
    const t = this.temporary();
    return `(${t} = ${this.statistics(hist.stat)}, ${this.atSite(hist, [index], ([i]) => `${t}.bucket(${i})`)})`;
  }

  // ---- Calls

  private call(e: CallExpr): string {
    const b = e.builtin;
    if (b) {
      const make = (args: readonly string[]) =>
        b.emit ? b.emit(args) : `${this.tables.builtin(b)}(${args.join(', ')})`;
      const text = this.directText(e);
      if (text) return text;
      const call = b.fails ? this.atSite(e, e.args, make) : make(e.args.map((a) => this.value(a)));
      if (b.returns !== 'unknown' || e.type === 'unknown') return call;
      return `(${call}, ${e.type === 'string' ? "''" : '0'})`;
    }
    const args = [...e.args.map((a) => this.value(a)), ...contextArguments(e.targets), this.depth].join(', ');
    if (e.targets.length === 1 && !this.canFallThrough(e)) return `${this.tables.functionName(e.targets[0])}(${args})`;
    return this.dispatch(e, args);
  }

  /** Text of a character array in the kernel, without the detour over its address. */
  private directText(e: CallExpr): string | null {
    const [arg] = e.args;
    if (e.args.length !== 1 || (e.name !== 'kernel_string' && e.name !== 'kernel_string2')) return null;
    if (arg.kind !== 'target' || arg.leaf.kind !== 'chars' || arg.addressOf || arg.pretty > 0) return null;
    const last = arg.steps.at(-1);
    if (last?.kind !== 'member') return null;
    const parent = this.parent(arg);
    return `${this.helper('$cap')}(String(${parent}.${last.name}))`;
  }

  private canFallThrough(e: CallExpr): boolean {
    return e.targets.some((f) => this.tables.dispatchable.has(f));
  }

  /** A call that tries overloads in turn until one does not end in `next`. */
  private dispatch(e: CallExpr, args: string): string {
    const names = e.targets.map((t) => this.tables.functionName(t));
    const dispatcher = `o_${names.join('_')}`;
    if (!this.tables.dispatchers.has(dispatcher)) {
      const list = e.targets[0].parameters.map((_, i) => `a${i}`);
      const extra = contextArguments(e.targets);
      const params = [...list, ...extra, '$n', 'site'].join(', ');
      const passed = e.targets.map((t) => [...list, ...contextArguments([t]), '$n'].join(', '));
      const tries = names.map((n, i) => `  r = ${n}(${passed[i]});\n  if (r !== ${this.helper('$next')}) return r;`);
      this.tables.dispatchers.set(
        dispatcher,
        `function ${dispatcher}(${params}) {\n  let r;\n${tries.join('\n')}\n  ${this.helper('$fail')}('all functions exhausted', site);\n}`,
      );
    }
    const site = this.tables.site(e.tok);
    return `${dispatcher}(${args}, ${site})`;
  }

  // ---- Assignment

  assign(e: AssignExpr): string {
    const { left, right } = e;
    if (e.op === '<<<') return this.aggregate(left, right, e);
    if (left.kind === 'variable') {
      const name = this.tables.variable(left.variable);
      if (e.op === '=') return `(${name} = ${this.value(right)})`;
      // The old value is the one after the right-hand side was evaluated.
      if (isCalm(right))
        return `(${name} = ${this.operate(e.op.slice(0, -1), name, this.value(right), right.tok, right)})`;
      const t = this.temporary();
      const made = this.operate(e.op.slice(0, -1), name, t, right.tok, right);
      return `(${t} = ${this.value(right)}, ${name} = ${made})`;
    }
    if (left.kind === 'element') return e.op === '=' ? this.setElement(left, right) : this.updateElement(e, left);
    if (left.kind === 'target') {
      if (e.op === '=') return this.store(left, this.value(right));
      return this.store(left, this.operate(e.op.slice(0, -1), this.target(left), this.value(right), right.tok, right));
    }
    throw new Error(`assignment to ${left.kind}`);
  }

  /** Keys and a value, evaluated in this order; texts that may then be used in any. */
  private ordered(indexes: readonly (Expr | null)[], right: Expr | null, before: string[]): [string[], string] {
    const needs = right !== null && !isCalm(right);
    const unruly = indexes.some((i) => i && !isCalm(i)) || needs;
    const keys = indexes.map((i) => {
      if (!i) return 'undefined';
      if (isConstant(i) || !unruly) return this.value(i);
      const t = this.temporary();
      before.push(`${t} = ${this.value(i)}`);
      return t;
    });
    if (!right) return [keys, ''];
    if (isConstant(right) || (!unruly && !movesSite(right))) return [keys, this.value(right)];
    const t = this.temporary();
    before.push(`${t} = ${this.value(right)}`);
    return [keys, t];
  }

  private setElement(left: ElementExpr, right: Expr): string {
    const before: string[] = [];
    const [keys, value] = this.ordered(left.indexes, right, before);
    const site = `$s.site = ${this.tables.site(left.tok)}`;
    const map = this.tables.variable(left.variable);
    return `(${[...before, site, `${map}.set(${[value, ...keys].join(', ')})`].join(', ')})`;
  }

  /** The cell of an element in a temporary: the steps so far, and the temporary's name. */
  private cell(left: ElementExpr, right: Expr | null): { steps: string[]; cell: string; value: string } {
    const steps: string[] = [];
    const [keys, value] = this.ordered(left.indexes, right, steps);
    const cell = this.temporary();
    steps.push(`$s.site = ${this.tables.site(left.tok)}`);
    steps.push(`${cell} = ${this.tables.variable(left.variable)}.cell(${keys.join(', ')})`);
    return { steps, cell, value };
  }

  private updateElement(e: AssignExpr, left: ElementExpr): string {
    const { steps, cell, value } = this.cell(left, e.right);
    const made = this.operate(e.op.slice(0, -1), `${cell}.value`, value, e.right.tok, e.right);
    return `(${[...steps, `${cell}.value = ${made}`].join(', ')})`;
  }

  private aggregate(left: Expr, right: Expr, e: AssignExpr): string {
    if (left.kind === 'variable') return `${this.tables.variable(left.variable)}.add(${this.value(right)})`;
    if (left.kind !== 'element') throw new Error(`<<< into ${e.left.kind}`);
    const { steps, cell, value } = this.cell(left, right);
    return `(${[...steps, `${cell}.value.add(${value})`].join(', ')})`;
  }

  crement(e: CrementExpr, wanted: boolean): string {
    const { operand } = e;
    const helper = this.helper(e.op === '++' ? '$add' : '$sub');
    if (operand.kind === 'variable') {
      const name = this.tables.variable(operand.variable);
      const step = `${name} = ${helper}(${name}, 1)`;
      if (e.prefix || !wanted) return `(${step})`;
      const t = this.temporary();
      return `(${t} = ${name}, ${step}, ${t})`;
    }
    if (operand.kind === 'element') {
      const { steps, cell } = this.cell(operand, null);
      if (e.prefix || !wanted) return `(${[...steps, `${cell}.value = ${helper}(${cell}.value, 1)`].join(', ')})`;
      const t = this.temporary();
      return `(${[...steps, `${t} = ${cell}.value`, `${cell}.value = ${helper}(${t}, 1)`, t].join(', ')})`;
    }
    if (operand.kind !== 'target') throw new Error(`${e.op} of ${operand.kind}`);
    const t = this.temporary();
    const stored = this.store(operand, `${helper}(${t}, 1)`);
    return `(${t} = ${this.target(operand)}, ${stored}${e.prefix ? '' : `, ${t}`})`;
  }
}
