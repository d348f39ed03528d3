// The processes that make a script's system calls: one for calls that return at once, one for the call that
// blocks, with the same open files. Each waits for a job, does it, and waits again.

import { TASK_INTERRUPTIBLE, type Task } from '../../stack/include/linux/sched.js';
import { wake_up_process } from '../../stack/kernel/sched/core.js';
import type { Host } from '../host.js';
import { Process } from '../process.js';

export interface Job<T> {
  done: boolean;
  result: T | undefined;
  fault: unknown;
  /** ns of virtual time at which it ended */
  ended: number;
}

export class Worker {
  readonly process: Process;
  private next: { code: () => Task<unknown>; job: Job<unknown> } | null = null;
  private busy = false;

  constructor(host: Host, name: string, files?: Worker) {
    this.process = host.spawn(() => this.serve(), [name]);
    if (files !== undefined) this.process.task.files = files.process.task.files;
  }

  get idle(): boolean {
    return !this.busy && this.next === null;
  }

  /** Has the process do `code`; it begins with the lab's next events. */
  start<T>(code: () => Task<T>): Job<T> {
    const job: Job<T> = { done: false, result: undefined, fault: undefined, ended: 0 };
    this.next = { code, job: job as Job<unknown> };
    wake_up_process(this.process.task);
    return job;
  }

  private *serve(): Task<number> {
    const { task } = this.process;
    for (;;) {
      while (this.next === null) {
        task.__state = TASK_INTERRUPTIBLE;
        yield;
      }
      const { code, job } = this.next;
      this.next = null;
      this.busy = true;
      try {
        job.result = yield* code();
      } catch (fault) {
        job.fault = fault;
      }
      job.done = true;
      job.ended = task.kernel.now;
      this.busy = false;
    }
  }
}
