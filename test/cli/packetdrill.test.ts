// `tsprobe packetdrill`: a test runner's lines, summary and exit status.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { execute } from '#tsprobe/cli/main.js';
import { MemoryOutput } from '#tsprobe/runtime/output.js';

const folder = mkdtempSync(join(tmpdir(), 'tsprobe-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function tsprobe(...argv: string[]) {
  const output = new MemoryOutput();
  const status = await execute(argv, output);
  return { status, out: output.out, err: output.err };
}

const script = (flags: string) => `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32792 <mss 1000>
+0 > ${flags} 0:0(0) ack 1 <mss 1460>
`;
const good = join(folder, 'good.pkt');
const bad = join(folder, 'bad.pkt');
writeFileSync(good, script('S.'));
writeFileSync(bad, script('SP.'));

test('a line for each script and a summary', async () => {
  expect(await tsprobe('packetdrill', good)).toEqual({
    status: 0,
    out: `OK   [${good}]\nRan 1 tests: 1 passing, 0 failing, 0 unsupported\n`,
    err: '',
  });
});

test('a failure says where, what was expected, what came, and what the kernel did last', async () => {
  const { status, out, err } = await tsprobe('packetdrill', folder);
  expect(status).toBe(1);
  expect(out).toBe(`FAIL [${bad}]\nOK   [${good}]\nRan 2 tests: 1 passing, 1 failing, 0 unsupported\n`);
  expect(err).toContain(`${bad}:6: `);
  expect(err).toContain('script packet: SP. 0:0(0) ack 1');
  expect(err).toContain('actual packet: S. 0:0(0) ack 1');
  expect(err).toMatch(/<- tcp_v4_send_synack\n/);
});

test('a script under probes: they fire on the code under test, and the test still judges', async () => {
  const probe = 'probe kernel.function("tcp_conn_request") { println(probefunc()) }';
  expect(await tsprobe('-e', probe, '--', good)).toEqual({ status: 0, out: 'tcp_conn_request\n', err: '' });
  const failed = await tsprobe('-e', probe, '--', bad);
  expect([failed.status, failed.out]).toEqual([1, 'tcp_conn_request\n']);
  expect(failed.err).toContain('actual packet: S.');
});
