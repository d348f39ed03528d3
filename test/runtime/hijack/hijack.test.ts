import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { $flags, copyOf } from '#tsprobe/instrument/patch.js';
import { Hijack, type HookSpec } from '#tsprobe/runtime/hijack/hijack.js';
import { copyText } from '#tsprobe/runtime/hijack/copy.js';
import { loadForeign, type Foreign } from '../../instrument/foreign.js';

let foreign: Foreign;
let hijack: Hijack;
let log: string[];

beforeAll(async () => {
  foreign = await loadForeign();
});

beforeEach(() => {
  hijack = new Hijack(foreign.debuginfo);
  foreign.shop.store.items.length = 0;
  log = [];
});

afterEach(() => hijack.clear());

const id = (name: string): number => {
  const symbol = foreign.debuginfo.functions.find((f) => f.name === name);
  if (!symbol) throw new Error(name);
  return symbol.id;
};

type Loose = Partial<Omit<HookSpec, 'values'>> & { values?: string[]; line?: number };

/** A hook that notes `text` and its values; `return` and `entry` are those values, the rest parameters or locals. */
function hook(name: string, when: HookSpec['when'], text: string, more: Loose = {}): HookSpec {
  const kind = (v: string) => (v === 'return' || v === 'entry' ? v : 'param') as 'param' | 'return' | 'entry';
  return {
    id: id(name),
    when,
    probe: 7,
    handler: (_probe, ...values) => void log.push([text, ...values.map(show)].join(' ')),
    ...more,
    values: (more.values ?? []).map((expr) => ({ expr, kind: kind(expr) })),
  };
}

function show(value: unknown): string {
  return typeof value === 'object' && value !== null ? ((value as { name?: string }).name ?? 'object') : String(value);
}

const entry = (name: string, ...values: string[]) => hook(name, 'entry', `> ${name}`, { values });
const leave = (name: string, ...values: string[]) => hook(name, 'return', `< ${name}`, { values });

describe('entry and return', () => {
  it('sees arguments, default parameters and the returned value, through direct calls and pointers', () => {
    hijack.attach([entry('add_item', 'name', 'price'), leave('add_item', 'return', 'name')]);
    foreign.shop.add_item(foreign.shop.store, 'pen');
    const ops = foreign.shop.ops as unknown as Record<string, (...a: unknown[]) => unknown>;
    ops.add(foreign.shop.store, 'ink', 3);
    expect(log).toEqual(['> add_item pen 5', '< add_item pen pen', '> add_item ink 3', '< add_item ink ink']);
  });

  it('nests as the calls do, in module-local functions and across modules', () => {
    hijack.attach(['add_item', 'sum', 'tax', 'note'].flatMap((f) => [entry(f), leave(f)]));
    foreign.shop.add_item(foreign.shop.store, 'pen', 10);
    expect(log.join(' ')).toBe('> add_item > sum > tax < tax < sum > note < note < add_item');
  });

  it('catches recursion at each level', () => {
    hijack.attach([entry('depth', 'n'), leave('depth', 'n', 'return')]);
    expect(foreign.shop.depth(2)).toBe(2);
    expect(log).toEqual(['> depth 2', '> depth 1', '> depth 0', '< depth 0 0', '< depth 1 1', '< depth 2 2']);
  });

  it('lets exceptions pass, with the return hook run', () => {
    hijack.attach([entry('add_item'), leave('add_item', 'return')]);
    expect(() => foreign.shop.add_item(foreign.shop.store, 'pen', -1)).toThrow(new RangeError('negative price'));
    expect(log).toEqual(['> add_item', '< add_item undefined']);
  });

  it('follows generators to their real end', () => {
    hijack.attach(['counting', 'again'].flatMap((f) => [entry(f, 'to'), leave(f, 'return')]));
    const run = foreign.shop.counting(2) as Generator<number, string>;
    const seen: unknown[] = [];
    for (let step = run.next(); ; step = run.next()) {
      log.push(`${step.done ? 'end' : 'yield'} ${step.value}`);
      seen.push(step.value);
      if (step.done) break;
    }
    expect(log).toEqual([
      '> counting 2', 'yield 0', 'yield 1', '> again 2', 'yield -2', '< again 2', '< counting done 2', 'end done 2',
    ]); // prettier-ignore
  });

  it('follows asynchronous functions to their real end', async () => {
    hijack.attach([entry('later', 'value'), leave('later', 'return')]);
    const promise = foreign.shop.later(4);
    expect(log).toEqual(['> later 4']);
    expect(await promise).toBe(8);
    expect(log).toEqual(['> later 4', '< later 8']);
  });

  it('takes patterns and rest parameters apart as the function does', () => {
    hijack.attach([entry('spread', 'first', 'a', 'b'), leave('spread', 'return')]);
    expect(foreign.shop.spread(1, { a: 2, b: 3 }, 9, 9)).toBe(8);
    expect(log).toEqual(['> spread 1 2 3', '< spread 8']);
  });

  it('does not fire a return hook whose entry ran before it was attached', () => {
    const late = leave('depth', 'n');
    let attached = false;
    hijack.attach([
      {
        ...entry('depth', 'n'),
        handler: (_, n) => {
          log.push(`> ${n}`);
          if (n === 1 && !attached) {
            attached = true;
            hijack.attach([late]);
          }
        },
      },
    ]);
    foreign.shop.depth(2);
    expect(log).toEqual(['> 2', '> 1', '> 0', '< depth 0']);
  });

  it('does not fire a return hook that was disarmed, or disarmed and armed again, since the entry', () => {
    const [back] = hijack.attach([leave('depth', 'n')]);
    hijack.attach([
      {
        ...entry('depth', 'n'),
        handler: (_, n) => {
          if (n === 1) {
            hijack.disarm([back]);
            hijack.arm([back]);
          }
        },
      },
    ]);
    foreign.shop.depth(2);
    expect(log).toEqual(['< depth 0']);
  });

  it('keeps what the entry handler returned, for each instance apart', () => {
    const spec = leave('depth', 'entry', 'n');
    const kept = { handler: (_: number, n: unknown) => `was${n}`, values: [{ expr: 'n', kind: 'param' as const }] };
    hijack.attach([{ ...spec, entry: kept }]);
    foreign.shop.depth(1);
    expect(log).toEqual(['< depth was0 0', '< depth was1 1']);
  });

  it('knows unused parameters without their underscore', () => {
    hijack.attach([entry('note', 'total'), leave('note', 'total')]);
    foreign.shop.add_item(foreign.shop.store, 'pen', 10);
    expect(log).toEqual(['> note 12', '< note 12']);
  });

  it('gives return hooks the parameter as it was on entry', () => {
    hijack.attach([leave('sum', 'shop', 'return')]);
    expect(foreign.shop.add_item(foreign.shop.store, 'pen', 10)).toMatchObject({ name: 'pen' });
    expect(log).toEqual(['< sum object 12']);
  });
});

