// Random and mutated scripts: the parser answers with a tree or with messages, never with an exception, and
// in time that grows with the text. FUZZ=100000 runs that many instead of the few of a normal test run.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DiagnosticPrinter } from '#tsprobe/dsl/diagnostics/diagnostic.js';
import { parse } from '#tsprobe/dsl/parse/parse.js';
import { printFile } from '#tsprobe/dsl/syntax/print.js';
import type { StapFile } from '#tsprobe/dsl/syntax/ast.js';
import { SourceFile } from '#tsprobe/dsl/source/source.js';

const runs = Number(process.env['FUZZ'] ?? 2000);

const words = [
  'probe', 'global', 'function', 'private', 'if', 'else', 'for', 'foreach', 'in', 'limit', 'return', 'delete', 'while',
  'next', 'try', 'catch', 'begin', 'x', 'a', '$a', '$$vars', '$1', '@1', '@cast', '@defined', '@hist_log', '@count',
  '@define', '@x', 'printf', 'println', 'printd', '(', ')', '[', ']', '{', '}', '%(', '%?', '%:', '%)', '%{', '%}',
  '"%d"', '"s"', '"', '0', '1', '0x', '=', '+=', '<<<', '->', '.', ',', ';', '*', '+', '-', '!', '?', '=~', '&', '<<',
  '\n', ' ', '//', '/*', '*/', '#', '\\', '\u00e9', '\0', '==', 'arch', 'kernel_v', '"6.*"',
]; // prettier-ignore

const scripts = [
  'global a[10], b%, c = 5 probe begin, timer.s(1) { foreach ([x-, y] in a limit 5) printf("%d %s\\n", x, y) delete a[*, 1] }',
  'function f:long(x:long, y) { try { if (x > 1) return f(x - 1, y) else next } catch (e) { warn(e) } }',
  'probe kernel.{function("tcp_*").return, trace("x")}? if (on) { b <<< $skb->len + @cast($sk, "tcp_sock")->snd_cwnd }',
  '@define m(a, b) %( @a + @b %) probe a.b = c.d { v = @m(1, (2, 3)) %( kernel_v > "2.6" %? x = 1 %: x = "a" . "b" %) }',
  'probe end { print(@hist_linear(s, 0, 10, 1)) for (i = 0; i < 3; i++) while (1) { break; } x = y =~ "a[b]*" ? 1 : -2 }',
];

const random = fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 60 }).map((w) => w.join(' '));

/** A script with stretches cut out, doubled or replaced. */
const mutated = fc
  .tuple(
    fc.constantFrom(...scripts),
    fc.array(fc.tuple(fc.nat(400), fc.nat(40), fc.constantFrom('', ...words)), { maxLength: 8 }),
  )
  .map(([text, edits]) =>
    edits.reduce(
      (t, [at, length, word]) => t.slice(0, at % t.length) + word + t.slice((at % t.length) + length),
      text + ' ',
    ),
  );

it('answers anything with a tree or messages', () => {
  fc.assert(
    fc.property(fc.oneof(random, mutated), fc.boolean(), (text, guru) => {
      const latin1 = Buffer.from(text, 'utf8').toString('latin1');
      const { file, diagnostics } = parse(new SourceFile('fuzz', latin1), { args: ['1', 'x y'], facts: { guru } });
      const printer = new DiagnosticPrinter({ verbose: 1 });
      for (const d of diagnostics) expect(printer.print(d)).not.toBe('');
      // An accepted text has a tree that prints; a refused one says how many messages there are.
      if (!diagnostics.length) expect(printFile(file as StapFile)).toMatch(/^# file fuzz\n/);
      else expect(diagnostics.at(-1)?.message).toMatch(/^(\d+ parse errors?\.|Input file 'fuzz' is empty\.)$/);
    }),
    { numRuns: runs, seed: 1 },
  );
}, 3_600_000);
