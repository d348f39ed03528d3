// The life of a session, with programs written by hand to dsl/abi.ts, as the compiler would write them.
import { expect, test } from 'vitest';
import type { DerivedProbe, GlobalVariable, Program } from '#tsprobe/dsl/abi.js';
import type { AttachContext, Provider } from '#tsprobe/runtime/environment.js';
import { MemoryOutput } from '#tsprobe/runtime/output.js';
import { Session, type SessionOptions } from '#tsprobe/runtime/session.js';
import { VirtualEnvironment } from '#tsprobe/runtime/virtual-environment.js';

type Detail = DerivedProbe['detail'];

interface Piece {
  readonly detail: Detail;
  /** JavaScript of the handler; `$s` is the state, `G` an object for globals. */
  readonly body: string;
  readonly condition?: string;
}

const at = (provider: 'begin' | 'end' | 'error', body: string, priority = 0): Piece => ({
  detail: { provider, priority },
  body,
});
const every = (ms: number, body: string, condition?: string): Piece => ({
  detail: { provider: 'timer', interval: ms * 1e6, randomize: 0 },
  body,
  condition,
});

function program(pieces: readonly Piece[], globals: readonly GlobalVariable[] = []): Program {
  const handler = (body: string) => `(probe, ...values) => {
    if ($s.busy) { $rt.skipped(probe); return; }
    $s.busy = true; $s.probe = probe; $s.site = 1;
    try { ${body} } catch (e) { $rt.fault(e); } finally { $s.busy = $s.closed; }
  }`;
  const bodies = pieces.flatMap(({ body, condition }) =>
    condition === undefined ? [body] : [body, `return ${condition}`],
  );
  let next = 0;
  const probes = pieces.map(({ detail, condition }, index): DerivedProbe => {
    const own = next;
    next += condition === undefined ? 1 : 2;
    const point = `${detail.provider}#${index}`;
    return {
      index,
      point,
      name: point,
      location: 'a.stp:1:1',
      detail,
      handler: own,
      condition: condition === undefined ? undefined : own + 1,
      values: [],
      writes: [],
    };
  });
  const scalars = globals.map((g) => `{ kind: 'scalar', get: () => G.${g.name}, set: (v) => { G.${g.name} = v; } }`);
  return {
    source: `const $s = $rt.state; const G = { ${globals.map((g) => `${g.name}: ${g.initial ?? 0}`).join()} };
      const exit = () => $rt.exit(), say = (t) => $rt.print(t + '\\n');
      const fail = (m) => { throw new $rt.ScriptError(m, { placed: false }); };
      return { handlers: [${bodies.map(handler).join()}], globals: [${scalars.join()}] };`,
    globals,
    probes,
    sites: ['', "identifier 'x' at a.stp:1:1"],
    unread: globals,
  };
}

async function run(
  pieces: readonly Piece[],
  options: Partial<SessionOptions> = {},
  globals: readonly GlobalVariable[] = [],
) {
  const output = new MemoryOutput();
  const session = new Session(program(pieces, globals), { environment: new VirtualEnvironment(), output, ...options });
  const { status } = await session.run();
  return { out: output.out.trimEnd().split('\n').join(' '), err: output.err, status };
}

test('begin by priority, then events, then end; exit() lets the handler finish and skips later begins', async () => {
  const { out, status } = await run([
    at('end', 'say("end")'),
    at('begin', 'say("later")', 5),
    at('begin', 'say("first")', -1),
    at('error', 'say("error")'),
  ]);
  expect(out).toBe('first later end');
  expect(status).toBe(0);
  expect((await run([at('begin', 'exit(); say("a")'), at('begin', 'say("b")'), at('end', 'say("end")')])).out).toBe(
    'a end',
  );
});

test('timers fire in virtual time, in order; nothing fires after exit()', async () => {
  const { out } = await run([
    every(30, 'say("x" + Number($rt.context.now_ns()) / 1e6); if ($rt.context.now_ns() >= 100e6) exit()'),
    every(50, 'say("y" + Number($rt.context.now_ns()) / 1e6)'),
  ]);
  expect(out).toBe('x30 y50 x60 x90 y100 x120');
});

test('an error ends the run: no end probes, error probes by priority, status 1, the summary', async () => {
  const { out, err, status } = await run([
    at('begin', 'throw new $rt.ScriptError("division by 0")'),
    at('begin', 'say("never")'),
    at('end', 'say("end")'),
    at('error', 'say("e0")'),
    at('error', 'say("e-1")', -1),
  ]);
  expect(out).toBe('e-1 e0');
  expect(err).toBe(
    "ERROR: division by 0 near identifier 'x' at a.stp:1:1\nWARNING: Number of errors: 1, skipped probes: 0\n",
  );
  expect(status).toBe(1);
});

