// A program that runs on a host: what it is given (arguments, output) and how it ends. The program itself is
// a generator function that makes system calls by libc.ts.

import type { Task, task_struct } from '../stack/include/linux/sched.js';
import { kernel_clone, run_new_task, send_signal } from '../stack/kernel/sched/core.js';
import type { Host } from './host.js';
import type { Stream } from './lab.js';

/** A program: its value is the exit status. */
export type Program = (process: Process) => Task<number>;

export class Process {
  readonly host: Host;
  /** Name first, as in C. */
  readonly argv: readonly string[];
  readonly task: task_struct;
  /** Everything written to standard output so far; shells and tests read it. */
  output = '';
  /** Standard input, where a shell gives one. */
  input = '';
  /** Set by a shell: where standard output goes instead of the lab's output. */
  redirect: ((text: string) => void) | null = null;
  /** Where standard error goes instead of the lab's output. */
  errorRedirect: ((text: string) => void) | null;
  private readonly ends: ((status: number) => void)[] = [];
  exitStatus: number | null = null;

  constructor(
    host: Host,
    program: Program,
    argv: readonly string[],
    redirect: ((text: string) => void) | null = null,
    errorRedirect: ((text: string) => void) | null = null,
  ) {
    this.host = host;
    this.argv = argv;
    this.redirect = redirect;
    this.errorRedirect = errorRedirect;
    this.task = kernel_clone(host.kernel, argv[0], () => this.main(program));
    this.task.argv = argv;
    this.task.onexit = (status) => {
      this.exitStatus ??= status;
      for (const end of this.ends) end(status);
    };
  }

  /** Called once with the exit status; at once if the program has ended. */
  onExit(end: (status: number) => void): void {
    if (this.exitStatus !== null) end(this.exitStatus);
    else this.ends.push(end);
  }

  stdout(text: string): void {
    this.output += text;
    if (this.redirect !== null) this.redirect(text);
    else this.write(text, 'stdout');
  }

  stderr(text: string): void {
    if (this.errorRedirect !== null) this.errorRedirect(text);
    else this.write(text, 'stderr');
  }

  /** Runs the program up to where it sleeps first, ahead of programs that were started before it. */
  runFirst(): void {
    run_new_task(this.task);
  }

  /** Sends a signal, as kill(2). */
  kill(signal: number): void {
    send_signal(this.task, signal);
  }

  private write(text: string, stream: Stream): void {
    this.host.lab.options.output?.(text, stream, this);
  }

  private *main(program: Program): Task<number> {
    try {
      return yield* program(this);
    } catch (fault) {
      this.host.lab.faults.push(fault);
      this.stderr(`${this.argv[0]}: ${fault instanceof Error ? fault.message : String(fault)}\n`);
      return 139;
    }
  }
}
