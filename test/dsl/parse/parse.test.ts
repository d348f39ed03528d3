import { describe, expect, it } from 'vitest';
import { DiagnosticPrinter } from '#tsprobe/dsl/diagnostics/diagnostic.js';
import { parse, parseMacros } from '#tsprobe/dsl/parse/parse.js';
import type { ParseOptions } from '#tsprobe/dsl/parse/parse.js';
import { printFile } from '#tsprobe/dsl/syntax/print.js';
import { SourceFile } from '#tsprobe/dsl/source/source.js';

/** The tree's text without its first line, or what was refused. */
function tree(text: string, options: ParseOptions = {}): string {
  const { file, diagnostics } = parse(new SourceFile('t.stp', text), options);
  const printer = new DiagnosticPrinter();
  if (diagnostics.length) return diagnostics.map((d) => printer.print(d)).join('');
  return file ? printFile(file).split('\n').slice(1).join('\n').trim() : '';
}

/** The body of a probe that holds one statement. */
const statement = (text: string, options: ParseOptions = {}): string =>
  tree(`probe begin { ${text} }`, options)
    .replace(/^probe begin\{\n/, '')
    .replace(/\n\}$/, '');

/** The first line of the first message. */
const refusal = (text: string, options: ParseOptions = {}): string => tree(text, options).split('\n')[0];

describe('expressions bind as in SystemTap', () => {
  it.each([
    ['x = 1 + 2 * 3', '(x) = ((1) + ((2) * (3)))'],
    ['x = a . b + c', '(x) = ((a) . ((b) + (c)))'],
    ['x = a . b << 2', '(x) = (((a) . (b)) << (2))'],
    ['x = 1 | 2 ^ 3 & 4', '(x) = ((1) | ((2) ^ ((3) & (4))))'],
    ['x = a == b < c', '(x) = (((a) == (b)) < (c))'],
    ['x = a || b && c', '(x) = ((a) || ((b) && (c)))'],
    ['x = y = z', '(x) = ((y) = (z))'],
    ['x = a ? b : c ? d : e', '(x) = ((a)?(b):((c)?(d):(e)))'],
    ['x = !a in b', '(x) = ([!(a)] in b)'],
    ['x = [a, *, 3] in b && c', '(x) = (([a, *, 3] in b) && (c))'],
    ['x = -a++', '(x) = (-((a)++))'],
    ['x = - - 3', '(x) = (-(-(3)))'],
    ['x <<< y + 1', '(x) <<< ((y) + (1))'],
    ['x = s =~ "a" "b"', '(x) = ((s) =~ "ab")'],
    ['x = a - -1', '(x) = ((a) - (-(1)))'],
    ['a[1, "k"] .= "x"', '(a[1, "k"]) .= ("x")'],
    ['delete a[*, 2]', 'delete a[*, 2]'],
    ['x = $a->b[1]->c[i]$$', '(x) = ($a->b[1]->c[i]$$)'],
    ['x = $$parms$ . $return$$', '(x) = (($$parms$) . ($return$$))'],
    ['x = &$a->b', '(x) = (&$a->b)'],
    ['x = $a->b$', '(x) = ($a->b$)'],
    ['x = f(y)->next->probe', '(x) = ((f(y))->next->probe)'],
    ['x = @cast(p, "sk_buff", "kernel")->len', '(x) = (@cast(p, "sk_buff", "kernel")->len)'],
    ['x = @var("jiffies@kernel/time.c")', '(x) = (@var("jiffies@kernel/time.c"))'],
    ['x = @defined($y) ? @entry($y) : @probewrite(z)', '(x) = ((@defined($y))?(@entry($y)):(@probewrite(z)))'],
    ['print(@hist_linear(s, 0, 100, 10))', 'print(@hist_linear(s, 0, 100, 10))'],
    ['print(@hist_log(s)[3])', 'print(@hist_log(s)[3])'],
    ['x = @variance(s, 4)', '(x) = (@variance(s, 4))'],
    ['printdln(", ", 1, x)', 'printdln(", ", 1, x)'],
    ['x = 0xffffffffffffffff', '(x) = (-1)'],
    ['x = a$b', '(x) = (a$b)'],
  ])('%s', (text, want) => expect(statement(text)).toBe(want));
});

describe('statements', () => {
  it.each([
    ['foreach ([a, b-] in c limit 3) ;', 'foreach ([a, b-] in c limit 3) ;'],
    ['foreach (v- = [a, b] in c[*, 1]) ;', 'foreach (v- = [a, b] in c[*, 1]) ;'],
    ['foreach (a in s @sum-) ;', 'foreach ([a] in s @sum -) ;'],
    ['for (;;) break', 'for (; 1; ) break'],
    ['if (a) if (b) c else d', 'if (a) \nif (b) \nc\nelse d'],
    ['try { next } catch (e) { println(e) }', 'try {\nnext\n} catch (e) {\nprintln(e)\n}'],
    ['if (a) b; else c;', 'if (a) \nb\nelse c'],
    ['while (x--) { continue; }', 'for (; (x)--; ) {\ncontinue\n}'],
  ])('%s', (text, want) => expect(statement(text)).toBe(want));
});

