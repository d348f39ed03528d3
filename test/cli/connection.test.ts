// The frames of the language server protocol, cut anywhere.
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Connection } from '#tsprobe/cli/lsp/connection.js';

const frame = (message: object) => {
  const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
};

async function talk(chunks: readonly Buffer[]): Promise<string> {
  const input = new PassThrough();
  const output = new PassThrough();
  new Connection(input, output, {
    double: ({ n }: { n: number }) => 2 * n,
    fail: () => {
      throw new Error('no');
    },
  });
  for (const chunk of chunks) input.write(chunk);
  await new Promise((resume) => setImmediate(resume));
  return String(output.read() ?? '');
}

test('answers, errors and unknown methods', async () => {
  const text = await talk([
    frame({ id: 1, method: 'double', params: { n: 21 } }),
    frame({ id: 2, method: 'fail' }),
    frame({ id: 3, method: 'nothing' }),
    frame({ method: 'nothing' }),
  ]);
  expect(text.match(/\{.*?\}(?=Content|$)/g)?.map((body) => JSON.parse(body) as unknown)).toEqual([
    { jsonrpc: '2.0', id: 1, result: 42 },
    { jsonrpc: '2.0', id: 2, error: { code: -32603, message: 'no' } },
    { jsonrpc: '2.0', id: 3, error: { code: -32601, message: 'no method nothing' } },
  ]);
});

test('a frame may arrive in any pieces', async () => {
  const whole = frame({ id: 7, method: 'double', params: { n: 4, text: 'ä€' } });
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: whole.length - 1 })), async (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), whole.length];
      const text = await talk(at.slice(1).map((end, i) => whole.subarray(at[i], end)));
      expect(text).toContain('"id":7,"result":8');
    }),
    { numRuns: 50 },
  );
});
