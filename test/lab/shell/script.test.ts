// The host's shell as a language: what scripts write, and what it comes to.

import { expect, it } from 'vitest';
import { Lab } from '#tsprobe/lab/lab.js';

const lab = new Lab();
const host = lab.addHost('a');

it.each([
  ['a word', 'echo one  two', 'one two\n'],
  ['quotes', `echo 'a  $x' "b  \\$y" c\\ d`, 'a  $x b  $y c d\n'],
  ['variables', 'x="1 2"; echo $x "$x" ${x}3 ${#x} ${nothing:-none}', '1 2 1 2 1 23 3 none\n'],
  ['a command in place', 'echo "<$(echo a; echo b)>" `echo c`', '<a\nb> c\n'],
  ['arithmetic', 'n=3; echo $((15*1024*1024)) $(( (n + 1) % 3 << 2 )) $((n > 2 ? 7 : 8))', '15728640 4 7\n'],
  ['lists', 'true && echo yes || echo no; false && echo yes || echo no; ! false && echo not', 'yes\nno\nnot\n'],
  ['if', 'if test 2 -lt 1; then echo a; elif [ -f /proc/net/tcp ]; then echo b; else echo c; fi', 'b\n'],
  ['for', 'for i in 1 "2 3"; do echo "<$i>"; done', '<1>\n<2 3>\n'],
  ['while', 'n=0; while [ $n -lt 3 ]; do n=$((n+1)); done; echo $n', '3\n'],
  ['a pipe', 'printf "b 2\\na 1\\n" | sort | head -n 1 | cut -d" " -f2', '1\n'],
  ['a group', '{ echo a; echo b; } | wc -l; (x=1; exit 3) || echo $? $x', '2\n3\n'],
  [
    'files',
    'echo a > /tmp/f; echo b >> /tmp/f; cat < /tmp/f; rm /tmp/f; cat /tmp/f 2> /dev/null || echo gone',
    'a\nb\ngone\n',
  ],
  ['errors as output', 'cat /nowhere 2>&1 | grep -c "No such file"', '1\n'],
  ['sed and awk', `echo "x=17 y" | sed 's/x=\\([0-9]*\\)/<\\1>/' | awk '{print $2, $1}'`, 'y <17>\n'],
  ['a comment', 'echo a # b\n# c\necho d', 'a\nd\n'],
])('%s', (_what, script, output) => {
  expect(host.sh(script)).toBe(output);
});

it.each([
  ['an open quote', 'echo "a', 'unexpected EOF while looking for matching `"\''],
  ['an open if', 'if true; then echo a', 'syntax error: unexpected end of file'],
  ['an operator too many', 'echo a ;; b', "syntax error near unexpected token `;;'"],
  ['what is left out', 'case x in x) echo a;; esac', "`case' is not supported"],
  ['a command that there is not', 'frobnicate', 'frobnicate: command not found'],
])('says of %s what is wrong', (_what, script, message) => {
  expect(() => host.sh(script)).toThrow(message);
});

it('sleeps in virtual time', () => {
  const before = lab.now;
  host.sh('sleep 1.5');
  expect(lab.now - before).toBeGreaterThanOrEqual(1.5e9);
});
