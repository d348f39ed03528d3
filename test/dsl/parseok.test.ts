// test/dsl/parseok: scripts that pass 1 takes; with -g, since tapsets bear embedded code.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DiagnosticPrinter } from '#tsprobe/dsl/diagnostics/diagnostic.js';
import { parse } from '#tsprobe/dsl/parse/parse.js';
import { SourceFile } from '#tsprobe/dsl/source/source.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('accepted in pass 1', () => {
  it.each(readdirSync(`${root}test/dsl/parseok`))('%s', (name) => {
    const { diagnostics } = parse(new SourceFile(name, readFileSync(`${root}test/dsl/parseok/${name}`, 'latin1')), {
      facts: { guru: true },
    });
    const printer = new DiagnosticPrinter();
    expect(diagnostics.map((d) => printer.print(d)).join('')).toBe('');
  });
});
