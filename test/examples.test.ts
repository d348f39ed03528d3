// The examples run: each is a scenario of its own.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run } from '#tsprobe/index.js';

const example = (name: string) => fileURLToPath(new URL(`../examples/${name}`, import.meta.url));

test('two networks and a router with a slow line', async () => {
  const { status, output, messages } = await run({
    script: 'probe kernel.function("ip_forward") { println(hostname()) }',
    scenario: [example('two-networks.ts'), '2'],
    clock: 'virtual',
  });
  expect(output).toBe('router\n'.repeat(4));
  expect(messages).toContain('2 packets transmitted, 2 received, 0% packet loss');
  expect(status).toBe(0);
});
