// test/dsl/parseko: a script for each thing that pass 1 refuses, with what it says to it. UPDATE=1 writes the
// .err files anew; they are to be read like code.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DiagnosticPrinter } from '#tsprobe/dsl/diagnostics/diagnostic.js';
import { refusals } from '#tsprobe/dsl/diagnostics/parse-errors.js';
import { parse } from '#tsprobe/dsl/parse/parse.js';
import { SourceFile } from '#tsprobe/dsl/source/source.js';

const folder = fileURLToPath(new URL('parseko/', import.meta.url));
const names = readdirSync(folder)
  .filter((f) => f.endsWith('.stp'))
  .map((f) => f.slice(0, -4));

const refuse = (name: string) =>
  parse(new SourceFile(`${name}.stp`, readFileSync(`${folder}${name}.stp`, 'latin1'))).diagnostics;

describe('refused in pass 1', () => {
  it.each(names)('%s', (name) => {
    const printer = new DiagnosticPrinter();
    const text = refuse(name)
      .map((d) => printer.print(d))
      .join('');
    if (process.env['UPDATE']) writeFileSync(`${folder}${name}.err`, text, 'latin1');
    expect(text).toBe(readFileSync(`${folder}${name}.err`, 'latin1'));
  });

  it('leaves no refusal of the closed list without a case', () => {
    const seen = new Set(names.flatMap(refuse).map((d) => d.key));
    const make = refusals as Record<string, (...args: never[]) => { readonly key: string }>;
    const wanted = Object.keys(make).map((name) => make[name](...([[]] as never[])).key);
    // A library of macros is no script; see parse.test.ts.
    expect(wanted.filter((key) => !seen.has(key) && key !== 'library-macros')).toEqual([]);
  });
});
