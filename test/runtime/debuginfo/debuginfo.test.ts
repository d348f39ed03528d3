import { beforeAll, describe, expect, it } from 'vitest';
import { Debuginfo } from '#tsprobe/runtime/debuginfo/debuginfo.js';
import { covers } from '#tsprobe/runtime/debuginfo/former.js';
import type { CType } from '#tsprobe/dsl/target.js';
import { foreignDebuginfo } from '../../instrument/foreign.js';

let info: Debuginfo;
beforeAll(() => {
  info = Debuginfo.parse(foreignDebuginfo());
});

const symbol = (name: string) => {
  const found = info.functions.find((f) => f.name === name);
  if (!found) throw new Error(name);
  return found;
};

/** A type as C writes it, near enough to read. */
function c(type: CType): string {
  switch (type.kind) {
    case 'int':
      return type.name;
    case 'pointer':
      return `${c(type.to)}*`;
    case 'struct':
      return `struct ${type.name}`;
    case 'array':
      return `${c(type.of)}[${type.length}]`;
    case 'chars':
      return 'char[]';
    default:
      return type.kind;
  }
}
const vars = (list: readonly { name: string; type: CType }[]) => list.map((v) => `${v.name}:${c(v.type)}`);

describe('functions', () => {
  it('are those declared at the top of a module, without @notrace', () => {
    expect(info.functions.map((f) => f.name)).toEqual([
      'add_item', 'sum', 'note', 'depth', 'classify', 'counting', 'again', 'later', 'spread', 'silent', 'tax',
    ]); // prettier-ignore
  });

  it('have file, lines, former names and flags', () => {
    const f = symbol('add_item');
    expect([f.module, f.file, f.exported, f.generator]).toEqual(['kernel', 'shop/shop.c', true, false]);
    expect(f.endLine - f.line).toBe(6);
    expect(f.formerNames).toEqual([
      { name: 'put_item', kernels: '1.0-1.9' },
      { name: 'put', kernels: '0.9' },
      { name: 'put_two_items', kernels: '1.5' },
    ]);
    expect(symbol('counting').generator).toBe(true);
  });

  it('have typed parameters, locals and results', () => {
    expect(vars(symbol('add_item').parameters)).toEqual(['shop:struct cart*', 'name:char*', 'price:Cents']);
    expect(vars(symbol('add_item').locals)).toEqual(['it:struct item*', 'total:Cents']);
    expect(c(symbol('add_item').returnType)).toBe('struct item*');
    expect(c(symbol('silent').returnType)).toBe('void');
    expect(c(symbol('counting').returnType)).toBe('char*');
    expect(vars(symbol('sum').locals)).toEqual(['total:Cents', 'it:struct item*', 'gross:Cents']);
  });

  it('tell on which lines a local has a value', () => {
    const { line, locals } = symbol('sum');
    expect(locals.map((l) => [l.name, l.firstLine - line, l.lastLine - line])).toEqual([
      ['total', 2, 6],
      ['it', 3, 4],
      ['gross', 4, 4],
    ]);
  });

  it('list statements, labels and callees', () => {
    const f = symbol('classify');
    expect(f.statementLines.map((l) => l - f.line)).toEqual([1, 2, 3, 4, 5, 7, 10]);
    expect(f.labels.map((l) => [l.name, l.line - f.line])).toEqual([['check', 2]]);
    expect(vars(symbol('note').parameters)).toEqual(['it:struct item*', 'total:Cents']);
    expect(symbol('add_item').callees).toEqual(['sum', 'note']);
  });
});

it('lays structs out as a C compiler does, views where they read', () => {
  const layout = (name: string) => info.structs.get(name)?.fields.map((f) => `${f.offset} ${f.name}:${c(f.type)}`);
  expect(layout('item')).toEqual(['0 name:char[]', '16 price:Cents', '20 tint:colour', '24 next:struct item*']);
  expect(layout('cart')).toEqual([
    '0 first:struct item', '32 items:struct item*[0]', '40 owner:struct item*', '48 on_sale:function', '56 bytes:u8[4]', '60 at:u8*',
  ]); // prettier-ignore
  expect(layout('label_view')).toEqual(['0 kind:u8', '3 code:u8']);
  expect(info.structs.get('cart')?.size).toBe(64);
});

it('has constants, enumerators and variables', () => {
  expect(Object.fromEntries(info.constants)).toEqual({ STOCK_MAX: 16, OPEN: 1, SHUT: 2 });
  expect(info.variables.map((v) => v.name)).toContain('store');
});

describe('former names', () => {
  it('are in use for the kernels that the tag gives', () => {
    const version = (kernels: string, ...all: string[]) => all.map((v) => covers(kernels, v));
    expect(version('2.4', '2.4.20', '2.4', '2.6.38')).toEqual([true, true, false]);
    expect(version('2.4-3.5', '2.2', '2.4.20', '3.5', '3.9')).toEqual([false, true, true, false]);
    expect(version('3.9-6.x', '6.1.0', '3.18')).toEqual([true, true]);
  });

  it('replace the present ones throughout when a kernel is chosen', () => {
    const old = Debuginfo.parse(foreignDebuginfo(), { kernel: '1.5.2' });
    const f = old.functions[0];
    expect(f.name).toBe('put_item');
    expect(f.formerNames.map((n) => n.name)).toEqual(['put', 'add_item']);
    expect(old.functions[1].name).toBe('put_two_items');
    expect(old.functions[1].id).toBe(f.id);
  });
});
