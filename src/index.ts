/**
 * tsprobe as a library: everything that the command line does. `run` compiles a script and runs it, in a
 * scenario of the lab or on its own; `compile` only compiles; `openLab` gives an empty lab to build hosts in.
 *
 * ```ts
 * import { run } from 'tsprobe';
 * const { status, output } = await run({
 *   script: 'probe kernel.function("ip_rcv") { println(hostname()) }',
 *   scenario: ['ping', '-c', '1'],
 * });
 * ```
 */
import type { Program } from './dsl/abi.js';
import type { Diagnostic } from './dsl/diagnostics/diagnostic.js';
import { libc } from './lab/system-calls.js';
import type { Lab, LabOptions } from './lab/lab.js';
import { compileScripts } from './cli/compile-script.js';
import { defaults, type CommandLine } from './cli/options.js';
import { runScript } from './cli/run.js';
import { openTarget } from './cli/target.js';
import { SourceFile } from './dsl/source/source.js';
import { MemoryOutput, type Output } from './runtime/output.js';
import { fromText } from './runtime/strings.js';

export type { Diagnostic, Lab, LabOptions, Output, Program };
export type { Host, HostOptions } from './lab/host.js';
export type { Link, LinkEnd } from './lab/link.js';
export type { Process, Program as LabProgram } from './lab/process.js';
export type { Scenario } from './lab/scenarios/scenario.js';
/** Joins two hosts of a lab; puts netem on a device. */
export { connectHosts, setNetem } from './lab/link.js';
/** Node's net over the sockets of a host of a lab. */
export { nodeNet, type Net } from './lab/net.js';
/** libc: system calls as a lab's programs make them. */
export { MemoryOutput, libc };

export const version = '0.1.0';

export interface CompileSettings {
  /** Arguments of the script: $1 @1 … */
  readonly args?: readonly string[];
  /** Guru mode (-g). */
  readonly guru?: boolean;
  /** Names of this kernel version in probe points and probefunc(), e.g. `2.4.20`. */
  readonly kernel?: string;
  /** Folders of further library scripts (-I). */
  readonly include?: readonly string[];
}

export interface RunSettings extends CompileSettings {
  /** Text of the script. */
  readonly script: string;
  /** Scenario and its options; none for scripts of begin, end and timer probes. */
  readonly scenario?: readonly string[];
  /** -G */
  readonly globals?: Readonly<Record<string, string | number | bigint>>;
  /** -D */
  readonly limits?: Readonly<Record<string, string | number>>;
  /** `virtual` makes the output the same at each run; `host` (the default) counts real time in events. */
  readonly clock?: 'host' | 'virtual';
  readonly seed?: number;
  /** Kernel probes fire on this host only. */
  readonly host?: string;
  /** Seconds of virtual time after which the run ends. */
  readonly timeout?: number;
  /** Where output goes as it is made; without, it is collected and returned. */
  readonly to?: Output;
}

export interface RunResult {
  /** 0, or 1 after any error. */
  readonly status: number;
  /** What the script printed, one char per byte; empty when `to` was given. */
  readonly output: string;
  /** Errors, warnings, and what the programs of the scenario printed. */
  readonly messages: string;
}

const strings = (record: Readonly<Record<string, string | number | bigint>> = {}) =>
  new Map(Object.entries(record).map(([name, value]) => [name, String(value)]));

function commandLine(settings: CompileSettings): CommandLine {
  return {
    ...defaults(),
    args: [...(settings.args ?? [])],
    guru: settings.guru ?? false,
    kernel: settings.kernel ?? null,
    include: [...(settings.include ?? [])],
  };
}

/** Compiles a script and runs it to its end. */
export async function run(settings: RunSettings): Promise<RunResult> {
  const collected = new MemoryOutput();
  const status = await runScript(
    {
      ...commandLine(settings),
      script: { text: settings.script },
      scenario: [...(settings.scenario ?? [])],
      globals: strings(settings.globals),
      defines: strings(settings.limits),
      clock: settings.clock ?? 'host',
      seed: settings.seed ?? 1,
      host: settings.host ?? null,
      timeout: settings.timeout ?? null,
    },
    settings.to ?? collected,
  );
  return { status, output: collected.out, messages: collected.err };
}

/** Compiles a script; `program` is null when it was refused, `messages` says why as stap would. */
export function compile(
  script: string,
  settings: CompileSettings = {},
): { readonly program: Program | null; readonly diagnostics: readonly Diagnostic[]; readonly messages: string } {
  const output = new MemoryOutput();
  const line = commandLine(settings);
  const sources = [new SourceFile('<input>', fromText(script))];
  const { program, result } = compileScripts(sources, line, openTarget(line.kernel), output);
  return { program, diagnostics: result.diagnostics, messages: output.err };
}

/** An empty lab: hosts, links and programs are added by its methods. */
export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const lab = await import('./lab/lab.js');
  return new lab.Lab(options);
}
