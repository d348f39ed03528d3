// A host of a lab: one kernel, its programs and its shell.

import { boot } from '../stack/init/main.js';
import type { Kernel } from '../stack/kernel/kernel.js';
import type { Lab } from './lab.js';
import { Process, type Program } from './process.js';
import { findProgram } from './shell/path.js';
import { sh } from './shell/sh.js';

export interface HostOptions {
  /** Timer interrupts a second, where it differs from the lab's. */
  HZ?: number;
}

/** How many numbers of tasks a host has before the next one's begin. */
const PIDS = 1000;

export class Host {
  readonly lab: Lab;
  readonly name: string;
  readonly kernel: Kernel;

  constructor(lab: Lab, name: string, options: HostOptions) {
    this.lab = lab;
    this.name = name;
    this.kernel = boot({
      name,
      events: lab.events,
      seed: lab.seed,
      HZ: options.HZ ?? lab.options.HZ,
      epoch_ns: lab.options.epoch_ns,
      // Scripts keep their books by pid(): tasks of different hosts must not share one.
      first_pid: 1 + PIDS * lab.hosts.size,
    });
  }

  /** Starts a program: one of the host's commands by name, or any program given. */
  spawn(program: Program | string, argv: readonly string[] = []): Process {
    if (typeof program !== 'string') return new Process(this, program, argv.length > 0 ? argv : ['program']);
    const found = findProgram(program);
    if (found === undefined) throw new Error(`${program}: command not found`);
    return new Process(this, found, [program, ...argv]);
  }

  /**
   * Runs a shell command line to its end, while the lab is being set up.
   * @returns what it wrote to standard output; throws if it fails
   */
  sh(line: string): string {
    let errors = '';
    const process = new Process(
      this,
      sh,
      ['sh', '-c', line],
      () => {},
      (text) => {
        errors += text;
      },
    );
    while (process.exitStatus === null && this.lab.events.runNext());
    if (process.exitStatus !== 0) {
      throw new Error(`${this.name}: ${line}: ${errors.trim() || `exit status ${process.exitStatus}`}`);
    }
    return process.output;
  }
}
