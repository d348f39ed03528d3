// The rules of the house (ARCHITECTURE.md): who may import whom, and what the model may not use.

import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = join(dirname(fileURLToPath(import.meta.url)), '..', 'src');

/** Rooms that a room may import from, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  dsl: [],
  instrument: [],
  stack: [],
  runtime: ['dsl', 'instrument'],
  lab: ['stack'],
  report: [],
  cli: ['dsl', 'instrument', 'runtime', 'stack', 'lab', 'report'],
};

const files = readdirSync(src, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.ts') && file.includes('/'));

/** Methods that bear a forbidden name because Node's sockets do; they count virtual time. */
const METHODS: Readonly<Record<string, RegExp>> = {
  'lab/net.ts': /^ +setTimeout\(.*\): this \{|this\.setTimeout\(/gm,
};

describe('the house', () => {
  it.each(Object.keys(MAY_IMPORT))('%s imports only from where it may', (room) => {
    const wrong: string[] = [];
    for (const file of files.filter((name) => name.startsWith(`${room}/`))) {
      const text = readFileSync(join(src, file), 'utf8');
      for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g)) {
        const target = relative(src, resolve(join(src, dirname(file)), specifier)).split('/')[0];
        if (target !== room && !MAY_IMPORT[room].includes(target)) wrong.push(`${file} imports ${specifier}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('keeps real time and chance out of the model and the lab', () => {
    const wrong = files
      .filter((file) => file.startsWith('stack/') || file.startsWith('lab/'))
      .filter((file) =>
        /\b(Date\.now|setTimeout|setInterval|Math\.random|performance\.now)\b/.test(
          readFileSync(join(src, file), 'utf8')
            .replace(/\/\/.*|\/\*[^]*?\*\//g, '')
            .replace(METHODS[file] ?? /$^/, ''),
        ),
      );
    expect(wrong).toEqual([]);
  });
});
