// Runs parsed shell scripts on a host. Commands of a pipeline run one after the other, each with what the one
// before wrote as its input; redirected output goes to its file when the command has ended.

import { strerror } from '../../../stack/include/linux/errno.js';
import { TASK_UNINTERRUPTIBLE, type Task } from '../../../stack/include/linux/sched.js';
import {
  define_wait,
  finish_wait,
  prepare_to_wait,
  wait_queue_head,
  wake_up,
} from '../../../stack/include/linux/wait.js';
import { Process, type Program } from '../../process.js';
import { readText, writeText } from '../files.js';
import { expandText, expandWord, type Expander } from './expand.js';
import { ShellSyntaxError, type Command, type List, type Redirection, type Word } from './syntax.js';

/** What a shell finds its commands by. */
export interface ShellPrograms {
  find(name: string): Program | undefined;
  /** Called with the name of a command that there is not. */
  missing?(name: string): void;
}

/** Where a command's input comes from and its output goes. */
interface Streams {
  readonly input: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Thrown by `exit`. */
class Exit {
  readonly status: number;

  constructor(status: number) {
    this.status = status;
  }
}

/** Rounds of a `while` after which it is taken for endless. */
const MOST_ROUNDS = 100_000;

export class Shell implements Expander {
  private readonly process: Process;
  private readonly programs: ShellPrograms;
  private readonly variables: Map<string, string>;
  private readonly errors: (text: string) => void;
  private status = 0;

  constructor(process: Process, programs: ShellPrograms, parent?: Shell) {
    this.process = process;
    this.programs = programs;
    this.variables = new Map(parent?.variables ?? [['PPID', '1']]);
    this.errors = (text) => process.stderr(text);
  }

  variable(name: string): string | null {
    if (name === '?') return String(this.status);
    if (name === '$') return String(this.process.task.pid);
    if (name === '#') return '0';
    return this.variables.get(name) ?? null;
  }

  assign(name: string, value: string): void {
    this.variables.set(name, value);
  }

  *output(body: List): Task<string> {
    let text = '';
    const streams = { input: '', out: (more: string) => (text += more), err: this.errors };
    this.status = yield* this.subshell(body, streams);
    return text;
  }

  /** Runs a script. @returns the status of its last command, or of `exit` */
  *run(body: List): Task<number> {
    const { process } = this;
    try {
      return yield* this.list(body, { input: process.input, out: (text) => process.stdout(text), err: this.errors });
    } catch (fault) {
      if (fault instanceof Exit) return fault.status;
      if (!(fault instanceof ShellSyntaxError)) throw fault;
      this.errors(`sh: ${fault.message}\n`);
      return 1;
    }
  }

  private *subshell(body: List, streams: Streams): Task<number> {
    try {
      return yield* new Shell(this.process, this.programs, this).list(body, streams);
    } catch (fault) {
      if (fault instanceof Exit) return fault.status;
      throw fault;
    }
  }

  private *list(body: List, streams: Streams): Task<number> {
    let skip = false;
    for (const { pipeline, connector } of body) {
      if (!skip) {
        this.status = yield* this.pipeline(pipeline.commands, streams, connector === '&');
        if (pipeline.negated) this.status = this.status === 0 ? 1 : 0;
      }
      if (connector === '&&') skip = this.status !== 0;
      else if (connector === '||') skip = this.status === 0;
      else skip = false;
    }
    return this.status;
  }

  private *pipeline(commands: readonly Command[], streams: Streams, background: boolean): Task<number> {
    let { input } = streams;
    for (const command of commands.slice(0, -1)) {
      let text = '';
      yield* this.command(command, { ...streams, input, out: (more) => (text += more) }, false);
      input = text;
    }
    return yield* this.command(commands[commands.length - 1], { ...streams, input }, background);
  }

  private *command(command: Command, streams: Streams, background: boolean): Task<number> {
    const files: { path: string; append: boolean; text: string }[] = [];
    const here = yield* this.redirect(command.redirections, streams, files);
    if (here === null) return 1;
    const status = yield* this.bare(command, here, background);
    for (const { path, append, text } of files) {
      const error = writeText(this.process.host.kernel, path, text, append);
      if (error < 0) {
        if (path.startsWith('/sys/')) this.programs.missing?.(path);
        streams.err(`sh: ${path}: ${strerror(error)}\n`);
        return 1;
      }
    }
    return status;
  }