describe('declarations', () => {
  it.each([
    ['probe a.{b,c("x")}.d ?, e! { }', 'probe a.b.d?,a.c("x").d?,e!{\n}'],
    ['probe a.{b ?,{c,d}.e if (on)}.f { }', 'probe a.b.f?,a.c.e.f if (on),a.d.e.f if (on){\n}'],
    ['probe kernel.function("a*") if (on) { }', 'probe kernel.function("a*") if (on){\n}'],
    ['probe x = y, z { }', 'probe x = y,z{\n}'],
    ['probe x += y { }', 'probe x += y{\n}'],
    ['probe a.b*.return { }', 'probe a.b*.return{\n}'],
    ['private function f:string(a:long, b):2 { return "" }', 'function f:string (a:long, b):2\n{\nreturn ""\n}'],
    ['global a%[5], b = -3, c = "x" "y";', 'global a%[5]\nglobal b = -3\nglobal c = "xy"'],
    ['private p', 'global p'],
  ])('%s', (text, want) => expect(tree(text)).toBe(want));

  it('keeps the comment before a function', () => {
    const { file } = parse(
      new SourceFile('t', '/* Adds\n * one. */\nfunction f(x) { return x + 1 }\n// two\nfunction g() {}'),
    );
    expect(file?.functions.map((f) => f.doc)).toEqual(['Adds\none.', 'two']);
  });
});

describe('preprocessor', () => {
  it.each([
    ['%( 1 < 2 && "a" == "b" || 3 == 3 %? x %: y %)', 'x'],
    ['%( kernel_v >= "6.1" %? x %: y %)', 'x'],
    ['%( systemtap_v < "4.10" %? x %: y %)', 'x'],
    ['%( arch == "i?86" %? x %: y %)', 'y'],
    ['%( CONFIG_NET == "y" %? x %: y %)', 'x'],
    ['%( CONFIG_NOT_SET != "y" %? x %: y %)', 'x'],
    ['%( 0 == 1 %? %( 1 == 1 %? a %: b %) %: c %)', 'c'],
    ['f($#, @#, $1, @2)', 'f(2, "2", one, "two \\"three\\"")'],
  ])('%s', (text, want) => {
    const facts = { config: new Map([['CONFIG_NET', 'y']]) };
    expect(statement(text, { facts, args: ['one', 'two "three"'] })).toBe(want);
  });

  it('takes macros from a library, whose bodies see no macros of the script', () => {
    const library = parseMacros(new SourceFile('m.stpm', '@define one %( @two %)\n@define two %( 2 %)'));
    expect(library.diagnostics).toEqual([]);
    expect(tree('@define two %( 3 %) probe begin { f(@one, @two) }', { macros: library.macros })).toBe(
      'probe begin{\nf(2, 3)\n}',
    );
  });

  it.each([
    ['@define a %( @a %) probe begin { @a }', "parse error: recursive invocation of macro '@a'"],
    ['@define a(x) %( @x %) probe begin { @a(1, 2) }', "parse error: too many parameters for macro '@a' (expected 1)"],
    ['@define a %( 1', "parse error: incomplete macro definition - missing '%)'"],
    ['probe begin { %( 1 == "x" %? a %) }', 'parse error: expected number literal as right value'],
    ['probe begin { x %) }', "parse error: incomplete conditional - missing '%('"],
  ])('refuses %s', (text, want) => expect(refusal(text)).toBe(want));

  it('refuses what is no @define in a macro library', () => {
    const { diagnostics } = parseMacros(new SourceFile('m.stpm', 'probe begin { }'));
    expect(diagnostics[0].message).toBe("library macro file 'm.stpm' contains non-@define construct");
  });
});

describe('embedded code', () => {
  it('needs -g', () => {
    expect(refusal('function f() %{ %}')).toBe('parse error: embedded code in unprivileged script; need stap -g');
    expect(tree('function f() %{ a %}', { facts: { guru: true } })).toBe('function f ()\n%{ a %}');
  });
});

describe('messages', () => {
  it('show where a macro was called for', () => {
    expect(tree('@define bad %( ) %)\nprobe begin { x = @bad }')).toBe(
      [
        'parse error: expected literal string or number',
        "        saw: operator ')' at t.stp:1:16",
        '     source: @define bad %( ) %)',
        '                            ^',
        "     in expansion of macro: operator '@bad' at t.stp:2:19",
        '     source: probe begin { x = @bad }',
        '                               ^',
        '',
        '1 parse error.',
        '',
      ].join('\n'),
    );
  });

  it('report several errors of one file, each declaration for itself', () => {
    const { diagnostics } = parse(
      new SourceFile('t', 'probe a b { }\nprobe begin { 089 }\nfunction 1() {}\nprobe end {}'),
    );
    expect(diagnostics.map((d) => d.message)).toEqual([
      "expected one of ', { } = +='",
      'number invalid or out of range',
      'expected identifier',
      '3 parse errors.',
    ]);
  });

  it('refuse what is nested too deeply instead of crashing', () => {
    const deep = 100_000;
    for (const text of [
      `probe begin { x = ${'('.repeat(deep)}1 }`,
      `probe begin { x = ${'-'.repeat(1)}${' - '.repeat(deep)}1 }`,
      `probe begin ${'{'.repeat(deep)}`,
      `probe begin { x = 1${' + 1'.repeat(deep)} }`,
      `probe begin { ${'if (1) ; else '.repeat(deep)} ; }`,
      `probe ${'{'.repeat(deep)}`,
    ]) {
      expect(tree(text)).toMatch(/nested too deeply/);
    }
  });

  it('refuse a macro bomb', () => {
    let text = '@define a0 %( x %)\n';
    for (let i = 1; i < 40; i++) text += `@define a${i} %( @a${i - 1} @a${i - 1} %)\n`;
    expect(refusal(`${text} probe begin { @a39 }`)).toBe('parse error: macro expansion is too large');
  });
});
