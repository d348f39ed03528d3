// A host's shell, in the subset that set-up scripts use: commands with quoted words, `;`, `&&`, `||`, `&`,
// `#` comments, redirection of standard output (> and >>) to files, /proc/sys among them, and `<`. Variables,
// control structures and pipes are left out, and refused.

import type { Task } from '../../stack/include/linux/sched.js';
import { sysctl_write } from '../../stack/kernel/sysctl.js';
import { bytes, strerror } from '../libc.js';
import { Process } from '../process.js';
import { define_wait, finish_wait, prepare_to_wait, wait_queue_head, wake_up } from '../../stack/include/linux/wait.js';
import { TASK_UNINTERRUPTIBLE } from '../../stack/include/linux/sched.js';
import { findProgram } from './path.js';

type Token = { readonly operator: string } | { readonly word: string };

/** @returns the tokens, or a message of what is wrong */
function tokens(line: string): Token[] | string {
  const found: Token[] = [];
  let rest = line;
  while ((rest = rest.replace(/^[ \t]+/, '')) !== '') {
    if (rest.startsWith('#')) {
      rest = rest.replace(/^[^\n]*/, '');
      continue;
    }
    const operator = /^(&&|\|\||>>|[;&<>|\n()])/.exec(rest)?.[0];
    if (operator !== undefined) {
      found.push({ operator: operator === '\n' ? ';' : operator });
      rest = rest.slice(operator.length);
      continue;
    }
    let word = '';
    for (;;) {
      const part = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|\\([^])|([^\s'"\\;&<>|()]+))/.exec(rest);
      if (part === null) break;
      word += part[1] ?? part[2]?.replace(/\\(["\\$`])/g, '$1') ?? part[3] ?? part[4];
      rest = rest.slice(part[0].length);
    }
    if (/^['"]/.test(rest)) return `unexpected EOF while looking for matching \`${rest[0]}'`;
    found.push({ word });
  }
  return found;
}

interface Redirections {
  out?: string;
  append?: boolean;
}

function finish(process: Process, target: Redirections, output: string): number {
  if (target.out === undefined) return 0;
  if (target.out === '/dev/null') return 0;
  const { kernel } = process.host;
  if (target.out.startsWith('/proc/sys/')) {
    const error = sysctl_write(kernel, target.out.slice('/proc/sys/'.length), output.trim());
    if (error < 0) {
      process.stderr(`sh: ${target.out}: ${strerror(error)}\n`);
      return 1;
    }
    return 0;
  }
  if (target.out.startsWith('/proc/')) {
    const write = kernel.proc_write.get(target.out.slice('/proc/'.length));
    if (write === undefined) {
      process.stderr(`sh: ${target.out}: Permission denied\n`);
      return 1;
    }
    write(output);
    return 0;
  }
  if (target.append === true) kernel.fs.append(target.out, bytes(output));
  else kernel.fs.write(target.out, bytes(output));
  return 0;
}

function* run(process: Process, words: string[], target: Redirections, background: boolean): Task<number> {
  const [name, ...args] = words;
  if (name === 'exit') return Number(args[0] ?? 0);
  if (name === ':' || name === 'true') return 0;
  if (name === 'false') return 1;
  if (name === 'echo') {
    const newline = args[0] !== '-n';
    const text = (newline ? args : args.slice(1)).join(' ') + (newline ? '\n' : '');
    if (target.out === undefined) process.stdout(text);
    return finish(process, target, text);
  }
  const program = findProgram(name);
  if (program === undefined) {
    process.stderr(`sh: ${name}: command not found\n`);
    return 127;
  }
  const child = new Process(
    process.host,
    program,
    [name.replace(/.*\//, ''), ...args],
    (text) => {
      if (target.out === undefined) process.stdout(text);
    },
    (text) => process.stderr(text),
  );
  if (background) return 0;
  const ended = new wait_queue_head();
  child.onExit(() => wake_up(ended));
  while (child.exitStatus === null) {
    const wait = define_wait();
    prepare_to_wait(ended, wait, TASK_UNINTERRUPTIBLE);
    yield;
    finish_wait(ended, wait);
  }
  return finish(process, target, child.output) || child.exitStatus;
}

/** Runs a script's text. @returns the status of its last command */
export function* run_script(process: Process, script: string): Task<number> {
  const list = tokens(script);
  if (typeof list === 'string') {
    process.stderr(`sh: ${list}\n`);
    return 2;
  }
  let status = 0;
  let words: string[] = [];
  let target: Redirections = {};
  let skip = false;
  for (let i = 0; i <= list.length; i++) {
    const token = list[i] ?? { operator: ';' };
    if ('word' in token) {
      words.push(token.word);
      continue;
    }
    if (token.operator === '>' || token.operator === '>>') {
      const file = list[++i];
      if (file === undefined || !('word' in file)) {
        process.stderr(`sh: syntax error near unexpected token \`${token.operator}'\n`);
        return 2;
      }
      target = { out: file.word, append: token.operator === '>>' };
      continue;
    }
    if (token.operator === '|' || token.operator === '<' || token.operator === '(' || token.operator === ')') {
      process.stderr(`sh: \`${token.operator}' is not supported\n`);
      return 2;
    }
    if (words.length > 0 && !skip) status = yield* run(process, words, target, token.operator === '&');
    if (words[0] === 'exit' && !skip) return status;
    skip =
      (token.operator === '&&' && status !== 0) ||
      (token.operator === '||' && status === 0) ||
      (skip && token.operator !== ';');
    words = [];
    target = {};
  }
  return status;
}

/** sh -c 'commands', or sh file. */
export function* sh(process: Process): Task<number> {
  const [, option, script] = process.argv;
  if (option === '-c') return yield* run_script(process, script ?? '');
  if (option === undefined) return 0;
  const file = process.host.kernel.fs.read(option);
  if (file === undefined) {
    process.stderr(`sh: ${option}: No such file or directory\n`);
    return 127;
  }
  return yield* run_script(process, new TextDecoder().decode(file));
}
