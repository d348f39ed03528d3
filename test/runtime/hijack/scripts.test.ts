// Scripts on a program that is no kernel: what a probe sees, says and changes, from the text of the script
// to its output.
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '#tsprobe/dsl/compile.js';
import { SourceFile } from '#tsprobe/dsl/source/source.js';
import { DiagnosticPrinter } from '#tsprobe/dsl/diagnostics/diagnostic.js';
import { builtinGroups } from '#tsprobe/runtime/builtins/registry.js';
import { makeTarget } from '#tsprobe/runtime/debuginfo/debuginfo.js';
import { Memory } from '#tsprobe/runtime/debuginfo/memory.js';
import { MemoryOutput } from '#tsprobe/runtime/output.js';
import { DataProvider } from '#tsprobe/runtime/providers/data.js';
import { FunctionProvider } from '#tsprobe/runtime/providers/function.js';
import { Session } from '#tsprobe/runtime/session.js';
import { VirtualEnvironment } from '#tsprobe/runtime/virtual-environment.js';
import { loadForeign, type Foreign } from '../../instrument/foreign.js';

let foreign: Foreign;
beforeAll(async () => {
  foreign = await loadForeign();
});

class Scene extends VirtualEnvironment {
  readonly #act: () => unknown;
  constructor(act: () => unknown) {
    super();
    this.#act = act;
  }
  override async run(): Promise<void> {
    await this.#act();
  }
}

type Shop = Foreign['shop'];

/** Runs a script while `act` runs, and gives what it printed. */
async function run(script: string, act: (shop: Shop) => unknown, options: { guru?: boolean } = {}): Promise<string> {
  const target = makeTarget(foreign.debuginfo, { kernelVersion: '6.1.0' });
  const result = compile([new SourceFile('test.stp', script)], { guru: options.guru ?? false }, target);
  if (!result.program) {
    const printer = new DiagnosticPrinter({ verbose: 0 });
    throw new Error(
      result.diagnostics
        .map((d) => printer.print(d))
        .flat()
        .join('\n'),
    );
  }
  foreign.shop.store.items.length = 0;
  const memory = new Memory(foreign.debuginfo);
  const output = new MemoryOutput();
  const session = new Session(result.program, {
    environment: new Scene(() => act(foreign.shop)),
    output,
    objects: memory,
    providers: [new FunctionProvider({ debuginfo: foreign.debuginfo, memory }), new DataProvider(memory)],
    builtins: builtinGroups,
  });
  await session.run();
  return output.out + output.err;
}