  /** @param files is filled with those that the output goes to @returns null after a message */
  private *redirect(
    redirections: readonly Redirection[],
    streams: Streams,
    files: { path: string; append: boolean; text: string }[],
  ): Task<Streams | null> {
    let here = streams;
    for (const { from, operator, target } of redirections) {
      const path = yield* expandText(target, this);
      if (operator === '<<<') here = { ...here, input: `${path}\n` };
      else if (operator === '<') {
        const input = readText(this.process.host.kernel, path);
        if (input === null) {
          streams.err(`sh: ${path}: No such file or directory\n`);
          return null;
        }
        here = { ...here, input };
      } else if (operator === '>&') {
        const to = path === '2' ? here.err : here.out;
        here = from.includes(2) ? { ...here, err: to } : { ...here, out: to };
      } else {
        const file = { path, append: operator === '>>', text: '' };
        files.push(file);
        const write = (text: string): void => void (file.text += text);
        here = { ...here, out: from.includes(1) ? write : here.out, err: from.includes(2) ? write : here.err };
      }
    }
    return here;
  }

  private *bare(command: Command, streams: Streams, background: boolean): Task<number> {
    switch (command.kind) {
      case 'simple':
        return yield* this.simple(command.assignments, command.words, streams, background);
      case 'group':
        return yield* command.subshell ? this.subshell(command.body, streams) : this.list(command.body, streams);
      case 'if':
        for (const [condition, body] of command.branches) {
          if ((yield* this.list(condition, streams)) === 0) return yield* this.list(body, streams);
        }
        return command.otherwise === null ? 0 : yield* this.list(command.otherwise, streams);
      case 'for': {
        let status = 0;
        for (const word of command.words) {
          for (const value of yield* expandWord(word, this)) {
            this.assign(command.name, value);
            status = yield* this.list(command.body, streams);
          }
        }
        return status;
      }
      case 'while': {
        let status = 0;
        for (let round = 0; ((yield* this.list(command.condition, streams)) === 0) !== command.until; round++) {
          if (round >= MOST_ROUNDS) throw new ShellSyntaxError('a loop does not end');
          status = yield* this.list(command.body, streams);
        }
        return status;
      }
    }
  }

  private *simple(
    assignments: readonly (readonly [string, Word])[],
    words: readonly Word[],
    streams: Streams,
    background: boolean,
  ): Task<number> {
    const argv: string[] = [];
    for (const word of words) argv.push(...(yield* expandWord(word, this)));
    // Assignments in front of a command would be its environment, which our programs do not read.
    if (argv.length === 0) {
      this.status = 0;
      for (const [name, value] of assignments) this.assign(name, yield* expandText(value, this));
      return this.status;
    }
    const [name, ...args] = argv;
    if (name === 'exit') throw new Exit(Number(args[0] ?? this.status) & 255);
    if (name === ':' || name === 'set' || name === 'cd' || name === 'ulimit' || name === 'wait' || name === 'trap') {
      return 0;
    }
    if (name === 'export' || name === 'local' || name === 'readonly') {
      for (const [, key, value] of args.map((arg) => /^(\w+)=(.*)$/s.exec(arg) ?? [])) {
        if (key !== undefined) this.assign(key, value);
      }
      return 0;
    }
    if (name === 'command' || name === 'exec' || name === 'sudo') {
      return yield* this.program(args, streams, background);
    }
    return yield* this.program(argv, streams, background);
  }

  private *program(argv: readonly string[], streams: Streams, background: boolean): Task<number> {
    const [name, ...args] = argv;
    if (name === undefined) return 0;
    const program = this.programs.find(name);
    if (program === undefined) {
      this.programs.missing?.(name);
      streams.err(`sh: ${name}: command not found\n`);
      return 127;
    }
    const { host } = this.process;
    const child = new Process(host, program, [name.replace(/.*\//, ''), ...args], streams.out, streams.err);
    child.input = streams.input;
    if (background) return 0;
    const ended = new wait_queue_head();
    child.onExit(() => wake_up(ended));
    while (child.exitStatus === null) {
      const wait = define_wait();
      prepare_to_wait(ended, wait, TASK_UNINTERRUPTIBLE);
      yield;
      finish_wait(ended, wait);
    }
    return child.exitStatus;
  }
}