describe('several hooks', () => {
  it('fire in script order, whatever the order of attaching', () => {
    const numbered = (n: number, when: 'entry' | 'return') => hook('depth', when, `${when} ${n}`, { order: n });
    hijack.attach([numbered(3, 'entry')]);
    hijack.attach([numbered(1, 'entry'), numbered(2, 'return'), numbered(1, 'return')]);
    foreign.shop.depth(0);
    expect(log).toEqual(['entry 1', 'entry 3', 'return 1', 'return 2']);
  });

  it('are disarmed and armed while the function runs', () => {
    const [first, second] = hijack.attach([
      hook('depth', 'entry', 'first', { order: 1 }),
      hook('depth', 'entry', 'second', { order: 2 }),
    ]);
    foreign.shop.depth(0);
    hijack.disarm([first]);
    foreign.shop.depth(0);
    hijack.disarm([second]);
    foreign.shop.depth(0);
    hijack.arm([first]);
    foreign.shop.depth(0);
    expect(log).toEqual(['first', 'second', 'second', 'first']);
  });

  it('ask admits() before each call', () => {
    let open = false;
    hijack.attach([
      { ...entry('depth'), admits: () => open },
      { ...leave('depth'), admits: () => open },
    ]);
    foreign.shop.depth(0);
    open = true;
    foreign.shop.depth(0);
    expect(log).toEqual(['> depth', '< depth']);
  });

  it('follow no more instances at once than maxactive', () => {
    let missed = 0;
    hijack.attach([{ ...leave('depth', 'n'), maxactive: 2, missed: () => missed++ }]);
    foreign.shop.depth(3);
    expect(log).toEqual(['< depth 2', '< depth 3']);
    expect(missed).toBe(2);
  });
});

