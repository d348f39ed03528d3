// log, warn, exit, error, abort, assert, system. Read beside it: dsl/builtins/logging.ts.
import type { BuiltinGroup } from '../services.js';
import { toText } from '../strings.js';
import { HandlerAbort } from '../errors.js';

export const logging: BuiltinGroup = (rt) => {
  const line = (message: unknown): void => rt.print(`${message as string}\n`);
  const fail = (message: unknown): never => {
    throw new rt.ScriptError(message as string, { placed: false });
  };
  return {
    log: line,
    ftrace: () => undefined, // its ring buffer is read by nobody here
    switch_file: () => undefined,
    printk: (level, message) =>
      rt.environment.printk(Number(level) & 7, toText((message as string).replace(/\n$/, ''))),
    warn: (message) => rt.warn(message as string),
    exit: () => rt.exit(),
    error: fail,
    abort: () => {
      rt.exit();
      throw new HandlerAbort();
    },
    assert1: (expression) => (Number(expression) === 0 ? fail('assertion failed') : undefined),
    assert: (expression, message) => (Number(expression) === 0 ? fail(message) : undefined),
    system: (command) => {
      // As in SystemTap the command is the user's own, run by the user's shell beside the kernel that is probed.
      // Loaded here: no other script is to wait for it.
      const { spawnSync } = process.getBuiltinModule('node:child_process');
      const done = spawnSync('/bin/sh', ['-c', toText(command as string)], { stdio: ['ignore', 'pipe', 'inherit'] });
      rt.print(done.stdout?.toString('latin1') ?? '');
    },
  };
};
