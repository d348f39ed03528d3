// Every scenario through the library: the same run again prints the same bytes under the virtual clock, and probes
// change nothing of what is on the wire.

import { describe, expect, it } from 'vitest';
import { run } from '#tsprobe/index.js';
import { scenarios } from '#tsprobe/lab/scenarios/index.js';

const names = Object.keys(scenarios);

/** Each packet that a device takes or gives, with its bytes' length and the time. */
const WIRE = `
probe kernel.trace("net_dev_start_xmit") {
  printf("%s %d %s %d %d\\n", hostname(), gettimeofday_ns(), kernel_string($dev->name), $skb->len, ntohs($skb->protocol))
}`;
const EVERYTHING = `
global calls
probe kernel.function("*").call { calls <<< 1 }
probe kernel.function("*").return { calls <<< 1 }
probe end { if (@count(calls) < 100) error("hardly anything was called") }`;

/** Small runs of the long ones. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = { bulk: ['--size', '200000'] };

async function wire(name: string, script = WIRE): Promise<{ status: number; output: string }> {
  const scenario = [name, ...(ARGUMENTS[name] ?? [])];
  const { status, output } = await run({ script, scenario, clock: 'virtual', seed: 7 });
  return { status, output };
}

describe.each(names)('scenario %s', (name) => {
  it('gives the same packets at the same times with every function probed', { timeout: 120_000 }, async () => {
    const first = await wire(name);
    expect(first.status).toBe(0);
    expect(await wire(name)).toEqual(first);
    expect(await wire(name, WIRE + EVERYTHING)).toEqual(first);
  });
});
