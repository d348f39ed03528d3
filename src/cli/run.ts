// Runs one script: compile, put into a lab or the runtime's own clock, run to the end.
// Read beside it: runtime/session.ts, compile-script.ts, lab-environment.ts.
import { closeSync, openSync } from 'node:fs';
import type { DerivedProbe, Program } from '../dsl/abi.js';
import type { Environment, KernelObjects, Provider } from '../runtime/environment.js';
import { badLimit } from '../runtime/limits.js';
import { DescriptorOutput, type Output } from '../runtime/output.js';
import { Session } from '../runtime/session.js';
import { VirtualEnvironment } from '../runtime/virtual-environment.js';
import { compileScripts, readScripts } from './compile-script.js';
import { LONG_SCRIPT, optimizeFromHere } from './optimizing.js';
import type { CommandLine } from './options.js';
import { PassTimes } from './pass-times.js';
import { reasonOf } from './reasons.js';
import { openTarget, type LazyTarget } from './target.js';

/** Providers whose probes are in the kernel model, which runs only when a scenario makes it. */
const kernelProviders = new Set<DerivedProbe['detail']['provider']>([
  'function',
  'tracepoint',
  'netfilter',
  'data',
  'process',
]);

export async function runScript(line: CommandLine, output: Output): Promise<number> {
  const times = new PassTimes((pass) => line.verbose + (line.passVerbose[pass - 1] ?? 0) > 0, output);
  const scripts = readScripts(line, output);
  if (scripts === null) return 1;
  if (scripts.some(({ text }) => text.length > LONG_SCRIPT)) optimizeFromHere();
  const target = openTarget(line.kernel);
  const { program, result } = compileScripts(scripts, line, target, output, times.passed);
  if (result.failedPass > 0) return 1;
  const bad = line.lastPass > 3 ? badLimit(line.defines) : null;
  if (bad !== null) {
    output.message(`ERROR: -D ${bad}: a number expected`);
    output.message('Pass 4: compilation failed.  [man error::pass4]');
    return 1;
  }
  if (line.lastPass < 5 || program === null) {
    if (line.lastPass < 4) output.print(result.dump(line.lastPass as 1 | 2 | 3));
    return 0;
  }

  if (line.scenario.length === 0 && program.probes.some((probe) => kernelProviders.has(probe.detail.provider))) {
    const { scenarioList } = await import('./scenarios.js');
    output.message('These probes are in the kernel: say what is to happen there, after "--". Scenarios are:');
    output.messages(await scenarioList());
    return 1;
  }
  const place = await surroundings(line, program, target, output);
  if (place === null) return 1;
  times.starting();

  const own = await runProgram(program, line, place, output, times);
  const status = own === 0 ? (place.outcome?.() ?? 0) : own;
  times.ran();
  if (own !== 0) output.message('Pass 5: run failed.  [man error::pass5]');
  return status;
}

/** A machine without a scenario has been up for a minute, ns. */
const UPTIME = 60_000_000_000n;

/** Where a program runs. */
export interface Surroundings {
  readonly environment: Environment;
  readonly objects?: KernelObjects;
  readonly providers: readonly Provider[];
  /** Status of what ran beside the script (a test), once it has. */
  readonly outcome?: () => number;
  /** The pid of the program that the scenario is about. */
  readonly programPid?: number;
}

/** The lab of the scenario that the command line names, else a bare virtual clock; null after a message. */
export async function surroundings(
  line: CommandLine,
  program: Program,
  target: LazyTarget,
  output: Output,
): Promise<Surroundings | null> {
  if (line.scenario.length > 0) {
    return (await import('./scenarios.js')).openScenario(line, program, target, output);
  }
  const providers: Provider[] = [];
  const has = (name: DerivedProbe['detail']['provider']) =>
    program.probes.some((probe) => probe.detail.provider === name);
  if (has('input')) providers.push(new (await import('../runtime/providers/input.js')).InputProvider());
  if (has('procfs')) providers.push(new (await import('../runtime/providers/procfs.js')).ProcfsProvider());
  return {
    environment: new VirtualEnvironment({ epoch: line.epoch ?? undefined, clock: line.clock, uptime: UPTIME }),
    providers,
  };
}

/** The file of -o, which may have directives of strftime(3) in its name. */
async function outputName(text: string): Promise<string> {
  return text.includes('%') ? (await import('./strftime.js')).strftime(text, new Date()) : text;
}

async function runProgram(
  program: Program,
  line: CommandLine,
  place: Surroundings,
  output: Output,
  times: PassTimes,
): Promise<number> {
  optimizeFromHere();
  let descriptor: number | null = null;
  try {
    if (line.output !== null) descriptor = openSync(await outputName(line.output), 'w');
  } catch (error) {
    output.message(`ERROR: Couldn't open output file ${line.output}: ${reasonOf(error)}`);
    return 1;
  }
  const to = descriptor === null ? output : new DescriptorOutput(descriptor);
  const { builtinGroups } = await import('../runtime/builtins/registry.js');
  const session = new Session(program, {
    ...place,
    output: to,
    builtins: builtinGroups,
    defines: line.defines,
    globals: line.globals,
    seed: line.seed,
    suppressErrors: line.suppressHandlerErrors,
    suppressWarnings: line.suppressWarnings,
    timings: line.timings ? 'report' : line.monitor !== null ? 'count' : undefined,
    timeout: line.timeout === null ? undefined : line.timeout * 1e9,
    host: line.host ?? undefined,
    globalDisplay: line.globalDisplay,
    moduleName: line.moduleName ?? undefined,
    targetPid: line.targetCommand ? (place.programPid ?? line.targetPid) : line.targetPid,
    onAttached: () => times.attached(),
  });
  const interrupted = (): void => {
    // A second Ctrl-C does not wait for end probes.
    process.once('SIGINT', () => process.exit(1));
    session.stop();
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  let full = false;
  if (to instanceof DescriptorOutput) {
    to.onClosed = (code) => {
      session.stop();
      // A reader that has gone has seen enough; a full disk is an error.
      full = code !== 'EPIPE';
      if (full) output.message(`ERROR: the output cannot be written: ${reasonOf({ code })}`);
    };
  }
  const monitor = line.monitor === null ? null : (await import('./monitor.js')).watch(session, line.monitor, output);
  try {
    const { status } = await session.run();
    to.flush();
    return full ? 1 : status;
  } finally {
    monitor?.close();
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    if (descriptor !== null) closeSync(descriptor);
  }
}
