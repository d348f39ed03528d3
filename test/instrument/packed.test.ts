// What the build makes of packed classes: accessors on the fields' own lines, and refusals that name the class.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { instrument } from '#tsprobe/instrument/instrument.js';
import { Debuginfo } from '#tsprobe/runtime/debuginfo/debuginfo.js';

const cache = join(import.meta.dirname, '../../.cache');

function built(source: string): { lines: string[]; debuginfo: Debuginfo } {
  mkdirSync(cache, { recursive: true });
  const root = mkdtempSync(join(cache, 'packed-'));
  const file = join(root, 'point.ts');
  writeFileSync(file, source);
  const { modules, debuginfo } = instrument({ root, files: [file], patch: () => 'patch', slab: () => 'slab' });
  writeFileSync(join(root, 'debuginfo.json'), debuginfo);
  return {
    lines: (modules.get('point.js') ?? '').split('\n'),
    debuginfo: Debuginfo.load(join(root, 'debuginfo.json')),
  };
}

const TYPES = 'type u8 = number; type u32 = number; type u64 = number; type bool = boolean;';

describe('a packed class', () => {
  const { lines, debuginfo } = built(`${TYPES}
class inner { seen: u32 = 0; }
/** @packed */
class point {
  color: u8 = 7;
  x: u32 = 0;
  far: u64 = Infinity;
  name: string = 'p';
  /** @embedded */
  in = new inner();
  /** @hidden */
  secret: bool = false;
}`);

  it('has accessors where its fields were, the largest numbers first in memory', () => {
    expect(lines[3]).toMatch(
      /^class point \{ static \$slab = \$slab\(this, 6, \[\['d', 0, Infinity\], \['b', 16, 7\]\]\);/,
    );
    expect(lines[4]).toBe(
      '  get color() { return this.$b[(this.$at << 2) + 16]; } set color($v) { this.$b[(this.$at << 2) + 16] = $v; }',
    );
    expect(lines[5]).toContain('get x() { return this.$w[this.$at + 2]; }');
    expect(lines[7].trim()).toBe("name         = 'p';");
    expect(lines[9]).toContain('get in() { return this; } get seen() { return this.$w[this.$at + 3]; }');
    expect(lines[11]).toContain('this.$b[(this.$at << 2) + 17] = $v ? 1 : 0;');
  });

  it('is to scripts the struct that the source declares', () => {
    const fields = debuginfo.structs.get('point')?.fields.map(({ name }) => name);
    expect(fields).toEqual(['color', 'x', 'far', 'name', 'in']);
  });
});

describe('refused', () => {
  it.each([
    ['class base {} /** @packed */ class point extends base { x: u32 = 0; }', 'base is extended by a packed class'],
    [
      'class inner { x: u32 = 0; } /** @packed */ class point { x: u32 = 0; /** @embedded */ in = new inner(); }',
      'point: in embeds a second x',
    ],
    ['/** @packed */ class point { /** @embedded */ in = 5; }', '@embedded is for a member made by new'],
  ])('%s', (source, message) => {
    const text = source.replaceAll('/**', '\n/**').replaceAll('*/ ', '*/\n');
    expect(() => built(`${TYPES}\n${text}`)).toThrow(message);
  });
});
