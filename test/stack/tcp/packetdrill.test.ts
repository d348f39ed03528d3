// Every packetdrill script of this folder passes: each is a story of packets, with what Linux 6.18 does.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PacketdrillTest } from '#tsprobe/lab/packetdrill/index.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const scripts = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.pkt'))
  .sort();

describe('packetdrill', () => {
  it.each(scripts)('%s', (file) => {
    const test = new PacketdrillTest(file, readFileSync(folder + file, 'utf8'), []);
    test.prepare();
    expect(test.execute()).toMatchObject({ status: 'passed', message: '' });
  });
});
