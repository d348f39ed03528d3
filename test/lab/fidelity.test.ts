// The model's calls against call traces of a real kernel: at least 95 % of its caller-callee pairs in every recording
// that a scenario stands for (issue: fidelity). The tool itself prints which are missing.

import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

describe('fidelity', () => {
  it('has at least 95 % of the pairs of every recording', { timeout: 120_000 }, () => {
    const lines = execFileSync(process.execPath, [join(root, 'scripts/fidelity.mjs'), '--summary'], {
      encoding: 'utf8',
    })
      .trim()
      .split('\n');
    const shares = Object.fromEntries(
      lines.map((line) => {
        const match = /^(\w+): \d+ of \d+ pairs, ([\d.]+) %/.exec(line);
        return [match?.[1] ?? line, Number(match?.[2])];
      }),
    );
    expect(Object.keys(shares).sort()).toEqual([
      'a_ping',
      'b_udp',
      'c_tcp',
      'c_tcp_gso',
      'd1_fastretrans',
      'd2_tlp',
      'd3_rto',
      'g_udp_closed',
      'h2_frag_router',
      'h_frag',
    ]);
    for (const [name, share] of Object.entries(shares)) expect(share, name).toBeGreaterThanOrEqual(95);
  });
});
