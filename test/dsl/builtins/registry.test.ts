import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { allBuiltins } from '#tsprobe/dsl/builtins/registry.js';
import { builtinGroups } from '#tsprobe/runtime/builtins/registry.js';
import type { Services } from '#tsprobe/runtime/services.js';

/** Every service a group may take when it is made. */
const services = {
  context: { boot_ns: 0n, now: () => 0, now_ns: () => 0n, realtime_ns: () => 0n },
  limits: { string: 511 },
} as unknown as Services;
const implementations = new Set(builtinGroups.flatMap((group) => Object.keys(group(services))));

describe('the records of built-in functions', () => {
  it('all have an implementation', () => {
    const missing = allBuiltins().filter((b) => !b.emit && !implementations.has(b.implementation ?? b.name));
    expect(missing.map((b) => b.name)).toEqual([]);
  });

  it('are asked for by every implementation', () => {
    const asked = new Set(allBuiltins().map((b) => b.implementation ?? b.name));
    expect([...implementations].filter((name) => !asked.has(name))).toEqual([]);
  });

  it('overload by number of parameters only', () => {
    const seen = allBuiltins().map((b) => `${b.name}/${b.parameters.length}`);
    expect(seen.filter((s, i) => seen.indexOf(s) !== i)).toEqual([]);
  });

  it('are what the reference page shows', () => {
    const script = fileURLToPath(new URL('../../../scripts/reference.mjs', import.meta.url));
    execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' });
  });
});
