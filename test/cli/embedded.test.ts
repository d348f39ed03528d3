// Embedded code: JavaScript, and the simple C that short embedded functions are written in.
import { expect, test } from 'vitest';
import { execute } from '#tsprobe/cli/main.js';
import { MemoryOutput } from '#tsprobe/runtime/output.js';

async function run(script: string) {
  const output = new MemoryOutput();
  const status = await execute(['-g', '-e', script], output);
  return { status, out: output.out, err: output.err };
}

const valueOf = (type: string, code: string, call = 'f(255, "text")') =>
  `function f:${type}(n:long, s:string) %{ ${code} %} probe begin { println(${call}) exit() }`;

test.each([
  ['STAP_RETVALUE = STAP_ARG_n * 2;', 'long', '510'],
  ['STAP_RETURN(`${STAP_ARG_s}!`);', 'string', 'text!'],
  ['const x = [1, 2, 3].map((n) => n * 2); STAP_RETURN(x[2]);', 'long', '6'],
  ["int i; long sum = 0; /* C */ for (i = 0; i < 10; i++) sum += i; // don't\n STAP_RETVALUE = sum;", 'long', '45'],
  ['STAP_RETURN((int) STAP_ARG_n / 2);', 'long', '127'],
  ['strlcpy(STAP_RETVALUE, STAP_ARG_s, 3);', 'string', 'te'],
  [
    'snprintf(STAP_RETVALUE, MAXSTRINGLEN, "%05lld|%-4d|%#llx|%s|%c|%%", (long long) STAP_ARG_n, 7, STAP_ARG_n, STAP_ARG_s, 65);',
    'string',
    '00255|7   |0xff|text|A|%',
  ],
  [
    'char buf[8]; strcpy(buf, "a"); strcat(buf, STAP_ARG_s); strlcpy(STAP_RETVALUE, buf, sizeof(buf));',
    'string',
    'atext',
  ],
  ['if (!strcmp(STAP_ARG_s, "text")) STAP_RETURN(1); STAP_RETURN(0);', 'long', '1'],
  ["unsigned char c = '\\n'; STAP_RETVALUE = c + 'a' + 0x10UL;", 'long', '123'],
])('%s', async (code, type, value) => {
  expect(await run(valueOf(type, code))).toEqual({ status: 0, out: `${value}\n`, err: '' });
});

test('what stands on the top level is there for all, and keeps its values', async () => {
  const script = `%{
#include <linux/kernel.h>
#define STEP 2
static int count;
static int next(int by) { return by + STEP; }
%}
function f:long() %{ count = next(count || 0); STAP_RETVALUE = count; %}
probe begin { println(f(), f()) exit() }`;
  expect((await run(script)).out).toBe('24\n');
});

test('statements and expressions of probes', async () => {
  expect((await run('probe begin { %{ STAP_PRINTF("%d\\n", 3); %} println(%{ 4 + 5 %}) exit() }')).out).toBe('3\n9\n');
});

test('errors of its own, and faults', async () => {
  const failing = (code: string) =>
    `function f() %{ ${code} %} probe begin { try { f() } catch (e) { println(e) } exit() }`;
  expect((await run(failing('STAP_ERROR("bad %d", 5);'))).out).toBe('bad 5\n');
  expect((await run(failing('nonsense(3);'))).out).toBe('embedded code: nonsense is not defined\n');
});

test('other C is refused', async () => {
  const { status, err } = await run(
    'function f:long() %{ STAP_RETVALUE = current->pid; %} probe begin { println(f()) }',
  );
  expect(status).toBe(1);
  expect(err).toMatch(/^semantic error: embedded code must be JavaScript or simple C for this runtime/);
});
