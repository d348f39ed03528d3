// test/dsl/parseok: scripts that pass 1 takes; with -g, since tapsets bear embedded code. What -p1 prints of them is a
// script again, which means the same.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DiagnosticPrinter } from '#tsprobe/dsl/diagnostics/diagnostic.js';
import { parse } from '#tsprobe/dsl/parse/parse.js';
import { SourceFile } from '#tsprobe/dsl/source/source.js';
import { printFile } from '#tsprobe/dsl/syntax/print.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

const parseText = (name: string, text: string) => parse(new SourceFile(name, text), { facts: { guru: true } });

function said({ diagnostics }: ReturnType<typeof parse>): string {
  const printer = new DiagnosticPrinter();
  return diagnostics.map((d) => printer.print(d)).join('');
}

describe('accepted in pass 1', () => {
  it.each(readdirSync(`${root}test/dsl/parseok`))('%s', (name) => {
    const first = parseText(name, readFileSync(`${root}test/dsl/parseok/${name}`, 'latin1'));
    expect(said(first)).toBe('');
    const printed = first.file ? printFile(first.file) : '';
    const second = parseText(name, printed);
    expect(said(second)).toBe('');
    // A negative literal comes back as an operator and a literal; after that nothing changes any more.
    // A negative literal comes back as an operator and a literal.
    const plain = (text: string) => text.replace(/-\((\d+)\)/g, '-$1');
    expect(plain(second.file ? printFile(second.file) : '')).toBe(plain(printed));
  });
});