describe('statements', () => {
  const line = (name: string, offset: number) =>
    (foreign.debuginfo.functions.find((f) => f.name === name)?.line ?? 0) + offset;
  const at = (name: string, offset: number, ...values: string[]): HookSpec => ({
    ...hook(name, 'statement', `@${offset}`),
    line: line(name, offset),
    values: values.map((expr) => ({ expr, kind: 'local' })),
  });

  it('fire in front of their line, with the locals that have a value there', () => {
    hijack.attach([at('sum', 4, 'total', 'gross', 'it'), at('sum', 1, 'total'), at('sum', 6, 'total', 'gross')]);
    foreign.shop.add_item(foreign.shop.store, 'pen', 10);
    expect(log).toEqual(['@1 undefined', '@4 0 12 pen', '@6 12 undefined']);
  });

  it('fire on statements without a block, and leave the result alone', () => {
    hijack.attach([at('classify', 3, 'sign'), at('classify', 5, 'size')]);
    expect([foreign.shop.classify(-1), foreign.shop.classify(2), foreign.shop.classify(9)]).toEqual([
      'none',
      'some',
      'large',
    ]);
    expect(log).toEqual(['@3 -1', '@3 1', '@5 4', '@3 1', '@5 18']);
  });

  it('stop at once when disarmed in a copy that still runs', () => {
    const [hooked] = hijack.attach([at('sum', 4, 'gross')]);
    for (const name of ['pen', 'ink', 'cup']) foreign.shop.add_item(foreign.shop.store, name, 10);
    expect(log).toHaveLength(6);
    hijack.attach([{ ...entry('tax'), handler: () => hijack.disarm([hooked]) }]);
    foreign.shop.add_item(foreign.shop.store, 'jar', 10);
    expect(log).toHaveLength(6);
  });
});

describe('writing back', () => {
  it('changes parameters, locals and the returned value', () => {
    const slots: unknown[] = [];
    const write = (
      name: string,
      when: HookSpec['when'],
      kind: 'param' | 'local' | 'return',
      expr: string,
      value: unknown,
      line = 0,
    ) =>
      ({
        ...hook(name, when, ''),
        handler: () => (slots[0] = value),
        line,
        slots,
        writes: [{ expr, kind, slot: 0 }],
      }) satisfies HookSpec;
    hijack.attach([write('depth', 'entry', 'param', 'n', 0)]);
    expect(foreign.shop.depth(5)).toBe(0);
    hijack.attach([write('add_item', 'return', 'return', 'return', 'other')]);
    expect(foreign.shop.add_item(foreign.shop.store, 'pen')).toBe('other');
    expect(() => foreign.shop.add_item(foreign.shop.store, 'pen', -1)).toThrow('negative price');
    const classify = foreign.debuginfo.functions.find((f) => f.name === 'classify');
    hijack.attach([write('classify', 'statement', 'local', 'sign', -1, (classify?.line ?? 0) + 2)]);
    expect(foreign.shop.classify(9)).toBe('some');
  });

  it('leaves the value as it is when the handler was skipped', () => {
    const spec = {
      ...entry('depth'),
      handler: () => {},
      slots: [99],
      writes: [{ expr: 'n', kind: 'param' as const, slot: 0 }],
    };
    hijack.attach([spec]);
    expect(foreign.shop.depth(1)).toBe(1);
  });
});

describe('leaving nothing behind', () => {
  it('lowers the flag and drops the copy with the last hook', () => {
    const [a, b] = hijack.attach([entry('depth'), leave('depth')]);
    expect([$flags[id('depth')], $flags[id('tax')]]).toEqual([1, 0]);
    hijack.disarm([a]);
    expect($flags[id('depth')]).toBe(1);
    hijack.disarm([b]);
    expect($flags[id('depth')]).toBe(0);
    expect(copyOf(id('depth'))).toBeUndefined();
    foreign.shop.depth(1);
    expect(log).toEqual([]);
  });

  it('attaches and detaches thousands of times', () => {
    for (let i = 0; i < 3000; i++) hijack.disarm(hijack.attach([entry('depth', 'n'), leave('depth', 'return')]));
    foreign.shop.depth(1);
    expect(log).toEqual([]);
    hijack.attach([entry('depth', 'n')]);
    foreign.shop.depth(0);
    expect(log).toEqual(['> depth 0']);
    hijack.clear();
    expect([...$flags.subarray(id('add_item'), id('add_item') + 12)].every((flag) => flag === 0)).toBe(true);
  });

  it('refuses debuginfo of another build', () => {
    const detail = foreign.debuginfo.detail(id('depth'));
    if (!detail) throw new Error();
    expect(() => copyText('depth', 'function depth(n) { return n; }', detail, 1, [])).toThrow(
      'the debuginfo of depth is not that of the code: build again',
    );
  });
});
