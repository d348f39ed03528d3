// What reads and writes the probed program: $variables, @cast and @var with their steps, as JavaScript. An object of
// the kernel's is a JavaScript object, so a step is a property; what C does with addresses goes through $rt.
// Read beside it: expressions.ts (script values), passes/targets.ts (how names became steps), abi.ts.
import type { CType } from '../target.js';
import type { Expr, TargetExpr, TargetStep } from '../types/tree.js';
import { stringText } from './literals.js';
import type { Tables } from './tables.js';

export abstract class TargetWriter {
  readonly tables: Tables;
  /** Temporaries of the function that is written. */
  readonly temporaries: string[] = [];

  constructor(tables: Tables) {
    this.tables = tables;
  }

  /** A script value's text. */
  abstract value(e: Expr): string;

  temporary(): string {
    const name = `$${this.temporaries.length}`;
    this.temporaries.push(name);
    return name;
  }

  helper(name: string): string {
    return this.tables.helper(name);
  }

  /** The JS value of a target expression without its last step. */
  protected parent(e: TargetExpr): string {
    return this.nonNull(e, e.steps.length - 1);
  }

  /** The JS value after `count` steps. */
  private raw(e: TargetExpr, count: number): string {
    if (count === 0) {
      const { root } = e;
      if (root.kind === 'context') return `c_${root.ref.name}`;
      if (root.kind === 'global')
        return `$rt.variable(${[root.name, root.file, root.module].map(stringText).join(', ')})`;
      return `${this.helper('$at')}(${this.value(root.operand)}, ${this.tables.type(root.type)}, ${this.tables.site(e.tok)})`;
    }
    const step = e.steps[count - 1];
    if (step.kind === 'member') return `${this.nonNull(e, count - 1)}.${step.name}`;
    const type = this.tables.type(step.type);
    if (count === 1 && e.root.kind === 'address' && step.type.kind === 'int') {
      // p[i] of an address: the number at the element's own place.
      const place = `$rt.elementAddress(${this.value(e.root.operand)}, ${this.value(step.index)}, ${type})`;
      return `${this.helper('$at')}(${place}, ${type}, ${this.tables.site(e.tok)})`;
    }
    return `${this.helper('$elem')}(${this.raw(e, count - 1)}, ${this.value(step.index)}, ${type}, ${this.tables.site(e.tok)})`;
  }

  /** As `raw`, but a null pointer is a read fault. Structs in place and values just found are never null. */
  private nonNull(e: TargetExpr, count: number): string {
    const text = this.raw(e, count);
    if (count === 0 && e.root.kind === 'address') return text;
    if (count > 0 && e.steps[count - 1].type.kind === 'struct') return text;
    const next = e.steps[count];
    const offset = next.kind === 'member' ? this.offset(next.struct, next.name) : 0;
    return `(${text} ?? ${this.helper('$null')}(${this.tables.site(e.tok)}, ${offset}))`;
  }

  /** As `raw` for what only an address is made of: a pointer to nothing is no fault. */
  private placed(e: TargetExpr, count: number): string {
    const { root } = e;
    if (count > 0 || root.kind !== 'address') return this.raw(e, count);
    return `$rt.place(${this.value(root.operand)}, ${this.tables.type(root.type)})`;
  }

  private offset(struct: string, field: string): number {
    return this.tables.target.structs.get(struct)?.fields.find((f) => f.name === field)?.offset ?? 0;
  }

  /** sizeof, in bytes. */
  private size(type: CType): number {
    switch (type.kind) {
      case 'int':
        return type.size;
      case 'struct':
        return this.tables.target.structs.get(type.name)?.size ?? 8;
      case 'array':
        return type.length * this.size(type.of);
      case 'chars':
        return type.length;
      case 'void':
        return 1;
      default:
        return 8;
    }
  }

  target(e: TargetExpr): string {
    const { steps } = e;
    const last = steps.at(-1);
    if (e.pretty > 0)
      return `${this.helper('$cap')}($rt.pretty(${this.raw(e, steps.length)}, ${this.tables.type(e.leaf)}, ${e.pretty}))`;
    if (e.type === 'string') return this.raw(e, steps.length);
    const inPlace = e.leaf.kind === 'struct' || e.leaf.kind === 'array' || e.leaf.kind === 'chars';
    if (last && (e.addressOf || inPlace)) {
      const { root } = e;
      if (e.addressOf && steps.length === 1 && root.kind === 'address') {
        // C's own ways to an offset and a size: &@cast(0, "type")->field, &@cast(0, "type")[1].
        if (root.operand.kind === 'number' && Number(root.operand.value) === 0) {
          if (last.kind === 'member') return String(this.offset(last.struct, last.name));
          return `${this.helper('$mul')}(${this.value(last.index)}, ${this.size(last.type)})`;
        }
      }
      if (last.kind === 'member') return this.fieldAddress(e, steps.length, last);
      const array = steps.at(-2);
      // Characters in place have no object of their own: their address is counted from the field's.
      const base =
        array?.kind === 'member' && array.type.kind === 'chars'
          ? this.fieldAddress(e, steps.length - 1, array)
          : e.addressOf
            ? this.placed(e, steps.length - 1)
            : this.raw(e, steps.length - 1);
      return `$rt.elementAddress(${base}, ${this.value(last.index)}, ${this.tables.type(last.type)})`;
    }
    const raw = this.raw(e, steps.length);
    return e.leaf.kind === 'int' ? `${this.helper('$num')}(${raw})` : `$rt.toLong(${raw})`;
  }

  /** The address of the field that the first `count` steps lead to. */
  private fieldAddress(e: TargetExpr, count: number, field: TargetStep & { kind: 'member' }): string {
    const object = e.addressOf ? this.placed(e, count - 1) : this.nonNull(e, count - 1);
    return `$rt.fieldAddress(${object}, ${stringText(field.struct)}, ${stringText(field.name)})`;
  }

  /** Guru mode: a value stored into the probed program; the text gives the value. */
  store(e: TargetExpr, value: string): string {
    const t = this.temporary();
    const last = e.steps.at(-1);
    if (!last) {
      const { root } = e;
      if (root.kind !== 'context') throw new Error('store to an address without a member');
      if (root.ref.script === 'string') return `(c_${root.ref.name} = ${value})`;
      return `(${t} = ${value}, c_${root.ref.name} = $rt.fromLong(${t}, ${this.tables.type(root.ref.type)}), ${t})`;
    }
    if (last.kind === 'member') {
      const object = this.nonNull(e, e.steps.length - 1);
      return `(${t} = ${value}, $rt.store(${object}, ${stringText(last.name)}, ${this.tables.type(last.type)}, ${t}), ${t})`;
    }
    const array = this.raw(e, e.steps.length - 1);
    return `(${t} = ${value}, $rt.storeElement(${array}, ${this.value(last.index)}, ${this.tables.type(last.type)}, ${t}), ${t})`;
  }
}
