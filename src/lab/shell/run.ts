// Running one command line of a host's shell from within the lab's own code, with what it wrote.

import type { Host } from '../host.js';
import { Process } from '../process.js';
import { sh } from './sh.js';

export interface CommandResult {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/**
 * Yields until the command has ended: the caller has the lab's events run.
 * @param line a command line
 */
export function* runCommand(host: Host, line: string): Generator<void, CommandResult, void> {
  let errors = '';
  const process = new Process(
    host,
    sh,
    ['sh', '-c', line],
    () => {},
    (text) => {
      errors += text;
    },
  );
  while (process.exitStatus === null) yield;
  return { status: process.exitStatus, output: process.output, errors };
}