test('MAXERRORS tolerates that many errors; the status says so all the same', async () => {
  const pieces = [
    at('begin', 'fail("a")'),
    at('begin', 'fail("b")'),
    at('end', 'say("end")'),
    at('error', 'say("error")'),
  ];
  const two = await run(pieces, { defines: new Map([['MAXERRORS', '2']]) });
  expect([two.out, two.status]).toEqual(['end', 1]);
  const one = await run(pieces, { defines: new Map([['MAXERRORS', '1']]) });
  expect([one.out, one.err]).toEqual([
    'error',
    'ERROR: a\nERROR: b\nWARNING: Number of errors: 2, skipped probes: 0\n',
  ]);
});

test('suppressed errors are counted, no more', async () => {
  const { out, err, status } = await run([at('begin', 'fail("a")'), at('end', 'say("end")')], { suppressErrors: true });
  expect([out, err, status]).toEqual(['end', 'WARNING: Number of errors: 1, skipped probes: 0\n', 0]);
});

test('conditions arm and disarm probes while the run goes on', async () => {
  const on: GlobalVariable = { name: 'on', index: 0, type: 'long', keys: [], initial: 0 };
  const { out } = await run(
    [
      every(10, 'say("tick" + Number($rt.context.now_ns()) / 1e6)', 'G.on'),
      every(25, 'G.on = 1 - G.on; $rt.recheck([0]); if ($rt.context.now_ns() > 70e6) exit()'),
    ],
    {},
    [on],
  );
  expect(out).toBe('tick35 tick45 on=1');
});

test('a probe that finds another one running is skipped and counted; too many end the run', async () => {
  const probe: Detail = { provider: 'input', event: 'line' };
  class Nested implements Provider {
    readonly handles = ['input'] as const;
    attach(probes: readonly DerivedProbe[], { handlers, environment, runtime }: AttachContext): void {
      environment.after(1, () => {
        runtime.state.busy = true;
        for (let i = 0; i < 3; i++) handlers[probes[0].handler](probes[0].index);
        runtime.state.busy = runtime.state.closed;
      });
    }
    detach(): void {}
  }
  const pieces = [{ detail: probe, body: '' }, at('end', 'say("end")'), at('error', 'say("error")')];
  const few = await run(pieces, { providers: [new Nested()] });
  expect([few.out, few.err, few.status]).toEqual(['end', 'WARNING: Number of errors: 0, skipped probes: 3\n', 0]);
  const many = await run(pieces, { providers: [new Nested()], defines: new Map([['MAXSKIPPED', '2']]) });
  expect(many.out).toBe('error');
  expect(many.err).toContain('ERROR: Skipped too many probes, check MAXSKIPPED');
  expect(many.status).toBe(1);
});

test('-G sets globals; a value that is no number is refused before anything runs', async () => {
  const n: GlobalVariable = { name: 'n', index: 0, type: 'long', keys: [], initial: 1 };
  const begin = at('begin', 'say("n is " + G.n)');
  expect((await run([begin], { globals: new Map([['n', '-0x10']]) }, [n])).out).toBe('n is -16 n=-16');
  const refused = await run([begin], { globals: new Map([['n', 'x']]) }, [n]);
  expect([refused.out, refused.status]).toEqual(['', 1]);
});

test('-T ends a run that would not end by itself', async () => {
  const { out } = await run([every(400, 'say("t")')], { timeout: 1e9 });
  expect(out).toBe('t t');
});

test('probes that take too much of the time end the run, where a threshold is set', async () => {
  const busy = at('begin', 'for (let i = 0; i < 1e6; i++) G.x = i; say("done")');
  const pieces = [busy, at('begin', 'say("never")'), at('error', 'say("error")')];
  const { out, err, status } = await run(pieces, { defines: new Map([['STP_OVERLOAD_THRESHOLD', '1']]) });
  expect([out, status]).toEqual(['done error', 1]);
  expect(err).toBe('ERROR: probe overhead exceeded threshold\n');
});

test('where the surroundings fail, end probes run and the status is 1', async () => {
  class Failing extends VirtualEnvironment {
    override run(): Promise<void> {
      return Promise.reject(new Error('a bug'));
    }
  }
  const { out, err, status } = await run([at('end', 'say("end")')], { environment: new Failing() });
  expect([out, status]).toEqual(['end', 1]);
  expect(err).toContain('ERROR: the model failed: Error: a bug');
});
