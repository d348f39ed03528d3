// A host's shell: what POSIX's does, without functions, case and here-documents (sh/).

import type { Task } from '../../stack/include/linux/sched.js';
import type { Process, Program } from '../process.js';
import { readText } from './files.js';
import { findProgram } from './path.js';
import { parseShell } from './sh/parse.js';
import { Shell, type ShellPrograms } from './sh/run.js';
import { ShellSyntaxError } from './sh/syntax.js';

function* runScript(process: Process, script: string, programs: ShellPrograms): Task<number> {
  let body;
  try {
    body = parseShell(script);
  } catch (fault) {
    if (!(fault instanceof ShellSyntaxError)) throw fault;
    process.stderr(`sh: ${fault.message}\n`);
    return 2;
  }
  return yield* new Shell(process, programs).run(body);
}

/** sh -c 'commands', sh file, sh with its input: a shell that finds its commands by `programs`. */
export function shellWith(programs: ShellPrograms): Program {
  return function* sh(process: Process): Task<number> {
    const args = process.argv.slice(1);
    while (args[0] !== undefined && /^-[exu]+$/.test(args[0])) args.shift();
    const [option, script] = args;
    if (option === '-c') return yield* runScript(process, script ?? '', programs);
    if (option === undefined) return yield* runScript(process, process.input, programs);
    const file = readText(process.host.kernel, option);
    if (file === null) {
      process.stderr(`sh: ${option}: No such file or directory\n`);
      return 127;
    }
    return yield* runScript(process, file, programs);
  };
}

export const sh: Program = shellWith({ find: (name) => findProgram(name) });
