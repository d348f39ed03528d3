// test/dsl/semok and semko: a script for each rule of passes 2 and 3. semko: what is said to it (.err). semok: the
// analysed script (.p2), or for scripts that begin with `# run` what they print (.out). UPDATE=1 writes the expected
// files anew; they are to be read like code.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compile } from '#tsprobe/dsl/compile.js';
import type { CompileOptions } from '#tsprobe/dsl/compile.js';
import { DiagnosticPrinter } from '#tsprobe/dsl/diagnostics/diagnostic.js';
import { SourceFile } from '#tsprobe/dsl/source/source.js';
import { builtinGroups } from '#tsprobe/runtime/builtins/registry.js';
import { MemoryOutput } from '#tsprobe/runtime/output.js';
import { Session } from '#tsprobe/runtime/session.js';
import { VirtualEnvironment } from '#tsprobe/runtime/virtual-environment.js';
import { testTarget } from './target.js';

const folder = (name: string) => fileURLToPath(new URL(`${name}/`, import.meta.url));
const scripts = (name: string) =>
  readdirSync(folder(name))
    .filter((f) => f.endsWith('.stp'))
    .map((f) => f.slice(0, -4));

function compileScript(path: string, name: string) {
  const text = readFileSync(`${path}${name}.stp`, 'latin1');
  const options: CompileOptions = { guru: /^# (run )?guru/.test(text), verbose: 1 };
  return { text, result: compile([new SourceFile(`${name}.stp`, text)], options, testTarget) };
}

/** All that the compiler says, each message as SystemTap prints it. */
function said(result: ReturnType<typeof compile>): string {
  const printer = new DiagnosticPrinter();
  return result.diagnostics.map((d) => printer.print(d)).join('');
}

it('two files may not declare the same global', () => {
  const sources = ['a.stp', 'b.stp'].map((name) => new SourceFile(name, 'global shared probe begin { shared = 1 }'));
  expect(said(compile(sources, {}, testTarget))).toMatch(
    /^semantic error: conflicting global variables: identifier 'shared' at b\.stp:1:8\n.*\n.*\nidentifier 'shared' at a\.stp:1:8\n/,
  );
});

it('with --skip-badvars an unknown variable is 0, which is said', () => {
  const source = new SourceFile('a.stp', 'probe begin { println($nothing) }');
  const result = compile([source], { skipBadVars: true }, testTarget);
  expect(result.failedPass).toBe(0);
  expect(said(result)).toMatch(
    /^WARNING: Bad \$context variable being substituted with literal 0: identifier '\$nothing'/,
  );
});

function expectFile(path: string, text: string): void {
  if (process.env['UPDATE']) writeFileSync(path, text, 'latin1');
  expect(text).toBe(readFileSync(path, 'latin1'));
}

describe('refused after parsing', () => {
  const path = folder('semko');
  it.each(scripts('semko'))('%s', (name) => {
    const { result } = compileScript(path, name);
    expect(result.program).toBeNull();
    expectFile(`${path}${name}.err`, said(result));
  });
});

describe('accepted', () => {
  const path = folder('semok');
  it.each(scripts('semok'))('%s', async (name) => {
    const { text, result } = compileScript(path, name);
    expect(said(result).match(/^semantic error.*/m)?.[0]).toBeUndefined();
    const { program } = result;
    if (!program) throw new Error('no program');
    if (!text.startsWith('# run')) return expectFile(`${path}${name}.p2`, said(result) + result.dump(2));
    const output = new MemoryOutput();
    const session = new Session(program, { environment: new VirtualEnvironment(), output, builtins: builtinGroups });
    await session.run();
    return expectFile(`${path}${name}.out`, output.out + output.err);
  });
});