describe('function probes', () => {
  it('name their function and read parameters and fields', async () => {
    const script = `
      probe kernel.function("add_item") { printf("%s %s %d %d\\n", probefunc(), kernel_string($name), $price, $shop->first->price) }
      probe kernel.function("note") { printf("%s %s\\n", pp(), kernel_string($it->name)) }`;
    const line = foreign.debuginfo.functions.find((f) => f.name === 'note')?.line;
    expect(await run(script, (shop) => shop.add_item(shop.store, 'pen', 4))).toBe(
      `add_item pen 4 ${1}\nkernel.function("note@shop/shop.c:${line}") pen\n`,
    );
  });

  it('fire by former names, under the name asked for', async () => {
    const script = 'probe kernel.function("put_item") { println(probefunc()) }';
    expect(await run(script, (shop) => shop.add_item(shop.store, 'pen'))).toBe('put_item\n');
  });

  it('match wildcards and files, entry and return nest', async () => {
    const script = `
      global n
      probe kernel.function("*@shop/*.c").call { printf("%*s>%s\\n", n++, "", ppfunc()) }
      probe kernel.function("*@shop/*.c").return { printf("%*s<%s\\n", --n, "", ppfunc()) }`;
    expect(await run(script, (shop) => shop.add_item(shop.store, 'pen'))).toBe(
      '>add_item\n >sum\n  >tax\n  <tax\n <sum\n >note\n <note\n<add_item\n',
    );
  });

  it('have $return, the parameters of the entry, @entry and $$ texts', async () => {
    const script = `
      probe kernel.function("depth").return { printf("%d->%d %d %s\\n", $n, $return, @entry($n * 10), $$return) }
      probe kernel.function("depth") { println($$parms) }`;
    expect(await run(script, (shop) => shop.depth(1))).toBe('n=0x1\nn=0x0\n0->0 0 return=0x0\n1->1 10 return=0x1\n');
  });

  it('pass exceptions on and fire on the way', async () => {
    const script = 'probe kernel.function("add_item").return { printf("%p\\n", $return) }';
    const act = (shop: Shop) => expect(() => shop.add_item(shop.store, 'pen', -1)).toThrow('negative price');
    expect(await run(script, act)).toBe('0x0\n');
  });

  it('follow generators', async () => {
    const script = 'probe kernel.function("counting").return, kernel.function("again").return { println(ppfunc()) }';
    expect(await run(script, (shop) => [...(shop.counting(2) as Iterable<number>)])).toBe('again\ncounting\n');
  });

  it('print structures', async () => {
    const script = 'probe kernel.function("note") { println($it$) }';
    expect(await run(script, (shop) => shop.add_item(shop.store, 'pen', 4))).toBe(
      '{.name="pen", .price=4, .tint=3, .next=0x0}\n',
    );
  });

  it('are armed and disarmed by their conditions', async () => {
    const script = `
      global on
      probe kernel.function("classify") { on = $n > 0 }
      probe kernel.function("depth") if (on) { printf("%d ", $n) }`;
    const act = (shop: Shop) => {
      for (const n of [1, -1, 1]) {
        shop.classify(n);
        shop.depth(n + 1);
      }
    };
    expect(await run(script, act)).toBe('2 1 0 2 1 0 ');
  });

  it('of callees fire only when the caller calls', async () => {
    const script = 'probe kernel.function("sum").callee("tax") { println("tax") }';
    const act = (shop: Shop) => {
      foreign.tax.tax(1 as never);
      shop.add_item(shop.store, 'pen');
    };
    expect(await run(script, act)).toBe('tax\n');
  });

  it('say where a bad pointer was followed', async () => {
    const script = 'probe kernel.function("silent") { println($shop->owner->price) }';
    expect(await run(script, (shop) => shop.silent(shop.store))).toMatch(/read fault \[man error::fault\] at 0x/);
  });
});

describe('statement probes', () => {
  it('read locals on a line counted from the function', async () => {
    const script = 'probe kernel.statement("sum@shop/shop.c+4") { printf("%d %d\\n", $total, $gross) }';
    const act = (shop: Shop) => {
      shop.add_item(shop.store, 'pen', 10);
      shop.add_item(shop.store, 'ink', 20);
    };
    expect(await run(script, act)).toBe('0 12\n0 12\n12 24\n');
  });
});

describe('guru mode', () => {
  it('changes parameters, fields and returned values', async () => {
    const script = `
      probe kernel.function("depth") { if ($n > 2) $n = 2 }
      probe kernel.function("note") { $it->price = 99 }
      probe kernel.function("tax").return { $return = 7 }
      probe kernel.function("sum").return { printf("%d\\n", $return) }`;
    const act = (shop: Shop) => {
      expect(shop.depth(50)).toBe(2);
      expect(shop.add_item(shop.store, 'pen', 4)).toMatchObject({ price: 99 });
    };
    expect(await run(script, act, { guru: true })).toBe('7\n');
  });

  it('is asked for', async () => {
    await expect(run('probe kernel.function("depth") { $n = 2 }', () => {})).rejects.toThrow(
      /write to target variable not permitted/,
    );
  });
});

it('prints the call stack', async () => {
  const script = 'probe kernel.function("tax") { print_backtrace() }';
  const text = await run(script, (shop) => shop.add_item(shop.store, 'pen'));
  expect(text.split('\n').map((line) => /: (\w+)\+0x[0-9a-f]+\/0x[0-9a-f]+ \[kernel\]/.exec(line)?.[1])).toEqual([
    'tax', 'sum', 'add_item', undefined,
  ]); // prettier-ignore
});

it('watches a variable', async () => {
  const script = 'probe kernel.data("store.owner").write { println("written") }';
  expect(await run(script, (shop) => shop.silent(shop.store))).toBe('written\n');
});
